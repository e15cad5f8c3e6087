/* Whether a plate shows the outline of a box where the form says, or else close by: boxes that stand
 * beside their printed outlines are those of another blank, or were moved in template.json. */
#ifndef FORM_OUTLINE_H
#define FORM_OUTLINE_H

#include <allheaders.h>

#include "base/geometry.h"
#include "form/model.h"

/* How far inside the box's outer edge a spot is, in mm: negative outside. Ovals are taken as what
 * they are printed as: half circles joined by straight lines. */
double outline_depth_mm(const struct rect *rect_mm, enum box_shape shape, double x_mm, double y_mm);

/* Whether the plate (1 bpp, PLATE_DPI) shows an outline all round the place: of 48 directions from
 * its centre nearly all meet print at the edge. A stray rule, a neighbour's side or a letter do not. */
bool outline_shown(PIX *plate, struct rect rect_mm, enum box_shape shape);

/* Of a box where the plate shows no outline: whether it shows one of the same shape and size within
 * OUTLINE_REACH_MM, and more than `least_mm` away, at which none of the page's boxes stands.
 * *away_mm (where true): from the box's place to there. */
#define OUTLINE_REACH_MM 4.0
bool outline_elsewhere(struct point *away_mm, PIX *plate, const struct template_page *page,
                       size_t box, double least_mm);

#endif
