/* A page of a form with fiducials and a code, damaged in every way that has a known answer: it is placed where it is,
 * or the flag that names the damage is given. The page is drawn once; each damage is done to a copy. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <glib.h>

#include "base/calibration.h"
#include "form/draw_code.h"
#include "form/load.h"
#include "form/plate.h"
#include "page/fiducials.h"
#include "page/page.h"

#define PAGE 3 /* index: full of boxes, and its code is at the lower right */
#define DPI 200
#define PX (DPI / MM_PER_INCH)
#define REFERENCE "AB12345"

struct world {
    struct form *form;
    const struct form *forms[1];
    PIX **plates;
    PIX *const *all[1];
    struct page_library *library;
    PIX *scan; /* of the page with its code, 1 bpp at DPI */
    struct transform truth;
};

static void fill(PIX *pix, struct rect mm, int op)
{
    pixRasterop(pix, (int)(mm.x * PX), (int)(mm.y * PX), (int)ceil(mm.w * PX), (int)ceil(mm.h * PX), op,
                NULL, 0, 0);
}

/* Draws the code of a form that says so; the check character is put to the reference where there is none. */
static void draw_code(PIX *plate, const struct form *form, const char *reference)
{
    const double px = PLATE_DPI / MM_PER_INCH;
    struct page_symbol symbol;
    struct error err;
    if (!page_symbol_make(&symbol, form, PAGE, reference, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < symbol.run_count; i++) {
        const struct code_run *run = &symbol.runs[i];
        double x = symbol.place_mm.x + run->x * symbol.module_mm;
        double y = symbol.place_mm.y + run->y * symbol.module_mm;
        int x0 = (int)lround(x * px), y0 = (int)lround(y * px);
        pixRasterop(plate, x0, y0, (int)lround((x + run->length * symbol.module_mm) * px) - x0,
                    (int)lround((y + symbol.module_mm) * px) - y0, PIX_SET, NULL, 0, 0);
    }
    page_symbol_release(&symbol);
}

/* The plate as a scanner sees it; `truth`: mm of the form -> px. */
static PIX *scan(PIX *plate, const struct transform *truth)
{
    struct transform back;
    PIX *out = pixCreate((int)(210 * PX), (int)(297 * PX), 1);
    assert_true(transform_invert(&back, truth));
    for (int y = 0; y < pixGetHeight(out); y++)
        for (int x = 0; x < pixGetWidth(out); x++) {
            struct point p = transform_apply(&back, (struct point){x + 0.5, y + 0.5});
            l_uint32 bit = 0;
            pixGetPixel(plate, (int)floor(p.x * PLATE_DPI / MM_PER_INCH),
                        (int)floor(p.y * PLATE_DPI / MM_PER_INCH), &bit);
            if (bit)
                pixSetPixel(out, x, y, 1);
        }
    return out;
}

static PIX *scan_with_code(const struct world *world, const struct form *form, const char *reference)
{
    PIX *plate = pixCopy(NULL, world->plates[PAGE]);
    draw_code(plate, form, reference);
    PIX *out = scan(plate, &world->truth);
    pixDestroy(&plate);
    return out;
}

static char *whole_reference(void)
{
    return g_strdup_printf(REFERENCE "%c", reference_check_character(REFERENCE));
}

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    struct calibration calibration;
    struct error err;
    if (world == NULL || !calibration_load(&calibration, &err) ||
        !form_load(&world->form, "forms/cancer-experience", &err))
        return -1;
    world->plates = calloc(world->form->page_count, sizeof(PIX *));
    for (size_t p = 0; p < world->form->page_count; p++)
        if (world->plates == NULL || !plate_load(&world->plates[p], world->form, p, &err))
            return -1;
    world->forms[0] = world->form;
    world->all[0] = world->plates;
    world->library = page_library_new(world->forms, world->all, 1, &calibration);
    double a = 0.4 * M_PI / 180; /* a little askew, as fed */
    world->truth = (struct transform){{PX * cos(a), -PX * sin(a), 6, PX * sin(a), PX * cos(a), -4, 0, 0}};
    char *reference = whole_reference();
    world->scan = scan_with_code(world, world->form, reference);
    g_free(reference);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    page_library_free(world->library);
    for (size_t p = 0; p < world->form->page_count; p++)
        pixDestroy(&world->plates[p]);
    free(world->plates);
    pixDestroy(&world->scan);
    form_free(world->form);
    free(world);
    return 0;
}

/* ---- damages ----------------------------------------------------------------------------------- */

static void nothing(PIX *pix, const struct world *world)
{
    (void)pix;
    (void)world;
}

static void hide_fiducials(PIX *pix, const struct world *world, int which)
{
    for (int k = 0; k < 4; k++)
        if (which >> k & 1)
            fill(pix, rect_grow(world->form->pages[PAGE].fiducials_mm[k], 2), PIX_CLR);
}

static void one_fiducial(PIX *pix, const struct world *world)
{
    hide_fiducials(pix, world, 1);
}

static void two_fiducials(PIX *pix, const struct world *world)
{
    hide_fiducials(pix, world, 1 | 4);
}

static void three_fiducials(PIX *pix, const struct world *world)
{
    hide_fiducials(pix, world, 1 | 2 | 4);
}

static void all_fiducials(PIX *pix, const struct world *world)
{
    hide_fiducials(pix, world, 15);
}

/* A blob where a fiducial was: a false one, of the right size, in the wrong place. */
static void false_fiducial(PIX *pix, const struct world *world)
{
    struct rect r = world->form->pages[PAGE].fiducials_mm[0];
    hide_fiducials(pix, world, 1);
    fill(pix, (struct rect){r.x + 7, r.y + 4, r.w, r.h}, PIX_SET);
}

static void code_missing(PIX *pix, const struct world *world)
{
    fill(pix, rect_grow(world->form->pages[PAGE].code_mm, 1), PIX_CLR);
}

static void code_torn(PIX *pix, const struct world *world)
{
    (void)world;
    for (int k = 0; k < 60; k++) /* the corner with code and fiducial */
        fill(pix, (struct rect){210 - k, 237 + k, k, 1.2}, PIX_CLR);
}

static void code_overwritten(PIX *pix, const struct world *world)
{
    struct rect c = world->form->pages[PAGE].code_mm;
    for (int k = 0; k < 5; k++)
        fill(pix, (struct rect){c.x - 2, c.y + 1.5 + 3.6 * k, c.w + 4, 1.4}, PIX_SET);
}

static void staple(PIX *pix, const struct world *world)
{
    (void)world;
    fill(pix, (struct rect){9, 8, 12, 0.8}, PIX_SET);
}

/* The upper left corner folded over: its back is white, and a shadow lies along the fold. */
static void corner_folded(PIX *pix, const struct world *world)
{
    (void)world;
    for (int k = 0; k < 45; k++) {
        fill(pix, (struct rect){0, k, 45 - k, 1.2}, PIX_CLR);
        fill(pix, (struct rect){45 - k, k, 0.5, 1.2}, PIX_SET);
    }
}

static void streaks(PIX *pix, const struct world *world)
{
    (void)world;
    for (int k = 0; k < 6; k++)
        fill(pix, (struct rect){20 + 33 * k, 0, 0.3, 297}, PIX_SET);
}

static void dark_border(PIX *pix, const struct world *world)
{
    (void)world;
    fill(pix, (struct rect){0, 0, 210, 6}, PIX_SET);
    fill(pix, (struct rect){0, 0, 6, 297}, PIX_SET);
    fill(pix, (struct rect){204, 0, 6, 297}, PIX_SET);
}

/* How far a spot slides where the sheet bulged between the rollers: only around the middle. */
static double bulge_mm(double y_mm)
{
    double t = (y_mm - 150) / 25;
    return 0.7 * exp(-t * t);
}

static void local_bend(PIX *pix, const struct world *world)
{
    PIX *from = pixCopy(NULL, pix);
    (void)world;
    pixClearAll(pix);
    for (int y = 0; y < pixGetHeight(pix); y++)
        pixRasterop(pix, (int)lround(bulge_mm(y / PX) * PX), y, pixGetWidth(pix), 1, PIX_SRC, from, 0, y);
    pixDestroy(&from);
}

static void upside_down(PIX *pix, const struct world *world)
{
    (void)world;
    pixRotate180(pix, pix);
}

/* The sheet was fed too low: what lay below is gone. */
static void cut_off(PIX *pix, const struct world *world)
{
    PIX *from = pixCopy(NULL, pix);
    (void)world;
    pixClearAll(pix);
    pixRasterop(pix, 0, (int)(70 * PX), pixGetWidth(pix), pixGetHeight(pix), PIX_SRC, from, 0, 0);
    pixDestroy(&from);
}

struct damage {
    const char *name;
    void (*make)(PIX *pix, const struct world *world);
    enum flag flag;
    const char *detail; /* NULL: any */
};

/* How far the worst box lies off what is true after the damage. */
static double worst_mm(const struct world *world, const struct placed_page *placed, const struct damage *damage)
{
    const struct template_page *page = &world->form->pages[PAGE];
    double worst = 0;
    for (size_t i = 0; i < page->box_count; i++) {
        struct point centre = rect_centre(page->boxes[i].rect_mm);
        struct point got = placement_to_px(&placed->placement, centre);
        struct point want = transform_apply(&world->truth, centre);
        if (damage->make == local_bend)
            want.x += bulge_mm(want.y / PX) * PX;
        if (damage->make == upside_down)
            want = (struct point){pixGetWidth(world->scan) - want.x, pixGetHeight(world->scan) - want.y};
        worst = fmax(worst, hypot(got.x - want.x, got.y - want.y) / PX);
    }
    return worst;
}

static void check(const struct world *world, PIX *pix, const struct damage *damage)
{
    struct raw_page raw = {.bits = pix, .width_px = pixGetWidth(pix), .height_px = pixGetHeight(pix),
                           .x_dpi = DPI, .y_dpi = DPI};
    struct placed_page placed;
    struct error detail;
    enum flag flag = page_place(&placed, world->library, &raw, &detail);
    raw_page_release(&raw);
    if (flag != damage->flag)
        fail_msg("%s: %s %s", damage->name, flag_code(flag), detail.text);
    if (damage->detail != NULL && strcmp(detail.text, damage->detail) != 0)
        fail_msg("%s: '%s' is said", damage->name, detail.text);
    /* where the reference is unreadable the page is known and placed all the same */
    if (flag != FLAG_NONE && flag != FLAG_REFERENCE_UNREADABLE && flag != FLAG_REFERENCE_INVALID)
        return;
    if (placed.known.page != PAGE)
        fail_msg("%s: taken for page %zu", damage->name, placed.known.page + 1);
    double off_mm = worst_mm(world, &placed, damage);
    if (off_mm > 0.25)
        fail_msg("%s: a box is off by %.2f mm", damage->name, off_mm);
    char *reference = whole_reference();
    if (flag == FLAG_NONE && strcmp(placed.known.reference, reference) != 0)
        fail_msg("%s: reference %s", damage->name, placed.known.reference);
    g_free(reference);
}

static void every_damage_has_its_answer(void **state)
{
    static const struct damage damages[] = {
        {"as it is", nothing, FLAG_NONE, ""},
        {"one fiducial gone", one_fiducial, FLAG_NONE, ""},
        {"two fiducials gone", two_fiducials, FLAG_NONE, ""},
        {"three fiducials gone", three_fiducials, FLAG_NONE, ""},
        {"all fiducials gone", all_fiducials, FLAG_NONE, ""},
        {"a false fiducial", false_fiducial, FLAG_NONE, ""},
        {"code missing", code_missing, FLAG_REFERENCE_UNREADABLE, NULL},
        {"code torn off", code_torn, FLAG_REFERENCE_UNREADABLE, NULL},
        {"code written over", code_overwritten, FLAG_REFERENCE_UNREADABLE, NULL},
        {"staple", staple, FLAG_NONE, ""},
        {"corner folded over", corner_folded, FLAG_NONE, ""},
        {"streaks", streaks, FLAG_NONE, ""},
        {"dark border", dark_border, FLAG_NONE, ""},
        {"bend in the middle", local_bend, FLAG_NONE, ""},
        {"upside down", upside_down, FLAG_NONE, ""},
        {"cut off", cut_off, FLAG_PAGE_CUT_OFF, NULL},
    };
    const struct world *world = *state;
    for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
        PIX *pix = pixCopy(NULL, world->scan);
        damages[i].make(pix, world);
        check(world, pix, &damages[i]);
    }
}

/* The squares alone, without code or content: how many are found, and that one of the turns they fit puts
 * every box where it is. Elsewhere the content rescues the page, whatever becomes of them. */
static void fiducials_alone_say_where_the_page_lies(void **state)
{
    static const struct {
        struct damage damage;
        int found; /* 0: too few to say anything */
    } cases[] = {
        {{"as it is", nothing, FLAG_NONE, NULL}, 4},     {{"one gone", one_fiducial, FLAG_NONE, NULL}, 3},
        {{"two gone", two_fiducials, FLAG_NONE, NULL}, 0}, {{"a false one", false_fiducial, FLAG_NONE, NULL}, 3},
        {{"dark border", dark_border, FLAG_NONE, NULL}, 4}, {{"streaks", streaks, FLAG_NONE, NULL}, 4},
        {{"folded over", corner_folded, FLAG_NONE, NULL}, 3},
        {{"upside down", upside_down, FLAG_NONE, NULL}, 4},
    };
    const struct world *world = *state;
    struct calibration calibration;
    struct error err;
    assert_true(calibration_load(&calibration, &err));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        PIX *pix = pixCopy(NULL, world->scan);
        cases[i].damage.make(pix, world);
        struct raw_page raw = {.bits = pix, .width_px = pixGetWidth(pix), .height_px = pixGetHeight(pix)};
        struct working working;
        struct fiducial_fit fits[FIDUCIAL_FITS_MAX];
        working_init(&working, &raw, DPI, DPI, &calibration.registration);
        size_t count = fiducials_find(fits, &world->form->pages[PAGE], &working, &calibration.registration);
        double least = INFINITY;
        for (size_t k = 0; k < count; k++) {
            struct placed_page placed = {.placement = {.width_mm = 210, .height_mm = 297}};
            placed.placement.form_to_image =
                transform_compose(&working.to_image, &fits[k].form_to_working);
            if (fits[k].found == cases[i].found)
                least = fmin(least, worst_mm(world, &placed, &cases[i].damage));
        }
        working_release(&working);
        raw_page_release(&raw);
        if (cases[i].found == 0 ? count > 0 : least > 0.4)
            fail_msg("%s: %zu turns fit, and a box lies off by %.2f mm", cases[i].damage.name, count, least);
    }
}

static void a_stretched_page_is_placed(void **state)
{
    struct world stretched = *(struct world *)*state;
    char *reference = whole_reference();
    for (int k = 3; k < 6; k++) /* the feed ran 2 % slow */
        stretched.truth.m[k] *= 0.98;
    check(&stretched, scan_with_code(&stretched, stretched.form, reference),
          &(struct damage){"stretched by 2 %", nothing, FLAG_NONE, ""});
    g_free(reference);
}

static void codes_of_others_are_named(void **state)
{
    const struct world *world = *state;
    struct form other = *world->form;
    char *reference = whole_reference();
    other.version = "2";
    check(world, scan_with_code(world, &other, reference),
          &(struct damage){"the next version", nothing, FLAG_OTHER_VERSION, "form CES, version 2, page 4"});
    other.version = world->form->version;
    other.code = "XYZ";
    check(world, scan_with_code(world, &other, reference),
          &(struct damage){"another form", nothing, FLAG_OTHER_FORM, "form XYZ, version 1, page 4"});
    g_free(reference);
    char wrong[] = REFERENCE "?";
    wrong[sizeof wrong - 2] = reference_check_character(REFERENCE) == 'A' ? 'B' : 'A';
    check(world, scan_with_code(world, world->form, wrong),
          &(struct damage){"a wrong check character", nothing, FLAG_REFERENCE_INVALID, wrong});
}

/* ---- faded until hardly anything is left --------------------------------------------------------- */

/* Keeps `per_10000` of the image's pixels, in dots of `side` px. */
static PIX *broken_to_dots(PIX *scan, unsigned per_10000, int side)
{
    PIX *out = pixCopy(NULL, scan);
    uint32_t state = 5 + per_10000 + (uint32_t)side;
    for (int y = 0; y < pixGetHeight(out); y += side)
        for (int x = 0; x < pixGetWidth(out); x += side) {
            state = state * 1664525u + 1013904223u;
            if ((state >> 8) % 10000 >= per_10000)
                pixRasterop(out, x, y, side, side, PIX_CLR, NULL, 0, 0);
        }
    return out;
}

/* Takes the image over. */
static enum flag place_image(const struct world *world, struct placed_page *placed, PIX *pix)
{
    struct error detail;
    bool bits = pixGetDepth(pix) == 1;
    struct raw_page raw = {.bits = bits ? pix : NULL, .grey = bits ? NULL : pix, .width_px = pixGetWidth(pix),
                           .height_px = pixGetHeight(pix), .x_dpi = DPI, .y_dpi = DPI};
    enum flag flag = page_place(placed, world->library, &raw, &detail);
    raw_page_release(&raw);
    return flag;
}

static void what_is_left_of_a_page_is_no_blank_sheet(void **state)
{
    const struct world *world = *state;
    static const unsigned kept[] = {3000, 800, 200, 100};
    PIX *black = pixCreateTemplate(world->scan);
    struct placed_page placed;
    pixSetAll(black);
    for (size_t k = 0; k < sizeof kept / sizeof *kept; k++)
        for (int side = 1; side <= 3; side++) {
            enum flag flag = place_image(world, &placed, broken_to_dots(world->scan, kept[k], side));
            if (flag == FLAG_BLANK_PAGE || flag == FLAG_SEPARATOR || (flag == FLAG_NONE && placed.known.page != PAGE))
                fail_msg("%u of 10,000 dots of %d px: %s", kept[k], side, flag_code(flag));
        }
    /* as much dust, but anywhere, is a blank sheet */
    for (unsigned share = 1; share <= 4; share++) {
        enum flag flag = place_image(world, &placed, broken_to_dots(black, share, 1));
        if (flag != FLAG_BLANK_PAGE)
            fail_msg("%u of 10,000 of the sheet is dust: %s", share, flag_code(flag));
    }
    pixDestroy(&black);
}

/* The other side's print as it shines through a blank back, on grey scans: paper, not writing. What of it
 * a bitonal scan keeps in dots is never read as a page. */
static void print_that_shows_through_is_no_page(void **state)
{
    const struct world *world = *state;
    struct placed_page placed;
    PIX *mirror = pixFlipLR(NULL, world->scan);
    for (int darker = 3; darker <= 12; darker += 3) {
        enum flag flag = place_image(world, &placed, pixConvert1To8(NULL, mirror, 235, (l_uint8)(235 - darker)));
        if (flag != FLAG_BLANK_PAGE)
            fail_msg("%d levels darker: %s", darker, flag_code(flag));
    }
    static const unsigned kept[] = {5000, 1000, 100, 20};
    for (size_t k = 0; k < sizeof kept / sizeof *kept; k++) {
        enum flag flag = place_image(world, &placed, broken_to_dots(mirror, kept[k], 1));
        if (flag != FLAG_NO_FORM && flag != FLAG_BLANK_PAGE)
            fail_msg("%u of 10,000 dots: %s", kept[k], flag_code(flag));
        /* written on by whoever leafed through: not blank, however little else is there */
        PIX *touched = broken_to_dots(mirror, kept[k], 1);
        fill(touched, (struct rect){90, 120, 14, 0.5}, PIX_SET);
        if (place_image(world, &placed, touched) != FLAG_NO_FORM)
            fail_msg("%u of 10,000 dots, and a stroke", kept[k]);
    }
    pixDestroy(&mirror);
}

/* Pale print on a grey scan with a black border: the border is no print to measure paleness by. */
static void pale_print_in_a_black_border_is_read(void **state)
{
    const struct world *world = *state;
    PIX *grey = pixConvert1To8(NULL, world->scan, 240, 175);
    int w = pixGetWidth(grey), h = pixGetHeight(grey), border = (int)(5 * PX);
    BOX *sides[] = {boxCreate(0, 0, border, h), boxCreate(0, 0, w, border), boxCreate(w - border, 0, border, h)};
    for (size_t k = 0; k < 3; k++) {
        pixClearInRect(grey, sides[k]);
        boxDestroy(&sides[k]);
    }
    struct placed_page placed;
    enum flag flag = place_image(world, &placed, grey);
    if (flag != FLAG_NONE)
        fail_msg("%s", flag_code(flag));
    assert_int_equal(placed.known.page, PAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_damage_has_its_answer),
        cmocka_unit_test(fiducials_alone_say_where_the_page_lies),
        cmocka_unit_test(a_stretched_page_is_placed),
        cmocka_unit_test(codes_of_others_are_named),
        cmocka_unit_test(what_is_left_of_a_page_is_no_blank_sheet),
        cmocka_unit_test(print_that_shows_through_is_no_page),
        cmocka_unit_test(pale_print_in_a_black_border_is_read),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
