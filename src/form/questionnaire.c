/* form.yaml to model: every value checked, every error with its place. */
#include "form/questionnaire.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include "form/questionnaire_internal.h"
#include "form/words.h"

/* More than any paper form has; they keep a hostile file from growing the model without end. */
#define QUESTIONS_MAX 20000
#define OPTIONS_MAX 2000
#define ROWS_MAX 1000
#define ITEMS_MAX 20000
#define CELLS_MAX 100
#define LINES_MAX 200
#define COLUMNS_MAX 20
#define NOTICES_MAX 100
#define NAME_BYTES_MAX 1000
#define ID_BYTES_MAX 64
#define CODE_BYTES_MAX 8
#define VERSION_BYTES_MAX 32

/* A goto waits until all names are known. */
struct jump {
    const yaml_node_t *node;
    const char *target;
    size_t question;
};

/* Who made that many has another plan than to mend them one by one. */
#define ERRORS_MAX 50

bool questionnaire_goes_on(struct loader *l)
{
    if (l->more == NULL)
        return false;
    if (l->errors > 0)
        text_addf(l->more, "%s\n", l->err->text);
    l->err = &l->later;
    if (++l->errors < ERRORS_MAX)
        return true;
    text_addf(l->more, "%s: there may be more: these are the first %d errors\n", l->in->name, ERRORS_MAX);
    return false;
}

static bool is_blank(const char *text)
{
    return text == NULL || text[strspn(text, " \t\n")] == '\0';
}

static bool read_text(struct loader *l, const char **out, const yaml_node_t *node, const char *what)
{
    return yaml_input_text(out, l->in, l->form->arena, node, what, l->err);
}

/* Text that must be there: missing counts as empty, empty as an error. */
static bool read_filled(struct loader *l, const char **out, const yaml_node_t *node,
                        const char *what)
{
    if (!read_text(l, out, node, what))
        return false;
    if (is_blank(*out))
        return yaml_input_fail(l->in, node, l->err, "%s: expected text but found nothing", what);
    return true;
}

/* A text that may be empty but is never NULL. */
static bool read_plain(struct loader *l, const char **out, const yaml_node_t *node,
                       const char *what)
{
    if (!read_text(l, out, node, what))
        return false;
    if (*out == NULL)
        *out = "";
    return true;
}

bool questionnaire_read_name(struct loader *l, const char **out, const yaml_node_t *node, const char *what)
{
    if (!read_text(l, out, node, what))
        return false;
    size_t length = *out == NULL ? 0 : strlen(*out);
    if (length == 0 || length > NAME_BYTES_MAX)
        return yaml_input_fail(l->in, node, l->err, "%s: expected 1 to %d bytes but found %zu",
                               what, NAME_BYTES_MAX, length);
    return true;
}

static bool is_code_letter(int c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_id_letter(int c)
{
    return is_code_letter(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_' || c == '.';
}

static bool is_version_letter(int c)
{
    return is_id_letter(c) || c == '+';
}

static bool is_word(const char *text, bool (*fits)(int), size_t longest)
{
    for (const char *c = text; *c != '\0'; c++)
        if (!fits((unsigned char)*c))
            return false;
    return text[0] != '\0' && strlen(text) <= longest;
}

/* A short word of the letters that fit. */
static bool read_word(struct loader *l, const char **out, const yaml_node_t *node, const char *what,
                      bool (*fits)(int), size_t longest, const char *wanted)
{
    if (!read_filled(l, out, node, what))
        return false;
    if (!is_word(*out, fits, longest))
        return yaml_input_fail(l->in, node, l->err, "%s: expected %s but found '%.60s'", what,
                               wanted, *out);
    return true;
}

bool questionnaire_id_fits(const char *id)
{
    return is_word(id, is_id_letter, ID_BYTES_MAX);
}

bool questionnaire_version_fits(const char *version)
{
    return is_word(version, is_version_letter, VERSION_BYTES_MAX);
}

static bool read_list(struct loader *l, size_t *count, const yaml_node_t *node, const char *what,
                      size_t most)
{
    if (!yaml_input_list(count, l->in, node, what, l->err))
        return false;
    if (*count == 0)
        return yaml_input_fail(l->in, node, l->err, "%s: expected at least one entry", what);
    if (*count > most)
        return yaml_input_fail(l->in, node, l->err, "%s: expected at most %zu entries but found %zu",
                               what, most, *count);
    return true;
}

/* ---- questions ------------------------------------------------------------------------------ */

/* Takes a name into the form's one space of names. */
static bool claim_name(struct loader *l, const char *name, size_t question, const yaml_node_t *node)
{
    if (g_hash_table_contains(l->names, name))
        return yaml_input_fail(l->in, node, l->err,
                               "name: expected a name of its own but '%s' is taken already", name);
    g_hash_table_insert(l->names, (gpointer)name, GSIZE_TO_POINTER(question + 1));
    return true;
}

static void add_item(struct loader *l, const char *name, size_t question, size_t row, bool critical)
{
    struct item item = {name, question, row, critical};
    g_array_append_val(l->items, item);
}

static bool read_goto(struct loader *l, const char **out, const yaml_node_t *node, size_t question)
{
    if (node == NULL)
        return true;
    if (!questionnaire_read_name(l, out, node, "goto"))
        return false;
    struct jump jump = {node, *out, question};
    g_array_append_val(l->jumps, jump);
    return true;
}

static bool read_option(struct loader *l, struct option *out, const struct question *q,
                        size_t question, const yaml_node_t *node)
{
    static const struct yaml_key keys[] = {
        {"code", true}, {"label", true}, {"goto", false}, {"exclusive", false}};
    const yaml_node_t *v[4];
    if (!yaml_input_map(v, l->in, node, "an option", KEYS(keys), l->err) ||
        !questionnaire_read_name(l, &out->code, v[0], "code") || !read_plain(l, &out->label, v[1], "label") ||
        !read_goto(l, &out->go_to, v[2], question) ||
        !yaml_input_bool(&out->exclusive, l->in, v[3], "exclusive", l->err))
        return false;
    if (v[2] != NULL && q->kind == QUESTION_GRID)
        return yaml_input_fail(l->in, v[2], l->err,
                               "goto: expected none, because a grid has many answers: put it on "
                               "the question");
    if (out->exclusive && q->kind != QUESTION_SEVERAL)
        return yaml_input_fail(l->in, v[3], l->err,
                               "exclusive: expected it in a question of kind several only");
    return true;
}

static bool read_options(struct loader *l, struct question *q, size_t question,
                         const yaml_node_t *node)
{
    size_t count;
    if (!read_list(l, &count, node, "options", OPTIONS_MAX))
        return false;
    q->options = ARENA_NEW(l->form->arena, struct option, count);
    q->option_count = count;
    GHashTable *codes = g_hash_table_new(g_str_hash, g_str_equal);
    bool fine = true;
    for (size_t i = 0; fine && i < count; i++) {
        const yaml_node_t *element = yaml_input_element(l->in, node, i);
        fine = read_option(l, &q->options[i], q, question, element);
        if (fine && !g_hash_table_add(codes, (gpointer)q->options[i].code))
            fine = yaml_input_fail(l->in, element, l->err,
                                   "code: expected a code of its own in question '%s' but '%s' is "
                                   "taken already",
                                   q->name, q->options[i].code);
    }
    g_hash_table_destroy(codes);
    return fine;
}

static bool read_rows(struct loader *l, struct question *q, size_t question,
                      const yaml_node_t *node)
{
    static const struct yaml_key keys[] = {{"name", true}, {"text", true}, {"critical", false}};
    const yaml_node_t *v[3];
    size_t count;
    if (!read_list(l, &count, node, "rows", ROWS_MAX))
        return false;
    q->rows = ARENA_NEW(l->form->arena, struct grid_row, count);
    q->row_count = count;
    for (size_t i = 0; i < count; i++) {
        struct grid_row *row = &q->rows[i];
        row->critical = q->critical;
        if (!yaml_input_map(v, l->in, yaml_input_element(l->in, node, i), "a row", KEYS(keys),
                            l->err) ||
            !questionnaire_read_name(l, &row->name, v[0], "name") ||
            !claim_name(l, row->name, question, v[0]) ||
            !read_plain(l, &row->text, v[1], "text") ||
            !yaml_input_bool(&row->critical, l->in, v[2], "critical", l->err))
            return false;
        add_item(l, row->name, question, i, row->critical);
    }
    if (l->items->len > ITEMS_MAX)
        return yaml_input_fail(l->in, node, l->err, "rows: expected at most %d in a form",
                               ITEMS_MAX);
    return true;
}

static bool read_range(struct loader *l, struct question *q, const yaml_node_t *node)
{
    size_t count;
    if (!read_list(l, &count, node, "range", 2))
        return false;
    if (count != 2)
        return yaml_input_fail(l->in, node, l->err, "range: expected [least, most]");
    const long most = 999999999999999999L;
    if (!yaml_input_long(&q->minimum, l->in, yaml_input_element(l->in, node, 0), "range", -most,
                         most, l->err) ||
        !yaml_input_long(&q->maximum, l->in, yaml_input_element(l->in, node, 1), "range", -most,
                         most, l->err))
        return false;
    if (q->minimum > q->maximum)
        return yaml_input_fail(l->in, node, l->err,
                               "range: expected [least, most] but %ld is more than %ld", q->minimum,
                               q->maximum);
    q->has_range = true;
    return true;
}

enum { Q_NAME, Q_NUMBER, Q_TEXT, Q_HINT, Q_KIND, Q_CRITICAL, Q_GOTO, Q_COLUMNS, Q_OPTIONS, Q_ROWS,
       Q_CELLS, Q_RANGE, Q_LINES, Q_COUNT };

static const struct yaml_key question_keys[Q_COUNT] = {
    [Q_NAME] = {"name", true},          [Q_NUMBER] = {"number", false},
    [Q_TEXT] = {"text", true},          [Q_HINT] = {"hint", false},
    [Q_KIND] = {"kind", true},          [Q_CRITICAL] = {"critical", false},
    [Q_GOTO] = {"goto", false},         [Q_COLUMNS] = {"columns", false},
    [Q_OPTIONS] = {"options", false},   [Q_ROWS] = {"rows", false},
    [Q_CELLS] = {"cells", false},       [Q_RANGE] = {"range", false},
    [Q_LINES] = {"lines", false}};

/* Which keys a kind must have and may have, by bits of the Q_ enum. */
#define B(key) (1u << Q_##key)
static const struct kind_keys {
    unsigned must, may;
} kind_keys[QUESTION_KIND_COUNT] = {
    [QUESTION_SINGLE] = {B(OPTIONS), B(COLUMNS)},
    [QUESTION_SEVERAL] = {B(OPTIONS), B(COLUMNS)},
    [QUESTION_GRID] = {B(OPTIONS) | B(ROWS), 0},
    [QUESTION_DIGITS] = {B(CELLS), B(RANGE)},
    [QUESTION_DATE] = {0, B(CELLS)},
    [QUESTION_TEXT] = {0, B(CELLS)},
    [QUESTION_COMMENT] = {0, B(LINES)},
};

static bool check_kind_keys(struct loader *l, enum question_kind kind, const yaml_node_t *const *v,
                            const yaml_node_t *node)
{
    for (int key = Q_COLUMNS; key < Q_COUNT; key++) {
        unsigned bit = 1u << key;
        if (v[key] == NULL && (kind_keys[kind].must & bit))
            return yaml_input_fail(l->in, node, l->err,
                                   "a question of kind %s: expected the key '%s' but it is missing",
                                   question_kind_words[kind], question_keys[key].name);
        if (v[key] != NULL && !((kind_keys[kind].must | kind_keys[kind].may) & bit))
            return yaml_input_fail(l->in, v[key], l->err,
                                   "%s: expected no such key in a question of kind %s",
                                   question_keys[key].name, question_kind_words[kind]);
    }
    return true;
}

/* No key: the running number. An empty value: no number. A number: counting goes on from there. */
static bool read_number(struct loader *l, struct question *q, const yaml_node_t *node)
{
    if (node == NULL) {
        q->number = arena_printf(l->form->arena, "%ld", ++l->running);
        return true;
    }
    if (!read_text(l, &q->number, node, "number"))
        return false;
    if (is_blank(q->number)) {
        q->number = NULL;
        return true;
    }
    if (strlen(q->number) > 20 || strchr(q->number, '\n') != NULL)
        return yaml_input_fail(l->in, node, l->err,
                               "number: expected at most 20 characters on one line");
    if (isdigit((unsigned char)q->number[0])) {
        long number = strtol(q->number, NULL, 10);
        l->running = number < 1000000 ? number : l->running;
    }
    return true;
}

static bool read_counts(struct loader *l, struct question *q, const yaml_node_t *const *v)
{
    long cells = q->kind == QUESTION_DATE ? 8 : 0, lines = q->kind == QUESTION_COMMENT ? 8 : 0;
    long columns = 0;
    if (!yaml_input_long(&cells, l->in, v[Q_CELLS], "cells", 0, CELLS_MAX, l->err) ||
        !yaml_input_long(&lines, l->in, v[Q_LINES], "lines", 1, LINES_MAX, l->err) ||
        !yaml_input_long(&columns, l->in, v[Q_COLUMNS], "columns", 1, COLUMNS_MAX, l->err))
        return false;
    q->cells = (int)cells;
    q->lines = (int)lines;
    q->columns = (int)columns;
    return v[Q_RANGE] == NULL || read_range(l, q, v[Q_RANGE]);
}

static bool read_question(struct loader *l, size_t index, const yaml_node_t *node)
{
    struct question *q = &l->form->questions[index];
    const yaml_node_t *v[Q_COUNT];
    int kind = 0;
    if (!yaml_input_map(v, l->in, node, "a question", question_keys, Q_COUNT, l->err) ||
        !questionnaire_read_name(l, &q->name, v[Q_NAME], "name") || !claim_name(l, q->name, index, v[Q_NAME]) ||
        !yaml_input_choice(&kind, l->in, v[Q_KIND], "kind", question_kind_words,
                           QUESTION_KIND_COUNT, l->err))
        return false;
    q->kind = (enum question_kind)kind;
    if (!check_kind_keys(l, q->kind, v, node) || !read_number(l, q, v[Q_NUMBER]) ||
        !read_plain(l, &q->text, v[Q_TEXT], "text") || !read_text(l, &q->hint, v[Q_HINT], "hint") ||
        !yaml_input_bool(&q->critical, l->in, v[Q_CRITICAL], "critical", l->err) ||
        !read_goto(l, &q->go_to, v[Q_GOTO], index) || !read_counts(l, q, v) ||
        (v[Q_OPTIONS] != NULL && !read_options(l, q, index, v[Q_OPTIONS])))
        return false;
    if (q->kind == QUESTION_GRID)
        return read_rows(l, q, index, v[Q_ROWS]);
    add_item(l, q->name, index, 0, q->critical);
    return true;
}

/* ---- sections and the whole ----------------------------------------------------------------- */

enum { S_TITLE, S_INTRO, S_NEW_PAGE, S_QUESTIONS, S_COUNT };

static const struct yaml_key section_keys[S_COUNT] = {[S_TITLE] = {"title", true},
                                                      [S_INTRO] = {"intro", false},
                                                      [S_NEW_PAGE] = {"new_page", false},
                                                      [S_QUESTIONS] = {"questions", true}};

/* The section without its questions, which are only counted; *questions is their list. */
static bool read_section(struct loader *l, struct section *section, const yaml_node_t **questions,
                         const yaml_node_t *node)
{
    const yaml_node_t *v[S_COUNT];
    if (!yaml_input_map(v, l->in, node, "a section", section_keys, S_COUNT, l->err) ||
        !read_plain(l, &section->title, v[S_TITLE], "title") ||
        !read_text(l, &section->intro, v[S_INTRO], "intro") ||
        !yaml_input_bool(&section->new_page, l->in, v[S_NEW_PAGE], "new_page", l->err) ||
        !read_list(l, &section->question_count, v[S_QUESTIONS], "questions", QUESTIONS_MAX))
        return false;
    if (section->question_count > QUESTIONS_MAX - l->form->question_count)
        return yaml_input_fail(l->in, v[S_QUESTIONS], l->err,
                               "questions: expected at most %d in a form", QUESTIONS_MAX);
    section->first_question = l->form->question_count;
    l->form->question_count += section->question_count;
    *questions = v[S_QUESTIONS];
    return true;
}

static bool read_sections(struct loader *l, const yaml_node_t *node)
{
    struct form *form = l->form;
    if (!read_list(l, &form->section_count, node, "sections", QUESTIONS_MAX))
        return false;
    form->sections = ARENA_NEW(form->arena, struct section, form->section_count);
    const yaml_node_t **lists = ARENA_NEW(form->arena, const yaml_node_t *, form->section_count);
    for (size_t s = 0; s < form->section_count; s++)
        if (!read_section(l, &form->sections[s], &lists[s], yaml_input_element(l->in, node, s))) {
            if (!questionnaire_goes_on(l))
                return false;
            form->sections[s].question_count = 0;
        }
    form->questions = ARENA_NEW(form->arena, struct question, form->question_count);
    for (size_t s = 0; s < form->section_count; s++)
        for (size_t q = 0; q < form->sections[s].question_count; q++)
            if (!read_question(l, form->sections[s].first_question + q,
                               yaml_input_element(l->in, lists[s], q)) &&
                !questionnaire_goes_on(l))
                return false;
    form->item_count = l->items->len;
    form->items = ARENA_NEW(form->arena, struct item, form->item_count);
    if (form->item_count > 0)
        memcpy(form->items, l->items->data, form->item_count * sizeof *form->items);
    return true;
}

/* A goto leads forward to a question that exists: the respondent never walks in circles. */
static bool check_jump(struct loader *l, const struct jump *jump)
{
    bool is_end = strcmp(jump->target, "end") == 0;
    size_t found = GPOINTER_TO_SIZE(g_hash_table_lookup(l->names, jump->target));
    if (is_end && found != 0)
        return yaml_input_fail(l->in, jump->node, l->err,
                               "goto: 'end' means the end, but a question has that name too: "
                               "give the question another name");
    if (is_end)
        return true;
    if (found == 0 || strcmp(l->form->questions[found - 1].name, jump->target) != 0)
        return yaml_input_fail(l->in, jump->node, l->err,
                               "goto: expected the name of a question, or end, but there is no "
                               "question '%s'",
                               jump->target);
    if (found - 1 <= jump->question)
        return yaml_input_fail(l->in, jump->node, l->err,
                               "goto: expected a question after '%s' but '%s' does not come "
                               "after it",
                               l->form->questions[jump->question].name, jump->target);
    return true;
}

/* Not where a question could not be read: its name may be unknown. */
static bool check_jumps(struct loader *l, bool all_known)
{
    for (guint i = 0; all_known && i < l->jumps->len; i++)
        if (!check_jump(l, &g_array_index(l->jumps, struct jump, i)) && !questionnaire_goes_on(l))
            return false;
    return true;
}

static bool read_notices(struct loader *l, struct notice **out, size_t *count,
                         const yaml_node_t *node, const char *what)
{
    static const struct yaml_key keys[] = {{"heading", false}, {"text", true}};
    const yaml_node_t *v[2];
    if (node == NULL)
        return true;
    if (!read_list(l, count, node, what, NOTICES_MAX))
        return false;
    *out = ARENA_NEW(l->form->arena, struct notice, *count);
    for (size_t i = 0; i < *count; i++)
        if (!yaml_input_map(v, l->in, yaml_input_element(l->in, node, i), "a notice", KEYS(keys),
                            l->err) ||
            !read_text(l, &(*out)[i].heading, v[0], "heading") ||
            !read_plain(l, &(*out)[i].text, v[1], "text"))
            return false;
    return true;
}

enum { F_FORM, F_CODE, F_VERSION, F_TITLE, F_LANGUAGE, F_POLICY, F_COVER, F_CLOSING, F_SECTIONS,
       F_COUNT };

static const struct yaml_key form_keys[F_COUNT] = {
    [F_FORM] = {"form", true},         [F_CODE] = {"code", true},
    [F_VERSION] = {"version", true},   [F_TITLE] = {"title", true},
    [F_LANGUAGE] = {"language", false}, [F_POLICY] = {"policy", false},
    [F_COVER] = {"cover", false},      [F_CLOSING] = {"closing", false},
    [F_SECTIONS] = {"sections", true}};

static bool read_form(struct loader *l, const yaml_node_t *root)
{
    struct form *form = l->form;
    const yaml_node_t *v[F_COUNT];
    if (!yaml_input_map(v, l->in, root, "a form", form_keys, F_COUNT, l->err) ||
        !read_word(l, &form->id, v[F_FORM], "form", is_id_letter, ID_BYTES_MAX,
                   "at most 64 letters, digits, '-', '_' or '.'") ||
        !read_word(l, &form->code, v[F_CODE], "code", is_code_letter, CODE_BYTES_MAX,
                   "1 to 8 capital letters A-Z or digits") ||
        !read_word(l, &form->version, v[F_VERSION], "version", is_version_letter,
                   VERSION_BYTES_MAX, "at most 32 letters, digits, '-', '_', '.' or '+'") ||
        !read_filled(l, &form->title, v[F_TITLE], "title"))
        return false;
    form->language = "en";
    if (v[F_LANGUAGE] != NULL && !read_word(l, &form->language, v[F_LANGUAGE], "language",
                                            is_id_letter, 20, "a language like en or cy"))
        return false;
    if ((!questionnaire_read_policy(l, v[F_POLICY]) && !questionnaire_goes_on(l)) ||
        (!read_notices(l, &form->cover, &form->cover_count, v[F_COVER], "cover") && !questionnaire_goes_on(l)) ||
        (!read_notices(l, &form->closing, &form->closing_count, v[F_CLOSING], "closing") &&
         !questionnaire_goes_on(l)))
        return false;
    size_t before = l->errors;
    return read_sections(l, v[F_SECTIONS]) && check_jumps(l, l->errors == before);
}

bool questionnaire_parse(struct form **out, struct text *more, const char *name, const char *bytes, size_t length,
                         struct error *err)
{
    struct yaml_input input;
    *out = NULL;
    if (!yaml_input_parse(&input, name, bytes, length, err))
        return false;
    struct arena *arena = arena_new();
    struct form *form = ARENA_NEW(arena, struct form, 1);
    form->arena = arena;
    struct loader loader = {.in = &input, .form = form, .err = err, .more = more};
    loader.names = g_hash_table_new(g_str_hash, g_str_equal);
    loader.jumps = g_array_new(FALSE, FALSE, sizeof(struct jump));
    loader.items = g_array_new(FALSE, FALSE, sizeof(struct item));
    bool fine = read_form(&loader, yaml_input_root(&input));
    if (!fine && loader.errors > 0 && loader.errors < ERRORS_MAX) /* the one that ended it */
        text_addf(more, "%s\n", loader.later.text);
    fine = fine && loader.errors == 0;
    g_hash_table_destroy(loader.names);
    g_array_free(loader.jumps, TRUE);
    g_array_free(loader.items, TRUE);
    yaml_input_release(&input);
    if (fine)
        *out = form;
    else
        form_free(form);
    return fine;
}
