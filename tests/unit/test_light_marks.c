/* Boxes with too little ink to tell by its amount: the shape of it tells a mark from dirt. */
#include "unit/record_fixture.h"

struct light {
    struct arena *arena;
    struct form *form;
    struct page_result pages[3];
    struct calibration calibration;
    struct ink_piece *piece;
};

/* A little ink in one box of Q1 (page 0), Q2 or Q5 (page 2, critical), as a small tick leaves it. */
static struct light lightly_marked(size_t page, const char *item)
{
    struct light l = {.arena = arena_new(), .calibration = fixture_calibration()};
    l.form = fixture_form(l.arena, true);
    for (size_t p = 0; p < 3; p++)
        l.pages[p] = fixture_page(l.arena, l.form, 0, p, "0001A", "in/a.tif", (int)p);
    fixture_mark(&l.pages[page], l.form, item, "1", FAINT);
    struct box_evidence *e = &l.pages[page].reading.boxes[0].evidence;
    e->ink_share = e->faint_share = 0.04f;
    e->runs = 1.3f;
    l.piece = fixture_piece(&l.pages[page], (struct rect){31, 51, 2, 1.6}, 0, 0.8f, 0.1f);
    l.piece->wide_mm = 1;
    return l;
}

static enum box_state state_of_first(struct light *l, size_t page)
{
    const struct form *forms[] = {l->form};
    struct batch_record record = record_assemble(l->arena, l->pages, 3, forms, 1, &l->calibration);
    assert_int_equal(record.return_count, 1);
    return record.returns[0].boxes[page][0].state;
}

static void a_small_drawn_mark_is_one(void **state)
{
    (void)state;
    struct light l = lightly_marked(0, "Q1");
    assert_int_equal(state_of_first(&l, 0), BOX_MARKED);
    arena_free(l.arena);
}

/* Each of these is a reason to ask a person. */
static void what_may_be_dirt_is_none(void **state)
{
    (void)state;
    enum { STRAIGHT, SHORT, OUTSIDE, GOES_ON, IN_TWO, NO_PIECE, STREAK, SPECKS, HAZE, FEW, CASES };
    for (int i = 0; i < CASES; i++) {
        struct light l = lightly_marked(0, "Q1");
        struct box_evidence *e = &l.pages[0].reading.boxes[0].evidence;
        struct ink_piece *p = l.piece;
        p->wide_mm = i == STRAIGHT ? 0.4f : p->wide_mm;
        p->length_mm = i == SHORT ? 1 : p->length_mm;
        p->area_mm2 = i == OUTSIDE ? 1.5f : p->area_mm2;
        if (i == IN_TWO)
            p->touches[p->touch_count++] = (struct piece_touch){1, 0.1f, 0};
        l.pages[0].reading.piece_count = i == NO_PIECE ? 0 : 1;
        e->outside_mm2 = i == GOES_ON ? 0.5f : 0.1f; /* in other pieces: a stain's rim */
        e->streak_share = i == STREAK ? 0.9f : 0;
        e->specks = i == SPECKS ? 12 : 0;
        e->runs = i == SPECKS ? 1.9f : e->runs;
        e->faint_share = i == HAZE ? 0.5f : e->faint_share;
        e->ink_share = i == FEW ? 0.008f : e->ink_share;
        if (state_of_first(&l, 0) != BOX_UNCERTAIN)
            fail_msg("case %d", i);
        arena_free(l.arena);
    }
}

static void a_critical_question_is_always_looked_at(void **state)
{
    (void)state;
    struct light l = lightly_marked(2, "Q5");
    assert_int_equal(state_of_first(&l, 2), BOX_UNCERTAIN);
    arena_free(l.arena);
}

/* Most of a tick may lie outside its box: where its point lies says whose it is. */
static void a_tick_belongs_where_its_point_is(void **state)
{
    (void)state;
    struct {
        struct rect mm;
        enum box_state state;
    } cases[] = {
        {{31, 46.5, 6.5, 7}, BOX_MARKED},      /* low in the box */
        {{31, 46.5, 6.5, 8}, BOX_MARKED},      /* on its lower side */
        {{31, 45, 6.5, 7}, BOX_UNCERTAIN},     /* in the upper half: between this box and one above */
        {{31, 46.5, 6.5, 9.5}, BOX_UNCERTAIN}, /* far below it */
        {{29, 46.5, 6.5, 7}, BOX_UNCERTAIN},   /* begins left of the box */
        {{31, 46.5, 2.5, 7}, BOX_UNCERTAIN},   /* does not leave it to the right */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct light l = lightly_marked(0, "Q1");
        l.pages[0].reading.piece_count = 0;
        l.piece = fixture_piece(&l.pages[0], cases[i].mm, 0, 0.9f, 1.4f);
        l.piece->x_mm = 34;
        l.piece->y_mm = (float)(cases[i].mm.y + 4);
        l.piece->wide_mm = 1.2f;
        if (state_of_first(&l, 0) != cases[i].state)
            fail_msg("case %zu", i);
        arena_free(l.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_drawn_mark_is_one),
        cmocka_unit_test(what_may_be_dirt_is_none),
        cmocka_unit_test(a_critical_question_is_always_looked_at),
        cmocka_unit_test(a_tick_belongs_where_its_point_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
