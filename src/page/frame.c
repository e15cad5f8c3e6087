/* Upright frames. */
#include "page/frame.h"

#include <math.h>

#include "base/error.h"

/* A small skew moves a 6.5 mm patch's edge by 0.03 mm at half a degree: no need to resample. */
#define SKEW_LEFT_DEG 0.5
#define SCALE_LEFT 0.015
#define MARGIN_MM 8.0 /* kept around the form, where a coarse transform may still have put it */

/* Pixels of the image turned upright -> pixels of the image, w x h, turned clockwise by `quarter`. */
static struct transform unturn(int quarter, double w, double h)
{
    switch (quarter) {
    case 1: return (struct transform){{0, -1, w, 1, 0, 0, 0, 0}};
    case 2: return (struct transform){{-1, 0, w, 0, -1, h, 0, 0}};
    case 3: return (struct transform){{0, 1, 0, -1, 0, h, 0, 0}};
    default: return transform_identity();
    }
}

void frame_init(struct frame *out, const struct working *working,
                const struct transform *form_to_working, double width_mm, double height_mm,
                enum frame_use use)
{
    *out = (struct frame){.px_per_mm = working->dpi / MM_PER_INCH};
    /* the direction of the form's x axis at its centre */
    struct point centre = {width_mm / 2, height_mm / 2};
    struct point o = transform_apply(form_to_working, centre);
    struct point e =
        transform_apply(form_to_working, (struct point){centre.x + 1, centre.y});
    struct point s =
        transform_apply(form_to_working, (struct point){centre.x, centre.y + 1});
    double angle = atan2(e.y - o.y, e.x - o.x) * 180 / M_PI;
    int quarter = ((int)lround(angle / 90) % 4 + 4) % 4;
    double skew = fabs(angle - 90 * round(angle / 90));
    double x_scale = hypot(e.x - o.x, e.y - o.y) / out->px_per_mm;
    double y_scale = hypot(s.x - o.x, s.y - o.y) / out->px_per_mm;
    bool perspective = fabs(form_to_working->m[6]) * width_mm > 1e-3 ||
                       fabs(form_to_working->m[7]) * height_mm > 1e-3;
    int shrink = use == FRAME_COARSE ? 2 : 1;
    PIX *from = use == FRAME_COARSE ? working->half : working->bits;
    struct bitmap *made = use == FRAME_COARSE ? &out->half : &out->full, upright;
    PIX *turned = pixRotateOrth(from, (4 - quarter) % 4);
    if (turned == NULL)
        error_die("out of memory: a turned image");
    bitmap_from_pix(&upright, turned);
    pixDestroy(&turned);
    struct transform upright_to_working =
        unturn(quarter, shrink * pixGetWidth(from), shrink * pixGetHeight(from));
    if (skew <= SKEW_LEFT_DEG && fabs(x_scale - 1) <= SCALE_LEFT &&
        fabs(y_scale - 1) <= SCALE_LEFT && !perspective) {
        out->to_working = upright_to_working;
        *made = upright;
        return;
    }
    double mm = 1 / out->px_per_mm;
    struct transform frame_to_form = {{mm, 0, -MARGIN_MM, 0, mm, -MARGIN_MM, 0, 0}};
    struct transform smaller = {{1.0 / shrink, 0, 0, 0, 1.0 / shrink, 0, 0, 0}};
    struct transform larger = {{shrink, 0, 0, 0, shrink, 0, 0, 0}};
    struct transform to_upright, to_source;
    out->to_working = transform_compose(form_to_working, &frame_to_form);
    transform_invert(&to_upright, &upright_to_working); /* an isometry: always invertible */
    to_source = transform_compose(&to_upright, &out->to_working);
    to_source = transform_compose(&to_source, &larger);
    to_source = transform_compose(&smaller, &to_source);
    int width = (int)((width_mm + 2 * MARGIN_MM) * out->px_per_mm);
    int height = (int)((height_mm + 2 * MARGIN_MM) * out->px_per_mm);
    bitmap_warp(made, &upright, &to_source, width / shrink, height / shrink);
    bitmap_release(&upright);
}

void frame_release(struct frame *frame)
{
    bitmap_release(&frame->full);
    bitmap_release(&frame->half);
}
