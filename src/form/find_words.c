/* Words of a page as lines of print, and the question numbers among them. */
#include "form/find_internal.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/geometry.h"

/* Words further apart than this many times their height belong to different lines of print. */
#define WORD_GAP_HEIGHTS 1.1
#define RULE_MM_MIN 60.0 /* long enough to part questions */
#define RULE_THICK_MM_MAX 2.0
/* A number set off from its text by a tab, as question numbers are. */
#define TAB_HEIGHTS 0.5
/* and this many times what parts the other words of its line (their median): 4.4 to 5.2 times before 15 questions of
 * the own form's PDF, 1.1 to 1.7 times before six labels of two scans that begin with it ("1 or 2 times a week");
 * 2026-12-01, both printed out while blanks were imported */
#define TAB_GAPS 2.0
#define WORDS_TOLD 32 /* of a line: enough to tell what is usual in it */
/* Print this close to the right of a box is its label. */
#define LABEL_GAP_MM 4.0
/* From a number to the bubbles of its row, and between them. */
#define BUBBLE_GAP_MM 15.0

static const struct find_word *word_at(const struct text_map *map, size_t i)
{
    return &map->page->words[map->order[i]];
}

bool text_is_code(const char *text)
{
    size_t digits = 0;
    for (const char *c = text; *c != '\0'; c++) {
        if (isdigit((unsigned char)*c))
            digits++;
        else if (strchr("().[]", *c) == NULL)
            return false;
    }
    return digits >= 1 && digits <= 3;
}

bool text_is_leader(const char *text)
{
    /* "..." and "_" and U+2026; what has a letter or figure is text */
    for (const char *c = text; *c != '\0'; c++)
        if (isalnum((unsigned char)*c))
            return false;
    return strspn(text, "._-\xe2\x80\xa6") == strlen(text);
}

/* ---- lines ---------------------------------------------------------------------------------- */

struct placed_word {
    size_t index;
    double middle, x, height;
};

static int by_middle(const void *a, const void *b)
{
    const struct placed_word *p = a, *q = b;
    if (p->middle != q->middle)
        return p->middle < q->middle ? -1 : 1;
    return (p->x > q->x) - (p->x < q->x);
}

static int by_x(const void *a, const void *b)
{
    const struct placed_word *p = a, *q = b;
    return (p->x > q->x) - (p->x < q->x);
}

static bool in_a_box(const GArray *found, struct rect word)
{
    struct point c = rect_centre(word);
    for (guint i = 0; i < found->len; i++) {
        const struct found *f = &g_array_index(found, struct found, i);
        if (f->kind == FOUND_BOX && c.x > f->px.x && c.x < f->px.x + f->px.w && c.y > f->px.y &&
            c.y < f->px.y + f->px.h)
            return true;
    }
    return false;
}

static bool box_between(const GArray *found, double x0, double x1, double y)
{
    for (guint i = 0; i < found->len; i++) {
        const struct found *f = &g_array_index(found, struct found, i);
        double middle = f->px.x + f->px.w / 2;
        if (middle > x0 && middle < x1 && y > f->px.y && y < f->px.y + f->px.h)
            return true;
    }
    return false;
}

/* One row of words, sorted by x, becomes lines wherever there is a gap or a box. */
static void add_row(struct text_map *map, const GArray *found, const struct placed_word *row,
                    size_t count, size_t first)
{
    struct text_line line = {0};
    for (size_t i = 0; i < count; i++) {
        struct rect r = map->page->words[row[i].index].px;
        double end = line.px.x + line.px.w;
        map->order[first + i] = row[i].index;
        if (line.count > 0 && (r.x - end > WORD_GAP_HEIGHTS * fmax(r.h, line.px.h) ||
                               box_between(found, end - 2, r.x + 2, r.y + r.h / 2))) {
            g_array_append_val(map->lines, line);
            line.count = 0;
        }
        if (line.count == 0) {
            line = (struct text_line){.px = r, .first = first + i};
        } else {
            double y1 = fmax(line.px.y + line.px.h, r.y + r.h);
            line.px.w = fmax(end, r.x + r.w) - line.px.x;
            line.px.y = fmin(line.px.y, r.y);
            line.px.h = y1 - line.px.y;
        }
        line.count++;
    }
    if (line.count > 0)
        g_array_append_val(map->lines, line);
}

static void make_lines(struct text_map *map, const GArray *found)
{
    size_t count = 0, done = 0;
    struct placed_word *words = g_new0(struct placed_word, map->page->word_count + 1);
    for (size_t i = 0; i < map->page->word_count; i++) {
        struct rect r = map->page->words[i].px;
        if (!in_a_box(found, r))
            words[count++] = (struct placed_word){i, r.y + r.h / 2, r.x, r.h};
    }
    qsort(words, count, sizeof *words, by_middle);
    for (size_t i = 0; i < count; i = done) {
        while (done < count && words[done].middle - words[i].middle < 0.35 * words[i].height)
            done++;
        qsort(words + i, done - i, sizeof *words, by_x);
        add_row(map, found, words + i, done - i, i);
    }
    g_free(words);
}

/* ---- question numbers ----------------------------------------------------------------------- */

/* "12", "12.", "4a)", "Q7", "D." -> the number without punctuation; NULL where it is none. */
static const char *parse_number(struct arena *arena, const char *text, bool *is_bare)
{
    const char *c = text;
    if ((*c == 'Q' || *c == 'q') && isdigit((unsigned char)c[1]))
        c++;
    const char *begin = c;
    while (isdigit((unsigned char)*c))
        c++;
    size_t digits = (size_t)(c - begin), letters = 0;
    while (isalpha((unsigned char)*c)) {
        c++;
        letters++;
    }
    size_t length = (size_t)(c - begin), marks = strspn(c, ".):");
    if (c[marks] != '\0' || digits > 3 || letters > 1 || digits + letters == 0 ||
        (digits == 0 && marks == 0))
        return NULL;
    *is_bare = marks == 0 && begin == text;
    return arena_strndup(arena, begin, length);
}

static bool box_follows(const GArray *found, struct rect number)
{
    double middle = number.y + number.h / 2;
    for (guint i = 0; i < found->len; i++) {
        const struct found *f = &g_array_index(found, struct found, i);
        struct rect r = f->px;
        double gap = r.x - (number.x + number.w);
        /* a bubble with a letter of its own needs no code: the number is its question's */
        if (gap > -2 && gap < FIND_PX(3.5) && middle > r.y && middle < r.y + r.h &&
            !f->is_printed_in)
            return true;
    }
    return false;
}

/* A label begins with it: "[ ] 1. Yes", "( ) D. Doe". */
static bool box_precedes(const GArray *found, struct rect number)
{
    double middle = number.y + number.h / 2;
    for (guint i = 0; i < found->len; i++) {
        const struct found *f = &g_array_index(found, struct found, i);
        double gap = number.x - (f->px.x + f->px.w);
        if (f->kind == FOUND_BOX && gap > -2 && gap < FIND_PX(LABEL_GAP_MM) &&
            middle > f->px.y && middle < f->px.y + f->px.h)
            return true;
    }
    return false;
}

/* A number that nothing but a row of boxes follows, as on a bubble sheet. */
static bool row_follows(const GArray *found, struct rect number)
{
    double middle = number.y + number.h / 2, end = number.x + number.w + FIND_PX(BUBBLE_GAP_MM);
    int count = 0;
    for (guint i = 0; i < found->len; i++) { /* sorted by rows, left to right */
        const struct found *f = &g_array_index(found, struct found, i);
        if (f->kind != FOUND_BOX || middle < f->px.y || middle > f->px.y + f->px.h ||
            f->px.x < number.x || f->px.x > end)
            continue;
        count++;
        end = f->px.x + f->px.w + FIND_PX(BUBBLE_GAP_MM);
    }
    return count >= 2;
}

/* The line that goes on in the same row after this one, within `most`; SIZE_MAX = none. */
static size_t line_after(const struct text_map *map, size_t line, double most)
{
    struct rect a = g_array_index(map->lines, struct text_line, line).px;
    size_t best = SIZE_MAX;
    double best_gap = most;
    for (guint i = 0; i < map->lines->len; i++) {
        struct rect b = g_array_index(map->lines, struct text_line, i).px;
        double gap = b.x - (a.x + a.w);
        if (i != line && gap > 0 && gap < best_gap &&
            find_overlap(a.y, a.y + a.h, b.y, b.y + b.h) > 0.4 * fmin(a.h, b.h)) {
            best = i;
            best_gap = gap;
        }
    }
    return best;
}

/* Are figures all that this line says from its word `from` on: "7   8   9" over a scale? */
static bool is_only_codes(const struct text_map *map, size_t line, size_t from)
{
    const struct text_line *l = &g_array_index(map->lines, struct text_line, line);
    for (size_t w = from; w < l->count; w++)
        if (!text_is_code(word_at(map, l->first + w)->text))
            return false;
    return true;
}

/* Is print that is more than figures in the row of the number, so that it may be a question's? */
static bool has_text(const struct text_map *map, size_t line)
{
    if (g_array_index(map->lines, struct text_line, line).count > 1)
        return !is_only_codes(map, line, 1);
    size_t after = line_after(map, line, FIND_PX(14));
    return after != SIZE_MAX && !is_only_codes(map, after, 0);
}

/* What parts the word from the one after it; INFINITY: it is the line's last. */
static double gap_after(const struct text_map *map, const struct text_line *line, size_t w)
{
    if (w + 1 >= line->count)
        return INFINITY;
    struct rect r = word_at(map, line->first + w)->px;
    return word_at(map, line->first + w + 1)->px.x - (r.x + r.w);
}

/* Is the first word of the line set off from its text? */
static bool is_set_off(const struct text_map *map, const struct text_line *line)
{
    double gap = gap_after(map, line, 0), usual = 0, gaps[WORDS_TOLD];
    size_t count = 0;
    for (size_t w = 1; w + 1 < line->count && count < WORDS_TOLD; w++)
        gaps[count++] = gap_after(map, line, w);
    if (count > 0)
        usual = median_of(gaps, count);
    return gap >= TAB_HEIGHTS * word_at(map, line->first)->px.h && gap >= TAB_GAPS * usual;
}

static void find_anchors(struct text_map *map, struct arena *arena, const GArray *found)
{
    for (guint i = 0; i < map->lines->len; i++) {
        const struct text_line *line = &g_array_index(map->lines, struct text_line, i);
        const struct find_word *word = word_at(map, line->first);
        bool is_bare;
        const char *number = parse_number(arena, word->text, &is_bare);
        if (number == NULL || box_follows(found, word->px) || box_precedes(found, word->px))
            continue;
        double gap;
        if (isalpha((unsigned char)number[0]) &&
            text_map_beside(&gap, map, word->px, -1, FIND_PX(5)) != NULL)
            continue; /* an initial: "Phyllis A. Carlson" */
        if (!has_text(map, i) &&
            !(isdigit((unsigned char)number[0]) && row_follows(found, word->px)))
            continue; /* no text belongs to it */
        if (is_bare && !is_set_off(map, line))
            continue; /* "12 months" */
        struct anchor anchor = {.px = word->px, .number = number, .line = i};
        g_array_append_val(map->anchors, anchor);
    }
}

/* ---- rules ---------------------------------------------------------------------------------- */

/* Looked for at a quarter of the size, which is fine enough for where they lie. */
static void find_rules(struct text_map *map)
{
    PIX *small = pixReduceRankBinaryCascade(map->page->plate, 1, 1, 0, 0);
    PIX *level = small == NULL ? NULL
                               : pixOpenBrick(NULL, small, (int)(FIND_PX(RULE_MM_MIN) / 4), 1);
    BOXA *boxes = level == NULL ? NULL : pixConnCompBB(level, 8);
    if (boxes == NULL)
        error_die("out of memory while looking for rules");
    for (l_int32 i = 0; i < boxaGetCount(boxes); i++) {
        l_int32 x, y, w, h;
        boxaGetBoxGeometry(boxes, i, &x, &y, &w, &h);
        struct rect rule = {4 * x, 4 * y, 4 * w, 4 * h};
        if (rule.h <= FIND_PX(RULE_THICK_MM_MAX))
            g_array_append_val(map->rules, rule);
    }
    boxaDestroy(&boxes);
    pixDestroy(&level);
    pixDestroy(&small);
}

/* ---- reading -------------------------------------------------------------------------------- */

void text_map_init(struct text_map *map, struct arena *arena, const struct find_page *page,
                   const GArray *found)
{
    map->page = page;
    map->order = g_new0(size_t, page->word_count + 1);
    map->lines = g_array_new(FALSE, FALSE, sizeof(struct text_line));
    map->anchors = g_array_new(FALSE, FALSE, sizeof(struct anchor));
    map->rules = g_array_new(FALSE, FALSE, sizeof(struct rect));
    find_rules(map);
    make_lines(map, found);
    find_anchors(map, arena, found);
}

void text_map_release(struct text_map *map)
{
    g_free(map->order);
    g_array_free(map->lines, TRUE);
    g_array_free(map->anchors, TRUE);
    g_array_free(map->rules, TRUE);
}

void text_map_read(GString *out, const struct text_map *map, struct rect area)
{
    for (guint i = 0; i < map->lines->len; i++) {
        const struct text_line *line = &g_array_index(map->lines, struct text_line, i);
        if (line->px.y > area.y + area.h || line->px.y + line->px.h < area.y)
            continue;
        for (size_t w = 0; w < line->count; w++) {
            const struct find_word *word = word_at(map, line->first + w);
            struct point c = rect_centre(word->px);
            if (c.x < area.x || c.x > area.x + area.w || c.y < area.y || c.y > area.y + area.h ||
                text_is_leader(word->text))
                continue;
            if (out->len > 0)
                g_string_append_c(out, ' ');
            g_string_append(out, word->text);
        }
    }
}

const struct find_word *text_map_beside(double *gap, const struct text_map *map, struct rect px,
                                        int side, double most)
{
    const struct find_word *best = NULL;
    double middle = px.y + px.h / 2, slack = 0.2 * px.h;
    *gap = most;
    for (size_t i = 0; i < map->page->word_count; i++) {
        const struct find_word *word = &map->page->words[i];
        struct rect r = word->px;
        if (r.y > middle + slack || r.y + r.h < middle - slack || text_is_leader(word->text))
            continue;
        double d = side > 0 ? r.x - (px.x + px.w) : px.x - (r.x + r.w);
        if (d > -0.35 * px.w && d < *gap) {
            *gap = d;
            best = word;
        }
    }
    return best;
}

bool text_map_crosses(const struct text_map *map, double x, double y0, double y1)
{
    for (guint i = 0; i < map->lines->len; i++) {
        struct rect r = g_array_index(map->lines, struct text_line, i).px;
        double middle = r.y + r.h / 2;
        if (middle > y0 && middle < y1 && r.x < x - FIND_PX(1) && r.x + r.w > x + FIND_PX(1))
            return true;
    }
    return false;
}
