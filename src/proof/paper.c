/* Print on paper, and what paper goes through before it reaches the scanner. */
#include "proof/paper.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#define X(name) #name,
const char *const damage_names[DAMAGE_COUNT] = {DAMAGE_KINDS(X)};
#undef X

/* Room around the sheet, for its edge's shadow, mm. */
#define MARGIN_MM 3.0

static void corner_fate(struct sheet_fate *fate, int which, const struct draw *draw,
                        struct random *r)
{
    double size;
    bool happens = profile_happens(&size, draw, r);
    double favourite = random_unit(r); /* top left most: that is where people unstaple */
    fate->corner[which] = !happens ? -1 : favourite < 0.55 ? 0 : (int)random_below(r, 4);
    fate->corner_along_mm[which] = size * random_between(r, 0.7, 1.2);
    fate->corner_down_mm[which] = size * random_between(r, 0.7, 1.2);
}

struct sheet_fate sheet_fate_draw(const struct profile *profile, double width_mm, double height_mm,
                                  bool first_sheet, bool returned_punched, bool returned_stamped,
                                  struct random *r)
{
    struct sheet_fate fate = {.punched = returned_punched};
    double size;
    fate.grey = profile_draw(&profile->paper_grey, r);
    fate.texture = profile_draw(&profile->paper_texture, r);
    fate.faded = profile_draw(&profile->print_faded, r);
    fate.show_through = profile_draw(&profile->paper_show_through, r);
    fate.crease = profile_draw(&profile->paper_crease, r);
    corner_fate(&fate, 0, &profile->paper_torn_corner_mm, r);
    corner_fate(&fate, 1, &profile->paper_folded_corner_mm, r);
    fate.folded_to_front = random_chance(r, 0.5);
    fate.staple = profile_happens(&size, &profile->paper_staple, r) ? (random_chance(r, 0.7) ? 1 : 2) : 0;
    fate.staple_mm = (struct point){random_between(r, 5, 12), random_between(r, 5, 12)};
    fate.staple_angle = random_between(r, -1.2, 0.2);
    fate.punch_y_mm = height_mm / 2 + random_between(r, -6, 6);
    if (profile_happens(&size, &profile->paper_coffee_mm, r))
        fate.coffee_mm = size;
    fate.coffee_at_mm = (struct point){random_between(r, 0, width_mm), random_between(r, 0, height_mm)};
    fate.stamped = returned_stamped && first_sheet;
    fate.stamp_at_mm = (struct point){random_between(r, width_mm * 0.55, width_mm * 0.8),
                                      random_between(r, 15, 40)};
    fate.stamp_angle = random_between(r, -0.2, 0.2);
    return fate;
}

/* Front and back of one sheet are mirrored. */
static double side_x(const struct paper_side *side, double x)
{
    return side->back ? side->width_mm - x : x;
}

static int side_corner(const struct paper_side *side, int corner)
{
    static const int mirrored[4] = {1, 0, 3, 2};
    return side->back ? mirrored[corner] : corner;
}

/* From drawn grey to reflectance. Pixels at the edge of print are partly covered: a spreading toner
 * covers them more. */
static void levels(uint8_t table[256], const struct sheet_fate *fate)
{
    for (int i = 0; i < 256; i++) {
        double toner = (255 - i) / 255.0;
        toner += fate->gain * 4 * toner * (1 - toner);
        toner = fmin(fmax(toner, 0), 1) * (1 - fate->faded);
        table[i] = (uint8_t)(255 * fmin(fate->grey, 1) * (1 - 0.95 * toner) + 0.5);
    }
}

#define ROUGH 128

/* What raggedness adds to each pixel, of the drawn grey: a tile that repeats too far off to show. */
static void make_rough(int8_t tile[ROUGH * ROUGH], double rough, double px_per_mm)
{
    double step = 7.5 / px_per_mm; /* bumps of about an eighth of a mm */
    for (int y = 0; y < ROUGH; y++)
        for (int x = 0; x < ROUGH; x++)
            tile[y * ROUGH + x] = (int8_t)(fmin(rough, 1.1) * 70 * (smooth_noise(x * step, y * step) +
                                                         0.6 * smooth_noise(x * 2.3 * step, y * 2.3 * step)));
}

static void print_row(uint8_t *restrict to, const uint8_t *restrict from, int x0, int x1,
                      const uint8_t table[256], const int8_t *rough)
{
    for (int x = x0; x < x1; x++) {
        int level = from[x];
        if (level > 4 && level < 251) { /* the edge of something printed */
            level += rough[x & (ROUGH - 1)];
            level = level < 0 ? 0 : level > 255 ? 255 : level;
        }
        to[x] = table[level];
    }
}

struct paper_side paper_print(const struct plane *print, const struct sheet_fate *fate,
                              const struct mapping *m, bool back, uint8_t background)
{
    struct paper_side side = {.width_mm = m->width_mm, .height_mm = m->height_mm, .back = back,
                              .background = background};
    side.sheet_mm = (struct rect){
        (-m->print_shift_mm.x - m->width_mm / 2) / m->print_scale + m->width_mm / 2,
        (-m->print_shift_mm.y - m->height_mm / 2) / m->print_scale + m->height_mm / 2,
        m->width_mm / m->print_scale, m->height_mm / m->print_scale};
    struct rect all = rect_grow(side.sheet_mm, MARGIN_MM);
    double k = print->px_per_mm;
    int left = (int)ceil(-all.x * k), top = (int)ceil(-all.y * k);
    side.plane = (struct plane){.px_per_mm = k, .width_px = (int)ceil(all.w * k) + 2,
                                .height_px = (int)ceil(all.h * k) + 2,
                                .origin_mm = {-left / k, -top / k}};
    size_t size = (size_t)side.plane.width_px * (size_t)side.plane.height_px;
    side.plane.data = g_malloc(size);
    uint8_t table[256];
    int8_t rough[ROUGH * ROUGH];
    levels(table, fate);
    make_rough(rough, fate->rough, k);
    side.paper = table[255];
    memset(side.plane.data, side.paper, size);
    side.damaged[DAMAGE_faded_print] = fate->faded > 0.01;
    side.damaged[DAMAGE_grey_paper] = fate->grey < 0.9;
    for (int y = 0; y < print->height_px; y++) {
        int py = y + top, x0 = left < 0 ? -left : 0;
        int x1 = print->width_px < side.plane.width_px - left ? print->width_px
                                                              : side.plane.width_px - left;
        if (py < 0 || py >= side.plane.height_px)
            continue;
        const uint8_t *from = print->data + (size_t)y * (size_t)print->width_px;
        uint8_t *to = side.plane.data + (size_t)py * (size_t)side.plane.width_px + left;
        print_row(to, from, x0, x1, table, rough + (y & (ROUGH - 1)) * ROUGH);
    }
    return side;
}

/* ---- small helpers on the plane ---------------------------------------------------------- */

struct window {
    int x0, y0, x1, y1;
};

static struct window window_of(const struct plane *plane, struct rect mm)
{
    double k = plane->px_per_mm;
    struct window w = {(int)floor((mm.x - plane->origin_mm.x) * k),
                       (int)floor((mm.y - plane->origin_mm.y) * k),
                       (int)ceil((mm.x + mm.w - plane->origin_mm.x) * k),
                       (int)ceil((mm.y + mm.h - plane->origin_mm.y) * k)};
    w.x0 = w.x0 < 0 ? 0 : w.x0;
    w.y0 = w.y0 < 0 ? 0 : w.y0;
    w.x1 = w.x1 > plane->width_px ? plane->width_px : w.x1;
    w.y1 = w.y1 > plane->height_px ? plane->height_px : w.y1;
    return w;
}

static uint8_t *row_of(struct plane *plane, int y)
{
    return plane->data + (size_t)y * (size_t)plane->width_px;
}

static struct point mm_of(const struct plane *plane, int x, int y)
{
    return (struct point){plane->origin_mm.x + (x + 0.5) / plane->px_per_mm,
                          plane->origin_mm.y + (y + 0.5) / plane->px_per_mm};
}

static void darken(uint8_t *pixel, double share)
{
    *pixel = (uint8_t)(*pixel * (1 - fmin(fmax(share, 0), 1)) + 0.5);
}

/* ---- the print --------------------------------------------------------------------------- */

static void fade_band(struct paper_side *side, double x_mm, double width_mm, double depth)
{
    struct plane *plane = &side->plane;
    struct window w = window_of(plane, (struct rect){x_mm - width_mm, 0, 2 * width_mm, side->height_mm});
    for (int x = w.x0; x < w.x1; x++) {
        double far = (mm_of(plane, x, 0).x - x_mm) / width_mm * 2;
        int keep = (int)(256 * (1 - depth * exp(-far * far)));
        for (int y = w.y0; y < w.y1; y++) {
            uint8_t *p = row_of(plane, y) + x;
            *p = (uint8_t)(255 - ((255 - *p) * keep >> 8));
        }
    }
    side->damaged[DAMAGE_faded_band] = true;
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

static void crease(struct paper_side *side, double y_mm, double tilt, double depth, struct random *r)
{
    struct plane *plane = &side->plane;
    double phase = random_between(r, 0, 999);
    double ridge = random_chance(r, 0.5) ? 1 : -1; /* lit from one side: dark and light flank */
    struct window w = window_of(plane, (struct rect){-20, y_mm - 4, side->width_mm + 40, 8});
    for (int x = w.x0; x < w.x1; x++) {
        double mm_x = mm_of(plane, x, 0).x;
        double line = y_mm + tilt * (mm_x - side->width_mm / 2) + 0.25 * smooth_noise(mm_x / 14, phase);
        double strength = depth * (0.65 + 0.5 * smooth_noise(mm_x / 5, phase + 5));
        for (int y = w.y0; y < w.y1; y++) {
            double far = mm_of(plane, x, y).y - line;
            double shade = strength * (exp(-far * far / 0.02) + 0.3 * ridge * far * exp(-far * far / 1.2));
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

/* A date stamp of the mail room: a frame, lines of type, badly inked. */
static void stamp(struct paper_side *side, struct point at, double angle, struct random *r)
{
    struct plane *plane = &side->plane;
    double phase = random_between(r, 0, 999), half_w = 17, half_h = 8;
    struct window w = window_of(plane, (struct rect){at.x - 20, at.y - 14, 40, 28});
    for (int y = w.y0; y < w.y1; y++)
        for (int x = w.x0; x < w.x1; x++) {
            struct point p = mm_of(plane, x, y);
            double u = (p.x - at.x) * cos(angle) + (p.y - at.y) * sin(angle);
            double v = -(p.x - at.x) * sin(angle) + (p.y - at.y) * cos(angle);
            double edge = fmin(half_w - fabs(u), half_h - fabs(v));
            bool frame = edge > 0 && edge < 0.5;
            /* Type, as a blur of uprights: nobody reads it. */
            double line = fmod(v + 20, 4.4);
            bool type = edge > 1.6 && line > 1.2 && line < 3.7 &&
                        smooth_noise(floor(u / 0.45) * 7.3 + phase, floor(line / 0.8) * 3.1) > 0.05 &&
                        fmod(u + 40, 2.1) > 0.5;
            if (frame || type)
                darken(row_of(plane, y) + x,
                       0.55 + 0.35 * smooth_noise(p.x * 1.5, p.y * 1.5 + phase));
        }
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

void paper_show_through(struct paper_side *side, const struct paper_side *other, double strength)
{
    struct plane *plane = &side->plane;
    const struct plane *from = &other->plane;
    int share = (int)(strength * 256 + 0.5);
    if (share == 0)
        return;
    /* Four pixels at a time, averaged over a spot: light spreads inside the paper. */
    for (int y = 0; y + 4 <= plane->height_px; y += 4) {
        double mm_y = plane->origin_mm.y + (y + 2) / plane->px_per_mm;
        int fy = (int)((mm_y - from->origin_mm.y) * from->px_per_mm);
        if (fy < 3 || fy + 3 >= from->height_px)
            continue;
        for (int x = 0; x + 4 <= plane->width_px; x += 4) {
            double mm_x = side->width_mm - (plane->origin_mm.x + (x + 2) / plane->px_per_mm);
            int fx = (int)((mm_x - from->origin_mm.x) * from->px_per_mm), sum = 0;
            if (fx < 3 || fx + 3 >= from->width_px)
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
    if (fate->band_width_mm > 0)
        fade_band(side, side_x(side, fate->band_x_mm), fate->band_width_mm, 0.6);
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
