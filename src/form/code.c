/* What the 2-D code on a printed page says, and the check character of the reference. */
#include "form/code.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "MS1/"
#define PAGE_MAX 9999

static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

static int value_of(char c)
{
    const char *found = c == '\0' ? NULL : strchr(alphabet, c);
    return found == NULL ? -1 : (int)(found - alphabet);
}

/* ISO/IEC 7064 hybrid system, modulus M = 36: p starts at M; for each character
 * s = (p + value) mod M, taken as M where 0; p = 2 s mod (M + 1). */
static int hybrid(int p, int value)
{
    int s = (p + value) % 36;
    return (s == 0 ? 36 : s) * 2 % 37;
}

char reference_check_character(const char *reference_without_check)
{
    int p = 36;
    if (reference_without_check[0] == '\0')
        return '\0';
    for (const char *c = reference_without_check; *c != '\0'; c++) {
        int value = value_of(*c);
        if (value < 0)
            return '\0';
        p = hybrid(p, value);
    }
    /* The check character c makes (p + c) mod 36 = 1. */
    return alphabet[(37 - p) % 36];
}

bool reference_is_valid(const char *reference_with_check)
{
    size_t length = strlen(reference_with_check);
    char body[REFERENCE_BYTES];
    if (length < 2 || length >= sizeof body)
        return false;
    memcpy(body, reference_with_check, length - 1);
    body[length - 1] = '\0';
    char check = reference_check_character(body);
    return check != '\0' && check == reference_with_check[length - 1];
}

/* A part of the code: not empty, of QR's alphanumeric characters, no '/' that would end it. */
bool page_code_part_fits(const char *part)
{
    return part[0] != '\0' &&
           part[strspn(part, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-.:")] == '\0';
}

bool page_code_format(char *out, size_t size, const struct page_code *code)
{
    if (!page_code_part_fits(code->form) || !page_code_part_fits(code->version) ||
        !page_code_part_fits(code->reference) ||
        code->page < 1 || code->page > PAGE_MAX)
        return false;
    int length = snprintf(out, size, PREFIX "%s/%s/%d/%s", code->form, code->version, code->page,
                          code->reference);
    return length > 0 && (size_t)length < size;
}

/* Takes the part up to the next '/' (or, where `last`, up to the end). NULL where it does not fit.
 */
static const char *take_part(char *out, size_t size, const char *from, bool last)
{
    size_t length = strcspn(from, "/");
    if (length >= size || (from[length] == '\0') != last)
        return NULL;
    memcpy(out, from, length);
    out[length] = '\0';
    if (!page_code_part_fits(out))
        return NULL;
    return from + length + (last ? 0 : 1);
}

bool page_code_parse(struct page_code *out, const char *text)
{
    char page[8];
    memset(out, 0, sizeof *out);
    if (strncmp(text, PREFIX, strlen(PREFIX)) != 0)
        return false;
    const char *rest = text + strlen(PREFIX);
    if ((rest = take_part(out->form, sizeof out->form, rest, false)) == NULL ||
        (rest = take_part(out->version, sizeof out->version, rest, false)) == NULL ||
        (rest = take_part(page, sizeof page, rest, false)) == NULL ||
        take_part(out->reference, sizeof out->reference, rest, true) == NULL)
        return false;
    if (page[strspn(page, "0123456789")] != '\0' || page[0] == '0')
        return false;
    long number = strtol(page, NULL, 10);
    out->page = number >= 1 && number <= PAGE_MAX ? (int)number : 0;
    return out->page > 0;
}
