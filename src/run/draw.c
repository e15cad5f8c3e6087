/* The overlays of a batch as tasks for workers that may write. */
#include "run/draw.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "export/overlay.h"

struct picture {
    size_t result;
    int attempt;
};

struct draw {
    struct arena *arena;
    struct draw_options options;
    const struct return_record **return_of; /* [result]; NULL = in no return */
    size_t next;                            /* result to be drawn next */
    size_t left;                            /* results from there on that have a picture */
    struct picture *doing;                  /* [slot] */
    GQueue retries;                         /* struct picture * */
    size_t drawn;
    double cpu_s[STAGE_COUNT];
    struct progress progress;
    struct timespec started;
};

/* Whether there is an image to draw on, and it did not kill a worker. */
static bool has_picture(const struct page_result *result)
{
    return result->image >= 0 && result->reason != FLAG_WORKER_DIED &&
           result->reason != FLAG_TIME_LIMIT &&
           (result->reason == FLAG_NONE || flag_level(result->reason) != FLAG_LEVEL_FILE);
}

/* <line in readings.jsonl>_<return>_p<page>.png, or ..._rejected.png */
static const char *overlay_path(const struct draw *draw, size_t index)
{
    const struct page_result *result = &draw->options.results[index];
    const struct return_record *owner = draw->return_of[index];
    if (owner == NULL)
        return arena_printf(draw->arena, "%s/%06zu_rejected.png", draw->options.folder, index + 1);
    char name[80];
    size_t length = 0;
    for (const char *c = owner->reference; *c != '\0' && length < sizeof name - 1; c++)
        name[length++] = g_ascii_isalnum(*c) || *c == '-' || *c == '.' ? *c : '_';
    name[length] = '\0';
    const struct known_page *known = &result->placed.known;
    return arena_printf(draw->arena, "%s/%06zu_%s_p%d.png", draw->options.folder, index + 1, name,
                        draw->options.forms[known->form]->pages[known->page].number);
}

static bool choose(struct draw *draw, struct picture *picture, bool fresh)
{
    if (fresh && !g_queue_is_empty(&draw->retries)) {
        struct picture *retry = g_queue_pop_head(&draw->retries);
        *picture = *retry;
        g_free(retry);
        return true;
    }
    while (draw->next < draw->options.result_count &&
           !has_picture(&draw->options.results[draw->next]))
        draw->next++;
    if (draw->next == draw->options.result_count)
        return false;
    *picture = (struct picture){.result = draw->next++};
    draw->left--;
    return true;
}

static bool next(void *context, int slot, bool fresh, struct text *frame)
{
    struct draw *draw = context;
    struct picture *picture = &draw->doing[slot];
    if (!choose(draw, picture, fresh))
        return false;
    size_t index = picture->result;
    const struct page_result *result = &draw->options.results[index];
    const struct input_file *input =
        &draw->options.inputs->files[draw->options.file_of_result[index]];
    struct task task = {.kind = TASK_DRAW,
                        .source = input->source,
                        .path = input->path,
                        .image = result->image,
                        .attempt = picture->attempt,
                        .overlay = overlay_path(draw, index),
                        .result = *result};
    const struct return_record *owner = draw->return_of[index];
    struct error err = {""};
    if (!schedule_landmarks(&task.result.placed, draw->options.schedule, result, &err))
        task.result.placed.landmark_count = 0; /* a picture without them is better than none */
    if (owner != NULL && result->reason == FLAG_NONE) {
        task.boxes = overlay_boxes(draw->arena, draw->options.forms[owner->form], owner,
                                   result->placed.known.page);
        task.box_count = task.boxes == NULL ? 0 : result->reading.box_count;
    }
    task_put(frame, &task);
    return true;
}

static size_t waiting(void *context)
{
    const struct draw *draw = context;
    return draw->left + draw->retries.length;
}

static bool done(void *context, int slot, enum task_end end, const struct reply *reply,
                 bool in_text, const char *detail, struct error *err)
{
    struct draw *draw = context;
    struct picture *picture = &draw->doing[slot];
    (void)in_text, (void)detail, (void)err;
    if (end == TASK_ANSWERED && reply->kind == REPLY_DRAWN) {
        draw->drawn++;
        for (int i = 0; i < STAGE_COUNT; i++)
            draw->cpu_s[i] += reply->cpu_s[i];
    } else if (picture->attempt == 0) {
        struct picture *retry = g_new(struct picture, 1);
        *retry = (struct picture){.result = picture->result, .attempt = 1};
        g_queue_push_tail(&draw->retries, retry);
        return true;
    }
    draw->progress.images_done++;
    return true;
}

static void tick(void *context)
{
    struct draw *draw = context;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    draw->progress.seconds = (double)(now.tv_sec - draw->started.tv_sec) +
                             (double)(now.tv_nsec - draw->started.tv_nsec) * 1e-9;
    if (draw->options.progress != NULL)
        draw->options.progress(draw->options.progress_context, &draw->progress);
}

struct draw *draw_new(struct arena *arena, const struct draw_options *options)
{
    struct draw *draw = calloc(1, sizeof *draw);
    if (draw == NULL)
        error_die("out of memory");
    draw->arena = arena;
    draw->options = *options;
    draw->return_of = ARENA_NEW(arena, const struct return_record *, options->result_count);
    for (size_t r = 0; r < options->record->return_count; r++) {
        const struct return_record *record = &options->record->returns[r];
        for (size_t p = 0; p < options->forms[record->form]->page_count; p++)
            if (record->pages[p] < options->result_count)
                draw->return_of[record->pages[p]] = record;
    }
    for (size_t i = 0; i < options->result_count; i++)
        draw->left += has_picture(&options->results[i]);
    draw->doing = ARENA_NEW(arena, struct picture, (size_t)options->jobs);
    draw->progress = (struct progress){.doing = "drawing",
                                       .files = options->inputs->count,
                                       .files_opened = options->inputs->count,
                                       .images_expected = (double)draw->left};
    clock_gettime(CLOCK_MONOTONIC, &draw->started);
    g_queue_init(&draw->retries);
    return draw;
}

void draw_free(struct draw *draw)
{
    if (draw == NULL)
        return;
    g_queue_clear_full(&draw->retries, g_free);
    free(draw);
}

struct task_source draw_source(struct draw *draw)
{
    return (struct task_source){
        .context = draw, .next = next, .waiting = waiting, .done = done, .tick = tick};
}

size_t draw_count(const struct draw *draw)
{
    return draw->drawn;
}

const double *draw_cpu_s(const struct draw *draw)
{
    return draw->cpu_s;
}
