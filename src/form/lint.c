/* Linting: what would go wrong with a form, found before it is printed. */
#include "form/lint.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include "base/error.h"
#include "form/code.h"
#include "form/landmarks.h"

/* Rules of thumb of print and paper, not measurements of ours. */
#define GAP_MM 1.0        /* pens overshoot a box by about this much */
#define BOX_SIDE_MM 2.0   /* smaller boxes are missed by hands and scanners */
#define CELL_SIDE_MM 3.5  /* a handwritten digit needs this much */
#define EDGE_MM 5.0       /* printers do not print and feeders cut here */
#define STAPLE_MM 15.0    /* top left: staples, torn and folded corners */

struct linter {
    struct lint_report *report;
    const struct form *form;
    const struct template_page *page;
};

static void finding(struct linter *l, bool is_error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void finding(struct linter *l, bool is_error, const char *format, ...)
{
    char message[800];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    text_add(&l->report->findings, is_error ? "error: " : "warning: ");
    if (l->page != NULL)
        text_addf(&l->report->findings, "page %d: ", l->page->number);
    text_addf(&l->report->findings, "%s\n", message);
    *(is_error ? &l->report->errors : &l->report->warnings) += 1;
}

/* ---- the questionnaire ---------------------------------------------------------------------- */

/* A code that means "no answer" must never be an answer's. */
static void lint_codes(struct linter *l)
{
    const struct policy *p = &l->form->policy;
    const char *special[] = {p->missing_code, p->routed_past_code, p->implausible_code,
                             p->multiple_code};
    const size_t count = sizeof special / sizeof *special;
    for (size_t q = 0; q < l->form->question_count; q++)
        for (size_t s = 0; s < count; s++)
            if (special[s] != NULL &&
                question_find_option(&l->form->questions[q], special[s]) != SIZE_MAX)
                finding(l, true, "question '%s' uses the code '%s', which the policy gives another "
                        "meaning", l->form->questions[q].name, special[s]);
    for (size_t a = 0; a < count; a++)
        for (size_t b = a + 1; b < count; b++)
            /* several marks may well be coded as implausible: the last two may agree */
            if (!(a == 2 && b == 3) && special[a] != NULL && special[b] != NULL &&
                strcmp(special[a], special[b]) == 0)
                finding(l, false, "the policy uses the code '%s' for two things", special[a]);
}

static void lint_policy(struct linter *l)
{
    if (l->form->policy.multiple == RULE_NEAREST)
        finding(l, false, "policy: multiple: nearest decides nothing, as neither of two marked boxes is "
                "nearer: a person will; 'nearest' is for 'between'");
}

/* Codes stand in the data as they are: several of one answer with a space between them, and in tables
 * that spreadsheets open. */
static void lint_option_codes(struct linter *l, const struct question *question)
{
    for (size_t o = 0; o < question->option_count; o++) {
        const char *code = question->options[o].code;
        if (question->kind == QUESTION_SEVERAL && strpbrk(code, " \t\r\n") != NULL)
            finding(l, true, "question '%s': the code '%s' has a space in it, and several codes of one "
                    "answer are joined by spaces", question->name, code);
        if (code[0] != '\0' && strchr("=+@", code[0]) != NULL)
            finding(l, false, "question '%s': spreadsheets take the code '%s' for a formula",
                    question->name, code);
    }
}

/* Each item has a column in records.csv, and each option of several answers: NAME.CODE. */
static void lint_columns(struct linter *l)
{
    static const char *const leading[] = {"return", "form", "version", "outcome", "flags"};
    GHashTable *taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (size_t k = 0; k < sizeof leading / sizeof *leading; k++)
        g_hash_table_add(taken, g_strdup(leading[k]));
    for (size_t i = 0; i < l->form->item_count; i++) {
        const struct question *question = item_question(l->form, i);
        const char *name = l->form->items[i].name;
        for (size_t o = 0; o <= (question->kind == QUESTION_SEVERAL ? question->option_count : 0); o++) {
            char *column = o == 0 ? g_strdup(name)
                                  : g_strdup_printf("%s.%s", name, question->options[o - 1].code);
            if (g_hash_table_contains(taken, column))
                finding(l, false, "records.csv has two columns '%s': that of '%s' will be called '%s_2'",
                        column, name, column);
            g_hash_table_add(taken, column);
        }
    }
    g_hash_table_destroy(taken);
}

static size_t question_at(const struct form *form, const char *name, size_t next)
{
    if (name == NULL)
        return next;
    for (size_t q = 0; q < form->question_count; q++)
        if (strcmp(form->questions[q].name, name) == 0)
            return q;
    return form->question_count; /* "end" */
}

/* A question that no answer leads to. Someone who marks nothing walks on like someone whose option
 * has no goto, but no form should count on that. */
static void lint_routing(struct linter *l)
{
    const struct form *form = l->form;
    bool *reached = g_new0(bool, form->question_count + 1);
    reached[0] = true;
    for (size_t q = 0; q < form->question_count; q++) {
        const struct question *question = &form->questions[q];
        if (!reached[q]) {
            finding(l, false, "question '%s' is never reached: every answer before it leads past it",
                    question->name);
            reached[q] = true; /* say it once for all that follow from it */
        }
        size_t next = question_at(form, question->go_to, q + 1);
        bool all_jump = question->option_count > 0 && question->kind != QUESTION_GRID;
        for (size_t o = 0; o < question->option_count; o++) {
            const char *go_to = question->options[o].go_to;
            all_jump = all_jump && go_to != NULL;
            if (go_to != NULL)
                reached[question_at(form, go_to, next)] = true;
        }
        if (!all_jump)
            reached[next] = true;
    }
    g_free(reached);
}

static int digits_of(long number)
{
    return snprintf(NULL, 0, "%ld", number < 0 ? -number : number);
}

static void lint_questions(struct linter *l)
{
    for (size_t q = 0; q < l->form->question_count; q++) {
        const struct question *question = &l->form->questions[q];
        if (question->has_range && question->cells > 0 &&
            digits_of(question->maximum) > question->cells)
            finding(l, true, "question '%s': its range goes to %ld but it has %d cells",
                    question->name, question->maximum, question->cells);
        lint_option_codes(l, question);
        size_t exclusive = 0;
        for (size_t o = 0; o < question->option_count; o++)
            exclusive += question->options[o].exclusive ? 1 : 0;
        if (exclusive > 0 && exclusive == question->option_count)
            finding(l, false, "question '%s': all options are exclusive: is it of kind single?",
                    question->name);
    }
}

/* ---- the template --------------------------------------------------------------------------- */

/* Findings of one kind on one page: how many, and the worst as the example. */
struct tally {
    size_t count;
    double worst;
    char example[300];
};

static void tally_add(struct tally *tally, double badness, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void tally_add(struct tally *tally, double badness, const char *format, ...)
{
    if (tally->count++ > 0 && badness <= tally->worst)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(tally->example, sizeof tally->example, format, arguments);
    va_end(arguments);
    tally->worst = badness;
}

static void tally_report(struct linter *l, const struct tally *tally, bool is_error,
                         const char *what)
{
    if (tally->count == 1)
        finding(l, is_error, "%s: %s", tally->example, what);
    else if (tally->count > 1)
        finding(l, is_error, "%s (and %zu more): %s", tally->example, tally->count - 1, what);
}

static const char *item_name(const struct linter *l, size_t item)
{
    return l->form->items[item].name;
}

static const char *value_of(const struct linter *l, const struct template_box *box)
{
    return item_question(l->form, box->item)->options[box->option].code;
}

static double gap(struct rect a, struct rect b)
{
    double dx = fmax(a.x - (b.x + b.w), b.x - (a.x + a.w));
    double dy = fmax(a.y - (b.y + b.h), b.y - (a.y + a.h));
    return dx > 0 && dy > 0 ? hypot(dx, dy) : fmax(dx, dy);
}

static int by_top(const void *a, const void *b)
{
    const struct template_box *p = *(const struct template_box *const *)a;
    const struct template_box *q = *(const struct template_box *const *)b;
    if (p->rect_mm.y < q->rect_mm.y || p->rect_mm.y > q->rect_mm.y)
        return p->rect_mm.y < q->rect_mm.y ? -1 : 1;
    return (p->rect_mm.x > q->rect_mm.x) - (p->rect_mm.x < q->rect_mm.x);
}

static void lint_box_pairs(struct linter *l)
{
    struct tally close = {0}, overlapping = {0};
    size_t count = l->page->box_count;
    const struct template_box **sorted = g_new0(const struct template_box *, count + 1);
    for (size_t i = 0; i < count; i++)
        sorted[i] = &l->page->boxes[i];
    if (count > 1)
        qsort(sorted, count, sizeof *sorted, by_top);
    for (size_t i = 0; i < count; i++)
        for (size_t j = i + 1; j < count; j++) {
            const struct template_box *a = sorted[i], *b = sorted[j];
            if (b->rect_mm.y > a->rect_mm.y + a->rect_mm.h + GAP_MM)
                break;
            double mm = gap(a->rect_mm, b->rect_mm);
            /* Outlines may share a rule of a table; more than that is one box on another. */
            struct tally *tally = mm < -0.3 ? &overlapping : mm < GAP_MM ? &close : NULL;
            if (tally != NULL)
                tally_add(tally, -mm, "boxes %s=%s and %s=%s, %.1f mm apart",
                          item_name(l, a->item), value_of(l, a), item_name(l, b->item),
                          value_of(l, b), fmax(mm, 0));
        }
    g_free(sorted);
    tally_report(l, &overlapping, true, "boxes lie on each other");
    tally_report(l, &close, false,
                 "closer than 1 mm: a mark in one easily runs into the other");
}

struct place_tallies {
    struct tally edge, staple, small, taken;
};

/* What is said of boxes and fields alike. */
static void lint_area(struct linter *l, struct place_tallies *t, struct rect r, const char *name)
{
    const struct template_page *page = l->page;
    double edge = fmin(fmin(r.x, r.y),
                       fmin(page->width_mm - r.x - r.w, page->height_mm - r.y - r.h));
    if (edge < EDGE_MM)
        tally_add(&t->edge, -edge, "%s, %.1f mm from the edge", name, edge);
    if (r.x < STAPLE_MM && r.y < STAPLE_MM)
        tally_add(&t->staple, -hypot(r.x, r.y), "%s", name);
    bool taken = (page->has_code && rect_overlap(r, page->code_mm)) ||
                 (page->reference_mm.w > 0 && rect_overlap(r, page->reference_mm));
    for (size_t i = 0; i < page->printed_code_count; i++)
        taken = taken || rect_overlap(r, page->printed_codes[i].rect_mm);
    for (size_t i = 0; page->has_fiducials && i < FIDUCIAL_COUNT; i++)
        taken = taken || rect_overlap(r, page->fiducials_mm[i]);
    if (taken)
        tally_add(&t->taken, 0, "%s", name);
}

static void lint_areas(struct linter *l)
{
    struct place_tallies t = {0};
    struct tally crossing = {0};
    char name[250];
    for (size_t i = 0; i < l->page->box_count; i++) {
        const struct template_box *box = &l->page->boxes[i];
        double side = fmin(box->rect_mm.w, box->rect_mm.h);
        snprintf(name, sizeof name, "box %s=%s", item_name(l, box->item), value_of(l, box));
        lint_area(l, &t, box->rect_mm, name);
        if (side < BOX_SIDE_MM)
            tally_add(&t.small, -side, "%s, %.1f mm", name, side);
        for (size_t f = 0; f < l->page->field_count; f++)
            if (gap(box->rect_mm, l->page->fields[f].rect_mm) < -0.3)
                tally_add(&crossing, 0, "%s and field %s", name,
                          item_name(l, l->page->fields[f].item));
    }
    for (size_t i = 0; i < l->page->field_count; i++) {
        const struct template_field *field = &l->page->fields[i];
        snprintf(name, sizeof name, "field %s", item_name(l, field->item));
        lint_area(l, &t, field->rect_mm, name);
        for (size_t c = 0; c < field->cell_count; c++) {
            double side = fmin(field->cells_mm[c].w, field->cells_mm[c].h);
            if (side < CELL_SIDE_MM)
                tally_add(&t.small, -side, "a cell of %s, %.1f mm", name, side);
        }
    }
    tally_report(l, &t.taken, true, "lies on a fiducial, a code or the reference");
    tally_report(l, &crossing, true, "a box lies on a field");
    tally_report(l, &t.edge, false, "nearer than 5 mm to the edge: printers and feeders cut it off");
    tally_report(l, &t.staple, false, "in the top left corner, where sheets are stapled and torn");
    tally_report(l, &t.small, false, "too small to write in or to read surely");
}

static void lint_landmarks(struct linter *l)
{
    static const char *const quarters[] = {"top left", "top right", "bottom left", "bottom right"};
    size_t found[4] = {0}, inside = 0;
    const struct template_page *page = l->page;
    for (size_t i = 0; i < page->landmark_count; i++) {
        struct point p = page->landmarks_mm[i];
        struct rect dot = {p.x, p.y, 0, 0};
        found[(p.y > page->height_mm / 2 ? 2 : 0) + (p.x > page->width_mm / 2 ? 1 : 0)]++;
        bool in = false;
        for (size_t b = 0; b < page->box_count && !in; b++)
            in = gap(dot, rect_grow(page->boxes[b].rect_mm, -0.7)) < 0;
        for (size_t f = 0; f < page->field_count && !in; f++)
            in = gap(dot, rect_grow(page->fields[f].rect_mm, -0.7)) < 0;
        inside += in ? 1 : 0;
    }
    if (page->landmark_count == 0)
        finding(l, true, "it has no landmarks: no scan of it can be recognised");
    else if (inside > 0)
        finding(l, true, "%zu landmarks lie in answer areas: build or import the form again",
                inside);
    for (size_t q = 0; q < 4 && page->landmark_count > 0; q++)
        if (found[q] == 0)
            finding(l, false, "no landmark in its %s quarter: it can be misplaced there unseen",
                    quarters[q]);
}

static void lint_page_code(struct linter *l)
{
    struct page_code code = {.page = l->page->number, .reference = "0"};
    char text[128];
    snprintf(code.form, sizeof code.form, "%s", l->form->code);
    snprintf(code.version, sizeof code.version, "%s", l->form->version);
    if (l->page->has_code && !page_code_format(text, sizeof text, &code))
        finding(l, true, "the version '%s' cannot stand in a printed code: use capital letters, "
                "digits, '.', '-' or '+'", l->form->version);
}

void lint_form(struct lint_report *out, const struct form *form)
{
    struct linter linter = {.report = out, .form = form};
    *out = (struct lint_report){0};
    text_init(&out->findings);
    lint_codes(&linter);
    lint_policy(&linter);
    lint_columns(&linter);
    lint_questions(&linter);
    lint_routing(&linter);
    for (size_t p = 0; p < form->page_count; p++) {
        linter.page = &form->pages[p];
        lint_box_pairs(&linter);
        lint_areas(&linter);
        lint_landmarks(&linter);
        lint_page_code(&linter);
    }
}

void lint_report_release(struct lint_report *report)
{
    text_release(&report->findings);
}
