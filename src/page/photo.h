/* Photos: a sheet that was photographed at an angle, on a table, made into working images as if it had
 * been scanned. */
#ifndef PAGE_PHOTO_H
#define PAGE_PHOTO_H

#include "form/sheet.h"
#include "page/library.h"

#define PHOTO_PAPERS_MAX 4

/* A size that the sheet in a photo may have, lying as the sheet does. */
struct photo_paper {
    double width_mm, height_mm;
    double misfit; /* logarithm of how far its aspect is from the one seen */
};

/* Finds the sheet in a photo and the paper sizes of the library's pages that it may have, likeliest
 * first. Returns how many; 0 where there is no sheet, or one too coarse to read. Some tens of ms. */
size_t photo_find(struct sheet *sheet, struct photo_paper papers[PHOTO_PAPERS_MAX],
                  const struct page_library *library, const struct raw_page *raw);

/* The working image of the sheet as seen from above, to be released by working_release(). False where
 * the sheet cannot be that paper. */
bool photo_working(struct working *out, const struct page_library *library,
                   const struct raw_page *raw, const struct sheet *sheet,
                   const struct photo_paper *paper);

#endif
