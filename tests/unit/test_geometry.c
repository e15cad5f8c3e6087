/* Transforms: fits recover what made the points, inverses undo. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "base/geometry.h"

static const struct transform turns = {{0.98, -0.11, 7, 0.12, 1.03, -9, 0, 0}};
static const struct transform photo = {{0.98, -0.11, 7, 0.12, 1.03, -9, 3e-4, -2e-4}};

static void make(struct point *from, struct point *to, size_t count, const struct transform *t)
{
    for (size_t i = 0; i < count; i++) {
        from[i] = (struct point){(double)(i * 53 % 210), (double)(i * 97 % 297)};
        to[i] = transform_apply(t, from[i]);
    }
}

static void check(const struct transform *got, const struct transform *want)
{
    for (double y = 0; y <= 297; y += 99)
        for (double x = 0; x <= 210; x += 70) {
            struct point a = transform_apply(got, (struct point){x, y});
            struct point b = transform_apply(want, (struct point){x, y});
            assert_true(hypot(a.x - b.x, a.y - b.y) < 1e-6);
        }
}

static void fits_recover_the_transform(void **state)
{
    (void)state;
    struct point from[12], to[12];
    struct transform fit, similarity = {{0.9, -0.2, 3, 0.2, 0.9, 4, 0, 0}};
    make(from, to, 12, &turns);
    assert_true(transform_fit_affine(&fit, from, to, NULL, 12));
    check(&fit, &turns);
    make(from, to, 12, &photo);
    assert_true(transform_fit_perspective(&fit, from, to, NULL, 12));
    check(&fit, &photo);
    make(from, to, 2, &similarity);
    assert_true(transform_fit_similarity(&fit, from, to, NULL, 2));
    check(&fit, &similarity);
}

static void a_point_without_weight_has_no_say(void **state)
{
    (void)state;
    struct point from[8], to[8];
    double weight[8] = {1, 1, 1, 1, 1, 1, 1, 0};
    struct transform fit;
    make(from, to, 8, &turns);
    to[7].x += 500;
    assert_true(transform_fit_affine(&fit, from, to, weight, 8));
    check(&fit, &turns);
}

static void too_few_points_are_refused(void **state)
{
    (void)state;
    struct point same[4] = {{1, 1}, {1, 1}, {1, 1}, {1, 1}}, line[4] = {{0, 0}, {1, 1}, {2, 2}, {3, 3}};
    struct transform fit;
    assert_false(transform_fit_similarity(&fit, same, same, NULL, 4));
    assert_false(transform_fit_affine(&fit, line, line, NULL, 4));
    assert_false(transform_fit_affine(&fit, line, line, NULL, 2));
}

static void inverse_and_composition(void **state)
{
    (void)state;
    struct transform back, both, identity = transform_identity();
    assert_true(transform_invert(&back, &photo));
    both = transform_compose(&back, &photo);
    check(&both, &identity);
    struct transform flat = {{1, 2, 0, 2, 4, 0, 0, 0}};
    assert_false(transform_invert(&back, &flat));
}

static void medians(void **state)
{
    (void)state;
    assert_true(median_of((double[]){3, 1, 2}, 3) == 2);
    assert_true(median_of((double[]){4, 1, 3, 2}, 4) == 2.5);
    assert_true(median_of(NULL, 0) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fits_recover_the_transform),
        cmocka_unit_test(a_point_without_weight_has_no_say),
        cmocka_unit_test(too_few_points_are_refused),
        cmocka_unit_test(inverse_and_composition),
        cmocka_unit_test(medians),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
