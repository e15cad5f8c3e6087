/* A blank form as it exists (PDF, TIFF, PNG, JPEG), turned into plates. Used by the import only. */
#ifndef FORM_BLANK_H
#define FORM_BLANK_H

#include <allheaders.h>

#include "base/error.h"
#include "base/geometry.h"
#include "base/text.h"

struct blank_page {
    PIX *plate; /* 1 bpp at PLATE_DPI */
    PIX *tint;  /* 1 bpp at PLATE_DPI: print and tinted ground; NULL = the page has no tint */
    double width_mm, height_mm;
    bool is_photo;             /* straightened by its outline */
    struct transform px_to_mm; /* of a photo: pixels of the picture -> mm of the page */
};

struct blank {
    struct blank_page *pages;
    size_t count;
    bool is_pdf;
    double dpi; /* of a picture, as it was taken; 0 for a PDF and for photos */
};

/* What the user says of a picture. */
struct blank_options {
    double dpi;          /* overrules the picture's own resolution; 0 = none */
    double fallback_dpi; /* serves where it has none; 0 = none */
    const char *paper;   /* it is a photo of a sheet of this paper; NULL = see for yourself */
};

/* Whether there is a paper of this name (A3, A4, A5, Letter, Legal, Tabloid; case does not matter). */
bool blank_paper_is_known(const char *name);

/* Loads the blank. A picture that shows a whole sheet at an angle on something darker is straightened,
 * unless its dpi is given or makes it a usual paper. What was decided on the way is told in `notes`, a
 * line each. The name says nothing; the content decides what the file is. */
bool blank_load(struct blank *out, const char *path, const struct blank_options *options,
                struct text *notes, struct error *err);
void blank_release(struct blank *blank);

#endif
