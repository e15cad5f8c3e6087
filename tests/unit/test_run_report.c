/* What the person at the keyboard is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "run/report.h"

static void assert_says(const struct text *text, const char *part)
{
    if (strstr(text->data, part) == NULL)
        fail_msg("'%s' is not in:\n%s", part, text->data);
}

static void summaries_speak_plainly(void **state)
{
    (void)state;
    struct batch_place places[7] = {
        {.source = "a.tif", .detail = "", .page = "page 3 of F", .image = 2, .last = 2},
        {.source = "b.png", .detail = "why", .page = "", .lone = true},
        {.source = "c.pdf", .detail = "", .page = "", .image = -1, .last = -1},
        {.source = "d.tif", .detail = "", .page = "", .image = 4, .last = 8},
        {.source = "e.tif", .detail = "", .page = ""},
        {.source = "f.tif", .detail = "", .page = "", .image = 0, .last = 1},
        {.source = "g.tif", .detail = "", .page = ""}};
    struct batch_rejection rejections[2] = {
        {.reason = FLAG_FILE_TRUNCATED, .count = 12, .places = places, .place_count = 7},
        {.reason = FLAG_BLANK_PAGE, .count = 1, .places = places, .place_count = 1}};
    const char *findings[] = {"streak 62 mm from the left edge"};
    struct batch_summary summary = {.files = 1, .images = 1234567, .pages_read = 1234554,
                                    .empty = 1, .twice = 2, .images_rejected = 10,
                                    .files_rejected = 2, .returns = 3,
                                    .complete = 1, .partial = 2, .answers = 60,
                                    .answers_flagged = 4, .answers_multiple = 5, .flags = 9, .rejections = rejections,
                                    .rejection_count = 2, .findings = findings,
                                    .finding_count = 1, .seconds = 3700, .reading_s = 3600};
    struct batch_missing missing[2] = {{"AB1", "pages 3 and 4"}, {"CD2", "page 12"}};
    summary.missing = missing;
    summary.boxes = 5000;
    summary.boxes_flagged = 50;
    summary.errors[0] = (struct batch_errors){.boxes = 4000, .expected = 0.04, .allowed = 0.048};
    summary.errors[1] = (struct batch_errors){.boxes = 950, .expected = 0.019, .allowed = 0.00095};
    summary.errors_proved = 0.2;
    struct report_options options = {.folder = "out"};
    struct text text;
    text_init(&text);
    report_summary(&text, &summary, &options);
    assert_says(&text, "0.059 wrong ones are expected\n");
    assert_says(&text, "ordinary questions: 1e-05 a box ('accept': 1.2e-05)\n");
    assert_says(&text, "critical questions: 2e-05 a box ('accept': 1e-06, fewer than such scans show)\n");
    assert_says(&text, "1,234,567   in 1 file\n");
    assert_says(&text, "1 complete (0 of them blank), 2 with pages missing");
    assert_says(&text, "read          1,234,554\n");
    assert_says(&text, "empty                 1   blank");
    assert_says(&text, "twice                 2   pages");
    assert_says(&text, "not read             10   see below");
    assert_says(&text, "multiple              5   more marks than allowed");
    assert_says(&text, "bad files");
    assert_says(&text, "Pages missing:\n          return AB1: pages 3 and 4\n          return CD2: page 12\n");
    assert_says(&text, "a.tif, image 3: page 3 of F\n");
    assert_says(&text, "b.png (why)\n");
    assert_says(&text, "c.pdf\n");
    assert_says(&text, "d.tif, images 5 to 9\n");
    assert_says(&text, "and 3 more");
    assert_null(strstr(text.data, "g.tif"));
    assert_says(&text, "  - streak 62 mm from the left edge.\n");
    assert_null(strstr(text.data, flag_sentence(FLAG_BLANK_PAGE))); /* counted alone */
    assert_says(&text, flag_sentence(FLAG_FILE_TRUNCATED));
    assert_says(&text, flag_advice(FLAG_FILE_TRUNCATED));
    assert_says(&text, "9 things need a look. Next: open out/flags.csv");
    assert_says(&text, "1 h 01 min");
    assert_null(strchr(text.data, '\033'));
    /* as a file: all of it, and nothing that differs from run to run */
    text_clear(&text);
    report_summary(&text, &summary, &(struct report_options){.whole = true});
    assert_says(&text, "g.tif");
    assert_says(&text, flag_sentence(FLAG_BLANK_PAGE));
    assert_null(strstr(text.data, "1 h 01 min"));
    text_release(&text);
}

static void progress_fits_its_line(void **state)
{
    (void)state;
    struct progress progress = {.doing = "reading", .images_done = 250, .images_expected = 1000,
                                .seconds = 10};
    struct text text;
    text_init(&text);
    report_progress(&text, &progress, 120);
    assert_says(&text, " 25 %");
    assert_says(&text, "25.0/s");
    assert_says(&text, "30 s to go");
    text_clear(&text);
    report_progress(&text, &progress, 20);
    assert_int_equal(text.length, 19);
    text_clear(&text);
    progress = (struct progress){.doing = "reading"};
    report_progress(&text, &progress, 80);
    assert_says(&text, "  0 %");
    text_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(summaries_speak_plainly),
        cmocka_unit_test(progress_fits_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
