/* From cells of new ink to connected pieces and what each is like. */
#include "read/outside_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define RUNS_MAX 400000      /* more: the page is noise from edge to edge, and told of by its area */
#define AREA_MIN_MM2 0.12    /* smaller is a speck */
#define CELL_MM2 (OUTSIDE_CELL_MM * OUTSIDE_CELL_MM)
#define TOUCHES_SEEN 12      /* boxes that are kept account of while a piece is measured */

/* A run of joined cells in one row; `parent` leads to the run that stands for its piece. */
struct run {
    int from, to, y;
    unsigned parent;
};

struct pieces;

/* What is summed up over one piece; counts and sums in cells. */
struct sums {
    const struct pieces *of;
    long cells, clear, field, margin, edges, dark_cells;
    double x, y, xx, yy, xy;
    double dark;
    long dark_count;
    int x0, x1, y0, y1;
    struct {
        size_t box;
        long inside, row;
    } touches[TOUCHES_SEEN];
    size_t touch_count;
    long seen, seen_dark; /* of a piece of light lines: its cells, and those that are ink, before all else */
    bool passed_over;     /* it is ink: nothing is summed up */
};

struct pieces {
    const struct outside *o;
    const uint64_t *ink; /* NULL, or what is ink without the light lines */
    struct run *runs;
    size_t count, room;
    unsigned *piece_of; /* [count]: index into sums, of a root run */
    struct sums *sums;
    size_t piece_count;
    long *row_cells;    /* [box_count] */
    unsigned char table[256]; /* darkness by grey level */
};

static unsigned root_of(struct run *runs, unsigned at)
{
    while (runs[at].parent != at) {
        runs[at].parent = runs[runs[at].parent].parent;
        at = runs[at].parent;
    }
    return at;
}

static void join(struct run *runs, unsigned a, unsigned b)
{
    a = root_of(runs, a);
    b = root_of(runs, b);
    if (a < b)
        runs[b].parent = a;
    else
        runs[a].parent = b;
}

/* How many of the cells from..to of a row are set; none beyond the page. */
static int count_cells(const uint64_t *cells, const struct outside_template *t, int from, int to, int y)
{
    int count = 0;
    if (y < 0 || y >= t->height)
        return 0;
    for (int x = from; x < to;) {
        int n = 64 - (x & 63) < to - x ? 64 - (x & 63) : to - x;
        uint64_t word = cells[(ptrdiff_t)y * t->words + x / 64] >> (x & 63) & ~(uint64_t)0 >> (64 - n);
        for (; word != 0; word &= word - 1) /* few, and not every processor counts them */
            count++;
        x += n;
    }
    return count;
}

static bool find_runs(struct pieces *p)
{
    const struct outside_template *t = p->o->template;
    size_t above = 0, above_end = 0;
    for (int y = 0; y < t->height; y++) {
        const uint64_t *line = p->o->joined + (ptrdiff_t)y * t->words;
        size_t begin = p->count, k = above;
        for (int x = next_cell(line, 0, t->width, true), end; x < t->width;
             x = next_cell(line, end, t->width, true)) {
            end = next_cell(line, x, t->width, false);
            if (p->count == RUNS_MAX)
                return false;
            if (p->count == p->room) {
                p->room = p->room * 2 + 1024;
                p->runs = realloc(p->runs, p->room * sizeof *p->runs);
                if (p->runs == NULL)
                    error_die("out of memory: pieces of ink");
            }
            p->runs[p->count] = (struct run){x, end, y, (unsigned)p->count};
            /* cells touch at their corners too */
            while (k < above_end && p->runs[k].to < x)
                k++;
            for (size_t n = k; n < above_end && p->runs[n].from <= end; n++)
                join(p->runs, (unsigned)n, (unsigned)p->count);
            p->count++;
        }
        above = begin;
        above_end = p->count;
    }
    return true;
}

static void note_touch(struct sums *s, size_t box, int cells, bool inside)
{
    size_t k = 0;
    while (k < s->touch_count && s->touches[k].box != box)
        k++;
    if (k == TOUCHES_SEEN)
        return; /* so many boxes: their own evidence and the piece's bounds say enough */
    if (k == s->touch_count) {
        s->touches[k].box = box;
        s->touches[k].inside = s->touches[k].row = 0;
        s->touch_count++;
    }
    if (inside)
        s->touches[k].inside += cells;
    else
        s->touches[k].row += cells;
}

/* What the cells from..to of row y are, by the page's zones. */
static void add_zones(struct pieces *p, struct sums *s, int from, int to, int y)
{
    const struct outside_template *t = p->o->template;
    size_t k = t->row_zones[y], end = t->row_zones[y + 1];
    while (k < end && t->zones[k].to <= from)
        k++;
    int margin = to - from;
    for (; k < end && t->zones[k].from < to; k++) {
        const struct zone_run *zone = &t->zones[k];
        int cells = (zone->to < to ? zone->to : to) - (zone->from > from ? zone->from : from);
        margin -= cells;
        if (zone->zone == ZONE_OWN)
            continue;
        if (zone->zone >= zone_field(t->box_count)) {
            s->field += cells;
            continue;
        }
        size_t box = (zone->zone - ZONE_FIRST) / 2;
        bool inside = zone->zone == zone_inside(box);
        note_touch(s, box, cells, inside);
        if (!inside)
            p->row_cells[box] += cells;
    }
    s->margin += margin;
}

static void add_darkness(struct pieces *p, struct sums *s, int x, int y)
{
    const struct outside *o = p->o;
    if (o->raw->bits != NULL)
        return;
    struct point px = transform_apply(&o->tiles[y / TILE_ROWS * o->template->words + x / 64],
                                      (struct point){(x + 0.5) * OUTSIDE_CELL_MM,
                                                     (y + 0.5) * OUTSIDE_CELL_MM});
    s->dark += tone_darkness(o->raw, p->table, (int)floor(px.x), (int)floor(px.y));
    s->dark_count++;
}

/* A run of new ink. */
static void add_ink(struct pieces *p, struct sums *s, int from, int to, int y)
{
    const struct outside_template *t = p->o->template;
    const uint64_t *ink = p->o->ink, *far = t->print[PRINT_FAR];
    int n = to - from;
    double sum_x = (from + to - 1) / 2.0 * n;
    int64_t squares = 0;
    for (int x = from; x < to; x++)
        squares += (int64_t)x * x;
    s->xx += (double)squares;
    s->clear += n - count_cells(far, t, from, to, y);
    s->dark_cells += p->ink != NULL ? count_cells(p->ink, t, from, to, y) : 0;
    s->edges += 2 * n - count_cells(ink, t, from, to, y - 1) - count_cells(ink, t, from, to, y + 1);
    s->edges += 2;
    s->x += sum_x;
    s->y += (double)y * n;
    s->yy += (double)y * y * n;
    s->xy += sum_x * y;
    s->x0 = s->cells == 0 || from < s->x0 ? from : s->x0;
    s->x1 = s->cells == 0 || to > s->x1 ? to : s->x1;
    s->y0 = s->cells == 0 ? y : s->y0;
    s->y1 = y + 1;
    s->cells += n;
    add_zones(p, s, from, to, y);
    add_darkness(p, s, (from + to) / 2, y);
}

static void add_run(struct pieces *p, const struct run *run)
{
    const struct outside_template *t = p->o->template;
    const uint64_t *line = p->o->ink + (ptrdiff_t)run->y * t->words;
    struct sums *s = &p->sums[p->piece_of[root_of(p->runs, (unsigned)(run - p->runs))]];
    if (s->passed_over)
        return;
    for (int x = next_cell(line, run->from, run->to, true), end; x < run->to;
         x = next_cell(line, end, run->to, true)) {
        end = next_cell(line, x, run->to, false);
        add_ink(p, s, x, end, run->y);
    }
}

/* Whether so much of a piece of light lines is ink that it is not told of. */
static inline bool is_ink(long dark_cells, long cells)
{
    return dark_cells >= cells / 2;
}

/* Of such pieces nothing else is asked: they are most of a page's. */
static void pass_over_ink(struct pieces *p)
{
    const struct outside_template *t = p->o->template;
    for (size_t k = 0; k < p->count; k++) {
        const struct run *run = &p->runs[k];
        struct sums *s = &p->sums[p->piece_of[root_of(p->runs, (unsigned)k)]];
        const uint64_t *light = p->o->ink + (ptrdiff_t)run->y * t->words;
        const uint64_t *dark = p->ink + (ptrdiff_t)run->y * t->words;
        for (int x = run->from, end; x < run->to; x = end) {
            end = (x / 64 + 1) * 64 < run->to ? (x / 64 + 1) * 64 : run->to;
            uint64_t cells = light[x / 64] >> (x & 63) & ~(uint64_t)0 >> (64 - (end - x));
            s->seen += __builtin_popcountll(cells);
            s->seen_dark += __builtin_popcountll(cells & dark[x / 64] >> (x & 63));
        }
    }
    for (size_t k = 0; k < p->piece_count; k++)
        p->sums[k].passed_over = is_ink(p->sums[k].seen_dark, p->sums[k].seen);
}

static void measure(struct pieces *p)
{
    p->piece_of = calloc(p->count + 1, sizeof *p->piece_of);
    if (p->piece_of == NULL)
        error_die("out of memory: pieces of ink");
    for (size_t k = 0; k < p->count; k++)
        if (p->runs[k].parent == k)
            p->piece_of[k] = (unsigned)p->piece_count++;
    p->sums = calloc(p->piece_count + 1, sizeof *p->sums);
    if (p->sums == NULL)
        error_die("out of memory: pieces of ink");
    for (size_t k = 0; k < p->piece_count; k++)
        p->sums[k].of = p;
    if (p->ink != NULL)
        pass_over_ink(p);
    for (size_t k = 0; k < p->count; k++)
        add_run(p, &p->runs[k]);
}

/* ---- description ---------------------------------------------------------------------------- */

static void describe_touches(struct ink_piece *out, const struct sums *s)
{
    bool taken[TOUCHES_SEEN] = {false};
    while (out->touch_count < PIECE_TOUCHES && out->touch_count < s->touch_count) {
        size_t best = SIZE_MAX;
        for (size_t k = 0; k < s->touch_count; k++)
            if (!taken[k] && (best == SIZE_MAX || s->touches[k].inside + s->touches[k].row >
                                                      s->touches[best].inside + s->touches[best].row))
                best = k;
        taken[best] = true;
        out->touches[out->touch_count++] =
            (struct piece_touch){s->touches[best].box, (float)((double)s->touches[best].inside * CELL_MM2),
                                 (float)((double)s->touches[best].row * CELL_MM2)};
    }
}

static struct ink_piece describe(const struct sums *s, const struct pieces *p)
{
    const struct outside *o = p->o;
    double n = (double)s->cells, x = s->x / n, y = s->y / n;
    double xx = s->xx / n - x * x, yy = s->yy / n - y * y, xy = s->xy / n - x * y;
    double middle = (xx + yy) / 2, spread = sqrt(fmax(0, (xx - yy) * (xx - yy) / 4 + xy * xy));
    /* 2 x area / perimeter; edges of cells overstate the length of slanting lines by 4 / pi */
    double stroke = 2 * n / ((double)s->edges * M_PI / 4);
    struct rect rect = {s->x0 * OUTSIDE_CELL_MM, s->y0 * OUTSIDE_CELL_MM,
                        (s->x1 - s->x0) * OUTSIDE_CELL_MM, (s->y1 - s->y0) * OUTSIDE_CELL_MM};
    struct ink_piece out = {
        .rect_mm = rect,
        .rect_px = placement_rect_px(&o->placed->placement, rect),
        .area_mm2 = (float)(n * CELL_MM2),
        .clear_mm2 = (float)((double)s->clear * CELL_MM2),
        .field_mm2 = (float)((double)s->field * CELL_MM2),
        .margin_mm2 = (float)((double)s->margin * CELL_MM2),
        .length_mm = (float)(n / stroke * OUTSIDE_CELL_MM),
        .stroke_mm = (float)(stroke * OUTSIDE_CELL_MM),
        .long_mm = (float)(4 * sqrt(fmax(0, middle + spread)) * OUTSIDE_CELL_MM),
        .wide_mm = (float)(4 * sqrt(fmax(0, middle - spread)) * OUTSIDE_CELL_MM),
        .darkness = s->dark_count > 0 ? (float)(s->dark / (double)s->dark_count / 255)
                    : p->ink == NULL  ? 1
                                      : (float)((double)s->dark_cells / n / 2), /* cells of specks */
        .x_mm = (float)((x + 0.5) * OUTSIDE_CELL_MM),
        .y_mm = (float)((y + 0.5) * OUTSIDE_CELL_MM),
    };
    describe_touches(&out, s);
    return out;
}

static int larger_first(const void *left, const void *right)
{
    const struct sums *const *a = left, *const *b = right;
    if ((*a)->cells != (*b)->cells)
        return (*a)->cells < (*b)->cells ? 1 : -1;
    if ((*a)->of != (*b)->of) /* those of ink before light lines */
        return (*a)->of->ink == NULL ? -1 : 1;
    return (*a > *b) - (*a < *b); /* in order of the page */
}

/* Writing in fields is expected, and its pieces are many: only what leaves them is told of. Of a page's
 * light lines those that are long enough to be drawn. */
static bool is_told(const struct sums *s, const struct pieces *p)
{
    if (p->ink == NULL)
        return (double)s->cells * CELL_MM2 >= AREA_MIN_MM2 && s->field < s->cells;
    if (s->passed_over)
        return false;
    double length = (double)s->edges * M_PI / 4 * OUTSIDE_CELL_MM / 2;
    int side = s->x1 - s->x0 > s->y1 - s->y0 ? s->x1 - s->x0 : s->y1 - s->y0;
    /* specks near print are its own ragged edge */
    if (p->o->tones == NULL && (side * OUTSIDE_CELL_MM < p->o->template->calibration.speck_side_min_mm ||
                                s->clear < s->cells * 3 / 4))
        return false;
    return length >= p->o->template->calibration.light_length_min_mm && s->touch_count > 0 && s->field == 0 &&
           !is_ink(s->dark_cells, s->cells);
}

/* What lies in the boxes and is too pale to be ink, and, where it is not told of as a piece, in their rows: a
 * ring close round a box, or a tick on its label, is parted by the print. The least of it is noise, and a straight
 * line along the page no stroke. */
static void add_light(struct page_reading *out, const struct pieces *p)
{
    double least = p->o->template->calibration.light_part_min_mm;
    for (size_t k = 0; k < p->piece_count; k++) {
        const struct sums *s = &p->sums[k];
        int side = s->x1 - s->x0 < s->y1 - s->y0 ? s->x1 - s->x0 : s->y1 - s->y0;
        if (s->passed_over || side * OUTSIDE_CELL_MM < least)
            continue;
        bool told = is_told(s, p);
        for (size_t t = 0; t < s->touch_count; t++) {
            struct box_evidence *evidence = &out->boxes[s->touches[t].box].evidence;
            evidence->light_mm2 += (float)((double)s->touches[t].inside * CELL_MM2);
            evidence->light_row_mm2 += told ? 0 : (float)((double)s->touches[t].row * CELL_MM2);
        }
    }
}

static void pieces_init(struct pieces *p, const struct outside *o, const uint64_t *ink, size_t boxes)
{
    *p = (struct pieces){.o = o, .ink = ink};
    tone_table(p->table, o->levels.paper, o->levels.print);
    p->row_cells = calloc(boxes + 1, sizeof *p->row_cells);
    if (p->row_cells == NULL)
        error_die("out of memory: rows of boxes");
    find_runs(p);
    measure(p);
}

static void pieces_release(struct pieces *p)
{
    free(p->sums);
    free(p->piece_of);
    free(p->row_cells);
    free(p->runs);
}

void outside_pieces(struct page_reading *out, struct arena *arena, const struct outside *o,
                    const struct outside *light)
{
    struct pieces found[2] = {0};
    size_t maps = light == NULL ? 1 : 2, most = 0, count = 0;
    pieces_init(&found[0], o, NULL, out->box_count);
    if (light != NULL)
        pieces_init(&found[1], light, o->ink, out->box_count);
    for (size_t m = 0; m < maps; m++)
        most += found[m].piece_count;
    const struct sums **told = calloc(most + 1, sizeof *told);
    if (told == NULL)
        error_die("out of memory: pieces of ink");
    for (size_t m = 0; m < maps; m++)
        for (size_t k = 0; k < found[m].piece_count; k++)
            if (is_told(&found[m].sums[k], &found[m]))
                told[count++] = &found[m].sums[k];
    qsort(told, count, sizeof *told, larger_first);
    out->piece_count = count < PIECES_MAX - PIECES_CLOSE ? count : PIECES_MAX - PIECES_CLOSE;
    out->pieces = ARENA_NEW(arena, struct ink_piece, out->piece_count);
    for (size_t k = 0; k < out->piece_count; k++)
        out->pieces[k] = describe(told[k], told[k]->of);
    for (size_t b = 0; b < out->box_count; b++) {
        struct box_evidence *evidence = &out->boxes[b].evidence;
        evidence->row_mm2 = (float)((double)found[0].row_cells[b] * CELL_MM2);
        evidence->light_mm2 = evidence->light_row_mm2 = 0;
    }
    if (light != NULL)
        add_light(out, &found[1]);
    long margin = 0;
    for (size_t k = 0; k < found[0].piece_count; k++)
        margin += found[0].sums[k].margin;
    out->ink_outside_mm2 = (float)((double)margin * CELL_MM2);
    free(told);
    for (size_t m = 0; m < maps; m++)
        pieces_release(&found[m]);
}
