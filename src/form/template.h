/* template.json: where everything of a form stands on paper. The format is described in
 * marksense-form(5). */
#ifndef FORM_TEMPLATE_H
#define FORM_TEMPLATE_H

#include "base/error.h"
#include "form/model.h"

#define TEMPLATE_FILE "template.json"

/* Reads the file into form->pages and checks it against the questionnaire: every box and field
 * belongs to an item, every item's options and written answers have their place, once. */
bool template_load(struct form *form, const char *path, struct error *err);

/* Writes form->pages: stable order, at most 3 decimals, one box a line; whole or not at all. */
bool template_save(const struct form *form, const char *path, struct error *err);

/* Puts each page's boxes in order of item and option, fields in order of item, landmarks in order
 * of y and x: what the model promises. */
void template_sort(struct form *form);

/* What template_load() checks of pages made by other means (sorted ones). `name` is how errors call
 * them. */
bool template_check(const struct form *form, const char *name, struct error *err);

#endif
