/* Scans made worse in known ways: `bench_vary [-v] [-b BLANK] FORM... -- SCAN...` places every scan
 * as it is, then coarser, as JPEG, as bits, turned, of other scale, cut, bordered and torn, and
 * compares where the boxes lie. A line a variation: how many were read, how far a box lies off what
 * the scan itself says, and why the others were refused
 * (-v: each of them). Exit 1 where a page was taken for another or a box lies off by more than 0.7
 * mm.
 *
 * -b makes the blanks worse instead, as where the form was adopted from another copy: `coarse` (150
 * dpi), `small` (97 % of the size), `thick` or `thin` (strokes one pixel fatter or thinner). */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calibration.h"
#include "bench/bench_forms.h"
#include "form/landmarks.h"
#include "page/page.h"
#include "scan/scan_file.h"
#include "scan/silence.h"

#define FORMS_MAX 64
#define WRONG_MM 0.7
#define TORN_MM 50

struct variation {
    const char *name;
    double dpi; /* 0: the scan's own */
    double turn_deg, x_scale, y_scale;
    int quality; /* of JPEG; 0: none */
    bool bits;
    double cut[4]; /* shares: left, top, right, bottom */
    double border_mm;
    int torn; /* 0: no; 1: the corner is white; 2: black */
};

static const struct variation variations[] = {
    {"as it is", 0, 0, 1, 1, 0, false, {0}, 0, 0},
    {"150 dpi", 150, 0, 1, 1, 0, false, {0}, 0, 0},
    {"200 dpi", 200, 0, 1, 1, 0, false, {0}, 0, 0},
    {"JPEG 40", 0, 0, 1, 1, 40, false, {0}, 0, 0},
    {"150 dpi, JPEG 40", 150, 0, 1, 1, 40, false, {0}, 0, 0},
    {"bits", 0, 0, 1, 1, 0, true, {0}, 0, 0},
    {"150 dpi, bits", 150, 0, 1, 1, 0, true, {0}, 0, 0},
    {"200 dpi, bits, turned 1.3", 200, 1.3, 1, 1, 0, true, {0}, 0, 0},
    {"upside down", 0, 180, 1, 1, 0, false, {0}, 0, 0},
    {"on its side", 0, 90, 1, 1, 0, false, {0}, 0, 0},
    {"turned 1", 0, 1, 1, 1, 0, false, {0}, 0, 0},
    {"turned -2", 0, -2, 1, 1, 0, false, {0}, 0, 0},
    {"turned 3", 0, 3, 1, 1, 0, false, {0}, 0, 0},
    {"turned -3, upside down, 150 dpi", 150, 177, 1, 1, 0, true, {0}, 0, 0},
    {"96 %", 0, 0, 0.96, 0.96, 0, false, {0}, 0, 0},
    {"98 %", 0, 0, 0.98, 0.98, 0, false, {0}, 0, 0},
    {"103 %", 0, 0, 1.03, 1.03, 0, false, {0}, 0, 0},
    {"96 %, turned 2", 0, 2, 0.96, 0.96, 0, false, {0}, 0, 0},
    {"stretched 2 %", 0, 0, 1, 1.02, 0, false, {0}, 0, 0},
    {"cut left", 0, 0, 1, 1, 0, false, {0.05, 0, 0, 0}, 0, 0},
    {"cut at the top", 0, 0, 1, 1, 0, false, {0, 0.05, 0, 0}, 0, 0},
    {"cut right", 0, 0, 1, 1, 0, false, {0, 0, 0.05, 0}, 0, 0},
    {"cut at the bottom", 0, 0, 1, 1, 0, false, {0, 0, 0, 0.05}, 0, 0},
    {"dark border", 0, 0, 1, 1, 0, false, {0}, 10, 0},
    {"dark border, turned 2, bits", 0, 2, 1, 1, 0, true, {0}, 10, 0},
    {"torn corner", 0, 0, 1, 1, 0, false, {0}, 0, 1},
    {"torn corner, dark behind", 0, 0, 1, 1, 0, false, {0}, 0, 2},
    {"200 dpi, JPEG 40, 97 %, turned 2, border, torn", 200, 2, 0.97, 0.97, 40, false, {0}, 10, 2},
};

enum { VARIATIONS = sizeof variations / sizeof *variations };

struct tally {
    int read, refused, wrong;
    double worst_mm, ms;
    char worst[256], why[8192];
};

struct bench {
    struct form *forms[FORMS_MAX];
    PIX **plates[FORMS_MAX];
    size_t count;
    bool verbose;
    const char *blank;
    struct tally tallies[VARIATIONS];
    int scans;
};

/* The grey level at a spot, between four pixels, in 1/256; x, y: of pixel middles, in 1/256. White
 * outside. */
static int level(PIX *grey, int x, int y)
{
    int ix = x >> 8, iy = y >> 8, fx = x & 255, fy = y & 255;
    if (ix < 0 || iy < 0 || ix + 1 >= pixGetWidth(grey) || iy + 1 >= pixGetHeight(grey))
        return 255 << 8;
    const l_uint32 *a = pixGetData(grey) + (size_t)iy * (size_t)pixGetWpl(grey),
                   *b = a + pixGetWpl(grey);
    int upper = GET_DATA_BYTE(a, ix) * (256 - fx) + GET_DATA_BYTE(a, ix + 1) * fx;
    int lower = GET_DATA_BYTE(b, ix) * (256 - fx) + GET_DATA_BYTE(b, ix + 1) * fx;
    return (upper * (256 - fy) + lower * fy) >> 8;
}

/* Resamples; `to_source`, affine, as in bitmap_warp(); each pixel is the mean of several samples
 * where it shrinks. */
static PIX *warp(PIX *grey, const struct transform *to_source, int width, int height)
{
    PIX *out = pixCreate(width, height, 8);
    must(out != NULL, "out of memory");
    const double *m = to_source->m;
    int n = (int)ceil(hypot(m[0], m[3]) - 0.05);
    n = n < 1 ? 1 : n;
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            int sum = 0;
            for (int k = 0; k < n * n; k++) {
                double u = x + (k % n + 0.5) / n, v = y + ((double)(k / n) + 0.5) / n;
                sum += level(grey, (int)(256 * (m[0] * u + m[1] * v + m[2] - 0.5)),
                             (int)(256 * (m[3] * u + m[4] * v + m[5] - 0.5)));
            }
            SET_DATA_BYTE(pixGetData(out) + (size_t)y * (size_t)pixGetWpl(out), x,
                          (l_uint8)(sum / (n * n) / 256));
        }
    return out;
}

static void blacken(PIX *grey, double x, double y, double w, double h)
{
    pixRasterop(grey, (int)x, (int)y, (int)ceil(w), (int)ceil(h), PIX_CLR, NULL, 0, 0);
}

/* Makes the variation; *moved takes pixels of `from` to pixels of *out. */
static void vary(struct raw_page *out, struct transform *moved, PIX *from, double from_dpi,
                 const struct variation *how)
{
    double dpi = how->dpi > 0 ? how->dpi : from_dpi, z = dpi / from_dpi,
           border = how->border_mm * dpi / MM_PER_INCH;
    double w = pixGetWidth(from), h = pixGetHeight(from), a = how->turn_deg * M_PI / 180;
    bool sideways = fabs(sin(a)) > 0.7;
    double c = cos(a) * z, s = sin(a) * z, cut_w = 1 - how->cut[0] - how->cut[2],
           cut_h = 1 - how->cut[1] - how->cut[3];
    double full_w = (sideways ? h : w) * z, full_h = (sideways ? w : h) * z;
    int width = (int)(full_w * cut_w + 2 * border), height = (int)(full_h * cut_h + 2 * border);
    double ox = full_w / 2 - how->cut[0] * full_w + border,
           oy = full_h / 2 - how->cut[1] * full_h + border;
    *moved = (struct transform){
        {c * how->x_scale, -s * how->y_scale, 0, s * how->x_scale, c * how->y_scale, 0, 0, 0}};
    struct point middle = transform_apply(moved, (struct point){w / 2, h / 2});
    moved->m[2] = ox - middle.x;
    moved->m[5] = oy - middle.y;
    struct transform back;
    must(transform_invert(&back, moved), "transform");
    PIX *grey = warp(from, &back, width, height);
    blacken(grey, 0, 0, width, border);
    blacken(grey, 0, height - border, width, border);
    blacken(grey, 0, 0, border, height);
    blacken(grey, width - border, 0, border, height);
    double torn = how->torn > 0 ? TORN_MM * dpi / MM_PER_INCH : 0;
    for (int y = 0; y < torn; y++)
        pixRasterop(grey, 0, y, (int)torn - y, 1, how->torn == 1 ? PIX_SET : PIX_CLR, NULL, 0, 0);
    if (how->quality > 0) {
        l_uint8 *bytes = NULL;
        size_t size = 0;
        must(pixWriteMemJpeg(&bytes, &size, grey, how->quality, 0) == 0, "JPEG");
        pixDestroy(&grey);
        grey = pixReadMemJpeg(bytes, size, 0, 1, NULL, 0);
        must(grey != NULL, "JPEG");
        lept_free(bytes);
    }
    *out = (struct raw_page){.width_px = width, .height_px = height, .x_dpi = dpi, .y_dpi = dpi};
    if (how->bits) {
        out->bits = pixThresholdToBinary(grey, 150);
        pixDestroy(&grey);
    } else {
        out->grey = grey;
    }
}

/* A blank as another printing or a poorer picture of it would be; boxes and landmarks go with it.
 */
static PIX *spoil(PIX *plate, struct template_page *page, struct arena *arena, const char *how)
{
    PIX *grey = pixConvert1To8(NULL, plate, 255, 0), *out;
    double scale = strcmp(how, "small") == 0 ? 0.97 : 1;
    if (strcmp(how, "thick") == 0 || strcmp(how, "thin") == 0) {
        out = strcmp(how, "thick") == 0 ? pixDilateBrick(NULL, plate, 2, 2)
                                        : pixErodeBrick(NULL, plate, 2, 1);
    } else {
        double z = strcmp(how, "coarse") == 0 ? 0.5 : scale;
        struct transform shrink = {{1 / z, 0, 0, 0, 1 / z, 0, 0, 0}};
        PIX *small =
            warp(grey, &shrink, (int)(pixGetWidth(plate) * z), (int)(pixGetHeight(plate) * z));
        struct transform grow = {{z / scale, 0, 0, 0, z / scale, 0, 0, 0}};
        PIX *back = warp(small, &grow, (int)(pixGetWidth(plate) * scale),
                         (int)(pixGetHeight(plate) * scale));
        out = pixThresholdToBinary(back, 140);
        pixDestroy(&small);
        pixDestroy(&back);
    }
    for (size_t k = 0; k < page->box_count; k++) {
        struct rect *r = &page->boxes[k].rect_mm;
        *r = (struct rect){r->x * scale, r->y * scale, r->w * scale, r->h * scale};
    }
    page->width_mm *= scale;
    page->height_mm *= scale;
    landmarks_choose(page, arena, out);
    pixDestroy(&grey);
    return out;
}

static void form_add(struct bench *bench, const char *folder)
{
    must(bench->count < FORMS_MAX, "too many forms");
    struct form *form = form_with_plates(&bench->plates[bench->count], folder);
    bench->forms[bench->count++] = form;
}

static void compare(struct tally *tally, const struct bench *bench, const struct placed_page *was,
                    const struct placed_page *now, const struct transform *moved, double dpi,
                    const struct form *before, const char *path)
{
    const struct template_page *old = &before->pages[was->known.page];
    const struct template_page *page = &bench->forms[now->known.form]->pages[now->known.page];
    tally->read++;
    if (was->known.form != now->known.form || was->known.page != now->known.page) {
        tally->wrong++;
        printf("  %s: taken for page %d of %s\n", path, page->number,
               bench->forms[now->known.form]->id);
        return;
    }
    for (size_t b = 0; b < page->box_count; b++) {
        struct point want = transform_apply(
            moved, placement_to_px(&was->placement, rect_centre(old->boxes[b].rect_mm)));
        struct point got = placement_to_px(&now->placement, rect_centre(page->boxes[b].rect_mm));
        double off = hypot(want.x - got.x, want.y - got.y) / dpi * MM_PER_INCH;
        if (off > tally->worst_mm) {
            tally->worst_mm = off;
            snprintf(tally->worst, sizeof tally->worst, "%s box %zu", path, b);
        }
    }
}

static void say_nothing(const char *text)
{
    (void)text;
}

/* The forms with their blanks made worse; the clean ones stay. */
static void spoil_all(struct bench *bench)
{
    for (size_t f = 0; f < bench->count; f++) {
        struct form *from = bench->forms[f], *form = ARENA_NEW(from->arena, struct form, 1);
        PIX **plates = calloc(from->page_count + 1, sizeof *plates);
        *form = *from;
        form->pages = ARENA_NEW(from->arena, struct template_page, from->page_count);
        for (size_t p = 0; p < from->page_count; p++) {
            struct template_page *page = &form->pages[p];
            *page = from->pages[p];
            page->boxes = ARENA_NEW(from->arena, struct template_box, page->box_count);
            memcpy(page->boxes, from->pages[p].boxes, page->box_count * sizeof *page->boxes);
            plates[p] = spoil(bench->plates[f][p], page, from->arena, bench->blank);
        }
        bench->forms[f] = form;
        bench->plates[f] = plates;
    }
}

static struct page_library *library_of(const struct bench *bench,
                                       const struct calibration *calibration)
{
    return page_library_new((const struct form *const *)bench->forms,
                            (PIX *const *const *)bench->plates, bench->count, calibration);
}

static void place_variation(struct bench *bench, size_t v, struct page_library *library, PIX *grey,
                            double dpi, const struct placed_page *was, const struct form *before,
                            const char *path)
{
    struct tally *tally = &bench->tallies[v];
    struct raw_page varied;
    struct transform moved;
    struct placed_page now;
    struct error why = {""};
    vary(&varied, &moved, grey, dpi, &variations[v]);
    double start = cpu_ms();
    enum flag flag = page_place(&now, library, &varied, &why);
    tally->ms += cpu_ms() - start;
    if (flag == FLAG_NONE) {
        compare(tally, bench, was, &now, &moved, varied.x_dpi, before, path);
    } else {
        const char *name = strrchr(path, '/');
        size_t length = strlen(tally->why);
        tally->refused++;
        snprintf(tally->why + length, sizeof tally->why - length, "    %s: %s %s\n",
                 name != NULL ? name + 1 : path, flag_code(flag), why.text);
    }
    raw_page_release(&varied);
}

/* Places a scan as it is on the clean forms, which is the truth for its variations. */
static void scan_vary(struct bench *bench, struct form *const *before, struct page_library *clean,
                      struct page_library *library, const char *path)
{
    struct scan_limits limits = scan_limits_default();
    struct scan_file *file;
    struct raw_page raw;
    struct placed_page was;
    struct error err, why = {""};
    must(scan_file_open(&file, path, &limits, &err) == FLAG_NONE, path);
    must(scan_file_read(&raw, file, 0, &err) == FLAG_NONE, path);
    scan_file_close(file);
    if (page_place(&was, clean, &raw, &why) == FLAG_NONE) {
        PIX *grey = raw.grey != NULL ? pixClone(raw.grey) : pixConvert1To8(NULL, raw.bits, 255, 0);
        bench->scans++;
        for (size_t v = 0; v < VARIATIONS; v++)
            place_variation(bench, v, library, grey, raw.x_dpi > 0 ? raw.x_dpi : was.health.x_dpi,
                            &was, before[was.known.form], path);
        pixDestroy(&grey);
    } else {
        printf("%s: not read as it is: %s\n", path, why.text);
    }
    raw_page_release(&raw);
}

static bool sum_up(const struct bench *bench)
{
    bool good = true;
    for (size_t v = 0; v < VARIATIONS; v++) {
        const struct tally *tally = &bench->tallies[v];
        printf(
            "%-48s %3d read, %3d refused, %d taken for another; worst box %.2f mm (%s); %.1f ms\n",
            variations[v].name, tally->read, tally->refused, tally->wrong, tally->worst_mm,
            tally->worst, tally->ms / fmax(1, bench->scans));
        if (bench->verbose)
            fputs(tally->why, stdout);
        good = good && tally->wrong == 0 && tally->worst_mm <= WRONG_MM;
    }
    return good;
}

int main(int argc, char **argv)
{
    static struct bench bench;
    struct calibration calibration;
    struct error err;
    struct form *before[FORMS_MAX];
    int k = 1;
    scan_silence_libraries();
    leptSetStderrHandler(say_nothing);
    must(calibration_load(&calibration, &err), err.text);
    for (; k < argc && strcmp(argv[k], "--") != 0; k++) {
        if (strcmp(argv[k], "-v") == 0)
            bench.verbose = true;
        else if (strcmp(argv[k], "-b") == 0 && k + 1 < argc)
            bench.blank = argv[++k];
        else
            form_add(&bench, argv[k]);
    }
    must(bench.count > 0 && k < argc, "usage: bench_vary [-v] [-b BLANK] FORM... -- SCAN...");
    struct page_library *clean = library_of(&bench, &calibration), *library = clean;
    memcpy(before, bench.forms, sizeof before);
    if (bench.blank != NULL) {
        spoil_all(&bench);
        library = library_of(&bench, &calibration);
    }
    for (k++; k < argc; k++)
        scan_vary(&bench, before, clean, library, argv[k]);
    return sum_up(&bench) ? 0 : 1;
}
