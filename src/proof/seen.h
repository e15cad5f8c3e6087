/* How much of a mark the scanner left for anybody to see. */
#ifndef PROOF_SEEN_H
#define PROOF_SEEN_H

#include "proof/truth.h"

/* How far to the sides of the pen's middle is looked, as a share of its width. */
#define SEEN_REACH 0.3
/* How much of what lies there is dark where a line can still be made out. */
#define SEEN_DARK 0.05
/* How far to the sides for marks that lie along print: the edge of the stroke. */
#define SEEN_BESIDE 0.5
/* A stroke of another mark is dark so far to the sides of its middle, as a share of the pen's width. */
#define OTHERS_REACH 0.8
/* Print comes to lie so far beside its place: toner spreads, optics blur, and the sheet is bent. */
#define PRINT_SPREAD_MM 0.25

/* A mark of which less than this share is left, nothing of that in the box, and outside it no piece so long, is dirt
 * to everybody: the largest specks of toner are 0.64 mm across (paper_damage.c). */
#define MOSTLY_GONE 0.5
#define DIRT_MM 0.6
/* People join what lies nearer than this to a line. */
#define SEEN_GAP_MM 0.3

/* Where a streak takes so large a share of the light it may be what is dark; set by reasoning: in their middle the
 * faintest take 0.12 (streak.c), a quarter of which is left at their edges. */
#define STREAK_TAKEN 0.03

/* So many places have to be there to look at. */
#define PLACES_MIN 3

/* Share of the strokes drawn for the box (one of t->form's page) of which something can be seen on the scan: 0
 * where the scanner lost them all, or left no more than what looks like dirt beside the box. Looked at where
 * nothing is printed near by and neither another mark nor a streak of dust crosses, in the box and out of it: half
 * as near to print where a small box leaves no such place; then to the sides of the strokes, for a dot or a dash that
 * lies on an outline; and where all of that is print, only what lies over a tint can be seen. The two boxes of a mark
 * between them have the same strokes. last_alone: the last stroke only (the line through a label). */
double seen_share(const struct image_truth *t, size_t box, bool last_alone);

#endif
