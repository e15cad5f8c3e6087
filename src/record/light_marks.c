/* Which lightly marked boxes are marked by the shape of what is in them. */
#include "record/light_marks.h"

/* The ink of the piece in the box; 0 where more than a touch of it lies in another one. */
static double inside_alone(const struct ink_piece *p, size_t box, const struct outside_calibration *c)
{
    double here = 0;
    for (size_t t = 0; t < p->touch_count; t++) {
        double inside = (double)p->touches[t].inside_mm2;
        if (p->touches[t].box == box)
            here = inside;
        else if (inside > c->light_mark_other_max_mm2)
            return 0;
    }
    return here;
}

/* A tick whose point lies low in the box and whose tail leaves it up and to the right. Of one that was set
 * between two boxes the point lies between them or in the upper part of the lower one. */
static bool is_tick(const struct ink_piece *p, struct rect box, const struct outside_calibration *c)
{
    struct rect r = p->rect_mm;
    double point = (r.y + r.h - box.y) / box.h, x = (double)p->x_mm, y = (double)p->y_mm;
    return r.x >= box.x && r.x + r.w > box.x + box.w && x > box.x + box.w / 2 &&
           y < box.y + c->light_tick_point_min * box.h && point >= c->light_tick_point_min &&
           point <= c->light_tick_point_max && p->length_mm >= c->light_tick_length_min_mm;
}

/* A stroke that goes on outside in other pieces is not drawn in the box: a scratch, or the rim of a stain. */
static bool is_drawn(const struct ink_piece *p, size_t k, struct rect box, double outside_mm2,
                     const struct outside_calibration *c)
{
    double here = inside_alone(p, k, c), share = here / (double)p->area_mm2;
    if (outside_mm2 - ((double)p->area_mm2 - here) > c->light_mark_outside_max_mm2)
        return false;
    bool bent = p->length_mm >= c->light_mark_length_min_mm && p->wide_mm >= c->light_mark_wide_min_mm;
    return here > 0 && ((share >= c->light_mark_share_min && bent) ||
                        (share >= c->light_tick_share_min && is_tick(p, box, c)));
}

void light_marks_accept(struct box_decision *boxes, const enum ink_class *classes,
                        const struct page_reading *reading, const struct template_page *page,
                        const struct outside_calibration *calibration)
{
    for (size_t k = 0; k < reading->piece_count; k++) {
        const struct ink_piece *p = &reading->pieces[k];
        for (size_t t = 0; classes[k] == INK_MARK && t < p->touch_count; t++) {
            size_t b = p->touches[t].box;
            struct box_decision *box = &boxes[b];
            if (box->state != BOX_UNCERTAIN || box->flag != FLAG_MARK_UNCERTAIN ||
                !box->lightly_marked ||
                !is_drawn(p, b, page->boxes[b].rect_mm,
                          (double)reading->boxes[b].evidence.outside_mm2, calibration))
                continue;
            box->state = box->leaning = BOX_MARKED;
            box->flag = FLAG_NONE;
            box->error = calibration->light_mark_error;
            box->confidence = 1 - calibration->light_mark_error;
        }
    }
}
