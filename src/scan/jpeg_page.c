/* JPEG to a raw page, by libjpeg-turbo, straight to grey where the file has a luminance. */
#include "scan/tiff_ifd.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#define CM_PER_INCH 2.54

/* A progressive scan has about ten passes; thousands of them are an attack on our time. */
#define PASSES_MAX 200

/* Padding that some scanners leave before the end marker. */
#define PADDING_BYTES_MAX 32

struct jpeg_job {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf stop;
    struct raw_page page;
    unsigned char *buffer; /* a row of CMYK */
    bool damaged;
    enum flag flag;
    char message[JMSG_LENGTH_MAX];
};

static struct jpeg_job *job_of(j_common_ptr jpeg)
{
    return jpeg->client_data;
}

static bool is_foreign(int code)
{
    return code == JERR_BAD_PRECISION || code == JERR_SOF_UNSUPPORTED ||
           code == JERR_ARITH_NOTIMPL || code == JERR_CONVERSION_NOTIMPL;
}

static _Noreturn void on_error(j_common_ptr jpeg)
{
    struct jpeg_job *job = job_of(jpeg);
    jpeg->err->format_message(jpeg, job->message);
    if (jpeg->err->msg_code == JERR_OUT_OF_MEMORY)
        error_die("no memory for a JPEG");
    job->flag = is_foreign(jpeg->err->msg_code) ? FLAG_FILE_FOREIGN : FLAG_FILE_TRUNCATED;
    longjmp(job->stop, 1);
}

/* libjpeg fills what is missing with grey and calls it a warning. Which warnings mean that pixels
 * are not those that were scanned? */
static bool is_damage(const struct jpeg_error_mgr *errors)
{
    switch (errors->msg_code) {
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC:
    case JWRN_NOT_SEQUENTIAL:
    case JWRN_TOO_MUCH_DATA:
    case JWRN_BOGUS_PROGRESSION:
        return true;
    case JWRN_EXTRANEOUS_DATA:
        return errors->msg_parm.i[0] > PADDING_BYTES_MAX || errors->msg_parm.i[1] != JPEG_EOI;
    default:
        return false;
    }
}

static void on_message(j_common_ptr jpeg, int level)
{
    struct jpeg_job *job = job_of(jpeg);
    if (level >= 0 || job->damaged || !is_damage(jpeg->err))
        return;
    job->damaged = true;
    jpeg->err->format_message(jpeg, job->message);
}

static void print_nothing(j_common_ptr jpeg)
{
    (void)jpeg;
}

static void on_progress(j_common_ptr jpeg)
{
    struct jpeg_job *job = job_of(jpeg);
    if (job->jpeg.input_scan_number <= PASSES_MAX)
        return;
    snprintf(job->message, sizeof job->message, "more than %d passes over one image", PASSES_MAX);
    job->flag = FLAG_FILE_TOO_LARGE;
    longjmp(job->stop, 1);
}

static struct scan_bytes marker_bytes(const struct jpeg_marker_struct *marker)
{
    return (struct scan_bytes){marker->data, marker->data_length};
}

/* Scanners say their resolution in the JFIF header, cameras in EXIF. */
static void read_tags(const struct jpeg_job *job, double *x_dpi, double *y_dpi, bool *mirrored)
{
    const struct jpeg_decompress_struct *jpeg = &job->jpeg;
    double unit = jpeg->density_unit == 1 ? 1 : jpeg->density_unit == 2 ? CM_PER_INCH : 0;
    *x_dpi = jpeg->saw_JFIF_marker ? jpeg->X_density * unit : 0;
    *y_dpi = jpeg->saw_JFIF_marker ? jpeg->Y_density * unit : 0;
    *mirrored = false;
    for (const struct jpeg_marker_struct *m = jpeg->marker_list; m != NULL; m = m->next) {
        struct scan_bytes bytes = marker_bytes(m);
        if (m->marker != JPEG_APP0 + 1 || bytes.length < 14 || memcmp(bytes.data, "Exif\0", 6) != 0)
            continue;
        struct tiff_ifd ifd;
        uint64_t first;
        bytes = (struct scan_bytes){bytes.data + 6, bytes.length - 6};
        if (!tiff_ifd_header(&ifd, &first, bytes) || !tiff_ifd_go(&ifd, first))
            continue;
        *mirrored = tiff_orientation_mirrored((unsigned)tiff_ifd_number(&ifd, IFD_ORIENTATION, 1));
        if (*x_dpi > 1 && *y_dpi > 1)
            continue;
        unsigned exif_unit = (unsigned)tiff_ifd_number(&ifd, IFD_RESOLUTION_UNIT, 2);
        *x_dpi = tiff_dpi(tiff_ifd_number(&ifd, IFD_X_RESOLUTION, 0), exif_unit);
        *y_dpi = tiff_dpi(tiff_ifd_number(&ifd, IFD_Y_RESOLUTION, 0), exif_unit);
    }
}

/* CMYK by Adobe's programs is stored inverted, which makes the arithmetic simple. */
static void cmyk_to_grey(unsigned char *out, const unsigned char *in, int width_px, bool inverted)
{
    unsigned flip = inverted ? 0 : 255;
    for (int x = 0; x < width_px; x++, in += 4) {
        unsigned ink = luminance(in[0] ^ flip, in[1] ^ flip, in[2] ^ flip);
        out[x] = (unsigned char)((ink * (in[3] ^ flip) + 127) / 255);
    }
}

static void read_rows(struct jpeg_job *job)
{
    struct jpeg_decompress_struct *jpeg = &job->jpeg;
    bool cmyk = jpeg->out_color_space == JCS_CMYK;
    if (cmyk) {
        job->buffer = malloc((size_t)job->page.width_px * 4);
        if (job->buffer == NULL)
            error_die("no memory for a JPEG");
    }
    while (jpeg->output_scanline < jpeg->output_height) {
        unsigned char *to = raw_page_row(&job->page, (int)jpeg->output_scanline);
        JSAMPROW row = cmyk ? job->buffer : to;
        jpeg_read_scanlines(jpeg, &row, 1);
        if (cmyk)
            cmyk_to_grey(to, job->buffer, job->page.width_px, jpeg->saw_Adobe_marker);
    }
}

/* Everything during which libjpeg may jump back to the caller. */
static void decode(struct jpeg_job *job, struct scan_bytes bytes, const struct scan_limits *limits,
                   struct error *err)
{
    struct jpeg_decompress_struct *jpeg = &job->jpeg;
    jpeg_create_decompress(jpeg);
    jpeg->progress = &job->progress;
    jpeg_mem_src(jpeg, bytes.data, (unsigned long)bytes.length);
    jpeg_save_markers(jpeg, JPEG_APP0 + 1, 0xFFFF);
    jpeg_read_header(jpeg, TRUE);
    job->flag = scan_check_size(jpeg->image_width, jpeg->image_height, limits, err);
    if (job->flag != FLAG_NONE)
        return;
    bool cmyk = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;
    jpeg->out_color_space = cmyk ? JCS_CMYK : JCS_GRAYSCALE;
    jpeg->dct_method = JDCT_ISLOW;
    double x_dpi, y_dpi;
    bool mirrored;
    read_tags(job, &x_dpi, &y_dpi, &mirrored);
    jpeg_start_decompress(jpeg);
    raw_page_begin(&job->page, (int)jpeg->output_width, (int)jpeg->output_height, false);
    read_rows(job);
    jpeg_finish_decompress(jpeg);
    raw_page_finish(&job->page, x_dpi, y_dpi);
    if (mirrored)
        pixFlipLR(job->page.grey, job->page.grey);
}

enum flag jpeg_read(struct raw_page *out, struct scan_bytes bytes, const struct scan_limits *limits,
                    struct error *err)
{
    *out = (struct raw_page){0};
    struct jpeg_job *job = calloc(1, sizeof *job);
    if (job == NULL)
        error_die("no memory for a JPEG");
    job->jpeg.err = jpeg_std_error(&job->errors);
    job->jpeg.client_data = job;
    job->errors.error_exit = on_error;
    job->errors.emit_message = on_message;
    job->errors.output_message = print_nothing;
    job->progress.progress_monitor = on_progress;
    if (setjmp(job->stop) == 0)
        decode(job, bytes, limits, err);
    else
        scan_trouble(job->flag, err, "%s", job->message);
    if (job->flag == FLAG_NONE && job->damaged)
        job->flag = scan_trouble(FLAG_FILE_TRUNCATED, err, "%s", job->message);
    enum flag flag = job->flag;
    if (flag == FLAG_NONE)
        *out = job->page;
    else
        raw_page_release(&job->page);
    jpeg_destroy_decompress(&job->jpeg);
    free(job->buffer);
    free(job);
    return flag;
}
