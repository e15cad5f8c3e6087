/* Candidates by content: correlation of ink densities at 4 mm a cell. */
#include "page/content.h"

#include <fftw3.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define GRID 128                       /* cells a side: 512 mm, so that an A3 sheet cannot wrap onto itself */
#define CELL_MM 4.0
#define DENSITY_MM 2.0
#define CELLS (GRID * GRID)
#define BINS (GRID * (GRID / 2 + 1))   /* of a real transform */
#define BACKGROUND_CELLS 3             /* densities are taken against their surroundings of 28 mm */

/* A page's signature: sizes of its spectrum's bins, which hang neither on where it lies nor on whether it
 * stands on its head. Every second bin, as pages fill less than half of the grid. */
#define SIGNATURE_X 18
#define SIGNATURE_Y 35 /* from -34 to 34 */
#define SIGNATURE (SIGNATURE_X * SIGNATURE_Y)
#define SHORTLIST 24 /* at most so many pages with the likest signatures are compared in full */

struct spectrum {
    fftwf_complex *bins;
    float signature[SIGNATURE];
    struct content_page page;
};

struct content_index {
    const struct registration_calibration *calibration;
    struct spectrum *pages;
    size_t count, capacity;
    fftwf_plan forward, backward;
    float *plane;          /* work area of the plans */
    fftwf_complex *bins;
};

struct content_index *content_index_new(const struct registration_calibration *calibration)
{
    struct content_index *index = calloc(1, sizeof *index);
    if (index == NULL)
        error_die("out of memory: content index");
    index->calibration = calibration;
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

/* Ink density of a 1 bpp image at about 2 mm a pixel, 0 to 255. */
static PIX *density(PIX *half, double half_dpi)
{
    PIX *grey = pixScaleToGray(half, (l_float32)(MM_PER_INCH / half_dpi / DENSITY_MM));
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

/* The mean of a cell: two by two densities around its centre. */
static float sample_cell(PIX *grey, double x, double y)
{
    return 0.25f * (sample(grey, x - 0.5, y - 0.5) + sample(grey, x + 0.5, y - 0.5) +
                    sample(grey, x - 0.5, y + 0.5) + sample(grey, x + 0.5, y + 0.5));
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
            double u = (i + 0.5 - GRID / 2.0) * CELL_MM / DENSITY_MM;
            double v = (j + 0.5 - GRID / 2.0) * CELL_MM / DENSITY_MM;
            plane[j * GRID + i] = sample_cell(grey, cx + c * u - s * v, cy + s * u + c * v);
        }
    against_background(plane);
    double energy = 0;
    for (int i = 0; i < CELLS; i++)
        energy += (double)plane[i] * plane[i];
    float gain = energy > 0 ? (float)(1 / sqrt(energy)) : 0;
    for (int i = 0; i < CELLS; i++)
        plane[i] *= gain;
}

/* The signature of a spectrum: roots of sizes, so that a few strong lines do not drown the rest, against
 * their mean and of unit length. */
static void sign(float signature[SIGNATURE], fftwf_complex *bins)
{
    double sum = 0, energy = 0;
    for (int j = 0; j < SIGNATURE_Y; j++)
        for (int i = 0; i < SIGNATURE_X; i++) {
            int y = 2 * j - (SIGNATURE_Y - 1);
            const float *bin = bins[(y < 0 ? y + GRID : y) * (GRID / 2 + 1) + 2 * i];
            float size = sqrtf(hypotf(bin[0], bin[1]));
            signature[j * SIGNATURE_X + i] = size;
            sum += (double)size;
        }
    for (int k = 0; k < SIGNATURE; k++) {
        signature[k] -= (float)(sum / SIGNATURE);
        energy += (double)signature[k] * (double)signature[k];
    }
    for (int k = 0; k < SIGNATURE && energy > 0; k++)
        signature[k] *= (float)(1 / sqrt(energy));
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
    sign(entry->signature, entry->bins);
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

/* Vertex of the parabola through (-1, before), (0, at), (1, after). */
static double vertex(float before, float at, float after)
{
    double bend = (double)before - 2 * (double)at + (double)after;
    return bend < -1e-12 ? fmax(-0.5, fmin(0.5, 0.5 * ((double)before - (double)after) / bend)) : 0;
}

static struct peak find_peak(const float *plane)
{
    int best = 0;
    for (int i = 1; i < CELLS; i++)
        if (plane[i] > plane[best])
            best = i;
    int x = best % GRID, y = best / GRID;
    const float *row = plane + y * GRID;
    double fx = vertex(row[(x + GRID - 1) % GRID], row[x], row[(x + 1) % GRID]);
    double fy = vertex(plane[(y + GRID - 1) % GRID * GRID + x], row[x],
                       plane[(y + 1) % GRID * GRID + x]);
    return (struct peak){(x >= GRID / 2 ? x - GRID : x) + fx, (y >= GRID / 2 ? y - GRID : y) + fy,
                         (double)plane[best] / CELLS};
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

void content_insert(struct content_candidate *out, size_t *count, size_t wanted,
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

/* ---- one scan ---------------------------------------------------------------------------------- */

struct content_scan {
    const struct content_index *index;
    const struct working *working;
    PIX *grey;
    bool wide;
    double skew_deg[2]; /* upright, and on its side */
    bool needed[2];     /* whether pages of the index could lie so */
    fftwf_complex *bins;
};

/* 0: the page lies along the image; 1: across it. */
static int parity_of(const struct content_scan *scan, const struct content_page *page)
{
    return (page->width_mm > page->height_mm) != scan->wide;
}

struct content_scan *content_scan_new(const struct content_index *index,
                                      const struct working *working)
{
    struct content_scan *scan = calloc(1, sizeof *scan);
    if (scan == NULL || (scan->bins = fftwf_alloc_complex(BINS)) == NULL)
        error_die("out of memory: content of a scan");
    PIX *clean = without_border(working->half);
    scan->index = index;
    scan->working = working;
    scan->grey = density(clean, working->dpi / 2);
    scan->wide = pixGetWidth(clean) > pixGetHeight(clean);
    for (size_t p = 0; p < index->count; p++)
        scan->needed[parity_of(scan, &index->pages[p].page)] = true;
    for (int parity = 0; parity < 2; parity++) {
        if (!scan->needed[parity])
            continue;
        PIX *level = parity == 0 ? pixClone(clean) : pixRotateOrth(clean, 3);
        scan->skew_deg[parity] = 90 * parity + find_skew_deg(level);
        pixDestroy(&level);
    }
    pixDestroy(&clean);
    return scan;
}

void content_scan_free(struct content_scan *scan)
{
    if (scan == NULL)
        return;
    pixDestroy(&scan->grey);
    fftwf_free(scan->bins);
    free(scan);
}

struct likeness {
    size_t page;
    float score;
};

/* The `longest` (at most SHORTLIST) pages of this parity with the likest signatures. Returns how many. */
static size_t shortlist(struct likeness *out, size_t longest, const struct content_scan *scan,
                        int parity, const float signature[SIGNATURE])
{
    size_t count = 0;
    for (size_t p = 0; p < scan->index->count; p++) {
        const struct spectrum *entry = &scan->index->pages[p];
        if (parity_of(scan, &entry->page) != parity)
            continue;
        float sums[4] = {0}; /* several, so that the additions need not wait for each other */
        for (int k = 0; k + 3 < SIGNATURE; k += 4)
            for (int lane = 0; lane < 4; lane++)
                sums[lane] += signature[k + lane] * entry->signature[k + lane];
        struct likeness likeness = {p, sums[0] + sums[1] + sums[2] + sums[3]};
        size_t place = count < longest ? count++ : longest;
        while (place > 0 && out[place - 1].score < likeness.score) {
            if (place < longest)
                out[place] = out[place - 1];
            place--;
        }
        if (place < longest)
            out[place] = likeness;
    }
    return count;
}

size_t content_candidates(struct content_candidate *out, size_t count, size_t wanted,
                          struct content_scan *scan, const struct content_guess *guess)
{
    const struct content_index *index = scan->index;
    size_t longest =
        (size_t)fmin(SHORTLIST, index->calibration->shortlist_each * (double)wanted);
    for (int parity = 0; parity < 2; parity++) {
        if (!scan->needed[parity])
            continue;
        double turn = scan->skew_deg[parity] + guess->skew_deg;
        float signature[SIGNATURE];
        struct likeness likely[SHORTLIST];
        fill_plane(index->plane, scan->grey, turn, guess->scale);
        fftwf_execute(index->forward);
        memcpy(scan->bins, index->bins, BINS * sizeof *scan->bins);
        sign(signature, scan->bins);
        size_t listed = shortlist(likely, longest, scan, parity, signature);
        for (size_t k = 0; k < listed; k++)
            for (int flipped = 0; flipped < 2; flipped++) {
                const struct spectrum *entry = &index->pages[likely[k].page];
                struct peak peak = correlate(index, scan->bins, entry->bins, flipped);
                struct content_candidate candidate = {
                    likely[k].page,
                    coarse_transform(&entry->page, scan->working, turn, guess->scale, flipped, &peak),
                    peak.score};
                content_insert(out, &count, wanted, &candidate);
            }
    }
    return count;
}
