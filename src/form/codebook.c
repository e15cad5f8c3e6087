/* The codebook: what each variable and each code of the data means, as a table. */
#include "form/codebook.h"

#include <stdio.h>
#include <string.h>

#include "form/file.h"
#include "form/words.h"

/* A CSV field after a comma (or first in its line); quoted where RFC 4180 asks for it. */
static void add_field(struct text *out, const char *value, bool first)
{
    if (!first)
        text_add(out, ",");
    if (value == NULL)
        return;
    if (strpbrk(value, ",\"\r\n") == NULL) {
        text_add(out, value);
        return;
    }
    text_add(out, "\"");
    for (const char *c = value; *c != '\0'; c++)
        text_add_bytes(out, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
    text_add(out, "\"");
}

struct row {
    const char *variable, *number, *text, *kind, *code, *meaning, *go_to;
    bool critical;
};

static void add_row(struct text *out, const struct row *row)
{
    add_field(out, row->variable, true);
    add_field(out, row->number, false);
    add_field(out, row->text, false);
    add_field(out, row->kind, false);
    add_field(out, row->critical ? "yes" : "", false);
    add_field(out, row->code, false);
    add_field(out, row->meaning, false);
    add_field(out, row->go_to, false);
    text_add(out, "\r\n");
}

static void add_item(struct text *out, const struct form *form, const struct item *item)
{
    const struct question *question = &form->questions[item->question];
    const char *row_text = question->row_count > 0 ? question->rows[item->row].text : NULL;
    struct text text;
    text_init(&text);
    text_addf(&text, "%s%s%s", question->text, row_text == NULL ? "" : " - ",
              row_text == NULL ? "" : row_text);
    struct row row = {.variable = item->name,
                      .number = question->number,
                      .text = text.data,
                      .kind = question_kind_words[question->kind],
                      .critical = item->critical};
    for (size_t i = 0; i < question->option_count; i++) {
        const struct option *option = &question->options[i];
        row.code = option->code;
        row.meaning = option->label;
        row.go_to = option->go_to != NULL ? option->go_to : question->go_to;
        add_row(out, &row);
    }
    if (question->option_count == 0) {
        char range[64] = "";
        if (question->has_range)
            snprintf(range, sizeof range, "%ld to %ld", question->minimum, question->maximum);
        row.meaning = range;
        row.go_to = question->go_to;
        add_row(out, &row);
    }
    text_release(&text);
}

void codebook_write(struct text *out, const struct form *form)
{
    const struct policy *policy = &form->policy;
    text_add(out, "variable,number,question,kind,critical,code,meaning,goto\r\n");
    for (size_t i = 0; i < form->item_count; i++)
        add_item(out, form, &form->items[i]);
    add_row(out, &(struct row){.variable = "*", .code = policy->missing_code,
                               .meaning = "should have answered but did not"});
    add_row(out, &(struct row){.variable = "*", .code = policy->routed_past_code,
                               .meaning = "rightly skipped"});
    add_row(out, &(struct row){.variable = "*", .code = policy->implausible_code,
                               .meaning = "implausible: several codes or out of range"});
    if (policy->multiple_code != NULL)
        add_row(out, &(struct row){.variable = "*", .code = policy->multiple_code,
                                   .meaning = "several boxes marked where one is allowed"});
}

bool codebook_save(const struct form *form, const char *path, struct error *err)
{
    struct text text;
    text_init(&text);
    codebook_write(&text, form);
    bool fine = file_write_whole(path, text.data, text.length, err);
    text_release(&text);
    return fine;
}
