/* Gaussian process regression of what sightings lie off. */
#include "page/bend.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define ROUNDS 4           /* of losing faith in outliers */
#define PLANE_REACH_MM 100.0 /* the unit that plane_left_mm is counted by */

/* How strong each part of the bending is, in mm (standard deviations). */
struct strength {
    double feed_mm, sheet_mm;
};

struct process {
    size_t count;
    const struct registration_calibration *calibration;
    struct point centre, feed;
    struct strength strength;
    double *factor; /* count x count, lower triangle: Cholesky's factor, then its inverse */
    double *noise;  /* variance of each sighting */
    double *ax, *ay;
    double foretold; /* log predictive density of all sightings, each from the others */
};

static double along(const struct process *process, struct point p)
{
    return p.x * process->feed.x + p.y * process->feed.y;
}

/* Matern's kernel of order 3/2: bends as rollers make them, with a kink where lines were lost. */
static double feed_kernel(const struct process *process, double a, double b)
{
    double t = sqrt(3) * fabs(a - b) / process->calibration->bend_feed_reach_mm;
    return process->strength.feed_mm * process->strength.feed_mm * (1 + t) * exp(-t);
}

static double sheet_kernel(const struct process *process, struct point a, struct point b)
{
    double reach = process->calibration->bend_sheet_reach_mm;
    double left = process->calibration->plane_left_mm;
    double x = (a.x - b.x) / reach, y = (a.y - b.y) / reach;
    double ax = (a.x - process->centre.x) / PLANE_REACH_MM;
    double ay = (a.y - process->centre.y) / PLANE_REACH_MM;
    double bx = (b.x - process->centre.x) / PLANE_REACH_MM;
    double by = (b.y - process->centre.y) / PLANE_REACH_MM;
    return process->strength.sheet_mm * process->strength.sheet_mm * exp(-0.5 * (x * x + y * y)) +
           left * left * (1 + ax * bx + ay * by);
}

/* The lower triangle becomes Cholesky's factor. The noise keeps it positive definite. */
static void decompose(double *a, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        for (size_t i = j; i < n; i++) {
            double sum = a[i * n + j];
            for (size_t k = 0; k < j; k++)
                sum -= a[i * n + k] * a[j * n + k];
            a[i * n + j] = i == j ? sqrt(fmax(sum, 1e-12)) : sum / a[j * n + j];
        }
    }
}

/* The inverse of a lower triangle, in place. */
static void invert_triangle(double *a, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        a[j * n + j] = 1 / a[j * n + j];
        for (size_t i = j + 1; i < n; i++) {
            double sum = 0;
            for (size_t k = j; k < i; k++)
                sum -= a[i * n + k] * a[k * n + j];
            a[i * n + j] = sum / a[i * n + i];
        }
    }
}

/* What each sighting says beyond all others: left over = a / diagonal of the inverse. */
static void leave_one_out(struct process *process, struct bend_sample *samples)
{
    size_t n = process->count;
    double *f = process->factor;
    double sight = process->calibration->sighting_mm;
    for (size_t i = 0; i < n; i++)
        process->ax[i] = process->ay[i] = 0;
    process->foretold = 0;
    double *diagonal = calloc(n, sizeof *diagonal);
    if (diagonal == NULL)
        error_die("out of memory: bend");
    for (size_t k = 0; k < n; k++) { /* row k of the inverse factor */
        double sx = 0, sy = 0;
        for (size_t i = 0; i <= k; i++) {
            sx += f[k * n + i] * samples[i].dx_mm;
            sy += f[k * n + i] * samples[i].dy_mm;
            diagonal[i] += f[k * n + i] * f[k * n + i];
        }
        for (size_t i = 0; i <= k; i++) {
            process->ax[i] += f[k * n + i] * sx;
            process->ay[i] += f[k * n + i] * sy;
        }
    }
    for (size_t i = 0; i < n; i++) {
        double variance = 1 / diagonal[i], x = process->ax[i] * variance, y = process->ay[i] * variance;
        samples[i].left_dx_mm = x;
        samples[i].left_dy_mm = y;
        /* of a sighting that is worth its salt: doubts so far do not widen what is allowed */
        double plain = variance - process->noise[i] + sight * sight;
        double z = (x * x + y * y) / plain;
        process->foretold -= log(plain) + fmin(0.5 * z, 8);
        samples[i].believed = hypot(x, y) <= samples[i].limit_mm;
    }
    free(diagonal);
}

static void solve(struct process *process, struct bend_sample *samples)
{
    size_t n = process->count;
    for (size_t i = 0; i < n; i++) {
        double u = along(process, samples[i].form_mm);
        for (size_t j = 0; j <= i; j++)
            process->factor[i * n + j] =
                feed_kernel(process, u, along(process, samples[j].form_mm)) +
                sheet_kernel(process, samples[i].form_mm, samples[j].form_mm) +
                (i == j ? process->noise[i] : 0);
    }
    decompose(process->factor, n);
    invert_triangle(process->factor, n);
    leave_one_out(process, samples);
}

/* Fits with one strength, outliers losing their say. */
static void fit_robustly(struct process *process, struct bend_sample *samples)
{
    double sight = process->calibration->sighting_mm;
    for (size_t i = 0; i < process->count; i++)
        process->noise[i] = sight * sight / samples[i].weight;
    for (int round = 0; round < ROUNDS; round++) {
        solve(process, samples);
        bool settled = true;
        for (size_t i = 0; i < process->count && round + 1 < ROUNDS; i++) {
            double off = hypot(samples[i].left_dx_mm, samples[i].left_dy_mm);
            double before = process->noise[i], base = sight * sight / samples[i].weight;
            double z = off / (process->calibration->bend_doubt_from * sqrt(2.0) * sight);
            process->noise[i] = samples[i].believed ? base * fmax(1, z * z) : 1e4 * base;
            settled = settled && fabs(process->noise[i] / before - 1) < 0.2;
        }
        if (settled)
            break;
    }
}

/* Lays what was learnt onto the placement's nodes. */
static void lay_down(struct placement *placement, const struct process *process,
                     const struct bend_sample *samples)
{
    for (int y = 0; y < PLACEMENT_GRID_Y; y++)
        for (int x = 0; x < PLACEMENT_GRID_X; x++) {
            struct point node = {placement->width_mm * x / (PLACEMENT_GRID_X - 1),
                                 placement->height_mm * y / (PLACEMENT_GRID_Y - 1)};
            double dx = 0, dy = 0;
            for (size_t i = 0; i < process->count; i++) {
                double k = sheet_kernel(process, node, samples[i].form_mm);
                dx += k * process->ax[i];
                dy += k * process->ay[i];
            }
            placement->dx_mm[y][x] = (float)dx;
            placement->dy_mm[y][x] = (float)dy;
        }
    for (int k = 0; k < PLACEMENT_FEED; k++) {
        double u = placement->feed_start_mm + k * placement->feed_step_mm, dx = 0, dy = 0;
        for (size_t i = 0; i < process->count; i++) {
            double weight = feed_kernel(process, u, along(process, samples[i].form_mm));
            dx += weight * process->ax[i];
            dy += weight * process->ay[i];
        }
        placement->feed_dx_mm[k] = (float)dx;
        placement->feed_dy_mm[k] = (float)dy;
    }
}

static void feed_range(struct placement *placement, struct point feed)
{
    double x = feed.x * placement->width_mm, y = feed.y * placement->height_mm;
    placement->feed = feed;
    placement->feed_start_mm = fmin(x, 0) + fmin(y, 0);
    placement->feed_step_mm = (fabs(x) + fabs(y)) / (PLACEMENT_FEED - 1);
}

void bend_fit(struct placement *placement, struct bend_sample *samples, size_t count,
              struct point feed, const struct registration_calibration *calibration)
{
    const struct strength strengths[] = {
        {calibration->bend_little_mm, calibration->bend_little_mm},
        {calibration->bend_much_mm, calibration->bend_much_mm / 2}};
    struct process process = {.count = count, .calibration = calibration, .feed = feed,
                              .centre = {placement->width_mm / 2, placement->height_mm / 2}};
    process.factor = calloc(count * count + 1, sizeof *process.factor);
    process.noise = calloc(3 * count + 1, sizeof *process.noise);
    if (process.factor == NULL || process.noise == NULL)
        error_die("out of memory: bend");
    process.ax = process.noise + count;
    process.ay = process.ax + count;
    feed_range(placement, feed);
    double best = -DBL_MAX;
    size_t chosen = 0, strength_count = sizeof strengths / sizeof *strengths;
    for (size_t s = 0; s < strength_count; s++) {
        process.strength = strengths[s];
        fit_robustly(&process, samples);
        if (process.foretold > best) {
            best = process.foretold;
            chosen = s;
        }
    }
    if (chosen != strength_count - 1) {
        process.strength = strengths[chosen];
        fit_robustly(&process, samples);
    }
    lay_down(placement, &process, samples);
    free(process.factor);
    free(process.noise);
}
