/* Scan files by Leptonica. */
#include "proof/scan_writer.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

struct scan_writer {
    char *stem, *part;
    enum scan_output output;
    int jpeg_quality;
    bool lossless; /* a scanner without noise: nothing may be lost */
    int count;
    char source[256];
    L_PTRA *pdf_pages; /* of L_BYTEA */
};

struct scan_writer *scan_writer_new(const char *stem, const struct machine *machine)
{
    struct scan_writer *w = g_new0(struct scan_writer, 1);
    w->stem = g_strdup(stem);
    w->part = g_strdup_printf("%s.part", stem);
    w->output = machine->output;
    w->jpeg_quality = machine->jpeg_quality;
    w->lossless = machine->noise == 0;
    if (w->output == OUTPUT_pdf) {
        l_pdfSetDateAndVersion(0); /* the same seed gives the same bytes, today and tomorrow */
        w->pdf_pages = ptraCreate(0);
    }
    return w;
}

static bool failed(const struct scan_writer *w, struct error *err)
{
    remove(w->part);
    return error_set(err, "%s: the scan cannot be written; is the disk full, or the folder not "
                          "yours to write in?", w->part);
}

static bool settle(const struct scan_writer *w, const char *name, struct error *err)
{
    return rename(w->part, name) == 0 || failed(w, err);
}

static bool add_pdf(struct scan_writer *w, PIX *pix, struct error *err)
{
    l_uint8 *data = NULL;
    size_t size = 0;
    int type = pixGetDepth(pix) == 1 ? L_G4_ENCODE : w->lossless ? L_FLATE_ENCODE : L_JPEG_ENCODE;
    if (pixConvertToPdfData(pix, type, w->jpeg_quality, &data, &size, 0, 0, pixGetXRes(pix), "scan",
                            NULL, 0) != 0)
        return failed(w, err);
    ptraAdd(w->pdf_pages, l_byteaInitFromMem(data, size));
    lept_free(data);
    return true;
}

static bool add_tiff(struct scan_writer *w, PIX *pix, struct error *err)
{
    int type = pixGetDepth(pix) == 1 ? IFF_TIFF_G4 : w->lossless ? IFF_TIFF_ZIP : IFF_TIFF_JPEG;
    return pixWriteTiff(w->part, pix, type, w->count == 0 ? "w" : "a") == 0 || failed(w, err);
}

bool scan_writer_add(const char **source, int *image, struct scan_writer *w, PIX *pix,
                     struct error *err)
{
    static const char *const endings[OUTPUT_COUNT] = {"tif", "jpg", "pdf"};
    const char *slash = strrchr(w->stem, '/'), *name = slash == NULL ? w->stem : slash + 1;
    bool fine;
    if (w->output == OUTPUT_jpeg) {
        char *path = g_strdup_printf("%s-%03d.jpg", w->stem, w->count + 1);
        snprintf(w->source, sizeof w->source, "%s-%03d.jpg", name, w->count + 1);
        fine = pixWriteJpeg(w->part, pix, w->jpeg_quality, 0) == 0 ? settle(w, path, err)
                                                                   : failed(w, err);
        g_free(path);
        *image = 1;
    } else {
        snprintf(w->source, sizeof w->source, "%s.%s", name, endings[w->output]);
        fine = w->output == OUTPUT_pdf ? add_pdf(w, pix, err) : add_tiff(w, pix, err);
        *image = w->count + 1;
    }
    w->count++;
    *source = w->source;
    return fine;
}

bool scan_writer_finish(struct scan_writer *w, struct error *err)
{
    if (w->output == OUTPUT_jpeg || w->count == 0)
        return true;
    if (w->output == OUTPUT_pdf) {
        l_uint8 *data = NULL;
        size_t size = 0;
        if (ptraConcatenatePdfToData(w->pdf_pages, NULL, &data, &size) != 0 ||
            l_binaryWrite(w->part, "w", data, size) != 0) {
            lept_free(data);
            return failed(w, err);
        }
        lept_free(data);
    }
    char *path = g_strdup_printf("%s.%s", w->stem, w->output == OUTPUT_pdf ? "pdf" : "tif");
    bool fine = settle(w, path, err);
    g_free(path);
    return fine;
}

void scan_writer_free(struct scan_writer *w)
{
    l_int32 last = -1;
    if (w == NULL)
        return;
    if (w->pdf_pages != NULL) {
        ptraGetMaxIndex(w->pdf_pages, &last);
        for (l_int32 i = 0; i <= last; i++) {
            L_BYTEA *bytes = ptraRemove(w->pdf_pages, i, L_NO_COMPACTION);
            l_byteaDestroy(&bytes);
        }
        ptraDestroy(&w->pdf_pages, 0, 0);
    }
    g_free(w->stem);
    g_free(w->part);
    g_free(w);
}
