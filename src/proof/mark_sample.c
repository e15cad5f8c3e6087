/* Joins the store's evidence with truth or with what people verified. */
#include "proof/mark_sample.h"

#include <glib.h>
#include <math.h>
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
    *sample = (struct mark_sample){0};
}

/* Of a filling so little can be left that only the mark below it shows: nobody could know. */
#define FILLING_LOST_SHARE 0.5

/* ---- labels ------------------------------------------------------------------------------ */

/* "file.tif#1\tquestion\tvalue" -> label + 1 */
static void add_label(GHashTable *labels, const char *image, const json_t *box, const char *state)
{
    for (int k = 0; k < MARK_STATES; k++)
        if (strcmp(state, label_names[k]) == 0)
            g_hash_table_insert(labels,
                                g_strdup_printf("%s\t%s\t%s", image, lines_text(box, "question"),
                                                lines_text(box, "value")),
                                GINT_TO_POINTER(k + 1));
}

static bool take_truth(json_t *line, void *state, struct error *err)
{
    const json_t *box;
    size_t i;
    char *image = lines_image_key(line);
    (void)err;
    json_array_foreach(json_object_get(line, "boxes"), i, box) {
        const json_t *visible = json_object_get(box, "visible");
        const char *conclusion = lines_text(box, "conclusion");
        double least = strcmp(conclusion, "withdrawn") == 0 ? FILLING_LOST_SHARE : LOST_SHARE;
        if (strcmp(conclusion, "empty") != 0 && visible != NULL &&
            json_number_value(visible) < least)
            continue;
        add_label(state, image, box, conclusion);
    }
    g_free(image);
    return true;
}

static bool take_verified(json_t *line, void *state, struct error *err)
{
    const char *is = lines_text(line, "state");
    bool known = false;
    for (int k = 0; k < MARK_STATES; k++)
        known |= strcmp(is, label_names[k]) == 0;
    if (!known)
        return error_set(err, "state: empty, marked or withdrawn was expected, not '%s'", is);
    char *image = lines_image_key(line);
    add_label(state, image, line, is);
    g_free(image);
    return true;
}

/* ---- joining ----------------------------------------------------------------------------- */

static bool same_page(const struct stored_box *a, const struct stored_box *b)
{
    return a->source == b->source && a->image == b->image;
}

static void add_labelled(struct mark_sample *sample, const struct labelled_box *box)
{
    if (sample->count == sample->capacity) {
        sample->capacity = sample->capacity * 2 + 4096;
        sample->boxes = g_renew(struct labelled_box, sample->boxes, sample->capacity);
    }
    sample->boxes[sample->count++] = *box;
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
        int label = GPOINTER_TO_INT(g_hash_table_lookup(labels, key));
        const struct box_evidence *e = &boxes[i].evidence;
        if (label > 0 && e->print_found >= calibration->marks.print_found_min &&
            e->offset_mm <= calibration->marks.offset_max_mm &&
            e->misfit_mm <= calibration->registration.field_residual_max_mm) {
            add.box = &boxes[i];
            add.quiet = *quiet[i];
            add.label = label - 1;
            add.filler = pen_fills_boxes(&add.pen, &calibration->marks);
            add.streak = mark_may_be_streak(e, &calibration->marks);
            add_labelled(sample, &add);
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

bool mark_sample_add(struct mark_sample *sample, const char *folder,
                     const struct calibration *calibration, struct error *err)
{
    char *truth = g_strdup_printf("%s/truth.jsonl", folder);
    bool simulated = g_file_test(truth, G_FILE_TEST_EXISTS);
    char *store = g_strdup_printf(simulated ? "%s/results/store.sqlite" : "%s/store.sqlite", folder);
    char *verified = g_strdup_printf("%s/verified.jsonl", folder);
    GHashTable *labels = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    struct stored_box *boxes;
    size_t count;
    bool fine = load_boxes(sample, &boxes, &count, store, err) &&
                lines_each(simulated ? truth : verified, simulated ? take_truth : take_verified,
                           labels, err);
    for (size_t i = 0, next; fine && i < count; i = next) {
        for (next = i + 1; next < count && strcmp(boxes[i].reference, boxes[next].reference) == 0;)
            next++;
        add_return(sample, &boxes[i], next - i, labels, calibration);
    }
    g_hash_table_destroy(labels);
    g_free(verified);
    g_free(store);
    g_free(truth);
    return fine;
}
