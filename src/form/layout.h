/* Layout: a questionnaire becomes pages. Gives the template (where every box and cell stands) and,
 * beside it, everything else that is printed, so that paper and template have one source. */
#ifndef FORM_LAYOUT_H
#define FORM_LAYOUT_H

#include "base/error.h"
#include "form/model.h"

/* A4; what lies where on every page, in mm. Content keeps out of the fiducials' clear zone (3 mm),
 * of the code's place, and 10 mm off the edges. */
#define PAGE_WIDTH_MM 210.0
#define PAGE_HEIGHT_MM 297.0
#define FIDUCIAL_MM 5.0
#define FIDUCIAL_CENTRE_MM 10.0 /* from both edges */
#define FIDUCIAL_CLEAR_MM 3.0
#define CODE_MM 18.5   /* with its quiet zone: 29 + 8 modules of 0.5 mm (QR version 3) */
#define BOX_MM 5.2     /* outer edge */
#define BOX_LINE_MM 0.3
#define BOX_GAP_MM 2.6 /* between boxes, at least */

enum type_style {
    TYPE_TITLE,
    TYPE_LEAD,
    TYPE_SECTION,
    TYPE_INTRO,
    TYPE_NUMBER,
    TYPE_QUESTION,
    TYPE_HINT,
    TYPE_LABEL,
    TYPE_GOTO,
    TYPE_GRID_HEAD,
    TYPE_CAPTION,
    TYPE_NOTICE_HEAD,
    TYPE_NOTICE,
    TYPE_EXAMPLE,
    TYPE_FURNITURE,
    TYPE_PAGE_NUMBER,
    TYPE_REFERENCE,
    TYPE_STYLE_COUNT
};

enum type_align { ALIGN_LEFT, ALIGN_CENTRE, ALIGN_RIGHT };

enum colour { COLOUR_INK, COLOUR_ACCENT, COLOUR_TINT, COLOUR_RULE, COLOUR_HAIR, COLOUR_COUNT };

enum element_kind {
    ELEMENT_TEXT,  /* lines of text, wrapped to the rectangle's width, from its top */
    ELEMENT_FILL,  /* a filled rectangle */
    ELEMENT_FRAME, /* a rectangle's outline, drawn inside it */
    ELEMENT_CROSS, /* a cross as a respondent would make it, in the rectangle of a box */
};

/* Something printed that is no answer area. */
struct layout_element {
    enum element_kind kind;
    struct rect rect_mm;
    enum type_style style; /* text */
    enum type_align align; /* text */
    enum colour colour;    /* fill, frame */
    double line_mm;        /* frame */
    const char *text;
};

struct layout_page {
    struct layout_element *elements;
    size_t element_count;
};

struct layout {
    struct layout_page *pages; /* as many as the form has */
    size_t page_count;
    const char *font; /* the family that Pango really used, e.g. "Inter" */
};

/* Lays the questionnaire out: sets form->pages and form->page_count, without landmarks. The layout
 * belongs to the form's arena. False where something is too large for a page. The same form and
 * fonts give the same layout. */
bool layout_make(struct layout **out, struct form *form, struct error *err);

#endif
