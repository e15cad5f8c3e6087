/* What a careful person makes of a simulated mark that was aimed between two boxes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glib.h>

#include "proof/conclusion.h"
#include "unit/proof_form.h"

/* A cross of 3.6 mm that stands for the first box, its middle so far below that one's. */
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
        struct form *form = proof_form();
        form->policy.correction = CORRECTION_FILL;
        struct template_box *boxes = form->pages[0].boxes;
        boxes[1].rect_mm = boxes[0].rect_mm;
        boxes[1].rect_mm.y += 7.5; /* 2.5 mm between them */
        struct filled_return filled = {.pen = {.width_mm = 0.4, .darkness = 0.8},
                                       .habit = HABIT_cross,
                                       .page_count = form->page_count};
        filled.pages = g_new0(struct filled_page, form->page_count);
        for (size_t p = 0; p < form->page_count; p++)
            filled.pages[p].boxes = g_new0(struct truth_box, form->pages[p].box_count);
        struct truth_box *truth = filled.pages[0].boxes;
        truth[0].how = truth[1].how = MARK_between;
        truth[0].intended = TRUTH_MARKED;
        draw_cross(&filled.pages[0].drawing, boxes[0].rect_mm, cases[i].below_mm);
        conclude_all(&filled, form);
        if (truth[0].conclusion != cases[i].first || truth[1].conclusion != cases[i].second)
            fail_msg("%g mm below: %s, %s", cases[i].below_mm, truth_state_names[truth[0].conclusion],
                     truth_state_names[truth[1].conclusion]);
        drawing_release(&filled.pages[0].drawing);
        for (size_t p = 0; p < form->page_count; p++)
            g_free(filled.pages[p].boxes);
        g_free(filled.pages);
        arena_free(form->arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mark_between_is_the_boxs_it_lies_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
