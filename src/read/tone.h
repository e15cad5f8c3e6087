/* Grey levels of a page: what is paper, what is print, and how dark any pixel is between the two. */
#ifndef READ_TONE_H
#define READ_TONE_H

#include "scan/raw_page.h"

struct tone {
    float paper, print; /* grey levels, 0-255; of a bitonal scan 255 and 0 */
};

/* From every few pixels of the page. */
struct tone tone_measure(const struct raw_page *raw);

/* Darkness of one pixel of the scan: 0 paper, 255 as dark as print (or darker); outside the image:
 * paper. */
static inline unsigned char tone_darkness(const struct raw_page *raw, const unsigned char table[256],
                                          int x, int y)
{
    if ((unsigned)x >= (unsigned)raw->width_px || (unsigned)y >= (unsigned)raw->height_px)
        return 0;
    if (raw->bits != NULL) {
        const l_uint32 *line = raw->bits->data + (size_t)y * raw->bits->wpl;
        return GET_DATA_BIT(line, x) ? 255 : 0;
    }
    const l_uint32 *line = raw->grey->data + (size_t)y * raw->grey->wpl;
    return table[GET_DATA_BYTE(line, x)];
}

/* Darkness per grey level, for paper and print of these levels. */
void tone_table(unsigned char table[256], float paper, float print);

/* Each cell's grey level to what the table says of it. */
void tone_map(unsigned char *cells, size_t count, const unsigned char table[256]);

#endif
