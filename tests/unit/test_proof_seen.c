/* What of a mark can be seen on its scan is not what the form prints there. */
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

/* Share of the fill that can be seen in a round box of this radius where the scan shows the outline, fatter
 * than it was printed, and the fill or nothing of it. */
static double share_seen(double radius_mm, bool filled)
{
    struct sheet s = {.mapping = {.width_mm = SIDE_MM, .height_mm = SIDE_MM, .print_scale = 1, .x_dpi = 300,
                                  .y_dpi = 300, .width_px = SIDE_PX, .height_px = SIDE_PX},
                      .print = {.width_px = SIDE_PX, .height_px = SIDE_PX, .px_per_mm = PX}};
    s.box.rect_mm = (struct rect){SIDE_MM / 2 - radius_mm, SIDE_MM / 2 - radius_mm, 2 * radius_mm, 2 * radius_mm};
    s.page = (struct template_page){.boxes = &s.box, .box_count = 1, .width_mm = SIDE_MM, .height_mm = SIDE_MM};
    s.form = (struct form){.pages = &s.page, .page_count = 1};
    s.truth_box.how = MARK_fill;
    s.filled_page.boxes = &s.truth_box;
    s.filled.pages = &s.filled_page;
    s.filled.page_count = 1;
    s.filled.pen.width_mm = 0.5;
    fill_in(&s.filled_page.drawing, radius_mm);
    s.print.data = malloc((size_t)SIDE_PX * SIDE_PX);
    assert_non_null(s.print.data);
    PIX *scan = pixCreate(SIDE_PX, SIDE_PX, 1);
    for (int y = 0; y < SIDE_PX; y++)
        for (int x = 0; x < SIDE_PX; x++) {
            double x_mm = (x + 0.5) / PX, y_mm = (y + 0.5) / PX;
            double off = beyond_outline(x_mm, y_mm, radius_mm, 0.25);
            bool inside = hypot(x_mm - SIDE_MM / 2, y_mm - SIDE_MM / 2) < radius_mm;
            s.print.data[y * SIDE_PX + x] = off < 0 ? 0 : 255;
            if (off < 0.1 || (filled && inside))
                pixSetPixel(scan, x, y, 1);
        }
    s.truth = (struct image_truth){.kind = IMAGE_PAGE, .form = &s.form, .filled = &s.filled,
                                   .mapping = &s.mapping, .scan = scan, .print = &s.print};
    double share = seen_share(&s.truth, 0, false);
    pixDestroy(&scan);
    free(s.print.data);
    drawing_release(&s.filled_page.drawing);
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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(an_outline_is_no_fill)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
