/* Where the row of a box ends: labels right of boxes, left of them, above them, and grids. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <leptonica/allheaders.h>

#include "base/calibration.h"
#include "base/error.h"
#include "form/model.h"
#include "read/outside.h"
#include "read/plate_ink.h"

#define SIDE 5.0
#define WIDE 200
#define HIGH 100

static struct calibration calibration;

/* Boxes on a page and the plate that shows what is printed. */
struct drawn {
    struct template_box boxes[8];
    struct template_page page;
    PIX *plate;
};

static void drawn_init(struct drawn *d)
{
    *d = (struct drawn){.page = {.width_mm = WIDE, .height_mm = HIGH}};
    d->page.boxes = d->boxes;
    d->plate = pixCreate((int)(WIDE * PLATE_PX_PER_MM), (int)(HIGH * PLATE_PX_PER_MM), 1);
    assert_non_null(d->plate);
}

static void draw_box(struct drawn *d, size_t item, double x, double y)
{
    d->boxes[d->page.box_count++] =
        (struct template_box){.rect_mm = {x, y, SIDE, SIDE}, .item = item, .shape = BOX_SQUARE};
}

static void draw_label(struct drawn *d, double x, double y, double width)
{
    const double scale = PLATE_PX_PER_MM;
    pixRasterop(d->plate, (int)(x * scale), (int)(y * scale), (int)(width * scale), (int)(3 * scale),
                PIX_SET, NULL, 0, 0);
}

static struct outside_row *rows_of(struct drawn *d)
{
    struct bitmap plate = {0};
    bitmap_from_pix(&plate, d->plate);
    struct outside_row *rows = outside_rows(&d->page, &plate, &calibration.outside);
    bitmap_release(&plate);
    pixDestroy(&d->plate);
    return rows;
}

static bool speaks_of(const struct outside_row *row, double x, double y)
{
    return x >= row->left && x < row->right && y >= row->top && y < row->bottom;
}

static void labels_right(void **state)
{
    (void)state;
    struct drawn d;
    drawn_init(&d);
    draw_box(&d, 0, 30, 20);
    draw_box(&d, 0, 30, 28);
    draw_label(&d, 38, 21, 40);
    draw_label(&d, 38, 29, 5);
    draw_label(&d, 55, 29, 20); /* of something else: white lies between */
    struct outside_row *rows = rows_of(&d);
    assert_true(speaks_of(&rows[0], 79.5, 22)); /* a ring's far end */
    assert_false(speaks_of(&rows[0], 84, 22));
    assert_true(speaks_of(&rows[1], 45.5, 30));
    assert_false(speaks_of(&rows[1], 60, 30));
    assert_true(speaks_of(&rows[0], 24, 22)); /* a tick before the box */
    assert_false(speaks_of(&rows[0], 20, 22));
    assert_true(speaks_of(&rows[0], 32, 26)); /* between the two: half way */
    assert_false(speaks_of(&rows[0], 32, 27));
    assert_true(speaks_of(&rows[1], 32, 27));
    free(rows);
}

static void labels_left(void **state)
{
    (void)state;
    struct drawn d;
    drawn_init(&d);
    draw_box(&d, 0, 90, 20);
    draw_label(&d, 40, 21, 46);
    struct outside_row *rows = rows_of(&d);
    assert_true(speaks_of(&rows[0], 38, 22));
    assert_false(speaks_of(&rows[0], 36, 22));
    free(rows);
}

/* Labels above their boxes, side by side: what lies between two boxes is one's or the other's. */
static void labels_above(void **state)
{
    (void)state;
    struct drawn d;
    drawn_init(&d);
    for (int k = 0; k < 3; k++) {
        draw_box(&d, 0, 40 + 20 * k, 30);
        draw_label(&d, 38 + 20 * k, 24, 9);
    }
    struct outside_row *rows = rows_of(&d);
    for (double x = 33; x < 92; x += 0.5) {
        int owners = 0;
        for (int k = 0; k < 3; k++)
            owners += speaks_of(&rows[k], x, 32);
        assert_true(owners >= 1);
    }
    assert_false(speaks_of(&rows[0], 61, 32)); /* never another's box */
    assert_true(speaks_of(&rows[0], 42, 28.5));
    free(rows);
}

/* Boxes of one item far apart in a line, each with its label behind it: all between them is told of, up to
 * another item's box. */
static void nothing_between_is_nobodys(void **state)
{
    (void)state;
    struct drawn d;
    drawn_init(&d);
    draw_box(&d, 0, 30, 30);
    draw_label(&d, 38, 31, 12);
    draw_box(&d, 0, 90, 30);
    draw_label(&d, 98, 31, 12);
    draw_box(&d, 1, 160, 30);
    struct outside_row *rows = rows_of(&d);
    for (double x = 36; x < 90; x += 0.5)
        assert_true(speaks_of(&rows[0], x, 32) || speaks_of(&rows[1], x, 32));
    assert_true(speaks_of(&rows[0], 60, 32));
    assert_false(speaks_of(&rows[1], 130, 32)); /* another question begins */
    free(rows);
}

/* The nearest box ends a row, whatever stands farther up or down. */
static void the_nearest_box_ends_a_row(void **state)
{
    (void)state;
    struct drawn d;
    drawn_init(&d);
    draw_box(&d, 0, 30, 10);
    draw_box(&d, 1, 30, 40);
    draw_box(&d, 1, 30, 56);
    draw_box(&d, 2, 30, 90);
    struct outside_row *rows = rows_of(&d);
    assert_true(speaks_of(&rows[1], 32, 50)); /* half of 11 mm */
    assert_true(speaks_of(&rows[2], 32, 51));
    assert_false(speaks_of(&rows[1], 32, 37)); /* towards another item's: the band alone */
    assert_false(speaks_of(&rows[2], 32, 64));
    free(rows);
}

/* A grid: rows of other items stand close, and the label left of all belongs to the first box alone. */
static void grids(void **state)
{
    (void)state;
    struct drawn d;
    drawn_init(&d);
    for (int j = 0; j < 2; j++) {
        for (int k = 0; k < 3; k++)
            draw_box(&d, (size_t)j, 100 + 15 * k, 20 + 7 * j);
        draw_label(&d, 60, 21 + 7 * j, 36);
    }
    struct outside_row *rows = rows_of(&d);
    for (size_t k = 0; k < 3; k++) {
        assert_true(rows[k].bottom <= 26.001 && rows[k].bottom > 25);
        assert_true(rows[3 + k].top >= 25.999 && rows[3 + k].top < 27);
    }
    assert_true(speaks_of(&rows[0], 62, 22));
    assert_false(speaks_of(&rows[1], 62, 22));
    assert_true(rows[0].right <= 115 && rows[1].left >= 105);
    free(rows);
}

static void draw_dot(struct drawn *d, double x, double y)
{
    pixRasterop(d->plate, (int)(x * PLATE_PX_PER_MM), (int)(y * PLATE_PX_PER_MM), 3, 3, PIX_SET, NULL, 0, 0);
}

/* The tint of a heading in the next column prints as grain, which is no label of the box; the dots that lead
 * from a label to its box are part of the row. */
static void grain_is_no_label_and_leaders_are(void **state)
{
    (void)state;
    struct drawn d;
    drawn_init(&d);
    draw_box(&d, 0, 120, 20);
    draw_box(&d, 1, 120, 60);
    draw_label(&d, 40, 61, 12);
    for (int k = 0; k < 64; k++)
        draw_dot(&d, 54 + k, 63);
    for (int k = 0; k < 400; k++)
        draw_dot(&d, 30 + (k * 37 % 880) / 10.0, 16 + (k * 53 % 120) / 10.0);
    struct outside_row *rows = rows_of(&d);
    assert_false(speaks_of(&rows[0], 60, 22));
    assert_true(speaks_of(&rows[1], 42, 62));
    free(rows);
}

/* The side of a frame between two columns is no label either, but one beyond it, in a cell of its own, is. */
static void a_rule_is_no_label(void **state)
{
    (void)state;
    struct drawn d;
    drawn_init(&d);
    draw_box(&d, 0, 120, 30);
    draw_box(&d, 1, 120, 60);
    pixRasterop(d.plate, (int)(114.5 * PLATE_PX_PER_MM), (int)(10 * PLATE_PX_PER_MM), 4,
                (int)(70 * PLATE_PX_PER_MM), PIX_SET, NULL, 0, 0);
    draw_label(&d, 90, 61, 20);
    struct outside_row *rows = rows_of(&d);
    assert_true(speaks_of(&rows[0], 114, 32));
    assert_false(speaks_of(&rows[0], 112.8, 32)); /* 7 mm, where ticks stand, and no more */
    assert_true(speaks_of(&rows[1], 92, 62));
    free(rows);
}

int main(void)
{
    struct error err;
    if (!calibration_load(&calibration, &err))
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(labels_right),
        cmocka_unit_test(labels_left),
        cmocka_unit_test(labels_above),
        cmocka_unit_test(nothing_between_is_nobodys),
        cmocka_unit_test(the_nearest_box_ends_a_row),
        cmocka_unit_test(grids),
        cmocka_unit_test(grain_is_no_label_and_leaders_are),
        cmocka_unit_test(a_rule_is_no_label),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
