/* Writing a batch: its forms, its pages with their evidence, and what was decided. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "read/unprinted.h"
#include "store/database.h"

static bool add_form(struct store *store, size_t position, struct error *err)
{
    const struct form *form = store->forms[position];
    char layout[HASH_TEXT_BYTES];
    form_layout_hash(layout, form);
    if (!database_write(store, STATEMENT_ADD_FORM, err, "iztttzt", store->batch, position, form->id,
                        form->version, form->title, form->page_count, layout))
        return false;
    long long id = store->form_ids[position] = database_row(store);
    for (size_t i = 0; i < form->item_count; i++) {
        const struct question *question = item_question(form, i);
        long long critical = form->items[i].critical || question->critical;
        if (!database_write(store, STATEMENT_ADD_ITEM, err, "iztti", id, i, form->items[i].name,
                            question->name, critical))
            return false;
        for (size_t o = 0; o < question->option_count; o++) {
            const struct option *option = &question->options[o];
            if (!database_write(store, STATEMENT_ADD_OPTION, err, "izztt", id, i, o, option->code,
                                option->label == NULL ? "" : option->label))
                return false;
        }
    }
    return true;
}

bool store_begin_batch(struct store *store, const char *started_at, const struct form *const *forms,
                       size_t form_count, struct error *err)
{
    database_set_forms(store, forms, form_count);
    if (!database_run(store, "BEGIN IMMEDIATE", err) ||
        !database_write(store, STATEMENT_ADD_BATCH, err, "t", started_at))
        return false;
    store->batch = database_row(store);
    for (size_t c = 0; c < BOX_EVIDENCE_COUNT; c++)
        if (!database_write(store, STATEMENT_ADD_COLUMN, err, "izt", store->batch, c,
                            box_evidence_names[c]))
            return false;
    for (size_t f = 0; f < form_count; f++)
        if (!add_form(store, f, err))
            return false;
    return true;
}

/* Results of one file come one after the other: a new row only where the file changes. */
static bool note_file(struct store *store, const struct page_result *result, struct error *err)
{
    if (store->file_id != 0 && strcmp(store->file_source, result->source) == 0 &&
        strcmp(store->file_hash, result->hash) == 0)
        return true;
    if (!database_write(store, STATEMENT_ADD_FILE, err, "itt", store->batch, result->source,
                        result->hash))
        return false;
    store->file_id = database_row(store);
    free(store->file_source);
    free(store->file_hash);
    store->file_source = strdup(result->source);
    store->file_hash = strdup(result->hash);
    if (store->file_source == NULL || store->file_hash == NULL)
        error_die("out of memory: a file name");
    return true;
}

static bool add_fields(struct store *store, long long image, const struct page_reading *reading,
                       struct error *err)
{
    for (size_t f = 0; f < reading->field_count; f++) {
        const struct field_reading *field = &reading->fields[f];
        if (!database_write(store, STATEMENT_ADD_FIELD, err, "izirrtrrrrr", image, f,
                            (long long)field->has_ink, (double)field->ink_mm2,
                            (double)field->misfit_mm, field->text, (double)field->confidence,
                            field->rect_px.x, field->rect_px.y, field->rect_px.w, field->rect_px.h))
            return false;
    }
    return true;
}

static struct pack pack_landmarks(const struct placed_page *placed)
{
    float values[LANDMARK_MAX * 5];
    size_t count = (size_t)placed->landmark_count;
    for (size_t l = 0; l < count; l++) {
        const struct landmark_residual *mark = &placed->landmarks[l];
        float *row = &values[l * 5];
        row[0] = mark->x_mm;
        row[1] = mark->y_mm;
        row[2] = mark->dx_mm;
        row[3] = mark->dy_mm;
        row[4] = mark->found;
    }
    return pack_floats(values, count * 5);
}

static struct pack pack_rects(const struct page_reading *reading)
{
    double *values = calloc(reading->box_count * 4 + 1, sizeof *values);
    if (values == NULL)
        error_die("out of memory: %zu boxes", reading->box_count);
    for (size_t b = 0; b < reading->box_count; b++) {
        struct rect r = reading->boxes[b].rect_px;
        memcpy(&values[b * 4], (double[]){r.x, r.y, r.w, r.h}, 4 * sizeof *values);
    }
    struct pack pack = pack_doubles(values, reading->box_count * 4);
    free(values);
    return pack;
}

static struct pack pack_evidence(const struct page_reading *reading)
{
    float *values = calloc(reading->box_count * BOX_EVIDENCE_COUNT + 1, sizeof *values);
    if (values == NULL)
        error_die("out of memory: %zu boxes", reading->box_count);
    /* what was measured, whatever was learned since */
    const struct box_reading *boxes = reading->measured ? reading->measured : reading->boxes;
    for (size_t b = 0; b < reading->box_count; b++)
        memcpy(&values[b * BOX_EVIDENCE_COUNT], &boxes[b].evidence, sizeof boxes[b].evidence);
    struct pack pack = pack_floats(values, reading->box_count * BOX_EVIDENCE_COUNT);
    free(values);
    return pack;
}

static bool add_crops(struct store *store, long long image, const struct page_reading *reading,
                      struct error *err)
{
    for (size_t b = 0; b < reading->box_count; b++) {
        const struct box_crop *crop = reading->boxes[b].crop;
        if (crop == NULL)
            continue;
        struct pack cells = pack_bytes(crop->packed, crop_bytes(crop->width, crop->height));
        bool fine =
            database_write(store, STATEMENT_ADD_CROP, err, "iziiiirb", image, b,
                           (long long)crop->width, (long long)crop->height, (long long)crop->dx,
                           (long long)crop->dy, (double)crop->found, (const void *)cells.bytes,
                           cells.length);
        free(cells.bytes);
        if (!fine)
            return false;
    }
    return true;
}

static struct pack pack_pieces(const struct page_reading *reading)
{
    double *values = calloc(reading->piece_count * PIECE_ROW + 1, sizeof *values);
    if (values == NULL)
        error_die("out of memory: %zu pieces of ink", reading->piece_count);
    for (size_t k = 0; k < reading->piece_count; k++)
        piece_to_numbers(&values[k * PIECE_ROW], &reading->pieces[k]);
    struct pack pack = pack_doubles(values, reading->piece_count * PIECE_ROW);
    free(values);
    return pack;
}

static bool add_reading(struct store *store, long long image, const struct page_result *result,
                        struct error *err)
{
    const struct page_reading *reading = &result->reading;
    const struct residuals *residuals = &result->placed.residuals;
    double numbers[PLACEMENT_NUMBERS];
    placement_to_numbers(numbers, &result->placed);
    struct pack evidence = pack_evidence(reading), rects = pack_rects(reading),
                placement = pack_doubles(numbers, PLACEMENT_NUMBERS),
                landmarks = pack_landmarks(&result->placed), pieces = pack_pieces(reading);
    bool fine = database_write(
        store, STATEMENT_ADD_READING, err, "irrrrrrrzbbbib", image, residuals->median_mm,
        residuals->worst_mm, residuals->found_share, residuals->coverage, (double)reading->paper,
        (double)reading->print, (double)reading->ink_outside_mm2, reading->box_count,
        (const void *)evidence.bytes, evidence.length, (const void *)rects.bytes, rects.length,
        (const void *)placement.bytes, placement.length, (long long)result->placed.landmark_count,
        (const void *)landmarks.bytes, landmarks.length) &&
                database_write(store, STATEMENT_ADD_INK, err, "izb", image, reading->piece_count,
                               (const void *)pieces.bytes, pieces.length);
    free(evidence.bytes);
    free(rects.bytes);
    free(placement.bytes);
    free(landmarks.bytes);
    free(pieces.bytes);
    return fine && add_crops(store, image, reading, err) &&
           add_fields(store, image, reading, err);
}

static bool add_health(struct store *store, long long image, const struct scan_health *health,
                       struct error *err)
{
    static const char types[] = "i"
#define X(name, meaning) "r"
        SCAN_HEALTH_TABLE(X)
#undef X
        ;
    if (!(health->width_mm > 0)) /* the image could not be decoded */
        return true;
#define X(name, meaning) , (double)health->name
    if (!database_write(store, STATEMENT_ADD_HEALTH, err, types, image SCAN_HEALTH_TABLE(X)))
        return false;
#undef X
    for (int k = 0; k < health->streak_count; k++) {
        const struct streak *s = &health->streaks[k];
        if (!database_write(store, STATEMENT_ADD_STREAK, err, "iirrrri", image, (long long)k,
                            (double)s->at_px, (double)s->at_mm, (double)s->width_px,
                            (double)s->share, (long long)s->lying))
            return false;
    }
    return true;
}

bool store_add_page(struct store *store, const struct page_result *result, struct error *err)
{
    /* That another image of the page was kept, or the page set aside for its marks, is a decision, made
     * anew from the evidence. */
    bool decided = result->reason == FLAG_PAGE_TWICE || result->reason == FLAG_PEN_LOST ||
                   result->reason == FLAG_PAGE_SPECKLED;
    enum flag reason = decided ? FLAG_NONE : result->reason;
    const struct known_page *known = &result->placed.known;
    /* nor is that the other side of the sheet told the reference */
    if (reason == FLAG_NONE && !known->has_reference &&
        store->forms[known->form]->pages[known->page].has_code)
        reason = FLAG_REFERENCE_UNREADABLE;
    const struct scan_health *health = &result->placed.health;
    bool identified = reason == FLAG_NONE || result->identified;
    if (!note_file(store, result, err) ||
        !database_write(store, STATEMENT_ADD_IMAGE, err, "izizttzzztrrrr", store->batch,
                        store->image_count, store->file_id,
                        result->image < 0 ? SIZE_MAX : (size_t)result->image + 1, flag_code(reason),
                        reason == FLAG_NONE ? "" : result->detail,
                        identified ? (size_t)store->form_ids[known->form] : SIZE_MAX,
                        identified ? known->page : SIZE_MAX,
                        identified ? (size_t)(known->by == IDENTIFIED_BY_CODE) : SIZE_MAX,
                        identified && known->has_reference ? known->reference : NULL, health->x_dpi,
                        health->y_dpi, health->skew_deg, health->ink_share))
        return false;
    long long image = database_row(store);
    database_add_image(store, image);
    bool was_read = reason == FLAG_NONE || result->reading.boxes != NULL;
    if (!add_health(store, image, health, err))
        return false;
    return !was_read || add_reading(store, image, result, err);
}

/* ---- decisions ---------------------------------------------------------------------------- */

static size_t image_row(const struct store *store, size_t result)
{
    return result == SIZE_MAX ? SIZE_MAX : (size_t)store->image_ids[result];
}

static bool add_flags(struct store *store, size_t return_id, const struct flag_entry *flags,
                      size_t count, struct error *err)
{
    for (size_t f = 0; f < count; f++)
        if (!database_write(store, STATEMENT_ADD_FLAG, err, "izzzztt", store->batch, return_id,
                            image_row(store, flags[f].result), flags[f].item, flags[f].option,
                            flag_code(flags[f].flag), flags[f].detail))
            return false;
    return true;
}

static bool add_boxes(struct store *store, const struct return_record *record, size_t page,
                      struct error *err)
{
    const struct template_page *template = &store->forms[record->form]->pages[page];
    for (size_t b = 0; b < template->box_count; b++) {
        const struct box_decision *box = &record->boxes[page][b];
        if (!database_write(store, STATEMENT_ADD_BOX, err, "zzzztrt",
                            image_row(store, record->pages[page]), b, template->boxes[b].item,
                            template->boxes[b].option, box_state_name(box->state), box->confidence,
                            flag_code(box->flag)))
            return false;
    }
    return true;
}

static bool add_return(struct store *store, const struct return_record *record, struct error *err)
{
    const struct form *form = store->forms[record->form];
    if (!database_write(store, STATEMENT_ADD_RETURN, err, "iitt", store->batch,
                        store->form_ids[record->form], record->reference,
                        outcome_name(record->outcome)))
        return false;
    size_t id = (size_t)database_row(store);
    for (size_t p = 0; p < form->page_count; p++) {
        if (record->pages[p] == SIZE_MAX)
            continue;
        if (!database_write(store, STATEMENT_ADD_PAGE, err, "zzz", id, p,
                            image_row(store, record->pages[p])) ||
            !add_boxes(store, record, p, err))
            return false;
    }
    for (size_t i = 0; i < form->item_count; i++) {
        const struct answer *a = &record->answers[i];
        if (!database_write(store, STATEMENT_ADD_ANSWER, err, "zzttttriz", id, i,
                            answer_status_name(a->status), a->raw, a->coded,
                            routing_status_name(a->routing), a->confidence, (long long)a->flagged,
                            image_row(store, a->result)))
            return false;
    }
    return add_flags(store, id, record->flags, record->flag_count, err);
}

bool store_add_record(struct store *store, const struct batch_record *record,
                      const struct page_result *results, size_t result_count, struct error *err)
{
    (void)results;
    if (result_count != store->image_count)
        error_die("%s: the record speaks of %zu images and the batch has %zu", store->path,
                  result_count, store->image_count);
    for (enum statement s = STATEMENT_DROP_FLAGS; s <= STATEMENT_DROP_RETURNS; s++)
        if (!database_write(store, s, err, "i", store->batch))
            return false;
    for (size_t r = 0; r < record->return_count; r++)
        if (!add_return(store, &record->returns[r], err))
            return false;
    return add_flags(store, SIZE_MAX, record->flags, record->flag_count, err);
}
