/* Scans to working images. */
#include "page/working.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"

#define PLATE_RESOLUTION_DPI 300.0

double working_dpi(double scan_dpi)
{
    while (scan_dpi >= 240)
        scan_dpi /= 2;
    return scan_dpi;
}

static PIX *must(PIX *pix)
{
    if (pix == NULL)
        error_die("out of memory: an image");
    return pix;
}

/* Brings a 1 bpp image to `scale` (at most 1) of its size. Halving keeps a pixel where two of four
 * are ink, which thins nothing and thickens nothing. */
static PIX *scale_bits(PIX *bits, double x_scale, double y_scale)
{
    PIX *now = pixClone(bits);
    while (x_scale <= 0.5001 && y_scale <= 0.5001) {
        PIX *next = must(pixReduceRankBinary2(now, 2, NULL));
        pixDestroy(&now);
        now = next;
        x_scale *= 2;
        y_scale *= 2;
    }
    if (fabs(x_scale - 1) < 1e-3 && fabs(y_scale - 1) < 1e-3)
        return now;
    /* odd factors: through grey, so that no line falls between two samples */
    PIX *grey = must(pixConvert1To8(NULL, now, 255, 0));
    PIX *scaled = must(pixScaleGeneral(grey, (l_float32)x_scale, (l_float32)y_scale, 0, 0));
    PIX *out = must(pixThresholdToBinary(scaled, 140));
    pixDestroy(&now);
    pixDestroy(&grey);
    pixDestroy(&scaled);
    return out;
}

PIX *working_half(PIX *bits)
{
    return must(pixReduceRankBinary2(bits, 1, NULL));
}

PIX *working_plate(const PIX *plate, double dpi)
{
    PIX *copy = must(pixCopy(NULL, plate));
    PIX *out = scale_bits(copy, dpi / PLATE_RESOLUTION_DPI, dpi / PLATE_RESOLUTION_DPI);
    pixDestroy(&copy);
    return out;
}

/* ---- grey to bits against the local paper level ------------------------------------------- */

#define TILE_PX 32
#define LEVELS 256

/* The level below which `share` of the counted pixels lie. */
static int percentile(const int *histogram, int total, double share)
{
    int wanted = (int)(share * total), sum = 0;
    for (int level = 0; level < LEVELS; level++)
        if ((sum += histogram[level]) > wanted)
            return level;
    return LEVELS - 1;
}

/* Paper level per tile: the level that 20 % of its pixels exceed; every other pixel is looked at. */
static void paper_levels(int *paper, int columns, int rows, PIX *grey, int *all)
{
    int width = pixGetWidth(grey), height = pixGetHeight(grey), wpl = pixGetWpl(grey);
    l_uint32 *data = pixGetData(grey);
    for (int row = 0; row < rows; row++)
        for (int column = 0; column < columns; column++) {
            int histogram[LEVELS] = {0}, total = 0;
            for (int y = row * TILE_PX; y < (row + 1) * TILE_PX && y < height; y += 2) {
                const l_uint32 *line = data + (size_t)y * (size_t)wpl;
                for (int x = column * TILE_PX; x < (column + 1) * TILE_PX && x < width; x += 2) {
                    histogram[GET_DATA_BYTE(line, x)]++;
                    total++;
                }
            }
            paper[row * columns + column] = percentile(histogram, total, 0.8);
            for (int level = 0; level < LEVELS; level++)
                all[level] += histogram[level];
        }
}

/* The brightest of a tile and its neighbours: a tile full of print borrows its paper from there. */
static int paper_around(const int *paper, int columns, int rows, int column, int row)
{
    int best = 0;
    for (int y = row - 1; y <= row + 1; y++)
        for (int x = column - 1; x <= column + 1; x++)
            if (x >= 0 && y >= 0 && x < columns && y < rows && paper[y * columns + x] > best)
                best = paper[y * columns + x];
    return best;
}

/* Half way from paper to black is ink; contrast below a tenth of the range is no ink at all. */
static PIX *threshold_grey(PIX *grey)
{
    int width = pixGetWidth(grey), height = pixGetHeight(grey);
    int columns = (width + TILE_PX - 1) / TILE_PX, rows = (height + TILE_PX - 1) / TILE_PX;
    int *paper = calloc((size_t)columns * (size_t)rows, sizeof *paper), all[LEVELS] = {0}, total = 0;
    PIX *bits = must(pixCreate(width, height, 1));
    if (paper == NULL)
        error_die("out of memory: paper levels");
    paper_levels(paper, columns, rows, grey, all);
    for (int level = 0; level < LEVELS; level++)
        total += all[level];
    int black = percentile(all, total, 0.01);
    int wpl = pixGetWpl(grey), bits_wpl = pixGetWpl(bits);
    for (int row = 0; row < rows; row++)
        for (int column = 0; column < columns; column++) {
            int level = paper_around(paper, columns, rows, column, row);
            int contrast = level - black < 26 ? 26 : level - black;
            int threshold = level - contrast / 2;
            int end = (column + 1) * TILE_PX < width ? (column + 1) * TILE_PX : width;
            for (int y = row * TILE_PX; y < (row + 1) * TILE_PX && y < height; y++) {
                const l_uint32 *from = pixGetData(grey) + (size_t)y * (size_t)wpl;
                l_uint32 word = 0; /* a tile's row is exactly one word */
                for (int x = column * TILE_PX; x < end; x++)
                    if ((int)GET_DATA_BYTE(from, x) < threshold)
                        word |= 0x80000000u >> (x & 31);
                pixGetData(bits)[(size_t)y * (size_t)bits_wpl + (size_t)column] = word;
            }
        }
    free(paper);
    return bits;
}

void working_init(struct working *out, const struct raw_page *raw, double x_dpi, double y_dpi)
{
    *out = (struct working){.dpi = working_dpi(fmax(x_dpi, y_dpi))};
    double x_scale = out->dpi / x_dpi, y_scale = out->dpi / y_dpi;
    if (raw->bits != NULL) {
        out->bits = scale_bits(raw->bits, x_scale, y_scale);
    } else if (fabs(x_scale - 1) < 1e-3 && fabs(y_scale - 1) < 1e-3) {
        out->bits = threshold_grey(raw->grey);
    } else {
        PIX *scaled;
        if (fabs(x_scale - 0.5) < 1e-3 && fabs(y_scale - 0.5) < 1e-3)
            scaled = must(pixScaleAreaMap2(raw->grey));
        else
            scaled = must(pixScaleGeneral(raw->grey, (l_float32)x_scale, (l_float32)y_scale, 0, 0));
        out->bits = threshold_grey(scaled);
        pixDestroy(&scaled);
    }
    out->half = working_half(out->bits);
    /* the true factors, by size: halving drops odd pixels */
    out->to_image = (struct transform){{(double)raw->width_px / pixGetWidth(out->bits), 0, 0, 0,
                                        (double)raw->height_px / pixGetHeight(out->bits), 0, 0, 0}};
    if (raw->bits != NULL && x_scale < 1 && fabs(log2(x_scale) - round(log2(x_scale))) < 1e-3)
        out->to_image.m[0] = out->to_image.m[4] = 1 / x_scale;
    l_int32 ink = 0;
    pixCountPixels(out->bits, &ink, NULL);
    out->ink_share = (double)ink / ((double)pixGetWidth(out->bits) * pixGetHeight(out->bits));
}

void working_release(struct working *working)
{
    pixDestroy(&working->bits);
    pixDestroy(&working->half);
}
