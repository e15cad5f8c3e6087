/* Where samples of one print lie, and what lies beside them. */
#include "record/consensus.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#define OUTLINE_MM 0.4 /* on either side of the edge: where the outline lies */
#define ALIGN_MAX 2
#define FEW 8

/* ---- alignment ------------------------------------------------------------------------------- */

/* The mean darkness of all samples but one at the cells that count, above or below those cells' own
 * level, so that an even fill weighs nothing. */
static double *mean_print(const struct crop_frame *frame, struct crop_sample *const *samples,
                          size_t count, size_t but, bool whole)
{
    int cells = frame->width * frame->height, counted = 0;
    long *sum = calloc((size_t)cells, sizeof *sum);
    double *mean = calloc((size_t)cells, sizeof *mean), level = 0;
    if (mean == NULL || sum == NULL)
        error_die("out of memory: a print of %d cells", cells);
    unsigned char patch[CROP_CELLS_MAX];
    for (size_t k = 0; k < count; k++) {
        if (k == but)
            continue;
        consensus_cells(patch, samples[k]);
        for (int c = 0; c < cells; c++)
            sum[c] += patch[c];
    }
    for (int c = 0; c < cells; c++) {
        double depth = frame->depth_mm[c];
        if (depth < -OUTLINE_MM || (!whole && depth > OUTLINE_MM))
            continue;
        mean[c] = (double)sum[c] / (double)count;
        level += mean[c];
        counted++;
    }
    for (int c = 0; c < cells; c++) {
        double depth = frame->depth_mm[c];
        if (depth >= -OUTLINE_MM && (whole || depth <= OUTLINE_MM))
            mean[c] -= level / counted;
    }
    free(sum);
    return mean;
}

static double likeness(const double *mean, const unsigned char *patch, int dx, int dy, int width,
                       int height)
{
    double sum = 0;
    for (int y = ALIGN_MAX; y < height - ALIGN_MAX; y++)
        for (int x = ALIGN_MAX; x < width - ALIGN_MAX; x++)
            sum += mean[y * width + x] * patch[(y + dy) * width + x + dx];
    return sum;
}

void consensus_align(const struct crop_frame *frame, struct crop_sample *const *samples,
                     size_t count, bool whole)
{
    unsigned char patch[CROP_CELLS_MAX];
    /* among few, each would hold the mean where it is itself */
    bool few = count > 1 && count < FEW;
    double *mean = few ? NULL : mean_print(frame, samples, count, SIZE_MAX, whole);
    for (size_t k = 0; k < count; k++) {
        if (few)
            mean = mean_print(frame, samples, count, k, whole);
        double best = -1e18;
        int best_x = 0, best_y = 0;
        consensus_cells(patch, samples[k]);
        for (int dy = -ALIGN_MAX; dy <= ALIGN_MAX; dy++)
            for (int dx = -ALIGN_MAX; dx <= ALIGN_MAX; dx++) {
                double score = likeness(mean, patch, dx, dy, frame->width, frame->height);
                /* of two that are alike the nearer */
                score -= 1e-3 * fabs(score) * (abs(dx) + abs(dy));
                if (score > best) {
                    best = score;
                    best_x = dx;
                    best_y = dy;
                }
            }
        samples[k]->sx += best_x;
        samples[k]->sy += best_y;
        if (few)
            free(mean);
    }
    if (!few)
        free(mean);
}

/* ---- beside the boxes ------------------------------------------------------------------------ */

const struct box_reading *consensus_measured(const struct crop_sample *sample)
{
    const struct page_reading *reading = &sample->page->reading;
    return reading->measured != NULL ? reading->measured : reading->boxes;
}

struct printed_beside consensus_beside(struct crop_sample *const *samples, size_t count,
                                       const struct learned_calibration *calibration)
{
    struct printed_beside least = {INFINITY, INFINITY};
    size_t around = 0, row = 0;
    for (size_t k = 0; k < count; k++) {
        const struct box_evidence *e = &consensus_measured(samples[k])[samples[k]->box].evidence;
        least.around_mm2 = fmin(least.around_mm2, (double)e->outside_mm2);
        least.row_mm2 = fmin(least.row_mm2, (double)e->row_mm2);
    }
    bool enough = false;
    for (size_t k = 0; k < count && !enough; k++) {
        const struct box_evidence *e = &consensus_measured(samples[k])[samples[k]->box].evidence;
        bool distinct = true; /* of those before it */
        for (size_t n = 0; n < k && distinct; n++)
            distinct = consensus_independent(samples[k], samples[n], calibration);
        around +=
            distinct && (double)e->outside_mm2 <= least.around_mm2 + calibration->beside_agree_mm2;
        row += distinct && (double)e->row_mm2 <= least.row_mm2 + calibration->beside_agree_mm2;
        enough = fmin((double)around, (double)row) >= calibration->witnesses_min;
    }
    least.around_mm2 = (double)around >= calibration->witnesses_min ? least.around_mm2 : 0;
    least.row_mm2 = (double)row >= calibration->witnesses_min ? least.row_mm2 : 0;
    return least;
}
