/* Patches of the plate, found again on the frame. */
#include "page/landmarks.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "page/page.h"

#define PATCH_MM 6.5
#define PATCH_INK_MIN 0.02 /* share of the patch; less print than this cannot be recognised */

/* Clears a rectangle of the form, grown by `grow_mm`. */
static void clear_rect(struct bitmap *bitmap, struct rect rect_mm, double grow_mm,
                       double px_per_mm)
{
    struct rect r = rect_grow(rect_mm, grow_mm);
    int x0 = (int)fmax(0, r.x * px_per_mm), y0 = (int)fmax(0, r.y * px_per_mm);
    int x1 = (int)fmin(bitmap->width_px, (r.x + r.w) * px_per_mm + 1);
    int y1 = (int)fmin(bitmap->height_px, (r.y + r.h) * px_per_mm + 1);
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++)
            bitmap->rows[(size_t)y * (size_t)bitmap->stride + (size_t)(x / 64)] &=
                ~((uint64_t)1 << (x & 63));
}

static void no_answer_init(struct bitmap *out, const struct bitmap *like,
                           const struct template_page *page, double px_per_mm)
{
    bitmap_spread(out, like); /* for its size */
    size_t words = (size_t)out->stride * (size_t)out->height_px;
    for (size_t k = 0; k < words; k++)
        out->rows[k] = ~(uint64_t)0;
    for (size_t k = 0; k < page->box_count; k++)
        clear_rect(out, page->boxes[k].rect_mm, 1.5, px_per_mm);
    for (size_t k = 0; k < page->field_count; k++)
        clear_rect(out, page->fields[k].rect_mm, 1, px_per_mm);
    if (page->has_code)
        clear_rect(out, page->code_mm, 1, px_per_mm);
    if (page->reference_mm.w > 0)
        clear_rect(out, page->reference_mm, 1, px_per_mm);
}

void landmark_set_init(struct landmark_set *out, const struct template_page *page,
                       const PIX *plate, double dpi)
{
    *out = (struct landmark_set){.dpi = dpi};
    PIX *scaled = working_plate(plate, dpi);
    double px_per_mm = dpi / MM_PER_INCH;
    bitmap_from_pix(&out->plate, scaled);
    pixDestroy(&scaled);
    bitmap_halve(&out->plate_half, &out->plate);
    bitmap_spread(&out->plate_spread, &out->plate_half);
    no_answer_init(&out->no_answer, &out->plate_half, page, px_per_mm / 2);
    int side = (int)lround(PATCH_MM * px_per_mm) & ~1;
    if (side > PATCH_SIDE_MAX)
        side = PATCH_SIDE_MAX;
    out->landmarks = calloc(page->landmark_count + 1, sizeof *out->landmarks);
    if (out->landmarks == NULL)
        error_die("out of memory: landmarks");
    for (size_t i = 0; i < page->landmark_count && out->count < LANDMARK_MAX; i++) {
        struct landmark *landmark = &out->landmarks[out->count];
        /* an even corner, so that the coarse patch shows the same spot */
        int x = ((int)lround(page->landmarks_mm[i].x * px_per_mm) - side / 2) & ~1;
        int y = ((int)lround(page->landmarks_mm[i].y * px_per_mm) - side / 2) & ~1;
        patch_cut(&landmark->full, &out->plate, x, y, side);
        patch_cut(&landmark->half, &out->plate_half, x / 2, y / 2, side / 2);
        landmark->form_mm =
            (struct point){(x + side / 2.0) / px_per_mm, (y + side / 2.0) / px_per_mm};
        if (landmark->full.ink >= PATCH_INK_MIN * side * side)
            out->count++;
    }
}

void landmark_set_release(struct landmark_set *set)
{
    free(set->landmarks);
    bitmap_release(&set->plate);
    bitmap_release(&set->plate_half);
    bitmap_release(&set->plate_spread);
    bitmap_release(&set->no_answer);
    *set = (struct landmark_set){0};
}

struct sighting landmark_find(const struct landmark_set *set, size_t i, const struct frame *frame,
                              struct point expected_px, double reach_mm, bool coarse,
                              const struct registration_calibration *calibration)
{
    const struct landmark *landmark = &set->landmarks[i];
    double shrink = coarse ? 0.5 : 1, px_per_mm = frame->px_per_mm * shrink;
    const struct patch *patch = coarse ? &landmark->half : &landmark->full;
    double half_side = patch->side_px / 2.0;
    if (!(fabs(expected_px.x) < 1e5 && fabs(expected_px.y) < 1e5))
        return (struct sighting){.score = -1};
    int x = (int)lround(expected_px.x * shrink - half_side);
    int y = (int)lround(expected_px.y * shrink - half_side);
    int rival_px = (int)lround(calibration->rival_mm * px_per_mm);
    struct match match = patch_search(coarse ? &frame->half : &frame->full, patch, x, y,
                                      (int)ceil(reach_mm * px_per_mm), rival_px < 2 ? 2 : rival_px);
    bool plain =
        match.score >= calibration->landmark_score_min - (coarse ? calibration->coarse_score_ease : 0);
    /* faded print: strokes are missing, but none is where the form has none */
    bool faint = !plain && !coarse && match.score >= calibration->faint_score_min &&
                 match.within >= calibration->faint_within_min;
    return (struct sighting){
        {(match.x + half_side) / shrink, (match.y + half_side) / shrink},
        match.score,
        (plain || faint) && match.rival < calibration->landmark_rival_share * match.score,
        faint,
        !plain && !faint && match.within < calibration->contradicted_share_max &&
            match.shown < calibration->contradicted_share_max && match.within > 0};
}
