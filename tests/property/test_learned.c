/* Print that the blank lacks, learned from synthetic crops with known truth: whatever people put into
 * their boxes, no mark vanishes into what is learned and no print becomes a mark. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "record/decision.h"
#include "record/learned_print.h"
#include "read/unprinted.h"

#define BOX_MM 3.5
#define COLUMNS 7
#define DIGITS 10
#define LETTERS 6 /* boxes of a value that no other box has */
#define BOXES (COLUMNS * DIGITS + LETTERS)
#define SHEETS_MAX 12

/* ---- chance, from a seed --------------------------------------------------------------------- */

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

/* ---- drawing --------------------------------------------------------------------------------- */

enum hand { NO_MARK, FILL, LIGHT_FILL, CROSS, TICK, DASH, DOT, HAND_COUNT };

struct stroke {
    double x0, y0, x1, y1, width, darkness; /* mm from the box's centre */
};

struct drawing {
    struct stroke strokes[80];
    size_t count;
};

static void add(struct drawing *d, double x0, double y0, double x1, double y1, double width,
                double darkness)
{
    assert_true(d->count < sizeof d->strokes / sizeof *d->strokes);
    d->strokes[d->count++] = (struct stroke){x0, y0, x1, y1, width, darkness};
}

static double distance(const struct stroke *s, double x, double y)
{
    double dx = s->x1 - s->x0, dy = s->y1 - s->y0, length = dx * dx + dy * dy;
    double t = length > 0 ? ((x - s->x0) * dx + (y - s->y0) * dy) / length : 0;
    t = fmax(0, fmin(1, t));
    return hypot(x - s->x0 - t * dx, y - s->y0 - t * dy);
}

static double shade(double inwards_mm, double blur_mm)
{
    return fmax(0, fmin(1, 0.5 + inwards_mm / blur_mm));
}

/* Seven strokes as on a pocket calculator, one set a glyph; the sets differ. */
static void add_glyph(struct drawing *d, int glyph)
{
    static const unsigned char sets[DIGITS + LETTERS] = {0x77, 0x24, 0x5d, 0x6d, 0x2e, 0x6b, 0x7b,
                                                         0x25, 0x7f, 0x6f, 0x3f, 0x7a, 0x53, 0x5b,
                                                         0x1b, 0x3e};
    static const double lines[7][4] = {{-.4, -.7, .4, -.7}, {-.4, -.7, -.4, 0}, {.4, -.7, .4, 0},
                                       {-.4, 0, .4, 0},     {-.4, 0, -.4, .7},  {.4, 0, .4, .7},
                                       {-.4, .7, .4, .7}};
    for (int k = 0; k < 7; k++)
        if (sets[glyph] >> k & 1)
            add(d, lines[k][0], lines[k][1], lines[k][2], lines[k][3], 0.2, 1);
}

static void add_mark(struct drawing *d, enum hand hand)
{
    double dark = uniform(0.6, 0.95), width = uniform(0.35, 0.8);
    double x = uniform(-.3, .3), y = uniform(-.3, .3);
    switch (hand) {
    case FILL:
    case LIGHT_FILL:
        dark = hand == FILL ? uniform(0.55, 0.95) : uniform(0.42, 0.5);
        for (double at = -1.5; at < 1.5; at += 0.3) {
            double half = sqrt(fmax(0, 1.6 * 1.6 - at * at)) + uniform(-.15, .1);
            add(d, -half, at + uniform(-.06, .06), half, at + uniform(-.06, .06), 0.42,
                dark + uniform(-.05, .05));
        }
        break;
    case CROSS: {
        double r = uniform(0.9, 1.4), turn = uniform(-.25, .25);
        for (int k = 0; k < 2; k++) {
            double a = turn + M_PI / 4 + k * M_PI / 2 + uniform(-.15, .15);
            add(d, x - r * cos(a), y - r * sin(a), x + r * cos(a), y + r * sin(a), width, dark);
        }
        break;
    }
    case TICK:
        add(d, x - uniform(.6, 1), y + uniform(-.2, .3), x - .2, y + uniform(.6, 1), width, dark);
        add(d, x - .2, y + uniform(.6, 1), x + uniform(.8, 1.6), y - uniform(.8, 1.6), width, dark);
        break;
    case DASH:
        add(d, x - uniform(.8, 1.3), y + uniform(-.3, .3), x + uniform(.8, 1.3),
            y + uniform(-.3, .3), width, dark);
        break;
    case DOT:
        add(d, x, y, x + uniform(-.2, .2), y + uniform(-.2, .2), uniform(0.9, 1.4), dark);
        break;
    default:
        break;
    }
}

/* How the scanner sees it: moved a little, blurred, with noise. */
static const struct box_crop *draw_crop(struct arena *arena, const struct template_box *box,
                                        const struct drawing *d, bool outline, double tone)
{
    struct crop_frame frame = crop_frame_make(arena, box);
    struct box_crop *crop = ARENA_NEW(arena, struct box_crop, 1);
    unsigned char *packed =
        ARENA_NEW(arena, unsigned char, crop_bytes(frame.width, frame.height));
    double move_x = uniform(-.1, .1), move_y = uniform(-.1, .1), blur = uniform(0.16, 0.26);
    for (int k = 0; k < frame.width * frame.height; k++) {
        double x = (k % frame.width + 0.5) * CROP_CELL_MM - CROP_MARGIN_MM - BOX_MM / 2 + move_x;
        double y = (double)(k / frame.width) + 0.5;
        y = y * CROP_CELL_MM - CROP_MARGIN_MM - BOX_MM / 2 + move_y;
        double line = fabs(hypot(x, y) - BOX_MM / 2 + 0.14);
        double dark = outline ? shade(0.14 - line, blur) : 0;
        for (size_t s = 0; s < d->count; s++) {
            const struct stroke *stroke = &d->strokes[s];
            dark = fmax(dark, stroke->darkness *
                                  shade(stroke->width / 2 - distance(stroke, x, y), blur));
        }
        dark = dark * tone + uniform(-.04, .04);
        int level = (int)lround(15 * fmax(0, fmin(1, dark)));
        packed[k / 2] = (unsigned char)(packed[k / 2] | level << (k & 1) * 4);
    }
    *crop = (struct box_crop){.width = frame.width, .height = frame.height,
                              .found = outline ? 1 : 0.2f, .packed = packed};
    return crop;
}

/* ---- a batch --------------------------------------------------------------------------------- */

struct batch {
    struct arena *arena;
    struct calibration calibration;
    struct form *form;
    const struct form *forms[1];
    size_t sheets;
    struct page_result results[SHEETS_MAX];
    enum hand marks[SHEETS_MAX][BOXES];
    bool glyphs, outlines;
    bool no_glyphs[SHEETS_MAX];  /* this sheet was printed without */
    unsigned char solid[BOXES];  /* printed filled in */
    double astray;               /* mm: so far off print lies inside one box or another */
};

static struct form *make_form(struct arena *arena)
{
    struct form *form = ARENA_NEW(arena, struct form, 1);
    form->question_count = form->item_count = COLUMNS + 1;
    form->questions = ARENA_NEW(arena, struct question, COLUMNS + 1);
    form->items = ARENA_NEW(arena, struct item, COLUMNS + 1);
    form->policy.correction = CORRECTION_NONE;
    form->page_count = 1;
    form->pages = ARENA_NEW(arena, struct template_page, 1);
    form->pages->boxes = ARENA_NEW(arena, struct template_box, BOXES);
    for (size_t q = 0; q <= COLUMNS; q++) {
        struct question *question = &form->questions[q];
        question->name = form->items[q].name = arena_printf(arena, "q%zu", q);
        form->items[q].question = q;
        question->option_count = q < COLUMNS ? DIGITS : LETTERS;
        question->options = ARENA_NEW(arena, struct option, question->option_count);
        for (size_t o = 0; o < question->option_count; o++) {
            question->options[o].code = question->options[o].label =
                arena_printf(arena, "%c", (char)(q < COLUMNS ? '0' + o : 'A' + o));
            form->pages->boxes[form->pages->box_count++] = (struct template_box){
                q, o, BOX_CIRCLE, {20 + 6 * (double)q, 20 + 6 * (double)o, BOX_MM, BOX_MM}};
        }
    }
    return form;
}

static struct batch *batch_new(uint64_t seed, size_t sheets)
{
    struct batch *b = calloc(1, sizeof *b);
    struct error err = {""};
    assert_non_null(b);
    chance = seed * 7919 + 1;
    for (int k = 0; k < 8; k++)
        uniform(0, 1);
    b->arena = arena_new();
    if (!calibration_load(&b->calibration, &err))
        fail_msg("%s", err.text);
    b->form = make_form(b->arena);
    b->forms[0] = b->form;
    b->sheets = sheets;
    b->glyphs = b->outlines = true;
    return b;
}

static void batch_free(struct batch *b)
{
    arena_free(b->arena);
    free(b);
}

static int glyph_of(const struct batch *b, size_t box)
{
    const struct template_box *t = &b->form->pages->boxes[box];
    return (int)(t->item < COLUMNS ? t->option : DIGITS + t->option);
}

/* As a worker would give it. */
static void scan(struct batch *b)
{
    for (size_t s = 0; s < b->sheets; s++) {
        struct page_result *r = &b->results[s];
        double tone = uniform(0.85, 1);
        *r = (struct page_result){.source = "scan", .detail = "", .identified = true,
                                  .hash = arena_printf(b->arena, "%04zu", s * 7 % 11)};
        r->reading.boxes = ARENA_NEW(b->arena, struct box_reading, BOXES);
        r->reading.box_count = BOXES;
        for (size_t k = 0; k < BOXES; k++) {
            struct drawing d = {.count = 0};
            if (b->glyphs && !b->no_glyphs[s])
                add_glyph(&d, glyph_of(b, k));
            double off_x = b->astray > 0 ? uniform(-b->astray, b->astray) : 0;
            double off_y = b->astray > 0 ? uniform(-b->astray, b->astray) : 0;
            for (size_t n = 0; n < d.count; n++) {
                d.strokes[n].x0 += off_x;
                d.strokes[n].x1 += off_x;
                d.strokes[n].y0 += off_y;
                d.strokes[n].y1 += off_y;
            }
            if (b->solid[k])
                add(&d, 0, 0, 0, 0, BOX_MM, 1);
            add_mark(&d, b->marks[s][k]);
            struct box_reading *box = &r->reading.boxes[k];
            box->crop = draw_crop(b->arena, &b->form->pages->boxes[k], &d, b->outlines, tone);
            box->evidence.print_found = -1;
            /* what the plate's mask would give: only fills are plain in it */
            box->evidence.ink_share = b->marks[s][k] == FILL || b->solid[k] ? 0.95f : 0.2f;
        }
    }
}

/* A sheet as one person fills it in: one mark a question, at times none. */
static void answer(struct batch *b, size_t sheet, enum hand hand)
{
    size_t box = 0;
    for (size_t q = 0; q <= COLUMNS; q++) {
        size_t options = b->form->questions[q].option_count, chosen = one_of(options + 1);
        for (size_t o = 0; o < options; o++)
            b->marks[sheet][box++] = o == chosen ? hand : NO_MARK;
    }
}

struct counts {
    size_t boxes, wrong, flagged, empty_flagged, filled, filled_flagged;
};

static void learn(struct batch *b)
{
    size_t count;
    learn_print(&count, b->arena, b->results, b->sheets, b->forms, 1, &b->calibration);
}

static struct box_decision decide(const struct batch *b, size_t sheet, size_t box)
{
    const struct pen pen = {0};
    const struct quiet quiet = {0};
    return decide_box(&b->results[sheet].reading.boxes[box].evidence, &quiet, &pen, &b->form->policy,
                      false, &b->calibration);
}

static void judge(struct counts *c, const struct batch *b)
{
    for (size_t s = 0; s < b->sheets; s++)
        for (size_t k = 0; k < BOXES; k++) {
            struct box_decision box = decide(b, s, k);
            enum hand hand = b->marks[s][k];
            c->boxes++;
            c->filled += hand == FILL;
            if (box.flag != FLAG_NONE) {
                c->flagged++;
                c->empty_flagged += hand == NO_MARK;
                c->filled_flagged += hand == FILL;
            } else if ((box.state == BOX_MARKED) != (hand != NO_MARK)) {
                c->wrong++;
                if (getenv("LEARN_SHOW")) print_message("sheet %zu box %zu: hand %d read as %s, ink %.3f\n", s, k, hand,
                              box_state_name(box.state),
                              (double)b->results[s].reading.boxes[k].evidence.ink_share);
            }
        }
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void every_hand_on_few_and_many_sheets(void **state)
{
    (void)state;
    struct counts c = {0};
    for (uint64_t seed = 1; seed <= 18; seed++) {
        struct batch *b = batch_new(seed, 3 + seed % (SHEETS_MAX - 2));
        for (size_t s = 0; s < b->sheets; s++)
            answer(b, s, (enum hand)(1 + one_of(HAND_COUNT - 1)));
        scan(b);
        learn(b);
        judge(&c, b);
        batch_free(b);
    }
    print_message("%zu boxes, %zu wrong, %zu flagged (%zu empty)\n", c.boxes, c.wrong, c.flagged,
                  c.empty_flagged);
    assert_int_equal(c.wrong, 0);
    assert_true(c.boxes > 9000);
    assert_true(c.flagged * 10 < c.boxes); /* few sheets prove little of boxes without their like */
    assert_true(c.empty_flagged * 20 < c.boxes);
}

static void fills_are_read_nearly_all(void **state)
{
    (void)state;
    struct counts c = {0};
    for (uint64_t seed = 101; seed <= 110; seed++) {
        struct batch *b = batch_new(seed, 4);
        for (size_t s = 0; s < b->sheets; s++)
            answer(b, s, FILL);
        scan(b);
        learn(b);
        judge(&c, b);
        batch_free(b);
    }
    print_message("%zu boxes, %zu flagged; %zu fills, %zu flagged\n", c.boxes, c.flagged, c.filled,
                  c.filled_flagged);
    assert_int_equal(c.wrong, 0);
    assert_true(c.filled_flagged * 50 <= c.filled);
    assert_true(c.flagged * 50 <= c.boxes);
}

/* The same box marked on all sheets, or on all but one: a letter's box, which no other box is like. */
static void a_mark_on_all_sheets_does_not_vanish(void **state)
{
    (void)state;
    const uint64_t SEEDS = getenv("LEARN_SEEDS") ? strtoull(getenv("LEARN_SEEDS"), NULL, 10) : 1;
    struct counts sum = {0};
    for (size_t sheets = 1; sheets <= 5; sheets++)
        for (size_t spared = 0; spared <= 2; spared++)
            for (int hand = FILL; hand < HAND_COUNT; hand++)
                for (uint64_t seed = 0; seed < SEEDS; seed++) {
                    struct batch *b = batch_new(1000 * seed + 10 * sheets + spared, sheets);
                    struct counts c = {0};
                    for (size_t s = 0; s < sheets; s++) {
                        answer(b, s, (enum hand)hand);
                        for (size_t k = COLUMNS * DIGITS; k < BOXES; k++)
                            b->marks[s][k] = NO_MARK;
                        b->marks[s][COLUMNS * DIGITS + 2] = s < spared ? NO_MARK : (enum hand)hand;
                    }
                    scan(b);
                    learn(b);
                    judge(&c, b);
                    batch_free(b);
                    sum.wrong += c.wrong;
                    sum.boxes += c.boxes;
                }
    print_message("%zu boxes, %zu wrong\n", sum.boxes, sum.wrong);
    assert_int_equal(sum.wrong, 0);
}

/* Boxes of letters, which no other box is like, left empty or filled by people who fill boxes. */
static void people_who_fill_prove_what_they_left_empty(void **state)
{
    (void)state;
    struct counts c = {0};
    for (uint64_t seed = 801; seed <= 806; seed++) {
        struct batch *b = batch_new(seed, 3);
        for (size_t s = 0; s < b->sheets; s++) {
            answer(b, s, FILL);
            for (size_t k = COLUMNS * DIGITS; k < BOXES; k++)
                b->marks[s][k] = s == 2 && k == COLUMNS * DIGITS + seed % LETTERS ? FILL : NO_MARK;
        }
        scan(b);
        learn(b);
        for (size_t s = 0; s < b->sheets; s++)
            for (size_t k = COLUMNS * DIGITS; k < BOXES; k++) {
                struct box_decision d = decide(b, s, k);
                c.boxes++;
                c.flagged += d.flag != FLAG_NONE;
                c.wrong +=
                    d.flag == FLAG_NONE && (d.state == BOX_MARKED) != (b->marks[s][k] == FILL);
            }
        batch_free(b);
    }
    print_message("%zu boxes of letters, %zu wrong, %zu flagged\n", c.boxes, c.wrong, c.flagged);
    assert_int_equal(c.wrong, 0);
    assert_true(c.flagged * 20 <= c.boxes);
}

/* The same of people who also draw: two dots in one box may be alike. */
static void people_who_draw_prove_nothing_by_that(void **state)
{
    (void)state;
    const size_t letter = COLUMNS * DIGITS + 3;
    for (uint64_t seed = 811; seed <= 816; seed++) {
        struct batch *b = batch_new(seed, 3);
        for (size_t s = 0; s < b->sheets; s++) {
            answer(b, s, FILL);
            for (size_t k = 0; k < DIGITS; k++) /* one question is answered by a cross */
                b->marks[s][k] = k == 2 + s ? CROSS : NO_MARK;
            for (size_t k = COLUMNS * DIGITS; k < BOXES; k++)
                b->marks[s][k] = NO_MARK;
        }
        b->marks[2][letter] = LIGHT_FILL;
        scan(b);
        b->results[1].reading.boxes[letter] =
            b->results[0].reading.boxes[letter]; /* alike, twice */
        learn(b);
        for (size_t s = 0; s < 2; s++)
            assert_true(decide(b, s, letter).flag != FLAG_NONE);
        batch_free(b);
    }
}

/* A box of the question that is printed filled in says nothing of the others, however the sheets
 * are filled in. */
static void a_box_printed_solid_proves_no_other_empty(void **state)
{
    (void)state;
    const size_t letter = COLUMNS * DIGITS + 3;
    for (uint64_t seed = 841; seed <= 846; seed++) {
        struct batch *b = batch_new(seed, 3);
        b->solid[COLUMNS * DIGITS] = 1;
        for (size_t s = 0; s < b->sheets; s++) {
            answer(b, s, CROSS);
            b->marks[s][4] = FILL; /* two sheets differ by it */
            b->marks[1][4] = NO_MARK;
            for (size_t k = COLUMNS * DIGITS; k < BOXES; k++)
                b->marks[s][k] = NO_MARK;
        }
        b->marks[2][letter] = LIGHT_FILL;
        scan(b);
        b->results[1].reading.boxes[letter] = b->results[0].reading.boxes[letter];
        learn(b);
        for (size_t s = 0; s < 2; s++)
            assert_true(decide(b, s, letter).flag != FLAG_NONE);
        batch_free(b);
    }
}

/* Print that lies a little off within its outline, as coarse pixels show it. */
static void print_a_little_off_is_print(void **state)
{
    (void)state;
    struct counts c = {0};
    for (uint64_t seed = 821; seed <= 826; seed++) {
        struct batch *b = batch_new(seed, 3);
        b->astray = 0.1;
        for (size_t s = 0; s < b->sheets; s++)
            answer(b, s, FILL);
        scan(b);
        learn(b);
        judge(&c, b);
        batch_free(b);
    }
    print_message("%zu boxes, %zu wrong, %zu flagged\n", c.boxes, c.wrong, c.flagged);
    assert_int_equal(c.wrong, 0);
    assert_true(c.flagged * 36 <= c.boxes);
}

/* A rule beside the boxes that the blank lacks too, and on one sheet ink of a hand on top of it. */
static void what_every_sheet_shows_beside_a_box_is_print(void **state)
{
    (void)state;
    for (size_t sheets = 2; sheets <= 4; sheets++) {
        struct batch *b = batch_new(830 + sheets, sheets);
        for (size_t s = 0; s < sheets; s++)
            answer(b, s, FILL);
        scan(b);
        for (size_t s = 0; s < sheets; s++)
            for (size_t k = 0; k < BOXES; k++) {
                struct box_evidence *e = &b->results[s].reading.boxes[k].evidence;
                e->outside_mm2 = (float)uniform(0.8, 1.1);
                e->row_mm2 = (float)uniform(1.5, 1.8);
            }
        b->results[0].reading.boxes[5].evidence.row_mm2 = 3.5f;
        learn(b);
        for (size_t s = 0; s < sheets; s++)
            for (size_t k = 0; k < COLUMNS * DIGITS; k++) {
                const struct box_evidence *e = &b->results[s].reading.boxes[k].evidence;
                if (e->print_found < 0)
                    continue;
                bool hand = s == 0 && k == 5;
                bool known = sheets > (k == 5 ? 3 : 2); /* three that agree */
                assert_true(((double)e->outside_mm2 <= 0.35) == (sheets > 2));
                assert_true(((double)e->row_mm2 <= 0.35) == (known && !hand));
                assert_true(!hand || (double)e->row_mm2 >= 1.5);
            }
        batch_free(b);
    }
}

/* One sheet scanned three times shows the same mark three times. */
static void one_sheet_scanned_thrice_proves_nothing(void **state)
{
    (void)state;
    for (int hand = FILL; hand < HAND_COUNT; hand++) {
        struct batch *b = batch_new((uint64_t)hand, 3);
        size_t box = COLUMNS * DIGITS + 1;
        b->marks[0][box] = b->marks[1][box] = b->marks[2][box] = (enum hand)hand;
        scan(b);
        for (size_t s = 1; s < 3; s++)
            for (size_t k = 0; k < BOXES; k++)
                b->results[s].reading.boxes[k] = b->results[0].reading.boxes[k];
        learn(b);
        for (size_t s = 0; s < 3; s++) {
            struct box_decision d = decide(b, s, box);
            assert_true(d.flag != FLAG_NONE || d.state == BOX_MARKED);
        }
        batch_free(b);
    }
}

static void outlines_alone_are_learned_from_one_sheet(void **state)
{
    (void)state;
    struct counts c = {0};
    for (uint64_t seed = 201; seed <= 212; seed++) {
        struct batch *b = batch_new(seed, 1);
        b->glyphs = false;
        answer(b, 0, (enum hand)(1 + seed % (HAND_COUNT - 1)));
        scan(b);
        learn(b);
        judge(&c, b);
        batch_free(b);
    }
    print_message("%zu boxes, %zu flagged\n", c.boxes, c.flagged);
    assert_int_equal(c.wrong, 0);
    assert_true(c.empty_flagged * 100 <= c.boxes);
}

/* Some sheets of another printing, without digits: no digit may become a mark. */
static void mixed_prints_are_not_read_as_marks(void **state)
{
    (void)state;
    for (size_t without = 1; without < 6; without++) {
        struct batch *b = batch_new(300 + without, 6);
        struct counts c = {0};
        for (size_t s = 0; s < b->sheets; s++) {
            b->no_glyphs[s] = s < without;
            answer(b, s, FILL);
        }
        scan(b);
        learn(b);
        judge(&c, b);
        batch_free(b);
        print_message("%zu of 6 sheets without: %zu wrong\n", without, c.wrong);
        assert_int_equal(c.wrong, 0);
    }
}

static void a_box_printed_solid_is_not_taken_for_a_mark(void **state)
{
    (void)state;
    for (size_t sheets = 2; sheets <= 4; sheets++) {
        struct batch *b = batch_new(400 + sheets, sheets);
        for (size_t s = 0; s < sheets; s++)
            answer(b, s, FILL);
        b->solid[COLUMNS * DIGITS] = b->solid[23] = 1;
        for (size_t s = 0; s < sheets; s++)
            b->marks[s][COLUMNS * DIGITS] = b->marks[s][23] = NO_MARK;
        scan(b);
        learn(b);
        for (size_t s = 0; s < sheets; s++) {
            assert_true(decide(b, s, COLUMNS * DIGITS).flag != FLAG_NONE);
            assert_true(decide(b, s, 23).flag != FLAG_NONE);
        }
        batch_free(b);
    }
}

static void where_no_box_is_printed_nothing_is_learned(void **state)
{
    (void)state;
    struct batch *b = batch_new(500, 5);
    b->glyphs = b->outlines = false;
    scan(b);
    learn(b);
    for (size_t s = 0; s < b->sheets; s++)
        for (size_t k = 0; k < BOXES; k++)
            assert_int_equal(decide(b, s, k).flag, FLAG_FIELD_MISPLACED);
    batch_free(b);
}

static void the_order_of_the_scans_does_not_matter(void **state)
{
    (void)state;
    struct batch *b = batch_new(600, 6);
    for (size_t s = 0; s < b->sheets; s++)
        answer(b, s, (enum hand)(1 + s % (HAND_COUNT - 1)));
    scan(b);
    struct page_result turned[SHEETS_MAX];
    for (size_t s = 0; s < b->sheets; s++)
        turned[s] = b->results[(s * 5 + 3) % b->sheets];
    learn(b);
    size_t count;
    struct learned_page *page =
        learn_print(&count, b->arena, turned, b->sheets, b->forms, 1, &b->calibration);
    assert_int_equal(count, 1);
    assert_int_equal(page->unprinted, BOXES);
    assert_int_equal(page->scans, b->sheets);
    for (size_t s = 0; s < b->sheets; s++)
        for (size_t k = 0; k < BOXES; k++)
            assert_memory_equal(&turned[s].reading.boxes[k].evidence,
                                &b->results[(s * 5 + 3) % b->sheets].reading.boxes[k].evidence,
                                sizeof(struct box_evidence));
    /* and again from what was learned: the same */
    struct box_reading *first = b->results[2].reading.boxes;
    learn(b);
    assert_memory_equal(&first[7].evidence, &b->results[2].reading.boxes[7].evidence,
                        sizeof(struct box_evidence));
    batch_free(b);
}

static void boxes_of_a_good_blank_are_left_alone(void **state)
{
    (void)state;
    struct batch *b = batch_new(700, 3);
    scan(b);
    for (size_t s = 0; s < b->sheets; s++)
        for (size_t k = 0; k < BOXES; k++)
            b->results[s].reading.boxes[k].crop = NULL;
    struct box_reading *before = b->results[0].reading.boxes;
    size_t count;
    assert_null(
        learn_print(&count, b->arena, b->results, b->sheets, b->forms, 1, &b->calibration));
    assert_int_equal(count, 0);
    assert_ptr_equal(before, b->results[0].reading.boxes);
    assert_null(b->results[0].reading.measured);
    batch_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_hand_on_few_and_many_sheets),
        cmocka_unit_test(fills_are_read_nearly_all),
        cmocka_unit_test(a_mark_on_all_sheets_does_not_vanish),
        cmocka_unit_test(people_who_fill_prove_what_they_left_empty),
        cmocka_unit_test(people_who_draw_prove_nothing_by_that),
        cmocka_unit_test(a_box_printed_solid_proves_no_other_empty),
        cmocka_unit_test(print_a_little_off_is_print),
        cmocka_unit_test(what_every_sheet_shows_beside_a_box_is_print),
        cmocka_unit_test(one_sheet_scanned_thrice_proves_nothing),
        cmocka_unit_test(outlines_alone_are_learned_from_one_sheet),
        cmocka_unit_test(mixed_prints_are_not_read_as_marks),
        cmocka_unit_test(a_box_printed_solid_is_not_taken_for_a_mark),
        cmocka_unit_test(where_no_box_is_printed_nothing_is_learned),
        cmocka_unit_test(the_order_of_the_scans_does_not_matter),
        cmocka_unit_test(boxes_of_a_good_blank_are_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
