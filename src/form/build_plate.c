/* Artwork to plates. */
#include <allheaders.h>
#include <math.h>

#include "form/build.h"
#include "form/draw.h"
#include "form/plate.h"

/* Of black 0 and white 255: the print is either darker than 90 or lighter than 200. */
#define BLACK_BELOW 140

bool build_plate(PIX **out, const struct form *form, struct form_art *art, size_t page,
                 struct error *err)
{
    int width = (int)lround(form->pages[page].width_mm / MM_PER_INCH * PLATE_DPI);
    int height = (int)lround(form->pages[page].height_mm / MM_PER_INCH * PLATE_DPI);
    cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    cairo_t *cr = cairo_create(image);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    cairo_scale(cr, PLATE_DPI / 72.0, PLATE_DPI / 72.0);
    bool fine = form_art_draw(cr, art, page, NULL, err);
    cairo_destroy(cr);
    cairo_surface_flush(image);
    PIX *plate = fine ? pixCreate(width, height, 1) : NULL;
    for (int y = 0; plate != NULL && y < height; y++) {
        const unsigned char *row = cairo_image_surface_get_data(image) +
                                   (size_t)y * (size_t)cairo_image_surface_get_stride(image);
        const l_uint32 *colours = (const l_uint32 *)(const void *)row;
        l_uint32 *line = pixGetData(plate) + (size_t)y * (size_t)pixGetWpl(plate);
        for (int x = 0; x < width; x++) {
            l_uint32 c = colours[x];
            l_uint32 grey =
                (((c >> 16) & 255) * 77 + ((c >> 8) & 255) * 150 + (c & 255) * 29) >> 8;
            if (grey < BLACK_BELOW)
                SET_DATA_BIT(line, x);
        }
    }
    cairo_surface_destroy(image);
    if (fine && plate == NULL)
        fine = error_set(err, "%s: page %zu is too large to render", form->folder, page + 1);
    *out = plate;
    return fine;
}
