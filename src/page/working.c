/* Scans to working images. */
#include "page/working.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define PLATE_RESOLUTION_DPI 300.0
#define SAME_DPI 0.03 /* resolutions this close share their landmarks */

double working_dpi(double scan_dpi)
{
    while (scan_dpi >= 240)
        scan_dpi /= 2;
    return scan_dpi;
}

double usual_dpi(double dpi)
{
    static const double usual[] = {100, 120, 150, 200, 240, 300, 400, 600, 1200};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if (fabs(dpi / usual[i] - 1) < SAME_DPI)
            return usual[i];
    return fmax(4, round(dpi / 4) * 4);
}

static PIX *must(PIX *pix)
{
    if (pix == NULL)
        error_die("out of memory: an image");
    return pix;
}

/* The pixels `from` to `to` that one pixel of the result covers, and how much of the first and last. */
struct span {
    int from, to;
    float first, last;
};

static struct span span_of(int i, double scale, int size)
{
    double start = i / scale, end = fmin((i + 1) / scale, size);
    struct span span = {(int)start, (int)ceil(end) - 1, 1, 0};
    if (span.to <= span.from) {
        span.to = span.from;
        span.first = (float)(end - start);
    } else {
        span.first = (float)(span.from + 1 - start);
        span.last = (float)(end - span.to);
    }
    return span;
}

/* Adds a row of grey pixels, four a word. */
static void add_row(float *sums, const l_uint32 *line, int words, float share)
{
    for (int k = 0; k < words; k++) {
        l_uint32 four = line[k];
        sums[4 * k] += share * (float)(int)(four >> 24);
        sums[4 * k + 1] += share * (float)(int)(four >> 16 & 0xff);
        sums[4 * k + 2] += share * (float)(int)(four >> 8 & 0xff);
        sums[4 * k + 3] += share * (float)(int)(four & 0xff);
    }
}

/* Grey at `x_scale`, `y_scale` of its size: pixel i is the mean of i / scale to
 * (i + 1) / scale. The scale is kept to the last digit, unlike by the library, which rounds sizes: on a
 * page that is a third of a pixel at the far edge. */
static PIX *scale_grey(PIX *grey, double x_scale, double y_scale)
{
    int from_w = pixGetWidth(grey), from_h = pixGetHeight(grey);
    int w = (int)(from_w * x_scale + 1e-6), h = (int)(from_h * y_scale + 1e-6);
    PIX *out = must(pixCreate(w < 1 ? 1 : w, h < 1 ? 1 : h, 8));
    float *sums = calloc((size_t)from_w + 8, sizeof *sums);
    struct span *spans = calloc((size_t)w + 1, sizeof *spans);
    if (sums == NULL || spans == NULL)
        error_die("out of memory: scaling");
    for (int i = 0; i < w; i++)
        spans[i] = span_of(i, x_scale, from_w);
    for (int j = 0; j < h; j++) {
        struct span rows = span_of(j, y_scale, from_h);
        memset(sums, 0, ((size_t)from_w + 8) * sizeof *sums);
        for (int y = rows.from; y <= rows.to; y++)
            add_row(sums, pixGetData(grey) + (size_t)y * (size_t)pixGetWpl(grey), (from_w + 3) / 4,
                    y == rows.from ? rows.first : y == rows.to ? rows.last : 1);
        l_uint32 *to = pixGetData(out) + (size_t)j * (size_t)pixGetWpl(out);
        float share = (float)(x_scale * y_scale);
        for (int i = 0; i < w; i++) {
            struct span span = spans[i];
            float sum = sums[span.from] * span.first + sums[span.to] * span.last;
            for (int x = span.from + 1; x < span.to; x++)
                sum += sums[x];
            float value = sum * share + 0.5f;
            SET_DATA_BYTE(to, i, (l_uint8)(value < 255 ? value : 255));
        }
    }
    free(sums);
    free(spans);
    return out;
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
    PIX *scaled = scale_grey(grey, x_scale, y_scale);
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
#define LEVELS 64 /* four grey levels each: fine enough for a threshold */
#define LEVEL_SHIFT 2

/* The grey level below which `share` of the counted pixels lie. */
static int percentile(const int *histogram, int total, double share)
{
    int wanted = (int)(share * total), sum = 0;
    for (int level = 0; level < LEVELS; level++)
        if ((sum += histogram[level]) > wanted)
            return (level << LEVEL_SHIFT) + (1 << (LEVEL_SHIFT - 1));
    return 255;
}

/* Paper level per tile: the level that 20 % of its pixels exceed; every other pixel is looked at. `all`
 * counts those of the image, `inner` those of its middle. */
static void paper_levels(int *paper, int columns, int rows, PIX *grey, int *all,
                         int *inner)
{
    int width = pixGetWidth(grey), height = pixGetHeight(grey), wpl = pixGetWpl(grey);
    l_uint32 *data = pixGetData(grey);
    for (int row = 0; row < rows; row++)
        for (int column = 0; column < columns; column++) {
            int histogram[LEVELS] = {0}, total = 0;
            int end = (column + 1) * TILE_PX < width ? (column + 1) * TILE_PX : width;
            int words = (end - column * TILE_PX) / 4;
            for (int y = row * TILE_PX; y < (row + 1) * TILE_PX && y < height; y += 2) {
                const l_uint32 *line =
                    data + (size_t)y * (size_t)wpl + (size_t)column * (TILE_PX / 4);
                for (int k = 0; k < words; k++) {
                    histogram[line[k] >> (24 + LEVEL_SHIFT)]++;
                    histogram[line[k] >> (8 + LEVEL_SHIFT) & (LEVELS - 1)]++;
                }
                total += 2 * words;
            }
            /* a sliver at the edge, narrower than a word: black, so that its neighbours decide */
            paper[row * columns + column] = total == 0 ? 0 : percentile(histogram, total, 0.8);
            bool middle = row >= rows / 10 && row < rows - rows / 10 && column >= columns / 10 &&
                          column < columns - columns / 10;
            for (int level = 0; level < LEVELS; level++) {
                all[level] += histogram[level];
                inner[level] += middle ? histogram[level] : 0;
            }
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

/* Of eight grey pixels, the first uppermost, those below the threshold (1 to 255), as eight bits. Each
 * pixel gets 16 bits, in which 256 + threshold - 1 - pixel reaches bit 8 where it is below. */
static inline l_uint32 below(uint64_t eight, l_uint32 threshold)
{
    const uint64_t lanes = 0x0001000100010001u, bytes = 0x00ff00ff00ff00ffu;
    uint64_t limit = (255 + (uint64_t)threshold) * lanes;
    uint64_t even = (limit - (eight & bytes)) >> 8 & lanes;
    uint64_t odd = (limit - (eight >> 8 & bytes)) >> 8 & lanes;
    uint64_t pairs = even | odd << 1;
    pairs |= pairs >> 14;
    return (l_uint32)((pairs | pairs >> 28) & 0xff);
}

/* Half way from paper to black is ink; contrast below a tenth of the range is no ink at all. `pale_print`:
 * levels from the darkest of the image from which print is told by the middle alone. */
static PIX *threshold_grey(PIX *grey, double pale_print)
{
    int width = pixGetWidth(grey), height = pixGetHeight(grey);
    int columns = (width + TILE_PX - 1) / TILE_PX, rows = (height + TILE_PX - 1) / TILE_PX;
    int *paper = calloc((size_t)columns * (size_t)rows, sizeof *paper), all[LEVELS] = {0};
    int inner[LEVELS] = {0}, total = 0, inner_total = 0;
    PIX *bits = must(pixCreate(width, height, 1));
    if (paper == NULL)
        error_die("out of memory: paper levels");
    paper_levels(paper, columns, rows, grey, all, inner);
    for (int level = 0; level < LEVELS; level++)
        total += all[level], inner_total += inner[level];
    int black = percentile(all, total, 0.01), print = percentile(inner, inner_total, 0.01);
    /* a scanner's black border is no print: measured by it, faded print would pass for paper */
    if (inner_total > 0 && print - black > pale_print)
        black = print;
    int wpl = pixGetWpl(grey), bits_wpl = pixGetWpl(bits);
    for (int row = 0; row < rows; row++)
        for (int column = 0; column < columns; column++) {
            int level = paper_around(paper, columns, rows, column, row);
            int contrast = level - black < 26 ? 26 : level - black;
            /* black all around is a scanner's border */
            l_uint32 threshold = level <= contrast / 2 ? 255 : (l_uint32)(level - contrast / 2);
            int end = (column + 1) * TILE_PX < width ? (column + 1) * TILE_PX : width;
            int words = (end - column * TILE_PX + 3) / 4;
            l_uint32 beyond = end - column * TILE_PX == TILE_PX
                                  ? 0
                                  : 0xffffffffu >> (end - column * TILE_PX);
            for (int y = row * TILE_PX; y < (row + 1) * TILE_PX && y < height; y++) {
                const l_uint32 *from = pixGetData(grey) + (size_t)y * (size_t)wpl +
                                       (size_t)column * (TILE_PX / 4);
                l_uint32 out = 0; /* a tile's row is exactly one word */
                for (int k = 0; k < words; k += 2) {
                    uint64_t eight = (uint64_t)from[k] << 32 | (k + 1 < words ? from[k + 1] : 0);
                    out |= below(eight, threshold) << (24 - 4 * k);
                }
                pixGetData(bits)[(size_t)y * (size_t)bits_wpl + (size_t)column] = out & ~beyond;
            }
        }
    free(paper);
    return bits;
}

/* Means of two pixels side by side, of the rows `a` and `b`: eight pixels to four. The first pixel is
 * uppermost in each half; the halves are words of the image, the first one lower. */
static inline l_uint32 mean_of_four(uint64_t a, uint64_t b)
{
    /* per byte, rounding down: (x & y) + ((x ^ y) >> 1) */
    const uint64_t low = 0x7f7f7f7f7f7f7f7fu, bytes = 0x00ff00ff00ff00ffu;
    uint64_t rows = (a & b) + (((a ^ b) >> 1) & low);
    uint64_t left = rows >> 8 & bytes, right = rows & bytes;
    uint64_t two = (left & right) + (((left ^ right) >> 1) & 0x007f007f007f007fu);
    two |= two >> 8; /* the pair side by side, in the lower 16 bits of each half */
    return (l_uint32)(two << 16) | (l_uint32)(two >> 32 & 0xffff);
}

/* Half the size, each pixel the mean of four: what most scans need, four times faster than the
 * library's general way. */
static PIX *halve_grey(PIX *grey)
{
    int width = pixGetWidth(grey) / 2, height = pixGetHeight(grey) / 2;
    PIX *out = must(pixCreate(width, height, 8));
    size_t from_wpl = (size_t)pixGetWpl(grey), wpl = (size_t)pixGetWpl(out);
    for (int y = 0; y < height; y++) {
        const l_uint32 *a = pixGetData(grey) + (size_t)(2 * y) * from_wpl, *b = a + from_wpl;
        l_uint32 *to = pixGetData(out) + (size_t)y * wpl;
        for (size_t k = 0; k < wpl; k++) {
            bool both = 2 * k + 1 < from_wpl;
            to[k] = mean_of_four(a[2 * k] | (both ? (uint64_t)a[2 * k + 1] << 32 : 0),
                                 b[2 * k] | (both ? (uint64_t)b[2 * k + 1] << 32 : 0));
        }
    }
    return out;
}

/* What follows from the bits. */
static void finish(struct working *out)
{
    l_int32 ink = 0;
    out->half = working_half(out->bits);
    pixCountPixels(out->bits, &ink, NULL);
    out->ink_share = (double)ink / ((double)pixGetWidth(out->bits) * pixGetHeight(out->bits));
}

void working_init(struct working *out, const struct raw_page *raw, double x_dpi, double y_dpi,
                  const struct registration_calibration *calibration)
{
    *out = (struct working){.dpi = working_dpi(fmax(x_dpi, y_dpi))};
    double x_scale = out->dpi / x_dpi, y_scale = out->dpi / y_dpi;
    if (raw->bits != NULL) {
        out->bits = scale_bits(raw->bits, x_scale, y_scale);
    } else if (fabs(x_scale - 1) < 1e-3 && fabs(y_scale - 1) < 1e-3) {
        out->bits = threshold_grey(raw->grey, calibration->pale_print_levels);
    } else {
        PIX *scaled;
        if (fabs(x_scale - 0.5) < 1e-3 && fabs(y_scale - 0.5) < 1e-3)
            scaled = halve_grey(raw->grey);
        else
            scaled = scale_grey(raw->grey, x_scale, y_scale);
        out->bits = threshold_grey(scaled, calibration->pale_print_levels);
        pixDestroy(&scaled);
    }
    finish(out);
    /* the factors themselves, not the ratio of sizes: halving drops an odd pixel */
    bool as_is = fabs(x_scale - 1) < 1e-3 && fabs(y_scale - 1) < 1e-3;
    out->to_image = as_is ? transform_identity()
                          : (struct transform){{1 / x_scale, 0, 0, 0, 1 / y_scale, 0, 0, 0}};
}

void working_init_grey(struct working *out, PIX *grey, double dpi,
                       const struct registration_calibration *calibration)
{
    *out = (struct working){.bits = threshold_grey(grey, calibration->pale_print_levels), .dpi = dpi};
    finish(out);
}

void working_release(struct working *working)
{
    pixDestroy(&working->bits);
    pixDestroy(&working->half);
}
