/* Between the files that measure scan health. */
#ifndef PAGE_HEALTH_INTERNAL_H
#define PAGE_HEALTH_INTERNAL_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "page/health.h"

#define HEALTH_ROWS 96 /* of the image are looked at, or all where there are fewer */
#define LEVELS_MARGIN 64 /* before and after a row of levels: whole blocks may be read there */

/* One image while it is looked at. */
struct looking {
    const struct raw_page *raw;
    const struct health_scan *scan;
    const struct health_form *form; /* NULL: none lies on it */
    struct transform to_form;       /* px of the image -> mm of the form, without the correction */
    const struct health_calibration *calibration;
    int width, height, words; /* px; words of 32 pixels a row */
    double mm_x, mm_y;        /* of a pixel, by the resolution believed */
    int rows;                 /* that are looked at, */
    const int *y;             /* and where they are */
    int middle;               /* darker than this is dark */
    uint32_t *dark;           /* [row][word]: dark pixels */
    uint32_t *thin;           /* [row][word]: thin dark lines, a pixel fatter on each side */
    uint32_t *scratch;        /* two rows of words */
    uint8_t *levels;          /* of the row that dark_row() unpacked last; 0 before and after it */
};

/* Whether the form prints something within about 0.5 mm of this pixel of the image. */
bool health_printed(const struct looking *l, double x_px, double y_px);

/* Flags of 0 or 1 as the bits of a word, the first one uppermost. Inline, so that the compiler sees
 * that the flags are nobody else's and makes vectors of the loops that fill them. */
static inline uint32_t health_pack(const uint8_t flags[32])
{
    uint32_t word = 0;
    for (int k = 0; k < 4; k++) {
        uint64_t eight;
        memcpy(&eight, flags + 8 * k, sizeof eight);
        /* gathers the lowest bits of eight bytes, the first one uppermost */
        word = word << 8 | (uint32_t)(le64toh(eight) * 0x8040201008040201u >> 56);
    }
    return word;
}

/* Pixels of row r that are darker than what lies a millimetre to both sides. `contrast`: levels from
 * paper to print. l->levels holds the row where the scan is grey. */
void health_thin_row(const struct looking *l, uint32_t *out, int r, float contrast);

void health_streaks(const struct looking *l, struct scan_health *health);

#endif
