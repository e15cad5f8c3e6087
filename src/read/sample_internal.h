/* Inside sampling: what read/sample.c and sample_rows.c share. */
#ifndef READ_SAMPLE_INTERNAL_H
#define READ_SAMPLE_INTERNAL_H

#include <stdbool.h>

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

/* As sample_tones() and sample_black() of a row that lies on the image, many cells at once; false, and nothing
 * is done, where the processor cannot or the row is too steep or its cells too far apart. */
bool tones_at_once(unsigned char *out, int count, const PIX *grey, const struct sample_walk *walk);
bool black_at_once(unsigned char *out, int count, const PIX *bits, const struct sample_walk *walk);

#ifdef __x86_64__
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
