/* A level line through a box and the mark in it, as people draw who strike out an answer that has no label of its
 * own. Private to read/. */
#ifndef READ_THROUGH_H
#define READ_THROUGH_H

#include "read/mark_template.h"

/* How far new ink that runs through the middle of the box, level to within through_band_mm, goes on beyond its left and
 * its right side: the shorter way of the two, mm; 0 where it does not, and of boxes that are wider or higher than 11 mm.
 * White of through_white_mm does not end it, nor the outline. `ink`: as of mark_shape(). */
float mark_through_mm(const struct box_template *box, const unsigned char *ink,
                      const struct mark_calibration *calibration);

#endif
