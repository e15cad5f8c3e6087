/* marksense form show: pictures of the plates with all that the template says about them. */
#include "cmd/options.h"

#include <stdio.h>
#include <stdlib.h>

#include <allheaders.h>

#include "cmd/cmd.h"
#include "cmd/form_picture.h"
#include "form/load.h"

static const char usage[] =
    "usage: marksense form show [--dpi N] -o DIR FORM\n"
    "\n"
    "Writes a PNG of each page of the form into DIR: boxes (green) and fields (blue) with the\n"
    "names of their questions and values, landmarks (magenta crosses), fiducials and codes "
    "(orange).\n"
    "\n"
    "  -o, --output DIR  where the pictures go; made if it is missing\n"
    "  --dpi N           resolution of the pictures, 50 to 300; default 150\n"
    "  -h, --help        print this and stop\n";

static const struct long_option long_options[] = {{"output", required_argument, NULL, 'o'},
                                             {"dpi", required_argument, NULL, 'd'},
                                             {"help", no_argument, NULL, 'h'},
                                             {NULL, 0, NULL, 0}};

static int show(const char *form_path, const char *folder, double dpi)
{
    struct form *form;
    struct error err;
    setMsgSeverity(L_SEVERITY_NONE);
    if (!form_load(&form, form_path, &err))
        return command_failed(&err);
    bool fine = form_pictures_write(form, folder, dpi, true, &err);
    form_free(form);
    return fine ? EXIT_DONE : command_failed(&err);
}

int cmd_form_show(int argc, char **argv)
{
    const char *folder = NULL;
    double dpi = 150;
    int option;
    optind = 1;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "o:h", long_options, NULL)) != -1) {
        if (option == 'h') {
            fputs(usage, stdout);
            return EXIT_DONE;
        } else if (option == 'o') {
            folder = optarg;
        } else if (option == 'd') {
            dpi = strtod(optarg, NULL);
        } else {
            return command_no_option("form show", argv);
        }
    }
    if (optind + 1 != argc)
        return command_usage("form show", "expected one FORM folder");
    if (folder == NULL)
        return command_usage("form show", "expected -o DIR, where the pictures go");
    if (!(dpi >= 50 && dpi <= 300))
        return command_usage("form show", "--dpi: expected 50 to 300");
    return show(argv[optind], folder, dpi);
}
