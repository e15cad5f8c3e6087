/* Draws copies of a form's pages as pictures: the approved artwork (blank.pdf, or the plate where a
 * form has none) and over it what varies per copy. For image surfaces: drawn on a PDF surface,
 * cairo 1.16 misplaces letters of embedded fonts; print.h makes PDFs. */
#ifndef FORM_DRAW_H
#define FORM_DRAW_H

#include <cairo.h>

#include "base/error.h"
#include "form/model.h"

/* The opened artwork of a form. Not for two threads at once. */
struct form_art;

/* The form is borrowed and must have a template. NULL: err says what is missing or broken. */
struct form_art *form_art_open(const struct form *form, struct error *err);
void form_art_free(struct form_art *art); /* NULL is allowed */

/* Draws page `page` (index from 0) on a context in points, origin at the page's top left. The code
 * and the readable reference are drawn where the page has places for them and `reference` (with its
 * check character) is not NULL. */
bool form_art_draw(cairo_t *cr, struct form_art *art, size_t page, const char *reference,
                   struct error *err);

/* The same for one page, opening the artwork for it. */
bool form_page_draw(cairo_t *cr, const struct form *form, size_t page, const char *reference,
                    struct error *err);

#endif
