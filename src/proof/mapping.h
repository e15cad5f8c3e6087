/* Where every millimetre of the form comes to lie on the scan: print scale, folds, feeding, and the
 * scanner's own stretch, as one exact mapping. Sampling goes from image to form; truth goes back. */
#ifndef PROOF_MAPPING_H
#define PROOF_MAPPING_H

#include "base/geometry.h"
#include "proof/profile.h"

#define WAVES 3
#define FOLDS 2
#define LOST_LINES_MAX 8

/* Pixel (0, 0) of the image covers 0 to 1 in both directions: its centre is (0.5, 0.5). */
struct mapping {
    double width_mm, height_mm;   /* the form's page, and the sheet */
    double print_scale;           /* about the page's middle */
    struct point print_shift_mm;
    double fold_mm[FOLDS];        /* along the sheet */
    double fold_tilt[FOLDS], bend_mm[FOLDS];
    int turn;                     /* quarter turns clockwise in which the sheet was fed */
    double skew, shear;           /* skew in radians, clockwise on the image */
    struct point offset_mm;       /* the sheet's corner on the image */
    double width_stretch, feed_stretch;
    double wave_mm[WAVES], wave_length_mm[WAVES], wave_phase[WAVES]; /* along the feed */
    double sway_mm[WAVES];                                           /* across it */
    double lost_at_mm[LOST_LINES_MAX], lost_mm[LOST_LINES_MAX];
    size_t lost_count;
    double x_dpi, y_dpi;
    int width_px, height_px;
};

/* What the sheet's print and folds add, the same for both sides but mirrored. */
struct sheet_shape {
    double print_scale;
    struct point print_shift_mm;
    double fold_mm[FOLDS], fold_tilt[FOLDS], bend_mm[FOLDS];
    int turn;
    double skew, feed_stretch, width_stretch, shear;
};

struct sheet_shape sheet_shape_draw(const struct profile *profile, double height_mm,
                                    struct random *r);

/* The mapping of one side of a sheet. */
struct mapping mapping_draw(const struct profile *profile, const struct sheet_shape *shape,
                            bool back, double width_mm, double height_mm, double x_dpi,
                            double y_dpi, struct random *r);

struct point mapping_to_form(const struct mapping *mapping, struct point px);

/* The same in two steps, for a whole row of pixels: what depends on y alone is found once. */
struct mapping_row {
    double x_mm, y_mm; /* of the row's left end, stretch and feed taken off, from the sheet's middle */
    double step_mm;    /* a pixel to the right */
    double cosine, sine;
};
struct mapping_row mapping_row_at(const struct mapping *mapping, double y_px);
struct point mapping_row_to_form(const struct mapping *mapping, const struct mapping_row *row,
                                 double x_px);

struct point mapping_to_px(const struct mapping *mapping, struct point form_mm);

/* The plane transform nearest to the mapping, form mm to px, and how far off it is at worst. */
struct transform mapping_affine(const struct mapping *mapping, double *worst_mm);

#endif
