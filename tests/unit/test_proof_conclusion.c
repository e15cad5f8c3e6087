/* What a careful person makes of simulated marks: of one aimed between two boxes, and of a box filled beside a
 * cross. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib.h>

#include "proof/conclusion.h"
#include "unit/proof_form.h"

struct sheets {
    struct form *form;
    struct filled_return filled;
};

/* The form and a return of it on which nothing is marked yet. */
static struct sheets sheets_new(void)
{
    struct form *form = proof_form();
    form->policy.correction = CORRECTION_FILL;
    struct filled_return filled = {.pen = {.width_mm = 0.4, .darkness = 0.8},
                                   .habit = HABIT_cross,
                                   .page_count = form->page_count};
    filled.pages = g_new0(struct filled_page, form->page_count);
    for (size_t p = 0; p < form->page_count; p++)
        filled.pages[p].boxes = g_new0(struct truth_box, form->pages[p].box_count);
    return (struct sheets){form, filled};
}

static void sheets_release(struct sheets *sheets)
{
    for (size_t p = 0; p < sheets->form->page_count; p++) {
        drawing_release(&sheets->filled.pages[p].drawing);
        g_free(sheets->filled.pages[p].boxes);
    }
    g_free(sheets->filled.pages);
    arena_free(sheets->form->arena);
}

/* A cross of 3.6 mm of the first box, its middle so far below that one's. */
static void draw_cross(struct drawing *drawing, struct rect box, double below_mm)
{
    const double half = 1.8;
    struct point c = rect_centre(box);
    c.y += below_mm;
    for (int way = -1; way <= 1; way += 2) {
        drawing_begin(drawing, 0);
        for (int k = -10; k <= 10; k++)
            drawing_point(drawing, (struct point){c.x + k * half / 10, c.y + way * k * half / 10}, 1);
    }
}

static void a_mark_between_is_the_boxs_it_lies_in(void **state)
{
    (void)state;
    const struct {
        double below_mm;
        enum truth_state first, second;
    } cases[] = {
        {0.3, TRUTH_MARKED, TRUTH_EMPTY},
        {1.2, TRUTH_MARKED, TRUTH_EMPTY},
        {2.6, TRUTH_PERSON, TRUTH_PERSON},  /* less than half of it in the first box */
        {3.75, TRUTH_PERSON, TRUTH_PERSON}, /* half way */
        {4.9, TRUTH_PERSON, TRUTH_PERSON},
        {6.5, TRUTH_EMPTY, TRUTH_MARKED}, /* whatever the hand aimed at */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sheets sheets = sheets_new();
        struct template_box *boxes = sheets.form->pages[0].boxes;
        boxes[1].rect_mm = boxes[0].rect_mm;
        boxes[1].rect_mm.y += 7.5; /* 2.5 mm between them */
        struct truth_box *truth = sheets.filled.pages[0].boxes;
        truth[0].how = truth[1].how = MARK_between;
        truth[0].intended = TRUTH_MARKED;
        draw_cross(&sheets.filled.pages[0].drawing, boxes[0].rect_mm, cases[i].below_mm);
        conclude_all(&sheets.filled, sheets.form);
        if (truth[0].conclusion != cases[i].first || truth[1].conclusion != cases[i].second)
            fail_msg("%g mm below: %s, %s", cases[i].below_mm, truth_state_names[truth[0].conclusion],
                     truth_state_names[truth[1].conclusion]);
        sheets_release(&sheets);
    }
}

static void draw_fill(struct drawing *drawing, size_t owner, struct rect box, double share)
{
    for (double y = box.y; y <= box.y + share * box.h; y += 0.3) {
        drawing_begin(drawing, owner);
        for (int k = 0; k <= 10; k++)
            drawing_point(drawing, (struct point){box.x + k * box.w / 10, y}, 1);
    }
}

static void a_box_filled_beside_a_cross_is_withdrawn(void **state)
{
    (void)state;
    const struct {
        enum question_kind kind;
        enum habit habit;
        enum mark_kind other; /* in the first box; the second is filled */
        double share;
        enum truth_state filled;
    } cases[] = {
        {QUESTION_SINGLE, HABIT_cross, MARK_cross, 1, TRUTH_WITHDRAWN},
        {QUESTION_GRID, HABIT_cross, MARK_cross, 1, TRUTH_WITHDRAWN},
        {QUESTION_SINGLE, HABIT_dash, MARK_dash, 1, TRUTH_WITHDRAWN},
        {QUESTION_SINGLE, HABIT_cross, MARK_none, 1, TRUTH_PERSON},     /* an answer, perhaps */
        {QUESTION_SEVERAL, HABIT_cross, MARK_cross, 1, TRUTH_PERSON},   /* another answer, perhaps */
        {QUESTION_SINGLE, HABIT_cross, MARK_cross, 0.4, TRUTH_PERSON},  /* nobody would call it filled in */
        {QUESTION_SINGLE, HABIT_cross, MARK_between, 1, TRUTH_PERSON},  /* no clean cross */
        {QUESTION_SINGLE, HABIT_fill, MARK_cross, 1, TRUTH_MARKED},     /* this person fills boxes */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sheets sheets = sheets_new();
        struct drawing *drawing = &sheets.filled.pages[0].drawing;
        struct template_box *boxes = sheets.form->pages[0].boxes;
        struct truth_box *truth = sheets.filled.pages[0].boxes;
        sheets.form->questions[sheets.form->items[boxes[0].item].question].kind = cases[i].kind;
        sheets.filled.habit = cases[i].habit;
        truth[0].how = cases[i].other;
        truth[1].how = MARK_fill;
        if (cases[i].other != MARK_none)
            draw_cross(drawing, boxes[0].rect_mm, 0);
        draw_fill(drawing, 1, boxes[1].rect_mm, cases[i].share);
        conclude_all(&sheets.filled, sheets.form);
        if (truth[1].conclusion != cases[i].filled)
            fail_msg("case %zu: %s", i, truth_state_names[truth[1].conclusion]);
        sheets_release(&sheets);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mark_between_is_the_boxs_it_lies_in),
        cmocka_unit_test(a_box_filled_beside_a_cross_is_withdrawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
