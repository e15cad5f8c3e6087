/* Boxes whose state is known, with what was measured in them: what the model of marks is fitted and
 * judged by. */
#ifndef PROOF_MARK_SAMPLE_H
#define PROOF_MARK_SAMPLE_H

#include "base/arena.h"
#include "base/error.h"
#include "record/mark_model.h"
#include "store/evidence.h"

#define LABEL_ASK MARK_STATES /* a careful person would ask: whoever accepts it is wrong */

struct labelled_box {
    const struct stored_box *box; /* what was measured, and what was decided */
    struct quiet quiet;           /* of its page */
    struct pen pen;               /* of its respondent, by the model in use */
    int label;                    /* MARK_EMPTY, ..., LABEL_ASK */
    bool filler;                  /* the respondent fills boxes: a filled one may be an answer */
    bool streak;                  /* it may be dust on the glass: teaches nothing, and a person looks */
    bool dark;                    /* filled in by someone who answers so */
    unsigned fold;                /* by its return: 0 to MARK_FOLDS - 1 */
};

#define MARK_FOLDS 5

struct mark_sample {
    struct arena *arena;
    struct labelled_box *boxes; /* whose look tells their label */
    size_t count, capacity;
    struct labelled_box *others; /* those that teach nothing, but that were read all the same */
    size_t other_count, other_capacity;
    size_t returns;
    size_t unmatched;            /* lines of verified.jsonl that name no box that was read; the first: */
    const char *first_unmatched; /* "FILE:LINE" */
};

void mark_sample_init(struct mark_sample *sample);
void mark_sample_release(struct mark_sample *sample);

/* Adds the labelled boxes of one folder: either of 'form proof' (truth.jsonl and
 * results/store.sqlite), or of 'read' (store.sqlite) with boxes that people verified in
 * verified.jsonl, one a line:
 *     {"source": "a.tif", "image": 1, "question": "Q1", "value": "2", "state": "marked"}
 * No box may be verified as two states.
 * Boxes where a careful person would ask ("uncertain"), withdrawals most of whose filling the scanner
 * lost, and boxes that lie elsewhere than the form says are the `others`. Boxes that were read as what the
 * scanner left of a mark, when that was under LOST_SHARE, are left out. */
bool mark_sample_add(struct mark_sample *sample, const char *folder,
                     const struct calibration *calibration, struct error *err);

#endif
