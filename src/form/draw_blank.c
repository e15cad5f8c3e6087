/* The blank form as vectors: what the layout prints, then the boxes and cells of the template. */
#include "form/draw_blank.h"

#include <cairo-pdf.h>

#include "form/layout_type.h"

#define CELL_LINE_MM 0.25
#define FIELD_LINE_MM 0.25
#define CROSS_LINE_MM 0.55 /* a ball pen's */

/* The context is in points; shapes are drawn in mm. */
static void rectangle_mm(cairo_t *cr, struct rect r)
{
    cairo_rectangle(cr, r.x * POINTS_PER_MM, r.y * POINTS_PER_MM, r.w * POINTS_PER_MM,
                    r.h * POINTS_PER_MM);
}

/* An outline whose outer edge is the rectangle. */
static void outline_mm(cairo_t *cr, struct rect r, double line_mm)
{
    cairo_set_line_width(cr, line_mm * POINTS_PER_MM);
    rectangle_mm(cr, rect_grow(r, -line_mm / 2));
    cairo_stroke(cr);
}

/* A cross as someone would make it: not quite straight, a little over the edge nowhere. */
static void cross_mm(cairo_t *cr, struct rect r)
{
    const double k = POINTS_PER_MM;
    cairo_set_line_width(cr, CROSS_LINE_MM * k);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    cairo_move_to(cr, (r.x + 0.20 * r.w) * k, (r.y + 0.24 * r.h) * k);
    cairo_curve_to(cr, (r.x + 0.42 * r.w) * k, (r.y + 0.42 * r.h) * k, (r.x + 0.60 * r.w) * k,
                   (r.y + 0.62 * r.h) * k, (r.x + 0.80 * r.w) * k, (r.y + 0.78 * r.h) * k);
    cairo_move_to(cr, (r.x + 0.79 * r.w) * k, (r.y + 0.20 * r.h) * k);
    cairo_curve_to(cr, (r.x + 0.60 * r.w) * k, (r.y + 0.40 * r.h) * k, (r.x + 0.38 * r.w) * k,
                   (r.y + 0.60 * r.h) * k, (r.x + 0.21 * r.w) * k, (r.y + 0.81 * r.h) * k);
    cairo_stroke(cr);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_BUTT);
}

static void draw_element(cairo_t *cr, const struct typesetter *typesetter,
                         const struct layout_element *element)
{
    switch (element->kind) {
    case ELEMENT_TEXT:
        type_show(typesetter, cr, element);
        break;
    case ELEMENT_FILL:
        type_set_colour(cr, element->colour);
        rectangle_mm(cr, element->rect_mm);
        cairo_fill(cr);
        break;
    case ELEMENT_FRAME:
        type_set_colour(cr, element->colour);
        outline_mm(cr, element->rect_mm, element->line_mm);
        break;
    case ELEMENT_CROSS:
        type_set_colour(cr, COLOUR_ACCENT);
        cross_mm(cr, element->rect_mm);
        break;
    }
}

static void draw_template(cairo_t *cr, const struct template_page *page)
{
    type_set_colour(cr, COLOUR_INK);
    for (size_t i = 0; i < page->box_count; i++)
        outline_mm(cr, page->boxes[i].rect_mm, BOX_LINE_MM);
    for (size_t i = 0; i < page->field_count; i++) {
        const struct template_field *field = &page->fields[i];
        for (size_t c = 0; c < field->cell_count; c++)
            outline_mm(cr, field->cells_mm[c], CELL_LINE_MM);
        if (field->cell_count == 0)
            outline_mm(cr, field->rect_mm, FIELD_LINE_MM);
    }
    for (size_t i = 0; i < FIDUCIAL_COUNT && page->has_fiducials; i++)
        rectangle_mm(cr, page->fiducials_mm[i]);
    cairo_fill(cr);
}

bool draw_blank(const char *path, const struct form *form, const struct layout *layout,
                 struct error *err)
{
    cairo_surface_t *surface = cairo_pdf_surface_create(path, PAGE_WIDTH_MM * POINTS_PER_MM,
                                                        PAGE_HEIGHT_MM * POINTS_PER_MM);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, form->title);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_SUBJECT, form->id);
    /* No clock: the same form must give the same bytes. */
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE,
                                   "");
    cairo_t *cr = cairo_create(surface);
    struct typesetter *typesetter = typesetter_new();
    for (size_t p = 0; p < layout->page_count; p++) {
        for (size_t i = 0; i < layout->pages[p].element_count; i++)
            draw_element(cr, typesetter, &layout->pages[p].elements[i]);
        draw_template(cr, &form->pages[p]);
        cairo_show_page(cr);
    }
    typesetter_free(typesetter);
    cairo_status_t status = cairo_status(cr);
    cairo_destroy(cr);
    cairo_surface_finish(surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    return status == CAIRO_STATUS_SUCCESS
               ? true
               : error_set(err, "%s: the PDF cannot be written: %s", path,
                           cairo_status_to_string(status));
}
