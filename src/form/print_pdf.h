/* Puts copies of a PDF's pages together: the artwork's own objects, shared by all copies and never
 * re-encoded, with one small content stream per page for what varies. By qpdf. */
#ifndef FORM_PRINT_PDF_H
#define FORM_PRINT_PDF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct copies_pdf;

/* `name` is how errors call the artwork; the bytes are borrowed until freed. */
struct copies_pdf *copies_pdf_new(const char *name, const void *bytes, size_t length,
                                  struct error *err);
void copies_pdf_free(struct copies_pdf *pdf); /* NULL is allowed */

size_t copies_pdf_page_count(const struct copies_pdf *pdf); /* of the artwork */

/* The size in points that page `page` is seen at; false where it is turned. */
bool copies_pdf_page_size(double *left, double *bottom, double *width, double *height,
                          const struct copies_pdf *pdf, size_t page);

/* Appends a copy of page `page` (index from 0), with `operators` (PDF content in the page's own
 * coordinates; NULL = nothing) drawn over it. */
bool copies_pdf_add(struct copies_pdf *pdf, size_t page, const char *operators, size_t length,
                    struct error *err);

/* The finished file; the bytes belong to `pdf`. */
bool copies_pdf_finish(const unsigned char **bytes, size_t *length, struct copies_pdf *pdf,
                       struct error *err);

#endif
