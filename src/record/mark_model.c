/* Features, odds and their calibration. */
#include "record/mark_model.h"

#include <math.h>
#include <stdlib.h>

/* Shares are felt by their logarithms: 1 % against nothing is news, 41 % against 40 % is none. The
 * scale is about where a share stops being noise. */
static double grown(double share, double scale)
{
    return log1p(fmax(share, 0) / scale);
}

#define INK_SCALE 0.004
#define FAINT_SCALE 0.02
#define WHITE_SCALE 0.02
#define OF_USUAL 0.1    /* this part of the respondent's usual mark */
#define USUAL_INK 0.15  /* where nothing is known of the respondent: a ball point's cross */

void mark_inked_features(double out[INKED_FEATURES], const struct box_evidence *evidence,
                         const struct quiet *quiet, const struct pen *pen)
{
    double usual = pen->known && pen->ink > 0 ? pen->ink : USUAL_INK;
    out[0] = grown(evidence->ink_share - quiet->ink, INK_SCALE);
    out[1] = grown(evidence->faint_share - quiet->faint, FAINT_SCALE);
    out[2] = grown(evidence->core_share, INK_SCALE);
    /* a trace that is nothing of a felt tip may be all that a scanner left of a hard pencil */
    out[3] = grown(evidence->ink_share - quiet->ink, OF_USUAL * usual);
}

void mark_withdrawn_features(double out[WITHDRAWN_FEATURES], const struct box_evidence *evidence,
                             const struct pen *pen)
{
    double ink = fmin(fmax(evidence->ink_share, 0.01), 0.99);
    out[0] = log(ink / (1 - ink));
    out[1] = grown(evidence->largest_white_share, WHITE_SCALE);
    out[2] = fmin(evidence->runs, 5);
    out[3] = pen->known && pen->ink > 0 ? log(ink / pen->ink) : 0;
}

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

struct mark_odds mark_odds(const struct mark_model *model, const struct box_evidence *evidence,
                           const struct quiet *quiet, const struct pen *pen, bool answers_only)
{
    const struct mark_model *m = model;
    double a[INKED_FEATURES], b[WITHDRAWN_FEATURES];
    struct mark_odds odds;
    mark_inked_features(a, evidence, quiet, pen);
    mark_withdrawn_features(b, evidence, pen);
    odds.inked = m->inked_bias + m->inked_ink * a[0] + m->inked_faint * a[1] +
                 m->inked_core * a[2] + m->inked_over_pen * a[3];
    odds.withdrawn = m->withdrawn_bias + m->withdrawn_ink * b[0] + m->withdrawn_white * b[1] +
                     m->withdrawn_runs * b[2] + m->withdrawn_over_pen * b[3];
    if (answers_only)
        odds.withdrawn = -INFINITY;
    double inked = sigmoid(odds.inked), withdrawn = sigmoid(odds.withdrawn);
    odds.p[MARK_EMPTY] = sigmoid(-odds.inked);
    odds.p[MARK_MARKED] = inked * sigmoid(-odds.withdrawn);
    odds.p[MARK_WITHDRAWN] = inked * withdrawn;
    odds.best = MARK_EMPTY;
    for (int k = 1; k < MARK_STATES; k++)
        odds.best = odds.p[k] > odds.p[odds.best] ? k : odds.best;
    /* summed up, not 1 - p: tails survive */
    double others = 0;
    for (int k = 0; k < MARK_STATES; k++)
        others += k == odds.best ? 0 : odds.p[k];
    odds.margin = log(odds.p[odds.best] / fmax(others, 1e-300));
    return odds;
}

double mark_doubt(const struct mark_model *model, int state, double margin)
{
    const double lines[MARK_STATES][2] = {
        {model->empty_doubt_bias, model->empty_doubt_slope},
        {model->marked_doubt_bias, model->marked_doubt_slope},
        {model->withdrawn_doubt_bias, model->withdrawn_doubt_slope}};
    return sigmoid(-(lines[state][0] + lines[state][1] * margin));
}

int mark_decade(double doubt)
{
    return (int)fmin(fmax(floor(-log10(fmax(doubt, 1e-30))), 0), MARK_DECADES - 1);
}

double mark_error(const struct mark_model *model, int state, double doubt)
{
    const struct mark_model *m = model;
#define ROW(s) {m->s##_wrong_0, m->s##_wrong_1, m->s##_wrong_2, m->s##_wrong_3,                     \
                m->s##_wrong_4, m->s##_wrong_5, m->s##_wrong_6, m->s##_wrong_7}
    const double wrong[MARK_STATES][MARK_DECADES] = {ROW(empty), ROW(marked), ROW(withdrawn)};
#undef ROW
    return wrong[state][mark_decade(doubt)];
}

double mark_doubt_limit(const struct mark_model *model, int state, double target, bool critical)
{
    enum { TARGETS = 5 }; /* 1e-3, 1e-4, ... */
    const struct mark_model *m = model;
    const double limits[2][TARGETS] = {
        {m->limit_3, m->limit_4, m->limit_5, m->limit_6, m->limit_7},
        {m->critical_3, m->critical_4, m->critical_5, m->critical_6, m->critical_7}};
    const double least[MARK_STATES] = {m->empty_doubt_min, 0, 0}; /* what shows nothing nobody can flag */
    const double most[MARK_STATES] = {m->empty_doubt_max, 1, m->withdrawn_doubt_max};
    double at = fmin(fmax(-log10(target) - 3, 0), TARGETS - 1);
    int k = (int)fmin(floor(at), TARGETS - 2);
    double part = at - k;
    double limit = exp(log(limits[critical][k]) * (1 - part) + log(limits[critical][k + 1]) * part);
    return fmin(fmax(limit, least[state]), most[state]);
}

/* Whether the ink could be a mark's in all but how much there is of it. */
static bool marked_in_kind(const struct mark_model *m, const struct box_evidence *e)
{
    return e->ink_share <= m->marked_ink_max && e->largest_white_share >= m->marked_white_min &&
           e->runs <= m->marked_runs_max && e->faint_share - e->ink_share <= m->marked_haze_max;
}

bool mark_is_light(const struct mark_model *model, const struct box_evidence *evidence,
                   const struct quiet *quiet, const struct mark_odds *odds, double limit)
{
    return evidence->ink_share >= fmax(model->marked_ink_min, quiet->specks) &&
           marked_in_kind(model, evidence) &&
           mark_doubt(model, MARK_MARKED, -odds->withdrawn) <= limit;
}

bool mark_in_range(const struct mark_model *model, const struct box_evidence *evidence,
                   const struct quiet *quiet, int state, bool answers_only)
{
    const struct mark_model *m = model;
    const struct box_evidence *e = evidence;
    if (e->ink_share < quiet->specks)
        return false;
    switch (state) {
    case MARK_EMPTY:
        return e->core_share <= m->empty_core_max &&
               e->faint_core_share - quiet->faint_core <= m->empty_faint_core_max;
    case MARK_MARKED:
        if (e->core_share < m->marked_core_min || e->ink_share < m->marked_ink_min)
            return false;
        return answers_only || marked_in_kind(m, e);
    default:
        return e->ink_share >= m->withdrawn_ink_min && e->core_share >= m->withdrawn_core_min &&
               e->largest_white_share <= m->withdrawn_white_max;
    }
}

bool mark_may_be_streak(const struct box_evidence *evidence, const struct mark_calibration *marks)
{
    return (evidence->streak_share >= marks->streak_whole_min &&
            evidence->ink_share <= marks->streak_whole_ink_max) ||
           (evidence->streak_share >= marks->streak_share_min &&
            evidence->ink_share <= marks->streak_ink_max) ||
           (evidence->streak_share >= marks->streak_part_share_min &&
            evidence->ink_share <= marks->streak_part_ink_max &&
            evidence->runs <= marks->streak_part_runs_max) ||
           (evidence->streak_share >= marks->streak_line_share_min &&
            evidence->ink_share <= marks->streak_line_ink_max * evidence->streak_share);
}

bool pen_fills_boxes(const struct pen *pen, const struct mark_calibration *marks)
{
    return pen->unsure || (pen->known && pen->fill_habit > marks->fill_habit_doubt &&
                           (double)pen->filled >= marks->fill_count_doubt);
}

/* ---- what the page and the respondent are like ------------------------------------------------ */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The level that this share of the values keeps under; 0 of none. Sorts them. */
static double level_of(double *values, size_t count, double share)
{
    if (count == 0)
        return 0;
    qsort(values, count, sizeof *values, ascending);
    return values[(size_t)(share * (double)(count - 1))];
}

struct quiet quiet_estimate(const struct box_reading *boxes, size_t count,
                            const struct mark_calibration *marks)
{
    struct quiet quiet = {0};
    if (count == 0 || (double)count < marks->quiet_boxes_min)
        return quiet;
    enum { SHARES = 6 };
    double *values = malloc(SHARES * count * sizeof *values);
    if (values == NULL)
        error_die("out of memory: %zu boxes of a page", count);
    size_t kept = 0;
    bool all_inked = true;
    for (size_t i = 0; i < count; i++)
        all_inked &= (double)boxes[i].evidence.ink_share >= marks->noisy_ink_min;
    for (size_t i = 0; i < count; i++) {
        const struct box_evidence *e = &boxes[i].evidence;
        const float shares[SHARES] = {e->ink_share, e->faint_share, e->faint_core_share,
                                      e->pixels_mm2, e->light_row_mm2, e->shade_mm2};
        if ((double)e->ink_share >= marks->noisy_ink_min && !all_inked)
            continue; /* marked: says nothing of empty ones */
        for (size_t k = 0; k < SHARES; k++)
            values[k * count + kept] = isfinite(shares[k]) ? fmax((double)shares[k], 0) : 1;
        kept++;
    }
    /* most of the others are empty; light marks are among them */
    double share = marks->quiet_share, faint_max = marks->quiet_faint_max;
    quiet.ink = level_of(values, kept, share);
    quiet.specks = quiet.ink > marks->quiet_ink_max ? marks->noisy_ink_min : 0;
    quiet.ink = fmin(quiet.ink, marks->quiet_ink_max);
    quiet.faint = fmin(level_of(values + count, kept, share), faint_max);
    quiet.faint_core = fmin(level_of(values + 2 * count, kept, share), faint_max);
    quiet.shaded = level_of(values + 2 * count, kept, marks->unshaded_share);
    quiet.pixels_mm2 = level_of(values + 3 * count, kept, share);
    quiet.light_row_mm2 = level_of(values + 4 * count, kept, marks->unshaded_share);
    quiet.shade_mm2 = level_of(values + 5 * count, kept, share);
    free(values);
    return quiet;
}

static void estimate_fills(struct pen *pen, const struct box_evidence *const *fills, size_t count,
                           const struct mark_calibration *marks)
{
    double *values = malloc((count + 1) * sizeof *values);
    if (values == NULL)
        error_die("out of memory: the filled boxes of one return");
    for (size_t i = 0; i < count; i++)
        values[i] = fills[i]->darkness;
    pen->fill.darkness = level_of(values, count, 0.5);
    for (size_t i = 0; i < count; i++)
        values[i] = fills[i]->ink_share;
    pen->fill.ink = level_of(values, count, 0.5);
    for (size_t i = 0; i < count; i++)
        values[i] = fills[i]->outside_mm2;
    pen->fill.outside_mm2 = level_of(values, count, 0.5);
    pen->fill.outside_spread_mm2 = level_of(values, count, marks->fill_spread_share) - pen->fill.outside_mm2;
    free(values);
}

bool pen_answers_darkly(const struct pen *pen, const struct mark_calibration *marks)
{
    bool fills = pen->fill_habit >= marks->fill_habit_min && (double)pen->filled >= marks->fill_count_min;
    bool dark = pen->dark_habit >= marks->fill_habit_min && (double)pen->dark >= marks->fill_count_min;
    bool many = (double)pen->dark >= marks->fill_boxes_min * (double)pen->boxes;
    return pen_fills_boxes(pen, marks) && (fills || dark) && many;
}

bool pen_is_usual_fill(const struct pen *pen, const struct box_evidence *evidence,
                       const struct mark_calibration *marks)
{
    double white = fmax(1 - pen->fill.ink, marks->fill_white_min);
    double spread = fmax(pen->fill.outside_spread_mm2, marks->fill_spill_min_mm2);
    double fuller = (evidence->ink_share - pen->fill.ink) / white;
    double farther = (evidence->outside_mm2 - pen->fill.outside_mm2) / (marks->fill_spill_spreads * spread);
    double darker = (evidence->darkness - pen->fill.darkness) / marks->fill_darker_by;
    return fmax(fuller, 0) + fmax(farther, 0) + fmax(darker, 0) <= marks->fill_beyond_max;
}

/* Ink deep in the box where the page's empty boxes have none, and no streak's: what is left of a mark. */
static bool is_traced(const struct box_evidence *e, const struct quiet *quiet,
                      const struct mark_calibration *marks)
{
    return quiet->ink <= 0 && quiet->pixels_mm2 <= 0 &&
           (e->core_share > 0 || e->pixels_mm2 > 0 ||
            e->faint_core_share - quiet->faint_core > marks->faint_haze_max) &&
           e->ink_share <= marks->faint_ink_max && !mark_may_be_streak(e, marks);
}

struct pen pen_estimate(const struct box_reading *const *boxes, const struct quiet *const *quiets,
                        size_t count, const struct calibration *calibration)
{
    const struct mark_model *model = &calibration->mark_model;
    const struct mark_calibration *marks = &calibration->marks;
    struct pen pen = {.boxes = count};
    double *ink = malloc((count + 1) * sizeof *ink);
    double *outside = malloc((count + 1) * sizeof *outside);
    double *specks = malloc((count + 1) * sizeof *specks);
    const struct box_evidence **fills = malloc((count + 1) * sizeof *fills);
    if (ink == NULL || outside == NULL || specks == NULL || fills == NULL)
        error_die("out of memory: the marks of one return");
    size_t plain = 0, bitonal = 0, light = 0, fill_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct box_evidence *e = &boxes[i]->evidence;
        const struct pen nobody = {0};
        struct mark_odds odds = mark_odds(model, e, quiets[i], &nobody, false);
        /* ragged ones too, which the model leaves between */
        bool sure = odds.p[MARK_EMPTY] <= 1 - marks->pen_sure;
        if (sure && e->core_share >= marks->fill_core_min)
            fills[fill_count++] = e;
        else
            light += sure;
        /* what looks filled counts however it was done: pencils fill boxes greyly and raggedly */
        if (odds.best == MARK_WITHDRAWN && odds.p[MARK_EMPTY] <= 1 - marks->pen_sure)
            pen.filled++;
        else if (odds.best == MARK_MARKED && odds.p[MARK_MARKED] >= marks->pen_sure &&
                 mark_in_range(model, e, quiets[i], MARK_MARKED, false)) {
            outside[plain] = e->outside_mm2;
            ink[plain++] = e->ink_share;
            if (quiets[i]->bitonal)
                specks[bitonal++] = e->specks;
        }
        else {
            bool doubtful = odds.best != MARK_EMPTY || odds.p[MARK_EMPTY] < marks->pen_sure;
            bool traced = is_traced(e, quiets[i], marks);
            pen.doubtful += doubtful;
            pen.traced += traced;
            pen.hinted += doubtful || traced;
        }
    }
    pen.plain = plain + pen.filled;
    pen.lost = (double)pen.traced >= marks->lost_traced_min &&
               (double)pen.traced >= marks->lost_traced_share * (double)(pen.traced + pen.plain);
    pen.known = (double)(plain + pen.filled) >= marks->pen_marks_min;
    pen.ink = median_of(ink, plain);
    pen.outside_mm2 = median_of(outside, plain);
    if ((double)bitonal >= marks->lost_specks_marks_min)
        pen.specks = level_of(specks, bitonal, marks->lost_specks_most);
    pen.fill_habit =
        plain + pen.filled == 0 ? 0 : (double)pen.filled / (double)(plain + pen.filled);
    pen.dark = fill_count;
    pen.dark_habit = fill_count == 0 ? 0 : (double)fill_count / (double)(fill_count + light);
    pen.unsure = pen.doubtful > plain;
    size_t inked = plain + pen.filled + pen.doubtful;
    bool lost = pen.ink <= marks->faint_ink_max && pen.filled <= plain &&
                (double)pen.doubtful >= marks->faint_count_min &&
                (double)pen.doubtful >= marks->faint_doubt_min * (double)inked;
    /* or, of many boxes, hardly any is plainly marked, but something is there */
    pen.faint = lost || ((double)count >= marks->faint_boxes_min && !pen.known && pen.doubtful > 0);
    estimate_fills(&pen, fills, fill_count, marks);
    free(fills);
    free(specks);
    free(outside);
    free(ink);
    return pen;
}
