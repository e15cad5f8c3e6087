/* What of a mark can be seen on its scan is not what the form prints there, nor what another mark is. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "proof/seen.h"

#define SIDE_MM 20.0
#define PX (300 / MM_PER_INCH)

enum { SIDE_PX = 236 };

/* A sheet with one box in its middle, filled in with a pencil. */
struct sheet {
    struct template_box box;
    struct template_page page;
    struct form form;
    struct truth_box truth_box;
    struct filled_page filled_page;
    struct filled_return filled;
    struct mapping mapping;
    struct plane print;
    struct image_truth truth;
};

/* How far this spot lies from a round line so wide, to either side: less than 0 within it. */
static double beyond_outline(double x_mm, double y_mm, double radius_mm, double wide_mm)
{
    return fabs(hypot(x_mm - SIDE_MM / 2, y_mm - SIDE_MM / 2) - radius_mm) - wide_mm / 2;
}

static void fill_in(struct drawing *drawing, double radius_mm)
{
    for (double y = -radius_mm; y <= radius_mm; y += 0.3) {
        double half = sqrt(radius_mm * radius_mm - y * y);
        drawing_begin(drawing, 0);
        for (double x = -half; x <= half; x += 0.1)
            drawing_point(drawing, (struct point){SIDE_MM / 2 + x, SIDE_MM / 2 + y}, 1);
    }
}

/* Everything white, without strokes. Released with sheet_release(). */
static struct sheet *sheet_new(double radius_mm)
{
    struct sheet *s = calloc(1, sizeof *s);
    assert_non_null(s);
    s->mapping = (struct mapping){.width_mm = SIDE_MM, .height_mm = SIDE_MM, .print_scale = 1, .x_dpi = 300,
                                  .y_dpi = 300, .width_px = SIDE_PX, .height_px = SIDE_PX};
    s->print = (struct plane){.width_px = SIDE_PX, .height_px = SIDE_PX, .px_per_mm = PX};
    s->box.rect_mm = (struct rect){SIDE_MM / 2 - radius_mm, SIDE_MM / 2 - radius_mm, 2 * radius_mm, 2 * radius_mm};
    s->page = (struct template_page){.boxes = &s->box, .box_count = 1, .width_mm = SIDE_MM, .height_mm = SIDE_MM};
    s->form = (struct form){.pages = &s->page, .page_count = 1};
    s->filled_page.boxes = &s->truth_box;
    s->filled.pages = &s->filled_page;
    s->filled.page_count = 1;
    s->filled.pen.width_mm = 0.5;
    s->print.data = malloc((size_t)SIDE_PX * SIDE_PX);
    assert_non_null(s->print.data);
    memset(s->print.data, 255, (size_t)SIDE_PX * SIDE_PX);
    s->truth = (struct image_truth){.kind = IMAGE_PAGE, .form = &s->form, .filled = &s->filled,
                                    .mapping = &s->mapping, .scan = pixCreate(SIDE_PX, SIDE_PX, 1),
                                    .print = &s->print};
    return s;
}

static void sheet_release(struct sheet *s)
{
    pixDestroy(&s->truth.scan);
    free(s->print.data);
    drawing_release(&s->filled_page.drawing);
    free(s);
}

/* Share of the fill that can be seen in a round box of this radius where the scan shows the outline, fatter
 * than it was printed, and the fill or nothing of it. */
static double share_seen(double radius_mm, bool filled)
{
    struct sheet *s = sheet_new(radius_mm);
    s->truth_box.how = MARK_fill;
    fill_in(&s->filled_page.drawing, radius_mm);
    for (int y = 0; y < SIDE_PX; y++)
        for (int x = 0; x < SIDE_PX; x++) {
            double x_mm = (x + 0.5) / PX, y_mm = (y + 0.5) / PX;
            double off = beyond_outline(x_mm, y_mm, radius_mm, 0.25);
            bool inside = hypot(x_mm - SIDE_MM / 2, y_mm - SIDE_MM / 2) < radius_mm;
            s->print.data[y * SIDE_PX + x] = off < 0 ? 0 : 255;
            if (off < 0.1 || (filled && inside))
                pixSetPixel(s->truth.scan, x, y, 1);
        }
    double share = seen_share(&s->truth, 0, false);
    sheet_release(s);
    return share;
}

static void an_outline_is_no_fill(void **state)
{
    (void)state;
    for (double radius = 0.9; radius < 4; radius += 0.1) {
        double lost = share_seen(radius, false), left = share_seen(radius, true);
        if (!(lost < 0.02) || !(left > 0.98))
            fail_msg("radius %.1f mm: %.2f of a lost fill is seen, %.2f of one that is there", radius, lost, left);
    }
}

/* A level line across the sheet's middle. */
static bool is_on_line(int y, double below_mm, double wide_mm)
{
    return fabs((y + 0.5) / PX - SIDE_MM / 2 - below_mm) < wide_mm / 2;
}

static void draw_dash(struct drawing *drawing, size_t owner, double below_mm)
{
    drawing_begin(drawing, owner);
    for (int k = 0; k <= 20; k++)
        drawing_point(drawing, (struct point){SIDE_MM / 2 - 1.5 + 0.15 * k, SIDE_MM / 2 + below_mm}, 1);
}

/* Of a dash that lies along a printed line, or over a tint; the scan shows the print, and the line so wide. */
static double dash_seen(unsigned char print, double print_wide_mm, double scan_wide_mm)
{
    struct sheet *s = sheet_new(2.5);
    s->truth_box.how = MARK_dash;
    draw_dash(&s->filled_page.drawing, 0, 0);
    for (int y = 0; y < SIDE_PX; y++)
        for (int x = 0; x < SIDE_PX; x++) {
            s->print.data[y * SIDE_PX + x] = is_on_line(y, 0, print_wide_mm) ? print : 255;
            if (is_on_line(y, 0, scan_wide_mm))
                pixSetPixel(s->truth.scan, x, y, 1);
        }
    double share = seen_share(&s->truth, 0, false);
    sheet_release(s);
    return share;
}

static void a_dash_along_a_line_is_seen_beside_it_alone(void **state)
{
    (void)state;
    assert_true(dash_seen(0, 0.2, 0.3) < 0.01);  /* the line, a little fat */
    assert_true(dash_seen(0, 0.2, 0.65) > 0.99); /* the dash on it, spread as much */
    assert_true(dash_seen(0, 2, 2) < 0.01);      /* in the middle of a black bar */
    assert_true(dash_seen(225, 6, 0.5) > 0.99);  /* on a tint */
    assert_true(dash_seen(225, 6, 0) < 0.01);
}

/* Of a dash that the scan lost, where another that it kept crosses it or lies upon it. */
static void another_mark_is_not_this_one(void **state)
{
    (void)state;
    const double below_mm[] = {0.2, 0.45, 0.6};
    for (size_t i = 0; i < sizeof below_mm / sizeof *below_mm; i++) {
        struct sheet *s = sheet_new(2.5);
        s->truth_box.how = MARK_dash;
        draw_dash(&s->filled_page.drawing, 0, 0);
        draw_dash(&s->filled_page.drawing, 1, below_mm[i]);
        drawing_begin(&s->filled_page.drawing, 0); /* the rest of it, by itself */
        for (int k = 0; k < 12; k++)
            drawing_point(&s->filled_page.drawing, (struct point){SIDE_MM / 2 - 1.5, SIDE_MM / 2 - 0.2 * k}, 1);
        for (int y = 0; y < SIDE_PX; y++)
            for (int x = 0; x < SIDE_PX; x++)
                if (is_on_line(y, below_mm[i], 0.5) && fabs((x + 0.5) / PX - SIDE_MM / 2) < 1.75)
                    pixSetPixel(s->truth.scan, x, y, 1);
        double share = seen_share(&s->truth, 0, false);
        if (!(share < 0.01))
            fail_msg("%.2f of a lost dash is seen, %.2f mm above another", share, below_mm[i]);
        sheet_release(s);
    }
}

/* Of a dash, on bare paper or along a printed line, of which the scan shows all or nothing but where an upright line of
 * dust crosses it; the dust lies on the glass, or ends above the mark. */
static double streaked_dash_seen(bool printed, bool shown, double dust_to)
{
    struct sheet *s = sheet_new(2.5);
    struct machine machine = {.x_dpi = 300, .y_dpi = 300, .streak_count = 1};
    machine.streaks[0] = (struct streak){.x_mm = SIDE_MM / 2, .width_mm = 0.4, .dark = 0.7, .from = -1, .to = dust_to};
    s->truth.machine = &machine;
    s->truth_box.how = MARK_dash;
    draw_dash(&s->filled_page.drawing, 0, 0);
    for (int y = 0; y < SIDE_PX; y++)
        for (int x = 0; x < SIDE_PX; x++) {
            bool dust = fabs((x + 0.5) / PX - SIDE_MM / 2) < 0.4, line = printed && is_on_line(y, 0, 0.3);
            s->print.data[y * SIDE_PX + x] = printed && is_on_line(y, 0, 0.2) ? 0 : 255;
            if (dust || line || (shown && is_on_line(y, 0, 0.65)))
                pixSetPixel(s->truth.scan, x, y, 1);
        }
    double share = seen_share(&s->truth, 0, false);
    sheet_release(s);
    return share;
}

static void dust_is_no_mark(void **state)
{
    (void)state;
    for (int printed = 0; printed < 2; printed++) {
        assert_true(streaked_dash_seen(printed, false, 2) < 0.01);
        assert_true(streaked_dash_seen(printed, true, 2) > 0.99);
        assert_true(streaked_dash_seen(printed, false, 0.2) > 0.15); /* then what is dark there is the dash */
    }
}

/* Of a light line beside which a narrow streak runs so far off its middle: its pixels lie under the pen. */
static double line_beside_streak_seen(double off_mm)
{
    struct sheet *s = sheet_new(2.5);
    struct machine machine = {.x_dpi = 300, .y_dpi = 300, .streak_count = 1};
    machine.streaks[0] = (struct streak){.x_mm = SIDE_MM / 2 + off_mm, .width_mm = 0.05, .dark = 0.7, .from = -1, .to = 2};
    s->truth.machine = &machine;
    s->truth_box.how = MARK_dash;
    drawing_begin(&s->filled_page.drawing, 0);
    for (int k = -15; k <= 15; k++)
        drawing_point(&s->filled_page.drawing, (struct point){SIDE_MM / 2, SIDE_MM / 2 + 0.1 * k}, 1);
    for (int y = 0; y < SIDE_PX; y++)
        for (int x = 0; x < SIDE_PX; x++)
            if (fabs((x + 0.5) / PX - SIDE_MM / 2 - off_mm) < 0.05)
                pixSetPixel(s->truth.scan, x, y, 1);
    double share = seen_share(&s->truth, 0, false);
    sheet_release(s);
    return share;
}

static void dust_beside_a_line_is_no_mark(void **state)
{
    (void)state;
    for (int k = 0; k <= 6; k++)
        if (!(line_beside_streak_seen(0.05 * k) < 0.01))
            fail_msg("dust %.2f mm off a lost line is taken for it", 0.05 * k);
}

/* Of a tick that starts in the box and leaves it, where the scan shows so much of its end, as much again before
 * that, and a speck in the box or none. */
static double tail_seen(double left_mm, bool speck)
{
    struct sheet *s = sheet_new(2.5);
    s->truth_box.how = MARK_tick;
    drawing_begin(&s->filled_page.drawing, 0);
    for (int k = 0; k <= 60; k++) /* level, from the middle to 3.5 mm beside the box */
        drawing_point(&s->filled_page.drawing, (struct point){SIDE_MM / 2 + 0.1 * k, SIDE_MM / 2}, 1);
    for (int y = 0; y < SIDE_PX; y++)
        for (int x = 0; x < SIDE_PX; x++) {
            double beside_mm = (x + 0.5) / PX - SIDE_MM / 2;
            bool tail = beside_mm > 6 - left_mm && beside_mm < 6.2;
            bool before = beside_mm > 4.6 - left_mm && beside_mm < 4.6; /* apart, as long */
            bool dot = speck && beside_mm > 0.9 && beside_mm < 1.2;
            if ((tail || before || dot) && is_on_line(y, 0, 0.3))
                pixSetPixel(s->truth.scan, x, y, 1);
        }
    double share = seen_share(&s->truth, 0, false);
    sheet_release(s);
    return share;
}

static void specks_beside_a_box_are_dirt(void **state)
{
    (void)state;
    assert_true(tail_seen(0.3, false) < 0.01); /* two, no longer than toner leaves them */
    assert_true(tail_seen(0.3, true) > 0.1);   /* people ask about one in the box */
    assert_true(tail_seen(0.9, false) > 0.2);  /* and about pieces of a line */
}

/* Of a line beside the box, over print of that level but for a gap in it so wide, where the scan shows it up to
 * there, from the middle of the box. */
static double line_beside_seen(double gap_mm, unsigned char print, double shown_mm)
{
    struct sheet *s = sheet_new(1.5);
    s->truth_box.how = MARK_tick_beside;
    drawing_begin(&s->filled_page.drawing, 0);
    for (int k = 0; k <= 80; k++)
        drawing_point(&s->filled_page.drawing, (struct point){SIDE_MM / 2 + 3 + 0.05 * k, SIDE_MM / 2}, 1);
    for (int y = 0; y < SIDE_PX; y++)
        for (int x = 0; x < SIDE_PX; x++) {
            double beside_mm = (x + 0.5) / PX - SIDE_MM / 2;
            bool printed = beside_mm > 2.8 && fabs(beside_mm - 5) >= gap_mm / 2;
            s->print.data[y * SIDE_PX + x] = printed ? print : 255;
            if (beside_mm > 2.8 && beside_mm < shown_mm && is_on_line(y, 0, 0.5))
                pixSetPixel(s->truth.scan, x, y, 1);
        }
    double share = seen_share(&s->truth, 0, false);
    sheet_release(s);
    return share;
}

/* Of which little or nothing lies on bare paper. */
static void a_line_over_print_is_no_dirt(void **state)
{
    (void)state;
    assert_true(line_beside_seen(0.85, 0, 7.2) > 0.9); /* between letters, too short for more than dirt */
    double share = line_beside_seen(0, 200, 4.4);      /* over a tint */
    assert_true(share > 0.3 && share < 0.5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(an_outline_is_no_fill),
                                       cmocka_unit_test(a_dash_along_a_line_is_seen_beside_it_alone),
                                       cmocka_unit_test(another_mark_is_not_this_one),
                                       cmocka_unit_test(dust_is_no_mark),
        cmocka_unit_test(dust_beside_a_line_is_no_mark),
                                       cmocka_unit_test(specks_beside_a_box_are_dirt),
                                       cmocka_unit_test(a_line_over_print_is_no_dirt)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
