/* Finding the fields of a blank form: page by page, then the questions of all. */
#include "form/find.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "form/find_internal.h"

/* Groups of cells this close in one row may be one date. */
#define PART_GAP_MM 9.0

static int by_y(const void *a, const void *b)
{
    const struct found *p = a, *q = b;
    double m = p->px.y + p->px.h / 2, n = q->px.y + q->px.h / 2;
    return (m > n) - (m < n);
}

static int by_x(const void *a, const void *b)
{
    const struct found *p = a, *q = b;
    return (p->px.x > q->px.x) - (p->px.x < q->px.x);
}

/* By rows, left to right: heights that differ by a little are one row. */
static void sort_found(GArray *found)
{
    struct found *all = (void *)found->data;
    if (found->len == 0)
        return;
    g_array_sort(found, by_y);
    for (guint i = 0, end = 0; i < found->len; i = end) {
        double middle = all[i].px.y + all[i].px.h / 2;
        while (end < found->len &&
               all[end].px.y + all[end].px.h / 2 - middle < 0.35 * all[i].px.h)
            end++;
        qsort(all + i, end - i, sizeof *all, by_x);
    }
}

/* ---- dates ---------------------------------------------------------------------------------- */

static bool is_date_pattern(const size_t *parts, size_t count)
{
    static const size_t patterns[][3] = {{2, 2, 4}, {2, 2, 2}, {4, 2, 2}, {2, 4, 0}};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        size_t wanted = patterns[i][2] == 0 ? 2 : 3;
        if (count == wanted && memcmp(parts, patterns[i], count * sizeof *parts) == 0)
            return true;
    }
    return false;
}

/* The cells that follow this part in its row, near by; found->len = none. */
static guint next_part(const GArray *found, guint index)
{
    const struct found *a = &g_array_index(found, struct found, index);
    for (guint i = index + 1; i < found->len && i < index + 4; i++) {
        const struct found *b = &g_array_index(found, struct found, i);
        double gap = b->px.x - (a->px.x + a->px.w);
        if (b->kind == FOUND_CELLS && gap > 0 && gap < FIND_PX(PART_GAP_MM) &&
            fabs(a->px.y - b->px.y) <= 5 && fabs(a->px.h - b->px.h) <= 6)
            return i;
    }
    return found->len;
}

static void join_parts(GArray *found, const guint *parts, size_t count)
{
    struct found *first = &g_array_index(found, struct found, parts[0]);
    for (size_t p = 1; p < count; p++) {
        const struct found *part = &g_array_index(found, struct found, parts[p]);
        for (size_t c = 0; c < part->cell_count && first->cell_count < FOUND_CELLS_MAX; c++)
            first->cells[first->cell_count++] = part->cells[c];
        first->px.w = part->px.x + part->px.w - first->px.x;
    }
    first->is_split = true;
    for (size_t p = count; p-- > 1;)
        g_array_remove_index(found, parts[p]);
}

/* Day, month and year stand in one row with something between. */
static void join_dates(GArray *found)
{
    for (guint i = 0; i < found->len; i++) {
        guint parts[3] = {i}, at = i;
        size_t lengths[3], count = 0;
        if (g_array_index(found, struct found, i).kind != FOUND_CELLS)
            continue;
        for (; count < 3 && at < found->len; at = next_part(found, at)) {
            lengths[count] = g_array_index(found, struct found, at).cell_count;
            parts[count++] = at;
        }
        if (count == 3 && !is_date_pattern(lengths, 3))
            count = 2;
        if (count >= 2 && is_date_pattern(lengths, count))
            join_parts(found, parts, count);
    }
}

/* ---- AcroForm ------------------------------------------------------------------------------- */

/* Fields that the file names win over what the pixels say; a printed outline around a widget gives
 * its rectangle. */
static void take_widgets(GArray *found, const struct find_page *page)
{
    for (size_t w = 0; w < page->widget_count; w++) {
        const struct find_widget *widget = &page->widgets[w];
        struct found new = {.kind = widget->is_box ? FOUND_BOX : FOUND_AREA, .px = widget->px};
        new.many_lines = widget->several_lines;
        new.shape = widget->is_radio ? BOX_CIRCLE : BOX_SQUARE;
        for (guint i = 0; i < found->len;) {
            const struct found *f = &g_array_index(found, struct found, i);
            if (!rect_overlap(rect_grow(f->px, -2), widget->px)) {
                i++;
                continue;
            }
            if (fmax(f->px.w, widget->px.w) < 1.8 * fmin(f->px.w, widget->px.w) &&
                fmax(f->px.h, widget->px.h) < 1.8 * fmin(f->px.h, widget->px.h)) {
                enum found_kind kind = f->kind == FOUND_BOX && !widget->is_box ? FOUND_AREA
                                       : widget->is_box                        ? FOUND_BOX
                                                                               : f->kind;
                new = *f;
                new.kind = kind;
            }
            g_array_remove_index(found, i);
        }
        new.name = widget->name;
        g_array_append_val(found, new);
    }
}

/* ---- the whole ------------------------------------------------------------------------------ */

static GArray *find_on_page(const struct find_page *page)
{
    GArray *holes = find_holes(page);
    GArray *found = find_boxes(page, holes);
    find_lines(found, page, holes);
    take_widgets(found, page);
    sort_found(found);
    join_dates(found);
    g_array_free(holes, TRUE);
    return found;
}

void find_fields(struct find_result *out, struct arena *arena, const struct find_page *pages,
                 size_t page_count)
{
    struct question_maker maker = {.arena = arena};
    *out = (struct find_result){0};
    maker.doubts = g_array_new(FALSE, FALSE, sizeof(struct find_doubt));
    maker.questions = g_array_new(FALSE, FALSE, sizeof(struct given_question));
    maker.names = g_hash_table_new(g_str_hash, g_str_equal);
    out->given.pages = ARENA_NEW(arena, struct given_page, page_count);
    for (size_t p = 0; p < page_count; p++) {
        GArray *found = find_on_page(&pages[p]);
        struct given_page *page = &out->given.pages[out->given.page_count];
        page->page = p;
        if (found->len > 0) {
            find_questions(page, &maker, &pages[p], found);
            out->given.page_count++;
        }
        g_array_free(found, TRUE);
    }
    out->given.correction =
        find_correction(&out->correction_why, &out->given, pages, page_count);
    out->doubt_count = maker.doubts->len;
    out->doubts = ARENA_NEW(arena, struct find_doubt, out->doubt_count);
    if (out->doubt_count > 0)
        memcpy(out->doubts, maker.doubts->data, out->doubt_count * sizeof *out->doubts);
    out->given.question_count = maker.questions->len;
    out->given.questions = ARENA_NEW(arena, struct given_question, maker.questions->len);
    if (maker.questions->len > 0)
        memcpy(out->given.questions, maker.questions->data,
               maker.questions->len * sizeof *out->given.questions);
    g_array_free(maker.doubts, TRUE);
    g_array_free(maker.questions, TRUE);
    g_hash_table_destroy(maker.names);
}
