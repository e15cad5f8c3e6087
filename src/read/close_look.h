/* A closer look into the rows of questions in whose boxes no ink lies: at the plate's own resolution and
 * close up to print, where the cells of read/outside.h are too coarse. A thin tick through a label, of
 * which a threshold left specks, lies almost wholly within what they call print. Private to read/. */
#ifndef READ_CLOSE_LOOK_H
#define READ_CLOSE_LOOK_H

#include "form/model.h"
#include "page/bitmap.h"
#include "read/outside.h"

/* The row of a box, in pixels of the plate: what is print, box or field there. */
struct close_row {
    int x, y;            /* top left, on the plate */
    struct bitmap print;
    size_t item;
    bool known;          /* the plate shows the box: what it shows around it is all that is printed */
};

/* `print`: the plate with its print spread by mark_spread_mm(0). known is left to the caller. */
void close_row_init(struct close_row *out, const struct template_page *page, size_t box,
                    const struct outside_row *row, const struct bitmap *print,
                    const struct outside_calibration *calibration);
void close_row_release(struct close_row *row);

/* What else of the page is known when it is looked at. */
struct close_page {
    const struct close_row *rows; /* one a box */
    const struct outside_calibration *calibration;
    const struct raw_page *raw;
    const struct placed_page *placed;
    struct tone levels;
    double ink_level;
    double spread_mm;             /* how much fatter than on the plate print is on this scan */
    const struct point *shift_mm; /* one a box: where its outline lay, against where it should */
};

/* Appends what is found to the pieces of `out`, whose boxes are measured: pieces of PIECE_CLOSE. */
void close_look(struct page_reading *out, struct arena *arena, const struct close_page *page);

#endif
