/* Personalised copies of a form as one PDF, and the references they carry. */
#ifndef FORM_PRINT_H
#define FORM_PRINT_H

#include "base/error.h"
#include "form/code.h"
#include "form/model.h"

#define REFERENCE_DIGITS 8 /* of numbered references, without the check character */

/* References with their check characters, all different. */
struct reference_list {
    char (*at)[REFERENCE_BYTES];
    size_t count;
};

/* Numbers from `first` on, padded with zeros. */
bool references_number(struct reference_list *out, long first, long count, struct error *err);

/* The references of a CSV text: the column headed "reference" (any case), or the only column. They
 * stand there without check character; letters are taken as capitals. `name` is how errors call the
 * text. */
bool references_read_csv(struct reference_list *out, const char *text, const char *name,
                         struct error *err);

void references_release(struct reference_list *list);

/* True where some page has a place for a code or a reference. */
bool form_takes_references(const struct form *form);

/* Writes one copy per reference, or `plain_count` copies without where the list is NULL, all pages
 * of a copy together. `path` appears only when all is written; "-" is the standard output. */
bool print_copies(const char *path, const struct form *form, const struct reference_list *list,
                  size_t plain_count, struct error *err);

#endif
