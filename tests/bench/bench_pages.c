<<<<<<< HEAD
/* Writes the kinds of scan that the bench reads, from grey pictures of pages:
 * bench_pages OUT PNG... makes OUT/g4.tif (all pages, 1 bit), OUT/png/N.png, OUT/jpeg/N.jpg (grey)
 * and OUT/scan.pdf (grey JPEGs in a PDF). */
#include <allheaders.h>
#include <stdio.h>
#include <sys/stat.h>

#define DPI 300

static int fail(const char *what)
{
    fprintf(stderr, "bench_pages: %s\n", what);
    return 1;
}

static int write_page(const char *out, const char *path, int number, SARRAY *jpegs)
{
    char name[4096];
    PIX *read = pixRead(path);
    PIX *grey = read == NULL ? NULL : pixConvertTo8(read, 0);
    PIX *bits = grey == NULL ? NULL : pixThresholdToBinary(grey, 150);
    if (bits == NULL)
        return fail(path);
    pixSetResolution(grey, DPI, DPI);
    pixSetResolution(bits, DPI, DPI);
    snprintf(name, sizeof name, "%s/g4.tif", out);
    int status = pixWriteTiff(name, bits, IFF_TIFF_G4, number == 1 ? "w" : "a");
    snprintf(name, sizeof name, "%s/png/%03d.png", out, number);
    status |= pixWritePng(name, grey, 0);
    snprintf(name, sizeof name, "%s/jpeg/%03d.jpg", out, number);
    status |= pixWriteJpeg(name, grey, 80, 0);
    sarrayAddString(jpegs, name, L_COPY);
    pixDestroy(&read);
    pixDestroy(&grey);
    pixDestroy(&bits);
    return status == 0 ? 0 : fail(name);
=======
/* The same pages in every format: `bench_pages DIR FILE` decodes each page of FILE and writes
 * DIR/g4/00.tif, DIR/png/NN.png, DIR/jpeg/NN.jpg and DIR/pdf/00.pdf (JPEG inside). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "scan/scan_file.h"
#include "scan/silence.h"

#define JPEG_QUALITY 75
#define PATH_BYTES 4096
#define WHITE_FROM 140 /* grey level */

static void must(int done, const char *what)
{
    if (!done) {
        fprintf(stderr, "bench_pages: %s failed\n", what);
        exit(1);
    }
}

/* DIR/FORMAT/NUMBER.ending, with its folders made. */
static void path_make(char out[PATH_BYTES], const char *folder, const char *format, int number,
                      const char *ending)
{
    snprintf(out, PATH_BYTES, "%s/%s", folder, format);
    must((mkdir(folder, 0777) == 0 || errno == EEXIST) &&
             (mkdir(out, 0777) == 0 || errno == EEXIST), out);
    snprintf(out, PATH_BYTES, "%s/%s/%02d.%s", folder, format, number, ending);
}

static void write_page(const char *folder, PIX *grey, SARRAY *jpegs, int number)
{
    char path[PATH_BYTES];
    path_make(path, folder, "png", number, "png");
    must(pixWrite(path, grey, IFF_PNG) == 0, path);
    path_make(path, folder, "jpeg", number, "jpg");
    must(pixWriteJpeg(path, grey, JPEG_QUALITY, 0) == 0, path);
    sarrayAddString(jpegs, path, L_COPY);
    PIX *bits = pixThresholdToBinary(grey, WHITE_FROM);
    pixSetResolution(bits, pixGetXRes(grey), pixGetYRes(grey));
    path_make(path, folder, "g4", 0, "tif");
    must(pixWriteTiff(path, bits, IFF_TIFF_G4, number == 1 ? "w" : "a") == 0, path);
    pixDestroy(&bits);
}

/* The PDF writer's chatter. */
static void say_nothing(const char *text)
{
    (void)text;
>>>>>>> docs
}

int main(int argc, char **argv)
{
<<<<<<< HEAD
    char name[4096];
    if (argc < 3)
        return fail("expected OUT PNG...");
    snprintf(name, sizeof name, "%s/png", argv[1]);
    mkdir(name, 0777);
    snprintf(name, sizeof name, "%s/jpeg", argv[1]);
    mkdir(name, 0777);
    SARRAY *jpegs = sarrayCreate(argc);
    int status = 0;
    for (int i = 2; i < argc && status == 0; i++)
        status = write_page(argv[1], argv[i], i - 1, jpegs);
    snprintf(name, sizeof name, "%s/scan.pdf", argv[1]);
    if (status == 0)
        status = saConvertFilesToPdf(jpegs, DPI, 1.0F, L_JPEG_ENCODE, 80, "bench", name);
    sarrayDestroy(&jpegs);
    return status;
=======
    struct scan_limits limits = scan_limits_default();
    struct scan_file *file;
    struct error err = {""};
    char path[PATH_BYTES];
    must(argc == 3, "usage: bench_pages DIR FILE;");
    scan_silence_libraries();
    leptSetStderrHandler(say_nothing);
    must(scan_file_open(&file, argv[2], &limits, &err) == FLAG_NONE, argv[2]);
    SARRAY *jpegs = sarrayCreate(0);
    for (int i = 0; i < scan_file_page_count(file); i++) {
        struct raw_page page;
        must(scan_file_read(&page, file, i, &err) == FLAG_NONE && page.grey != NULL, "a page");
        pixSetResolution(page.grey, (int)page.x_dpi, (int)page.y_dpi);
        write_page(argv[1], page.grey, jpegs, i + 1);
        raw_page_release(&page);
    }
    path_make(path, argv[1], "pdf", 0, "pdf");
    must(saConvertFilesToPdf(jpegs, 300, 1.0f, L_JPEG_ENCODE, JPEG_QUALITY, "pages", path) == 0,
         path);
    sarrayDestroy(&jpegs);
    scan_file_close(file);
    return 0;
>>>>>>> docs
}
