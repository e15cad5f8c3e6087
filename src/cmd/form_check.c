/* marksense form check */
#include "cmd/cmd.h"

int cmd_form_check(int argc, char **argv)
{
    (void)argc;
    return command_usage(argv[0], "not built yet");
}
