/* Opening, closing and talking to the SQLite file. */
#include "store/database.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"

#define STORE_APPLICATION 0x4D415253 /* as in schema.sql */
#define BUSY_MS 2000 /* patience with another program that is just looking */

extern const char store_schema_sql[];

static const char *const statement_sql[STATEMENT_COUNT] = {
#define X(name, sql) sql,
    STATEMENT_TABLE(X)
#undef X
};

bool database_failed(const struct store *store, struct error *err)
{
    int system = sqlite3_system_errno(store->db);
    switch (sqlite3_errcode(store->db) & 0xff) {
    case SQLITE_FULL:
        return error_set(err, "%s: the disk is full; make room and try again", store->path);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return error_set(err, "%s: another program is using it; close that and try again",
                         store->path);
    case SQLITE_NOTADB:
        return error_set(err, "%s: this is not a store of marksense; give another name",
                         store->path);
    case SQLITE_CORRUPT:
        return error_set(err, "%s: the store is damaged (%s); read the scans again into a new one",
                         store->path, sqlite3_errmsg(store->db));
    case SQLITE_READONLY:
        return error_set(err, "%s: the store cannot be written; check its permissions",
                         store->path);
    case SQLITE_CANTOPEN:
        return error_set(err, "%s: the store cannot be opened: %s", store->path,
                         system != 0 ? strerror(system) : "check the folder and its permissions");
    case SQLITE_IOERR:
        if (system != 0)
            return error_set(err, "%s: reading or writing the store failed: %s", store->path,
                             strerror(system));
        /* fall through */
    default:
        return error_set(err, "%s: %s", store->path, sqlite3_errmsg(store->db));
    }
}

bool database_run(struct store *store, const char *sql, struct error *err)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
           database_failed(store, err);
}

static int bind_number(sqlite3_stmt *statement, int k, double value)
{
    return isnan(value) ? sqlite3_bind_null(statement, k)
                        : sqlite3_bind_double(statement, k, value);
}

bool database_write(struct store *store, enum statement statement, struct error *err,
                    const char *types, ...)
{
    sqlite3_stmt **slot = &store->statements[statement];
    if (*slot == NULL && sqlite3_prepare_v3(store->db, statement_sql[statement], -1,
                                            SQLITE_PREPARE_PERSISTENT, slot, NULL) != SQLITE_OK)
        return database_failed(store, err);
    va_list arguments;
    va_start(arguments, types);
    for (int k = 1; types[k - 1] != '\0'; k++) {
        int result = SQLITE_OK;
        if (types[k - 1] == 'i') {
            result = sqlite3_bind_int64(*slot, k, va_arg(arguments, long long));
        } else if (types[k - 1] == 'r') {
            result = bind_number(*slot, k, va_arg(arguments, double));
        } else if (types[k - 1] == 't') {
            result =
                sqlite3_bind_text(*slot, k, va_arg(arguments, const char *), -1, SQLITE_STATIC);
        } else if (types[k - 1] == 'z') {
            size_t index = va_arg(arguments, size_t);
            result = index == SIZE_MAX ? sqlite3_bind_null(*slot, k)
                                       : sqlite3_bind_int64(*slot, k, (long long)index);
        } else if (types[k - 1] == 'b') {
            const void *bytes = va_arg(arguments, const void *);
            size_t length = va_arg(arguments, size_t);
            result = sqlite3_bind_blob64(*slot, k, bytes, length, SQLITE_STATIC);
        } else {
            result = sqlite3_bind_null(*slot, k);
        }
        if (result != SQLITE_OK) {
            va_end(arguments);
            return database_failed(store, err);
        }
    }
    va_end(arguments);
    bool done = sqlite3_step(*slot) == SQLITE_DONE || database_failed(store, err);
    sqlite3_reset(*slot);
    sqlite3_clear_bindings(*slot);
    return done;
}

sqlite3_stmt *database_query(struct store *store, const char *sql, struct error *err)
{
    sqlite3_stmt *query = NULL;
    if (sqlite3_prepare_v2(store->db, sql, -1, &query, NULL) != SQLITE_OK)
        database_failed(store, err);
    return query;
}

long long database_row(const struct store *store)
{
    return sqlite3_last_insert_rowid(store->db);
}

void database_add_image(struct store *store, long long id)
{
    if (store->image_count == store->image_capacity) {
        store->image_capacity = store->image_capacity == 0 ? 256 : store->image_capacity * 2;
        store->image_ids =
            realloc(store->image_ids, store->image_capacity * sizeof *store->image_ids);
        if (store->image_ids == NULL)
            error_die("out of memory: %zu images", store->image_capacity);
    }
    store->image_ids[store->image_count++] = id;
}

void database_set_forms(struct store *store, const struct form *const *forms, size_t form_count)
{
    store->forms = forms;
    store->form_count = form_count;
    free(store->form_ids);
    store->form_ids = calloc(form_count + 1, sizeof *store->form_ids);
    if (store->form_ids == NULL)
        error_die("out of memory: %zu forms", form_count);
    store->image_count = 0;
    store->file_id = 0;
}

void form_layout_hash(char *out, const struct form *form)
{
    struct text text;
    text_init(&text);
    for (size_t p = 0; p < form->page_count; p++) {
        const struct template_page *page = &form->pages[p];
        text_addf(&text, "page %d\n", page->number);
        for (size_t b = 0; b < page->box_count; b++)
            text_addf(
                &text, "box %s\t%s\n", form->items[page->boxes[b].item].name,
                item_question(form, page->boxes[b].item)->options[page->boxes[b].option].code);
        for (size_t f = 0; f < page->field_count; f++)
            text_addf(&text, "field %s\n", form->items[page->fields[f].item].name);
    }
    hash_bytes(out, text.data, text.length);
    text_release(&text);
}

static bool pragma_number(long long *out, struct store *store, const char *sql, struct error *err)
{
    sqlite3_stmt *query = database_query(store, sql, err);
    if (query == NULL)
        return false;
    bool fine = sqlite3_step(query) == SQLITE_ROW || database_failed(store, err);
    *out = fine ? sqlite3_column_int64(query, 0) : 0;
    sqlite3_finalize(query);
    return fine;
}

static bool make_schema(struct store *store, struct error *err)
{
    if (!database_run(store, "BEGIN IMMEDIATE", err))
        return false;
    if (database_run(store, store_schema_sql, err) && database_run(store, "COMMIT", err))
        return true;
    sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

/* A new file gets the schema; an old one must be a store of this version. */
static bool prepare_file(struct store *store, struct error *err)
{
    sqlite3_extended_result_codes(store->db, 1);
    sqlite3_busy_timeout(store->db, BUSY_MS);
    long long application, version, tables;
    if (!database_run(store, "PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL", err) ||
        !pragma_number(&application, store, "PRAGMA application_id", err) ||
        !pragma_number(&version, store, "PRAGMA user_version", err) ||
        !pragma_number(&tables, store, "SELECT count(*) FROM sqlite_schema", err))
        return false;
    if (application == 0 && version == 0 && tables == 0)
        return make_schema(store, err);
    if (application != STORE_APPLICATION)
        return error_set(err, "%s: this is not a store of marksense; give another name",
                         store->path);
    if (version >= 1 && version < STORE_VERSION)
        return database_migrate(store, version, err);
    if (version != STORE_VERSION)
        return error_set(err,
                         "%s: this store has schema version %lld and this program knows %d; use "
                         "the program it was made with, or another store",
                         store->path, version, STORE_VERSION);
    return true;
}

bool store_open(struct store **out, const char *path, struct error *err)
{
    *out = NULL;
    struct store *store = calloc(1, sizeof *store);
    if (store == NULL || (store->path = strdup(path)) == NULL)
        error_die("out of memory: a store");
    bool fine = sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
                                NULL) == SQLITE_OK
                    ? prepare_file(store, err)
                    : database_failed(store, err);
    if (!fine) {
        store_close(store);
        return false;
    }
    *out = store;
    return true;
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    for (size_t s = 0; s < STATEMENT_COUNT; s++)
        sqlite3_finalize(store->statements[s]);
    sqlite3_close(store->db); /* rolls back */
    free(store->path);
    free(store->form_ids);
    free(store->image_ids);
    free(store->file_source);
    free(store->file_hash);
    free(store);
}

bool store_commit(struct store *store, struct error *err)
{
    store->batch = 0;
    return database_run(store, "COMMIT", err);
}

bool store_latest_batch(long long *out, struct store *store, struct error *err)
{
    return pragma_number(out, store, "SELECT coalesce(max(id), 0) FROM batch", err);
}
