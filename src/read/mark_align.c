/* Where a box lies on its patch: by its own printed outline. */
#include <stdlib.h>
#include <string.h>

#include "read/mark_template.h"

#define ALIGN_CELLS 4           /* a box is looked for up to 0.5 mm from where it should be; */
#define ALIGN_UNPRINTED_CELLS 8 /* and up to 1 mm where the blank never showed it */

/* Darkness below a list of cells, for the list moved to LANES places side by side at once. */
#define LANES 8
typedef unsigned char lane_bytes __attribute__((vector_size(LANES)));
typedef unsigned short lane_sums __attribute__((vector_size(2 * LANES)));
#define FLUSH 256 /* so many bytes one lane holds */

static void add_below(long sums[LANES], const short *list, int count, int step,
                      const unsigned char *patch)
{
    for (int k = 0; k < count;) {
        lane_sums part = {0};
        for (int n = 0; n < FLUSH && k < count; n++, k += step) {
            lane_bytes cells;
            memcpy(&cells, patch + list[k], LANES);
            part += __builtin_convertvector(cells, lane_sums);
        }
        for (int lane = 0; lane < LANES; lane++)
            sums[lane] += part[lane];
    }
}

/* How well the outline lies there, for LANES places from dx on. Outline and surroundings lie within
 * 0.6 mm of the box: moved by no more than ALIGN_UNPRINTED_CELLS and LANES they stay on its patch. */
static void outline_scores(double out[LANES], const struct box_template *box,
                           const unsigned char *patch, int dx, int dy)
{
    long on[LANES] = {0}, off[LANES] = {0};
    const unsigned char *moved = patch + dy * box->width + dx;
    add_below(on, box->outline, box->outline_count, 2, moved);
    add_below(off, box->beyond, box->beyond_count, 3, moved);
    for (int lane = 0; lane < LANES; lane++) {
        double print = box->outline_count == 0 ? 0 : 2.0 * (double)on[lane] / box->outline_count;
        double paper = box->beyond_count == 0 ? 0 : 3.0 * (double)off[lane] / box->beyond_count;
        /* a small preference for where registration says */
        out[lane] = print - 0.5 * paper - 6.0 * (abs(dx + lane) + abs(dy));
    }
}

/* Never so far that the next box could be taken for this one. */
static int unprinted_reach(const struct box_template *box)
{
    double third = fmin(box->rect_mm.w, box->rect_mm.h) * CELL_PER_MM / 3;
    return third < ALIGN_UNPRINTED_CELLS ? (int)third & ~1 : ALIGN_UNPRINTED_CELLS;
}

/* Places in one row, from `dx` to `last` or as far as LANES go. */
struct places {
    int dx, last, step, dy;
};

static void try_places(struct alignment *best, double *best_score, const struct box_template *box,
                       const unsigned char *patch, struct places at)
{
    double scores[LANES];
    outline_scores(scores, box, patch, at.dx, at.dy);
    for (int lane = 0; lane < LANES && at.dx + lane <= at.last; lane += at.step)
        if (scores[lane] > *best_score) {
            *best_score = scores[lane];
            best->dx = at.dx + lane;
            best->dy = at.dy;
        }
}

/* Coarse steps, then single cells. */
struct alignment mark_align(const struct box_template *box, const unsigned char *patch, int ink_level)
{
    struct alignment best = {0, 0, 0};
    double best_score = -1e9;
    int reach = box->has_outline ? ALIGN_CELLS : unprinted_reach(box);
    for (int dy = -reach; dy <= reach; dy += 2)
        for (int dx = -reach; dx <= reach; dx += LANES)
            try_places(&best, &best_score, box, patch, (struct places){dx, reach, 2, dy});
    struct alignment coarse = best;
    for (int dy = coarse.dy - 1; dy <= coarse.dy + 1; dy++)
        try_places(&best, &best_score, box, patch, (struct places){coarse.dx - 1, coarse.dx + 1, 1, dy});
    int seen = 0, count = box->width * box->height;
    for (int k = 0; k < box->outline_count; k++) {
        int at = box->outline[k] + best.dy * box->width + best.dx;
        /* a thin line may fall between two cells: its neighbours count too */
        bool dark = false;
        for (int n = 0; n < 5 && !dark; n++) {
            int near = at + (n == 1 ? 1 : n == 2 ? -1 : n == 3 ? box->width : n == 4 ? -box->width : 0);
            dark = near >= 0 && near < count && patch[near] >= ink_level;
        }
        seen += dark;
    }
    best.found = box->outline_count == 0 ? 0 : (double)seen / box->outline_count;
    return best;
}
