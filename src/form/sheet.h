/* The sheet of paper in a photo: its outline, and the picture of it straightened. Pure. */
#ifndef FORM_SHEET_H
#define FORM_SHEET_H

#include <allheaders.h>

#include "base/calibration.h"
#include "base/geometry.h"

struct sheet {
    struct point corners_px[4]; /* top left, top right, bottom right, bottom left, turned by less than
                                   45 degrees or so from how it lies in the picture */
    double aspect;              /* width / height of the paper, about */
};

/* Finds the largest sheet that is brighter than what lies around it on all four sides, under any
 * perspective, in an 8 bpp picture. False: there is none, or a side of it lies outside the picture.
 * The aspect is told by the perspective itself (Zhang and He 2007, "Whiteboard scanning and image
 * enhancement"), for a lens whose axis goes through the picture's middle. */
bool sheet_find(struct sheet *out, PIX *grey, const struct registration_calibration *calibration);

/* mm of the paper, from its top left corner -> pixels of the picture. False where
 * the corners are no quadrilateral. */
bool sheet_transform(struct transform *out, const struct sheet *sheet, double width_mm,
                     double height_mm);

/* The largest resolution that the sheet, of this size, has anywhere in the picture along one of its
 * sides, and the least. */
void sheet_dpi(double *least, double *most, const struct sheet *sheet, double width_mm,
               double height_mm);

/* The sheet from above: 8 bpp, width_mm x height_mm at `dpi`, the caller's. Where the picture is finer
 * than that, pixels are means. */
PIX *sheet_straighten(PIX *grey, const struct transform *mm_to_px, double width_mm,
                      double height_mm, double dpi);

#endif
