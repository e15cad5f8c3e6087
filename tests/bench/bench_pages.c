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
}

int main(int argc, char **argv)
{
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
}
