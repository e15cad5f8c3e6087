/* The table of subcommands. */
#include <errno.h>
#include <fcntl.h>
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

/* Under cron and the like a standard stream may be closed. The next file opened would take its number;
 * this holds the place, opened the other way round so that whoever uses it is told. */
static void hold_standard_streams(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) == -1 && errno == EBADF && open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
            return;
}

/* What was printed must have arrived: a full disk is no success. */
static int end(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    fprintf(stderr, "marksense: standard output: %s\n", strerror(errno == 0 ? EIO : errno));
    return EXIT_FAILED;
}

int main(int argc, char **argv)
{
    hold_standard_streams();
    if (argc > 1 && strcmp(argv[1], "--version") == 0) {
        puts("marksense " MARKSENSE_VERSION);
        return end(EXIT_DONE);
    }
    return end(command_dispatch(commands, usage, argc, argv));
}
