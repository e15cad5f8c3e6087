/* What the parts of the import share. */
#ifndef FORM_IMPORT_INTERNAL_H
#define FORM_IMPORT_INTERNAL_H

#include <glib.h>

#include "form/blank.h"
#include "form/import.h"
#include "form/import_boxes.h"

struct importer {
    const struct import_options *options;
    struct import_report *report;
    struct error *err;
    struct arena *arena;
    struct form *form;
    struct given given;
    struct blank blank;
    bool is_found;           /* nobody gave boxes: given is what was found (import_find.c) */
    struct find_result find;
    double mm_per_px;
    GPtrArray *drafts;   /* the questions as they grow (import_questions.c) */
    GHashTable *by_name; /* name -> draft index + 1 */
    GHashTable *values;  /* "question\x1fvalue" taken */
};

/* Before the first box is taken, and after all is done. */
void import_questions_init(struct importer *im);
void import_questions_release(struct importer *im);

/* Gives box or field `index` of the page its question and option; everything of *out but its
 * rectangles. */
bool import_take_box(struct importer *im, struct template_box *out, const struct given_page *page,
                     size_t index);
void import_take_field(struct importer *im, struct template_field *out,
                       const struct given_page *page, size_t index);

/* The same for a line that was found beside a box of the page, and is no field given. */
void import_take_line(struct importer *im, struct template_field *out, size_t page,
                      const struct template_box *box);

/* Adds the lines to write on beside the page's boxes, where BOXES.json is silent about fields; ties the
 * fields that were found to the boxes they stand beside. (import_beside.c) */
void import_lines_beside(struct importer *im, struct template_page *page,
                         const struct given_page *given);

/* Makes the form's questions, items and sections of all that was taken; false where nothing was.
 */
bool import_build_questionnaire(struct importer *im);

/* Finds the fields of the blank; they stand in im->given afterwards, in pixels of the plates. */
bool import_find(struct importer *im);

/* Turns a page of the blank whose text lies upside down or on its side, with its words and widgets,
 * and says so. `has_text`: the words came with the PDF. */
void import_turn_page(struct importer *im, struct find_page *page, size_t index, bool has_text,
                      struct error *trouble);

/* The same where boxes were given: they stay as they are, but a person should know. */
bool import_note_turned(struct importer *im);

/* Notes which pages of the blank look alike, and where they differ. */
void import_note_alike(struct importer *im);

/* Adds to the form.yaml of the folder what a person should look at, as comments. */
bool import_mark_doubts(struct importer *im, const char *folder);

#endif
