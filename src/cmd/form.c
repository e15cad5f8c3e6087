/* marksense form: the table of its subcommands. */
#include "cmd/cmd.h"

static const struct command form_commands[] = {
    {"build", "lay the questionnaire out into a PDF and a template", cmd_form_build},
    {"print", "write copies with codes and booklet numbers", cmd_form_print},
    {NULL, NULL, NULL},
};

static const char usage[] =
    "usage: marksense form check|build|print|import|show|proof [OPTION...] FORM\n";

int cmd_form(int argc, char **argv)
{
    return command_dispatch(form_commands, usage, argc, argv);
}
