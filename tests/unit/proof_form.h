/* A small form made in memory, and how to draw it: what the tests of the proof room stand on. */
#ifndef TESTS_PROOF_FORM_H
#define TESTS_PROOF_FORM_H

#include <cairo.h>
#include <stdio.h>

#include "form/model.h"

#define PROOF_ROWS 12

/* Two pages; on each twelve single questions of three boxes of 5 mm, and one row of four cells. */
static inline struct form *proof_form(void)
{
    struct arena *arena = arena_new();
    struct form *form = ARENA_NEW(arena, struct form, 1);
    form->arena = arena;
    form->folder = "memory";
    form->id = "small";
    form->code = "SML";
    form->version = "1";
    form->page_count = 2;
    form->question_count = form->item_count = 2 * (PROOF_ROWS + 1);
    form->questions = ARENA_NEW(arena, struct question, form->question_count);
    form->items = ARENA_NEW(arena, struct item, form->item_count);
    form->pages = ARENA_NEW(arena, struct template_page, form->page_count);
    for (size_t p = 0; p < 2; p++) {
        struct template_page *page = &form->pages[p];
        *page = (struct template_page){.number = (int)p + 1, .width_mm = 210, .height_mm = 297};
        page->boxes = ARENA_NEW(arena, struct template_box, PROOF_ROWS * 3);
        page->fields = ARENA_NEW(arena, struct template_field, 1);
        for (size_t q = 0; q <= PROOF_ROWS; q++) {
            size_t item = p * (PROOF_ROWS + 1) + q;
            struct question *question = &form->questions[item];
            question->name = arena_printf(arena, "q%zu", item + 1);
            form->items[item] = (struct item){.name = question->name, .question = item};
            double y = 20 + 20 * (double)q;
            if (q == PROOF_ROWS) {
                question->kind = QUESTION_DIGITS;
                question->cells = 4;
                struct template_field *field = &page->fields[page->field_count++];
                *field = (struct template_field){
                    .item = item, .kind = FIELD_DIGITS, .rect_mm = {30, y, 32, 10}, .cell_count = 4};
                field->cells_mm = ARENA_NEW(arena, struct rect, 4);
                for (int i = 0; i < 4; i++)
                    field->cells_mm[i] = (struct rect){30 + 8 * i, y, 7.5, 10};
                continue;
            }
            question->kind = QUESTION_SINGLE;
            question->option_count = 3;
            question->options = ARENA_NEW(arena, struct option, 3);
            for (size_t o = 0; o < 3; o++) {
                question->options[o].code = arena_printf(arena, "%zu", o + 1);
                question->options[o].label = "an answer";
                page->boxes[page->box_count++] = (struct template_box){
                    .item = item, .option = o, .rect_mm = {30 + 60 * (double)o, y, 5, 5}};
            }
        }
    }
    return form;
}

static inline void proof_form_free(struct form *form)
{
    arena_free(form->arena);
}

/* Boxes as outlines, cells too, and a word beside each box. */
static inline bool proof_form_draw(cairo_t *cr, const struct form *form, size_t p,
                                   const char *reference, struct error *err)
{
    const struct template_page *page = &form->pages[p];
    (void)reference;
    (void)err;
    cairo_scale(cr, POINTS_PER_MM, POINTS_PER_MM);
    cairo_set_line_width(cr, 0.3);
    cairo_set_font_size(cr, 4);
    for (size_t b = 0; b < page->box_count; b++) {
        struct rect r = rect_grow(page->boxes[b].rect_mm, -0.15);
        cairo_rectangle(cr, r.x, r.y, r.w, r.h);
        cairo_stroke(cr);
        cairo_move_to(cr, r.x + 7, r.y + 4);
        cairo_show_text(cr, "an answer");
    }
    for (size_t i = 0; i < page->fields[0].cell_count; i++) {
        struct rect r = page->fields[0].cells_mm[i];
        cairo_rectangle(cr, r.x, r.y, r.w, r.h);
        cairo_stroke(cr);
    }
    return true;
}

#endif
