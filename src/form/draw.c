/* The artwork of a form, page by page, and what varies per copy. */
#include "form/draw.h"

#include <poppler.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "form/draw_code.h"
#include "form/file.h"
#include "form/plate.h"

#define ARTWORK_FILE "blank.pdf"
#define ARTWORK_BYTES_MAX (256u << 20)

struct form_art {
    const struct form *form;
    struct typesetter *typesetter;
    PopplerDocument *document; /* NULL: the form has plates only */
    char *path;
};

static bool open_document(struct form_art *art, struct error *err)
{
    char *bytes;
    size_t length;
    if (!file_read_whole(&bytes, &length, art->path, ARTWORK_BYTES_MAX, err))
        return false;
    GBytes *content = g_bytes_new_with_free_func(bytes, length, free, bytes);
    GError *trouble = NULL;
    art->document = poppler_document_new_from_bytes(content, NULL, &trouble);
    g_bytes_unref(content);
    if (art->document == NULL) {
        error_set(err, "%s: cannot be read as a PDF: %s; build or import the form again",
                  art->path, trouble->message);
        g_error_free(trouble);
        return false;
    }
    int count = poppler_document_get_n_pages(art->document);
    return count >= 0 && (size_t)count == art->form->page_count
               ? true
               : error_set(err,
                           "%s has %d pages but the template has %zu; build or import the form "
                           "again",
                           art->path, count, art->form->page_count);
}

struct form_art *form_art_open(const struct form *form, struct error *err)
{
    if (form->page_count == 0) {
        error_set(err, "%s has no template; type 'marksense form build %s' first", form->folder,
                  form->folder);
        return NULL;
    }
    struct form_art *art = g_new0(struct form_art, 1);
    art->form = form;
    art->typesetter = typesetter_new();
    art->path = file_join(form->folder, ARTWORK_FILE);
    if (access(art->path, F_OK) == 0 && !open_document(art, err)) {
        form_art_free(art);
        return NULL;
    }
    return art;
}

void form_art_free(struct form_art *art)
{
    if (art == NULL)
        return;
    if (art->document != NULL)
        g_object_unref(art->document);
    typesetter_free(art->typesetter);
    free(art->path);
    g_free(art);
}

static bool draw_document_page(cairo_t *cr, struct form_art *art, size_t index, double width_pt,
                               double height_pt, struct error *err)
{
    PopplerPage *page = poppler_document_get_page(art->document, (int)index);
    if (page == NULL)
        return error_set(err, "%s: page %zu cannot be read; build or import the form again",
                         art->path, index + 1);
    double width, height;
    poppler_page_get_size(page, &width, &height);
    cairo_scale(cr, width_pt / width, height_pt / height);
    poppler_page_render(page, cr);
    g_object_unref(page);
    return true;
}

/* The plate's black as a mask, painted black. */
static bool draw_plate_page(cairo_t *cr, struct form_art *art, size_t index, double width_pt,
                            double height_pt, struct error *err)
{
    PIX *plate;
    if (!plate_load(&plate, art->form, index, err))
        return false;
    int width = pixGetWidth(plate), height = pixGetHeight(plate);
    cairo_surface_t *mask = cairo_image_surface_create(CAIRO_FORMAT_A1, width, height);
    unsigned char *rows = cairo_image_surface_get_data(mask);
    int stride = cairo_image_surface_get_stride(mask);
    for (int y = 0; y < height; y++) {
        const l_uint32 *line = pixGetData(plate) + (size_t)y * (size_t)pixGetWpl(plate);
        uint32_t *row = (uint32_t *)(void *)(rows + (size_t)y * (size_t)stride);
        for (int x = 0; x < width; x++) /* cairo's first pixel is the machine's lowest bit */
            if (GET_DATA_BIT(line, x))
                row[x / 32] |= G_BYTE_ORDER == G_LITTLE_ENDIAN ? 1u << (x % 32)
                                                               : 1u << (31 - x % 32);
    }
    pixDestroy(&plate);
    cairo_surface_mark_dirty(mask);
    cairo_scale(cr, width_pt / width, height_pt / height);
    cairo_set_source_rgb(cr, 0, 0, 0);
    cairo_mask_surface(cr, mask, 0, 0);
    cairo_surface_destroy(mask);
    return true;
}

/* Straight onto the context: a cairo recording replayed at another scale is wrong by 0.09 mm over
 * the length of a page. */
bool form_art_draw(cairo_t *cr, struct form_art *art, size_t index, const char *reference,
                   struct error *err)
{
    if (index >= art->form->page_count)
        return error_set(err, "%s: there is no page %zu", art->form->folder, index + 1);
    const struct template_page *page = &art->form->pages[index];
    double width_pt = page->width_mm * POINTS_PER_MM, height_pt = page->height_mm * POINTS_PER_MM;
    cairo_save(cr);
    bool fine = art->document != NULL
                    ? draw_document_page(cr, art, index, width_pt, height_pt, err)
                    : draw_plate_page(cr, art, index, width_pt, height_pt, err);
    cairo_restore(cr);
    cairo_save(cr);
    fine = fine && (reference == NULL ||
                    draw_page_code(cr, art->typesetter, art->form, index, reference, err));
    cairo_restore(cr);
    if (fine && cairo_status(cr) != CAIRO_STATUS_SUCCESS)
        fine = error_set(err, "%s: page %zu cannot be drawn: %s", art->form->folder, index + 1,
                         cairo_status_to_string(cairo_status(cr)));
    return fine;
}

bool form_page_draw(cairo_t *cr, const struct form *form, size_t page, const char *reference,
                    struct error *err)
{
    struct form_art *art = form_art_open(form, err);
    bool fine = art != NULL && form_art_draw(cr, art, page, reference, err);
    form_art_free(art);
    return fine;
}
