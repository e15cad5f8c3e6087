/* What an image that fits no form shows: a blank sheet, a separator, or something to look at. */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/geometry.h"
#include "page/health.h"

static PIX *must(PIX *pix)
{
    if (pix == NULL)
        error_die("out of memory: an image");
    return pix;
}

/* The middle of the image: borders, the shadows of edges and streaks taken off. NULL: nothing is
 * left of it. */
static PIX *content(const struct scan_health *health, const PIX *bits, double dpi,
                    const struct health_calibration *calibration)
{
    double px = dpi / MM_PER_INCH, margin = calibration->blank_margin_mm, streak_mm = 1.5;
    int left = (int)((health->border_left_mm + margin) * px);
    int top = (int)((health->border_top_mm + margin) * px);
    int width = (int)bits->w - left - (int)((health->border_right_mm + margin) * px);
    int height = (int)bits->h - top - (int)((health->border_bottom_mm + margin) * px);
    if (width < 8 || height < 8)
        return NULL;
    BOX *box = boxCreate(left, top, width, height);
    PIX *copy = must(pixCopy(NULL, bits)), *out = must(pixClipRectangle(copy, box, NULL));
    boxDestroy(&box);
    pixDestroy(&copy);
    for (int i = 0; i < health->streak_count; i++) {
        const struct streak *streak = &health->streaks[i];
        int at = (int)((streak->at_mm - streak_mm) * px), wide = (int)ceil(2 * streak_mm * px);
        BOX *strip = streak->lying ? boxCreate(0, at - top, width, wide)
                                   : boxCreate(at - left, 0, wide, height);
        if (strip != NULL)
            pixClearInRect(out, strip);
        boxDestroy(&strip);
    }
    return out;
}

/* Whether specks lie in clumps, as the dots do that are left of faded print: dust falls anywhere. How much the
 * counts of cells vary beyond what chance makes of them (the index of dispersion, R. A. Fisher 1925), against
 * their mean: 0 where specks fall evenly, about 1 where half of the sheet bears none. */
static bool is_clumped(BOXA *parts, PIX *bits, double dpi, const struct health_calibration *calibration)
{
    enum { CELL_MM = 4, SIDE = 160 };
    int cell = (int)(CELL_MM * dpi / MM_PER_INCH), count = boxaGetCount(parts);
    int columns = cell > 0 ? pixGetWidth(bits) / cell : 0, rows = cell > 0 ? pixGetHeight(bits) / cell : 0;
    if (count < calibration->blank_dots_min || columns < 4 || rows < 4 || columns > SIDE || rows > SIDE)
        return false;
    int *cells = calloc((size_t)columns * (size_t)rows, sizeof *cells);
    if (cells == NULL)
        error_die("out of memory: specks");
    for (int i = 0; i < count; i++) {
        l_int32 x = 0, y = 0;
        boxaGetBoxGeometry(parts, i, &x, &y, NULL, NULL);
        if (x / cell < columns && y / cell < rows)
            cells[y / cell * columns + x / cell]++;
    }
    double n = (double)columns * rows, sum = 0, squares = 0;
    for (int k = 0; k < columns * rows; k++) {
        sum += cells[k];
        squares += (double)cells[k] * cells[k];
    }
    free(cells);
    double mean = sum / n, excess = (squares / n - mean * mean) / mean - 1;
    return excess > calibration->blank_clumps_max * mean &&
           excess > calibration->blank_clumps_sure * sqrt(2 / n);
}

/* Nothing larger than a speck, and specks as they fall. */
static bool is_empty(PIX *bits, double dpi, const struct health_calibration *calibration)
{
    l_int32 ink = 0, largest = 0;
    pixCountPixels(bits, &ink, NULL);
    if (ink > calibration->blank_share_max * pixGetWidth(bits) * pixGetHeight(bits))
        return false;
    BOXA *parts = pixConnCompBB(bits, 8);
    for (int i = 0; i < boxaGetCount(parts); i++) {
        l_int32 w = 0, h = 0;
        boxaGetBoxGeometry(parts, i, NULL, NULL, &w, &h);
        largest = w > largest ? w : largest;
        largest = h > largest ? h : largest;
    }
    bool clumped = is_clumped(parts, bits, dpi, calibration);
    boxaDestroy(&parts);
    return !clumped && largest <= calibration->blank_part_max_mm * dpi / MM_PER_INCH;
}

/* ---- patch codes ------------------------------------------------------------------------------- */

/* Four bars of two widths, 0.08 and 0.20 inch, with 0.08 inch of white between them: two of each
 * (Kodak, Patch Code Information, A-61599). */
struct patch_reader {
    int runs[9]; /* px: white, bar, white, bar, ..., white; the latest nine */
    int seen;
    double dpi;
};

static bool like(int run_px, double inches, double dpi)
{
    return fabs(run_px / (inches * dpi) - 1) < 0.3;
}

static bool is_patch(const struct patch_reader *reader)
{
    const double narrow = 0.08, wide = 0.20, quiet = 0.16;
    int narrows = 0, wides = 0;
    if (reader->seen < 9 || reader->runs[0] < quiet * reader->dpi ||
        reader->runs[8] < quiet * reader->dpi)
        return false;
    for (int k = 1; k < 8; k++) {
        bool is_narrow = like(reader->runs[k], narrow, reader->dpi);
        if (k % 2 == 0 && !is_narrow)
            return false;
        narrows += k % 2 == 1 && is_narrow;
        wides += k % 2 == 1 && like(reader->runs[k], wide, reader->dpi);
    }
    return narrows == 2 && wides == 2;
}

/* Whether a line of pixels crosses a patch code. */
static bool crosses_patch(PIX *bits, int at, bool down, double dpi)
{
    struct patch_reader reader = {.dpi = dpi};
    int length = down ? pixGetHeight(bits) : pixGetWidth(bits), run = 0;
    l_uint32 was = 0;
    for (int i = 0; i <= length; i++) {
        l_uint32 now = !was; /* the end closes the last run */
        if (i < length)
            pixGetPixel(bits, down ? at : i, down ? i : at, &now);
        if (now == was) {
            run++;
            continue;
        }
        for (int k = 0; k < 8; k++)
            reader.runs[k] = reader.runs[k + 1];
        reader.runs[8] = run;
        reader.seen++;
        if (now && is_patch(&reader)) /* a white run has ended */
            return true;
        was = now;
        run = 1;
    }
    return !was && is_patch(&reader);
}

/* The bars are 2 inches long or more: half of that has to be seen on neighbouring lines. */
static bool has_patch(PIX *bits, double dpi, bool down)
{
    int step = (int)(0.1 * dpi), in_a_row = 0, size = down ? pixGetWidth(bits) : pixGetHeight(bits);
    for (int at = step / 2; step > 0 && at < size; at += step) {
        in_a_row = crosses_patch(bits, at, down, dpi) ? in_a_row + 1 : 0;
        if (in_a_row == 10)
            return true;
    }
    return false;
}

enum sheet_kind health_sheet(const struct scan_health *health, const PIX *bits, double dpi,
                             const struct health_calibration *calibration)
{
    /* against its own paper level a dark sheet shows no ink: its level tells */
    if (health->paper < calibration->one_tone_level_max ||
        health->ink_share > calibration->one_tone_ink_min)
        return SHEET_ONE_TONE;
    PIX *middle = content(health, bits, dpi, calibration);
    if (middle == NULL)
        return SHEET_UNKNOWN;
    enum sheet_kind kind = SHEET_UNKNOWN;
    if (is_empty(middle, dpi, calibration))
        kind = SHEET_BLANK;
    else if (has_patch(middle, dpi, true) || has_patch(middle, dpi, false))
        kind = SHEET_PATCH;
    pixDestroy(&middle);
    return kind;
}
