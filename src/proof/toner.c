/* Tells the edges of print from tints, and gives each what a printer does to it. */
#include "proof/toner.h"

#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/geometry.h"

/* Two tiles of raggedness whose sizes share no factor: their sum does not repeat on a page. */
#define TILE_A 128
#define TILE_B 101

/* The screen's cell is looked up in so many steps each way, for so many tones. */
#define STEP_BITS 4
#define STEPS (1 << STEP_BITS)
#define TONE_SHIFT 2
#define TONES (256 >> TONE_SHIFT)

struct toner {
    uint8_t light[256];         /* by drawn level, where it is not screened */
    int8_t rough_a[TILE_A * TILE_A], rough_b[TILE_B * TILE_B];
    double gain;
    double pitch;               /* screen cells a pixel; 0: no screen */
    uint16_t turn, start_u, start_v; /* cells a pixel along each axis of the screen, in 1/65536 */
    uint8_t *cover[TONES];      /* STEPS x STEPS, made when a tone is first met */
};

/* Toner's share of a pixel of drawn level i. Pixels at the edge of print are partly covered: a
 * spreading toner covers them more. */
static double toner_of(int level, double gain)
{
    double toner = (255 - level) / 255.0;
    return fmin(fmax(toner + gain * 4 * toner * (1 - toner), 0), 1);
}

static void make_tile(int8_t *tile, int size, double rough, double step, double phase)
{
    double height = fmin(rough, 1.1) * 70 * 0.71; /* as strong as one: the two add */
    for (int y = 0; y < size; y++)
        for (int x = 0; x < size; x++)
            tile[y * size + x] =
                (int8_t)(height * (smooth_noise(x * step + phase, y * step) +
                                   0.6 * smooth_noise(x * 2.3 * step, y * 2.3 * step + phase)));
}

struct toner *toner_new(const struct toner_look *look, double px_per_mm)
{
    struct toner *t = g_new0(struct toner, 1);
    double step = 7.5 / px_per_mm; /* bumps of about an eighth of a mm */
    t->gain = look->gain;
    for (int i = 0; i < 256; i++)
        t->light[i] = (uint8_t)(255 * fmin(look->paper, 1) *
                                    (1 - 0.95 * toner_of(i, look->gain) * (1 - look->faded)) + 0.5);
    make_tile(t->rough_a, TILE_A, look->rough, step, look->phase);
    make_tile(t->rough_b, TILE_B, look->rough, step, look->phase + 500);
    t->pitch = look->screen_lpi / (px_per_mm * MM_PER_INCH);
    t->turn = (uint16_t)(65536 * fmin(t->pitch, 1.4) * sqrt(0.5)); /* 45 degrees, as black is */
    t->start_u = (uint16_t)(65536 * fmod(look->phase * 0.617, 1));
    t->start_v = (uint16_t)(65536 * fmod(look->phase * 0.383, 1));
    return t;
}

void toner_free(struct toner *toner)
{
    for (int i = 0; toner != NULL && i < TONES; i++)
        g_free(toner->cover[i]);
    g_free(toner);
}

uint8_t toner_paper(const struct toner *toner)
{
    return toner->light[255];
}

/* The height over which cos u + cos v covers this share of its cell: round dots that grow until they
 * touch at a half, then holes that shrink. */
static double spot_height(double share)
{
    static const double by_sixteenth[] = {2, 1.626, 1.289, 0.988, 0.72, 0.485, 0.284, 0.118, 0};
    double s = 16 * (share < 0.5 ? share : 1 - share);
    int i = s >= 7 ? 7 : (int)s;
    double height = by_sixteenth[i] + (s - i) * (by_sixteenth[i + 1] - by_sixteenth[i]);
    return share < 0.5 ? height : -height;
}

#define FINE 6 /* a pixel is looked at in FINE x FINE spots */

/* How much of a pixel the dots of this tone cover, by where in the screen's cell it lies. */
static const uint8_t *cover_of(struct toner *t, int tone)
{
    if (t->cover[tone] != NULL)
        return t->cover[tone];
    double height = spot_height(toner_of((tone << TONE_SHIFT) + (1 << TONE_SHIFT) / 2, t->gain));
    double turn = 2 * M_PI * t->pitch * sqrt(0.5);
    uint8_t *cover = t->cover[tone] = g_malloc(STEPS * STEPS);
    for (int i = 0; i < STEPS * STEPS; i++) {
        double u = 2 * M_PI * (i / STEPS + 0.5) / STEPS, v = 2 * M_PI * (i % STEPS + 0.5) / STEPS;
        int inside = 0;
        for (int f = 0; f < FINE * FINE; f++) {
            double dx = (f % FINE + 0.5) / FINE - 0.5, dy = (f / FINE + 0.5) / FINE - 0.5;
            inside += cos(u + (dx + dy) * turn) + cos(v + (dx - dy) * turn) > height;
        }
        cover[i] = (uint8_t)(255 * inside / (FINE * FINE));
    }
    return cover;
}

/* Part of a tint, not the edge of something: its neighbours are as dark. */
static inline bool is_flat(const uint8_t *above, const uint8_t *here, const uint8_t *below, int x)
{
    int level = here[x];
    return abs(here[x - 1] - level) <= 6 && abs(here[x + 1] - level) <= 6 &&
           abs(above[x] - level) <= 6 && abs(below[x] - level) <= 6;
}

static inline int within(int level)
{
    return level < 0 ? 0 : level > 255 ? 255 : level;
}

static uint8_t screened(struct toner *t, int level, int rough, int x, int y)
{
    if (t->pitch <= 0)
        return t->light[level];
    int tone = within(level + rough / 6); /* a printer's tints are a little uneven */
    uint16_t u = (uint16_t)(t->start_u + (x + y) * t->turn);
    uint16_t v = (uint16_t)(t->start_v + (x - y) * t->turn);
    int at = (u >> (16 - STEP_BITS)) * STEPS + (v >> (16 - STEP_BITS));
    int cover = cover_of(t, tone >> TONE_SHIFT)[at];
    return (uint8_t)(t->light[255] - (t->light[255] - t->light[0]) * cover / 255);
}

#define BLANK8 UINT64_MAX /* eight pixels without print */

void toner_row(struct toner *t, uint8_t *restrict to, const struct plane *print, int y, int x0,
               int x1)
{
    const uint8_t *from = print->data + (size_t)y * (size_t)print->width_px;
    const uint8_t *above = y > 0 ? from - print->width_px : from;
    const uint8_t *below = y + 1 < print->height_px ? from + print->width_px : from;
    const int8_t *rough_a = t->rough_a + y % TILE_A * TILE_A;
    const int8_t *rough_b = t->rough_b + y % TILE_B * TILE_B;
    for (int x = x0; x < x1;) {
        uint64_t eight = 0;
        if (x + 8 <= x1)
            memcpy(&eight, from + x, 8);
        int end = x + 8 < x1 ? x + 8 : x1;
        for (; eight != BLANK8 && x < end; x++) {
            int level = from[x];
            if (level > 4 && level < 251) {
                int rough = rough_a[x % TILE_A] + rough_b[(unsigned)x % TILE_B];
                bool inner = x > 0 && x + 1 < print->width_px;
                to[x] = inner && is_flat(above, from, below, x)
                            ? screened(t, level, rough, x, y)
                            : t->light[within(level + rough)];
            } else {
                to[x] = t->light[level];
            }
        }
        x = end;
    }
}
