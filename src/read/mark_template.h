/* Inside the reading of marks: what is worked out of a page's plate once, before any scan. Private to
 * read/mark_template.c and read/marks.c. */
#ifndef READ_MARK_TEMPLATE_H
#define READ_MARK_TEMPLATE_H

#include <math.h>
#include <stdint.h>

#include "read/close_look.h"
#include "read/outside.h"
#include "read/reading.h"

#define CELL_PER_MM 8           /* sampling of boxes: 0.125 mm, a third of a thin stroke */
#define CELL_MM (1.0 / CELL_PER_MM)
#define MARGIN_MM BOX_PATCH_MARGIN_MM /* around a box: the ring of 2 mm and room to align */
/* Of a patch, margin and all. Outlines hold their indices in shorts. */
#define PATCH_CELLS_MAX 32600
_Static_assert(BOX_PATCH_MM2_MAX * CELL_PER_MM * CELL_PER_MM < PATCH_CELLS_MAX - 4 * 100,
               "room for the largest box, rounded up");
/* Of its width or height: the other is two margins at least, 36 cells. */
#define PATCH_LINE_MAX (PATCH_CELLS_MAX / 36)

/* Print may be fatter on the scan than on the plate by one of so many distances (0.2 to 0.55 mm): the
 * scan's own blur decides by which. */
#define SPREADS 4
double mark_spread_mm(int spread);

/* The patch of a box, in cells. */
static inline void patch_size(int *width, int *height, struct rect rect_mm)
{
    *width = (int)fmin(PATCH_CELLS_MAX, ceil((rect_mm.w + 2 * MARGIN_MM) * CELL_PER_MM));
    *height = (int)fmin(PATCH_CELLS_MAX / *width, ceil((rect_mm.h + 2 * MARGIN_MM) * CELL_PER_MM));
}

/* What each cell of a box's patch is. */
enum cell { CELL_PRINT = 1, CELL_INSIDE = 2, CELL_CORE = 4, CELL_RING = 8, CELL_DEEP = 16 };

/* Columns x0 up to x1 and rows y0 up to y1, the ends not included; of no cells all 0. */
struct cell_extent {
    int x0, x1, y0, y1;
};

struct box_mask {
    unsigned char *cells;     /* enum cell flags, width x height */
    uint64_t *counted;        /* a bit a cell: whether it counts at all, as mark_bare() asks; or NULL */
    int inside_count, core_count, deep_count;
    struct cell_extent inside, deep; /* where such cells lie */
};

/* Fills in what is told of the cells, but for `counted`. */
void mark_mask_sum(struct box_mask *mask, int width, int height);

/* Fills in `counted`, to be freed by the caller. */
void mark_mask_pack(struct box_mask *mask, int width, int height);

struct box_template {
    struct rect rect_mm;
    int width, height;        /* cells of the patch, margin and all */
    struct box_mask masks[SPREADS]; /* what counts where print is this fat */
    short *bleed;             /* indices of cells just outside the box, in the reach of some spreads only: those that
                                 spread k does not reach, but the next one does, end at bleed_ends[k] */
    int bleed_ends[SPREADS];
    short *outline;           /* indices of outline cells, and of the cells just outside them; see outline_order() */
    short *beyond;
    int outline_count, beyond_count;
    bool is_square;           /* has straight sides */
    bool has_outline;         /* the plate shows enough of one to be found again; else `outline` and
                                 `beyond` are what a box of this shape and size would have */
    bool is_elsewhere;        /* it shows one beside it: the box does not stand where it is printed */
};

/* A field, sampled coarsely. 1 = counts. */
struct area_template {
    struct rect rect_mm;
    double cell_mm;
    int width, height;
    unsigned char *counts;
};

struct mark_template {
    struct mark_calibration calibration;
    struct box_template *boxes;
    size_t box_count;
    struct area_template *fields;
    size_t field_count;
    struct outside_template outside;
    struct close_row *rows; /* one a box */
};

/* What a cell is of which the depth is known; `elsewhere`: another box's or field's surroundings. */
unsigned char mark_classify(const struct mark_calibration *calibration, double depth_mm, bool print,
                            bool elsewhere, double smaller_side_mm);

/* The evidence of ink beyond what the mask calls print. `patch`: darkness of the box's cells, read
 * at (dx, dy); `local`: form mm to px around the box, for the scan's upright. What print_found, offset_mm, misfit_mm
 * and row_mm2 say is left alone. */
void mark_measure(struct box_evidence *evidence, const struct box_template *box,
                  const struct box_mask *mask, const struct mark_calibration *calibration,
                  const unsigned char *patch, int dx, int dy, const struct transform *local);

/* Whether no cell in or around the box is even a little dark; then the evidence is filled in as mark_measure()
 * does, without a look at each. `mask`: packed. */
bool mark_bare(struct box_evidence *evidence, const struct box_template *box, const struct box_mask *mask,
               const struct mark_calibration *calibration, const unsigned char *patch, int dx, int dy);

/* What the new ink inside is like: runs, stroke, length, share on the diagonals, span, quadrants, the largest
 * white area and the fullest streak. `ink`: 1 = new ink, on the aligned grid, none in the patch's outermost
 * cells; `inside_ink` > 0 cells of it lie inside. (read/mark_shape.c) */
void mark_shape(struct box_evidence *evidence, const struct box_template *box,
                const struct box_mask *mask, const unsigned char *ink, int inside_ink,
                const struct transform *local);

/* Dark pixels deep inside the box, each for itself, mm2: of a mark that a threshold took for paper a few
 * are left, and between cells some of those fall through. 0 of a grey scan, whose faint ink tells more.
 * `local`, dx, dy: as above. (read/pixels.c) */
double mark_pixels_mm2(const struct box_template *box, const struct box_mask *mask,
                       const struct raw_page *raw, const struct transform *local, int dx, int dy);

/* How many bits of ink of at most `speck_mm2` lie deep inside the box apart from all else: what a threshold
 * leaves of a filling that it takes for paper. 0 of a grey scan. (read/pixels.c) */
int mark_specks(const struct box_template *box, const struct box_mask *mask, const struct raw_page *raw,
                const struct transform *local, int dx, int dy, double speck_mm2);

#endif
