/* template.json to model: every number checked before anything is measured with it. */
#include "form/template.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>
#include <jansson.h>

#include "form/file.h"
#include "form/words.h"

#define TEMPLATE_BYTES_MAX (64u << 20)
#define TEMPLATE_FORMAT 1
#define PAGES_MAX 1000
#define ENTRIES_MAX 50000 /* boxes, fields, cells or landmarks of one page */
#define PAGE_MM_MIN 20.0
#define PAGE_MM_MAX 2000.0

struct reader {
    struct form *form;
    const char *path;
    struct error *err;
    GHashTable *items;    /* name -> item index + 1 */
    GHashTable **options; /* per question: code -> option index + 1; made when first asked for */
    struct template_page *page;
};

/* Where in the file an error lies: "box 3 of page 2"; index from 0. */
struct place {
    const char *what;
    size_t index;
};

static bool fail(const struct reader *r, struct place at, const char *message)
{
    return error_set(r->err, "%s: %s %zu of page %d: %s", r->path, at.what, at.index + 1,
                     r->page->number, message);
}

static bool read_rect(struct reader *r, struct rect *out, const json_t *json, struct place at)
{
    double v[4];
    if (!json_is_array(json) || json_array_size(json) != 4)
        return fail(r, at, "expected a rectangle [x, y, width, height] in mm");
    for (size_t i = 0; i < 4; i++) {
        const json_t *number = json_array_get(json, i);
        v[i] = json_number_value(number);
        if (!json_is_number(number) || !isfinite(v[i]))
            return fail(r, at, "expected a rectangle of four numbers");
    }
    *out = (struct rect){v[0], v[1], v[2], v[3]};
    if (!(out->w > 0) || !(out->h > 0))
        return fail(r, at, "expected a rectangle wider and higher than 0 mm");
    if (out->x < 0 || out->y < 0 || out->x + out->w > r->page->width_mm + 1e-6 ||
        out->y + out->h > r->page->height_mm + 1e-6)
        return fail(r, at, "expected a rectangle inside the page");
    return true;
}

static bool read_word(struct reader *r, int *out, const json_t *json, const char *const *words,
                      int count, struct place at, const char *what)
{
    const char *word = json_string_value(json);
    for (int i = 0; word != NULL && i < count; i++)
        if (strcmp(word, words[i]) == 0) {
            *out = i;
            return true;
        }
    return fail(r, at, what);
}

static bool find_item(struct reader *r, size_t *out, const json_t *json, struct place at)
{
    const char *name = json_string_value(json);
    size_t found = name == NULL ? 0 : GPOINTER_TO_SIZE(g_hash_table_lookup(r->items, name));
    if (found == 0)
        return error_set(r->err,
                         "%s: %s %zu of page %d: the questionnaire has no question '%s'; a name "
                         "changed in form.yaml changes here too, or build the form again",
                         r->path, at.what, at.index + 1, r->page->number,
                         name == NULL ? "" : name);
    *out = found - 1;
    return true;
}

static bool find_option(struct reader *r, size_t *out, size_t item, const json_t *json,
                        struct place at)
{
    size_t q = r->form->items[item].question;
    const struct question *question = &r->form->questions[q];
    const char *code = json_string_value(json);
    if (r->options[q] == NULL) {
        r->options[q] = g_hash_table_new(g_str_hash, g_str_equal);
        for (size_t i = 0; i < question->option_count; i++)
            g_hash_table_insert(r->options[q], (gpointer)question->options[i].code,
                                GSIZE_TO_POINTER(i + 1));
    }
    size_t found = code == NULL ? 0 : GPOINTER_TO_SIZE(g_hash_table_lookup(r->options[q], code));
    if (found == 0)
        return error_set(r->err,
                         "%s: %s %zu of page %d: question '%s' has no option '%s'; a code changed "
                         "in form.yaml changes here too, or build the form again",
                         r->path, at.what, at.index + 1, r->page->number,
                         r->form->items[item].name, code == NULL ? "" : code);
    *out = found - 1;
    return true;
}

static bool read_box(struct reader *r, struct template_box *out, const json_t *json, size_t index)
{
    struct place at = {"box", index};
    int shape;
    if (!find_item(r, &out->item, json_object_get(json, "question"), at) ||
        !find_option(r, &out->option, out->item, json_object_get(json, "value"), at) ||
        !read_word(r, &shape, json_object_get(json, "shape"), box_shape_words, BOX_SHAPE_COUNT, at,
                   "expected a shape of square, circle or oval") ||
        !read_rect(r, &out->rect_mm, json_object_get(json, "rect_mm"), at))
        return false;
    out->shape = (enum box_shape)shape;
    return box_can_be_read(out->rect_mm) ||
           fail(r, at, "is too large to be read as a box (17 x 17 mm or 30 x 9 mm at most)");
}

static bool read_field(struct reader *r, struct template_field *out, const json_t *json,
                       size_t index)
{
    struct place at = {"field", index};
    int kind;
    if (!find_item(r, &out->item, json_object_get(json, "question"), at) ||
        !read_word(r, &kind, json_object_get(json, "kind"), field_kind_words, FIELD_KIND_COUNT, at,
                   "expected a kind of digits, date, letters, text or comment") ||
        !read_rect(r, &out->rect_mm, json_object_get(json, "rect_mm"), at))
        return false;
    out->kind = (enum field_kind)kind;
    const json_t *box = json_object_get(json, "box");
    out->has_box = box != NULL;
    if (box != NULL &&
        (!find_item(r, &out->box_item, json_object_get(box, "question"), at) ||
         !find_option(r, &out->box_option, out->box_item, json_object_get(box, "value"), at)))
        return false;
    const json_t *cells = json_object_get(json, "cells_mm");
    if (cells == NULL)
        return true;
    out->cell_count = json_array_size(cells);
    if (out->cell_count == 0 || out->cell_count > ENTRIES_MAX)
        return fail(r, at, "expected cells_mm as a list of rectangles");
    out->cells_mm = ARENA_NEW(r->form->arena, struct rect, out->cell_count);
    for (size_t i = 0; i < out->cell_count; i++)
        if (!read_rect(r, &out->cells_mm[i], json_array_get(cells, i), at))
            return false;
    return true;
}

static bool read_fiducials(struct reader *r, const json_t *json)
{
    if (json == NULL)
        return true;
    if (json_array_size(json) != FIDUCIAL_COUNT)
        return fail(r, (struct place){"fiducials", 0}, "expected four rectangles");
    for (size_t i = 0; i < FIDUCIAL_COUNT; i++)
        if (!read_rect(r, &r->page->fiducials_mm[i], json_array_get(json, i),
                       (struct place){"fiducial", i}))
            return false;
    r->page->has_fiducials = true;
    return true;
}

static bool read_landmarks(struct reader *r, const json_t *json)
{
    struct template_page *page = r->page;
    page->landmarks_mm = ARENA_NEW(r->form->arena, struct point, page->landmark_count);
    for (size_t i = 0; i < page->landmark_count; i++) {
        const json_t *point = json_array_get(json, i);
        const json_t *x = json_array_get(point, 0), *y = json_array_get(point, 1);
        if (json_array_size(point) != 2 || !json_is_number(x) || !json_is_number(y))
            return fail(r, (struct place){"landmark", i}, "expected a point [x, y] in mm");
        struct point p = {json_number_value(x), json_number_value(y)};
        if (!(p.x >= 0 && p.x <= page->width_mm && p.y >= 0 && p.y <= page->height_mm))
            return fail(r, (struct place){"landmark", i}, "expected a point inside the page");
        page->landmarks_mm[i] = p;
    }
    return true;
}

static bool read_printed_codes(struct reader *r, const json_t *json)
{
    struct template_page *page = r->page;
    page->printed_codes = ARENA_NEW(r->form->arena, struct printed_code, page->printed_code_count);
    for (size_t i = 0; i < page->printed_code_count; i++) {
        const json_t *entry = json_array_get(json, i);
        const char *type = json_string_value(json_object_get(entry, "type"));
        const char *text = json_string_value(json_object_get(entry, "text"));
        if (type == NULL || text == NULL)
            return error_set(r->err, "%s: page %d, printed code %zu: expected \"type\" and \"text\"",
                             r->path, page->number, i + 1);
        page->printed_codes[i].type = arena_strdup(r->form->arena, type);
        page->printed_codes[i].text = arena_strdup(r->form->arena, text);
        if (!read_rect(r, &page->printed_codes[i].rect_mm, json_object_get(entry, "rect_mm"),
                       (struct place){"printed code", i + 1}))
            return false;
    }
    return true;
}

/* The length of a list that may be absent. */
static bool count_list(struct reader *r, size_t *out, const json_t *json, const char *what)
{
    *out = json == NULL ? 0 : json_array_size(json);
    if ((json != NULL && !json_is_array(json)) || *out > ENTRIES_MAX)
        return error_set(r->err, "%s: page %d: expected '%s' to be a list of at most %d", r->path,
                         r->page->number, what, ENTRIES_MAX);
    return true;
}

static bool read_size(struct reader *r, const json_t *json, size_t index)
{
    struct template_page *page = r->page;
    const json_t *number = json_object_get(json, "number");
    page->number = (int)index + 1;
    if (!json_is_integer(number) || json_integer_value(number) != (json_int_t)index + 1)
        return error_set(r->err, "%s: expected page number %zu in place %zu of the list of pages",
                         r->path, index + 1, index + 1);
    page->width_mm = json_number_value(json_object_get(json, "width_mm"));
    page->height_mm = json_number_value(json_object_get(json, "height_mm"));
    if (!(page->width_mm >= PAGE_MM_MIN && page->width_mm <= PAGE_MM_MAX &&
          page->height_mm >= PAGE_MM_MIN && page->height_mm <= PAGE_MM_MAX))
        return error_set(r->err,
                         "%s: page %d: expected width_mm and height_mm from %.0f to %.0f", r->path,
                         page->number, PAGE_MM_MIN, PAGE_MM_MAX);
    return true;
}

static bool read_page(struct reader *r, const json_t *json, size_t index)
{
    struct template_page *page = r->page = &r->form->pages[index];
    if (!read_size(r, json, index) || !read_fiducials(r, json_object_get(json, "fiducials_mm")))
        return false;
    const json_t *code = json_object_get(json, "code_mm");
    const json_t *reference = json_object_get(json, "reference_mm");
    page->has_code = code != NULL;
    if ((code != NULL && !read_rect(r, &page->code_mm, code, (struct place){"code", 0})) ||
        (reference != NULL &&
         !read_rect(r, &page->reference_mm, reference, (struct place){"reference", 0})))
        return false;
    const json_t *boxes = json_object_get(json, "boxes"), *fields = json_object_get(json, "fields");
    const json_t *landmarks = json_object_get(json, "landmarks_mm");
    const json_t *codes = json_object_get(json, "printed_codes");
    if (!count_list(r, &page->box_count, boxes, "boxes") ||
        !count_list(r, &page->printed_code_count, codes, "printed_codes") ||
        !count_list(r, &page->field_count, fields, "fields") ||
        !count_list(r, &page->landmark_count, landmarks, "landmarks_mm"))
        return false;
    page->boxes = ARENA_NEW(r->form->arena, struct template_box, page->box_count);
    for (size_t i = 0; i < page->box_count; i++)
        if (!read_box(r, &page->boxes[i], json_array_get(boxes, i), i))
            return false;
    page->fields = ARENA_NEW(r->form->arena, struct template_field, page->field_count);
    for (size_t i = 0; i < page->field_count; i++)
        if (!read_field(r, &page->fields[i], json_array_get(fields, i), i))
            return false;
    return read_printed_codes(r, codes) && read_landmarks(r, landmarks);
}

static bool check_identity(struct reader *r, const json_t *root, const char *key,
                           const char *expected)
{
    const char *found = json_string_value(json_object_get(root, key));
    if (found != NULL && strcmp(found, expected) == 0)
        return true;
    return error_set(r->err,
                     "%s: made for %s '%s' but form.yaml says '%s'; build or import the form again",
                     r->path, key, found == NULL ? "" : found, expected);
}

static bool read_root(struct reader *r, const json_t *root)
{
    struct form *form = r->form;
    const json_t *format = json_object_get(root, "marksense_template");
    if (!json_is_integer(format))
        return error_set(r->err, "%s: expected a template (an object with 'marksense_template')",
                         r->path);
    if (json_integer_value(format) != TEMPLATE_FORMAT)
        return error_set(r->err, "%s: expected template format %d but found %lld; this file is of "
                         "another release of marksense", r->path, TEMPLATE_FORMAT,
                         (long long)json_integer_value(format));
    if (!check_identity(r, root, "form", form->id) ||
        !check_identity(r, root, "version", form->version))
        return false;
    const char *printed_from = json_string_value(json_object_get(root, "printed_from"));
    if (printed_from != NULL)
        form->printed_from = arena_strdup(form->arena, printed_from);
    const json_t *pages = json_object_get(root, "pages");
    size_t count = json_array_size(pages);
    if (count == 0 || count > PAGES_MAX)
        return error_set(r->err, "%s: expected 1 to %d pages", r->path, PAGES_MAX);
    form->pages = ARENA_NEW(form->arena, struct template_page, count);
    form->page_count = count;
    for (size_t p = 0; p < count; p++)
        if (!read_page(r, json_array_get(pages, p), p))
            return false;
    template_sort(form);
    return template_check(form, r->path, r->err);
}

static bool read_bytes(struct reader *r, const char *bytes, size_t length)
{
    json_error_t trouble;
    json_t *root = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &trouble);
    if (root == NULL)
        return error_set(r->err, "%s:%d:%d: expected JSON: %s", r->path, trouble.line,
                         trouble.column, trouble.text);
    struct form *form = r->form;
    r->items = g_hash_table_new(g_str_hash, g_str_equal);
    for (size_t i = 0; i < form->item_count; i++)
        g_hash_table_insert(r->items, (gpointer)form->items[i].name, GSIZE_TO_POINTER(i + 1));
    r->options = g_new0(GHashTable *, form->question_count + 1);
    bool fine = read_root(r, root);
    for (size_t q = 0; q < form->question_count; q++)
        if (r->options[q] != NULL)
            g_hash_table_destroy(r->options[q]);
    g_free(r->options);
    g_hash_table_destroy(r->items);
    json_decref(root);
    return fine;
}

bool template_load(struct form *form, const char *path, struct error *err)
{
    char *bytes;
    size_t length;
    if (!file_read_whole(&bytes, &length, path, TEMPLATE_BYTES_MAX, err))
        return false;
    struct reader reader = {.form = form, .path = path, .err = err};
    bool fine = read_bytes(&reader, bytes, length);
    free(bytes);
    if (!fine) {
        form->pages = NULL;
        form->page_count = 0;
    }
    return fine;
}

/* ---- order and completeness ----------------------------------------------------------------- */

static int by_box(const void *a, const void *b)
{
    const struct template_box *x = a, *y = b;
    if (x->item != y->item)
        return x->item < y->item ? -1 : 1;
    return (x->option > y->option) - (x->option < y->option);
}

static int by_field(const void *a, const void *b)
{
    const struct template_field *x = a, *y = b;
    return (x->item > y->item) - (x->item < y->item);
}

static int by_point(const void *a, const void *b)
{
    const struct point *p = a, *q = b;
    if (p->y < q->y || p->y > q->y)
        return p->y < q->y ? -1 : 1;
    return (p->x > q->x) - (p->x < q->x);
}

void template_sort(struct form *form)
{
    for (size_t p = 0; p < form->page_count; p++) {
        struct template_page *page = &form->pages[p];
        if (page->box_count > 1)
            qsort(page->boxes, page->box_count, sizeof *page->boxes, by_box);
        if (page->field_count > 1)
            qsort(page->fields, page->field_count, sizeof *page->fields, by_field);
        if (page->landmark_count > 1)
            qsort(page->landmarks_mm, page->landmark_count, sizeof *page->landmarks_mm, by_point);
    }
}

static bool field_suits(enum field_kind kind, enum question_kind question)
{
    switch (question) {
    case QUESTION_DIGITS:
        return kind == FIELD_DIGITS;
    case QUESTION_DATE:
        return kind == FIELD_DATE || kind == FIELD_DIGITS;
    case QUESTION_TEXT:
    case QUESTION_COMMENT:
        return kind == FIELD_LETTERS || kind == FIELD_TEXT || kind == FIELD_COMMENT;
    default:
        return false;
    }
}

static bool check_field(const struct form *form, const struct template_page *page,
                        const struct template_field *field, const char *name, struct error *err)
{
    const struct question *question = item_question(form, field->item);
    if (!field_suits(field->kind, question->kind))
        return error_set(err, "%s: page %d: a field of kind %s cannot answer '%s', a question of "
                         "kind %s", name, page->number, field_kind_words[field->kind],
                         form->items[field->item].name, question_kind_words[question->kind]);
    if (field->cells_mm != NULL && field->cell_count != (size_t)question->cells)
        return error_set(err, "%s: page %d: the field of '%s' has %zu cells but the question has "
                         "%d; build or import the form again", name, page->number,
                         form->items[field->item].name, field->cell_count, question->cells);
    return true;
}

/* Counts into seen[] (one a slot) what stands on the pages; a slot is one box or written answer. */
static bool count_places(unsigned char *seen, const size_t *first_slot, const struct form *form,
                         const char *name, struct error *err)
{
    for (size_t p = 0; p < form->page_count; p++) {
        const struct template_page *page = &form->pages[p];
        for (size_t b = 0; b < page->box_count; b++) {
            const struct template_box *box = &page->boxes[b];
            if (seen[first_slot[box->item] + box->option]++ > 0)
                return error_set(err, "%s: page %d: question '%s', value '%s' has a second box",
                                 name, page->number, form->items[box->item].name,
                                 item_question(form, box->item)->options[box->option].code);
        }
        for (size_t f = 0; f < page->field_count; f++) {
            if (!check_field(form, page, &page->fields[f], name, err))
                return false;
            if (seen[first_slot[page->fields[f].item]]++ > 0)
                return error_set(err, "%s: page %d: question '%s' has a second field", name,
                                 page->number, form->items[page->fields[f].item].name);
        }
    }
    return true;
}

static bool find_missing(const unsigned char *seen, const size_t *first_slot,
                         const struct form *form, const char *name, struct error *err)
{
    for (size_t i = 0; i < form->item_count; i++) {
        const struct question *question = item_question(form, i);
        for (size_t o = 0; o < question->option_count; o++)
            if (seen[first_slot[i] + o] == 0)
                return error_set(err, "%s: question '%s' has no box for the value '%s'; build or "
                                 "import the form again", name, form->items[i].name,
                                 question->options[o].code);
        if (question->option_count == 0 && seen[first_slot[i]] == 0)
            return error_set(err, "%s: question '%s' has no place to write on; build or import the "
                             "form again", name, form->items[i].name);
    }
    return true;
}

bool template_check(const struct form *form, const char *name, struct error *err)
{
    size_t *first_slot = g_new0(size_t, form->item_count + 1), slots = 0;
    for (size_t i = 0; i < form->item_count; i++) {
        size_t options = item_question(form, i)->option_count;
        first_slot[i] = slots;
        slots += options == 0 ? 1 : options;
    }
    unsigned char *seen = g_new0(unsigned char, slots + 1);
    bool fine = count_places(seen, first_slot, form, name, err) &&
                find_missing(seen, first_slot, form, name, err);
    g_free(seen);
    g_free(first_slot);
    return fine;
}
