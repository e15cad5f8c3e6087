/* The questions of an imported form, gathered from its boxes and fields. */
#include "form/import_internal.h"

#include <string.h>

/* A question as it grows: the questionnaire's struct needs its options side by side. */
struct draft {
    struct question question;
    GArray *options; /* struct option */
    size_t page;     /* on which it first stands */
    bool is_field;
    const struct given_question *given; /* NULL = none */
};

static struct draft *draft_at(const struct importer *im, size_t index)
{
    return g_ptr_array_index(im->drafts, (guint)index);
}

static size_t add_draft(struct importer *im, const char *name, size_t page, bool is_field)
{
    struct draft *draft = g_new0(struct draft, 1);
    draft->question.name = name;
    draft->question.text = "";
    draft->options = g_array_new(FALSE, FALSE, sizeof(struct option));
    draft->page = page;
    draft->is_field = is_field;
    g_ptr_array_add(im->drafts, draft);
    g_hash_table_insert(im->by_name, (gpointer)name, GSIZE_TO_POINTER((size_t)im->drafts->len));
    return im->drafts->len - 1;
}

static void free_draft(void *data)
{
    struct draft *draft = data;
    g_array_free(draft->options, TRUE);
    g_free(draft);
}

/* "p1_1", "p1_2", ...: a name that nobody has. */
static const char *free_name(struct importer *im, size_t page, size_t index)
{
    for (size_t n = index + 1;; n++) {
        const char *name = arena_printf(im->arena, "p%zu_%zu", page + 1, n);
        if (!g_hash_table_contains(im->by_name, name))
            return name;
    }
}

static bool add_option(struct importer *im, size_t *option, struct draft *draft,
                       const struct given_box *box, const struct given_page *page, size_t index)
{
    const char *value = box->value;
    for (guint n = draft->options->len + 1;; n++) {
        if (box->value == NULL)
            value = arena_printf(im->arena, "%u", n);
        char *key = g_strdup_printf("%s\x1f%s", draft->question.name, value);
        if (g_hash_table_add(im->values, key)) /* takes the key either way */
            break;
        if (box->value != NULL)
            return error_set(im->err, "%s: page %zu, box %zu: question '%s' has the value '%s' "
                             "twice", im->options->boxes, page->page + 1, index + 1,
                             draft->question.name, value);
    }
    struct option new = {.code = value,
                         .label = box->label == NULL ? value : box->label,
                         .go_to = box->go_to}; /* a number as printed until resolve_routes() */
    g_array_append_val(draft->options, new);
    *option = draft->options->len - 1;
    return true;
}

bool import_take_box(struct importer *im, struct template_box *out, const struct given_page *page,
                     size_t index)
{
    const struct given_box *box = &page->boxes[index];
    size_t found = 0;
    if (box->question != NULL)
        found = GPOINTER_TO_SIZE(g_hash_table_lookup(im->by_name, box->question));
    if (found == 0)
        found = 1 + add_draft(im,
                              box->question == NULL ? free_name(im, page->page, index)
                                                    : box->question,
                              page->page, false);
    struct draft *draft = draft_at(im, found - 1);
    if (box->several)
        draft->question.kind = QUESTION_SEVERAL;
    out->item = found - 1;
    out->shape = box->shape;
    return add_option(im, &out->option, draft, box, page, index);
}

static enum question_kind kind_of_field(enum field_kind kind)
{
    switch (kind) {
    case FIELD_DIGITS:
        return QUESTION_DIGITS;
    case FIELD_DATE:
        return QUESTION_DATE;
    case FIELD_COMMENT:
        return QUESTION_COMMENT;
    default:
        return QUESTION_TEXT;
    }
}

/* The name of a field's question: its own, or one beside that of boxes or of another field. */
static const char *field_name(struct importer *im, const struct given_page *page, size_t index)
{
    const char *name = page->fields[index].question;
    if (name == NULL)
        return free_name(im, page->page, page->box_count + index);
    if (!g_hash_table_contains(im->by_name, name))
        return name;
    for (int n = 1;; n++) {
        const char *other = n == 1 ? arena_printf(im->arena, "%s_text", name)
                                   : arena_printf(im->arena, "%s_text%d", name, n);
        if (g_hash_table_contains(im->by_name, other))
            continue;
        text_addf(&im->report->notes, "page %zu, field %zu: the question '%s' is taken already; "
                  "the field's question is called '%s'\n", page->page + 1, index + 1, name, other);
        return other;
    }
}

void import_take_field(struct importer *im, struct template_field *out,
                       const struct given_page *page, size_t index)
{
    const struct given_field *field = &page->fields[index];
    out->item = add_draft(im, field_name(im, page, index), page->page, true);
    out->kind = field->kind;
    struct question *question = &draft_at(im, out->item)->question;
    question->kind = kind_of_field(field->kind);
    question->cells = (int)field->cell_count;
    question->lines = question->kind == QUESTION_COMMENT ? 1 : 0;
    if (field->label != NULL)
        question->text = field->label;
}

void import_take_line(struct importer *im, struct template_field *out, size_t page,
                      const struct template_box *box)
{
    const struct draft *of = draft_at(im, box->item);
    const char *name = arena_printf(im->arena, "%s_text", of->question.name);
    for (int n = 2; g_hash_table_contains(im->by_name, name); n++)
        name = arena_printf(im->arena, "%s_text%d", of->question.name, n);
    const char *label = g_array_index(of->options, struct option, box->option).label;
    *out = (struct template_field){.item = add_draft(im, name, page, true),
                                   .kind = FIELD_TEXT,
                                   .has_box = true,
                                   .box_item = box->item,
                                   .box_option = box->option};
    struct question *question = &draft_at(im, out->item)->question;
    question->kind = QUESTION_TEXT;
    question->text = label;
}

/* What "questions" says; a name that no box has is a mistake worth telling. */
static void apply_questions(struct importer *im)
{
    for (size_t i = 0; i < im->given.question_count; i++) {
        const struct given_question *given = &im->given.questions[i];
        size_t found = GPOINTER_TO_SIZE(g_hash_table_lookup(im->by_name, given->question));
        if (found == 0) {
            text_addf(&im->report->notes, "\"questions\" names '%s', which has no box and no "
                      "field\n", given->question);
            continue;
        }
        struct draft *draft = draft_at(im, found - 1);
        if (given->several && !draft->is_field)
            draft->question.kind = QUESTION_SEVERAL;
        if (given->text != NULL)
            draft->question.text = given->text;
        draft->question.number = given->number;
        draft->question.critical = given->critical;
        draft->given = given;
    }
}

/* Puts the questions into the order of print, which is that of im->given.questions: they grew boxes
 * first and fields after. The boxes and fields of the pages follow. */
static void order_drafts(struct importer *im)
{
    size_t count = im->drafts->len, next = 0;
    size_t *place = g_new(size_t, count); /* of the draft, + 1; 0 = none yet */
    GPtrArray *sorted = g_ptr_array_new();
    memset(place, 0, count * sizeof *place);
    for (size_t i = 0; i < im->given.question_count; i++) {
        size_t found = GPOINTER_TO_SIZE(
            g_hash_table_lookup(im->by_name, im->given.questions[i].question));
        if (found > 0 && place[found - 1] == 0) {
            place[found - 1] = ++next;
            g_ptr_array_add(sorted, draft_at(im, found - 1));
        }
    }
    for (size_t i = 0; i < count; i++)
        if (place[i] == 0) {
            place[i] = ++next;
            g_ptr_array_add(sorted, draft_at(im, i));
        }
    for (size_t p = 0; p < im->form->page_count; p++) {
        struct template_page *page = &im->form->pages[p];
        for (size_t i = 0; i < page->box_count; i++)
            page->boxes[i].item = place[page->boxes[i].item] - 1;
        for (size_t i = 0; i < page->field_count; i++) {
            page->fields[i].item = place[page->fields[i].item] - 1;
            page->fields[i].box_item = place[page->fields[i].box_item] - 1;
        }
    }
    memcpy(im->drafts->pdata, sorted->pdata, count * sizeof *sorted->pdata);
    g_ptr_array_free(sorted, TRUE);
    g_free(place);
}

/* ---- grids ---------------------------------------------------------------------------------- */

/* Is `b` a further row of the grid that `a` is a row of? */
static bool same_grid(const struct draft *a, const struct draft *b)
{
    if (a->given == NULL || b->given == NULL || a->given->grid == NULL || b->given->grid == NULL ||
        strcmp(a->given->grid, b->given->grid) != 0 || a->page != b->page ||
        a->question.kind != QUESTION_SINGLE || b->question.kind != QUESTION_SINGLE ||
        a->options->len != b->options->len)
        return false;
    for (guint i = 0; i < a->options->len; i++) {
        const struct option *p = &g_array_index(a->options, struct option, i);
        const struct option *q = &g_array_index(b->options, struct option, i);
        if (strcmp(p->code, q->code) != 0 || strcmp(p->label, q->label) != 0 || p->go_to != NULL ||
            q->go_to != NULL)
            return false;
    }
    return true;
}

/* How many drafts from this one on are one question: the rows of a grid, or 1. */
static size_t rows_from(const struct importer *im, size_t first)
{
    size_t count = 1;
    while (first + count < im->drafts->len &&
           same_grid(draft_at(im, first), draft_at(im, first + count)))
        count++;
    return count;
}

/* A grid whose rows differ (in their options, or in where to go on) becomes several questions, and
 * only the first may have the grid's name. */
static const char *grid_name(const struct importer *im, size_t index, const char *wanted)
{
    const char *name = wanted;
    bool taken = true;
    for (int n = 2; taken; n++) {
        taken = false;
        for (size_t q = 0; q < index && !taken; q++)
            taken = strcmp(im->form->questions[q].name, name) == 0;
        taken = taken || g_hash_table_contains(im->by_name, name);
        if (taken)
            name = arena_printf(im->arena, "%s_%d", wanted, n);
    }
    return name;
}

/* One question of the drafts from `first` on; its items too. */
static void make_question(struct importer *im, struct question *out, size_t index, size_t first,
                          size_t count)
{
    const struct draft *draft = draft_at(im, first);
    *out = draft->question;
    out->option_count = draft->options->len;
    out->options = ARENA_NEW(im->arena, struct option, out->option_count);
    if (out->option_count > 0)
        memcpy(out->options, draft->options->data, out->option_count * sizeof *out->options);
    for (size_t i = 0; i < count; i++) {
        const struct question *row = &draft_at(im, first + i)->question;
        im->form->items[first + i] = (struct item){row->name, index, i, row->critical};
    }
    if (count < 2)
        return;
    out->kind = QUESTION_GRID;
    out->name = grid_name(im, index, draft->given->grid);
    out->text = draft->given->grid_text;
    out->row_count = count;
    out->rows = ARENA_NEW(im->arena, struct grid_row, count);
    for (size_t i = 0; i < count; i++) {
        const struct draft *row = draft_at(im, first + i);
        out->rows[i] = (struct grid_row){row->question.name, row->given->row_text,
                                         row->question.critical};
    }
}

/* ---- routes --------------------------------------------------------------------------------- */

static bool is_named(const struct question *question, const char *number)
{
    return question->name[0] == 'q' && g_ascii_strcasecmp(question->name + 1, number) == 0;
}

/* The question after this one that has the number for its name; else the first that has it printed
 * (what is written in beside the boxes has it too); NULL = none. */
static const char *question_numbered(const struct form *form, size_t after, const char *number)
{
    for (size_t q = after + 1; q < form->question_count; q++)
        if (is_named(&form->questions[q], number))
            return form->questions[q].name;
    for (size_t q = after + 1; q < form->question_count; q++) {
        const struct question *question = &form->questions[q];
        if (question->number != NULL && g_ascii_strcasecmp(question->number, number) == 0)
            return question->name;
    }
    return NULL;
}

/* One line for all: a long form may have dozens, which form.yaml tells one by one. */
static void note_lost_routes(struct importer *im, size_t lost, const char *question,
                             const char *number)
{
    if (lost == 1)
        text_addf(&im->report->notes, "question '%s': the print says to go on at %s, which was not "
                  "found after it\n", question, number);
    else if (lost > 1)
        text_addf(&im->report->notes, "%zu answers are printed with where to go on, which was not "
                  "found after them (the first: question '%s', to %s): such questions have a "
                  "'doubtful' line in form.yaml and, where it is known, want a 'goto'\n", lost,
                  question, number);
}

/* Printed numbers become names; what leads nowhere, or back, is left out and said. */
static void resolve_routes(struct importer *im)
{
    size_t lost = 0;
    const char *first = NULL, *to = NULL;
    for (size_t q = 0; q < im->form->question_count; q++) {
        struct question *question = &im->form->questions[q];
        for (size_t o = 0; o < question->option_count; o++) {
            struct option *option = &question->options[o];
            const char *number = option->go_to;
            if (number == NULL || strcmp(number, "end") == 0)
                continue;
            option->go_to = question_numbered(im->form, q, number);
            if (option->go_to == NULL && lost++ == 0) {
                first = question->name;
                to = number;
            }
        }
    }
    note_lost_routes(im, lost, first, to);
}

/* Drafts to questions, items and one section a page. */
bool import_build_questionnaire(struct importer *im)
{
    struct form *form = im->form;
    size_t count = im->drafts->len, page = SIZE_MAX;
    if (count == 0)
        return error_set(im->err, "%s: expected at least one box or field", im->options->boxes);
    apply_questions(im);
    if (im->is_found)
        order_drafts(im);
    form->item_count = count;
    form->questions = ARENA_NEW(im->arena, struct question, count);
    form->items = ARENA_NEW(im->arena, struct item, count);
    form->sections = ARENA_NEW(im->arena, struct section, im->blank.count);
    for (size_t first = 0, rows; first < count; first += rows) {
        size_t index = form->question_count++;
        rows = rows_from(im, first);
        make_question(im, &form->questions[index], index, first, rows);
        if (draft_at(im, first)->page != page)
            form->sections[form->section_count++] = (struct section){
                .title = arena_printf(im->arena, "Page %zu", draft_at(im, first)->page + 1),
                .first_question = index,
                .new_page = index > 0};
        page = draft_at(im, first)->page;
        form->sections[form->section_count - 1].question_count++;
    }
    resolve_routes(im);
    return true;
}

void import_questions_init(struct importer *im)
{
    im->drafts = g_ptr_array_new_with_free_func(free_draft);
    im->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    im->values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

void import_questions_release(struct importer *im)
{
    g_ptr_array_free(im->drafts, TRUE);
    g_hash_table_destroy(im->by_name);
    g_hash_table_destroy(im->values);
}
