/* First, plain version of the decision: fixed thresholds, no model. What lies between two
 * thresholds is uncertain and goes to a person. */
#include "record/decision.h"

#include <math.h>
#include <stdlib.h>

/* Fewer marks than this say nothing about a respondent: of three, one odd mark is outvoted. */
#define PEN_MARKS_MIN 3

const char *box_state_name(enum box_state state)
{
    static const char *const names[] = {"empty", "marked", "withdrawn", "uncertain"};
    return names[state];
}

/* The form does not fit here, or what was measured makes no sense: nothing may be decided. */
static bool is_misplaced(const struct box_evidence *e, const struct mark_calibration *c)
{
#define X(name, meaning)                                                                           \
    if (!isfinite(e->name))                                                                        \
        return true;
    BOX_EVIDENCE_TABLE(X)
#undef X
    return e->print_found < c->print_found_min || fabs((double)e->offset_mm) > c->offset_max_mm;
}

/* What the ink inside a box looks like, whoever made it. */
enum look {
    LOOK_NOTHING,
    LOOK_MARK,   /* cross, tick, dash: strokes that leave white */
    LOOK_FILLED, /* no white left */
    LOOK_UNSURE, /* between two of these, a scribble, or dust */
};

static enum look look_at(const struct box_evidence *e, const struct mark_calibration *c,
                         double margin)
{
    double ink = e->ink_share, faint = e->faint_share, white = e->largest_white_share;
    if (ink <= c->empty_share_max / margin && faint <= c->empty_faint_max / margin)
        return LOOK_NOTHING;
    if (ink < c->marked_share_min * margin)
        return LOOK_UNSURE;
    if (e->streak_share >= c->streak_share_min && ink <= c->streak_ink_max)
        return LOOK_UNSURE;
    if (ink >= c->filled_share_min && white <= c->filled_white_max)
        return LOOK_FILLED;
    /* blur of the outline lies along it; what people write crosses the middle */
    if (e->core_share < c->mark_core_min)
        return LOOK_UNSURE;
    if (ink <= c->cross_share_max && white >= c->cross_white_min &&
        e->runs <= c->cross_runs_max && faint - ink <= c->haze_max)
        return LOOK_MARK;
    return LOOK_UNSURE;
}

struct pen pen_estimate(const struct box_reading *const *boxes, size_t count,
                        const struct mark_calibration *calibration)
{
    struct pen pen = {0};
    double *values = malloc((count + 1) * 2 * sizeof *values);
    if (values == NULL)
        error_die("out of memory: the marks of one return");
    double *darkness = values, *stroke = values + count;
    size_t plain = 0, filled = 0;
    for (size_t i = 0; i < count; i++) {
        const struct box_evidence *e = &boxes[i]->evidence;
        enum look look = is_misplaced(e, calibration) ? LOOK_NOTHING : look_at(e, calibration, 1);
        if (look == LOOK_FILLED) {
            filled++;
        } else if (look == LOOK_MARK) {
            darkness[plain] = e->darkness;
            stroke[plain] = e->stroke_mm;
            plain++;
        }
    }
    pen.known = plain + filled >= PEN_MARKS_MIN;
    pen.darkness = median_of(darkness, plain);
    pen.stroke_mm = median_of(stroke, plain);
    pen.fill_habit = plain + filled == 0 ? 0 : (double)filled / (double)(plain + filled);
    free(values);
    return pen;
}

/* From 0.5 at a threshold to 0.999 as far from it as the threshold from nothing. Not a calibrated
 * probability: it only orders boxes by how near they lie to another decision. */
static double sureness(double value, double threshold)
{
    double distance = fabs(value - threshold) / (threshold > 0 ? threshold : 1);
    return 0.5 + 0.499 * fmin(1, distance);
}

static struct box_decision uncertain(enum flag flag, double confidence)
{
    return (struct box_decision){BOX_UNCERTAIN, confidence, flag};
}

struct box_decision decide_box(const struct box_evidence *evidence, const struct pen *pen,
                               const struct policy *policy, bool critical,
                               const struct mark_calibration *calibration)
{
    const struct box_evidence *e = evidence;
    const struct mark_calibration *c = calibration;
    if (is_misplaced(e, c))
        return uncertain(FLAG_FIELD_MISPLACED, 0);
    double margin = critical ? c->critical_margin : 1;
    enum look look = look_at(e, c, margin);
    if (look == LOOK_NOTHING) {
        enum flag flag = e->outside_mm2 > c->near_ink_mm2 ? FLAG_MARK_NEAR_BOX : FLAG_NONE;
        return (struct box_decision){BOX_EMPTY, sureness(e->ink_share, c->marked_share_min), flag};
    }
    double marked = sureness(e->ink_share, c->empty_share_max);
    if (policy->correction == CORRECTION_NONE) {
        /* any deliberate mark is an answer; only dust and specks are doubtful */
        bool dust = e->streak_share >= c->streak_share_min && e->ink_share <= c->streak_ink_max;
        if (e->ink_share < c->marked_share_min * margin || dust)
            return uncertain(FLAG_MARK_UNCERTAIN, 0.5);
        return (struct box_decision){BOX_MARKED, marked, FLAG_NONE};
    }
    if (look == LOOK_MARK)
        return (struct box_decision){BOX_MARKED, marked, FLAG_NONE};
    /* Filled in. Someone who fills most boxes may have meant an answer: both readings stand. */
    if (look == LOOK_FILLED && !(pen->known && pen->fill_habit > 0.5))
        return (struct box_decision){BOX_WITHDRAWN, sureness(e->ink_share, c->filled_share_min),
                                     FLAG_NONE};
    return uncertain(FLAG_MARK_UNCERTAIN, 0.5);
}
