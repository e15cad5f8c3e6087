/* What the scan itself is like: levels, specks, borders, streaks, and how the form lies on it. Some
 * hundred rows stand for the page: every defect looked for here is larger than what lies between. */
#include "page/health.h"

#include <endian.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "page/health_internal.h"

#define CONTRAST_MIN 60  /* grey levels from paper to print, at least */
#define SPECK_ROWS 3 /* specks are counted in every third of them */

/* ---- rows as words: pixel x is bit 31 - (x & 31) of word x / 32, as in Leptonica --------------- */

/* Pixel x of the result is pixel x - by of the row; white comes in. 0 < by < 32. */
static inline uint32_t from_left(const uint32_t *row, int k, int by)
{
    return row[k] >> by | (k > 0 ? row[k - 1] << (32 - by) : 0);
}

static inline uint32_t from_right(const uint32_t *row, int k, int words, int by)
{
    return row[k] << by | (k + 1 < words ? row[k + 1] >> (32 - by) : 0);
}

static inline bool bit_at(const uint32_t *row, int x)
{
    return row[x >> 5] >> (31 - (x & 31)) & 1;
}

/* Levels of one row, one byte each. */
static void unpack_row(uint8_t *out, const PIX *grey, int y)
{
    const l_uint32 *line = grey->data + (size_t)y * grey->wpl;
    for (int k = 0; k < (int)grey->wpl; k++) { /* Leptonica keeps the leftmost pixel uppermost */
        uint32_t four = htobe32(line[k]);
        memcpy(out + 4 * k, &four, sizeof four);
    }
    memset(out + grey->w, 0, LEVELS_MARGIN);
}

/* In blocks of 32, which the compiler makes vectors of. */
static void pack_below(uint32_t *out, const uint8_t *levels, int words, int limit)
{
    uint8_t flags[32], below = (uint8_t)limit;
    for (int k = 0; k < words; k++) {
        for (int i = 0; i < 32; i++)
            flags[i] = levels[k * 32 + i] < below;
        out[k] = health_pack(flags);
    }
}

/* Dark pixels of one row of the image. */
static void dark_row(struct looking *l, uint32_t *out, int y)
{
    if (l->raw->bits != NULL) {
        memcpy(out, l->raw->bits->data + (size_t)y * l->raw->bits->wpl,
               (size_t)l->words * sizeof *out);
    } else {
        unpack_row(l->levels, l->raw->grey, y);
        pack_below(out, l->levels, l->words, l->middle);
    }
    if (l->width % 32 != 0) /* beyond the width a PIX may hold anything */
        out[l->words - 1] &= 0xffffffffu << (32 - l->width % 32);
}

/* ---- levels ------------------------------------------------------------------------------------ */

/* Paper: the level that 30 % of the middle of the image exceeds; print: the mean of its darkest
 * 1 %. */
static void measure_levels(struct looking *l, struct scan_health *health)
{
    long histogram[256] = {0}, total = 0, dark = 0, sum = 0, above = 0;
    l->middle = 128;
    health->paper = 255;
    health->print = 0;
    if (l->raw->bits != NULL)
        return;
    for (int r = 0; r < l->rows; r++) {
        if (l->y[r] < l->height / 10 || l->y[r] > l->height * 9 / 10)
            continue;
        const l_uint32 *line = l->raw->grey->data + (size_t)l->y[r] * l->raw->grey->wpl;
        for (int x = l->width / 10; x < l->width * 9 / 10; x += 3, total++)
            histogram[GET_DATA_BYTE(line, x)]++;
    }
    int paper = 255, print = 0;
    while (paper > 0 && (above += histogram[paper]) < total * 3 / 10)
        paper--;
    for (; print < paper && dark < total / 100; print++) {
        dark += histogram[print];
        sum += histogram[print] * print;
    }
    health->paper = (float)paper;
    health->print = dark > 0 ? (float)sum / (float)dark : 0;
    /* on a sheet without print what differs a little from paper is not dark */
    int contrast = paper - (int)health->print;
    l->middle = paper - (contrast < CONTRAST_MIN ? CONTRAST_MIN : contrast) / 2;
}

/* ---- borders ----------------------------------------------------------------------------------- */

/* How far a row is dark from its left (right) end. */
static int dark_run(const uint32_t *row, int width, bool right)
{
    int run = 0;
    while (run < width && bit_at(row, right ? width - 1 - run : run))
        run++;
    return run;
}

static int dark_count(const uint32_t *row, int words)
{
    int count = 0;
    for (int k = 0; k < words; k++)
        count += __builtin_popcount(row[k]);
    return count;
}

/* A border runs along most of an edge: the median of the rows is dark so far, and rows at the top
 * and bottom are dark nearly all along. */
static void measure_borders(const struct looking *l, struct scan_health *health)
{
    double left[HEALTH_ROWS], right[HEALTH_ROWS];
    int top = 0, bottom = 0;
    for (int r = 0; r < l->rows; r++) {
        left[r] = dark_run(l->dark + (size_t)r * (size_t)l->words, l->width, false);
        right[r] = dark_run(l->dark + (size_t)r * (size_t)l->words, l->width, true);
    }
    while (top < l->rows &&
           dark_count(l->dark + (size_t)top * (size_t)l->words, l->words) > l->width * 9 / 10)
        top++;
    while (bottom < l->rows - top &&
           dark_count(l->dark + (size_t)(l->rows - 1 - bottom) * (size_t)l->words, l->words) >
               l->width * 9 / 10)
        bottom++;
    double row_mm = l->height * l->mm_y / l->rows;
    health->border_left_mm = (float)(median_of(left, (size_t)l->rows) * l->mm_x);
    health->border_right_mm = (float)(median_of(right, (size_t)l->rows) * l->mm_x);
    health->border_top_mm = (float)(top * row_mm);
    health->border_bottom_mm = (float)(bottom * row_mm);
}

/* ---- specks ------------------------------------------------------------------------------------ */

/* Whether the form prints something within about 0.5 mm of this pixel of the image. */
bool health_printed(const struct looking *l, double x_px, double y_px)
{
    if (l->form == NULL)
        return false;
    const struct placement *placement = l->form->placement;
    struct point guess = transform_apply(&l->to_form, (struct point){x_px, y_px});
    struct point back = transform_apply(&l->to_form, placement_to_px(placement, guess));
    double x = (2 * guess.x - back.x) * l->form->px_per_mm;
    double y = (2 * guess.y - back.y) * l->form->px_per_mm;
    const struct bitmap *print = l->form->print;
    if (!(x >= 0 && y >= 0 && x < print->width_px && y < print->height_px))
        return false;
    return print->rows[(size_t)y * (size_t)print->stride + (size_t)x / 64] >> ((size_t)x % 64) & 1;
}

/* Dark spots smaller than about 0.5 mm that stand alone: white a little off in all directions. */
static void measure_specks(struct looking *l, struct scan_health *health)
{
    enum { MOST = 4000 }; /* enough to say that it is too much */
    int far = (int)lround(0.25 / l->mm_x), rows = 0;
    far = far < 2 ? 2 : far > 31 ? 31 : far;
    long specks = 0;
    uint32_t *above = l->scratch, *below = above + l->words;
    for (int r = SPECK_ROWS / 2; r < l->rows && specks < MOST; r += SPECK_ROWS) {
        const uint32_t *row = l->dark + (size_t)r * (size_t)l->words;
        if (l->y[r] < far || l->y[r] + far >= l->height)
            continue;
        dark_row(l, above, l->y[r] - far);
        dark_row(l, below, l->y[r] + far);
        rows++;
        for (int k = 0; k < l->words; k++) {
            uint32_t spot = row[k] & ~from_left(row, k, 1) & ~from_left(row, k, far) &
                            ~from_right(row, k, l->words, far);
            if (spot == 0)
                continue;
            spot &= ~above[k] & ~below[k] & ~from_left(above, k, far) & ~from_left(below, k, far);
            spot &= ~from_right(above, k, l->words, far) & ~from_right(below, k, l->words, far);
            for (; spot != 0; spot &= spot - 1)
                specks += !health_printed(l, k * 32 + 31 - __builtin_ctz(spot), l->y[r]);
        }
    }
    double area_cm2 = (double)rows * l->width * l->mm_x * l->mm_y / 100;
    /* a row meets a spot as often as the spot has rows: taken as half of the largest counted */
    health->specks_cm2 = area_cm2 > 0 ? (float)((double)specks / area_cm2 / far) : 0;
}

/* ---- the form on it ---------------------------------------------------------------------------- */

static bool plate_ink(const PIX *plate, double x_mm, double y_mm)
{
    int x = (int)(x_mm * (300 / MM_PER_INCH)), y = (int)(y_mm * (300 / MM_PER_INCH));
    if (x < 0 || y < 0 || x >= (int)plate->w || y >= (int)plate->h)
        return false;
    const l_uint32 *line = plate->data + (size_t)y * plate->wpl;
    return GET_DATA_BIT(line, x);
}

static bool scan_dark(const struct looking *l, double x_px, double y_px)
{
    if (!(x_px >= 0 && y_px >= 0 && x_px < l->width && y_px < l->height))
        return false;
    if (l->raw->bits != NULL) {
        const l_uint32 *line = l->raw->bits->data + (size_t)y_px * l->raw->bits->wpl;
        return GET_DATA_BIT(line, (int)x_px);
    }
    const l_uint32 *line = l->raw->grey->data + (size_t)y_px * l->raw->grey->wpl;
    return (int)GET_DATA_BYTE(line, (int)x_px) < l->middle;
}

/* The form and the scan side by side, on some lines of the form. */
static void measure_print(const struct looking *l, struct scan_health *health)
{
    enum { LINES = 64, PIECES = 8, STEPS = 96 };
    const struct placement *placement = l->form->placement;
    long inked = 0, found = 0, white = 0, stray = 0;
    for (int line = 0; line < LINES; line++) {
        double y_mm = (line + 0.5) / LINES * placement->height_mm;
        for (int piece = 0; piece < PIECES; piece++) {
            double piece_mm = placement->width_mm / PIECES, x_mm = piece * piece_mm;
            struct point a = placement_to_px(placement, (struct point){x_mm, y_mm});
            struct point b = placement_to_px(placement, (struct point){x_mm + piece_mm, y_mm});
            for (int step = 0; step < STEPS; step++) {
                double t = (step + 0.5) / STEPS;
                bool dark = scan_dark(l, a.x + t * (b.x - a.x), a.y + t * (b.y - a.y));
                bool ink = plate_ink(l->form->plate, x_mm + t * piece_mm, y_mm);
                inked += ink;
                found += ink && dark;
                white += !ink;
                stray += !ink && dark;
            }
        }
    }
    health->print_found = inked > 0 ? (float)found / (float)inked : 0;
    health->stray_share = white > 0 ? (float)stray / (float)white : 0;
}

/* How far a side of the form lies beyond the image: of most of the side, so that a corner lost to
 * skew does not count. */
static float cut_mm(const struct looking *l, struct point from, struct point to)
{
    enum { POINTS = 8 };
    double worst = 0;
    for (int k = 0; k < POINTS; k++) {
        double t = (k + 1.0) / (POINTS + 1);
        struct point p = placement_to_px(
            l->form->placement,
            (struct point){from.x + t * (to.x - from.x), from.y + t * (to.y - from.y)});
        worst = fmax(worst, fmax(fmax(-p.x, p.x - l->width) * l->mm_x,
                                 fmax(-p.y, p.y - l->height) * l->mm_y));
    }
    return (float)worst;
}

/* Length in mm by the scan's nominal resolution of a stretch of the form; 0: no tag to go by. */
static double nominal_mm(const struct looking *l, struct point a, struct point b)
{
    const struct raw_page *raw = l->raw;
    if (!(raw->x_dpi > 0 && raw->y_dpi > 0) ||
        fabs(raw->x_dpi * l->mm_x / MM_PER_INCH - 1) > l->calibration->nominal_dpi_tolerance)
        return 0;
    struct point p = placement_to_px(l->form->placement, a);
    struct point q = placement_to_px(l->form->placement, b);
    return hypot((q.x - p.x) / raw->x_dpi, (q.y - p.y) / raw->y_dpi) * MM_PER_INCH;
}

static void measure_fit(const struct looking *l, struct scan_health *health)
{
    const struct placement *placement = l->form->placement;
    double w = placement->width_mm, h = placement->height_mm;
    struct point left = {0, h / 2}, right = {w, h / 2}, top = {w / 2, 0}, bottom = {w / 2, h};
    struct point middle = placement_to_px(placement, (struct point){w / 2, h / 2});
    double dx = (middle.x - l->width / 2.0) * MM_PER_INCH / health->x_dpi;
    double dy = (middle.y - l->height / 2.0) * MM_PER_INCH / health->y_dpi;
    double turn = health->skew_deg * M_PI / 180;
    health->shift_x_mm = (float)(dx * cos(turn) + dy * sin(turn));
    health->shift_y_mm = (float)(dy * cos(turn) - dx * sin(turn));
    health->scale_x = (float)(nominal_mm(l, left, right) / w);
    health->scale_y = (float)(nominal_mm(l, top, bottom) / h);
    health->cut_left_mm = cut_mm(l, (struct point){0, 0}, (struct point){0, h});
    health->cut_right_mm = cut_mm(l, (struct point){w, 0}, (struct point){w, h});
    health->cut_top_mm = cut_mm(l, (struct point){0, 0}, (struct point){w, 0});
    health->cut_bottom_mm = cut_mm(l, (struct point){0, h}, (struct point){w, h});
}

/* ---- all of it --------------------------------------------------------------------------------- */

static void *must(void *memory)
{
    if (memory == NULL)
        error_die("out of memory: scan health");
    return memory;
}

void health_measure(struct scan_health *health, const struct health_scan *scan,
                    const struct health_form *form, const struct health_calibration *calibration)
{
    const struct raw_page *raw = scan->raw;
    int rows[HEALTH_ROWS];
    struct looking l = {.raw = raw, .scan = scan, .form = form, .calibration = calibration,
                        .width = raw->width_px, .height = raw->height_px,
                        .words = (raw->width_px + 31) / 32,
                        .mm_x = MM_PER_INCH / scan->x_dpi, .mm_y = MM_PER_INCH / scan->y_dpi,
                        .rows = raw->height_px < HEALTH_ROWS ? raw->height_px : HEALTH_ROWS,
                        .y = rows};
    if (form != NULL && !transform_invert(&l.to_form, &form->placement->form_to_image))
        l.form = NULL;
    if (l.form == NULL)
        health->x_dpi = health->y_dpi = health->skew_deg = 0;
    for (int r = 0; r < l.rows; r++)
        rows[r] = (int)((r + 0.5) * l.height / l.rows);
    size_t words = (size_t)l.words, count = (size_t)l.rows;
    l.dark = must(calloc(words * (2 * count + 2), sizeof *l.dark));
    l.thin = l.dark + words * count;
    l.scratch = l.thin + words * count;
    uint8_t *levels = must(calloc(1, (size_t)l.words * 32 + 2 * LEVELS_MARGIN));
    l.levels = levels + LEVELS_MARGIN;
    health->width_mm = (float)(l.width * l.mm_x);
    health->height_mm = (float)(l.height * l.mm_y);
    measure_levels(&l, health);
    for (int r = 0; r < l.rows; r++) {
        dark_row(&l, l.dark + (size_t)r * words, rows[r]);
        health_thin_row(&l, l.thin + (size_t)r * words, r, health->paper - health->print);
    }
    measure_borders(&l, health);
    measure_specks(&l, health);
    if (l.form != NULL) {
        measure_fit(&l, health);
        measure_print(&l, health);
    }
    health_streaks(&l, health);
    free(l.dark);
    free(levels);
}
