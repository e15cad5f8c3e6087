/* Where every millimetre of the form lies on the image. */
#ifndef PAGE_PLACEMENT_H
#define PAGE_PLACEMENT_H

#include "base/geometry.h"

/* A smooth correction on top of the plane transform: a grid of residual shifts over the page, bilinear
 * in between, and shifts that hang on the way along the scanner's feed only, linear in between. */
#define PLACEMENT_GRID_X 6
#define PLACEMENT_GRID_Y 8
#define PLACEMENT_FEED 48

struct placement {
    struct transform form_to_image; /* mm of the form -> px of the image as scanned */
    double width_mm, height_mm;     /* of the form's page */
    float dx_mm[PLACEMENT_GRID_Y][PLACEMENT_GRID_X]; /* correction in form mm at the grid nodes, */
    float dy_mm[PLACEMENT_GRID_Y][PLACEMENT_GRID_X]; /* applied before form_to_image */
    struct point feed;                 /* direction of the feed on the form, a unit vector; 0, 0: none */
    double feed_start_mm, feed_step_mm; /* where along it the nodes lie */
    float feed_dx_mm[PLACEMENT_FEED], feed_dy_mm[PLACEMENT_FEED];
};

struct point placement_to_px(const struct placement *placement, struct point form_mm);

/* The plane transform that is right around one spot of the form. */
struct transform placement_local(const struct placement *placement, struct point form_mm);

/* The same at every crossing of some columns and rows: into out[rows * columns], row by row. */
void placement_locals(struct transform *out, const struct placement *placement, const double *x_mm, int columns,
                      const double *y_mm, int rows);

/* The bounds in image pixels of a rectangle of the form. */
struct rect placement_rect_px(const struct placement *placement, struct rect form_mm);

#endif
