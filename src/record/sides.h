/* The two sides of a sheet: they belong to one return. */
#ifndef RECORD_SIDES_H
#define RECORD_SIDES_H

#include "record/record.h"

struct side {
    bool may_be_taken;     /* measured, and of a page whose reference cannot be read */
    const char *reference; /* taken from the other side or from the pages around; NULL: none */
    const char *how;       /* whence, for a person */
    bool sure;             /* other sheets of the run show which two images are its sides */
    const char *doubt;     /* not NULL: the other side of its sheet names another return */
};

/* One entry a result, in the arena. Results are in input order. */
struct side *sides_compare(struct arena *arena, const struct page_result *results, size_t count,
                           const struct form *const *forms);

#endif
