/* Copies of a form into one PDF. */
#include "form/print.h"

#include <cairo-pdf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "form/draw.h"
#include "form/draw_code.h"
#include "form/file.h"
#include "form/print_pdf.h"

#define ARTWORK_BYTES_MAX (256u << 20)

bool form_takes_references(const struct form *form)
{
    for (size_t p = 0; p < form->page_count; p++)
        if (form->pages[p].has_code || form->pages[p].reference_mm.w > 0)
            return true;
    return false;
}

static cairo_status_t append(void *closure, const unsigned char *bytes, unsigned int length)
{
    text_add_bytes(closure, (const char *)bytes, length);
    return CAIRO_STATUS_SUCCESS;
}

/* A form without blank.pdf: its plates as a PDF. */
static bool plates_as_pdf(struct text *out, const struct form *form, struct error *err)
{
    struct form_art *art = form_art_open(form, err);
    if (art == NULL)
        return false;
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(append, out, 1, 1);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, "");
    cairo_t *cr = cairo_create(surface);
    bool fine = true;
    for (size_t p = 0; p < form->page_count && fine; p++) {
        cairo_pdf_surface_set_size(surface, form->pages[p].width_mm * POINTS_PER_MM,
                                   form->pages[p].height_mm * POINTS_PER_MM);
        fine = form_art_draw(cr, art, p, NULL, err);
        cairo_show_page(cr);
    }
    cairo_destroy(cr);
    cairo_surface_finish(surface);
    cairo_status_t status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    form_art_free(art);
    if (fine && status != CAIRO_STATUS_SUCCESS)
        fine = error_set(err, "%s: the PDF cannot be made: %s", form->folder,
                         cairo_status_to_string(status));
    return fine;
}

/* The artwork's bytes: blank.pdf as it is, or the plates. */
static bool load_artwork(struct text *out, char **name, const struct form *form,
                         struct error *err)
{
    *name = file_join(form->folder, "blank.pdf");
    if (access(*name, F_OK) != 0)
        return plates_as_pdf(out, form, err);
    char *bytes;
    size_t length;
    if (!file_read_whole(&bytes, &length, *name, ARTWORK_BYTES_MAX, err))
        return false;
    text_add_bytes(out, bytes, length);
    free(bytes);
    return true;
}

/* Points, a hundredth of one exact: 4 micrometres. */
static void add_path(struct text *out, cairo_t *cr)
{
    cairo_path_t *path = cairo_copy_path(cr);
    for (int i = 0; i < path->num_data; i += path->data[i].header.length) {
        const cairo_path_data_t *d = &path->data[i];
        switch (d->header.type) {
        case CAIRO_PATH_MOVE_TO:
            text_addf(out, "%.2f %.2f m\n", d[1].point.x, d[1].point.y);
            break;
        case CAIRO_PATH_LINE_TO:
            text_addf(out, "%.2f %.2f l\n", d[1].point.x, d[1].point.y);
            break;
        case CAIRO_PATH_CURVE_TO:
            text_addf(out, "%.2f %.2f %.2f %.2f %.2f %.2f c\n", d[1].point.x, d[1].point.y,
                      d[2].point.x, d[2].point.y, d[3].point.x, d[3].point.y);
            break;
        case CAIRO_PATH_CLOSE_PATH:
            text_add(out, "h\n");
            break;
        }
    }
    cairo_path_destroy(path);
}

/* A printing run. */
struct run {
    const struct form *form;
    struct copies_pdf *pdf;
    struct typesetter *typesetter;
    cairo_t *cr; /* for paths; nothing is ever drawn on it */
};

/* What varies on the page, as PDF operators: y down from the page's top, in points. */
static bool add_operators(struct text *out, struct run *run, size_t page, const char *reference,
                          struct error *err)
{
    double left, bottom, width, height;
    if (!copies_pdf_page_size(&left, &bottom, &width, &height, run->pdf, page))
        return error_set(err, "%s: page %zu of blank.pdf is turned; codes are only printed on "
                              "upright pages", run->form->folder, page + 1);
    const struct template_page *template = &run->form->pages[page];
    struct page_symbol symbol;
    if (!page_symbol_make(&symbol, run->form, page, reference, err))
        return false;
    text_addf(out, "q 0 g %.6f 0 0 %.6f %.4f %.4f cm\n",
              width / (template->width_mm * POINTS_PER_MM),
              -height / (template->height_mm * POINTS_PER_MM), left, bottom + height);
    if (symbol.run_count > 0) {
        double module = symbol.module_mm * POINTS_PER_MM;
        text_addf(out, "q %.6f 0 0 %.6f %.4f %.4f cm\n", module, module,
                  symbol.place_mm.x * POINTS_PER_MM, symbol.place_mm.y * POINTS_PER_MM);
        for (size_t i = 0; i < symbol.run_count; i++)
            text_addf(out, "%d %d %d 1 re\n", symbol.runs[i].x, symbol.runs[i].y,
                      symbol.runs[i].length);
        text_add(out, "f Q\n");
    }
    page_symbol_release(&symbol);
    cairo_new_path(run->cr);
    page_reference_outline(run->cr, run->typesetter, template, reference);
    add_path(out, run->cr);
    text_add(out, "f Q\n");
    return true;
}

static bool add_copy(struct run *run, const char *reference, struct error *err)
{
    struct text operators;
    text_init(&operators);
    bool fine = true;
    for (size_t p = 0; p < run->form->page_count && fine; p++) {
        const struct template_page *page = &run->form->pages[p];
        bool varies = reference != NULL && (page->has_code || page->reference_mm.w > 0);
        text_clear(&operators);
        fine = (!varies || add_operators(&operators, run, p, reference, err)) &&
               copies_pdf_add(run->pdf, p, varies ? operators.data : NULL, operators.length, err);
    }
    text_release(&operators);
    return fine;
}

static bool make_copies(struct run *run, const struct reference_list *list, size_t plain_count,
                        struct error *err)
{
    size_t pages = copies_pdf_page_count(run->pdf);
    if (pages != run->form->page_count)
        return error_set(err,
                         "%s: blank.pdf has %zu pages but the template has %zu; build or import "
                         "the form again", run->form->folder, pages, run->form->page_count);
    bool fine = true;
    for (size_t i = 0; i < (list == NULL ? plain_count : list->count) && fine; i++)
        fine = add_copy(run, list == NULL ? NULL : list->at[i], err);
    return fine;
}

static bool write_out(const char *path, const unsigned char *bytes, size_t length,
                      struct error *err)
{
    if (strcmp(path, "-") != 0)
        return file_write_whole(path, bytes, length, err);
    if (fwrite(bytes, 1, length, stdout) != length || fflush(stdout) != 0)
        return error_set(err, "standard output: cannot be written");
    return true;
}

bool print_copies(const char *path, const struct form *form, const struct reference_list *list,
                  size_t plain_count, struct error *err)
{
    struct text artwork;
    char *name = NULL;
    text_init(&artwork);
    struct run run = {.form = form};
    bool fine = load_artwork(&artwork, &name, form, err);
    if (fine)
        run.pdf = copies_pdf_new(name, artwork.data, artwork.length, err);
    if (run.pdf != NULL) {
        cairo_surface_t *nowhere = cairo_recording_surface_create(CAIRO_CONTENT_ALPHA, NULL);
        run.cr = cairo_create(nowhere);
        /* Curves as exact as the hundredths of a point that are written. */
        cairo_set_tolerance(run.cr, 0.01);
        run.typesetter = typesetter_new();
        const unsigned char *bytes;
        size_t length;
        fine = make_copies(&run, list, plain_count, err) &&
               copies_pdf_finish(&bytes, &length, run.pdf, err) &&
               write_out(path, bytes, length, err);
        typesetter_free(run.typesetter);
        cairo_destroy(run.cr);
        cairo_surface_destroy(nowhere);
    } else {
        fine = false;
    }
    copies_pdf_free(run.pdf);
    text_release(&artwork);
    free(name);
    return fine;
}
