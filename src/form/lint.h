/* Linting: what would go wrong with a form, found before it is printed. */
#ifndef FORM_LINT_H
#define FORM_LINT_H

#include "base/text.h"
#include "form/model.h"

struct lint_report {
    struct text findings; /* "error: ..." or "warning: ...", a line each, errors and warnings mixed
                             in order of the form */
    size_t errors;        /* data would be wrong or pages unreadable */
    size_t warnings;      /* a person should look */
};

/* Looks at the questionnaire and, where there is one, the template. Of findings that repeat on a
 * page one line tells the number and an example. The report is the caller's to release. */
void lint_form(struct lint_report *out, const struct form *form);
void lint_report_release(struct lint_report *report);

#endif
