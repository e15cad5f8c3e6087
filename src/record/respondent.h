/* One respondent, one pen: what is known of whoever filled in a return, from all its pages together. */
#ifndef RECORD_RESPONDENT_H
#define RECORD_RESPONDENT_H

#include "record/assembly.h"
#include "record/mark_model.h"

struct respondent {
    struct pen pen;
    struct quiet *quiets; /* one a page of the form: what its empty boxes look like */
};

/* Looks at the boxes of all pages of one return (of a page that is there twice: the first). Where the
 * scans lost most of the marks, what seems blank there is not: those pages are set aside, their results
 * get the reason FLAG_PEN_LOST, and what else there is of them (scanned again, in grey perhaps) is
 * looked at. The pages that are left stand first in `owned`, in order; gives their number, 0: none. */
size_t respondent_know(struct respondent *out, struct arena *arena, struct owned_page *owned,
                       size_t count, struct page_result *results, const struct form *form,
                       const struct calibration *calibration);

#endif
