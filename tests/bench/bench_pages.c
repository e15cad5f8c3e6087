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
}

int main(int argc, char **argv)
{
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
}
