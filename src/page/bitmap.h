/* Bit images for matching: rows of 64-bit words, so that a landmark's row is one word and likeness
 * is a matter of and + popcount. */
#ifndef PAGE_BITMAP_H
#define PAGE_BITMAP_H

#include <allheaders.h>
#include <stdint.h>

#include "base/geometry.h"

/* Pixel (x, y) is bit (x & 63) of rows[y * stride + x / 64]; ink = 1. Two words of zeros follow each
 * row, so that a window may begin anywhere from x = 0 to x = width. */
struct bitmap {
    int width_px, height_px;
    int stride; /* words */
    uint64_t *rows;
};

/* From a 1 bpp PIX (black = 1). The bitmap is the caller's: bitmap_release(). */
void bitmap_from_pix(struct bitmap *out, const PIX *pix);
void bitmap_release(struct bitmap *bitmap);

/* Every second bit, from the lowest on, packed: what halves a row. */
static inline uint32_t bitmap_squeeze(uint64_t v)
{
    v &= 0x5555555555555555u;
    v = (v | v >> 1) & 0x3333333333333333u;
    v = (v | v >> 2) & 0x0f0f0f0f0f0f0f0fu;
    v = (v | v >> 4) & 0x00ff00ff00ff00ffu;
    v = (v | v >> 8) & 0x0000ffff0000ffffu;
    return (uint32_t)(v | v >> 16);
}

/* Half the size; a pixel is ink where one of its four is. */
void bitmap_halve(struct bitmap *out, const struct bitmap *bitmap);

/* Resamples: pixel (X, Y) of the result is the pixel of `bitmap` at `to_source` of it. Made for
 * small turns (up to about 6 degrees): runs of 8 pixels are taken from one row. */
void bitmap_warp(struct bitmap *out, const struct bitmap *bitmap,
                 const struct transform *to_source, int width_px, int height_px);

/* Every ink pixel spreads to its eight neighbours. */
void bitmap_spread(struct bitmap *out, const struct bitmap *bitmap);

/* A square cut-out of at most 64 x 64 pixels. */
#define PATCH_SIDE_MAX 64
struct patch {
    int side_px;
    int ink; /* number of ink pixels */
    uint64_t rows[PATCH_SIDE_MAX];
};

/* Cuts the patch whose top left pixel is (x, y); outside the bitmap is white. */
void patch_cut(struct patch *out, const struct bitmap *bitmap, int x, int y, int side_px);

struct match {
    double x, y;  /* where the patch's top left lies best, in pixels, to a fraction */
    double score; /* likeness: Pearson's correlation of the two bit patterns (phi), -1 to 1 */
    double within; /* there: share of the image's ink that lies on the patch's */
    double shown;  /* there: share of the patch's ink that the image has */
    double rival; /* the best score at least `rival_px` away; -1: none */
};

/* Searches the patch around top left (x, y), at shifts up to `reach_px` each way. The fraction comes
 * from a parabola through the best score and its neighbours. */
struct match patch_search(const struct bitmap *bitmap, const struct patch *patch, int x, int y,
                          int reach_px, int rival_px);

#endif
