/* What a confined worker can no longer do, tried in a child process. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "run/confine.h"

/* Runs `attempt` in a confined child; gives its exit code, -1 for a signal. */
static int confined(int (*attempt)(void), bool may_write)
{
    pid_t pid = fork();
    if (pid == 0) {
        struct confinement confinement = {.memory_limit_mb = 1024, .may_write = may_write};
        struct error err = {""};
        if (!confine_process(&confinement, &err))
            _exit(99);
        _exit(attempt());
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int may_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) >= 0 || errno != EPERM;
}

static int may_exec(void)
{
    execl("/bin/true", "true", (char *)NULL);
    return errno != EPERM;
}

static int may_create(void)
{
    return open("/tmp/marksense-test-created", O_WRONLY | O_CREAT, 0600) >= 0 || errno != EPERM;
}

static int may_append(void)
{
    return open("/dev/null", O_RDWR) >= 0 || errno != EPERM;
}

static int may_unlink(void)
{
    return unlink("/tmp/marksense-test-created") == 0 || errno != EPERM;
}

static int may_read(void)
{
    return open("/proc/self/stat", O_RDONLY) >= 0;
}

static int may_dump_core(void)
{
    FILE *file = fopen("/proc/self/limits", "r");
    char line[256];
    int size = -1;
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "Max core file size %d", &size) == 1)
            break;
    return size != 0;
}

static void a_worker_has_no_network_and_no_programs(void **state)
{
    (void)state;
    assert_int_equal(confined(may_socket, true), 0);
    assert_int_equal(confined(may_exec, true), 0);
    assert_int_equal(confined(may_unlink, true), 0);
    assert_int_equal(confined(may_dump_core, true), 0);
}

static void only_a_drawing_worker_writes(void **state)
{
    (void)state;
    assert_int_equal(confined(may_create, false), 0);
    assert_int_equal(confined(may_append, false), 0);
    assert_int_equal(confined(may_read, false), 1);
    assert_int_equal(confined(may_create, true), 1);
    unlink("/tmp/marksense-test-created");
}

static int burn(void)
{
    confine_cpu(1);
    for (volatile unsigned long i = 1; i != 0; i++)
        continue;
    return 0;
}

static void cpu_runs_out(void **state)
{
    (void)state;
    assert_int_equal(confined(burn, false), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_has_no_network_and_no_programs),
        cmocka_unit_test(only_a_drawing_worker_writes),
        cmocka_unit_test(cpu_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
