/* PDFs: scanned pages taken out pixel by pixel, drawn pages, turned pages, and the trouble. */
#include <cairo-pdf.h>
#include <math.h>
#include <qpdf/qpdf-c.h>

#include "scan_samples.h"

#define FULL_PAGE "q 83 0 0 61 0 0 cm /Im0 Do Q"

static unsigned char *packed_rows(size_t *length, int bits, int colours, bool png_predictor)
{
    struct tiff_sample s = {"", bits, colours, PHOTOMETRIC_MINISBLACK, COMPRESSION_NONE, .rows = 0};
    size_t row = ((size_t)SAMPLE_WIDTH * (size_t)(bits * colours) + 7) / 8;
    size_t step = row + png_predictor;
    unsigned char *raw = calloc(SAMPLE_HEIGHT, step);
    for (int y = 0; y < SAMPLE_HEIGHT; y++)
        tiff_row(raw + step * (size_t)y + png_predictor, &s, 0, SAMPLE_WIDTH, y, -1);
    *length = compressBound(step * SAMPLE_HEIGHT);
    unsigned char *packed = malloc(*length);
    compress(packed, length, raw, step * SAMPLE_HEIGHT);
    free(raw);
    return packed;
}

static unsigned char *grey_rows(size_t *length, int bits, bool png_predictor)
{
    return packed_rows(length, bits, 1, png_predictor);
}

/* The bare G4 data of the sample, as a PDF holds it. */
static unsigned char *fax_data(size_t *length, int photometric)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/fax.tif", sample_folder());
    sample_tiff(path,
                &(struct tiff_sample){"", 1, 1, photometric, COMPRESSION_CCITTFAX4, .rows = 0}, 1);
    TIFF *tiff = TIFFOpen(path, "r");
    unsigned char *data = malloc(1 << 16);
    *length = (size_t)TIFFReadRawStrip(tiff, 0, data, 1 << 16);
    TIFFClose(tiff);
    unlink(path);
    return data;
}

static int expected(int bits, int x, int y)
{
    return bits == 1 ? (sample_black(x, y) ? 0 : 255) : sample_grey(x, y);
}

/* The sample's pixel that must stand at x, y of a page turned clockwise by quarter turns. */
static int expected_turned(int bits, int turns, int x, int y)
{
    switch (turns) {
    case 1:
        return expected(bits, y, SAMPLE_HEIGHT - 1 - x);
    case 2:
        return expected(bits, SAMPLE_WIDTH - 1 - x, SAMPLE_HEIGHT - 1 - y);
    case 3:
        return expected(bits, SAMPLE_WIDTH - 1 - y, x);
    default:
        return expected(bits, x, y);
    }
}

static void check_page(const char *path, int bits, int turns, bool mirrored, int slack)
{
    struct scan_file *file = open_sample(path);
    assert_int_equal(scan_file_format(file), SCAN_PDF);
    assert_int_equal(scan_file_page_count(file), 1);
    struct raw_page page;
    read_sample(&page, file, 0, path);
    assert_int_equal(page.bits != NULL, bits == 1);
    assert_int_equal(page.width_px, turns % 2 ? SAMPLE_HEIGHT : SAMPLE_WIDTH);
    assert_int_equal(page.height_px, turns % 2 ? SAMPLE_WIDTH : SAMPLE_HEIGHT);
    for (int y = 0; y < page.height_px; y++)
        for (int x = 0; x < page.width_px; x++) {
            int want = expected_turned(bits, turns, mirrored ? page.width_px - 1 - x : x, y);
            if (abs(page_level(&page, x, y) - want) > slack)
                fail_msg("%s at %d, %d: %d instead of %d", path, x, y, page_level(&page, x, y),
                         want);
        }
    assert_true(fabs(page.x_dpi - 72) < 0.01 && fabs(page.y_dpi - 72) < 0.01);
    raw_page_release(&page);
    scan_file_close(file);
}

#define IMAGE_KEYS "/Type /XObject /Subtype /Image /Width 83 /Height 61 "

static void test_fax(void **state)
{
    (void)state;
    static const struct {
        const char *keys;
        int photometric;
    } cases[] = {
        {"/K -1 /Columns 83 /Rows 61", PHOTOMETRIC_MINISWHITE},
        {"/K -1 /Columns 83 /BlackIs1 true", PHOTOMETRIC_MINISBLACK},
    };
    for (int i = 0; i < 2; i++) {
        char path[4096], dict[512];
        snprintf(path, sizeof path, "%s", sample_path(i ? "fax-b.pdf" : "fax-w.pdf"));
        size_t length;
        unsigned char *data = fax_data(&length, cases[i].photometric);
        snprintf(dict, sizeof dict,
                 IMAGE_KEYS "/BitsPerComponent 1 /ColorSpace /DeviceGray /Filter "
                            "[/CCITTFaxDecode] /DecodeParms [<< %s >>]",
                 cases[i].keys);
        sample_pdf(path, "", FULL_PAGE, dict, data, length);
        check_page(path, 1, 0, false, 0);
        sample_done(path);
        free(data);
    }
}

static void test_deflate(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) {
        bool predictor = i & 1, inverted = (i & 4) && !(i & 2);
        int colours = i & 2 ? 3 : 1, bits = colours == 3 || (i & 4) ? 8 : 1;
        char path[4096], name[64], dict[512];
        snprintf(name, sizeof name, "deflate-%d.pdf", i);
        snprintf(path, sizeof path, "%s", sample_path(name));
        size_t length;
        unsigned char *data = packed_rows(&length, bits, colours, predictor);
        size_t used =
            (size_t)snprintf(dict, sizeof dict,
                             IMAGE_KEYS "/BitsPerComponent %d /ColorSpace /Device%s "
                                        "/Filter /FlateDecode %s ",
                             bits, colours == 3 ? "RGB" : "Gray", inverted ? "/Decode [1 0]" : "");
        if (predictor)
            snprintf(dict + used, sizeof dict - used,
                     "/DecodeParms << /Predictor 15 /Columns 83 /BitsPerComponent %d /Colors %d >>",
                     bits, colours);
        sample_pdf(path, "", FULL_PAGE, dict, data, length);
        if (inverted) {
            struct scan_file *file = open_sample(path);
            struct raw_page page;
            read_sample(&page, file, 0, path);
            assert_int_equal(page_level(&page, 8, 9), 255 - sample_grey(8, 9));
            raw_page_release(&page);
            scan_file_close(file);
        } else {
            check_page(path, bits, 0, false, 0);
        }
        sample_done(path);
        free(data);
    }
}

static unsigned char *jpeg_data(size_t *length)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/pdf.jpg", sample_folder());
    sample_jpeg(path, &(struct jpeg_sample){"", JCS_RGB, JCS_YCbCr, 0, 1});
    unsigned char *data = read_bytes(length, path);
    unlink(path);
    return data;
}

#define JPEG_KEYS IMAGE_KEYS "/BitsPerComponent 8 /ColorSpace /DeviceRGB /Filter /DCTDecode"

/* The same picture must come out whichever way file and page turn it. */
static void test_jpeg_placements(void **state)
{
    (void)state;
    static const struct {
        const char *keys, *content;
        int turns;
        bool mirrored;
    } cases[] = {
        {"", FULL_PAGE, 0, false},
        {"/Rotate 90", FULL_PAGE, 1, false},
        {"/Rotate 180", FULL_PAGE, 2, false},
        {"/Rotate -90", FULL_PAGE, 3, false},
        {"", "q -83 0 0 -61 83 61 cm /Im0 Do Q", 2, false},
        {"", "q -83 0 0 61 83 0 cm /Im0 Do Q", 0, true},
        {"/MediaBox [0 0 61 83]", "q 0 83 -61 0 61 0 cm /Im0 Do Q", 3, false},
        {"/MediaBox [0 0 61 83]", "q 0 -83 61 0 0 83 cm /Im0 Do Q", 1, false},
        {"/MediaBox [0 0 61 83]", "0 -83 -61 0 61 83 cm /Im0 Do", 1, true},
        {"/MediaBox [0 0 61 83] /Rotate 90", "q 0 83 -61 0 61 0 cm /Im0 Do Q", 0, false},
        {"/MediaBox [10 20 93 81]", "q 83 0 0 61 10 20 cm /Im0 Do Q", 0, false},
        {"/MediaBox [0 0 200 200] /CropBox [10 20 93 81]", "q 83 0 0 61 10 20 cm /Im0 Do Q", 0,
         false},
        {"", "0 0 83 61 re W n q 83 0 0 61 0 0 cm /Im0 Do Q BT 3 Tr /F1 9 Tf (seen by none) Tj ET",
         0, false},
    };
    size_t length;
    unsigned char *data = jpeg_data(&length);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/placed-%zu.pdf", sample_folder(), i);
        sample_pdf(path, cases[i].keys, cases[i].content, JPEG_KEYS, data, length);
        check_page(path, 8, cases[i].turns, cases[i].mirrored, 4);
        unlink(path);
    }
    free(data);
}

/* The same images through Poppler, which draws where our decoders do not know the coding: what the
 * two ways give must be equal. An Indexed colour space and an image mask force it. */
static void test_drawn_images(void **state)
{
    (void)state;
    static const struct {
        const char *keys, *page, *content;
        int turns;
    } cases[] = {
        {"/BitsPerComponent 1 /ColorSpace [/Indexed /DeviceGray 1 <00FF>]", "", FULL_PAGE, 0},
        {"/BitsPerComponent 1 /ColorSpace [/Indexed /DeviceGray 1 <00FF>]", "/Rotate 90", FULL_PAGE,
         1},
        {"/BitsPerComponent 1 /ImageMask true", "", "0 g q 83 0 0 61 0 0 cm /Im0 Do Q", 0},
        {"/ImageMask true", "/Rotate 90", "/DeviceGray cs 0 sc q 83 0 0 61 0 0 cm /Im0 Do Q", 1},
        {"/BitsPerComponent 1 /ColorSpace /DeviceGray /Mask [1 1]", "", FULL_PAGE, 0},
        {"/BitsPerComponent 1 /ColorSpace [/Indexed /DeviceGray 1 <00FF>]", "/Rotate 180",
         "q -83 0 0 -61 83 61 cm /Im0 Do Q", 0},
    };
    size_t length;
    unsigned char *data = grey_rows(&length, 1, false);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char path[4096], dict[512];
        snprintf(path, sizeof path, "%s/drawn-%zu.pdf", sample_folder(), i);
        snprintf(dict, sizeof dict, IMAGE_KEYS "/Filter /FlateDecode %s", cases[i].keys);
        sample_pdf(path, cases[i].page, cases[i].content, dict, data, length);
        check_page(path, 1, cases[i].turns, false, 0);
        unlink(path);
    }
    /* White ink shows nothing. */
    char path[4096];
    snprintf(path, sizeof path, "%s/stencil.pdf", sample_folder());
    sample_pdf(path, "", "1 g " FULL_PAGE, IMAGE_KEYS "/Filter /FlateDecode /ImageMask true", data,
               length);
    struct scan_file *file = open_sample(path);
    struct raw_page page;
    read_sample(&page, file, 0, path);
    assert_int_equal(page_level(&page, 8, 9), 255);
    raw_page_release(&page);
    scan_file_close(file);
    unlink(path);
    free(data);
}

/* Something else on the page: it must be drawn, at the image's own resolution or better. */
static void test_not_alone(void **state)
{
    (void)state;
    static const char *const contents[] = {
        FULL_PAGE " BT /F1 30 Tf 10 10 Td (X) Tj ET",
        FULL_PAGE " 10 10 20 20 re f",
        FULL_PAGE " 10 10 m 60 50 l S",
        FULL_PAGE " q 20 0 0 20 5 5 cm /Im0 Do Q",
        "20 20 30 30 re W n " FULL_PAGE,
        "/OC /Layer BDC " FULL_PAGE " EMC",
        "q 20 0 0 20 5 5 cm /Im0 Do Q",
    };
    size_t length;
    unsigned char *data = jpeg_data(&length);
    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/busy-%zu.pdf", sample_folder(), i);
        sample_pdf(path, "", contents[i], JPEG_KEYS, data, length);
        struct scan_file *file = open_sample(path);
        struct raw_page page;
        read_sample(&page, file, 0, path);
        assert_true(fabs(page.x_dpi - 300) < 0.01 && page.grey != NULL);
        assert_int_equal(page.width_px, 346); /* 83 points at 300 dpi */
        raw_page_release(&page);
        scan_file_close(file);
        unlink(path);
    }
    free(data);
}

/* A vector page: its ink where it was put, its size in pixels, its background white. */
static void test_vector(void **state)
{
    (void)state;
    char path[4096];
    snprintf(path, sizeof path, "%s", sample_path("vector.pdf"));
    cairo_surface_t *surface = cairo_pdf_surface_create(path, 72, 36);
    cairo_t *cairo = cairo_create(surface);
    cairo_rectangle(cairo, 12, 6, 24, 12);
    cairo_fill(cairo);
    cairo_show_page(cairo);
    cairo_show_page(cairo);
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
    struct scan_file *file = open_sample(path);
    assert_int_equal(scan_file_page_count(file), 2);
    struct raw_page page;
    read_sample(&page, file, 0, path);
    assert_int_equal(page.width_px, 300);
    assert_int_equal(page.height_px, 150);
    assert_int_equal(page_level(&page, 60, 30), 0);
    assert_int_equal(page_level(&page, 140, 70), 0);
    assert_int_equal(page_level(&page, 40, 30), 255);
    assert_int_equal(page_level(&page, 160, 80), 255);
    raw_page_release(&page);
    read_sample(&page, file, 1, path);
    assert_int_equal(page_level(&page, 60, 30), 255);
    raw_page_release(&page);
    scan_file_close(file);
    sample_done(path);
}

static void write_encrypted(const char *path, const char *user)
{
    char plain[4096];
    snprintf(plain, sizeof plain, "%s/plain.pdf", sample_folder());
    size_t length;
    unsigned char *data = jpeg_data(&length);
    sample_pdf(plain, "", FULL_PAGE, JPEG_KEYS, data, length);
    free(data);
    qpdf_data pdf = qpdf_init();
    assert_int_equal(qpdf_read(pdf, plain, NULL), 0);
    qpdf_init_write(pdf, path);
    qpdf_set_r6_encryption_parameters2(pdf, user, "owner", 1, 1, 1, 1, 1, 1, qpdf_r3p_full, 1);
    assert_int_equal(qpdf_write(pdf), 0);
    qpdf_cleanup(&pdf);
    unlink(plain);
}

static void test_password(void **state)
{
    (void)state;
    char path[4096];
    struct error err;
    snprintf(path, sizeof path, "%s", sample_path("locked.pdf"));
    write_encrypted(path, "secret");
    assert_int_equal(try_sample(&err, path), FLAG_FILE_PASSWORD);
    write_encrypted(path, ""); /* locked against changes only: anyone may read it */
    check_page(path, 8, 0, false, 4);
    sample_done(path);
}

static void test_no_pages(void **state)
{
    (void)state;
    char path[4096];
    struct error err;
    snprintf(path, sizeof path, "%s", sample_path("none.pdf"));
    struct pdf_writer *pdf = calloc(1, sizeof *pdf);
    pdf_object(pdf, "<< /Type /Catalog /Pages 2 0 R >>", NULL, 0);
    pdf_object(pdf, "<< /Type /Pages /Kids [] /Count 0 >>", NULL, 0);
    pdf_write(path, pdf);
    assert_int_equal(try_sample(&err, path), FLAG_FILE_NO_PAGES);
    free(pdf);
    sample_done(path);
}

/* Damage that Poppler would draw over in silence. */
static void test_damaged(void **state)
{
    (void)state;
    char path[4096];
    struct error err;
    snprintf(path, sizeof path, "%s/damaged.pdf", sample_folder());
    size_t length;
    unsigned char *data = jpeg_data(&length);
    sample_pdf(path, "", FULL_PAGE, JPEG_KEYS, data, length / 2);
    assert_int_equal(try_sample(&err, path), FLAG_FILE_TRUNCATED);
    /* Also below something else, where the page is drawn. */
    sample_pdf(path, "", FULL_PAGE " 10 10 20 20 re f", JPEG_KEYS, data, length / 2);
    assert_int_equal(try_sample(&err, path), FLAG_FILE_TRUNCATED);
    free(data);
    data = grey_rows(&length, 8, true);
    sample_pdf(path, "", FULL_PAGE,
               IMAGE_KEYS "/BitsPerComponent 8 /ColorSpace /DeviceGray /Filter /FlateDecode "
                          "/DecodeParms << /Predictor 15 /Columns 83 >>",
               data, length - 20);
    assert_int_equal(try_sample(&err, path), FLAG_FILE_TRUNCATED);
    free(data);
    data = fax_data(&length, PHOTOMETRIC_MINISWHITE);
    sample_pdf(path, "", FULL_PAGE,
               IMAGE_KEYS "/BitsPerComponent 1 /ColorSpace /DeviceGray /Filter /CCITTFaxDecode "
                          "/DecodeParms << /K -1 /Columns 83 >>",
               data, length / 2);
    assert_int_equal(try_sample(&err, path), FLAG_FILE_TRUNCATED);
    free(data);
    unlink(path);
}

/* Cut anywhere before its end, a PDF must not be read as if it were whole. */
static void test_cut(void **state)
{
    (void)state;
    char path[4096];
    struct error err;
    snprintf(path, sizeof path, "%s/cut.pdf", sample_folder());
    size_t length;
    unsigned char *data = jpeg_data(&length);
    sample_pdf(path, "", FULL_PAGE, JPEG_KEYS, data, length);
    free(data);
    data = read_bytes(&length, path);
    for (size_t cut = 20; cut + 20 < length; cut += 97) {
        write_bytes(path, data, cut);
        assert_int_equal(try_sample(&err, path), FLAG_FILE_TRUNCATED);
    }
    free(data);
    unlink(path);
}

/* A change appended to a whole PDF, or a file made for the web: both have an end before their end.
 */
static void test_cut_after_an_end(void **state)
{
    (void)state;
    char path[4096], web[4096];
    struct error err;
    snprintf(path, sizeof path, "%s/changed.pdf", sample_folder());
    snprintf(web, sizeof web, "%s/web.pdf", sample_folder());
    size_t length;
    unsigned char *data = jpeg_data(&length);
    sample_pdf(path, "", FULL_PAGE, JPEG_KEYS, data, length);
    free(data);
    assert_int_equal(try_sample(&err, path), FLAG_NONE);

    qpdf_data pdf = qpdf_init();
    assert_int_equal(qpdf_read(pdf, path, NULL), 0);
    qpdf_init_write(pdf, web);
    qpdf_set_linearization(pdf, 1);
    assert_int_equal(qpdf_write(pdf), 0);
    qpdf_cleanup(&pdf);
    assert_int_equal(try_sample(&err, web), FLAG_NONE);
    unsigned char *linear = read_bytes(&length, web);
    write_bytes(web, linear, length - 30);
    assert_int_equal(try_sample(&err, web), FLAG_FILE_TRUNCATED);
    free(linear);
    unlink(web);

    FILE *file = fopen(path, "ab");
    fprintf(file, "6 0 obj\n<< /Length 9000 >>\nstream\n");
    for (int i = 0; i < 2000; i++)
        fputc('x', file);
    fclose(file);
    assert_int_equal(try_sample(&err, path), FLAG_FILE_TRUNCATED);
    unlink(path);
}

/* Sizes that would fill the memory are refused before anything is decoded. */
static void test_bombs(void **state)
{
    (void)state;
    char path[4096];
    struct error err;
    snprintf(path, sizeof path, "%s", sample_path("bomb.pdf"));
    size_t length;
    unsigned char *data = grey_rows(&length, 1, false);
    sample_pdf(path, "", FULL_PAGE,
               "/Subtype /Image /Width 60000 /Height 60000 /BitsPerComponent 1 /ColorSpace "
               "/DeviceGray /Filter /FlateDecode",
               data, length);
    assert_int_equal(try_sample(&err, path), FLAG_FILE_TOO_LARGE);
    sample_pdf(path, "/MediaBox [0 0 9000000 9000000]", "1 0 0 rg 0 0 9 9 re f", "", data, 0);
    assert_int_equal(try_sample(&err, path), FLAG_FILE_TOO_LARGE);
    free(data);
    sample_done(path);
}

int main(void)
{
    scan_silence_libraries();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fax),       cmocka_unit_test(test_deflate),
        cmocka_unit_test(test_vector),    cmocka_unit_test(test_jpeg_placements),
        cmocka_unit_test(test_not_alone), cmocka_unit_test(test_drawn_images),
        cmocka_unit_test(test_password),  cmocka_unit_test(test_no_pages),
        cmocka_unit_test(test_damaged),   cmocka_unit_test(test_cut),
        cmocka_unit_test(test_bombs),     cmocka_unit_test(test_cut_after_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, remove_folder);
}
