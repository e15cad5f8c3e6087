/* Bit images and the search for a patch in them. */
#include "page/bitmap.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static void bitmap_new(struct bitmap *out, int width_px, int height_px)
{
    *out = (struct bitmap){width_px, height_px, (width_px + 63) / 64 + 2, NULL};
    out->rows = calloc((size_t)out->stride * (size_t)(height_px > 0 ? height_px : 1),
                       sizeof *out->rows);
    if (out->rows == NULL)
        error_die("out of memory: a bitmap of %d x %d", width_px, height_px);
}

static uint32_t reverse_bits(uint32_t v)
{
    v = ((v >> 1) & 0x55555555u) | ((v & 0x55555555u) << 1);
    v = ((v >> 2) & 0x33333333u) | ((v & 0x33333333u) << 2);
    v = ((v >> 4) & 0x0f0f0f0fu) | ((v & 0x0f0f0f0fu) << 4);
    return __builtin_bswap32(v);
}

void bitmap_from_pix(struct bitmap *out, const PIX *pix)
{
    int width = (int)pix->w, height = (int)pix->h, wpl = (int)pix->wpl;
    bitmap_new(out, width, height);
    int words = (width + 31) / 32;
    /* bits beyond the width are undefined in a PIX */
    uint32_t last = width % 32 == 0 ? 0xffffffffu : 0xffffffffu << (32 - width % 32);
    for (int y = 0; y < height; y++) {
        const uint32_t *from = pix->data + (size_t)y * (size_t)wpl;
        uint64_t *to = out->rows + (size_t)y * (size_t)out->stride;
        for (int k = 0; k < words; k++) {
            uint32_t word = k == words - 1 ? from[k] & last : from[k];
            to[k / 2] |= (uint64_t)reverse_bits(word) << (k % 2 * 32);
        }
    }
}

void bitmap_release(struct bitmap *bitmap)
{
    free(bitmap->rows);
    *bitmap = (struct bitmap){0};
}

/* 64 pixels of a row from x on (x may be negative or beyond the end: white). */
static uint64_t window(const struct bitmap *bitmap, int x, int y)
{
    if (y < 0 || y >= bitmap->height_px || x <= -64 || x >= bitmap->width_px)
        return 0;
    const uint64_t *row = bitmap->rows + (size_t)y * (size_t)bitmap->stride;
    if (x < 0)
        return row[0] << -x;
    int shift = x & 63;
    uint64_t word = row[x >> 6] >> shift;
    return shift == 0 ? word : word | row[(x >> 6) + 1] << (64 - shift);
}

void bitmap_halve(struct bitmap *out, const struct bitmap *bitmap)
{
    bitmap_new(out, bitmap->width_px / 2, bitmap->height_px / 2);
    for (int y = 0; y < out->height_px; y++) {
        const uint64_t *a = bitmap->rows + (size_t)(2 * y) * (size_t)bitmap->stride;
        const uint64_t *b = a + bitmap->stride;
        uint64_t *to = out->rows + (size_t)y * (size_t)out->stride;
        for (int k = 0; k < bitmap->stride - 2; k++) {
            uint64_t v = a[k] | b[k];
            to[k / 2] |= (uint64_t)bitmap_squeeze(v | v >> 1) << (k % 2 * 32);
        }
    }
}

void bitmap_spread(struct bitmap *out, const struct bitmap *bitmap)
{
    bitmap_new(out, bitmap->width_px, bitmap->height_px);
    int words = bitmap->stride - 2;
    /* the row or one of its neighbours; white beside */
    uint64_t *tall = calloc((size_t)words + 2, sizeof *tall);
    if (tall == NULL)
        error_die("out of memory: a row of %d px", bitmap->width_px);
    for (int y = 0; y < bitmap->height_px; y++) {
        const uint64_t *row = bitmap->rows + (size_t)y * (size_t)bitmap->stride;
        const uint64_t *above = y > 0 ? row - bitmap->stride : row;
        const uint64_t *below = y + 1 < bitmap->height_px ? row + bitmap->stride : row;
        uint64_t *to = out->rows + (size_t)y * (size_t)out->stride;
        for (int k = 0; k < words; k++)
            tall[k + 1] = row[k] | above[k] | below[k];
        for (int k = 0; k < words; k++) {
            uint64_t here = tall[k + 1];
            to[k] = here | here << 1 | here >> 1 | tall[k] >> 63 | tall[k + 2] << 63;
        }
    }
    free(tall);
}

#define RUN_PX 8

void bitmap_warp(struct bitmap *out, const struct bitmap *bitmap,
                 const struct transform *to_source, int width_px, int height_px)
{
    bitmap_new(out, width_px, height_px);
    const double *m = to_source->m;
    bool affine = !(fabs(m[6]) > 0 || fabs(m[7]) > 0);
    for (int y = 0; y < height_px; y++) {
        uint64_t *to = out->rows + (size_t)y * (size_t)out->stride;
        struct point p = transform_apply(to_source, (struct point){RUN_PX / 2.0, y + 0.5});
        for (int x = 0; x < width_px; x += RUN_PX) {
            if (!affine)
                p = transform_apply(to_source, (struct point){x + RUN_PX / 2.0, y + 0.5});
            if (fabs(p.x) < 1e6 && fabs(p.y) < 1e6) {
                uint64_t run =
                    window(bitmap, (int)floor(p.x - RUN_PX / 2.0 + 0.5), (int)floor(p.y));
                to[x / 64] |= (run & 0xff) << (x & 63);
            }
            p.x += m[0] * RUN_PX;
            p.y += m[3] * RUN_PX;
        }
    }
}

static uint64_t side_mask(int side_px)
{
    return side_px >= 64 ? ~(uint64_t)0 : ((uint64_t)1 << side_px) - 1;
}

void patch_cut(struct patch *out, const struct bitmap *bitmap, int x, int y, int side_px)
{
    uint64_t mask = side_mask(side_px);
    *out = (struct patch){.side_px = side_px};
    for (int row = 0; row < side_px; row++) {
        out->rows[row] = window(bitmap, x, y + row) & mask;
        out->ink += __builtin_popcountll(out->rows[row]);
    }
}

struct overlap {
    int both, image; /* pixels inked in both; in the image's window */
};

/* The inner loop, once for processors with the popcnt instruction and once without. */
static inline __attribute__((always_inline)) struct overlap
count_overlap(const uint64_t *rows, const struct patch *patch, int shift, int stride,
              uint64_t mask)
{
    struct overlap sum = {0, 0};
    for (int row = 0; row < patch->side_px; row++, rows += stride) {
        uint64_t word = shift == 0 ? rows[0] : rows[0] >> shift | rows[1] << (64 - shift);
        word &= mask;
        sum.both += __builtin_popcountll(word & patch->rows[row]);
        sum.image += __builtin_popcountll(word);
    }
    return sum;
}

#ifdef __x86_64__
__attribute__((target("popcnt"))) static struct overlap
overlap_popcnt(const uint64_t *rows, const struct patch *patch, int shift, int stride,
               uint64_t mask)
{
    return count_overlap(rows, patch, shift, stride, mask);
}
#endif

static struct overlap overlap_plain(const uint64_t *rows, const struct patch *patch, int shift,
                                    int stride, uint64_t mask)
{
    return count_overlap(rows, patch, shift, stride, mask);
}

typedef struct overlap overlap_function(const uint64_t *, const struct patch *, int, int, uint64_t);

static overlap_function *best_overlap(void)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("popcnt"))
        return overlap_popcnt;
#endif
    return overlap_plain;
}

static double phi(const struct patch *patch, struct overlap o)
{
    double n = (double)patch->side_px * patch->side_px, a = patch->ink, b = o.image, c = o.both;
    double spread = a * (n - a) * b * (n - b);
    return spread <= 0 ? -1 : (n * c - a * b) / sqrt(spread);
}

/* The patch at one place; slow and safe near the edges, fast inside. */
static struct overlap overlap_at(const struct bitmap *bitmap, const struct patch *patch, int x, int y,
                                 overlap_function *overlap, uint64_t mask)
{
    if (x >= 0 && y >= 0 && x < bitmap->width_px && y + patch->side_px <= bitmap->height_px) {
        const uint64_t *rows =
            bitmap->rows + (size_t)y * (size_t)bitmap->stride + (size_t)(x >> 6);
        return overlap(rows, patch, x & 63, bitmap->stride, mask);
    }
    struct overlap sum = {0, 0};
    for (int row = 0; row < patch->side_px; row++) {
        uint64_t word = window(bitmap, x, y + row) & mask;
        sum.both += __builtin_popcountll(word & patch->rows[row]);
        sum.image += __builtin_popcountll(word);
    }
    return sum;
}

/* Vertex of the parabola through (-1, before), (0, at), (1, after). */
static double vertex(double before, double at, double after)
{
    double bend = before - 2 * at + after;
    if (!(bend < -1e-9))
        return 0;
    double offset = 0.5 * (before - after) / bend;
    return fmax(-0.5, fmin(0.5, offset));
}

#define REACH_MAX 48

struct match patch_search(const struct bitmap *bitmap, const struct patch *patch, int x, int y,
                          int reach_px, int rival_px)
{
    double scores[2 * REACH_MAX + 1][2 * REACH_MAX + 1];
    if (reach_px > REACH_MAX)
        reach_px = REACH_MAX;
    overlap_function *overlap = best_overlap();
    uint64_t mask = side_mask(patch->side_px);
    int side = 2 * reach_px + 1, best_i = reach_px, best_j = reach_px;
    double best = -2;
    for (int j = 0; j < side; j++)
        for (int i = 0; i < side; i++) {
            double score = phi(patch, overlap_at(bitmap, patch, x + i - reach_px, y + j - reach_px,
                                                 overlap, mask));
            scores[j][i] = score;
            if (score > best) {
                best = score;
                best_i = i;
                best_j = j;
            }
        }
    struct match match = {.x = x + best_i - reach_px, .y = y + best_j - reach_px, .score = best,
                          .rival = -1};
    struct overlap there = overlap_at(bitmap, patch, (int)match.x, (int)match.y, overlap, mask);
    match.within = (double)there.both / fmax(1, there.image);
    match.shown = (double)there.both / fmax(1, patch->ink);
    for (int j = 0; j < side && rival_px > 0; j++)
        for (int i = 0; i < side; i++)
            if ((abs(i - best_i) >= rival_px || abs(j - best_j) >= rival_px) &&
                scores[j][i] > match.rival)
                match.rival = scores[j][i];
    if (best_i > 0 && best_i < side - 1)
        match.x += vertex(scores[best_j][best_i - 1], best, scores[best_j][best_i + 1]);
    if (best_j > 0 && best_j < side - 1)
        match.y += vertex(scores[best_j - 1][best_i], best, scores[best_j + 1][best_i]);
    return match;
}
