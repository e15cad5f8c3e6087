/* Writes down what the judge found: for people, worst first, and for machines. */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proof/interval.h"
#include "proof/judge_internal.h"

static const char *const group_names[JUDGE_GROUPS] = {"case", "mark",     "damage", "pen",
                                                      "scan", "question", "box"};
static const char *const group_titles[JUDGE_GROUPS] = {
    "Marks that mislead readers", "By kind of mark", "By damage to the page", "By pen", "By scan", "By question",
    "Weak spots of the layout (boxes with accepted errors, or flagged more than twice as often)"};

struct row {
    const char *name;
    const struct tally *tally;
};

static double share(size_t part, size_t whole)
{
    return whole == 0 ? 0 : (double)part / (double)whole;
}

static int worst_first(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    size_t ex = tally_errors(x->tally), ey = tally_errors(y->tally);
    if (ex != ey)
        return ex < ey ? 1 : -1;
    double fx = share(x->tally->flagged, x->tally->boxes), fy = share(y->tally->flagged, y->tally->boxes);
    if (fx < fy || fx > fy)
        return fx < fy ? 1 : -1;
    return strcmp(x->name, y->name);
}

/* The rows of a table, worst first; the caller's to g_free. */
static struct row *sorted(size_t *count, GHashTable *table)
{
    GHashTableIter iterator;
    gpointer name, tally;
    *count = 0;
    struct row *rows = g_new(struct row, g_hash_table_size(table) + 1);
    g_hash_table_iter_init(&iterator, table);
    while (g_hash_table_iter_next(&iterator, &name, &tally))
        rows[(*count)++] = (struct row){name, tally};
    qsort(rows, *count, sizeof *rows, worst_first);
    return rows;
}

static void add_rate(struct text *out, const char *what, size_t hits, size_t trials, double per,
                     const char *unit)
{
    struct interval i = interval_of_rate(hits, trials, 0.95);
    text_addf(out, "%-44s %8zu of %-9zu %9.3f %s (95%%: %.3f to %.3f)\n", what, hits, trials,
              share(hits, trials) * per, unit, i.low * per, i.high * per);
}

static void add_summary(struct text *out, const struct judge_counts *c)
{
    const struct tally *b = &c->boxes;
    add_rate(out, "boxes accepted wrongly", b->wrong, b->boxes, 1e6, "per million");
    add_rate(out, "boxes accepted that a person should see", b->unseen, b->boxes, 1e6, "per million");
    add_rate(out, "both together: accepted errors", tally_errors(b), b->boxes, 1e6, "per million");
    add_rate(out, "misread beside a flag, one answer asked for", b->beside, b->boxes, 1e6, "per million");
    add_rate(out, "marks lost by the scanner itself", b->lost, b->boxes, 1e6, "per million");
    add_rate(out, "boxes flagged", b->flagged, b->boxes, 1e3, "per thousand");
    add_rate(out, "  of those where a careful person asks", c->doubtful.flagged, c->doubtful.boxes,
             1e3, "per thousand");
    add_rate(out, "pages rejected", c->pages_rejected, c->pages, 1e3, "per thousand");
    add_rate(out, "pages read as something else", c->pages_misplaced, c->pages, 1e6, "per million");
    add_rate(out, "pages read with a box off by over 0.7 mm", c->pages_off_070, c->pages, 1e6,
             "per million");
    add_rate(out, "backs and foreign sheets read as pages", c->others_read, c->images - c->pages, 1e6,
             "per million");
    add_rate(out, "written answers accepted wrongly", c->fields_wrong, c->fields, 1e3, "per thousand");
    add_rate(out, "written answers flagged", c->fields_flagged, c->fields, 1e3, "per thousand");
    text_addf(out, "\nAt the review desk, per 1,000 returns: %.0f boxes and fields, %.1f pages\n",
              share(c->flags, c->returns) * 1000, share(c->pages_rejected, c->returns) * 1000);
    if (c->pages_repeated > 0)
        text_addf(out, "Pages set aside because they had been read already: %zu\n", c->pages_repeated);
    if (c->images_missing > 0)
        text_addf(out, "Images of the truth that are in no reading: %zu\n", c->images_missing);
    if (c->centres > 0)
        text_addf(out,
                  "Box centres off by: median %.3f mm, 999 of 1,000 within %.3f mm, worst %.3f mm; "
                  "over 0.25 mm: %zu, over 0.7 mm: %zu of %zu\n",
                  c->centre_median_mm, c->centre_p999_mm, c->centre_worst_mm, c->centres_off_025,
                  c->centres_off_070, c->centres);
}

static void add_group(struct text *out, const struct judgement *j, enum judge_group group)
{
    size_t count, shown = 0;
    struct row *rows = sorted(&count, j->groups[group]);
    double usual = share(j->counts.boxes.flagged, j->counts.boxes.boxes);
    text_addf(out, "\n%s\n%-46s %9s %7s %7s %7s %7s %9s\n", group_titles[group], "", "boxes", "wrong",
              "unseen", "beside", "lost", "flagged");
    for (size_t i = 0; i < count && shown < 40; i++) {
        const struct tally *t = rows[i].tally;
        if (group == BY_BOX && tally_errors(t) == 0 && share(t->flagged, t->boxes) <= 2 * usual)
            continue;
        shown++;
        text_addf(out, "%-46s %9zu %7zu %7zu %7zu %7zu %8.2f%%\n", rows[i].name, t->boxes, t->wrong,
                  t->unseen, t->beside, t->lost, 100 * share(t->flagged, t->boxes));
    }
    if (shown == 0)
        text_add(out, "none\n");
    g_free(rows);
}

static void add_pages(struct text *out, const struct judgement *j)
{
    size_t count;
    struct row *rows = sorted(&count, j->rejected);
    text_add(out, "\nPages rejected, by reason\n");
    for (size_t i = 0; i < count; i++)
        text_addf(out, "%-46s %9zu\n", rows[i].name, rows[i].tally->boxes);
    if (count == 0)
        text_add(out, "none\n");
    g_free(rows);
    rows = sorted(&count, j->damaged_pages);
    text_add(out, "\nPages by damage                                    pages rejected\n");
    for (size_t i = 0; i < count; i++)
        text_addf(out, "%-46s %9zu %8zu\n", rows[i].name, rows[i].tally->boxes,
                  rows[i].tally->flagged);
    g_free(rows);
}

static void add_errors(struct text *out, const struct judgement *j)
{
    text_add(out, "\nAccepted errors, to look at\n");
    for (guint i = 0; i < j->errors->len && i < 200; i++) {
        const struct judge_error *e = &g_array_index(j->errors, struct judge_error, i);
        text_addf(out, "%s image %d at %.0f,%.0f: %s = %s: %s, read as %s (%s)\n", e->source,
                  e->image, e->x_px, e->y_px, e->question, e->value, e->truth, e->read,
                  *e->how == '\0' ? "no mark" : e->how);
    }
    if (j->errors->len == 0)
        text_add(out, "none\n");
    else if (j->errors->len > 200)
        text_addf(out, "... and %u more (report.json has them all)\n", j->errors->len - 200);
}

void judgement_text(struct text *out, const struct judgement *j)
{
    text_addf(out, "%zu returns, %zu images, %zu pages of the form, %zu boxes on pages that were "
                   "read\n\n",
              j->counts.returns, j->counts.images, j->counts.pages, j->counts.boxes.boxes);
    add_summary(out, &j->counts);
    for (int group = 0; group < JUDGE_GROUPS; group++)
        add_group(out, j, (enum judge_group)group);
    add_pages(out, j);
    add_errors(out, j);
}

/* ---- for machines ------------------------------------------------------------------------ */

static json_t *rate_json(size_t hits, size_t trials)
{
    struct interval i = interval_of_rate(hits, trials, 0.95);
    return json_pack("{s:I, s:I, s:f, s:f, s:f}", "count", (json_int_t)hits, "of",
                     (json_int_t)trials, "rate", share(hits, trials), "low", i.low, "high", i.high);
}

static json_t *tally_json(const struct tally *t)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "boxes", (json_int_t)t->boxes, "right",
                     (json_int_t)t->right, "wrong", (json_int_t)t->wrong, "unseen",
                     (json_int_t)t->unseen, "beside", (json_int_t)t->beside, "lost", (json_int_t)t->lost, "flagged",
                     (json_int_t)t->flagged);
}

static json_t *table_json(GHashTable *table)
{
    size_t count;
    struct row *rows = sorted(&count, table);
    json_t *out = json_object();
    for (size_t i = 0; i < count; i++)
        json_object_set_new(out, rows[i].name, tally_json(rows[i].tally));
    g_free(rows);
    return out;
}

static json_t *summary_json(const struct judge_counts *c)
{
    json_t *out = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "returns", (json_int_t)c->returns, "images",
                            (json_int_t)c->images, "pages", (json_int_t)c->pages, "images_missing",
                            (json_int_t)c->images_missing, "flags", (json_int_t)c->flags,
                            "pages_repeated", (json_int_t)c->pages_repeated);
    size_t boxes = c->boxes.boxes;
    json_object_set_new(out, "wrong", rate_json(c->boxes.wrong, boxes));
    json_object_set_new(out, "unseen", rate_json(c->boxes.unseen, boxes));
    json_object_set_new(out, "accepted_errors", rate_json(tally_errors(&c->boxes), boxes));
    json_object_set_new(out, "beside_flags", rate_json(c->boxes.beside, boxes));
    json_object_set_new(out, "lost_by_scanner", rate_json(c->boxes.lost, boxes));
    json_object_set_new(out, "boxes_flagged", rate_json(c->boxes.flagged, boxes));
    json_object_set_new(out, "pages_rejected", rate_json(c->pages_rejected, c->pages));
    json_object_set_new(out, "pages_misplaced", rate_json(c->pages_misplaced, c->pages));
    json_object_set_new(out, "pages_off_070", rate_json(c->pages_off_070, c->pages));
    json_object_set_new(out, "others_read", rate_json(c->others_read, c->images - c->pages));
    json_object_set_new(out, "fields_wrong", rate_json(c->fields_wrong, c->fields));
    json_object_set_new(out, "fields_flagged", rate_json(c->fields_flagged, c->fields));
    json_object_set_new(out, "centres_mm",
                        json_pack("{s:I, s:f, s:f, s:f, s:I, s:I}", "count", (json_int_t)c->centres,
                                  "median", c->centre_median_mm, "p999", c->centre_p999_mm, "worst",
                                  c->centre_worst_mm, "over_025", (json_int_t)c->centres_off_025,
                                  "over_070", (json_int_t)c->centres_off_070));
    return out;
}

/* How many box centres were off by how much: up to the last step that has any. */
static json_t *steps_json(const struct judgement *j)
{
    json_t *counts = json_array();
    size_t used = OFF_BINS;
    while (used > 0 && j->off_counts[used - 1] == 0)
        used--;
    for (size_t i = 0; i < used; i++)
        json_array_append_new(counts, json_integer((json_int_t)j->off_counts[i]));
    return json_pack("{s:f, s:o}", "step", OFF_STEP_MM, "counts", counts);
}

void judgement_json(struct text *out, const struct judgement *j)
{
    json_t *root = json_pack("{s:o}", "summary", summary_json(&j->counts)), *errors = json_array();
    json_object_set_new(root, "centres_by_mm", steps_json(j));
    for (int group = 0; group < JUDGE_GROUPS; group++)
        json_object_set_new(root, group_names[group], table_json(j->groups[group]));
    json_object_set_new(root, "rejected", table_json(j->rejected));
    json_object_set_new(root, "damaged_pages", table_json(j->damaged_pages));
    for (guint i = 0; i < j->errors->len; i++) {
        const struct judge_error *e = &g_array_index(j->errors, struct judge_error, i);
        json_array_append_new(
            errors, json_pack("{s:s, s:i, s:f, s:f, s:s, s:s, s:s, s:s, s:s}", "source", e->source,
                              "image", e->image, "x_px", e->x_px, "y_px", e->y_px, "question",
                              e->question, "value", e->value, "how", e->how, "truth", e->truth,
                              "read", e->read));
    }
    json_object_set_new(root, "errors", errors);
    char *text = json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(9));
    text_add(out, text);
    text_add(out, "\n");
    free(text);
    json_decref(root);
}
