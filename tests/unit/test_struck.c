/* Struck labels: what one line bridges is the same, whatever is passed over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "read/struck.h"

enum { WORDS = 3, HIGH = 24, SLOPES = 3, SLOPE_CELLS = 30 };

struct drawn {
    uint64_t dark[HIGH * WORDS], tall[HIGH * WORDS];
    struct struck_span span;
};

static bool is_set(const uint64_t *cells, int x, int y)
{
    return cells[y * WORDS + x / 64] >> (x & 63) & 1;
}

static int rows_off(int slope, int along)
{
    int off = abs(slope * along);
    return (slope * along < 0 ? -1 : 1) * ((off + SLOPE_CELLS / 2) / SLOPE_CELLS);
}

/* Cell by cell: 0 white, 1 gap, 2 print. */
static int cell_at(const struct drawn *d, int x, int y)
{
    if (y < d->span.y0 || y + 1 >= d->span.y1 ||
        !(is_set(d->dark, x, y) || is_set(d->dark, x, y + 1)))
        return 0;
    return is_set(d->tall, x, y) || is_set(d->tall, x, y + 1) ? 2 : 1;
}

/* The most white that one dark stretch of the line bridges between print; -1: dark from end to end.
 */
static int bridged_by(const struct drawn *d, int y, int slope)
{
    const struct struck_span *s = &d->span;
    int most = 0, sum = 0, last = -1, from = s->x0; /* last: print of this stretch */
    bool white = false;
    for (int x = s->x0; x < s->x1; x++) {
        int cell = cell_at(d, x, y + rows_off(slope, x - (s->x0 + s->x1) / 2));
        if (cell == 0) {
            white = true;
            last = -1;
            sum = 0;
            from = x + 1;
        } else if (cell == 2) {
            sum += last >= from && x - last > 2 ? x - last - 2 : 0;
            last = x;
        }
        most = sum > most ? sum : most;
    }
    return white ? most : -1;
}

static int most_bridged(const struct drawn *d)
{
    int most = 0;
    for (int slope = -SLOPES; slope <= SLOPES; slope++)
        for (int y = d->span.y0; y + 1 < d->span.y1; y++) {
            int here = bridged_by(d, y, slope);
            if (here < 0)
                return 0;
            most = here > most ? here : most;
        }
    return most;
}

static void set_run(uint64_t *cells, int x, int y, int count)
{
    for (; count > 0 && x < WORDS * 64; count--, x++)
        cells[y * WORDS + x / 64] |= (uint64_t)1 << (x & 63);
}

/* Runs of ink, now and then a long line, over runs of print. */
static void draw(struct drawn *d)
{
    memset(d, 0, sizeof *d);
    for (int y = 0; y < HIGH; y++) {
        for (int k = rand() % 12; k > 0; k--)
            set_run(d->dark, rand() % (WORDS * 64), y, 1 + rand() % 30);
        for (int k = rand() % 12; k > 0; k--)
            set_run(d->tall, rand() % (WORDS * 64), y, 1 + rand() % 6);
        if (rand() % 40 == 0)
            set_run(d->dark, rand() % 60, y, rand() % (WORDS * 64));
    }
    d->span.x0 = rand() % 100;
    d->span.x1 = d->span.x0 + 8 + rand() % 80;
    d->span.y0 = rand() % 8;
    d->span.y1 = d->span.y0 + 3 + rand() % 12;
}

static double measured_cells(struct drawn *d)
{
    struct box_reading box = {0};
    struct page_reading reading = {.boxes = &box, .box_count = 1};
    struct outside_template t = {
        .width = WORDS * 64, .height = HIGH, .words = WORDS, .box_count = 1};
    t.struck.tall = d->tall;
    t.struck.spans = &d->span;
    t.struck.span_count = 1;
    struck_measure(&reading, &t, d->dark);
    return (double)box.evidence.struck_mm / OUTSIDE_CELL_MM;
}

static void test_same_as_cell_by_cell(void **state)
{
    (void)state;
    int none = 0, through = 0, most = 0;
    srand(7);
    for (int round = 0; round < 4000; round++) {
        struct drawn d;
        draw(&d);
        int expected = most_bridged(&d);
        assert_int_equal((int)(measured_cells(&d) + 0.5), expected);
        most = expected > most ? expected : most;
        none += expected == 0;
        for (int slope = -SLOPES; slope <= SLOPES; slope++)
            for (int y = d.span.y0; y + 1 < d.span.y1; y++)
                through += bridged_by(&d, y, slope) < 0;
    }
    assert_true(most > 20); /* each kind was drawn */
    assert_true(none > 20 && none < 3000);
    assert_true(through > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_as_cell_by_cell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
