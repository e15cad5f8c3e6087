/* Evidence + calibration + the study's policy -> the state of each box. */
#ifndef RECORD_DECISION_H
#define RECORD_DECISION_H

#include "base/calibration.h"
#include "form/model.h"
#include "read/reading.h"
#include "record/mark_model.h"

enum box_state { BOX_EMPTY, BOX_MARKED, BOX_WITHDRAWN, BOX_UNCERTAIN };

const char *box_state_name(enum box_state state); /* "empty", "marked", "withdrawn", "uncertain" */

/* Too little ink to count: what the scanner left of a mark, perhaps. */
enum trace {
    TRACE_NONE,
    TRACE_HINT,   /* a bit of ink, or what may have hidden a mark: tells where an answer is due and none is seen */
    TRACE_BESIDE, /* at the box's edge, or paler than ink: tells where nothing of the question is marked */
    TRACE_ACROSS, /* a bit on both sides of the outline: tells where several answers may be given, too */
    TRACE_INSIDE, /* ink in a part of the box where the page's empty boxes have none */
    TRACE_SPECKS, /* several bits of it, in the middle, where dust mostly is one; or a shade where the page's
                     other boxes have none */
};

struct box_decision {
    enum box_state state;
    double confidence;  /* probability that the state is right, never more than the sample behind the
                           model can prove; of an uncertain box: of the best */
    enum flag flag;     /* FLAG_NONE, or why a person must look at this box */
    double doubt;       /* of the state, by the look of the box alone: puts boxes in order */
    double error;       /* probability that it is wrong; what the batch expects is the sum of it over
                           the boxes that nobody looks at */
    bool filled_answer; /* uncertain, but filled in by someone who fills boxes: an answer where it
                           stands alone in its question */
    bool filled_again;  /* such a box that does not look as this person fills them: no answer, but one that
                           was taken back, perhaps */
    enum box_state leaning; /* the likeliest state, accepted or not; UNCERTAIN: nothing was measured */
    enum trace trace;
    bool scribbled;      /* may be an answer that was taken back, where no box is withdrawn by filling it */
    bool among_specks;   /* uncertain only for specks between its strokes, which may be left of a filling: alone in
                            its question it is an answer */
    bool specked;        /* of a bitonal scan: its row holds specks, as a threshold leaves of a light line */
    bool lightly_marked; /* uncertain, and nothing but how little ink there is speaks against a mark */
};

/* Of a box where the form does not fit or what was measured makes no sense: nothing is decided. */
struct box_decision decide_misplaced(void);

struct box_decision decide_box(const struct box_evidence *evidence, const struct quiet *quiet,
                               const struct pen *pen, const struct policy *policy, bool critical,
                               const struct calibration *calibration);

#endif
