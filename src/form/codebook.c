/* The codebook as CSV. */
#include "form/codebook.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "form/file.h"
#include "form/words.h"

static void add_value(struct text *out, const char *value, char end)
{
    if (value != NULL && strpbrk(value, ",\"\r\n") != NULL) {
        text_add(out, "\"");
        for (const char *c = value; *c != '\0'; c++)
            text_add_bytes(out, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
        text_add(out, "\"");
    } else if (value != NULL) {
        text_add(out, value);
    }
    text_add_bytes(out, &end, 1);
}

/* The page's number where the item is asked; 0 = nowhere. */
static int item_page(const struct form *form, size_t item)
{
    for (size_t p = 0; p < form->page_count; p++) {
        const struct template_page *page = &form->pages[p];
        for (size_t i = 0; i < page->box_count; i++)
            if (page->boxes[i].item == item)
                return page->number;
        for (size_t i = 0; i < page->field_count; i++)
            if (page->fields[i].item == item)
                return page->number;
    }
    return 0;
}

static const char *section_title(const struct form *form, size_t question)
{
    for (size_t s = 0; s < form->section_count; s++) {
        const struct section *section = &form->sections[s];
        if (question >= section->first_question &&
            question < section->first_question + section->question_count)
            return section->title;
    }
    return NULL;
}

static void add_line(struct text *out, const struct form *form, size_t item, const char *code,
                     const char *meaning, const char *value_kind, const char *go_to)
{
    const struct question *question = item_question(form, item);
    const char *row = question->kind == QUESTION_GRID
                          ? question->rows[form->items[item].row].text
                          : NULL;
    char page[16] = "";
    int number = item_page(form, item);
    if (number > 0)
        snprintf(page, sizeof page, "%d", number);
    add_value(out, form->items[item].name, ',');
    add_value(out, question->number, ',');
    add_value(out, page, ',');
    add_value(out, section_title(form, form->items[item].question), ',');
    add_value(out, question->text, ',');
    add_value(out, row, ',');
    add_value(out, question_kind_words[question->kind], ',');
    add_value(out, form->items[item].critical ? "yes" : "no", ',');
    add_value(out, code, ',');
    add_value(out, meaning, ',');
    add_value(out, value_kind, ',');
    add_value(out, go_to, '\n');
}

static void add_written(struct text *out, const struct form *form, size_t item)
{
    const struct question *question = item_question(form, item);
    char meaning[80] = "text as written";
    if (question->kind == QUESTION_DIGITS && question->has_range)
        snprintf(meaning, sizeof meaning, "number from %ld to %ld", question->minimum,
                 question->maximum);
    else if (question->kind == QUESTION_DIGITS)
        snprintf(meaning, sizeof meaning, "number of up to %d figures", question->cells);
    else if (question->kind == QUESTION_DATE)
        snprintf(meaning, sizeof meaning, "%s",
                 question->cells == 4   ? "year"
                 : question->cells == 6 ? "month and year"
                                        : "day, month and year");
    add_line(out, form, item, "", meaning, "written", question->go_to);
}

static void add_item(struct text *out, const struct form *form, size_t item)
{
    const struct question *question = item_question(form, item);
    for (size_t i = 0; i < question->option_count; i++) {
        const struct option *option = &question->options[i];
        add_line(out, form, item, option->code, option->label,
                 option->exclusive ? "exclusive" : "answer",
                 option->go_to != NULL ? option->go_to : question->go_to);
    }
    if (question->option_count == 0)
        add_written(out, form, item);
    const struct policy *policy = &form->policy;
    add_line(out, form, item, policy->missing_code, "not answered, though it should have been",
             "missing", NULL);
    add_line(out, form, item, policy->routed_past_code, "rightly skipped", "missing", NULL);
    if (policy->multiple_code != NULL && question->kind != QUESTION_SEVERAL &&
        question->option_count > 0)
        add_line(out, form, item, policy->multiple_code, "more than one answer where one is allowed",
                 "missing", NULL);
    add_line(out, form, item, policy->implausible_code, "more than one answer, or out of range",
             "missing", NULL);
}

bool codebook_write(const struct form *form, const char *path, struct error *err)
{
    struct text out;
    text_init(&out);
    text_add(&out, "variable,number,page,section,question,row,kind,critical,code,meaning,"
                   "code_kind,goto\n");
    for (size_t item = 0; item < form->item_count; item++)
        add_item(&out, form, item);
    bool fine = file_write_whole(path, out.data, out.length, err);
    text_release(&out);
    return fine;
}
