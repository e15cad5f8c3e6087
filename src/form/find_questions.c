/* Groups of boxes and fields become questions with names, texts and kinds. */
#include "form/find_internal.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_LINES_MAX 8
#define TEXT_BYTES_MAX 600

/* Everything about one group while its question is made. */
struct subject {
    struct question_maker *maker;
    const struct text_map *map;
    const GArray *found;
    const GArray *groups;
    const struct group *group;
    const char *name, *text;
    const char *doubt; /* NULL = none */
    const char **grids; /* names of the page's grids, by group->grid; NULL = none yet */
    const char *grid_text;
};

static const struct found *member(const struct subject *s, guint i)
{
    return &g_array_index(s->found, struct found,
                          g_array_index(s->group->members, guint, i));
}

/* ---- text ----------------------------------------------------------------------------------- */

/* Where the column of the number ends: at the next column of numbers, if no print goes across its
 * edge. */
static double column_end(const struct text_map *map, const struct anchor *anchor)
{
    double end = pixGetWidth(map->page->plate);
    for (guint i = 0; i < map->anchors->len; i++) {
        struct rect r = g_array_index(map->anchors, struct anchor, i).px;
        double top = fmin(r.y, anchor->px.y) - 2;
        double bottom = fmax(r.y, anchor->px.y) + 1.5 * anchor->px.h;
        if (r.x > anchor->px.x + FIND_PX(30) && bottom - top < FIND_PX(70) &&
            !text_map_crosses(map, r.x - FIND_PX(1), top, bottom))
            end = fmin(end, r.x - FIND_PX(2));
    }
    return end;
}

/* Is the line the label of a box? */
static bool is_label(const struct subject *s, struct rect line)
{
    for (guint i = 0; i < s->found->len; i++) {
        const struct found *f = &g_array_index(s->found, struct found, i);
        if (f->label_px.w > 0 && rect_overlap(rect_grow(line, -2), rect_grow(f->label_px, -2)))
            return true;
    }
    return false;
}

/* The lines of print that go on from the number: to its right and on under it. */
static const char *text_of_anchor(const struct subject *s, const struct anchor *anchor)
{
    double x0 = anchor->px.x + anchor->px.w + 1, x1 = column_end(s->map, anchor);
    double top = anchor->px.y - anchor->px.h * 0.3, end = anchor->px.y + anchor->px.h;
    double height = anchor->px.h;
    GString *text = g_string_new(NULL);
    for (guint i = 0, lines = 0; i < s->map->lines->len && lines < TEXT_LINES_MAX; i++) {
        struct rect r = g_array_index(s->map->lines, struct text_line, i).px;
        if (r.y + r.h / 2 < top || r.x > x1 || r.x + r.w < x0 ||
            r.x < anchor->px.x - FIND_PX(1))
            continue;
        bool first_row = find_overlap(r.y, r.y + r.h, anchor->px.y, anchor->px.y + anchor->px.h) >
                         0.4 * fmin(r.h, anchor->px.h);
        if (first_row && r.x > anchor->px.x + anchor->px.w + FIND_PX(14))
            continue; /* further in the row: a label */
        if (!first_row && (is_label(s, r) || r.y > end + 0.9 * height || r.x > x0 + FIND_PX(16)))
            continue;
        text_map_read(text, s->map, (struct rect){x0, r.y, fmin(x1, r.x + r.w) - x0, r.h});
        end = fmax(end, r.y + r.h);
        lines++;
    }
    if (text->len > TEXT_BYTES_MAX)
        g_string_truncate(text, TEXT_BYTES_MAX);
    const char *result = arena_strdup(s->maker->arena, text->str);
    g_string_free(text, TRUE);
    return result;
}

static struct rect bounds(const struct subject *s)
{
    struct rect r = member(s, 0)->px;
    for (guint i = 1; i < s->group->members->len; i++) {
        struct rect m = member(s, i)->px;
        double x1 = fmax(r.x + r.w, m.x + m.w), y1 = fmax(r.y + r.h, m.y + m.h);
        r.x = fmin(r.x, m.x);
        r.y = fmin(r.y, m.y);
        r.w = x1 - r.x;
        r.h = y1 - r.y;
    }
    return r;
}

/* The lines of print right over the first box or field. */
static const char *text_above(const struct subject *s, double reach_px)
{
    struct rect area = bounds(s);
    const char *result = "";
    double bottom = area.y, reach = reach_px;
    for (int n = 0; n < 4; n++) {
        const struct text_line *best = NULL;
        for (guint i = 0; i < s->map->lines->len; i++) {
            const struct text_line *line = &g_array_index(s->map->lines, struct text_line, i);
            double gap = bottom - (line->px.y + line->px.h);
            if (gap < -0.2 * line->px.h || gap > reach || is_label(s, line->px) ||
                find_overlap(area.x - FIND_PX(12), area.x + area.w + FIND_PX(50), line->px.x,
                             line->px.x + line->px.w) < 4 ||
                line->px.x > area.x + area.w + FIND_PX(20))
                continue;
            if (best == NULL || line->px.y > best->px.y + 3)
                best = line;
        }
        if (best == NULL)
            break;
        GString *text = g_string_new(NULL);
        text_map_read(text, s->map, best->px);
        result = arena_printf(s->maker->arena, "%s%s%s", text->str, *result == '\0' ? "" : " ",
                              result);
        g_string_free(text, TRUE);
        bottom = best->px.y;
        reach = 1.1 * best->px.h;
    }
    return result;
}

/* The print to the left of a field in its row; NULL = none. */
static const char *text_before(const struct subject *s)
{
    double gap;
    struct rect r = member(s, 0)->px;
    const struct find_word *word = text_map_beside(&gap, s->map, r, -1, FIND_PX(8));
    if (word == NULL)
        return NULL;
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < s->map->lines->len; i++) {
        struct rect line = g_array_index(s->map->lines, struct text_line, i).px;
        if (rect_overlap(line, word->px)) {
            text_map_read(text, s->map, (struct rect){line.x, line.y, r.x - line.x, line.h});
            break;
        }
    }
    const char *result = text->len > 0 ? arena_strdup(s->maker->arena, text->str) : NULL;
    g_string_free(text, TRUE);
    return result;
}

/* ---- names ---------------------------------------------------------------------------------- */

static const char *take_name(struct question_maker *m, const char *wanted)
{
    const char *name = wanted;
    for (int n = 2; g_hash_table_contains(m->names, name); n++)
        name = arena_printf(m->arena, "%s_%d", wanted, n);
    g_hash_table_add(m->names, (gpointer)name);
    return name;
}

/* "12" -> q12; "b" after "2a" -> q2b; "D" -> qD. */
static const char *name_of_anchor(const struct subject *s, const struct anchor *anchor)
{
    struct question_maker *m = s->maker;
    const struct anchor *main = find_anchor(s->map, anchor->px, true);
    if (main != NULL)
        m->main_number = arena_printf(m->arena, "%d", atoi(main->number));
    if (islower((unsigned char)anchor->number[0]) && m->main_number != NULL)
        return arena_printf(m->arena, "q%s%s", m->main_number, anchor->number);
    return arena_printf(m->arena, "q%s", anchor->number);
}

/* Of a row with a letter of its own: the number that it stands under; NULL = none. */
static const struct anchor *main_anchor(const struct subject *s)
{
    const struct anchor *main = find_anchor(s->map, s->group->anchor->px, true);
    return main == s->group->anchor ? NULL : main;
}

/* The first row of a grid names the grid. */
static void name_grid(const struct subject *s)
{
    const struct group *group = s->group;
    const struct anchor *anchor = group->anchor;
    if (group->grid == 0 || s->grids[group->grid] != NULL)
        return;
    if (group->is_own_row)
        anchor = main_anchor(s);
    if (anchor != NULL)
        s->grids[group->grid] = take_name(s->maker, name_of_anchor(s, anchor));
    else if (!group->is_own_row)
        s->grids[group->grid] =
            take_name(s->maker, arena_printf(s->maker->arena, "grid%d", ++s->maker->grid_number));
}

/* Do boxes, or a field before this one, stand under the same number? */
static bool number_has_others(const struct subject *s)
{
    for (guint i = 0; i < s->groups->len; i++) {
        const struct group *other = &g_array_index(s->groups, struct group, i);
        const struct found *f = &g_array_index(s->found, struct found,
                                               g_array_index(other->members, guint, 0));
        if (other->anchor == s->group->anchor && other != s->group &&
            (f->kind == FOUND_BOX || other < s->group))
            return true;
    }
    return false;
}

static const char *make_name(const struct subject *s, bool is_field)
{
    struct question_maker *m = s->maker;
    const struct found *first = member(s, 0);
    if (first->name != NULL)
        return take_name(m, first->name);
    if (s->group->anchor == NULL)
        return take_name(m, is_field ? arena_printf(m->arena, "field%d", ++m->field_number)
                                     : arena_printf(m->arena, "box%d", ++m->box_number));
    const char *name = name_of_anchor(s, s->group->anchor);
    if (s->group->row > 0)
        name = arena_printf(m->arena, "%s_%d", name, s->group->row);
    else if (is_field && number_has_others(s))
        name = arena_printf(m->arena, "%s_text", name);
    return take_name(m, name);
}

/* ---- wording -------------------------------------------------------------------------------- */

static bool says(const char *text, const char *const *phrases)
{
    char *lower = g_utf8_strdown(text == NULL ? "" : text, -1);
    bool found = false;
    for (; !found && *phrases != NULL; phrases++)
        found = strstr(lower, *phrases) != NULL;
    g_free(lower);
    return found;
}

static bool says_several(const char *text)
{
    static const char *const phrases[] = {
        "all that apply", "all which apply",  "that apply",     "all boxes",
        "more than two",  "more than three",  "more than four", "more than five",
        "more than six",  "one or more",      "as many as",     "any that",
        "up to two",      "up to three",      "which of the following sources",
        "tick any",       "select all",       "check all",      "mark all", NULL};
    return says(text, phrases);
}

static bool says_one(const char *text)
{
    static const char *const phrases[] = {"one box", "one only", "one answer", "only one",
                                          "no more than one", "inside one", NULL};
    return says(text, phrases);
}

static bool says_date(const char *text)
{
    static const char *const phrases[] = {"date", "day", "month", "dd/", "dd mm", "mm/", "when ",
                                          "born", "birth", NULL};
    return says(text, phrases);
}

static bool says_letters(const char *text)
{
    static const char *const phrases[] = {"name", "postcode", "letters", "capitals", "address",
                                          "e-mail", "email", "print", NULL};
    return says(text, phrases);
}

static bool says_to_write(const char *text)
{
    static const char *const phrases[] = {"write", "specify", "other", "name", "address", "date",
                                          "sign",  "please",  ":",     "where", "which", NULL};
    return says(text, phrases);
}

/* ---- questions ------------------------------------------------------------------------------ */

static void add_doubt(const struct subject *s, const char *why)
{
    struct find_doubt doubt = {s->name, s->grid_text == NULL ? NULL : s->grids[s->group->grid], why};
    g_array_append_val(s->maker->doubts, doubt);
}

static void add_question(const struct subject *s, bool several)
{
    struct given_question question = {
        .question = s->name, .text = s->text == NULL ? "" : s->text, .several = several};
    if (s->group->anchor != NULL)
        question.number = s->group->anchor->number;
    if (s->grid_text != NULL) {
        question.grid = s->grids[s->group->grid];
        question.grid_text = s->grid_text;
        question.row_text = s->group->row_text == NULL ? "" : s->group->row_text;
        if (s->group->is_own_row) /* the number of a grid is that over its rows */
            question.number = main_anchor(s)->number;
    }
    g_array_append_val(s->maker->questions, question);
}

static bool values_are_unique(const struct subject *s)
{
    bool fine = true;
    GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; fine && i < s->group->members->len; i++) {
        const char *value = member(s, i)->value;
        fine = value != NULL && g_hash_table_add(seen, (gpointer)value);
    }
    g_hash_table_destroy(seen);
    return fine;
}

/* Are the labels whole numbers, each another: 0 to 10? Then they are the codes too. */
static bool labels_are_codes(const struct subject *s)
{
    bool fine = s->group->members->len > 1;
    GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (guint i = 0; fine && i < s->group->members->len; i++) {
        const char *label = member(s, i)->label;
        fine = label != NULL && text_is_code(label) && strspn(label, "0123456789") == strlen(label) &&
               g_hash_table_add(seen, (gpointer)label);
    }
    g_hash_table_destroy(seen);
    return fine;
}

static void make_choice(GArray *boxes, struct subject *s)
{
    bool several = says_several(s->text), with_values = values_are_unique(s);
    bool with_labels = !with_values && labels_are_codes(s);
    bool unlabelled = false, routed = false;
    guint count = s->group->members->len;
    for (guint i = 0; i < count; i++) {
        const struct found *f = member(s, i);
        struct given_box box = {.question = s->name, .label = f->label, .shape = f->shape,
                                .rect = f->px, .several = several || f->several,
                                .go_to = f->go_to};
        routed = routed || f->go_to != NULL;
        box.value = with_values   ? f->value
                    : with_labels ? f->label
                                  : arena_printf(s->maker->arena, "%u", i + 1);
        unlabelled = unlabelled || f->label == NULL;
        if (f->doubt != NULL)
            s->doubt = f->doubt;
        g_array_append_val(boxes, box);
    }
    add_question(s, several);
    if (s->group->anchor == NULL)
        add_doubt(s, "no question number was found; which boxes belong together was told from "
                     "where they stand");
    else if (s->text == NULL || *s->text == '\0')
        add_doubt(s, "no question text was found");
    if (routed)
        add_doubt(s, "where to go on was taken from the print");
    if (unlabelled)
        add_doubt(s, "a box has no label");
    if (count == 1)
        add_doubt(s, "a box by itself");
    else if (!several && count > 3 && !s->group->is_scale && s->group->row_text == NULL &&
             !says_one(s->text))
        add_doubt(s, "taken as one answer; nothing was found that says several may be given");
    if (s->doubt != NULL)
        add_doubt(s, s->doubt);
}

static void make_cells(GArray *fields, struct subject *s, const struct found *f)
{
    struct given_field field = {.question = s->name, .label = s->text, .rect = f->px,
                                .kind = FIELD_DIGITS, .cell_count = f->cell_count};
    field.cells = ARENA_NEW(s->maker->arena, struct rect, f->cell_count);
    memcpy(field.cells, f->cells, f->cell_count * sizeof *f->cells);
    bool date_long = f->cell_count >= 4 && f->cell_count <= 8 && f->is_split;
    if (date_long && says_date(s->text))
        field.kind = FIELD_DATE;
    else if (says_letters(s->text))
        field.kind = FIELD_LETTERS;
    g_array_append_val(fields, field);
    add_question(s, false);
    add_doubt(s, field.kind == FIELD_DATE      ? "taken as a date"
                 : field.kind == FIELD_LETTERS ? "taken as letters"
                                               : "taken as figures; a range may be given");
}

static void make_area(GArray *fields, struct subject *s, const struct found *f)
{
    struct given_field field = {.question = s->name, .label = s->text, .rect = f->px,
                                .kind = f->many_lines ? FIELD_COMMENT : FIELD_TEXT};
    g_array_append_val(fields, field);
    add_question(s, false);
    if (f->doubt != NULL && !says_to_write(s->text))
        add_doubt(s, f->doubt);
    else if (s->text == NULL || *s->text == '\0')
        add_doubt(s, "no text was found beside this area");
}

static void make_field(GArray *fields, struct subject *s)
{
    const struct found *f = member(s, 0);
    const char *near = text_before(s);
    if (near == NULL)
        near = text_above(s, FIND_PX(5));
    s->text = near;
    if (s->group->anchor != NULL && (*near == '\0' || !number_has_others(s)))
        s->text = text_of_anchor(s, s->group->anchor);
    if (f->kind == FOUND_CELLS)
        make_cells(fields, s, f);
    else
        make_area(fields, s, f);
    if (f->kind == FOUND_CELLS && f->doubt != NULL)
        add_doubt(s, f->doubt);
}

static void make_question(GArray *boxes, GArray *fields, struct subject *s)
{
    bool is_field = member(s, 0)->kind != FOUND_BOX;
    name_grid(s);
    s->name = make_name(s, is_field);
    if (is_field) {
        make_field(fields, s);
        return;
    }
    const struct anchor *main = NULL;
    if (s->group->is_own_row) { /* the question stands over the rows, under a number of its own */
        main = main_anchor(s);
        s->text = main == NULL ? "" : text_of_anchor(s, main);
    } else {
        s->text = s->group->anchor != NULL ? text_of_anchor(s, s->group->anchor)
                                           : text_above(s, FIND_PX(12));
    }
    if (s->group->grid > 0 && (s->group->row > 0 || main != NULL))
        s->grid_text = s->text;
    if (s->group->row_text != NULL)
        s->text = *s->text == '\0' ? s->group->row_text
                                   : arena_printf(s->maker->arena, "%s - %s", s->text,
                                                  s->group->row_text);
    make_choice(boxes, s);
}

void find_questions(struct given_page *out, struct question_maker *maker,
                    const struct find_page *page, GArray *found)
{
    struct text_map map;
    GArray *boxes = g_array_new(FALSE, FALSE, sizeof(struct given_box));
    GArray *fields = g_array_new(FALSE, FALSE, sizeof(struct given_field));
    text_map_init(&map, maker->arena, page, found);
    find_labels(maker->arena, &map, found);
    find_routes(maker->arena, &map, found);
    GArray *groups = find_groups(maker->arena, &map, found);
    find_conditions(maker->arena, &map, found);
    const char **grids = g_new0(const char *, groups->len + 1);
    for (guint i = 0; i < groups->len; i++) {
        struct subject subject = {.maker = maker, .map = &map, .found = found,
                                  .groups = groups, .grids = grids, .group = &g_array_index(groups, struct group, i)};
        make_question(boxes, fields, &subject);
    }
    find_groups_free(groups);
    g_free(grids);
    text_map_release(&map);
    out->box_count = boxes->len;
    out->field_count = fields->len;
    out->boxes = ARENA_NEW(maker->arena, struct given_box, out->box_count);
    out->fields = ARENA_NEW(maker->arena, struct given_field, out->field_count);
    if (boxes->len > 0)
        memcpy(out->boxes, boxes->data, boxes->len * sizeof *out->boxes);
    if (fields->len > 0)
        memcpy(out->fields, fields->data, fields->len * sizeof *out->fields);
    g_array_free(boxes, TRUE);
    g_array_free(fields, TRUE);
}
