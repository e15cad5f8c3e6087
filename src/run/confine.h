/* Takes from a worker what reading an image does not need: a hostile image that takes the worker
 * over finds no network, no other program, no file to write, and little memory. */
#ifndef RUN_CONFINE_H
#define RUN_CONFINE_H

#include <stdbool.h>

#include "base/error.h"

struct confinement {
    int memory_limit_mb; /* address space; 0 = none */
    bool may_write;      /* may create and write files */
};

/* For the whole life of the calling process; cannot be undone. */
bool confine_process(const struct confinement *confinement, struct error *err);

/* Lets the process use `seconds` more of CPU; after that the kernel ends it (SIGXCPU). */
void confine_cpu(int seconds);

#endif
