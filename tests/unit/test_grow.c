/* Cells grown by one are the same as each asked for itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "read/outside_internal.h"

enum { WORDS_MAX = 9, HIGH = 12, CELLS = WORDS_MAX * HIGH };

static bool is_set(const uint64_t *cells, int x, int y, int words)
{
    return x >= 0 && y >= 0 && x < words * 64 && y < HIGH && (cells[y * words + x / 64] >> (x & 63) & 1);
}

static bool any_near(const uint64_t *cells, int x, int y, int words)
{
    for (int k = 0; k < 9; k++)
        if (is_set(cells, x + k % 3 - 1, y + k / 3 - 1, words))
            return true;
    return false;
}

/* Whole rows of none, and cells beside the borders of words. */
static void draw(uint64_t *cells, int words, int rows_of_ten, int cells_of_row)
{
    memset(cells, 0, CELLS * sizeof *cells);
    for (int y = 0; y < HIGH; y++)
        for (int k = rand() % 10 < rows_of_ten ? cells_of_row : 0; k > 0; k--) {
            int x = rand() % 2 == 0 ? rand() % words * 64 + 63 * (rand() % 2) : rand() % (words * 64);
            cells[y * words + x / 64] |= (uint64_t)1 << (x & 63);
        }
}

/* One step, cell by cell; `within`: NULL or where alone. */
static void grow_plainly(uint64_t *cells, const uint64_t *within, int words)
{
    uint64_t from[CELLS];
    memcpy(from, cells, sizeof from);
    for (int y = 0; y < HIGH; y++)
        for (int x = 0; x < words * 64; x++)
            if (any_near(from, x, y, words) && (within == NULL || is_set(within, x, y, words)))
                cells[y * words + x / 64] |= (uint64_t)1 << (x & 63);
}

static void grown_as_cell_by_cell(void **state)
{
    (void)state;
    srand(3);
    for (int round = 0; round < 400; round++) {
        int words = 1 + rand() % WORDS_MAX, steps = 1 + rand() % 6, within_steps = rand() % (steps + 1);
        uint64_t from[CELLS], within[CELLS], expected[CELLS], out[CELLS];
        draw(from, words, round % 3 == 0 ? 1 : 4, 5);
        draw(within, words, 9, 40 * words);
        memcpy(expected, from, sizeof from);
        memset(out, 0xa5, sizeof out);
        for (int k = 0; k < steps; k++)
            grow_plainly(expected, k < within_steps ? within : NULL, words);
        grow_cells(out, from, within, within_steps, steps, words, HIGH);
        assert_memory_equal(out, expected, sizeof *out * (size_t)(words * HIGH));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grown_as_cell_by_cell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
