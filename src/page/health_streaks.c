/* Streaks: thin dark lines along the whole image that the form does not print. A printed rule ends
 * where the form says so, leans with the page, and is known from the plate; dust on the glass of a
 * feeder draws a straight line from edge to edge of the image. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "page/health_internal.h"

#define SIDE_MM 1.0     /* a streak is thinner than this: what lies so far to both sides is lighter */
#define APART_MM 1.2    /* two peaks nearer than this are one line */
#define CANDIDATES 16   /* the most lasting lines, looked at against the form */

void health_thin_row(const struct looking *l, uint32_t *out, int r, float contrast)
{
    const uint32_t *row = l->dark + (size_t)r * (size_t)l->words;
    int far = (int)lround(SIDE_MM / l->mm_x);
    far = far < 2 ? 2 : far > 31 ? 31 : far;
    uint32_t *thin = l->scratch;
    memset(thin, 0, (size_t)l->words * sizeof *thin);
    if (l->raw->bits != NULL) {
        for (int k = 0; k < l->words; k++)
            thin[k] = row[k] & ~(row[k] >> far | (k > 0 ? row[k - 1] << (32 - far) : 0)) &
                      ~(row[k] << far | (k + 1 < l->words ? row[k + 1] >> (32 - far) : 0));
    } else {
        uint8_t step = (uint8_t)fmin(255, fmax(l->calibration->streak_contrast * (double)contrast,
                                               l->calibration->streak_levels_min));
        for (int k = 0; k < l->words; k++) {
            const uint8_t *v = l->levels + 32 * k, *left = v - far, *right = v + far;
            uint8_t flags[32];
            for (int i = 0; i < 32; i++) {
                uint8_t lighter = left[i] < right[i] ? left[i] : right[i];
                uint8_t more = (uint8_t)(lighter > v[i] ? lighter - v[i] : 0);
                flags[i] = more > step;
            }
            thin[k] = health_pack(flags);
        }
    }
    for (int k = 0; k < l->words; k++)
        out[k] = thin[k] | thin[k] << 1 | thin[k] >> 1 | (k > 0 ? thin[k - 1] << 31 : 0) |
                 (k + 1 < l->words ? thin[k + 1] >> 31 : 0);
}

/* ---- a line against the form ------------------------------------------------------------------- */

/* A candidate: a column of the image, or a row. */
struct line {
    bool lying;
    double at_px, width_px; /* on the image */
    int count;              /* places along it where it is dark */
};

struct streak_search {
    const struct looking *l;
    /* for lines along rows: thin pixels of the half image */
    struct bits {
        const uint32_t *rows;
        int width, height, words;
        double to_image_x, to_image_y;
    } half;
};

static bool thin_at(const uint32_t *row, int x, int width)
{
    return x >= 0 && x < width && (row[x >> 5] >> (31 - (x & 31)) & 1);
}

static bool dark_at(const struct streak_search *s, const struct line *line, int i)
{
    const struct looking *l = s->l;
    if (line->lying)
        return thin_at(s->half.rows +
                           (size_t)(line->at_px / s->half.to_image_y) * (size_t)s->half.words,
                       i, s->half.width);
    return thin_at(l->thin + (size_t)i * (size_t)l->words, (int)line->at_px, l->width);
}

/* Whether the line runs into the margin where no form prints, at one end at least: light rules,
 * which the plate does not know, stop short of it. */
static bool reaches_edge(const struct streak_search *s, const struct line *line,
                         const struct scan_health *health)
{
    const struct looking *l = s->l;
    int places = line->lying ? s->half.width : l->rows;
    double long_mm = line->lying ? l->width * l->mm_x : l->height * l->mm_y;
    double border[2] = {line->lying ? health->border_left_mm : health->border_top_mm,
                        line->lying ? health->border_right_mm : health->border_bottom_mm};
    int zone = (int)ceil(l->calibration->streak_margin_mm / long_mm * places);
    for (int end = 0; end < 2; end++) {
        int skip = (int)ceil(border[end] / long_mm * places), dark = 0;
        for (int k = skip; k < skip + zone && k < places; k++)
            dark += dark_at(s, line, end == 0 ? k : places - 1 - k);
        if (dark * 2 > zone)
            return true;
    }
    return false;
}

/* Share of the line's places that are dark, of those where the form prints nothing. Nothing where
 * the form hides most of it. */
static double share_of(const struct streak_search *s, const struct line *line)
{
    const struct looking *l = s->l;
    int places = line->lying ? s->half.width : l->rows, white = 0, dark = 0;
    for (int i = 0; i < places; i++) {
        double x = line->lying ? (i + 0.5) * s->half.to_image_x : line->at_px;
        double y = line->lying ? line->at_px : l->y[i];
        if (health_printed(l, x, y))
            continue;
        white++;
        dark += dark_at(s, line, i);
    }
    return white < l->calibration->streak_seen_min * places ? 0 : (double)dark / white;
}

/* The shadow of the paper's edge is no streak: outside the form, or near the edge of the image. */
static bool near_edge(const struct looking *l, const struct line *line)
{
    double mm = line->lying ? l->mm_y : l->mm_x;
    double end = line->lying ? l->height : l->width, edge = l->calibration->streak_edge_mm;
    if (line->at_px * mm < edge || (end - line->at_px) * mm < edge)
        return true;
    if (l->form == NULL)
        return false;
    struct point p = {line->lying ? l->width / 2.0 : line->at_px,
                      line->lying ? line->at_px : l->height / 2.0};
    struct point f = transform_apply(&l->to_form, p);
    const struct placement *placement = l->form->placement;
    return !(f.x > edge && f.y > edge && f.x < placement->width_mm - edge &&
             f.y < placement->height_mm - edge);
}

/* ---- candidates -------------------------------------------------------------------------------- */

/* The line whose profile is highest at `best`. */
static struct line peak_at(int best, const int *count, int size, int apart, bool lying, double scale)
{
    int from = best, to = best;
    while (from > 0 && best - from < apart && count[from - 1] * 2 >= count[best])
        from--;
    while (to + 1 < size && to - best < apart && count[to + 1] * 2 >= count[best])
        to++;
    /* thin pixels were made fatter by one on each side */
    double width = to - from + 1 > 2 && !lying ? to - from - 1 : to - from + 1;
    return (struct line){.lying = lying, .count = count[best],
                         .at_px = (from + to + 1) / 2.0 * scale, .width_px = width * scale};
}

/* Takes the most lasting lines from a profile of counts; count[i] belongs to image position
 * (i + 0.5) * scale. Peaks nearer than `apart` go with the larger one. */
static int take_peaks(struct line *out, int room, const int *count, int size, int least, int apart,
                      bool lying, double scale)
{
    int taken = 0;
    while (taken < room) {
        int best = -1;
        for (int i = 0; i < size; i++) {
            if (count[i] < least || (best >= 0 && count[i] <= count[best]))
                continue;
            bool free_of_others = true;
            for (int k = 0; k < taken && free_of_others; k++)
                free_of_others = fabs(out[k].at_px / scale - i) > apart;
            if (free_of_others)
                best = i;
        }
        if (best < 0)
            break;
        out[taken++] = peak_at(best, count, size, apart, lying, scale);
    }
    return taken;
}

static int *counts_new(int size)
{
    int *counts = calloc((size_t)size + 1, sizeof *counts);
    if (counts == NULL)
        error_die("out of memory: streaks");
    return counts;
}

/* How often each column of the image is dark; the caller frees them. */
static int *count_columns(const struct looking *l)
{
    int *counts = counts_new(l->words * 32);
    for (int r = 0; r < l->rows; r++)
        for (int k = 0; k < l->words; k++)
            for (uint32_t w = l->thin[(size_t)r * (size_t)l->words + (size_t)k]; w != 0; w &= w - 1)
                counts[k * 32 + 31 - __builtin_ctz(w)]++;
    return counts;
}

static int columns(struct line *out, int room, const int *counts, const struct looking *l)
{
    return take_peaks(out, room, counts, l->width,
                      (int)ceil(l->calibration->streak_candidate_min * l->rows),
                      (int)(APART_MM / l->mm_x), false, 1);
}

/* How many places of the column are dark where the form prints nothing. */
static int dark_unprinted(const struct streak_search *s, struct line line, double aside_px)
{
    int dark = 0;
    line.at_px += aside_px;
    for (int i = 0; i < s->l->rows; i++)
        dark += dark_at(s, &line, i) && !health_printed(s->l, line.at_px, s->l->y[i]);
    return dark;
}

/* Whether the column is as dark between the boxes as at them, from its first dark place to its last: the
 * marks in a long column of boxes lie below each other, too, and look as straight. */
static bool goes_on_between(const struct streak_search *s, const struct line *line)
{
    const struct looking *l = s->l;
    double around = l->calibration->streak_broken_around_mm;
    bool at_box[HEALTH_ROWS] = {false};
    for (size_t b = 0; b < l->form->box_count; b++) {
        struct rect marked = rect_grow(l->form->boxes[b].rect_mm, around);
        struct rect px = placement_rect_px(l->form->placement, marked);
        for (int i = 0; i < l->rows && line->at_px >= px.x && line->at_px <= px.x + px.w; i++)
            at_box[i] |= l->y[i] >= px.y && l->y[i] <= px.y + px.h;
    }
    int white[2] = {0, 0}, dark[2] = {0, 0}, first = 0, last = l->rows - 1;
    while (first < last && !dark_at(s, line, first))
        first++;
    while (last > first && !dark_at(s, line, last))
        last--;
    for (int i = first; i <= last; i++) {
        if (health_printed(l, line->at_px, l->y[i]))
            continue;
        white[at_box[i]]++;
        dark[at_box[i]] += dark_at(s, line, i);
    }
    return dark[0] > 0 && dark[0] * white[1] >=
                              l->calibration->streak_broken_between_min * dark[1] * white[0];
}

static bool is_peak(const int *counts, int x, int size, int apart)
{
    int from = x > apart ? x - apart : 0, to = x + apart < size ? x + apart : size - 1;
    for (int k = from; k <= to; k++)
        if (counts[k] > counts[x] - (k < x)) /* of equal ones the first */
            return false;
    return true;
}

static bool is_known(const struct streak *streaks, int count, double at_px, double apart_px)
{
    for (int k = 0; k < count; k++)
        if (!streaks[k].lying && fabs((double)streaks[k].at_px - at_px) <= apart_px)
            return true;
    return false;
}

/* Columns that are dark in places, and where the form prints nothing more often than those beside them. */
static void find_broken(const struct streak_search *s, const int *counts, struct scan_health *health)
{
    const struct looking *l = s->l;
    const struct health_calibration *c = l->calibration;
    int apart = (int)(APART_MM / l->mm_x);
    int least = (int)ceil(c->streak_broken_min * c->streak_seen_min * l->rows);
    double aside = c->streak_broken_aside_mm / l->mm_x;
    for (int x = 0; x < l->width && health->broken_count < STREAK_BROKEN_MAX; x++) {
        if (counts[x] < least || !is_peak(counts, x, l->width, apart))
            continue;
        struct line line = peak_at(x, counts, l->width, apart, false, 1);
        if (line.width_px * l->mm_x > c->streak_broken_width_max_mm)
            continue; /* a fold, on which something small may be written, or marks of a long column */
        if (near_edge(l, &line) || is_known(health->streaks, health->streak_count, line.at_px, apart))
            continue;
        int dark = dark_unprinted(s, line, 0);
        if (dark < least || dark_unprinted(s, line, -aside) + dark_unprinted(s, line, aside) >
                                2 * c->streak_broken_aside_max * dark)
            continue;
        double share = share_of(s, &line);
        if (share >= c->streak_broken_min && goes_on_between(s, &line))
            health->broken[health->broken_count++] =
                (struct streak){.at_px = (float)line.at_px, .at_mm = (float)(line.at_px * l->mm_x),
                                .width_px = (float)line.width_px, .share = (float)share};
    }
}

/* Thin pixels of the half image, by rows; the caller frees them. */
static uint32_t *thin_of_half(struct bits *half, const struct looking *l)
{
    const PIX *pix = l->scan->half;
    *half = (struct bits){.width = (int)pix->w, .height = (int)pix->h, .words = ((int)pix->w + 31) / 32,
                          .to_image_x = (double)l->width / pix->w,
                          .to_image_y = (double)l->height / pix->h};
    uint32_t *rows = calloc((size_t)half->words * (size_t)half->height + 1, sizeof *rows);
    if (rows == NULL)
        error_die("out of memory: streaks");
    int far = (int)lround(SIDE_MM / l->mm_y / half->to_image_y);
    far = far < 2 ? 2 : far;
    for (int y = far; y + far < half->height; y++) {
        const l_uint32 *row = pix->data + (size_t)y * pix->wpl;
        const l_uint32 *above = row - (size_t)far * pix->wpl, *below = row + (size_t)far * pix->wpl;
        for (int k = 0; k < half->words; k++)
            rows[(size_t)y * (size_t)half->words + (size_t)k] = row[k] & ~above[k] & ~below[k];
    }
    half->rows = rows;
    return rows;
}

static int rows_of_half(struct line *out, int room, const struct looking *l, const struct bits *half)
{
    int *counts = counts_new(half->height);
    for (int y = 0; y < half->height; y++)
        for (int k = 0; k < half->words; k++)
            counts[y] += __builtin_popcount(half->rows[(size_t)y * (size_t)half->words + (size_t)k]);
    int taken = take_peaks(out, room, counts, half->height,
                           (int)ceil(l->calibration->streak_candidate_min * half->width),
                           (int)ceil(APART_MM / l->mm_y / half->to_image_y), true,
                           half->to_image_y);
    free(counts);
    return taken;
}

static int most_lasting(const void *a, const void *b)
{
    const struct streak *x = a, *y = b;
    return x->share != y->share ? (x->share < y->share ? 1 : -1)
                                : (x->at_px > y->at_px) - (x->at_px < y->at_px);
}

void health_streaks(const struct looking *l, struct scan_health *health)
{
    struct streak_search search = {.l = l};
    struct line lines[2 * CANDIDATES];
    struct streak found[2 * CANDIDATES] = {0};
    int *counts = count_columns(l);
    int count = columns(lines, CANDIDATES, counts, l), kept = 0;
    uint32_t *thin = thin_of_half(&search.half, l);
    count += rows_of_half(lines + count, CANDIDATES, l, &search.half);
    for (int i = 0; i < count; i++) {
        /* along rows the fold of a letter looks alike, and without a form any rule does */
        double least = l->form != NULL && !lines[i].lying ? l->calibration->streak_share_min
                                                          : l->calibration->streak_share_sure_min;
        if (near_edge(l, &lines[i]) || !reaches_edge(&search, &lines[i], health))
            continue;
        double share = share_of(&search, &lines[i]);
        if (share < least)
            continue;
        double mm = lines[i].lying ? l->mm_y : l->mm_x;
        found[kept++] = (struct streak){.at_px = (float)lines[i].at_px,
                                        .at_mm = (float)(lines[i].at_px * mm),
                                        .width_px = (float)lines[i].width_px,
                                        .share = (float)share,
                                        .lying = lines[i].lying};
    }
    free(thin);
    qsort(found, (size_t)kept, sizeof *found, most_lasting);
    health->streak_count = kept < STREAK_MAX ? kept : STREAK_MAX;
    memcpy(health->streaks, found, (size_t)health->streak_count * sizeof *found);
    if (l->form != NULL)
        find_broken(&search, counts, health);
    free(counts);
}
