/* marksense form proof: simulated returns of a form, as scans with their exact truth. */
#include "cmd/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <allheaders.h>
#include <glib.h>

#include "cmd/cmd.h"
#include "form/file.h"
#include "form/load.h"
#include "form/template.h"
#include "proof/judge.h"
#include "proof/wave.h"
#include "run/batch.h"

static const char usage[] =
    "usage: marksense form proof [-n N] [--profile PROFILE] [--seed S] [-j N] [--foreign FORM]...\n"
    "                            [--generate-only | --judge-only] -o DIR FORM\n"
    "\n"
    "Fills the form in as people do, scans it as scanners do, and measures how well it is read.\n"
    "Writes DIR/scans, DIR/truth.jsonl (the exact truth about every box of every image),\n"
    "DIR/results (what was read), DIR/report.txt and DIR/report.json (how well).\n"
    "\n"
    "  -n N               returns; default 50\n"
    "  --profile PROFILE  clean, office (the default), fax, grey, awful, or a YAML file\n"
    "  --seed S           the same seed gives the same wave; default 1\n"
    "  -j N               processes; default: the cores of this machine\n"
    "  --foreign FORM     another form, pages of which lie among the returns; may be repeated\n"
    "  --generate-only    do not read the scans\n"
    "  --judge-only       read the scans that are in DIR already, and judge again\n"
    "  -o, --output DIR   where everything goes; made if it is missing\n"
    "  -h, --help         print this and stop\n";

enum { OPTION_PROFILE = 256, OPTION_SEED, OPTION_FOREIGN, OPTION_GENERATE_ONLY, OPTION_JUDGE_ONLY };

/* For each image, and for each worker: generous, for a machine that is busy. */
#define TIME_LIMIT_S 120
#define MEMORY_LIMIT_MB 3072

static const struct long_option long_options[] = {
    {"output", required_argument, NULL, 'o'},
    {"profile", required_argument, NULL, OPTION_PROFILE},
    {"seed", required_argument, NULL, OPTION_SEED},
    {"foreign", required_argument, NULL, OPTION_FOREIGN},
    {"generate-only", no_argument, NULL, OPTION_GENERATE_ONLY},
    {"judge-only", no_argument, NULL, OPTION_JUDGE_ONLY},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0}};

#define FOREIGN_MAX 16

struct settings {
    const char *foreign[FOREIGN_MAX];
    size_t foreign_count;
    const char *form, *profile, *folder;
    long long seed;
    long returns, workers;
    bool generate_only, judge_only;
};

static bool whole_number(long long *out, const char *text, long long low, long long high)
{
    char *end;
    *out = strtoll(text, &end, 10);
    return *text != '\0' && *end == '\0' && *out >= low && *out <= high;
}

/* The exit code to stop with, or -1 to go on. */
static int parse(struct settings *s, int argc, char **argv)
{
    int option;
    long long number;
    optind = 1;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "o:n:j:h", long_options, NULL)) != -1) {
        switch (option) {
        case 'o':
            s->folder = optarg;
            break;
        case 'n':
            if (!whole_number(&number, optarg, 1, 10000000))
                return command_usage("form proof", "-n: a number of returns was expected");
            s->returns = (long)number;
            break;
        case 'j':
            if (!whole_number(&number, optarg, 1, 1024))
                return command_usage("form proof", "-j: a number of processes was expected");
            s->workers = (long)number;
            break;
        case OPTION_PROFILE:
            s->profile = optarg;
            break;
        case OPTION_SEED:
            if (!whole_number(&s->seed, optarg, 0, 0x7fffffffffffffffLL))
                return command_usage("form proof", "--seed: a whole number was expected");
            break;
        case OPTION_FOREIGN:
            if (s->foreign_count == FOREIGN_MAX)
                return command_usage("form proof", "--foreign: at most %d forms", FOREIGN_MAX);
            s->foreign[s->foreign_count++] = optarg;
            break;
        case OPTION_GENERATE_ONLY:
            s->generate_only = true;
            break;
        case OPTION_JUDGE_ONLY:
            s->judge_only = true;
            break;
        case 'h':
            fputs(usage, stdout);
            return EXIT_DONE;
        default:
            return command_no_option("form proof", argv);
        }
    }
    if (argc - optind != 1)
        return command_usage("form proof", "one form was expected");
    if (s->generate_only && s->judge_only)
        return command_usage("form proof", "--generate-only or --judge-only, not both");
    if (s->folder == NULL)
        return command_usage("form proof", "say with -o where the scans should go");
    s->form = argv[optind];
    return -1;
}

/* Neither a form nor an earlier wave, whose scans would mix with the new ones. */
static bool folder_is_free(const char *folder, struct error *err)
{
    if (file_holds(folder, "form.yaml") || file_holds(folder, TEMPLATE_FILE))
        return error_set(err, "%s is a form: name a folder of its own for the scans with -o", folder);
    if (file_holds(folder, "truth.jsonl") || file_holds(folder, "scans"))
        return error_set(err, "%s holds scans already: name another folder with -o, or read these again with "
                              "--judge-only", folder);
    return true;
}

static bool make_wave(const struct form *form, const struct settings *s,
                      const struct form *const *foreign, struct error *err)
{
    struct profile profile;
    struct wave_report report;
    if (!profile_load(&profile, s->profile, err))
        return false;
    struct wave_options options = {.form = form,
                                   .foreign = foreign,
                                   .foreign_count = s->foreign_count,
                                   .profile = &profile,
                                   .seed = (uint64_t)s->seed,
                                   .returns = (size_t)s->returns,
                                   .workers = (size_t)s->workers,
                                   .folder = s->folder};
    if (!wave_generate(&report, &options, err))
        return false;
    printf("%zu returns in %zu stacks: %zu images with %zu boxes, %zu of them marked\n"
           "  scans  %s/scans\n  truth  %s/truth.jsonl\n",
           report.returns, report.stacks, report.images, report.boxes, report.marks, s->folder,
           s->folder);
    return true;
}

static bool generate(const struct form *form, const struct settings *s, struct error *err)
{
    struct form *foreign[FOREIGN_MAX] = {NULL};
    bool fine = true;
    for (size_t i = 0; i < s->foreign_count && fine; i++) {
        fine = form_load(&foreign[i], s->foreign[i], err);
        if (fine && foreign[i]->page_count == 0)
            fine = error_set(err, "%s: the form has no template yet: build or import it first",
                             s->foreign[i]);
    }
    fine = fine && make_wave(form, s, (const struct form *const *)foreign, err);
    for (size_t i = 0; i < s->foreign_count; i++)
        form_free(foreign[i]);
    return fine;
}

static bool read_scans(const struct form *form, const struct settings *s, struct error *err)
{
    char *scans = g_strdup_printf("%s/scans", s->folder);
    char *results = g_strdup_printf("%s/results", s->folder);
    const char *inputs[] = {scans};
    struct batch_options options = {.forms = &form,
                                    .form_count = 1,
                                    .inputs = inputs,
                                    .input_count = 1,
                                    .folder = results,
                                    .replace = true,
                                    .jobs = (int)s->workers,
                                    .time_limit_s = TIME_LIMIT_S,
                                    .memory_limit_mb = MEMORY_LIMIT_MB,
                                    .stop_fd = -1};
    struct batch_summary summary;
    bool fine = batch_read(&summary, &options, err);
    if (fine)
        printf("%zu images read in %.0f s\n", summary.images, summary.seconds);
    batch_summary_release(&summary);
    g_free(scans);
    g_free(results);
    return fine;
}

static bool write_report(const struct settings *s, const char *name, const struct text *text,
                         struct error *err)
{
    char *path = g_strdup_printf("%s/%s", s->folder, name);
    GError *trouble = NULL;
    bool fine = g_file_set_contents(path, text->data, (gssize)text->length, &trouble) ||
                error_set(err, "%s: %s", path, trouble->message);
    g_clear_error(&trouble);
    g_free(path);
    return fine;
}

static bool judge(const struct form *form, const struct settings *s, struct error *err)
{
    char *truth = g_strdup_printf("%s/truth.jsonl", s->folder);
    char *readings = g_strdup_printf("%s/results/readings.jsonl", s->folder);
    struct judgement *judgement = judge_wave(truth, readings, form, err);
    struct text people, machines;
    text_init(&people);
    text_init(&machines);
    if (judgement != NULL) {
        judgement_text(&people, judgement);
        judgement_json(&machines, judgement);
        printf("\n%s", people.data);
    }
    bool fine = judgement != NULL && write_report(s, "report.txt", &people, err) &&
                write_report(s, "report.json", &machines, err);
    judgement_free(judgement);
    text_release(&people);
    text_release(&machines);
    g_free(truth);
    g_free(readings);
    return fine;
}

int cmd_form_proof(int argc, char **argv)
{
    struct settings s = {.profile = "office", .seed = 1, .returns = 50,
                         .workers = sysconf(_SC_NPROCESSORS_ONLN)};
    struct form *form;
    struct error err;
    int stop = parse(&s, argc, argv);
    if (stop >= 0)
        return stop;
    setMsgSeverity(L_SEVERITY_NONE);
    if (!form_load(&form, s.form, &err))
        return command_failed(&err);
    bool fine = form_is_as_printed(form, &err) &&
                (s.judge_only || (folder_is_free(s.folder, &err) && generate(form, &s, &err)));
    fflush(stdout);
    if (fine && !s.generate_only)
        fine = read_scans(form, &s, &err) && judge(form, &s, &err);
    form_free(form);
    return fine ? EXIT_DONE : command_failed(&err);
}
