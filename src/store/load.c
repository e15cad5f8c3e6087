/* Reading the evidence of a batch back. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "read/unprinted.h"
#include "store/database.h"

/* What is known while the rows come in. */
struct loading {
    struct store *store;
    struct arena *arena;
    struct page_result *results;
    size_t count;
    struct error *err;
};

static bool damaged(const struct loading *l, const char *what)
{
    return error_set(l->err, "%s: the store is damaged (%s); read the scans again into a new one",
                     l->store->path, what);
}

static double number(sqlite3_stmt *row, int column)
{
    return sqlite3_column_type(row, column) == SQLITE_NULL ? (double)NAN
                                                           : sqlite3_column_double(row, column);
}

static const char *words(const struct loading *l, sqlite3_stmt *row, int column)
{
    return arena_strdup(l->arena, (const char *)sqlite3_column_text(row, column));
}

/* Runs the query for the batch and gives each row to `take`. */
static bool each_row(struct loading *l, const char *sql,
                     bool (*take)(struct loading *, sqlite3_stmt *))
{
    struct store *store = l->store;
    sqlite3_stmt *query = database_query(store, sql, l->err);
    if (query == NULL)
        return false;
    sqlite3_bind_int64(query, 1, store->batch);
    int step;
    bool fine = true;
    while (fine && (step = sqlite3_step(query)) != SQLITE_DONE)
        fine = step == SQLITE_ROW ? take(l, query) : database_failed(store, l->err);
    sqlite3_finalize(query);
    return fine;
}

/* id, name, version, layout */
static bool take_form(struct loading *l, sqlite3_stmt *row)
{
    const char *name = words(l, row, 1), *version = words(l, row, 2), *layout = words(l, row, 3);
    for (size_t f = 0; f < l->store->form_count; f++) {
        const struct form *form = l->store->forms[f];
        if (strcmp(form->id, name) != 0 || strcmp(form->version, version) != 0)
            continue;
        char now[HASH_TEXT_BYTES];
        form_layout_hash(now, form);
        if (strcmp(now, layout) != 0)
            return error_set(l->err,
                             "%s: form %s, version %s, has other boxes now than when batch %lld "
                             "was read; give the form as it was, or read the scans again",
                             l->store->path, name, version, l->store->batch);
        l->store->form_ids[f] = sqlite3_column_int64(row, 0);
        return true;
    }
    return error_set(l->err, "%s: batch %lld needs form %s, version %s; name it with -f",
                     l->store->path, l->store->batch, name, version);
}

/* position, name */
static bool take_column(struct loading *l, sqlite3_stmt *row)
{
    long long position = sqlite3_column_int64(row, 0);
    const char *name = words(l, row, 1);
    if (position == (long long)l->count && l->count < BOX_EVIDENCE_COUNT &&
        strcmp(name, box_evidence_names[l->count]) == 0) {
        l->count++;
        return true;
    }
    return error_set(l->err,
                     "%s: batch %lld was measured by another version of marksense ('%s' is not "
                     "known at place %lld); read the scans again",
                     l->store->path, l->store->batch, name, position + 1);
}

static bool form_index(size_t *out, const struct store *store, long long id)
{
    for (size_t f = 0; f < store->form_count; f++)
        if (store->form_ids[f] == id) {
            *out = f;
            return true;
        }
    return false;
}

/* id, source, hash, number, reason, detail, form, page, by_code, reference, x_dpi, y_dpi, skew_deg,
 * ink_share */
static bool take_image(struct loading *l, sqlite3_stmt *row)
{
    struct page_result *r = &l->results[l->store->image_count];
    struct known_page *known = &r->placed.known;
    if (l->store->image_count >= l->count)
        return damaged(l, "images");
    database_add_image(l->store, sqlite3_column_int64(row, 0));
    r->source = words(l, row, 1);
    r->hash = words(l, row, 2);
    r->image = sqlite3_column_type(row, 3) == SQLITE_NULL ? -1 : sqlite3_column_int(row, 3) - 1;
    r->reason = flag_from_code(words(l, row, 4));
    r->detail = words(l, row, 5);
    if (r->reason == FLAG_COUNT)
        return damaged(l, "a reason that this program does not know");
    r->placed.health =
        (struct scan_health){.x_dpi = number(row, 10),
                             .y_dpi = number(row, 11),
                             .skew_deg = number(row, 12),
                             .ink_share = number(row, 13)};
    r->identified = sqlite3_column_type(row, 6) != SQLITE_NULL;
    if (!r->identified)
        return r->reason != FLAG_NONE || damaged(l, "a page of no form");
    if (!form_index(&known->form, l->store, sqlite3_column_int64(row, 6)))
        return damaged(l, "a form that is not the batch's");
    long long page = sqlite3_column_int64(row, 7);
    if (page < 0 || (size_t)page >= l->store->forms[known->form]->page_count)
        return damaged(l, "a page that the form does not have");
    known->page = (size_t)page;
    known->by = sqlite3_column_int(row, 8) ? IDENTIFIED_BY_CODE : IDENTIFIED_BY_CONTENT;
    const char *reference = words(l, row, 9);
    known->has_reference = reference != NULL;
    if (reference != NULL && strlen(reference) < sizeof known->reference)
        memcpy(known->reference, reference, strlen(reference) + 1);
    else if (reference != NULL)
        return damaged(l, "a reference that is too long");
    return true;
}

static const struct template_page *template_of(const struct loading *l, const struct page_result *r)
{
    return &l->store->forms[r->placed.known.form]->pages[r->placed.known.page];
}

/* position, then the columns of SCAN_HEALTH_TABLE */
static bool take_health(struct loading *l, sqlite3_stmt *row)
{
    long long position = sqlite3_column_int64(row, 0);
    if (position < 0 || (size_t)position >= l->count)
        return damaged(l, "scan health of no image");
    struct scan_health *health = &l->results[position].placed.health;
    int column = 1;
#define X(name, meaning) health->name = (float)number(row, column++);
    SCAN_HEALTH_TABLE(X)
#undef X
    return true;
}

/* position, number, at_px, at_mm, width_px, share, lying */
static bool take_streak(struct loading *l, sqlite3_stmt *row)
{
    long long position = sqlite3_column_int64(row, 0), k = sqlite3_column_int64(row, 1);
    if (position < 0 || (size_t)position >= l->count || k >= STREAK_MAX ||
        k != l->results[position].placed.health.streak_count)
        return damaged(l, "streaks");
    struct scan_health *health = &l->results[position].placed.health;
    health->streaks[health->streak_count++] =
        (struct streak){(float)number(row, 2), (float)number(row, 3), (float)number(row, 4),
                        (float)number(row, 5), sqlite3_column_int(row, 6) != 0};
    return true;
}

static struct page_result *result_at(const struct loading *l, sqlite3_stmt *row, int column)
{
    long long position = sqlite3_column_int64(row, column);
    if (position < 0 || (size_t)position >= l->count || !l->results[position].identified)
        return NULL;
    return &l->results[position];
}

static bool unpack_boxes(const struct loading *l, struct page_reading *reading, sqlite3_stmt *row,
                         int evidence, int rects)
{
    size_t n = reading->box_count;
    float *values = ARENA_NEW(l->arena, float, n *BOX_EVIDENCE_COUNT);
    double *edges = ARENA_NEW(l->arena, double, n * 4);
    if (!unpack_floats(values, n * BOX_EVIDENCE_COUNT, sqlite3_column_blob(row, evidence),
                       (size_t)sqlite3_column_bytes(row, evidence)) ||
        !unpack_doubles(edges, n * 4, sqlite3_column_blob(row, rects),
                        (size_t)sqlite3_column_bytes(row, rects)))
        return damaged(l, "evidence");
    for (size_t b = 0; b < n; b++) {
        struct box_reading *box = &reading->boxes[b];
        memcpy(&box->evidence, &values[b * BOX_EVIDENCE_COUNT], sizeof box->evidence);
        const double *e = &edges[b * 4];
        box->rect_px = (struct rect){e[0], e[1], e[2], e[3]};
    }
    return true;
}

static bool unpack_landmarks(const struct loading *l, struct placed_page *placed, sqlite3_stmt *row,
                             int column, long long count)
{
    float values[LANDMARK_MAX * 5];
    if (count < 0 || count > LANDMARK_MAX ||
        !unpack_floats(values, (size_t)count * 5, sqlite3_column_blob(row, column),
                       (size_t)sqlite3_column_bytes(row, column)))
        return damaged(l, "landmarks");
    placed->landmark_count = (int)count;
    placed->landmarks = ARENA_NEW(l->arena, struct landmark_residual, (size_t)count);
    for (long long k = 0; k < count; k++) {
        const float *v = &values[k * 5];
        placed->landmarks[k] = (struct landmark_residual){v[0], v[1], v[2], v[3], v[4] != 0};
    }
    return true;
}

static bool unpack_pieces(const struct loading *l, struct page_reading *reading, sqlite3_stmt *row,
                          int column, long long count)
{
    if (count < 0 || count > PIECES_MAX)
        return damaged(l, "pieces of ink");
    if (count == 0) /* also in stores of earlier programs, which measured none */
        return true;
    reading->piece_count = (size_t)count;
    reading->pieces = ARENA_NEW(l->arena, struct ink_piece, reading->piece_count);
    double *values = ARENA_NEW(l->arena, double, reading->piece_count *PIECE_ROW);
    bool fine = unpack_doubles(values, reading->piece_count * PIECE_ROW,
                               sqlite3_column_blob(row, column),
                               (size_t)sqlite3_column_bytes(row, column));
    for (size_t k = 0; fine && k < reading->piece_count; k++)
        fine = piece_from_numbers(&reading->pieces[k], &values[k * PIECE_ROW], reading->box_count);
    return fine || damaged(l, "pieces of ink");
}

/* position, median, worst, found, coverage, paper, print, ink outside, boxes, evidence, rects,
 * placement, landmark count, landmarks, piece count, pieces */
static bool take_reading(struct loading *l, sqlite3_stmt *row)
{
    struct page_result *r = result_at(l, row, 0);
    if (r == NULL)
        return damaged(l, "a reading of no page");
    const struct template_page *page = template_of(l, r);
    struct page_reading *reading = &r->reading;
    r->placed.residuals =
        (struct residuals){number(row, 1), number(row, 2), number(row, 3), number(row, 4)};
    reading->paper = (float)number(row, 5);
    reading->print = (float)number(row, 6);
    reading->ink_outside_mm2 = (float)number(row, 7);
    if (sqlite3_column_int64(row, 8) != (long long)page->box_count)
        return damaged(l, "the number of boxes");
    reading->box_count = page->box_count;
    reading->boxes = ARENA_NEW(l->arena, struct box_reading, page->box_count);
    reading->fields = ARENA_NEW(l->arena, struct field_reading, page->field_count);
    double numbers[PLACEMENT_NUMBERS] = {0};
    const void *blob = sqlite3_column_blob(row, 11);
    size_t length = (size_t)sqlite3_column_bytes(row, 11);
    if (!unpack_doubles(numbers, PLACEMENT_NUMBERS, blob, length) &&
        !unpack_doubles(numbers, PLACEMENT_NUMBERS_FIRST, blob, length))
        return damaged(l, "placement");
    placement_from_numbers(&r->placed, numbers);
    return unpack_boxes(l, reading, row, 9, 10) &&
           unpack_landmarks(l, &r->placed, row, 13, sqlite3_column_int64(row, 12)) &&
           unpack_pieces(l, reading, row, 15, sqlite3_column_int64(row, 14));
}

/* position, field, has_ink, ink, misfit, draft, confidence, x, y, w, h */
static bool take_field(struct loading *l, sqlite3_stmt *row)
{
    struct page_result *r = result_at(l, row, 0);
    if (r == NULL || r->reading.fields == NULL ||
        sqlite3_column_int64(row, 1) != (long long)r->reading.field_count ||
        r->reading.field_count >= template_of(l, r)->field_count)
        return damaged(l, "fields");
    struct field_reading *field = &r->reading.fields[r->reading.field_count++];
    field->has_ink = sqlite3_column_int(row, 2);
    field->ink_mm2 = (float)number(row, 3);
    field->misfit_mm = (float)number(row, 4);
    field->text = words(l, row, 5);
    field->confidence = (float)number(row, 6);
    field->rect_px = (struct rect){number(row, 7), number(row, 8), number(row, 9), number(row, 10)};
    return true;
}

/* position, box, width, height, dx, dy, found, cells */
static bool take_crop(struct loading *l, sqlite3_stmt *row)
{
    struct page_result *r = result_at(l, row, 0);
    long long box = sqlite3_column_int64(row, 1);
    if (r == NULL || r->reading.boxes == NULL || box < 0 ||
        (size_t)box >= r->reading.box_count)
        return damaged(l, "crops");
    struct box_crop *crop = ARENA_NEW(l->arena, struct box_crop, 1);
    int width, height;
    crop_size(&width, &height, template_of(l, r)->boxes[box].rect_mm);
    crop->width = sqlite3_column_int(row, 2);
    crop->height = sqlite3_column_int(row, 3);
    crop->dx = sqlite3_column_int(row, 4);
    crop->dy = sqlite3_column_int(row, 5);
    crop->found = (float)number(row, 6);
    size_t bytes = crop_bytes(width, height);
    unsigned char *packed = ARENA_NEW(l->arena, unsigned char, bytes);
    if (crop->width != width || crop->height != height ||
        !unpack_bytes(packed, bytes, sqlite3_column_blob(row, 7),
                      (size_t)sqlite3_column_bytes(row, 7)))
        return damaged(l, "crops");
    crop->packed = packed;
    r->reading.boxes[box].crop = crop;
    return true;
}

static bool take_count(struct loading *l, sqlite3_stmt *row)
{
    l->count = (size_t)sqlite3_column_int64(row, 0);
    return true;
}

/* Every page that was read has all its measurements. */
static bool check_whole(const struct loading *l)
{
    if (l->store->image_count != l->count)
        return damaged(l, "images");
    for (size_t k = 0; k < l->count; k++) {
        const struct page_result *r = &l->results[k];
        bool measured = r->reading.boxes != NULL;
        if ((r->reason == FLAG_NONE && !measured) ||
            (measured && r->reading.field_count != template_of(l, r)->field_count))
            return damaged(l, "measurements are missing");
    }
    return true;
}

static bool load(struct loading *l)
{
    static const char *const forms =
        "SELECT id, name, version, layout FROM form WHERE batch = ? ORDER BY position";
    static const char *const columns =
        "SELECT position, name FROM evidence_column WHERE batch = ? ORDER BY position";
    static const char *const count = "SELECT count(*) FROM image WHERE batch = ?";
    static const char *const images =
        "SELECT i.id, f.source, f.hash, i.number, i.reason, i.detail, i.form, i.page, i.by_code, "
        "i.reference, i.x_dpi, i.y_dpi, i.skew_deg, i.ink_share "
        "FROM image i JOIN scan_file f ON f.id = i.scan_file WHERE i.batch = ? "
        "ORDER BY i.position";
#define X(name, meaning) ", " #name
    static const char *const healths =
        "SELECT i.position" SCAN_HEALTH_TABLE(X)
        " FROM scan_health h JOIN image i ON i.id = h.image WHERE i.batch = ? ORDER BY i.position";
#undef X
    static const char *const streaks =
        "SELECT i.position, s.number, at_px, at_mm, width_px, share, lying "
        "FROM streak s JOIN image i ON i.id = s.image WHERE i.batch = ? "
        "ORDER BY i.position, s.number";
    static const char *const readings =
        "SELECT i.position, residual_median_mm, residual_worst_mm, found_share, coverage, paper, "
        "print, ink_outside_mm2, boxes, evidence, rects, placement, landmark_count, landmarks, "
        "k.pieces, k.data "
        "FROM page_reading r JOIN image i ON i.id = r.image LEFT JOIN page_ink k ON k.image = i.id "
        "WHERE i.batch = ? ORDER BY i.position";
    static const char *const fields =
        "SELECT i.position, field, has_ink, ink_mm2, misfit_mm, draft, confidence, x_px, y_px, "
        "w_px, h_px FROM field_reading r JOIN image i ON i.id = r.image WHERE i.batch = ? "
        "ORDER BY i.position, field";
    static const char *const crops =
        "SELECT i.position, box, width, height, dx, dy, found, cells FROM box_crop c "
        "JOIN image i ON i.id = c.image WHERE i.batch = ? ORDER BY i.position, box";
    if (!each_row(l, forms, take_form) || !each_row(l, columns, take_column))
        return false;
    if (l->count != BOX_EVIDENCE_COUNT)
        return error_set(l->err,
                         "%s: there is no batch %lld, or it was measured by another version of "
                         "marksense",
                         l->store->path, l->store->batch);
    if (!each_row(l, count, take_count))
        return false;
    l->results = ARENA_NEW(l->arena, struct page_result, l->count);
    return each_row(l, images, take_image) && each_row(l, healths, take_health) &&
           each_row(l, streaks, take_streak) && each_row(l, readings, take_reading) &&
           each_row(l, fields, take_field) && each_row(l, crops, take_crop) && check_whole(l);
}

bool store_load_results(struct page_result **out, size_t *out_count, struct arena *arena,
                        struct store *store, long long batch, const struct form *const *forms,
                        size_t form_count, struct error *err)
{
    *out = NULL;
    *out_count = 0;
    database_set_forms(store, forms, form_count);
    if (!database_run(store, "BEGIN IMMEDIATE", err))
        return false;
    store->batch = batch;
    struct loading l = {.store = store, .arena = arena, .err = err};
    if (!load(&l)) {
        store->batch = 0;
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
        return false;
    }
    *out = l.results;
    *out_count = l.count;
    return true;
}
