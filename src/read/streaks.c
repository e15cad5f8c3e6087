/* Columns of dust on grey images, and the image without them. */
#include "read/streaks.h"

#include <math.h>
#include <stdlib.h>

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

/* The next run of a row, from *to on, that lies in the band and does not leave it: from *from to before *to. False:
 * there is none. */
static bool next_run(int *from, int *to, const l_uint32 *row, const struct band *band)
{
    for (int x = *to; x <= band->last; x++) {
        if (!GET_DATA_BIT(row, x))
            continue;
        *from = x;
        while (x <= band->last && GET_DATA_BIT(row, x))
            x++;
        *to = x;
        if (!GET_DATA_BIT(row, *from - 1) && !GET_DATA_BIT(row, x))
            return true;
    }
    return false;
}

/* How many rows above each one hold such runs. Freed by the caller. */
static int *count_rows(const PIX *bits, const struct band *band)
{
    int *above = malloc(((size_t)band->along + 1) * sizeof *above);
    if (above == NULL)
        error_die("out of memory: a streak of %d px", band->along);
    above[0] = 0;
    for (int y = 0; y < band->along; y++) {
        int from, to = band->first;
        above[y + 1] = above[y] + next_run(&from, &to, bits->data + (size_t)y * bits->wpl, band);
    }
    return above;
}

/* How many of the rows within `reach` of y. */
static int rows_around(const int *above, int y, int reach, int rows)
{
    int from = y > reach ? y - reach : 0, to = y + reach + 1 < rows ? y + reach + 1 : rows;
    return above[to] - above[from];
}

/* Whitens the runs of each row that lie in the band, where the streak is not gone: a spot by itself may be what is
 * left of a mark. */
static void whiten(PIX *bits, const PIX *scanned, const struct band *band, double px_per_mm,
                   const struct mark_calibration *calibration)
{
    int own = (int)ceil(calibration->streak_spot_mm * px_per_mm);
    int around = (int)ceil(calibration->streak_around_mm * px_per_mm);
    double least = calibration->streak_around_min * 2 * (around - own);
    int *above = count_rows(scanned, band);
    for (int y = 0; y < band->along; y++) {
        l_uint32 *row = bits->data + (size_t)y * bits->wpl;
        bool there = rows_around(above, y, around, band->along) - rows_around(above, y, own, band->along) >= least;
        for (int from, to = band->first; there && next_run(&from, &to, row, band);)
            for (int i = from; i < to; i++)
                CLEAR_DATA_BIT(row, i);
    }
    free(above);
}

static void take_off_all(PIX **out, const struct raw_page *raw, const PIX *scanned, const struct streak *streaks,
                         int count, const struct transform *local, const struct mark_calibration *calibration)
{
    for (int k = 0; k < count; k++) {
        struct band band = band_of(&streaks[k], raw, calibration);
        if (band.first < 1 || band.last + 1 >= band.across || (raw->bits != NULL && band.lying))
            continue;
        if (*out == NULL && (*out = pixCopy(NULL, raw->bits != NULL ? raw->bits : raw->grey)) == NULL)
            error_die("out of memory: an image of %d x %d px", raw->width_px, raw->height_px);
        if (raw->bits != NULL)
            whiten(*out, scanned, &band, hypot(local->m[3], local->m[4]), calibration);
        else
            take_off(*out, &band);
    }
}

PIX *streaks_take_off(const struct raw_page *raw, const PIX *scanned, const struct scan_health *health,
                      const struct transform *local, const struct mark_calibration *calibration)
{
    PIX *out = NULL;
    take_off_all(&out, raw, scanned, health->streaks, health->streak_count, local, calibration);
    take_off_all(&out, raw, scanned, health->broken, health->broken_count, local, calibration);
    return out;
}
