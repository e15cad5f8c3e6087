/* Which page is it, by what is printed on it? */
#ifndef PAGE_RECOGNISE_H
#define PAGE_RECOGNISE_H

#include "page/library.h"

struct hypothesis {
    struct library_page *page;
    struct transform form_to_working;
    double share; /* of landmarks that agree */
};

/* The page that the image shows, by its content (and its fiducials, where it has some). False: none of
 * the library's, or two look alike here and nothing tells them apart safely (`detail` says which). */
bool recognise(struct hypothesis *out, struct page_library *library, const struct working *working,
               struct error *detail);

#endif
