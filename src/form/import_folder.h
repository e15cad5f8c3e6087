/* A form folder that appears whole or not at all. */
#ifndef FORM_IMPORT_FOLDER_H
#define FORM_IMPORT_FOLDER_H

#include <stdbool.h>

#include "base/error.h"

/* Makes an empty folder beside `folder` to fill in; *out is its path, freed by the caller. Fails
 * where `folder` exists already, unless `force` is set and it holds a form. */
bool folder_begin(char **out, const char *folder, bool force, struct error *err);

/* Puts the filled folder under its final name. Of a form that was there before, files of ours are
 * replaced and files of others kept. */
bool folder_finish(const char *part, const char *folder, struct error *err);

/* Removes the folder begun, with our files in it. */
void folder_abandon(const char *part);

/* Copies a file. */
bool folder_copy_file(const char *from, const char *folder, const char *name, struct error *err);

#endif
