/* How far the form may be off around many places of one page. */
#ifndef PAGE_MISFIT_H
#define PAGE_MISFIT_H

#include "page/page.h"

/* The landmarks that were found, and how far they were off; and where was asked last: so far (mm) lie at most as
 * many of them as are asked. The answers do not depend on it, but come sooner for places near each other. */
struct misfit {
    int count;
    double *x_mm, *y_mm, *off_mm, *squares;
    int *near;
    struct point last_mm;
    double reach_mm;
};

void misfit_init(struct misfit *misfit, const struct placed_page *placed);
void misfit_release(struct misfit *misfit);

/* As placed_page_misfit_mm(). */
double misfit_at(struct misfit *misfit, struct point form_mm);

#endif
