/* What the scans of a batch have in common that somebody should know: a dirty glass, a print run of
 * another size, two sheets fed together. From the scan health of all its images, in input order. */
#ifndef RUN_FINDINGS_H
#define RUN_FINDINGS_H

#include "base/calibration.h"
#include "record/record.h"

struct findings {
    const char **lines; /* sentences without a full stop, most important first; in the arena */
    size_t count;
};

struct findings findings_make(struct arena *arena, const struct page_result *results, size_t count,
                              const struct batch_record *record, const struct form *const *forms,
                              size_t form_count, const struct health_calibration *calibration);

#endif
