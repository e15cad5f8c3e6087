/* Which form and page an image shows, and where the form lies on it. Pure: no files, no clock, no
 * randomness, no globals. */
#ifndef PAGE_PAGE_H
#define PAGE_PAGE_H

#include "base/calibration.h"
#include "base/error.h"
#include "base/flag.h"
#include "form/code.h"
#include "form/model.h"
#include "page/health.h"
#include "page/placement.h"
#include "scan/raw_page.h"

/* What registration needs to know of all forms read together; made once per worker. */
struct page_library;

/* `plates[f][p]` is the plate of page p of form f (see form/plate.h); borrowed until freed. */
struct page_library *page_library_new(const struct form *const *forms, PIX *const *const *plates,
                                      size_t form_count,
                                      const struct calibration *calibration);
void page_library_free(struct page_library *library);

/* How the page was identified. */
enum identified_by { IDENTIFIED_BY_CODE, IDENTIFIED_BY_CONTENT };

struct known_page {
    size_t form, page; /* indices */
    enum identified_by by;
    bool has_reference;
    char reference[REFERENCE_BYTES];
    struct transform form_to_image; /* coarse: good to about 2 mm */
};

/* How well the form lies on the image, in mm on paper. */
struct residuals {
    double median_mm, worst_mm;  /* over the landmarks that were found */
    double found_share;          /* landmarks found, 0 to 1 */
    double coverage;             /* share of the page's regions (3 x 4) that hold a found landmark */
};

/* One landmark after registration: where it is on the form and how far from there it was seen. */
struct landmark_residual {
    float x_mm, y_mm;   /* on the form */
    float dx_mm, dy_mm; /* seen minus expected, in mm of the form; 0 where not found */
    bool found;
};

#define LANDMARK_MAX 160

struct placed_page {
    struct known_page known;
    struct placement placement;
    struct residuals residuals;
    struct scan_health health;
    int landmark_count;
    struct landmark_residual landmarks[LANDMARK_MAX];
};

/* How far the form may be off around one spot, in mm: the mean residual of the nearest landmarks
 * that were found, large where there are none near. */
double placed_page_misfit_mm(const struct placed_page *placed, struct point form_mm);

/* Identifies and registers one image. FLAG_NONE, or the reason why the page is not read, with a
 * detail in `detail` (may be empty). The library keeps what it works out on the way (landmarks at
 * this scan's resolution), so it serves one caller at a time. `known` and `health` are filled in as far as they got. */
enum flag page_place(struct placed_page *out, struct page_library *library,
                     const struct raw_page *raw, struct error *detail);

#endif
