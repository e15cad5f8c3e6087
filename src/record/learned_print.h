/* The print of boxes that the blank lacks, learned from the scans of a batch. */
#ifndef RECORD_LEARNED_PRINT_H
#define RECORD_LEARNED_PRINT_H

#include "base/arena.h"
#include "base/calibration.h"
#include "form/model.h"
#include "record/record.h"

/* Learns, a page of a form, how the boxes look of which the plate shows no outline, and measures their
 * evidence anew where that is proved: reading.boxes becomes a copy, reading.measured what the worker
 * measured. What is not proved is left as it is, and so is every page without such boxes. Gives what
 * was learned, a form page with such boxes that was read. The result depends on the scans, not on
 * their order; calling it again begins anew from what was measured. */
struct learned_page *learn_print(size_t *out_count, struct arena *arena,
                                 struct page_result *results, size_t result_count,
                                 const struct form *const *forms, size_t form_count,
                                 const struct calibration *calibration);

#endif
