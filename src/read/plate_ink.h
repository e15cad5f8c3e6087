/* Where a page's plate has print. Private to read/. */
#ifndef READ_PLATE_INK_H
#define READ_PLATE_INK_H

#include <math.h>
#include <stdbool.h>

#include "form/plate.h"
#include "page/bitmap.h"

#define PLATE_PX_PER_MM (PLATE_DPI / MM_PER_INCH)

/* Whether the plate has print at a spot of the form (mm); a spread plate: near it. Off the page: none. */
static inline bool plate_ink(const struct bitmap *plate, double x_mm, double y_mm)
{
    int x = (int)floor(x_mm * PLATE_PX_PER_MM), y = (int)floor(y_mm * PLATE_PX_PER_MM);
    if (x < 0 || y < 0 || x >= plate->width_px || y >= plate->height_px)
        return false;
    return plate->rows[(size_t)y * (size_t)plate->stride + (size_t)(x / 64)] >> (x & 63) & 1;
}

#endif
