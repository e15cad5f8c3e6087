/* BOXES.json to plain structures, every value checked. */
#include "form/import_boxes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "form/file.h"
#include "form/words.h"

#define BOXES_BYTES_MAX (64u << 20)
#define ENTRIES_MAX 50000
#define PAGES_MAX 1000
#define TEXT_BYTES_MAX 1000

struct reader {
    struct arena *arena;
    const char *path;
    struct error *err;
    long page; /* as the file numbers it */
};

static bool fail(const struct reader *r, const char *what, size_t index, const char *message)
{
    return error_set(r->err, "%s: page %ld, %s %zu: %s", r->path, r->page, what, index + 1,
                     message);
}

/* Text, or a number taken as text ("value": 1). NULL where absent, null or empty. */
static bool read_text(struct reader *r, const char **out, const json_t *json, const char *what,
                      size_t index, const char *message)
{
    *out = NULL;
    if (json == NULL || json_is_null(json))
        return true;
    if (json_is_integer(json)) {
        *out = arena_printf(r->arena, "%lld", (long long)json_integer_value(json));
        return true;
    }
    if (!json_is_string(json))
        return fail(r, what, index, message);
    for (const char *c = json_string_value(json); *c != '\0'; c++)
        if (((unsigned char)*c < 0x20 && *c != '\n' && *c != '\t') || *c == 0x7F)
            return fail(r, what, index, "expected text without control characters");
    if (json_string_length(json) > TEXT_BYTES_MAX)
        return fail(r, what, index, "expected text of at most 1000 bytes");
    if (json_string_length(json) > 0)
        *out = arena_strdup(r->arena, json_string_value(json));
    return true;
}

static bool read_rect(struct reader *r, struct rect *out, const json_t *json, const char *what,
                      size_t index)
{
    double v[4];
    if (!json_is_array(json) || json_array_size(json) != 4)
        return fail(r, what, index, "expected a rectangle [x, y, width, height] in pixels");
    for (size_t i = 0; i < 4; i++) {
        const json_t *number = json_array_get(json, i);
        v[i] = json_number_value(number);
        if (!json_is_number(number) || !isfinite(v[i]))
            return fail(r, what, index, "expected a rectangle of four numbers");
    }
    *out = (struct rect){v[0], v[1], v[2], v[3]};
    if (!(out->w > 0) || !(out->h > 0))
        return fail(r, what, index, "expected a rectangle wider and higher than 0 pixels");
    return true;
}

static bool read_several(struct reader *r, bool *out, const json_t *json, const char *what,
                         size_t index)
{
    const char *kind = json_string_value(json);
    *out = kind != NULL && strcmp(kind, "several") == 0;
    if (json == NULL || *out || (kind != NULL && strcmp(kind, "single") == 0))
        return true;
    return fail(r, what, index, "expected \"kind\" to be single or several");
}

static bool read_shape(struct reader *r, enum box_shape *out, const json_t *json, size_t index)
{
    const char *word = json_string_value(json);
    *out = BOX_SQUARE;
    if (json == NULL)
        return true;
    for (int i = 0; word != NULL && i < BOX_SHAPE_COUNT; i++)
        if (strcmp(word, box_shape_words[i]) == 0) {
            *out = (enum box_shape)i;
            return true;
        }
    return fail(r, "box", index, "expected \"shape\" to be square, circle or oval");
}

static bool read_box(struct reader *r, struct given_box *out, const json_t *json, size_t index)
{
    if (!json_is_object(json))
        return fail(r, "box", index, "expected an object");
    return read_text(r, &out->question, json_object_get(json, "question"), "box", index,
                     "expected \"question\" to be text") &&
           read_text(r, &out->value, json_object_get(json, "value"), "box", index,
                     "expected \"value\" to be text") &&
           read_text(r, &out->label, json_object_get(json, "label"), "box", index,
                     "expected \"label\" to be text") &&
           read_several(r, &out->several, json_object_get(json, "kind"), "box", index) &&
           read_shape(r, &out->shape, json_object_get(json, "shape"), index) &&
           read_rect(r, &out->rect, json_object_get(json, "rect"), "box", index);
}

static struct rect bounds(const struct rect *rects, size_t count)
{
    double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        x0 = fmin(x0, rects[i].x);
        y0 = fmin(y0, rects[i].y);
        x1 = fmax(x1, rects[i].x + rects[i].w);
        y1 = fmax(y1, rects[i].y + rects[i].h);
    }
    return (struct rect){x0, y0, x1 - x0, y1 - y0};
}

static bool read_field(struct reader *r, struct given_field *out, const json_t *json, size_t index)
{
    const char *kind = json_string_value(json_object_get(json, "kind"));
    int i = 0;
    while (i < FIELD_KIND_COUNT && (kind == NULL || strcmp(kind, field_kind_words[i]) != 0))
        i++;
    if (i == FIELD_KIND_COUNT)
        return fail(r, "field", index,
                    "expected \"kind\" to be digits, date, letters, text or comment");
    out->kind = (enum field_kind)i;
    if (!read_text(r, &out->question, json_object_get(json, "question"), "field", index,
                   "expected \"question\" to be text") ||
        !read_text(r, &out->label, json_object_get(json, "label"), "field", index,
                   "expected \"label\" to be text"))
        return false;
    const json_t *cells = json_object_get(json, "cells");
    out->cell_count = json_array_size(cells);
    if (out->cell_count > 100)
        return fail(r, "field", index, "expected at most 100 cells");
    if (cells == NULL || out->cell_count == 0)
        return read_rect(r, &out->rect, json_object_get(json, "rect"), "field", index);
    out->cells = ARENA_NEW(r->arena, struct rect, out->cell_count);
    for (size_t c = 0; c < out->cell_count; c++)
        if (!read_rect(r, &out->cells[c], json_array_get(cells, c), "field", index))
            return false;
    out->rect = bounds(out->cells, out->cell_count);
    return true;
}

static bool read_page(struct reader *r, struct given_page *out, const json_t *json, size_t index)
{
    const json_t *number = json_object_get(json, "page");
    r->page = number == NULL ? (long)index + 1 : (long)json_integer_value(number);
    if (!json_is_object(json) || (number != NULL && !json_is_integer(number)) || r->page < 1 ||
        r->page > PAGES_MAX)
        return error_set(r->err, "%s: expected \"page\" of entry %zu of \"pages\" to be a number "
                         "from 1", r->path, index + 1);
    out->page = (size_t)r->page - 1;
    const json_t *boxes = json_object_get(json, "boxes"), *fields = json_object_get(json, "fields");
    out->box_count = json_array_size(boxes);
    out->field_count = json_array_size(fields);
    out->fields_said = fields != NULL;
    if ((boxes != NULL && !json_is_array(boxes)) || (fields != NULL && !json_is_array(fields)) ||
        out->box_count > ENTRIES_MAX || out->field_count > ENTRIES_MAX)
        return error_set(r->err, "%s: page %ld: expected \"boxes\" and \"fields\" to be lists of "
                         "at most %d", r->path, r->page, ENTRIES_MAX);
    out->boxes = ARENA_NEW(r->arena, struct given_box, out->box_count);
    out->fields = ARENA_NEW(r->arena, struct given_field, out->field_count);
    for (size_t i = 0; i < out->box_count; i++)
        if (!read_box(r, &out->boxes[i], json_array_get(boxes, i), i))
            return false;
    for (size_t i = 0; i < out->field_count; i++)
        if (!read_field(r, &out->fields[i], json_array_get(fields, i), i))
            return false;
    return true;
}

static int by_page(const void *a, const void *b)
{
    const struct given_page *p = a, *q = b;
    return (p->page > q->page) - (p->page < q->page);
}

static bool read_pages(struct reader *r, struct given *out, const json_t *json)
{
    out->page_count = json_array_size(json);
    if (!json_is_array(json) || out->page_count == 0 || out->page_count > PAGES_MAX)
        return error_set(r->err, "%s: expected \"pages\" to be a list of 1 to %d pages", r->path,
                         PAGES_MAX);
    out->pages = ARENA_NEW(r->arena, struct given_page, out->page_count);
    for (size_t p = 0; p < out->page_count; p++)
        if (!read_page(r, &out->pages[p], json_array_get(json, p), p))
            return false;
    qsort(out->pages, out->page_count, sizeof *out->pages, by_page);
    for (size_t p = 1; p < out->page_count; p++)
        if (out->pages[p].page == out->pages[p - 1].page)
            return error_set(r->err, "%s: page %zu stands twice in \"pages\"", r->path,
                             out->pages[p].page + 1);
    return true;
}

static bool read_questions(struct reader *r, struct given *out, const json_t *json)
{
    out->question_count = json_array_size(json);
    if ((json != NULL && !json_is_array(json)) || out->question_count > ENTRIES_MAX)
        return error_set(r->err, "%s: expected \"questions\" to be a list", r->path);
    out->questions = ARENA_NEW(r->arena, struct given_question, out->question_count);
    for (size_t i = 0; i < out->question_count; i++) {
        const json_t *entry = json_array_get(json, i);
        struct given_question *question = &out->questions[i];
        r->page = 0;
        if (!read_text(r, &question->question, json_object_get(entry, "question"), "question", i,
                       "expected \"question\" to be text") ||
            !read_text(r, &question->text, json_object_get(entry, "text"), "question", i,
                       "expected \"text\" to be text") ||
            !read_text(r, &question->number, json_object_get(entry, "number"), "question", i,
                       "expected \"number\" to be text") ||
            !read_several(r, &question->several, json_object_get(entry, "kind"), "question", i))
            return false;
        question->critical = json_is_true(json_object_get(entry, "critical"));
        if (question->question == NULL)
            return fail(r, "question", i, "expected the key \"question\"");
    }
    return true;
}

/* Where any deliberate mark is an answer, as on bubble sheets, two of them are no riddle: they are coded as
 * what they are, as readers of such sheets do, unless the file has a person look. */
static bool read_policy(struct reader *r, struct given *out, const json_t *root)
{
    const json_t *correction = json_object_get(root, "correction");
    const json_t *multiple = json_object_get(root, "multiple");
    const char *word = json_string_value(correction), *rule = json_string_value(multiple);
    out->correction = CORRECTION_FILL;
    out->correction_said = correction != NULL;
    if (word != NULL && strcmp(word, correction_words[CORRECTION_NONE]) == 0)
        out->correction = CORRECTION_NONE;
    else if (correction != NULL &&
             (word == NULL || strcmp(word, correction_words[CORRECTION_FILL]) != 0))
        return error_set(r->err, "%s: expected \"correction\" to be fill or none", r->path);
    out->multiple = out->correction == CORRECTION_NONE ? RULE_CODE : RULE_REVIEW;
    if (rule != NULL && strcmp(rule, case_rule_words[RULE_CODE]) == 0)
        out->multiple = RULE_CODE;
    else if (rule != NULL && strcmp(rule, case_rule_words[RULE_REVIEW]) == 0)
        out->multiple = RULE_REVIEW;
    else if (multiple != NULL)
        return error_set(r->err, "%s: expected \"multiple\" to be review or code", r->path);
    return true;
}

static bool read_root(struct reader *r, struct given *out, const json_t *root)
{
    if (!json_is_object(root))
        return error_set(r->err, "%s: expected an object with \"pages\"", r->path);
    const json_t *dpi = json_object_get(root, "dpi");
    out->dpi = json_number_value(dpi);
    if (dpi != NULL && !(json_is_number(dpi) && out->dpi >= 20 && out->dpi <= 2400))
        return error_set(r->err, "%s: expected \"dpi\" to be a number from 20 to 2400", r->path);
    return read_policy(r, out, root) && read_pages(r, out, json_object_get(root, "pages")) &&
           read_questions(r, out, json_object_get(root, "questions"));
}

bool import_boxes_load(struct given *out, struct arena *arena, const char *path, struct error *err)
{
    char *bytes;
    size_t length;
    json_error_t trouble;
    struct reader reader = {.arena = arena, .path = path, .err = err};
    *out = (struct given){0};
    if (!file_read_whole(&bytes, &length, path, BOXES_BYTES_MAX, err))
        return false;
    json_t *root = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &trouble);
    free(bytes);
    if (root == NULL)
        return error_set(err, "%s:%d:%d: expected JSON: %s", path, trouble.line, trouble.column,
                         trouble.text);
    bool fine = read_root(&reader, out, root);
    json_decref(root);
    return fine;
}
