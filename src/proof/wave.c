/* Shares the stacks of a wave out among processes and puts the truth together in their order. */
#include "proof/wave.h"

#include <errno.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/memory.h"
#include "proof/stack.h"

uint64_t wave_streams(const struct wave_options *o)
{
    const char *slash = strrchr(o->profile->name, '/');
    const char *name = slash == NULL ? o->profile->name : slash + 1;
    return random_seed_named(o->seed, name, strcspn(name, "."));
}

struct share {
    const struct wave_options *options;
    struct stack_order *orders;
    size_t count;
};

/* Which returns go into which stack: depends on the seed alone. */
static void deal(struct share *share, const struct wave_options *o)
{
    *share = (struct share){.options = o};
    for (size_t first = 0; first < o->returns;) {
        struct random r = random_stream(wave_streams(o), RANDOM_STACK, share->count, 1);
        double size = profile_draw(&o->profile->stack_returns, &r);
        size_t count = size < 1 ? 1 : (size_t)(size + 0.5);
        count = count < o->returns - first ? count : o->returns - first;
        share->orders = g_renew(struct stack_order, share->orders, share->count + 1);
        share->orders[share->count] = (struct stack_order){
            .options = o, .index = share->count, .first = first, .count = count};
        share->count++;
        first += count;
    }
}

static char *part_path(const struct wave_options *o, size_t stack)
{
    return g_strdup_printf("%s/truth-%05zu.part", o->folder, stack + 1);
}

static bool write_file(const char *path, const struct text *text, struct error *err)
{
    FILE *file = fopen(path, "wb");
    bool fine = file != NULL && fwrite(text->data, 1, text->length, file) == text->length;
    if (file != NULL)
        fine = fclose(file) == 0 && fine;
    if (!fine)
        remove(path);
    return fine || error_set(err, "%s: %s", path, strerror(errno));
}

/* The stacks of one worker: every `step`th. */
static bool work(struct wave_report *report, const struct share *share, size_t first, size_t step,
                 struct error *err)
{
    const struct wave_options *o = share->options;
    memory_keep();
    /* Each process opens the artwork itself: what one has opened before the other is started would
     * share its place in the file. */
    struct picture_book *book = picture_book_new(o->form, o->draw, err);
    struct label_map *labels = book == NULL ? NULL : labels_find(o->form, book, err);
    bool fine = labels != NULL;
    for (size_t i = first; i < share->count && fine; i += step) {
        struct text truth;
        char *path = part_path(o, i);
        text_init(&truth);
        share->orders[i].book = book;
        share->orders[i].labels = labels;
        fine = stack_scan(&truth, report, &share->orders[i], err) && write_file(path, &truth, err);
        text_release(&truth);
        g_free(path);
    }
    labels_free(labels);
    picture_book_free(book);
    return fine;
}

/* What a worker sends home. */
struct message {
    bool fine;
    struct wave_report report;
    struct error err;
};

static void child(const struct share *share, size_t first, size_t step, int home)
{
    struct message message = {.fine = false};
    message.fine = work(&message.report, share, first, step, &message.err);
    ssize_t sent = write(home, &message, sizeof message);
    _exit(sent == (ssize_t)sizeof message ? 0 : 1);
}

static void add_report(struct wave_report *sum, const struct wave_report *more)
{
    sum->returns += more->returns;
    sum->stacks += more->stacks;
    sum->images += more->images;
    sum->boxes += more->boxes;
    sum->marks += more->marks;
}

static bool work_in_processes(struct wave_report *report, const struct share *share, size_t workers,
                              struct error *err)
{
    int *homes = g_new0(int, workers);
    pid_t *pids = g_new0(pid_t, workers);
    bool fine = true;
    size_t started = 0;
    for (; started < workers && fine; started++) {
        int ends[2];
        if (pipe(ends) != 0 || (pids[started] = fork()) < 0) {
            fine = error_set(err, "no worker can be started: %s", strerror(errno));
            break;
        }
        if (pids[started] == 0)
            child(share, started, workers, ends[1]);
        close(ends[1]);
        homes[started] = ends[0];
    }
    for (size_t i = 0; i < started; i++) {
        struct message message;
        int status;
        ssize_t got = read(homes[i], &message, sizeof message);
        close(homes[i]);
        waitpid(pids[i], &status, 0);
        if (got != (ssize_t)sizeof message)
            fine = error_set(err, "a worker died while simulating; try again with -j 1");
        else if (!message.fine)
            fine = error_set(err, "%s", message.err.text);
        else
            add_report(report, &message.report);
    }
    g_free(homes);
    g_free(pids);
    return fine;
}

/* Puts the parts together, in order, and takes them away. */
static bool join_truth(const struct share *share, struct error *err)
{
    const struct wave_options *o = share->options;
    struct text all;
    bool fine = true;
    text_init(&all);
    for (size_t i = 0; i < share->count; i++) {
        char *path = part_path(o, i), *data;
        gsize length;
        if (g_file_get_contents(path, &data, &length, NULL)) {
            text_add_bytes(&all, data, length);
            g_free(data);
        } else {
            fine = error_set(err, "%s: cannot be read back", path);
        }
        remove(path);
        g_free(path);
    }
    char *path = g_strdup_printf("%s/truth.jsonl", o->folder);
    fine = fine && write_file(path, &all, err);
    g_free(path);
    text_release(&all);
    return fine;
}

/* Takes away what an earlier wave left in the folder: its scans would be read with the new truth. */
static void sweep(const char *scans)
{
    GDir *dir = g_dir_open(scans, 0, NULL);
    const char *name;
    while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
        char *path = g_strdup_printf("%s/%s", scans, name);
        if (strncmp(name, "stack-", 6) == 0)
            remove(path);
        g_free(path);
    }
    if (dir != NULL)
        g_dir_close(dir);
}

bool wave_generate(struct wave_report *report, const struct wave_options *o, struct error *err)
{
    struct share share;
    *report = (struct wave_report){0};
    if (o->form->pages == NULL || o->form->page_count == 0)
        return error_set(err, "%s: the form has no template yet: build or import it first",
                         o->form->folder);
    char *scans = g_strdup_printf("%s/scans", o->folder);
    bool fine = g_mkdir_with_parents(scans, 0777) == 0 ||
                error_set(err, "%s: %s", scans, strerror(errno));
    sweep(scans);
    g_free(scans);
    if (!fine)
        return false;
    deal(&share, o);
    size_t workers = o->workers < share.count ? o->workers : share.count;
    fine = workers > 1 ? work_in_processes(report, &share, workers, err)
                       : work(report, &share, 0, 1, err);
    fine = join_truth(&share, fine ? err : NULL) && fine;
    g_free(share.orders);
    return fine;
}
