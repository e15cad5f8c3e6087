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

static bool is_deep(const struct looking *l, int x, int y)
{
    const double *m = l->to_mm.m; /* no perspective: as transform_apply(), which divides */
    double px = x + 0.5, py = y + 0.5;
    struct point mm = {m[0] * px + m[1] * py + m[2], m[3] * px + m[4] * py + m[5]};
    int i = floor_cells((mm.x - l->box->rect_mm.x + MARGIN_MM) * CELL_PER_MM) - l->dx;
    int j = floor_cells((mm.y - l->box->rect_mm.y + MARGIN_MM) * CELL_PER_MM) - l->dy;
    return i >= 0 && j >= 0 && i < l->box->width && j < l->box->height &&
           (l->mask->cells[j * l->box->width + i] & CELL_DEEP) != 0;
}

/* Dark pixels of one line from x0 up to x1, a word at a time: nearly all are white. */
static int count_line(const struct looking *l, const l_uint32 *line, int x0, int x1, int y)
{
    int count = 0;
    for (int word = x0 >> 5; word <= x1 >> 5; word++) {
        l_uint32 left = line[word];
        left &= word == x0 >> 5 ? 0xffffffffu >> (x0 & 31) : 0xffffffffu;
        left &= word == x1 >> 5 ? 0xffffffffu << (31 - (x1 & 31)) : 0xffffffffu;
        for (; left != 0; left &= left - 1)
            count += is_deep(l, word * 32 + 31 - __builtin_ctz(left), y);
    }
    return count;
}

/* Where on the image the deep cells lie: nothing beyond is one. A cell wider than they are on each side, and
 * two pixels more, so that no rounding matters. */
static struct rect deep_px(const struct looking *l, const struct transform *local)
{
    const struct cell_extent *e = &l->mask->deep;
    struct rect mm = {l->box->rect_mm.x - MARGIN_MM + (e->x0 + l->dx - 1) * CELL_MM,
                      l->box->rect_mm.y - MARGIN_MM + (e->y0 + l->dy - 1) * CELL_MM,
                      (e->x1 - e->x0 + 2) * CELL_MM, (e->y1 - e->y0 + 2) * CELL_MM};
    return rect_grow(transform_bounds(local, mm), 2);
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
    int x0 = (int)fmax(fmax(px.x, deep.x), 0), y0 = (int)fmax(fmax(px.y, deep.y), 0), count = 0;
    int x1 = (int)fmin(fmin(px.x + px.w, deep.x + deep.w), raw->width_px - 1);
    int y1 = (int)fmin(fmin(px.y + px.h, deep.y + deep.h), raw->height_px - 1);
    for (int y = y0; x0 <= x1 && y <= y1; y++)
        count += count_line(&l, raw->bits->data + (size_t)y * (size_t)raw->bits->wpl, x0, x1, y);
    const double *m = l.to_mm.m; /* a pixel's area */
    return count * fabs(m[0] * m[4] - m[1] * m[3]);
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
