/* Grain of black and white images, and the image without it. */
#include "read/grain.h"

#include <math.h>

#include "base/error.h"

static PIX *copy_of(PIX *bits)
{
    PIX *copy = pixCopy(NULL, bits);
    if (copy == NULL)
        error_die("out of memory: grain of %u x %u px", bits->w, bits->h);
    return copy;
}

/* Adds to the seeds where something begins that goes on for `long_px` pixels to the right, or down, by a pixel up or
 * down (left or right) a step at most: some pixels of whatever is as long. */
static void add_long(PIX *seeds, PIX *bits, int long_px, bool down)
{
    int width = (int)bits->w, height = (int)bits->h;
    PIX *goes_on = copy_of(bits);
    for (int k = 1; k < long_px; k++) {
        PIX *next = copy_of(goes_on);
        for (int aside = -1; aside <= 1; aside++)
            pixRasterop(next, 0, 0, width, height, aside < 0 ? PIX_SRC : PIX_SRC | PIX_DST, goes_on,
                        down ? aside : 1, down ? 1 : aside);
        pixAnd(next, next, bits);
        pixDestroy(&goes_on);
        goes_on = next;
    }
    pixOr(seeds, seeds, goes_on);
    pixDestroy(&goes_on);
}

/* What holds together and is somewhere so long, or so high. */
static PIX *long_pieces(PIX *bits, int long_px)
{
    PIX *seeds = pixCreateTemplate(bits);
    if (seeds == NULL)
        error_die("out of memory: grain of %u x %u px", bits->w, bits->h);
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

/* Puts back what was taken off where few spots lie: there they are no grain. */
static void put_back(PIX *out, PIX *bits, double px_per_mm, const struct mark_calibration *calibration)
{
    PIX *spots = pixSubtract(NULL, bits, out);
    if (spots == NULL)
        error_die("out of memory: grain of %u x %u px", bits->w, bits->h);
    PIX *begun = beginnings(spots);
    int side = (int)lround(calibration->grain_tile_mm * px_per_mm), width = (int)bits->w, height = (int)bits->h;
    for (int y = 0; side > 0 && y < height; y += side)
        for (int x = 0; x < width; x += side) {
            BOX *around = boxCreate(x > side ? x - side : 0, y > side ? y - side : 0, 3 * side, 3 * side);
            BOX *inside = around == NULL ? NULL : boxClipToRectangle(around, width, height);
            l_int32 count = 0;
            if (inside == NULL || pixCountPixelsInRect(begun, inside, &count, NULL) != 0)
                error_die("out of memory: grain of %u x %u px", bits->w, bits->h);
            double cm2 = (double)inside->w * inside->h / (px_per_mm * px_per_mm * 100);
            if (count < calibration->grain_here_cm2 * cm2)
                pixRasterop(out, x, y, side, side, PIX_SRC | PIX_DST, spots, x, y);
            boxDestroy(&inside);
            boxDestroy(&around);
        }
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
