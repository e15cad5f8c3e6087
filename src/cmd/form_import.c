/* marksense form import: a blank form that exists becomes a form folder. */
#include "cmd/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <allheaders.h>
#include <glib.h>

#include "base/memory.h"
#include "cmd/cmd.h"
#include "cmd/form_picture.h"
#include "form/blank.h"
#include "form/import.h"
#include "form/load.h"
#include "page/printed_codes.h"
#include "read/reading.h"

#define REVIEW_DPI 120

static const char usage[] =
    "usage: marksense form import [--id ID] [--version VERSION] [--title TITLE] [--dpi N]\n"
    "                             [--paper PAPER] [--force] [--boxes BOXES.json] -o FORM BLANK\n"
    "\n"
    "Turns a blank form (PDF, TIFF, PNG or JPEG) into the form folder FORM. Without --boxes it\n"
    "finds the boxes and fields itself, marks what is doubtful in form.yaml, and draws every page\n"
    "with what was found into FORM/review.\n"
    "\n"
    "  --boxes FILE     where the boxes and fields are; see marksense-form(5)\n"
    "  -o, --output FORM\n"
    "                   the folder to make\n"
    "  --id ID          the form's id; default: the name of FORM\n"
    "  --version VERSION\n"
    "                   the form's version; default: 1\n"
    "  --title TITLE    the form's title; default: its id\n"
    "  --dpi N          the resolution of a picture, whatever it says itself\n"
    "  --paper PAPER    the paper of the sheet in a photo: A3, A4, A5, Letter, Legal or Tabloid;\n"
    "                   default: by its shape, where the picture is such a photo\n"
    "  --force          replace the form that is in FORM\n"
    "  -h, --help       print this and stop\n";

static const struct long_option long_options[] = {
    {"boxes", required_argument, NULL, 'b'}, {"output", required_argument, NULL, 'o'},
    {"id", required_argument, NULL, 'i'},    {"version", required_argument, NULL, 'v'},
    {"title", required_argument, NULL, 't'}, {"dpi", required_argument, NULL, 'd'},
    {"paper", required_argument, NULL, 'p'},
    {"force", no_argument, NULL, 'f'},       {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0}};

static int take_option(struct import_options *out, int option, const char *command)
{
    char *end;
    switch (option) {
    case 'b':
        out->boxes = optarg;
        return EXIT_DONE;
    case 'o':
        out->folder = optarg;
        return EXIT_DONE;
    case 'i':
        out->id = optarg;
        return EXIT_DONE;
    case 'v':
        out->version = optarg;
        return EXIT_DONE;
    case 't':
        out->title = optarg;
        return EXIT_DONE;
    case 'p':
        out->paper = optarg;
        if (!blank_paper_is_known(optarg))
            return command_usage(command, "--paper: expected A3, A4, A5, Letter, Legal or Tabloid but "
                                 "found '%s'", optarg);
        return EXIT_DONE;
    case 'f':
        out->force = true;
        return EXIT_DONE;
    case 'd':
        out->dpi = strtod(optarg, &end);
        if (end == optarg || *end != '\0' || !(out->dpi >= 50 && out->dpi <= 1300))
            return command_usage(command, "--dpi: expected 50 to 1300 but found '%s'", optarg);
        return EXIT_DONE;
    default:
        return EXIT_USAGE;
    }
}

/* Tesseract is made ready only when a page needs it. */
static bool read_words(void *context, struct find_word **words, size_t *count, struct arena *arena,
                       PIX *plate, struct error *err)
{
    struct ocr **ocr = context;
    if (*ocr == NULL && (*ocr = ocr_new(NULL, err)) == NULL)
        return false;
    return ocr_words(words, count, arena, *ocr, plate) ||
           error_set(err, "text recognition failed or took longer than a minute");
}

/* Pictures of all pages with what was found, in the folder's review/. */
static bool draw_review(const char *form_path, struct error *err)
{
    struct form *form;
    if (!form_load(&form, form_path, err))
        return false;
    char *folder = g_build_filename(form_path, "review", NULL);
    bool fine = form_pictures_write(form, folder, REVIEW_DPI, false, err);
    if (fine)
        printf("look at the pictures in %s, then complete %s/form.yaml\n", folder, form_path);
    g_free(folder);
    form_free(form);
    return fine;
}

static int run_import(struct import_options *options)
{
    struct import_report report;
    struct error err;
    struct ocr *ocr = NULL;
    setMsgSeverity(L_SEVERITY_NONE); /* Leptonica's own messages; ours say what is wrong */
    memory_keep();
    options->read_words = read_words;
    options->read_codes = printed_codes_find;
    /* only form_import() below looks at it */
    options->words_context = &ocr; // cppcheck-suppress autoVariables
    bool fine = form_import(&report, options, &err);
    ocr_free(ocr);
    if (report.notes.length > 0)
        fprintf(stderr, "%s", report.notes.data);
    if (fine)
        printf("%s: %zu page%s, %zu question%s, %zu box%s (%zu on their printed outline), %zu "
               "field%s\n",
               options->folder, report.page_count, report.page_count == 1 ? "" : "s",
               report.question_count, report.question_count == 1 ? "" : "s", report.box_count,
               report.box_count == 1 ? "" : "es", report.snapped_count, report.field_count,
               report.field_count == 1 ? "" : "s");
    import_report_release(&report);
    if (fine && options->boxes == NULL)
        fine = draw_review(options->folder, &err);
    return fine ? EXIT_DONE : command_failed(&err);
}

int cmd_form_import(int argc, char **argv)
{
    struct import_options options = {0};
    int option;
    optind = 1;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "o:h", long_options, NULL)) != -1) {
        if (option == 'h') {
            fputs(usage, stdout);
            return EXIT_DONE;
        }
        int code = option == '?' ? command_no_option("form import", argv)
                                 : take_option(&options, option, "form import");
        if (code != EXIT_DONE)
            return code;
    }
    if (optind + 1 != argc)
        return command_usage("form import", "expected one BLANK file");
    if (options.folder == NULL)
        return command_usage("form import", "expected -o FORM, the folder to make");
    options.blank = argv[optind];
    return run_import(&options);
}
