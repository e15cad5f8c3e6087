/* A page's coarse cells: which are as dark as ink, and of which any pixel is dark. */
#include "read/outside_internal.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "read/sample.h"

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

/* Up to TILE_ROWS rows of a word each, which one local transform serves. */
struct tile {
    int word, top, rows;
    const struct transform *local;
};

static struct tile tile_at(const struct outside *o, int word, int tile_y)
{
    const struct outside_template *t = o->template;
    int top = tile_y * TILE_ROWS, left = t->height - top;
    return (struct tile){word, top, left < TILE_ROWS ? left : TILE_ROWS, &o->tiles[tile_y * t->words + word]};
}

static struct point first_cell_mm(int word, int top)
{
    return (struct point){(word * 64 + 0.5) * OUTSIDE_CELL_MM, (top + 0.5) * OUTSIDE_CELL_MM};
}

static void place_tiles(struct outside *o)
{
    const struct outside_template *t = o->template;
    int columns = t->words, rows = (t->height + TILE_ROWS - 1) / TILE_ROWS;
    double *middles_x = malloc((size_t)(columns + rows + 1) * sizeof *middles_x);
    if (middles_x == NULL)
        error_die("out of memory: tiles of a page");
    double *middles_y = middles_x + columns;
    for (int i = 0; i < columns; i++)
        middles_x[i] = first_cell_mm(i, 0).x + 32 * OUTSIDE_CELL_MM;
    for (int k = 0; k < rows; k++) {
        struct tile tile = tile_at(o, 0, k);
        middles_y[k] = first_cell_mm(0, tile.top).y + tile.rows / 2.0 * OUTSIDE_CELL_MM;
    }
    placement_locals(o->tiles, &o->placed->placement, middles_x, columns, middles_y, rows);
    free(middles_x);
}

/* Where the rows of a tile begin on the image; false: out of reach. */
static bool begin_rows(struct point at[TILE_ROWS], const struct tile *tile)
{
    const double *m = tile->local->m;
    struct point start = transform_apply(tile->local, first_cell_mm(tile->word, tile->top));
    if (!outside_in_reach(tile->local, start, 64 * OUTSIDE_CELL_MM))
        return false;
    for (int j = 0; j < tile->rows; j++)
        at[j] = (struct point){start.x + m[1] * OUTSIDE_CELL_MM * j, start.y + m[4] * OUTSIDE_CELL_MM * j};
    return true;
}

/* ---- bitonal scans ------------------------------------------------------------------------------ */

/* The image made smaller, on which a cell is a pixel or two. */
struct reduced {
    struct raw_page page;
    int factor;
};

/* Whether the rows of a tile are all on the image made smaller, or left of it or above: of its last lines and
 * columns some are lost. */
static bool is_reduced_whole(const struct tile *tile, const struct point *at, const struct reduced *reduced)
{
    const double *m = tile->local->m;
    double wide = 64 * OUTSIDE_CELL_MM * m[0], high = 64 * OUTSIDE_CELL_MM * m[3];
    struct point a = at[0], b = at[tile->rows - 1];
    double right = (a.x > b.x ? a.x : b.x) + (wide > 0 ? wide : 0);
    double below = (a.y > b.y ? a.y : b.y) + (high > 0 ? high : 0);
    return right < reduced->factor * (reduced->page.width_px - 1) &&
           below < reduced->factor * (reduced->page.height_px - 1);
}

static void clear_tile(uint64_t *out, int stride, const struct tile *tile)
{
    for (int j = 0; j < tile->rows; j++)
        out[j * stride] = 0;
}

static void sample_tile_any(uint64_t *out, int stride, const struct tile *tile, const struct reduced *reduced)
{
    struct point at[TILE_ROWS];
    const double smaller = 1.0 / reduced->factor, step = OUTSIDE_CELL_MM * smaller;
    if (!begin_rows(at, tile)) {
        clear_tile(out, stride, tile);
        return;
    }
    for (int j = 0; j < tile->rows; j++)
        at[j] = (struct point){at[j].x * smaller, at[j].y * smaller};
    sample_words(out, stride, &reduced->page, at, tile->rows, tile->local->m[0] * step, tile->local->m[3] * step, true);
}

/* Rows of each word of a row of tiles that have a dark pixel in any of their cells or those next to them; bit j is
 * row j. */
static void find_rows_with_any(unsigned *out, const struct outside *o, int tile_y)
{
    const struct outside_template *t = o->template;
    const int words = t->words;
    for (int i = 0; i < words; i++)
        out[i] = 0;
    for (int j = -1; j <= TILE_ROWS; j++) { /* bit j + 1, for now */
        int y = tile_y * TILE_ROWS + j;
        if (y < 0 || y >= t->height)
            continue;
        const uint64_t *row = o->any + (ptrdiff_t)y * words;
        uint64_t before = 0;
        for (int i = 0; i < words; i++) {
            uint64_t next = i + 1 < words ? row[i + 1] & 1 : 0;
            out[i] |= (unsigned)((row[i] | before | next) != 0) << (j + 1);
            before = row[i] >> 63;
        }
    }
    for (int i = 0; i < words; i++)
        out[i] |= out[i] >> 1 | out[i] >> 2;
}

/* `asked`: rows where any pixel is dark, of those on the image made smaller. */
static void sample_tile_dark(const struct outside *o, const struct tile *tile, const struct reduced *reduced,
                             unsigned asked)
{
    const int stride = o->template->words;
    const double dx = tile->local->m[0] * OUTSIDE_CELL_MM, dy = tile->local->m[3] * OUTSIDE_CELL_MM;
    const unsigned all = (1u << tile->rows) - 1;
    uint64_t *out = o->dark + tile->top * stride + tile->word, words[TILE_ROWS];
    struct point at[TILE_ROWS];
    int row[TILE_ROWS], count = 0;
    if (!begin_rows(at, tile))
        asked = 0;
    else if (!is_reduced_whole(tile, at, reduced))
        asked = all;
    if ((asked & all) == all) {
        sample_words(out, stride, o->raw, at, tile->rows, dx, dy, false);
        return;
    }
    clear_tile(out, stride, tile);
    for (asked &= all; asked != 0; asked &= asked - 1) {
        row[count] = __builtin_ctz(asked);
        at[count] = at[row[count]];
        count++;
    }
    if (count > 0)
        sample_words(words, 1, o->raw, at, count, dx, dy, false);
    for (int k = 0; k < count; k++)
        out[row[k] * stride] = words[k];
}

static void sample_any(const struct outside *o, const struct reduced *reduced)
{
    const struct outside_template *t = o->template;
    for (int y = 0; y * TILE_ROWS < t->height; y++)
        for (int i = 0; i < t->words; i++) {
            struct tile tile = tile_at(o, i, y);
            sample_tile_any(o->any + tile.top * t->words + i, t->words, &tile, reduced);
        }
}

static void sample_dark(const struct outside *o, const struct reduced *reduced)
{
    const struct outside_template *t = o->template;
    unsigned *asked = calloc((size_t)t->words + 1, sizeof *asked);
    if (asked == NULL)
        error_die("out of memory: a row of cells");
    for (int y = 0; y * TILE_ROWS < t->height; y++) {
        find_rows_with_any(asked, o, y);
        for (int i = 0; i < t->words; i++) {
            struct tile tile = tile_at(o, i, y);
            sample_tile_dark(o, &tile, reduced, asked[i]);
        }
    }
    free(asked);
}

/* First the cells of which any pixel is dark, if only a speck: a light line is thinner there than a cell, or
 * dotted. Where there is none no cell is dark. */
static void sample_bits(struct outside *o)
{
    const struct outside_template *t = o->template;
    const double *m = o->tiles[t->height / TILE_ROWS / 2 * t->words + t->words / 2].m;
    double cell_px = fmin(hypot(m[0], m[3]), hypot(m[1], m[4])) * OUTSIDE_CELL_MM;
    struct reduced reduced = {.factor = cell_px >= 7 ? 8 : cell_px >= 3.5 ? 4 : cell_px >= 1.75 ? 2 : 1};
    reduced.page = reduce_any(o->raw->bits, reduced.factor, cell_px / reduced.factor >= 1.05);
    sample_any(o, &reduced);
    sample_dark(o, &reduced);
    pixDestroy(&reduced.page.bits);
}

/* ---- grey scans --------------------------------------------------------------------------------- */

static void sample_tile_grey(struct outside *o, const struct tile *tile)
{
    const struct outside_template *t = o->template;
    const double *m = tile->local->m;
    size_t stride = (size_t)t->words * 64;
    unsigned char *tones = o->tones + (size_t)tile->top * stride + (size_t)tile->word * 64;
    struct point at[TILE_ROWS];
    struct point next = {64 * m[0] * OUTSIDE_CELL_MM, 64 * m[3] * OUTSIDE_CELL_MM}; /* tile of this row */
    int limit = -1;
    if (begin_rows(at, tile)) {
        for (int j = 0; j < tile->rows; j++) {
            sample_soon(o->raw, (struct point){at[j].x + next.x, at[j].y + next.y}, next.x);
            struct sample_walk walk = sample_walk_from(at[j], m[0] * OUTSIDE_CELL_MM, m[3] * OUTSIDE_CELL_MM);
            sample_tones(tones + (size_t)j * stride, 64, o->raw, &walk, (unsigned char)o->levels.paper);
        }
        limit = ink_limit(tones, stride, tile->rows, o->levels, o->ink_level);
    }
    uint64_t *dark = o->dark + tile->top * t->words + tile->word;
    clear_tile(dark, t->words, tile);
    for (int j = 0; limit >= 0 && j < tile->rows; j++)
        dark[j * t->words] = pack_up_to(tones + (size_t)j * stride, (unsigned char)limit);
}

static void sample_grey(struct outside *o)
{
    const struct outside_template *t = o->template;
    for (int y = 0; y * TILE_ROWS < t->height; y++)
        for (int i = 0; i < t->words; i++) {
            struct tile tile = tile_at(o, i, y);
            sample_tile_grey(o, &tile);
        }
}

void outside_cells(struct outside *o)
{
    const struct outside_template *t = o->template;
    place_tiles(o);
    if (o->tones == NULL)
        sample_bits(o);
    else
        sample_grey(o);
    if (t->width % 64 != 0)
        for (int y = 0; y < t->height; y++)
            o->dark[y * t->words + t->words - 1] &= ((uint64_t)1 << t->width % 64) - 1;
}
