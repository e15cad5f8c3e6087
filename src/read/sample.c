/* The innermost loops of reading: pixels along rows of cells. Checks are made once a row, not once a cell,
 * and what is white is passed over by words. */
#include "read/sample.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ONE 65536.0 /* 16.16 fixed point */
#define CHUNK 8     /* cells of a word taken from one line of a bitonal scan */

/* As floor(), which is a call of the library. */
static inline int floor_fixed(double px)
{
    double value = px * ONE;
    int whole = (int)value;
    return whole - (whole > value);
}

/* As lround(), but for halves that no double holds. */
static inline int round_fixed(double px)
{
    return (int)(px * ONE + (px < 0 ? -0.5 : 0.5));
}

struct sample_walk sample_walk_from(struct point first_px, double dx_px, double dy_px)
{
    return (struct sample_walk){floor_fixed(first_px.x), floor_fixed(first_px.y),
                                round_fixed(dx_px), round_fixed(dy_px)};
}

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

/* How many of `count` cells from `at` on lie on one line of pixels. */
static inline int cells_on_line(int at, int step, int count)
{
    int part = at & 0xffff;
    int cells = step == 0 ? count : step > 0 ? (0xffff - part) / step + 1 : part / -step + 1;
    return cells < count ? cells : count;
}

static inline bool is_level(const struct sample_walk *w)
{
    return abs(w->dx) > 4 * abs(w->dy);
}

static inline const l_uint32 *line_of(const PIX *pix, int y)
{
    return pix->data + (size_t)y * pix->wpl;
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
    for (; count >= 4; count -= 4, out += 4, at += 4 * step) {
        out[0] = byte_of(line, at >> 16);
        out[1] = byte_of(line, (at + step) >> 16);
        out[2] = byte_of(line, (at + 2 * step) >> 16);
        out[3] = byte_of(line, (at + 3 * step) >> 16);
    }
    for (; count > 0; count--, at += step)
        *out++ = byte_of(line, at >> 16);
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
            for (int i = 0, at = from; i < n; i++, at += dx)
                out[i] = (unsigned char)(0 - (pixels << (at >> 16) >> 63));
        out += n;
        count -= n;
        x += n * dx;
    }
}

void sample_black(unsigned char *out, int count, const struct raw_page *raw,
                  const struct sample_walk *walk)
{
    const struct sample_walk w = *walk;
    if (all_inside(raw, &w, count) && is_level(&w)) {
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

static inline int lower(int a, int b)
{
    return a < b ? a : b;
}

static inline int higher(int a, int b)
{
    return a > b ? a : b;
}

/* Whether the pixels of columns left..right are white in all lines top..bottom; none is beyond the image. */
static bool is_white(const PIX *bits, int left, int right, int top, int bottom)
{
    uint32_t any = 0;
    int from = higher(left, 0) / 32, to = lower(right / 32, (int)bits->wpl - 1);
    bottom = lower(bottom, (int)bits->h - 1);
    for (int y = higher(top, 0); y <= bottom; y++) {
        const l_uint32 *line = line_of(bits, y);
        for (int k = from; k <= to; k++)
            any |= line[k];
    }
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

uint64_t sample_word(const struct raw_page *raw, struct point first, double dx_px, double dy_px)
{
    const PIX *bits = raw->bits;
    struct sample_walk w = sample_walk_from(first, dx_px, dy_px);
    bool level = fabs(dy_px) * CHUNK < 1.5 && fabs(dx_px) * (CHUNK - 1) < 62;
    int words = (int)bits->wpl, wide = (CHUNK - 1) * w.dx, middle = CHUNK / 2 * w.dy;
    int last_x = floor_fixed(first.x + dx_px * (64 - CHUNK));
    int last_y = floor_fixed(first.y + dy_px * (64 - CHUNK));
    if (level) {
        /* all that any way of taking the cells could meet */
        int left = lower(lower(w.x, last_x), lower(w.x, last_x) + wide);
        int right = higher(higher(w.x, last_x), higher(w.x, last_x) + wide);
        int top = lower(w.y, last_y) + lower(0, (CHUNK - 1) * w.dy);
        int bottom = higher(w.y, last_y) + higher(0, (CHUNK - 1) * w.dy);
        if (is_white(bits, left >> 16, right >> 16, top >> 16, bottom >> 16))
            return 0;
    }
    uint64_t out = 0;
    for (int i = 0; i < 64; i += CHUNK) {
        int x = floor_fixed(first.x + dx_px * i), y = floor_fixed(first.y + dy_px * i);
        int left = lower(x, x + wide) >> 16, line = (y + middle) >> 16;
        if (level && left >= 0 && left / 32 + 3 <= words && (unsigned)line < bits->h)
            out |= chunk_of_line(line_of(bits, line), words, x, left, w.dx) << i;
        else
            out |= chunk_apart(raw, x, y, w.dx, w.dy) << i;
    }
    return out;
}
