/* What a batch says to the person who runs it: the line of progress and the summary. */
#include "run/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define BAR_COLUMNS 24
#define NUMBER_BYTES 32

/* 12345 as "12,345". */
static const char *number(char out[NUMBER_BYTES], size_t value)
{
    char digits[NUMBER_BYTES];
    int length = snprintf(digits, sizeof digits, "%zu", value), at = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = '\0';
    return out;
}

static void add_number(struct text *out, size_t value)
{
    char buffer[NUMBER_BYTES];
    text_add(out, number(buffer, value));
}

/* "1 page", "12 pages" */
static void add_count(struct text *out, size_t value, const char *one, const char *more)
{
    add_number(out, value);
    text_addf(out, " %s", value == 1 ? one : more);
}

static void add_duration(struct text *out, double seconds)
{
    long s = lround(seconds);
    if (s < 60)
        text_addf(out, "%ld s", s);
    else if (s < 3600)
        text_addf(out, "%ld min %02ld s", s / 60, s % 60);
    else
        text_addf(out, "%ld h %02ld min", s / 3600, s % 3600 / 60);
}

void report_progress(struct text *out, const struct progress *progress, int width)
{
    struct text line;
    text_init(&line);
    double done = (double)progress->images_done;
    double share = progress->images_expected > 0 ? done / progress->images_expected : 0;
    share = share > 1 ? 1 : share;
    text_addf(&line, "%s [", progress->doing);
    for (int i = 0; i < BAR_COLUMNS; i++)
        text_add(&line, i < (int)(share * BAR_COLUMNS) ? "#" : ".");
    text_addf(&line, "] %3d %%  ", (int)(share * 100));
    add_count(&line, progress->images_done, "image", "images");
    if (progress->seconds > 1 && done > 0) {
        double rate = done / progress->seconds;
        text_addf(&line, "  %.1f/s  ", rate);
        add_duration(&line, (progress->images_expected - done) / rate);
        text_add(&line, " to go");
    }
    size_t columns = width > 1 ? (size_t)width - 1 : line.length;
    text_add_bytes(out, line.data, line.length < columns ? line.length : columns);
    text_release(&line);
}

static void add_line(struct text *out, const char *what, size_t value, const char *more)
{
    char buffer[NUMBER_BYTES];
    text_addf(out, "  %-14s %10s%s%s\n", what, number(buffer, value), *more == '\0' ? "" : "   ",
              more);
}

static void add_counts(struct text *out, const struct batch_summary *summary)
{
    struct text more;
    text_init(&more);
    text_add(&more, "in ");
    add_count(&more, summary->files, "file", "files");
    add_line(out, "images", summary->images, more.data);
    add_line(out, "pages read", summary->pages_read, "");
    text_clear(&more);
    /* a blank return has all its pages too */
    add_number(&more, summary->complete + summary->blank);
    text_add(&more, " complete (");
    add_number(&more, summary->blank);
    text_add(&more, " of them blank), ");
    add_number(&more, summary->partial);
    text_add(&more, " with pages missing");
    add_line(out, "returns", summary->returns, more.data);
    text_clear(&more);
    add_number(&more, summary->answers_flagged);
    text_add(&more, " of them for a person to look at");
    add_line(out, "answers", summary->answers, more.data);
    if (summary->boxes > 0) {
        text_clear(&more);
        add_number(&more, summary->boxes_flagged);
        text_addf(&more, " of them for a person; among the others %.2g wrong ones are expected\n"
                         "%*s(at most %.2g by what the sample behind the reading can prove)",
                  summary->errors_expected, 30, "", summary->errors_proved);
        add_line(out, "boxes", summary->boxes, more.data);
    }
    size_t rejected = 0;
    for (size_t i = 0; i < summary->rejection_count; i++)
        rejected += summary->rejections[i].count;
    add_line(out, "not read", rejected, rejected == 0 ? "" : "files and images; see below");
    text_release(&more);
}

static void add_rejection(struct text *out, const struct batch_rejection *rejection)
{
    char buffer[NUMBER_BYTES];
    text_addf(out, "  %6s  %s\n", number(buffer, rejection->count),
              flag_sentence(rejection->reason));
    for (size_t i = 0; i < rejection->example_count; i++) {
        text_addf(out, "          %s", rejection->examples[i].source);
        if (rejection->examples[i].image >= 0 && rejection->examples[i].images != 1)
            text_addf(out, ", image %d", rejection->examples[i].image + 1);
        if (rejection->examples[i].detail[0] != '\0')
            text_addf(out, " (%s)", rejection->examples[i].detail);
        text_add(out, "\n");
    }
    if (rejection->count > rejection->example_count) {
        text_add(out, "          and ");
        add_number(out, rejection->count - rejection->example_count);
        text_add(out, " more\n");
    }
    const char *advice = flag_advice(rejection->reason);
    bool question = advice[0] != '\0' && advice[strlen(advice) - 1] == '?';
    text_addf(out, "          What to do: %s%s\n", advice, question ? "" : ".");
}

static void add_left_out(struct text *out, const struct batch_summary *summary)
{
    if (summary->repeated > 0) {
        text_add(out, "\n");
        add_count(out, summary->repeated, "file was", "files were");
        text_add(out, " named more than once and read once.\n");
    }
    for (size_t i = 0; i < summary->skipped_count; i++)
        text_addf(out, "%s%s was left out: it holds a form or the results of an earlier run.\n",
                  i == 0 ? "\n" : "", summary->skipped[i]);
}

static void add_timings(struct text *out, const struct batch_summary *summary)
{
    static const char *const stages[STAGE_COUNT] = {
        [STAGE_OPEN] = "open", [STAGE_DECODE] = "decode", [STAGE_PLACE] = "identify, register",
        [STAGE_PREPARE] = "prepare form pages",
        [STAGE_MARKS] = "marks", [STAGE_TEXT] = "text", [STAGE_DRAW] = "overlays"};
    static const char *const own[BATCH_STAGE_COUNT] = {
        [BATCH_ASSEMBLE] = "assemble", [BATCH_STORE] = "store", [BATCH_EXPORT] = "export"};
    double images = summary->images > 0 ? (double)summary->images : 1, sum = 0;
    text_add(out, "\nCPU, ms an image:\n");
    for (int i = 0; i < STAGE_COUNT; i++) {
        text_addf(out, "  %-20s %9.2f\n", stages[i], summary->cpu_s[i] * 1000 / images);
        sum += summary->cpu_s[i];
    }
    for (int i = 0; i < BATCH_STAGE_COUNT; i++) {
        text_addf(out, "  %-20s %9.2f\n", own[i], summary->own_cpu_s[i] * 1000 / images);
        sum += summary->own_cpu_s[i];
    }
    text_addf(out, "  %-20s %9.2f\n", "in all", sum * 1000 / images);
}

static void add_places(struct text *out, const struct batch_summary *summary, const char *folder)
{
    text_addf(out, "\nThe results are in %s:\n", folder);
    text_add(out, "  records.csv     one row a return, for a spreadsheet\n"
                  "  records.jsonl   the same with all that is known of each answer\n"
                  "  flags.csv       what a person should look at, and why\n"
                  "  readings.jsonl  what was measured on each image\n"
                  "  store.sqlite    all of it as a database\n");
    if (summary->overlays > 0) {
        text_add(out, "  overlays/       ");
        add_count(out, summary->overlays, "picture", "pictures");
        text_add(out, " of what was seen\n");
    }
}

static void add_next(struct text *out, const struct batch_summary *summary,
                     const struct report_options *options)
{
    const char *bold = options->colour ? "\033[1m" : "", *plain = options->colour ? "\033[0m" : "";
    if (summary->flags == 0) {
        text_addf(out, "\n%sNothing needs a look.%s Next: open %s/records.csv\n", bold, plain,
                  options->folder);
        return;
    }
    text_addf(out, "\n%s", bold);
    add_count(out, summary->flags, "thing needs", "things need");
    text_addf(out, " a look.%s Next: open %s/flags.csv\n", plain, options->folder);
    if (summary->overlays == 0)
        text_add(out, "(run again with --replace --overlays for pictures of what was seen)\n");
}

void report_summary(struct text *out, const struct batch_summary *summary,
                    const struct report_options *options)
{
    add_counts(out, summary);
    if (summary->reading_s > 0 && summary->images > 0) {
        struct text took;
        text_init(&took);
        add_duration(&took, summary->seconds);
        text_addf(out, "  %-14s %10s   %.1f images a second\n", "time", took.data,
                  (double)summary->images / summary->reading_s);
        text_release(&took);
    }
    if (summary->rejection_count > 0)
        text_add(out, "\nNot read:\n");
    for (size_t i = 0; i < summary->rejection_count; i++)
        add_rejection(out, &summary->rejections[i]);
    add_left_out(out, summary);
    if (options->timings)
        add_timings(out, summary);
    add_places(out, summary, options->folder);
    add_next(out, summary, options);
}
