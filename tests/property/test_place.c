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

#include "base/calibration.h"
#include "form/landmarks.h"
#include "page/page.h"

#define PAGES 5
#define PX_PER_MM (300 / 25.4)

struct world {
    struct arena *arena;
    struct form form;
    const struct form *forms[1];
    PIX *plates[PAGES];
    PIX *const *all[1];
    struct page_library *library;
};

static uint32_t draw(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static double between(uint32_t *state, double low, double high)
{
    return low + (high - low) * (double)(draw(state) % 100000) / 100000;
}

/* Lines of letter-like marks, different on every page, and a column of boxes. */
static PIX *make_plate(struct template_page *page, struct arena *arena, uint32_t seed)
{
    PIX *pix = pixCreate((int)(210 * PX_PER_MM), (int)(297 * PX_PER_MM), 1);
    for (double y = 20; y < 275; y += between(&seed, 5, 9)) {
        double end = between(&seed, 90, 185);
        for (double x = 40; x < end; x += between(&seed, 1.6, 3.4)) {
            int px = (int)(x * PX_PER_MM), py = (int)(y * PX_PER_MM);
            pixRasterop(pix, px, py + (int)(draw(&seed) % 10), 4, 20, PIX_SET, NULL, 0, 0);
            pixRasterop(pix, px, py + (int)(draw(&seed) % 26), 6 + (int)(draw(&seed) % 14), 4,
                        PIX_SET, NULL, 0, 0);
        }
    }
    page->width_mm = 210;
    page->height_mm = 297;
    page->box_count = 20;
    page->boxes = ARENA_NEW(arena, struct template_box, page->box_count);
    for (size_t i = 0; i < page->box_count; i++) {
        struct rect r = {22, 22 + 12 * (double)i, 5, 5};
        page->boxes[i] = (struct template_box){0, i, BOX_SQUARE, r};
        BOX *box = boxCreate((int)(r.x * PX_PER_MM), (int)(r.y * PX_PER_MM), 59, 59);
        pixRenderBox(pix, box, 4, L_SET_PIXELS);
        boxDestroy(&box);
    }
    landmarks_choose(page, arena, pix);
    return pix;
}

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    struct calibration calibration;
    struct error err;
    if (world == NULL || !calibration_load(&calibration, &err))
        return -1;
    world->arena = arena_new();
    world->form = (struct form){.arena = world->arena, .id = "t", .code = "T", .version = "1",
                                .page_count = PAGES};
    world->form.pages = ARENA_NEW(world->arena, struct template_page, PAGES);
    for (size_t p = 0; p < PAGES; p++) {
        world->form.pages[p].number = (int)p + 1;
        world->plates[p] = make_plate(&world->form.pages[p], world->arena, 77 + (uint32_t)p);
    }
    world->forms[0] = &world->form;
    world->all[0] = world->plates;
    world->library = page_library_new(world->forms, world->all, 1, &calibration);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    page_library_free(world->library);
    for (size_t p = 0; p < PAGES; p++)
        pixDestroy(&world->plates[p]);
    arena_free(world->arena);
    free(world);
    return 0;
}

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
static struct transform pose(double degrees, double scale, double dx_mm, double dy_mm, double dpi,
                             int *width, int *height)
{
    double px = dpi / 25.4, a = degrees * M_PI / 180, c = cos(a) * scale * px, s = sin(a) * scale * px;
    bool sideways = fabs(sin(a)) > 0.7;
    *width = (int)((sideways ? 297 : 210) * px);
    *height = (int)((sideways ? 210 : 297) * px);
    double ox = *width / 2.0 + dx_mm * px, oy = *height / 2.0 + dy_mm * px;
    return (struct transform){{c, -s, ox - c * 105 + s * 148.5, s, c, oy - s * 105 - c * 148.5, 0, 0}};
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_every_pose),
        cmocka_unit_test(rejects_what_is_not_the_form),
        cmocka_unit_test(half_a_page_is_rejected),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
