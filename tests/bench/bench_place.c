/* Identification and registration alone, image by image: `bench_place [-x] [-c COPIES] [-r RUNS]
 * [-s NAME=VALUE]... [-t TRUTH.jsonl] FORM... -- SCAN...` prints a line an image (what was decided, by what, CPU ms of
 * page_place, how far box centres lie off where TRUTH tells) and a last line that sums up.
 *
 * -x forgets codes and fiducials: by content alone.
 * -c COPIES makes COPIES more forms of each form's pages, every one changed (bands of print swapped and
 * mirrored, so that each is a page of its own), to show what many known pages cost. */
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

#define FORMS_MAX 512
#define OFF_MAX 2000000

struct bench {
    struct form *forms[FORMS_MAX];
    PIX **plates[FORMS_MAX];
    size_t count, copies;
    int runs;
    json_t *truth; /* "source#image" -> its line */
    double *off;
    size_t off_count;
    int images, read, wrong, refused; /* refused: a page of these forms that was not read */
    double ms, dx, dy;
};

static void form_add(struct bench *bench, const char *folder)
{
    must(bench->count < FORMS_MAX, "too many forms");
    struct form *form = form_with_plates(&bench->plates[bench->count], folder);
    bench->forms[bench->count++] = form;
}

/* Another page out of this one: bands of it in another order, every second one mirrored. */
static PIX *shuffled(PIX *plate, unsigned seed)
{
    enum { BANDS = 12 };
    int w = pixGetWidth(plate), h = pixGetHeight(plate), order[BANDS];
    PIX *out = pixCreateTemplate(plate), *mirror = pixFlipLR(NULL, plate);
    for (int k = 0; k < BANDS; k++)
        order[k] = k;
    for (int k = BANDS - 1; k > 0; k--) {
        seed = seed * 1664525u + 1013904223u;
        int other = (int)((seed >> 8) % (unsigned)(k + 1)), kept = order[k];
        order[k] = order[other];
        order[other] = kept;
    }
    for (int k = 0; k < BANDS; k++)
        pixRasterop(out, 0, k * h / BANDS, w, h / BANDS, PIX_SRC,
                    (order[k] + (int)seed) % 2 == 0 ? plate : mirror, 0, order[k] * h / BANDS);
    pixDestroy(&mirror);
    return out;
}

static void copies_add(struct bench *bench)
{
    size_t given = bench->count;
    for (size_t c = 0; c < bench->copies; c++)
        for (size_t f = 0; f < given; f++) {
            struct form *from = bench->forms[f], *form;
            must(bench->count < FORMS_MAX, "too many forms");
            form = ARENA_NEW(from->arena, struct form, 1);
            *form = *from;
            form->code = NULL;
            form->id = "variation";
            form->pages = ARENA_NEW(from->arena, struct template_page, from->page_count);
            bench->plates[bench->count] = calloc(from->page_count + 1, sizeof(PIX *));
            for (size_t p = 0; p < from->page_count; p++) {
                struct template_page *page = &form->pages[p];
                *page = (struct template_page){.number = (int)p + 1,
                                               .width_mm = from->pages[p].width_mm,
                                               .height_mm = from->pages[p].height_mm};
                PIX *plate = shuffled(bench->plates[f][p], (unsigned)(c * 977 + f * 31 + p + 1));
                bench->plates[bench->count][p] = plate;
                landmarks_choose(page, from->arena, plate);
            }
            bench->forms[bench->count++] = form;
        }
}

static void truth_load(struct bench *bench, const char *path)
{
    char key[512], *line = NULL;
    size_t size = 0;
    FILE *file = fopen(path, "r");
    must(file != NULL, path);
    while (getline(&line, &size, file) > 0) {
        json_t *page = json_loads(line, 0, NULL);
        must(page != NULL, path);
        snprintf(key, sizeof key, "%s#%d", json_string_value(json_object_get(page, "source")),
                 (int)json_integer_value(json_object_get(page, "image")));
        json_object_set_new(bench->truth, key, page);
    }
    free(line);
    fclose(file);
}

static json_t *truth_of(const struct bench *bench, const char *path, int image)
{
    char key[512];
    const char *name = strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path;
    snprintf(key, sizeof key, "%s#%d", name, image);
    return json_object_get(bench->truth, key);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* How far the worst box centre lies off, in mm; keeps all. */
static double compare(double mean_mm[2], struct bench *bench, const struct placed_page *placed, const json_t *truth)
{
    const struct form *form = bench->forms[placed->known.form];
    const struct template_page *page = &form->pages[placed->known.page];
    const json_t *dpi = json_object_get(truth, "dpi");
    json_t *box;
    size_t i;
    double worst = 0, before[2] = {bench->dx, bench->dy};
    size_t count = bench->off_count;
    json_array_foreach(json_object_get(truth, "boxes"), i, box) {
        size_t item = form_find_item(form, json_string_value(json_object_get(box, "question")));
        const char *value = json_string_value(json_object_get(box, "value"));
        const json_t *centre = json_object_get(box, "centre_px");
        for (size_t b = 0; b < page->box_count; b++) {
            if (page->boxes[b].item != item ||
                strcmp(item_question(form, item)->options[page->boxes[b].option].code, value) != 0)
                continue;
            struct point at = placement_to_px(&placed->placement, rect_centre(page->boxes[b].rect_mm));
            double dx = at.x - json_number_value(json_array_get(centre, 0));
            double dy = at.y - json_number_value(json_array_get(centre, 1));
            double off = MM_PER_INCH * hypot(dx / json_number_value(json_array_get(dpi, 0)),
                                             dy / json_number_value(json_array_get(dpi, 1)));
            worst = fmax(worst, off);
            bench->dx += MM_PER_INCH * dx / json_number_value(json_array_get(dpi, 0));
            bench->dy += MM_PER_INCH * dy / json_number_value(json_array_get(dpi, 1));
            if (bench->off_count < OFF_MAX)
                bench->off[bench->off_count++] = off;
        }
    }
    count = bench->off_count - count;
    mean_mm[0] = count == 0 ? 0 : (bench->dx - before[0]) / (double)count;
    mean_mm[1] = count == 0 ? 0 : (bench->dy - before[1]) / (double)count;
    return worst;
}

static void image_place(struct bench *bench, struct page_library *library, const char *path,
                        int image, const struct raw_page *raw)
{
    struct placed_page placed;
    struct error detail;
    enum flag flag = FLAG_NONE;
    double best = INFINITY, worst = 0, mean_mm[2] = {0, 0};
    for (int run = 0; run < bench->runs; run++) {
        double start = cpu_ms();
        flag = page_place(&placed, library, raw, &detail);
        best = fmin(best, cpu_ms() - start);
    }
    json_t *truth = truth_of(bench, path, image);
    const char *kind = truth == NULL ? "" : json_string_value(json_object_get(truth, "kind"));
    const char *id = bench->forms[placed.known.form]->id;
    int number = bench->forms[placed.known.form]->pages[placed.known.page].number;
    bool wrong = false;
    bench->images++;
    bench->ms += best;
    if (flag == FLAG_NONE) {
        bench->read++;
        if (truth != NULL) {
            wrong = strcmp(kind, "page") != 0 ||
                    json_integer_value(json_object_get(truth, "page")) != number;
            worst = compare(mean_mm, bench, &placed, truth);
        }
        bench->wrong += wrong;
    } else {
        bench->refused += strcmp(kind, "page") == 0;
    }
    printf("%s#%d %.1f ms: %s%s %s %s page %d, found %.2f of %d, coverage %.2f, median %.3f worst "
           "%.3f mm%s", path, image, best, wrong ? "WRONG " : "", flag == FLAG_NONE ? "read" : flag_code(flag),
           placed.known.by == IDENTIFIED_BY_CODE ? "by code" : "by content", id, number,
           placed.residuals.found_share, placed.landmark_count, placed.residuals.coverage,
           placed.residuals.median_mm, placed.residuals.worst_mm, truth == NULL ? "" : ",");
    if (truth != NULL)
        printf(" boxes off by up to %.3f mm, on average %+.3f %+.3f; %s page %d", worst,
               mean_mm[0], mean_mm[1], kind,
               (int)json_integer_value(json_object_get(truth, "page")));
    printf("%s%s\n", flag == FLAG_NONE ? "" : "; ", flag == FLAG_NONE ? "" : detail.text);
}

static void scan_place(struct bench *bench, struct page_library *library, const char *path)
{
    struct scan_limits limits = scan_limits_default();
    struct scan_file *file;
    struct error err;
    must(scan_file_open(&file, path, &limits, &err) == FLAG_NONE, path);
    for (int i = 0; i < scan_file_page_count(file); i++) {
        struct raw_page raw;
        if (scan_file_read(&raw, file, i, &err) != FLAG_NONE) {
            printf("%s#%d: unreadable: %s\n", path, i + 1, err.text);
            continue;
        }
        image_place(bench, library, path, i + 1, &raw);
        raw_page_release(&raw);
    }
    scan_file_close(file);
}

static void sum_up(struct bench *bench, size_t pages, double prepared_ms)
{
    printf("%d images, %zu known pages (%.1f ms each to prepare): %d read, %d wrongly, %d pages refused, "
           "%.2f ms an image", bench->images, pages, prepared_ms / (double)pages, bench->read, bench->wrong,
           bench->refused, bench->images == 0 ? 0 : bench->ms / bench->images);
    if (bench->off_count > 0) {
        size_t over = 0;
        qsort(bench->off, bench->off_count, sizeof *bench->off, ascending);
        for (size_t i = 0; i < bench->off_count; i++)
            over += bench->off[i] > 0.25;
        printf("; %zu box centres off by: median %.3f, 99.9 %% within %.3f, worst %.3f mm, %zu over 0.25; on average %+.3f, %+.3f",
               bench->off_count, bench->off[bench->off_count / 2],
               bench->off[(size_t)((double)(bench->off_count - 1) * 0.999)],
               bench->off[bench->off_count - 1], over, bench->dx / (double)bench->off_count,
               bench->dy / (double)bench->off_count);
    }
    printf("\n");
}

/* NAME=VALUE: another value than calibration/registration.json has. */
static void number_set(struct registration_calibration *numbers, const char *text)
{
    const char *value = strchr(text, '=');
    bool known = false;
    must(value != NULL, "-s NAME=VALUE");
#define X(name)                                                                                    \
    if (strlen(#name) == (size_t)(value - text) && strncmp(#name, text, (size_t)(value - text)) == 0) { \
        numbers->name = atof(value + 1);                                                           \
        known = true;                                                                              \
    }
    REGISTRATION_NUMBERS(X)
#undef X
    must(known, text);
}

static void say_nothing(const char *text)
{
    (void)text;
}

int main(int argc, char **argv)
{
    static struct bench bench = {.runs = 1};
    struct calibration calibration;
    struct error err;
    bench.truth = json_object();
    bench.off = calloc(OFF_MAX, sizeof *bench.off);
    must(bench.off != NULL, "out of memory");
    scan_silence_libraries();
    leptSetStderrHandler(say_nothing);
    must(calibration_load(&calibration, &err), err.text);
    int k = 1;
    bool content_only = argc > 1 && strcmp(argv[1], "-x") == 0;
    for (k += content_only; k < argc && strcmp(argv[k], "--") != 0; k++) {
        if (argv[k][0] != '-') {
            form_add(&bench, argv[k]);
            continue;
        }
        must(k + 1 < argc, "an option lacks its value");
        switch (argv[k++][1]) {
        case 'c': bench.copies = strtoul(argv[k], NULL, 10); break;
        case 'r': bench.runs = atoi(argv[k]); break;
        case 's': number_set(&calibration.registration, argv[k]); break;
        case 't': truth_load(&bench, argv[k]); break;
        default: must(0, "usage: bench_place [-x] [-c COPIES] [-r RUNS] [-s NAME=VALUE] [-t TRUTH] FORM... -- SCAN...");
        }
    }
    must(bench.count > 0 && k < argc, "usage: bench_place [-x] [-c COPIES] [-r RUNS] [-s NAME=VALUE] [-t TRUTH] FORM... -- SCAN...");
    copies_add(&bench);
    for (size_t f = 0; content_only && f < bench.count; f++)
        for (size_t p = 0; p < bench.forms[f]->page_count; p++)
            bench.forms[f]->pages[p].has_code = bench.forms[f]->pages[p].has_fiducials = false;
    size_t pages = 0;
    for (size_t f = 0; f < bench.count; f++)
        pages += bench.forms[f]->page_count;
    double start = cpu_ms();
    struct page_library *library =
        page_library_new((const struct form *const *)bench.forms, (PIX *const *const *)bench.plates,
                         bench.count, &calibration);
    double prepared_ms = cpu_ms() - start;
    for (k++; k < argc; k++)
        scan_place(&bench, library, argv[k]);
    sum_up(&bench, pages, prepared_ms);
    page_library_free(library);
    return 0;
}
