/* Where each item of a form stands on paper. */
#ifndef RECORD_PLACES_H
#define RECORD_PLACES_H

#include <stddef.h>

#include "base/arena.h"
#include "form/model.h"

/* A box or field of the template, by page and index. */
struct place {
    size_t page, index;
};

struct item_places {
    struct place *boxes; /* in order of print: by option */
    size_t box_count;
    struct place *fields; /* in order of print: by page */
    size_t field_count;
};

/* Where each item of one form stands; made once per form. */
struct form_places {
    const struct form *form;
    struct item_places *items;
    size_t box_count; /* on all pages */
};

struct form_places form_places_make(struct arena *arena, const struct form *form);

#endif
