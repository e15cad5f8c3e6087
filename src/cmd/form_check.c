/* marksense form check: loads a form and says what would go wrong with it. */
#include "cmd/options.h"

#include <stdio.h>
#include <unistd.h>

#include <allheaders.h>
#include <glib.h>

#include "cmd/cmd.h"
#include "form/lint.h"
#include "form/load.h"
#include "form/plate.h"
#include "form/template.h"

static const char usage[] =
    "usage: marksense form check FORM\n"
    "\n"
    "Checks the questionnaire in FORM/form.yaml and, once the form is built or imported, where\n"
    "everything stands on paper. Ends with 0 where all is fine, 1 where there are errors, 3 where\n"
    "there are warnings only.\n"
    "\n"
    "  -h, --help  print this and stop\n";

static const struct long_option long_options[] = {{"help", no_argument, NULL, 'h'},
                                                  {NULL, 0, NULL, 0}};

/* The whole form where it was built, else its questionnaire. */
static bool load(struct form **form, bool *built, const char *path, struct error *err)
{
    if (!form_load_questionnaire(form, path, err))
        return false;
    char *template_path = g_build_filename((*form)->folder, TEMPLATE_FILE, NULL);
    *built = access(template_path, F_OK) == 0;
    g_free(template_path);
    if (!*built)
        return true;
    form_free(*form);
    return form_load(form, path, err);
}

static bool check_plates(const struct form *form, struct error *err)
{
    for (size_t p = 0; p < form->page_count; p++) {
        PIX *plate;
        if (!plate_load(&plate, form, p, err))
            return false;
        pixDestroy(&plate);
    }
    return true;
}

static int check(const char *path)
{
    struct form *form;
    struct error err;
    struct lint_report report;
    bool built;
    setMsgSeverity(L_SEVERITY_NONE);
    if (!load(&form, &built, path, &err))
        return command_failed(&err);
    if (!check_plates(form, &err)) {
        form_free(form);
        return command_failed(&err);
    }
    lint_form(&report, form);
    fputs(report.findings.data, stdout);
    printf("%s: %zu questions, %zu pages%s: %zu error%s, %zu warning%s\n", form->id,
           form->question_count, form->page_count, built ? "" : " (not built yet)", report.errors,
           report.errors == 1 ? "" : "s", report.warnings, report.warnings == 1 ? "" : "s");
    int code = report.errors > 0     ? EXIT_FAILED
               : report.warnings > 0 ? EXIT_NEEDS_PERSON
                                     : EXIT_DONE;
    lint_report_release(&report);
    form_free(form);
    return code;
}

int cmd_form_check(int argc, char **argv)
{
    int option;
    optind = 1;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
        if (option != 'h')
            return command_usage("form check", "there is no such option");
        fputs(usage, stdout);
        return EXIT_DONE;
    }
    if (optind + 1 != argc)
        return command_usage("form check", "expected one FORM folder");
    return check(argv[optind]);
}
