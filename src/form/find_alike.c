/* Comparing the pages of a form by their ink, much reduced. */
#include "form/find_alike.h"

#include <math.h>
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
    return mixed;
}

static int ink_at(PIX *pix, int x, int y)
{
    const l_uint32 *line = pixGetData(pix) + (size_t)y * (size_t)pixGetWpl(pix);
    return 255 - (int)GET_DATA_BYTE(line, x);
}

double alike_score(PIX *a, PIX *b)
{
    int w = pixGetWidth(a), h = pixGetHeight(a);
    double sa = 0, sb = 0, aa = 0, bb = 0, ab = 0, n = (double)w * h;
    if (w != pixGetWidth(b) || h != pixGetHeight(b))
        return 0;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++) {
            double p = ink_at(a, x, y), q = ink_at(b, x, y);
            sa += p;
            sb += q;
            aa += p * p;
            bb += q * q;
            ab += p * q;
        }
    double va = aa - sa * sa / n, vb = bb - sb * sb / n;
    return va < 1 || vb < 1 ? 0 : (ab - sa * sb / n) / sqrt(va * vb);
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
