/* The form model: finding by name, and the end of its life. */
#include "form/model.h"

#include <stdint.h>
#include <string.h>

size_t form_find_item(const struct form *form, const char *name)
{
    for (size_t i = 0; i < form->item_count; i++)
        if (strcmp(form->items[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

size_t question_find_option(const struct question *question, const char *code)
{
    for (size_t i = 0; i < question->option_count; i++)
        if (strcmp(question->options[i].code, code) == 0)
            return i;
    return SIZE_MAX;
}

void form_free(struct form *form)
{
    if (form != NULL)
        arena_free(form->arena); /* the form itself lies in it */
}
