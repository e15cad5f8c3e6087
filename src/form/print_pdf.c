/* Copies of a PDF's pages, by qpdf. */
#include "form/print_pdf.h"

#include <qpdf/qpdf-c.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* A page of the artwork as a dictionary that copies start from. */
struct master {
    qpdf_oh page, resources, contents;
    double box[4]; /* left, bottom, right, top of what is seen of it */
    bool turned;
};

struct copies_pdf {
    qpdf_data qpdf;
    char *name;
    struct master *masters;
    size_t count;
    qpdf_oh save, restore; /* around the artwork's own content */
};

static bool failed(struct copies_pdf *pdf, struct error *err)
{
    qpdf_error trouble = qpdf_get_error(pdf->qpdf);
    return error_set(err, "%s: cannot be used as artwork: %s", pdf->name,
                     trouble == NULL ? "it is not a PDF" :
                                       qpdf_get_error_message_detail(pdf->qpdf, trouble));
}

static qpdf_oh new_stream(struct copies_pdf *pdf, const void *bytes, size_t length)
{
    /* Compressed here, so that a long run of copies stays small in memory. */
    uLongf packed_length = compressBound((uLong)length);
    unsigned char *packed = malloc(packed_length);
    if (packed == NULL || compress2(packed, &packed_length, bytes, (uLong)length, 9) != Z_OK)
        error_die("out of memory: a page's content of %zu bytes", length);
    qpdf_oh stream = qpdf_oh_new_stream(pdf->qpdf);
    qpdf_oh filter = qpdf_oh_new_name(pdf->qpdf, "/FlateDecode");
    qpdf_oh parameters = qpdf_oh_new_null(pdf->qpdf);
    qpdf_oh_replace_stream_data(pdf->qpdf, stream, packed, packed_length, filter, parameters);
    qpdf_oh_release(pdf->qpdf, filter);
    qpdf_oh_release(pdf->qpdf, parameters);
    free(packed);
    return stream;
}

/* What copies share stands in the file once. */
static qpdf_oh indirect(struct copies_pdf *pdf, qpdf_oh object)
{
    return qpdf_oh_is_indirect(pdf->qpdf, object) || qpdf_oh_is_null(pdf->qpdf, object)
               ? object
               : qpdf_make_indirect_object(pdf->qpdf, object);
}

static bool read_box(double out[4], qpdf_data qpdf, qpdf_oh page, const char *key)
{
    qpdf_oh box = qpdf_oh_get_key(qpdf, page, key);
    if (!qpdf_oh_is_array(qpdf, box) || qpdf_oh_get_array_n_items(qpdf, box) != 4)
        return false;
    for (int i = 0; i < 4; i++)
        out[i] = qpdf_oh_get_numeric_value(qpdf, qpdf_oh_get_array_item(qpdf, box, i));
    return out[2] > out[0] && out[3] > out[1];
}

static bool read_masters(struct copies_pdf *pdf, struct error *err)
{
    qpdf_data qpdf = pdf->qpdf;
    if (qpdf_push_inherited_attributes_to_page(qpdf) & QPDF_ERRORS)
        return failed(pdf, err);
    int count = qpdf_get_num_pages(qpdf);
    if (count <= 0)
        return failed(pdf, err);
    pdf->count = (size_t)count;
    pdf->masters = calloc(pdf->count, sizeof *pdf->masters);
    if (pdf->masters == NULL)
        error_die("out of memory: %d pages", count);
    for (size_t i = 0; i < pdf->count; i++) {
        struct master *master = &pdf->masters[i];
        master->page = qpdf_get_page_n(qpdf, i);
        master->resources = indirect(pdf, qpdf_oh_get_key(qpdf, master->page, "/Resources"));
        master->contents = qpdf_oh_get_key(qpdf, master->page, "/Contents");
        if (!read_box(master->box, qpdf, master->page, "/CropBox") &&
            !read_box(master->box, qpdf, master->page, "/MediaBox"))
            return error_set(err, "%s: page %zu says no size", pdf->name, i + 1);
        qpdf_oh turn = qpdf_oh_get_key(qpdf, master->page, "/Rotate");
        master->turned = qpdf_oh_is_integer(qpdf, turn) &&
                         qpdf_oh_get_int_value(qpdf, turn) % 360 != 0;
    }
    return qpdf_has_error(qpdf) ? failed(pdf, err) : true;
}

struct copies_pdf *copies_pdf_new(const char *name, const void *bytes, size_t length,
                                  struct error *err)
{
    struct copies_pdf *pdf = calloc(1, sizeof *pdf);
    if (pdf == NULL || (pdf->name = strdup(name)) == NULL)
        error_die("out of memory");
    pdf->qpdf = qpdf_init();
    qpdf_silence_errors(pdf->qpdf);
    qpdf_set_suppress_warnings(pdf->qpdf, QPDF_TRUE);
    bool fine = !(qpdf_read_memory(pdf->qpdf, pdf->name, bytes, length, NULL) & QPDF_ERRORS);
    if (!fine)
        failed(pdf, err);
    if (!fine || !read_masters(pdf, err)) {
        copies_pdf_free(pdf);
        return NULL;
    }
    pdf->save = new_stream(pdf, "q\n", 2);
    pdf->restore = new_stream(pdf, "\nQ\n", 3);
    return pdf;
}

void copies_pdf_free(struct copies_pdf *pdf)
{
    if (pdf == NULL)
        return;
    qpdf_cleanup(&pdf->qpdf);
    free(pdf->masters);
    free(pdf->name);
    free(pdf);
}

size_t copies_pdf_page_count(const struct copies_pdf *pdf)
{
    return pdf->count;
}

bool copies_pdf_page_size(double *left, double *bottom, double *width, double *height,
                          const struct copies_pdf *pdf, size_t page)
{
    const struct master *master = &pdf->masters[page];
    *left = master->box[0];
    *bottom = master->box[1];
    *width = master->box[2] - master->box[0];
    *height = master->box[3] - master->box[1];
    return !master->turned;
}

/* The artwork's content between save and restore, then the operators. */
static qpdf_oh page_contents(struct copies_pdf *pdf, const struct master *master,
                             const char *operators, size_t length)
{
    qpdf_data qpdf = pdf->qpdf;
    qpdf_oh list = qpdf_oh_new_array(qpdf);
    qpdf_oh_append_item(qpdf, list, pdf->save);
    if (qpdf_oh_is_array(qpdf, master->contents)) {
        int count = qpdf_oh_get_array_n_items(qpdf, master->contents);
        for (int i = 0; i < count; i++) {
            qpdf_oh item = qpdf_oh_get_array_item(qpdf, master->contents, i);
            qpdf_oh_append_item(qpdf, list, item);
            qpdf_oh_release(qpdf, item);
        }
    } else if (qpdf_oh_is_stream(qpdf, master->contents)) {
        qpdf_oh_append_item(qpdf, list, master->contents);
    }
    qpdf_oh_append_item(qpdf, list, pdf->restore);
    qpdf_oh stream = new_stream(pdf, operators, length);
    qpdf_oh_append_item(qpdf, list, stream);
    qpdf_oh_release(qpdf, stream);
    return list;
}

bool copies_pdf_add(struct copies_pdf *pdf, size_t page, const char *operators, size_t length,
                    struct error *err)
{
    static const char *const kept[] = {"/Type",   "/MediaBox", "/CropBox", "/BleedBox", "/TrimBox",
                                       "/ArtBox", "/Rotate",   "/Group",   "/UserUnit"};
    qpdf_data qpdf = pdf->qpdf;
    const struct master *master = &pdf->masters[page];
    qpdf_oh copy = qpdf_oh_new_dictionary(qpdf);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        qpdf_oh value = qpdf_oh_get_key(qpdf, master->page, kept[i]);
        if (!qpdf_oh_is_null(qpdf, value))
            qpdf_oh_replace_key(qpdf, copy, kept[i], value);
        qpdf_oh_release(qpdf, value);
    }
    qpdf_oh_replace_key(qpdf, copy, "/Resources", master->resources);
    if (operators == NULL) {
        qpdf_oh_replace_key(qpdf, copy, "/Contents", master->contents);
    } else {
        qpdf_oh list = page_contents(pdf, master, operators, length);
        qpdf_oh_replace_key(qpdf, copy, "/Contents", list);
        qpdf_oh_release(qpdf, list);
    }
    qpdf_oh object = qpdf_make_indirect_object(qpdf, copy);
    bool fine = !(qpdf_add_page(qpdf, qpdf, object, QPDF_FALSE) & QPDF_ERRORS);
    qpdf_oh_release(qpdf, copy);
    qpdf_oh_release(qpdf, object);
    return fine ? true : failed(pdf, err);
}

bool copies_pdf_finish(const unsigned char **bytes, size_t *length, struct copies_pdf *pdf,
                       struct error *err)
{
    qpdf_data qpdf = pdf->qpdf;
    for (size_t i = 0; i < pdf->count; i++)
        if (qpdf_remove_page(qpdf, pdf->masters[i].page) & QPDF_ERRORS)
            return failed(pdf, err);
    if (qpdf_init_write_memory(qpdf) & QPDF_ERRORS)
        return failed(pdf, err);
    qpdf_set_object_stream_mode(qpdf, qpdf_o_generate);
    qpdf_set_deterministic_ID(qpdf, QPDF_TRUE);
    if (qpdf_write(qpdf) & QPDF_ERRORS)
        return failed(pdf, err);
    *length = qpdf_get_buffer_length(qpdf);
    *bytes = qpdf_get_buffer(qpdf);
    return true;
}
