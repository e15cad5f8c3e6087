/* form.yaml in memory: parsing and writing the questionnaire and its policy. */
#ifndef FORM_QUESTIONNAIRE_H
#define FORM_QUESTIONNAIRE_H

#include "base/error.h"
#include "base/hash.h"
#include "base/text.h"
#include "form/model.h"

/* Parses the text of a form.yaml; `name` is how errors call it. *out is the caller's. `more` (NULL: nobody asks):
 * gets the errors after the first, a line each, of questions and rules that can be looked at in spite of it. */
bool questionnaire_parse(struct form **out, struct text *more, const char *name, const char *bytes, size_t length,
                         struct error *err);

/* The policy of a study that says nothing. */
struct policy policy_default(void);

/* Appends the form.yaml that parses to this questionnaire. */
bool questionnaire_write(struct text *out, const struct form *form, struct error *err);

/* The hash of all that is printed of the questionnaire: texts, options with their codes, order, routes,
 * version; not the policy, nor what is critical, exclusive or in which range. */
bool questionnaire_digest(char out[HASH_TEXT_BYTES], const struct form *form, struct error *err);

/* May this stand as "form:" or "version:"? */
bool questionnaire_id_fits(const char *id);
bool questionnaire_version_fits(const char *version);

#endif
