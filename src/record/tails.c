/* Which stray pieces belong to the mark before them. */
#include "record/tails.h"

#include <math.h>
#include <stdbool.h>

/* The box that most of a mark lies in. */
static size_t host_of(const struct ink_piece *mark)
{
    size_t most = 0;
    for (size_t t = 1; t < mark->touch_count; t++)
        if (mark->touches[t].inside_mm2 > mark->touches[most].inside_mm2)
            most = t;
    return mark->touches[most].box;
}

/* A straight stroke no longer than the end of a mark. The ink of a straight one measures across 2 / sqrt(3) of its
 * width; of a tick with a point of its own, more. */
static bool is_stroke(const struct ink_piece *p, const struct outside_calibration *c)
{
    double bend_mm = (double)p->wide_mm - 2 / sqrt(3) * (double)p->stroke_mm;
    return bend_mm <= c->tail_straight_mm && p->long_mm >= c->tail_long_min_mm && p->long_mm <= c->tail_long_max_mm &&
           p->wide_mm <= c->tail_bend_max * (double)p->long_mm + c->tail_thin_mm;
}

/* Whether the stroke, drawn on, meets the mark. Which way it slants is told by where it lies. */
static bool points_at(const struct ink_piece *p, const struct ink_piece *mark,
                      const struct outside_calibration *c)
{
    double wide = p->rect_mm.w - (double)p->stroke_mm, high = p->rect_mm.h - (double)p->stroke_mm;
    double dx = (double)(p->x_mm - mark->x_mm), dy = (double)(p->y_mm - mark->y_mm);
    if (!(wide > 0 && high > 0 && dy < 0))
        return false;
    double slope = high / wide;
    if (slope < c->tail_slope_min || slope > c->tail_slope_max)
        return false;
    double length = hypot(wide, high), ux = copysign(wide, dx) / length, uy = -high / length;
    struct rect r = {mark->rect_mm.x - c->tail_miss_mm, mark->rect_mm.y - c->tail_miss_mm,
                     mark->rect_mm.w + 2 * c->tail_miss_mm, mark->rect_mm.h + 2 * c->tail_miss_mm};
    double low = INFINITY, high_side = -INFINITY;
    for (int k = 0; k < 4; k++) {
        double x = r.x + (k & 1) * r.w - (double)p->x_mm,
               y = r.y + (k >> 1) * r.h - (double)p->y_mm;
        low = fmin(low, x * uy - y * ux);
        high_side = fmax(high_side, x * uy - y * ux);
    }
    return low <= 0 && high_side >= 0;
}

/* Makes the mark longer by a part of its tail, which goes on straight: it is a tick. */
static void lengthen(struct ink_piece *mark, const struct ink_piece *tail)
{
    double whole = (double)(mark->area_mm2 + tail->area_mm2);
    double share = (double)tail->area_mm2 / whole;
    mark->x_mm += (float)(share * (double)(tail->x_mm - mark->x_mm));
    mark->y_mm += (float)(share * (double)(tail->y_mm - mark->y_mm));
    mark->area_mm2 = (float)whole;
    mark->rect_mm = rect_join(mark->rect_mm, tail->rect_mm);
    mark->long_mm = (float)hypot(mark->rect_mm.w, mark->rect_mm.h);
    for (size_t t = 0; t < tail->touch_count; t++)
        for (size_t m = 0; m < mark->touch_count; m++)
            if (mark->touches[m].box == tail->touches[t].box)
                mark->touches[m].inside_mm2 += tail->touches[t].inside_mm2;
}

/* All parts of the tail of one mark: each is near to the box or to the part before it. The whole is to be a
 * mark in the box as the part was. */
static void join_to(enum ink_class *classes, size_t m, const struct page_reading *reading,
                    const struct template_page *page, const struct outside_calibration *c)
{
    const struct ink_piece *pieces = reading->pieces, *mark = &pieces[m];
    if (mark->touch_count == 0)
        return;
    struct rect reached[] = {page->boxes[host_of(mark)].rect_mm, mark->rect_mm};
    struct ink_piece whole = *mark;
    size_t parts[PIECES_MAX], count = 0;
    bool more = true;
    while (more) {
        more = false;
        for (size_t k = 0; k < reading->piece_count; k++) {
            const struct ink_piece *p = &pieces[k];
            double alike = (double)p->stroke_mm / (double)mark->stroke_mm;
            if (classes[k] != INK_STRAY || !is_stroke(p, c) || !points_at(p, mark, c) ||
                alike > c->tail_stroke_max || alike * c->tail_stroke_max < 1 ||
                fmin(rect_gap(p->rect_mm, reached[0]), rect_gap(p->rect_mm, reached[1])) > c->tail_gap_mm)
                continue;
            classes[k] = INK_MARK;
            lengthen(&whole, p);
            parts[count++] = k;
            reached[1] = p->rect_mm;
            more = true;
        }
    }
    if (count == 0 || outside_is_mark(&whole, page, c))
        return;
    classes[m] = INK_STRAY;
    for (size_t k = 0; k < count; k++)
        classes[parts[k]] = INK_STRAY;
}

void tails_join(enum ink_class *classes, const struct page_reading *reading,
                const struct template_page *page, const struct outside_calibration *calibration)
{
    /* pieces that are joined are no hosts themselves: a tail has none */
    bool host[PIECES_MAX] = {false};
    for (size_t k = 0; k < reading->piece_count && k < PIECES_MAX; k++)
        host[k] = classes[k] == INK_MARK;
    for (size_t k = 0; k < reading->piece_count && k < PIECES_MAX; k++)
        if (host[k])
            join_to(classes, k, reading, page, calibration);
}
