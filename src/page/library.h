/* What the page room keeps of all forms read together; for this room only. */
#ifndef PAGE_LIBRARY_H
#define PAGE_LIBRARY_H

#include "page/content.h"
#include "page/landmarks.h"
#include "page/page.h"
#include "page/qr.h"

#define DPI_SLOTS 8 /* working resolutions kept ready per page */

struct library_page {
    size_t form, page; /* indices */
    size_t layout;     /* of its fiducials and code: index; SIZE_MAX: none */
    const struct template_page *template;
    PIX *plate;        /* borrowed, 300 dpi */
    struct landmark_set sets[DPI_SLOTS];
    int set_count;
};

struct page_library {
    const struct form *const *forms;
    size_t form_count;
    struct library_page *pages;
    size_t page_count;
    const struct template_page **layouts; /* a page of each, borrowed */
    size_t layout_count;
    struct registration_calibration calibration;
    struct health_calibration health;
    struct content_index *content;
    struct qr_reader *qr;
};

/* The page's landmarks at this resolution, made when first asked for. */
const struct landmark_set *library_landmarks(struct library_page *page, double dpi);

#endif
