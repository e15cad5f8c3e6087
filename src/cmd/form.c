/* marksense form: the table of its subcommands. */
#include "cmd/cmd.h"

static const struct command form_commands[] = {
    {"check", "look for mistakes in a form", cmd_form_check},
    {"import", "adopt a form that already exists", cmd_form_import},
    {"show", "draw where everything of a form stands", cmd_form_show},
    {"build", "lay the questionnaire out into a PDF and a template", cmd_form_build},
    {"print", "write copies with codes and booklet numbers", cmd_form_print},
    {"proof", "simulate returns of a form and measure how they are read", cmd_form_proof},
    {NULL, NULL, NULL},
};

static const char usage[] =
    "usage: marksense form check|build|print|import|show|proof [OPTION...] FORM\n";

int cmd_form(int argc, char **argv)
{
    return command_dispatch(form_commands, usage, argc, argv);
}
