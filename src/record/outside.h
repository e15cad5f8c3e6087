/* What new ink outside answers means: which pieces are marks in their boxes, which speak of a
 * question, which are notes in the margin, and which are damage to the paper. */
#ifndef RECORD_OUTSIDE_H
#define RECORD_OUTSIDE_H

#include "base/calibration.h"
#include "form/model.h"
#include "read/reading.h"

enum ink_class {
    INK_MARK,    /* lies in a box, tail and all: the box's own evidence speaks */
    INK_STRAY,   /* beside boxes, between them, round a label or through it */
    INK_NOTE,    /* where the form expects nothing */
    INK_WRITING, /* overflows a field */
    INK_DAMAGE,  /* edges, folds, streaks, holes, grain of a tint */
    INK_TRACE,   /* in the row of a question without ink in its boxes, found by a closer look only */
    INK_SPECK,   /* too little to say anything */
};
const char *ink_class_name(enum ink_class class); /* "mark", "stray", ... */

/* Whether the piece is a mark in a box (or marks in several that touch each other), tail and all. */
bool outside_is_mark(const struct ink_piece *piece, const struct template_page *page,
                     const struct outside_calibration *calibration);

/* One class a piece of the reading, into classes[reading->piece_count]. */
void outside_classify(enum ink_class *classes, const struct page_reading *reading,
                      const struct template_page *page, const struct outside_calibration *calibration);

/* Ink of stray pieces that speaks of each box, mm2, into stray_mm2[page->box_count]. A piece that lies
 * almost wholly in the row of one box of an item speaks of no other of that item; one that lies in several
 * rows speaks of each with all of it: what is half way between two boxes is no less than one mark. Of a mark
 * that fills its box what lies beside another box of the item speaks of that one. */
void outside_strays(double *stray_mm2, const enum ink_class *classes,
                    const struct page_reading *reading, const struct template_page *page,
                    const struct outside_calibration *calibration);

/* The same of traces, but for the end of the tail of a stray piece in the row below. */
void outside_traces(double *trace_mm2, const enum ink_class *classes,
                    const struct page_reading *reading, const struct template_page *page,
                    const struct outside_calibration *calibration);

/* Whether a line goes through the label of the box, however little of it shows between the letters. What
 * shows of it beside them, of outside_strays(), counts with that: each by the share of what would do alone. */
bool outside_is_struck(const struct box_evidence *evidence, double stray_mm2,
                       const struct outside_calibration *calibration);

/* Ink of notes on the page, mm2, and the bounds of the pieces (mm of the form; w = 0: none). */
double outside_notes(struct rect *bounds_mm, const enum ink_class *classes,
                     const struct page_reading *reading, const struct outside_calibration *calibration);

/* Of the item's boxes, the one that its only stray piece is clearly nearest to: small enough to be a
 * mark, in that box's row, and the next box much farther. SIZE_MAX: none. */
size_t outside_nearest(const enum ink_class *classes, const struct page_reading *reading,
                       const struct template_page *page, size_t item,
                       const struct outside_calibration *calibration);

#endif
