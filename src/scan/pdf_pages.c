/* The pages of a PDF: scanned images are taken out as they are (qpdf), all else is drawn (Poppler).
 */
#include <math.h>
#include <poppler.h>
#include <stdlib.h>
#include <string.h>

#include "scan/decode.h"
#include "scan/pdf_content.h"
#include "scan/pdf_image.h"

#define POINTS_PER_INCH 72.0

/* Where the end of a whole file must say where its table of objects is. */
#define TAIL_BYTES 1100

/* Compressed page content beyond this is not looked into, only drawn. */
#define CONTENT_BYTES_MAX (8LL << 20)

/* An image that covers less of its page is something on the page, not the scan of it. */
#define COVER_MIN 0.8
/* Image and page may differ by this share of the page's side: rounding, a scanner's own margins. */
#define EDGE_SLACK 0.02
/* Shapes of image and page that differ by less may be one and the same. */
#define SHAPE_SLACK 0.05

/* Pages of mixed content are drawn at the resolution of their image, within these. */
#define DRAW_DPI_MIN 150.0
#define DRAW_DPI_MAX 600.0

struct pdf_scan {
    struct scan_bytes bytes;
    const struct scan_limits *limits;
    PopplerDocument *poppler;
    qpdf_data qpdf;
    int pages;
};

/* What is known about one page before anything is decoded. */
struct page_plan {
    struct rect box_pt; /* the visible part, in the PDF's own system (y upwards) */
    int quarter_turns;  /* clockwise, to be seen upright */
    bool alone;         /* one image and nothing else */
    bool has_image;
    struct pdf_image image; /* that one, or the largest */
    struct pdf_placement placement;
    struct rect seen_pt; /* where it lies on the upright page, y downwards */
    double x_dpi, y_dpi; /* of the image, in its own directions */
};

/* --- opening --- */

/* A file that was cut short lacks its end, and Poppler would quietly show what is left. */
static bool is_whole(struct scan_bytes bytes, struct error *err)
{
    size_t tail = bytes.length < TAIL_BYTES ? bytes.length : TAIL_BYTES;
    if (memmem(bytes.data + bytes.length - tail, tail, "startxref", 9) == NULL)
        return error_set(err, "the end of the PDF is missing");
    char head[1025] = "";
    memcpy(head, bytes.data, bytes.length < 1024 ? bytes.length : 1024);
    for (size_t i = 0; i < 1024; i++)
        if (head[i] == '\0')
            head[i] = ' ';
    const char *linear = strstr(head, "/Linearized");
    const char *length = linear != NULL ? strstr(linear, "/L ") : NULL;
    if (length != NULL && strtoull(length + 3, NULL, 10) > bytes.length)
        return error_set(err, "%zu of %llu bytes are there", bytes.length,
                         strtoull(length + 3, NULL, 10));
    return true;
}

static enum flag open_poppler(struct pdf_scan *scan, struct error *err)
{
    GError *error = NULL;
    GBytes *bytes = g_bytes_new_static(scan->bytes.data, scan->bytes.length);
    scan->poppler = poppler_document_new_from_bytes(bytes, NULL, &error);
    g_bytes_unref(bytes);
    enum flag flag = FLAG_NONE;
    if (scan->poppler == NULL && g_error_matches(error, POPPLER_ERROR, POPPLER_ERROR_ENCRYPTED))
        flag = scan_trouble(FLAG_FILE_PASSWORD, err, "%s", "");
    else if (scan->poppler == NULL)
        flag = scan_trouble(FLAG_FILE_TRUNCATED, err, "%s",
                            error != NULL ? error->message : "the PDF cannot be opened");
    g_clear_error(&error);
    return flag;
}

/* qpdf prints what nobody has asked for. */
static void forget_warnings(qpdf_data pdf)
{
    while (qpdf_more_warnings(pdf))
        qpdf_next_warning(pdf);
    if (qpdf_has_error(pdf))
        qpdf_get_error(pdf);
}

static enum flag open_qpdf(struct pdf_scan *scan, struct error *err)
{
    scan->qpdf = qpdf_init();
    qpdf_silence_errors(scan->qpdf);
    qpdf_set_suppress_warnings(scan->qpdf, QPDF_TRUE);
    if (qpdf_read_memory(scan->qpdf, "pdf", (const char *)scan->bytes.data, scan->bytes.length,
                         NULL) &
        QPDF_ERRORS)
        return scan_trouble(FLAG_FILE_TRUNCATED, err, "the PDF's structure is damaged");
    int pages = qpdf_get_num_pages(scan->qpdf);
    if (pages == scan->pages)
        qpdf_push_inherited_attributes_to_page(scan->qpdf);
    if (pages != scan->pages || qpdf_has_error(scan->qpdf))
        return scan_trouble(FLAG_FILE_TRUNCATED, err, "the PDF's list of pages is damaged");
    return FLAG_NONE;
}

static enum flag open_both(struct pdf_scan *scan, struct error *err)
{
    enum flag flag = open_poppler(scan, err);
    if (flag != FLAG_NONE)
        return flag;
    scan->pages = poppler_document_get_n_pages(scan->poppler);
    if (scan->pages > scan->limits->pages)
        return scan_trouble(FLAG_FILE_TOO_LARGE, err, "%d pages; the limit is %d", scan->pages,
                            scan->limits->pages);
    if (!is_whole(scan->bytes, err))
        return FLAG_FILE_TRUNCATED;
    if (scan->pages <= 0)
        return scan_trouble(FLAG_FILE_NO_PAGES, err, "a PDF without a page");
    return open_qpdf(scan, err);
}

enum flag pdf_scan_open(struct pdf_scan **out, struct scan_bytes bytes,
                        const struct scan_limits *limits, struct error *err)
{
    *out = NULL;
    struct pdf_scan *scan = g_new0(struct pdf_scan, 1);
    scan->bytes = bytes;
    scan->limits = limits;
    enum flag flag = open_both(scan, err);
    if (flag == FLAG_NONE)
        *out = scan;
    else
        pdf_scan_close(scan);
    return flag;
}

void pdf_scan_close(struct pdf_scan *scan)
{
    if (scan == NULL)
        return;
    if (scan->qpdf != NULL) {
        forget_warnings(scan->qpdf);
        qpdf_cleanup(&scan->qpdf);
    }
    g_clear_object(&scan->poppler);
    g_free(scan);
}

int pdf_scan_pages(const struct pdf_scan *scan)
{
    return scan->pages;
}

/* --- looking at a page --- */

static bool read_box(struct rect *out, qpdf_data pdf, qpdf_oh array)
{
    double v[4];
    if (qpdf_oh_get_array_n_items(pdf, array) != 4)
        return false;
    for (int i = 0; i < 4; i++)
        if (!qpdf_oh_get_value_as_number(pdf, qpdf_oh_get_array_item(pdf, array, i), &v[i]))
            return false;
    *out = (struct rect){fmin(v[0], v[2]), fmin(v[1], v[3]), fabs(v[2] - v[0]), fabs(v[3] - v[1])};
    return true;
}

static bool read_geometry(struct page_plan *plan, qpdf_data pdf, qpdf_oh page)
{
    struct rect media, crop;
    if (!read_box(&media, pdf, qpdf_oh_get_key(pdf, page, "/MediaBox")))
        return false;
    if (!read_box(&crop, pdf, qpdf_oh_get_key(pdf, page, "/CropBox")) || !rect_overlap(media, crop))
        crop = media;
    double right = fmin(media.x + media.w, crop.x + crop.w);
    double top = fmin(media.y + media.h, crop.y + crop.h);
    plan->box_pt.x = fmax(media.x, crop.x);
    plan->box_pt.y = fmax(media.y, crop.y);
    plan->box_pt.w = right - plan->box_pt.x;
    plan->box_pt.h = top - plan->box_pt.y;
    int turn = 0;
    qpdf_oh_get_value_as_int(pdf, qpdf_oh_get_key(pdf, page, "/Rotate"), &turn);
    plan->quarter_turns = ((turn % 360 + 360) % 360) / 90;
    return turn % 90 == 0 && plan->box_pt.w >= 1 && plan->box_pt.h >= 1;
}

/* Compressed bytes of the page's content, as the file says. */
static long long content_length(qpdf_data pdf, qpdf_oh page)
{
    qpdf_oh contents = qpdf_oh_get_key(pdf, page, "/Contents");
    bool several = qpdf_oh_is_array(pdf, contents);
    int count = several ? qpdf_oh_get_array_n_items(pdf, contents) : 1;
    long long total = 0;
    for (int i = 0; i < count && total <= CONTENT_BYTES_MAX; i++) {
        qpdf_oh part = several ? qpdf_oh_get_array_item(pdf, contents, i) : contents;
        long long length = 0;
        if (qpdf_oh_is_stream(pdf, part))
            qpdf_oh_get_value_as_longlong(
                pdf, qpdf_oh_get_key(pdf, qpdf_oh_get_dict(pdf, part), "/Length"), &length);
        total += length > 0 ? length : 0;
    }
    return total;
}

/* From the page's own system to the upright page, y downwards, in points. */
static struct point to_seen(const struct page_plan *plan, struct point p)
{
    double x = p.x - plan->box_pt.x, y = p.y - plan->box_pt.y;
    double w = plan->box_pt.w, h = plan->box_pt.h;
    switch (plan->quarter_turns) {
    case 1:
        return (struct point){y, x};
    case 2:
        return (struct point){w - x, y};
    case 3:
        return (struct point){h - y, w - x};
    default:
        return (struct point){x, h - y};
    }
}

static struct point seen_size(const struct page_plan *plan)
{
    bool turned = plan->quarter_turns % 2 != 0;
    return (struct point){turned ? plan->box_pt.h : plan->box_pt.w,
                          turned ? plan->box_pt.w : plan->box_pt.h};
}

/* The image's left upper corner, its way right and its way down, on the upright page. */
static void image_axes(const struct page_plan *plan, struct point *right, struct point *down)
{
    const double *m = plan->placement.matrix;
    struct point corner = to_seen(plan, (struct point){m[2] + m[4], m[3] + m[5]});
    struct point along = to_seen(plan, (struct point){m[0] + m[2] + m[4], m[1] + m[3] + m[5]});
    struct point below = to_seen(plan, (struct point){m[4], m[5]});
    *right = (struct point){along.x - corner.x, along.y - corner.y};
    *down = (struct point){below.x - corner.x, below.y - corner.y};
}

/* Is it straight, on the page, and does it cover it? Fills in where it lies. */
static bool place_image(struct page_plan *plan)
{
    const double *m = plan->placement.matrix;
    for (int i = 0; i < 6; i++)
        if (!isfinite(m[i]))
            return false;
    struct point right, down, page = seen_size(plan);
    image_axes(plan, &right, &down);
    double width = hypot(right.x, right.y), height = hypot(down.x, down.y);
    bool straight = fabs(right.x * down.x + right.y * down.y) < 1e-4 * width * height &&
                    fmin(fabs(right.x), fabs(right.y)) < 1e-3 * width;
    if (!straight || width < 1 || height < 1)
        return false;
    struct point a = to_seen(plan, (struct point){m[4], m[5]});
    struct point b = to_seen(plan, (struct point){m[0] + m[2] + m[4], m[1] + m[3] + m[5]});
    plan->seen_pt = (struct rect){fmin(a.x, b.x), fmin(a.y, b.y), fabs(a.x - b.x), fabs(a.y - b.y)};
    plan->x_dpi = plan->image.width_px * POINTS_PER_INCH / width;
    plan->y_dpi = plan->image.height_px * POINTS_PER_INCH / height;
    struct rect s = plan->seen_pt;
    double slack_x = EDGE_SLACK * page.x, slack_y = EDGE_SLACK * page.y;
    return s.x > -slack_x && s.y > -slack_y && s.x + s.w < page.x + slack_x &&
           s.y + s.h < page.y + slack_y && s.w * s.h >= COVER_MIN * page.x * page.y;
}

/* The largest image that the content names (pages may share one list of all the file's images),
 * and the resolution it would have if it covered the page. */
static void find_largest(struct page_plan *plan, qpdf_data pdf, qpdf_oh images,
                         struct scan_bytes content)
{
    struct point page = seen_size(plan);
    if (!qpdf_oh_is_dictionary(pdf, images) || content.data == NULL)
        return;
    qpdf_oh_begin_dict_key_iter(pdf, images);
    while (qpdf_oh_dict_more_keys(pdf)) {
        struct pdf_image image;
        const char *name = qpdf_oh_dict_next_key(pdf);
        if (memmem(content.data, content.length, name, strlen(name)) == NULL ||
            !pdf_image_look(&image, pdf, qpdf_oh_get_key(pdf, images, name)))
            continue;
        if (plan->has_image && (double)image.width_px * image.height_px <=
                                   (double)plan->image.width_px * plan->image.height_px)
            continue;
        plan->has_image = true;
        plan->image = image;
    }
    if (!plan->has_image)
        return;
    double image_shape = (double)plan->image.width_px / plan->image.height_px;
    double page_shape = page.x / page.y;
    bool alike = fabs(image_shape / page_shape - 1) < SHAPE_SLACK ||
                 fabs(image_shape * page_shape - 1) < SHAPE_SLACK;
    double longer_px = fmax(plan->image.width_px, plan->image.height_px);
    plan->x_dpi = alike ? longer_px * POINTS_PER_INCH / fmax(page.x, page.y) : 0;
    plan->y_dpi = plan->x_dpi;
}

static enum flag look_at_page(struct page_plan *plan, qpdf_data pdf, int index, struct error *err)
{
    *plan = (struct page_plan){0};
    qpdf_oh page = qpdf_get_page_n(pdf, (size_t)index);
    if (!qpdf_oh_is_dictionary(pdf, page) || !read_geometry(plan, pdf, page))
        return scan_trouble(FLAG_FILE_TRUNCATED, err, "the page's size is damaged");
    qpdf_oh resources = qpdf_oh_get_key(pdf, page, "/Resources");
    qpdf_oh images = qpdf_oh_get_key_if_dict(pdf, resources, "/XObject");
    forget_warnings(pdf);
    bool content_known = content_length(pdf, page) <= CONTENT_BYTES_MAX;
    unsigned char *content = NULL;
    size_t length = 0;
    if (content_known &&
        (qpdf_oh_get_page_content_data(pdf, page, &content, &length) != QPDF_SUCCESS ||
         qpdf_more_warnings(pdf) || qpdf_has_error(pdf))) {
        free(content);
        return scan_trouble(FLAG_FILE_TRUNCATED, err, "the page's content is damaged");
    }
    qpdf_oh annotations = qpdf_oh_get_key(pdf, page, "/Annots");
    bool bare =
        !qpdf_oh_is_array(pdf, annotations) || qpdf_oh_get_array_n_items(pdf, annotations) == 0;
    bool scaled = !qpdf_oh_is_null(pdf, qpdf_oh_get_key(pdf, page, "/UserUnit"));
    if (content != NULL && bare && !scaled &&
        pdf_content_is_one_image(&plan->placement, content, length, plan->box_pt)) {
        qpdf_oh object = qpdf_oh_get_key_if_dict(pdf, images, plan->placement.name);
        plan->has_image = pdf_image_look(&plan->image, pdf, object);
        plan->alone = plan->has_image && place_image(plan);
    }
    if (!plan->alone) {
        plan->has_image = false;
        find_largest(plan, pdf, images, (struct scan_bytes){content, length});
    }
    free(content);
    forget_warnings(pdf);
    return FLAG_NONE;
}

/* --- taking the image out --- */

/* Turns the image as the page shows it. */
static void turn_page(struct raw_page *page, const struct page_plan *plan)
{
    struct point right, down;
    image_axes(plan, &right, &down);
    bool turned = fabs(right.y) > fabs(right.x);
    int quads = turned ? (right.y > 0 ? 1 : 3) : (right.x > 0 ? 0 : 2);
    bool mirrored = turned ? (right.y > 0) == (down.x > 0) : (right.x > 0) != (down.y > 0);
    PIX **pix = page->bits != NULL ? &page->bits : &page->grey;
    if (mirrored) /* before the turn: rows upside down, which leaves the way right alone */
        pixFlipTB(*pix, *pix);
    if (quads != 0) {
        PIX *result = pixRotateOrth(*pix, quads);
        if (result == NULL)
            error_die("no memory to turn an image");
        pixDestroy(pix);
        *pix = result;
    }
    page->width_px = pixGetWidth(*pix);
    page->height_px = pixGetHeight(*pix);
    page->x_dpi = turned ? plan->y_dpi : plan->x_dpi;
    page->y_dpi = turned ? plan->x_dpi : plan->y_dpi;
}

/* --- drawing --- */

static void take_surface(struct raw_page *out, cairo_surface_t *surface, double x_dpi, double y_dpi,
                         bool may_be_bitonal)
{
    cairo_surface_flush(surface);
    int width = cairo_image_surface_get_width(surface);
    int height = cairo_image_surface_get_height(surface);
    const unsigned char *data = cairo_image_surface_get_data(surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    raw_page_begin(out, width, height, false);
    for (int y = 0; y < height; y++) {
        unsigned char *row = raw_page_row(out, y);
        const unsigned char *in = data + stride * (size_t)y;
        for (int x = 0; x < width; x++, in += 4) {
            uint32_t v;
            memcpy(&v, in, sizeof v);
            row[x] = luminance(v >> 16 & 255, v >> 8 & 255, v & 255);
        }
    }
    if (may_be_bitonal)
        raw_page_reduce(out);
    raw_page_finish(out, x_dpi, y_dpi);
}

/* Draws `seen_pt` of the upright page into an image of this size. */
static enum flag draw(struct raw_page *out, const struct pdf_scan *scan, int index, int width_px,
                      int height_px, struct rect seen_pt, bool may_be_bitonal, struct error *err)
{
    PopplerPage *page = poppler_document_get_page(scan->poppler, index);
    if (page == NULL)
        return scan_trouble(FLAG_FILE_TRUNCATED, err, "the page is damaged");
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width_px, height_px);
    cairo_t *cairo = cairo_create(surface);
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_paint(cairo);
    double x_scale = width_px / seen_pt.w, y_scale = height_px / seen_pt.h;
    cairo_scale(cairo, x_scale, y_scale);
    cairo_translate(cairo, -seen_pt.x, -seen_pt.y);
    poppler_page_render(page, cairo);
    enum flag flag = FLAG_NONE;
    cairo_status_t status = cairo_status(cairo);
    if (status == CAIRO_STATUS_NO_MEMORY)
        error_die("no memory to draw a page of %d x %d pixels", width_px, height_px);
    if (status != CAIRO_STATUS_SUCCESS)
        flag = scan_trouble(FLAG_FILE_TRUNCATED, err, "the page cannot be drawn: %s",
                            cairo_status_to_string(status));
    else
        take_surface(out, surface, x_scale * POINTS_PER_INCH, y_scale * POINTS_PER_INCH,
                     may_be_bitonal);
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
    g_object_unref(page);
    return flag;
}

/* An image alone on its page, of a coding that is Poppler's: pixel by pixel. */
static enum flag draw_image(struct raw_page *out, const struct pdf_scan *scan, int index,
                            const struct page_plan *plan, struct error *err)
{
    struct point right, down;
    image_axes(plan, &right, &down);
    bool turned = fabs(right.y) > fabs(right.x);
    int width = turned ? plan->image.height_px : plan->image.width_px;
    int height = turned ? plan->image.width_px : plan->image.height_px;
    return draw(out, scan, index, width, height, plan->seen_pt, true, err);
}

static enum flag draw_page(struct raw_page *out, const struct pdf_scan *scan, int index,
                           const struct page_plan *plan, struct error *err)
{
    struct point page = seen_size(plan);
    double dpi =
        plan->x_dpi >= DRAW_DPI_MIN ? fmin(plan->x_dpi, DRAW_DPI_MAX) : scan->limits->pdf_dpi;
    double width = ceil(page.x * dpi / POINTS_PER_INCH - 0.01);
    double height = ceil(page.y * dpi / POINTS_PER_INCH - 0.01);
    if (!(width < 1e6 && height < 1e6))
        return scan_trouble(FLAG_FILE_TOO_LARGE, err, "a page of %.0f x %.0f mm",
                            page.x / POINTS_PER_MM, page.y / POINTS_PER_MM);
    enum flag flag = scan_check_size((long long)width, (long long)height, scan->limits, err);
    if (flag != FLAG_NONE)
        return flag;
    struct rect whole = {0, 0, width * POINTS_PER_INCH / dpi, height * POINTS_PER_INCH / dpi};
    return draw(out, scan, index, (int)width, (int)height, whole, false, err);
}

static enum flag read_page(struct raw_page *out, struct pdf_scan *scan, int index,
                           struct error *err)
{
    struct page_plan plan;
    enum flag flag = look_at_page(&plan, scan->qpdf, index, err);
    if (flag != FLAG_NONE || !plan.has_image)
        return flag != FLAG_NONE ? flag : draw_page(out, scan, index, &plan, err);
    /* Also where the page is drawn in the end: Poppler would not say that its image is damaged. */
    flag = pdf_image_read(out, scan->qpdf, &plan.image, scan->limits, err);
    if (flag != FLAG_NONE && flag != FLAG_FILE_FOREIGN)
        return flag;
    bool as_painted = !plan.image.stencil || plan.placement.black_ink;
    if (flag == FLAG_NONE && plan.alone && as_painted) {
        turn_page(out, &plan);
        return FLAG_NONE;
    }
    raw_page_release(out);
    return plan.alone ? draw_image(out, scan, index, &plan, err)
                      : draw_page(out, scan, index, &plan, err);
}

enum flag pdf_scan_read(struct raw_page *out, struct pdf_scan *scan, int index, struct error *err)
{
    *out = (struct raw_page){0};
    enum flag flag = read_page(out, scan, index, err);
    qpdf_oh_release_all(scan->qpdf);
    return flag;
}
