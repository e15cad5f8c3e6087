/* Newton's method for the two regressions and for the calibration of their margins. */
#include "proof/mark_fit.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proof/mark_decided.h"

#define FEATURES_MAX 4
#define WEIGHTS_MAX (FEATURES_MAX + 1)
#define PENALTY 1e-6 /* a box, on features scaled to unit spread: keeps separable samples finite */
#define ROUNDS 100
/* Of the calibration: neither blind to the margin nor much surer than the regressions themselves. */
#define SLOPE_MIN 0.1
#define SLOPE_MAX 1.5
#define WRONG_MIN 5
/* No box is accepted by default that is less sure than this, however few of its like there are. */
#define LIMIT_MAX 1e-3
#define LIMIT_LAX 0.1

/* ---- logistic regression ------------------------------------------------------------------ */

struct problem {
    double *x;      /* count rows of `features` numbers */
    unsigned char *y;
    size_t count;
    int features;
    bool positive;  /* weights must not be negative */
};

/* Solves a x = b for a symmetric positive matrix, in place, by Gaussian elimination. */
static void solve(double a[WEIGHTS_MAX][WEIGHTS_MAX], double b[WEIGHTS_MAX], int n)
{
    for (int k = 0; k < n; k++)
        for (int i = k + 1; i < n; i++) {
            double f = a[i][k] / a[k][k];
            for (int j = k; j < n; j++)
                a[i][j] -= f * a[k][j];
            b[i] -= f * b[k];
        }
    for (int k = n - 1; k >= 0; k--) {
        for (int j = k + 1; j < n; j++)
            b[k] -= a[k][j] * b[j];
        b[k] /= a[k][k];
    }
}

/* One Newton step on the standardised features that are `active`; gives the largest change. */
static double newton_step(double w[WEIGHTS_MAX], const struct problem *p, const double *z,
                          const bool active[WEIGHTS_MAX])
{
    int n = p->features + 1;
    double hessian[WEIGHTS_MAX][WEIGHTS_MAX] = {{0}}, gradient[WEIGHTS_MAX] = {0};
    for (size_t i = 0; i < p->count; i++) {
        double row[WEIGHTS_MAX] = {1}, sum = w[0];
        for (int k = 1; k < n; k++) {
            row[k] = active[k] ? z[i * (size_t)p->features + (size_t)k - 1] : 0;
            sum += w[k] * row[k];
        }
        double probability = 1 / (1 + exp(-sum)), weight = probability * (1 - probability);
        for (int k = 0; k < n; k++) {
            gradient[k] += (probability - p->y[i]) * row[k];
            for (int j = 0; j <= k; j++)
                hessian[k][j] += weight * row[k] * row[j];
        }
    }
    for (int k = 0; k < n; k++) {
        double penalty = PENALTY * (double)p->count;
        gradient[k] += k > 0 ? penalty * w[k] : 0;
        hessian[k][k] += active[k] ? penalty : 1;
        for (int j = 0; j < k; j++)
            hessian[j][k] = hessian[k][j];
    }
    solve(hessian, gradient, n);
    double change = 0;
    for (int k = 0; k < n; k++)
        change = fmax(change, fabs(gradient[k]));
    double part = change > 4 ? 4 / change : 1; /* no leaps on nearly separable samples */
    for (int k = 0; k < n; k++)
        w[k] -= part * gradient[k];
    return change;
}

/* out[0]: bias; out[1 + k]: weight of feature k, in the features' own units. */
static void fit_logistic(double out[WEIGHTS_MAX], const struct problem *p)
{
    double mean[FEATURES_MAX] = {0}, spread[FEATURES_MAX] = {0};
    size_t f = (size_t)p->features;
    double *z = g_new(double, p->count * f);
    for (size_t i = 0; i < p->count * f; i++)
        mean[i % f] += p->x[i] / (double)p->count;
    for (size_t i = 0; i < p->count * f; i++)
        spread[i % f] += pow(p->x[i] - mean[i % f], 2) / (double)p->count;
    for (size_t i = 0; i < p->count * f; i++)
        z[i] = (p->x[i] - mean[i % f]) / (sqrt(spread[i % f]) + 1e-9);
    bool active[WEIGHTS_MAX] = {true, true, true, true, true};
    for (bool again = true; again;) {
        memset(out, 0, WEIGHTS_MAX * sizeof *out);
        for (int round = 0; round < ROUNDS && newton_step(out, p, z, active) > 1e-9; round++)
            ;
        again = false;
        for (int k = 1; k <= p->features; k++)
            if (p->positive && active[k] && out[k] < 0) {
                active[k] = false;
                again = true;
            }
    }
    for (int k = 1; k <= p->features; k++) {
        out[k] = active[k] ? out[k] / (sqrt(spread[k - 1]) + 1e-9) : 0;
        out[0] -= out[k] * mean[k - 1];
    }
    g_free(z);
}

/* ---- the model ------------------------------------------------------------------------------ */

#define ALL MARK_FOLDS /* hold no part of the sample out */

/* Whether the box shows what its label looks like: a filled one does only of people who are known to
 * make other marks. */
static bool teaches(const struct labelled_box *b)
{
    return !b->streak &&
           (b->label == MARK_EMPTY || (b->pen.known && !b->filler));
}

/* Marked against withdrawn is only asked within the ranges of the two; what lies elsewhere (a pencil's
 * filling of which the scanner left specks) goes to a person and would bend the weights. */
static bool teaches_withdrawn(const struct mark_model *m, const struct labelled_box *b)
{
    return b->label != MARK_EMPTY && teaches(b) &&
           (mark_in_range(m, &b->box->evidence, &b->quiet, MARK_MARKED, false) ||
            mark_in_range(m, &b->box->evidence, &b->quiet, MARK_WITHDRAWN, false));
}

static void fit_weights(struct mark_model *out, const struct mark_sample *sample, unsigned held_out)
{
    struct problem inked = {.features = INKED_FEATURES, .positive = true};
    struct problem withdrawn = {.features = WITHDRAWN_FEATURES};
    inked.x = g_new(double, sample->count * INKED_FEATURES);
    withdrawn.x = g_new(double, sample->count * WITHDRAWN_FEATURES);
    inked.y = g_new(unsigned char, sample->count);
    withdrawn.y = g_new(unsigned char, sample->count);
    for (size_t i = 0; i < sample->count; i++) {
        const struct labelled_box *b = &sample->boxes[i];
        if (b->fold == held_out || b->streak)
            continue;
        mark_inked_features(&inked.x[inked.count * INKED_FEATURES], &b->box->evidence, &b->quiet,
                            &b->pen);
        inked.y[inked.count++] = b->label != MARK_EMPTY;
        if (!teaches_withdrawn(out, b))
            continue;
        mark_withdrawn_features(&withdrawn.x[withdrawn.count * WITHDRAWN_FEATURES],
                                &b->box->evidence, &b->pen);
        withdrawn.y[withdrawn.count++] = b->label == MARK_WITHDRAWN;
    }
    double w[WEIGHTS_MAX];
    fit_logistic(w, &inked);
    out->inked_bias = w[0];
    out->inked_ink = w[1];
    out->inked_faint = w[2];
    out->inked_core = w[3];
    out->inked_over_pen = w[4];
    fit_logistic(w, &withdrawn);
    out->withdrawn_bias = w[0];
    out->withdrawn_ink = w[1];
    out->withdrawn_white = w[2];
    out->withdrawn_runs = w[3];
    out->withdrawn_over_pen = w[4];
    g_free(inked.x);
    g_free(inked.y);
    g_free(withdrawn.x);
    g_free(withdrawn.y);
}

/* ---- ranges --------------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* What is measured in a range, of the boxes with this label that may teach it. */
enum ranged { RANGED_INK, RANGED_CORE, RANGED_FAINT_CORE, RANGED_WHITE, RANGED_RUNS, RANGED_HAZE };

static double ranged_value(const struct labelled_box *b, enum ranged what)
{
    const struct box_evidence *e = &b->box->evidence;
    switch (what) {
    case RANGED_INK:
        return e->ink_share;
    case RANGED_CORE:
        return e->core_share;
    case RANGED_FAINT_CORE:
        return e->faint_core_share - b->quiet.faint_core;
    case RANGED_WHITE:
        return e->largest_white_share;
    case RANGED_RUNS:
        return e->runs;
    default:
        return e->faint_share - e->ink_share;
    }
}

static double quantile(const struct mark_sample *sample, int label, enum ranged what, double share)
{
    double *values = g_new(double, sample->count + 1);
    size_t count = 0;
    for (size_t i = 0; i < sample->count; i++) {
        const struct labelled_box *b = &sample->boxes[i];
        if (b->label == label && teaches(b))
            values[count++] = ranged_value(b, what);
    }
    qsort(values, count, sizeof *values, ascending);
    double value = count == 0 ? 0 : values[(size_t)(share * (double)(count - 1) + 0.5)];
    g_free(values);
    return value;
}

/* Nearly all of the sample's boxes in each state lie within; the few that do not are what labels got
 * wrong, and paper that nobody should judge by a model. Marked and withdrawn never overlap in what
 * parts them: between, a person looks. */
static void fit_ranges(struct mark_model *m, const struct mark_sample *s)
{
    m->empty_core_max = quantile(s, MARK_EMPTY, RANGED_CORE, 0.9999);
    m->empty_faint_core_max = quantile(s, MARK_EMPTY, RANGED_FAINT_CORE, 0.9999);
    m->marked_ink_min = quantile(s, MARK_MARKED, RANGED_INK, 0.002);
    m->marked_core_min = quantile(s, MARK_MARKED, RANGED_CORE, 0.01);
    m->marked_ink_max = quantile(s, MARK_MARKED, RANGED_INK, 0.9998);
    m->marked_white_min = quantile(s, MARK_MARKED, RANGED_WHITE, 0.0002);
    m->marked_runs_max = quantile(s, MARK_MARKED, RANGED_RUNS, 0.999);
    m->marked_haze_max = quantile(s, MARK_MARKED, RANGED_HAZE, 0.999);
    /* pens may be thicker than the sample's: half of what is left above its fullest mark is nobody's */
    m->withdrawn_ink_min =
        fmax(quantile(s, MARK_WITHDRAWN, RANGED_INK, 0.02), (1 + m->marked_ink_max) / 2);
    m->withdrawn_core_min = quantile(s, MARK_WITHDRAWN, RANGED_CORE, 0.02);
    m->withdrawn_white_max =
        fmin(quantile(s, MARK_WITHDRAWN, RANGED_WHITE, 0.98), m->marked_white_min / 2);
}

/* ---- errors --------------------------------------------------------------------------------- */

/* The margin of a box in which nothing is seen. */
static double margin_of_nothing(const struct mark_model *model)
{
    const struct box_evidence nothing = {.largest_white_share = 1};
    const struct quiet quiet = {0};
    const struct pen pen = {0};
    return mark_odds(model, &nothing, &quiet, &pen, false).margin;
}

static void judge_one(struct mark_judged *out, const struct labelled_box *b,
                      const struct mark_model *model)
{
    struct mark_odds odds = mark_odds(model, &b->box->evidence, &b->quiet, &b->pen, false);
    /* A filled box of someone who fills boxes is theirs to explain: not what is judged here. */
    bool theirs = (b->filler || !b->pen.known) && odds.best == MARK_WITHDRAWN;
    *out = (struct mark_judged){.box = b,
                                .best = odds.best,
                                .margin = odds.margin,
                                .error = mark_doubt(model, odds.best, odds.margin),
                                .in_range = mark_in_range(model, &b->box->evidence, &b->quiet,
                                                          odds.best, false) &&
                                            !(b->streak && odds.best != MARK_EMPTY) && !theirs,
                                .wrong = odds.best != b->label && !theirs,
                                .traceless = odds.best == MARK_EMPTY &&
                                             odds.margin > margin_of_nothing(model) - 1};
}

void mark_judge(struct mark_judged *judged, const struct mark_sample *sample,
                const struct mark_model *model)
{
    for (size_t i = 0; i < sample->count; i++)
        judge_one(&judged[i], &sample->boxes[i], model);
}

/* How probable an error is at each margin, of what may be accepted and was read as this. */
static void fit_line(double *bias, double *slope, const struct mark_judged *judged, size_t count,
                     int state)
{
    struct problem p = {.features = 1};
    p.x = g_new(double, count + 1);
    p.y = g_new(unsigned char, count + 1);
    for (size_t i = 0; i < count; i++)
        if (judged[i].in_range && judged[i].best == state) {
            p.x[p.count] = judged[i].margin;
            p.y[p.count++] = judged[i].wrong;
        }
    double w[WEIGHTS_MAX];
    size_t wrong = 0;
    for (size_t i = 0; i < p.count; i++)
        wrong += p.y[i];
    *bias = 0;
    *slope = 1;
    if (wrong >= WRONG_MIN) { /* else there is nothing to correct the regressions by */
        fit_logistic(w, &p);
        *bias = -w[0];
        *slope = fmin(fmax(-w[1], SLOPE_MIN), SLOPE_MAX);
    }
    g_free(p.x);
    g_free(p.y);
}

static void fit_errors(struct mark_model *m, struct mark_judged *judged, size_t count)
{
    fit_line(&m->empty_doubt_bias, &m->empty_doubt_slope, judged, count, MARK_EMPTY);
    fit_line(&m->marked_doubt_bias, &m->marked_doubt_slope, judged, count, MARK_MARKED);
    fit_line(&m->withdrawn_doubt_bias, &m->withdrawn_doubt_slope, judged, count, MARK_WITHDRAWN);
    for (size_t i = 0; i < count; i++)
        judged[i].error = mark_doubt(m, judged[i].best, judged[i].margin);
}

/* The limit for a target: boxes are accepted from the surest on, until the errors to be expected of
 * them reach it. Traceless boxes do not count and are always accepted: what the scanner did not see
 * nobody can flag. */
static double limit_for(const struct mark_model *m, const struct mark_judged *judged, size_t count,
                        double target)
{
    double *errors = g_new(double, count + 1), sum = 0;
    double limit = mark_doubt(m, MARK_EMPTY, margin_of_nothing(m) - 1);
    size_t doubtful = 0;
    for (size_t i = 0; i < count; i++)
        if (judged[i].in_range && !judged[i].traceless)
            errors[doubtful++] = judged[i].error;
    qsort(errors, doubtful, sizeof *errors, ascending);
    for (size_t i = 0; i < doubtful; i++) {
        sum += errors[i];
        if (sum > target * (double)count)
            break;
        limit = fmax(limit, fmin(errors[i], LIMIT_MAX));
    }
    g_free(errors);
    return limit;
}

/* The default's limit is fitted. From there a decade of what a study accepts is a decade of doubt either
 * way, which is half a decade of errors (mark_decided.h): to ask for fewer than the sample can show makes
 * the reading stricter all the same, without sending every box to a person. */
static void fit_limits(struct mark_model *m, const struct mark_judged *judged, size_t count,
                       const struct mark_calibration *marks)
{
    double limit = limit_for(m, judged, count, DEFAULT_BOX_ERROR);
    m->limit_3 = m->critical_3 = fmin(limit * 100, LIMIT_LAX);
    m->limit_4 = m->critical_4 = fmin(limit * 10, LIMIT_LAX);
    m->limit_5 = m->critical_5 = limit;
    m->limit_6 = limit / 10;
    m->limit_7 = limit / 100;
    m->critical_6 = m->limit_6 * marks->critical_doubt_times;
    m->critical_7 = m->limit_7 * marks->critical_doubt_times;
    m->empty_doubt_min = fmin(mark_doubt(m, MARK_EMPTY, margin_of_nothing(m) - 1), limit);
    m->empty_doubt_max = m->withdrawn_doubt_max = limit;
}

bool mark_fit(struct mark_model *out, struct mark_judged *judged, const struct mark_sample *sample,
              const struct mark_calibration *marks, struct error *err)
{
    size_t counts[MARK_STATES] = {0};
    for (size_t i = 0; i < sample->count; i++)
        counts[sample->boxes[i].label]++;
    for (int k = 0; k < MARK_STATES; k++)
        if (counts[k] < 50)
            return error_set(err, "only %zu %s boxes in the sample, at least 50 of each state are "
                                  "needed", counts[k],
                             (const char *const[]){"empty", "marked", "withdrawn"}[k]);
    *out = (struct mark_model){.empty_doubt_slope = 1, .marked_doubt_slope = 1, .withdrawn_doubt_slope = 1};
    fit_ranges(out, sample);
    fit_weights(out, sample, ALL);
    for (unsigned fold = 0; fold < MARK_FOLDS; fold++) {
        struct mark_model part = *out;
        fit_weights(&part, sample, fold);
        for (size_t i = 0; i < sample->count; i++)
            if (sample->boxes[i].fold == fold)
                judge_one(&judged[i], &sample->boxes[i], &part);
    }
    fit_errors(out, judged, sample->count);
    fit_limits(out, judged, sample->count, marks);
    return true;
}
