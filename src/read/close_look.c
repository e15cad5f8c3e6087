/* The closer look: sampling a row at the plate's resolution, taking off print, the marks of other
 * questions and lines that no hand draws, and putting together what is left. */
#include "read/close_look.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "read/outside_internal.h"
#include "read/plate_ink.h"
#include "read/sample.h"

#define BAND_PX 3          /* a line keeps within three bands of 0.25 mm */
#define SPREAD_MM 0.2      /* the first of mark_spread_mm(), which close_row_init() is given */

static void *zeroed(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);
    if (memory == NULL)
        error_die("out of memory: a closer look");
    return memory;
}

/* ---- rows of the form ------------------------------------------------------------------------ */

static void cover(struct close_row *row, struct rect mm)
{
    const struct bitmap *b = &row->print;
    int x0 = (int)fmax(0, floor(mm.x * PLATE_PX_PER_MM) - row->x);
    int y0 = (int)fmax(0, floor(mm.y * PLATE_PX_PER_MM) - row->y);
    int x1 = (int)fmin(b->width_px, ceil((mm.x + mm.w) * PLATE_PX_PER_MM) - row->x);
    int y1 = (int)fmin(b->height_px, ceil((mm.y + mm.h) * PLATE_PX_PER_MM) - row->y);
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++)
            b->rows[y * b->stride + x / 64] |= (uint64_t)1 << (x & 63);
}

/* Whether a rule that stands upright crosses the whole row at this column. */
static bool is_rule(const struct close_row *row, int x, double share_min)
{
    const struct bitmap *b = &row->print;
    int inked = 0;
    for (int y = 0; y < b->height_px; y++)
        inked += (int)(b->rows[y * b->stride + x / 64] >> (x & 63) & 1);
    return inked >= share_min * b->height_px;
}

/* What lies beyond an upright rule is another column of the form, with its own print and tints. A mark
 * there that is no mere trace is found by the coarse pass. */
static void end_at_rules(struct close_row *row, struct rect box,
                         const struct outside_calibration *calibration)
{
    int width = row->print.width_px, height = row->print.height_px;
    int left = (int)((box.x - calibration->look_box_mm) * PLATE_PX_PER_MM) - row->x;
    int right = (int)((box.x + box.w + calibration->look_box_mm) * PLATE_PX_PER_MM) + 1 - row->x;
    double top = row->y / PLATE_PX_PER_MM, high = height / PLATE_PX_PER_MM;
    for (int x = left < width ? left : width - 1; x >= 0; x--)
        if (is_rule(row, x, calibration->look_rule_min)) {
            cover(row, (struct rect){row->x / PLATE_PX_PER_MM, top, (x + 1) / PLATE_PX_PER_MM, high});
            break;
        }
    for (int x = right > 0 ? right : 0; x < width; x++)
        if (is_rule(row, x, calibration->look_rule_min)) {
            cover(row, (struct rect){(row->x + x) / PLATE_PX_PER_MM, top, (width - x) / PLATE_PX_PER_MM,
                                     high});
            break;
        }
}

void close_row_init(struct close_row *out, const struct template_page *page, size_t box,
                    const struct outside_row *row, const struct bitmap *print,
                    const struct outside_calibration *calibration)
{
    int x0 = (int)fmax(0, row->left * PLATE_PX_PER_MM), y0 = (int)fmax(0, row->top * PLATE_PX_PER_MM);
    int x1 = (int)fmin(print->width_px, row->right * PLATE_PX_PER_MM);
    int y1 = (int)fmin(print->height_px, row->bottom * PLATE_PX_PER_MM);
    int width = x1 > x0 ? x1 - x0 : 0, height = y1 > y0 ? y1 - y0 : 0, stride = (width + 63) / 64 + 2;
    *out = (struct close_row){.x = x0, .y = y0, .item = page->boxes[box].item};
    out->print = (struct bitmap){width, height, stride,
                                 zeroed((size_t)stride * (size_t)height, sizeof(uint64_t))};
    uint64_t last = width % 64 == 0 ? ~(uint64_t)0 : ((uint64_t)1 << width % 64) - 1;
    for (int y = 0; y < height && width > 0; y++) { /* two words of white follow each row of print */
        const uint64_t *line = print->rows + (size_t)(y0 + y) * (size_t)print->stride + x0 / 64;
        uint64_t *to = out->print.rows + y * stride;
        for (int k = 0; k * 64 < width; k++)
            to[k] = x0 % 64 == 0 ? line[k] : line[k] >> x0 % 64 | line[k + 1] << (64 - x0 % 64);
        to[(width - 1) / 64] &= last;
    }
    end_at_rules(out, page->boxes[box].rect_mm, calibration);
    for (size_t k = 0; k < page->box_count; k++)
        cover(out, rect_grow(page->boxes[k].rect_mm, k == box ? 0 : calibration->look_box_mm));
    for (size_t k = 0; k < page->field_count; k++)
        cover(out, rect_grow(page->fields[k].rect_mm, calibration->look_box_mm));
}

void close_row_release(struct close_row *row)
{
    bitmap_release(&row->print);
}

/* ---- one row of one scan --------------------------------------------------------------------- */

struct row_ink {
    const struct close_row *row;
    const struct close_page *page;
    struct transform local;   /* form mm -> image px in the row's middle */
    int width, height, words;
    uint64_t *bits;           /* [height * words]: dark */
    unsigned char *ink;       /* [height * width]: 1 = new ink */
};

/* One column of 64 pixels of the plate, from top to bottom. */
static void sample_column(struct row_ink *r, int column)
{
    const struct close_page *p = r->page;
    struct point shift = p->shift_mm[r->row - p->rows];
    struct point first = {(r->row->x + column * 64 + 0.5) / PLATE_PX_PER_MM,
                          (r->row->y + 0.5) / PLATE_PX_PER_MM};
    struct point middle = {first.x + 32 / PLATE_PX_PER_MM, first.y + r->height / 2.0 / PLATE_PX_PER_MM};
    struct transform local = placement_local(&p->placed->placement, middle);
    struct point start = transform_apply(&local, (struct point){first.x + shift.x, first.y + shift.y});
    const double *m = local.m, step = 1 / PLATE_PX_PER_MM;
    int rows = r->height;
    if (!outside_in_reach(&local, start, fmax(64, rows) * step))
        return;
    struct point *at = zeroed((size_t)rows, sizeof *at);
    for (int y = 0; y < rows; y++)
        at[y] = (struct point){start.x + m[1] * step * y, start.y + m[4] * step * y};
    if (p->raw->bits != NULL) {
        sample_words(r->bits + column, r->words, p->raw, at, rows, m[0] * step, m[3] * step,
                     true);
        free(at);
        return;
    }
    unsigned char *tile = zeroed((size_t)rows * 64, 1);
    for (int y = 0; y < rows; y++) {
        struct sample_walk walk = sample_walk_from(at[y], m[0] * step, m[3] * step);
        sample_tones(tile + y * 64, 64, p->raw, &walk, (unsigned char)p->levels.paper);
    }
    free(at);
    int limit = ink_limit(tile, 64, rows, p->levels, p->ink_level);
    for (int y = 0; y < rows && limit >= 0; y++)
        r->bits[y * r->words + column] = pack_up_to(tile + y * 64, (unsigned char)(limit < 255 ? limit : 255));
    free(tile);
}

/* How far print reaches on this scan, in pixels of the plate beyond the row's own: as far as it bleeds,
 * and as the scan's own pixels are coarse. */
static int print_reach(const struct row_ink *r)
{
    double px_per_mm = hypot(r->local.m[0], r->local.m[3]);
    double reach = fmax(round(r->page->spread_mm * PLATE_PX_PER_MM),
                        round(r->page->calibration->look_print_px * PLATE_PX_PER_MM / px_per_mm));
    return (int)reach - (int)lround(SPREAD_MM * PLATE_PX_PER_MM);
}

/* Takes off the print; whether anything is left. */
static bool take_off_print(struct row_ink *r)
{
    const struct bitmap *print = &r->row->print;
    struct bitmap spread = {0};
    uint64_t any = 0;
    for (int k = print_reach(r); k > 0; k--) {
        struct bitmap next;
        bitmap_spread(&next, print);
        bitmap_release(&spread);
        spread = next;
        print = &spread;
    }
    uint64_t last = r->width % 64 == 0 ? ~(uint64_t)0 : ((uint64_t)1 << r->width % 64) - 1;
    for (int y = 0; y < r->height; y++)
        for (int i = 0; i < r->words; i++) {
            uint64_t *word = &r->bits[y * r->words + i];
            *word &= ~print->rows[y * print->stride + i] & (i + 1 == r->words ? last : ~(uint64_t)0);
            any |= *word;
        }
    bitmap_release(&spread);
    return any != 0;
}

/* A mark in some box, or writing in a field, whose tail reaches into the row. */
static bool is_anothers(const struct ink_piece *p, const struct outside_calibration *c)
{
    double inside = 0, area = (double)p->area_mm2;
    for (size_t k = 0; k < p->touch_count; k++)
        inside += (double)p->touches[k].inside_mm2;
    return (inside >= c->mark_inside_min_mm2 && inside >= c->mark_share_min * area) ||
           (double)p->field_mm2 >= c->field_share_min * area;
}

static void take_off_others(struct row_ink *r, const struct page_reading *reading)
{
    const struct outside_calibration *c = r->page->calibration;
    for (size_t k = 0; k < reading->piece_count; k++) {
        const struct ink_piece *p = &reading->pieces[k];
        if (!is_anothers(p, c))
            continue;
        struct rect mm = rect_grow(p->rect_mm, c->look_around_mm);
        int x0 = (int)fmax(0, mm.x * PLATE_PX_PER_MM - r->row->x);
        int y0 = (int)fmax(0, mm.y * PLATE_PX_PER_MM - r->row->y);
        int x1 = (int)fmin(r->width, (mm.x + mm.w) * PLATE_PX_PER_MM - r->row->x + 1);
        int y1 = (int)fmin(r->height, (mm.y + mm.h) * PLATE_PX_PER_MM - r->row->y + 1);
        for (int y = y0; y < y1 && x1 > x0; y++)
            memset(r->ink + y * r->width + x0, 0, (size_t)(x1 - x0));
    }
}

/* ---- lines that no hand draws ----------------------------------------------------------------- */

/* Looks along an axis of the row: `count` lines of `cells`. A streak wanders by `slope` cells a line. */
struct axis {
    int count, step, cells, cell_step;
    double slope;
    int span_px; /* a line from this length on is a streak or a fold */
};

struct band {
    int lines, first, last;
};

/* Calls for each narrow run of ink across the axis: counts it, or takes it off where its band is bad. */
static void each_run(struct row_ink *r, const struct axis *a, struct band *bands, int count, bool wipe)
{
    const struct outside_calibration *c = r->page->calibration;
    int narrow = (int)lround(c->look_line_wide_mm * PLATE_PX_PER_MM);
    for (int line = 0; line < a->count; line++) {
        unsigned char *at = r->ink + line * a->step;
        for (int from = 0, to; from < a->cells; from = to) {
            for (to = from + 1; to < a->cells && at[to * a->cell_step] == at[from * a->cell_step];)
                to++;
            if (!at[from * a->cell_step] || to - from > narrow)
                continue;
            double middle = (from + to) / 2.0 + a->slope * (line - a->count / 2.0);
            int b = (int)floor(middle / BAND_PX) + 1;
            if (b < 1 || b + 1 >= count)
                continue;
            if (wipe) {
                for (int k = from; k < to && bands[b].lines > 0; k++)
                    at[k * a->cell_step] = 0;
                continue;
            }
            bands[b].first = bands[b].lines == 0 ? line : bands[b].first;
            bands[b].last = line;
            bands[b].lines++;
        }
    }
}

static void take_off_lines(struct row_ink *r, const struct axis *a)
{
    int count = a->cells / BAND_PX + 3;
    struct band *bands = zeroed(2 * (size_t)count, sizeof *bands), *bad = bands + count;
    bool any = false;
    each_run(r, a, bands, count, false);
    for (int b = 1; b + 1 < count; b++) {
        int lines = 0, first = a->count, last = 0;
        for (int k = b - 1; k <= b + 1; k++) {
            lines += bands[k].lines;
            first = bands[k].lines > 0 && bands[k].first < first ? bands[k].first : first;
            last = bands[k].lines > 0 && bands[k].last > last ? bands[k].last : last;
        }
        if (last - first < a->span_px || lines < r->page->calibration->look_line_full * (last - first))
            continue;
        for (int k = b - 1; k <= b + 1; k++)
            bad[k].lines = 1;
        any = true;
    }
    if (any)
        each_run(r, a, bad, count, true);
    free(bands);
}

/* ---- what is left ----------------------------------------------------------------------------- */

/* A square of half the distance over which ink is put together. */
struct square {
    int count, x0, x1, y0, y1;
    double x, y, xx, yy, xy;
};

static void note_ink(struct square *s, int x, int y)
{
    s->x0 = s->count == 0 || x < s->x0 ? x : s->x0;
    s->x1 = s->count == 0 || x > s->x1 ? x : s->x1;
    s->y0 = s->count == 0 || y < s->y0 ? y : s->y0;
    s->y1 = s->count == 0 || y > s->y1 ? y : s->y1;
    s->count++;
    s->x += x;
    s->y += y;
    s->xx += (double)x * x;
    s->yy += (double)y * y;
    s->xy += (double)x * y;
}

static void add_square(struct square *s, const struct square *other)
{
    s->x0 = s->count == 0 || other->x0 < s->x0 ? other->x0 : s->x0;
    s->x1 = s->count == 0 || other->x1 > s->x1 ? other->x1 : s->x1;
    s->y0 = s->count == 0 || other->y0 < s->y0 ? other->y0 : s->y0;
    s->y1 = s->count == 0 || other->y1 > s->y1 ? other->y1 : s->y1;
    s->count += other->count;
    s->x += other->x;
    s->y += other->y;
    s->xx += other->xx;
    s->yy += other->yy;
    s->xy += other->xy;
}

/* The squares that belong together with square `at`, taken off the map. `stack`: room for all squares. */
static struct square gather(struct square *squares, int across, int down, int at, int *stack)
{
    struct square all = squares[at];
    int depth = 0;
    stack[depth++] = at;
    squares[at].count = 0;
    while (depth > 0) {
        int here = stack[--depth], x = here % across, y = here / across;
        for (int v = y - 2; v <= y + 2; v++)
            for (int u = x - 2; u <= x + 2; u++) {
                if (u < 0 || v < 0 || u >= across || v >= down || squares[v * across + u].count == 0)
                    continue;
                add_square(&all, &squares[v * across + u]);
                squares[v * across + u].count = 0;
                stack[depth++] = v * across + u;
            }
    }
    return all;
}

/* Specks and dust are small, what is left of lines is thin: a stroke goes both ways. */
static bool is_stroke(const struct square *s, const struct outside_calibration *c)
{
    double wide = (s->x1 - s->x0) / PLATE_PX_PER_MM, high = (s->y1 - s->y0) / PLATE_PX_PER_MM;
    return fmax(wide, high) >= c->look_long_min_mm && fmin(wide, high) >= c->look_short_min_mm;
}

static struct ink_piece describe(const struct square *s, const struct row_ink *r)
{
    const double px = PLATE_PX_PER_MM;
    double n = s->count, x = s->x / n, y = s->y / n;
    double xx = s->xx / n - x * x, yy = s->yy / n - y * y, xy = s->xy / n - x * y;
    double middle = (xx + yy) / 2, spread = sqrt(fmax(0, (xx - yy) * (xx - yy) / 4 + xy * xy));
    double area = n / (px * px);
    struct rect rect = {(r->row->x + s->x0) / px, (r->row->y + s->y0) / px, (s->x1 - s->x0 + 1) / px,
                        (s->y1 - s->y0 + 1) / px};
    return (struct ink_piece){
        .rect_mm = rect,
        .rect_px = placement_rect_px(&r->page->placed->placement, rect),
        .area_mm2 = (float)area,
        .clear_mm2 = PIECE_CLOSE,
        .long_mm = (float)(4 * sqrt(fmax(0, middle + spread)) / px),
        .wide_mm = (float)(4 * sqrt(fmax(0, middle - spread)) / px),
        .darkness = 1,
        .x_mm = (float)((r->row->x + x + 0.5) / px),
        .y_mm = (float)((r->row->y + y + 0.5) / px),
        .touches = {{(size_t)(r->row - r->page->rows), 0, (float)area}},
        .touch_count = 1,
    };
}

/* Puts together what is left in the row, into pieces[*count] on. */
static void find_strokes(struct ink_piece *pieces, size_t *count, const struct row_ink *r)
{
    int side = (int)lround(r->page->calibration->look_link_mm / 2 * PLATE_PX_PER_MM);
    int across = r->width / side + 1, down = r->height / side + 1;
    struct square *squares = zeroed((size_t)across * (size_t)down, sizeof *squares);
    int *stack = zeroed((size_t)across * (size_t)down, sizeof *stack);
    for (int y = 0; y < r->height; y++)
        for (int x = 0; x < r->width; x++)
            if (r->ink[y * r->width + x])
                note_ink(&squares[y / side * across + x / side], x, y);
    for (int k = 0; k < across * down && *count < PIECES_CLOSE; k++) {
        if (squares[k].count == 0)
            continue;
        struct square found = gather(squares, across, down, k, stack);
        if (is_stroke(&found, r->page->calibration))
            pieces[(*count)++] = describe(&found, r);
    }
    free(squares);
    free(stack);
}

static void look_at(struct ink_piece *pieces, size_t *count, const struct page_reading *reading,
                    const struct close_page *page, const struct close_row *row)
{
    const struct outside_calibration *c = page->calibration;
    struct rect mm = {row->x / PLATE_PX_PER_MM, row->y / PLATE_PX_PER_MM,
                      row->print.width_px / PLATE_PX_PER_MM, row->print.height_px / PLATE_PX_PER_MM};
    struct row_ink r = {.row = row, .page = page, .width = row->print.width_px,
                        .height = row->print.height_px, .words = (row->print.width_px + 63) / 64,
                        .local = placement_local(&page->placed->placement, rect_centre(mm))};
    r.bits = zeroed((size_t)r.words * (size_t)r.height, sizeof *r.bits);
    for (int k = 0; k < r.words; k++)
        sample_column(&r, k);
    if (take_off_print(&r)) {
        const double *m = r.local.m;
        double slope = fabs(m[0]) > fabs(m[1]) ? m[1] / m[0] : 0; /* dust on the glass: as it was fed */
        struct axis upright = {r.height, r.width, r.width, 1, slope,
                               (int)(c->look_upright_mm * PLATE_PX_PER_MM)};
        struct axis level = {r.width, 1, r.height, r.width, 0, (int)(c->look_level_mm * PLATE_PX_PER_MM)};
        r.ink = zeroed((size_t)r.width * (size_t)r.height, 1);
        for (int y = 0; y < r.height; y++)
            for (int x = 0; x < r.width; x++)
                r.ink[y * r.width + x] = r.bits[y * r.words + x / 64] >> (x & 63) & 1;
        take_off_others(&r, reading);
        take_off_lines(&r, &upright);
        take_off_lines(&r, &level);
        find_strokes(pieces, count, &r);
        free(r.ink);
    }
    free(r.bits);
}

/* ---- the page ---------------------------------------------------------------------------------- */

/* Whether each item has ink in one of its boxes, by item; to be freed. */
static bool *find_inked(const struct page_reading *reading, const struct close_page *page)
{
    size_t most = 0;
    for (size_t b = 0; b < reading->box_count; b++)
        most = page->rows[b].item > most ? page->rows[b].item : most;
    bool *inked = zeroed(most + 1, sizeof *inked);
    for (size_t b = 0; b < reading->box_count; b++)
        inked[page->rows[b].item] |=
            !((double)reading->boxes[b].evidence.ink_share < page->calibration->look_ink_max);
    return inked;
}

void close_look(struct page_reading *out, struct arena *arena, const struct close_page *page)
{
    struct ink_piece found[PIECES_CLOSE];
    size_t count = 0;
    bool *inked = find_inked(out, page);
    for (size_t b = 0; b < out->box_count && count < PIECES_CLOSE; b++)
        if (page->rows[b].known && !inked[page->rows[b].item])
            look_at(found, &count, out, page, &page->rows[b]);
    free(inked);
    if (count == 0)
        return;
    struct ink_piece *all = ARENA_NEW(arena, struct ink_piece, out->piece_count + count);
    memcpy(all, out->pieces, out->piece_count * sizeof *all);
    memcpy(all + out->piece_count, found, count * sizeof *all);
    out->pieces = all;
    out->piece_count += count;
}
