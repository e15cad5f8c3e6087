/* Decoding speed by format: `bench_decode FILE...` prints pages, pixels and milliseconds of CPU a
 * page for each file, the best of several runs; with -o DIR it also writes each page as a PNG. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "scan/scan_file.h"
#include "scan/silence.h"

#define RUNS 5
#define PAGES_MAX 20

static double cpu_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void write_page(const struct raw_page *page, const char *folder, const char *path, int index)
{
    const char *name = strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path;
    char out[4096];
    snprintf(out, sizeof out, "%s/%s-%d.png", folder, name, index + 1);
    pixWritePng(out, page->bits != NULL ? page->bits : page->grey, 0);
}

/* The CPU time of reading the page once. Prints what came of it where `show`. */
static double read_once(struct scan_file *file, int index, const char *path, const char *folder,
                        int show)
{
    struct raw_page page;
    struct error err;
    double start = cpu_ms();
    enum flag flag = scan_file_read(&page, file, index, &err);
    double took = cpu_ms() - start;
    if (show && flag != FLAG_NONE)
        printf("%s page %d: %s (%s)\n", path, index + 1, flag_code(flag), err.text);
    if (show && flag == FLAG_NONE && index == 0)
        printf("%s: %d x %d %s, %g x %g dpi\n", path, page.width_px, page.height_px,
               page.bits != NULL ? "bits" : "grey", page.x_dpi, page.y_dpi);
    if (show && flag == FLAG_NONE && folder != NULL)
        write_page(&page, folder, path, index);
    raw_page_release(&page);
    return took;
}

static void bench(const char *path, const char *folder)
{
    struct scan_limits limits = scan_limits_default();
    struct scan_file *file;
    struct error err;
    double start = cpu_ms();
    enum flag flag = scan_file_open(&file, path, &limits, &err);
    double opened = cpu_ms() - start;
    if (flag != FLAG_NONE) {
        printf("%s: %s (%s)\n", path, flag_code(flag), err.text);
        return;
    }
    int pages = scan_file_page_count(file);
    int tried = pages < PAGES_MAX ? pages : PAGES_MAX;
    double total = 0;
    for (int i = 0; i < tried; i++) {
        double best = 1e9;
        for (int run = 0; run < RUNS; run++) {
            double took = read_once(file, i, path, folder, run == 0);
            best = took < best ? took : best;
        }
        total += best;
    }
    printf("%s: %d pages, open and hash %.2f ms, %.2f ms a page\n", path, pages, opened,
           total / tried);
    scan_file_close(file);
}

int main(int argc, char **argv)
{
    const char *folder = NULL;
    int first = 1;
    if (argc > 2 && strcmp(argv[1], "-o") == 0) {
        folder = argv[2];
        first = 3;
    }
    if (first >= argc) {
        fprintf(stderr, "usage: bench_decode [-o DIR] FILE...\n");
        return 2;
    }
    scan_silence_libraries();
    for (int i = first; i < argc; i++)
        bench(argv[i], folder);
    return 0;
}
