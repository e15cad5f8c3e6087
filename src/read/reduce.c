/* Bitonal images made smaller so that no dark pixel is lost. Most words are white. */
#include "read/outside_internal.h"

#include <stdlib.h>
#include <string.h>

#ifdef __x86_64__
#include <immintrin.h>
#endif

#include "base/error.h"
#include "page/bitmap.h"

/* The two pixels above each other of two words, and their right neighbours; then every second of them. */
typedef uint32_t squeeze_fn(uint64_t both);

static inline __attribute__((always_inline)) void halve_row_by(uint32_t *restrict out, const PIX *bits, int y, int width,
                                                               squeeze_fn *squeeze)
{
    const l_uint32 *a = bits->data + (size_t)(2 * y) * bits->wpl, *b = a + bits->wpl;
    int words = (width + 31) / 32, whole = (int)bits->wpl / 2 < words ? (int)bits->wpl / 2 : words;
    for (int k = 0; k < whole; k++) {
        uint32_t left = a[2 * k] | b[2 * k], right = a[2 * k + 1] | b[2 * k + 1];
        uint64_t both = (uint64_t)left << 32 | right;
        out[k] = squeeze(both >> 1 | both);
    }
    if (whole < words) { /* the last word of an image of an odd number of them */
        uint64_t both = (uint64_t)(a[2 * whole] | b[2 * whole]) << 32;
        out[whole] = squeeze(both >> 1 | both);
    }
}

static inline uint32_t squeeze_most_white(uint64_t both)
{
    return both == 0 ? 0 : bitmap_squeeze(both);
}

#define BESIDE 96 /* white columns right of the last image: rows of cells near its edge are taken as any others */

/* No line is filled in. */
static PIX *new_image(int width, int height, int beside)
{
    PIX *out = width > 0 && height > 0 ? pixCreateHeader(width + beside, height, 1) : NULL;
    l_uint32 *data = out == NULL ? NULL : malloc((size_t)out->wpl * (size_t)height * sizeof *data);
    if (data == NULL)
        error_die("out of memory: the light lines of a page");
    pixSetData(out, data);
    return out;
}

/* A line made wider by one to the left; the line above takes it too. `row`: [words + 1], the last white. */
static inline __attribute__((always_inline)) void widen_line(uint32_t *restrict to, uint32_t *restrict above,
                                                             const uint32_t *restrict row, int words)
{
    for (int k = 0; k < words; k++) {
        uint32_t wide = row[k] | row[k] << 1 | row[k + 1] >> 31;
        to[k] = wide;
        above[k] |= wide;
    }
}

/* The image of half the size. `wide`: made wider by one to the left and up. */
static inline __attribute__((always_inline)) void halve_by(PIX *out, const PIX *bits, uint32_t *row, bool wide,
                                                           bool is_last, squeeze_fn *squeeze)
{
    int width = (int)bits->w / 2, words = (width + 31) / 32;
    uint32_t last = width % 32 == 0 ? 0xffffffffu : 0xffffffffu << (32 - width % 32), *spare = row + words + 1;
    l_uint32 *to = out->data;
    for (int y = 0; y < (int)out->h; y++, to += out->wpl) {
        halve_row_by(row, bits, y, width, squeeze);
        if (wide || !is_last)
            row[words - 1] &= last;
        if (wide)
            widen_line(to, y > 0 ? to - out->wpl : spare, row, words);
        else
            memcpy(to, row, (size_t)words * sizeof *to);
        for (int k = words; k < (int)out->wpl; k++)
            to[k] = 0;
    }
}

static void halve_plain(PIX *out, const PIX *bits, uint32_t *row, bool wide, bool is_last)
{
    halve_by(out, bits, row, wide, is_last, squeeze_most_white);
}

#ifdef __x86_64__
#define AT_ONCE __attribute__((target("avx2,bmi2")))

static inline AT_ONCE uint32_t squeeze_at_once(uint64_t both)
{
    return (uint32_t)_pext_u64(both, 0x5555555555555555u);
}

static AT_ONCE void halve_at_once(PIX *out, const PIX *bits, uint32_t *row, bool wide, bool is_last)
{
    halve_by(out, bits, row, wide, is_last, squeeze_at_once);
}
#endif

/* Half a pixel beyond the last image's width is kept where it is not made wide: its edge may be asked for. Picks bits
 * from a word at once where the processor can; older ones that can take longer than by hand. */
static PIX *halve(const PIX *bits, bool wide, bool is_last)
{
    PIX *out = new_image((int)bits->w / 2, (int)bits->h / 2, is_last ? BESIDE : 0);
    uint32_t *row = calloc(2 * (size_t)bits->wpl + 2, sizeof *row);
    if (row == NULL)
        error_die("out of memory: the light lines of a page");
#ifdef __x86_64__
    if (__builtin_cpu_supports("bmi2") && __builtin_cpu_supports("avx512bitalg"))
        halve_at_once(out, bits, row, wide, is_last);
    else
#endif
        halve_plain(out, bits, row, wide, is_last);
    free(row);
    return out;
}

struct raw_page reduce_any(PIX *bits, int factor, bool wide)
{
    if (factor == 1) {
        PIX *same = wide ? pixDilateBrick(NULL, bits, 2, 2) : pixClone(bits);
        if (same == NULL)
            error_die("out of memory: the light lines of a page");
        return (struct raw_page){.bits = same, .width_px = (int)same->w, .height_px = (int)same->h};
    }
    PIX *out = halve(bits, wide && factor == 2, factor == 2);
    for (int made = 4; made <= factor; made *= 2) {
        PIX *next = halve(out, wide && made == factor, made == factor);
        pixDestroy(&out);
        out = next;
    }
    return (struct raw_page){.bits = out, .width_px = (int)out->w - BESIDE, .height_px = (int)out->h};
}
