/* Plane transforms and the small linear algebra behind them. */
#include "base/geometry.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool rect_overlap(struct rect a, struct rect b)
{
    return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

struct rect rect_join(struct rect a, struct rect b)
{
    if (!(a.w > 0))
        return b;
    double x = fmin(a.x, b.x), y = fmin(a.y, b.y);
    return (struct rect){x, y, fmax(a.x + a.w, b.x + b.w) - x, fmax(a.y + a.h, b.y + b.h) - y};
}

double rect_gap(struct rect a, struct rect b)
{
    return hypot(fmax(0, fmax(a.x - b.x - b.w, b.x - a.x - a.w)),
                 fmax(0, fmax(a.y - b.y - b.h, b.y - a.y - a.h)));
}

struct transform transform_identity(void)
{
    return (struct transform){{1, 0, 0, 0, 1, 0, 0, 0}};
}

struct transform transform_compose(const struct transform *outer, const struct transform *inner)
{
    double a[9], b[9], c[9];
    memcpy(a, outer->m, sizeof outer->m);
    memcpy(b, inner->m, sizeof inner->m);
    a[8] = b[8] = 1;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            c[i * 3 + j] = a[i * 3] * b[j] + a[i * 3 + 1] * b[3 + j] + a[i * 3 + 2] * b[6 + j];
    struct transform out;
    for (int i = 0; i < 8; i++)
        out.m[i] = c[i] / c[8];
    return out;
}

bool transform_invert(struct transform *out, const struct transform *t)
{
    const double *m = t->m;
    double a = m[0], b = m[1], c = m[2], d = m[3], e = m[4], f = m[5], g = m[6], h = m[7];
    double adjugate[9] = {e - f * h,     c * h - b,     b * f - c * e, f * g - d,    a - c * g,
                          c * d - a * f, d * h - e * g, b * g - a * h, a * e - b * d};
    double determinant = a * adjugate[0] + b * adjugate[3] + c * adjugate[6];
    if (!(fabs(determinant) > 1e-12) || !(fabs(adjugate[8]) > 1e-12))
        return false;
    for (int i = 0; i < 8; i++)
        out->m[i] = adjugate[i] / adjugate[8];
    return true;
}

struct rect transform_bounds(const struct transform *t, struct rect r)
{
    double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
    for (int corner = 0; corner < 4; corner++) {
        struct point p = transform_apply(
            t, (struct point){r.x + (corner & 1 ? r.w : 0), r.y + (corner & 2 ? r.h : 0)});
        x0 = fmin(x0, p.x);
        y0 = fmin(y0, p.y);
        x1 = fmax(x1, p.x);
        y1 = fmax(y1, p.y);
    }
    return (struct rect){x0, y0, x1 - x0, y1 - y0};
}

bool solve_linear(double *a, double *b, size_t n)
{
    for (size_t column = 0; column < n; column++) {
        size_t pivot = column;
        for (size_t row = column + 1; row < n; row++)
            if (fabs(a[row * n + column]) > fabs(a[pivot * n + column]))
                pivot = row;
        if (!(fabs(a[pivot * n + column]) > 1e-12))
            return false;
        if (pivot != column) {
            for (size_t k = 0; k < n; k++) {
                double swap = a[pivot * n + k];
                a[pivot * n + k] = a[column * n + k];
                a[column * n + k] = swap;
            }
            double swap = b[pivot];
            b[pivot] = b[column];
            b[column] = swap;
        }
        for (size_t row = column + 1; row < n; row++) {
            double factor = a[row * n + column] / a[column * n + column];
            for (size_t k = column; k < n; k++)
                a[row * n + k] -= factor * a[column * n + k];
            b[row] -= factor * b[column];
        }
    }
    for (size_t row = n; row-- > 0;) {
        for (size_t k = row + 1; k < n; k++)
            b[row] -= a[row * n + k] * b[k];
        b[row] /= a[row * n + row];
    }
    return true;
}

/* Moves and scales the points so that they are centred with unit spread (Hartley 1997,
 * "In defense of the eight-point algorithm"): the normal equations are then well conditioned. */
static bool normalising(struct transform *out, const struct point *p, const double *weight,
                        size_t count)
{
    double sum = 0, x = 0, y = 0, spread = 0;
    for (size_t i = 0; i < count; i++) {
        double w = weight == NULL ? 1 : weight[i];
        sum += w;
        x += w * p[i].x;
        y += w * p[i].y;
    }
    if (!(sum > 0))
        return false;
    x /= sum;
    y /= sum;
    for (size_t i = 0; i < count; i++) {
        double w = weight == NULL ? 1 : weight[i];
        spread += w * (pow(p[i].x - x, 2) + pow(p[i].y - y, 2));
    }
    spread = sqrt(spread / sum);
    if (!(spread > 1e-9))
        return false;
    *out = (struct transform){{1 / spread, 0, -x / spread, 0, 1 / spread, -y / spread, 0, 0}};
    return true;
}

/* Adds the equation row . unknowns = value with its weight to the normal equations. */
static void accumulate(double *a, double *b, size_t n, const double *row, double value,
                       double weight)
{
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            a[i * n + j] += weight * row[i] * row[j];
        b[i] += weight * row[i] * value;
    }
}

static bool fit(struct transform *out, size_t unknowns, const struct point *from,
                const struct point *to, const double *weight, size_t count)
{
    struct transform source, target, back, fitted;
    if (count * 2 < unknowns || !normalising(&source, from, weight, count) ||
        !normalising(&target, to, weight, count) || !transform_invert(&back, &target))
        return false;
    double a[64] = {0}, b[8] = {0};
    for (size_t i = 0; i < count; i++) {
        double w = weight == NULL ? 1 : weight[i];
        struct point p = transform_apply(&source, from[i]), q = transform_apply(&target, to[i]);
        if (unknowns == 4) {
            accumulate(a, b, 4, (double[]){p.x, -p.y, 1, 0}, q.x, w);
            accumulate(a, b, 4, (double[]){p.y, p.x, 0, 1}, q.y, w);
        } else if (unknowns == 6) {
            accumulate(a, b, 6, (double[]){p.x, p.y, 1, 0, 0, 0}, q.x, w);
            accumulate(a, b, 6, (double[]){0, 0, 0, p.x, p.y, 1}, q.y, w);
        } else {
            accumulate(a, b, 8, (double[]){p.x, p.y, 1, 0, 0, 0, -p.x * q.x, -p.y * q.x}, q.x, w);
            accumulate(a, b, 8, (double[]){0, 0, 0, p.x, p.y, 1, -p.x * q.y, -p.y * q.y}, q.y, w);
        }
    }
    if (!solve_linear(a, b, unknowns))
        return false;
    if (unknowns == 4)
        fitted = (struct transform){{b[0], -b[1], b[2], b[1], b[0], b[3], 0, 0}};
    else
        fitted = (struct transform){{b[0], b[1], b[2], b[3], b[4], b[5],
                                     unknowns == 8 ? b[6] : 0, unknowns == 8 ? b[7] : 0}};
    struct transform inner = transform_compose(&fitted, &source);
    *out = transform_compose(&back, &inner);
    return true;
}

bool transform_fit_similarity(struct transform *out, const struct point *from,
                              const struct point *to, const double *weight, size_t count)
{
    return fit(out, 4, from, to, weight, count);
}

bool transform_fit_affine(struct transform *out, const struct point *from, const struct point *to,
                          const double *weight, size_t count)
{
    return fit(out, 6, from, to, weight, count);
}

bool transform_fit_perspective(struct transform *out, const struct point *from,
                               const struct point *to, const double *weight, size_t count)
{
    return fit(out, 8, from, to, weight, count);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double median_of(double *values, size_t count)
{
    if (count == 0)
        return 0;
    qsort(values, count, sizeof *values, ascending);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}
