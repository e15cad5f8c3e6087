/* Loads profiles of people, paper and scanners from YAML. */
#include "proof/profile.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

const char *const profile_names[] = {"clean", "office", "fax", "grey", "awful", NULL};

#define X(name) #name,
const char *const pen_names[PEN_COUNT] = {PROFILE_PENS(X)};
const char *const habit_names[HABIT_COUNT] = {PROFILE_HABITS(X)};
static const char *const mode_names[MODE_COUNT] = {PROFILE_MODES(X)};
static const char *const file_names[OUTPUT_COUNT] = {PROFILE_FILES(X)};
static const char *const border_names[BORDER_COUNT] = {PROFILE_BORDERS(X)};
static const char *const dpi_names[DPI_COUNT] = {PROFILE_DPIS(X)};
#undef X
#define X(name) name,
const double dpi_values[DPI_COUNT] = {PROFILE_DPIS(X)};
#undef X

#define BUILT_IN(X) X(clean) X(office) X(fax) X(grey) X(awful)
#define X(name) extern const char profile_##name##_yaml[], profile_##name##_yaml_end[];
BUILT_IN(X)
#undef X

struct named_draw {
    const char *section, *name;
    size_t offset;
};

static const struct named_draw draws[] = {
#define X(section, name, neutral, meaning)                                                         \
    {#section, #name, offsetof(struct profile, section##_##name)},
    PROFILE_DRAWS(X)
#undef X
};

struct named_choice {
    const char *section, *name;
    size_t offset;
    const char *const *names;
    size_t count;
};

static const struct named_choice choices[] = {
    {"people", "pen", offsetof(struct profile, pens), pen_names, PEN_COUNT},
    {"people", "habit", offsetof(struct profile, habits), habit_names, HABIT_COUNT},
    {"scanner", "mode", offsetof(struct profile, modes), mode_names, MODE_COUNT},
    {"scanner", "file", offsetof(struct profile, files), file_names, OUTPUT_COUNT},
    {"scanner", "border", offsetof(struct profile, borders), border_names, BORDER_COUNT},
    {"scanner", "dpi", offsetof(struct profile, dpis), dpi_names, DPI_COUNT},
};

struct loader {
    yaml_document_t document;
    const char *file;
    struct error *err;
};

static bool at(const struct loader *l, const yaml_node_t *node, const char *trouble)
{
    return error_set(l->err, "%s:%zu:%zu: %s", l->file, node->start_mark.line + 1,
                     node->start_mark.column + 1, trouble);
}

static const char *scalar(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : "";
}

static bool number(double *out, struct loader *l, int index)
{
    const yaml_node_t *node = yaml_document_get_node(&l->document, index);
    const char *text = scalar(node);
    char *end = NULL;
    *out = strtod(text, &end);
    if (*text == '\0' || *end != '\0' || !isfinite(*out))
        return at(l, node, "a number was expected");
    return true;
}

/* 0.5 | [0.2, 0.8] | {chance: 0.1} | {chance: 0.1, range: 0.5 or [0.2, 0.8]} */
static bool range(struct draw *out, struct loader *l, int index)
{
    const yaml_node_t *node = yaml_document_get_node(&l->document, index);
    if (node->type != YAML_SEQUENCE_NODE) {
        bool fine = number(&out->from, l, index);
        out->to = out->from;
        return fine;
    }
    const yaml_node_item_t *items = node->data.sequence.items.start;
    if (node->data.sequence.items.top - items != 2)
        return at(l, node, "a range needs two numbers: [from, to]");
    if (!number(&out->from, l, items[0]) || !number(&out->to, l, items[1]))
        return false;
    return out->from <= out->to || at(l, node, "the range's first number is the larger one");
}

static bool draw_value(struct draw *out, struct loader *l, int index)
{
    const yaml_node_t *node = yaml_document_get_node(&l->document, index);
    out->chance = 1;
    if (node->type != YAML_MAPPING_NODE)
        return range(out, l, index);
    out->from = out->to = 1;
    out->chance = -1;
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = yaml_document_get_node(&l->document, pair->key);
        if (strcmp(scalar(key), "chance") == 0) {
            if (!number(&out->chance, l, pair->value))
                return false;
        } else if (strcmp(scalar(key), "range") == 0) {
            if (!range(out, l, pair->value))
                return false;
        } else {
            return at(l, key, "'chance' or 'range' was expected");
        }
    }
    if (!(out->chance >= 0 && out->chance <= 1))
        return at(l, node, "a 'chance' between 0 and 1 was expected");
    return true;
}

/* one name, or {name: weight, ...} */
static bool choice_value(double *weights, const struct named_choice *choice, struct loader *l,
                         int index)
{
    const yaml_node_t *node = yaml_document_get_node(&l->document, index);
    memset(weights, 0, choice->count * sizeof *weights);
    bool mapping = node->type == YAML_MAPPING_NODE;
    size_t pairs = mapping ? (size_t)(node->data.mapping.pairs.top -
                                      node->data.mapping.pairs.start)
                           : 1;
    double sum = 0;
    for (size_t i = 0; i < pairs; i++) {
        const yaml_node_pair_t *pair = mapping ? &node->data.mapping.pairs.start[i] : NULL;
        const yaml_node_t *key =
            pair == NULL ? node : yaml_document_get_node(&l->document, pair->key);
        size_t k = 0;
        while (k < choice->count && strcmp(choice->names[k], scalar(key)) != 0)
            k++;
        if (k == choice->count)
            return at(l, key, "this choice is not known here (see the comments in office.yaml)");
        weights[k] = 1;
        if (pair != NULL && !number(&weights[k], l, pair->value))
            return false;
        if (weights[k] < 0)
            return at(l, key, "a weight cannot be negative");
        sum += weights[k];
    }
    return sum > 0 || at(l, node, "at least one choice needs a weight over 0");
}

static bool parameter(struct profile *out, struct loader *l, const char *section,
                      const yaml_node_t *key, int value)
{
    for (size_t i = 0; i < sizeof draws / sizeof *draws; i++)
        if (strcmp(draws[i].section, section) == 0 && strcmp(draws[i].name, scalar(key)) == 0)
            return draw_value((struct draw *)((char *)out + draws[i].offset), l, value);
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        if (strcmp(choices[i].section, section) == 0 && strcmp(choices[i].name, scalar(key)) == 0)
            return choice_value((double *)((char *)out + choices[i].offset), &choices[i], l, // cppcheck-suppress invalidPointerCast
                                value);
    return at(l, key, "no such parameter in this section");
}

static bool section(struct profile *out, struct loader *l, const yaml_node_t *key, int value)
{
    const char *name = scalar(key);
    const yaml_node_t *node = yaml_document_get_node(&l->document, value);
    if (strcmp(name, "means") == 0) {
        snprintf(out->means, sizeof out->means, "%s", scalar(node));
        return true;
    }
    bool known = false;
    for (size_t i = 0; i < sizeof draws / sizeof *draws; i++)
        known = known || strcmp(draws[i].section, name) == 0;
    if (!known)
        return at(l, key, "'means', 'people', 'print', 'paper', 'scanner' or 'stack' was expected");
    if (node->type != YAML_MAPPING_NODE)
        return at(l, node, "parameters were expected here, one a line: 'name: value'");
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++)
        if (!parameter(out, l, name, yaml_document_get_node(&l->document, pair->key), pair->value))
            return false;
    return true;
}

static bool sections(struct profile *out, struct loader *l)
{
    const yaml_node_t *root = yaml_document_get_root_node(&l->document);
    if (root == NULL)
        return error_set(l->err, "%s: the file is empty", l->file);
    if (root->type != YAML_MAPPING_NODE)
        return at(l, root, "sections were expected: 'people:', 'scanner:', ...");
    for (const yaml_node_pair_t *pair = root->data.mapping.pairs.start;
         pair < root->data.mapping.pairs.top; pair++)
        if (!section(out, l, yaml_document_get_node(&l->document, pair->key), pair->value))
            return false;
    if (out->means[0] == '\0')
        return error_set(l->err, "%s: 'means' is missing: say in plain words what it stands for",
                         l->file);
    return true;
}

static bool parse(struct profile *out, yaml_parser_t *parser, const char *file, struct error *err)
{
    struct loader l = {.file = file, .err = err};
    if (!yaml_parser_load(parser, &l.document))
        return error_set(err, "%s:%zu:%zu: %s", file, parser->problem_mark.line + 1,
                         parser->problem_mark.column + 1,
                         parser->problem == NULL ? "this is not YAML" : parser->problem);
    bool fine = sections(out, &l);
    yaml_document_delete(&l.document);
    return fine;
}

static bool built_in(const char **text, const char **end, const char *name)
{
#define X(known)                                                                                   \
    if (strcmp(name, #known) == 0) {                                                               \
        *text = profile_##known##_yaml;                                                            \
        *end = profile_##known##_yaml_end;                                                         \
        return true;                                                                               \
    }
    BUILT_IN(X)
#undef X
    return false;
}

static void set_neutral(struct profile *out, const char *name)
{
    memset(out, 0, sizeof *out);
    snprintf(out->name, sizeof out->name, "%s", name);
#define X(section, name, neutral_size, meaning)                                                    \
    out->section##_##name =                                                                        \
        (struct draw){.chance = 0, .from = neutral_size, .to = neutral_size, .neutral = neutral_size};
    PROFILE_DRAWS(X)
#undef X
    out->pens[PEN_ball] = out->habits[HABIT_cross] = out->modes[MODE_grey] = 1;
    out->files[OUTPUT_tiff] = out->borders[BORDER_white] = out->dpis[DPI_300] = 1;
}

bool profile_load(struct profile *out, const char *name, struct error *err)
{
    const char *text, *end;
    yaml_parser_t parser;
    FILE *file = NULL;
    bool is_path = strchr(name, '/') != NULL || strstr(name, ".yaml") != NULL;
    set_neutral(out, name);
    if (is_path) {
        file = fopen(name, "rb");
        if (file == NULL)
            return error_set(err, "%s: %s", name, strerror(errno));
    } else if (!built_in(&text, &end, name)) {
        return error_set(err, "there is no profile '%s': use clean, office, fax, grey, awful, or "
                              "the path of a file ending in .yaml", name);
    }
    if (!yaml_parser_initialize(&parser))
        error_die("no memory for reading %s", name);
    if (file != NULL)
        yaml_parser_set_input_file(&parser, file);
    else
        yaml_parser_set_input_string(&parser, (const unsigned char *)text, (size_t)(end - text));
    bool fine = parse(out, &parser, name, err);
    yaml_parser_delete(&parser);
    if (file != NULL)
        fclose(file);
    return fine;
}

bool profile_happens(double *size, const struct draw *draw, struct random *r)
{
    /* Always three numbers from the stream, so that a chance changed in one place moves nothing
     * else. */
    double luck = random_unit(r), drawn = random_middle(r, draw->from, draw->to);
    *size = drawn;
    return luck < draw->chance;
}

double profile_draw(const struct draw *draw, struct random *r)
{
    double size;
    return profile_happens(&size, draw, r) ? size : draw->neutral;
}
