/* What holds of all marks: more ink never makes a box emptier, the order in which questions are listed
 * changes no answer, and no pixel of a bitonal scan is passed over. */
#include "unit/record_fixture.h"

#include <stdlib.h>

#include "form/outline.h"
#include "read/mark_template.h"

static uint64_t chance;

static double uniform(double low, double high)
{
    chance = chance * 6364136223846793005u + 1442695040888963407u;
    return low + (high - low) * (double)(chance >> 11) / 9007199254740992.0;
}

static size_t one_of(size_t count)
{
    return (size_t)uniform(0, (double)count - 1e-9);
}

/* ---- a box without print in it ----------------------------------------------------------------- */

struct drawn_box {
    struct box_template box;
    struct box_mask mask;
    unsigned char cells[PATCH_CELLS_MAX];
};

static void drawn_box_init(struct drawn_box *out, double side_mm)
{
    struct calibration c = fixture_calibration();
    memset(out, 0, sizeof *out);
    struct rect rect = {50, 60, side_mm, side_mm};
    out->box.rect_mm = rect;
    patch_size(&out->box.width, &out->box.height, rect);
    out->mask.cells = out->cells;
    for (int at = 0; at < out->box.width * out->box.height; at++) {
        double x = rect.x - MARGIN_MM + (at % out->box.width + 0.5) * CELL_MM;
        double y = rect.y - MARGIN_MM + ((double)(at / out->box.width) + 0.5) * CELL_MM;
        double depth = outline_depth_mm(&rect, BOX_SQUARE, x, y);
        out->cells[at] = mark_classify(&c.marks, depth, fabs(depth) < 0.4, false, side_mm);
    }
    mark_mask_sum(&out->mask, out->box.width, out->box.height);
}

/* ---- more ink ---------------------------------------------------------------------------------- */

/* A stroke or a blot, no cell lighter than it was. */
static void add_ink(unsigned char *patch, const struct box_template *box)
{
    double x0 = uniform(0, box->width), y0 = uniform(0, box->height);
    double angle = uniform(0, 2 * M_PI), length = uniform(0, 30), radius = uniform(0.3, 3);
    int dark = (int)uniform(20, 255);
    for (int at = 0; at < box->width * box->height; at++) {
        double x = at % box->width + 0.5 - x0, y = (double)(at / box->width) + 0.5 - y0;
        double along = fmin(fmax(x * cos(angle) + y * sin(angle), 0), length);
        if (hypot(x - along * cos(angle), y - along * sin(angle)) <= radius && patch[at] < dark)
            patch[at] = (unsigned char)dark;
    }
}

static void more_ink_never_makes_a_box_emptier(void **state)
{
    (void)state;
    struct calibration c = fixture_calibration();
    struct policy policy = {.correction = CORRECTION_FILL, .box_error = 1e-5, .critical_error = 1e-6};
    const struct transform upright = transform_identity();
    const struct quiet quiets[] = {{0}, {.ink = 0.004, .faint = 0.02, .faint_core = 0.01}};
    const struct pen pens[] = {{0}, {.known = true, .ink = 0.04}, {.known = true, .ink = 0.5},
                               {.known = true, .ink = 0.06, .faint = true}};
    const double sides_mm[] = {2.5, 3.2, 4.2, 6};
    struct drawn_box *drawn = malloc(sizeof *drawn);
    chance = 7;
    for (size_t round = 0; round < 400; round++) {
        unsigned char patch[PATCH_CELLS_MAX] = {0};
        drawn_box_init(drawn, sides_mm[round % 4]);
        const struct quiet *quiet = &quiets[one_of(2)];
        const struct pen *pen = &pens[one_of(4)];
        double inked = -INFINITY;
        enum box_state before = BOX_EMPTY;
        for (int step = 0; step < 12; step++) {
            struct box_evidence e = {.print_found = 1, .misfit_mm = 0.1f};
            mark_measure(&e, &drawn->box, &drawn->mask, &c.marks, patch, 0, 0, &upright);
            struct mark_odds odds = mark_odds(&c.mark_model, &e, quiet, pen, false);
            assert_true(odds.inked >= inked - 1e-9);
            inked = odds.inked;
            enum box_state is = decide_box(&e, quiet, pen, &policy, false, &c).state;
            assert_true(before == BOX_EMPTY || is != BOX_EMPTY);
            before = is;
            add_ink(patch, &drawn->box);
        }
    }
    free(drawn);
}

/* Whoever accepts fewer errors is given no box that who accepts more is not, in ordinary and in critical
 * questions; and some boxes less. A box in which nothing is seen is empty for all. */
static void a_stricter_study_accepts_fewer_boxes(void **state)
{
    (void)state;
    enum { TARGETS = 6 };
    struct calibration c = fixture_calibration();
    const struct transform upright = transform_identity();
    const struct quiet quiet = {0};
    const struct pen pens[] = {{0}, {.known = true, .ink = 0.04}, {.known = true, .ink = 0.3}};
    const double sides_mm[] = {2.5, 3.2, 4.2, 6};
    size_t accepted[2][TARGETS] = {{0}};
    struct drawn_box *drawn = malloc(sizeof *drawn);
    chance = 23;
    for (size_t round = 0; round < 1600; round++) {
        unsigned char patch[PATCH_CELLS_MAX] = {0};
        drawn_box_init(drawn, sides_mm[round % 4]);
        const struct pen *pen = &pens[one_of(3)];
        for (size_t k = one_of(4); k > 0; k--)
            add_ink(patch, &drawn->box);
        struct box_evidence e = {.print_found = 1, .misfit_mm = 0.1f};
        mark_measure(&e, &drawn->box, &drawn->mask, &c.marks, patch, 0, 0, &upright);
        for (int critical = 0; critical < 2; critical++) {
            bool before = true;
            for (int t = 0; t < TARGETS; t++) {
                double target = pow(10, -3 - t);
                struct policy policy = {.correction = CORRECTION_FILL,
                                        .box_error = critical ? 0.5 : target,
                                        .critical_error = critical ? target : 0.5};
                struct box_decision d = decide_box(&e, &quiet, pen, &policy, critical, &c);
                bool is = d.state != BOX_UNCERTAIN;
                assert_true(before || !is);
                assert_true(!is || d.state != BOX_EMPTY || d.error < 0.01);
                before = is;
                accepted[critical][t] += is;
            }
            assert_true(before || e.ink_share > 0 || e.faint_share > 0);
        }
    }
    for (int critical = 0; critical < 2; critical++) {
        assert_true(accepted[critical][0] > accepted[critical][TARGETS - 1] + 20);
        assert_true(accepted[critical][TARGETS - 1] > 100); /* and not all go to a person */
    }
    free(drawn);
}

/* ---- pixels ------------------------------------------------------------------------------------ */

/* Each pixel in the middle counts, none beside it, at any resolution, turned any way. */
static void each_dark_pixel_of_the_middle_counts(void **state)
{
    (void)state;
    static const double dpis[] = {150, 200, 300, 400, 600};
    struct drawn_box *drawn = malloc(sizeof *drawn);
    drawn_box_init(drawn, 4.2);
    chance = 11;
    for (size_t round = 0; round < 200; round++) {
        double px = dpis[round % 5] / MM_PER_INCH, turn = uniform(-0.05, 0.05) + M_PI / 2 * (double)one_of(4);
        struct point centre = rect_centre(drawn->box.rect_mm), at = {uniform(300, 330), uniform(300, 330)};
        double a = px * cos(turn), b = px * sin(turn);
        struct transform local = {{a, -b, at.x - a * centre.x + b * centre.y,
                                   b, a, at.y - b * centre.x - a * centre.y, 0, 0}};
        struct raw_page raw = {.bits = pixCreate(640, 640, 1), .width_px = 640, .height_px = 640};
        int dx = (int)one_of(5) - 2, dy = (int)one_of(5) - 2; /* the outline lies so far off */
        struct point middle = transform_apply(&local, (struct point){centre.x + dx * CELL_MM, centre.y + dy * CELL_MM});
        double reach = (2.1 - 0.65) * px * 0.68, area = 1 / (px * px);
        double radius = uniform(0, reach), way = uniform(0, 2 * M_PI);
        pixSetPixel(raw.bits, (int)(middle.x + radius * cos(way)), (int)(middle.y + radius * sin(way)), 1);
        pixSetPixel(raw.bits, (int)(middle.x + 1.8 * px * cos(turn)), (int)(middle.y + 1.8 * px * sin(turn)), 1);
        double is = mark_pixels_mm2(&drawn->box, &drawn->mask, &raw, &local, dx, dy);
        assert_true(fabs(is - area) < 1e-9);
        pixDestroy(&raw.bits);
        assert_true(mark_pixels_mm2(&drawn->box, &drawn->mask, &raw, &local, dx, dy) <= 0);
    }
    free(drawn);
}

/* Bits of ink in the middle count, one by one and whatever their shape; a stroke does not, nor one that
 * hangs together with the box's outline, nor a bit beside the middle. */
static void bits_of_ink_apart_are_specks(void **state)
{
    (void)state;
    struct drawn_box *drawn = malloc(sizeof *drawn);
    drawn_box_init(drawn, 4.2);
    static const double dpis[] = {150, 200, 300, 400, 600};
    for (size_t round = 0; round < 5; round++) {
        double px = dpis[round] / MM_PER_INCH;
        struct point centre = rect_centre(drawn->box.rect_mm);
        struct transform local = {{px, 0, 300 - px * centre.x, 0, px, 300 - px * centre.y, 0, 0}};
        struct raw_page raw = {.bits = pixCreate(600, 600, 1), .width_px = 600, .height_px = 600};
        for (int x = -2; x <= 2; x++) /* ten of one or two pixels, set slantwise */
            for (int y = -1; y <= 1; y += 2) {
                int at_x = 300 + (int)(x * 0.6 * px), at_y = 300 + (int)(y * 0.6 * px);
                pixSetPixel(raw.bits, at_x, at_y, 1);
                pixSetPixel(raw.bits, at_x + x % 2, at_y + 1, (l_uint32)(x % 2 != 0));
            }
        pixSetPixel(raw.bits, 300 + (int)(1.9 * px), 300, 1); /* too near to the side */
        for (int x = -(int)(2 * px); x < (int)px; x++)         /* a stroke, and the outline */
            pixSetPixel(raw.bits, 300 + x, 300, 1);
        assert_int_equal(mark_specks(&drawn->box, &drawn->mask, &raw, &local, 0, 0, 0.06), 10);
        pixDestroy(&raw.bits);
        assert_int_equal(mark_specks(&drawn->box, &drawn->mask, &raw, &local, 0, 0, 0.06), 0);
    }
    free(drawn);
}

/* ---- order ------------------------------------------------------------------------------------- */

/* The same form with its items, and the boxes of a page, listed in another order; an item's own boxes stay
 * in theirs, which is that of their codes. */
static struct form *reordered(struct arena *arena)
{
    struct form *form = fixture_form(arena, true);
    size_t count = form->item_count, old_of[16], new_of[16];
    struct item *items = ARENA_NEW(arena, struct item, count);
    for (size_t i = 0; i < count; i++)
        old_of[i] = i;
    for (size_t i = count; i > 1; i--) {
        size_t k = one_of(i), kept = old_of[k];
        old_of[k] = old_of[i - 1];
        old_of[i - 1] = kept;
    }
    for (size_t i = 0; i < count; i++) {
        items[i] = form->items[old_of[i]];
        new_of[old_of[i]] = i;
    }
    form->items = items;
    for (size_t p = 0; p < form->page_count; p++) {
        struct template_page *page = &form->pages[p];
        struct template_box *boxes = ARENA_NEW(arena, struct template_box, page->box_count);
        size_t next = 0;
        for (size_t i = 0; i < count; i++)
            for (size_t b = 0; b < page->box_count; b++)
                if (page->boxes[b].item == old_of[i]) {
                    boxes[next] = page->boxes[b];
                    boxes[next++].item = i;
                }
        page->boxes = boxes;
        for (size_t f = 0; f < page->field_count; f++)
            page->fields[f].item = new_of[page->fields[f].item];
    }
    return form;
}

static const struct return_record *filled_in(struct arena *arena, const struct form *form,
                                             const enum fixture_mark marks[2], uint64_t seed,
                                             const struct calibration *c)
{
    struct page_result *pages = ARENA_NEW(arena, struct page_result, 3);
    struct form *plain = fixture_form(arena, true);
    for (size_t p = 0; p < 3; p++)
        pages[p] = fixture_page(arena, form, 0, p, "0001A", "in/a.tif", (int)p);
    chance = seed;
    for (size_t i = 0; i < plain->item_count; i++) {
        const struct question *q = &plain->questions[plain->items[i].question];
        for (size_t o = 0; o < q->option_count; o++) {
            double kind = uniform(0, 1);
            for (size_t p = 0; p < 3 && kind < 0.5; p++)
                fixture_mark(&pages[p], form, plain->items[i].name, q->options[o].code,
                             kind < 0.35 ? marks[0] : marks[1]);
        }
    }
    struct batch_record record = record_assemble(arena, pages, 3, &form, 1, c);
    assert_int_equal(record.return_count, 1);
    return &record.returns[0];
}

static size_t item_named(const struct form *form, const char *name)
{
    for (size_t i = 0; i < form->item_count; i++)
        if (strcmp(form->items[i].name, name) == 0)
            return i;
    fail_msg("no item %s", name);
    return 0;
}

static void the_order_of_questions_changes_no_answer(void **state)
{
    (void)state;
    struct calibration c = fixture_calibration();
    static const enum fixture_mark kinds[][2] = {
        {CROSS, FILLED}, {FILLED, CROSS}, {CROSS, FAINT}, {FAINT, CROSS}, {DARK_CROSS, TAIL}, {CROSS, BESIDE}};
    for (uint64_t round = 0; round < 120; round++) {
        struct arena *arena = arena_new();
        chance = 1000 + round;
        struct form *one = fixture_form(arena, true), *other = reordered(arena);
        const struct return_record *a = filled_in(arena, one, kinds[round % 6], round, &c);
        const struct return_record *b = filled_in(arena, other, kinds[round % 6], round, &c);
        for (size_t i = 0; i < one->item_count; i++) {
            const struct answer *x = &a->answers[i];
            const struct answer *y = &b->answers[item_named(other, one->items[i].name)];
            assert_int_equal(x->status, y->status);
            assert_string_equal(x->raw, y->raw);
            assert_string_equal(x->coded, y->coded);
            assert_int_equal(x->flagged, y->flagged);
            assert_int_equal(x->routing, y->routing);
        }
        arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_ink_never_makes_a_box_emptier),
        cmocka_unit_test(a_stricter_study_accepts_fewer_boxes),
        cmocka_unit_test(each_dark_pixel_of_the_middle_counts),
        cmocka_unit_test(bits_of_ink_apart_are_specks),
        cmocka_unit_test(the_order_of_questions_changes_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
