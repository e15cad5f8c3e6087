/* Sampling: what is taken many cells at a time, in each way that the processor can, or passed over because it is
 * white, is what would be taken one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "read/outside_internal.h"
#include "read/sample_internal.h"

static uint64_t chance = 5;

static double uniform(double low, double high)
{
    chance = chance * 6364136223846793005u + 1442695040888963407u;
    return low + (high - low) * (double)(chance >> 11) / 9007199254740992.0;
}

/* ---- images ------------------------------------------------------------------------------------ */

/* Of a few dark spots and rules, on white, or of grain; or grey from end to end. */
static void draw_page(struct raw_page *out, bool grey)
{
    int width = (int)uniform(40, 700), height = (int)uniform(30, 400);
    PIX *pix = pixCreate(width, height, grey ? 8 : 1);
    *out = (struct raw_page){.width_px = width, .height_px = height};
    bool grain = grey || uniform(0, 1) < 0.2;
    for (int y = 0; grain && y < height; y++)
        for (int x = 0; x < width; x++)
            pixSetPixel(pix, x, y, (l_uint32)uniform(0, grey ? 255.9 : 1.9));
    for (int k = 0; !grey && k < 12; k++) {
        int x = (int)uniform(-5, width), y = (int)uniform(-5, height);
        bool rule = k == 0;
        pixRasterop(pix, x, y, (int)uniform(1, rule ? 600 : 12), (int)uniform(1, rule ? 3 : 12), PIX_SET,
                    NULL, 0, 0);
    }
    *(grey ? &out->grey : &out->bits) = pix;
}

static unsigned pixel(const struct raw_page *raw, int x, int y, unsigned beyond)
{
    l_uint32 value = beyond;
    if (x >= 0 && y >= 0 && x < raw->width_px && y < raw->height_px)
        pixGetPixel(raw->grey != NULL ? raw->grey : raw->bits, x, y, &value);
    return value;
}

/* To 64ths, or just before them: cells then often lie on the very edge of a pixel. */
static struct point to_edge(struct point p, double before)
{
    return (struct point){round(p.x * 64) / 64 - before, round(p.y * 64) / 64 - before};
}

/* Upright, upside down, sideways, a little askew: from cell to cell. */
static struct point any_step(void)
{
    double turns[] = {0, 0, 0, M_PI, M_PI / 2, -M_PI / 2}, angle = turns[(int)uniform(0, 5.99)];
    angle += uniform(0, 1) < 0.3 ? 0 : uniform(-0.06, 0.06);
    double px = uniform(0.4, 6);
    struct point step = {px * cos(angle), px * sin(angle)};
    return uniform(0, 1) < 0.2 ? to_edge(step, 0) : step;
}

/* The processor's own as often as all others together. */
static enum sample_way any_way(void)
{
    int best = (int)sample_way_best();
    return (enum sample_way)lower((int)uniform(0, 2 * best + 0.99), best);
}

static struct point any_place(const struct raw_page *raw)
{
    struct point place = {uniform(-150, raw->width_px + 30), uniform(-40, raw->height_px + 30)};
    return uniform(0, 1) < 0.3 ? to_edge(place, uniform(0, 1) < 0.5 ? 0 : 1 / 65536.0) : place;
}

/* ---- words --------------------------------------------------------------------------------------- */

/* Eight cells from the line below their middle where that may be, else each from its own. */
static uint64_t eight_cells(const struct raw_page *raw, struct point first, struct point step)
{
    const struct sample_walk w = sample_walk_from(first, step.x, step.y);
    bool level = fabs(step.y) * 8 < 1.5 && fabs(step.x) * 7 < 62;
    int left = (w.dx < 0 ? w.x + 7 * w.dx : w.x) >> 16, line = (w.y + 4 * w.dy) >> 16;
    bool as_one = level && left >= 0 && left / 32 + 3 <= (int)raw->bits->wpl && line >= 0 &&
                  line < raw->height_px;
    uint64_t out = 0;
    for (int k = 0; k < 8; k++) {
        int x = (w.x + k * w.dx) >> 16, y = as_one ? line : (w.y + k * w.dy) >> 16;
        out |= (uint64_t)pixel(raw, x, y, 0) << k;
    }
    return out;
}

static void words_are_what_cells_one_by_one_are(void **state)
{
    (void)state;
    for (int round = 0; round < 3000; round++) {
        enum { ROWS = 37 };
        struct raw_page raw;
        struct point firsts[ROWS], step = any_step();
        uint64_t out[2 * ROWS];
        draw_page(&raw, false);
        firsts[0] = any_place(&raw);
        for (int y = 0; y < ROWS; y++)
            firsts[y] = (struct point){firsts[0].x - step.y * y, firsts[0].y + step.x * y};
        memset(out, 0xff, sizeof out);
        sample_words_by(any_way(), out, 2, &raw, firsts, ROWS, step.x, step.y, round % 3 != 0);
        for (int y = 0; y < ROWS; y++) {
            uint64_t expected = 0;
            for (int i = 0; i < 64; i += 8) {
                struct point at = {firsts[y].x + step.x * i, firsts[y].y + step.y * i};
                expected |= eight_cells(&raw, at, step) << i;
            }
            assert_int_equal(out[2 * y], expected);
            assert_int_equal(out[2 * y + 1], ~(uint64_t)0);
        }
        pixDestroy(&raw.bits);
    }
}

/* ---- rows ---------------------------------------------------------------------------------------- */

static void grey_rows_are_what_cells_one_by_one_are(void **state)
{
    (void)state;
    for (int round = 0; round < 600; round++) {
        struct raw_page raw;
        draw_page(&raw, true);
        for (int k = 0; k < 30; k++) {
            enum { CELLS = 150, AFTER = 40 };
            unsigned char out[CELLS + AFTER];
            struct point step = any_step();
            int count = (int)uniform(1, CELLS);
            struct sample_walk w = sample_walk_from(any_place(&raw), step.x, step.y);
            memset(out, 77, sizeof out);
            sample_tones(out, count, &raw, &w, 200);
            for (int i = 0; i < count; i++)
                assert_int_equal(out[i], pixel(&raw, (w.x + i * w.dx) >> 16, (w.y + i * w.dy) >> 16, 200));
            for (int i = count; i < CELLS + AFTER; i++)
                assert_int_equal(out[i], 77);
        }
        pixDestroy(&raw.grey);
    }
}

/* Of `rows` rows that lie side by side. */
static void check_black(const struct raw_page *raw, int count, int rows)
{
    enum { CELLS = 150, ROWS = 5, AFTER = 40 };
    unsigned char out[CELLS * ROWS + AFTER];
    struct sample_walk walks[ROWS];
    struct point step = any_step(), first = any_place(raw);
    for (int row = 0; row < rows; row++)
        walks[row] = sample_walk_from((struct point){first.x - step.y * row, first.y + step.x * row}, step.x,
                                      step.y);
    memset(out, 77, sizeof out);
    sample_black_by(any_way(), out, count, rows, raw, walks);
    for (int row = 0; row < rows; row++)
        for (int i = 0; i < count; i++) {
            const struct sample_walk *w = &walks[row];
            unsigned there = pixel(raw, (w->x + i * w->dx) >> 16, (w->y + i * w->dy) >> 16, 0);
            assert_int_equal(out[row * count + i], there * 255);
        }
    for (int i = rows * count; i < CELLS * ROWS + AFTER; i++)
        assert_int_equal(out[i], 77);
}

static void black_rows_are_what_cells_one_by_one_are(void **state)
{
    (void)state;
    for (int round = 0; round < 1500; round++) {
        struct raw_page raw;
        draw_page(&raw, false);
        for (int k = 0; k < 30; k++)
            check_black(&raw, (int)uniform(1, 150), (int)uniform(1, 5.99));
        pixDestroy(&raw.bits);
    }
}

/* ---- grey levels ------------------------------------------------------------------------------------ */

static void levels_are_mapped_as_one_by_one(void **state)
{
    (void)state;
    for (int round = 0; round < 400; round++) {
        unsigned char table[256], cells[300], wanted[300];
        int count = (int)uniform(0, 300.9), darkest = round % 2 == 0 ? 0 : 180; /* much is light paper */
        for (int k = 0; k < 256; k++)
            table[k] = (unsigned char)uniform(0, 255.9);
        for (int k = 0; k < 300; k++) {
            cells[k] = (unsigned char)uniform(darkest, 255.9);
            wanted[k] = k < count ? table[cells[k]] : cells[k];
        }
        tone_map(cells, (size_t)count, table);
        assert_memory_equal(cells, wanted, sizeof cells);
    }
}

/* ---- images made smaller ------------------------------------------------------------------------- */

static void a_smaller_image_loses_no_dark_pixel(void **state)
{
    (void)state;
    for (int round = 0; round < 300; round++) {
        struct raw_page raw;
        draw_page(&raw, false);
        int factor = 2 << round % 3, wide = round % 2;
        struct raw_page reduced = reduce_any(raw.bits, factor, wide);
        PIX *out = reduced.bits;
        int width = raw.width_px / factor, height = raw.height_px / factor;
        assert_true(reduced.width_px == width && reduced.height_px == height);
        assert_true((int)out->w > width + 64 && (int)out->h == height);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++) {
                unsigned any = 0;
                int across = x + wide < width ? x + wide : x;
                int down = y + wide < height ? y + wide : y;
                for (int v = y * factor; v < (down + 1) * factor; v++)
                    for (int u = x * factor; u < (across + 1) * factor; u++)
                        any |= pixel(&raw, u, v, 0);
                l_uint32 there;
                pixGetPixel(out, x, y, &there);
                assert_int_equal(there, any);
            }
        for (int k = 0; k < height * 60; k++) { /* the first column beside may hold half a pixel */
            l_uint32 there;
            pixGetPixel(out, width + 1 + k % 60, k / 60, &there);
            assert_int_equal(there, 0);
        }
        pixDestroy(&out);
        pixDestroy(&raw.bits);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_what_cells_one_by_one_are),
        cmocka_unit_test(black_rows_are_what_cells_one_by_one_are),
        cmocka_unit_test(grey_rows_are_what_cells_one_by_one_are),
        cmocka_unit_test(levels_are_mapped_as_one_by_one),
        cmocka_unit_test(a_smaller_image_loses_no_dark_pixel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
