/* The model of marks: what it makes of crosses and fillings of every pen, of noise, and how it is
 * fitted. */
#include "unit/record_fixture.h"

#include <math.h>
#include <stdlib.h>

#include "proof/mark_fit.h"
#include "proof/mark_report.h"
#include "proof/random.h"

static struct box_evidence strokes(double ink, double white, double runs)
{
    struct box_evidence e = fixture_evidence(CROSS);
    e.ink_share = e.faint_share = (float)ink;
    e.core_share = e.faint_core_share = (float)fmin(1, 1.3 * ink);
    e.largest_white_share = (float)white;
    e.runs = (float)runs;
    return e;
}

static void thick_crosses_are_never_withdrawn(void **state)
{
    (void)state;
    struct calibration c = fixture_calibration();
    struct policy policy = {.correction = CORRECTION_FILL, .box_error = 1e-5, .critical_error = 1e-6};
    const struct quiet quiet = {0};
    /* as measured of 0.9 to 1.2 mm felt tips, and thicker; by someone known and by nobody known */
    const double crosses[][3] = {{0.45, 0.2, 1.6}, {0.55, 0.15, 1.6}, {0.64, 0.13, 1.5}, {0.75, 0.08, 1.4}};
    for (int known = 0; known < 2; known++)
        for (size_t k = 0; k < 4; k++) {
            struct pen pen = {.known = known, .ink = known ? 0.5 : 0};
            struct box_evidence e = strokes(crosses[k][0], crosses[k][1], crosses[k][2]);
            enum box_state is = decide_box(&e, &quiet, &pen, &policy, false, &c).state;
            assert_int_equal(is, k < 3 ? BOX_MARKED : BOX_UNCERTAIN);
        }
    struct pen pen = {.known = true, .ink = 0.15};
    struct box_evidence filled = strokes(0.98, 0.005, 1.05);
    assert_int_equal(decide_box(&filled, &quiet, &pen, &policy, false, &c).state, BOX_WITHDRAWN);
    policy.correction = CORRECTION_NONE;
    assert_int_equal(decide_box(&filled, &quiet, &pen, &policy, false, &c).state, BOX_MARKED);
}

/* Of a filling that a threshold lost the cross below it and specks are left. */
static void a_cross_among_specks_may_be_a_lost_filling(void **state)
{
    (void)state;
    struct calibration c = fixture_calibration();
    struct policy policy = {.correction = CORRECTION_FILL, .box_error = 1e-5, .critical_error = 1e-6};
    const struct quiet quiet = {0};
    struct pen pen = {.known = true, .ink = 0.2};
    struct box_evidence e = strokes(0.25, 0.5, 1.8);
    assert_int_equal(decide_box(&e, &quiet, &pen, &policy, false, &c).state, BOX_MARKED);
    e.specks = 14;
    assert_int_equal(decide_box(&e, &quiet, &pen, &policy, false, &c).state, BOX_UNCERTAIN);
    policy.correction = CORRECTION_NONE;
    assert_int_equal(decide_box(&e, &quiet, &pen, &policy, false, &c).state, BOX_MARKED);
    policy.correction = CORRECTION_FILL;
    static const struct {
        float specks, runs;
        enum box_state state;
    } cases[] = {{3, 1.8f, BOX_MARKED},     /* dust, or a stroke that broke here and there */
                 {5, 1.8f, BOX_UNCERTAIN}, {5, 1.5f, BOX_MARKED}, /* one stroke that broke */
                 {8, 1.3f, BOX_UNCERTAIN}, {6, 1.3f, BOX_MARKED}, {14, 1.1f, BOX_MARKED}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        e.specks = cases[i].specks;
        e.runs = cases[i].runs;
        if (decide_box(&e, &quiet, &pen, &policy, false, &c).state != cases[i].state)
            fail_msg("case %zu", i);
    }
}

/* Alone in its question such a mark is an answer, but where the scans show less of a pen's marks than they lose: the
 * answer may be one of those. */
static void of_a_pen_that_is_lost_specks_tell_of_lone_marks_too(void **state)
{
    (void)state;
    struct calibration c = fixture_calibration();
    struct policy policy = {.correction = CORRECTION_FILL, .box_error = 1e-5, .critical_error = 1e-6};
    const struct quiet quiet = {.bitonal = true};
    struct pen pen = {.known = true, .ink = 0.2, .plain = 5, .hinted = 5};
    struct box_evidence e = strokes(0.25, 0.5, 1.8);
    e.specks = 6;
    assert_true(decide_box(&e, &quiet, &pen, &policy, false, &c).among_specks);
    pen.hinted = 6;
    struct box_decision d = decide_box(&e, &quiet, &pen, &policy, false, &c);
    assert_false(d.among_specks);
    assert_int_equal(d.state, BOX_UNCERTAIN);
    e.specks = 0;
    assert_int_equal(decide_box(&e, &quiet, &pen, &policy, false, &c).state, BOX_MARKED);
}

/* The strokes of some break up, so that specks tell nothing of a filling; in critical questions a person looks. */
static void specks_that_a_pen_always_leaves_are_no_lost_filling(void **state)
{
    (void)state;
    enum { MARKS = 20 };
    struct calibration c = fixture_calibration();
    struct policy policy = {.correction = CORRECTION_FILL, .box_error = 1e-5, .critical_error = 1e-6};
    struct box_reading boxes[MARKS];
    const struct box_reading *borrowed[MARKS];
    const struct quiet bitonal = {.bitonal = true}, grey = {0}, *quiets[MARKS];
    for (int k = 0; k < MARKS; k++) {
        boxes[k] = (struct box_reading){.evidence = strokes(0.2, 0.5, 1.8)};
        boxes[k].evidence.specks = k < 16 ? 5 : k == 16 ? 6 : 20; /* of nearly all but the last three */
        borrowed[k] = &boxes[k];
        quiets[k] = &bitonal;
    }
    struct pen pen = pen_estimate(borrowed, quiets, MARKS, &c), few = pen_estimate(borrowed, quiets, 7, &c);
    assert_float_equal(pen.specks, 6, 1e-6);
    assert_float_equal(few.specks, 0, 1e-6);
    assert_float_equal(pen_estimate(borrowed, quiets, 8, &c).specks, 5, 1e-6);
    struct box_evidence e = strokes(0.2, 0.5, 1.8);
    for (int specks = 5; specks < 8; specks++) {
        e.specks = (float)specks;
        enum box_state is = decide_box(&e, &bitonal, &pen, &policy, false, &c).state;
        assert_int_equal(is, specks <= 6 ? BOX_MARKED : BOX_UNCERTAIN);
        assert_int_equal(decide_box(&e, &bitonal, &pen, &policy, true, &c).state, BOX_UNCERTAIN);
        assert_int_equal(decide_box(&e, &bitonal, &few, &policy, false, &c).state, BOX_UNCERTAIN);
    }
    for (int k = 0; k < MARKS; k++)
        quiets[k] = &grey;
    assert_float_equal(pen_estimate(borrowed, quiets, MARKS, &c).specks, 0, 1e-6);
}

/* Of another it leaves enough to thicken the cross, and what spilled over the outline. */
static void a_thick_cross_that_spilled_may_be_a_lost_filling(void **state)
{
    (void)state;
    struct calibration c = fixture_calibration();
    struct policy policy = {.correction = CORRECTION_FILL, .box_error = 1e-5, .critical_error = 1e-6};
    const struct quiet quiet = {0};
    struct pen pen = {.known = true, .ink = 0.12}, nobody = {.ink = 0.12};
    struct box_evidence e = strokes(0.3, 0.4, 1.7);
    assert_int_equal(decide_box(&e, &quiet, &pen, &policy, false, &c).state, BOX_MARKED);
    e.outside_mm2 = 0.5f;
    assert_int_equal(decide_box(&e, &quiet, &pen, &policy, false, &c).state, BOX_UNCERTAIN);
    assert_false(decide_box(&e, &quiet, &pen, &policy, false, &c).lightly_marked);
    assert_int_equal(decide_box(&e, &quiet, &nobody, &policy, false, &c).state, BOX_MARKED);
    policy.correction = CORRECTION_NONE;
    assert_int_equal(decide_box(&e, &quiet, &pen, &policy, false, &c).state, BOX_MARKED);
    policy.correction = CORRECTION_FILL;
    pen.ink = 0.19; /* a pen that draws as thickly elsewhere */
    assert_int_equal(decide_box(&e, &quiet, &pen, &policy, false, &c).state, BOX_MARKED);
    pen.ink = 0.12;
    e.runs = 1.3f; /* clean strokes */
    assert_int_equal(decide_box(&e, &quiet, &pen, &policy, false, &c).state, BOX_MARKED);
}

static void a_trace_weighs_more_of_a_faint_pen(void **state)
{
    (void)state;
    struct calibration c = fixture_calibration();
    const struct quiet quiet = {0};
    struct box_evidence trace = strokes(0.008, 0.99, 1);
    struct pen faint = {.known = true, .ink = 0.03}, felt = {.known = true, .ink = 0.5};
    assert_true(mark_odds(&c.mark_model, &trace, &quiet, &faint, false).inked >
                mark_odds(&c.mark_model, &trace, &quiet, &felt, false).inked + 1);
}

static void specks_all_over_a_page_are_no_marks(void **state)
{
    (void)state;
    struct calibration c = fixture_calibration();
    struct box_reading boxes[12];
    for (int k = 0; k < 12; k++)
        boxes[k] = (struct box_reading){.evidence = strokes(0.06, 0.7, 2)};
    struct quiet quiet = quiet_estimate(boxes, 12, &c.marks);
    assert_true(quiet.specks > 0);
    struct policy policy = {.correction = CORRECTION_NONE, .box_error = 1e-5, .critical_error = 1e-6};
    struct pen pen = {0};
    assert_int_equal(decide_box(&boxes[0].evidence, &quiet, &pen, &policy, false, &c).state,
                     BOX_UNCERTAIN);
    assert_true(quiet_estimate(boxes, 4, &c.marks).specks <= 0); /* too few boxes to say */
}

/* A form of lone boxes, most of them marked: of the one cross that the scanner lost a few pixels are left. */
static void marks_do_not_say_what_empty_boxes_look_like(void **state)
{
    (void)state;
    struct calibration c = fixture_calibration();
    struct box_reading boxes[16] = {0};
    for (int k = 0; k < 11; k++)
        boxes[k].evidence = strokes(0.3, 1, 2);
    boxes[11].evidence = strokes(0.009, 1, 1);
    for (int k = 0; k < 12; k++)
        boxes[k].evidence.pixels_mm2 = k < 11 ? 1.0f : 0.044f;
    struct quiet quiet = quiet_estimate(boxes, 16, &c.marks);
    assert_true(quiet.pixels_mm2 <= 0 && quiet.ink <= 0 && quiet.specks <= 0);
    /* of boxes that all hold so much nothing is left out: they may be specks */
    assert_true(quiet_estimate(boxes, 11, &c.marks).pixels_mm2 > 0);
}

static void limits_follow_the_policy(void **state)
{
    (void)state;
    struct mark_model m = {.limit_3 = 1e-1, .limit_4 = 1e-2, .limit_5 = 1e-3, .limit_6 = 1e-5, .limit_7 = 1e-6,
                           .critical_3 = 1, .critical_4 = 1, .critical_5 = 1, .critical_6 = 5e-5,
                           .critical_7 = 1e-6, .empty_doubt_min = 1e-4, .empty_doubt_max = 1e-3,
                           .withdrawn_doubt_max = 2e-3};
    assert_true(fabs(mark_doubt_limit(&m, MARK_MARKED, 1e-5, false) / 1e-3 - 1) < 1e-6);
    assert_true(fabs(mark_doubt_limit(&m, MARK_MARKED, 1e-6, true) / 5e-5 - 1) < 1e-6);
    double between = mark_doubt_limit(&m, MARK_MARKED, sqrt(1e-11), false);
    assert_true(fabs(log(between / 1e-4)) < 1e-6); /* halfway, in logarithms */
    assert_true(fabs(mark_doubt_limit(&m, MARK_MARKED, 1, false) / 1e-1 - 1) < 1e-6);
    assert_true(fabs(mark_doubt_limit(&m, MARK_MARKED, 1e-9, false) / 1e-6 - 1) < 1e-6);
    /* what shows nothing nobody can flag, and what is mostly wrong nobody can accept */
    assert_true(fabs(mark_doubt_limit(&m, MARK_EMPTY, 1e-7, false) / 1e-4 - 1) < 1e-6);
    assert_true(fabs(mark_doubt_limit(&m, MARK_EMPTY, 1e-3, true) / 1e-3 - 1) < 1e-6);
    assert_true(fabs(mark_doubt_limit(&m, MARK_WITHDRAWN, 1e-3, false) / 2e-3 - 1) < 1e-6);
}

/* Too little ink to tell a mark by: its shape may, but not for who accepts less than the default. */
static void shape_alone_is_too_little_for_a_strict_study(void **state)
{
    (void)state;
    struct calibration c = fixture_calibration();
    struct policy policy = {.correction = CORRECTION_FILL, .box_error = 1e-5, .critical_error = 1e-6};
    const struct quiet quiet = {0};
    struct pen pen = {.known = true, .ink = 0.2};
    struct box_evidence e = strokes(0.03, 0.7, 1.2);
    struct box_decision d = decide_box(&e, &quiet, &pen, &policy, false, &c);
    assert_int_equal(d.state, BOX_UNCERTAIN);
    assert_true(d.lightly_marked);
    assert_false(decide_box(&e, &quiet, &pen, &policy, true, &c).lightly_marked);
    policy.box_error = 1e-6;
    assert_false(decide_box(&e, &quiet, &pen, &policy, false, &c).lightly_marked);
    policy.box_error = 1e-4;
    assert_true(decide_box(&e, &quiet, &pen, &policy, false, &c).lightly_marked);
}

/* Of the numbers in use: who accepts less is never given more, and less doubt never means more errors. */
static void numbers_in_use_are_in_order(void **state)
{
    (void)state;
    struct calibration c = fixture_calibration();
    const struct mark_model *m = &c.mark_model;
    for (int s = 0; s < MARK_STATES; s++) {
        for (double target = 1e-2; target > 1e-9; target /= 1.7)
            for (int critical = 0; critical < 2; critical++)
                assert_true(mark_doubt_limit(m, s, target / 1.7, critical) <=
                            mark_doubt_limit(m, s, target, critical) * (1 + 1e-9));
        for (double doubt = 0.9; doubt > 1e-12; doubt /= 3)
            assert_true(mark_error(m, s, doubt / 3) <= mark_error(m, s, doubt));
    }
    for (int critical = 0; critical < 2; critical++) {
        double lax = mark_doubt_limit(m, MARK_MARKED, 1e-3, critical);
        double strict = mark_doubt_limit(m, MARK_MARKED, 1e-7, critical);
        assert_true(lax > 100 * strict);
    }
    assert_true(mark_error(m, MARK_MARKED, 1e-4 * 1.1) > 10 * mark_error(m, MARK_MARKED, 1e-9));
}

/* ---- fitting ---------------------------------------------------------------------------------- */

/* A sample with a known rule: ink tells all, save that 1 in 20 of the traces is a mark. */
static void make_sample(struct mark_sample *sample, struct stored_box *boxes, size_t count)
{
    struct random r = random_stream(1, RANDOM_NOISE, 0, 0);
    sample->boxes = calloc(count, sizeof *sample->boxes);
    sample->count = count;
    for (size_t i = 0; i < count; i++) {
        struct labelled_box *b = &sample->boxes[i];
        double kind = random_unit(&r), trace = random_unit(&r) * 0.02;
        boxes[i].evidence = kind < 0.6   ? strokes(trace, 1 - trace, 1)
                            : kind < 0.9 ? strokes(0.1 + 0.4 * random_unit(&r), 0.3, 1.6)
                                         : strokes(0.92 + 0.07 * random_unit(&r), 0.01, 1.1);
        *b = (struct labelled_box){.box = &boxes[i], .pen = {.known = true, .ink = 0.2},
                                   .fold = (unsigned)(i % MARK_FOLDS)};
        b->label = kind < 0.6 ? random_unit(&r) < trace ? MARK_MARKED : MARK_EMPTY
                   : kind < 0.9 ? MARK_MARKED : MARK_WITHDRAWN;
    }
}

static void a_fit_finds_the_rule_and_says_how_sure_it_is(void **state)
{
    (void)state;
    enum { COUNT = 20000 };
    struct stored_box *boxes = calloc(COUNT, sizeof *boxes);
    struct mark_judged *judged = calloc(COUNT, sizeof *judged), *again = calloc(COUNT, sizeof *again);
    struct mark_sample sample = {0};
    struct mark_model model, twin;
    const struct mark_calibration marks = {.critical_doubt_times = 6};
    struct error err;
    make_sample(&sample, boxes, COUNT);
    assert_true(mark_fit(&model, judged, &sample, &marks, &err));
    assert_true(mark_fit(&twin, again, &sample, &marks, &err));
    assert_memory_equal(&model, &twin, sizeof model); /* the same sample, the same model */
    assert_true(model.inked_ink >= 0 && model.inked_core >= 0 && model.inked_over_pen >= 0);
    double said = 0, wrong = 0, marked_wrong = 0;
    for (size_t i = 0; i < COUNT; i++) {
        said += judged[i].in_range ? judged[i].error : 0;
        wrong += judged[i].in_range && judged[i].wrong;
        marked_wrong += judged[i].wrong && judged[i].best != MARK_EMPTY;
    }
    assert_true(wrong > 50); /* traces that were marks */
    assert_true(fabs(said - wrong) < 0.2 * wrong); /* calibrated */
    assert_true(marked_wrong < 0.1 * wrong);
    assert_true(model.withdrawn_ink_min > model.marked_ink_max); /* nobody's land between */
    assert_true(model.limit_6 < model.limit_5 && model.limit_5 < model.limit_3);
    assert_true(model.critical_7 < model.critical_6 && model.critical_6 < model.critical_3);
    sample.count = 40;
    assert_false(mark_fit(&model, judged, &sample, &marks, &err)); /* too small a sample */
    free(sample.boxes);
    free(boxes);
    free(judged);
    free(again);
}

/* Boxes read as marked: `wrong` of `boxes` in each decade of doubt. */
static void add_decided(struct mark_decisions *d, double doubt, size_t boxes, size_t wrong)
{
    for (size_t i = 0; i < boxes; i++)
        d->boxes[d->count++] = (struct mark_decided){.state = MARK_MARKED, .doubt = doubt, .accepted = true,
                                                     .wrong = i * wrong / boxes < (i + 1) * wrong / boxes,
                                                     .fold = (unsigned)(i % MARK_FOLDS)};
}

static void a_doubt_means_what_was_seen(void **state)
{
    (void)state;
    struct calibration c = fixture_calibration();
    struct mark_model m = c.mark_model;
    struct mark_decisions d = {.boxes = calloc(40000, sizeof *d.boxes)};
    add_decided(&d, 5e-3, 200, 20);
    add_decided(&d, 5e-4, 1000, 10);
    add_decided(&d, 5e-5, 1000, 20); /* wrong more often with less doubt: pooled */
    add_decided(&d, 5e-6, 1000, 0);
    add_decided(&d, 1e-9, 30000, 0);
    mark_decisions_fit(&m, &d);
    assert_true(fabs(mark_error(&m, MARK_MARKED, 5e-3) / 0.1 - 1) < 1e-9);
    assert_true(fabs(mark_error(&m, MARK_MARKED, 5e-4) / 0.015 - 1) < 1e-9);
    assert_true(fabs(mark_error(&m, MARK_MARKED, 5e-5) / 0.015 - 1) < 1e-9);
    /* where none was wrong: half a box of all that are as sure */
    assert_true(fabs(mark_error(&m, MARK_MARKED, 5e-6) / (0.5 / 31001) - 1) < 1e-9);
    assert_true(fabs(mark_error(&m, MARK_MARKED, 1e-20) / (0.5 / 31001) - 1) < 1e-9);
    assert_true(mark_error(&m, MARK_MARKED, 0.5) >= 0.1);
    assert_true(m.proved_error > 50.0 / 33200 && m.proved_error < 70.0 / 33200); /* above what was seen */
    double said = 0;
    for (size_t i = 0; i < d.count; i++)
        said += d.boxes[i].error;
    assert_true(fabs(said - 50) < 5); /* held out, all the same */
    /* what a rule accepted that knew more than the look of the box changes none of it */
    struct mark_model twin = m;
    size_t before = d.count;
    add_decided(&d, 5e-3, 100, 0);
    for (size_t i = before; i < d.count; i++)
        d.boxes[i].by_rule = true;
    mark_decisions_fit(&twin, &d);
    assert_true(fabs(mark_error(&twin, MARK_MARKED, 5e-3) / 0.1 - 1) < 1e-9);
    free(d.boxes);
}

static void the_file_keeps_the_model_before(void **state)
{
    (void)state;
    struct calibration c = fixture_calibration();
    struct mark_sample sample = {.returns = 3};
    struct mark_model back;
    struct error err;
    struct text file;
    size_t length;
    const struct mark_decisions none = {0};
    struct mark_story story = {.sample = &sample, .decisions = &none, .date = "2026-01-02",
                               .command = "a command"};
    story.previous = mark_model_text(&length);
    story.previous_length = length;
    text_init(&file);
    c.mark_model.limit_5 = 0.000123;
    assert_true(mark_report_model(&file, &c.mark_model, &story, &err));
    assert_true(mark_model_parse(&back, "file", file.data, file.length, &err));
    assert_true(fabs(back.limit_5 - 0.000123) < 1e-9);
    assert_non_null(strstr(file.data, "\"previous\""));
    assert_non_null(strstr(file.data, "2026-01-02"));
    const char *weights_of = strstr(file.data, "\"provenance\"");
    assert_non_null(strstr(weights_of, "2026-01-02"));
    text_clear(&file);
    story.weights_kept = true; /* theirs stays as it is, that of the doubts is new */
    assert_true(mark_report_model(&file, &c.mark_model, &story, &err));
    assert_true(strstr(file.data, "wrong_provenance") < strstr(file.data, "2026-01-02"));
    text_release(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thick_crosses_are_never_withdrawn),
        cmocka_unit_test(a_cross_among_specks_may_be_a_lost_filling),
        cmocka_unit_test(of_a_pen_that_is_lost_specks_tell_of_lone_marks_too),
        cmocka_unit_test(specks_that_a_pen_always_leaves_are_no_lost_filling),
        cmocka_unit_test(a_thick_cross_that_spilled_may_be_a_lost_filling),
        cmocka_unit_test(a_trace_weighs_more_of_a_faint_pen),
        cmocka_unit_test(specks_all_over_a_page_are_no_marks),
        cmocka_unit_test(marks_do_not_say_what_empty_boxes_look_like),
        cmocka_unit_test(limits_follow_the_policy),
        cmocka_unit_test(shape_alone_is_too_little_for_a_strict_study),
        cmocka_unit_test(numbers_in_use_are_in_order),
        cmocka_unit_test(a_fit_finds_the_rule_and_says_how_sure_it_is),
        cmocka_unit_test(a_doubt_means_what_was_seen),
        cmocka_unit_test(the_file_keeps_the_model_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
