/* Boxes by name, newest batch. */
#include "store/evidence.h"

#include <stdlib.h>
#include <string.h>

#include "store/database.h"

struct boxes {
    struct arena *arena;
    struct store *store;
    struct stored_box *boxes;
    size_t count, capacity;
    struct error *err;
};

static bool damaged(const struct boxes *b)
{
    return error_set(b->err, "%s: the store is damaged (evidence); read the scans again into a "
                             "new one", b->store->path);
}

/* The names of the batch's measurements must be those of this program. */
static bool check_columns(struct boxes *b, long long batch)
{
    sqlite3_stmt *query = database_query(
        b->store, "SELECT name FROM evidence_column WHERE batch = ? ORDER BY position", b->err);
    if (query == NULL)
        return false;
    sqlite3_bind_int64(query, 1, batch);
    size_t count = 0, same = 0;
    for (; sqlite3_step(query) == SQLITE_ROW; count++)
        same += count < BOX_EVIDENCE_COUNT &&
                strcmp((const char *)sqlite3_column_text(query, 0), box_evidence_names[count]) == 0;
    sqlite3_finalize(query);
    if (same == BOX_EVIDENCE_COUNT && count == same)
        return true;
    return error_set(b->err, "%s: batch %lld was measured by another version of marksense; read "
                             "the scans again", b->store->path, batch);
}

static void add_box(struct boxes *b, const struct stored_box *box)
{
    if (b->count == b->capacity) {
        size_t capacity = b->capacity * 2 + 1024;
        struct stored_box *more = ARENA_NEW(b->arena, struct stored_box, capacity);
        if (b->count > 0)
            memcpy(more, b->boxes, b->count * sizeof *more);
        b->boxes = more;
        b->capacity = capacity;
    }
    b->boxes[b->count++] = *box;
}

static enum box_state state_named(const char *name)
{
    enum box_state state = BOX_EMPTY;
    while (state < BOX_UNCERTAIN && strcmp(box_state_name(state), name) != 0)
        state++;
    return state;
}

/* One page: `page` is its row, `names` the query for what its boxes are. */
static bool take_page(struct boxes *b, sqlite3_stmt *page, sqlite3_stmt *names)
{
    size_t n = (size_t)sqlite3_column_int64(page, 4), k = 0;
    float *values = calloc(n * BOX_EVIDENCE_COUNT + 1, sizeof *values);
    double *rects = calloc(n * 4 + 1, sizeof *rects);
    if (values == NULL || rects == NULL)
        error_die("out of memory: %zu boxes", n);
    bool fine = unpack_floats(values, n * BOX_EVIDENCE_COUNT, sqlite3_column_blob(page, 5),
                              (size_t)sqlite3_column_bytes(page, 5)) &&
                unpack_doubles(rects, n * 4, sqlite3_column_blob(page, 6),
                               (size_t)sqlite3_column_bytes(page, 6));
    struct stored_box box = {
        .reference = arena_strdup(b->arena, (const char *)sqlite3_column_text(page, 1)),
        .source = arena_strdup(b->arena, (const char *)sqlite3_column_text(page, 2)),
        .image = sqlite3_column_int(page, 3)};
    sqlite3_reset(names);
    sqlite3_bind_int64(names, 1, sqlite3_column_int64(page, 0));
    sqlite3_bind_int64(names, 2, sqlite3_column_int64(page, 8));
    sqlite3_bind_int64(names, 3, sqlite3_column_int64(page, 7));
    for (; fine && sqlite3_step(names) == SQLITE_ROW; k++) {
        fine = k < n && sqlite3_column_int64(names, 0) == (long long)k;
        if (!fine)
            break;
        box.question = arena_strdup(b->arena, (const char *)sqlite3_column_text(names, 1));
        box.value = arena_strdup(b->arena, (const char *)sqlite3_column_text(names, 2));
        memcpy(&box.evidence, &values[k * BOX_EVIDENCE_COUNT], sizeof box.evidence);
        box.rect_px = (struct rect){rects[k * 4], rects[k * 4 + 1], rects[k * 4 + 2],
                                    rects[k * 4 + 3]};
        box.state = state_named((const char *)sqlite3_column_text(names, 3));
        box.flagged = box.state == BOX_UNCERTAIN ||
                      strcmp((const char *)sqlite3_column_text(names, 4), "none") != 0;
        box.confidence = sqlite3_column_double(names, 7);
        box.critical = sqlite3_column_int(names, 6) != 0;
        box.asked = box.flagged || sqlite3_column_int(names, 5) != 0;
        add_box(b, &box);
    }
    free(values);
    free(rects);
    return (fine && k == n) || damaged(b);
}

bool store_load_boxes(struct stored_box **out, size_t *out_count, struct arena *arena,
                      struct store *store, struct error *err)
{
    static const char *const pages_sql =
        "SELECT m.id, r.reference, s.source, m.number, g.boxes, g.evidence, g.rects, r.id, r.batch "
        "FROM return_record r JOIN return_page p ON p.\"return\" = r.id "
        "JOIN image m ON m.id = p.image JOIN scan_file s ON s.id = m.scan_file "
        "JOIN page_reading g ON g.image = m.id WHERE r.batch = ? ORDER BY r.id, p.page";
    static const char *const names_sql =
        "SELECT b.box, i.name, o.code, b.state, b.flag, EXISTS (SELECT 1 FROM flag f WHERE "
        "f.batch = ?2 AND f.\"return\" = ?3 AND f.image = b.image AND "
        "(f.item = b.item OR f.code = 'ink_outside')), i.critical, b.confidence "
        "FROM box_state b JOIN image m ON m.id = b.image "
        "JOIN form_item i ON i.form = m.form AND i.item = b.item "
        "JOIN form_option o ON o.form = m.form AND o.item = b.item AND o.\"option\" = b.\"option\" "
        "WHERE b.image = ?1 ORDER BY b.box";
    struct boxes b = {.arena = arena, .store = store, .err = err};
    long long batch;
    if (!store_latest_batch(&batch, store, err) || !check_columns(&b, batch))
        return false;
    sqlite3_stmt *pages = database_query(store, pages_sql, err);
    sqlite3_stmt *names = pages == NULL ? NULL : database_query(store, names_sql, err);
    bool fine = names != NULL;
    if (fine) {
        sqlite3_bind_int64(pages, 1, batch);
        while (fine && sqlite3_step(pages) == SQLITE_ROW)
            fine = take_page(&b, pages, names);
    }
    sqlite3_finalize(names);
    sqlite3_finalize(pages);
    *out = b.boxes;
    *out_count = b.count;
    return fine;
}
