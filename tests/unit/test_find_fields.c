/* Finding boxes, cells and areas on pages drawn here, and the questions made of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <cairo.h>
#include <glib.h>

#include "form/find.h"
#include "form/find_alike.h"
#include "form/plate.h"

#define PX_PER_MM (PLATE_DPI / MM_PER_INCH)

/* A page being drawn, in mm. */
struct sheet {
    cairo_surface_t *surface;
    cairo_t *cairo;
    GArray *words;
    struct arena *arena;
    struct find_page page;
    struct find_result result;
};

static struct sheet sheet;

static int begin(void **state)
{
    (void)state;
    sheet = (struct sheet){.arena = arena_new()};
    sheet.surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 2480, 3508);
    sheet.cairo = cairo_create(sheet.surface);
    sheet.words = g_array_new(FALSE, FALSE, sizeof(struct find_word));
    cairo_set_source_rgb(sheet.cairo, 1, 1, 1);
    cairo_paint(sheet.cairo);
    cairo_set_source_rgb(sheet.cairo, 0, 0, 0);
    cairo_scale(sheet.cairo, PX_PER_MM, PX_PER_MM);
    cairo_set_line_width(sheet.cairo, 0.25);
    cairo_set_font_size(sheet.cairo, 4);
    return 0;
}

static int end(void **state)
{
    (void)state;
    pixDestroy(&sheet.page.plate);
    g_array_free(sheet.words, TRUE);
    arena_free(sheet.arena);
    cairo_destroy(sheet.cairo);
    cairo_surface_destroy(sheet.surface);
    return 0;
}

static void square(double x, double y, double w, double h)
{
    cairo_rectangle(sheet.cairo, x, y, w, h);
    cairo_stroke(sheet.cairo);
}

static void oval(double x, double y, double w, double h)
{
    cairo_save(sheet.cairo);
    cairo_translate(sheet.cairo, x + w / 2, y + h / 2);
    cairo_scale(sheet.cairo, w / 2, h / 2);
    cairo_new_sub_path(sheet.cairo);
    cairo_arc(sheet.cairo, 0, 0, 1, 0, 2 * G_PI);
    cairo_restore(sheet.cairo);
    cairo_stroke(sheet.cairo);
}

static void line(double x0, double y0, double x1, double y1)
{
    cairo_move_to(sheet.cairo, x0, y0);
    cairo_line_to(sheet.cairo, x1, y1);
    cairo_stroke(sheet.cairo);
}

/* Prints the text with its base line at y; its words become known to the finder. */
static void print(double x, double y, const char *text)
{
    char **parts = g_strsplit(text, " ", -1);
    for (char **part = parts; *part != NULL; part++) {
        cairo_text_extents_t extents;
        cairo_text_extents(sheet.cairo, *part, &extents);
        cairo_move_to(sheet.cairo, x, y);
        cairo_show_text(sheet.cairo, *part);
        struct find_word word = {arena_strdup(sheet.arena, *part),
                                 {x * PX_PER_MM, (y - 3) * PX_PER_MM,
                                  extents.x_advance * PX_PER_MM, 4 * PX_PER_MM}};
        g_array_append_val(sheet.words, word);
        x += extents.x_advance + 1.2;
    }
    g_strfreev(parts);
}

/* `with_words`: the finder is told the words; without, it sees the pixels of a scan. */
static const struct given *find(bool with_words)
{
    cairo_surface_flush(sheet.surface);
    int w = cairo_image_surface_get_width(sheet.surface);
    int h = cairo_image_surface_get_height(sheet.surface);
    const unsigned char *bytes = cairo_image_surface_get_data(sheet.surface);
    int stride = cairo_image_surface_get_stride(sheet.surface);
    sheet.page.plate = pixCreate(w, h, 1);
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++)
            if (bytes[(size_t)y * (size_t)stride + 4 * (size_t)x] < 128)
                pixSetPixel(sheet.page.plate, x, y, 1);
    sheet.page.is_clean = with_words;
    sheet.page.words = (void *)sheet.words->data;
    sheet.page.word_count = with_words ? sheet.words->len : 0;
    find_fields(&sheet.result, sheet.arena, &sheet.page, 1);
    return &sheet.result.given;
}

/* Lies the found rectangle, in pixels, on the drawn one, in mm? */
static void assert_rect(struct rect px, double x, double y, double w, double h)
{
    assert_true(fabs(px.x / PX_PER_MM - x) < 0.3);
    assert_true(fabs(px.y / PX_PER_MM - y) < 0.3);
    assert_true(fabs(px.w / PX_PER_MM - w) < 0.5);
    assert_true(fabs(px.h / PX_PER_MM - h) < 0.5);
}

static const struct given_question *question(const struct given *given, const char *name)
{
    for (size_t i = 0; i < given->question_count; i++)
        if (strcmp(given->questions[i].question, name) == 0)
            return &given->questions[i];
    fail_msg("no question is called %s", name);
    return NULL;
}

static void draw_two_questions(void)
{
    print(20, 30, "1.");
    print(28, 30, "What do you drink? Tick all that apply.");
    print(20, 80, "2.");
    print(28, 80, "How often?");
    static const char *const drinks[] = {"Tea", "Only water", "Juice", "Other"};
    for (int i = 0; i < 4; i++) {
        square(30, 36 + 8 * i, 4, 4);
        print(36, 39.2 + 8 * i, drinks[i]);
    }
    for (int i = 0; i < 3; i++) {
        oval(30, 86 + 8 * i, 5, 3);
        print(37, 89 + 8 * i, i == 0 ? "Often" : i == 1 ? "Once a day" : "Never");
    }
}

static void boxes_and_questions(void **state)
{
    (void)state;
    draw_two_questions();
    const struct given *given = find(true);
    assert_int_equal(given->page_count, 1);
    const struct given_page *page = &given->pages[0];
    assert_int_equal(page->box_count, 7);
    assert_int_equal(page->field_count, 0);
    for (size_t i = 0; i < 4; i++)
        assert_rect(page->boxes[i].rect, 29.87, 35.87 + 8 * (double)i, 4.25, 4.25);
    for (size_t i = 4; i < 7; i++) {
        assert_rect(page->boxes[i].rect, 29.87, 85.87 + 8 * (double)(i - 4), 5.25, 3.25);
        assert_int_equal(page->boxes[i].shape, BOX_OVAL);
    }
    assert_int_equal(page->boxes[0].shape, BOX_SQUARE);
    assert_string_equal(page->boxes[1].question, "q1");
    assert_string_equal(page->boxes[1].label, "Only water");
    assert_string_equal(page->boxes[5].question, "q2");
    assert_string_equal(page->boxes[5].label, "Once a day");
    assert_true(question(given, "q1")->several);
    assert_false(question(given, "q2")->several);
    assert_string_equal(question(given, "q2")->text, "How often?");
}

/* The same as a scan whose text nobody read: no O of a word may become a box. */
static void boxes_without_words(void **state)
{
    (void)state;
    draw_two_questions();
    cairo_set_font_size(sheet.cairo, 7);
    print(20, 15, "Our DOPE OPBDO 0800");
    square(20, 150, 150, 16); /* a frame around text */
    print(24, 156, "A frame around a text that is long");
    print(24, 163, "enough to leave no room for writing");
    const struct given *given = find(false);
    assert_int_equal(given->pages[0].box_count, 7);
    assert_int_equal(given->pages[0].field_count, 0);
    assert_true(sheet.result.doubt_count > 0);
}

/* Outlines broken by scanning at 200 dpi, with specks. */
static void broken_outlines(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++)
        oval(30, 40 + 9 * i, 5, 3);
    cairo_set_source_rgb(sheet.cairo, 1, 1, 1);
    for (int i = 0; i < 6; i++) { /* a gap of 2 pixels in each, at different places */
        cairo_rectangle(sheet.cairo, 31.2 + 0.4 * i, 39.7 + 9 * i, 0.17, 0.8);
        cairo_fill(sheet.cairo);
    }
    const struct given *given = find(false);
    assert_int_equal(given->page_count, 1);
    assert_int_equal(given->pages[0].box_count, 6);
    for (size_t i = 0; i < 6; i++)
        assert_rect(given->pages[0].boxes[i].rect, 29.87, 39.87 + 9 * (double)i, 5.25, 3.25);
}

static void cells_and_dates(void **state)
{
    (void)state;
    print(20, 38, "5.");
    print(28, 38, "How many children do you have?");
    for (int i = 0; i < 3; i++)
        square(30 + 6 * i, 42, 6, 8); /* sharing walls */
    print(20, 68, "6.");
    print(28, 68, "What is the date of your visit?");
    for (int i = 0; i < 8; i++)
        square(30 + 7.2 * i + (i > 1 ? 4 : 0) + (i > 3 ? 4 : 0), 72, 6, 8);
    print(20, 98, "7.");
    print(28, 98, "Code");
    square(30, 102, 14, 8);
    for (int i = 0; i < 3; i++) /* a dashed wall */
        line(37, 102.8 + 2.6 * i, 37, 104.3 + 2.6 * i);
    const struct given_page *page = &find(true)->pages[0];
    assert_int_equal(page->box_count, 0);
    assert_int_equal(page->field_count, 3);
    assert_string_equal(page->fields[0].question, "q5");
    assert_int_equal(page->fields[0].cell_count, 3);
    assert_int_equal(page->fields[0].kind, FIELD_DIGITS);
    assert_rect(page->fields[0].cells[1], 35.87, 41.87, 6.25, 8.25);
    assert_int_equal(page->fields[1].cell_count, 8);
    assert_int_equal(page->fields[1].kind, FIELD_DATE);
    assert_int_equal(page->fields[2].cell_count, 2);
    assert_rect(page->fields[2].rect, 29.87, 101.87, 14.25, 8.25);
}

static void areas_and_lines(void **state)
{
    (void)state;
    print(20, 30, "Any comments?");
    square(20, 34, 150, 40);
    for (int i = 1; i < 4; i++)
        line(24, 34 + 10 * i, 166, 34 + 10 * i);
    print(20, 95, "Name:");
    line(36, 95, 120, 95);
    /* a frame around text, and text underlined: nothing to write in */
    square(20, 110, 150, 20);
    print(24, 118, "This survey is confidential and nobody will see your name or address.");
    print(24, 126, "Thank you for your time and for all the help you gave us in this year.");
    print(20, 150, "A heading that is underlined here");
    line(20, 151, 95, 151);
    const struct given_page *page = &find(true)->pages[0];
    assert_int_equal(page->box_count, 0);
    assert_int_equal(page->field_count, 2);
    assert_int_equal(page->fields[0].kind, FIELD_COMMENT);
    assert_rect(page->fields[0].rect, 19.87, 33.87, 150.25, 40.25);
    assert_int_equal(page->fields[1].kind, FIELD_TEXT);
    assert_string_equal(page->fields[1].label, "Name:");
    assert_true(fabs(page->fields[1].rect.x / PX_PER_MM - 36) < 0.3);
}

static void grid_of_rows(void **state)
{
    (void)state;
    static const char *const heads[] = {"Agree", "Neither", "Disagree"};
    static const char *const rows[] = {"The nurse listened", "The room was clean"};
    print(20, 40, "3");
    print(28, 40, "How far do you agree?");
    for (int c = 0; c < 3; c++)
        print(98 + 25 * c, 50, heads[c]);
    for (int r = 0; r < 2; r++) {
        print(28, 59 + 9 * r, rows[r]);
        for (int c = 0; c < 3; c++)
            square(102 + 25 * c, 56 + 9 * r, 4, 4);
    }
    const struct given *given = find(true);
    const struct given_page *page = &given->pages[0];
    assert_int_equal(page->box_count, 6);
    assert_string_equal(page->boxes[0].question, "q3_1");
    assert_string_equal(page->boxes[5].question, "q3_2");
    assert_string_equal(page->boxes[4].label, "Neither");
    assert_string_equal(question(given, "q3_1")->grid, "q3");
    assert_string_equal(question(given, "q3_1")->grid_text, "How far do you agree?");
    assert_string_equal(question(given, "q3_2")->row_text, "The room was clean");
    assert_string_equal(question(given, "q3_2")->text,
                        "How far do you agree? - The room was clean");
}

/* A label box with figures is no box, a bubble with a letter in a row of such is one. */
static void printed_inside(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++) {
        square(20, 30 + 10 * i, 8, 5);
        cairo_move_to(sheet.cairo, 20.5, 34 + 10 * i);
        cairo_show_text(sheet.cairo, "031");
        oval(60, 30 + 10 * i, 5, 5);
        cairo_set_font_size(sheet.cairo, 3);
        cairo_move_to(sheet.cairo, 61.6, 33.6 + 10 * i);
        cairo_show_text(sheet.cairo, "A");
        cairo_set_font_size(sheet.cairo, 4);
    }
    const struct given_page *page = &find(true)->pages[0];
    assert_int_equal(page->box_count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_rect(page->boxes[i].rect, 59.87, 29.87 + 10 * (double)i, 5.25, 5.25);
}

/* "Go to 9" leaves the label; a sentence under the options says it for one of them. */
static void routes(void **state)
{
    (void)state;
    print(20, 40, "7.");
    print(28, 40, "Have you been here before?");
    square(30, 44, 4, 4);
    print(36, 47.2, "Yes");
    square(70, 44, 4, 4);
    print(76, 47.2, "No - please go to question 9.");
    print(28, 56, "If Yes, skip to Q12");
    const struct given *given = find(true);
    const struct given_page *page = &given->pages[0];
    assert_int_equal(page->box_count, 2);
    assert_string_equal(page->boxes[0].go_to, "12");
    assert_string_equal(page->boxes[1].label, "No");
    assert_string_equal(page->boxes[1].go_to, "9");
}

/* How an answer is taken back: the instructions win over the shape of the boxes. */
static void correction_from_wording(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        oval(30, 60 + 8 * i, 5, 3);
        print(37, 63 + 8 * i, "Answer");
    }
    print(20, 30, "Cross one box. Made a mistake? Fill in the box and cross the right one.");
    assert_int_equal(find(true)->correction, CORRECTION_FILL);
    pixDestroy(&sheet.page.plate);
    g_array_set_size(sheet.words, 4);
    assert_int_equal(find(true)->correction, CORRECTION_NONE);
    pixDestroy(&sheet.page.plate);
    print(20, 40, "Please fill in the oval completely.");
    assert_int_equal(find(true)->correction, CORRECTION_NONE);
}

static void empty_page(void **state)
{
    (void)state;
    print(20, 40, "Only words and no box at all");
    assert_int_equal(find(true)->page_count, 0);
}

/* Two pages that differ in a number; one that has nothing in common with them. */
static void alike_pages(void **state)
{
    (void)state;
    PIX *small[3];
    draw_two_questions();
    print(180, 280, "1");
    find(true);
    small[0] = alike_reduce(sheet.page.plate);
    pixDestroy(&sheet.page.plate);
    print(183, 280, "24");
    find(true);
    small[1] = alike_reduce(sheet.page.plate);
    pixDestroy(&sheet.page.plate);
    cairo_set_source_rgb(sheet.cairo, 1, 1, 1);
    cairo_paint(sheet.cairo);
    cairo_set_source_rgb(sheet.cairo, 0, 0, 0);
    for (int i = 0; i < 30; i++)
        print(30 + i % 7, 110 + 6 * i, "Something else altogether is printed on this page");
    find(true);
    small[2] = alike_reduce(sheet.page.plate);
    assert_true(alike_score(small[0], small[1]) > ALIKE_MIN);
    assert_true(alike_score(small[0], small[2]) < ALIKE_MIN);
    struct rect r = alike_difference(small[0], small[1]);
    assert_true(r.x < 184 && r.x + r.w > 186 && r.y < 278 && r.y + r.h > 278);
    assert_true(alike_difference(small[0], small[0]).w == 0);
    for (int i = 0; i < 3; i++)
        pixDestroy(&small[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(boxes_and_questions, begin, end),
        cmocka_unit_test_setup_teardown(boxes_without_words, begin, end),
        cmocka_unit_test_setup_teardown(broken_outlines, begin, end),
        cmocka_unit_test_setup_teardown(cells_and_dates, begin, end),
        cmocka_unit_test_setup_teardown(areas_and_lines, begin, end),
        cmocka_unit_test_setup_teardown(grid_of_rows, begin, end),
        cmocka_unit_test_setup_teardown(printed_inside, begin, end),
        cmocka_unit_test_setup_teardown(routes, begin, end),
        cmocka_unit_test_setup_teardown(correction_from_wording, begin, end),
        cmocka_unit_test_setup_teardown(empty_page, begin, end),
        cmocka_unit_test_setup_teardown(alike_pages, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
