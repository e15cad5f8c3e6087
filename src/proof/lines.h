/* Reading of JSON Lines: truth, readings, verified boxes. */
#ifndef PROOF_LINES_H
#define PROOF_LINES_H

#include <jansson.h>
#include <stdbool.h>

#include "base/error.h"

/* Calls `each` for every line of the file. False: err, with file and line. */
bool lines_each(const char *path, bool (*each)(json_t *line, void *state, struct error *err),
                void *state, struct error *err);

/* The string under the key; "" where there is none. */
const char *lines_text(const json_t *object, const char *key);

/* "file.tif#3": an image by the name of its file, without folder, and its number. The caller's:
 * g_free(). */
char *lines_image_key(const json_t *line);
char *image_key_of(const char *source, int image);

#endif
