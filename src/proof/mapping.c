/* The geometry of print, fold and feed: exact both ways. */
#include "proof/mapping.h"

#include <math.h>

#define DEGREES (3.14159265358979323846 / 180)

struct sheet_shape sheet_shape_draw(const struct profile *profile, double height_mm,
                                    struct random *r)
{
    struct sheet_shape shape = {.print_scale = profile_draw(&profile->print_scale, r)};
    shape.print_shift_mm.x = profile_draw(&profile->print_shift_mm, r);
    shape.print_shift_mm.y = profile_draw(&profile->print_shift_mm, r);
    double bend;
    bool bends = profile_happens(&bend, &profile->paper_fold_bend_mm, r);
    bool in_three = random_chance(r, 0.6);
    for (int i = 0; i < FOLDS; i++) {
        double share = in_three ? (i + 1) / 3.0 : 0.5;
        shape.fold_mm[i] = height_mm * share + random_between(r, -4, 4);
        shape.fold_tilt[i] = random_between(r, -0.01, 0.01);
        shape.bend_mm[i] = bends && (in_three || i == 0) ? bend * random_between(r, -0.4, 1) : 0;
    }
    if (!in_three)
        shape.fold_mm[1] = -1000;
    double size;
    shape.turn = profile_happens(&size, &profile->stack_upside_down, r) ? 2 : 0;
    if (profile_happens(&size, &profile->stack_sideways, r))
        shape.turn = random_chance(r, 0.5) ? 1 : 3;
    shape.skew = profile_draw(&profile->scanner_skew_deg, r) * DEGREES;
    shape.feed_stretch = profile_draw(&profile->scanner_feed_stretch, r);
    shape.width_stretch = profile_draw(&profile->scanner_width_stretch, r);
    shape.shear = profile_draw(&profile->scanner_shear, r);
    return shape;
}

static void draw_wobble(struct mapping *m, const struct profile *profile, struct random *r)
{
    double size = profile_draw(&profile->scanner_wobble_mm, r);
    for (int i = 0; i < WAVES; i++) {
        m->wave_length_mm[i] = random_between(r, 35, 160) / (i + 1);
        m->wave_phase[i] = random_between(r, 0, 6.283);
        m->wave_mm[i] = size * random_between(r, 0.2, 0.6) / (i + 1);
        m->sway_mm[i] = 0.5 * size * random_between(r, -0.5, 0.5) / (i + 1);
    }
}

struct mapping mapping_draw(const struct profile *profile, const struct sheet_shape *shape,
                            bool back, double width_mm, double height_mm, double x_dpi,
                            double y_dpi, struct random *r)
{
    double mirror = back ? -1 : 1;
    struct mapping m = {.width_mm = width_mm, .height_mm = height_mm, .x_dpi = x_dpi, .y_dpi = y_dpi};
    m.print_scale = shape->print_scale;
    m.print_shift_mm.x = mirror * shape->print_shift_mm.x + (back ? random_between(r, -0.3, 0.3) : 0);
    m.print_shift_mm.y = shape->print_shift_mm.y;
    for (int i = 0; i < FOLDS; i++) {
        m.fold_mm[i] = shape->fold_mm[i];
        m.fold_tilt[i] = mirror * shape->fold_tilt[i];
        m.bend_mm[i] = mirror * shape->bend_mm[i];
    }
    /* Both sides go past their cameras at once: the skew of the back is the front's, mirrored. */
    m.turn = back && shape->turn % 2 == 1 ? 4 - shape->turn : shape->turn;
    m.skew = mirror * shape->skew;
    m.shear = mirror * shape->shear;
    m.feed_stretch = shape->feed_stretch;
    m.width_stretch = shape->width_stretch;
    draw_wobble(&m, profile, r);
    double lost, over = profile_draw(&profile->scanner_overscan_mm, r);
    if (profile_happens(&lost, &profile->scanner_lost_lines, r))
        for (int i = 0; i < (int)(lost + 0.5) && i < LOST_LINES_MAX; i++) {
            m.lost_at_mm[m.lost_count] = random_between(r, 10, height_mm - 10);
            m.lost_mm[m.lost_count++] = MM_PER_INCH / y_dpi * (1 + (double)random_below(r, 3));
        }
    m.offset_mm.x = over + profile_draw(&profile->scanner_offset_mm, r) * 0.5;
    m.offset_mm.y = over + profile_draw(&profile->scanner_offset_mm, r);
    double wide = m.turn % 2 == 1 ? height_mm : width_mm, high = m.turn % 2 == 1 ? width_mm : height_mm;
    m.width_px = (int)((wide + 2 * over) / MM_PER_INCH * x_dpi + 0.5);
    m.height_px = (int)((high + 2 * over) / MM_PER_INCH * y_dpi * (1 + m.feed_stretch) + 0.5);
    return m;
}

/* From the sheet as it lies on the glass to the sheet as it is read upright. */
static struct point turn_back(const struct mapping *m, struct point p)
{
    switch (m->turn) {
    case 1:
        return (struct point){p.y, m->height_mm - p.x};
    case 2:
        return (struct point){m->width_mm - p.x, m->height_mm - p.y};
    case 3:
        return (struct point){m->width_mm - p.y, p.x};
    default:
        return p;
    }
}

struct mapping_row mapping_row_at(const struct mapping *m, double y_px)
{
    double x = 0, y = y_px / m->y_dpi * MM_PER_INCH, feed = y;
    for (size_t i = 0; i < m->lost_count; i++)
        if (feed > m->lost_at_mm[i])
            y += m->lost_mm[i];
    y /= 1 + m->feed_stretch;
    for (int i = 0; i < WAVES; i++) {
        if (m->wave_length_mm[i] <= 0)
            continue;
        double angle = feed * 6.28318530717959 / m->wave_length_mm[i] + m->wave_phase[i];
        y += m->wave_mm[i] * sin(angle);
        x += m->sway_mm[i] * cos(angle);
    }
    bool side = m->turn % 2 == 1;
    double wide = side ? m->height_mm : m->width_mm, high = side ? m->width_mm : m->height_mm;
    return (struct mapping_row){.x_mm = x - m->offset_mm.x - wide / 2,
                                .y_mm = y - m->offset_mm.y - high / 2,
                                .step_mm = MM_PER_INCH / m->x_dpi / (1 + m->width_stretch),
                                .cosine = cos(m->skew),
                                .sine = sin(m->skew)};
}

struct point mapping_row_to_form(const struct mapping *m, const struct mapping_row *row,
                                 double x_px)
{
    bool side = m->turn % 2 == 1;
    double wide = side ? m->height_mm : m->width_mm, high = side ? m->width_mm : m->height_mm;
    double x = row->x_mm + x_px * row->step_mm + m->shear * row->y_mm, y = row->y_mm;
    struct point p = {x * row->cosine + y * row->sine + wide / 2,
                      -x * row->sine + y * row->cosine + high / 2};
    p = turn_back(m, p);
    for (int i = 0; i < FOLDS; i++)
        if (m->bend_mm[i] != 0)
            p.y += m->bend_mm[i] / 2 *
                   tanh((p.y - m->fold_mm[i] - m->fold_tilt[i] * (p.x - m->width_mm / 2)) / 6);
    return (struct point){
        (p.x - m->print_shift_mm.x - m->width_mm / 2) / m->print_scale + m->width_mm / 2,
        (p.y - m->print_shift_mm.y - m->height_mm / 2) / m->print_scale + m->height_mm / 2};
}

struct point mapping_to_form(const struct mapping *m, struct point px)
{
    struct mapping_row row = mapping_row_at(m, px.y);
    return mapping_row_to_form(m, &row, px.x);
}

struct point mapping_to_px(const struct mapping *m, struct point form_mm)
{
    /* Newton's method; the slope, which hardly changes, is measured at the first two steps over a
     * way longer than any lost line. */
    struct point px = {m->width_px / 2.0, m->height_px / 2.0};
    double a = 1, b = 0, c = 0, d = 1;
    for (int step = 0; step < 30; step++) {
        struct point here = mapping_to_form(m, px);
        double ex = form_mm.x - here.x, ey = form_mm.y - here.y, h = 40;
        if (fabs(ex) < 1e-6 && fabs(ey) < 1e-6)
            break;
        if (step < 2) {
            struct point right = mapping_to_form(m, (struct point){px.x + h, px.y});
            struct point below = mapping_to_form(m, (struct point){px.x, px.y + h});
            a = (right.x - here.x) / h, b = (below.x - here.x) / h;
            c = (right.y - here.y) / h, d = (below.y - here.y) / h;
        }
        double det = a * d - b * c;
        px.x += (d * ex - b * ey) / det;
        px.y += (a * ey - c * ex) / det;
    }
    return px;
}

struct transform mapping_affine(const struct mapping *m, double *worst_mm)
{
    struct point from[63], to[63];
    size_t count = 0;
    for (int y = 0; y < 9; y++)
        for (int x = 0; x < 7; x++) {
            from[count] = (struct point){m->width_mm * x / 6, m->height_mm * y / 8};
            to[count] = mapping_to_px(m, from[count]);
            count++;
        }
    struct transform out = transform_identity();
    transform_fit_affine(&out, from, to, NULL, count);
    *worst_mm = 0;
    for (size_t i = 0; i < count; i++) {
        struct point p = transform_apply(&out, from[i]);
        *worst_mm = fmax(*worst_mm, hypot((p.x - to[i].x) / m->x_dpi, (p.y - to[i].y) / m->y_dpi) *
                                        MM_PER_INCH);
    }
    return out;
}
