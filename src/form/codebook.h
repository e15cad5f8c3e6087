/* The codebook: what each variable and each code of the data means, as a table. */
#ifndef FORM_CODEBOOK_H
#define FORM_CODEBOOK_H

#include "base/error.h"
#include "base/text.h"
#include "form/model.h"

/* Appends the codebook as CSV (RFC 4180, UTF-8): one row a variable and code. */
void codebook_write(struct text *out, const struct form *form);

/* Writes it as a file; whole or not at all. */
bool codebook_save(const struct form *form, const char *path, struct error *err);

#endif
