/* Columns of an image that go on being dark, and the image without them. */
#include "read/hairlines.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define LOOK_MM 0.35    /* rows looked at for proof are so far apart */
#define COLUMNS_MAX 256 /* more columns that last: noise from edge to edge, and no dust */

struct hair_search {
    const PIX *bits;
    const struct mark_calibration *calibration;
    int thin_px, aside_px, step;
    double step_mm;
    int rows, words;   /* those looked at */
    uint32_t *room;    /* [2 * (words + 1)] */
    uint32_t *thin;    /* NULL, or their pixels that lie in thin runs, as in `bits` */
    int *hits, *sides; /* [rows + 1]: how many rows above are dark in a column; beside it */
};

/* The first word from k on that is not white; `words`: none. */
static inline int next_word(const uint32_t *row, int k, int words)
{
    enum { MANY = 4 };
    for (; k + MANY <= words; k += MANY) {
        uint64_t pairs[MANY / 2];
        memcpy(pairs, row + k, sizeof pairs);
        if ((pairs[0] | pairs[1]) != 0)
            break;
    }
    while (k < words && row[k] == 0)
        k++;
    return k;
}

/* What opening by a longer run takes away. `row`: [words + 1], the last white; `eroded`: [words + 1], the first
 * white. */
static inline __attribute__((always_inline)) void open_row(uint32_t *restrict out, uint32_t *restrict eroded,
                                                           const uint32_t *restrict row, int words, int thin)
{
    for (int k = 0; k < words; k++)
        eroded[k + 1] = row[k];
    for (int i = 1; i <= thin; i++)
        for (int k = 0; k < words; k++)
            eroded[k + 1] &= row[k] << i | row[k + 1] >> (32 - i);
    for (int k = 0; k < words; k++)
        out[k] = eroded[k + 1];
    for (int i = 1; i <= thin; i++)
        for (int k = 0; k < words; k++)
            out[k] |= eroded[k + 1] >> i | eroded[k] << (32 - i);
    for (int k = 0; k < words; k++)
        out[k] = row[k] & ~out[k];
}

#ifdef __x86_64__
static __attribute__((target("avx2"))) void open_row_wide(uint32_t *out, uint32_t *eroded, const uint32_t *row,
                                                          int words, int thin)
{
    open_row(out, eroded, row, words, thin);
}
#endif

void hairlines_thin_runs(uint32_t *out, uint32_t *room, const l_uint32 *row, int words, int thin)
{
    uint32_t *line = room, *eroded = room + words + 1;
    if (next_word(row, 0, words) == words) {
        memset(out, 0, (size_t)words * sizeof *out);
        return;
    }
    memcpy(line, row, (size_t)words * sizeof *line);
    line[words] = eroded[0] = 0;
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2"))
        open_row_wide(out, eroded, line, words, thin);
    else
#endif
        open_row(out, eroded, line, words, thin);
}

static inline bool thin_at(const uint32_t *row, int x, int width)
{
    return x >= 0 && x < width && (row[x >> 5] >> (31 - (x & 31)) & 1);
}

/* Whether the column is dark in this row: it strays by a pixel. */
static inline bool hit(const uint32_t *row, int x, int width)
{
    int bit = x & 31;
    if (bit > 0 && bit < 31 && x > 0 && x + 1 < width)
        return (row[x >> 5] >> (30 - bit) & 7) != 0;
    return thin_at(row, x, width) || thin_at(row, x - 1, width) || thin_at(row, x + 1, width);
}

/* Looks at one column, whatever it shows. */
static void look_down(const struct hair_search *s, int x)
{
    int width = (int)s->bits->w;
    s->hits[0] = s->sides[0] = 0;
    for (int r = 0; r < s->rows; r++) {
        const uint32_t *row = s->thin + (size_t)r * (size_t)s->words;
        s->hits[r + 1] = s->hits[r] + hit(row, x, width);
        s->sides[r + 1] =
            s->sides[r] + hit(row, x - s->aside_px, width) + hit(row, x + s->aside_px, width);
    }
}

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

/* How many of the rows within `far` of r are dark, but for those within `near`. At an end of the
 * page as many rows are looked at, farther from the other. */
static int around(const int *sums, int rows, int r, int near, int far)
{
    far = far < rows / 2 ? far : rows / 2;
    int middle = clamp(r, far, rows - 1 - far > far ? rows - 1 - far : far);
    int from = clamp(middle - far, 0, rows), to = clamp(middle + far + 1, 0, rows);
    int own_from = clamp(r - near, 0, rows), own_to = clamp(r + near + 1, 0, rows);
    return sums[to] - sums[from] - (sums[own_to] - sums[own_from]);
}

/* Whether a hairline goes down the column that was looked at, by what lies above and below row r.
 */
static bool is_proved(const struct hair_search *s, int r)
{
    const struct mark_calibration *c = s->calibration;
    int near = (int)ceil(c->hair_own_mm / s->step_mm),
        far = (int)ceil(c->hair_reach_mm / s->step_mm);
    int dark = around(s->hits, s->rows, r, near, far),
        beside = around(s->sides, s->rows, r, near, far);
    return dark * s->step_mm >= c->hair_seen_mm && beside / 2.0 <= c->hair_aside_max * dark;
}

/* Whitens the thin runs of one image row that reach the column. */
static void take_off(PIX *out, int x, int y, int thin_px)
{
    l_uint32 *row = out->data + (size_t)y * out->wpl;
    int width = (int)out->w;
    for (int at = x > 0 ? x - 1 : 0; at <= x + 1 && at < width; at++) {
        if (!GET_DATA_BIT(row, at))
            continue;
        int from = at, to = at;
        while (from > 0 && at - from <= thin_px && GET_DATA_BIT(row, from - 1))
            from--;
        while (to + 1 < width && to - at <= thin_px && GET_DATA_BIT(row, to + 1))
            to++;
        for (int i = from; i <= to && to - from < thin_px; i++)
            CLEAR_DATA_BIT(row, i);
        at = to;
    }
}

/* The pixels of an r-th row that lie in thin runs. */
static void thin_row(uint32_t *out, const struct hair_search *s, int r)
{
    hairlines_thin_runs(out, s->room, s->bits->data + (size_t)r * (size_t)s->step * s->bits->wpl, s->words, s->thin_px);
}

/* The columns that are dark often enough to be looked at; their number, none where they are too
 * many. No row is kept: seldom is there such a column. */
static int find_columns(int *columns, const struct hair_search *s)
{
    int width = (int)s->bits->w, count = 0;
    int *dark = calloc((size_t)s->words * 32, sizeof *dark);
    uint32_t *row = malloc((size_t)(s->words + 1) * sizeof *row);
    if (dark == NULL || row == NULL)
        error_die("out of memory: columns of an image");
    for (int r = 0; r < s->rows; r++) {
        thin_row(row, s, r);
        for (int k = next_word(row, 0, s->words); k < s->words; k = next_word(row, k + 1, s->words))
            for (uint32_t w = row[k]; w != 0; w &= w - 1)
                dark[k * 32 + 31 - __builtin_ctz(w)]++;
    }
    double least = s->calibration->hair_seen_mm / s->step_mm;
    for (int x = 1; x + 1 < width && count <= COLUMNS_MAX; x++)
        /* a hairline two pixels wide is seen in both: the middle of three does for all */
        if (dark[x - 1] + dark[x] + dark[x + 1] >= least && dark[x] > 0 && count < COLUMNS_MAX + 1)
            columns[count++] = x;
    free(row);
    free(dark);
    return count > COLUMNS_MAX ? 0 : count;
}

/* Keeps the rows, for columns to be looked down. */
static void keep_rows(struct hair_search *s)
{
    s->thin = malloc((size_t)(s->rows + 1) * (size_t)s->words * sizeof *s->thin);
    if (s->thin == NULL)
        error_die("out of memory: hairlines of an image");
    for (int r = 0; r < s->rows; r++)
        thin_row(s->thin + (size_t)r * (size_t)s->words, s, r);
}

static PIX *search(struct hair_search *s)
{
    int columns[COLUMNS_MAX + 1], count = find_columns(columns, s);
    PIX *out = NULL;
    if (count > 0)
        keep_rows(s);
    for (int k = 0; k < count; k++) {
        look_down(s, columns[k]);
        if (s->hits[s->rows] * s->step_mm < s->calibration->hair_seen_mm)
            continue;
        for (int r = 0; r < s->rows; r++) {
            if (!is_proved(s, r))
                continue;
            if (out == NULL && (out = pixCopy(NULL, s->bits)) == NULL)
                error_die("out of memory: an image of %u x %u px", s->bits->w, s->bits->h);
            for (int y = r * s->step; y < (r + 1) * s->step && y < (int)out->h; y++)
                take_off(out, columns[k], y, s->thin_px);
        }
    }
    return out;
}

PIX *hairlines_take_off(const struct raw_page *raw, const struct transform *local,
                        const struct mark_calibration *calibration)
{
    if (raw->bits == NULL)
        return NULL;
    double across = hypot(local->m[0], local->m[1]), down = hypot(local->m[3], local->m[4]);
    struct hair_search s = {.bits = raw->bits, .calibration = calibration};
    s.thin_px = (int)fmin(floor(calibration->hair_width_max_mm * across), 8);
    if (s.thin_px < 1 || !(down > 1))
        return NULL;
    s.aside_px = (int)ceil(calibration->hair_aside_mm * across) + 2;
    s.step = (int)fmax(1, floor(LOOK_MM * down));
    s.step_mm = s.step / down;
    s.rows = (raw->height_px + s.step - 1) / s.step;
    s.words = (raw->width_px + 31) / 32;
    s.room = malloc(2 * (size_t)(s.words + 1) * sizeof *s.room);
    s.hits = malloc(2 * (size_t)(s.rows + 1) * sizeof *s.hits);
    if (s.room == NULL || s.hits == NULL)
        error_die("out of memory: hairlines of an image");
    s.sides = s.hits + s.rows + 1;
    PIX *out = search(&s);
    free(s.hits);
    free(s.thin);
    free(s.room);
    return out;
}
