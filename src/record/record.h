/* Pages -> returns: the record of one respondent. Knows nothing of files, databases or output
 * formats. */
#ifndef RECORD_RECORD_H
#define RECORD_RECORD_H

#include <sys/types.h>

#include "base/arena.h"
#include "base/calibration.h"
#include "base/flag.h"
#include "form/code.h"
#include "form/model.h"
#include "page/page.h"
#include "read/reading.h"
#include "record/decision.h"
#include "record/outside.h"

/* The outcome of one image, as it came from a worker. Owned by an arena of the caller. */
struct page_result {
    const char *source;  /* the file as the user named it (folder + name) */
    const char *hash;    /* SHA-256 of the file; "" where it could not be read */
    int image;           /* index in the file, from 0; -1: the file as a whole was rejected */
    enum flag reason;    /* FLAG_NONE: read */
    const char *detail;  /* of the reason; "" = none */
    struct placed_page placed; /* valid as far as the page got; assembly needs no landmarks */
    bool identified;           /* placed.known says which form and page */
    off_t spooled;               /* where run/ keeps its landmarks meanwhile */
    struct page_reading reading; /* only where reason is FLAG_NONE */
};

struct flag_entry {
    enum flag flag;
    size_t result;    /* index into the results; SIZE_MAX: of the return as a whole */
    size_t item;      /* index into form.items; SIZE_MAX: none */
    size_t option;    /* SIZE_MAX: none */
    const char *detail; /* "" = none */
};

enum answer_status {
    ANSWER_ANSWERED,
    ANSWER_BLANK,
    ANSWER_MULTIPLE,
    ANSWER_CORRECTED,      /* answered, after another box was withdrawn */
    ANSWER_WITHDRAWN_ONLY,
    ANSWER_UNCERTAIN,
    ANSWER_UNREADABLE,     /* the form does not fit here, or a written answer that nobody read yet */
    ANSWER_PAGE_MISSING,
};
const char *answer_status_name(enum answer_status status); /* "answered", ... */

/* What routing says of the coded answer; the raw answer is never changed. */
enum routing_status {
    ROUTING_EXPECTED,      /* on the respondent's path */
    ROUTING_SKIPPED,       /* rightly skipped: coded routed_past */
    ROUTING_VIOLATED,      /* answered though routed past */
    ROUTING_UNKNOWN,       /* the question that decides is itself not plain */
};
const char *routing_status_name(enum routing_status status);

struct answer {
    enum answer_status status;
    const char *raw;     /* codes of the boxes that are marked, in print order, joined by " "; the
                            text of a written answer; "" = none */
    const char *coded;   /* after policy and routing; several: marked codes joined by " " */
    enum routing_status routing;
    double confidence;   /* of the least sure box that matters to it, 0-1 */
    bool flagged;
    size_t result;       /* index of the page it was read on; SIZE_MAX = page missing */
};

enum outcome { OUTCOME_COMPLETE, OUTCOME_PARTIAL, OUTCOME_BLANK };
/* complete: every page is there and something is marked; partial: pages are missing; blank: every
 * page is there and nothing is marked or written. */
const char *outcome_name(enum outcome outcome);

/* What the new ink outside the answers of one page means. */
struct page_ink {
    enum ink_class *classes; /* one a piece of the page's reading */
    double *stray_mm2;       /* one a box of the page: ink that speaks of it and is no mark in it */
    double *trace_mm2;       /* the same, found by a closer look only: read/close_look.h */
};

struct return_record {
    size_t form;
    const char *reference; /* printed reference with its check character, or "source#n" where the
                              form carries none */
    enum outcome outcome;
    size_t *pages;         /* per page of the form: index of its result, SIZE_MAX = missing */
    struct answer *answers; /* one an item */
    struct box_decision **boxes; /* boxes[p][b]: decision of template box b on page p; NULL = page
                                    missing */
    bool pen_faint;       /* the scans lose this person's marks: record/mark_model.h */
    bool beside;          /* this person marks beside the boxes or round the labels: a box that is filled
                             in is no answer */
    struct page_ink *ink; /* one a page of the form; its members are NULL where the page is missing */
    struct flag_entry *flags;
    size_t flag_count;
};

/* A page of a form some of whose boxes the blank lacks: record/learned_print.h. */
struct learned_page {
    size_t form, page;
    size_t unprinted; /* boxes that the blank lacks */
    size_t learned;   /* of them, those whose print was learned */
    size_t scans;     /* from so many */
};

struct batch_record {
    struct return_record *returns;
    size_t return_count;   /* sorted by form, then reference */
    struct flag_entry *flags; /* of files and images that are in no return */
    size_t flag_count;
    struct learned_page *learned; /* in order of form and page */
    size_t learned_count;
};

/* Assembles the returns of a batch from its page results, given in input order. A page that stands
 * twice in one return: the first in input order is kept, the other's `reason` becomes
 * FLAG_PAGE_TWICE. Pages of a return whose marks the scan lost are set aside with FLAG_PEN_LOST
 * (record/respondent.h), pages full of specks with FLAG_PAGE_SPECKLED. Everything given back belongs to the arena. */
struct batch_record record_assemble(struct arena *arena, struct page_result *results,
                                    size_t result_count, const struct form *const *forms,
                                    size_t form_count, const struct calibration *calibration);

#endif
