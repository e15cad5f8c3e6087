/* Registration: coarse matches, a robust plane transform, fine matches, a smooth correction, and
 * the proof that the form is really there. */
#include "page/register.h"

#include <math.h>
#include <string.h>

#include "page/bend.h"
#include "page/verify.h"

#define COARSE_REACH_MM 5.0  /* what content_candidates() may be off, and some */
#define FIDUCIALS_REACH_MM 2.0 /* bends and a false square among four */
#define COARSE_LANDMARKS 24  /* enough to tell a page from another and to start the fine search */
#define FINE_REACH_MM 1.3

struct pairs {
    struct point form_mm[LANDMARK_MAX], frame_px[LANDMARK_MAX];
    double weight[LANDMARK_MAX];
    size_t index[LANDMARK_MAX]; /* which landmark */
    bool faint[LANDMARK_MAX];
    size_t contradicted; /* landmarks in whose place other print stands */
    size_t count;
};

static struct transform frame_expectation(const struct frame *frame,
                                          const struct transform *form_to_working)
{
    struct transform inverse;
    if (!transform_invert(&inverse, &frame->to_working))
        return transform_identity();
    return transform_compose(&inverse, form_to_working);
}

static double distance(struct point a, struct point b)
{
    return hypot(a.x - b.x, a.y - b.y);
}

/* ---- coarse ---------------------------------------------------------------------------------- */

static size_t count_agreeing(const struct transform *fit, const struct pairs *pairs,
                             double tolerance_px, bool *agrees)
{
    size_t count = 0;
    for (size_t i = 0; i < pairs->count; i++) {
        bool near =
            distance(transform_apply(fit, pairs->form_mm[i]), pairs->frame_px[i]) <= tolerance_px;
        count += near;
        if (agrees != NULL)
            agrees[i] = near;
    }
    return count;
}

/* Keeps the pairs that agree with the best similarity through two of them (RANSAC, Fischler and
 * Bolles 1981, with a fixed sequence of draws: the same image always gives the same answer). */
static bool consensus(struct pairs *pairs, double px_per_mm,
                      const struct registration_calibration *calibration)
{
    struct transform best = transform_identity();
    const double tolerance_mm = calibration->consensus_mm;
    size_t best_count = 0;
    uint32_t state = 12345;
    for (int trial = 0; trial < calibration->consensus_trials && pairs->count >= 3; trial++) {
        state = state * 1664525u + 1013904223u;
        size_t a = (state >> 8) % pairs->count;
        state = state * 1664525u + 1013904223u;
        size_t b = (state >> 8) % pairs->count;
        if (distance(pairs->form_mm[a], pairs->form_mm[b]) < 40)
            continue;
        struct point from[2] = {pairs->form_mm[a], pairs->form_mm[b]};
        struct point to[2] = {pairs->frame_px[a], pairs->frame_px[b]};
        struct transform fit;
        if (!transform_fit_similarity(&fit, from, to, NULL, 2))
            continue;
        double scale = hypot(fit.m[0], fit.m[3]) / px_per_mm;
        if (!(scale > 0.85 && scale < 1.15))
            continue;
        size_t count = count_agreeing(&fit, pairs, tolerance_mm * px_per_mm, NULL);
        if (count > best_count) {
            best_count = count;
            best = fit;
        }
    }
    if (best_count < 4)
        return false;
    bool agrees[LANDMARK_MAX];
    count_agreeing(&best, pairs, tolerance_mm * px_per_mm, agrees);
    size_t kept = 0;
    for (size_t i = 0; i < pairs->count; i++)
        if (agrees[i]) {
            pairs->form_mm[kept] = pairs->form_mm[i];
            pairs->frame_px[kept] = pairs->frame_px[i];
            pairs->weight[kept] = pairs->weight[i];
            pairs->faint[kept] = pairs->faint[i];
            pairs->index[kept++] = pairs->index[i];
        }
    pairs->count = kept;
    return true;
}

static void pairs_add(struct pairs *pairs, size_t index, struct point form_mm,
                      const struct sighting *sighting)
{
    pairs->form_mm[pairs->count] = form_mm;
    pairs->frame_px[pairs->count] = sighting->frame_px;
    pairs->weight[pairs->count] = sighting->score * sighting->score;
    pairs->faint[pairs->count] = sighting->faint;
    pairs->index[pairs->count++] = index;
}

/* Of a page that is not there nothing is found: after some of the landmarks that is plain. */
static bool is_hopeless(size_t looked_at, size_t found,
                        const struct registration_calibration *calibration)
{
    return ((double)looked_at >= calibration->hopeless_none && found == 0) ||
           ((double)looked_at >= calibration->hopeless_few && found < 3);
}

/* The first looks for a page that may not be there: every `stride`-th landmark, every third of them
 * first, so that what was seen so far is always from all over the page. */
static size_t find_coarsely(struct pairs *pairs, const struct landmark_set *set,
                            const struct frame *frame, const struct transform *form_to_frame,
                            double reach_mm, size_t stride,
                            const struct registration_calibration *calibration)
{
    size_t asked = 0;
    pairs->count = 0;
    for (size_t first = 0; first < 3; first++)
        for (size_t i = first * stride; i < set->count; i += 3 * stride) {
            struct point expected = transform_apply(form_to_frame, set->landmarks[i].form_mm);
            struct sighting sighting =
                landmark_find(set, i, frame, expected, reach_mm, true, calibration);
            asked++;
            if (sighting.found)
                pairs_add(pairs, i, set->landmarks[i].form_mm, &sighting);
            else if (is_hopeless(asked, pairs->count, calibration))
                return 0;
        }
    return asked;
}

/* Looks for every landmark within reach. */
static void find_all(struct pairs *pairs, const struct landmark_set *set,
                     const struct frame *frame, const struct transform *form_to_frame,
                     double reach_mm, const struct registration_calibration *calibration)
{
    pairs->count = pairs->contradicted = 0;
    for (size_t i = 0; i < set->count; i++) {
        struct point expected = transform_apply(form_to_frame, set->landmarks[i].form_mm);
        struct sighting sighting =
            landmark_find(set, i, frame, expected, reach_mm, false, calibration);
        if (!sighting.found)
            continue;
        pairs_add(pairs, i, set->landmarks[i].form_mm, &sighting);
    }
}

double register_coarsely(struct transform *form_to_working, enum coarseness coarseness,
                         const struct landmark_set *set, const struct frame *frame,
                         const struct registration_calibration *calibration)
{
    struct pairs pairs;
    if (set->count == 0)
        return 0;
    struct transform expected = frame_expectation(frame, form_to_working), fit;
    size_t stride = set->count > COARSE_LANDMARKS ? set->count / COARSE_LANDMARKS : 1;
    size_t asked =
        find_coarsely(&pairs, set, frame, &expected,
                      coarseness == COARSE_CONTENT ? COARSE_REACH_MM : FIDUCIALS_REACH_MM, stride,
                      calibration);
    if (asked == 0 || !consensus(&pairs, frame->px_per_mm, calibration) ||
        !(pairs.count >= 8
              ? transform_fit_affine(&fit, pairs.form_mm, pairs.frame_px, pairs.weight, pairs.count)
              : transform_fit_similarity(&fit, pairs.form_mm, pairs.frame_px, pairs.weight,
                                         pairs.count)))
        return 0;
    *form_to_working = transform_compose(&frame->to_working, &fit);
    return (double)pairs.count / (double)asked;
}

/* Around the better transform landmarks that lay beyond reach come in, and those that were seen where
 * they cannot be get another chance; the others would be found in the same place. */
static void find_again(struct pairs *pairs, const struct landmark_set *set, const struct frame *frame,
                       const struct transform *fit,
                       const struct registration_calibration *calibration)
{
    struct pairs before = *pairs;
    size_t next = 0;
    pairs->count = pairs->contradicted = 0;
    for (size_t i = 0; i < set->count; i++) {
        struct point expected = transform_apply(fit, set->landmarks[i].form_mm);
        bool seen = next < before.count && before.index[next] == i;
        size_t k = seen ? next++ : 0;
        if (seen && distance(expected, before.frame_px[k]) <=
                        calibration->outlier_mm * frame->px_per_mm) {
            pairs_add(pairs, i, before.form_mm[k],
                      &(struct sighting){before.frame_px[k], sqrt(before.weight[k]), true,
                                         before.faint[k], false});
            continue;
        }
        struct sighting sighting = landmark_find(set, i, frame, expected, FINE_REACH_MM, false,
                                                 calibration);
        if (sighting.found)
            pairs_add(pairs, i, set->landmarks[i].form_mm, &sighting);
        pairs->contradicted += sighting.contradicted;
    }
}

/* ---- fine ------------------------------------------------------------------------------------ */

/* Weighted fit, reweighted by Tukey's biweight until outliers have no say. */
static bool robust_fit(struct transform *fit, struct pairs *pairs, double px_per_mm,
                       bool perspective)
{
    double weight[LANDMARK_MAX];
    memcpy(weight, pairs->weight, sizeof weight);
    for (int round = 0; round < 6; round++) {
        bool fitted = perspective ? transform_fit_perspective(fit, pairs->form_mm, pairs->frame_px,
                                                              weight, pairs->count)
                                  : transform_fit_affine(fit, pairs->form_mm, pairs->frame_px,
                                                         weight, pairs->count);
        if (!fitted)
            return false;
        double off[LANDMARK_MAX] = {0}, sorted[LANDMARK_MAX] = {0};
        for (size_t i = 0; i < pairs->count; i++)
            sorted[i] = off[i] =
                distance(transform_apply(fit, pairs->form_mm[i]), pairs->frame_px[i]);
        double cut = fmax(4.0 * median_of(sorted, pairs->count), 0.1 * px_per_mm);
        for (size_t i = 0; i < pairs->count; i++) {
            double u = off[i] / cut;
            weight[i] = u >= 1 ? 0 : pairs->weight[i] * pow(1 - u * u, 2);
        }
    }
    return true;
}

static double median_residual_px(const struct transform *fit, const struct pairs *pairs)
{
    double off[LANDMARK_MAX] = {0};
    for (size_t i = 0; i < pairs->count; i++)
        off[i] = distance(transform_apply(fit, pairs->form_mm[i]), pairs->frame_px[i]);
    return median_of(off, pairs->count);
}

/* The direction on the form that runs along the image's columns, in which sheets are fed. */
static struct point feed_direction(const struct transform *image_to_form, const struct raw_page *raw)
{
    struct point a = transform_apply(image_to_form, (struct point){raw->width_px / 2.0, 0});
    struct point b =
        transform_apply(image_to_form, (struct point){raw->width_px / 2.0, raw->height_px});
    double length = distance(a, b);
    return length > 0 ? (struct point){(b.x - a.x) / length, (b.y - a.y) / length}
                      : (struct point){0, 1};
}

/* What the sightings lie off the plane transform, which stands in `placement`, goes into its
 * correction. */
static void correct(struct placement *placement, struct bend_sample *samples,
                    const struct pairs *pairs, const struct transform *image_to_form,
                    const struct transform *frame_to_image, const struct raw_page *raw,
                    const struct registration_calibration *calibration)
{
    for (size_t i = 0; i < pairs->count; i++) {
        struct point p = pairs->form_mm[i];
        struct point seen =
            transform_apply(image_to_form, transform_apply(frame_to_image, pairs->frame_px[i]));
        samples[i] = (struct bend_sample){
            .form_mm = p, .dx_mm = seen.x - p.x, .dy_mm = seen.y - p.y, .weight = pairs->weight[i],
            .limit_mm = pairs->faint[i] ? calibration->faint_off_max_mm : calibration->outlier_mm};
    }
    bend_fit(placement, samples, pairs->count, feed_direction(image_to_form, raw), calibration);
}

/* Residuals per landmark and for the page. */
static void measure(struct placed_page *out, const struct landmark_set *set,
                    const struct pairs *pairs, const struct bend_sample *samples,
                    const struct template_page *page)
{
    enum { COLUMNS = 3, ROWS = 4 };
    bool covered[ROWS][COLUMNS] = {{false}}, asked[ROWS][COLUMNS] = {{false}};
    double off[LANDMARK_MAX], worst = 0;
    size_t found = 0;
    out->landmark_count = (int)set->count;
    for (size_t i = 0; i < set->count; i++) {
        struct point p = set->landmarks[i].form_mm;
        out->landmarks[i] = (struct landmark_residual){(float)p.x, (float)p.y, 0, 0, false};
        asked[(int)fmin(ROWS - 1, p.y / page->height_mm * ROWS)]
             [(int)fmin(COLUMNS - 1, p.x / page->width_mm * COLUMNS)] = true;
    }
    for (size_t i = 0; i < pairs->count; i++) {
        struct landmark_residual *landmark = &out->landmarks[pairs->index[i]];
        struct point p = pairs->form_mm[i];
        landmark->dx_mm = (float)samples[i].left_dx_mm;
        landmark->dy_mm = (float)samples[i].left_dy_mm;
        double far = hypot(landmark->dx_mm, landmark->dy_mm);
        if (!samples[i].believed)
            continue;
        landmark->found = true;
        covered[(int)fmin(ROWS - 1, p.y / page->height_mm * ROWS)]
               [(int)fmin(COLUMNS - 1, p.x / page->width_mm * COLUMNS)] = true;
        worst = fmax(worst, far);
        off[found++] = far;
    }
    int regions = 0, hit = 0;
    for (int y = 0; y < ROWS; y++)
        for (int x = 0; x < COLUMNS; x++) {
            regions += asked[y][x];
            hit += covered[y][x];
        }
    out->residuals = (struct residuals){median_of(off, found), worst,
                                        (double)found / (double)set->count,
                                        regions == 0 ? 0 : (double)hit / regions};
}

static void measure_health(struct scan_health *health, const struct transform *form_to_image,
                           double width_mm, double height_mm)
{
    struct point o = transform_apply(form_to_image, (struct point){0, height_mm / 2});
    struct point e = transform_apply(form_to_image, (struct point){width_mm, height_mm / 2});
    struct point n = transform_apply(form_to_image, (struct point){width_mm / 2, 0});
    struct point s = transform_apply(form_to_image, (struct point){width_mm / 2, height_mm});
    double across = hypot(e.x - o.x, e.y - o.y) / width_mm * MM_PER_INCH;
    double along = hypot(s.x - n.x, s.y - n.y) / height_mm * MM_PER_INCH;
    bool sideways = fabs(e.y - o.y) > fabs(e.x - o.x);
    health->x_dpi = sideways ? along : across;
    health->y_dpi = sideways ? across : along;
    health->skew_deg = atan2(e.y - o.y, e.x - o.x) * 180 / M_PI;
}

/* How much longer the form is along the image than across it, as the scanner made it; of a photo, as
 * its straightened sheet shows it: there perspective is no stretch. */
static double stretch_of(const struct scan_health *health, const struct working *working,
                         const struct raw_page *raw, const struct transform *form_to_working,
                         const struct template_page *page)
{
    struct scan_health straight;
    double tags = raw->x_dpi > 0 && raw->y_dpi > 0 ? raw->y_dpi / raw->x_dpi : 1;
    if (!working->is_photo)
        return health->x_dpi / health->y_dpi * tags;
    measure_health(&straight, form_to_working, page->width_mm, page->height_mm);
    return straight.x_dpi / straight.y_dpi;
}

/* The item with a box or field whose centre lies outside the image; SIZE_MAX: none. */
static size_t item_outside(const struct placement *placement, const struct template_page *page,
                           const struct raw_page *raw)
{
    for (size_t i = 0; i < page->box_count + page->field_count; i++) {
        bool box = i < page->box_count;
        struct rect rect = box ? page->boxes[i].rect_mm
                               : page->fields[i - page->box_count].rect_mm;
        struct point p = placement_to_px(placement, rect_centre(rect));
        if (!(p.x >= 0 && p.y >= 0 && p.x < raw->width_px && p.y < raw->height_px))
            return box ? page->boxes[i].item : page->fields[i - page->box_count].item;
    }
    return SIZE_MAX;
}

/* How much longer a third of the page (from the left, or from the top) is on the image than its plane
 * transform says, as a share. */
static double stretch_of_third(const struct placement *placement, int axis, int third)
{
    struct point from = {placement->width_mm / 2, placement->height_mm / 2}, to = from;
    double side = axis == 0 ? placement->width_mm : placement->height_mm;
    *(axis == 0 ? &from.x : &from.y) = side * third / 3;
    *(axis == 0 ? &to.x : &to.y) = side * (third + 1) / 3;
    struct transform plain = placement->form_to_image;
    return distance(placement_to_px(placement, from), placement_to_px(placement, to)) /
               distance(transform_apply(&plain, from), transform_apply(&plain, to)) -
           1;
}

/* Whether a part along one edge shows none of its landmarks while the rest shows nearly all: it was
 * folded over, covered or blanked out. What is written there would be missed without a word. */
static bool part_is_hidden(const struct placed_page *placed, const struct template_page *page,
                           const struct registration_calibration *calibration, struct error *detail)
{
    static const char *const sides[4] = {"left", "top", "right", "bottom"};
    for (int side = 0; side < 4; side++) {
        double first = INFINITY; /* from the edge to the first that was found, mm */
        int hidden = 0, found = 0;
        for (int pass = 0; pass < 2; pass++)
            for (int i = 0; i < placed->landmark_count; i++) {
                const struct landmark_residual *l = &placed->landmarks[i];
                double along = (double)(side % 2 == 0 ? l->x_mm : l->y_mm);
                double far = side < 2 ? along : (side == 2 ? page->width_mm : page->height_mm) - along;
                if (pass == 0 && l->found) {
                    first = fmin(first, far);
                    found++;
                }
                hidden += pass == 1 && far < first;
            }
        if (hidden < calibration->hidden_landmarks_min || !(first >= calibration->hidden_mm_min) ||
            found < calibration->hidden_rest_found_min * (placed->landmark_count - hidden))
            continue;
        error_set(detail, "nothing of its print is seen within %.0f mm of the %s edge: is it folded over or "
                  "covered?", first, sides[side]);
        return true;
    }
    return false;
}

/* The proof: FLAG_NONE only where the landmarks show that the form lies where we say. */
static enum flag judge(const struct placed_page *placed, const struct template_page *page,
                       const struct raw_page *raw,
                       const struct registration_calibration *calibration, double contradicted,
                       double stretch, struct error *detail)
{
    const struct residuals *residuals = &placed->residuals;
    if (contradicted > calibration->contradicted_max &&
        residuals->found_share >= calibration->found_share_coded_min) {
        error_set(detail, "its print lies where it should in %.0f %% of the places looked at, but in %.0f %% "
                  "there is other print", 100 * residuals->found_share, 100 * contradicted);
        return placed->known.by == IDENTIFIED_BY_CODE ? FLAG_NOT_REGISTERED : FLAG_OTHER_VERSION;
    }
    bool few = residuals->found_share < calibration->found_share_min;
    if (few && !(placed->known.by == IDENTIFIED_BY_CODE && placed->known.has_reference &&
                 residuals->found_share >= calibration->found_share_coded_min &&
                 residuals->coverage >= calibration->coverage_coded_min)) {
        error_set(detail, "only %.0f %% of the printed landmarks were found",
                  100 * residuals->found_share);
        return FLAG_NOT_REGISTERED;
    }
    if (item_outside(&placed->placement, page, raw) != SIZE_MAX)
        return FLAG_PAGE_CUT_OFF;
    if (residuals->coverage < calibration->coverage_min) {
        error_set(detail, "landmarks were found in only %.0f %% of the page",
                  100 * residuals->coverage);
        return FLAG_NOT_REGISTERED;
    }
    if (part_is_hidden(placed, page, calibration, detail))
        return FLAG_NOT_REGISTERED;
    if (fabs(stretch - 1) > calibration->stretch_max) {
        error_set(detail, "stretched by %.1f %%: rescan", 100 * fabs(stretch - 1));
        return FLAG_PAGE_STRETCHED;
    }
    static const char *const thirds[2][3] = {{"left", "middle", "right"}, {"upper", "middle", "lower"}};
    for (int axis = 0; axis < 2; axis++)
        for (int third = 0; third < 3; third++) {
            double share = stretch_of_third(&placed->placement, axis, third);
            if (fabs(share) > calibration->third_stretch_max) {
                error_set(detail, "the %s third is %s by %.1f %%: rescan", thirds[axis][third],
                          share > 0 ? "stretched" : "shrunk", 100 * fabs(share));
                return FLAG_PAGE_STRETCHED;
            }
        }
    if (residuals->median_mm > calibration->median_residual_max_mm) {
        error_set(detail, "the print lies %.2f mm off in the middle of the range",
                  residuals->median_mm);
        return FLAG_PAGE_STRETCHED;
    }
    return FLAG_NONE;
}

enum flag register_page(struct placed_page *out, const struct transform *form_to_working,
                        const struct landmark_set *set,
                        const struct working *working, const struct template_page *page,
                        const struct raw_page *raw,
                        const struct registration_calibration *calibration,
                        struct error *detail)
{
    struct transform start = *form_to_working;
    if (set->count < 4) {
        error_set(detail, "the form has no landmarks on this page: import or build it again");
        return FLAG_NOT_REGISTERED;
    }
    struct frame frame;
    struct pairs pairs;
    frame_init(&frame, working, &start, page->width_mm, page->height_mm, FRAME_FINE);
    struct transform fit = frame_expectation(&frame, &start);
    enum flag flag = FLAG_NOT_REGISTERED;
    find_all(&pairs, set, &frame, &fit, FINE_REACH_MM, calibration);
    if (pairs.count < 4 || !robust_fit(&fit, &pairs, frame.px_per_mm, false)) {
        error_set(detail, "only %zu of %zu printed landmarks were found", pairs.count, set->count);
        goto done;
    }
    /* a photo: perspective has to halve what the affine transform leaves; where the sheet was straightened
     * by its outline, it is known to be one */
    struct transform photo;
    double left = median_residual_px(&fit, &pairs);
    bool held = working->is_photo;
    if ((left > 0.15 * frame.px_per_mm || working->is_photo) && pairs.count >= 12 &&
        robust_fit(&photo, &pairs, frame.px_per_mm, true) &&
        median_residual_px(&photo, &pairs) < (working->is_photo ? 1 : 0.5) * left) {
        fit = photo;
        held = true;
    }
    find_again(&pairs, set, &frame, &fit, calibration);
    struct transform frame_to_image = transform_compose(&working->to_image, &frame.to_working);
    struct transform image_to_form;
    out->placement = (struct placement){.form_to_image = transform_compose(&frame_to_image, &fit),
                                        .width_mm = page->width_mm,
                                        .height_mm = page->height_mm};
    if (!transform_invert(&image_to_form, &out->placement.form_to_image))
        goto done;
    struct bend_sample samples[LANDMARK_MAX];
    correct(&out->placement, samples, &pairs, &image_to_form, &frame_to_image, raw, calibration);
    measure(out, set, &pairs, samples, page);
    struct transform form_on_working = transform_compose(&frame.to_working, &fit);
    measure_health(&out->health, &out->placement.form_to_image, page->width_mm, page->height_mm);
    if (held) /* not fed: how askew says nothing, only which way up */
        out->health.skew_deg = 90 * round(out->health.skew_deg / 90);
    flag = judge(out, page, raw, calibration, (double)pairs.contradicted / (double)set->count,
                 stretch_of(&out->health, working, raw, &form_on_working, page), detail);
    struct transform image_to_frame;
    if (flag == FLAG_NONE && out->known.by == IDENTIFIED_BY_CONTENT &&
        out->residuals.found_share >= calibration->other_print_poor_found_min &&
        transform_invert(&image_to_frame, &frame_to_image)) {
        struct verdict_of_print print;
        verify_print(&print, set, &frame, &out->placement, &image_to_frame, raw, calibration);
        bool plain = out->residuals.found_share >= calibration->other_print_found_min;
        if (plain ? print.together > calibration->other_print_together_max ||
                        print.other > calibration->other_print_tiles_max
                  : print.together > calibration->other_print_poor_together_max) {
            error_set(detail, "other print than the form's stands %.0f mm from the left and %.0f mm from "
                      "the top", print.where_mm.x, print.where_mm.y);
            flag = FLAG_OTHER_VERSION;
        }
    }
done:
    frame_release(&frame);
    return flag;
}
