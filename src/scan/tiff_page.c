/* One TIFF directory to a raw page, by libtiff, from memory. */
#include "scan/tiff_ifd.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

struct tiff_job {
    TIFF *tiff;
    struct scan_bytes bytes;
    uint64_t at;
    /* What libtiff said: the first complaint, and whether it was about the pixels. */
    bool in_pixels, damaged;
    char message[1024]; /* as long as libtiff asks for */

    uint32_t width_px, height_px;
    uint16_t bits, samples, photometric, planar, compression, format;
    int alpha_sample; /* 0 = none */
    bool bitonal, zero_is_black;
    unsigned char grey_of[256]; /* of a sample of up to 8 bits */
};

/* --- libtiff's view of the bytes --- */

static tmsize_t read_bytes(thandle_t handle, void *out, tmsize_t size)
{
    struct tiff_job *job = handle;
    uint64_t left = job->at < job->bytes.length ? job->bytes.length - job->at : 0;
    uint64_t got = (uint64_t)size < left ? (uint64_t)size : left;
    if (got > 0)
        memcpy(out, job->bytes.data + job->at, got);
    job->at += got;
    return (tmsize_t)got;
}

static tmsize_t write_bytes(thandle_t handle, void *bytes, tmsize_t size)
{
    (void)handle, (void)bytes, (void)size;
    return 0;
}

static toff_t seek_bytes(thandle_t handle, toff_t offset, int whence)
{
    struct tiff_job *job = handle;
    job->at = whence == SEEK_SET   ? offset
              : whence == SEEK_CUR ? job->at + offset
                                   : job->bytes.length + offset;
    return job->at;
}

static int close_bytes(thandle_t handle)
{
    (void)handle;
    return 0;
}

static toff_t size_bytes(thandle_t handle)
{
    return ((const struct tiff_job *)handle)->bytes.length;
}

static int map_bytes(thandle_t handle, void **base, toff_t *size)
{
    struct tiff_job *job = handle;
    /* libtiff only reads what it has mapped; its interface merely does not say so. */
    *base = (void *)(uintptr_t)job->bytes.data;
    *size = job->bytes.length;
    return 1;
}

static void unmap_bytes(thandle_t handle, void *base, toff_t size)
{
    (void)handle, (void)base, (void)size;
}

static int on_error(TIFF *tiff, void *data, const char *module, const char *format, va_list list)
{
    (void)tiff, (void)module;
    struct tiff_job *job = data;
    job->damaged = true;
    if (job->message[0] == '\0')
        vsnprintf(job->message, sizeof job->message, format, list);
    return 1;
}

/* Warnings about tags are everyday; a warning about the pixels means that libtiff filled in. */
static int on_warning(TIFF *tiff, void *data, const char *module, const char *format, va_list list)
{
    struct tiff_job *job = data;
    char text[200];
    vsnprintf(text, sizeof text, format, list);
    bool harmless = !job->in_pixels || strstr(text, "Old-style LZW") != NULL ||
                    strstr(text, "old-style JPEG compression mode") != NULL ||
                    strstr(text, "exceeds expected dimensions") != NULL ||
                    strstr(text, "extraneous bytes before marker 0xd9") != NULL;
    if (!harmless && !job->damaged) {
        job->damaged = true;
        snprintf(job->message, sizeof job->message, "%s", text);
    }
    (void)tiff, (void)module;
    return 1;
}

static void open_bytes(struct tiff_job *job, const struct scan_limits *limits)
{
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (options == NULL)
        error_die("no memory for a TIFF");
    TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, job);
    TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, job);
    /* Four bytes a pixel is what the rarer kinds need, whole, at most. */
    TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)(limits->image_pixels * 4 + (1 << 20)));
    job->tiff = TIFFClientOpenExt("page", "rh", job, read_bytes, write_bytes, seek_bytes,
                                  close_bytes, size_bytes, map_bytes, unmap_bytes, options);
    TIFFOpenOptionsFree(options);
}

/* --- what kind of image is it? --- */

static void read_alpha(struct tiff_job *job)
{
    uint16_t count = 0, *kinds = NULL;
    unsigned colours = job->photometric == PHOTOMETRIC_RGB ? 3 : 1;
    job->alpha_sample = 0;
    if (!TIFFGetField(job->tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds) || count == 0 ||
        job->samples <= colours)
        return;
    if (kinds[0] == EXTRASAMPLE_ASSOCALPHA || kinds[0] == EXTRASAMPLE_UNASSALPHA)
        job->alpha_sample = (int)colours;
}

static bool is_fax(uint16_t compression)
{
    return compression == COMPRESSION_CCITTFAX3 || compression == COMPRESSION_CCITTFAX4 ||
           compression == COMPRESSION_CCITTRLE || compression == COMPRESSION_CCITTRLEW;
}

static void read_kind(struct tiff_job *job)
{
    TIFF *tiff = job->tiff;
    TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &job->width_px);
    TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &job->height_px);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &job->bits);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &job->samples);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &job->planar);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &job->compression);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &job->format);
    if (!TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &job->photometric))
        job->photometric = job->samples >= 3          ? PHOTOMETRIC_RGB
                           : is_fax(job->compression) ? PHOTOMETRIC_MINISWHITE
                                                      : PHOTOMETRIC_MINISBLACK;
    read_alpha(job);
}

static bool palette_levels(struct tiff_job *job)
{
    uint16_t *red, *green, *blue;
    if (!TIFFGetField(job->tiff, TIFFTAG_COLORMAP, &red, &green, &blue))
        return false;
    unsigned count = 1u << job->bits, largest = 0;
    for (unsigned i = 0; i < count; i++)
        largest |= (unsigned)red[i] | green[i] | blue[i];
    unsigned shift = largest > 255 ? 8 : 0; /* some writers put 8-bit values there */
    for (unsigned i = 0; i < count; i++)
        job->grey_of[i] = luminance((unsigned)red[i] >> shift, (unsigned)green[i] >> shift,
                                    (unsigned)blue[i] >> shift);
    return true;
}

/* Can the rows be taken as they come? Fills grey_of and decides on bits or grey. */
static bool plan_rows(struct tiff_job *job)
{
    if (job->samples > 1 && job->planar != PLANARCONFIG_CONTIG)
        return false;
    bool grey =
        job->photometric == PHOTOMETRIC_MINISBLACK || job->photometric == PHOTOMETRIC_MINISWHITE;
    if (job->photometric == PHOTOMETRIC_YCBCR && job->compression == COMPRESSION_JPEG &&
        job->samples == 3 && job->bits == 8) {
        TIFFSetField(job->tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
        return true;
    }
    if (job->photometric == PHOTOMETRIC_RGB)
        return job->samples >= 3 && (job->bits == 8 || job->bits == 16);
    if (job->samples > 1)
        return grey && (job->bits == 8 || job->bits == 16);
    if (job->bits == 16)
        return grey;
    if (job->bits != 1 && job->bits != 2 && job->bits != 4 && job->bits != 8)
        return false;
    unsigned top = (1u << job->bits) - 1;
    for (unsigned i = 0; i <= top; i++) {
        unsigned level = i * 255 / top;
        bool inverted = job->photometric == PHOTOMETRIC_MINISWHITE;
        job->grey_of[i] = (unsigned char)(inverted ? 255 - level : level);
    }
    if (!grey && (job->photometric != PHOTOMETRIC_PALETTE || !palette_levels(job)))
        return false;
    job->bitonal = job->bits == 1 && job->grey_of[0] != job->grey_of[1];
    job->zero_is_black = job->grey_of[0] < job->grey_of[1];
    return true;
}

/* --- rows of samples to rows of the page --- */

static void put_bits(const struct tiff_job *job, unsigned char *out, const unsigned char *in,
                     uint32_t count)
{
    size_t bytes = ((size_t)count + 7) / 8;
    if (out != in)
        memcpy(out, in, bytes);
    if (job->zero_is_black)
        for (size_t i = 0; i < bytes; i++)
            out[i] = (unsigned char)~out[i];
}

/* One sample of up to 8 bits a pixel. */
static void put_levels(const struct tiff_job *job, unsigned char *out, const unsigned char *in,
                       uint32_t count)
{
    if (job->bits == 8) {
        for (uint32_t x = 0; x < count; x++)
            out[x] = job->grey_of[in[x]];
        return;
    }
    unsigned bits = job->bits, mask = (1u << bits) - 1;
    for (uint32_t x = 0; x < count; x++) {
        size_t at = (size_t)x * bits;
        out[x] = job->grey_of[((unsigned)in[at >> 3] >> (8 - bits - (at & 7))) & mask];
    }
}

/* Samples of 8 or 16 bits; libtiff has put 16 in this machine's order: take the upper byte. */
static void put_samples(const struct tiff_job *job, unsigned char *out, const unsigned char *in,
                        uint32_t count)
{
    size_t size = job->bits / 8u, step = size * job->samples;
    const unsigned char *sample = in + (G_BYTE_ORDER == G_LITTLE_ENDIAN ? size - 1 : 0);
    bool colour =
        job->photometric != PHOTOMETRIC_MINISBLACK && job->photometric != PHOTOMETRIC_MINISWHITE;
    unsigned flip = job->photometric == PHOTOMETRIC_MINISWHITE ? 255 : 0;
    if (colour && job->bits == 8 && job->samples == 3) { /* the usual case, worth its own loop */
        for (uint32_t x = 0; x < count; x++)
            out[x] = luminance(in[3 * (size_t)x], in[3 * (size_t)x + 1], in[3 * (size_t)x + 2]);
        return;
    }
    for (uint32_t x = 0; x < count; x++, sample += step) {
        unsigned level =
            colour ? luminance(sample[0], sample[size], sample[2 * size]) : sample[0] ^ flip;
        if (job->alpha_sample > 0)
            level = over_white(level, sample[(size_t)job->alpha_sample * size]);
        out[x] = (unsigned char)level;
    }
}

/* `in` holds `count` pixels that start at column x0. */
static void put_pixels(const struct tiff_job *job, unsigned char *row, const unsigned char *in,
                       uint32_t x0, uint32_t count)
{
    if (job->bitonal)
        put_bits(job, row + x0 / 8, in, count);
    else if (job->samples == 1 && job->bits <= 8)
        put_levels(job, row + x0, in, count);
    else
        put_samples(job, row + x0, in, count);
}

static bool read_strips(struct tiff_job *job, const struct raw_page *page)
{
    size_t row_bytes = (size_t)TIFFScanlineSize64(job->tiff);
    size_t needed = ((size_t)job->width_px * job->samples * job->bits + 7) / 8;
    if (row_bytes < needed || row_bytes > needed + 64)
        return false;
    /* Rows of the same layout as the page's go straight there. */
    bool direct = job->bitonal && row_bytes <= (size_t)pixGetWpl(page->bits) * 4;
    unsigned char *buffer = direct ? NULL : calloc(1, row_bytes);
    if (!direct && buffer == NULL)
        error_die("no memory for a TIFF");
    bool fine = true;
    for (uint32_t y = 0; fine && y < job->height_px; y++) {
        unsigned char *row = raw_page_row(page, (int)y), *in = direct ? row : buffer;
        fine = TIFFReadScanline(job->tiff, in, y, 0) == 1 && !job->damaged;
        if (fine)
            put_pixels(job, row, in, 0, job->width_px);
    }
    free(buffer);
    return fine;
}

static bool read_tiles(struct tiff_job *job, const struct raw_page *page)
{
    uint32_t across = 0, down = 0;
    TIFFGetField(job->tiff, TIFFTAG_TILEWIDTH, &across);
    TIFFGetField(job->tiff, TIFFTAG_TILELENGTH, &down);
    uint64_t row_bytes = TIFFTileRowSize64(job->tiff), bytes = TIFFTileSize64(job->tiff);
    if (across == 0 || down == 0 || across % 8 != 0 || bytes < row_bytes * down ||
        row_bytes < ((uint64_t)across * job->samples * job->bits + 7) / 8)
        return false;
    /* A tile much larger than its image is an attack on our memory. */
    if (bytes > (uint64_t)job->width_px * job->height_px * 16 + (4u << 20))
        return false;
    unsigned char *tile = calloc(1, bytes);
    if (tile == NULL)
        error_die("no memory for a TIFF");
    bool fine = true;
    for (uint32_t y0 = 0; fine && y0 < job->height_px; y0 += down) {
        for (uint32_t x0 = 0; fine && x0 < job->width_px; x0 += across) {
            fine = TIFFReadTile(job->tiff, tile, x0, y0, 0, 0) >= 0 && !job->damaged;
            uint32_t width = job->width_px - x0 < across ? job->width_px - x0 : across;
            uint32_t height = job->height_px - y0 < down ? job->height_px - y0 : down;
            for (uint32_t y = 0; fine && y < height; y++)
                put_pixels(job, raw_page_row(page, (int)(y0 + y)), tile + y * row_bytes, x0, width);
        }
    }
    free(tile);
    return fine;
}

/* The rarer kinds (separate planes, CMYK, L*a*b*, JPEG of the old style): through libtiff's own
 * conversion to RGB. */
static bool read_as_rgb(struct tiff_job *job, const struct raw_page *page)
{
    uint32_t *pixels = calloc((size_t)job->width_px * job->height_px, sizeof *pixels);
    if (pixels == NULL)
        error_die("no memory for a TIFF");
    TIFFRGBAImage image;
    bool fine = TIFFRGBAImageBegin(&image, job->tiff, 1, job->message);
    if (fine) {
        /* The rows in the order of the file, whatever the orientation says. */
        image.orientation = image.req_orientation = ORIENTATION_TOPLEFT;
        fine =
            TIFFRGBAImageGet(&image, pixels, job->width_px, job->height_px) == 1 && !job->damaged;
        TIFFRGBAImageEnd(&image);
    }
    for (uint32_t y = 0; fine && y < job->height_px; y++) {
        unsigned char *row = raw_page_row(page, (int)y);
        for (uint32_t x = 0; x < job->width_px; x++) {
            uint32_t v = pixels[(size_t)y * job->width_px + x]; /* alpha is multiplied in already */
            unsigned level = luminance(TIFFGetR(v), TIFFGetG(v), TIFFGetB(v));
            level += 255 - TIFFGetA(v);
            row[x] = (unsigned char)(level > 255 ? 255 : level);
        }
    }
    free(pixels);
    return fine;
}

static enum flag check_kind(struct tiff_job *job, const struct scan_limits *limits, bool by_rows,
                            struct error *err)
{
    enum flag flag = scan_check_size(job->width_px, job->height_px, limits, err);
    if (flag != FLAG_NONE)
        return flag;
    if (!TIFFIsCODECConfigured(job->compression))
        return scan_trouble(FLAG_FILE_FOREIGN, err,
                            "a TIFF with compression %d, which is not supported", job->compression);
    if (job->samples == 0 || job->samples > 8 || job->format > SAMPLEFORMAT_UINT)
        return scan_trouble(FLAG_FILE_FOREIGN, err,
                            "a TIFF of a kind that scanners do not write (%d samples a pixel, "
                            "sample format %d)",
                            job->samples, job->format);
    char why[1024] = "";
    if (!by_rows && !TIFFRGBAImageOK(job->tiff, why))
        return scan_trouble(FLAG_FILE_FOREIGN, err, "a TIFF that cannot be shown: %s", why);
    return FLAG_NONE;
}

static enum flag decode(struct raw_page *out, struct tiff_job *job,
                        const struct scan_limits *limits, struct error *err)
{
    read_kind(job);
    job->in_pixels = true;
    job->damaged = false;
    job->message[0] = '\0';
    bool by_rows = plan_rows(job);
    enum flag flag = check_kind(job, limits, by_rows, err);
    if (flag != FLAG_NONE)
        return flag;
    raw_page_begin(out, (int)job->width_px, (int)job->height_px, job->bitonal);
    bool fine = !by_rows                 ? read_as_rgb(job, out)
                : TIFFIsTiled(job->tiff) ? read_tiles(job, out)
                                         : read_strips(job, out);
    if (!fine || job->damaged)
        return scan_trouble(FLAG_FILE_TRUNCATED, err, "%s",
                            job->message[0] != '\0' ? job->message : "the image is damaged");
    float x = 0, y = 0;
    uint16_t unit = RESUNIT_INCH, orientation = ORIENTATION_TOPLEFT;
    TIFFGetField(job->tiff, TIFFTAG_XRESOLUTION, &x);
    TIFFGetField(job->tiff, TIFFTAG_YRESOLUTION, &y);
    TIFFGetFieldDefaulted(job->tiff, TIFFTAG_RESOLUTIONUNIT, &unit);
    TIFFGetFieldDefaulted(job->tiff, TIFFTAG_ORIENTATION, &orientation);
    raw_page_finish(out, tiff_dpi((double)x, unit), tiff_dpi((double)y, unit));
    PIX *pix = out->bits != NULL ? out->bits : out->grey;
    if (tiff_orientation_mirrored(orientation))
        pixFlipLR(pix, pix);
    return FLAG_NONE;
}

enum flag tiff_read_directory(struct raw_page *out, struct scan_bytes bytes, uint64_t offset,
                              const struct scan_limits *limits, struct error *err)
{
    *out = (struct raw_page){0};
    struct tiff_job job = {.bytes = bytes};
    open_bytes(&job, limits);
    enum flag flag;
    if (job.tiff == NULL || !TIFFSetSubDirectory(job.tiff, offset))
        flag = scan_trouble(FLAG_FILE_TRUNCATED, err, "%s",
                            job.message[0] != '\0' ? job.message : "the page's tags are damaged");
    else
        flag = decode(out, &job, limits, err);
    if (flag != FLAG_NONE)
        raw_page_release(out);
    if (job.tiff != NULL)
        TIFFClose(job.tiff);
    return flag;
}
