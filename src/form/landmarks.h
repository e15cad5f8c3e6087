/* Landmarks: distinctive printed spots of a page, chosen from its plate, by which registration lays
 * the form over a scan. */
#ifndef FORM_LANDMARKS_H
#define FORM_LANDMARKS_H

#include <allheaders.h>

#include "base/arena.h"
#include "form/model.h"

/* Side of the patch around a landmark that makes it distinctive. */
#define LANDMARK_PATCH_MM 6.5

/* The page is looked at in so many regions; each should hold a landmark where it holds print. */
#define LANDMARK_REGIONS_X 3
#define LANDMARK_REGIONS_Y 4

/* Chooses up to about 110 landmarks from the plate (1 bpp, PLATE_DPI) and writes them, sorted, into
 * page->landmarks_mm; size, boxes, fields, code and reference of the page must stand. Pure.
 *
 * A spot is good where the print of its patch has edges in two directions (the smaller eigenvalue of
 * the structure tensor: Shi & Tomasi 1994, "Good features to track") and looks unlike its
 * neighbourhood within 4 mm, so that a match cannot slip by a line or a column. Answer areas with
 * 1 mm around them, the code and the reference do not count as print; a patch may touch them a
 * little where the page is dense. Outlines of boxes and fields count only in regions that hold
 * nothing else. */
void landmarks_choose(struct template_page *page, struct arena *arena, PIX *plate);

/* How many landmarks lie in each region, row by row. */
void landmarks_count(size_t counts[LANDMARK_REGIONS_X * LANDMARK_REGIONS_Y],
                     const struct template_page *page);

#endif
