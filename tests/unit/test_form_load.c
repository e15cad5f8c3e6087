/* form.yaml: what loads, what every error says and where, and writing back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "form/questionnaire.h"

#define HEAD "form: f\ncode: F\nversion: \"1\"\ntitle: T\n"
#define LIST HEAD "sections:\n  - title: S\n    questions:\n"

static const char whole[] =
    HEAD "language: cy\n"
         "policy: {correction: none, multiple: code, multiple_code: \"-96\", between: nearest,\n"
         "  exclusive: first, withdrawn_only: darkest, missing_code: m, routed_past_code: r,\n"
         "  implausible_code: i, accept: {box_error: 1e-4, critical: 2e-6}}\n"
         "cover: [{heading: Hello, text: \"one\\n\\ntwo\"}, {text: t}]\n"
         "closing: [{text: thanks}]\n"
         "sections:\n"
         "  - title: One\n"
         "    intro: \"  read: 'this' # \\\"first\\\"\\ttab\"\n"
         "    questions:\n"
         "      - name: q1\n"
         "        text: Yes?\n"
         "        hint: h\n"
         "        kind: single\n"
         "        columns: 2\n"
         "        options: &yn [{code: 1, label: Yes, goto: q3}, {code: 2, label: \"null\"}]\n"
         "      - {name: q2, number: 7a, text: t, kind: single, options: [{code: 1, label: a}]}\n"
         "      - name: q3\n"
         "        text: t\n"
         "        kind: several\n"
         "        critical: true\n"
         "        options: [{code: -9, label: a}, {code: n, label: none, exclusive: yes, goto: end}]\n"
         "  - title: Two\n"
         "    new_page: true\n"
         "    questions:\n"
         "      - name: g\n"
         "        text: t\n"
         "        kind: grid\n"
         "        critical: true\n"
         "        options: [{code: 1, label: a}, {code: 2, label: b}]\n"
         "        rows: [{name: g1, text: x}, {name: g2, text: y, critical: false}]\n"
         "      - {name: d, number: , text: t, kind: digits, cells: 4, range: [1900, 2026], goto: c}\n"
         "      - {name: e, text: t, kind: date}\n"
         "      - {name: w, text: t, kind: text, cells: 12}\n"
         "      - {name: c, text: t, kind: comment, lines: 12}\n"
         "      - {name: \"naïve \\u2603 q\", text: \"\", kind: text}\n";

static struct form *parse(const char *yaml)
{
    struct form *form;
    struct error err;
    if (!questionnaire_parse(&form, NULL, "x.yaml", yaml, strlen(yaml), &err))
        fail_msg("%s", err.text);
    return form;
}

static void check_whole(const struct form *f)
{
    assert_string_equal(f->language, "cy");
    assert_int_equal(f->policy.correction, CORRECTION_NONE);
    assert_int_equal(f->policy.multiple, RULE_CODE);
    assert_string_equal(f->policy.multiple_code, "-96");
    assert_int_equal(f->policy.between, RULE_NEAREST);
    assert_int_equal(f->policy.exclusive, RULE_FIRST);
    assert_int_equal(f->policy.withdrawn_only, RULE_DARKEST);
    assert_string_equal(f->policy.missing_code, "m");
    assert_true(f->policy.box_error > 0.99e-4 && f->policy.box_error < 1.01e-4);
    assert_int_equal(f->cover_count, 2);
    assert_string_equal(f->cover[0].text, "one\n\ntwo");
    assert_null(f->cover[1].heading);
    assert_int_equal(f->section_count, 2);
    assert_string_equal(f->sections[0].intro, "  read: 'this' # \"first\"\ttab");
    assert_true(f->sections[1].new_page);
    assert_int_equal(f->sections[1].first_question, 3);
    assert_int_equal(f->question_count, 9);
    assert_int_equal(f->item_count, 10);
    assert_string_equal(f->questions[0].options[0].label, "Yes");
    assert_string_equal(f->questions[0].options[1].label, "null");
    assert_string_equal(f->questions[0].options[0].go_to, "q3");
    assert_string_equal(f->questions[0].number, "1");
    assert_string_equal(f->questions[1].number, "7a");
    assert_string_equal(f->questions[2].number, "8");
    assert_null(f->questions[4].number);
    assert_string_equal(f->questions[5].number, "10");
    assert_true(f->questions[2].options[1].exclusive);
    assert_string_equal(f->questions[2].options[1].go_to, "end");
    assert_int_equal(form_find_item(f, "g2"), 4);
    assert_int_equal(f->items[4].row, 1);
    assert_false(f->items[4].critical);
    assert_true(f->items[3].critical);
    assert_int_equal(form_find_item(f, "g"), SIZE_MAX);
    assert_int_equal(f->questions[4].minimum, 1900);
    assert_int_equal(f->questions[5].cells, 8);
    assert_int_equal(f->questions[6].cells, 12);
    assert_int_equal(f->questions[7].lines, 12);
    assert_string_equal(f->questions[8].name, "naïve \xe2\x98\x83 q");
    assert_int_equal(question_find_option(&f->questions[2], "n"), 1);
}

static void loads_every_key(void **state)
{
    (void)state;
    struct form *form = parse(whole);
    check_whole(form);
    form_free(form);
}

static void defaults(void **state)
{
    (void)state;
    struct form *f = parse(LIST "      - {name: a, text: t, kind: text}\n");
    assert_string_equal(f->language, "en");
    assert_string_equal(f->policy.missing_code, "-99");
    assert_string_equal(f->policy.routed_past_code, "-98");
    assert_string_equal(f->policy.implausible_code, "-97");
    assert_int_equal(f->policy.correction, CORRECTION_FILL);
    assert_int_equal(f->policy.multiple, RULE_REVIEW);
    form_free(f);
}

static void writes_what_it_reads(void **state)
{
    (void)state;
    struct form *form = parse(whole);
    struct text text, again;
    text_init(&text);
    text_init(&again);
    assert_true(questionnaire_write(&text, form, NULL));
    struct form *copy = parse(text.data);
    check_whole(copy);
    assert_true(questionnaire_write(&again, copy, NULL));
    assert_string_equal(text.data, again.data);
    text_release(&text);
    text_release(&again);
    form_free(form);
    form_free(copy);
}

#define Q(rest) LIST "      - {name: a, text: t, " rest "}\n"
#define OPTION "options: [{code: 1, label: x}]"

static const struct bad {
    const char *yaml, *expected;
} bads[] = {
    {"", "x.yaml:1:1: a form: expected a mapping but found nothing"},
    {"[]", "x.yaml:1:1: a form: expected a mapping (key: value) but found a list"},
    {"form: [\n", "x.yaml:2:1: expected YAML, but did not find expected node content"},
    {"form: f\n", "x.yaml:1:1: a form: expected the key 'code' but it is missing"},
    {"form: f\nform: g\n", "x.yaml:2:1: a form: expected the key 'form' once but found it twice"},
    {"colour: red\n", "x.yaml:1:1: a form: expected one of the keys form, code, version, title,"},
    {"form: f f\ncode: F\nversion: 1\ntitle: T\nsections: []\n",
     "x.yaml:1:7: form: expected at most 64 letters"},
    {"form: f\ncode: f\nversion: 1\ntitle: T\nsections: []\n",
     "x.yaml:2:7: code: expected 1 to 8 capital letters A-Z or digits but found 'f'"},
    {HEAD "sections: []\n", "x.yaml:5:11: sections: expected at least one entry"},
    {HEAD "policy: {correction: fil}\nsections: []\n",
     "x.yaml:5:22: correction: expected one of fill, none but found 'fil'"},
    {HEAD "policy: {multiple: code}\nsections: []\n", "the key 'multiple_code'"},
    {HEAD "policy: {between: darkest}\nsections: []\n",
     "x.yaml:5:19: between: expected one of review, missing, nearest but found 'darkest'"},
    {HEAD "policy: {accept: {box_error: 2}}\nsections: []\n",
     "x.yaml:5:30: box_error: expected a number from"},
    {Q("kind: singel"), "x.yaml:8:34: kind: expected one of single, several, grid, digits, date, "
                        "text, comment but found 'singel'"},
    {Q("kind: single"), "x.yaml:8:9: a question of kind single: expected the key 'options'"},
    {Q("kind: grid, " OPTION), "a question of kind grid: expected the key 'rows'"},
    {Q("kind: text, " OPTION), "options: expected no such key in a question of kind text"},
    {Q("kind: digits"), "a question of kind digits: expected the key 'cells'"},
    {Q("kind: digits, cells: many"), "cells: expected a whole number from 0 to 100 but found 'many'"},
    {Q("kind: digits, cells: 2, range: [9, 1]"), "range: expected [least, most] but 9 is more"},
    {Q("kind: digits, cells: 2, range: [9]"), "range: expected [least, most]"},
    {Q("kind: text, goto: nowhere"), "x.yaml:8:46: goto: expected the name of a question, or end, "
                                     "but there is no question 'nowhere'"},
    {Q("kind: text, goto: a"), "goto: expected a question after 'a' but 'a' does not come after it"},
    {Q("kind: text, critical: maybe"), "critical: expected true or false but found 'maybe'"},
    {Q("kind: text") "      - {name: a, text: t, kind: text}\n",
     "x.yaml:9:16: name: expected a name of its own but 'a' is taken already"},
    {Q("kind: single, options: [{code: 1, label: x}, {code: 1, label: y}]"),
     "x.yaml:8:73: code: expected a code of its own in question 'a' but '1' is taken already"},
    {Q("kind: single, options: [{code: 1, label: x, exclusive: true}]"),
     "exclusive: expected it in a question of kind several only"},
    {Q("kind: grid, rows: [{name: r, text: t}], options: [{code: 1, label: x, goto: end}]"),
     "goto: expected none, because a grid has many answers"},
    {Q("kind: grid, rows: [{name: a, text: t}], " OPTION), "'a' is taken already"},
    {Q("kind: single, options: {code: 1}"), "options: expected a list"},
    {Q("kind: [text]"), "but found a list"},
    {LIST "      - {name: end, text: t, kind: text}\n      - {name: b, text: t, kind: text, goto: end}\n",
     "a question has that name too"},
    {LIST "      - {name: \"\", text: t, kind: text}\n", "name: expected 1 to 1000 bytes but found 0"},
    {LIST "      - {name: \"a\\0b\", text: t, kind: text}\n", "the control character 0x00"},
    {LIST "      - {name: \"a\\eb\", text: t, kind: text}\n", "the control character 0x1b"},
    {"form: \xff\n", "x.yaml: expected UTF-8 text but byte 7 is not"},
    {"form: f\n---\nform: g\n", "x.yaml:2:1: expected one YAML document"},
    {"[[[[[[[[[[[[[[[[[[[[[[[[", "at most 16 deep"},
    {"form: *nobody\n", "x.yaml:1:7: expected YAML, but found undefined alias"},
};

static void errors_say_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bads / sizeof *bads; i++) {
        struct form *form;
        struct error err;
        if (questionnaire_parse(&form, NULL, "x.yaml", bads[i].yaml, strlen(bads[i].yaml), &err))
            fail_msg("loaded: %s", bads[i].yaml);
        assert_null(form);
        if (strstr(err.text, bads[i].expected) == NULL)
            fail_msg("expected '%s'\nbut got  '%s'\nof %s", bads[i].expected, err.text,
                     bads[i].yaml);
    }
}

/* All that can be told at once: whoever writes a form mends it in one go. */
static void all_errors_are_told(void **state)
{
    (void)state;
    const char *yaml = "form: f\ncode: F\nversion: \"1\"\ntitle: T\npolicy: {correction: fll}\nsections:\n"
                       "  - title: S\n    questions:\n"
                       "      - {name: a, text: t, kind: singel}\n"
                       "      - {name: b, text: t, kind: text, goto: nowhere}\n"
                       "      - {name: b, text: t, kind: text}\n"
                       "  - titel: S\n"
                       "  - title: S\n    questions:\n"
                       "      - {name: c, text: t, kind: text, cells: many}\n";
    static const char *const later[] = {"x.yaml:12:", "x.yaml:9:", "x.yaml:11:", "x.yaml:15:"};
    struct form *form;
    struct error err;
    struct text more;
    text_init(&more);
    assert_false(questionnaire_parse(&form, &more, "x.yaml", yaml, strlen(yaml), &err));
    assert_null(form);
    assert_non_null(strstr(err.text, "x.yaml:5:"));
    const char *at = more.data;
    for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
        if (at == NULL || strncmp(at, later[i], strlen(later[i])) != 0)
            fail_msg("expected '%s' as error %zu of\n%s", later[i], i, more.data);
        at = strchr(at, '\n') + 1;
    }
    assert_string_equal(at, ""); /* where the goto leads is not known: a question may be it */
    text_release(&more);
    text_init(&more);
    yaml = "form: f\ncode: F\nversion: \"1\"\ntitle: T\nsections: [{title: S, questions: [\n"
           "{name: a, text: t, kind: text, goto: x},\n{name: b, text: t, kind: text, goto: a}]}]\n";
    assert_false(questionnaire_parse(&form, &more, "x.yaml", yaml, strlen(yaml), &err));
    assert_non_null(strstr(err.text, "no question 'x'"));
    assert_non_null(strstr(more.data, "'a' does not come after it"));
    text_release(&more);
}

/* A page of text shared by aliases a million times over must not become memory. */
static void aliases_are_limited(void **state)
{
    (void)state;
    struct text text;
    struct form *form;
    struct error err;
    text_init(&text);
    text_add(&text, "form: f\ncode: F\nversion: 1\ntitle: &t \"");
    for (int i = 0; i < 100000; i++)
        text_add(&text, "abcdefghi ");
    text_add(&text, "\"\nsections:\n  - title: S\n    questions:\n");
    for (int i = 0; i < 1000; i++)
        text_addf(&text, "      - {name: q%d, text: *t, kind: text}\n", i);
    assert_false(questionnaire_parse(&form, NULL, "x.yaml", text.data, text.length, &err));
    assert_non_null(strstr(err.text, "aliases make this file too large"));
    text_release(&text);
}

static void aliases_share_options(void **state)
{
    (void)state;
    struct form *f = parse(LIST "      - {name: a, text: t, kind: single, options: &o [{code: 1, "
                                "label: x}]}\n      - {name: b, text: t, kind: single, options: *o}\n");
    assert_string_equal(f->questions[1].options[0].label, "x");
    form_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loads_every_key),      cmocka_unit_test(defaults),
        cmocka_unit_test(writes_what_it_reads), cmocka_unit_test(errors_say_where),
        cmocka_unit_test(all_errors_are_told),
        cmocka_unit_test(aliases_are_limited),  cmocka_unit_test(aliases_share_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
