/* Streaks show as strokes one behind the other along the scanner's feed, askew on the page; and ends of
 * tails, found by a closer look in the row above the mark. */
#include "unit/record_fixture.h"

struct sheet {
    struct arena *arena;
    struct form *form;
    struct page_result page;
    struct calibration calibration;
    enum ink_class classes[FIXTURE_PIECES];
};

static struct sheet blank_sheet(void)
{
    struct sheet s = {.arena = arena_new(), .calibration = fixture_calibration()};
    s.form = fixture_form(s.arena, true);
    s.page = fixture_page(s.arena, s.form, 0, 0, "0001A", "in/a.tif", 0);
    return s;
}

static void classify(struct sheet *s)
{
    outside_classify(s->classes, &s->page.reading, &s->form->pages[0], &s->calibration.outside);
}

/* A stroke of the streak, or (turned) of a scan that was fed sideways; askew by `slant` on the page. */
static void stroke(struct sheet *s, double x_mm, double y_mm, double long_mm, double slant, double off_mm,
                   bool turned)
{
    const double px = 300 / 25.4, wide = 0.4;
    struct rect mm = {x_mm + slant * y_mm, y_mm, wide + fabs(slant) * long_mm, long_mm};
    struct ink_piece *p = fixture_piece(&s->page, mm, 0, 0, 1);
    p->wide_mm = (float)wide;
    p->rect_px = (struct rect){(x_mm + off_mm) * px, y_mm * px, wide * px, long_mm * px};
    if (turned)
        p->rect_px = (struct rect){p->rect_px.y, p->rect_px.x, p->rect_px.h, p->rect_px.w};
}

static void a_streak_askew_on_the_page_is_damage(void **state)
{
    (void)state;
    struct {
        double slant, off_mm, long_mm, from, to;
        bool turned, damage;
    } cases[] = {
        {0.04, 0, 6, 50, 110, false, true},
        {0.04, 0, 6, 50, 110, true, true},
        {-0.04, 0, 6, 50, 110, false, true},
        {0.04, 0.6, 6, 50, 110, false, false}, /* not in line along the feed */
        {0.3, 0, 6, 50, 110, false, false},    /* no scan is skewed so far */
        {0.04, 0, 6, 50, 64, false, false},    /* short: drawn beside two boxes, perhaps */
        {0.04, 0, 2, 50, 110, false, false},   /* little of it is seen */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sheet s = blank_sheet();
        stroke(&s, 60, cases[i].from, cases[i].long_mm, cases[i].slant, 0, cases[i].turned);
        stroke(&s, 60, cases[i].to, cases[i].long_mm, cases[i].slant, cases[i].off_mm, cases[i].turned);
        classify(&s);
        for (int k = 0; k < 2; k++)
            if ((s.classes[k] == INK_DAMAGE) != cases[i].damage)
                fail_msg("case %zu: stroke %d is %s", i, k, ink_class_name(s.classes[k]));
        arena_free(s.arena);
    }
}

/* A tick beside the last box (b) of its item that reaches, beyond print, into the row of the first (a). */
static void the_end_of_a_tail_in_the_row_above_is_no_trace(void **state)
{
    (void)state;
    enum { TICKS_TAIL, ALONE, APART, HEAVY, LEVEL, ANOTHER_ITEM, CASES };
    for (int i = 0; i < CASES; i++) {
        struct sheet s = blank_sheet();
        double trace_mm2[FIXTURE_PIECES];
        const struct template_page *page = &s.form->pages[0];
        struct rect above = page->boxes[0].rect_mm;
        struct rect tick = {45, above.y + (i == LEVEL ? 0 : above.h), 3, 4};
        size_t other = i == ANOTHER_ITEM ? page->box_count - 1 : 1;
        struct ink_piece *p = i == ALONE ? NULL : fixture_piece(&s.page, tick, other, 0, i == HEAVY ? 1 : 2);
        if (p != NULL)
            p->wide_mm = 1.6f;
        struct rect end = {48, tick.y - (i == APART ? 3 : 1.5), 1, 1.5};
        fixture_piece(&s.page, end, 0, 0, 0.4f)->clear_mm2 = PIECE_CLOSE;
        classify(&s);
        outside_traces(trace_mm2, s.classes, &s.page.reading, page, &s.calibration.outside);
        if ((trace_mm2[0] > 0) != (i != TICKS_TAIL))
            fail_msg("case %d: %.2f mm2", i, trace_mm2[0]);
        arena_free(s.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_streak_askew_on_the_page_is_damage),
        cmocka_unit_test(the_end_of_a_tail_in_the_row_above_is_no_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
