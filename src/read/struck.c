/* Labels struck through. A line is followed in a band of two cells, level or slanting by a few degrees, as
 * far as it is dark: over letters, and over the white between and within them. What letters bleed and where
 * registration puts them is of one cell of white, which is not counted. Of a short label there is little white: where
 * the line goes on beyond both ends of it the shorter one counts, too. */
#include "read/struck.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define SLOPES 3       /* lines either way that are tried, */
#define SLOPE_CELLS 30 /* each steeper by one cell in so many: up to 5.7 degrees */
#define ENDS_MAX 12    /* cells that a line is followed beyond a label */

static void *zeroed(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);
    if (memory == NULL)
        error_die("out of memory: labels of a page");
    return memory;
}

/* ---- the form ------------------------------------------------------------------------------- */

/* What is written in a field beside the label is no line through it. */
static void end_at_fields(struct struck_span *span, const struct template_page *page, bool right)
{
    for (size_t f = 0; f < page->field_count; f++) {
        struct rect r = page->fields[f].rect_mm;
        int x0 = (int)floor(r.x / OUTSIDE_CELL_MM), x1 = (int)ceil((r.x + r.w) / OUTSIDE_CELL_MM);
        if (r.y >= span->y1 * OUTSIDE_CELL_MM || r.y + r.h <= span->y0 * OUTSIDE_CELL_MM ||
            x0 >= span->x1 || x1 <= span->x0)
            continue;
        if (right)
            span->x1 = x0;
        else
            span->x0 = x1;
    }
}

static void add_span(struct outside_template *t, const struct template_page *page, size_t box, double left,
                     double right, const struct outside_row *row)
{
    struct struck_span span = {.box = box};
    span.x0 = (int)fmax(0, ceil(left / OUTSIDE_CELL_MM));
    span.x1 = (int)fmin(t->width, floor(right / OUTSIDE_CELL_MM));
    span.y0 = (int)fmax(0, ceil(row->top / OUTSIDE_CELL_MM));
    span.y1 = (int)fmin(t->height, floor(row->bottom / OUTSIDE_CELL_MM));
    end_at_fields(&span, page, left > page->boxes[box].rect_mm.x);
    if (span.x1 > span.x0 && span.y1 > span.y0)
        t->struck.spans[t->struck.span_count++] = span;
}

void struck_template_init(struct outside_template *t, const struct template_page *page,
                          const struct bitmap *plate)
{
    struct struck_template *s = &t->struck;
    size_t words = (size_t)t->words, count = (size_t)t->height * words;
    s->print = outside_print_cells(t, plate);
    s->tall = zeroed(count, sizeof *s->tall);
    for (size_t k = 0; k < count; k++)
        s->tall[k] = s->print[k] | (k >= words ? s->print[k - words] : 0) |
                     (k + words < count ? s->print[k + words] : 0);
    s->spans = zeroed(2 * page->box_count, sizeof *s->spans);
    struct outside_row *rows = outside_rows(page, plate, &t->calibration);
    double beside_mm = t->calibration.struck_beside_mm;
    for (size_t b = 0; b < page->box_count; b++) {
        struct rect r = page->boxes[b].rect_mm;
        add_span(t, page, b, rows[b].left, r.x - beside_mm, &rows[b]);
        add_span(t, page, b, r.x + r.w + beside_mm, rows[b].right, &rows[b]);
    }
    free(rows);
}

void struck_template_release(struct struck_template *struck)
{
    free(struck->print);
    free(struck->tall);
    free(struck->spans);
}

/* ---- one scan ------------------------------------------------------------------------------- */

/* How many rows a line lies from where it begins in the middle, `along` cells on. */
static inline int rows_off(int slope, int along)
{
    int off = slope * along;
    return off >= 0 ? (off + SLOPE_CELLS / 2) / SLOPE_CELLS : -((SLOPE_CELLS / 2 - off) / SLOPE_CELLS);
}

static inline int higher(int a, int b)
{
    return a > b ? a : b;
}

/* A dark stretch of a line, as far as it was followed. */
struct stretch {
    int bridged; /* cells of white between print, but for one of each gap */
    int gap;     /* those of the gap that is being crossed */
    int first, last; /* cells of print, */
    bool print;  /* if any was met */
    bool whole;  /* from the end of the span */
};

/* A line through the span, `y`: its row in the middle. */
struct line {
    const struct outside_template *t;
    const uint64_t *dark;
    const struct struck_span *span;
    int y, slope;
};

/* How many cells beside `x` have new ink beyond print, one after the other, `step` by step; in four rows, as lines are
 * not quite straight. */
static int end_beyond(const struct line *l, int x, int step)
{
    const struct struck_span *span = l->span;
    int middle = (span->x0 + span->x1) / 2, cells = 0;
    for (x += step; x >= span->x0 && x < span->x1 && cells < ENDS_MAX; x += step, cells++) {
        int y = l->y + rows_off(l->slope, x - middle);
        uint64_t inked = 0;
        for (int row = higher(y - 1, span->y0); row <= y + 2 && row < span->y1; row++) {
            ptrdiff_t k = (ptrdiff_t)row * l->t->words + x / 64;
            inked |= l->dark[k] & ~l->t->struck.tall[k];
        }
        if (!(inked >> (x & 63) & 1))
            break;
    }
    return cells;
}

/* What a stretch bridges. Where it goes on beyond a label on both sides the shorter end counts, but for one cell. */
static int bridged_by(const struct line *l, const struct stretch *s)
{
    if (s->bridged == 0)
        return 0;
    int before = end_beyond(l, s->first, -1), after = before < 2 ? 0 : end_beyond(l, s->last, 1);
    return s->bridged + higher(0, (before < after ? before : after) - 1);
}

/* Follows one line through the span: the white it bridges, in cells; -1: it is dark from end to end. */
static int follow(const struct line *l)
{
    const struct outside_template *t = l->t;
    const struct struck_span *span = l->span;
    int most = 0, middle = (span->x0 + span->x1) / 2;
    struct stretch s = {.whole = true};
    uint64_t inked = 0, print = 0; /* 64 cells of the band */
    for (int x = span->x0, last = INT_MIN; x < span->x1; x++) {
        int at = l->y + rows_off(l->slope, x - middle);
        if (at != last || (x & 63) == 0) {
            ptrdiff_t k = (ptrdiff_t)at * t->words + x / 64;
            bool within = at >= span->y0 && at + 1 < span->y1;
            inked = within ? l->dark[k] | l->dark[k + t->words] : 0;
            print = within ? t->struck.tall[k] | t->struck.tall[k + t->words] : 0;
            last = at;
        }
        if (!(inked >> (x & 63) & 1)) {
            most = higher(most, bridged_by(l, &s));
            s = (struct stretch){0};
            continue;
        }
        if (!(print >> (x & 63) & 1)) {
            s.gap++;
            continue;
        }
        s.bridged += s.print && s.gap > 1 ? s.gap - 1 : 0;
        s.first = s.print ? s.first : x;
        s.last = x;
        s.gap = 0;
        s.print = true;
    }
    return s.whole ? -1 : higher(most, bridged_by(l, &s));
}

/* Cells of a slanting line that lie in one row and one word; rows are counted from the line's middle. */
struct part {
    int word, row;
    uint64_t cells;
};

/* The parts of a line through the span; their number. */
static int parts_of(struct part *out, const struct struck_span *span, int slope)
{
    int count = 0, middle = (span->x0 + span->x1) / 2;
    for (int x = span->x0; x < span->x1; x++) {
        int row = rows_off(slope, x - middle);
        if (count == 0 || out[count - 1].row != row || out[count - 1].word != x / 64)
            out[count++] = (struct part){x / 64, row, 0};
        out[count - 1].cells |= (uint64_t)1 << (x & 63);
    }
    return count;
}

/* A span's bands of two rows each, as follow() sees them: what is inked, and of that what is no print. */
struct bands {
    int first, words;     /* of the page's words those of the span */
    int count;
    uint64_t *inked, *gap; /* [count * words] */
    int *gaps;            /* [count + 1]: how many bands before each have any gap */
};

static void bands_fill(struct bands *bands, const struct outside_template *t, const uint64_t *dark,
                       const struct struck_span *span)
{
    bands->first = span->x0 / 64;
    bands->words = (span->x1 - 1) / 64 + 1 - bands->first;
    bands->count = span->y1 - span->y0 - 1;
    bands->gaps[0] = 0;
    for (int k = 0; k < bands->count; k++) {
        ptrdiff_t at = (ptrdiff_t)(span->y0 + k) * t->words + bands->first;
        uint64_t *inked = bands->inked + k * bands->words, *gap = bands->gap + k * bands->words, any = 0;
        for (int i = 0; i < bands->words; i++, at++) {
            inked[i] = dark[at] | dark[at + t->words];
            gap[i] = inked[i] & ~(t->struck.tall[at] | t->struck.tall[at + t->words]);
            any |= gap[i];
        }
        bands->gaps[k + 1] = bands->gaps[k] + (any != 0);
    }
}

static inline int clamp(int value, int most)
{
    return value < 0 ? 0 : value > most ? most : value;
}

/* False where follow() finds white and no more bridged than `most`: a gap's cells but for one have another of
 * the same gap before them. `y`: the line's middle, in bands. */
static bool may_bridge(const struct bands *bands, const struct part *parts, int count, int y, int most)
{
    int one = parts[0].row, other = parts[count - 1].row;
    int from = y + (one < other ? one : other), to = y + (one < other ? other : one) + 1;
    bool no_gap = bands->gaps[clamp(from, bands->count)] == bands->gaps[clamp(to, bands->count)];
    uint64_t white = 0;
    int cells = 0;
    for (int n = 0; n < count; n++) {
        const struct part *part = &parts[n];
        int at = y + part->row, k = at * bands->words + part->word - bands->first;
        bool within = at >= 0 && at < bands->count;
        uint64_t inked = within ? bands->inked[k] & part->cells : 0;
        white |= part->cells & ~inked;
        if (no_gap && white != 0)
            return false;
        if (inked == 0)
            continue;
        uint64_t gap = inked & bands->gap[k];
        cells += (gap & (~part->cells + 1)) != 0; /* of the part before, perhaps */
        for (uint64_t on = gap & gap << 1; on != 0; on &= on - 1)
            cells++;
    }
    return (cells > 0 && cells + ENDS_MAX > most) || white == 0;
}

/* A row's new ink beyond print and what is just above and below it. */
static inline uint64_t beyond(const struct outside_template *t, const uint64_t *dark, int i, int y)
{
    ptrdiff_t at = (ptrdiff_t)y * t->words + i;
    return i < 0 ? 0 : dark[at] & ~t->struck.tall[at];
}

/* The span's cells among the 64 of a word of its rows. */
static inline uint64_t within_span(const struct struck_span *span, int i)
{
    uint64_t cells = ~(uint64_t)0;
    if (i == span->x0 / 64)
        cells &= ~(uint64_t)0 << (span->x0 & 63);
    if (i == (span->x1 - 1) / 64)
        cells &= ~(uint64_t)0 >> (63 - ((span->x1 - 1) & 63));
    return cells;
}

/* In how many of the span's columns there is any. `columns`: room for a row's words. */
static int columns_beyond(const struct outside_template *t, const uint64_t *dark,
                          const struct struck_span *span, uint64_t *columns)
{
    int first = span->x0 / 64, count = (span->x1 - 1) / 64 + 1 - first, inked = 0;
    memset(columns, 0, (size_t)count * sizeof *columns);
    for (int y = span->y0; y < span->y1; y++) {
        const uint64_t *row = dark + (ptrdiff_t)y * t->words + first;
        const uint64_t *print = t->struck.tall + (ptrdiff_t)y * t->words + first;
        for (int i = 0; i < count; i++)
            columns[i] |= row[i] & ~print[i];
    }
    for (int i = 0; i < count; i++)
        inked += __builtin_popcountll(columns[i] & within_span(span, first + i));
    return inked;
}

/* Hardly any line bridges more cells of white than there are columns in which such ink goes on from the column before;
 * of bleeding letters hardly any does. */
static bool may_be_bridged(const struct outside_template *t, const uint64_t *dark,
                           const struct struck_span *span, int cells, uint64_t *room)
{
    int columns = 0;
    if (columns_beyond(t, dark, span, room) < cells)
        return false;
    for (int i = span->x0 / 64; i <= (span->x1 - 1) / 64; i++) {
        uint64_t any = 0, up = 0, up_before = 0;
        uint64_t at = beyond(t, dark, i, span->y0), before = beyond(t, dark, i - 1, span->y0);
        for (int y = span->y0; y < span->y1; y++) {
            bool last = y + 1 == span->y1;
            uint64_t down = last ? 0 : beyond(t, dark, i, y + 1);
            uint64_t down_before = last ? 0 : beyond(t, dark, i - 1, y + 1);
            uint64_t near = up | at | down, near_before = up_before | before | down_before;
            any |= at & (near << 1 | near_before >> 63);
            up = at;
            up_before = before;
            at = down;
            before = down_before;
        }
        columns += __builtin_popcountll(any & within_span(span, i));
    }
    return columns >= cells;
}

/* The most that one line bridges, in cells. What goes on beyond both ends is a fold or a rule. */
static int bridged(const struct outside_template *t, const uint64_t *dark, const struct struck_span *span,
                   struct part *parts, struct bands *bands)
{
    int most = 0;
    bands_fill(bands, t, dark, span);
    for (int slope = -SLOPES; slope <= SLOPES; slope++) {
        int count = parts_of(parts, span, slope);
        for (int y = 0; y < bands->count; y++) {
            if (!may_bridge(bands, parts, count, y, most))
                continue;
            int here = follow(&(struct line){t, dark, span, span->y0 + y, slope});
            if (here < 0)
                return 0;
            most = here > most ? here : most;
        }
    }
    return most;
}

static int highest_span(const struct struck_template *struck)
{
    int rows = 0;
    for (size_t k = 0; k < struck->span_count; k++) {
        int here = struck->spans[k].y1 - struck->spans[k].y0;
        rows = here > rows ? here : rows;
    }
    return rows;
}

void struck_measure(struct page_reading *out, const struct outside_template *t, const uint64_t *dark)
{
    int least = (int)fmax(1, t->calibration.struck_min_mm / OUTSIDE_CELL_MM);
    int parts_max = t->words + (t->width / SLOPE_CELLS + 2) * SLOPES + 2;
    size_t rows = (size_t)highest_span(&t->struck), words = (size_t)t->words;
    struct part *parts = zeroed((size_t)parts_max, sizeof *parts);
    struct bands bands = {.inked = zeroed(rows * words, sizeof *bands.inked),
                          .gap = zeroed(rows * words, sizeof *bands.gap),
                          .gaps = zeroed(rows + 1, sizeof *bands.gaps)};
    uint64_t *row = zeroed(words, sizeof *row);
    for (size_t k = 0; k < t->struck.span_count; k++) {
        const struct struck_span *span = &t->struck.spans[k];
        float *struck = &out->boxes[span->box].evidence.struck_mm;
        if (may_be_bridged(t, dark, span, least, row))
            *struck = fmaxf(*struck, (float)(bridged(t, dark, span, parts, &bands) * OUTSIDE_CELL_MM));
    }
    free(row);
    free(bands.gaps);
    free(bands.gap);
    free(bands.inked);
    free(parts);
}
