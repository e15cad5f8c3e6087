/* What all subcommands share: dispatch and the two ways to complain. */
#include "cmd/cmd.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int command_dispatch(const struct command *table, const char *usage, int argc, char **argv)
{
    if (argc < 2) {
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "help") == 0 && argc > 2) { /* help COMMAND: COMMAND --help */
        char *asked[] = {argv[0], argv[2], (char[]){"--help"}, NULL};
        return command_dispatch(table, usage, 3, asked);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        fputs(usage, stdout);
        return EXIT_DONE;
    }
    for (const struct command *row = table; row->name != NULL; row++)
        if (strcmp(row->name, argv[1]) == 0)
            return row->run(argc - 1, argv + 1);
    fprintf(stderr, "marksense: there is no %s '%s'\nTry 'marksense --help'.\n",
            argv[1][0] == '-' ? "option" : "command", argv[1]);
    return EXIT_USAGE;
}

int command_failed(const struct error *err)
{
    fprintf(stderr, "marksense: %s\n", err->text);
    return EXIT_FAILED;
}

int command_no_option(const char *command, char **argv)
{
    return command_usage(command, "there is no option '%s', or its argument is missing", argv[optind - 1]);
}

int command_usage(const char *command, const char *format, ...)
{
    va_list arguments;
    fprintf(stderr, "marksense %s: ", command);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\nTry 'marksense %s --help'.\n", command);
    return EXIT_USAGE;
}
