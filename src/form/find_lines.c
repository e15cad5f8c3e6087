/* Lines to write on: a rule with white above it that belongs to no box and no table. */
#include "form/find_internal.h"

#include <math.h>

#define LINE_MM_MIN 14.0
#define LINE_THICK_MM_MAX 0.8
/* The white above that a line of handwriting needs (less where a box to tick stands beside it, since
 * then it is for writing), and the most that is taken. */
#define ROOM_MM_MIN 3.6
#define ROOM_BESIDE_MM_MIN 2.8
#define ROOM_MM_MAX 9.0
#define BESIDE_MM 8.0
/* A rule of nearly the page's width is a rule, unless another is right under or over it with nothing
 * between. */
#define PAGE_SHARE_MAX 0.75
#define STACK_MM_MIN 5.0
#define STACK_MM_MAX 14.0
/* The dots of a dotted line, and what is taken for the white between them. */
#define DOT_MM_MAX 0.9
#define DOT_GAP_MM_MAX 1.5
/* A thin rule that scanning broke: how high its pieces are, and the gaps between. */
#define PIECE_H_MM_MAX 0.45
#define PIECE_GAP_MM 2.0
/* Print or a box this close after dots is what they lead to. */
#define LEADS_MM 10.0
/* An upright stroke this long at its end makes it part of a frame. */
#define UPRIGHT_MM 2.5

/* The pieces of a thin rule that scanning broke, joined: what is low and thin in one row. */
static PIX *broken_rules(PIX *plate)
{
    int high = (int)FIND_PX(PIECE_H_MM_MAX), wide = pixGetWidth(plate);
    PIX *low = pixSelectBySize(plate, wide, high, 8, L_SELECT_IF_BOTH, L_SELECT_IF_LTE, NULL);
    /* dots are leaders more often, and looked at by themselves */
    PIX *long_ones = low == NULL ? NULL
                                 : pixSelectBySize(low, (int)FIND_PX(DOT_MM_MAX), 1, 8,
                                                   L_SELECT_WIDTH, L_SELECT_IF_GT, NULL);
    PIX *joined = long_ones == NULL
                      ? NULL
                      : pixCloseSafeBrick(NULL, long_ones, (int)FIND_PX(PIECE_GAP_MM) | 1, 3);
    PIX *level = joined == NULL ? NULL : pixOpenBrick(NULL, joined, (int)FIND_PX(LINE_MM_MIN), 1);
    pixDestroy(&low);
    pixDestroy(&long_ones);
    pixDestroy(&joined);
    return level;
}

static BOXA *rules(const struct find_page *page)
{
    /* In pieces, so that a slight slope does not break it; the pieces are joined again. */
    PIX *level = pixOpenBrick(NULL, page->plate, (int)FIND_PX(5), 1);
    if (level != NULL && !page->is_clean) {
        PIX *broken = broken_rules(page->plate);
        if (broken == NULL)
            error_die("out of memory while looking for lines");
        pixOr(level, level, broken);
        pixDestroy(&broken);
    }
    PIX *joined = level == NULL ? NULL : pixCloseSafeBrick(NULL, level, 5, 3);
    BOXA *boxes = joined == NULL ? NULL : pixConnCompBB(joined, 8);
    pixDestroy(&level);
    pixDestroy(&joined);
    if (boxes == NULL)
        error_die("out of memory while looking for lines");
    return boxes;
}

/* The lines that rows of dots make; NULL where there are none. */
static BOXA *dotted_rules(PIX *plate)
{
    int most = (int)FIND_PX(DOT_MM_MAX);
    PIX *dots = pixSelectBySize(plate, most, most, 8, L_SELECT_IF_BOTH, L_SELECT_IF_LTE, NULL);
    PIX *joined = dots == NULL ? NULL
                               : pixCloseSafeBrick(NULL, dots, (int)FIND_PX(DOT_GAP_MM_MAX) | 1, 1);
    PIX *level = joined == NULL ? NULL : pixOpenBrick(NULL, joined, (int)FIND_PX(LINE_MM_MIN), 1);
    BOXA *boxes = level == NULL ? NULL : pixConnCompBB(level, 8);
    pixDestroy(&dots);
    pixDestroy(&joined);
    pixDestroy(&level);
    if (boxes == NULL)
        error_die("out of memory while looking for dotted lines");
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

/* Does a box to tick stand in the row of the line, right before or after it? */
static bool has_box_beside(const GArray *found, struct rect line)
{
    for (guint i = 0; i < found->len; i++) {
        const struct found *f = &g_array_index(found, struct found, i);
        double gap = fmax(line.x - f->px.x - f->px.w, f->px.x - line.x - line.w);
        if (f->kind == FOUND_BOX && gap > -2 && gap < FIND_PX(BESIDE_MM) &&
            f->px.y < line.y + line.h && f->px.y + f->px.h > line.y - FIND_PX(ROOM_BESIDE_MM_MIN))
            return true;
    }
    return false;
}

/* Is there another line as long right over or under this one, with nothing between? */
static bool is_stacked(PIX *plate, BOXA *all, struct rect line)
{
    for (l_int32 i = 0; i < boxaGetCount(all); i++) {
        l_int32 x, y, w, h;
        boxaGetBoxGeometry(all, i, &x, &y, &w, &h);
        double apart = fabs(y - line.y), upper = fmin(y, line.y) + line.h + 3;
        if (fabs(x - line.x) > FIND_PX(1.5) || fabs(w - line.w) > FIND_PX(3) ||
            apart < FIND_PX(STACK_MM_MIN) || apart > FIND_PX(STACK_MM_MAX))
            continue;
        struct rect between = {line.x, upper, line.w, fmax(y, line.y) - 3 - upper};
        if (find_ink(plate, between) <= 0.002 * between.w * between.h)
            return true;
    }
    return false;
}

/* May it be a line to write on, by what stands around it? */
static bool stands_free(const struct find_page *page, const GArray *holes, BOXA *all,
                        struct rect line, bool beside)
{
    if (line.w < FIND_PX(LINE_MM_MIN) || line.h > FIND_PX(LINE_THICK_MM_MAX) + line.w * 0.01 ||
        (line.w > PAGE_SHARE_MAX * pixGetWidth(page->plate) &&
         !is_stacked(page->plate, all, line)) || is_wall(holes, line))
        return false;
    bool left = has_upright(page, line.x, line.y, line.y + line.h);
    bool right = has_upright(page, line.x + line.w, line.y, line.y + line.h);
    /* a line beside a box may run up to the frame, as on ballots; one from side to side parts it */
    return beside ? !(left && right) : !left && !right;
}

static void take_line(GArray *found, const struct find_page *page, const GArray *holes, BOXA *all,
                      struct rect line)
{
    PIX *plate = page->plate;
    bool beside = has_box_beside(found, line);
    if (!stands_free(page, holes, all, line, beside))
        return;
    double inset = beside ? FIND_PX(1) : 2; /* the frame's own stroke is no print */
    double room = room_above(plate, line.x + inset, line.x + line.w - inset, line.y,
                             FIND_PX(ROOM_MM_MAX));
    struct rect area = {line.x, line.y - room, line.w, room + line.h};
    if (room < FIND_PX(beside ? ROOM_BESIDE_MM_MIN : ROOM_MM_MIN) ||
        overlaps_found(found, rect_grow(area, -2)))
        return;
    struct found new = {.kind = FOUND_AREA, .px = area};
    new.doubt = "a line: is it to be written on?";
    g_array_append_val(found, new);
}

/* Do the dots lead to print or to a box after them, as in a table of answers? */
static bool leads_on(const GArray *found, const struct find_page *page, struct rect line)
{
    struct rect after = {line.x + line.w + 2, line.y - FIND_PX(2.5), FIND_PX(LEADS_MM),
                         FIND_PX(3)};
    return overlaps_found(found, after) || find_ink(page->plate, after) > 12;
}

/* A row of dots with white above and below; a tint of dots has neither. */
static void take_dotted_line(GArray *found, const struct find_page *page, struct rect line)
{
    PIX *plate = page->plate;
    struct rect below = {line.x, line.y + line.h + 2, line.w, FIND_PX(0.7)};
    double room = room_above(plate, line.x, line.x + line.w, line.y, FIND_PX(ROOM_MM_MAX));
    struct rect area = {line.x, line.y - room, line.w, room + line.h};
    if (line.h > FIND_PX(DOT_MM_MAX) || line.w > PAGE_SHARE_MAX * pixGetWidth(plate) ||
        room < FIND_PX(ROOM_BESIDE_MM_MIN) || find_ink(plate, below) > 0.01 * below.w * below.h ||
        overlaps_found(found, rect_grow(area, -2)) || leads_on(found, page, line))
        return;
    struct found new = {.kind = FOUND_AREA, .px = area};
    new.doubt = "a dotted line: is it to be written on?";
    g_array_append_val(found, new);
}

/* Lines of one length right under one another take one long answer, unless each has its own box. */
static void join_lines(GArray *found, guint first)
{
    for (guint i = first; i < found->len; i++)
        for (guint k = i + 1; k < found->len;) {
            struct found *a = &g_array_index(found, struct found, i);
            const struct found *b = &g_array_index(found, struct found, k);
            double gap = b->px.y - (a->px.y + a->px.h);
            struct rect line = {b->px.x, b->px.y + b->px.h - 1, b->px.w, 1};
            if (fabs(a->px.x - b->px.x) > FIND_PX(1.5) || fabs(a->px.w - b->px.w) > FIND_PX(3) ||
                gap < -3 || gap > FIND_PX(2.5) || has_box_beside(found, line)) {
                k++;
                continue;
            }
            a->px.h = b->px.y + b->px.h - a->px.y;
            a->many_lines = true;
            g_array_remove_index(found, k);
        }
}

/* Top to bottom; the caller's. */
static BOXA *sorted_by_y(BOXA *all)
{
    /* Leptonica would complain of none */
    BOXA *sorted = boxaGetCount(all) == 0 ? boxaCreate(1)
                                          : boxaSort(all, L_SORT_BY_Y, L_SORT_INCREASING, NULL);
    boxaDestroy(&all);
    if (sorted == NULL)
        error_die("out of memory while looking for lines");
    return sorted;
}

void find_lines(GArray *found, const struct find_page *page, const GArray *holes)
{
    guint first = found->len;
    l_int32 x, y, w, h;
    BOXA *all = sorted_by_y(rules(page)), *dotted = sorted_by_y(dotted_rules(page->plate));
    for (l_int32 i = 0; i < boxaGetCount(all); i++) {
        boxaGetBoxGeometry(all, i, &x, &y, &w, &h);
        take_line(found, page, holes, all, (struct rect){x, y, w, h});
    }
    for (l_int32 i = 0; i < boxaGetCount(dotted); i++) {
        boxaGetBoxGeometry(dotted, i, &x, &y, &w, &h);
        take_dotted_line(found, page, (struct rect){x, y, w, h});
    }
    boxaDestroy(&all);
    boxaDestroy(&dotted);
    join_lines(found, first);
}
