/* Candidates by content: correlation of ink densities at 2 mm a cell. */
#include "page/content.h"

#include <fftw3.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define GRID 256                       /* cells a side: 512 mm, so that an A3 sheet cannot wrap onto itself */
#define CELL_MM 2.0
#define CELLS (GRID * GRID)
#define BINS (GRID * (GRID / 2 + 1))   /* of a real transform */
#define BACKGROUND_CELLS 6             /* densities are taken against their surroundings of 26 mm */

struct spectrum {
    fftwf_complex *bins;
    struct content_page page;
};

struct content_index {
    struct spectrum *pages;
    size_t count, capacity;
    fftwf_plan forward, backward;
    float *plane;          /* work area of the plans */
    fftwf_complex *bins;
};

struct content_index *content_index_new(void)
{
    struct content_index *index = calloc(1, sizeof *index);
    if (index == NULL)
        error_die("out of memory: content index");
    index->plane = fftwf_alloc_real(CELLS);
    index->bins = fftwf_alloc_complex(BINS);
    if (index->plane == NULL || index->bins == NULL)
        error_die("out of memory: content index");
    index->forward =
        fftwf_plan_dft_r2c_2d(GRID, GRID, index->plane, index->bins, FFTW_ESTIMATE);
    index->backward =
        fftwf_plan_dft_c2r_2d(GRID, GRID, index->bins, index->plane, FFTW_ESTIMATE);
    return index;
}

void content_index_free(struct content_index *index)
{
    if (index == NULL)
        return;
    for (size_t i = 0; i < index->count; i++)
        fftwf_free(index->pages[i].bins);
    free(index->pages);
    fftwf_destroy_plan(index->forward);
    fftwf_destroy_plan(index->backward);
    fftwf_free(index->plane);
    fftwf_free(index->bins);
    free(index);
}

/* Ink density of a 1 bpp image at about 1 mm a pixel, 0 to 255. */
static PIX *density(PIX *half, double half_dpi)
{
    PIX *grey = pixScaleToGray(half, (l_float32)(MM_PER_INCH / half_dpi));
    if (grey == NULL)
        error_die("out of memory: ink density");
    pixInvert(grey, grey);
    return grey;
}

static float sample(PIX *grey, double x, double y)
{
    int ix = (int)floor(x - 0.5), iy = (int)floor(y - 0.5);
    if (ix < 0 || iy < 0 || ix + 1 >= pixGetWidth(grey) || iy + 1 >= pixGetHeight(grey))
        return 0;
    double fx = x - 0.5 - ix, fy = y - 0.5 - iy;
    const l_uint32 *line = pixGetData(grey) + (size_t)iy * (size_t)pixGetWpl(grey);
    const l_uint32 *next = line + pixGetWpl(grey);
    return (float)((1 - fy) * ((1 - fx) * GET_DATA_BYTE(line, ix) + fx * GET_DATA_BYTE(line, ix + 1)) +
                   fy * ((1 - fx) * GET_DATA_BYTE(next, ix) + fx * GET_DATA_BYTE(next, ix + 1)));
}

/* Takes off the mean of the surroundings, cell by cell, by running sums along rows then columns. */
static void against_background(float *plane)
{
    float *sums = malloc(CELLS * sizeof *sums);
    if (sums == NULL)
        error_die("out of memory: ink density");
    const int r = BACKGROUND_CELLS;
    const float share = 1.0f / (float)((2 * r + 1) * (2 * r + 1));
    for (int y = 0; y < GRID; y++) {
        float sum = 0;
        for (int x = -r; x < GRID; x++) {
            if (x + r < GRID)
                sum += plane[y * GRID + x + r];
            if (x - r - 1 >= 0)
                sum -= plane[y * GRID + x - r - 1];
            if (x >= 0)
                sums[y * GRID + x] = sum;
        }
    }
    for (int x = 0; x < GRID; x++) {
        float sum = 0;
        for (int y = -r; y < GRID; y++) {
            if (y + r < GRID)
                sum += sums[(y + r) * GRID + x];
            if (y - r - 1 >= 0)
                sum -= sums[(y - r - 1) * GRID + x];
            if (y >= 0)
                plane[y * GRID + x] -= sum * share;
        }
    }
    free(sums);
}

/* Lays the density onto the grid, its centre on the grid's, turned by `turn_deg`, and scales it to
 * unit energy. `turn_deg` is the clockwise turn of the content that is undone, `scale` its size. */
static void fill_plane(float *plane, PIX *grey, double turn_deg, double scale)
{
    double c = scale * cos(turn_deg * M_PI / 180), s = scale * sin(turn_deg * M_PI / 180);
    double cx = pixGetWidth(grey) / 2.0, cy = pixGetHeight(grey) / 2.0;
    for (int j = 0; j < GRID; j++)
        for (int i = 0; i < GRID; i++) {
            double u = (i + 0.5 - GRID / 2.0) * CELL_MM, v = (j + 0.5 - GRID / 2.0) * CELL_MM;
            plane[j * GRID + i] = sample(grey, cx + c * u - s * v, cy + s * u + c * v);
        }
    against_background(plane);
    double energy = 0;
    for (int i = 0; i < CELLS; i++)
        energy += (double)plane[i] * plane[i];
    float gain = energy > 0 ? (float)(1 / sqrt(energy)) : 0;
    for (int i = 0; i < CELLS; i++)
        plane[i] *= gain;
}

void content_index_add(struct content_index *index, const struct content_page *page)
{
    if (index->count == index->capacity) {
        index->capacity = index->capacity == 0 ? 16 : 2 * index->capacity;
        index->pages = realloc(index->pages, index->capacity * sizeof *index->pages);
        if (index->pages == NULL)
            error_die("out of memory: content index");
    }
    struct spectrum *entry = &index->pages[index->count++];
    entry->page = *page;
    entry->bins = fftwf_alloc_complex(BINS);
    if (entry->bins == NULL)
        error_die("out of memory: content index");
    PIX *grey = density(page->half, page->half_dpi);
    fill_plane(index->plane, grey, 0, 1);
    fftwf_execute(index->forward);
    memcpy(entry->bins, index->bins, BINS * sizeof *entry->bins);
    pixDestroy(&grey);
}

/* ---- the scan's side ------------------------------------------------------------------------ */

/* Black scanner borders would drown the page: ink that hangs together with the image's edge goes. */
static PIX *without_border(PIX *half)
{
    PIX *small = pixReduceRankBinary2(half, 2, NULL);
    PIX *seed = pixCreateTemplate(small);
    if (small == NULL || seed == NULL)
        error_die("out of memory: border");
    pixSetOrClearBorder(seed, 1, 1, 1, 1, PIX_SET);
    pixAnd(seed, seed, small);
    l_int32 nothing = 1;
    pixZero(seed, &nothing);
    PIX *out = pixCopy(NULL, half);
    if (!nothing) {
        PIX *border = pixSeedfillBinary(NULL, seed, small, 8);
        PIX *large = pixExpandReplicate(border, 2);
        pixSubtract(out, out, large);
        pixDestroy(&border);
        pixDestroy(&large);
    }
    pixDestroy(&small);
    pixDestroy(&seed);
    return out;
}

/* Clockwise skew of the text lines in degrees; 0 where it cannot be told. */
static double find_skew_deg(PIX *half)
{
    l_float32 angle = 0, confidence = 0;
    /* pixFindSkew gives the turn that deskews, clockwise positive */
    if (pixFindSkewSweepAndSearch(half, &angle, &confidence, 4, 2, 7.0f, 1.0f, 0.02f) != 0 ||
        confidence < 2.5)
        return 0;
    return -angle;
}

struct peak {
    double x, y, score; /* shift of the image's content against the page's, in cells */
};

static struct peak find_peak(const float *plane)
{
    int best = 0;
    for (int i = 1; i < CELLS; i++)
        if (plane[i] > plane[best])
            best = i;
    int x = best % GRID, y = best / GRID;
    return (struct peak){x >= GRID / 2 ? x - GRID : x, y >= GRID / 2 ? y - GRID : y,
                         plane[best] / CELLS};
}

/* Correlates with one page; `flipped`: the scan is turned by 180 degrees, whose spectrum is the
 * conjugate, shifted by the one cell between the grid's centre and its mirror image. */
static struct peak correlate(const struct content_index *index, fftwf_complex *scan,
                             fftwf_complex *page, bool flipped)
{
    for (int i = 0; i < BINS; i++) {
        float a = scan[i][0], b = flipped ? -scan[i][1] : scan[i][1];
        float c = page[i][0], d = -page[i][1];
        index->bins[i][0] = a * c - b * d;
        index->bins[i][1] = a * d + b * c;
    }
    fftwf_execute(index->backward);
    struct peak peak = find_peak(index->plane);
    if (flipped) { /* cell i holds what was in cell -i; the mirror about the centre is GRID - 1 - i */
        peak.x -= 1;
        peak.y -= 1;
        if (peak.x < -GRID / 2)
            peak.x += GRID;
        if (peak.y < -GRID / 2)
            peak.y += GRID;
    }
    return peak;
}

/* mm of the form -> pixels of the working image, from the turn and the shift. */
static struct transform coarse_transform(const struct content_page *page,
                                         const struct working *working, double turn_deg,
                                         double magnified, bool flipped, const struct peak *peak)
{
    double c = cos(turn_deg * M_PI / 180), s = sin(turn_deg * M_PI / 180);
    double scale = magnified * working->dpi / MM_PER_INCH;
    /* form mm -> mm on the grid, from its centre */
    double x0 = -page->width_mm / 2 + peak->x * CELL_MM;
    double y0 = -page->height_mm / 2 + peak->y * CELL_MM;
    double sign = flipped ? -1 : 1;
    double cx = pixGetWidth(working->bits) / 2.0, cy = pixGetHeight(working->bits) / 2.0;
    double a = sign * scale * c, b = sign * scale * s;
    return (struct transform){
        {a, -b, cx + a * x0 - b * y0, b, a, cy + b * x0 + a * y0, 0, 0}};
}

static void insert_candidate(struct content_candidate *out, size_t *count, size_t wanted,
                             const struct content_candidate *candidate)
{
    size_t place = *count;
    while (place > 0 && out[place - 1].score < candidate->score)
        place--;
    if (place >= wanted)
        return;
    if (*count < wanted)
        (*count)++;
    memmove(out + place + 1, out + place, (*count - 1 - place) * sizeof *out);
    out[place] = *candidate;
}

size_t content_candidates(struct content_candidate *out, size_t wanted,
                          const struct content_index *index, const struct working *working,
                          const struct content_guess *guess)
{
    PIX *clean = without_border(working->half);
    PIX *grey = density(clean, working->dpi / 2);
    bool wide = pixGetWidth(clean) > pixGetHeight(clean);
    fftwf_complex *scan = fftwf_alloc_complex(BINS);
    if (scan == NULL)
        error_die("out of memory: content candidates");
    size_t count = 0;
    for (int parity = 0; parity < 2; parity++) { /* 0: upright or upside down; 1: on its side */
        bool needed = false;
        for (size_t p = 0; p < index->count; p++)
            needed |= ((index->pages[p].page.width_mm > index->pages[p].page.height_mm) != wide) ==
                      (parity == 1);
        if (!needed)
            continue;
        PIX *level = parity == 0 ? pixClone(clean) : pixRotateOrth(clean, 3);
        double turn = (parity == 0 ? 0 : 90) + find_skew_deg(level) + guess->skew_deg;
        pixDestroy(&level);
        fill_plane(index->plane, grey, turn, guess->scale);
        fftwf_execute(index->forward);
        memcpy(scan, index->bins, BINS * sizeof *scan);
        for (size_t p = 0; p < index->count; p++) {
            const struct content_page *page = &index->pages[p].page;
            if (((page->width_mm > page->height_mm) != wide) != (parity == 1))
                continue;
            for (int flipped = 0; flipped < 2; flipped++) {
                struct peak peak = correlate(index, scan, index->pages[p].bins, flipped);
                struct content_candidate candidate = {
                    p, coarse_transform(page, working, turn, guess->scale, flipped, &peak), peak.score};
                insert_candidate(out, &count, wanted, &candidate);
            }
        }
    }
    fftwf_free(scan);
    pixDestroy(&grey);
    pixDestroy(&clean);
    return count;
}
