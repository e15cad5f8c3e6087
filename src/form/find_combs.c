/* Cells for characters that no outline closes: a line with upright strokes on it (a comb), or a row
 * of short lines of one length. */
#include "form/find_internal.h"

#include <math.h>
#include <stdlib.h>

#define PITCH_MM_MIN 3.2
#define PITCH_MM_MAX 13.0
#define STROKE_MM_MIN 1.2  /* an upright stroke, from the line up */
#define STROKE_MM_MAX 12.0
#define STROKE_W_MM_MAX 0.9
#define DASH_MM_MIN 3.0    /* a short line that takes a character */
#define DASH_MM_MAX 11.0
#define DASHES_MIN 3
/* White over the cell that a character needs; how high a cell is taken, in times its width. */
#define ROOM_MM_MIN 4.0
#define HEIGHT_TIMES 1.2
/* Distances of one comb differ by at most this share. */
#define PITCH_SLACK 0.12

/* Height of the ink that goes up from (x, y) without a break. */
static double stroke_height(PIX *plate, double x, double y)
{
    double height = 0;
    while (height < FIND_PX(STROKE_MM_MAX) + 2 &&
           find_ink(plate, (struct rect){x - 1, y - height - 1, 3, 1}) > 0)
        height++;
    return height;
}

/* White above, across the whole stretch. */
static double room(PIX *plate, double x0, double x1, double y, double most)
{
    double room = 0;
    while (room < most && find_ink(plate, (struct rect){x0, y - room - 1, x1 - x0, 1}) <= 1)
        room++;
    return room;
}

static bool overlaps(const GArray *found, struct rect r)
{
    for (guint i = 0; i < found->len; i++)
        if (rect_overlap(g_array_index(found, struct found, i).px, r))
            return true;
    return false;
}

/* Adds the cells whose edges these are, over the line, where there is room to write. `height` of the
 * strokes that part them, 0 = none. */
static bool add_cells(GArray *found, PIX *plate, const double *left, const double *right,
                      size_t count, struct rect line, double height)
{
    double y = line.y + line.h;
    struct found new = {.kind = FOUND_CELLS, .cell_count = count};
    for (size_t i = 0; i < count; i++) {
        double w = right[i] - left[i], most = HEIGHT_TIMES * w;
        double white = room(plate, left[i] + 3, right[i] - 3, line.y - 1,
                            fmax(most, height));
        double h = fmax(height, fmin(most, white));
        if (white < FIND_PX(ROOM_MM_MIN) || h < 0.6 * w)
            return false;
        new.cells[i] = (struct rect){left[i], y - h, w, h};
    }
    double top = y;
    for (size_t i = 0; i < count; i++)
        top = fmin(top, new.cells[i].y);
    new.px = (struct rect){left[0], top, right[count - 1] - left[0], y - top};
    new.doubt = "cells that are open above: is a character written in each?";
    /* down to the line's lower edge and beyond: it may be the top of a row of boxes */
    struct rect around = rect_grow(new.px, -3);
    around.h += 5;
    if (overlaps(found, around))
        return false;
    g_array_append_val(found, new);
    return true;
}

/* ---- combs ---------------------------------------------------------------------------------- */

/* The x of upright strokes on the line; *height of the usual one. 0 = too many, or too thick. */
static size_t strokes(double out[FOUND_CELLS_MAX + 1], double *height, PIX *plate, struct rect line)
{
    size_t count = 0;
    double begin = -1, sum = 0, tallest = 0;
    for (double x = line.x - 4; x <= line.x + line.w + 4; x++) {
        double h = stroke_height(plate, x, line.y);
        if (h >= FIND_PX(STROKE_MM_MIN)) {
            begin = begin < 0 ? x : begin;
            tallest = fmax(tallest, h);
            continue;
        }
        if (begin >= 0) {
            if (x - begin > FIND_PX(STROKE_W_MM_MAX) || count > FOUND_CELLS_MAX ||
                tallest > FIND_PX(STROKE_MM_MAX))
                return 0;
            out[count++] = (begin + x) / 2;
            sum += tallest;
            begin = -1;
            tallest = 0;
        }
    }
    *height = count > 0 ? sum / (double)count : 0;
    return count;
}

static bool is_regular(const double *at, size_t count)
{
    double pitch = (at[count - 1] - at[0]) / (double)(count - 1);
    if (pitch < FIND_PX(PITCH_MM_MIN) || pitch > FIND_PX(PITCH_MM_MAX))
        return false;
    for (size_t i = 1; i < count; i++)
        if (fabs(at[i] - at[i - 1] - pitch) > PITCH_SLACK * pitch)
            return false;
    return true;
}

static void take_comb(GArray *found, PIX *plate, struct rect line)
{
    double at[FOUND_CELLS_MAX + 1], height;
    size_t count = strokes(at, &height, plate, line);
    if (count >= 3 && count <= FOUND_CELLS_MAX && is_regular(at, count) &&
        fabs(at[0] - line.x) < FIND_PX(1) && fabs(at[count - 1] - line.x - line.w) < FIND_PX(1))
        add_cells(found, plate, at, at + 1, count - 1, line, height);
}

/* ---- short lines ---------------------------------------------------------------------------- */

static int by_place(const void *a, const void *b)
{
    const struct rect *p = a, *q = b;
    if (fabs(p->y - q->y) > 4)
        return p->y < q->y ? -1 : 1;
    return (p->x > q->x) - (p->x < q->x);
}

static void take_dashes(GArray *found, PIX *plate, const struct rect *line, size_t count)
{
    double left[FOUND_CELLS_MAX], right[FOUND_CELLS_MAX];
    for (size_t i = 0; i < count; i++) {
        left[i] = line[i].x;
        right[i] = line[i].x + line[i].w;
    }
    if (count >= DASHES_MIN && is_regular(left, count))
        add_cells(found, plate, left, right, count, line[0], 0);
}

/* Lines of one length at one height, one after another. */
static size_t run_from(const struct rect *lines, size_t first, size_t count)
{
    size_t end = first + 1;
    struct rect a = lines[first];
    if (a.w < FIND_PX(DASH_MM_MIN) || a.w > FIND_PX(DASH_MM_MAX))
        return 1;
    while (end < count && end - first < FOUND_CELLS_MAX && fabs(lines[end].y - a.y) <= 4 &&
           fabs(lines[end].w - a.w) < 0.1 * a.w + 2 &&
           lines[end].x - lines[end - 1].x - lines[end - 1].w < a.w)
        end++;
    return end - first;
}

void find_combs(GArray *found, const struct find_page *page)
{
    PIX *level = pixOpenBrick(NULL, page->plate, (int)FIND_PX(DASH_MM_MIN), 1);
    PIX *joined = level == NULL ? NULL : pixCloseSafeBrick(NULL, level, 5, 3);
    BOXA *boxes = joined == NULL ? NULL : pixConnCompBB(joined, 8);
    if (boxes == NULL)
        error_die("out of memory while looking for lines");
    size_t count = 0;
    struct rect *lines = g_new0(struct rect, (size_t)boxaGetCount(boxes) + 1);
    for (l_int32 i = 0; i < boxaGetCount(boxes); i++) {
        l_int32 x, y, w, h;
        boxaGetBoxGeometry(boxes, i, &x, &y, &w, &h);
        if (h <= FIND_PX(STROKE_W_MM_MAX))
            lines[count++] = (struct rect){x, y, w, h};
    }
    qsort(lines, count, sizeof *lines, by_place);
    for (size_t i = 0; i < count; i++)
        if (lines[i].w >= 2 * FIND_PX(PITCH_MM_MIN))
            take_comb(found, page->plate, lines[i]);
    for (size_t i = 0, run; i < count; i += run) {
        run = run_from(lines, i, count);
        take_dashes(found, page->plate, lines + i, run);
    }
    g_free(lines);
    boxaDestroy(&boxes);
    pixDestroy(&joined);
    pixDestroy(&level);
}
