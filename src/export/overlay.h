/* A picture of what was seen: the scan in grey with every box as it was read drawn on it. */
#ifndef EXPORT_OVERLAY_H
#define EXPORT_OVERLAY_H

#include <stdbool.h>

#include "base/error.h"
#include "form/model.h"
#include "record/record.h"
#include "scan/raw_page.h"

/* Writes a PNG of about OVERLAY_DPI with its resolution (pHYs). Empty boxes: thin and light blue; marked:
 * green; withdrawn: orange; uncertain: red and thick; flagged: a red halo. Fields with ink: blue,
 * with the draft of their text. Below the scan a line says form, page, return and residuals.
 * `raw` is the image of `result`; `form` is its form (NULL where it was not identified); `boxes`
 * are the decisions of its page (overlay_boxes(); NULL: none were made). A page that was
 * not read is drawn with the reason, and with the outlines where registration laid them, if it did.
 * Landmarks: a circle where one should be and a line, RESIDUAL_ENLARGED times as long, to where it was
 * seen; streaks: dashed lines beside them. The legend below says all of this. */
#define OVERLAY_DPI 150

bool overlay_write(const char *path_png, const struct raw_page *raw, const struct form *form,
                   const struct page_result *result, const struct box_decision *boxes,
                   struct error *err);

/* The decisions of a page that was read (record->boxes[page]) as they are drawn: where a person is asked about a
 * question and about none of its boxes by itself, all of them are flagged. Belongs to the arena; NULL: none were
 * made. */
const struct box_decision *overlay_boxes(struct arena *arena, const struct form *form,
                                         const struct return_record *record, size_t page);

#endif
