/* A batch: scans in, one folder of results out. */
#include "run/batch.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/calibration.h"
#include "export/export.h"
#include "record/record.h"
#include "run/draw.h"
#include "run/findings.h"
#include "run/inputs.h"
#include "run/output.h"
#include "run/pool.h"
#include "run/report.h"
#include "store/store.h"

struct batch {
    const struct batch_options *options;
    struct batch_summary *summary;
    struct arena *arena; /* the summary's: results live as long */
    struct calibration calibration;
    struct output *output;
    struct input_list inputs;
    struct schedule *schedule;
    struct page_result *results;
    size_t result_count;
    size_t *file_of_result;
    struct batch_record record;
};

static double clock_s(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Whether to stop; between the long steps of the parent. */
static bool told_to_stop(struct batch *batch, struct error *err)
{
    struct pollfd stop = {batch->options->stop_fd, POLLIN, 0};
    if (stop.fd < 0 || poll(&stop, 1, 0) <= 0)
        return false;
    batch->summary->stopped = true;
    error_set(err, "stopped");
    return true;
}

static bool check_forms(const struct batch_options *options, struct error *err)
{
    if (options->form_count == 0)
        return error_set(err, "no form was named");
    for (size_t i = 0; i < options->form_count; i++)
        for (size_t k = i + 1; k < options->form_count; k++) {
            const struct form *a = options->forms[i], *b = options->forms[k];
            if (strcmp(a->id, b->id) == 0 && strcmp(a->version, b->version) == 0)
                return error_set(err,
                                 "%s and %s are both form %s version %s: name one of them, or give "
                                 "one another id or version",
                                 a->folder, b->folder, a->id, a->version);
        }
    return true;
}

static bool any_fields(const struct batch_options *options)
{
    for (size_t f = 0; f < options->form_count; f++)
        for (size_t p = 0; p < options->forms[f]->page_count; p++)
            if (options->forms[f]->pages[p].field_count > 0)
                return true;
    return false;
}

static struct pool_options pool_options(struct batch *batch, bool draws)
{
    const struct batch_options *options = batch->options;
    const char **folders = ARENA_NEW(batch->arena, const char *, options->form_count);
    for (size_t i = 0; i < options->form_count; i++)
        folders[i] = options->forms[i]->folder;
    return (struct pool_options){
        .program = options->program,
        .jobs = options->jobs,
        .setup = {.forms = folders,
                  .form_count = options->form_count,
                  .check_ocr = !draws && options->ocr && any_fields(options),
                  .may_write = draws,
                  .cpu_limit_s = options->time_limit_s,
                  .memory_limit_mb = options->memory_limit_mb},
        .time_limit_s = options->time_limit_s,
        .stop_fd = options->stop_fd,
        .verbose = options->verbose,
    };
}

static bool list_inputs(struct batch *batch, struct error *err)
{
    const struct batch_options *options = batch->options;
    struct input_places places = {.results = options->folder,
                                  .spool = output_workspace(batch->output),
                                  .stdin_fd = STDIN_FILENO,
                                  .stop_fd = options->stop_fd};
    bool ok = inputs_list(&batch->inputs, batch->arena, options->inputs, options->input_count,
                          &places, err);
    return ok && !told_to_stop(batch, err);
}

static bool read_images(struct batch *batch, struct error *err)
{
    const struct batch_options *options = batch->options;
    struct schedule_options schedule = {.inputs = &batch->inputs,
                                        .forms = options->forms,
                                        .form_count = options->form_count,
                                        .jobs = options->jobs,
                                        .ocr = options->ocr,
                                        .progress = options->progress,
                                        .progress_context = options->progress_context};
    schedule.folder = output_workspace(batch->output);
    batch->schedule = schedule_new(batch->arena, &schedule, err);
    if (batch->schedule == NULL)
        return false;
    struct pool_options pool = pool_options(batch, false);
    struct task_source source = schedule_source(batch->schedule);
    double since = clock_s(CLOCK_MONOTONIC);
    bool ok = pool_run(&batch->summary->stopped, &pool, &source, err);
    batch->summary->reading_s = clock_s(CLOCK_MONOTONIC) - since;
    for (int i = 0; i < STAGE_COUNT; i++)
        batch->summary->cpu_s[i] += schedule_cpu_s(batch->schedule)[i];
    if (ok)
        batch->results =
            schedule_results(batch->schedule, &batch->result_count, &batch->file_of_result);
    return ok;
}

static bool draw_overlays(struct batch *batch, struct error *err)
{
    const struct batch_options *options = batch->options;
    if (!options->overlays)
        return true;
    const char *folder =
        arena_printf(batch->arena, "%s/overlays", output_workspace(batch->output));
    if (mkdir(folder, 0777) != 0)
        return error_set(err, "%s: cannot be made: %s", folder, strerror(errno));
    struct draw_options drawing = {.record = &batch->record,
                                   .results = batch->results,
                                   .result_count = batch->result_count,
                                   .forms = options->forms,
                                   .inputs = &batch->inputs,
                                   .file_of_result = batch->file_of_result,
                                   .folder = folder,
                                   .schedule = batch->schedule,
                                   .jobs = options->jobs,
                                   .progress = options->progress,
                                   .progress_context = options->progress_context};
    struct draw *draw = draw_new(batch->arena, &drawing);
    struct pool_options pool = pool_options(batch, true);
    struct task_source source = draw_source(draw);
    bool ok = pool_run(&batch->summary->stopped, &pool, &source, err);
    batch->summary->overlays = draw_count(draw);
    for (int i = 0; i < STAGE_COUNT; i++)
        batch->summary->cpu_s[i] += draw_cpu_s(draw)[i];
    draw_free(draw);
    return ok;
}

/* The store holds no time: the same scans give the same bytes, and the file has its own date. */
static bool write_store(struct batch *batch, struct error *err)
{
    const struct batch_options *options = batch->options;
    struct store *store = NULL;
    const char *path =
        arena_printf(batch->arena, "%s/store.sqlite", output_workspace(batch->output));
    bool ok = store_open(&store, path, err) &&
              store_begin_batch(store, "", options->forms, options->form_count, err);
    for (size_t i = 0; i < batch->result_count && ok; i++) {
        struct page_result whole = batch->results[i];
        ok = schedule_landmarks(&whole.placed, batch->schedule, &batch->results[i], err) &&
             store_add_page(store, &whole, err);
    }
    ok = ok &&
         store_add_record(store, &batch->record, batch->results, batch->result_count, err) &&
         store_commit(store, err);
    store_close(store);
    return ok;
}

static bool export_file(struct batch *batch, const char *name,
                        bool (*export)(FILE *, const struct export_batch *, struct error *),
                        struct error *err)
{
    if (told_to_stop(batch, err))
        return false;
    const char *path =
        arena_printf(batch->arena, "%s/%s", output_workspace(batch->output), name);
    struct export_batch whole = {.record = &batch->record,
                                 .results = batch->results,
                                 .result_count = batch->result_count,
                                 .forms = batch->options->forms,
                                 .form_count = batch->options->form_count};
    FILE *file = fopen(path, "we");
    if (file == NULL)
        return error_set(err, "%s: cannot be written: %s", path, strerror(errno));
    bool ok = export(file, &whole, err) || error_prefix(err, "%s", name);
    if (fclose(file) != 0 && ok)
        ok = error_set(err, "%s: cannot be written: %s", name, strerror(errno));
    return ok;
}

/* Adds the CPU used since *since to the stage. */
static void stage_done(struct batch *batch, enum batch_stage stage, double *since)
{
    double now = clock_s(CLOCK_PROCESS_CPUTIME_ID);
    batch->summary->own_cpu_s[stage] += now - *since;
    *since = now;
}

static bool write_results(struct batch *batch, struct error *err)
{
    const struct batch_options *options = batch->options;
    double since = clock_s(CLOCK_PROCESS_CPUTIME_ID);
    batch->record = record_assemble(batch->arena, batch->results, batch->result_count,
                                    options->forms, options->form_count, &batch->calibration);
    stage_done(batch, BATCH_ASSEMBLE, &since);
    if (told_to_stop(batch, err) || !write_store(batch, err))
        return false;
    stage_done(batch, BATCH_STORE, &since);
    bool ok = export_file(batch, "records.jsonl", export_records_jsonl, err) &&
              export_file(batch, "readings.jsonl", export_readings_jsonl, err) &&
              export_file(batch, "records.csv", export_records_csv, err) &&
              export_file(batch, "flags.csv", export_flags_csv, err);
    stage_done(batch, BATCH_EXPORT, &since);
    return ok;
}

/* ---- the summary ------------------------------------------------------------------------- */

/* Blank sheets and separators: recognised, and nothing to be read. */
static bool is_empty(enum flag reason)
{
    return reason == FLAG_BLANK_PAGE || reason == FLAG_SEPARATOR;
}

static int most_frequent(const void *a, const void *b)
{
    const struct batch_rejection *x = a, *y = b;
    bool x_empty = x->count == 0 || is_empty(x->reason);
    bool y_empty = y->count == 0 || is_empty(y->reason);
    if (x_empty != y_empty)
        return x_empty - y_empty;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return (x->reason > y->reason) - (x->reason < y->reason);
}

static bool lone_image(const struct batch *batch, size_t r)
{
    const size_t *file = batch->file_of_result;
    return (r == 0 || file[r - 1] != file[r]) &&
           (r + 1 == batch->result_count || file[r + 1] != file[r]);
}

static const char *page_name(struct batch *batch, const struct page_result *result)
{
    /* of the last two the detail says it, and all pages of a lost return are one case */
    if (!result->identified || result->reason == FLAG_PAGE_TWICE || result->reason == FLAG_PEN_LOST)
        return "";
    const struct form *form = batch->options->forms[result->placed.known.form];
    return arena_printf(batch->arena, "page %d of %s",
                        form->pages[result->placed.known.page].number, form->id);
}

/* Goes on with the latest place where the image follows it and is the same case. */
static void add_place(struct batch *batch, struct batch_rejection *rejection, size_t r)
{
    const struct page_result *result = &batch->results[r];
    struct batch_place *last = &rejection->places[rejection->place_count];
    const char *page = page_name(batch, result);
    if (rejection->place_count > 0 && result->image >= 0) {
        struct batch_place *before = last - 1;
        if (strcmp(before->source, result->source) == 0 && before->last + 1 == result->image &&
            strcmp(before->detail, result->detail) == 0 && *before->page == '\0' && *page == '\0') {
            before->last++;
            return;
        }
    }
    *last = (struct batch_place){.source = result->source,
                                 .detail = result->detail,
                                 .page = page,
                                 .image = result->image,
                                 .last = result->image,
                                 .lone = lone_image(batch, r)};
    rejection->place_count++;
}

static void sum_rejections(struct batch *batch)
{
    struct batch_summary *summary = batch->summary;
    struct batch_rejection *all = ARENA_NEW(batch->arena, struct batch_rejection, FLAG_COUNT);
    for (size_t i = 0; i < batch->result_count; i++) {
        enum flag reason = batch->results[i].reason;
        bool is_image = batch->results[i].image >= 0;
        summary->images += is_image;
        summary->files_rejected += !is_image;
        summary->pages_read += reason == FLAG_NONE;
        summary->empty += is_empty(reason);
        summary->twice += reason == FLAG_PAGE_TWICE;
        all[reason].count += reason != FLAG_NONE;
    }
    summary->images_rejected =
        summary->images - summary->pages_read - summary->empty - summary->twice;
    for (size_t f = 0; f < FLAG_COUNT; f++) {
        all[f].reason = (enum flag)f;
        all[f].places = ARENA_NEW(batch->arena, struct batch_place, all[f].count);
    }
    for (size_t i = 0; i < batch->result_count; i++)
        if (batch->results[i].reason != FLAG_NONE)
            add_place(batch, &all[batch->results[i].reason], i);
    summary->rejections = all;
    qsort(all, FLAG_COUNT, sizeof *all, most_frequent);
    for (size_t f = 0; f < FLAG_COUNT; f++)
        summary->rejection_count = all[f].count > 0 ? f + 1 : summary->rejection_count;
}

/* What is to be expected of the boxes that nobody looks at. */
static void sum_boxes(const struct batch *batch, const struct return_record *record)
{
    struct batch_summary *summary = batch->summary;
    const struct form *form = batch->options->forms[record->form];
    for (size_t p = 0; p < form->page_count; p++)
        for (size_t b = 0; record->boxes[p] != NULL && b < form->pages[p].box_count; b++) {
            const struct box_decision *box = &record->boxes[p][b];
            bool flagged = box->flag != FLAG_NONE || box->state == BOX_UNCERTAIN;
            size_t item = form->pages[p].boxes[b].item;
            bool critical = form->items[item].critical || item_question(form, item)->critical;
            struct batch_errors *errors = &summary->errors[critical];
            summary->boxes++;
            summary->boxes_flagged += flagged;
            errors->boxes += !flagged;
            errors->expected += flagged ? 0 : box->error;
            errors->allowed += flagged    ? 0
                               : critical ? form->policy.critical_error
                                          : form->policy.box_error;
        }
}

static const char *pages_missing_of(const struct return_record *record)
{
    for (size_t k = 0; k < record->flag_count; k++)
        if (record->flags[k].flag == FLAG_RETURN_INCOMPLETE)
            return record->flags[k].detail;
    return "";
}

static void sum_returns(struct batch *batch)
{
    struct batch_summary *summary = batch->summary;
    summary->missing = ARENA_NEW(batch->arena, struct batch_missing, batch->record.return_count);
    summary->returns = batch->record.return_count;
    summary->flags = batch->record.flag_count;
    for (size_t r = 0; r < batch->record.return_count; r++) {
        const struct return_record *record = &batch->record.returns[r];
        summary->complete += record->outcome == OUTCOME_COMPLETE;
        if (record->outcome == OUTCOME_PARTIAL)
            summary->missing[summary->partial++] =
                (struct batch_missing){record->reference, pages_missing_of(record)};
        summary->blank += record->outcome == OUTCOME_BLANK;
        summary->flags += record->flag_count;
        sum_boxes(batch, record);
        size_t items = batch->options->forms[record->form]->item_count;
        summary->answers += items;
        for (size_t i = 0; i < items; i++) {
            const struct answer *answer = &record->answers[i];
            summary->answers_flagged += answer->flagged;
            summary->answers_multiple += answer->status == ANSWER_MULTIPLE && !answer->flagged;
        }
    }
    summary->errors_proved = (double)(summary->boxes - summary->boxes_flagged) *
                             batch->calibration.mark_model.proved_error;
}

static void sum_up(struct batch *batch)
{
    batch->summary->files = batch->inputs.count;
    batch->summary->repeated = batch->inputs.repeated;
    batch->summary->skipped = batch->inputs.skipped;
    batch->summary->skipped_count = batch->inputs.skipped_count;
    batch->summary->learned = batch->record.learned;
    batch->summary->learned_count = batch->record.learned_count;
    batch->summary->forms = batch->options->forms;
    sum_rejections(batch);
    sum_returns(batch);
    struct findings findings =
        findings_make(batch->arena, batch->results, batch->result_count, &batch->record,
                      batch->options->forms, batch->options->form_count, &batch->calibration.health);
    batch->summary->findings = findings.lines;
    batch->summary->finding_count = findings.count;
}

/* The summary as a file: all places, and nothing that differs from run to run. */
static bool write_report(struct batch *batch, struct error *err)
{
    const char *path =
        arena_printf(batch->arena, "%s/report.txt", output_workspace(batch->output));
    struct text text;
    text_init(&text);
    report_summary(&text, batch->summary, &(struct report_options){.whole = true});
    FILE *file = fopen(path, "we");
    bool ok = file != NULL || error_set(err, "%s: cannot be written: %s", path, strerror(errno));
    if (ok && fwrite(text.data, 1, text.length, file) != text.length)
        ok = error_set(err, "report.txt: cannot be written: %s", strerror(errno));
    if (file != NULL && fclose(file) != 0 && ok)
        ok = error_set(err, "report.txt: cannot be written: %s", strerror(errno));
    text_release(&text);
    return ok;
}

bool batch_read(struct batch_summary *out, const struct batch_options *options, struct error *err)
{
    *out = (struct batch_summary){.arena = arena_new()};
    struct batch batch = {.options = options, .summary = out, .arena = out->arena};
    double since = clock_s(CLOCK_MONOTONIC);
    bool ok = check_forms(options, err) && calibration_load(&batch.calibration, err) &&
              output_open(&batch.output, options->folder, options->replace, err) &&
              list_inputs(&batch, err) && read_images(&batch, err) &&
              write_results(&batch, err) && draw_overlays(&batch, err);
    if (ok) {
        sum_up(&batch);
        ok = write_report(&batch, err) && !told_to_stop(&batch, err) &&
             output_commit(batch.output, err);
    }
    if (!ok && told_to_stop(&batch, NULL)) /* whatever the step that noticed it says */
        error_set(err, "stopped");
    output_close(batch.output);
    schedule_free(batch.schedule);
    out->seconds = clock_s(CLOCK_MONOTONIC) - since;
    return ok;
}

void batch_summary_release(struct batch_summary *summary)
{
    arena_free(summary->arena);
    *summary = (struct batch_summary){0};
}
