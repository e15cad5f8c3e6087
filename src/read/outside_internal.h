/* Inside the finding of new ink: a page's cells, shared by read/outside.c and outside_pieces.c. */
#ifndef READ_OUTSIDE_INTERNAL_H
#define READ_OUTSIDE_INTERNAL_H

#include "read/outside.h"

#define TILE_ROWS 16 /* rows of cells that one local transform serves, 64 cells wide */

struct outside {
    const struct outside_template *template;
    const struct raw_page *raw;
    const struct placed_page *placed;
    struct tone levels;
    double ink_level;
    enum print_reach reach;
    unsigned char *tones;    /* grey level of every cell, words * 64 a row; NULL: a bitonal scan */
    struct transform *tiles; /* form mm -> image px, one a tile */
    uint64_t *dark;          /* as dark as ink, print and all */
    uint64_t *ink;           /* new ink */
    uint64_t *joined;        /* new ink, grown so that what belongs together touches */
};

/* One row of a tile: 64 cells from `first` (px), `dx` and `dy` px apart. */
struct sample_row {
    struct point first;
    double dx, dy;
};

/* Whether cells up to `reach_mm` from the first, at `start` (px), can be sampled without an overflow. */
bool outside_in_reach(const struct transform *local, struct point start, double reach_mm);

/* Bit i: whether cell i is dark on a bitonal scan. */
uint64_t sample_bits(const struct raw_page *raw, const struct sample_row *row);

void sample_grey(unsigned char out[64], const struct raw_page *raw, struct tone levels,
                 const struct sample_row *row);

/* The grey level from which down a tile's pixels are ink: a tinted band or a shadow is its own paper. */
int ink_limit(const unsigned char *tile, size_t stride, int rows, struct tone levels, double ink_level);

/* Light lines of a grey scan, beyond print: cells, into out[height * words]. */
void outside_faint(uint64_t *out, const struct outside *o);

/* Puts the cells together to pieces and describes them. `light` (NULL: none) is the page with its light
 * lines: of its pieces those are told of that ink alone does not show and that lie beside boxes. */
void outside_pieces(struct page_reading *out, struct arena *arena, const struct outside *o,
                    const struct outside *light);

#endif
