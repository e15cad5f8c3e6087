/* What new ink inside a box is like: strokes, spread, what is left white, streaks. */
#include "read/mark_bits.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

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

/* Sixteen strips at once. */
#define LANES 16
typedef unsigned char lanes __attribute__((vector_size(LANES)));

static inline lanes load(const unsigned char *from)
{
    lanes out;
    memcpy(&out, from, sizeof out);
    return out;
}

/* How many lines count for each strip, by its first cell; in bytes, which are taken over in time. */
struct strip_sums {
    unsigned char held[PATCH_LINE_MAX + LANES];
    unsigned short all[PATCH_LINE_MAX];
};

static void sums_clear(struct strip_sums *sums, int cells)
{
    memset(sums->held, 0, (size_t)cells + LANES);
    memset(sums->all, 0, (size_t)cells * sizeof *sums->all);
}

static void sums_flush(struct strip_sums *sums, int cells)
{
    for (int i = 0; i < cells; i++)
        sums->all[i] = (unsigned short)(sums->all[i] + sums->held[i]);
    memset(sums->held, 0, (size_t)cells);
}

/* Adds one to the sum of each of `count` strips of which any cell has the flag (or, `set` false, has it not). The cells
 * go on beyond the last strip. */
static inline __attribute__((always_inline)) void add_line(unsigned char *restrict sums,
                                                           const unsigned char *restrict cells, int count,
                                                           unsigned char flag, bool set)
{
    static const unsigned char wanted[2 * LANES] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    for (int i = 0; i < count; i += LANES) {
        lanes a = load(cells + i), b = load(cells + i + 1), c = load(cells + i + 2), d = load(cells + i + 3);
        lanes found = (lanes)(set ? ((a | b | c | d) & flag) != 0 : (a & b & c & d & flag) == 0);
        if (count - i < LANES)
            found &= load(wanted + LANES - (count - i));
        lanes sum = load(sums + i) - found; /* -1 where found */
        memcpy(sums + i, &sum, sizeof sum);
    }
}

/* A line's cells one beside the other; where they are not, they are copied. */
static inline const unsigned char *line_of(unsigned char *room, const unsigned char *cells,
                                           const struct strip_lines *s, int line)
{
    cells += line * s->along;
    if (s->across == 1)
        return cells;
    for (int i = 0; i < s->cells; i++)
        room[i] = cells[i * s->across];
    return room;
}

static float streak_of(const struct strip_lines *s, const struct box_mask *mask, const unsigned char *ink)
{
    enum { FLUSH = 255, ANY = 0xff }; /* so many lines a byte counts */
    unsigned char room[PATCH_LINE_MAX + LANES + STRIP_CELLS];
    struct strip_sums rows, inked;
    if (s->cells > PATCH_LINE_MAX)
        error_die("a box of %d cells is too long", s->cells);
    sums_clear(&rows, s->cells);
    sums_clear(&inked, s->cells);
    for (int line = 1, held = 0; line < s->lines - 1; line++) {
        double off = s->slope * (line - s->lines / 2.0);
        int shift = (int)(off < 0 ? off - 0.5 : off + 0.5);
        /* strips that begin after the line's first cell and end before its last */
        int from = STRIP_CELLS > 1 - shift ? STRIP_CELLS : 1 - shift;
        int most = shift > STRIP_CELLS ? shift : STRIP_CELLS, to = s->cells - STRIP_CELLS - most;
        if (from >= to)
            continue;
        if (held++ == FLUSH) {
            sums_flush(&rows, s->cells);
            sums_flush(&inked, s->cells);
            held = 1;
        }
        add_line(rows.held + from, line_of(room, mask->cells, s, line) + from + shift, to - from, CELL_PRINT, false);
        add_line(inked.held + from, line_of(room, ink, s, line) + from + shift, to - from, ANY, true);
    }
    sums_flush(&rows, s->cells);
    sums_flush(&inked, s->cells);
    float best = 0;
    for (int first = STRIP_CELLS; first + 2 * STRIP_CELLS < s->cells; first++)
        if (rows.all[first] > s->lines / 3 && (float)inked.all[first] / (float)rows.all[first] > best)
            best = (float)inked.all[first] / (float)rows.all[first];
    return best;
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
