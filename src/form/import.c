/* Adopting a form that already exists, from its blank and the boxes given for it. */
#include "form/import.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include "form/blank.h"
#include "form/import_boxes.h"
#include "form/import_folder.h"
#include "form/landmarks.h"
#include "form/load.h"
#include "form/plate.h"
#include "form/questionnaire.h"
#include "form/snap.h"
#include "form/template.h"

/* Fewer landmarks than this hardly hold a page. */
#define LANDMARKS_FEW 12
/* A rectangle may stick out of the page by so much; it is then cut. */
#define OUTSIDE_MM 1.5

/* A question as it grows: the questionnaire's struct needs its options side by side. */
struct draft {
    struct question question;
    GArray *options; /* struct option */
    size_t page;     /* on which it first stands */
    bool is_field;
};

struct importer {
    const struct import_options *options;
    struct import_report *report;
    struct error *err;
    struct arena *arena;
    struct form *form;
    struct given given;
    struct blank blank;
    double mm_per_px;
    GPtrArray *drafts;   /* struct draft */
    GHashTable *by_name; /* name -> draft index + 1 */
    GHashTable *values;  /* "question\x1fvalue" taken */
};

static void note(struct importer *im, const char *text)
{
    text_addf(&im->report->notes, "%s\n", text);
}

/* ---- the scale of the rectangles ------------------------------------------------------------ */

static struct rect scaled(struct rect r, double by)
{
    return (struct rect){r.x * by, r.y * by, r.w * by, r.h * by};
}

/* How many boxes have a printed outline at this scale; -1 where one lies outside its page. */
static double outlines_at(const struct importer *im, double mm_per_px)
{
    double sum = 0;
    for (size_t p = 0; p < im->given.page_count; p++) {
        const struct given_page *given = &im->given.pages[p];
        const struct blank_page *page = &im->blank.pages[given->page];
        struct snap *snap = snap_new(page->plate);
        for (size_t b = 0; b < given->box_count; b++) {
            struct rect r = scaled(given->boxes[b].rect, mm_per_px);
            if (r.x + r.w > page->width_mm + OUTSIDE_MM || r.y + r.h > page->height_mm + OUTSIDE_MM)
                sum = -INFINITY;
            else if (snap_box(&r, snap, given->boxes[b].shape))
                sum++;
        }
        snap_free(snap);
    }
    return sum;
}

/* Rectangles of a PDF are at the dpi that BOXES.json says. Those of a picture are in its own pixels,
 * unless another dpi is said and clearly fits the print better. */
static bool decide_scale(struct importer *im)
{
    double said = im->given.dpi;
    if (im->blank.is_pdf) {
        if (said <= 0)
            return error_set(im->err, "%s: expected \"dpi\": a PDF has no pixels of its own",
                             im->options->boxes);
        im->mm_per_px = MM_PER_INCH / said;
        return true;
    }
    im->mm_per_px = MM_PER_INCH / im->blank.dpi;
    if (said <= 0 || fabs(said / im->blank.dpi - 1) < 0.005)
        return true;
    double own = outlines_at(im, im->mm_per_px), other = outlines_at(im, MM_PER_INCH / said);
    if (other > own + 1 && other > 1.5 * own) {
        im->mm_per_px = MM_PER_INCH / said;
        text_addf(&im->report->notes, "the rectangles are taken as pixels at %.0f dpi, where they "
                  "lie on the print, not as pixels of the picture (%.0f dpi)\n", said,
                  im->blank.dpi);
    }
    return true;
}

/* ---- questions ------------------------------------------------------------------------------ */

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
    struct option new = {.code = value, .label = box->label == NULL ? value : box->label};
    g_array_append_val(draft->options, new);
    *option = draft->options->len - 1;
    return true;
}

static bool take_box(struct importer *im, struct template_box *out, const struct given_page *page,
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

static void take_field(struct importer *im, struct template_field *out,
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
    }
}

/* Drafts to questions, items and one section a page. */
static void build_questionnaire(struct importer *im)
{
    struct form *form = im->form;
    size_t count = im->drafts->len;
    form->question_count = form->item_count = count;
    form->questions = ARENA_NEW(im->arena, struct question, count);
    form->items = ARENA_NEW(im->arena, struct item, count);
    form->sections = ARENA_NEW(im->arena, struct section, im->blank.count);
    for (size_t i = 0; i < count; i++) {
        struct draft *draft = draft_at(im, i);
        struct question *question = &form->questions[i];
        *question = draft->question;
        question->option_count = draft->options->len;
        question->options = ARENA_NEW(im->arena, struct option, question->option_count);
        if (question->option_count > 0)
            memcpy(question->options, draft->options->data,
                   question->option_count * sizeof *question->options);
        form->items[i] = (struct item){question->name, i, 0, question->critical};
        if (i == 0 || draft->page != draft_at(im, i - 1)->page)
            form->sections[form->section_count++] =
                (struct section){.title = arena_printf(im->arena, "Page %zu", draft->page + 1),
                                 .first_question = i,
                                 .new_page = i > 0};
        form->sections[form->section_count - 1].question_count++;
    }
}

/* ---- pages ---------------------------------------------------------------------------------- */

static bool place_rect(struct importer *im, struct rect *out, struct rect px,
                       const struct template_page *page, const char *what, size_t index)
{
    struct rect r = scaled(px, im->mm_per_px);
    double x1 = r.x + r.w, y1 = r.y + r.h;
    if (r.x < -OUTSIDE_MM || r.y < -OUTSIDE_MM || x1 > page->width_mm + OUTSIDE_MM ||
        y1 > page->height_mm + OUTSIDE_MM)
        return error_set(im->err, "%s: page %d, %s %zu: lies outside the page, which is %.0f x %.0f "
                         "pixels", im->options->boxes, page->number, what, index + 1,
                         page->width_mm / im->mm_per_px, page->height_mm / im->mm_per_px);
    x1 = fmin(x1, page->width_mm);
    y1 = fmin(y1, page->height_mm);
    *out = (struct rect){fmax(r.x, 0), fmax(r.y, 0), x1 - fmax(r.x, 0), y1 - fmax(r.y, 0)};
    return (out->w > 0 && out->h > 0) ||
           error_set(im->err, "%s: page %d, %s %zu: lies outside the page", im->options->boxes,
                     page->number, what, index + 1);
}

/* Two boxes that snapped into each other are both unsure. */
static void undo_collisions(struct template_page *page, const struct rect *given, bool *snapped)
{
    for (size_t a = 0; a < page->box_count; a++)
        for (size_t b = a + 1; b < page->box_count; b++)
            if (rect_overlap(rect_grow(page->boxes[a].rect_mm, -0.2), page->boxes[b].rect_mm) &&
                !rect_overlap(rect_grow(given[a], -0.2), given[b])) {
                page->boxes[a].rect_mm = given[a];
                page->boxes[b].rect_mm = given[b];
                snapped[a] = snapped[b] = false;
            }
}

static void snap_boxes(struct importer *im, struct template_page *page, PIX *plate)
{
    struct snap *snap = snap_new(plate);
    struct rect *given = g_new0(struct rect, page->box_count + 1);
    bool *snapped = g_new0(bool, page->box_count + 1);
    for (size_t i = 0; i < page->box_count; i++) {
        given[i] = page->boxes[i].rect_mm;
        snapped[i] = snap_box(&page->boxes[i].rect_mm, snap, page->boxes[i].shape);
    }
    undo_collisions(page, given, snapped);
    size_t missed = 0;
    for (size_t i = 0; i < page->box_count; i++)
        missed += snapped[i] ? 0 : 1;
    im->report->snapped_count += page->box_count - missed;
    if (missed > 0)
        text_addf(&im->report->notes, "page %d: %zu of %zu boxes have no clear printed outline "
                  "within a millimetre; they stay where they were given\n", page->number, missed,
                  page->box_count);
    g_free(given);
    g_free(snapped);
    snap_free(snap);
}

static bool take_page(struct importer *im, struct template_page *page,
                      const struct given_page *given)
{
    page->box_count = given->box_count;
    page->field_count = given->field_count;
    page->boxes = ARENA_NEW(im->arena, struct template_box, given->box_count);
    page->fields = ARENA_NEW(im->arena, struct template_field, given->field_count);
    for (size_t i = 0; i < given->box_count; i++)
        if (!take_box(im, &page->boxes[i], given, i) ||
            !place_rect(im, &page->boxes[i].rect_mm, given->boxes[i].rect, page, "box", i))
            return false;
    for (size_t i = 0; i < given->field_count; i++) {
        const struct given_field *field = &given->fields[i];
        struct template_field *out = &page->fields[i];
        take_field(im, out, given, i);
        if (!place_rect(im, &out->rect_mm, field->rect, page, "field", i))
            return false;
        out->cell_count = field->cell_count;
        if (field->cell_count > 0)
            out->cells_mm = ARENA_NEW(im->arena, struct rect, field->cell_count);
        for (size_t c = 0; c < field->cell_count; c++)
            if (!place_rect(im, &out->cells_mm[c], field->cells[c], page, "field", i))
                return false;
    }
    im->report->box_count += page->box_count;
    im->report->field_count += page->field_count;
    return true;
}

/* What a person should know of a page before it is printed or read. */
static void note_page(struct importer *im, const struct template_page *page)
{
    size_t counts[LANDMARK_REGIONS_X * LANDMARK_REGIONS_Y], served = 0;
    landmarks_count(counts, page);
    for (size_t i = 0; i < LANDMARK_REGIONS_X * LANDMARK_REGIONS_Y; i++)
        served += counts[i] > 0 ? 1 : 0;
    if (page->landmark_count == 0)
        text_addf(&im->report->notes, "page %d has no print to hold on to: no scan of it can be "
                  "recognised\n", page->number);
    else if (page->landmark_count < LANDMARKS_FEW || served < 7)
        text_addf(&im->report->notes, "page %d has only %zu landmarks in %zu of 12 regions: scans "
                  "of it may be rejected\n", page->number, page->landmark_count, served);
}

static bool build_pages(struct importer *im)
{
    struct form *form = im->form;
    form->page_count = im->report->page_count = im->blank.count;
    form->pages = ARENA_NEW(im->arena, struct template_page, form->page_count);
    for (size_t p = 0; p < form->page_count; p++) {
        form->pages[p].number = (int)p + 1;
        form->pages[p].width_mm = im->blank.pages[p].width_mm;
        form->pages[p].height_mm = im->blank.pages[p].height_mm;
    }
    for (size_t i = 0; i < im->given.page_count; i++)
        if (!take_page(im, &form->pages[im->given.pages[i].page], &im->given.pages[i]))
            return false;
    if (im->drafts->len == 0)
        return error_set(im->err, "%s: expected at least one box or field", im->options->boxes);
    apply_questions(im);
    build_questionnaire(im);
    for (size_t p = 0; p < form->page_count; p++) {
        struct template_page *page = &form->pages[p];
        snap_boxes(im, page, im->blank.pages[p].plate);
        landmarks_choose(page, im->arena, im->blank.pages[p].plate);
        note_page(im, page);
    }
    im->report->question_count = form->question_count;
    template_sort(form);
    return true;
}

/* ---- the whole ------------------------------------------------------------------------------ */

static const char *id_from_folder(struct arena *arena, const char *folder)
{
    char *base = g_path_get_basename(folder);
    char *id = arena_strndup(arena, base, strlen(base) > 64 ? 64 : strlen(base));
    g_free(base);
    for (char *c = id; *c != '\0'; c++)
        if (!isascii(*c) || (!isalnum((unsigned char)*c) && strchr("-_.", *c) == NULL))
            *c = '-';
    return questionnaire_id_fits(id) && strspn(id, "-_.") < strlen(id) ? id : "form";
}

/* The id's letters and digits as capitals, at most eight. */
static const char *code_from_id(struct arena *arena, const char *id)
{
    char *code = arena_alloc(arena, 9, 1);
    size_t length = 0;
    for (; *id != '\0' && length < 8; id++)
        if (isalnum((unsigned char)*id))
            code[length++] = (char)toupper((unsigned char)*id);
    return length == 0 ? "FORM" : code;
}

static bool describe(struct importer *im)
{
    const struct import_options *o = im->options;
    struct form *form = im->form;
    form->arena = im->arena;
    form->id = o->id == NULL ? id_from_folder(im->arena, o->folder) : o->id;
    form->version = o->version == NULL ? "1" : o->version;
    if (!questionnaire_id_fits(form->id))
        return error_set(im->err, "--id: expected at most 64 letters, digits, '-', '_' or '.' but "
                         "found '%.100s'", form->id);
    if (!questionnaire_version_fits(form->version))
        return error_set(im->err, "--version: expected at most 32 letters, digits, '-', '_', '.' or "
                         "'+' but found '%.100s'", form->version);
    form->code = code_from_id(im->arena, form->id);
    form->title = o->title == NULL ? form->id : o->title;
    form->language = "en";
    form->policy = policy_default();
    form->policy.correction = im->given.correction;
    return true;
}

static bool check_given_pages(struct importer *im)
{
    const struct given_page *last = &im->given.pages[im->given.page_count - 1];
    if (last->page < im->blank.count)
        return true;
    return error_set(im->err, "%s: names page %zu but the blank has %zu", im->options->boxes,
                     last->page + 1, im->blank.count);
}

static bool write_form(struct importer *im, const char *part)
{
    char *template_path = g_build_filename(part, TEMPLATE_FILE, NULL);
    PIX **plates = g_new0(PIX *, im->blank.count);
    for (size_t p = 0; p < im->blank.count; p++)
        plates[p] = im->blank.pages[p].plate;
    bool fine = form_save_questionnaire(im->form, part, im->err) &&
                template_save(im->form, template_path, im->err) &&
                plate_save(part, plates, im->blank.count, im->err) &&
                (!im->blank.is_pdf ||
                 folder_copy_file(im->options->blank, part, "blank.pdf", im->err));
    g_free(plates);
    g_free(template_path);
    /* What was written must load: better to fail here than on the day of the scans. */
    struct form *again = NULL;
    if (fine && !form_load(&again, part, im->err))
        fine = error_prefix(im->err, "the imported form cannot be loaded");
    form_free(again);
    return fine;
}

static bool import_into(struct importer *im, const char *part)
{
    return write_form(im, part) && folder_finish(part, im->options->folder, im->err);
}

static bool run_import(struct importer *im)
{
    const struct import_options *o = im->options;
    char *part;
    if (o->boxes == NULL)
        return error_set(im->err, "finding the boxes by itself is not built yet: give them with "
                         "--boxes BOXES.json");
    if (!import_boxes_load(&im->given, im->arena, o->boxes, im->err) || !describe(im) ||
        !blank_load(&im->blank, o->blank, o->dpi, im->given.dpi, &im->report->notes, im->err) ||
        !check_given_pages(im) || !decide_scale(im) || !build_pages(im) ||
        !folder_begin(&part, o->folder, o->force, im->err))
        return false;
    bool fine = import_into(im, part);
    if (!fine)
        folder_abandon(part);
    free(part);
    if (fine && im->blank.count > 1 && im->given.page_count < im->blank.count)
        note(im, "some pages have no box and no field");
    return fine;
}

bool form_import(struct import_report *report, const struct import_options *options,
                 struct error *err)
{
    *report = (struct import_report){0};
    text_init(&report->notes);
    struct arena *arena = arena_new();
    struct importer im = {.options = options,
                          .report = report,
                          .err = err,
                          .arena = arena,
                          .form = ARENA_NEW(arena, struct form, 1)};
    im.drafts = g_ptr_array_new_with_free_func(free_draft);
    im.by_name = g_hash_table_new(g_str_hash, g_str_equal);
    im.values = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    bool fine = run_import(&im);
    g_ptr_array_free(im.drafts, TRUE);
    g_hash_table_destroy(im.by_name);
    g_hash_table_destroy(im.values);
    blank_release(&im.blank);
    arena_free(arena);
    return fine;
}

void import_report_release(struct import_report *report)
{
    text_release(&report->notes);
}
