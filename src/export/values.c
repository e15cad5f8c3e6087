/* What all export formats share: who owns a result, clean text, and whether the disk took it. */
#include "export/values.h"

#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

struct result_owner *result_owners(const struct export_batch *batch)
{
    struct result_owner *owners = malloc((batch->result_count + 1) * sizeof *owners);
    if (owners == NULL)
        error_die("out of memory: %zu results", batch->result_count);
    for (size_t r = 0; r <= batch->result_count; r++)
        owners[r] = (struct result_owner){SIZE_MAX, SIZE_MAX};
    for (size_t k = 0; k < batch->record->return_count; k++) {
        const struct return_record *record = &batch->record->returns[k];
        for (size_t p = 0; p < batch->forms[record->form]->page_count; p++)
            if (record->pages[p] != SIZE_MAX)
                owners[record->pages[p]] = (struct result_owner){k, p};
    }
    return owners;
}

const struct form *result_form(const struct export_batch *batch, const struct page_result *result)
{
    const struct known_page *known = &result->placed.known;
    bool known_form = result->reason == FLAG_NONE || result->identified;
    if (!known_form || known->form >= batch->form_count ||
        known->page >= batch->forms[known->form]->page_count)
        return NULL;
    return batch->forms[known->form];
}

const char *result_reference(const struct page_result *result)
{
    bool known = result->reason == FLAG_NONE || result->identified;
    return known && result->placed.known.has_reference ? result->placed.known.reference : NULL;
}

char *valid_text(const char *text)
{
    return g_utf8_make_valid(text, -1);
}

bool file_is_written(FILE *file, const char *what, struct error *err)
{
    if (fflush(file) == 0 && !ferror(file))
        return true;
    /* Exporters stop at the first write that fails, so errno is still that write's. */
    return error_set(err, "%s cannot be written: %s", what,
                     errno != 0 ? strerror(errno) : "is the disk full?");
}
