/* A page result as bytes and back. */
#include "run/wire.h"

#include <string.h>

#include "read/unprinted.h"

#define MAGIC 0x4b52414du /* "MARK" */

static void put_rect(struct text *out, struct rect r)
{
    put_double(out, r.x);
    put_double(out, r.y);
    put_double(out, r.w);
    put_double(out, r.h);
}

static struct rect get_rect(struct reader *in)
{
    struct rect r;
    r.x = get_double(in);
    r.y = get_double(in);
    r.w = get_double(in);
    r.h = get_double(in);
    return r;
}

static void put_transform(struct text *out, const struct transform *t)
{
    for (int i = 0; i < 8; i++)
        put_double(out, t->m[i]);
}

static void get_transform(struct transform *t, struct reader *in)
{
    for (int i = 0; i < 8; i++)
        t->m[i] = get_double(in);
}

static void put_health(struct text *out, const struct scan_health *health)
{
    put_double(out, health->x_dpi);
    put_double(out, health->y_dpi);
    put_double(out, health->skew_deg);
    put_double(out, health->ink_share);
#define X(name, meaning) put_float(out, health->name);
    SCAN_HEALTH_TABLE(X)
#undef X
    put_u32(out, (uint32_t)health->streak_count);
    for (int i = 0; i < health->streak_count; i++) {
        const struct streak *streak = &health->streaks[i];
        put_float(out, streak->at_px);
        put_float(out, streak->at_mm);
        put_float(out, streak->width_px);
        put_float(out, streak->share);
        put_u32(out, streak->lying);
    }
}

static void take_health(struct scan_health *health, struct reader *in)
{
    health->x_dpi = get_double(in);
    health->y_dpi = get_double(in);
    health->skew_deg = get_double(in);
    health->ink_share = get_double(in);
#define X(name, meaning) health->name = get_float(in);
    SCAN_HEALTH_TABLE(X)
#undef X
    uint32_t count = get_u32(in);
    if (count > STREAK_MAX) {
        in->bad = true;
        return;
    }
    health->streak_count = (int)count;
    for (uint32_t i = 0; i < count; i++) {
        struct streak *streak = &health->streaks[i];
        streak->at_px = get_float(in);
        streak->at_mm = get_float(in);
        streak->width_px = get_float(in);
        streak->share = get_float(in);
        streak->lying = get_bool(in);
    }
}

static void put_placed(struct text *out, const struct placed_page *placed)
{
    const struct known_page *known = &placed->known;
    put_u64(out, known->form);
    put_u64(out, known->page);
    put_u32(out, known->by);
    put_u32(out, known->has_reference);
    put_string(out, known->reference);
    put_transform(out, &known->form_to_image);
    const struct placement *placement = &placed->placement;
    put_transform(out, &placement->form_to_image);
    put_double(out, placement->width_mm);
    put_double(out, placement->height_mm);
    for (int y = 0; y < PLACEMENT_GRID_Y; y++)
        for (int x = 0; x < PLACEMENT_GRID_X; x++) {
            put_float(out, placement->dx_mm[y][x]);
            put_float(out, placement->dy_mm[y][x]);
        }
    put_double(out, placement->feed.x);
    put_double(out, placement->feed.y);
    put_double(out, placement->feed_start_mm);
    put_double(out, placement->feed_step_mm);
    for (int k = 0; k < PLACEMENT_FEED; k++) {
        put_float(out, placement->feed_dx_mm[k]);
        put_float(out, placement->feed_dy_mm[k]);
    }
    const struct residuals *residuals = &placed->residuals;
    put_double(out, residuals->median_mm);
    put_double(out, residuals->worst_mm);
    put_double(out, residuals->found_share);
    put_double(out, residuals->coverage);
    put_health(out, &placed->health);
    put_u64(out, (uint64_t)placed->landmark_count);
    for (int i = 0; i < placed->landmark_count; i++) {
        const struct landmark_residual *landmark = &placed->landmarks[i];
        put_float(out, landmark->x_mm);
        put_float(out, landmark->y_mm);
        put_float(out, landmark->dx_mm);
        put_float(out, landmark->dy_mm);
        put_u32(out, landmark->found);
    }
}

static void take_landmarks(struct placed_page *placed, struct arena *arena, struct reader *in)
{
    size_t count = get_count(in, 4 * sizeof(float) + sizeof(uint32_t));
    if (count > LANDMARK_MAX) {
        in->bad = true;
        return;
    }
    placed->landmark_count = (int)count;
    placed->landmarks = ARENA_NEW(arena, struct landmark_residual, count);
    for (size_t i = 0; i < count; i++) {
        struct landmark_residual *landmark = &placed->landmarks[i];
        landmark->x_mm = get_float(in);
        landmark->y_mm = get_float(in);
        landmark->dx_mm = get_float(in);
        landmark->dy_mm = get_float(in);
        landmark->found = get_bool(in);
    }
}

static void take_placed(struct placed_page *placed, struct arena *arena, struct reader *in)
{
    struct known_page *known = &placed->known;
    known->form = (size_t)get_u64(in);
    known->page = (size_t)get_u64(in);
    uint32_t by = get_u32(in);
    known->by = by == IDENTIFIED_BY_CONTENT ? IDENTIFIED_BY_CONTENT : IDENTIFIED_BY_CODE;
    known->has_reference = get_bool(in);
    const char *reference = get_string(in, arena);
    if (by > IDENTIFIED_BY_CONTENT || reference == NULL || strlen(reference) >= REFERENCE_BYTES)
        in->bad = true;
    else
        memcpy(known->reference, reference, strlen(reference) + 1);
    get_transform(&known->form_to_image, in);
    struct placement *placement = &placed->placement;
    get_transform(&placement->form_to_image, in);
    placement->width_mm = get_double(in);
    placement->height_mm = get_double(in);
    for (int y = 0; y < PLACEMENT_GRID_Y; y++)
        for (int x = 0; x < PLACEMENT_GRID_X; x++) {
            placement->dx_mm[y][x] = get_float(in);
            placement->dy_mm[y][x] = get_float(in);
        }
    placement->feed.x = get_double(in);
    placement->feed.y = get_double(in);
    placement->feed_start_mm = get_double(in);
    placement->feed_step_mm = get_double(in);
    for (int k = 0; k < PLACEMENT_FEED; k++) {
        placement->feed_dx_mm[k] = get_float(in);
        placement->feed_dy_mm[k] = get_float(in);
    }
    struct residuals *residuals = &placed->residuals;
    residuals->median_mm = get_double(in);
    residuals->worst_mm = get_double(in);
    residuals->found_share = get_double(in);
    residuals->coverage = get_double(in);
    take_health(&placed->health, in);
    take_landmarks(placed, arena, in);
}

#define RECT_BYTES (4 * sizeof(double))
#define BOX_BYTES (BOX_EVIDENCE_COUNT * sizeof(float) + RECT_BYTES + sizeof(uint32_t))
#define FIELD_BYTES (2 * sizeof(uint32_t) + 3 * sizeof(float) + RECT_BYTES)

static void put_crop(struct text *out, const struct box_crop *crop)
{
    put_u32(out, crop != NULL);
    if (crop == NULL)
        return;
    put_u32(out, (uint32_t)crop->width);
    put_u32(out, (uint32_t)crop->height);
    put_u32(out, (uint32_t)(crop->dx + CROP_CELLS_MAX)); /* never negative */
    put_u32(out, (uint32_t)(crop->dy + CROP_CELLS_MAX));
    put_float(out, crop->found);
    text_add_bytes(out, (const char *)crop->packed, crop_bytes(crop->width, crop->height));
}

static const struct box_crop *take_crop(struct arena *arena, struct reader *in)
{
    if (!get_bool(in))
        return NULL;
    struct box_crop *crop = ARENA_NEW(arena, struct box_crop, 1);
    uint32_t width = get_u32(in), height = get_u32(in), dx = get_u32(in), dy = get_u32(in);
    if (width == 0 || height == 0 || width > CROP_CELLS_MAX || height > CROP_CELLS_MAX / width ||
        dx > 2 * CROP_CELLS_MAX || dy > 2 * CROP_CELLS_MAX) {
        in->bad = true;
        return NULL;
    }
    crop->width = (int)width;
    crop->height = (int)height;
    crop->dx = (int)dx - CROP_CELLS_MAX;
    crop->dy = (int)dy - CROP_CELLS_MAX;
    crop->found = get_float(in);
    unsigned char *packed = ARENA_NEW(arena, unsigned char, crop_bytes(crop->width, crop->height));
    get_bytes(in, packed, crop_bytes(crop->width, crop->height));
    crop->packed = packed;
    return crop;
}

#define PIECE_BYTES (2 * RECT_BYTES + PIECE_NUMBERS * sizeof(float) + sizeof(uint64_t))

static void put_pieces(struct text *out, const struct page_reading *reading)
{
    put_u64(out, reading->piece_count);
    for (size_t i = 0; i < reading->piece_count; i++) {
        const struct ink_piece *piece = &reading->pieces[i];
        put_rect(out, piece->rect_mm);
        put_rect(out, piece->rect_px);
#define X(name, meaning) put_float(out, piece->name);
        PIECE_TABLE(X)
#undef X
        put_u64(out, piece->touch_count);
        for (size_t k = 0; k < piece->touch_count; k++) {
            put_u64(out, piece->touches[k].box);
            put_float(out, piece->touches[k].inside_mm2);
            put_float(out, piece->touches[k].row_mm2);
        }
    }
}

static void take_pieces(struct page_reading *reading, struct arena *arena, struct reader *in)
{
    reading->piece_count = get_count(in, PIECE_BYTES);
    reading->pieces = ARENA_NEW(arena, struct ink_piece, reading->piece_count);
    for (size_t i = 0; i < reading->piece_count; i++) {
        struct ink_piece *piece = &reading->pieces[i];
        piece->rect_mm = get_rect(in);
        piece->rect_px = get_rect(in);
#define X(name, meaning) piece->name = get_float(in);
        PIECE_TABLE(X)
#undef X
        piece->touch_count = (size_t)get_u64(in);
        if (piece->touch_count > PIECE_TOUCHES) {
            in->bad = true;
            piece->touch_count = 0;
        }
        for (size_t k = 0; k < piece->touch_count; k++) {
            piece->touches[k].box = (size_t)get_u64(in);
            piece->touches[k].inside_mm2 = get_float(in);
            piece->touches[k].row_mm2 = get_float(in);
            in->bad = in->bad || piece->touches[k].box >= reading->box_count;
        }
    }
}

static void put_reading(struct text *out, const struct page_reading *reading)
{
    put_u64(out, reading->box_count);
    for (size_t i = 0; i < reading->box_count; i++) {
        const struct box_reading *box = &reading->boxes[i];
        text_add_bytes(out, (const char *)&box->evidence, sizeof box->evidence);
        put_rect(out, box->rect_px);
        put_crop(out, box->crop);
    }
    put_u64(out, reading->field_count);
    for (size_t i = 0; i < reading->field_count; i++) {
        const struct field_reading *field = &reading->fields[i];
        put_u32(out, field->has_ink);
        put_float(out, field->ink_mm2);
        put_float(out, field->misfit_mm);
        put_string(out, field->text);
        put_float(out, field->confidence);
        put_rect(out, field->rect_px);
    }
    put_float(out, reading->paper);
    put_float(out, reading->print);
    put_float(out, reading->ink_outside_mm2);
    put_pieces(out, reading);
}

static void take_reading(struct page_reading *reading, struct arena *arena, struct reader *in)
{
    reading->box_count = get_count(in, BOX_BYTES);
    reading->boxes = ARENA_NEW(arena, struct box_reading, reading->box_count);
    for (size_t i = 0; i < reading->box_count; i++) {
        struct box_reading *box = &reading->boxes[i];
        float values[BOX_EVIDENCE_COUNT] = {0};
        for (size_t k = 0; k < BOX_EVIDENCE_COUNT; k++)
            values[k] = get_float(in);
        memcpy(&box->evidence, values, sizeof values);
        box->rect_px = get_rect(in);
        box->crop = take_crop(arena, in);
    }
    reading->field_count = get_count(in, FIELD_BYTES);
    reading->fields = ARENA_NEW(arena, struct field_reading, reading->field_count);
    for (size_t i = 0; i < reading->field_count; i++) {
        struct field_reading *field = &reading->fields[i];
        field->has_ink = get_bool(in);
        field->ink_mm2 = get_float(in);
        field->misfit_mm = get_float(in);
        field->text = get_string(in, arena);
        field->confidence = get_float(in);
        field->rect_px = get_rect(in);
    }
    reading->paper = get_float(in);
    reading->print = get_float(in);
    reading->ink_outside_mm2 = get_float(in);
    take_pieces(reading, arena, in);
}

void wire_put_result(struct text *out, const struct page_result *result)
{
    put_u32(out, MAGIC);
    put_u32(out, WIRE_VERSION);
    put_string(out, result->source);
    put_string(out, result->hash);
    put_u32(out, (uint32_t)(result->image + 1));
    put_u32(out, result->reason);
    put_string(out, result->detail);
    put_u32(out, result->identified);
    put_placed(out, &result->placed);
    bool measured = result->reason == FLAG_NONE || result->reading.boxes != NULL;
    put_u32(out, measured);
    if (measured)
        put_reading(out, &result->reading);
}

/* Texts that may not be NULL. */
static const char *take_text(struct arena *arena, struct reader *in)
{
    const char *value = get_string(in, arena);
    if (value == NULL)
        in->bad = true;
    return value == NULL ? "" : value;
}

void wire_take_result(struct page_result *out, struct arena *arena, struct reader *in)
{
    *out = (struct page_result){0};
    if (get_u32(in) != MAGIC || get_u32(in) != WIRE_VERSION)
        in->bad = true;
    out->source = take_text(arena, in);
    out->hash = take_text(arena, in);
    uint32_t image = get_u32(in), reason = get_u32(in);
    if (image > INT32_MAX || reason >= FLAG_COUNT) {
        in->bad = true;
        return;
    }
    out->image = (int)image - 1;
    out->reason = (enum flag)reason;
    out->detail = take_text(arena, in);
    out->identified = get_bool(in);
    take_placed(&out->placed, arena, in);
    bool measured = get_bool(in);
    in->bad |= out->reason == FLAG_NONE && !measured;
    if (measured)
        take_reading(&out->reading, arena, in);
}

bool wire_get_result(struct page_result *out, struct arena *arena, const void *bytes, size_t length,
                     struct error *err)
{
    struct reader in = {.at = bytes, .left = length};
    wire_take_result(out, arena, &in);
    if (in.bad || in.left != 0)
        return error_set(err, "a worker's answer of %zu bytes is not a page result", length);
    return true;
}

bool wire_result_fits(const struct page_result *result, const struct form *const *forms,
                      size_t form_count, struct error *err)
{
    const struct known_page *known = &result->placed.known;
    if (!result->identified)
        return result->reason != FLAG_NONE ||
               error_set(err, "a worker says it read a page of no form");
    if (known->form >= form_count || known->page >= forms[known->form]->page_count)
        return error_set(err, "a worker names a page that no form has");
    const struct template_page *page = &forms[known->form]->pages[known->page];
    bool measured = result->reason == FLAG_NONE || result->reading.boxes != NULL;
    if (measured && (result->reading.box_count != page->box_count ||
                     result->reading.field_count != page->field_count))
        return error_set(err, "a worker gives %zu boxes and %zu fields where the page has %zu and %zu",
                         result->reading.box_count, result->reading.field_count, page->box_count,
                         page->field_count);
    return true;
}

void wire_put_decisions(struct text *out, const struct box_decision *boxes, size_t count)
{
    put_u64(out, count);
    for (size_t i = 0; i < count; i++) {
        put_u32(out, boxes[i].state);
        put_double(out, boxes[i].confidence);
        put_u32(out, boxes[i].flag);
    }
}

struct box_decision *wire_take_decisions(size_t *count, struct arena *arena, struct reader *in)
{
    *count = get_count(in, 2 * sizeof(uint32_t) + sizeof(double));
    struct box_decision *boxes = ARENA_NEW(arena, struct box_decision, *count);
    for (size_t i = 0; i < *count; i++) {
        uint32_t state = get_u32(in);
        boxes[i].confidence = get_double(in);
        uint32_t flag = get_u32(in);
        if (state > BOX_UNCERTAIN || flag >= FLAG_COUNT)
            in->bad = true;
        else {
            boxes[i].state = (enum box_state)state;
            boxes[i].flag = (enum flag)flag;
        }
    }
    return boxes;
}
