/* Boxes whose outline the plate lacks: crops of them, and their evidence once the print is known. */
#include "read/unprinted.h"

#include <math.h>
#include <string.h>

#include "form/outline.h"
#include "read/mark_template.h"

/* The patch has a margin of 18.4 cells: so many are cut off, and CROP_MARGIN_MM stays. */
#define CUT 11

_Static_assert(CROP_CELLS_MAX >= PATCH_CELLS_MAX, "a crop is part of a patch");

/* A patch is sampled at r.x - MARGIN_MM: the crop's cells lie where the patch's do. */
static double origin_mm(void)
{
    return MARGIN_MM - CUT * CELL_MM;
}

void crop_size(int *width, int *height, struct rect rect_mm)
{
    patch_size(width, height, rect_mm);
    *width -= 2 * CUT;
    *height -= 2 * CUT;
}

void crop_unpack(unsigned char *out, const struct box_crop *crop)
{
    int count = crop->width * crop->height;
    for (int k = 0; k < count; k++)
        out[k] = (unsigned char)((crop->packed[k / 2] >> (k & 1) * 4 & 15) * 17);
}

const struct box_crop *crop_take(struct arena *arena, const struct box_template *box,
                                 const unsigned char *patch, int dx, int dy, double found)
{
    struct box_crop *crop = ARENA_NEW(arena, struct box_crop, 1);
    crop->found = (float)found;
    crop->dx = dx;
    crop->dy = dy;
    crop_size(&crop->width, &crop->height, box->rect_mm);
    unsigned char *packed =
        ARENA_NEW(arena, unsigned char, crop_bytes(crop->width, crop->height));
    for (int k = 0; k < crop->width * crop->height; k++) {
        int x = k % crop->width + CUT + dx, y = k / crop->width + CUT + dy;
        bool within = x >= 0 && y >= 0 && x < box->width && y < box->height;
        int level = within ? (patch[y * box->width + x] + 8) / 17 : 0;
        packed[k / 2] = (unsigned char)(packed[k / 2] | level << (k & 1) * 4);
    }
    crop->packed = packed;
    return crop;
}

struct crop_frame crop_frame_make(struct arena *arena, const struct template_box *box)
{
    struct crop_frame frame = {.rect_mm = box->rect_mm, .shape = box->shape};
    crop_size(&frame.width, &frame.height, box->rect_mm);
    frame.depth_mm = ARENA_NEW(arena, double, (size_t)frame.width * (size_t)frame.height);
    for (int k = 0; k < frame.width * frame.height; k++) {
        double x = box->rect_mm.x - origin_mm() + (k % frame.width + 0.5) * CELL_MM;
        double y = box->rect_mm.y - origin_mm() + ((double)(k / frame.width) + 0.5) * CELL_MM;
        frame.depth_mm[k] = outline_depth_mm(&box->rect_mm, box->shape, x, y);
    }
    return frame;
}

void crop_shares(double *ink_share, double *faint_share, const struct crop_frame *frame,
                 const unsigned char *cells, const unsigned char *print,
                 const struct mark_calibration *calibration)
{
    int ink_level = (int)(calibration->ink_level * 255), inside = 0, deep = 0, ink = 0, faint = 0;
    int faint_level = (int)(calibration->faint_level * 255);
    double smaller = fmin(frame->rect_mm.w, frame->rect_mm.h);
    for (int k = 0; k < frame->width * frame->height; k++) {
        unsigned char cell = mark_classify(calibration, frame->depth_mm[k], print[k], false, smaller);
        if (!(cell & CELL_INSIDE))
            continue;
        inside++;
        deep += (cell & CELL_DEEP) != 0;
        ink += cells[k] >= ink_level;
        faint += (cell & CELL_DEEP) && cells[k] >= faint_level && cells[k] < ink_level;
    }
    *ink_share = (double)ink / (inside > 0 ? inside : 1);
    *faint_share = *ink_share + (double)faint / (deep > 0 ? deep : 1);
}

void crop_measure(struct box_evidence *evidence, const struct crop_frame *frame,
                  const unsigned char *cells, const unsigned char *print,
                  const struct mark_calibration *calibration)
{
    unsigned char kinds[PATCH_CELLS_MAX];
    struct box_template box = {.rect_mm = frame->rect_mm, .width = frame->width,
                               .height = frame->height};
    struct box_mask mask = {.cells = kinds};
    double smaller = fmin(frame->rect_mm.w, frame->rect_mm.h);
    for (int k = 0; k < frame->width * frame->height; k++)
        kinds[k] = mark_classify(calibration, frame->depth_mm[k], print[k], false, smaller);
    mark_mask_sum(&mask, frame->width, frame->height);
    const struct transform upright = transform_identity();
    /* the crop shows less of the ring and of streaks than the scan did */
    float outside = evidence->outside_mm2, streak = evidence->streak_share;
    mark_measure(evidence, &box, &mask, calibration, cells, 0, 0, &upright);
    evidence->outside_mm2 = outside;
    evidence->shade_mm2 = 0; /* it may be printed */
    evidence->streak_share = fmaxf(streak, evidence->streak_share);
}
