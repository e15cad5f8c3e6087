/* A level line through a box: followed from the middle to both sides, within one band of rows after the other. */
#include "read/through.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* Two cells by two are looked at as one, a dot: broken lines hold together, and a column of dots fits a word. */
#define CELLS_PER_DOT 2
#define DOT_MM (CELLS_PER_DOT * CELL_MM)
#define DOTS_MAX 64

/* Column by column; bit y: the dot in row y. */
struct dots {
    int columns, rows, left, right; /* the box's sides: its first column, and the first beyond it */
    uint64_t ink[DOTS_MAX];
};

/* Whether there is ink beyond the box's side, a dot away from it, in rows where the box is. */
static bool is_inked_beyond(const struct box_template *box, const unsigned char *ink, bool right)
{
    enum { AT_ONCE = 8 }; /* cells; the margin has more */
    int margin = (int)(MARGIN_MM * CELL_PER_MM);
    int from = right ? box->width - margin + CELLS_PER_DOT : 1, to = right ? box->width - 1 : margin - CELLS_PER_DOT;
    for (int y = margin; y < box->height - margin; y++)
        for (int x = from; x < to; x += AT_ONCE) {
            uint64_t cells;
            memcpy(&cells, ink + y * box->width + (x + AT_ONCE < to ? x : to - AT_ONCE), sizeof cells);
            if (cells != 0)
                return true;
        }
    return false;
}

static void find_dots(struct dots *out, const struct box_template *box, const unsigned char *ink)
{
    double margin = MARGIN_MM * CELL_PER_MM / CELLS_PER_DOT;
    *out = (struct dots){.columns = box->width / CELLS_PER_DOT, .rows = box->height / CELLS_PER_DOT,
                         .left = (int)margin, .right = (int)ceil(margin + box->rect_mm.w / DOT_MM)};
    for (int y = 0; y < out->rows * CELLS_PER_DOT; y++)
        for (int x = 0; x < out->columns * CELLS_PER_DOT; x++)
            out->ink[x / CELLS_PER_DOT] |= ink[y * box->width + x] ? (uint64_t)1 << y / CELLS_PER_DOT : 0;
}

/* The last column with ink that is reached from `at` on without leaving the band, across so many white ones. */
static int reach(const struct dots *dots, int at, int step, uint64_t band, int white_max)
{
    int last = at, white = 0;
    uint64_t reached = dots->ink[at] & band;
    for (int x = at + step; x >= 0 && x < dots->columns && reached != 0 && white <= white_max; x += step) {
        uint64_t near = (reached | reached << 1 | reached >> 1) & band, on = near & dots->ink[x];
        white = on != 0 ? 0 : white + 1;
        reached = on != 0 ? on : near;
        last = on != 0 ? x : last;
    }
    return last;
}

float mark_through_mm(const struct box_template *box, const unsigned char *ink,
                      const struct mark_calibration *calibration)
{
    if (box->width > DOTS_MAX * CELLS_PER_DOT || box->height > DOTS_MAX * CELLS_PER_DOT ||
        !is_inked_beyond(box, ink, false) || !is_inked_beyond(box, ink, true))
        return 0;
    struct dots dots;
    int most = 0;
    find_dots(&dots, box, ink);
    int middle = (dots.left + dots.right) / 2, white = (int)lround(calibration->through_white_mm / DOT_MM);
    int high = (int)lround(fmin(calibration->through_band_mm / DOT_MM, DOTS_MAX - 1));
    for (int y = dots.left; y + high <= dots.rows - dots.left; y++) {
        uint64_t band = (((uint64_t)1 << high) - 1) << y;
        int left = dots.left - reach(&dots, middle, -1, band, white);
        int right = reach(&dots, middle, 1, band, white) + 1 - dots.right;
        int both = left < right ? left : right;
        most = both > most ? both : most;
    }
    return (float)(most * DOT_MM);
}
