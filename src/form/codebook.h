/* codebook.csv: what every variable of a form asks and what its codes mean. */
#ifndef FORM_CODEBOOK_H
#define FORM_CODEBOOK_H

#include "base/error.h"
#include "form/model.h"

/* A line per variable and code, the study's missing codes included; a variable that is written in
 * has one line with an empty code for what is written. UTF-8, RFC 4180. The form needs its template
 * (for the pages). Whole or not at all. */
bool codebook_write(const struct form *form, const char *path, struct error *err);

#endif
