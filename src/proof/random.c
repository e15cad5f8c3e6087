/* Chance by seed: PCG32 and the few distributions that the proof needs. */
#include "proof/random.h"

/* SplitMix64 (Steele, Lea, Flood 2014): turns numbers that lie close together into far ones. */
static uint64_t scramble(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

struct random random_stream(uint64_t seed, enum random_use use, uint64_t a, uint64_t b)
{
    uint64_t mixed = scramble(seed);
    mixed = scramble(mixed ^ (uint64_t)use);
    mixed = scramble(mixed ^ a);
    mixed = scramble(mixed ^ b);
    struct random r = {.state = 0, .increment = (scramble(mixed) << 1) | 1};
    random_bits(&r);
    r.state += mixed;
    random_bits(&r);
    return r;
}

uint64_t random_seed_named(uint64_t seed, const char *name, size_t length)
{
    uint64_t mixed = scramble(seed);
    for (size_t i = 0; i < length; i++)
        mixed = scramble(mixed ^ (unsigned char)name[i]);
    return mixed;
}

uint32_t random_bits(struct random *r)
{
    uint64_t old = r->state;
    r->state = old * 6364136223846793005u + r->increment;
    uint32_t shifted = (uint32_t)(((old >> 18) ^ old) >> 27);
    uint32_t turn = (uint32_t)(old >> 59);
    return (shifted >> turn) | (shifted << ((32 - turn) & 31));
}

double random_unit(struct random *r)
{
    return random_bits(r) / 4294967296.0;
}

double random_between(struct random *r, double low, double high)
{
    return low + (high - low) * random_unit(r);
}

double random_middle(struct random *r, double low, double high)
{
    return low + (high - low) * (random_unit(r) + random_unit(r)) / 2;
}

double random_normal(struct random *r)
{
    /* Sum of twelve (Irwin-Hall): plain, exact on every machine, and bounded. */
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += random_unit(r);
    return sum;
}

bool random_chance(struct random *r, double probability)
{
    return random_unit(r) < probability;
}

size_t random_below(struct random *r, size_t count)
{
    return count == 0 ? 0 : (size_t)(random_unit(r) * (double)count);
}

size_t random_weighted(struct random *r, const double *weights, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += weights[i];
    double left = random_unit(r) * sum;
    for (size_t i = 0; i < count; i++) {
        if (weights[i] > 0 && left < weights[i])
            return i;
        left -= weights[i];
    }
    return 0;
}
