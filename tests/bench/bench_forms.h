/* What the programs that time one stage share: the clock, giving up, and a form with its plates. */
#ifndef BENCH_FORMS_H
#define BENCH_FORMS_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "form/load.h"
#include "form/plate.h"

static inline double cpu_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static inline void must(int done, const char *what)
{
    if (!done) {
        fprintf(stderr, "bench: %s\n", what);
        exit(1);
    }
}

/* The form in `folder` and the plates of its pages; both stay until the program ends. */
static inline struct form *form_with_plates(PIX ***plates, const char *folder)
{
    struct error err;
    struct form *form;
    must(form_load(&form, folder, &err), err.text);
    *plates = calloc(form->page_count + 1, sizeof(PIX *));
    must(*plates != NULL, "out of memory");
    for (size_t p = 0; p < form->page_count; p++)
        must(plate_load(&(*plates)[p], form, p, &err), err.text);
    return form;
}

#endif
