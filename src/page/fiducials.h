/* The four solid squares near a page's corners. */
#ifndef PAGE_FIDUCIALS_H
#define PAGE_FIDUCIALS_H

#include "base/calibration.h"
#include "form/model.h"
#include "page/working.h"

struct fiducial_fit {
    struct transform form_to_working; /* mm -> pixels of working->bits, upright as `quarter` says */
    int found;                        /* 3 or 4 */
    double error_mm;                  /* how far the squares are from the layout, misshape added */
};

#define FIDUCIAL_FITS_MAX 4

/* Looks for the page's fiducials near the image's corners. Squares do not tell which way is up: all
 * turns that fit are given (2 or 4), best first. Returns how many; 0: fewer than three fiducials. */
size_t fiducials_find(struct fiducial_fit out[FIDUCIAL_FITS_MAX], const struct template_page *page,
                      const struct working *working,
                      const struct registration_calibration *calibration);

#endif
