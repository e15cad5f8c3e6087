/* Streaks on grey scans: dust on a scanner's glass darkens one column of the image from edge to edge, and
 * the boxes that stand on it. What scan health found of them is taken for granted. Private to read/. */
#ifndef READ_STREAKS_H
#define READ_STREAKS_H

#include "base/calibration.h"
#include "page/health.h"
#include "scan/raw_page.h"

/* A copy of a grey image with the pixels of its streaks no darker than what lies to both sides of them, or
 * NULL where there are none (and of a black and white image: read/hairlines.h); the caller destroys it.
 * What crosses a streak stays, being as dark on both sides. A printed line beside it may get lighter on
 * one side: whoever looks for print looks at the image itself. */
PIX *streaks_take_off(const struct raw_page *raw, const struct scan_health *health,
                      const struct mark_calibration *calibration);

#endif
