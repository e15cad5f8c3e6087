/* New ink anywhere on a page: of its coarse cells the print is taken off, and what belongs together is put
 * together. The cells: outside_cells.c. What the pieces are like: outside_pieces.c. */
#include "read/outside_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "read/sample.h"
#include "read/struck.h"

#define GROW_STEPS 4          /* a stroke goes on below print this far from either side, in cells */
#define JOIN_WHITE 1          /* then across a gap of twice as many white cells; */
#define JOIN_SPECKS 2         /* and from one speck of a light line to the next: 1 mm */
#define STREAK_RUN_MAX 4      /* cells across a streak of dust */
#define STREAK_MM 60.0        /* an upright line of at least this length, gaps of print and all, that
                                 follows the scanner's own direction, is drawn by no hand */
#define STREAK_FULL 0.4       /* and this share of the rows between its ends is inked */

/* Of anything. */
static uint64_t *new_cells(const struct outside_template *t)
{
    uint64_t *cells = malloc(((size_t)t->height * (size_t)t->words + 1) * sizeof *cells);
    if (cells == NULL)
        error_die("out of memory: a page of %d x %d cells", t->width, t->height);
    return cells;
}

/* ---- cells and their neighbours ------------------------------------------------------------- */

/* The three words above, at and below a place, each with its cells' left and right neighbours. */
struct around {
    uint64_t left[3], at[3], right[3];
};

static inline struct around look_around(const uint64_t *cells, int words, int height, int y, int i)
{
    struct around a;
    for (int k = 0; k < 3; k++) {
        int row = y + k - 1;
        if (row < 0 || row >= height) {
            a.left[k] = a.at[k] = a.right[k] = 0;
            continue;
        }
        const uint64_t *line = cells + (ptrdiff_t)row * words;
        a.at[k] = line[i];
        a.left[k] = line[i] << 1 | (i > 0 ? line[i - 1] >> 63 : 0);
        a.right[k] = line[i] >> 1 | (i + 1 < words ? line[i + 1] << 63 : 0);
    }
    return a;
}

/* New ink: dark cells that are no print. A cell needs two dark neighbours; else it is dust or noise. */
static void find_new(uint64_t *out, const uint64_t *dark, const uint64_t *print,
                     const struct outside_template *t)
{
    for (int y = 0; y < t->height; y++)
        for (int i = 0; i < t->words; i++) {
            size_t at = (size_t)(y * t->words + i);
            uint64_t ink = dark[at] & ~print[at], one = 0, two = 0;
            out[at] = 0;
            if (ink == 0)
                continue;
            struct around a = look_around(dark, t->words, t->height, y, i);
            for (int k = 0; k < 3; k++) {
                const uint64_t near[3] = {a.left[k], a.right[k], k == 1 ? 0 : a.at[k]};
                for (int n = 0; n < 3; n++) {
                    two |= one & near[n];
                    one |= near[n];
                }
            }
            out[at] = ink & two;
        }
}

/* ---- streaks -------------------------------------------------------------------------------- */

/* How dust on the scanner's glass shows: inked rows by column of the image. */
struct column {
    int rows, first, last;
};

/* The image column (in cells) of a narrow run; -1: outside. */
static int image_column(const struct outside *o, int x, int y, int count)
{
    const struct transform *local = &o->tiles[y / TILE_ROWS * o->template->words + x / 64];
    double px = local->m[0] * (x + 0.5) * OUTSIDE_CELL_MM + local->m[1] * (y + 0.5) * OUTSIDE_CELL_MM +
                local->m[2];
    double column = px / (fabs(local->m[0]) * OUTSIDE_CELL_MM);
    return column >= 1 && column < count - 1 ? (int)column : -1;
}

/* Calls for each narrow run: counts it, or (`wipe`) takes it off where its column is a streak. */
static void each_narrow(struct outside *o, struct column *columns, int count, bool wipe)
{
    const struct outside_template *t = o->template;
    for (int y = 0; y < t->height; y++) {
        uint64_t *line = o->ink + (ptrdiff_t)y * t->words;
        for (int x = next_cell(line, 0, t->width, true), end; x < t->width;
             x = next_cell(line, end, t->width, true)) {
            end = next_cell(line, x, t->width, false);
            int column = end - x > STREAK_RUN_MAX ? -1 : image_column(o, (x + end) / 2, y, count);
            if (column < 0)
                continue;
            struct column *c = &columns[column];
            if (wipe && c->rows > 0)
                for (int k = x; k < end; k++)
                    line[k / 64] &= ~((uint64_t)1 << (k & 63));
            if (wipe)
                continue;
            c->first = c->rows == 0 ? y : c->first;
            c->last = y;
            c->rows++;
        }
    }
}

static void take_off_streaks(struct outside *o)
{
    const struct outside_template *t = o->template;
    const struct transform *local = &o->tiles[t->height / TILE_ROWS / 2 * t->words + t->words / 2];
    if (!(fabs(local->m[0]) > fabs(local->m[3]))) /* scanned sideways: streaks are told by shape alone */
        return;
    int count = (int)fmin(SAMPLE_REACH_PX, o->raw->width_px / (fabs(local->m[0]) * OUTSIDE_CELL_MM)) + 64;
    struct column *columns = calloc((size_t)count + 2, 2 * sizeof *columns);
    if (columns == NULL)
        error_die("out of memory: streaks");
    struct column *streaks = columns + count + 1;
    each_narrow(o, columns, count, false);
    bool any = false;
    for (int c = 1; c + 1 < count; c++) { /* a slanting or ragged streak wanders between columns */
        int rows = 0, first = t->height, last = 0;
        for (int k = c - 1; k <= c + 1; k++) {
            rows += columns[k].rows;
            first = columns[k].rows > 0 && columns[k].first < first ? columns[k].first : first;
            last = columns[k].rows > 0 && columns[k].last > last ? columns[k].last : last;
        }
        if (rows * OUTSIDE_CELL_MM < STREAK_MM || rows < STREAK_FULL * (last - first))
            continue;
        for (int k = c - 1; k <= c + 1; k++)
            streaks[k].rows = 1;
        any = true;
    }
    if (any)
        each_narrow(o, streaks, count, true);
    free(columns);
}

/* Grows the new ink, so that what belongs together touches: below print, and at last across `white`
 * cells of white. */
static void join_near(struct outside *o, int white)
{
    const struct outside_template *t = o->template;
    o->joined = new_cells(t);
    grow_cells(o->joined, o->ink, o->dark, GROW_STEPS, GROW_STEPS + white, t->words, t->height);
}

/* The specks of a bitonal scan, and what is ink, beyond print that is as much fatter as a speck's cell is
 * taken for whole. On a page full of specks (grain, a dirty glass) they say nothing: false. */
static bool find_specks(struct outside *light, const struct outside *o)
{
    const struct outside_template *t = o->template;
    const uint64_t *print = t->print[o->reach == PRINT_NEAR ? PRINT_BLURRED : PRINT_FAR];
    size_t count = (size_t)t->height * (size_t)t->words;
    long specks = 0;
    for (size_t k = 0; k < count; k++) {
        light->ink[k] = light->dark[k] & ~print[k];
        uint64_t alone = light->ink[k] & ~o->joined[k];
        if (alone != 0)
            specks += __builtin_popcountll(alone);
        light->ink[k] |= o->ink[k];
    }
    return (double)specks <= t->calibration.speck_share_max * (double)t->width * (double)t->height;
}

/* The same page with light lines for ink, where they go on as ink too. */
static bool find_light(struct outside *light, const struct outside *o)
{
    const struct outside_template *t = o->template;
    size_t count = (size_t)t->height * (size_t)t->words;
    *light = *o;
    light->dark = o->tones != NULL ? new_cells(t) : o->any;
    light->ink = new_cells(t);
    light->joined = NULL;
    if (o->tones != NULL) {
        memset(light->dark, 0, count * sizeof *light->dark);
        outside_faint(light->dark, o);
        for (size_t k = 0; k < count; k++)
            light->dark[k] |= o->dark[k];
        find_new(light->ink, light->dark, t->print[o->reach], t);
    } else if (!find_specks(light, o)) {
        return false;
    }
    take_off_streaks(light);
    join_near(light, o->tones != NULL ? JOIN_WHITE : JOIN_SPECKS);
    return true;
}

/* ---- the whole ------------------------------------------------------------------------------ */

void outside_read(struct page_reading *out, struct arena *arena,
                  const struct outside_template *template, enum print_reach reach,
                  const struct raw_page *raw, const struct placed_page *placed, struct tone levels,
                  double ink_level)
{
    size_t tiles = (size_t)(template->height / TILE_ROWS + 1) * (size_t)template->words;
    struct outside o = {.template = template, .raw = raw, .placed = placed, .levels = levels,
                        .ink_level = ink_level, .reach = reach};
    o.tiles = calloc(tiles + 1, sizeof *o.tiles);
    if (o.tiles == NULL)
        error_die("out of memory: tiles of a page");
    o.dark = new_cells(template);
    o.any = raw->grey == NULL ? new_cells(template) : NULL;
    o.ink = new_cells(template);
    if (raw->grey != NULL) {
        size_t cells = (size_t)template->height * (size_t)template->words * 64;
        o.tones = malloc(cells + 1);
        if (o.tones == NULL)
            error_die("out of memory: cells of a page");
        memset(o.tones, (int)levels.paper, cells);
    }
    outside_cells(&o);
    find_new(o.ink, o.dark, template->print[reach], template);
    take_off_streaks(&o);
    join_near(&o, JOIN_WHITE);
    for (size_t b = 0; b < out->box_count; b++)
        out->boxes[b].evidence.dotted = out->boxes[b].evidence.struck_dotted = 0;
    if (o.tones == NULL)
        outside_dotted(out, &o);
    struct outside light;
    bool any_light = find_light(&light, &o);
    outside_pieces(out, arena, &o, any_light ? &light : NULL);
    struck_measure(out, template, o.dark);
    free(light.dark);
    free(light.ink);
    free(light.joined);
    free(o.joined);
    free(o.ink);
    free(o.dark);
    free(o.tones);
    free(o.tiles);
}
