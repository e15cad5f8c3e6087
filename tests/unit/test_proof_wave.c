/* Simulated waves: the same by seed, true to the tenth of a millimetre, and harmless where the
 * profile says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <allheaders.h>
#include <glib.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "proof/labels.h"
#include "proof/mapping.h"
#include "proof/wave.h"
#include "proof_form.h"

static char *new_folder(void)
{
    char *folder = g_dir_make_tmp("marksense-proof-XXXXXX", NULL);
    assert_non_null(folder);
    return folder;
}

static void remove_folder(char *folder)
{
    char *scans = g_strdup_printf("%s/scans", folder);
    const char *const both[] = {scans, folder};
    for (int i = 0; i < 2; i++) {
        GDir *dir = g_dir_open(both[i], 0, NULL);
        const char *name;
        while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
            char *path = g_strdup_printf("%s/%s", both[i], name);
            unlink(path);
            g_free(path);
        }
        if (dir != NULL)
            g_dir_close(dir);
        rmdir(both[i]);
    }
    g_free(scans);
    g_free(folder);
}

static struct wave_report generate(const char *folder, const struct form *form, page_drawer *draw,
                                   const struct profile *profile, uint64_t seed, size_t returns,
                                   size_t workers)
{
    struct wave_options options = {.form = form, .draw = draw, .profile = profile, .seed = seed,
                                   .returns = returns, .workers = workers, .folder = folder};
    struct wave_report report;
    struct error err = {""};
    if (!wave_generate(&report, &options, &err))
        fail_msg("%s", err.text);
    return report;
}

static struct profile load(const char *name)
{
    struct profile profile;
    struct error err = {""};
    if (!profile_load(&profile, name, &err))
        fail_msg("%s", err.text);
    return profile;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* One hash over the names and contents of all that was written. */
static char *hash_of(const char *folder)
{
    char *scans = g_strdup_printf("%s/scans", folder), *truth = g_strdup_printf("%s/truth.jsonl", folder);
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    GDir *dir = g_dir_open(scans, 0, NULL);
    const char *name;
    GString *all = g_string_new("");
    char hash[HASH_TEXT_BYTES];
    while ((name = g_dir_read_name(dir)) != NULL)
        g_ptr_array_add(names, g_strdup_printf("%s/%s", scans, name));
    g_dir_close(dir);
    g_ptr_array_add(names, g_strdup(truth));
    qsort(names->pdata, names->len, sizeof *names->pdata, by_name);
    for (guint i = 0; i < names->len; i++) {
        char *path = g_ptr_array_index(names, i);
        assert_true(hash_file(hash, path, NULL));
        g_string_append_printf(all, "%s %s\n", path + strlen(folder), hash);
    }
    g_ptr_array_free(names, TRUE);
    g_free(scans);
    g_free(truth);
    return g_string_free(all, FALSE);
}

static char *wave_hash(const char *profile_name, uint64_t seed, size_t workers)
{
    struct form *form = proof_form();
    struct profile profile = load(profile_name);
    char *folder = new_folder();
    generate(folder, form, proof_form_draw, &profile, seed, 4, workers);
    char *hash = hash_of(folder);
    remove_folder(folder);
    proof_form_free(form);
    return hash;
}

static void the_seed_decides_all(void **state)
{
    (void)state;
    char *one = wave_hash("fax", 7, 1), *many = wave_hash("fax", 7, 3), *other = wave_hash("fax", 8, 1);
    assert_string_equal(one, many);
    assert_string_not_equal(one, other);
    g_free(one);
    g_free(many);
    g_free(other);
}

/* The streams of chance of one seed: each profile has its own, wherever its file lies. */
static void each_profile_has_its_own_people(void **state)
{
    (void)state;
    struct profile office = {.name = "office"}, fax = {.name = "fax"}, file = {.name = "a/b/office.yaml"};
    struct wave_options one = {.profile = &office, .seed = 7}, other = {.profile = &fax, .seed = 7},
                        same = {.profile = &file, .seed = 7};
    assert_true(wave_streams(&one) != wave_streams(&other));
    assert_true(wave_streams(&one) == wave_streams(&same));
}

static json_t *truth_lines(const char *folder)
{
    char *path = g_strdup_printf("%s/truth.jsonl", folder), *text;
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    json_t *lines = json_array();
    char **parts = g_strsplit(text, "\n", 0);
    for (char **part = parts; *part != NULL; part++)
        if (**part != '\0')
            assert_int_equal(json_array_append_new(lines, json_loads(*part, 0, NULL)), 0);
    g_strfreev(parts);
    g_free(text);
    g_free(path);
    return lines;
}

/* A time of day in a PDF would make two waves of one seed differ. */
static void no_pdf_tells_the_time(void **state)
{
    (void)state;
    struct form *form = proof_form();
    struct profile profile = load("fax");
    for (int i = 0; i < OUTPUT_COUNT; i++)
        profile.files[i] = i == OUTPUT_pdf;
    char *folder = new_folder(), *path = g_strdup_printf("%s/scans/stack-00001.pdf", folder), *bytes;
    gsize length;
    generate(folder, form, proof_form_draw, &profile, 3, 1, 1);
    assert_true(g_file_get_contents(path, &bytes, &length, NULL));
    assert_non_null(memmem(bytes, length, "%PDF", 4));
    assert_null(memmem(bytes, length, "Date", 4));
    g_free(bytes);
    g_free(path);
    remove_folder(folder);
    proof_form_free(form);
}

/* Sheets of every kind lie between the returns, the same with any number of workers. */
static void foreign_sheets_are_of_every_kind(void **state)
{
    (void)state;
    static const char *const kinds[] = {"letter", "blank", "separator", "handwriting", "photo",
                                        "other_version", "other_form"};
    struct form *form = proof_form();
    const struct form *others[] = {form};
    struct profile profile = load("fax");
    profile.stack_foreign_page = (struct draw){.chance = 1};
    char *hash[2], *folder = NULL;
    for (size_t i = 0; i < 2; i++) {
        folder = new_folder();
        struct wave_options options = {.form = form, .draw = proof_form_draw, .profile = &profile,
                                       .foreign = others, .foreign_count = 1, .seed = 5,
                                       .returns = 16, .workers = 1 + i, .folder = folder};
        struct wave_report report;
        struct error err = {""};
        if (!wave_generate(&report, &options, &err))
            fail_msg("%s", err.text);
        hash[i] = hash_of(folder);
        if (i == 0)
            remove_folder(folder);
    }
    assert_string_equal(hash[0], hash[1]);
    json_t *lines = truth_lines(folder), *line;
    size_t seen[G_N_ELEMENTS(kinds)] = {0}, k;
    json_array_foreach(lines, k, line) {
        const char *what = json_string_value(json_object_get(line, "what"));
        for (size_t i = 0; what != NULL && i < G_N_ELEMENTS(kinds); i++)
            seen[i] += strcmp(kinds[i], what) == 0;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        assert_true(seen[i] > 0);
    json_decref(lines);
    remove_folder(folder);
    g_free(hash[0]);
    g_free(hash[1]);
    proof_form_free(form);
}

static void every_profile_generates(void **state)
{
    (void)state;
    struct form *form = proof_form();
    for (size_t i = 0; profile_names[i] != NULL; i++) {
        struct profile profile = load(profile_names[i]);
        char *folder = new_folder();
        struct wave_report report = generate(folder, form, proof_form_draw, &profile, 3, 2, 1);
        json_t *lines = truth_lines(folder);
        assert_int_equal(report.returns, 2);
        assert_true(report.images >= 2 && json_array_size(lines) == report.images);
        json_decref(lines);
        remove_folder(folder);
    }
    proof_form_free(form);
}

static void clean_has_no_damage(void **state)
{
    (void)state;
    struct form *form = proof_form();
    struct profile profile = load("clean");
    char *folder = new_folder();
    generate(folder, form, proof_form_draw, &profile, 5, 4, 1);
    json_t *lines = truth_lines(folder), *line, *box;
    size_t i, k, marked = 0;
    json_array_foreach(lines, i, line) {
        assert_int_equal(json_array_size(json_object_get(line, "damage")), 0);
        assert_true(json_number_value(json_object_get(line, "bent_mm")) < 0.001);
        json_array_foreach(json_object_get(line, "boxes"), k, box) {
            const json_t *visible = json_object_get(box, "visible");
            marked += visible != NULL;
            if (visible != NULL)
                assert_true(json_number_value(visible) > 0.95);
            assert_string_not_equal(json_string_value(json_object_get(box, "conclusion")),
                                    "person_must_decide");
        }
    }
    assert_true(marked > 60);
    json_decref(lines);
    remove_folder(folder);
    proof_form_free(form);
}

/* Solid discs where the boxes are: their centres of gravity can be found on any scan. */
static bool draw_discs(cairo_t *cr, const struct form *form, size_t p, const char *reference,
                       struct error *err)
{
    const struct template_page *page = &form->pages[p];
    (void)reference;
    (void)err;
    cairo_scale(cr, POINTS_PER_MM, POINTS_PER_MM);
    for (size_t b = 0; b < page->box_count; b++) {
        struct point c = rect_centre(page->boxes[b].rect_mm);
        cairo_new_path(cr);
        cairo_arc(cr, c.x, c.y, 2, 0, 6.2832);
        cairo_fill(cr);
    }
    return true;
}

static const char crooked[] = "means: crooked sheets, nothing else\n"
                              "people: {skip_question: {chance: 1}}\n"
                              "print: {scale: [0.96, 1.03], shift_mm: [-3, 3]}\n"
                              "paper: {fold_bend_mm: {chance: 1, range: [0.2, 0.6]}}\n"
                              "scanner: {dpi: {200: 1, 300: 1, 204: 1}, skew_deg: [-3, 3],\n"
                              "  feed_stretch: [-0.02, 0.02], width_stretch: [-0.006, 0.006],\n"
                              "  shear: [-0.008, 0.008], wobble_mm: [0.1, 0.5], offset_mm: [-3, 3],\n"
                              "  overscan_mm: [6, 10], blur_px: [0.4, 1], noise: [1, 6], file: tiff}\n"
                              "stack: {upside_down: {chance: 0.4}, sideways: {chance: 0.2}, returns: 1}\n";

static double centroid_error_mm(PIX *scan, const json_t *line, const json_t *box)
{
    const json_t *centre = json_object_get(box, "centre_px"), *dpi = json_object_get(line, "dpi");
    double cx = json_number_value(json_array_get(centre, 0));
    double cy = json_number_value(json_array_get(centre, 1));
    double x_dpi = json_number_value(json_array_get(dpi, 0)), sum = 0, sx = 0, sy = 0;
    int reach = (int)(2.8 / MM_PER_INCH * x_dpi);
    for (int y = (int)cy - reach; y <= (int)cy + reach; y++)
        for (int x = (int)cx - reach; x <= (int)cx + reach; x++) {
            l_uint32 value = 255;
            if (pixGetPixel(scan, x, y, &value) != 0)
                return 99;
            double ink = fmax(0, 200 - (double)value);
            sum += ink;
            sx += ink * (x + 0.5);
            sy += ink * (y + 0.5);
        }
    if (sum < 1000)
        return 99;
    return hypot(sx / sum - cx, sy / sum - cy) / x_dpi * MM_PER_INCH;
}

static void truth_is_where_the_ink_is(void **state)
{
    (void)state;
    struct form *form = proof_form();
    char *folder = new_folder(), *file = g_strdup_printf("%s/crooked.yaml", folder);
    assert_true(g_file_set_contents(file, crooked, -1, NULL));
    struct profile profile = load(file);
    generate(folder, form, draw_discs, &profile, 11, 6, 2);
    json_t *lines = truth_lines(folder), *line, *box;
    size_t i, k, turned = 0, count = 0;
    double worst = 0;
    json_array_foreach(lines, i, line) {
        char *path = g_strdup_printf("%s/scans/%s", folder,
                                     json_string_value(json_object_get(line, "source")));
        PIX *scan = pixReadTiff(path, (l_int32)json_integer_value(json_object_get(line, "image")) - 1);
        g_free(path);
        assert_non_null(scan);
        turned += json_integer_value(json_object_get(line, "turn")) != 0;
        json_array_foreach(json_object_get(line, "boxes"), k, box) {
            if (json_object_get(box, "lost") != NULL)
                continue; /* outside the image */
            worst = fmax(worst, centroid_error_mm(scan, line, box));
            count++;
        }
        pixDestroy(&scan);
    }
    assert_true(turned > 0);
    assert_true(count > 300);
    if (worst > 0.15)
        fail_msg("the truth is %.3f mm off the ink", worst);
    print_message("worst of %zu centres: %.3f mm\n", count, worst);
    json_decref(lines);
    remove_folder(folder);
    g_free(file);
    proof_form_free(form);
}

static void mapping_goes_both_ways(void **state)
{
    (void)state;
    struct profile profile = load("awful");
    for (uint64_t n = 0; n < 200; n++) {
        struct random r = random_stream(n, RANDOM_PAGE, 0, 0);
        struct sheet_shape shape = sheet_shape_draw(&profile, 297, &r);
        struct mapping m = mapping_draw(&profile, &shape, n % 2, 210, 297, 300, 300, &r);
        if (m.lost_count > 0) /* what is lost is nowhere */
            continue;
        for (int i = 0; i < 9; i++) {
            struct point p = {20 + 85 * (i % 3), 20 + 125 * (i / 3)};
            struct point back = mapping_to_form(&m, mapping_to_px(&m, p));
            assert_true(hypot(back.x - p.x, back.y - p.y) < 1e-4);
        }
    }
}

static void check_profile_error(const char *yaml, const char *expected)
{
    char *folder = new_folder(), *file = g_strdup_printf("%s/p.yaml", folder);
    struct profile profile;
    struct error err = {""};
    assert_true(g_file_set_contents(file, yaml, -1, NULL));
    assert_false(profile_load(&profile, file, &err));
    if (strstr(err.text, expected) == NULL)
        fail_msg("'%s' does not say '%s'", err.text, expected);
    remove_folder(folder);
    g_free(file);
}

static void profile_errors_are_clear(void **state)
{
    (void)state;
    struct profile profile;
    struct error err = {""};
    check_profile_error("means: x\nscanner:\n  skwe_deg: 1\n", "p.yaml:3:3: no such parameter");
    check_profile_error("means: x\nscanner:\n  skew_deg: [2, 1]\n", "first number is the larger");
    check_profile_error("means: x\nscanner:\n  skew_deg: much\n", "p.yaml:3:13: a number");
    check_profile_error("means: x\npeople:\n  pen: {quill: 1}\n", "p.yaml:3:9: this choice");
    check_profile_error("means: x\nstack:\n  double_feed: {chance: 2}\n", "between 0 and 1");
    check_profile_error("people:\n  neatness: 1\n", "'means' is missing");
    check_profile_error("means: [x\n", "p.yaml:");
    check_profile_error("", "empty");
    assert_false(profile_load(&profile, "no-such", &err));
    assert_non_null(strstr(err.text, "clean, office"));
}

/* On page 1 labels stand to the right of their boxes, on page 2 to the left; but not the third box's
 * of a row, which has a line beside it and its label beyond. */
static bool draw_labels(cairo_t *cr, const struct form *form, size_t p, const char *reference,
                        struct error *err)
{
    (void)reference;
    (void)err;
    cairo_scale(cr, POINTS_PER_MM, POINTS_PER_MM);
    for (size_t b = 0; b < form->pages[p].box_count; b++) {
        struct rect r = form->pages[p].boxes[b].rect_mm;
        cairo_rectangle(cr, r.x, r.y, r.w, r.h);
        cairo_rectangle(cr, p == 0 ? r.x + r.w + 3 : r.x - 15, r.y + 1, 8, 3);
        cairo_rectangle(cr, p == 0 ? r.x + r.w + 12 : r.x - 6, r.y + 1, 3, 3); /* a word more */
        if (b % 3 == 2)
            cairo_rectangle(cr, p == 0 ? r.x + r.w + 2 : r.x - 2, r.y - 4, 0.3, 13);
        cairo_fill(cr);
    }
    return true;
}

static void labels_are_where_they_are_printed(void **state)
{
    (void)state;
    struct form *form = proof_form();
    struct error err = {""};
    struct picture_book *book = picture_book_new(form, draw_labels, &err);
    struct label_map *labels = labels_find(form, book, &err);
    assert_non_null(labels);
    for (size_t p = 0; p < 2; p++)
        for (size_t b = 0; b < form->pages[p].box_count; b++) {
            struct rect box = form->pages[p].boxes[b].rect_mm, found = labels_at(labels, p, b);
            if (b % 3 == 2) {
                assert_true(found.w < 0.01);
                continue;
            }
            double x = p == 0 ? box.x + box.w + 3 : box.x - 15;
            assert_true(fabs(found.x - x) < 0.3 && fabs(found.w - 12) < 0.4);
            assert_true(fabs(found.y - box.y - 1) < 0.3 && fabs(found.h - 3) < 0.4);
        }
    labels_free(labels);
    picture_book_free(book);
    proof_form_free(form);
}

int main(void)
{
    setMsgSeverity(L_SEVERITY_NONE);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(profile_errors_are_clear), cmocka_unit_test(mapping_goes_both_ways),
        cmocka_unit_test(truth_is_where_the_ink_is), cmocka_unit_test(the_seed_decides_all),
        cmocka_unit_test(labels_are_where_they_are_printed),
        cmocka_unit_test(no_pdf_tells_the_time), cmocka_unit_test(foreign_sheets_are_of_every_kind),
        cmocka_unit_test(every_profile_generates), cmocka_unit_test(clean_has_no_damage),
        cmocka_unit_test(each_profile_has_its_own_people)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
