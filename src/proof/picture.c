/* Renders pages with Cairo and keeps them. */
#include "proof/picture.h"

#include <glib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "form/draw.h"

/* Enough for a form of twelve pages at 400 dpi; older pictures go first. */
#define BOOK_BYTES ((size_t)224 << 20)
#define BOOK_PICTURES 64

/* A part of a picture as it is without what varies per copy. */
struct under {
    int x0, y0, width, height; /* of the picture */
    uint8_t *data;             /* rows of `width` */
};

struct kept {
    struct plane plane;
    struct under under[2]; /* where the last copy's code and reference lie */
    size_t under_count;
    size_t page;
    double dpi;
    unsigned long used; /* when last */
};

struct picture_book {
    const struct form *form;
    page_drawer *draw;
    struct form_art *art; /* where nothing else draws */
    unsigned char *canvas; /* what Cairo draws on: too big to be fetched again for each page */
    size_t canvas_bytes;
    struct kept kept[BOOK_PICTURES];
    size_t count, bytes;
    unsigned long clock;
};

struct picture_book *picture_book_new(const struct form *form, page_drawer *draw,
                                      struct error *err)
{
    struct picture_book *book = g_new0(struct picture_book, 1);
    book->form = form;
    book->draw = draw;
    if (draw == NULL && (book->art = form_art_open(form, err)) == NULL) {
        g_free(book);
        return NULL;
    }
    return book;
}

static void kept_release(struct kept *kept)
{
    for (size_t i = 0; i < kept->under_count; i++)
        g_free(kept->under[i].data);
    g_free(kept->plane.data);
}

void picture_book_free(struct picture_book *book)
{
    if (book == NULL)
        return;
    for (size_t i = 0; i < book->count; i++)
        kept_release(&book->kept[i]);
    form_art_free(book->art);
    g_free(book->canvas);
    g_free(book);
}

/* Light as a scanner without colour sees it. */
static uint8_t luminance(uint32_t rgb)
{
    uint32_t r = (rgb >> 16) & 255, g = (rgb >> 8) & 255, b = rgb & 255;
    return (uint8_t)((r * 77 + g * 150 + b * 29) >> 8);
}

void picture_copy_grey(struct plane *plane, cairo_surface_t *surface)
{
    cairo_surface_flush(surface);
    const unsigned char *data = cairo_image_surface_get_data(surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    for (int y = 0; y < plane->height_px; y++) {
        const uint32_t *from = (const uint32_t *)(const void *)(data + (size_t)y * stride);
        uint8_t *to = plane->data + (size_t)y * (size_t)plane->width_px;
        for (int x = 0; x < plane->width_px; x++)
            to[x] = luminance(from[x]);
    }
}

static cairo_surface_t *canvas_of(struct picture_book *book, int width, int height)
{
    int stride = cairo_format_stride_for_width(CAIRO_FORMAT_RGB24, width);
    size_t bytes = (size_t)stride * (size_t)height;
    if (bytes > book->canvas_bytes) {
        g_free(book->canvas);
        book->canvas = g_malloc(bytes);
        book->canvas_bytes = bytes;
    }
    return cairo_image_surface_create_for_data(book->canvas, CAIRO_FORMAT_RGB24, width, height, stride);
}

/* The part of a page that `area` says, as a grey picture; data is the caller's (g_free). */
static bool render(struct plane *out, struct picture_book *book, size_t page, double dpi,
                   struct rect area, const char *reference, struct error *err)
{
    double k = dpi / MM_PER_INCH;
    *out = (struct plane){.width_px = (int)ceil(area.w * k), .height_px = (int)ceil(area.h * k),
                          .px_per_mm = k, .origin_mm = {area.x, area.y}};
    cairo_surface_t *surface = canvas_of(book, out->width_px, out->height_px);
    cairo_t *cr = cairo_create(surface);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    cairo_scale(cr, k, k);
    cairo_translate(cr, -area.x, -area.y);
    cairo_rectangle(cr, area.x, area.y, area.w, area.h);
    cairo_clip(cr);
    cairo_scale(cr, 1 / POINTS_PER_MM, 1 / POINTS_PER_MM);
    cairo_set_source_rgb(cr, 0, 0, 0);
    bool fine = book->draw == NULL ? form_art_draw(cr, book->art, page, reference, err)
                                   : book->draw(cr, book->form, page, reference, err);
    if (fine && cairo_status(cr) != CAIRO_STATUS_SUCCESS)
        fine = error_set(err, "page %zu cannot be drawn at %.0f dpi: %s", page + 1, dpi,
                         cairo_status_to_string(cairo_status(cr)));
    if (fine) {
        out->data = g_malloc((size_t)out->width_px * (size_t)out->height_px);
        picture_copy_grey(out, surface);
    }
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
    return fine;
}

static void make_room(struct picture_book *book)
{
    while (book->count > 1 && (book->count == BOOK_PICTURES || book->bytes > BOOK_BYTES)) {
        size_t oldest = 0;
        for (size_t i = 1; i < book->count; i++)
            if (book->kept[i].used < book->kept[oldest].used)
                oldest = i;
        struct plane *plane = &book->kept[oldest].plane;
        book->bytes -= (size_t)plane->width_px * (size_t)plane->height_px;
        kept_release(&book->kept[oldest]);
        book->kept[oldest] = book->kept[--book->count];
    }
}

static struct kept *find_page(struct picture_book *book, size_t page, double dpi,
                              struct error *err)
{
    for (size_t i = 0; i < book->count; i++)
        if (book->kept[i].page == page && fabs(book->kept[i].dpi - dpi) < 0.01)
            return &book->kept[i];
    make_room(book);
    const struct template_page *template = &book->form->pages[page];
    struct kept *kept = &book->kept[book->count];
    struct rect all = {0, 0, template->width_mm, template->height_mm};
    *kept = (struct kept){.page = page, .dpi = dpi};
    if (!render(&kept->plane, book, page, dpi, all, NULL, err))
        return NULL;
    book->bytes += (size_t)kept->plane.width_px * (size_t)kept->plane.height_px;
    book->count++;
    return kept;
}

/* Exchanges what lies on the picture with what is kept of it. */
static void swap_under(struct plane *plane, struct under *under)
{
    for (int y = 0; y < under->height; y++) {
        uint8_t *row = plane->data + (size_t)(under->y0 + y) * (size_t)plane->width_px + under->x0;
        uint8_t *kept = under->data + (size_t)y * (size_t)under->width;
        for (int x = 0; x < under->width; x++) {
            uint8_t level = row[x];
            row[x] = kept[x];
            kept[x] = level;
        }
    }
}

static void take_off(struct kept *kept)
{
    while (kept->under_count > 0) {
        struct under *under = &kept->under[--kept->under_count];
        swap_under(&kept->plane, under);
        g_free(under->data);
    }
}

/* Draws the part of a copy that `area` says over the picture. */
static bool lay_part(struct kept *kept, struct picture_book *book, struct rect area,
                     const char *reference, struct error *err)
{
    /* Whole pixels of the big picture, so that nothing is moved. */
    struct plane *plane = &kept->plane, part;
    double k = plane->px_per_mm;
    int x0 = (int)fmax(floor(area.x * k), 0), y0 = (int)fmax(floor(area.y * k), 0);
    struct rect whole = {x0 / k, y0 / k, area.w + 2 / k, area.h + 2 / k};
    if (x0 >= plane->width_px || y0 >= plane->height_px)
        return true;
    if (!render(&part, book, kept->page, k * MM_PER_INCH, whole, reference, err))
        return false;
    struct under under = {.x0 = x0, .y0 = y0};
    under.width = MIN(part.width_px, plane->width_px - x0);
    under.height = MIN(part.height_px, plane->height_px - y0);
    under.data = g_malloc((size_t)under.width * (size_t)under.height);
    for (int y = 0; y < under.height; y++)
        for (int x = 0; x < under.width; x++)
            under.data[(size_t)y * (size_t)under.width + (size_t)x] =
                MIN(part.data[(size_t)y * (size_t)part.width_px + (size_t)x],
                    plane->data[(size_t)(y + y0) * (size_t)plane->width_px + (size_t)(x + x0)]);
    swap_under(plane, &under);
    kept->under[kept->under_count++] = under;
    g_free(part.data);
    return true;
}

const struct plane *picture_book_page(struct picture_book *book, size_t page, double dpi,
                                      const char *reference, struct error *err)
{
    const struct template_page *template = &book->form->pages[page];
    struct kept *kept = find_page(book, page, dpi, err);
    if (kept == NULL)
        return NULL;
    kept->used = ++book->clock;
    take_off(kept);
    bool fine = reference == NULL || !template->has_code ||
                lay_part(kept, book, rect_grow(template->code_mm, 0.5), reference, err);
    fine = fine && (reference == NULL || template->reference_mm.w <= 0 ||
                    lay_part(kept, book, rect_grow(template->reference_mm, 0.5), reference, err));
    return fine ? &kept->plane : NULL;
}
