/* Grids, scales, cells for figures and letters, and boxes to write in. */
#include "form/layout_block.h"

#include <math.h>
#include <string.h>

#define ROW_MIN_MM 8.2     /* of a grid */
#define ROW_SPACE_MM 3.0   /* of a grid's row beside its text */
#define CELL_WIDTH_MM 7.0
#define CELL_HEIGHT_MM 9.0
#define CELL_GAP_MM 1.2
#define CELL_GROUP_GAP_MM 5.0 /* between day, month and year */
#define LETTER_WIDTH_MM 6.0
#define WRITE_LINE_MM 9.0 /* a line to write on */
#define HAIR_MM 0.2

static double option_column_mm(size_t count)
{
    return count <= 5 ? 19 : 17;
}

/* The options' labels over their columns, standing on the same line. Returns the height. */
static double grid_head(const struct block_maker *maker, struct block *block,
                        const struct question *question, double y, double left, double pitch)
{
    double tallest = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < question->option_count; i++) {
            const char *label = question->options[i].label;
            int lines =
                type_measure(maker->typesetter, TYPE_GRID_HEAD, label, pitch - 2).lines;
            double height = lines * type_pitch_mm(TYPE_GRID_HEAD);
            if (pass == 0)
                tallest = fmax(tallest, height);
            else
                block_text(maker, block, TYPE_GRID_HEAD, ALIGN_CENTRE,
                           left + (double)i * pitch + 1, y + tallest - height, pitch - 2, label);
        }
    }
    return tallest;
}

double block_grid(const struct block_maker *maker, struct block *block, size_t index, double y,
                  struct error *err)
{
    const struct question *question = &maker->form->questions[index];
    double pitch = option_column_mm(question->option_count);
    double left = block->width_mm - pitch * (double)question->option_count;
    double text_width = left - TEXT_X_MM - 3;
    if (text_width < 40) {
        error_set(err, "question '%s': %zu options are too many for a grid", question->name,
                  question->option_count);
        return -1;
    }
    y += grid_head(maker, block, question, y, left, pitch) + 1.2;
    for (size_t row = 0; row < question->row_count; row++) {
        const char *text = question->rows[row].text;
        size_t item = form_find_item(maker->form, question->rows[row].name);
        double used = type_comfortable_width(maker->typesetter, TYPE_LABEL, text, text_width);
        double height = type_measure(maker->typesetter, TYPE_LABEL, text, used).lines *
                        type_pitch_mm(TYPE_LABEL);
        double row_height = fmax(ROW_MIN_MM, height + ROW_SPACE_MM);
        block_fill(maker, block, COLOUR_RULE,
                   (struct rect){TEXT_X_MM, y, block->width_mm - TEXT_X_MM, HAIR_MM});
        block_text(maker, block, TYPE_LABEL, ALIGN_LEFT, TEXT_X_MM, y + (row_height - height) / 2,
                   text_width, text);
        for (size_t i = 0; i < question->option_count; i++)
            block_box(maker, block, item, i, left + ((double)i + 0.5) * pitch - BOX_MM / 2,
                      y + (row_height - BOX_MM) / 2);
        y += row_height;
    }
    block_fill(maker, block, COLOUR_RULE,
               (struct rect){TEXT_X_MM, y, block->width_mm - TEXT_X_MM, HAIR_MM});
    return y + HAIR_MM;
}

double block_scale(const struct block_maker *maker, struct block *block, size_t index, double y,
                   struct error *err)
{
    const struct question *question = &maker->form->questions[index];
    size_t item = form_find_item(maker->form, question->name);
    double pitch = (block->width_mm - TEXT_X_MM) / (double)question->option_count;
    if (pitch < BOX_MM + BOX_GAP_MM) {
        error_set(err, "question '%s': %zu options do not fit in one row", question->name,
                  question->option_count);
        return -1;
    }
    y += grid_head(maker, block, question, y, TEXT_X_MM, pitch) + 1.2;
    for (size_t i = 0; i < question->option_count; i++)
        block_box(maker, block, item, i, TEXT_X_MM + ((double)i + 0.5) * pitch - BOX_MM / 2, y);
    return y + BOX_MM;
}

/* How many cells belong together, and what stands over them. */
struct group {
    size_t count;
    const char *caption;
};

static size_t cell_groups(struct group out[3], const struct question *question)
{
    static const struct group day = {2, "Day"}, month = {2, "Month"}, year = {4, "Year"};
    if (question->kind != QUESTION_DATE) {
        out[0] = (struct group){(size_t)question->cells, NULL};
        return 1;
    }
    if (question->cells == 4) {
        out[0] = year;
        return 1;
    }
    if (question->cells == 6) {
        out[0] = month;
        out[1] = year;
        return 2;
    }
    out[0] = day;
    out[1] = month;
    out[2] = year;
    return 3;
}

double block_cells(const struct block_maker *maker, struct block *block, size_t index, double y,
                   struct error *err)
{
    const struct question *question = &maker->form->questions[index];
    struct group groups[3];
    size_t group_count = cell_groups(groups, question), count = 0;
    for (size_t g = 0; g < group_count; g++)
        count += groups[g].count;
    bool letters = question->kind == QUESTION_TEXT;
    double width = letters ? LETTER_WIDTH_MM : CELL_WIDTH_MM, x = TEXT_X_MM;
    struct rect *cells = ARENA_NEW(maker->form->arena, struct rect, count);
    if (question->kind == QUESTION_DATE)
        y += type_pitch_mm(TYPE_CAPTION) + 0.6;
    size_t at = 0;
    for (size_t g = 0; g < group_count; g++) {
        double start = x;
        for (size_t i = 0; i < groups[g].count; i++) {
            cells[at++] = (struct rect){x, y, width, CELL_HEIGHT_MM};
            x += width + CELL_GAP_MM;
        }
        if (groups[g].caption != NULL)
            block_text(maker, block, TYPE_CAPTION, ALIGN_LEFT, start,
                       y - type_pitch_mm(TYPE_CAPTION) - 0.6, x - start, groups[g].caption);
        x += CELL_GROUP_GAP_MM - CELL_GAP_MM;
    }
    double right = x - CELL_GROUP_GAP_MM;
    if (right > block->width_mm) {
        error_set(err, "question '%s': %zu cells do not fit in one row", question->name, count);
        return -1;
    }
    enum field_kind kind = letters                             ? FIELD_LETTERS
                           : question->kind == QUESTION_DATE ? FIELD_DATE
                                                             : FIELD_DIGITS;
    struct template_field *field =
        block_field(maker, block, form_find_item(maker->form, question->name), kind,
                    (struct rect){TEXT_X_MM, y, right - TEXT_X_MM, CELL_HEIGHT_MM});
    field->cells_mm = cells;
    field->cell_count = count;
    return y + CELL_HEIGHT_MM;
}

double block_written(const struct block_maker *maker, struct block *block, size_t index, double y)
{
    const struct question *question = &maker->form->questions[index];
    bool comment = question->kind == QUESTION_COMMENT;
    int lines = comment && question->lines > 0 ? question->lines : comment ? 5 : 1;
    double width = block->width_mm - TEXT_X_MM, height = lines * WRITE_LINE_MM;
    if (!comment && width > 100)
        width = 100;
    struct rect rect = {TEXT_X_MM, y, width, height};
    for (int i = 1; i < lines; i++)
        block_fill(maker, block, COLOUR_HAIR,
                   (struct rect){rect.x + 3, y + i * WRITE_LINE_MM, rect.w - 6, HAIR_MM});
    block_field(maker, block, form_find_item(maker->form, question->name),
                comment ? FIELD_COMMENT : FIELD_TEXT, rect);
    return y + height;
}
