/* Walks through truth and readings side by side. */
#include "proof/judge_internal.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/geometry.h"
#include "proof/lines.h"

/* A cross this thick is what other readers take for a box that was filled in. */
#define THICK_MM 0.9

static bool keep_reading(json_t *line, void *state, struct error *err)
{
    GHashTable *readings = state;
    (void)err;
    g_hash_table_insert(readings, lines_image_key(line), json_incref(line));
    return true;
}

/* ---- tallies ----------------------------------------------------------------------------- */

static struct tally *tally_of(GHashTable *table, const char *name)
{
    struct tally *tally = g_hash_table_lookup(table, name);
    if (tally == NULL) {
        tally = g_new0(struct tally, 1);
        g_hash_table_insert(table, g_strdup(name), tally);
    }
    return tally;
}

enum verdict { RIGHT, WRONG, UNSEEN, BESIDE, LOST, FLAGGED };

static void add_verdict(struct tally *tally, enum verdict verdict)
{
    tally->boxes++;
    tally->right += verdict == RIGHT;
    tally->wrong += verdict == WRONG;
    tally->unseen += verdict == UNSEEN;
    tally->beside += verdict == BESIDE;
    tally->lost += verdict == LOST;
    tally->flagged += verdict == FLAGGED;
}

/* ---- one page ---------------------------------------------------------------------------- */

struct page_pair {
    struct judgement *j;
    const json_t *truth, *reading;
    bool ink_flagged;      /* the page carries a flag for ink outside */
    bool off;              /* some box lies more than 0.7 mm off its place */
    GHashTable *questions; /* those with a flag of any kind */
    GHashTable *keyed;     /* those with one answer and a flagged box: a person keys the answer */
    GHashTable *looked;    /* those that somebody looks at as a whole, though nothing was seen there; value:
                              one of their boxes stands for the look already */
    GHashTable *boxes;     /* "question\tvalue" -> the reading's box */
};

static bool is_flagged(const json_t *box)
{
    return json_is_true(json_object_get(box, "flagged")) ||
           strcmp(lines_text(box, "state"), "uncertain") == 0;
}

/* Whether the box was read as what the scanner left of it, and what is missing nobody could see. */
static bool is_lost(const json_t *truth, const char *is)
{
    const char *what = strcmp(is, "empty") == 0 ? "visible" : strcmp(is, "marked") == 0 ? "strike_visible" : "";
    const json_t *visible = json_object_get(truth, what);
    return visible != NULL && json_object_get(truth, "lost") == NULL && /* paper that is not there shows */
           json_number_value(visible) < LOST_SHARE;
}

static enum verdict judge_box(const struct page_pair *p, const json_t *truth, const json_t *box)
{
    const char *should = lines_text(truth, "conclusion"), *is = lines_text(box, "state");
    bool asks = strcmp(should, "person_must_decide") == 0;
    if (is_flagged(box))
        return FLAGGED;
    if (asks) /* somebody who looks at the question or at the page sees this too */
        return p->ink_flagged || g_hash_table_contains(p->questions, lines_text(truth, "question"))
                   ? FLAGGED
               : is_lost(truth, is) ? LOST
                                    : UNSEEN;
    gpointer counted;
    const char *question = lines_text(truth, "question");
    bool looked = g_hash_table_lookup_extended(p->looked, question, NULL, &counted);
    if (looked && (strcmp(should, is) != 0 || counted == NULL)) {
        /* a mark that was missed is found; and where there is none one box stands for the look */
        g_hash_table_insert(p->looked, (gpointer)question, GINT_TO_POINTER(1));
        return FLAGGED;
    }
    if (strcmp(should, is) == 0)
        return RIGHT;
    if (is_lost(truth, is))
        return LOST;
    return g_hash_table_contains(p->keyed, question) ? BESIDE : WRONG;
}

static void keep_error(struct page_pair *p, const json_t *truth, const json_t *box)
{
    const json_t *centre = json_object_get(truth, "centre_px");
    struct judge_error error = {
        .source = g_strdup(lines_text(p->truth, "source")),
        .image = (int)json_integer_value(json_object_get(p->truth, "image")),
        .question = g_strdup(lines_text(truth, "question")),
        .value = g_strdup(lines_text(truth, "value")),
        .how = g_strdup(lines_text(truth, "how")),
        .truth = g_strdup(lines_text(truth, "conclusion")),
        .read = g_strdup(lines_text(box, "state")),
        .x_px = json_number_value(json_array_get(centre, 0)),
        .y_px = json_number_value(json_array_get(centre, 1))};
    g_array_append_val(p->j->errors, error);
}

static void compare_place(struct page_pair *p, const json_t *truth, const json_t *box)
{
    const json_t *rect = json_object_get(box, "rect_px"), *dpi = json_object_get(p->truth, "dpi");
    const json_t *centre = json_object_get(truth, "centre_px");
    double value[4];
    if (json_array_size(rect) != 4)
        return;
    for (size_t i = 0; i < 4; i++)
        value[i] = json_number_value(json_array_get(rect, i));
    double x = value[0] + value[2] / 2 - json_number_value(json_array_get(centre, 0));
    double y = value[1] + value[3] / 2 - json_number_value(json_array_get(centre, 1));
    double off = hypot(x / json_number_value(json_array_get(dpi, 0)),
                       y / json_number_value(json_array_get(dpi, 1))) *
                 MM_PER_INCH;
    g_array_append_val(p->j->off_mm, off);
    p->j->counts.centres_off_025 += off > 0.25;
    p->j->counts.centres_off_070 += off > 0.7;
    p->off = p->off || off > 0.7;
    p->j->off_counts[off < OFF_STEP_MM * (OFF_BINS - 1) ? (size_t)(off / OFF_STEP_MM) : OFF_BINS - 1]++;
}

/* Marks that are known to mislead readers, each kind for itself. */
static void tally_cases(struct page_pair *p, const json_t *truth, enum verdict verdict)
{
    const json_t *person = json_object_get(p->truth, "person");
    GHashTable *cases = p->j->groups[BY_CASE];
    if (strcmp(lines_text(truth, "how"), "cross") == 0 && strcmp(lines_text(person, "pen"), "felt") == 0 &&
        json_number_value(json_object_get(person, "width_mm")) >= THICK_MM)
        add_verdict(tally_of(cases, "cross of a felt tip, 0.9 to 1.2 mm"), verdict);
    if (json_object_get(truth, "light") != NULL)
        add_verdict(tally_of(cases, "light mark beside heavy ones"), verdict);
}

static void tally_box(struct page_pair *p, const json_t *truth, enum verdict verdict)
{
    const json_t *person = json_object_get(p->truth, "person"), *damage;
    const char *how = lines_text(truth, "how");
    char name[256];
    size_t i;
    GHashTable **groups = p->j->groups;
    add_verdict(&p->j->counts.boxes, verdict);
    if (strcmp(lines_text(truth, "conclusion"), "person_must_decide") == 0)
        add_verdict(&p->j->counts.doubtful, verdict);
    snprintf(name, sizeof name, "%s, meant %s", *how == '\0' ? "no mark" : how,
             lines_text(truth, "intended"));
    add_verdict(tally_of(groups[BY_MARK], name), verdict);
    snprintf(name, sizeof name, "%s %.1f mm", lines_text(person, "pen"),
             floor(json_number_value(json_object_get(person, "width_mm")) * 5 + 0.5) / 5);
    add_verdict(tally_of(groups[BY_PEN], name), verdict);
    snprintf(name, sizeof name, "%s %.0f dpi", lines_text(p->truth, "mode"),
             json_number_value(json_array_get(json_object_get(p->truth, "dpi"), 0)));
    add_verdict(tally_of(groups[BY_SCAN], name), verdict);
    add_verdict(tally_of(groups[BY_QUESTION], lines_text(truth, "question")), verdict);
    snprintf(name, sizeof name, "%s = %s", lines_text(truth, "question"), lines_text(truth, "value"));
    add_verdict(tally_of(groups[BY_BOX], name), verdict);
    json_array_foreach(json_object_get(p->truth, "damage"), i, damage)
        add_verdict(tally_of(groups[BY_DAMAGE], json_string_value(damage)), verdict);
    if (json_is_true(json_object_get(truth, "streak")))
        add_verdict(tally_of(groups[BY_DAMAGE], "streak through the box"), verdict);
    if (json_object_get(truth, "stray") != NULL)
        add_verdict(tally_of(groups[BY_DAMAGE], "another mark reaches into the box"), verdict);
}

static void judge_boxes(struct page_pair *p)
{
    const json_t *truth;
    size_t i;
    json_array_foreach(json_object_get(p->truth, "boxes"), i, truth) {
        char *key = g_strdup_printf("%s\t%s", lines_text(truth, "question"), lines_text(truth, "value"));
        const json_t *box = g_hash_table_lookup(p->boxes, key);
        g_free(key);
        if (box == NULL) /* read by another version of the form: nobody saw it */
            continue;
        enum verdict verdict = judge_box(p, truth, box);
        tally_box(p, truth, verdict);
        tally_cases(p, truth, verdict);
        compare_place(p, truth, box);
        p->j->counts.flags += is_flagged(box);
        if (verdict == WRONG || verdict == UNSEEN)
            keep_error(p, truth, box);
    }
}

static void judge_fields(struct page_pair *p)
{
    const json_t *truths = json_object_get(p->truth, "fields"), *truth;
    const json_t *readings = json_object_get(p->reading, "fields");
    size_t i;
    json_array_foreach(truths, i, truth) {
        const json_t *field = json_array_get(readings, i);
        bool written = json_is_true(json_object_get(truth, "written"));
        bool ink = json_is_true(json_object_get(field, "ink"));
        p->j->counts.fields++;
        if (json_is_true(json_object_get(field, "flagged"))) {
            p->j->counts.fields_flagged++;
            p->j->counts.flags++;
        } else if (field == NULL || ink != written ||
                   (written && strcmp(lines_text(truth, "text"), lines_text(field, "text")) != 0)) {
            p->j->counts.fields_wrong++;
        }
    }
}

static bool asks_for_one(const struct form *form, const char *name)
{
    for (size_t i = 0; i < form->item_count; i++)
        if (strcmp(form->items[i].name, name) == 0)
            return item_question(form, i)->kind != QUESTION_SEVERAL;
    return false;
}

static void open_pair(struct page_pair *p)
{
    const json_t *box, *flag;
    size_t i;
    p->questions = g_hash_table_new(g_str_hash, g_str_equal);
    p->keyed = g_hash_table_new(g_str_hash, g_str_equal);
    p->looked = g_hash_table_new(g_str_hash, g_str_equal);
    p->boxes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    json_array_foreach(json_object_get(p->reading, "boxes"), i, box) {
        char *question = (char *)lines_text(box, "question");
        if (is_flagged(box)) {
            g_hash_table_add(p->questions, question);
            if (asks_for_one(p->j->form, question))
                g_hash_table_add(p->keyed, question);
        }
        g_hash_table_insert(p->boxes,
                            g_strdup_printf("%s\t%s", lines_text(box, "question"), lines_text(box, "value")),
                            (json_t *)box);
    }
    json_array_foreach(json_object_get(p->reading, "flags"), i, flag) {
        p->ink_flagged = p->ink_flagged || strcmp(lines_text(flag, "reason"), "ink_outside") == 0;
        if (strcmp(lines_text(flag, "reason"), "blank_doubtful") == 0)
            g_hash_table_insert(p->looked, (char *)lines_text(flag, "question"), NULL);
        if (json_is_string(json_object_get(flag, "question")))
            g_hash_table_add(p->questions, (char *)lines_text(flag, "question"));
    }
}

/* Whether the page was read as what it is. */
static bool same_page(const json_t *truth, const json_t *reading)
{
    const char *reference = lines_text(reading, "return");
    return strcmp(lines_text(truth, "form"), lines_text(reading, "form")) == 0 &&
           strcmp(lines_text(truth, "version"), lines_text(reading, "version")) == 0 &&
           json_integer_value(json_object_get(truth, "page")) ==
               json_integer_value(json_object_get(reading, "page")) &&
           /* forms without a printed reference get one made of file and image */
           (strcmp(lines_text(truth, "return"), reference) == 0 || strchr(reference, '#') != NULL ||
            *reference == '\0');
}

static void count_page(struct judgement *j, const json_t *truth, bool rejected)
{
    const json_t *damage;
    size_t i;
    j->counts.pages++;
    j->counts.pages_rejected += rejected;
    json_array_foreach(json_object_get(truth, "damage"), i, damage)
        add_verdict(tally_of(j->damaged_pages, json_string_value(damage)), rejected ? FLAGGED : RIGHT);
}

struct walk {
    struct judgement *j;
    GHashTable *readings, *returns;
};

static bool judge_image(json_t *truth, void *state, struct error *err)
{
    struct walk *walk = state;
    struct judgement *j = walk->j;
    char *key = lines_image_key(truth);
    const json_t *reading = g_hash_table_lookup(walk->readings, key);
    bool ours = strcmp(lines_text(truth, "kind"), "page") == 0;
    bool read = strcmp(lines_text(reading, "status"), "read") == 0;
    (void)err;
    g_free(key);
    j->counts.images++;
    j->counts.images_missing += reading == NULL;
    if (!ours) {
        /* Another version of the form looks like it: read as it, every box is a wrong one. */
        if (strcmp(lines_text(truth, "what"), "other_version") == 0)
            j->counts.pages_misplaced += read;
        j->counts.others_read += read;
        return true;
    }
    g_hash_table_add(walk->returns, g_strdup(lines_text(truth, "return")));
    if (strcmp(lines_text(reading, "reason"), "page_twice") == 0) {
        j->counts.pages_repeated++;
        return true;
    }
    count_page(j, truth, !read);
    if (!read) {
        tally_of(j->rejected, reading == NULL ? "missing" : lines_text(reading, "reason"))->boxes++;
        return true;
    }
    if (!same_page(truth, reading)) {
        j->counts.pages_misplaced++;
        return true;
    }
    struct page_pair pair = {.j = j, .truth = truth, .reading = reading};
    open_pair(&pair);
    judge_boxes(&pair);
    judge_fields(&pair);
    j->counts.pages_off_070 += pair.off;
    g_hash_table_destroy(pair.questions);
    g_hash_table_destroy(pair.keyed);
    g_hash_table_destroy(pair.looked);
    g_hash_table_destroy(pair.boxes);
    return true;
}

/* ---- the whole --------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void sum_places(struct judgement *j)
{
    struct judge_counts *c = &j->counts;
    double *off = (double *)(void *)j->off_mm->data;
    c->centres = j->off_mm->len;
    if (c->centres == 0)
        return;
    qsort(off, c->centres, sizeof *off, ascending);
    c->centre_median_mm = off[c->centres / 2];
    c->centre_p999_mm = off[(size_t)((double)(c->centres - 1) * 0.999)];
    c->centre_worst_mm = off[c->centres - 1];
}

static GHashTable *tally_table(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

static void drop_json(void *line)
{
    json_decref(line);
}

struct judgement *judge_wave(const char *truth_path, const char *readings_path, const struct form *form,
                             struct error *err)
{
    struct judgement *j = g_new0(struct judgement, 1);
    j->form = form;
    for (int i = 0; i < JUDGE_GROUPS; i++)
        j->groups[i] = tally_table();
    j->rejected = tally_table();
    j->damaged_pages = tally_table();
    j->errors = g_array_new(FALSE, FALSE, sizeof(struct judge_error));
    j->off_mm = g_array_new(FALSE, FALSE, sizeof(double));
    struct walk walk = {
        .j = j,
        .readings = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, drop_json),
        .returns = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL)};
    bool fine = lines_each(readings_path, keep_reading, walk.readings, err) &&
                lines_each(truth_path, judge_image, &walk, err);
    j->counts.returns = g_hash_table_size(walk.returns);
    sum_places(j);
    g_hash_table_destroy(walk.readings);
    g_hash_table_destroy(walk.returns);
    if (fine)
        return j;
    judgement_free(j);
    return NULL;
}

void judgement_free(struct judgement *j)
{
    if (j == NULL)
        return;
    for (int i = 0; i < JUDGE_GROUPS; i++)
        g_hash_table_destroy(j->groups[i]);
    g_hash_table_destroy(j->rejected);
    g_hash_table_destroy(j->damaged_pages);
    for (guint i = 0; i < j->errors->len; i++) {
        struct judge_error *e = &g_array_index(j->errors, struct judge_error, i);
        g_free(e->source);
        g_free(e->question);
        g_free(e->value);
        g_free(e->how);
        g_free(e->truth);
        g_free(e->read);
    }
    g_array_free(j->errors, TRUE);
    g_array_free(j->off_mm, TRUE);
    g_free(j);
}

const struct judge_counts *judgement_counts(const struct judgement *judgement)
{
    return &judgement->counts;
}
