/* The shape of ink inside a box, against the same worked out cell by cell over the whole patch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <math.h>

#include "base/calibration.h"
#include "form/outline.h"
#include "read/mark_template.h"
#include "read/rim.h"

static uint64_t chance = 11;

static double uniform(double low, double high)
{
    chance = chance * 6364136223846793005u + 1442695040888963407u;
    return low + (high - low) * (double)(chance >> 11) / 9007199254740992.0;
}

static struct mark_calibration marks;

struct drawn {
    struct box_template box;
    struct box_mask mask;
    unsigned char cells[PATCH_CELLS_MAX], ink[PATCH_CELLS_MAX];
    int inside_ink;
};

/* A box of any size, with print inside or none, a few strokes and specks of ink that leave print out. */
static void draw(struct drawn *out)
{
    memset(out, 0, sizeof *out);
    bool is_tall = uniform(0, 1) < 0.1; /* of more lines than a byte counts */
    struct rect rect = {50, 60, uniform(2.5, is_tall ? 4 : 11), is_tall ? uniform(20, 45) : uniform(2.5, 6)};
    out->box.rect_mm = rect;
    patch_size(&out->box.width, &out->box.height, rect);
    out->mask.cells = out->cells;
    int width = out->box.width, height = out->box.height;
    double print = uniform(0, 1) < 0.5 ? 0 : 0.01;
    for (int at = 0; at < width * height; at++) {
        double x = rect.x - MARGIN_MM + (at % width + 0.5) * CELL_MM;
        double y = rect.y - MARGIN_MM + ((double)(at / width) + 0.5) * CELL_MM;
        double depth = outline_depth_mm(&rect, BOX_SQUARE, x, y);
        out->cells[at] = mark_classify(&marks, depth, fabs(depth) < 0.3 || uniform(0, 1) < print, false, rect.h);
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

static bool is_ink(const struct drawn *d, int at)
{
    return (d->cells[at] & CELL_INSIDE) && d->ink[at];
}

/* Runs of ink in a row or a column, which white of less than three cells does not part; cells that are not inside do
 * not count. */
static int runs_in_line(const struct drawn *d, int at, int step, int cells)
{
    int runs = 0, white = 3;
    for (; cells > 0; cells--, at += step) {
        if (!(d->cells[at] & CELL_INSIDE))
            continue;
        runs += is_ink(d, at) && white > 2;
        white = is_ink(d, at) ? 0 : white + 1;
    }
    return runs;
}

static double mean_runs(const struct drawn *d, bool rows)
{
    int width = d->box.width, height = d->box.height, runs = 0, met = 0;
    for (int k = 0; k < (rows ? height : width); k++) {
        int here = rows ? runs_in_line(d, k * width, 1, width) : runs_in_line(d, k, width, height);
        runs += here;
        met += here > 0;
    }
    return (double)runs / met;
}

static void check_place(const struct drawn *d, const struct box_evidence *e)
{
    int width = d->box.width, height = d->box.height, edges = 0, diagonal = 0, quadrant[4] = {0}, quadrants = 0;
    int x0 = width, x1 = 0, y0 = height, y1 = 0;
    double half_w = d->box.rect_mm.w * CELL_PER_MM / 2, half_h = d->box.rect_mm.h * CELL_PER_MM / 2;
    for (int at = 0; at < width * height; at++) {
        if (!is_ink(d, at))
            continue;
        int x = at % width, y = at / width;
        double u = (x + 0.5 - width / 2.0) / half_w, v = (y + 0.5 - height / 2.0) / half_h;
        edges += is_white(d, at - 1) + is_white(d, at + 1) + is_white(d, at - width) + is_white(d, at + width);
        diagonal += fabs(u - v) < 0.35 || fabs(u + v) < 0.35;
        quadrant[(v > 0) * 2 + (u > 0)]++;
        x0 = x < x0 ? x : x0;
        x1 = x > x1 ? x : x1;
        y0 = y < y0 ? y : y0;
        y1 = y > y1 ? y : y1;
    }
    for (int k = 0; k < 4; k++)
        quadrants += quadrant[k] >= d->mask.inside_count / 100 + 1;
    double stroke = edges > 0 ? 2.0 * d->inside_ink / (edges * M_PI / 4) : 1000;
    assert_true(fabs(e->stroke_mm - fmin(stroke, 2 * fmin(half_w, half_h)) * CELL_MM) < 1e-5);
    assert_true(fabs(e->diagonal_share - (double)diagonal / d->inside_ink) < 1e-6);
    assert_true(fabs(e->span - fmax((x1 + 1 - x0) / (2 * half_w), (y1 + 1 - y0) / (2 * half_h))) < 1e-6);
    assert_int_equal((int)e->quadrants, quadrants);
    assert_true(fabs(e->runs - fmax(mean_runs(d, true), mean_runs(d, false))) < 1e-6);
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
        check_place(d, &e);
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
    for (int round = 0; round < 200; round++) {
        draw(d);
        double px = uniform(4, 14), angle = uniform(-0.1, 0.1) + M_PI / 2 * (round % 4);
        angle = round % 5 == 0 ? uniform(0, 7) : angle;
        struct transform local = {{px * cos(angle), -px * sin(angle), 0, px * sin(angle), px * cos(angle), 0, 0, 0}};
        local.m[1] += round % 3 == 0 ? uniform(-1, 1) * px : 0; /* no scanner does: what holds, holds there too */
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
        double pixel_mm2 = fabs(to_mm.m[0] * to_mm.m[4] - to_mm.m[1] * to_mm.m[3]);
        double found = mark_pixels_mm2(&d->box, &d->mask, &raw, &local, dx, dy) / pixel_mm2;
        assert_true(fabs(found - count) < 0.01);
        pixDestroy(&raw.bits);
    }
    free(d);
}

/* ---- counts ------------------------------------------------------------------------------------- */

struct counts {
    int inside, core, ring, pale, faint, faint_core;
    long darkness;
};

static struct counts count_cells(const struct drawn *d, const unsigned char *patch, int dx, int dy, int ink_level,
                                 int faint_level)
{
    struct counts c = {0};
    for (int y = 1; y + 1 < d->box.height; y++)
        for (int x = 1; x + 1 < d->box.width; x++) {
            unsigned char cell = d->cells[y * d->box.width + x];
            if (x + dx < 0 || y + dy < 0 || x + dx >= d->box.width || y + dy >= d->box.height ||
                (cell & CELL_PRINT))
                continue;
            int dark = patch[(y + dy) * d->box.width + x + dx];
            bool ink = dark >= ink_level, tinged = dark >= faint_level;
            c.inside += ink && (cell & CELL_INSIDE);
            c.core += ink && (cell & CELL_CORE);
            c.ring += ink && (cell & CELL_RING);
            c.pale += tinged && !ink && (cell & CELL_RING);
            c.faint += tinged && !ink && (cell & CELL_DEEP);
            c.faint_core += tinged && (cell & CELL_CORE);
            c.darkness += ink && (cell & CELL_INSIDE) ? dark : 0;
        }
    return c;
}

static bool is_share(float share, int count, int of)
{
    return fabs((double)share - (double)count / (of > 0 ? of : 1)) < 1e-5;
}

/* Of paper with some dark spots: none, one cell here or there, or many. */
static void spot(unsigned char *patch, int count, int spots)
{
    for (int at = 0; at < count; at++)
        patch[at] = (unsigned char)uniform(0, 30);
    for (int k = 0; k < spots; k++)
        patch[(int)uniform(0, count)] = (unsigned char)uniform(30, 255.9);
    memset(patch + count, 255, (size_t)(PATCH_CELLS_MAX - count)); /* beyond it nobody looks */
}

/* Whether no cell that counts is as dark, of those that the patch has. */
static bool is_bare_by_cells(const struct drawn *d, const unsigned char *patch, int shift, int least)
{
    int count = d->box.width * d->box.height;
    for (int at = 0; at < count; at++)
        if ((d->cells[at] & ~CELL_PRINT) && at + shift >= 0 && at + shift < count && patch[at + shift] >= least)
            return false;
    return true;
}

static void cells_are_counted_as_one_by_one(void **state)
{
    (void)state;
    static unsigned char patch[PATCH_CELLS_MAX];
    struct drawn *d = malloc(sizeof *d);
    struct mark_calibration c = {.ink_level = 0.5, .faint_level = 0.2};
    const struct transform upright = transform_identity();
    int bare = 0;
    for (int round = 0; round < 600; round++) {
        int spots[] = {0, 1, 3, 40, 2000};
        draw(d);
        spot(patch, d->box.width * d->box.height, spots[round % 5]);
        int dx = (int)uniform(-6, 6.9), dy = (int)uniform(-6, 6.9);
        struct counts is = count_cells(d, patch, dx, dy, 127, 51);
        struct box_evidence e = {0}, none = {.streak_share = 1};
        mark_measure(&e, &d->box, &d->mask, &c, patch, dx, dy, &upright);
        assert_true(is_share(e.ink_share, is.inside, d->mask.inside_count));
        assert_true(is_share(e.core_share, is.core, d->mask.core_count));
        assert_true(is_share(e.faint_share - e.ink_share, is.faint, d->mask.deep_count));
        assert_true(is_share(e.faint_core_share, is.faint_core, d->mask.core_count));
        assert_true(is_share(e.outside_mm2, is.ring, CELL_PER_MM * CELL_PER_MM));
        assert_true(is_share(e.shade_mm2, is.pale, CELL_PER_MM * CELL_PER_MM));
        assert_true(is_share(e.darkness * 255, (int)is.darkness, is.inside));
        mark_mask_pack(&d->mask, d->box.width, d->box.height);
        bool is_bare = mark_bare(&none, &d->box, &d->mask, &c, patch, dx, dy);
        free(d->mask.counted);
        assert_int_equal(is_bare, is_bare_by_cells(d, patch, dy * d->box.width + dx, 51));
        if (!is_bare)
            continue;
        assert_memory_equal(&none, &e, sizeof e);
        bare++;
    }
    assert_in_range(bare, 120, 300);
    free(d);
}

/* ---- rims --------------------------------------------------------------------------------------- */

/* A square box of which the print is fatter inside than the mask says; one cell of ink farther inside is a mark,
 * wherever it lies. */
static void one_cell_inside_is_no_rim(void **state)
{
    (void)state;
    static unsigned char masked[PATCH_CELLS_MAX], wide[PATCH_CELLS_MAX], patch[PATCH_CELLS_MAX];
    static unsigned char covered[PATCH_CELLS_MAX];
    struct calibration calibration;
    struct error err;
    assert_true(calibration_load(&calibration, &err));
    struct rect r = {50, 60, 4, 4};
    struct box_template box = {.rect_mm = r, .is_square = true, .has_outline = true};
    struct box_mask mask = {.cells = masked}, wider = {.cells = wide}, out;
    patch_size(&box.width, &box.height, r);
    int count = box.width * box.height;
    for (int at = 0; at < count; at++) {
        double depth = outline_depth_mm(&r, BOX_SQUARE, r.x - MARGIN_MM + (at % box.width + 0.5) * CELL_MM,
                                        r.y - MARGIN_MM + ((double)(at / box.width) + 0.5) * CELL_MM);
        masked[at] = mark_classify(&calibration.marks, depth, fabs(depth) < 0.3, false, r.h);
        wide[at] = mark_classify(&calibration.marks, depth, fabs(depth) < 0.65, false, r.h);
        patch[at] = fabs(depth) < 0.5 ? 255 : 0;
    }
    assert_true(rim_cover(&out, covered, &box, &mask, &wider, patch, 0, 0, &calibration.marks));
    for (int at = 0; at < count; at++) {
        if (!(wide[at] & CELL_INSIDE))
            continue;
        patch[at] = 255;
        assert_false(rim_cover(&out, covered, &box, &mask, &wider, patch, 0, 0, &calibration.marks));
        patch[at] = 0;
    }
}

/* ---- specks ------------------------------------------------------------------------------------- */

/* Takes the dark pixels that hang together with (x, y) off; how many they are. */
static int take_speck(PIX *pix, int x, int y)
{
    l_uint32 dark = 0;
    int size = 1;
    if (x < 0 || y < 0 || x >= (int)pix->w || y >= (int)pix->h || pixGetPixel(pix, x, y, &dark) != 0 || !dark)
        return 0;
    pixSetPixel(pix, x, y, 0);
    for (int k = 0; k < 9; k++)
        size += take_speck(pix, x + k % 3 - 1, y + k / 3 - 1);
    return size;
}

static void specks_are_pixels_that_hang_together(void **state)
{
    (void)state;
    struct drawn *d = malloc(sizeof *d);
    for (int round = 0; round < 60; round++) {
        draw(d);
        int side = 120, count = 0;
        double px = 10.3, most = uniform(1, 9);
        struct transform local = {{px, 0, 7.31 - px * d->box.rect_mm.x, 0, px, 5.27 - px * d->box.rect_mm.y, 0, 0}};
        struct raw_page raw = {.bits = pixCreate(side, side, 1), .width_px = side, .height_px = side};
        for (int k = 0; k < side * side; k++)
            if (uniform(0, 1) < 0.15)
                pixSetPixel(raw.bits, k % side, k / side, 1);
        int x0 = 7, y0 = 5, wide = (int)(7.31 + d->box.rect_mm.w * px) - x0 + 1;
        int high = (int)(5.27 + d->box.rect_mm.h * px) - y0 + 1;
        BOX *window = boxCreate(x0, y0, wide, high);
        PIX *seen = pixClipRectangle(raw.bits, window, NULL);
        for (int y = 0; y < high; y++)
            for (int x = 0; x < wide; x++) {
                int size = take_speck(seen, x, y);
                int i = (int)floor(((x0 + x + 0.5 - 7.31) / px + MARGIN_MM) * CELL_PER_MM);
                int j = (int)floor(((y0 + y + 0.5 - 5.27) / px + MARGIN_MM) * CELL_PER_MM);
                count += size > 0 && size <= most && (d->cells[j * d->box.width + i] & CELL_DEEP);
            }
        assert_int_equal(mark_specks(&d->box, &d->mask, &raw, &local, 0, 0, most / (px * px) + 1e-6), count);
        boxDestroy(&window);
        pixDestroy(&seen);
        pixDestroy(&raw.bits);
    }
    free(d);
}

/* What lies deep in a box is 0.6 mm off the outline of a small one, and more of a usual one. */
static void a_small_box_is_deep_nearer_to_its_outline(void **state)
{
    (void)state;
    assert_true(mark_classify(&marks, 0.62, false, false, 3.0) & CELL_DEEP);
    assert_false(mark_classify(&marks, 0.58, false, false, 3.0) & CELL_DEEP);
    for (double side = 4; side < 20; side += 1) {
        assert_true(mark_classify(&marks, 0.7, false, false, side) & CELL_DEEP);
        assert_false(mark_classify(&marks, 0.6, false, false, side) & CELL_DEEP);
    }
}

int main(void)
{
    struct calibration calibration;
    struct error err;
    if (!calibration_load(&calibration, &err))
        return 1;
    marks = calibration.marks;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_box_is_deep_nearer_to_its_outline),
        cmocka_unit_test(shape_is_what_cells_one_by_one_say),
        cmocka_unit_test(runs_are_counted_from_side_to_side),
        cmocka_unit_test(dark_pixels_are_those_of_deep_cells),
        cmocka_unit_test(cells_are_counted_as_one_by_one),
        cmocka_unit_test(one_cell_inside_is_no_rim),
        cmocka_unit_test(specks_are_pixels_that_hang_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
