/* Form millimetres to image pixels: a plane transform after a smooth correction. */
#include "page/placement.h"

#include <math.h>

/* Between 0 and `most`. Not fmin() and fmax(), which are calls of the library: this is asked for thousands of
 * times a page. */
static inline double within(double value, double most)
{
    double least = value > 0 ? value : 0;
    return least < most ? least : most;
}

/* The correction at one spot: bilinear between the four grid nodes around it. */
static struct point correction(const struct placement *placement, struct point p)
{
    double gx = p.x / placement->width_mm * (PLACEMENT_GRID_X - 1);
    double gy = p.y / placement->height_mm * (PLACEMENT_GRID_Y - 1);
    gx = within(gx, PLACEMENT_GRID_X - 1.000001);
    gy = within(gy, PLACEMENT_GRID_Y - 1.000001);
    int x = (int)gx, y = (int)gy;
    double fx = gx - x, fy = gy - y;
    double w00 = (1 - fx) * (1 - fy), w10 = fx * (1 - fy), w01 = (1 - fx) * fy, w11 = fx * fy;
    const float(*dx)[PLACEMENT_GRID_X] = placement->dx_mm;
    const float(*dy)[PLACEMENT_GRID_X] = placement->dy_mm;
    struct point shift = {
        w00 * dx[y][x] + w10 * dx[y][x + 1] + w01 * dx[y + 1][x] + w11 * dx[y + 1][x + 1],
        w00 * dy[y][x] + w10 * dy[y][x + 1] + w01 * dy[y + 1][x] + w11 * dy[y + 1][x + 1]};
    if (!(placement->feed_step_mm > 0))
        return shift;
    double u = p.x * placement->feed.x + p.y * placement->feed.y;
    double k = (u - placement->feed_start_mm) / placement->feed_step_mm;
    k = within(k, PLACEMENT_FEED - 1.000001);
    int i = (int)k;
    double f = k - i;
    shift.x += (1 - f) * placement->feed_dx_mm[i] + f * placement->feed_dx_mm[i + 1];
    shift.y += (1 - f) * placement->feed_dy_mm[i] + f * placement->feed_dy_mm[i + 1];
    return shift;
}

struct point placement_to_px(const struct placement *placement, struct point form_mm)
{
    struct point shift = correction(placement, form_mm);
    return transform_apply(&placement->form_to_image,
                           (struct point){form_mm.x + shift.x, form_mm.y + shift.y});
}

struct transform placement_local(const struct placement *placement, struct point form_mm)
{
    const double step = 1.0; /* mm: small against the correction grid, large against rounding */
    struct point o = placement_to_px(placement, form_mm);
    struct point right =
        placement_to_px(placement, (struct point){form_mm.x + step, form_mm.y});
    struct point left = placement_to_px(placement, (struct point){form_mm.x - step, form_mm.y});
    struct point below =
        placement_to_px(placement, (struct point){form_mm.x, form_mm.y + step});
    struct point above =
        placement_to_px(placement, (struct point){form_mm.x, form_mm.y - step});
    double ax = (right.x - left.x) / (2 * step), ay = (right.y - left.y) / (2 * step);
    double bx = (below.x - above.x) / (2 * step), by = (below.y - above.y) / (2 * step);
    return (struct transform){{ax, bx, o.x - ax * form_mm.x - bx * form_mm.y, ay, by,
                               o.y - ay * form_mm.x - by * form_mm.y, 0, 0}};
}

struct rect placement_rect_px(const struct placement *placement, struct rect form_mm)
{
    struct transform local = placement_local(placement, rect_centre(form_mm));
    return transform_bounds(&local, form_mm);
}
