/* Lines to write on beside given boxes, on forms drawn here: found, tied to their box, and left alone where
 * they are none of its. What becomes of two marks where one is allowed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <allheaders.h>
#include <glib.h>

#include "form/file.h"
#include "form/import.h"
#include "form/load.h"
#include "form/plate.h"

#define PX_PER_MM (PLATE_DPI / MM_PER_INCH)
#define SIDE 4.0

static char *folder;

/* A page that is drawn on, and the BOXES.json of its boxes. */
struct drawn {
    PIX *plate;
    struct text boxes;
};

static int px(double mm)
{
    return (int)lround(mm * PX_PER_MM);
}

static void ink(struct drawn *d, double x, double y, double w, double h)
{
    pixRasterop(d->plate, px(x), px(y), px(w), px(h), PIX_SET, NULL, 0, 0);
}

/* Words, as far as rows of box and line can tell: uprights with white between. */
static void label(struct drawn *d, double x, double y, double width)
{
    for (double at = 0; at < width; at += 0.8)
        ink(d, x + at, y, 0.4, 2.6);
}

static void box(struct drawn *d, const char *value, double x, double y)
{
    ink(d, x, y, SIDE, 0.3);
    ink(d, x, y + SIDE - 0.3, SIDE, 0.3);
    ink(d, x, y, 0.3, SIDE);
    ink(d, x + SIDE - 0.3, y, 0.3, SIDE);
    text_addf(&d->boxes, "%s{\"question\": \"q\", \"value\": \"%s\", \"label\": \"label %s\", \"rect\": "
              "[%d, %d, %d, %d]}", d->boxes.length == 0 ? "" : ", ", value, value, px(x), px(y),
              px(SIDE), px(SIDE));
}

static void drawn_init(struct drawn *d)
{
    d->plate = pixCreate(px(210), px(297), 1);
    assert_non_null(d->plate);
    text_init(&d->boxes);
    for (int row = 0; row < 10; row++) /* print to hold on to, and to lie level by */
        for (int word = 0; word < 5; word++)
            label(d, 25 + 33 * word, 180 + 10 * row, 22 + (row * 5 + word * 3) % 9);
}

static struct form *import(struct drawn *d, const char *more, struct text *notes)
{
    char *blank = file_join(folder, "blank.png"), *boxes = file_join(folder, "boxes.json");
    char *out = file_join(folder, "form");
    struct text json;
    struct import_report report;
    struct error err;
    struct form *form = NULL;
    text_init(&json);
    text_addf(&json, "{\"dpi\": %d, \"pages\": [{\"page\": 1, \"boxes\": [%s]%s", PLATE_DPI,
              d->boxes.data, more);
    pixSetResolution(d->plate, PLATE_DPI, PLATE_DPI);
    assert_int_equal(pixWrite(blank, d->plate, IFF_PNG), 0);
    assert_true(file_write_whole(boxes, json.data, json.length, NULL));
    struct import_options options = {.blank = blank, .boxes = boxes, .folder = out};
    if (!form_import(&report, &options, &err) || !form_load(&form, out, &err))
        fail_msg("%s", err.text);
    text_add(notes, report.notes.data);
    import_report_release(&report);
    static const char *const names[] = {"form.yaml", "template.json", "blank.tif"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *file = file_join(out, names[i]);
        unlink(file);
        free(file);
    }
    rmdir(out);
    unlink(blank);
    unlink(boxes);
    free(blank);
    free(boxes);
    free(out);
    text_release(&json);
    text_release(&d->boxes);
    pixDestroy(&d->plate);
    return form;
}

/* The field tied to the option of this code; NULL: none. */
static const struct template_field *line_of(const struct form *form, const char *code)
{
    const struct template_field *found = NULL;
    for (size_t f = 0; f < form->pages[0].field_count; f++) {
        const struct template_field *field = &form->pages[0].fields[f];
        assert_true(field->has_box);
        const struct question *question = item_question(form, field->box_item);
        if (strcmp(question->options[field->box_option].code, code) != 0)
            continue;
        assert_null(found);
        found = field;
    }
    return found;
}

static void draw_rows(struct drawn *d)
{
    box(d, "plain", 30, 30);
    label(d, 36, 31, 30);
    box(d, "other", 30, 40); /* [ ] Other: ______ */
    label(d, 36, 41, 14);
    ink(d, 52, 44, 60, 0.3);
    box(d, "writein", 30, 60); /* [ ] ______ */
    ink(d, 36, 64, 60, 0.3);
    for (int k = 0; k < 3; k++) { /* right under one another, each with its box */
        char name[8] = {'w', (char)('1' + k), '\0'};
        box(d, name, 30, 80 + 7 * k);
        ink(d, 36, 84 + 7 * k, 60, 0.3);
    }
    label(d, 30, 119, 14); /* Name: ______ */
    ink(d, 46, 122, 60, 0.3);
    box(d, "far", 30, 130); /* [ ] Yes        Which? ______ */
    label(d, 36, 131, 8);
    label(d, 70, 131, 12);
    ink(d, 84, 134, 60, 0.3);
    label(d, 30, 146, 14); /* Name ______ [ ]: leads to the box */
    ink(d, 46, 149, 60, 0.3);
    box(d, "after", 108, 145);
}

static void check_rows(const struct form *form)
{
    assert_int_equal(form->pages[0].field_count, 5);
    const struct template_field *other = line_of(form, "other");
    assert_non_null(other);
    assert_string_equal(form->items[other->item].name, "q_text");
    assert_string_equal(item_question(form, other->item)->text, "label other");
    assert_int_equal(other->kind, FIELD_TEXT);
    assert_true(fabs(other->rect_mm.x - 52) < 0.6 && fabs(other->rect_mm.w - 60) < 1);
    assert_true(fabs(other->rect_mm.y + other->rect_mm.h - 44.2) < 0.6 && other->rect_mm.h > 3);
    assert_non_null(line_of(form, "writein"));
    for (int k = 0; k < 3; k++) {
        const struct template_field *line = line_of(form, (char[]){'w', (char)('1' + k), '\0'});
        assert_non_null(line);
        assert_true(fabs(line->rect_mm.y + line->rect_mm.h - 84.2 - 7 * k) < 0.6);
    }
}

static void lines_beside_boxes_are_written_answers(void **state)
{
    (void)state;
    struct drawn d;
    struct text notes;
    text_init(&notes);
    drawn_init(&d);
    draw_rows(&d);
    struct form *form = import(&d, "}]}", &notes);
    check_rows(form);
    assert_non_null(strstr(notes.data, "page 1: 5 lines to write on beside boxes"));
    form_free(form);
    text_release(&notes);
}

/* A scanned blank lies askew; the lines are found where they lie. */
static void of_a_blank_that_lies_askew(void **state)
{
    (void)state;
    struct drawn d;
    struct text notes;
    text_init(&notes);
    drawn_init(&d);
    draw_rows(&d);
    PIX *askew = pixRotate(d.plate, 0.044f, L_ROTATE_SHEAR, L_BRING_IN_WHITE, 0, 0); /* 2.5 degrees */
    text_release(&d.boxes);
    text_init(&d.boxes);
    PIX *straight = d.plate;
    d.plate = askew;
    static const struct {
        const char *value;
        double x, y;
    } boxes[] = {{"other", 30, 40}, {"writein", 30, 60}};
    for (size_t k = 0; k < 2; k++) {
        double x = boxes[k].x + 2 - 105, y = boxes[k].y + 2 - 148.5, a = 0.044;
        text_addf(&d.boxes, "%s{\"question\": \"q\", \"value\": \"%s\", \"rect\": [%d, %d, %d, %d]}",
                  k == 0 ? "" : ", ", boxes[k].value, px(x * cos(a) - y * sin(a) + 103),
                  px(x * sin(a) + y * cos(a) + 146.5), px(SIDE), px(SIDE));
    }
    pixDestroy(&straight);
    struct form *form = import(&d, "}]}", &notes);
    assert_non_null(line_of(form, "other"));
    assert_non_null(line_of(form, "writein"));
    form_free(form);
    text_release(&notes);
}

/* Who says which fields there are is believed, also where that is none. */
static void given_fields_stand(void **state)
{
    (void)state;
    struct drawn d;
    struct text notes;
    text_init(&notes);
    drawn_init(&d);
    draw_rows(&d);
    struct form *form = import(&d, ", \"fields\": []}]}", &notes);
    assert_int_equal(form->pages[0].field_count, 0);
    form_free(form);
    text_release(&notes);
}

/* Where any deliberate mark is an answer, two are coded; where a mistake is filled in, or somebody says so,
 * a person looks. */
static void two_marks_are_coded_where_all_marks_are_answers(void **state)
{
    (void)state;
    static const struct {
        const char *more;
        enum case_rule rule;
    } cases[] = {
        {"}]}", RULE_REVIEW},
        {"}], \"correction\": \"fill\"}", RULE_REVIEW},
        {"}], \"correction\": \"none\"}", RULE_CODE},
        {"}], \"correction\": \"none\", \"multiple\": \"review\"}", RULE_REVIEW},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct drawn d;
        struct text notes;
        text_init(&notes);
        drawn_init(&d);
        draw_rows(&d);
        struct form *form = import(&d, cases[i].more, &notes);
        assert_int_equal(form->policy.multiple, cases[i].rule);
        assert_int_equal(strstr(notes.data, "coded '-96'") != NULL, cases[i].rule == RULE_CODE);
        if (cases[i].rule == RULE_CODE)
            assert_string_equal(form->policy.multiple_code, "-96");
        form_free(form);
        text_release(&notes);
    }
}

static int set_up(void **state)
{
    (void)state;
    folder = g_strdup("/tmp/marksense-test-XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    int left = rmdir(folder); /* fails where a test left something */
    g_free(folder);
    return left;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_beside_boxes_are_written_answers),
        cmocka_unit_test(of_a_blank_that_lies_askew),
        cmocka_unit_test(given_fields_stand),
        cmocka_unit_test(two_marks_are_coded_where_all_marks_are_answers),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
