/* Inside sampling: what read/sample.c, sample_rows.c and sample_bits.c share. */
#ifndef READ_SAMPLE_INTERNAL_H
#define READ_SAMPLE_INTERNAL_H

#include <stdbool.h>
#include <stdlib.h>

#include "read/sample.h"

#ifdef __x86_64__
#include <immintrin.h>
#define WIDE __attribute__((target("avx2"))) /* eight cells at once, where the processor can */
#endif

#define CHUNK 8 /* cells that are taken together */

static inline int lower(int a, int b)
{
    return a < b ? a : b;
}

static inline int higher(int a, int b)
{
    return a > b ? a : b;
}

static inline const l_uint32 *line_of(const PIX *pix, int y)
{
    return pix->data + (size_t)y * pix->wpl;
}

/* How many of `count` cells from `at` on lie on one line of pixels. */
static inline int cells_on_line(int at, int step, int count)
{
    int part = at & 0xffff;
    int cells = step == 0 ? count : step > 0 ? (0xffff - part) / step + 1 : part / -step + 1;
    return cells < count ? cells : count;
}

/* How many cells are taken at once. The later ones only where the processor can. */
enum sample_way { SAMPLE_PLAIN, SAMPLE_EIGHT, SAMPLE_BITS };

/* The last one that the processor can. */
static inline enum sample_way sample_way_best(void)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx512bitalg") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
        return SAMPLE_BITS;
    if (__builtin_cpu_supports("avx2"))
        return SAMPLE_EIGHT;
#endif
    return SAMPLE_PLAIN;
}

/* As sample_black() and sample_words(), in one way or, where that is none for such rows, an earlier one. */
void sample_black_by(enum sample_way way, unsigned char *out, int count, int rows, const struct raw_page *raw,
                     const struct sample_walk *walks);
void sample_words_by(enum sample_way way, uint64_t *out, int stride, const struct raw_page *raw,
                     const struct point *firsts_px, int rows, double dx_px, double dy_px, bool mostly_white);

/* Rows of 64 cells in groups of eight, as sample_words() names them; `middle`: from the first cell's line to
 * the one that its group is taken from. */
struct word_walk {
    struct point first;
    double dx_px, dy_px;
    int dx, dy, middle;
    bool level; /* a group may be taken from one line */
};

/* As sample_tones() and sample_black() of a row that lies on the image, many cells at once; false, and nothing
 * is done, where the processor cannot or the row is too steep or its cells too far apart. */
bool tones_at_once(unsigned char *out, int count, const PIX *grey, const struct sample_walk *walk);
bool black_at_once(unsigned char *out, int count, const PIX *bits, const struct sample_walk *walk);

/* Whether eight cells, wherever in a word of pixels the first of them lies, end in the next. */
static inline bool eight_in_two_words(int dx)
{
    return abs(dx) < 4 * 65536;
}

#ifdef __x86_64__
/* As sample_black() of rows that lie on the image, by SAMPLE_BITS; they are not steep, and eight cells lie in two
 * words. */
void black_by_bits(unsigned char *out, int count, const PIX *bits, const struct sample_walk *walks, int rows);

/* Words of rows by SAMPLE_BITS, as sample_words() names them, on an image at least two words wide: groups of
 * eight cells that lie on one line each, and white for those beside the image. The others are white too, and
 * their bits are set in `left`. */
void words_by_bits(uint64_t *out, unsigned *left, const struct raw_page *raw, const struct word_walk *w,
                   const struct point *firsts, int rows);

/* 0, 1 .. 7 steps. */
static inline WIDE __m256i eight_steps(int dx)
{
    return _mm256_mullo_epi32(_mm256_set1_epi32(dx), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

/* Places `at` (16.16) on a line of eight words: the highest bit of each is set where the pixel is black. */
static inline WIDE __m256i eight_pixels(__m256i words, __m256i at)
{
    __m256i px = _mm256_srli_epi32(at, 16);
    __m256i word = _mm256_permutevar8x32_epi32(words, _mm256_srli_epi32(px, 5));
    return _mm256_sllv_epi32(word, _mm256_and_si256(px, _mm256_set1_epi32(31)));
}
#endif

#endif
