/* Bitonal images made smaller so that no dark pixel is lost. Most words are white. */
#include "read/outside_internal.h"

#include <stdlib.h>

#include "base/error.h"
#include "page/bitmap.h"

/* One row of the image of half the size, [words + 1]. */
static void halve_row(uint32_t *out, const PIX *bits, int y, int width)
{
    const l_uint32 *a = bits->data + (size_t)(2 * y) * bits->wpl, *b = a + bits->wpl;
    int words = (width + 31) / 32, whole = (int)bits->wpl / 2 < words ? (int)bits->wpl / 2 : words;
    for (int k = 0; k < whole; k++) {
        uint32_t left = a[2 * k] | b[2 * k], right = a[2 * k + 1] | b[2 * k + 1];
        uint64_t both = (uint64_t)left << 32 | right;
        out[k] = both == 0 ? 0 : bitmap_squeeze(both >> 1 | both);
    }
    if (whole < words) { /* the last word of an image of an odd number of them */
        uint64_t both = (uint64_t)(a[2 * whole] | b[2 * whole]) << 32;
        out[whole] = bitmap_squeeze(both >> 1 | both);
    }
}

/* Half a pixel beyond the last image's width is kept where it is not made wide: its edge may be asked for. */
static PIX *halve(const PIX *bits, bool wide, bool is_last)
{
    int width = (int)bits->w / 2, height = (int)bits->h / 2, words = (width + 31) / 32;
    uint32_t last = width % 32 == 0 ? 0xffffffffu : 0xffffffffu << (32 - width % 32);
    PIX *out = width > 0 && height > 0 ? pixCreateNoInit(width, height, 1) : NULL;
    uint32_t *row = calloc((size_t)words + 1, sizeof *row);
    if (out == NULL || row == NULL)
        error_die("out of memory: the light lines of a page");
    l_uint32 *to = out->data, *above = NULL;
    for (int y = 0; y < height; y++, above = to, to += out->wpl) {
        halve_row(row, bits, y, width);
        if (wide || !is_last)
            row[words - 1] &= last;
        for (int k = 0; k < words; k++)
            to[k] = wide ? row[k] | row[k] << 1 | row[k + 1] >> 31 : row[k];
        for (int k = 0; wide && above != NULL && k < words; k++)
            above[k] |= to[k];
    }
    free(row);
    return out;
}

PIX *reduce_any(PIX *bits, int factor, bool wide)
{
    if (factor == 1) {
        PIX *same = wide ? pixDilateBrick(NULL, bits, 2, 2) : pixClone(bits);
        if (same == NULL)
            error_die("out of memory: the light lines of a page");
        return same;
    }
    PIX *out = halve(bits, wide && factor == 2, factor == 2);
    for (int made = 4; made <= factor; made *= 2) {
        PIX *next = halve(out, wide && made == factor, made == factor);
        pixDestroy(&out);
        out = next;
    }
    return out;
}
