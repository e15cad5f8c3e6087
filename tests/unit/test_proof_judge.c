/* The judge, on truth and readings made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <glib.h>
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "proof/judge.h"

static const char truth[] =
    "{\"source\":\"a.tif\",\"image\":0,\"kind\":\"page\",\"form\":\"f\",\"version\":\"1\",\"page\":1,"
    "\"return\":\"R1\",\"dpi\":[300,300],\"damage\":[\"crease\"],\"person\":{\"pen\":\"felt\",\"width_mm\":1.0},\"boxes\":["
    "{\"question\":\"q1\",\"value\":\"1\",\"centre_px\":[100,100],\"intended\":\"marked\",\"conclusion\":\"marked\",\"how\":\"cross\",\"visible\":1},"
    "{\"question\":\"q1\",\"value\":\"2\",\"centre_px\":[100,200],\"intended\":\"empty\",\"conclusion\":\"empty\"},"
    "{\"question\":\"q2\",\"value\":\"1\",\"centre_px\":[100,300],\"intended\":\"withdrawn\",\"conclusion\":\"withdrawn\",\"how\":\"fill_to_withdraw\",\"visible\":1},"
    "{\"question\":\"q3\",\"value\":\"1\",\"centre_px\":[100,400],\"intended\":\"marked\",\"conclusion\":\"person_must_decide\",\"how\":\"ring_label\",\"visible\":1},"
    "{\"question\":\"q4\",\"value\":\"1\",\"centre_px\":[100,500],\"intended\":\"marked\",\"conclusion\":\"marked\",\"how\":\"dash\",\"visible\":0.02,\"light\":0.5}],"
    "\"fields\":[{\"question\":\"n\",\"written\":true,\"text\":\"12\"}]}\n"
    "{\"source\":\"a.tif\",\"image\":1,\"kind\":\"foreign\"}\n"
    "{\"source\":\"a.tif\",\"image\":2,\"kind\":\"page\",\"form\":\"f\",\"version\":\"1\",\"page\":2,"
    "\"return\":\"R1\",\"dpi\":[300,300],\"damage\":[\"torn_corner\"],\"boxes\":[]}\n";

static const char rest[] =
    "{\"source\":\"in/a.tif\",\"image\":1,\"status\":\"rejected\",\"reason\":\"no_form\",\"boxes\":[]}\n"
    "{\"source\":\"in/a.tif\",\"image\":2,\"status\":\"rejected\",\"reason\":\"not_registered\",\"boxes\":[]}\n";

/* The states of the five boxes; a capital letter is flagged: e m w u. */
static char *truth_now; /* NULL: as above */
static const char *flags_now = ""; /* of the first page */

static struct question questions[] = {{.name = "q1", .kind = QUESTION_SINGLE}, {.name = "q2", .kind = QUESTION_SINGLE},
                                      {.name = "q3", .kind = QUESTION_SINGLE}, {.name = "q4", .kind = QUESTION_SINGLE}};
static struct item items[] = {{.name = "q1", .question = 0}, {.name = "q2", .question = 1},
                              {.name = "q3", .question = 2}, {.name = "q4", .question = 3}};
static const struct form form = {.questions = questions, .question_count = 4, .items = items, .item_count = 4};

static struct judge_counts judged(const char *states, const char *reference, char **report)
{
    GString *line = g_string_new("");
    static const char *const places[] = {"q1\",\"value\":\"1", "q1\",\"value\":\"2", "q2\",\"value\":\"1",
                                         "q3\",\"value\":\"1", "q4\",\"value\":\"1"};
    g_string_append_printf(line, "{\"source\":\"in/a.tif\",\"image\":0,\"form\":\"f\",\"version\":\"1\","
                                 "\"page\":1,\"return\":\"%s\",\"status\":\"read\",\"boxes\":[", reference);
    for (int i = 0; i < 5; i++) {
        const char *name = strchr("eE", states[i])   ? "empty"
                           : strchr("mM", states[i]) ? "marked"
                           : strchr("wW", states[i]) ? "withdrawn"
                                                     : "uncertain";
        g_string_append_printf(line, "%s{\"question\":\"%s\",\"state\":\"%s\",\"flagged\":%s,"
                                     "\"rect_px\":[%d,%d,20,20]}", i > 0 ? "," : "", places[i], name,
                               g_ascii_isupper(states[i]) ? "true" : "false", 90, 90 + 100 * i + (i == 4 ? 6 : 0));
    }
    g_string_append_printf(line, "],\"flags\":[%s],\"fields\":[{\"question\":\"n\",\"ink\":true,"
                                 "\"text\":\"12\",\"flagged\":false}]}\n", flags_now);
    g_string_append(line, rest);
    char *folder = g_dir_make_tmp("marksense-judge-XXXXXX", NULL);
    char *one = g_strdup_printf("%s/truth", folder), *two = g_strdup_printf("%s/readings", folder);
    struct error err = {""};
    assert_true(g_file_set_contents(one, truth_now != NULL ? truth_now : truth, -1, NULL) &&
                g_file_set_contents(two, line->str, -1, NULL));
    struct judgement *judgement = judge_wave(one, two, &form, &err);
    if (judgement == NULL)
        fail_msg("%s", err.text);
    struct judge_counts counts = *judgement_counts(judgement);
    if (report != NULL) {
        struct text text;
        text_init(&text);
        judgement_text(&text, judgement);
        judgement_json(&text, judgement);
        *report = g_strdup(text.data);
        text_release(&text);
    }
    judgement_free(judgement);
    unlink(one);
    unlink(two);
    rmdir(folder);
    g_free(one);
    g_free(two);
    g_free(folder);
    g_string_free(line, TRUE);
    return counts;
}

static void all_right(void **state)
{
    (void)state;
    struct judge_counts c = judged("mewUm", "R1", NULL);
    assert_int_equal(c.boxes.boxes, 5);
    assert_int_equal(c.boxes.right, 4);
    assert_int_equal(c.boxes.flagged, 1);
    assert_int_equal(tally_errors(&c.boxes), 0);
    assert_int_equal(c.images, 3);
    assert_int_equal(c.pages, 2);
    assert_int_equal(c.pages_rejected, 1);
    assert_int_equal(c.others_read, 0);
    assert_int_equal(c.returns, 1);
    assert_int_equal(c.fields_wrong, 0);
    assert_int_equal(c.centres, 5);
    assert_int_equal(c.centres_off_025, 1); /* 6 px at 300 dpi */
    assert_int_equal(c.centres_off_070, 0);
    assert_int_equal(c.pages_off_070, 0);
}

/* Somebody looks at a question that seems blank: a mark that was missed there is found, and where none was one
 * box stands for the look. */
static void a_look_at_a_blank_question_finds_its_mark(void **state)
{
    (void)state;
    flags_now = "{\"reason\":\"blank_doubtful\",\"question\":\"q1\",\"value\":null,\"detail\":\"\"}";
    struct judge_counts c = judged("eewUm", "R1", NULL);
    assert_int_equal(tally_errors(&c.boxes), 0);
    assert_int_equal(c.boxes.flagged, 2); /* q3, which is flagged by itself, and the mark */
    flags_now = "{\"reason\":\"written_answer\",\"question\":\"q1\",\"value\":null,\"detail\":\"\"}";
    c = judged("eewUm", "R1", NULL);
    assert_int_equal(tally_errors(&c.boxes), 1);
    flags_now = "{\"reason\":\"blank_doubtful\",\"question\":\"q4\",\"value\":null,\"detail\":\"\"}";
    c = judged("mewUm", "R1", NULL);
    assert_int_equal(c.boxes.flagged, 2);
    assert_int_equal(c.boxes.right, 3);
    flags_now = "";
}

/* Where one answer is asked for, whoever is asked about one of the boxes keys the answer; where several may be given,
 * each box stands for itself. */
static void who_keys_the_answer_sees_the_other_boxes(void **state)
{
    (void)state;
    struct judge_counts c = judged("eEwUm", "R1", NULL); /* q1 = 1 was missed */
    assert_int_equal(c.boxes.beside, 1);
    assert_int_equal(tally_errors(&c.boxes), 0);
    assert_int_equal(c.boxes.flagged, 2); /* the two that are */
    c = judged("eewUm", "R1", NULL);
    assert_int_equal(c.boxes.beside, 0);
    assert_int_equal(tally_errors(&c.boxes), 1);
    questions[0].kind = QUESTION_SEVERAL;
    c = judged("eEwUm", "R1", NULL);
    assert_int_equal(c.boxes.beside, 0);
    assert_int_equal(tally_errors(&c.boxes), 1);
    questions[0].kind = QUESTION_SINGLE;
}

static void pieces_can_be_put_together(void **state)
{
    (void)state;
    char *report;
    judged("eewUe", "R1", &report);
    json_t *root = json_loads(strchr(report, '{'), JSON_DISABLE_EOF_CHECK, NULL);
    assert_non_null(root);
    const json_t *cases = json_object_get(root, "case"), *thick, *light;
    thick = json_object_get(cases, "cross of a felt tip, 0.9 to 1.2 mm");
    light = json_object_get(cases, "light mark beside heavy ones");
    assert_int_equal(json_integer_value(json_object_get(thick, "wrong")), 1);
    assert_int_equal(json_integer_value(json_object_get(light, "lost")), 1);
    const json_t *steps = json_object_get(json_object_get(root, "centres_by_mm"), "counts");
    assert_int_equal(json_integer_value(json_array_get(steps, 0)), 4);
    assert_int_equal(json_array_size(steps), 102); /* 0.508 mm, in steps of 0.005 */
    json_decref(root);
    g_free(report);
}

static void each_error_is_its_own(void **state)
{
    (void)state;
    char *report;
    struct judge_counts c = judged("emmee", "R1", &report);
    assert_int_equal(c.boxes.wrong, 3);
    assert_int_equal(c.boxes.unseen, 1); /* the ring that nobody was asked about */
    assert_int_equal(c.boxes.lost, 1);   /* the dash that the scanner lost */
    assert_non_null(strstr(report, "q2 = 1: withdrawn, read as marked (fill_to_withdraw)"));
    assert_non_null(strstr(report, "\"unseen\""));
    g_free(report);
    c = judged("EMMEE", "R1", NULL);
    assert_int_equal(tally_errors(&c.boxes), 0);
    assert_int_equal(c.boxes.flagged, 5);
}

static void another_return_is_a_misplaced_page(void **state)
{
    (void)state;
    struct judge_counts c = judged("mewUm", "R2", NULL);
    assert_int_equal(c.pages_misplaced, 1);
    assert_int_equal(c.boxes.boxes, 0);
    c = judged("mewUm", "in/a.tif#0", NULL); /* a form without printed references */
    assert_int_equal(c.pages_misplaced, 0);
}

/* A filled-in page of last year's form, taken for one of ours. */
static void another_version_that_is_read_is_misplaced(void **state)
{
    (void)state;
    struct error err = {""};
    char *folder = g_dir_make_tmp("marksense-judge-XXXXXX", NULL);
    char *one = g_strdup_printf("%s/truth", folder), *two = g_strdup_printf("%s/readings", folder);
    static const char *const whats[] = {"other_version", "letter"};
    for (size_t i = 0; i < 2; i++) {
        char *line = g_strdup_printf("{\"source\":\"a.tif\",\"image\":1,\"kind\":\"foreign\",\"what\":\"%s\"}\n", whats[i]);
        assert_true(g_file_set_contents(one, line, -1, NULL));
        assert_true(g_file_set_contents(two, "{\"source\":\"a.tif\",\"image\":1,\"status\":\"read\"}\n", -1, NULL));
        struct judgement *judgement = judge_wave(one, two, &form, &err);
        assert_non_null(judgement);
        assert_int_equal(judgement_counts(judgement)->others_read, 1);
        assert_int_equal(judgement_counts(judgement)->pages_misplaced, i == 0);
        judgement_free(judgement);
        g_free(line);
    }
    unlink(one);
    unlink(two);
    rmdir(folder);
    g_free(one);
    g_free(two);
    g_free(folder);
}

/* With the ring's line of the truth as it is told here. */
static struct judge_counts judged_ring(const char *ring, char read)
{
    char states[] = "mew?m";
    char *at = strstr(truth, "\"ring_label\",\"visible\":1");
    states[3] = read;
    truth_now = g_strdup_printf("%.*s%s%s", (int)(at - truth), truth, ring,
                                at + strlen("\"ring_label\",\"visible\":1"));
    struct judge_counts counts = judged(states, "R1", NULL);
    g_free(truth_now);
    truth_now = NULL;
    return counts;
}

static void what_nobody_sees_is_lost_whatever_it_was(void **state)
{
    (void)state;
    assert_int_equal(judged_ring("\"between\",\"visible\":0.1", 'e').boxes.lost, 1);
    assert_int_equal(judged_ring("\"between\",\"visible\":0.2", 'e').boxes.unseen, 1);
    assert_int_equal(judged_ring("\"between\",\"visible\":0.1", 'm').boxes.unseen, 1);
    assert_int_equal(judged_ring("\"between\",\"visible\":0,\"lost\":\"corner\"", 'e').boxes.unseen, 1);
    /* the line through the label is gone, the mark under it is not */
    const char *strike = "\"strike_label\",\"visible\":0.6,\"strike_visible\":0.1";
    assert_int_equal(judged_ring(strike, 'm').boxes.lost, 1);
    assert_int_equal(judged_ring(strike, 'e').boxes.unseen, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_nobody_sees_is_lost_whatever_it_was),
        cmocka_unit_test(all_right),
                                       cmocka_unit_test(each_error_is_its_own),
                                       cmocka_unit_test(a_look_at_a_blank_question_finds_its_mark),
                                       cmocka_unit_test(who_keys_the_answer_sees_the_other_boxes),
        cmocka_unit_test(pieces_can_be_put_together),
                                       cmocka_unit_test(another_return_is_a_misplaced_page),
                                       cmocka_unit_test(another_version_that_is_read_is_misplaced)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
