/* Builds a form: questionnaire -> template.json, blank.pdf, blank.tif and codebook.csv. */
#ifndef FORM_BUILD_H
#define FORM_BUILD_H

#include "base/error.h"
#include "form/model.h"

struct build_result {
    size_t pages, boxes, fields;
    bool changed;     /* false: the same template stood there already */
    const char *font; /* that the text was set in; belongs to the form's arena */
};

/* Lays `form` (loaded without template) out and writes the four files into the folder. Each is
 * written whole or not at all, the template last. Without `force`, a template of the same version
 * that differs is an error and nothing is changed: copies printed from it must keep matching. */
bool form_build(struct build_result *out, struct form *form, const char *folder, bool force,
                struct error *err);

/* Renders a page of the form's artwork as a plate: 1 bpp at PLATE_DPI. (build_plate.c) */
struct form_art;
struct Pix;
bool build_plate(struct Pix **out, const struct form *form, struct form_art *art, size_t page,
                 struct error *err);

#endif
