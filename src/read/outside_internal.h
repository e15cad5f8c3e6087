/* Inside the finding of new ink: a page's cells, shared by read/outside.c and outside_pieces.c. */
#ifndef READ_OUTSIDE_INTERNAL_H
#define READ_OUTSIDE_INTERNAL_H

#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

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

/* 64 flags, each 0 or 1, as the bits of a word. */
static inline uint64_t pack_flags(const unsigned char flags[64])
{
    uint64_t word = 0;
    for (int k = 0; k < 64; k += 8) {
        uint64_t eight;
        memcpy(&eight, flags + k, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        eight = __builtin_bswap64(eight);
#endif
        /* flag i, at bit 8 i, is moved to bit 56 + i; all other products fall elsewhere */
        word |= (eight * 0x0102040810204080u >> 56) << k;
    }
    return word;
}

/* A bit a cell: whether its level is at most `limit`. */
static inline uint64_t pack_up_to(const unsigned char levels[64], unsigned char limit)
{
#ifdef __SSE2__
    uint64_t word = 0;
    const __m128i most = _mm_set1_epi8((char)limit);
    for (int k = 0; k < 64; k += 16) {
        __m128i cells = _mm_loadu_si128((const __m128i *)(const void *)(levels + k));
        unsigned flags = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(cells, most), cells));
        word |= (uint64_t)flags << k;
    }
    return word;
#else
    unsigned char flags[64];
    for (int k = 0; k < 64; k++)
        flags[k] = levels[k] <= limit;
    return pack_flags(flags);
#endif
}

/* Whether cells up to `reach_mm` from the first, at `start` (px), can be sampled without an overflow. */
bool outside_in_reach(const struct transform *local, struct point start, double reach_mm);

/* The grey level from which down a tile's pixels are ink: a tinted band or a shadow is its own paper. */
int ink_limit(const unsigned char *tile, size_t stride, int rows, struct tone levels, double ink_level);

/* Grows `from` by one cell, into `within` only (NULL: anywhere): up and down, then to the sides. `inked`, with
 * an entry before the first row and after the last: rows with any cell; brought up to date. What `out` holds
 * already lies within `from`. */
void grow_cells(uint64_t *out, const uint64_t *from, const uint64_t *within, unsigned char *inked, int words,
                int height);

/* A bitonal image smaller by `factor` (1, 2, 4 or 8): dark where any pixel is; `wide`: or where any of
 * those right and below is. */
PIX *reduce_any(PIX *bits, int factor, bool wide);

/* Light lines of a grey scan, beyond print: cells, into out[height * words]. */
void outside_faint(uint64_t *out, const struct outside *o);

/* Puts the cells together to pieces and describes them. `light` (NULL: none) is the page with its light
 * lines: of its pieces those are told of that ink alone does not show and that lie beside boxes. */
void outside_pieces(struct page_reading *out, struct arena *arena, const struct outside *o,
                    const struct outside *light);

#endif
