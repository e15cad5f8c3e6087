/* Inputs: natural order, folders, links, repeated files; and the folder of results. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <glib.h>

#include "run/inputs.h"
#include "run/output.h"

static char folder[] = "/tmp/marksense-test-XXXXXX";

static void put_file(const char *name, const char *content)
{
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    fputs(content, file);
    fclose(file);
}

static int enter(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/marksense-test-XXXXXX");
    return mkdtemp(folder) == NULL || chdir(folder) != 0;
}

static int leave(void **state)
{
    (void)state;
    char *command = g_strdup_printf("rm -rf %s", folder);
    int status = chdir("/") != 0 || system(command) != 0;
    g_free(command);
    return status;
}

static struct input_list list_of(struct arena *arena, const char *const *inputs, size_t count)
{
    struct input_list list;
    struct error err = {""};
    struct input_places places = {.results = "out", .spool = ".", .stdin_fd = 0, .stop_fd = -1};
    if (!inputs_list(&list, arena, inputs, count, &places, &err))
        fail_msg("%s", err.text);
    return list;
}

static bool refused(const char *input)
{
    struct arena *arena = arena_new();
    struct input_list list;
    struct error err = {""};
    struct input_places places = {.results = "out", .spool = ".", .stdin_fd = 0, .stop_fd = -1};
    bool ok = inputs_list(&list, arena, &input, 1, &places, &err);
    assert_true(ok || err.text[0] != '\0');
    arena_free(arena);
    return !ok;
}

static void numbers_count_as_numbers(void **state)
{
    (void)state;
    static const char *const in_order[] = {"",        "a",      "a1b",  "a2",    "a02", "a10",
                                           "a10.tif", "a10b",   "a100", "b",     "page 9",
                                           "page 10", "page-1", "Ä"};
    size_t count = sizeof in_order / sizeof *in_order;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < count; k++) {
            int order = natural_compare(in_order[i], in_order[k]);
            if ((i < k && order >= 0) || (i > k && order <= 0) || (i == k && order != 0))
                /* of equal numbers either order will do, if it is always the same */
                if (!(strcmp(in_order[i], "a2") == 0 && strcmp(in_order[k], "a02") == 0) &&
                    !(strcmp(in_order[i], "a02") == 0 && strcmp(in_order[k], "a2") == 0))
                    fail_msg("'%s' and '%s' compare as %d", in_order[i], in_order[k], order);
        }
    assert_true(natural_compare("a02", "a2") == -natural_compare("a2", "a02") ||
                natural_compare("a02", "a2") * natural_compare("a2", "a02") < 0);
    /* longer than any integer */
    assert_true(natural_compare("x99999999999999999999999998", "x99999999999999999999999999") < 0);
}

static void folders_are_walked_in_order(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    mkdir("in", 0777);
    mkdir("in/batch 2", 0777);
    mkdir("in/batch 10", 0777);
    put_file("in/batch 10/a.tif", "x");
    put_file("in/batch 2/p10.tif", "x");
    put_file("in/batch 2/p9.tif", "xx");
    put_file("in/.hidden.tif", "x");
    put_file("in/z.tif", "x");
    assert_int_equal(symlink("..", "in/batch 2/up"), 0);
    assert_int_equal(symlink("gone", "in/y"), 0);
    assert_int_equal(link("in/z.tif", "in/zz.tif"), 0);
    const char *inputs[] = {"in/", "./in/z.tif"};
    struct input_list list = list_of(arena, inputs, 2);
    static const char *const expected[] = {"in/batch 2/p9.tif", "in/batch 2/p10.tif",
                                           "in/batch 10/a.tif", "in/y", "in/z.tif"};
    assert_int_equal(list.count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(list.files[i].source, expected[i]);
    assert_int_equal(list.files[0].bytes, 2);
    assert_int_equal(list.files[3].trouble, FLAG_FILE_UNREADABLE);
    assert_int_equal(list.repeated, 2);
    arena_free(arena);
}

static void results_and_forms_are_no_scans(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    mkdir("in", 0777);
    mkdir("in/old", 0777);
    mkdir("in/form", 0777);
    put_file("in/old/store.sqlite", "x");
    put_file("in/old/readings.jsonl", "x");
    put_file("in/old/picture.png", "x");
    put_file("in/form/form.yaml", "x");
    put_file("in/form/blank.tif", "x");
    put_file("in/a.tif", "x");
    const char *inputs[] = {"in"};
    struct input_list list = list_of(arena, inputs, 1);
    assert_int_equal(list.count, 1);
    assert_int_equal(list.skipped_count, 2);
    assert_string_equal(list.skipped[0], "in/form");
    assert_true(refused("in/old"));
    assert_true(refused("in/form"));
    assert_true(refused("nothing"));
    mkdir("out", 0777);
    put_file("out/a.tif", "x");
    assert_true(refused("out"));
    assert_false(refused("in/old/picture.png")); /* named by itself: as the user likes */
    arena_free(arena);
}

static void names_become_text(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    put_file("a\xffz.tif", "x");
    put_file("b\033[31m\nz.tif", "x");
    const char *inputs[] = {"a\xffz.tif", "b\033[31m\nz.tif"};
    struct input_list list = list_of(arena, inputs, 2);
    assert_string_equal(list.files[0].source, "a\\xFFz.tif");
    assert_string_equal(list.files[0].path, "a\xffz.tif");
    assert_string_equal(list.files[1].source, "b\\x1B[31m\\x0Az.tif");
    assert_string_equal(list.files[1].path, "b\033[31m\nz.tif");
    arena_free(arena);
}

static bool holds(const char *path, const char *content)
{
    char *found = NULL;
    bool same = g_file_get_contents(path, &found, NULL, NULL) && strcmp(found, content) == 0;
    g_free(found);
    return same;
}

static void put_result(const struct output *output, const char *name, const char *content)
{
    char *path = g_build_filename(output_workspace(output), name, NULL);
    put_file(path, content);
    g_free(path);
}

static void results_come_whole(void **state)
{
    (void)state;
    struct error err = {""};
    struct output *output, *second;
    assert_true(output_open(&output, "out", false, &err));
    put_result(output, "records.csv", "one");
    assert_int_not_equal(access("out/records.csv", F_OK), 0);
    assert_false(output_open(&second, "out", false, &err));
    assert_non_null(strstr(err.text, "another marksense"));
    assert_true(output_commit(output, &err));
    output_close(output);
    assert_true(holds("out/records.csv", "one"));

    assert_false(output_open(&output, "out", false, &err));
    assert_non_null(strstr(err.text, "--replace"));
    assert_true(output_open(&output, "out", true, &err));
    put_result(output, "flags.csv", "two");
    output_close(output); /* given up: the earlier results stay */
    assert_true(holds("out/records.csv", "one"));
    assert_true(output_open(&output, "out", true, &err));
    put_result(output, "flags.csv", "two");
    assert_true(output_commit(output, &err));
    output_close(output);
    assert_true(holds("out/flags.csv", "two"));
    assert_int_not_equal(access("out/records.csv", F_OK), 0);
    assert_true(output_open(&output, "new", false, &err));
    output_close(output);
    assert_int_not_equal(access("new", F_OK), 0); /* made for nothing */
}

/* A run was killed while it replaced results: the earlier set is put together again. */
static void half_replaced_results_go_back(void **state)
{
    (void)state;
    struct error err = {""};
    struct output *output;
    mkdir("out", 0777);
    mkdir("out/.marksense-unfinished", 0777);
    mkdir("out/.marksense-unfinished/.earlier", 0777);
    put_file("out/.marksense-unfinished/.earlier/records.csv", "old");
    put_file("out/.marksense-unfinished/.earlier/store.sqlite", "old");
    put_file("out/.marksense-unfinished/flags.csv", "new");
    put_file("out/store.sqlite", "new");
    put_file("out/readings.jsonl", "old");
    assert_false(output_open(&output, "out", false, &err));
    assert_true(holds("out/records.csv", "old"));
    assert_true(holds("out/store.sqlite", "old"));
    assert_true(holds("out/readings.jsonl", "old"));
    assert_int_not_equal(access("out/flags.csv", F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_count_as_numbers),
        cmocka_unit_test_setup_teardown(folders_are_walked_in_order, enter, leave),
        cmocka_unit_test_setup_teardown(results_and_forms_are_no_scans, enter, leave),
        cmocka_unit_test_setup_teardown(names_become_text, enter, leave),
        cmocka_unit_test_setup_teardown(results_come_whole, enter, leave),
        cmocka_unit_test_setup_teardown(half_replaced_results_go_back, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
