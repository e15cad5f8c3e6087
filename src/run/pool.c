/* Worker processes: a poll loop over their pipes. */
#include "run/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SETUP_LIMIT_S 120  /* loading forms and plates */
#define TASKS_A_LIFE 5000  /* then a fresh process: libraries leak */
#define STILLBIRTHS_MOST 3 /* workers in a row that died before they were ready */
#define TICK_MS 100

extern char **environ;

enum slot_state { SLOT_EMPTY, SLOT_STARTING, SLOT_IDLE, SLOT_BUSY };

struct slot {
    enum slot_state state;
    pid_t pid;
    int tasks_fd, replies_fd;
    struct text out; /* frames not yet written, from `out_done` on */
    size_t out_done;
    struct text in;    /* bytes of a reply so far */
    double deadline_s; /* of the task, or of starting */
    bool in_text;
    int tasks_done;
};

struct pool {
    const struct pool_options *options;
    const struct task_source *source;
    struct slot *slots;
    struct pollfd *polls;
    int stillbirths;
    bool ocr_checked; /* the first worker was asked to */
};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* ---- birth and death --------------------------------------------------------------------- */

/* The environment with OpenMP held to one thread: it must stand before the program starts, and
 * Tesseract's threads otherwise slow each other down tenfold. */
static char **worker_environment(void)
{
    size_t count = 0;
    while (environ[count] != NULL)
        count++;
    char **out = calloc(count + 2, sizeof *out);
    if (out == NULL)
        error_die("out of memory");
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (strncmp(environ[i], "OMP_THREAD_LIMIT=", 17) != 0)
            out[kept++] = environ[i];
    out[kept] = (char *)"OMP_THREAD_LIMIT=1";
    return out;
}

/* A pipe whose ends lie above the descriptors that a worker uses and close on exec. */
static bool high_pipe(int ends[2])
{
    int low[2];
    if (pipe2(low, O_CLOEXEC) != 0)
        return false;
    for (int i = 0; i < 2; i++) {
        ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, 16);
        close(low[i]);
    }
    if (ends[0] >= 0 && ends[1] >= 0)
        return true;
    for (int i = 0; i < 2; i++)
        if (ends[i] >= 0)
            close(ends[i]);
    return false;
}

static int spawn(pid_t *pid, const struct pool *pool, int tasks_fd, int replies_fd)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    if (!pool->options->verbose)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, tasks_fd, WORKER_TASKS_FD);
    posix_spawn_file_actions_adddup2(&actions, replies_fd, WORKER_REPLIES_FD);
    sigset_t none, pipe_signal;
    sigemptyset(&none);
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &pipe_signal);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    char *arguments[] = {(char *)"marksense", (char *)"worker", NULL};
    char **environment = worker_environment();
    const char *program = pool->options->program;
    int status = posix_spawn(pid, program == NULL ? "/proc/self/exe" : program, &actions,
                             &attributes, arguments, environment);
    free(environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return status;
}

static bool start_worker(struct pool *pool, struct slot *slot, struct error *err)
{
    int tasks[2], replies[2];
    if (!high_pipe(tasks))
        return error_set(err, "a worker process cannot be started: %s", strerror(errno));
    if (!high_pipe(replies)) {
        int reason = errno;
        close(tasks[0]);
        close(tasks[1]);
        return error_set(err, "a worker process cannot be started: %s", strerror(reason));
    }
    int status = spawn(&slot->pid, pool, tasks[0], replies[1]);
    close(tasks[0]);
    close(replies[1]);
    if (status != 0) {
        close(tasks[1]);
        close(replies[0]);
        return error_set(err, "a worker process cannot be started: %s", strerror(status));
    }
    slot->tasks_fd = tasks[1];
    slot->replies_fd = replies[0];
    fcntl(slot->tasks_fd, F_SETFL, O_NONBLOCK);
    fcntl(slot->replies_fd, F_SETFL, O_NONBLOCK);
    text_clear(&slot->out);
    text_clear(&slot->in);
    slot->out_done = 0;
    slot->tasks_done = 0;
    slot->in_text = false;
    slot->state = SLOT_STARTING;
    slot->deadline_s = now_s() + SETUP_LIMIT_S;
    struct setup setup = pool->options->setup;
    setup.check_ocr = setup.check_ocr && !pool->ocr_checked;
    pool->ocr_checked = true;
    setup_put(&slot->out, &setup);
    return true;
}

/* Ends the slot's worker, whatever it does; gives its wait status. */
static int end_worker(struct slot *slot)
{
    int status = 0;
    kill(slot->pid, SIGKILL);
    while (waitpid(slot->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    close(slot->tasks_fd);
    close(slot->replies_fd);
    slot->state = SLOT_EMPTY;
    return status;
}

/* A worker that closed its pipe is about to end by itself: its own status tells more than ours. */
static int wait_worker(struct slot *slot)
{
    int status = 0;
    struct timespec moment = {0, 10 * 1000 * 1000};
    for (int i = 0; i < 200; i++) {
        pid_t ended = waitpid(slot->pid, &status, WNOHANG);
        if (ended == slot->pid) {
            close(slot->tasks_fd);
            close(slot->replies_fd);
            slot->state = SLOT_EMPTY;
            return status;
        }
        nanosleep(&moment, NULL);
    }
    return end_worker(slot);
}

static void say_how(char *out, size_t size, int status)
{
    if (WIFSIGNALED(status))
        snprintf(out, size, "the worker was ended by signal %d, %s", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(out, size, "the worker ended with exit code %d", WEXITSTATUS(status));
}

/* ---- tasks and replies ------------------------------------------------------------------- */

/* The worker of this slot ended or was ended: its task is over. */
static bool lost_worker(struct pool *pool, struct slot *slot, enum slot_state state,
                        enum task_end end, const char *detail, struct error *err)
{
    int number = (int)(slot - pool->slots);
    if (state == SLOT_BUSY)
        return pool->source->done(pool->source->context, number, end, NULL, slot->in_text, detail,
                                  err);
    if (state == SLOT_STARTING && ++pool->stillbirths >= STILLBIRTHS_MOST)
        return error_set(err, "worker processes cannot start: %s", detail);
    return true;
}

static bool worker_ended(struct pool *pool, struct slot *slot, struct error *err)
{
    enum slot_state state = slot->state;
    int status = wait_worker(slot);
    char detail[128];
    say_how(detail, sizeof detail, status);
    bool late = WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU;
    return lost_worker(pool, slot, state, late ? TASK_TIMED_OUT : TASK_WORKER_DIED, detail, err);
}

static bool take_reply(struct pool *pool, struct slot *slot, const struct reply *reply,
                       struct error *err)
{
    if (reply->kind == REPLY_FAILED)
        return error_set(err, "%s", reply->message);
    if (reply->kind == REPLY_READY && slot->state == SLOT_STARTING) {
        slot->state = SLOT_IDLE;
        pool->stillbirths = 0;
        return true;
    }
    if (reply->kind == REPLY_TEXT && slot->state == SLOT_BUSY) {
        slot->in_text = true;
        return true;
    }
    enum slot_state state = slot->state;
    if (state != SLOT_BUSY || reply->kind == REPLY_READY || reply->kind == REPLY_TEXT) {
        end_worker(slot);
        return lost_worker(pool, slot, state, TASK_WORKER_DIED, "the worker spoke out of turn",
                           err);
    }
    slot->state = SLOT_IDLE;
    slot->tasks_done++;
    return pool->source->done(pool->source->context, (int)(slot - pool->slots), TASK_ANSWERED,
                              reply, slot->in_text, "", err);
}

/* Takes every whole frame off the slot's input. */
static bool take_frames(struct pool *pool, struct slot *slot, struct error *err)
{
    while (slot->state != SLOT_EMPTY && slot->in.length >= FRAME_HEAD_BYTES) {
        uint32_t length;
        memcpy(&length, slot->in.data, sizeof length);
        size_t whole = FRAME_HEAD_BYTES + length;
        if (length <= FRAME_LARGEST_BYTES && slot->in.length < whole)
            return true;
        struct arena *arena = arena_new();
        struct reply reply;
        bool ok;
        if (length <= FRAME_LARGEST_BYTES &&
            reply_get(&reply, arena, slot->in.data + FRAME_HEAD_BYTES, length)) {
            size_t rest = slot->in.length - whole;
            ok = take_reply(pool, slot, &reply, err);
            memmove(slot->in.data, slot->in.data + whole, rest);
            slot->in.length = rest;
        } else {
            enum slot_state state = slot->state;
            end_worker(slot);
            ok = lost_worker(pool, slot, state, TASK_WORKER_DIED,
                             "the worker's answer makes no sense", err);
        }
        arena_free(arena);
        if (!ok)
            return false;
    }
    return true;
}

static bool receive(struct pool *pool, struct slot *slot, struct error *err)
{
    char buffer[1 << 16];
    for (;;) {
        ssize_t got = read(slot->replies_fd, buffer, sizeof buffer);
        if (got > 0) {
            text_add_bytes(&slot->in, buffer, (size_t)got);
            if (!take_frames(pool, slot, err))
                return false;
            if (slot->state == SLOT_EMPTY)
                return true;
        } else if (got < 0 && errno == EINTR) {
            continue;
        } else if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return true;
        } else {
            return worker_ended(pool, slot, err);
        }
    }
}

/* A worker that does not take its task shows it by its end, at the other pipe. */
static void transmit(struct slot *slot)
{
    while (slot->out_done < slot->out.length) {
        ssize_t put = write(slot->tasks_fd, slot->out.data + slot->out_done,
                            slot->out.length - slot->out_done);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return;
        slot->out_done += (size_t)put;
    }
    text_clear(&slot->out);
    slot->out_done = 0;
}

/* ---- the loop ---------------------------------------------------------------------------- */

static void give_task(struct pool *pool, struct slot *slot)
{
    if (slot->tasks_done >= TASKS_A_LIFE) {
        end_worker(slot);
        return;
    }
    if (!pool->source->next(pool->source->context, (int)(slot - pool->slots),
                            slot->tasks_done == 0, &slot->out))
        return;
    slot->state = SLOT_BUSY;
    slot->in_text = false;
    slot->deadline_s = now_s() + pool->options->time_limit_s;
    transmit(slot);
}

/* Gives tasks to the idle and starts workers for what is then left. */
static bool give_tasks(struct pool *pool, struct error *err)
{
    size_t starting = 0;
    for (int i = 0; i < pool->options->jobs; i++) {
        if (pool->slots[i].state == SLOT_IDLE)
            give_task(pool, &pool->slots[i]);
        starting += pool->slots[i].state == SLOT_STARTING;
    }
    size_t waiting = pool->source->waiting(pool->source->context);
    for (int i = 0; i < pool->options->jobs && waiting > starting; i++)
        if (pool->slots[i].state == SLOT_EMPTY) {
            if (!start_worker(pool, &pool->slots[i], err))
                return false;
            transmit(&pool->slots[i]);
            starting++;
        }
    return true;
}

static bool end_the_late(struct pool *pool, struct error *err)
{
    double now = now_s();
    for (int i = 0; i < pool->options->jobs; i++) {
        struct slot *slot = &pool->slots[i];
        enum slot_state state = slot->state;
        if ((state != SLOT_BUSY && state != SLOT_STARTING) || now < slot->deadline_s)
            continue;
        end_worker(slot);
        char detail[64];
        snprintf(detail, sizeof detail, "more than %d seconds",
                 state == SLOT_BUSY ? pool->options->time_limit_s : SETUP_LIMIT_S);
        if (!lost_worker(pool, slot, state, TASK_TIMED_OUT, detail, err))
            return false;
    }
    return true;
}

/* Whether a worker is at work, or about to be. */
static bool any_active(const struct pool *pool)
{
    for (int i = 0; i < pool->options->jobs; i++)
        if (pool->slots[i].state == SLOT_BUSY || pool->slots[i].state == SLOT_STARTING)
            return true;
    return pool->source->waiting(pool->source->context) > 0;
}

static bool wait_for_events(struct pool *pool, bool *stopped, struct error *err)
{
    int jobs = pool->options->jobs;
    for (int i = 0; i < jobs; i++) {
        const struct slot *slot = &pool->slots[i];
        bool lives = slot->state != SLOT_EMPTY;
        pool->polls[2 * i] = (struct pollfd){lives ? slot->replies_fd : -1, POLLIN, 0};
        bool writing = lives && slot->out_done < slot->out.length;
        pool->polls[2 * i + 1] = (struct pollfd){writing ? slot->tasks_fd : -1, POLLOUT, 0};
    }
    pool->polls[2 * jobs] = (struct pollfd){pool->options->stop_fd, POLLIN, 0};
    if (poll(pool->polls, (nfds_t)(2 * jobs + 1), TICK_MS) < 0 && errno != EINTR)
        return error_set(err, "poll: %s", strerror(errno));
    if (pool->polls[2 * jobs].revents != 0) {
        *stopped = true;
        return error_set(err, "stopped");
    }
    for (int i = 0; i < jobs; i++) {
        if (pool->polls[2 * i + 1].revents & POLLOUT)
            transmit(&pool->slots[i]);
        if (pool->polls[2 * i].revents != 0 && !receive(pool, &pool->slots[i], err))
            return false;
    }
    return true;
}

static bool run(struct pool *pool, bool *stopped, struct error *err)
{
    double ticked = 0;
    for (;;) {
        if (!give_tasks(pool, err))
            return false;
        if (!any_active(pool))
            return true;
        if (!wait_for_events(pool, stopped, err) || !end_the_late(pool, err))
            return false;
        if (pool->source->tick != NULL && now_s() - ticked > TICK_MS / 1000.0) {
            pool->source->tick(pool->source->context);
            ticked = now_s();
        }
    }
}

bool pool_run(bool *stopped, const struct pool_options *options, const struct task_source *source,
              struct error *err)
{
    *stopped = false;
    size_t jobs = (size_t)options->jobs;
    struct pool pool = {.options = options, .source = source};
    pool.slots = calloc(jobs, sizeof *pool.slots);
    pool.polls = calloc(2 * jobs + 1, sizeof *pool.polls);
    if (pool.slots == NULL || pool.polls == NULL)
        error_die("out of memory");
    for (size_t i = 0; i < jobs; i++) {
        text_init(&pool.slots[i].out);
        text_init(&pool.slots[i].in);
    }
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    sigaction(SIGPIPE, &ignore, &before); /* a worker that died takes no task */
    bool ok = run(&pool, stopped, err);
    sigaction(SIGPIPE, &before, NULL);
    for (size_t i = 0; i < jobs; i++) {
        if (pool.slots[i].state != SLOT_EMPTY)
            end_worker(&pool.slots[i]);
        text_release(&pool.slots[i].out);
        text_release(&pool.slots[i].in);
    }
    free(pool.slots);
    free(pool.polls);
    return ok;
}
