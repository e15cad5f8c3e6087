/* What each coarse cell of a page is: print, a box's inside or row, a field, or margin. */
#include "read/outside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "read/plate_ink.h"
#include "read/struck.h"

#define FIELD_AROUND_MM 3.0 /* writing overflows its field */
#define OWN_AROUND_MM 2.0

static void *zeroed(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);
    if (memory == NULL)
        error_die("out of memory: map of a page");
    return memory;
}

uint64_t *outside_print_cells(const struct outside_template *t, const struct bitmap *plate)
{
    uint64_t *cells = zeroed((size_t)t->height * (size_t)t->words, sizeof *cells);
    int *columns = zeroed((size_t)t->width, sizeof *columns), width = 0;
    while (width < t->width) {
        columns[width] = (int)floor((width + 0.5) * OUTSIDE_CELL_MM * PLATE_PX_PER_MM);
        if (columns[width] >= plate->width_px)
            break;
        width++;
    }
    for (int y = 0; y < t->height; y++) {
        int line = (int)floor((y + 0.5) * OUTSIDE_CELL_MM * PLATE_PX_PER_MM);
        if (line >= plate->height_px)
            break;
        const uint64_t *row = plate->rows + (size_t)line * (size_t)plate->stride;
        uint64_t *out = cells + (size_t)y * (size_t)t->words;
        for (int x = 0; x < width; x++)
            out[x / 64] |= (row[columns[x] / 64] >> (columns[x] & 63) & 1) << (x & 63);
    }
    free(columns);
    return cells;
}

/* ---- rows --------------------------------------------------------------------------------- */

/* Dots since the last stroke of a letter: those of a line that leads to a box lie in one row, those of a
 * tint all over it. */
struct dots {
    double top, bottom; /* mm */
};

/* Whether the plate prints something of a label in a column of the band: part of a letter, or of a dotted
 * line. */
static bool column_has_print(struct dots *dots, const struct bitmap *plate, double x, double top,
                             double bottom, const struct outside_calibration *c)
{
    double run = 0, step = 1 / PLATE_PX_PER_MM;
    struct dots seen = *dots;
    bool any = false;
    for (double y = top; y < bottom; y += step) {
        bool ink = plate_ink(plate, x, y);
        run = ink ? run + step : 0;
        if (run >= c->label_stroke_mm) {
            *dots = (struct dots){INFINITY, -INFINITY};
            return true;
        }
        any |= ink;
        if (ink)
            seen = (struct dots){fmin(seen.top, y), fmax(seen.bottom, y)};
    }
    *dots = seen;
    return any && seen.bottom - seen.top < c->label_dots_mm;
}

/* Whether the column is part of an upright rule, which goes on well above and below the band: the side of a
 * frame or of a table's cell. */
static bool is_upright_rule(const struct bitmap *plate, double x, double top, double bottom)
{
    double step = 1 / PLATE_PX_PER_MM, high = bottom - top;
    int ink = 0, all = 0;
    for (double y = top - high; y < bottom + high; y += step, all++)
        ink += plate_ink(plate, x, y) || plate_ink(plate, x - step, y) || plate_ink(plate, x + step, y);
    return ink * 10 >= all * 9; /* bitonal blanks have gaps in it */
}

/* How far print goes on from `from` towards `to` (to either side) without a wide gap; `from` where
 * there is none. */
static double label_end(const struct bitmap *plate, double from, double to, double top,
                        double bottom, const struct outside_calibration *c)
{
    struct dots dots = {INFINITY, -INFINITY};
    double end = from, last = from, way = to > from ? 1 : -1, step = way * 2 / PLATE_PX_PER_MM;
    for (double x = from; way * (to - x) > 0 && way * (x - last) < c->label_gap_mm; x += step)
        if (column_has_print(&dots, plate, x, top, bottom, c)) {
            last = x; /* a label may stand beyond a rule, in a cell of its own; the rule is none */
            if (!is_upright_rule(plate, x, top, bottom))
                end = x;
        }
    return end;
}

/* The nearest box up or down. */
struct next_box {
    double gap; /* INFINITY: none */
    bool same_item;
};

static void note_next(struct next_box *next, double gap, bool same_item)
{
    if (gap < next->gap)
        *next = (struct next_box){gap, same_item};
}

/* How far a row reaches towards it. */
static double half_way(const struct next_box *next, const struct outside_calibration *c)
{
    return fmin(next->gap / 2, next->same_item ? c->row_between_mm : c->row_band_mm);
}

static struct outside_row find_row(const struct template_page *page, size_t index,
                                   const struct bitmap *plate, const struct outside_calibration *c)
{
    struct rect r = page->boxes[index].rect_mm;
    struct outside_row row = {0, page->width_mm, 0, 0};
    struct next_box above = {INFINITY, false}, below = {INFINITY, false};
    for (size_t k = 0; k < page->box_count; k++) {
        struct rect o = page->boxes[k].rect_mm;
        if (k == index)
            continue;
        bool beside = o.y < r.y + r.h && o.y + o.h > r.y;
        bool same = page->boxes[k].item == page->boxes[index].item;
        bool near = o.x < r.x + r.w + c->row_left_mm && o.x + o.w > r.x - c->row_left_mm;
        if (beside && o.x >= r.x + r.w)
            row.right = fmin(row.right, o.x - fmin(c->row_before_next_mm, (o.x - r.x - r.w) / 2));
        else if (beside && o.x + o.w <= r.x)
            row.left = fmax(row.left, o.x + o.w + fmax(r.x - o.x - o.w - c->row_before_next_mm,
                                                       (r.x - o.x - o.w) / 2));
        else if (near && o.y >= r.y + r.h)
            note_next(&below, o.y - r.y - r.h, same);
        else if (near && o.y + o.h <= r.y)
            note_next(&above, r.y - o.y - o.h, same);
    }
    row.top = r.y - half_way(&above, c);
    row.bottom = r.y + r.h + half_way(&below, c);
    double right = label_end(plate, r.x + r.w + 0.6, fmin(row.right, r.x + r.w + c->label_max_mm), r.y,
                             r.y + r.h, c);
    double left = label_end(plate, r.x - 0.6, fmax(row.left, r.x - c->label_max_mm), r.y, r.y + r.h,
                            c);
    row.right = fmin(row.right, fmax(right + c->label_around_mm, r.x + r.w + c->row_right_mm));
    row.left = fmax(row.left, fmin(left - c->label_around_mm, r.x - c->row_left_mm));
    return row;
}

/* The box that stands beside this one to the left, nearest; SIZE_MAX: none. */
static size_t box_before(const struct template_page *page, size_t index)
{
    struct rect r = page->boxes[index].rect_mm;
    size_t before = SIZE_MAX;
    double end = -INFINITY;
    for (size_t k = 0; k < page->box_count; k++) {
        struct rect o = page->boxes[k].rect_mm;
        if (k == index || o.y >= r.y + r.h || o.y + o.h <= r.y || o.x + o.w > r.x ||
            o.x + o.w <= end)
            continue;
        end = o.x + o.w;
        before = k;
    }
    return before;
}

/* Between the end of one row and the next box, as far as a tick before a box may stand, ink is the next
 * box's: nothing beside a box may be nobody's. Between two boxes of one item the rest is the first one's:
 * all of it speaks of their question. */
struct outside_row *outside_rows(const struct template_page *page, const struct bitmap *plate,
                                 const struct outside_calibration *c)
{
    struct outside_row *rows = zeroed(page->box_count, sizeof *rows);
    for (size_t b = 0; b < page->box_count; b++)
        rows[b] = find_row(page, b, plate, c);
    for (size_t b = 0; b < page->box_count; b++) {
        struct rect r = page->boxes[b].rect_mm;
        double left = fmax(0, r.x - c->row_left_mm);
        for (size_t k = 0; k < page->box_count; k++) {
            struct rect o = page->boxes[k].rect_mm;
            if (k != b && o.y < r.y + r.h && o.y + o.h > r.y && o.x + o.w <= r.x)
                left = fmax(left, rows[k].right);
        }
        rows[b].left = fmin(rows[b].left, left);
    }
    for (size_t b = 0; b < page->box_count; b++) {
        size_t before = box_before(page, b);
        if (before != SIZE_MAX && page->boxes[before].item == page->boxes[b].item)
            rows[before].right = fmax(rows[before].right, rows[b].left);
    }
    return rows;
}

/* ---- zones --------------------------------------------------------------------------------- */

/* A rectangle of the form that is painted, whole or round. */
struct patch_of_zone {
    struct rect rect_mm;
    bool round;
    unsigned zone;
};

static void paint_row(unsigned *cells, const struct outside_template *t,
                      const struct patch_of_zone *patch, int y)
{
    struct rect r = patch->rect_mm;
    double at = (y + 0.5) * OUTSIDE_CELL_MM, cut = 0;
    if (at < r.y || at >= r.y + r.h)
        return;
    if (patch->round) { /* half circles at the ends of an oval */
        double radius = fmin(r.w, r.h) / 2, off = fmax(0, fabs(at - r.y - r.h / 2) - (r.h / 2 - radius));
        cut = radius - sqrt(fmax(0, radius * radius - off * off));
    }
    int from = (int)fmax(0, ceil((r.x + cut) / OUTSIDE_CELL_MM - 0.5));
    int to = (int)fmin(t->width, ceil((r.x + r.w - cut) / OUTSIDE_CELL_MM - 0.5));
    for (int x = from; x < to; x++)
        cells[x] = patch->zone;
}

/* In order of painting: what is painted later lies on top. */
static struct patch_of_zone *collect_patches(const struct template_page *page,
                                             const struct bitmap *plate,
                                             const struct outside_calibration *c, size_t *count)
{
    size_t n = 0;
    struct patch_of_zone *out =
        zeroed(2 * page->field_count + 2 * page->box_count + 2 + FIDUCIAL_COUNT, sizeof *out);
    for (size_t f = 0; f < page->field_count; f++)
        out[n++] = (struct patch_of_zone){rect_grow(page->fields[f].rect_mm, FIELD_AROUND_MM), false,
                                          zone_field(page->box_count)};
    struct outside_row *rows = outside_rows(page, plate, c);
    for (size_t b = 0; b < page->box_count; b++) {
        struct outside_row row = rows[b];
        struct rect rect = {row.left, row.top, row.right - row.left, row.bottom - row.top};
        out[n++] = (struct patch_of_zone){rect, false, zone_row(b)};
    }
    free(rows);
    for (size_t f = 0; f < page->field_count; f++)
        out[n++] = (struct patch_of_zone){page->fields[f].rect_mm, false, zone_field(page->box_count)};
    for (size_t b = 0; b < page->box_count; b++)
        out[n++] = (struct patch_of_zone){page->boxes[b].rect_mm,
                                          page->boxes[b].shape != BOX_SQUARE, zone_inside(b)};
    if (page->has_code)
        out[n++] = (struct patch_of_zone){rect_grow(page->code_mm, OWN_AROUND_MM), false, ZONE_OWN};
    if (page->reference_mm.w > 0)
        out[n++] = (struct patch_of_zone){rect_grow(page->reference_mm, OWN_AROUND_MM), false, ZONE_OWN};
    for (size_t k = 0; page->has_fiducials && k < FIDUCIAL_COUNT; k++)
        out[n++] = (struct patch_of_zone){rect_grow(page->fiducials_mm[k], OWN_AROUND_MM), false, ZONE_OWN};
    *count = n;
    return out;
}

static void find_zones(struct outside_template *t, const struct template_page *page,
                       const struct bitmap *plate)
{
    size_t patches, used = 0, room = 256;
    struct patch_of_zone *patch = collect_patches(page, plate, &t->calibration, &patches);
    unsigned *cells = zeroed((size_t)t->width, sizeof *cells);
    t->zones = zeroed(room, sizeof *t->zones);
    t->row_zones = zeroed((size_t)t->height + 1, sizeof *t->row_zones);
    for (int y = 0; y < t->height; y++) {
        memset(cells, 0, (size_t)t->width * sizeof *cells);
        for (size_t k = 0; k < patches; k++)
            paint_row(cells, t, &patch[k], y);
        t->row_zones[y] = used;
        for (int x = 0, to; x < t->width; x = to) {
            for (to = x + 1; to < t->width && cells[to] == cells[x];)
                to++;
            if (cells[x] == 0)
                continue;
            if (used == room) {
                room *= 2;
                t->zones = realloc(t->zones, room * sizeof *t->zones);
                if (t->zones == NULL)
                    error_die("out of memory: map of a page");
            }
            t->zones[used++] = (struct zone_run){(unsigned short)x, (unsigned short)to, cells[x]};
        }
    }
    t->row_zones[t->height] = used;
    free(cells);
    free(patch);
}

void outside_template_init(struct outside_template *out, const struct template_page *page,
                           const struct bitmap *plate,
                           const struct bitmap *const plates[PRINT_REACHES],
                           const struct outside_calibration *calibration)
{
    enum { CELLS_MAX = 65000 }; /* 16 m of paper: what zone_run can name */
    *out = (struct outside_template){.width = (int)fmin(CELLS_MAX, page->width_mm / OUTSIDE_CELL_MM),
                                     .height = (int)fmin(CELLS_MAX, page->height_mm / OUTSIDE_CELL_MM),
                                     .box_count = page->box_count,
                                     .field_count = page->field_count,
                                     .calibration = *calibration};
    out->words = (out->width + 63) / 64;
    for (int k = 0; k < PRINT_REACHES; k++)
        out->print[k] = outside_print_cells(out, plates[k]);
    find_zones(out, page, plate);
    struck_template_init(out, page, plate);
}

void outside_template_release(struct outside_template *template)
{
    for (int k = 0; k < PRINT_REACHES; k++)
        free(template->print[k]);
    free(template->zones);
    free(template->row_zones);
    struck_template_release(&template->struck);
}
