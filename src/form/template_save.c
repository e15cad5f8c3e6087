/* Model to template.json: stable, and easy to compare line by line. */
#include "form/template.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/text.h"
#include "form/file.h"
#include "form/words.h"

/* A thousandth of a millimetre is a fiftieth of a pixel at 300 dpi. */
static json_t *millimetres(double value)
{
    double rounded = round(value * 1000) / 1000;
    return json_real(rounded == 0 ? 0 : rounded); /* no "-0.0" */
}

static json_t *rect_json(struct rect r)
{
    json_t *list = json_array();
    json_array_append_new(list, millimetres(r.x));
    json_array_append_new(list, millimetres(r.y));
    json_array_append_new(list, millimetres(r.w));
    json_array_append_new(list, millimetres(r.h));
    return list;
}

/* Appends the value on one line and lets go of it. */
static void add_value(struct text *out, json_t *value)
{
    /* 9 figures show three decimals of anything up to a kilometre, without binary dust. */
    char *line = value == NULL ? NULL
                               : json_dumps(value, JSON_PRESERVE_ORDER | JSON_ENCODE_ANY |
                                                       JSON_REAL_PRECISION(9));
    if (line == NULL)
        error_die("out of memory while writing a template, or text that is not UTF-8");
    text_add(out, line);
    free(line);
    json_decref(value);
}

static void add_member(struct text *out, const char *indent, const char *name, json_t *value)
{
    text_addf(out, "%s\"%s\": ", indent, name);
    add_value(out, value);
}

static json_t *box_json(const struct form *form, const struct template_box *box)
{
    json_t *json = json_object();
    const char *value = item_question(form, box->item)->options[box->option].code;
    json_object_set_new(json, "question", json_string(form->items[box->item].name));
    json_object_set_new(json, "value", json_string(value));
    json_object_set_new(json, "shape", json_string(box_shape_words[box->shape]));
    json_object_set_new(json, "rect_mm", rect_json(box->rect_mm));
    return json;
}

static json_t *field_json(const struct form *form, const struct template_field *field)
{
    json_t *json = json_object();
    json_object_set_new(json, "question", json_string(form->items[field->item].name));
    json_object_set_new(json, "kind", json_string(field_kind_words[field->kind]));
    json_object_set_new(json, "rect_mm", rect_json(field->rect_mm));
    if (field->cells_mm != NULL) {
        json_t *cells = json_array();
        for (size_t i = 0; i < field->cell_count; i++)
            json_array_append_new(cells, rect_json(field->cells_mm[i]));
        json_object_set_new(json, "cells_mm", cells);
    }
    if (field->has_box) {
        const char *code = item_question(form, field->box_item)->options[field->box_option].code;
        json_object_set_new(json, "box", json_pack("{s:s, s:s}", "question",
                                                   form->items[field->box_item].name, "value", code));
    }
    return json;
}

static void add_printed_codes(struct text *out, const struct template_page *page)
{
    if (page->printed_code_count == 0)
        return;
    text_add(out, ",\n      \"printed_codes\": [");
    for (size_t i = 0; i < page->printed_code_count; i++) {
        json_t *json = json_object();
        json_object_set_new(json, "type", json_string(page->printed_codes[i].type));
        json_object_set_new(json, "text", json_string(page->printed_codes[i].text));
        json_object_set_new(json, "rect_mm", rect_json(page->printed_codes[i].rect_mm));
        text_add(out, i == 0 ? "\n        " : ",\n        ");
        add_value(out, json);
    }
    text_add(out, "\n      ]");
}

static void add_landmarks(struct text *out, const struct template_page *page)
{
    text_add(out, ",\n      \"landmarks_mm\": [");
    for (size_t i = 0; i < page->landmark_count; i++) {
        json_t *point = json_array();
        json_array_append_new(point, millimetres(page->landmarks_mm[i].x));
        json_array_append_new(point, millimetres(page->landmarks_mm[i].y));
        text_add(out, i == 0 ? "\n        " : ",\n        ");
        add_value(out, point);
    }
    text_add(out, page->landmark_count == 0 ? "]" : "\n      ]");
}

static void add_page(struct text *out, const struct form *form, const struct template_page *page)
{
    text_add(out, "    {\n");
    add_member(out, "      ", "number", json_integer(page->number));
    add_member(out, ",\n      ", "width_mm", millimetres(page->width_mm));
    add_member(out, ",\n      ", "height_mm", millimetres(page->height_mm));
    if (page->has_fiducials) {
        json_t *fiducials = json_array();
        for (size_t i = 0; i < FIDUCIAL_COUNT; i++)
            json_array_append_new(fiducials, rect_json(page->fiducials_mm[i]));
        add_member(out, ",\n      ", "fiducials_mm", fiducials);
    }
    if (page->has_code)
        add_member(out, ",\n      ", "code_mm", rect_json(page->code_mm));
    if (page->reference_mm.w > 0)
        add_member(out, ",\n      ", "reference_mm", rect_json(page->reference_mm));
    add_printed_codes(out, page);
    text_add(out, ",\n      \"boxes\": [");
    for (size_t i = 0; i < page->box_count; i++) {
        text_add(out, i == 0 ? "\n        " : ",\n        ");
        add_value(out, box_json(form, &page->boxes[i]));
    }
    text_add(out, page->box_count == 0 ? "]" : "\n      ]");
    text_add(out, ",\n      \"fields\": [");
    for (size_t i = 0; i < page->field_count; i++) {
        text_add(out, i == 0 ? "\n        " : ",\n        ");
        add_value(out, field_json(form, &page->fields[i]));
    }
    text_add(out, page->field_count == 0 ? "]" : "\n      ]");
    add_landmarks(out, page);
    text_add(out, "\n    }");
}

bool template_save(const struct form *form, const char *path, struct error *err)
{
    struct text out;
    text_init(&out);
    text_add(&out, "{\n  \"marksense_template\": 1");
    add_member(&out, ",\n  ", "form", json_string(form->id));
    add_member(&out, ",\n  ", "version", json_string(form->version));
    if (form->printed_from != NULL)
        add_member(&out, ",\n  ", "printed_from", json_string(form->printed_from));
    text_add(&out, ",\n  \"pages\": [\n");
    for (size_t p = 0; p < form->page_count; p++) {
        add_page(&out, form, &form->pages[p]);
        text_add(&out, p + 1 < form->page_count ? ",\n" : "\n");
    }
    text_add(&out, "  ]\n}\n");
    bool fine = file_write_whole(path, out.data, out.length, err);
    text_release(&out);
    return fine;
}
