/* Building raw pages: rows of bytes in, Leptonica images out. */
#include "scan/decode.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* No scanner writes a side longer than this (JPEG cannot). */
#define SIDE_MAX_PX 65500

/* Outside of this a resolution tag is a slip of the program that wrote it. */
#define TAG_DPI_MIN 20.0
#define TAG_DPI_MAX 10000.0

void raw_page_release(struct raw_page *page)
{
    pixDestroy(&page->bits);
    pixDestroy(&page->grey);
    *page = (struct raw_page){0};
}

enum flag scan_trouble(enum flag flag, struct error *err, const char *format, ...)
{
    char text[sizeof err->text];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    error_set(err, "%s", text);
    return flag;
}

enum flag scan_check_size(long long width_px, long long height_px, const struct scan_limits *limits,
                          struct error *err)
{
    if (width_px <= 0 || height_px <= 0)
        return scan_trouble(FLAG_FILE_TRUNCATED, err, "the image has no size");
    if (width_px > SIDE_MAX_PX || height_px > SIDE_MAX_PX ||
        width_px * height_px > limits->image_pixels)
        return scan_trouble(FLAG_FILE_TOO_LARGE, err,
                            "%lld x %lld pixels; the limit is %lld million", width_px, height_px,
                            limits->image_pixels / 1000000);
    return FLAG_NONE;
}

void raw_page_begin(struct raw_page *page, int width_px, int height_px, bool bitonal)
{
    *page = (struct raw_page){.width_px = width_px, .height_px = height_px};
    PIX *pix = pixCreateNoInit(width_px, height_px, bitonal ? 1 : 8);
    if (pix == NULL)
        error_die("no memory for an image of %d x %d pixels", width_px, height_px);
    *(bitonal ? &page->bits : &page->grey) = pix;
}

static PIX *page_pix(const struct raw_page *page)
{
    return page->bits != NULL ? page->bits : page->grey;
}

unsigned char *raw_page_row(const struct raw_page *page, int y)
{
    PIX *pix = page_pix(page);
    return (unsigned char *)(pixGetData(pix) + (size_t)pixGetWpl(pix) * (size_t)y);
}

size_t raw_page_row_bytes(const struct raw_page *page)
{
    return page->bits != NULL ? ((size_t)page->width_px + 7) / 8 : (size_t)page->width_px;
}

/* Whole numbers where the file's unit (pixels per metre, per centimetre) could not say them. */
static double tidy_dpi(double dpi)
{
    if (!isfinite(dpi) || dpi < TAG_DPI_MIN || dpi > TAG_DPI_MAX)
        return 0;
    return fabs(dpi - round(dpi)) < 0.02 ? round(dpi) : dpi;
}

void raw_page_finish(struct raw_page *page, double x_dpi, double y_dpi)
{
    PIX *pix = page_pix(page);
    pixEndianByteSwap(pix);
    pixSetPadBits(pix, 0);
    page->x_dpi = tidy_dpi(x_dpi);
    page->y_dpi = tidy_dpi(y_dpi);
    /* One tag without the other: square pixels. */
    if (page->x_dpi <= 0)
        page->x_dpi = page->y_dpi;
    if (page->y_dpi <= 0)
        page->y_dpi = page->x_dpi;
}

void raw_page_invert(struct raw_page *page)
{
    PIX *pix = page_pix(page);
    pixInvert(pix, pix);
    pixSetPadBits(pix, 0);
}

static bool row_is_bitonal(const unsigned char *row, int width_px)
{
    int others = 0;
    for (int x = 0; x < width_px; x++)
        others |= (unsigned char)(row[x] + 1) > 1; /* 255 -> 0, 0 -> 1 */
    return others == 0;
}

void raw_page_reduce(struct raw_page *page)
{
    if (page->grey == NULL)
        return;
    for (int y = 0; y < page->height_px; y++)
        if (!row_is_bitonal(raw_page_row(page, y), page->width_px))
            return;
    struct raw_page bits;
    raw_page_begin(&bits, page->width_px, page->height_px, true);
    for (int y = 0; y < page->height_px; y++) {
        const unsigned char *from = raw_page_row(page, y);
        unsigned char *to = raw_page_row(&bits, y);
        memset(to, 0, raw_page_row_bytes(&bits));
        for (int x = 0; x < page->width_px; x++)
            to[x >> 3] = (unsigned char)(to[x >> 3] | (~from[x] & 0x80) >> (x & 7));
    }
    raw_page_release(page);
    *page = bits;
}
