/* What is printed beside and over boxes. */
#include "form/find_internal.h"

#include <math.h>
#include <string.h>

#define LABEL_GAP_MM 9.0
#define CODE_GAP_MM 3.2
#define HEADER_REACH_MM 16.0
#define LABEL_LINES_MAX 4
#define AFTER_LAST_MM 14.0
#define BEFORE_FIRST_MM 45.0
#define OWN_LABEL_MAX 3 /* characters printed in a box */

struct neighbour {
    const struct find_word *word; /* NULL = none */
    double gap;
};

static const struct found *found_at(const GArray *found, guint i)
{
    return &g_array_index(found, struct found, i);
}

static bool in_row(struct rect a, struct rect b)
{
    return find_overlap(a.y, a.y + a.h, b.y, b.y + b.h) > 0.3 * fmin(a.h, b.h);
}

/* Where the next answer to the left or right in the row begins; the page's edge where none does. */
static double row_limit(const GArray *found, const struct text_map *map, struct rect px, int side)
{
    double limit = side > 0 ? pixGetWidth(map->page->plate) : 0;
    for (guint i = 0; i < found->len; i++) {
        struct rect r = found_at(found, i)->px;
        if (!in_row(px, r))
            continue;
        if (side > 0 && r.x > px.x + px.w / 2)
            limit = fmin(limit, r.x);
        if (side < 0 && r.x + r.w < px.x + px.w / 2)
            limit = fmax(limit, r.x + r.w);
    }
    return limit;
}

static struct neighbour neighbour(const GArray *found, const struct text_map *map, struct rect px,
                                  int side)
{
    double limit = row_limit(found, map, px, side);
    double room = side > 0 ? limit - (px.x + px.w) : px.x - limit;
    struct neighbour n;
    n.word = text_map_beside(&n.gap, map, px, side, fmin(FIND_PX(LABEL_GAP_MM), room));
    return n;
}

/* ---- text to one side ----------------------------------------------------------------------- */

/* The line of print that holds the point. */
static const struct text_line *line_at(const struct text_map *map, double x, double y)
{
    for (guint i = 0; i < map->lines->len; i++) {
        const struct text_line *line = &g_array_index(map->lines, struct text_line, i);
        if (x >= line->px.x - 1 && x <= line->px.x + line->px.w + 1 && y >= line->px.y - 2 &&
            y <= line->px.y + line->px.h + 2)
            return line;
    }
    return NULL;
}

/* The line right under this one that begins where it begins and stands in no answer's row. */
static const struct text_line *next_label_line(const struct text_map *map, const GArray *found,
                                               struct rect above, double x0)
{
    for (guint i = 0; i < map->lines->len; i++) {
        const struct text_line *line = &g_array_index(map->lines, struct text_line, i);
        double gap = line->px.y - (above.y + above.h);
        if (gap < -0.35 * above.h || gap > 0.6 * above.h || line->px.y <= above.y + 0.5 * above.h ||
            fabs(line->px.x - x0) > FIND_PX(1.3))
            continue;
        for (guint k = 0; k < found->len; k++) {
            struct rect r = found_at(found, k)->px;
            double middle = line->px.y + line->px.h / 2;
            double before = line->px.x - (r.x + r.w);
            if (middle > r.y && middle < r.y + r.h && before > -2 && before < FIND_PX(LABEL_GAP_MM))
                return NULL;
        }
        return line;
    }
    return NULL;
}

static const char *label_right(struct rect *label_px, struct arena *arena,
                               const struct text_map *map, const GArray *found, struct rect px,
                               const struct find_word *word)
{
    GString *text = g_string_new(NULL);
    double limit = row_limit(found, map, px, 1);
    struct point c = {word->px.x + 2, word->px.y + word->px.h / 2};
    const struct text_line *line = line_at(map, c.x, c.y);
    struct rect area = word->px;
    if (line != NULL)
        area = (struct rect){word->px.x - 2, line->px.y,
                             fmin(limit, line->px.x + line->px.w + 2) - word->px.x + 2,
                             line->px.h};
    double x0 = word->px.x;
    text_map_read(text, map, area);
    *label_px = area;
    for (int i = 1; i < LABEL_LINES_MAX && line != NULL; i++) {
        line = next_label_line(map, found, line->px, x0);
        if (line == NULL)
            break;
        text_map_read(text, map, line->px);
        label_px->h = line->px.y + line->px.h - label_px->y;
    }
    const char *label = arena_strdup(arena, text->str);
    g_string_free(text, TRUE);
    return label;
}

/* Everything between the box and the answer, the question number or the gap before it. */
static const char *label_left(struct rect *label_px, struct arena *arena,
                              const struct text_map *map, const GArray *found, struct rect px)
{
    double x0 = row_limit(found, map, px, -1), x1 = px.x, gap;
    struct rect at = px;
    const struct find_word *code = text_map_beside(&gap, map, px, -1, FIND_PX(CODE_GAP_MM));
    if (code != NULL && text_is_code(code->text))
        x1 = code->px.x;
    at.x = x1;
    const struct find_word *word = text_map_beside(&gap, map, at, -1, x1 - x0);
    if (word == NULL)
        return NULL;
    const struct text_line *line = line_at(map, word->px.x + 2, word->px.y + word->px.h / 2);
    if (line == NULL)
        return NULL;
    GString *text = g_string_new(NULL);
    *label_px = (struct rect){fmax(x0, line->px.x), line->px.y, x1 - fmax(x0, line->px.x),
                              line->px.h};
    text_map_read(text, map, *label_px);
    const char *label = text->len > 0 ? arena_strdup(arena, text->str) : NULL;
    g_string_free(text, TRUE);
    return label;
}

/* ---- all boxes ------------------------------------------------------------------------------ */

static bool is_code_beside(struct neighbour n)
{
    return n.word != NULL && n.gap < FIND_PX(CODE_GAP_MM) && text_is_code(n.word->text);
}

/* The side on which the labels of the page stand: 1 right, -1 left. */
static int usual_side(const struct text_map *map, const GArray *found)
{
    int vote = 0;
    for (guint i = 0; i < found->len; i++) {
        if (found_at(found, i)->kind != FOUND_BOX)
            continue;
        struct neighbour left = neighbour(found, map, found_at(found, i)->px, -1);
        struct neighbour right = neighbour(found, map, found_at(found, i)->px, 1);
        if (is_code_beside(left))
            left.word = NULL;
        if (right.word != NULL && (left.word == NULL || right.gap <= left.gap))
            vote++;
        else if (left.word != NULL)
            vote--;
    }
    return vote >= 0 ? 1 : -1;
}

/* Of answers in one row with print between them: when nothing is printed after the last one but
 * something before the first, the labels stand to the left (-1), however far; 0 = not told. */
static int side_of_row(const struct text_map *map, const GArray *found, struct rect px)
{
    const struct found *first = NULL, *last = NULL;
    double gap;
    int parted = 0, count = 0;
    for (guint i = 0; i < found->len; i++) {
        const struct found *f = found_at(found, i);
        if (!in_row(px, f->px))
            continue;
        if (f->kind != FOUND_BOX)
            return 0;
        double limit = row_limit(found, map, f->px, 1);
        first = first == NULL || f->px.x < first->px.x ? f : first;
        last = last == NULL || f->px.x > last->px.x ? f : last;
        parted += text_map_beside(&gap, map, f->px, 1, limit - (f->px.x + f->px.w)) != NULL;
        count++;
    }
    if (count < 2 || parted != count - 1)
        return 0;
    struct rect after = {last->px.x + last->px.w + FIND_PX(0.6), last->px.y,
                         FIND_PX(AFTER_LAST_MM), last->px.h};
    return find_ink(map->page->plate, after) <= 10 &&
                   text_map_beside(&gap, map, first->px, -1, FIND_PX(BEFORE_FIRST_MM)) != NULL
               ? -1
               : 0;
}

/* The figure or letter printed in a box is its label and value. */
static void take_own_label(struct found *f, struct arena *arena, const struct text_map *map,
                           const GArray *found)
{
    const char *own = NULL;
    for (size_t i = 0; i < map->page->word_count; i++) {
        const struct find_word *word = &map->page->words[i];
        struct point c = rect_centre(word->px);
        if (c.x < f->px.x || c.x > f->px.x + f->px.w || c.y < f->px.y || c.y > f->px.y + f->px.h)
            continue;
        own = own == NULL ? word->text : ""; /* more than one word: no label */
    }
    if (own == NULL || *own == '\0' || g_utf8_strlen(own, -1) > OWN_LABEL_MAX)
        return;
    f->label = f->value = own;
    f->has_own_label = true;
    f->row_text = label_left(&f->label_px, arena, map, found, f->px);
}

void find_labels(struct arena *arena, const struct text_map *map, GArray *found)
{
    int usual = usual_side(map, found);
    for (guint i = 0; i < found->len; i++) {
        struct found *f = &g_array_index(found, struct found, i);
        if (f->kind != FOUND_BOX)
            continue;
        if (f->is_printed_in)
            take_own_label(f, arena, map, found);
        if (f->has_own_label)
            continue;
        struct neighbour left = neighbour(found, map, f->px, -1);
        struct neighbour right = neighbour(found, map, f->px, 1);
        if (is_code_beside(left)) {
            char *digits = g_strdup(left.word->text);
            g_strcanon(digits, "0123456789", ' ');
            f->value = arena_strdup(arena, g_strstrip(digits));
            g_free(digits);
            left.word = NULL;
        }
        int side = side_of_row(map, found, f->px) < 0 ? -1 : usual;
        if (side > 0 && right.word == NULL)
            side = -1;
        if (side > 0)
            f->label = label_right(&f->label_px, arena, map, found, f->px, right.word);
        else
            f->label = label_left(&f->label_px, arena, map, found, f->px);
        if (f->label == NULL && side < 0 && right.word != NULL)
            f->label = label_right(&f->label_px, arena, map, found, f->px, right.word);
    }
}

/* ---- headers of columns --------------------------------------------------------------------- */

/* The lowest line of print over `area` that ends above `bottom`, no wider than a column's. */
static const struct text_line *line_over(const struct text_map *map, struct rect area,
                                         double bottom, double reach)
{
    const struct text_line *best = NULL;
    for (guint i = 0; i < map->lines->len; i++) {
        const struct text_line *line = &g_array_index(map->lines, struct text_line, i);
        double gap = bottom - (line->px.y + line->px.h);
        if (gap < -0.3 * line->px.h || gap > reach || line->px.y > bottom - 0.5 * line->px.h ||
            find_overlap(area.x, area.x + area.w, line->px.x, line->px.x + line->px.w) < 4)
            continue;
        if (best == NULL || line->px.y > best->px.y)
            best = line;
    }
    return best;
}

const char *find_header(struct arena *arena, const struct text_map *map, const GArray *found,
                        struct rect box, double pitch)
{
    double width = fmin(pitch, FIND_PX(40)), bottom = box.y, reach = FIND_PX(HEADER_REACH_MM);
    struct rect zone = {box.x + box.w / 2 - width / 2, 0, width, 0};
    const char *label = NULL;
    (void)found;
    for (int i = 0; i < LABEL_LINES_MAX; i++) {
        const struct text_line *line = line_over(map, zone, bottom, reach);
        if (line == NULL)
            break;
        GString *text = g_string_new(NULL);
        text_map_read(text, map, (struct rect){zone.x, line->px.y, zone.w, line->px.h});
        if (label != NULL)
            g_string_append_printf(text, " %s", label);
        bool fine = text->len > 0;
        /* A long line over all columns is the question, not a header. */
        if (line->px.w > 2.2 * pitch && label != NULL)
            fine = false;
        if (fine)
            label = arena_strdup(arena, g_strstrip(text->str));
        g_string_free(text, TRUE);
        if (!fine)
            break;
        bottom = line->px.y;
        reach = 0.5 * line->px.h;
    }
    return label;
}
