/* Forms that need what stands around a shape to tell what it is. */
#ifndef FIND_SHEETS_MORE_H
#define FIND_SHEETS_MORE_H

#include "find_sheets.h"

/* A ruled table to tick whose rows are named far to the left, with an empty corner. */
static void draw_wide_table(struct sheet *s)
{
    static const char *const rows[] = {"Bread", "Rice", "Fruit", "Meat", "Fish", "Milk"};
    static const char *const heads[] = {"Never", "Rarely", "Some", "Often", "Always"};
    sheet_print(s, 20, 34, "1. Please put a cross in one cell of each row.");
    for (int r = 0; r < 8; r++)
        sheet_rule(s, 20, 40 + 9 * r, 190, 40 + 9 * r);
    for (int c = 0; c < 7; c++)
        sheet_rule(s, c == 0 ? 20 : 82 + 18 * c, 40, c == 0 ? 20 : 82 + 18 * c, 103);
    for (int r = 0; r < 6; r++) {
        char group[24];
        snprintf(group, sizeof group, "q1_%d", r + 1);
        sheet_print(s, 22, 55 + 9 * r, rows[r]);
        for (int c = 0; c < 5; c++) {
            if (r == 0)
                sheet_print(s, 103 + 18 * c, 46, heads[c]);
            sheet_truth(s, TRUTH_BOX, (struct rect){100 + 18 * c, 49 + 9 * r, 18, 9}, group,
                        heads[c]);
        }
    }
}

/* Cells with pale letters in them that say what to write. */
static void draw_lettered_cells(struct sheet *s)
{
    static const char letters[] = "DDMMYYYY";
    for (int row = 0; row < 3; row++) {
        double x = 70, y = 54 + 30 * row, w = 6;
        sheet_printf(s, 20, y + 6, "%d. Date of birth", row + 1);
        for (int i = 0; i < 8; i++) {
            char text[] = {letters[i], '\0'};
            sheet_outline(s, (struct rect){x, y, w, 8}, 0);
            sheet_truth(s, TRUTH_CELL, (struct rect){x, y, w, 8}, "", "");
            cairo_set_source_rgb(s->cairo, 0.6, 0.6, 0.6);
            cairo_move_to(s->cairo, x + w / 2 - 1.4, y + 5.5);
            cairo_show_text(s->cairo, text);
            x += row == 2 ? w - s->line : w + 1;
            x += i == 1 || i == 3 ? 4 : 0;
        }
    }
}

/* Large boxes with labels on a page of small ones are boxes all the same. */
static void draw_two_sizes(struct sheet *s)
{
    for (int q = 0; q < 8; q++) {
        char group[24];
        double size = q < 5 ? 2.5 : 8, y = q < 5 ? 40 + 14 * q : 40 + 22 * (q - 1);
        snprintf(group, sizeof group, "q%d", q + 1);
        sheet_printf(s, 20, y + 1, "%d. How was it?", q + 1);
        for (int i = 0; i < (q < 5 ? 4 : 3); i++)
            sheet_option(s, 60 + 34 * i, y - size / 2, size, 0, group,
                         i == 0   ? "Good"
                         : i == 1 ? "Fair"
                         : i == 2 ? "Poor"
                                  : "Unsure");
    }
}

/* Names with initials that look like small bubbles, under one another. */
static void draw_initials(struct sheet *s)
{
    static const char *const names[] = {"Ola O. Dodo", "Ann O. Public", "Bo D. Good", "Ed O. Doe"};
    sheet_heading(s, 25, "OFFICIAL BALLOT");
    for (int i = 0; i < 16; i++) {
        char group[24];
        snprintf(group, sizeof group, "q%d", i / 4 + 1);
        double y = 44 + 10 * i + 14 * (i / 4);
        if (i % 4 == 0)
            sheet_printf(s, 30, y - 5, "%d. Vote for one", i / 4 + 1);
        sheet_box(s, 30, y, 6.5, 3.6, -1, group, names[i % 4]);
        sheet_print(s, 40, y + 3, names[i % 4]);
    }
}

#endif
