/* A small form in memory, and pages of it as if a worker had read them. */
#ifndef TESTS_RECORD_FIXTURE_H
#define TESTS_RECORD_FIXTURE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/calibration.h"
#include "record/record.h"

/* Three pages, a code on each:
 *   1: Q1 single 1, 2 (-> Q4), 3 (-> end); Q2 several a, b, c, none (exclusive)
 *   2: Q3 grid, rows Q3a and Q3b, 1, 2; Q4 digits, 1900 to 2010
 *   3: Q5 single, critical, 1, 2; Q6 comment */
static struct option fixture_q1[] = {
    {"1", "Yes", NULL, false}, {"2", "No", "Q4", false}, {"3", "Stop", "end", false}};
static struct option fixture_q2[] = {{"a", "A", NULL, false},
                                     {"b", "B", NULL, false},
                                     {"c", "C", NULL, false},
                                     {"none", "None", NULL, true}};
static struct option fixture_q3[] = {{"1", "Good", NULL, false}, {"2", "Bad", NULL, false}};
static struct option fixture_q5[] = {{"1", "Primary", NULL, false},
                                     {"2", "Secondary", NULL, false}};
static struct grid_row fixture_rows[] = {{"Q3a", "Food", false}, {"Q3b", "Beds", false}};

static inline void fixture_boxes(struct arena *arena, struct form *form, size_t page, size_t item,
                                 size_t count, double y_mm)
{
    struct template_page *p = &form->pages[page];
    struct template_box *boxes = ARENA_NEW(arena, struct template_box, p->box_count + count);
    if (p->box_count > 0)
        memcpy(boxes, p->boxes, p->box_count * sizeof *boxes);
    for (size_t o = 0; o < count; o++)
        boxes[p->box_count++] =
            (struct template_box){item, o, BOX_SQUARE, {30 + 20 * (double)o, y_mm, 4, 4}};
    p->boxes = boxes;
}

static inline void fixture_field(struct arena *arena, struct form *form, size_t page, size_t item,
                                 enum field_kind kind, double y_mm)
{
    struct template_page *p = &form->pages[page];
    p->fields = ARENA_NEW(arena, struct template_field, 1);
    p->fields[0] =
        (struct template_field){.item = item, .kind = kind, .rect_mm = {30, y_mm, 100, 20}};
    p->field_count = 1;
}

static inline struct form *fixture_form(struct arena *arena, bool coded)
{
    struct form *form = ARENA_NEW(arena, struct form, 1);
    *form = (struct form){.arena = arena,
                          .id = "fixture",
                          .code = "FX",
                          .version = "1",
                          .title = "Fixture",
                          .language = "en"};
    form->policy = (struct policy){.missing_code = "-99",
                                   .routed_past_code = "-98",
                                   .implausible_code = "-97",
                                   .multiple_code = "88",
                                   .box_error = 1e-5,
                                   .critical_error = 1e-6};
    form->question_count = 6;
    form->questions = ARENA_NEW(arena, struct question, 6);
    struct question *q = form->questions;
    q[0] = (struct question){
        .name = "Q1", .kind = QUESTION_SINGLE, .options = fixture_q1, .option_count = 3};
    q[1] = (struct question){
        .name = "Q2", .kind = QUESTION_SEVERAL, .options = fixture_q2, .option_count = 4};
    q[2] = (struct question){.name = "Q3",
                             .kind = QUESTION_GRID,
                             .options = fixture_q3,
                             .option_count = 2,
                             .rows = fixture_rows,
                             .row_count = 2};
    q[3] = (struct question){.name = "Q4",
                             .kind = QUESTION_DIGITS,
                             .cells = 4,
                             .has_range = true,
                             .minimum = 1900,
                             .maximum = 2010};
    q[4] = (struct question){.name = "Q5",
                             .kind = QUESTION_SINGLE,
                             .critical = true,
                             .options = fixture_q5,
                             .option_count = 2};
    q[5] = (struct question){.name = "Q6", .kind = QUESTION_COMMENT, .lines = 5};
    static const struct item items[] = {
        {"Q1", 0, 0, false}, {"Q2", 1, 0, false}, {"Q3a", 2, 0, false}, {"Q3b", 2, 1, false},
        {"Q4", 3, 0, false}, {"Q5", 4, 0, true},  {"Q6", 5, 0, false}};
    form->item_count = 7;
    form->items = ARENA_NEW(arena, struct item, 7);
    memcpy(form->items, items, sizeof items);
    form->page_count = 3;
    form->pages = ARENA_NEW(arena, struct template_page, 3);
    for (int p = 0; p < 3; p++)
        form->pages[p] = (struct template_page){
            .number = p + 1, .width_mm = 210, .height_mm = 297, .has_code = coded};
    fixture_boxes(arena, form, 0, 0, 3, 50);
    fixture_boxes(arena, form, 0, 1, 4, 80);
    fixture_boxes(arena, form, 1, 2, 2, 50);
    fixture_boxes(arena, form, 1, 3, 2, 70);
    fixture_field(arena, form, 1, 4, FIELD_DIGITS, 120);
    fixture_boxes(arena, form, 2, 5, 2, 50);
    fixture_field(arena, form, 2, 6, FIELD_COMMENT, 120);
    return form;
}

#define FIXTURE_PIECES 16

enum fixture_mark { EMPTY, CROSS, DARK_CROSS, FILLED, FAINT, TAIL, BESIDE, OVERSHOOT, MISPLACED };

static inline struct box_evidence fixture_evidence(enum fixture_mark mark)
{
    struct box_evidence e = {.print_found = 1, .largest_white_share = 1, .misfit_mm = 0.1f};
    switch (mark) {
    case EMPTY:
        break;
    case CROSS:
    case DARK_CROSS:
        e.ink_share = e.faint_share = mark == CROSS ? 0.2f : 0.3f;
        e.core_share = e.faint_core_share = 0.3f;
        e.largest_white_share = 0.3f;
        e.runs = 1.6f;
        e.darkness = 0.8f;
        e.stroke_mm = 0.4f;
        break;
    case FILLED:
        e.ink_share = e.faint_share = 0.95f;
        e.core_share = e.faint_core_share = 1;
        e.largest_white_share = 0.01f;
        e.runs = 1.1f;
        e.darkness = 0.8f;
        break;
    case FAINT:
        e.ink_share = e.faint_share = 0.02f;
        e.core_share = e.faint_core_share = 0.02f;
        break;
    case TAIL: /* of a neighbour's tick: never near the middle */
        e.ink_share = e.faint_share = 0.012f;
        break;
    case BESIDE:
    case OVERSHOOT: /* of a mark in another box */
        e.outside_mm2 = e.row_mm2 = 4;
        break;
    case MISPLACED:
        e.misfit_mm = 2;
        break;
    }
    return e;
}

/* Page `page` (from 0) of the form, nothing on it; reference NULL: none was printed. */
static inline struct page_result fixture_page(struct arena *arena, const struct form *form,
                                              size_t form_index, size_t page, const char *reference,
                                              const char *source, int image)
{
    const struct template_page *t = &form->pages[page];
    struct page_result r = {
        .source = source, .hash = "abc", .image = image, .detail = "", .identified = true};
    struct known_page *known = &r.placed.known;
    known->form = form_index;
    known->page = page;
    if (reference != NULL) {
        known->has_reference = true;
        strncpy(known->reference, reference, sizeof known->reference - 1);
    }
    const double px = 300 / 25.4;
    known->form_to_image = (struct transform){{px, 0, 0, 0, px, 0, 0, 0}};
    r.placed.placement.form_to_image = known->form_to_image;
    r.placed.placement.width_mm = t->width_mm;
    r.placed.placement.height_mm = t->height_mm;
    r.placed.residuals = (struct residuals){.median_mm = 0.0512, .worst_mm = 0.2345};
    r.placed.health = (struct scan_health){.x_dpi = 300, .y_dpi = 300};
    struct page_reading *reading = &r.reading;
    reading->box_count = t->box_count;
    reading->boxes = ARENA_NEW(arena, struct box_reading, t->box_count);
    for (size_t b = 0; b < t->box_count; b++) {
        struct rect mm = t->boxes[b].rect_mm;
        reading->boxes[b].evidence = fixture_evidence(EMPTY);
        reading->boxes[b].rect_px = (struct rect){mm.x * px, mm.y * px, mm.w * px, mm.h * px};
    }
    reading->field_count = t->field_count;
    reading->fields = ARENA_NEW(arena, struct field_reading, t->field_count);
    for (size_t f = 0; f < t->field_count; f++) {
        struct rect mm = t->fields[f].rect_mm;
        reading->fields[f].rect_px = (struct rect){mm.x * px, mm.y * px, mm.w * px, mm.h * px};
    }
    reading->paper = 250;
    reading->print = 10;
    reading->pieces = ARENA_NEW(arena, struct ink_piece, FIXTURE_PIECES);
    return r;
}

/* A piece of new ink, a stroke across `mm` that touches one box (SIZE_MAX: none). */
static inline struct ink_piece *fixture_piece(struct page_result *r, struct rect mm, size_t box,
                                              float inside_mm2, float row_mm2)
{
    assert_true(r->reading.piece_count < FIXTURE_PIECES);
    struct ink_piece *p = &r->reading.pieces[r->reading.piece_count++];
    const double px = 300 / 25.4;
    *p = (struct ink_piece){.rect_mm = mm,
                            .rect_px = {mm.x * px, mm.y * px, mm.w * px, mm.h * px},
                            .stroke_mm = 0.4f,
                            .length_mm = (float)hypot(mm.w, mm.h),
                            .long_mm = (float)fmax(mm.w, mm.h),
                            .wide_mm = (float)fmin(mm.w, mm.h),
                            .darkness = 0.8f,
                            .x_mm = (float)rect_centre(mm).x,
                            .y_mm = (float)rect_centre(mm).y};
    p->area_mm2 = box == SIZE_MAX ? p->length_mm * p->stroke_mm : inside_mm2 + row_mm2;
    p->clear_mm2 = p->area_mm2;
    p->margin_mm2 = box == SIZE_MAX ? p->area_mm2 : 0;
    if (box != SIZE_MAX)
        p->touches[p->touch_count++] = (struct piece_touch){box, inside_mm2, row_mm2};
    return p;
}

static inline void fixture_mark_box(struct page_result *r, struct rect mm, size_t box,
                                    enum fixture_mark mark)
{
    size_t kept = 0;
    for (size_t k = 0; k < r->reading.piece_count; k++)
        if (r->reading.pieces[k].touch_count == 0 || r->reading.pieces[k].touches[0].box != box)
            r->reading.pieces[kept++] = r->reading.pieces[k];
    r->reading.piece_count = kept;
    r->reading.boxes[box].evidence = fixture_evidence(mark);
    if (mark == BESIDE)
        fixture_piece(r, (struct rect){mm.x - 3.5, mm.y, 3, 3}, box, 0, 2);
    else if (mark == CROSS || mark == DARK_CROSS || mark == FILLED)
        fixture_piece(r, mm, box, 3, 0.5f);
}

/* Marks the box of an item; does nothing where it is on another page. */
static inline void fixture_mark(struct page_result *r, const struct form *form, const char *item,
                                const char *code, enum fixture_mark mark)
{
    const struct template_page *t = &form->pages[r->placed.known.page];
    for (size_t b = 0; b < t->box_count; b++) {
        const struct item *i = &form->items[t->boxes[b].item];
        if (strcmp(i->name, item) == 0 &&
            strcmp(form->questions[i->question].options[t->boxes[b].option].code, code) == 0)
            fixture_mark_box(r, t->boxes[b].rect_mm, b, mark);
    }
}

static inline void fixture_write(struct page_result *r, const char *text, float confidence)
{
    r->reading.fields[0].has_ink = true;
    r->reading.fields[0].ink_mm2 = 30;
    r->reading.fields[0].text = text;
    r->reading.fields[0].confidence = confidence;
}

static inline struct calibration fixture_calibration(void)
{
    struct calibration c;
    struct error err;
    assert_true(calibration_load(&c, &err));
    return c;
}

#endif
