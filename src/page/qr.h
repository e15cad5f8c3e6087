/* Reading the 2-D code of a page, by zbar. */
#ifndef PAGE_QR_H
#define PAGE_QR_H

#include "form/code.h"
#include "page/working.h"

struct qr_reader;
struct qr_reader *qr_reader_new(void);
void qr_reader_free(struct qr_reader *reader);

/* Looks for one of our codes within an area of the image (pixels as scanned; clipped). `module_px`:
 * how large a module of the code is there, about; 0 = unknown. */
bool qr_read_area(struct page_code *out, struct qr_reader *reader, const struct raw_page *raw,
                  struct rect area_px, double module_px);

/* Looks on the whole page, at working resolution: slow (tens of ms), for pages about to be
 * rejected. */
bool qr_read_page(struct page_code *out, struct qr_reader *reader, const struct working *working);

#endif
