/* Ballots, bubble sheets, cells, lines and areas to write in, and what is none of all that. */
#ifndef FIND_SHEETS_OTHER_H
#define FIND_SHEETS_OTHER_H

#include <qrencode.h>

#include "find_sheets.h"

static const char *const sheet_names[] = {"Olga Doberman", "D. O. Good", "Bob Pope", "Ada Ocean",
                                          "Roberta Odd", "Write-in"};

/* Contests in columns parted by rules, ovals to the left of names. */
static void draw_ballot(struct sheet *s, double w, double h, bool framed)
{
    sheet_heading(s, 24, "OFFICIAL BALLOT OF DODO COUNTY");
    for (int c = 0; c < 3; c++)
        for (int q = 0; q < 4; q++) {
            char group[32];
            double x = 16 + 60 * c, y = 34 + 60 * q;
            snprintf(group, sizeof group, "%d/%d", c, q);
            double line = s->line, rgb[3] = {s->rgb[0], s->rgb[1], s->rgb[2]};
            sheet_style(s, 0.3, 0, 0, 0);
            if (framed)
                sheet_outline(s, (struct rect){x, y, 58, 56}, 0);
            else
                sheet_rule(s, x, y, x + 58, y);
            s->font = 3;
            sheet_print(s, x + 3, y + 5, "MEMBER OF THE BOARD");
            sheet_print(s, x + 3, y + 9, "Vote for ONE");
            sheet_style(s, line, rgb[0], rgb[1], rgb[2]);
            for (int i = 0; i < 6; i++) {
                sheet_box(s, x + 3, y + 13 + 7 * i, w, h, -1, group, sheet_names[i]);
                sheet_print(s, x + 5 + w, y + 13 + h / 2 + 1 + 7 * i, sheet_names[i]);
            }
            sheet_style(s, 0.2, 0, 0, 0);
            sheet_rule(s, x + 26, y + 52, x + 54, y + 52);
            sheet_truth(s, TRUTH_LINE, (struct rect){x + 26, y + 52, 28, 0}, "", "");
            sheet_style(s, line, rgb[0], rgb[1], rgb[2]);
            s->font = 3.6;
        }
}

static void draw_ballot_black(struct sheet *s)
{
    sheet_style(s, 0.25, 0, 0, 0);
    draw_ballot(s, 5, 3, true);
}

static void draw_ballot_red(struct sheet *s)
{
    sheet_style(s, 0.2, 0.85, 0.15, 0.2);
    draw_ballot(s, 6.4, 3.2, false);
}

static void draw_ballot_grey(struct sheet *s)
{
    sheet_style(s, 0.25, 0.65, 0.65, 0.65);
    draw_ballot(s, 4.5, 3, true);
}

/* Answers A to E in bubbles with the letter inside, four columns. */
static void draw_bubbles(struct sheet *s)
{
    sheet_style(s, 0.2, 0.8, 0.3, 0.3);
    for (int q = 0; q < 80; q++) {
        char group[32];
        double x = 20 + 46 * (q / 20), y = 40 + 11 * (q % 20);
        snprintf(group, sizeof group, "q%d", q + 1);
        sheet_printf(s, x, y + 3.4, "%d", q + 1);
        for (int i = 0; i < 5; i++) {
            char label[2] = {(char)('A' + i), '\0'};
            sheet_box(s, x + 9 + 6.4 * i, y, 4.4, 4.4, -1, group, label);
            s->font = 2.4;
            sheet_print(s, x + 11.2 + 6.4 * i - sheet_width(s, label) / 2, y + 3.1, label);
            s->font = 3.6;
        }
    }
}

/* An identity number: columns of bubbles 0 to 9 under cells to write it in. */
static void draw_number_bubbles(struct sheet *s)
{
    sheet_print(s, 20, 30, "STUDENT NUMBER");
    for (int c = 0; c < 8; c++) {
        char group[32], label[2] = "0";
        double x = 20 + 7 * c;
        snprintf(group, sizeof group, "id%d", c + 1);
        sheet_style(s, 0.3, 0, 0, 0);
        sheet_outline(s, (struct rect){x, 34, 7 + (c < 7 ? s->line : 0), 9}, 0);
        sheet_truth(s, TRUTH_CELL, (struct rect){x, 34, 7, 9}, "id", "");
        sheet_style(s, 0.15, 0, 0, 0);
        for (int i = 0; i < 10; i++) {
            label[0] = (char)('0' + i);
            sheet_box(s, x + 1.2, 46 + 6.2 * i, 4.6, 4.6, -1, group, label);
            s->font = 2.6;
            sheet_print(s, x + 3.5 - sheet_width(s, label) / 2, 46 + 3.3 + 6.2 * i, label);
            s->font = 3.6;
        }
    }
    for (int q = 0; q < 20; q++) { /* letters beside, ovals */
        char group[32];
        double x = 20 + 90 * (q / 10), y = 130 + 11 * (q % 10);
        snprintf(group, sizeof group, "q%d", q + 1);
        sheet_printf(s, x, y + 2.8, "%d.", q + 1);
        for (int i = 0; i < 4; i++) {
            char label[2] = {(char)('A' + i), '\0'};
            sheet_box(s, x + 12 + 14 * i, y, 5.4, 3, -1, group, label);
            sheet_print(s, x + 18.4 + 14 * i, y + 2.8, label);
        }
    }
}

static void draw_cells(struct sheet *s)
{
    sheet_style(s, 0.25, 0, 0, 0);
    sheet_print(s, 20, 30, "1. What is your date of birth?");
    for (int i = 0; i < 8; i++) {
        struct rect r = {30 + 6 * i + 5 * ((i > 1) + (i > 3)), 34, 6, 8};
        sheet_outline(s, rect_grow(r, s->line / 2), 0);
        sheet_truth(s, TRUTH_CELL, r, "1", "");
    }
    sheet_print(s, 20, 60, "2. Please print your postcode in CAPITAL LETTERS");
    for (int i = 0; i < 7; i++) {
        struct rect r = {30 + 7.5 * i, 64, 6, 7};
        sheet_outline(s, r, 0);
        sheet_truth(s, TRUTH_CELL, r, "2", "");
    }
    /* open combs: a base line with upright strokes */
    sheet_print(s, 20, 92, "3. Surname");
    sheet_rule(s, 50, 94, 50 + 5.5 * 20, 94);
    for (int i = 0; i <= 20; i++)
        sheet_rule(s, 50 + 5.5 * i, 91, 50 + 5.5 * i, 94);
    for (int i = 0; i < 20; i++)
        sheet_truth(s, TRUTH_CELL, (struct rect){50 + 5.5 * i, 88, 5.5, 6}, "3", "");
    /* a frame with short strokes from below */
    sheet_print(s, 20, 116, "4. Telephone");
    sheet_outline(s, (struct rect){50, 110, 77, 8}, 0);
    for (int i = 1; i < 11; i++)
        sheet_rule(s, 50 + 7 * i, 115.5, 50 + 7 * i, 118);
    for (int i = 0; i < 11; i++)
        sheet_truth(s, TRUTH_CELL, (struct rect){50 + 7 * i, 110, 7, 8}, "4", "");
    /* open bottom: uprights hang from nothing; a character each on its own short line */
    sheet_print(s, 20, 140, "5. Membership number");
    for (int i = 0; i < 8; i++) {
        sheet_rule(s, 70 + 8 * i, 141, 76 + 8 * i, 141);
        sheet_truth(s, TRUTH_CELL, (struct rect){70 + 8 * i, 134, 6, 7}, "5", "");
    }
    /* U-shaped cells: no top */
    sheet_print(s, 20, 160, "6. Number of children");
    sheet_rule(s, 70, 162, 84, 162);
    for (int i = 0; i <= 2; i++)
        sheet_rule(s, 70 + 7 * i, 154, 70 + 7 * i, 162);
    for (int i = 0; i < 2; i++)
        sheet_truth(s, TRUTH_CELL, (struct rect){70 + 7 * i, 154, 7, 8}, "6", "");
    /* grey dotted dividers */
    sheet_print(s, 20, 182, "7. First name");
    sheet_style(s, 0.3, 0.4, 0.4, 0.4);
    sheet_outline(s, (struct rect){50, 176, 90, 8}, 0);
    for (int i = 1; i < 15; i++)
        for (int d = 0; d < 5; d++)
            sheet_fill(s, 50 + 6 * i - 0.15, 177 + 1.4 * d, 0.3, 0.7, 0.4);
    for (int i = 0; i < 15; i++)
        sheet_truth(s, TRUTH_CELL, (struct rect){50 + 6 * i, 176, 6, 8}, "7", "");
}

static void draw_writing(struct sheet *s)
{
    sheet_style(s, 0.2, 0, 0, 0);
    sheet_print(s, 20, 30, "1. Name:");
    sheet_line(s, 40, 31, 90);
    sheet_print(s, 20, 46, "2. Street and town");
    for (int i = 0; i < 3; i++)
        sheet_line(s, 28, 55 + 9 * i, 150);
    sheet_print(s, 20, 92, "3. E-mail");
    for (double x = 45; x < 160; x += 1.2)
        sheet_fill(s, x, 92, 0.35, 0.35, 0);
    sheet_truth(s, TRUTH_LINE, (struct rect){45, 92.3, 115, 0}, "", "");
    sheet_print(s, 20, 108, "4. What was best?");
    sheet_outline(s, (struct rect){28, 111, 160, 30}, 2);
    sheet_truth(s, TRUTH_AREA, (struct rect){28, 111, 160, 30}, "", "");
    sheet_print(s, 20, 152, "5. What should we change?");
    sheet_outline(s, (struct rect){28, 155, 160, 45}, 0);
    for (int i = 1; i < 5; i++)
        sheet_rule(s, 32, 155 + 9 * i, 184, 155 + 9 * i);
    sheet_truth(s, TRUTH_AREA, (struct rect){28, 155, 160, 45}, "", "");
    sheet_print(s, 20, 212, "6. Signature");
    sheet_outline(s, (struct rect){60, 206, 70, 14}, 0);
    sheet_truth(s, TRUTH_AREA, (struct rect){60, 206, 70, 14}, "", "");
    sheet_print(s, 20, 234, "7. Where do you live?");
    for (int i = 0; i < 3; i++)
        sheet_option(s, 28, 238 + 8 * i, 4, 0, "7", i == 0 ? "In town" : i == 1 ? "Outside" : "Other, please say:");
    sheet_line(s, 72, 258, 60);
}

static void draw_code(struct sheet *s, double x, double y, double side)
{
    QRcode *code = QRcode_encodeString("https://example.org/survey/0042", 0, QR_ECLEVEL_M,
                                       QR_MODE_8, 1);
    for (int i = 0; code != NULL && i < code->width * code->width; i++)
        if (code->data[i] & 1)
            sheet_fill(s, x + side * (i % code->width) / code->width,
                       y + side * (i / code->width) / code->width, side / code->width + 0.01,
                       side / code->width + 0.01, 0);
    QRcode_free(code);
}

/* Much that looks like a box, and three that are. */
static void draw_nothing(struct sheet *s)
{
    sheet_style(s, 0.5, 0, 0, 0);
    sheet_outline(s, (struct rect){8, 8, 194, 281}, 3);
    draw_code(s, 14, 14, 22);
    draw_code(s, 180, 14, 14);
    for (int i = 0; i < 50; i++) /* bars */
        sheet_fill(s, 110 + 1.1 * i, 14, 0.25 + 0.2 * ((i * 7) % 4), 14, 0);
    s->font = 12;
    sheet_print(s, 42, 28, "BOQ 0D8");
    s->font = 5;
    sheet_print(s, 42, 36, "OOO DOC 0800 000 080 o O D 0");
    cairo_select_font_face(s->cairo, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
                           CAIRO_FONT_WEIGHT_BOLD);
    s->font = 9;
    sheet_print(s, 16, 54, "ABOUT DOODLES 4 OR 6");
    cairo_select_font_face(s->cairo, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
                           CAIRO_FONT_WEIGHT_NORMAL);
    s->font = 3.2;
    sheet_fill(s, 16, 60, 178, 9, 0.15);
    cairo_set_source_rgb(s->cairo, 1, 1, 1);
    cairo_set_font_size(s->cairo, 7);
    cairo_move_to(s->cairo, 20, 67);
    cairo_show_text(s->cairo, "GOOD OLD SECTION 0 D O");
    sheet_style(s, 0.3, 0, 0, 0);
    for (int r = 0; r < 5; r++) /* a table of print */
        for (int c = 0; c < 4; c++) {
            sheet_outline(s, (struct rect){16 + 44 * c, 76 + 7 * r, 44.3, 7.3}, 0);
            sheet_print(s, 18 + 44 * c, 81 + 7 * r, r == 0 ? "Opening hours" : "09:00 to 18:00");
        }
    for (int i = 0; i < 120; i++) /* a photograph */
        sheet_fill(s, 20 + 6 * (i % 12), 120 + 5 * (i / 12), 6.1, 5.1,
                   0.1 + 0.8 * ((i * 37 + i * i * 11) % 17) / 17);
    sheet_style(s, 1.2, 0.1, 0.3, 0.6); /* a logo */
    sheet_outline(s, (struct rect){110, 120, 24, 24}, -1);
    sheet_outline(s, (struct rect){140, 120, 20, 20}, 4);
    sheet_outline(s, (struct rect){114, 124, 16, 16}, -1);
    sheet_style(s, 0.3, 0, 0, 0);
    sheet_outline(s, (struct rect){110, 150, 84, 24}, 0);
    sheet_print(s, 113, 157, "This survey is confidential and nobody will");
    sheet_print(s, 113, 163, "ever see your name. Thank you for taking the");
    sheet_print(s, 113, 169, "time: it helps us to look after you better.");
    sheet_print(s, 16, 186, "Please cross the box like this:");
    sheet_outline(s, (struct rect){72, 182, 5, 5}, 0);
    sheet_rule(s, 72.6, 182.6, 76.4, 186.4);
    sheet_rule(s, 76.4, 182.6, 72.6, 186.4);
    sheet_print(s, 20, 210, "1. May we ask you again?");
    for (int i = 0; i < 3; i++)
        sheet_option(s, 28, 215 + 8 * i, 4, 0, "1", i == 0 ? "Yes" : i == 1 ? "No" : "Not now");
    sheet_print(s, 90, 284, "Page 10 of 18");
}

#endif
