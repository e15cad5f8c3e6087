/* Scan health: streaks told from printed rules, borders, specks, what is cut off, and what a sheet
 * without a form is. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "page/health.h"

#define DPI 300.0
#define PX (DPI / MM_PER_INCH)
#define WIDTH_MM 210.0
#define HEIGHT_MM 297.0

static struct health_calibration numbers(void)
{
    struct calibration calibration;
    struct error err = {""};
    assert_true(calibration_load(&calibration, &err));
    return calibration.health;
}

static void ink(PIX *pix, double x_mm, double y_mm, double w_mm, double h_mm)
{
    pixRasterop(pix, (int)lround(x_mm * PX), (int)lround(y_mm * PX), (int)fmax(1, round(w_mm * PX)),
                (int)fmax(1, round(h_mm * PX)), PIX_SET, NULL, 0, 0);
}

static PIX *sheet(void)
{
    return pixCreate((int)lround(WIDTH_MM * PX), (int)lround(HEIGHT_MM * PX), 1);
}

/* A form with lines of "text", a column of boxes and a printed rule down the page at 105 mm. */
static PIX *printed(void)
{
    PIX *pix = sheet();
    for (double y = 30; y < 260; y += 8) {
        ink(pix, 20, y, 4, 4);
        for (double x = 28; x < 90; x += 2.5)
            ink(pix, x, y, 1.2, 2.5);
    }
    ink(pix, 105, 20, 0.25, 260);
    return pix;
}

static PIX *as_grey(PIX *bits, int paper, int print)
{
    return pixConvert1To8(NULL, bits, (l_uint8)paper, (l_uint8)print);
}

struct measured {
    struct scan_health health;
    enum sheet_kind sheet;
};

/* `plate` NULL: no form was found. The scan shows the form moved by (dx, dy) mm and turned about the
 * image by quarter turns already made in `scan`. */
static struct measured measure_boxes(PIX *scan, PIX *plate, struct transform form_to_image,
                                     const struct template_box *boxes, size_t box_count,
                                     struct health_calibration calibration)
{
    struct measured m = {.health = {0}};
    struct raw_page raw = {.width_px = pixGetWidth(scan), .height_px = pixGetHeight(scan),
                           .x_dpi = DPI, .y_dpi = DPI};
    PIX *bits = pixGetDepth(scan) == 1 ? pixClone(scan) : pixThresholdToBinary(scan, 128);
    PIX *half = pixReduceRankBinaryCascade(bits, 1, 1, 0, 0);
    if (pixGetDepth(scan) == 1)
        raw.bits = scan;
    else
        raw.grey = scan;
    struct health_scan input = {&raw, DPI, DPI, half};
    struct placement placement = {.form_to_image = form_to_image, .width_mm = WIDTH_MM,
                                  .height_mm = HEIGHT_MM};
    struct bitmap whole, fine, coarse, print = {0};
    struct health_form form = {.plate = plate, .px_per_mm = PX / 4, .placement = &placement,
                               .boxes = boxes, .box_count = box_count};
    if (plate != NULL) {
        bitmap_from_pix(&whole, plate);
        bitmap_halve(&fine, &whole);
        bitmap_halve(&coarse, &fine);
        bitmap_spread(&print, &coarse);
        bitmap_release(&whole);
        bitmap_release(&fine);
        bitmap_release(&coarse);
        form.print = &print;
    }
    m.health.x_dpi = m.health.y_dpi = DPI;
    m.health.skew_deg = atan2(form_to_image.m[3], form_to_image.m[0]) * 180 / M_PI;
    health_measure(&m.health, &input, plate == NULL ? NULL : &form, &calibration);
    m.sheet = health_sheet(&m.health, bits, DPI, &calibration);
    bitmap_release(&print);
    pixDestroy(&bits);
    pixDestroy(&half);
    return m;
}

static struct measured measure(PIX *scan, PIX *plate, struct transform form_to_image)
{
    return measure_boxes(scan, plate, form_to_image, NULL, 0, numbers());
}

static struct transform at(double dx_mm, double dy_mm)
{
    return (struct transform){{PX, 0, dx_mm * PX, 0, PX, dy_mm * PX, 0, 0}};
}

static void a_clean_page_has_nothing(void **state)
{
    (void)state;
    PIX *page = printed();
    struct measured m = measure(page, page, at(0, 0));
    assert_int_equal(m.health.streak_count, 0);
    assert_true(m.health.print_found > 0.99f && m.health.stray_share < 0.01f);
    assert_true(m.health.specks_cm2 < 0.01f);
    assert_true(m.health.border_left_mm < 0.1f && m.health.border_bottom_mm < 0.1f);
    assert_true(fabs((double)m.health.scale_x - 1) < 1e-4 && m.health.cut_left_mm < 0.01f);
    assert_true(fabs((double)m.health.width_mm - WIDTH_MM) < 0.1);
    pixDestroy(&page);
}

static void a_streak_is_found_where_it_is(void **state)
{
    (void)state;
    PIX *plate = printed(), *scan = printed();
    ink(scan, 62, 0, 0.2, HEIGHT_MM);
    struct measured m = measure(scan, plate, at(0, 0));
    assert_int_equal(m.health.streak_count, 1);
    assert_true(fabs((double)m.health.streaks[0].at_mm - 62.1) < 0.3);
    assert_true(m.health.streaks[0].share > 0.95f && !m.health.streaks[0].lying);
    assert_true(m.health.streaks[0].width_px >= 1 && m.health.streaks[0].width_px <= 4);
    pixDestroy(&scan);
    pixDestroy(&plate);
}

/* Dark enough to see and too light for a threshold half way to black. */
static void a_light_streak_on_grey_is_found(void **state)
{
    (void)state;
    PIX *plate = printed(), *scan = as_grey(plate, 240, 30);
    BOX *box = boxCreate((int)(140 * PX), 0, 2, pixGetHeight(scan));
    pixSetInRectArbitrary(scan, box, 200);
    struct measured m = measure(scan, plate, at(0, 0));
    assert_int_equal(m.health.streak_count, 1);
    assert_true(fabs((double)m.health.streaks[0].at_mm - 140) < 0.3);
    assert_true(m.health.paper == 240 && fabs((double)m.health.print - 30) < 2);
    boxDestroy(&box);
    pixDestroy(&scan);
    pixDestroy(&plate);
}

/* A rule that the plate lacks (light print) stops short of the margins; one pen stroke is short. */
static void rules_and_strokes_are_no_streaks(void **state)
{
    (void)state;
    PIX *plate = printed(), *scan = printed();
    ink(scan, 150, 20, 0.2, 257);
    ink(scan, 160, 0, 0.3, 100);
    ink(scan, 1, 0, 0.3, HEIGHT_MM); /* the shadow of the paper's edge */
    assert_int_equal(measure(scan, plate, at(0, 0)).health.streak_count, 0);
    /* and the printed rule where no form is known */
    assert_int_equal(measure(plate, NULL, at(0, 0)).health.streak_count, 0);
    pixDestroy(&scan);
    pixDestroy(&plate);
}

/* Pieces of a streak, too few to report; they are less than half a pixel off its column. */
static void a_broken_streak_is_kept_for_the_marks(void **state)
{
    (void)state;
    for (int grey = 0; grey < 2; grey++) {
        PIX *plate = printed(), *bits = printed();
        for (double y = 60; y < 220; y += 20)
            ink(bits, 140, y, 0.25, 8);
        PIX *scan = grey ? as_grey(bits, 240, 30) : pixClone(bits);
        struct measured m = measure(scan, plate, at(0, 0));
        assert_int_equal(m.health.streak_count, 0);
        assert_int_equal(m.health.broken_count, 1);
        assert_true(fabs((double)m.health.broken[0].at_mm - 140.1) < 0.2);
        assert_true(m.health.broken[0].width_px >= 2 && m.health.broken[0].width_px <= 5);
        pixDestroy(&scan);
        pixDestroy(&bits);
        pixDestroy(&plate);
    }
}

/* A bracket of three centimetres, upright strokes one below the other as a hand sets them, a column of boxes
 * and a rule that the form prints, a hatched field, and a fold. */
static void what_hands_draw_is_no_broken_streak(void **state)
{
    (void)state;
    PIX *plate = printed(), *scan = printed();
    ink(scan, 150, 60, 0.4, 30);
    for (int k = 0; k < 14; k++)
        ink(scan, 130 + 0.35 * (k * 5 % 7), 30 + 12 * k, 0.4, 5);
    for (double x = 165; x < 190; x += 2)
        ink(scan, x, 60, 0.3, 80);
    for (double y = 60; y < 220; y += 20) /* of a fold, wider than dust */
        ink(scan, 110, y, 0.8, 8);
    struct measured m = measure(scan, plate, at(0, 0));
    assert_int_equal(m.health.streak_count, 0);
    assert_int_equal(m.health.broken_count, 0);
    /* nor is anything said of a page without a form */
    for (double y = 60; y < 220; y += 20)
        ink(scan, 140, y, 0.25, 8);
    assert_int_equal(measure(scan, NULL, at(0, 0)).health.broken_count, 0);
    pixDestroy(&scan);
    pixDestroy(&plate);
}

/* Where the column of boxes that the next two look at begins: the middle of its first box, mm. */
#define COLUMN_X 150.0
#define COLUMN_Y 28.0

enum { COLUMN_BOXES = 40 };

static void column_of_boxes(struct template_box boxes[COLUMN_BOXES], double side, double step)
{
    for (int k = 0; k < COLUMN_BOXES; k++)
        boxes[k] = (struct template_box){
            .rect_mm = {COLUMN_X - side / 2, COLUMN_Y + step * k - side / 2, side, side}};
}

/* Crosses in a long column of boxes: their crossings lie below each other, a millimetre wide or less. By the
 * boxes they are known, however narrow, and by their width, where none are known. */
static void a_column_of_crosses_is_no_broken_streak(void **state)
{
    (void)state;
    struct health_calibration any_width = numbers();
    any_width.streak_broken_width_max_mm = 3;
    int counted = 0, taken = 0;
    for (int turn = 0; turn < 60; turn++) {
        double jitter = 0.1 * (turn % 6), side = 3 + turn / 6 % 3, step = side + 1 + turn / 18 % 4 * 0.5;
        double arm = side * (0.3 + 0.1 * (turn % 5)), pen = 0.2 + 0.1 * (turn % 4);
        struct template_box boxes[COLUMN_BOXES];
        PIX *plate = printed(), *scan = printed();
        column_of_boxes(boxes, side, step);
        for (int k = 0; k < COLUMN_BOXES; k++) {
            double x = COLUMN_X + jitter * (k * 7 % 11 - 5) / 5, y = COLUMN_Y + step * k;
            for (double t = -arm; t <= arm; t += 0.05) {
                ink(scan, x + t, y + t, pen, pen);
                ink(scan, x - t, y + t, pen, pen);
            }
        }
        counted += measure_boxes(scan, plate, at(0, 0), NULL, 0, any_width).health.broken_count > 0;
        taken += measure_boxes(scan, plate, at(0, 0), boxes, COLUMN_BOXES, any_width).health.broken_count;
        pixDestroy(&scan);
        pixDestroy(&plate);
    }
    assert_true(counted > 20); /* so the columns are such as could be taken for one */
    assert_int_equal(taken, 0);
}

/* A streak that comes and goes runs through boxes and the gaps between them alike. */
static void a_broken_streak_through_boxes_is_kept(void **state)
{
    (void)state;
    struct template_box boxes[COLUMN_BOXES];
    PIX *plate = printed(), *scan = printed();
    column_of_boxes(boxes, 4, 9);
    for (double y = 35; y < 260; y += 31)
        ink(scan, COLUMN_X, y, 0.25, 15);
    assert_int_equal(
        measure_boxes(scan, plate, at(0, 0), boxes, 27, numbers()).health.broken_count, 1);
    pixDestroy(&scan);
    pixDestroy(&plate);
}

static void a_streak_on_a_turned_image_lies(void **state)
{
    (void)state;
    PIX *plate = printed(), *upright = printed();
    ink(upright, 62, 0, 0.3, HEIGHT_MM);
    PIX *scan = pixRotateOrth(upright, 1); /* clockwise: (x, y) -> (h - y, x) */
    struct transform turned = {{0, -PX, HEIGHT_MM * PX, PX, 0, 0, 0, 0}};
    struct measured m = measure(scan, plate, turned);
    assert_int_equal(m.health.streak_count, 1);
    assert_true(m.health.streaks[0].lying);
    assert_true(fabs((double)m.health.streaks[0].at_mm - 62.15) < 0.5);
    pixDestroy(&scan);
    pixDestroy(&upright);
    pixDestroy(&plate);
}

static void borders_specks_and_cuts_are_measured(void **state)
{
    (void)state;
    PIX *plate = printed(), *scan = sheet();
    pixRasterop(scan, (int)lround(12 * PX), (int)lround(-15 * PX), pixGetWidth(plate),
                pixGetHeight(plate), PIX_SRC, plate, 0, 0);
    ink(scan, 0, 0, 5, HEIGHT_MM);
    ink(scan, 0, HEIGHT_MM - 9, WIDTH_MM, 9);
    for (int i = 0; i < 3000; i++)
        pixSetPixel(scan, 100 + i * 787 % 2300, 30 + i * 2711 % 3300, 1);
    struct measured m = measure(scan, plate, at(12, -15));
    assert_true(fabs((double)m.health.border_left_mm - 5) < 0.2);
    assert_true(fabs((double)m.health.border_bottom_mm - 9) < 3.2);
    assert_true(m.health.border_top_mm < 0.1f && m.health.border_right_mm < 0.1f);
    assert_true(m.health.specks_cm2 > 1);
    assert_true(fabs((double)m.health.cut_top_mm - 15) < 0.2);
    assert_true(fabs((double)m.health.cut_right_mm - 12) < 0.2);
    assert_true(m.health.cut_left_mm < 0.01f);
    assert_true(fabs((double)m.health.shift_x_mm - 12) < 0.1);
    assert_true(fabs((double)m.health.shift_y_mm + 15) < 0.1);
    pixDestroy(&scan);
    pixDestroy(&plate);
}

static void faint_print_is_measured(void **state)
{
    (void)state;
    PIX *plate = printed(), *scan = printed();
    for (int y = 0; y < pixGetHeight(scan); y += 2)
        pixRasterop(scan, 0, y, pixGetWidth(scan), 1, PIX_CLR, NULL, 0, 0);
    struct measured m = measure(scan, plate, at(0, 0));
    assert_true(m.health.print_found > 0.3f && m.health.print_found < 0.7f);
    pixDestroy(&scan);
    pixDestroy(&plate);
}

static void sheets_without_a_form_are_named(void **state)
{
    (void)state;
    PIX *blank = sheet();
    ink(blank, 0, 0, 4, HEIGHT_MM);    /* a border, */
    ink(blank, 90, 0, 0.2, HEIGHT_MM); /* a streak, */
    ink(blank, 60, 60, 0.3, 0.3);      /* a speck */
    assert_int_equal(measure(blank, NULL, at(0, 0)).sheet, SHEET_BLANK);
    ink(blank, 60, 100, 3, 0.3); /* as short as a word: somebody may have written it */
    assert_int_equal(measure(blank, NULL, at(0, 0)).sheet, SHEET_UNKNOWN);
    pixDestroy(&blank);

    PIX *patch = sheet(); /* Kodak patch T: wide, narrow, wide, narrow */
    ink(patch, 60, 30, 60, 5.08);
    ink(patch, 60, 37.11, 60, 2.03);
    ink(patch, 60, 41.17, 60, 5.08);
    ink(patch, 60, 48.28, 60, 2.03);
    assert_int_equal(measure(patch, NULL, at(0, 0)).sheet, SHEET_PATCH);
    PIX *turned = pixRotateOrth(patch, 1);
    assert_int_equal(measure(turned, NULL, at(0, 0)).sheet, SHEET_PATCH);
    ink(patch, 60, 53, 60, 2.03); /* five bars are something else */
    assert_int_equal(measure(patch, NULL, at(0, 0)).sheet, SHEET_UNKNOWN);
    pixDestroy(&turned);
    pixDestroy(&patch);

    PIX *form = printed();
    assert_int_equal(measure(form, NULL, at(0, 0)).sheet, SHEET_UNKNOWN);
    PIX *dark = as_grey(form, 60, 60);
    assert_int_equal(measure(dark, NULL, at(0, 0)).sheet, SHEET_ONE_TONE);
    pixDestroy(&dark);
    pixDestroy(&form);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clean_page_has_nothing),
        cmocka_unit_test(a_streak_is_found_where_it_is),
        cmocka_unit_test(a_light_streak_on_grey_is_found),
        cmocka_unit_test(rules_and_strokes_are_no_streaks),
        cmocka_unit_test(a_broken_streak_is_kept_for_the_marks),
        cmocka_unit_test(what_hands_draw_is_no_broken_streak),
        cmocka_unit_test(a_column_of_crosses_is_no_broken_streak),
        cmocka_unit_test(a_broken_streak_through_boxes_is_kept),
        cmocka_unit_test(a_streak_on_a_turned_image_lies),
        cmocka_unit_test(borders_specks_and_cuts_are_measured),
        cmocka_unit_test(faint_print_is_measured),
        cmocka_unit_test(sheets_without_a_form_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
