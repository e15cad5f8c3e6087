/* Questionnaires: boxes of many kinds with labels, in lists, grids and tables. */
#ifndef FIND_SHEETS_BOXES_H
#define FIND_SHEETS_BOXES_H

#include "find_sheets.h"

static const char *const sheet_words[] = {
    "Very good", "Fairly good", "Neither", "Fairly poor", "Very poor", "Don't know",
    "Yes, always", "Sometimes", "No, never", "A doctor", "My own family", "Somebody else"};

/* Four questions in two columns, all options in lists. */
static void draw_lists(struct sheet *s, double size, double radius)
{
    for (int q = 0; q < 6; q++) {
        char group[32];
        double x = 20 + 92 * (q % 2), y = 40 + 76 * (q / 2);
        snprintf(group, sizeof group, "q%d", q + 1);
        sheet_printf(s, x, y, "%d.", q + 1);
        sheet_print(s, x + 8, y, q % 2 ? "Who helped you with this?" : "How was the care here?");
        sheet_print(s, x + 8, y + 5, "Please tick one box only.");
        for (int i = 0; i < 5 + q % 2; i++)
            sheet_option(s, x + 8, y + 9 + fmax(size + 3, 6.5) * i, size, radius, group,
                         sheet_words[(6 * q + i) % 12]);
    }
}

static void draw_tiny_thin(struct sheet *s)
{
    sheet_style(s, 0.12, 0, 0, 0);
    sheet_heading(s, 25, "Our DOPE BOARD 0800 60 80");
    draw_lists(s, 2.5, 0);
}

static void draw_grey_rounded(struct sheet *s)
{
    sheet_style(s, 0.3, 0.6, 0.6, 0.6);
    sheet_heading(s, 25, "GOOD CARE DOBBIN HOSPITAL");
    draw_lists(s, 4, 0.8);
}

static void draw_coloured(struct sheet *s)
{
    sheet_style(s, 0.35, 0.95, 0.55, 0.15);
    sheet_fill(s, 0, 0, SHEET_W, 12, 0.3);
    draw_lists(s, 5, 0);
}

static void draw_pale_cyan(struct sheet *s)
{
    sheet_style(s, 0.3, 0.3, 0.75, 0.9);
    draw_lists(s, 4, 1.2);
}

static void draw_thick(struct sheet *s)
{
    sheet_style(s, 0.8, 0, 0, 0);
    draw_lists(s, 6, 0);
}

static void draw_radio(struct sheet *s)
{
    sheet_style(s, 0.2, 0.1, 0.1, 0.4);
    draw_lists(s, 3.2, -1);
}

/* Boxes with a shadow, as word processors draw them. */
static void draw_shadow(struct sheet *s)
{
    for (int i = 0; i < 12; i++) {
        char group[32];
        snprintf(group, sizeof group, "q%d", i / 4 + 1);
        double y = 50 + 9 * i + 14 * (i / 4);
        if (i % 4 == 0)
            sheet_printf(s, 20, y - 7, "%d. Which of these did you see?", i / 4 + 1);
        sheet_fill(s, 30.6, y + 0.6, 4, 4, 0);
        sheet_style(s, 0.25, 0, 0, 0);
        sheet_option(s, 30, y, 4, 0, group, sheet_words[i]);
    }
}

/* Labels at the left, boxes at the right edge of the column, leaders between. */
static void draw_right_boxes(struct sheet *s)
{
    for (int c = 0; c < 2; c++)
        for (int q = 0; q < 3; q++) {
            char group[32];
            double x = 18 + 94 * c, y = 40 + 70 * q;
            snprintf(group, sizeof group, "q%d", 3 * c + q + 1);
            sheet_printf(s, x, y, "%d.", 3 * c + q + 1);
            sheet_print(s, x + 8, y, "How do you feel about it?");
            for (int i = 0; i < 5; i++) {
                double row = y + 8 + 8 * i;
                sheet_print(s, x + 8, row + 3, sheet_words[i]);
                sheet_box(s, x + 70, row, 4, 4, 0, group, sheet_words[i]);
                for (double d = x + 8 + sheet_width(s, sheet_words[i]) + 2; d < x + 68; d += 1.4)
                    sheet_fill(s, d, row + 2.9, 0.25, 0.25, 0);
            }
        }
}

static const char *const sheet_heads[] = {"Agree a lot", "Agree", "Neither", "Disagree",
                                          "Not at all"};
static const char *const sheet_rows[] = {
    "The nurses listened to me", "My room was clean", "I was told what to expect",
    "The food was good", "I felt safe at night", "Visitors could come", "Pain was treated",
    "I knew whom to ask"};

/* A matrix; `tint` of every other row, 1 = none; `white` boxes have no outline. */
static void draw_matrix(struct sheet *s, double tint, bool white, double size, double radius)
{
    sheet_print(s, 20, 40, "7");
    sheet_print(s, 28, 40, "How far do you agree with each of these?");
    s->font = 2.6;
    for (int c = 0; c < 5; c++)
        sheet_print(s, 102 + 20 * c - sheet_width(s, sheet_heads[c]) / 2, 50, sheet_heads[c]);
    s->font = 3.6;
    for (int r = 0; r < 8; r++) {
        char group[32];
        double y = 54 + 10 * r;
        snprintf(group, sizeof group, "7_%d", r + 1);
        if (r % 2 == 0 || white)
            sheet_fill(s, 20, y, 172, white ? 9.4 : 10, tint);
        sheet_print(s, 24, y + 6.2, sheet_rows[r]);
        for (int c = 0; c < 5; c++) {
            struct rect box = {102 + 20 * c - size / 2, y + 5 - size / 2, size, size};
            if (white)
                sheet_white(s, TRUTH_BOX, box, radius, group, sheet_heads[c]);
            else
                sheet_box(s, box.x, box.y, size, size, radius, group, sheet_heads[c]);
        }
    }
}

static void draw_plain_matrix(struct sheet *s)
{
    draw_matrix(s, 1, false, 3.5, 0);
}

static void draw_tinted_matrix(struct sheet *s)
{
    sheet_style(s, 0.2, 0.3, 0.3, 0.3);
    draw_matrix(s, 0.85, false, 4, 0);
}

static void draw_white_on_pale(struct sheet *s)
{
    draw_matrix(s, 0.9, true, 4.5, 0);
}

static void draw_white_on_grey(struct sheet *s)
{
    draw_matrix(s, 0.75, true, 4, -1);
}

static void draw_white_on_dark(struct sheet *s)
{
    draw_matrix(s, 0.62, true, 5, 1);
    sheet_fill(s, 20, 150, 172, 70, 0.8);
    sheet_print(s, 24, 157, "8. Is there anything else that you would like to tell us?");
    sheet_white(s, TRUTH_AREA, (struct rect){24, 160, 164, 40}, 0, "8", "");
    sheet_print(s, 24, 211, "9. Your year of birth");
    for (int i = 0; i < 4; i++)
        sheet_white(s, TRUTH_CELL, (struct rect){80 + 7 * i, 204, 6.2, 8}, 0, "9", "");
}

/* A ruled table with small boxes in its cells. */
static void draw_table_boxes(struct sheet *s)
{
    sheet_style(s, 0.2, 0, 0, 0);
    sheet_print(s, 20, 36, "3. How often did you use each of these?");
    for (int r = 0; r <= 9; r++)
        sheet_rule(s, 20, 40 + 9 * r, 190, 40 + 9 * r);
    sheet_rule(s, 20, 40, 20, 121);
    for (int c = 0; c <= 5; c++)
        sheet_rule(s, 90 + 20 * c, 40, 90 + 20 * c, 121);
    s->font = 2.6;
    for (int c = 0; c < 5; c++)
        sheet_print(s, 92 + 20 * c, 46, sheet_heads[c]);
    s->font = 3.6;
    for (int r = 0; r < 8; r++) {
        char group[32];
        snprintf(group, sizeof group, "3_%d", r + 1);
        sheet_print(s, 22, 55 + 9 * r, sheet_rows[r]);
        for (int c = 0; c < 5; c++)
            sheet_box(s, 98 + 20 * c, 51.5 + 9 * r, 4, 4, 0, group, sheet_heads[c]);
    }
}

/* A ruled table whose empty cells are ticked. */
static void draw_ruled_cells(struct sheet *s)
{
    sheet_style(s, 0.2, 0, 0, 0);
    sheet_print(s, 20, 30, "4. Please tick one cell in each row.");
    for (int r = 0; r <= 9; r++)
        sheet_rule(s, 20, 40 + 8 * r, 185, 40 + 8 * r);
    sheet_rule(s, 20, 40, 20, 112);
    for (int c = 0; c <= 5; c++)
        sheet_rule(s, 90 + 19 * c, 40, 90 + 19 * c, 112);
    s->font = 2.4;
    for (int c = 0; c < 5; c++)
        sheet_print(s, 91 + 19 * c, 45, sheet_heads[c]);
    s->font = 3.6;
    for (int r = 0; r < 8; r++) {
        char group[32];
        snprintf(group, sizeof group, "4_%d", r + 1);
        sheet_print(s, 22, 53.5 + 8 * r, sheet_rows[r]);
        for (int c = 0; c < 5; c++)
            sheet_truth(s, TRUTH_BOX, (struct rect){90 + 19 * c, 48 + 8 * r, 19, 8}, group,
                        sheet_heads[c]);
    }
}

/* Scales of squares side by side, a figure in each; then circles with figures over them. */
static void draw_scales(struct sheet *s)
{
    sheet_style(s, 0.25, 0, 0, 0);
    for (int q = 0; q < 3; q++) {
        char group[32], label[32];
        double y = 40 + 26 * q;
        snprintf(group, sizeof group, "q%d", q + 1);
        sheet_printf(s, 20, y, "%d. How likely are you to recommend us?", q + 1);
        for (int i = 0; i <= 10; i++) {
            snprintf(label, sizeof label, "%d", i);
            sheet_box(s, 28 + (q == 2 ? 7 : 8.5) * i, y + 5, 7, 7, 0, group, label);
            s->font = 3;
            sheet_print(s, 31.5 + (q == 2 ? 7 : 8.5) * i - sheet_width(s, label) / 2, y + 9.6,
                        label);
            s->font = 3.6;
        }
    }
    for (int q = 0; q < 3; q++) {
        char group[32], label[32];
        double y = 130 + 26 * q;
        snprintf(group, sizeof group, "q%d", q + 4);
        sheet_printf(s, 20, y, "%d. How much pain did you have?", q + 4);
        for (int i = 1; i <= 7; i++) {
            snprintf(label, sizeof label, "%d", i);
            sheet_print(s, 39.5 + 14 * i, y + 7, label);
            sheet_box(s, 39 + 14 * i, y + 9, 3.4, 3.4, -1, group, label);
        }
        sheet_print(s, 28, y + 12, "no pain at all");
        sheet_print(s, 146, y + 12, "unbearable");
    }
}

/* Yes / No in one row, several questions a page, with routing and an area. */
static void draw_yes_no(struct sheet *s)
{
    sheet_style(s, 0.25, 0.2, 0.2, 0.2);
    for (int q = 0; q < 8; q++) {
        char group[32];
        double y = 40 + 22 * q;
        snprintf(group, sizeof group, "q%d", q + 1);
        sheet_printf(s, 18, y, "Q%d", q + 1);
        sheet_print(s, 30, y, "Have you been in hospital in the last 12 months?");
        sheet_option(s, 30, y + 4, 4, 0, group, "Yes");
        sheet_option(s, 70, y + 4, 4, 0, group, "No");
        if (q == 2)
            sheet_print(s, 84, y + 7.2, "Go to Q6");
        sheet_option(s, 120, y + 4, 4, 0, group, "Not sure");
    }
    sheet_print(s, 18, 222, "If you said other, please write it in the box:");
    sheet_outline(s, (struct rect){18, 226, 170, 22}, 0);
    sheet_truth(s, TRUTH_AREA, (struct rect){18, 226, 170, 22}, "", "");
}

/* Boxes set as characters of a font. */
static void draw_glyphs(struct sheet *s)
{
    static const char *const glyphs[] = {"\xe2\x98\x90", "\xe2\x96\xa1", "\xe2\x97\x8b",
                                         "\xe2\x9d\x91", "\xe2\x9d\x8f"};
    for (int q = 0; q < 5; q++) {
        char group[32];
        double y = 40 + 46 * q;
        snprintf(group, sizeof group, "q%d", q + 1);
        sheet_printf(s, 20, y, "%d. Which of these do you know?", q + 1);
        for (int i = 0; i < 5; i++) {
            cairo_text_extents_t e;
            double font = s->font, base = y + 8 + 7 * i;
            s->font = 5;
            sheet_print(s, 28, base, glyphs[q]);
            cairo_text_extents(s->cairo, glyphs[q], &e);
            s->font = font;
            sheet_print(s, 35, base - 0.3, sheet_words[i + q]);
            sheet_truth(s, TRUTH_BOX, (struct rect){28 + e.x_bearing, base + e.y_bearing, e.width,
                                                    e.height}, group, sheet_words[i + q]);
        }
    }
}

#endif
