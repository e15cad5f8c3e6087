/* What the 2-D code on a printed page says, and the check digit of the reference. */
#ifndef FORM_CODE_H
#define FORM_CODE_H

#include <stdbool.h>
#include <stddef.h>

#define REFERENCE_BYTES 33

/* Code text: "MS1/<form code>/<version>/<page>/<reference>", upper case; the reference carries its
 * check character last. Characters are those of QR's alphanumeric mode. */
struct page_code {
    char form[33];
    char version[33];
    int page;
    char reference[REFERENCE_BYTES];
};

/* The check character is that of ISO/IEC 7064 MOD 37,36 over 0-9A-Z: it catches every single
 * substitution and nearly every transposition of neighbours. Gives '\0' for an empty reference and
 * for one with other characters. */
char reference_check_character(const char *reference_without_check);
bool reference_is_valid(const char *reference_with_check);

/* Writes the code's text. False where it does not fit or a part has a character QR's alphanumeric
 * mode lacks. */
bool page_code_format(char *out, size_t size, const struct page_code *code);

/* Whether this may stand in a code as form or version. */
bool page_code_part_fits(const char *part);

/* False where the text is not one of our codes at all. The check character is not looked at. */
bool page_code_parse(struct page_code *out, const char *text);

#endif
