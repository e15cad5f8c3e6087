/* Grain of black and white images, and the image without it. */
#include "read/grain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

static PIX *copy_of(PIX *bits)
{
    PIX *copy = pixCopy(NULL, bits);
    if (copy == NULL)
        error_die("out of memory: grain of %u x %u px", bits->w, bits->h);
    return copy;
}

/* One step back along what goes on: out(x, y) is black where bits(x, y) is, and `on` is a pixel further down, or a
 * pixel to either side of that. Words hold 32 pixels, the first one in the highest bit. */
static void step_up(l_uint32 *restrict out, const l_uint32 *restrict on, const l_uint32 *restrict bits, size_t words)
{
    for (size_t k = 0; k < words; k++) {
        l_uint32 before = k > 0 ? on[k - 1] : 0, after = k + 1 < words ? on[k + 1] : 0;
        out[k] = bits[k] & (on[k] | on[k] << 1 | on[k] >> 1 | before << 31 | after >> 31);
    }
}

/* The same where `on` is a pixel further right, in its row, the one above or the one below. */
static void step_left(l_uint32 *restrict out, const l_uint32 *above, const l_uint32 *on, const l_uint32 *below,
                      const l_uint32 *restrict bits, size_t words)
{
    for (size_t k = 0; k < words; k++) {
        l_uint32 here = above[k] | on[k] | below[k];
        l_uint32 after = k + 1 < words ? above[k + 1] | on[k + 1] | below[k + 1] : 0;
        out[k] = bits[k] & (here << 1 | after >> 31);
    }
}

static void step(PIX *out, PIX *on, PIX *bits, bool down)
{
    size_t words = (size_t)pixGetWpl(bits), height = bits->h;
    l_uint32 *to = pixGetData(out);
    const l_uint32 *from = pixGetData(on), *within = pixGetData(bits);
    for (size_t y = 0; y < height; y++, to += words, from += words, within += words) {
        bool first = y == 0, last = y + 1 == height;
        if (!down)
            step_left(to, first ? from : from - words, from, last ? from : from + words, within, words);
        else if (!last)
            step_up(to, from + words, within, words);
        else
            memset(to, 0, words * sizeof *to);
    }
}

/* Adds to the seeds where something begins that goes on for `long_px` pixels to the right, or down, by a pixel up or
 * down (left or right) a step at most: some pixels of whatever is as long. */
static void add_long(PIX *seeds, PIX *bits, int long_px, bool down)
{
    PIX *goes_on = copy_of(bits), *next = copy_of(bits);
    for (int k = 1; k < long_px; k++) {
        step(next, goes_on, bits, down);
        PIX *last = goes_on;
        goes_on = next;
        next = last;
    }
    pixOr(seeds, seeds, goes_on);
    pixDestroy(&goes_on);
    pixDestroy(&next);
}

/* What holds together and is somewhere so long, or so high, or at the edge, beyond which nobody knows. */
static PIX *long_pieces(PIX *bits, int long_px)
{
    PIX *seeds = pixCreateTemplate(bits);
    if (seeds == NULL)
        error_die("out of memory: grain of %u x %u px", bits->w, bits->h);
    pixSetOrClearBorder(seeds, 1, 1, 1, 1, PIX_SET);
    add_long(seeds, bits, long_px, false);
    add_long(seeds, bits, long_px, true);
    PIX *out = pixSeedfillBinary(NULL, seeds, bits, 8);
    pixDestroy(&seeds);
    if (out == NULL)
        error_die("out of memory: grain of %u x %u px", bits->w, bits->h);
    return out;
}

/* Spots that lie in a row as long as a stroke, hardly apart: a light pen's line, of which the threshold left no more.
 * NULL where the pixels are too coarse to tell. */
static PIX *find_dotted(PIX *bits, double px_per_mm, const struct mark_calibration *calibration)
{
    int apart = (int)(calibration->grain_apart_mm * px_per_mm / 2);
    int long_px = (int)lround(calibration->grain_stroke_mm * px_per_mm);
    if (apart < 1)
        return NULL;
    PIX *joined = pixDilateBrick(NULL, bits, 2 * apart + 1, 2 * apart + 1);
    if (joined == NULL)
        error_die("out of memory: grain of %u x %u px", bits->w, bits->h);
    PIX *out = long_pieces(joined, long_px);
    pixAnd(out, out, bits);
    pixDestroy(&joined);
    return out;
}

/* Where spots begin: white to the left of it and above. */
static PIX *beginnings(PIX *spots)
{
    PIX *out = copy_of(spots), *near = copy_of(spots);
    int width = (int)spots->w, height = (int)spots->h;
    pixRasterop(near, 1, 0, width, height, PIX_SRC, spots, 0, 0);
    pixRasterop(near, 0, 0, 1, height, PIX_CLR, NULL, 0, 0);
    for (int aside = -1; aside <= 1; aside++)
        pixRasterop(near, aside, 1, width, height, PIX_SRC | PIX_DST, spots, 0, 0);
    pixSubtract(out, out, near);
    pixDestroy(&near);
    return out;
}

/* How many pixels each tile holds; a row of tiles after the other, `across` in a row. The caller frees it. */
static int *count_by_tile(PIX *bits, int side, int across, int down)
{
    int *counts = calloc((size_t)(across * down), sizeof *counts);
    for (int tile = 0; counts != NULL && tile < across * down; tile++) {
        BOX *around = boxCreate(tile % across * side, tile / across * side, side, side);
        l_int32 count = 0;
        if (around == NULL || pixCountPixelsInRect(bits, around, &count, NULL) != 0)
            error_die("out of memory: grain of %u x %u px", bits->w, bits->h);
        counts[tile] = count;
        boxDestroy(&around);
    }
    if (counts == NULL)
        error_die("out of memory: grain of %u x %u px", bits->w, bits->h);
    return counts;
}

/* Puts back what was taken off where few spots lie: there they are no grain. */
static void put_back(PIX *out, PIX *bits, double px_per_mm, const struct mark_calibration *calibration)
{
    int side = (int)lround(calibration->grain_tile_mm * px_per_mm), width = (int)bits->w, height = (int)bits->h;
    if (side < 1)
        return;
    PIX *spots = pixSubtract(NULL, bits, out);
    if (spots == NULL)
        error_die("out of memory: grain of %u x %u px", bits->w, bits->h);
    PIX *begun = beginnings(spots);
    int across = (width + side - 1) / side, down = (height + side - 1) / side;
    int *counts = count_by_tile(begun, side, across, down);
    for (int row = 0; row < down; row++)
        for (int column = 0; column < across; column++) {
            int left = column > 0 ? column - 1 : 0, top = row > 0 ? row - 1 : 0;
            int right = left + 3 < across ? left + 3 : across, bottom = top + 3 < down ? top + 3 : down, count = 0;
            for (int r = top; r < bottom; r++)
                for (int c = left; c < right; c++)
                    count += counts[r * across + c];
            double wide = fmin(right * side, width) - left * side, high = fmin(bottom * side, height) - top * side;
            double cm2 = wide * high / (px_per_mm * px_per_mm * 100);
            if (count < calibration->grain_here_cm2 * cm2)
                pixRasterop(out, column * side, row * side, side, side, PIX_SRC | PIX_DST, spots, column * side,
                            row * side);
        }
    free(counts);
    pixDestroy(&begun);
    pixDestroy(&spots);
}

PIX *grain_take_off(const struct raw_page *raw, const struct scan_health *health, const struct transform *local,
                    const struct mark_calibration *calibration)
{
    const double *m = local->m;
    if (raw->bits == NULL || !(health->specks_cm2 >= calibration->grain_page_cm2))
        return NULL;
    double px_per_mm = fmin(hypot(m[0], m[3]), hypot(m[1], m[4]));
    int long_px = (int)lround(calibration->grain_long_mm * px_per_mm);
    if (long_px < 2) /* every pixel is as long */
        return NULL;
    PIX *out = long_pieces(raw->bits, long_px);
    PIX *dotted = find_dotted(raw->bits, px_per_mm, calibration);
    if (dotted != NULL)
        pixOr(out, out, dotted);
    pixDestroy(&dotted);
    put_back(out, raw->bits, px_per_mm, calibration);
    return out;
}
