/* Printed copies: every code decodes at 200 dpi in black and white, references are as told, copies
 * share the artwork. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <poppler.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zbar.h>

#include "form/draw.h"
#include "form/load.h"
#include "form/plate.h"
#include "form/print.h"

#define SHIPPED "forms/cancer-experience"
#define DPI 200

static struct form *form;

static int load_form(void **state)
{
    (void)state;
    struct error err;
    if (form_load(&form, SHIPPED, &err))
        return 0;
    print_message("%s\n", err.text);
    return -1;
}

static int free_form(void **state)
{
    (void)state;
    form_free(form);
    return 0;
}

/* The page as a black-and-white scan: one byte a pixel, 0 or 255. */
static unsigned char *bitonal(cairo_surface_t *image, unsigned *width, unsigned *height)
{
    cairo_surface_flush(image);
    *width = (unsigned)cairo_image_surface_get_width(image);
    *height = (unsigned)cairo_image_surface_get_height(image);
    unsigned char *out = malloc((size_t)*width * *height);
    for (unsigned y = 0; y < *height; y++) {
        const unsigned char *row = cairo_image_surface_get_data(image) +
                                   (size_t)y * (size_t)cairo_image_surface_get_stride(image);
        for (unsigned x = 0; x < *width; x++)
            out[(size_t)y * *width + x] = row[x * 4 + 1] < 128 ? 0 : 255;
    }
    return out;
}

static void expect_code(cairo_surface_t *image, const char *expected)
{
    unsigned width, height;
    unsigned char *pixels = bitonal(image, &width, &height);
    zbar_image_scanner_t *scanner = zbar_image_scanner_create();
    zbar_image_scanner_set_config(scanner, 0, ZBAR_CFG_ENABLE, 0);
    zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
    zbar_image_t *picture = zbar_image_create();
    zbar_image_set_format(picture, *(const unsigned *)(const void *)"Y800");
    zbar_image_set_size(picture, width, height);
    zbar_image_set_data(picture, pixels, (unsigned long)width * height, NULL);
    assert_int_equal(zbar_scan_image(scanner, picture), 1);
    assert_string_equal(zbar_symbol_get_data(zbar_image_first_symbol(picture)), expected);
    zbar_image_destroy(picture);
    zbar_image_scanner_destroy(scanner);
    free(pixels);
}

static cairo_surface_t *white_page(cairo_t **cr)
{
    cairo_surface_t *image = cairo_image_surface_create(
        CAIRO_FORMAT_RGB24, (int)(210 / 25.4 * DPI), (int)(297 / 25.4 * DPI));
    *cr = cairo_create(image);
    cairo_set_source_rgb(*cr, 1, 1, 1);
    cairo_paint(*cr);
    cairo_scale(*cr, DPI / 72.0, DPI / 72.0);
    return image;
}

static void code_of(char *out, size_t size, int page, const char *reference)
{
    struct page_code code = {.page = page};
    snprintf(code.form, sizeof code.form, "%s", form->code);
    snprintf(code.version, sizeof code.version, "%s", form->version);
    snprintf(code.reference, sizeof code.reference, "%s", reference);
    assert_true(page_code_format(out, size, &code));
}

static void test_printed_codes_decode(void **state)
{
    (void)state;
    struct error err = {""};
    struct reference_list list;
    char path[] = "/tmp/marksense-print-XXXXXX.pdf", expected[128];
    close(mkstemps(path, 4));
    assert_true(references_number(&list, 99999998, 2, &err));
    if (!print_copies(path, form, &list, 0, &err))
        fail_msg("%s", err.text);
    char *uri = g_filename_to_uri(path, NULL, NULL);
    PopplerDocument *document = poppler_document_new_from_file(uri, NULL, NULL);
    assert_non_null(document);
    assert_int_equal(poppler_document_get_n_pages(document), 2 * (int)form->page_count);
    for (size_t i = 0; i < 2 * form->page_count; i++) {
        cairo_t *cr;
        cairo_surface_t *image = white_page(&cr);
        PopplerPage *page = poppler_document_get_page(document, (int)i);
        poppler_page_render(page, cr);
        g_object_unref(page);
        cairo_destroy(cr);
        size_t p = i % form->page_count;
        code_of(expected, sizeof expected, form->pages[p].number, list.at[i / form->page_count]);
        expect_code(image, expected);
        cairo_surface_destroy(image);
    }
    g_object_unref(document);
    g_free(uri);
    references_release(&list);
    unlink(path);
}

/* What the simulator draws carries the same code; without a reference there is none. */
static void test_drawn_page(void **state)
{
    (void)state;
    struct error err = {""};
    char expected[128];
    cairo_t *cr;
    cairo_surface_t *image = white_page(&cr);
    if (!form_page_draw(cr, form, 4, "ABC123X", &err))
        fail_msg("%s", err.text);
    cairo_destroy(cr);
    code_of(expected, sizeof expected, 5, "ABC123X");
    expect_code(image, expected);
    cairo_surface_destroy(image);
    image = white_page(&cr);
    assert_true(form_page_draw(cr, form, 4, NULL, &err));
    cairo_destroy(cr);
    unsigned width, height;
    unsigned char *pixels = bitonal(image, &width, &height);
    struct rect code = form->pages[4].code_mm;
    for (unsigned y = (unsigned)(code.y / 25.4 * DPI); y < (code.y + code.h) / 25.4 * DPI; y++)
        for (unsigned x = (unsigned)(code.x / 25.4 * DPI); x < (code.x + code.w) / 25.4 * DPI; x++)
            assert_int_equal(pixels[(size_t)y * width + x], 255);
    free(pixels);
    cairo_surface_destroy(image);
    assert_false(form_page_draw(NULL, form, form->page_count, NULL, &err));
}

/* The bounds of the black within a window of the plate, in mm. */
static struct rect black_bounds(PIX *plate, struct rect window_mm)
{
    const double px = PLATE_DPI / 25.4;
    int left = (int)(window_mm.x * px), top = (int)(window_mm.y * px);
    int width = (int)(window_mm.w * px), height = (int)(window_mm.h * px);
    int x0 = width, y0 = height, x1 = 0, y1 = 0;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            l_uint32 black;
            pixGetPixel(plate, left + x, top + y, &black);
            if (black != 0) {
                x0 = x < x0 ? x : x0;
                y0 = y < y0 ? y : y0;
                x1 = x + 1 > x1 ? x + 1 : x1;
                y1 = y + 1 > y1 ? y + 1 : y1;
            }
        }
    return (struct rect){(left + x0) / px, (top + y0) / px, (x1 - x0) / px, (y1 - y0) / px};
}

static void expect_printed_at(PIX *plate, struct rect place)
{
    struct rect found = black_bounds(plate, rect_grow(place, 0.7));
    /* A pixel is 0.085 mm; an edge is rounded to the nearest one. */
    assert_true(fabs(found.x - place.x) < 0.06 && fabs(found.y - place.y) < 0.06);
    assert_true(fabs(found.x + found.w - place.x - place.w) < 0.06);
    assert_true(fabs(found.y + found.h - place.y - place.h) < 0.06);
}

/* The shipped plates show every box, cell and fiducial where the template says. */
static void test_plates_agree_with_the_template(void **state)
{
    (void)state;
    struct error err = {""};
    for (size_t p = 0; p < form->page_count; p++) {
        const struct template_page *page = &form->pages[p];
        PIX *plate;
        if (!plate_load(&plate, form, p, &err))
            fail_msg("%s", err.text);
        for (size_t i = 0; i < page->box_count; i++)
            expect_printed_at(plate, page->boxes[i].rect_mm);
        for (size_t i = 0; i < page->field_count; i++)
            expect_printed_at(plate, page->fields[i].rect_mm);
        for (int i = 0; i < FIDUCIAL_COUNT; i++)
            expect_printed_at(plate, page->fiducials_mm[i]);
        pixDestroy(&plate);
    }
}

static off_t printed_size(long copies)
{
    struct error err = {""};
    struct reference_list list;
    char path[] = "/tmp/marksense-print-XXXXXX.pdf";
    close(mkstemps(path, 4));
    assert_true(references_number(&list, 1, copies, &err));
    if (!print_copies(path, form, &list, 0, &err))
        fail_msg("%s", err.text);
    references_release(&list);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    unlink(path);
    return status.st_size;
}

/* A page costs its code, not the whole page again. */
static void test_copies_share_the_artwork(void **state)
{
    (void)state;
    off_t one = printed_size(1), twenty = printed_size(20);
    assert_true((twenty - one) / 19 < (off_t)form->page_count * 2200);
}

static void test_csv(void **state)
{
    (void)state;
    struct error err = {""};
    struct reference_list list;
    assert_true(references_read_csv(&list, "\xEF\xBB\xBFname,Reference\r\n\"Smith, \"\"J\"\"\",ab12\r\n"
                                           "x, 7 \r\n\r\n", "f", &err));
    assert_int_equal(list.count, 2);
    assert_memory_equal(list.at[0], "AB12", 4);
    assert_true(reference_is_valid(list.at[0]) && reference_is_valid(list.at[1]));
    assert_int_equal(strlen(list.at[1]), 2);
    references_release(&list);
    assert_true(references_read_csv(&list, "1\n2\n", "f", &err)); /* one column needs no head */
    assert_int_equal(list.count, 2);
    references_release(&list);
    static const struct {
        const char *text, *words;
    } bad[] = {
        {"", "no reference"},
        {"reference\n", "no reference"},
        {"a,b\n1,2\n", "'reference'"},
        {"reference\n1\n2\n1\n", "twice"},
        {"reference\nab\nAB\n", "twice"},
        {"reference\na-b\n", "neither a digit nor a letter"},
        {"name,reference\nx\n", "missing"},
        {"name,reference\nx,\n", "empty"},
        {"123456789012345678901234567890123\n", "at most"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(references_read_csv(&list, bad[i].text, "f", &err));
        assert_null(list.at);
        if (strstr(err.text, bad[i].words) == NULL)
            fail_msg("'%s' does not say '%s'", err.text, bad[i].words);
    }
}

static void test_numbers(void **state)
{
    (void)state;
    struct error err = {""};
    struct reference_list list;
    assert_true(references_number(&list, 7, 3, &err));
    assert_int_equal(list.count, 3);
    assert_memory_equal(list.at[2], "00000009", 8);
    assert_true(reference_is_valid(list.at[2]));
    references_release(&list);
    assert_false(references_number(&list, 99999999, 2, &err));
    assert_false(references_number(&list, 0, 1, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_printed_codes_decode), cmocka_unit_test(test_drawn_page),
        cmocka_unit_test(test_plates_agree_with_the_template),
        cmocka_unit_test(test_copies_share_the_artwork), cmocka_unit_test(test_csv),
        cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests(tests, load_form, free_form);
}
