/* States of boxes and ink in fields + the study's policy -> the answer of each item. */
#include "record/deciding.h"

#include <math.h>
#include <stdint.h>

#include "base/text.h"

void flag_item(struct deciding *d, enum flag flag, const char *detail)
{
    flag_list_add(d->flags, flag, d->answer->result, d->item, SIZE_MAX, detail);
    d->answer->flagged = true;
}

void flag_boxes(struct deciding *d, enum box_state state, enum flag flag)
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

/* Where one answer is asked for, whoever looks at the question says which: a box that is plain needs no flag of its own
 * beside a doubtful one, nor a withdrawn one beside the answer. Of several each stands for itself. */
static void flag_critical_boxes(struct deciding *d)
{
    static const enum box_state inked[] = {BOX_MARKED, BOX_WITHDRAWN};
    bool several = d->places->box_count > 0 && item_question(d->form, d->item)->kind == QUESTION_SEVERAL;
    for (size_t s = 0; s < sizeof inked / sizeof *inked; s++) {
        bool told = false;
        for (size_t k = 0; k < d->places->box_count; k++)
            told |= decision_at(d, k)->flag != FLAG_NONE;
        if (several || !told)
            flag_boxes(d, inked[s], FLAG_CRITICAL_DOUBTFUL);
    }
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
        else if (d->places->field_count > 0 && has_written(d))
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
        flag_critical_boxes(d);
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
