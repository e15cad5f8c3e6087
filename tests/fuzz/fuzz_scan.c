/* Any bytes at all through the scan room: opened, and every page of it read. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "scan/scan_file.h"
#include "scan/silence.h"

/* Small limits: the fuzzer looks for crashes, not for work. */
#define PAGES_MAX 5

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int descriptor = -1;
    static char path[64];
    if (descriptor < 0) {
        scan_silence_libraries();
        descriptor = memfd_create("fuzz", 0);
        snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
    }
    if (descriptor < 0 || ftruncate(descriptor, 0) != 0 ||
        pwrite(descriptor, data, size, 0) != (ssize_t)size)
        abort();
    struct scan_limits limits = {
        .file_bytes = 1 << 24, .image_pixels = 1 << 20, .pages = 100, .pdf_dpi = 50};
    struct scan_file *file;
    struct error err;
    if (scan_file_open(&file, path, &limits, &err) != FLAG_NONE)
        return 0;
    int pages = scan_file_page_count(file);
    for (int i = 0; i < pages && i < PAGES_MAX; i++) {
        struct raw_page page;
        if (scan_file_read(&page, file, i, &err) == FLAG_NONE &&
            (page.bits == NULL) == (page.grey == NULL))
            abort(); /* a page that was read has one image */
        raw_page_release(&page);
    }
    scan_file_close(file);
    return 0;
}
