/* Evidence of boxes and fields: the scan compared with the plate, place by place, in the form's own
 * frame, so that resolution, skew and turn of the scan leave the numbers alone. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "page/misfit.h"
#include "read/grain.h"
#include "read/hairlines.h"
#include "read/mark_template.h"
#include "read/outline_fit.h"
#include "read/rim.h"
#include "read/sample.h"
#include "read/streaks.h"
#include "read/tone.h"
#include "read/unprinted.h"

#define BLEED_BOXES 24          /* boxes a page's blur is judged by */

const char *const box_evidence_names[BOX_EVIDENCE_COUNT] = {
#define X(name, meaning) #name,
    BOX_EVIDENCE_TABLE(X)
#undef X
};

/* ---- sampling -------------------------------------------------------------------------------- */

struct scan_tone {
    const struct raw_page *raw;
    unsigned char table[256];
};

/* From row to row of a grid of cells, and along the rows. */
struct grid {
    struct point start, down, along;
};

/* The walks of the rows from the j-th on, as far as they are within reach; their number. */
static int walks_of(struct sample_walk *out, int room, const struct grid *grid, int j, int height)
{
    int count = 0;
    for (; count < room && j < height; count++, j++) {
        struct point at = {grid->start.x + grid->down.x * j, grid->start.y + grid->down.y * j};
        if (!(fabs(at.x) < SAMPLE_REACH_PX && fabs(at.y) < SAMPLE_REACH_PX))
            break;
        out[count] = sample_walk_from(at, grid->along.x, grid->along.y);
    }
    return count;
}

/* The scan on a grid of cells whose first centre is at `first_mm`: darkness of a bitonal one, grey levels
 * else. Nearest pixel: the scan's own pixels are no larger than a cell from 200 dpi up. */
static void sample_grid(unsigned char *out, const struct scan_tone *tone,
                        const struct transform *local, struct point first_mm, double cell_mm,
                        int width, int height)
{
    enum { AHEAD = 8, ROWS = 128 };
    const double *m = local->m;
    struct grid grid = {transform_apply(local, first_mm), {m[1] * cell_mm, m[4] * cell_mm},
                        {m[0] * cell_mm, m[3] * cell_mm}};
    struct sample_walk walks[ROWS];
    for (int j = 0, n; j < height; j += n) {
        unsigned char *row = out + (size_t)j * (size_t)width;
        n = walks_of(walks, ROWS, &grid, j, height);
        if (n == 0) {
            memset(row, tone->raw->bits != NULL ? 0 : 255, (size_t)width);
            n = 1;
            continue;
        }
        if (tone->raw->bits != NULL) {
            sample_black(row, width, n, tone->raw, walks);
            continue;
        }
        for (int k = 0; k < n; k++) {
            struct point ahead = {grid.start.x + grid.down.x * (j + k + AHEAD),
                                  grid.start.y + grid.down.y * (j + k + AHEAD)};
            sample_soon(tone->raw, ahead, grid.along.x * width);
            sample_tones(row + (size_t)k * (size_t)width, width, tone->raw, &walks[k], 255);
        }
    }
}

/* Grey levels of a patch to darkness. The paper around a box may be shaded (a tinted band, a fold,
 * show-through): what most of the patch is counts as white. */
static void darken_patch(unsigned char *patch, size_t count, const unsigned char tones[256])
{
    enum { PARTS = 4 }; /* counted apart: a processor waits for a count that it has just raised */
    int counts[PARTS][256] = {{0}}, histogram[256] = {0}, sum = 0, level = 0;
    size_t i = 0;
    for (; i + (PARTS - 1) * 3 < count; i += PARTS * 3)
        for (size_t k = 0; k < PARTS; k++)
            counts[k][patch[i + 3 * k]]++;
    for (; i < count; i += 3)
        counts[0][patch[i]]++;
    for (int k = 0; k < 256; k++)
        histogram[tones[k]] += counts[0][k] + counts[1][k] + counts[2][k] + counts[3][k];
    for (int wanted = (int)(count / 3) * 4 / 10; level < 255; level++)
        if ((sum += histogram[level]) >= wanted)
            break;
    unsigned char table[256];
    bool is_shaded = level != 0 && level <= 150;
    for (int k = 0; k < 256; k++)
        table[k] = !is_shaded         ? tones[k]
                   : tones[k] > level ? (unsigned char)((tones[k] - level) * 255 / (255 - level))
                                      : 0;
    tone_map(patch, count, table);
}

/* ---- one box --------------------------------------------------------------------------------- */

/* The box's surroundings on the scan; gives the local transform. */
static struct transform sample_box(unsigned char *patch, const struct box_template *box,
                                   const struct scan_tone *tone, const struct placed_page *placed)
{
    struct transform local = placement_local(&placed->placement, rect_centre(box->rect_mm));
    struct point first = {box->rect_mm.x - MARGIN_MM + CELL_MM / 2,
                          box->rect_mm.y - MARGIN_MM + CELL_MM / 2};
    sample_grid(patch, tone, &local, first, CELL_MM, box->width, box->height);
    if (tone->raw->grey != NULL)
        darken_patch(patch, (size_t)box->width * (size_t)box->height, tone->table);
    return local;
}

/* What a box that was looked at already looks like. */
struct seen_box {
    unsigned char *patch;
    struct transform local;
    struct outline_fit fit;
};

/* Every so many boxes are looked at to judge the page's blur. */
static size_t blur_stride(const struct mark_template *template)
{
    return template->box_count / BLEED_BOXES + 1;
}

/* How far print bleeds on this scan, judged just outside some of the boxes, where nobody is asked to
 * write: the first spread beyond which little is dark. `boxes`: those, one after the other. */
static int judge_spread(struct seen_box *boxes, const struct mark_template *template,
                        const struct scan_tone *tone, const struct placed_page *placed)
{
    int level = (int)(template->calibration.faint_level * 255);
    long seen[SPREADS] = {0}, dark[SPREADS] = {0};
    for (size_t i = 0; i < template->box_count; i += blur_stride(template)) {
        const struct box_template *box = &template->boxes[i];
        struct seen_box *here = boxes++;
        int count = box->width * box->height;
        here->patch = malloc((size_t)count);
        if (here->patch == NULL)
            error_die("out of memory: a box of %d cells", count);
        here->local = sample_box(here->patch, box, tone, placed);
        here->fit = outline_fit(box, here->patch, tone->raw->bits != NULL, &template->calibration);
        int shift = here->fit.dy * box->width + here->fit.dx;
        for (int k = 0, at = 0; k < SPREADS; k++) {
            int cells = 0, darker = 0;
            for (; at < box->bleed_ends[k]; at++) {
                int shifted = box->bleed[at] + shift;
                bool within = shifted >= 0 && shifted < count;
                cells += within;
                darker += within && here->patch[shifted] >= level;
            }
            seen[k] += cells;
            dark[k] += darker;
        }
    }
    int spread = 0;
    for (int k = 0; k + 1 < SPREADS; k++)
        if ((double)dark[k] > template->calibration.bleed_share_max * (double)seen[k])
            spread = k + 1;
    return spread;
}

/* The scan to measure boxes on: ink is looked for where lines of dust and grain were taken off, print on the image as
 * it is. The same where there are none. */
struct box_tones {
    const struct scan_tone *print, *ink;
    bool is_grained; /* grain was taken off */
};

/* As it was `seen`, or where that is NULL as the box's own outline says. Gives the fit. */
static struct outline_fit measure_box(struct box_reading *out, struct arena *arena,
                                      const struct box_template *box, int spread,
                                      const struct mark_calibration *calibration,
                                      const struct box_tones *tones, const struct placed_page *placed,
                                      struct misfit *misfit, const struct seen_box *seen)
{
    unsigned char patch[PATCH_CELLS_MAX], covered[PATCH_CELLS_MAX];
    const struct box_mask *mask = &box->masks[spread];
    struct box_mask less;
    struct box_evidence *evidence = &out->evidence;
    struct transform local;
    struct outline_fit at;
    if (seen != NULL) {
        memcpy(patch, seen->patch, (size_t)box->width * (size_t)box->height);
        local = seen->local;
        at = seen->fit;
    } else {
        local = sample_box(patch, box, tones->print, placed);
        at = outline_fit(box, patch, tones->print->raw->bits != NULL, calibration);
    }
    /* what the blank never showed is learned from the image as it is */
    if (tones->ink != tones->print && box->has_outline)
        sample_box(patch, box, tones->ink, placed);
    outline_fit_close(patch, box, &at);
    if (!mark_bare(evidence, box, mask, calibration, patch, at.dx, at.dy)) {
        const struct box_mask *wider = &box->masks[spread + 2 < SPREADS ? spread + 2 : SPREADS - 1];
        bool rim = box->has_outline && rim_cover(&less, covered, box, mask, wider, patch, at.dx, at.dy,
                                                 calibration);
        mark_measure(evidence, box, rim ? &less : mask, calibration, patch, at.dx, at.dy, &local);
    }
    if (!box->has_outline) /* what is pale there may be printed */
        evidence->shade_mm2 = 0;
    evidence->bulge_mm2 = 0;
    bool touched = evidence->ink_share > 0 || evidence->outside_mm2 >= calibration->bulge_outside_min_mm2;
    if (box->has_outline && box->is_square && touched && evidence->ink_share <= calibration->bulge_ink_max)
        evidence->bulge_mm2 = (float)rim_bulge_mm2(box, patch, at.dx, at.dy, calibration);
    evidence->pixels_mm2 = evidence->specks = 0; /* a box may be measured again */
    /* where the blank does not show the box, it may lack what is printed in it too; and where lines were
     * lost in it, its far side lies where the middle should be */
    if (box->has_outline && at.lost_x <= 0 && at.lost_y <= 0)
        evidence->pixels_mm2 =
            (float)mark_pixels_mm2(box, mask, tones->ink->raw, &local, at.dx, at.dy);
    if (evidence->pixels_mm2 > 0)
        evidence->specks = (float)mark_specks(box, mask, tones->ink->raw, &local, at.dx, at.dy,
                                              calibration->speck_max_mm2);
    evidence->grain = 0;
    if (tones->is_grained && evidence->ink_share > 0)
        evidence->grain = (float)mark_specks(box, mask, tones->print->raw, &local, at.dx, at.dy,
                                             calibration->speck_max_mm2) -
                          evidence->specks;
    evidence->print_found = box->has_outline     ? (float)at.found
                            : box->is_elsewhere ? PRINT_ELSEWHERE
                                                : PRINT_NONE;
    evidence->specks_found = (float)at.specks;
    evidence->offset_mm = (float)(hypot(at.dx, at.dy) * CELL_MM);
    evidence->misfit_mm = (float)misfit_at(misfit, rect_centre(box->rect_mm));
    /* what the blank shows beside its place is not to be learned here: the form is wrong, not the blank */
    if (!box->has_outline && !box->is_elsewhere)
        out->crop = crop_take(arena, box, patch, at.dx, at.dy, at.found);
    struct rect lies = box->rect_mm;
    lies.x += at.dx * CELL_MM;
    lies.y += at.dy * CELL_MM;
    lies.w -= at.lost_x * CELL_MM;
    lies.h -= at.lost_y * CELL_MM;
    out->rect_px = transform_bounds(&local, lies);
    return at;
}

/* mm */
static struct point shift_of(const struct outline_fit *fit)
{
    return (struct point){fit->dx * CELL_MM, fit->dy * CELL_MM};
}

/* Boxes whose own outline was seen elsewhere than the neighbours' are measured again where those say,
 * unless their outline is plainly not there: it is the box that moved then, or the paper.
 * `shifts`: where each was seen in the end, against where it should (mm). */
static void measure_doubted(struct page_reading *out, struct arena *arena,
                            const struct mark_template *template, int spread,
                            const struct box_tones *tones, const struct placed_page *placed,
                            struct misfit *misfit, const struct outline_fit *fits, struct point *shifts)
{
    unsigned char patch[PATCH_CELLS_MAX];
    const struct outline_places all =
        outline_places_of(fits, template->boxes, template->box_count, &template->calibration);
    for (size_t i = 0; i < template->box_count; i++) {
        const struct box_template *box = &template->boxes[i];
        int dx, dy;
        if (!outline_fit_doubted(&dx, &dy, fits, template->boxes, template->box_count, i, &all,
                                 &template->calibration))
            continue;
        struct seen_box seen = {.patch = patch, .local = sample_box(patch, box, tones->print, placed)};
        seen.fit = outline_fit_near(box, patch, tones->print->raw->bits != NULL, dx, dy, &template->calibration);
        if (seen.fit.found < fits[i].found - template->calibration.outline_as_good)
            continue;
        measure_box(&out->boxes[i], arena, box, spread, &template->calibration, tones, placed, misfit,
                    &seen);
        shifts[i] = shift_of(&seen.fit);
    }
}

/* ---- areas ----------------------------------------------------------------------------------- */

/* New ink in an area, mm2. A lone dark cell is dust or noise: it needs company to count. */
static double area_ink_mm2(const struct area_template *area, const struct scan_tone *tone,
                           const struct placed_page *placed, int ink_level)
{
    enum { STRIP = 32 }; /* rows sampled at a time: the local transform follows the page's bends */
    int width = area->width, height = area->height;
    if (width < 3 || height < 3)
        return 0;
    unsigned char *dark = calloc((size_t)width * (size_t)height, 1);
    if (dark == NULL)
        error_die("out of memory: an area of %d x %d cells", width, height);
    enum { COLUMN = 128 };
    unsigned char part[STRIP * COLUMN];
    for (int y = 0; y < height; y += STRIP)
        for (int x = 0; x < width; x += COLUMN) {
            int w = width - x < COLUMN ? width - x : COLUMN, h = height - y < STRIP ? height - y : STRIP;
            struct point first = {area->rect_mm.x + (x + 0.5) * area->cell_mm,
                                  area->rect_mm.y + (y + 0.5) * area->cell_mm};
            struct point middle = {first.x + w * area->cell_mm / 2, first.y + h * area->cell_mm / 2};
            struct transform local = placement_local(&placed->placement, middle);
            sample_grid(part, tone, &local, first, area->cell_mm, w, h);
            if (tone->raw->bits == NULL)
                tone_map(part, (size_t)w * (size_t)h, tone->table);
            for (int j = 0; j < h; j++)
                for (int i = 0; i < w; i++) {
                    size_t at = (size_t)(y + j) * (size_t)width + (size_t)(x + i);
                    dark[at] = area->counts[at] && part[j * w + i] >= ink_level;
                }
        }
    long ink = 0;
    for (int y = 1; y < height - 1; y++)
        for (int x = 1; x < width - 1; x++) {
            const unsigned char *p = dark + (size_t)y * (size_t)width + (size_t)x;
            if (p[0])
                ink += p[-width - 1] + p[-width] + p[-width + 1] + p[-1] + p[1] + p[width - 1] +
                           p[width] + p[width + 1] >= 2;
        }
    free(dark);
    return (double)ink * area->cell_mm * area->cell_mm;
}

static void measure_fields(struct page_reading *out, const struct mark_template *template,
                           const struct scan_tone *tone, const struct placed_page *placed,
                           struct misfit *misfit)
{
    int ink_level = (int)(template->calibration.ink_level * 255);
    for (size_t i = 0; i < template->field_count; i++) {
        const struct area_template *area = &template->fields[i];
        struct field_reading *field = &out->fields[i];
        field->ink_mm2 = (float)area_ink_mm2(area, tone, placed, ink_level);
        field->has_ink = field->ink_mm2 >= template->calibration.field_ink_mm2;
        field->misfit_mm = (float)misfit_at(misfit, rect_centre(area->rect_mm));
        field->rect_px = placement_rect_px(&placed->placement, area->rect_mm);
    }
}

/* Puts the image in the place of the one before, of which that is a copy; or NULL: nothing was taken off. */
static bool replace_image(struct raw_page *raw, PIX **cleaned, PIX *next)
{
    if (next == NULL)
        return false;
    *(raw->bits != NULL ? &raw->bits : &raw->grey) = next;
    pixDestroy(cleaned);
    *cleaned = next;
    return true;
}

/* Takes the lines that dust draws off the scan, and grain. Gives the image that is left, or NULL where there is
 * neither. */
static PIX *take_off_dirt(struct raw_page *raw, bool *is_grained, const struct placed_page *placed,
                          const struct mark_calibration *calibration)
{
    struct rect page = {0, 0, placed->placement.width_mm, placed->placement.height_mm};
    struct transform local = placement_local(&placed->placement, rect_centre(page));
    PIX *cleaned = NULL;
    const PIX *scanned = raw->bits;
    replace_image(raw, &cleaned, hairlines_take_off(raw, &local, calibration));
    replace_image(raw, &cleaned, streaks_take_off(raw, scanned, &placed->health, &local, calibration));
    *is_grained = replace_image(raw, &cleaned, grain_take_off(raw, &placed->health, &local, calibration));
    return cleaned;
}

void read_marks(struct page_reading *out, struct arena *arena,
                const struct mark_template *template, const struct raw_page *raw,
                const struct placed_page *placed)
{
    struct tone levels = tone_measure(raw);
    struct scan_tone tone = {.raw = raw};
    tone_table(tone.table, levels.paper, levels.print);
    *out = (struct page_reading){
        .boxes = ARENA_NEW(arena, struct box_reading, template->box_count),
        .box_count = template->box_count,
        .fields = ARENA_NEW(arena, struct field_reading, template->field_count),
        .field_count = template->field_count,
        .paper = levels.paper,
        .print = levels.print,
    };
    struct outline_fit *fits = ARENA_NEW(arena, struct outline_fit, template->box_count);
    struct seen_box seen[BLEED_BOXES] = {{.patch = NULL}};
    int spread = judge_spread(seen, template, &tone, placed);
    /* ink is looked for on an image without hairlines, streaks and grain, print on the one as scanned */
    struct raw_page without = *raw;
    struct box_tones tones = {.print = &tone};
    PIX *cleaned = take_off_dirt(&without, &tones.is_grained, placed, &template->calibration);
    struct scan_tone clean = tone;
    clean.raw = cleaned != NULL ? &without : raw;
    tones.ink = cleaned != NULL ? &clean : &tone;
    struct misfit misfit;
    misfit_init(&misfit, placed);
    struct point *shifts = ARENA_NEW(arena, struct point, template->box_count);
    size_t stride = blur_stride(template);
    for (size_t i = 0; i < template->box_count; i++) {
        fits[i] = measure_box(&out->boxes[i], arena, &template->boxes[i], spread,
                              &template->calibration, &tones, placed, &misfit,
                              i % stride == 0 ? &seen[i / stride] : NULL);
        shifts[i] = shift_of(&fits[i]);
    }
    for (int k = 0; k < BLEED_BOXES; k++)
        free(seen[k].patch);
    measure_doubted(out, arena, template, spread, &tones, placed, &misfit, fits, shifts);
    measure_fields(out, template, &clean, placed, &misfit);
    misfit_release(&misfit);
    outside_read(out, arena, &template->outside, spread + 1 < SPREADS ? PRINT_NEAR : PRINT_BLURRED,
                 clean.raw, placed, levels, template->calibration.ink_level);
    close_look(out, arena,
               &(struct close_page){.rows = template->rows, .calibration = &template->outside.calibration,
                                    .raw = clean.raw, .placed = placed, .levels = levels,
                                    .ink_level = template->calibration.ink_level,
                                    .spread_mm = mark_spread_mm(spread), .shift_mm = shifts});
    pixDestroy(&cleaned);
}
