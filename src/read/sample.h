/* Sampling a scan along rows of cells, the innermost loops of reading. Nearest pixel, 16.16 fixed point.
 * Private to read/. */
#ifndef READ_SAMPLE_H
#define READ_SAMPLE_H

#include <stdint.h>

#include "base/geometry.h"
#include "scan/raw_page.h"

#define SAMPLE_REACH_PX 30000.0 /* a place farther from the image's corner has no 16.16 number */

/* A row of cells on the image, 16.16 px: the centre of the first, and from one to the next. */
struct sample_walk {
    int x, y, dx, dy;
};

#define SAMPLE_ONE 65536.0 /* a pixel */

/* 16.16 px. As floor(), which is a call of the library. */
static inline int sample_fixed(double px)
{
    double value = px * SAMPLE_ONE;
    int whole = (int)value;
    return whole - (whole > value);
}

/* The same to the nearest. As lround(), but for halves that no double holds. */
static inline int sample_fixed_nearest(double px)
{
    return (int)(px * SAMPLE_ONE + (px < 0 ? -0.5 : 0.5));
}

/* The walk from a place on the image in steps of (dx, dy) px; the place and all its cells lie within
 * SAMPLE_REACH_PX. */
static inline struct sample_walk sample_walk_from(struct point first_px, double dx_px, double dy_px)
{
    return (struct sample_walk){sample_fixed(first_px.x), sample_fixed(first_px.y), sample_fixed_nearest(dx_px),
                                sample_fixed_nearest(dy_px)};
}

/* A grey scan is larger than a processor's caches: fetches pixels that will soon be asked for, on one line
 * from `px` on. Changes nothing but time. */
void sample_soon(const struct raw_page *raw, struct point px, double wide_px);

/* The grey level of each cell of a grey scan; `beyond` where it lies outside the image. */
void sample_tones(unsigned char *out, int count, const struct raw_page *raw,
                  const struct sample_walk *walk, unsigned char beyond);

/* 255 for each cell of a bitonal scan that is black, else 0: `rows` rows of `count` cells, one after the other,
 * which lie side by side as evenly as the cells do. */
void sample_black(unsigned char *out, int count, int rows, const struct raw_page *raw,
                  const struct sample_walk *walks);

/* Rows of 64 cells of a bitonal scan, each from its place of `firsts_px` in steps of (dx, dy) px, into every
 * `stride`th word: bit i is cell i. The rows lie side by side, so that what is white is passed over many at
 * a time if they are told to be `mostly_white`. Groups of eight cells are taken from one line of pixels each. */
void sample_words(uint64_t *out, int stride, const struct raw_page *raw, const struct point *firsts_px,
                  int rows, double dx_px, double dy_px, bool mostly_white);

#endif
