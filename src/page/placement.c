/* Form millimetres to image pixels: a plane transform after a smooth correction. */
#include "page/placement.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"

/* Between 0 and `most`. Not fmin() and fmax(), which are calls of the library: this is asked for thousands of
 * times a page. */
static inline double within(double value, double most)
{
    double least = value > 0 ? value : 0;
    return least < most ? least : most;
}

/* Where a place lies along one side of the grid: beyond which node, and how far on to the next. */
struct along {
    int node;
    double part;
};

static inline struct along along(double mm, double whole_mm, int nodes)
{
    double at = within(mm / whole_mm * (nodes - 1), nodes - 1.000001);
    int node = (int)at;
    return (struct along){node, at - node};
}

static inline struct along along_x(const struct placement *placement, double mm)
{
    return along(mm, placement->width_mm, PLACEMENT_GRID_X);
}

static inline struct along along_y(const struct placement *placement, double mm)
{
    return along(mm, placement->height_mm, PLACEMENT_GRID_Y);
}

/* x and y at once. */
typedef double pair __attribute__((vector_size(2 * sizeof(double))));

static inline pair pair_of(double x, double y)
{
    return (pair){x, y};
}

/* The correction at one spot: bilinear between the four grid nodes around it. */
static inline __attribute__((always_inline)) pair correction(const struct placement *placement, struct point p,
                                                             struct along gx, struct along gy)
{
    int x = gx.node, y = gy.node;
    double fx = gx.part, fy = gy.part;
    double w00 = (1 - fx) * (1 - fy), w10 = fx * (1 - fy), w01 = (1 - fx) * fy, w11 = fx * fy;
    const float(*dx)[PLACEMENT_GRID_X] = placement->dx_mm;
    const float(*dy)[PLACEMENT_GRID_X] = placement->dy_mm;
    pair shift = w00 * pair_of(dx[y][x], dy[y][x]) + w10 * pair_of(dx[y][x + 1], dy[y][x + 1]) +
                 w01 * pair_of(dx[y + 1][x], dy[y + 1][x]) + w11 * pair_of(dx[y + 1][x + 1], dy[y + 1][x + 1]);
    if (!(placement->feed_step_mm > 0))
        return shift;
    double u = p.x * placement->feed.x + p.y * placement->feed.y;
    double k = (u - placement->feed_start_mm) / placement->feed_step_mm;
    k = within(k, PLACEMENT_FEED - 1.000001);
    int i = (int)k;
    double f = k - i;
    return shift + ((1 - f) * pair_of(placement->feed_dx_mm[i], placement->feed_dy_mm[i]) +
                    f * pair_of(placement->feed_dx_mm[i + 1], placement->feed_dy_mm[i + 1]));
}

static inline __attribute__((always_inline)) pair to_px(const struct placement *placement, struct point form_mm,
                                                        struct along x, struct along y)
{
    const double *m = placement->form_to_image.m; /* as transform_apply() */
    pair at = pair_of(form_mm.x, form_mm.y) + correction(placement, form_mm, x, y);
    double w = m[6] * at[0] + m[7] * at[1] + 1.0;
    return (pair_of(m[0], m[3]) * at[0] + pair_of(m[1], m[4]) * at[1] + pair_of(m[2], m[5])) / w;
}

struct point placement_to_px(const struct placement *placement, struct point form_mm)
{
    pair px = to_px(placement, form_mm, along_x(placement, form_mm.x), along_y(placement, form_mm.y));
    return (struct point){px[0], px[1]};
}

#define STEP_MM 1.0 /* small against the correction grid, large against rounding */

/* A place along one side, and those a step before and after it. */
struct stepped {
    double mm;
    struct along at, before, after;
};

static inline struct stepped stepped_x(const struct placement *placement, double mm)
{
    return (struct stepped){mm, along_x(placement, mm), along_x(placement, mm - STEP_MM),
                            along_x(placement, mm + STEP_MM)};
}

static inline struct stepped stepped_y(const struct placement *placement, double mm)
{
    return (struct stepped){mm, along_y(placement, mm), along_y(placement, mm - STEP_MM),
                            along_y(placement, mm + STEP_MM)};
}

static struct transform local_at(const struct placement *placement, const struct stepped *x, const struct stepped *y)
{
    pair o = to_px(placement, (struct point){x->mm, y->mm}, x->at, y->at);
    pair right = to_px(placement, (struct point){x->mm + STEP_MM, y->mm}, x->after, y->at);
    pair left = to_px(placement, (struct point){x->mm - STEP_MM, y->mm}, x->before, y->at);
    pair below = to_px(placement, (struct point){x->mm, y->mm + STEP_MM}, x->at, y->after);
    pair above = to_px(placement, (struct point){x->mm, y->mm - STEP_MM}, x->at, y->before);
    pair a = (right - left) / (2 * STEP_MM), b = (below - above) / (2 * STEP_MM), c = o - a * x->mm - b * y->mm;
    return (struct transform){{a[0], b[0], c[0], a[1], b[1], c[1], 0, 0}};
}

struct transform placement_local(const struct placement *placement, struct point form_mm)
{
    struct stepped x = stepped_x(placement, form_mm.x), y = stepped_y(placement, form_mm.y);
    return local_at(placement, &x, &y);
}

void placement_locals(struct transform *out, const struct placement *placement, const double *x_mm, int columns,
                      const double *y_mm, int rows)
{
    struct stepped *xs = malloc((size_t)(columns + 1) * sizeof *xs);
    if (xs == NULL)
        error_die("out of memory: %d places of a page", columns);
    for (int i = 0; i < columns; i++)
        xs[i] = stepped_x(placement, x_mm[i]);
    for (int k = 0; k < rows; k++) {
        struct stepped y = stepped_y(placement, y_mm[k]);
        for (int i = 0; i < columns; i++)
            *out++ = local_at(placement, &xs[i], &y);
    }
    free(xs);
}

struct rect placement_rect_px(const struct placement *placement, struct rect form_mm)
{
    struct transform local = placement_local(placement, rect_centre(form_mm));
    return transform_bounds(&local, form_mm);
}
