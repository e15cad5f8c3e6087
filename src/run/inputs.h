/* What the user named, as a list of scan files in a fixed order. */
#ifndef RUN_INPUTS_H
#define RUN_INPUTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/flag.h"

struct input_file {
    const char *source; /* as the user named it: folder + name, valid UTF-8 */
    const char *path;   /* to open */
    long long bytes;
    enum flag trouble;  /* FLAG_NONE, or why it is not even opened */
    const char *detail; /* of the trouble; "" = none */
};

struct input_list {
    struct input_file *files;
    size_t count;
    size_t repeated;       /* files named twice and listed once */
    const char **skipped;  /* folders that hold results or a form, not scans */
    size_t skipped_count;
};

struct input_places {
    const char *results; /* folder where the results go: no input */
    const char *spool;   /* folder for what does not come from a file */
    int stdin_fd;        /* what "-" means */
    int stop_fd;         /* readable = stop; -1 = none */
};

/* Lists the files named, and those in the folders named, depth first, each folder in natural order
 * ("page2" before "page10"): what a disk's order of names may be plays no part. Hidden files, folders
 * that hold results of an earlier run or a form, and what was listed already are left out; links are
 * followed, loops of links are not. "-" is one scan file on standard input, which is
 * spooled, as is what a named pipe gives. What cannot be opened is listed with its trouble.
 * An error where an input is a results folder or a form, or nothing named exists. */
bool inputs_list(struct input_list *out, struct arena *arena, const char *const *inputs,
                 size_t count, const struct input_places *places, struct error *err);

/* The order of names with numbers in them: < 0, 0, > 0. Only equal strings give 0. */
int natural_compare(const char *a, const char *b);

#endif
