/* The form model: what is asked (questionnaire) and where it stands on paper (template), as loaded
 * from a form folder. Read-only after loading; everything belongs to the form's arena. */
#ifndef FORM_MODEL_H
#define FORM_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/geometry.h"

/* ---- the questionnaire (form.yaml) ------------------------------------------------------- */

enum question_kind {
    QUESTION_SINGLE,  /* one box of several */
    QUESTION_SEVERAL, /* any boxes; exclusive options exclude the others */
    QUESTION_GRID,    /* rows, each a single choice among the same options */
    QUESTION_DIGITS,  /* a number in cells */
    QUESTION_DATE,    /* day, month, year in cells */
    QUESTION_TEXT,    /* a short written answer: a line or a row of cells */
    QUESTION_COMMENT, /* a long written answer in a ruled box */
};

struct option {
    const char *code;  /* what stands in the data; unique within the question */
    const char *label; /* what is printed */
    const char *go_to; /* question name to continue at; NULL = the next one; "end" = the end */
    bool exclusive;    /* of several choices: excludes all others */
};

struct grid_row {
    const char *name; /* variable name, unique in the form */
    const char *text;
    bool critical;
};

struct question {
    const char *name;   /* variable name: unique in the form, [A-Za-z][A-Za-z0-9_]* in forms of our
                           own; any UTF-8 in imported ones */
    const char *number; /* as printed ("12"); NULL = none */
    const char *text;
    const char *hint; /* small print under the text; NULL = none */
    enum question_kind kind;
    bool critical;
    const char *go_to; /* where to continue whatever the answer; NULL = the next question */
    struct option *options;
    size_t option_count; /* single, several, grid */
    struct grid_row *rows;
    size_t row_count; /* grid */
    int cells;        /* digits, date, text in cells: how many; 0 = not in cells */
    bool has_range;
    long minimum, maximum; /* digits: the range allowed */
    int lines;             /* comment: ruled lines */
    int columns;           /* layout: options side by side in so many columns; 0 = the layout's choice */
};

struct section {
    const char *title;
    const char *intro; /* NULL = none */
    size_t first_question, question_count;
    bool new_page; /* layout: begin on a new page */
};

/* What one variable is: a single, several, digits, date, text or comment question, or one row of
 * a grid. The templates' boxes, the readings and the records speak of items, by name. */
struct item {
    const char *name; /* question name, or the grid row's name */
    size_t question;
    size_t row; /* of a grid; 0 otherwise */
    bool critical;
};

enum correction {
    CORRECTION_FILL, /* a filled-in box is withdrawn (UK paper surveys) */
    CORRECTION_NONE, /* any deliberate mark is an answer (bubble sheets, ballots) */
};

enum case_rule { /* what the study does in a doubtful case; evidence is kept whatever the rule */
    RULE_REVIEW,  /* a person decides */
    RULE_MISSING, /* coded as missing */
    RULE_DARKEST, /* the darkest mark counts */
    RULE_FIRST,   /* the first in order of print */
    RULE_NEAREST, /* the nearest box, where one is clearly nearer */
    RULE_CODE,    /* a code of its own */
};

/* Where a study does not say how many errors it accepts a box ('accept'). */
#define DEFAULT_BOX_ERROR 1e-5
#define DEFAULT_CRITICAL_ERROR 1e-6

struct policy {
    enum correction correction;
    enum case_rule multiple;          /* two boxes marked where one is allowed; default review */
    const char *multiple_code;        /* with RULE_CODE */
    enum case_rule between;           /* a mark between two boxes; default review */
    enum case_rule exclusive;         /* exclusive option with others: RULE_REVIEW (default),
                                         RULE_MISSING, RULE_FIRST = drop the exclusive option */
    enum case_rule withdrawn_only;    /* the only mark is a filled box: RULE_REVIEW (default),
                                         RULE_MISSING, RULE_DARKEST = it is the answer */
    const char *missing_code;         /* should have answered; default "-99" */
    const char *routed_past_code;     /* rightly skipped; default "-98" */
    const char *implausible_code;     /* multi-coded or out of range; default "-97" */
    double box_error, critical_error; /* accepted errors aimed at, per box */
};

/* ---- the template (template.json): where everything stands, in mm from the page's top left --- */

enum box_shape { BOX_SQUARE, BOX_CIRCLE, BOX_OVAL };

/* What is looked at for a box is it and this margin around it; so much in all, which is a box of 17 x
 * 17 mm or 30 x 9 mm. */
#define BOX_PATCH_MARGIN_MM 2.3
#define BOX_PATCH_MM2_MAX 500

/* Not too large to be looked at as a whole. Larger ones are refused wherever they come from. */
static inline bool box_can_be_read(struct rect mm)
{
    return (mm.w + 2 * BOX_PATCH_MARGIN_MM) * (mm.h + 2 * BOX_PATCH_MARGIN_MM) <=
           BOX_PATCH_MM2_MAX;
}

struct template_box {
    size_t item;       /* index into form.items */
    size_t option;     /* index into its question's options */
    enum box_shape shape;
    struct rect rect_mm; /* outer edge of the printed outline */
};

enum field_kind { FIELD_DIGITS, FIELD_DATE, FIELD_LETTERS, FIELD_TEXT, FIELD_COMMENT };

struct template_field {
    size_t item;
    enum field_kind kind;
    struct rect rect_mm;   /* the whole write-in area */
    struct rect *cells_mm; /* one a character, left to right; NULL where it is not in cells */
    size_t cell_count;
    bool has_box; /* a box of the page is ticked with it: "Other: ______" */
    size_t box_item, box_option; /* that box's */
};

/* A code that an imported blank bears already. It may differ from copy to copy. */
struct printed_code {
    const char *type; /* as zbar calls it: "QR-Code", "CODE-128" */
    const char *text; /* UTF-8 */
    struct rect rect_mm;
};

#define FIDUCIAL_COUNT 4 /* top left, top right, bottom right, bottom left */

struct template_page {
    int number; /* 1, 2, ... as printed */
    double width_mm, height_mm;
    struct template_box *boxes;
    size_t box_count; /* in order of question, then option */
    struct template_field *fields;
    size_t field_count;
    bool has_fiducials; /* solid black squares */
    struct rect fiducials_mm[FIDUCIAL_COUNT];
    bool has_code; /* a QR code that varies per copy (see form/code.h) */
    struct rect code_mm;
    struct printed_code *printed_codes; /* not ours */
    size_t printed_code_count;
    struct rect reference_mm;   /* the same reference in figures; w = 0: none */
    struct point *landmarks_mm; /* centres of distinctive printed spots, none in an answer area */
    size_t landmark_count;
};

/* A block of print that asks nothing: on the cover, or after the last question. */
struct notice {
    const char *heading; /* NULL = none */
    const char *text;    /* paragraphs parted by an empty line; "- " begins a bullet; "[x] ", "[#] ",
                            "[ ] ", "[9] " an instruction with a small box drawn before it: crossed,
                            filled in, empty, a cell with a figure */
};

struct form {
    struct arena *arena;
    const char *folder; /* where it was loaded from */
    const char *id;     /* e.g. "cancer-experience"; unique among the forms read together */
    const char *code;   /* short upper-case id inside the printed codes; e.g. "CES" */
    const char *version;
    const char *title;
    const char *language; /* "en" */
    struct notice *cover; /* printed before the first section */
    size_t cover_count;
    struct notice *closing; /* printed after the last question */
    size_t closing_count;
    struct section *sections;
    size_t section_count;
    struct question *questions;
    size_t question_count;
    struct item *items;
    size_t item_count;
    struct policy policy;
    const char *printed_from;    /* questionnaire_digest() of what the artwork was made from; NULL: it was
                                    imported, or built before that was kept */
    struct template_page *pages; /* NULL before the form is built or imported */
    size_t page_count;
};

/* The item's question; its options. */
static inline const struct question *item_question(const struct form *form, size_t item)
{
    return &form->questions[form->items[item].question];
}

/* Index of the item with this name, or SIZE_MAX. */
size_t form_find_item(const struct form *form, const char *name);

/* Index of the option with this code within the question, or SIZE_MAX. */
size_t question_find_option(const struct question *question, const char *code);

/* Frees the form and all it owns. NULL is allowed. */
void form_free(struct form *form);

#endif
