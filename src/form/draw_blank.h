/* Draws a layout: the blank form as a print-ready PDF. */
#ifndef FORM_DRAW_BLANK_H
#define FORM_DRAW_BLANK_H

#include "form/layout.h"

/* Vector, fonts embedded, without what varies per copy. The same layout gives the same bytes.
 * `path` is written directly: give a temporary name. */
bool draw_blank(const char *path, const struct form *form, const struct layout *layout,
                 struct error *err);

#endif
