/* Upright hairlines: the rests of a streak that several images show, and strokes of a hand. */
#include "unit/record_fixture.h"

#include "record/dust.h"

#define IMAGES 5

struct batch {
    struct arena *arena;
    struct form *form;
    struct page_result pages[IMAGES];
    struct calibration calibration;
};

static struct batch batch_of(const char *const sources[IMAGES])
{
    struct batch b = {.arena = arena_new(), .calibration = fixture_calibration()};
    b.form = fixture_form(b.arena, true);
    for (size_t p = 0; p < IMAGES; p++) {
        bool one_file = strcmp(sources[p], sources[0]) == 0;
        b.pages[p] = fixture_page(b.arena, b.form, 0, p % 3, "0001A", sources[p],
                                  one_file ? (int)p : 0);
    }
    return b;
}

static const char *const one_file[IMAGES] = {"in/a.tif", "in/a.tif", "in/a.tif", "in/a.tif", "in/a.tif"};

/* Ten pixels a millimetre. In a margin, or beside the first box. */
static struct ink_piece *line(struct page_result *page, double x, double y, double high, bool in_margin)
{
    struct rect mm = {x, y, 0.3, high};
    struct ink_piece *p = fixture_piece(page, mm, in_margin ? SIZE_MAX : 0, 0, in_margin ? 0 : 0.8f);
    p->rect_px = (struct rect){x * 10, y * 10, 3, high * 10};
    return p;
}

static bool is_dust(struct batch *b, size_t page)
{
    const bool *const *dust = dust_find(b->arena, b->pages, IMAGES, &b->calibration.outside);
    return dust[page] != NULL && dust[page][0];
}

static void a_line_on_sheet_after_sheet_is_dust(void **state)
{
    (void)state;
    struct batch b = batch_of(one_file);
    line(&b.pages[2], 36, 50, 3, false);
    assert_false(is_dust(&b, 2));
    line(&b.pages[1], 36.2, 120, 2, true);
    line(&b.pages[1], 36.2, 170, 2, true);
    assert_false(is_dust(&b, 2)); /* one other image may be chance */
    struct ink_piece *p = line(&b.pages[4], 35.9, 200, 4, true);
    assert_true(is_dust(&b, 2));
    p->rect_px.x += 6; /* another column */
    assert_false(is_dust(&b, 2));
    p->rect_px.x -= 6;
    assert_true(is_dust(&b, 2));
    p = &b.pages[2].reading.pieces[0];
    p->rect_px.h = 5; /* no line */
    p->rect_mm.h = 0.5;
    assert_false(is_dust(&b, 2));
    p->rect_px = (struct rect){357, 500, 8, 30}; /* a pen's stroke, or slanting */
    p->rect_mm = (struct rect){35.7, 50, 0.8, 3};
    assert_false(is_dust(&b, 2));
    arena_free(b.arena);
}

/* Somebody who answers with upright strokes beside the boxes makes them beside boxes only. */
static void strokes_beside_boxes_are_no_dust(void **state)
{
    (void)state;
    struct batch b = batch_of(one_file);
    for (size_t p = 0; p < IMAGES; p++)
        line(&b.pages[p], 36, 50, 3, false);
    assert_false(is_dust(&b, 2));
    line(&b.pages[0], 36, 150, 3, true);
    assert_false(is_dust(&b, 2));
    line(&b.pages[3], 36, 150, 3, true);
    assert_true(is_dust(&b, 2));
    arena_free(b.arena);
}

/* Files of one image in one folder were fed one after the other; those of another folder were not. */
static void dust_stays_in_its_folder(void **state)
{
    (void)state;
    const char *const files[IMAGES] = {"in/1.jpg", "in/2.jpg", "in/3.jpg", "other/1.jpg", "other/2.jpg"};
    struct batch b = batch_of(files);
    line(&b.pages[0], 36, 50, 3, false);
    line(&b.pages[1], 36, 150, 3, true);
    line(&b.pages[3], 36, 150, 3, true);
    line(&b.pages[4], 36, 150, 3, true);
    assert_false(is_dust(&b, 0));
    line(&b.pages[2], 36, 150, 3, true);
    assert_true(is_dust(&b, 0));
    arena_free(b.arena);
}

/* The box beside such a line is not flagged. */
static void dust_beside_a_box_is_not_flagged(void **state)
{
    (void)state;
    for (int others = 0; others < 2; others++) {
        struct batch b = batch_of(one_file);
        const struct form *forms[] = {b.form};
        line(&b.pages[0], 36, 50, 3, false);
        for (size_t p = 1; p < 3 && others > 0; p++)
            line(&b.pages[p], 36, 150, 3, true);
        struct batch_record record = record_assemble(b.arena, b.pages, 3, forms, 1, &b.calibration);
        assert_int_equal(record.returns[0].boxes[0][0].flag,
                         others > 0 ? FLAG_NONE : FLAG_MARK_NEAR_BOX);
        arena_free(b.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_on_sheet_after_sheet_is_dust),
        cmocka_unit_test(strokes_beside_boxes_are_no_dust),
        cmocka_unit_test(dust_stays_in_its_folder),
        cmocka_unit_test(dust_beside_a_box_is_not_flagged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
