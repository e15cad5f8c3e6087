/* What the files about paper share: windows of the plane in mm, and pixels. */
#ifndef PROOF_PAPER_INTERNAL_H
#define PROOF_PAPER_INTERNAL_H

#include <math.h>

#include "proof/paper.h"

/* Room around the sheet, for its edge's shadow, mm. */
#define MARGIN_MM 3.0

struct window {
    int x0, y0, x1, y1;
};

static inline struct window window_of(const struct plane *plane, struct rect mm)
{
    double k = plane->px_per_mm;
    struct window w = {(int)floor((mm.x - plane->origin_mm.x) * k),
                       (int)floor((mm.y - plane->origin_mm.y) * k),
                       (int)ceil((mm.x + mm.w - plane->origin_mm.x) * k),
                       (int)ceil((mm.y + mm.h - plane->origin_mm.y) * k)};
    w.x0 = w.x0 < 0 ? 0 : w.x0;
    w.y0 = w.y0 < 0 ? 0 : w.y0;
    w.x1 = w.x1 > plane->width_px ? plane->width_px : w.x1;
    w.y1 = w.y1 > plane->height_px ? plane->height_px : w.y1;
    return w;
}

static inline uint8_t *row_of(struct plane *plane, int y)
{
    return plane->data + (size_t)y * (size_t)plane->width_px;
}

static inline struct point mm_of(const struct plane *plane, int x, int y)
{
    return (struct point){plane->origin_mm.x + (x + 0.5) / plane->px_per_mm,
                          plane->origin_mm.y + (y + 0.5) / plane->px_per_mm};
}

static inline void darken(uint8_t *pixel, double share)
{
    *pixel = (uint8_t)(*pixel * (1 - fmin(fmax(share, 0), 1)) + 0.5);
}

/* Front and back of one sheet are mirrored. */
static inline double side_x(const struct paper_side *side, double x)
{
    return side->back ? side->width_mm - x : x;
}

#endif
