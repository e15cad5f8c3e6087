/* Evidence of one box by counts of its cells: how many are ink or faint, by where they lie. */
#include "read/through.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "read/pack.h"

/* Sixteen cells at once, without branches. */
#define LANES 16
typedef unsigned char lanes __attribute__((vector_size(LANES)));
typedef unsigned short lane_sums __attribute__((vector_size(2 * LANES)));

/* Cells by what they are, of those that are as dark as ink or only a little darker than paper. */
struct cell_counts {
    int inside, core, ring, pale, faint, faint_core;
    long darkness; /* summed over `inside` */
};

/* Counts by lane; so many at most, then they are taken over. */
#define FLUSH 255
struct lane_counts {
    lanes inside, core, ring, pale, faint, faint_core;
    lane_sums darkness;
    int held;
};

struct levels {
    unsigned char ink, faint;
};

static void flush_counts(struct cell_counts *counts, struct lane_counts *held)
{
    for (int k = 0; k < LANES; k++) {
        counts->inside += held->inside[k];
        counts->core += held->core[k];
        counts->ring += held->ring[k];
        counts->pale += held->pale[k];
        counts->faint += held->faint[k];
        counts->faint_core += held->faint_core[k];
        counts->darkness += held->darkness[k];
    }
    *held = (struct lane_counts){.held = 0};
}

static inline lanes is_set(lanes cells, unsigned char flag)
{
    return (lanes)((cells & flag) != 0);
}

/* A mask of set cells is -1 in each: taken off a count it adds one. Gives the new ink, 0 or 1. */
static inline lanes count_lanes(struct lane_counts *held, lanes cells, lanes dark, struct levels at)
{
    lanes bare = ~is_set(cells, CELL_PRINT), cell = cells & bare; /* print has no other flag that counts */
    lanes inked = (lanes)(dark >= at.ink), tinged = (lanes)(dark >= at.faint), ink = cell & inked;
    lanes inside = is_set(ink, CELL_INSIDE);
    held->inside -= inside;
    held->core -= is_set(ink, CELL_CORE);
    held->ring -= is_set(ink, CELL_RING);
    held->pale -= is_set(cell & tinged & ~inked, CELL_RING);
    held->faint -= is_set(cell & tinged & ~inked, CELL_DEEP);
    held->faint_core -= is_set(cell & tinged, CELL_CORE);
    held->darkness += __builtin_convertvector(dark & inside, lane_sums);
    held->held++;
    return inked & bare & 1;
}

/* Whether any cell that is no print is dark enough to count. */
static inline bool any_counts(lanes cells, lanes dark, unsigned char least)
{
    uint64_t any[2];
    lanes counts = (lanes)(dark >= least) & ~is_set(cells, CELL_PRINT);
    memcpy(any, &counts, sizeof any);
    return (any[0] | any[1]) != 0;
}

/* LANES cells: marks the new ink. Nearly all are paper or print. */
static inline void count_block(struct cell_counts *counts, struct lane_counts *held, unsigned char *ink,
                               lanes cells, lanes dark, struct levels at)
{
    lanes before, out;
    if (!any_counts(cells, dark, at.ink < at.faint ? at.ink : at.faint))
        return;
    if (held->held == FLUSH)
        flush_counts(counts, held);
    out = count_lanes(held, cells, dark, at);
    memcpy(&before, ink, LANES);
    out |= before;
    memcpy(ink, &out, LANES);
}

/* One row of at least LANES cells. The last block begins before the end of the one before it: what was
 * counted there passes for print. */
static void count_row(struct cell_counts *counts, struct lane_counts *held, unsigned char *restrict ink,
                      const unsigned char *restrict cells, const unsigned char *restrict dark, int count,
                      struct levels at)
{
    static const unsigned char counted[2 * LANES] = {
        CELL_PRINT, CELL_PRINT, CELL_PRINT, CELL_PRINT, CELL_PRINT, CELL_PRINT, CELL_PRINT, CELL_PRINT,
        CELL_PRINT, CELL_PRINT, CELL_PRINT, CELL_PRINT, CELL_PRINT, CELL_PRINT, CELL_PRINT, CELL_PRINT};
    lanes kinds, tones, done;
    int x = 0;
    for (; x + LANES <= count; x += LANES) {
        memcpy(&kinds, cells + x, LANES);
        memcpy(&tones, dark + x, LANES);
        count_block(counts, held, ink + x, kinds, tones, at);
    }
    if (x == count)
        return;
    int last = count - LANES;
    memcpy(&kinds, cells + last, LANES);
    memcpy(&tones, dark + last, LANES);
    memcpy(&done, counted + (count - x), LANES);
    count_block(counts, held, ink + last, kinds | done, tones, at);
}

/* As count_row(), of fewer cells. */
static void count_short_row(struct cell_counts *counts, struct lane_counts *held, unsigned char *ink,
                            const unsigned char *cells, const unsigned char *dark, int count,
                            struct levels at)
{
    lanes kinds = {0}, tones = {0};
    unsigned char out[LANES] = {0};
    memcpy(&kinds, cells, (size_t)count);
    memcpy(&tones, dark, (size_t)count);
    count_block(counts, held, out, kinds, tones, at);
    memcpy(ink, out, (size_t)count);
}

void mark_measure(struct box_evidence *evidence, const struct box_template *box,
                  const struct box_mask *mask, const struct mark_calibration *calibration,
                  const unsigned char *patch, int dx, int dy, const struct transform *local)
{
    int width = box->width, height = box->height;
    int left = dx < -1 ? -dx : 1, right = dx > 1 ? width - dx : width - 1;
    unsigned char ink[PATCH_CELLS_MAX];
    struct cell_counts counts = {0};
    struct lane_counts held = {.held = 0};
    struct levels at = {(unsigned char)(calibration->ink_level * 255),
                        (unsigned char)(calibration->faint_level * 255)};
    memset(ink, 0, (size_t)width * (size_t)height);
    for (int y = 1; y < height - 1; y++)
        if (y + dy >= 0 && y + dy < height && left < right)
            (right - left < LANES ? count_short_row : count_row)(
                &counts, &held, ink + y * width + left, mask->cells + y * width + left,
                patch + (y + dy) * width + left + dx, right - left, at);
    flush_counts(&counts, &held);
    evidence->ink_share = (float)counts.inside / (float)(mask->inside_count > 0 ? mask->inside_count : 1);
    evidence->faint_share = evidence->ink_share + (float)counts.faint / (float)(mask->deep_count > 0 ? mask->deep_count : 1);
    evidence->core_share = (float)counts.core / (float)(mask->core_count > 0 ? mask->core_count : 1);
    evidence->faint_core_share =
        (float)counts.faint_core / (float)(mask->core_count > 0 ? mask->core_count : 1);
    evidence->outside_mm2 = (float)(counts.ring * CELL_MM * CELL_MM);
    evidence->shade_mm2 = (float)(counts.pale * CELL_MM * CELL_MM);
    evidence->darkness = counts.inside > 0 ? (float)counts.darkness / (float)counts.inside / 255 : 0;
    evidence->largest_white_share = 1;
    evidence->streak_share = evidence->through_mm = 0;
    if (counts.inside > 0) {
        mark_shape(evidence, box, mask, ink, counts.inside, local);
        evidence->through_mm = mark_through_mm(box, ink, calibration);
    }
}

/* Whether any of the mask's 64 cells from `at` on that count is so dark; of those alone that the patch has,
 * `shift` cells on. */
static bool any_dark(uint64_t counted, const unsigned char *patch, int at, int shift, int count, unsigned char least)
{
    if (counted == 0)
        return false;
    if (at + shift >= 0 && at + shift + 64 <= count)
        return (pack_from_level(patch + at + shift, least) & counted) != 0;
    for (; counted != 0; counted &= counted - 1) {
        int cell = at + shift + __builtin_ctzll(counted);
        if (cell >= 0 && cell < count && patch[cell] >= least)
            return true;
    }
    return false;
}

/* Cells at the patch's rim are looked at beyond those that are measured. */
bool mark_bare(struct box_evidence *evidence, const struct box_template *box, const struct box_mask *mask,
               const struct mark_calibration *calibration, const unsigned char *patch, int dx, int dy)
{
    int count = box->width * box->height, shift = dy * box->width + dx;
    unsigned char least =
        (unsigned char)(fmin(calibration->ink_level, calibration->faint_level) * 255);
    for (int at = 0; at < count; at += 64)
        if (any_dark(mask->counted[at / 64], patch, at, shift, count, least))
            return false;
    evidence->ink_share = evidence->faint_share = evidence->core_share = evidence->faint_core_share = 0;
    evidence->outside_mm2 = evidence->shade_mm2 = evidence->darkness = evidence->streak_share = evidence->through_mm = 0;
    evidence->largest_white_share = 1;
    return true;
}
