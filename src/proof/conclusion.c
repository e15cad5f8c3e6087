/* What a careful person would make of each box of a simulated return. */
#include "proof/conclusion.h"

#include <math.h>

/* Under this share covered, nobody would call a box filled in. */
#define FILLED_MIN 0.6

/* What a careful person makes of the box: someone who looks at the paper itself, has seen how this
 * respondent marks elsewhere, and knows the study's rule. The limits are those of people, not of
 * any reader: under 2 % covered, a tick or a cross missed the box; over 90 % nobody can tell a cross
 * from a filled box. */
static enum truth_state conclude(const struct form *form, const struct filled_return *filled,
                                 const struct truth_box *box)
{
    bool by_filling = form->policy.correction == CORRECTION_FILL;
    switch (box->how) {
    case MARK_none:
    case MARK_rubbed_out:
        return box->stray > 0.1 ? TRUTH_PERSON : TRUTH_EMPTY;
    case MARK_tick:
    case MARK_cross:
    case MARK_dash:
        return box->cover < 0.02 || (by_filling && box->cover > 0.9) ? TRUTH_PERSON : TRUTH_MARKED;
    case MARK_dot:
        return box->cover < 0.008 ? TRUTH_PERSON : TRUTH_MARKED;
    case MARK_fill:
        return by_filling && filled->habit != HABIT_fill ? TRUTH_PERSON : TRUTH_MARKED;
    case MARK_fill_to_withdraw:
    case MARK_scribble_out:
        return by_filling && filled->habit != HABIT_fill && box->cover >= FILLED_MIN ? TRUTH_WITHDRAWN
                                                                               : TRUTH_PERSON;
    default: /* beside, between, round it, its label struck through */
        return TRUTH_PERSON;
    }
}

/* One who fills boxes and has filled a wrong one too leaves two equal boxes. */
static void doubt_fillers(const struct form *form, struct filled_return *filled)
{
    for (size_t p = 0; p < filled->page_count; p++) {
        const struct template_page *page = &form->pages[p];
        for (size_t b = 0; b < page->box_count; b++) {
            if (filled->habit != HABIT_fill ||
                filled->pages[p].boxes[b].how != MARK_fill_to_withdraw)
                continue;
            for (size_t i = 0; i < page->box_count; i++)
                if (page->boxes[i].item == page->boxes[b].item &&
                    filled->pages[p].boxes[i].how == MARK_fill)
                    filled->pages[p].boxes[i].conclusion = TRUTH_PERSON;
        }
    }
}

static bool is_clean_mark(const struct truth_box *box)
{
    bool clean = box->how == MARK_tick || box->how == MARK_cross || box->how == MARK_dash || box->how == MARK_dot;
    return clean && box->conclusion == TRUTH_MARKED;
}

/* Where one answer is asked for, a box that is filled in beside a clean mark is withdrawn to everybody, also
 * where the hand that fills no others meant it for a second answer. */
static void settle_fills(struct filled_return *filled, const struct form *form)
{
    for (size_t p = 0; p < filled->page_count; p++) {
        const struct template_page *page = &form->pages[p];
        struct truth_box *boxes = filled->pages[p].boxes;
        for (size_t b = 0; b < page->box_count; b++) {
            bool several = item_question(form, page->boxes[b].item)->kind == QUESTION_SEVERAL;
            if (several || boxes[b].how != MARK_fill || boxes[b].conclusion != TRUTH_PERSON ||
                boxes[b].cover < FILLED_MIN)
                continue;
            for (size_t i = 0; i < page->box_count; i++)
                if (page->boxes[i].item == page->boxes[b].item && is_clean_mark(&boxes[i]))
                    boxes[b].conclusion = TRUTH_WITHDRAWN;
        }
    }
}

/* mm2 of the rectangle under the owner's strokes. */
static double ink_in(const struct filled_return *filled, size_t page, size_t owner, struct rect mm)
{
    return mm.w * mm.h * drawing_cover(&filled->pages[page].drawing, &filled->pen, mm, owner, false);
}

/* Whether half of the mark or more lies in `host` and nothing of it in `other`. */
static bool is_hosted(const struct filled_return *filled, size_t page, size_t owner, struct rect host,
                      struct rect other)
{
    enum { AROUND = 3 }; /* boxes to each side: marks reach no farther */
    double all = 0;
    for (int x = -AROUND; x <= AROUND; x++)
        for (int y = -AROUND; y <= AROUND; y++)
            all += ink_in(filled, page, owner,
                          (struct rect){host.x + x * host.w, host.y + y * host.h, host.w, host.h});
    return all > 0 && ink_in(filled, page, owner, host) >= all / 2 &&
           ink_in(filled, page, owner, other) <= 0;
}

/* A mark aimed between two boxes may come to lie in one of them, and then nothing on the paper tells it
 * from a mark for that one: it is that one's to everybody, whatever the hand aimed at. */
static void settle_between(const struct form *form, struct filled_return *filled)
{
    for (size_t p = 0; p < filled->page_count; p++) {
        const struct template_page *page = &form->pages[p];
        struct truth_box *boxes = filled->pages[p].boxes;
        for (size_t i = 0; i < page->box_count; i++)
            for (size_t j = 0; j < page->box_count; j++) {
                if (i == j || page->boxes[i].item != page->boxes[j].item ||
                    boxes[i].how != MARK_between || boxes[j].how != MARK_between)
                    continue;
                size_t owner = boxes[i].intended == TRUTH_MARKED ? i : j;
                if (!is_hosted(filled, p, owner, page->boxes[i].rect_mm, page->boxes[j].rect_mm))
                    continue;
                boxes[i].conclusion = TRUTH_MARKED;
                boxes[j].conclusion = TRUTH_EMPTY;
            }
    }
}

void conclude_all(struct filled_return *filled, const struct form *form)
{
    for (size_t p = 0; p < filled->page_count; p++)
        for (size_t b = 0; b < form->pages[p].box_count; b++) {
            struct filled_page *page = &filled->pages[p];
            const struct template_box *box = &form->pages[p].boxes[b];
            double edge = box->shape == BOX_SQUARE ? 0.3 : fmin(box->rect_mm.w, box->rect_mm.h) * 0.14;
            struct rect inside = rect_grow(box->rect_mm, -edge);
            page->boxes[b].cover =
                drawing_cover(&page->drawing, &filled->pen, inside, b, false);
            page->boxes[b].stray = drawing_cover(&page->drawing, &filled->pen, inside, b, true);
            page->boxes[b].conclusion = conclude(form, filled, &page->boxes[b]);
        }
    settle_fills(filled, form);
    settle_between(form, filled);
    doubt_fillers(form, filled);
}
