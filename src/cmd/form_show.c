/* marksense form show: pictures of the plates with all that the template says about them. */
#include "cmd/options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <allheaders.h>
#include <glib.h>

#include "cmd/cmd.h"
#include "form/load.h"
#include "form/plate.h"
#include "form/show.h"

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

static bool show_page(const struct form *form, size_t page, const char *folder, double dpi,
                      struct error *err)
{
    PIX *plate;
    if (!plate_load(&plate, form, page, err))
        return false;
    char *path = g_strdup_printf("%s/page-%02d.png", folder, form->pages[page].number);
    bool fine = show_write_page(path, form, page, plate, dpi, err);
    if (fine)
        printf("%s: %zu boxes, %zu fields, %zu landmarks\n", path, form->pages[page].box_count,
               form->pages[page].field_count, form->pages[page].landmark_count);
    g_free(path);
    pixDestroy(&plate);
    return fine;
}

static int show(const char *form_path, const char *folder, double dpi)
{
    struct form *form;
    struct error err;
    setMsgSeverity(L_SEVERITY_NONE);
    if (!form_load(&form, form_path, &err))
        return command_failed(&err);
    bool fine = g_mkdir_with_parents(folder, 0777) == 0 ||
                error_set(&err, "%s: cannot make this folder", folder);
    for (size_t p = 0; fine && p < form->page_count; p++)
        fine = show_page(form, p, folder, dpi, &err);
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
            return command_usage("form show", "there is no such option, or its argument is missing");
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
