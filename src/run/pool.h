/* Worker processes and who does what next: spawns them, gives each one task at a time, and outlives
 * whatever happens to them. */
#ifndef RUN_POOL_H
#define RUN_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"
#include "run/message.h"

struct pool_options {
    const char *program; /* NULL: this one (its `worker` command) */
    int jobs;            /* most workers at a time */
    struct setup setup;  /* of every worker; check_ocr: of the first one only */
    int time_limit_s;    /* per task */
    int stop_fd;         /* readable = stop; -1 = none */
    bool verbose;        /* workers may write to stderr */
};

/* How a task ended. */
enum task_end {
    TASK_ANSWERED,
    TASK_WORKER_DIED, /* or its answer made no sense */
    TASK_TIMED_OUT,
};

/* Where tasks come from and answers go. `slot` is a worker's place, 0 to jobs - 1; a worker that died
 * is followed by a fresh one in the same slot. */
struct task_source {
    void *context;

    /* Appends the frame of the slot's next task; false: none at present. `fresh`: the slot's worker
     * has done nothing yet, and is the place for a task that another one died of. */
    bool (*next)(void *context, int slot, bool fresh, struct text *frame);

    /* How many tasks could be begun now by further workers. */
    size_t (*waiting)(void *context);

    /* The slot's task is over. TASK_ANSWERED: `reply` (borrowed) with its whole body. Otherwise
     * `detail` says how the worker ended, and `in_text` that the text reader was at work. False:
     * stop, err says why. */
    bool (*done)(void *context, int slot, enum task_end end, const struct reply *reply,
                 bool in_text, const char *detail, struct error *err);

    /* Called about ten times a second while workers work; may be NULL. */
    void (*tick)(void *context);
};

/* Runs until no task is left. False on trouble that ends the batch; `stopped` then tells whether it
 * was the stop_fd. No worker is left running when it returns. */
bool pool_run(bool *stopped, const struct pool_options *options, const struct task_source *source,
              struct error *err);

#endif
