/* Comparing the pages of a form by their ink, much reduced. */
#include "form/find_alike.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/error.h"
#include "form/plate.h"

/* A reduced pixel stands for 8 x 8 of the plate, about 0.7 mm, then is mixed with its neighbours: a
 * shift of less than a millimetre does not make pages differ. */
#define REDUCTION 8
#define MIX_PX 1
/* The window in which differences are summed, in reduced pixels: about 27 x 7 mm. */
#define WINDOW_W 40
#define WINDOW_H 10

PIX *alike_reduce(PIX *plate)
{
    PIX *small = pixScaleToGray8(plate);
    PIX *mixed = small == NULL ? NULL : pixBlockconvGray(small, NULL, MIX_PX, MIX_PX);
    pixDestroy(&small);
    if (mixed != NULL) {
        pixInvert(mixed, mixed); /* how much ink, not how much paper */
        pixSetPadBits(mixed, 0);
    }
    return mixed;
}

static int ink_at(PIX *pix, int x, int y)
{
    const l_uint32 *line = pixGetData(pix) + (size_t)y * (size_t)pixGetWpl(pix);
    return (int)GET_DATA_BYTE(line, x);
}

double alike_score(PIX *a, PIX *b)
{
    int w = pixGetWidth(a), h = pixGetHeight(a);
    uint64_t sa = 0, sb = 0, aa = 0, bb = 0, ab = 0;
    if (w != pixGetWidth(b) || h != pixGetHeight(b))
        return 0;
    for (int y = 0; y < h; y++) {
        /* The order of a word's bytes does not matter here; those after a row's end are nought. */
        const unsigned char *p = (const void *)(pixGetData(a) + (size_t)y * (size_t)pixGetWpl(a));
        const unsigned char *q = (const void *)(pixGetData(b) + (size_t)y * (size_t)pixGetWpl(b));
        uint32_t row_a = 0, row_b = 0, row_aa = 0, row_bb = 0, row_ab = 0;
        for (int x = 0; x < 4 * pixGetWpl(a); x++) {
            row_a += p[x];
            row_b += q[x];
            row_aa += (uint32_t)(p[x] * p[x]);
            row_bb += (uint32_t)(q[x] * q[x]);
            row_ab += (uint32_t)(p[x] * q[x]);
        }
        sa += row_a, sb += row_b, aa += row_aa, bb += row_bb, ab += row_ab;
    }
    double n = (double)w * h, va = (double)aa - (double)sa * (double)sa / n;
    double vb = (double)bb - (double)sb * (double)sb / n;
    return va < 1 || vb < 1 ? 0 : ((double)ab - (double)sa * (double)sb / n) / sqrt(va * vb);
}

struct rect alike_difference(PIX *a, PIX *b)
{
    int w = pixGetWidth(a), h = pixGetHeight(a);
    struct rect best = {0};
    long most = 0;
    if (w != pixGetWidth(b) || h != pixGetHeight(b))
        return best;
    for (int y = 0; y + WINDOW_H <= h; y += WINDOW_H / 2)
        for (int x = 0; x + WINDOW_W <= w; x += WINDOW_W / 2) {
            long sum = 0;
            for (int j = y; j < y + WINDOW_H; j++)
                for (int i = x; i < x + WINDOW_W; i++)
                    sum += labs((long)ink_at(a, i, j) - ink_at(b, i, j));
            if (sum > most) {
                most = sum;
                best = (struct rect){x, y, WINDOW_W, WINDOW_H};
            }
        }
    double mm = REDUCTION * MM_PER_INCH / PLATE_DPI;
    return (struct rect){best.x * mm, best.y * mm, best.w * mm, best.h * mm};
}
