/* Light and small marks: so little ink that its amount proves nothing, and a shape that does. */
#ifndef RECORD_LIGHT_MARKS_H
#define RECORD_LIGHT_MARKS_H

#include "base/calibration.h"
#include "form/model.h"
#include "read/reading.h"
#include "record/decision.h"
#include "record/outside.h"

/* Marks those boxes, uncertain for want of ink alone, that hold a piece which is long enough for a
 * stroke, bent or crossed as no scratch, streak or fold is, and lies mostly in this box and in no other; or
 * a tick's piece, whose tail may lie mostly outside.
 * boxes: one a box of the page, decided; classes: one a piece. */
void light_marks_accept(struct box_decision *boxes, const enum ink_class *classes,
                        const struct page_reading *reading, const struct template_page *page,
                        const struct outside_calibration *calibration);

#endif
