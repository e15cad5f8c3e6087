/* Laying a known page over its image, and proving it. */
#ifndef PAGE_REGISTER_H
#define PAGE_REGISTER_H

#include "base/calibration.h"
#include "page/landmarks.h"
#include "page/page.h"

/* How good the transform that registration starts from is. */
enum coarseness {
    COARSE_CONTENT,   /* within about 6 mm */
    COARSE_FIDUCIALS, /* within about 1 mm */
};

/* Cheap: coarse matches and a robust fit only, on a frame that was made for a transform like
 * *form_to_working. Gives the share of landmarks that agree with one plane transform (0 where there is
 * none), and improves *form_to_working by it. */
double register_coarsely(struct transform *form_to_working, enum coarseness coarseness,
                         const struct landmark_set *set, const struct frame *frame,
                         const struct registration_calibration *calibration);

/* The whole registration from form_to_working (within about 1 mm): fills in out->placement, residuals, landmarks and
 * health. FLAG_NONE, or why the page must not be read, with a detail. */
enum flag register_page(struct placed_page *out, const struct transform *form_to_working,
                        const struct landmark_set *set,
                        const struct working *working, const struct template_page *page,
                        const struct raw_page *raw,
                        const struct registration_calibration *calibration,
                        struct error *detail);

#endif
