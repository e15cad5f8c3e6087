/* A page's cells grown by one, many words at once. */
#include "read/outside_internal.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/error.h"

/* One row of grow_cells(): whether any cell is set in the end. `tall`: the row with those above and below it, between
 * two words of none. */
static inline __attribute__((always_inline)) bool grow_row(uint64_t *restrict to, const uint64_t *restrict at,
                                                           const uint64_t *restrict tall,
                                                           const uint64_t *restrict within, int words)
{
    uint64_t any = 0;
    for (int i = 0; i < words; i++) {
        uint64_t here = tall[i + 1];
        uint64_t all = here | here << 1 | here >> 1 | tall[i] >> 63 | tall[i + 2] << 63;
        to[i] = at[i] | (within == NULL ? all : all & within[i]);
        any |= to[i];
    }
    return any != 0;
}

static inline __attribute__((always_inline)) void grow_rows(uint64_t *out, const uint64_t *from,
                                                            const uint64_t *within, unsigned char *inked,
                                                            uint64_t *tall, int words, int height)
{
    unsigned char above = 0; /* as it was */
    for (int y = 0; y < height; y++) {
        unsigned char own = inked[y + 1], near = above | own | inked[y + 2];
        above = own;
        if (!near)
            continue;
        const uint64_t *at = from + (ptrdiff_t)y * words, *up = y > 0 ? at - words : at;
        const uint64_t *down = y + 1 < height ? at + words : at;
        for (int i = 0; i < words; i++)
            tall[i + 1] = up[i] | at[i] | down[i];
        inked[y + 1] = grow_row(out + (ptrdiff_t)y * words, at, tall,
                                within == NULL ? NULL : within + (ptrdiff_t)y * words, words);
    }
}

#ifdef __x86_64__
/* Four words at once, where the processor can. */
static __attribute__((target("avx2"))) void grow_rows_wide(uint64_t *out, const uint64_t *from,
                                                           const uint64_t *within, unsigned char *inked,
                                                           uint64_t *tall, int words, int height)
{
    grow_rows(out, from, within, inked, tall, words, height);
}
#endif

void grow_cells(uint64_t *out, const uint64_t *from, const uint64_t *within, unsigned char *inked, int words,
                int height)
{
    uint64_t *tall = calloc((size_t)words + 2, sizeof *tall);
    if (tall == NULL)
        error_die("out of memory: a row of cells");
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2"))
        grow_rows_wide(out, from, within, inked, tall, words, height);
    else
#endif
        grow_rows(out, from, within, inked, tall, words, height);
    free(tall);
}
