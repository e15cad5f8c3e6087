/* The shape of ink inside a box, against the same worked out cell by cell over the whole patch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "form/outline.h"
#include "read/mark_template.h"

static uint64_t chance = 11;

static double uniform(double low, double high)
{
    chance = chance * 6364136223846793005u + 1442695040888963407u;
    return low + (high - low) * (double)(chance >> 11) / 9007199254740992.0;
}

struct drawn {
    struct box_template box;
    struct box_mask mask;
    unsigned char cells[PATCH_CELLS_MAX], ink[PATCH_CELLS_MAX];
    int inside_ink;
};

/* A box of any size, with a few strokes and specks of ink that leave print out. */
static void draw(struct drawn *out)
{
    memset(out, 0, sizeof *out);
    struct rect rect = {50, 60, uniform(2.5, 9), uniform(2.5, 6)};
    out->box.rect_mm = rect;
    patch_size(&out->box.width, &out->box.height, rect);
    out->mask.cells = out->cells;
    int width = out->box.width, height = out->box.height;
    for (int at = 0; at < width * height; at++) {
        double x = rect.x - MARGIN_MM + (at % width + 0.5) * CELL_MM;
        double y = rect.y - MARGIN_MM + ((double)(at / width) + 0.5) * CELL_MM;
        double depth = outline_depth_mm(&rect, BOX_SQUARE, x, y);
        out->cells[at] = mark_classify(depth, fabs(depth) < 0.3 || uniform(0, 1) < 0.01, false, rect.h);
    }
    mark_mask_sum(&out->mask, width, height);
    for (int k = 0; k < 8; k++) {
        double x = uniform(1, width - 1), y = uniform(1, height - 1), angle = uniform(0, 7);
        for (double far = uniform(0, 40); far > 0; far -= 0.5, x += cos(angle) / 2, y += sin(angle) / 2) {
            int at = (int)y * width + (int)x;
            if (x >= 1 && y >= 1 && x < width - 1 && y < height - 1 && !(out->cells[at] & CELL_PRINT))
                out->ink[at] = 1;
        }
    }
    for (int at = 0; at < width * height; at++)
        out->inside_ink += out->ink[at] && (out->cells[at] & CELL_INSIDE);
}

/* ---- cell by cell -------------------------------------------------------------------------------- */

static bool is_white(const struct drawn *d, int at)
{
    return (d->cells[at] & CELL_INSIDE) && !d->ink[at];
}

/* Cells of the white area around one, each taken off `seen`. */
static int area_of(const struct drawn *d, bool *seen, int at)
{
    if (seen[at] || !is_white(d, at))
        return 0;
    seen[at] = true;
    return 1 + area_of(d, seen, at - 1) + area_of(d, seen, at + 1) + area_of(d, seen, at - d->box.width) +
           area_of(d, seen, at + d->box.width);
}

static int largest_white(const struct drawn *d)
{
    static bool seen[PATCH_CELLS_MAX];
    int best = 0;
    memset(seen, 0, sizeof seen);
    for (int at = 0; at < d->box.width * d->box.height; at++) {
        int size = area_of(d, seen, at);
        best = size > best ? size : best;
    }
    return best;
}

/* The fullest strip of four cells from line to line, which a step along moves by `slope`. */
static double fullest_strip(const struct drawn *d, bool upright, double slope)
{
    int lines = upright ? d->box.height : d->box.width, cells = upright ? d->box.width : d->box.height;
    double best = 0;
    for (int first = 4; first + 8 < cells; first++) {
        int rows = 0, inked = 0;
        for (int line = 1; line < lines - 1; line++) {
            bool is_free = false, is_hit = false;
            int start = first + (int)lround(slope * (line - lines / 2.0));
            if (start < 1 || start + 4 >= cells)
                continue;
            for (int i = start; i < start + 4; i++) {
                int at = upright ? line * d->box.width + i : i * d->box.width + line;
                is_free |= !(d->cells[at] & CELL_PRINT);
                is_hit |= d->ink[at] != 0;
            }
            rows += is_free;
            inked += is_hit;
        }
        if (rows > lines / 3)
            best = fmax(best, (float)inked / (float)rows);
    }
    return best;
}

static void shape_is_what_cells_one_by_one_say(void **state)
{
    (void)state;
    struct drawn *d = malloc(sizeof *d);
    for (int round = 0; round < 1500; round++) {
        draw(d);
        if (d->inside_ink == 0)
            continue;
        double angle = uniform(-0.2, 0.2) + (round % 2 == 0 ? 0 : M_PI / 2);
        struct transform local = {{cos(angle), -sin(angle), 0, sin(angle), cos(angle), 0, 0, 0}};
        struct box_evidence e = {0};
        mark_shape(&e, &d->box, &d->mask, d->ink, d->inside_ink, &local);
        double x = local.m[0], y = local.m[1];
        bool upright = fabs(x) >= fabs(y);
        float white = (float)largest_white(d) / (float)d->mask.inside_count;
        float streak = (float)fullest_strip(d, upright, upright ? -y / x : -x / y);
        assert_true(!(e.largest_white_share < white) && !(e.largest_white_share > white));
        assert_true(!(e.streak_share < streak) && !(e.streak_share > streak));
    }
    free(d);
}

/* Two strokes across, with a gap that parts them for a row but not for a column. */
static void runs_are_counted_from_side_to_side(void **state)
{
    (void)state;
    struct drawn *d = calloc(1, sizeof *d);
    d->box.rect_mm = (struct rect){50, 60, 5, 5};
    patch_size(&d->box.width, &d->box.height, d->box.rect_mm);
    d->mask.cells = d->cells;
    for (int y = 20; y < 50; y++)
        for (int x = 20; x < 50; x++)
            d->cells[y * d->box.width + x] = CELL_INSIDE;
    mark_mask_sum(&d->mask, d->box.width, d->box.height);
    assert_int_equal(d->mask.inside_count, 900);
    assert_int_equal(d->mask.inside.x0 * 1000 + d->mask.inside.x1, 20050);
    assert_int_equal(d->mask.inside.y0 * 1000 + d->mask.inside.y1, 20050);
    for (int x = 22; x < 48; x++)
        d->ink[30 * d->box.width + x] = x < 33 || x > 36;
    const struct transform upright = {{1, 0, 0, 0, 1, 0, 0, 0}};
    struct box_evidence e = {0};
    mark_shape(&e, &d->box, &d->mask, d->ink, 22, &upright);
    assert_int_equal((int)lround((double)e.runs), 2);
    assert_int_equal((int)lround((double)(e.largest_white_share * 900)), 878);
    free(d);
}

/* Every dark pixel of the image is asked which cell it lies on. */
static void dark_pixels_are_those_of_deep_cells(void **state)
{
    (void)state;
    struct drawn *d = malloc(sizeof *d);
    for (int round = 0; round < 60; round++) {
        draw(d);
        double px = uniform(4, 14), angle = uniform(-0.1, 0.1) + M_PI / 2 * (round % 4);
        struct transform local = {{px * cos(angle), -px * sin(angle), 0, px * sin(angle), px * cos(angle), 0, 0, 0}};
        struct point middle = transform_apply(&local, rect_centre(d->box.rect_mm));
        int side = (int)(14 * px), dx = (int)uniform(-4, 5), dy = (int)uniform(-4, 5), count = 0;
        local.m[2] = side / 2.0 - middle.x;
        local.m[5] = side / 2.0 - middle.y;
        struct raw_page raw = {.bits = pixCreate(side, side, 1), .width_px = side, .height_px = side};
        struct transform to_mm;
        assert_true(transform_invert(&to_mm, &local));
        for (int y = 0; y < side; y++)
            for (int x = 0; x < side; x++) {
                if (uniform(0, 1) > 0.3)
                    continue;
                pixSetPixel(raw.bits, x, y, 1);
                struct point mm = transform_apply(&to_mm, (struct point){x + 0.5, y + 0.5});
                int i = (int)floor((mm.x - d->box.rect_mm.x + MARGIN_MM) * CELL_PER_MM) - dx;
                int j = (int)floor((mm.y - d->box.rect_mm.y + MARGIN_MM) * CELL_PER_MM) - dy;
                count += i >= 0 && j >= 0 && i < d->box.width && j < d->box.height &&
                         (d->cells[j * d->box.width + i] & CELL_DEEP) != 0;
            }
        double found = mark_pixels_mm2(&d->box, &d->mask, &raw, &local, dx, dy) * px * px;
        assert_true(fabs(found - count) < 0.01);
        pixDestroy(&raw.bits);
    }
    free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shape_is_what_cells_one_by_one_say),
        cmocka_unit_test(runs_are_counted_from_side_to_side),
        cmocka_unit_test(dark_pixels_are_those_of_deep_cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
