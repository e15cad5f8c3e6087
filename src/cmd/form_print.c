/* marksense form print */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "form/file.h"
#include "form/load.h"
#include "form/print.h"

#define REFERENCES_BYTES_MAX (64u << 20)
#define COPIES_MAX 20000L /* all of them are in memory before they are written */

static const char help[] =
    "usage: marksense form print [-n N] [--first NUMBER | --references FILE.csv] -o FILE.pdf FORM\n"
    "\n"
    "Writes copies of a form for the printer. Each has a booklet number of its own, in the 2-D code\n"
    "and in figures on every page; its last character is a check character.\n"
    "\n"
    "  -n, --copies N         how many copies (1)\n"
    "      --first NUMBER     the first copy's number, without check character (1)\n"
    "      --references FILE  take the references from the column headed 'reference' of a CSV\n"
    "                         file, a copy each, without check characters; - reads them from\n"
    "                         standard input\n"
    "  -o, --output FILE      the PDF to write; - writes to standard output\n"
    "  -h, --help             print this and stop\n";

struct settings {
    const char *form, *output, *references;
    long copies, first;
    bool has_copies, has_first;
};

static bool read_standard_input(char **out, struct error *err)
{
    struct text text;
    text_init(&text);
    char buffer[1 << 14];
    size_t got;
    while ((got = fread(buffer, 1, sizeof buffer, stdin)) > 0) {
        text_add_bytes(&text, buffer, got);
        if (text.length > REFERENCES_BYTES_MAX)
            break;
    }
    *out = text.data;
    if (ferror(stdin))
        return error_set(err, "standard input: cannot be read: %s", strerror(errno));
    return text.length <= REFERENCES_BYTES_MAX
               ? true
               : error_set(err, "standard input: too large for a list of references");
}

static bool make_references(struct reference_list *out, const struct settings *settings,
                            struct error *err)
{
    const char *path = settings->references;
    if (path == NULL)
        return references_number(out, settings->first, settings->copies, err);
    char *text = NULL;
    size_t length;
    bool input = strcmp(path, "-") == 0;
    bool fine = input ? read_standard_input(&text, err)
                      : file_read_whole(&text, &length, path, REFERENCES_BYTES_MAX, err);
    fine = fine && references_read_csv(out, text, input ? "standard input" : path, err);
    free(text);
    return fine;
}

static bool print_form(const struct form *form, const struct settings *settings, struct error *err)
{
    struct reference_list list = {0};
    bool named = form_takes_references(form);
    if (!named && (settings->references != NULL || settings->has_first))
        return error_set(err, "%s has no place for a code or a booklet number: its copies are all "
                              "the same; leave --first and --references out", form->folder);
    if (named && !make_references(&list, settings, err))
        return false;
    size_t copies = named ? list.count : (size_t)settings->copies;
    const char *plural = copies == 1 ? "y" : "ies";
    bool fine =
        print_copies(settings->output, form, named ? &list : NULL, copies, err);
    if (fine && named)
        fprintf(stderr, "%s: %zu cop%s of %zu pages, booklet numbers %s to %s\n",
                settings->output, copies, plural, form->page_count, list.at[0], list.at[copies - 1]);
    else if (fine)
        fprintf(stderr, "%s: %zu cop%s of %zu pages\n", settings->output, copies, plural,
                form->page_count);
    references_release(&list);
    return fine;
}

static bool whole_number(long *out, const char *text, long least, long most)
{
    char *end;
    errno = 0;
    *out = strtol(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' && *out >= least && *out <= most;
}

/* EXIT_DONE: go on. -1: help was printed. */
static int read_options(struct settings *settings, int argc, char **argv)
{
    static const struct long_option options[] = {
        {"copies", required_argument, NULL, 'n'},     {"first", required_argument, NULL, 'f'},
        {"references", required_argument, NULL, 'r'}, {"output", required_argument, NULL, 'o'},
        {"help", no_argument, NULL, 'h'},             {NULL, 0, NULL, 0},
    };
    static const char name[] = "form print";
    opterr = 0;
    optind = 1;
    for (int c; (c = getopt_long(argc, argv, ":n:o:h", options, NULL)) != -1;) {
        switch (c) {
        case 'n':
            settings->has_copies = true;
            if (!whole_number(&settings->copies, optarg, 1, COPIES_MAX))
                return command_usage(name, "-n takes a whole number from 1 to %ld, not '%s'",
                                     COPIES_MAX, optarg);
            break;
        case 'f':
            settings->has_first = true;
            if (!whole_number(&settings->first, optarg, 1, 99999999))
                return command_usage(name, "--first takes a number from 1 to 99999999, not '%s'",
                                     optarg);
            break;
        case 'r':
            settings->references = optarg;
            break;
        case 'o':
            settings->output = optarg;
            break;
        case 'h':
            fputs(help, stdout);
            return -1;
        case ':':
            return command_usage(name, "%s needs a value", argv[optind - 1]);
        default:
            return command_no_option(name, argv);
        }
    }
    if (argc - optind != 1)
        return command_usage(name, argc == optind ? "no form is named" : "one form at a time");
    settings->form = argv[optind];
    if (settings->output == NULL)
        return command_usage(name, "-o is missing: where should the PDF go?");
    if (settings->references != NULL && (settings->has_first || settings->has_copies))
        return command_usage(name, "--references says how many copies and which numbers: leave "
                                   "-n and --first out");
    return EXIT_DONE;
}

int cmd_form_print(int argc, char **argv)
{
    struct settings settings = {.copies = 1, .first = 1};
    int status = read_options(&settings, argc, argv);
    if (status != EXIT_DONE)
        return status < 0 ? EXIT_DONE : status;
    struct error err;
    struct form *form;
    if (!form_load(&form, settings.form, &err))
        return command_failed(&err);
    if (!form_is_as_printed(form, &err)) {
        form_free(form);
        return command_failed(&err);
    }
    bool fine = print_form(form, &settings, &err);
    form_free(form);
    return fine ? EXIT_DONE : command_failed(&err);
}
