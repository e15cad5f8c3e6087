/* Overlays: right size and resolution, colours where the boxes lie, and a reason where nothing was
 * read. With MARKSENSE_KEEP=FOLDER the pictures stay there to be looked at. */
#include "unit/record_fixture.h"

#include <allheaders.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "export/overlay.h"

struct world {
    struct arena *arena;
    struct form *form;
    struct page_result result;
    struct raw_page raw;
    struct box_decision boxes[16];
    char folder[128];
    bool keep;
};

static struct point px(const struct world *w, double x_mm, double y_mm)
{
    return placement_to_px(&w->result.placed.placement, (struct point){x_mm, y_mm});
}

static void line(struct world *w, double x0, double y0, double x1, double y1, int width)
{
    struct point a = px(w, x0, y0), b = px(w, x1, y1);
    pixRenderLine(w->raw.bits, (int)a.x, (int)a.y, (int)b.x, (int)b.y, width, L_SET_PIXELS);
}

/* Page 1 of the fixture, scanned 2 degrees askew at 300 dpi, with a cross, a filled box and more.
 */
static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    w->arena = arena_new();
    w->form = fixture_form(w->arena, true);
    w->form->pages[0].boxes[6].shape = BOX_CIRCLE;
    w->form->pages[0].fields = ARENA_NEW(w->arena, struct template_field, 2);
    w->form->pages[0].field_count = 2;
    for (int f = 0; f < 2; f++)
        w->form->pages[0].fields[f] = (struct template_field){
            .item = 4, .kind = FIELD_DIGITS, .rect_mm = {30, 110 + 30 * f, 60, 12}};
    w->result = fixture_page(w->arena, w->form, 0, 0, "0001A", "in/a.tif", 0);
    double c = cos(2 * M_PI / 180) * 300 / 25.4, s = sin(2 * M_PI / 180) * 300 / 25.4;
    struct placed_page *placed = &w->result.placed;
    placed->placement.form_to_image = (struct transform){{c, -s, 110, s, c, 10, 0, 0}};
    placed->landmark_count = 3;
    placed->landmarks = ARENA_NEW(w->arena, struct landmark_residual, 3);
    placed->landmarks[0] = (struct landmark_residual){20, 20, 0.1f, 0, true};
    placed->landmarks[1] = (struct landmark_residual){180, 20, 0, 0.2f, true};
    placed->landmarks[2] = (struct landmark_residual){100, 200, 0, 0, false};
    w->raw.bits = pixCreate(2480, 3508, 1);
    w->raw.width_px = 2480;
    w->raw.height_px = 3508;
    w->raw.x_dpi = w->raw.y_dpi = 300;
    const struct template_page *page = &w->form->pages[0];
    for (size_t b = 0; b < page->box_count; b++) {
        struct rect r = page->boxes[b].rect_mm;
        line(w, r.x, r.y, r.x + r.w, r.y, 3);
        line(w, r.x + r.w, r.y, r.x + r.w, r.y + r.h, 3);
        line(w, r.x + r.w, r.y + r.h, r.x, r.y + r.h, 3);
        line(w, r.x, r.y + r.h, r.x, r.y, 3);
        w->result.reading.boxes[b].rect_px = placement_rect_px(&placed->placement, r);
    }
    line(w, 29, 49, 35, 55, 5); /* a cross in box 0, box 1 filled, a dash in 3 */
    line(w, 29, 55, 35, 49, 5);
    line(w, 50, 52, 54, 52, 46);
    line(w, 31, 82, 33, 82, 4);
    w->boxes[0].state = BOX_MARKED;
    w->boxes[1].state = BOX_WITHDRAWN;
    w->boxes[3].state = BOX_UNCERTAIN;
    w->boxes[3].flag = FLAG_MARK_UNCERTAIN;
    w->boxes[6].state = BOX_MARKED;
    w->result.reading.fields[0].has_ink = true;
    w->result.reading.fields[0].text = "1954 caf\xc3\xa9 \xff";
    snprintf(w->folder, sizeof w->folder, "%s/marksense-overlay-XXXXXX",
             getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    w->keep = getenv("MARKSENSE_KEEP") != NULL;
    if (w->keep)
        snprintf(w->folder, sizeof w->folder, "%s", getenv("MARKSENSE_KEEP"));
    else
        assert_non_null(mkdtemp(w->folder));
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    raw_page_release(&w->raw);
    arena_free(w->arena);
    if (!w->keep)
        rmdir(w->folder);
    free(w);
    return 0;
}

/* Writes the overlay and reads it back; the caller destroys it. */
static PIX *drawn(struct world *w, const char *name, const struct box_decision *boxes)
{
    char path[256];
    struct error err = {""};
    snprintf(path, sizeof path, "%s/%s.png", w->folder, name);
    if (!overlay_write(path, &w->raw, w->form, &w->result, boxes, &err))
        fail_msg("%s", err.text);
    PIX *picture = pixRead(path);
    assert_non_null(picture);
    if (!w->keep)
        remove(path);
    return picture;
}

/* How many pixels of about this colour lie within `reach_mm` of a spot of the form. */
static int colour_near(const struct world *w, PIX *picture, double x_mm, double y_mm,
                       double reach_mm, int r, int g, int b)
{
    struct point at = px(w, x_mm, y_mm);
    int reach = (int)(reach_mm * 150 / 25.4), count = 0;
    for (int y = (int)at.y / 2 - reach; y <= (int)at.y / 2 + reach; y++)
        for (int x = (int)at.x / 2 - reach; x <= (int)at.x / 2 + reach; x++) {
            l_int32 red = 0, green = 0, blue = 0;
            if (pixGetRGBPixel(picture, x, y, &red, &green, &blue) == 0)
                count += abs(red - r) < 30 && abs(green - g) < 30 && abs(blue - b) < 30;
        }
    return count;
}

static void boxes_are_drawn_as_they_were_read(void **state)
{
    struct world *w = *state;
    PIX *picture = drawn(w, "page", w->boxes);
    assert_int_equal(pixGetWidth(picture), 1240);
    assert_in_range(pixGetHeight(picture), 1754, 1834);
    assert_int_equal(pixGetXRes(picture), 150);
    assert_true(colour_near(w, picture, 32, 52, 3, 0, 140, 38) > 60);      /* marked */
    assert_true(colour_near(w, picture, 52, 52, 3, 242, 128, 0) > 60);     /* withdrawn */
    assert_true(colour_near(w, picture, 32, 82, 3, 217, 0, 26) > 60);      /* uncertain */
    assert_true(colour_near(w, picture, 32, 82, 4.5, 249, 166, 170) > 60); /* its halo */
    assert_int_equal(colour_near(w, picture, 52, 82, 3, 217, 0, 26), 0);   /* empty */
    assert_int_equal(colour_near(w, picture, 52, 82, 3, 0, 140, 38), 0);
    assert_true(colour_near(w, picture, 92, 82, 3, 0, 140, 38) > 60); /* the round one */
    assert_true(colour_near(w, picture, 30, 116, 2, 13, 64, 204) > 10);
    assert_int_equal(colour_near(w, picture, 30, 146, 2, 13, 64, 204), 0);
    assert_int_equal(colour_near(w, picture, 60, 128, 3, 255, 255, 255), 35 * 35); /* no stray line */
    pixDestroy(&picture);
}

static void the_order_of_drawing_follows_the_scan(void **state)
{
    struct world *w = *state;
    /* Upside down: the placement says so, and the colours follow. */
    struct transform turn = {{-1, 0, 2480, 0, -1, 3508, 0, 0}};
    struct transform *t = &w->result.placed.placement.form_to_image;
    *t = transform_compose(&turn, t);
    pixRotate180(w->raw.bits, w->raw.bits);
    for (size_t b = 0; b < 7; b++)
        w->result.reading.boxes[b].rect_px =
            placement_rect_px(&w->result.placed.placement, w->form->pages[0].boxes[b].rect_mm);
    PIX *picture = drawn(w, "upside-down", w->boxes);
    assert_true(colour_near(w, picture, 32, 52, 3, 0, 140, 38) > 60);
    pixDestroy(&picture);
}

static void a_rejected_page_is_bare_with_its_reason(void **state)
{
    struct world *w = *state;
    w->result.reason = FLAG_NOT_REGISTERED;
    w->result.detail = "the left third is stretched by 3 %";
    PIX *picture = drawn(w, "rejected", NULL);
    assert_int_equal(colour_near(w, picture, 32, 52, 3, 0, 140, 38), 0);
    int red = 0;
    for (int y = 1754; y < pixGetHeight(picture); y++)
        for (int x = 0; x < 1240; x++) {
            l_int32 r = 0, g = 0, b = 0;
            pixGetRGBPixel(picture, x, y, &r, &g, &b);
            red += r > 150 && g < 80;
        }
    assert_true(red > 50); /* the reason, in red */
    pixDestroy(&picture);
    w->form = NULL; /* not even identified, and a scan without resolution */
    w->raw.x_dpi = w->raw.y_dpi = 0;
    w->result.placed.health = (struct scan_health){0};
    picture = drawn(w, "unknown", NULL);
    assert_in_range(pixGetWidth(picture), 1235, 1245);
    pixDestroy(&picture);
}

static void grey_and_odd_scans(void **state)
{
    struct world *w = *state;
    w->raw.grey = pixConvert1To8(NULL, w->raw.bits, 230, 40);
    pixDestroy(&w->raw.bits);
    pixDestroy(&(PIX *){drawn(w, "grey", NULL)}); /* no decisions: outlines only */
    pixDestroy(&w->raw.grey);
    w->raw.grey = pixCreate(3, 1, 8);
    w->raw.width_px = 3;
    w->raw.height_px = 1;
    pixDestroy(&(PIX *){drawn(w, "tiny", w->boxes)});
    w->result.placed.health.x_dpi = (double)NAN;
    w->result.placed.health.y_dpi = 1e9;
    pixDestroy(&(PIX *){drawn(w, "senseless", w->boxes)});
}

/* A question that shows no mark where an answer is due is asked about as a whole: all its boxes are framed. */
static void a_question_asked_about_as_a_whole_is_framed(void **state)
{
    struct world *w = *state;
    struct answer answers[7] = {[1] = {.flagged = true}};
    struct box_decision *pages[3] = {w->boxes};
    struct return_record record = {.answers = answers, .boxes = pages};
    for (size_t b = 0; b < 7; b++)
        w->boxes[b].flag = b == 0 ? FLAG_MARK_NEAR_BOX : FLAG_NONE; /* of another question: as it is */
    const struct box_decision *drawn = overlay_boxes(w->arena, w->form, &record, 0);
    for (size_t b = 0; b < 7; b++) {
        assert_int_equal(drawn[b].flag != FLAG_NONE, b == 0 || w->form->pages[0].boxes[b].item == 1);
        assert_int_equal(drawn[b].state, w->boxes[b].state);
    }
    w->boxes[4].flag = FLAG_MARK_NEAR_BOX; /* or one of them by itself */
    drawn = overlay_boxes(w->arena, w->form, &record, 0);
    for (size_t b = 0; b < 7; b++)
        assert_int_equal(drawn[b].flag, w->boxes[b].flag);
    assert_null(overlay_boxes(w->arena, w->form, &record, 1)); /* missing */
}

static void a_full_disk_is_said(void **state)
{
    struct world *w = *state;
    struct error err = {""};
    assert_false(
        overlay_write("/nowhere/at/all.png", &w->raw, w->form, &w->result, w->boxes, &err));
    assert_non_null(strstr(err.text, "No such file"));
    char path[256];
    snprintf(path, sizeof path, "%s/full.png", w->folder);
    assert_int_equal(symlink("/dev/full", path), 0);
    assert_false(overlay_write(path, &w->raw, w->form, &w->result, w->boxes, &err));
    assert_non_null(strstr(err.text, "No space left"));
    assert_int_not_equal(access(path, F_OK), 0); /* nothing is left under the name */
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(boxes_are_drawn_as_they_were_read),
        T(the_order_of_drawing_follows_the_scan),
        T(a_rejected_page_is_bare_with_its_reason),
        T(grey_and_odd_scans),
        T(a_question_asked_about_as_a_whole_is_framed),
        T(a_full_disk_is_said),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
