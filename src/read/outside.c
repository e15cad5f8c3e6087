/* New ink anywhere on a page: sampling it at coarse cells, taking the print off, and putting together
 * what belongs together. What the pieces are like: outside_pieces.c. */
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

static uint64_t *new_cells(const struct outside_template *t)
{
    uint64_t *cells = calloc((size_t)t->height * (size_t)t->words + 1, sizeof *cells);
    if (cells == NULL)
        error_die("out of memory: a page of %d x %d cells", t->width, t->height);
    return cells;
}

/* ---- sampling ----------------------------------------------------------------------------- */

bool outside_in_reach(const struct transform *local, struct point start, double reach_mm)
{
    const double *m = local->m;
    return fabs(start.x) < SAMPLE_REACH_PX / 2 && fabs(start.y) < SAMPLE_REACH_PX / 2 &&
           (fabs(m[0]) + fabs(m[1]) + fabs(m[3]) + fabs(m[4])) * reach_mm < SAMPLE_REACH_PX / 2;
}

int ink_limit(const unsigned char *tile, size_t stride, int rows, struct tone levels, double ink_level)
{
    enum { PARTS = 4 }; /* counted apart: a processor waits for a count that it has just raised */
    unsigned histogram[PARTS][256] = {{0}};
    int sum = 0, paper = 255, count = rows * 64;
    for (int y = 0, x = 0; y < rows; y++, x -= 64) { /* every third cell, on from row to row */
        const unsigned char *row = tile + (size_t)y * stride;
        for (; x < 64 - 3 * (PARTS - 1); x += 3 * PARTS)
            for (int k = 0; k < PARTS; k++)
                histogram[k][row[x + 3 * k]]++;
        for (; x < 64; x += 3)
            histogram[0][row[x]]++;
    }
    /* the level that four tenths of the tile are lighter than: paper also where there is much print */
    for (int wanted = count / 3 * 4 / 10; paper > 0; paper--) {
        for (int k = 0; k < PARTS; k++)
            sum += (int)histogram[k][paper];
        if (sum >= wanted)
            break;
    }
    double span = levels.paper - levels.print;
    /* most of a tile that is this dark is not paper but ink, or what lies beside the sheet */
    double light = fmax(paper, levels.paper - 0.6 * span);
    return (int)(light - ink_level * fmax(light - levels.print, 0.4 * span));
}

static void sample_tile(struct outside *o, int column, int tile_y)
{
    const struct outside_template *t = o->template;
    int rows = t->height - tile_y * TILE_ROWS < TILE_ROWS ? t->height - tile_y * TILE_ROWS : TILE_ROWS;
    struct point first = {(column * 64 + 0.5) * OUTSIDE_CELL_MM,
                          (tile_y * TILE_ROWS + 0.5) * OUTSIDE_CELL_MM};
    struct point middle = {first.x + 32 * OUTSIDE_CELL_MM, first.y + rows / 2.0 * OUTSIDE_CELL_MM};
    struct transform *local = &o->tiles[tile_y * t->words + column];
    size_t stride = (size_t)t->words * 64;
    unsigned char *tones = o->tones == NULL ? NULL
                                            : o->tones + (size_t)tile_y * TILE_ROWS * stride + (size_t)column * 64;
    *local = placement_local(&o->placed->placement, middle);
    struct point start = transform_apply(local, first);
    const double *m = local->m;
    if (!outside_in_reach(local, start, 64 * OUTSIDE_CELL_MM))
        return;
    struct point at[TILE_ROWS];
    for (int j = 0; j < rows; j++)
        at[j] = (struct point){start.x + m[1] * OUTSIDE_CELL_MM * j,
                               start.y + m[4] * OUTSIDE_CELL_MM * j};
    if (o->raw->bits != NULL) {
        sample_words(o->dark + tile_y * TILE_ROWS * t->words + column, t->words, o->raw, at, rows,
                     m[0] * OUTSIDE_CELL_MM, m[3] * OUTSIDE_CELL_MM);
        return;
    }
    struct point next = {64 * m[0] * OUTSIDE_CELL_MM, 64 * m[3] * OUTSIDE_CELL_MM}; /* tile of this row */
    for (int j = 0; j < rows; j++) {
        sample_soon(o->raw, (struct point){at[j].x + next.x, at[j].y + next.y}, next.x);
        struct sample_walk walk = sample_walk_from(at[j], m[0] * OUTSIDE_CELL_MM, m[3] * OUTSIDE_CELL_MM);
        sample_tones(tones + (size_t)j * stride, 64, o->raw, &walk, (unsigned char)o->levels.paper);
    }
    int limit = ink_limit(tones, stride, rows, o->levels, o->ink_level);
    if (limit < 0)
        return;
    for (int j = 0; j < rows; j++)
        o->dark[(tile_y * TILE_ROWS + j) * t->words + column] =
            pack_up_to(tones + (size_t)j * stride, (unsigned char)limit);
}

static void sample_page(struct outside *o)
{
    const struct outside_template *t = o->template;
    for (int y = 0; y * TILE_ROWS < t->height; y++)
        for (int x = 0; x < t->words; x++)
            sample_tile(o, x, y);
    if (t->width % 64 != 0)
        for (int y = 0; y < t->height; y++)
            o->dark[y * t->words + t->words - 1] &= ((uint64_t)1 << t->width % 64) - 1;
}

/* One tile of an image that is smaller by `factor`. */
static void sample_tile_any(uint64_t *out, const struct outside *o, const struct raw_page *reduced,
                            int factor, int column, int tile_y)
{
    const struct outside_template *t = o->template;
    const struct transform *local = &o->tiles[tile_y * t->words + column];
    int rows = t->height - tile_y * TILE_ROWS < TILE_ROWS ? t->height - tile_y * TILE_ROWS : TILE_ROWS;
    struct point at[TILE_ROWS];
    const double *m = local->m, smaller = 1.0 / factor, x = (column * 64 + 0.5) * OUTSIDE_CELL_MM;
    for (int j = 0; j < rows; j++) { /* no perspective: as transform_apply(), which divides */
        double y = (tile_y * TILE_ROWS + j + 0.5) * OUTSIDE_CELL_MM;
        struct point px = {m[0] * x + m[1] * y + m[2], m[3] * x + m[4] * y + m[5]};
        if (!(fabs(px.x) < SAMPLE_REACH_PX / 2 && fabs(px.y) < SAMPLE_REACH_PX / 2))
            return;
        at[j] = (struct point){px.x * smaller, px.y * smaller};
    }
    sample_words(out + tile_y * TILE_ROWS * t->words + column, t->words, reduced, at, rows,
                 local->m[0] * OUTSIDE_CELL_MM / factor, local->m[3] * OUTSIDE_CELL_MM / factor);
}

/* Cells of a bitonal scan of which any pixel is dark, if only a speck: a light line is thinner there than
 * a cell, or dotted. */
static void sample_any(uint64_t *out, const struct outside *o)
{
    const struct outside_template *t = o->template;
    const double *m = o->tiles[t->height / TILE_ROWS / 2 * t->words + t->words / 2].m;
    double cell_px = fmin(hypot(m[0], m[3]), hypot(m[1], m[4])) * OUTSIDE_CELL_MM;
    int factor = cell_px >= 7 ? 8 : cell_px >= 3.5 ? 4 : cell_px >= 1.75 ? 2 : 1;
    PIX *wide = reduce_any(o->raw->bits, factor, cell_px / factor >= 1.05);
    struct raw_page reduced = {.bits = wide, .width_px = (int)wide->w, .height_px = (int)wide->h};
    for (int y = 0; y * TILE_ROWS < t->height; y++)
        for (int i = 0; i < t->words; i++)
            sample_tile_any(out, o, &reduced, factor, i, y);
    pixDestroy(&wide);
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

/* The end of the run of ink that begins at x. */
static int run_end(const uint64_t *line, int x, int width)
{
    while (x < width && line[x / 64] >> (x & 63) & 1)
        x++;
    return x;
}

static int run_begin(const uint64_t *line, int x, int width)
{
    while (x < width) {
        uint64_t word = line[x / 64] >> (x & 63);
        if (word != 0)
            return x + __builtin_ctzll(word);
        x = (x / 64 + 1) * 64;
    }
    return width;
}

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
        for (int x = run_begin(line, 0, t->width), end; x < t->width; x = run_begin(line, end, t->width)) {
            end = run_end(line, x, t->width);
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
    size_t room = (size_t)t->height * (size_t)t->words * sizeof *o->ink;
    uint64_t *grown = new_cells(t), *spare = malloc(room + 1);
    unsigned char *inked = calloc((size_t)t->height + 2, 1);
    if (inked == NULL || spare == NULL)
        error_die("out of memory: rows of a page");
    memcpy(spare, o->ink, room);
    for (int y = 0; y < t->height; y++)
        for (int i = 0; i < t->words && !inked[y + 1]; i++)
            inked[y + 1] = spare[y * t->words + i] != 0;
    for (int k = 0; k < GROW_STEPS + white; k++) {
        grow_cells(grown, spare, k < GROW_STEPS ? o->dark : NULL, inked, t->words, t->height);
        uint64_t *swap = spare;
        spare = grown;
        grown = swap;
    }
    free(inked);
    o->joined = spare;
    free(grown);
}

/* The specks of a bitonal scan, and what is ink, beyond print that is as much fatter as a speck's cell is
 * taken for whole. On a page full of specks (grain, a dirty glass) they say nothing: false. */
static bool find_specks(struct outside *light, const struct outside *o)
{
    const struct outside_template *t = o->template;
    const uint64_t *print = t->print[o->reach == PRINT_NEAR ? PRINT_BLURRED : PRINT_FAR];
    size_t count = (size_t)t->height * (size_t)t->words;
    long specks = 0;
    sample_any(light->dark, o);
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
    light->dark = new_cells(t);
    light->ink = new_cells(t);
    light->joined = NULL;
    if (o->tones != NULL) {
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
    o.ink = new_cells(template);
    if (raw->grey != NULL) {
        size_t cells = (size_t)template->height * (size_t)template->words * 64;
        o.tones = malloc(cells + 1);
        if (o.tones == NULL)
            error_die("out of memory: cells of a page");
        memset(o.tones, (int)levels.paper, cells);
    }
    sample_page(&o);
    find_new(o.ink, o.dark, template->print[reach], template);
    take_off_streaks(&o);
    join_near(&o, JOIN_WHITE);
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
