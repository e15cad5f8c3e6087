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

static bool is_deep(const struct looking *l, int x, int y)
{
    struct point mm = transform_apply(&l->to_mm, (struct point){x + 0.5, y + 0.5});
    int i = (int)floor((mm.x - l->box->rect_mm.x + MARGIN_MM) * CELL_PER_MM) - l->dx;
    int j = (int)floor((mm.y - l->box->rect_mm.y + MARGIN_MM) * CELL_PER_MM) - l->dy;
    return i >= 0 && j >= 0 && i < l->box->width && j < l->box->height &&
           (l->mask->cells[j * l->box->width + i] & CELL_DEEP) != 0;
}

/* Dark pixels of one line from x0 up to x1, a word at a time: nearly all are white. */
static int count_line(const struct looking *l, const l_uint32 *line, int x0, int x1, int y)
{
    int count = 0;
    for (int word = x0 >> 5; word <= x1 >> 5; word++)
        for (l_uint32 left = line[word]; left != 0;) {
            int lead = __builtin_clz(left), x = word * 32 + lead;
            left &= ~(0x80000000u >> lead);
            count += x >= x0 && x <= x1 && is_deep(l, x, y);
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

/* Dark pixels around a box that were not yet looked at. */
struct window {
    int x, y, width, height; /* on the image, px */
    unsigned char *dark;     /* [height * width] */
    int *stack;              /* room for as many */
};

static bool window_open(struct window *w, const struct raw_page *raw, struct rect px)
{
    double right = fmin(px.x + px.w, raw->width_px - 1), bottom = fmin(px.y + px.h, raw->height_px - 1);
    w->x = (int)fmax(px.x, 0);
    w->y = (int)fmax(px.y, 0);
    if (right < w->x || bottom < w->y)
        return false;
    w->width = (int)right - w->x + 1;
    w->height = (int)bottom - w->y + 1;
    size_t count = (size_t)w->width * (size_t)w->height;
    w->dark = malloc(count);
    w->stack = malloc(count * sizeof *w->stack);
    if (w->dark == NULL || w->stack == NULL)
        error_die("out of memory: a box of %d x %d pixels", w->width, w->height);
    for (int y = 0; y < w->height; y++) {
        const l_uint32 *line = raw->bits->data + (size_t)(w->y + y) * (size_t)raw->bits->wpl;
        for (int x = 0; x < w->width; x++)
            w->dark[y * w->width + x] = GET_DATA_BIT(line, w->x + x);
    }
    return true;
}

/* The number of dark pixels that hang together with this one; they are looked at then. */
static int window_take(struct window *w, int start)
{
    int size = 0, waiting = 0;
    w->dark[start] = 0;
    w->stack[waiting++] = start;
    while (waiting > 0) {
        int at = w->stack[--waiting], x = at % w->width, y = at / w->width;
        size++;
        for (int j = y > 0 ? y - 1 : 0; j <= y + 1 && j < w->height; j++)
            for (int i = x > 0 ? x - 1 : 0; i <= x + 1 && i < w->width; i++)
                if (w->dark[j * w->width + i] != 0) {
                    w->dark[j * w->width + i] = 0;
                    w->stack[waiting++] = j * w->width + i;
                }
    }
    return size;
}

int mark_specks(const struct box_template *box, const struct box_mask *mask, const struct raw_page *raw,
                const struct transform *local, int dx, int dy, double speck_mm2)
{
    struct looking l = {.box = box, .mask = mask, .dx = dx, .dy = dy};
    struct window w = {0};
    if (raw->bits == NULL || !transform_invert(&l.to_mm, local))
        return 0;
    struct rect seen = box->rect_mm;
    seen.x += dx * CELL_MM;
    seen.y += dy * CELL_MM;
    struct rect px = transform_bounds(local, seen);
    if (!(fabs(px.x) < 1e6 && fabs(px.y) < 1e6 && px.w < 1e4 && px.h < 1e4) || !window_open(&w, raw, px))
        return 0;
    const double *m = l.to_mm.m;
    double pixel_mm2 = fabs(m[0] * m[4] - m[1] * m[3]);
    int specks = 0;
    for (int at = 0; at < w.width * w.height; at++)
        if (w.dark[at] != 0 && window_take(&w, at) * pixel_mm2 <= speck_mm2)
            specks += is_deep(&l, w.x + at % w.width, w.y + at / w.width);
    free(w.dark);
    free(w.stack);
    return specks;
}
