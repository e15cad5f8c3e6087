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
    pen.specks = 5; /* all their marks break up */
    assert_int_equal(decide_box(&e, &quiet, &pen, &policy, false, &c).state, BOX_MARKED);
    pen.specks = 0;
    e.runs = 1.2f; /* one stroke that broke */
    assert_int_equal(decide_box(&e, &quiet, &pen, &policy, false, &c).state, BOX_MARKED);
}

/* That their marks break up is known of somebody by their plain ones. */
static void specks_are_usual_of_a_pen_whose_marks_break_up(void **state)
{
    (void)state;
    struct calibration c = fixture_calibration();
    struct box_reading boxes[5];
    const struct box_reading *of[5];
    const struct quiet quiet = {0}, *quiets[5];
    for (int k = 0; k < 5; k++) {
        boxes[k] = (struct box_reading){.evidence = fixture_evidence(k < 3 ? CROSS : EMPTY)};
        boxes[k].evidence.specks = (float)(4 + k);
        of[k] = &boxes[k];
        quiets[k] = &quiet;
    }
    assert_true(fabs(pen_estimate(of, quiets, 5, &c).specks - 5) < 1e-9);
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

static void limits_follow_the_policy(void **state)
{
    (void)state;
    struct mark_model m = {.limit_3 = 1e-2, .limit_4 = 1e-3, .limit_5 = 1e-4, .limit_6 = 1e-6};
    assert_true(fabs(mark_error_limit(&m, 1e-5) / 1e-4 - 1) < 1e-6);
    assert_true(fabs(log(mark_error_limit(&m, sqrt(1e-11)) / 1e-5)) < 1e-6); /* halfway, in logarithms */
    assert_true(fabs(mark_error_limit(&m, 1) / 1e-2 - 1) < 1e-6);
    assert_true(fabs(mark_error_limit(&m, 1e-9) / 1e-6 - 1) < 1e-6);
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
    struct error err;
    make_sample(&sample, boxes, COUNT);
    assert_true(mark_fit(&model, judged, &sample, &err));
    assert_true(mark_fit(&twin, again, &sample, &err));
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
    assert_true(model.limit_6 <= model.limit_5 && model.limit_5 <= model.limit_3);
    sample.count = 40;
    assert_false(mark_fit(&model, judged, &sample, &err)); /* too small a sample */
    free(sample.boxes);
    free(boxes);
    free(judged);
    free(again);
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
    const char *before = mark_model_text(&length);
    text_init(&file);
    c.mark_model.limit_5 = 0.000123;
    assert_true(mark_report_model(&file, &c.mark_model, &sample, "2026-01-02", "a command", before,
                                  length, &err));
    assert_true(mark_model_parse(&back, "file", file.data, file.length, &err));
    assert_true(fabs(back.limit_5 - 0.000123) < 1e-9);
    assert_non_null(strstr(file.data, "\"previous\""));
    assert_non_null(strstr(file.data, "2026-01-02"));
    text_release(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thick_crosses_are_never_withdrawn),
        cmocka_unit_test(a_cross_among_specks_may_be_a_lost_filling),
        cmocka_unit_test(specks_are_usual_of_a_pen_whose_marks_break_up),
        cmocka_unit_test(a_trace_weighs_more_of_a_faint_pen),
        cmocka_unit_test(specks_all_over_a_page_are_no_marks),
        cmocka_unit_test(limits_follow_the_policy),
        cmocka_unit_test(a_fit_finds_the_rule_and_says_how_sure_it_is),
        cmocka_unit_test(the_file_keeps_the_model_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
