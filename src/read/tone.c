/* Paper and print levels of a page. */
#include "read/tone.h"

#ifdef __x86_64__
#include <immintrin.h>
#define WIDE __attribute__((target("avx2"))) /* 32 pixels at once, where the processor can */
#endif

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

#ifdef __x86_64__
enum { MAP_CELLS = 32, MAP_ROW = 16, MAP_ROWS = 256 / MAP_ROW };

/* What the rows of the table from `row` on say of the levels; 0 of those in the rows before. */
static inline __attribute__((always_inline)) WIDE __m256i look_up(__m256i levels, const __m256i *rows, int row)
{
    const __m256i beyond = _mm256_set1_epi8(0x70);
    __m256i out = _mm256_setzero_si256();
    for (; row < MAP_ROWS; row++) { /* what lies in another row gets an index that gives 0 */
        __m256i at = _mm256_sub_epi8(levels, _mm256_set1_epi8((char)(row * MAP_ROW)));
        out = _mm256_or_si256(out, _mm256_shuffle_epi8(rows[row], _mm256_adds_epu8(at, beyond)));
    }
    return out;
}

/* As tone_map() of 32 cells at a time; gives how many. In most there is none darker than paper's noise. */
static WIDE size_t map_wide(unsigned char *cells, size_t count, const unsigned char table[256])
{
    enum { LIGHT_ROW = MAP_ROWS - 4 };
    const __m256i least = _mm256_set1_epi8((char)(LIGHT_ROW * MAP_ROW));
    __m256i rows[MAP_ROWS];
    for (int k = 0; k < MAP_ROWS; k++)
        rows[k] = _mm256_broadcastsi128_si256(
            _mm_loadu_si128((const __m128i *)(const void *)(table + k * MAP_ROW)));
    size_t i = 0;
    for (; i + MAP_CELLS <= count; i += MAP_CELLS) {
        __m256i levels = _mm256_loadu_si256((const __m256i *)(const void *)(cells + i));
        __m256i light = _mm256_cmpeq_epi8(_mm256_max_epu8(levels, least), levels);
        levels = _mm256_movemask_epi8(light) == -1 ? look_up(levels, rows, LIGHT_ROW) : look_up(levels, rows, 0);
        _mm256_storeu_si256((__m256i *)(void *)(cells + i), levels);
    }
    return i;
}
#endif

void tone_map(unsigned char *cells, size_t count, const unsigned char table[256])
{
    size_t done = 0;
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2"))
        done = map_wide(cells, count, table);
#endif
    for (; done < count; done++)
        cells[done] = table[cells[done]];
}
