/* Dirt on the glass: lines down the page, as dust draws them. */
#ifndef PROOF_STREAK_H
#define PROOF_STREAK_H

#include <stdint.h>

#include "proof/profile.h"

#define STREAKS_MAX 8

struct streak {
    double x_mm, width_mm;
    double dark;     /* share of light taken */
    double from, to; /* of the page's length: where it begins and ends; it fades there */
    double uneven;   /* how much its strength changes along the page, 0 to 1 */
    double broken;   /* share of its length that is missing, in pieces */
    double wander_mm; /* how far it strays sideways: paper flutters, dust is pushed along */
};

/* Those of one stack; returns how many. */
size_t streaks_draw(struct streak streaks[STREAKS_MAX], const struct profile *profile,
                    double width_mm, struct random *r);

/* Takes their share of the light of one row off gain[0..width), 255 = full. `share` of the page's
 * length has gone by, of `height_mm`; `page` tells one page's streaks from another's. */
void streaks_shade(uint8_t *gain, int width, double px_per_mm, const struct streak *streaks,
                   size_t count, double share, double height_mm, double page);

/* The most that one of them takes of the light at x px of that row, 0 to 1. */
double streaks_taken(double x, double px_per_mm, const struct streak *streaks, size_t count, double share,
                     double height_mm, double page);

#endif
