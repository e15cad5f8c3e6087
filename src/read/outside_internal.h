/* Inside the finding of new ink: a page's cells, shared by read/outside.c and outside_pieces.c. */
#ifndef READ_OUTSIDE_INTERNAL_H
#define READ_OUTSIDE_INTERNAL_H

#include <stdint.h>

#include "read/outside.h"
#include "read/pack.h"

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
    uint64_t *any;           /* of a bitonal scan: those of which any pixel is dark; else NULL */
    uint64_t *ink;           /* new ink */
    uint64_t *joined;        /* new ink, grown so that what belongs together touches */
};

/* The first cell from x on that is set (or, `set` false, is not). */
static inline int next_cell(const uint64_t *line, int x, int width, bool set)
{
    while (x < width) {
        uint64_t word = (set ? line[x / 64] : ~line[x / 64]) >> (x & 63);
        if (word != 0) {
            int at = x + __builtin_ctzll(word);
            return at < width ? at : width;
        }
        x = (x / 64 + 1) * 64;
    }
    return width;
}

/* Fills in the tiles and the cells of the page: dark and any, or tones. */
void outside_cells(struct outside *o);

/* Whether cells up to `reach_mm` from the first, at `start` (px), can be sampled without an overflow. */
bool outside_in_reach(const struct transform *local, struct point start, double reach_mm);

/* The grey level from which down a tile's pixels are ink: a tinted band or a shadow is its own paper. */
int ink_limit(const unsigned char *tile, size_t stride, int rows, struct tone levels, double ink_level);

/* The cells of `from`, grown by one cell so many times: up and down, then to the sides; the first `within_steps`
 * times into `within` only. `steps`: GROW_STEPS_MAX at most. */
#define GROW_STEPS_MAX 8
void grow_cells(uint64_t *out, const uint64_t *from, const uint64_t *within, int within_steps, int steps, int words,
                int height);

/* A bitonal image smaller by `factor` (1, 2, 4 or 8): dark where any pixel is; `wide`: or where any of
 * those right and below is. Its `bits`, to be destroyed by the caller, may have more columns, all white. */
struct raw_page reduce_any(PIX *bits, int factor, bool wide);

/* Light lines of a grey scan, beyond print: cells, into out[height * words]. */
void outside_faint(uint64_t *out, const struct outside *o);

/* Of a bitonal scan: rows of specks, as a light stroke leaves them, into `dotted` of the box each speaks of, and
 * `struck_dotted` of the one whose label it goes through, which must be 0. Needs any and joined, and of the boxes
 * ink_share. */
void outside_dotted(struct page_reading *out, const struct outside *o);

/* Puts the cells together to pieces and describes them. `light` (NULL: none) is the page with its light
 * lines: of its pieces those are told of that ink alone does not show and that lie beside boxes. */
void outside_pieces(struct page_reading *out, struct arena *arena, const struct outside *o,
                    const struct outside *light);

#endif
