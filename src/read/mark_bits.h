/* A box's inside by bits, a row of cells in a word or a few: what many cells are like is told at once. */
#ifndef READ_MARK_BITS_H
#define READ_MARK_BITS_H

#include "read/mark_template.h"

/* Words of all rows: with its margins a patch is wider than 32 cells. */
#define MARK_WORDS_MAX (PATCH_CELLS_MAX / 64 + PATCH_CELLS_MAX / 32)

/* Row by row, `words` each, from the first column and row where cells lie inside. No bit is set beyond the last. */
struct mark_bits {
    int x0, y0, width, height, words;
    uint64_t inside[MARK_WORDS_MAX];
    uint64_t ink[MARK_WORDS_MAX]; /* of cells inside */
};

void mark_bits_of(struct mark_bits *out, const struct box_template *box, const struct box_mask *mask,
                  const unsigned char *ink);

/* Edges of ink towards white cells; where it lies, on the patch; and how much of it in each quadrant and near a
 * diagonal. */
struct ink_sums {
    int edges, diagonal, quadrant[4];
    struct cell_extent extent;
};

struct ink_sums mark_bits_sum(const struct mark_bits *bits, const struct box_template *box);

/* The mean number of separate runs of ink along the rows, and along the columns, that meet any: the greater one.
 * Neither print inside a run parts it, nor a gap that a speckled stroke has within itself. */
double mark_bits_runs(const struct mark_bits *bits);

/* The largest white area, cells that lie side by side or one above the other, in cells. */
int mark_bits_white(const struct mark_bits *bits);

#endif
