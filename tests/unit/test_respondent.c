/* Returns whose marks the scan lost and pages full of specks are set aside: what looks blank there may not
 * be. */
#include "unit/record_fixture.h"

struct batch {
    struct arena *arena;
    struct form *form;
    struct page_result pages[6];
    struct calibration calibration;
};

/* A return of three pages, scanned twice; the n-th scan is pages 3 n to 3 n + 2. */
static struct batch scanned_twice(void)
{
    struct batch b = {.arena = arena_new(), .calibration = fixture_calibration()};
    b.form = fixture_form(b.arena, true);
    for (size_t p = 0; p < 6; p++)
        b.pages[p] = fixture_page(b.arena, b.form, 0, p % 3, "0001A", p < 3 ? "in/a.tif" : "in/b.tif",
                                  (int)p % 3);
    return b;
}

/* What is left of a mark in all 13 boxes but `clean`: a few pixels. */
static void lose_marks(struct page_result *pages, size_t clean)
{
    for (size_t p = 0; p < 3; p++)
        for (size_t k = 0; k < pages[p].reading.box_count; k++) {
            struct box_evidence *e = &pages[p].reading.boxes[k].evidence;
            if (clean > 0) {
                clean--;
                continue;
            }
            e->pixels_mm2 = 0.03f;
            e->ink_share = e->faint_share = 0.001f;
        }
}

static struct batch_record decide(struct batch *b, size_t count)
{
    const struct form *forms[] = {b->form};
    return record_assemble(b->arena, b->pages, count, forms, 1, &b->calibration);
}

static void a_lost_return_is_to_be_scanned_again(void **state)
{
    (void)state;
    struct batch b = scanned_twice();
    lose_marks(b.pages, 0);
    struct batch_record record = decide(&b, 3);
    assert_int_equal(record.return_count, 0);
    assert_int_equal(record.flag_count, 3);
    for (size_t p = 0; p < 3; p++) {
        assert_int_equal(b.pages[p].reason, FLAG_PEN_LOST);
        assert_int_equal(record.flags[p].flag, FLAG_PEN_LOST);
        assert_non_null(strstr(record.flags[p].detail, "return 0001A: of 13 boxes"));
    }
    arena_free(b.arena);
}

/* The better scan may be in the same batch. */
static void the_other_scan_of_it_is_read(void **state)
{
    (void)state;
    struct batch b = scanned_twice();
    lose_marks(b.pages, 0);
    fixture_mark(&b.pages[3], b.form, "Q1", "2", CROSS);
    struct batch_record record = decide(&b, 6);
    assert_int_equal(record.return_count, 1);
    const struct return_record *r = &record.returns[0];
    for (size_t p = 0; p < 3; p++) {
        assert_int_equal(b.pages[p].reason, FLAG_PEN_LOST);
        assert_int_equal(b.pages[p + 3].reason, FLAG_NONE);
        assert_int_equal(r->pages[p], p + 3);
    }
    assert_int_equal(r->boxes[0][1].state, BOX_MARKED);
    assert_int_equal(r->outcome, OUTCOME_COMPLETE);
    arena_free(b.arena);
}

/* None of these says that the scan lost marks. */
static void others_are_kept(void **state)
{
    (void)state;
    enum { FEW, PLAIN, EDGES, STREAKS, DARK, CASES };
    for (int i = 0; i < CASES; i++) {
        struct batch b = scanned_twice();
        lose_marks(b.pages, i == FEW ? 4 : 0);
        for (size_t p = 0; p < 3; p++)
            for (size_t k = 0; k < b.pages[p].reading.box_count; k++) {
                struct box_evidence *e = &b.pages[p].reading.boxes[k].evidence;
                e->pixels_mm2 = i == EDGES ? 0 : e->pixels_mm2; /* ink at the outline alone */
                e->streak_share = i == STREAKS ? 0.9f : 0;
                e->ink_share = i == DARK ? 0.4f : e->ink_share; /* no light mark */
            }
        if (i == PLAIN) {
            fixture_mark(&b.pages[0], b.form, "Q1", "2", CROSS);
            fixture_mark(&b.pages[0], b.form, "Q2", "a", CROSS);
            fixture_mark(&b.pages[1], b.form, "Q3a", "1", CROSS);
            fixture_mark(&b.pages[1], b.form, "Q3b", "2", CROSS);
        }
        if (decide(&b, 3).return_count != 1)
            fail_msg("case %d", i);
        arena_free(b.arena);
    }
}

/* A return of three black and white pages that seems blank, but for `shown` boxes with a few pixels. */
static struct batch nearly_blank(size_t shown)
{
    struct batch b = scanned_twice();
    b.calibration.marks.faint_boxes_min = 10; /* the form is small */
    b.calibration.marks.lost_few_max = 8;
    lose_marks(b.pages, 13 - shown);
    for (size_t p = 0; p < 3; p++) {
        b.pages[p].reading.paper = 255;
        b.pages[p].reading.print = 0;
    }
    return b;
}

/* Of all that somebody answered with a pencil a threshold may leave a trace in a few boxes. */
static void a_return_that_hardly_shows_is_to_be_scanned_again(void **state)
{
    (void)state;
    enum { HARDLY, ONE_MARK, NOTHING, MUCH, GREY, ANSWERED, BESIDE_BOXES, SHORT, CASES };
    for (int i = 0; i < CASES; i++) {
        struct batch b = nearly_blank(i == NOTHING || i == ONE_MARK ? 2 : i == MUCH ? 9 : 4);
        b.pages[1].reading.paper = i == GREY ? 250 : 255;
        b.calibration.marks.faint_boxes_min = i == SHORT ? 14 : 10;
        b.calibration.marks.lost_beside_max = 4;
        for (size_t p = 0; p < 2 && i == BESIDE_BOXES; p++)
            for (size_t k = 0; k < b.pages[p].reading.box_count; k++)
                b.pages[p].reading.boxes[k].evidence.row_mm2 = 3;
        if (i == ANSWERED) {
            fixture_mark(&b.pages[0], b.form, "Q1", "2", CROSS);
            fixture_mark(&b.pages[0], b.form, "Q2", "a", CROSS);
            fixture_mark(&b.pages[1], b.form, "Q3a", "1", CROSS);
        }
        if (i == ONE_MARK)
            fixture_mark(&b.pages[0], b.form, "Q1", "2", CROSS);
        size_t returns = decide(&b, 3).return_count;
        if (returns != (i == HARDLY || i == ONE_MARK ? 0 : 1))
            fail_msg("case %d", i);
        if (i == HARDLY) {
            assert_int_equal(b.pages[0].reason, FLAG_PEN_LOST);
            assert_non_null(strstr(b.pages[0].detail, "return 0001A: of 4 boxes"));
        }
        arena_free(b.arena);
    }
}

/* A page whose empty boxes are full of specks is to be scanned again; the others of its return are read. */
static void a_page_full_of_specks_is_set_aside(void **state)
{
    (void)state;
    struct {
        float specks_cm2, ink_share;
        size_t inked; /* boxes */
        bool bitonal;
        enum flag reason;
    } cases[] = {
        {120, 0.05f, 99, false, FLAG_PAGE_SPECKLED},
        {5, 0.05f, 99, false, FLAG_NONE}, /* ink in all boxes that is none of specks: print that the blank lacks */
        {120, 0, 99, false, FLAG_NONE},   /* specks elsewhere */
        {120, 0, 99, true, FLAG_NONE},
        {120, 0.002f, 99, true, FLAG_PAGE_SPECKLED}, /* what is left where grain was taken off */
        {120, 0.002f, 99, false, FLAG_NONE},
        {50, 0.002f, 99, true, FLAG_NONE},
        {120, 0.002f, 2, true, FLAG_NONE},
        {120, 0.2f, 3, true, FLAG_NONE}, /* marks */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct batch b = scanned_twice();
        b.calibration.marks.quiet_boxes_min = 4;
        b.pages[0].placed.health.specks_cm2 = cases[i].specks_cm2;
        b.pages[0].reading.paper = cases[i].bitonal ? 255 : b.pages[0].reading.paper;
        b.pages[0].reading.print = cases[i].bitonal ? 0 : b.pages[0].reading.print;
        for (size_t k = 0; k < b.pages[0].reading.box_count; k++)
            b.pages[0].reading.boxes[k].evidence.ink_share = k < cases[i].inked ? cases[i].ink_share : 0;
        struct batch_record record = decide(&b, 3);
        assert_int_equal(b.pages[0].reason, cases[i].reason);
        assert_int_equal(b.pages[1].reason, FLAG_NONE);
        assert_int_equal(record.return_count, 1);
        assert_int_equal(record.returns[0].outcome == OUTCOME_PARTIAL, cases[i].reason != FLAG_NONE);
        arena_free(b.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lost_return_is_to_be_scanned_again),
        cmocka_unit_test(the_other_scan_of_it_is_read),
        cmocka_unit_test(others_are_kept),
        cmocka_unit_test(a_return_that_hardly_shows_is_to_be_scanned_again),
        cmocka_unit_test(a_page_full_of_specks_is_set_aside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
