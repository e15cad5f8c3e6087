/* Where each item stands on paper, and the growing list of flags. */
#include "record/assembly.h"

#include <string.h>

static size_t option_at(const struct form *form, struct place place)
{
    return form->pages[place.page].boxes[place.index].option;
}

/* Templates are nearly always in order already, so that this costs one comparison a box. */
static void insert_box(struct item_places *item, const struct form *form, struct place place)
{
    size_t k = item->box_count++;
    for (; k > 0 && option_at(form, item->boxes[k - 1]) > option_at(form, place); k--)
        item->boxes[k] = item->boxes[k - 1];
    item->boxes[k] = place;
}

struct form_places form_places_make(struct arena *arena, const struct form *form)
{
    struct form_places places = {.form = form,
                                 .items = ARENA_NEW(arena, struct item_places, form->item_count)};
    for (size_t p = 0; p < form->page_count; p++) {
        for (size_t b = 0; b < form->pages[p].box_count; b++)
            places.items[form->pages[p].boxes[b].item].box_count++;
        for (size_t f = 0; f < form->pages[p].field_count; f++)
            places.items[form->pages[p].fields[f].item].field_count++;
        places.box_count += form->pages[p].box_count;
    }
    for (size_t i = 0; i < form->item_count; i++) {
        struct item_places *item = &places.items[i];
        item->boxes = ARENA_NEW(arena, struct place, item->box_count);
        item->fields = ARENA_NEW(arena, struct place, item->field_count);
        item->box_count = item->field_count = 0;
    }
    for (size_t p = 0; p < form->page_count; p++) {
        const struct template_page *page = &form->pages[p];
        for (size_t b = 0; b < page->box_count; b++)
            insert_box(&places.items[page->boxes[b].item], form, (struct place){p, b});
        for (size_t f = 0; f < page->field_count; f++) {
            struct item_places *item = &places.items[page->fields[f].item];
            item->fields[item->field_count++] = (struct place){p, f};
        }
    }
    return places;
}

void flag_list_add(struct flag_list *list, enum flag flag, size_t result, size_t item,
                   size_t option, const char *detail)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 8 : list->capacity * 2;
        struct flag_entry *entries = ARENA_NEW(list->arena, struct flag_entry, capacity);
        if (list->count > 0)
            memcpy(entries, list->entries, list->count * sizeof *entries);
        list->entries = entries;
        list->capacity = capacity;
    }
    list->entries[list->count++] =
        (struct flag_entry){flag, result, item, option, detail == NULL ? "" : detail};
}
