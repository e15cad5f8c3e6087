/* Pictures from memory to PNG files, by libpng. */
#include "export/png.h"

#include <errno.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/geometry.h"

/* Drawings over scans: beyond this level files shrink by a percent and take twice the time. */
#define COMPRESSION_LEVEL 4

/* What stays untouched between setjmp and longjmp. */
struct writing {
    png_structp png;
    png_infop info;
    unsigned char *row;
    char reason[128];
};

static void on_error(png_structp png, png_const_charp message)
{
    struct writing *w = png_get_error_ptr(png);
    snprintf(w->reason, sizeof w->reason, "%s", errno != 0 ? strerror(errno) : message);
    longjmp(png_jmpbuf(png), 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

static void set_resolution(struct writing *w, double x_dpi, double y_dpi)
{
    if (x_dpi > 0 && y_dpi > 0)
        png_set_pHYs(w->png, w->info, (png_uint_32)(x_dpi / MM_PER_INCH * 1000 + 0.5),
                     (png_uint_32)(y_dpi / MM_PER_INCH * 1000 + 0.5), PNG_RESOLUTION_METER);
}

static bool write_rows(struct writing *w, FILE *file, const uint32_t *pixels, int width, int height,
                       int stride, double x_dpi, double y_dpi)
{
    if (setjmp(png_jmpbuf(w->png)))
        return false;
    png_init_io(w->png, file);
    png_set_IHDR(w->png, w->info, (png_uint_32)width, (png_uint_32)height, 8, PNG_COLOR_TYPE_RGB,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    set_resolution(w, x_dpi, y_dpi);
    png_set_compression_level(w->png, COMPRESSION_LEVEL);
    png_set_filter(w->png, PNG_FILTER_TYPE_BASE, PNG_FILTER_SUB);
    png_write_info(w->png, w->info);
    for (int y = 0; y < height; y++) {
        const uint32_t *from = pixels + (size_t)y * (size_t)stride;
        for (int x = 0; x < width; x++) {
            w->row[3 * x] = (unsigned char)(from[x] >> 16);
            w->row[3 * x + 1] = (unsigned char)(from[x] >> 8);
            w->row[3 * x + 2] = (unsigned char)from[x];
        }
        png_write_row(w->png, w->row);
    }
    png_write_end(w->png, NULL);
    return true;
}

bool png_write_rgb(const char *path, const uint32_t *pixels, int width_px, int height_px,
                   int stride, double x_dpi, double y_dpi, struct error *err)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        return error_set(err, "%s: cannot be written: %s", path, strerror(errno));
    struct writing w = {.reason = "the disk is full"};
    w.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &w, on_error, on_warning);
    w.info = w.png == NULL ? NULL : png_create_info_struct(w.png);
    w.row = malloc((size_t)width_px * 3 + 1);
    if (w.png == NULL || w.info == NULL || w.row == NULL)
        error_die("out of memory: a PNG of %d x %d", width_px, height_px);
    errno = 0;
    bool fine = write_rows(&w, file, pixels, width_px, height_px, stride, x_dpi, y_dpi);
    png_destroy_write_struct(&w.png, &w.info);
    free(w.row);
    if (fclose(file) != 0 && fine) {
        snprintf(w.reason, sizeof w.reason, "%s", strerror(errno));
        fine = false;
    }
    if (fine)
        return true;
    remove(path);
    return error_set(err, "%s: cannot be written: %s", path, w.reason);
}
