/* Landmarks of one page at one working resolution, and finding them again on a scan. */
#ifndef PAGE_LANDMARKS_H
#define PAGE_LANDMARKS_H

#include <stdbool.h>

#include "base/calibration.h"
#include "form/model.h"
#include "page/frame.h"

struct landmark {
    struct point form_mm; /* the patch's centre on the form */
    struct patch full;    /* at working resolution */
    struct patch half;
};

struct landmark_set {
    double dpi;
    struct landmark *landmarks;
    size_t count;
    struct bitmap plate_half;   /* the whole page at half the working resolution */
    struct bitmap plate_spread; /* the same, fatter by a pixel */
    struct bitmap no_answer;    /* the same size: 1 where nobody is expected to write */
};

/* Cuts the patches out of the page's plate (300 dpi), brought to `dpi`. At most LANDMARK_MAX; spots
 * without print (a foreign template) are left out. */
void landmark_set_init(struct landmark_set *out, const struct template_page *page,
                       const PIX *plate, double dpi);
void landmark_set_release(struct landmark_set *set);

struct sighting {
    struct point frame_px; /* where the landmark's centre was seen, pixels of frame->full */
    double score;          /* likeness, -1 to 1 */
    bool found;            /* like enough, and nothing else near is nearly as like */
};

/* Looks for landmark `i` within `reach_mm` of where `form_to_frame` says; at half resolution where
 * `coarse`. */
struct sighting landmark_find(const struct landmark_set *set, size_t i, const struct frame *frame,
                              struct point expected_px, double reach_mm, bool coarse,
                              const struct registration_calibration *calibration);

#endif
