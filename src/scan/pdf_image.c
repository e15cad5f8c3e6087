/* Takes a scanned image out of a PDF: its coded bytes are put into the file format they come from
 * (TIFF for fax, PNG or TIFF for deflate) and read by the same strict decoder as any scan. */
#include "scan/pdf_image.h"

#include <stdlib.h>
#include <string.h>
#include <tiff.h>
#include <zlib.h>

/* What decides how the bytes are to be understood. */
struct coding {
    qpdf_oh parms; /* a dictionary or null */
    int bits, colours;
    bool inverted; /* Decode [1 0] */
};

static int int_key(qpdf_data pdf, qpdf_oh dict, const char *key, int otherwise)
{
    int value;
    if (!qpdf_oh_is_dictionary(pdf, dict) ||
        !qpdf_oh_get_value_as_int(pdf, qpdf_oh_get_key(pdf, dict, key), &value))
        return otherwise;
    return value;
}

static bool bool_key(qpdf_data pdf, qpdf_oh dict, const char *key)
{
    QPDF_BOOL value;
    return qpdf_oh_is_dictionary(pdf, dict) &&
           qpdf_oh_get_value_as_bool(pdf, qpdf_oh_get_key(pdf, dict, key), &value) && value;
}

static bool has_key(qpdf_data pdf, qpdf_oh dict, const char *key)
{
    return !qpdf_oh_is_null(pdf, qpdf_oh_get_key(pdf, dict, key));
}

bool pdf_image_look(struct pdf_image *out, qpdf_data pdf, qpdf_oh object)
{
    if (!qpdf_oh_is_stream(pdf, object))
        return false;
    qpdf_oh dict = qpdf_oh_get_dict(pdf, object);
    if (!qpdf_oh_is_name_and_equals(pdf, qpdf_oh_get_key(pdf, dict, "/Subtype"), "/Image"))
        return false;
    out->stream = object;
    out->width_px = int_key(pdf, dict, "/Width", 0);
    out->height_px = int_key(pdf, dict, "/Height", 0);
    out->stencil = bool_key(pdf, dict, "/ImageMask");
    return out->width_px > 0 && out->height_px > 0;
}

/* 1 or 3 where the colours mean what they say; 0 for all that needs a colour engine. */
static int colour_count(qpdf_data pdf, qpdf_oh space)
{
    if (qpdf_oh_is_array(pdf, space)) {
        qpdf_oh name = qpdf_oh_get_array_item(pdf, space, 0);
        if (qpdf_oh_is_name_and_equals(pdf, name, "/CalGray"))
            return 1;
        if (qpdf_oh_is_name_and_equals(pdf, name, "/CalRGB"))
            return 3;
        qpdf_oh profile = qpdf_oh_get_array_item(pdf, space, 1);
        if (!qpdf_oh_is_name_and_equals(pdf, name, "/ICCBased") || !qpdf_oh_is_stream(pdf, profile))
            return 0;
        int count = int_key(pdf, qpdf_oh_get_dict(pdf, profile), "/N", 0);
        return count == 1 || count == 3 ? count : 0;
    }
    if (qpdf_oh_is_name_and_equals(pdf, space, "/DeviceGray"))
        return 1;
    return qpdf_oh_is_name_and_equals(pdf, space, "/DeviceRGB") ? 3 : 0;
}

/* The only element of an array, or the thing itself. */
static qpdf_oh only_one(qpdf_data pdf, qpdf_oh object)
{
    if (qpdf_oh_is_array(pdf, object) && qpdf_oh_get_array_n_items(pdf, object) == 1)
        return qpdf_oh_get_array_item(pdf, object, 0);
    return object;
}

/* A Decode array of one colour: [0 1] or [1 0]. */
static bool read_inversion(bool *inverted, qpdf_data pdf, qpdf_oh decode, int colours)
{
    *inverted = false;
    if (qpdf_oh_is_null(pdf, decode))
        return true;
    if (colours != 1 || qpdf_oh_get_array_n_items(pdf, decode) != 2)
        return false;
    double low = qpdf_oh_get_numeric_value(pdf, qpdf_oh_get_array_item(pdf, decode, 0));
    double high = qpdf_oh_get_numeric_value(pdf, qpdf_oh_get_array_item(pdf, decode, 1));
    *inverted = low > 0.5;
    return (low <= 0 && high >= 1) || (low >= 1 && high <= 0);
}

static bool read_coding(struct coding *out, qpdf_data pdf, qpdf_oh dict, bool stencil)
{
    out->parms = only_one(pdf, qpdf_oh_get_key(pdf, dict, "/DecodeParms"));
    out->bits = stencil ? 1 : int_key(pdf, dict, "/BitsPerComponent", 8);
    out->colours = stencil ? 1 : colour_count(pdf, qpdf_oh_get_key(pdf, dict, "/ColorSpace"));
    return !has_key(pdf, dict, "/SMask") && !has_key(pdf, dict, "/Mask") && out->colours > 0 &&
           read_inversion(&out->inverted, pdf, qpdf_oh_get_key(pdf, dict, "/Decode"),
                          out->colours) &&
           (out->bits == 1 || out->bits == 2 || out->bits == 4 || out->bits == 8 ||
            out->bits == 16);
}

static void put_little(unsigned char *out, unsigned long value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        out[i] = (unsigned char)(value >> (8 * i));
}

static void put_big(unsigned char *out, unsigned long value)
{
    for (int i = 0; i < 4; i++)
        out[i] = (unsigned char)(value >> (8 * (3 - i)));
}

struct tiff_tag {
    unsigned tag;
    unsigned long value;
};

#define TIFF_TAGS 12

/* One directory of `tags` at offset 8, then the bytes as its only strip. */
static enum flag read_as_tiff(struct raw_page *out, struct scan_bytes coded,
                              struct tiff_tag tags[TIFF_TAGS], const struct scan_limits *limits,
                              struct error *err)
{
    size_t head = 8 + 2 + TIFF_TAGS * 12 + 4;
    if (coded.length > UINT32_MAX - head)
        return FLAG_FILE_FOREIGN;
    unsigned char *file = calloc(1, head + coded.length);
    if (file == NULL)
        error_die("no memory for an image of a PDF");
    memcpy(file, "II*\0\10\0\0\0", 8);
    put_little(file + 8, TIFF_TAGS, 2);
    for (int i = 0; i < TIFF_TAGS; i++) {
        unsigned char *entry = file + 10 + 12 * i;
        put_little(entry, tags[i].tag, 2);
        put_little(entry + 2, 4, 2); /* all as longs */
        put_little(entry + 4, 1, 4);
        unsigned long value = tags[i].tag == TIFFTAG_STRIPOFFSETS      ? head
                              : tags[i].tag == TIFFTAG_STRIPBYTECOUNTS ? coded.length
                                                                       : tags[i].value;
        put_little(entry + 8, value, 4);
    }
    memcpy(file + head, coded.data, coded.length);
    enum flag flag =
        tiff_read_directory(out, (struct scan_bytes){file, head + coded.length}, 8, limits, err);
    free(file);
    return flag;
}

static enum flag read_fax(struct raw_page *out, qpdf_data pdf, const struct pdf_image *image,
                          const struct coding *coding, struct scan_bytes coded,
                          const struct scan_limits *limits, struct error *err)
{
    int k = int_key(pdf, coding->parms, "/K", 0);
    if (coding->bits != 1 || coding->colours != 1 ||
        int_key(pdf, coding->parms, "/Columns", 1728) != image->width_px ||
        bool_key(pdf, coding->parms, "/EncodedByteAlign"))
        return FLAG_FILE_FOREIGN;
    bool inverted = bool_key(pdf, coding->parms, "/BlackIs1") != coding->inverted;
    struct tiff_tag tags[TIFF_TAGS] = {
        {TIFFTAG_IMAGEWIDTH, (unsigned long)image->width_px},
        {TIFFTAG_IMAGELENGTH, (unsigned long)image->height_px},
        {TIFFTAG_BITSPERSAMPLE, 1},
        {TIFFTAG_COMPRESSION, k < 0 ? COMPRESSION_CCITTFAX4 : COMPRESSION_CCITTFAX3},
        {TIFFTAG_PHOTOMETRIC, inverted ? PHOTOMETRIC_MINISBLACK : PHOTOMETRIC_MINISWHITE},
        {TIFFTAG_STRIPOFFSETS, 0},
        {TIFFTAG_SAMPLESPERPIXEL, 1},
        {TIFFTAG_ROWSPERSTRIP, (unsigned long)image->height_px},
        {TIFFTAG_STRIPBYTECOUNTS, 0},
        {TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG},
        {k < 0 ? TIFFTAG_GROUP4OPTIONS : TIFFTAG_GROUP3OPTIONS, k > 0 ? 1 : 0},
        {TIFFTAG_RESOLUTIONUNIT, RESUNIT_NONE}};
    return read_as_tiff(out, coded, tags, limits, err);
}

static enum flag read_deflate_tiff(struct raw_page *out, const struct pdf_image *image,
                                   const struct coding *coding, int predictor,
                                   struct scan_bytes coded, const struct scan_limits *limits,
                                   struct error *err)
{
    if (coding->bits == 16) /* TIFF would want them in the other order */
        return FLAG_FILE_FOREIGN;
    unsigned photometric = coding->colours == 3 ? PHOTOMETRIC_RGB
                           : coding->inverted   ? PHOTOMETRIC_MINISWHITE
                                                : PHOTOMETRIC_MINISBLACK;
    struct tiff_tag tags[TIFF_TAGS] = {{TIFFTAG_IMAGEWIDTH, (unsigned long)image->width_px},
                                       {TIFFTAG_IMAGELENGTH, (unsigned long)image->height_px},
                                       {TIFFTAG_BITSPERSAMPLE, (unsigned long)coding->bits},
                                       {TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE},
                                       {TIFFTAG_PHOTOMETRIC, photometric},
                                       {TIFFTAG_STRIPOFFSETS, 0},
                                       {TIFFTAG_SAMPLESPERPIXEL, (unsigned long)coding->colours},
                                       {TIFFTAG_ROWSPERSTRIP, (unsigned long)image->height_px},
                                       {TIFFTAG_STRIPBYTECOUNTS, 0},
                                       {TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG},
                                       {TIFFTAG_RESOLUTIONUNIT, RESUNIT_NONE},
                                       {TIFFTAG_PREDICTOR, (unsigned long)predictor}};
    return read_as_tiff(out, coded, tags, limits, err);
}

static unsigned char *put_chunk(unsigned char *at, const char *type, const unsigned char *data,
                                size_t length)
{
    put_big(at, length);
    memcpy(at + 4, type, 4);
    if (length > 0)
        memcpy(at + 8, data, length);
    put_big(at + 8 + length, crc32(0, at + 4, (uInt)(length + 4)));
    return at + 12 + length;
}

/* PDF took its predictors 10 to 15 from PNG: the bytes are those of an IDAT chunk. */
static enum flag read_deflate_png(struct raw_page *out, const struct pdf_image *image,
                                  const struct coding *coding, struct scan_bytes coded,
                                  const struct scan_limits *limits, struct error *err)
{
    if ((coding->colours == 3 && coding->bits < 8) || coded.length > INT32_MAX / 2)
        return FLAG_FILE_FOREIGN;
    unsigned char *file = malloc(coded.length + 100), head[13];
    if (file == NULL)
        error_die("no memory for an image of a PDF");
    put_big(head, (unsigned long)image->width_px);
    put_big(head + 4, (unsigned long)image->height_px);
    head[8] = (unsigned char)coding->bits;
    head[9] = coding->colours == 3 ? 2 : 0;
    head[10] = head[11] = head[12] = 0;
    memcpy(file, "\x89PNG\r\n\x1a\n", 8);
    unsigned char *end = put_chunk(file + 8, "IHDR", head, sizeof head);
    end = put_chunk(end, "IDAT", coded.data, coded.length);
    end = put_chunk(end, "IEND", NULL, 0);
    enum flag flag = png_read(out, (struct scan_bytes){file, (size_t)(end - file)}, limits, err);
    if (flag == FLAG_NONE && coding->inverted)
        raw_page_invert(out);
    free(file);
    return flag;
}

static enum flag read_deflate(struct raw_page *out, qpdf_data pdf, const struct pdf_image *image,
                              const struct coding *coding, struct scan_bytes coded,
                              const struct scan_limits *limits, struct error *err)
{
    int predictor = int_key(pdf, coding->parms, "/Predictor", 1);
    if (predictor <= 1 || predictor == 2)
        return read_deflate_tiff(out, image, coding, predictor == 2 ? 2 : 1, coded, limits, err);
    if (int_key(pdf, coding->parms, "/Colors", 1) != coding->colours ||
        int_key(pdf, coding->parms, "/BitsPerComponent", 8) != coding->bits ||
        int_key(pdf, coding->parms, "/Columns", 1) != image->width_px)
        return FLAG_FILE_FOREIGN;
    return read_deflate_png(out, image, coding, coded, limits, err);
}

static enum flag read_jpeg(struct raw_page *out, const struct pdf_image *image,
                           const struct coding *coding, struct scan_bytes coded,
                           const struct scan_limits *limits, struct error *err)
{
    if (coding->inverted)
        return FLAG_FILE_FOREIGN;
    enum flag flag = jpeg_read(out, coded, limits, err);
    if (flag == FLAG_NONE &&
        (out->width_px != image->width_px || out->height_px != image->height_px)) {
        raw_page_release(out);
        return FLAG_FILE_FOREIGN;
    }
    return flag;
}

enum flag pdf_image_read(struct raw_page *out, qpdf_data pdf, const struct pdf_image *image,
                         const struct scan_limits *limits, struct error *err)
{
    *out = (struct raw_page){0};
    enum flag flag = scan_check_size(image->width_px, image->height_px, limits, err);
    if (flag != FLAG_NONE)
        return flag;
    struct coding coding;
    qpdf_oh dict = qpdf_oh_get_dict(pdf, image->stream);
    qpdf_oh filter = only_one(pdf, qpdf_oh_get_key(pdf, dict, "/Filter"));
    if (!qpdf_oh_is_name(pdf, filter) || !read_coding(&coding, pdf, dict, image->stencil))
        return FLAG_FILE_FOREIGN;
    bool jpeg = qpdf_oh_is_name_and_equals(pdf, filter, "/DCTDecode");
    bool fax = qpdf_oh_is_name_and_equals(pdf, filter, "/CCITTFaxDecode");
    if (!jpeg && !fax && !qpdf_oh_is_name_and_equals(pdf, filter, "/FlateDecode"))
        return FLAG_FILE_FOREIGN;
    if (jpeg && qpdf_oh_is_dictionary(pdf, coding.parms))
        return FLAG_FILE_FOREIGN;
    unsigned char *data = NULL;
    size_t length = 0;
    if (qpdf_oh_get_stream_data(pdf, image->stream, qpdf_dl_none, NULL, &data, &length) &
        QPDF_ERRORS) {
        free(data);
        return scan_trouble(FLAG_FILE_TRUNCATED, err, "the image's data cannot be found");
    }
    struct scan_bytes coded = {data, length};
    flag = jpeg  ? read_jpeg(out, image, &coding, coded, limits, err)
           : fax ? read_fax(out, pdf, image, &coding, coded, limits, err)
                 : read_deflate(out, pdf, image, &coding, coded, limits, err);
    free(data);
    return flag;
}
