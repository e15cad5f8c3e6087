/* Columns of dust on grey images, and the image without them. */
#include "read/streaks.h"

#include <math.h>

#include "base/error.h"

/* One streak: first and last pixel across it, of an image so long along it. */
struct band {
    bool lying;
    int first, last, across, along;
};

static struct band band_of(const struct streak *streak, const struct raw_page *raw,
                           const struct mark_calibration *calibration)
{
    double half = (double)streak->width_px / 2 + calibration->streak_soft_px;
    return (struct band){.lying = streak->lying,
                         .first = (int)floor((double)streak->at_px - half),
                         .last = (int)ceil((double)streak->at_px + half) - 1,
                         .across = streak->lying ? raw->height_px : raw->width_px,
                         .along = streak->lying ? raw->width_px : raw->height_px};
}

static int level_at(const PIX *grey, const struct band *band, int across, int along)
{
    const l_uint32 *row = grey->data + (size_t)(band->lying ? across : along) * grey->wpl;
    return GET_DATA_BYTE(row, band->lying ? along : across);
}

/* Lightens each pixel to what lies between the two sides. */
static void take_off(PIX *grey, const struct band *band)
{
    int before = band->first - 1, after = band->last + 1, wide = after - before;
    for (int i = 0; i < band->along; i++) {
        int left = level_at(grey, band, before, i), right = level_at(grey, band, after, i);
        for (int k = band->first; k <= band->last; k++) {
            int level = (left * (after - k) + right * (k - before)) / wide;
            l_uint32 *row = grey->data + (size_t)(band->lying ? k : i) * grey->wpl;
            int x = band->lying ? i : k;
            if (level > GET_DATA_BYTE(row, x))
                SET_DATA_BYTE(row, x, (l_uint8)level);
        }
    }
}

PIX *streaks_take_off(const struct raw_page *raw, const struct scan_health *health,
                      const struct mark_calibration *calibration)
{
    PIX *out = NULL;
    for (int k = 0; raw->bits == NULL && k < health->streak_count; k++) {
        struct band band = band_of(&health->streaks[k], raw, calibration);
        if (band.first < 1 || band.last + 1 >= band.across)
            continue;
        if (out == NULL && (out = pixCopy(NULL, raw->grey)) == NULL)
            error_die("out of memory: an image of %d x %d px", raw->width_px, raw->height_px);
        take_off(out, &band);
    }
    return out;
}
