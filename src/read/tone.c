/* Paper and print levels of a page. */
#include "read/tone.h"

#define STEP_PX 5            /* every fifth pixel each way is plenty: 300,000 of an A4 page */
#define PARTS 4              /* counted apart: a processor waits for a count that it has just raised */
#define CONTRAST_MIN 60.0f   /* print is at least this much darker than paper, else there is none */

struct tone tone_measure(const struct raw_page *raw)
{
    if (raw->bits != NULL)
        return (struct tone){255, 0};
    long histogram[256] = {0}, total = 0, dark = 0, sum = 0;
    unsigned counts[PARTS][256] = {{0}};
    for (int y = 0; y < raw->height_px; y += STEP_PX) {
        const l_uint32 *line = raw->grey->data + (size_t)y * raw->grey->wpl;
        int x = 0;
        for (; x + (PARTS - 1) * STEP_PX < raw->width_px; x += PARTS * STEP_PX) {
            counts[0][GET_DATA_BYTE(line, x)]++;
            counts[1][GET_DATA_BYTE(line, x + STEP_PX)]++;
            counts[2][GET_DATA_BYTE(line, x + 2 * STEP_PX)]++;
            counts[3][GET_DATA_BYTE(line, x + 3 * STEP_PX)]++;
        }
        for (; x < raw->width_px; x += STEP_PX)
            counts[0][GET_DATA_BYTE(line, x)]++;
    }
    for (int level = 0; level < 256; level++) {
        for (int k = 0; k < PARTS; k++)
            histogram[level] += counts[k][level];
        total += histogram[level];
    }
    int paper = 255;
    /* the level that 30 % of the page exceeds: within the paper's own noise */
    for (long above = 0; paper > 0 && (above += histogram[paper]) < total * 3 / 10;)
        paper--;
    /* print: the darkest 1 %, at least */
    int print = 0;
    for (; print < paper && dark < total / 100; print++) {
        dark += histogram[print];
        sum += histogram[print] * print;
    }
    float level = dark > 0 ? (float)sum / (float)dark : 0;
    if ((float)paper - level < CONTRAST_MIN)
        level = (float)paper - CONTRAST_MIN;
    return (struct tone){(float)paper, level < 0 ? 0 : level};
}

void tone_table(unsigned char table[256], float paper, float print)
{
    float span = paper - print < 1 ? 1 : paper - print;
    for (int level = 0; level < 256; level++) {
        float darkness = (paper - (float)level) / span * 255;
        table[level] = (unsigned char)(darkness < 0 ? 0 : darkness > 255 ? 255 : darkness);
    }
}
