/* Snapping: a search for the ring of ink that a box's outline is. */
#include "form/snap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include "base/error.h"
#include "form/plate.h"

#define PX_PER_MM (PLATE_DPI / MM_PER_INCH)
/* How far each side may move: a millimetre, and not so far that half the box would be another. */
#define REACH_PX 12
#define REACH_SHARE 0.4
/* The ring is looked for just inside the rectangle and must not go on just outside of it. */
#define INSET_PX 1.0
#define OUTSET_PX 2.0
/* A ring with this much of its length printed is an outline; text that crosses it has less. */
#define SUPPORT_MIN 0.7
/* The outside of the ring may be printed this far: rows of a table share their rules. */
#define OUTSIDE_MAX 0.8
/* Each px a side moves must buy this much support: the nearest of two like outlines wins. */
#define MOVE_COST 0.004
#define SIDE_POINTS_MAX 100
#define ROUND_POINTS 96 /* a multiple of 4 and of the next */
#define QUICK_POINTS 12
#define QUICK_MIN 0.25
/* How much width and height may change, in steps of SIZE_STEP_PX: rectangles drawn loosely around
 * boxes, half a millimetre off on every side. */
#define SIZE_REACH_PX 12
#define SIZE_STEP_PX 4
/* Another shape than the one given must fit by so much better: small circles look like squares. */
#define SHAPE_MARGIN 0.05
/* The share of the ink just outside that counts against an outline. */
#define OUTER_WEIGHT 0.35

struct snap {
    int w, h;
    struct point round[ROUND_POINTS]; /* the unit circle */
    unsigned char *ink; /* 2 = ink, 1 = beside ink, 0 = paper */
};

struct snap *snap_new(PIX *plate)
{
    struct snap *snap = g_new0(struct snap, 1);
    PIX *wide = pixDilateBrick(NULL, plate, 3, 3);
    if (wide == NULL)
        error_die("out of memory");
    for (int i = 0; i < ROUND_POINTS; i++) {
        double angle = 2 * G_PI * (i + 0.5) / ROUND_POINTS;
        snap->round[i] = (struct point){cos(angle), sin(angle)};
    }
    snap->w = pixGetWidth(plate);
    snap->h = pixGetHeight(plate);
    snap->ink = g_malloc0((size_t)snap->w * (size_t)snap->h);
    int words = pixGetWpl(plate), wide_words = pixGetWpl(wide);
    for (int y = 0; y < snap->h; y++) {
        const l_uint32 *line = pixGetData(plate) + (size_t)y * (size_t)words;
        const l_uint32 *wide_line = pixGetData(wide) + (size_t)y * (size_t)wide_words;
        unsigned char *to = snap->ink + (size_t)y * (size_t)snap->w;
        for (int x = 0; x < snap->w; x++)
            to[x] = (unsigned char)(GET_DATA_BIT(line, x) + GET_DATA_BIT(wide_line, x));
    }
    pixDestroy(&wide);
    return snap;
}

void snap_free(struct snap *snap)
{
    if (snap == NULL)
        return;
    g_free(snap->ink);
    g_free(snap);
}

static double ink_at(const struct snap *snap, double x, double y)
{
    if (x < 0 || y < 0)
        return 0;
    int ix = (int)x, iy = (int)y;
    if (ix >= snap->w || iy >= snap->h)
        return 0;
    return snap->ink[(size_t)iy * (size_t)snap->w + (size_t)ix] / 2.0;
}

/* The mean ink along one side of a rectangle, corners left out (they may be round). */
static double side_ink(const struct snap *snap, struct point from, struct point to)
{
    double length = fmax(fabs(to.x - from.x), fabs(to.y - from.y)), sum = 0;
    int count = (int)fmax(4, fmin(length * 0.8, SIDE_POINTS_MAX));
    for (int i = 0; i < count; i++) {
        double t = 0.1 + 0.8 * (i + 0.5) / count;
        sum += ink_at(snap, from.x + t * (to.x - from.x), from.y + t * (to.y - from.y));
    }
    return sum / count;
}

/* The mean ink along the outline, its weakest quarter counting most: three sides of a box and
 * nothing at the fourth are no box. */
static double ring_ink(const struct snap *snap, enum box_shape shape, struct rect r)
{
    double quarter[4] = {0};
    if (r.w < 4 || r.h < 4)
        return 0;
    if (shape == BOX_SQUARE) {
        struct point a = {r.x, r.y}, b = {r.x + r.w, r.y}, c = {r.x + r.w, r.y + r.h},
                     d = {r.x, r.y + r.h};
        quarter[0] = side_ink(snap, a, b);
        quarter[1] = side_ink(snap, b, c);
        quarter[2] = side_ink(snap, d, c);
        quarter[3] = side_ink(snap, a, d);
    } else {
        struct point centre = rect_centre(r);
        for (int i = 0; i < ROUND_POINTS; i++)
            quarter[i * 4 / ROUND_POINTS] += ink_at(snap, centre.x + r.w / 2 * snap->round[i].x,
                                                    centre.y + r.h / 2 * snap->round[i].y) *
                                             4 / ROUND_POINTS;
    }
    double least = fmin(fmin(quarter[0], quarter[1]), fmin(quarter[2], quarter[3]));
    double mean = (quarter[0] + quarter[1] + quarter[2] + quarter[3]) / 4;
    return (mean + least) / 2;
}

static double inner_ink(const struct snap *snap, enum box_shape shape, struct rect r)
{
    return ring_ink(snap, shape, rect_grow(r, -INSET_PX));
}

static double outer_ink(const struct snap *snap, enum box_shape shape, struct rect r)
{
    return ring_ink(snap, shape, rect_grow(r, OUTSET_PX));
}

static struct rect to_px(struct rect mm)
{
    return (struct rect){mm.x * PX_PER_MM, mm.y * PX_PER_MM, mm.w * PX_PER_MM, mm.h * PX_PER_MM};
}

/* A quick look at a few points of the ring: most places in a search are nowhere near an outline. */
static bool is_hopeless(const struct snap *snap, enum box_shape shape, struct rect r)
{
    double sum = 0;
    struct point centre = rect_centre(r);
    for (int i = 0; i < QUICK_POINTS; i++) {
        struct point p = snap->round[i * (ROUND_POINTS / QUICK_POINTS)];
        if (shape == BOX_SQUARE) { /* from the circle out to the square around it */
            double out = 1 / fmax(fabs(p.x), fabs(p.y));
            p = (struct point){p.x * out, p.y * out};
        }
        sum += ink_at(snap, centre.x + (r.w / 2 - INSET_PX) * p.x,
                      centre.y + (r.h / 2 - INSET_PX) * p.y);
    }
    return sum < QUICK_MIN * QUICK_POINTS;
}

/* What the search maximises. */
static double worth(const struct snap *snap, enum box_shape shape, struct rect r,
                    struct rect given)
{
    double moved = fabs(r.x - given.x) + fabs(r.y - given.y) +
                   fabs(r.x + r.w - given.x - given.w) + fabs(r.y + r.h - given.y - given.h);
    if (is_hopeless(snap, shape, r))
        return -1;
    double inner = inner_ink(snap, shape, r);
    if (inner < SUPPORT_MIN / 2)
        return -1; /* not worth the look outside */
    return inner - OUTER_WEIGHT * outer_ink(snap, shape, r) - MOVE_COST * moved / 4;
}

/* Tries all shifts and changes of size around `centre` in steps; keeps the best in *best. */
static void search(struct rect *best, double *best_worth, const struct snap *snap,
                   enum box_shape shape, struct rect given, struct rect centre, int reach, int step,
                   int size_reach, int size_step)
{
    double limit_x = fmin(REACH_PX, REACH_SHARE * given.w);
    double limit_y = fmin(REACH_PX, REACH_SHARE * given.h);
    for (int dw = -size_reach; dw <= size_reach; dw += size_step)
        for (int dh = -size_reach; dh <= size_reach; dh += size_step)
            for (int dy = -reach; dy <= reach; dy += step)
                for (int dx = -reach; dx <= reach; dx += step) {
                    struct rect r = {centre.x + dx - dw / 2.0, centre.y + dy - dh / 2.0,
                                     centre.w + dw, centre.h + dh};
                    if (fabs(r.x - given.x) > limit_x || fabs(r.y - given.y) > limit_y ||
                        fabs(r.x + r.w - given.x - given.w) > limit_x ||
                        fabs(r.y + r.h - given.y - given.h) > limit_y)
                        continue;
                    double w = worth(snap, shape, r, given);
                    if (w > *best_worth) {
                        *best_worth = w;
                        *best = r;
                    }
                }
}

/* The best outline of this shape near *r, which it replaces; how good it is, -1 where it is none. */
static double snap_shape(struct rect *r, const struct snap *snap, enum box_shape shape)
{
    struct rect given = *r, best = given;
    double best_worth = worth(snap, shape, given, given);
    search(&best, &best_worth, snap, shape, given, given, REACH_PX, 2, SIZE_REACH_PX, SIZE_STEP_PX);
    search(&best, &best_worth, snap, shape, given, best, 2, 1, 4, 2);
    search(&best, &best_worth, snap, shape, given, best, 1, 1, 1, 1);
    double inner = inner_ink(snap, shape, best), outer = outer_ink(snap, shape, best);
    if (inner < SUPPORT_MIN || outer > OUTSIDE_MAX)
        return -1;
    *r = best;
    return inner - OUTER_WEIGHT * outer;
}

bool snap_box(struct rect *rect_mm, enum box_shape *shape, const struct snap *snap)
{
    struct rect as_given = to_px(*rect_mm), as_other = as_given;
    bool is_long = fmax(as_given.w, as_given.h) > 1.15 * fmin(as_given.w, as_given.h);
    enum box_shape other = *shape != BOX_SQUARE ? BOX_SQUARE : is_long ? BOX_OVAL : BOX_CIRCLE;
    double worth_given = snap_shape(&as_given, snap, *shape);
    /* An outline that could hardly be better needs no second look. */
    double worth_other = worth_given > 1 - SHAPE_MARGIN ? -1 : snap_shape(&as_other, snap, other);
    if (worth_given < 0 && worth_other < 0)
        return false;
    if (worth_other > worth_given + SHAPE_MARGIN) {
        *shape = other;
        as_given = as_other;
    }
    *rect_mm = (struct rect){as_given.x / PX_PER_MM, as_given.y / PX_PER_MM,
                             as_given.w / PX_PER_MM, as_given.h / PX_PER_MM};
    return true;
}
