/* Finding the sheet of paper in a photo: bright regions at many thresholds, the straight lines
 * around each, four of them moved onto the paper's edges. */
#include "form/sheet.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "form/sheet_internal.h"

#define SMALL_PX 512.0 /* the longer side of the picture that is looked at */
#define PRINT_PX 11    /* print is thinner than this there: closed away */
#define LEVEL_FIRST 40
#define LEVEL_LAST 240
#define LEVEL_STEP 8
#define REACH_PX 8.0
#define LINES 6 /* looked for around a bright region: what lies beside the sheet may add some */
#define LINE_OFF_PX 1.5
#define LINE_TRIALS 150
#define LINE_POINTS_MIN 12
#define CORNER_SINE_MIN 0.35 /* corners of 20 to 160 degrees */
/* Focal lengths of phones and cameras, in longer sides of the picture. */
#define FOCAL_MIN 0.5
#define FOCAL_MAX 4.0
#define FOCAL_USUAL 0.8

static PIX *must(PIX *pix)
{
    if (pix == NULL)
        error_die("out of memory: a photo");
    return pix;
}

/* ---- from a region to quadrilaterals ---------------------------------------------------------- */

static double area_of(const struct point *p, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += p[i].x * p[(i + 1) % count].y - p[(i + 1) % count].x * p[i].y;
    return sum / 2;
}

struct rim {
    struct point *points;
    size_t count;
};

/* The outermost pixels of every second row and column of a region that lies at (x, y). */
static void rim_of(struct rim *rim, PIX *region, int x, int y)
{
    int w = pixGetWidth(region), h = pixGetHeight(region);
    rim->points = calloc((size_t)(w + h) + 4, sizeof *rim->points);
    rim->count = 0;
    if (rim->points == NULL)
        error_die("out of memory: a photo");
    for (int lying = 0; lying < 2; lying++)
        for (int k = 0; k < (lying ? w : h); k += 2) {
            int end = lying ? h : w, first = 0, last = end - 1;
            l_uint32 bit = 0;
            while (first < end && (pixGetPixel(region, lying ? k : first, lying ? first : k, &bit),
                                   bit == 0))
                first++;
            while (last > first && (pixGetPixel(region, lying ? k : last, lying ? last : k, &bit),
                                    bit == 0))
                last--;
            if (first == end)
                continue;
            int from = lying ? y : x, across = (lying ? x : y) + k;
            double ends[2] = {from + first, from + last + 1};
            for (int e = 0; e < 2; e++)
                rim->points[rim->count++] = lying ? (struct point){across + 0.5, ends[e]}
                                                  : (struct point){ends[e], across + 0.5};
        }
}

/* A straight line: points p with nx x + ny y = d, which lies outside of the region's middle. */
struct line {
    double nx, ny, d;
};

static bool is_on(const struct line *line, struct point p)
{
    return fabs(line->nx * p.x + line->ny * p.y - line->d) < LINE_OFF_PX;
}

/* The line that most points of the rim lie on (RANSAC, Fischler and Bolles 1981, with a fixed sequence of
 * draws); these points leave the rim. */
static bool take_line(struct line *out, struct rim *rim, struct point middle)
{
    size_t most = 0, kept = 0;
    uint32_t state = 12345;
    for (int trial = 0; trial < LINE_TRIALS && rim->count >= LINE_POINTS_MIN; trial++) {
        state = state * 1664525u + 1013904223u;
        struct point a = rim->points[(state >> 8) % rim->count];
        state = state * 1664525u + 1013904223u;
        struct point b = rim->points[(state >> 8) % rim->count];
        double length = hypot(b.x - a.x, b.y - a.y);
        if (length < 10 * LINE_OFF_PX)
            continue;
        struct line line = {(b.y - a.y) / length, -(b.x - a.x) / length, 0};
        line.d = line.nx * a.x + line.ny * a.y;
        size_t count = 0;
        for (size_t i = 0; i < rim->count; i++)
            count += is_on(&line, rim->points[i]);
        if (count > most) {
            most = count;
            *out = line;
        }
    }
    if (most < LINE_POINTS_MIN)
        return false;
    for (size_t i = 0; i < rim->count; i++)
        if (!is_on(out, rim->points[i]))
            rim->points[kept++] = rim->points[i];
    rim->count = kept;
    if (out->nx * middle.x + out->ny * middle.y > out->d)
        *out = (struct line){-out->nx, -out->ny, -out->d};
    return true;
}

/* The quadrilateral within four lines, in order of their direction as seen from the middle, clockwise. */
static bool within_lines(struct point corners[4], const struct line lines[4])
{
    for (int k = 0; k < 4; k++) {
        const struct line *a = &lines[(k + 3) % 4], *b = &lines[k];
        double turn = a->nx * b->ny - a->ny * b->nx; /* sine of the angle between them */
        if (turn < CORNER_SINE_MIN)
            return false;
        corners[k] = (struct point){(a->d * b->ny - b->d * a->ny) / turn,
                                    (a->nx * b->d - b->nx * a->d) / turn};
    }
    return area_of(corners, 4) > 0;
}

static int by_direction(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    double one = atan2(x->ny, x->nx), other = atan2(y->ny, y->nx);
    return (one > other) - (one < other);
}

/* The largest region of the picture that is at least so bright, and its pixels; NULL: all are small. */
static PIX *region_at(l_int32 *x, l_int32 *y, l_int32 *pixels, PIX *closed, int level,
                      double area_min)
{
    PIX *bright = must(pixThresholdToBinary(closed, level)); /* 1 where darker */
    pixInvert(bright, bright);
    pixOpenBrick(bright, bright, 7, 7); /* off what merely touches it */
    PIXA *parts = NULL;
    BOXA *boxes = pixConnComp(bright, &parts, 4);
    int w = pixGetWidth(closed), h = pixGetHeight(closed);
    l_int32 most = 0;
    PIX *best = NULL;
    for (int i = 0; boxes != NULL && i < pixaGetCount(parts); i++) {
        l_int32 bx = 0, by = 0, bw = 0, bh = 0, count = 0;
        boxaGetBoxGeometry(boxes, i, &bx, &by, &bw, &bh);
        if ((double)bw * bh < area_min * w * h)
            continue;
        PIX *part = pixaGetPix(parts, i, L_CLONE);
        pixCountPixels(part, &count, NULL);
        if (count > most && count >= area_min * w * h) {
            pixDestroy(&best);
            best = pixClone(part);
            most = count;
            *x = bx;
            *y = by;
        }
        pixDestroy(&part);
    }
    boxaDestroy(&boxes);
    pixaDestroy(&parts);
    pixDestroy(&bright);
    *pixels = most;
    return best;
}

struct search {
    PIX *closed; /* small, print closed away */
    const struct registration_calibration *calibration;
    struct point best[4];
    double score; /* of the best; 0 = none yet */
    int pixels;   /* of the region looked at last */
};

/* Keeps the quadrilateral whose sides are all edges of paper that is the largest and stands out most: the
 * grain of a table makes edges too, but poor ones. */
static void try_quad(struct search *search, const struct line lines[4])
{
    struct point quad[4];
    const struct registration_calibration *c = search->calibration;
    if (!within_lines(quad, lines) ||
        sheet_sides_support(quad, search->closed, c->sheet_step_min).mean < c->sheet_support_min ||
        !sheet_sides_refine(quad, search->closed, REACH_PX))
        return;
    struct sheet_support support = sheet_sides_support(quad, search->closed, c->sheet_step_min);
    double score = support.contrast * area_of(quad, 4);
    if (support.least < c->sheet_support_min || support.mean < c->sheet_support_mean_min ||
        score <= search->score)
        return;
    search->score = score;
    memcpy(search->best, quad, sizeof quad);
}

/* The outline of what is at least so bright: its longest straight lines, any four of them. */
static void try_level(struct search *search, int level)
{
    l_int32 x = 0, y = 0, pixels = 0, was = search->pixels;
    PIX *region =
        region_at(&x, &y, &pixels, search->closed, level, search->calibration->sheet_area_min);
    if (region == NULL)
        return;
    search->pixels = pixels;
    /* all of a scan is paper, at most levels: no outline; and the same region again says nothing new */
    if (pixels == was ||
        pixels > search->calibration->sheet_whole_min * pixGetWidth(search->closed) *
                     pixGetHeight(search->closed)) {
        pixDestroy(&region);
        return;
    }
    struct rim rim;
    struct line lines[LINES];
    struct point middle = {x + pixGetWidth(region) / 2.0, y + pixGetHeight(region) / 2.0};
    int count = 0;
    rim_of(&rim, region, x, y);
    while (count < LINES && take_line(&lines[count], &rim, middle))
        count++;
    free(rim.points);
    pixDestroy(&region);
    qsort(lines, (size_t)count, sizeof *lines, by_direction);
    for (int set = 0; set < 1 << count; set++) {
        struct line four[4];
        int n = 0;
        if (__builtin_popcount((unsigned)set) != 4)
            continue;
        for (int k = 0; k < count; k++)
            if (set >> k & 1)
                four[n++] = lines[k];
        try_quad(search, four);
    }
}

/* ---- what the corners say ---------------------------------------------------------------------- */

/* The corner that lies nearest the top left first. */
static void order(struct point out[4], const struct point in[4])
{
    double x = 0, y = 0;
    int first = 0;
    for (int k = 0; k < 4; k++) {
        x += in[k].x / 4;
        y += in[k].y / 4;
    }
    double best = INFINITY; /* the direction from the middle that is nearest to up and left */
    for (int k = 0; k < 4; k++) {
        double angle = fabs(remainder(atan2(in[k].y - y, in[k].x - x) + 3 * M_PI / 4, 2 * M_PI));
        if (angle < best) {
            best = angle;
            first = k;
        }
    }
    for (int k = 0; k < 4; k++)
        out[k] = in[(first + k) % 4];
}

struct ray {
    double x, y, w;
};

static double triple(struct ray a, struct ray b, struct ray c)
{
    return (a.y * b.w - a.w * b.y) * c.x + (a.w * b.x - a.x * b.w) * c.y +
           (a.x * b.y - a.y * b.x) * c.w;
}

/* Zhang and He 2007, section 3: width / height of a rectangle from its four corners. */
static double aspect_of(const struct point corners[4], double w, double h)
{
    struct ray m[4];
    double longer = fmax(w, h);
    for (int k = 0; k < 4; k++)
        m[k] = (struct ray){(corners[k].x - w / 2) / longer, (corners[k].y - h / 2) / longer, 1};
    struct ray tl = m[0], tr = m[1], br = m[2], bl = m[3];
    double k2 = triple(tl, br, bl) / triple(tr, br, bl);
    double k3 = triple(tl, br, tr) / triple(bl, br, tr);
    struct ray n2 = {k2 * tr.x - tl.x, k2 * tr.y - tl.y, k2 - 1};
    struct ray n3 = {k3 * bl.x - tl.x, k3 * bl.y - tl.y, k3 - 1};
    double f2 = -(n2.x * n3.x + n2.y * n3.y) / (n2.w * n3.w);
    if (!(f2 > FOCAL_MIN * FOCAL_MIN && f2 < FOCAL_MAX * FOCAL_MAX))
        f2 = FOCAL_USUAL * FOCAL_USUAL;
    return sqrt((n2.x * n2.x + n2.y * n2.y + f2 * n2.w * n2.w) /
                (n3.x * n3.x + n3.y * n3.y + f2 * n3.w * n3.w));
}

bool sheet_find(struct sheet *out, PIX *grey, const struct registration_calibration *calibration)
{
    double w = pixGetWidth(grey), h = pixGetHeight(grey), scale = fmin(1, SMALL_PX / fmax(w, h));
    PIX *small = must(pixScaleSmooth(grey, (l_float32)scale, (l_float32)scale));
    PIX *closed = must(pixCloseGray(small, PRINT_PX, PRINT_PX));
    double x_scale = pixGetWidth(small) / w, y_scale = pixGetHeight(small) / h;
    struct search search = {.closed = closed, .calibration = calibration};
    for (int level = LEVEL_FIRST; level <= LEVEL_LAST; level += LEVEL_STEP)
        try_level(&search, level);
    pixDestroy(&small);
    pixDestroy(&closed);
    if (search.score <= 0)
        return false;
    for (int k = 0; k < 4; k++)
        search.best[k] = (struct point){search.best[k].x / x_scale, search.best[k].y / y_scale};
    order(out->corners_px, search.best);
    out->aspect = aspect_of(out->corners_px, w, h);
    return isfinite(out->aspect) && out->aspect > 0;
}

bool sheet_transform(struct transform *out, const struct sheet *sheet, double width_mm,
                     double height_mm)
{
    struct point paper[4] = {{0, 0}, {width_mm, 0}, {width_mm, height_mm}, {0, height_mm}};
    return transform_fit_perspective(out, paper, sheet->corners_px, NULL, 4);
}

void sheet_dpi(double *least, double *most, const struct sheet *sheet, double width_mm,
               double height_mm)
{
    *least = INFINITY;
    *most = 0;
    for (int side = 0; side < 4; side++) {
        struct point a = sheet->corners_px[side], b = sheet->corners_px[(side + 1) % 4];
        double dpi = hypot(b.x - a.x, b.y - a.y) / (side % 2 == 0 ? width_mm : height_mm) * MM_PER_INCH;
        *least = fmin(*least, dpi);
        *most = fmax(*most, dpi);
    }
}

/* ---- from above --------------------------------------------------------------------------------- */

/* Bilinear; the nearest pixel of the rim outside the picture. */
static double sample(PIX *grey, struct point p)
{
    double x = fmax(0, fmin(p.x - 0.5, pixGetWidth(grey) - 1.001));
    double y = fmax(0, fmin(p.y - 0.5, pixGetHeight(grey) - 1.001));
    int ix = (int)x, iy = (int)y;
    double fx = x - ix, fy = y - iy;
    const l_uint32 *line = pixGetData(grey) + (size_t)iy * (size_t)pixGetWpl(grey);
    const l_uint32 *next = line + pixGetWpl(grey);
    return (1 - fy) * ((1 - fx) * GET_DATA_BYTE(line, ix) + fx * GET_DATA_BYTE(line, ix + 1)) +
           fy * ((1 - fx) * GET_DATA_BYTE(next, ix) + fx * GET_DATA_BYTE(next, ix + 1));
}

PIX *sheet_straighten(PIX *grey, const struct transform *mm_to_px, double width_mm,
                      double height_mm, double dpi)
{
    double mm = MM_PER_INCH / dpi;
    int w = (int)(width_mm / mm), h = (int)(height_mm / mm);
    PIX *out = must(pixCreate(w, h, 8));
    struct point middle = transform_apply(mm_to_px, (struct point){width_mm / 2, height_mm / 2});
    struct point right = transform_apply(mm_to_px, (struct point){width_mm / 2 + mm, height_mm / 2});
    int fine = (int)fmax(1, fmin(4, round(hypot(right.x - middle.x, right.y - middle.y))));
    for (int y = 0; y < h; y++) {
        l_uint32 *line = pixGetData(out) + (size_t)y * (size_t)pixGetWpl(out);
        for (int x = 0; x < w; x++) {
            double sum = 0;
            for (int j = 0; j < fine; j++)
                for (int i = 0; i < fine; i++)
                    sum += sample(grey, transform_apply(mm_to_px,
                                                        (struct point){(x + (i + 0.5) / fine) * mm,
                                                                       (y + (j + 0.5) / fine) * mm}));
            SET_DATA_BYTE(line, x, (l_uint8)(sum / (fine * fine) + 0.5));
        }
    }
    return out;
}
