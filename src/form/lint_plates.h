/* Linting of what only the plates show, in one form or in several that are read together. */
#ifndef FORM_LINT_PLATES_H
#define FORM_LINT_PLATES_H

#include <allheaders.h>

#include "form/lint.h"

/* Adds an error where boxes of page `page` (index from 0) stand beside an outline of their shape and size that
 * is no other box's: those are not read. Gives how many others stand on none. */
size_t lint_outlines(struct lint_report *report, const struct form *form, size_t page, PIX *plate);

struct lint_plates;
struct lint_plates *lint_plates_new(void);

/* Looks at page `page` (index from 0, in turn) of the form: print inside of boxes, and boxes that stand
 * beside their outlines; with the last page also which boxes stand on none while others do. Adds to the
 * report; keeps a small copy of the plate, and borrows the form. */
void lint_plates_add(struct lint_plates *plates, struct lint_report *report,
                     const struct form *form, size_t page, PIX *plate);

/* Adds which of all pages seen look alike. */
void lint_plates_compare(const struct lint_plates *plates, struct lint_report *report);
void lint_plates_free(struct lint_plates *plates); /* NULL is allowed */

#endif
