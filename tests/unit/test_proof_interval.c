/* The interval of a rate, against values known from elsewhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "proof/interval.h"

static void assert_near(double is, double should, double relative)
{
    if (fabs(is - should) > relative * fabs(should))
        fail_msg("%.12g, but %.12g was expected", is, should);
}

static void beta_matches_closed_forms(void **state)
{
    (void)state;
    assert_near(incomplete_beta(1, 1, 0.3), 0.3, 1e-12);
    assert_near(incomplete_beta(2, 3, 0.4), 0.5248, 1e-12); /* 6x^2 - 8x^3 + 3x^4 */
    assert_near(incomplete_beta(5, 1, 0.9), pow(0.9, 5), 1e-12);
    assert_near(incomplete_beta(1, 1e6, 1e-6), 1 - pow(1 - 1e-6, 1e6), 1e-9);
    assert_near(incomplete_beta(50, 50, 0.5), 0.5, 1e-11);
}

static void no_hits_has_a_closed_form(void **state)
{
    (void)state;
    /* 0 of n: the upper bound is 1 - (alpha / 2)^(1 / n). */
    struct interval i = interval_of_rate(0, 1000000, 0.95);
    assert_true(i.low <= 0);
    assert_near(i.high, 1 - pow(0.025, 1e-6), 1e-7);
    i = interval_of_rate(10, 10, 0.95);
    assert_near(i.low, pow(0.025, 0.1), 1e-9);
    assert_true(i.high >= 1);
}

static void known_values(void **state)
{
    (void)state;
    /* R 4.2: binom.test(4, 50)$conf.int and others. */
    struct interval i = interval_of_rate(4, 50, 0.95);
    assert_near(i.low, 0.02223, 2e-3);
    assert_near(i.high, 0.19234, 2e-3);
    i = interval_of_rate(1, 2, 0.95);
    assert_near(i.low, 1 - sqrt(0.975), 1e-9); /* closed form */
    assert_near(i.high, sqrt(0.975), 1e-9);
    i = interval_of_rate(0, 0, 0.95);
    assert_true(i.low <= 0 && i.high >= 1);
}

/* Its own definition: at each bound the tail beyond the hits is 2.5 %. */
static void bounds_leave_the_tails(void **state)
{
    (void)state;
    for (size_t hits = 1; hits < 100; hits += 7) {
        struct interval i = interval_of_rate(hits, 100000, 0.95);
        double at_low = 0, at_high = 0; /* P(X >= hits | low), P(X <= hits | high) */
        for (size_t k = 0; k < 400; k++) {
            double choose = lgamma(100001) - lgamma((double)k + 1) - lgamma(100001 - (double)k);
            double low = exp(choose + (double)k * log(i.low) + (100000 - (double)k) * log1p(-i.low));
            double high = exp(choose + (double)k * log(i.high) + (100000 - (double)k) * log1p(-i.high));
            at_low += k >= hits ? low : 0;
            at_high += k <= hits ? high : 0;
        }
        assert_near(at_low, 0.025, 1e-6);
        assert_near(at_high, 0.025, 1e-6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(beta_matches_closed_forms), cmocka_unit_test(no_hits_has_a_closed_form),
        cmocka_unit_test(known_values), cmocka_unit_test(bounds_leave_the_tails)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
