/* Hairlines: the thin lines that dust on a scanner's glass draws down a black and white image,
 * often broken, fading, and gone again after some centimetres. What shows them is that one column
 * of the image goes on being dark, by a pixel or two, for longer than any stroke of a hand. Private
 * to read/. */
#ifndef READ_HAIRLINES_H
#define READ_HAIRLINES_H

#include "base/calibration.h"
#include "base/geometry.h"
#include "scan/raw_page.h"

/* A copy of the image without its hairlines, or NULL where it shows none (and of a grey image); the
 * caller destroys it. Only runs as thin as a hairline are taken, and only where the column proves
 * one farther above or below than a mark reaches: a pen's stroke that lies right on it is wider,
 * and stays. Print as thin as that may go too: whoever looks for print looks at the image itself.
 * `local`: form mm to px, anywhere on the page. */
PIX *hairlines_take_off(const struct raw_page *raw, const struct transform *local,
                        const struct mark_calibration *calibration);

/* Pixels of a row of an image in runs of at most `thin`, fewer than 32. `room`: 2 (words + 1) words. */
void hairlines_thin_runs(uint32_t *out, uint32_t *room, const l_uint32 *row, int words, int thin);

#endif
