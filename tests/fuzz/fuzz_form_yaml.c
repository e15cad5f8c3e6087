/* Fuzzes form.yaml: whatever the bytes, it loads or is refused with a reason; what loads can be
 * written and loads again to the same text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "form/lint.h"
#include "form/questionnaire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void round_trip(const struct form *form)
{
    struct text first, second;
    struct form *again;
    struct error err;
    text_init(&first);
    text_init(&second);
    if (questionnaire_write(&first, form, &err)) {
        if (!questionnaire_parse(&again, NULL, "again", first.data, first.length, &err))
            error_die("what was written does not load: %s\n%s", err.text, first.data);
        if (!questionnaire_write(&second, again, &err) || strcmp(first.data, second.data) != 0)
            error_die("what was written loads as something else:\n%s", first.data);
        form_free(again);
    }
    text_release(&first);
    text_release(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct form *form;
    struct error err = {""}, first = {""};
    struct text more;
    text_init(&more);
    bool fine = questionnaire_parse(&form, &more, "fuzz", (const char *)data, size, &err);
    size_t others = more.length;
    text_release(&more);
    if (!fine) {
        if (err.text[0] == '\0' || questionnaire_parse(&form, NULL, "fuzz", (const char *)data, size, &first) ||
            strcmp(err.text, first.text) != 0)
            error_die("refused without a reason, or with another one");
        return 0;
    }
    if (others > 0)
        error_die("loaded with errors");
    struct lint_report report;
    lint_form(&report, form);
    lint_report_release(&report);
    round_trip(form);
    form_free(form);
    return 0;
}
