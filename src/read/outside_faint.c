/* Light lines on grey scans: a soft pencil, a pen that runs dry. What is too pale to be ink by its
 * darkness alone is told by its shape: darker than the paper on both sides of it, a pen's width away.
 * Shadows, tints, creases' shades and what shines through from the back are broader, or as pale as much
 * else of the page. */
#include "read/outside_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define SIDE_CELLS 4       /* paper is looked for so far to either side: 1 mm from a stroke's middle */
#define NOISE_ROWS 8       /* every so many rows tell of the page's own noise */

/* Rows are whole blocks, and what is done to a block has no branch: compilers then take 16 cells at a
 * time. Left and right of a row's ends lie cells of the rows before and after it, at the form's rim. */
#define BLOCK 64

static void mix(unsigned char *restrict out, const unsigned char *restrict before,
                const unsigned char *restrict at, const unsigned char *restrict after)
{
    for (int x = 0; x < BLOCK; x++) { /* (before + 2 at + after + 2) / 4, without leaving bytes */
        unsigned char rounded_up = (unsigned char)((before[x] + after[x] + 1) >> 1);
        unsigned char sides = (unsigned char)(rounded_up - ((before[x] ^ after[x]) & 1));
        out[x] = (unsigned char)((sides + at[x] + 1) >> 1);
    }
}

/* The page's cells, each the mean of itself and its neighbours (1 2 1): scanner noise is one cell fine.
 * Row y begins at (y + 1) * stride; a row of paper lies before and after them. */
static unsigned char *smooth(const struct outside *o, size_t stride)
{
    size_t height = (size_t)o->template->height, room = (height + 2) * stride;
    unsigned char *out = malloc(room), *mean = malloc(stride + 2);
    if (out == NULL || mean == NULL)
        error_die("out of memory: the light lines of a page");
    memset(out, (int)o->levels.paper, room);
    for (size_t y = 0; y < height; y++) {
        const unsigned char *at = o->tones + y * stride;
        const unsigned char *up = y > 0 ? at - stride : at, *down = y + 1 < height ? at + stride : at;
        for (size_t x = 0; x < stride; x += BLOCK)
            mix(mean + 1 + x, up + x, at + x, down + x);
        mean[0] = mean[1];
        mean[stride + 1] = mean[stride];
        for (size_t x = 0; x < stride; x += BLOCK)
            mix(out + (y + 1) * stride + x, mean + x, mean + 1 + x, mean + 2 + x);
    }
    free(mean);
    return out;
}

/* By how many grey levels each cell of a block is darker than what lies on both sides of it, across or up
 * and down. */
static void find_ridges(unsigned char *restrict out, const unsigned char *restrict at, size_t stride)
{
    const unsigned char *up = at - SIDE_CELLS * stride, *down = at + SIDE_CELLS * stride;
    const unsigned char *left = at - SIDE_CELLS, *right = at + SIDE_CELLS;
    for (int x = 0; x < BLOCK; x++) {
        unsigned char across = left[x] < right[x] ? left[x] : right[x];
        unsigned char along = up[x] < down[x] ? up[x] : down[x];
        unsigned char paper = across > along ? across : along;
        out[x] = (unsigned char)((paper > at[x] ? paper : at[x]) - at[x]);
    }
}

/* The ridge that so large a share of the page's bare cells does not reach. */
static int noise_level(const struct outside *o, const unsigned char *smoothed, size_t stride,
                       double share)
{
    const struct outside_template *t = o->template;
    unsigned char ridges[BLOCK];
    long histogram[256] = {0}, count = 0, sum = 0;
    for (int y = SIDE_CELLS; y < t->height - SIDE_CELLS; y += NOISE_ROWS)
        for (int i = 0; i < t->words; i++) {
            uint64_t print = t->print[PRINT_FAR][y * t->words + i];
            find_ridges(ridges, smoothed + (size_t)(y + 1) * stride + (size_t)i * BLOCK, stride);
            for (int k = 0; k < BLOCK; k += 2)
                if (!(print >> k & 1)) {
                    histogram[ridges[k]]++;
                    count++;
                }
        }
    int level = 0;
    while (level < 255 && (double)(sum += histogram[level]) < share * (double)count)
        level++;
    return level;
}

/* A bit a cell: whether it reaches the limit. */
static uint64_t pack(const unsigned char ridges[BLOCK], unsigned char limit)
{
    unsigned char flags[BLOCK];
    for (int k = 0; k < BLOCK; k++)
        flags[k] = ridges[k] >= limit;
    return pack_flags(flags);
}

static bool any_reaches(const unsigned char ridges[BLOCK], unsigned char limit)
{
    unsigned char most = 0;
    for (int k = 0; k < BLOCK; k++)
        most = ridges[k] > most ? ridges[k] : most;
    return most >= limit;
}

/* Print and the cells beside it, which its blur may reach. */
static uint64_t *widen(const uint64_t *print, int words, int height)
{
    uint64_t *out = malloc((size_t)words * (size_t)height * sizeof *out);
    if (out == NULL)
        error_die("out of memory: the light lines of a page");
    for (int y = 0; y < height; y++)
        for (int i = 0; i < words; i++) {
            uint64_t wide = 0;
            for (int d = y > 0 ? -1 : 0; d <= (y + 1 < height ? 1 : 0); d++) {
                const uint64_t *row = print + (y + d) * words;
                wide |= row[i] | row[i] << 1 | row[i] >> 1 | (i > 0 ? row[i - 1] >> 63 : 0) |
                        (i + 1 < words ? row[i + 1] << 63 : 0);
            }
            out[y * words + i] = wide;
        }
    return out;
}

/* The same levels with nothing printed: white, lighter than any paper. */
static unsigned char *without_print(const unsigned char *smoothed, size_t stride, const uint64_t *wide, int words,
                                    int height)
{
    size_t room = ((size_t)height + 2) * stride;
    unsigned char *out = malloc(room);
    if (out == NULL)
        error_die("out of memory: the light lines of a page");
    memcpy(out, smoothed, room);
    for (int y = 0; y < height; y++)
        for (int i = 0; i < words; i++) {
            uint64_t bits = wide[y * words + i];
            unsigned char *at = out + (size_t)(y + 1) * stride + (size_t)i * BLOCK;
            for (int k = 0; bits != 0 && k < BLOCK; k++)
                if (bits >> k & 1)
                    at[k] = 255;
        }
    return out;
}

/* Ridges of a block from one pair of sides. */
static uint64_t pair(const unsigned char *restrict at, const unsigned char *restrict one,
                     const unsigned char *restrict other, unsigned char limit)
{
    unsigned char flags[BLOCK];
    for (int x = 0; x < BLOCK; x++) {
        unsigned char paper = one[x] < other[x] ? one[x] : other[x];
        flags[x] = (unsigned char)((paper > at[x] ? paper : at[x]) - at[x]) >= limit;
    }
    return pack_flags(flags);
}

/* Light lines that run within a millimetre of print: one of their sides is no paper. The other tells, where it
 * is bare. */
static void find_beside_print(uint64_t *out, const struct outside *o, const unsigned char *smoothed, size_t stride,
                              unsigned char limit)
{
    const struct outside_template *t = o->template;
    int words = t->words;
    uint64_t *wide = widen(t->print[o->reach], words, t->height);
    unsigned char *bare = without_print(smoothed, stride, wide, words, t->height);
    for (int y = SIDE_CELLS; y < t->height - SIDE_CELLS; y++)
        for (int i = 0; i < words; i++) {
            const uint64_t *row = wide + y * words + i;
            uint64_t up = row[-SIDE_CELLS * words], down = row[SIDE_CELLS * words];
            uint64_t left = row[0] << SIDE_CELLS | (i > 0 ? row[-1] >> (64 - SIDE_CELLS) : 0);
            uint64_t right = row[0] >> SIDE_CELLS | (i + 1 < words ? row[1] << (64 - SIDE_CELLS) : 0);
            if ((up | down | left | right) == 0)
                continue;
            size_t first = (size_t)(y + 1) * stride + (size_t)i * BLOCK;
            const unsigned char *at = smoothed + first, *sides = bare + first;
            uint64_t across = pair(at, sides - SIDE_CELLS, sides + SIDE_CELLS, limit) & ~(left & right);
            uint64_t along = pair(at, sides - SIDE_CELLS * stride, sides + SIDE_CELLS * stride, limit) & ~(up & down);
            out[y * words + i] |= (across | along) & ~row[0];
        }
    free(bare);
    free(wide);
}

void outside_faint(uint64_t *out, const struct outside *o)
{
    const struct outside_template *t = o->template;
    const struct outside_calibration *c = &t->calibration;
    size_t stride = (size_t)t->words * BLOCK;
    unsigned char *smoothed = smooth(o, stride), ridges[BLOCK];
    double span = (double)(o->levels.paper - o->levels.print);
    double noise = noise_level(o, smoothed, stride, c->light_noise_share);
    unsigned char limit =
        (unsigned char)fmin(255, ceil(fmax(c->light_min * span, c->light_noise_times * noise + 1)));
    for (int y = SIDE_CELLS; y < t->height - SIDE_CELLS; y++)
        for (int i = 0; i < t->words; i++) {
            find_ridges(ridges, smoothed + (size_t)(y + 1) * stride + (size_t)i * BLOCK, stride);
            if (any_reaches(ridges, limit))
                out[y * t->words + i] = pack(ridges, limit) & ~t->print[o->reach][y * t->words + i];
        }
    find_beside_print(out, o, smoothed, stride, (unsigned char)fmin(255, c->light_beside_print * limit));
    free(smoothed);
}
