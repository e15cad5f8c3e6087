/* records.csv and flags.csv: RFC 4180, UTF-8. */
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "export/values.h"

/* One line while it is written. */
struct line {
    FILE *file;
    bool begun;
};

static void cell(struct line *line, const char *text)
{
    if (line->begun)
        fputc(',', line->file);
    line->begun = true;
    if (text == NULL || text[0] == '\0')
        return;
    char *valid = valid_text(text);
    if (strpbrk(valid, ",\"\r\n") == NULL) {
        fputs(valid, line->file);
    } else {
        fputc('"', line->file);
        for (const char *c = valid; *c != '\0'; c++) {
            if (*c == '"')
                fputc('"', line->file);
            fputc(*c, line->file);
        }
        fputc('"', line->file);
    }
    g_free(valid);
}

static void number_cell(struct line *line, long long number)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", number);
    cell(line, text);
}

static void end_line(struct line *line)
{
    fputs("\r\n", line->file);
    line->begun = false;
}

/* Handwriting, or a file's name, that a spreadsheet would run as a formula gets an apostrophe before it. */
static void foreign_cell(struct line *line, const char *text)
{
    if (text[0] == '\0' || strchr("=+-@\t\r", text[0]) == NULL) {
        cell(line, text);
        return;
    }
    char *safe = g_strconcat("'", text, NULL);
    cell(line, safe);
    g_free(safe);
}

/* ---- records.csv -------------------------------------------------------------------------- */

/* What a column shows of each form; SIZE_MAX: nothing. */
struct source {
    size_t item, option;
};

/* The columns of all forms read together: an item of the same name has one column. */
struct table {
    GPtrArray *names;    /* as in the header line */
    GHashTable *columns; /* key -> index + 1 */
    GArray **sources;    /* per form: struct source, one a column it knows, by index */
    size_t form_count;
};

static const char *const leading[] = {"return", "form", "version", "outcome", "flags"};
#define LEADING_COUNT (sizeof leading / sizeof *leading)

/* The column's number in the header line; a name that is taken already gets "_2", "_3", ... */
static char *free_name(GHashTable *taken, const char *wanted)
{
    char *name = g_strdup(wanted);
    for (int n = 2; g_hash_table_contains(taken, name); n++) {
        g_free(name);
        name = g_strdup_printf("%s_%d", wanted, n);
    }
    g_hash_table_add(taken, g_strdup(name));
    return name;
}

static void add_column(struct table *table, GHashTable *taken, size_t form, char *key,
                       const char *name, struct source source)
{
    size_t column = GPOINTER_TO_SIZE(g_hash_table_lookup(table->columns, key));
    if (column == 0) {
        g_ptr_array_add(table->names, free_name(taken, name));
        column = table->names->len;
        g_hash_table_insert(table->columns, g_strdup(key), GSIZE_TO_POINTER(column));
    }
    GArray *sources = table->sources[form];
    const struct source none = {SIZE_MAX, SIZE_MAX};
    while (sources->len < column)
        g_array_append_val(sources, none);
    g_array_index(sources, struct source, column - 1) = source;
    g_free(key);
}

static struct table table_make(const struct export_batch *batch)
{
    struct table table = {.names = g_ptr_array_new_with_free_func(g_free),
                          .columns = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                          .sources = g_new0(GArray *, batch->form_count + 1),
                          .form_count = batch->form_count};
    GHashTable *taken = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (size_t k = 0; k < LEADING_COUNT; k++)
        g_hash_table_add(taken, g_strdup(leading[k]));
    for (size_t f = 0; f < batch->form_count; f++) {
        const struct form *form = batch->forms[f];
        table.sources[f] = g_array_new(FALSE, FALSE, sizeof(struct source));
        for (size_t i = 0; i < form->item_count; i++) {
            const struct question *question = item_question(form, i);
            const char *name = form->items[i].name;
            add_column(&table, taken, f, g_strdup(name), name, (struct source){i, SIZE_MAX});
            for (size_t o = 0; question->kind == QUESTION_SEVERAL && o < question->option_count;
                 o++) {
                const char *code = question->options[o].code;
                char *wanted = g_strdup_printf("%s.%s", name, code);
                add_column(&table, taken, f, g_strdup_printf("%s\x1f%s", name, code), wanted,
                           (struct source){i, o});
                g_free(wanted);
            }
        }
    }
    g_hash_table_destroy(taken);
    return table;
}

static void table_release(struct table *table)
{
    for (size_t f = 0; f < table->form_count; f++)
        g_array_free(table->sources[f], TRUE);
    g_free(table->sources);
    g_ptr_array_free(table->names, TRUE);
    g_hash_table_destroy(table->columns);
}

/* Whether the list of codes holds the option: its words are matched from the left, longest code
 * first, so that codes with spaces in them are not mistaken. */
static bool codes_hold(const struct question *question, const char *codes, size_t option)
{
    bool found = false;
    while (*codes != '\0') {
        size_t best = SIZE_MAX, longest = 0;
        for (size_t o = 0; o < question->option_count; o++) {
            size_t length = strlen(question->options[o].code);
            if (length > longest && strncmp(codes, question->options[o].code, length) == 0 &&
                (codes[length] == ' ' || codes[length] == '\0')) {
                best = o;
                longest = length;
            }
        }
        if (best == SIZE_MAX)
            return false; /* a missing code of the study, not a list of options */
        found = found || best == option;
        codes += longest;
        codes += *codes == ' ';
    }
    return found;
}

/* 1 and 0 where the coded answer is a list of options; else the column repeats it: a missing code,
 * or nothing where a person has to decide. */
static void option_cell(struct line *line, const struct question *question, const char *coded,
                        size_t option)
{
    bool any = false;
    for (size_t o = 0; o < question->option_count && !any; o++)
        any = codes_hold(question, coded, o);
    cell(line, !any ? coded : codes_hold(question, coded, option) ? "1" : "0");
}

static void answer_cell(struct line *line, const struct form *form, const struct answer *answer,
                        struct source source)
{
    const struct question *question = item_question(form, source.item);
    bool is_code = answer->coded == form->policy.missing_code ||
                   answer->coded == form->policy.routed_past_code ||
                   answer->coded == form->policy.implausible_code;
    if (source.option != SIZE_MAX)
        option_cell(line, question, answer->coded, source.option);
    else if (is_code || question->option_count > 0)
        cell(line, answer->coded);
    else
        foreign_cell(line, answer->coded);
}

static void record_row(struct line *line, const struct table *table,
                       const struct export_batch *batch, const struct return_record *record)
{
    const struct form *form = batch->forms[record->form];
    const GArray *sources = table->sources[record->form];
    cell(line, record->reference);
    cell(line, form->id);
    cell(line, form->version);
    cell(line, outcome_name(record->outcome));
    number_cell(line, (long long)record->flag_count);
    for (guint c = 0; c < table->names->len; c++) {
        struct source source = {SIZE_MAX, SIZE_MAX};
        if (c < sources->len)
            source = g_array_index(sources, struct source, c);
        if (source.item == SIZE_MAX)
            cell(line, "");
        else
            answer_cell(line, form, &record->answers[source.item], source);
    }
    end_line(line);
}

bool export_records_csv(FILE *file, const struct export_batch *batch, struct error *err)
{
    struct table table = table_make(batch);
    struct line line = {.file = file};
    for (size_t k = 0; k < LEADING_COUNT; k++)
        cell(&line, leading[k]);
    for (guint c = 0; c < table.names->len; c++)
        cell(&line, g_ptr_array_index(table.names, c));
    end_line(&line);
    for (size_t r = 0; r < batch->record->return_count && !ferror(file); r++)
        record_row(&line, &table, batch, &batch->record->returns[r]);
    table_release(&table);
    return file_is_written(file, "records.csv", err);
}

/* ---- flags.csv ---------------------------------------------------------------------------- */

static void flag_row(struct line *line, const struct export_batch *batch,
                     const struct return_record *record, const struct flag_entry *flag)
{
    const struct page_result *result =
        flag->result == SIZE_MAX ? NULL : &batch->results[flag->result];
    const struct form *form = record != NULL   ? batch->forms[record->form]
                              : result != NULL ? result_form(batch, result)
                                               : NULL;
    cell(line, record != NULL   ? record->reference
               : result != NULL ? result_reference(result)
                                : NULL);
    cell(line, form == NULL ? NULL : form->id);
    foreign_cell(line, result == NULL ? "" : result->source);
    if (result != NULL && result->image >= 0)
        number_cell(line, result->image + 1);
    else
        cell(line, NULL);
    if (result != NULL && form != NULL)
        number_cell(line, form->pages[result->placed.known.page].number);
    else
        cell(line, NULL);
    bool has_item = form != NULL && flag->item != SIZE_MAX;
    cell(line, has_item ? form->items[flag->item].name : NULL);
    cell(line, has_item && flag->option != SIZE_MAX
                   ? item_question(form, flag->item)->options[flag->option].code
                   : NULL);
    cell(line, flag_code(flag->flag));
    bool has_detail = flag->detail != NULL && flag->detail[0] != '\0';
    char *sentence = has_detail
                         ? g_strdup_printf("%s (%s)", flag_sentence(flag->flag), flag->detail)
                         : g_strdup(flag_sentence(flag->flag));
    cell(line, sentence);
    cell(line, flag_advice(flag->flag));
    g_free(sentence);
    end_line(line);
}

bool export_flags_csv(FILE *file, const struct export_batch *batch, struct error *err)
{
    static const char *const header[] = {"return",   "form",  "source", "image",    "page",
                                         "question", "value", "reason", "sentence", "advice"};
    struct line line = {.file = file};
    for (size_t k = 0; k < sizeof header / sizeof *header; k++)
        cell(&line, header[k]);
    end_line(&line);
    const struct batch_record *record = batch->record;
    for (size_t f = 0; f < record->flag_count && !ferror(file); f++)
        flag_row(&line, batch, NULL, &record->flags[f]);
    for (size_t r = 0; r < record->return_count && !ferror(file); r++)
        for (size_t f = 0; f < record->returns[r].flag_count; f++)
            flag_row(&line, batch, &record->returns[r], &record->returns[r].flags[f]);
    return file_is_written(file, "flags.csv", err);
}
