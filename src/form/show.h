/* A picture of a form's page with all that its template says drawn on it. (By Cairo and Pango.) */
#ifndef FORM_SHOW_H
#define FORM_SHOW_H

#include <allheaders.h>

#include "base/error.h"
#include "form/model.h"

/* Writes page `page` (index from 0) as a PNG at `dpi`: its plate pale, boxes green, fields blue,
 * landmarks magenta, fiducials, code and reference orange. */
bool show_write_page(const char *path, const struct form *form, size_t page, PIX *plate, double dpi,
                     struct error *err);

#endif
