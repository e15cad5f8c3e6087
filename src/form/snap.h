/* Snapping: finding the printed outline of a box near where somebody said it is. */
#ifndef FORM_SNAP_H
#define FORM_SNAP_H

#include <allheaders.h>

#include "base/geometry.h"
#include "form/model.h"

/* What snapping looks at: a plate (1 bpp, PLATE_DPI). */
struct snap;
struct snap *snap_new(PIX *plate);
void snap_free(struct snap *snap);

/* Moves *rect_mm to the outer edge of the printed outline within about a millimetre of it, and makes
 * *shape the printed one where that is clearly another than the one given. False, and nothing
 * changed, where there is no outline to be sure of. */
bool snap_box(struct rect *rect_mm, enum box_shape *shape, const struct snap *snap);

#endif
