/* Joins the store's evidence with truth or with what people verified. */
#include "proof/mark_sample.h"

#include <glib.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proof/judge.h"
#include "proof/lines.h"

static const char *const label_names[MARK_STATES] = {"empty", "marked", "withdrawn"};

void mark_sample_init(struct mark_sample *sample)
{
    *sample = (struct mark_sample){.arena = arena_new()};
}

void mark_sample_release(struct mark_sample *sample)
{
    arena_free(sample->arena);
    g_free(sample->boxes);
    g_free(sample->others);
    *sample = (struct mark_sample){0};
}

/* Of a filling so little can be left that only the mark below it shows: nobody could know. */
#define FILLING_LOST_SHARE 0.5

/* ---- labels ------------------------------------------------------------------------------ */

/* What is known of a box. A mark of which less than LOST_SHARE is left was lost before anybody saw it: of
 * what was read as what is left nobody can say that it is wrong. */
struct label {
    int state;
    bool teaches;                 /* it looks like its label */
    bool mark_lost, filling_lost; /* no reader could have seen it */
    size_t line;                  /* where it stands in the file */
    bool met;                     /* a box that was read has this label */
};

/* What a file says. */
struct known {
    GHashTable *labels; /* "file.tif#1\tquestion\tvalue" -> label */
    size_t line;
};

/* False: the box was there already, with another state. */
static bool add_label(struct known *known, const char *image, const json_t *box, struct label label)
{
    char *key = g_strdup_printf("%s\t%s\t%s", image, lines_text(box, "question"), lines_text(box, "value"));
    const struct label *earlier = g_hash_table_lookup(known->labels, key);
    bool fine = earlier == NULL || earlier->state == label.state;
    label.line = known->line;
    g_hash_table_insert(known->labels, key, g_memdup2(&label, sizeof label));
    return fine;
}

static int label_named(const char *name)
{
    int state = 0;
    while (state < MARK_STATES && strcmp(label_names[state], name) != 0)
        state++;
    return state;
}

static bool is_under(const json_t *box, const char *what, double share)
{
    const json_t *visible = json_object_get(box, what);
    return visible != NULL && json_number_value(visible) < share;
}

static bool take_truth(json_t *line, void *state, struct error *err)
{
    const json_t *box;
    size_t i;
    char *image = lines_image_key(line);
    (void)err;
    json_array_foreach(json_object_get(line, "boxes"), i, box) {
        struct label label = {.state = label_named(lines_text(box, "conclusion"))};
        bool there = json_object_get(box, "lost") == NULL; /* paper that is not there shows */
        double least = label.state == MARK_WITHDRAWN ? FILLING_LOST_SHARE : LOST_SHARE;
        label.teaches = label.state == MARK_EMPTY ||
                        (label.state < MARK_STATES && !is_under(box, "visible", least));
        label.mark_lost = there && is_under(box, "visible", LOST_SHARE);
        label.filling_lost = there && is_under(box, "strike_visible", LOST_SHARE);
        (void)add_label(state, image, box, label);
    }
    g_free(image);
    return true;
}

static bool take_verified(json_t *line, void *state, struct error *err)
{
    struct known *known = state;
    const char *is = lines_text(line, "state");
    known->line++;
    struct label label = {.state = label_named(is)};
    label.teaches = label.state < MARK_STATES;
    if (!label.teaches && strcmp(is, "uncertain") != 0)
        return error_set(err, "state: empty, marked, withdrawn or uncertain was expected, not '%s'", is);
    char *image = lines_image_key(line);
    bool fine = add_label(known, image, line, label) ||
                error_set(err, "a box that is labelled otherwise in an earlier line");
    g_free(image);
    return fine;
}

/* ---- joining ----------------------------------------------------------------------------- */

static bool same_page(const struct stored_box *a, const struct stored_box *b)
{
    return a->source == b->source && a->image == b->image;
}

static void add_labelled(struct mark_sample *sample, const struct labelled_box *box, bool teaches)
{
    struct labelled_box **boxes = teaches ? &sample->boxes : &sample->others;
    size_t *count = teaches ? &sample->count : &sample->other_count;
    size_t *capacity = teaches ? &sample->capacity : &sample->other_capacity;
    if (*count == *capacity) {
        *capacity = *capacity * 2 + 4096;
        *boxes = g_renew(struct labelled_box, *boxes, *capacity);
    }
    (*boxes)[(*count)++] = *box;
}

/* Whether the form lies where the box says; else its evidence teaches nothing. */
static bool lies_well(const struct box_evidence *e, const struct calibration *calibration)
{
    return e->print_found >= calibration->marks.print_found_min &&
           e->offset_mm <= calibration->marks.offset_max_mm &&
           e->misfit_mm <= calibration->registration.field_residual_max_mm;
}

/* The boxes of one return, page by page. */
static void add_return(struct mark_sample *sample, const struct stored_box *boxes, size_t count,
                       GHashTable *labels, const struct calibration *calibration)
{
    struct box_reading *readings = g_new0(struct box_reading, count);
    const struct box_reading **pointers = g_new(const struct box_reading *, count);
    struct quiet *quiets = g_new0(struct quiet, count);
    const struct quiet **quiet = g_new(const struct quiet *, count);
    for (size_t i = 0; i < count; i++) {
        readings[i].evidence = boxes[i].evidence;
        pointers[i] = &readings[i];
    }
    for (size_t i = 0, next; i < count; i = next) {
        for (next = i + 1; next < count && same_page(&boxes[i], &boxes[next]);)
            next++;
        quiets[i] = quiet_estimate(&readings[i], next - i, &calibration->marks);
        for (size_t k = i; k < next; k++)
            quiet[k] = &quiets[i];
    }
    struct labelled_box add = {
        .pen = pen_estimate(pointers, quiet, count, calibration),
        .fold = g_str_hash(boxes->reference) % MARK_FOLDS};
    for (size_t i = 0; i < count; i++) {
        char *image = image_key_of(boxes[i].source, boxes[i].image);
        char *key = g_strdup_printf("%s\t%s\t%s", image, boxes[i].question, boxes[i].value);
        struct label *label = g_hash_table_lookup(labels, key);
        if (label != NULL)
            label->met = true;
        const struct box_evidence *e = &boxes[i].evidence;
        bool lost = label != NULL && ((label->mark_lost && boxes[i].state == BOX_EMPTY) ||
                                      (label->filling_lost && boxes[i].state == BOX_MARKED));
        bool teaches = label != NULL && label->teaches && lies_well(e, calibration);
        if (label != NULL && (teaches || !lost)) {
            add.box = &boxes[i];
            add.quiet = *quiet[i];
            add.label = label->state;
            add.filler = pen_fills_boxes(&add.pen, &calibration->marks);
            add.dark = pen_answers_darkly(&add.pen, &calibration->marks) &&
                       e->core_share >= calibration->marks.fill_core_min;
            add.streak = mark_may_be_streak(e, &calibration->marks);
            add_labelled(sample, &add, teaches);
        }
        g_free(key);
        g_free(image);
    }
    sample->returns++;
    g_free(readings);
    g_free(pointers);
    g_free(quiets);
    g_free(quiet);
}

static bool load_boxes(struct mark_sample *sample, struct stored_box **boxes, size_t *count,
                       const char *path, struct error *err)
{
    struct store *store;
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return error_set(err, "%s: there is no such store; a results folder was expected", path);
    if (!store_open(&store, path, err))
        return false;
    bool fine = store_load_boxes(boxes, count, sample->arena, store, err);
    store_close(store);
    return fine;
}

/* What was verified of boxes that nobody read: of other scans, or misspelt. */
static void note_unmatched(struct mark_sample *sample, GHashTable *labels, const char *path)
{
    GHashTableIter at;
    gpointer value;
    size_t first = SIZE_MAX;
    g_hash_table_iter_init(&at, labels);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        const struct label *label = value;
        sample->unmatched += !label->met;
        first = !label->met && label->line < first ? label->line : first;
    }
    if (first != SIZE_MAX && sample->first_unmatched == NULL)
        sample->first_unmatched = arena_printf(sample->arena, "%s:%zu", path, first);
}

bool mark_sample_add(struct mark_sample *sample, const char *folder,
                     const struct calibration *calibration, struct error *err)
{
    char *truth = g_strdup_printf("%s/truth.jsonl", folder);
    bool simulated = g_file_test(truth, G_FILE_TEST_EXISTS);
    char *store = g_strdup_printf(simulated ? "%s/results/store.sqlite" : "%s/store.sqlite", folder);
    char *verified = g_strdup_printf("%s/verified.jsonl", folder);
    GHashTable *labels = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    struct known known = {.labels = labels};
    struct stored_box *boxes;
    size_t count;
    bool fine = load_boxes(sample, &boxes, &count, store, err) &&
                lines_each(simulated ? truth : verified, simulated ? take_truth : take_verified,
                           &known, err);
    for (size_t i = 0, next; fine && i < count; i = next) {
        for (next = i + 1; next < count && strcmp(boxes[i].reference, boxes[next].reference) == 0;)
            next++;
        add_return(sample, &boxes[i], next - i, labels, calibration);
    }
    if (fine && !simulated)
        note_unmatched(sample, labels, verified);
    g_hash_table_destroy(labels);
    g_free(verified);
    g_free(store);
    g_free(truth);
    return fine;
}
