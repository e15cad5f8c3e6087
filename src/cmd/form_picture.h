/* Pictures of a form's pages as PNG files, for `form show` and `form import`. */
#ifndef CMD_FORM_PICTURE_H
#define CMD_FORM_PICTURE_H

#include "base/error.h"
#include "form/model.h"

/* Writes all pages into the folder, which is made where it is missing: page-01.png and so on, see
 * form/show.h. `tell`: print a line a page. */
bool form_pictures_write(const struct form *form, const char *folder, double dpi, bool tell,
                         struct error *err);

#endif
