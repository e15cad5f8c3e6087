/* What the files of this room share: the list of flags, and the steps of assembly. */
#ifndef RECORD_ASSEMBLY_H
#define RECORD_ASSEMBLY_H

#include "record/places.h"
#include "record/record.h"

/* A growing list of flags in the arena. */
struct flag_list {
    struct arena *arena;
    struct flag_entry *entries;
    size_t count, capacity;
};

/* A NULL detail stands for "". */
void flag_list_add(struct flag_list *list, enum flag flag, size_t result, size_t item,
                   size_t option, const char *detail);

/* ---- grouping.c: which return does each page belong to ---------------------------------- */

struct owned_page {
    size_t form;
    const char *reference;
    bool printed; /* the reference was read from the page; else it was made from its place in the
                     input */
    size_t first; /* not printed: the result that the return began with */
    size_t page;  /* index from 0 */
    size_t result;
    const char *doubt; /* not NULL: why it is doubtful that the page belongs here */
    const char *inferred; /* not NULL: whence its reference was taken, for a person to check */
};

/* Sorted by form, return, page, result; the count goes to *out_count. Results that cannot be given
 * to a return get their `reason`. */
struct owned_page *group_pages(struct arena *arena, size_t *out_count, struct page_result *results,
                               size_t result_count, const struct form *const *forms,
                               size_t form_count);

bool same_return(const struct owned_page *a, const struct owned_page *b);

/* ---- answer.c: states of boxes -> answers of one return --------------------------------- */

/* Fills in status, raw, coded (by policy alone), confidence, flagged and result of every item, adds
 * the flags of items and boxes, and sets the flag of boxes that the item's trouble lies in. */
void answers_decide(struct return_record *record, const struct form_places *places,
                    const struct page_result *results, const struct calibration *calibration,
                    struct flag_list *flags);

/* ---- routing.c: the second layer --------------------------------------------------------- */

/* Fills in routing of every answer and puts the missing codes into `coded`. */
void routing_apply(struct return_record *record, const struct form *form, struct arena *arena);

/* ---- blanks.c: what may have been missed -------------------------------------------------- */

/* Sends questions that are blank, but should not be, to a person and leaves them without a code: of somebody
 * of whose questions many are doubtful, as the marks lie beside the boxes, are dots on their outlines or are
 * hardly there, all of them (of such blanks one in 9, a bad scanner, to 13, an office, held a mark that the scan
 * had lost; calibration/marks.json: hidden_share), of others those at one of whose boxes there is a hint of a mark
 * (trace_bit_mm2). Where no answer is due a hint is dirt; where a doubtful one hides the path, an answer is due
 * between two that were given. After routing_apply(). */
void blanks_doubt(struct return_record *record, const struct form_places *places,
                  const struct mark_calibration *calibration, struct flag_list *flags);

#endif
