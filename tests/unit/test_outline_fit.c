/* Boxes found by their own outlines: what was written over them must not drag them along, and lines that
 * the scanner lost within a box must not look like a mark. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <leptonica/allheaders.h>

#include "base/calibration.h"
#include "base/error.h"
#include "read/reading.h"

#define DPI 300
#define SIDE_MM 120
#define COLUMNS 3
#define BOXES 12

static struct calibration calibration;

static int px(double mm)
{
    return (int)lround(mm * DPI / MM_PER_INCH);
}

static void bar(PIX *page, double x, double y, double w, double h, int op)
{
    pixRasterop(page, px(x), px(y), px(w), px(h), op, NULL, 0, 0);
}

/* Twelve boxes of 4 mm, 8 mm apart, seen where registration says; what is done to the scan is the
 * tests'. */
struct sheet {
    struct template_box boxes[BOXES];
    struct template_page page;
    PIX *plate, *scan;
    struct arena *arena;
    struct page_reading reading;
};

static void sheet_init(struct sheet *s)
{
    *s = (struct sheet){.arena = arena_new()};
    s->plate = pixCreate(px(SIDE_MM), px(SIDE_MM), 1);
    for (int k = 0; k < BOXES; k++) {
        struct rect r = {40 + 8.0 * (k % COLUMNS), 40 + 8.0 * (double)(k / COLUMNS), 4, 4};
        s->boxes[k] = (struct template_box){.shape = BOX_SQUARE, .rect_mm = r};
        bar(s->plate, r.x, r.y, r.w, r.h, PIX_SET);
        bar(s->plate, r.x + 0.3, r.y + 0.3, r.w - 0.6, r.h - 0.6, PIX_CLR);
    }
    s->page = (struct template_page){
        .width_mm = SIDE_MM, .height_mm = SIDE_MM, .boxes = s->boxes, .box_count = BOXES};
    s->scan = pixCopy(NULL, s->plate);
}

static void sheet_read(struct sheet *s)
{
    struct mark_template *template = mark_template_new(&s->page, s->plate, &calibration);
    double scale = DPI / MM_PER_INCH;
    struct landmark_residual landmarks[4] = {{30, 30, 0, 0, true}, {60, 30, 0, 0, true},
                                             {30, 80, 0, 0, true}, {60, 80, 0, 0, true}};
    struct placed_page placed = {.landmark_count = 4, .landmarks = landmarks};
    placed.placement = (struct placement){.form_to_image = {{scale, 0, 0, 0, scale, 0, 0, 0}},
                                          .width_mm = SIDE_MM, .height_mm = SIDE_MM};
    struct raw_page raw = {.bits = s->scan, .width_px = pixGetWidth(s->scan),
                           .height_px = pixGetHeight(s->scan), .x_dpi = DPI, .y_dpi = DPI};
    read_marks(&s->reading, s->arena, template, &raw, &placed);
    mark_template_free(template);
}

static void sheet_release(struct sheet *s)
{
    pixDestroy(&s->plate);
    pixDestroy(&s->scan);
    arena_free(s->arena);
}

/* How far a box was seen below its place, mm. */
static double below_mm(const struct sheet *s, int k)
{
    struct rect seen = s->reading.boxes[k].rect_px;
    return (seen.y + seen.h / 2) * MM_PER_INCH / DPI - rect_centre(s->boxes[k].rect_mm).y;
}

/* Ink from far above the box to half a millimetre below it: dark wherever the outline is looked for, and
 * with paper just beyond its lower side only where the box would lie lower. */
static void scribble_drags_no_box(void **state)
{
    (void)state;
    struct sheet s;
    sheet_init(&s);
    struct rect r = s.boxes[4].rect_mm;
    bar(s.scan, r.x, r.y - 1, r.w, r.h + 1.5, PIX_SET);
    sheet_read(&s);
    assert_true(s.reading.boxes[4].evidence.ink_share > 0.8f);
    assert_true(fabs(below_mm(&s, 4)) < 0.2);
    for (int k = 0; k < BOXES; k++)
        assert_true(k == 4 || fabs(below_mm(&s, k)) < 0.13);
    sheet_release(&s);
}

/* A box that did move is still followed: its outline is not where the neighbours say. */
static void moved_box_is_followed(void **state)
{
    (void)state;
    struct sheet s;
    sheet_init(&s);
    struct rect r = s.boxes[4].rect_mm;
    bar(s.scan, r.x, r.y, r.w, r.h, PIX_CLR);
    bar(s.scan, r.x, r.y + 0.375, r.w, r.h, PIX_SET);
    bar(s.scan, r.x + 0.3, r.y + 0.675, r.w - 0.6, r.h - 0.6, PIX_CLR);
    sheet_read(&s);
    assert_true(fabs(below_mm(&s, 4) - 0.375) < 0.13);
    assert_true(s.reading.boxes[4].evidence.ink_share < 0.005f);
    sheet_release(&s);
}

/* Half a millimetre of the scan is missing in the middle of the second row of boxes; registration follows
 * the rows above. The boxes are found, and their lower side is no mark. */
static void lost_lines_are_no_mark(void **state)
{
    (void)state;
    struct sheet s;
    sheet_init(&s);
    int width = px(SIDE_MM), from = px(s.boxes[COLUMNS].rect_mm.y + 2.2), lost = px(0.5);
    PIX *before = pixCopy(NULL, s.scan);
    pixRasterop(s.scan, 0, from, width, px(SIDE_MM) - from - lost, PIX_SRC, before, 0, from + lost);
    pixDestroy(&before);
    sheet_read(&s);
    for (int k = COLUMNS; k < 2 * COLUMNS; k++) {
        const struct box_evidence *e = &s.reading.boxes[k].evidence;
        assert_true(e->print_found > 0.95f);
        assert_true(e->ink_share < 0.005f);
        assert_true(fabs(below_mm(&s, k) + 0.25) < 0.15);
    }
    for (int k = 2 * COLUMNS; k < BOXES; k++) {
        assert_true(fabs(below_mm(&s, k) + 0.5) < 0.13);
        assert_true(s.reading.boxes[k].evidence.ink_share < 0.005f);
    }
    sheet_release(&s);
}

/* The left side of box 4, or the right one too, reaches a little farther in than the blank's, all along;
 * what `more` adds is a stroke's. Gives the ink that is left. */
static float ink_beside_rim(bool both, struct rect more)
{
    struct sheet s;
    sheet_init(&s);
    struct rect r = s.boxes[4].rect_mm;
    bar(s.scan, r.x, r.y, 0.61, r.h, PIX_SET);
    if (both)
        bar(s.scan, r.x + r.w - 0.61, r.y, 0.61, r.h, PIX_SET);
    bar(s.scan, r.x + more.x, r.y + more.y, more.w, more.h, PIX_SET);
    sheet_read(&s);
    float ink = s.reading.boxes[4].evidence.ink_share;
    sheet_release(&s);
    return ink;
}

static void rim_of_an_outline_is_no_ink(void **state)
{
    (void)state;
    assert_true(ink_beside_rim(true, (struct rect){0, 0, 0, 0}) <= 0);
    assert_true(ink_beside_rim(true, (struct rect){2, 0, 0.5, 0.7}) > 0.01f);     /* a bump on the upper side */
    assert_true(ink_beside_rim(true, (struct rect){0.3, 1.5, 0.7, 0.4}) > 0.05f); /* a stroke into the box */
    assert_true(ink_beside_rim(true, (struct rect){-0.8, 1.5, 1, 0.4}) > 0.03f);  /* a stroke up to it */
    assert_true(ink_beside_rim(false, (struct rect){0, 0, 0, 0}) > 0.01f);        /* a stroke along one side */
}

/* A rule below the box that the scan shows a little lower than the boxes say is no ink beside the box; a
 * stroke there is. */
static void displaced_rule_is_no_ink(void **state)
{
    (void)state;
    for (int stroke = 0; stroke < 2; stroke++) {
        struct sheet s;
        sheet_init(&s);
        struct rect r = s.boxes[4].rect_mm;
        bar(s.plate, r.x - 10, r.y + r.h + 1.5, 30, 0.2, PIX_SET);
        bar(s.scan, r.x - 10, r.y + r.h + 1.8, 30, 0.2, PIX_SET);
        if (stroke)
            bar(s.scan, r.x + 1, r.y + r.h + 0.5, 0.4, 1.1, PIX_SET);
        sheet_read(&s);
        float outside = s.reading.boxes[4].evidence.outside_mm2;
        assert_true(stroke ? outside > 0.1f : outside < 0.05f);
        sheet_release(&s);
    }
}

/* Only every third pixel of box 4's outline is dark: print so faded that a threshold nearly lost it. */
static void fade(struct sheet *s)
{
    struct rect r = s->boxes[4].rect_mm;
    int x0 = px(r.x), y0 = px(r.y), side = px(r.w);
    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++)
            if ((x / 2 + y / 2) % 4 != 0 || x % 2 != 0 || y % 2 != 0)
                pixSetPixel(s->scan, x0 + x, y0 + y, 0);
}

static void faded_outline_is_found_by_its_specks(void **state)
{
    (void)state;
    struct sheet s;
    sheet_init(&s);
    fade(&s);
    sheet_read(&s);
    assert_true(s.reading.boxes[4].evidence.print_found < 0.5f);
    assert_true(s.reading.boxes[4].evidence.specks_found >= 0.5f);
    sheet_release(&s);
    /* specks that lie just outside too are no line */
    sheet_init(&s);
    fade(&s);
    struct rect r = s.boxes[4].rect_mm;
    for (int k = 0; k < 40; k++) {
        bar(s.scan, r.x + 0.1 * k, r.y - 0.5, 0.09, 0.09, k % 3 == 0 ? PIX_SET : PIX_CLR);
        bar(s.scan, r.x - 0.5, r.y + 0.1 * k, 0.09, 0.09, k % 3 == 0 ? PIX_SET : PIX_CLR);
    }
    sheet_read(&s);
    assert_true(s.reading.boxes[4].evidence.specks_found < 0.5f);
    sheet_release(&s);
    /* and half an outline is none */
    sheet_init(&s);
    fade(&s);
    bar(s.scan, r.x, r.y, r.w, r.h * 0.6, PIX_CLR);
    sheet_read(&s);
    assert_true(s.reading.boxes[4].evidence.specks_found < 0.5f);
    sheet_release(&s);
}

int main(void)
{
    struct error err;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scribble_drags_no_box),
        cmocka_unit_test(moved_box_is_followed),
        cmocka_unit_test(lost_lines_are_no_mark),
        cmocka_unit_test(rim_of_an_outline_is_no_ink),
        cmocka_unit_test(displaced_rule_is_no_ink),
        cmocka_unit_test(faded_outline_is_found_by_its_specks),
    };
    if (!calibration_load(&calibration, &err))
        error_die("%s", err.text);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
