/* The printed pages as grey pictures, kept for the next return: only the code and the reference
 * differ from copy to copy. */
#ifndef PROOF_PICTURE_H
#define PROOF_PICTURE_H

#include <cairo.h>

#include "base/error.h"
#include "form/model.h"
#include "proof/ink.h"

/* Draws page `page` on a context in points with this copy's reference; NULL: without what varies per
 * copy. For tests: the forms themselves are drawn by form/draw.h. */
typedef bool page_drawer(cairo_t *cr, const struct form *form, size_t page, const char *reference,
                         struct error *err);

struct picture_book;

/* `draw` may be NULL: the form's own artwork. NULL: err. */
struct picture_book *picture_book_new(const struct form *form, page_drawer *draw,
                                      struct error *err);
void picture_book_free(struct picture_book *book);

/* One copy of the page at this resolution: with its code and reference; NULL: without what varies.
 * Borrowed until the next call. NULL: err. */
const struct plane *picture_book_page(struct picture_book *book, size_t page, double dpi,
                                      const char *reference, struct error *err);

/* From a surface in RGB24 of the plane's size: light as a scanner without colour sees it. */
void picture_copy_grey(struct plane *plane, cairo_surface_t *surface);

#endif
