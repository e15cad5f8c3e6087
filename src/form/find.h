/* Finding the fields of a blank form by itself: boxes, rows of cells and write-in areas from the
 * pixels of its plates, questions and labels from the words printed around them. */
#ifndef FORM_FIND_H
#define FORM_FIND_H

#include <allheaders.h>
#include <glib.h>

#include "base/arena.h"
#include "base/error.h"
#include "form/import_boxes.h"

/* A printed word; rectangles are in pixels of the plate. */
struct find_word {
    const char *text;
    struct rect px;
};

/* A place that the file itself says is a form field (AcroForm). */
struct find_widget {
    bool is_box;      /* check box or radio button; else written in */
    bool is_radio;    /* those of one name exclude each other */
    bool several_lines;
    const char *name; /* of the field; NULL = none */
    struct rect px;
};

struct find_page {
    PIX *plate; /* 1 bpp, PLATE_DPI; borrowed */
    PIX *tint;  /* the same with tinted ground as ink; borrowed; NULL = the page has no tint */
    bool is_clean; /* drawn by a computer, not scanned */
    struct find_word *words;
    size_t word_count;
    struct find_widget *widgets;
    size_t widget_count;
};

/* What a person should look at. */
struct find_doubt {
    const char *question;
    const char *grid; /* the grid that the question is a row of; NULL = none */
    const char *why;
};

struct find_result {
    struct given given; /* in pixels of the plates */
    struct find_doubt *doubts;
    size_t doubt_count;
    const char *correction_why; /* why given.correction was taken */
};

/* Finds the fields of all pages. Everything in *out belongs to the arena. Pure. A form without any
 * field gives no pages. */
void find_fields(struct find_result *out, struct arena *arena, const struct find_page *pages,
                 size_t page_count);

/* The words and the AcroForm fields of a PDF's pages, in pixels of the plates; `pages` has as many
 * entries as the PDF has pages, their plates set. */
bool find_pdf_words(struct find_page *pages, size_t page_count, struct arena *arena,
                    const char *path, struct error *err);

#endif
