/* Rows of specks: those of a light stroke are told from dirt by how they lie, and of which box they speak. */
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
#include "proof/random.h"
#include "read/outside_internal.h"
#include "read/plate_ink.h"

#define PAGE_MM 100
#define SIDE 5.0
enum { UPPER, LOWER, BOXES };

static struct calibration calibration;

/* A page of two boxes, one above the other, and what a bitonal scan shows on it. */
struct sheet {
    struct template_box boxes[BOXES];
    struct outside_template template;
    struct outside o;
    struct box_reading readings[BOXES];
    struct page_reading reading;
};

static uint64_t *no_cells(const struct outside_template *t)
{
    uint64_t *cells = calloc((size_t)t->height * (size_t)t->words, sizeof *cells);
    assert_non_null(cells);
    return cells;
}

static void sheet_init(struct sheet *s)
{
    *s = (struct sheet){.boxes = {{.rect_mm = {40, 40, SIDE, SIDE}, .shape = BOX_SQUARE},
                                  {.rect_mm = {40, 48, SIDE, SIDE}, .shape = BOX_SQUARE}}};
    struct template_page page = {.width_mm = PAGE_MM, .height_mm = PAGE_MM, .boxes = s->boxes, .box_count = BOXES};
    PIX *white = pixCreate((int)(PAGE_MM * PLATE_PX_PER_MM), (int)(PAGE_MM * PLATE_PX_PER_MM), 1);
    for (int k = 0; k < 8; k++) /* the lower box's label: letters, white between them */
        pixRasterop(white, (int)((47.5 + k) * PLATE_PX_PER_MM), (int)(49.5 * PLATE_PX_PER_MM),
                    (int)(0.4 * PLATE_PX_PER_MM), (int)(2 * PLATE_PX_PER_MM), PIX_SET, NULL, 0, 0);
    struct bitmap plate = {0};
    bitmap_from_pix(&plate, white);
    pixDestroy(&white);
    const struct bitmap *plates[PRINT_REACHES] = {&plate, &plate, &plate};
    outside_template_init(&s->template, &page, &plate, plates, &calibration.outside);
    bitmap_release(&plate);
    s->o = (struct outside){.template = &s->template, .reach = PRINT_NEAR};
    s->o.any = no_cells(&s->template);
    s->o.joined = no_cells(&s->template);
    s->reading = (struct page_reading){.boxes = s->readings, .box_count = BOXES};
}

static void sheet_release(struct sheet *s)
{
    free(s->o.any);
    free(s->o.joined);
    outside_template_release(&s->template);
}

static void speck(struct sheet *s, double x_mm, double y_mm)
{
    int x = (int)(x_mm / OUTSIDE_CELL_MM), y = (int)(y_mm / OUTSIDE_CELL_MM);
    s->o.any[y * s->template.words + x / 64] |= (uint64_t)1 << (x & 63);
}

/* Specks from one place to another, half a millimetre apart. */
static void dotted_line(struct sheet *s, double x0, double y0, double x1, double y1)
{
    int steps = (int)(hypot(x1 - x0, y1 - y0) / 0.5);
    for (int k = 0; k <= steps; k++)
        speck(s, x0 + (x1 - x0) * k / steps, y0 + (y1 - y0) * k / steps);
}

static double dotted(struct sheet *s, int box)
{
    for (int b = 0; b < BOXES; b++)
        s->readings[b].evidence.dotted = s->readings[b].evidence.struck_dotted = 0;
    outside_dotted(&s->reading, &s->o);
    return (double)s->readings[box].evidence.dotted;
}

static void expect_told(struct sheet *s, bool upper, bool lower)
{
    double limit = calibration.outside.stray_dotted, at[] = {dotted(s, UPPER), dotted(s, LOWER)};
    if ((at[UPPER] >= limit) != upper || (at[LOWER] >= limit) != lower)
        fail_msg("upper box %.1f, lower box %.1f", at[UPPER], at[LOWER]);
}

static void a_row_of_specks_beside_a_box_is_told(void **state)
{
    (void)state;
    struct sheet s;
    sheet_init(&s);
    expect_told(&s, false, false);
    dotted_line(&s, 53, 44.5, 57, 40.5); /* far enough from the box below */
    expect_told(&s, true, false);
    sheet_release(&s);
}

static void specks_that_lie_anyhow_are_dirt(void **state)
{
    (void)state;
    struct random r = random_stream(5, RANDOM_NOISE, 0, 0);
    int told = 0, times = 200;
    for (int n = 0; n < times; n++) {
        struct sheet s;
        sheet_init(&s);
        for (int k = (int)random_between(&r, 9, 60); k > 0; k--)
            speck(&s, random_between(&r, 34, 54), random_between(&r, 34, 60));
        for (int b = UPPER; b <= LOWER; b++)
            told += dotted(&s, b) >= calibration.outside.stray_dotted;
        sheet_release(&s);
    }
    assert_int_equal(told, 0);
}

/* The same line is less sure where the paper is dirty around it, though it is clean elsewhere. */
static void dirt_around_makes_a_line_less_sure(void **state)
{
    (void)state;
    struct random r = random_stream(6, RANDOM_NOISE, 0, 0);
    struct sheet s;
    sheet_init(&s);
    dotted_line(&s, 53, 44.5, 57, 40.5);
    double clean = dotted(&s, UPPER);
    for (int k = 0; k < 20; k++) { /* too far from the line to be of the same mark */
        speck(&s, random_between(&r, 46.5, 49.5), random_between(&r, 36, 51));
        speck(&s, random_between(&r, 60.5, 63.5), random_between(&r, 36, 51));
    }
    assert_true(dotted(&s, UPPER) < clean - 5);
    sheet_release(&s);
}

/* The dots of a tint lie in slanting rows, too, but side by side. */
static void a_tint_is_no_stroke(void **state)
{
    (void)state;
    static const double apart_mm[] = {0.5, 0.75, 1, 1.25};
    for (size_t i = 0; i < sizeof apart_mm / sizeof *apart_mm; i++) {
        struct sheet s;
        sheet_init(&s);
        for (double u = 0; u < 14; u += apart_mm[i])
            for (double v = 0; v < 14; v += apart_mm[i]) /* a screen at 45 degrees */
                speck(&s, 45.5 + (u + v) / sqrt(2), 43 + (u - v) / sqrt(2));
        expect_told(&s, false, false);
        sheet_release(&s);
    }
}

static void lines_along_the_page_are_streaks_and_folds(void **state)
{
    (void)state;
    static const double lines[][4] = {{49, 38, 49, 45}, {49, 38, 49.5, 45}, {47, 42, 53, 42}, {47, 42, 53, 42.5}};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct sheet s;
        sheet_init(&s);
        dotted_line(&s, lines[i][0], lines[i][1], lines[i][2], lines[i][3]);
        expect_told(&s, false, false);
        sheet_release(&s);
    }
}

/* A line that rises to the right out of a box is the tail of a tick in it, wherever it ends. */
static void a_tail_speaks_of_the_box_it_rises_from(void **state)
{
    (void)state;
    struct sheet s;
    sheet_init(&s);
    dotted_line(&s, 46, 47, 49.5, 42); /* beside the upper box, out of the lower one */
    expect_told(&s, false, true);
    s.readings[LOWER].evidence.ink_share = 0.1f; /* of which the rest is plain to see */
    expect_told(&s, false, false);
    sheet_release(&s);
}

/* So is the arm of a cross that leaves its box down to the right. */
static void the_end_of_a_cross_speaks_of_no_other_box(void **state)
{
    (void)state;
    struct sheet s;
    sheet_init(&s);
    dotted_line(&s, 46, 46, 49, 49);
    expect_told(&s, false, true);
    s.readings[UPPER].evidence.ink_share = 0.1f;
    expect_told(&s, false, false);
    sheet_release(&s);
}

/* What is ink tells by itself. */
static void specks_that_join_ink_are_left_to_it(void **state)
{
    (void)state;
    struct sheet s;
    sheet_init(&s);
    dotted_line(&s, 53, 44.5, 57, 40.5);
    for (int k = 0; k < s.template.height * s.template.words; k++)
        s.o.joined[k] = s.o.any[k];
    expect_told(&s, false, false);
    sheet_release(&s);
}

/* ---- labels ----------------------------------------------------------------------------------- */

/* Whether the label of either box is struck through. */
static void expect_struck(struct sheet *s, bool upper, bool lower)
{
    (void)dotted(s, UPPER);
    double limit = calibration.outside.struck_dotted_min;
    double at[] = {(double)s->readings[UPPER].evidence.struck_dotted, (double)s->readings[LOWER].evidence.struck_dotted};
    if ((at[UPPER] >= limit) != upper || (at[LOWER] >= limit) != lower)
        fail_msg("upper label %.1f, lower label %.1f", at[UPPER], at[LOWER]);
}

static void a_level_row_of_specks_strikes_a_label(void **state)
{
    (void)state;
    static const double rises[] = {0, 0.6, -0.6, 0.3};
    for (size_t i = 0; i < sizeof rises / sizeof *rises; i++) {
        struct sheet s;
        sheet_init(&s);
        dotted_line(&s, 47, 50.5, 55, 50.5 + rises[i]);
        expect_struck(&s, false, true);
        sheet_release(&s);
    }
}

/* Where nothing is printed there is no label. */
static void specks_beside_no_label_strike_none(void **state)
{
    (void)state;
    struct sheet s;
    sheet_init(&s);
    dotted_line(&s, 47, 42.5, 55, 42.5);
    expect_struck(&s, false, false);
    sheet_release(&s);
}

/* A fold goes on beyond labels. */
static void a_fold_strikes_no_label(void **state)
{
    (void)state;
    struct sheet s;
    sheet_init(&s);
    dotted_line(&s, 10, 50, 90, 51);
    expect_struck(&s, false, false);
    sheet_release(&s);
}

/* A tint's dots lie in rows, one above the other. */
static void a_tint_strikes_no_label(void **state)
{
    (void)state;
    struct sheet s;
    sheet_init(&s);
    for (int row = 0; row < 9; row++)
        for (int k = 0; k < 8; k++) /* those between the letters are seen */
            speck(&s, 47.1 + k, 46.6 + row);
    expect_struck(&s, false, false);
    sheet_release(&s);
}

static void dirt_strikes_no_label(void **state)
{
    (void)state;
    struct random r = random_stream(8, RANDOM_NOISE, 0, 0);
    int struck = 0;
    for (int n = 0; n < 200; n++) {
        struct sheet s;
        sheet_init(&s);
        for (int k = (int)random_between(&r, 9, 60); k > 0; k--)
            speck(&s, random_between(&r, 34, 60), random_between(&r, 34, 60));
        (void)dotted(&s, UPPER);
        for (int b = UPPER; b <= LOWER; b++)
            struck += (double)s.readings[b].evidence.struck_dotted >= calibration.outside.struck_dotted_min;
        sheet_release(&s);
    }
    assert_int_equal(struck, 0);
}

static int setup(void **state)
{
    (void)state;
    struct error err = {0};
    return calibration_load(&calibration, &err) ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_of_specks_beside_a_box_is_told),
        cmocka_unit_test(specks_that_lie_anyhow_are_dirt),
        cmocka_unit_test(dirt_around_makes_a_line_less_sure),
        cmocka_unit_test(a_tint_is_no_stroke),
        cmocka_unit_test(lines_along_the_page_are_streaks_and_folds),
        cmocka_unit_test(a_tail_speaks_of_the_box_it_rises_from),
        cmocka_unit_test(the_end_of_a_cross_speaks_of_no_other_box),
        cmocka_unit_test(specks_that_join_ink_are_left_to_it),
        cmocka_unit_test(a_level_row_of_specks_strikes_a_label),
        cmocka_unit_test(specks_beside_no_label_strike_none),
        cmocka_unit_test(a_fold_strikes_no_label),
        cmocka_unit_test(a_tint_strikes_no_label),
        cmocka_unit_test(dirt_strikes_no_label),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
