/* Boxes by their own outlines: coarse steps, then single cells; halves apart where lines were lost; and
 * neighbours heard where a box's own outline cannot be told from what was written over it. */
#include "read/outline_fit.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define OUTLINE_EVERY 2         /* a box is looked for by every second cell of its outline, */
#define BEYOND_EVERY 3          /* and every third of those just outside */
#define REACH_CELLS 4           /* a box is looked for up to 0.5 mm from where it should be; */
#define REACH_UNPRINTED_CELLS 8 /* and up to 1 mm where the blank never showed it */

/* Darkness below a list of cells, for the list moved to LANES places side by side at once, and to several
 * rows of places. */
#define LANES 16
typedef unsigned char lane_bytes __attribute__((vector_size(LANES)));
typedef unsigned short lane_sums __attribute__((vector_size(2 * LANES)));
#define FLUSH 256  /* so many bytes one lane holds */
#define ROWS_MAX 5 /* rows at once */
#define SIDE_MAX (2 * REACH_UNPRINTED_CELLS + LANES) /* places side by side, rounded up to lanes */

/* `rows`, a constant for the compiler, rows of places that lie `apart` cells from each other. */
static inline __attribute__((always_inline)) void add_below(int sums[ROWS_MAX][LANES], const short *list,
                                                            int count, const unsigned char *patch,
                                                            const int rows, int apart)
{
    for (int k = 0; k < count;) {
        lane_sums part[ROWS_MAX] = {{0}};
        int end = count - k < FLUSH ? count : k + FLUSH;
        for (; k < end; k++) {
            const unsigned char *at = patch + list[k];
            for (int row = 0; row < rows; row++) {
                lane_bytes cells;
                memcpy(&cells, at + row * apart, LANES);
                part[row] += __builtin_convertvector(cells, lane_sums);
            }
        }
        for (int row = 0; row < rows; row++)
            for (int lane = 0; lane < LANES; lane++)
                sums[row][lane] += part[row][lane];
    }
}

/* The same on a patch of white (0) and black (255) alone, for 5 or 3 rows: lanes of bytes count the black. */
static inline __attribute__((always_inline)) void count_below(int sums[ROWS_MAX][LANES], const short *list,
                                                              int count, const unsigned char *patch,
                                                              const int rows, int apart)
{
    enum { MANY = 255 }; /* so many one byte counts */
    for (int k = 0; k < count;) {
        lane_bytes black[ROWS_MAX] = {{0}};
        int end = count - k < MANY ? count : k + MANY;
        for (; k < end; k++) {
            const unsigned char *at = patch + list[k];
            for (int row = 0; row < rows; row++) {
                lane_bytes cells;
                memcpy(&cells, at + row * apart, LANES);
                black[row] -= cells; /* 255 is one less than nothing */
            }
        }
        for (int row = 0; row < rows; row++)
            for (int lane = 0; lane < LANES; lane++)
                sums[row][lane] += 255 * black[row][lane];
    }
}

typedef void add_below_fn(int sums[ROWS_MAX][LANES], const short *list, int count,
                          const unsigned char *patch, int apart);

static void add_below_5(int sums[ROWS_MAX][LANES], const short *list, int count,
                        const unsigned char *patch, int apart)
{
    add_below(sums, list, count, patch, 5, apart);
}

static void add_below_3(int sums[ROWS_MAX][LANES], const short *list, int count,
                        const unsigned char *patch, int apart)
{
    add_below(sums, list, count, patch, 3, apart);
}

static void add_below_1(int sums[ROWS_MAX][LANES], const short *list, int count,
                        const unsigned char *patch, int apart)
{
    add_below(sums, list, count, patch, 1, apart);
}

static void count_below_5(int sums[ROWS_MAX][LANES], const short *list, int count,
                          const unsigned char *patch, int apart)
{
    count_below(sums, list, count, patch, 5, apart);
}

static void count_below_3(int sums[ROWS_MAX][LANES], const short *list, int count,
                          const unsigned char *patch, int apart)
{
    count_below(sums, list, count, patch, 3, apart);
}

#ifdef __x86_64__
#define WIDE __attribute__((target("avx2"))) /* 16 sums in one register, where the processor can */

static WIDE void add_below_5_wide(int sums[ROWS_MAX][LANES], const short *list, int count,
                                  const unsigned char *patch, int apart)
{
    add_below(sums, list, count, patch, 5, apart);
}

static WIDE void add_below_3_wide(int sums[ROWS_MAX][LANES], const short *list, int count,
                                  const unsigned char *patch, int apart)
{
    add_below(sums, list, count, patch, 3, apart);
}

static WIDE void count_below_5_wide(int sums[ROWS_MAX][LANES], const short *list, int count,
                                    const unsigned char *patch, int apart)
{
    count_below(sums, list, count, patch, 5, apart);
}

static WIDE void count_below_3_wide(int sums[ROWS_MAX][LANES], const short *list, int count,
                                    const unsigned char *patch, int apart)
{
    count_below(sums, list, count, patch, 3, apart);
}
#endif

static add_below_fn *count_below_of(int rows)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2"))
        return rows == 5 ? count_below_5_wide : count_below_3_wide;
#endif
    return rows == 5 ? count_below_5 : count_below_3;
}

static add_below_fn *add_below_of(int rows, bool bilevel)
{
    if (rows > 1 && bilevel)
        return count_below_of(rows);
#ifdef __x86_64__
    if (rows > 1 && __builtin_cpu_supports("avx2"))
        return rows == 5 ? add_below_5_wide : add_below_3_wide;
#endif
    return rows == 5 ? add_below_5 : rows == 3 ? add_below_3 : add_below_1;
}

/* Of so many cells those that come first, when every `every`th does (outline_order()). */
static int asked_of(int count, int every)
{
    return (count + every - 1) / every;
}

/* How well the outline lies there, for up to LANES places from dx on in each of some rows from dy on, `step`
 * cells from each other. Outline and surroundings lie within 0.6 mm of the box: moved by no more than
 * REACH_UNPRINTED_CELLS and LANES they stay on its patch. */
static void scores_at(double out[ROWS_MAX][SIDE_MAX], int column, int columns, const struct box_template *box,
                      const unsigned char *patch, bool bilevel, int dx, int dy, int rows, int step)
{
    int on[ROWS_MAX][LANES] = {{0}}, off[ROWS_MAX][LANES] = {{0}};
    const unsigned char *moved = patch + dy * box->width + dx;
    int apart = step * box->width, lanes = columns - column < LANES ? columns - column : LANES;
    add_below_fn *add = add_below_of(rows, bilevel);
    add(on, box->outline, asked_of(box->outline_count, OUTLINE_EVERY), moved, apart);
    add(off, box->beyond, asked_of(box->beyond_count, BEYOND_EVERY), moved, apart);
    for (int row = 0; row < rows; row++)
        for (int lane = 0; lane < lanes; lane += step) { /* LANES is a whole number of steps */
            double dark = (double)OUTLINE_EVERY * on[row][lane], around = (double)BEYOND_EVERY * off[row][lane];
            double print = box->outline_count == 0 ? 0 : dark / box->outline_count;
            double paper = box->beyond_count == 0 ? 0 : around / box->beyond_count;
            /* a small preference for where registration says */
            out[row][column + lane] = print - 0.5 * paper - 6.0 * (abs(dx + lane) + abs(dy + row * step));
        }
}

/* The best place among those `step` cells apart, up to `reach` from (x, y). */
static double search(struct outline_fit *best, double least, const struct box_template *box,
                     const unsigned char *patch, bool bilevel, int x, int y, int reach, int step)
{
    double scores[ROWS_MAX][SIDE_MAX];
    int side = 2 * reach / step + 1, rows;
    for (int first = 0; first < side; first += rows) {
        rows = side - first >= 5 ? 5 : side - first >= 3 ? 3 : 1;
        for (int column = 0; column <= 2 * reach; column += LANES)
            scores_at(scores, column, 2 * reach + 1, box, patch, bilevel, x - reach + column,
                      y - reach + first * step, rows, step);
        for (int row = 0; row < rows; row++)
            for (int column = 0; column <= 2 * reach; column += step)
                if (scores[row][column] > least) {
                    least = scores[row][column];
                    best->dx = x - reach + column;
                    best->dy = y - reach + (first + row) * step;
                }
    }
    return least;
}

/* Never so far that the next box could be taken for this one. */
static int unprinted_reach(const struct box_template *box)
{
    double third = fmin(box->rect_mm.w, box->rect_mm.h) * CELL_PER_MM / 3;
    return third < REACH_UNPRINTED_CELLS ? (int)third & ~1 : REACH_UNPRINTED_CELLS;
}

/* Whether a cell is dark; a thin line may fall between two: its neighbours count too. */
static bool is_dark(const struct box_template *box, const unsigned char *patch, int at, int level)
{
    int count = box->width * box->height;
    if (at >= 0 && at < count && patch[at] >= level)
        return true;
    int near[4] = {at + 1, at - 1, at + box->width, at - box->width};
    for (int n = 0; n < 4; n++)
        if (near[n] >= 0 && near[n] < count && patch[near[n]] >= level)
            return true;
    return false;
}

/* The share of the outline that is dark by this fit. */
static double share_found(const struct box_template *box, const unsigned char *patch,
                          const struct outline_fit *fit, int level)
{
    int seen = 0, count = box->width * box->height, shift = fit->dy * box->width + fit->dx;
    bool whole = fit->lost_x == 0 && fit->lost_y == 0;
    for (int k = 0; whole && k < box->outline_count; k++) { /* most cells are dark themselves */
        int at = box->outline[k] + shift;
        seen += ((unsigned)at < (unsigned)count && patch[at] >= level) || is_dark(box, patch, at, level);
    }
    for (int k = 0; !whole && k < box->outline_count; k++) {
        int at = box->outline[k] + fit->dy * box->width + fit->dx;
        if (fit->lost_x != 0 && 2 * (box->outline[k] % box->width) >= box->width)
            at -= fit->lost_x;
        if (fit->lost_y != 0 && 2 * (box->outline[k] / box->width) >= box->height)
            at -= fit->lost_y * box->width;
        seen += is_dark(box, patch, at, level);
    }
    return box->outline_count == 0 ? 0 : (double)seen / box->outline_count;
}

/* Cells that lie side by side, so that every `every`th of them comes first. */
static void order(short *cells, int count, int every)
{
    short *kept = malloc((size_t)(count + 1) * sizeof *kept);
    if (kept == NULL)
        error_die("out of memory: an outline of %d cells", count);
    memcpy(kept, cells, (size_t)count * sizeof *kept);
    for (int first = 0; first < every; first++)
        for (int k = first; k < count; k += every)
            *cells++ = kept[k];
    free(kept);
}

void outline_order(struct box_template *box)
{
    order(box->outline, box->outline_count, OUTLINE_EVERY);
    order(box->beyond, box->beyond_count, BEYOND_EVERY);
}

static int ink_level(const struct mark_calibration *calibration)
{
    return (int)(calibration->ink_level * 255);
}

/* The same of print so faded that a scan in black and white shows its lines as specks: where the paper just
 * beyond is clean, specks in a row are a line, and what lies between two of them is seen. */
static double share_faded(const struct box_template *box, const unsigned char *patch,
                          const struct outline_fit *fit, const struct mark_calibration *calibration)
{
    int count = box->width * box->height, level = ink_level(calibration), dark = 0, seen = 0;
    int shift = fit->dy * box->width + fit->dx, gap = (int)(calibration->outline_gap_mm * CELL_PER_MM);
    unsigned char row[PATCH_CELLS_MAX] = {0};
    for (int k = 0; k < box->beyond_count; k++) {
        int at = box->beyond[k] + shift;
        dark += at >= 0 && at < count && patch[at] >= level;
    }
    if (dark > calibration->outline_beyond_max * box->beyond_count)
        return 0;
    for (int k = 0; k < box->outline_count; k++)
        row[box->outline[k]] = is_dark(box, patch, box->outline[k] + shift, level);
    for (int k = 0; k < box->outline_count; k++) {
        int at = box->outline[k];
        bool near = false;
        for (int step = -gap; step <= gap && !near; step++) {
            int across = at + step, along = at + step * box->width;
            near = (across >= 0 && across < count && row[across]) ||
                   (along >= 0 && along < count && row[along]);
        }
        seen += near;
    }
    return box->outline_count == 0 ? 0 : (double)seen / box->outline_count;
}

/* ---- lost lines ------------------------------------------------------------------------------ */

/* How dark one side of the outline and how light the paper just beyond it is, the side being seen `shift`
 * cells along the axis from the fit. `axis`: 0 left and right, 1 top and bottom. */
static double score_side(const struct box_template *box, const unsigned char *patch,
                         const struct outline_fit *fit, int axis, bool far, int shift)
{
    int size = axis == 0 ? box->width : box->height, count = box->width * box->height;
    int step = axis == 0 ? 1 : box->width;
    double half = (axis == 0 ? box->rect_mm.w : box->rect_mm.h) * CELL_PER_MM / 2;
    double sum[2] = {0, 0};
    int cells[2] = {0, 0};
    for (int part = 0; part < 2; part++) {
        const short *all = part == 0 ? box->outline : box->beyond;
        int all_count = part == 0 ? box->outline_count : box->beyond_count;
        for (int k = 0; k < all_count; k++) {
            double along = (axis == 0 ? all[k] % box->width : all[k] / box->width) + 0.5 - size / 2.0;
            if ((far ? along : -along) < 0.75 * half)
                continue;
            int at = all[k] + fit->dy * box->width + fit->dx + shift * step;
            sum[part] += at >= 0 && at < count ? patch[at] : 0;
            cells[part]++;
        }
    }
    return cells[0] == 0 || cells[1] == 0 ? 0 : sum[0] / cells[0] - 0.5 * sum[1] / cells[1];
}

static int best_shift(const struct box_template *box, const unsigned char *patch,
                      const struct outline_fit *fit, int axis, bool far)
{
    int best = 0;
    double most = score_side(box, patch, fit, axis, far, 0) + 6;
    for (int shift = -REACH_CELLS; shift <= REACH_CELLS; shift++) {
        double score = score_side(box, patch, fit, axis, far, shift) - 3 * abs(shift);
        if (score > most) {
            most = score;
            best = shift;
        }
    }
    return best;
}

/* The scan may lack lines that went through the box: one side then lies nearer to the other. Which way
 * the sheet was fed is not asked: a box shows it, or does not. */
static void look_for_lost(struct outline_fit *fit, const struct box_template *box,
                          const unsigned char *patch, const struct mark_calibration *calibration)
{
    for (int axis = 0; axis < 2; axis++) {
        int near = best_shift(box, patch, fit, axis, false);
        int lost = near - best_shift(box, patch, fit, axis, true);
        if (lost < 2 || lost > REACH_CELLS + 1)
            continue;
        struct outline_fit closed = *fit;
        *(axis == 0 ? &closed.dx : &closed.dy) += near;
        *(axis == 0 ? &closed.lost_x : &closed.lost_y) = lost;
        closed.found = share_found(box, patch, &closed, ink_level(calibration));
        if (closed.found >= calibration->halves_found_min &&
            closed.found >= fit->found + calibration->halves_gain_min) {
            *fit = closed;
            return;
        }
    }
}

void outline_fit_close(unsigned char *patch, const struct box_template *box,
                       const struct outline_fit *fit)
{
    int width = box->width, height = box->height;
    if (fit->lost_y > 0) {
        int from = height / 2 + fit->dy - fit->lost_y / 2; /* the last row of the near half */
        for (int y = height - 1; y > from; y--)
            memcpy(patch + y * width,
                   patch + (y - fit->lost_y > from ? y - fit->lost_y : from) * width, (size_t)width);
    }
    if (fit->lost_x > 0) {
        int from = width / 2 + fit->dx - fit->lost_x / 2;
        for (int y = 0; y < height; y++)
            for (int x = width - 1; x > from; x--)
                patch[y * width + x] =
                    patch[y * width + (x - fit->lost_x > from ? x - fit->lost_x : from)];
    }
}

/* ---- one box, and its neighbours ------------------------------------------------------------- */

struct outline_fit outline_fit(const struct box_template *box, const unsigned char *patch, bool bilevel,
                               const struct mark_calibration *calibration)
{
    struct outline_fit fit = {0};
    double most = search(&fit, -1e9, box, patch, bilevel, 0, 0,
                         box->has_outline ? REACH_CELLS : unprinted_reach(box), 2);
    search(&fit, most, box, patch, bilevel, fit.dx, fit.dy, 1, 1);
    fit.found = share_found(box, patch, &fit, ink_level(calibration));
    if (box->has_outline && fit.found + calibration->halves_gain_min <= 1)
        look_for_lost(&fit, box, patch, calibration);
    if (box->has_outline && fit.found < calibration->print_found_min && fit.lost_x + fit.lost_y == 0)
        fit.specks = share_faded(box, patch, &fit, calibration);
    return fit;
}

struct outline_fit outline_fit_near(const struct box_template *box, const unsigned char *patch, bool bilevel,
                                    int dx, int dy, const struct mark_calibration *calibration)
{
    struct outline_fit fit = {.dx = dx, .dy = dy};
    search(&fit, -1e9, box, patch, bilevel, dx, dy, 1, 1);
    fit.found = share_found(box, patch, &fit, ink_level(calibration));
    return fit;
}

#define ASKED 5 /* neighbours; fewer than ASKED_MIN say nothing */
#define ASKED_MIN 3

static int median(int *values, int count)
{
    for (int i = 1; i < count; i++)
        for (int k = i; k > 0 && values[k - 1] > values[k]; k--) {
            int kept = values[k];
            values[k] = values[k - 1];
            values[k - 1] = kept;
        }
    return values[count / 2];
}

/* Whether another box may speak against where this one was seen. */
static bool may_speak(const struct outline_fit *fit, const struct box_template *box,
                      const struct mark_calibration *calibration)
{
    return box->has_outline && !(fit->found < calibration->page_print_found_min);
}

struct outline_places outline_places_of(const struct outline_fit *fits, const struct box_template *boxes,
                                        size_t count, const struct mark_calibration *calibration)
{
    struct outline_places all = {INT_MAX, INT_MIN, INT_MAX, INT_MIN};
    for (size_t i = 0; i < count; i++) {
        if (!may_speak(&fits[i], &boxes[i], calibration))
            continue;
        all.dx_least = fits[i].dx < all.dx_least ? fits[i].dx : all.dx_least;
        all.dx_most = fits[i].dx > all.dx_most ? fits[i].dx : all.dx_most;
        all.dy_least = fits[i].dy < all.dy_least ? fits[i].dy : all.dy_least;
        all.dy_most = fits[i].dy > all.dy_most ? fits[i].dy : all.dy_most;
    }
    return all;
}

/* Whether no box speaks against: the median of places next to this one's own is one of them. */
static bool all_agree(const struct outline_places *all, const struct outline_fit *own)
{
    return all->dx_least >= own->dx - 1 && all->dx_most <= own->dx + 1 && all->dy_least >= own->dy - 1 &&
           all->dy_most <= own->dy + 1;
}

bool outline_fit_doubted(int *dx, int *dy, const struct outline_fit *fits,
                         const struct box_template *boxes, size_t count, size_t index,
                         const struct outline_places *all, const struct mark_calibration *calibration)
{
    const struct outline_fit *own = &fits[index];
    struct point here = rect_centre(boxes[index].rect_mm);
    double far[ASKED];
    int xs[ASKED], ys[ASKED], asked = 0;
    if (!boxes[index].has_outline || own->lost_x > 0 || own->lost_y > 0 ||
        all_agree(all, own))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct point there = rect_centre(boxes[i].rect_mm);
        double x = there.x - here.x, y = there.y - here.y;
        if (surely_farther(x, y, asked == ASKED ? far[ASKED - 1] : calibration->outline_asked_mm))
            continue;
        double d = hypot(x, y);
        if (i == index || d > calibration->outline_asked_mm || !may_speak(&fits[i], &boxes[i], calibration) ||
            (asked == ASKED && d >= far[ASKED - 1]))
            continue;
        int place = asked < ASKED ? asked++ : ASKED - 1;
        for (; place > 0 && far[place - 1] > d; place--) {
            far[place] = far[place - 1];
            xs[place] = xs[place - 1];
            ys[place] = ys[place - 1];
        }
        far[place] = d;
        xs[place] = fits[i].dx;
        ys[place] = fits[i].dy;
    }
    if (asked < ASKED_MIN)
        return false;
    *dx = median(xs, asked);
    *dy = median(ys, asked);
    return abs(*dx - own->dx) > 1 || abs(*dy - own->dy) > 1;
}
