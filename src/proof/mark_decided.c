/* Joins what was decided with what is true, and counts. */
#include "proof/mark_decided.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#include "proof/interval.h"

/* ---- what was decided ----------------------------------------------------------------------- */

/* Log odds of this state, the best one or not. */
static double margin_of(const struct mark_odds *odds, int state)
{
    double others = 0;
    for (int k = 0; k < MARK_STATES; k++)
        others += k == state ? 0 : odds->p[k];
    return log(fmax(odds->p[state], 1e-300) / fmax(others, 1e-300));
}

/* False: a person looked, whatever is accepted. */
static bool decide_one(struct mark_decided *out, const struct labelled_box *b,
                       const struct mark_model *model)
{
    const struct stored_box *box = b->box;
    struct mark_odds odds = mark_odds(model, &box->evidence, &b->quiet, &b->pen, false);
    *out = (struct mark_decided){
        .accepted = !box->flagged, .critical = box->critical, .fold = b->fold};
    if (box->flagged) {
        out->state = MARK_MARKED;
        out->doubt = mark_doubt(model, MARK_MARKED, odds.margin);
        out->wrong = b->label != MARK_MARKED;
        if (box->state != BOX_UNCERTAIN || odds.best != MARK_MARKED || b->streak ||
            out->doubt <= model->limit_5 ||
            !mark_in_range(model, &box->evidence, &b->quiet, MARK_MARKED, false))
            return false;
    } else {
        out->state = box->state == BOX_EMPTY    ? MARK_EMPTY
                     : box->state == BOX_MARKED ? MARK_MARKED
                                                : MARK_WITHDRAWN;
        out->doubt = mark_doubt(model, out->state, margin_of(&odds, out->state));
        if (out->state == MARK_MARKED &&
            (b->dark || odds.best == MARK_WITHDRAWN)) /* record/decision.c */
            out->doubt = mark_doubt(model, MARK_MARKED, odds.inked);
        out->wrong = b->label == LABEL_ASK ? !box->asked : b->label != out->state;
        out->by_rule = out->doubt > mark_doubt_limit(model, out->state, DEFAULT_BOX_ERROR, false);
    }
    out->error = out->by_rule && out->state != MARK_EMPTY
                     ? 1 - box->confidence
                     : mark_error(model, out->state, out->doubt);
    return true;
}

void mark_decisions_make(struct mark_decisions *out, const struct mark_sample *sample,
                         const struct mark_model *model)
{
    size_t all = sample->count + sample->other_count;
    *out = (struct mark_decisions){.boxes = g_new(struct mark_decided, all + 1)};
    for (size_t i = 0; i < all; i++) {
        const struct labelled_box *b =
            i < sample->count ? &sample->boxes[i] : &sample->others[i - sample->count];
        out->all[b->box->critical]++;
        out->count += decide_one(&out->boxes[out->count], b, model);
    }
}

void mark_decisions_release(struct mark_decisions *decisions)
{
    g_free(decisions->boxes);
    *decisions = (struct mark_decisions){0};
}

/* Rules that tell marks by more than their look say themselves how often they are wrong. */
static bool counts(const struct mark_decided *d)
{
    return !d->by_rule || d->state == MARK_EMPTY;
}

void mark_cells_count(struct mark_cell out[MARK_STATES][MARK_DECADES],
                      const struct mark_decisions *decisions)
{
    memset(out, 0, MARK_STATES * sizeof *out);
    for (size_t i = 0; i < decisions->count; i++) {
        const struct mark_decided *d = &decisions->boxes[i];
        struct mark_cell *cell = &out[d->state][mark_decade(d->doubt)];
        cell->boxes += counts(d);
        cell->wrong += counts(d) && d->wrong;
    }
}

/* ---- what a doubt means --------------------------------------------------------------------- */

static double share_wrong(struct mark_cell cell)
{
    return cell.wrong > 0 ? (double)cell.wrong / (double)cell.boxes
                          : 0.5 / (double)(cell.boxes + 1);
}

/* Never more errors for less doubt: decades are pooled as long as the next ones were wrong as
 * often. */
static void fit_row(double out[MARK_DECADES], const struct mark_cell row[MARK_DECADES])
{
    struct mark_cell pool[MARK_DECADES];
    int first[MARK_DECADES], pools = 0;
    for (int k = 0; k < MARK_DECADES; k++) {
        if (row[k].boxes == 0)
            continue;
        pool[pools] = row[k];
        first[pools] = k;
        for (; pools > 0 && pool[pools].wrong * pool[pools - 1].boxes >=
                                pool[pools - 1].wrong * pool[pools].boxes;
             pools--) {
            pool[pools - 1].boxes += pool[pools].boxes;
            pool[pools - 1].wrong += pool[pools].wrong;
        }
        pools++;
    }
    double value = 0.5; /* nothing is known: even */
    for (int k = 0, at = 0; k < MARK_DECADES; k++) {
        if (at < pools && first[at] <= k)
            value = fmin(value, share_wrong(pool[at++]));
        out[k] = value;
    }
}

/* `held_out`: the returns that do not count; MARK_FOLDS: all count. */
static void fit_table(double out[MARK_STATES][MARK_DECADES], const struct mark_decisions *decisions,
                      unsigned held_out)
{
    struct mark_cell cells[MARK_STATES][MARK_DECADES] = {{{0}}};
    for (size_t i = 0; i < decisions->count; i++) {
        const struct mark_decided *d = &decisions->boxes[i];
        struct mark_cell *cell = &cells[d->state][mark_decade(d->doubt)];
        cell->boxes += counts(d) && d->fold != held_out;
        cell->wrong += counts(d) && d->fold != held_out && d->wrong;
    }
    for (int s = 0; s < MARK_STATES; s++)
        fit_row(out[s], cells[s]);
}

void mark_decisions_fit(struct mark_model *model, struct mark_decisions *decisions)
{
    double table[MARK_STATES][MARK_DECADES];
    struct mark_model *m = model;
#define ROW(s) {&m->s##_wrong_0, &m->s##_wrong_1, &m->s##_wrong_2, &m->s##_wrong_3,                 \
                &m->s##_wrong_4, &m->s##_wrong_5, &m->s##_wrong_6, &m->s##_wrong_7}
    double *const numbers[MARK_STATES][MARK_DECADES] = {ROW(empty), ROW(marked), ROW(withdrawn)};
#undef ROW
    fit_table(table, decisions, MARK_FOLDS);
    for (int s = 0; s < MARK_STATES; s++)
        for (int k = 0; k < MARK_DECADES; k++)
            *numbers[s][k] = table[s][k];
    size_t accepted = 0, wrong = 0;
    for (size_t i = 0; i < decisions->count; i++) {
        accepted += decisions->boxes[i].accepted;
        wrong += decisions->boxes[i].accepted && decisions->boxes[i].wrong;
    }
    m->proved_error = interval_of_rate(wrong, accepted, 0.95).high;
    for (unsigned fold = 0; fold < MARK_FOLDS; fold++) {
        fit_table(table, decisions, fold);
        for (size_t i = 0; i < decisions->count; i++) {
            struct mark_decided *d = &decisions->boxes[i];
            if (d->fold == fold && counts(d))
                d->error = table[d->state][mark_decade(d->doubt)];
        }
    }
}

/* ---- for people ----------------------------------------------------------------------------- */

static const char *const state_names[MARK_STATES] = {"empty", "marked", "withdrawn"};

static void add_reliability(struct text *out, const struct mark_decisions *decisions)
{
    struct mark_cell cells[MARK_STATES][MARK_DECADES];
    double said[MARK_STATES][MARK_DECADES] = {{0}};
    struct mark_decisions accepted = {.boxes = g_new(struct mark_decided, decisions->count + 1)};
    for (size_t i = 0; i < decisions->count; i++) {
        const struct mark_decided *d = &decisions->boxes[i];
        if (!d->accepted)
            continue;
        accepted.boxes[accepted.count++] = *d;
        said[d->state][mark_decade(d->doubt)] += d->error;
    }
    memset(cells, 0, sizeof cells);
    for (size_t i = 0; i < accepted.count; i++) {
        struct mark_cell *cell =
            &cells[accepted.boxes[i].state][mark_decade(accepted.boxes[i].doubt)];
        cell->boxes++;
        cell->wrong += accepted.boxes[i].wrong;
    }
    text_add(out,
             "\n  accepted as, with a doubt of     boxes   expected   wrong   rate seen (95 %)\n");
    for (int s = 0; s < MARK_STATES; s++)
        for (int k = 0; k < MARK_DECADES; k++) {
            struct interval rate = interval_of_rate(cells[s][k].wrong, cells[s][k].boxes, 0.95);
            if (cells[s][k].boxes == 0)
                continue;
            text_addf(out,
                      k + 1 < MARK_DECADES ? "  %-9s  1e-%d to 1e-%d    "
                                           : "  %-9s  below 1e-%d     ",
                      state_names[s], k + 1 < MARK_DECADES ? k + 1 : k, k);
            text_addf(out, "%12zu %10.3f %7zu   %.1e to %.1e\n", cells[s][k].boxes, said[s][k],
                      cells[s][k].wrong, rate.low, rate.high);
        }
    mark_decisions_release(&accepted);
}

static bool is_taken(const struct mark_decided *d, const struct mark_model *model, double target)
{
    return d->by_rule || d->doubt <= mark_doubt_limit(model, d->state, target, d->critical);
}

static void add_targets(struct text *out, const struct mark_model *model,
                        const struct mark_decisions *decisions)
{
    text_add(out,
             "  accept  questions      boxes   expected   wrong (95 %)        to a person, per "
             "thousand\n");
    for (int t = 3; t <= 7; t++)
        for (int critical = 0; critical < 2; critical++) {
            double target = pow(10, -t), expected = 0, all = (double)decisions->all[critical];
            size_t taken = 0, wrong = 0;
            for (size_t i = 0; i < decisions->count; i++) {
                const struct mark_decided *d = &decisions->boxes[i];
                if (d->critical != (critical == 1) || !is_taken(d, model, target))
                    continue;
                taken++;
                wrong += d->wrong;
                expected += d->error;
            }
            struct interval rate = interval_of_rate(wrong, taken, 0.95);
            double n = (double)taken;
            text_addf(out, "  1e-%d    %-9s %10zu %10.2f   %4zu (%.1f to %.1f)%22.2f\n", t,
                      critical ? "critical" : "ordinary", taken, expected, wrong, rate.low * n,
                      rate.high * n, 1000 * (all - n) / fmax(all, 1));
        }
}

void mark_decisions_text(struct text *out, const char *name, const struct mark_model *model,
                         const struct mark_decisions *decisions)
{
    size_t accepted = 0, all = decisions->all[0] + decisions->all[1];
    for (size_t i = 0; i < decisions->count; i++)
        accepted += decisions->boxes[i].accepted;
    text_addf(out, "%s\n  %zu of %zu boxes accepted, %.2f per thousand to a person\n", name,
              accepted, all, 1000.0 * (double)(all - accepted) / fmax((double)all, 1));
    add_reliability(out, decisions);
    text_add(out, "\n");
    add_targets(out, model, decisions);
    text_add(out, "\n");
}

#define DECADES 9

struct decade {
    size_t boxes, wrong;
    double said; /* sum */
};

#define PLOT 480.0
#define EDGE 70.0

/* Where a rate stands on an axis from 1e-9 to 1. */
static double axis(double rate)
{
    return PLOT * (1 + fmax(log10(fmax(rate, 1e-12)), -9) / 9);
}

void mark_decisions_svg(struct text *out, const struct mark_decisions *decisions)
{
    struct decade decades[DECADES] = {{0}};
    for (size_t i = 0; i < decisions->count; i++) {
        const struct mark_decided *d = &decisions->boxes[i];
        struct decade *decade = &decades[(int)fmin(fmax(floor(-log10(d->error)), 0), DECADES - 1)];
        decade->boxes += d->accepted;
        decade->wrong += d->accepted && d->wrong;
        decade->said += d->accepted ? d->error : 0;
    }
    text_addf(out,
              "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%g\" height=\"%g\" "
              "font-family=\"sans-serif\" font-size=\"12\">\n"
              "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n"
              "<line x1=\"%g\" y1=\"%g\" x2=\"%g\" y2=\"%g\" stroke=\"#999\"/>\n",
              PLOT + 2 * EDGE, PLOT + 2 * EDGE, EDGE, EDGE + PLOT, EDGE + PLOT, EDGE);
    for (int k = 0; k <= 9; k++) {
        double at = axis(pow(10, -k));
        text_addf(out,
                  "<line x1=\"%g\" y1=\"%g\" x2=\"%g\" y2=\"%g\" stroke=\"#eee\"/>"
                  "<line x1=\"%g\" y1=\"%g\" x2=\"%g\" y2=\"%g\" stroke=\"#eee\"/>"
                  "<text x=\"%g\" y=\"%g\">1e-%d</text><text x=\"%g\" y=\"%g\">1e-%d</text>\n",
                  EDGE + at, EDGE, EDGE + at, EDGE + PLOT, EDGE, EDGE + PLOT - at, EDGE + PLOT,
                  EDGE + PLOT - at, EDGE + at - 12, EDGE + PLOT + 18, k, EDGE - 40,
                  EDGE + PLOT - at + 4, k);
    }
    text_addf(out,
              "<text x=\"%g\" y=\"%g\">probability of an error, as said</text>\n"
              "<text x=\"12\" y=\"%g\">errors seen (95 %%), with the number of boxes</text>\n",
              EDGE + PLOT / 2 - 80, EDGE + PLOT + 45, EDGE - 30);
    for (int k = 0; k < DECADES; k++) {
        const struct decade *d = &decades[k];
        if (d->boxes == 0)
            continue;
        struct interval rate = interval_of_rate(d->wrong, d->boxes, 0.95);
        double x = EDGE + axis(d->said / (double)d->boxes);
        text_addf(out,
                  "<line x1=\"%g\" y1=\"%g\" x2=\"%g\" y2=\"%g\" stroke=\"black\"/>"
                  "<circle cx=\"%g\" cy=\"%g\" r=\"4\"/><text x=\"%g\" y=\"%g\">%zu</text>\n",
                  x, EDGE + PLOT - axis(rate.low), x, EDGE + PLOT - axis(rate.high), x,
                  EDGE + PLOT - axis((double)d->wrong / (double)d->boxes), x + 6,
                  EDGE + PLOT - axis(rate.high) + 4, d->boxes);
    }
    text_add(out, "</svg>\n");
}
