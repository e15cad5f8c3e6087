/* Ruled tables whose empty cells are ticked: cells of one size with something printed over every
 * column and to the left of every row. */
#include "form/find_internal.h"

#include <math.h>

#define CELL_W_MIN_MM 5.0
#define CELL_W_MAX_MM 26.0
#define CELL_H_MIN_MM 4.0
#define CELL_H_MAX_MM 14.0
#define COLUMNS_MIN 3
#define COLUMNS_MAX 40
#define ROWS_MIN 2
/* Where the print of a row or column begins, from its first cell. */
#define ROW_REACH_MM 130.0
#define COLUMN_REACH_MM 9.0
/* The corner over the rows' names reaches so far above the first cell. */
#define CORNER_MM 9.0
/* Less ink than this is dirt. */
#define PRINT_PX 40
/* Two cells share a wall. */
#define WALL_MM 0.9

/* A row of cells side by side, of one size. */
struct table_row {
    guint cells[COLUMNS_MAX];
    size_t count;
    bool is_used;
};

static const struct hole *hole_at(const GArray *holes, guint i)
{
    return &g_array_index(holes, struct hole, i);
}

static bool is_cell(const struct hole *hole)
{
    struct rect r = hole->inner;
    return !hole->used && !hole->is_bare && hole->shape == BOX_SQUARE &&
           hole->content_px <= fmax(6, 0.008 * r.w * r.h) && r.w >= FIND_PX(CELL_W_MIN_MM) &&
           r.w <= FIND_PX(CELL_W_MAX_MM) && r.h >= FIND_PX(CELL_H_MIN_MM) &&
           r.h <= FIND_PX(CELL_H_MAX_MM) && r.w >= r.h &&
           box_can_be_read(rect_grow((struct rect){0, 0, r.w / FIND_PX_PER_MM, r.h / FIND_PX_PER_MM},
                                     WALL_MM / 2));
}

static bool same_size(struct rect a, struct rect b)
{
    return fabs(a.w - b.w) < 0.06 * a.w + 3 && fabs(a.h - b.h) < 5;
}

/* The cell right after this one, behind a common wall; holes->len = none. */
static guint cell_after(const GArray *holes, const struct hole *cell)
{
    for (guint i = 0; i < holes->len; i++) {
        const struct hole *other = hole_at(holes, i);
        double gap = other->inner.x - (cell->inner.x + cell->inner.w);
        if (gap > 0 && gap < FIND_PX(WALL_MM) && fabs(other->inner.y - cell->inner.y) < 5 &&
            is_cell(other) && same_size(cell->inner, other->inner))
            return i;
    }
    return holes->len;
}

static GArray *find_rows(const GArray *holes)
{
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(struct table_row));
    char *follows = g_new0(char, holes->len + 1);
    for (guint i = 0; i < holes->len; i++)
        if (is_cell(hole_at(holes, i)))
            follows[cell_after(holes, hole_at(holes, i))] = 1;
    for (guint i = 0; i < holes->len; i++) {
        struct table_row row = {.count = 0};
        if (follows[i] || !is_cell(hole_at(holes, i)))
            continue;
        for (guint at = i; at < holes->len && row.count < COLUMNS_MAX;
             at = cell_after(holes, hole_at(holes, at)))
            row.cells[row.count++] = at;
        if (row.count >= COLUMNS_MIN)
            g_array_append_val(rows, row);
    }
    g_free(follows);
    return rows;
}

/* Does this row stand right under the other? */
static bool is_under(const GArray *holes, const struct table_row *upper,
                     const struct table_row *lower)
{
    struct rect a = hole_at(holes, upper->cells[0])->inner;
    struct rect b = hole_at(holes, lower->cells[0])->inner;
    double gap = b.y - (a.y + a.h);
    return upper->count == lower->count && gap > 0 && gap < FIND_PX(WALL_MM) &&
           fabs(a.x - b.x) < 5 && same_size(a, b);
}

/* Is something printed, other than the rules? */
static bool has_print(PIX *plate, struct rect area)
{
    return find_ink(plate, rect_grow(area, -FIND_PX(0.6))) > PRINT_PX;
}

static bool has_heads(const GArray *holes, PIX *plate, const struct table_row *top)
{
    for (size_t c = 0; c < top->count; c++) {
        struct rect r = hole_at(holes, top->cells[c])->inner;
        double reach = FIND_PX(COLUMN_REACH_MM);
        if (!has_print(plate, (struct rect){r.x, r.y - reach, r.w, reach - FIND_PX(WALL_MM)}))
            return false;
    }
    return true;
}

static bool has_row_text(const GArray *holes, PIX *plate, const struct table_row *row)
{
    struct rect r = hole_at(holes, row->cells[0])->inner;
    double reach = FIND_PX(ROW_REACH_MM);
    return has_print(plate, (struct rect){r.x - reach, r.y, reach - FIND_PX(WALL_MM), r.h});
}

/* What stands right before or over a cell names its row or column, or is the empty corner: no area
 * to write in. */
static void use_heads(GArray *holes, struct rect cell)
{
    for (guint i = 0; i < holes->len; i++) {
        struct hole *other = &g_array_index(holes, struct hole, i);
        struct rect r = other->inner;
        struct point c = rect_centre(r);
        double across = cell.x - (r.x + r.w), up = cell.y - (r.y + r.h);
        bool is_left = across > 0 && across < FIND_PX(WALL_MM) && c.y < cell.y + cell.h &&
                       c.y > cell.y - FIND_PX(CORNER_MM);
        bool is_over = up > 0 && up < FIND_PX(WALL_MM) && c.x > cell.x && c.x < cell.x + cell.w;
        if (is_left || is_over)
            other->used = true;
    }
}

static void take_row(GArray *found, GArray *holes, struct table_row *row)
{
    for (size_t c = 0; c < row->count; c++) {
        struct hole *hole = &g_array_index(holes, struct hole, row->cells[c]);
        struct found new = {.kind = FOUND_BOX, .px = hole->inner, .shape = BOX_SQUARE};
        new.doubt = "cells of a table: are they ticked, or written in?";
        hole->used = true;
        use_heads(holes, hole->inner);
        g_array_append_val(found, new);
    }
    row->is_used = true;
}

void find_tables(GArray *found, const struct find_page *page, GArray *holes)
{
    GArray *rows = find_rows(holes);
    struct table_row **table = g_new0(struct table_row *, rows->len + 1);
    for (guint i = 0; i < rows->len; i++) { /* holes, so rows, are sorted from the top */
        struct table_row *top = &g_array_index(rows, struct table_row, i);
        size_t count = 0;
        if (top->is_used || !has_heads(holes, page->plate, top))
            continue;
        table[count++] = top;
        for (guint k = i + 1; k < rows->len; k++) {
            struct table_row *row = &g_array_index(rows, struct table_row, k);
            if (!row->is_used && is_under(holes, table[count - 1], row))
                table[count++] = row;
        }
        bool fine = count >= ROWS_MIN;
        for (size_t r = 0; fine && r < count; r++)
            fine = has_row_text(holes, page->plate, table[r]);
        for (size_t r = 0; fine && r < count; r++)
            take_row(found, holes, table[r]);
    }
    g_free(table);
    g_array_free(rows, TRUE);
}
