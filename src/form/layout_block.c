/* The primitives that blocks are made of. */
#include "form/layout_block.h"

#include <math.h>
#include <string.h>

void *block_more(struct arena *arena, const void *old, size_t count, size_t size,
                 size_t *capacity)
{
    *capacity = *capacity == 0 ? 16 : *capacity * 2;
    void *more = arena_alloc(arena, *capacity, size);
    if (count > 0)
        memcpy(more, old, count * size);
    return more;
}

struct block *block_new(const struct block_maker *maker, bool wide)
{
    struct block *block = ARENA_NEW(maker->form->arena, struct block, 1);
    block->wide = wide;
    block->width_mm = maker->column_width_mm[wide];
    return block;
}

static struct layout_element *add(const struct block_maker *maker, struct block *block,
                                  enum element_kind kind, struct rect rect)
{
    struct layout_element *element = GROW(maker->form->arena, block->elements);
    element->kind = kind;
    element->rect_mm = rect;
    return element;
}

double block_text(const struct block_maker *maker, struct block *block, enum type_style style,
                  enum type_align align, double x, double y, double width, const char *text)
{
    double used = type_comfortable_width(maker->typesetter, style, text, width);
    int lines = type_measure(maker->typesetter, style, text, used).lines;
    double height = lines * type_pitch_mm(style);
    if (align == ALIGN_CENTRE)
        x += (width - used) / 2;
    else if (align == ALIGN_RIGHT)
        x += width - used;
    struct layout_element *element =
        add(maker, block, ELEMENT_TEXT, (struct rect){x, y, used, height});
    element->style = style;
    element->align = align;
    element->text = text;
    return height;
}

void block_fill(const struct block_maker *maker, struct block *block, enum colour colour,
                struct rect rect)
{
    add(maker, block, ELEMENT_FILL, rect)->colour = colour;
}

void block_frame(const struct block_maker *maker, struct block *block, enum colour colour,
                 double line_mm, struct rect rect)
{
    struct layout_element *element = add(maker, block, ELEMENT_FRAME, rect);
    element->colour = colour;
    element->line_mm = line_mm;
}

void block_cross(const struct block_maker *maker, struct block *block, struct rect rect)
{
    add(maker, block, ELEMENT_CROSS, rect);
}

void block_box(const struct block_maker *maker, struct block *block, size_t item, size_t option,
               double x, double y)
{
    struct template_box *box = GROW(maker->form->arena, block->boxes);
    *box = (struct template_box){
        .item = item,
        .option = option,
        .shape = BOX_SQUARE,
        .rect_mm = {x, y, BOX_MM, BOX_MM},
    };
}

struct template_field *block_field(const struct block_maker *maker, struct block *block,
                                   size_t item, enum field_kind kind, struct rect rect)
{
    struct template_field *field = GROW(maker->form->arena, block->fields);
    *field = (struct template_field){.item = item, .kind = kind, .rect_mm = rect};
    return field;
}

void block_append(const struct block_maker *maker, struct block *block, const struct block *more,
                  double gap_mm)
{
    struct arena *arena = maker->form->arena;
    double dy = block->height_mm + gap_mm;
    for (size_t i = 0; i < more->elements.count; i++) {
        struct layout_element *element = GROW(arena, block->elements);
        *element = more->elements.at[i];
        element->rect_mm.y += dy;
    }
    for (size_t i = 0; i < more->boxes.count; i++) {
        struct template_box *box = GROW(arena, block->boxes);
        *box = more->boxes.at[i];
        box->rect_mm.y += dy;
    }
    for (size_t i = 0; i < more->fields.count; i++) {
        struct template_field *field = GROW(arena, block->fields);
        *field = more->fields.at[i];
        field->rect_mm.y += dy;
        for (size_t c = 0; c < field->cell_count; c++)
            field->cells_mm[c].y += dy;
    }
    block->height_mm = dy + more->height_mm;
}
