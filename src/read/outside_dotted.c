/* Rows of specks on bitonal scans: what a threshold leaves of a stroke that is too light for it. Dirt and grain fall
 * anywhere; a stroke's specks lie on a line. How many such lines chance would make is reckoned as in A. Desolneux,
 * L. Moisan and J.-M. Morel, "Meaningful alignments" (2000): of all pairs of specks the line between them is tried,
 * and cells on it are as often dark by chance as others around. */
#include "read/outside_internal.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"

#define LINE_CELLS 64 /* a line is no longer: its cells are bits of one word */
#define BELOW_MAX 128 /* more specks within a line's length below one, or at a label: they are dirt */
#define COLUMNS_MAX 512 /* of a label, 128 mm; a longer one is looked at so far */
#define LEVELS 3       /* level lines either way that are tried, */
#define LEVEL_SLACK 0.1f /* beyond the two rows of cells that a line goes through */
#define LEVEL_CELLS 30 /* each steeper by one cell in so many: up to 5.7 degrees, as in struck.c */

struct speck {
    float x, y; /* cells */
};

/* All of a page's, from the top down. */
struct specks {
    const struct outside_template *template;
    struct speck *at;
    size_t *row;       /* [height + 1]: where those of each row of cells begin */
    double page_share; /* of the page's cells so many are specks */
};

/* Those below one of them, itself first, that a line from there may lead to. */
struct below {
    struct speck at[BELOW_MAX];
    int count;
};

struct line {
    double x, y, dx, dy, length; /* its upper end, the way down from there, of length 1; cells */
    int hits;
};

/* The box in whose inside or row a cell lies; SIZE_MAX: in none. */
static size_t box_at(const struct outside_template *t, int x, int y, bool inside_only)
{
    if (y < 0 || y >= t->height)
        return SIZE_MAX;
    for (size_t k = t->row_zones[y]; k < t->row_zones[y + 1] && t->zones[k].from <= x; k++) {
        unsigned zone = t->zones[k].zone;
        size_t box = (zone - ZONE_FIRST) / 2;
        if (x < t->zones[k].to && zone >= ZONE_FIRST && box < t->box_count &&
            !(inside_only && zone != zone_inside(box)))
            return box;
    }
    return SIZE_MAX;
}

static void find_specks(struct specks *out, const struct outside *o)
{
    const struct outside_template *t = o->template;
    const uint64_t *print = t->print[PRINT_BLURRED];
    size_t words = (size_t)t->height * (size_t)t->words, count = 0;
    for (size_t k = 0; k < words; k++) {
        uint64_t alone = o->any[k] & ~print[k] & ~o->joined[k];
        if (alone != 0) /* seldom, and not every processor counts them */
            count += (size_t)__builtin_popcountll(alone);
    }
    *out = (struct specks){.template = t, .page_share = (double)count / ((double)t->width * t->height)};
    out->at = malloc((count + 1) * sizeof *out->at);
    out->row = malloc(((size_t)t->height + 1) * sizeof *out->row);
    if (out->at == NULL || out->row == NULL)
        error_die("out of memory: specks of a page");
    count = 0;
    for (int y = 0; y < t->height; y++) {
        out->row[y] = count;
        for (int i = 0; i < t->words; i++) {
            size_t k = (size_t)(y * t->words + i);
            for (uint64_t alone = o->any[k] & ~print[k] & ~o->joined[k]; alone != 0; alone &= alone - 1)
                out->at[count++] = (struct speck){(float)(i * 64 + __builtin_ctzll(alone)), (float)y};
        }
    }
    out->row[t->height] = count;
}

/* False where there are too few for a line, or too many. */
static bool find_below(struct below *out, const struct specks *s, size_t from, double reach)
{
    const struct outside_template *t = s->template;
    int last = (int)fmin((double)s->at[from].y + reach, t->height - 1);
    out->at[0] = s->at[from];
    out->count = 1;
    for (size_t k = from + 1; k < s->row[last + 1]; k++) {
        if ((double)fabsf(s->at[k].x - s->at[from].x) > reach)
            continue;
        if (out->count == BELOW_MAX)
            return false;
        out->at[out->count++] = s->at[k];
    }
    return out->count >= t->calibration.dotted_hits_min;
}

/* The decimal logarithm of how likely `hits` or more of `cells` are dark where each is with this chance. */
static double chance_log10(int cells, int hits, double chance)
{
    double most = lgamma(cells + 1) - lgamma(hits + 1) - lgamma(cells - hits + 1) + hits * log(chance) +
                  (cells - hits) * log1p(-chance);
    double sum = 1, term = 1;
    for (int k = hits + 1; k <= cells; k++) {
        term *= (double)(cells - k + 1) / k * chance / (1 - chance);
        sum += term;
    }
    return fmin(0, (most + log(sum)) / log(10));
}

/* The line from the first of the specks to another one; false: no pen's, or too few specks lie on it. */
static bool line_to(struct line *out, const struct below *s, int to, const struct outside_calibration *c)
{
    double aside = c->dotted_aside_mm / OUTSIDE_CELL_MM;
    float dx = s->at[to].x - s->at[0].x, dy = s->at[to].y - s->at[0].y, length = sqrtf(dx * dx + dy * dy);
    if ((double)length < c->dotted_short_mm / OUTSIDE_CELL_MM || (double)length >= LINE_CELLS ||
        (double)length > c->dotted_long_mm / OUTSIDE_CELL_MM ||
        (double)fminf(fabsf(dx), dy) < c->dotted_slope_min * (double)fmaxf(fabsf(dx), dy))
        return false;
    dx /= length;
    dy /= length;
    uint64_t cells = 0;
    for (int k = 0; k < s->count; k++) {
        float x = s->at[k].x - s->at[0].x, y = s->at[k].y - s->at[0].y;
        float along = x * dx + y * dy;
        if ((double)fabsf(x * dy - y * dx) <= aside && along >= 0 && along <= length)
            cells |= (uint64_t)1 << (int)along;
    }
    *out = (struct line){(double)s->at[0].x, (double)s->at[0].y, (double)dx, (double)dy, (double)length,
                         __builtin_popcountll(cells)};
    return out->hits >= c->dotted_hits_min;
}

/* Minus the decimal logarithm of how many lines as good chance makes of specks of which each cell is one with
 * this likelihood. */
static double surprise(const struct line *line, int specks, double share, const struct outside_calibration *c)
{
    double wide = fmax(1, 2 * c->dotted_aside_mm / OUTSIDE_CELL_MM);
    double chance = fmin(1 - pow(1 - fmax(share, c->dotted_share_min), wide), 0.9);
    int cells = (int)line->length + 1;
    double pairs = (double)specks * (specks - 1) / 2;
    return -chance_log10(cells, line->hits < cells ? line->hits : cells, chance) - log10(pairs);
}

/* How dirty the paper is there: the share of cells that are specks, but for those near the line, the rest of the
 * same mark. */
static double share_around(const struct line *line, const struct specks *s)
{
    const struct outside_template *t = s->template;
    const struct outside_calibration *c = &t->calibration;
    double near = c->dotted_near_mm / OUTSIDE_CELL_MM, around = c->dotted_around_mm / OUTSIDE_CELL_MM;
    double x0 = fmax(0, line->x + fmin(0, line->dx * line->length) - around);
    double x1 = fmin(t->width, line->x + fmax(0, line->dx * line->length) + around);
    double y0 = fmax(0, line->y - around), y1 = fmin(t->height, line->y + line->dy * line->length + around);
    long far = 0;
    for (size_t k = s->row[(int)y0]; k < s->row[(int)y1]; k++) {
        double x = (double)s->at[k].x - line->x, y = (double)s->at[k].y - line->y;
        double along = x * line->dx + y * line->dy;
        bool there = (double)s->at[k].x >= x0 && (double)s->at[k].x < x1;
        far += there && (fabs(x * line->dy - y * line->dx) > near || along < -near || along > line->length + near);
    }
    double cells = (x1 - x0) * (y1 - y0) - 2 * near * (line->length + 2 * near);
    return (double)far / fmax(cells, 1);
}

/* The box into which the line goes on, within so many cells of its lower or upper end; SIZE_MAX: none. */
static size_t goes_on_into(const struct line *line, bool down, double reach, const struct outside_template *t)
{
    double x = line->x + (down ? line->dx * line->length : 0), y = line->y + (down ? line->dy * line->length : 0);
    double way = down ? 1 : -1;
    size_t box = SIZE_MAX;
    for (double s = 0; s <= reach && box == SIZE_MAX; s += 0.5)
        box = box_at(t, (int)(x + way * line->dx * s + 0.5), (int)(y + way * line->dy * s + 0.5), true);
    return box;
}

/* The box in whose row, or inside, most of the line lies. */
static size_t most_at(const struct line *line, const struct outside_template *t)
{
    size_t box = SIZE_MAX;
    int count = 0; /* the majority, if there is one (Boyer and Moore) */
    for (double s = 0; s <= line->length; s += 1) {
        size_t here = box_at(t, (int)(line->x + line->dx * s + 0.5), (int)(line->y + line->dy * s + 0.5), false);
        if (count == 0)
            box = here;
        count += here == box ? 1 : -1;
    }
    return box;
}

/* The box that a light stroke along the line speaks of; SIZE_MAX: of none, or it is the end of a mark in a box. A
 * stroke that rises to the right from a box is the tail of a tick in it. */
static size_t box_of(const struct line *line, const struct page_reading *reading, const struct outside_template *t)
{
    const struct outside_calibration *c = &t->calibration;
    double reach = c->dotted_reach_mm / OUTSIDE_CELL_MM;
    size_t below = goes_on_into(line, true, reach, t), above = goes_on_into(line, false, reach / 2, t);
    const size_t ends[] = {below, above};
    for (int k = 0; k < 2; k++)
        if (ends[k] != SIZE_MAX && (double)reading->boxes[ends[k]].evidence.ink_share >= c->dotted_ink_min)
            return SIZE_MAX;
    return line->dx < 0 && below != SIZE_MAX ? below : most_at(line, t);
}

/* ---- labels struck through ------------------------------------------------------------------- */

/* Specks beside a box's label. */
struct beside {
    const struct struck_span *span;
    struct speck at[BELOW_MAX];
    int count;
};

/* False where there are too few for a line, or too many. */
static bool find_beside(struct beside *out, const struct specks *s, const struct struck_span *span)
{
    out->span = span;
    out->count = 0;
    for (size_t k = s->row[span->y0]; k < s->row[span->y1]; k++) {
        if (s->at[k].x < (float)span->x0 || s->at[k].x >= (float)span->x1)
            continue;
        if (out->count == BELOW_MAX)
            return false;
        out->at[out->count++] = s->at[k];
    }
    return out->count >= s->template->calibration.dotted_hits_min;
}

/* A level line, or nearly: the row of its cell in column x. Two rows high. */
struct level {
    struct speck from;
    float slope;
};

static int row_at(const struct level *line, int x)
{
    return (int)floorf(line->from.y + line->slope * ((float)x - line->from.x) + 0.5f);
}

static bool is_bare(const struct outside *o, int x, int y)
{
    const struct outside_template *t = o->template;
    return y >= 0 && y < t->height && !(t->print[PRINT_BLURRED][(ptrdiff_t)y * t->words + x / 64] >> (x & 63) & 1);
}

static bool is_speck(const struct outside *o, int x, int y)
{
    return is_bare(o, x, y) && (o->any[(ptrdiff_t)y * o->template->words + x / 64] >> (x & 63) & 1);
}

/* Whether it goes on beyond the label: a fold, or a rule that the blank lacks. */
static bool is_fold(const struct level *line, const struct beside *b, const struct outside *o)
{
    const struct outside_template *t = o->template;
    int far = (int)(t->calibration.dotted_fold_mm / OUTSIDE_CELL_MM), beyond = 0;
    for (int k = 1; k <= far; k++) {
        const int columns[] = {b->span->x0 - k, b->span->x1 - 1 + k};
        for (int side = 0; side < 2; side++)
            for (int row = -1; row <= 2 && columns[side] >= 0 && columns[side] < t->width; row++)
                if (is_speck(o, columns[side], row_at(line, columns[side]) + row)) {
                    beyond++;
                    break;
                }
    }
    return beyond > t->calibration.dotted_fold_max;
}

/* The columns of a label in which specks lie on a line, and the first and last of them; and how many specks are too far
 * off to be of a line that is not quite straight: dirt, or a tint's dots, which lie in rows themselves. */
struct met {
    int hits, first, last, far;
};

static struct met specks_on(const struct level *line, const struct beside *b, double near)
{
    uint64_t columns[COLUMNS_MAX / 64] = {0};
    struct met met = {0, COLUMNS_MAX, -1, 0};
    for (int k = 0; k < b->count; k++) {
        float off = b->at[k].y - line->from.y - line->slope * (b->at[k].x - line->from.x);
        int column = (int)b->at[k].x - b->span->x0;
        met.far += (double)off < -near || (double)off > 1 + near;
        if (off < -LEVEL_SLACK || off > 1 + LEVEL_SLACK || column >= COLUMNS_MAX)
            continue;
        columns[column / 64] |= (uint64_t)1 << (column & 63);
        met.first = column < met.first ? column : met.first;
        met.last = column > met.last ? column : met.last;
    }
    for (size_t k = 0; k < COLUMNS_MAX / 64; k++)
        met.hits += __builtin_popcountll(columns[k]);
    return met;
}

/* As surprise(), of the specks on a level line through the label; no more than `least`: it does not matter by how much. */
static double surprise_of_level(const struct level *line, const struct beside *b, const struct outside *o,
                                double share, double least)
{
    const struct outside_calibration *c = &o->template->calibration;
    struct met met = specks_on(line, b, c->dotted_level_near_mm / OUTSIDE_CELL_MM);
    int wide = b->span->x1 - b->span->x0, high = b->span->y1 - b->span->y0;
    share = fmax(fmax(share, c->dotted_share_min), (double)met.far / ((double)wide * high));
    double chance = fmin(1 - pow(1 - share, 2), 0.9), lines = (2 * LEVELS + 1.0) * b->count * wide;
    if (met.hits < c->dotted_hits_min || -met.hits * log10(chance) - log10(lines) <= least)
        return least;
    int bare = met.hits; /* and what is not print between them */
    bool letters = false;
    for (int x = b->span->x0 + met.first; x <= b->span->x0 + met.last; x++) {
        int y = row_at(line, x);
        letters |= !is_bare(o, x, y);
        bare += is_bare(o, x, y) && !is_speck(o, x, y) && !is_speck(o, x, y + 1);
    }
    if (!letters)
        return least;
    return -chance_log10(bare, met.hits, chance) - log10(lines);
}

/* Specks in a row along the label: a light line through it, the rest of which the letters hide. */
static void find_struck(struct page_reading *out, const struct specks *s, const struct outside *o)
{
    const struct struck_template *struck = &o->template->struck;
    for (size_t n = 0; n < struck->span_count; n++) {
        struct beside beside;
        if (!find_beside(&beside, s, &struck->spans[n]))
            continue;
        struct level best = {beside.at[0], 0};
        double most = 0;
        for (int slope = -LEVELS; slope <= LEVELS; slope++)
            for (int k = 0; k < beside.count; k++) {
                struct level line = {beside.at[k], (float)slope / LEVEL_CELLS};
                double sure = surprise_of_level(&line, &beside, o, s->page_share, most);
                best = sure > most ? line : best;
                most = fmax(most, sure);
            }
        float *told = &out->boxes[beside.span->box].evidence.struck_dotted;
        if (most > (double)*told && !is_fold(&best, &beside, o))
            *told = (float)most;
    }
}

/* ---- the whole -------------------------------------------------------------------------------- */

/* Light strokes of any slant, but for level and upright ones. */
static void find_strokes(struct page_reading *out, const struct specks *s, const struct outside *o)
{
    const struct outside_calibration *c = &o->template->calibration;
    size_t count = s->row[o->template->height];
    for (size_t from = 0; from < count; from++) {
        struct below below;
        struct line line;
        if (!find_below(&below, s, from, c->dotted_long_mm / OUTSIDE_CELL_MM))
            continue;
        for (int to = 1; to < below.count; to++) {
            if (!line_to(&line, &below, to, c))
                continue;
            double most = surprise(&line, below.count, s->page_share, c);
            size_t box = most < c->dotted_least ? SIZE_MAX : box_of(&line, out, o->template);
            if (box == SIZE_MAX || most <= (double)out->boxes[box].evidence.dotted)
                continue;
            double sure = surprise(&line, below.count, fmax(s->page_share, share_around(&line, s)), c);
            out->boxes[box].evidence.dotted = fmaxf(out->boxes[box].evidence.dotted, (float)sure);
        }
    }
}

void outside_dotted(struct page_reading *out, const struct outside *o)
{
    struct specks s;
    find_specks(&s, o);
    if (s.page_share <= o->template->calibration.dotted_share_max) {
        find_strokes(out, &s, o);
        find_struck(out, &s, o);
    }
    free(s.at);
    free(s.row);
}
