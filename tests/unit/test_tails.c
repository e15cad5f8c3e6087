/* Ink beside a marked box that is the end of its mark, and ink that is not; ink that is the next
 * box's. */
#include "unit/record_fixture.h"

struct batch {
    struct arena *arena;
    struct form *form;
    struct page_result pages[3];
    struct calibration calibration;
};

static struct batch batch_of_one(void)
{
    struct batch b = {.arena = arena_new(), .calibration = fixture_calibration()};
    b.form = fixture_form(b.arena, true);
    for (size_t p = 0; p < 3; p++)
        b.pages[p] = fixture_page(b.arena, b.form, 0, p, "0001A", "in/a.tif", (int)p);
    return b;
}

/* What the first box of the first page, at 30 to 34 and 50 to 54 mm, is flagged with. */
static enum flag flag_of_first(struct batch *b)
{
    const struct form *forms[] = {b->form};
    struct batch_record record = record_assemble(b->arena, b->pages, 3, forms, 1, &b->calibration);
    assert_int_equal(record.return_count, 1);
    return record.returns[0].boxes[0][0].flag;
}

static void the_end_of_a_mark_goes_with_it(void **state)
{
    (void)state;
    struct {
        struct rect mm;
        float wide, stroke;
        bool is_tail;
    } cases[] = {
        {{34.6, 45.4, 3, 4.2}, 0.3f, 0.4f, true}, /* where a tick that the outline parts goes on */
        {{33.5, 46, 1.2, 3}, 0.3f, 0.4f, true},   /* steeper */
        {{27.2, 46.4, 2.4, 3}, 0.3f, 0.4f, true}, /* the other arm of a cross */
        {{34.6, 50.6, 12, 0.8}, 0.3f, 0.4f, false}, /* through the label */
        {{34.6, 45.4, 3, 4.2}, 1.6f, 0.4f, false},  /* a part of a ring */
        {{34.6, 45.4, 3, 4.2}, 0.9f, 0.4f, false},  /* a slim tick, which has a point of its own */
        {{38.5, 41, 3, 4}, 0.3f, 0.4f, false},      /* too far off */
        {{31, 55.5, 2, 4.2}, 0.3f, 0.4f, false},    /* below: the next box's, perhaps */
        {{34.2, 48.5, 4, 3.5}, 0.3f, 1.2f, false},  /* of another pen */
        {{35.8, 49.5, 1.4, 4}, 0.3f, 0.4f, false},  /* beside the box: it points past it */
        {{32.8, 41, 0.6, 7}, 0.3f, 0.4f, false},    /* upright */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct batch b = batch_of_one();
        fixture_mark(&b.pages[0], b.form, "Q1", "1", CROSS);
        assert_int_equal(flag_of_first(&b), FLAG_NONE);
        struct ink_piece *p = fixture_piece(&b.pages[0], cases[i].mm, 0, 0, 1.5f);
        p->long_mm = (float)hypot(cases[i].mm.w, cases[i].mm.h);
        p->wide_mm = cases[i].wide;
        p->stroke_mm = cases[i].stroke;
        assert_int_equal(flag_of_first(&b), cases[i].is_tail ? FLAG_NONE : FLAG_MARK_NEAR_BOX);
        arena_free(b.arena);
    }
}

/* A tail that broke twice: each part is near to the one before. */
static void a_tail_in_parts_goes_with_its_mark(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    fixture_mark(&b.pages[0], b.form, "Q1", "1", CROSS);
    struct rect parts[] = {{38.2, 41.6, 2.4, 2.9}, {34.6, 46.2, 2.4, 2.9}};
    for (int k = 0; k < 2; k++) {
        struct ink_piece *p = fixture_piece(&b.pages[0], parts[k], 0, 0, 1);
        p->long_mm = 3.8f;
        p->wide_mm = 0.3f;
    }
    assert_int_equal(flag_of_first(&b), FLAG_NONE);
    b.pages[0].reading.pieces[2].wide_mm = 2; /* without the part between */
    assert_int_equal(flag_of_first(&b), FLAG_MARK_NEAR_BOX);
    arena_free(b.arena);
}

/* The point of a tick in the upper end of the box, its tail through the gap to the box above and, parted from
 * it by the outline, into that: by itself the point is a mark in this box. */
static void a_mark_and_its_tail_are_one(void **state)
{
    (void)state;
    for (int above = 0; above < 2; above++) {
        struct batch b = batch_of_one();
        if (above)
            b.form->pages[0].boxes[1].rect_mm = (struct rect){30, 43.5, 4, 4};
        fixture_mark(&b.pages[0], b.form, "Q1", "1", CROSS);
        struct ink_piece *point = &b.pages[0].reading.pieces[0];
        point->rect_mm = (struct rect){30.7, 48.9, 2.2, 2.6};
        point->touches[0].inside_mm2 = 0.7f;
        point->touches[0].row_mm2 = 0.1f;
        point->area_mm2 = 0.8f;
        point->wide_mm = 0.8f;
        point->x_mm = 31.8f;
        point->y_mm = 50.4f;
        assert_int_equal(flag_of_first(&b), FLAG_NONE);
        struct ink_piece *tail = fixture_piece(&b.pages[0], (struct rect){33, 47.4, 1.6, 2.1}, 0, 0, 0.75f);
        tail->long_mm = 2.6f;
        tail->wide_mm = 0.3f;
        tail->stroke_mm = point->stroke_mm;
        assert_int_equal(flag_of_first(&b), above ? FLAG_MARK_NEAR_BOX : FLAG_NONE);
        arena_free(b.arena);
    }
}

/* Where nothing is marked in the box, the same stroke is a mark beside it. */
static void a_stroke_without_a_mark_is_no_tail(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    struct ink_piece *p = fixture_piece(&b.pages[0], (struct rect){34.6, 45.4, 3, 4.2}, 0, 0, 1.5f);
    p->long_mm = 5.1f;
    p->wide_mm = 0.3f;
    assert_int_equal(flag_of_first(&b), FLAG_MARK_NEAR_BOX);
    arena_free(b.arena);
}

/* The ring round the next box comes near this one without touching its row. */
static void ink_in_the_next_row_is_not_this_boxs(void **state)
{
    (void)state;
    struct batch b = batch_of_one();
    struct box_evidence *e = &b.pages[0].reading.boxes[0].evidence;
    fixture_mark(&b.pages[0], b.form, "Q1", "2", BESIDE);
    e->outside_mm2 = 1.5f;
    assert_int_equal(flag_of_first(&b), FLAG_NONE);
    e->row_mm2 = 3;
    assert_int_equal(flag_of_first(&b), FLAG_MARK_NEAR_BOX);
    arena_free(b.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_end_of_a_mark_goes_with_it),
        cmocka_unit_test(a_tail_in_parts_goes_with_its_mark),
        cmocka_unit_test(a_mark_and_its_tail_are_one),
        cmocka_unit_test(a_stroke_without_a_mark_is_no_tail),
        cmocka_unit_test(ink_in_the_next_row_is_not_this_boxs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
