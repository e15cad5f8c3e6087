/* Print on paper: the spread and raggedness of toner at edges, and the screen of dots by which a
 * printer renders a tint. */
#ifndef PROOF_TONER_H
#define PROOF_TONER_H

#include <stdint.h>

#include "proof/ink.h"

/* How one side is printed. */
struct toner_look {
    double paper;     /* light that the bare paper throws back, 0 to 1 */
    double faded;     /* share of the toner that is missing */
    double gain;      /* how far it spreads beyond its edge, share of a pixel's cover */
    double rough;     /* raggedness of edges and unevenness of tints, 0 to 1 */
    double screen_lpi; /* lines of the halftone screen an inch; 0: tints are smooth */
    double phase;     /* any number: another gives another raggedness and place of the screen */
};

struct toner;

struct toner *toner_new(const struct toner_look *look, double px_per_mm);
void toner_free(struct toner *toner);

/* The level of the bare paper. */
uint8_t toner_paper(const struct toner *toner);

/* Row `y` of the drawn picture, its pixels x0 to x1, as light: to[x] for each pixel that is not
 * white. `to` holds paper already: most of a page is nothing else. */
void toner_row(struct toner *toner, uint8_t *to, const struct plane *print, int y, int x0, int x1);

#endif
