/* What the boxes of one item say of each other: tails of neighbours, fills, ink beside, traces. */
#include "record/deciding.h"

#include <math.h>
#include <stdint.h>

/* Ink that speaks of the box and is no mark in it, mm2. */
static double stray_at(const struct deciding *d, size_t k)
{
    struct place place = d->places->boxes[k];
    return d->record->ink[place.page].stray_mm2[place.index];
}

/* The same where only a closer look found it. */
static double trace_at(const struct deciding *d, size_t k)
{
    struct place place = d->places->boxes[k];
    return d->record->ink[place.page].trace_mm2[place.index];
}

/* A shade without ink and without lines in it is a stain's or a fold's edge: a filling covers more. */
static bool is_blot(const struct box_evidence *e, const struct mark_calibration *c)
{
    return e->ink_share <= 0 && e->pixels_mm2 <= 0 && e->light_mm2 <= 0 && e->faint_core_share < c->blot_core_max;
}

/* The tail of a neighbour's tick may end inside the edge of a box. Where another box of a single choice
 * is plainly marked, a little ink that never comes near the middle is no answer, if the model leans
 * that way too, and neither is a blot (critical questions excepted: a person looks). */
static void forgive_dirt(struct deciding *d)
{
    const struct mark_calibration *c = &d->calibration->marks;
    bool plain = false;
    for (size_t k = 0; k < d->places->box_count; k++)
        plain |= decision_at(d, k)->state == BOX_MARKED;
    if (!plain || is_critical(d) || d->record->pen_faint ||
        item_question(d->form, d->item)->kind == QUESTION_SEVERAL)
        return;
    for (size_t k = 0; k < d->places->box_count; k++) {
        struct box_decision *box = decision_at(d, k);
        const struct box_evidence *e = evidence_at(d, k);
        bool tail = box->doubt < c->tail_error_max && e->ink_share < c->tail_ink_max &&
                    e->core_share <= c->tail_core_max && e->faint_share < c->tail_faint_max;
        if (box->state == BOX_UNCERTAIN && box->flag == FLAG_MARK_UNCERTAIN && box->leaning == BOX_EMPTY &&
            (tail || is_blot(e, c))) {
            box->state = BOX_EMPTY;
            box->flag = FLAG_NONE;
            box->confidence = 1 - box->error;
        }
    }
}

/* Whether a line may run through the label of some box. */
static bool is_any_struck(const struct deciding *d)
{
    for (size_t k = 0; k < d->places->box_count; k++)
        if (!(evidence_at(d, k)->struck_mm <= 0) ||
            outside_is_struck(evidence_at(d, k), 0, &d->calibration->outside))
            return true;
    return false;
}

static void take_as_answer(struct box_decision *box)
{
    box->state = BOX_MARKED;
    box->flag = FLAG_NONE;
    box->confidence = 1 - box->error;
}

/* Of several filled boxes that look as this person fills them, the one that was filled a second time all the same:
 * it spills farther than any other, and covers hardly less. SIZE_MAX: none stands out. */
static size_t filled_most(const struct deciding *d)
{
    const struct mark_calibration *c = &d->calibration->marks;
    size_t most = SIZE_MAX;
    for (size_t k = 0; k < d->places->box_count; k++)
        if (decision_at(d, k)->filled_answer && (most == SIZE_MAX || evidence_at(d, k)->outside_mm2 >
                                                                         evidence_at(d, most)->outside_mm2))
            most = k;
    if (most == SIZE_MAX || evidence_at(d, most)->outside_mm2 < c->refill_spill_min_mm2)
        return SIZE_MAX;
    const struct box_evidence *again = evidence_at(d, most);
    for (size_t k = 0; k < d->places->box_count; k++) {
        const struct box_evidence *e = evidence_at(d, k);
        if (k != most && decision_at(d, k)->filled_answer &&
            (again->outside_mm2 < c->refill_spill_times * e->outside_mm2 ||
             again->ink_share < e->ink_share + c->refill_more_ink))
            return SIZE_MAX;
    }
    return most;
}

/* A lone dark box of someone who fills boxes is their answer, and where several answers are asked for, so
 * are all of them, but what may have been filled a second time to take it back; beside anything else both readings
 * stand, and so they do where this person's answers lie beside the boxes. */
static void settle_fills(struct deciding *d)
{
    size_t inked = 0, filled = 0;
    for (size_t k = 0; k < d->places->box_count; k++) {
        const struct box_decision *box = decision_at(d, k);
        inked += box->state != BOX_EMPTY;
        filled += box->filled_answer && box->state == BOX_UNCERTAIN;
    }
    bool several = item_question(d->form, d->item)->kind == QUESTION_SEVERAL;
    if (filled == 0 || inked != filled || (filled > 1 && !several) || d->record->beside)
        return;
    size_t most = filled > 1 ? filled_most(d) : SIZE_MAX;
    for (size_t k = 0; k < d->places->box_count; k++) {
        struct box_decision *box = decision_at(d, k);
        if (k != most && box->filled_answer && !box->filled_again && box->state == BOX_UNCERTAIN)
            take_as_answer(box);
    }
}

/* Where one answer is asked for, a mark is withdrawn for another: with none beside it a mark among specks is no
 * filled box of which a scanner lost the filling (critical questions excepted: a person looks, and so does one where the
 * scans show less of this person's marks than they lose). */
static void settle_among_specks(struct deciding *d)
{
    size_t inked = 0;
    for (size_t k = 0; k < d->places->box_count; k++)
        inked += decision_at(d, k)->state != BOX_EMPTY;
    if (inked > 1 || is_critical(d) || item_question(d->form, d->item)->kind == QUESTION_SEVERAL)
        return;
    for (size_t k = 0; k < d->places->box_count; k++)
        if (decision_at(d, k)->among_specks && decision_at(d, k)->state == BOX_UNCERTAIN)
            take_as_answer(decision_at(d, k));
}

/* Whether something is written where writing goes with this box. */
static bool is_written_beside(const struct deciding *d, size_t k)
{
    size_t page = d->places->boxes[k].page;
    const struct page_reading *reading = &d->results[d->record->pages[page]].reading;
    for (size_t f = 0; f < d->form->pages[page].field_count; f++) {
        const struct template_field *field = &d->form->pages[page].fields[f];
        if (field->has_box && field->box_item == d->item && field->box_option == option_of(d, k) &&
            !(reading->fields[f].ink_mm2 < d->calibration->marks.field_ink_mm2))
            return true;
    }
    return false;
}

/* Whether a line goes through the label of a marked box, hidden by the letters: little ink is seen beside them, where a
 * mark that runs into its label leaves much. */
static bool is_answer_struck(const struct box_evidence *e, const struct outside_calibration *c)
{
    return e->struck_mm >= c->struck_answer_min_mm && e->row_mm2 < c->struck_answer_row_mm2;
}

/* Whether a line may go through the box's label. Beside another mark that of an empty box says no more than the box
 * does, so that a short one, a crease's or the letters' own, tells nothing there. */
static bool is_label_struck(const struct deciding *d, size_t k, bool inked)
{
    const struct outside_calibration *c = &d->calibration->outside;
    const struct box_evidence *e = evidence_at(d, k);
    bool dotted = !(e->struck_dotted < c->struck_dotted_min);
    bool idle = inked && decision_at(d, k)->state == BOX_EMPTY && !d->record->pen_faint && !dotted &&
                e->struck_mm < c->struck_empty_min_mm;
    return !idle && outside_is_struck(e, stray_at(d, k), c);
}

/* Whether specks lie in a row as only a light stroke leaves them. Of several answers each stands for itself; where
 * nothing of the question is marked less tells. */
static bool is_dotted(const struct deciding *d, size_t k)
{
    const struct outside_calibration *c = &d->calibration->outside;
    bool several = item_question(d->form, d->item)->kind == QUESTION_SEVERAL;
    bool blank = d->marked + d->withdrawn + d->uncertain == 0;
    return evidence_at(d, k)->dotted >= (blank     ? c->stray_dotted_blank
                                         : several ? c->stray_dotted_several
                                                   : c->stray_dotted);
}

/* Ink beside boxes. A piece that lies in no box speaks of the question whatever else is marked: a ring
 * round a label, a label struck out, a tick beside the box. Ink just round a box where one of the item
 * is marked is else a mark's overshoot; where none is, it may be the answer, and so may any trace in its
 * row. Of several answers each stands for itself, and a little ink among specks is a light mark's. What is
 * written on the line of a box that is not marked may mean the box, or is a mark that missed it. */
static void find_near(struct deciding *d)
{
    const struct outside_calibration *c = &d->calibration->outside;
    bool overshoot = d->marked + d->withdrawn + d->uncertain > 0;
    bool several = item_question(d->form, d->item)->kind == QUESTION_SEVERAL;
    bool answered = d->marked > 0 && !several;
    double limit = d->record->pen_faint    ? (answered ? c->stray_blank_mm2 : c->stray_faint_mm2)
                   : overshoot && !several ? c->stray_mm2
                                           : c->stray_blank_mm2;
    for (size_t k = 0; k < d->places->box_count; k++) {
        struct box_decision *box = decision_at(d, k);
        double own = box->state == BOX_MARKED ? c->stray_mm2
                     : box->specked           ? fmin(limit, c->stray_blank_mm2)
                                              : limit;
        bool stray = !(stray_at(d, k) <= own) || (!overshoot && !(trace_at(d, k) <= c->stray_close_mm2)) ||
                     (box->state == BOX_EMPTY && is_dotted(d, k)) ||
                     is_label_struck(d, k, overshoot) ||
                     (box->state == BOX_MARKED && is_answer_struck(evidence_at(d, k), c)) ||
                     (box->state != BOX_MARKED && is_written_beside(d, k));
        if (stray && box->flag == FLAG_NONE)
            box->flag = FLAG_MARK_NEAR_BOX;
        else if (box->flag == FLAG_MARK_NEAR_BOX && overshoot && !stray && box->state != BOX_UNCERTAIN)
            box->flag = FLAG_NONE;
    }
}

/* Where one answer is asked for, whoever looks at one of its boxes sees the others: an empty one needs no
 * flag of its own for ink beside it where another is doubtful, or has more ink beside it; and where one is
 * marked and there is little ink beside any, that is dirt, but for ink among specks. */
static void drop_neighbours(struct deciding *d)
{
    const struct outside_calibration *c = &d->calibration->outside;
    double most = 0, most_told = 0;
    for (size_t k = 0; k < d->places->box_count; k++) {
        double row = (double)evidence_at(d, k)->row_mm2;
        most = fmax(most, row);
        most_told = fmax(most_told, decision_at(d, k)->flag == FLAG_MARK_NEAR_BOX ? row : 0);
    }
    bool plain = d->marked > 0 && most < c->stray_beside_mark_mm2 && !is_critical(d) &&
                 !d->record->pen_faint && !is_any_struck(d);
    for (size_t k = 0; k < d->places->box_count; k++) {
        struct box_decision *box = decision_at(d, k);
        bool less = (double)evidence_at(d, k)->row_mm2 < c->stray_neighbour_share * most_told;
        bool dirt = plain && !is_written_beside(d, k) && !box->specked && !is_dotted(d, k);
        if (box->state == BOX_EMPTY && box->flag == FLAG_MARK_NEAR_BOX && (d->uncertain > 0 || less || dirt))
            box->flag = FLAG_NONE;
    }
}

static void report_near(struct deciding *d)
{
    find_near(d);
    if (item_question(d->form, d->item)->kind != QUESTION_SEVERAL)
        drop_neighbours(d);
    d->near = 0;
    for (size_t k = 0; k < d->places->box_count; k++) {
        const struct box_decision *box = decision_at(d, k);
        if (box->flag != FLAG_MARK_NEAR_BOX)
            continue;
        d->near++;
        flag_list_add(d->flags, box->flag, d->answer->result, d->item, option_of(d, k), NULL);
        d->answer->flagged = true;
    }
}

/* A box that is filled in beside another mark is withdrawn where one answer is asked for. Where several
 * are, both readings stand: withdrawn, or marked in another way than the rest. So they do of one that is
 * scribbled over where nothing is withdrawn by filling; by itself, of someone whose fills are not known, it is
 * an answer filled with vigour. */
static void doubt_fills(struct deciding *d)
{
    if (item_question(d->form, d->item)->kind != QUESTION_SEVERAL)
        return;
    flag_boxes(d, BOX_WITHDRAWN, FLAG_MARK_UNCERTAIN);
    size_t inked = 0;
    for (size_t k = 0; k < d->places->box_count; k++)
        inked += decision_at(d, k)->state != BOX_EMPTY;
    for (size_t k = 0; k < d->places->box_count && inked > 1; k++)
        if (decision_at(d, k)->scribbled && decision_at(d, k)->flag == FLAG_NONE)
            decision_at(d, k)->flag = FLAG_MARK_UNCERTAIN;
}

/* A mark that missed its box or that the scanner lost all but specks of. Where nothing of the question
 * is marked any trace tells; beside a mark most would be dirt, unless it is several specks in the middle
 * of the box, but of several answers each stands for itself. Where one is asked for whoever looks at a doubtful box
 * sees the others, too. */
static void doubt_traces(struct deciding *d)
{
    bool blank = d->marked + d->withdrawn + d->uncertain + d->near == 0;
    bool several = item_question(d->form, d->item)->kind == QUESTION_SEVERAL;
    if (!several && d->uncertain > 0)
        return;
    enum trace least = blank            ? TRACE_BESIDE
                       : several        ? TRACE_ACROSS
                       : d->marked == 0 ? TRACE_INSIDE
                                        : TRACE_SPECKS;
    for (size_t k = 0; k < d->places->box_count; k++) {
        struct box_decision *box = decision_at(d, k);
        if (box->trace < least || box->state != BOX_EMPTY || box->flag != FLAG_NONE)
            continue;
        box->state = BOX_UNCERTAIN;
        box->flag = FLAG_MARK_UNCERTAIN;
        d->uncertain++;
        flag_list_add(d->flags, box->flag, d->answer->result, d->item, option_of(d, k), NULL);
        d->answer->flagged = true;
    }
}

/* Where the form does not fit, one flag stands for all boxes of the item. */
void count_boxes(struct deciding *d)
{
    double least = 1;
    settle_fills(d);
    forgive_dirt(d);
    settle_among_specks(d);
    doubt_fills(d);
    for (size_t k = 0; k < d->places->box_count; k++) {
        struct box_decision *box = decision_at(d, k);
        if (box->state == BOX_UNCERTAIN && box->flag == FLAG_NONE)
            box->flag = FLAG_MARK_UNCERTAIN;
        least = fmin(least, box->confidence);
        bool misplaced = box->flag == FLAG_FIELD_MISPLACED;
        d->misplaced += misplaced;
        d->marked += box->state == BOX_MARKED;
        d->withdrawn += box->state == BOX_WITHDRAWN;
        d->uncertain += box->state == BOX_UNCERTAIN;
        d->between += box->state == BOX_UNCERTAIN && box->flag == FLAG_MARK_NEAR_BOX;
        d->exclusive += box->state == BOX_MARKED && option_at(d, k)->exclusive;
        if (box->flag != FLAG_NONE && !misplaced && box->flag != FLAG_MARK_NEAR_BOX) {
            flag_list_add(d->flags, box->flag, d->answer->result, d->item, option_of(d, k), NULL);
            d->answer->flagged = true;
        }
    }
    d->answer->confidence = least;
    report_near(d);
    doubt_traces(d);
}
