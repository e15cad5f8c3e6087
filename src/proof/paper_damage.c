/* What paper goes through between the printer and the scanner. */
#include "proof/paper_internal.h"

#include <cairo.h>
#include <glib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static int side_corner(const struct paper_side *side, int corner)
{
    static const int mirrored[4] = {1, 0, 3, 2};
    return side->back ? mirrored[corner] : corner;
}

static void speck(struct paper_side *side, struct point mm, double size_mm, double dark,
                  struct random *r)
{
    struct plane *plane = &side->plane;
    double phase = random_between(r, 0, 999);
    struct window w = window_of(plane, (struct rect){mm.x - size_mm, mm.y - size_mm, 2 * size_mm, 2 * size_mm});
    for (int y = w.y0; y < w.y1; y++)
        for (int x = w.x0; x < w.x1; x++) {
            struct point p = mm_of(plane, x, y);
            double far = hypot(p.x - mm.x, p.y - mm.y) / size_mm;
            far += 0.35 * smooth_noise(p.x * 2 / size_mm + phase, p.y * 2 / size_mm);
            if (far < 0.8)
                darken(row_of(plane, y) + x, dark * fmin(1, (0.8 - far) * 4));
        }
}

static void specks(struct paper_side *side, const struct profile *profile, struct random *r)
{
    double count;
    if (!profile_happens(&count, &profile->print_toner_specks, r))
        return;
    for (int i = 0; i < (int)count; i++) {
        struct point at = {random_between(r, 0, side->width_mm), random_between(r, 0, side->height_mm)};
        double u = random_unit(r);
        speck(side, at, 0.06 + 0.34 * u * u * u, random_between(r, 0.3, 0.95), r);
    }
    side->damaged[DAMAGE_toner_specks] = true;
}

/* ---- folds and stains -------------------------------------------------------------------- */

#define FLANK_MM 4
#define FLANK_STEPS 512

/* Light and shade beside a fold, by how far off: the ridge itself and its two flanks. */
static void make_flanks(float ridge[FLANK_STEPS], float flank[FLANK_STEPS])
{
    for (int i = 0; i < FLANK_STEPS; i++) {
        double far = (i + 0.5) * FLANK_MM / FLANK_STEPS;
        ridge[i] = (float)exp(-far * far / 0.02);
        flank[i] = (float)(0.3 * far * exp(-far * far / 1.2));
    }
}

static void crease(struct paper_side *side, double y_mm, double tilt, double depth, struct random *r)
{
    struct plane *plane = &side->plane;
    double phase = random_between(r, 0, 999);
    double lit = random_chance(r, 0.5) ? 1 : -1; /* from one side: dark and light flank */
    float ridge[FLANK_STEPS], flank[FLANK_STEPS];
    make_flanks(ridge, flank);
    struct window w = window_of(plane, (struct rect){-20, y_mm - FLANK_MM, side->width_mm + 40, 2 * FLANK_MM});
    for (int x = w.x0; x < w.x1; x++) {
        double mm_x = mm_of(plane, x, 0).x;
        double line = y_mm + tilt * (mm_x - side->width_mm / 2) + 0.25 * smooth_noise(mm_x / 14, phase);
        double strength = depth * (0.65 + 0.5 * smooth_noise(mm_x / 5, phase + 5));
        for (int y = w.y0; y < w.y1; y++) {
            double far = mm_of(plane, x, y).y - line;
            int step = (int)(fabs(far) * (FLANK_STEPS / FLANK_MM));
            if (step >= FLANK_STEPS)
                continue;
            double side_light = (far < 0 ? -lit : lit) * (double)flank[step];
            double shade = strength * ((double)ridge[step] + side_light);
            uint8_t *p = row_of(plane, y) + x;
            if (fabs(far) < 0.12 && *p < 110 && /* toner flakes off along the fold */
                smooth_noise(mm_x * 5, phase + 77 + far * 8) > 1 - 4 * depth)
                *p = (uint8_t)(*p + (235 - *p) * 0.75);
            if (shade > 0)
                darken(p, shade);
        }
    }
    side->damaged[DAMAGE_crease] = true;
}

static void coffee(struct paper_side *side, struct point at, double diameter, double strength)
{
    struct plane *plane = &side->plane;
    double radius = diameter / 2;
    struct window w = window_of(plane, (struct rect){at.x - radius - 6, at.y - radius - 6, diameter + 12, diameter + 12});
    for (int y = w.y0; y < w.y1; y++)
        for (int x = w.x0; x < w.x1; x++) {
            struct point p = mm_of(plane, x, y);
            double dx = p.x - at.x, dy = p.y - at.y, square = dx * dx + dy * dy;
            if (square < (radius - 7) * (radius - 7) || square > (radius + 4) * (radius + 4))
                continue;
            double angle = atan2(dy, dx), far = sqrt(square) - radius;
            far += 1.1 * smooth_noise(angle * 3 + 40, diameter) + 0.4 * smooth_noise(angle * 11, 9);
            double round = 0.55 + 0.5 * smooth_noise(angle * 1.5 + 9, diameter + 3);
            double rim = exp(-far * far / 0.15) + 0.55 * exp(-(far + 1.6) * (far + 1.6) / 0.3);
            double wash = far < 0 ? 0.3 * exp(far / 3) : 0;
            darken(row_of(plane, y) + x, strength * fmax(round, 0.1) * fmin(rim + wash, 1));
        }
    side->damaged[DAMAGE_coffee] = true;
}

static void smudge(struct paper_side *side, double length, struct random *r)
{
    struct plane *plane = &side->plane;
    struct point at = {random_between(r, 0, side->width_mm), random_between(r, 0, side->height_mm)};
    double angle = random_between(r, -1, 1), wide = length * random_between(r, 0.1, 0.3);
    double strength = random_between(r, 0.05, 0.3), phase = random_between(r, 0, 999);
    struct window w = window_of(plane, (struct rect){at.x - length, at.y - length, 2 * length, 2 * length});
    for (int y = w.y0; y < w.y1; y++)
        for (int x = w.x0; x < w.x1; x++) {
            struct point p = mm_of(plane, x, y);
            double u = (p.x - at.x) * cos(angle) + (p.y - at.y) * sin(angle);
            double v = -(p.x - at.x) * sin(angle) + (p.y - at.y) * cos(angle);
            double body = 1 - (u * u * 4 / (length * length) + v * v * 4 / (wide * wide));
            if (body <= 0)
                continue;
            double drag = 0.6 + 0.7 * smooth_noise(u / 4, v * 3 + phase) +
                          0.3 * smooth_noise(p.x * 3, p.y * 3 + phase);
            darken(row_of(plane, y) + x, strength * body * fmax(drag, 0));
        }
    side->damaged[DAMAGE_smudge] = true;
}

#define STAMP_PX_PER_MM 12

/* The stamp's rubber: a frame, a word and a date. */
static cairo_surface_t *cut_stamp(double half_w, double half_h, struct random *r)
{
    static const char *const months[] = {"JAN", "MAR", "MAY", "JUN", "SEP", "OCT", "NOV"};
    char date[32];
    cairo_surface_t *rubber = cairo_image_surface_create(
        CAIRO_FORMAT_A8, (int)(2 * half_w * STAMP_PX_PER_MM), (int)(2 * half_h * STAMP_PX_PER_MM));
    cairo_t *cr = cairo_create(rubber);
    snprintf(date, sizeof date, "%02zu %s 2026", 1 + random_below(r, 28), months[random_below(r, 7)]);
    cairo_scale(cr, STAMP_PX_PER_MM, STAMP_PX_PER_MM);
    cairo_set_line_width(cr, 0.5);
    cairo_rectangle(cr, 0.4, 0.4, 2 * half_w - 0.8, 2 * half_h - 0.8);
    cairo_stroke(cr);
    cairo_select_font_face(cr, "sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
    cairo_set_font_size(cr, 4.3);
    cairo_move_to(cr, 2.6, half_h - 1.2);
    cairo_show_text(cr, "RECEIVED");
    cairo_move_to(cr, 2.6, 2 * half_h - 2.4);
    cairo_show_text(cr, date);
    cairo_destroy(cr);
    cairo_surface_flush(rubber);
    return rubber;
}

/* A date stamp of the mail room, badly inked. */
static void stamp(struct paper_side *side, struct point at, double angle, struct random *r)
{
    struct plane *plane = &side->plane;
    double phase = random_between(r, 0, 999), half_w = 17, half_h = 8;
    cairo_surface_t *rubber = cut_stamp(half_w, half_h, r);
    const unsigned char *data = cairo_image_surface_get_data(rubber);
    int stride = cairo_image_surface_get_stride(rubber);
    struct window w = window_of(plane, (struct rect){at.x - 20, at.y - 14, 40, 28});
    for (int y = w.y0; y < w.y1; y++)
        for (int x = w.x0; x < w.x1; x++) {
            struct point p = mm_of(plane, x, y);
            double u = (p.x - at.x) * cos(angle) + (p.y - at.y) * sin(angle) + half_w;
            double v = -(p.x - at.x) * sin(angle) + (p.y - at.y) * cos(angle) + half_h;
            if (u < 0 || v < 0 || u >= 2 * half_w - 0.1 || v >= 2 * half_h - 0.1)
                continue;
            double ink = data[(int)(v * STAMP_PX_PER_MM) * stride + (int)(u * STAMP_PX_PER_MM)] / 255.0;
            ink *= 0.62 + 0.3 * smooth_noise(p.x / 5, p.y / 5 + phase) + 0.25 * smooth_noise(p.x * 3, p.y * 3);
            darken(row_of(plane, y) + x, ink);
        }
    cairo_surface_destroy(rubber);
    side->damaged[DAMAGE_stamp] = true;
}

/* ---- holes, corners, edges --------------------------------------------------------------- */

static void hole(struct paper_side *side, struct point at, double radius)
{
    struct plane *plane = &side->plane;
    struct window w = window_of(plane, (struct rect){at.x - radius - 1, at.y - radius - 1, 2 * radius + 2, 2 * radius + 2});
    for (int y = w.y0; y < w.y1; y++)
        for (int x = w.x0; x < w.x1; x++) {
            struct point p = mm_of(plane, x, y);
            double far = hypot(p.x - at.x, p.y - at.y) - radius;
            if (far < 0) /* the shadow of the rim falls on one side */
                row_of(plane, y)[x] = (uint8_t)(side->background *
                                                (1 - 0.4 * exp(far / 0.25) * (p.y < at.y ? 1 : 0.3)));
        }
}

static void staple(struct paper_side *side, const struct sheet_fate *fate, struct random *r)
{
    struct plane *plane = &side->plane;
    double half = 6, sine = sin(fate->staple_angle), cosine = cos(fate->staple_angle);
    struct point c = {side_x(side, fate->staple_mm.x), fate->staple_mm.y};
    double mirror = side->back ? -1 : 1;
    for (int end = -1; end <= 1; end += 2) {
        struct point at = {c.x + mirror * end * half * cosine, c.y + end * half * sine};
        speck(side, at, 0.55, 0.75, r);
    }
    struct window w = window_of(plane, (struct rect){c.x - 8, c.y - 8, 16, 16});
    for (int y = w.y0; fate->staple == 2 && y < w.y1; y++)
        for (int x = w.x0; x < w.x1; x++) {
            struct point p = mm_of(plane, x, y);
            double u = mirror * (p.x - c.x) * cosine + (p.y - c.y) * sine;
            double v = -mirror * (p.x - c.x) * sine + (p.y - c.y) * cosine;
            if (fabs(u) < half && fabs(v) < 0.32) /* bright wire, dark flanks */
                row_of(plane, y)[x] = fabs(v) < 0.12 ? 215 : 60;
            else if (fabs(u) < half && v > 0 && v < 0.8)
                darken(row_of(plane, y) + x, 0.45 * (0.8 - v));
        }
    side->damaged[DAMAGE_staple] = true;
}

/* How deep a point lies in the corner's triangle: 1 at the corner, 0 on the line. */
static double in_corner(const struct lost_corner *lost, struct point p)
{
    double u = (p.x - lost->corner_mm.x) / lost->along_mm, v = (p.y - lost->corner_mm.y) / lost->down_mm;
    return 1 - u - v;
}

static void lose_corner(struct paper_side *side, const struct sheet_fate *fate, int which,
                        struct random *r)
{
    struct plane *plane = &side->plane;
    int corner = side_corner(side, fate->corner[which]);
    struct rect s = side->sheet_mm;
    bool right = corner == 1 || corner == 2, low = corner >= 2, torn = which == 0;
    struct lost_corner lost = {
        .corner_mm = {right ? s.x + s.w : s.x, low ? s.y + s.h : s.y},
        .along_mm = (right ? -1 : 1) * fate->corner_along_mm[which],
        .down_mm = (low ? -1 : 1) * fate->corner_down_mm[which],
        .flap_in_front = !torn && fate->folded_to_front != side->back};
    double reach = 2.2 * fmax(fabs(lost.along_mm), fabs(lost.down_mm)) + MARGIN_MM;
    double phase = random_between(r, 0, 999);
    double slope = hypot(1 / lost.along_mm, 1 / lost.down_mm); /* change of depth a mm */
    struct window w = window_of(plane, (struct rect){lost.corner_mm.x - reach, lost.corner_mm.y - reach, 2 * reach, 2 * reach});
    for (int y = w.y0; y < w.y1; y++)
        for (int x = w.x0; x < w.x1; x++) {
            struct point p = mm_of(plane, x, y);
            double depth_mm = in_corner(&lost, p) / slope;
            if (torn)
                depth_mm += 0.9 * smooth_noise(p.x / 1.7, p.y / 1.7 + phase) +
                            0.35 * smooth_noise(p.x * 2, p.y * 2 + phase);
            double height_mm = (1 / slope); /* of the triangle over its line */
            uint8_t *out = row_of(plane, y) + x;
            if (depth_mm > 0)
                *out = side->background;
            else if (torn && depth_mm > -0.5) /* the torn fibres are whiter than print and paper */
                *out = (uint8_t)(*out + (252 - *out) * 0.8);
            else if (lost.flap_in_front && depth_mm > -height_mm) {
                double u = (p.x - lost.corner_mm.x) / lost.along_mm - 1;
                double v = (p.y - lost.corner_mm.y) / lost.down_mm - 1;
                /* The flap is the triangle mirrored at the fold. For a corner folded at about 45
                 * degrees it ends at the two lines through the fold's ends. */
                if (u > 0 || v > 0)
                    continue;
                double edge = fmin(fmin(-u * fabs(lost.along_mm), -v * fabs(lost.down_mm)), -depth_mm);
                *out = edge < 0.25 ? (uint8_t)(side->paper * 0.6) : side->paper;
            } else if (!torn && depth_mm > -0.4)
                darken(out, 0.35 * (1 + depth_mm / 0.4));
        }
    if (side->lost_count < LOST_CORNERS_MAX)
        side->lost[side->lost_count++] = lost;
    side->damaged[torn ? DAMAGE_torn_corner : DAMAGE_folded_corner] = true;
}

/* Around the sheet lies the scanner's background, with a thin shadow at the edge. */
static void cut_edges(struct paper_side *side)
{
    struct plane *plane = &side->plane;
    struct rect s = side->sheet_mm;
    for (int y = 0; y < plane->height_px; y++) {
        uint8_t *row = row_of(plane, y);
        double out_y = fmax(s.y - mm_of(plane, 0, y).y, mm_of(plane, 0, y).y - s.y - s.h);
        int middle_from = (int)((s.x - plane->origin_mm.x) * plane->px_per_mm);
        int middle_to = (int)((s.x + s.w - plane->origin_mm.x) * plane->px_per_mm);
        for (int x = 0; x < plane->width_px; x++) {
            if (out_y < 0 && x == middle_from)
                x = middle_to > x ? middle_to : x;
            double px = mm_of(plane, x, y).x;
            double out = fmax(out_y, fmax(s.x - px, px - s.x - s.w));
            if (out > 0 && x < plane->width_px)
                row[x] = (uint8_t)(side->background * (1 - 0.45 * exp(-out / 0.18)));
        }
    }
}

bool paper_is_lost(const struct paper_side *side, struct point p)
{
    for (size_t i = 0; i < side->lost_count; i++) {
        double depth = in_corner(&side->lost[i], p);
        if (depth > -0.12 || (side->lost[i].flap_in_front && depth > -1.1 &&
                              fabs(p.x - side->lost[i].corner_mm.x) < fabs(side->lost[i].along_mm) * 1.05 &&
                              fabs(p.y - side->lost[i].corner_mm.y) < fabs(side->lost[i].down_mm) * 1.05))
            return true;
    }
    return false;
}

/* Whether there is nothing but paper in the eight pixels from `at` of four rows, two apart. */
static bool is_bare(const uint8_t *at, size_t width, uint64_t paper)
{
    uint64_t any = 0;
    for (size_t j = 0; j < 4; j++) {
        uint64_t eight;
        memcpy(&eight, at + 2 * j * width, 8);
        any |= eight ^ paper;
    }
    return any == 0;
}

void paper_show_through(struct paper_side *side, const struct paper_side *other, double strength)
{
    struct plane *plane = &side->plane;
    const struct plane *from = &other->plane;
    int share = (int)(strength * 256 + 0.5);
    if (share == 0)
        return;
    const uint64_t bare = other->paper * (UINT64_MAX / 255);
    /* Four pixels at a time, averaged over a spot: light spreads inside the paper. */
    for (int y = 0; y + 4 <= plane->height_px; y += 4) {
        double mm_y = plane->origin_mm.y + (y + 2) / plane->px_per_mm;
        int fy = (int)((mm_y - from->origin_mm.y) * from->px_per_mm);
        if (fy < 3 || fy + 3 >= from->height_px)
            continue;
        for (int x = 0; x + 4 <= plane->width_px; x += 4) {
            double mm_x = side->width_mm - (plane->origin_mm.x + (x + 2) / plane->px_per_mm);
            int fx = (int)((mm_x - from->origin_mm.x) * from->px_per_mm), sum = 0;
            if (fx < 3 || fx + 5 >= from->width_px ||
                is_bare(from->data + (size_t)(fy - 3) * (size_t)from->width_px + (size_t)(fx - 3),
                        (size_t)from->width_px, bare))
                continue;
            for (int j = -3; j <= 3; j += 2)
                for (int i = -3; i <= 3; i += 2)
                    sum += from->data[(size_t)(fy + j) * (size_t)from->width_px + (size_t)(fx + i)];
            int dark = (16 * other->paper - sum) * share >> 12;
            for (int j = 0; dark > 0 && j < 4; j++) {
                uint8_t *row = row_of(plane, y + j) + x;
                for (int i = 0; i < 4; i++)
                    row[i] = (uint8_t)(row[i] - row[i] * dark / 255);
            }
        }
    }
    side->damaged[DAMAGE_show_through] = strength > 0.01;
}

void paper_damage(struct paper_side *side, const struct sheet_fate *fate,
                  const struct mapping *m, const struct profile *profile, struct random *r)
{
    double size;
    specks(side, profile, r);
    for (int i = 0; i < FOLDS && fate->crease > 0; i++)
        if (m->fold_mm[i] > 0)
            crease(side, m->fold_mm[i], m->fold_tilt[i], fate->crease, r);
    for (int i = 0; i < FOLDS; i++)
        side->damaged[DAMAGE_fold_bend] = side->damaged[DAMAGE_fold_bend] || m->bend_mm[i] != 0;
    if (fate->coffee_mm > 0)
        coffee(side, (struct point){side_x(side, fate->coffee_at_mm.x), fate->coffee_at_mm.y},
               fate->coffee_mm, side->back ? 0.16 : 0.42);
    if (profile_happens(&size, &profile->paper_smudge_mm, r))
        smudge(side, size, r);
    if (fate->stamped && !side->back)
        stamp(side, fate->stamp_at_mm, fate->stamp_angle, r);
    if (fate->staple > 0)
        staple(side, fate, r);
    for (int i = -1; i <= 1 && fate->punched; i += 2) {
        hole(side, (struct point){side_x(side, 12), fate->punch_y_mm + 40.0 * i}, 2.75);
        side->damaged[DAMAGE_punch_holes] = true;
    }
    for (int which = 0; which < 2; which++)
        if (fate->corner[which] >= 0)
            lose_corner(side, fate, which, r);
    cut_edges(side);
}
