/* Bit images: conversion, halving, warping, and the search for a patch. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "page/bitmap.h"

static PIX *blobs(int width, int height, unsigned seed)
{
    PIX *pix = pixCreate(width, height, 1);
    for (int i = 0; i < width * height / 400; i++) {
        seed = seed * 1664525u + 1013904223u;
        int x = (int)(seed >> 8) % width;
        seed = seed * 1664525u + 1013904223u;
        int y = (int)(seed >> 8) % height;
        pixRasterop(pix, x, y, 3 + (int)(seed >> 28), 2 + (int)(seed >> 29), PIX_SET, NULL, 0, 0);
    }
    return pix;
}

static int bit(const struct bitmap *bitmap, int x, int y)
{
    return (int)(bitmap->rows[(size_t)y * (size_t)bitmap->stride + (size_t)(x / 64)] >> (x & 63) & 1);
}

static void converts_every_pixel(void **state)
{
    (void)state;
    for (int width = 1; width < 140; width += 23) {
        PIX *pix = blobs(width, 31, (unsigned)width);
        struct bitmap bitmap;
        bitmap_from_pix(&bitmap, pix);
        for (int y = 0; y < 31; y++)
            for (int x = 0; x < width; x++) {
                l_uint32 value;
                pixGetPixel(pix, x, y, &value);
                assert_int_equal(bit(&bitmap, x, y), (int)value);
            }
        bitmap_release(&bitmap);
        pixDestroy(&pix);
    }
}

static void halving_keeps_a_pixel_of_four(void **state)
{
    (void)state;
    PIX *pix = blobs(301, 77, 5), *want = pixReduceRankBinary2(pix, 1, NULL);
    struct bitmap bitmap, half;
    bitmap_from_pix(&bitmap, pix);
    bitmap_halve(&half, &bitmap);
    assert_int_equal(half.width_px, 150);
    assert_int_equal(half.height_px, 38);
    for (int y = 0; y < half.height_px; y++)
        for (int x = 0; x < half.width_px; x++) {
            l_uint32 value;
            pixGetPixel(want, x, y, &value);
            assert_int_equal(bit(&half, x, y), (int)value);
        }
    bitmap_release(&bitmap);
    bitmap_release(&half);
    pixDestroy(&pix);
    pixDestroy(&want);
}

static void spreads_to_the_eight_neighbours(void **state)
{
    (void)state;
    PIX *pix = pixCreate(200, 20, 1), *want;
    pixSetPixel(pix, 63, 10, 1);
    pixSetPixel(pix, 128, 0, 1);
    pixSetPixel(pix, 0, 19, 1);
    want = pixDilateBrick(NULL, pix, 3, 3);
    struct bitmap bitmap, fat;
    bitmap_from_pix(&bitmap, pix);
    bitmap_spread(&fat, &bitmap);
    for (int y = 0; y < 20; y++)
        for (int x = 0; x < 200; x++) {
            l_uint32 value;
            pixGetPixel(want, x, y, &value);
            assert_int_equal(bit(&fat, x, y), (int)value);
        }
    bitmap_release(&bitmap);
    bitmap_release(&fat);
    pixDestroy(&pix);
    pixDestroy(&want);
}

static void finds_a_patch_where_it_is(void **state)
{
    (void)state;
    PIX *pix = blobs(400, 300, 9);
    struct bitmap bitmap;
    struct patch patch;
    bitmap_from_pix(&bitmap, pix);
    patch_cut(&patch, &bitmap, 171, 93, 38);
    struct match match = patch_search(&bitmap, &patch, 177, 86, 10, 3);
    assert_true(fabs(match.x - 171) < 0.6 && fabs(match.y - 93) < 0.6);
    assert_true(match.score > 0.999);
    assert_true(match.rival < 0.85);
    /* a place beyond the reach is not found */
    match = patch_search(&bitmap, &patch, 200, 93, 10, 3);
    assert_true(match.score < 0.6);
    /* off the image altogether: no crash, no likeness */
    match = patch_search(&bitmap, &patch, -500, 5000, 10, 3);
    assert_true(match.score <= 0);
    bitmap_release(&bitmap);
    pixDestroy(&pix);
}

static void warps_by_a_small_turn(void **state)
{
    (void)state;
    PIX *pix = pixCreate(300, 300, 1);
    pixRasterop(pix, 200, 100, 9, 9, PIX_SET, NULL, 0, 0); /* centre 204.5, 104.5 */
    struct bitmap bitmap, turned;
    bitmap_from_pix(&bitmap, pix);
    double c = cos(0.05), s = sin(0.05);
    struct transform to_source = {{c, -s, 3, s, c, -4, 0, 0}}, to_turned;
    assert_true(transform_invert(&to_turned, &to_source));
    bitmap_warp(&turned, &bitmap, &to_source, 300, 300);
    double sum = 0, sum_x = 0, sum_y = 0;
    for (int y = 0; y < 300; y++)
        for (int x = 0; x < 300; x++)
            if (bit(&turned, x, y)) {
                sum++;
                sum_x += x + 0.5;
                sum_y += y + 0.5;
            }
    struct point want = transform_apply(&to_turned, (struct point){204.5, 104.5});
    assert_true(fabs(sum - 81) < 12);
    assert_true(fabs(sum_x / sum - want.x) < 0.4 && fabs(sum_y / sum - want.y) < 0.4);
    bitmap_release(&bitmap);
    bitmap_release(&turned);
    pixDestroy(&pix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(converts_every_pixel),
        cmocka_unit_test(halving_keeps_a_pixel_of_four),
        cmocka_unit_test(spreads_to_the_eight_neighbours),
        cmocka_unit_test(finds_a_patch_where_it_is),
        cmocka_unit_test(warps_by_a_small_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
