/* Blocks: what is never split between columns or pages (a question, a notice, a section's head),
 * with places relative to the block's top left corner. */
#ifndef FORM_LAYOUT_BLOCK_H
#define FORM_LAYOUT_BLOCK_H

#include "form/layout.h"
#include "form/layout_type.h"

#define TEXT_X_MM 9.0   /* texts and boxes begin here; the number stands before */
#define LABEL_GAP_MM 2.6 /* between a box and its label */

/* An array in an arena that grows by doubling. */
#define GROWING(type)                                                                              \
    struct {                                                                                       \
        type *at;                                                                                  \
        size_t count, capacity;                                                                    \
    }

struct block {
    double width_mm, height_mm;
    bool wide;          /* takes the page's whole width */
    bool full_measure;  /* texts may run over the whole width */
    GROWING(struct layout_element) elements;
    GROWING(struct template_box) boxes;
    GROWING(struct template_field) fields;
};

/* Makes room for one more and gives it, zeroed. */
#define GROW(arena, array)                                                                         \
    ((array).count == (array).capacity                                                             \
         ? (void)((array).at = block_more((arena), (array).at, (array).count, sizeof *(array).at,  \
                                          &(array).capacity))                                      \
         : (void)0,                                                                                \
     &(array).at[(array).count++])
void *block_more(struct arena *arena, const void *old, size_t count, size_t size,
                 size_t *capacity);

/* What making blocks needs. */
struct block_maker {
    struct form *form;
    struct typesetter *typesetter;
    const double *column_width_mm; /* [0] of a column, [1] of the page */
};

struct block *block_new(const struct block_maker *maker, bool wide);

/* Adds text with its top at y; returns the height it takes. */
double block_text(const struct block_maker *maker, struct block *block, enum type_style style,
                  enum type_align align, double x, double y, double width, const char *text);
void block_fill(const struct block_maker *maker, struct block *block, enum colour colour,
                struct rect rect);
void block_frame(const struct block_maker *maker, struct block *block, enum colour colour,
                 double line_mm, struct rect rect);
void block_cross(const struct block_maker *maker, struct block *block, struct rect rect);

/* A box whose outer edge has its top left corner here. */
void block_box(const struct block_maker *maker, struct block *block, size_t item, size_t option,
               double x, double y);
/* A field; its cells may be set by the caller. */
struct template_field *block_field(const struct block_maker *maker, struct block *block,
                                   size_t item, enum field_kind kind, struct rect rect);

/* Puts `more` under `block`. */
void block_append(const struct block_maker *maker, struct block *block, const struct block *more,
                  double gap_mm);

/* A question as a block (layout_question.c). NULL: err says what does not fit. */
struct block *block_question(const struct block_maker *maker, size_t question, struct error *err);
bool question_is_wide(const struct question *question);

/* The parts of it that live in layout_cells.c: what stands under the question's text from y on.
 * They return the y below, or a negative number and an error. */
double block_grid(const struct block_maker *maker, struct block *block, size_t question, double y,
                  struct error *err);
double block_scale(const struct block_maker *maker, struct block *block, size_t question,
                   double y, struct error *err);
double block_cells(const struct block_maker *maker, struct block *block, size_t question,
                   double y, struct error *err);
double block_written(const struct block_maker *maker, struct block *block, size_t question,
                     double y);

/* Head of a section; a notice of the cover or the closing (layout_notice.c). */
struct block *block_section(const struct block_maker *maker, const struct section *section);
struct block *block_title(const struct block_maker *maker);
struct block *block_notice(const struct block_maker *maker, const struct notice *notice,
                           bool wide);
bool notice_has_example(const struct notice *notice);

#endif
