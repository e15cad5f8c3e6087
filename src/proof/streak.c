/* Streaks vary in strength, stray a little, begin, end and break off: no two pages show the same. */
#include "proof/streak.h"

#include <math.h>

#include "proof/ink.h"

size_t streaks_draw(struct streak streaks[STREAKS_MAX], const struct profile *profile,
                    double width_mm, struct random *r)
{
    double wanted;
    size_t count = 0;
    if (!profile_happens(&wanted, &profile->scanner_streaks, r))
        return 0;
    for (; count < (size_t)(wanted + 0.5) && count < STREAKS_MAX; count++) {
        struct streak *s = &streaks[count];
        double u = random_unit(r), v = random_unit(r);
        s->x_mm = random_between(r, 0, width_mm);
        s->width_mm = 0.08 + 0.35 * u * u;
        s->dark = random_between(r, 0.12, 0.75);
        s->from = random_chance(r, 0.6) ? -1 : random_between(r, 0, 0.6);
        s->to = random_chance(r, 0.6) ? 2 : random_between(r, 0.5, 1);
        s->uneven = random_between(r, 0.25, 1);
        s->broken = random_chance(r, 0.5) ? random_between(r, 0.05, 0.6) : 0;
        s->wander_mm = 0.02 + 0.12 * v * v;
    }
    return count;
}

/* How much of the streak is there, 0 to 1.3. */
static double strength_at(const struct streak *s, double y_mm, double height_mm, double phase)
{
    double ends = fmin((y_mm - s->from * height_mm) / 4, (s->to * height_mm - y_mm) / 4);
    double change = 0.9 * smooth_noise(y_mm / 45, phase) + 0.6 * smooth_noise(y_mm / 7, phase + 3) +
                    0.4 * smooth_noise(y_mm / 0.9, phase + 5);
    double here = 0.75 + s->uneven * 0.6 * change;
    if (s->broken > 0) { /* gaps of millimetres to centimetres, with soft ends */
        double hold = smooth_noise(y_mm / 11, phase + 11) + 0.4 * smooth_noise(y_mm / 2.5, phase + 13);
        here *= fmin(fmax((hold + 0.9 - 1.8 * s->broken) * 3, 0), 1);
    }
    return fmin(fmax(here, 0), 1.3) * fmin(fmax(ends, 0), 1);
}

void streaks_shade(uint8_t *gain, int width, double px_per_mm, const struct streak *streaks,
                   size_t count, double share, double height_mm, double page)
{
    double y_mm = share * height_mm;
    for (size_t i = 0; i < count; i++) {
        const struct streak *s = &streaks[i];
        double phase = page + 29 * (double)i, here = strength_at(s, y_mm, height_mm, phase);
        if (here <= 0)
            continue;
        double stray = smooth_noise(y_mm / 70, phase + 17) + 0.25 * smooth_noise(y_mm / 6, phase + 19);
        double at = (s->x_mm + s->wander_mm * stray) * px_per_mm;
        double wide = s->width_mm * px_per_mm * (1 + 0.3 * smooth_noise(y_mm / 16, phase + 23));
        double dark = fmin(s->dark * here, 0.95), reach = 1.5 * wide;
        for (int x = (int)(at - reach); x <= (int)(at + reach); x++) {
            double far = (x - at) / wide;
            if (x >= 0 && x < width)
                gain[x] = (uint8_t)(gain[x] * (1 - dark * exp(-2 * far * far)) + 0.5);
        }
    }
}
