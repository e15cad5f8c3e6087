/* Rows of cells on the image, eight at once where the processor can. What is taken is the same. */
#include "read/sample_internal.h"

#include <stdlib.h>
#include <string.h>

#ifdef __x86_64__
/* Cells that lie on one line of pixels or two. */
struct two_lines {
    const l_uint32 *above, *below;
    int bound; /* cells of a greater y are on the second */
};

/* Whether eight cells of the row always lie on two lines of pixels at most. */
static inline bool eight_on_two_lines(const struct sample_walk *w)
{
    return (CHUNK - 1) * abs(w->dy) <= 65536;
}

/* How many of `count` cells from y on, in groups of eight, lie on two lines; and these. */
static inline int take_two_lines(struct two_lines *out, const PIX *pix, int y, int dy, int count)
{
    int last = y + (count - 1) * dy;
    while (abs((last >> 16) - (y >> 16)) > 1) {
        count = (count / 2 + CHUNK - 1) & -CHUNK;
        last = y + (count - 1) * dy;
    }
    int top = lower(y, last) >> 16;
    out->above = line_of(pix, top);
    out->below = line_of(pix, higher(y, last) >> 16);
    out->bound = top * 65536 + 65535;
    return count;
}

/* The lowest `count` bytes of eight, or all. */
static inline WIDE void put_eight(unsigned char *out, int count, __m128i bytes)
{
    unsigned char last[2 * CHUNK];
    if (count >= CHUNK) {
        _mm_storel_epi64((__m128i *)(void *)out, bytes);
        return;
    }
    _mm_storeu_si128((__m128i *)(void *)last, bytes);
    memcpy(out, last, (size_t)count);
}

/* Eight cells at a time from 32 pixels of their lines. */
static inline WIDE void tones_of_two(unsigned char *restrict out, int count, const struct two_lines *lines,
                                     int first_max, struct sample_walk w)
{
    const __m256i three = _mm256_set1_epi32(3), byte = _mm256_set1_epi32(255);
    const __m256i steps_x = eight_steps(w.dx), bound = _mm256_set1_epi32(lines->bound);
    const __m256i step_y = _mm256_set1_epi32(CHUNK * w.dy);
    const int leftmost = w.dx < 0 ? (CHUNK - 1) * w.dx : 0;
    __m256i y = _mm256_add_epi32(_mm256_set1_epi32(w.y), eight_steps(w.dy));
    for (int i = 0; i < count; i += CHUNK, w.x += CHUNK * w.dx, y = _mm256_add_epi32(y, step_y)) {
        int first = higher(lower((w.x + leftmost) >> 18, first_max), 0); /* word of four pixels */
        __m256i px = _mm256_srli_epi32(_mm256_add_epi32(_mm256_set1_epi32(w.x - first * 262144), steps_x), 16);
        __m256i at = _mm256_srli_epi32(px, 2);
        __m256i word = _mm256_permutevar8x32_epi32(
            _mm256_loadu_si256((const __m256i *)(const void *)(lines->above + first)), at);
        __m256i other = _mm256_permutevar8x32_epi32(
            _mm256_loadu_si256((const __m256i *)(const void *)(lines->below + first)), at);
        word = _mm256_blendv_epi8(word, other, _mm256_cmpgt_epi32(y, bound));
        /* the first pixel of a word is its highest byte */
        __m256i tones = _mm256_srlv_epi32(word, _mm256_slli_epi32(_mm256_andnot_si256(px, three), 3));
        tones = _mm256_and_si256(tones, byte);
        __m128i bytes = _mm_packs_epi32(_mm256_castsi256_si128(tones), _mm256_extracti128_si256(tones, 1));
        put_eight(out + i, count - i, _mm_packus_epi16(bytes, bytes));
    }
}

/* A level row on the image; false where eight cells may not lie on 32 pixels of two lines. */
static WIDE bool tones_wide(unsigned char *restrict out, int count, const PIX *grey, struct sample_walk w)
{
    if (grey->wpl < 8 || abs(w.dx) > 4 * 65536 || !eight_on_two_lines(&w))
        return false;
    for (int i = 0, n; i < count; i += n, w.x += n * w.dx, w.y += n * w.dy) {
        struct two_lines lines;
        n = take_two_lines(&lines, grey, w.y, w.dy, count - i);
        tones_of_two(out + i, n, &lines, (int)grey->wpl - 8, w);
    }
    return true;
}

/* Eight cells at a time from eight words of one line, the first of them `word`. */
static inline WIDE void black_of_one(unsigned char *restrict out, int count, const l_uint32 *line, int word,
                                     const struct sample_walk *w)
{
    const __m256i words = _mm256_loadu_si256((const __m256i *)(const void *)(line + word));
    const __m256i step_x = _mm256_set1_epi32(CHUNK * w->dx);
    if (_mm256_testz_si256(words, words)) {
        memset(out, 0, (size_t)count);
        return;
    }
    __m256i x = _mm256_add_epi32(_mm256_set1_epi32(w->x - word * (32 << 16)), eight_steps(w->dx));
    for (int i = 0; i < count; i += CHUNK, x = _mm256_add_epi32(x, step_x)) {
        __m256i black = _mm256_srai_epi32(eight_pixels(words, x), 31);
        __m128i bytes = _mm_packs_epi32(_mm256_castsi256_si128(black), _mm256_extracti128_si256(black, 1));
        put_eight(out + i, count - i, _mm_packs_epi16(bytes, bytes));
    }
}

/* Eight cells at a time; `word`: of their lines, with the seven after it. */
static inline WIDE void black_of_two(unsigned char *restrict out, int count, const struct two_lines *lines,
                                     int word, const struct sample_walk *w)
{
    const __m256i above = _mm256_loadu_si256((const __m256i *)(const void *)(lines->above + word));
    const __m256i below = _mm256_loadu_si256((const __m256i *)(const void *)(lines->below + word));
    const __m256i either = _mm256_or_si256(above, below);
    if (_mm256_testz_si256(either, either)) {
        memset(out, 0, (size_t)count);
        return;
    }
    const __m256i step_x = _mm256_set1_epi32(CHUNK * w->dx), step_y = _mm256_set1_epi32(CHUNK * w->dy);
    const __m256i bound = _mm256_set1_epi32(lines->bound);
    __m256i x = _mm256_add_epi32(_mm256_set1_epi32(w->x - word * (32 << 16)), eight_steps(w->dx));
    __m256i y = _mm256_add_epi32(_mm256_set1_epi32(w->y), eight_steps(w->dy));
    for (int i = 0; i < count; i += CHUNK) {
        __m256i black = _mm256_blendv_epi8(eight_pixels(above, x), eight_pixels(below, x),
                                           _mm256_cmpgt_epi32(y, bound));
        black = _mm256_srai_epi32(black, 31);
        __m128i bytes = _mm_packs_epi32(_mm256_castsi256_si128(black), _mm256_extracti128_si256(black, 1));
        put_eight(out + i, count - i, _mm_packs_epi16(bytes, bytes));
        x = _mm256_add_epi32(x, step_x);
        y = _mm256_add_epi32(y, step_y);
    }
}

/* A level row on the image, within the 256 pixels that eight words hold; false where it is longer. */
static WIDE bool black_wide(unsigned char *restrict out, int count, const PIX *bits, struct sample_walk w)
{
    int last_x = w.x + (count - 1) * w.dx;
    int word = lower(lower(w.x, last_x) >> 21, (int)bits->wpl - 8);
    if (word < 0 || (higher(w.x, last_x) >> 21) - word >= 8 || !eight_on_two_lines(&w))
        return false;
    for (int i = 0, n; i < count; i += n, w.x += n * w.dx, w.y += n * w.dy) {
        struct two_lines lines;
        n = take_two_lines(&lines, bits, w.y, w.dy, count - i);
        if (lines.above == lines.below)
            black_of_one(out + i, n, lines.above, word, &w);
        else
            black_of_two(out + i, n, &lines, word, &w);
    }
    return true;
}
#endif

bool tones_at_once(unsigned char *out, int count, const PIX *grey, const struct sample_walk *walk)
{
#ifdef __x86_64__
    return __builtin_cpu_supports("avx2") && tones_wide(out, count, grey, *walk);
#else
    (void)out, (void)count, (void)grey, (void)walk;
    return false;
#endif
}

bool black_at_once(unsigned char *out, int count, const PIX *bits, const struct sample_walk *walk)
{
#ifdef __x86_64__
    return __builtin_cpu_supports("avx2") && black_wide(out, count, bits, *walk);
#else
    (void)out, (void)count, (void)bits, (void)walk;
    return false;
#endif
}
