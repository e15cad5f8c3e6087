/* The bare directories of a TIFF (and of the TIFF inside a camera's EXIF): where they are and their
 * plain numbers, every access checked. Pixels and all else are libtiff's. */
#ifndef SCAN_TIFF_IFD_H
#define SCAN_TIFF_IFD_H

#include "scan/decode.h"

enum {
    IFD_SUBFILE_TYPE = 254,
    IFD_WIDTH = 256,
    IFD_ORIENTATION = 274,
    IFD_X_RESOLUTION = 282,
    IFD_Y_RESOLUTION = 283,
    IFD_RESOLUTION_UNIT = 296
};

struct tiff_ifd {
    struct scan_bytes bytes;
    bool big_endian, big_tiff;
    uint64_t entries; /* offset of the first entry */
    uint64_t entry_count;
    uint64_t next; /* offset of the next directory; 0 = this is the last */
};

/* Reads the header; `first` becomes the offset of the first directory. False: not a whole TIFF. */
bool tiff_ifd_header(struct tiff_ifd *ifd, uint64_t *first, struct scan_bytes bytes);

/* Goes to the directory at `offset`. False where it does not lie wholly inside the bytes. */
bool tiff_ifd_go(struct tiff_ifd *ifd, uint64_t offset);

/* The first value of a tag, `otherwise` where the tag is not there or is no number. */
double tiff_ifd_number(const struct tiff_ifd *ifd, unsigned tag, double otherwise);

/* Dots per inch of a resolution tag in its unit (1 = none: 0, 2 = inch, 3 = cm). */
double tiff_dpi(double resolution, unsigned unit);

/* Orientations 2, 4, 5 and 7 are mirrored; the rest are turns, which are found from the content. */
static inline bool tiff_orientation_mirrored(unsigned orientation)
{
    return orientation == 2 || orientation == 4 || orientation == 5 || orientation == 7;
}

#endif
