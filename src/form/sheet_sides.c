/* The sides of a sheet in a photo: moved onto the paper's edges, and how well these show. */
#include "form/sheet_internal.h"

#include <math.h>

#define POINTS 64       /* looked at a side */
#define CORNER_FREE 0.05 /* of a side, at each end: corners are rounded, bent and held */
#define ASIDE_PX 3.0    /* from the edge, where paper and surroundings are compared */
#define ROUNDS 3
#define REACH_PX_MAX 10
#define ABOUT_AS_STRONG 0.85
#define STEP_PLAIN 80 /* grey levels: more is no better an edge */

static double level_at(PIX *grey, struct point p)
{
    int x = (int)floor(p.x), y = (int)floor(p.y);
    if (!(p.x >= 0 && p.y >= 0) || x >= pixGetWidth(grey) || y >= pixGetHeight(grey))
        return -1;
    return GET_DATA_BYTE(pixGetData(grey) + (size_t)y * (size_t)pixGetWpl(grey), x);
}

/* How much brighter the inner side is at `p`; `out` points outwards. -255: outside the picture. */
static double step_at(PIX *grey, struct point p, struct point out)
{
    double inner = level_at(grey, (struct point){p.x - ASIDE_PX * out.x, p.y - ASIDE_PX * out.y});
    double outer = level_at(grey, (struct point){p.x + ASIDE_PX * out.x, p.y + ASIDE_PX * out.y});
    return inner < 0 || outer < 0 ? -255 : inner - outer;
}

/* Outwards of a side of a quadrilateral that runs clockwise on the picture. */
static struct point outwards(struct point a, struct point b)
{
    double length = hypot(b.x - a.x, b.y - a.y);
    return length > 0 ? (struct point){(b.y - a.y) / length, -(b.x - a.x) / length}
                      : (struct point){0, 0};
}

static struct point along(struct point a, struct point b, int i)
{
    double t = CORNER_FREE + (1 - 2 * CORNER_FREE) * (i + 0.5) / POINTS;
    return (struct point){a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)};
}

struct sheet_support sheet_sides_support(const struct point corners[4], PIX *closed, double step)
{
    struct sheet_support out = {.least = 1, .contrast = 1};
    for (int side = 0; side < 4; side++) {
        struct point a = corners[side], b = corners[(side + 1) % 4], away = outwards(a, b);
        double sum = 0;
        int fine = 0;
        for (int i = 0; i < POINTS; i++) {
            double here = step_at(closed, along(a, b, i), away);
            fine += here >= step;
            sum += fmax(0, fmin(STEP_PLAIN, here));
        }
        out.least = fmin(out.least, (double)fine / POINTS);
        out.mean += (double)fine / POINTS / 4;
        out.contrast *= pow(sum / POINTS, 0.25);
    }
    return out;
}

static bool lines_meet(struct point *out, struct point a, struct point b, struct point c, struct point d)
{
    double ux = b.x - a.x, uy = b.y - a.y, vx = d.x - c.x, vy = d.y - c.y;
    double cross = ux * vy - uy * vx;
    if (fabs(cross) < 1e-9 * (hypot(ux, uy) * hypot(vx, vy) + 1e-9))
        return false;
    double t = ((c.x - a.x) * vy - (c.y - a.y) * vx) / cross;
    *out = (struct point){a.x + t * ux, a.y + t * uy};
    return true;
}

/* Where across the side at `p` the strongest step lies: the middle of where it is about as strong, as levels
 * are compared some pixels apart. `*step`: how strong; 0 = there is none. */
static double edge_near(double *step, PIX *closed, struct point p, struct point out, double reach_px)
{
    enum { OFFSETS = 4 * REACH_PX_MAX + 1 };
    double steps[OFFSETS], sum = 0;
    int count = (int)(4 * fmin(reach_px, REACH_PX_MAX)) + 1, many = 0;
    *step = 0;
    for (int k = 0; k < count; k++) {
        double s = 0.5 * (k - count / 2);
        steps[k] = step_at(closed, (struct point){p.x + s * out.x, p.y + s * out.y}, out);
        *step = fmax(*step, steps[k]);
    }
    for (int k = 0; k < count && *step > 0; k++)
        if (steps[k] >= ABOUT_AS_STRONG * *step) {
            sum += 0.5 * (k - count / 2);
            many++;
        }
    return many > 0 ? sum / many : 0;
}

/* The line through the edges near the side's points, with ever less say for those that lie off it. The
 * side is moved in place. */
static void refine_side(struct point *a, struct point *b, PIX *closed, double reach_px)
{
    struct point out = outwards(*a, *b);
    double at[POINTS], off[POINTS], step[POINTS];
    for (int i = 0; i < POINTS; i++) {
        at[i] = (i + 0.5) / POINTS - 0.5;
        off[i] = edge_near(&step[i], closed, along(*a, *b, i), out, reach_px);
    }
    double shift = 0, slope = 0, weight[POINTS];
    for (int i = 0; i < POINTS; i++)
        weight[i] = step[i] > 0;
    for (int round = 0; round < 8; round++) {
        double n = 0, x = 0, y = 0, xx = 0, xy = 0, sorted[POINTS];
        for (int i = 0; i < POINTS; i++) {
            n += weight[i];
            x += weight[i] * at[i];
            y += weight[i] * off[i];
            xx += weight[i] * at[i] * at[i];
            xy += weight[i] * at[i] * off[i];
        }
        double bottom = n * xx - x * x;
        if (n < 4 || bottom < 1e-9)
            return;
        slope = (n * xy - x * y) / bottom;
        shift = (y - slope * x) / n;
        size_t count = 0;
        for (int i = 0; i < POINTS; i++)
            if (step[i] > 0)
                sorted[count++] = fabs(off[i] - shift - slope * at[i]);
        double cut = fmax(1.0, 3 * median_of(sorted, count));
        for (int i = 0; i < POINTS; i++) {
            double u = (off[i] - shift - slope * at[i]) / cut;
            weight[i] = step[i] > 0 && fabs(u) < 1 ? (1 - u * u) * (1 - u * u) : 0;
        }
    }
    /* `at` runs from -0.5 to 0.5 over the middle of the side only */
    double half = 0.5 / (1 - 2 * CORNER_FREE);
    *a = (struct point){a->x + (shift - half * slope) * out.x, a->y + (shift - half * slope) * out.y};
    *b = (struct point){b->x + (shift + half * slope) * out.x, b->y + (shift + half * slope) * out.y};
}

bool sheet_sides_refine(struct point corners[4], PIX *closed, double reach_px)
{
    double w = pixGetWidth(closed), h = pixGetHeight(closed);
    for (int round = 0; round < ROUNDS; round++, reach_px = fmax(5, reach_px / 2)) {
        struct point from[4], to[4];
        for (int side = 0; side < 4; side++) {
            from[side] = corners[side];
            to[side] = corners[(side + 1) % 4];
            refine_side(&from[side], &to[side], closed, reach_px);
        }
        for (int side = 0; side < 4; side++) {
            int last = (side + 3) % 4;
            struct point p;
            if (!lines_meet(&p, from[last], to[last], from[side], to[side]) || p.x < -0.02 * w ||
                p.y < -0.02 * h || p.x > 1.02 * w || p.y > 1.02 * h)
                return false;
            corners[side] = p;
        }
    }
    return true;
}
