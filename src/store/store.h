/* The store: one SQLite file that keeps what was measured (source data: evidence, never changed)
 * and what was decided from it (rebuildable data). schema.sql says what each column means.
 *
 *     store_open -> store_begin_batch -> store_add_page, once a result, in input order
 *                -> store_add_record -> store_commit -> store_close
 *
 * All of a batch is one transaction: store_close without store_commit leaves the file as it was.
 * The same calls give the same bytes; the only time in it is the caller's `started_at`. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "form/model.h"
#include "record/record.h"

struct store;

/* Opens the store at `path`, or makes one there. An error where the file is something else, was
 * made by a newer program, or cannot be written. *out is the caller's: store_close(). */
bool store_open(struct store **out, const char *path, struct error *err);

/* Rolls back what was not committed. NULL is allowed. */
void store_close(struct store *store);

/* Begins a batch and its transaction. `started_at` is written as it is given (ISO 8601, or ""). The
 * forms are borrowed until store_close(); results name them by index. */
bool store_begin_batch(struct store *store, const char *started_at, const struct form *const *forms,
                       size_t form_count, struct error *err);

/* Adds one result to the batch begun; the n-th call is result n. May be called before or after
 * record_assemble(): FLAG_PAGE_TWICE, FLAG_PEN_LOST and FLAG_PAGE_SPECKLED are decisions and not stored as
 * the page's own reason. */
bool store_add_page(struct store *store, const struct page_result *result, struct error *err);

/* Adds what was decided. `record` speaks of the results added (or loaded), by index; what an
 * earlier call wrote for the batch is replaced. */
bool store_add_record(struct store *store, const struct batch_record *record,
                      const struct page_result *results, size_t result_count, struct error *err);

/* Writes everything to the disk. */
bool store_commit(struct store *store, struct error *err);

/* The number of the newest batch; 0 where there is none. */
bool store_latest_batch(long long *out, struct store *store, struct error *err);

/* Reads the results of a batch back, in input order, into the arena, so that record_assemble() can
 * decide again without the scans. `forms` must hold every form of the batch (same id and version,
 * same boxes); an error names the one that does not fit. Opens a transaction in which
 * store_add_record() replaces the batch's decisions. */
bool store_load_results(struct page_result **out, size_t *out_count, struct arena *arena,
                        struct store *store, long long batch, const struct form *const *forms,
                        size_t form_count, struct error *err);

#endif
