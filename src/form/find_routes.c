/* What the print says of where to go on ("Go to 12", "If No, skip to Q7") and of how to take back an
 * answer. All of it is a guess that a person confirms. */
#include "form/find_internal.h"

#include <string.h>

/* "go to question 12", "skip to Q7a", "continue at 4.", "go to the end". 1: the number; 2: the end */
#define ROUTE \
    "(?:please\\s+)?\\b(?:go|skip|continue|proceed|jump|move)\\s+" \
    "(?:(?:straight|directly|on|ahead|forward|now)\\s+)*(?:to|at|with)\\s+" \
    "(?:(?:the|question|no\\.|number|item)\\s+)*" \
    "(?:q(?:uestion)?\\.?\\s*)?(?:(\\d{1,3}\\s?[a-z]?)\\b|(end)\\b)"
/* Brackets, arrows and dashes around it. */
#define AROUND_LEFT "[\\s(\\[,;>=\\x{2013}\\x{2014}\\x{2190}-\\x{27bf}-]*"
#define AROUND_RIGHT "[\\s)\\].]*"
/* How far to the right of a box its routing may stand, where nothing else does. */
#define REACH_MM 75.0

static GRegex *make(const char *pattern)
{
    GRegex *regex = g_regex_new(pattern, G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, NULL);
    if (regex == NULL)
        error_die("a pattern of the finder is wrong");
    return regex;
}

/* "12", "7a" or "end"; the arena's. */
static const char *target(struct arena *arena, const GMatchInfo *info, int first)
{
    char *number = g_match_info_fetch(info, first), *end = g_match_info_fetch(info, first + 1);
    GString *text = g_string_new(NULL);
    for (const char *c = number; c != NULL && *c != '\0'; c++)
        if (!g_ascii_isspace(*c))
            g_string_append_c(text, g_ascii_tolower(*c));
    const char *result = end != NULL && *end != '\0' ? "end" : arena_strdup(arena, text->str);
    g_string_free(text, TRUE);
    g_free(number);
    g_free(end);
    return result;
}

/* The code printed before a box. */
#define CODE_MM 6.0

/* Where the next box or field to the right begins, with the code before it. */
static double room_right(const GArray *found, struct rect px)
{
    double limit = px.x + px.w + FIND_PX(REACH_MM);
    for (guint i = 0; i < found->len; i++) {
        const struct found *f = &g_array_index(found, struct found, i);
        struct rect r = f->px;
        bool with_code = f->kind == FOUND_BOX && f->value != NULL && !f->has_own_label;
        if (r.x > px.x + px.w / 2 && find_overlap(px.y, px.y + px.h, r.y, r.y + r.h) > 0)
            limit = MIN(limit, r.x - (with_code ? FIND_PX(CODE_MM) : 0));
    }
    return limit;
}

static void strip_label(struct arena *arena, struct found *f, GRegex *whole)
{
    GError *trouble = NULL;
    char *rest = g_regex_replace_literal(whole, f->label, -1, 0, " ", 0, &trouble);
    if (rest != NULL && *g_strstrip(rest) != '\0')
        f->label = arena_strdup(arena, rest);
    g_clear_error(&trouble);
    g_free(rest);
}

void find_routes(struct arena *arena, const struct text_map *map, GArray *found)
{
    GRegex *route = make(ROUTE), *whole = make(AROUND_LEFT ROUTE AROUND_RIGHT);
    for (guint i = 0; i < found->len; i++) {
        struct found *f = &g_array_index(found, struct found, i);
        GMatchInfo *info = NULL;
        if (f->kind != FOUND_BOX)
            continue;
        GString *text = g_string_new(f->label == NULL ? "" : f->label);
        double right = f->px.x + f->px.w;
        if (!g_regex_match(route, text->str, 0, NULL)) {
            g_string_truncate(text, 0);
            text_map_read(text, map, (struct rect){right, f->px.y - 0.1 * f->px.h,
                                                   room_right(found, f->px) - right,
                                                   1.2 * f->px.h});
        } else {
            char *label = g_strdup(f->label);
            strip_label(arena, f, whole);
            g_string_assign(text, label);
            g_free(label);
        }
        if (g_regex_match(route, text->str, 0, &info))
            f->go_to = target(arena, info, 1);
        g_match_info_free(info);
        g_string_free(text, TRUE);
    }
    g_regex_unref(route);
    g_regex_unref(whole);
}

/* ---- "If No, skip to Q7" ---------------------------------------------------------------------- */

/* The boxes under the same number whose label is this answer. */
static void send_on(const struct text_map *map, GArray *found, const struct anchor *anchor,
                    const char *answer, const char *go_to)
{
    for (guint i = 0; i < found->len; i++) {
        struct found *f = &g_array_index(found, struct found, i);
        if (f->kind == FOUND_BOX && f->label != NULL && f->go_to == NULL &&
            g_ascii_strcasecmp(f->label, answer) == 0 && find_anchor(map, f->px, false) == anchor)
            f->go_to = go_to;
    }
}

void find_conditions(struct arena *arena, const struct text_map *map, GArray *found)
{
    GRegex *condition =
        make("\\bif\\s+(?:you(?:r)?\\s+(?:have\\s+)?(?:answer(?:ed)?|ticked|crossed|said|chose)?\\s*"
             "(?:is|was)?\\s*)?[\"'\\x{2018}\\x{2019}\\x{201c}\\x{201d}]?([^\"',.\\x{2018}-\\x{201d}]+?)"
             "[\"'\\x{2018}\\x{2019}\\x{201c}\\x{201d}]?\\s*[,:.\\x{2013}-]?\\s*" ROUTE);
    for (guint i = 0; i < map->lines->len; i++) {
        const struct text_line *line = &g_array_index(map->lines, struct text_line, i);
        GMatchInfo *info = NULL;
        GString *text = g_string_new(NULL);
        text_map_read(text, map, line->px);
        const struct anchor *anchor = find_anchor(map, line->px, false);
        if (anchor != NULL && g_regex_match(condition, text->str, 0, &info)) {
            char *answer = g_match_info_fetch(info, 1);
            send_on(map, found, anchor, g_strstrip(answer), target(arena, info, 2));
            g_free(answer);
        }
        g_match_info_free(info);
        g_string_free(text, TRUE);
    }
    g_regex_unref(condition);
}

/* ---- correction ----------------------------------------------------------------------------- */

/* Shares of boxes that say what kind of form it is. */
static enum correction by_shape(const char **why, const struct given *given)
{
    size_t ovals = 0, all = 0;
    for (size_t p = 0; p < given->page_count; p++)
        for (size_t i = 0; i < given->pages[p].box_count; i++) {
            all++;
            ovals += given->pages[p].boxes[i].shape == BOX_OVAL;
        }
    if (2 * ovals > all) {
        *why = "most boxes are ovals, which are filled in to answer, as on ballots";
        return CORRECTION_NONE;
    }
    *why = "nothing printed says how a mistake is put right";
    return CORRECTION_FILL;
}

enum correction find_correction(const char **why, const struct given *given,
                                const struct find_page *pages, size_t page_count)
{
    /* "made a mistake ... fill in the box" and the like: within a sentence or two */
    GRegex *taken_back = make("(?:mistake|wrong box|change your (?:mind|answer)).{0,80}?"
                              "(?:fill|block|black|colou?r|shade|scribble)\\w*(?:\\s+\\w+){0,4}");
    GRegex *filled = make("(?:(?:fill|filled|darken|blacken|shade|colou?r)\\w*\\s+(?:in\\s+)?"
                          "(?:\\w+\\s+){0,3}(?:oval|bubble|circle|ellipse)s?"
                          "|(?:oval|bubble|circle)s?\\s+(?:\\w+\\s+){0,3}"
                          "(?:fill|darken|blacken|shade)\\w*)");
    GString *text = g_string_new(NULL);
    for (size_t p = 0; p < page_count; p++)
        for (size_t w = 0; w < pages[p].word_count; w++)
            g_string_append_printf(text, "%s ", pages[p].words[w].text);
    enum correction correction;
    if (g_regex_match(taken_back, text->str, 0, NULL)) {
        *why = "the instructions say that a mistake is filled in";
        correction = CORRECTION_FILL;
    } else if (g_regex_match(filled, text->str, 0, NULL)) {
        *why = "the instructions say that the answer is filled in";
        correction = CORRECTION_NONE;
    } else {
        correction = by_shape(why, given);
    }
    g_string_free(text, TRUE);
    g_regex_unref(taken_back);
    g_regex_unref(filled);
    return correction;
}
