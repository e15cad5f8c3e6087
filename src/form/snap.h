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

/* How well an outline of this shape is printed at this place, 0 to 1. */
double snap_support(const struct snap *snap, enum box_shape shape, struct rect rect_mm);

/* Moves *rect_mm to the outer edge of the printed outline within about a millimetre of it. False,
 * and nothing moved, where there is none to be sure of. */
bool snap_box(struct rect *rect_mm, const struct snap *snap, enum box_shape shape);

#endif
