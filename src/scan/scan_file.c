/* Opens a scan file: reads it once, hashes it, sniffs it and hands its pages to the decoders. */
#include "scan/scan_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scan/decode.h"

struct scan_file {
    unsigned char *data;
    size_t length;
    enum scan_format format;
    struct scan_limits limits;
    char hash[HASH_TEXT_BYTES];
    struct tiff_scan *tiff;
    struct pdf_scan *pdf;
};

struct scan_limits scan_limits_default(void)
{
    return (struct scan_limits){
        .file_bytes = 1LL << 30,
        .image_pixels = 100 * 1000 * 1000, /* A3 at 600 dpi is 70 million */
        .pages = 10000,
        .pdf_dpi = 300,
    };
}

static bool same_moment(const struct stat *a, const struct stat *b)
{
    return a->st_size == b->st_size && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
           a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Reads until the end or the buffer is full. */
static bool read_whole(size_t *got, int descriptor, unsigned char *data, size_t size)
{
    *got = 0;
    while (*got < size) {
        ssize_t part = read(descriptor, data + *got, size - *got);
        if (part < 0 && errno == EINTR)
            continue;
        if (part < 0)
            return false;
        if (part == 0)
            break;
        *got += (size_t)part;
    }
    return true;
}

static enum flag check_file(const struct stat *status, const struct scan_limits *limits,
                            struct error *err)
{
    if (S_ISDIR(status->st_mode))
        return scan_trouble(FLAG_FILE_UNREADABLE, err, "it is a folder");
    if (!S_ISREG(status->st_mode))
        return scan_trouble(FLAG_FILE_UNREADABLE, err, "it is a device or a pipe, not a file");
    if (status->st_size == 0)
        return scan_trouble(FLAG_FILE_EMPTY, err, "0 bytes");
    if (status->st_size > limits->file_bytes)
        return scan_trouble(FLAG_FILE_TOO_LARGE, err, "%lld MB; the limit is %lld MB",
                            (long long)status->st_size / 1000000, limits->file_bytes / 1000000);
    return FLAG_NONE;
}

static enum flag load_open(struct scan_file *file, int descriptor, struct error *err)
{
    struct stat before, after;
    if (fstat(descriptor, &before) != 0)
        return scan_trouble(FLAG_FILE_UNREADABLE, err, "%s", strerror(errno));
    enum flag flag = check_file(&before, &file->limits, err);
    if (flag != FLAG_NONE)
        return flag;
    size_t size = (size_t)before.st_size;
    file->data = malloc(size + 1); /* one more, to notice that the file has grown */
    if (file->data == NULL)
        error_die("no memory for a file of %zu bytes", size);
    if (!read_whole(&file->length, descriptor, file->data, size + 1))
        return scan_trouble(FLAG_FILE_UNREADABLE, err, "%s", strerror(errno));
    if (fstat(descriptor, &after) != 0 || !same_moment(&before, &after) || file->length != size)
        return scan_trouble(FLAG_FILE_TRUNCATED, err, "still being written");
    return FLAG_NONE;
}

static enum flag load(struct scan_file *file, const char *path, struct error *err)
{
    /* O_NONBLOCK: opening a pipe must not wait for a writer. */
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0)
        return scan_trouble(FLAG_FILE_UNREADABLE, err, "%s", strerror(errno));
    enum flag flag = load_open(file, descriptor, err);
    close(descriptor);
    return flag;
}

/* A copy that broke off often leaves its length in zeros. */
static bool only_zeros(struct scan_bytes bytes)
{
    return bytes.data[0] == 0 && memcmp(bytes.data, bytes.data + 1, bytes.length - 1) == 0;
}

static enum flag open_format(struct scan_file *file, struct error *err)
{
    struct scan_bytes bytes = {file->data, file->length};
    file->format = scan_sniff(file->data, file->length);
    switch (file->format) {
    case SCAN_TIFF:
        return tiff_scan_open(&file->tiff, bytes, &file->limits, err);
    case SCAN_PDF:
        return pdf_scan_open(&file->pdf, bytes, &file->limits, err);
    case SCAN_PNG:
    case SCAN_JPEG:
        return FLAG_NONE;
    case SCAN_UNKNOWN:
        break;
    }
    if (only_zeros(bytes))
        return scan_trouble(FLAG_FILE_TRUNCATED, err, "it holds nothing but zero bytes");
    const char *name = scan_foreign_name(bytes);
    return scan_trouble(FLAG_FILE_FOREIGN, err, "%s%s", name != NULL ? "it seems to be " : "",
                        name != NULL ? name : "its content is of no known kind");
}

enum flag scan_file_open(struct scan_file **out, const char *path, const struct scan_limits *limits,
                         struct error *err)
{
    *out = NULL;
    error_set(err, "%s", "");
    struct scan_file *file = calloc(1, sizeof *file);
    if (file == NULL)
        error_die("no memory for a file");
    file->limits = *limits;
    enum flag flag = load(file, path, err);
    if (flag == FLAG_NONE) {
        hash_bytes(file->hash, file->data, file->length);
        flag = open_format(file, err);
    }
    if (flag == FLAG_NONE)
        *out = file;
    else
        scan_file_close(file);
    return flag;
}

void scan_file_close(struct scan_file *file)
{
    if (file == NULL)
        return;
    tiff_scan_close(file->tiff);
    pdf_scan_close(file->pdf);
    free(file->data);
    free(file);
}

enum scan_format scan_file_format(const struct scan_file *file)
{
    return file->format;
}

int scan_file_page_count(const struct scan_file *file)
{
    return file->tiff != NULL  ? tiff_scan_pages(file->tiff)
           : file->pdf != NULL ? pdf_scan_pages(file->pdf)
                               : 1;
}

const char *scan_file_hash(const struct scan_file *file)
{
    return file->hash;
}

enum flag scan_file_read(struct raw_page *out, struct scan_file *file, int index, struct error *err)
{
    *out = (struct raw_page){0};
    error_set(err, "%s", "");
    if (index < 0 || index >= scan_file_page_count(file))
        return scan_trouble(FLAG_FILE_NO_PAGES, err, "there is no page %d", index + 1);
    struct scan_bytes bytes = {file->data, file->length};
    switch (file->format) {
    case SCAN_PNG:
        return png_read(out, bytes, &file->limits, err);
    case SCAN_JPEG:
        return jpeg_read(out, bytes, &file->limits, err);
    case SCAN_TIFF:
        return tiff_scan_read(out, file->tiff, index, err);
    case SCAN_PDF:
        return pdf_scan_read(out, file->pdf, index, err);
    case SCAN_UNKNOWN:
        break;
    }
    return scan_trouble(FLAG_FILE_FOREIGN, err, "its content is of no known kind");
}
