/* One image of a scan file, decoded: the first type of the pipeline. */
#ifndef SCAN_RAW_PAGE_H
#define SCAN_RAW_PAGE_H

#include <allheaders.h>

/* Exactly one of `bits` and `grey` is set. Pixels are as scanned: not turned, not scaled. */
struct raw_page {
    PIX *bits; /* 1 bpp, black = 1 */
    PIX *grey; /* 8 bpp, 0 = black, 255 = white; colour scans as luminance */
    int width_px, height_px;
    double x_dpi, y_dpi; /* as the file's tags say; 0 = no tag (or a senseless one) */
};

void raw_page_release(struct raw_page *page);

#endif
