/* Rails and the model of marks: a box is accepted where the study's limit of errors allows it, where
 * the sample behind the model held boxes like it, and where nothing says that what is seen is no
 * mark. Everything else goes to a person. */
#include "record/decision.h"

#include <math.h>

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
    return fmax(e->print_found, e->specks_found) < c->print_found_min ||
           fabs((double)e->offset_mm) > c->offset_max_mm;
}

/* Of a pen that the scans lose: whether this may be what is left of a mark. */
static bool may_be_faint(const struct box_evidence *e, const struct quiet *quiet,
                         const struct mark_calibration *c)
{
    return e->ink_share > c->faint_empty_max || e->faint_share - quiet->faint > c->faint_haze_max;
}

/* A threshold may take a filling for paper and leave the cross below it; of the filling specks are left
 * between the strokes. */
static bool may_be_specks_of_fill(const struct box_evidence *e, const struct mark_calibration *c)
{
    return (e->specks >= c->lost_specks_min && e->runs > c->lost_runs_min) ||
           (e->specks >= c->lost_specks_many && e->runs > c->lost_runs_many);
}

/* Or it thickens the strokes: then specks tell, too, or how they cross blurs and the filling shows where it spilled over
 * the outline; or so much of it is left that nothing else of this person's has as much. */
static bool may_be_thin_fill(const struct box_evidence *e, const struct quiet *quiet, const struct pen *pen,
                             const struct mark_calibration *c)
{
    bool spilled = e->runs > c->lost_spilled_runs_min && e->outside_mm2 > c->lost_spill_min_mm2;
    double of_usual = pen->known && pen->ink > 0 ? (double)e->ink_share / pen->ink : 0;
    return ((spilled || may_be_specks_of_fill(e, c)) && of_usual >= c->lost_ink_of_usual) ||
           (quiet->bitonal && of_usual >= c->lost_ink_alone);
}

/* A level line through the box and out of it on both sides takes back the mark that it crosses; a filling may be wide
 * enough to look like one. */
static bool may_be_struck_through(const struct box_evidence *e, const struct mark_calibration *c)
{
    return e->through_mm >= c->through_min_mm && e->core_share < c->fill_core_min;
}

/* Grain of a tint or of what shines through: little ink, and specks all over the box; or what is left of it where
 * it was taken off. */
static bool may_be_grain(const struct box_evidence *e, const struct mark_calibration *c)
{
    return (e->specks + e->grain >= c->grain_specks_min || e->grain >= c->grain_left_min) &&
           e->ink_share <= c->grain_ink_max;
}

/* Out of a box that was marked and then filled the ends of the mark stand, if this person's marks stand out
 * of their boxes, and of the fill some. With less there may have been no mark to withdraw: it is filled as an
 * answer, perhaps. */
static bool may_be_only_filled(const struct box_evidence *e, const struct pen *pen,
                               const struct mark_calibration *c)
{
    return pen->known && pen->outside_mm2 >= c->bare_fill_marks_min_mm2 &&
           e->outside_mm2 < c->bare_fill_of_usual * pen->outside_mm2;
}

/* Where nothing is withdrawn by filling people scribble an answer out, farther over its outline than anyone
 * fills a box; of someone whose fills all spill it tells nothing. */
static bool may_be_scribbled_out(const struct box_evidence *e, const struct pen *pen,
                                 const struct mark_calibration *c)
{
    return e->core_share >= c->fill_core_min && e->outside_mm2 > c->scribble_spill_mm2 &&
           !(pen->known && pen_is_usual_fill(pen, e, c));
}

/* What may be left of a mark. Dark pixels in the middle of an empty box, or a shade across it that is lighter
 * than ink, are rare enough on any page that is not full of them, whoever filled it in; a line of dust has
 * them too. */
static enum trace find_trace(const struct box_evidence *e, const struct quiet *quiet,
                             const struct pen *pen, const struct mark_calibration *c)
{
    bool dotted = quiet->pixels_mm2 <= 0 && e->pixels_mm2 > 0;
    bool shaded = quiet->faint_core <= 0 && e->faint_core_share > c->trace_shade_min;
    /* on a page of which hardly any box has that a shade is no dirt */
    bool alone = quiet->shaded <= 0 && e->faint_core_share >= c->trace_shade_alone_min;
    /* a line too pale to be ink that bends or slants: a light tick, plain to see on grey */
    bool lit = !quiet->bitonal && e->light_mm2 >= c->trace_light_min_mm2;
    bool plainly_lit = lit && e->light_mm2 >= c->trace_light_beside_mm2;
    bool dot = dotted && e->pixels_mm2 >= c->trace_dot_min_mm2; /* where a stroke was darkest */
    /* or a dot on the outline, which is thicker there; where the ends of a cross lie a little of its middle is left */
    bool bulge = e->bulge_mm2 >= (e->core_share > 0 ? c->trace_bulge_core_mm2 : c->trace_bulge_min_mm2);
    bool bulge_outside = bulge && e->ink_share <= 0;
    bulge &= !bulge_outside;
    bool plain_bulge = bulge && e->core_share > 0;
    bool drawn = e->light_mm2 > 0; /* a blot has no lines in it */
    /* of a pen that the scans lose hardly more is left */
    bool specks = e->specks >= c->trace_specks_min || (dotted && pen->faint);
    if ((dotted || shaded || alone || lit || bulge) && e->streak_share < c->streak_share_min)
        return (alone && drawn) || plainly_lit || plain_bulge || dot || specks ? TRACE_SPECKS : TRACE_INSIDE;
    /* parts of such lines beside it, on a page that has few: a ring close round the box, a tick on its label */
    bool pale = !quiet->bitonal && quiet->light_row_mm2 <= 0;
    if (pale && e->light_row_mm2 >= c->trace_light_row_mm2)
        return TRACE_INSIDE;
    /* a dash along the outline shows inside its rim and beyond its end, or outside alone; a pale one in what is dark of
     * it, and a line */
    bool across = e->ink_share > c->faint_empty_max && e->outside_mm2 > c->trace_faint_mm2;
    bool along = pale && e->light_row_mm2 >= c->trace_along_row_mm2 && e->outside_mm2 > c->trace_bit_mm2;
    /* a light ring so close round the box that none of its lines is seen by itself darkens what is around it */
    bool around = !quiet->bitonal && e->shade_mm2 - quiet->shade_mm2 >= c->trace_shade_around_mm2;
    if (across || along || bulge_outside || around)
        return TRACE_ACROSS;
    bool tinged = quiet->shaded <= 0 && e->faint_core_share >= c->trace_shade_blank_min;
    /* a pen that the scans lose leaves a cell or two */
    bool any = e->ink_share > quiet->ink || e->outside_mm2 > 0;
    bool faint = pen->faint && (any || may_be_faint(e, quiet, c));
    /* a light dash along the outline makes that thicker, and shows beside it; what lies within it blurs */
    double haze = e->faint_share - quiet->faint;
    bool hazy = haze > c->faint_haze_max;
    bool thick = e->bulge_mm2 >= c->trace_thick_mm2 && (hazy || e->outside_mm2 > c->trace_thick_outside_mm2);
    /* any pen leaves a bit in black and white, and tells more where half of the print is lost, too */
    bool left = quiet->bitonal && (e->ink_share > quiet->ink || e->outside_mm2 > c->trace_bit_mm2);
    bool worn = left && e->print_found >= 0 && e->print_found < c->trace_worn_print_found;
    if (dotted || tinged || faint || thick || worn || haze > c->trace_haze_min || e->outside_mm2 > c->trace_outside_mm2)
        return TRACE_BESIDE;
    /* a pale mark on the outline shows on both sides of it */
    bool astride = pale && e->light_row_mm2 >= c->trace_bit_row_mm2 && e->faint_share >= c->trace_bit_faint;
    /* a scan that lost all but specks of the print may have lost a light mark */
    bool faded = e->print_found >= 0 && e->print_found < c->print_found_min;
    bool ringed = pale && e->light_row_mm2 >= c->trace_light_blank_mm2;
    return left || astride || hazy || faded || ringed ? TRACE_HINT : TRACE_NONE;
}

struct box_decision decide_misplaced(void)
{
    return (struct box_decision){.state = BOX_UNCERTAIN,
                                 .flag = FLAG_FIELD_MISPLACED,
                                 .doubt = 1,
                                 .error = 1,
                                 .leaning = BOX_UNCERTAIN};
}

struct box_decision decide_box(const struct box_evidence *evidence, const struct quiet *quiet,
                               const struct pen *pen, const struct policy *policy, bool critical,
                               const struct calibration *calibration)
{
    static const enum box_state states[MARK_STATES] = {BOX_EMPTY, BOX_MARKED, BOX_WITHDRAWN};
    const struct mark_calibration *c = &calibration->marks;
    const struct mark_model *model = &calibration->mark_model;
    if (is_misplaced(evidence, c))
        return decide_misplaced();
    bool answers_only = policy->correction == CORRECTION_NONE;
    struct mark_odds odds = mark_odds(model, evidence, quiet, pen, answers_only);
    double target = critical ? policy->critical_error : policy->box_error;
    double limit = mark_doubt_limit(model, MARK_MARKED, target, critical);
    double doubt = mark_doubt(model, odds.best, odds.margin);
    double filled_doubt = mark_doubt(model, MARK_MARKED, odds.inked);
    double error = mark_error(model, odds.best, doubt);
    struct box_decision d = {.state = states[odds.best],
                             .confidence = 1 - fmax(error, model->proved_error),
                             .doubt = doubt,
                             .error = error,
                             .leaning = states[odds.best],
                             .trace = find_trace(evidence, quiet, pen, c),
                             .specked = quiet->bitonal &&
                                        !(evidence->light_row_mm2 < calibration->outside.stray_specks_mm2)};
    /* ink around the box of which none lies in its own row is its neighbour's: a ring round that one */
    if (odds.best == MARK_EMPTY && evidence->outside_mm2 > c->near_ink_mm2 &&
        evidence->row_mm2 >= c->near_row_mm2)
        d.flag = FLAG_MARK_NEAR_BOX;
    /* known by how they fill boxes, or else by the other answers (answer_boxes.c) */
    d.scribbled = answers_only && odds.best == MARK_MARKED && may_be_scribbled_out(evidence, pen, c);
    bool plain = doubt <= mark_doubt_limit(model, odds.best, target, critical) &&
                 mark_in_range(model, evidence, quiet, odds.best, answers_only) &&
                 !(odds.best != MARK_EMPTY && mark_may_be_streak(evidence, c)) &&
                 !(odds.best == MARK_EMPTY && pen->faint && may_be_faint(evidence, quiet, c)) &&
                 !(d.scribbled && pen->known) &&
                 !(odds.best != MARK_EMPTY && may_be_grain(evidence, c)) &&
                 !(odds.best == MARK_MARKED && may_be_struck_through(evidence, c)) &&
                 !(odds.best == MARK_MARKED && !answers_only && may_be_thin_fill(evidence, quiet, pen, c));
    bool usual_specks = evidence->specks <= pen->specks && !critical; /* the marks of some break up so */
    bool specks_of_fill = odds.best == MARK_MARKED && !answers_only && !usual_specks &&
                          may_be_specks_of_fill(evidence, c);
    if (plain && !specks_of_fill && !(odds.best == MARK_WITHDRAWN && pen_fills_boxes(pen, c))) {
        if (odds.best == MARK_WITHDRAWN && may_be_only_filled(evidence, pen, c))
            d.flag = FLAG_MARK_UNCERTAIN;
        return d;
    }
    d.filled_answer = pen_answers_darkly(pen, c) && !critical && filled_doubt <= limit &&
                      evidence->core_share >= c->fill_core_min;
    d.filled_again = d.filled_answer && !pen_is_usual_fill(pen, evidence, c);
    if (d.filled_answer && !d.filled_again) {
        d.doubt = filled_doubt;
        d.error = mark_error(model, MARK_MARKED, filled_doubt);
    }
    /* a study that accepts less than the default wants the amount of ink to tell, too */
    d.lightly_marked = !critical && limit >= model->limit_5 * (1 - 1e-9) &&
                       mark_is_light(model, evidence, quiet, &odds, limit) &&
                       !mark_may_be_streak(evidence, c) && !may_be_grain(evidence, c) &&
                       !may_be_struck_through(evidence, c) && !may_be_specks_of_fill(evidence, c) &&
                       !may_be_thin_fill(evidence, quiet, pen, c);
    /* of somebody whose marks the scans lose more often than not the answer may be one of those */
    d.among_specks = plain && specks_of_fill && pen->hinted <= pen->plain;
    /* how often boxes are wrong is known of accepted ones: of this one, how it looks */
    d.confidence = fmin(d.confidence, 1 - doubt);
    d.state = BOX_UNCERTAIN;
    d.flag = FLAG_MARK_UNCERTAIN;
    return d;
}
