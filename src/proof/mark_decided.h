/* What a doubt means: how often boxes were wrong that were read as a state with it and that no rule
 * sent to a person. The model of marks looks at one box; what rules about traces, neighbours and
 * pens leave unflagged is wrong more rarely than it says where it doubts, and more often where it
 * is sure: a mark that was meant for the next box looks like any other. */
#ifndef PROOF_MARK_DECIDED_H
#define PROOF_MARK_DECIDED_H

#include "base/text.h"
#include "proof/mark_sample.h"

/* One box as it was decided when it was read. */
struct mark_decided {
    int state;     /* MARK_EMPTY, ... */
    double doubt;  /* by the model */
    double error;  /* how probable an error is said to be */
    bool accepted; /* nobody was asked to look. Else it is a mark that nothing but its doubt, as far
                      as the store tells, sent to a person: a study that accepts more takes it */
    bool by_rule;  /* accepted with more doubt than the default allows: a rule knew more */
    bool wrong;
    bool critical;
    unsigned fold;
};

struct mark_decisions {
    struct mark_decided *boxes;
    size_t count;
    size_t all[2]; /* ordinary and critical, with those that no limit of doubt would accept */
};

/* Their doubts by this model, and the errors that it says. */
void mark_decisions_make(struct mark_decisions *out, const struct mark_sample *sample,
                         const struct mark_model *model);
void mark_decisions_release(struct mark_decisions *decisions);

/* By state and decade of doubt. */
struct mark_cell {
    size_t boxes, wrong;
};

void mark_cells_count(struct mark_cell out[MARK_STATES][MARK_DECADES],
                      const struct mark_decisions *decisions);

/* Has the model say what was seen: in each cell the share of wrong boxes, pooled where less doubt
 * would come out more often wrong (isotonic regression; Ayer et al. 1955), half a box where none
 * was wrong; and proved_error. Each box then gets the error that the others' returns say, by folds.
 * Cells without a box keep what the doubtful side says. */
void mark_decisions_fit(struct mark_model *model, struct mark_decisions *decisions);

/* Tables: errors said and seen by state and decade of doubt, and what a study would get for what it
 * accepts. */
void mark_decisions_text(struct text *out, const char *name, const struct mark_model *model,
                         const struct mark_decisions *decisions);

/* The reliability diagram: errors said against errors seen, by decades, both logarithmic, with 95 %
 * intervals; an SVG file. */
void mark_decisions_svg(struct text *out, const struct mark_decisions *decisions);

#endif
