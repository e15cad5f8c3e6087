/* Lines to write on that belong to a box: "[ ] Other: ______", and the write-in of a ballot. */
#ifndef FORM_FIND_BESIDE_H
#define FORM_FIND_BESIDE_H

#include "form/find.h"

/* A line and the box that it belongs to. */
struct find_beside {
    struct rect px;
    size_t box; /* index into the boxes given */
};

/* The box whose row the line or area stands in, to its right, with no more than a label between;
 * SIZE_MAX: none. All rectangles are in pixels of the plate. */
size_t find_box_before(PIX *plate, struct rect area, const struct rect *boxes, size_t box_count);

/* Finds the lines of the page that belong to one of the boxes, top to bottom. Pure. */
void find_lines_beside(struct find_beside **out, size_t *count, struct arena *arena,
                       const struct find_page *page, const struct rect *boxes, size_t box_count);

#endif
