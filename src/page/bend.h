/* How the sheet is bent: a smooth correction of a plane transform, from sightings of landmarks. */
#ifndef PAGE_BEND_H
#define PAGE_BEND_H

#include "base/calibration.h"
#include "page/placement.h"

/* A landmark's sighting against where the plane transform puts it. All in mm of the form. */
struct bend_sample {
    struct point form_mm;
    double dx_mm, dy_mm; /* seen minus placed */
    double weight;       /* trust in it, over 0 to 1 */
    /* set by bend_fit(): what is left over when all the others have been heard */
    double left_dx_mm, left_dy_mm;
    bool believed;
};

/* Fills in the correction of `placement`, whose transform and size stand. `feed`: the direction on the
 * form, a unit vector, in which the sheet went through the scanner.
 *
 * Gaussian process regression (Rasmussen and Williams 2006, ch. 2; what is left over is the leave-one-out
 * residual of their section 5.4.2): the sum of a plane part, a part that hangs on the way along the feed
 * only (rollers: steps, stretches and waves over a few cm) and a part that varies slowly over the sheet.
 * Sightings that the others contradict lose their say round by round. Of two strengths of bending, little
 * and much, the one that foretells the sightings better is taken. */
void bend_fit(struct placement *placement, struct bend_sample *samples, size_t count,
              struct point feed, const struct registration_calibration *calibration);

#endif
