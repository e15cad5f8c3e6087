/* What makes a simulated page pass for a scan: tints in dots, paper that does not repeat. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "base/geometry.h"
#include "proof/texture.h"
#include "proof/toner.h"

#define SIDE 240

/* Prints a flat tint on white paper; the caller's (g_free). */
static uint8_t *tint(uint8_t level, double lpi, double dpi, double rough)
{
    struct toner_look look = {.paper = 1, .screen_lpi = lpi, .rough = rough, .phase = 12.3};
    struct toner *toner = toner_new(&look, dpi / MM_PER_INCH);
    struct plane print = {.data = g_malloc(SIDE * SIDE), .width_px = SIDE, .height_px = SIDE};
    uint8_t *to = g_malloc(SIDE * SIDE);
    memset(print.data, level, SIDE * SIDE);
    memset(to, toner_paper(toner), SIDE * SIDE);
    for (int y = 0; y < SIDE; y++)
        toner_row(toner, to + (size_t)y * SIDE, &print, y, 0, SIDE);
    toner_free(toner);
    g_free(print.data);
    return to;
}

/* Mean, darkest and brightest of the inner part. */
static void measure(double *mean, int *low, int *high, const uint8_t *picture)
{
    long sum = 0;
    *low = 255;
    *high = 0;
    for (int y = 10; y < SIDE - 10; y++)
        for (int x = 10; x < SIDE - 10; x++) {
            int level = picture[y * SIDE + x];
            sum += level;
            *low = level < *low ? level : *low;
            *high = level > *high ? level : *high;
        }
    *mean = (double)sum / ((SIDE - 20) * (SIDE - 20));
}

static void a_tint_is_dots_of_the_same_darkness(void **state)
{
    (void)state;
    for (int level = 30; level < 250; level += 25) {
        double mean, plain = 255 - 0.95 * (255 - level);
        int low, high;
        uint8_t *picture = tint((uint8_t)level, 100, 600, 0);
        measure(&mean, &low, &high, picture);
        assert_true(mean > plain - 5 && mean < plain + 5);
        assert_true(high - low > 200); /* dots, or holes between them */
        g_free(picture);
    }
}

/* What a scanner cannot resolve any more looks grey. */
static void a_fine_screen_is_fainter(void **state)
{
    (void)state;
    double mean;
    int low, high, fine_low, fine_high;
    uint8_t *coarse = tint(200, 85, 600, 0), *fine = tint(200, 150, 200, 0);
    measure(&mean, &low, &high, coarse);
    measure(&mean, &fine_low, &fine_high, fine);
    assert_true(fine_high - fine_low < (high - low) / 2);
    g_free(coarse);
    g_free(fine);
}

static void without_a_screen_a_tint_is_smooth(void **state)
{
    (void)state;
    double mean;
    int low, high;
    uint8_t *picture = tint(200, 0, 300, 1);
    measure(&mean, &low, &high, picture);
    assert_int_equal(low, high);
    g_free(picture);
}

#define WIDE_PX 1024
#define HIGH_PX 700

/* The best agreement of the paper with itself, moved by 64 to 512 pixels to the right or down. */
static void paper_does_not_repeat(void **state)
{
    (void)state;
    struct random r = random_stream(3, RANDOM_NOISE, 0, 0);
    struct texture *texture = texture_new(WIDE_PX, 300, 2, &r);
    int16_t *all = g_new(int16_t, WIDE_PX * HIGH_PX);
    double own = 0, best = 0;
    for (int y = 0; y < HIGH_PX; y++)
        memcpy(all + (size_t)y * WIDE_PX, texture_row(texture), WIDE_PX * sizeof *all);
    texture_free(texture);
    for (int by = 0; by <= 512; by += by == 0 ? 64 : 1)
        for (int down = 0; down < 2; down++) {
            double sum = 0;
            for (int y = 0; y < 180; y += 3)
                for (int x = 0; x < 512; x += 3)
                    sum += all[y * WIDE_PX + x] *
                           all[(y + (down ? by : 0)) * WIDE_PX + x + (down ? 0 : by)];
            own = by == 0 ? sum : own;
            best = by > 0 && sum > best ? sum : best;
        }
    g_free(all);
    assert_true(own > 0);
    assert_true(best < 0.5 * own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tint_is_dots_of_the_same_darkness),
        cmocka_unit_test(a_fine_screen_is_fainter),
        cmocka_unit_test(without_a_screen_a_tint_is_smooth),
        cmocka_unit_test(paper_does_not_repeat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
