/* The sheet of crops: what the model saw, for a person's eyes. */
#include <cairo.h>
#include <glib.h>
#include <math.h>
#include <stdlib.h>

#include "proof/mark_report.h"
#include "scan/scan_file.h"

#define COLUMNS 16
#define CROP_PX 88   /* of one crop, and the line of text under it */
#define TEXT_PX 14
#define HEADING_PX 26
#define AROUND 0.6   /* of the box's side that is shown on each side of it */

struct opened {
    char *source;
    struct scan_file *file;
    struct raw_page page;
    int image;
    size_t unopened; /* crops without their page */
};

static void close_page(struct opened *o)
{
    if (o->image > 0)
        raw_page_release(&o->page);
    o->image = 0;
}

/* The page of a box; NULL where it cannot be opened. The last one is kept. */
static const struct raw_page *open_page(struct opened *o, const struct stored_box *box)
{
    struct scan_limits limits = scan_limits_default();
    if (g_strcmp0(o->source, box->source) != 0) {
        close_page(o);
        scan_file_close(o->file);
        g_free(o->source);
        o->source = g_strdup(box->source);
        o->file = NULL;
        if (scan_file_open(&o->file, box->source, &limits, NULL) != FLAG_NONE)
            o->file = NULL;
    }
    if (o->file == NULL || box->image > scan_file_page_count(o->file))
        return NULL;
    if (o->image != box->image) {
        close_page(o);
        if (scan_file_read(&o->page, o->file, box->image - 1, NULL) != FLAG_NONE)
            return NULL;
        o->image = box->image;
    }
    return &o->page;
}

static unsigned level_at(const struct raw_page *page, double x, double y)
{
    if (!(x >= 0 && y >= 0 && x < page->width_px && y < page->height_px))
        return 200;
    if (page->bits != NULL)
        return GET_DATA_BIT(page->bits->data + (size_t)y * (size_t)page->bits->wpl, (int)x) ? 0 : 255;
    return GET_DATA_BYTE(page->grey->data + (size_t)y * (size_t)page->grey->wpl, (int)x);
}

/* The box in the middle of its surroundings. */
static void draw_surroundings(cairo_t *cr, const struct raw_page *page, const struct rect *r, double x0,
                              double y0)
{
    double side = fmax(r->w, r->h) * (1 + 2 * AROUND);
    double left = r->x + r->w / 2 - side / 2, top = r->y + r->h / 2 - side / 2;
    cairo_surface_t *crop = cairo_image_surface_create(CAIRO_FORMAT_RGB24, CROP_PX, CROP_PX);
    unsigned char *data = cairo_image_surface_get_data(crop);
    int stride = cairo_image_surface_get_stride(crop);
    for (int y = 0; y < CROP_PX; y++)
        for (int x = 0; x < CROP_PX; x++) {
            unsigned sum = 0; /* 4 samples a pixel are enough to judge by */
            for (int k = 0; k < 4; k++)
                sum += level_at(page, left + (x + 0.25 + 0.5 * (k & 1)) * side / CROP_PX,
                                top + (y + 0.25 + 0.5 * (k >> 1)) * side / CROP_PX);
            unsigned char *pixel = data + y * stride + x * 4;
            pixel[0] = pixel[1] = pixel[2] = (unsigned char)(sum / 4);
        }
    cairo_surface_mark_dirty(crop);
    cairo_set_source_surface(cr, crop, x0, y0);
    cairo_paint(cr);
    cairo_surface_destroy(crop);
}

/* Nobody was asked about it: it is what it was read as, by all rules. */
static bool is_accepted(const struct mark_judged *j)
{
    return !j->box->box->flagged && j->box->box->state != BOX_UNCERTAIN;
}

/* What is doubtful is shown as what it looks like most. */
static int state_of(const struct mark_judged *j)
{
    static const int states[] = {[BOX_EMPTY] = MARK_EMPTY, [BOX_MARKED] = MARK_MARKED, [BOX_WITHDRAWN] = MARK_WITHDRAWN};
    return is_accepted(j) ? states[j->box->box->state] : j->best;
}

static double error_of(const struct mark_judged *j)
{
    return is_accepted(j) ? 1 - j->box->box->confidence : j->error;
}

static void draw_crop(cairo_t *cr, struct opened *o, const struct mark_judged *j, double x0, double y0)
{
    const struct stored_box *box = j->box->box;
    bool right = state_of(j) == j->box->label;
    const struct raw_page *page = open_page(o, box);
    if (page != NULL)
        draw_surroundings(cr, page, &box->rect_px, x0, y0);
    o->unopened += page == NULL;
    char words[48];
    static const char *const names[] = {"empty", "marked", "withdr."};
    g_snprintf(words, sizeof words, "%.0e%s %s", error_of(j), j->in_range || is_accepted(j) ? "" : "!",
               right ? "" : names[j->box->label]);
    cairo_set_source_rgb(cr, right ? 0 : 0.8, 0, 0);
    cairo_move_to(cr, x0 + 1, y0 + CROP_PX + TEXT_PX - 4);
    cairo_show_text(cr, words);
}

/* ---- which, and where ----------------------------------------------------------------------- */

/* By what is said of the boxes, which is the same of many, and then by their look. */
static int least_sure_first(const void *a, const void *b)
{
    const struct mark_judged *x = *(const struct mark_judged *const *)a;
    const struct mark_judged *y = *(const struct mark_judged *const *)b;
    double said = error_of(x) - error_of(y), seen = x->error - y->error;
    if (said != 0 || seen != 0)
        return (said != 0 ? said : seen) < 0 ? 1 : -1;
    return (x > y) - (x < y);
}

struct block {
    const struct mark_judged **boxes;
    size_t count, shown;
};

static double block_height(const struct block *b)
{
    return HEADING_PX + (double)((b->shown + COLUMNS - 1) / COLUMNS) * (CROP_PX + TEXT_PX);
}

static void draw_block(cairo_t *cr, struct opened *o, const struct block *b, int state, bool accepted,
                       double top)
{
    static const char *const names[] = {"empty", "marked", "withdrawn"};
    char words[96];
    g_snprintf(words, sizeof words, "read as %s, %s: %zu; the %zu least sure, with the error said",
               names[state], accepted ? "accepted" : "to a person", b->count, b->shown);
    cairo_set_source_rgb(cr, 0, 0, 0);
    cairo_move_to(cr, 4, top + HEADING_PX - 8);
    cairo_show_text(cr, words);
    for (size_t i = 0; i < b->shown; i++)
        draw_crop(cr, o, b->boxes[i], (double)(i % COLUMNS) * (CROP_PX + 2),
                  top + HEADING_PX + (double)(i / COLUMNS) * (CROP_PX + TEXT_PX));
}

bool mark_report_crops(size_t *out_unopened, const char *path, const struct mark_judged *judged,
                       size_t count, size_t most, struct error *err)
{
    struct block blocks[MARK_STATES * 2] = {{0}};
    double height = 0;
    for (int k = 0; k < MARK_STATES * 2; k++) {
        struct block *b = &blocks[k];
        b->boxes = g_new(const struct mark_judged *, count + 1);
        for (size_t i = 0; i < count; i++)
            if (state_of(&judged[i]) == k / 2 && is_accepted(&judged[i]) == (k % 2 == 0))
                b->boxes[b->count++] = &judged[i];
        qsort(b->boxes, b->count, sizeof *b->boxes, least_sure_first);
        b->shown = b->count < most ? b->count : most;
        height += block_height(b);
    }
    cairo_surface_t *sheet = cairo_image_surface_create(CAIRO_FORMAT_RGB24,
                                                        COLUMNS * (CROP_PX + 2), (int)height + 8);
    cairo_t *cr = cairo_create(sheet);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    cairo_set_font_size(cr, 11);
    struct opened opened = {0};
    double top = 0;
    for (int k = 0; k < MARK_STATES * 2; k++) {
        draw_block(cr, &opened, &blocks[k], k / 2, k % 2 == 0, top);
        top += block_height(&blocks[k]);
        g_free(blocks[k].boxes);
    }
    close_page(&opened);
    scan_file_close(opened.file);
    g_free(opened.source);
    *out_unopened = opened.unopened;
    cairo_status_t status = cairo_surface_write_to_png(sheet, path);
    cairo_destroy(cr);
    cairo_surface_destroy(sheet);
    return status == CAIRO_STATUS_SUCCESS ||
           error_set(err, "%s: %s", path, cairo_status_to_string(status));
}
