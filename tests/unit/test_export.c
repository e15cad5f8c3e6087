/* The files people take away: fields, escaping, odd bytes, odd numbers, a full disk. */
#include "unit/record_fixture.h"

#include <jansson.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "export/export.h"

struct world {
    struct arena *arena;
    struct form *form;
    const struct form *forms[2];
    struct page_result results[7];
    struct batch_record record;
    struct export_batch batch;
    struct calibration calibration;
};

static void assemble(struct world *w, size_t form_count)
{
    w->record = record_assemble(w->arena, w->results, 7, w->forms, form_count, &w->calibration);
    w->batch = (struct export_batch){&w->record, w->results, 7, w->forms, form_count};
}

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    w->arena = arena_new();
    w->calibration = fixture_calibration();
    w->form = fixture_form(w->arena, true);
    w->forms[0] = w->form;
    for (size_t p = 0; p < 3; p++)
        w->results[p] = fixture_page(w->arena, w->form, 0, p, "0001A", "in/a.tif", (int)p);
    w->results[3] = fixture_page(w->arena, w->form, 0, 0, "0002B", "in/b \xff\"x\".tif", 0);
    w->results[4] = (struct page_result){.source = "in/notes.doc",
                                         .hash = "",
                                         .image = -1,
                                         .reason = FLAG_FILE_FOREIGN,
                                         .detail = "a Word file"};
    w->results[5] = fixture_page(w->arena, w->form, 0, 0, "0001A", "in/c.tif", 4);
    w->results[5].hash = "def"; /* another file, which shows a page again */
    w->results[6] = fixture_page(w->arena, w->form, 0, 2, "0009Z", "in/c.tif", 5);
    w->results[6].reason = FLAG_NOT_REGISTERED;
    w->results[6].detail = "the left third, stretched";
    fixture_mark(&w->results[0], w->form, "Q1", "1", CROSS);
    fixture_mark(&w->results[0], w->form, "Q2", "a", CROSS);
    fixture_mark(&w->results[0], w->form, "Q2", "c", CROSS);
    fixture_mark(&w->results[1], w->form, "Q3a", "2", FAINT);
    fixture_write(&w->results[1], "2054", 0.25f);
    fixture_write(&w->results[2], "=1+1,\n\"so\" \xc3\xa9\xff", 0.5f);
    w->results[2].placed.residuals.median_mm = (double)NAN;
    assemble(w, 1);
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    arena_free(w->arena);
    free(w);
    return 0;
}

typedef bool exporter(FILE *, const struct export_batch *, struct error *);

/* What the exporter writes, in the arena. */
static char *written(struct world *w, exporter *export)
{
    char *data = NULL;
    size_t length = 0;
    FILE *file = open_memstream(&data, &length);
    struct error err = {""};
    if (!export(file, &w->batch, &err))
        fail_msg("%s", err.text);
    fclose(file);
    assert_int_equal(strlen(data), length);
    char *copy = arena_strdup(w->arena, data);
    free(data);
    assert_null(strstr(copy, "nan"));
    assert_null(strstr(copy, "inf\""));
    return copy;
}

/* Line n (from 0) parsed; the caller releases it. */
static json_t *parsed_line(const char *text, int n)
{
    for (; n > 0; n--) {
        text = strchr(text, '\n');
        assert_non_null(text);
        text++;
    }
    json_error_t trouble;
    json_t *object = json_loadb(text, strcspn(text, "\n"), JSON_REJECT_DUPLICATES, &trouble);
    if (object == NULL)
        fail_msg("%s in %.80s", trouble.text, text);
    return object;
}

static const char *string_at(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    assert_non_null(value);
    return json_is_null(value) ? NULL : json_string_value(value);
}

static const json_t *answer_at(const json_t *record, size_t k)
{
    return json_array_get(json_object_get(record, "answers"), k);
}

static size_t lines_of(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += *text == '\n';
    return count;
}

static void records_say_everything(void **state)
{
    struct world *w = *state;
    char *text = written(w, export_records_jsonl);
    assert_int_equal(lines_of(text), 2);
    json_t *one = parsed_line(text, 0);
    assert_string_equal(string_at(one, "reference"), "0001A");
    assert_string_equal(string_at(one, "form"), "fixture");
    assert_string_equal(string_at(one, "version"), "1");
    assert_string_equal(string_at(one, "outcome"), "complete");
    const json_t *pages = json_object_get(one, "pages"), *page = json_array_get(pages, 1);
    assert_int_equal(json_array_size(pages), 3);
    assert_int_equal(json_integer_value(json_object_get(page, "page")), 2);
    assert_int_equal(json_integer_value(json_object_get(page, "image")), 2);
    assert_string_equal(string_at(page, "hash"), "abc");
    const json_t *residual = json_object_get(page, "residual_mm");
    assert_true(json_real_value(json_object_get(residual, "median")) == 0.051);
    residual = json_object_get(json_array_get(pages, 2), "residual_mm");
    assert_true(json_is_null(json_object_get(residual, "median"))); /* not a number */
    const json_t *q2 = answer_at(one, 1);
    assert_string_equal(string_at(q2, "question"), "Q2");
    assert_string_equal(string_at(q2, "raw"), "a c");
    assert_string_equal(string_at(q2, "coded"), "a c");
    assert_string_equal(string_at(q2, "status"), "answered");
    assert_string_equal(string_at(q2, "routing"), "expected");
    assert_int_equal(json_array_size(json_object_get(q2, "marks")), 2);
    assert_string_equal(json_string_value(json_array_get(json_object_get(q2, "marks"), 1)), "c");
    assert_true(json_is_false(json_object_get(q2, "flagged")));
    assert_string_equal(string_at(q2, "source"), "in/a.tif");
    const json_t *rect = json_object_get(q2, "rect_px"); /* 30 to 94 mm, 80 to 84 mm at 300 dpi */
    assert_true(json_real_value(json_array_get(rect, 0)) == 354.3);
    assert_true(json_real_value(json_array_get(rect, 2)) == 755.9);
    const json_t *q6 = answer_at(one, 6);
    assert_string_equal(string_at(q6, "status"), "unreadable");
    assert_non_null(strstr(string_at(q6, "raw"), "\"so\" \xc3\xa9\xef\xbf\xbd"));
    assert_int_equal(json_array_size(json_object_get(one, "flags")),
                     w->record.returns[0].flag_count);
    json_decref(one);

    json_t *two = parsed_line(text, 1); /* pages 2 and 3 are missing */
    assert_string_equal(string_at(two, "outcome"), "partial");
    page = json_array_get(json_object_get(two, "pages"), 1);
    assert_string_equal(string_at(page, "status"), "missing");
    assert_string_equal(string_at(answer_at(two, 5), "status"), "page_missing");
    assert_null(string_at(answer_at(two, 5), "source"));
    assert_true(json_is_null(json_object_get(answer_at(two, 5), "image")));
    assert_true(json_is_null(json_object_get(answer_at(two, 5), "confidence")));
    json_decref(two);
}

static void readings_say_every_image_in_order(void **state)
{
    struct world *w = *state;
    char *text = written(w, export_readings_jsonl);
    assert_int_equal(lines_of(text), 7);
    json_t *read = parsed_line(text, 1);
    assert_string_equal(string_at(read, "source"), "in/a.tif");
    assert_int_equal(json_integer_value(json_object_get(read, "image")), 2);
    assert_int_equal(json_integer_value(json_object_get(read, "page")), 2);
    assert_string_equal(string_at(read, "return"), "0001A");
    assert_string_equal(string_at(read, "status"), "read");
    assert_null(string_at(read, "reason"));
    const json_t *boxes = json_object_get(read, "boxes");
    assert_int_equal(json_array_size(boxes), 4);
    const json_t *faint = json_array_get(boxes, 1);
    assert_string_equal(string_at(faint, "question"), "Q3a");
    assert_string_equal(string_at(faint, "value"), "2");
    assert_string_equal(string_at(faint, "state"), "uncertain");
    assert_true(json_is_true(json_object_get(faint, "flagged")));
    assert_int_equal(json_array_size(json_object_get(faint, "rect_px")), 4);
    const json_t *field = json_array_get(json_object_get(read, "fields"), 0);
    assert_string_equal(string_at(field, "text"), "2054");
    assert_true(json_is_true(json_object_get(field, "ink")));
    assert_true(json_is_true(json_object_get(field, "flagged")));
    json_decref(read);

    json_t *odd = parsed_line(text, 3); /* a byte that is no UTF-8 in the file's name */
    assert_string_equal(string_at(odd, "source"), "in/b \xef\xbf\xbd\"x\".tif");
    json_decref(odd);

    json_t *file = parsed_line(text, 4);
    assert_string_equal(string_at(file, "status"), "rejected");
    assert_string_equal(string_at(file, "reason"), "file_foreign");
    assert_true(json_is_null(json_object_get(file, "image")));
    assert_null(string_at(file, "form"));
    assert_true(json_is_null(json_object_get(file, "residual_mm")));
    json_decref(file);

    json_t *twice = parsed_line(text, 5);
    assert_string_equal(string_at(twice, "reason"), "page_twice");
    assert_string_equal(string_at(twice, "return"), "0001A");
    assert_int_equal(json_array_size(json_object_get(twice, "boxes")), 0);
    json_decref(twice);

    json_t *rejected = parsed_line(text, 6);
    assert_string_equal(string_at(rejected, "reason"), "not_registered");
    assert_string_equal(string_at(rejected, "detail"), "the left third, stretched");
    assert_int_equal(json_integer_value(json_object_get(rejected, "page")), 3);
    json_decref(rejected);
}

static void a_row_a_return(void **state)
{
    struct world *w = *state;
    assert_string_equal(
        written(w, export_records_csv),
        "return,form,version,outcome,flags,Q1,Q2,Q2.a,Q2.b,Q2.c,Q2.none,Q3a,Q3b,Q4,Q5,Q6\r\n"
        "0001A,fixture,1,complete,4,1,a c,1,0,1,0,,-99,,-99,\r\n"
        "0002B,fixture,1,partial,1,-99,,,,,,,,,,\r\n");
}

static void codes_with_spaces_and_skipped_questions(void **state)
{
    struct world *w = *state;
    struct option *options = ARENA_NEW(w->arena, struct option, 4);
    memcpy(options, fixture_q2, sizeof fixture_q2);
    options[0].code = "red";
    options[1].code = "green";
    options[2].code = "red green";
    w->form->questions[1].options = options;
    const char *text = written(w, export_records_csv); /* coded "a c" is no list any more */
    assert_non_null(strstr(text, ",a c,a c,a c,a c,a c,"));
    assemble(w, 1);
    text = written(w, export_records_csv);
    assert_non_null(strstr(text, "Q2.red green,"));
    assert_non_null(strstr(text, ",red red green,1,0,1,0,"));
    fixture_mark(&w->results[0], w->form, "Q1", "1", EMPTY);
    fixture_mark(&w->results[0], w->form, "Q1", "3", CROSS); /* the end: all routed past */
    assemble(w, 1);
    assert_non_null(
        strstr(written(w, export_records_csv), ",3,-98,-98,-98,-98,-98,-98,-98,-98,-98,-98\r\n"));
}

static void formulas_are_disarmed(void **state)
{
    struct world *w = *state;
    /* No draft is accepted yet; what a person will have keyed goes the same way. */
    w->record.returns[0].answers[6].coded = "=HYPERLINK(\"x\"),\ntwo";
    assert_non_null(
        strstr(written(w, export_records_csv), ",\"'=HYPERLINK(\"\"x\"\"),\ntwo\"\r\n"));
    w->record.returns[0].answers[6].coded = "plain";
    assert_non_null(strstr(written(w, export_records_csv), ",plain\r\n"));
}

static void forms_read_together_share_columns_by_name(void **state)
{
    struct world *w = *state;
    struct form *second = fixture_form(w->arena, true);
    second->id = "other";
    static const struct item items[] = {{"outcome", 0, 0, false}, {"Q2", 1, 0, false}};
    memcpy(second->items, items, sizeof items);
    second->item_count = second->question_count = 2;
    second->page_count = 1;
    w->forms[1] = second;
    w->results[5] = fixture_page(w->arena, second, 1, 0, "0001A", "in/c.tif", 4);
    fixture_mark(&w->results[5], second, "outcome", "2", CROSS);
    assemble(w, 2);
    const char *text = written(w, export_records_csv);
    assert_non_null(strstr(text, ",Q6,outcome_2\r\n"));
    assert_non_null(strstr(text, "0001A,other,1,complete,0,,-99,-99,-99,-99,-99,,,,,,2\r\n"));
}

static void a_row_a_flag(void **state)
{
    struct world *w = *state;
    const char *text = written(w, export_flags_csv);
    assert_ptr_equal(
        strstr(text, "return,form,source,image,page,question,value,reason,sentence,advice\r\n"),
        text);
    assert_non_null(strstr(text, ",,in/notes.doc,,,,,file_foreign,\"this is not a PNG, JPEG, TIFF "
                                 "or PDF file (a Word file)\","));
    assert_non_null(strstr(text, "0001A,fixture,in/c.tif,5,1,,,page_twice,\"this page of this return "
                                 "was read already (page 1 of return 0001A; kept: in/a.tif, image "
                                 "1)\","));
    assert_non_null(strstr(text, "0001A,fixture,in/a.tif,2,2,Q3a,2,mark_uncertain,"));
    assert_non_null(strstr(text, "0001A,fixture,in/a.tif,2,2,Q4,,written_answer,"));
    assert_non_null(strstr(text, "Q4,,out_of_range,the number is outside the range allowed (draft "
                                 "2054; allowed 1900 to 2010),"));
    assert_non_null(strstr(text, "0002B,fixture,,,,,,return_incomplete,pages of this return are "
                                 "missing (pages 2 and 3),"));
    assert_int_equal(lines_of(text), 1 + 3 + 4 + 1);
}

static void numbers_ignore_the_locale(void **state)
{
    struct world *w = *state;
    char *before = written(w, export_readings_jsonl);
    if (setlocale(LC_ALL, "de_DE.UTF-8") == NULL && setlocale(LC_ALL, "fr_FR.UTF-8") == NULL)
        return; /* no locale with a decimal comma here */
    assert_string_equal(written(w, export_readings_jsonl), before);
    setlocale(LC_ALL, "C");
}

static void a_full_disk_is_said(void **state)
{
    struct world *w = *state;
    exporter *all[] = {export_records_jsonl, export_readings_jsonl, export_records_csv,
                       export_flags_csv};
    const char *names[] = {"records.jsonl", "readings.jsonl", "records.csv", "flags.csv"};
    for (size_t k = 0; k < 4; k++) {
        FILE *file = fopen("/dev/full", "w");
        struct error err = {""};
        assert_false(all[k](file, &w->batch, &err));
        assert_non_null(strstr(err.text, names[k]));
        assert_non_null(strstr(err.text, "No space left"));
        fclose(file);
        file = fopen("/dev/full", "w");
        setvbuf(file, NULL, _IONBF, 0); /* fails at once rather than at the end */
        err.text[0] = '\0';
        assert_false(all[k](file, &w->batch, &err));
        assert_non_null(strstr(err.text, names[k]));
        fclose(file);
    }
}

static void nothing_at_all(void **state)
{
    struct world *w = *state;
    struct batch_record none = {0};
    w->batch.record = &none;
    w->batch.result_count = 0;
    assert_string_equal(written(w, export_records_jsonl), "");
    assert_string_equal(written(w, export_readings_jsonl), "");
    assert_int_equal(lines_of(written(w, export_records_csv)), 1);
    assert_int_equal(lines_of(written(w, export_flags_csv)), 1);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        T(records_say_everything), T(readings_say_every_image_in_order),
        T(a_row_a_return),         T(codes_with_spaces_and_skipped_questions),
        T(formulas_are_disarmed),  T(forms_read_together_share_columns_by_name),
        T(a_row_a_flag),           T(numbers_ignore_the_locale),
        T(a_full_disk_is_said),    T(nothing_at_all),
    };
#undef T
    return cmocka_run_group_tests(tests, NULL, NULL);
}
