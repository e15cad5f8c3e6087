/* Page codes and the check character of ISO/IEC 7064 MOD 37,36. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "form/code.h"

static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/* The example of the Global Release Identifier standard, which uses this system. */
static void known_value(void **state)
{
    (void)state;
    assert_int_equal(reference_check_character("A12425GABC1234002"), 'M');
    assert_true(reference_is_valid("A12425GABC1234002M"));
    assert_false(reference_is_valid("A12425GABC1234002N"));
}

static void foreign_references(void **state)
{
    (void)state;
    assert_int_equal(reference_check_character(""), 0);
    assert_int_equal(reference_check_character("a1"), 0);
    assert_int_equal(reference_check_character("1-2"), 0);
    assert_false(reference_is_valid(""));
    assert_false(reference_is_valid("7"));
    assert_false(reference_is_valid("1234567890123456789012345678901234567890"));
}

static void with_check(char *out, size_t size, unsigned long number)
{
    char body[24];
    snprintf(body, sizeof body, "%07lu%c%c", number % 10000000, alphabet[number * 7 % 36],
             alphabet[number * 13 % 36]);
    snprintf(out, size, "%s%c", body, reference_check_character(body));
}

static void every_substitution_is_caught(void **state)
{
    (void)state;
    char reference[32];
    for (unsigned long n = 1; n < 3000000; n += 7919) {
        with_check(reference, sizeof reference, n);
        assert_true(reference_is_valid(reference));
        for (size_t i = 0; reference[i] != '\0'; i++) {
            char right = reference[i];
            for (const char *c = alphabet; *c != '\0'; c++) {
                reference[i] = *c;
                assert_true(reference_is_valid(reference) == (*c == right));
            }
            reference[i] = right;
        }
    }
}

/* The standard promises all single substitutions and nearly all transpositions: from each state of
 * the sum one pair of neighbouring characters of 630 is missed. */
static void nearly_every_transposition_is_caught(void **state)
{
    (void)state;
    long tried = 0, missed = 0;
    char reference[8];
    for (const char *first = alphabet; *first != '\0'; first++)
        for (const char *a = alphabet; *a != '\0'; a++)
            for (const char *b = alphabet; *b != '\0'; b++) {
                if (*a == *b)
                    continue;
                char body[] = {*first, *a, *b, '\0'};
                snprintf(reference, sizeof reference, "%c%c%c%c", *first, *b, *a,
                         reference_check_character(body));
                tried++;
                missed += reference_is_valid(reference) ? 1 : 0;
            }
    assert_int_equal(tried, 36 * 36 * 35);
    assert_int_equal(missed, 36 * 2);
    /* ... and the check character changing places with its neighbour: as rarely */
    missed = tried = 0;
    for (unsigned long n = 1; n < 3000000; n += 911) {
        char ref[32];
        with_check(ref, sizeof ref, n);
        size_t last = strlen(ref) - 1;
        char check = ref[last];
        if (check == ref[last - 1])
            continue;
        ref[last] = ref[last - 1];
        ref[last - 1] = check;
        tried++;
        missed += reference_is_valid(ref) ? 1 : 0;
    }
    assert_true(missed * 200 < tried);
}

static void codes_come_back(void **state)
{
    (void)state;
    struct page_code code = {"CES", "2026", 11, "0000123X"}, back;
    char text[80], small[10];
    assert_true(page_code_format(text, sizeof text, &code));
    assert_string_equal(text, "MS1/CES/2026/11/0000123X");
    assert_true(page_code_parse(&back, text));
    assert_string_equal(back.form, "CES");
    assert_string_equal(back.version, "2026");
    assert_int_equal(back.page, 11);
    assert_string_equal(back.reference, "0000123X");
    assert_false(page_code_format(small, sizeof small, &code));
    strcpy(code.version, "2026a");
    assert_false(page_code_format(text, sizeof text, &code));
    strcpy(code.version, "20/26");
    assert_false(page_code_format(text, sizeof text, &code));
    strcpy(code.version, "2026");
    code.page = 0;
    assert_false(page_code_format(text, sizeof text, &code));
}

static void foreign_codes(void **state)
{
    (void)state;
    static const char *const foreign[] = {
        "", "MS1", "MS1/", "MS1/CES/2026/1", "MS1/CES/2026/1/", "MS1/CES/2026/1/R/", "MS2/C/1/1/R",
        "MS1//2026/1/R", "MS1/CES/2026/0/R", "MS1/CES/2026/01/R", "MS1/CES/2026/-1/R",
        "MS1/CES/2026/1x/R", "MS1/CES/2026/99999/R", "MS1/ces/2026/1/R", "http://example.org/",
        "MS1/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/1/1/R",
        "MS1/A/1/1/RRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRR", "MS1/A/1/1/R\n"};
    struct page_code code;
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        if (page_code_parse(&code, foreign[i]))
            fail_msg("taken: %s", foreign[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_value),
        cmocka_unit_test(foreign_references),
        cmocka_unit_test(every_substitution_is_caught),
        cmocka_unit_test(nearly_every_transposition_is_caught),
        cmocka_unit_test(codes_come_back),
        cmocka_unit_test(foreign_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
