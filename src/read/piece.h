/* Evidence of new ink on a page outside its answers: connected pieces, described by plain numbers.
 * Part of a page's reading (read/reading.h); how they are found: read/outside.h. */
#ifndef READ_PIECE_H
#define READ_PIECE_H

#include <stddef.h>

#include "base/geometry.h"

#define PIECE_TOUCHES 6   /* boxes that one piece is told of: a mark touches one or two */
#define PIECES_MAX 240    /* of one page, the largest; of these at most */
#define PIECES_CLOSE 40   /* were found by a closer look (read/close_look.h) */

/* Where clear_mm2 is no area: a closer look into the row of a question without ink in its boxes found the
 * piece, up to print and below the size of the others. Its strokes are not measured (0). */
#define PIECE_CLOSE (-1.0f)

/* How a piece lies to one box. Its row is what stands beside it: where a label, a tick beside the box
 * or a ring round the label may be. */
struct piece_touch {
    size_t box; /* index into the template page's boxes */
    float inside_mm2, row_mm2;
};

/* Numbers of one piece, all measured on the form (mm of the form). X(name, "meaning, unit") */
#define PIECE_TABLE(X)                                                                             \
    X(area_mm2, "new ink")                                                                         \
    X(clear_mm2, "of it, farther from the form's print than misplaced or fat print reaches")       \
    X(field_mm2, "of it, in a write-in area or just around one")                                   \
    X(margin_mm2, "of it, where the form expects nothing: no box, row, field or code")             \
    X(length_mm, "about how long its strokes are together (area / stroke width)")                  \
    X(stroke_mm, "about how wide its strokes are")                                                 \
    X(long_mm, "extent along its main axis: four standard deviations of its ink")                  \
    X(wide_mm, "the same across; of a straight line about its width")                              \
    X(darkness, "mean darkness, paper = 0, print's black = 1")                                     \
    X(x_mm, "where its ink's centre lies")                                                         \
    X(y_mm, "the same, from the top")

enum {
#define X(name, meaning) PIECE_##name,
    PIECE_TABLE(X)
#undef X
        PIECE_NUMBERS
};

struct ink_piece {
    struct rect rect_mm; /* bounds on the form */
    struct rect rect_px; /* about the same on the image as scanned */
#define X(name, meaning) float name;
    PIECE_TABLE(X)
#undef X
    struct piece_touch touches[PIECE_TOUCHES]; /* those with most ink first */
    size_t touch_count;
};

#endif
