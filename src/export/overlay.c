/* Draws what was read over the scan, with Cairo and Pango. */
#include "export/overlay.h"

#include <cairo.h>
#include <math.h>
#include <pango/pangocairo.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "export/png.h"
#include "export/values.h"

#define LEGEND_PX 64
#define FADE 0.6             /* the scan is drawn this dark, so that colours stand out */
#define HALO_MM 1.2          /* around a flagged box */
#define RESIDUAL_ENLARGED 20 /* shifts of landmarks are drawn so many times as long */
#define SIDE_MAX_PX 12000

struct colour_rgba {
    double r, g, b, a;
};

static const struct colour_rgba grey = {0.45, 0.45, 0.5, 0.9},
                                light_blue = {0.2, 0.55, 1.0, 0.9}, green = {0.0, 0.55, 0.15, 1},
                                orange = {0.95, 0.5, 0.0, 1}, red = {0.85, 0.0, 0.1, 1},
                                halo = {0.95, 0.0, 0.1, 0.35}, blue = {0.05, 0.25, 0.8, 1},
                                magenta = {0.85, 0.0, 0.6, 0.9},
                                brown = {0.5, 0.3, 0.0, 0.9},
                                violet = {0.6, 0.0, 0.75, 1},
                                black = {0, 0, 0, 1};

struct drawing {
    cairo_surface_t *surface;
    cairo_t *cr;
    double x_scale, y_scale; /* scan px -> picture px */
    int width_px, height_px; /* of the scan's part of the picture */
    double x_dpi, y_dpi;     /* of the picture */
    const struct form *form;
    const struct page_result *result;
};

static void set_colour(struct drawing *d, struct colour_rgba colour)
{
    cairo_set_source_rgba(d->cr, colour.r, colour.g, colour.b, colour.a);
}

/* ---- the scan ----------------------------------------------------------------------------- */

/* Resolution as measured by the form, else as tagged, else as if the longer side were A4's. */
static double scan_dpi(double measured, double tagged, const struct raw_page *raw)
{
    double longer = raw->width_px > raw->height_px ? raw->width_px : raw->height_px;
    double dpi = measured > 0 ? measured : tagged > 0 ? tagged : longer / (297 / MM_PER_INCH);
    return dpi >= 10 && dpi <= 10000 ? dpi : OVERLAY_DPI; /* also where it is not a number */
}

/* How much smaller one side gets; never larger than the scan, never beyond what can be drawn, never
 * to nothing. */
static double scale_for(double dpi, int side_px)
{
    double scale = fmin(1, OVERLAY_DPI / dpi);
    return fmin(1, fmax(fmin(scale, (double)SIDE_MAX_PX / side_px), 2.0 / side_px));
}

/* The scan, 8 bpp, at the picture's size. */
static PIX *scaled_scan(const struct raw_page *raw, double x_scale, double y_scale)
{
    PIX *full = raw->bits != NULL ? pixConvert1To8(NULL, raw->bits, 255, 0) : pixClone(raw->grey);
    PIX *scaled =
        full == NULL ? NULL : pixScaleGeneral(full, (l_float32)x_scale, (l_float32)y_scale, 0, 0);
    pixDestroy(&full);
    return scaled;
}

static void copy_scan(struct drawing *d, PIX *scan)
{
    cairo_surface_flush(d->surface);
    unsigned char *data = cairo_image_surface_get_data(d->surface);
    int stride = cairo_image_surface_get_stride(d->surface);
    for (int y = 0; y < d->height_px; y++) {
        uint32_t *to = (uint32_t *)(void *)(data + (size_t)y * (size_t)stride);
        const l_uint32 *from = pixGetData(scan) + (size_t)y * (size_t)pixGetWpl(scan);
        for (int x = 0; x < d->width_px; x++) {
            uint32_t level = (uint32_t)(255 - FADE * (255 - (int)GET_DATA_BYTE(from, x)));
            to[x] = level << 16 | level << 8 | level;
        }
    }
    cairo_surface_mark_dirty(d->surface);
}

static bool drawing_begin(struct drawing *d, const struct raw_page *raw, struct error *err)
{
    double x_dpi = scan_dpi(d->result->placed.health.x_dpi, raw->x_dpi, raw);
    double y_dpi = scan_dpi(d->result->placed.health.y_dpi, raw->y_dpi, raw);
    double x_scale = scale_for(x_dpi, raw->width_px), y_scale = scale_for(y_dpi, raw->height_px);
    PIX *scan = scaled_scan(raw, x_scale, y_scale);
    if (scan == NULL)
        return error_set(err, "%s, image %d: the scan cannot be scaled for its overlay",
                         d->result->source, d->result->image + 1);
    d->width_px = pixGetWidth(scan);
    d->height_px = pixGetHeight(scan);
    d->x_scale = (double)d->width_px / raw->width_px;
    d->y_scale = (double)d->height_px / raw->height_px;
    d->x_dpi = x_dpi * d->x_scale;
    d->y_dpi = y_dpi * d->y_scale;
    d->surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, d->width_px, d->height_px + LEGEND_PX);
    d->cr = cairo_create(d->surface);
    bool fine = cairo_status(d->cr) == CAIRO_STATUS_SUCCESS;
    if (fine) {
        cairo_set_source_rgb(d->cr, 1, 1, 1);
        cairo_paint(d->cr);
        copy_scan(d, scan);
    } else {
        error_set(err, "%s, image %d: no picture of %d x %d can be made for its overlay",
                  d->result->source, d->result->image + 1, d->width_px, d->height_px);
    }
    pixDestroy(&scan);
    return fine;
}

/* ---- text --------------------------------------------------------------------------------- */

/* One line, cut off with an ellipsis where it is wider than max_px (0: as wide as it is). Returns
 * its width. */
static double draw_text(struct drawing *d, const char *words, double x, double y, double size_px,
                        double max_px, struct colour_rgba colour)
{
    PangoLayout *layout = pango_cairo_create_layout(d->cr);
    PangoFontDescription *font = pango_font_description_from_string("Inter, Sans");
    pango_font_description_set_absolute_size(font, size_px * PANGO_SCALE);
    pango_layout_set_font_description(layout, font);
    char *valid = valid_text(words);
    pango_layout_set_text(layout, valid, -1);
    pango_layout_set_single_paragraph_mode(layout, TRUE);
    if (max_px > 0) {
        pango_layout_set_width(layout, (int)(max_px * PANGO_SCALE));
        pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    }
    int width = 0, height = 0;
    pango_layout_get_pixel_size(layout, &width, &height);
    cairo_set_source_rgba(d->cr, 1, 1, 1, 0.75); /* so that it can be read over print */
    cairo_rectangle(d->cr, x - 1, y, width + 2, height);
    cairo_fill(d->cr);
    set_colour(d, colour);
    cairo_move_to(d->cr, x, y);
    pango_cairo_show_layout(d->cr, layout);
    cairo_new_path(d->cr);
    g_free(valid);
    pango_font_description_free(font);
    g_object_unref(layout);
    return width;
}

/* ---- boxes, fields, landmarks ------------------------------------------------------------- */

static struct point to_picture(const struct drawing *d, struct point form_mm)
{
    struct point p = placement_to_px(&d->result->placed.placement, form_mm);
    return (struct point){p.x * d->x_scale, p.y * d->y_scale};
}

/* The outline of a shape of the form as it lies on the scan, moved by `shift` (in scan px). */
static void path_shape(struct drawing *d, struct rect mm, bool round, struct point shift)
{
    enum { CORNERS = 4, ROUND = 40 };
    int points = round ? ROUND : CORNERS;
    struct point centre = rect_centre(mm);
    cairo_new_path(d->cr);
    for (int k = 0; k < points; k++) {
        double angle = 2 * M_PI * (k + 0.5) / points;
        double reach = round ? 1 : M_SQRT2; /* of a square, the corners */
        struct point at = {centre.x + mm.w / 2 * reach * cos(angle),
                           centre.y + mm.h / 2 * reach * sin(angle)};
        struct point p = to_picture(d, at);
        cairo_line_to(d->cr, p.x + shift.x * d->x_scale, p.y + shift.y * d->y_scale);
    }
    cairo_close_path(d->cr);
}

/* How far from registration's place the box was found by its own outline, in scan px. */
static struct point box_shift(const struct drawing *d, struct rect mm, struct rect found_px)
{
    if (!(found_px.w > 0))
        return (struct point){0, 0};
    struct rect expected_px = placement_rect_px(&d->result->placed.placement, mm);
    struct point found = rect_centre(found_px), expected = rect_centre(expected_px);
    return (struct point){found.x - expected.x, found.y - expected.y};
}

static void stroke(struct drawing *d, struct colour_rgba colour, double width_px)
{
    set_colour(d, colour);
    cairo_set_line_width(d->cr, width_px);
    cairo_stroke(d->cr);
}

static void draw_box(struct drawing *d, const struct template_box *box,
                     const struct box_reading *reading, const struct box_decision *decision)
{
    static const struct {
        const struct colour_rgba *colour;
        double width_px;
    } pens[] = {[BOX_EMPTY] = {&light_blue, 1.2},
                [BOX_MARKED] = {&green, 2},
                [BOX_WITHDRAWN] = {&orange, 2},
                [BOX_UNCERTAIN] = {&red, 3}};
    bool round = box->shape != BOX_SQUARE;
    struct point shift = box_shift(d, box->rect_mm, reading->rect_px);
    if (decision != NULL && decision->flag != FLAG_NONE) {
        path_shape(d, rect_grow(box->rect_mm, HALO_MM), round, shift);
        stroke(d, halo, 7);
    }
    enum box_state state = decision == NULL ? BOX_EMPTY : decision->state;
    path_shape(d, box->rect_mm, round, shift);
    stroke(d, *pens[state].colour, pens[state].width_px);
}

static void draw_field(struct drawing *d, const struct template_field *field,
                       const struct field_reading *reading)
{
    path_shape(d, field->rect_mm, false, (struct point){0, 0});
    stroke(d, reading->has_ink ? blue : grey, reading->has_ink ? 2 : 0.8);
    if (!reading->has_ink)
        return;
    struct rect px = placement_rect_px(&d->result->placed.placement, field->rect_mm);
    const char *words = reading->text == NULL ? "(not drafted)" : reading->text;
    draw_text(d, words, px.x * d->x_scale + 2, px.y * d->y_scale - 15, 12,
              fmax(60, px.w * d->x_scale), blue);
}

/* Streaks: a dashed line over the whole image, beside the dirt so that it stays to be seen. */
static void draw_streaks(struct drawing *d)
{
    const struct scan_health *health = &d->result->placed.health;
    static const double dashes[] = {10, 6};
    cairo_set_dash(d->cr, dashes, 2, 0);
    for (int k = 0; k < health->streak_count; k++) {
        const struct streak *streak = &health->streaks[k];
        for (int side = -1; side <= 1; side += 2) {
            double at = streak->at_px * (streak->lying ? d->y_scale : d->x_scale) + 5 * side;
            cairo_move_to(d->cr, streak->lying ? 0 : at, streak->lying ? at : 0);
            cairo_line_to(d->cr, streak->lying ? d->width_px : at,
                          streak->lying ? at : d->height_px);
        }
        stroke(d, brown, 1.5);
    }
    cairo_set_dash(d->cr, NULL, 0, 0);
}

static void draw_landmarks(struct drawing *d)
{
    const struct placed_page *placed = &d->result->placed;
    for (int k = 0; k < placed->landmark_count && k < LANDMARK_MAX; k++) {
        const struct landmark_residual *mark = &placed->landmarks[k];
        struct point at = to_picture(d, (struct point){mark->x_mm, mark->y_mm});
        struct point seen =
            to_picture(d, (struct point){mark->x_mm + RESIDUAL_ENLARGED * mark->dx_mm,
                                         mark->y_mm + RESIDUAL_ENLARGED * mark->dy_mm});
        if (mark->found) {
            cairo_new_path(d->cr);
            cairo_arc(d->cr, at.x, at.y, 3, 0, 2 * M_PI);
            cairo_new_sub_path(d->cr);
            cairo_move_to(d->cr, at.x, at.y);
            cairo_line_to(d->cr, seen.x, seen.y);
            stroke(d, magenta, 1.4);
        } else {
            cairo_move_to(d->cr, at.x - 2.5, at.y - 2.5);
            cairo_line_to(d->cr, at.x + 2.5, at.y + 2.5);
            cairo_move_to(d->cr, at.x + 2.5, at.y - 2.5);
            cairo_line_to(d->cr, at.x - 2.5, at.y + 2.5);
            stroke(d, magenta, 1.4);
        }
    }
}

/* New ink outside the answers, by what it is taken for; marks in boxes have their boxes' colours. */
static void draw_pieces(struct drawing *d, const struct template_page *page)
{
    static const struct colour_rgba *const colours[] = {
        [INK_MARK] = NULL,     [INK_STRAY] = &red,    [INK_NOTE] = &violet,
        [INK_WRITING] = &blue, [INK_DAMAGE] = &brown, [INK_TRACE] = &red,
        [INK_SPECK] = NULL};
    struct calibration calibration;
    struct error err;
    const struct page_reading *reading = &d->result->reading;
    enum ink_class classes[PIECES_MAX];
    if (reading->piece_count > PIECES_MAX || !calibration_load(&calibration, &err))
        return;
    outside_classify(classes, reading, page, &calibration.outside);
    for (size_t k = 0; k < reading->piece_count; k++) {
        if (colours[classes[k]] == NULL)
            continue;
        path_shape(d, rect_grow(reading->pieces[k].rect_mm, 0.3), false, (struct point){0, 0});
        stroke(d, *colours[classes[k]], 1);
    }
}

/* ---- the legend --------------------------------------------------------------------------- */

static void draw_key(struct drawing *d, double *x, double y, struct colour_rgba colour,
                     const char *word)
{
    cairo_rectangle(d->cr, *x, y + 3, 9, 9);
    stroke(d, colour, 2);
    *x += 14;
    *x += draw_text(d, word, *x, y, 12, 0, black) + 14;
}

/* Registration got so far as to lay the form somewhere. */
static bool has_fit(const struct drawing *d)
{
    return d->form != NULL && d->result->placed.placement.width_mm > 0 &&
           d->result->placed.landmark_count > 0;
}

/* What the marks of landmarks mean, with a bar that says how long a shift is drawn. */
static void draw_scale(struct drawing *d, double *x, double y)
{
    const double shown_mm = 0.5;
    double bar_px = RESIDUAL_ENLARGED * shown_mm * d->x_dpi / MM_PER_INCH;
    cairo_new_path(d->cr);
    cairo_arc(d->cr, *x + 5, y + 8, 3, 0, 2 * M_PI);
    cairo_new_sub_path(d->cr);
    cairo_move_to(d->cr, *x + 5, y + 8);
    cairo_line_to(d->cr, *x + 5 + bar_px, y + 8);
    stroke(d, magenta, 1.4);
    *x += bar_px + 12;
    char words[120];
    snprintf(words, sizeof words,
             "= print seen %.1f mm from where it should be (drawn %d times as long); x = print not found",
             shown_mm, RESIDUAL_ENLARGED);
    *x += draw_text(d, words, *x, y, 12, 0, black) + 14;
}

static void draw_legend(struct drawing *d, bool was_read)
{
    const struct page_result *result = d->result;
    double top = d->height_px + 5, x = 8;
    struct text line;
    text_init(&line);
    if (d->form != NULL)
        text_addf(&line, "%s, version %s, page %d", d->form->id, d->form->version,
                  d->form->pages[result->placed.known.page].number);
    else
        text_add(&line, "no page of a known form");
    if (result_reference(result) != NULL)
        text_addf(&line, "   return %s", result_reference(result));
    if (was_read)
        text_addf(&line, "   fits to %.2f mm (median), %.2f mm (worst)",
                  result->placed.residuals.median_mm, result->placed.residuals.worst_mm);
    text_addf(&line, "   %s, image %d", result->source, result->image + 1);
    draw_text(d, line.data, x, top, 12, d->width_px - 16, black);
    text_release(&line);
    if (was_read) {
        draw_key(d, &x, top + 19, light_blue, "empty");
        draw_key(d, &x, top + 19, green, "marked");
        draw_key(d, &x, top + 19, orange, "withdrawn");
        draw_key(d, &x, top + 19, red, "uncertain");
        draw_key(d, &x, top + 19, halo, "a person looks");
        draw_key(d, &x, top + 19, blue, "written");
        draw_key(d, &x, top + 19, violet, "noted beside");
        draw_key(d, &x, top + 19, brown, "damage");
    }
    x = 8;
    if (has_fit(d))
        draw_scale(d, &x, top + 38);
    if (result->placed.health.streak_count > 0)
        draw_key(d, &x, top + 38, brown, "streaks of dust, dashed on both sides");
}

static void draw_reason(struct drawing *d)
{
    const struct page_result *result = d->result;
    struct text line;
    text_init(&line);
    text_addf(&line, "Not read: %s", flag_sentence(result->reason));
    if (result->detail != NULL && result->detail[0] != '\0')
        text_addf(&line, " (%s)", result->detail);
    draw_text(d, line.data, 8, d->height_px + 22, 14, d->width_px - 16, red);
    text_release(&line);
}

/* A page that was read: every box and field as it was read. */
static void draw_page(struct drawing *d, const struct box_decision *boxes)
{
    const struct page_reading *reading = &d->result->reading;
    const struct template_page *page = &d->form->pages[d->result->placed.known.page];
    draw_pieces(d, page);
    for (size_t f = 0; f < page->field_count && f < reading->field_count; f++)
        draw_field(d, &page->fields[f], &reading->fields[f]);
    for (size_t b = 0; b < page->box_count && b < reading->box_count; b++)
        draw_box(d, &page->boxes[b], &reading->boxes[b], boxes == NULL ? NULL : &boxes[b]);
}

/* A page that was not read: where registration laid the form, so that one sees why. */
static void draw_outlines(struct drawing *d)
{
    const struct template_page *page = &d->form->pages[d->result->placed.known.page];
    for (size_t b = 0; b < page->box_count; b++) {
        path_shape(d, page->boxes[b].rect_mm, page->boxes[b].shape != BOX_SQUARE,
                   (struct point){0, 0});
        stroke(d, light_blue, 1.2);
    }
    for (size_t f = 0; f < page->field_count; f++) {
        path_shape(d, page->fields[f].rect_mm, false, (struct point){0, 0});
        stroke(d, light_blue, 0.8);
    }
}

/* Whether a person is asked about some box of the item on this page by itself. */
static bool is_box_flagged(const struct template_page *page, const struct box_decision *boxes, size_t item)
{
    for (size_t b = 0; b < page->box_count; b++)
        if (page->boxes[b].item == item && boxes[b].flag != FLAG_NONE)
            return true;
    return false;
}

const struct box_decision *overlay_boxes(struct arena *arena, const struct form *form,
                                         const struct return_record *record, size_t page)
{
    const struct template_page *template = &form->pages[page];
    const struct box_decision *boxes = record->boxes[page];
    if (boxes == NULL)
        return NULL;
    struct box_decision *drawn = ARENA_NEW(arena, struct box_decision, template->box_count + 1);
    for (size_t b = 0; b < template->box_count; b++) {
        size_t item = template->boxes[b].item;
        drawn[b] = boxes[b];
        if (record->answers[item].flagged && !is_box_flagged(template, boxes, item))
            drawn[b].flag = FLAG_MARK_UNCERTAIN;
    }
    return drawn;
}

bool overlay_write(const char *path_png, const struct raw_page *raw, const struct form *form,
                   const struct page_result *result, const struct box_decision *boxes,
                   struct error *err)
{
    struct drawing d = {.form = form, .result = result};
    if (form != NULL && result->placed.known.page >= form->page_count)
        d.form = NULL;
    bool was_read = d.form != NULL && result->reason == FLAG_NONE;
    bool fine = drawing_begin(&d, raw, err);
    if (fine) {
        draw_streaks(&d);
        if (has_fit(&d))
            draw_landmarks(&d);
        if (was_read)
            draw_page(&d, boxes);
        else if (has_fit(&d))
            draw_outlines(&d);
        draw_legend(&d, was_read);
        if (!was_read)
            draw_reason(&d);
        cairo_surface_flush(d.surface);
        fine = png_write_rgb(
            path_png, (const uint32_t *)(const void *)cairo_image_surface_get_data(d.surface),
            d.width_px, d.height_px + LEGEND_PX, cairo_image_surface_get_stride(d.surface) / 4,
            d.x_dpi, d.y_dpi, err);
    }
    cairo_destroy(d.cr);
    cairo_surface_destroy(d.surface);
    return fine;
}
