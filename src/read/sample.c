/* The innermost loops of reading: pixels along rows of cells. Checks are made once a row, not once a cell,
 * and what is white is passed over by words. */
#include "read/sample_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static inline bool pixel_inside(const struct raw_page *raw, int64_t x, int64_t y)
{
    return x >= 0 && y >= 0 && x < (int64_t)raw->width_px << 16 && y < (int64_t)raw->height_px << 16;
}

/* Whether all cells lie on the image: a straight row does where both of its ends do. */
static bool all_inside(const struct raw_page *raw, const struct sample_walk *w, int count)
{
    return pixel_inside(raw, w->x, w->y) &&
           pixel_inside(raw, w->x + (int64_t)(count - 1) * w->dx, w->y + (int64_t)(count - 1) * w->dy);
}

static inline bool is_level(const struct sample_walk *w)
{
    return abs(w->dx) > 4 * abs(w->dy);
}

/* ---- grey scans --------------------------------------------------------------------------------- */

/* As GET_DATA_BYTE(). */
static inline unsigned char byte_of(const unsigned char *line, uint64_t x)
{
#ifdef L_BIG_ENDIAN
    return line[x];
#else
    return line[x ^ 3];
#endif
}

static void tones_of_line(unsigned char *restrict out, int count, const l_uint32 *pixels, int x, int dx)
{
    const unsigned char *line = (const unsigned char *)pixels;
    uint64_t at = (uint64_t)x, step = (uint64_t)dx;
    for (; count > 0; count--, at += step)
        *out++ = byte_of(line, at >> 16);
}

void sample_soon(const struct raw_page *raw, struct point px, double wide_px)
{
    enum { CACHE_LINE = 64 };
    if (!(px.y >= 0 && px.y < raw->height_px && px.x >= 0 && wide_px > 0 &&
          px.x + wide_px < raw->width_px))
        return;
    const char *line = (const char *)line_of(raw->grey, (int)px.y) + (size_t)px.x;
    for (int at = 0; at < (int)wide_px + CACHE_LINE; at += CACHE_LINE)
        __builtin_prefetch(line + at);
}

void sample_tones(unsigned char *out, int count, const struct raw_page *raw,
                  const struct sample_walk *walk, unsigned char beyond)
{
    const struct sample_walk w = *walk;
    if (!all_inside(raw, &w, count)) {
        for (int i = 0; i < count; i++) {
            int64_t x = w.x + (int64_t)i * w.dx, y = w.y + (int64_t)i * w.dy;
            out[i] = pixel_inside(raw, x, y) ? GET_DATA_BYTE(line_of(raw->grey, (int)(y >> 16)), x >> 16)
                                             : beyond;
        }
    } else if (is_level(&w)) {
        if (tones_at_once(out, count, raw->grey, &w))
            return;
        for (int i = 0, n; i < count; i += n) {
            int y = w.y + i * w.dy;
            n = cells_on_line(y, w.dy, count - i);
            tones_of_line(out + i, n, line_of(raw->grey, y >> 16), w.x + i * w.dx, w.dx);
        }
    } else {
        for (int i = 0, x = w.x, y = w.y; i < count; i++, x += w.dx, y += w.dy)
            out[i] = GET_DATA_BYTE(line_of(raw->grey, y >> 16), x >> 16);
    }
}

/* ---- bitonal scans ------------------------------------------------------------------------------ */

/* 64 pixels of a line of `words` from column `x` on, leftmost highest; white beyond its end. */
static inline uint64_t pixels_from(const l_uint32 *line, int words, int x)
{
    int at = x / 32, shift = x & 31;
    uint64_t first = (uint64_t)line[at] << 32 | (at + 1 < words ? line[at + 1] : 0);
    uint64_t last = at + 2 < words ? line[at + 2] : 0;
    return first << shift | (shift == 0 ? 0 : last >> (32 - shift));
}

/* Cells on 64 `pixels` of one line, of which the first lies `from` (16.16) beyond the leftmost. */
static void black_of_pixels(unsigned char *restrict out, int count, uint64_t pixels, int from, int dx)
{
    for (int i = 0, at = from; i < count; i++, at += dx)
        out[i] = (unsigned char)(0 - (pixels << (at >> 16) >> 63));
}

static void black_of_line(unsigned char *restrict out, int count, const l_uint32 *line, int words,
                          int x, int dx)
{
    while (count > 0) {
        int left = dx >= 0 ? x >> 16 : (x >> 16) > 63 ? (x >> 16) - 63 : 0, from = x - left * 65536;
        int n = dx > 0 ? (64 * 65536 - 1 - from) / dx + 1 : dx < 0 ? from / -dx + 1 : count;
        n = n < count ? n : count;
        uint64_t pixels = pixels_from(line, words, left);
        if (pixels == 0)
            memset(out, 0, (size_t)n);
        else
            black_of_pixels(out, n, pixels, from, dx);
        out += n;
        count -= n;
        x += n * dx;
    }
}

static void black_row(enum sample_way way, unsigned char *out, int count, const struct raw_page *raw,
                      const struct sample_walk *walk)
{
    const struct sample_walk w = *walk;
    bool inside = all_inside(raw, &w, count);
    if (inside && way != SAMPLE_PLAIN && black_at_once(out, count, raw->bits, &w))
        return;
    if (inside && is_level(&w)) {
        for (int i = 0, n; i < count; i += n) {
            int y = w.y + i * w.dy;
            n = cells_on_line(y, w.dy, count - i);
            black_of_line(out + i, n, line_of(raw->bits, y >> 16), (int)raw->bits->wpl, w.x + i * w.dx,
                          w.dx);
        }
        return;
    }
    for (int i = 0; i < count; i++) {
        int64_t x = w.x + (int64_t)i * w.dx, y = w.y + (int64_t)i * w.dy;
        bool black = pixel_inside(raw, x, y) && GET_DATA_BIT(line_of(raw->bits, (int)(y >> 16)), x >> 16);
        out[i] = black ? 255 : 0;
    }
}

void sample_black_by(enum sample_way way, unsigned char *out, int count, int rows, const struct raw_page *raw,
                     const struct sample_walk *walks)
{
#ifdef __x86_64__
    /* a straight grid lies on the image where its first and its last row do */
    if (way == SAMPLE_BITS && rows > 0 && eight_in_two_words(walks[0].dx) && abs(walks[0].dy) * 63 <= 2 * 65536 &&
        all_inside(raw, &walks[0], count) && all_inside(raw, &walks[rows - 1], count)) {
        black_by_bits(out, count, raw->bits, walks, rows);
        return;
    }
#endif
    for (int row = 0; row < rows; row++)
        black_row(way, out + (size_t)row * (size_t)count, count, raw, &walks[row]);
}

void sample_black(unsigned char *out, int count, int rows, const struct raw_page *raw,
                  const struct sample_walk *walks)
{
    sample_black_by(sample_way_best(), out, count, rows, raw, walks);
}

/* Which lines from `top` on, at most 64, have a dark pixel among the words from..to: bit i is line top + i. */
static uint64_t dark_lines(const PIX *bits, int from, int to, int top, int bottom)
{
    uint64_t dark = 0;
    for (int y = top; y <= bottom; y++) {
        const l_uint32 *line = line_of(bits, y);
        uint32_t any = 0;
        for (int k = from; k <= to; k++)
            any |= line[k];
        dark |= (uint64_t)(any != 0) << (y - top);
    }
    return dark;
}

#ifdef __x86_64__
/* Of eight words. */
static WIDE uint64_t dark_lines_wide(const PIX *bits, int from, int top, int bottom)
{
    uint64_t dark = 0;
    for (int y = top; y <= bottom; y++) {
        __m256i line = _mm256_loadu_si256((const __m256i *)(const void *)(line_of(bits, y) + from));
        dark |= (uint64_t)!_mm256_testz_si256(line, line) << (y - top);
    }
    return dark;
}
#endif

/* Whether all pixels are white that eight cells of a level row, or those of them on the image, may lie on. */
static bool chunk_is_white(const struct raw_page *raw, int left, int y, int dy)
{
    int last = y + (CHUNK - 1) * dy, words = (int)raw->bits->wpl;
    int top = higher(lower(y, last) >> 16, 0), bottom = lower(higher(y, last) >> 16, (int)raw->bits->h - 1);
    uint64_t any = 0;
    for (int line = top; line <= bottom; line++)
        any |= pixels_from(line_of(raw->bits, line), words, higher(left, 0));
    return any == 0;
}

/* Eight cells, each by its own line of pixels. */
static uint64_t chunk_apart(const struct raw_page *raw, int x, int y, int dx, int dy)
{
    uint64_t out = 0;
    for (int k = 0; k < CHUNK; k++, x += dx, y += dy)
        if (pixel_inside(raw, x, y))
            out |= (uint64_t)(GET_DATA_BIT(line_of(raw->bits, y >> 16), x >> 16) != 0) << k;
    return out;
}

/* Eight cells from one line; the first and the last lie in the 64 pixels from column `left` on. */
static inline uint64_t chunk_of_line(const l_uint32 *line, int words, int x, int left, int dx)
{
    uint64_t out = 0, pixels = pixels_from(line, words, left);
    int first = x - left * 65536, last = first + (CHUNK - 1) * dx;
    if (pixels >> (63 - (higher(first, last) >> 16)) == 0)
        return 0;
    for (int k = 0; k < CHUNK; k++, last -= dx)
        out = out << 1 | pixels << (last >> 16) >> 63;
    return out;
}

/* The eight cells from the row's i-th on. */
static uint64_t chunk_at(const struct raw_page *raw, const struct word_walk *w, int i)
{
    int words = (int)raw->bits->wpl, wide = (CHUNK - 1) * w->dx, width = raw->width_px;
    int x = sample_fixed(w->first.x + w->dx_px * i), y = sample_fixed(w->first.y + w->dy_px * i);
    if (lower(x, x + wide) >> 16 >= width || higher(x, x + wide) < 0)
        return 0;
    int left = lower(x, x + wide) >> 16, line = (y + w->middle) >> 16;
    if (w->level && left >= 0 && left / 32 + 3 <= words && (unsigned)line < raw->bits->h)
        return chunk_of_line(line_of(raw->bits, line), words, x, left, w->dx);
    if (!w->level || !chunk_is_white(raw, left, y, w->dy)) /* at an edge nearly all are */
        return chunk_apart(raw, x, y, w->dx, w->dy);
    return 0;
}

#ifdef __x86_64__
/* sample_fixed() of `from` and of every eighth step on from it. */
static inline WIDE __m256i eighth_steps_fixed(double from, double step)
{
    const __m256d one = _mm256_set1_pd(SAMPLE_ONE), start = _mm256_set1_pd(from), by = _mm256_set1_pd(step);
    __m256d near = _mm256_add_pd(start, _mm256_mul_pd(by, _mm256_setr_pd(0, 8, 16, 24)));
    __m256d far = _mm256_add_pd(start, _mm256_mul_pd(by, _mm256_setr_pd(32, 40, 48, 56)));
    __m128i low = _mm256_cvttpd_epi32(_mm256_floor_pd(_mm256_mul_pd(near, one)));
    return _mm256_inserti128_si256(_mm256_castsi128_si256(low),
                                   _mm256_cvttpd_epi32(_mm256_floor_pd(_mm256_mul_pd(far, one))), 1);
}

/* Those of the eight groups that lie on one line each, at once, and white for those beside the image; the
 * others are white in `out` too, and their bits are set in what is given back. */
static WIDE unsigned word_wide(uint64_t *out, const struct raw_page *raw, const struct word_walk *w)
{
    const PIX *bits = raw->bits;
    int words[CHUNK], starts[CHUNK];
    __m256i x = eighth_steps_fixed(w->first.x, w->dx_px), y = eighth_steps_fixed(w->first.y, w->dy_px);
    __m256i line = _mm256_srai_epi32(_mm256_add_epi32(y, _mm256_set1_epi32(w->middle)), 16);
    __m256i end = _mm256_add_epi32(x, _mm256_set1_epi32((CHUNK - 1) * w->dx));
    __m256i left = _mm256_srai_epi32(_mm256_min_epi32(x, end), 16), word = _mm256_srai_epi32(left, 5);
    __m256i beyond = _mm256_or_si256(_mm256_sub_epi32(_mm256_set1_epi32((int)bits->h - 1), line),
                                     _mm256_sub_epi32(_mm256_set1_epi32((int)bits->wpl - 3), word));
    beyond = _mm256_srai_epi32(_mm256_or_si256(beyond, _mm256_or_si256(line, word)), 31);
    __m256i beside = _mm256_or_si256(_mm256_cmpgt_epi32(left, _mm256_set1_epi32(raw->width_px - 1)),
                                     _mm256_max_epi32(x, end));
    unsigned none = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(beside));
    unsigned apart = none | (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(beyond));
    *out = 0;
    if (bits->wpl < 4 || apart == 0xff)
        return 0xff & ~none;
    word = _mm256_min_epi32(word, _mm256_set1_epi32((int)bits->wpl - 4)); /* four are loaded */
    __m256i first = _mm256_mullo_epi32(line, _mm256_set1_epi32((int)bits->wpl));
    first = _mm256_andnot_si256(beyond, _mm256_add_epi32(first, word)); /* where it may be read */
    _mm256_storeu_si256((__m256i *)(void *)words, first);
    _mm256_storeu_si256((__m256i *)(void *)starts, _mm256_sub_epi32(x, _mm256_slli_epi32(word, 16 + 5)));
    const __m256i steps = eight_steps(w->dx);
    uint64_t cells = 0;
    for (int k = 0; k < CHUNK; k++) {
        __m128i four = _mm_loadu_si128((const __m128i *)(const void *)(bits->data + words[k]));
        __m256i at = _mm256_add_epi32(_mm256_set1_epi32(starts[k]), steps);
        __m256i black = eight_pixels(_mm256_broadcastsi128_si256(four), at);
        cells |= (uint64_t)(unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(black)) << k * CHUNK;
    }
    for (unsigned left_out = apart; left_out != 0; left_out &= left_out - 1)
        cells &= ~((uint64_t)0xff << __builtin_ctz(left_out) * CHUNK);
    *out = cells;
    return apart & ~none;
}
#endif

/* Lines of the image that some rows of cells lie on: `dark` says of each from `top` on, at most 64, whether
 * any pixel near the rows is. */
struct lines {
    uint64_t dark;
    int top;
    bool known;
};

static struct lines look_at_lines(const PIX *bits, const struct word_walk *w, const struct point *firsts,
                                  int rows)
{
    enum { AROUND_PX = 3 }; /* whatever line and column a cell is taken from */
    struct point a = firsts[0], b = firsts[rows - 1];
    double wide = w->dx_px * 63, high = w->dy_px * 63;
    double left = (a.x < b.x ? a.x : b.x) + (wide < 0 ? wide : 0);
    double right = (a.x > b.x ? a.x : b.x) + (wide > 0 ? wide : 0);
    double over = (a.y < b.y ? a.y : b.y) + (high < 0 ? high : 0);
    double under = (a.y > b.y ? a.y : b.y) + (high > 0 ? high : 0);
    int from = higher((int)left - AROUND_PX, 0) / 32, top = higher((int)over - AROUND_PX, 0);
    int to = lower(((int)right + AROUND_PX) / 32, (int)bits->wpl - 1);
    int bottom = lower((int)under + AROUND_PX, (int)bits->h - 1);
    if (bottom - top >= 64)
        return (struct lines){0};
#ifdef __x86_64__
    int eight = lower(from, (int)bits->wpl - 8);
    if (eight >= 0 && to - eight < 8 && __builtin_cpu_supports("avx2"))
        return (struct lines){dark_lines_wide(bits, eight, top, bottom), top, true};
#endif
    return (struct lines){dark_lines(bits, from, to, top, bottom), top, true};
}

/* Whether all lines of a row are white, from its first cell on `y` to its last, and one more on either side. */
static inline bool row_is_white(const struct lines *lines, double y, double rise)
{
    int first = (int)y, last = (int)(y + rise); /* rounded up above the image, where there are no lines */
    int from = higher(lower(first, last) - 1 - lines->top, 0);
    int to = lower(higher(first, last) + 1 - lines->top, 63);
    return from > to || (lines->dark >> from & ~(uint64_t)0 >> (63 - (to - from))) == 0;
}

/* The groups of a word whose bits are set in `left`, one by one. */
static inline uint64_t chunks_of(const struct raw_page *raw, const struct word_walk *w, unsigned left)
{
    uint64_t out = 0;
    for (; left != 0; left &= left - 1) {
        int i = __builtin_ctz(left) * CHUNK;
        out |= chunk_at(raw, w, i) << i;
    }
    return out;
}

static inline uint64_t word_of(enum sample_way way, const struct raw_page *raw, const struct word_walk *w)
{
    uint64_t out = 0;
    unsigned left = 0xff; /* groups */
#ifdef __x86_64__
    if (way == SAMPLE_EIGHT)
        left = word_wide(&out, raw, w);
#else
    (void)way;
#endif
    return out | chunks_of(raw, w, left);
}

#define BLOCK 16 /* rows */

#ifdef __x86_64__
/* No row is asked whether it is white: it is taken sooner than that is told. */
static void block_by_bits(uint64_t *out, int stride, const struct raw_page *raw, struct word_walk *w,
                          const struct point *firsts, int rows)
{
    uint64_t words[BLOCK];
    unsigned left[BLOCK];
    words_by_bits(words, left, raw, w, firsts, rows);
    for (int y = 0; y < rows; y++) {
        w->first = firsts[y];
        out[y * stride] = words[y] | chunks_of(raw, w, left[y]);
    }
}
#endif

void sample_words_by(enum sample_way way, uint64_t *out, int stride, const struct raw_page *raw,
                     const struct point *firsts, int rows, double dx_px, double dy_px, bool mostly_white)
{
    struct sample_walk fixed = sample_walk_from(firsts[0], dx_px, dy_px);
    struct word_walk w = {{0, 0}, dx_px, dy_px, fixed.dx, fixed.dy, CHUNK / 2 * fixed.dy,
                          fabs(dy_px) * CHUNK < 1.5 && fabs(dx_px) * (CHUNK - 1) < 62};
    if (way == SAMPLE_BITS && (!eight_in_two_words(w.dx) || raw->bits->wpl < 2))
        way = SAMPLE_EIGHT;
    if (!w.level)
        way = SAMPLE_PLAIN;
    const double rise = dy_px * 63;
    for (int from = 0; from < rows; from += BLOCK) {
        int to = lower(from + BLOCK, rows);
        struct lines lines = {0};
        if (mostly_white)
            lines = look_at_lines(raw->bits, &w, firsts + from, to - from);
        if (lines.known && lines.dark == 0) {
            for (int y = from; y < to; y++)
                out[y * stride] = 0;
            continue;
        }
#ifdef __x86_64__
        if (way == SAMPLE_BITS) {
            block_by_bits(out + from * stride, stride, raw, &w, firsts + from, to - from);
            continue;
        }
#endif
        for (int y = from; y < to; y++) {
            w.first = firsts[y];
            bool is_white = lines.known && row_is_white(&lines, w.first.y, rise);
            out[y * stride] = is_white ? 0 : word_of(way, raw, &w);
        }
    }
}

void sample_words(uint64_t *out, int stride, const struct raw_page *raw, const struct point *firsts,
                  int rows, double dx_px, double dy_px, bool mostly_white)
{
    sample_words_by(sample_way_best(), out, stride, raw, firsts, rows, dx_px, dy_px, mostly_white);
}
