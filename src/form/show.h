/* A picture of a form's page with all that its template says drawn on it. (By Cairo and Pango.) */
#ifndef FORM_SHOW_H
#define FORM_SHOW_H

#include <allheaders.h>
#include <cairo.h>

#include "form/model.h"

/* Page `page` (index from 0) at `dpi`, as an RGB24 surface: its plate pale, boxes green, fields
 * blue, landmarks magenta, fiducials, code and reference orange. cairo_surface_destroy() it. */
cairo_surface_t *show_page(const struct form *form, size_t page, PIX *plate, double dpi);

#endif
