/* The outline's own rim: what a side of a printed box shows inside it where it lies a little off its
 * place or is printed a little fat is print, not ink. Private to read/. */
#ifndef READ_RIM_H
#define READ_RIM_H

#include "read/mark_template.h"

/* The mask with the outline's own rim taken for print, in `cells` (of PATCH_CELLS_MAX), or false where
 * there is nothing to take: no ink where `wider`, the mask of fatter print, has print. Each side is
 * followed along its whole length; what stands out from it is a mark's, and stays. */
bool rim_cover(struct box_mask *out, unsigned char *cells, const struct box_template *box,
               const struct box_mask *mask, const struct box_mask *wider, const unsigned char *patch,
               int dx, int dy, const struct mark_calibration *calibration);

/* How much more than usual a square box's outline covers at its thickest place, mm2: what shows of a dot or a
 * short dash on the line. Sides are compared with what is usual along them, and with the one across. */
double rim_bulge_mm2(const struct box_template *box, const unsigned char *patch, int dx, int dy,
                     const struct mark_calibration *calibration);

#endif
