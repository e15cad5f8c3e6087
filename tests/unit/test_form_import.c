/* Landmarks, snapping and the import of a blank, on pages drawn here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include <cairo.h>
#include <cairo-pdf.h>
#include <glib.h>
#include <qrencode.h>

#include "form/file.h"
#include "form/import.h"
#include "form/landmarks.h"
#include "form/load.h"
#include "form/plate.h"
#include "form/snap.h"
#include "page/printed_codes.h"

#define PX_PER_MM (PLATE_DPI / MM_PER_INCH)
#define ROWS 10
#define COLUMNS 3

static char *folder;

static struct rect box_mm(int row, int column)
{
    return (struct rect){30 + 50 * column, 40 + 20 * row, 4, 4};
}

/* A page of text with rows of boxes: squares, circles and ovals by column. In points. */
static void draw(cairo_t *cairo)
{
    cairo_scale(cairo, POINTS_PER_MM, POINTS_PER_MM);
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_paint(cairo);
    cairo_set_source_rgb(cairo, 0, 0, 0);
    cairo_set_font_size(cairo, 4);
    cairo_set_line_width(cairo, 0.3);
    for (int row = 0; row < ROWS; row++)
        for (int column = 0; column < COLUMNS; column++) {
            struct rect r = box_mm(row, column);
            char label[40];
            snprintf(label, sizeof label, "label %d-%d of %d", row * 37, column,
                     row * row * 71 + column);
            cairo_move_to(cairo, r.x + 6, r.y + 3.5);
            cairo_show_text(cairo, label);
            if (column == 0) {
                cairo_rectangle(cairo, r.x + 0.15, r.y + 0.15, r.w - 0.3, r.h - 0.3);
            } else {
                cairo_save(cairo);
                cairo_translate(cairo, r.x + 2, r.y + 2);
                cairo_scale(cairo, 1, column == 1 ? 1 : 0.6);
                cairo_new_sub_path(cairo);
                cairo_arc(cairo, 0, 0, 1.85, 0, 2 * G_PI);
                cairo_restore(cairo);
            }
            cairo_stroke(cairo);
        }
}

/* What was drawn: the oval is 4 x 2.4 mm. */
static struct rect outline_mm(int row, int column)
{
    struct rect r = box_mm(row, column);
    if (column == 2) {
        r.y += 0.74;
        r.h = 2.52; /* the stroke is not scaled with the oval */
    }
    return r;
}

static const enum box_shape shapes[COLUMNS] = {BOX_SQUARE, BOX_CIRCLE, BOX_OVAL};

static PIX *draw_plate(void)
{
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 2480, 3508);
    cairo_t *cairo = cairo_create(surface);
    cairo_scale(cairo, PLATE_DPI / 72.0, PLATE_DPI / 72.0);
    draw(cairo);
    cairo_destroy(cairo);
    cairo_surface_flush(surface);
    PIX *plate = pixCreate(2480, 3508, 1);
    const unsigned char *bytes = cairo_image_surface_get_data(surface);
    int stride = cairo_image_surface_get_stride(surface);
    for (int y = 0; y < 3508; y++)
        for (int x = 0; x < 2480; x++)
            if (bytes[(size_t)y * (size_t)stride + 4 * (size_t)x] < 128)
                pixSetPixel(plate, x, y, 1);
    cairo_surface_destroy(surface);
    return plate;
}

static double error_mm(struct rect a, struct rect b)
{
    return fmax(fmax(fabs(a.x - b.x), fabs(a.y - b.y)),
                fmax(fabs(a.x + a.w - b.x - b.w), fabs(a.y + a.h - b.y - b.h)));
}

static void snaps_to_outlines(void **state)
{
    (void)state;
    PIX *plate = draw_plate();
    struct snap *snap = snap_new(plate);
    double worst = 0;
    for (int row = 0; row < ROWS; row++)
        for (int column = 0; column < COLUMNS; column++) {
            struct rect right = outline_mm(row, column), given = right;
            given.x += 0.8 * sin(row + 7 * column);
            given.y += 0.8 * cos(3 * row + column);
            given.w += 0.4 * sin(5 * row);
            enum box_shape shape = shapes[column];
            assert_true(snap_box(&given, &shape, snap));
            assert_int_equal(shape, shapes[column]);
            worst = fmax(worst, error_mm(given, right));
        }
    print_message("worst error %.3f mm\n", worst);
    assert_true(worst < 0.15);
    snap_free(snap);
    pixDestroy(&plate);
}

/* Drawn loosely around the box, and called a square or an oval whatever it is. */
static void takes_the_printed_shape(void **state)
{
    (void)state;
    PIX *plate = draw_plate();
    struct snap *snap = snap_new(plate);
    for (int row = 0; row < ROWS; row++)
        for (int column = 0; column < COLUMNS; column++) {
            struct rect right = outline_mm(row, column), given = rect_grow(right, 0.5);
            enum box_shape shape = column == 0 ? BOX_OVAL : BOX_SQUARE;
            given.x += 0.2;
            assert_true(snap_box(&given, &shape, snap));
            assert_int_equal(shape, shapes[column]);
            assert_true(error_mm(given, right) < 0.15);
        }
    snap_free(snap);
    pixDestroy(&plate);
}

static void leaves_what_has_no_outline(void **state)
{
    (void)state;
    PIX *plate = draw_plate();
    struct snap *snap = snap_new(plate);
    for (int row = 0; row < ROWS; row += 4)
        for (int shape = 0; shape < COLUMNS; shape++) {
            /* on the label's letters; on white paper; half way from one box to the label */
            struct rect tries[] = {{37 + 2 * shape, 40.0 + 20 * row, 4, 4},
                                   {30, 50.0 + 20 * row, 4, 4},
                                   {33, 40.0 + 20 * row, 4, 4}};
            for (size_t i = 0; i < 3; i++) {
                struct rect before = tries[i];
                enum box_shape now = shapes[shape];
                assert_false(snap_box(&tries[i], &now, snap));
                assert_int_equal(now, shapes[shape]);
                assert_memory_equal(&before, &tries[i], sizeof before);
            }
        }
    snap_free(snap);
    pixDestroy(&plate);
}

static void landmarks_keep_off_answers(void **state)
{
    (void)state;
    PIX *plate = draw_plate();
    struct template_box boxes[ROWS * COLUMNS];
    for (int i = 0; i < ROWS * COLUMNS; i++)
        boxes[i] = (struct template_box){.rect_mm = box_mm(i / COLUMNS, i % COLUMNS)};
    /* A field over the whole bottom right corner: no landmark may lie in it. */
    struct template_field field = {.rect_mm = {100, 180, 100, 100}};
    struct template_page page = {.width_mm = 210, .height_mm = 297, .boxes = boxes,
                                 .box_count = ROWS * COLUMNS, .fields = &field, .field_count = 1};
    struct arena *arena = arena_new();
    landmarks_choose(&page, arena, plate);
    print_message("%zu landmarks\n", page.landmark_count);
    assert_in_range(page.landmark_count, 25, 110);
    size_t count = page.landmark_count;
    struct point *first = page.landmarks_mm;
    for (size_t i = 0; i < count; i++) {
        struct rect dot = {first[i].x, first[i].y, 1e-6, 1e-6};
        for (int b = 0; b < ROWS * COLUMNS; b++)
            assert_false(rect_overlap(dot, rect_grow(boxes[b].rect_mm, 0.9)));
        assert_false(rect_overlap(dot, rect_grow(field.rect_mm, 0.9)));
        for (size_t j = 0; j < i; j++)
            assert_true(hypot(first[i].x - first[j].x, first[i].y - first[j].y) > 7.9);
    }
    landmarks_choose(&page, arena, plate); /* the same again */
    assert_int_equal(page.landmark_count, count);
    assert_memory_equal(page.landmarks_mm, first, count * sizeof *first);
    arena_free(arena);
    pixDestroy(&plate);
}

/* A code may say something else on every copy. */
static void landmarks_keep_off_codes(void **state)
{
    (void)state;
    PIX *plate = draw_plate();
    QRcode *code = QRcode_encodeString("copy 1", 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    const int module_px = 8, x0 = 1900, y0 = 2900, width = code->width;
    for (int y = 0; y < width; y++)
        for (int x = 0; x < width; x++)
            if (code->data[y * width + x] & 1)
                pixRasterop(plate, x0 + x * module_px, y0 + y * module_px, module_px, module_px,
                            PIX_SET, NULL, 0, 0);
    QRcode_free(code);
    struct template_page page = {.width_mm = 210, .height_mm = 297};
    struct arena *arena = arena_new();
    printed_codes_find(&page.printed_codes, &page.printed_code_count, arena, plate);
    assert_int_equal(page.printed_code_count, 1); /* and none in the print */
    assert_string_equal(page.printed_codes[0].text, "copy 1");
    struct rect right = {x0 / PX_PER_MM, y0 / PX_PER_MM, width * module_px / PX_PER_MM,
                         width * module_px / PX_PER_MM};
    assert_true(error_mm(page.printed_codes[0].rect_mm, right) < 1);
    landmarks_choose(&page, arena, plate);
    assert_true(page.landmark_count > 20);
    for (size_t i = 0; i < page.landmark_count; i++)
        assert_false(rect_overlap((struct rect){page.landmarks_mm[i].x, page.landmarks_mm[i].y, 1e-6,
                                                1e-6}, rect_grow(right, 2)));
    arena_free(arena);
    pixDestroy(&plate);
}

static void no_landmarks_on_rules(void **state)
{
    (void)state;
    PIX *plate = pixCreate(2480, 3508, 1);
    /* Long parallel rules say where a page is in one direction only. */
    for (int y = 200; y < 3400; y += 150)
        pixRasterop(plate, 0, y, 2480, 4, PIX_SET, NULL, 0, 0);
    struct template_page page = {.width_mm = 210, .height_mm = 297};
    struct arena *arena = arena_new();
    landmarks_choose(&page, arena, plate);
    assert_int_equal(page.landmark_count, 0);
    arena_free(arena);
    pixDestroy(&plate);
}

/* ---- the import ----------------------------------------------------------------------------- */

static char *path_of(const char *name)
{
    return file_join(folder, name);
}

static void write_boxes(const char *path, double dpi)
{
    struct text text;
    text_init(&text);
    text_addf(&text, "{\"dpi\": %g, \"correction\": \"none\", \"pages\": [{\"page\": 1, \"boxes\": [",
              dpi);
    for (int row = 0; row < ROWS; row++)
        for (int column = 0; column < COLUMNS; column++) {
            struct rect r = outline_mm(row, column);
            double k = dpi / MM_PER_INCH;
            text_addf(&text, "%s{", row + column == 0 ? "" : ", ");
            if (row < ROWS - 1)
                text_addf(&text, "\"question\": \"r\\u00f6w %d\", \"value\": %d, ", row, column);
            text_addf(&text, "\"shape\": \"%s\", \"rect\": [%.2f, %.2f, %.2f, %.2f]}",
                      column == 0 ? "square" : column == 1 ? "circle" : "oval", (r.x + 0.5) * k,
                      (r.y - 0.5) * k, r.w * k, r.h * k);
        }
    text_addf(&text, "], \"fields\": [{\"question\": \"n\", \"kind\": \"digits\", \"cells\": "
              "[[%g, %g, %g, %g], [%g, %g, %g, %g]]}, {\"question\": \"r\\u00f6w 1\", \"kind\": "
              "\"text\", \"rect\": [%g, %g, %g, %g]}]}], \"questions\": [{\"question\": \"r\\u00f6w "
              "0\", \"kind\": \"several\", \"critical\": true}]}",
              dpi, 10 * dpi, dpi / 4, dpi / 4, 1.3 * dpi, 10 * dpi, dpi / 4, dpi / 4, 3 * dpi,
              10 * dpi, dpi, dpi / 2);
    assert_true(file_write_whole(path, text.data, text.length, NULL));
    text_release(&text);
}

static void check_import(const char *blank, const char *boxes, const char *out, bool force)
{
    struct import_options options = {.blank = blank, .boxes = boxes, .folder = out, .force = force};
    struct import_report report;
    struct error err;
    if (!form_import(&report, &options, &err))
        fail_msg("%s", err.text);
    assert_int_equal(report.box_count, ROWS * COLUMNS);
    assert_int_equal(report.snapped_count, ROWS * COLUMNS);
    assert_int_equal(report.field_count, 2);
    assert_non_null(strstr(report.notes.data, "the field's question is called 'r\xc3\xb6w 1_text'"));
    import_report_release(&report);
    struct form *form;
    if (!form_load(&form, out, &err))
        fail_msg("%s", err.text);
    assert_int_equal(form->policy.correction, CORRECTION_NONE);
    assert_int_equal(form->question_count, ROWS - 1 + COLUMNS + 2);
    assert_int_equal(form->questions[0].kind, QUESTION_SEVERAL);
    assert_true(form->items[0].critical);
    assert_int_equal(form->questions[1].kind, QUESTION_SINGLE);
    assert_string_equal(form->questions[1].name, "r\xc3\xb6w 1");
    assert_string_equal(form->questions[1].options[2].code, "2");
    assert_string_equal(form->questions[ROWS - 1].options[0].code, "1");
    assert_int_equal(form->questions[form->question_count - 2].kind, QUESTION_DIGITS);
    for (int i = 0; i < ROWS * COLUMNS; i++)
        assert_true(error_mm(form->pages[0].boxes[i].rect_mm,
                             outline_mm(i / COLUMNS, i % COLUMNS)) < 0.25); /* 2 px at 200 dpi */
    assert_true(fabs(form->pages[0].width_mm - 210) < 0.2);
    assert_true(form->pages[0].landmark_count > 25);
    PIX *plate;
    assert_true(plate_load(&plate, form, 0, NULL));
    pixDestroy(&plate);
    form_free(form);
}

static void remove_form(const char *path)
{
    static const char *const names[] = {"form.yaml", "template.json", "blank.tif", "blank.pdf",
                                        "notes.txt"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *file = file_join(path, names[i]);
        unlink(file);
        free(file);
    }
    rmdir(path);
}

static void imports_a_picture(void **state)
{
    (void)state;
    char *blank = path_of("blank.png"), *boxes = path_of("boxes.json"), *out = path_of("f");
    PIX *plate = draw_plate();
    pixSetResolution(plate, 300, 300);
    assert_int_equal(pixWrite(blank, plate, IFF_PNG), 0);
    write_boxes(boxes, 300);
    check_import(blank, boxes, out, false);
    /* The same picture at 200 dpi without a tag, rectangles at 300: both are found out. */
    PIX *grey = pixConvertTo8(plate, 0), *small = pixScaleAreaMap(grey, 2 / 3.0f, 2 / 3.0f);
    pixSetResolution(small, 0, 0);
    assert_int_equal(pixWrite(blank, small, IFF_PNG), 0);
    check_import(blank, boxes, out, true);
    pixDestroy(&plate);
    pixDestroy(&grey);
    pixDestroy(&small);
    remove_form(out);
    unlink(blank);
    unlink(boxes);
    free(blank);
    free(boxes);
    free(out);
}

static void imports_a_pdf(void **state)
{
    (void)state;
    char *blank = path_of("blank.pdf"), *boxes = path_of("boxes.json"), *out = path_of("f");
    char *notes = path_of("f/notes.txt");
    cairo_surface_t *surface = cairo_pdf_surface_create(blank, 210 * POINTS_PER_MM,
                                                        297 * POINTS_PER_MM);
    cairo_t *cairo = cairo_create(surface);
    draw(cairo);
    cairo_show_page(cairo);
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
    write_boxes(boxes, 150);
    check_import(blank, boxes, out, false);
    /* Not over a form that is there, unless asked; what is not ours stays. */
    struct import_options again = {.blank = blank, .boxes = boxes, .folder = out};
    struct import_report report;
    struct error err;
    assert_false(form_import(&report, &again, &err));
    assert_non_null(strstr(err.text, "exists already; --force"));
    import_report_release(&report);
    assert_true(file_write_whole(notes, "mine", 4, NULL));
    check_import(blank, boxes, out, true);
    assert_int_equal(access(notes, F_OK), 0);
    remove_form(out);
    unlink(blank);
    unlink(boxes);
    free(blank);
    free(boxes);
    free(out);
    free(notes);
}

/* Whether a filled box is an answer follows from what the form asks for, not from what it says of
 * mistakes; either way a person is told. */
static void fills_as_the_form_asks(void **state)
{
    (void)state;
    static const struct {
        const char *sentence, *note;
        enum correction correction;
    } forms[] = {
        {"Please fill in the circles completely.", "the answer is filled in", CORRECTION_NONE},
        {"If you make a mistake, fill in the circle and cross another.", "a mistake is filled in",
         CORRECTION_FILL},
    };
    char *blank = path_of("blank.pdf"), *out = path_of("f");
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        cairo_surface_t *surface = cairo_pdf_surface_create(blank, 210 * POINTS_PER_MM,
                                                            297 * POINTS_PER_MM);
        cairo_t *cairo = cairo_create(surface);
        draw(cairo);
        cairo_move_to(cairo, 30, 20);
        cairo_show_text(cairo, forms[i].sentence);
        cairo_show_page(cairo);
        cairo_destroy(cairo);
        cairo_surface_destroy(surface);
        struct import_options options = {.blank = blank, .folder = out, .force = i > 0};
        struct import_report report;
        struct error err;
        struct form *form = NULL;
        char *yaml_path = path_of("f/form.yaml"), *yaml;
        size_t length;
        if (!form_import(&report, &options, &err) || !form_load(&form, out, &err))
            fail_msg("%s", err.text);
        assert_int_equal(form->policy.correction, forms[i].correction);
        assert_non_null(strstr(report.notes.data, forms[i].note));
        assert_true(file_read_whole(&yaml, &length, yaml_path, 1000000, &err));
        assert_non_null(strstr(yaml, forms[i].note));
        free(yaml);
        free(yaml_path);
        form_free(form);
        import_report_release(&report);
    }
    remove_form(out);
    unlink(blank);
    free(blank);
    free(out);
}

#define PAGE(boxes) "{\"dpi\": 300, \"pages\": [{\"page\": 1, \"boxes\": [" boxes "]}]}"

static const struct bad {
    const char *json, *expected;
} bads[] = {
    {"{", "boxes.json:1:1: expected JSON"},
    {"[]", "expected an object with \"pages\""},
    {"{\"pages\": []}", "expected \"pages\" to be a list of 1 to 1000 pages"},
    {"{\"dpi\": \"x\", \"pages\": []}", "expected \"dpi\" to be a number"},
    {"{\"correction\": \"maybe\", \"pages\": []}", "expected \"correction\" to be fill or none"},
    {"{\"multiple\": \"darkest\", \"pages\": []}", "expected \"multiple\" to be review or code"},
    {PAGE(""), "expected at least one box or field"},
    {PAGE("{\"rect\": [1, 2, 3]}"), "page 1, box 1: expected a rectangle [x, y, width, height]"},
    {PAGE("{\"rect\": [1, 2, 0, 4]}"), "page 1, box 1: expected a rectangle wider"},
    {PAGE("{\"rect\": [9000, 2, 40, 40]}"), "page 1, box 1: lies outside the page, which is 2480"},
    {PAGE("{\"rect\": [200, 200, 400, 200]}"), "page 1, box 1: is too large to be read as a box"},
    {PAGE("{\"rect\": [9, 2, 4, 4], \"shape\": \"star\"}"), "square, circle or oval"},
    {PAGE("{\"rect\": [9, 2, 4, 4], \"question\": []}"), "expected \"question\" to be text"},
    {PAGE("{\"rect\": [9, 2, 4, 4], \"question\": \"\\u0007\"}"), "without control characters"},
    {PAGE("{\"rect\": [9, 2, 4, 4], \"question\": \"q\", \"value\": \"1\"}, {\"rect\": [99, 2, 4, 4],"
          " \"question\": \"q\", \"value\": \"1\"}"),
     "page 1, box 2: question 'q' has the value '1' twice"},
    {"{\"pages\": [{\"page\": 2, \"boxes\": [{\"rect\": [9, 2, 4, 4]}]}]}",
     "names page 2 but the blank has 1"},
    {"{\"pages\": [{\"page\": 1}, {\"page\": 1}]}", "page 1 stands twice"},
    {"{\"pages\": [{\"page\": 0}]}", "a number from 1"},
    {"{\"pages\": [{\"fields\": [{\"kind\": \"scent\", \"rect\": [1, 1, 9, 9]}]}]}",
     "page 1, field 1: expected \"kind\" to be digits, date, letters, text or comment"},
};

static void bad_boxes_are_told(void **state)
{
    (void)state;
    char *blank = path_of("blank.png"), *boxes = path_of("boxes.json"), *out = path_of("f");
    PIX *plate = pixCreate(2480, 3508, 1);
    pixSetResolution(plate, 300, 300);
    assert_int_equal(pixWrite(blank, plate, IFF_PNG), 0);
    for (size_t i = 0; i < sizeof bads / sizeof *bads; i++) {
        struct import_options options = {.blank = blank, .boxes = boxes, .folder = out};
        struct import_report report;
        struct error err;
        assert_true(file_write_whole(boxes, bads[i].json, strlen(bads[i].json), NULL));
        if (form_import(&report, &options, &err))
            fail_msg("taken: %s", bads[i].json);
        if (strstr(err.text, bads[i].expected) == NULL)
            fail_msg("expected '%s'\nbut got  '%s'", bads[i].expected, err.text);
        import_report_release(&report);
        assert_int_not_equal(access(out, F_OK), 0); /* nothing is left behind */
    }
    pixDestroy(&plate);
    unlink(blank);
    unlink(boxes);
    free(blank);
    free(boxes);
    free(out);
}

static int set_up(void **state)
{
    (void)state;
    folder = g_strdup("/tmp/marksense-test-XXXXXX");
    return mkdtemp(folder) == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    int left = rmdir(folder); /* fails where a test left something */
    g_free(folder);
    return left;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(snaps_to_outlines),
        cmocka_unit_test(takes_the_printed_shape),
        cmocka_unit_test(leaves_what_has_no_outline),
        cmocka_unit_test(landmarks_keep_off_answers),
        cmocka_unit_test(landmarks_keep_off_codes),
        cmocka_unit_test(no_landmarks_on_rules),
        cmocka_unit_test(imports_a_picture),
        cmocka_unit_test(imports_a_pdf),
        cmocka_unit_test(fills_as_the_form_asks),
        cmocka_unit_test(bad_boxes_are_told),
    };
    setMsgSeverity(L_SEVERITY_NONE);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
