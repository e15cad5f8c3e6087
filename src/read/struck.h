/* Labels struck through: a level line across letters shows as ink in the white between them, in pieces too
 * small to tell of by themselves. Private to read/. */
#ifndef READ_STRUCK_H
#define READ_STRUCK_H

#include "read/outside.h"

void struck_template_init(struct outside_template *t, const struct template_page *page,
                          const struct bitmap *plate);
void struck_template_release(struct struck_template *struck);

/* Fills in struck_mm of the boxes. `dark`: the page's dark cells, print and all. */
void struck_measure(struct page_reading *out, const struct outside_template *t, const uint64_t *dark);

#endif
