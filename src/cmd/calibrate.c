/* marksense calibrate marks: refits the model of marks and says how far the one in use was off. */
#include "cmd/options.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <allheaders.h>
#include <glib.h>

#include "cmd/cmd.h"
#include "proof/mark_report.h"

static const char usage[] =
    "usage: marksense calibrate marks [-o FILE] [--diagram FILE] [--crops FILE] LABELLED...\n"
    "\n"
    "Refits the model that tells empty, marked and withdrawn boxes apart, from boxes whose state is\n"
    "known, and says how far the model in use is off on them. A LABELLED is a folder of 'marksense\n"
    "form proof', or one of 'marksense read' to which a verified.jsonl was added: one box a line,\n"
    "{\"source\": ..., \"image\": ..., \"question\": ..., \"value\": ..., \"state\": ...}.\n"
    "\n"
    "  -o, --output FILE  write the new model, with the one in use kept inside it\n"
    "      --diagram FILE draw errors said against errors seen, as SVG\n"
    "      --crops FILE   draw the least sure boxes of each state, as PNG\n"
    "      --judge-only   fit nothing: judge the model in use\n"
    "      --keep-weights fit only how often boxes of each doubt are wrong: the same boxes are\n"
    "                     accepted, what is said of them is new\n"
    "      --date DATE    the date of the new model; default: today\n"
    "  -h, --help         print this and stop\n";

#define CROPS_MOST 96

enum { OPTION_DIAGRAM = 256, OPTION_CROPS, OPTION_JUDGE_ONLY, OPTION_KEEP_WEIGHTS, OPTION_DATE };

static const struct long_option long_options[] = {
    {"output", required_argument, NULL, 'o'},
    {"diagram", required_argument, NULL, OPTION_DIAGRAM},
    {"crops", required_argument, NULL, OPTION_CROPS},
    {"judge-only", no_argument, NULL, OPTION_JUDGE_ONLY},
    {"keep-weights", no_argument, NULL, OPTION_KEEP_WEIGHTS},
    {"date", required_argument, NULL, OPTION_DATE},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0}};

struct settings {
    const char *output, *diagram, *crops, *date;
    bool judge_only, keep_weights;
    char **folders;
    int folder_count;
};

/* The exit code to stop with, or -1 to go on. */
static int parse(struct settings *s, int argc, char **argv)
{
    int option;
    optind = 1;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "o:h", long_options, NULL)) != -1) {
        switch (option) {
        case 'o':
            s->output = optarg;
            break;
        case OPTION_DIAGRAM:
            s->diagram = optarg;
            break;
        case OPTION_CROPS:
            s->crops = optarg;
            break;
        case OPTION_JUDGE_ONLY:
            s->judge_only = true;
            break;
        case OPTION_KEEP_WEIGHTS:
            s->keep_weights = true;
            break;
        case OPTION_DATE:
            s->date = optarg;
            break;
        case 'h':
            fputs(usage, stdout);
            return EXIT_DONE;
        default:
            return command_no_option("calibrate marks", argv);
        }
    }
    s->folders = argv + optind;
    s->folder_count = argc - optind;
    if (s->folder_count == 0)
        return command_usage("calibrate marks", "expected LABELLED, a folder of labelled boxes");
    if (s->judge_only && s->output != NULL)
        return command_usage("calibrate marks", "--judge-only or -o, not both");
    if (s->judge_only && s->keep_weights)
        return command_usage("calibrate marks", "--judge-only or --keep-weights, not both");
    return -1;
}

static bool write_file(const char *path, const struct text *text, struct error *err)
{
    GError *trouble = NULL;
    bool fine = g_file_set_contents(path, text->data, (gssize)text->length, &trouble) ||
                error_set(err, "%s: %s", path, trouble->message);
    g_clear_error(&trouble);
    return fine;
}

/* What it was fitted on, for the file: folders by name alone, so that the file tells of no machine. */
static void describe_command(struct text *out, const struct settings *s)
{
    text_add(out, s->keep_weights ? "marksense calibrate marks --keep-weights" : "marksense calibrate marks");
    for (int i = 0; i < s->folder_count; i++) {
        char *name = g_path_get_basename(s->folders[i]);
        text_addf(out, " %s", name);
        g_free(name);
    }
}

static bool write_model(const struct settings *s, const struct mark_model *model,
                        const struct mark_sample *sample, const struct mark_decisions *decisions,
                        struct error *err)
{
    struct text file, command;
    char today[16];
    time_t now = time(NULL);
    strftime(today, sizeof today, "%Y-%m-%d", gmtime(&now));
    text_init(&file);
    text_init(&command);
    describe_command(&command, s);
    struct mark_story story = {.sample = sample, .decisions = decisions,
                               .date = s->date != NULL ? s->date : today, .command = command.data,
                               .weights_kept = s->keep_weights};
    story.previous = mark_model_text(&story.previous_length);
    bool fine = mark_report_model(&file, model, &story, err) && write_file(s->output, &file, err);
    text_release(&file);
    text_release(&command);
    return fine;
}

static bool draw(const struct settings *s, const struct mark_decisions *decisions, struct error *err)
{
    struct text svg;
    if (s->diagram == NULL)
        return true;
    text_init(&svg);
    mark_decisions_svg(&svg, decisions);
    bool fine = write_file(s->diagram, &svg, err);
    text_release(&svg);
    return fine;
}

/* What the boxes look like, and the weights. */
static bool fit_looks(struct text *words, struct mark_model *model, const struct settings *s,
                      const struct mark_sample *sample, const struct mark_calibration *marks,
                      struct error *err)
{
    struct mark_judged *judged = g_new0(struct mark_judged, sample->count + 1);
    bool refit = !s->judge_only && !s->keep_weights;
    mark_judge(judged, sample, model);
    mark_report_text(words, "The model in use, by the look of each box alone", model, judged,
                     sample->count);
    bool fine = !refit || mark_fit(model, judged, sample, marks, err);
    if (fine && refit)
        mark_report_text(words, "The new model, on boxes held out", model, judged, sample->count);
    size_t unopened = 0;
    fine = fine && (s->crops == NULL || mark_report_crops(&unopened, s->crops, judged, sample->count,
                                                          CROPS_MOST, err));
    if (fine && unopened > 0)
        fprintf(stderr, "marksense: warning: %s: of %zu crops the scan cannot be opened where it was read; they "
                "are white\n", s->crops, unopened);
    g_free(judged);
    return fine;
}

static bool calibrate(const struct settings *s, const struct mark_sample *sample,
                      const struct calibration *calibration, struct error *err)
{
    const struct mark_model *in_use = &calibration->mark_model;
    struct mark_model model = *in_use;
    struct mark_decisions decisions;
    struct text words;
    text_init(&words);
    text_addf(&words, "%zu labelled boxes of %zu returns\n\n", sample->count + sample->other_count,
              sample->returns);
    mark_decisions_make(&decisions, sample, in_use);
    bool fine = fit_looks(&words, &model, s, sample, &calibration->marks, err);
    mark_decisions_text(&words, "As decided, by what is in use", in_use, &decisions);
    if (fine && !s->judge_only) {
        mark_decisions_release(&decisions);
        mark_decisions_make(&decisions, sample, &model);
        mark_decisions_fit(&model, &decisions);
        mark_decisions_text(&words, "As decided, by what is new, on boxes held out", &model, &decisions);
    }
    if (fine)
        fputs(words.data, stdout);
    fine = fine && (s->output == NULL || write_model(s, &model, sample, &decisions, err)) &&
           draw(s, &decisions, err);
    text_release(&words);
    mark_decisions_release(&decisions);
    return fine;
}

static int calibrate_marks(int argc, char **argv)
{
    struct settings s = {0};
    struct calibration calibration;
    struct mark_sample sample;
    struct error err;
    int stop = parse(&s, argc, argv);
    if (stop >= 0)
        return stop;
    setMsgSeverity(L_SEVERITY_NONE);
    mark_sample_init(&sample);
    bool fine = calibration_load(&calibration, &err);
    for (int i = 0; fine && i < s.folder_count; i++)
        fine = mark_sample_add(&sample, s.folders[i], &calibration, &err);
    if (fine && sample.unmatched > 0)
        fprintf(stderr, "marksense: warning: %zu verified box%s in no reading; the first: %s\n", sample.unmatched,
                sample.unmatched == 1 ? " is" : "es are", sample.first_unmatched);
    if (fine && sample.count + sample.other_count == 0)
        fine = error_set(&err, "there is no labelled box in %s%s", s.folders[0],
                         s.folder_count > 1 ? " nor in the others" : "");
    fine = fine && calibrate(&s, &sample, &calibration, &err);
    mark_sample_release(&sample);
    return fine ? EXIT_DONE : command_failed(&err);
}

static const struct command calibrate_commands[] = {
    {"marks", "refit what tells empty, marked and withdrawn boxes apart", calibrate_marks},
    {NULL, NULL, NULL},
};

int cmd_calibrate(int argc, char **argv)
{
    return command_dispatch(calibrate_commands, "usage: marksense calibrate marks [OPTION...] LABELLED...\n",
                            argc, argv);
}
