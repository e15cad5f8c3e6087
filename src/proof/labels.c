/* Looks for the run of print beside a box: to its right, else to its left. */
#include "proof/labels.h"

#include <glib.h>
#include <math.h>

#define LOOK_DPI 150
#define DARK 170          /* of drawn grey */
#define OFF_BOX_MM 0.7    /* the outline and a little air */
#define NEAR_MM 9.0       /* farther off it belongs to something else */
#define WORD_GAP_MM 2.6   /* a wider gap ends the label */
#define RULE_MM 1.6       /* a line that goes on so far over and under the box parts columns */
#define LEAST_MM 0.7      /* narrower: a speck */
#define EDGE_MM 6.0

struct label_map {
    size_t page_count;
    struct rect **pages; /* one a box */
};

/* What of one column of the picture is printed between two rows. */
struct column {
    int top, bottom; /* rows; bottom < top: nothing */
    bool full;       /* from top to bottom */
};

static struct column look_down(const struct plane *plane, int x, int y0, int y1)
{
    struct column out = {y1, y0 - 1, true};
    for (int y = y0; y < y1; y++) {
        if (plane->data[(size_t)y * (size_t)plane->width_px + (size_t)x] >= DARK) {
            out.full = false;
            continue;
        }
        out.top = y < out.top ? y : out.top;
        out.bottom = y;
    }
    return out;
}

/* How far the search may go to one side: to the next box in the row, or the page's edge. */
static double limit_of(const struct template_page *page, size_t b, int way)
{
    struct rect box = page->boxes[b].rect_mm;
    double limit = way > 0 ? page->width_mm - EDGE_MM : EDGE_MM;
    for (size_t i = 0; i < page->box_count; i++) {
        struct rect o = page->boxes[i].rect_mm;
        if (i == b || fabs(o.y + o.h / 2 - box.y - box.h / 2) > box.h)
            continue;
        if (way > 0 && o.x >= box.x + box.w)
            limit = fmin(limit, o.x - OFF_BOX_MM);
        else if (way < 0 && o.x + o.w <= box.x)
            limit = fmax(limit, o.x + o.w + OFF_BOX_MM);
    }
    return limit;
}

static struct rect look_aside(const struct plane *plane, const struct template_page *page, size_t b,
                              int way)
{
    struct rect box = page->boxes[b].rect_mm;
    double k = plane->px_per_mm;
    int y0 = (int)fmax(floor((box.y - 0.2) * k), 0);
    int y1 = (int)fmin(ceil((box.y + box.h + 0.2) * k), plane->height_px);
    int rule0 = (int)fmax((box.y - RULE_MM) * k, 0);
    int rule1 = (int)fmin((box.y + box.h + RULE_MM) * k, plane->height_px);
    int end = (int)fmin(fmax(limit_of(page, b, way) * k, 0), plane->width_px - 1);
    int x = (int)((way > 0 ? box.x + box.w + OFF_BOX_MM : box.x - OFF_BOX_MM) * k);
    int first = -1, last = -1, top = y1, bottom = y0, start = x;
    for (; x >= 0 && x < plane->width_px && (end - x) * way > 0; x += way) {
        struct column c = look_down(plane, x, y0, y1);
        bool empty = c.bottom < c.top;
        if (look_down(plane, x, rule0, rule1).full || (empty && (first < 0 ? abs(x - start) > NEAR_MM * k
                                             : abs(x - last) > WORD_GAP_MM * k)))
            break;
        if (empty)
            continue;
        first = first < 0 ? x : first;
        last = x;
        top = c.top < top ? c.top : top;
        bottom = c.bottom > bottom ? c.bottom : bottom;
    }
    if (first < 0 || abs(last - first) < LEAST_MM * k)
        return (struct rect){0};
    int left = first < last ? first : last;
    return (struct rect){left / k, top / k, (abs(last - first) + 1) / k, (bottom - top + 1) / k};
}

struct label_map *labels_find(const struct form *form, struct picture_book *book,
                              struct error *err)
{
    struct label_map *labels = g_new0(struct label_map, 1);
    labels->page_count = form->page_count;
    labels->pages = g_new0(struct rect *, form->page_count);
    for (size_t p = 0; p < form->page_count; p++) {
        const struct template_page *page = &form->pages[p];
        const struct plane *plane = picture_book_page(book, p, LOOK_DPI, NULL, err);
        if (plane == NULL) {
            labels_free(labels);
            return NULL;
        }
        labels->pages[p] = g_new0(struct rect, page->box_count);
        for (size_t b = 0; b < page->box_count; b++) {
            struct rect found = look_aside(plane, page, b, 1);
            labels->pages[p][b] = found.w > 0 ? found : look_aside(plane, page, b, -1);
        }
    }
    return labels;
}

void labels_free(struct label_map *labels)
{
    if (labels == NULL)
        return;
    for (size_t p = 0; p < labels->page_count; p++)
        g_free(labels->pages[p]);
    g_free(labels->pages);
    g_free(labels);
}

struct rect labels_at(const struct label_map *labels, size_t page, size_t box)
{
    const struct rect nowhere = {0};
    return labels == NULL ? nowhere : labels->pages[page][box];
}
