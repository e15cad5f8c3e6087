/* marksense worker: one worker process; started by marksense read, not by people. */
#include <fcntl.h>

#include "cmd/cmd.h"
#include "run/message.h"
#include "run/worker.h"

int cmd_worker(int argc, char **argv)
{
    if (argc != 1 || fcntl(WORKER_TASKS_FD, F_GETFD) < 0 || fcntl(WORKER_REPLIES_FD, F_GETFD) < 0)
        return command_usage(argv[0], "this command is started by 'marksense read' for itself");
    return worker_serve(WORKER_TASKS_FD, WORKER_REPLIES_FD);
}
