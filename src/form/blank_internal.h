/* What blank.c and blank_pdf.c share. */
#ifndef FORM_BLANK_INTERNAL_H
#define FORM_BLANK_INTERNAL_H

#include "form/blank.h"

#define BLANK_PAGES_MAX 300
/* Larger than A3 in both directions is a poster, not a form, and would not fit a scanner. */
#define BLANK_MM_MIN 50.0
#define BLANK_MM_MAX 450.0

/* An 8 bpp page at PLATE_DPI to its plate: what is dark, and what is thin and darker than its
 * surroundings (pale outlines, grey print); tints are paper. */
PIX *blank_binarise(PIX *grey);

/* What is darker than the paper by at least half the palest tint, of an 8 bpp page at PLATE_DPI; NULL
 * where the page has no tint: no second tone of some extent. (blank_tint.c) */
PIX *blank_tint(PIX *grey);

struct paper {
    const char *name;
    double short_mm, long_mm;
};
#define PAPER_COUNT 6
extern const struct paper blank_papers[PAPER_COUNT];

/* Where an 8 bpp picture is a photo of a sheet (see form/sheet.h), gives its straightened page and says
 * so in `notes`. `asked_paper`: its name (NULL = by the sheet's shape); `is_scan`: the picture's
 * resolution makes it a form, so that a sheet that lies straight in it is no photo, unless a paper is
 * asked for. (blank_photo.c) */
bool blank_is_photo(struct blank_page *out, PIX *grey, const char *path, const char *asked_paper,
                    bool is_scan, struct text *notes);

/* Fills out->pages and out->count. */
bool blank_load_pdf(struct blank *out, const char *path, struct error *err);

#endif
