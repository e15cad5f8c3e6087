/* The files people and programs take away: records.jsonl, readings.jsonl, records.csv, flags.csv.
 * marksense-record(5) describes every field. Each function writes to an open file, in one pass, and
 * fails with a sentence where the disk does. The caller owns names, temporary files and fclose();
 * everything has been flushed (not synced) when a function returns true. */
#ifndef EXPORT_EXPORT_H
#define EXPORT_EXPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "form/model.h"
#include "record/record.h"

/* A batch as record_assemble() left it. Borrowed. */
struct export_batch {
    const struct batch_record *record;
    const struct page_result *results; /* in input order */
    size_t result_count;
    const struct form *const *forms;
    size_t form_count;
};

/* One JSON object per return, in the order of the batch record. */
bool export_records_jsonl(FILE *file, const struct export_batch *batch, struct error *err);

/* One JSON object per page image (and per rejected file), in input order. */
bool export_readings_jsonl(FILE *file, const struct export_batch *batch, struct error *err);

/* RFC 4180, UTF-8, a header line, one row a return. */
bool export_records_csv(FILE *file, const struct export_batch *batch, struct error *err);

/* RFC 4180, UTF-8, a header line, one row a flag: rejected files and images first, then returns. */
bool export_flags_csv(FILE *file, const struct export_batch *batch, struct error *err);

#endif
