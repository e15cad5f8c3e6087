/* Draws what lies among the returns and is none of them. */
#include "proof/foreign.h"

#include <cairo.h>
#include <glib.h>
#include <math.h>
#include <string.h>

#include "proof/paper_internal.h"
#include "proof/person.h"
#include "proof/picture.h"
#include "proof/writing.h"

#define X(name) #name,
const char *const foreign_names[FOREIGN_KIND_COUNT] = {FOREIGN_KINDS(X)};
#undef X

/* Returns of which only the hand, or one page, is used: far from those of the wave. */
#define FOREIGN_RETURNS 700000

static cairo_t *open_page(struct plane *plane, double width_mm, double height_mm, double dpi)
{
    double k = dpi / MM_PER_INCH;
    *plane = (struct plane){.width_px = (int)ceil(width_mm * k),
                            .height_px = (int)ceil(height_mm * k), .px_per_mm = k};
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, plane->width_px, plane->height_px);
    cairo_t *cr = cairo_create(surface);
    cairo_surface_destroy(surface); /* the context keeps it */
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    cairo_scale(cr, k, k);
    cairo_set_source_rgb(cr, 0, 0, 0);
    return cr;
}

static void close_page(struct plane *plane, cairo_t *cr)
{
    plane->data = g_malloc((size_t)plane->width_px * (size_t)plane->height_px);
    picture_copy_grey(plane, cairo_get_target(cr));
    cairo_destroy(cr);
}

/* ---- letters ----------------------------------------------------------------------------- */

static void text_line(cairo_t *cr, struct random *r, double x, double y, double width)
{
    static const char *const bits[] = {"please", "return", "account", "the", "your", "of", "and",
                                       "invoice", "date", "we", "are", "writing", "about", "to",
                                       "appointment", "service", "number", "with", "order", "a"};
    cairo_text_extents_t extents;
    for (double at = x; at < x + width;) {
        const char *bit = bits[random_below(r, sizeof bits / sizeof *bits)];
        cairo_text_extents(cr, bit, &extents);
        if (at + extents.x_advance > x + width)
            return;
        cairo_move_to(cr, at, y);
        cairo_show_text(cr, bit);
        at += extents.x_advance + 1.1;
    }
}

static void text_block(cairo_t *cr, struct random *r, double width_mm, double *y)
{
    double left = 22, wide = width_mm - 44;
    size_t kind = random_below(r, 4), lines = 2 + random_below(r, 6);
    cairo_set_font_size(cr, kind == 0 ? 6 : 3.9);
    for (size_t i = 0; i < (kind == 0 ? 1 : lines); i++, *y += 5.2) {
        double x = left;
        if (kind == 2) {
            cairo_set_line_width(cr, 0.3);
            cairo_rectangle(cr, left, *y - 3.4, 3.6, 3.6);
            cairo_stroke(cr);
            x += 7;
        }
        if (kind == 3) {
            cairo_set_line_width(cr, 0.2);
            cairo_move_to(cr, left, *y + 1.2);
            cairo_line_to(cr, left + wide, *y + 1.2);
            cairo_stroke(cr);
        }
        text_line(cr, r, x, *y, (wide - x + left) * random_between(r, 0.4, 1));
    }
    *y += 5;
}

static void draw_letter(cairo_t *cr, struct random *r, double width_mm, double height_mm)
{
    cairo_select_font_face(cr, random_chance(r, 0.5) ? "serif" : "sans", CAIRO_FONT_SLANT_NORMAL,
                           CAIRO_FONT_WEIGHT_NORMAL);
    double end = height_mm * random_between(r, 0.5, 0.93);
    for (double y = random_between(r, 20, 50); y < end;)
        text_block(cr, r, width_mm, &y);
}

/* ---- what a scanner room adds ------------------------------------------------------------ */

/* Bars from edge to edge or a bar code, and a word: what parts one batch from the next. */
static void draw_separator(cairo_t *cr, struct random *r, double width_mm, double height_mm)
{
    bool wide = random_chance(r, 0.5);
    double x = wide ? 15 : 45, end = width_mm - x, y = random_between(r, 25, 60);
    while (x < end) {
        double bar = wide ? random_between(r, 4, 12) : 0.4 * (1 + (double)random_below(r, 4));
        cairo_rectangle(cr, x, y, fmin(bar, end - x), wide ? 40 : 22);
        cairo_fill(cr);
        x += bar + (wide ? random_between(r, 4, 9) : 0.4 * (1 + (double)random_below(r, 4)));
    }
    cairo_select_font_face(cr, "sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
    cairo_set_font_size(cr, 18);
    cairo_move_to(cr, 30, height_mm * random_between(r, 0.45, 0.7));
    cairo_show_text(cr, random_chance(r, 0.5) ? "NEW BATCH" : "SEPARATOR");
}

/* A picture: clouds of grey in a frame. */
static void draw_photo(struct plane *plane, struct random *r)
{
    double phase = random_between(r, 0, 900), size = random_between(r, 14, 40);
    struct window w = window_of(plane, (struct rect){18, 22, random_between(r, 90, 170),
                                                     random_between(r, 70, 220)});
    for (int y = w.y0; y < w.y1; y++)
        for (int x = w.x0; x < w.x1; x++) {
            struct point p = mm_of(plane, x, y);
            double cloud = smooth_noise(p.x / size, p.y / size + phase) +
                           0.5 * smooth_noise(p.x / size * 3, p.y / size * 3 + phase) +
                           0.2 * smooth_noise(p.x, p.y + phase);
            row_of(plane, y)[x] = (uint8_t)(128 + fmin(fmax(cloud, -1), 1) * 110);
        }
}

/* ---- written pages ----------------------------------------------------------------------- */

static void write_page(struct foreign *out, const struct hand *hand, struct random *r,
                       double width_mm, double height_mm)
{
    static const char *const words[] = {"dear", "thank", "you", "for", "the", "form", "my", "mother",
                                        "is", "not", "well", "and", "we", "were", "very", "happy",
                                        "with", "nurses", "but", "waiting", "took", "too", "long"};
    double end = height_mm * random_between(r, 0.3, 0.95);
    for (double y = random_between(r, 25, 45); y < end; y += 9) {
        struct point at = {20 + random_between(r, -2, 4), y};
        while (at.x < width_mm - 45) {
            const char *word = words[random_below(r, sizeof words / sizeof *words)];
            at = writing_line(&out->drawing, STROKE_OF_NOTE, hand, r, word, at, hand->size_mm);
            at.x += hand->size_mm * 0.6;
        }
    }
}

static void rule_page(cairo_t *cr, double width_mm, double height_mm)
{
    cairo_set_line_width(cr, 0.15);
    cairo_set_source_rgb(cr, 0.6, 0.7, 0.85);
    for (double y = 26; y < height_mm - 15; y += 9) {
        cairo_move_to(cr, 0, y);
        cairo_line_to(cr, width_mm, y);
        cairo_stroke(cr);
    }
}

/* ---- filled-in pages of other forms ------------------------------------------------------ */

static bool print_page(struct foreign *out, const struct form *form, page_drawer *draw,
                       size_t page, const struct filled_return *filled, double dpi,
                       struct error *err)
{
    struct picture_book *book = picture_book_new(form, draw, err);
    if (book == NULL)
        return false;
    const struct plane *print = picture_book_page(book, page, dpi, filled->reference, err);
    if (print != NULL) {
        size_t size = (size_t)print->width_px * (size_t)print->height_px;
        out->print = *print;
        out->print.data = g_malloc(size);
        memcpy(out->print.data, print->data, size);
    }
    picture_book_free(book);
    return print != NULL;
}

static bool filled_page_of(struct foreign *out, const struct wave_options *o,
                           const struct form *form, uint64_t number, size_t page,
                           double dpi, struct error *err)
{
    struct filled_return *filled =
        filled_return_new(form, o->profile, NULL, wave_streams(o), FOREIGN_RETURNS + (size_t)number);
    bool fine = print_page(out, form, o->draw, page, filled, dpi, err);
    out->pen = filled->pen;
    out->drawing = filled->pages[page].drawing;
    filled->pages[page].drawing = (struct drawing){0};
    filled_return_free(filled);
    return fine;
}

/* Where an earlier version differs: from somewhere in the upper half on, all lies lower. Corners and
 * the code stay where they are. */
static struct rect choose_band(const struct template_page *page, struct random *r)
{
    double top = page->height_mm * random_between(r, 0.2, 0.45), bottom = page->height_mm - 22;
    struct rect code = page->code_mm;
    if (page->has_code && code.y < page->height_mm / 2)
        top = fmax(top, code.y + code.h + 1);
    else if (page->has_code)
        bottom = fmin(bottom, code.y - 1);
    return (struct rect){13, top, page->width_mm - 26, bottom - top};
}

/* Whether nothing begins or ends in these rows of the window: they are bare, or lines run through. */
static bool is_gap(const struct plane *print, struct window w, int y, int rows)
{
    const uint8_t *first = print->data + (size_t)y * (size_t)print->width_px + w.x0;
    for (int i = 1; i <= rows; i++)
        if (memcmp(first, first + (size_t)i * (size_t)print->width_px, (size_t)(w.x1 - w.x0)) != 0)
            return false;
    return true;
}

/* Fits the band to the print: it begins in a gap, and ends where there is room for what moves down.
 * Returns by how many pixels; 0: the page has no such room. */
static int fit_band(struct window *w, const struct plane *print, double by_mm)
{
    double k = print->px_per_mm;
    int least = (int)(30 * k), upper = w->y0 - (int)(20 * k), y1;
    if (w->x1 <= w->x0 || w->y1 <= w->y0 + least)
        return 0;
    while (w->y0 > 0 && w->y0 > upper && !is_gap(print, *w, w->y0, (int)k))
        w->y0--;
    if (w->y0 <= upper || w->y0 <= 0)
        return 0;
    for (double by = by_mm * k; by >= 2 * k; by *= 0.8) {
        for (y1 = w->y1 - (int)by - 1; y1 > w->y0 + least && !is_gap(print, *w, y1, (int)by);)
            y1--;
        if (y1 > w->y0 + least) {
            w->y1 = y1;
            return (int)by;
        }
    }
    return 0;
}

/* Moves the band down, print and strokes together. */
static void move_band(struct foreign *out, struct rect band_mm, double by_mm)
{
    struct plane *print = &out->print;
    struct window w = window_of(print, band_mm);
    int by = fit_band(&w, print, by_mm);
    size_t width = (size_t)(w.x1 - w.x0);
    for (int y = w.y1 - 1; y >= w.y0 && by > 0; y--)
        memcpy(row_of(print, y + by) + w.x0, row_of(print, y) + w.x0, width);
    for (int y = w.y0; y < w.y0 + by; y++) /* the gap in which the band began, drawn out */
        memcpy(row_of(print, y) + w.x0, row_of(print, w.y0) + w.x0, width);
    double top = w.y0 / print->px_per_mm, bottom = w.y1 / print->px_per_mm;
    for (size_t i = 0; i < out->drawing.stroke_count; i++) {
        const struct stroke *stroke = &out->drawing.strokes[i];
        struct stroke_point *p = out->drawing.points + stroke->first;
        double middle = stroke->count > 0 ? (double)p[stroke->count / 2].y_mm : 0;
        for (size_t j = 0; middle > top && middle < bottom && j < stroke->count; j++)
            p[j].y_mm += (float)(by / print->px_per_mm);
    }
}

static bool earlier_version(struct foreign *out, const struct wave_options *o, uint64_t number,
                            size_t page, double dpi, struct random *r, struct error *err)
{
    struct form earlier = *o->form;
    char version[64];
    g_strlcpy(version, earlier.version == NULL || *earlier.version == '\0' ? "1" : earlier.version,
              sizeof version);
    char *last = &version[strlen(version) - 1]; /* one less, or simply another */
    if (g_ascii_isdigit(*last))
        *last = (char)('0' + (*last - '0' + 9) % 10);
    else
        *last = *last == 'A' ? 'B' : 'A';
    earlier.version = version;
    struct rect band = choose_band(&o->form->pages[page], r);
    double by_mm = random_between(r, 3, 12);
    bool fine = filled_page_of(out, o, &earlier, number, page, dpi, err);
    if (fine)
        move_band(out, band, by_mm);
    return fine;
}

/* ---- all --------------------------------------------------------------------------------- */

static enum foreign_kind choose_kind(const struct wave_options *o, struct random *r)
{
    const double weights[FOREIGN_KIND_COUNT] = {
        [FOREIGN_letter] = 3,      [FOREIGN_blank] = 1.5, [FOREIGN_separator] = 1.5,
        [FOREIGN_handwriting] = 1, [FOREIGN_photo] = 0.5, [FOREIGN_other_version] = 2,
        [FOREIGN_other_form] = o->foreign_count > 0 ? 4 : 0};
    return (enum foreign_kind)random_weighted(r, weights, FOREIGN_KIND_COUNT);
}

bool foreign_make(struct foreign *out, const struct wave_options *o, uint64_t number, bool back,
                  double dpi, struct error *err)
{
    const uint64_t streams = wave_streams(o);
    struct random whole = random_stream(streams, RANDOM_PAGE, number, 4711);
    struct random r = random_stream(streams, RANDOM_PAGE, number, 4712 + back);
    const struct template_page *first = &o->form->pages[0];
    double width = first->width_mm, height = first->height_mm;
    *out = (struct foreign){.kind = choose_kind(o, &whole)};
    const struct form *form = out->kind == FOREIGN_other_form
                                  ? o->foreign[random_below(&whole, o->foreign_count)]
                                  : o->form;
    size_t page = 2 * random_below(&whole, (form->page_count + 1) / 2) + back;
    bool printed = page < form->page_count;
    if (out->kind == FOREIGN_other_form)
        return !printed || filled_page_of(out, o, form, number, page, dpi, err);
    if (out->kind == FOREIGN_other_version)
        return !printed || earlier_version(out, o, number, page, dpi, &r, err);
    if (back || out->kind == FOREIGN_blank)
        return true;
    cairo_t *cr = open_page(&out->print, width, height, dpi);
    if (out->kind == FOREIGN_letter)
        draw_letter(cr, &r, width, height);
    else if (out->kind == FOREIGN_separator)
        draw_separator(cr, &r, width, height);
    else if (out->kind == FOREIGN_handwriting && random_chance(&r, 0.6))
        rule_page(cr, width, height);
    close_page(&out->print, cr);
    if (out->kind == FOREIGN_photo)
        draw_photo(&out->print, &r);
    if (out->kind == FOREIGN_handwriting) {
        struct filled_return *writer =
            filled_return_new(o->form, o->profile, NULL, streams, FOREIGN_RETURNS + (size_t)number);
        out->pen = writer->pen;
        write_page(out, &writer->hand, &r, width, height);
        filled_return_free(writer);
    }
    return true;
}

void foreign_release(struct foreign *foreign)
{
    g_free(foreign->print.data);
    drawing_release(&foreign->drawing);
    *foreign = (struct foreign){0};
}
