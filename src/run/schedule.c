/* The work of a batch as tasks: which file is probed and which image is read next, and what came of
 * it.
 *
 * A worker stays with its file as long as that has images nobody has begun, then takes the next file
 * that nobody has opened, then helps where most is left to do: a file is opened by few workers, and
 * one long file keeps them all busy. Where an image was read, and when, shows nowhere in the
 * results: they are put where the input has them. */
#include "run/schedule.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "run/spool.h"
#include "scan/scan_file.h"

enum file_state { FILE_NEW, FILE_PROBING, FILE_OPEN, FILE_REJECTED };

struct file_work {
    const struct input_file *input;
    enum file_state state;
    const char *hash;
    size_t *where; /* [image] its result's index in the order of arrival */
    int images;    /* 1 of a rejected file, for its one result */
    int begun; /* images 0 to begun - 1 were given out */
};

struct job {
    size_t file;
    int image; /* -1: probe the file */
    int attempt;
    bool ocr;
};

struct schedule {
    struct arena *arena;
    struct schedule_options options;
    struct page_result *results; /* in order of arrival, until schedule_results() */
    size_t result_count, result_capacity;
    struct file_work *files;
    size_t file_count;
    size_t first_new;   /* no file before it is FILE_NEW */
    size_t new_count;
    size_t unbegun;     /* images of open files that nobody has begun */
    struct job *jobs;   /* [slot] what it is doing */
    bool *has_file;     /* [slot] jobs[slot].file is the file that its worker has open */
    GQueue retries;     /* struct job * */
    double cpu_s[STAGE_COUNT];
    struct progress progress;
    double started_s;
    long long bytes_known, bytes_unknown; /* of files whose images are counted, or not yet */
    size_t images_known;
    struct text scratch;
    struct spool *spool; /* landmarks, by page_result.spooled */
    struct landmark_residual landmarks[LANDMARK_MAX]; /* read back last */
};

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* ---- results ----------------------------------------------------------------------------- */

static void count_file(struct schedule *schedule, const struct file_work *file)
{
    schedule->bytes_unknown -= file->input->bytes;
    schedule->bytes_known += file->input->bytes;
    schedule->images_known += (size_t)file->images;
    schedule->progress.files_opened++;
}

/* A new result; the pointer is good until the next one. */
static struct page_result *add_result(struct schedule *schedule, struct file_work *file, int image)
{
    if (schedule->result_count == schedule->result_capacity) {
        size_t capacity = schedule->result_capacity < 64 ? 64 : schedule->result_capacity * 2;
        struct page_result *more = realloc(schedule->results, capacity * sizeof *more);
        if (more == NULL)
            error_die("out of memory: %zu page results", capacity);
        schedule->results = more;
        schedule->result_capacity = capacity;
    }
    file->where[image < 0 ? 0 : image] = schedule->result_count;
    return &schedule->results[schedule->result_count++];
}

static void reject_image(struct schedule *schedule, struct file_work *file, int image,
                         enum flag reason, const char *detail)
{
    *add_result(schedule, file, image) =
        (struct page_result){.source = file->input->source,
                             .hash = file->hash,
                             .image = image,
                             .reason = reason,
                             .detail = arena_strdup(schedule->arena, detail)};
    schedule->progress.images_done++;
}

static void reject_file(struct schedule *schedule, struct file_work *file, enum flag reason,
                        const char *detail)
{
    file->state = FILE_REJECTED;
    file->images = 1;
    file->begun = 1;
    file->where = ARENA_NEW(schedule->arena, size_t, 1);
    reject_image(schedule, file, -1, reason, detail);
    count_file(schedule, file);
}

static void open_file(struct schedule *schedule, struct file_work *file, const struct reply *reply)
{
    if (reply->reason != FLAG_NONE) {
        reject_file(schedule, file, reply->reason, reply->message);
        return;
    }
    if (reply->images <= 0) {
        reject_file(schedule, file, FLAG_FILE_NO_PAGES, "");
        return;
    }
    file->state = FILE_OPEN;
    file->hash = arena_strdup(schedule->arena, reply->hash);
    file->images = reply->images;
    file->where = ARENA_NEW(schedule->arena, size_t, (size_t)reply->images);
    schedule->unbegun += (size_t)reply->images;
    count_file(schedule, file);
}

/* Keeps a copy in the batch's arena: the reply goes with its frame. What the parent knows by itself
 * it does not take from a worker. */
static bool keep_result(struct schedule *schedule, const struct job *job,
                        const struct page_result *result, struct error *fatal)
{
    struct file_work *file = &schedule->files[job->file];
    struct error err = {""};
    if (result->hash[0] != '\0' && strcmp(result->hash, file->hash) != 0) {
        reject_image(schedule, file, job->image, FLAG_FILE_UNREADABLE,
                     "the file changed while it was being read");
        return true;
    }
    struct page_result copy, slim = *result;
    slim.placed.landmark_count = 0;
    text_clear(&schedule->scratch);
    wire_put_result(&schedule->scratch, &slim);
    if (!wire_get_result(&copy, schedule->arena, schedule->scratch.data, schedule->scratch.length,
                         &err) ||
        !wire_result_fits(&copy, schedule->options.forms, schedule->options.form_count, &err)) {
        reject_image(schedule, file, job->image, FLAG_WORKER_DIED, err.text);
        return true;
    }
    copy.placed.landmark_count = result->placed.landmark_count;
    copy.placed.landmarks = NULL; /* schedule_landmarks() gives them back */
    if (!spool_put(&copy.spooled, schedule->spool, result->placed.landmarks,
                   (size_t)result->placed.landmark_count * sizeof *schedule->landmarks, fatal))
        return false;
    copy.source = file->input->source;
    copy.hash = file->hash;
    copy.image = job->image;
    *add_result(schedule, file, job->image) = copy;
    schedule->progress.images_done++;
    return true;
}

/* ---- tasks ------------------------------------------------------------------------------- */

static size_t unbegun_of(const struct file_work *file)
{
    return file->state == FILE_OPEN ? (size_t)(file->images - file->begun) : 0;
}

static bool next_new(struct schedule *schedule, struct job *job)
{
    if (schedule->new_count == 0)
        return false;
    while (schedule->files[schedule->first_new].state != FILE_NEW)
        schedule->first_new++;
    schedule->files[schedule->first_new].state = FILE_PROBING;
    schedule->new_count--;
    *job = (struct job){.file = schedule->first_new, .image = -1};
    return true;
}

static void next_image(struct schedule *schedule, struct job *job, size_t file)
{
    schedule->unbegun--;
    *job = (struct job){
        .file = file, .image = schedule->files[file].begun++, .ocr = schedule->options.ocr};
}

static bool help_out(struct schedule *schedule, struct job *job)
{
    size_t best = 0, most = 0;
    if (schedule->unbegun == 0)
        return false;
    /* only files before first_new can be open, and near the end few are */
    for (size_t f = 0; f < schedule->file_count; f++)
        if (unbegun_of(&schedule->files[f]) > most) {
            most = unbegun_of(&schedule->files[f]);
            best = f;
        }
    next_image(schedule, job, best);
    return true;
}

static bool choose(struct schedule *schedule, struct job *job, bool has_file, bool fresh)
{
    if (fresh && !g_queue_is_empty(&schedule->retries)) {
        struct job *retry = g_queue_pop_head(&schedule->retries);
        *job = *retry;
        g_free(retry);
        return true;
    }
    if (has_file && unbegun_of(&schedule->files[job->file]) > 0) {
        next_image(schedule, job, job->file);
        return true;
    }
    return next_new(schedule, job) || help_out(schedule, job);
}

static bool next(void *context, int slot, bool fresh, struct text *frame)
{
    struct schedule *schedule = context;
    struct job *job = &schedule->jobs[slot];
    if (!choose(schedule, job, schedule->has_file[slot] && !fresh, fresh))
        return false;
    schedule->has_file[slot] = true;
    const struct input_file *input = schedule->files[job->file].input;
    struct task task = {.kind = job->image < 0 ? TASK_PROBE : TASK_READ,
                        .source = input->source,
                        .path = input->path,
                        .image = job->image < 0 ? 0 : job->image,
                        .ocr = job->ocr,
                        .attempt = job->attempt};
    task_put(frame, &task);
    return true;
}

static size_t waiting(void *context)
{
    const struct schedule *schedule = context;
    return schedule->new_count + schedule->unbegun + schedule->retries.length;
}

/* A worker was lost over the job: one retry alone, without the text reader where that was at work
 * (a draft is a help; the page is worth more). Then the image is given up. */
static void lose(struct schedule *schedule, const struct job *job, enum task_end end, bool in_text,
                 const char *detail)
{
    struct file_work *file = &schedule->files[job->file];
    enum flag reason = end == TASK_TIMED_OUT ? FLAG_TIME_LIMIT : FLAG_WORKER_DIED;
    if (job->attempt == 0) {
        struct job *retry = g_new(struct job, 1);
        *retry = *job;
        retry->attempt = 1;
        retry->ocr = job->ocr && !in_text;
        g_queue_push_tail(&schedule->retries, retry);
    } else if (job->image < 0) {
        reject_file(schedule, file, reason, detail);
    } else {
        reject_image(schedule, file, job->image, reason, detail);
    }
}

static bool done(void *context, int slot, enum task_end end, const struct reply *reply,
                 bool in_text, const char *detail, struct error *err)
{
    struct schedule *schedule = context;
    const struct job *job = &schedule->jobs[slot];
    if (end != TASK_ANSWERED) {
        schedule->has_file[slot] = false;
        lose(schedule, job, end, in_text, detail);
        return true;
    }
    for (int i = 0; i < STAGE_COUNT; i++)
        schedule->cpu_s[i] += reply->cpu_s[i];
    struct file_work *file = &schedule->files[job->file];
    if (job->image < 0 && reply->kind == REPLY_PROBED)
        open_file(schedule, file, reply);
    else if (job->image >= 0 && reply->kind == REPLY_READ)
        return keep_result(schedule, job, &reply->result, err);
    else
        lose(schedule, job, TASK_WORKER_DIED, false, "the worker's answer is to another question");
    return true;
}

static void tick(void *context)
{
    struct schedule *schedule = context;
    struct progress *progress = &schedule->progress;
    if (schedule->options.progress == NULL)
        return;
    double known = (double)schedule->images_known;
    double per_byte = schedule->bytes_known > 0 ? known / (double)schedule->bytes_known : 0;
    progress->images_expected = known + per_byte * (double)schedule->bytes_unknown;
    progress->seconds = now_s() - schedule->started_s;
    schedule->options.progress(schedule->options.progress_context, progress);
}

/* ---- life -------------------------------------------------------------------------------- */

struct schedule *schedule_new(struct arena *arena, const struct schedule_options *options,
                              struct error *err)
{
    struct schedule *schedule = calloc(1, sizeof *schedule);
    if (schedule == NULL)
        error_die("out of memory");
    if (!spool_new(&schedule->spool, options->folder, err)) {
        free(schedule);
        return NULL;
    }
    schedule->arena = arena;
    schedule->options = *options;
    schedule->file_count = options->inputs->count;
    schedule->files = ARENA_NEW(arena, struct file_work, schedule->file_count);
    schedule->jobs = ARENA_NEW(arena, struct job, (size_t)options->jobs);
    schedule->has_file = ARENA_NEW(arena, bool, (size_t)options->jobs);
    schedule->progress.doing = "reading";
    schedule->progress.files = schedule->file_count;
    schedule->started_s = now_s();
    g_queue_init(&schedule->retries);
    text_init(&schedule->scratch);
    for (size_t f = 0; f < schedule->file_count; f++)
        schedule->bytes_unknown += options->inputs->files[f].bytes;
    for (size_t f = 0; f < schedule->file_count; f++) {
        struct file_work *file = &schedule->files[f];
        file->input = &options->inputs->files[f];
        file->hash = "";
        if (file->input->trouble == FLAG_NONE)
            schedule->new_count++;
        else
            reject_file(schedule, file, file->input->trouble, file->input->detail);
    }
    return schedule;
}

void schedule_free(struct schedule *schedule)
{
    if (schedule == NULL)
        return;
    g_queue_clear_full(&schedule->retries, g_free);
    text_release(&schedule->scratch);
    free(schedule->results);
    spool_free(schedule->spool);
    free(schedule);
}

struct task_source schedule_source(struct schedule *schedule)
{
    return (struct task_source){
        .context = schedule, .next = next, .waiting = waiting, .done = done, .tick = tick};
}

/* Puts results[from[i]] at i, in place: there may be hundreds of megabytes of them. */
static void permute(struct page_result *results, size_t *from, size_t count)
{
    for (size_t start = 0; start < count; start++) {
        if (from[start] == start)
            continue;
        struct page_result first = results[start];
        size_t at = start;
        while (from[at] != start) {
            size_t source = from[at];
            results[at] = results[source];
            from[at] = at;
            at = source;
        }
        results[at] = first;
        from[at] = at;
    }
}

struct page_result *schedule_results(struct schedule *schedule, size_t *count,
                                     size_t **file_of_result)
{
    *count = schedule->result_count;
    *file_of_result = ARENA_NEW(schedule->arena, size_t, *count);
    size_t *from = ARENA_NEW(schedule->arena, size_t, *count);
    size_t at = 0;
    for (size_t f = 0; f < schedule->file_count; f++)
        for (int i = 0; i < schedule->files[f].images; i++) {
            (*file_of_result)[at] = f;
            from[at++] = schedule->files[f].where[i];
        }
    if (at != *count)
        error_die("%zu results for %zu images", *count, at);
    permute(schedule->results, from, at);
    return schedule->results;
}

bool schedule_landmarks(struct placed_page *placed, struct schedule *schedule,
                        const struct page_result *result, struct error *err)
{
    placed->landmarks = schedule->landmarks;
    return placed->landmark_count == 0 ||
           spool_get(schedule->landmarks, schedule->spool, result->spooled,
                     (size_t)placed->landmark_count * sizeof *schedule->landmarks, err);
}

const double *schedule_cpu_s(const struct schedule *schedule)
{
    return schedule->cpu_s;
}
