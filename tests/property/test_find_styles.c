/* Blank forms of many styles, as a PDF and as scans of several kinds: what the finder finds is
 * compared with what was drawn.
 *
 *     test_find_styles                          the test
 *     test_find_styles --table [FORM [SCAN]]    what is found, missed and wrong, form by form
 *     test_find_styles --write DIR [FORM [SCAN]]   the same; the files stay in DIR */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <allheaders.h>
#include <cairo-pdf.h>

#include "base/arena.h"
#include "form/blank.h"
#include "form/find.h"
#include "form/plate.h"

#include "find_sheets.h"
#include "find_sheets_boxes.h"
#include "find_sheets_more.h"
#include "find_sheets_other.h"

#define IOU_LEAST 0.5
#define MM(px) ((px) * MM_PER_INCH / PLATE_DPI)

static const struct {
    const char *name;
    void (*draw)(struct sheet *s);
} kinds[] = {
    {"tiny-thin", draw_tiny_thin},
    {"grey-rounded", draw_grey_rounded},
    {"coloured", draw_coloured},
    {"pale-cyan", draw_pale_cyan},
    {"thick", draw_thick},
    {"radio", draw_radio},
    {"shadow", draw_shadow},
    {"right-boxes", draw_right_boxes},
    {"plain-matrix", draw_plain_matrix},
    {"tinted-matrix", draw_tinted_matrix},
    {"white-on-pale", draw_white_on_pale},
    {"white-on-grey", draw_white_on_grey},
    {"white-on-dark", draw_white_on_dark},
    {"table-boxes", draw_table_boxes},
    {"ruled-cells", draw_ruled_cells},
    {"scales", draw_scales},
    {"yes-no", draw_yes_no},
    {"glyphs", draw_glyphs},
    {"ballot-black", draw_ballot_black},
    {"ballot-red", draw_ballot_red},
    {"ballot-grey", draw_ballot_grey},
    {"bubbles", draw_bubbles},
    {"number-bubbles", draw_number_bubbles},
    {"cells", draw_cells},
    {"writing", draw_writing},
    {"wide-table", draw_wide_table},
    {"lettered-cells", draw_lettered_cells},
    {"two-sizes", draw_two_sizes},
    {"initials", draw_initials},
    {"nothing", draw_nothing},
};
#define KIND_COUNT (sizeof kinds / sizeof *kinds)

/* How the blank comes: dpi 0 = as a PDF. */
static const struct scan {
    const char *name;
    int dpi;
    double turn_deg, noise, blur;
    bool bitonal;
} scans[] = {
    {"pdf", 0, 0, 0, 0, false},
    {"grey300", 300, 0.0, 5, 1, false},
    {"grey200", 200, -0.6, 7, 1, false},
    {"g4-300", 300, 0.8, 9, 1, true},
    {"g4-200", 200, 0.4, 6, 1, true},
    {"jpeg150", 150, 0.3, 5, 0, false},
};
#define SCAN_COUNT (sizeof scans / sizeof *scans)

/* ---- making the files ----------------------------------------------------------------------- */

static uint32_t random_state = 17;

static double noise(double sigma)
{
    double sum = 0;
    for (int i = 0; i < 6; i++) {
        random_state = random_state * 1664525u + 1013904223u;
        sum += (random_state >> 8) / 16777216.0 - 0.5;
    }
    return sigma * 1.41 * sum;
}

static PIX *take_picture(cairo_surface_t *surface, const struct scan *scan)
{
    int w = cairo_image_surface_get_width(surface), h = cairo_image_surface_get_height(surface);
    int stride = cairo_image_surface_get_stride(surface);
    const unsigned char *bytes = cairo_image_surface_get_data(surface);
    PIX *grey = pixCreate(w, h, 8);
    for (int y = 0; y < h; y++) {
        l_uint32 *to = pixGetData(grey) + (size_t)y * (size_t)pixGetWpl(grey);
        for (int x = 0; x < w; x++) {
            const unsigned char *p = bytes + (size_t)y * (size_t)stride + 4 * (size_t)x;
            SET_DATA_BYTE(to, x, (l_uint8)((29 * p[0] + 150 * p[1] + 77 * p[2]) >> 8));
        }
    }
    PIX *soft = scan->blur > 0 ? pixBlockconv(grey, 1, 1) : pixCopy(NULL, grey);
    for (int y = 0; y < h; y++) {
        const l_uint32 *from = pixGetData(soft) + (size_t)y * (size_t)pixGetWpl(soft);
        l_uint32 *to = pixGetData(grey) + (size_t)y * (size_t)pixGetWpl(grey);
        for (int x = 0; x < w; x++) {
            double level = 20 + 0.87 * GET_DATA_BYTE(from, x) + noise(scan->noise);
            SET_DATA_BYTE(to, x, (l_uint8)fmin(255, fmax(0, level)));
        }
    }
    pixDestroy(&soft);
    if (scan->bitonal) {
        PIX *bits = pixThresholdToBinary(grey, 195);
        pixDestroy(&grey);
        grey = bits;
    }
    pixSetResolution(grey, scan->dpi, scan->dpi);
    return grey;
}

static cairo_matrix_t turned(const struct scan *scan, double px_per_mm)
{
    cairo_matrix_t m;
    cairo_matrix_init_scale(&m, px_per_mm, px_per_mm);
    cairo_matrix_translate(&m, SHEET_W / 2, SHEET_H / 2);
    cairo_matrix_rotate(&m, scan->turn_deg * G_PI / 180);
    cairo_matrix_translate(&m, -SHEET_W / 2, -SHEET_H / 2);
    return m;
}

/* Draws the form into a file; the truth comes turned like the scan. Gives the file's name, which
 * is the caller's to free. */
static char *make_file(struct sheet *s, const char *folder, size_t kind, const struct scan *scan)
{
    bool is_pdf = scan->dpi == 0;
    char *path = g_strdup_printf("%s/%s-%s.%s", folder, kinds[kind].name, scan->name,
                                 is_pdf ? "pdf" : scan->bitonal ? "tif" : scan->blur > 0 ? "png" : "jpg");
    double px_per_mm = (is_pdf ? 72 : scan->dpi) / MM_PER_INCH;
    cairo_surface_t *surface =
        is_pdf ? cairo_pdf_surface_create(path, SHEET_W * px_per_mm, SHEET_H * px_per_mm)
               : cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)lround(SHEET_W * px_per_mm),
                                            (int)lround(SHEET_H * px_per_mm));
    cairo_t *cairo = cairo_create(surface);
    cairo_matrix_t m = turned(scan, px_per_mm);
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_paint(cairo);
    cairo_set_matrix(cairo, &m);
    sheet_begin(s, cairo);
    kinds[kind].draw(s);
    cairo_destroy(cairo);
    cairo_surface_flush(surface);
    if (!is_pdf) {
        PIX *picture = take_picture(surface, scan);
        pixWrite(path, picture, scan->bitonal ? IFF_TIFF_G4 : scan->blur > 0 ? IFF_PNG : IFF_JFIF_JPEG);
        pixDestroy(&picture);
    }
    cairo_surface_destroy(surface);
    for (guint i = 0; i < s->truth->len; i++) {
        struct truth *t = &g_array_index(s->truth, struct truth, i);
        double x = t->mm.x + t->mm.w / 2, y = t->mm.y + t->mm.h / 2;
        cairo_matrix_transform_point(&m, &x, &y);
        t->mm.x = x / px_per_mm - t->mm.w / 2;
        t->mm.y = y / px_per_mm - t->mm.h / 2;
    }
    return path;
}

/* ---- comparing ------------------------------------------------------------------------------ */

struct score {
    int boxes, boxes_found, boxes_right; /* printed, said, both */
    int cells, cells_found, cells_right;
    int areas, areas_found, areas_right;
    int groups, groups_right, labels, labels_right;
};

static double iou(struct rect a, struct rect b)
{
    double w = fmin(a.x + a.w, b.x + b.w) - fmax(a.x, b.x);
    double h = fmin(a.y + a.h, b.y + b.h) - fmax(a.y, b.y);
    return w <= 0 || h <= 0 ? 0 : w * h / (a.w * a.h + b.w * b.h - w * h);
}

static struct rect in_mm(struct rect px)
{
    return (struct rect){MM(px.x), MM(px.y), MM(px.w), MM(px.h)};
}

static struct truth *match(const struct sheet *s, struct rect mm, enum truth_kind kind)
{
    struct truth *best = NULL;
    double most = 0;
    for (guint i = 0; i < s->truth->len; i++) {
        struct truth *t = &g_array_index(s->truth, struct truth, i);
        double v = t->kind == kind && !t->found ? iou(t->mm, mm) : 0;
        if (v >= IOU_LEAST && v > most) {
            most = v;
            best = t;
        }
    }
    if (best != NULL)
        best->found = true;
    return best;
}

/* An area over a line to write on may take several such lines. */
static int match_lines(const struct sheet *s, struct rect mm)
{
    int count = 0;
    for (guint i = 0; i < s->truth->len; i++) {
        struct truth *t = &g_array_index(s->truth, struct truth, i);
        double overlap = fmin(mm.x + mm.w, t->mm.x + t->mm.w) - fmax(mm.x, t->mm.x);
        if (t->kind != TRUTH_LINE || t->found || overlap < 0.7 * fmax(t->mm.w, mm.w) ||
            t->mm.y < mm.y + 2 || t->mm.y > mm.y + mm.h + 1.5)
            continue;
        t->found = true;
        count++;
    }
    return count;
}

static bool verbose;

static void say(const char *what, struct rect mm, const char *group, const char *label)
{
    if (verbose)
        printf("        %s %.1f,%.1f %.1f x %.1f  %s %s\n", what, mm.x, mm.y, mm.w, mm.h, group,
               label == NULL ? "" : label);
}

/* Are exactly the boxes of each printed group one question, and the labels as printed? */
static void compare_groups(struct score *score, const struct given_page *page,
                           struct truth *const *truth)
{
    for (size_t i = 0; i < page->box_count; i++) {
        bool fine = true, is_first = true;
        if (truth[i] == NULL)
            continue;
        score->labels++;
        bool same = page->boxes[i].label != NULL &&
                    strcmp(page->boxes[i].label, truth[i]->label) == 0;
        score->labels_right += same;
        if (!same)
            say("label of", truth[i]->mm, truth[i]->label, page->boxes[i].label);
        for (size_t k = 0; k < page->box_count; k++) {
            if (truth[k] == NULL)
                continue;
            bool one = strcmp(truth[i]->group, truth[k]->group) == 0;
            fine = fine && one == (strcmp(page->boxes[i].question, page->boxes[k].question) == 0);
            is_first = is_first && !(one && k < i);
        }
        score->groups += is_first;
        score->groups_right += is_first && fine;
        if (is_first && !fine)
            say("group of", truth[i]->mm, truth[i]->group, page->boxes[i].question);
    }
}

static void compare_page(struct score *score, const struct sheet *s, const struct given_page *page,
                         bool with_words)
{
    struct truth **truth = g_new0(struct truth *, page->box_count + 1);
    for (size_t i = 0; i < page->box_count; i++) {
        struct rect mm = in_mm(page->boxes[i].rect);
        truth[i] = match(s, mm, TRUTH_BOX);
        score->boxes_found++;
        score->boxes_right += truth[i] != NULL;
        if (truth[i] == NULL)
            say("extra box", mm, page->boxes[i].question, page->boxes[i].label);
    }
    for (size_t i = 0; i < page->field_count; i++) {
        const struct given_field *f = &page->fields[i];
        for (size_t c = 0; c < f->cell_count; c++) {
            struct rect mm = in_mm(f->cells[c]);
            bool right = match(s, mm, TRUTH_CELL) != NULL;
            score->cells_found++;
            score->cells_right += right;
            if (!right)
                say("extra cell", mm, f->question, f->label);
        }
        if (f->cell_count > 0)
            continue;
        struct rect mm = in_mm(f->rect);
        int right = match(s, mm, TRUTH_AREA) != NULL ? 1 : match_lines(s, mm);
        score->areas_found += right > 0 ? right : 1;
        score->areas_right += right;
        if (right == 0)
            say("extra area", mm, f->question, f->label);
    }
    if (with_words)
        compare_groups(score, page, truth);
    g_free(truth);
}

static void compare(struct score *score, const struct sheet *s, const struct given *given,
                    bool with_words)
{
    for (size_t p = 0; p < given->page_count; p++)
        compare_page(score, s, &given->pages[p], with_words);
    for (guint i = 0; i < s->truth->len; i++) {
        const struct truth *t = &g_array_index(s->truth, struct truth, i);
        score->boxes += t->kind == TRUTH_BOX;
        score->cells += t->kind == TRUTH_CELL;
        score->areas += t->kind >= TRUTH_AREA;
        if (!t->found)
            say(t->kind == TRUTH_BOX    ? "missed box"
                : t->kind == TRUTH_CELL ? "missed cell"
                                        : "missed area",
                t->mm, t->group, t->label);
    }
}

static void find_in_file(struct score *score, const struct sheet *s, const char *path)
{
    struct blank blank;
    struct text notes;
    struct error err = {""};
    struct arena *arena = arena_new();
    struct find_page page = {0};
    struct find_result result;
    text_init(&notes);
    if (!blank_load(&blank, path, &(struct blank_options){0}, &notes, &err))
        fail_msg("%s", err.text);
    page.plate = blank.pages[0].plate;
    page.tint = blank.pages[0].tint;
    if (blank.is_pdf && !find_pdf_words(&page, 1, arena, path, &err))
        fail_msg("%s", err.text);
    page.is_clean = page.word_count > 0;
    find_fields(&result, arena, &page, 1);
    compare(score, s, &result.given, page.word_count > 0);
    blank_release(&blank);
    text_release(&notes);
    arena_free(arena);
}

static void add(struct score *sum, const struct score *one)
{
    int *to = (void *)sum;
    const int *from = (const void *)one;
    for (size_t i = 0; i < sizeof *sum / sizeof *to; i++)
        to[i] += from[i];
}

static void print_score(const char *name, const char *scan, const struct score *s)
{
    printf("%-16s %-8s boxes %4d found %4d right %4d   cells %3d/%3d/%3d   areas %2d/%2d/%2d   "
           "questions %d/%d labels %d/%d\n",
           name, scan, s->boxes, s->boxes_found, s->boxes_right, s->cells, s->cells_found,
           s->cells_right, s->areas, s->areas_found, s->areas_right, s->groups_right, s->groups,
           s->labels_right, s->labels);
}

/* A tint is lost where a scanner leaves only black and white. */
static bool is_lost(size_t kind, const struct scan *scan)
{
    return scan->bitonal && strncmp(kinds[kind].name, "white-on-", 9) == 0;
}

/* One form in one way; `kept` = the folder to leave the file in, NULL = none. */
static void run_one(struct score *sum, size_t kind, size_t scan, const char *kept)
{
    struct sheet s;
    struct score score = {0};
    char folder[] = "/tmp/find-styles-XXXXXX";
    if (kept == NULL && mkdtemp(folder) == NULL)
        fail_msg("no temporary folder");
    char *path = make_file(&s, kept != NULL ? kept : folder, kind, &scans[scan]);
    find_in_file(&score, &s, path);
    if (verbose)
        print_score(kinds[kind].name, scans[scan].name, &score);
    add(sum, &score);
    g_array_free(s.truth, TRUE);
    if (kept == NULL) {
        unlink(path);
        rmdir(folder);
    }
    g_free(path);
}

static double share(int part, int whole)
{
    return whole == 0 ? 1 : (double)part / whole;
}

/* A PDF tells its words and has no noise: nothing may be missed, and all questions be right. */
static void forms_as_pdf(void **state)
{
    (void)state;
    struct score s = {0};
    for (size_t k = 0; k < KIND_COUNT; k++)
        run_one(&s, k, 0, NULL);
    print_score("all", "pdf", &s);
    assert_true(share(s.boxes_right, s.boxes) >= 0.99);
    assert_true(share(s.boxes_right, s.boxes_found) >= 0.99);
    assert_true(share(s.cells_right, s.cells) >= 0.97);
    assert_true(share(s.cells_right, s.cells_found) >= 0.97);
    assert_true(share(s.areas_right, s.areas) >= 0.95);
    assert_true(share(s.groups_right, s.groups) >= 0.99);
    assert_true(share(s.labels_right, s.labels) >= 0.99);
}

/* Each form in one of the ways, the words unread: `--table` shows all. */
static void forms_as_scans(void **state)
{
    (void)state;
    struct score s = {0};
    for (size_t k = 0; k < KIND_COUNT; k++) {
        size_t scan = 1 + (k + 4) % (SCAN_COUNT - 1);
        if (!is_lost(k, &scans[scan]))
            run_one(&s, k, scan, NULL);
    }
    print_score("all", "scans", &s);
    assert_true(share(s.boxes_right, s.boxes) >= 0.97);
    assert_true(share(s.boxes_right, s.boxes_found) >= 0.97);
    assert_true(share(s.cells_right, s.cells) >= 0.95);
}

/* `which`: part of a form's name, NULL = all; the same for the scan. */
static void show_all(const char *kept, const char *which, const char *which_scan)
{
    struct score sums[SCAN_COUNT] = {{0}};
    verbose = true;
    setlinebuf(stdout);
    for (size_t k = 0; k < KIND_COUNT; k++)
        for (size_t i = 0; i < SCAN_COUNT; i++)
            if ((which == NULL || strstr(kinds[k].name, which) != NULL) &&
                (which_scan == NULL || strcmp(scans[i].name, which_scan) == 0) &&
                !is_lost(k, &scans[i]))
                run_one(&sums[i], k, i, kept);
    for (size_t i = 0; i < SCAN_COUNT; i++)
        print_score("all", scans[i].name, &sums[i]);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_as_pdf),
        cmocka_unit_test(forms_as_scans),
    };
    if (argc == 1)
        return cmocka_run_group_tests(tests, NULL, NULL);
    int at = 2;
    const char *kept = strcmp(argv[1], "--write") == 0 && argc > 2 ? argv[at++] : NULL;
    show_all(kept, argc > at ? argv[at] : NULL, argc > at + 1 ? argv[at + 1] : NULL);
    return 0;
}
