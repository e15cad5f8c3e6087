/* The worker's side: takes tasks from a pipe, one at a time, and answers each. */
#include "run/worker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "base/calibration.h"
#include "base/memory.h"
#include "export/overlay.h"
#include "form/load.h"
#include "form/plate.h"
#include "page/page.h"
#include "read/reading.h"
#include "run/confine.h"
#include "run/message.h"
#include "scan/scan_file.h"
#include "scan/silence.h"

struct worker {
    int tasks_fd, replies_fd;
    struct arena *arena; /* of the setup: lives as long as the worker */
    struct setup setup;
    struct calibration calibration;
    const struct form **forms;
    PIX ***plates;                     /* [form][page] */
    struct mark_template ***templates; /* [form][page], made at first use */
    struct page_library *library;
    struct ocr *ocr; /* made at first use */
    struct scan_file *file; /* the last one opened, kept: its other images come next */
    char *file_path;
};

/* ---- frames ------------------------------------------------------------------------------ */

static bool read_whole(int fd, void *out, size_t size)
{
    for (char *at = out; size > 0;) {
        ssize_t got = read(fd, at, size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        at += got;
        size -= (size_t)got;
    }
    return true;
}

/* The body of the next frame into the arena. False at the end of the pipe. */
static bool read_frame(int fd, struct arena *arena, void **body, size_t *length)
{
    uint32_t size;
    if (!read_whole(fd, &size, sizeof size))
        return false;
    if (size > FRAME_LARGEST_BYTES)
        error_die("worker: a task of %u bytes", (unsigned)size);
    *body = arena_alloc(arena, size, 1);
    *length = size;
    return read_whole(fd, *body, size);
}

static void write_bytes(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t put = write(fd, bytes, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            _exit(1); /* nobody listens any more */
        bytes += put;
        size -= (size_t)put;
    }
}

static void send_reply(struct worker *worker, const struct reply *reply)
{
    struct text frame;
    text_init(&frame);
    reply_put(&frame, reply);
    write_bytes(worker->replies_fd, frame.data, frame.length);
    text_release(&frame);
}

/* ---- set up ------------------------------------------------------------------------------ */

static bool load_form(struct worker *worker, size_t index, struct error *err)
{
    struct form *form;
    if (!form_load(&form, worker->setup.forms[index], err))
        return false;
    worker->forms[index] = form;
    worker->plates[index] = ARENA_NEW(worker->arena, PIX *, form->page_count);
    worker->templates[index] =
        ARENA_NEW(worker->arena, struct mark_template *, form->page_count);
    for (size_t page = 0; page < form->page_count; page++)
        if (!plate_load(&worker->plates[index][page], form, page, err))
            return false;
    return true;
}

static bool start_ocr(struct worker *worker, struct error *err)
{
    if (worker->ocr == NULL)
        worker->ocr = ocr_new(worker->forms[0]->language, err);
    return worker->ocr != NULL;
}

static bool set_up(struct worker *worker, struct error *err)
{
    void *body;
    size_t length;
    if (!read_frame(worker->tasks_fd, worker->arena, &body, &length))
        exit(0); /* the parent is gone before it said anything */
    if (!setup_get(&worker->setup, worker->arena, body, length))
        return error_set(err, "worker: the set-up message makes no sense");
    struct confinement confinement = {.memory_limit_mb = worker->setup.memory_limit_mb,
                                      .may_write = worker->setup.may_write};
    if (!confine_process(&confinement, err) || !calibration_load(&worker->calibration, err))
        return false;
    size_t count = worker->setup.form_count;
    worker->forms = ARENA_NEW(worker->arena, const struct form *, count);
    worker->plates = ARENA_NEW(worker->arena, PIX **, count);
    worker->templates = ARENA_NEW(worker->arena, struct mark_template **, count);
    for (size_t i = 0; i < count; i++)
        if (!load_form(worker, i, err))
            return false;
    if (!worker->setup.may_write) /* a worker that draws places nothing */
        worker->library = page_library_new(worker->forms, (PIX *const *const *)worker->plates,
                                           count, &worker->calibration);
    return !worker->setup.check_ocr || start_ocr(worker, err);
}

static void release(struct worker *worker)
{
    scan_file_close(worker->file);
    free(worker->file_path);
    ocr_free(worker->ocr);
    page_library_free(worker->library);
    for (size_t f = 0; f < worker->setup.form_count; f++) {
        for (size_t p = 0; p < worker->forms[f]->page_count; p++) {
            pixDestroy(&worker->plates[f][p]);
            mark_template_free(worker->templates[f][p]);
        }
        form_free((struct form *)worker->forms[f]);
    }
    arena_free(worker->arena);
}

/* ---- tasks ------------------------------------------------------------------------------- */

static double cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Adds the CPU used since *since to the stage. */
static void stage_done(struct reply *reply, enum stage stage, double *since)
{
    double now = cpu_s();
    reply->cpu_s[stage] += now - *since;
    *since = now;
}

static enum flag open_file(struct worker *worker, const char *path, struct error *err)
{
    if (worker->file != NULL && strcmp(worker->file_path, path) == 0)
        return FLAG_NONE;
    scan_file_close(worker->file);
    free(worker->file_path);
    worker->file = NULL;
    worker->file_path = NULL;
    struct scan_limits limits = scan_limits_default();
    enum flag reason = scan_file_open(&worker->file, path, &limits, err);
    if (reason != FLAG_NONE) {
        worker->file = NULL;
        return reason;
    }
    worker->file_path = strdup(path);
    if (worker->file_path == NULL)
        error_die("out of memory");
    return FLAG_NONE;
}

static void probe(struct worker *worker, struct arena *arena, const struct task *task)
{
    struct reply reply = {.kind = REPLY_PROBED, .hash = ""};
    struct error err = {""};
    double since = cpu_s();
    reply.reason = open_file(worker, task->path, &err);
    reply.message = arena_strdup(arena, err.text);
    if (reply.reason == FLAG_NONE) {
        reply.hash = scan_file_hash(worker->file);
        reply.images = scan_file_page_count(worker->file);
    }
    stage_done(&reply, STAGE_OPEN, &since);
    send_reply(worker, &reply);
}

/* Whether page_place() knew the page when it gave up. */
static bool names_a_page(enum flag reason)
{
    switch (reason) {
    case FLAG_NONE:
    case FLAG_NOT_REGISTERED:
    case FLAG_PAGE_CUT_OFF:
    case FLAG_PAGE_STRETCHED:
    case FLAG_REFERENCE_UNREADABLE:
    case FLAG_REFERENCE_INVALID:
        return true;
    default:
        return false;
    }
}

static const struct mark_template *template_of(struct worker *worker, const struct known_page *known)
{
    struct mark_template **place = &worker->templates[known->form][known->page];
    if (*place == NULL)
        *place = mark_template_new(&worker->forms[known->form]->pages[known->page],
                                   worker->plates[known->form][known->page],
                                   &worker->calibration);
    return *place;
}

static bool wants_text(const struct page_reading *reading)
{
    for (size_t i = 0; i < reading->field_count; i++)
        if (reading->fields[i].has_ink)
            return true;
    return false;
}

static void read_text(struct worker *worker, struct arena *arena, struct page_result *result,
                      const struct raw_page *raw)
{
    struct error err = {""};
    send_reply(worker, &(struct reply){.kind = REPLY_TEXT});
    if (!start_ocr(worker, &err)) {
        send_reply(worker, &(struct reply){.kind = REPLY_FAILED, .message = err.text});
        exit(1);
    }
    const struct known_page *known = &result->placed.known;
    ocr_draft(&result->reading, arena, worker->ocr,
              &worker->forms[known->form]->pages[known->page], raw, &result->placed);
}

static void place_and_read(struct worker *worker, struct arena *arena, const struct task *task,
                           const struct raw_page *raw, struct reply *reply, double *since)
{
    struct page_result *result = &reply->result;
    struct error err = {""};
    result->reason = page_place(&result->placed, worker->library, raw, &err);
    result->detail = arena_strdup(arena, err.text);
    stage_done(reply, STAGE_PLACE, since);
    const struct known_page *known = &result->placed.known;
    result->identified = names_a_page(result->reason) && known->form < worker->setup.form_count &&
                         known->page < worker->forms[known->form]->page_count;
    /* a page whose reference cannot be read is measured: the other side of its sheet may tell */
    if (result->reason != FLAG_NONE && result->reason != FLAG_REFERENCE_UNREADABLE)
        return;
    if (!result->identified)
        error_die("worker: a page was placed on a form that does not exist");
    const struct mark_template *template = template_of(worker, known);
    stage_done(reply, STAGE_PREPARE, since);
    read_marks(&result->reading, arena, template, raw, &result->placed);
    stage_done(reply, STAGE_MARKS, since);
    if (task->ocr && wants_text(&result->reading)) {
        read_text(worker, arena, result, raw);
        stage_done(reply, STAGE_TEXT, since);
    }
}

/* For tests alone: MARKSENSE_TEST_CRASH, _HALF and _HANG name a part of "source#image" at which a
 * worker dies, dies in the middle of an answer, or never ends; MARKSENSE_TEST_CRASH_FIRST does so at
 * the first attempt only. */
static bool told_to(const char *variable, const struct task *task, struct arena *arena)
{
    const char *part = getenv(variable);
    if (part == NULL || *part == '\0')
        return false;
    const char *name = task->kind == TASK_READ
                           ? arena_printf(arena, "%s#%d", task->source, task->image + 1)
                           : task->source;
    return strstr(name, part) != NULL;
}

static void misbehave(struct worker *worker, struct arena *arena, const struct task *task)
{
    if (told_to("MARKSENSE_TEST_CRASH", task, arena) ||
        (task->attempt == 0 && told_to("MARKSENSE_TEST_CRASH_FIRST", task, arena))) {
        signal(SIGSEGV, SIG_DFL); /* a sanitizer would make an exit of it */
        raise(SIGSEGV);
    }
    if (told_to("MARKSENSE_TEST_HALF", task, arena)) {
        write_bytes(worker->replies_fd, "\0\1\0\0half", 8);
        _exit(0);
    }
    while (told_to("MARKSENSE_TEST_HANG", task, arena))
        sleep(1);
}

static void read_image(struct worker *worker, struct arena *arena, const struct task *task)
{
    struct reply reply = {.kind = REPLY_READ,
                          .result = {.source = task->source, .hash = "", .image = task->image,
                                     .detail = ""}};
    struct error err = {""};
    struct raw_page raw = {0};
    double since = cpu_s();
    reply.result.reason = open_file(worker, task->path, &err);
    stage_done(&reply, STAGE_OPEN, &since);
    if (reply.result.reason == FLAG_NONE) {
        reply.result.hash = scan_file_hash(worker->file);
        reply.result.reason = scan_file_read(&raw, worker->file, task->image, &err);
        stage_done(&reply, STAGE_DECODE, &since);
    }
    if (reply.result.reason == FLAG_NONE) {
        place_and_read(worker, arena, task, &raw, &reply, &since);
        raw_page_release(&raw);
    } else {
        reply.result.detail = err.text;
    }
    send_reply(worker, &reply);
}

/* A picture of an image that cannot be decoded (any more) is left out; a picture that cannot be
 * written ends the batch. */
static void draw(struct worker *worker, const struct task *task)
{
    struct reply reply = {.kind = REPLY_DRAWN};
    struct error err = {""};
    struct raw_page raw = {0};
    double since = cpu_s();
    const struct page_result *result = &task->result;
    const struct form *form = NULL;
    if (!wire_result_fits(result, worker->forms, worker->setup.form_count, &err))
        error_die("worker: %s", err.text);
    if (result->identified)
        form = worker->forms[result->placed.known.form];
    if (task->box_count != 0 &&
        (form == NULL || task->box_count != form->pages[result->placed.known.page].box_count))
        error_die("worker: %zu decisions for a page of other size", task->box_count);
    if (open_file(worker, task->path, &err) == FLAG_NONE &&
        scan_file_read(&raw, worker->file, task->image, &err) == FLAG_NONE) {
        stage_done(&reply, STAGE_DECODE, &since);
        if (!overlay_write(task->overlay, &raw, form, result,
                           task->box_count == 0 ? NULL : task->boxes, &err)) {
            reply.kind = REPLY_FAILED;
            reply.message = err.text;
        }
        raw_page_release(&raw);
        stage_done(&reply, STAGE_DRAW, &since);
    }
    send_reply(worker, &reply);
}

static void serve(struct worker *worker, struct arena *arena, const void *body, size_t length)
{
    struct task task;
    if (!task_get(&task, arena, body, length))
        error_die("worker: a task of %zu bytes makes no sense", length);
    confine_cpu(worker->setup.cpu_limit_s);
    misbehave(worker, arena, &task);
    if (task.kind == TASK_PROBE)
        probe(worker, arena, &task);
    else if (task.kind == TASK_READ)
        read_image(worker, arena, &task);
    else
        draw(worker, &task);
}

int worker_serve(int tasks_fd, int replies_fd)
{
    memory_keep();
    /* The kernel ends this process with its parent; the end of the pipe does where it cannot. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGINT, SIG_IGN); /* Ctrl-C goes to the whole group: the parent decides */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    scan_silence_libraries();
    struct worker worker = {.tasks_fd = tasks_fd, .replies_fd = replies_fd, .arena = arena_new()};
    struct error err = {""};
    if (!set_up(&worker, &err)) {
        send_reply(&worker, &(struct reply){.kind = REPLY_FAILED, .message = err.text});
        return 1;
    }
    send_reply(&worker, &(struct reply){.kind = REPLY_READY});
    for (;;) {
        struct arena *arena = arena_new();
        void *body;
        size_t length;
        bool more = read_frame(tasks_fd, arena, &body, &length);
        if (more)
            serve(&worker, arena, body, length);
        arena_free(arena);
        if (!more)
            break;
    }
    release(&worker);
    return 0;
}
