/* What crops of the same print have in common, and the proof that it is print. */
#include "record/consensus.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define INSIDE_MM 0.45      /* from here on the outline is no part of what stands inside */
#define OUTLINE_MM 0.4      /* on either side of the edge: where the outline lies */
#define SPREAD_MAX 2        /* cells: what print may vary by from box to box */
#define LOOSE_CELLS 3

void consensus_cells(unsigned char *out, const struct crop_sample *sample)
{
    unsigned char cells[CROP_CELLS_MAX];
    int width = sample->crop->width, height = sample->crop->height;
    if (sample->sx == 0 && sample->sy == 0) {
        crop_unpack(out, sample->crop);
        return;
    }
    crop_unpack(cells, sample->crop);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            int sx = x + sample->sx, sy = y + sample->sy;
            bool within = sx >= 0 && sy >= 0 && sx < width && sy < height;
            out[y * width + x] = within ? cells[sy * width + sx] : 0;
        }
}

/* Cells within `reach` of one that is dark enough. */
static void spread(unsigned char *out, const unsigned char *cells, int level, int reach,
                   const struct crop_frame *frame)
{
    int width = frame->width, height = frame->height;
    memset(out, 0, (size_t)width * (size_t)height);
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            if (cells[y * width + x] < level)
                continue;
            for (int j = y - reach; j <= y + reach; j++)
                for (int i = x - reach; i <= x + reach; i++)
                    if (i >= 0 && j >= 0 && i < width && j < height &&
                        (i - x) * (i - x) + (j - y) * (j - y) <= reach * reach + 1)
                        out[j * width + i] = 1;
        }
}

/* ---- witnesses ------------------------------------------------------------------------------- */

/* Whether the two images are surely of two sheets: of one sheet scanned twice every mark is the same
 * twice, which proves nothing. */
static bool two_sheets(const struct page_result *a, const struct page_result *b,
                       const struct learned_calibration *calibration)
{
    const struct known_page *x = &a->placed.known, *y = &b->placed.known;
    if (x->has_reference && y->has_reference && strcmp(x->reference, y->reference) != 0)
        return true;
    for (size_t k = 0; k < a->reading.box_count && k < b->reading.box_count; k++)
        if (fabs((double)a->reading.boxes[k].evidence.ink_share -
                 (double)b->reading.boxes[k].evidence.ink_share) >= calibration->sheet_ink_min)
            return true;
    return false;
}

bool consensus_independent(const struct crop_sample *a, const struct crop_sample *b,
                           const struct learned_calibration *calibration)
{
    return a->page == b->page ? a->box != b->box
                              : a->box != b->box || two_sheets(a->page, b->page, calibration);
}

bool consensus_filled(const struct crop_frame *frame, const struct crop_sample *sample,
                      const unsigned char *print, const struct calibration *calibration)
{
    unsigned char cells[CROP_CELLS_MAX];
    int ink = (int)(calibration->marks.ink_level * 255), inside = 0, dark = 0;
    consensus_cells(cells, sample);
    for (int c = 0; c < frame->width * frame->height; c++) {
        if (frame->depth_mm[c] <= INSIDE_MM || print[c])
            continue;
        inside++;
        dark += cells[c] >= ink;
    }
    return (double)dark > calibration->learned.dense_max * inside;
}

/* How dark the inside is against the printed outline round it. */
static double blackness(const struct crop_frame *frame, const unsigned char *cells)
{
    double inside = 0, outline = 0;
    int inside_count = 0, outline_count = 0;
    for (int c = 0; c < frame->width * frame->height; c++) {
        double depth = frame->depth_mm[c];
        if (depth > INSIDE_MM) {
            inside += cells[c];
            inside_count++;
        } else if (depth > 0.05 && depth < 0.2) {
            outline += cells[c];
            outline_count++;
        }
    }
    return inside_count == 0 || outline <= 0 ? 1 : inside / inside_count / (outline / outline_count);
}

/* Whether both may show the same print beside that which is known: ink of one at cells where the other
 * has none is what hands differ by. */
bool consensus_alike(const struct crop_frame *frame, const struct crop_sample *a,
                     const struct crop_sample *b, const unsigned char *print,
                     const struct calibration *calibration)
{
    unsigned char cells[2][CROP_CELLS_MAX], near[2][CROP_CELLS_MAX];
    int ink = (int)(calibration->marks.ink_level * 255);
    int faint = (int)(calibration->marks.faint_level * 255);
    long dark[2] = {0, 0}, alone[2] = {0, 0};
    consensus_cells(cells[0], a);
    consensus_cells(cells[1], b);
    spread(near[0], cells[0], faint, 1, frame);
    spread(near[1], cells[1], faint, 1, frame);
    for (int c = 0; c < frame->width * frame->height; c++) {
        if (frame->depth_mm[c] <= INSIDE_MM)
            continue;
        for (int k = 0; k < 2 && !print[c]; k++) {
            dark[k] += cells[k][c] >= ink;
            alone[k] += cells[k][c] >= ink && !near[1 - k][c];
        }
    }
    bool filled[2] = {consensus_filled(frame, a, print, calibration),
                      consensus_filled(frame, b, print, calibration)};
    if (filled[0] || filled[1])
        return filled[0] && filled[1] && blackness(frame, cells[0]) >= calibration->learned.black_min &&
               blackness(frame, cells[1]) >= calibration->learned.black_min;
    return (double)alone[0] <= calibration->learned.alone_max * (double)dark[0] &&
           (double)alone[1] <= calibration->learned.alone_max * (double)dark[1];
}

/* ---- levels over many crops ------------------------------------------------------------------ */

/* How often each cell has each level: what quantiles are read off, whatever the number of crops. */
struct levels {
    unsigned *counts; /* cells x CROP_LEVELS */
    int cells;
    size_t crops;
};

static void levels_init(struct levels *out, int cells)
{
    *out = (struct levels){calloc((size_t)cells * CROP_LEVELS, sizeof *out->counts), cells, 0};
    if (out->counts == NULL)
        error_die("out of memory: a print of %d cells", cells);
}

static void levels_add(struct levels *levels, const unsigned char *cells)
{
    for (int c = 0; c < levels->cells; c++)
        levels->counts[c * CROP_LEVELS + cells[c] / 17]++;
    levels->crops++;
}

/* The darkness below which so many crops lie at each cell, from the lightest. */
static void levels_read(unsigned char *out, const struct levels *levels, size_t below)
{
    for (int c = 0; c < levels->cells; c++) {
        size_t sum = 0;
        int level = 0;
        while (level < CROP_LEVELS - 1 &&
               (sum += levels->counts[c * CROP_LEVELS + level]) <= below)
            level++;
        out[c] = (unsigned char)(level * 17);
    }
}

/* ---- the proof ------------------------------------------------------------------------------- */

struct proving {
    const struct crop_frame *frame;
    struct crop_sample *const *samples;
    size_t count;
    const struct calibration *calibration;
    int cells, ink, faint;
    unsigned char *common;  /* darkness: what is dark in (nearly) all */
    unsigned char *typical; /* darkness: the middle of the witnesses */
    unsigned char *print;   /* 1: print and what it spreads to */
};

static bool is_inside(const struct proving *p, int cell)
{
    return p->frame->depth_mm[cell] > INSIDE_MM;
}

/* Share of the inside where these cells are dark and `but` is not. */
static double share_dark(const struct proving *p, const unsigned char *cells, int level,
                         const unsigned char *but)
{
    int inside = 0, dark = 0;
    for (int c = 0; c < p->cells; c++) {
        if (!is_inside(p, c))
            continue;
        inside++;
        dark += cells[c] >= level && !(but != NULL && but[c]);
    }
    return inside == 0 ? 1 : (double)dark / inside;
}

/* Share of the print, outline and all, that these cells do not show. */
static double share_lacking(const struct proving *p, const unsigned char *cells)
{
    unsigned char near[CROP_CELLS_MAX];
    int print = 0, lacking = 0;
    spread(near, cells, p->faint, 1, p->frame);
    for (int c = 0; c < p->cells; c++) {
        if (p->typical[c] < p->ink || p->frame->depth_mm[c] < -OUTLINE_MM / 2)
            continue;
        print++;
        lacking += !near[c];
    }
    return print == 0 ? 0 : (double)lacking / print;
}

/* How the darkness of these cells goes with that of the print inside, -1 to 1. */
static double contrast(const struct proving *p, const unsigned char *cells)
{
    double n = 0, a = 0, b = 0, aa = 0, bb = 0, ab = 0;
    for (int c = 0; c < p->cells; c++) {
        if (!is_inside(p, c))
            continue;
        double x = cells[c], y = p->typical[c];
        n++;
        a += x;
        b += y;
        aa += x * x;
        bb += y * y;
        ab += x * y;
    }
    double of_a = aa * n - a * a, of_b = bb * n - b * b;
    return of_a <= 0 || of_b <= 0 ? 0 : (ab * n - a * b) / sqrt(of_a * of_b);
}

/* Shows no ink beyond the print. */
static bool is_plain(const struct proving *p, const unsigned char *cells)
{
    const struct learned_calibration *c = &p->calibration->learned;
    double ink, faint;
    crop_shares(&ink, &faint, p->frame, cells, p->print, &p->calibration->marks);
    return ink <= c->empty_share_max && faint <= c->empty_faint_max;
}

/* What is common to all, then what is typical of those that show little beside it. Gives their
 * number. */
static size_t find_typical(struct proving *p)
{
    unsigned char cells[CROP_CELLS_MAX];
    struct levels levels;
    levels_init(&levels, p->cells);
    for (size_t k = 0; k < p->count; k++) {
        consensus_cells(cells, p->samples[k]);
        levels_add(&levels, cells);
    }
    double below = floor(p->calibration->learned.low_share * (double)p->count);
    levels_read(p->common, &levels, (size_t)below);
    memset(levels.counts, 0, (size_t)p->cells * CROP_LEVELS * sizeof *levels.counts);
    levels.crops = 0;
    spread(p->print, p->common, p->ink, LOOSE_CELLS, p->frame);
    for (size_t k = 0; k < p->count; k++) {
        consensus_cells(cells, p->samples[k]);
        if (share_dark(p, cells, p->ink, p->print) <= p->calibration->learned.loose_share_max)
            levels_add(&levels, cells);
    }
    size_t loose = levels.crops;
    levels_read(p->typical, &levels, loose / 2);
    free(levels.counts);
    return loose;
}

/* Along the outline its own blur is wider than what varies inside, and nobody marks there. */
static void keep_off_outline(struct proving *p)
{
    unsigned char wide[CROP_CELLS_MAX];
    spread(wide, p->typical, p->faint, SPREAD_MAX, p->frame);
    for (int c = 0; c < p->cells; c++)
        if (!is_inside(p, c))
            p->print[c] |= wide[c];
}

/* How much more of the print's cells is dark than on most scans, as a share of the inside: a blot that
 * print and its spread would hide. */
static double share_hidden(const struct proving *p, const unsigned char *cells)
{
    int inside = 0, more = 0;
    for (int c = 0; c < p->cells; c++) {
        if (!is_inside(p, c))
            continue;
        inside++;
        more += p->print[c] && cells[c] >= p->ink;
        more -= p->print[c] && p->typical[c] >= p->ink;
    }
    return inside == 0 ? 0 : (double)more / inside;
}

static double white_left(const struct proving *p)
{
    return 1 - share_dark(p, p->print, 1, NULL);
}

static bool of_one_box(const struct proving *p)
{
    for (size_t k = 1; k < p->count; k++)
        if (p->samples[k]->box != p->samples[0]->box)
            return false;
    return true;
}

/* Spreads the print, and sets the roles of all samples by it. Gives how many are plain. */
static size_t try_spread(struct proving *p, int step)
{
    unsigned char cells[CROP_CELLS_MAX];
    size_t plain = 0;
    spread(p->print, p->typical, step == 0 ? p->ink : p->faint, step == 0 ? 1 : step, p->frame);
    keep_off_outline(p);
    for (size_t k = 0; k < p->count; k++) {
        consensus_cells(cells, p->samples[k]);
        enum crop_role role = CROP_MARKED;
        if (share_lacking(p, cells) > p->calibration->learned.lacking_max)
            role = CROP_LACKING;
        else if (is_plain(p, cells))
            role = CROP_PLAIN;
        p->samples[k]->role = role;
        plain += role == CROP_PLAIN;
    }
    return plain;
}

/* A plain box that has more dark where the print is than the others have. */
static void doubt_hidden(struct proving *p)
{
    unsigned char cells[CROP_CELLS_MAX];
    double *more = malloc((p->count + 1) * 2 * sizeof *more);
    size_t plain = 0;
    if (more == NULL)
        error_die("out of memory: %zu crops", p->count);
    for (size_t k = 0; k < p->count; k++) {
        if (p->samples[k]->role != CROP_PLAIN)
            continue;
        consensus_cells(cells, p->samples[k]);
        more[p->count + 1 + plain] = more[plain] = share_hidden(p, cells);
        plain++;
    }
    double usual = median_of(more + p->count + 1, plain);
    plain = 0;
    for (size_t k = 0; k < p->count; k++)
        if (p->samples[k]->role == CROP_PLAIN &&
            more[plain++] > usual + p->calibration->learned.hidden_max)
            p->samples[k]->role = CROP_DOUBTFUL;
    free(more);
}

/* Spreads the print by as little as makes most of the `loose` witnesses plain, or as many as can be:
 * the less, the less can hide behind it. */
static void settle_spread(struct proving *p, size_t loose)
{
    size_t most = 0;
    int best = 0;
    /* one box may be marked on every sheet: nothing but the closest likeness tells print from marks */
    int last = of_one_box(p) ? 1 : SPREAD_MAX;
    for (int step = 0; step <= last; step++) {
        size_t plain = try_spread(p, step);
        if (white_left(p) < p->calibration->learned.white_min)
            break;
        if ((double)plain >= p->calibration->learned.plain_share_min * (double)loose)
            return;
        if (plain > most) {
            most = plain;
            best = step;
        }
    }
    try_spread(p, best);
}

/* Ink beside the print, faint ink too. */
static double share_beside(const struct proving *p, const unsigned char *cells)
{
    double ink, faint;
    crop_shares(&ink, &faint, p->frame, cells, p->print, &p->calibration->marks);
    return ink + faint;
}

/* Coarse pixels show the same print up to a cell off, each box in its own way: a sample that shows
 * nothing else where it is moved by a cell stays there. A mark is wider than that. */
static void fit_moved(const struct proving *p, struct crop_sample *sample)
{
    unsigned char cells[CROP_CELLS_MAX];
    struct crop_sample moved = *sample, best = *sample;
    consensus_cells(cells, sample);
    double least = share_beside(p, cells);
    for (int k = 0; k < 9 && least > 0; k++) {
        moved.sx = sample->sx + k % 3 - 1;
        moved.sy = sample->sy + k / 3 - 1;
        consensus_cells(cells, &moved);
        double beside = share_beside(p, cells);
        if (beside >= least || !is_plain(p, cells) ||
            share_lacking(p, cells) > p->calibration->learned.lacking_max)
            continue;
        least = beside;
        best = moved;
        best.role = CROP_PLAIN;
    }
    *sample = best;
}

/* Of a print that several boxes have. Of one alone nothing but the closest likeness tells print
 * from marks. */
static void fit_all_moved(const struct proving *p)
{
    if (of_one_box(p))
        return;
    for (size_t k = 0; k < p->count; k++)
        if (p->samples[k]->role == CROP_PLAIN ||
            (p->samples[k]->role == CROP_MARKED &&
             !consensus_filled(p->frame, p->samples[k], p->print, p->calibration)))
            fit_moved(p, p->samples[k]);
}

/* Boxes that show the print and nothing else, and where `filled` those that show it under a
 * pencil's fill: whether there are `wanted` that are independent of each other. */
static bool has_witnesses(const struct proving *p, double at_least, bool filled)
{
    const struct learned_calibration *c = &p->calibration->learned;
    enum { ENOUGH_MAX = 16 };
    size_t wanted = (size_t)fmin(at_least, ENOUGH_MAX), found = 0;
    const struct crop_sample *witnesses[ENOUGH_MAX];
    unsigned char cells[CROP_CELLS_MAX];
    bool prints_inside = share_dark(p, p->typical, p->ink, NULL) > 0;
    for (int pass = 0; pass < (filled ? 2 : 1); pass++)
        for (size_t k = 0; k < p->count && found < wanted; k++) {
            const struct crop_sample *sample = p->samples[k];
            bool good = sample->role == CROP_PLAIN;
            if (pass == 1) {
                consensus_cells(cells, sample);
                good = sample->role == CROP_MARKED && prints_inside && found >= 2 &&
                       consensus_filled(p->frame, sample, p->print, p->calibration) &&
                       contrast(p, cells) >= c->contrast_min;
            }
            for (size_t w = 0; w < found && good; w++)
                good = consensus_independent(sample, witnesses[w], c);
            if (good)
                witnesses[found++] = sample;
        }
    return found >= wanted;
}

/* Where a third of what is not filled is no witness, and most of that has ink in common beside the
 * print, the ink may be print too: two prints are mixed here. */
static bool is_mixed(const struct proving *p, bool strict)
{
    unsigned char cells[CROP_CELLS_MAX];
    struct levels levels;
    size_t plain = 0;
    levels_init(&levels, p->cells);
    for (size_t k = 0; k < p->count; k++) {
        plain += p->samples[k]->role == CROP_PLAIN;
        if (p->samples[k]->role == CROP_PLAIN)
            continue;
        consensus_cells(cells, p->samples[k]);
        if (share_dark(p, cells, p->ink, NULL) <= p->calibration->learned.dense_max)
            levels_add(&levels, cells);
    }
    bool mixed = false;
    if (strict) {
        mixed = levels.crops * 2 > plain;
    } else if (levels.crops * 2 > plain) {
        levels_read(cells, &levels, levels.crops / 2);
        mixed = share_dark(p, cells, p->ink, p->print) > p->calibration->learned.empty_share_max;
    }
    free(levels.counts);
    return mixed;
}

static enum proof prove(const struct proving *p, bool strict)
{
    const struct learned_calibration *c = &p->calibration->learned;
    size_t lacking = 0;
    for (size_t k = 0; k < p->count; k++)
        lacking += p->samples[k]->role == CROP_LACKING;
    if (share_dark(p, p->typical, p->ink, NULL) > c->dense_max || white_left(p) < c->white_min ||
        (double)lacking > c->lacking_boxes_max * (double)p->count || is_mixed(p, strict))
        return PROOF_NONE;
    if (has_witnesses(p, c->witnesses_min, true))
        return PROOF_PRINT;
    /* of two sheets that show the same one may be marked as the other is, but neither is filled */
    return !strict && has_witnesses(p, 2, false) ? PROOF_NOT_FILLED : PROOF_NONE;
}

struct consensus consensus_make(struct arena *arena, const struct crop_frame *frame,
                                struct crop_sample *const *samples, size_t count, bool strict,
                                const struct calibration *calibration)
{
    int cells = frame->width * frame->height;
    unsigned char common[CROP_CELLS_MAX] = {0}, typical[CROP_CELLS_MAX] = {0};
    struct proving p = {
        .frame = frame,
        .samples = samples,
        .count = count,
        .calibration = calibration,
        .cells = cells,
        .ink = (int)(calibration->marks.ink_level * 255),
        .faint = (int)(calibration->marks.faint_level * 255),
        .common = common,
        .typical = typical,
        .print = ARENA_NEW(arena, unsigned char, (size_t)cells),
    };
    struct consensus out = {.print = p.print};
    size_t loose = find_typical(&p);
    if (loose == 0)
        return out;
    settle_spread(&p, loose);
    fit_all_moved(&p);
    doubt_hidden(&p);
    out.share = share_dark(&p, p.typical, p.ink, NULL);
    out.proof = prove(&p, strict);
    return out;
}
