/* Streaks: dust on a scanner's glass darkens one column of the image, and the boxes that stand on it. What
 * scan health found of them is taken for granted, also of those that break off. Private to read/. */
#ifndef READ_STREAKS_H
#define READ_STREAKS_H

#include "base/calibration.h"
#include "base/geometry.h"
#include "page/health.h"
#include "scan/raw_page.h"

/* A copy of the image without its streaks, or NULL where it has none (and of a black and white image that
 * was turned after scanning); the caller destroys it. Grey: pixels are no darker than what lies to both
 * sides. Black and white: runs that do not leave the streak are white, but where hardly any lie above or below (the
 * thinner lines of one are found by themselves: read/hairlines.h). What crosses a streak, or reaches out of it,
 * stays. A printed line beside it may get lighter on one side: whoever looks for print looks at the image itself.
 * `scanned`: the bits before anything was taken off; of a grey page not looked at. `local`: form mm to px, anywhere
 * on the page. */
PIX *streaks_take_off(const struct raw_page *raw, const PIX *scanned, const struct scan_health *health,
                      const struct transform *local, const struct mark_calibration *calibration);

#endif
