/* Inside the store room: the open database, its statements, and packing. */
#ifndef STORE_DATABASE_H
#define STORE_DATABASE_H

#include <sqlite3.h>

#include "store/store.h"

#define STORE_ONE_MORE(name, meaning) ", ?"

/* Every statement that writes, prepared when first used. */
#define STATEMENT_TABLE(X)                                                                         \
    X(ADD_BATCH, "INSERT INTO batch (started_at) VALUES (?)")                                      \
    X(ADD_FORM, "INSERT INTO form (batch, position, name, version, title, pages, layout) "         \
                "VALUES (?, ?, ?, ?, ?, ?, ?)")                                                    \
    X(ADD_ITEM, "INSERT INTO form_item VALUES (?, ?, ?, ?, ?)")                                    \
    X(ADD_OPTION, "INSERT INTO form_option VALUES (?, ?, ?, ?, ?)")                                \
    X(ADD_COLUMN, "INSERT INTO evidence_column VALUES (?, ?, ?)")                                  \
    X(ADD_FILE, "INSERT INTO scan_file (batch, source, hash) VALUES (?, ?, ?)")                    \
    X(ADD_IMAGE, "INSERT INTO image (batch, position, scan_file, number, reason, detail, form, "   \
                 "page, by_code, reference, x_dpi, y_dpi, skew_deg, ink_share) "                   \
                 "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")                              \
    X(ADD_HEALTH, "INSERT INTO scan_health VALUES (?" SCAN_HEALTH_TABLE(STORE_ONE_MORE) ")")       \
    X(ADD_STREAK, "INSERT INTO streak VALUES (?, ?, ?, ?, ?, ?, ?)")                               \
    X(ADD_READING, "INSERT INTO page_reading VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")   \
    X(ADD_INK, "INSERT INTO page_ink VALUES (?, ?, ?)")                                            \
    X(ADD_FIELD, "INSERT INTO field_reading VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")             \
    X(ADD_CROP, "INSERT INTO box_crop VALUES (?, ?, ?, ?, ?, ?, ?, ?)")                            \
    X(ADD_RETURN, "INSERT INTO return_record (batch, form, reference, outcome) "                   \
                  "VALUES (?, ?, ?, ?)")                                                           \
    X(ADD_PAGE, "INSERT INTO return_page VALUES (?, ?, ?)")                                        \
    X(ADD_ANSWER, "INSERT INTO answer VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")                         \
    X(ADD_BOX, "INSERT INTO box_state VALUES (?, ?, ?, ?, ?, ?, ?)")                               \
    X(ADD_FLAG, "INSERT INTO flag (batch, \"return\", image, item, \"option\", code, detail) "     \
                "VALUES (?, ?, ?, ?, ?, ?, ?)")                                                    \
    X(DROP_FLAGS, "DELETE FROM flag WHERE batch = ?")                                              \
    X(DROP_BOXES, "DELETE FROM box_state WHERE image IN (SELECT id FROM image WHERE batch = ?)")   \
    X(DROP_ANSWERS, "DELETE FROM answer WHERE \"return\" IN "                                      \
                    "(SELECT id FROM return_record WHERE batch = ?)")                              \
    X(DROP_PAGES, "DELETE FROM return_page WHERE \"return\" IN "                                   \
                  "(SELECT id FROM return_record WHERE batch = ?)")                                \
    X(DROP_RETURNS, "DELETE FROM return_record WHERE batch = ?")

enum statement {
#define X(name, sql) STATEMENT_##name,
    STATEMENT_TABLE(X)
#undef X
        STATEMENT_COUNT
};

struct store {
    sqlite3 *db;
    char *path;
    sqlite3_stmt *statements[STATEMENT_COUNT];
    const struct form *const *forms; /* borrowed */
    size_t form_count;
    long long *form_ids;  /* rows of `form`; 0: not of this batch */
    long long batch;      /* 0: none begun */
    long long *image_ids; /* rows of `image`, by result */
    size_t image_count, image_capacity;
    long long file_id; /* the file of the latest result, */
    char *file_source; /* and its name and hash */
    char *file_hash;
};

/* Says what SQLite has to say about the last failure, in plain words. Returns false. */
bool database_failed(const struct store *store, struct error *err);

/* Runs SQL text without results. */
bool database_run(struct store *store, const char *sql, struct error *err);

/* Binds and runs one of the statements. `types` names the arguments: i long long, r double, t
 * const char * (NULL: NULL), b const void * and size_t, n nothing (NULL), z size_t (SIZE_MAX:
 * NULL). Doubles that are not numbers become NULL. */
bool database_write(struct store *store, enum statement statement, struct error *err,
                    const char *types, ...);

/* Prepares a query; NULL and an error where that fails. The caller finalises it. */
sqlite3_stmt *database_query(struct store *store, const char *sql, struct error *err);

long long database_row(const struct store *store); /* of the latest insert */

void database_add_image(struct store *store, long long id);

/* Takes note of the forms of a batch; ids are to be filled in. */
void database_set_forms(struct store *store, const struct form *const *forms, size_t form_count);

/* What the evidence of a form's pages belongs to: a hash over item and option of every box and
 * item of every field. */
void form_layout_hash(char *out, const struct form *form);

/* ---- migrate.c: stores of earlier programs ------------------------------------------------ */

#define STORE_VERSION 3 /* as in schema.sql */

/* Brings a store of an earlier version to STORE_VERSION; nothing that was in it is lost. */
bool database_migrate(struct store *store, long long version, struct error *err);

/* ---- pack.c: numbers as zlib streams of little-endian bytes ------------------------------ */

struct pack {
    unsigned char *bytes;
    size_t length;
};

/* The packed bytes are the caller's: free(). No memory: error_die(). */
struct pack pack_floats(const float *values, size_t count);
struct pack pack_doubles(const double *values, size_t count);
struct pack pack_bytes(const unsigned char *values, size_t count);

/* False where the stream is damaged or does not hold exactly `count` numbers. */
bool unpack_floats(float *values, size_t count, const void *bytes, size_t length);
bool unpack_doubles(double *values, size_t count, const void *bytes, size_t length);
bool unpack_bytes(unsigned char *values, size_t count, const void *bytes, size_t length);

/* The number of doubles of a placement as it is packed, and both ways. */
/* Stores of version 1 and early ones of version 2 hold the first PLACEMENT_NUMBERS_FIRST only: no
 * correction along the feed. */
#define PLACEMENT_NUMBERS_FIRST (8 + 8 + 2 + 2 * PLACEMENT_GRID_X * PLACEMENT_GRID_Y)
#define PLACEMENT_NUMBERS (PLACEMENT_NUMBERS_FIRST + 4 + 2 * PLACEMENT_FEED)
void placement_to_numbers(double numbers[PLACEMENT_NUMBERS], const struct placed_page *placed);
/* A piece of ink as a row of numbers. False: they are no piece of a page with so many boxes. */
#define PIECE_ROW (8 + PIECE_NUMBERS + 1 + 3 * PIECE_TOUCHES)
void piece_to_numbers(double numbers[PIECE_ROW], const struct ink_piece *piece);
bool piece_from_numbers(struct ink_piece *piece, const double numbers[PIECE_ROW], size_t box_count);
void placement_from_numbers(struct placed_page *placed, const double numbers[PLACEMENT_NUMBERS]);

#endif
