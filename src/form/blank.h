/* A blank form as it exists (PDF, TIFF, PNG, JPEG), turned into plates. Used by the import only. */
#ifndef FORM_BLANK_H
#define FORM_BLANK_H

#include <allheaders.h>

#include "base/error.h"
#include "base/text.h"

struct blank_page {
    PIX *plate; /* 1 bpp at PLATE_DPI */
    PIX *tint;  /* 1 bpp at PLATE_DPI: print and tinted ground; NULL = the page has no tint */
    double width_mm, height_mm;
};

struct blank {
    struct blank_page *pages;
    size_t count;
    bool is_pdf;
    double dpi; /* of a picture, as it was taken; 0 for a PDF */
};

/* Loads the blank. `asked_dpi` (0 = none) overrules a picture's own resolution, `fallback_dpi`
 * (0 = none) serves where it has none. What was decided on the way is told in `notes`, a line each.
 * The name says nothing; the content decides what the file is. */
bool blank_load(struct blank *out, const char *path, double asked_dpi, double fallback_dpi,
                struct text *notes, struct error *err);
void blank_release(struct blank *blank);

#endif
