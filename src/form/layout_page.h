/* Pages: where blocks go. Chooses the page breaks of the whole form at once, balances columns and
 * spreads what room is left. */
#ifndef FORM_LAYOUT_PAGE_H
#define FORM_LAYOUT_PAGE_H

#include "form/layout_block.h"

#define CONTENT_LEFT_MM 15.0
#define CONTENT_WIDTH_MM 180.0
#define CONTENT_TOP_MM 18.0
#define CONTENT_BOTTOM_MM 268.5
#define GUTTER_MM 9.0

/* A block on its way to a page. */
struct entry {
    struct block *block;
    const char *name; /* for errors */
    bool head;        /* of a section: stays with what follows */
    bool new_page;    /* begins a page */
};

/* A stretch of a page: one wide block, or blocks [first, split) in the left column and [split, end)
 * in the right one. Every block stands `gap_mm` under what is above it. */
struct stretch {
    size_t first, split, end;
    double gap_mm; /* above it */
};

/* Fills ends[k] with the entry after the last one of page k; returns how many pages, 0 with an error
 * where an entry is larger than a page. `ends` has room for `count`. */
size_t pages_break(size_t *ends, struct arena *arena, const struct entry *entries, size_t count,
                   struct error *err);

/* Calls `put` for each entry of the page with its block's top left corner on the page, and `rule`
 * for the line between two columns. */
struct page_sink {
    void *data;
    void (*put)(void *data, const struct entry *entry, double x_mm, double y_mm);
    void (*rule)(void *data, struct rect rect_mm);
};
void page_arrange(const struct page_sink *sink, struct arena *arena, const struct entry *entries,
                  size_t first, size_t end);

#endif
