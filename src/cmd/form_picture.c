/* Pictures of a form's pages as PNG files. */
#include "cmd/form_picture.h"

#include <stdint.h>
#include <stdio.h>

#include <glib.h>

#include "export/png.h"
#include "form/plate.h"
#include "form/show.h"

static bool write_page(const struct form *form, size_t page, const char *path, double dpi,
                       struct error *err)
{
    PIX *plate;
    if (!plate_load(&plate, form, page, err))
        return false;
    cairo_surface_t *surface = show_page(form, page, plate, dpi);
    pixDestroy(&plate);
    const void *pixels = cairo_image_surface_get_data(surface);
    bool fine = png_write_rgb(path, pixels, cairo_image_surface_get_width(surface),
                              cairo_image_surface_get_height(surface),
                              cairo_image_surface_get_stride(surface) / 4, dpi, dpi, err);
    cairo_surface_destroy(surface);
    return fine;
}

bool form_pictures_write(const struct form *form, const char *folder, double dpi, bool tell,
                         struct error *err)
{
    if (g_mkdir_with_parents(folder, 0777) != 0)
        return error_set(err, "%s: cannot make this folder", folder);
    for (size_t p = 0; p < form->page_count; p++) {
        const struct template_page *page = &form->pages[p];
        char *path = g_strdup_printf("%s/page-%02d.png", folder, page->number);
        bool fine = write_page(form, p, path, dpi, err);
        if (fine && tell)
            printf("%s: %zu boxes, %zu fields, %zu landmarks\n", path, page->box_count,
                   page->field_count, page->landmark_count);
        g_free(path);
        if (!fine)
            return false;
    }
    return true;
}
