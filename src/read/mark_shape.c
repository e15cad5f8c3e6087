/* What new ink inside a box is like: strokes, spread, what is left white, streaks. */
#include "read/mark_template.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- white ----------------------------------------------------------------------------------- */

/* White areas are put together from runs of white cells, row by row. */
#define RUNS_MAX (PATCH_CELLS_MAX / 2 + 2)

struct white_runs {
    short parent[RUNS_MAX]; /* a run that stands for the same area, or the run itself */
    int size[RUNS_MAX];     /* cells of the area, of a run that stands for it */
    short from[RUNS_MAX], to[RUNS_MAX];
    int count;
};

static int root_of(struct white_runs *runs, int at)
{
    while (runs->parent[at] != at)
        at = runs->parent[at] = runs->parent[runs->parent[at]];
    return at;
}

static void join(struct white_runs *runs, int a, int b)
{
    a = root_of(runs, a);
    b = root_of(runs, b);
    if (a == b)
        return;
    runs->parent[a] = (short)b;
    runs->size[b] += runs->size[a];
}

/* The largest 4-connected white area among inside cells, in cells. */
static int largest_white(const struct box_template *box, const struct box_mask *mask,
                         const unsigned char *ink)
{
    struct white_runs runs;
    const struct cell_extent *e = &mask->inside;
    int best = 0, above = 0, above_end = 0;
    runs.count = 0;
    for (int y = e->y0; y < e->y1; y++) {
        int begin = runs.count, k = above;
        const unsigned char *cells = mask->cells + y * box->width, *inked = ink + y * box->width;
        for (int x = e->x0; x < e->x1; x++) {
            int from = x, at = runs.count;
            while (x < e->x1 && (cells[x] & CELL_INSIDE) && !inked[x])
                x++;
            if (x == from)
                continue;
            runs.parent[at] = (short)at;
            runs.size[at] = x - from;
            runs.from[at] = (short)from;
            runs.to[at] = (short)x;
            runs.count++;
            while (k < above_end && runs.to[k] <= from)
                k++;
            for (int n = k; n < above_end && runs.from[n] < x; n++)
                join(&runs, n, at);
        }
        above = begin;
        above_end = runs.count;
    }
    for (int k = 0; k < runs.count; k++)
        if (runs.parent[k] == k && runs.size[k] > best)
            best = runs.size[k];
    return best;
}

/* ---- strokes --------------------------------------------------------------------------------- */

/* Mean number of separate runs of ink along the lines that meet any; `step` from cell to cell of a
 * line of `length`, `next` from line to line of `lines`, from cell `first` on. Neither print inside a run
 * parts it, nor a gap that a speckled stroke has within itself. */
#define GAP_CELLS 2

static double mean_runs(const struct box_mask *mask, const unsigned char *ink, int first, int length,
                        int step, int lines, int next)
{
    int runs = 0, met = 0;
    for (int line = 0; line < lines; line++) {
        int here = 0, white = GAP_CELLS + 1;
        for (int i = 0, at = first + line * next; i < length; i++, at += step) {
            if (!(mask->cells[at] & CELL_INSIDE))
                continue;
            here += ink[at] && white > GAP_CELLS;
            white = ink[at] ? 0 : white + 1;
        }
        runs += here;
        met += here > 0;
    }
    return met == 0 ? 0 : (double)runs / met;
}

struct ink_sums {
    int edges, diagonal, quadrant[4];
    struct cell_extent extent;
};

static struct ink_sums sum_ink(const struct box_template *box, const struct box_mask *mask,
                               const unsigned char *ink)
{
    const struct cell_extent *e = &mask->inside;
    int width = box->width;
    double cx = width / 2.0, cy = box->height / 2.0;
    double half_w = box->rect_mm.w * CELL_PER_MM / 2, half_h = box->rect_mm.h * CELL_PER_MM / 2;
    struct ink_sums sums = {.extent = {width, 0, box->height, 0}};
    for (int y = e->y0; y < e->y1; y++)
        for (int x = e->x0; x < e->x1; x++) {
            int at = y * width + x;
            if (!ink[at] || !(mask->cells[at] & CELL_INSIDE))
                continue;
            /* edges towards white cells; towards print they do not count, ink goes on below it */
            int around[4] = {at - 1, at + 1, at - width, at + width};
            for (int k = 0; k < 4; k++)
                sums.edges += (mask->cells[around[k]] & CELL_INSIDE) != 0 && !ink[around[k]];
            struct cell_extent *own = &sums.extent;
            own->x0 = x < own->x0 ? x : own->x0;
            own->x1 = x + 1 > own->x1 ? x + 1 : own->x1;
            own->y0 = y < own->y0 ? y : own->y0;
            own->y1 = y + 1;
            sums.quadrant[(y + 0.5 > cy) * 2 + (x + 0.5 > cx)]++;
            double u = (x + 0.5 - cx) / half_w, v = (y + 0.5 - cy) / half_h;
            double one = fabs(u - v), other = fabs(u + v);
            sums.diagonal += one < 0.35 || other < 0.35;
        }
    return sums;
}

/* ---- streaks --------------------------------------------------------------------------------- */

/* A dust streak draws one line down everything the scanner saw: the fullest strip STRIP_CELLS wide
 * along the scan's own upright, as a share of the lines that could show it (those where its cells are
 * not print). `along` from line to line, `across` from cell to cell of a line; the strip shifts by
 * `slope` cells a line, as the page lies askew. */
#define STRIP_CELLS 4

struct strip_lines {
    int lines, along, cells, across;
    double slope;
};

/* Whether any of the STRIP_CELLS flags from each on is set; as many are read beyond the last. */
static void widen(unsigned char *restrict out, const unsigned char *restrict flags, int count)
{
    for (int i = 0; i < count; i++)
        out[i] = flags[i] | flags[i + 1] | flags[i + 2] | flags[i + 3];
}

static void add_flags(unsigned short *restrict sums, const unsigned char *restrict flags, int count)
{
    for (int i = 0; i < count; i++)
        sums[i] = (unsigned short)(sums[i] + flags[i]);
}

/* `across`, from cell to cell of a line: s->across, which a compiler may know. */
static inline __attribute__((always_inline)) float streak_along(const struct strip_lines *s,
                                                                const struct box_mask *mask,
                                                                const unsigned char *ink, int across)
{
    unsigned char is_free[PATCH_CELLS_MAX + STRIP_CELLS], wide[PATCH_CELLS_MAX];
    unsigned short rows[PATCH_CELLS_MAX], inked[PATCH_CELLS_MAX];
    size_t cells = (size_t)s->cells;
    memset(rows, 0, cells * sizeof *rows);
    memset(inked, 0, cells * sizeof *inked);
    memset(is_free + cells, 0, STRIP_CELLS);
    for (int line = 1; line < s->lines - 1; line++) {
        int shift = (int)lround(s->slope * (line - s->lines / 2.0));
        /* strips that begin after the line's first cell and end before its last */
        int from = STRIP_CELLS > 1 - shift ? STRIP_CELLS : 1 - shift;
        int most = shift > STRIP_CELLS ? shift : STRIP_CELLS, to = s->cells - STRIP_CELLS - most;
        if (from >= to)
            continue;
        const unsigned char *kinds = mask->cells + line * s->along, *dark = ink + line * s->along;
        unsigned char any = 0;
        for (int i = 0; i < s->cells; i++)
            is_free[i] = !(kinds[i * across] & CELL_PRINT);
        widen(wide, is_free, s->cells);
        add_flags(rows + from, wide + from + shift, to - from);
        for (int i = 0; i < s->cells; i++) {
            is_free[i] = dark[i * across] != 0; /* and no print: new ink is not */
            any |= is_free[i];
        }
        if (!any)
            continue;
        widen(wide, is_free, s->cells);
        add_flags(inked + from, wide + from + shift, to - from);
    }
    float best = 0;
    for (int first = STRIP_CELLS; first + 2 * STRIP_CELLS < s->cells; first++)
        if (rows[first] > s->lines / 3 && (float)inked[first] / (float)rows[first] > best)
            best = (float)inked[first] / (float)rows[first];
    return best;
}

static float streak_of(const struct strip_lines *s, const struct box_mask *mask, const unsigned char *ink)
{
    return s->across == 1 ? streak_along(s, mask, ink, 1) : streak_along(s, mask, ink, s->across);
}

static float streak_share(const struct box_template *box, const struct box_mask *mask,
                          const unsigned char *ink, const struct transform *local)
{
    double x = local->m[0], y = local->m[1]; /* what a step right and down the form is across the scan */
    struct strip_lines upright = {box->height, box->width, box->width, 1, -y / x};
    struct strip_lines sideways = {box->width, 1, box->height, box->width, -x / y};
    return streak_of(fabs(x) >= fabs(y) ? &upright : &sideways, mask, ink);
}

/* ---- the whole ------------------------------------------------------------------------------- */

void mark_shape(struct box_evidence *evidence, const struct box_template *box,
                const struct box_mask *mask, const unsigned char *ink, int inside_ink,
                const struct transform *local)
{
    struct ink_sums sums = sum_ink(box, mask, ink);
    const struct cell_extent *e = &sums.extent;
    int wide = e->x1 - e->x0, high = e->y1 - e->y0, first = e->y0 * box->width + e->x0;
    double half_w = box->rect_mm.w * CELL_PER_MM / 2, half_h = box->rect_mm.h * CELL_PER_MM / 2;
    evidence->runs = (float)fmax(mean_runs(mask, ink, first, wide, 1, high, box->width),
                                 mean_runs(mask, ink, first, high, box->width, wide, 1));
    /* a stroke's area is length x width, its two edges 2 x length; pixel edges overstate the length
     * of slanting lines by 4 / pi on average */
    double perimeter = sums.edges * M_PI / 4;
    double stroke = perimeter > 0 ? 2.0 * inside_ink / perimeter : fmin(half_w, half_h) * 2;
    stroke = fmin(stroke, fmin(half_w, half_h) * 2);
    evidence->stroke_mm = (float)(stroke * CELL_MM);
    evidence->length_mm = (float)(inside_ink / stroke * CELL_MM);
    evidence->diagonal_share = (float)sums.diagonal / (float)inside_ink;
    evidence->span = (float)fmax(wide / (2 * half_w), high / (2 * half_h));
    int enough = mask->inside_count / 100 + 1;
    evidence->quadrants = 0; /* a box may be measured again */
    for (int k = 0; k < 4; k++)
        evidence->quadrants += (float)(sums.quadrant[k] >= enough);
    evidence->largest_white_share = (float)largest_white(box, mask, ink) /
                                    (float)(mask->inside_count > 0 ? mask->inside_count : 1);
    evidence->streak_share = streak_share(box, mask, ink, local);
}
