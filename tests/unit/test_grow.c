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

static void grown_as_cell_by_cell(void **state)
{
    (void)state;
    srand(3);
    for (int round = 0; round < 400; round++) {
        int words = 1 + rand() % WORDS_MAX;
        uint64_t from[CELLS], within[CELLS], out[CELLS] = {0};
        unsigned char inked[HIGH + 2] = {0};
        bool bounded = round % 2 == 0;
        draw(from, words, 4, 5);
        draw(within, words, 9, 40 * words);
        for (int k = 0; k < words * HIGH; k++)
            inked[k / words + 1] |= from[k] != 0;
        grow_cells(out, from, bounded ? within : NULL, inked, words, HIGH);
        for (int y = 0; y < HIGH; y++) {
            bool any = false;
            for (int x = 0; x < words * 64; x++) {
                bool expected = is_set(from, x, y, words) ||
                                (any_near(from, x, y, words) && (!bounded || is_set(within, x, y, words)));
                assert_int_equal(is_set(out, x, y, words), expected);
                any |= expected;
            }
            assert_int_equal(inked[y + 1], any);
        }
        assert_int_equal(inked[0] + inked[HIGH + 1], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grown_as_cell_by_cell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
