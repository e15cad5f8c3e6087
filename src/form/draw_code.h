/* What varies per copy: the 2-D code of a page and the readable reference. */
#ifndef FORM_DRAW_CODE_H
#define FORM_DRAW_CODE_H

#include <cairo.h>

#include "base/error.h"
#include "form/layout_type.h"
#include "form/model.h"

/* A QR code as runs of black modules, row by row. */
struct code_run {
    int x, y, length; /* in modules, from the code's own corner */
};

struct page_symbol {
    struct rect place_mm;    /* of the code without its quiet zone; w = 0: the page has none */
    double module_mm;
    struct code_run *runs;   /* g_free() */
    size_t run_count;
};

/* The code of a copy's page; `out` is empty where the page has no place for one. */
bool page_symbol_make(struct page_symbol *out, const struct form *form, size_t page,
                      const char *reference, struct error *err);
void page_symbol_release(struct page_symbol *symbol);

/* Adds the outlines of the readable reference to the path of a context in points; nothing where the
 * page has no place for it. */
void page_reference_outline(cairo_t *cr, const struct typesetter *typesetter,
                            const struct template_page *page, const char *reference);

/* Draws both, on a context in points. */
bool draw_page_code(cairo_t *cr, const struct typesetter *typesetter, const struct form *form,
                    size_t page, const char *reference, struct error *err);

#endif
