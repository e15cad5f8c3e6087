/* marksense read: scans of filled-in forms into records. */
#include "cmd/options.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "form/lint_plates.h"
#include "form/load.h"
#include "form/plate.h"
#include "run/batch.h"
#include "run/report.h"

#define MOST_FORMS 64
#define MOST_JOBS 512
#define TIME_LIMIT_S 60
#define MEMORY_LIMIT_MB 3072

static const char usage[] =
    "usage: marksense read -f FORM... -o DIR [OPTION...] INPUT...\n"
    "\n"
    "Reads scans of filled-in forms and writes records into the folder DIR. An INPUT is a PNG,\n"
    "JPEG, TIFF or PDF file, a folder of them, or - for a file on standard input.\n"
    "\n"
    "  -f, --form FORM       form folder; may be given several times\n"
    "  -o, --output DIR      folder for the results; made where it is missing\n"
    "  -j, --jobs N          worker processes (default: one a core)\n"
    "      --overlays        also write a picture of each page with every box as it was read\n"
    "      --no-ocr          draft no written answers\n"
    "      --replace         replace the results of an earlier run in DIR\n"
    "      --time-limit S    seconds for one image before it is given up (default: 60)\n"
    "      --timings         print how much CPU each stage took\n"
    "  -q, --quiet           no progress, no summary\n"
    "  -v, --verbose         show what the image libraries complain about\n"
    "  -h, --help            print this and stop\n"
    "\n"
    "Exit codes: 0 done; 1 failed, nothing was written; 2 wrong usage; 3 done, but something\n"
    "needs a person: see flags.csv.\n";

struct arguments {
    const char *forms[MOST_FORMS];
    size_t form_count;
    struct batch_options batch;
    bool quiet, timings, help;
};

enum { OPTION_OVERLAYS = 256, OPTION_NO_OCR, OPTION_REPLACE, OPTION_TIME_LIMIT, OPTION_TIMINGS };

static const struct long_option long_options[] = {
    {"form", required_argument, NULL, 'f'},
    {"output", required_argument, NULL, 'o'},
    {"jobs", required_argument, NULL, 'j'},
    {"overlays", no_argument, NULL, OPTION_OVERLAYS},
    {"no-ocr", no_argument, NULL, OPTION_NO_OCR},
    {"replace", no_argument, NULL, OPTION_REPLACE},
    {"time-limit", required_argument, NULL, OPTION_TIME_LIMIT},
    {"timings", no_argument, NULL, OPTION_TIMINGS},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static bool whole_number(int *out, const char *text, int least, int most)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < least || value > most)
        return false;
    *out = (int)value;
    return true;
}

/* EXIT_DONE, or EXIT_USAGE after having complained. */
static int take_option(struct arguments *arguments, int option)
{
    struct batch_options *batch = &arguments->batch;
    switch (option) {
    case 'f':
        if (arguments->form_count == MOST_FORMS)
            return command_usage("read", "more than %d forms", MOST_FORMS);
        arguments->forms[arguments->form_count++] = optarg;
        return EXIT_DONE;
    case 'o':
        batch->folder = optarg;
        return EXIT_DONE;
    case 'j':
        if (!whole_number(&batch->jobs, optarg, 1, MOST_JOBS))
            return command_usage("read", "-j takes a number from 1 to %d, not '%s'", MOST_JOBS,
                                 optarg);
        return EXIT_DONE;
    case OPTION_TIME_LIMIT:
        if (!whole_number(&batch->time_limit_s, optarg, 1, 86400))
            return command_usage("read", "--time-limit takes seconds from 1 to 86400, not '%s'",
                                 optarg);
        return EXIT_DONE;
    case OPTION_OVERLAYS:
        batch->overlays = true;
        return EXIT_DONE;
    case OPTION_NO_OCR:
        batch->ocr = false;
        return EXIT_DONE;
    case OPTION_REPLACE:
        batch->replace = true;
        return EXIT_DONE;
    case OPTION_TIMINGS:
        arguments->timings = true;
        return EXIT_DONE;
    case 'q':
        arguments->quiet = true;
        return EXIT_DONE;
    case 'v':
        batch->verbose = true;
        return EXIT_DONE;
    case 'h':
        arguments->help = true;
        return EXIT_DONE;
    default:
        return EXIT_USAGE;
    }
}

static int take_arguments(struct arguments *arguments, int argc, char **argv)
{
    int option;
    optind = 1;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "f:o:j:qvh", long_options, NULL)) != -1) {
        int code = option == '?' ? command_no_option("read", argv) : take_option(arguments, option);
        if (code != EXIT_DONE || arguments->help)
            return code;
    }
    arguments->batch.inputs = (const char *const *)argv + optind;
    arguments->batch.input_count = (size_t)(argc - optind);
    if (arguments->form_count == 0)
        return command_usage("read", "expected -f FORM, the form that the scans show");
    if (arguments->batch.folder == NULL)
        return command_usage("read", "expected -o DIR, the folder for the results");
    if (arguments->batch.input_count == 0)
        return command_usage("read", "expected INPUT, the files or folders to be read");
    return EXIT_DONE;
}

/* ---- progress ---------------------------------------------------------------------------- */

static void show_progress(void *context, const struct progress *progress)
{
    (void)context;
    struct winsize size;
    int width = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
    struct text line;
    text_init(&line);
    report_progress(&line, progress, width);
    fprintf(stderr, "\r%s\033[K", line.data);
    fflush(stderr);
    text_release(&line);
}

/* ---- signals ----------------------------------------------------------------------------- */

/* The signals that mean "stop" come through a descriptor, so that nothing is cut off in the middle
 * of a step. */
static int stop_descriptor(void)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGXFSZ, SIG_IGN); /* a file that grew too large is an error like a full disk */
    return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int stopped_code(int stop_fd)
{
    struct signalfd_siginfo told = {0};
    if (read(stop_fd, &told, sizeof told) != (ssize_t)sizeof told)
        told.ssi_signo = SIGINT;
    return 128 + (int)told.ssi_signo;
}

/* ---- the run ----------------------------------------------------------------------------- */

static bool load_forms(struct form **forms, const struct arguments *arguments, struct error *err)
{
    for (size_t i = 0; i < arguments->form_count; i++)
        if (!form_load(&forms[i], arguments->forms[i], err))
            return false;
    return true;
}

/* What the answers are called may have been mended since; that they were exchanged must not go unseen. */
static void warn_of_changed_forms(struct form *const *forms, size_t count)
{
    struct error changed;
    for (size_t i = 0; i < count; i++)
        if (!form_is_as_printed(forms[i], &changed))
            fprintf(stderr, "marksense: warning: %s\n", changed.text);
}

/* Says so before the scans are read: where boxes lie beside what the blank prints, every page of the
 * form would be set aside one by one. A blank that cannot be loaded is the workers' to tell. */
static void warn_of_moved_boxes(struct form *const *forms, const struct arguments *arguments)
{
    for (size_t i = 0; i < arguments->form_count; i++) {
        struct lint_report beside = {0};
        text_init(&beside.findings);
        for (size_t page = 0; page < forms[i]->page_count; page++) {
            PIX *plate;
            struct error ignored;
            if (forms[i]->pages[page].box_count == 0 ||
                !plate_load(&plate, forms[i], page, &ignored))
                continue;
            lint_outlines(&beside, forms[i], page, plate);
            pixDestroy(&plate);
        }
        if (beside.errors > 0)
            fprintf(stderr, "marksense: warning: %s: on %zu page%s boxes are printed beside where "
                    "template.json says and will not be read: is it of another blank? form check "
                    "names them\n",
                    arguments->forms[i], beside.errors, beside.errors == 1 ? "" : "s");
        lint_report_release(&beside);
    }
}

/* Pages that only a code could tell apart, and that bear none: every scan of them would be set aside, one by
 * one, as a page of none of the forms. */
static void warn_of_alike_forms(struct form *const *forms, const struct arguments *arguments)
{
    struct lint_plates *plates = lint_plates_new();
    struct lint_report own = {0}, alike = {0};
    text_init(&own.findings);
    text_init(&alike.findings);
    for (size_t i = 0; arguments->form_count > 1 && i < arguments->form_count; i++)
        for (size_t page = 0; page < forms[i]->page_count; page++) {
            PIX *plate;
            struct error ignored;
            if (forms[i]->pages[page].has_code || !plate_load(&plate, forms[i], page, &ignored))
                continue;
            lint_plates_add(plates, &own, forms[i], page, plate);
            pixDestroy(&plate);
        }
    lint_plates_compare(plates, &alike);
    if (alike.warnings > 0)
        fprintf(stderr, "marksense: %.*s\n", (int)strcspn(alike.findings.data, "\n"), alike.findings.data);
    if (alike.warnings > 1)
        fprintf(stderr, "marksense: warning: so do %zu more pairs of pages; form check names them\n",
                alike.warnings - 1);
    lint_report_release(&own);
    lint_report_release(&alike);
    lint_plates_free(plates);
}

static void print_summary(const struct batch_summary *summary, const struct arguments *arguments)
{
    const char *no_colour = getenv("NO_COLOR");
    struct report_options options = {
        .folder = arguments->batch.folder,
        .colour = isatty(STDOUT_FILENO) && (no_colour == NULL || *no_colour == '\0'),
        .timings = arguments->timings};
    struct text text;
    text_init(&text);
    report_summary(&text, summary, &options);
    fputs(text.data, stdout);
    text_release(&text);
}

static int run(struct arguments *arguments)
{
    struct batch_options *batch = &arguments->batch;
    struct batch_summary summary;
    struct error err = {""};
    bool bar = !arguments->quiet && isatty(STDERR_FILENO);
    batch->progress = bar ? show_progress : NULL;
    batch->stop_fd = stop_descriptor();
    bool ok = batch_read(&summary, batch, &err);
    int code = !ok ? EXIT_FAILED : summary.flags > 0 ? EXIT_NEEDS_PERSON : EXIT_DONE;
    if (bar)
        fputs("\r\033[K", stderr);
    if (ok && (!arguments->quiet || arguments->timings))
        print_summary(&summary, arguments);
    if (summary.stopped) {
        code = stopped_code(batch->stop_fd);
        fprintf(stderr, "marksense: stopped; nothing was written to %s\n", batch->folder);
    } else if (!ok) {
        command_failed(&err);
    }
    batch_summary_release(&summary);
    if (batch->stop_fd >= 0)
        close(batch->stop_fd);
    return code;
}

int cmd_read(int argc, char **argv)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    struct arguments arguments = {
        .batch = {.jobs = cores < 1 ? 1 : cores > MOST_JOBS ? MOST_JOBS : (int)cores,
                  .ocr = true,
                  .time_limit_s = TIME_LIMIT_S,
                  .memory_limit_mb = MEMORY_LIMIT_MB}};
    int code = take_arguments(&arguments, argc, argv);
    if (code != EXIT_DONE)
        return code;
    if (arguments.help) {
        fputs(usage, stdout);
        return EXIT_DONE;
    }
    struct form *forms[MOST_FORMS] = {NULL};
    struct error err = {""};
    arguments.batch.forms = (const struct form *const *)forms;
    arguments.batch.form_count = arguments.form_count;
    bool loaded = load_forms(forms, &arguments, &err);
    if (loaded) {
        warn_of_changed_forms(forms, arguments.form_count);
        warn_of_moved_boxes(forms, &arguments);
        warn_of_alike_forms(forms, &arguments);
    }
    code = loaded ? run(&arguments) : command_failed(&err);
    for (size_t i = 0; i < arguments.form_count; i++)
        form_free(forms[i]);
    return code;
}
