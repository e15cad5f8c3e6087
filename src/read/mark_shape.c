/* What new ink inside a box is like: strokes, spread, what is left white, streaks. */
#include "read/mark_bits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- streaks --------------------------------------------------------------------------------- */

/* A dust streak draws one line down everything the scanner saw: the fullest strip STRIP_CELLS wide
 * along the scan's own upright, as a share of the lines that could show it (those where its cells are
 * not print). `along` from line to line, `across` from cell to cell of a line; the strip shifts by
 * `slope` cells a line, as the page lies askew. */
#define STRIP_CELLS 4

struct strip_lines {
    int lines, along, cells, across;
    double slope;
};

/* Whether any of the STRIP_CELLS flags from each on is set; as many are read beyond the last. */
static void widen(unsigned char *restrict out, const unsigned char *restrict flags, int count)
{
    for (int i = 0; i < count; i++)
        out[i] = flags[i] | flags[i + 1] | flags[i + 2] | flags[i + 3];
}

static void add_flags(unsigned short *restrict sums, const unsigned char *restrict flags, int count)
{
    for (int i = 0; i < count; i++)
        sums[i] = (unsigned short)(sums[i] + flags[i]);
}

/* `across`, from cell to cell of a line: s->across, which a compiler may know. */
static inline __attribute__((always_inline)) float streak_along(const struct strip_lines *s,
                                                                const struct box_mask *mask,
                                                                const unsigned char *ink, int across)
{
    unsigned char is_free[PATCH_CELLS_MAX + STRIP_CELLS], wide[PATCH_CELLS_MAX];
    unsigned short rows[PATCH_CELLS_MAX], inked[PATCH_CELLS_MAX];
    size_t cells = (size_t)s->cells;
    memset(rows, 0, cells * sizeof *rows);
    memset(inked, 0, cells * sizeof *inked);
    memset(is_free + cells, 0, STRIP_CELLS);
    for (int line = 1; line < s->lines - 1; line++) {
        int shift = (int)lround(s->slope * (line - s->lines / 2.0));
        /* strips that begin after the line's first cell and end before its last */
        int from = STRIP_CELLS > 1 - shift ? STRIP_CELLS : 1 - shift;
        int most = shift > STRIP_CELLS ? shift : STRIP_CELLS, to = s->cells - STRIP_CELLS - most;
        if (from >= to)
            continue;
        const unsigned char *kinds = mask->cells + line * s->along, *dark = ink + line * s->along;
        unsigned char any = 0;
        for (int i = 0; i < s->cells; i++)
            is_free[i] = !(kinds[i * across] & CELL_PRINT);
        widen(wide, is_free, s->cells);
        add_flags(rows + from, wide + from + shift, to - from);
        for (int i = 0; i < s->cells; i++) {
            is_free[i] = dark[i * across] != 0; /* and no print: new ink is not */
            any |= is_free[i];
        }
        if (!any)
            continue;
        widen(wide, is_free, s->cells);
        add_flags(inked + from, wide + from + shift, to - from);
    }
    float best = 0;
    for (int first = STRIP_CELLS; first + 2 * STRIP_CELLS < s->cells; first++)
        if (rows[first] > s->lines / 3 && (float)inked[first] / (float)rows[first] > best)
            best = (float)inked[first] / (float)rows[first];
    return best;
}

static float streak_of(const struct strip_lines *s, const struct box_mask *mask, const unsigned char *ink)
{
    return s->across == 1 ? streak_along(s, mask, ink, 1) : streak_along(s, mask, ink, s->across);
}

static float streak_share(const struct box_template *box, const struct box_mask *mask,
                          const unsigned char *ink, const struct transform *local)
{
    double x = local->m[0], y = local->m[1]; /* what a step right and down the form is across the scan */
    struct strip_lines upright = {box->height, box->width, box->width, 1, -y / x};
    struct strip_lines sideways = {box->width, 1, box->height, box->width, -x / y};
    return streak_of(fabs(x) >= fabs(y) ? &upright : &sideways, mask, ink);
}

/* ---- the whole ------------------------------------------------------------------------------- */

void mark_shape(struct box_evidence *evidence, const struct box_template *box,
                const struct box_mask *mask, const unsigned char *ink, int inside_ink,
                const struct transform *local)
{
    struct mark_bits bits;
    mark_bits_of(&bits, box, mask, ink);
    struct ink_sums sums = mark_bits_sum(&bits, box);
    int wide = sums.extent.x1 - sums.extent.x0, high = sums.extent.y1 - sums.extent.y0;
    double half_w = box->rect_mm.w * CELL_PER_MM / 2, half_h = box->rect_mm.h * CELL_PER_MM / 2;
    evidence->runs = (float)mark_bits_runs(&bits);
    /* a stroke's area is length x width, its two edges 2 x length; pixel edges overstate the length
     * of slanting lines by 4 / pi on average */
    double perimeter = sums.edges * M_PI / 4;
    double stroke = perimeter > 0 ? 2.0 * inside_ink / perimeter : fmin(half_w, half_h) * 2;
    stroke = fmin(stroke, fmin(half_w, half_h) * 2);
    evidence->stroke_mm = (float)(stroke * CELL_MM);
    evidence->length_mm = (float)(inside_ink / stroke * CELL_MM);
    evidence->diagonal_share = (float)sums.diagonal / (float)inside_ink;
    evidence->span = (float)fmax(wide / (2 * half_w), high / (2 * half_h));
    int enough = mask->inside_count / 100 + 1;
    evidence->quadrants = 0; /* a box may be measured again */
    for (int k = 0; k < 4; k++)
        evidence->quadrants += (float)(sums.quadrant[k] >= enough);
    evidence->largest_white_share = (float)mark_bits_white(&bits) /
                                    (float)(mask->inside_count > 0 ? mask->inside_count : 1);
    evidence->streak_share = streak_share(box, mask, ink, local);
}
