/* Fits the model of marks (record/mark_model.h) to a sample, and says how far a model is off on it. */
#ifndef PROOF_MARK_FIT_H
#define PROOF_MARK_FIT_H

#include "proof/mark_sample.h"

/* One box as a model sees it that was not fitted on it. */
struct mark_judged {
    const struct labelled_box *box;
    int best;
    double margin, error; /* error: how probable the model says that `best` is wrong */
    bool in_range, wrong;
    bool traceless; /* read as empty, and about as sure as a box without a trace of ink */
};

/* The new model: weights by maximum likelihood with a small L2 penalty (Newton's method; weights of
 * inked features kept >= 0 by an active set), its ranges by quantiles of the sample, its errors by
 * logistic calibration of the margins of boxes held out (Platt 1999, "Probabilistic outputs for
 * support vector machines"): the sample is cut by return into MARK_FOLDS parts, each judged by a model
 * fitted on the others. `judged` gets sample->count entries, of those held-out judgements. False: the
 * sample lacks one of the three states. Deterministic. */
bool mark_fit(struct mark_model *out, struct mark_judged *judged, const struct mark_sample *sample,
              const struct mark_calibration *marks, struct error *err);

/* The sample as this model judges it. */
void mark_judge(struct mark_judged *judged, const struct mark_sample *sample,
                const struct mark_model *model);

#endif
