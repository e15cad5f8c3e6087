/* The table of subcommands. */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd.h"

const struct command commands[] = {
    {"form", "make, check, print or import a form", cmd_form},
    {"read", "read scans of filled-in forms into records", cmd_read},
    {"calibrate", "refit what the program knows, from checked readings", cmd_calibrate},
    {"worker", NULL, cmd_worker}, /* spawned by read */
    {NULL, NULL, NULL},
};

static const char usage[] =
    "usage: marksense COMMAND [OPTION...] [ARGUMENT...]\n"
    "\n"
    "Turns returned paper questionnaires into data.\n"
    "\n"
    "  form check|build|print|import|show|proof\n"
    "                  make, check, print or import a form\n"
    "  read            read scans of filled-in forms into records\n"
    "  calibrate marks refit what tells marks apart, from boxes whose state is known\n"
    "\n"
    "  -h, --help      print this and stop\n"
    "  --version       print the version and stop\n"
    "\n"
    "'marksense COMMAND --help' tells about a command; 'man marksense' tells the whole.\n";

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--version") == 0) {
        puts("marksense " MARKSENSE_VERSION);
        return EXIT_DONE;
    }
    return command_dispatch(commands, usage, argc, argv);
}
