/* Photos of drawn pages, with known truth: on a table, at an angle, unevenly lit. Boxes must be where they
 * are, or the page rejected. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "drawn_pages.h"
#include "form/sheet.h"

#define WIDTH 1700
#define HEIGHT 2200
#define TRIALS 12

static const struct point paper[4] = {{0, 0}, {210, 0}, {210, 297}, {0, 297}};

/* mm of the form -> px of a photo that holds the sheet: turned, and the far end smaller than the near one
 * by `keystone`, seen from the direction `from_deg`. */
static struct transform view(double turn_deg, double keystone, double from_deg)
{
    double a = turn_deg * M_PI / 180, c = cos(a), s = sin(a);
    double gain = keystone / 297, fx = gain * cos(from_deg * M_PI / 180), fy = gain * sin(from_deg * M_PI / 180);
    struct transform middle = {{1, 0, -105, 0, 1, -148.5, 0, 0}}, turn = {{c, -s, 0, s, c, 0, 0, 0}};
    struct transform tilt = {{1, 0, 0, 0, 1, 0, fx, fy}};
    struct transform all = transform_compose(&turn, &middle);
    all = transform_compose(&tilt, &all);
    struct rect bounds = transform_bounds(&all, (struct rect){0, 0, 210, 297});
    double scale = 0.9 * fmin(WIDTH / bounds.w, HEIGHT / bounds.h);
    struct point o = rect_centre(bounds);
    struct transform fit = {{scale, 0, WIDTH / 2.0 - scale * o.x, 0, scale, HEIGHT / 2.0 - scale * o.y, 0, 0}};
    return transform_compose(&fit, &all);
}

/* Light from one corner, dark paper's grain, wood beside it; print spreads over the pixels it touches. */
static void photo(struct raw_page *out, PIX *plate, const struct transform *truth, uint32_t seed)
{
    struct transform back;
    assert_true(transform_invert(&back, truth));
    PIX *pix = pixCreate(WIDTH, HEIGHT, 8);
    double sx = between(&seed, -0.3, 0.3), sy = between(&seed, -0.3, 0.3);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            double light = 0.85 + sx * ((double)x / WIDTH - 0.5) + sy * ((double)y / HEIGHT - 0.5);
            double sum = 0;
            for (int k = 0; k < 4; k++) {
                struct point p = transform_apply(
                    &back, (struct point){x + 0.25 + 0.5 * (k & 1), y + 0.25 + 0.5 * (k >> 1)});
                l_uint32 ink = 0;
                if (p.x >= 0 && p.y >= 0 && p.x < 210 && p.y < 297) {
                    pixGetPixel(plate, (int)(p.x * PX_PER_MM), (int)(p.y * PX_PER_MM), &ink);
                    sum += ink ? 45 : 225;
                } else {
                    sum += 95 + 20 * sin(0.05 * x + 0.4 * sin(0.01 * y)) + (double)(draw(&seed) % 12);
                }
            }
            double level = light * sum / 4 + (double)(draw(&seed) % 9) - 4;
            pixSetPixel(pix, x, y, (l_uint32)fmax(0, fmin(255, level)));
        }
    *out = (struct raw_page){.grey = pix, .width_px = WIDTH, .height_px = HEIGHT, .x_dpi = 72, .y_dpi = 72};
}

static double worst_error_mm(const struct placed_page *placed, const struct template_page *page,
                             const struct transform *truth)
{
    struct transform back;
    double worst = 0;
    assert_true(transform_invert(&back, truth));
    for (size_t i = 0; i < page->box_count; i++) {
        struct point centre = rect_centre(page->boxes[i].rect_mm);
        struct point got = transform_apply(&back, placement_to_px(&placed->placement, centre));
        worst = fmax(worst, hypot(got.x - centre.x, got.y - centre.y));
    }
    return worst;
}

static void finds_sheets_at_an_angle(void **state)
{
    struct world *world = *state;
    uint32_t seed = 815;
    int read = 0;
    for (int trial = 0; trial < TRIALS; trial++) {
        size_t p = draw(&seed) % PAGES;
        double turn = 90 * (double)(draw(&seed) % 4) + between(&seed, -15, 15);
        struct transform truth =
            view(turn, between(&seed, 0.1, 0.25), between(&seed, 0, 360));
        struct raw_page raw;
        struct placed_page placed;
        struct error detail;
        photo(&raw, world->plates[p], &truth, draw(&seed));
        enum flag flag = page_place(&placed, world->library, &raw, &detail);
        raw_page_release(&raw);
        if (flag != FLAG_NONE) {
            print_message("trial %d, turned by %.0f: %s %s\n", trial, turn, flag_code(flag), detail.text);
            continue;
        }
        read++;
        assert_int_equal(placed.known.page, p);
        /* held askew, not fed askew: only which way up it is counts */
        if (fabs(remainder(placed.health.skew_deg, 90)) > 1e-9)
            fail_msg("trial %d, turned by %.1f: askew by %.1f degrees", trial, turn, placed.health.skew_deg);
        double error = worst_error_mm(&placed, &world->form.pages[p], &truth);
        if (error > 0.5)
            fail_msg("trial %d, turned by %.0f: off by %.2f mm", trial, turn, error);
        print_message("trial %d: off by %.2f mm\n", trial, error);
    }
    print_message("%d of %d read\n", read, TRIALS);
    assert_true(read >= 9 * TRIALS / 10);
}

static void rejects_photos_of_other_sheets(void **state)
{
    struct world *world = *state;
    for (uint32_t trial = 0; trial < 3; trial++) {
        struct template_page other = {0};
        PIX *foreign = make_plate(&other, world->arena, 4242 + trial);
        struct transform truth = view(8 * trial, 0.15, 80 * trial);
        struct raw_page raw;
        struct placed_page placed;
        struct error detail;
        photo(&raw, foreign, &truth, 3 + trial);
        assert_int_not_equal(page_place(&placed, world->library, &raw, &detail), FLAG_NONE);
        raw_page_release(&raw);
        pixDestroy(&foreign);
    }
}

/* A page whose lower part moved down by 6 mm: another version. */
static void rejects_a_photo_of_another_version(void **state)
{
    struct world *world = *state;
    PIX *plate = pixCopy(NULL, world->plates[0]);
    int top = (int)(150 * PX_PER_MM), by = (int)(6 * PX_PER_MM), height = pixGetHeight(plate);
    pixRasterop(plate, 0, top, pixGetWidth(plate), height - top, PIX_CLR, NULL, 0, 0);
    pixRasterop(plate, 0, top + by, pixGetWidth(plate), height - top - by, PIX_SRC, world->plates[0], 0, top);
    struct transform truth = view(4, 0.15, 90);
    struct raw_page raw;
    struct placed_page placed;
    struct error detail;
    photo(&raw, plate, &truth, 5);
    assert_int_not_equal(page_place(&placed, world->library, &raw, &detail), FLAG_NONE);
    raw_page_release(&raw);
    pixDestroy(&plate);
}

/* Corners to a millimetre, and the paper by its shape. */
static void outlines_are_right(void **state)
{
    struct world *world = *state;
    struct calibration calibration;
    struct error err;
    uint32_t seed = 99;
    assert_true(calibration_load(&calibration, &err));
    for (int trial = 0; trial < 6; trial++) {
        struct transform truth = view(between(&seed, -20, 20), between(&seed, 0.05, 0.25),
                                      between(&seed, 0, 360)), back;
        struct raw_page raw;
        struct sheet sheet;
        photo(&raw, world->plates[0], &truth, draw(&seed));
        assert_true(transform_invert(&back, &truth));
        assert_true(sheet_find(&sheet, raw.grey, &calibration.registration));
        for (int k = 0; k < 4; k++) {
            struct point got = transform_apply(&back, sheet.corners_px[k]);
            if (hypot(got.x - paper[k].x, got.y - paper[k].y) > 1.5)
                fail_msg("trial %d: corner %d at %.1f, %.1f", trial, k, got.x, got.y);
        }
        print_message("aspect %.3f\n", sheet.aspect);
        raw_page_release(&raw);
    }
}

/* A white picture, one with a dark border on three sides only, and a white sheet on white. */
static void no_sheet_without_its_edges(void **state)
{
    (void)state;
    struct calibration calibration;
    struct error err;
    struct sheet sheet;
    assert_true(calibration_load(&calibration, &err));
    PIX *grey = pixCreate(800, 1100, 8);
    pixSetAll(grey);
    assert_false(sheet_find(&sheet, grey, &calibration.registration));
    pixSetOrClearBorder(grey, 60, 60, 60, 0, PIX_CLR);
    assert_false(sheet_find(&sheet, grey, &calibration.registration));
    pixSetOrClearBorder(grey, 60, 60, 60, 60, PIX_CLR);
    assert_true(sheet_find(&sheet, grey, &calibration.registration));
    pixDestroy(&grey);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_sheet_without_its_edges),
        cmocka_unit_test(outlines_are_right),
        cmocka_unit_test(finds_sheets_at_an_angle),
        cmocka_unit_test(rejects_photos_of_other_sheets),
        cmocka_unit_test(rejects_a_photo_of_another_version),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
