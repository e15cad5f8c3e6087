/* A blank form in a PDF, rendered into plates. (By Poppler and Cairo.) */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cairo.h>
#include <glib.h>
#include <poppler.h>

#include "form/blank_internal.h"
#include "form/plate.h"

static bool open_failed(const char *path, const GError *trouble, struct error *err)
{
    if (trouble->domain == POPPLER_ERROR && trouble->code == POPPLER_ERROR_ENCRYPTED)
        return error_set(err, "%s: the PDF is protected by a password; save it without one", path);
    return error_set(err, "%s: the PDF is damaged or cut short (%s); export it again", path,
                     trouble->message);
}

/* The surface's pixels as 8 bpp grey; takes nothing. */
static PIX *surface_to_grey(cairo_surface_t *surface)
{
    int w = cairo_image_surface_get_width(surface), h = cairo_image_surface_get_height(surface);
    int stride = cairo_image_surface_get_stride(surface);
    const unsigned char *bytes = cairo_image_surface_get_data(surface);
    PIX *grey = pixCreateNoInit(w, h, 8);
    if (grey == NULL || bytes == NULL)
        error_die("out of memory while rendering a page");
    l_uint32 *data = pixGetData(grey);
    int words = pixGetWpl(grey);
    for (int y = 0; y < h; y++) {
        const uint32_t *from = (const void *)(bytes + (size_t)y * (size_t)stride);
        l_uint32 *to = data + (size_t)y * (size_t)words;
        for (int x = 0; x < w; x++) {
            uint32_t p = from[x];
            /* ITU-R BT.601 luma, in 256ths */
            uint32_t luma = 77 * (p >> 16 & 255) + 150 * (p >> 8 & 255) + 29 * (p & 255);
            SET_DATA_BYTE(to, x, (l_uint8)(luma >> 8));
        }
    }
    return grey;
}

/* One buffer for all pages: fresh memory for each, cleared by Cairo and then painted white, took a
 * quarter of the time of an import. */
struct canvas {
    unsigned char *bytes;
    size_t size;
};

static cairo_surface_t *canvas_clear(struct canvas *canvas, int w, int h)
{
    int stride = cairo_format_stride_for_width(CAIRO_FORMAT_RGB24, w);
    size_t size = (size_t)stride * (size_t)h;
    if (size > canvas->size) {
        g_free(canvas->bytes);
        canvas->bytes = g_malloc(size);
        canvas->size = size;
    }
    memset(canvas->bytes, 255, size); /* white paper */
    return cairo_image_surface_create_for_data(canvas->bytes, CAIRO_FORMAT_RGB24, w, h, stride);
}

static bool render(struct blank_page *out, struct canvas *canvas, PopplerPage *page,
                   const char *path, int number, struct error *err)
{
    double w_pt, h_pt;
    poppler_page_get_size(page, &w_pt, &h_pt);
    out->width_mm = w_pt / POINTS_PER_MM;
    out->height_mm = h_pt / POINTS_PER_MM;
    if (!(fmin(out->width_mm, out->height_mm) >= BLANK_MM_MIN) ||
        !(fmax(out->width_mm, out->height_mm) <= BLANK_MM_MAX))
        return error_set(err, "%s: page %d is %.0f x %.0f mm, which is no form (%.0f to %.0f mm); "
                         "export it at its true size", path, number, out->width_mm, out->height_mm,
                         BLANK_MM_MIN, BLANK_MM_MAX);
    int w = (int)lround(w_pt / 72 * PLATE_DPI), h = (int)lround(h_pt / 72 * PLATE_DPI);
    cairo_surface_t *surface = canvas_clear(canvas, w, h);
    cairo_t *cairo = cairo_create(surface);
    cairo_scale(cairo, w / w_pt, h / h_pt);
    poppler_page_render_for_printing(page, cairo);
    bool fine = cairo_status(cairo) == CAIRO_STATUS_SUCCESS;
    cairo_destroy(cairo);
    cairo_surface_flush(surface);
    if (fine) {
        PIX *grey = surface_to_grey(surface);
        out->plate = blank_binarise(grey);
        out->tint = blank_tint(grey);
        pixDestroy(&grey);
    } else {
        error_set(err, "%s: page %d cannot be rendered; export the PDF again", path, number);
    }
    cairo_surface_destroy(surface);
    return fine;
}

static bool render_all(struct blank *out, PopplerDocument *document, const char *path,
                       struct error *err)
{
    int count = poppler_document_get_n_pages(document);
    if (count < 1)
        return error_set(err, "%s: the PDF has no page", path);
    if (count > BLANK_PAGES_MAX)
        return error_set(err, "%s: has %d pages, more than the %d that a form may have; keep only "
                         "the form's own", path, count, BLANK_PAGES_MAX);
    out->pages = g_new0(struct blank_page, (size_t)count);
    struct canvas canvas = {0};
    bool fine = true;
    for (int p = 0; fine && p < count; p++) {
        PopplerPage *page = poppler_document_get_page(document, p);
        fine = page != NULL
                   ? render(&out->pages[p], &canvas, page, path, p + 1, err)
                   : error_set(err, "%s: page %d is damaged; export the PDF again", path, p + 1);
        if (page != NULL)
            g_object_unref(page);
        out->count += fine ? 1 : 0;
    }
    g_free(canvas.bytes);
    return fine;
}

bool blank_load_pdf(struct blank *out, const char *path, struct error *err)
{
    GError *trouble = NULL;
    char *whole = realpath(path, NULL);
    char *uri = whole == NULL ? NULL : g_filename_to_uri(whole, NULL, &trouble);
    PopplerDocument *document =
        uri == NULL ? NULL : poppler_document_new_from_file(uri, NULL, &trouble);
    bool fine = document != NULL;
    if (!fine && trouble != NULL)
        open_failed(path, trouble, err);
    else if (!fine)
        error_set(err, "%s: cannot open the PDF", path);
    if (fine)
        fine = render_all(out, document, path, err);
    if (document != NULL)
        g_object_unref(document);
    g_clear_error(&trouble);
    g_free(uri);
    free(whole);
    return fine;
}
