/* Inside the export room: what all formats share. */
#ifndef EXPORT_VALUES_H
#define EXPORT_VALUES_H

#include <stdint.h>

#include "export/export.h"

/* Which return and page of it each result became; SIZE_MAX: none. */
struct result_owner {
    size_t record, page;
};

/* One entry a result, and at least one; the caller frees it. */
struct result_owner *result_owners(const struct export_batch *batch);

/* The form a result was recognised as; NULL: none. */
const struct form *result_form(const struct export_batch *batch, const struct page_result *result);

/* The printed reference that was read from a result; NULL: none. */
const char *result_reference(const struct page_result *result);

/* Valid UTF-8 whatever the bytes (file names, drafts); the caller frees it with g_free(). */
char *valid_text(const char *text);

/* Flushes. False with a sentence where any write to the file failed. */
bool file_is_written(FILE *file, const char *what, struct error *err);

#endif
