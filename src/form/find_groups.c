/* Boxes and fields of a page, put together into questions by rows, columns, grids and numbers. */
#include "form/find_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* In a list, a gap this many times the usual distance of boxes begins another question. */
#define LIST_GAP_TIMES 1.75
/* And after a lone box one so many times the usual distance of the page's boxes. */
#define LONE_GAP_TIMES 2.5
#define ROW_MAX 60
/* A line of so many words may be a question. */
#define QUESTION_WORDS_MIN 4
/* How far below a box the number of its question may stand. */
#define BAND_MM_MAX 12.0
/* Boxes further apart across are those of two columns of questions. */
#define ROW_GAP_MM 40.0
/* The boxes of a scale stand at one distance, or nearly. */
#define ROW_GAP_RATIO 2.2

struct grouper {
    struct arena *arena;
    const struct text_map *map;
    GArray *found;
    GArray *groups;
    int grid_count;
};

/* Boxes in a row without text between them. */
struct row {
    guint members[ROW_MAX];
    size_t count;
    const struct anchor *anchor;
    bool done;
};

static struct found *found_at(const struct grouper *g, guint i)
{
    return &g_array_index(g->found, struct found, i);
}

static struct group *add_group(struct grouper *g, const struct anchor *anchor)
{
    struct group group = {.anchor = anchor};
    group.members = g_array_new(FALSE, FALSE, sizeof(guint));
    g_array_append_val(g->groups, group);
    return &g_array_index(g->groups, struct group, g->groups->len - 1);
}

static void add_member(struct grouper *g, struct group *group, guint index)
{
    g_array_append_val(group->members, index);
    found_at(g, index)->grouped = true;
}

/* ---- which number it stands under ----------------------------------------------------------- */

/* Does print cross the left edge of the anchor's column between the anchor and y? Then the column
 * ended there. */
static bool is_cut(const struct text_map *map, const struct anchor *anchor, double y)
{
    return text_map_crosses(map, anchor->px.x - FIND_PX(1), anchor->px.y + 1.2 * anchor->px.h, y);
}

/* The rule nearest above (side -1) or below (1) that parts the page from x to the right end of the
 * rectangle; its y, or NAN. */
static double rule_beside(const struct text_map *map, double x, struct rect px, int side)
{
    double best = NAN;
    for (guint i = 0; i < map->rules->len; i++) {
        struct rect r = g_array_index(map->rules, struct rect, i);
        double away = side < 0 ? px.y - r.y : r.y - (px.y + px.h);
        if (r.x < x + 1 && r.x + r.w > px.x + px.w && away > 0 &&
            (isnan(best) || away < fabs(best - px.y)))
            best = r.y;
    }
    return best;
}

/* Is it the number right after? A figure printed for the office is not. */
static bool follows(const struct anchor *before, const struct anchor *a)
{
    return before != NULL && atoi(before->number) > 0 &&
           atoi(a->number) == atoi(before->number) + 1;
}

/* Where rules part the questions, the first box may stand higher than its question's number: the
 * next number in the same band, left of the rectangle; else `best`. */
static const struct anchor *anchor_in_band(const struct text_map *map, struct rect px,
                                           const struct anchor *best)
{
    const struct anchor *found = best;
    for (guint i = 0; i < map->anchors->len; i++) {
        const struct anchor *a = &g_array_index(map->anchors, struct anchor, i);
        if (a->px.y <= px.y || a->px.y > px.y + FIND_PX(BAND_MM_MAX) ||
            a->px.x > px.x - FIND_PX(12) || !follows(best, a) || (found != best && a->px.y >= found->px.y))
            continue;
        double top = rule_beside(map, a->px.x, px, -1), bottom = rule_beside(map, a->px.x, px, 1);
        if (!isnan(top) && !isnan(bottom) && a->px.y < bottom &&
            best->px.y + best->px.h / 2 < top)
            found = a;
    }
    return found;
}

const struct anchor *find_anchor(const struct text_map *map, struct rect px, bool only_numbers)
{
    const struct anchor *best = NULL;
    for (guint i = 0; i < map->anchors->len; i++) {
        const struct anchor *a = &g_array_index(map->anchors, struct anchor, i);
        if (only_numbers && (a->number[0] < '1' || a->number[0] > '9'))
            continue;
        if (a->px.y > px.y + px.h * 0.8 || a->px.x > px.x + FIND_PX(1) ||
            is_cut(map, a, px.y + px.h / 2))
            continue;
        if (best == NULL || a->px.x > best->px.x + FIND_PX(12) ||
            (a->px.x > best->px.x - FIND_PX(12) && a->px.y >= best->px.y))
            best = a;
    }
    return only_numbers ? best : anchor_in_band(map, px, best);
}

/* ---- grids ---------------------------------------------------------------------------------- */

/* Is there print, other than a code, between two boxes of a row? */
static bool text_between(const struct grouper *g, struct rect a, struct rect b)
{
    double middle = a.y + a.h / 2;
    for (size_t i = 0; i < g->map->page->word_count; i++) {
        const struct find_word *word = &g->map->page->words[i];
        double x = word->px.x + word->px.w / 2;
        if (x > a.x + a.w && x < b.x && word->px.y < middle + 0.1 * a.h &&
            word->px.y + word->px.h > middle - 0.1 * a.h && !text_is_code(word->text) &&
            !text_is_leader(word->text))
            return true;
    }
    return false;
}

static struct found *next_in_row(const struct grouper *g, guint *index, struct rect a)
{
    struct found *best = NULL;
    for (guint i = 0; i < g->found->len; i++) {
        struct found *f = found_at(g, i);
        if (fabs(f->px.y + f->px.h / 2 - a.y - a.h / 2) < 0.4 * a.h && f->px.x > a.x + a.w / 2 &&
            (best == NULL || f->px.x < best->px.x)) {
            best = f;
            *index = i;
        }
    }
    return best;
}

static double step(const struct grouper *g, const struct row *row, size_t i)
{
    return found_at(g, row->members[i])->px.x - found_at(g, row->members[i - 1])->px.x;
}

/* Parts a chain of boxes wherever the distance jumps: columns of bubbles side by side. What is left
 * over, a box by itself, is no row. */
static void add_parts(GArray *rows, const struct grouper *g, const struct row *chain)
{
    double least = INFINITY;
    for (size_t i = 1; i < chain->count; i++)
        least = fmin(least, step(g, chain, i));
    struct row part = {.count = 0};
    for (size_t i = 0; i <= chain->count; i++) {
        if (i == chain->count || (part.count > 0 && step(g, chain, i) > ROW_GAP_RATIO * least)) {
            if (part.count >= 2) {
                part.anchor = find_anchor(g->map, found_at(g, part.members[0])->px, false);
                g_array_append_val(rows, part);
            }
            part.count = 0;
        }
        if (i < chain->count)
            part.members[part.count++] = chain->members[i];
    }
}

static GArray *find_rows(const struct grouper *g)
{
    GArray *rows = g_array_new(FALSE, FALSE, sizeof(struct row));
    char *taken = g_new0(char, g->found->len + 1);
    for (guint i = 0; i < g->found->len; i++) { /* found boxes are sorted by y, then x */
        struct row row = {.count = 0};
        if (taken[i] || found_at(g, i)->kind != FOUND_BOX)
            continue;
        row.members[row.count++] = i;
        guint next = i;
        struct found *last = found_at(g, i), *f;
        while (row.count < ROW_MAX && (f = next_in_row(g, &next, last->px)) != NULL &&
               f->kind == FOUND_BOX && !taken[next] &&
               f->px.x - last->px.x < FIND_PX(ROW_GAP_MM) && !text_between(g, last->px, f->px)) {
            row.members[row.count++] = next;
            last = f;
        }
        for (size_t k = 0; k < row.count; k++)
            taken[row.members[k]] = 1;
        add_parts(rows, g, &row);
    }
    g_free(taken);
    return rows;
}

static bool same_columns(const struct grouper *g, const struct row *a, const struct row *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct found *upper = found_at(g, a->members[i]), *lower = found_at(g, b->members[i]);
        struct rect p = upper->px, q = lower->px;
        if (fabs(p.x - q.x) > 0.4 * p.w || upper->is_printed_in != lower->is_printed_in ||
            (upper->is_printed_in && upper->shape != lower->shape))
            return false;
    }
    return true;
}

enum codes { CODES_NONE, CODES_UNIQUE, CODES_BY_ROW };

/* Does the anchor stand in the row itself: "b) Reading is fun  o  o  o"? */
static bool has_own_number(const struct grouper *g, const struct row *row)
{
    struct rect r = found_at(g, row->members[0])->px;
    return row->anchor != NULL && find_overlap(r.y, r.y + r.h, row->anchor->px.y,
                                               row->anchor->px.y + row->anchor->px.h) > 0;
}

/* How the codes printed beside the boxes of a grid run. */
static enum codes codes_of(const struct grouper *g, struct row *const *rows, size_t count)
{
    bool by_row = true, unique = true, own = false;
    GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (size_t r = 0; r < count; r++)
        for (size_t i = 0; i < rows[r]->count; i++) {
            const char *value = found_at(g, rows[r]->members[i])->value;
            const char *first = found_at(g, rows[r]->members[0])->value;
            if (value == NULL) {
                g_hash_table_destroy(seen);
                return CODES_NONE;
            }
            by_row = by_row && strcmp(value, first) == 0;
            own = own || found_at(g, rows[r]->members[i])->has_own_label;
            unique = g_hash_table_add(seen, (gpointer)value) && unique;
        }
    g_hash_table_destroy(seen);
    /* figures in the boxes of one row are a scale */
    return unique && !own ? CODES_UNIQUE : by_row ? CODES_BY_ROW : CODES_NONE;
}

/* Columns are questions: the rows share their printed codes and texts. */
static void group_columns(struct grouper *g, struct row **rows, size_t count)
{
    double pitch = found_at(g, rows[0]->members[1])->px.x - found_at(g, rows[0]->members[0])->px.x;
    for (size_t c = 0; c < rows[0]->count; c++) {
        struct group *group = add_group(g, rows[0]->anchor);
        group->row = (int)c + 1;
        group->row_text = find_header(g->arena, g->map, g->found,
                                      found_at(g, rows[0]->members[c])->px, pitch);
        for (size_t r = 0; r < count; r++) {
            if (!found_at(g, rows[r]->members[c])->has_own_label)
                found_at(g, rows[r]->members[c])->label = found_at(g, rows[r]->members[0])->label;
            add_member(g, group, rows[r]->members[c]);
        }
    }
}

static void group_rows(struct grouper *g, struct row **rows, size_t count)
{
    const char *headers[ROW_MAX] = {NULL};
    g->grid_count++;
    for (size_t c = 0; c < rows[0]->count; c++) {
        struct rect a = found_at(g, rows[0]->members[c])->px;
        struct rect b = found_at(g, rows[0]->members[c > 0 ? c - 1 : 1])->px;
        headers[c] = find_header(g->arena, g->map, g->found, a, fabs(a.x - b.x));
    }
    for (size_t r = 0; r < count; r++) {
        struct group *group = add_group(g, rows[r]->anchor);
        group->is_own_row = has_own_number(g, rows[r]);
        group->row = count > 1 && !group->is_own_row ? (int)r + 1 : 0;
        group->is_scale = count == 1;
        group->grid = count > 1 ? g->grid_count : 0;
        const struct found *first = found_at(g, rows[r]->members[0]);
        if (count > 1 || group->is_own_row)
            group->row_text = first->has_own_label ? first->row_text : first->label;
        for (size_t c = 0; c < rows[r]->count; c++) {
            if (!found_at(g, rows[r]->members[c])->has_own_label)
                found_at(g, rows[r]->members[c])->label = headers[c];
            add_member(g, group, rows[r]->members[c]);
        }
    }
}

static void group_grids(struct grouper *g)
{
    GArray *rows = find_rows(g);
    struct row **grid = g_new0(struct row *, rows->len + 1);
    for (guint i = 0; i < rows->len; i++) {
        size_t count = 0;
        struct row *first = &g_array_index(rows, struct row, i);
        if (first->done)
            continue;
        for (guint k = i; k < rows->len; k++) {
            struct row *row = &g_array_index(rows, struct row, k);
            if (!row->done && same_columns(g, first, row) &&
                (row->anchor == first->anchor || first->anchor == NULL || row->anchor == NULL ||
                 (has_own_number(g, row) && has_own_number(g, first)))) {
                row->done = true;
                grid[count++] = row;
            }
        }
        enum codes codes = codes_of(g, grid, count);
        const char *header = find_header(
            g->arena, g->map, g->found, found_at(g, first->members[0])->px,
            found_at(g, first->members[1])->px.x - found_at(g, first->members[0])->px.x);
        if (codes == CODES_BY_ROW && count > 1)
            group_columns(g, grid, count);
        else if (codes == CODES_NONE && (count > 1 || first->count > 2 || header != NULL))
            group_rows(g, grid, count);
    }
    g_free(grid);
    g_array_free(rows, TRUE);
}

/* Does a line of text that begins left of the boxes stand between two rows of them, as the question
 * over the lower row does? The lines of a label begin right of its box, or end left of it. */
static bool question_between(const struct grouper *g, struct rect upper, struct rect lower)
{
    for (guint i = 0; i < g->map->lines->len; i++) {
        const struct text_line *line = &g_array_index(g->map->lines, struct text_line, i);
        double middle = line->px.y + line->px.h / 2;
        if (line->count >= QUESTION_WORDS_MIN && middle > upper.y + upper.h && middle < lower.y &&
            line->px.x < lower.x + 0.5 * lower.w &&
            line->px.x + line->px.w > lower.x + 1.5 * lower.w)
            return true;
    }
    return false;
}

/* ---- lists ---------------------------------------------------------------------------------- */

/* Boxes under a number. Those with printed codes and those without answer different questions. */
static void group_by_anchor(struct grouper *g, bool with_codes)
{
    for (guint a = 0; a < g->map->anchors->len; a++) {
        const struct anchor *anchor = &g_array_index(g->map->anchors, struct anchor, a);
        struct group *group = NULL;
        const struct found *last = NULL;
        GHashTable *values = g_hash_table_new(g_str_hash, g_str_equal);
        for (guint i = 0; i < g->found->len; i++) {
            struct found *f = found_at(g, i);
            if (f->grouped || f->kind != FOUND_BOX || find_anchor(g->map, f->px, false) != anchor)
                continue;
            const char *key = f->value != NULL ? f->value : f->label;
            if ((f->value != NULL) != with_codes)
                continue;
            /* on a scan the number of the next question may not have been read */
            bool is_cut = last != NULL && !g->map->page->is_clean && !with_codes &&
                          question_between(g, last->px, f->px);
            bool again = is_cut || (key != NULL && g_hash_table_contains(values, key));
            last = f;
            if (again) /* the codes or labels begin anew: another question */
                g_hash_table_remove_all(values);
            if (group == NULL || again)
                group = add_group(g, anchor);
            if (key != NULL)
                g_hash_table_add(values, (gpointer)key);
            add_member(g, group, i);
        }
        g_hash_table_destroy(values);
    }
}

static struct found *next_below(const struct grouper *g, guint *index, struct rect a)
{
    struct found *best = NULL;
    for (guint i = 0; i < g->found->len; i++) {
        struct found *f = found_at(g, i);
        if (!f->grouped && f->kind == FOUND_BOX && fabs(f->px.x - a.x) < 0.5 * a.w &&
            f->px.y > a.y + a.h / 2 && (best == NULL || f->px.y < best->px.y)) {
            best = f;
            *index = i;
        }
    }
    return best;
}

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* How far apart boxes under one another usually stand on the page (median); 0 = none do. */
static double usual_pitch(const struct grouper *g)
{
    GArray *steps = g_array_new(FALSE, FALSE, sizeof(double));
    for (guint i = 0; i < g->found->len; i++) {
        const struct found *f = found_at(g, i), *below;
        guint next;
        if (!f->grouped && f->kind == FOUND_BOX && (below = next_below(g, &next, f->px)) != NULL) {
            double step = below->px.y - f->px.y;
            g_array_append_val(steps, step);
        }
    }
    g_array_sort(steps, compare_numbers);
    double pitch = steps->len > 0 ? g_array_index(steps, double, steps->len / 2) : 0;
    g_array_free(steps, TRUE);
    return pitch;
}

/* Without numbers: runs of boxes under one another at one distance; a box that has none under it
 * takes those in its row. */
static void group_by_distance(struct grouper *g)
{
    double usual = usual_pitch(g);
    for (guint i = 0; i < g->found->len; i++) {
        struct found *f = found_at(g, i);
        if (f->grouped || f->kind != FOUND_BOX)
            continue;
        struct group *group = add_group(g, NULL);
        add_member(g, group, i);
        guint next = i;
        double pitch = 0;
        const struct found *last = f, *below;
        while ((below = next_below(g, &next, last->px)) != NULL) {
            double step = below->px.y - last->px.y;
            double limit = pitch > 0 ? LIST_GAP_TIMES * pitch : LONE_GAP_TIMES * usual;
            if (step > FIND_PX(25) || step > limit ||
                question_between(g, last->px, below->px))
                break;
            pitch = pitch > 0 ? fmin(pitch, step) : step;
            add_member(g, group, next);
            last = below;
        }
        if (group->members->len > 1)
            continue;
        while ((below = next_in_row(g, &next, last->px)) != NULL && below->kind == FOUND_BOX &&
               !below->grouped) {
            add_member(g, group, next);
            last = below;
        }
    }
}

static void group_fields(struct grouper *g)
{
    for (guint i = 0; i < g->found->len; i++)
        if (found_at(g, i)->kind != FOUND_BOX)
            add_member(g, add_group(g, find_anchor(g->map, found_at(g, i)->px, false)), i);
}

/* ---- order ---------------------------------------------------------------------------------- */

static int by_anchor(const void *a, const void *b, gpointer data)
{
    const struct grouper *g = data;
    const struct group *p = a, *q = b;
    /* Under numbers: in order of the numbers; else down the page. */
    double np = p->anchor == NULL ? 0 : atof(p->anchor->number);
    double nq = q->anchor == NULL ? 0 : atof(q->anchor->number);
    if (np != nq)
        return np < nq ? -1 : 1;
    struct rect r = found_at(g, g_array_index(p->members, guint, 0))->px;
    struct rect s = found_at(g, g_array_index(q->members, guint, 0))->px;
    if (p->anchor != q->anchor && p->anchor != NULL && q->anchor != NULL) {
        r = p->anchor->px;
        s = q->anchor->px;
    }
    if (r.y != s.y)
        return r.y < s.y ? -1 : 1;
    return (r.x > s.x) - (r.x < s.x);
}

static bool all_numbered(const GArray *groups)
{
    for (guint i = 0; i < groups->len; i++) {
        const struct anchor *a = g_array_index(groups, struct group, i).anchor;
        if (a == NULL || atoi(a->number) == 0)
            return false;
    }
    return true;
}

static int by_place(const void *a, const void *b, gpointer data)
{
    const struct grouper *g = data;
    const struct group *p = a, *q = b;
    struct rect r = found_at(g, g_array_index(p->members, guint, 0))->px;
    struct rect s = found_at(g, g_array_index(q->members, guint, 0))->px;
    if (r.y != s.y)
        return r.y < s.y ? -1 : 1;
    return (r.x > s.x) - (r.x < s.x);
}

GArray *find_groups(struct arena *arena, const struct text_map *map, GArray *found)
{
    struct grouper g = {.arena = arena, .map = map, .found = found};
    g.groups = g_array_new(FALSE, FALSE, sizeof(struct group));
    group_grids(&g);
    group_by_anchor(&g, true);
    group_by_anchor(&g, false);
    group_by_distance(&g);
    group_fields(&g);
    g_array_sort_with_data(g.groups, all_numbered(g.groups) ? by_anchor : by_place, &g);
    return g.groups;
}

void find_groups_free(GArray *groups)
{
    for (guint i = 0; i < groups->len; i++)
        g_array_free(g_array_index(groups, struct group, i).members, TRUE);
    g_array_free(groups, TRUE);
}
