/* Tails of marks: the far end of a tick or cross that the scan, or the print it crosses, parted
 * from the mark in its box. */
#ifndef RECORD_TAILS_H
#define RECORD_TAILS_H

#include "base/calibration.h"
#include "form/model.h"
#include "read/reading.h"
#include "record/outside.h"

/* Makes INK_MARK of stray pieces that go on where the mark in a box ends: above it, as steep as
 * ticks are drawn, as straight and as wide as a stroke, and pointing back at the mark. classes: one
 * a piece. */
void tails_join(enum ink_class *classes, const struct page_reading *reading,
                const struct template_page *page, const struct outside_calibration *calibration);

#endif
