/* The printed outlines of boxes on a plate. */
#include "form/outline.h"

#include <math.h>
#include <stdint.h>

#include <glib.h>

#include "form/plate.h"

#define CELL_MM 0.125
#define PX_PER_MM (PLATE_DPI / MM_PER_INCH)
#define DIRECTIONS 48
#define DIRECTIONS_MIN 40
#define STEP_MM 0.25     /* of the search: the edge is looked for in a band three times as wide */
#define PAPER_MIN 0.75   /* of the cells just inside or just outside: a line, not a black area or text */
#define CLAIMED_MM 0.75  /* an outline that another box stands on is that box's */

double outline_depth_mm(const struct rect *r, enum box_shape shape, double x, double y)
{
    double dx = fabs(x - (r->x + r->w / 2)), dy = fabs(y - (r->y + r->h / 2));
    if (shape == BOX_SQUARE)
        return fmin(r->w / 2 - dx, r->h / 2 - dy);
    double radius = fmin(r->w, r->h) / 2;
    double ex = fmax(0, dx - (r->w / 2 - radius)), ey = fmax(0, dy - (r->h / 2 - radius));
    return radius - hypot(ex, ey);
}

/* A spot of the box, from its upper left corner; for the edge also in which direction from the
 * centre. */
struct spot {
    float x_mm, y_mm;
    int direction;
};

/* Where the edge of a box of one shape and size is looked for, ordered by direction, and where there
 * must be paper. */
struct ring {
    GArray *edge, *within, *beyond; /* struct spot */
};

static gint by_direction(gconstpointer a, gconstpointer b)
{
    return ((const struct spot *)a)->direction - ((const struct spot *)b)->direction;
}

static struct ring ring_make(double w, double h, enum box_shape shape)
{
    struct ring ring = {g_array_new(FALSE, FALSE, sizeof(struct spot)),
                        g_array_new(FALSE, FALSE, sizeof(struct spot)),
                        g_array_new(FALSE, FALSE, sizeof(struct spot))};
    const struct rect rect = {0, 0, w, h};
    double deep = fmin(0.8, 0.3 * fmin(w, h)); /* past the line, short of what is printed inside */
    for (double y = -0.675; y < h + 0.675; y += CELL_MM)
        for (double x = -0.675; x < w + 0.675; x += CELL_MM) {
            double depth = outline_depth_mm(&rect, shape, x, y);
            /* directions in the box's own proportions, so that an oval's ends count as its sides */
            double angle = atan2((y - h / 2) / h, (x - w / 2) / w);
            struct spot spot = {(float)x, (float)y,
                                (int)((angle + M_PI) / (2 * M_PI) * DIRECTIONS) % DIRECTIONS};
            if (depth > -0.15 && depth < 0.6)
                g_array_append_val(ring.edge, spot);
            if (depth > deep && depth < deep + 0.3)
                g_array_append_val(ring.within, spot);
            if (depth > -0.6 && depth < -0.3)
                g_array_append_val(ring.beyond, spot);
        }
    g_array_sort(ring.edge, by_direction);
    return ring;
}

static void ring_release(struct ring *ring)
{
    g_array_free(ring->edge, TRUE);
    g_array_free(ring->within, TRUE);
    g_array_free(ring->beyond, TRUE);
}

static bool is_ink(PIX *plate, double x_mm, double y_mm)
{
    int x = (int)floor(x_mm * PX_PER_MM), y = (int)floor(y_mm * PX_PER_MM);
    if (x < 0 || y < 0 || x >= pixGetWidth(plate) || y >= pixGetHeight(plate))
        return false;
    const l_uint32 *row = pixGetData(plate) + (size_t)y * (size_t)pixGetWpl(plate);
    return row[x / 32] >> (31 - x % 32) & 1;
}

static bool surrounds(const struct ring *ring, PIX *plate, double x_mm, double y_mm)
{
    int missed = 0, last = -1;
    bool met = true;
    for (guint k = 0; k < ring->edge->len && missed <= DIRECTIONS - DIRECTIONS_MIN; k++) {
        const struct spot *spot = &g_array_index(ring->edge, struct spot, k);
        if (spot->direction != last) {
            missed += (met ? 0 : 1) + (spot->direction - last - 1); /* and those without a cell */
            met = false;
            last = spot->direction;
        }
        met = met || is_ink(plate, x_mm + (double)spot->x_mm, y_mm + (double)spot->y_mm);
    }
    missed += (met ? 0 : 1) + (DIRECTIONS - 1 - last);
    return missed <= DIRECTIONS - DIRECTIONS_MIN;
}

static bool is_paper(GArray *spots, PIX *plate, double x_mm, double y_mm)
{
    guint white = 0;
    for (guint k = 0; k < spots->len; k++) {
        const struct spot *spot = &g_array_index(spots, struct spot, k);
        white += !is_ink(plate, x_mm + (double)spot->x_mm, y_mm + (double)spot->y_mm);
    }
    return (double)white >= PAPER_MIN * (double)spots->len;
}

bool outline_shown(PIX *plate, struct rect rect_mm, enum box_shape shape)
{
    struct ring ring = ring_make(rect_mm.w, rect_mm.h, shape);
    bool shown = surrounds(&ring, plate, rect_mm.x, rect_mm.y);
    ring_release(&ring);
    return shown;
}

static bool is_claimed(const struct template_page *page, size_t box, struct point away_mm)
{
    struct point there = rect_centre(page->boxes[box].rect_mm);
    for (size_t k = 0; k < page->box_count; k++) {
        struct point other = rect_centre(page->boxes[k].rect_mm);
        if (k != box && hypot(there.x + away_mm.x - other.x, there.y + away_mm.y - other.y) < CLAIMED_MM)
            return true;
    }
    return false;
}

bool outline_elsewhere(struct point *away_mm, PIX *plate, const struct template_page *page,
                       size_t box, double least_mm)
{
    const struct template_box *b = &page->boxes[box];
    struct ring ring = ring_make(b->rect_mm.w, b->rect_mm.h, b->shape);
    const int steps = (int)(OUTLINE_REACH_MM / STEP_MM);
    double nearest = OUTLINE_REACH_MM + STEP_MM;
    for (int j = -steps; j <= steps; j++)
        for (int i = -steps; i <= steps; i++) {
            struct point away = {i * STEP_MM, j * STEP_MM};
            double far = hypot(away.x, away.y), x = b->rect_mm.x + away.x, y = b->rect_mm.y + away.y;
            if (far <= least_mm || far >= nearest || !surrounds(&ring, plate, x, y) ||
                !(is_paper(ring.within, plate, x, y) || is_paper(ring.beyond, plate, x, y)) ||
                is_claimed(page, box, away))
                continue;
            nearest = far;
            *away_mm = away;
        }
    ring_release(&ring);
    return nearest <= OUTLINE_REACH_MM;
}
