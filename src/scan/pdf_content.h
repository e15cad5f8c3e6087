/* Is a PDF page nothing but one picture? */
#ifndef SCAN_PDF_CONTENT_H
#define SCAN_PDF_CONTENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/geometry.h"

struct pdf_placement {
    char name[64];    /* of the XObject, with its slash */
    double matrix[6]; /* from the unit square to the page, in points, y upwards */
    bool black_ink;   /* what a stencil mask would be painted with */
};

/* True where the page's content shows one XObject and nothing else that could be seen: operators
 * are let through by a list of harmless ones (state, clips that cut nothing of `page_box_pt`,
 * invisible text as OCR programs leave it). Whatever is not on the list gives false, and the page
 * is then rendered. */
bool pdf_content_is_one_image(struct pdf_placement *out, const unsigned char *content,
                              size_t length, struct rect page_box_pt);

#endif
