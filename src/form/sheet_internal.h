/* What sheet.c and sheet_sides.c share. */
#ifndef FORM_SHEET_INTERNAL_H
#define FORM_SHEET_INTERNAL_H

#include "form/sheet.h"

/* Moves the four sides onto the edges of the paper near them (robust line fits; 8 bpp, print closed
 * away). False where the sides do not meet in a quadrilateral within the picture. */
bool sheet_sides_refine(struct point corners[4], PIX *closed, double reach_px);

/* Of a side's points, the share with paper on the inner and something darker by `step` on the outer
 * side: of the worst side, and of all. */
void sheet_sides_support(double *least, double *mean, const struct point corners[4], PIX *closed,
                         double step);

#endif
