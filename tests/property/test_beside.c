/* Ticks beside boxes: wherever in the row, with whatever pen, over a label or not, and however little a
 * threshold left of them, they are told of; print, dust, folds and streaks are not taken for them. */
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
#include "read/reading.h"
#include "read/unprinted.h"
#include "record/outside.h"

#define PX_PER_MM (300 / 25.4)
#define WIDE 120.0
#define HIGH 80.0
#define BOXES 6 /* two questions of three */

static struct calibration calibration;

/* A form, its scan as it is drawn upon, and what was read of it. */
struct sheet {
    struct arena *arena;
    struct template_box boxes[BOXES];
    struct template_page page;
    PIX *plate, *scan;
    struct mark_template *template;
    struct page_reading reading;
    double stray_mm2[BOXES], trace_mm2[BOXES];
    unsigned chance;
};

static double between(struct sheet *s, double low, double high)
{
    s->chance = s->chance * 1664525u + 1013904223u;
    return low + (high - low) * (s->chance >> 8) / (1 << 24);
}

static void fill(PIX *pix, double x, double y, double w, double h)
{
    pixRasterop(pix, (int)lround(x * PX_PER_MM), (int)lround(y * PX_PER_MM), (int)lround(w * PX_PER_MM),
                (int)lround(h * PX_PER_MM), PIX_SET, NULL, 0, 0);
}

/* Letters, as far as strokes and white between them go. */
static void print_label(struct sheet *s, double x, double y, int letters)
{
    for (int k = 0; k < letters; k++, x += between(s, 1.7, 2.4)) {
        fill(s->plate, x, y, 0.3, 2.6);
        fill(s->plate, x, y + between(s, 0, 2.3), 1.2, 0.3);
        if (k % 3 == 0)
            fill(s->plate, x + 1, y + 1, 0.3, 1.6);
    }
}

static void sheet_init(struct sheet *s)
{
    *s = (struct sheet){.arena = arena_new(), .chance = 5};
    s->page = (struct template_page){.width_mm = WIDE, .height_mm = HIGH, .boxes = s->boxes,
                                     .box_count = BOXES};
    s->plate = pixCreate((int)(WIDE * PX_PER_MM), (int)(HIGH * PX_PER_MM), 1);
    assert_non_null(s->plate);
    for (int b = 0; b < BOXES; b++) {
        struct rect r = {20, 10 + 8.5 * b + (b >= 3 ? 6 : 0), 5, 5};
        s->boxes[b] = (struct template_box){.item = (size_t)b / 3, .option = (size_t)b % 3,
                                            .shape = BOX_SQUARE, .rect_mm = r};
        fill(s->plate, r.x, r.y, 5, 0.35);
        fill(s->plate, r.x, r.y + 4.65, 5, 0.35);
        fill(s->plate, r.x, r.y, 0.35, 5);
        fill(s->plate, r.x + 4.65, r.y, 0.35, 5);
        print_label(s, 28, r.y + 1.2, 6 + 4 * b);
    }
    s->template = mark_template_new(&s->page, s->plate, &calibration);
    s->scan = pixCopy(NULL, s->plate);
}

static void sheet_release(struct sheet *s)
{
    mark_template_free(s->template);
    pixDestroy(&s->plate);
    pixDestroy(&s->scan);
    arena_free(s->arena);
}

/* A stroke; of its spots so large a share was left by the threshold. */
static void stroke(struct sheet *s, struct point from, struct point to, double width, double left)
{
    double length = hypot(to.x - from.x, to.y - from.y);
    for (double at = 0; at <= length; at += 0.1) {
        if (between(s, 0, 1) > left)
            continue;
        fill(s->scan, from.x + (to.x - from.x) * at / length - width / 2,
             from.y + (to.y - from.y) * at / length - width / 2, width, width);
    }
}

/* A tick of 4 mm, its lowest point at (x, y). */
static void tick(struct sheet *s, double x, double y, double width, double left)
{
    stroke(s, (struct point){x - 1.2, y - 1.3}, (struct point){x, y}, width, left);
    stroke(s, (struct point){x, y}, (struct point){x + 2, y - 2.7}, width, left);
}

/* The scan as it is, or as grey levels: paper, print, and `pale`, if not NULL, in this level. */
static void read_levels(struct sheet *s, bool grey, PIX *pale, unsigned level)
{
    PIX *levels = grey ? pixCreate((int)s->scan->w, (int)s->scan->h, 8) : NULL;
    if (grey) {
        pixSetAll(levels);
        if (pale != NULL)
            pixPaintThroughMask(levels, pale, 0, 0, level);
        pixPaintThroughMask(levels, s->scan, 0, 0, 0);
    }
    struct raw_page raw = {.bits = grey ? NULL : s->scan, .grey = levels,
                           .width_px = (int)s->scan->w, .height_px = (int)s->scan->h};
    struct placed_page placed = {
        .placement = {.form_to_image = {{PX_PER_MM, 0, 0, 0, PX_PER_MM, 0, 0, 0}},
                      .width_mm = WIDE, .height_mm = HIGH}};
    enum ink_class classes[PIECES_MAX];
    read_marks(&s->reading, s->arena, s->template, &raw, &placed);
    outside_classify(classes, &s->reading, &s->page, &calibration.outside);
    outside_strays(s->stray_mm2, classes, &s->reading, &s->page, &calibration.outside);
    outside_traces(s->trace_mm2, classes, &s->reading, &s->page, &calibration.outside);
    pixDestroy(&levels);
}

static void read_sheet(struct sheet *s, bool grey)
{
    read_levels(s, grey, NULL, 0);
}

/* As grey levels, what is drawn on the scan in this level. */
static void read_drawn(struct sheet *s, unsigned level)
{
    PIX *drawn = pixCopy(NULL, s->scan);
    pixCopy(s->scan, s->plate);
    read_levels(s, true, drawn, level);
    pixDestroy(&drawn);
}

/* What record/ flags of a question without a mark. */
static bool is_seen(const struct sheet *s, size_t item)
{
    const struct outside_calibration *c = &calibration.outside;
    for (size_t b = 0; b < BOXES; b++)
        if (s->boxes[b].item == item &&
            (s->stray_mm2[b] > c->stray_blank_mm2 || s->trace_mm2[b] > c->stray_close_mm2 ||
             (double)s->reading.boxes[b].evidence.outside_mm2 > calibration.marks.trace_outside_mm2))
            return true;
    return false;
}

static bool any_trace(const struct sheet *s)
{
    for (size_t b = 0; b < BOXES; b++)
        if (s->trace_mm2[b] > 0)
            return true;
    return false;
}

static void a_tick_beside_a_box_is_seen(void **state)
{
    (void)state;
    static const double widths[] = {0.3, 0.4, 0.5, 0.7, 0.9, 1.2};
    struct sheet s;
    sheet_init(&s);
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
        for (size_t b = 0; b < BOXES; b++)
            for (double x = 15.5; x < 40; x += x < 17 || x >= 27 ? 1.7 : 11.5) {
                double y = s.boxes[b].rect_mm.y + between(&s, 2.7, 4.7);
                pixCopy(s.scan, s.plate);
                tick(&s, x, y, widths[w], 1);
                read_sheet(&s, (w + b) % 2 == 0);
                if (!is_seen(&s, b / 3))
                    fail_msg("a tick of %.1f mm at %.1f, %.1f is not seen", widths[w], x, y);
            }
    sheet_release(&s);
}

/* A tick in a box, too pale for ink, is told of by its lines; a fold's shade through the box is none, and what
 * is ink counts as such. */
static void a_light_tick_in_a_box_is_measured(void **state)
{
    (void)state;
    struct sheet s;
    sheet_init(&s);
    for (size_t b = 0; b < BOXES; b++)
        for (int k = 0; k < 3; k++) {
            double x = between(&s, 22, 22.6), y = s.boxes[b].rect_mm.y + between(&s, 3.4, 3.9);
            pixCopy(s.scan, s.plate);
            if (k < 2)
                tick(&s, x, y, 0.5, 1);
            else
                stroke(&s, (struct point){10, y - 1.5}, (struct point){60, y - 1.5}, 0.3, 1);
            read_drawn(&s, k == 1 ? 40 : 230);
            bool measured = (double)s.reading.boxes[b].evidence.light_mm2 >= calibration.marks.trace_light_min_mm2;
            assert_true(measured == (k == 0));
            assert_true(k != 0 || s.reading.boxes[b].evidence.ink_share <= 0);
            for (size_t other = 0; other < BOXES; other++)
                assert_true(other == b || s.reading.boxes[other].evidence.light_mm2 <= 0);
        }
    sheet_release(&s);
}

/* Beside a box parts of such lines are, that are too short for a piece of their own. */
static void parts_of_light_lines_beside_a_box_are_measured(void **state)
{
    (void)state;
    struct sheet s;
    sheet_init(&s);
    for (size_t b = 0; b < BOXES; b++)
        for (int whole = 0; whole < 2; whole++) {
            double y = s.boxes[b].rect_mm.y + 3.5;
            pixCopy(s.scan, s.plate);
            if (whole)
                tick(&s, 16, y, 0.5, 1);
            else
                stroke(&s, (struct point){15.5, y - 1.2}, (struct point){17, y}, 0.5, 1);
            read_drawn(&s, 230);
            double parts = (double)s.reading.boxes[b].evidence.light_row_mm2;
            assert_true(whole ? parts <= 0 : parts > 0.5);
            assert_true((s.stray_mm2[b] > 0) == (whole == 1));
        }
    sheet_release(&s);
}

/* Of a thin pen through a label a threshold leaves specks: too few for the coarse cells. */
static void specks_of_a_tick_are_seen(void **state)
{
    (void)state;
    struct sheet s;
    int seen = 0, coarse = 0, all = 0;
    sheet_init(&s);
    for (size_t b = 0; b < BOXES; b++)
        for (double x = 28.5; x < 36; x += 0.5, all++) {
            pixCopy(s.scan, s.plate);
            tick(&s, x, s.boxes[b].rect_mm.y + between(&s, 3.5, 4.5), 0.1, 0.45);
            read_sheet(&s, false);
            seen += is_seen(&s, b / 3);
            coarse += s.stray_mm2[b] > calibration.outside.stray_blank_mm2;
        }
    assert_true(seen >= all * 9 / 10);
    assert_true(coarse < all / 4); /* else this shows nothing */
    sheet_release(&s);
}

/* A line of specks that is no ink for the coarse cells. */
static bool any_light(const struct sheet *s)
{
    for (size_t k = 0; k < s->reading.piece_count; k++)
        if (s->reading.pieces[k].darkness < 0.3f && s->reading.pieces[k].touch_count > 0)
            return true;
    return false;
}

static void a_dotted_line_is_told_of_and_a_drawn_one_once(void **state)
{
    (void)state;
    struct sheet s;
    int light[2] = {0, 0};
    sheet_init(&s);
    for (size_t b = 0; b < BOXES; b++)
        for (int at = 0; at < 12; at++)
            for (int drawn = 0; drawn < 2; drawn++) {
                double from = 8 + 7.0 * at, y = s.boxes[b].rect_mm.y + 0.4;
                pixCopy(s.scan, s.plate);
                for (double x = from; x < from + 10; x += 0.4, y += 0.05)
                    fill(s.scan, x, y, drawn ? 0.4 : 0.1, drawn ? 0.4 : 0.1);
                read_sheet(&s, false);
                light[drawn] += any_light(&s);
            }
    assert_true(light[0] >= 8); /* where no print is near, but a box's row */
    assert_int_equal(light[1], 0);
    sheet_release(&s);
}

static void print_and_damage_are_no_traces(void **state)
{
    (void)state;
    struct sheet s;
    sheet_init(&s);
    read_sheet(&s, false);
    assert_false(any_trace(&s));
    read_sheet(&s, true);
    assert_false(any_trace(&s));
    for (double y = 0; y < HIGH; y += 1.7) /* a broken streak down the page, slightly askew */
        fill(s.scan, 33 + 0.01 * y, y, 0.15, between(&s, 0.8, 1.6));
    fill(s.scan, 20, 23, 60, 0.2);      /* a fold */
    fill(s.scan, 40, 31.5, 0.4, 0.4);   /* toner */
    fill(s.scan, 52, 14, 0.3, 0.5);
    read_sheet(&s, false);
    assert_false(any_trace(&s));
    pixCopy(s.scan, s.plate); /* as printed, a tenth of a millimetre fatter */
    PIX *fat = pixDilateBrick(NULL, s.scan, 3, 3);
    pixCopy(s.scan, fat);
    pixDestroy(&fat);
    read_sheet(&s, false);
    assert_false(any_trace(&s));
    sheet_release(&s);
}

/* The sparse dots of a tint are not the same on any two scans. */
static void another_column_is_not_looked_into(void **state)
{
    (void)state;
    struct sheet s;
    for (int ruled = 0; ruled < 2; ruled++) {
        sheet_init(&s);
        if (ruled == 1)
            fill(s.plate, 42, 2, 0.3, 18);
        print_label(&s, 44, 11.2, 12);
        mark_template_free(s.template);
        s.template = mark_template_new(&s.page, s.plate, &calibration);
        pixCopy(s.scan, s.plate);
        for (int k = 0; k < 60; k++)
            fill(s.scan, between(&s, 45, 66), between(&s, 9.5, 15.5), 0.17, 0.17);
        read_sheet(&s, false);
        assert_int_equal(any_trace(&s), ruled == 0); /* else this shows nothing */
        sheet_release(&s);
    }
}

/* Beside an answered question nobody looks so closely, and the tail of a mark is its own. */
static void answered_questions_are_left_alone(void **state)
{
    (void)state;
    struct sheet s;
    sheet_init(&s);
    tick(&s, 22.5, 22, 0.4, 1);
    tick(&s, 30, 14, 0.1, 0.45);
    read_sheet(&s, false);
    assert_false(any_trace(&s));
    sheet_release(&s);
}

static bool any_struck(const struct sheet *s)
{
    for (size_t b = 0; b < BOXES; b++)
        if (outside_is_struck(&s->reading.boxes[b].evidence, 0, &calibration.outside))
            return true;
    return false;
}

/* Of a thin line through letters the coarse cells show little, and what lies between them is in pieces. */
static void a_label_struck_through_is_seen(void **state)
{
    (void)state;
    static const double widths[] = {0.25, 0.35, 0.5, 0.8};
    struct sheet s;
    int few = 0;
    sheet_init(&s);
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
        for (size_t b = 0; b < BOXES; b++)
            for (double slope = -0.06; slope <= 0.06; slope += 0.03) {
                double y = s.boxes[b].rect_mm.y + between(&s, 2, 3), end = 34 + 7 * (double)b;
                pixCopy(s.scan, s.plate);
                stroke(&s, (struct point){27.5, y - slope * (end - 27) / 2},
                       (struct point){end, y + slope * (end - 27) / 2}, widths[w], 1);
                read_sheet(&s, (w + b) % 2 == 0);
                few += s.stray_mm2[b] <= calibration.outside.stray_mm2;
                for (size_t k = 0; k < BOXES; k++)
                    if (outside_is_struck(&s.reading.boxes[k].evidence, 0, &calibration.outside) != (k == b))
                        fail_msg("a line of %.2f mm through label %zu: %.2f mm at label %zu", widths[w], b,
                                 (double)s.reading.boxes[k].evidence.struck_mm, k);
            }
    assert_true(few > 0); /* else this shows nothing */
    sheet_release(&s);
}

static void print_folds_and_tails_strike_nothing(void **state)
{
    (void)state;
    struct sheet s;
    sheet_init(&s);
    for (int grey = 0; grey < 2; grey++) {
        pixCopy(s.scan, s.plate);
        read_sheet(&s, grey);
        assert_false(any_struck(&s));
        for (int b = 0; b < BOXES; b++) /* folds, rules: they go on beyond the label */
            fill(s.scan, 0, s.boxes[b].rect_mm.y + 2.5, WIDE, 0.3);
        read_sheet(&s, grey);
        assert_false(any_struck(&s));
        pixCopy(s.scan, s.plate);
        for (int b = 0; b < BOXES; b++) { /* a dash that leaves its box, the tail of a tick */
            double y = s.boxes[b].rect_mm.y;
            fill(s.scan, 21, y + 2.5, 8, 0.5);
            stroke(&s, (struct point){30, y + 4.5}, (struct point){33.5, y}, 0.5, 1);
        }
        read_sheet(&s, grey);
        assert_false(any_struck(&s));
        PIX *fat = pixDilateBrick(NULL, s.plate, 3, 3); /* and not quite where the form says */
        pixRasterop(s.scan, 3, 2, (int)s.scan->w, (int)s.scan->h, PIX_SRC, fat, 0, 0);
        pixDestroy(&fat);
        read_sheet(&s, grey);
        assert_false(any_struck(&s));
    }
    sheet_release(&s);
}

/* Pieces hold print that the blank lacks; where a box's print was learned, its row was too. */
static void print_learned_in_a_row_is_no_stray_ink(void **state)
{
    (void)state;
    struct sheet s;
    enum ink_class classes[PIECES_MAX];
    static const struct box_crop crop;
    sheet_init(&s);
    tick(&s, 15, 13, 0.5, 1);
    read_sheet(&s, false);
    struct box_reading *box = &s.reading.boxes[0];
    outside_classify(classes, &s.reading, &s.page, &calibration.outside);
    assert_true(s.stray_mm2[0] > calibration.outside.stray_mm2);
    box->crop = &crop;
    box->evidence.row_mm2 = 0.1f;
    box->evidence.print_found = PRINT_NONE;
    outside_strays(s.stray_mm2, classes, &s.reading, &s.page, &calibration.outside);
    assert_true(s.stray_mm2[0] > calibration.outside.stray_mm2);
    box->evidence.print_found = 1;
    outside_strays(s.stray_mm2, classes, &s.reading, &s.page, &calibration.outside);
    assert_true(s.stray_mm2[0] < calibration.outside.stray_mm2);
    sheet_release(&s);
}

int main(void)
{
    struct error err;
    if (!calibration_load(&calibration, &err))
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(print_learned_in_a_row_is_no_stray_ink),
        cmocka_unit_test(a_tick_beside_a_box_is_seen),
        cmocka_unit_test(a_light_tick_in_a_box_is_measured),
        cmocka_unit_test(parts_of_light_lines_beside_a_box_are_measured),
        cmocka_unit_test(specks_of_a_tick_are_seen),
        cmocka_unit_test(a_dotted_line_is_told_of_and_a_drawn_one_once),
        cmocka_unit_test(print_and_damage_are_no_traces),
        cmocka_unit_test(another_column_is_not_looked_into),
        cmocka_unit_test(answered_questions_are_left_alone),
        cmocka_unit_test(a_label_struck_through_is_seen),
        cmocka_unit_test(print_folds_and_tails_strike_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
