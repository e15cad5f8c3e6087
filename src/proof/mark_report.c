/* Tables, diagram and file. */
#include "proof/mark_report.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proof/interval.h"

/* Whether a box so judged is accepted at this many errors a box. */
static bool is_accepted(const struct mark_model *model, const struct mark_judged *judged, double target)
{
    return judged->in_range && judged->error <= mark_doubt_limit(model, judged->best, target, false);
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
            if (!is_accepted(model, &judged[i], targets[t]))
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

/* ---- the file ------------------------------------------------------------------------------- */

static const char *why_of(const char *name)
{
    static const struct {
        const char *start, *why;
    } whys[] = {
        {"empty_doubt_bias", "of what is read as empty: log odds that its look is not mistaken = bias + slope x margin, on boxes held out; it puts boxes in order"},
        {"empty_doubt_slope", "the same"},
        {"marked_doubt_", "the same of what is read as marked"},
        {"withdrawn_doubt_bias", "the same of what is read as withdrawn"},
        {"withdrawn_doubt_slope", "the same of what is read as withdrawn"},
        {"empty_doubt_min", "with no more doubt a box shows nothing: it is accepted as empty whatever a study accepts"},
        {"empty_doubt_max", "nothing is accepted as empty with more doubt, whatever a study accepts: of those more than half are wrong"},
        {"withdrawn_doubt_max", "nor as withdrawn"},
        {"empty_wrong_", "share of boxes that were wrong, of those accepted as empty with a doubt up to 10^-n; pooled where less doubt was wrong more often; half a box where none was"},
        {"marked_wrong_", "the same of those accepted as marked, and above the limit of those that only it sent to a person"},
        {"withdrawn_wrong_", "the same of those accepted as withdrawn"},
        {"inked_bias", "log odds that somebody wrote in a box without any ink"},
        {"inked_", "weight of the logarithm of ink_share, faint_share, core_share, or ink_share over that of the respondent"},
        {"withdrawn_bias", "log odds that a mark is a filled-in box, all features 0"},
        {"withdrawn_ink_min", "less ink than this: not accepted as withdrawn"},
        {"withdrawn_core_min", "less of the middle inked: not accepted as withdrawn"},
        {"withdrawn_white_max", "a larger white area left: not accepted as withdrawn"},
        {"withdrawn_", "weight of: log odds of ink_share, logarithm of largest_white_share, runs, logarithm of ink over the respondent's median"},
        {"proved_error", "upper 95 % end of the share of accepted boxes that were wrong: no box is said to be surer"},
        {"limit_", "a box is accepted up to this doubt where a study accepts 10^-n errors a box: fitted for 1e-5, from there a decade of doubt for a decade"},
        {"critical_", "the same of critical questions; for the last two critical_doubt_times of marks.json as much"},
        {"empty_", "more than this: not accepted as empty, nearly no empty box of the sample has it"},
        {"marked_", "beyond this: not accepted as marked, nearly no mark of the sample lies there"}};
    for (size_t k = 0; k < sizeof whys / sizeof *whys; k++)
        if (strncmp(name, whys[k].start, strlen(whys[k].start)) == 0)
            return whys[k].why;
    return "";
}

/* The numbers of the model, each with what it is; of the shares of wrong boxes also the boxes. */
static json_t *values_of(const struct mark_model *model,
                         struct mark_cell cells[MARK_STATES][MARK_DECADES])
{
    static const char *const states[MARK_STATES] = {"empty", "marked", "withdrawn"};
    json_t *values = json_object();
#define X(name)                                                                                    \
    json_object_set_new(values, #name,                                                             \
                        json_pack("{s:f, s:s}", "value", model->name, "why", why_of(#name)));
    MARK_MODEL_NUMBERS(X)
#undef X
    for (int s = 0; s < MARK_STATES; s++)
        for (int k = 0; k < MARK_DECADES; k++) {
            char name[64];
            snprintf(name, sizeof name, "%s_wrong_%d", states[s], k);
            json_t *value = json_object_get(values, name);
            json_object_set_new(value, "boxes", json_integer((json_int_t)cells[s][k].boxes));
            json_object_set_new(value, "wrong", json_integer((json_int_t)cells[s][k].wrong));
        }
    return values;
}

/* Where from: boxes that taught the weights, by label. */
static json_t *provenance_of(const struct mark_story *story)
{
    size_t counts[MARK_STATES] = {0};
    for (size_t i = 0; i < story->sample->count; i++)
        counts[story->sample->boxes[i].label]++;
    json_t *boxes = json_pack("{s:I, s:I, s:I}", "empty", (json_int_t)counts[MARK_EMPTY], "marked",
                              (json_int_t)counts[MARK_MARKED], "withdrawn",
                              (json_int_t)counts[MARK_WITHDRAWN]);
    return json_pack("{s:s, s:s, s:o, s:I}", "date", story->date, "command", story->command, "boxes", boxes,
                     "returns", (json_int_t)story->sample->returns);
}

bool mark_report_model(struct text *out, const struct mark_model *model, const struct mark_story *story,
                       struct error *err)
{
    json_error_t trouble;
    struct mark_cell cells[MARK_STATES][MARK_DECADES];
    json_t *before = json_loadb(story->previous, story->previous_length, 0, &trouble);
    if (before == NULL)
        return error_set(err, "the model in use: %s", trouble.text);
    mark_cells_count(cells, story->decisions);
    json_object_del(before, "previous"); /* one step back is kept; the rest is in version control */
    json_t *wrong = json_pack("{s:s, s:s, s:I, s:I}", "date", story->date, "command", story->command,
                              "boxes", (json_int_t)story->decisions->count, "returns",
                              (json_int_t)story->sample->returns);
    json_t *provenance = story->weights_kept ? json_incref(json_object_get(before, "provenance"))
                                             : provenance_of(story);
    json_t *root = json_pack("{s:o, s:o, s:o, s:o}", "provenance", provenance, "wrong_provenance", wrong,
                             "values", values_of(model, cells), "previous", before);
    char *text = json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(7));
    text_addf(out, "%s\n", text);
    free(text);
    json_decref(root);
    return true;
}
