/* PNG to a raw page, by libpng, from memory. */
#include "scan/decode.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#define METRES_PER_INCH 0.0254

/* Text, profiles and the like of one chunk; a scan needs none of them. */
#define CHUNK_BYTES_MAX (8 << 20)

struct png_source {
    struct scan_bytes bytes;
    size_t at;
    bool ended; /* asked for more than there is */
    bool no_memory;
    char message[200];
};

/* All that must be freed when libpng jumps out. */
struct png_job {
    png_structp png;
    png_infop info;
    struct png_source source;
    struct raw_page page;
    unsigned char *buffer; /* one row, or the whole image when it is interlaced */
    png_bytep *rows;
    enum flag flag;
};

static void read_bytes(png_structp png, png_bytep out, size_t length)
{
    struct png_source *source = png_get_io_ptr(png);
    if (length > source->bytes.length - source->at) {
        source->ended = true;
        png_error(png, "the file ends inside the image");
    }
    memcpy(out, source->bytes.data + source->at, length);
    source->at += length;
}

static _Noreturn void on_error(png_structp png, png_const_charp message)
{
    struct png_source *source = png_get_error_ptr(png);
    snprintf(source->message, sizeof source->message, "%s", message);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png, (void)message;
}

static unsigned char *allocate(struct png_job *job, size_t count, size_t size)
{
    unsigned char *memory = calloc(count, size);
    if (memory == NULL)
        error_die("no memory for a PNG of %d x %d pixels", job->page.width_px, job->page.height_px);
    return memory;
}

/* One row of 8-bit samples (1 grey, 2 grey + alpha, 3 RGB, 4 RGB + alpha) to grey. */
static void row_to_grey(unsigned char *out, const unsigned char *in, int width_px, int channels)
{
    switch (channels) {
    case 1:
        memcpy(out, in, (size_t)width_px);
        break;
    case 2:
        for (int x = 0; x < width_px; x++)
            out[x] = over_white(in[2 * x], in[2 * x + 1]);
        break;
    case 3:
        for (int x = 0; x < width_px; x++)
            out[x] = luminance(in[3 * x], in[3 * x + 1], in[3 * x + 2]);
        break;
    default:
        for (int x = 0; x < width_px; x++)
            out[x] = over_white(luminance(in[4 * x], in[4 * x + 1], in[4 * x + 2]), in[4 * x + 3]);
    }
}

/* A palette of two colours without transparency: which of them is the ink? */
static bool palette_is_bitonal(const struct png_job *job, bool *zero_is_black)
{
    png_colorp palette;
    int count = 0;
    if (png_get_valid(job->png, job->info, PNG_INFO_tRNS) ||
        !png_get_PLTE(job->png, job->info, &palette, &count) || count != 2)
        return false;
    int first = luminance(palette[0].red, palette[0].green, palette[0].blue);
    int second = luminance(palette[1].red, palette[1].green, palette[1].blue);
    *zero_is_black = first < second;
    return first != second;
}

/* Decides on bits or grey and asks libpng for rows of that kind. */
static bool ask_for_rows(struct png_job *job, bool *zero_is_black)
{
    png_structp png = job->png;
    int depth = png_get_bit_depth(png, job->info), type = png_get_color_type(png, job->info);
    *zero_is_black = true;
    if (depth == 1 && type == PNG_COLOR_TYPE_GRAY && !png_get_valid(png, job->info, PNG_INFO_tRNS))
        return true;
    if (depth == 1 && type == PNG_COLOR_TYPE_PALETTE && palette_is_bitonal(job, zero_is_black))
        return true;
    png_set_expand(png); /* palettes to RGB, few bits to 8, transparency to alpha */
    if (depth == 16)
        png_set_scale_16(png);
    return false;
}

static void read_rows(struct png_job *job, bool bitonal, bool zero_is_black)
{
    struct raw_page *page = &job->page;
    png_structp png = job->png;
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, job->info);
    size_t row_bytes = png_get_rowbytes(png, job->info);
    int channels = png_get_channels(png, job->info);
    bool whole = passes > 1;
    bool direct = (bitonal || channels == 1) && !whole;
    if (!direct)
        job->buffer = allocate(job, whole ? (size_t)page->height_px : 1, row_bytes);
    if (whole) {
        job->rows = (png_bytep *)(void *)allocate(job, (size_t)page->height_px, sizeof(png_bytep));
        for (int y = 0; y < page->height_px; y++)
            job->rows[y] = job->buffer + (size_t)y * row_bytes;
        png_read_image(png, job->rows);
    }
    for (int y = 0; y < page->height_px; y++) {
        unsigned char *to = raw_page_row(page, y);
        unsigned char *from = direct ? to : whole ? job->rows[y] : job->buffer;
        if (!whole)
            png_read_row(png, from, NULL);
        if (bitonal) {
            for (size_t i = 0; i < row_bytes; i++)
                to[i] = zero_is_black ? (unsigned char)~from[i] : from[i];
        } else if (!direct) {
            row_to_grey(to, from, page->width_px, channels);
        }
    }
    png_read_end(png, NULL);
}

/* Everything during which libpng may jump back to the caller. */
static void decode(struct png_job *job, const struct scan_limits *limits, struct error *err)
{
    png_structp png = job->png;
    png_read_info(png, job->info);
    long long width = png_get_image_width(png, job->info);
    long long height = png_get_image_height(png, job->info);
    job->flag = scan_check_size(width, height, limits, err);
    if (job->flag != FLAG_NONE)
        return;
    bool zero_is_black;
    bool bitonal = ask_for_rows(job, &zero_is_black);
    raw_page_begin(&job->page, (int)width, (int)height, bitonal);
    read_rows(job, bitonal, zero_is_black);

    png_uint_32 x_ppm = 0, y_ppm = 0;
    int unit = PNG_RESOLUTION_UNKNOWN;
    png_get_pHYs(png, job->info, &x_ppm, &y_ppm, &unit);
    double inch = unit == PNG_RESOLUTION_METER ? METRES_PER_INCH : 0;
    raw_page_finish(&job->page, x_ppm * inch, y_ppm * inch);
}

enum flag png_read(struct raw_page *out, struct scan_bytes bytes, const struct scan_limits *limits,
                   struct error *err)
{
    *out = (struct raw_page){0};
    struct png_job *job = calloc(1, sizeof *job);
    if (job == NULL)
        error_die("no memory");
    job->source.bytes = bytes;
    job->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &job->source, on_error, on_warning);
    job->info = job->png != NULL ? png_create_info_struct(job->png) : NULL;
    if (job->info == NULL)
        error_die("no memory");
    if (setjmp(png_jmpbuf(job->png)) == 0) {
        png_set_read_fn(job->png, &job->source, read_bytes);
        /* Sizes are judged by scan_check_size(), which can say why. */
        png_set_user_limits(job->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
        png_set_chunk_malloc_max(job->png, CHUNK_BYTES_MAX);
        decode(job, limits, err);
    } else {
        job->flag = scan_trouble(FLAG_FILE_TRUNCATED, err, "%s", job->source.message);
    }
    enum flag flag = job->flag;
    if (flag == FLAG_NONE)
        *out = job->page;
    else
        raw_page_release(&job->page);
    png_destroy_read_struct(&job->png, &job->info, NULL);
    free(job->rows);
    free(job->buffer);
    free(job);
    return flag;
}
