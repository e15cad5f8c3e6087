/* A page's cells grown by one, several times: many words at once, and each row by every step while it is at hand. */
#include "read/outside_internal.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* What all rows have in common. */
struct growing {
    uint64_t *out;
    unsigned char *inked; /* [height]: rows with any cell, as far as they have grown */
    uint64_t *tall;       /* [words + 2]: a row with those above and below it, between two words of none */
    uint64_t *none;       /* [words] */
    uint64_t *above;      /* [GROW_STEPS_MAX][words]: of each step the row above, as it was before that step, */
    bool above_inked[GROW_STEPS_MAX]; /* and whether it had any cell; else the words are anything */
    int words, height;
};

/* Whether any cell is set in the end. `within`: NULL or where alone it may grow. */
static inline __attribute__((always_inline)) bool grow_row(uint64_t *restrict row, const uint64_t *restrict tall,
                                                           const uint64_t *restrict within, int words)
{
    uint64_t any = 0;
    for (int i = 0; i < words; i++) {
        uint64_t here = tall[i + 1];
        uint64_t all = here | here << 1 | here >> 1 | tall[i] >> 63 | tall[i + 2] << 63;
        row[i] |= within == NULL ? all : all & within[i];
        any |= row[i];
    }
    return any != 0;
}

/* The step-th step of row y; the row below is one step behind. */
static inline __attribute__((always_inline)) void grow_at(struct growing *g, int y, int step, const uint64_t *within)
{
    const int words = g->words;
    bool own = g->inked[y], up_inked = g->above_inked[step], down_inked = y + 1 < g->height && g->inked[y + 1];
    g->above_inked[step] = own;
    if (!own && !up_inked && !down_inked)
        return;
    uint64_t *row = g->out + (ptrdiff_t)y * words, *above = g->above + (ptrdiff_t)step * words, *tall = g->tall;
    const uint64_t *up = up_inked ? above : g->none, *down = down_inked ? row + words : g->none;
    for (int i = 0; i < words; i++)
        tall[i + 1] = up[i] | row[i] | down[i];
    memcpy(above, row, (size_t)words * sizeof *row);
    g->inked[y] = grow_row(row, tall, within == NULL ? NULL : within + (ptrdiff_t)y * words, words);
}

/* Copies a row: whether it has any cell. */
static inline __attribute__((always_inline)) bool take_row(uint64_t *restrict out, const uint64_t *restrict from,
                                                           int words)
{
    uint64_t any = 0;
    for (int i = 0; i < words; i++) {
        out[i] = from[i];
        any |= from[i];
    }
    return any != 0;
}

static inline __attribute__((always_inline)) void grow_rows(struct growing *g, const uint64_t *from,
                                                            const uint64_t *within, int within_steps, int steps)
{
    for (int y = -1; y < g->height + steps - 1; y++) {
        ptrdiff_t next = y + 1;
        if (next < g->height)
            g->inked[next] = take_row(g->out + next * g->words, from + next * g->words, g->words);
        for (int step = y < g->height ? 0 : y - g->height + 1; step < steps && step <= y; step++)
            grow_at(g, y - step, step, step < within_steps ? within : NULL);
    }
}

#ifdef __x86_64__
/* Four words at once, where the processor can. */
static __attribute__((target("avx2"))) void grow_rows_wide(struct growing *g, const uint64_t *from,
                                                           const uint64_t *within, int within_steps, int steps)
{
    grow_rows(g, from, within, within_steps, steps);
}
#endif

void grow_cells(uint64_t *out, const uint64_t *from, const uint64_t *within, int within_steps, int steps, int words,
                int height)
{
    struct growing g = {.out = out, .words = words, .height = height};
    size_t row = (size_t)words;
    uint64_t *room = calloc(2 + row * (2 + GROW_STEPS_MAX), sizeof *room);
    g.inked = calloc((size_t)height + 1, 1);
    if (room == NULL || g.inked == NULL)
        error_die("out of memory: rows of a page");
    if (steps > GROW_STEPS_MAX)
        error_die("cells grow by %d at most, not %d", GROW_STEPS_MAX, steps);
    g.tall = room;
    g.none = g.tall + row + 2;
    g.above = g.none + row;
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2"))
        grow_rows_wide(&g, from, within, within_steps, steps);
    else
#endif
        grow_rows(&g, from, within, within_steps, steps);
    free(g.inked);
    free(room);
}
