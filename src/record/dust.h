/* Dust on the scanner's glass, told by several images of one batch: it draws where it lies, sheet after
 * sheet. */
#ifndef RECORD_DUST_H
#define RECORD_DUST_H

#include "record/record.h"

/* By result, whether each piece of its reading is the rest of a streak: NULL where none is. A piece is that
 * if it is a hairline that stands upright in its image, and other images of the same file or folder, not far
 * before or after it, show such lines in the same column where nobody answers. In the arena. */
const bool *const *dust_find(struct arena *arena, const struct page_result *results, size_t count,
                             const struct outside_calibration *calibration);

#endif
