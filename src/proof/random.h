/* Chance by seed: the same seed gives the same wave on every machine, whatever the number of
 * workers. The generator is PCG32 (O'Neill 2014, "PCG: a family of simple fast space-efficient
 * statistically good algorithms for random number generation"). */
#ifndef PROOF_RANDOM_H
#define PROOF_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct random {
    uint64_t state, increment;
};

/* What a stream is for: each thing that is drawn has its own, so that a change in one (a longer
 * note) does not move the others. */
enum random_use { RANDOM_STACK, RANDOM_PERSON, RANDOM_HAND, RANDOM_SHEET, RANDOM_PAGE, RANDOM_NOISE };

/* The stream of one thing: `a` and `b` number it (stack, return, page). */
struct random random_stream(uint64_t seed, enum random_use use, uint64_t a, uint64_t b);

/* The seed that a name and a number make together. */
uint64_t random_seed_named(uint64_t seed, const char *name, size_t length);

uint32_t random_bits(struct random *r);
double random_unit(struct random *r); /* 0 <= x < 1 */
double random_between(struct random *r, double low, double high);
/* Between too, but values near the middle come more often (triangular). */
double random_middle(struct random *r, double low, double high);
double random_normal(struct random *r); /* mean 0, standard deviation 1; within +-6 */
bool random_chance(struct random *r, double probability);
size_t random_below(struct random *r, size_t count); /* 0 where count is 0 */
/* An index, in proportion to the weights; 0 where all are 0. */
size_t random_weighted(struct random *r, const double *weights, size_t count);

#endif
