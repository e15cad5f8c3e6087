/* A YAML document with positions and limits. */
#include "form/yaml_input.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

/* The deepest that a form file goes is 7 (section, question, option and their lists). */
#define DEPTH_MAX 16
#define BYTES_MAX (8u << 20)
/* Twice the largest file: enough for honest sharing by aliases, too little for a bomb. */
#define BUDGET (2u * BYTES_MAX)

static bool fail_at(const char *name, yaml_mark_t mark, struct error *err, const char *message)
{
    return error_set(err, "%s:%zu:%zu: %s", name, mark.line + 1, mark.column + 1, message);
}

static bool parser_failed(const char *name, const yaml_parser_t *parser, struct error *err)
{
    char message[600];
    yaml_mark_t mark = parser->problem_mark;
    if (parser->error == YAML_READER_ERROR) {
        /* The reader knows the byte, not the line. */
        return error_set(err, "%s: expected UTF-8 text but byte %zu is not (%s)", name,
                         parser->problem_offset + 1,
                         parser->problem == NULL ? "unreadable" : parser->problem);
    }
    if (parser->error == YAML_MEMORY_ERROR)
        error_die("out of memory while reading %s", name);
    snprintf(message, sizeof message, "expected YAML, but %s%s%s",
             parser->problem == NULL ? "it cannot be parsed" : parser->problem,
             parser->context == NULL ? "" : " ", parser->context == NULL ? "" : parser->context);
    return fail_at(name, mark, err, message);
}

static void start(yaml_parser_t *parser, const char *bytes, size_t length)
{
    if (!yaml_parser_initialize(parser))
        error_die("out of memory");
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(parser, (const unsigned char *)bytes, length);
}

/* Walks the events first: depth is known before anything recurses, and there is one document. */
static bool scan_events(const char *name, const char *bytes, size_t length, struct error *err)
{
    yaml_parser_t parser;
    yaml_event_t event;
    int depth = 0, documents = 0;
    bool fine = true, done = false;
    start(&parser, bytes, length);
    while (fine && !done) {
        if (!yaml_parser_parse(&parser, &event)) {
            fine = parser_failed(name, &parser, err);
            break;
        }
        if (event.type == YAML_MAPPING_START_EVENT || event.type == YAML_SEQUENCE_START_EVENT) {
            if (++depth > DEPTH_MAX)
                fine = fail_at(name, event.start_mark, err,
                               "expected lists and mappings at most 16 deep, but this goes deeper");
        } else if (event.type == YAML_MAPPING_END_EVENT || event.type == YAML_SEQUENCE_END_EVENT) {
            depth--;
        } else if (event.type == YAML_DOCUMENT_START_EVENT && ++documents > 1) {
            fine = fail_at(name, event.start_mark, err,
                           "expected one YAML document but a second one starts here");
        }
        done = event.type == YAML_STREAM_END_EVENT;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return fine;
}

bool yaml_input_parse(struct yaml_input *out, const char *name, const char *bytes, size_t length,
                      struct error *err)
{
    *out = (struct yaml_input){.name = name, .budget = BUDGET};
    if (length > BYTES_MAX)
        return error_set(err, "%s: expected a form file of at most %u MB but it has %zu bytes",
                         name, BYTES_MAX >> 20, length);
    if (length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) {
        bytes += 3; /* a byte order mark, as some editors write it */
        length -= 3;
    }
    if (!scan_events(name, bytes, length, err))
        return false;
    yaml_parser_t parser;
    start(&parser, bytes, length);
    bool fine = yaml_parser_load(&parser, &out->document) != 0;
    if (!fine)
        parser_failed(name, &parser, err);
    yaml_parser_delete(&parser);
    return fine;
}

void yaml_input_release(struct yaml_input *input)
{
    yaml_document_delete(&input->document);
}

const yaml_node_t *yaml_input_root(struct yaml_input *input)
{
    return yaml_document_get_root_node(&input->document);
}

bool yaml_input_fail(const struct yaml_input *input, const yaml_node_t *node, struct error *err,
                     const char *format, ...)
{
    char message[800];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    yaml_mark_t mark = {0};
    if (node != NULL)
        mark = node->start_mark;
    return fail_at(input->name, mark, err, message);
}

/* Writes what stands at the node for an error: short, on one line. */
static const char *quote(char *out, size_t size, const yaml_node_t *node)
{
    if (node->type == YAML_MAPPING_NODE || node->type == YAML_SEQUENCE_NODE) {
        snprintf(out, size, "%s", node->type == YAML_MAPPING_NODE ? "a mapping" : "a list");
        return out;
    }
    const char *value = (const char *)node->data.scalar.value;
    size_t length = node->data.scalar.length, kept = 0;
    if (length == 0) {
        snprintf(out, size, "nothing");
        return out;
    }
    while (kept < length && kept < 40 && kept + 8 < size)
        kept++;
    /* not in the middle of a UTF-8 sequence */
    while (kept > 0 && kept < length && ((unsigned char)value[kept] & 0xC0) == 0x80)
        kept--;
    snprintf(out, size, "'%.*s%s'", (int)kept, value, kept < length ? "..." : "");
    for (char *c = out; *c != '\0'; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            *c = ' ';
    return out;
}

static bool expected(const struct yaml_input *input, const yaml_node_t *node, const char *what,
                     const char *wanted, struct error *err)
{
    char found[80];
    return yaml_input_fail(input, node, err, "%s: expected %s but found %s", what, wanted,
                           quote(found, sizeof found, node));
}

static bool spend(struct yaml_input *input, const yaml_node_t *node, size_t cost, struct error *err)
{
    if (cost > input->budget)
        return yaml_input_fail(input, node, err,
                               "aliases make this file too large: write fewer of them");
    input->budget -= cost;
    return true;
}

static void list_keys(struct text *out, const struct yaml_key *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        text_addf(out, "%s%s", i == 0 ? "" : ", ", keys[i].name);
}

static bool unknown_key(struct yaml_input *input, const yaml_node_t *key, const char *what,
                        const struct yaml_key *keys, size_t count, struct error *err)
{
    struct text list;
    char found[80];
    text_init(&list);
    list_keys(&list, keys, count);
    yaml_input_fail(input, key, err, "%s: expected one of the keys %s but found %s", what,
                    list.data, quote(found, sizeof found, key));
    text_release(&list);
    return false;
}

bool yaml_input_map(const yaml_node_t **values, struct yaml_input *input, const yaml_node_t *node,
                    const char *what, const struct yaml_key *keys, size_t count, struct error *err)
{
    memset(values, 0, count * sizeof *values);
    if (node == NULL)
        return yaml_input_fail(input, NULL, err, "%s: expected a mapping but found nothing", what);
    if (node->type != YAML_MAPPING_NODE)
        return expected(input, node, what, "a mapping (key: value)", err);
    if (!spend(input, node, 1, err))
        return false;
    const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
    for (; pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = yaml_document_get_node(&input->document, pair->key);
        size_t i = count;
        if (key->type == YAML_SCALAR_NODE)
            for (i = 0; i < count; i++)
                if (strlen(keys[i].name) == key->data.scalar.length &&
                    memcmp(keys[i].name, key->data.scalar.value, key->data.scalar.length) == 0)
                    break;
        if (i == count)
            return unknown_key(input, key, what, keys, count, err);
        if (values[i] != NULL)
            return yaml_input_fail(input, key, err,
                                   "%s: expected the key '%s' once but found it twice", what,
                                   keys[i].name);
        values[i] = yaml_document_get_node(&input->document, pair->value);
    }
    for (size_t i = 0; i < count; i++)
        if (keys[i].required && values[i] == NULL)
            return yaml_input_fail(input, node, err, "%s: expected the key '%s' but it is missing",
                                   what, keys[i].name);
    return true;
}

bool yaml_input_list(size_t *count, struct yaml_input *input, const yaml_node_t *node,
                     const char *what, struct error *err)
{
    *count = 0;
    if (node->type != YAML_SEQUENCE_NODE)
        return expected(input, node, what, "a list (lines that begin with '-')", err);
    *count = (size_t)(node->data.sequence.items.top - node->data.sequence.items.start);
    return spend(input, node, *count + 1, err);
}

const yaml_node_t *yaml_input_element(struct yaml_input *input, const yaml_node_t *list,
                                      size_t index)
{
    return yaml_document_get_node(&input->document, list->data.sequence.items.start[index]);
}

static bool is_null(const yaml_node_t *node)
{
    if (node == NULL)
        return true;
    if (node->type != YAML_SCALAR_NODE || node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return false;
    const char *value = (const char *)node->data.scalar.value;
    return strcmp(value, "") == 0 || strcmp(value, "~") == 0 || strcmp(value, "null") == 0;
}

bool yaml_input_text(const char **out, struct yaml_input *input, struct arena *arena,
                     const yaml_node_t *node, const char *what, struct error *err)
{
    *out = NULL;
    if (is_null(node))
        return true;
    if (node->type != YAML_SCALAR_NODE)
        return expected(input, node, what, "text", err);
    const char *value = (const char *)node->data.scalar.value;
    size_t length = node->data.scalar.length;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)value[i];
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F)
            return yaml_input_fail(input, node, err,
                                   "%s: expected text but found the control character 0x%02x",
                                   what, c);
    }
    if (!spend(input, node, length + 1, err))
        return false;
    *out = arena_strndup(arena, value, length);
    return true;
}

static const char *scalar(const yaml_node_t *node)
{
    /* A NUL inside would cut the value short and let "1\0x" pass as 1. */
    if (node->type != YAML_SCALAR_NODE ||
        strlen((const char *)node->data.scalar.value) != node->data.scalar.length)
        return NULL;
    return (const char *)node->data.scalar.value;
}

bool yaml_input_bool(bool *out, struct yaml_input *input, const yaml_node_t *node, const char *what,
                     struct error *err)
{
    if (node == NULL)
        return true;
    const char *value = scalar(node);
    if (value != NULL && (strcasecmp(value, "true") == 0 || strcasecmp(value, "yes") == 0))
        *out = true;
    else if (value != NULL && (strcasecmp(value, "false") == 0 || strcasecmp(value, "no") == 0))
        *out = false;
    else
        return expected(input, node, what, "true or false", err);
    return true;
}

bool yaml_input_long(long *out, struct yaml_input *input, const yaml_node_t *node, const char *what,
                     long minimum, long maximum, struct error *err)
{
    if (node == NULL)
        return true;
    char wanted[80], *end = NULL;
    const char *value = scalar(node);
    errno = 0;
    long number = value == NULL ? 0 : strtol(value, &end, 10);
    if (value == NULL || end == value || *end != '\0' || errno != 0 || number < minimum ||
        number > maximum) {
        snprintf(wanted, sizeof wanted, "a whole number from %ld to %ld", minimum, maximum);
        return expected(input, node, what, wanted, err);
    }
    *out = number;
    return true;
}

bool yaml_input_double(double *out, struct yaml_input *input, const yaml_node_t *node,
                       const char *what, double minimum, double maximum, struct error *err)
{
    if (node == NULL)
        return true;
    char wanted[80], *end = NULL;
    const char *value = scalar(node);
    double number = value == NULL ? 0 : strtod(value, &end);
    if (value == NULL || end == value || *end != '\0' || !isfinite(number) || number < minimum ||
        number > maximum) {
        snprintf(wanted, sizeof wanted, "a number from %g to %g", minimum, maximum);
        return expected(input, node, what, wanted, err);
    }
    *out = number;
    return true;
}

bool yaml_input_choice(int *out, struct yaml_input *input, const yaml_node_t *node,
                       const char *what, const char *const *names, size_t count, struct error *err)
{
    if (node == NULL)
        return true;
    const char *value = scalar(node);
    for (size_t i = 0; value != NULL && i < count; i++)
        if (names[i] != NULL && strcmp(names[i], value) == 0) {
            *out = (int)i;
            return true;
        }
    struct text wanted;
    text_init(&wanted);
    for (size_t i = 0; i < count; i++)
        if (names[i] != NULL)
            text_addf(&wanted, "%s%s", wanted.length == 0 ? "one of " : ", ", names[i]);
    expected(input, node, what, wanted.data, err);
    text_release(&wanted);
    return false;
}
