/* Subcommands: one file each, one row in the table of main.c (or of cmd/form.c). */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include <stdbool.h>

#include "base/error.h"

enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,      /* the program could not go on */
    EXIT_USAGE = 2,       /* wrong option or argument */
    EXIT_NEEDS_PERSON = 3 /* done, but something needs a person */
};

struct command {
    const char *name;
    const char *summary; /* for the list of commands; NULL: not listed */
    int (*run)(int argc, char **argv); /* argv[0] is the command's name */
};

extern const struct command commands[]; /* main.c; ends with a NULL name */

int cmd_calibrate(int argc, char **argv);
int cmd_form(int argc, char **argv);
int cmd_form_check(int argc, char **argv);
int cmd_form_build(int argc, char **argv);
int cmd_form_print(int argc, char **argv);
int cmd_form_import(int argc, char **argv);
int cmd_form_show(int argc, char **argv);
int cmd_form_proof(int argc, char **argv);
int cmd_read(int argc, char **argv);
int cmd_worker(int argc, char **argv);

/* Runs the row of `table` named argv[1]; prints `usage` (the help text) for --help, and a clear
 * word for a command that does not exist. */
int command_dispatch(const struct command *table, const char *usage, int argc, char **argv);

/* Prints "marksense: message" to stderr and returns EXIT_FAILED. */
int command_failed(const struct error *err);

/* Prints "marksense COMMAND: message" and "try 'marksense COMMAND --help'"; returns EXIT_USAGE. */
int command_usage(const char *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same of what getopt() has just refused. */
int command_no_option(const char *command, char **argv);

#endif
