/* Blank forms of many styles, drawn with known truth: what form import must find on forms that
 * nobody has seen. Lengths are in mm from the top left. */
#ifndef FIND_SHEETS_H
#define FIND_SHEETS_H

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <cairo.h>
#include <glib.h>

#include "base/geometry.h"

enum truth_kind { TRUTH_BOX, TRUTH_CELL, TRUTH_AREA, TRUTH_LINE };

/* One field of the form. Boxes that share a group answer one question. */
struct truth {
    enum truth_kind kind;
    struct rect mm; /* outer edge; of a line to write on: the line itself, h = 0 */
    char group[24], label[60];
    bool found; /* used while comparing */
};

struct sheet {
    cairo_t *cairo;
    GArray *truth; /* struct truth */
    double line;   /* width of outlines */
    double rgb[3]; /* colour of outlines */
    double font;   /* size of print */
};

#define SHEET_W 210.0
#define SHEET_H 297.0

static inline void sheet_style(struct sheet *s, double line, double r, double g, double b)
{
    s->line = line;
    s->rgb[0] = r;
    s->rgb[1] = g;
    s->rgb[2] = b;
}

static inline void sheet_begin(struct sheet *s, cairo_t *cairo)
{
    *s = (struct sheet){.cairo = cairo, .line = 0.25, .font = 3.6};
    s->truth = g_array_new(FALSE, TRUE, sizeof(struct truth));
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_paint(cairo);
    cairo_select_font_face(cairo, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
                           CAIRO_FONT_WEIGHT_NORMAL);
}

static inline void sheet_print(struct sheet *s, double x, double y, const char *text)
{
    cairo_set_source_rgb(s->cairo, 0, 0, 0);
    cairo_set_font_size(s->cairo, s->font);
    cairo_move_to(s->cairo, x, y);
    cairo_show_text(s->cairo, text);
}

static inline void sheet_printf(struct sheet *s, double x, double y, const char *format, int number)
{
    char text[80];
    snprintf(text, sizeof text, format, number); /* NOLINT: the callers' formats are constants */
    sheet_print(s, x, y, text);
}

static inline void sheet_heading(struct sheet *s, double y, const char *text)
{
    double font = s->font;
    s->font = 6.5;
    sheet_print(s, 20, y, text);
    s->font = font;
}

static inline double sheet_width(struct sheet *s, const char *text)
{
    cairo_text_extents_t extents;
    cairo_set_font_size(s->cairo, s->font);
    cairo_text_extents(s->cairo, text, &extents);
    return extents.x_advance;
}

static inline void sheet_truth(struct sheet *s, enum truth_kind kind, struct rect mm,
                               const char *group, const char *label)
{
    struct truth truth = {.kind = kind, .mm = mm};
    g_strlcpy(truth.group, group == NULL ? "" : group, sizeof truth.group);
    g_strlcpy(truth.label, label == NULL ? "" : label, sizeof truth.label);
    g_array_append_val(s->truth, truth);
}

static inline void sheet_stroke(struct sheet *s)
{
    cairo_set_source_rgb(s->cairo, s->rgb[0], s->rgb[1], s->rgb[2]);
    cairo_set_line_width(s->cairo, s->line);
    cairo_stroke(s->cairo);
}

static inline void sheet_rule(struct sheet *s, double x0, double y0, double x1, double y1)
{
    cairo_move_to(s->cairo, x0, y0);
    cairo_line_to(s->cairo, x1, y1);
    sheet_stroke(s);
}

static inline void sheet_fill(struct sheet *s, double x, double y, double w, double h, double grey)
{
    cairo_set_source_rgb(s->cairo, grey, grey, grey);
    cairo_rectangle(s->cairo, x, y, w, h);
    cairo_fill(s->cairo);
}

/* A path of the shape: radius 0 = square, > 0 = rounded corners, < 0 = ellipse. */
static inline void sheet_path(struct sheet *s, struct rect r, double radius)
{
    cairo_new_path(s->cairo);
    if (radius < 0) {
        cairo_save(s->cairo);
        cairo_translate(s->cairo, r.x + r.w / 2, r.y + r.h / 2);
        cairo_scale(s->cairo, r.w / 2, r.h / 2);
        cairo_arc(s->cairo, 0, 0, 1, 0, 2 * G_PI);
        cairo_restore(s->cairo);
    } else if (radius > 0) {
        cairo_arc(s->cairo, r.x + r.w - radius, r.y + radius, radius, -G_PI / 2, 0);
        cairo_arc(s->cairo, r.x + r.w - radius, r.y + r.h - radius, radius, 0, G_PI / 2);
        cairo_arc(s->cairo, r.x + radius, r.y + r.h - radius, radius, G_PI / 2, G_PI);
        cairo_arc(s->cairo, r.x + radius, r.y + radius, radius, G_PI, 1.5 * G_PI);
        cairo_close_path(s->cairo);
    } else {
        cairo_rectangle(s->cairo, r.x, r.y, r.w, r.h);
    }
}

/* An outline whose outer edge is the rectangle, without truth. */
static inline void sheet_outline(struct sheet *s, struct rect r, double radius)
{
    sheet_path(s, rect_grow(r, -s->line / 2), radius);
    sheet_stroke(s);
}

static inline void sheet_box(struct sheet *s, double x, double y, double w, double h,
                             double radius, const char *group, const char *label)
{
    struct rect r = {x, y, w, h};
    sheet_path(s, rect_grow(r, -s->line / 2), radius);
    cairo_set_source_rgb(s->cairo, 1, 1, 1);
    cairo_fill_preserve(s->cairo);
    sheet_stroke(s);
    sheet_truth(s, TRUTH_BOX, r, group, label);
}

/* A white shape without an outline, on a tint. */
static inline void sheet_white(struct sheet *s, enum truth_kind kind, struct rect r, double radius,
                               const char *group, const char *label)
{
    sheet_path(s, r, radius);
    cairo_set_source_rgb(s->cairo, 1, 1, 1);
    cairo_fill(s->cairo);
    sheet_truth(s, kind, r, group, label);
}

/* A box with its label to the right. */
static inline void sheet_option(struct sheet *s, double x, double y, double size, double radius,
                                const char *group, const char *label)
{
    sheet_box(s, x, y, size, size, radius, group, label);
    sheet_print(s, x + size + 2.2, y + size / 2 + 1.3, label);
}

/* A line to write on. */
static inline void sheet_line(struct sheet *s, double x, double y, double w)
{
    sheet_rule(s, x, y, x + w, y);
    sheet_truth(s, TRUTH_LINE, (struct rect){x, y, w, 0}, "", "");
}

#endif
