/* Sides of square boxes by their own inner edges, and how thick they are. */
#include "read/rim.h"

#include <stdint.h>
#include <string.h>

#define ALONG_MAX 256 /* cells along a side; a longer one is followed this far */
#define BEFORE 3      /* cells outside the box's edge from which on a side is looked for, */
#define BEYOND 9      /* and inside, up to which */

/* One side. Depths count in cells from the box's edge inwards. */
struct side {
    int start, along, across; /* the first cell, the step along the side and the step inwards */
    int length;
    double depth;             /* of the first cell's far side */
    double at, slope;         /* where the inner edge is, and by how much it leans a cell along */
    double thick;
    bool seen;
};

static struct side side_of(const struct box_template *box, int which, int dx, int dy)
{
    bool upright = which < 2, far = which % 2 != 0;
    double margin = MARGIN_MM * CELL_PER_MM;
    double size = (upright ? box->rect_mm.w : box->rect_mm.h) * CELL_PER_MM;
    double other = (upright ? box->rect_mm.h : box->rect_mm.w) * CELL_PER_MM;
    int first = far ? (int)ceil(margin + size) - 1 + BEFORE : (int)floor(margin) - BEFORE;
    int begin = (int)floor(margin), x = upright ? first : begin, y = upright ? begin : first;
    struct side side = {.start = (y + dy) * box->width + x + dx,
                        .along = upright ? box->width : 1,
                        .across = (upright ? 1 : box->width) * (far ? -1 : 1),
                        .length = (int)fmin(ceil(other), ALONG_MAX)};
    side.depth = far ? margin + size - first : first + 1 - margin;
    return side;
}

/* Where the side's inner edge lies: a line through the medians of its two halves, which what is written
 * over a part of it does not move. The corners belong to two sides and are left out. */
static void follow(struct side *side, const unsigned char *patch, int count, int level,
                   const struct mark_calibration *calibration)
{
    double edges[2][ALONG_MAX], thick[ALONG_MAX];
    int found[2] = {0, 0}, corner = side->length / 6, asked = side->length - 2 * corner;
    for (int s = corner; s < side->length - corner; s++) {
        int first = -1, last = -1;
        for (int v = 0; v < BEFORE + BEYOND; v++) {
            int at = side->start + s * side->along + v * side->across;
            bool dark = at >= 0 && at < count && patch[at] >= level;
            if (!dark && last >= 0)
                break;
            first = dark && first < 0 ? v : first;
            last = dark ? v : last;
        }
        if (last < 0)
            continue;
        int half = 2 * s >= side->length;
        thick[found[0] + found[1]] = last - first + 1;
        edges[half][found[half]++] = side->depth + last;
    }
    double least = calibration->rim_seen_min * asked / 2;
    side->seen = found[0] >= least && found[1] >= least && asked > 4;
    if (!side->seen)
        return;
    double a = median_of(edges[0], (size_t)found[0]), b = median_of(edges[1], (size_t)found[1]);
    side->slope = (b - a) / (asked / 2.0);
    side->at = (a + b) / 2 - side->slope * (side->length - 1) / 2;
    side->thick = median_of(thick, (size_t)(found[0] + found[1]));
}

/* Just outside the box, where a stroke that ends in the rim would come from. */
static bool is_beside(const struct box_template *box, int at, double reach)
{
    double margin = MARGIN_MM * CELL_PER_MM, x = at % box->width + 0.5 - margin;
    double y = (double)(at / box->width) + 0.5 - margin;
    return x > -reach && y > -reach && x < box->rect_mm.w * CELL_PER_MM + reach &&
           y < box->rect_mm.h * CELL_PER_MM + reach;
}

/* The first place from `at` on, before `end`, that lies inside or beside the box and is as dark as ink;
 * `end` or more: none. Sixteen at once: nearly all are paper. */
static int next_inked(const unsigned char *cells, const unsigned char *dark, int at, int end,
                      unsigned char level)
{
    enum { LANES = 16 };
    typedef unsigned char lanes __attribute__((vector_size(LANES)));
    for (; at + LANES <= end; at += LANES) {
        lanes kinds, tones;
        uint64_t any[2];
        memcpy(&kinds, cells + at, LANES);
        memcpy(&tones, dark + at, LANES);
        lanes inked = (lanes)(tones >= level) & kinds & (CELL_INSIDE | CELL_RING);
        memcpy(any, &inked, LANES);
        if ((any[0] | any[1]) != 0)
            break;
    }
    while (at < end && !((cells[at] & (CELL_INSIDE | CELL_RING)) && dark[at] >= level))
        at++;
    return at;
}

/* Whether there is ink where fatter print would have print, and none farther inside or just outside: a
 * stroke that leaves the rim is a mark, and all of it counts. */
static bool has_rim_only(const struct box_template *box, const struct box_mask *mask,
                         const struct box_mask *wider, const unsigned char *patch, int shift,
                         const struct mark_calibration *calibration)
{
    int count = box->width * box->height, beside = 0;
    unsigned char level = (unsigned char)(calibration->ink_level * 255);
    double reach = calibration->rim_beside_mm * CELL_PER_MM;
    bool rim = false;
    int end = shift > 0 ? count - shift : count;
    for (int at = shift < 0 ? -shift : 0; at < end; at++) {
        at = next_inked(mask->cells, patch + shift, at, end, level);
        if (at >= end)
            break;
        bool print = (wider->cells[at] & CELL_PRINT) != 0, inside = (mask->cells[at] & CELL_INSIDE) != 0;
        if (inside && !print)
            return false;
        rim |= inside;
        beside += !inside && !print && is_beside(box, at, reach);
    }
    return rim && beside * CELL_MM * CELL_MM <= calibration->rim_beside_max_mm2;
}

bool rim_cover(struct box_mask *out, unsigned char *cells, const struct box_template *box,
               const struct box_mask *mask, const struct box_mask *wider, const unsigned char *patch,
               int dx, int dy, const struct mark_calibration *calibration)
{
    int level = (int)(calibration->ink_level * 255), count = box->width * box->height;
    int shift = dy * box->width + dx;
    if (!box->is_square || !has_rim_only(box, mask, wider, patch, shift, calibration))
        return false;
    struct side sides[4];
    for (int k = 0; k < 4; k++) {
        sides[k] = side_of(box, k, dx, dy);
        follow(&sides[k], patch, count, level, calibration);
    }
    *out = *mask;
    out->cells = cells;
    memcpy(cells, mask->cells, (size_t)count);
    bool any = false;
    double rough = calibration->rim_rough_mm * CELL_PER_MM;
    for (int k = 0; k < 4; k++) {
        const struct side *side = &sides[k], *opposite = &sides[k ^ 1];
        /* a side that is fatter than the one across was written along */
        if (!side->seen || !opposite->seen ||
            side->thick > opposite->thick + calibration->rim_fatter_max_mm * CELL_PER_MM)
            continue;
        for (int s = 0; s < side->length; s++)
            for (int v = 0; v < BEFORE + BEYOND; v++) {
                int at = side->start - shift + s * side->along + v * side->across;
                if (side->depth + v > side->at + side->slope * s + rough || at < 0 || at >= count)
                    break;
                if (!(mask->cells[at] & CELL_INSIDE) || !(wider->cells[at] & CELL_PRINT))
                    continue;
                cells[at] = CELL_PRINT;
                any = true;
            }
    }
    return any;
}

/* How thick a side is at one place, cells: the longest run of ink that passes where the side should lie. */
static int thickness_at(const struct side *side, int along, const unsigned char *patch, int count, int level)
{
    enum { OUT = 6, IN = 10, NEAR_OUT = 2, NEAR_IN = 4 }; /* cells outside and inside the box's edge */
    int best = 0, run = 0, begin = 0;
    for (int v = -OUT; v <= IN; v++) {
        int at = side->start + along * side->along + (v + BEFORE) * side->across;
        if (v < IN && at >= 0 && at < count && patch[at] >= level) {
            begin = run == 0 ? v : begin;
            run++;
            continue;
        }
        if (run > best && begin <= NEAR_IN && begin + run > -NEAR_OUT)
            best = run;
        run = 0;
    }
    return best;
}

double rim_bulge_mm2(const struct box_template *box, const unsigned char *patch, int dx, int dy,
                     const struct mark_calibration *calibration)
{
    int level = (int)(calibration->ink_level * 255), count = box->width * box->height;
    int window = (int)(calibration->bulge_window_mm * CELL_PER_MM + 0.5);
    double thick[4][ALONG_MAX], usual[4], most = 0;
    int places[4];
    for (int k = 0; k < 4; k++) {
        struct side side = side_of(box, k, dx, dy);
        int corner = side.length / 8;
        double sorted[ALONG_MAX];
        places[k] = 0;
        for (int s = corner; s < side.length - corner; s++)
            thick[k][places[k]++] = thickness_at(&side, s, patch, count, level);
        memcpy(sorted, thick[k], sizeof *sorted * (size_t)places[k]);
        usual[k] = median_of(sorted, (size_t)places[k]);
    }
    for (int k = 0; k < 4; k++) {
        /* of a side that was written along the one across tells more */
        double base = fmin(usual[k], usual[k ^ 1] + 1);
        for (int s = 0; s + window <= places[k]; s++) {
            double more = 0;
            for (int i = 0; i < window; i++)
                more += fmax(0, thick[k][s + i] - base);
            most = fmax(most, more);
        }
    }
    return most * CELL_MM * CELL_MM;
}
