/* Pieces of new ink -> what they mean, by shape and place. Limits: calibration/outside.json. */
#include "record/outside.h"

#include <math.h>
#include <stdint.h>

const char *ink_class_name(enum ink_class class)
{
    static const char *const names[] = {"mark", "stray", "note", "writing", "damage", "trace", "speck"};
    return names[class];
}

/* ---- damage ------------------------------------------------------------------------------- */

static bool is_edge(const struct ink_piece *p, const struct template_page *page,
                    const struct outside_calibration *c)
{
    struct rect r = p->rect_mm;
    double far_x = page->width_mm - r.x, far_y = page->height_mm - r.y;
    return r.x <= c->edge_mm || r.y <= c->edge_mm || far_x - r.w <= c->edge_mm ||
           far_y - r.h <= c->edge_mm || r.x + r.w <= c->rim_mm || r.y + r.h <= c->rim_mm ||
           far_x <= c->rim_mm || far_y <= c->rim_mm;
}

/* A long line along the page or along the scanner's feed (scans are skewed by a few degrees). */
static bool is_ruled(const struct ink_piece *p, const struct outside_calibration *c)
{
    double thin = fmin(p->rect_mm.w, p->rect_mm.h);
    return p->long_mm >= c->line_long_min_mm &&
           p->wide_mm <= c->line_wide_max * (double)p->long_mm &&
           thin <= 0.06 * (double)p->long_mm + 1;
}

static bool is_hole(const struct ink_piece *p, const struct template_page *page,
                    const struct outside_calibration *c)
{
    struct rect r = p->rect_mm;
    double x = (double)p->x_mm, y = (double)p->y_mm;
    double side = fmin(fmin(x, page->width_mm - x), fmin(y, page->height_mm - y));
    return fmax(r.w, r.h) <= c->hole_mm && p->stroke_mm >= c->hole_stroke_min_mm &&
           p->area_mm2 >= c->hole_fill_min * r.w * r.h && side <= c->hole_reach_mm;
}

static bool is_shade(const struct ink_piece *p, const struct outside_calibration *c)
{
    double bounds = p->rect_mm.w * p->rect_mm.h;
    return bounds >= c->shade_min_mm2 && p->stroke_mm <= c->shade_stroke_max_mm &&
           p->length_mm >= c->shade_density_min * bounds;
}

/* Of a light line: straight along the page or the feed, however short a part of it is (a fold's shade, a
 * streak that the print parts); or most of it where nobody answers (a stain's rim, print that shines
 * through). Rings, ticks and brackets bend, or slant. */
static bool is_light_damage(const struct ink_piece *p, const struct outside_calibration *c)
{
    double thin = fmin(p->rect_mm.w, p->rect_mm.h), margin = (double)p->margin_mm2;
    return p->darkness < c->light_darkness_max &&
           (thin <= c->light_bend_min * (double)p->long_mm + c->light_thin_mm ||
            margin >= c->light_margin_min * (double)p->area_mm2);
}

/* ---- marks in boxes ------------------------------------------------------------------------ */

/* How a piece lies between its host and another box beside, above or below it. */
struct way {
    bool tail;         /* up or to the right: the way the tail of a tick goes */
    bool down;         /* the way its point goes */
    double gap, reach; /* white between the boxes; how far the piece goes on into it, mm */
    double into;       /* how far the piece lies in the host from that side, in sides of the box */
    double off;        /* how far that way its centre lies from the host's, in half sides */
};

/* False where the other box lies askew, or the piece does not go that way. */
static bool way_to(struct way *out, struct rect host, struct rect other, const struct ink_piece *p)
{
    struct rect piece = p->rect_mm;
    double right = host.x + host.w, bottom = host.y + host.h;
    double piece_right = piece.x + piece.w, piece_bottom = piece.y + piece.h;
    double dx = ((double)p->x_mm - host.x - host.w / 2) / (host.w / 2);
    double dy = ((double)p->y_mm - host.y - host.h / 2) / (host.h / 2);
    bool beside = other.y < bottom && other.y + other.h > host.y;
    bool above = other.x < right && other.x + other.w > host.x;
    if (above && other.y >= bottom)
        *out = (struct way){false, true, other.y - bottom, piece_bottom - bottom,
                            (bottom - piece.y) / host.h, dy};
    else if (above && other.y + other.h <= host.y)
        *out = (struct way){true, false, host.y - other.y - other.h, host.y - piece.y,
                            (piece_bottom - host.y) / host.h, -dy};
    else if (beside && other.x + other.w <= host.x)
        *out = (struct way){false, false, host.x - other.x - other.w, host.x - piece.x,
                            (piece_right - host.x) / host.w, -dx};
    else if (beside && other.x >= right)
        *out = (struct way){true, false, other.x - right, piece_right - right, (right - piece.x) / host.w, dx};
    else
        return false;
    return out->reach > 0;
}

/* Whether it goes on from the box most of the way to another one: below it, beside it, or (`tail_too`) the
 * way the tail of a tick goes; its point is where it was meant. */
static bool nears_another(const struct ink_piece *p, const struct template_page *page, size_t host,
                          bool tail_too, const struct outside_calibration *c)
{
    struct way way;
    for (size_t k = 0; k < page->box_count; k++)
        if (k != host && way_to(&way, page->boxes[host].rect_mm, page->boxes[k].rect_mm, p) &&
            (tail_too || !way.tail) && way.reach >= c->between_reach_min * way.gap)
            return true;
    return false;
}

/* Whether it lies across one side of the box with its centre near that, half way to the next box on the one
 * hand and in one part of the box only on the other: a small mark set between the two, whose larger half is
 * in this one by chance.
 * The point of a tick whose tail goes that way is to be in the upper half to say so. Of a mark that lies in
 * the box by half at most less than that says so, and less still of one by less than half; and of one that
 * keeps to the box's rim, too, even if most of it lies in the box. */
static bool straddles(const struct ink_piece *p, const struct template_page *page, size_t host, double share,
                      bool tail, const struct outside_calibration *c)
{
    struct way way;
    bool half = share < c->straddle_half_share, less = share < c->straddle_less_share;
    double off_min = less ? c->straddle_less_off_min : half ? c->straddle_half_off_min : c->straddle_off_min;
    for (size_t k = 0; k < page->box_count; k++) {
        if (k == host || !way_to(&way, page->boxes[host].rect_mm, page->boxes[k].rect_mm, p))
            continue;
        bool point = tail && way.tail;
        double into_max = half ? (point  ? c->straddle_half_point_max
                                  : less ? c->straddle_less_into_max
                                         : c->straddle_half_into_max)
                               : (point ? c->straddle_point_max : c->straddle_into_max);
        bool across = share < c->straddle_share_max && way.into <= into_max && way.off >= off_min;
        bool at_rim = way.into <= c->straddle_rim_into_max && way.off >= c->straddle_rim_off_min;
        if ((across && way.reach >= c->straddle_reach_min * way.gap) ||
            (at_rim && way.reach >= c->straddle_rim_reach_min * way.gap))
            return true;
    }
    return false;
}

/* Whether the point of a tick lies beyond the box half way to the next one, and only its tail passes through
 * this one: the point is where it was meant. */
static bool points_between(const struct ink_piece *p, const struct template_page *page, size_t host,
                           double share, double off, const struct outside_calibration *c)
{
    struct way way;
    if (share >= c->point_share_max || off < c->point_tail_off_min)
        return false;
    for (size_t k = 0; k < page->box_count; k++)
        if (k != host && way_to(&way, page->boxes[host].rect_mm, page->boxes[k].rect_mm, p) && way.down &&
            way.reach >= c->point_reach_min * way.gap)
            return true;
    return false;
}

/* A flat line that runs out of the box on both sides: through its label, or through the mark in it. */
static bool is_strike(const struct ink_piece *p, struct rect box, const struct outside_calibration *c)
{
    struct rect r = p->rect_mm;
    return box.x - r.x >= c->strike_beyond_mm && r.x + r.w - box.x - box.w >= c->strike_beyond_mm &&
           r.w * box.h >= c->strike_flat_min * r.h * box.w;
}

bool outside_is_mark(const struct ink_piece *p, const struct template_page *page,
                     const struct outside_calibration *c)
{
    double inside = 0, most = 0, second = 0;
    size_t host = 0;
    for (size_t k = 0; k < p->touch_count; k++) {
        double here = (double)p->touches[k].inside_mm2;
        inside += here;
        second = fmax(second, fmin(here, most));
        if (here > most) {
            most = here;
            host = p->touches[k].box;
        }
    }
    /* nobody marks a small box with a smaller mark: less of it lies inside */
    struct rect box = page->boxes[host].rect_mm;
    double small = fmin(1, fmin(box.w, box.h) / c->mark_side_mm);
    double share = inside / (double)p->area_mm2;
    if (inside < c->mark_inside_min_mm2 || share < c->mark_share_min * small)
        return false;
    if (second >= most / 2)
        return true;
    if (is_strike(p, box, c))
        return false;
    struct point centre = rect_centre(box);
    double dx = 2 * ((double)p->x_mm - centre.x) / fmax(box.w, c->mark_side_mm);
    double dy = 2 * ((double)p->y_mm - centre.y) / fmax(box.h, c->mark_side_mm);
    bool flat = p->wide_mm <= c->tail_flat_max * (double)p->long_mm; /* crosses are as wide as they are long */
    bool up_right = flat && dx > 0.2 && dy < -0.2, tail = up_right && share >= c->tail_share_min * small;
    if (share < c->straddle_rim_share && straddles(p, page, host, share, up_right, c))
        return false;
    if (points_between(p, page, host, share, dx, c))
        return false;
    if (share >= c->mark_share_plain * small)
        return true;
    if (share < c->between_share_max && nears_another(p, page, host, !tail, c))
        return false;
    return tail || fmax(fabs(dx), fabs(dy)) <= c->mark_off_max;
}

static enum ink_class classify(const struct ink_piece *p, const struct template_page *page,
                               const struct outside_calibration *c)
{
    if (p->clear_mm2 == PIECE_CLOSE)
        return is_edge(p, page, c) ? INK_DAMAGE : INK_TRACE;
    if (outside_is_mark(p, page, c))
        return INK_MARK;
    if (is_edge(p, page, c) || is_ruled(p, c) || is_hole(p, page, c) || is_shade(p, c) ||
        is_light_damage(p, c))
        return INK_DAMAGE;
    if (p->field_mm2 >= c->field_share_min * (double)p->area_mm2)
        return INK_WRITING;
    if (p->touch_count > 0)
        return INK_STRAY;
    return p->margin_mm2 >= c->note_piece_mm2 ? INK_NOTE : INK_SPECK;
}

/* ---- damage that only several pieces show --------------------------------------------------- */

/* Where a tint shows as grain, its smaller grains are grain too. */
static void drop_grain(enum ink_class *classes, const struct page_reading *reading,
                       const struct outside_calibration *c)
{
    for (size_t k = 0; k < reading->piece_count; k++) {
        struct rect band = reading->pieces[k].rect_mm;
        if (classes[k] != INK_DAMAGE || !is_shade(&reading->pieces[k], c))
            continue;
        for (size_t j = 0; j < reading->piece_count; j++) {
            struct rect r = reading->pieces[j].rect_mm;
            if (classes[j] == INK_NOTE && r.y >= band.y - 1 && r.y + r.h <= band.y + band.h + 1)
                classes[j] = INK_DAMAGE;
        }
    }
}

/* A straight upright or level stroke, however short: a part of a broken line, perhaps. */
static bool is_dash(const struct ink_piece *p, bool upright, double slant_max)
{
    enum { THIN = 1 }; /* mm */
    double along = upright ? p->rect_mm.h : p->rect_mm.w, across = upright ? p->rect_mm.w : p->rect_mm.h;
    return across <= THIN + slant_max * along && p->wide_mm <= THIN && along >= 2 * across;
}

/* How far the one lies from the line through the other, mm: along the page, or, as streaks do, along the
 * feed of the scanner, askew on the page. */
static double off_line(const struct ink_piece *p, const struct ink_piece *q, bool upright, bool feed)
{
    if (!feed)
        return fabs((double)(upright ? q->x_mm - p->x_mm : q->y_mm - p->y_mm));
    struct point a = rect_centre(p->rect_px), b = rect_centre(q->rect_px);
    double px_mm = hypot(p->rect_px.w, p->rect_px.h) / hypot(p->rect_mm.w, p->rect_mm.h);
    bool standing = p->rect_px.h > p->rect_px.w; /* the scan may be turned by quarters */
    return fabs(standing ? b.x - a.x : b.y - a.y) / px_mm;
}

/* A line that is broken (a faint printed rule that the plate lacks, a fold, a streak) shows as strokes
 * one behind the other across the page. A label struck through is shorter. */
static void drop_broken(enum ink_class *classes, const struct page_reading *reading, bool upright,
                        bool feed, const struct outside_calibration *c)
{
    double slant_max = feed ? c->feed_slant_max : 0;
    double off_max = feed ? c->feed_off_max_mm : c->broken_off_max_mm;
    for (size_t i = 0; i < reading->piece_count; i++) {
        const struct ink_piece *p = &reading->pieces[i];
        double span = upright ? c->line_long_min_mm : c->broken_span_min_mm;
        double length = 0, low = INFINITY, high = -INFINITY;
        if ((classes[i] != INK_NOTE && classes[i] != INK_STRAY) || !is_dash(p, upright, slant_max))
            continue;
        for (size_t pass = 0; pass < 2; pass++) {
            for (size_t j = 0; j < reading->piece_count; j++) {
                const struct ink_piece *q = &reading->pieces[j];
                if (classes[j] == INK_MARK || !is_dash(q, upright, slant_max) ||
                    off_line(p, q, upright, feed) > off_max)
                    continue;
                if (pass == 1) {
                    classes[j] = INK_DAMAGE;
                    continue;
                }
                double from = upright ? q->rect_mm.y : q->rect_mm.x;
                double side = upright ? q->rect_mm.h : q->rect_mm.w;
                length += side;
                low = fmin(low, from);
                high = fmax(high, from + side);
            }
            if (high - low < span || length < c->broken_share_min * (high - low))
                break;
        }
    }
}

void outside_classify(enum ink_class *classes, const struct page_reading *reading,
                      const struct template_page *page, const struct outside_calibration *calibration)
{
    for (size_t k = 0; k < reading->piece_count; k++)
        classes[k] = classify(&reading->pieces[k], page, calibration);
    drop_grain(classes, reading, calibration);
    for (int way = 0; way < 4; way++)
        drop_broken(classes, reading, way % 2 == 0, way >= 2, calibration);
}

/* ---- what they say -------------------------------------------------------------------------- */

static double told_mm2(const struct piece_touch *touch)
{
    return (double)touch->inside_mm2 + (double)touch->row_mm2;
}

static double told_of_all(const struct ink_piece *p)
{
    double told = 0;
    for (size_t t = 0; t < p->touch_count; t++)
        told += told_mm2(&p->touches[t]);
    return told;
}

/* The most that the piece says of one box of this box's item. */
static double most_told(const struct ink_piece *p, const struct template_page *page, size_t box)
{
    double most = 0;
    for (size_t t = 0; t < p->touch_count; t++)
        if (page->boxes[p->touches[t].box].item == page->boxes[box].item)
            most = fmax(most, told_mm2(&p->touches[t]));
    return most;
}

static double told_of(const struct ink_piece *p, size_t box)
{
    for (size_t t = 0; t < p->touch_count; t++)
        if (p->touches[t].box == box)
            return told_mm2(&p->touches[t]);
    return 0;
}

/* Ink of a mark in one box that was drawn beside another. A box that is filled keeps its ink to itself: what lies beside
 * another box of its item touches the filling. And tails rise: what lies beside a box of an item below is a mark there,
 * whose tail meets the one above. */
static void add_beyond_mark(double *stray_mm2, const struct ink_piece *p, const struct page_reading *reading,
                            const struct template_page *page, const struct outside_calibration *c)
{
    size_t most = 0;
    for (size_t t = 1; t < p->touch_count; t++)
        if (p->touches[t].inside_mm2 > p->touches[most].inside_mm2)
            most = t;
    if (p->touch_count == 0)
        return;
    size_t host = p->touches[most].box;
    bool filled = (double)reading->boxes[host].evidence.core_share >= c->stray_of_fill_core_min;
    for (size_t t = 0; t < p->touch_count; t++) {
        size_t box = p->touches[t].box;
        bool same = page->boxes[box].item == page->boxes[host].item;
        bool below = page->boxes[box].rect_mm.y >= page->boxes[host].rect_mm.y + page->boxes[host].rect_mm.h;
        double least = same && filled ? c->stray_of_fill_min_mm2 : !same && below ? c->stray_of_mark_min_mm2 : INFINITY;
        if (t != most && (double)p->touches[t].row_mm2 >= least)
            stray_mm2[box] += (double)p->touches[t].row_mm2;
    }
}

/* Of a piece of which nearly all lies in the row of one box of an item the rest tells nothing of the
 * item's others. */
void outside_strays(double *stray_mm2, const enum ink_class *classes,
                    const struct page_reading *reading, const struct template_page *page,
                    const struct outside_calibration *calibration)
{
    for (size_t b = 0; b < page->box_count; b++)
        stray_mm2[b] = 0;
    for (size_t k = 0; k < reading->piece_count; k++) {
        const struct ink_piece *p = &reading->pieces[k];
        double all = told_of_all(p);
        if (classes[k] == INK_MARK)
            add_beyond_mark(stray_mm2, p, reading, page, calibration);
        for (size_t t = 0; classes[k] == INK_STRAY && t < p->touch_count; t++) {
            size_t box = p->touches[t].box;
            double told = told_mm2(&p->touches[t]);
            stray_mm2[box] += told >= calibration->told_share_min * most_told(p, page, box) ? all : 0;
        }
    }
    /* pieces hold the print that the blank lacks; where it was learned, so was what is printed in
     * the row */
    for (size_t b = 0; b < page->box_count; b++)
        if (reading->boxes[b].crop != NULL && reading->boxes[b].evidence.print_found >= 0)
            stray_mm2[b] = fmin(stray_mm2[b], (double)reading->boxes[b].evidence.row_mm2);
}

/* Whether the trace is the end of a mark beside another box of the same item, below its own: of the tail of
 * a tick a closer look may find more in the row above. */
static bool is_tail_end(const struct ink_piece *trace, size_t box, const enum ink_class *classes,
                        const struct page_reading *reading, const struct template_page *page,
                        const struct outside_calibration *c)
{
    struct rect own = page->boxes[box].rect_mm;
    for (size_t k = 0; k < reading->piece_count; k++) {
        const struct ink_piece *p = &reading->pieces[k];
        double here = told_of(trace, box) + told_of(p, box);
        if (classes[k] == INK_STRAY && p->rect_mm.y >= own.y + c->tail_end_below_min * own.h &&
            rect_gap(p->rect_mm, trace->rect_mm) <= c->tail_end_gap_mm &&
            here < c->tail_end_share_max * most_told(p, page, box))
            return true;
    }
    return false;
}

void outside_traces(double *trace_mm2, const enum ink_class *classes,
                    const struct page_reading *reading, const struct template_page *page,
                    const struct outside_calibration *calibration)
{
    for (size_t b = 0; b < page->box_count; b++)
        trace_mm2[b] = 0;
    for (size_t k = 0; k < reading->piece_count; k++) {
        const struct ink_piece *p = &reading->pieces[k];
        for (size_t t = 0; classes[k] == INK_TRACE && t < p->touch_count; t++) {
            size_t box = p->touches[t].box;
            if (!is_tail_end(p, box, classes, reading, page, calibration))
                trace_mm2[box] += told_mm2(&p->touches[t]);
        }
    }
}

bool outside_is_struck(const struct box_evidence *evidence, double stray_mm2,
                       const struct outside_calibration *calibration)
{
    const double rounding = 1e-6;
    double struck = (double)evidence->struck_mm / calibration->struck_min_mm;
    double seen = struck + stray_mm2 / calibration->stray_mm2;
    return (!(struck <= 0) && !(seen < 1 - rounding)) ||
           !(evidence->struck_dotted < calibration->struck_dotted_min);
}

/* What is in the margin but for a rest too small to speak of a box is a note all the same: it may not be
 * nobody's. */
static bool is_note(enum ink_class class, const struct ink_piece *p, const struct outside_calibration *c)
{
    return class == INK_NOTE || (class == INK_STRAY && told_of_all(p) < c->stray_blank_mm2 &&
                                 p->margin_mm2 >= c->note_piece_mm2);
}

double outside_notes(struct rect *bounds_mm, const enum ink_class *classes,
                     const struct page_reading *reading, const struct outside_calibration *calibration)
{
    double area = 0;
    *bounds_mm = (struct rect){0};
    for (size_t k = 0; k < reading->piece_count; k++) {
        if (!is_note(classes[k], &reading->pieces[k], calibration))
            continue;
        *bounds_mm = rect_join(*bounds_mm, reading->pieces[k].rect_mm);
        area += (double)reading->pieces[k].margin_mm2;
    }
    return area;
}

/* From a spot to the edge of a box; 0 inside it. */
static double distance(struct rect r, double x, double y)
{
    return hypot(fmax(0, fmax(r.x - x, x - r.x - r.w)), fmax(0, fmax(r.y - y, y - r.y - r.h)));
}

static bool speaks_of(const struct ink_piece *p, const struct template_page *page, size_t item)
{
    for (size_t t = 0; t < p->touch_count; t++)
        if (page->boxes[p->touches[t].box].item == item)
            return true;
    return false;
}

size_t outside_nearest(const enum ink_class *classes, const struct page_reading *reading,
                       const struct template_page *page, size_t item,
                       const struct outside_calibration *calibration)
{
    const struct ink_piece *only = NULL;
    for (size_t k = 0; k < reading->piece_count; k++) {
        if (classes[k] != INK_STRAY || !speaks_of(&reading->pieces[k], page, item))
            continue;
        if (only != NULL)
            return SIZE_MAX;
        only = &reading->pieces[k];
    }
    if (only == NULL || page->boxes[only->touches[0].box].item != item)
        return SIZE_MAX;
    size_t nearest = SIZE_MAX;
    double least = INFINITY, next = INFINITY;
    for (size_t b = 0; b < page->box_count; b++) { /* of any item: it may be the neighbour's */
        double far = distance(page->boxes[b].rect_mm, (double)only->x_mm, (double)only->y_mm);
        next = fmin(next, fmax(far, least));
        if (far < least) {
            least = far;
            nearest = b;
        }
    }
    struct rect box = page->boxes[nearest].rect_mm;
    bool small = fmax(only->rect_mm.w, only->rect_mm.h) <=
                 calibration->nearest_side_max * fmax(box.w, box.h);
    bool clear = least <= calibration->nearest_ratio * next;
    return small && clear && only->touches[0].box == nearest ? nearest : SIZE_MAX;
}
