/* Which box a line to write on belongs to. */
#include "form/find_beside.h"

#include <math.h>
#include <stdint.h>

#include "form/find_internal.h"

/* White between the box and its label or line, and within and after the label; more parts them. */
#define AFTER_BOX_MM 8.0
#define WITHIN_MM 5.0
/* The lowest part of an area: its line, and the writing right above. */
#define LINE_MM 2.8

/* Is there no more than a label between the two, in the box's row? */
static bool only_label_between(PIX *plate, struct rect box, double to)
{
    double from = box.x + box.w, white = 0, most = FIND_PX(AFTER_BOX_MM);
    for (double x = from + 2; x < to; x++) {
        bool print = find_ink(plate, (struct rect){x, box.y, 1, box.h}) > 0;
        white = print ? 0 : white + 1;
        if (white > most)
            return false;
        if (print && x > from + FIND_PX(0.6)) /* the outline's own roughness is no label */
            most = FIND_PX(WITHIN_MM);
    }
    return true;
}

size_t find_box_before(PIX *plate, struct rect area, const struct rect *boxes, size_t box_count)
{
    size_t found = SIZE_MAX;
    double bottom = area.y + area.h, top = fmax(area.y, bottom - FIND_PX(LINE_MM)), end = -INFINITY;
    for (size_t i = 0; i < box_count; i++) {
        double right = boxes[i].x + boxes[i].w;
        if (boxes[i].y >= bottom || boxes[i].y + boxes[i].h <= top || right > area.x + 2 ||
            right <= end)
            continue;
        end = right;
        found = i;
    }
    return found != SIZE_MAX && only_label_between(plate, boxes[found], area.x) ? found : SIZE_MAX;
}

void find_lines_beside(struct find_beside **out, size_t *count, struct arena *arena,
                       const struct find_page *page, const struct rect *boxes, size_t box_count)
{
    struct level level;
    level_init(&level, arena, page);
    struct rect *px = ARENA_NEW(arena, struct rect, box_count);
    GArray *holes = find_holes(&level.page), *found = find_boxes(&level.page, holes);
    for (size_t i = 0; i < box_count; i++) {
        px[i] = level_turn(&level, boxes[i]);
        struct found box = {.kind = FOUND_BOX, .px = px[i]};
        g_array_append_val(found, box);
    }
    guint first = found->len;
    find_lines(found, &level.page, holes);
    *out = ARENA_NEW(arena, struct find_beside, found->len - first);
    *count = 0;
    for (guint i = first; i < found->len; i++) {
        struct rect area = g_array_index(found, struct found, i).px;
        size_t box = find_box_before(level.page.plate, area, px, box_count);
        if (box != SIZE_MAX)
            (*out)[(*count)++] = (struct find_beside){level_turn_back(&level, area), box};
    }
    g_array_free(found, TRUE);
    g_array_free(holes, TRUE);
    level_release(&level);
}
