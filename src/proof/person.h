/* A simulated respondent: one pen, one habit, one hand, and the return that he or she sends back. */
#ifndef PROOF_PERSON_H
#define PROOF_PERSON_H

#include "form/code.h"
#include "form/model.h"
#include "proof/ink.h"
#include "proof/mark.h"

enum truth_state { TRUTH_EMPTY, TRUTH_MARKED, TRUTH_WITHDRAWN, TRUTH_PERSON };
extern const char *const truth_state_names[4]; /* "empty", ..., "person_must_decide" */

struct truth_box {
    enum truth_state intended;   /* what the respondent meant (never TRUTH_PERSON) */
    enum truth_state conclusion; /* what a careful person makes of the paper */
    enum mark_kind how;          /* the last thing done to it */
    double cover;                /* share of the inside under strokes meant for it */
    double stray;                /* the same for strokes meant for something else */
    double light;                /* share of the ink of this person's other marks; 0: as they are */
};

struct truth_field {
    bool written;
    char text[256]; /* what the respondent wrote; "" = nothing */
};

struct truth_note {
    char text[64];
    struct point at_mm;
};

/* What stands on one page, before any scanner. */
struct filled_page {
    struct drawing drawing;
    struct truth_box *boxes;    /* one a template box */
    struct truth_field *fields; /* one a template field */
    struct truth_note notes[4];
    size_t note_count;
    bool overlooked; /* turned together with another: left empty */
};

struct filled_return {
    char reference[REFERENCE_BYTES];
    size_t index; /* in the wave */
    struct pen_tool pen;
    struct hand hand;
    enum habit habit;
    bool blank;
    int sheet_left_out; /* index of the sheet that did not come back; -1 = none */
    struct filled_page *pages;
    size_t page_count;
};

/* Return number `index` of the wave. The same seed and index give the same return. */
struct filled_return *filled_return_new(const struct form *form, const struct profile *profile,
                                        uint64_t seed, size_t index);
void filled_return_free(struct filled_return *filled);

/* The printed reference of return `index`, with its check character. */
void person_reference(char out[REFERENCE_BYTES], uint64_t seed, size_t index);

#endif
