/* Hairlines of dust are taken off an image; what a hand draws stays, at the hairline's own place
 * too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "base/calibration.h"
#include "proof/random.h"
#include "read/hairlines.h"

static struct calibration calibration;

/* A page of 170 x 240 mm, and what a mm of it is. */
struct sheet {
    PIX *bits;
    double px;
    struct transform local;
};

static struct sheet sheet_new(double dpi)
{
    double px = dpi / 25.4;
    return (struct sheet){
        pixCreate((int)(170 * px), (int)(240 * px), 1), px, {{px, 0, 0, 0, px, 0}}};
}

static PIX *without_hairlines(const struct sheet *s)
{
    struct raw_page raw = {
        .bits = s->bits, .width_px = (int)s->bits->w, .height_px = (int)s->bits->h};
    return hairlines_take_off(&raw, &s->local, &calibration.marks);
}

static void dash(PIX *out, int x, int y, int width, int height)
{
    for (int j = y; j < y + height && j < (int)out->h; j++)
        for (int i = x; i < x + width; i++)
            pixSetPixel(out, i, j, 1);
}

/* A hairline with gaps that strays by a pixel. */
static void hairline(const struct sheet *s, int x, int width, double broken, struct random *r)
{
    int from = 0;
    while (from < (int)s->bits->h) {
        int length = (int)(random_between(r, 1, 9) * s->px),
            gap = (int)(length * broken / (1 - broken));
        dash(s->bits, x + (random_chance(r, 0.3) ? 1 : 0), from, width, length);
        from += length + gap;
    }
}

static int ink_in(PIX *pix, int x, int y, int width, int height)
{
    int count = 0;
    for (int j = y; j < y + height; j++)
        for (int i = x; i < x + width; i++) {
            l_uint32 bit;
            pixGetPixel(pix, i, j, &bit);
            count += (int)bit;
        }
    return count;
}

static void hairlines_go(void **state)
{
    (void)state;
    struct random r = random_stream(1, RANDOM_NOISE, 0, 0);
    const double dpis[] = {200, 300, 400, 600};
    for (int k = 0; k < 4; k++)
        for (int wide = 1; wide <= (int)(0.2 * dpis[k] / 25.4); wide++) {
            struct sheet s = sheet_new(dpis[k]);
            hairline(&s, 500, wide, 0.3, &r);
            PIX *clean = without_hairlines(&s);
            assert_non_null(clean);
            assert_int_equal(ink_in(clean, 480, 0, 40, (int)clean->h), 0);
            pixDestroy(&clean);
            pixDestroy(&s.bits);
        }
}

/* The thinnest pen's upright stroke, as long as a mark's arm can be or a short dash, at every place
 * across the hairline: nothing of it goes. */
static void an_upright_stroke_on_a_hairline_stays(void **state)
{
    (void)state;
    struct random r = random_stream(2, RANDOM_NOISE, 0, 0);
    const double dpis[] = {200, 300, 400, 600}, lengths[] = {1.5, 4, 16};
    for (int k = 0; k < 4; k++)
        for (int l = 0; l < 3; l++)
            for (int off = -6; off <= 6; off++) {
                struct sheet s = sheet_new(dpis[k]);
                int pen = (int)ceil(0.25 * s.px), high = (int)(lengths[l] * s.px),
                    y = (int)(100 * s.px);
                hairline(&s, 500, 1, 0.1, &r);
                dash(s.bits, 500 + off, y, pen, high);
                PIX *clean = without_hairlines(&s);
                assert_non_null(clean);
                assert_int_equal(ink_in(clean, 500 + off, y, pen, high), pen * high);
                pixDestroy(&clean);
                pixDestroy(&s.bits);
            }
}

/* What a weak pen left of an upright stroke is as thin as a hairline: where there is none, or only
 * a stroke here and there in the same column, it stays. */
static void thin_strokes_prove_no_hairline(void **state)
{
    (void)state;
    for (int count = 1; count <= 4; count++) {
        struct sheet s = sheet_new(300);
        for (int k = 0; k < count; k++)
            dash(s.bits, 500, (int)((60 + 10 * k) * s.px), 2, (int)(4.5 * s.px));
        assert_null(without_hairlines(&s));
        pixDestroy(&s.bits);
    }
    struct sheet s = sheet_new(300); /* one stroke, longer than any mark */
    dash(s.bits, 500, (int)(60 * s.px), 2, (int)(16 * s.px));
    assert_null(without_hairlines(&s));
    pixDestroy(&s.bits);
}

static void a_slanting_stroke_keeps_all_but_what_lies_on_the_hairline(void **state)
{
    (void)state;
    struct random r = random_stream(3, RANDOM_NOISE, 0, 0);
    struct sheet s = sheet_new(300);
    int y = (int)(100 * s.px), high = (int)(5 * s.px);
    hairline(&s, 500, 1, 0.1, &r);
    for (int j = 0; j < high; j++)
        dash(s.bits, 480 + j * 40 / high, y + j, 2, 1);
    PIX *clean = without_hairlines(&s);
    assert_non_null(clean);
    assert_true(ink_in(clean, 470, y, 60, high) > 2 * high * 8 / 10);
    pixDestroy(&clean);
    pixDestroy(&s.bits);
}

/* Specks, and a tint that is printed as fine upright lines, are dark in any column. */
static void grain_stays(void **state)
{
    (void)state;
    struct random r = random_stream(4, RANDOM_NOISE, 0, 0);
    struct sheet s = sheet_new(300);
    for (int k = 0; k < 300000; k++)
        pixSetPixel(s.bits, (int)random_between(&r, 0, s.bits->w - 1),
                    (int)random_between(&r, 0, s.bits->h - 1), 1);
    assert_null(without_hairlines(&s));
    pixDestroy(&s.bits);
    s = sheet_new(300);
    for (int k = 0; k < 40; k++)
        dash(s.bits, 500 + 4 * k, 200, 1, (int)(150 * s.px));
    assert_null(without_hairlines(&s));
    pixDestroy(&s.bits);
}

static int setup(void **state)
{
    (void)state;
    struct error err = {0};
    return calibration_load(&calibration, &err) ? 0 : -1;
}

/* Pixel by pixel, of rows of few runs or many. */
static void thin_runs_are_those_of_few_pixels(void **state)
{
    (void)state;
    struct random r = random_stream(1, RANDOM_NOISE, 0, 0);

    for (int round = 0; round < 3000; round++) {
        enum { WORDS = 23 };
        l_uint32 row[WORDS] = {0}, out[WORDS], room[2 * (WORDS + 1)];
        int words = 1 + round % WORDS, pixels = 32 * words, thin = 1 + round % 8, run = 0;
        double turns = random_between(&r, 0.02, 0.5);
        bool dark = false;
        for (int x = 0; x < pixels; x++) {
            dark = random_chance(&r, turns) ? !dark : dark;
            row[x / 32] |= (l_uint32)dark << (31 - x % 32);
        }
        hairlines_thin_runs(out, room, row, words, thin);
        for (int x = 0; x < pixels; x += run > 0 ? run : 1) {
            for (run = 0; x + run < pixels && GET_DATA_BIT(row, x + run);)
                run++;
            for (int k = x; k < x + (run > 0 ? run : 1); k++)
                assert_int_equal(GET_DATA_BIT(out, k), run > 0 && run <= thin);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thin_runs_are_those_of_few_pixels),
        cmocka_unit_test(hairlines_go),
        cmocka_unit_test(an_upright_stroke_on_a_hairline_stays),
        cmocka_unit_test(thin_strokes_prove_no_hairline),
        cmocka_unit_test(a_slanting_stroke_keeps_all_but_what_lies_on_the_hairline),
        cmocka_unit_test(grain_stays),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
