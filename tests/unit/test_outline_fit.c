/* Boxes found by their own outlines: what was written over them must not drag them along, and lines that
 * the scanner lost within a box must not look like a mark. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <leptonica/allheaders.h>

#include "base/calibration.h"
#include "base/error.h"
#include "read/outline_fit.h"
#include "read/reading.h"
#include "read/unprinted.h"

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
    PIX *grey; /* or NULL: read instead of `scan` */
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
    struct raw_page raw = {.bits = s->grey != NULL ? NULL : s->scan, .grey = s->grey, .width_px = pixGetWidth(s->scan),
                           .height_px = pixGetHeight(s->scan), .x_dpi = DPI, .y_dpi = DPI};
    read_marks(&s->reading, s->arena, template, &raw, &placed);
    mark_template_free(template);
}

static void sheet_release(struct sheet *s)
{
    pixDestroy(&s->plate);
    pixDestroy(&s->scan);
    pixDestroy(&s->grey);
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

/* ---- bulges ----------------------------------------------------------------------------------- */

/* A dot on the lower side of an outline, a dash along most of that side, one just outside, and what is measured of other boxes. */
static void a_dot_on_an_outline_bulges(void **state)
{
    (void)state;
    struct sheet s;
    sheet_init(&s);
    struct rect dotted = s.boxes[4].rect_mm, dashed = s.boxes[7].rect_mm, filled = s.boxes[1].rect_mm;
    bar(s.scan, dotted.x + 2, dotted.y + dotted.h - 0.8, 0.6, 0.9, PIX_SET);
    bar(s.scan, dashed.x + 1, dashed.y + dashed.h - 0.55, dashed.w - 2, 0.9, PIX_SET);
    struct rect beside = s.boxes[5].rect_mm; /* a dash along the outside of its upper side */
    bar(s.scan, beside.x + 1, beside.y - 0.6, beside.w - 2, 0.6, PIX_SET);
    bar(s.scan, filled.x, filled.y, filled.w, filled.h, PIX_SET);
    bar(s.scan, s.boxes[0].rect_mm.x + 2, s.boxes[0].rect_mm.y + 0.7, 0.5, 0.5, PIX_SET); /* a speck inside */
    sheet_read(&s);
    for (int k = 0; k < BOXES; k++) {
        bool bulges = k == 4 || k == 5 || k == 7;
        if (bulges != (s.reading.boxes[k].evidence.bulge_mm2 > (bulges ? 0.2f : 0.05f)))
            fail_msg("box %d: %.2f mm2, ink %.3f", k, (double)s.reading.boxes[k].evidence.bulge_mm2,
                     (double)s.reading.boxes[k].evidence.ink_share);
    }
    assert_true(s.reading.boxes[0].evidence.ink_share > 0);
    assert_true(s.reading.boxes[5].evidence.ink_share <= 0);
    sheet_release(&s);
}

/* ---- ways to count ---------------------------------------------------------------------------- */

#define CELLS 64 /* a side of a patch */
#define RING_MAX (CELLS * CELLS)

static unsigned random_state = 1;

static int uniform(int below)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (int)((random_state >> 8) % (unsigned)below);
}

/* Cells whose larger distance from the middle lies in from..to. */
static int ring(short *out, int from, int to)
{
    int count = 0;
    for (int k = 0; k < CELLS * CELLS; k++) {
        int x = abs(2 * (k % CELLS) + 1 - CELLS) / 2, y = abs(2 * (k / CELLS) + 1 - CELLS) / 2;
        int far = x > y ? x : y;
        if (far >= from && far <= to)
            out[count++] = (short)k;
    }
    return count;
}

/* An outline of up to 1300 cells somewhere near its place on black and white noise. */
static void draw_patch(unsigned char *patch, const struct box_template *box)
{
    int black = uniform(3) == 0 ? 90 : uniform(40), drawn = uniform(100);
    int shift = (uniform(13) - 6) * CELLS + uniform(13) - 6;
    for (int k = 0; k < CELLS * CELLS; k++)
        patch[k] = uniform(100) < black ? 255 : 0;
    for (int k = 0; k < box->outline_count; k++)
        if (uniform(100) < drawn)
            patch[box->outline[k] + shift] = 255;
}

static void assert_same_fit(struct outline_fit a, struct outline_fit b)
{
    assert_true(a.dx == b.dx && a.dy == b.dy && a.lost_x == b.lost_x && a.lost_y == b.lost_y);
    assert_true(a.found == b.found && a.specks == b.specks);
}

static void bitonal_patch_is_fitted_as_a_grey_one(void **state)
{
    (void)state;
    static short outline[RING_MAX], beyond[RING_MAX];
    unsigned char patch[CELLS * CELLS];
    for (int round = 0; round < 4000; round++) {
        int inner = 8 + uniform(8), outer = inner + uniform(17 - inner + 3);
        struct box_template box = {.rect_mm = {0, 0, 4, 4}, .width = CELLS, .height = CELLS,
                                   .outline = outline, .beyond = beyond,
                                   .has_outline = uniform(2) == 0};
        outer = outer > 19 ? 19 : outer;
        box.outline_count = ring(outline, inner, outer);
        box.beyond_count = ring(beyond, outer + 1, outer + 1 + uniform(2));
        outline_order(&box);
        draw_patch(patch, &box);
        int dx = uniform(5) - 2, dy = uniform(5) - 2;
        struct outline_fit fit = outline_fit(&box, patch, true, &calibration.marks);
        struct outline_fit near = outline_fit_near(&box, patch, true, dx, dy, &calibration.marks);
        assert_same_fit(fit, outline_fit(&box, patch, false, &calibration.marks));
        assert_same_fit(near, outline_fit_near(&box, patch, false, dx, dy, &calibration.marks));
    }
}

/* Lines of one grey level on white. */
static void grey_outline_is_found_where_it_lies(void **state)
{
    (void)state;
    static short outline[RING_MAX], beyond[RING_MAX];
    unsigned char patch[CELLS * CELLS];
    for (int round = 0; round < 500; round++) {
        int at = 8 + uniform(8), dx = 2 * uniform(5) - 4, dy = 2 * uniform(5) - 4;
        struct box_template box = {.rect_mm = {0, 0, 4, 4}, .width = CELLS, .height = CELLS,
                                   .outline = outline, .beyond = beyond};
        box.outline_count = ring(outline, at, at + 1);
        box.beyond_count = ring(beyond, at + 3, at + 3);
        outline_order(&box);
        memset(patch, 0, sizeof patch);
        for (int k = 0; k < box.outline_count; k++)
            patch[outline[k] + dy * CELLS + dx] = (unsigned char)(150 + round % 100);
        struct outline_fit fit = outline_fit(&box, patch, false, &calibration.marks);
        assert_true(abs(fit.dx - dx) <= 1 && abs(fit.dy - dy) <= 1); /* nearer to its place, perhaps */
    }
}

/* ---- shades ------------------------------------------------------------------------------------ */

/* What is drawn in the scan becomes ink on grey paper, and a pale ring closes round two boxes. */
static void ring_palely(struct sheet *s, struct rect one, struct rect other)
{
    enum { PAPER = 230, INK = 40, PALE = 205 };
    const struct rect rings[] = {one, other};
    s->grey = pixCreate(px(SIDE_MM), px(SIDE_MM), 8);
    pixSetAllArbitrary(s->grey, PAPER);
    for (int k = 0; k < 2; k++)
        for (int inner = 0; inner < 2; inner++) {
            double off = inner ? 0.7 : 1.2;
            struct rect r = rings[k];
            BOX *box = boxCreate(px(r.x - off), px(r.y - off), px(r.w + 2 * off), px(r.h + 2 * off));
            pixSetInRectArbitrary(s->grey, box, inner ? PAPER : PALE);
            boxDestroy(&box);
        }
    for (int y = 0; y < px(SIDE_MM); y++)
        for (int x = 0; x < px(SIDE_MM); x++) {
            l_uint32 dark = 0;
            pixGetPixel(s->scan, x, y, &dark);
            if (dark)
                pixSetPixel(s->grey, x, y, INK);
        }
}

/* A light ring shades what is around its box, and no other box; where the blank lacks the box it may be printed. */
static void a_pale_ring_shades_its_box(void **state)
{
    (void)state;
    struct sheet s;
    sheet_init(&s);
    struct rect ringed = s.boxes[4].rect_mm, unprinted = s.boxes[8].rect_mm;
    bar(s.plate, unprinted.x, unprinted.y, unprinted.w, unprinted.h, PIX_CLR);
    ring_palely(&s, ringed, unprinted);
    sheet_read(&s);
    for (int k = 0; k < BOXES; k++) {
        const struct box_evidence *e = &s.reading.boxes[k].evidence;
        if ((k == 4) != (e->shade_mm2 > 3) || e->outside_mm2 > 0 || (k != 4 && e->shade_mm2 > 0.5f))
            fail_msg("box %d: %.2f mm2 of shade, %.2f of ink", k, (double)e->shade_mm2, (double)e->outside_mm2);
    }
    sheet_release(&s);
}

/* The same where the print was learned from scans. */
static void what_is_learned_shades_nothing(void **state)
{
    (void)state;
    static unsigned char cells[CROP_CELLS_MAX], print[CROP_CELLS_MAX];
    struct arena *arena = arena_new();
    const struct template_box box = {.shape = BOX_SQUARE, .rect_mm = {40, 40, 4, 4}};
    struct crop_frame frame = crop_frame_make(arena, &box);
    for (int k = 0; k < frame.width * frame.height; k++)
        cells[k] = frame.depth_mm[k] < -0.3 ? 60 : 0; /* paler than ink */
    struct box_evidence e = {0};
    crop_measure(&e, &frame, cells, print, &calibration.marks);
    assert_true(e.shade_mm2 <= 0);
    arena_free(arena);
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
        cmocka_unit_test(a_dot_on_an_outline_bulges),
        cmocka_unit_test(a_pale_ring_shades_its_box),
        cmocka_unit_test(what_is_learned_shades_nothing),
        cmocka_unit_test(faded_outline_is_found_by_its_specks),
        cmocka_unit_test(bitonal_patch_is_fitted_as_a_grey_one),
        cmocka_unit_test(grey_outline_is_found_where_it_lies),
    };
    if (!calibration_load(&calibration, &err))
        error_die("%s", err.text);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
