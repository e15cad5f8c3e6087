/* The working image: a scan as bits at 120 to 240 dpi, which is what identification and
 * registration look at. */
#ifndef PAGE_WORKING_H
#define PAGE_WORKING_H

#include "base/calibration.h"
#include "base/geometry.h"
#include "page/bitmap.h"
#include "scan/raw_page.h"

struct working {
    PIX *bits;                 /* 1 bpp, square pixels, as scanned (not turned) */
    PIX *half;                 /* the same at half the resolution */
    double dpi;                /* of `bits`, as far as the scan's resolution is known */
    struct transform to_image; /* pixels of `bits` -> pixels of the image */
    double ink_share;          /* of `bits` */
    bool is_photo;             /* of a sheet that was straightened: to_image has perspective */
};

/* `x_dpi` and `y_dpi`: the scan's resolution as believed. Grey scans are thresholded against their
 * local paper level. */
void working_init(struct working *out, const struct raw_page *raw, double x_dpi, double y_dpi,
                  const struct registration_calibration *calibration);

/* The same from 8 bpp grey at `dpi`, taken as it is; to_image is for the caller to set. */
void working_init_grey(struct working *out, PIX *grey, double dpi,
                       const struct registration_calibration *calibration);
void working_release(struct working *working);

/* The nominal resolution a scan of this resolution is worked on at: scan / 1, 2 or 4. */
double working_dpi(double scan_dpi);

/* A resolution scanners have, where one is within 3 %; else a multiple of 4 dpi. Few distinct values keep
 * the cache of landmarks small. */
double usual_dpi(double dpi);

/* A 300 dpi plate brought to a working resolution in the same way. 1 bpp; the caller's. */
PIX *working_plate(const PIX *plate, double dpi);

/* The half-resolution image as everything here makes it: a pixel is ink where one of its four is. */
PIX *working_half(PIX *bits);

#endif
