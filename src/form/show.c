/* A picture of a form's page with all that its template says drawn on it. */
#include "form/show.h"

#include <math.h>
#include <string.h>

#include <pango/pangocairo.h>

#include "base/error.h"
#include "form/landmarks.h"
#include "form/plate.h"

struct colour {
    double r, g, b;
};

static const struct colour green = {0.0, 0.55, 0.2}, blue = {0.1, 0.3, 0.9},
                           magenta = {0.85, 0.0, 0.6}, orange = {0.95, 0.45, 0.0};

/* The plate as a mask that Cairo can paint through. */
static cairo_surface_t *plate_mask(PIX *plate)
{
    int w = pixGetWidth(plate), h = pixGetHeight(plate), words = pixGetWpl(plate);
    cairo_surface_t *mask = cairo_image_surface_create(CAIRO_FORMAT_A8, w, h);
    unsigned char *bytes = cairo_image_surface_get_data(mask);
    size_t stride = (size_t)cairo_image_surface_get_stride(mask);
    if (bytes == NULL)
        error_die("out of memory while drawing a page");
    for (int y = 0; y < h; y++) {
        const l_uint32 *line = pixGetData(plate) + (size_t)y * (size_t)words;
        for (int x = 0; x < w; x++)
            bytes[(size_t)y * stride + (size_t)x] = GET_DATA_BIT(line, x) ? 255 : 0;
    }
    cairo_surface_mark_dirty(mask);
    return mask;
}

static void use(cairo_t *cairo, struct colour c, double alpha)
{
    cairo_set_source_rgba(cairo, c.r, c.g, c.b, alpha);
}

static void draw_rect(cairo_t *cairo, struct rect r, struct colour colour, double fill)
{
    cairo_rectangle(cairo, r.x, r.y, r.w, r.h);
    use(cairo, colour, fill);
    cairo_fill_preserve(cairo);
    use(cairo, colour, 1);
    cairo_stroke(cairo);
}

static void draw_shape(cairo_t *cairo, enum box_shape shape, struct rect r, struct colour colour)
{
    if (shape == BOX_SQUARE) {
        draw_rect(cairo, r, colour, 0.15);
        return;
    }
    cairo_save(cairo);
    cairo_translate(cairo, r.x + r.w / 2, r.y + r.h / 2);
    cairo_scale(cairo, r.w / 2, r.h / 2);
    cairo_new_sub_path(cairo);
    cairo_arc(cairo, 0, 0, 1, 0, 2 * G_PI);
    cairo_restore(cairo);
    use(cairo, colour, 0.15);
    cairo_fill_preserve(cairo);
    use(cairo, colour, 1);
    cairo_stroke(cairo);
}

/* A name in small print with its lower left corner at the point; long names are cut. */
static void draw_name(cairo_t *cairo, const char *name, double x, double y, struct colour colour)
{
    int w, h;
    PangoLayout *layout = pango_cairo_create_layout(cairo);
    PangoFontDescription *font = pango_font_description_from_string("Sans");
    pango_font_description_set_absolute_size(font, 1.5 * PANGO_SCALE);
    pango_layout_set_font_description(layout, font);
    pango_layout_set_single_paragraph_mode(layout, TRUE);
    pango_layout_set_width(layout, 40 * PANGO_SCALE);
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_MIDDLE);
    pango_layout_set_text(layout, name, -1);
    pango_layout_get_size(layout, &w, &h);
    cairo_rectangle(cairo, x, y - (double)h / PANGO_SCALE, (double)w / PANGO_SCALE,
                    (double)h / PANGO_SCALE);
    cairo_set_source_rgba(cairo, 1, 1, 1, 0.35); /* the print under it is still read */
    cairo_fill(cairo);
    use(cairo, colour, 1);
    cairo_move_to(cairo, x, y - (double)h / PANGO_SCALE);
    pango_cairo_show_layout(cairo, layout);
    pango_font_description_free(font);
    g_object_unref(layout);
}

static void draw_answers(cairo_t *cairo, const struct form *form, const struct template_page *page)
{
    for (size_t i = 0; i < page->field_count; i++) {
        const struct template_field *field = &page->fields[i];
        draw_rect(cairo, field->rect_mm, blue, 0.1);
        for (size_t c = 0; c < field->cell_count; c++)
            draw_rect(cairo, field->cells_mm[c], blue, 0.05);
        draw_name(cairo, form->items[field->item].name, field->rect_mm.x, field->rect_mm.y, blue);
    }
    for (size_t i = 0; i < page->box_count; i++) {
        const struct template_box *box = &page->boxes[i];
        const char *value = item_question(form, box->item)->options[box->option].code;
        char *name = g_strdup_printf("%s=%s", form->items[box->item].name, value);
        draw_shape(cairo, box->shape, box->rect_mm, green);
        draw_name(cairo, name, box->rect_mm.x, box->rect_mm.y, green);
        g_free(name);
    }
}

static void draw_marks(cairo_t *cairo, const struct template_page *page)
{
    for (size_t i = 0; page->has_fiducials && i < FIDUCIAL_COUNT; i++)
        draw_rect(cairo, page->fiducials_mm[i], orange, 0.5);
    if (page->has_code)
        draw_rect(cairo, page->code_mm, orange, 0.2);
    for (size_t i = 0; i < page->printed_code_count; i++) {
        const struct printed_code *code = &page->printed_codes[i];
        draw_rect(cairo, code->rect_mm, orange, 0.2);
        draw_name(cairo, code->text, code->rect_mm.x, code->rect_mm.y, orange);
    }
    if (page->reference_mm.w > 0)
        draw_rect(cairo, page->reference_mm, orange, 0.2);
    for (size_t i = 0; i < page->landmark_count; i++) {
        struct point p = page->landmarks_mm[i];
        struct rect patch = {p.x - LANDMARK_PATCH_MM / 2, p.y - LANDMARK_PATCH_MM / 2,
                             LANDMARK_PATCH_MM, LANDMARK_PATCH_MM};
        draw_rect(cairo, patch, magenta, 0.06);
        cairo_move_to(cairo, p.x - 1, p.y);
        cairo_line_to(cairo, p.x + 1, p.y);
        cairo_move_to(cairo, p.x, p.y - 1);
        cairo_line_to(cairo, p.x, p.y + 1);
        cairo_stroke(cairo);
    }
}

static void draw_page(cairo_t *cairo, const struct form *form, const struct template_page *page,
                      PIX *plate)
{
    cairo_surface_t *mask = plate_mask(plate);
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_paint(cairo);
    cairo_save(cairo);
    cairo_scale(cairo, MM_PER_INCH / PLATE_DPI, MM_PER_INCH / PLATE_DPI);
    cairo_set_source_rgb(cairo, 0.35, 0.35, 0.35);
    cairo_mask_surface(cairo, mask, 0, 0);
    cairo_restore(cairo);
    cairo_surface_destroy(mask);
    cairo_set_line_width(cairo, 0.15);
    draw_marks(cairo, page);
    draw_answers(cairo, form, page);
}

cairo_surface_t *show_page(const struct form *form, size_t page, PIX *plate, double dpi)
{
    const struct template_page *p = &form->pages[page];
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)lround(p->width_mm / MM_PER_INCH * dpi),
                                   (int)lround(p->height_mm / MM_PER_INCH * dpi));
    cairo_t *cairo = cairo_create(surface);
    cairo_scale(cairo, dpi / MM_PER_INCH, dpi / MM_PER_INCH);
    draw_page(cairo, form, p, plate);
    if (cairo_status(cairo) != CAIRO_STATUS_SUCCESS)
        error_die("a page cannot be drawn: %s", cairo_status_to_string(cairo_status(cairo)));
    cairo_destroy(cairo);
    cairo_surface_flush(surface);
    return surface;
}
