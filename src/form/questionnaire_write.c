/* Model to form.yaml, by libyaml's emitter. */
#include "form/questionnaire.h"

#include <stdio.h>
#include <string.h>

#include <yaml.h>

#include "form/words.h"

#define LINE_WIDTH 100

struct writer {
    yaml_emitter_t emitter;
    bool printed_only; /* leaves out what stands on no paper */
    bool failed;
};

static int append(void *data, unsigned char *bytes, size_t length)
{
    text_add_bytes(data, (const char *)bytes, length);
    return 1;
}

/* Hands an event that was made to the emitter; after the first failure all else is skipped. */
static void emit(struct writer *w, yaml_event_t *event, int made)
{
    if (!made)
        error_die("out of memory while writing a form");
    if (w->failed)
        yaml_event_delete(event);
    else
        w->failed = !yaml_emitter_emit(&w->emitter, event); /* takes the event either way */
}

static void put_scalar(struct writer *w, const char *text, yaml_scalar_style_t style)
{
    yaml_event_t event;
    int made = yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text,
                                            (int)strlen(text), 1, 1, style);
    if (!made) {
        /* Not UTF-8: libyaml gives no event. */
        w->failed = true;
        return;
    }
    emit(w, &event, made);
}

static void begin_map(struct writer *w, bool on_one_line)
{
    yaml_event_t event;
    emit(w, &event,
         yaml_mapping_start_event_initialize(
             &event, NULL, NULL, 1,
             on_one_line ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE));
}

static void end_map(struct writer *w)
{
    yaml_event_t event;
    emit(w, &event, yaml_mapping_end_event_initialize(&event));
}

static void begin_list(struct writer *w, bool on_one_line)
{
    yaml_event_t event;
    emit(w, &event,
         yaml_sequence_start_event_initialize(
             &event, NULL, NULL, 1,
             on_one_line ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE));
}

static void end_list(struct writer *w)
{
    yaml_event_t event;
    emit(w, &event, yaml_sequence_end_event_initialize(&event));
}

static void put_word(struct writer *w, const char *key, const char *word)
{
    put_scalar(w, key, YAML_PLAIN_SCALAR_STYLE);
    put_scalar(w, word, YAML_PLAIN_SCALAR_STYLE);
}

/* Text is always quoted: "Yes", "null", "-99" and "" stay text for every reader of YAML. */
static void put_text(struct writer *w, const char *key, const char *text)
{
    if (text == NULL)
        return;
    put_scalar(w, key, YAML_PLAIN_SCALAR_STYLE);
    put_scalar(w, text, YAML_DOUBLE_QUOTED_SCALAR_STYLE);
}

static void put_number(struct writer *w, const char *key, long number)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%ld", number);
    put_word(w, key, digits);
}

static void put_double(struct writer *w, const char *key, double number)
{
    char digits[32];
    snprintf(digits, sizeof digits, "%.6g", number);
    put_word(w, key, digits);
}

static void put_true(struct writer *w, const char *key, bool value)
{
    if (value)
        put_word(w, key, "true");
}

static void put_policy(struct writer *w, const struct policy *p)
{
    put_scalar(w, "policy", YAML_PLAIN_SCALAR_STYLE);
    begin_map(w, false);
    put_word(w, "correction", correction_words[p->correction]);
    put_word(w, "multiple", case_rule_words[p->multiple]);
    put_text(w, "multiple_code", p->multiple_code);
    put_word(w, "between", case_rule_words[p->between]);
    put_word(w, "exclusive", case_rule_words[p->exclusive]);
    put_word(w, "withdrawn_only", case_rule_words[p->withdrawn_only]);
    put_text(w, "missing_code", p->missing_code);
    put_text(w, "routed_past_code", p->routed_past_code);
    put_text(w, "implausible_code", p->implausible_code);
    put_scalar(w, "accept", YAML_PLAIN_SCALAR_STYLE);
    begin_map(w, true);
    put_double(w, "box_error", p->box_error);
    put_double(w, "critical", p->critical_error);
    end_map(w);
    end_map(w);
}

static void put_notices(struct writer *w, const char *key, const struct notice *notices,
                        size_t count)
{
    if (count == 0)
        return;
    put_scalar(w, key, YAML_PLAIN_SCALAR_STYLE);
    begin_list(w, false);
    for (size_t i = 0; i < count; i++) {
        begin_map(w, false);
        put_text(w, "heading", notices[i].heading);
        put_text(w, "text", notices[i].text);
        end_map(w);
    }
    end_list(w);
}

static void put_options(struct writer *w, const struct question *q)
{
    if (q->option_count == 0)
        return;
    put_scalar(w, "options", YAML_PLAIN_SCALAR_STYLE);
    begin_list(w, false);
    for (size_t i = 0; i < q->option_count; i++) {
        const struct option *option = &q->options[i];
        begin_map(w, true);
        put_text(w, "code", option->code);
        put_text(w, "label", option->label);
        put_text(w, "goto", option->go_to);
        put_true(w, "exclusive", option->exclusive && !w->printed_only);
        end_map(w);
    }
    end_list(w);
}

static void put_rows(struct writer *w, const struct question *q)
{
    if (q->row_count == 0)
        return;
    put_scalar(w, "rows", YAML_PLAIN_SCALAR_STYLE);
    begin_list(w, false);
    for (size_t i = 0; i < q->row_count; i++) {
        begin_map(w, true);
        put_text(w, "name", q->rows[i].name);
        put_text(w, "text", q->rows[i].text);
        if (q->rows[i].critical != q->critical && !w->printed_only)
            put_word(w, "critical", q->rows[i].critical ? "true" : "false");
        end_map(w);
    }
    end_list(w);
}

static void put_question(struct writer *w, const struct question *q)
{
    begin_map(w, false);
    put_text(w, "name", q->name);
    put_text(w, "number", q->number == NULL ? "" : q->number);
    put_text(w, "text", q->text);
    put_text(w, "hint", q->hint);
    put_word(w, "kind", question_kind_words[q->kind]);
    put_true(w, "critical", q->critical && !w->printed_only);
    put_text(w, "goto", q->go_to);
    if (q->columns > 0)
        put_number(w, "columns", q->columns);
    if (q->cells > 0 || q->kind == QUESTION_DIGITS || q->kind == QUESTION_DATE)
        put_number(w, "cells", q->cells);
    if (q->has_range && !w->printed_only) {
        char digits[32];
        put_scalar(w, "range", YAML_PLAIN_SCALAR_STYLE);
        begin_list(w, true);
        snprintf(digits, sizeof digits, "%ld", q->minimum);
        put_scalar(w, digits, YAML_PLAIN_SCALAR_STYLE);
        snprintf(digits, sizeof digits, "%ld", q->maximum);
        put_scalar(w, digits, YAML_PLAIN_SCALAR_STYLE);
        end_list(w);
    }
    if (q->kind == QUESTION_COMMENT)
        put_number(w, "lines", q->lines);
    put_options(w, q);
    put_rows(w, q);
    end_map(w);
}

static void put_section(struct writer *w, const struct form *form, const struct section *section)
{
    begin_map(w, false);
    put_text(w, "title", section->title);
    put_text(w, "intro", section->intro);
    put_true(w, "new_page", section->new_page);
    put_scalar(w, "questions", YAML_PLAIN_SCALAR_STYLE);
    begin_list(w, false);
    for (size_t i = 0; i < section->question_count; i++)
        put_question(w, &form->questions[section->first_question + i]);
    end_list(w);
    end_map(w);
}

static void put_form(struct writer *w, const struct form *form)
{
    begin_map(w, false);
    put_text(w, "form", form->id);
    put_text(w, "code", form->code);
    put_text(w, "version", form->version);
    put_text(w, "title", form->title);
    put_text(w, "language", form->language);
    if (!w->printed_only)
        put_policy(w, &form->policy);
    put_notices(w, "cover", form->cover, form->cover_count);
    put_notices(w, "closing", form->closing, form->closing_count);
    put_scalar(w, "sections", YAML_PLAIN_SCALAR_STYLE);
    begin_list(w, false);
    for (size_t i = 0; i < form->section_count; i++)
        put_section(w, form, &form->sections[i]);
    end_list(w);
    end_map(w);
}

static bool write_form(struct text *out, const struct form *form, bool printed_only, struct error *err)
{
    struct writer writer = {.printed_only = printed_only};
    yaml_event_t event;
    if (!yaml_emitter_initialize(&writer.emitter))
        error_die("out of memory");
    yaml_emitter_set_output(&writer.emitter, append, out);
    yaml_emitter_set_unicode(&writer.emitter, 1);
    yaml_emitter_set_width(&writer.emitter, LINE_WIDTH);
    emit(&writer, &event, yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING));
    emit(&writer, &event, yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1));
    put_form(&writer, form);
    emit(&writer, &event, yaml_document_end_event_initialize(&event, 1));
    emit(&writer, &event, yaml_stream_end_event_initialize(&event));
    bool fine = !writer.failed && yaml_emitter_flush(&writer.emitter);
    if (!fine)
        error_set(err, "form '%s' cannot be written as YAML: %s", form->id,
                  writer.emitter.problem == NULL ? "a text in it is not UTF-8"
                                                 : writer.emitter.problem);
    yaml_emitter_delete(&writer.emitter);
    return fine;
}

bool questionnaire_write(struct text *out, const struct form *form, struct error *err)
{
    return write_form(out, form, false, err);
}

bool questionnaire_digest(char out[HASH_TEXT_BYTES], const struct form *form, struct error *err)
{
    struct text text;
    text_init(&text);
    bool fine = write_form(&text, form, true, err);
    if (fine)
        hash_bytes(out, text.data, text.length);
    text_release(&text);
    return fine;
}
