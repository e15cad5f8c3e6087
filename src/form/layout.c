/* The whole: makes the blocks, breaks them into pages, adds what every page carries. */
#include "form/layout.h"

#include <math.h>

#include "form/layout_page.h"

#define ATTACHED_GAP_MM 3.4 /* between a question and the written answer that belongs to it */

/* Coordinates are kept to a hundredth of a millimetre, so that paper and template.json agree. */
static double rounded(double mm)
{
    return round(mm * 100) / 100;
}

static struct rect moved(struct rect r, double x, double y)
{
    return (struct rect){rounded(r.x + x), rounded(r.y + y), rounded(r.w), rounded(r.h)};
}

/* A page while it fills. */
struct filling {
    struct form *form;
    GROWING(struct layout_element) elements;
    GROWING(struct template_box) boxes;
    GROWING(struct template_field) fields;
};

static void put_block(void *data, const struct entry *entry, double x, double y)
{
    struct filling *page = data;
    struct arena *arena = page->form->arena;
    const struct block *block = entry->block;
    x = rounded(x);
    y = rounded(y);
    for (size_t i = 0; i < block->elements.count; i++) {
        struct layout_element *element = GROW(arena, page->elements);
        *element = block->elements.at[i];
        element->rect_mm.x += x;
        element->rect_mm.y += y;
    }
    for (size_t i = 0; i < block->boxes.count; i++) {
        struct template_box *box = GROW(arena, page->boxes);
        *box = block->boxes.at[i];
        box->rect_mm = moved(box->rect_mm, x, y);
    }
    for (size_t i = 0; i < block->fields.count; i++) {
        struct template_field *field = GROW(arena, page->fields);
        *field = block->fields.at[i];
        field->rect_mm = moved(field->rect_mm, x, y);
        for (size_t c = 0; c < field->cell_count; c++)
            field->cells_mm[c] = moved(field->cells_mm[c], x, y);
    }
}

static void put_rule(void *data, struct rect rect)
{
    struct filling *page = data;
    struct layout_element *element = GROW(page->form->arena, page->elements);
    *element = (struct layout_element){
        .kind = ELEMENT_FILL, .rect_mm = rect, .colour = COLOUR_HAIR};
}

static void put_text(struct filling *page, enum type_style style, enum type_align align, double x,
                     double middle_y, double width, const char *text)
{
    double height = type_pitch_mm(style);
    struct layout_element *element = GROW(page->form->arena, page->elements);
    *element = (struct layout_element){.kind = ELEMENT_TEXT,
                                       .rect_mm = {x, middle_y - height / 2, width, height},
                                       .style = style,
                                       .align = align,
                                       .text = text};
}

#define FOOT_MIDDLE_MM (PAGE_HEIGHT_MM - FIDUCIAL_CENTRE_MM - 5.5)

/* Fiducials, the places of code and reference, page number, running title. */
static void put_furniture(struct filling *page, struct template_page *template, size_t count)
{
    const struct form *form = page->form;
    double near = FIDUCIAL_CENTRE_MM - FIDUCIAL_MM / 2;
    double right = PAGE_WIDTH_MM - near - FIDUCIAL_MM, low = PAGE_HEIGHT_MM - near - FIDUCIAL_MM;
    template->has_fiducials = true;
    template->fiducials_mm[0] = (struct rect){near, near, FIDUCIAL_MM, FIDUCIAL_MM};
    template->fiducials_mm[1] = (struct rect){right, near, FIDUCIAL_MM, FIDUCIAL_MM};
    template->fiducials_mm[2] = (struct rect){right, low, FIDUCIAL_MM, FIDUCIAL_MM};
    template->fiducials_mm[3] = (struct rect){near, low, FIDUCIAL_MM, FIDUCIAL_MM};
    template->has_code = true;
    double code_x = right - FIDUCIAL_CLEAR_MM - CODE_MM;
    template->code_mm = (struct rect){code_x, CONTENT_BOTTOM_MM + 2, CODE_MM, CODE_MM};
    template->reference_mm = (struct rect){code_x - 44, FOOT_MIDDLE_MM - 0.6, 42, 6};
    put_text(page, TYPE_FURNITURE, ALIGN_RIGHT, code_x - 44, FOOT_MIDDLE_MM - 2.8, 42,
             "Booklet number");
    int number = template->number;
    double text_left = near + FIDUCIAL_MM + FIDUCIAL_CLEAR_MM + 2;
    put_text(page, TYPE_PAGE_NUMBER, ALIGN_LEFT, text_left, FOOT_MIDDLE_MM, 11,
             arena_printf(form->arena, "%d", number));
    bool last = (size_t)number == count;
    if (!last)
        put_text(page, TYPE_GOTO, ALIGN_LEFT, text_left + 12, FOOT_MIDDLE_MM, 70,
                 number % 2 == 1 ? "Please turn over →" : "Please go on to the next page →");
    if (number > 1) {
        put_text(page, TYPE_FURNITURE, ALIGN_LEFT, text_left, FIDUCIAL_CENTRE_MM, 70, form->title);
        put_text(page, TYPE_FURNITURE, ALIGN_RIGHT, 90, FIDUCIAL_CENTRE_MM,
                 right - FIDUCIAL_CLEAR_MM - 2 - 90,
                 "Cross inside one box. Mistake? Fill in the box and cross the right one.");
    }
}

/* All entries in order of print. */
struct entries {
    struct form *form;
    GROWING(struct entry) list;
};

static struct entry *add_entry(struct entries *entries, struct block *block, const char *name)
{
    struct entry *entry = GROW(entries->form->arena, entries->list);
    *entry = (struct entry){.block = block, .name = name};
    return entry;
}

static void add_notices(struct entries *entries, const struct block_maker *maker,
                        const struct notice *notices, size_t count, bool cover)
{
    for (size_t i = 0; i < count; i++) {
        bool wide = !cover || notices[i].heading == NULL || notice_has_example(&notices[i]);
        add_entry(entries, block_notice(maker, &notices[i], wide), "a notice");
    }
}

static bool add_section(struct entries *entries, const struct block_maker *maker,
                        const struct section *section, struct error *err)
{
    struct form *form = maker->form;
    struct entry *head = add_entry(entries, block_section(maker, section), section->title);
    head->head = true;
    head->new_page = section->new_page && entries->list.count > 1;
    for (size_t q = section->first_question;
         q < section->first_question + section->question_count; q++) {
        const struct question *question = &form->questions[q];
        struct entry *before = &entries->list.at[entries->list.count - 1];
        struct block *block = block_question(maker, q, err);
        if (block == NULL)
            return false;
        /* "Another: please say" belongs to the question above it. */
        if (question->number == NULL && question->kind == QUESTION_TEXT && !before->head)
            block_append(maker, before->block, block, ATTACHED_GAP_MM);
        else
            add_entry(entries, block, arena_printf(form->arena, "question '%s'", question->name));
    }
    return true;
}

static void make_pages(struct layout *layout, struct form *form, const struct entry *entries,
                       const size_t *ends, size_t count)
{
    layout->pages = ARENA_NEW(form->arena, struct layout_page, count);
    layout->page_count = count;
    form->pages = ARENA_NEW(form->arena, struct template_page, count);
    form->page_count = count;
    for (size_t p = 0; p < count; p++) {
        struct filling page = {.form = form};
        struct page_sink sink = {&page, put_block, put_rule};
        page_arrange(&sink, form->arena, entries, p == 0 ? 0 : ends[p - 1], ends[p]);
        struct template_page *template = &form->pages[p];
        template->number = (int)p + 1;
        template->width_mm = PAGE_WIDTH_MM;
        template->height_mm = PAGE_HEIGHT_MM;
        put_furniture(&page, template, count);
        template->boxes = page.boxes.at;
        template->box_count = page.boxes.count;
        template->fields = page.fields.at;
        template->field_count = page.fields.count;
        layout->pages[p] = (struct layout_page){page.elements.at, page.elements.count};
    }
}

bool layout_make(struct layout **out, struct form *form, struct error *err)
{
    static const double widths[2] = {(CONTENT_WIDTH_MM - GUTTER_MM) / 2, CONTENT_WIDTH_MM};
    struct block_maker maker = {form, typesetter_new(), widths};
    struct entries entries = {.form = form};
    if (form->cover_count > 0) {
        add_entry(&entries, block_title(&maker), "the title");
        add_notices(&entries, &maker, form->cover, form->cover_count, true);
    }
    bool fine = true;
    for (size_t s = 0; s < form->section_count && fine; s++)
        fine = add_section(&entries, &maker, &form->sections[s], err);
    if (fine) {
        add_notices(&entries, &maker, form->closing, form->closing_count, false);
        struct layout *layout = ARENA_NEW(form->arena, struct layout, 1);
        layout->font = typesetter_font(maker.typesetter, form->arena);
        size_t *ends = ARENA_NEW(form->arena, size_t, entries.list.count);
        size_t count =
            entries.list.count == 0
                ? 0
                : pages_break(ends, form->arena, entries.list.at, entries.list.count, err);
        if (entries.list.count == 0)
            error_set(err, "the form has no question to lay out");
        fine = count > 0;
        if (fine)
            make_pages(layout, form, entries.list.at, ends, count);
        *out = layout;
    }
    typesetter_free(maker.typesetter);
    return fine;
}
