/* One stack of returns as it lies in the feeder, and what comes out of it: one scan file (or one
 * picture a page) and the truth. */
#ifndef PROOF_STACK_H
#define PROOF_STACK_H

#include "base/text.h"
#include "proof/labels.h"
#include "proof/wave.h"

struct stack_order {
    const struct wave_options *options;
    struct picture_book *book;
    const struct label_map *labels;
    size_t index;        /* of the stack */
    size_t first, count; /* returns in it */
};

/* Scans the stack: writes its files and appends its lines of truth. */
bool stack_scan(struct text *truth, struct wave_report *report, const struct stack_order *order,
                struct error *err);

#endif
