/* Cells of a page that are passed over, since no pixel near them is dark, are none that would be dark. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <leptonica/allheaders.h>

#include "read/outside_internal.h"
#include "read/sample.h"

enum { WIDE_MM = 40, HIGH_MM = 30 };

static double uniform(double from, double to)
{
    return from + (to - from) * (rand() / (RAND_MAX + 1.0));
}

/* Specks and short strokes, many of them at the image's edges; some images are nearly bare. */
static PIX *draw_image(int width, int height)
{
    PIX *out = pixCreate(width, height, 1);
    for (int k = (int)uniform(0, 60); k > 0; k--) {
        int x = (int)uniform(0, width), y = (int)uniform(0, height), length = (int)uniform(1, 40);
        x = rand() % 4 == 0 ? width - 1 - rand() % 9 : x;
        y = rand() % 4 == 0 ? height - 1 - rand() % 9 : y;
        bool level = rand() % 2 == 0;
        for (int i = 0; i < length; i++)
            pixSetPixel(out, level ? x + i : x, level ? y : y + i, 1);
    }
    return out;
}

/* The form lies on the image at any turn, now and then beyond its edges, and a little bent. */
static void place(struct placed_page *out, double px_per_mm, int width, int height)
{
    double turn = (rand() % 4) * M_PI / 2 + (rand() % 3 == 0 ? 0 : uniform(-0.04, 0.04));
    double a = px_per_mm * cos(turn), b = px_per_mm * sin(turn);
    double x = width / 2.0 + uniform(-40, 40), y = height / 2.0 + uniform(-40, 40);
    memset(out, 0, sizeof *out);
    out->placement.width_mm = WIDE_MM;
    out->placement.height_mm = HIGH_MM;
    out->placement.form_to_image = (struct transform){{a, -b, x - (a * WIDE_MM - b * HIGH_MM) / 2, b, a,
                                                       y - (b * WIDE_MM + a * HIGH_MM) / 2, 0, 0}};
    for (int j = 0; j < PLACEMENT_GRID_Y; j++)
        for (int i = 0; i < PLACEMENT_GRID_X; i++) {
            out->placement.dx_mm[j][i] = (float)uniform(-0.2, 0.2);
            out->placement.dy_mm[j][i] = (float)uniform(-0.2, 0.2);
        }
}

/* A tile's rows, each asked for. */
static void sample_plainly(uint64_t *out, const struct outside *o, int word, int top, int rows)
{
    struct point first = {(word * 64 + 0.5) * OUTSIDE_CELL_MM, (top + 0.5) * OUTSIDE_CELL_MM}, at[TILE_ROWS];
    struct point middle = {first.x + 32 * OUTSIDE_CELL_MM, first.y + rows / 2.0 * OUTSIDE_CELL_MM};
    struct transform local = placement_local(&o->placed->placement, middle);
    struct point start = transform_apply(&local, first);
    for (int j = 0; j < rows; j++)
        at[j] = (struct point){start.x + local.m[1] * OUTSIDE_CELL_MM * j, start.y + local.m[4] * OUTSIDE_CELL_MM * j};
    sample_words(out, 1, o->raw, at, rows, local.m[0] * OUTSIDE_CELL_MM, local.m[3] * OUTSIDE_CELL_MM, true);
}

static long compare(const struct outside *o)
{
    const struct outside_template *t = o->template;
    long dark = 0;
    for (int top = 0; top < t->height; top += TILE_ROWS)
        for (int i = 0; i < t->words; i++) {
            uint64_t expected[TILE_ROWS];
            uint64_t within = (i + 1) * 64 <= t->width ? ~(uint64_t)0 : ((uint64_t)1 << t->width % 64) - 1;
            int rows = t->height - top < TILE_ROWS ? t->height - top : TILE_ROWS;
            sample_plainly(expected, o, i, top, rows);
            for (int j = 0; j < rows; j++) {
                uint64_t word = o->dark[(top + j) * t->words + i];
                assert_true(word == (expected[j] & within));
                dark += __builtin_popcountll(word);
            }
        }
    return dark;
}

static void no_dark_cell_is_passed_over(void **state)
{
    (void)state;
    long dark = 0;
    srand(5);
    for (int round = 0; round < 300; round++) {
        static const double dpi[] = {150, 200, 240, 300, 400, 600};
        double px_per_mm = dpi[rand() % 6] / 25.4;
        int width = (int)(px_per_mm * uniform(25, 50)), height = (int)(px_per_mm * uniform(25, 50));
        struct outside_template template = {.width = (int)(WIDE_MM / OUTSIDE_CELL_MM),
                                            .height = (int)(HIGH_MM / OUTSIDE_CELL_MM)};
        template.words = (template.width + 63) / 64;
        PIX *image = draw_image(width, height);
        struct raw_page raw = {.bits = image, .width_px = width, .height_px = height};
        struct placed_page placed;
        place(&placed, px_per_mm, width, height);
        size_t cells = (size_t)template.height * (size_t)template.words;
        struct outside o = {.template = &template, .raw = &raw, .placed = &placed};
        o.tiles = calloc((size_t)(template.height / TILE_ROWS + 1) * (size_t)template.words, sizeof *o.tiles);
        o.dark = malloc(cells * sizeof *o.dark);
        o.any = malloc(cells * sizeof *o.any);
        assert_true(o.tiles != NULL && o.dark != NULL && o.any != NULL);
        outside_cells(&o);
        dark += compare(&o);
        free(o.any);
        free(o.dark);
        free(o.tiles);
        pixDestroy(&image);
    }
    assert_in_range(dark, 10000, 1000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_dark_cell_is_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
