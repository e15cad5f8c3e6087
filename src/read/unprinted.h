/* Boxes whose outline the plate lacks (the last proof of a form, a grid printed in a second pass, an
 * older blank): what they look like on one scan, kept whole, so that their print can be learned from
 * all scans together (record/learned_print.h) and their evidence measured then. */
#ifndef READ_UNPRINTED_H
#define READ_UNPRINTED_H

#include "form/model.h"
#include "read/reading.h"

#define CROP_CELL_MM 0.125
#define CROP_MARGIN_MM 0.8  /* around the box: the outline's outer edge, and room to align it anew */
#define CROP_CELLS_MAX 32600 /* of the largest box that can be read: BOX_PATCH_MM2 */
#define CROP_LEVELS 16      /* of darkness: 0 paper, 15 as dark as print */

/* The box's own frame: cell (0, 0) is CROP_MARGIN_MM left of and above its top left, as far as an
 * outline of its shape and size could be found by one scan alone. Two cells a byte, the left or upper
 * one in the low four bits. */
struct box_crop {
    int width, height; /* cells */
    int dx, dy;        /* cells: where that was, against where registration puts the box */
    float found;       /* share of the outline of its shape and size that is dark on the scan, 0-1 */
    const unsigned char *packed;
};

static inline size_t crop_bytes(int width, int height)
{
    return ((size_t)width * (size_t)height + 1) / 2;
}

/* The crop's size for a box of this size, in cells. */
void crop_size(int *width, int *height, struct rect rect_mm);

/* Darkness 0-255, width x height. */
void crop_unpack(unsigned char *out, const struct box_crop *crop);

/* In the arena, from a box's patch of darkness read at (dx, dy). */
struct box_template;
const struct box_crop *crop_take(struct arena *arena, const struct box_template *box,
                                 const unsigned char *patch, int dx, int dy, double found);

/* What the cells of a crop are where nothing is known but shape and size; made once a kind of box. */
struct crop_frame {
    struct rect rect_mm;
    enum box_shape shape;
    int width, height;
    double *depth_mm; /* a cell: how far inside the box's outer edge; negative outside */
};

/* The arrays belong to the arena. */
struct crop_frame crop_frame_make(struct arena *arena, const struct template_box *box);

/* The evidence's ink_share and faint_share alone. */
void crop_shares(double *ink_share, double *faint_share, const struct crop_frame *frame,
                 const unsigned char *cells, const unsigned char *print,
                 const struct mark_calibration *calibration);

/* Measures the evidence of ink beyond the print given: `print` is 1 where a cell of the frame is print.
 * `cells`: darkness 0-255. print_found, offset_mm, misfit_mm, row_mm2 and outside_mm2 are left
 * alone; shade_mm2 is 0. */
void crop_measure(struct box_evidence *evidence, const struct crop_frame *frame,
                  const unsigned char *cells, const unsigned char *print,
                  const struct mark_calibration *calibration);

#endif
