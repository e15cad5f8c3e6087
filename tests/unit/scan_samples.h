/* Small scan files of every kind, written for the tests by the libraries' own writers, and the
 * pixels that must come out of them. */
#ifndef TESTS_SCAN_SAMPLES_H
#define TESTS_SCAN_SAMPLES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <jpeglib.h>
#include <png.h>
#include <tiffio.h>
#include <zlib.h>

#include "scan/scan_file.h"
#include "scan/silence.h"

#define SAMPLE __attribute__((unused)) static

enum { SAMPLE_WIDTH = 83, SAMPLE_HEIGHT = 61 };

/* The picture: asymmetric under every turn and mirror. */
SAMPLE int sample_black(int x, int y)
{
    return (x > 5 && x < 20 && y > 3 && y < 40) || (y > 44 && y < 50 && x < 60) ||
           (x * 7 + y * 13) % 29 == 0;
}

SAMPLE int sample_grey(int x, int y)
{
    return 20 + x * 2 + (y * y) / 80;
}

SAMPLE const char *sample_folder(void)
{
    static char folder[64];
    if (folder[0] == '\0') {
        snprintf(folder, sizeof folder, "/tmp/marksense-scan-XXXXXX");
        assert_non_null(mkdtemp(folder));
    }
    return folder;
}

/* With $MARKSENSE_SCAN_CORPUS the samples stay there (tests/tools/make-scan-corpus). */
SAMPLE const char *sample_path(const char *name)
{
    static char path[4096];
    const char *kept = getenv("MARKSENSE_SCAN_CORPUS");
    snprintf(path, sizeof path, "%s/%s", kept != NULL ? kept : sample_folder(), name);
    return path;
}

SAMPLE void sample_done(const char *path)
{
    if (getenv("MARKSENSE_SCAN_CORPUS") == NULL)
        unlink(path);
}

SAMPLE int remove_folder(void **state)
{
    (void)state;
    rmdir(sample_folder());
    return 0;
}

SAMPLE void write_bytes(const char *path, const void *data, size_t length)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, length, file), length);
    fclose(file);
}

SAMPLE unsigned char *read_bytes(size_t *length, const char *path)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    unsigned char *data = malloc(1 << 22);
    *length = fread(data, 1, 1 << 22, file);
    fclose(file);
    return data;
}

/* --- TIFF --- */

struct tiff_sample {
    const char *name;
    int bits, samples, photometric, compression;
    const char *mode;
    int tile, predictor, planar, rows, group3, fill_order, unit, alpha;
};

/* The sample values of one pixel, of `bits` each. */
SAMPLE void tiff_pixel(unsigned out[8], const struct tiff_sample *s, int x, int y)
{
    unsigned top = (1u << s->bits) - 1, grey = (unsigned)sample_grey(x, y);
    unsigned level = s->bits == 1    ? (sample_black(x, y) ? 0 : 1)
                     : s->bits == 16 ? grey * 257
                                     : grey >> (8 - s->bits);
    if (s->photometric == PHOTOMETRIC_MINISWHITE)
        level = top - level;
    if (s->photometric == PHOTOMETRIC_PALETTE)
        level = top - level; /* sample_tiff() writes its palette the other way round */
    for (int i = 0; i < 8; i++)
        out[i] = level;
    if (s->photometric == PHOTOMETRIC_SEPARATED) {
        out[0] = out[1] = out[2] = 0;
        out[3] = top - level;
    }
    if (s->alpha)
        out[s->samples - 1] = x % 2 ? top : 0; /* every other column is transparent */
}

SAMPLE int tiff_expected(const struct tiff_sample *s, int x, int y)
{
    int grey = sample_grey(x, y), top = (1 << (s->bits > 8 ? 8 : s->bits)) - 1;
    if (s->alpha && x % 2 == 0)
        return 255;
    if (s->bits == 1)
        return sample_black(x, y) ? 0 : 255;
    return s->bits >= 8 ? grey : (grey >> (8 - s->bits)) * 255 / top;
}

/* Packs the pixels (x0..x0+count) of row y; sample_index < 0: all samples, else that plane. */
SAMPLE void tiff_row(unsigned char *out, const struct tiff_sample *s, int x0, int count, int y,
                     int plane)
{
    size_t bit = 0;
    for (int x = x0; x < x0 + count; x++) {
        unsigned v[8];
        tiff_pixel(v, s, x < SAMPLE_WIDTH ? x : SAMPLE_WIDTH - 1,
                   y < SAMPLE_HEIGHT ? y : SAMPLE_HEIGHT - 1);
        for (int i = plane < 0 ? 0 : plane; i < (plane < 0 ? s->samples : plane + 1); i++) {
            if (s->bits == 16) {
                uint16_t word = (uint16_t)v[i];
                memcpy(out + bit / 8, &word, 2);
            } else {
                if (bit % 8 == 0)
                    out[bit / 8] = 0;
                out[bit / 8] |= (unsigned char)(v[i] << (8 - s->bits - (int)(bit % 8)));
            }
            bit += (size_t)s->bits;
        }
    }
}

SAMPLE void tiff_tags(TIFF *tiff, const struct tiff_sample *s)
{
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, SAMPLE_WIDTH);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, SAMPLE_HEIGHT);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, s->bits);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, s->samples);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, s->compression);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, s->photometric);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, s->planar ? s->planar : PLANARCONFIG_CONTIG);
    if (s->compression == COMPRESSION_JPEG && s->photometric == PHOTOMETRIC_YCBCR)
        TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    if (s->fill_order)
        TIFFSetField(tiff, TIFFTAG_FILLORDER, s->fill_order);
    if (s->predictor)
        TIFFSetField(tiff, TIFFTAG_PREDICTOR, s->predictor);
    if (s->group3)
        TIFFSetField(tiff, TIFFTAG_GROUP3OPTIONS, s->group3);
    if (s->alpha) {
        uint16_t kind = EXTRASAMPLE_UNASSALPHA;
        TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &kind);
    }
    if (s->photometric == PHOTOMETRIC_PALETTE) {
        uint16_t map[256];
        int count = 1 << s->bits;
        for (int i = 0; i < count; i++)
            map[i] = (uint16_t)((count - 1 - i) * 65535 / (count - 1));
        TIFFSetField(tiff, TIFFTAG_COLORMAP, map, map, map);
    }
    if (s->unit > 0) {
        TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, s->unit);
        TIFFSetField(tiff, TIFFTAG_XRESOLUTION, s->unit == RESUNIT_CENTIMETER ? 80.3 : 204.0);
        TIFFSetField(tiff, TIFFTAG_YRESOLUTION, s->unit == RESUNIT_CENTIMETER ? 38.5 : 98.0);
    }
    if (s->tile) {
        TIFFSetField(tiff, TIFFTAG_TILEWIDTH, s->tile);
        TIFFSetField(tiff, TIFFTAG_TILELENGTH, s->tile);
    } else {
        TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, s->rows ? s->rows : SAMPLE_HEIGHT);
    }
}

SAMPLE void tiff_image(TIFF *tiff, const struct tiff_sample *s)
{
    unsigned char buffer[16384];
    tiff_tags(tiff, s);
    if (s->tile) {
        for (int y0 = 0; y0 < SAMPLE_HEIGHT; y0 += s->tile)
            for (int x0 = 0; x0 < SAMPLE_WIDTH; x0 += s->tile) {
                size_t row_bytes = (size_t)TIFFTileRowSize(tiff);
                for (int y = 0; y < s->tile; y++)
                    tiff_row(buffer + row_bytes * (size_t)y, s, x0, s->tile, y0 + y, -1);
                assert_true(TIFFWriteTile(tiff, buffer, (uint32_t)x0, (uint32_t)y0, 0, 0) >= 0);
            }
    } else {
        int planes = s->planar == PLANARCONFIG_SEPARATE ? s->samples : 1;
        for (int plane = 0; plane < planes; plane++)
            for (int y = 0; y < SAMPLE_HEIGHT; y++) {
                tiff_row(buffer, s, 0, SAMPLE_WIDTH, y, planes > 1 ? plane : -1);
                assert_int_equal(TIFFWriteScanline(tiff, buffer, (uint32_t)y, (uint16_t)plane), 1);
            }
    }
    assert_int_equal(TIFFWriteDirectory(tiff), 1);
}

SAMPLE void sample_tiff(const char *path, const struct tiff_sample *s, int pages)
{
    TIFF *tiff = TIFFOpen(path, s->mode != NULL ? s->mode : "w");
    assert_non_null(tiff);
    for (int i = 0; i < pages; i++)
        tiff_image(tiff, s);
    TIFFClose(tiff);
}

/* --- PNG --- */

struct png_sample {
    const char *name;
    int type, depth, interlaced;
};

SAMPLE int png_expected(const struct png_sample *s, int x, int y)
{
    struct tiff_sample like = {.bits = s->depth};
    like.alpha = s->type == PNG_COLOR_TYPE_RGB_ALPHA || s->type == PNG_COLOR_TYPE_GRAY_ALPHA;
    return tiff_expected(&like, x, y);
}

SAMPLE void sample_png(const char *path, const struct png_sample *s)
{
    struct tiff_sample like = {.bits = s->depth, .samples = 1};
    like.samples = s->type == PNG_COLOR_TYPE_RGB          ? 3
                   : s->type == PNG_COLOR_TYPE_RGB_ALPHA  ? 4
                   : s->type == PNG_COLOR_TYPE_GRAY_ALPHA ? 2
                                                          : 1;
    like.alpha = like.samples % 2 == 0;
    like.photometric =
        s->type == PNG_COLOR_TYPE_PALETTE ? PHOTOMETRIC_PALETTE : PHOTOMETRIC_MINISBLACK;
    FILE *file = fopen(path, "wb");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_init_io(png, file);
    png_set_IHDR(png, info, SAMPLE_WIDTH, SAMPLE_HEIGHT, s->depth, s->type,
                 s->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, 0, 0);
    png_set_pHYs(png, info, 11811, 5906, PNG_RESOLUTION_METER); /* 300 x 150 dpi */
    if (s->type == PNG_COLOR_TYPE_PALETTE) {
        png_color palette[256];
        int count = 1 << s->depth;
        for (int i = 0; i < count; i++) {
            png_byte level = (png_byte)((count - 1 - i) * 255 / (count - 1));
            palette[i] = (png_color){level, level, level};
        }
        png_set_PLTE(png, info, palette, count);
    }
    png_write_info(png, info);
    if (s->depth == 16)
        png_set_swap(png);
    int passes = png_set_interlace_handling(png);
    for (int pass = 0; pass < passes; pass++)
        for (int y = 0; y < SAMPLE_HEIGHT; y++) {
            unsigned char row[1024];
            tiff_row(row, &like, 0, SAMPLE_WIDTH, y, -1);
            png_write_row(png, row);
        }
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    fclose(file);
}

/* --- JPEG --- */

struct jpeg_sample {
    const char *name;
    J_COLOR_SPACE in, stored;
    int progressive, density_unit;
};

SAMPLE void sample_jpeg(const char *path, const struct jpeg_sample *s)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    FILE *file = fopen(path, "wb");
    jpeg_stdio_dest(&jpeg, file);
    jpeg.image_width = SAMPLE_WIDTH;
    jpeg.image_height = SAMPLE_HEIGHT;
    jpeg.in_color_space = s->in;
    jpeg.input_components = s->in == JCS_GRAYSCALE ? 1 : s->in == JCS_CMYK ? 4 : 3;
    jpeg_set_defaults(&jpeg);
    jpeg_set_colorspace(&jpeg, s->stored);
    jpeg_set_quality(&jpeg, 98, TRUE);
    if (s->progressive)
        jpeg_simple_progression(&jpeg);
    jpeg.density_unit = (UINT8)s->density_unit;
    jpeg.X_density = s->density_unit == 2 ? 118 : 300;
    jpeg.Y_density = s->density_unit == 2 ? 118 : 150;
    jpeg_start_compress(&jpeg, TRUE);
    for (int y = 0; y < SAMPLE_HEIGHT; y++) {
        unsigned char row[SAMPLE_WIDTH * 4], *rows[1] = {row};
        for (int x = 0; x < SAMPLE_WIDTH; x++)
            for (int i = 0; i < jpeg.input_components; i++)
                row[x * jpeg.input_components + i] =
                    /* Adobe's CMYK is inverted: ink 0 is 255; the grey stands in the K alone. */
                    (unsigned char)(s->in == JCS_CMYK && i < 3 ? 255 : sample_grey(x, y));
        jpeg_write_scanlines(&jpeg, rows, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    fclose(file);
}

/* --- PDF --- */

struct pdf_writer {
    unsigned char data[1 << 16];
    size_t length;
    size_t offsets[32];
    int objects;
};

SAMPLE void pdf_add(struct pdf_writer *pdf, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    pdf->length += (size_t)vsnprintf((char *)pdf->data + pdf->length,
                                     sizeof pdf->data - pdf->length, format, list);
    va_end(list);
}

SAMPLE int pdf_object(struct pdf_writer *pdf, const char *dict, const void *stream, size_t length)
{
    if (pdf->objects == 0)
        pdf_add(pdf, "%%PDF-1.4\n");
    pdf->offsets[++pdf->objects] = pdf->length;
    if (stream == NULL) {
        pdf_add(pdf, "%d 0 obj\n%s\nendobj\n", pdf->objects, dict);
        return pdf->objects;
    }
    pdf_add(pdf, "%d 0 obj\n<< %s /Length %zu >>\nstream\n", pdf->objects, dict, length);
    memcpy(pdf->data + pdf->length, stream, length);
    pdf->length += length;
    pdf_add(pdf, "\nendstream\nendobj\n");
    return pdf->objects;
}

SAMPLE void pdf_write(const char *path, struct pdf_writer *pdf)
{
    size_t table = pdf->length;
    pdf_add(pdf, "xref\n0 %d\n0000000000 65535 f \n", pdf->objects + 1);
    for (int i = 1; i <= pdf->objects; i++)
        pdf_add(pdf, "%010zu 00000 n \n", pdf->offsets[i]);
    pdf_add(pdf, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%zu\n%%%%EOF\n", pdf->objects + 1,
            table);
    write_bytes(path, pdf->data, pdf->length);
}

/* One page of 83 x 61 points with `content`, which may show the image /Im0. */
SAMPLE void sample_pdf(const char *path, const char *page_keys, const char *content,
                       const char *image_dict, const void *image, size_t length)
{
    struct pdf_writer *pdf = calloc(1, sizeof *pdf);
    char page[512];
    snprintf(page, sizeof page,
             "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Contents 4 0 R /Resources << "
             "/XObject << /Im0 5 0 R >> /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont "
             "/Helvetica >> >> >> %s >>",
             SAMPLE_WIDTH, SAMPLE_HEIGHT, page_keys);
    pdf_object(pdf, "<< /Type /Catalog /Pages 2 0 R >>", NULL, 0);
    pdf_object(pdf, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", NULL, 0);
    pdf_object(pdf, page, NULL, 0);
    pdf_object(pdf, "", content, strlen(content));
    pdf_object(pdf, image_dict, image, length);
    pdf_write(path, pdf);
    free(pdf);
}

/* --- reading back --- */

SAMPLE int page_level(const struct raw_page *page, int x, int y)
{
    l_uint32 value = 0;
    pixGetPixel(page->bits != NULL ? page->bits : page->grey, x, y, &value);
    return page->bits != NULL ? (value ? 0 : 255) : (int)value;
}

SAMPLE struct scan_file *open_sample(const char *path)
{
    struct scan_limits limits = scan_limits_default();
    struct scan_file *file = NULL;
    struct error err;
    enum flag flag = scan_file_open(&file, path, &limits, &err);
    if (flag != FLAG_NONE)
        fail_msg("%s: %s (%s)", path, flag_code(flag), err.text);
    return file;
}

SAMPLE void read_sample(struct raw_page *out, struct scan_file *file, int index, const char *path)
{
    struct error err;
    enum flag flag = scan_file_read(out, file, index, &err);
    if (flag != FLAG_NONE)
        fail_msg("%s, page %d: %s (%s)", path, index + 1, flag_code(flag), err.text);
    assert_true((out->bits == NULL) != (out->grey == NULL));
    PIX *pix = out->bits != NULL ? out->bits : out->grey;
    assert_int_equal(pixGetDepth(pix), out->bits != NULL ? 1 : 8);
    assert_int_equal(pixGetWidth(pix), out->width_px);
    assert_int_equal(pixGetHeight(pix), out->height_px);
}

/* What opening and then reading page 0 gives. */
SAMPLE enum flag try_sample(struct error *err, const char *path)
{
    struct scan_limits limits = scan_limits_default();
    struct scan_file *file = NULL;
    enum flag flag = scan_file_open(&file, path, &limits, err);
    if (flag == FLAG_NONE) {
        struct raw_page page;
        flag = scan_file_read(&page, file, 0, err);
        raw_page_release(&page);
    }
    scan_file_close(file);
    return flag;
}

#endif
