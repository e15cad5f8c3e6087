/* The pages of a TIFF: which directories there are, found once, so that any page is one step away
 * and a broken one does not hide the others. */
#include "scan/tiff_ifd.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

struct tiff_scan {
    struct scan_bytes bytes;
    const struct scan_limits *limits;
    uint64_t *offsets;
    int count;
    bool torn; /* the chain of directories breaks off: one more page, which cannot be read */
    char why[200];
};

/* What the walk along the chain remembers. */
struct walk {
    struct tiff_ifd ifd;
    GHashTable *seen;
    int capacity;
    double widest_px;
};

/* A preview beside the page proper: it says so itself and it is much smaller. */
static bool is_preview(const struct tiff_scan *scan, const struct walk *walk)
{
    unsigned kind = (unsigned)tiff_ifd_number(&walk->ifd, IFD_SUBFILE_TYPE, 0);
    double width_px = tiff_ifd_number(&walk->ifd, IFD_WIDTH, 0);
    return scan->count > 0 && (kind & 1) != 0 && width_px <= walk->widest_px / 2;
}

static void add_page(struct tiff_scan *scan, struct walk *walk, uint64_t offset)
{
    if (scan->count == walk->capacity) {
        walk->capacity = walk->capacity * 2 + 8;
        scan->offsets = realloc(scan->offsets, (size_t)walk->capacity * sizeof *scan->offsets);
        if (scan->offsets == NULL)
            error_die("no memory for the pages of a TIFF");
    }
    scan->offsets[scan->count++] = offset;
    double width_px = tiff_ifd_number(&walk->ifd, IFD_WIDTH, 0);
    if (width_px > walk->widest_px)
        walk->widest_px = width_px;
}

static enum flag walk_chain(struct tiff_scan *scan, struct walk *walk, uint64_t first,
                            struct error *err)
{
    for (uint64_t offset = first; offset != 0; offset = walk->ifd.next) {
        uint64_t *key = g_new(uint64_t, 1);
        *key = offset;
        if (!g_hash_table_add(walk->seen, key)) {
            scan->torn = true;
            snprintf(scan->why, sizeof scan->why,
                     "the list of pages runs in a circle after image %d", scan->count);
            return FLAG_NONE;
        }
        if (!tiff_ifd_go(&walk->ifd, offset)) {
            scan->torn = true;
            snprintf(scan->why, sizeof scan->why, "whatever comes after image %d is missing",
                     scan->count);
            return FLAG_NONE;
        }
        if (is_preview(scan, walk))
            continue;
        if (scan->count >= scan->limits->pages)
            return scan_trouble(FLAG_FILE_TOO_LARGE, err, "more than %d pages",
                                scan->limits->pages);
        add_page(scan, walk, offset);
    }
    return FLAG_NONE;
}

enum flag tiff_scan_open(struct tiff_scan **out, struct scan_bytes bytes,
                         const struct scan_limits *limits, struct error *err)
{
    *out = NULL;
    struct tiff_scan *scan = g_new0(struct tiff_scan, 1);
    scan->bytes = bytes;
    scan->limits = limits;
    struct walk walk = {.seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL)};
    uint64_t first = 0;
    enum flag flag = FLAG_NONE;
    if (!tiff_ifd_header(&walk.ifd, &first, bytes))
        flag = scan_trouble(FLAG_FILE_TRUNCATED, err, "a TIFF cut short in its first bytes");
    if (flag == FLAG_NONE)
        flag = walk_chain(scan, &walk, first, err);
    g_hash_table_destroy(walk.seen);
    if (flag == FLAG_NONE && scan->count == 0)
        flag = scan->torn
                   ? scan_trouble(FLAG_FILE_TRUNCATED, err, "the TIFF's list of pages is missing")
                   : scan_trouble(FLAG_FILE_NO_PAGES, err, "a TIFF without an image");
    if (flag == FLAG_NONE)
        *out = scan;
    else
        tiff_scan_close(scan);
    return flag;
}

void tiff_scan_close(struct tiff_scan *scan)
{
    if (scan == NULL)
        return;
    free(scan->offsets);
    g_free(scan);
}

int tiff_scan_pages(const struct tiff_scan *scan)
{
    return scan->count + (scan->torn ? 1 : 0);
}

enum flag tiff_scan_read(struct raw_page *out, const struct tiff_scan *scan, int index,
                         struct error *err)
{
    *out = (struct raw_page){0};
    if (index >= scan->count)
        return scan_trouble(FLAG_FILE_TRUNCATED, err, "%s", scan->why);
    return tiff_read_directory(out, scan->bytes, scan->offsets[index], scan->limits, err);
}
