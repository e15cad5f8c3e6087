/* marksense worker */
#include "cmd/cmd.h"

int cmd_worker(int argc, char **argv)
{
    (void)argc;
    return command_usage(argv[0], "not built yet");
}
