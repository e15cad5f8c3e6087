/* template.json and blank.tif: there and back, and what does not fit the questionnaire. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "form/codebook.h"
#include "form/file.h"
#include "form/lint.h"
#include "form/load.h"
#include "form/plate.h"
#include "form/template.h"

static const char yaml[] =
    "form: f\ncode: F\nversion: \"1\"\ntitle: T\n"
    "sections:\n  - title: S\n    questions:\n"
    "      - {name: a, text: \"A, \\\"quoted\\\"\", kind: single,\n"
    "         options: [{code: y, label: Yes}, {code: n, label: \"No\"}]}\n"
    "      - {name: g, text: t, kind: grid, options: [{code: 1, label: x}],\n"
    "         rows: [{name: g1, text: one}, {name: g2, text: two}]}\n"
    "      - {name: d, text: t, kind: digits, cells: 2, range: [0, 99]}\n"
    "      - {name: c, text: t, kind: comment}\n";

#define PAGE                                                                                       \
    "{\"marksense_template\": 1, \"form\": \"f\", \"version\": \"1\", \"pages\": [{\"number\": 1,"    \
    " \"width_mm\": 210, \"height_mm\": 297, "
#define BOX(q, v, x) "{\"question\": \"" q "\", \"value\": \"" v                                   \
    "\", \"shape\": \"square\", \"rect_mm\": [" x ", 50, 4, 4]}"
#define BOXES "\"boxes\": [" BOX("a", "n", "40") ", " BOX("a", "y", "20") ", "                      \
    BOX("g2", "1", "80") ", " BOX("g1", "1", "60") "]"
#define FIELDS "\"fields\": [{\"question\": \"c\", \"kind\": \"comment\", \"rect_mm\": [20, 100, "   \
    "100, 50]}, {\"question\": \"d\", \"kind\": \"digits\", \"rect_mm\": [20, 70, 10, 6], "          \
    "\"cells_mm\": [[20, 70, 5, 6], [25, 70, 5, 6]]}]"
#define MARKS "\"fiducials_mm\": [[10,10,5,5],[195,10,5,5],[195,280,5,5],[10,280,5,5]], "            \
    "\"code_mm\": [150, 10, 20, 20], \"reference_mm\": [100, 10, 30, 5], "                           \
    "\"landmarks_mm\": [[30, 30.1234], [20, 30.1234], [20, 20]]"
#define END "}]}"

static char folder[] = "/tmp/marksense-test-XXXXXX";

static void write_file(const char *name, const char *content)
{
    char *path = file_join(folder, name);
    struct error err;
    if (!file_write_whole(path, content, strlen(content), &err))
        fail_msg("%s", err.text);
    free(path);
}

static int set_up(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const names[] = {"form.yaml", "template.json", "again.json", "blank.tif"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = file_join(folder, names[i]);
        unlink(path);
        free(path);
    }
    return rmdir(folder);
}

static struct form *load(const char *template)
{
    struct form *form;
    struct error err;
    write_file("form.yaml", yaml);
    write_file("template.json", template);
    if (!form_load(&form, folder, &err))
        fail_msg("%s", err.text);
    return form;
}

static char *save(const struct form *form)
{
    char *path = file_join(folder, "again.json"), *text;
    size_t length;
    assert_true(template_save(form, path, NULL));
    assert_true(file_read_whole(&text, &length, path, 100000, NULL));
    free(path);
    return text;
}

static void there_and_back(void **state)
{
    (void)state;
    struct form *f = load(PAGE MARKS ", " BOXES ", " FIELDS END);
    const struct template_page *page = &f->pages[0];
    assert_int_equal(page->box_count, 4);
    assert_int_equal(page->boxes[0].option, 0); /* sorted: a=y, a=n, g1, g2 */
    assert_true(page->boxes[0].rect_mm.x == 20);
    assert_int_equal(page->boxes[2].item, form_find_item(f, "g1"));
    assert_int_equal(page->fields[0].kind, FIELD_DIGITS);
    assert_int_equal(page->fields[0].cell_count, 2);
    assert_null(page->fields[1].cells_mm);
    assert_true(page->has_fiducials && page->has_code);
    assert_true(page->reference_mm.w == 30);
    assert_true(page->landmarks_mm[0].y == 20 && page->landmarks_mm[1].x == 20);
    char *text = save(f);
    assert_non_null(strstr(text, "        {\"question\": \"a\", \"value\": \"y\", \"shape\": "
                                 "\"square\", \"rect_mm\": [20.0, 50.0, 4.0, 4.0]},\n"));
    assert_non_null(strstr(text, "        [20.0, 30.123],\n"));
    form_free(f);
    f = load(text);
    char *again = save(f);
    assert_string_equal(text, again);
    free(text);
    free(again);
    form_free(f);
}

static const struct bad {
    const char *json, *expected;
} bads[] = {
    {"{", "template.json:1:1: expected JSON"},
    {"[]", "expected a template"},
    {"{\"marksense_template\": 2}", "another release"},
    {"{\"marksense_template\": 1, \"form\": \"g\"}", "made for form 'g' but form.yaml says 'f'"},
    {"{\"marksense_template\": 1, \"form\": \"f\", \"version\": \"2\"}",
     "made for version '2' but form.yaml says '1'"},
    {"{\"marksense_template\": 1, \"form\": \"f\", \"version\": \"1\", \"pages\": []}", "1 to 1000 pages"},
    {PAGE BOXES END, "question 'd' has no place to write on"},
    {PAGE FIELDS END, "question 'a' has no box for the value 'y'"},
    {PAGE FIELDS ", \"boxes\": [" BOX("z", "y", "20") "]" END,
     "box 1 of page 1: the questionnaire has no question 'z'"},
    {PAGE FIELDS ", \"boxes\": [" BOX("g", "1", "20") "]" END, "has no question 'g'"},
    {PAGE FIELDS ", \"boxes\": [" BOX("a", "z", "20") "]" END, "question 'a' has no option 'z'"},
    {PAGE FIELDS ", \"boxes\": [" BOX("a", "y", "208") "]" END, "inside the page"},
    {PAGE FIELDS ", \"boxes\": [" BOX("a", "y", "-1") "]" END, "inside the page"},
    {PAGE FIELDS ", \"boxes\": [" BOX("a", "y", "\"x\"") "]" END, "four numbers"},
    {PAGE FIELDS ", \"boxes\": [" BOX("a", "y", "1") ", " BOX("a", "y", "9") "]" END,
     "question 'a', value 'y' has a second box"},
    {PAGE FIELDS ", \"boxes\": [7]" END, "has no question ''"},
    {PAGE "\"fields\": [{\"question\": \"a\", \"kind\": \"text\", \"rect_mm\": [1,1,1,1]}]" END,
     "a field of kind text cannot answer 'a', a question of kind single"},
    {PAGE "\"fields\": [{\"question\": \"d\", \"kind\": \"digits\", \"rect_mm\": [1,1,1,1], "
          "\"cells_mm\": [[1,1,1,1]]}]" END, "has 1 cells but the question has 2"},
    {PAGE "\"landmarks_mm\": [[1, 300]]" END, "landmark 1 of page 1: expected a point inside"},
    {PAGE "\"fiducials_mm\": [[1,1,1,1]]" END, "four rectangles"},
};

static void misfits_are_told(void **state)
{
    (void)state;
    write_file("form.yaml", yaml);
    for (size_t i = 0; i < sizeof bads / sizeof *bads; i++) {
        struct form *form;
        struct error err;
        write_file("template.json", bads[i].json);
        if (form_load(&form, folder, &err))
            fail_msg("loaded: %s", bads[i].json);
        assert_null(form);
        if (strstr(err.text, bads[i].expected) == NULL)
            fail_msg("expected '%s'\nbut got  '%s'", bads[i].expected, err.text);
    }
}

static void never_built(void **state)
{
    (void)state;
    struct form *form;
    struct error err;
    write_file("form.yaml", yaml);
    char *path = file_join(folder, "template.json");
    unlink(path);
    free(path);
    assert_false(form_load(&form, folder, &err));
    assert_non_null(strstr(err.text, "type: marksense form build"));
    assert_true(form_load_questionnaire(&form, folder, &err));
    assert_string_equal(form->folder, folder);
    form_free(form);
    assert_false(form_load(&form, "/nonexistent", &err));
    assert_non_null(strstr(err.text, "/nonexistent: cannot open"));
}

static void plates(void **state)
{
    (void)state;
    struct form *f = load(PAGE MARKS ", " BOXES ", " FIELDS END);
    struct error err;
    PIX *page = pixCreate(2480, 3508, 1), *back;
    assert_false(plate_load(&back, f, 0, &err));
    assert_non_null(strstr(err.text, "blank.tif"));
    pixSetPixel(page, 17, 23, 1);
    assert_true(plate_save(folder, (PIX *const[]){page}, 1, &err));
    assert_true(plate_load(&back, f, 0, &err));
    l_int32 same = 0;
    pixEqual(page, back, &same);
    assert_true(same);
    assert_int_equal(pixGetXRes(back), PLATE_DPI);
    pixDestroy(&back);
    pixDestroy(&page);
    page = pixCreate(1000, 1000, 1);
    assert_true(plate_save(folder, (PIX *const[]){page}, 1, &err));
    assert_false(plate_load(&back, f, 0, &err));
    assert_non_null(strstr(err.text, "1000 x 1000 pixels but the template makes it 2480 x 3508"));
    pixDestroy(&page);
    form_free(f);
}

static void codebook(void **state)
{
    (void)state;
    struct form *f = load(PAGE MARKS ", " BOXES ", " FIELDS END);
    char *path = file_join(folder, "codebook.csv"), *text;
    size_t length;
    assert_true(codebook_write(f, path, NULL));
    assert_true(file_read_whole(&text, &length, path, 100000, NULL));
    assert_non_null(strstr(text, "\"A, \"\"quoted\"\"\",,single,no,y,Yes,answer,"));
    assert_non_null(strstr(text, "g2,2,1,S,t,two,grid,no,1,x,answer,"));
    free(text);
    unlink(path);
    free(path);
    form_free(f);
}

static void check_lint(const char *template, const char *expected)
{
    struct form *f = load(template);
    struct lint_report report;
    lint_form(&report, f);
    if (strstr(report.findings.data, expected) == NULL)
        fail_msg("expected '%s'\nbut got  '%s'", expected, report.findings.data);
    lint_report_release(&report);
    form_free(f);
}

#define LANDMARKS "\"landmarks_mm\": [[50, 20], [150, 40], [50, 200], [150, 200]]"

static void lint(void **state)
{
    (void)state;
    struct form *f = load(PAGE LANDMARKS ", " BOXES ", " FIELDS END);
    struct lint_report report;
    lint_form(&report, f);
    assert_string_equal(report.findings.data, "");
    lint_report_release(&report);
    form_free(f);
    check_lint(PAGE BOXES ", " FIELDS END, "error: page 1: it has no landmarks");
    check_lint(PAGE LANDMARKS ", \"printed_codes\": [{\"type\": \"QR-Code\", \"text\": \"x\", "
               "\"rect_mm\": [15, 45, 20, 20]}], " BOXES ", " FIELDS END, "lies on a fiducial, a code");
    check_lint(PAGE MARKS ", " BOXES ", " FIELDS END, "no landmark in its top right quarter");
    check_lint(PAGE "\"landmarks_mm\": [[22, 52]], " BOXES ", " FIELDS END,
               "error: page 1: 1 landmarks lie in answer areas");
#define OTHERS BOX("a", "n", "40") ", " BOX("g2", "1", "80") ", " BOX("g1", "1", "60")
    check_lint(PAGE LANDMARKS ", \"boxes\": [" BOX("a", "y", "44.5") ", " OTHERS "], " FIELDS END,
               "warning: page 1: boxes a=n and a=y, 0.5 mm apart: closer than 1 mm");
    check_lint(PAGE LANDMARKS ", \"boxes\": [" BOX("a", "y", "42") ", " OTHERS "], " FIELDS END,
               "error: page 1: boxes a=n and a=y, 0.0 mm apart: boxes lie on each other");
    check_lint(PAGE LANDMARKS ", \"boxes\": [" BOX("a", "y", "2") ", " OTHERS "], " FIELDS END,
               "warning: page 1: box a=y, 2.0 mm from the edge");
    check_lint(PAGE LANDMARKS ", " BOXES ", \"fields\": [{\"question\": \"c\", \"kind\": "
               "\"comment\", \"rect_mm\": [9, 9, 100, 20]}, {\"question\": \"d\", \"kind\": "
               "\"digits\", \"rect_mm\": [20, 70, 6, 6], \"cells_mm\": [[20, 70, 3, 6], [23, 70, "
               "3, 6]]}]" END, "field c: in the top left corner, where sheets are stapled");
    check_lint(PAGE LANDMARKS ", " BOXES ", \"fields\": [{\"question\": \"c\", \"kind\": "
               "\"comment\", \"rect_mm\": [19, 49, 100, 20]}, {\"question\": \"d\", \"kind\": "
               "\"digits\", \"rect_mm\": [20, 70, 6, 6], \"cells_mm\": [[20, 70, 3, 6], [23, 70, "
               "3, 6]]}]" END, "a box lies on a field");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back), cmocka_unit_test(misfits_are_told),
        cmocka_unit_test(never_built),    cmocka_unit_test(plates),
        cmocka_unit_test(codebook),       cmocka_unit_test(lint),
    };
    setMsgSeverity(L_SEVERITY_NONE);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
