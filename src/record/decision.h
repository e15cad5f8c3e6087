/* Evidence + calibration + the study's policy -> the state of each box. */
#ifndef RECORD_DECISION_H
#define RECORD_DECISION_H

#include "base/calibration.h"
#include "form/model.h"
#include "read/reading.h"

enum box_state { BOX_EMPTY, BOX_MARKED, BOX_WITHDRAWN, BOX_UNCERTAIN };

const char *box_state_name(enum box_state state); /* "empty", "marked", "withdrawn", "uncertain" */

struct box_decision {
    enum box_state state;
    double confidence;  /* probability that the state is right; of an uncertain box: of the best */
    enum flag flag;     /* FLAG_NONE, or why a person must look at this box */
};

/* One respondent, one pen: estimated over all pages of a return before its boxes are decided. */
struct pen {
    bool known;          /* false: too few marks to say */
    double darkness;     /* median darkness of the plain marks */
    double stroke_mm;    /* median stroke width of the plain marks */
    double fill_habit;   /* share of marks that fill the box: near 1 for someone who fills boxes */
};

struct pen pen_estimate(const struct box_reading *const *boxes, size_t count,
                        const struct mark_calibration *calibration);

struct box_decision decide_box(const struct box_evidence *evidence, const struct pen *pen,
                               const struct policy *policy, bool critical,
                               const struct mark_calibration *calibration);

#endif
