/* A form folder, from disk to model and back. */
#ifndef FORM_LOAD_H
#define FORM_LOAD_H

#include "base/error.h"
#include "base/text.h"
#include "form/model.h"

/* Loads form.yaml (questionnaire and policy only). `path` is the form folder or the form.yaml in
 * it. Errors name file, line, column and what was expected. *out is the caller's: form_free(). */
bool form_load_questionnaire(struct form **out, const char *path, struct error *err);

/* The same, and what else is wrong with it, a line each. */
bool form_check_questionnaire(struct form **out, struct text *more, const char *path, struct error *err);

/* The same, with template.json: the form can then be printed and read. A form that was never built
 * or imported, or whose template does not match its questionnaire (a box of a question that does
 * not exist, a question without a place), is an error that says what to type. */
bool form_load(struct form **out, const char *path, struct error *err);

/* False: what form.yaml asks, or the codes and order of its answers, was changed after the form was built,
 * and copies of it say otherwise; `err` says what to do. Of imported forms nothing is known: true. */
bool form_is_as_printed(const struct form *form, struct error *err);

/* Writes the form.yaml that loads to this questionnaire into the folder; whole or not at all. */
bool form_save_questionnaire(const struct form *form, const char *folder, struct error *err);

#endif
