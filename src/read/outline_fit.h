/* Boxes found by their own printed outlines: the last fractions of a millimetre, and whether the
 * outline is there. Private to read/. */
#ifndef READ_OUTLINE_FIT_H
#define READ_OUTLINE_FIT_H

#include "read/mark_template.h"

struct outline_fit {
    int dx, dy;   /* cells: where the outline was seen, against where registration puts it */
    double found; /* share of it that is dark there */
    double specks; /* the same of a faded one, with what lies between its specks; 0 where it shows no line */
    /* lines of the scan that were lost within the box brought its far side nearer to the near one (left
     * or top) by so many cells; at most one of them is not 0 */
    int lost_x, lost_y;
};

/* Once for each template, before all else: those cells of the outline, and of those just outside, come first by
 * which the box is looked for. */
void outline_order(struct box_template *box);

/* `patch`: darkness of the box's cells, where registration puts them; `bilevel`: each is white (0) or black (255),
 * as those of a bitonal scan are. */
struct outline_fit outline_fit(const struct box_template *box, const unsigned char *patch, bool bilevel,
                               const struct mark_calibration *calibration);

/* The same within a cell of (dx, dy) only. */
struct outline_fit outline_fit_near(const struct box_template *box, const unsigned char *patch, bool bilevel,
                                    int dx, int dy, const struct mark_calibration *calibration);

/* Between which places the boxes of a page were seen whose outline is plainly there, in cells; of none, the least
 * are above the most. */
struct outline_places {
    int dx_least, dx_most, dy_least, dy_most;
};

struct outline_places outline_places_of(const struct outline_fit *fits, const struct box_template *boxes,
                                        size_t count, const struct mark_calibration *calibration);

/* What the boxes around box `index` say of where it should be seen: the medians of the nearest ones whose
 * outline is plainly there. False where they say the same as its own fit, or are too few. A box that is
 * scribbled over shows no outline of its own: ink is dark wherever it is looked for. `all`: of the page. */
bool outline_fit_doubted(int *dx, int *dy, const struct outline_fit *fits,
                         const struct box_template *boxes, size_t count, size_t index,
                         const struct outline_places *all, const struct mark_calibration *calibration);

/* Moves the far half of the patch back to where it would be had no line been lost. */
void outline_fit_close(unsigned char *patch, const struct box_template *box,
                       const struct outline_fit *fit);

#endif
