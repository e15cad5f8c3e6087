/* What the nearest say: landmarks around a place, and boxes around a box; against all of them put in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <math.h>

#include "page/misfit.h"
#include "read/outline_fit.h"

static uint64_t chance = 3;

static double uniform(double low, double high)
{
    chance = chance * 6364136223846793005u + 1442695040888963407u;
    return low + (high - low) * (double)(chance >> 11) / 9007199254740992.0;
}

struct near {
    double far, off;
    int x, y;
};

static int nearest_first(const void *left, const void *right)
{
    const struct near *a = left, *b = right;
    return (a->far > b->far) - (a->far < b->far);
}

static void misfit_is_that_of_the_nearest_landmarks(void **state)
{
    (void)state;
    static struct landmark_residual landmarks[60];
    for (int round = 0; round < 2000; round++) {
        struct near near[60];
        struct placed_page placed = {.landmarks = landmarks, .landmark_count = (int)uniform(0, 60.9)};
        struct point here = {uniform(0, 200), uniform(0, 280)};
        int count = 0;
        for (int i = 0; i < placed.landmark_count; i++) {
            landmarks[i] = (struct landmark_residual){(float)uniform(0, 200), (float)uniform(0, 280),
                                                      (float)uniform(-1, 1), (float)uniform(-1, 1),
                                                      uniform(0, 1) < 0.8};
            if (landmarks[i].found)
                near[count++] = (struct near){hypot(landmarks[i].x_mm - here.x, landmarks[i].y_mm - here.y),
                                              hypot(landmarks[i].dx_mm, landmarks[i].dy_mm), 0, 0};
        }
        qsort(near, (size_t)count, sizeof *near, nearest_first);
        int asked = count < 5 ? count : 5;
        double sum = 0;
        for (int k = 0; k < asked; k++)
            sum += near[k].off;
        double wanted = asked < 3 ? 10 : sum / asked + fmax(0, near[2].far - 60) / 100;
        assert_true(fabs(placed_page_misfit_mm(&placed, here) - wanted) < 1e-9);
    }
}

static void misfit_is_the_same_wherever_was_asked_before(void **state)
{
    (void)state;
    static struct landmark_residual landmarks[60];
    for (int round = 0; round < 500; round++) {
        struct placed_page placed = {.landmarks = landmarks, .landmark_count = (int)uniform(0, 60.9)};
        struct misfit misfit;
        for (int i = 0; i < placed.landmark_count; i++)
            landmarks[i] = (struct landmark_residual){(float)uniform(0, 200), (float)uniform(0, 280),
                                                      (float)uniform(-1, 1), (float)uniform(-1, 1),
                                                      uniform(0, 1) < 0.8};
        misfit_init(&misfit, &placed);
        struct point here = {uniform(0, 200), uniform(0, 280)};
        for (int k = 0; k < 40; k++) {
            bool jump = uniform(0, 1) < 0.2;
            here.x = jump ? uniform(0, 200) : here.x + uniform(-10, 10);
            here.y = jump ? uniform(0, 280) : here.y + uniform(-10, 10);
            assert_true(misfit_at(&misfit, here) == placed_page_misfit_mm(&placed, here));
        }
        misfit_release(&misfit);
    }
}

static int in_order(const void *left, const void *right)
{
    return *(const int *)left - *(const int *)right;
}

/* By the medians of the five nearest boxes whose outline was found. */
static bool is_doubted(int *dx, int *dy, const struct outline_fit *fits, const struct box_template *boxes,
                       int count, int index, const struct mark_calibration *c)
{
    struct near near[40];
    struct point here = rect_centre(boxes[index].rect_mm);
    int found = 0, xs[5], ys[5];
    for (int i = 0; i < count; i++) {
        struct point there = rect_centre(boxes[i].rect_mm);
        double far = hypot(there.x - here.x, there.y - here.y);
        if (i != index && far <= c->outline_asked_mm && fits[i].found >= c->page_print_found_min)
            near[found++] = (struct near){far, 0, fits[i].dx, fits[i].dy};
    }
    qsort(near, (size_t)found, sizeof *near, nearest_first);
    int asked = found < 5 ? found : 5;
    if (asked < 3)
        return false;
    for (int k = 0; k < asked; k++) {
        xs[k] = near[k].x;
        ys[k] = near[k].y;
    }
    qsort(xs, (size_t)asked, sizeof *xs, in_order);
    qsort(ys, (size_t)asked, sizeof *ys, in_order);
    *dx = xs[asked / 2];
    *dy = ys[asked / 2];
    return abs(*dx - fits[index].dx) > 1 || abs(*dy - fits[index].dy) > 1;
}

static void a_box_is_doubted_where_the_nearest_ones_say_otherwise(void **state)
{
    (void)state;
    struct mark_calibration c = {.outline_asked_mm = 60, .page_print_found_min = 0.5};
    int doubted = 0;
    for (int round = 0; round < 4000; round++) {
        struct box_template boxes[40] = {0};
        struct outline_fit fits[40] = {0};
        int count = (int)uniform(1, 40.9), index = (int)uniform(0, count), moved = (int)uniform(0, 3.9);
        for (int i = 0; i < count; i++) {
            boxes[i].rect_mm = (struct rect){uniform(0, 150), uniform(0, 150), 4, 4};
            boxes[i].has_outline = true;
            fits[i].found = uniform(0, 1);
            fits[i].dx = (int)uniform(-1, 1.9);
            fits[i].dy = (int)uniform(-1, 1.9) + (uniform(0, 1) < 0.3 ? moved : 0);
        }
        int dx = 0, dy = 0, wanted_x = 0, wanted_y = 0;
        bool wanted = is_doubted(&wanted_x, &wanted_y, fits, boxes, count, index, &c);
        const struct outline_places all = outline_places_of(fits, boxes, (size_t)count, &c);
        assert_int_equal(outline_fit_doubted(&dx, &dy, fits, boxes, (size_t)count, (size_t)index, &all, &c),
                         wanted);
        if (wanted) {
            assert_int_equal(dx, wanted_x);
            assert_int_equal(dy, wanted_y);
        }
        doubted += wanted;
    }
    assert_in_range(doubted, 100, 3900);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(misfit_is_that_of_the_nearest_landmarks),
        cmocka_unit_test(misfit_is_the_same_wherever_was_asked_before),
        cmocka_unit_test(a_box_is_doubted_where_the_nearest_ones_say_otherwise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
