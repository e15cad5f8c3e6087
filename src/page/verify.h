/* Is the print the same everywhere? Landmarks prove where a page lies; look-alike pages share them. */
#ifndef PAGE_VERIFY_H
#define PAGE_VERIFY_H

#include "base/calibration.h"
#include "page/landmarks.h"
#include "page/placement.h"
#include "scan/raw_page.h"

struct verdict_of_print {
    int asked;             /* tiles of the page that hold print and no answer area */
    int other;             /* of them: other print stands there, in place of the form's */
    int together;          /* of those: the most that touch each other */
    struct point where_mm; /* the middle of these, on the form */
};

/* Compares all print of a placed page, tile by tile (6.5 mm), with the plate. A tile speaks against the
 * page where much of the form's ink is missing and other ink is there: not where something covers it,
 * nor where it faded; a tile that reaches beyond the image `raw` is not asked. `image_to_frame`: pixels
 * of the image as scanned -> pixels of frame->full. */
void verify_print(struct verdict_of_print *out, const struct landmark_set *set,
                  const struct frame *frame, const struct placement *placement,
                  const struct transform *image_to_frame, const struct raw_page *raw,
                  const struct registration_calibration *calibration);

#endif
