/* Pictures inside a PDF, taken out as they were put in. */
#ifndef SCAN_PDF_IMAGE_H
#define SCAN_PDF_IMAGE_H

#include <qpdf/qpdf-c.h>

#include "scan/decode.h"

struct pdf_image {
    qpdf_oh stream;
    int width_px, height_px;
    bool stencil; /* a mask through which the ink of the moment is painted: 0 = ink */
};

/* False where the object is no image. */
bool pdf_image_look(struct pdf_image *out, qpdf_data pdf, qpdf_oh object);

/* Decodes it where its coding is one of those that scanners use and that a strict decoder of ours
 * takes: JPEG, fax, deflate. A stencil is taken as painted with black. FLAG_FILE_FOREIGN: not so,
 * Poppler must render it. */
enum flag pdf_image_read(struct raw_page *out, qpdf_data pdf, const struct pdf_image *image,
                         const struct scan_limits *limits, struct error *err);

#endif
