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

/* Whitens the runs of each row that lie in the band. */
static void whiten(PIX *bits, const struct band *band)
{
    for (int y = 0; y < band->along; y++) {
        l_uint32 *row = bits->data + (size_t)y * bits->wpl;
        for (int x = band->first; x <= band->last; x++) {
            if (!GET_DATA_BIT(row, x))
                continue;
            int from = x;
            while (x <= band->last && GET_DATA_BIT(row, x))
                x++;
            bool inside = !GET_DATA_BIT(row, from - 1) && !GET_DATA_BIT(row, x);
            for (int i = from; i < x && inside; i++)
                CLEAR_DATA_BIT(row, i);
        }
    }
}

static void take_off_all(PIX **out, const struct raw_page *raw, const struct streak *streaks, int count,
                         const struct mark_calibration *calibration)
{
    for (int k = 0; k < count; k++) {
        struct band band = band_of(&streaks[k], raw, calibration);
        if (band.first < 1 || band.last + 1 >= band.across || (raw->bits != NULL && band.lying))
            continue;
        if (*out == NULL && (*out = pixCopy(NULL, raw->bits != NULL ? raw->bits : raw->grey)) == NULL)
            error_die("out of memory: an image of %d x %d px", raw->width_px, raw->height_px);
        if (raw->bits != NULL)
            whiten(*out, &band);
        else
            take_off(*out, &band);
    }
}

PIX *streaks_take_off(const struct raw_page *raw, const struct scan_health *health,
                      const struct mark_calibration *calibration)
{
    PIX *out = NULL;
    take_off_all(&out, raw, health->streaks, health->streak_count, calibration);
    take_off_all(&out, raw, health->broken, health->broken_count, calibration);
    return out;
}
