/* What must hold of every layout: boxes apart, nothing on the marks that registration needs, every
 * answer with its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "form/build.h"
#include "form/file.h"
#include "form/layout.h"
#include "form/layout_type.h"
#include "form/load.h"
#include "form/template.h"

#define SHIPPED "forms/cancer-experience"

static struct form *laid_out(struct layout **layout, const char *path)
{
    struct form *form = NULL;
    struct error err = {""};
    if (!form_load_questionnaire(&form, path, &err) || !layout_make(layout, form, &err))
        fail_msg("%s", err.text);
    return form;
}

/* A form folder under /tmp with this form.yaml. */
static char *write_form(const char *yaml)
{
    char *folder = strdup("/tmp/marksense-layout-XXXXXX");
    assert_non_null(mkdtemp(folder));
    char *path = file_join(folder, "form.yaml");
    struct error err;
    assert_true(file_write_whole(path, yaml, strlen(yaml), &err));
    free(path);
    return folder;
}

static void remove_form(char *folder)
{
    static const char *const files[] = {"form.yaml", "template.json", "blank.pdf", "blank.tif",
                                        "codebook.csv"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *path = file_join(folder, files[i]);
        unlink(path);
        free(path);
    }
    assert_int_equal(rmdir(folder), 0); /* nothing else was left there */
    free(folder);
}

/* A form of every kind of question, with texts as awkward as they come. */
static const char awkward[] =
    "form: awkward\ncode: AWK\nversion: \"1\"\ntitle: Awkward\nlanguage: en\n"
    "sections:\n"
    "  - title: A section with a title that is so long that it could not possibly stand in one line\n"
    "    questions:\n"
    "      - {name: one, text: One?, kind: single, options: [{code: 1, label: A label that runs over "
    "several lines because nobody cut it down to what a person wants to read in a box}, {code: 2, "
    "label: \"No\", goto: five}]}\n"
    "      - {name: two, text: Two?, kind: several, columns: 2, options: [{code: 1, label: Left and "
    "long enough to wrap}, {code: 2, label: Right}, {code: 3, label: Third, exclusive: true}]}\n"
    "      - {name: three, text: Three?, kind: single, columns: 7, options: [{code: 1, label: a}, "
    "{code: 2, label: b}, {code: 3, label: c}, {code: 4, label: d}, {code: 5, label: e}, {code: 6, "
    "label: f}, {code: 7, label: g}]}\n"
    "      - {name: four, text: Four?, kind: grid, options: [{code: 1, label: Yes indeed}, {code: 2, "
    "label: \"No\"}], rows: [{name: four_a, text: a row whose text is long enough that it has to "
    "wrap and wrap and wrap until it stands in three lines or so on the paper that it is printed on}, "
    "{name: four_b, text: b}]}\n"
    "      - {name: five, text: Five?, kind: digits, cells: 4, range: [0, 9999]}\n"
    "      - {name: six, text: Six?, kind: date, cells: 8}\n"
    "      - {name: seven, text: Seven?, kind: text, number: \"\"}\n"
    "      - {name: eight, text: Eight?, kind: text, cells: 9}\n"
    "      - {name: nine, text: Nine?, kind: comment, lines: 4}\n";

static void check_apart(const struct template_page *page, struct rect rect, const char *what)
{
    if (rect.x < 10 || rect.y < 10 || rect.x + rect.w > page->width_mm - 10 ||
        rect.y + rect.h > page->height_mm - 10)
        fail_msg("page %d: %s at %.1f, %.1f is within 10 mm of the edge", page->number, what,
                 rect.x, rect.y);
    for (int i = 0; i < FIDUCIAL_COUNT; i++)
        if (rect_overlap(rect, rect_grow(page->fiducials_mm[i], FIDUCIAL_CLEAR_MM)))
            fail_msg("page %d: %s at %.1f, %.1f is too close to a fiducial", page->number, what,
                     rect.x, rect.y);
    if (rect_overlap(rect, page->code_mm) || rect_overlap(rect, page->reference_mm))
        fail_msg("page %d: %s at %.1f, %.1f lies on the code or the reference", page->number, what,
                 rect.x, rect.y);
}

/* All answer areas of a page: boxes, then fields. */
static size_t answer_areas(struct rect *out, const struct template_page *page)
{
    size_t count = 0;
    for (size_t i = 0; i < page->box_count; i++)
        out[count++] = page->boxes[i].rect_mm;
    for (size_t i = 0; i < page->field_count; i++)
        out[count++] = page->fields[i].rect_mm;
    return count;
}

static struct rect last_line(const struct layout_element *element)
{
    struct typesetter *typesetter = typesetter_new();
    struct rect rect = element->rect_mm;
    double pitch = type_pitch_mm(element->style);
    double width =
        type_measure(typesetter, element->style, element->text, rect.w).last_mm;
    typesetter_free(typesetter);
    return (struct rect){rect.x, rect.y + rect.h - pitch + 0.4, width + 2, pitch - 0.8};
}

static void check_page(const struct template_page *page, const struct layout_page *print)
{
    struct rect *areas = calloc(page->box_count + page->field_count + 1, sizeof *areas);
    size_t count = answer_areas(areas, page);
    for (size_t i = 0; i < count; i++) {
        check_apart(page, areas[i], "an answer area");
        for (size_t j = i + 1; j < count; j++)
            if (rect_overlap(rect_grow(areas[i], 1.24), rect_grow(areas[j], 1.24)))
                fail_msg("page %d: answer areas at %.1f, %.1f and %.1f, %.1f are not 2.5 mm apart",
                         page->number, areas[i].x, areas[i].y, areas[j].x, areas[j].y);
    }
    for (size_t e = 0; e < print->element_count; e++) {
        const struct layout_element *element = &print->elements[e];
        if (element->kind != ELEMENT_TEXT)
            continue;
        /* Capitals and descenders stay in the middle of the line. */
        struct rect text = element->rect_mm;
        text.y += 0.4;
        text.h -= 0.8;
        if (text.y > 15 && text.y < CODE_MM + 240)
            check_apart(page, text, element->text);
        for (size_t i = 0; i < count; i++)
            if (rect_overlap(text, areas[i]))
                fail_msg("page %d: '%s' is printed into an answer area", page->number,
                         element->text);
        for (size_t f = e + 1; f < print->element_count; f++) {
            const struct layout_element *other = &print->elements[f];
            /* "Go to ..." stands behind the label's last line. */
            if (other->kind == ELEMENT_TEXT && other->style == TYPE_GOTO)
                text = last_line(element);
            if (other->kind == ELEMENT_TEXT &&
                rect_overlap(text, rect_grow(other->rect_mm, -0.4)))
                fail_msg("page %d: '%s' and '%s' overlap", page->number, element->text,
                         other->text);
        }
    }
    free(areas);
}

static void check_cells(const struct template_field *field)
{
    for (size_t c = 0; c < field->cell_count; c++) {
        struct rect cell = field->cells_mm[c];
        assert_true(cell.x >= field->rect_mm.x - 0.011 &&
                    cell.x + cell.w <= field->rect_mm.x + field->rect_mm.w + 0.011);
        if (c > 0)
            assert_true(cell.x >= field->cells_mm[c - 1].x + field->cells_mm[c - 1].w + 0.5);
    }
}

static void check_form(const char *path)
{
    struct layout *layout;
    struct form *form = laid_out(&layout, path);
    assert_int_equal(layout->page_count, form->page_count);
    size_t *seen = calloc(form->item_count * 64, sizeof *seen);
    for (size_t p = 0; p < form->page_count; p++) {
        const struct template_page *page = &form->pages[p];
        check_page(page, &layout->pages[p]);
        for (size_t i = 0; i < page->box_count; i++)
            seen[page->boxes[i].item * 64 + page->boxes[i].option]++;
        for (size_t i = 0; i < page->field_count; i++) {
            seen[page->fields[i].item * 64]++;
            check_cells(&page->fields[i]);
        }
    }
    for (size_t item = 0; item < form->item_count; item++) {
        size_t places = item_question(form, item)->option_count;
        assert_true(places <= 64);
        for (size_t option = 0; option < (places == 0 ? 1 : places); option++)
            assert_int_equal(seen[item * 64 + option], 1);
    }
    free(seen);
    form_free(form);
}

static void test_shipped_form(void **state)
{
    (void)state;
    check_form(SHIPPED);
    struct layout *layout;
    struct form *form = laid_out(&layout, SHIPPED);
    assert_in_range(form->question_count, 60, 200);
    assert_in_range(form->page_count, 8, 12);
    form_free(form);
}

static void test_awkward_form(void **state)
{
    (void)state;
    char *folder = write_form(awkward);
    check_form(folder);
    remove_form(folder);
}

/* Boxes of a list stand in one straight column. */
static void test_boxes_stand_in_line(void **state)
{
    (void)state;
    struct layout *layout;
    struct form *form = laid_out(&layout, SHIPPED);
    for (size_t p = 0; p < form->page_count; p++)
        for (size_t i = 1; i < form->pages[p].box_count; i++) {
            const struct template_box *a = &form->pages[p].boxes[i - 1], *b = a + 1;
            const struct question *question = item_question(form, a->item);
            if (a->item == b->item && question->kind != QUESTION_GRID && question->columns == 0)
                assert_true(a->rect_mm.x == b->rect_mm.x && a->rect_mm.y < b->rect_mm.y);
        }
    form_free(form);
}

static void expect_trouble(const char *question, const char *words)
{
    char yaml[2048];
    snprintf(yaml, sizeof yaml,
             "form: f\ncode: F\nversion: \"1\"\ntitle: F\nlanguage: en\nsections:\n"
             "  - title: S\n    questions:\n      - %s\n", question);
    char *folder = write_form(yaml);
    struct form *form;
    struct layout *layout;
    struct error err = {""};
    assert_true(form_load_questionnaire(&form, folder, &err));
    assert_false(layout_make(&layout, form, &err));
    if (strstr(err.text, words) == NULL)
        fail_msg("'%s' does not say '%s'", err.text, words);
    form_free(form);
    remove_form(folder);
}

static void test_what_does_not_fit(void **state)
{
    (void)state;
    expect_trouble("{name: q, text: T, kind: comment, lines: 40}", "does not fit on a page");
    expect_trouble("{name: q, text: T, kind: digits, cells: 15}", "15 cells do not fit");
    expect_trouble("{name: q, text: T, kind: grid, options: [{code: 1, label: a}, {code: 2, label: "
                   "a}, {code: 3, label: a}, {code: 4, label: a}, {code: 5, label: a}, {code: 6, "
                   "label: a}, {code: 7, label: a}, {code: 8, label: a}], rows: [{name: r, text: "
                   "t}]}", "too many for a grid");
}

static char *read_whole(const char *folder, const char *name)
{
    char *path = file_join(folder, name), *bytes;
    size_t length;
    struct error err;
    if (!file_read_whole(&bytes, &length, path, 1 << 26, &err))
        fail_msg("%s", err.text);
    free(path);
    return bytes;
}

static bool build_into(struct build_result *result, const char *folder, const char *from,
                       bool force, struct error *err)
{
    struct form *form;
    if (!form_load_questionnaire(&form, from, err))
        fail_msg("%s", err->text);
    bool fine = form_build(result, form, folder, force, err);
    if (fine && strcmp(result->font, "Inter") != 0)
        print_message("the typeface Inter is missing\n");
    result->font = NULL;
    form_free(form);
    return fine;
}

/* Two builds give the same bytes, and what is committed is what the form builds. */
static void test_build_is_repeatable(void **state)
{
    (void)state;
    struct build_result result;
    struct error err = {""};
    char *folder = write_form(awkward);
    assert_true(build_into(&result, folder, folder, false, &err));
    assert_true(result.changed);
    char *first = read_whole(folder, "blank.pdf");
    assert_true(build_into(&result, folder, folder, false, &err));
    assert_false(result.changed);
    char *second = read_whole(folder, "blank.pdf");
    assert_string_equal(first, second);
    free(first);
    free(second);
    remove_form(folder);
}

/* A printed wave must keep matching. */
static void test_build_guards_the_template(void **state)
{
    (void)state;
    struct build_result result;
    struct error err = {""};
    char *folder = write_form(awkward);
    assert_true(build_into(&result, folder, folder, false, &err));
    char *before = read_whole(folder, "template.json");
    char *changed = strdup(awkward), *path = file_join(folder, "form.yaml");
    memcpy(strstr(changed, "cells: 4"), "cells: 3", 8);
    assert_true(file_write_whole(path, changed, strlen(changed), &err));
    assert_false(build_into(&result, folder, folder, false, &err));
    assert_non_null(strstr(err.text, "--force"));
    char *after = read_whole(folder, "template.json");
    assert_string_equal(before, after);
    free(after);
    assert_true(build_into(&result, folder, folder, true, &err));
    assert_true(result.changed);
    memcpy(strstr(changed, "cells: 3"), "cells: 5", 8);
    memcpy(strstr(changed, "version: \"1\""), "version: \"2\"", 12);
    assert_true(file_write_whole(path, changed, strlen(changed), &err));
    assert_true(build_into(&result, folder, folder, false, &err)); /* another version */
    free(changed);
    free(path);
    free(before);
    remove_form(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped_form),        cmocka_unit_test(test_awkward_form),
        cmocka_unit_test(test_boxes_stand_in_line), cmocka_unit_test(test_what_does_not_fit),
        cmocka_unit_test(test_build_is_repeatable), cmocka_unit_test(test_build_guards_the_template),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
