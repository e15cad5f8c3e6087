/* Lines to write on: a rule with white above it that belongs to no box and no table. */
#include "form/find_internal.h"

#include <math.h>

#define LINE_MM_MIN 14.0
#define LINE_THICK_MM_MAX 0.8
/* The white above that a line of handwriting needs, and the most that is taken. */
#define ROOM_MM_MIN 3.6
#define ROOM_MM_MAX 9.0
/* A rule of nearly the page's width is a rule. */
#define PAGE_SHARE_MAX 0.75
/* An upright stroke this long at its end makes it part of a frame. */
#define UPRIGHT_MM 2.5

static BOXA *rules(PIX *plate)
{
    /* In pieces, so that a slight slope does not break it; the pieces are joined again. */
    PIX *level = pixOpenBrick(NULL, plate, (int)FIND_PX(5), 1);
    PIX *joined = level == NULL ? NULL : pixCloseSafeBrick(NULL, level, 5, 3);
    BOXA *boxes = joined == NULL ? NULL : pixConnCompBB(joined, 8);
    pixDestroy(&level);
    pixDestroy(&joined);
    if (boxes == NULL)
        error_die("out of memory while looking for lines");
    return boxes;
}

/* Is there an upright stroke at x that goes well above or below the line? */
static bool has_upright(const struct find_page *page, double x, double y0, double y1)
{
    PIX *plate = page->plate;
    double reach = FIND_PX(UPRIGHT_MM), slack = page->is_clean ? 2 : 5;
    for (double at = x - slack; at <= x + slack; at++) {
        if (find_ink(plate, (struct rect){at, y0 - reach, 1, reach}) > 0.9 * reach ||
            find_ink(plate, (struct rect){at, y1, 1, reach}) > 0.9 * reach)
            return true;
    }
    return false;
}

/* How much white there is above the stretch. */
static double room_above(PIX *plate, double x0, double x1, double y, double most)
{
    double room = 0;
    /* the line's own slope and roughness first */
    while (room < 5 && find_ink(plate, (struct rect){x0, y - room - 1, x1 - x0, 1}) > 2)
        room++;
    while (room < most &&
           find_ink(plate, (struct rect){x0, y - room - 1, x1 - x0, 1}) <= 0.004 * (x1 - x0))
        room++;
    return room;
}

static bool overlaps_found(const GArray *found, struct rect r)
{
    for (guint i = 0; i < found->len; i++)
        if (rect_overlap(g_array_index(found, struct found, i).px, r))
            return true;
    return false;
}

/* Is the line a wall of something enclosed? */
static bool is_wall(const GArray *holes, struct rect line)
{
    for (guint i = 0; i < holes->len; i++) {
        struct rect r = rect_grow(g_array_index(holes, struct hole, i).outer, 3);
        if (find_overlap(r.x, r.x + r.w, line.x, line.x + line.w) > 0.5 * line.w &&
            (fabs(r.y + 3 - line.y) < 6 || fabs(r.y + r.h - 3 - line.y - line.h) < 6))
            return true;
    }
    return false;
}

static void take_line(GArray *found, const struct find_page *page, const GArray *holes,
                      struct rect line)
{
    PIX *plate = page->plate;
    if (line.w < FIND_PX(LINE_MM_MIN) || line.h > FIND_PX(LINE_THICK_MM_MAX) + line.w * 0.01 ||
        line.w > PAGE_SHARE_MAX * pixGetWidth(plate) || is_wall(holes, line) ||
        has_upright(page, line.x, line.y, line.y + line.h) ||
        has_upright(page, line.x + line.w, line.y, line.y + line.h))
        return;
    double room = room_above(plate, line.x + 2, line.x + line.w - 2, line.y, FIND_PX(ROOM_MM_MAX));
    struct rect area = {line.x, line.y - room, line.w, room + line.h};
    if (room < FIND_PX(ROOM_MM_MIN) || overlaps_found(found, rect_grow(area, -2)))
        return;
    struct found new = {.kind = FOUND_AREA, .px = area};
    new.doubt = "a line: is it to be written on?";
    g_array_append_val(found, new);
}

/* Lines of one length right under one another take one long answer. */
static void join_lines(GArray *found, guint first)
{
    for (guint i = first; i < found->len; i++)
        for (guint k = i + 1; k < found->len;) {
            struct found *a = &g_array_index(found, struct found, i);
            const struct found *b = &g_array_index(found, struct found, k);
            double gap = b->px.y - (a->px.y + a->px.h);
            if (fabs(a->px.x - b->px.x) > FIND_PX(1.5) || fabs(a->px.w - b->px.w) > FIND_PX(3) ||
                gap < -3 || gap > FIND_PX(2.5)) {
                k++;
                continue;
            }
            a->px.h = b->px.y + b->px.h - a->px.y;
            a->many_lines = true;
            g_array_remove_index(found, k);
        }
}

void find_lines(GArray *found, const struct find_page *page, const GArray *holes)
{
    guint first = found->len;
    BOXA *all = rules(page->plate);
    if (boxaGetCount(all) == 0) { /* Leptonica would complain */
        boxaDestroy(&all);
        return;
    }
    BOXA *sorted = boxaSort(all, L_SORT_BY_Y, L_SORT_INCREASING, NULL);
    for (l_int32 i = 0; i < boxaGetCount(sorted); i++) {
        l_int32 x, y, w, h;
        boxaGetBoxGeometry(sorted, i, &x, &y, &w, &h);
        take_line(found, page, holes, (struct rect){x, y, w, h});
    }
    boxaDestroy(&sorted);
    boxaDestroy(&all);
    join_lines(found, first);
}
