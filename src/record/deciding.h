/* What the files share that decide one item of one return: answer.c, answer_boxes.c, answer_written.c. */
#ifndef RECORD_DECIDING_H
#define RECORD_DECIDING_H

#include "record/assembly.h"

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

static inline struct box_decision *decision_at(const struct deciding *d, size_t k)
{
    return &d->record->boxes[d->places->boxes[k].page][d->places->boxes[k].index];
}

static inline size_t option_of(const struct deciding *d, size_t k)
{
    struct place place = d->places->boxes[k];
    return d->form->pages[place.page].boxes[place.index].option;
}

static inline const struct option *option_at(const struct deciding *d, size_t k)
{
    return &item_question(d->form, d->item)->options[option_of(d, k)];
}

static inline const struct box_evidence *evidence_at(const struct deciding *d, size_t k)
{
    struct place place = d->places->boxes[k];
    return &d->results[d->record->pages[place.page]].reading.boxes[place.index].evidence;
}

static inline bool is_critical(const struct deciding *d)
{
    return d->form->items[d->item].critical || item_question(d->form, d->item)->critical;
}

/* The item goes to a person. A NULL detail stands for "". */
void flag_item(struct deciding *d, enum flag flag, const char *detail);

/* Boxes of this state take part in the item's trouble: a person must look at them too. */
void flag_boxes(struct deciding *d, enum box_state state, enum flag flag);

/* ---- answer_boxes.c ----------------------------------------------------------------------- */

/* Settles what the item's boxes say of each other, counts them by what was decided, and reports the
 * doubtful ones. */
void count_boxes(struct deciding *d);

/* ---- answer_written.c --------------------------------------------------------------------- */

/* Whether something is written in the item's fields. */
bool has_written(const struct deciding *d);

/* Status and draft of what is written. No draft is accepted unseen: a person reads it. */
void settle_written(struct deciding *d);

#endif
