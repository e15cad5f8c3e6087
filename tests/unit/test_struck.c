/* Struck labels: what one line bridges is the same, whatever is passed over. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "read/struck.h"

enum { WORDS = 3, HIGH = 24, SLOPES = 3, SLOPE_CELLS = 30, ENDS_MAX = 12 };

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

/* New ink beyond print beside column x, in the line's two rows and those next to them, as far as it goes on. */
static int end_of(const struct drawn *d, int y, int slope, int x, int step)
{
    const struct struck_span *s = &d->span;
    int cells = 0;
    for (x += step; x >= s->x0 && x < s->x1 && cells < ENDS_MAX; x += step) {
        int middle = y + rows_off(slope, x - (s->x0 + s->x1) / 2);
        bool inked = false;
        for (int row = middle - 1; row <= middle + 2; row++)
            inked |= row >= s->y0 && row < s->y1 && is_set(d->dark, x, row) && !is_set(d->tall, x, row);
        if (!inked)
            break;
        cells++;
    }
    return cells;
}

/* The same of both ends beyond print that lies from `first` to `last`: the shorter one, but for one cell. */
static int ends_of(const struct drawn *d, int y, int slope, int first, int last)
{
    int before = end_of(d, y, slope, first, -1), after = end_of(d, y, slope, last, 1);
    int shorter = before < after ? before : after;
    return shorter > 1 ? shorter - 1 : 0;
}

/* The most white that one dark stretch of the line bridges between print, with the line's ends; -1: dark from end to
 * end. */
static int bridged_by(const struct drawn *d, int y, int slope)
{
    const struct struck_span *s = &d->span;
    int most = 0, sum = 0, first = -1, last = -1; /* print of this stretch */
    bool white = false;
    for (int x = s->x0; x <= s->x1; x++) {
        int cell = x < s->x1 ? cell_at(d, x, y + rows_off(slope, x - (s->x0 + s->x1) / 2)) : 0;
        if (cell == 0) {
            white |= x < s->x1;
            int all = sum > 0 ? sum + ends_of(d, y, slope, first, last) : 0;
            most = all > most ? all : most;
            first = last = -1;
            sum = 0;
        } else if (cell == 2) {
            sum += last >= 0 && x - last > 2 ? x - last - 2 : 0;
            first = first < 0 ? x : first;
            last = x;
        }
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
