/* A nameless file for what the parent need not hold in memory while a batch is read. */
#ifndef RUN_SPOOL_H
#define RUN_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

struct spool;

/* In `folder`, without a name there: it is gone with the process, however that ends. *out is the
 * caller's: spool_free(). */
bool spool_new(struct spool **out, const char *folder, struct error *err);
void spool_free(struct spool *spool); /* NULL is allowed */

/* Keeps the bytes; *at is what spool_get() finds them by. */
bool spool_put(off_t *at, struct spool *spool, const void *bytes, size_t length, struct error *err);
bool spool_get(void *bytes, struct spool *spool, off_t at, size_t length, struct error *err);

#endif
