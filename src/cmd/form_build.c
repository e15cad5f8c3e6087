/* marksense form build */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/cmd.h"
#include "cmd/options.h"
#include "form/build.h"
#include "form/load.h"

static const char help[] =
    "usage: marksense form build [-o DIR] [--force] FORM\n"
    "\n"
    "Lays the questionnaire FORM/form.yaml out on pages and writes, into the form's folder:\n"
    "  template.json  where every box and cell stands, in mm\n"
    "  blank.pdf      the form ready for print, without codes and booklet numbers\n"
    "  blank.tif      the same as black-and-white pictures, with which scans are compared\n"
    "  codebook.csv   what every variable and code means\n"
    "\n"
    "  -o, --output DIR  write there instead\n"
    "      --force       change the template although its version is the same: only when\n"
    "                    nothing was printed from it\n"
    "  -h, --help        print this and stop\n";

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static int build(const char *path, const char *folder, bool force)
{
    struct error err;
    struct form *form;
    struct build_result result;
    if (!form_load_questionnaire(&form, path, &err))
        return command_failed(&err);
    if (folder == NULL)
        folder = form->folder;
    if (!is_folder(folder)) {
        error_set(&err, "%s: this is not a folder; make it first", folder);
        form_free(form);
        return command_failed(&err);
    }
    bool fine = form_build(&result, form, folder, force, &err);
    if (fine) {
        printf("%s, version %s: %zu pages, %zu questions, %zu boxes and %zu written answers; the "
               "template in %s is %s\n",
               form->id, form->version, result.pages, form->question_count, result.boxes,
               result.fields, folder, result.changed ? "new" : "unchanged");
        if (strcmp(result.font, "Inter") != 0)
            fprintf(stderr,
                    "marksense: the typeface Inter is not installed (Debian package fonts-inter); "
                    "%s was used instead\n",
                    result.font);
    }
    form_free(form);
    return fine ? EXIT_DONE : command_failed(&err);
}

int cmd_form_build(int argc, char **argv)
{
    static const struct long_option options[] = {
        {"output", required_argument, NULL, 'o'},
        {"force", no_argument, NULL, 'f'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    const char *folder = NULL;
    bool force = false;
    opterr = 0;
    optind = 1;
    for (int c; (c = getopt_long(argc, argv, ":o:h", options, NULL)) != -1;) {
        switch (c) {
        case 'o':
            folder = optarg;
            break;
        case 'f':
            force = true;
            break;
        case 'h':
            fputs(help, stdout);
            return EXIT_DONE;
        case ':':
            return command_usage("form build", "%s needs a value", argv[optind - 1]);
        default:
            return command_no_option("form build", argv);
        }
    }
    if (argc - optind != 1)
        return command_usage("form build", argc == optind ? "no form is named"
                                                          : "one form at a time");
    return build(argv[optind], folder, force);
}
