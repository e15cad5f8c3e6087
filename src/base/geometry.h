/* Points, rectangles and plane transforms. The unit is the caller's (mm of the form, pixels of an
 * image) and stands in the name of the variable; x grows to the right, y downwards. */
#ifndef BASE_GEOMETRY_H
#define BASE_GEOMETRY_H

#include <stdbool.h>
#include <stddef.h>

#define MM_PER_INCH 25.4
#define POINTS_PER_MM (72.0 / MM_PER_INCH)

struct point {
    double x, y;
};

struct rect {
    double x, y, w, h;
};

static inline struct point rect_centre(struct rect r)
{
    return (struct point){r.x + r.w / 2, r.y + r.h / 2};
}

static inline struct rect rect_grow(struct rect r, double by)
{
    return (struct rect){r.x - by, r.y - by, r.w + 2 * by, r.h + 2 * by};
}

static inline bool rect_holds(struct rect r, struct point p)
{
    return p.x >= r.x && p.y >= r.y && p.x <= r.x + r.w && p.y <= r.y + r.h;
}

/* The bounds of both; b where a has no width: none yet. */
struct rect rect_join(struct rect a, struct rect b);

bool rect_overlap(struct rect a, struct rect b);

/* From the one to the other; 0 where they meet. */
double rect_gap(struct rect a, struct rect b);

/* x' = (m[0] x + m[1] y + m[2]) / w, y' = (m[3] x + m[4] y + m[5]) / w,
 * w = m[6] x + m[7] y + 1. Affine where m[6] = m[7] = 0. */
struct transform {
    double m[8];
};

struct transform transform_identity(void);
static inline struct point transform_apply(const struct transform *t, struct point p)
{
    const double *m = t->m;
    double w = m[6] * p.x + m[7] * p.y + 1.0;
    return (struct point){(m[0] * p.x + m[1] * p.y + m[2]) / w,
                          (m[3] * p.x + m[4] * p.y + m[5]) / w};
}

/* Whether (dx, dy) is surely longer than `far`, at less cost than hypot(): false where rounding might matter. */
static inline bool surely_farther(double dx, double dy, double far)
{
    return dx * dx + dy * dy > far * far * (1 + 1e-9);
}

/* first `inner`, then `outer`. */
struct transform transform_compose(const struct transform *outer, const struct transform *inner);

/* False where the transform flattens the plane. */
bool transform_invert(struct transform *out, const struct transform *t);

/* The axis-aligned bounds of the transformed rectangle. */
struct rect transform_bounds(const struct transform *t, struct rect r);

/* Weighted least squares from >= 2 (similarity), >= 3 (affine) or >= 4 (perspective) pairs.
 * `weight` may be NULL (all 1). False where the points do not determine the transform. */
bool transform_fit_similarity(struct transform *out, const struct point *from,
                              const struct point *to, const double *weight, size_t count);
bool transform_fit_affine(struct transform *out, const struct point *from, const struct point *to,
                          const double *weight, size_t count);
bool transform_fit_perspective(struct transform *out, const struct point *from,
                               const struct point *to, const double *weight, size_t count);

/* Solves the n x n system a x = b in place (Gauss, partial pivoting; a is row-major). False where
 * it is singular. n <= 8. */
bool solve_linear(double *a, double *b, size_t n);

/* The middle value; reorders `values`. 0 where count is 0. */
double median_of(double *values, size_t count);

#endif
