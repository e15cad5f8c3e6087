/* A scan file: untrusted bytes to raw pages. Sniffs content, never names. */
#ifndef SCAN_SCAN_FILE_H
#define SCAN_SCAN_FILE_H

#include "base/error.h"
#include "base/flag.h"
#include "base/hash.h"
#include "scan/raw_page.h"

enum scan_format { SCAN_UNKNOWN, SCAN_PNG, SCAN_JPEG, SCAN_TIFF, SCAN_PDF };

struct scan_limits {
    long long file_bytes;   /* largest file */
    long long image_pixels; /* largest image (decompression bombs), before anything is allocated */
    int pages;              /* most pages in a file */
    int pdf_dpi;            /* resolution for PDF pages that are not one scanned image */
};

struct scan_limits scan_limits_default(void);

/* Looks at the first bytes. */
enum scan_format scan_sniff(const unsigned char *bytes, size_t length);

struct scan_file;

/* Opens the file, hashes it and counts its pages. On trouble with the file returns the FLAG_FILE_*
 * that says what is wrong, with a detail in err (may be empty); FLAG_NONE when all is well. */
enum flag scan_file_open(struct scan_file **out, const char *path, const struct scan_limits *limits,
                         struct error *err);
void scan_file_close(struct scan_file *file); /* NULL is allowed */

enum scan_format scan_file_format(const struct scan_file *file);
int scan_file_page_count(const struct scan_file *file);
const char *scan_file_hash(const struct scan_file *file); /* SHA-256 of the content, hexadecimal */

/* Decodes page `index` (from 0). FLAG_NONE, or what is wrong with this page. A page that cannot be
 * decoded leaves the others readable. */
enum flag scan_file_read(struct raw_page *out, struct scan_file *file, int index,
                         struct error *err);

#endif
