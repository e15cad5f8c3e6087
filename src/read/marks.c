/* Evidence of boxes and fields: the scan compared with the plate, place by place, in the form's own
 * frame, so that resolution, skew and turn of the scan leave the numbers alone. */
#include "read/reading.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "form/plate.h"
#include "read/tone.h"

#define CELL_PER_MM 8           /* sampling of boxes: 0.125 mm, a third of a thin stroke */
#define CELL_MM (1.0 / CELL_PER_MM)
#define MARGIN_MM 2.3           /* around a box: the ring of 2 mm and room to align */
#define RING_MM 2.0
#define DEEP_MM 0.65            /* this far inside, the blur of the printed line is no faint ink */
/* Print may be this much fatter on the scan than on the plate: the scan's own blur decides which. */
#define SPREADS 4
static const double spreads_mm[SPREADS] = {0.2, 0.3, 0.42, 0.55};
#define BLEED_SHARE 0.12        /* dark cells just outside the boxes beyond which a spread is not enough */
#define BLEED_BOXES 24          /* boxes a page's blur is judged by */
#define ALIGN_CELLS 4           /* a box is looked for up to 0.5 mm from where it should be */
#define FIELD_CELL_MM 0.25      /* sampling of write-in areas */
#define FIELD_SPREAD_MM 0.45
#define PAGE_CELL_MM 0.5        /* sampling of the rest of the page */
#define PAGE_SPREAD_MM 0.9
#define SIDE_MAX 160            /* cells: boxes up to 15 mm */

const char *const box_evidence_names[BOX_EVIDENCE_COUNT] = {
#define X(name, meaning) #name,
    BOX_EVIDENCE_TABLE(X)
#undef X
};

/* What each cell of a box's patch is. */
enum cell { CELL_PRINT = 1, CELL_INSIDE = 2, CELL_CORE = 4, CELL_RING = 8, CELL_DEEP = 16 };

struct box_mask {
    unsigned char *cells;     /* enum cell flags, width x height */
    int inside_count, core_count, deep_count;
};

struct box_template {
    struct rect rect_mm;
    int width, height;        /* cells of the patch, margin and all */
    struct box_mask masks[SPREADS]; /* what counts where print is this fat */
    unsigned char *bleed;     /* 1 + k: just outside the box, in the k-th spread's reach only */
    short *outline;           /* indices of outline cells, and of the cells just outside them */
    short *beyond;
    int outline_count, beyond_count;
    bool has_outline;         /* the plate shows enough of one to be found again */
    int inside_count, core_count, deep_count;
};

/* An area sampled coarsely: a field or the whole page. 1 = counts. */
struct area_template {
    struct rect rect_mm;
    double cell_mm;
    int width, height;
    unsigned char *counts;
};

struct mark_template {
    struct mark_calibration calibration;
    struct box_template *boxes;
    struct area_template *rows;     /* one a box: beside it, as far as its label may reach */
    size_t box_count;
    struct area_template *fields;
    size_t field_count;
    struct area_template page;
};

/* ---- templates ------------------------------------------------------------------------------- */

static void *zeroed(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);
    if (memory == NULL)
        error_die("out of memory: mark template");
    return memory;
}

/* Whether the plate has print within `spread_mm` of a spot; the plate is dilated beforehand, so this
 * is one look. */
static bool plate_ink(const PIX *plate, double x_mm, double y_mm)
{
    int x = (int)floor(x_mm * PLATE_DPI / MM_PER_INCH), y = (int)floor(y_mm * PLATE_DPI / MM_PER_INCH);
    if (x < 0 || y < 0 || x >= (int)plate->w || y >= (int)plate->h)
        return false;
    const l_uint32 *line = plate->data + (size_t)y * plate->wpl;
    return GET_DATA_BIT(line, x) != 0;
}

static PIX *spread_plate(const PIX *plate, double spread_mm)
{
    int side = 2 * (int)lround(spread_mm * PLATE_DPI / MM_PER_INCH) + 1;
    PIX *copy = pixCopy(NULL, plate);
    PIX *spread = copy == NULL ? NULL : pixDilateBrick(NULL, copy, side, side);
    if (spread == NULL)
        error_die("out of memory: mark template");
    pixDestroy(&copy);
    return spread;
}

/* How far inside the box's outer edge a spot is, as a share: 1 at the centre, 0 at the edge, negative
 * outside. Ovals are taken as what they are printed as: half circles joined by straight lines. */
static double depth_mm(const struct rect *r, enum box_shape shape, double x, double y)
{
    double dx = fabs(x - (r->x + r->w / 2)), dy = fabs(y - (r->y + r->h / 2));
    if (shape == BOX_SQUARE)
        return fmin(r->w / 2 - dx, r->h / 2 - dy);
    double radius = fmin(r->w, r->h) / 2;
    double ex = fmax(0, dx - (r->w / 2 - radius)), ey = fmax(0, dy - (r->h / 2 - radius));
    return radius - hypot(ex, ey);
}

/* Boxes and fields that reach into a box's surroundings: ink there is theirs. */
struct neighbour {
    struct rect rect_mm;
    enum box_shape shape;
};

#define NEIGHBOURS_MAX 32

static size_t find_neighbours(struct neighbour out[NEIGHBOURS_MAX],
                              const struct template_page *page, size_t index)
{
    struct rect around = rect_grow(page->boxes[index].rect_mm, MARGIN_MM + 1);
    size_t count = 0;
    for (size_t k = 0; k < page->box_count && count < NEIGHBOURS_MAX; k++)
        if (k != index && rect_overlap(around, page->boxes[k].rect_mm))
            out[count++] = (struct neighbour){page->boxes[k].rect_mm, page->boxes[k].shape};
    for (size_t k = 0; k < page->field_count && count < NEIGHBOURS_MAX; k++)
        if (rect_overlap(around, page->fields[k].rect_mm))
            out[count++] = (struct neighbour){page->fields[k].rect_mm, BOX_SQUARE};
    return count;
}

/* Whether the plate's outline goes round the box: of DIRECTIONS from its centre, nearly all meet it.
 * A stray rule, a neighbour's side or a letter do not. */
#define DIRECTIONS 48
#define DIRECTIONS_MIN 40

static bool outline_surrounds(const struct box_template *box)
{
    bool met[DIRECTIONS] = {false};
    int count = 0;
    for (int k = 0; k < box->outline_count; k++) {
        double dx = box->outline[k] % box->width + 0.5 - box->width / 2.0;
        double dy = (double)(box->outline[k] / box->width) + 0.5 - box->height / 2.0;
        /* directions in the box's own proportions, so that an oval's ends count as its sides do */
        double angle = atan2(dy / box->rect_mm.h, dx / box->rect_mm.w);
        met[(int)((angle + M_PI) / (2 * M_PI) * DIRECTIONS) % DIRECTIONS] = true;
    }
    for (int k = 0; k < DIRECTIONS; k++)
        count += met[k];
    return count >= DIRECTIONS_MIN;
}

/* One cell: what it is where print spreads as far as `print` says. */
static unsigned char classify(double depth, bool print, bool elsewhere, double smaller_mm)
{
    if (print)
        return CELL_PRINT;
    /* the printed line itself is up to 0.5 mm; what a pen leaves inside is past it */
    if (depth > 0.25)
        return (unsigned char)(CELL_INSIDE | (depth > DEEP_MM ? CELL_DEEP : 0) |
                               (depth > smaller_mm * 0.25 ? CELL_CORE : 0));
    return !elsewhere && depth < -0.3 && depth > -RING_MM ? CELL_RING : 0;
}

static void box_template_init(struct box_template *out, const struct template_page *page,
                              size_t index, const PIX *plate, PIX *const spread[SPREADS])
{
    const struct template_box *box = &page->boxes[index];
    const struct rect *r = &box->rect_mm;
    out->rect_mm = *r;
    out->width = (int)fmin(SIDE_MAX, ceil((r->w + 2 * MARGIN_MM) * CELL_PER_MM));
    out->height = (int)fmin(SIDE_MAX, ceil((r->h + 2 * MARGIN_MM) * CELL_PER_MM));
    size_t count = (size_t)out->width * (size_t)out->height;
    for (int k = 0; k < SPREADS; k++)
        out->masks[k].cells = zeroed(count, 1);
    out->bleed = zeroed(count, 1);
    out->outline = zeroed(count, sizeof *out->outline);
    out->beyond = zeroed(count, sizeof *out->beyond);
    double smaller = fmin(r->w, r->h);
    struct neighbour near[NEIGHBOURS_MAX];
    size_t near_count = find_neighbours(near, page, index);
    for (int j = 0; j < out->height; j++)
        for (int i = 0; i < out->width; i++) {
            double x = r->x - MARGIN_MM + (i + 0.5) * CELL_MM;
            double y = r->y - MARGIN_MM + (j + 0.5) * CELL_MM;
            double depth = depth_mm(r, box->shape, x, y);
            bool exact = plate_ink(plate, x, y), elsewhere = false;
            for (size_t k = 0; k < near_count && !elsewhere; k++)
                elsewhere = depth_mm(&near[k].rect_mm, near[k].shape, x, y) > -0.4;
            int at = j * out->width + i;
            if (exact && depth > -0.15 && depth < 0.6)
                out->outline[out->outline_count++] = (short)at;
            else if (!exact && depth < -0.2 && depth > -0.6)
                out->beyond[out->beyond_count++] = (short)at;
            for (int k = 0; k < SPREADS; k++) {
                struct box_mask *mask = &out->masks[k];
                bool print = plate_ink(spread[k], x, y);
                unsigned char cell = classify(depth, print, elsewhere, smaller);
                mask->cells[at] = cell;
                mask->inside_count += (cell & CELL_INSIDE) != 0;
                mask->core_count += (cell & CELL_CORE) != 0;
                mask->deep_count += (cell & CELL_DEEP) != 0;
                if (k + 1 < SPREADS && !print && !elsewhere && depth < -0.05 &&
                    plate_ink(spread[k + 1], x, y))
                    out->bleed[at] = (unsigned char)(1 + k);
            }
        }
    out->has_outline = outline_surrounds(out);
}

/* Cells of an area count where neither the (spread) plate has print nor an answer area lies, unless
 * the area is that answer area itself. */
static void area_template_init(struct area_template *out, struct rect rect_mm, double cell_mm,
                               const PIX *spread, const struct template_page *page, bool whole_page)
{
    *out = (struct area_template){rect_mm, cell_mm, (int)(rect_mm.w / cell_mm),
                                  (int)(rect_mm.h / cell_mm), NULL};
    out->counts = zeroed((size_t)out->width * (size_t)out->height, 1);
    for (int j = 0; j < out->height; j++)
        for (int i = 0; i < out->width; i++) {
            double x = rect_mm.x + (i + 0.5) * cell_mm, y = rect_mm.y + (j + 0.5) * cell_mm;
            out->counts[j * out->width + i] = !plate_ink(spread, x, y);
        }
    if (!whole_page)
        return;
    for (size_t k = 0; k < page->box_count + page->field_count + 2 + FIDUCIAL_COUNT; k++) {
        struct rect r;
        if (k < page->box_count)
            r = rect_grow(page->boxes[k].rect_mm, RING_MM + 1);
        else if (k < page->box_count + page->field_count)
            r = rect_grow(page->fields[k - page->box_count].rect_mm, 2);
        else if (k == page->box_count + page->field_count)
            r = page->has_code ? rect_grow(page->code_mm, 2) : (struct rect){0};
        else if (k == page->box_count + page->field_count + 1)
            r = rect_grow(page->reference_mm, page->reference_mm.w > 0 ? 2 : 0);
        else
            r = page->has_fiducials
                    ? rect_grow(page->fiducials_mm[k - page->box_count - page->field_count - 2], 2)
                    : (struct rect){0};
        for (int j = (int)fmax(0, (r.y - rect_mm.y) / cell_mm);
             j < out->height && j * cell_mm < r.y + r.h - rect_mm.y; j++)
            for (int i = (int)fmax(0, (r.x - rect_mm.x) / cell_mm);
                 i < out->width && i * cell_mm < r.x + r.w - rect_mm.x; i++)
                out->counts[j * out->width + i] = 0;
    }
}

#define ROW_LEFT_MM 7.0   /* people tick before the box ... */
#define ROW_RIGHT_MM 35.0 /* ... behind it, or ring its label */

/* The row of one box: no print, no answer area of its own or of others. */
static void row_template_init(struct area_template *out, const struct template_page *page,
                              size_t index, const PIX *spread)
{
    struct rect r = page->boxes[index].rect_mm, row;
    row.x = fmax(0, r.x - ROW_LEFT_MM);
    row.w = fmin(page->width_mm, r.x + r.w + ROW_RIGHT_MM) - row.x;
    row.y = r.y;
    row.h = r.h;
    area_template_init(out, row, FIELD_CELL_MM, spread, page, false);
    for (size_t k = 0; k < page->box_count + page->field_count; k++) {
        bool box = k < page->box_count;
        struct rect taken = box ? rect_grow(page->boxes[k].rect_mm, RING_MM)
                                : rect_grow(page->fields[k - page->box_count].rect_mm, 1);
        if (!rect_overlap(taken, row))
            continue;
        /* beyond the next box in the row everything is that box's */
        if (box && page->boxes[k].rect_mm.x > r.x + r.w)
            taken.w += ROW_RIGHT_MM;
        for (int j = 0; j < out->height; j++)
            for (int i = 0; i < out->width; i++) {
                double x = row.x + (i + 0.5) * FIELD_CELL_MM, y = row.y + (j + 0.5) * FIELD_CELL_MM;
                if (x >= taken.x && x < taken.x + taken.w && y >= taken.y && y < taken.y + taken.h)
                    out->counts[j * out->width + i] = 0;
            }
    }
}

#define EDGE_MM 8.0 /* the rim of a sheet is dirty on every scan: nobody's answer is there */

struct mark_template *mark_template_new(const struct template_page *page, const PIX *plate,
                                        const struct mark_calibration *calibration)
{
    struct mark_template *out = zeroed(1, sizeof *out);
    out->calibration = *calibration;
    out->box_count = page->box_count;
    out->field_count = page->field_count;
    out->boxes = zeroed(page->box_count, sizeof *out->boxes);
    out->rows = zeroed(page->box_count, sizeof *out->rows);
    out->fields = zeroed(page->field_count, sizeof *out->fields);
    PIX *spreads[SPREADS];
    for (int k = 0; k < SPREADS; k++)
        spreads[k] = spread_plate(plate, spreads_mm[k]);
    for (size_t i = 0; i < page->box_count; i++)
        box_template_init(&out->boxes[i], page, i, plate, spreads);
    for (int k = 0; k < SPREADS; k++)
        pixDestroy(&spreads[k]);
    PIX *spread = spread_plate(plate, FIELD_SPREAD_MM);
    for (size_t i = 0; i < page->box_count; i++)
        row_template_init(&out->rows[i], page, i, spread);
    for (size_t i = 0; i < page->field_count; i++)
        area_template_init(&out->fields[i], page->fields[i].rect_mm, FIELD_CELL_MM, spread, page,
                           false);
    pixDestroy(&spread);
    spread = spread_plate(plate, PAGE_SPREAD_MM);
    struct rect rim = {EDGE_MM, EDGE_MM, page->width_mm - 2 * EDGE_MM,
                       page->height_mm - 2 * EDGE_MM};
    area_template_init(&out->page, rim, PAGE_CELL_MM, spread, page, true);
    pixDestroy(&spread);
    return out;
}

void mark_template_free(struct mark_template *template)
{
    if (template == NULL)
        return;
    for (size_t i = 0; i < template->box_count; i++) {
        for (int k = 0; k < SPREADS; k++)
            free(template->boxes[i].masks[k].cells);
        free(template->boxes[i].bleed);
        free(template->rows[i].counts);
        free(template->boxes[i].outline);
        free(template->boxes[i].beyond);
    }
    for (size_t i = 0; i < template->field_count; i++)
        free(template->fields[i].counts);
    free(template->page.counts);
    free(template->boxes);
    free(template->rows);
    free(template->fields);
    free(template);
}

/* ---- sampling -------------------------------------------------------------------------------- */

struct scan_tone {
    const struct raw_page *raw;
    unsigned char table[256];
};

/* Darkness of the scan on a grid of cells whose first centre is at `first_mm`. Nearest pixel: the
 * scan's own pixels are no larger than a cell from 200 dpi up. */
static void sample_grid(unsigned char *out, const struct scan_tone *tone,
                        const struct transform *local, struct point first_mm, double cell_mm,
                        int width, int height)
{
    struct point start = transform_apply(local, first_mm);
    /* 16.16 fixed point: a page is at most some 10,000 pixels wide */
    const double one = 65536.0;
    int dxi = (int)lround(local->m[0] * cell_mm * one), dyi = (int)lround(local->m[3] * cell_mm * one);
    double dxj = local->m[1] * cell_mm, dyj = local->m[4] * cell_mm;
    for (int j = 0; j < height; j++) {
        double x0 = start.x + dxj * j, y0 = start.y + dyj * j;
        if (!(fabs(x0) < 30000 && fabs(y0) < 30000)) {
            memset(out + (size_t)j * (size_t)width, 0, (size_t)width);
            continue;
        }
        int x = (int)floor(x0 * one), y = (int)floor(y0 * one);
        unsigned char *row = out + (size_t)j * (size_t)width;
        for (int i = 0; i < width; i++, x += dxi, y += dyi)
            row[i] = tone_darkness(tone->raw, tone->table, x >> 16, y >> 16);
    }
}

/* The paper around a box may be shaded (a tinted band, a fold, show-through): what most of the patch
 * is counts as white. Grey scans only. */
static void take_off_paper(unsigned char *patch, size_t count)
{
    int histogram[256] = {0}, sum = 0, level = 0;
    for (size_t i = 0; i < count; i += 3)
        histogram[patch[i]]++;
    int wanted = (int)(count / 3) * 4 / 10;
    while (level < 255 && (sum += histogram[level]) < wanted)
        level++;
    if (level == 0 || level > 150)
        return;
    for (size_t i = 0; i < count; i++)
        patch[i] = (unsigned char)(patch[i] <= level ? 0 : (patch[i] - level) * 255 / (255 - level));
}

/* ---- one box --------------------------------------------------------------------------------- */

struct alignment {
    int dx, dy; /* cells: where the outline was seen, against where it should be */
    double found;
};

static double outline_score(const struct box_template *box, const unsigned char *patch, int dx,
                            int dy)
{
    int shift = dy * box->width + dx, count = box->width * box->height;
    long on = 0, off = 0;
    for (int k = 0; k < box->outline_count; k += 2) {
        int at = box->outline[k] + shift;
        on += at >= 0 && at < count ? patch[at] : 0;
    }
    for (int k = 0; k < box->beyond_count; k += 3) {
        int at = box->beyond[k] + shift;
        off += at >= 0 && at < count ? patch[at] : 0;
    }
    double print = box->outline_count == 0 ? 0 : 2.0 * (double)on / box->outline_count;
    double paper = box->beyond_count == 0 ? 0 : 3.0 * (double)off / box->beyond_count;
    /* a small preference for where registration says */
    return print - 0.5 * paper - 6.0 * (abs(dx) + abs(dy));
}

/* The box by its own printed outline: coarse steps, then single cells. */
static struct alignment align(const struct box_template *box, const unsigned char *patch,
                              int ink_level)
{
    struct alignment best = {0, 0, 0};
    double best_score = -1e9;
    for (int dy = -ALIGN_CELLS; dy <= ALIGN_CELLS; dy += 2)
        for (int dx = -ALIGN_CELLS; dx <= ALIGN_CELLS; dx += 2) {
            double score = outline_score(box, patch, dx, dy);
            if (score > best_score) {
                best_score = score;
                best.dx = dx;
                best.dy = dy;
            }
        }
    struct alignment coarse = best;
    for (int dy = coarse.dy - 1; dy <= coarse.dy + 1; dy++)
        for (int dx = coarse.dx - 1; dx <= coarse.dx + 1; dx++) {
            double score = outline_score(box, patch, dx, dy);
            if (score > best_score) {
                best_score = score;
                best.dx = dx;
                best.dy = dy;
            }
        }
    int seen = 0, count = box->width * box->height;
    for (int k = 0; k < box->outline_count; k++) {
        int at = box->outline[k] + best.dy * box->width + best.dx;
        /* a thin line may fall between two cells: its neighbours count too */
        bool dark = false;
        for (int n = 0; n < 5 && !dark; n++) {
            int near = at + (n == 1 ? 1 : n == 2 ? -1 : n == 3 ? box->width : n == 4 ? -box->width : 0);
            dark = near >= 0 && near < count && patch[near] >= ink_level;
        }
        seen += dark;
    }
    best.found = box->has_outline ? (double)seen / box->outline_count : -1;
    return best;
}

/* The largest 4-connected white area among inside cells, in cells. */
static int largest_white(const struct box_template *box, unsigned char *state)
{
    /* state: 1 = white inside, not yet visited */
    static const int steps = 4;
    int best = 0, count = box->width * box->height, stack_size = 0;
    short stack[SIDE_MAX * SIDE_MAX];
    int moves[4] = {1, -1, box->width, -box->width};
    for (int start = 0; start < count; start++) {
        if (state[start] != 1)
            continue;
        int size = 0;
        state[start] = 0;
        stack[stack_size++] = (short)start;
        while (stack_size > 0) {
            int at = stack[--stack_size];
            size++;
            for (int k = 0; k < steps; k++) {
                int next = at + moves[k];
                if (next >= 0 && next < count && state[next] == 1) {
                    state[next] = 0;
                    stack[stack_size++] = (short)next;
                }
            }
        }
        if (size > best)
            best = size;
    }
    return best;
}

/* Mean number of separate runs of ink along the lines that meet any; `step` from cell to cell of a
 * line of `length`, `next` from line to line of `lines`. Print inside a run does not part it. */
static double mean_runs(const struct box_mask *mask, const unsigned char *ink, int length,
                        int step, int lines, int next)
{
    int runs = 0, met = 0;
    for (int line = 0; line < lines; line++) {
        int here = 0;
        bool in = false;
        for (int i = 0; i < length; i++) {
            int at = line * next + i * step;
            if (!(mask->cells[at] & CELL_INSIDE))
                continue;
            here += ink[at] && !in;
            in = ink[at] != 0;
        }
        runs += here;
        met += here > 0;
    }
    return met == 0 ? 0 : (double)runs / met;
}

/* Shape of the new ink inside. `ink`: 1 = new ink, on the aligned grid. */
static void measure_shape(struct box_evidence *out, const struct box_template *box,
                          const struct box_mask *mask, const unsigned char *ink, int inside_ink)
{
    int width = box->width, height = box->height, edges = 0, diagonal = 0;
    int x0 = width, x1 = -1, y0 = height, y1 = -1, quadrant[4] = {0};
    double cx = width / 2.0, cy = height / 2.0;
    double half_w = box->rect_mm.w * CELL_PER_MM / 2, half_h = box->rect_mm.h * CELL_PER_MM / 2;
    unsigned char white[SIDE_MAX * SIDE_MAX];
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            int at = y * width + x;
            bool inside = (mask->cells[at] & CELL_INSIDE) != 0;
            white[at] = inside && !ink[at];
            if (!inside || !ink[at])
                continue;
            /* edges towards white cells; towards print they do not count, ink goes on below it */
            int around[4] = {at - 1, at + 1, at - width, at + width};
            for (int k = 0; k < 4; k++)
                edges += (mask->cells[around[k]] & CELL_INSIDE) != 0 && !ink[around[k]];
            x0 = x < x0 ? x : x0;
            x1 = x > x1 ? x : x1;
            y0 = y < y0 ? y : y0;
            y1 = y > y1 ? y : y1;
            quadrant[(y + 0.5 > cy) * 2 + (x + 0.5 > cx)]++;
            double u = (x + 0.5 - cx) / half_w, v = (y + 0.5 - cy) / half_h;
            diagonal += fmin(fabs(u - v), fabs(u + v)) < 0.35;
        }
    if (inside_ink == 0)
        return;
    out->runs = (float)fmax(mean_runs(mask, ink, width, 1, height, width),
                            mean_runs(mask, ink, height, width, width, 1));
    /* a stroke's area is length x width, its two edges 2 x length; pixel edges overstate the length
     * of slanting lines by 4 / pi on average */
    double perimeter = edges * M_PI / 4;
    double stroke = perimeter > 0 ? 2.0 * inside_ink / perimeter : fmin(half_w, half_h) * 2;
    stroke = fmin(stroke, fmin(half_w, half_h) * 2);
    out->stroke_mm = (float)(stroke * CELL_MM);
    out->length_mm = (float)(inside_ink / stroke * CELL_MM);
    out->diagonal_share = (float)diagonal / (float)inside_ink;
    int wide = x1 - x0 + 1, high = y1 - y0 + 1;
    out->span = (float)fmax(wide / (2 * half_w), high / (2 * half_h));
    int enough = mask->inside_count / 100 + 1;
    for (int k = 0; k < 4; k++)
        out->quadrants += (float)(quadrant[k] >= enough);
    out->largest_white_share =
        (float)largest_white(box, white) / (float)(mask->inside_count > 0 ? mask->inside_count : 1);
}

/* A dust streak draws one line down everything: the fullest strip STRIP_CELLS wide, as a share of the
 * rows that could show it (those where its cells are not print). */
#define STRIP_CELLS 4

static float streak_share(const struct box_template *box, const struct box_mask *mask,
                          const unsigned char *ink)
{
    float best = 0;
    for (int x = STRIP_CELLS; x + 2 * STRIP_CELLS < box->width; x++) {
        int rows = 0, inked = 0;
        for (int y = 1; y < box->height - 1; y++) {
            bool free = false, hit = false;
            for (int i = 0; i < STRIP_CELLS; i++) {
                int at = y * box->width + x + i;
                free |= !(mask->cells[at] & CELL_PRINT);
                hit |= ink[at] != 0;
            }
            rows += free;
            inked += free && hit;
        }
        if (rows > box->height / 3 && (float)inked / (float)rows > best)
            best = (float)inked / (float)rows;
    }
    return best;
}

/* The box's surroundings on the scan; gives the local transform. */
static struct transform sample_box(unsigned char *patch, const struct box_template *box,
                                   const struct scan_tone *tone, const struct placed_page *placed)
{
    struct transform local = placement_local(&placed->placement, rect_centre(box->rect_mm));
    struct point first = {box->rect_mm.x - MARGIN_MM + CELL_MM / 2,
                          box->rect_mm.y - MARGIN_MM + CELL_MM / 2};
    sample_grid(patch, tone, &local, first, CELL_MM, box->width, box->height);
    if (tone->raw->grey != NULL)
        take_off_paper(patch, (size_t)box->width * (size_t)box->height);
    return local;
}

/* How far print bleeds on this scan, judged just outside some of the boxes, where nobody is asked to
 * write: the first spread beyond which little is dark. */
static int judge_spread(const struct mark_template *template, const struct scan_tone *tone,
                        const struct placed_page *placed)
{
    unsigned char patch[SIDE_MAX * SIDE_MAX];
    int level = (int)(template->calibration.faint_level * 255);
    long seen[SPREADS] = {0}, dark[SPREADS] = {0};
    size_t stride = template->box_count / BLEED_BOXES + 1;
    for (size_t i = 0; i < template->box_count; i += stride) {
        const struct box_template *box = &template->boxes[i];
        sample_box(patch, box, tone, placed);
        struct alignment at = align(box, patch, level);
        for (int k = 0; k < box->width * box->height; k++) {
            int shifted = k + at.dy * box->width + at.dx;
            if (box->bleed[k] == 0 || shifted < 0 || shifted >= box->width * box->height)
                continue;
            seen[box->bleed[k] - 1]++;
            dark[box->bleed[k] - 1] += patch[shifted] >= level;
        }
    }
    int spread = 0;
    for (int k = 0; k + 1 < SPREADS; k++)
        if ((double)dark[k] > BLEED_SHARE * (double)seen[k])
            spread = k + 1;
    return spread;
}

static void measure_box(struct box_reading *out, const struct box_template *box,
                        const struct box_mask *mask, const struct mark_calibration *calibration,
                        const struct scan_tone *tone, const struct placed_page *placed)
{
    unsigned char patch[SIDE_MAX * SIDE_MAX], ink[SIDE_MAX * SIDE_MAX] = {0};
    struct box_evidence *evidence = &out->evidence;
    struct point centre = rect_centre(box->rect_mm);
    int width = box->width, height = box->height, ink_level = (int)(calibration->ink_level * 255);
    int faint_level = (int)(calibration->faint_level * 255);
    struct transform local = sample_box(patch, box, tone, placed);
    struct alignment at = align(box, patch, ink_level);
    int inside = 0, core = 0, ring = 0, faint = 0;
    long darkness = 0;
    for (int y = 1; y < height - 1; y++)
        for (int x = 1; x < width - 1; x++) {
            int sx = x + at.dx, sy = y + at.dy, cell = mask->cells[y * width + x];
            if (sx < 0 || sy < 0 || sx >= width || sy >= height || (cell & CELL_PRINT))
                continue;
            int dark = patch[sy * width + sx];
            faint += (cell & CELL_DEEP) && dark >= faint_level && dark < ink_level;
            if (dark < ink_level)
                continue;
            ink[y * width + x] = 1;
            ring += (cell & CELL_RING) != 0;
            core += (cell & CELL_CORE) != 0;
            if (cell & CELL_INSIDE) {
                inside++;
                darkness += dark;
            }
        }
    evidence->ink_share = (float)inside / (float)(mask->inside_count > 0 ? mask->inside_count : 1);
    evidence->faint_share = evidence->ink_share + (float)faint / (float)(mask->deep_count > 0 ? mask->deep_count : 1);
    evidence->core_share = (float)core / (float)(mask->core_count > 0 ? mask->core_count : 1);
    evidence->outside_mm2 = (float)(ring * CELL_MM * CELL_MM);
    evidence->darkness = inside > 0 ? (float)darkness / (float)inside / 255 : 0;
    evidence->largest_white_share = 1;
    measure_shape(evidence, box, mask, ink, inside);
    evidence->streak_share = inside > 0 ? streak_share(box, mask, ink) : 0;
    evidence->print_found = (float)at.found;
    evidence->offset_mm = (float)(hypot(at.dx, at.dy) * CELL_MM);
    evidence->misfit_mm = (float)placed_page_misfit_mm(placed, centre);
    struct rect seen = box->rect_mm;
    seen.x += at.dx * CELL_MM;
    seen.y += at.dy * CELL_MM;
    out->rect_px = transform_bounds(&local, seen);
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
    unsigned char *dark = zeroed((size_t)width * (size_t)height, 1);
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

void read_marks(struct page_reading *out, struct arena *arena,
                const struct mark_template *template, const struct raw_page *raw,
                const struct placed_page *placed)
{
    struct tone levels = tone_measure(raw);
    struct scan_tone tone = {.raw = raw};
    int ink_level = (int)(template->calibration.ink_level * 255);
    tone_table(tone.table, levels.paper, levels.print);
    *out = (struct page_reading){
        .boxes = ARENA_NEW(arena, struct box_reading, template->box_count),
        .box_count = template->box_count,
        .fields = ARENA_NEW(arena, struct field_reading, template->field_count),
        .field_count = template->field_count,
        .paper = levels.paper,
        .print = levels.print,
    };
    int spread = judge_spread(template, &tone, placed);
    for (size_t i = 0; i < template->box_count; i++)
        measure_box(&out->boxes[i], &template->boxes[i], &template->boxes[i].masks[spread],
                    &template->calibration, &tone, placed);
    for (size_t i = 0; i < template->box_count; i++)
        out->boxes[i].evidence.row_mm2 =
            (float)area_ink_mm2(&template->rows[i], &tone, placed, ink_level);
    for (size_t i = 0; i < template->field_count; i++) {
        const struct area_template *area = &template->fields[i];
        struct field_reading *field = &out->fields[i];
        field->ink_mm2 = (float)area_ink_mm2(area, &tone, placed, ink_level);
        field->has_ink = field->ink_mm2 >= template->calibration.field_ink_mm2;
        field->misfit_mm = (float)placed_page_misfit_mm(placed, rect_centre(area->rect_mm));
        field->rect_px = placement_rect_px(&placed->placement, area->rect_mm);
    }
    out->ink_outside_mm2 = (float)area_ink_mm2(&template->page, &tone, placed, ink_level);
}
