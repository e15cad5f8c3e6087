/* Light lines on grey paper: told by their shape, where ink by darkness alone is none. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <leptonica/allheaders.h>

#include "base/calibration.h"
#include "base/error.h"
#include "read/outside_internal.h"
#include "read/plate_ink.h"

#define PAPER 220
#define SIDE 100 /* mm */

static struct calibration calibration;

/* A bare page. */
struct bare {
    struct outside_template template;
    struct outside o;
    size_t stride;
    uint64_t *light;
};

static void bare_init(struct bare *b, int noise)
{
    struct template_page page = {.width_mm = SIDE, .height_mm = SIDE};
    PIX *white = pixCreate((int)(SIDE * PLATE_PX_PER_MM), (int)(SIDE * PLATE_PX_PER_MM), 1);
    struct bitmap plate = {0};
    unsigned chance = 7;
    bitmap_from_pix(&plate, white);
    pixDestroy(&white);
    const struct bitmap *plates[PRINT_REACHES] = {&plate, &plate, &plate};
    outside_template_init(&b->template, &page, &plate, plates, &calibration.outside);
    bitmap_release(&plate);
    b->stride = (size_t)b->template.words * 64;
    size_t cells = b->stride * (size_t)b->template.height;
    b->o = (struct outside){.template = &b->template, .levels = {PAPER, 20}, .reach = PRINT_NEAR};
    b->o.tones = malloc(cells);
    b->light = calloc(cells / 64, sizeof *b->light);
    assert_true(b->o.tones != NULL && b->light != NULL);
    for (size_t k = 0; k < cells; k++) {
        chance = chance * 1664525u + 1013904223u;
        b->o.tones[k] = (unsigned char)(PAPER + (int)(chance >> 8) % (2 * noise + 1) - noise);
    }
}

static void darken(struct bare *b, double x_mm, double y_mm, int by)
{
    unsigned char *at = b->o.tones + (size_t)(y_mm / OUTSIDE_CELL_MM) * b->stride +
                        (size_t)(x_mm / OUTSIDE_CELL_MM);
    *at = (unsigned char)(*at - by);
}

static void ring(struct bare *b, int by)
{
    for (int k = 0; k < 250; k++)
        for (int across = 0; across < 2; across++) {
            double far = 10 + across * OUTSIDE_CELL_MM, angle = k * 2 * M_PI / 250;
            darken(b, 50 + far * cos(angle), 50 + far * sin(angle), by);
        }
}

/* Light cells, near the ring or off it. */
static long count_light(struct bare *b, bool on_ring)
{
    long count = 0;
    outside_faint(b->light, &b->o);
    for (int y = 0; y < b->template.height; y++)
        for (int x = 0; x < b->template.width; x++) {
            double off = hypot((x + 0.5) * OUTSIDE_CELL_MM - 50, (y + 0.5) * OUTSIDE_CELL_MM - 50) - 10;
            if (b->light[y * b->template.words + x / 64] >> (x & 63) & 1)
                count += (fabs(off) < 0.8) == on_ring;
        }
    return count;
}

static void bare_release(struct bare *b)
{
    free(b->o.tones);
    free(b->light);
    outside_template_release(&b->template);
}

/* A printed bar of 1 mm, its edges blurred by a cell, and a light line 0.75 mm to the right of it. */
static void draw_beside_bar(struct bare *b, double left_mm, int by)
{
    for (double y = 30; y < 70; y += OUTSIDE_CELL_MM) {
        for (double x = left_mm; x < left_mm + 1; x += OUTSIDE_CELL_MM) {
            int cell = (int)(x / OUTSIDE_CELL_MM), row = (int)(y / OUTSIDE_CELL_MM);
            darken(b, x, y, 170);
            for (int k = 0; k < PRINT_REACHES; k++)
                b->template.print[k][row * b->template.words + cell / 64] |= (uint64_t)1 << (cell & 63);
        }
        darken(b, left_mm - 0.25, y, 40);
        darken(b, left_mm + 1, y, 40);
        darken(b, left_mm + 1.75, y, by);
        darken(b, left_mm + 2, y, by);
    }
}

/* Light cells of the columns from one place to another, mm. */
static long light_between(struct bare *b, double from_mm, double to_mm)
{
    long count = 0;
    for (int y = 0; y < b->template.height; y++)
        for (int x = (int)(from_mm / OUTSIDE_CELL_MM); x < (int)(to_mm / OUTSIDE_CELL_MM); x++)
            count += (long)(b->light[y * b->template.words + x / 64] >> (x & 63) & 1);
    return count;
}

static void a_pale_line_close_to_print_is_seen(void **state)
{
    (void)state;
    const double lefts[] = {3, 40, 95}; /* near the page's edges, too */
    for (int k = 0; k < 3; k++)
        for (int by = 0; by <= 40; by += 40) {
            struct bare b;
            bare_init(&b, 3);
            draw_beside_bar(&b, lefts[k], by);
            outside_faint(b.light, &b.o);
            assert_in_range(light_between(&b, lefts[k] + 1.5, lefts[k] + 2.5), by > 0 ? 150 : 0, by > 0 ? 500 : 0);
            assert_int_equal(light_between(&b, lefts[k] - 2, lefts[k]), 0); /* the blur of print is no line */
            bare_release(&b);
        }
}

static void a_pale_ring_is_seen(void **state)
{
    (void)state;
    for (int noise = 0; noise <= 6; noise += 3) {
        struct bare b;
        bare_init(&b, noise);
        ring(&b, 40); /* a fifth of the way to print: no ink */
        assert_true(count_light(&b, true) > 200);
        assert_true(count_light(&b, false) < 20);
        bare_release(&b);
    }
}

static void noise_is_no_line(void **state)
{
    (void)state;
    struct bare b;
    bare_init(&b, 14);
    assert_true(count_light(&b, true) + count_light(&b, false) < SIDE * SIDE / 50);
    bare_release(&b);
}

/* A shadow that deepens slowly, the edge of a tint, a broad smear. */
static void shades_are_no_lines(void **state)
{
    (void)state;
    struct bare b;
    bare_init(&b, 2);
    for (double y = 0.1; y < SIDE; y += OUTSIDE_CELL_MM)
        for (double x = 0.1; x < SIDE; x += OUTSIDE_CELL_MM)
            darken(&b, x, y, (int)(60 * x / SIDE) + (y > 70 ? 30 : 0) + (y > 20 && y < 24 ? 30 : 0));
    assert_int_equal(count_light(&b, true) + count_light(&b, false), 0);
    bare_release(&b);
}

int main(void)
{
    struct error err;
    if (!calibration_load(&calibration, &err))
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pale_ring_is_seen),
        cmocka_unit_test(a_pale_line_close_to_print_is_seen),
        cmocka_unit_test(noise_is_no_line),
        cmocka_unit_test(shades_are_no_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
