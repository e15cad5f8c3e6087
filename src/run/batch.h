/* A batch: scans in, one folder of results out. */
#ifndef RUN_BATCH_H
#define RUN_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/flag.h"
#include "form/model.h"
#include "run/message.h"
#include "run/schedule.h"

struct batch_options {
    const struct form *const *forms; /* as form_load() gave them; id + version must differ */
    size_t form_count;
    const char *const *inputs; /* files and folders; "-" = a scan file on standard input */
    size_t input_count;
    const char *folder; /* where the results go; made where it is missing */
    bool replace;       /* results of an earlier run there may be replaced */
    int jobs;           /* worker processes */
    bool overlays;
    bool ocr;
    int time_limit_s;    /* per image */
    int memory_limit_mb; /* per worker */
    bool verbose;        /* workers may write to stderr */
    const char *program; /* whose `worker` command is run; NULL = this program */
    int stop_fd;         /* readable = stop cleanly; -1 = none */
    void (*progress)(void *context, const struct progress *progress); /* NULL = none */
    void *progress_context;
};

/* Images of one file, one after the other, that were not read for the same reason. */
struct batch_place {
    const char *source, *detail;
    const char *page; /* which page of which form it is; "" = not known */
    int image, last;  /* from 0; -1: the file */
    bool lone;        /* the file holds this image alone, which needs no number */
};

struct batch_rejection {
    enum flag reason;
    size_t count;
    struct batch_place *places; /* in input order */
    size_t place_count;
};

/* What the parent itself works on, in order. */
enum batch_stage { BATCH_ASSEMBLE, BATCH_STORE, BATCH_EXPORT, BATCH_STAGE_COUNT };

struct batch_errors {
    size_t boxes;    /* accepted */
    double expected; /* wrong ones, by calibration */
    double allowed;  /* by the study: 'accept' in its settings */
};

/* A return of which pages were not read. */
struct batch_missing {
    const char *reference, *pages; /* "page 3", "pages 1 and 2" */
};

struct batch_summary {
    struct arena *arena;
    size_t files;
    size_t images; /* pages_read + empty + twice + images_rejected */
    size_t pages_read, empty, twice, images_rejected;
    size_t files_rejected; /* as a whole: none of their images is counted */
    size_t returns, complete, partial, blank;
    struct batch_missing *missing; /* one of each partial return */
    size_t answers, answers_flagged;
    size_t answers_multiple; /* more marks than allowed, coded as the form's policy says: not flagged */
    size_t boxes, boxes_flagged; /* read; those that a person is asked to look at */
    struct batch_errors errors[2]; /* among the boxes accepted: of ordinary and critical questions */
    double errors_proved;          /* no more than this in all by what the sample can prove (95 %) */
    size_t flags; /* rows of flags.csv: 0 = nobody needs to look */
    /* Of files and images, most frequent first; those that nobody has to look at (blank sheets,
     * separators) come last. */
    struct batch_rejection *rejections;
    size_t rejection_count;
    const char **findings; /* what the scans have in common: a dirty glass, ... */
    size_t finding_count;
    size_t repeated;       /* files named twice and read once */
    const char **skipped;  /* folders left out: results or forms */
    size_t skipped_count;
    const struct learned_page *learned; /* pages some of whose boxes the blank lacks */
    size_t learned_count;
    const struct form *const *forms; /* what `learned` names by index: the options' */
    size_t overlays;
    double seconds;               /* of the whole */
    double reading_s;             /* of reading the images */
    double cpu_s[STAGE_COUNT];    /* of all workers, by stage */
    double own_cpu_s[BATCH_STAGE_COUNT];
    bool stopped; /* by stop_fd */
};

/* Reads the batch and puts its results in place. False: nothing was put there, err says why. The
 * summary is the caller's in either case: batch_summary_release(). */
bool batch_read(struct batch_summary *out, const struct batch_options *options, struct error *err);

void batch_summary_release(struct batch_summary *summary);

#endif
