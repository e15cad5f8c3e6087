/* Mark templates: which cells around a box are print, inside, or beside it; where ink counts in fields. */
#include "read/outline_fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "form/outline.h"
#include "page/bitmap.h"
#include "read/plate_ink.h"

#define RING_MM 2.0
/* Print may be this much fatter on the scan than on the plate: the scan's own blur decides which. */
static const double spreads_mm[SPREADS] = {0.2, 0.3, 0.42, 0.55};
double mark_spread_mm(int spread)
{
    return spreads_mm[spread];
}

#define FIELD_CELL_MM 0.25      /* sampling of write-in areas */
#define FIELD_SPREAD_MM 0.45
#define FAR_SPREAD_MM 0.9       /* what lies farther from print is surely not made of it */

static void *zeroed(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);
    if (memory == NULL)
        error_die("out of memory: mark template");
    return memory;
}

/* The plate with its print spread by all the distances that are needed, each made from the last. */
struct spread_plates {
    struct bitmap plate, boxes[SPREADS], fields, far;
};

static void spread_further(struct bitmap *out, const struct bitmap *from, double from_mm,
                           double to_mm)
{
    int rounds = (int)lround(to_mm * PLATE_PX_PER_MM) - (int)lround(from_mm * PLATE_PX_PER_MM);
    struct bitmap before = {0};
    bitmap_spread(out, from);
    for (int k = 1; k < rounds; k++) {
        bitmap_release(&before);
        before = *out;
        bitmap_spread(out, &before);
    }
    bitmap_release(&before);
}

static void spread_plates_init(struct spread_plates *out, const PIX *plate)
{
    bitmap_from_pix(&out->plate, plate);
    spread_further(&out->boxes[0], &out->plate, 0, spreads_mm[0]);
    for (int k = 1; k < SPREADS; k++)
        spread_further(&out->boxes[k], &out->boxes[k - 1], spreads_mm[k - 1], spreads_mm[k]);
    spread_further(&out->fields, &out->boxes[1], spreads_mm[1], FIELD_SPREAD_MM);
    spread_further(&out->far, &out->boxes[SPREADS - 1], spreads_mm[SPREADS - 1], FAR_SPREAD_MM);
}

static void spread_plates_release(struct spread_plates *plates)
{
    bitmap_release(&plates->plate);
    for (int k = 0; k < SPREADS; k++)
        bitmap_release(&plates->boxes[k]);
    bitmap_release(&plates->fields);
    bitmap_release(&plates->far);
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

unsigned char mark_classify(const struct mark_calibration *c, double depth, bool print, bool elsewhere,
                            double smaller_mm)
{
    double deep = fmin(c->deep_mm, c->deep_share * smaller_mm);
    if (print)
        return CELL_PRINT;
    /* the printed line itself is up to 0.5 mm; what a pen leaves inside is past it */
    if (depth > 0.25)
        return (unsigned char)(CELL_INSIDE | (depth > deep ? CELL_DEEP : 0) |
                               (depth > smaller_mm * 0.25 ? CELL_CORE : 0));
    return !elsewhere && depth < -0.3 && depth > -RING_MM ? CELL_RING : 0;
}

static void extend(struct cell_extent *extent, int x, int y)
{
    bool first = extent->x1 == 0;
    extent->x0 = first || x < extent->x0 ? x : extent->x0;
    extent->x1 = x + 1 > extent->x1 ? x + 1 : extent->x1;
    extent->y0 = first ? y : extent->y0;
    extent->y1 = y + 1;
}

void mark_mask_sum(struct box_mask *mask, int width, int height)
{
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            unsigned char cell = mask->cells[y * width + x];
            if (cell & CELL_INSIDE) {
                mask->inside_count++;
                extend(&mask->inside, x, y);
            }
            if (cell & CELL_DEEP) {
                mask->deep_count++;
                extend(&mask->deep, x, y);
            }
            mask->core_count += (cell & CELL_CORE) != 0;
        }
}

void mark_mask_pack(struct box_mask *mask, int width, int height)
{
    int count = width * height;
    mask->counted = zeroed((size_t)count / 64 + 1, sizeof *mask->counted);
    for (int at = 0; at < count; at++)
        if (mask->cells[at] & (CELL_INSIDE | CELL_CORE | CELL_RING | CELL_DEEP))
            mask->counted[at / 64] |= (uint64_t)1 << (at & 63);
}

/* Where the plate shows no outline: the cells on which one of this shape and size would lie, and
 * those just outside it. */
static void expect_outline(struct box_template *out, enum box_shape shape)
{
    const struct rect *r = &out->rect_mm;
    out->outline_count = out->beyond_count = 0;
    for (int at = 0; at < out->width * out->height; at++) {
        double x = r->x - MARGIN_MM + (at % out->width + 0.5) * CELL_MM;
        double y = r->y - MARGIN_MM + ((double)(at / out->width) + 0.5) * CELL_MM;
        double depth = outline_depth_mm(r, shape, x, y);
        if (depth > -0.05 && depth < 0.3)
            out->outline[out->outline_count++] = (short)at;
        else if (depth < -0.25 && depth > -0.6)
            out->beyond[out->beyond_count++] = (short)at;
    }
}

/* As much memory as is used, at another place: lists that are read one after the other lie side by side. */
static void *packed(void *list, int count, size_t size)
{
    void *out = zeroed((size_t)count, size);
    memcpy(out, list, (size_t)count * size);
    free(list);
    return out;
}

static void box_template_init(struct box_template *out, const struct template_page *page,
                              size_t index, const struct spread_plates *plates,
                              const struct mark_calibration *c)
{
    const struct template_box *box = &page->boxes[index];
    const struct rect *r = &box->rect_mm;
    out->rect_mm = *r;
    out->is_square = box->shape == BOX_SQUARE;
    patch_size(&out->width, &out->height, *r);
    size_t count = (size_t)out->width * (size_t)out->height;
    for (int k = 0; k < SPREADS; k++)
        out->masks[k].cells = zeroed(count, 1);
    out->bleed = zeroed(count, sizeof *out->bleed);
    unsigned char *reached = zeroed(count, 1); /* SPREADS: no cell that tells of bleeding */
    out->outline = zeroed(count, sizeof *out->outline);
    out->beyond = zeroed(count, sizeof *out->beyond);
    double smaller = fmin(r->w, r->h);
    struct neighbour near[NEIGHBOURS_MAX];
    size_t near_count = find_neighbours(near, page, index);
    for (int j = 0; j < out->height; j++)
        for (int i = 0; i < out->width; i++) {
            double x = r->x - MARGIN_MM + (i + 0.5) * CELL_MM;
            double y = r->y - MARGIN_MM + (j + 0.5) * CELL_MM;
            double depth = outline_depth_mm(r, box->shape, x, y);
            bool exact = plate_ink(&plates->plate, x, y), elsewhere = false;
            for (size_t k = 0; k < near_count && !elsewhere; k++)
                elsewhere = outline_depth_mm(&near[k].rect_mm, near[k].shape, x, y) > -0.4;
            int at = j * out->width + i;
            if (exact && depth > -0.15 && depth < 0.6)
                out->outline[out->outline_count++] = (short)at;
            else if (!exact && depth < -0.2 && depth > -0.6)
                out->beyond[out->beyond_count++] = (short)at;
            /* from this spread on the cell is print; SPREADS: never */
            int reach = SPREADS;
            while (reach > 0 && plate_ink(&plates->boxes[reach - 1], x, y))
                reach--;
            bool bleeds = reach > 0 && reach < SPREADS && !elsewhere && depth < -0.05;
            reached[at] = (unsigned char)(bleeds ? reach : SPREADS);
            for (int k = 0; k < SPREADS; k++) {
                unsigned char cell = mark_classify(c, depth, k >= reach, elsewhere, smaller);
                /* a rule or a word beside the box, which has no outline to be found by */
                if (depth < -c->rule_apart_mm && k + c->rule_spreads >= reach && reach < SPREADS)
                    cell &= (unsigned char)~CELL_RING;
                out->masks[k].cells[at] = cell;
            }
        }
    for (int k = 0, bleeding = 0; k < SPREADS; out->bleed_ends[k++] = bleeding)
        for (int at = 0; at < (int)count; at++)
            if (reached[at] == k + 1 && k + 1 < SPREADS)
                out->bleed[bleeding++] = (short)at;
    free(reached);
    for (int k = 0; k < SPREADS; k++) {
        mark_mask_sum(&out->masks[k], out->width, out->height);
        mark_mask_pack(&out->masks[k], out->width, out->height);
    }
    out->has_outline = outline_surrounds(out);
    if (!out->has_outline)
        expect_outline(out, box->shape);
    outline_order(out);
    out->outline = packed(out->outline, out->outline_count, sizeof *out->outline);
    out->beyond = packed(out->beyond, out->beyond_count, sizeof *out->beyond);
    out->bleed = packed(out->bleed, out->bleed_ends[SPREADS - 1], sizeof *out->bleed);
}

/* Cells of a field count where the spread plate has no print. */
static void area_template_init(struct area_template *out, struct rect rect_mm, double cell_mm,
                               const struct bitmap *spread)
{
    *out = (struct area_template){rect_mm, cell_mm, (int)(rect_mm.w / cell_mm),
                                  (int)(rect_mm.h / cell_mm), NULL};
    out->counts = zeroed((size_t)out->width * (size_t)out->height, 1);
    for (int j = 0; j < out->height; j++)
        for (int i = 0; i < out->width; i++) {
            double x = rect_mm.x + (i + 0.5) * cell_mm, y = rect_mm.y + (j + 0.5) * cell_mm;
            out->counts[j * out->width + i] = !plate_ink(spread, x, y);
        }
}

/* The rows that are looked into more closely. */
static void rows_init(struct mark_template *out, const struct template_page *page,
                      const struct spread_plates *plates, const struct outside_calibration *calibration)
{
    struct outside_row *rows = outside_rows(page, &plates->plate, calibration);
    out->rows = zeroed(page->box_count, sizeof *out->rows);
    for (size_t i = 0; i < page->box_count; i++) {
        close_row_init(&out->rows[i], page, i, &rows[i], &plates->boxes[0], calibration);
        out->rows[i].known = out->boxes[i].has_outline;
    }
    free(rows);
}

struct mark_template *mark_template_new(const struct template_page *page, const PIX *plate,
                                        const struct calibration *calibration)
{
    struct mark_template *out = zeroed(1, sizeof *out);
    out->calibration = calibration->marks;
    out->box_count = page->box_count;
    out->field_count = page->field_count;
    out->boxes = zeroed(page->box_count, sizeof *out->boxes);
    out->fields = zeroed(page->field_count, sizeof *out->fields);
    struct spread_plates plates;
    spread_plates_init(&plates, plate);
    for (size_t i = 0; i < page->box_count; i++) {
        struct box_template *box = &out->boxes[i];
        struct point away;
        box_template_init(box, page, i, &plates, &calibration->marks);
        box->is_elsewhere =
            !box->has_outline &&
            outline_elsewhere(&away, (PIX *)plate, page, i, calibration->marks.offset_max_mm);
    }
    for (size_t i = 0; i < page->field_count; i++)
        area_template_init(&out->fields[i], page->fields[i].rect_mm, FIELD_CELL_MM, &plates.fields);
    const struct bitmap *reaches[PRINT_REACHES] = {&plates.fields, &plates.boxes[SPREADS - 1],
                                                   &plates.far};
    outside_template_init(&out->outside, page, &plates.plate, reaches,
                          &calibration->outside);
    rows_init(out, page, &plates, &calibration->outside);
    spread_plates_release(&plates);
    return out;
}

void mark_template_free(struct mark_template *template)
{
    if (template == NULL)
        return;
    for (size_t i = 0; i < template->box_count; i++) {
        for (int k = 0; k < SPREADS; k++) {
            free(template->boxes[i].masks[k].cells);
            free(template->boxes[i].masks[k].counted);
        }
        free(template->boxes[i].bleed);
        free(template->boxes[i].outline);
        free(template->boxes[i].beyond);
        close_row_release(&template->rows[i]);
    }
    for (size_t i = 0; i < template->field_count; i++)
        free(template->fields[i].counts);
    outside_template_release(&template->outside);
    free(template->rows);
    free(template->boxes);
    free(template->fields);
    free(template);
}

