/* Inside the scan room: what the decoders of the single formats share. */
#ifndef SCAN_DECODE_H
#define SCAN_DECODE_H

#include <stdint.h>

#include "base/error.h"
#include "base/flag.h"
#include "scan/raw_page.h"
#include "scan/scan_file.h"

/* Borrowed: they outlive whatever holds them. */
struct scan_bytes {
    const unsigned char *data;
    size_t length;
};

enum flag scan_trouble(enum flag flag, struct error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* FLAG_NONE, or why an image of this size is not even begun. */
enum flag scan_check_size(long long width_px, long long height_px, const struct scan_limits *limits,
                          struct error *err);

/* A page is filled row by row in file order (leftmost pixel first, packed to bytes; grey one byte a
 * pixel, bits with black = 1), then finished, which puts the words in Leptonica's order. The rows
 * are not cleared before. No memory: error_die(). */
void raw_page_begin(struct raw_page *page, int width_px, int height_px, bool bitonal);
unsigned char *raw_page_row(const struct raw_page *page, int y);
size_t raw_page_row_bytes(const struct raw_page *page);
void raw_page_finish(struct raw_page *page, double x_dpi, double y_dpi);

/* Inverts a finished page: black becomes white. */
void raw_page_invert(struct raw_page *page);

/* Before finishing: turns a grey page that holds nothing but 0 and 255 into bits. */
void raw_page_reduce(struct raw_page *page);

/* Rec. 601 luminance, which is also the Y of a JPEG. */
static inline unsigned char luminance(unsigned red, unsigned green, unsigned blue)
{
    return (unsigned char)((19595 * red + 38470 * green + 7471 * blue + 32768) >> 16);
}

/* What is seen of `value` through `alpha` over white paper. */
static inline unsigned char over_white(unsigned value, unsigned alpha)
{
    return (unsigned char)((value * alpha + 255 * (255 - alpha) + 127) / 255);
}

enum flag png_read(struct raw_page *out, struct scan_bytes bytes, const struct scan_limits *limits,
                   struct error *err);
enum flag jpeg_read(struct raw_page *out, struct scan_bytes bytes, const struct scan_limits *limits,
                    struct error *err);

/* A TIFF: its directories, found once. `bytes` and `limits` are borrowed. */
struct tiff_scan;
enum flag tiff_scan_open(struct tiff_scan **out, struct scan_bytes bytes,
                         const struct scan_limits *limits, struct error *err);
void tiff_scan_close(struct tiff_scan *scan);
int tiff_scan_pages(const struct tiff_scan *scan);
enum flag tiff_scan_read(struct raw_page *out, const struct tiff_scan *scan, int index,
                         struct error *err);
/* The directory at a byte offset of `bytes`. */
enum flag tiff_read_directory(struct raw_page *out, struct scan_bytes bytes, uint64_t offset,
                              const struct scan_limits *limits, struct error *err);

struct pdf_scan;
enum flag pdf_scan_open(struct pdf_scan **out, struct scan_bytes bytes,
                        const struct scan_limits *limits, struct error *err);
void pdf_scan_close(struct pdf_scan *scan);
int pdf_scan_pages(const struct pdf_scan *scan);
enum flag pdf_scan_read(struct raw_page *out, struct pdf_scan *scan, int index, struct error *err);

/* "a GIF image", "a Word, Excel or PowerPoint file", ...; NULL where nothing comes to mind. */
const char *scan_foreign_name(struct scan_bytes bytes);

#endif
