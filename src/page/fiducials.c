/* Solid squares near the corners. */
#include "page/fiducials.h"

#include <math.h>
#include <string.h>

#include "base/error.h"

#define CORNER_SHARE 0.33    /* of the image's width and of its height: how far in a corner reaches */
#define SOLID_SHARE 0.78     /* a square turned by 6 degrees still fills this much of its bounds */
#define CANDIDATES_MAX 3     /* a corner */
#define SHAPE_ERROR_MM 1.5   /* how far the squares may be from the print's layout, stretched to fit */
#define SCALE_ERROR 0.1      /* print to fit, wrong resolution tags */
#define STRETCH_ERROR 0.07   /* of one axis against the other: feed rollers, fax resolutions */
#define SHEAR_ERROR 0.04

struct corner {
    struct point spots[CANDIDATES_MAX]; /* centres, pixels of working->bits */
    double quality[CANDIDATES_MAX];
    size_t count;
};

/* The centre of ink of a candidate, measured on the working image. */
static struct point ink_centre(PIX *bits, int x, int y, int w, int h)
{
    double sum = 0, sum_x = 0, sum_y = 0;
    const l_uint32 *data = pixGetData(bits);
    int wpl = pixGetWpl(bits), width = pixGetWidth(bits), height = pixGetHeight(bits);
    for (int j = y; j < y + h; j++)
        for (int i = x; i < x + w; i++) {
            if (i < 0 || j < 0 || i >= width || j >= height)
                continue;
            if (GET_DATA_BIT(data + (size_t)j * (size_t)wpl, i)) {
                sum++;
                sum_x += i + 0.5;
                sum_y += j + 0.5;
            }
        }
    return sum == 0 ? (struct point){x + w / 2.0, y + h / 2.0}
                    : (struct point){sum_x / sum, sum_y / sum};
}

static void corner_add(struct corner *corner, struct point spot, double quality)
{
    size_t place = corner->count < CANDIDATES_MAX ? corner->count : CANDIDATES_MAX;
    while (place > 0 && corner->quality[place - 1] < quality)
        place--;
    if (place == CANDIDATES_MAX)
        return;
    size_t last = corner->count < CANDIDATES_MAX ? corner->count++ : CANDIDATES_MAX - 1;
    for (size_t k = last; k > place; k--) {
        corner->spots[k] = corner->spots[k - 1];
        corner->quality[k] = corner->quality[k - 1];
    }
    corner->spots[place] = spot;
    corner->quality[place] = quality;
}

/* Solid squares of about `size_mm` within one corner of the image (0: top left, clockwise). */
static void find_in_corner(struct corner *out, const struct working *working, int which,
                           double size_mm, double tolerance)
{
    *out = (struct corner){.count = 0};
    int width = pixGetWidth(working->half), height = pixGetHeight(working->half);
    int w = (int)(width * CORNER_SHARE), h = (int)(height * CORNER_SHARE);
    int x0 = which == 1 || which == 2 ? width - w : 0, y0 = which >= 2 ? height - h : 0;
    double size_px = size_mm * working->dpi / 2 / MM_PER_INCH;
    BOX *window = boxCreate(x0, y0, w, h);
    PIX *clip = pixClipRectangle(working->half, window, NULL);
    boxDestroy(&window);
    /* opening by a brick of a little over half a square leaves solid things only */
    int brick = (int)(size_px * 0.55);
    PIX *solid = pixOpenBrick(NULL, clip, brick < 3 ? 3 : brick, brick < 3 ? 3 : brick);
    PIXA *parts = NULL;
    BOXA *boxes = pixConnComp(solid, &parts, 8);
    int count = boxes == NULL ? 0 : boxaGetCount(boxes);
    for (int i = 0; i < count; i++) {
        l_int32 bx, by, bw, bh, ink = 0;
        boxaGetBoxGeometry(boxes, i, &bx, &by, &bw, &bh);
        if (fabs(bw / size_px - 1) > tolerance || fabs(bh / size_px - 1) > tolerance)
            continue;
        PIX *part = pixaGetPix(parts, i, L_CLONE);
        pixCountPixels(part, &ink, NULL);
        pixDestroy(&part);
        double solidity = (double)ink / ((double)bw * bh);
        if (solidity < SOLID_SHARE)
            continue;
        double quality = solidity - fabs(bw / size_px - 1) - fabs(bh / size_px - 1);
        corner_add(out, ink_centre(working->bits, (x0 + bx - 1) * 2, (y0 + by - 1) * 2,
                                   (bw + 2) * 2, (bh + 2) * 2),
                   quality);
    }
    boxaDestroy(&boxes);
    pixaDestroy(&parts);
    pixDestroy(&solid);
    pixDestroy(&clip);
}

/* Fits the layout, turned by `quarter`, to one choice of squares; chosen[k] < 0: corner k missing.
 * False where it is not that layout. */
static bool fit_choice(struct fiducial_fit *out, const struct template_page *page,
                       const struct corner corners[4], const int chosen[4], int quarter,
                       double px_per_mm)
{
    struct point form[4], image[4];
    size_t count = 0;
    for (int k = 0; k < 4; k++)
        if (chosen[k] >= 0) {
            /* the form's corner that lies at the image's corner k after turning clockwise */
            form[count] = rect_centre(page->fiducials_mm[(k + 4 - quarter) % 4]);
            image[count++] = corners[k].spots[chosen[k]];
        }
    if (!transform_fit_affine(&out->form_to_working, form, image, NULL, count))
        return false;
    const double *m = out->form_to_working.m;
    double across = hypot(m[0], m[3]), along = hypot(m[1], m[4]);
    double slant = fabs(m[0] * m[1] + m[3] * m[4]) / (across * along); /* sine of the shear */
    if (!(fabs(across / px_per_mm - 1) < SCALE_ERROR && fabs(along / px_per_mm - 1) < SCALE_ERROR &&
          fabs(across / along - 1) < STRETCH_ERROR && slant < SHEAR_ERROR))
        return false;
    double worst = 0;
    for (size_t i = 0; i < count; i++) {
        struct point p = transform_apply(&out->form_to_working, form[i]);
        worst = fmax(worst, hypot(p.x - image[i].x, p.y - image[i].y));
    }
    out->found = (int)count;
    /* three squares fit any affine transform: their shape alone speaks for them */
    out->error_mm = worst / px_per_mm + 20 * (fabs(across / along - 1) + slant);
    return worst / px_per_mm <= SHAPE_ERROR_MM;
}

/* The best choice of squares for one turn. */
static bool best_choice(struct fiducial_fit *best, const struct template_page *page,
                        const struct corner corners[4], int quarter, double px_per_mm)
{
    bool any = false;
    int chosen[4];
    for (chosen[0] = -1; chosen[0] < (int)corners[0].count; chosen[0]++)
        for (chosen[1] = -1; chosen[1] < (int)corners[1].count; chosen[1]++)
            for (chosen[2] = -1; chosen[2] < (int)corners[2].count; chosen[2]++)
                for (chosen[3] = -1; chosen[3] < (int)corners[3].count; chosen[3]++) {
                    int missing = (chosen[0] < 0) + (chosen[1] < 0) + (chosen[2] < 0) +
                                  (chosen[3] < 0);
                    struct fiducial_fit fit;
                    if (missing > 1 ||
                        !fit_choice(&fit, page, corners, chosen, quarter, px_per_mm))
                        continue;
                    if (!any || fit.found > best->found ||
                        (fit.found == best->found && fit.error_mm < best->error_mm))
                        *best = fit;
                    any = true;
                }
    return any;
}

size_t fiducials_find(struct fiducial_fit out[FIDUCIAL_FITS_MAX], const struct template_page *page,
                      const struct working *working,
                      const struct registration_calibration *calibration)
{
    if (!page->has_fiducials)
        return 0;
    double px_per_mm = working->dpi / MM_PER_INCH;
    struct corner corners[4];
    for (int k = 0; k < 4; k++)
        find_in_corner(&corners[k], working, k, page->fiducials_mm[0].w,
                       calibration->fiducial_size_tolerance);
    size_t count = 0;
    for (int quarter = 0; quarter < 4; quarter++) {
        struct fiducial_fit fit;
        if (best_choice(&fit, page, corners, quarter, px_per_mm))
            out[count++] = fit;
    }
    return count;
}
