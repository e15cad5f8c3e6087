/* White areas enclosed by a thin outline, from the pixels of a plate. The white inside is looked at,
 * not the print: an outline may touch text, a rule or the next box, and still be an outline. */
#include "form/find_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Walls thicker than this are dark areas with a light spot, not outlines. */
#define WALL_MM_MAX 1.5
/* How far the edge may lie from the ideal shape, on average: a share of a pixel for drawings, more
 * for scans of 200 dpi. */
#define MISFIT_CLEAN_PX 0.9
#define MISFIT_SCAN_PX 1.7
/* A white shape without an outline has at least so much tint around it. */
#define GROUND_MM 0.45
/* Larger holes are known by their straight sides alone. */
#define LARGE_MM 12.0

static int pixel(PIX *pix, int x, int y)
{
    if (x < 0 || y < 0 || x >= pixGetWidth(pix) || y >= pixGetHeight(pix))
        return 0;
    return GET_DATA_BIT(pixGetData(pix) + (size_t)y * (size_t)pixGetWpl(pix), x) ? 1 : 0;
}

int find_ink(PIX *plate, struct rect px)
{
    int x0 = (int)fmax(0, floor(px.x)), y0 = (int)fmax(0, floor(px.y));
    int x1 = (int)fmin(pixGetWidth(plate), ceil(px.x + px.w));
    int y1 = (int)fmin(pixGetHeight(plate), ceil(px.y + px.h));
    int sum = 0;
    for (int y = y0; y < y1; y++) {
        const l_uint32 *line = pixGetData(plate) + (size_t)y * (size_t)pixGetWpl(plate);
        for (int x = x0; x < x1; x++)
            sum += GET_DATA_BIT(line, x) ? 1 : 0;
    }
    return sum;
}

/* ---- shape ---------------------------------------------------------------------------------- */

/* The leftmost and rightmost white pixel of each row. */
struct profile {
    int w, h;
    int *left, *right;
};

static void profile_init(struct profile *p, PIX *mask)
{
    p->w = pixGetWidth(mask);
    p->h = pixGetHeight(mask);
    p->left = g_new(int, (size_t)p->h);
    p->right = g_new(int, (size_t)p->h);
    for (int y = 0; y < p->h; y++) {
        const l_uint32 *line = pixGetData(mask) + (size_t)y * (size_t)pixGetWpl(mask);
        int a = 0, b = p->w - 1;
        while (a < p->w && !GET_DATA_BIT(line, a))
            a++;
        while (b > a && !GET_DATA_BIT(line, b))
            b--;
        p->left[y] = a;
        p->right[y] = b;
    }
}

static void profile_release(struct profile *p)
{
    g_free(p->left);
    g_free(p->right);
}

/* How far the ideal shape lies inside the bounds at row y: a rectangle whose corners are rounded by
 * `radius`, or (radius < 0) an ellipse. */
static double inset(const struct profile *p, int y, double radius)
{
    double middle = y + 0.5;
    if (radius < 0) {
        double t = (middle - p->h / 2.0) / (p->h / 2.0);
        return p->w / 2.0 * (1 - sqrt(fmax(0, 1 - t * t)));
    }
    double depth = fmin(middle, p->h - middle);
    if (depth >= radius || radius <= 0)
        return 0;
    double t = radius - depth;
    return radius - sqrt(fmax(0, radius * radius - t * t));
}

/* The mean distance of the profile from the ideal shape. */
static double misfit(const struct profile *p, double radius)
{
    double sum = 0;
    for (int y = 0; y < p->h; y++) {
        double d = inset(p, y, radius);
        /* One row that is bitten by touching print says little: its share is limited. */
        sum += fmin(fabs(p->left[y] - d), p->w / 4.0);
        sum += fmin(fabs(p->w - 1 - p->right[y] - d), p->w / 4.0);
    }
    return sum / (2.0 * (p->w + p->h)) * 2;
}

/* How far the width of row y differs from that of the row opposite or its neighbours: where a flat
 * oval begins, a row more or less makes a great difference and says nothing. */
static int width_unlike(const struct profile *p, int y)
{
    int width = p->right[y] - p->left[y], least = p->w;
    for (int shift = -1; shift <= 1; shift++) {
        int k = p->h - 1 - y + shift;
        if (k >= 0 && k < p->h)
            least = MIN(least, abs(width - (p->right[k] - p->left[k])));
    }
    return least;
}

/* How unlike the left and right sides are (a D), and the upper and lower half (an A). */
static double lopsided(const struct profile *p)
{
    double across = 0, along = 0;
    for (int y = 0; y < p->h; y++) {
        across += abs(p->left[y] - (p->w - 1 - p->right[y]));
        along += width_unlike(p, y);
    }
    return fmax(across, along) / p->h;
}

static bool fit_shape(struct hole *out, const struct profile *p, double tolerance)
{
    static const double radii[] = {0, 0.12, 0.25, 0.38, 0.5, -1};
    double side = fmin(p->w, p->h), best_radius = 0;
    out->misfit_px = INFINITY;
    for (size_t i = 0; i < sizeof radii / sizeof *radii; i++) {
        double m = misfit(p, radii[i] < 0 ? -1 : radii[i] * side);
        if (m < out->misfit_px) {
            out->misfit_px = m;
            best_radius = radii[i];
        }
    }
    bool round = best_radius < 0 || best_radius > 0.3;
    double aspect = (double)p->w / p->h;
    out->shape = !round ? BOX_SQUARE : aspect > 0.87 && aspect < 1.15 ? BOX_CIRCLE : BOX_OVAL;
    /* Small shapes are nearly letters: less is forgiven. */
    double allowed = fmin(tolerance, 0.035 * side + 0.1);
    double lop = tolerance > MISFIT_CLEAN_PX ? 0.06 * side + 0.5 : 0.05 * side + 0.3;
    return out->misfit_px <= allowed &&
           lopsided(p) <= fmin(2.5 * tolerance + (round ? 0 : 1), lop);
}

/* ---- walls ---------------------------------------------------------------------------------- */

/* Length of the ink from (x, y) on in a direction; the pixel itself may be white by rounding. */
static int ink_run(PIX *plate, double x, double y, double dx, double dy, int most)
{
    int run = 0, start = 0;
    while (start < 3 && !pixel(plate, (int)floor(x + start * dx), (int)floor(y + start * dy)))
        start++;
    while (run <= most && pixel(plate, (int)floor(x + (start + run) * dx),
                                (int)floor(y + (start + run) * dy)))
        run++;
    return start < 3 ? run : 0;
}

#define WALL_POINTS 15

static int by_int(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* The thickness of the ink at points of one side, thinnest first; the middle of the side counts. */
static void wall_runs(int runs[WALL_POINTS], PIX *plate, const struct hole *hole, int side, int most)
{
    struct rect r = hole->inner;
    double span = hole->shape == BOX_SQUARE ? 0.8 : hole->shape == BOX_OVAL && side % 2 == 0 ? 0.4
                                                                                            : 0.25;
    for (int i = 0; i < WALL_POINTS; i++) {
        double t = 0.5 + span * ((i + 0.5) / WALL_POINTS - 0.5);
        if (side == 0)
            runs[i] = ink_run(plate, r.x + t * r.w, r.y - 0.5, 0, -1, most);
        else if (side == 1)
            runs[i] = ink_run(plate, r.x + r.w + 0.5, r.y + t * r.h, 1, 0, most);
        else if (side == 2)
            runs[i] = ink_run(plate, r.x + t * r.w, r.y + r.h + 0.5, 0, 1, most);
        else
            runs[i] = ink_run(plate, r.x - 0.5, r.y + t * r.h, -1, 0, most);
    }
    qsort(runs, WALL_POINTS, sizeof *runs, by_int);
}

/* The usual thickness of one side's wall; -1 = no thin wall. */
static int wall(PIX *plate, const struct hole *hole, int side, int most)
{
    int runs[WALL_POINTS];
    wall_runs(runs, plate, hole, side, most);
    int median = runs[WALL_POINTS / 2];
    /* At an end of the middle half: a wall is even, a stroke of a letter is not. */
    return median >= 1 && median <= most && runs[WALL_POINTS / 5] >= 1 ? median : -1;
}

static bool measure_walls(struct hole *hole, PIX *plate)
{
    int most = (int)FIND_PX(WALL_MM_MAX), sides[4], least = most, greatest = 0;
    for (int side = 0; side < 4; side++) {
        sides[side] = wall(plate, hole, side, most);
        if (sides[side] < 0)
            return false;
        least = sides[side] < least ? sides[side] : least;
        greatest = sides[side] > greatest ? sides[side] : greatest;
    }
    struct rect r = hole->inner;
    hole->outer = (struct rect){r.x - sides[3], r.y - sides[0], r.w + sides[3] + sides[1],
                                r.h + sides[0] + sides[2]};
    /* A wall is thin beside what it encloses; a round one is as thick all round. */
    double side = fmin(r.w, r.h);
    if (hole->shape != BOX_SQUARE && (greatest > 0.28 * side || greatest > 2 * least + 3))
        return false;
    return greatest <= 0.4 * side + 2;
}

/* Most of what lies close around is tint, not print. */
static bool is_on_tint(const struct hole *hole, PIX *print)
{
    struct rect r = hole->inner, around = rect_grow(r, FIND_PX(GROUND_MM));
    double area = around.w * around.h - r.w * r.h;
    return find_ink(print, around) - find_ink(print, r) < 0.4 * area;
}

/* White that a ground encloses on all sides. A bold letter is no ground: it counts where it is
 * tint, or, being dark, is much wider than a stroke. */
static bool lies_on_ground(struct hole *hole, PIX *plate, PIX *print)
{
    double dark = fmax(FIND_PX(WALL_MM_MAX), 0.4 * fmin(hole->inner.w, hole->inner.h));
    hole->is_on_dark = !is_on_tint(hole, print);
    int least = (int)(hole->is_on_dark ? dark : FIND_PX(GROUND_MM));
    for (int side = 0; side < 4; side++) {
        int runs[WALL_POINTS];
        wall_runs(runs, plate, hole, side, least);
        if (runs[WALL_POINTS / 5] < least)
            return false;
    }
    hole->is_bare = true;
    hole->outer = hole->inner;
    return true;
}

/* ---- the page ------------------------------------------------------------------------------- */

/* Ink within the white's own edge. The rim is left out: drawn outlines are not sharp to the pixel. */
static void measure_content(struct hole *hole, const struct profile *p, PIX *plate)
{
    int rim = (int)fmax(2, 0.06 * fmin(p->w, p->h)), x0 = (int)hole->inner.x;
    PIX *part = pixCreate(p->w, p->h, 1);
    if (part == NULL)
        error_die("out of memory while looking for boxes");
    hole->content_px = 0;
    for (int y = rim; y < p->h - rim; y++) {
        const l_uint32 *line = pixGetData(plate) +
                               (size_t)(y + (int)hole->inner.y) * (size_t)pixGetWpl(plate);
        l_uint32 *to = pixGetData(part) + (size_t)y * (size_t)pixGetWpl(part);
        for (int x = p->left[y] + rim; x <= p->right[y] - rim; x++)
            if (GET_DATA_BIT(line, x0 + x)) {
                SET_DATA_BIT(to, x);
                hole->content_px++;
            }
    }
    hole->content_parts = 0;
    if (hole->content_px > 0 && hole->inner.h <= FIND_PX(LARGE_MM))
        pixCountConnComp(part, 8, &hole->content_parts);
    pixDestroy(&part);
}

static void add_hole(GArray *holes, const struct find_page *page, PIX *plate, PIX *mask,
                     const BOX *at, double tolerance)
{
    struct hole hole = {.inner = {at->x, at->y, at->w, at->h}};
    struct profile profile;
    profile_init(&profile, mask);
    bool fine = fit_shape(&hole, &profile, tolerance);
    bool is_enclosed = fine && (measure_walls(&hole, plate) ||
                                lies_on_ground(&hole, plate, page->plate));
    measure_content(&hole, &profile, plate);
    profile_release(&profile);
    if (!is_enclosed)
        return;
    for (guint i = 0; i < holes->len; i++) {
        struct rect known = g_array_index(holes, struct hole, i).inner;
        if (find_inside(hole.inner, rect_grow(known, 2)) && hole.inner.w > 0.7 * known.w &&
            hole.inner.h > 0.7 * known.h)
            return; /* the same, seen in the other pass */
    }
    g_array_append_val(holes, hole);
}

/* The holes of one plane of the page: its plate, the same with gaps closed, or its tint. */
static void add_all(GArray *holes, const struct find_page *page, PIX *plate, double tolerance)
{
    int w = pixGetWidth(plate), h = pixGetHeight(plate), least = (int)(FIND_PX(BOX_MM_MIN) * 0.7);
    PIX *white = pixInvert(NULL, plate);
    PIXA *masks = NULL;
    BOXA *boxes = white == NULL ? NULL : pixConnComp(white, &masks, 4);
    if (boxes == NULL)
        error_die("out of memory while looking for boxes");
    for (l_int32 i = 0; i < boxaGetCount(boxes); i++) {
        BOX *at = boxaGetBox(boxes, i, L_CLONE);
        PIX *mask = pixaGetPix(masks, i, L_CLONE);
        bool at_edge = at->x <= 0 || at->y <= 0 || at->x + at->w >= w || at->y + at->h >= h;
        if (at->w >= least && at->h >= least && !at_edge)
            add_hole(holes, page, plate, mask, at, tolerance);
        pixDestroy(&mask);
        boxDestroy(&at);
    }
    boxaDestroy(&boxes);
    pixaDestroy(&masks);
    pixDestroy(&white);
}

static int by_place(const void *a, const void *b)
{
    const struct hole *p = a, *q = b;
    if (p->inner.y != q->inner.y)
        return p->inner.y < q->inner.y ? -1 : 1;
    return (p->inner.x > q->inner.x) - (p->inner.x < q->inner.x);
}

GArray *find_holes(const struct find_page *page)
{
    GArray *holes = g_array_new(FALSE, TRUE, sizeof(struct hole));
    add_all(holes, page, page->plate, page->is_clean ? MISFIT_CLEAN_PX : MISFIT_SCAN_PX);
    if (page->tint != NULL)
        add_all(holes, page, page->tint, page->is_clean ? MISFIT_CLEAN_PX : MISFIT_SCAN_PX);
    if (!page->is_clean) {
        /* Thin outlines are broken by scanning: once more with small gaps closed. */
        PIX *closed = pixCloseSafeBrick(NULL, page->plate, 3, 3);
        if (closed == NULL)
            error_die("out of memory while looking for boxes");
        add_all(holes, page, closed, MISFIT_SCAN_PX);
        PIX *more = pixCloseSafeBrick(NULL, page->plate, 5, 5);
        if (more == NULL)
            error_die("out of memory while looking for boxes");
        add_all(holes, page, more, MISFIT_SCAN_PX);
        pixDestroy(&closed);
        pixDestroy(&more);
    }
    g_array_sort(holes, by_place);
    return holes;
}
