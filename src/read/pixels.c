/* Dark pixels of a bitonal scan inside a box: each for itself, and the specks they make. */
#include "read/mark_template.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"

/* What is looked at: the cells of the box's middle, and where they lie. */
struct looking {
    const struct box_template *box;
    const struct box_mask *mask;
    struct transform to_mm;
    int dx, dy; /* cells: where the outline was seen, against where it should be */
};

/* As floor(), which is a call of the library. */
static inline int floor_cells(double cells)
{
    int whole = (int)cells;
    return whole - (whole > cells);
}

/* Where a pixel's middle lies, in cells of the patch as it was sampled. */
static inline struct point cell_of(const struct looking *l, int x, int y)
{
    const double *m = l->to_mm.m; /* no perspective: as transform_apply(), which divides */
    double px = x + 0.5, py = y + 0.5;
    struct point mm = {m[0] * px + m[1] * py + m[2], m[3] * px + m[4] * py + m[5]};
    return (struct point){(mm.x - l->box->rect_mm.x + MARGIN_MM) * CELL_PER_MM,
                          (mm.y - l->box->rect_mm.y + MARGIN_MM) * CELL_PER_MM};
}

static bool is_deep(const struct looking *l, int x, int y)
{
    struct point cell = cell_of(l, x, y);
    int i = floor_cells(cell.x) - l->dx, j = floor_cells(cell.y) - l->dy;
    return i >= 0 && j >= 0 && i < l->box->width && j < l->box->height &&
           (l->mask->cells[j * l->box->width + i] & CELL_DEEP) != 0;
}

/* Columns and lines of the image, the last ones included. */
struct columns {
    int x0, x1, y0, y1;
};

/* Dark pixels of one line from x0 up to x1 on deep cells, a word at a time: nearly all are white. `whole`: all cells
 * there are deep. */
static int count_line(const struct looking *l, const l_uint32 *line, int x0, int x1, int y, bool whole)
{
    int count = 0;
    for (int word = x0 >> 5; word <= x1 >> 5; word++) {
        l_uint32 left = line[word];
        left &= word == x0 >> 5 ? 0xffffffffu >> (x0 & 31) : 0xffffffffu;
        left &= word == x1 >> 5 ? 0xffffffffu << (31 - (x1 & 31)) : 0xffffffffu;
        if (whole)
            count += __builtin_popcount(left);
        else
            for (; left != 0; left &= left - 1)
                count += is_deep(l, word * 32 + 31 - __builtin_ctz(left), y);
    }
    return count;
}

/* Pixels that surely lie on deep cells: where these leave no gap, an upright rectangle within theirs. None: of no
 * columns. */
static struct columns surely_deep(const struct looking *l, const struct transform *local)
{
    const struct cell_extent *e = &l->mask->deep;
    const double sure = 1e-6; /* cells: whatever rounding loses */
    double xs[4] = {0}, ys[4] = {0};
    if (l->mask->deep_count != (e->x1 - e->x0) * (e->y1 - e->y0))
        return (struct columns){0, -1, 0, -1};
    for (int k = 0; k < 4; k++) {
        struct point mm = {l->box->rect_mm.x - MARGIN_MM + ((k & 1 ? e->x1 : e->x0) + l->dx) * CELL_MM,
                           l->box->rect_mm.y - MARGIN_MM + ((k & 2 ? e->y1 : e->y0) + l->dy) * CELL_MM};
        struct point px = transform_apply(local, mm);
        int at = k;
        for (; at > 0 && xs[at - 1] > px.x; at--)
            xs[at] = xs[at - 1];
        xs[at] = px.x;
        for (at = k; at > 0 && ys[at - 1] > px.y; at--)
            ys[at] = ys[at - 1];
        ys[at] = px.y;
    }
    /* between the middle two of its corners: half a pixel off the edge lies no pixel's middle */
    struct columns in = {(int)xs[1] + 1, (int)xs[2] - 1, (int)ys[1] + 1, (int)ys[2] - 1};
    for (int k = 0; k < 4; k++) { /* what lies between cells of a rectangle lies in it */
        struct point cell = cell_of(l, k & 1 ? in.x1 : in.x0, k & 2 ? in.y1 : in.y0);
        double u = cell.x - l->dx, v = cell.y - l->dy;
        if (!(u > e->x0 + sure && u < e->x1 - sure && v > e->y0 + sure && v < e->y1 - sure))
            return (struct columns){0, -1, 0, -1};
    }
    return in;
}

/* Whether a line has any dark pixel from x0 up to x1. */
static inline bool any_dark(const l_uint32 *line, int x0, int x1)
{
    int first = x0 >> 5, last = x1 >> 5;
    l_uint32 head = 0xffffffffu >> (x0 & 31), tail = 0xffffffffu << (31 - (x1 & 31)), any;
    if (first == last)
        return (line[first] & head & tail) != 0;
    any = (line[first] & head) | (line[last] & tail);
    for (int word = first + 1; word < last; word++)
        any |= line[word];
    return any != 0;
}

/* Dark pixels of the window on deep cells. */
static int count_window(const struct looking *l, const struct transform *local, const PIX *bits, struct columns w)
{
    struct columns in = {0};
    bool known = false;
    int count = 0, x0 = 0, x1 = 0;
    for (int y = w.y0; w.x0 <= w.x1 && y <= w.y1; y++) {
        const l_uint32 *line = bits->data + (size_t)y * (size_t)bits->wpl;
        if (!any_dark(line, w.x0, w.x1))
            continue;
        if (!known) {
            in = surely_deep(l, local);
            x0 = in.x0 > w.x0 ? in.x0 : w.x0;
            x1 = in.x1 < w.x1 ? in.x1 : w.x1;
            known = true;
        }
        if (x0 > x1 || y < in.y0 || y > in.y1) {
            count += count_line(l, line, w.x0, w.x1, y, false);
            continue;
        }
        count += count_line(l, line, x0, x1, y, true);
        if (x0 > w.x0)
            count += count_line(l, line, w.x0, x0 - 1, y, false);
        if (x1 < w.x1)
            count += count_line(l, line, x1 + 1, w.x1, y, false);
    }
    return count;
}

/* Where on the image the middles of pixels on deep cells lie: the outline's, just beyond, are many. */
static struct rect deep_px(const struct looking *l, const struct transform *local)
{
    const struct cell_extent *e = &l->mask->deep;
    const double sure = 1e-6; /* px: whatever rounding loses */
    struct rect mm = {l->box->rect_mm.x - MARGIN_MM + (e->x0 + l->dx) * CELL_MM,
                      l->box->rect_mm.y - MARGIN_MM + (e->y0 + l->dy) * CELL_MM,
                      (e->x1 - e->x0) * CELL_MM, (e->y1 - e->y0) * CELL_MM};
    return rect_grow(transform_bounds(local, mm), sure);
}

double mark_pixels_mm2(const struct box_template *box, const struct box_mask *mask,
                       const struct raw_page *raw, const struct transform *local, int dx, int dy)
{
    struct looking l = {.box = box, .mask = mask, .dx = dx, .dy = dy};
    if (raw->bits == NULL || mask->deep_count == 0 || !transform_invert(&l.to_mm, local))
        return 0;
    struct rect seen = box->rect_mm;
    seen.x += dx * CELL_MM;
    seen.y += dy * CELL_MM;
    struct rect px = transform_bounds(local, seen);
    if (!(fabs(px.x) < 1e6 && fabs(px.y) < 1e6 && px.w < 1e6 && px.h < 1e6))
        return 0;
    struct rect deep = deep_px(&l, local);
    struct columns window = {(int)fmax(fmax(px.x, ceil(deep.x - 0.5)), 0),
                             (int)fmin(fmin(px.x + px.w, deep.x + deep.w - 0.5), raw->width_px - 1),
                             (int)fmax(fmax(px.y, ceil(deep.y - 0.5)), 0),
                             (int)fmin(fmin(px.y + px.h, deep.y + deep.h - 0.5), raw->height_px - 1)};
    const double *m = l.to_mm.m; /* a pixel's area */
    return count_window(&l, local, raw->bits, window) * fabs(m[0] * m[4] - m[1] * m[3]);
}

/* ---- specks ------------------------------------------------------------------------------------ */

/* A run of dark pixels in one line; `parent` leads to the first run of those that hang together. */
struct run {
    int from, to, y; /* `to` not included */
    int parent, size;
};

struct window {
    int x0, x1, y0, y1; /* columns and lines of the image, the last ones included */
    struct run *runs;
    int count, room;
};

static int root_of(struct run *runs, int at)
{
    while (runs[at].parent != at)
        at = runs[at].parent = runs[runs[at].parent].parent;
    return at;
}

static void join(struct run *runs, int a, int b)
{
    a = root_of(runs, a);
    b = root_of(runs, b);
    if (a != b)
        runs[a > b ? a : b].parent = a > b ? b : a;
}

/* The first column from x on, up to the window's last, that is dark (or, `dark` false, is not); beyond it:
 * none. */
static int next_pixel(const l_uint32 *line, int x, int last, bool dark)
{
    while (x <= last) {
        l_uint32 word = (dark ? line[x >> 5] : ~line[x >> 5]) << (x & 31);
        if (word != 0) {
            x += __builtin_clz(word);
            return x <= last ? x : last + 1;
        }
        x = (x | 31) + 1;
    }
    return last + 1;
}

static void add_run(struct window *w, struct run run)
{
    if (w->count == w->room) {
        w->room = w->room * 2 + 64;
        w->runs = realloc(w->runs, (size_t)w->room * sizeof *w->runs);
        if (w->runs == NULL)
            error_die("out of memory: specks in a box");
    }
    w->runs[w->count++] = run;
}

/* Runs of the window's dark pixels, put together where they touch, at their corners too. */
static void find_runs(struct window *w, const PIX *bits)
{
    int above = 0, above_end = 0;
    for (int y = w->y0; y <= w->y1; y++) {
        const l_uint32 *line = bits->data + (size_t)y * (size_t)bits->wpl;
        int begin = w->count, k = above, to;
        for (int x = next_pixel(line, w->x0, w->x1, true); x <= w->x1;
             x = next_pixel(line, to, w->x1, true)) {
            to = next_pixel(line, x, w->x1, false);
            add_run(w, (struct run){x, to, y, w->count, 0});
            while (k < above_end && w->runs[k].to < x)
                k++;
            for (int n = k; n < above_end && w->runs[n].from <= to; n++)
                join(w->runs, n, w->count - 1);
        }
        above = begin;
        above_end = w->count;
    }
    for (int k = 0; k < w->count; k++)
        w->runs[root_of(w->runs, k)].size += w->runs[k].to - w->runs[k].from;
}

int mark_specks(const struct box_template *box, const struct box_mask *mask, const struct raw_page *raw,
                const struct transform *local, int dx, int dy, double speck_mm2)
{
    struct looking l = {.box = box, .mask = mask, .dx = dx, .dy = dy};
    if (raw->bits == NULL || !transform_invert(&l.to_mm, local))
        return 0;
    struct rect seen = box->rect_mm;
    seen.x += dx * CELL_MM;
    seen.y += dy * CELL_MM;
    struct rect px = transform_bounds(local, seen);
    if (!(fabs(px.x) < 1e6 && fabs(px.y) < 1e6 && px.w < 1e4 && px.h < 1e4))
        return 0;
    struct window w = {(int)fmax(px.x, 0), (int)fmin(px.x + px.w, raw->width_px - 1),
                       (int)fmax(px.y, 0), (int)fmin(px.y + px.h, raw->height_px - 1), NULL, 0, 0};
    find_runs(&w, raw->bits);
    const double *m = l.to_mm.m;
    double pixel_mm2 = fabs(m[0] * m[4] - m[1] * m[3]);
    int specks = 0;
    for (int k = 0; k < w.count; k++) /* a speck lies where its first pixel does */
        if (w.runs[k].parent == k && w.runs[k].size * pixel_mm2 <= speck_mm2)
            specks += is_deep(&l, w.runs[k].from, w.runs[k].y);
    free(w.runs);
    return specks;
}
