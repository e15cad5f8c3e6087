/* Whole files in and out of a form folder. */
#ifndef FORM_FILE_H
#define FORM_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* "folder/name"; the caller frees it. */
char *file_join(const char *folder, const char *name);

/* Whether there is something of this name in the folder. */
bool file_holds(const char *folder, const char *name);

/* Reads a regular file of at most `most` bytes; *out is NUL-terminated and freed by the caller. */
bool file_read_whole(char **out, size_t *length, const char *path, size_t most, struct error *err);

/* Writes beside the file and renames: under `path` stands the old content or the new, never a part.
 */
bool file_write_whole(const char *path, const void *bytes, size_t length, struct error *err);

#endif
