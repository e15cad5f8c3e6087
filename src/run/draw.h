/* The overlays of a batch as tasks for workers that may write. */
#ifndef RUN_DRAW_H
#define RUN_DRAW_H

#include "run/pool.h"
#include "run/schedule.h"

struct draw_options {
    const struct batch_record *record;
    const struct page_result *results;
    size_t result_count;
    const struct form *const *forms;
    const struct input_list *inputs;
    const size_t *file_of_result;
    const char *folder; /* where the pictures go; exists */
    struct schedule *schedule; /* has the landmarks */
    int jobs;
    void (*progress)(void *context, const struct progress *progress); /* NULL = none */
    void *progress_context;
};

struct draw;

struct draw *draw_new(struct arena *arena, const struct draw_options *options);
void draw_free(struct draw *draw); /* NULL is allowed */

/* Borrowed from the drawing. A picture whose drawing kills two workers is left out. */
struct task_source draw_source(struct draw *draw);

size_t draw_count(const struct draw *draw); /* pictures drawn */
const double *draw_cpu_s(const struct draw *draw);

#endif
