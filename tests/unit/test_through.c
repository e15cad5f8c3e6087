/* Level lines through a box, among other strokes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "base/calibration.h"
#include "form/outline.h"
#include "read/through.h"

struct drawn {
    struct box_template box;
    struct box_mask mask;
    unsigned char cells[PATCH_CELLS_MAX], ink[PATCH_CELLS_MAX];
};

static struct mark_calibration marks;

/* An empty box of so many mm, of which only the outline is printed, and fat as it bleeds. */
static struct drawn *drawn_with(double wide, double high, double fat)
{
    struct drawn *d = calloc(1, sizeof *d);
    struct rect rect = {50, 60, wide, high};
    d->box.rect_mm = rect;
    patch_size(&d->box.width, &d->box.height, rect);
    d->mask.cells = d->cells;
    for (int at = 0; at < d->box.width * d->box.height; at++) {
        double x = rect.x - MARGIN_MM + (at % d->box.width + 0.5) * CELL_MM;
        double y = rect.y - MARGIN_MM + ((double)(at / d->box.width) + 0.5) * CELL_MM;
        double depth = outline_depth_mm(&rect, BOX_SQUARE, x, y);
        d->cells[at] = mark_classify(&marks, depth, fabs(depth) < fat, false, rect.h);
    }
    mark_mask_sum(&d->mask, d->box.width, d->box.height);
    return d;
}

static struct drawn *drawn_new(double wide, double high)
{
    return drawn_with(wide, high, 0.3);
}

/* A stroke of 0.3 mm from (x0, y0) to (x1, y1), mm from the box's upper left corner; print hides it. */
static void stroke(struct drawn *d, double x0, double y0, double x1, double y1)
{
    int steps = (int)(hypot(x1 - x0, y1 - y0) * 40) + 1;
    for (int k = 0; k <= steps; k++)
        for (int i = 0; i < 9; i++) {
            double x = x0 + (x1 - x0) * k / steps + (i % 3 - 1) * 0.12, y = y0 + (y1 - y0) * k / steps + (i / 3 - 1) * 0.12;
            int at = (int)floor((y + MARGIN_MM) * CELL_PER_MM) * d->box.width + (int)floor((x + MARGIN_MM) * CELL_PER_MM);
            if (!(d->cells[at] & CELL_PRINT))
                d->ink[at] = 1;
        }
}

static double through_mm(const struct drawn *d)
{
    return (double)mark_through_mm(&d->box, d->ink, &marks);
}

static void tick(struct drawn *d)
{
    double side = d->box.rect_mm.h;
    stroke(d, 0.1 * side, 0.45 * side, 0.4 * side, 0.9 * side);
    stroke(d, 0.4 * side, 0.9 * side, 1.3 * side, -0.3 * side);
}

static void a_line_through_the_mark_is_told_by_its_shorter_end(void **state)
{
    (void)state;
    const double sides[] = {2.5, 5.2, 9};
    for (int k = 0; k < 3; k++)
        for (int slant = -1; slant <= 1; slant++) {
            double side = sides[k], middle = side / 2, off = slant * 0.3;
            struct drawn *d = drawn_new(side, side < 6 ? side : 6);
            tick(d);
            assert_true(through_mm(d) < 0.5);
            stroke(d, -1.9, fmin(middle, 3) - off, side + 1.2, fmin(middle, 3) + off);
            assert_true(fabs(through_mm(d) - 1.2) < 0.4);
            free(d);
        }
}

static void other_strokes_are_none(void **state)
{
    (void)state;
    static const double strokes[][4] = {
        {-1.4, -1.4, 6.6, 6.6},                        /* an arm of a large cross */
        {-1.9, 2.6, 4, 2.6}, {1, 2.6, 7, 2.6},         /* a dash that leaves the box on one side */
        {-1.9, -0.9, 7, -0.9}, {-1.9, 6.2, 7, 6.2},    /* lines above and below it */
        {-1.9, 2.6, -0.5, 2.6}, {5.7, 2.6, 7, 2.6},    /* beside it */
        {2.6, -1.9, 2.6, 7}};                          /* a streak */
    for (size_t k = 0; k < sizeof strokes / sizeof *strokes; k++) {
        const double *s = strokes[k];
        struct drawn *d = drawn_new(5.2, 5.2);
        tick(d);
        stroke(d, s[0], s[1], s[2], s[3]);
        if (!(through_mm(d) < 0.75))
            fail_msg("stroke %zu: %.2f mm", k, through_mm(d));
        free(d);
    }
}

static void a_broken_line_is_followed(void **state)
{
    (void)state;
    for (int apart = 0; apart < 2; apart++) {
        double gap = apart ? 2.2 : 1.1;
        struct drawn *d = drawn_new(5.2, 5.2);
        stroke(d, -1.9, 2.6, 2.9, 2.6);
        stroke(d, 2.9 + gap + 0.24, 2.6, 7, 2.6);
        assert_true(apart ? through_mm(d) <= 0 : through_mm(d) > 1.2);
        free(d);
    }
}

/* Below a fat outline the line cannot be seen. */
static void print_does_not_end_a_line(void **state)
{
    (void)state;
    struct drawn *d = drawn_with(5.2, 5.2, 0.55);
    tick(d);
    stroke(d, -1.9, 2.6, 7, 2.6);
    assert_true(through_mm(d) > 1.2);
    free(d);
}

/* A box whose patch is too large for a word of dots. */
static void large_boxes_are_left_alone(void **state)
{
    (void)state;
    struct drawn *d = drawn_new(14, 5);
    stroke(d, -1.9, 2.5, 15.9, 2.5);
    assert_true(through_mm(d) <= 0);
    free(d);
}

static int setup(void **state)
{
    struct calibration calibration;
    struct error err = {""};
    (void)state;
    if (!calibration_load(&calibration, &err))
        return -1;
    marks = calibration.marks;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_line_through_the_mark_is_told_by_its_shorter_end),
                                       cmocka_unit_test(other_strokes_are_none),
                                       cmocka_unit_test(a_broken_line_is_followed),
                                       cmocka_unit_test(print_does_not_end_a_line),
                                       cmocka_unit_test(large_boxes_are_left_alone)};
    return cmocka_run_group_tests(tests, setup, NULL);
}
