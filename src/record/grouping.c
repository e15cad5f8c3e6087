/* Gives every page that was read to a return: by its printed reference, or, on forms that carry
 * none, by its place in the input. */
#include "record/assembly.h"

#include <stdlib.h>
#include <string.h>

#include "record/sides.h"

static bool form_has_code(const struct form *form)
{
    for (size_t p = 0; p < form->page_count; p++)
        if (form->pages[p].has_code)
            return true;
    return false;
}

static size_t folder_length(const char *source)
{
    const char *slash = strrchr(source, '/');
    return slash == NULL ? 0 : (size_t)(slash - source);
}

static bool same_folder(const char *a, const char *b)
{
    size_t length = folder_length(a);
    return length == folder_length(b) && strncmp(a, b, length) == 0;
}

/* The return that is being collected from pages without a reference, per form. A batch walks
 * through its folders one after the other, so that one open return per form is enough. */
struct open_return {
    bool is_open;
    const char *reference;
    size_t first; /* result it began with */
    size_t last;  /* result of its latest page */
};

/* Something between the two results that a page of this return might have been lost in. */
static const char *doubt_between(const struct page_result *results, size_t last, size_t now)
{
    for (size_t r = last + 1; r < now; r++)
        if (results[r].reason != FLAG_NONE && results[r].reason != FLAG_BLANK_PAGE)
            return "an image between this page and the one before it in its return was not read";
    if (results[last].image > 0 && strcmp(results[last].source, results[now].source) != 0)
        return "this page and the one before it in its return come from two files";
    return NULL;
}

static void own_by_place(struct owned_page *owned, struct arena *arena, struct open_return *open,
                         const struct page_result *results, const struct form *form)
{
    const struct page_result *now = &results[owned->result];
    bool continues = open->is_open && form->page_count > 1 &&
                     same_folder(results[open->last].source, now->source) &&
                     owned->page > results[open->last].placed.known.page;
    if (continues) {
        owned->doubt = doubt_between(results, open->last, owned->result);
    } else {
        open->is_open = true;
        open->first = owned->result;
        open->reference = arena_printf(arena, "%s#%d", now->source, now->image + 1);
    }
    open->last = owned->result;
    owned->reference = open->reference;
    owned->first = open->first;
}

bool same_return(const struct owned_page *a, const struct owned_page *b)
{
    return a->form == b->form && a->printed == b->printed &&
           (a->printed ? strcmp(a->reference, b->reference) == 0 : a->first == b->first);
}

static int by_number(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

/* Printed references in order of their characters, then the others in order of input. */
static int in_order(const void *left, const void *right)
{
    const struct owned_page *a = left, *b = right;
    int order = by_number(a->form, b->form);
    if (order == 0)
        order = (int)b->printed - (int)a->printed;
    if (order == 0)
        order = a->printed ? strcmp(a->reference, b->reference) : by_number(a->first, b->first);
    if (order == 0)
        order = by_number(a->page, b->page);
    return order == 0 ? by_number(a->result, b->result) : order;
}

/* A page of a form that prints references, read without one: it waits for the other side to tell. */
static void set_aside(struct page_result *result)
{
    result->reason = FLAG_REFERENCE_UNREADABLE;
    result->detail = "";
}

/* Gives the page the reference that the other side of its sheet has. A page that carries none by
 * design, on a run whose sheets are plain, is not doubtful for that. */
static void own_by_side(struct owned_page *owned, const struct side *side,
                        struct page_result *result, const struct template_page *page)
{
    result->reason = FLAG_NONE;
    result->detail = "";
    owned->reference = side->reference;
    owned->printed = true;
    owned->inferred = page->has_code || !side->sure ? side->how : NULL;
}

/* ---- the same scan twice ------------------------------------------------------------------ */

struct content {
    const char *hash;
    int image;
    size_t owned, result;
};

static int by_content(const void *left, const void *right)
{
    const struct content *a = left, *b = right;
    int order = strcmp(a->hash, b->hash);
    if (order == 0)
        order = (a->image > b->image) - (a->image < b->image);
    return order == 0 ? by_number(a->result, b->result) : order;
}

/* Without a printed reference a copy of a file would count as another respondent: the copies are
 * pointed out. */
static void doubt_copies(struct owned_page *owned, size_t count, struct arena *arena,
                         const struct page_result *results)
{
    struct content *contents = ARENA_NEW(arena, struct content, count);
    size_t n = 0;
    for (size_t k = 0; k < count; k++) {
        const struct page_result *result = &results[owned[k].result];
        if (!owned[k].printed && result->hash[0] != '\0')
            contents[n++] = (struct content){result->hash, result->image, k, owned[k].result};
    }
    qsort(contents, n, sizeof *contents, by_content);
    for (size_t c = 1, first = 0; c < n; c++) {
        if (strcmp(contents[c].hash, contents[first].hash) != 0 ||
            contents[c].image != contents[first].image) {
            first = c;
            continue;
        }
        const struct page_result *original = &results[contents[first].result];
        owned[contents[c].owned].doubt = arena_printf(arena, "the same scan as %s, image %d",
                                                      original->source, original->image + 1);
    }
}

struct owned_page *group_pages(struct arena *arena, size_t *out_count, struct page_result *results,
                               size_t result_count, const struct form *const *forms,
                               size_t form_count)
{
    struct owned_page *owned = ARENA_NEW(arena, struct owned_page, result_count);
    struct open_return *open = ARENA_NEW(arena, struct open_return, form_count);
    bool *coded = ARENA_NEW(arena, bool, form_count);
    for (size_t f = 0; f < form_count; f++)
        coded[f] = form_has_code(forms[f]);
    size_t count = 0;
    for (size_t r = 0; r < result_count; r++) {
        const struct known_page *known = &results[r].placed.known;
        if (results[r].reason == FLAG_NONE && !known->has_reference && known->form < form_count &&
            coded[known->form])
            set_aside(&results[r]);
    }
    struct side *sides = sides_compare(arena, results, result_count, forms);
    for (size_t r = 0; r < result_count; r++) {
        const struct known_page *known = &results[r].placed.known;
        if (results[r].reason != FLAG_NONE && sides[r].reference == NULL)
            continue;
        if (known->form >= form_count || known->page >= forms[known->form]->page_count)
            error_die("result %zu: form %zu, page %zu do not exist", r, known->form, known->page);
        struct owned_page *page = &owned[count];
        *page = (struct owned_page){.form = known->form, .page = known->page, .result = r};
        if (known->has_reference) {
            page->reference = known->reference;
            page->printed = true;
            page->doubt = sides[r].doubt;
        } else if (sides[r].reference != NULL) {
            own_by_side(page, &sides[r], &results[r], &forms[known->form]->pages[known->page]);
        } else {
            own_by_place(page, arena, &open[known->form], results, forms[known->form]);
        }
        count++;
    }
    doubt_copies(owned, count, arena, results);
    qsort(owned, count, sizeof *owned, in_order);
    *out_count = count;
    return owned;
}
