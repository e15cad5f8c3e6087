/* Handwriting: figures, letters and words as strokes. */
#ifndef PROOF_WRITING_H
#define PROOF_WRITING_H

#include "proof/ink.h"

/* Sets what makes a hand look like one person's beyond its size and slant: from its `glyphs`. */
void writing_style(struct hand *hand);

/* Writes one character so that it stands in the cell. */
void writing_cell(struct drawing *drawing, size_t owner, const struct hand *hand, struct random *r,
                  char character, struct rect cell_mm);

/* Writes the text from `from` (on the base line) in one line; letters of `height_mm` (capitals).
 * Characters that the hand does not know leave a gap. Returns where it ended. */
struct point writing_line(struct drawing *drawing, size_t owner, const struct hand *hand,
                          struct random *r, const char *text, struct point from_mm,
                          double height_mm);

/* How wide that line will be, about. */
double writing_width(const struct hand *hand, const char *text, double height_mm);

#endif
