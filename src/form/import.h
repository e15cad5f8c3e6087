/* Adopting a form that already exists: a blank and where its boxes are become a form folder. */
#ifndef FORM_IMPORT_H
#define FORM_IMPORT_H

#include "base/error.h"
#include "base/text.h"
#include "form/find.h"

struct import_options {
    const char *blank;   /* PDF, TIFF, PNG or JPEG */
    const char *boxes;   /* BOXES.json; see marksense-form(5); NULL = find the fields */
    const char *folder;  /* the form folder to make */
    const char *id;      /* NULL = from the folder's name */
    const char *version; /* NULL = "1" */
    const char *title;   /* NULL = the id */
    double dpi;          /* of a picture; 0 = as its tag or BOXES.json says */
    const char *paper;   /* of the sheet in a photo; NULL = by its shape (see form/blank.h) */
    bool force;          /* replace a form that is there */
    /* Reads the words of a page that has only pixels; NULL = they stay unread. (This room knows no
     * text recognition.) The words belong to the arena. */
    bool (*read_words)(void *context, struct find_word **words, size_t *count, struct arena *arena,
                       PIX *plate, struct error *err);
    void *words_context;
    /* Finds the codes that a page bears already; NULL = they stay unknown. (This room knows no code
     * reader.) */
    void (*read_codes)(struct printed_code **codes, size_t *count, struct arena *arena, PIX *plate);
};

struct import_report {
    size_t page_count, question_count, box_count, field_count;
    size_t snapped_count; /* boxes moved to, or found on, their printed outline */
    struct text notes;    /* what a person should know, a line each; may be empty */
};

/* Makes the folder whole or not at all. The report is always the caller's to release. */
bool form_import(struct import_report *report, const struct import_options *options,
                 struct error *err);
void import_report_release(struct import_report *report);

#endif
