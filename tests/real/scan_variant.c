/* scan_variant IN OUT VARIANT DPI: one scan as another scanner, setting or hand at the feeder would have
 * delivered it. OUT ends in .png, or in .jpg where the variant is one of JPEG. `scan_variant --list`
 * prints the names of the variants. What is drawn by chance is the same at each run. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <allheaders.h>

#include "proof/random.h"

#define MM_PER_INCH 25.4

struct variant {
    const char *name;
    double dpi;           /* scaled to this; 0: as it is */
    double blur_mm;       /* standard deviation */
    double turn_deg;      /* clockwise; quarters are exact */
    double shift_mm;      /* right and down */
    double gamma;         /* of the grey levels; 0: none */
    int low, high;        /* where 0 and 255 come to lie; both 0: unchanged */
    double noise;         /* standard deviation, grey levels */
    double specks;        /* share of the pixels turned black, and as many white */
    int threshold;        /* to black and white; 0: none; ADAPTIVE: by the surroundings */
    int quality;          /* of JPEG; 0: without loss */
};

#define ADAPTIVE (-1)
#define SAUVOLA_HALF_MM 1.3
#define SAUVOLA_FACTOR 0.25f

static const struct variant variants[] = {
    {.name = "as-is"},
    {.name = "600dpi", .dpi = 600},
    {.name = "200dpi", .dpi = 200},
    {.name = "150dpi", .dpi = 150},
    {.name = "100dpi", .dpi = 100},
    {.name = "jpeg40", .quality = 40},
    {.name = "jpeg15", .quality = 15},
    {.name = "gamma0.6", .gamma = 0.6},
    {.name = "gamma1.8", .gamma = 1.8},
    {.name = "brighter", .low = 60, .high = 330},
    {.name = "darker", .low = -60, .high = 200},
    {.name = "pale", .low = 110, .high = 240},
    {.name = "fixed90", .threshold = 90},
    {.name = "fixed128", .threshold = 128},
    {.name = "fixed190", .threshold = 190},
    {.name = "adaptive", .threshold = ADAPTIVE},
    {.name = "fax200", .dpi = 200, .noise = 12, .threshold = 150},
    {.name = "turn90", .turn_deg = 90},
    {.name = "turn180", .turn_deg = 180},
    {.name = "turn0.7", .turn_deg = 0.7},
    {.name = "turn-2.1", .turn_deg = -2.1},
    {.name = "shifted", .shift_mm = 4},
    {.name = "noise8", .noise = 8},
    {.name = "noise20", .noise = 20},
    {.name = "specks", .specks = 0.002},
    {.name = "blur0.1", .blur_mm = 0.1},
    {.name = "blur0.2", .blur_mm = 0.2},
    {.name = "worn", .dpi = 200, .turn_deg = 0.9, .blur_mm = 0.08, .low = 40, .high = 235, .noise = 6,
     .quality = 50},
    {.name = "worn-bw", .dpi = 200, .turn_deg = -0.6, .blur_mm = 0.1, .noise = 10, .threshold = ADAPTIVE},
};

#define VARIANTS (sizeof variants / sizeof *variants)

static void die(const char *what, const char *name)
{
    fprintf(stderr, "scan_variant: %s: %s\n", name, what);
    exit(2);
}

/* Each step takes the picture over and gives the next. */
static PIX *next(PIX *before, PIX *after)
{
    if (after == NULL)
        die("could not be made", "picture");
    pixDestroy(&before);
    return after;
}

/* Tone and chance, sample by sample: 8 bpp, or each colour of 32 bpp. */
static PIX *change_levels(PIX *pix, const struct variant *v, struct random *chance)
{
    int width = pixGetWidth(pix), height = pixGetHeight(pix), bytes = pixGetDepth(pix) / 8;
    for (int y = 0; y < height; y++) {
        l_uint32 *line = pixGetData(pix) + (size_t)y * (size_t)pixGetWpl(pix);
        for (int x = 0; x < width; x++) {
            double speck = v->specks > 0 ? random_unit(chance) : 1;
            double noise = v->noise > 0 ? v->noise * random_normal(chance) : 0;
            for (int k = 0; k < (bytes == 4 ? 3 : 1); k++) {
                int at = x * bytes + k;
                double level = GET_DATA_BYTE(line, at);
                if (v->gamma > 0)
                    level = 255 * pow(level / 255, 1 / v->gamma);
                if (v->low != 0 || v->high != 0)
                    level = v->low + level * (v->high - v->low) / 255;
                level += noise;
                level = speck < v->specks ? 0 : speck < 2 * v->specks ? 255 : level;
                SET_DATA_BYTE(line, at, (l_uint8)floor(fmin(fmax(level, 0), 255) + 0.5));
            }
        }
    }
    return pix;
}

static PIX *turned(PIX *pix, double degrees)
{
    int quarters = (int)lround(degrees / 90);
    double rest = degrees - 90.0 * quarters;
    if (quarters % 4 != 0)
        pix = next(pix, pixRotateOrth(pix, (quarters + 4) % 4));
    if (fabs(rest) > 0)
        pix = next(pix, pixRotate(pix, (l_float32)(rest * M_PI / 180), L_ROTATE_AREA_MAP,
                                  L_BRING_IN_WHITE, 0, 0));
    return pix;
}

static PIX *black_and_white(PIX *pix, int threshold, double dpi)
{
    PIX *grey = next(pix, pixConvertTo8(pix, 0)), *bits = NULL;
    if (threshold != ADAPTIVE)
        return next(grey, pixThresholdToBinary(grey, threshold));
    if (pixSauvolaBinarize(grey, (int)lround(SAUVOLA_HALF_MM * dpi / MM_PER_INCH), SAUVOLA_FACTOR, 1,
                           NULL, NULL, NULL, &bits) != 0)
        die("could not be made black and white", "picture");
    return next(grey, bits);
}

static PIX *make(PIX *pix, const struct variant *v, double dpi)
{
    struct random chance = random_stream(1, RANDOM_NOISE, 0, 0);
    bool was_bits = pixGetDepth(pix) == 1, grey_asked = v->quality > 0;
    bool is_exact = v->dpi <= 0 && v->blur_mm <= 0 && v->gamma <= 0 && v->low == 0 && v->high == 0 &&
                    v->noise <= 0 && v->specks <= 0 && v->threshold == 0;
    if (is_exact && was_bits && !grey_asked)
        pix = turned(pix, v->turn_deg);
    else
        pix = turned(next(pix, pixGetDepth(pix) == 32 ? pixClone(pix) : pixConvertTo8(pix, 0)),
                     v->turn_deg);
    if (v->shift_mm > 0) {
        int px = (int)lround(v->shift_mm * dpi / MM_PER_INCH);
        pix = next(pix, pixTranslate(NULL, pix, px, px, L_BRING_IN_WHITE));
    }
    if (v->dpi > 0) {
        double scale = v->dpi / dpi;
        pix = next(pix, scale < 0.7 ? pixScaleSmooth(pix, (l_float32)scale, (l_float32)scale)
                                    : pixScale(pix, (l_float32)scale, (l_float32)scale));
        dpi = v->dpi;
    }
    if (v->blur_mm > 0) {
        double sigma = v->blur_mm * dpi / MM_PER_INCH;
        L_KERNEL *x, *y;
        makeGaussianKernelSep((int)ceil(2.5 * sigma), (int)ceil(2.5 * sigma), (l_float32)sigma, 1, &x, &y);
        pix = next(pix, pixGetDepth(pix) == 32 ? pixConvolveRGBSep(pix, x, y)
                                               : pixConvolveSep(pix, x, y, 8, 1));
        kernelDestroy(&x);
        kernelDestroy(&y);
    }
    if (pixGetDepth(pix) >= 8 && !is_exact)
        pix = change_levels(pix, v, &chance);
    if (v->threshold != 0 || (was_bits && !grey_asked && (v->specks > 0)))
        pix = black_and_white(pix, v->threshold != 0 ? v->threshold : 128, dpi);
    pixSetResolution(pix, (int)lround(dpi), (int)lround(dpi));
    return pix;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        for (size_t k = 0; k < VARIANTS; k++)
            puts(variants[k].name);
        return 0;
    }
    if (argc != 5)
        die("IN OUT VARIANT DPI, or --list", "usage");
    const struct variant *v = NULL;
    for (size_t k = 0; k < VARIANTS; k++)
        if (strcmp(variants[k].name, argv[3]) == 0)
            v = &variants[k];
    PIX *pix = v == NULL ? NULL : pixRead(argv[1]);
    if (pix == NULL)
        die(v == NULL ? "no such variant" : "cannot be read", v == NULL ? argv[3] : argv[1]);
    pix = next(pix, pixGetColormap(pix) != NULL
                        ? pixRemoveColormap(pix, REMOVE_CMAP_BASED_ON_SRC)
                        : pixCopy(NULL, pix));
    pix = make(pix, v, strtod(argv[4], NULL));
    if (pixGetDepth(pix) == 32)
        pixSetSpp(pix, 3);
    l_int32 bad = v->quality > 0 ? pixWriteJpeg(argv[2], pix, v->quality, 0)
                                 : pixWrite(argv[2], pix, IFF_PNG);
    pixDestroy(&pix);
    if (bad)
        die("cannot be written", argv[2]);
    return 0;
}
