/* Two lattices of chance, one twice as fine as the other, with smooth values in between. */
#include "proof/texture.h"

#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__)
#pragma GCC optimize("O3") /* vector instructions, as in scanner.c */
#endif

#include <glib.h>
#include <math.h>

/* Values of one lattice: `bits` gives the size of its cells, a power of two. */
struct lattice {
    int bits, columns, row, height;
    int16_t *upper, *lower, *between;
};

struct texture {
    struct lattice coarse, fine;
    struct random r;
    int16_t *sum;
    int width, row;
};

#define WEIGHT_BITS 7 /* differences of two values times a weight stay within 16 bits */

/* 0 to 1 without a kink, in 1/128. */
static int16_t weight(int at, int bits)
{
    double t = (at + 0.5) / (1 << bits);
    return (int16_t)(t * t * (3 - 2 * t) * (1 << WEIGHT_BITS) + 0.5);
}

static void draw_row(int16_t *values, const struct lattice *l, struct random *r)
{
    for (int i = 0; i < l->columns; i++)
        values[i] = (int16_t)(((int)(random_bits(r) >> 24) - 128) * l->height >> 7);
}

static void lattice_init(struct lattice *l, int width, int bits, double height, struct random *r)
{
    *l = (struct lattice){.bits = bits, .columns = (width >> bits) + 3, .height = (int)height};
    l->row = (int)(random_bits(r) >> 16) & ((1 << bits) - 1); /* the page begins anywhere in a cell */
    l->upper = g_new(int16_t, l->columns);
    l->lower = g_new(int16_t, l->columns);
    l->between = g_new(int16_t, l->columns);
    draw_row(l->upper, l, r);
    draw_row(l->lower, l, r);
}

static void lattice_release(struct lattice *l)
{
    g_free(l->upper);
    g_free(l->lower);
    g_free(l->between);
}

/* The lattice's values of this row of pixels. */
static void step_down(struct lattice *l, struct random *r)
{
    int16_t w = weight(l->row, l->bits);
    for (int i = 0; i < l->columns; i++)
        l->between[i] = (int16_t)(l->upper[i] +
                                  ((int16_t)((l->lower[i] - l->upper[i]) * w) >> WEIGHT_BITS));
    if (++l->row < 1 << l->bits)
        return;
    int16_t *swap = l->upper;
    l->upper = l->lower;
    l->lower = swap;
    l->row = 0;
    draw_row(l->lower, l, r);
}

static inline void spread_cells(int16_t *restrict out, const int16_t *restrict values, int cells,
                                const int bits)
{
    int16_t w[32];
    for (int i = 0; i < 1 << bits; i++)
        w[i] = weight(i, bits);
    for (int c = 0; c < cells; c++, out += 1 << bits) {
        int16_t a = values[c], step = (int16_t)(values[c + 1] - a);
        for (int i = 0; i < 1 << bits; i++)
            out[i] = (int16_t)(out[i] + a + ((int16_t)(step * w[i]) >> WEIGHT_BITS));
    }
}

/* Adds the row to `out`, which has room for a cell more than the width. */
static void spread(int16_t *out, const struct lattice *l, int width)
{
    int cells = (width >> l->bits) + 1;
    switch (l->bits) { /* known sizes make quick loops */
    case 2: spread_cells(out, l->between, cells, 2); break;
    case 3: spread_cells(out, l->between, cells, 3); break;
    case 4: spread_cells(out, l->between, cells, 4); break;
    default: spread_cells(out, l->between, cells, 5);
    }
}

struct texture *texture_new(int width, double dpi, double strength, const struct random *r)
{
    struct texture *t = g_new0(struct texture, 1);
    int bits = dpi < 220 ? 3 : dpi < 450 ? 4 : 5; /* clouds of more than a mm */
    double height = fmin(16 * strength, 74);      /* both together: within 127 */
    t->r = *r;
    t->width = width;
    lattice_init(&t->coarse, width, bits, height, &t->r);
    lattice_init(&t->fine, width, bits - 1, 0.7 * height, &t->r);
    t->sum = g_new0(int16_t, width + 32);
    return t;
}

void texture_free(struct texture *t)
{
    lattice_release(&t->coarse);
    lattice_release(&t->fine);
    g_free(t->sum);
    g_free(t);
}

const int16_t *texture_row(struct texture *t)
{
    /* Every other row will do: the finest cell has four. */
    bool again = t->row++ % 2 == 1;
    step_down(&t->coarse, &t->r);
    step_down(&t->fine, &t->r);
    if (again)
        return t->sum;
    for (int x = 0; x < t->width; x++)
        t->sum[x] = 0;
    spread(t->sum, &t->coarse, t->width);
    spread(t->sum, &t->fine, t->width);
    return t->sum;
}
