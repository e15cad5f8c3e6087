/* What a batch says to the person who runs it: the line of progress and the summary. */
#include "run/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define BAR_COLUMNS 24
#define NUMBER_BYTES 32
#define REPORT_PLACES 5 /* shown of each reason on the screen */

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

/* What the study accepts is a wish: the limits follow it, but what no scan shows they cannot take out. */
static void add_errors(struct text *out, const char *which, const struct batch_errors *errors)
{
    double boxes = (double)errors->boxes;
    if (errors->boxes > 0)
        text_addf(out, "\n%*s%s questions: %.2g a box ('accept': %.2g%s)", 30, "", which,
                  errors->expected / boxes, errors->allowed / boxes,
                  errors->expected > errors->allowed ? ", fewer than such scans show" : "");
}

/* Counts that add up: images = read + empty + twice + not read. */
static void add_counts(struct text *out, const struct batch_summary *summary)
{
    struct text more;
    text_init(&more);
    text_add(&more, "in ");
    add_count(&more, summary->files, "file", "files");
    add_line(out, "images", summary->images, more.data);
    add_line(out, "  read", summary->pages_read, "");
    if (summary->empty > 0)
        add_line(out, "  empty", summary->empty, "blank sheets and separators");
    if (summary->twice > 0)
        add_line(out, "  twice", summary->twice, "pages that were read already");
    add_line(out, "  not read", summary->images_rejected,
             summary->images_rejected == 0 ? "" : "see below");
    if (summary->files_rejected > 0)
        add_line(out, "bad files", summary->files_rejected, "files that could not be opened; see below");
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
    if (summary->answers_multiple > 0)
        add_line(out, "  multiple", summary->answers_multiple,
                 "more marks than allowed, coded as the form's policy says");
    if (summary->boxes > 0) {
        text_clear(&more);
        add_number(&more, summary->boxes_flagged);
        text_addf(&more, " of them for a person; among the others %.2g wrong ones are expected\n"
                         "%*s(at most %.2g by what the sample behind the reading can prove)",
                  summary->errors[0].expected + summary->errors[1].expected, 30, "",
                  summary->errors_proved);
        add_errors(&more, "ordinary", &summary->errors[0]);
        add_errors(&more, "critical", &summary->errors[1]);
        add_line(out, "boxes", summary->boxes, more.data);
    }
    text_release(&more);
}

static void add_place(struct text *out, const struct batch_place *place)
{
    text_addf(out, "          %s", place->source);
    if (place->image >= 0 && place->last > place->image)
        text_addf(out, ", images %d to %d", place->image + 1, place->last + 1);
    else if (place->image >= 0 && !place->lone)
        text_addf(out, ", image %d", place->image + 1);
    if (*place->page != '\0')
        text_addf(out, ": %s", place->page);
    if (*place->detail != '\0')
        text_addf(out, " (%s)", place->detail);
    text_add(out, "\n");
}

static void add_rejection(struct text *out, const struct batch_rejection *rejection, bool whole)
{
    char buffer[NUMBER_BYTES];
    text_addf(out, "  %6s  %s\n", number(buffer, rejection->count),
              flag_sentence(rejection->reason));
    const char *advice = flag_advice(rejection->reason);
    bool question = advice[0] != '\0' && advice[strlen(advice) - 1] == '?';
    text_addf(out, "          What to do: %s%s\n", advice, question ? "" : ".");
    size_t shown = whole || rejection->place_count <= REPORT_PLACES ? rejection->place_count
                                                                    : REPORT_PLACES;
    for (size_t i = 0; i < shown; i++)
        add_place(out, &rejection->places[i]);
    if (shown < rejection->place_count) {
        size_t images = 0;
        for (size_t i = shown; i < rejection->place_count; i++)
            images += (size_t)(rejection->places[i].last - rejection->places[i].image + 1);
        text_add(out, "          and ");
        add_number(out, images);
        text_add(out, " more: report.txt has them all\n");
    }
}

/* What has to be done first: look, or scan again. Empty sheets are only counted above. */
static void add_rejections(struct text *out, const struct batch_summary *summary,
                           const struct report_options *options)
{
    bool begun = false;
    for (size_t i = 0; i < summary->rejection_count; i++) {
        enum flag reason = summary->rejections[i].reason;
        bool empty = reason == FLAG_BLANK_PAGE || reason == FLAG_SEPARATOR;
        if (summary->rejections[i].count == 0 || (empty && !options->whole))
            continue;
        if (!begun)
            text_addf(out, "\n%sNot read:%s\n", options->colour ? "\033[1m" : "",
                      options->colour ? "\033[0m" : "");
        begun = true;
        add_rejection(out, &summary->rejections[i], options->whole);
    }
}

/* Sheets to be looked for: in the stack, under the scanner, in the envelope. */
static void add_missing(struct text *out, const struct batch_summary *summary,
                        const struct report_options *options)
{
    size_t shown = options->whole || summary->partial <= REPORT_PLACES ? summary->partial : REPORT_PLACES;
    if (summary->partial == 0)
        return;
    text_addf(out, "\n%sPages missing:%s\n", options->colour ? "\033[1m" : "",
              options->colour ? "\033[0m" : "");
    for (size_t i = 0; i < shown; i++)
        text_addf(out, "          return %s: %s\n", summary->missing[i].reference, summary->missing[i].pages);
    if (shown < summary->partial) {
        text_add(out, "          and ");
        add_count(out, summary->partial - shown, "more return", "more returns");
        text_add(out, ": report.txt has them all\n");
    }
}

static void add_findings(struct text *out, const struct batch_summary *summary,
                         const struct report_options *options)
{
    if (summary->finding_count == 0)
        return;
    text_addf(out, "\n%sAbout the scans:%s\n", options->colour ? "\033[1m" : "",
              options->colour ? "\033[0m" : "");
    for (size_t i = 0; i < summary->finding_count; i++)
        text_addf(out, "  - %s.\n", summary->findings[i]);
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

/* What the forms' blanks do not show: it was learned from the scans, or could not be. */
static void add_learned(struct text *out, const struct batch_summary *summary)
{
    for (size_t i = 0; i < summary->learned_count; i++) {
        const struct learned_page *page = &summary->learned[i];
        const struct form *form = summary->forms[page->form];
        text_add(out, i == 0 ? "\n" : "");
        add_count(out, page->unprinted, "box", "boxes");
        text_addf(out, " of page %d of %s %s not as on the blank: the print ",
                  form->pages[page->page].number, form->id, page->unprinted == 1 ? "is" : "are");
        text_add(out, page->learned < page->unprinted ? "of " : "");
        if (page->learned < page->unprinted)
            add_number(out, page->learned);
        text_add(out, page->learned < page->unprinted ? " was learned from " : "was learned from ");
        add_count(out, page->scans, "scan", "scans");
        text_add(out, page->learned < page->unprinted
                          ? ", the others are for a person to look at.\n"
                          : ".\n");
    }
    if (summary->learned_count > 0)
        text_add(out, "          What to do: import a blank that shows these boxes, if there is one.\n");
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
                  "  report.txt      this summary, with every sheet that was not read or is missing\n"
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
    if (summary->reading_s > 0 && summary->images > 0 && !options->whole) {
        struct text took;
        text_init(&took);
        add_duration(&took, summary->seconds);
        text_addf(out, "  %-14s %10s   %.1f images a second\n", "time", took.data,
                  (double)summary->images / summary->reading_s);
        text_release(&took);
    }
    add_rejections(out, summary, options);
    add_missing(out, summary, options);
    add_findings(out, summary, options);
    add_left_out(out, summary);
    add_learned(out, summary);
    if (options->whole)
        return;
    if (options->timings)
        add_timings(out, summary);
    add_places(out, summary, options->folder);
    add_next(out, summary, options);
}
