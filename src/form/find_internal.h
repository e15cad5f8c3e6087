/* What the parts of the field finder share. Pixels are those of the plate (PLATE_DPI). */
#ifndef FORM_FIND_INTERNAL_H
#define FORM_FIND_INTERNAL_H

#include "form/find.h"
#include "form/plate.h"

#define FIND_PX_PER_MM (PLATE_DPI / MM_PER_INCH)
#define FIND_PX(mm) ((mm) * FIND_PX_PER_MM)

/* A box that people tick, by its outer edge. Smaller is a counter of a letter, larger is written
 * in. */
#define BOX_MM_MIN 1.9
#define BOX_MM_MAX 9.5
#define BOX_ASPECT_MIN 0.6
#define BOX_ASPECT_MAX 2.4

/* A white area enclosed by ink, of a regular shape and with a thin wall. */
struct hole {
    struct rect inner; /* the white */
    struct rect outer; /* outer edge of the wall */
    enum box_shape shape;
    double misfit_px;  /* mean distance of the white's edge from the ideal shape */
    int content_px;    /* ink inside */
    int content_parts; /* in so many pieces */
    bool is_bare;      /* white on a tint or a dark ground, without an outline */
    bool is_on_dark;   /* the ground is as dark as print: it may be a bold letter */
    bool used;
};

/* Finds the holes of a page of at least BOX_MM_MIN. GArray of struct hole. (find_holes.c) */
GArray *find_holes(const struct find_page *page);

/* A page laid level for looking at it. (find_level.c) */
struct level {
    struct find_page page; /* level; the plates are its own where radian is not 0 */
    double radian;         /* by which it was turned, clockwise */
    struct point centre;
};

/* A page that is straight, or whose skew is not clear, stays as it is. */
void level_init(struct level *level, struct arena *arena, const struct find_page *page);
/* What was found on the level page, on the page as it lies. */
void level_give_back(const struct level *level, struct given_page *page);
/* A rectangle of the page as it lies, on the level page; and back. */
struct rect level_turn(const struct level *level, struct rect px);
struct rect level_turn_back(const struct level *level, struct rect px);
void level_release(struct level *level);

enum found_kind {
    FOUND_BOX,   /* ticked */
    FOUND_CELLS, /* a row of cells, a character each */
    FOUND_AREA,  /* written in */
};

struct found {
    enum found_kind kind;
    struct rect px;
    enum box_shape shape;
    struct rect cells[40];
    size_t cell_count;
    bool many_lines;      /* an area for more than a line */
    const char *doubt;    /* NULL = none */
    const char *name;     /* an AcroForm field's; NULL = none */
    bool several;         /* an AcroForm check box of a name that others have */
    bool is_split;        /* cells with wider gaps between: day, month, year */
    bool is_printed_in;   /* a box with a figure or letter of its own */
    bool has_own_label;   /* that figure or letter was read: it is the label and the value */
    const char *row_text; /* of such a box: the print to the left; NULL = none */
    const char *go_to;    /* printed number where to go on, or "end"; NULL = none */
    const char *label, *value; /* (find_labels.c) NULL = none */
    struct rect label_px;      /* of the label's print; w = 0: none */
    bool grouped;              /* (find_groups.c) */
};

#define FOUND_CELLS_MAX 40

/* Sorts holes into boxes, cells and areas. GArray of struct found. (find_boxes.c) */
GArray *find_boxes(const struct find_page *page, GArray *holes);

/* Adds the cells of tables that are ticked, and marks their holes as used. (find_tables.c) */
void find_tables(GArray *found, const struct find_page *page, GArray *holes);

/* Adds cells that are open above: combs, and rows of short lines. (find_combs.c) */
void find_combs(GArray *found, const struct find_page *page);

/* Adds the write-in lines of the page. (find_lines.c) */
void find_lines(GArray *found, const struct find_page *page, const GArray *holes);

/* ---- words (find_words.c) ------------------------------------------------------------------- */

/* A run of words side by side, without a gap. */
struct text_line {
    struct rect px;
    size_t first, count; /* in `order` */
};

/* A printed question number ("12", "4a.", "D.") with text after it. */
struct anchor {
    struct rect px;
    const char *number; /* without punctuation */
    size_t line;
};

struct text_map {
    const struct find_page *page;
    size_t *order;     /* words by line, left to right; those inside boxes are left out */
    GArray *lines;     /* struct text_line, top to bottom */
    GArray *anchors;   /* struct anchor, top to bottom */
    GArray *rules;     /* struct rect: level rules that may part questions */
};

void text_map_init(struct text_map *map, struct arena *arena, const struct find_page *page,
                   const GArray *found);
void text_map_release(struct text_map *map);

/* Appends the words whose middle lies in the area, line by line, joined by blanks. */
void text_map_read(GString *out, const struct text_map *map, struct rect area);

/* The word nearest to the left (side -1) or right (1) of the rectangle in its row, and the gap;
 * NULL where there is none within `most`. */
const struct find_word *text_map_beside(double *gap, const struct text_map *map, struct rect px,
                                        int side, double most);

/* Does a line of print whose middle lies between y0 and y1 go across x? */
bool text_map_crosses(const struct text_map *map, double x, double y0, double y1);

/* A figure or two with nothing else: "1", "07", "(3)". */
bool text_is_code(const char *text);
/* Dots and dashes only. */
bool text_is_leader(const char *text);

/* ---- labels (find_labels.c) ----------------------------------------------------------------- */

/* Gives every box its label and, where one is printed beside it, its value. */
void find_labels(struct arena *arena, const struct text_map *map, GArray *found);

/* What is printed over a column of boxes; NULL where nothing is. */
const char *find_header(struct arena *arena, const struct text_map *map, const GArray *found,
                        struct rect box, double pitch);

/* ---- routes (find_routes.c) ----------------------------------------------------------------- */

/* Gives boxes the printed numbers where the respondent goes on, from the print beside them, which
 * leaves their labels; and from sentences ("If No, go to 7") under the same number. */
void find_routes(struct arena *arena, const struct text_map *map, GArray *found);
void find_conditions(struct arena *arena, const struct text_map *map, GArray *found);

/* How an answer is taken back, by the wording of the pages or the kind of boxes; *why in words. */
enum correction find_correction(const char **why, const struct given *given,
                                const struct find_page *pages, size_t page_count);

/* ---- groups (find_groups.c) ----------------------------------------------------------------- */

/* Boxes and fields that answer one question. */
struct group {
    GArray *members;        /* guint: indexes into the found ones */
    const struct anchor *anchor; /* NULL = none */
    const char *row_text;   /* a row or column of a grid; NULL = not of a grid */
    int row;                /* 1, 2, ... within its grid */
    int grid;               /* 1, 2, ... of the page: rows of one grid share it; 0 = not of a grid */
    bool is_scale;          /* a row of boxes without text between */
    bool is_own_row;        /* of a grid whose rows have numbers of their own */
};

/* GArray of struct group in order of print. Labels of grids are filled in. */
GArray *find_groups(struct arena *arena, const struct text_map *map, GArray *found);
void find_groups_free(GArray *groups);

/* The anchor that the rectangle stands under; NULL = none. With `only_numbers`, letters ("b.") are
 * passed over. */
const struct anchor *find_anchor(const struct text_map *map, struct rect px, bool only_numbers);

/* ---- questions (find_questions.c) ----------------------------------------------------------- */

/* Grows over the pages of a form. */
struct question_maker {
    struct arena *arena;
    GArray *doubts;    /* struct find_doubt */
    GArray *questions; /* struct given_question */
    GHashTable *names; /* taken */
    int box_number, field_number, grid_number; /* of the last ones without a printed number */
    const char *main_number; /* the last printed number, for "b." that follows "2a." */
};

/* Makes questions of what was found on a page. */
void find_questions(struct given_page *out, struct question_maker *maker,
                    const struct find_page *page, GArray *found);

static inline bool find_inside(struct rect inner, struct rect outer)
{
    return inner.x >= outer.x - 1 && inner.y >= outer.y - 1 &&
           inner.x + inner.w <= outer.x + outer.w + 1 && inner.y + inner.h <= outer.y + outer.h + 1;
}

/* How far two stretches overlap; negative: the gap between them. */
static inline double find_overlap(double a0, double a1, double b0, double b1)
{
    return (a1 < b1 ? a1 : b1) - (a0 > b0 ? a0 : b0);
}

/* Ink pixels of the plate inside the rectangle, cut to the page. (find_holes.c) */
int find_ink(PIX *plate, struct rect px);

#endif
