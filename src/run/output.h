/* The folder of results: built under a temporary name inside it, put in place whole at the end. */
#ifndef RUN_OUTPUT_H
#define RUN_OUTPUT_H

#include <stdbool.h>

#include "base/error.h"

struct output;

/* Makes the folder where it is missing and takes it for this process alone. An error where another
 * process is writing there, where it holds results and `replace` is false, or where it cannot be
 * written. Left-overs of a run that was killed are cleared away. *out is the caller's. */
bool output_open(struct output **out, const char *folder, bool replace, struct error *err);

/* Path of the temporary folder, in which results are built under their final names. */
const char *output_workspace(const struct output *output);

/* Puts everything that stands in the workspace under a name of results on the disk for good and in
 * place. Either all of it stands under its final name afterwards, or nothing new does. */
bool output_commit(struct output *output, struct error *err);

/* Removes the workspace, and the folder itself where this run made it and nothing was put there.
 * NULL is allowed. */
void output_close(struct output *output);

#endif
