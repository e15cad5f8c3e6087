/* marksense form check: loads a form and says what would go wrong with it. */
#include "cmd/options.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <allheaders.h>
#include <glib.h>

#include "cmd/cmd.h"
#include "form/lint.h"
#include "form/lint_plates.h"
#include "form/load.h"
#include "form/plate.h"
#include "form/template.h"

static const char usage[] =
    "usage: marksense form check FORM ...\n"
    "\n"
    "Checks the questionnaire in FORM/form.yaml and, once the form is built or imported, where\n"
    "everything stands on paper. Of several forms it also says which pages look alike, since they\n"
    "are to be read together. Ends with 0 where all is fine, 1 where there are errors, 3 where\n"
    "there are warnings only.\n"
    "\n"
    "  -h, --help  print this and stop\n";

static const struct long_option long_options[] = {{"help", no_argument, NULL, 'h'},
                                                  {NULL, 0, NULL, 0}};

/* The whole form where it was built, else its questionnaire. More errors than one: a line each. */
static bool load(struct form **form, bool *built, struct text *more, const char *path, struct error *err)
{
    if (!form_check_questionnaire(form, more, path, err))
        return false;
    char *template_path = g_build_filename((*form)->folder, TEMPLATE_FILE, NULL);
    *built = access(template_path, F_OK) == 0;
    g_free(template_path);
    if (!*built)
        return true;
    form_free(*form);
    return form_load(form, path, err);
}

static bool check_plates(struct lint_plates *plates, struct lint_report *report,
                         const struct form *form, struct error *err)
{
    for (size_t p = 0; p < form->page_count; p++) {
        PIX *plate;
        if (!plate_load(&plate, form, p, err))
            return false;
        lint_plates_add(plates, report, form, p, plate);
        pixDestroy(&plate);
    }
    return true;
}

static int exit_code(size_t errors, size_t warnings)
{
    return errors > 0 ? EXIT_FAILED : warnings > 0 ? EXIT_NEEDS_PERSON : EXIT_DONE;
}

static void tell(const char *what, const struct lint_report *report)
{
    printf("%s%s: %zu error%s, %zu warning%s\n", report->findings.data, what, report->errors,
           report->errors == 1 ? "" : "s", report->warnings, report->warnings == 1 ? "" : "s");
}

/* One form by itself. What it shares with the others is looked at when all are known: its plates
 * stay in `plates`; where it is the only one, that is now. */
static bool check_form(struct form **form, struct lint_report *report, struct text *more, const char *path,
                       struct lint_plates *plates, bool is_only, struct error *err)
{
    bool built;
    if (!load(form, &built, more, path, err))
        return false;
    struct lint_report own;
    struct error changed;
    lint_form(&own, *form);
    if (built && !form_is_as_printed(*form, &changed)) {
        text_addf(&own.findings, "error: %s\n", changed.text);
        own.errors++;
    }
    bool fine = check_plates(plates, &own, *form, err);
    if (fine && is_only)
        lint_plates_compare(plates, &own);
    if (fine) {
        char *what = g_strdup_printf("%s: %zu questions, %zu pages%s", (*form)->id,
                                     (*form)->question_count, (*form)->page_count,
                                     built ? "" : " (not built yet)");
        tell(what, &own);
        g_free(what);
    }
    report->errors += own.errors;
    report->warnings += own.warnings;
    lint_report_release(&own);
    return fine;
}

/* What can only be seen of several forms together. */
static void check_together(struct lint_report *report, struct form *const *forms, size_t count,
                           const struct lint_plates *plates)
{
    struct lint_report own = {0};
    text_init(&own.findings);
    for (size_t a = 0; a < count; a++)
        for (size_t b = a + 1; b < count; b++)
            if (strcmp(forms[a]->id, forms[b]->id) == 0 &&
                strcmp(forms[a]->version, forms[b]->version) == 0) {
                text_addf(&own.findings, "error: two of the forms are %s, version %s: they cannot be "
                          "read together\n", forms[a]->id, forms[a]->version);
                own.errors++;
            }
    lint_plates_compare(plates, &own);
    tell("together", &own);
    report->errors += own.errors;
    report->warnings += own.warnings;
    lint_report_release(&own);
}

/* A form that cannot be loaded does not keep the others from being checked. */
static bool check_one(struct form **form, struct lint_report *report, const char *path,
                      struct lint_plates *plates, bool is_only)
{
    struct error err;
    struct text more;
    text_init(&more);
    bool fine = check_form(form, report, &more, path, plates, is_only, &err);
    if (!fine) {
        fflush(stdout);
        command_failed(&err);
        for (char *line = more.data, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
            snprintf(err.text, sizeof err.text, "%.*s", (int)(end - line), line);
            command_failed(&err);
            report->errors++;
        }
        report->errors++;
    }
    text_release(&more);
    return fine;
}

static int check(char **paths, size_t count)
{
    struct form **forms = g_new0(struct form *, count);
    struct lint_plates *plates = lint_plates_new();
    struct lint_report sum = {0};
    bool fine = true;
    setMsgSeverity(L_SEVERITY_NONE);
    for (size_t i = 0; i < count; i++)
        fine = check_one(&forms[i], &sum, paths[i], plates, count == 1) && fine;
    if (fine && count > 1)
        check_together(&sum, forms, count, plates);
    lint_plates_free(plates);
    for (size_t i = 0; i < count; i++)
        form_free(forms[i]);
    g_free(forms);
    return exit_code(sum.errors, sum.warnings);
}

int cmd_form_check(int argc, char **argv)
{
    int option;
    optind = 1;
    opterr = 0;
    while ((option = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
        if (option != 'h')
            return command_no_option("form check", argv);
        fputs(usage, stdout);
        return EXIT_DONE;
    }
    if (optind >= argc)
        return command_usage("form check", "expected one FORM folder or several");
    return check(argv + optind, (size_t)(argc - optind));
}
