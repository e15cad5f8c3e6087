/* Ink and white inside a box, row by row, many cells at once. */
#include "read/mark_bits.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "read/pack.h"

/* ---- rows ------------------------------------------------------------------------------------ */

/* Of the cells from `at` on that the patch has. */
static inline uint64_t pack_from(const unsigned char *cells, int at, int count, unsigned char flag)
{
    unsigned char last[64] = {0};
    if (at + 64 <= count)
        return pack_flag(cells + at, flag);
    memcpy(last, cells + at, (size_t)(count - at));
    return pack_flag(last, flag);
}

void mark_bits_of(struct mark_bits *out, const struct box_template *box, const struct box_mask *mask,
                  const unsigned char *ink)
{
    const struct cell_extent *e = &mask->inside;
    int count = box->width * box->height;
    out->x0 = e->x0;
    out->y0 = e->y0;
    out->width = e->x1 > e->x0 ? e->x1 - e->x0 : 0;
    out->height = e->y1 > e->y0 ? e->y1 - e->y0 : 0;
    out->words = (out->width + 63) / 64;
    if (out->words * out->height > MARK_WORDS_MAX)
        error_die("a box of %d x %d cells is too large", out->width, out->height);
    uint64_t *inside = out->inside, *inked = out->ink;
    for (int y = 0; y < out->height; y++)
        for (int x = 0; x < out->width; x += 64) {
            int at = (e->y0 + y) * box->width + e->x0 + x, here = out->width - x < 64 ? out->width - x : 64;
            *inside = pack_from(mask->cells, at, count, CELL_INSIDE) & ~(uint64_t)0 >> (64 - here);
            *inked++ = pack_from(ink, at, count, 1) & *inside;
            inside++;
        }
}

/* Bits of one row as its neighbours: each cell's left one, and its right one. */
static inline uint64_t from_left(const uint64_t *row, int i)
{
    return row[i] << 1 | (i > 0 ? row[i - 1] >> 63 : 0);
}

static inline uint64_t from_right(const uint64_t *row, int i, int words)
{
    return row[i] >> 1 | (i + 1 < words ? row[i + 1] << 63 : 0);
}

/* ---- sums ------------------------------------------------------------------------------------ */

/* White cells of a row's i-th word; none beyond the first and the last row. */
static inline uint64_t white_at(const struct mark_bits *b, int y, int i)
{
    int at = y * b->words + i;
    return y < 0 || y >= b->height || i < 0 || i >= b->words ? 0 : b->inside[at] & ~b->ink[at];
}

/* Edges towards white cells; towards print they do not count, ink goes on below it. */
static int edges_of(const struct mark_bits *b, int y, int i, uint64_t ink)
{
    uint64_t white = white_at(b, y, i);
    uint64_t left = white << 1 | white_at(b, y, i - 1) >> 63, right = white >> 1 | white_at(b, y, i + 1) << 63;
    return __builtin_popcountll(ink & left) + __builtin_popcountll(ink & right) +
           __builtin_popcountll(ink & white_at(b, y - 1, i)) + __builtin_popcountll(ink & white_at(b, y + 1, i));
}

/* How many cells of a row's word lie near a diagonal. */
static int near_diagonal(const struct box_template *box, uint64_t ink, int x0, int y)
{
    double cx = box->width / 2.0, cy = box->height / 2.0;
    double half_w = box->rect_mm.w * CELL_PER_MM / 2, half_h = box->rect_mm.h * CELL_PER_MM / 2;
    int near = 0;
    for (; ink != 0; ink &= ink - 1) {
        int x = x0 + __builtin_ctzll(ink);
        double u = (x + 0.5 - cx) / half_w, v = (y + 0.5 - cy) / half_h;
        double one = fabs(u - v), other = fabs(u + v);
        near += one < 0.35 || other < 0.35;
    }
    return near;
}

/* Columns right of the middle among the 64 from x0 on. */
static uint64_t right_half(const struct box_template *box, int x0)
{
    int first = (box->width + 1) / 2 - x0; /* a column in the very middle is left */
    return first <= 0 ? ~(uint64_t)0 : first >= 64 ? 0 : ~(uint64_t)0 << first;
}

struct ink_sums mark_bits_sum(const struct mark_bits *b, const struct box_template *box)
{
    struct ink_sums sums = {.extent = {box->width, 0, box->height, 0}};
    struct cell_extent *own = &sums.extent;
    for (int y = 0; y < b->height; y++)
        for (int i = 0; i < b->words; i++) {
            uint64_t ink = b->ink[y * b->words + i];
            if (ink == 0)
                continue;
            int x0 = b->x0 + i * 64, row = b->y0 + y, first = x0 + __builtin_ctzll(ink);
            int end = x0 + 64 - __builtin_clzll(ink), cells = __builtin_popcountll(ink);
            int right = __builtin_popcountll(ink & right_half(box, x0)), *half = sums.quadrant;
            half += 2 * (row + 0.5 > box->height / 2.0);
            half[0] += cells - right;
            half[1] += right;
            sums.edges += edges_of(b, y, i, ink);
            sums.diagonal += near_diagonal(box, ink, x0, row);
            own->x0 = first < own->x0 ? first : own->x0;
            own->x1 = end > own->x1 ? end : own->x1;
            own->y0 = row < own->y0 ? row : own->y0;
            own->y1 = row + 1;
        }
    return sums;
}

/* ---- strokes --------------------------------------------------------------------------------- */

#define GAP_CELLS 2 /* of white, that part no run */

/* Runs of a row whose cells inside lie one beside the other, by the three before each. */
static int runs_of_whole(const uint64_t *ink, int words)
{
    int runs = 0;
    for (int i = 0; i < words; i++) {
        uint64_t before = i > 0 ? ink[i - 1] : 0;
        uint64_t near = ink[i] << 1 | before >> 63 | ink[i] << 2 | before >> 62 | ink[i] << 3 | before >> 61;
        runs += __builtin_popcountll(ink[i] & ~near);
    }
    return runs;
}

/* Of any row. */
static int runs_of_row(const uint64_t *inside, const uint64_t *ink, int words)
{
    int runs = 0, white = GAP_CELLS + 1, begins = 0;
    for (int i = 0; i < words; i++)
        begins += __builtin_popcountll(inside[i] & ~from_left(inside, i));
    if (begins <= 1)
        return runs_of_whole(ink, words);
    for (int i = 0; i < words; i++)
        for (uint64_t left = inside[i]; left != 0; left &= left - 1) {
            bool inked = ink[i] >> __builtin_ctzll(left) & 1;
            runs += inked && white > GAP_CELLS;
            white = inked ? 0 : white + 1;
        }
    return runs;
}

static double runs_along_rows(const struct mark_bits *b)
{
    int runs = 0, met = 0;
    for (int y = 0; y < b->height; y++) {
        const uint64_t *ink = b->ink + y * b->words;
        uint64_t any = 0;
        for (int i = 0; i < b->words; i++)
            any |= ink[i];
        if (any == 0)
            continue;
        runs += runs_of_row(b->inside + y * b->words, ink, b->words);
        met++;
    }
    return met == 0 ? 0 : (double)runs / met;
}

/* 64 columns at a time; of each, whether the last three cells inside were ink. */
static double runs_along_columns(const struct mark_bits *b)
{
    int runs = 0, met = 0;
    for (int i = 0; i < b->words; i++) {
        uint64_t last = 0, second = 0, third = 0, any = 0;
        for (int y = 0; y < b->height; y++) {
            uint64_t inside = b->inside[y * b->words + i], ink = b->ink[y * b->words + i];
            uint64_t begins = ink & ~(last | second | third);
            if (begins != 0)
                runs += __builtin_popcountll(begins);
            any |= ink;
            third = (third & ~inside) | (second & inside);
            second = (second & ~inside) | (last & inside);
            last = (last & ~inside) | ink;
        }
        met += __builtin_popcountll(any);
    }
    return met == 0 ? 0 : (double)runs / met;
}

double mark_bits_runs(const struct mark_bits *bits)
{
    _Static_assert(GAP_CELLS == 2, "three cells are looked back at");
    return fmax(runs_along_rows(bits), runs_along_columns(bits));
}

/* ---- white ----------------------------------------------------------------------------------- */

/* White areas are put together from runs of white cells, row by row. */
struct white_run {
    int parent; /* a run that stands for the same area, or the run itself */
    int size;   /* cells of the area, of a run that stands for it */
    short from, to;
};

struct white_runs {
    struct white_run *all;
    int count;
};

static int root_of(struct white_run *runs, int at)
{
    while (runs[at].parent != at)
        at = runs[at].parent = runs[runs[at].parent].parent;
    return at;
}

static void join(struct white_run *runs, int a, int b)
{
    a = root_of(runs, a);
    b = root_of(runs, b);
    if (a == b)
        return;
    runs[a].parent = b;
    runs[b].size += runs[a].size;
}

/* The runs of one row, added after the others. Its first and last cells are found where a white cell has no white
 * one to its left, or to its right. */
static void add_runs(struct white_runs *runs, const uint64_t *white, int words)
{
    int begins = runs->count, ends = runs->count;
    for (int i = 0; i < words; i++) {
        for (uint64_t first = white[i] & ~from_left(white, i); first != 0; first &= first - 1)
            runs->all[begins++].from = (short)(i * 64 + __builtin_ctzll(first));
        for (uint64_t last = white[i] & ~from_right(white, i, words); last != 0; last &= last - 1)
            runs->all[ends++].to = (short)(i * 64 + __builtin_ctzll(last) + 1);
    }
    for (int at = runs->count; at < begins; at++) {
        struct white_run *run = &runs->all[at];
        run->parent = at;
        run->size = run->to - run->from;
    }
    runs->count = begins;
}

int mark_bits_white(const struct mark_bits *b)
{
    struct white_runs runs = {.all = malloc((size_t)b->height * (size_t)(b->width / 2 + 1) * sizeof *runs.all + 1)};
    int best = 0, above = 0, above_end = 0;
    uint64_t white[PATCH_LINE_MAX / 64 + 1];
    if (runs.all == NULL || b->width > PATCH_LINE_MAX)
        error_die("a box of %d x %d cells is too large", b->width, b->height);
    for (int y = 0; y < b->height; y++) {
        int k = above, begin = runs.count;
        for (int i = 0; i < b->words; i++)
            white[i] = white_at(b, y, i);
        add_runs(&runs, white, b->words);
        for (int at = begin; at < runs.count; at++) {
            while (k < above_end && runs.all[k].to <= runs.all[at].from)
                k++;
            for (int n = k; n < above_end && runs.all[n].from < runs.all[at].to; n++)
                join(runs.all, n, at);
        }
        above = begin;
        above_end = runs.count;
    }
    for (int k = 0; k < runs.count; k++)
        if (runs.all[k].parent == k && runs.all[k].size > best)
            best = runs.all[k].size;
    free(runs.all);
    return best;
}
