/* The two sides of a sheet: they belong to one return. Where the reference of one side cannot be read
 * the other side tells it, or the pages of one return before and after; where both can be read they
 * must agree. Nothing is taken across a gap, from a contradiction, or where two answers are possible.
 *
 * A feeder gives the sides of a sheet one after the other. So images stand in runs without a gap: the
 * images of a file, or files of one image in one folder whose names count up by one. Within a run
 * either images 0 and 1, 2 and 3, ... are the sides of a sheet, or 1 and 2, 3 and 4, ... where one was
 * lost or removed at the start: the sheets whose two references were read tell which.
 *
 * Two sheets fed together show the front of one and the back of the other. In a stack in order those are never the two
 * pages of one sheet; in one that was dropped they may be, of two returns. So where a return has several sheets one of
 * the next ones has to lie beside it. */
#include "record/sides.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct search {
    struct arena *arena;
    const struct form *const *forms;
    const struct page_result *results;
    size_t count;
    struct claim *pages; /* (form, reference, page) of all that were read, sorted */
    size_t page_count;
    struct side *sides;
};

struct claim {
    size_t form, page;
    const char *reference;
    size_t result;
};

static int by_claim(const void *left, const void *right)
{
    const struct claim *a = left, *b = right;
    int order = (a->form > b->form) - (a->form < b->form);
    if (order == 0)
        order = strcmp(a->reference, b->reference);
    return order != 0 ? order : (a->page > b->page) - (a->page < b->page);
}

/* ---- what stands next to what --------------------------------------------------------------- */

/* The file holds this image alone. */
static bool is_lone(const struct search *s, size_t r)
{
    const char *source = s->results[r].source;
    return s->results[r].image == 0 &&
           (r == 0 || strcmp(s->results[r - 1].source, source) != 0) &&
           (r + 1 == s->count || strcmp(s->results[r + 1].source, source) != 0);
}

/* The last figures of a file name, before its extension: where they begin, and how many. */
static size_t find_number(const char *source, size_t *digits)
{
    const char *slash = strrchr(source, '/'), *name = slash == NULL ? source : slash + 1;
    const char *dot = strrchr(name, '.'), *end = dot == NULL ? name + strlen(name) : dot;
    const char *begin = end;
    while (begin > name && isdigit((unsigned char)begin[-1]))
        begin--;
    *digits = (size_t)(end - begin);
    return (size_t)(begin - source);
}

/* "scan0009.tif" and "scan0010.tif", or "scan9.tif" and "scan10.tif". */
static bool counts_up(const char *a, const char *b)
{
    enum { DIGITS_MAX = 18 };
    size_t a_digits, b_digits, a_at = find_number(a, &a_digits), b_at = find_number(b, &b_digits);
    return a_digits > 0 && b_digits > 0 && a_digits <= DIGITS_MAX && b_digits <= DIGITS_MAX &&
           a_at == b_at && strncmp(a, b, a_at) == 0 &&
           strcmp(a + a_at + a_digits, b + b_at + b_digits) == 0 &&
           strtoll(b + b_at, NULL, 10) - strtoll(a + a_at, NULL, 10) == 1;
}

/* Nothing can have been between result r and the next one. */
static bool goes_on(const struct search *s, size_t r)
{
    const struct page_result *a = &s->results[r], *b = &s->results[r + 1];
    if (a->image < 0 || b->image < 0)
        return false;
    if (strcmp(a->source, b->source) == 0)
        return b->image == a->image + 1;
    return is_lone(s, r) && is_lone(s, r + 1) && counts_up(a->source, b->source);
}

static bool is_read(const struct page_result *r)
{
    return r->reason == FLAG_NONE && r->placed.known.has_reference;
}

static bool same_sheet(const struct page_result *a, const struct page_result *b)
{
    const struct known_page *x = &a->placed.known, *y = &b->placed.known;
    return x->form == y->form && (x->page ^ 1) == y->page;
}

static bool same_reference(const struct page_result *a, const struct page_result *b)
{
    return strcmp(a->placed.known.reference, b->placed.known.reference) == 0;
}

/* ---- taking a reference ---------------------------------------------------------------------- */

/* Whether the return has this page already. */
static bool has_page(const struct search *s, const struct known_page *known, const char *reference)
{
    struct claim key = {known->form, known->page, reference, 0};
    return bsearch(&key, s->pages, s->page_count, sizeof key, by_claim) != NULL;
}

/* The reference that the result at `mate` offers to the one at `r`; NULL: none. */
static const char *offer(const struct search *s, size_t r, size_t mate)
{
    const struct page_result *now = &s->results[r], *other = &s->results[mate];
    if (!is_read(other) || !same_sheet(now, other) ||
        has_page(s, &now->placed.known, other->placed.known.reference))
        return NULL;
    return other->placed.known.reference;
}

static void take(const struct search *s, size_t r, const char *reference, const char *how,
                 size_t from)
{
    const struct page_result *source = &s->results[from];
    s->sides[r].reference = reference;
    s->sides[r].how = arena_printf(s->arena, "%s: %s, image %d", how, source->source,
                                   source->image + 1);
}

static const char other_side[] = "from the other side of the sheet";

/* Whether the result is a page of this return on the sheet before or after the other one's. */
static bool is_next_sheet(const struct search *s, size_t r, const struct known_page *known, const char *reference)
{
    const struct known_page *here = &s->results[r].placed.known;
    size_t a = here->page / 2, b = known->page / 2;
    return is_read(&s->results[r]) && here->form == known->form && strcmp(here->reference, reference) == 0 &&
           (a + 1 == b || b + 1 == a);
}

/* Whether the sheet whose images these are lies in its return as it was made up. Nothing tells of a form of one sheet,
 * of a run of one sheet, and of pages that carry no code by design. */
static bool is_in_order(const struct search *s, size_t front, size_t first, size_t end, size_t r,
                        const char *reference)
{
    const struct known_page *known = &s->results[r].placed.known;
    const struct form *form = s->forms[known->form];
    if (form->page_count <= 2 || end - first <= 2 || !form->pages[known->page].has_code)
        return true;
    return (front > first && is_next_sheet(s, front - 1, known, reference)) ||
           (front + 2 < end && is_next_sheet(s, front + 2, known, reference));
}

/* From the one neighbour that can be the other side; `phase` -1: either may be. */
static bool take_from_mate(const struct search *s, size_t r, size_t first, size_t end, int phase)
{
    bool is_front = phase < 0 || ((r - first) & 1) == (size_t)phase;
    bool is_back = phase < 0 || !is_front;
    const char *before = is_back && r > first ? offer(s, r, r - 1) : NULL;
    const char *after = is_front && r + 1 < end ? offer(s, r, r + 1) : NULL;
    if (before != NULL && after != NULL && strcmp(before, after) != 0)
        return false;
    if (before == NULL && after == NULL)
        return false;
    const char *reference = before != NULL ? before : after;
    size_t mate = before != NULL ? r - 1 : r + 1;
    if (!is_in_order(s, r < mate ? r : mate, first, end, r, reference))
        return false;
    take(s, r, reference, other_side, mate);
    s->sides[r].sure = phase >= 0;
    return true;
}

/* Whether another return of the run lacks the sheet, too: in a stack that was dropped it may be that one's. */
static bool is_wanted_elsewhere(const struct search *s, size_t first, size_t end, const struct known_page *known,
                                const char *reference)
{
    struct known_page back = *known;
    back.page ^= 1;
    for (size_t r = first; r < end; r++) {
        const struct known_page *other = &s->results[r].placed.known;
        if (is_read(&s->results[r]) && other->form == known->form && strcmp(other->reference, reference) != 0 &&
            !has_page(s, known, other->reference) && !has_page(s, &back, other->reference))
            return true;
    }
    return false;
}

/* Both sides of the sheet lack it, and the page before the sheet and the page after it are of one
 * return, the only one here that lacks it: pages 2 | 3 4 | 5. */
static void take_from_around(const struct search *s, size_t r, size_t first, size_t end)
{
    const struct known_page *known = &s->results[r].placed.known;
    size_t front = known->page & 1 ? r - 1 : r;
    if ((known->page & 1 && r == first) || front == first || front + 2 >= end)
        return;
    const struct page_result *before = &s->results[front - 1], *after = &s->results[front + 2];
    const struct page_result *mate = &s->results[known->page & 1 ? front : front + 1];
    size_t sheet = known->page & ~(size_t)1;
    if (mate->reason != FLAG_REFERENCE_UNREADABLE || !same_sheet(&s->results[r], mate) ||
        !is_read(before) || !is_read(after) || !same_reference(before, after) ||
        before->placed.known.form != known->form || after->placed.known.form != known->form ||
        before->placed.known.page + 1 != sheet || after->placed.known.page != sheet + 2 ||
        has_page(s, known, before->placed.known.reference) ||
        is_wanted_elsewhere(s, first, end, known, before->placed.known.reference))
        return;
    take(s, r, before->placed.known.reference, "from the pages before and after it", front - 1);
}

/* ---- one run of images ----------------------------------------------------------------------- */

/* Sheets whose two references were read, when sheets begin at even (0) or odd (1) places, and
 * neighbours that would then be one sheet and are not. */
static void count_sheets(const struct search *s, size_t first, size_t end, size_t agree[2],
                         size_t differ[2])
{
    agree[0] = agree[1] = differ[0] = differ[1] = 0;
    for (size_t r = first; r + 1 < end; r++) {
        const struct page_result *a = &s->results[r], *b = &s->results[r + 1];
        if (!is_read(a) || !is_read(b))
            continue;
        bool agrees = same_sheet(a, b) && same_reference(a, b);
        agree[(r - first) & 1] += agrees;
        differ[(r - first) & 1] += !agrees;
    }
}

/* 0 or 1: where sheets begin; -1: the run does not say. */
static int find_phase(const size_t agree[2], const size_t differ[2])
{
    enum { FEW = 10 }; /* one sheet in so many may contradict: a double feed, a sheet put back */
    for (int phase = 0; phase < 2; phase++)
        if (agree[phase] > 0 && agree[!phase] == 0 && differ[phase] * FEW <= agree[phase])
            return phase;
    return -1;
}

/* Two sides of one sheet that name two returns. */
static void compare_sides(const struct search *s, size_t first, size_t end, int phase)
{
    if (phase < 0 && end - first == 2) /* a file of one sheet */
        phase = 0;
    for (size_t r = first + (size_t)(phase < 0 ? 0 : phase); phase >= 0 && r + 1 < end; r += 2) {
        const struct page_result *a = &s->results[r], *b = &s->results[r + 1];
        if (!is_read(a) || !is_read(b) || !same_sheet(a, b) || same_reference(a, b))
            continue;
        for (size_t k = r; k <= r + 1; k++)
            s->sides[k].doubt =
                arena_printf(s->arena, "the other side of this sheet is of return %s",
                             s->results[k == r ? r + 1 : r].placed.known.reference);
    }
}

static void look_at_run(const struct search *s, size_t first, size_t end)
{
    size_t agree[2], differ[2];
    count_sheets(s, first, end, agree, differ);
    int phase = find_phase(agree, differ);
    bool contradicts = phase < 0 && (agree[0] + agree[1] > 0 || differ[0] + differ[1] > 0) &&
                       end - first > 3;
    compare_sides(s, first, end, phase);
    for (size_t r = first; r < end; r++) {
        if (s->results[r].reason != FLAG_REFERENCE_UNREADABLE || !s->sides[r].may_be_taken)
            continue;
        if (!contradicts && take_from_mate(s, r, first, end, phase))
            continue;
        if (phase >= 0 && ((r - first + s->results[r].placed.known.page) & 1) == (size_t)phase)
            take_from_around(s, r, first, end);
    }
}

/* Two images cannot be the same page of one return: neither is taken. */
static void drop_rivals(const struct search *s)
{
    struct claim *taken = ARENA_NEW(s->arena, struct claim, s->count);
    size_t n = 0;
    for (size_t r = 0; r < s->count; r++)
        if (s->sides[r].reference != NULL)
            taken[n++] = (struct claim){s->results[r].placed.known.form,
                                        s->results[r].placed.known.page, s->sides[r].reference, r};
    qsort(taken, n, sizeof *taken, by_claim);
    for (size_t k = 0; k + 1 < n; k++)
        if (by_claim(&taken[k], &taken[k + 1]) == 0)
            s->sides[taken[k].result].reference = s->sides[taken[k + 1].result].reference = NULL;
}

struct side *sides_compare(struct arena *arena, const struct page_result *results, size_t count,
                           const struct form *const *forms)
{
    struct search s = {.arena = arena, .forms = forms, .results = results, .count = count};
    s.sides = ARENA_NEW(arena, struct side, count);
    s.pages = ARENA_NEW(arena, struct claim, count);
    bool any = false;
    for (size_t r = 0; r < count; r++) {
        const struct known_page *known = &results[r].placed.known;
        if (is_read(&results[r]))
            s.pages[s.page_count++] = (struct claim){known->form, known->page, known->reference, r};
        s.sides[r].may_be_taken = results[r].reason == FLAG_REFERENCE_UNREADABLE &&
                                  results[r].identified && results[r].reading.boxes != NULL &&
                                  results[r].reading.box_count ==
                                      forms[known->form]->pages[known->page].box_count;
        any |= s.sides[r].may_be_taken || is_read(&results[r]);
    }
    if (!any)
        return s.sides;
    qsort(s.pages, s.page_count, sizeof *s.pages, by_claim);
    for (size_t first = 0, end; first < count; first = end) {
        for (end = first + 1; end < count && goes_on(&s, end - 1);)
            end++;
        look_at_run(&s, first, end);
    }
    drop_rivals(&s);
    return s.sides;
}
