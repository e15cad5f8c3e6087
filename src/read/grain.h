/* Grain: what a threshold makes of grey paper, of a tint, or of what shines through. It lies all over a page, and in
 * every box of it. Private to read/. */
#ifndef READ_GRAIN_H
#define READ_GRAIN_H

#include "base/calibration.h"
#include "base/geometry.h"
#include "page/health.h"
#include "scan/raw_page.h"

/* A copy of a black and white image without its grain, or NULL where the page is not full of it (and of a grey
 * image); the caller destroys it. Spots go that are no longer than a grain, nor higher, where many lie. A
 * threshold that makes grain of paper leaves strokes whole, or, of a light pen in fine pixels, spots that hardly lie
 * apart, which stay; so no mark is among those that go. The dots of letters are: whoever looks for print looks at the
 * image itself. `local`: form mm to px, anywhere on the page. */
PIX *grain_take_off(const struct raw_page *raw, const struct scan_health *health, const struct transform *local,
                    const struct mark_calibration *calibration);

#endif
