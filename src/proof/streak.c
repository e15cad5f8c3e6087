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

/* A streak as it lies across one row: its middle and width, px, and how much light it takes there. */
struct crossing {
    double at, wide, dark;
};

/* False where it is gone. */
static bool crosses(struct crossing *out, const struct streak *s, double px_per_mm, double y_mm, double height_mm,
                    double phase)
{
    double here = strength_at(s, y_mm, height_mm, phase);
    double stray = smooth_noise(y_mm / 70, phase + 17) + 0.25 * smooth_noise(y_mm / 6, phase + 19);
    out->at = (s->x_mm + s->wander_mm * stray) * px_per_mm;
    out->wide = s->width_mm * px_per_mm * (1 + 0.3 * smooth_noise(y_mm / 16, phase + 23));
    out->dark = fmin(s->dark * here, 0.95);
    return here > 0;
}

static double taken_at(const struct crossing *c, double x)
{
    double far = (x - c->at) / c->wide;
    return c->dark * exp(-2 * far * far);
}

/* No two streaks of a page are alike. */
static double phase_of(double page, size_t i)
{
    return page + 29 * (double)i;
}

void streaks_shade(uint8_t *gain, int width, double px_per_mm, const struct streak *streaks,
                   size_t count, double share, double height_mm, double page)
{
    for (size_t i = 0; i < count; i++) {
        struct crossing c;
        if (!crosses(&c, &streaks[i], px_per_mm, share * height_mm, height_mm, phase_of(page, i)))
            continue;
        double reach = 1.5 * c.wide;
        for (int x = (int)(c.at - reach); x <= (int)(c.at + reach); x++)
            if (x >= 0 && x < width)
                gain[x] = (uint8_t)(gain[x] * (1 - taken_at(&c, x)) + 0.5);
    }
}

double streaks_taken(double x, double px_per_mm, const struct streak *streaks, size_t count, double share,
                     double height_mm, double page)
{
    double most = 0;
    for (size_t i = 0; i < count; i++) {
        struct crossing c;
        if (crosses(&c, &streaks[i], px_per_mm, share * height_mm, height_mm, phase_of(page, i)))
            most = fmax(most, taken_at(&c, x));
    }
    return most;
}
