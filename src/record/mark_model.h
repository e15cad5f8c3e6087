/* The model of marks: how likely a box is empty, marked or withdrawn, given what was measured. Two
 * logistic regressions on named features, so that each number can be read and argued with:
 *
 *     inked      P(somebody wrote in the box); features that only grow with ink, with weights >= 0,
 *                so that more ink never makes a box emptier
 *     withdrawn  P(filled in or scribbled out, given that somebody wrote)
 *
 * P(empty) = 1 - inked, P(marked) = inked (1 - withdrawn), P(withdrawn) = inked withdrawn. Weights,
 * the range of the sample, and how often boxes so read and accepted were wrong:
 * calibration/mark_model.json, fitted by 'marksense calibrate marks' (proof/mark_fit.h). */
#ifndef RECORD_MARK_MODEL_H
#define RECORD_MARK_MODEL_H

#include "base/calibration.h"
#include "read/reading.h"

/* What empty boxes of the page look like, mostly the blur of their own outlines: nothing to be
 * counted as ink. Zero where the page has too few boxes to say. */
struct quiet {
    double ink, faint, faint_core; /* as in struct box_evidence */
    double shaded;     /* more than 0: a good part of the boxes are a little darker than paper in the middle */
    double light_row_mm2; /* more than 0: in a good part of their rows there are parts of light lines */
    double shade_mm2;  /* as in struct box_evidence: outlines that blur */
    double pixels_mm2; /* more than 0: most boxes have dark pixels in the middle, which tell nothing here */
    bool bitonal;      /* black and white: no shade or blur shows as ink beside a box */
    double specks; /* specks all over: on this page less ink than this tells nothing, and a box without
                      a mark is no longer like one; else 0 */
};

/* One respondent, one pen: estimated over all pages of a return. */
struct pen {
    bool known;        /* false: too few marks to say */
    double ink;        /* median ink share of the plain marks; 0: none */
    double outside_mm2; /* median of what of them lies beside their boxes */
    double specks;      /* most of them have no more, on black and white pages; 0: none, or too few marks to say */
    double fill_habit; /* share of marks that fill the box: near 1 for someone who fills boxes */
    size_t filled;     /* boxes filled in */
    double dark_habit; /* share of marks that are dark in the middle, however they were made */
    size_t dark;       /* so many */
    size_t boxes;      /* that the form has on the pages seen */
    bool unsure;       /* more marks are doubtful than plain: whether they are fills is not known */
    struct {           /* what those usually look like: medians */
        double darkness, ink, outside_mm2;
        double outside_spread_mm2; /* from there to the level that most keep under */
    } fill;
    bool faint;        /* the scans lose this person's marks: what is not seen may still be there */
    size_t plain;      /* boxes plainly marked or filled in */
    size_t doubtful;   /* boxes that are neither plainly inked nor plainly empty */
    size_t traced;     /* boxes with less ink than that, on pages whose empty boxes have none */
    size_t hinted;     /* boxes that are doubtful, traced or both */
    bool lost;         /* the scans lost most of them */
};

#define INKED_FEATURES 4
#define WITHDRAWN_FEATURES 4

/* In the order of inked_... and withdrawn_... in MARK_MODEL_NUMBERS, without the bias. */
void mark_inked_features(double out[INKED_FEATURES], const struct box_evidence *evidence,
                         const struct quiet *quiet, const struct pen *pen);
void mark_withdrawn_features(double out[WITHDRAWN_FEATURES], const struct box_evidence *evidence,
                             const struct pen *pen);

enum { MARK_EMPTY, MARK_MARKED, MARK_WITHDRAWN, MARK_STATES };

struct mark_odds {
    double inked, withdrawn; /* log odds */
    double p[MARK_STATES];
    int best;                /* the likeliest state */
    double margin;           /* log odds of the best state: what the doubt is taken from */
};

/* `answers_only`: nothing is withdrawn on this form, whatever is inked is an answer. */
struct mark_odds mark_odds(const struct mark_model *model, const struct box_evidence *evidence,
                           const struct quiet *quiet, const struct pen *pen, bool answers_only);

/* Doubt: how probable it is by the look of the box alone that this state is wrong with this margin. It
 * puts boxes in order, the surest first; how often such boxes are wrong says mark_error. */
double mark_doubt(const struct mark_model *model, int state, double margin);

#define MARK_DECADES 8 /* of doubt: above 0.1, above 0.01, ...; the last: all below 1e-7 */

int mark_decade(double doubt);

/* How many of the boxes that were read as this state with such a doubt, and that no rule sent to a person,
 * turned out to be wrong: of a sample, never more for less doubt. What the look of a box cannot tell (a
 * mark that was meant for the next box) is in it. */
double mark_error(const struct mark_model *model, int state, double doubt);

/* The greatest doubt with which a box is accepted in this state where a study accepts `target` errors a
 * box; never greater for a smaller target (between the targets in the file by their logarithms). */
double mark_doubt_limit(const struct mark_model *model, int state, double target, bool critical);

/* Whether the sample held boxes in this state that looked like this one: outside its range nothing
 * is known of how well the model does. */
bool mark_in_range(const struct mark_model *model, const struct box_evidence *evidence,
                   const struct quiet *quiet, int state, bool answers_only);

/* Whether the ink is in all but its amount what a mark's is, and no withdrawal by more than `limit`: what
 * a light or small mark shows, and a scratch or specks of dirt may show too. Its shape may tell
 * (record/light_marks.h). */
bool mark_is_light(const struct mark_model *model, const struct box_evidence *evidence,
                   const struct quiet *quiet, const struct mark_odds *odds, double limit);

/* An upright line through the box and its surroundings: dust on the scanner's glass looks so. No model
 * tells it from a mark. */
bool mark_may_be_streak(const struct box_evidence *evidence, const struct mark_calibration *marks);

/* Whether the respondent fills so many boxes, or so many that may be filled, that a filled one may be an
 * answer. */
bool pen_fills_boxes(const struct pen *pen, const struct mark_calibration *marks);

/* Whether nearly all of the respondent's marks are filled boxes, or boxes that were made dark in some way
 * the model leaves between a fill and a mark: a grey, ragged or speckled fill. Those are their answers, if they are
 * as many as answers are: else they may be what was withdrawn, and the scans lost the answers. */
bool pen_answers_darkly(const struct pen *pen, const struct mark_calibration *marks);

/* Whether a filled box looks as this respondent fills them. If it is darker, leaves less white and spills farther
 * beyond the outline, taken together, it was filled a second time, which is how those withdraw who answer by
 * filling. */
bool pen_is_usual_fill(const struct pen *pen, const struct box_evidence *evidence,
                       const struct mark_calibration *marks);

struct quiet quiet_estimate(const struct box_reading *boxes, size_t count,
                            const struct mark_calibration *marks);

/* Owns nothing; quiets[i] is that of the page of boxes[i]. */
struct pen pen_estimate(const struct box_reading *const *boxes, const struct quiet *const *quiets,
                        size_t count, const struct calibration *calibration);

#endif
