/* The work of a batch as tasks: which file is probed and which image is read next, and what came of
 * it. */
#ifndef RUN_SCHEDULE_H
#define RUN_SCHEDULE_H

#include "run/inputs.h"
#include "run/pool.h"

/* How far the work is. */
struct progress {
    const char *doing;       /* "reading", "drawing", ... */
    size_t files, files_opened;
    size_t images_done;
    double images_expected;  /* in all: known of files that were opened, guessed by size of others */
    double seconds;          /* since the start of what is being done */
};

struct schedule_options {
    const struct input_list *inputs; /* borrowed, as are the forms */
    const struct form *const *forms;
    size_t form_count;
    int jobs;
    bool ocr;
    const char *folder; /* for a temporary file; exists */
    void (*progress)(void *context, const struct progress *progress); /* NULL = none */
    void *progress_context;
};

struct schedule;

/* Results go to the arena. NULL and an error where the temporary file cannot be made. */
struct schedule *schedule_new(struct arena *arena, const struct schedule_options *options,
                              struct error *err);
void schedule_free(struct schedule *schedule); /* NULL is allowed */

/* Borrowed by the schedule. */
struct task_source schedule_source(struct schedule *schedule);

/* When the pool has run, once: all results in input order (the schedule's, what they point to in the
 * arena), and per result the index of its file in the inputs. */
struct page_result *schedule_results(struct schedule *schedule, size_t *count,
                                     size_t **file_of_result);

/* The landmarks of a result, which are not held in memory, for one use: good until the next call. */
bool schedule_landmarks(struct placed_page *placed, struct schedule *schedule,
                        const struct page_result *result, struct error *err);

const double *schedule_cpu_s(const struct schedule *schedule); /* [STAGE_COUNT], summed */

#endif
