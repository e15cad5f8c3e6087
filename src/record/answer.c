/* States of boxes and ink in fields + the study's policy -> the answer of each item. */
#include "record/assembly.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/text.h"

/* One item of one return while it is decided. */
struct deciding {
    struct return_record *record;
    const struct form *form;
    const struct policy *policy;
    const struct item_places *places;
    const struct page_result *results;
    const struct calibration *calibration;
    struct flag_list *flags;
    size_t item;
    struct answer *answer;
    size_t marked, withdrawn, uncertain, misplaced, near; /* boxes of each kind */
    size_t between;   /* uncertain ones whose only ink lies off them too */
    size_t exclusive; /* marked boxes whose option excludes the others */
};

static struct box_decision *decision_at(const struct deciding *d, size_t k)
{
    return &d->record->boxes[d->places->boxes[k].page][d->places->boxes[k].index];
}

static size_t option_of(const struct deciding *d, size_t k)
{
    struct place place = d->places->boxes[k];
    return d->form->pages[place.page].boxes[place.index].option;
}

static const struct option *option_at(const struct deciding *d, size_t k)
{
    return &item_question(d->form, d->item)->options[option_of(d, k)];
}

static const struct box_evidence *evidence_at(const struct deciding *d, size_t k)
{
    struct place place = d->places->boxes[k];
    return &d->results[d->record->pages[place.page]].reading.boxes[place.index].evidence;
}

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

static const struct field_reading *field_at(const struct deciding *d, size_t k)
{
    struct place place = d->places->fields[k];
    return &d->results[d->record->pages[place.page]].reading.fields[place.index];
}

static void flag_item(struct deciding *d, enum flag flag, const char *detail)
{
    flag_list_add(d->flags, flag, d->answer->result, d->item, SIZE_MAX, detail);
    d->answer->flagged = true;
}

/* Boxes of this state take part in the item's trouble: a person must look at them too. */
static void flag_boxes(struct deciding *d, enum box_state state, enum flag flag)
{
    for (size_t k = 0; k < d->places->box_count; k++)
        if (decision_at(d, k)->state == state && decision_at(d, k)->flag == FLAG_NONE)
            decision_at(d, k)->flag = flag;
}

/* Codes of the boxes in this state, in order of print, joined by spaces. */
static const char *codes(const struct deciding *d, enum box_state state, bool without_exclusive)
{
    struct text text;
    text_init(&text);
    for (size_t k = 0; k < d->places->box_count; k++) {
        if (decision_at(d, k)->state != state || (without_exclusive && option_at(d, k)->exclusive))
            continue;
        if (text.length > 0)
            text_add(&text, " ");
        text_add(&text, option_at(d, k)->code);
    }
    const char *copy = arena_strdup(d->flags->arena, text.data);
    text_release(&text);
    return copy;
}

/* The code of the box in this state with the most black in it; NULL where two have the same. */
static const char *darkest(const struct deciding *d, enum box_state state)
{
    double most = -1;
    const char *code = NULL;
    for (size_t k = 0; k < d->places->box_count; k++) {
        if (decision_at(d, k)->state != state)
            continue;
        double black = (double)evidence_at(d, k)->ink_share * evidence_at(d, k)->darkness;
        if (black > most)
            code = option_at(d, k)->code;
        else if (black >= most)
            code = NULL;
        most = fmax(most, black);
    }
    return code;
}

static const char *first(const struct deciding *d, enum box_state state)
{
    for (size_t k = 0; k < d->places->box_count; k++)
        if (decision_at(d, k)->state == state)
            return option_at(d, k)->code;
    return NULL;
}

/* What the rule codes for boxes of this state; NULL: a person decides. */
static const char *by_rule(const struct deciding *d, enum case_rule rule, enum box_state state,
                           const char *missing)
{
    switch (rule) {
    case RULE_MISSING:
        return missing;
    case RULE_DARKEST:
        return darkest(d, state);
    case RULE_FIRST:
        return first(d, state);
    case RULE_CODE:
        return d->policy->multiple_code;
    case RULE_NEAREST:
    case RULE_REVIEW:
        break;
    }
    return NULL;
}

/* Codes the trouble by its rule, or gives it to a person. */
static void settle(struct deciding *d, const char *coded, enum box_state state, enum flag flag)
{
    if (coded != NULL) {
        d->answer->coded = coded;
        return;
    }
    flag_item(d, flag, NULL);
    flag_boxes(d, state, flag);
}

/* Ink beside boxes none of which is marked: nobody's, unless the study gives it to the nearest. */
static void settle_between(struct deciding *d)
{
    d->answer->status = ANSWER_UNCERTAIN;
    if (d->policy->between == RULE_MISSING)
        d->answer->coded = d->policy->missing_code;
    if (d->policy->between != RULE_NEAREST)
        return;
    size_t page = d->places->boxes[0].page;
    size_t nearest = outside_nearest(d->record->ink[page].classes,
                                     &d->results[d->record->pages[page]].reading,
                                     &d->form->pages[page], d->item, &d->calibration->outside);
    for (size_t k = 0; k < d->places->box_count; k++)
        if (d->places->boxes[k].page == page && d->places->boxes[k].index == nearest)
            d->answer->coded = option_at(d, k)->code;
}

static void settle_exclusive(struct deciding *d)
{
    const char *coded = NULL;
    d->answer->status = ANSWER_MULTIPLE;
    if (d->policy->exclusive == RULE_MISSING)
        coded = d->policy->implausible_code;
    else if (d->policy->exclusive == RULE_FIRST && d->marked > d->exclusive)
        coded = codes(d, BOX_MARKED, true);
    settle(d, coded, BOX_MARKED, FLAG_EXCLUSIVE_WITH_OTHERS);
}

static void settle_marks(struct deciding *d)
{
    struct answer *answer = d->answer;
    const struct policy *policy = d->policy;
    bool several = item_question(d->form, d->item)->kind == QUESTION_SEVERAL;
    if (d->misplaced > 0) {
        answer->status = ANSWER_UNREADABLE;
        flag_item(d, FLAG_FIELD_MISPLACED, NULL);
    } else if (d->marked + d->withdrawn == 0 && d->near > 0 && d->uncertain == d->between) {
        settle_between(d);
    } else if (d->uncertain > 0) {
        answer->status = ANSWER_UNCERTAIN;
    } else if (several && d->exclusive > 0 && d->marked > 1) {
        settle_exclusive(d);
    } else if (!several && d->marked > 1) {
        answer->status = ANSWER_MULTIPLE;
        settle(d, by_rule(d, policy->multiple, BOX_MARKED, policy->implausible_code), BOX_MARKED,
               FLAG_MULTIPLE_MARKS);
    } else if (d->marked > 0) {
        answer->status = d->withdrawn > 0 ? ANSWER_CORRECTED : ANSWER_ANSWERED;
        answer->coded = answer->raw;
    } else if (d->withdrawn > 0) {
        answer->status = ANSWER_WITHDRAWN_ONLY;
        enum case_rule rule = policy->withdrawn_only;
        bool known = rule == RULE_MISSING || rule == RULE_DARKEST;
        settle(d, by_rule(d, known ? rule : RULE_REVIEW, BOX_WITHDRAWN, policy->missing_code),
               BOX_WITHDRAWN, FLAG_WITHDRAWN_ONLY);
    } else {
        answer->status = ANSWER_BLANK;
    }
}

static bool is_critical(const struct deciding *d)
{
    return d->form->items[d->item].critical || item_question(d->form, d->item)->critical;
}

/* The tail of a neighbour's tick may end inside the edge of a box. Where another box of a single choice
 * is plainly marked, a little ink that never comes near the middle is no answer, if the model leans
 * that way too (critical questions excepted: a person looks). */
static void forgive_tails(struct deciding *d)
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
        if (box->state == BOX_UNCERTAIN && box->flag == FLAG_MARK_UNCERTAIN &&
            box->leaning == BOX_EMPTY && box->error < c->tail_error_max &&
            e->ink_share < c->tail_ink_max && e->core_share <= c->tail_core_max &&
            e->faint_share < c->tail_faint_max) {
            box->state = BOX_EMPTY;
            box->flag = FLAG_NONE;
        }
    }
}

/* A lone dark box of someone who fills boxes is their answer; beside anything else both readings
 * stand. */
static void settle_fills(struct deciding *d)
{
    size_t inked = 0, filled = SIZE_MAX;
    for (size_t k = 0; k < d->places->box_count; k++) {
        const struct box_decision *box = decision_at(d, k);
        inked += box->state != BOX_EMPTY;
        if (box->filled_answer && box->state == BOX_UNCERTAIN)
            filled = k;
    }
    if (inked != 1 || filled == SIZE_MAX)
        return;
    decision_at(d, filled)->state = BOX_MARKED;
    decision_at(d, filled)->flag = FLAG_NONE;
}

/* Ink beside boxes. A piece that lies in no box speaks of the question whatever else is marked: a ring
 * round a label, a label struck out, a tick beside the box. Ink just round a box where one of the item
 * is marked is else a mark's overshoot; where none is, it may be the answer, and so may any trace in its
 * row. */
static void report_near(struct deciding *d)
{
    const struct outside_calibration *c = &d->calibration->outside;
    bool overshoot = d->marked + d->withdrawn + d->uncertain > 0;
    double limit = d->record->pen_faint ? c->stray_faint_mm2
                   : overshoot          ? c->stray_mm2
                                        : c->stray_blank_mm2;
    for (size_t k = 0; k < d->places->box_count; k++) {
        struct box_decision *box = decision_at(d, k);
        double own = box->state == BOX_MARKED ? c->stray_mm2 : limit;
        bool stray = !(stray_at(d, k) <= own) || (!overshoot && !(trace_at(d, k) <= c->stray_close_mm2));
        if (stray && box->flag == FLAG_NONE) {
            box->flag = FLAG_MARK_NEAR_BOX;
            d->near++;
        }
        if (box->flag != FLAG_MARK_NEAR_BOX)
            continue;
        if (overshoot && !stray && box->state != BOX_UNCERTAIN) {
            box->flag = FLAG_NONE;
            continue;
        }
        flag_list_add(d->flags, box->flag, d->answer->result, d->item, option_of(d, k), NULL);
        d->answer->flagged = true;
    }
}

/* A box that is filled in beside another mark is withdrawn where one answer is asked for. Where several
 * are, both readings stand: withdrawn, or marked in another way than the rest. */
static void doubt_fills(struct deciding *d)
{
    if (item_question(d->form, d->item)->kind == QUESTION_SEVERAL)
        flag_boxes(d, BOX_WITHDRAWN, FLAG_MARK_UNCERTAIN);
}

/* A mark that missed its box or that the scanner lost all but specks of. Where nothing of the question
 * is marked any trace tells; beside a mark most would be dirt, but of several answers each stands for
 * itself, and beside a doubtful box another may be the answer. */
static void doubt_traces(struct deciding *d)
{
    bool blank = d->marked + d->withdrawn + d->uncertain + d->near == 0;
    bool several = item_question(d->form, d->item)->kind == QUESTION_SEVERAL;
    if (d->misplaced > 0 || (!several && d->marked > 0))
        return;
    enum trace least = blank ? TRACE_BESIDE : TRACE_INSIDE;
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

/* Where one answer is asked for, may be withdrawn, and a box is doubtful, what that turns out to be decides
 * what the mark beside it means: an answer, or one that was withdrawn and of whose filling the scanner
 * left little. */
static void doubt_companions(struct deciding *d)
{
    if (d->uncertain > 0 && d->policy->correction == CORRECTION_FILL &&
        item_question(d->form, d->item)->kind == QUESTION_SINGLE)
        flag_boxes(d, BOX_MARKED, FLAG_MARK_UNCERTAIN);
}

/* Counts the boxes by what was decided and reports the doubtful ones. Where the form does not fit,
 * one flag stands for all boxes of the item. */
static void count_boxes(struct deciding *d)
{
    double least = 1;
    settle_fills(d);
    forgive_tails(d);
    doubt_fills(d);
    for (size_t k = 0; k < d->places->box_count; k++) {
        struct box_decision *box = decision_at(d, k);
        if (box->state == BOX_UNCERTAIN && box->flag == FLAG_NONE)
            box->flag = FLAG_MARK_UNCERTAIN;
        least = fmin(least, box->confidence);
        bool misplaced = box->flag == FLAG_FIELD_MISPLACED;
        d->misplaced += misplaced;
        d->near += box->flag == FLAG_MARK_NEAR_BOX;
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
    doubt_companions(d);
}

/* The drafts of the item's fields, joined by spaces; "" where there is none. */
static const char *drafts(const struct deciding *d)
{
    struct text text;
    text_init(&text);
    for (size_t k = 0; k < d->places->field_count; k++) {
        const char *draft = field_at(d, k)->text;
        if (draft == NULL || draft[0] == '\0')
            continue;
        if (text.length > 0)
            text_add(&text, " ");
        text_add(&text, draft);
    }
    const char *copy = arena_strdup(d->flags->arena, text.data);
    text_release(&text);
    return copy;
}

/* A draft of digits outside the question's range is worth saying, although nobody believes the
 * draft yet. */
static void check_range(struct deciding *d)
{
    const struct question *question = item_question(d->form, d->item);
    if (question->kind != QUESTION_DIGITS || !question->has_range || d->answer->raw[0] == '\0')
        return;
    long number = 0;
    int digits = 0;
    for (const char *c = d->answer->raw; *c != '\0'; c++) {
        if (*c == ' ')
            continue;
        if (*c < '0' || *c > '9' || ++digits > 17)
            return; /* not a number: the flag for handwriting is all that can be said */
        number = number * 10 + (*c - '0');
    }
    if (digits == 0 || (number >= question->minimum && number <= question->maximum))
        return;
    flag_item(d, FLAG_OUT_OF_RANGE,
              arena_printf(d->flags->arena, "draft %ld; allowed %ld to %ld", number,
                           question->minimum, question->maximum));
}

static bool has_ink(const struct deciding *d)
{
    for (size_t k = 0; k < d->places->field_count; k++)
        if (field_at(d, k)->has_ink ||
            field_at(d, k)->ink_mm2 >= d->calibration->marks.field_ink_mm2)
            return true;
    return false;
}

static bool fields_fit(const struct deciding *d)
{
    double limit = d->calibration->registration.field_residual_max_mm;
    for (size_t k = 0; k < d->places->field_count; k++)
        if (!(field_at(d, k)->misfit_mm <= limit) || !isfinite(field_at(d, k)->ink_mm2))
            return false;
    return true;
}

/* No draft is accepted unseen: whatever is written goes to a person. */
static void settle_written(struct deciding *d)
{
    struct answer *answer = d->answer;
    if (!fields_fit(d)) {
        answer->status = ANSWER_UNREADABLE;
        answer->raw = drafts(d);
        answer->confidence = 0;
        flag_item(d, FLAG_FIELD_MISPLACED, NULL);
    } else if (has_ink(d)) {
        answer->status = ANSWER_UNREADABLE;
        answer->raw = drafts(d);
        double least = 1;
        for (size_t k = 0; k < d->places->field_count; k++)
            if (field_at(d, k)->text != NULL)
                least = fmin(least, field_at(d, k)->confidence);
        answer->confidence = answer->raw[0] == '\0' ? 0 : least;
        flag_item(d, FLAG_WRITTEN_ANSWER, NULL);
        check_range(d);
    } else {
        answer->status = ANSWER_BLANK;
        double most = 0;
        for (size_t k = 0; k < d->places->field_count; k++)
            most = fmax(most, field_at(d, k)->ink_mm2);
        answer->confidence = 1 - 0.5 * most / d->calibration->marks.field_ink_mm2;
    }
}

/* The page the item is read on, or false where one of its pages is missing. */
static bool find_page(struct deciding *d)
{
    size_t page = SIZE_MAX;
    const struct item_places *places = d->places;
    for (size_t k = 0; k < places->box_count + places->field_count; k++) {
        size_t p = k < places->box_count ? places->boxes[k].page
                                         : places->fields[k - places->box_count].page;
        if (d->record->pages[p] == SIZE_MAX)
            return false;
        page = p < page ? p : page;
    }
    if (page != SIZE_MAX)
        d->answer->result = d->record->pages[page];
    return true;
}

static void decide_item(struct deciding *d)
{
    struct answer *answer = d->answer;
    *answer =
        (struct answer){.status = ANSWER_PAGE_MISSING, .raw = "", .coded = "", .result = SIZE_MAX};
    if (!find_page(d))
        return;
    if (d->places->box_count > 0) {
        count_boxes(d);
        answer->raw = codes(d, BOX_MARKED, false);
        settle_marks(d);
        /* Words beside boxes that are plain in themselves may still change what they mean. */
        if (d->places->field_count > 0 && answer->status == ANSWER_BLANK)
            settle_written(d);
        else if (d->places->field_count > 0 && has_ink(d))
            flag_item(d, FLAG_WRITTEN_ANSWER, NULL);
    } else if (d->places->field_count > 0) {
        settle_written(d);
    } else {
        answer->status = ANSWER_UNREADABLE; /* stands nowhere on paper */
    }
    bool plain =
        !answer->flagged && (answer->status == ANSWER_ANSWERED || answer->status == ANSWER_BLANK);
    if (is_critical(d) && !plain) {
        flag_item(d, FLAG_CRITICAL_DOUBTFUL, NULL);
        flag_boxes(d, BOX_MARKED, FLAG_CRITICAL_DOUBTFUL);
        flag_boxes(d, BOX_WITHDRAWN, FLAG_CRITICAL_DOUBTFUL);
    }
}

void answers_decide(struct return_record *record, const struct form_places *places,
                    const struct page_result *results, const struct calibration *calibration,
                    struct flag_list *flags)
{
    const struct form *form = places->form;
    for (size_t i = 0; i < form->item_count; i++) {
        struct deciding d = {.record = record,
                             .form = form,
                             .policy = &form->policy,
                             .places = &places->items[i],
                             .results = results,
                             .calibration = calibration,
                             .flags = flags,
                             .item = i,
                             .answer = &record->answers[i]};
        decide_item(&d);
    }
}
