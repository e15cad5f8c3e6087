/* Takes from a worker what reading an image does not need: resource limits and a system call filter. */
#include "run/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define FILE_MB 256 /* an overlay; a worker that may write no file has only its standard error */

/* The sanitizers reserve terabytes of addresses, and look for leaks with ptrace from a child. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

/* Denied always. The calls that reading makes need no list of their own: what three decoders, a text
 * reader and their libraries call changes with every version; what none of them has any business
 * with does not. */
static const int denied[] = {
    SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(listen),
    SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg),
    SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev),
    SCMP_SYS(pidfd_open), SCMP_SYS(pidfd_getfd), SCMP_SYS(pidfd_send_signal), SCMP_SYS(mount),
    SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(chroot), SCMP_SYS(setns), SCMP_SYS(unshare),
    SCMP_SYS(bpf), SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd), SCMP_SYS(keyctl),
    SCMP_SYS(add_key), SCMP_SYS(request_key), SCMP_SYS(init_module), SCMP_SYS(finit_module),
    SCMP_SYS(delete_module), SCMP_SYS(kexec_load), SCMP_SYS(reboot), SCMP_SYS(swapon),
    SCMP_SYS(swapoff), SCMP_SYS(io_uring_setup), SCMP_SYS(link), SCMP_SYS(linkat),
    SCMP_SYS(symlink), SCMP_SYS(symlinkat), SCMP_SYS(rename), SCMP_SYS(renameat),
    SCMP_SYS(renameat2), SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(rmdir), SCMP_SYS(mkdir),
    SCMP_SYS(mkdirat), SCMP_SYS(mknod), SCMP_SYS(mknodat), SCMP_SYS(chmod), SCMP_SYS(fchmod),
    SCMP_SYS(fchmodat), SCMP_SYS(chown), SCMP_SYS(fchown), SCMP_SYS(lchown), SCMP_SYS(fchownat),
    SCMP_SYS(truncate), SCMP_SYS(setxattr), SCMP_SYS(lsetxattr), SCMP_SYS(fsetxattr),
};

/* Denied but to the leak checker of a sanitizer build. */
static const int denied_in_earnest[] = {
    SCMP_SYS(ptrace), SCMP_SYS(fork), SCMP_SYS(vfork), SCMP_SYS(kill), SCMP_SYS(tkill),
};

static int deny(scmp_filter_ctx filter, const int *calls, size_t count)
{
    int status = 0;
    for (size_t i = 0; i < count && status == 0; i++)
        status = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), calls[i], 0);
    return status;
}

/* Threads are allowed, processes are not. clone3 hides its flags from the filter: ENOSYS makes the C
 * library fall back on clone. */
static int deny_processes(scmp_filter_ctx filter)
{
    int status = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    if (status == 0)
        status = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                                  SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
    return status;
}

static int deny_writing(scmp_filter_ctx filter)
{
    static const int bits[] = {O_WRONLY, O_RDWR, O_CREAT, O_TRUNC};
    int status = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(creat), 0);
    if (status == 0)
        status = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(openat2), 0);
    for (size_t i = 0; i < sizeof bits / sizeof *bits && status == 0; i++) {
        scmp_datum_t bit = (scmp_datum_t)bits[i];
        status = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(open), 1,
                                  SCMP_A1(SCMP_CMP_MASKED_EQ, bit, bit));
        if (status == 0)
            status = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(openat), 1,
                                      SCMP_A2(SCMP_CMP_MASKED_EQ, bit, bit));
    }
    return status;
}

static bool filter_calls(bool may_write, struct error *err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (filter == NULL)
        return error_set(err, "a worker cannot be confined: no memory");
    int status = deny(filter, denied, sizeof denied / sizeof *denied);
    if (status == 0 && !SANITIZED)
        status = deny(filter, denied_in_earnest,
                      sizeof denied_in_earnest / sizeof *denied_in_earnest);
    if (status == 0 && !SANITIZED)
        status = deny_processes(filter);
    if (status == 0 && !may_write)
        status = deny_writing(filter);
    if (status == 0)
        status = seccomp_load(filter);
    seccomp_release(filter);
    return status == 0 || error_set(err, "a worker cannot be confined: %s", strerror(-status));
}

static bool limit(__rlimit_resource_t resource, rlim_t value, struct error *err)
{
    struct rlimit now;
    if (getrlimit(resource, &now) == 0 && now.rlim_max != RLIM_INFINITY && now.rlim_max < value)
        value = now.rlim_max;
    struct rlimit limits = {value, value};
    return setrlimit(resource, &limits) == 0 ||
           error_set(err, "a worker's limits cannot be set: %s", strerror(errno));
}

bool confine_process(const struct confinement *confinement, struct error *err)
{
    if (!limit(RLIMIT_CORE, 0, err) || !limit(RLIMIT_FSIZE, (rlim_t)FILE_MB << 20, err))
        return false;
    if (confinement->memory_limit_mb > 0 && !SANITIZED &&
        !limit(RLIMIT_AS, (rlim_t)confinement->memory_limit_mb << 20, err))
        return false;
    return filter_calls(confinement->may_write, err);
}

void confine_cpu(int seconds)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    struct rlimit now;
    if (getrlimit(RLIMIT_CPU, &now) != 0)
        return;
    now.rlim_cur = (rlim_t)used.tv_sec + (rlim_t)seconds + 1;
    if (now.rlim_max != RLIM_INFINITY && now.rlim_cur > now.rlim_max)
        now.rlim_cur = now.rlim_max;
    setrlimit(RLIMIT_CPU, &now);
}
