/* Reading of marks alone, image by image: `bench_marks [-q] [-r RUNS] [-b BOXES] FORM... -- SCAN...` prints
 * CPU ms of read_marks() and of decoding (the best of RUNS each), and a digest of every number of the
 * reading: work on speed leaves the digests as they were. -q: the last line alone, which sums up. -b: only
 * pages of at least so many boxes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/calibration.h"
#include "bench/bench_forms.h"
#include "page/page.h"
#include "read/reading.h"
#include "read/unprinted.h"
#include "scan/scan_file.h"
#include "scan/silence.h"

#define FORMS_MAX 64

struct bench {
    struct form *forms[FORMS_MAX];
    PIX **plates[FORMS_MAX];
    struct mark_template **templates[FORMS_MAX]; /* made when first needed */
    size_t count;
    struct calibration calibration;
    struct page_library *library;
    int runs;
    size_t boxes_min;
    bool quiet;
    int read, made;
    size_t boxes;
    double ms, decode_ms, made_ms;
    unsigned long long digest;
};

static void form_add(struct bench *bench, const char *folder)
{
    must(bench->count < FORMS_MAX, "too many forms");
    struct form *form = form_with_plates(&bench->plates[bench->count], folder);
    bench->templates[bench->count] = calloc(form->page_count + 1, sizeof(struct mark_template *));
    bench->forms[bench->count++] = form;
}

/* FNV-1a. */
static void mix(unsigned long long *digest, const void *bytes, size_t count)
{
    const unsigned char *at = bytes;
    for (size_t k = 0; k < count; k++)
        *digest = (*digest ^ at[k]) * 1099511628211ull;
}

static unsigned long long digest_of(const struct page_reading *r)
{
    unsigned long long digest = 14695981039346656037ull;
    for (size_t b = 0; b < r->box_count; b++) {
        const struct box_reading *box = &r->boxes[b];
        mix(&digest, &box->evidence, sizeof box->evidence);
        mix(&digest, &box->rect_px, sizeof box->rect_px);
        if (box->crop != NULL)
            mix(&digest, box->crop->packed, crop_bytes(box->crop->width, box->crop->height));
    }
    for (size_t f = 0; f < r->field_count; f++) {
        mix(&digest, &r->fields[f].ink_mm2, sizeof r->fields[f].ink_mm2);
        mix(&digest, &r->fields[f].misfit_mm, sizeof r->fields[f].misfit_mm);
        mix(&digest, &r->fields[f].rect_px, sizeof r->fields[f].rect_px);
    }
    for (size_t p = 0; p < r->piece_count; p++) {
        const struct ink_piece *piece = &r->pieces[p];
        mix(&digest, &piece->rect_mm, sizeof piece->rect_mm);
        mix(&digest, &piece->rect_px, sizeof piece->rect_px);
#define X(name, meaning) mix(&digest, &piece->name, sizeof piece->name);
        PIECE_TABLE(X)
#undef X
        for (size_t t = 0; t < piece->touch_count; t++) {
            mix(&digest, &piece->touches[t].box, sizeof piece->touches[t].box);
            mix(&digest, &piece->touches[t].inside_mm2, sizeof piece->touches[t].inside_mm2);
            mix(&digest, &piece->touches[t].row_mm2, sizeof piece->touches[t].row_mm2);
        }
    }
    mix(&digest, &r->paper, sizeof r->paper);
    mix(&digest, &r->print, sizeof r->print);
    mix(&digest, &r->ink_outside_mm2, sizeof r->ink_outside_mm2);
    return digest;
}

static const struct mark_template *template_of(struct bench *bench, const struct known_page *known)
{
    struct mark_template **at = &bench->templates[known->form][known->page];
    if (*at == NULL) {
        double start = cpu_ms();
        *at = mark_template_new(&bench->forms[known->form]->pages[known->page],
                                bench->plates[known->form][known->page], &bench->calibration);
        bench->made_ms += cpu_ms() - start;
        bench->made++;
    }
    return *at;
}

/* Of the image at `index`. */
static double decode_again(struct bench *bench, struct scan_file *file, int index)
{
    double best = 1e9;
    for (int run = 0; run < bench->runs; run++) {
        struct raw_page raw;
        struct error err;
        double start = cpu_ms();
        if (scan_file_read(&raw, file, index, &err) == FLAG_NONE)
            raw_page_release(&raw);
        double ms = cpu_ms() - start;
        best = ms < best ? ms : best;
    }
    return best;
}

/* Whether the image is of a page that counts. */
static bool image_read(struct bench *bench, const char *path, int image, const struct raw_page *raw)
{
    struct placed_page placed;
    struct error detail;
    if (page_place(&placed, bench->library, raw, &detail) != FLAG_NONE ||
        bench->forms[placed.known.form]->pages[placed.known.page].box_count < bench->boxes_min)
        return false;
    const struct mark_template *template = template_of(bench, &placed.known);
    double best = 1e9;
    unsigned long long digest = 0;
    struct page_reading reading = {0};
    struct arena *arena = arena_new();
    for (int run = 0; run < bench->runs; run++) {
        double start = cpu_ms();
        read_marks(&reading, arena, template, raw, &placed);
        double ms = cpu_ms() - start;
        best = ms < best ? ms : best;
        digest = digest_of(&reading);
    }
    bench->read++;
    bench->boxes += reading.box_count;
    bench->ms += best;
    mix(&bench->digest, &digest, sizeof digest);
    if (!bench->quiet)
        printf("%s#%d %s %dx%d px, %zu boxes, %zu pieces: %016llx %.2f ms\n", path, image,
               raw->bits != NULL ? "bits" : "grey", raw->width_px, raw->height_px,
               reading.box_count, reading.piece_count, digest, best);
    arena_free(arena);
    return true;
}

static void scan_read(struct bench *bench, const char *path)
{
    struct scan_limits limits = scan_limits_default();
    struct scan_file *file;
    struct error err;
    must(scan_file_open(&file, path, &limits, &err) == FLAG_NONE, path);
    for (int i = 0; i < scan_file_page_count(file); i++) {
        struct raw_page raw;
        if (scan_file_read(&raw, file, i, &err) != FLAG_NONE)
            continue;
        if (image_read(bench, path, i + 1, &raw))
            bench->decode_ms += decode_again(bench, file, i);
        raw_page_release(&raw);
    }
    scan_file_close(file);
}

static void say_nothing(const char *text)
{
    (void)text;
}

int main(int argc, char **argv)
{
    static struct bench bench = {.runs = 1};
    struct error err;
    int k = 1;
    scan_silence_libraries();
    leptSetStderrHandler(say_nothing);
    must(calibration_load(&bench.calibration, &err), err.text);
    for (; k < argc && strcmp(argv[k], "--") != 0; k++)
        if (strcmp(argv[k], "-q") == 0)
            bench.quiet = true;
        else if (strcmp(argv[k], "-r") == 0 && k + 1 < argc)
            bench.runs = atoi(argv[++k]);
        else if (strcmp(argv[k], "-b") == 0 && k + 1 < argc)
            bench.boxes_min = (size_t)atoi(argv[++k]);
        else
            form_add(&bench, argv[k]);
    must(bench.count > 0 && k < argc && bench.runs > 0,
         "usage: bench_marks [-q] [-r RUNS] [-b BOXES] FORM... -- SCAN...");
    bench.library =
        page_library_new((const struct form *const *)bench.forms, (PIX *const *const *)bench.plates,
                         bench.count, &bench.calibration);
    for (k++; k < argc; k++)
        scan_read(&bench, argv[k]);
    int read = bench.read > 0 ? bench.read : 1;
    printf("%d images read, %.1f boxes each, %.3f ms each; decoded in %.3f ms each; %d templates made, %.1f "
           "ms each; digest %016llx\n",
           bench.read, (double)bench.boxes / read, bench.ms / read, bench.decode_ms / read, bench.made,
           bench.made_ms / (bench.made > 0 ? bench.made : 1), bench.digest);
    page_library_free(bench.library);
    return 0;
}
