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
    struct batch_rejection rejections[1] = {
        {.reason = FLAG_FILE_TRUNCATED,
         .count = 1234,
         .examples = {{.source = "a.tif", .detail = "", .image = 2, .images = 4},
                      {.source = "b.png", .detail = "why", .image = 0, .images = 1},
                      {.source = "c.pdf", .detail = "", .image = -1, .images = 1}},
         .example_count = 3}};
    struct batch_summary summary = {.files = 1, .images = 1234567, .pages_read = 1, .returns = 3,
                                    .complete = 1, .partial = 2, .answers = 60,
                                    .answers_flagged = 4, .flags = 9, .rejections = rejections,
                                    .rejection_count = 1, .seconds = 3700, .reading_s = 3600};
    struct report_options options = {.folder = "out"};
    struct text text;
    text_init(&text);
    report_summary(&text, &summary, &options);
    assert_says(&text, "1,234,567   in 1 file\n");
    assert_says(&text, "1 complete (0 of them blank), 2 with pages missing");
    assert_says(&text, "a.tif, image 3\n");
    assert_says(&text, "b.png (why)\n");
    assert_says(&text, "c.pdf\n");
    assert_says(&text, "and 1,231 more");
    assert_says(&text, flag_sentence(FLAG_FILE_TRUNCATED));
    assert_says(&text, flag_advice(FLAG_FILE_TRUNCATED));
    assert_says(&text, "9 things need a look. Next: open out/flags.csv");
    assert_says(&text, "1 h 01 min");
    assert_null(strchr(text.data, '\033'));
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
