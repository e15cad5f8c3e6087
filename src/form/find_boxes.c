/* Which of the enclosed white areas of a page are boxes to tick, rows of cells, or areas to write
 * in. */
#include "form/find_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A cell that takes one written character. */
#define CELL_W_MIN_MM 3.2
#define CELL_W_MAX_MM 13.0
#define CELL_H_MIN_MM 4.2
#define CELL_H_MAX_MM 15.0
/* An area that takes a word or more. */
#define AREA_W_MIN_MM 9.0
#define AREA_H_MIN_MM 4.2
#define LINE_H_MAX_MM 13.0 /* higher areas take several lines */
#define CAPTION_WORDS_MAX 4
/* Empty but for specks, as a share of the inside. */
#define EMPTY_SHARE 0.008
/* Shapes of one kind that stand under one another are boxes, not letters. */
#define COLUMN_SLACK_MM 0.35
#define COLUMN_SLOPE 0.004 /* what is left of a scan's skew */
#define COLUMN_MIN 3
#define COLUMN_BOX_MM_MIN 2.4
/* Round shapes smaller than this may be an initial amid print; it stands so many heights from it. */
#define LETTER_MM_MAX 3.2
#define INITIAL_GAP_TIMES 1.3
/* A lone square this much larger than the usual box takes a written character. */
#define LONE_CELL_TIMES 1.55
#define LABEL_AFTER_MM 4.0
/* A pale letter in a cell; scanning breaks it. */
#define PALE_PARTS_MAX 5
#define PALE_SHARE_MAX 0.35

struct sorter {
    const struct find_page *page;
    GArray *holes;
    GArray *found;
    BOXA *glyphs; /* connected pieces of ink */
};

static struct hole *hole_at(const struct sorter *s, guint i)
{
    return &g_array_index(s->holes, struct hole, i);
}

static bool is_empty(const struct hole *hole)
{
    return hole->content_px <= fmax(6, EMPTY_SHARE * hole->inner.w * hole->inner.h);
}

static bool is_box_sized(const struct hole *hole)
{
    struct rect r = hole->outer;
    double aspect = r.w / r.h;
    return fmin(r.w, r.h) >= FIND_PX(BOX_MM_MIN) && fmax(r.w, r.h) <= FIND_PX(BOX_MM_MAX) &&
           aspect >= BOX_ASPECT_MIN && aspect <= BOX_ASPECT_MAX;
}

static bool same_size(struct rect a, struct rect b)
{
    return fabs(a.w - b.w) <= 0.08 * a.w + 2 && fabs(a.h - b.h) <= 0.08 * a.h + 2;
}

/* ---- letters -------------------------------------------------------------------------------- */

/* Is there a glyph close beside the shape that stands on the same line of print, as in a word? */
static bool has_letter_beside(const struct sorter *s, struct rect r)
{
    for (l_int32 i = 0; i < boxaGetCount(s->glyphs); i++) {
        l_int32 x, y, w, h;
        boxaGetBoxGeometry(s->glyphs, i, &x, &y, &w, &h);
        double gap = fmax(x - (r.x + r.w), r.x - (x + w));
        if (gap > 0.3 * r.h || gap < -2 || h < 0.5 * r.h || h > 1.5 * r.h)
            continue;
        if (fabs(y + h - (r.y + r.h)) <= 0.07 * r.h + 1)
            return true;
    }
    return false;
}

/* A letter or figure with a counter, in capitals: small letters by themselves are what a symbol font
 * calls its boxes. */
static bool is_character(const char *text)
{
    return strlen(text) == 1 && strchr("ABDOPQR04689", *text) != NULL;
}

/* The words of a page tell it outright: a shape inside a word of several characters is a letter.
 * Recognised text takes a bubble right beside a letter or two for an O: only longer words count. */
static bool is_in_word(const struct sorter *s, struct rect r)
{
    struct point c = rect_centre(r);
    glong least = s->page->is_clean ? 2 : 4;
    for (size_t i = 0; i < s->page->word_count; i++) {
        const struct find_word *word = &s->page->words[i];
        struct rect w = word->px;
        if (c.x < w.x || c.x > w.x + w.w || c.y < w.y || c.y > w.y + w.h || w.h < 0.8 * r.h ||
            w.h > 4.5 * r.h)
            continue;
        if (w.w > 1.5 * r.w && g_utf8_strlen(word->text, -1) >= least)
            return true;
        if (s->page->is_clean && w.w > 0.9 * r.w && w.w < 1.6 * r.w && is_character(word->text))
            return true;
    }
    return false;
}

/* Is its outline only part of a piece of print somewhat larger: the bowl of a P or a B? */
static bool is_part_of_glyph(const struct sorter *s, struct rect r)
{
    for (l_int32 i = 0; i < boxaGetCount(s->glyphs); i++) {
        l_int32 x, y, w, h;
        boxaGetBoxGeometry(s->glyphs, i, &x, &y, &w, &h);
        struct rect glyph = {x, y, w, h};
        if (h > 1.3 * r.h && h < 3.2 * r.h && w < 2.2 * r.w && find_inside(r, rect_grow(glyph, 1)))
            return true;
    }
    return false;
}

/* Do at least two more of its kind stand exactly under one another with it? Print does not: a row of
 * bubbles that text recognition took for a word is told from it so. */
static bool is_in_column(const struct sorter *s, const struct hole *hole)
{
    int count = 0;
    for (guint i = 0; i < s->holes->len; i++) {
        const struct hole *other = hole_at(s, i);
        count += other->shape == hole->shape && same_size(hole->outer, other->outer) &&
                 fabs(other->outer.x - hole->outer.x) < FIND_PX(COLUMN_SLACK_MM) +
                     COLUMN_SLOPE * fabs(other->outer.y - hole->outer.y);
    }
    return count >= COLUMN_MIN && fmin(hole->outer.w, hole->outer.h) >= FIND_PX(COLUMN_BOX_MM_MIN);
}

/* Does print as high as the shape stand close on both sides of it, on one line: "ANN O. DODD"? */
static bool is_between_letters(const struct sorter *s, struct rect r)
{
    bool left = false, right = false;
    for (l_int32 i = 0; i < boxaGetCount(s->glyphs); i++) {
        l_int32 x, y, w, h;
        boxaGetBoxGeometry(s->glyphs, i, &x, &y, &w, &h);
        if (h < 0.6 * r.h || h > 1.3 * r.h || w > 3 * r.h ||
            fabs(y + h - (r.y + r.h)) > 0.12 * r.h + 1)
            continue;
        left = left || (x + w <= r.x + 2 && r.x - (x + w) < INITIAL_GAP_TIMES * r.h);
        right = right || (x >= r.x + r.w - 2 && x - (r.x + r.w) < INITIAL_GAP_TIMES * r.h);
    }
    return left && right;
}

static bool is_letter(const struct sorter *s, const struct hole *hole)
{
    bool is_scan_of_column = !s->page->is_clean && is_in_column(s, hole);
    if ((is_in_word(s, hole->outer) && !is_scan_of_column) || is_part_of_glyph(s, hole->outer))
        return true;
    if (hole->shape != BOX_SQUARE && fmax(hole->outer.w, hole->outer.h) < FIND_PX(LETTER_MM_MAX) &&
        is_empty(hole) && is_between_letters(s, hole->outer))
        return true;
    /* no letter stands for a rectangle by itself */
    return hole->shape != BOX_SQUARE && has_letter_beside(s, hole->outer);
}

/* ---- boxes ---------------------------------------------------------------------------------- */

/* How many holes of this size and shape stand in one line with it, across or down. */
static int siblings(const struct sorter *s, const struct hole *hole)
{
    int row = 1, column = 1;
    for (guint i = 0; i < s->holes->len; i++) {
        const struct hole *other = hole_at(s, i);
        if (other == hole || !same_size(hole->outer, other->outer))
            continue;
        row += fabs(other->outer.y - hole->outer.y) < 0.3 * hole->outer.h;
        column += fabs(other->outer.x - hole->outer.x) < 0.3 * hole->outer.w;
    }
    return row > column ? row : column;
}

/* A box may hold a printed figure or letter of its own, as in a row of bubbles; label boxes with
 * numbers of several figures are no boxes. */
static bool content_fits(const struct sorter *s, const struct hole *hole)
{
    if (is_empty(hole))
        return true;
    double share = hole->content_px / (hole->inner.w * hole->inner.h);
    return hole->content_parts <= 2 && share < 0.35 && siblings(s, hole) >= 4;
}

static struct found *add_found(struct sorter *s, enum found_kind kind, struct rect px)
{
    struct found found = {.kind = kind, .px = px};
    g_array_append_val(s->found, found);
    return &g_array_index(s->found, struct found, s->found->len - 1);
}

static void use_with_inside(struct sorter *s, struct hole *hole)
{
    hole->used = true;
    for (guint i = 0; i < s->holes->len; i++) {
        struct hole *other = hole_at(s, i);
        if (other != hole && find_inside(other->outer, hole->inner))
            other->used = true;
    }
}

/* ---- rows of cells -------------------------------------------------------------------------- */

/* The word printed in the hole; NULL = none was read. */
static const char *word_inside(const struct sorter *s, const struct hole *hole)
{
    for (size_t i = 0; i < s->page->word_count; i++) {
        struct point c = rect_centre(s->page->words[i].px);
        struct rect r = hole->inner;
        if (c.x > r.x && c.x < r.x + r.w && c.y > r.y && c.y < r.y + r.h)
            return s->page->words[i].text;
    }
    return NULL;
}

/* A cell with a pale letter that says what to write in it, as in DD/MM/YYYY? Higher than wide it is
 * made for writing, unless the print is the figure of an answer. */
static bool takes_writing(const struct sorter *s, const struct hole *hole)
{
    const char *word = word_inside(s, hole);
    double share = hole->content_px / (hole->inner.w * hole->inner.h);
    if (hole->content_parts > PALE_PARTS_MAX || share > PALE_SHARE_MAX || siblings(s, hole) < 2)
        return false;
    if (word != NULL && strlen(word) == 1 && strchr("DMYdmy", *word) != NULL)
        return true;
    return hole->outer.h > 1.12 * hole->outer.w && (word == NULL || !text_is_code(word));
}

static bool is_cell(const struct sorter *s, const struct hole *hole)
{
    struct rect r = hole->outer;
    return !hole->used && hole->shape == BOX_SQUARE &&
           (is_empty(hole) || takes_writing(s, hole)) &&
           r.w >= FIND_PX(CELL_W_MIN_MM) && r.w <= FIND_PX(CELL_W_MAX_MM) &&
           r.h >= FIND_PX(CELL_H_MIN_MM) && r.h <= FIND_PX(CELL_H_MAX_MM) && r.w < 1.5 * r.h &&
           r.h < 2.6 * r.w;
}

/* The next cell to the right in the same row of cells, or NULL: it shares a wall, or, being higher
 * than wide as cells for characters are, stands close by. */
static struct hole *next_cell(const struct sorter *s, const struct hole *cell)
{
    struct rect a = cell->outer;
    for (guint i = 0; i < s->holes->len; i++) {
        struct hole *other = hole_at(s, i);
        struct rect b = other->outer;
        double gap = b.x - (a.x + a.w);
        bool tall = a.h > 1.12 * a.w;
        if (other == cell || !is_cell(s, other) || fabs(a.y - b.y) > 4 || fabs(a.h - b.h) > 5 ||
            fabs(cell->inner.w - other->inner.w) > 0.15 * cell->inner.w + 2)
            continue;
        if (gap > -FIND_PX(1.2) && gap < (tall ? 0.35 * a.w : FIND_PX(0.4)))
            return other;
    }
    return NULL;
}

static bool is_above(const struct hole *upper, const struct hole *lower)
{
    struct rect a = upper->outer, b = lower->outer;
    return fabs(a.x - b.x) <= 3 && fabs(a.w - b.w) <= 4 && b.y > a.y &&
           b.y - (a.y + a.h) < FIND_PX(0.4);
}

/* Does a cell of like kind share the wall above or below: part of a table? */
static bool is_stacked(const struct sorter *s, const struct hole *cell)
{
    int above = 0, below = 0;
    for (guint i = 0; i < s->holes->len; i++) {
        const struct hole *other = hole_at(s, i);
        if (other->shape != BOX_SQUARE || !is_empty(other))
            continue;
        above += is_above(other, cell);
        below += is_above(cell, other);
    }
    return above + below > 0;
}

static void take_cells(struct sorter *s)
{
    for (guint i = 0; i < s->holes->len; i++) {
        struct hole *run[FOUND_CELLS_MAX];
        size_t count = 0;
        bool is_printed = false;
        struct hole *cell = hole_at(s, i);
        if (!is_cell(s, cell))
            continue;
        /* Begin at the left end: no cell may have this one for its next. */
        bool is_first = true;
        for (guint k = 0; is_first && k < s->holes->len; k++)
            is_first = k == i || !is_cell(s, hole_at(s, k)) || next_cell(s, hole_at(s, k)) != cell;
        for (; is_first && cell != NULL && count < FOUND_CELLS_MAX; cell = next_cell(s, cell))
            run[count++] = cell;
        if (count < 2)
            continue;
        /* Square cells in a table are a grid to tick, unless they are clearly made for writing. */
        bool tall = run[0]->outer.h > 1.12 * run[0]->outer.w;
        if (!tall && count >= 3 && is_stacked(s, run[0]) && is_box_sized(run[0]))
            continue;
        struct found *found = add_found(s, FOUND_CELLS, run[0]->outer);
        struct rect last = run[count - 1]->outer;
        found->px.w = last.x + last.w - found->px.x;
        for (size_t c = 0; c < count; c++) {
            found->cells[found->cell_count++] = run[c]->outer;
            is_printed = is_printed || !is_empty(run[c]);
            use_with_inside(s, run[c]);
        }
        if (is_printed)
            found->doubt = "something is printed in the cells: are they written in, or ticked?";
        if (is_stacked(s, run[0]))
            found->doubt = "cells in a table: are they written in, or ticked?";
    }
}

/* ---- boxes, continued ----------------------------------------------------------------------- */

static int by_double(const void *a, const void *b)
{
    double p = *(const double *)a, q = *(const double *)b;
    return (p > q) - (p < q);
}

static void take_boxes(struct sorter *s)
{
    for (guint i = 0; i < s->holes->len; i++) {
        struct hole *hole = hole_at(s, i);
        /* a lone white spot on a tint is decoration, a few in something dark may be letters */
        if (hole->is_bare && siblings(s, hole) < (hole->is_on_dark ? 5 : 2))
            continue;
        if (hole->used || !is_box_sized(hole) || is_letter(s, hole) || !content_fits(s, hole))
            continue;
        struct found *found = add_found(s, FOUND_BOX, hole->outer);
        found->shape = hole->shape;
        found->is_printed_in = !is_empty(hole);
        use_with_inside(s, hole);
        if (hole->shape != BOX_SQUARE && siblings(s, hole) < 2)
            found->doubt = "a round shape by itself: is it a box?";
        else if (!is_empty(hole))
            found->doubt = "something is printed in the box";
    }
}

/* Does a found box of the same size stand in the same row: a scale with its figures in the boxes? */
static bool has_like_in_row(const struct sorter *s, const struct found *f)
{
    for (guint i = 0; i < s->found->len; i++) {
        const struct found *other = &g_array_index(s->found, struct found, i);
        if (other != f && other->kind == FOUND_BOX && same_size(other->px, f->px) &&
            fabs(other->px.y - f->px.y) < 0.3 * f->px.h)
            return true;
    }
    return false;
}

/* Is print right after the box, as an answer's label is? */
static bool has_label_after(const struct sorter *s, const struct found *f)
{
    for (size_t i = 0; i < s->page->word_count; i++) {
        struct rect w = s->page->words[i].px;
        double gap = w.x - (f->px.x + f->px.w), middle = w.y + w.h / 2;
        if (gap > 0 && gap < FIND_PX(LABEL_AFTER_MM) && middle > f->px.y &&
            middle < f->px.y + f->px.h)
            return true;
    }
    return false;
}

/* A square much larger than the page's boxes takes a character, not a tick, unless several stand in
 * a row with their labels. */
static void part_large_boxes(struct sorter *s)
{
    guint count = 0;
    double *sides = g_new(double, s->found->len + 1);
    for (guint i = 0; i < s->found->len; i++) {
        const struct found *f = &g_array_index(s->found, struct found, i);
        if (f->kind == FOUND_BOX && !f->is_printed_in) /* "00" is no usual box, many as there are */
            sides[count++] = f->px.h;
    }
    qsort(sides, count, sizeof *sides, by_double);
    double usual = count > 0 ? sides[count / 2] : 0;
    g_free(sides);
    for (guint i = s->found->len; i-- > 0 && count >= 8;) {
        struct found *f = &g_array_index(s->found, struct found, i);
        if (f->kind != FOUND_BOX || f->shape != BOX_SQUARE || f->px.h < LONE_CELL_TIMES * usual ||
            f->px.h < FIND_PX(5.5))
            continue;
        if (!f->is_printed_in && has_like_in_row(s, f) && has_label_after(s, f)) {
            f->doubt = "larger than the boxes of the page: is it ticked, or written in?";
            continue;
        }
        if (f->is_printed_in) { /* "00": filled in already */
            if (!has_like_in_row(s, f))
                g_array_remove_index(s->found, i);
            continue;
        }
        f->kind = FOUND_CELLS;
        f->cell_count = 1;
        f->cells[0] = f->px;
        f->doubt = "larger than the boxes of the page: is it written in, or ticked?";
    }
}

/* ---- areas ---------------------------------------------------------------------------------- */

/* The x of upright strokes inside a low area that part it into cells; gives how many. */
static size_t dividers(double *out, size_t most, PIX *plate, struct rect inner)
{
    size_t count = 0;
    double begin = -1;
    struct rect r = rect_grow(inner, -3);
    for (double x = r.x; x < r.x + r.w; x++) {
        int ink = find_ink(plate, (struct rect){x, r.y, 1, r.h});
        bool is_stroke = ink >= 0.22 * r.h;
        if (is_stroke && begin < 0)
            begin = x;
        if (!is_stroke && begin >= 0) {
            if (x - begin > FIND_PX(0.9) || count == most)
                return 0;
            out[count++] = (begin + x) / 2;
            begin = -1;
        }
    }
    return count;
}

/* An area that dashes or ticks part into equal cells. */
static bool take_divided(struct sorter *s, struct hole *hole)
{
    double at[FOUND_CELLS_MAX];
    struct rect r = hole->inner;
    if (r.h > FIND_PX(CELL_H_MAX_MM) || r.h < FIND_PX(CELL_H_MIN_MM) || hole->content_px == 0)
        return false;
    size_t count = dividers(at, FOUND_CELLS_MAX - 1, s->page->plate, r);
    double width = r.w / (double)(count + 1);
    if (count == 0 || width < FIND_PX(CELL_W_MIN_MM) || width > FIND_PX(CELL_W_MAX_MM))
        return false;
    for (size_t i = 0; i < count; i++)
        if (fabs(at[i] - r.x - width * (double)(i + 1)) > 0.2 * width)
            return false;
    for (size_t i = 0; i <= count; i++) {
        double x = i == 0 ? r.x : at[i - 1], x1 = i == count ? r.x + r.w : at[i];
        struct rect cell = {x, r.y, x1 - x, r.h};
        if (find_ink(s->page->plate, rect_grow(cell, -FIND_PX(0.7))) > 8)
            return false; /* text, not dividers */
    }
    struct found *found = add_found(s, FOUND_CELLS, hole->outer);
    for (size_t i = 0; i <= count; i++) {
        double x = i == 0 ? hole->outer.x : at[i - 1];
        double x1 = i == count ? hole->outer.x + hole->outer.w : at[i];
        found->cells[found->cell_count++] =
            (struct rect){x, hole->outer.y, x1 - x, hole->outer.h};
    }
    use_with_inside(s, hole);
    return true;
}

/* More than a caption of print in it? */
static bool holds_text(const struct sorter *s, struct rect r)
{
    int words = 0;
    for (size_t i = 0; i < s->page->word_count; i++) {
        struct point c = rect_centre(s->page->words[i].px);
        words += c.x > r.x && c.x < r.x + r.w && c.y > r.y && c.y < r.y + r.h &&
                 !text_is_leader(s->page->words[i].text);
    }
    return words > CAPTION_WORDS_MAX;
}

/* Rows of the inside that hold ink across most of their width: ruled lines. */
static int ruled_ink(PIX *plate, struct rect inner, int *lines)
{
    int sum = 0;
    bool in_line = false;
    *lines = 0;
    for (double y = inner.y; y < inner.y + inner.h; y++) {
        int ink = find_ink(plate, (struct rect){inner.x, y, inner.w, 1});
        bool is_rule = ink > 0.3 * inner.w;
        sum += is_rule ? ink : 0;
        *lines += is_rule && !in_line;
        in_line = is_rule;
    }
    return sum;
}

static bool holds_found(const struct sorter *s, struct rect r)
{
    for (guint i = 0; i < s->found->len; i++) {
        const struct found *f = &g_array_index(s->found, struct found, i);
        if (find_inside(f->px, r))
            return true;
    }
    return false;
}

static void take_area(struct sorter *s, struct hole *hole)
{
    struct rect r = hole->inner;
    int lines;
    if (hole->used || hole->shape != BOX_SQUARE || r.w < FIND_PX(AREA_W_MIN_MM) ||
        r.h < FIND_PX(AREA_H_MIN_MM) || take_divided(s, hole) || holds_found(s, hole->outer) ||
        holds_text(s, r))
        return;
    struct rect inside = rect_grow(r, -4);
    int ink = find_ink(s->page->plate, inside) - ruled_ink(s->page->plate, inside, &lines);
    /* A word or two at the top left ("Name") leaves room to write; more is a frame around text. */
    double share = ink / (inside.w * inside.h);
    struct rect rest = {inside.x, inside.y + 0.45 * inside.h, inside.w, 0.55 * inside.h};
    int below = find_ink(s->page->plate, rest) -
                ruled_ink(s->page->plate, rest, &(int){0});
    if (share > 0.02 || (share > EMPTY_SHARE && below > 30))
        return;
    double page_area = (double)pixGetWidth(s->page->plate) * pixGetHeight(s->page->plate);
    if (r.w * r.h > 0.5 * page_area)
        return;
    struct found *found = add_found(s, FOUND_AREA, hole->outer);
    found->many_lines = r.h > FIND_PX(LINE_H_MAX_MM);
    if (share > 0.001)
        found->doubt = "something is printed in the area";
    use_with_inside(s, hole);
}

static int by_size(const void *a, const void *b)
{
    const struct hole *p = a, *q = b;
    double m = p->inner.w * p->inner.h, n = q->inner.w * q->inner.h;
    return (m > n) - (m < n);
}

GArray *find_boxes(const struct find_page *page, GArray *holes)
{
    struct sorter s = {.page = page, .holes = holes};
    s.found = g_array_new(FALSE, TRUE, sizeof(struct found));
    s.glyphs = pixConnCompBB(page->plate, 8);
    if (s.glyphs == NULL)
        error_die("out of memory while looking for boxes");
    find_tables(s.found, page, holes);
    take_cells(&s);
    take_boxes(&s);
    part_large_boxes(&s);
    g_array_sort(holes, by_size); /* an area within a frame comes before the frame */
    for (guint i = 0; i < holes->len; i++)
        take_area(&s, hole_at(&s, i));
    boxaDestroy(&s.glyphs);
    return s.found;
}
