/* Pages with known truth, turned, scaled, shifted, stained and cut: what page_place() says must be
 * where they are, or that it does not know. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "drawn_pages.h"

/* A scan of the plate: to_image takes mm of the form to pixels of the scan; `speckle` per mille. */
static void scan(struct raw_page *out, PIX *plate, const struct transform *to_image, int width,
                 int height, double dpi, int speckle, uint32_t seed)
{
    struct transform from_image;
    assert_true(transform_invert(&from_image, to_image));
    PIX *pix = pixCreate(width, height, 1);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            struct point p = transform_apply(&from_image, (struct point){x + 0.5, y + 0.5});
            l_uint32 value = 0;
            pixGetPixel(plate, (int)floor(p.x * PX_PER_MM), (int)floor(p.y * PX_PER_MM), &value);
            if ((int)(draw(&seed) % 1000) < speckle)
                value = !value;
            if (value)
                pixSetPixel(pix, x, y, 1);
        }
    *out = (struct raw_page){.bits = pix, .width_px = width, .height_px = height, .x_dpi = dpi,
                             .y_dpi = dpi};
}

/* mm -> px: turned about the page's centre by `degrees` clockwise, scaled and shifted, in an image
 * that just holds the page. */
static struct transform sized_pose(double w_mm, double h_mm, double degrees, double scale, double dx_mm,
                                   double dy_mm, double dpi, int *width, int *height)
{
    double px = dpi / 25.4, a = degrees * M_PI / 180, c = cos(a) * scale * px, s = sin(a) * scale * px;
    bool sideways = fabs(sin(a)) > 0.7;
    *width = (int)((sideways ? h_mm : w_mm) * px);
    *height = (int)((sideways ? w_mm : h_mm) * px);
    double ox = *width / 2.0 + dx_mm * px, oy = *height / 2.0 + dy_mm * px, x = w_mm / 2, y = h_mm / 2;
    return (struct transform){{c, -s, ox - c * x + s * y, s, c, oy - s * x - c * y, 0, 0}};
}

static struct transform pose(double degrees, double scale, double dx_mm, double dy_mm, double dpi,
                             int *width, int *height)
{
    return sized_pose(210, 297, degrees, scale, dx_mm, dy_mm, dpi, width, height);
}

static double worst_error_mm(const struct placed_page *placed, const struct template_page *page,
                             const struct transform *truth, double dpi)
{
    double worst = 0;
    for (size_t i = 0; i < page->box_count; i++) {
        struct point centre = rect_centre(page->boxes[i].rect_mm);
        struct point got = placement_to_px(&placed->placement, centre);
        struct point want = transform_apply(truth, centre);
        worst = fmax(worst, hypot(got.x - want.x, got.y - want.y) / dpi * 25.4);
    }
    return worst;
}

static void finds_every_pose(void **state)
{
    struct world *world = *state;
    static const double dpis[] = {150, 200, 240, 300, 400};
    uint32_t seed = 4711;
    for (int trial = 0; trial < 30; trial++) {
        size_t p = draw(&seed) % PAGES;
        double dpi = dpis[draw(&seed) % 5], turn = 90 * (double)(draw(&seed) % 4);
        double skew = between(&seed, -3, 3), scale = between(&seed, 0.965, 1.03);
        int width, height;
        struct transform truth = pose(turn + skew, scale, between(&seed, -4, 4),
                                      between(&seed, -4, 4), dpi, &width, &height);
        struct raw_page raw;
        struct placed_page placed;
        struct error detail;
        scan(&raw, world->plates[p], &truth, width, height, trial % 3 == 0 ? 0 : dpi,
             trial % 4 == 1 ? 10 : 0, seed);
        enum flag flag = page_place(&placed, world->library, &raw, &detail);
        raw_page_release(&raw);
        /* cut off at the rim is a fair answer to a page that is cut off; nothing else is */
        if (flag == FLAG_PAGE_CUT_OFF)
            continue;
        if (flag != FLAG_NONE)
            fail_msg("trial %d (page %zu, %.0f dpi, %.1f degrees, scale %.3f): %s %s", trial, p, dpi,
                     turn + skew, scale, flag_code(flag), detail.text);
        assert_int_equal(placed.known.page, p);
        double error = worst_error_mm(&placed, &world->form.pages[p], &truth, dpi);
        if (error > 0.25)
            fail_msg("trial %d: off by %.2f mm at %.0f dpi", trial, error, dpi);
    }
}

static void rejects_what_is_not_the_form(void **state)
{
    struct world *world = *state;
    struct template_page other = {0};
    PIX *foreign = make_plate(&other, world->arena, 4242);
    int width, height;
    struct transform truth = pose(1, 1, 0, 0, 200, &width, &height);
    struct raw_page raw;
    struct placed_page placed;
    struct error detail;
    scan(&raw, foreign, &truth, width, height, 200, 0, 1);
    assert_int_equal(page_place(&placed, world->library, &raw, &detail), FLAG_NO_FORM);
    raw_page_release(&raw);
    pixDestroy(&foreign);
    PIX *white = pixCreate(width, height, 1);
    raw = (struct raw_page){.bits = white, .width_px = width, .height_px = height, .x_dpi = 200, .y_dpi = 200};
    assert_int_equal(page_place(&placed, world->library, &raw, &detail), FLAG_BLANK_PAGE);
    raw_page_release(&raw);
}

static void half_a_page_is_rejected(void **state)
{
    struct world *world = *state;
    int width, height;
    struct transform truth = pose(0, 1, 0, 0, 200, &width, &height);
    struct raw_page raw;
    struct placed_page placed;
    struct error detail;
    scan(&raw, world->plates[0], &truth, width, height, 200, 0, 1);
    pixRasterop(raw.bits, 0, height / 2, width, height, PIX_CLR, NULL, 0, 0);
    assert_int_not_equal(page_place(&placed, world->library, &raw, &detail), FLAG_NONE);
    raw_page_release(&raw);
}

/* ---- damage, each with the answer known ------------------------------------------------------- */

#define DPI 200
#define PX (DPI / 25.4)

static void blacken(PIX *pix, double x, double y, double w, double h)
{
    pixRasterop(pix, (int)(x * PX), (int)(y * PX), (int)(w * PX), (int)(h * PX), PIX_SET, NULL, 0, 0);
}

static void whiten(PIX *pix, double x, double y, double w, double h)
{
    pixRasterop(pix, (int)(x * PX), (int)(y * PX), (int)(w * PX), (int)(h * PX), PIX_CLR, NULL, 0, 0);
}

static void corner_lost(PIX *pix)
{
    for (int y = 0; y < 70; y++)
        whiten(pix, 0, y, 70 - y, 1.2);
}

static void staples(PIX *pix)
{
    blacken(pix, 12, 14, 11, 0.8);
    blacken(pix, 60, 140, 11, 0.8);
}

static void streaks(PIX *pix)
{
    for (double x = 30; x < 200; x += 37)
        blacken(pix, x, 0, 0.3, 297);
}

static void dark_border(PIX *pix)
{
    blacken(pix, 0, 0, 210, 9);
    blacken(pix, 0, 288, 210, 9);
    blacken(pix, 0, 0, 9, 297);
    blacken(pix, 201, 0, 9, 297);
}

/* Rows slide to and fro by up to half a millimetre, as in a worn feeder. */
static double wobble_mm(double y_mm)
{
    return 0.5 * sin(y_mm / 12);
}

static void wobble(PIX *pix)
{
    PIX *from = pixCopy(NULL, pix);
    int width = pixGetWidth(pix), height = pixGetHeight(pix);
    pixClearAll(pix);
    for (int y = 0; y < height; y++)
        pixRasterop(pix, (int)lround(wobble_mm(y / PX) * PX), y, width, 1, PIX_SRC, from, 0, y);
    pixDestroy(&from);
}

/* A dark crease across and one down, each a strip of print gone pale beside it. */
static void creases(PIX *pix)
{
    whiten(pix, 0, 148, 210, 1.5);
    blacken(pix, 0, 148.5, 210, 0.25);
    whiten(pix, 104, 0, 1.5, 297);
    blacken(pix, 104.5, 0, 0.25, 297);
}

/* The top third was folded over when the sheet was fed. */
static void folded_over(PIX *pix)
{
    whiten(pix, 0, 0, 210, 100);
    blacken(pix, 0, 99.7, 210, 0.3);
}

static void right_half_missing(PIX *pix)
{
    whiten(pix, 105, 0, 105, 297);
}

static void left_half_missing(PIX *pix)
{
    whiten(pix, 0, 0, 105, 297);
}

struct damage {
    const char *name;
    void (*make)(PIX *pix);
    double skew, x_scale, y_scale, perspective;
};

/* Reads page 0 of the world, damaged; gives what page_place() says and how far boxes are off. */
static enum flag place_damaged(double *off_mm, struct world *world, const struct damage *damage,
                               struct error *detail)
{
    int width, height;
    struct transform truth = pose(damage->skew, 1, 0, 0, DPI, &width, &height), bend = {{
        damage->x_scale, 0, width * (1 - damage->x_scale) / 2, 0, damage->y_scale,
        height * (1 - damage->y_scale) / 2, damage->perspective / width,
        -damage->perspective / height}};
    struct raw_page raw;
    struct placed_page placed;
    truth = transform_compose(&bend, &truth);
    scan(&raw, world->plates[0], &truth, width, height, DPI, 2, 7);
    if (damage->make != NULL)
        damage->make(raw.bits);
    enum flag flag = page_place(&placed, world->library, &raw, detail);
    *off_mm = 0;
    for (size_t i = 0; i < world->form.pages[0].box_count && flag == FLAG_NONE; i++) {
        struct point centre = rect_centre(world->form.pages[0].boxes[i].rect_mm);
        struct point got = placement_to_px(&placed.placement, centre);
        struct point want = transform_apply(&truth, centre);
        if (damage->make == wobble)
            want.x += wobble_mm(want.y / PX) * PX;
        *off_mm = fmax(*off_mm, hypot(got.x - want.x, got.y - want.y) / PX);
    }
    raw_page_release(&raw);
    return flag;
}

static void damage_does_not_matter(void **state)
{
    static const struct damage damages[] = {
        {"a lost corner", corner_lost, 0, 1, 1, 0},
        {"staples", staples, 1, 1, 1, 0},
        {"streaks", streaks, -1, 1, 1, 0},
        {"a dark border", dark_border, 0, 0.9, 0.92, 0},
        {"wobble", wobble, 0, 1, 1, 0},
        {"stretch", NULL, 0.4, 0.97, 1, 0},
        {"perspective", NULL, 0, 0.97, 0.97, 0.03},
        {"skew", NULL, 4, 0.95, 0.95, 0},
        {"creases", creases, 0.5, 1, 1, 0},
        {"upside down", NULL, 181, 0.97, 0.97, 0},
    };
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        struct error detail;
        double off_mm;
        enum flag flag = place_damaged(&off_mm, *state, &damages[i], &detail);
        if (flag != FLAG_NONE)
            fail_msg("%s: %s %s", damages[i].name, flag_code(flag), detail.text);
        if (off_mm > 0.3)
            fail_msg("%s: boxes off by %.2f mm", damages[i].name, off_mm);
    }
}

/* The lower part of the page moved down, as where a later version asks one question more. */
static void rows_moved(PIX *pix)
{
    int top = (int)(150 * PX), by = (int)(6 * PX), height = pixGetHeight(pix);
    PIX *from = pixCopy(NULL, pix);
    pixRasterop(pix, 0, top, pixGetWidth(pix), height - top, PIX_CLR, NULL, 0, 0);
    pixRasterop(pix, 0, top + by, pixGetWidth(pix), height - top - by, PIX_SRC, from, 0, top);
    pixDestroy(&from);
}

/* One line of print says something else. */
static void words_changed(PIX *pix)
{
    PIX *from = pixCopy(NULL, pix);
    pixRasterop(pix, (int)(40 * PX), (int)(100 * PX), (int)(60 * PX), (int)(20 * PX), PIX_SRC, from,
                (int)(43 * PX), (int)(60 * PX));
    pixDestroy(&from);
}

static void half_missing(PIX *pix)
{
    whiten(pix, 0, 0, 210, 150);
}

/* A second sheet over the lower half, askew. */
static void two_sheets(PIX *pix)
{
    PIX *other = pixRotate(pix, 0.2f, L_ROTATE_SAMPLING, L_BRING_IN_WHITE, 0, 0);
    whiten(pix, 0, 120, 210, 180);
    pixRasterop(pix, 0, (int)(120 * PX), pixGetWidth(pix), pixGetHeight(pix), PIX_SRC, other, 0, 0);
    pixDestroy(&other);
}

static void what_is_not_the_page_is_set_aside(void **state)
{
    static const struct damage damages[] = {
        {"rows moved", rows_moved, 0, 1, 1, 0},
        {"words changed", words_changed, 0, 1, 1, 0},
        {"half of it missing", half_missing, 0, 1, 1, 0},
        {"two sheets", two_sheets, 0, 1, 1, 0},
        {"folded over", folded_over, 0, 1, 1, 0},
        {"its right half missing", right_half_missing, 0, 1, 1, 0},
        {"its left half missing", left_half_missing, 0, 1, 1, 0},
    };
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        struct error detail;
        double off_mm;
        enum flag flag = place_damaged(&off_mm, *state, &damages[i], &detail);
        if (flag == FLAG_NONE)
            fail_msg("%s: accepted, %.2f mm off", damages[i].name, off_mm);
        assert_string_not_equal(detail.text, ""); /* and says why */
        if (i < 2 && flag != FLAG_OTHER_VERSION)
            fail_msg("%s: %s %s", damages[i].name, flag_code(flag), detail.text);
    }
}

static void a_cut_off_page_names_the_question(void **state)
{
    struct world *world = *state;
    int width, height;
    struct transform truth = pose(0, 1, 0, 50, DPI, &width, &height);
    struct raw_page raw;
    struct placed_page placed;
    struct error detail;
    scan(&raw, world->plates[0], &truth, width, height, DPI, 0, 1);
    assert_int_equal(page_place(&placed, world->library, &raw, &detail), FLAG_PAGE_CUT_OFF);
    assert_string_equal(detail.text, "cut off at the bottom: question 14 lies outside");
    raw_page_release(&raw);
}

/* From 200 dpi on a page is right; with fewer it is right or rejected, never wrong. */
static void any_resolution_is_right_or_rejected(void **state)
{
    struct world *world = *state;
    static const double dpis[] = {75, 100, 120, 150, 200, 400, 600};
    for (size_t i = 0; i < sizeof dpis / sizeof *dpis; i++)
        for (int turn = 0; turn < 180; turn += 90) {
            int width, height;
            struct transform truth = pose(turn + 0.7, 0.97, 0.5, -0.5, dpis[i], &width, &height);
            struct raw_page raw;
            struct placed_page placed;
            struct error detail = {""};
            scan(&raw, world->plates[2], &truth, width, height, dpis[i], 2, 5);
            enum flag flag = page_place(&placed, world->library, &raw, &detail);
            raw_page_release(&raw);
            if (flag != FLAG_NONE && dpis[i] >= 200)
                fail_msg("%.0f dpi: %s %s", dpis[i], flag_code(flag), detail.text);
            if (flag != FLAG_NONE)
                continue;
            assert_int_equal(placed.known.page, 2);
            double off_mm = worst_error_mm(&placed, &world->form.pages[2], &truth, dpis[i]);
            if (off_mm > (dpis[i] >= 200 ? 0.25 : 0.7))
                fail_msg("%.0f dpi: off by %.2f mm", dpis[i], off_mm);
        }
}

static void place_sized(struct world *world, const struct calibration *calibration, double w_mm,
                        double h_mm)
{
    struct form form = world->form;
    const struct form *forms[] = {&form};
    PIX *plates[2];
    PIX *const *all[] = {plates};
    form.page_count = 2;
    form.pages = ARENA_NEW(world->arena, struct template_page, 2);
    for (size_t p = 0; p < 2; p++) {
        form.pages[p].number = (int)p + 1;
        plates[p] = make_sized_plate(&form.pages[p], world->arena, 900 + (uint32_t)p, w_mm, h_mm);
    }
    struct page_library *library = page_library_new(forms, all, 1, calibration);
    for (int turn = 0; turn < 360; turn += 90) {
        int width, height;
        struct transform truth = sized_pose(w_mm, h_mm, turn - 0.8, 0.97, 0.3, 0.6, DPI, &width, &height);
        struct raw_page raw;
        struct placed_page placed;
        struct error detail = {""};
        scan(&raw, plates[1], &truth, width, height, DPI, 2, 5);
        enum flag flag = page_place(&placed, library, &raw, &detail);
        raw_page_release(&raw);
        if (flag != FLAG_NONE)
            fail_msg("%.0f x %.0f mm, %d degrees: %s %s", w_mm, h_mm, turn, flag_code(flag), detail.text);
        assert_int_equal(placed.known.page, 1);
        double off_mm = worst_error_mm(&placed, &form.pages[1], &truth, DPI);
        if (off_mm > 0.25)
            fail_msg("%.0f x %.0f mm, %d degrees: off by %.2f mm", w_mm, h_mm, turn, off_mm);
    }
    page_library_free(library);
    pixDestroy(&plates[0]);
    pixDestroy(&plates[1]);
}

static void any_paper_size_is_placed(void **state)
{
    static const double sizes_mm[][2] = {{297, 420}, {148, 210}, {215.9, 279.4}, {297, 210}};
    struct calibration calibration;
    struct error err;
    assert_true(calibration_load(&calibration, &err));
    for (size_t i = 0; i < sizeof sizes_mm / sizeof *sizes_mm; i++)
        place_sized(*state, &calibration, sizes_mm[i][0], sizes_mm[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_every_pose),
        cmocka_unit_test(rejects_what_is_not_the_form),
        cmocka_unit_test(half_a_page_is_rejected),
        cmocka_unit_test(damage_does_not_matter),
        cmocka_unit_test(what_is_not_the_page_is_set_aside),
        cmocka_unit_test(a_cut_off_page_names_the_question),
        cmocka_unit_test(any_resolution_is_right_or_rejected),
        cmocka_unit_test(any_paper_size_is_placed),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
