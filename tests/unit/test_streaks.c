/* Streaks are taken off the scan; what crosses them and lies beside them stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"
#include "read/streaks.h"

enum { WIDE = 200, HIGH = 300, PAPER = 240, AT = 90 };

static const struct transform local = {{6, 0, 0, 0, 6, 0}}; /* 6 px a mm */

static PIX *paper(void)
{
    PIX *pix = pixCreate(WIDE, HIGH, 8);
    for (int y = 0; y < HIGH; y++)
        for (int x = 0; x < WIDE; x++)
            pixSetPixel(pix, x, y, PAPER);
    return pix;
}

static void darken(PIX *pix, int x, int y, int w, int h, l_uint32 level)
{
    for (int j = y; j < y + h; j++)
        for (int i = x; i < x + w; i++)
            pixSetPixel(pix, i, j, level);
}

static int level_at(PIX *pix, int x, int y)
{
    l_uint32 level;
    pixGetPixel(pix, x, y, &level);
    return (int)level;
}

/* A streak of four columns, soft at its edges, over an outline's upper side and a stroke. */
static PIX *scanned(bool lying)
{
    PIX *pix = paper();
    darken(pix, AT - 3, 0, 6, HIGH, 215);
    darken(pix, AT - 2, 0, 4, HIGH, 120);
    darken(pix, 60, 100, 60, 4, 20);      /* a rule across it */
    darken(pix, AT + 4, 150, 4, 60, 20);  /* an upright line beside it */
    if (lying) {
        PIX *turned = pixRotate90(pix, 1);
        pixDestroy(&pix);
        pix = turned;
    }
    return pix;
}

static void a_streak_is_taken_off(void **state)
{
    (void)state;
    struct error err = {0};
    struct calibration c;
    assert_true(calibration_load(&c, &err));
    for (int lying = 0; lying < 2; lying++) {
        PIX *pix = scanned(lying);
        struct raw_page raw = {.grey = pix, .width_px = lying ? HIGH : WIDE,
                               .height_px = lying ? WIDE : HIGH};
        struct scan_health health = {.streak_count = 1};
        health.streaks[0] = (struct streak){.at_px = AT, .width_px = 4, .share = 0.9f,
                                            .lying = lying};
        PIX *out = streaks_take_off(&raw, raw.bits, &health, &local, &c.marks);
        assert_non_null(out);
        PIX *upright = lying ? pixRotate90(out, -1) : pixClone(out);
        for (int x = AT - 4; x < AT + 3; x++) {
            assert_true(level_at(upright, x, 40) >= PAPER - 2);   /* clean paper */
            assert_true(level_at(upright, x, 101) <= 25);         /* the rule is whole */
        }
        assert_true(level_at(upright, AT - 2, 180) >= 150);       /* away from the line beside it */
        for (int x = AT + 4; x < AT + 8; x++)
            assert_int_equal(level_at(upright, x, 180), 20);      /* which stays */
        assert_int_equal(level_at(upright, AT - 40, 101), PAPER);
        assert_int_equal(level_at(pix, lying ? 40 : AT, lying ? AT : 40), 120); /* the scan is as it was */
        pixDestroy(&upright);
        pixDestroy(&out);
        pixDestroy(&pix);
    }
}

/* Of a black and white scan the runs within the streak go, and what leaves it stays: strokes that cross it, the
 * pen's that lies along it, and what a threshold left of one that ended on it. */
static void a_broken_streak_is_whitened(void **state)
{
    (void)state;
    struct error err = {0};
    struct calibration c;
    assert_true(calibration_load(&c, &err));
    PIX *pix = pixCreate(WIDE, HIGH, 1);
    for (int y = 0; y < HIGH; y += 7)
        darken(pix, AT - 1 + y % 3, y, 2, 4, 1); /* it strays by a pixel */
    darken(pix, 60, 101, 60, 4, 1);              /* a rule across it */
    darken(pix, AT - 5, 200, 10, 40, 1);         /* a felt tip's stroke along it */
    darken(pix, AT - 5, 151, 5, 3, 1);           /* the end of a light stroke */
    darken(pix, AT, 158, 5, 3, 1);               /* of one from the other side */
    darken(pix, AT + 20, 20, 2, 40, 1);          /* a thin line elsewhere */
    struct scan_health health = {.broken_count = 1};
    health.broken[0] = (struct streak){.at_px = AT, .width_px = 3, .share = 0.2f};
    struct raw_page raw = {.bits = pix, .width_px = WIDE, .height_px = HIGH};
    PIX *out = streaks_take_off(&raw, raw.bits, &health, &local, &c.marks);
    assert_non_null(out);
    int left = 0, on = 0, end = 0, elsewhere = 0, rule = 0;
    for (int y = 0; y < HIGH; y++)
        for (int x = 0; x < WIDE; x++) {
            int dark = level_at(out, x, y);
            bool ruled = y >= 101 && y < 105, along = y >= 200 && y < 240 && x >= AT - 5 && x < AT + 5;
            bool ends = (y >= 151 && y < 154 && x >= AT - 5 && x < AT) ||
                        (y >= 158 && y < 161 && x >= AT && x < AT + 5);
            left += dark && !ruled && !along && !ends && x < AT + 10;
            end += dark && ends;
            on += dark && along;
            rule += dark && ruled && x >= 60 && x < 120;
            elsewhere += dark && x >= AT + 20 && !ruled;
        }
    assert_int_equal(left, 0);
    assert_int_equal(on, 10 * 40);
    assert_int_equal(end, 2 * 5 * 3);
    assert_int_equal(rule, 4 * 60);
    assert_int_equal(elsewhere, 2 * 40);
    assert_int_equal(level_at(pix, AT, 1), 1); /* the scan is as it was */
    pixDestroy(&out);
    pixDestroy(&pix);
}

/* Where a streak is gone a spot in its column may be of a mark. */
static void a_spot_by_itself_stays(void **state)
{
    (void)state;
    struct error err = {0};
    struct calibration c;
    assert_true(calibration_load(&c, &err));
    PIX *pix = pixCreate(WIDE, HIGH, 1);
    darken(pix, AT, 0, 1, 150, 1);
    darken(pix, AT - 1, 170, 3, 3, 1); /* less than a centimetre below its end */
    darken(pix, AT - 1, 280, 3, 7, 1); /* more than two; as high as a spot may be */
    struct scan_health health = {.broken_count = 1};
    health.broken[0] = (struct streak){.at_px = AT, .width_px = 3, .share = 0.2f};
    struct raw_page raw = {.bits = pix, .width_px = WIDE, .height_px = HIGH};
    PIX *scanned_bits = pixCopy(NULL, pix);
    for (int once = 0; once < 2; once++) {
        if (once > 0) /* a part of the streak was taken off already */
            for (int y = 0; y < 150; y++)
                pixSetPixel(pix, AT, y, 0);
        PIX *out = streaks_take_off(&raw, scanned_bits, &health, &local, &c.marks);
        assert_non_null(out);
        assert_int_equal(level_at(out, AT, 20), 0);
        assert_int_equal(level_at(out, AT, 171), 0);
        for (int y = 280; y < 287; y++)
            assert_int_equal(level_at(out, AT + 1, y), 1);
        pixDestroy(&out);
    }
    pixDestroy(&scanned_bits);
    pixDestroy(&pix);
}

static void nothing_is_taken_off_else(void **state)
{
    (void)state;
    struct error err = {0};
    struct calibration c;
    assert_true(calibration_load(&c, &err));
    PIX *pix = scanned(false), *bits = pixCreate(WIDE, HIGH, 1);
    struct scan_health health = {.streak_count = 0};
    struct raw_page grey = {.grey = pix, .width_px = WIDE, .height_px = HIGH};
    struct raw_page bitonal = {.bits = bits, .width_px = WIDE, .height_px = HIGH};
    assert_null(streaks_take_off(&grey, NULL, &health, &local, &c.marks));
    health.streak_count = 1;
    health.streaks[0] = (struct streak){.at_px = 1, .width_px = 4, .share = 0.9f}; /* off the edge */
    assert_null(streaks_take_off(&grey, NULL, &health, &local, &c.marks));
    assert_null(streaks_take_off(&bitonal, bitonal.bits, &health, &local, &c.marks));
    health.streaks[0].at_px = AT;
    health.streaks[0].lying = true; /* of a black and white scan that was turned nothing is taken */
    assert_null(streaks_take_off(&bitonal, bitonal.bits, &health, &local, &c.marks));
    pixDestroy(&pix);
    pixDestroy(&bits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_streak_is_taken_off),
                                       cmocka_unit_test(a_broken_streak_is_whitened),
                                       cmocka_unit_test(a_spot_by_itself_stays),
                                       cmocka_unit_test(nothing_is_taken_off_else)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
