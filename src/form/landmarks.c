/* Landmarks: distinctive printed spots of a page, spread evenly over it. */
#include "form/landmarks.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include "base/error.h"

/* Looked at in halves of the plate's resolution, likeness in quarters: finer detail does not
 * survive a scan, and coarser work is quick. */
#define LOOK_DPI 150.0
#define PX_PER_MM (LOOK_DPI / MM_PER_INCH)
#define PATCH_PX 38 /* LANDMARK_PATCH_MM at LOOK_DPI; even */
#define COARSE_PATCH_PX (PATCH_PX / 2)
#define COARSE_AREA (COARSE_PATCH_PX * COARSE_PATCH_PX)
#define COARSE_FLAT (16.0 * COARSE_AREA) /* a variance of one grey level, in sums of four */
#define COARSE_REACH_PX 12 /* 4 mm */
#define COARSE_CORE_PX 3   /* 1 mm: likeness nearer than this is the spot itself */

#define CELLS_X 8
#define CELLS_Y 12
#define CANDIDATES 6 /* per cell */
#define ENOUGH 60    /* from here on a cell gives only its best spot */
#define MOST 110
#define APART_MM 8.0
#define CLEARANCE_MM 1.0 /* around answer areas: where pens overshoot */
#define OUTLINE_MM 0.6   /* an outline and its blur, seen from the outer edge of a box */
/* Scans are cut, shifted and black-bordered at the very edge. */
#define EDGE_MM 4.0

/* What one pixel's length of a black-white edge adds to the structure tensor: the profile 0, 1/3,
 * 2/3, 1 of an edge after the 3 x 3 mean, central differences, grey levels 0-255. */
#define EDGE_ENERGY (255.0 * 255.0 * (2.0 / 36 + 2.0 / 9))
/* A spot needs this length of edge in its weaker direction: about what the corner of two thin rules
 * has, more than dust has. */
#define EDGE_MM_MIN 2.0
/* From this length on more edges make a spot no better. */
#define EDGE_MM_GOOD 12.0
#define LIKENESS_MAX 0.8  /* correlation with another place within reach */
#define OVERLAP_MAX 0.35f /* share of the patch in answer areas */

struct look {
    int w, h;
    unsigned char *grey;   /* 0 = paper, 255 = ink */
    unsigned char *answer; /* 1 = answer area, code, reference */
    uint32_t *xx, *yy, *xy, *covered; /* integral images, (w + 1) x (h + 1), modulo 2^32 */
    int cw, ch;
    int16_t *coarse; /* sums of four: 0 to 1020 */
    uint64_t *sum, *square; /* their integral images, (cw + 1) x (ch + 1) */
};

struct spot {
    int x, y; /* centre */
    double score;
};

static double clamp(double v, double low, double high)
{
    return v < low ? low : v > high ? high : v;
}

/* ---- seeing --------------------------------------------------------------------------------- */

static void paint(struct look *look, struct rect mm, double by_mm, unsigned char value)
{
    struct rect r = rect_grow(mm, by_mm);
    if (!(r.w > 0) || !(r.h > 0))
        return;
    int x0 = (int)clamp(floor(r.x * PX_PER_MM), 0, look->w);
    int x1 = (int)clamp(ceil((r.x + r.w) * PX_PER_MM), 0, look->w);
    int y0 = (int)clamp(floor(r.y * PX_PER_MM), 0, look->h);
    int y1 = (int)clamp(ceil((r.y + r.h) * PX_PER_MM), 0, look->h);
    for (int y = y0; y < y1; y++)
        if (x1 > x0)
            memset(look->answer + (size_t)y * (size_t)look->w + x0, value, (size_t)(x1 - x0));
}

/* by_mm: how far beyond their rectangles boxes and fields reach (negative: their insides only). */
static void paint_answers(struct look *look, const struct template_page *page, double by_mm)
{
    memset(look->answer, 0, (size_t)look->w * (size_t)look->h);
    for (size_t i = 0; i < page->box_count; i++)
        paint(look, page->boxes[i].rect_mm, by_mm, 1);
    for (size_t i = 0; i < page->field_count; i++) {
        paint(look, page->fields[i].rect_mm, by_mm, 1);
        for (size_t c = 0; c < page->fields[i].cell_count; c++)
            paint(look, page->fields[i].cells_mm[c], by_mm, 1);
    }
    if (page->has_code)
        paint(look, page->code_mm, CLEARANCE_MM, 1);
    if (page->reference_mm.w > 0)
        paint(look, page->reference_mm, CLEARANCE_MM, 1);
}

static void load_grey(struct look *look, PIX *plate)
{
    PIX *half = pixScaleToGray2(plate);
    PIX *smooth = half == NULL ? NULL : pixBlockconv(half, 1, 1);
    if (smooth == NULL)
        error_die("landmarks: the plate cannot be scaled");
    look->w = pixGetWidth(smooth);
    look->h = pixGetHeight(smooth);
    size_t area = (size_t)look->w * (size_t)look->h;
    look->grey = g_malloc(area);
    look->answer = g_malloc(area);
    const l_uint32 *data = pixGetData(smooth);
    int words = pixGetWpl(smooth);
    for (int y = 0; y < look->h; y++)
        for (int x = 0; x < look->w; x++)
            look->grey[(size_t)y * (size_t)look->w + (size_t)x] =
                (unsigned char)(255 - GET_DATA_BYTE(data + (size_t)y * (size_t)words, x));
    pixDestroy(&half);
    pixDestroy(&smooth);
}

static void load_coarse(struct look *look)
{
    look->cw = look->w / 2;
    look->ch = look->h / 2;
    size_t w = (size_t)look->w, cw = (size_t)look->cw, ch = (size_t)look->ch;
    look->coarse = g_new0(int16_t, cw * ch + 1);
    look->sum = g_new0(uint64_t, (cw + 1) * (ch + 1));
    look->square = g_new0(uint64_t, (cw + 1) * (ch + 1));
    for (size_t y = 0; y < ch; y++) {
        uint64_t sum = 0, square = 0;
        for (size_t x = 0; x < cw; x++) {
            const unsigned char *p = look->grey + 2 * y * w + 2 * x;
            int value = p[0] + p[1] + p[w] + p[w + 1];
            look->coarse[y * cw + x] = (int16_t)value;
            sum += (uint64_t)value;
            square += (uint64_t)(value * value);
            size_t below = (y + 1) * (cw + 1) + x + 1;
            look->sum[below] = look->sum[below - cw - 1] + sum;
            look->square[below] = look->square[below - cw - 1] + square;
        }
    }
}

/* The products of the gradients, summed up; answer areas have no gradient. */
static void integrate(struct look *look)
{
    size_t w = (size_t)look->w, row = w + 1;
    for (size_t y = 0; y < (size_t)look->h; y++) {
        uint32_t xx = 0, yy = 0, xy = 0, covered = 0;
        for (size_t x = 0; x < w; x++) {
            size_t at = y * w + x;
            if (look->answer[at]) {
                covered++;
            } else if (x > 0 && y > 0 && x + 1 < w && y + 1 < (size_t)look->h) {
                int gx = look->grey[at + 1] - look->grey[at - 1];
                int gy = look->grey[at + w] - look->grey[at - w];
                xx += (uint32_t)(gx * gx / 4);
                yy += (uint32_t)(gy * gy / 4);
                xy += (uint32_t)(gx * gy / 4); /* negative ones wrap round, and back again */
            }
            size_t below = (y + 1) * row + x + 1;
            look->xx[below] = look->xx[below - row] + xx;
            look->yy[below] = look->yy[below - row] + yy;
            look->xy[below] = look->xy[below - row] + xy;
            look->covered[below] = look->covered[below - row] + covered;
        }
    }
}

static struct look look_at(PIX *plate)
{
    struct look look = {0};
    load_grey(&look, plate);
    load_coarse(&look);
    size_t count = ((size_t)look.w + 1) * ((size_t)look.h + 1);
    look.xx = g_new0(uint32_t, count);
    look.yy = g_new0(uint32_t, count);
    look.xy = g_new0(uint32_t, count);
    look.covered = g_new0(uint32_t, count);
    return look;
}

static void look_release(struct look *look)
{
    g_free(look->grey);
    g_free(look->answer);
    g_free(look->xx);
    g_free(look->yy);
    g_free(look->xy);
    g_free(look->covered);
    g_free(look->coarse);
    g_free(look->sum);
    g_free(look->square);
}

/* ---- judging -------------------------------------------------------------------------------- */

static uint32_t patch_sum(const struct look *look, const uint32_t *integral, int x, int y)
{
    size_t row = (size_t)look->w + 1;
    size_t x0 = (size_t)(x - PATCH_PX / 2), y0 = (size_t)(y - PATCH_PX / 2);
    const uint32_t *top = integral + y0 * row + x0, *bottom = top + PATCH_PX * row;
    return bottom[PATCH_PX] - bottom[0] - top[PATCH_PX] + top[0];
}

static float overlap(const struct look *look, int x, int y)
{
    return (float)patch_sum(look, look->covered, x, y) / (PATCH_PX * PATCH_PX);
}

/* mm of edge in the weaker direction. */
static double edge_mm(const struct look *look, int x, int y)
{
    double xx = patch_sum(look, look->xx, x, y), yy = patch_sum(look, look->yy, x, y);
    double xy = (int32_t)patch_sum(look, look->xy, x, y);
    double smaller = (xx + yy - sqrt((xx - yy) * (xx - yy) + 4 * xy * xy)) / 2;
    return smaller / EDGE_ENERGY / PX_PER_MM;
}

static double coarse_sum(const struct look *look, const uint64_t *integral, int x, int y)
{
    size_t row = (size_t)look->cw + 1;
    const uint64_t *top = integral + (size_t)y * row + (size_t)x;
    const uint64_t *bottom = top + COARSE_PATCH_PX * row;
    return (double)(bottom[COARSE_PATCH_PX] - bottom[0] - top[COARSE_PATCH_PX] + top[0]);
}

/* Of a coarse patch: its variance times its number of pixels. */
static double coarse_spread(const struct look *look, int x, int y)
{
    double sum = coarse_sum(look, look->sum, x, y);
    return coarse_sum(look, look->square, x, y) - sum * sum / COARSE_AREA;
}

/* Correlation of two coarse patches, by their top left corners; 0 where one is flat. */
static double likeness(const struct look *look, int ax, int ay, int bx, int by)
{
    double va = coarse_spread(look, ax, ay), vb = coarse_spread(look, bx, by);
    if (va < COARSE_FLAT || vb < COARSE_FLAT)
        return 0;
    const size_t w = (size_t)look->cw;
    const int16_t *a = look->coarse + (size_t)ay * w + (size_t)ax;
    const int16_t *b = look->coarse + (size_t)by * w + (size_t)bx;
    int32_t ab = 0; /* at most 361 * 1020 * 1020 */
    for (int y = 0; y < COARSE_PATCH_PX; y++, a += w, b += w)
        for (int x = 0; x < COARSE_PATCH_PX; x++)
            ab += a[x] * b[x];
    double product = coarse_sum(look, look->sum, ax, ay) * coarse_sum(look, look->sum, bx, by);
    return (ab - product / COARSE_AREA) / sqrt(va * vb);
}

/* The best likeness with another place within reach. */
static double rival_likeness(const struct look *look, int x, int y)
{
    int cx = x / 2 - COARSE_PATCH_PX / 2, cy = y / 2 - COARSE_PATCH_PX / 2;
    double best = 0;
    for (int dy = -COARSE_REACH_PX; dy <= COARSE_REACH_PX; dy++)
        for (int dx = -COARSE_REACH_PX; dx <= COARSE_REACH_PX; dx++) {
            int rx = cx + dx, ry = cy + dy;
            if (dx * dx + dy * dy <= COARSE_CORE_PX * COARSE_CORE_PX || rx < 0 || ry < 0 ||
                rx + COARSE_PATCH_PX > look->cw || ry + COARSE_PATCH_PX > look->ch)
                continue;
            double l = likeness(look, cx, cy, rx, ry);
            best = l > best ? l : best;
        }
    return best;
}

/* ---- choosing ------------------------------------------------------------------------------- */

static bool is_near(const struct spot *spot, int x, int y)
{
    double dx = spot->x - x, dy = spot->y - y;
    return dx * dx + dy * dy < APART_MM * APART_MM * PX_PER_MM * PX_PER_MM;
}

/* Keeps the list sorted, best first; of two spots near each other only the better one stays. */
static void offer(struct spot *list, size_t *count, struct spot spot)
{
    size_t place = 0;
    while (place < *count && list[place].score >= spot.score) {
        if (is_near(&list[place], spot.x, spot.y))
            return;
        place++;
    }
    if (place == CANDIDATES)
        return;
    size_t kept = place;
    for (size_t i = place; i < *count; i++)
        if (!is_near(&list[i], spot.x, spot.y))
            list[kept++] = list[i];
    if (kept == CANDIDATES)
        kept--;
    memmove(list + place + 1, list + place, (kept - place) * sizeof *list);
    list[place] = spot;
    *count = kept + 1;
}

static int by_score(const void *a, const void *b)
{
    const struct spot *p = a, *q = b;
    if (p->score < q->score || p->score > q->score)
        return p->score > q->score ? -1 : 1;
    return p->y != q->y ? p->y - q->y : p->x - q->x;
}

/* Where a patch may lie: whole, clear of the edge, its centre in no answer area. */
static bool is_place(const struct look *look, int x, int y)
{
    int margin = PATCH_PX / 2 + (int)(EDGE_MM * PX_PER_MM);
    return x >= margin && y >= margin && x < look->w - margin && y < look->h - margin &&
           !look->answer[(size_t)y * (size_t)look->w + (size_t)x] &&
           overlap(look, x, y) <= OVERLAP_MAX;
}

static double score_of(const struct look *look, int x, int y)
{
    double mm = edge_mm(look, x, y);
    return mm < EDGE_MM_MIN ? 0 : mm / (mm + EDGE_MM_GOOD) * (1 - 2 * overlap(look, x, y));
}

/* Moves the spot to the middle of the print in its patch: print at the rim of a patch is lost first
 * when the scan is a little off. */
static void recentre(struct spot *spot, const struct look *look)
{
    for (int round = 0; round < 3; round++) {
        double sum = 0, sx = 0, sy = 0;
        for (int y = spot->y - PATCH_PX / 2; y < spot->y + PATCH_PX / 2; y++)
            for (int x = spot->x - PATCH_PX / 2; x < spot->x + PATCH_PX / 2; x++) {
                size_t at = (size_t)y * (size_t)look->w + (size_t)x;
                if (look->answer[at])
                    continue;
                int gx = look->grey[at + 1] - look->grey[at - 1];
                int gy = look->grey[at + (size_t)look->w] - look->grey[at - (size_t)look->w];
                double energy = gx * gx + gy * gy;
                sum += energy;
                sx += energy * x;
                sy += energy * y;
            }
        int x = sum > 0 ? (int)lround(sx / sum) : spot->x;
        int y = sum > 0 ? (int)lround(sy / sum) : spot->y;
        /* Toward the print, but not into an answer area and not to a poorer patch. */
        if ((x == spot->x && y == spot->y) || !is_place(look, x, y) ||
            score_of(look, x, y) < 0.8 * spot->score)
            break;
        *spot = (struct spot){x, y, score_of(look, x, y)};
    }
}

/* The best spots of a cell, best first; `list` has room for CANDIDATES. */
static size_t search_cell(struct spot *list, const struct look *look, int cell_x, int cell_y)
{
    int x0 = look->w * cell_x / CELLS_X, x1 = look->w * (cell_x + 1) / CELLS_X;
    int y0 = look->h * cell_y / CELLS_Y, y1 = look->h * (cell_y + 1) / CELLS_Y;
    size_t count = 0, kept = 0;
    for (int y = y0; y < y1; y += 2)
        for (int x = x0; x < x1; x += 2) {
            double score = is_place(look, x, y) ? score_of(look, x, y) : 0;
            if (score > 0)
                offer(list, &count, (struct spot){x, y, score});
        }
    for (size_t i = 0; i < count; i++) {
        recentre(&list[i], look);
        double rival = rival_likeness(look, list[i].x, list[i].y);
        if (rival > LIKENESS_MAX)
            continue;
        list[kept] = list[i];
        list[kept++].score *= 1 - rival;
    }
    if (kept > 1)
        qsort(list, kept, sizeof *list, by_score);
    return kept;
}

struct choice {
    struct spot spots[MOST];
    size_t count;
};

static bool take(struct choice *choice, const struct spot *spot)
{
    if (choice->count == MOST)
        return false;
    for (size_t i = 0; i < choice->count; i++)
        if (is_near(&choice->spots[i], spot->x, spot->y))
            return false;
    choice->spots[choice->count++] = *spot;
    return true;
}

static size_t region_of(const struct look *look, int x, int y)
{
    return (size_t)(y * LANDMARK_REGIONS_Y / look->h) * LANDMARK_REGIONS_X +
           (size_t)(x * LANDMARK_REGIONS_X / look->w);
}

/* Round by round each cell gives its best spot that is left. Only regions without a landmark are
 * served where `empty_only`. */
static void choose(struct choice *choice, const struct look *look, bool empty_only)
{
    struct spot list[CELLS_X * CELLS_Y][CANDIDATES];
    size_t counts[CELLS_X * CELLS_Y], next[CELLS_X * CELLS_Y] = {0};
    bool served[LANDMARK_REGIONS_X * LANDMARK_REGIONS_Y] = {false};
    for (size_t i = 0; empty_only && i < choice->count; i++)
        served[region_of(look, choice->spots[i].x, choice->spots[i].y)] = true;
    for (int c = 0; c < CELLS_X * CELLS_Y; c++) {
        int x = c % CELLS_X, y = c / CELLS_X;
        size_t region = region_of(look, (2 * x + 1) * look->w / (2 * CELLS_X),
                                  (2 * y + 1) * look->h / (2 * CELLS_Y));
        counts[c] = served[region] ? 0 : search_cell(list[c], look, x, y);
    }
    for (int round = 0; round < CANDIDATES; round++) {
        if (round > 0 && choice->count >= ENOUGH)
            break;
        for (int c = 0; c < CELLS_X * CELLS_Y; c++)
            while (next[c] < counts[c] && !take(choice, &list[c][next[c]++]))
                ;
    }
}

static bool has_empty_region(const struct choice *choice, const struct look *look)
{
    size_t counts[LANDMARK_REGIONS_X * LANDMARK_REGIONS_Y] = {0};
    for (size_t i = 0; i < choice->count; i++)
        counts[region_of(look, choice->spots[i].x, choice->spots[i].y)]++;
    for (size_t r = 0; r < LANDMARK_REGIONS_X * LANDMARK_REGIONS_Y; r++)
        if (counts[r] == 0)
            return true;
    return false;
}

static int by_place(const void *a, const void *b)
{
    const struct point *p = a, *q = b;
    if (p->y < q->y || p->y > q->y)
        return p->y < q->y ? -1 : 1;
    return (p->x > q->x) - (p->x < q->x);
}

void landmarks_choose(struct template_page *page, struct arena *arena, PIX *plate)
{
    struct look look = look_at(plate);
    struct choice choice = {.count = 0};
    paint_answers(&look, page, CLEARANCE_MM);
    integrate(&look);
    choose(&choice, &look, false);
    if (has_empty_region(&choice, &look)) {
        paint_answers(&look, page, -OUTLINE_MM);
        integrate(&look);
        choose(&choice, &look, true);
    }
    page->landmark_count = choice.count;
    page->landmarks_mm = ARENA_NEW(arena, struct point, choice.count);
    for (size_t i = 0; i < choice.count; i++)
        page->landmarks_mm[i] =
            (struct point){choice.spots[i].x / PX_PER_MM, choice.spots[i].y / PX_PER_MM};
    if (choice.count > 1)
        qsort(page->landmarks_mm, choice.count, sizeof *page->landmarks_mm, by_place);
    look_release(&look);
}

void landmarks_count(size_t counts[LANDMARK_REGIONS_X * LANDMARK_REGIONS_Y],
                     const struct template_page *page)
{
    memset(counts, 0, LANDMARK_REGIONS_X * LANDMARK_REGIONS_Y * sizeof *counts);
    for (size_t i = 0; i < page->landmark_count; i++) {
        int x = (int)(page->landmarks_mm[i].x / page->width_mm * LANDMARK_REGIONS_X);
        int y = (int)(page->landmarks_mm[i].y / page->height_mm * LANDMARK_REGIONS_Y);
        x = x < LANDMARK_REGIONS_X ? x : LANDMARK_REGIONS_X - 1;
        y = y < LANDMARK_REGIONS_Y ? y : LANDMARK_REGIONS_Y - 1;
        counts[y * LANDMARK_REGIONS_X + x]++;
    }
}
