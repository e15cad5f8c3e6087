/* A blank form in a picture file, turned into plates; what kind of file it is. */
#include "form/blank.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <glib.h>

#include "form/blank_internal.h"
#include "form/plate.h"

#define FILE_BYTES_MAX (512LL << 20)
#define PICTURE_PIXELS_MAX 150000000LL /* A3 at 600 dpi is 70 million */
#define DPI_MIN 50.0
#define DPI_MAX 1300.0

/* ---- resolution ----------------------------------------------------------------------------- */

/* The paper that so many pixels are at this resolution, within 1 %; NULL = none. */
static const struct paper *paper_at(int width_px, int height_px, double dpi)
{
    double w = MM_PER_INCH * width_px / dpi, h = MM_PER_INCH * height_px / dpi;
    for (size_t i = 0; i < PAPER_COUNT; i++)
        if (fabs(fmin(w, h) / blank_papers[i].short_mm - 1) < 0.01 &&
            fabs(fmax(w, h) / blank_papers[i].long_mm - 1) < 0.01)
            return &blank_papers[i];
    return NULL;
}

static bool is_form_size(int width_px, int height_px, double dpi)
{
    double w = MM_PER_INCH * width_px / dpi, h = MM_PER_INCH * height_px / dpi;
    return fmin(w, h) >= BLANK_MM_MIN && fmax(w, h) <= BLANK_MM_MAX;
}

/* A usual resolution at which the picture is a sheet of a usual paper; 0 = none. */
static double likely_dpi(int width_px, int height_px, const struct paper **paper)
{
    static const double usual[] = {300, 200, 150, 600, 400, 240, 100, 72, 96};
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        if ((*paper = paper_at(width_px, height_px, usual[i])) != NULL)
            return usual[i];
    return 0;
}

/* The picture's resolution: as asked, or by its tag, or by the fallback. One that makes it no known
 * sheet gives way to a usual one that does, and that is said. */
static bool decide_dpi(double *out, const char *path, PIX *picture, double asked, double fallback,
                       struct text *notes, struct error *err)
{
    int w = pixGetWidth(picture), h = pixGetHeight(picture);
    double tag = pixGetXRes(picture);
    *out = asked > 0 ? asked : tag >= DPI_MIN && tag <= DPI_MAX ? tag : fallback;
    if (asked <= 0 && (*out <= 0 || paper_at(w, h, *out) == NULL)) {
        const struct paper *paper;
        double likely = likely_dpi(w, h, &paper);
        bool fallback_fits = fallback > 0 && paper_at(w, h, fallback) != NULL;
        if (fallback_fits)
            likely = fallback;
        if (likely > 0 && *out > 0)
            text_addf(notes, "%s: taken as %.0f dpi, where it is a sheet of %s, not as %.0f dpi; "
                             "--dpi overrules\n",
                      path, likely, paper_at(w, h, likely)->name, *out);
        if (likely > 0)
            *out = likely;
    }
    if (*out <= 0)
        return error_set(err, "%s: the picture does not say its resolution; give it with --dpi",
                         path);
    if (!is_form_size(w, h, *out))
        return error_set(err, "%s: %d x %d pixels at %.0f dpi are %.0f x %.0f mm, which is no form; "
                         "give the right resolution with --dpi", path, w, h, *out,
                         MM_PER_INCH * w / *out, MM_PER_INCH * h / *out);
    return true;
}

/* ---- pictures ------------------------------------------------------------------------------- */

static PIX *to_grey(PIX *picture)
{
    PIX *flat = pixRemoveColormap(picture, REMOVE_CMAP_BASED_ON_SRC);
    /* Transparent is white paper, not black. */
    PIX *opaque = flat != NULL && pixGetDepth(flat) == 32 && pixGetSpp(flat) == 4
                      ? pixAlphaBlendUniform(flat, 0xffffff00)
                      : pixClone(flat);
    PIX *grey = opaque == NULL ? NULL : pixConvertTo8(opaque, 0);
    pixDestroy(&flat);
    pixDestroy(&opaque);
    return grey;
}

static PIX *to_plate(PIX **tint, PIX *picture, double dpi)
{
    float scale = (float)(PLATE_DPI / dpi);
    if (pixGetDepth(picture) == 1 && fabsf(scale - 1) < 0.002f)
        return pixCopy(NULL, picture);
    PIX *grey = to_grey(picture);
    PIX *scaled = grey == NULL ? NULL
                  : fabsf(scale - 1) < 0.002f ? pixClone(grey)
                  : scale > 1                 ? pixScaleGrayLI(grey, scale, scale)
                                              : pixScaleAreaMap(grey, scale, scale);
    PIX *plate = NULL;
    if (scaled != NULL && pixGetDepth(picture) > 1)
        *tint = blank_tint(scaled);
    if (scaled != NULL)
        plate = pixGetDepth(picture) == 1 ? pixThresholdToBinary(scaled, 128)
                                          : blank_binarise(scaled);
    pixDestroy(&grey);
    pixDestroy(&scaled);
    return plate;
}

/* A resolution that is given, or that makes the picture a usual paper, makes it a scan. */
static bool is_photo(struct blank_page *page, const char *path, PIX *picture,
                     const struct blank_options *options, struct text *notes)
{
    int w = pixGetWidth(picture), h = pixGetHeight(picture);
    double tag = pixGetXRes(picture);
    const struct paper *paper = NULL;
    if (pixGetDepth(picture) == 1)
        return false;
    if (options->paper == NULL &&
        (options->dpi > 0 || likely_dpi(w, h, &paper) > 0 ||
         (tag >= DPI_MIN && tag <= DPI_MAX && paper_at(w, h, tag) != NULL) ||
         (options->fallback_dpi > 0 && paper_at(w, h, options->fallback_dpi) != NULL)))
        return false;
    bool is_scan = tag >= DPI_MIN && tag <= DPI_MAX && is_form_size(w, h, tag);
    PIX *grey = to_grey(picture);
    bool found = grey != NULL && blank_is_photo(page, grey, path, options->paper, is_scan, notes);
    pixDestroy(&grey);
    return found;
}

static bool add_picture(struct blank *out, PIX *picture, const char *path, const struct blank_options *options,
                        struct text *notes, struct error *err)
{
    double dpi;
    struct blank_page *page = &out->pages[out->count];
    if ((page->is_photo = is_photo(page, path, picture, options, notes))) {
        out->count++;
        return true;
    }
    if (options->paper != NULL)
        return error_set(err, "%s: page %zu: no sheet with all its edges on something darker is seen; "
                         "--paper is for photos of such", path, out->count + 1);
    if (!decide_dpi(&dpi, path, picture, options->dpi, options->fallback_dpi, notes, err))
        return false;
    page->plate = to_plate(&page->tint, picture, dpi);
    if (page->plate == NULL)
        return error_set(err, "%s: page %zu cannot be turned into black and white", path,
                         out->count + 1);
    page->width_mm = MM_PER_INCH * pixGetWidth(picture) / dpi;
    page->height_mm = MM_PER_INCH * pixGetHeight(picture) / dpi;
    if (out->count == 0)
        out->dpi = dpi;
    out->count++;
    return true;
}

static bool check_pixels(const char *path, int width, int height, struct error *err)
{
    if ((long long)width * height <= PICTURE_PIXELS_MAX)
        return true;
    return error_set(err, "%s: too large: %d x %d pixels; scan it again at 300 dpi", path, width,
                     height);
}

static bool damaged(const char *path, size_t page, struct error *err)
{
    return error_set(err, "%s: page %zu is damaged or cut short; scan or export it again", path,
                     page + 1);
}

static bool load_tiff(struct blank *out, const char *path, const struct blank_options *options,
                      struct text *notes, struct error *err)
{
    l_int32 count = 0, w = 0, h = 0, bits, spp, res, palette, format;
    FILE *file = fopen(path, "rb");
    bool fine = file != NULL && tiffGetCount(file, &count) == 0 && count > 0;
    if (file != NULL)
        fclose(file);
    if (!fine)
        return damaged(path, 0, err);
    if (count > BLANK_PAGES_MAX)
        return error_set(err, "%s: has %d pages, more than the %d that a form may have; keep only "
                         "the form's own", path, count, BLANK_PAGES_MAX);
    out->pages = g_new0(struct blank_page, (size_t)count);
    for (l_int32 p = 0; p < count; p++) {
        if (readHeaderTiff(path, p, &w, &h, &bits, &spp, &res, &palette, &format) != 0)
            return damaged(path, (size_t)p, err);
        PIX *picture = check_pixels(path, w, h, err) ? pixReadTiff(path, p) : NULL;
        if (picture == NULL)
            return (long long)w * h <= PICTURE_PIXELS_MAX && damaged(path, (size_t)p, err);
        fine = add_picture(out, picture, path, options, notes, err);
        pixDestroy(&picture);
        if (!fine)
            return false;
    }
    return true;
}

static bool load_picture(struct blank *out, const char *path, const struct blank_options *options,
                         struct text *notes, struct error *err)
{
    l_int32 format, w = 0, h = 0, bits, spp, colours;
    if (pixReadHeader(path, &format, &w, &h, &bits, &spp, &colours) != 0)
        return damaged(path, 0, err);
    if (!check_pixels(path, w, h, err))
        return false;
    out->pages = g_new0(struct blank_page, 1);
    PIX *picture = pixRead(path);
    if (picture == NULL)
        return damaged(path, 0, err);
    bool fine = add_picture(out, picture, path, options, notes, err);
    pixDestroy(&picture);
    return fine;
}

/* ---- what it is ----------------------------------------------------------------------------- */

/* The first bytes; a PDF may begin with some rubbish. */
static bool sniff(bool *is_pdf, l_int32 *format, const char *path, struct error *err)
{
    struct stat status;
    unsigned char head[1024];
    if (stat(path, &status) != 0)
        return error_set(err, "%s: cannot open: %s", path, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return error_set(err, "%s: expected a PDF, TIFF, PNG or JPEG file", path);
    if (status.st_size == 0)
        return error_set(err, "%s: the file is empty", path);
    if (status.st_size > FILE_BYTES_MAX)
        return error_set(err, "%s: too large: %lld MB, at most %lld are taken", path,
                         (long long)status.st_size >> 20, FILE_BYTES_MAX >> 20);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return error_set(err, "%s: cannot open: %s", path, strerror(errno));
    size_t length = fread(head, 1, sizeof head, file);
    fclose(file);
    *is_pdf = memmem(head, length, "%PDF-", 5) != NULL;
    *format = IFF_UNKNOWN;
    if (!*is_pdf && length >= 12)
        findFileFormatBuffer(head, format);
    return true;
}

bool blank_load(struct blank *out, const char *path, const struct blank_options *options,
                struct text *notes, struct error *err)
{
    l_int32 format;
    *out = (struct blank){0};
    if (!sniff(&out->is_pdf, &format, path, err))
        return false;
    bool fine;
    if (out->is_pdf)
        fine = blank_load_pdf(out, path, err);
    else if (format == IFF_TIFF || (format >= IFF_TIFF_PACKBITS && format <= IFF_TIFF_ZIP) ||
             format == IFF_TIFF_JPEG)
        fine = load_tiff(out, path, options, notes, err);
    else if (format == IFF_PNG || format == IFF_JFIF_JPEG)
        fine = load_picture(out, path, options, notes, err);
    else
        fine = error_set(err, "%s: expected a PDF, TIFF, PNG or JPEG file", path);
    if (!fine)
        blank_release(out);
    return fine;
}

void blank_release(struct blank *blank)
{
    for (size_t i = 0; i < blank->count; i++) {
        pixDestroy(&blank->pages[i].plate);
        pixDestroy(&blank->pages[i].tint);
    }
    g_free(blank->pages);
    *blank = (struct blank){0};
}
