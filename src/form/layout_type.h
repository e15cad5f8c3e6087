/* Typesetting: styles, wrapping and showing of text, by Pango. Lines stand on a fixed pitch per
 * style, whatever the font's own metrics, so that text and boxes line up. */
#ifndef FORM_LAYOUT_TYPE_H
#define FORM_LAYOUT_TYPE_H

#include <cairo.h>

#include "form/layout.h"

struct typesetter;

struct typesetter *typesetter_new(void);
void typesetter_free(struct typesetter *typesetter);

/* The font family that the text styles resolve to on this machine. */
const char *typesetter_font(const struct typesetter *typesetter, struct arena *arena);

double type_pitch_mm(enum type_style style); /* from line to line */

struct type_extent {
    int lines;
    double width_mm; /* of the widest line */
    double last_mm;  /* width of the last line */
};

/* How the text wraps in this width. */
struct type_extent type_measure(const struct typesetter *typesetter, enum type_style style,
                                const char *text, double width_mm);

/* A width up to `width_mm` that takes as many lines but leaves no lonely word on the last one. */
double type_comfortable_width(const struct typesetter *typesetter, enum type_style style,
                              const char *text, double width_mm);

/* Shows a text element on a context in points. */
void type_show(const struct typesetter *typesetter, cairo_t *cr,
               const struct layout_element *element);

/* Adds the outlines of a text element's letters to the context's path instead. */
void type_outline(const struct typesetter *typesetter, cairo_t *cr,
                  const struct layout_element *element);

void type_set_colour(cairo_t *cr, enum colour colour);

#endif
