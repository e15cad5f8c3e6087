/* Plates: the clean rendering of a form's pages, as a multi-page G4 TIFF. */
#include "form/plate.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "form/file.h"

#define PLATE_FILE "blank.tif"
/* How far a plate's size may be from the template's: rounding to pixels, no more. */
#define SIZE_TOLERANCE_PX 4

static bool check_plate(PIX *plate, const struct template_page *page, const char *path,
                        struct error *err)
{
    int width_px = (int)lround(page->width_mm / MM_PER_INCH * PLATE_DPI);
    int height_px = (int)lround(page->height_mm / MM_PER_INCH * PLATE_DPI);
    if (pixGetDepth(plate) != 1)
        return error_set(err, "%s: page %d is not black and white; build or import the form again",
                         path, page->number);
    if (abs(pixGetWidth(plate) - width_px) > SIZE_TOLERANCE_PX ||
        abs(pixGetHeight(plate) - height_px) > SIZE_TOLERANCE_PX)
        return error_set(err,
                         "%s: page %d is %d x %d pixels but the template makes it %d x %d; build "
                         "or import the form again",
                         path, page->number, pixGetWidth(plate), pixGetHeight(plate), width_px,
                         height_px);
    return true;
}

bool plate_load(PIX **out, const struct form *form, size_t page, struct error *err)
{
    *out = NULL;
    if (page >= form->page_count)
        return error_set(err, "%s: there is no page %zu", form->folder, page + 1);
    char *path = file_join(form->folder, PLATE_FILE);
    bool fine = access(path, R_OK) == 0;
    if (!fine)
        error_set(err, "%s: cannot open: %s; build or import the form again", path,
                  strerror(errno));
    PIX *plate = fine ? pixReadTiff(path, (l_int32)page) : NULL;
    if (fine && plate == NULL)
        fine = error_set(err, "%s: page %zu cannot be read; build or import the form again", path,
                         page + 1);
    if (fine)
        fine = check_plate(plate, &form->pages[page], path, err);
    if (fine)
        *out = plate;
    else
        pixDestroy(&plate);
    free(path);
    return fine;
}

bool plate_save(const char *folder, PIX *const *pages, size_t count, struct error *err)
{
    char *path = file_join(folder, PLATE_FILE), *part = file_join(folder, PLATE_FILE ".part");
    bool fine = count > 0;
    for (size_t p = 0; fine && p < count; p++) {
        if (pixGetDepth(pages[p]) != 1)
            error_die("plate_save: page %zu has %d bits a pixel", p + 1, pixGetDepth(pages[p]));
        pixSetResolution(pages[p], PLATE_DPI, PLATE_DPI);
        fine = pixWriteTiff(part, pages[p], IFF_TIFF_G4, p == 0 ? "w" : "a") == 0;
    }
    /* A short write (a full disk) is silent in Leptonica: the last page must come back. */
    PIX *last = fine ? pixReadTiff(part, (l_int32)count - 1) : NULL;
    l_int32 same = 0;
    if (last != NULL)
        pixEqual(last, pages[count - 1], &same);
    pixDestroy(&last);
    if (!same || rename(part, path) != 0) {
        fine = error_set(err, "%s: cannot write the plates; is the disk full?", path);
        unlink(part);
    }
    free(path);
    free(part);
    return fine;
}
