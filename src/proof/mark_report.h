/* What a fit of the model of marks has to say: to people, as a picture, and as the new file. */
#ifndef PROOF_MARK_REPORT_H
#define PROOF_MARK_REPORT_H

#include "base/text.h"
#include "proof/mark_decided.h"
#include "proof/mark_fit.h"

/* How far off the model is: what it accepts wrongly and sends to a person at the default limits, and
 * how often boxes were wrong against how often it said so. `name` heads the table. */
void mark_report_text(struct text *out, const char *name, const struct mark_model *model,
                      const struct mark_judged *judged, size_t count);

/* Where a new model comes from. */
struct mark_story {
    const struct mark_sample *sample;
    const struct mark_decisions *decisions;
    const char *date, *command;
    const char *previous; /* the text of the file in use, which is kept in the new one */
    size_t previous_length;
    bool weights_kept;    /* only what doubts mean is new */
};

/* The new calibration/mark_model.json. */
bool mark_report_model(struct text *out, const struct mark_model *model, const struct mark_story *story,
                       struct error *err);

/* Crops of the boxes, two blocks a state, the least sure first: those that nobody was asked to look at, as they were
 * decided, and the others, as what the model takes them for (at most `most` a block), into a PNG file. Images that
 * cannot be opened are left white; *out_unopened is the number of such crops. */
bool mark_report_crops(size_t *out_unopened, const char *path, const struct mark_judged *judged,
                       size_t count, size_t most, struct error *err);

#endif
