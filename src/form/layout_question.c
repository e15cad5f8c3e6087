/* A question as a block: number, text, hint, and its options with their boxes. */
#include "form/layout_block.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define AFTER_TEXT_MM 2.2 /* between the text or hint and the answers */
#define SIDE_GAP_MM 4.0   /* between options side by side */

bool question_is_wide(const struct question *question)
{
    return question->kind == QUESTION_GRID || question->kind == QUESTION_COMMENT ||
           question->columns > 2;
}

static size_t question_index(const struct form *form, const char *name)
{
    for (size_t i = 0; i < form->question_count; i++)
        if (strcmp(form->questions[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

/* "Go to question 24", NULL where the respondent just goes on. */
static const char *go_to_text(const struct form *form, size_t from, const char *target)
{
    if (target == NULL)
        return NULL;
    size_t index = question_index(form, target), next = from + 1;
    /* Past a written answer that belongs to this question is no jump for the respondent. */
    while (next < index && next < form->question_count && form->questions[next].number == NULL)
        next++;
    if (index == next)
        return NULL;
    while (index < form->question_count && form->questions[index].number == NULL)
        index++;
    if (index >= form->question_count)
        return "→ Go to the end";
    /* no-break spaces: never split */
    return arena_printf(form->arena, "→\u00a0Go\u00a0to\u00a0question\u00a0%s",
                        form->questions[index].number);
}

/* One option: box, label, where to go. Returns the height it takes, at least the box's. */
static double option_at(const struct block_maker *maker, struct block *block, size_t item,
                        size_t option, double x, double y, double width)
{
    const struct form *form = maker->form;
    size_t question = form->items[item].question;
    const struct option *o = &form->questions[question].options[option];
    block_box(maker, block, item, option, x, y);
    double label_x = x + BOX_MM + LABEL_GAP_MM, label_width = width - BOX_MM - LABEL_GAP_MM;
    double top = y + (BOX_MM - type_pitch_mm(TYPE_LABEL)) / 2;
    double used = block_text(maker, block, TYPE_LABEL, ALIGN_LEFT, label_x, top, label_width,
                             o->label);
    const char *go_to = go_to_text(form, question, o->go_to);
    if (go_to != NULL) {
        double wide = type_measure(maker->typesetter, TYPE_GOTO, go_to, 500).width_mm + 0.5;
        struct type_extent label =
            type_measure(maker->typesetter, TYPE_LABEL, o->label,
                         block->elements.at[block->elements.count - 1].rect_mm.w);
        double room = label_width - label.last_mm - 3;
        if (room >= wide) {
            block_text(maker, block, TYPE_GOTO, ALIGN_LEFT, label_x + label.last_mm + 3,
                       top + used - type_pitch_mm(TYPE_GOTO), wide, go_to);
        } else {
            used += block_text(maker, block, TYPE_GOTO, ALIGN_LEFT, label_x, top + used,
                               label_width, go_to);
        }
    }
    return fmax(BOX_MM, used + top - y);
}

/* The options in `columns` lists side by side, filled downwards. Returns the y below. */
static double options_at(const struct block_maker *maker, struct block *block, size_t item,
                         double y)
{
    const struct question *question = item_question(maker->form, item);
    size_t columns = question->columns > 1 ? (size_t)question->columns : 1;
    size_t rows = (question->option_count + columns - 1) / columns;
    double all = block->width_mm - TEXT_X_MM;
    double width = (all - SIDE_GAP_MM * (double)(columns - 1)) / (double)columns;
    /* Rows stand level across the lists: the tallest option of a row decides. Two passes, as the
     * first only measures. */
    struct block scratch = {.width_mm = block->width_mm};
    for (size_t row = 0; row < rows; row++) {
        double height = BOX_MM;
        for (size_t i = row; i < question->option_count; i += rows)
            height = fmax(height, option_at(maker, &scratch, item, i, 0, 0, width));
        for (size_t i = row; i < question->option_count; i += rows)
            option_at(maker, block, item, i,
                      TEXT_X_MM + (double)(i / rows) * (width + SIDE_GAP_MM), y, width);
        y += height + (row + 1 < rows ? BOX_GAP_MM : 0);
    }
    return y;
}

static int by_option(const void *a, const void *b)
{
    const struct template_box *x = a, *y = b;
    if (x->item != y->item)
        return x->item < y->item ? -1 : 1;
    return (x->option > y->option) - (x->option < y->option);
}

struct block *block_question(const struct block_maker *maker, size_t index, struct error *err)
{
    const struct question *question = &maker->form->questions[index];
    struct block *block = block_new(maker, question_is_wide(question));
    double text_width = block->width_mm - TEXT_X_MM, y = 0;
    if (question->number != NULL)
        block_text(maker, block, TYPE_NUMBER, ALIGN_LEFT, 0, 0, TEXT_X_MM, question->number);
    y += block_text(maker, block, question->number == NULL ? TYPE_LABEL : TYPE_QUESTION,
                    ALIGN_LEFT, TEXT_X_MM, y, text_width, question->text);
    if (question->hint != NULL)
        y += 0.6 + block_text(maker, block, TYPE_HINT, ALIGN_LEFT, TEXT_X_MM, y + 0.6, text_width,
                              question->hint);
    y += question->number == NULL ? 1.2 : AFTER_TEXT_MM;
    size_t item = form_find_item(maker->form, question->name);
    switch (question->kind) {
    case QUESTION_SINGLE:
    case QUESTION_SEVERAL:
        y = question->columns > 4 ? block_scale(maker, block, index, y, err)
                                  : options_at(maker, block, item, y);
        break;
    case QUESTION_GRID:
        y = block_grid(maker, block, index, y, err);
        break;
    case QUESTION_DIGITS:
    case QUESTION_DATE:
        y = block_cells(maker, block, index, y, err);
        break;
    case QUESTION_TEXT:
        y = question->cells > 0 ? block_cells(maker, block, index, y, err)
                                : block_written(maker, block, index, y);
        break;
    case QUESTION_COMMENT:
        y = block_written(maker, block, index, y);
        break;
    }
    if (y < 0)
        return NULL;
    const char *go_to = go_to_text(maker->form, index, question->go_to);
    if (go_to != NULL)
        y += 1.5 + block_text(maker, block, TYPE_GOTO, ALIGN_LEFT, TEXT_X_MM, y + 1.5, text_width,
                              go_to);
    if (block->boxes.count > 1)
        qsort(block->boxes.at, block->boxes.count, sizeof *block->boxes.at, by_option);
    block->height_mm = y;
    return block;
}
