/* BOXES.json: boxes and fields of a blank, measured by any tool. */
#ifndef FORM_IMPORT_BOXES_H
#define FORM_IMPORT_BOXES_H

#include "base/arena.h"
#include "base/error.h"
#include "form/model.h"

struct given_box {
    const char *question; /* NULL = a question of its own */
    const char *value;    /* NULL = numbered within its question */
    const char *label;    /* NULL = none */
    enum box_shape shape;
    struct rect rect; /* px of the blank at the file's dpi */
    bool several;     /* its question takes several answers */
    const char *go_to; /* number, as printed, of the question to go on at, or "end"; NULL = none */
};

struct given_field {
    const char *question; /* NULL = a question of its own */
    const char *label;    /* NULL = none */
    enum field_kind kind;
    struct rect rect;   /* all of it */
    struct rect *cells; /* NULL = none */
    size_t cell_count;
};

struct given_page {
    size_t page; /* index from 0 */
    struct given_box *boxes;
    size_t box_count;
    struct given_field *fields;
    size_t field_count;
    bool fields_said; /* else the lines beside its boxes are looked for */
};

/* What may be said of a question as a whole. */
struct given_question {
    const char *question;
    const char *text, *number; /* NULL = none */
    bool several, critical;
    const char *grid;                 /* name of the grid that it is a row of; NULL = none */
    const char *grid_text, *row_text; /* of such a row; not NULL */
};

struct given {
    double dpi; /* 0 = not said */
    enum correction correction;
    bool correction_said; /* else it is the default */
    enum case_rule multiple; /* RULE_REVIEW or RULE_CODE */
    struct given_page *pages; /* in order of page; no page twice */
    size_t page_count;
    struct given_question *questions;
    size_t question_count;
};

/* Everything belongs to the arena. Errors name the file, the page and the entry. */
bool import_boxes_load(struct given *out, struct arena *arena, const char *path,
                       struct error *err);

#endif
