/* Cells of a bitonal scan, 64 at once where the processor can pick bits by their places. What is
 * taken is the same. */
#include "read/sample_internal.h"

#include <stdlib.h>

#ifdef __x86_64__
#define WIDEST __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bitalg")))

#define WINDOW 16 /* words of a line that are at hand at once */

/* Eight cells from the first on: whole pixels, in every eight bytes, and parts of one, in every
 * eight shorts. */
struct steps {
    __m512i whole, part;
};

static inline WIDEST struct steps steps_of(int dx)
{
    __m256i steps =
        _mm256_mullo_epi32(_mm256_set1_epi32(dx), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    return (struct steps){
        _mm512_broadcastq_epi64(_mm256_cvtepi32_epi8(_mm256_srai_epi32(steps, 16))),
        _mm512_broadcast_i32x4(_mm256_cvtepi32_epi16(steps)),
    };
}

/* Where in two words of pixels, low word first, the cells of eight groups lie. `from`: that of each
 * group's first cell, 16.16 px from the leftmost pixel. */
static inline WIDEST __m512i places_of(__m256i from, const struct steps *steps)
{
    const __m512i low = _mm512_set_epi16(6, 6, 6, 6, 6, 6, 6, 6, 4, 4, 4, 4, 4, 4, 4, 4, 2, 2, 2, 2,
                                         2, 2, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0);
    const __m512i each = _mm512_broadcast_i32x4(
        _mm_setr_epi8(2, 2, 2, 2, 2, 2, 2, 2, 10, 10, 10, 10, 10, 10, 10, 10));
    __m512i room = _mm512_sub_epi16(_mm512_set1_epi16(-1), _mm512_castsi256_si512(from));
    __mmask32 over = _mm512_cmpgt_epu16_mask(steps->part, _mm512_permutexvar_epi16(low, room));
    __mmask32 over_far = _mm512_cmpgt_epu16_mask(
        steps->part, _mm512_permutexvar_epi16(_mm512_add_epi16(low, _mm512_set1_epi16(8)), room));
    __m512i px = _mm512_shuffle_epi8(_mm512_cvtepu32_epi64(from), each);
    px = _mm512_add_epi8(px, steps->whole);
    px = _mm512_mask_add_epi8(px, (uint64_t)over_far << 32 | over, px, _mm512_set1_epi8(1));
    return _mm512_xor_si512(
        px, _mm512_set1_epi8(31)); /* the first pixel of a word is its highest bit */
}

/* Those of the window's words from `word` on that a line has. */
static inline __mmask16 window_mask(const PIX *bits, int word)
{
    return (__mmask16)((1u << lower((int)bits->wpl - word, WINDOW)) - 1);
}

/* White beyond. */
static inline WIDEST __m512i window_of(const PIX *bits, int line, int word, __mmask16 words)
{
    return _mm512_maskz_loadu_epi32(words, line_of(bits, line) + word);
}

/* Which words of the window hold the pixels of eight groups: two each. `word`: the first of them.
 */
static inline WIDEST __m512i pairs_of(__m256i word)
{
    __m512i first = _mm512_cvtepu32_epi64(word);
    first = _mm512_or_si512(first, _mm512_slli_epi64(first, 32));
    return _mm512_add_epi64(first, _mm512_set1_epi64((int64_t)1 << 32));
}

/* How many of 64 cells from `y` on lie on its line and the `more` after it. */
static inline int cells_up_to(int y, int dy, int more)
{
    int part = y & 0xffff, far = dy >= 0 ? 65535 - part + more * 65536 : part + more * 65536;
    return dy == 0 ? 64 : lower(far / abs(dy) + 1, 64);
}

/* 64 cells on two lines of pixels at most, or (`steep`) three. Those beyond the `cells` are anything. */
static inline __attribute__((always_inline)) WIDEST uint64_t black_word(const PIX *bits, const struct sample_walk *w,
                                                                        int cells, const struct steps *steps,
                                                                        const bool steep)
{
    int end = w->x + (cells - 1) * w->dx, line = w->y >> 16,
        last = (w->y + (cells - 1) * w->dy) >> 16;
    /* cells beyond the last may lie beside the image: they are taken from its first words */
    int first = lower(w->x, end) >> 21;
    __m256i groups = _mm256_mullo_epi32(_mm256_set1_epi32(CHUNK * w->dx),
                                        _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    __m256i x = _mm256_add_epi32(_mm256_set1_epi32(w->x), groups);
    __m256i left = _mm256_add_epi32(x, _mm256_set1_epi32(lower((CHUNK - 1) * w->dx, 0)));
    __m256i word = _mm256_max_epi32(_mm256_srai_epi32(left, 21), _mm256_set1_epi32(first));
    __m512i places = places_of(_mm256_sub_epi32(x, _mm256_slli_epi32(word, 21)), steps);
    __m512i pairs = pairs_of(_mm256_sub_epi32(word, _mm256_set1_epi32(first)));
    __mmask16 words = window_mask(bits, first);
    /* none of the lines is asked whether it is needed: a wrong guess takes a processor longer */
    __m512i one = _mm512_permutexvar_epi32(pairs, window_of(bits, line, first, words));
    __m512i three = _mm512_permutexvar_epi32(pairs, window_of(bits, last, first, words));
    uint64_t on_one = ~(uint64_t)0 >> (64 - cells_up_to(w->y, w->dy, 0));
    uint64_t of_one = _mm512_bitshuffle_epi64_mask(one, places) & on_one;
    uint64_t of_three = _mm512_bitshuffle_epi64_mask(three, places);
    if (!steep)
        return of_one | (of_three & ~on_one);
    int next = w->dy >= 0 ? lower(line + 1, last) : higher(line - 1, last);
    __m512i two = _mm512_permutexvar_epi32(pairs, window_of(bits, next, first, words));
    uint64_t on_two = ~(uint64_t)0 >> (64 - cells_up_to(w->y, w->dy, 1));
    return of_one | (_mm512_bitshuffle_epi64_mask(two, places) & on_two & ~on_one) | (of_three & ~on_two);
}

static inline __attribute__((always_inline)) WIDEST void black_rows(unsigned char *out, int count, const PIX *bits,
                                                                    const struct sample_walk *walks, int rows,
                                                                    const bool steep)
{
    const struct steps steps = steps_of(walks[0].dx);
    const unsigned char *end = out + (ptrdiff_t)count * rows;
    for (int row = 0; row < rows; row++, out += count) {
        struct sample_walk w = walks[row];
        for (int i = 0; i < count; i += 64, w.x += 64 * w.dx, w.y += 64 * w.dy) {
            int cells = lower(count - i, 64);
            uint64_t black = black_word(bits, &w, cells, &steps, steep);
            __m512i bytes = _mm512_movm_epi8((__mmask64)black);
            /* what goes beyond this row is overwritten by the next; a part is stored many times slower */
            if (end - (out + i) >= 64)
                _mm512_storeu_si512(out + i, bytes);
            else
                _mm512_mask_storeu_epi8(out + i, ~(uint64_t)0 >> (64 - cells), bytes);
        }
    }
}

WIDEST void black_by_bits(unsigned char *out, int count, const PIX *bits,
                          const struct sample_walk *walks, int rows)
{
    if (abs(walks[0].dy) * 63 <= 65536)
        black_rows(out, count, bits, walks, rows, false);
    else
        black_rows(out, count, bits, walks, rows, true);
}

/* Eight places, each eight steps on from the one before: how far from the first, in 16.16 px. */
static inline WIDEST __m512d eighth_steps(double step)
{
    __m512d px = _mm512_mul_pd(_mm512_set1_pd(step), _mm512_setr_pd(0, 8, 16, 24, 32, 40, 48, 56));
    return _mm512_mul_pd(px, _mm512_set1_pd(SAMPLE_ONE));
}

/* floor() of 16.16 px of those places. */
static inline WIDEST __m256i eighths_from(double first, __m512d steps)
{
    return _mm512_cvt_roundpd_epi32(_mm512_add_pd(_mm512_set1_pd(first * SAMPLE_ONE), steps),
                                    _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
}

/* The two words of pixels from each of eight places on. */
static inline WIDEST __m512i load_pairs(const l_uint32 *data, __m256i place)
{
    int at[CHUNK];
    __m512i out = _mm512_setzero_si512();
    _mm256_storeu_si256((__m256i *)(void *)at, place);
    for (int k = 0; k < CHUNK; k += 2) {
        __m128i low = _mm_loadl_epi64((const __m128i *)(const void *)(data + at[k]));
        __m128i high = _mm_loadl_epi64((const __m128i *)(const void *)(data + at[k + 1]));
        __m128i two = _mm_unpacklo_epi64(low, high);
        out = k == 0   ? _mm512_castsi128_si512(two)
              : k == 2 ? _mm512_inserti64x2(out, two, 1)
              : k == 4 ? _mm512_inserti64x2(out, two, 2)
                       : _mm512_inserti64x2(out, two, 3);
    }
    return out;
}

/* One word; its groups that are left out are white, and their bits are set in what is given back.
 */
static inline WIDEST unsigned word_at(uint64_t *out, const struct raw_page *raw,
                                      const struct word_walk *w, struct point first, __m512d steps_x,
                                      __m512d steps_y, const struct steps *steps)
{
    const PIX *bits = raw->bits;
    const __m256i none = _mm256_setzero_si256();
    __m256i x = eighths_from(first.x, steps_x), y = eighths_from(first.y, steps_y);
    __m256i line = _mm256_srai_epi32(_mm256_add_epi32(y, _mm256_set1_epi32(w->middle)), 16);
    __m256i end = _mm256_add_epi32(x, _mm256_set1_epi32((CHUNK - 1) * w->dx));
    __m256i left = _mm256_srai_epi32(_mm256_min_epi32(x, end), 16),
            word = _mm256_srai_epi32(left, 5);
    __mmask8 beside = _mm256_cmpge_epi32_mask(left, _mm256_set1_epi32(raw->width_px)) |
                      _mm256_cmplt_epi32_mask(_mm256_max_epi32(x, end), none);
    __m256i room = _mm256_min_epi32(_mm256_sub_epi32(_mm256_set1_epi32((int)bits->h - 1), line),
                                    _mm256_sub_epi32(_mm256_set1_epi32((int)bits->wpl - 3), word));
    room = _mm256_min_epi32(room, _mm256_min_epi32(line, word));
    __mmask8 whole = _mm256_mask_cmpge_epi32_mask((__mmask8)~beside, room, none);
    __m256i place =
        _mm256_add_epi32(_mm256_mullo_epi32(line, _mm256_set1_epi32((int)bits->wpl)), word);
    __m512i pixels = load_pairs(bits->data, _mm256_maskz_mov_epi32(whole, place));
    pixels = _mm512_maskz_mov_epi64(whole, pixels);
    *out = _mm512_bitshuffle_epi64_mask(
        pixels, places_of(_mm256_sub_epi32(x, _mm256_slli_epi32(word, 21)), steps));
    return 0xff & (unsigned)~(whole | beside);
}

WIDEST void words_by_bits(uint64_t *out, unsigned *left, const struct raw_page *raw,
                          const struct word_walk *w, const struct point *firsts, int rows)
{
    const struct steps steps = steps_of(w->dx);
    const __m512d steps_x = eighth_steps(w->dx_px), steps_y = eighth_steps(w->dy_px);
    for (int y = 0; y < rows; y++)
        left[y] = word_at(&out[y], raw, w, firsts[y], steps_x, steps_y, &steps);
}
#endif
