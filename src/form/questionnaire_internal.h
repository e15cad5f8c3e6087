/* What the parts of the form.yaml parser share. */
#ifndef FORM_QUESTIONNAIRE_INTERNAL_H
#define FORM_QUESTIONNAIRE_INTERNAL_H

#include <glib.h>

#include "form/questionnaire.h"
#include "form/yaml_input.h"

struct loader {
    struct yaml_input *in;
    struct form *form;
    struct error *err;    /* the caller's, until something is wrong; then `later` */
    struct error later;
    struct text *more;    /* what else is wrong, a line each; NULL: the first error ends it */
    size_t errors;
    GHashTable *names; /* question and row names -> question index + 1 */
    GArray *jumps;     /* struct jump */
    GArray *items;     /* struct item */
    long running;      /* the number of the last numbered question */
};

/* After an error: whether what does not depend on it is to be read all the same. */
bool questionnaire_goes_on(struct loader *l);

/* The list of keys and its length, as yaml_input_map() takes them. */
#define KEYS(keys) keys, sizeof(keys) / sizeof *(keys)

/* A name or code that stands in data files: any text that is not empty or endless. Spaces and line
 * ends stay, because the names of an imported form are somebody else's. */
bool questionnaire_read_name(struct loader *l, const char **out, const yaml_node_t *node,
                             const char *what);

/* The "policy" mapping into l->form->policy; NULL gives the defaults. */
bool questionnaire_read_policy(struct loader *l, const yaml_node_t *node);

#endif
