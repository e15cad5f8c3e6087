/* What the scans of a batch have in common: said where it is so, and not where it is not. */
#include "unit/record_fixture.h"

#include <stdio.h>
#include <string.h>

#include "run/findings.h"

#define PAGES 60

struct world {
    struct arena *arena;
    struct form *form;
    const struct form *forms[1];
    struct page_result results[PAGES];
    struct calibration calibration;
    struct batch_record record;
};

/* Sixty images without fault. */
static void begin(struct world *w)
{
    *w = (struct world){.arena = arena_new()};
    struct error err = {""};
    assert_true(calibration_load(&w->calibration, &err));
    w->form = fixture_form(w->arena, true);
    w->forms[0] = w->form;
    for (size_t r = 0; r < PAGES; r++) {
        w->results[r] = fixture_page(w->arena, w->form, 0, r % 3, "0001A", "in/a.tif", (int)r);
        struct scan_health *h = &w->results[r].placed.health;
        *h = (struct scan_health){.x_dpi = 300, .y_dpi = 300, .width_mm = 210, .height_mm = 297,
                                  .paper = 250, .print = 20, .print_found = 0.9f, .scale_x = 1,
                                  .scale_y = 1};
    }
}

static bool says(struct world *w, const char *part)
{
    struct findings found = findings_make(w->arena, w->results, PAGES, &w->record, w->forms, 1,
                                          &w->calibration.health);
    for (size_t k = 0; k < found.count; k++)
        if (strstr(found.lines[k], part) != NULL)
            return true;
    return false;
}

static size_t lines(struct world *w)
{
    return findings_make(w->arena, w->results, PAGES, &w->record, w->forms, 1,
                         &w->calibration.health).count;
}

static void a_clean_batch_says_nothing(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    assert_int_equal(lines(&w), 0);
    arena_free(w.arena);
}

static void a_streak_names_its_place_and_third(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    for (size_t r = 10; r < 51; r++) {
        struct scan_health *h = &w.results[r].placed.health;
        h->streak_count = 1;
        h->streaks[0] = (struct streak){.at_mm = 62 + (float)(r % 3) * 0.3f, .share = 0.9f};
    }
    assert_true(says(&w, "streak 62 mm from the left edge on 41 of 60 pages, first on in/a.tif, "
                         "image 11: clean the glass, left third"));
    assert_int_equal(lines(&w), 1);
    /* one page far from it is its own matter */
    w.results[5].placed.health.streak_count = 1;
    w.results[5].placed.health.streaks[0].at_mm = 180;
    assert_true(says(&w, "1 page with a streak of its own"));
    assert_true(says(&w, "on 41 of 60 pages"));
    arena_free(w.arena);
}

static void a_print_run_of_another_size_is_told(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    for (size_t r = 0; r < PAGES; r++) {
        struct scan_health *h = &w.results[r].placed.health;
        h->scale_x = 0.982f + (float)(r % 3) * 0.0005f;
        h->scale_y = 0.982f;
        h->shift_y_mm = 1.3f;
    }
    assert_true(says(&w, "98.2 % of the form's size (60 pages): printed with 'fit to page'?"));
    assert_true(says(&w, "1.3 mm low"));
    for (size_t r = 0; r < PAGES; r++) /* only along the feed: not the printer */
        w.results[r].placed.health.scale_x = 1;
    assert_true(!says(&w, "fit to page") && says(&w, "100.0 % wide and 98.2 % long"));
    for (size_t r = 0; r < PAGES; r++) { /* no two alike: nothing steady */
        w.results[r].placed.health.scale_y = 0.96f + (float)(r % 7) * 0.01f;
        w.results[r].placed.health.shift_y_mm = (float)(r % 7) - 2;
    }
    assert_true(!says(&w, "long (") && !says(&w, " low"));
    arena_free(w.arena);
}

static void drift_is_told(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    for (size_t r = 0; r < PAGES; r++)
        w.results[r].placed.health.scale_y = 1 + 0.009f * (float)r / PAGES;
    assert_true(says(&w, "0.6 % longer at the end of the batch"));
    arena_free(w.arena);
}

/* Another print run is no wear of the rollers. */
static void a_jump_of_length_is_no_drift(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    for (size_t r = 0; r < PAGES; r++)
        w.results[r].placed.health.scale_y = (r < PAGES / 2 + 3 ? 0.979f : 1) + 0.0005f * (float)(r % 5);
    assert_true(says(&w, arena_printf(w.arena, "from in/a.tif, image %d on pages come out 2.1 %% longer",
                                      PAGES / 2 + 4)));
    assert_false(says(&w, "clean the rollers"));
    arena_free(w.arena);
}

static void single_pages_are_counted(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    w.results[7].placed.health.print_found = 0.3f;
    w.results[8].placed.health.skew_deg = 176;
    w.results[9].placed.health.cut_bottom_mm = 9;
    w.results[10].placed.health.height_mm = 480;
    w.results[11].placed.health.specks_cm2 = 20;
    w.results[12].placed.health.stray_share = 0.4f;
    w.results[13].placed.health.x_dpi = w.results[13].placed.health.y_dpi = 150;
    assert_true(says(&w, "1 page with faint print, first on in/a.tif, image 8"));
    assert_true(says(&w, "1 page fed askew, first on in/a.tif, image 9"));
    assert_true(says(&w, "1 page with an edge cut off"));
    assert_true(says(&w, "1 image much longer than the others"));
    assert_true(says(&w, "1 page full of specks"));
    assert_true(says(&w, "1 page dark all over"));
    assert_true(says(&w, "1 page scanned below 200 dpi"));
    assert_int_equal(lines(&w), 7);
    arena_free(w.arena);
}

static void lost_sheets_are_told(void **state)
{
    (void)state;
    struct world w;
    begin(&w);
    size_t both[] = {SIZE_MAX, SIZE_MAX, 2}, one[] = {0, SIZE_MAX, 2};
    struct return_record returns[] = {{.reference = "0001A", .pages = one},
                                      {.reference = "0002B", .pages = both}};
    w.record = (struct batch_record){.returns = returns, .return_count = 2};
    assert_true(says(&w, "1 return lacks both sides of a sheet, first 0002B, pages 1 and 2"));
    arena_free(w.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clean_batch_says_nothing),
        cmocka_unit_test(a_streak_names_its_place_and_third),
        cmocka_unit_test(a_print_run_of_another_size_is_told),
        cmocka_unit_test(drift_is_told),
        cmocka_unit_test(a_jump_of_length_is_no_drift),
        cmocka_unit_test(single_pages_are_counted),
        cmocka_unit_test(lost_sheets_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
