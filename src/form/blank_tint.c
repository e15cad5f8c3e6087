/* Tinted ground on a page: a white box on a tinted row has no outline but the tint's edge, and the
 * plate knows no tint. */
#include <string.h>

#include "base/error.h"
#include "form/blank_internal.h"

#define LEVELS 256
/* A tone of at least this share of the page's pixels is paper or a tint. */
#define TONE_SHARE 0.004
/* A tint is so many levels darker than the paper; tones as dark as DARKEST are print. */
#define STEP_MIN 7
#define DARKEST 60
/* Between two tones there is a valley this deep, as a share of the lower tone's height. */
#define VALLEY 0.75

/* The histogram, each level with its neighbours, of the page at half size: noise blurs tones. */
static void tones(double *out, PIX *grey)
{
    PIX *half = pixScaleAreaMap2(grey);
    NUMA *numbers = half == NULL ? NULL : pixGetGrayHistogram(half, 1);
    if (numbers == NULL)
        error_die("out of memory while looking for tints");
    for (int i = 0; i < LEVELS; i++) {
        l_float32 sum = 0, one;
        for (int k = -3; k <= 3; k++)
            if (i + k >= 0 && i + k < LEVELS && numaGetFValue(numbers, i + k, &one) == 0)
                sum += one;
        out[i] = sum;
    }
    numaDestroy(&numbers);
    pixDestroy(&half);
}

/* The next tone below `from`; -1 = none. */
static int tone_below(const double *tone, int from, double least)
{
    for (int i = from; i >= DARKEST; i--) {
        bool is_peak = tone[i] >= least;
        for (int k = 1; is_peak && k <= 4; k++)
            is_peak = (i + k >= LEVELS || tone[i] >= tone[i + k]) && tone[i] >= tone[i - k];
        if (is_peak)
            return i;
    }
    return -1;
}

PIX *blank_tint(PIX *grey)
{
    double tone[LEVELS];
    double least = TONE_SHARE * pixGetWidth(grey) * pixGetHeight(grey) / 4.0; /* at half size */
    tones(tone, grey);
    int paper = tone_below(tone, LEVELS - 1, least);
    int tint = paper < 0 ? -1 : tone_below(tone, paper - STEP_MIN, least);
    if (tint < 0)
        return NULL;
    double lowest = tone[tint];
    for (int i = tint; i <= paper; i++)
        lowest = tone[i] < lowest ? tone[i] : lowest;
    if (lowest > VALLEY * tone[tint])
        return NULL;
    PIX *smooth = pixBlockconv(grey, 1, 1);
    PIX *dark = smooth == NULL ? NULL : pixThresholdToBinary(smooth, (paper + tint + 1) / 2);
    if (dark == NULL)
        error_die("out of memory while looking for tints");
    pixDestroy(&smooth);
    return dark;
}
