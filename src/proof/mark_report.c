/* Tables, diagram and file. */
#include "proof/mark_report.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proof/interval.h"

bool mark_accepted(const struct mark_model *model, const struct mark_judged *judged, double target)
{
    return judged->in_range && judged->error <= mark_error_limit(model, target);
}

/* ---- errors said and errors seen ---------------------------------------------------------- */

/* Decades of the error said: 0: above 0.1, 1: to 0.01, ...; the last: all below. */
#define DECADES 9

struct decade {
    size_t boxes, wrong;
    double said; /* sum */
};

static void count_decades(struct decade out[DECADES], const struct mark_judged *judged, size_t count)
{
    memset(out, 0, DECADES * sizeof *out);
    for (size_t i = 0; i < count; i++) {
        int k = (int)fmin(fmax(floor(-log10(fmax(judged[i].error, 1e-30))), 0), DECADES - 1);
        if (!judged[i].in_range)
            continue;
        out[k].boxes++;
        out[k].wrong += judged[i].wrong;
        out[k].said += judged[i].error;
    }
}

void mark_report_text(struct text *out, const char *name, const struct mark_model *model,
                      const struct mark_judged *judged, size_t count)
{
    static const double targets[] = {1e-4, 1e-5, 1e-6};
    struct decade decades[DECADES];
    text_addf(out, "%s\n  errors a box aimed at   wrong of accepted   expected   to a person, per thousand\n",
              name);
    for (int t = 0; t < 3; t++) {
        size_t accepted = 0, wrong = 0;
        double expected = 0;
        for (size_t i = 0; i < count; i++) {
            if (!mark_accepted(model, &judged[i], targets[t]))
                continue;
            accepted++;
            wrong += judged[i].wrong;
            expected += judged[i].error;
        }
        text_addf(out, "  %23.0e   %7zu of %7zu   %8.3f   %25.2f\n", targets[t], wrong, accepted,
                  expected, 1000.0 * (double)(count - accepted) / (double)(count > 0 ? count : 1));
    }
    text_add(out, "\n  said to be wrong        boxes    expected   wrong   rate seen (95 %)\n");
    count_decades(decades, judged, count);
    for (int k = 0; k < DECADES; k++) {
        const struct decade *d = &decades[k];
        struct interval rate = interval_of_rate(d->wrong, d->boxes, 0.95);
        if (d->boxes == 0)
            continue;
        text_addf(out, k + 1 < DECADES ? "  1e-%d to 1e-%d    " : "  below 1e-%d     ",
                  k + 1 < DECADES ? k + 1 : k, k);
        text_addf(out, "%11zu %11.4f %7zu   %.2e to %.2e\n", d->boxes, d->said, d->wrong, rate.low,
                  rate.high);
    }
    text_add(out, "\n");
}

#define PLOT 480.0
#define EDGE 70.0

/* Where a rate stands on an axis from 1e-9 to 1. */
static double axis(double rate)
{
    return PLOT * (1 + fmax(log10(fmax(rate, 1e-12)), -9) / 9);
}

void mark_report_svg(struct text *out, const struct mark_judged *judged, size_t count)
{
    struct decade decades[DECADES];
    count_decades(decades, judged, count);
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

/* ---- the file ------------------------------------------------------------------------------- */

static const char *why_of(const char *name)
{
    static const struct {
        const char *start, *why;
    } whys[] = {
        {"empty_error_", "of what is read as empty: log odds of being right = bias + slope x margin, on boxes held out"},
        {"marked_error_", "the same of what is read as marked"},
        {"withdrawn_error_", "the same of what is read as withdrawn"},
        {"inked_bias", "log odds that somebody wrote in a box without any ink"},
        {"inked_", "weight of the logarithm of ink_share, faint_share, core_share, or ink_share over that of the respondent"},
        {"withdrawn_bias", "log odds that a mark is a filled-in box, all features 0"},
        {"withdrawn_ink_min", "less ink than this: not accepted as withdrawn"},
        {"withdrawn_core_min", "less of the middle inked: not accepted as withdrawn"},
        {"withdrawn_white_max", "a larger white area left: not accepted as withdrawn"},
        {"withdrawn_", "weight of: log odds of ink_share, logarithm of largest_white_share, runs, logarithm of ink over the respondent's median"},
        {"proved_error", "upper 95 % end of the errors among sure boxes held out: no box is said to be surer"},
        {"limit_", "a box is accepted up to this probability of an error, for 10^-n errors a box on average"},
        {"empty_", "more than this: not accepted as empty, nearly no empty box of the sample has it"},
        {"marked_", "beyond this: not accepted as marked, nearly no mark of the sample lies there"}};
    for (size_t k = 0; k < sizeof whys / sizeof *whys; k++)
        if (strncmp(name, whys[k].start, strlen(whys[k].start)) == 0)
            return whys[k].why;
    return "";
}

bool mark_report_model(struct text *out, const struct mark_model *model,
                       const struct mark_sample *sample, const char *date, const char *command,
                       const char *previous, size_t previous_length, struct error *err)
{
    json_error_t trouble;
    json_t *before = json_loadb(previous, previous_length, 0, &trouble);
    if (before == NULL)
        return error_set(err, "the model in use: %s", trouble.text);
    json_object_del(before, "previous"); /* one step back is kept; the rest is in version control */
    size_t counts[MARK_STATES] = {0};
    for (size_t i = 0; i < sample->count; i++)
        counts[sample->boxes[i].label]++;
    json_t *values = json_object();
#define X(name)                                                                                    \
    json_object_set_new(values, #name,                                                             \
                        json_pack("{s:f, s:s}", "value", model->name, "why", why_of(#name)));
    MARK_MODEL_NUMBERS(X)
#undef X
    json_t *boxes = json_pack("{s:I, s:I, s:I}", "empty", (json_int_t)counts[MARK_EMPTY], "marked",
                              (json_int_t)counts[MARK_MARKED], "withdrawn",
                              (json_int_t)counts[MARK_WITHDRAWN]);
    json_t *root = json_pack("{s:{s:s, s:s, s:o, s:I}, s:o, s:o}", "provenance", "date", date,
                             "command", command, "boxes", boxes, "returns",
                             (json_int_t)sample->returns, "values", values, "previous", before);
    char *text = json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(7));
    text_addf(out, "%s\n", text);
    free(text);
    json_decref(root);
    return true;
}
