/* Plates: the clean rendering of a form's pages (blank.tif: 1 bit, 300 dpi, G4, one image a page,
 * without what varies per copy). Registration and mark reading compare scans with them. */
#ifndef FORM_PLATE_H
#define FORM_PLATE_H

#include <allheaders.h>

#include "base/error.h"
#include "form/model.h"

#define PLATE_DPI 300

/* Page `page` (index from 0) of the form, 1 bpp, black = 1, PLATE_DPI. *out is the caller's. */
bool plate_load(PIX **out, const struct form *form, size_t page, struct error *err);

/* Writes all pages (1 bpp each, at PLATE_DPI) as the blank.tif of the folder; whole or not at all. */
bool plate_save(const char *folder, PIX *const *pages, size_t count, struct error *err);

#endif
