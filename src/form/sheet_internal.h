/* What sheet.c and sheet_sides.c share. */
#ifndef FORM_SHEET_INTERNAL_H
#define FORM_SHEET_INTERNAL_H

#include "form/sheet.h"

/* Moves the four sides onto the edges of the paper near them (robust line fits; 8 bpp, print closed
 * away). False where the sides do not meet in a quadrilateral within the picture. */
bool sheet_sides_refine(struct point corners[4], PIX *closed, double reach_px);

/* How well the sides show as edges of paper. */
struct sheet_support {
    double least, mean; /* share of points with paper inside and something darker by the step asked for
                           outside: of the worst side, of all */
    double contrast;    /* geometric mean of the sides' mean steps, grey levels */
};

struct sheet_support sheet_sides_support(const struct point corners[4], PIX *closed, double step);

#endif
