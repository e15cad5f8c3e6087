/* Grain is taken off a page that is full of it; what a hand draws stays to the pixel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "base/calibration.h"
#include "proof/random.h"
#include "read/grain.h"

static struct calibration calibration;

static PIX *without_grain(PIX *bits, double dpi, double specks_cm2)
{
    struct raw_page raw = {.bits = bits, .width_px = (int)bits->w, .height_px = (int)bits->h};
    struct transform local = {{dpi / MM_PER_INCH, 0, 0, 0, dpi / MM_PER_INCH, 0}};
    return grain_take_off(&raw, &(struct scan_health){.specks_cm2 = (float)specks_cm2}, &local, &calibration.marks);
}

static int setup(void **state)
{
    (void)state;
    struct error err = {0};
    return calibration_load(&calibration, &err) ? 0 : -1;
}

/* So many spots, each of a few pixels, none longer than `side` of them. */
static void strew(PIX *bits, int count, int side, struct random *r)
{
    for (int k = 0; k < count; k++) {
        int x = (int)random_between(r, 0, (int)bits->w - side), y = (int)random_between(r, 0, (int)bits->h - side);
        for (int i = 0; i < side * side; i++)
            if (random_chance(r, 0.6))
                pixSetPixel(bits, x + i % side, y + i / side, 1);
    }
}

/* A line as thin as a pixel, the hardest to keep. */
static void draw_line(PIX *bits, double x, double y, double angle, double long_px)
{
    for (double t = 0; t <= long_px; t += 0.5)
        pixSetPixel(bits, (int)lround(x + t * cos(angle)), (int)lround(y + t * sin(angle)), 1);
}

static l_int32 dark_of(PIX *bits)
{
    l_int32 count = 0;
    pixCountPixels(bits, &count, NULL);
    return count;
}

static void grain_goes_and_strokes_stay(void **state)
{
    (void)state;
    struct random r = random_stream(3, RANDOM_NOISE, 0, 0);
    const double dpis[] = {150, 200, 300, 400, 600};
    for (size_t k = 0; k < sizeof dpis / sizeof *dpis; k++) {
        double px = dpis[k] / MM_PER_INCH;
        int side = (int)lround(calibration.marks.grain_long_mm * px) - 1;
        PIX *strokes = pixCreate((int)(60 * px), (int)(60 * px), 1);
        for (int i = 0; i < 36; i++) /* 2 mm, in every direction; dots of a pen */
            draw_line(strokes, (5 + i % 6 * 10) * px, (5 + i / 6 * 10) * px, i * 3.1416 / 36, 2 * px);
        for (int i = 0; i < 6; i++)
            for (int y = 0; y < (int)lround(0.4 * px); y++)
                draw_line(strokes, (8 + i * 10) * px, 2 * px + y, 0, 0.4 * px);
        PIX *scan = pixCopy(NULL, strokes);
        strew(scan, 900, side, &r);
        l_int32 before = dark_of(scan) - dark_of(strokes);
        PIX *out = without_grain(scan, dpis[k], calibration.marks.grain_page_cm2 + 1);
        assert_non_null(out);
        PIX *lost = pixSubtract(NULL, strokes, out);
        assert_int_equal(dark_of(lost), 0);
        l_int32 left = dark_of(out) - dark_of(strokes); /* what touches a stroke, or another spot */
        if (!(left < before / 4))
            fail_msg("%.0f dpi: %d of %d pixels of grain are left", dpis[k], left, before);
        pixDestroy(&lost);
        pixDestroy(&out);
        assert_null(without_grain(scan, dpis[k], calibration.marks.grain_page_cm2 - 1)); /* ordinary dirt */
        pixDestroy(&scan);
        pixDestroy(&strokes);
    }
}

/* That what is drawn at 600 dpi stays where grain is taken off; destroys it. */
static void check_kept(PIX **drawn, uint64_t seed)
{
    struct random r = random_stream(seed, RANDOM_NOISE, 0, 0);
    PIX *scan = pixCopy(NULL, *drawn);
    strew(scan, 900, 6, &r);
    l_int32 before = dark_of(scan) - dark_of(*drawn);
    PIX *out = without_grain(scan, 600, calibration.marks.grain_page_cm2 + 1);
    PIX *lost = pixSubtract(NULL, *drawn, out);
    assert_int_equal(dark_of(lost), 0);
    assert_true(dark_of(out) - dark_of(*drawn) < before / 4);
    pixDestroy(&lost);
    pixDestroy(&out);
    pixDestroy(&scan);
    pixDestroy(drawn);
}

/* Fine pixels show a light pen's stroke as dots that hardly touch: in a row as long as a stroke they are one. Among grain
 * rows come about by chance, but none so long. */
static void a_dotted_stroke_is_no_grain(void **state)
{
    (void)state;
    double px = 600 / MM_PER_INCH;
    PIX *strokes = pixCreate((int)(60 * px), (int)(60 * px), 1);
    for (int i = 0; i < 36; i++)
        for (double t = 0; t <= 3 * px; t += 3) /* one pixel of three */
            draw_line(strokes, (5 + i % 6 * 10) * px + t * cos(i * 0.087), (5 + i / 6 * 10) * px + t * sin(i * 0.087), 0, 0);
    check_kept(&strokes, 4);
}

/* So is the dot of a light pen, a handful of spots close together. */
static void a_dot_of_spots_is_no_grain(void **state)
{
    (void)state;
    double px = 600 / MM_PER_INCH;
    PIX *dots = pixCreate((int)(60 * px), (int)(60 * px), 1);
    for (int i = 0; i < 36; i++)
        for (int k = 0; k < 36; k++) /* 0.7 mm: one pixel of nine */
            pixSetPixel(dots, (int)((5 + i % 6 * 10) * px) + k % 6 * 3, (int)((5 + i / 6 * 10) * px) + k / 6 * 3, 1);
    check_kept(&dots, 5);
}

/* A page is full of grain where a tint is printed, or where it is grey; elsewhere a few spots are what they are, be it
 * all that is left of a light tick. */
static void spots_where_there_is_no_grain_stay(void **state)
{
    (void)state;
    struct random r = random_stream(7, RANDOM_NOISE, 0, 0);
    double px = 400 / MM_PER_INCH;
    PIX *tick = pixCreate((int)(120 * px), (int)(120 * px), 1);
    for (int k = 0; k < 20; k++) /* 8 mm, a spot every 0.4 */
        pixSetPixel(tick, (int)((60 + 0.25 * k) * px), (int)((100 - 0.3 * k) * px), 1);
    PIX *scan = pixCreate((int)(120 * px), (int)(50 * px), 1);
    strew(scan, 2400, 4, &r);
    PIX *page = pixCopy(NULL, tick);
    pixRasterop(page, 0, 0, (int)scan->w, (int)scan->h, PIX_SRC | PIX_DST, scan, 0, 0);
    l_int32 before = dark_of(page) - dark_of(tick);
    PIX *out = without_grain(page, 400, calibration.marks.grain_page_cm2 + 1);
    PIX *lost = pixSubtract(NULL, tick, out);
    assert_int_equal(dark_of(lost), 0);
    assert_true(dark_of(out) - dark_of(tick) < before / 4);
    pixDestroy(&lost);
    pixDestroy(&out);
    pixDestroy(&page);
    pixDestroy(&scan);
    pixDestroy(&tick);
}

enum { SMALL_WIDTH = 101, SMALL_HEIGHT = 67, SMALL = SMALL_WIDTH * SMALL_HEIGHT };

static bool is_dark(PIX *bits, int x, int y)
{
    l_uint32 pixel = 0;
    return pixGetPixel(bits, x, y, &pixel) == 0 && pixel != 0;
}

/* Marks what holds together with what is marked. */
static void spread_to_touching(bool *marked, PIX *bits)
{
    for (bool changed = true; changed;) {
        changed = false;
        for (int at = 0; at < SMALL; at++)
            for (int n = 0; n < 9 && marked[at]; n++) {
                int x = at % SMALL_WIDTH + n % 3 - 1, y = at / SMALL_WIDTH + n / 3 - 1;
                if (is_dark(bits, x, y) && !marked[y * SMALL_WIDTH + x])
                    marked[y * SMALL_WIDTH + x] = changed = true;
            }
    }
}

/* Marks where a path of `long_px` pixels begins, to the right, or down. */
static void mark_long(bool *marked, PIX *bits, int long_px, bool down)
{
    int reach[SMALL] = {0};
    for (int k = SMALL - 1; k >= 0; k--) {
        int x = down ? k % SMALL_WIDTH : k / SMALL_HEIGHT, y = down ? k / SMALL_WIDTH : k % SMALL_HEIGHT, most = 0;
        for (int aside = -1; aside <= 1 && is_dark(bits, x, y); aside++) {
            int next_x = down ? x + aside : x + 1, next_y = down ? y + 1 : y + aside;
            if (is_dark(bits, next_x, next_y) && reach[next_y * SMALL_WIDTH + next_x] > most)
                most = reach[next_y * SMALL_WIDTH + next_x];
        }
        if (is_dark(bits, x, y))
            reach[y * SMALL_WIDTH + x] = most + 1;
        if (most + 1 >= long_px)
            marked[y * SMALL_WIDTH + x] = is_dark(bits, x, y);
    }
}

/* Pixel by pixel: what holds together and is nowhere so long or high goes, but for what the edge may have cut. The
 * bits that fill up a row's last word tell nothing. */
static void what_stays_is_found_to_the_pixel(void **state)
{
    (void)state;
    struct random r = random_stream(11, RANDOM_NOISE, 0, 0);
    int long_px = (int)lround(calibration.marks.grain_long_mm * 300 / MM_PER_INCH), stays = 0, goes = 0;
    for (int round = 0; round < 20; round++) {
        PIX *bits = pixCreate(SMALL_WIDTH, SMALL_HEIGHT, 1);
        for (int at = 0; at < SMALL; at++)
            if (random_chance(&r, 0.15))
                pixSetPixel(bits, at % SMALL_WIDTH, at / SMALL_WIDTH, 1);
        pixSetPadBits(bits, round % 2);
        bool stay[SMALL] = {false};
        for (int at = 0; at < SMALL; at++) {
            int x = at % SMALL_WIDTH, y = at / SMALL_WIDTH;
            bool at_edge = x == 0 || y == 0 || x == SMALL_WIDTH - 1 || y == SMALL_HEIGHT - 1;
            stay[at] = at_edge && is_dark(bits, x, y);
        }
        mark_long(stay, bits, long_px, false);
        mark_long(stay, bits, long_px, true);
        spread_to_touching(stay, bits);
        PIX *out = without_grain(bits, 300, calibration.marks.grain_page_cm2 + 1);
        assert_non_null(out);
        for (int at = 0; at < SMALL; at++) {
            int x = at % SMALL_WIDTH, y = at / SMALL_WIDTH;
            if (is_dark(out, x, y) != stay[at])
                fail_msg("round %d: pixel %d, %d", round, x, y);
            stays += stay[at];
            goes += is_dark(bits, x, y) && !stay[at];
        }
        pixDestroy(&out);
        pixDestroy(&bits);
    }
    assert_true(stays > 2000 && goes > 2000);
}

/* How many of so many spots of a pixel stay that lie in a tile of a page of 4.5 by 4.5 tiles. */
static l_int32 stay_of(const int (*tiles)[3], int tile_count)
{
    double side = calibration.marks.grain_tile_mm * 300 / MM_PER_INCH;
    PIX *bits = pixCreate((int)(4.5 * side), (int)(4.5 * side), 1);
    for (int k = 0; k < tile_count; k++)
        for (int i = 0; i < tiles[k][2]; i++)
            pixSetPixel(bits, (int)(tiles[k][0] * side) + 4 + i % 10 * 4, (int)(tiles[k][1] * side) + 4 + i / 10 * 4, 1);
    PIX *out = without_grain(bits, 300, calibration.marks.grain_page_cm2 + 1);
    l_int32 stay = dark_of(out);
    pixDestroy(&out);
    pixDestroy(&bits);
    return stay;
}

/* Spots are counted over three by three tiles, at the far edge over what the page has of them. */
static void grain_is_what_lies_close(void **state)
{
    (void)state;
    double tile_cm2 = pow(calibration.marks.grain_tile_mm / 10, 2);
    int few = (int)floor(9 * tile_cm2 * calibration.marks.grain_here_cm2 / 2) - 2, many = few + 4;
    assert_int_equal(stay_of((const int[][3]){{1, 2, few}, {2, 2, few}}, 2), 2 * few);
    assert_int_equal(stay_of((const int[][3]){{1, 2, many}, {2, 2, many}}, 2), 0);
    assert_int_equal(stay_of((const int[][3]){{2, 1, many}, {2, 2, many}}, 2), 0);
    int corner = (int)ceil(2.25 * tile_cm2 * calibration.marks.grain_here_cm2) + 2;
    assert_int_equal(stay_of((const int[][3]){{4, 4, corner}}, 1), 0);
    assert_int_equal(stay_of((const int[][3]){{4, 4, corner - 4}}, 1), corner - 4);
    assert_int_equal(stay_of((const int[][3]){{0, 0, corner}}, 1), corner);
}

/* Of a scan so coarse that a pixel is as long as a grain nothing can be said, nor of a grey one. */
static void coarse_and_grey_scans_are_left_alone(void **state)
{
    (void)state;
    PIX *bits = pixCreate(100, 100, 1), *grey = pixCreate(100, 100, 8);
    assert_null(without_grain(bits, 75, 100));
    struct raw_page raw = {.grey = grey, .width_px = 100, .height_px = 100};
    struct transform local = {{12, 0, 0, 0, 12, 0}};
    assert_null(grain_take_off(&raw, &(struct scan_health){.specks_cm2 = 100}, &local, &calibration.marks));
    pixDestroy(&bits);
    pixDestroy(&grey);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(grain_goes_and_strokes_stay),
                                       cmocka_unit_test(a_dotted_stroke_is_no_grain),
                                       cmocka_unit_test(a_dot_of_spots_is_no_grain),
                                       cmocka_unit_test(spots_where_there_is_no_grain_stay),
                                       cmocka_unit_test(what_stays_is_found_to_the_pixel),
                                       cmocka_unit_test(grain_is_what_lies_close),
                                       cmocka_unit_test(coarse_and_grey_scans_are_left_alone)};
    return cmocka_run_group_tests(tests, setup, NULL);
}
