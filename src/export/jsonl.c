/* records.jsonl and readings.jsonl: one JSON object a line, by jansson. */
#include <glib.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "export/values.h"
#include "record/places.h"

/* Numbers are rounded before; this many digits then print them as they are. */
#define DUMP_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(12))

#define DECIMALS_PX 1
#define DECIMALS_MM 3
#define DECIMALS_SHARE 4
#define DECIMALS_CONFIDENCE 6

static void put(json_t *object, const char *key, json_t *value)
{
    if (value == NULL || json_object_set_new(object, key, value) != 0)
        error_die("out of memory: JSON");
}

static void append(json_t *array, json_t *value)
{
    if (value == NULL || json_array_append_new(array, value) != 0)
        error_die("out of memory: JSON");
}

static json_t *text_or_null(const char *text)
{
    if (text == NULL)
        return json_null();
    char *valid = valid_text(text);
    json_t *value = json_string(valid);
    g_free(valid);
    return value;
}

/* Rounded to so many decimals; null where it is no number. */
static json_t *number_or_null(double value, int decimals)
{
    double scale = pow(10, decimals), rounded = round(value * scale) / scale;
    if (!isfinite(rounded))
        return json_null();
    return json_real(rounded == 0 ? 0 : rounded); /* no "-0.0" */
}

static json_t *rect_or_null(struct rect r)
{
    if (!(r.w > 0) || !(r.h > 0))
        return json_null();
    json_t *array = json_array();
    const double values[] = {r.x, r.y, r.w, r.h};
    for (int i = 0; i < 4; i++)
        append(array, number_or_null(values[i], DECIMALS_PX));
    return array;
}

static json_t *image_number(const struct page_result *result)
{
    return result->image < 0 ? json_null() : json_integer(result->image + 1);
}

static json_t *residuals(const struct residuals *r)
{
    json_t *object = json_object();
    put(object, "median", number_or_null(r->median_mm, DECIMALS_MM));
    put(object, "worst", number_or_null(r->worst_mm, DECIMALS_MM));
    return object;
}

static bool dump(FILE *file, json_t *object)
{
    bool fine = json_dumpf(object, file, DUMP_FLAGS) == 0 && fputc('\n', file) != EOF;
    json_decref(object);
    return fine;
}

/* ---- records.jsonl ------------------------------------------------------------------------ */

/* Around all boxes and fields of the item on the page its answer names. */
static struct rect item_rect(const struct export_batch *batch, const struct return_record *record,
                             const struct item_places *places, size_t result)
{
    struct rect rect = {0};
    const struct page_reading *reading = &batch->results[result].reading;
    for (size_t k = 0; k < places->box_count; k++)
        if (record->pages[places->boxes[k].page] == result)
            rect = rect_join(rect, reading->boxes[places->boxes[k].index].rect_px);
    for (size_t k = 0; k < places->field_count; k++)
        if (record->pages[places->fields[k].page] == result)
            rect = rect_join(rect, reading->fields[places->fields[k].index].rect_px);
    return rect;
}

static json_t *item_marks(const struct form *form, const struct return_record *record,
                          const struct item_places *places)
{
    json_t *array = json_array();
    for (size_t k = 0; k < places->box_count; k++) {
        struct place place = places->boxes[k];
        const struct template_box *box = &form->pages[place.page].boxes[place.index];
        if (record->boxes[place.page] != NULL &&
            record->boxes[place.page][place.index].state == BOX_MARKED)
            append(array, text_or_null(item_question(form, box->item)->options[box->option].code));
    }
    return array;
}

static json_t *answer_object(const struct export_batch *batch, const struct return_record *record,
                             const struct form_places *places, size_t item)
{
    const struct form *form = places->form;
    const struct answer *answer = &record->answers[item];
    bool there = answer->result != SIZE_MAX;
    const struct page_result *result = there ? &batch->results[answer->result] : NULL;
    json_t *object = json_object();
    put(object, "question", text_or_null(form->items[item].name));
    put(object, "marks", item_marks(form, record, &places->items[item]));
    put(object, "raw", text_or_null(answer->raw));
    put(object, "coded", text_or_null(answer->coded));
    put(object, "status", json_string(answer_status_name(answer->status)));
    put(object, "routing", json_string(routing_status_name(answer->routing)));
    put(object, "confidence",
        there ? number_or_null(answer->confidence, DECIMALS_CONFIDENCE) : json_null());
    put(object, "flagged", json_boolean(answer->flagged));
    put(object, "source", text_or_null(there ? result->source : NULL));
    put(object, "image", there ? image_number(result) : json_null());
    put(object, "rect_px",
        there ? rect_or_null(item_rect(batch, record, &places->items[item], answer->result))
              : json_null());
    return object;
}

static json_t *pages_array(const struct export_batch *batch, const struct return_record *record,
                           const struct form *form)
{
    json_t *pages = json_array();
    for (size_t p = 0; p < form->page_count; p++) {
        json_t *object = json_object();
        put(object, "page", json_integer(form->pages[p].number));
        if (record->pages[p] == SIZE_MAX) {
            put(object, "status", json_string("missing"));
        } else {
            const struct page_result *result = &batch->results[record->pages[p]];
            put(object, "status", json_string("read"));
            put(object, "source", text_or_null(result->source));
            put(object, "image", image_number(result));
            put(object, "hash", text_or_null(result->hash));
            put(object, "residual_mm", residuals(&result->placed.residuals));
        }
        append(pages, object);
    }
    return pages;
}

/* All flags of the return, or (`result`) those on one of its pages. */
static json_t *flags_array(const struct return_record *record, const struct form *form,
                           const size_t *result)
{
    json_t *flags = json_array();
    for (size_t f = 0; record != NULL && f < record->flag_count; f++) {
        const struct flag_entry *flag = &record->flags[f];
        if (result != NULL && flag->result != *result)
            continue;
        json_t *object = json_object();
        put(object, "reason", json_string(flag_code(flag->flag)));
        put(object, "question",
            text_or_null(flag->item == SIZE_MAX ? NULL : form->items[flag->item].name));
        put(object, "value",
            text_or_null(flag->option == SIZE_MAX
                             ? NULL
                             : item_question(form, flag->item)->options[flag->option].code));
        put(object, "detail", text_or_null(flag->detail));
        append(flags, object);
    }
    return flags;
}

bool export_records_jsonl(FILE *file, const struct export_batch *batch, struct error *err)
{
    struct arena *arena = arena_new();
    struct form_places *places = ARENA_NEW(arena, struct form_places, batch->form_count);
    for (size_t f = 0; f < batch->form_count; f++)
        places[f] = form_places_make(arena, batch->forms[f]);
    bool fine = true;
    for (size_t r = 0; r < batch->record->return_count && fine; r++) {
        const struct return_record *record = &batch->record->returns[r];
        const struct form *form = batch->forms[record->form];
        json_t *object = json_object(), *answers = json_array();
        put(object, "reference", text_or_null(record->reference));
        put(object, "form", text_or_null(form->id));
        put(object, "version", text_or_null(form->version));
        put(object, "outcome", json_string(outcome_name(record->outcome)));
        put(object, "pages", pages_array(batch, record, form));
        for (size_t i = 0; i < form->item_count; i++)
            append(answers, answer_object(batch, record, &places[record->form], i));
        put(object, "answers", answers);
        put(object, "flags", flags_array(record, form, NULL));
        fine = dump(file, object);
    }
    arena_free(arena);
    return file_is_written(file, "records.jsonl", err) && fine;
}

/* ---- readings.jsonl ----------------------------------------------------------------------- */

static json_t *boxes_array(const struct form *form, const struct return_record *record,
                           const struct page_result *result, size_t page)
{
    json_t *boxes = json_array();
    if (record == NULL)
        return boxes;
    for (size_t b = 0; b < form->pages[page].box_count; b++) {
        const struct template_box *box = &form->pages[page].boxes[b];
        const struct box_decision *decision = &record->boxes[page][b];
        json_t *object = json_object();
        put(object, "question", text_or_null(form->items[box->item].name));
        put(object, "value",
            text_or_null(item_question(form, box->item)->options[box->option].code));
        put(object, "state", json_string(box_state_name(decision->state)));
        put(object, "confidence", number_or_null(decision->confidence, DECIMALS_CONFIDENCE));
        put(object, "flagged", json_boolean(decision->flag != FLAG_NONE));
        put(object, "rect_px", rect_or_null(result->reading.boxes[b].rect_px));
        append(boxes, object);
    }
    return boxes;
}

static json_t *fields_array(const struct form *form, const struct return_record *record,
                            const struct page_result *result, size_t page)
{
    json_t *fields = json_array();
    if (record == NULL)
        return fields;
    for (size_t f = 0; f < form->pages[page].field_count; f++) {
        const struct field_reading *field = &result->reading.fields[f];
        size_t item = form->pages[page].fields[f].item;
        json_t *object = json_object();
        put(object, "question", text_or_null(form->items[item].name));
        put(object, "ink", json_boolean(field->has_ink));
        put(object, "text", text_or_null(field->text));
        put(object, "confidence",
            field->text == NULL ? json_null()
                                : number_or_null(field->confidence, DECIMALS_CONFIDENCE));
        put(object, "flagged", json_boolean(field->has_ink || record->answers[item].flagged));
        put(object, "rect_px", rect_or_null(field->rect_px));
        append(fields, object);
    }
    return fields;
}

static json_t *streak_object(const struct streak *streak)
{
    json_t *object = json_object();
    put(object, "along", json_string(streak->lying ? "row" : "column"));
    put(object, "at_px", number_or_null(streak->at_px, DECIMALS_PX));
    put(object, "at_mm", number_or_null(streak->at_mm, DECIMALS_PX));
    put(object, "width_px", number_or_null(streak->width_px, DECIMALS_PX));
    put(object, "share", number_or_null(streak->share, DECIMALS_SHARE));
    return object;
}

/* What the scan itself was like, as far as that was measured. */
static json_t *health_object(const struct scan_health *health)
{
    json_t *object = json_object();
    bool measured = health->width_mm > 0;
    put(object, "x_dpi", health->x_dpi > 0 ? number_or_null(health->x_dpi, 1) : json_null());
    put(object, "y_dpi", health->y_dpi > 0 ? number_or_null(health->y_dpi, 1) : json_null());
    put(object, "skew_deg", health->x_dpi > 0 ? number_or_null(health->skew_deg, 2) : json_null());
    put(object, "ink_share", measured ? number_or_null(health->ink_share, DECIMALS_SHARE) : json_null());
#define X(name, meaning)                                                                           \
    put(object, #name, measured ? number_or_null(health->name, DECIMALS_MM) : json_null());
    SCAN_HEALTH_OF_IMAGE(X)
#undef X
    bool placed = health->x_dpi > 0;
#define X(name, meaning)                                                                           \
    put(object, #name, placed ? number_or_null(health->name, DECIMALS_SHARE) : json_null());
    SCAN_HEALTH_OF_FORM(X)
#undef X
    json_t *streaks = json_array();
    for (int i = 0; i < health->streak_count; i++)
        append(streaks, streak_object(&health->streaks[i]));
    put(object, "streaks", streaks);
    return object;
}

static json_t *reading_object(const struct export_batch *batch, size_t index,
                              struct result_owner owner)
{
    const struct page_result *result = &batch->results[index];
    const struct form *form = result_form(batch, result);
    const struct return_record *record =
        owner.record == SIZE_MAX ? NULL : &batch->record->returns[owner.record];
    bool was_read = record != NULL && form != NULL;
    json_t *object = json_object();
    put(object, "source", text_or_null(result->source));
    put(object, "image", image_number(result));
    put(object, "hash", text_or_null(result->hash));
    put(object, "form", text_or_null(form == NULL ? NULL : form->id));
    put(object, "version", text_or_null(form == NULL ? NULL : form->version));
    put(object, "page",
        form == NULL ? json_null() : json_integer(form->pages[result->placed.known.page].number));
    put(object, "return",
        text_or_null(record != NULL ? record->reference : result_reference(result)));
    put(object, "status", json_string(was_read ? "read" : "rejected"));
    put(object, "reason", was_read ? json_null() : json_string(flag_code(result->reason)));
    put(object, "detail", text_or_null(was_read ? "" : result->detail));
    put(object, "residual_mm", was_read ? residuals(&result->placed.residuals) : json_null());
    put(object, "scan", health_object(&result->placed.health));
    put(object, "boxes", boxes_array(form, was_read ? record : NULL, result, owner.page));
    put(object, "fields", fields_array(form, was_read ? record : NULL, result, owner.page));
    put(object, "flags", flags_array(was_read ? record : NULL, form, &index));
    return object;
}

bool export_readings_jsonl(FILE *file, const struct export_batch *batch, struct error *err)
{
    struct result_owner *owners = result_owners(batch);
    bool fine = true;
    for (size_t r = 0; r < batch->result_count && fine; r++)
        fine = dump(file, reading_object(batch, r, owners[r]));
    free(owners);
    return file_is_written(file, "readings.jsonl", err) && fine;
}
