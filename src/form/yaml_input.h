/* A YAML document with positions: typed access whose errors say file, line, column, what was
 * expected and what stood there. Made for hostile input: size, depth and the work that aliases can
 * multiply are limited. (By libyaml.) */
#ifndef FORM_YAML_INPUT_H
#define FORM_YAML_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include <yaml.h>

#include "base/arena.h"
#include "base/error.h"

struct yaml_input {
    const char *name; /* how errors call the file; borrowed */
    yaml_document_t document;
    size_t budget;    /* what may still be visited: one a mapping or list, one a byte of text */
};

/* One key that a mapping may have. */
struct yaml_key {
    const char *name;
    bool required;
};

/* Parses one document. Nothing to release where it fails. */
bool yaml_input_parse(struct yaml_input *out, const char *name, const char *bytes, size_t length,
                      struct error *err);
void yaml_input_release(struct yaml_input *input);

/* NULL for an empty document. */
const yaml_node_t *yaml_input_root(struct yaml_input *input);

/* "name:line:column: message" at the node (NULL: the start of the file). Returns false. */
bool yaml_input_fail(const struct yaml_input *input, const yaml_node_t *node, struct error *err,
                     const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Fills values[i] with the value of keys[i], NULL where it is absent. A key that is unknown, twice
 * or missing is an error. `what` names the mapping in errors ("a question"). */
bool yaml_input_map(const yaml_node_t **values, struct yaml_input *input, const yaml_node_t *node,
                    const char *what, const struct yaml_key *keys, size_t count, struct error *err);

/* How many elements the list has. */
bool yaml_input_list(size_t *count, struct yaml_input *input, const yaml_node_t *node,
                     const char *what, struct error *err);
const yaml_node_t *yaml_input_element(struct yaml_input *input, const yaml_node_t *list,
                                      size_t index);

/* A scalar as text, copied into the arena; NULL for an absent node and for an unquoted empty value,
 * "~" or "null". Control characters other than line feed and tab are errors. */
bool yaml_input_text(const char **out, struct yaml_input *input, struct arena *arena,
                     const yaml_node_t *node, const char *what, struct error *err);

/* These leave *out alone where the node is absent (NULL). */
bool yaml_input_bool(bool *out, struct yaml_input *input, const yaml_node_t *node,
                     const char *what, struct error *err);
bool yaml_input_long(long *out, struct yaml_input *input, const yaml_node_t *node, const char *what,
                     long minimum, long maximum, struct error *err);
bool yaml_input_double(double *out, struct yaml_input *input, const yaml_node_t *node,
                       const char *what, double minimum, double maximum, struct error *err);

/* One of the words of `names` (a NULL entry is a value that has no word here); *out its index. */
bool yaml_input_choice(int *out, struct yaml_input *input, const yaml_node_t *node,
                       const char *what, const char *const *names, size_t count,
                       struct error *err);

#endif
