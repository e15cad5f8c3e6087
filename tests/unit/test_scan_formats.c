/* PNG, JPEG and TIFF of every kind scanners write: the pixels and resolutions that come out. */
#include "scan_samples.h"

static const struct tiff_sample tiffs[] = {
#define BITONAL(name, compression, ...)                                                            \
    {name "-w.tif", 1, 1, PHOTOMETRIC_MINISWHITE, compression, __VA_ARGS__},                       \
    {                                                                                              \
        name "-b.tif", 1, 1, PHOTOMETRIC_MINISBLACK, compression, __VA_ARGS__                      \
    }
    BITONAL("none", COMPRESSION_NONE, .rows = 7, .unit = RESUNIT_INCH),
    BITONAL("rle", COMPRESSION_CCITTRLE, .rows = 61),
    BITONAL("g3", COMPRESSION_CCITTFAX3, .unit = RESUNIT_CENTIMETER),
    BITONAL("g3-2d", COMPRESSION_CCITTFAX3, .group3 = GROUP3OPT_2DENCODING | GROUP3OPT_FILLBITS),
    BITONAL("g4", COMPRESSION_CCITTFAX4, .unit = RESUNIT_NONE),
    BITONAL("g4-strips", COMPRESSION_CCITTFAX4, .rows = 8),
    BITONAL("g4-lsb", COMPRESSION_CCITTFAX4, .fill_order = FILLORDER_LSB2MSB),
    BITONAL("g4-tiled", COMPRESSION_CCITTFAX4, .tile = 32),
    BITONAL("lzw", COMPRESSION_LZW, .rows = 16),
    BITONAL("deflate", COMPRESSION_ADOBE_DEFLATE, .mode = "wb"),
    BITONAL("packbits", COMPRESSION_PACKBITS, .mode = "w8"),
    {"palette1.tif", 1, 1, PHOTOMETRIC_PALETTE, COMPRESSION_LZW, .rows = 9},
    {"grey2-w.tif", 2, 1, PHOTOMETRIC_MINISWHITE, COMPRESSION_LZW, .rows = 9},
    {"grey2-b.tif", 2, 1, PHOTOMETRIC_MINISBLACK, COMPRESSION_PACKBITS, .rows = 9},
    {"grey4-w.tif", 4, 1, PHOTOMETRIC_MINISWHITE, COMPRESSION_ADOBE_DEFLATE, .rows = 9},
    {"grey4-b.tif", 4, 1, PHOTOMETRIC_MINISBLACK, COMPRESSION_NONE, .tile = 16},
    {"grey8-w.tif", 8, 1, PHOTOMETRIC_MINISWHITE, COMPRESSION_LZW, .predictor = 2},
    {"grey8-b.tif", 8, 1, PHOTOMETRIC_MINISBLACK, COMPRESSION_DEFLATE, .tile = 32},
    {"grey16-w.tif", 16, 1, PHOTOMETRIC_MINISWHITE, COMPRESSION_NONE, .mode = "wb"},
    {"grey16-b.tif", 16, 1, PHOTOMETRIC_MINISBLACK, COMPRESSION_LZW, .predictor = 2},
    {"greyalpha.tif", 8, 2, PHOTOMETRIC_MINISBLACK, COMPRESSION_LZW, .alpha = 1},
    {"palette4.tif", 4, 1, PHOTOMETRIC_PALETTE, COMPRESSION_LZW, .rows = 3},
    {"palette8.tif", 8, 1, PHOTOMETRIC_PALETTE, COMPRESSION_PACKBITS, .tile = 16},
    {"rgb.tif", 8, 3, PHOTOMETRIC_RGB, COMPRESSION_LZW, .predictor = 2},
    {"rgb-tiled.tif", 8, 3, PHOTOMETRIC_RGB, COMPRESSION_ADOBE_DEFLATE, .tile = 32},
    {"rgb-planes.tif", 8, 3, PHOTOMETRIC_RGB, COMPRESSION_LZW, .planar = PLANARCONFIG_SEPARATE},
    {"rgb16.tif", 16, 3, PHOTOMETRIC_RGB, COMPRESSION_LZW, .rows = 5},
    {"rgba.tif", 8, 4, PHOTOMETRIC_RGB, COMPRESSION_LZW, .alpha = 1},
    {"cmyk.tif", 8, 4, PHOTOMETRIC_SEPARATED, COMPRESSION_LZW, .rows = 5},
    {"jpeg-grey.tif", 8, 1, PHOTOMETRIC_MINISBLACK, COMPRESSION_JPEG, .rows = 16},
    {"jpeg-ycc.tif", 8, 3, PHOTOMETRIC_YCBCR, COMPRESSION_JPEG, .rows = 16},
    {"jpeg-tiled.tif", 8, 3, PHOTOMETRIC_YCBCR, COMPRESSION_JPEG, .tile = 32},
    {"jpeg-rgb.tif", 8, 3, PHOTOMETRIC_RGB, COMPRESSION_JPEG, .rows = 32},
};

static void assert_dpi(const struct raw_page *page, double x_dpi, double y_dpi)
{
    assert_true(page->x_dpi > x_dpi - 0.1 && page->x_dpi < x_dpi + 0.1);
    assert_true(page->y_dpi > y_dpi - 0.1 && page->y_dpi < y_dpi + 0.1);
}

static void check_tiff(const struct tiff_sample *s)
{
    char path[4096];
    snprintf(path, sizeof path, "%s", sample_path(s->name));
    sample_tiff(path, s, 2);
    struct scan_file *file = open_sample(path);
    assert_int_equal(scan_file_format(file), SCAN_TIFF);
    assert_int_equal(scan_file_page_count(file), 2);
    int slack = s->compression == COMPRESSION_JPEG ? 8 : 1;
    for (int i = 1; i >= 0; i--) {
        struct raw_page page;
        read_sample(&page, file, i, path);
        assert_int_equal(page.bits != NULL, s->bits == 1);
        assert_int_equal(page.width_px, SAMPLE_WIDTH);
        assert_int_equal(page.height_px, SAMPLE_HEIGHT);
        for (int y = 0; y < SAMPLE_HEIGHT; y++)
            for (int x = 0; x < SAMPLE_WIDTH; x++) {
                int got = page_level(&page, x, y), want = tiff_expected(s, x, y);
                if (abs(got - want) > slack)
                    fail_msg("%s at %d, %d: %d instead of %d", s->name, x, y, got, want);
            }
        bool known = s->unit == RESUNIT_INCH || s->unit == RESUNIT_CENTIMETER;
        assert_dpi(&page, known ? 204 : 0, known ? (s->unit == RESUNIT_INCH ? 98 : 97.8) : 0);
        raw_page_release(&page);
    }
    scan_file_close(file);
    sample_done(path);
}

static void test_tiff(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof tiffs / sizeof tiffs[0]; i++)
        check_tiff(&tiffs[i]);
}

static void check_grey(const char *path, double x_dpi, double y_dpi, int slack)
{
    struct scan_file *file = open_sample(path);
    struct raw_page page;
    read_sample(&page, file, 0, path);
    assert_non_null(page.grey);
    assert_int_equal(page.width_px, SAMPLE_WIDTH);
    for (int y = 0; y < SAMPLE_HEIGHT; y++)
        for (int x = 0; x < SAMPLE_WIDTH; x++)
            if (abs(page_level(&page, x, y) - sample_grey(x, y)) > slack)
                fail_msg("%s at %d, %d: %d instead of %d", path, x, y, page_level(&page, x, y),
                         sample_grey(x, y));
    assert_dpi(&page, x_dpi, y_dpi);
    raw_page_release(&page);
    scan_file_close(file);
}

static const struct jpeg_sample jpegs[] = {
    {"grey.jpg", JCS_GRAYSCALE, JCS_GRAYSCALE, 0, 1},
    {"ycc.jpg", JCS_RGB, JCS_YCbCr, 0, 1},
    {"rgb.jpg", JCS_RGB, JCS_RGB, 0, 1},
    {"cmyk.jpg", JCS_CMYK, JCS_CMYK, 0, 1},
    {"ycck.jpg", JCS_CMYK, JCS_YCCK, 0, 1},
    {"progressive.jpg", JCS_RGB, JCS_YCbCr, 1, 1},
    {"progressive-grey.jpg", JCS_GRAYSCALE, JCS_GRAYSCALE, 1, 2},
};

static void test_jpeg(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof jpegs / sizeof jpegs[0]; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s", sample_path(jpegs[i].name));
        sample_jpeg(path, &jpegs[i]);
        /* CMYK and RGB JPEGs of libjpeg carry no JFIF header, hence no resolution. */
        bool jfif = jpegs[i].stored == JCS_GRAYSCALE || jpegs[i].stored == JCS_YCbCr;
        bool cm = jpegs[i].density_unit == 2;
        check_grey(path, !jfif ? 0 : cm ? 299.7 : 300, !jfif ? 0 : cm ? 299.7 : 150, 4);
        sample_done(path);
    }
}

/* A camera's JPEG: no JFIF header, the resolution stands in EXIF; mirrored as some apps leave it.
 */
static void test_jpeg_exif(void **state)
{
    (void)state;
    static const unsigned char exif[] =
        "\xff\xe1\0\x4e"
        "Exif\0\0MM\0*\0\0\0\x08\0\x04"
        "\x01\x12\0\x03\0\0\0\x01\0\x02\0\0"         /* orientation 2: mirrored */
        "\x01\x1a\0\x05\0\0\0\x01\0\0\0\x3e"         /* x resolution at 62 */
        "\x01\x1b\0\x05\0\0\0\x01\0\0\0\x3e"         /* y resolution at 62 */
        "\x01\x28\0\x03\0\0\0\x01\0\x02\0\0\0\0\0\0" /* inch */
        "\0\0\x01\x2c\0\0\0\x01";                    /* 300/1 */
    char path[4096];
    snprintf(path, sizeof path, "%s", sample_path("exif.jpg"));
    sample_jpeg(path, &(struct jpeg_sample){"", JCS_GRAYSCALE, JCS_GRAYSCALE, 0, 0});
    size_t length;
    unsigned char *jpeg = read_bytes(&length, path);
    unsigned char *made = malloc(length + sizeof exif);
    /* SOI, then EXIF in the place of the JFIF header (18 bytes). */
    memcpy(made, jpeg, 2);
    memcpy(made + 2, exif, 80);
    memcpy(made + 82, jpeg + 20, length - 20);
    write_bytes(path, made, length - 20 + 82);
    struct scan_file *file = open_sample(path);
    struct raw_page page;
    read_sample(&page, file, 0, path);
    assert_dpi(&page, 300, 300);
    assert_true(abs(page_level(&page, 80, 10) - sample_grey(SAMPLE_WIDTH - 1 - 80, 10)) < 5);
    raw_page_release(&page);
    scan_file_close(file);
    free(made);
    free(jpeg);
    sample_done(path);
}

static const struct png_sample pngs[] = {
    {"bits.png", PNG_COLOR_TYPE_GRAY, 1, 0},        {"bits-i.png", PNG_COLOR_TYPE_GRAY, 1, 1},
    {"palette1.png", PNG_COLOR_TYPE_PALETTE, 1, 0}, {"grey2.png", PNG_COLOR_TYPE_GRAY, 2, 0},
    {"palette4.png", PNG_COLOR_TYPE_PALETTE, 4, 0}, {"grey4.png", PNG_COLOR_TYPE_GRAY, 4, 0},
    {"grey8.png", PNG_COLOR_TYPE_GRAY, 8, 0},       {"grey16.png", PNG_COLOR_TYPE_GRAY, 16, 0},
    {"alpha.png", PNG_COLOR_TYPE_GRAY_ALPHA, 8, 0}, {"rgb.png", PNG_COLOR_TYPE_RGB, 8, 0},
    {"rgb16.png", PNG_COLOR_TYPE_RGB, 16, 0},       {"rgba.png", PNG_COLOR_TYPE_RGB_ALPHA, 8, 0},
    {"rgba-i.png", PNG_COLOR_TYPE_RGB_ALPHA, 8, 1}, {"palette8.png", PNG_COLOR_TYPE_PALETTE, 8, 1},
};

static void test_png(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pngs / sizeof pngs[0]; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s", sample_path(pngs[i].name));
        sample_png(path, &pngs[i]);
        struct scan_file *file = open_sample(path);
        struct raw_page page;
        read_sample(&page, file, 0, path);
        assert_int_equal(page.bits != NULL, pngs[i].depth == 1);
        for (int y = 0; y < SAMPLE_HEIGHT; y++)
            for (int x = 0; x < SAMPLE_WIDTH; x++)
                if (abs(page_level(&page, x, y) - png_expected(&pngs[i], x, y)) > 1)
                    fail_msg("%s at %d, %d", path, x, y);
        assert_dpi(&page, 300, 150);
        raw_page_release(&page);
        scan_file_close(file);
        sample_done(path);
    }
}

/* Old-style JPEG (compression 6): one JPEG file inside, as scanners of the nineties wrote it. */
static void test_tiff_old_jpeg(void **state)
{
    (void)state;
    char path[4096];
    snprintf(path, sizeof path, "%s", sample_path("old-jpeg.tif"));
    sample_jpeg(path, &(struct jpeg_sample){"", JCS_RGB, JCS_YCbCr, 0, 1});
    size_t length;
    unsigned char *jpeg = read_bytes(&length, path);
    const uint32_t tags[][3] = {{256, 4, SAMPLE_WIDTH},
                                {257, 4, SAMPLE_HEIGHT},
                                {258, 3, 8},
                                {259, 3, 6},
                                {262, 3, 6},
                                {273, 4, 256},
                                {277, 3, 3},
                                {278, 4, SAMPLE_HEIGHT},
                                {279, 4, 0},
                                {513, 4, 256},
                                {514, 4, 0},
                                {530, 3, 2 | 2 << 16}};
    int count = sizeof tags / sizeof tags[0];
    unsigned char *made = calloc(1, 256 + length);
    memcpy(made, "II*\0\10\0\0\0", 8);
    made[8] = (unsigned char)count;
    for (int i = 0; i < count; i++) {
        unsigned char *entry = made + 10 + 12 * i;
        uint16_t tag = (uint16_t)tags[i][0], type = (uint16_t)tags[i][1];
        uint32_t n = tag == 530 ? 2 : 1, value = tags[i][2];
        if (tag == 279 || tag == 514)
            value = (uint32_t)length;
        memcpy(entry, &tag, 2);
        memcpy(entry + 2, &type, 2);
        memcpy(entry + 4, &n, 4);
        memcpy(entry + 8, &value, 4);
    }
    memcpy(made + 256, jpeg, length);
    write_bytes(path, made, 256 + length);
    check_grey(path, 0, 0, 5);
    free(made);
    free(jpeg);
    sample_done(path);
}

/* Any page is one step away: reading all of 1,000 must not cost more than in order. */
static void test_tiff_many_pages(void **state)
{
    (void)state;
    char path[4096];
    snprintf(path, sizeof path, "%s/many.tif", sample_folder());
    const struct tiff_sample *g4 = &(struct tiff_sample){
        "", 1, 1, PHOTOMETRIC_MINISWHITE, COMPRESSION_CCITTFAX4, .rows = SAMPLE_HEIGHT};
    sample_tiff(path, g4, 1000);
    struct scan_file *file = open_sample(path);
    assert_int_equal(scan_file_page_count(file), 1000);
    for (int i = 999; i >= 0; i--) {
        struct raw_page page;
        read_sample(&page, file, i, path);
        assert_int_equal(page_level(&page, 7, 7), 0);
        raw_page_release(&page);
    }
    scan_file_close(file);
    struct scan_limits limits = scan_limits_default();
    limits.pages = 999;
    struct error err;
    assert_int_equal(scan_file_open(&file, path, &limits, &err), FLAG_FILE_TOO_LARGE);
    assert_null(file);
    unlink(path);
}

/* A preview that says it is one is no page; a page that says so wrongly stays one. */
static void test_tiff_preview(void **state)
{
    (void)state;
    char path[4096];
    snprintf(path, sizeof path, "%s/preview.tif", sample_folder());
    TIFF *tiff = TIFFOpen(path, "w");
    struct tiff_sample grey = {"", 8, 1, PHOTOMETRIC_MINISBLACK, COMPRESSION_LZW, .rows = 20};
    tiff_image(tiff, &grey);
    TIFFSetField(tiff, TIFFTAG_SUBFILETYPE, FILETYPE_REDUCEDIMAGE);
    tiff_image(tiff, &grey);
    TIFFSetField(tiff, TIFFTAG_SUBFILETYPE, FILETYPE_REDUCEDIMAGE);
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, 20);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, 1);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, 8);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK);
    unsigned char row[20] = {0};
    TIFFWriteScanline(tiff, row, 0, 0);
    TIFFClose(tiff);
    struct scan_file *file = open_sample(path);
    assert_int_equal(scan_file_page_count(file), 2);
    scan_file_close(file);
    unlink(path);
}

/* Mirrored orientations are put right; turns are left to the page room. */
static void test_tiff_orientation(void **state)
{
    (void)state;
    for (int orientation = 1; orientation <= 8; orientation++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/orientation.tif", sample_folder());
        TIFF *tiff = TIFFOpen(path, "w");
        struct tiff_sample s = {"",        1, 1, PHOTOMETRIC_MINISBLACK, COMPRESSION_CCITTFAX4,
                                .rows = 61};
        TIFFSetField(tiff, TIFFTAG_ORIENTATION, orientation);
        tiff_image(tiff, &s);
        TIFFClose(tiff);
        struct scan_file *file = open_sample(path);
        struct raw_page page;
        read_sample(&page, file, 0, path);
        bool mirrored =
            orientation == 2 || orientation == 4 || orientation == 5 || orientation == 7;
        for (int y = 0; y < SAMPLE_HEIGHT; y++)
            for (int x = 0; x < SAMPLE_WIDTH; x++)
                assert_int_equal(page_level(&page, mirrored ? SAMPLE_WIDTH - 1 - x : x, y) == 0,
                                 sample_black(x, y));
        raw_page_release(&page);
        scan_file_close(file);
        unlink(path);
    }
}

int main(void)
{
    scan_silence_libraries();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tiff),          cmocka_unit_test(test_jpeg),
        cmocka_unit_test(test_jpeg_exif),     cmocka_unit_test(test_png),
        cmocka_unit_test(test_tiff_old_jpeg), cmocka_unit_test(test_tiff_many_pages),
        cmocka_unit_test(test_tiff_preview),  cmocka_unit_test(test_tiff_orientation),
    };
    return cmocka_run_group_tests(tests, NULL, remove_folder);
}
