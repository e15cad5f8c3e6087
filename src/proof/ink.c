/* Strokes: curves with pressure and tremor, and the ink that they leave on paper. */
#include "proof/ink.h"

#include <glib.h>
#include <math.h>
#include <string.h>

static double lattice(int x, int y)
{
    uint32_t h = (uint32_t)x * 0x8da6b343u ^ (uint32_t)y * 0xd8163841u;
    h = (h ^ (h >> 13)) * 0x9e3779b1u;
    h ^= h >> 15;
    return (double)h / 2147483648.0 - 1;
}

double smooth_noise(double x, double y)
{
    double fx = floor(x), fy = floor(y), u = x - fx, v = y - fy;
    int ix = (int)fx, iy = (int)fy;
    u = u * u * (3 - 2 * u);
    v = v * v * (3 - 2 * v);
    double top = lattice(ix, iy) * (1 - u) + lattice(ix + 1, iy) * u;
    double low = lattice(ix, iy + 1) * (1 - u) + lattice(ix + 1, iy + 1) * u;
    return top * (1 - v) + low * v;
}

struct pen_tool pen_choose(const struct profile *profile, struct random *r)
{
    struct pen_tool pen = {.kind = (enum pen_kind)random_weighted(r, profile->pens, PEN_COUNT)};
    pen.blue = random_chance(r, 0.45);
    double width = random_unit(r), tone = random_unit(r);
    switch (pen.kind) {
    case PEN_gel:
        pen.width_mm = 0.35 + 0.35 * width;
        pen.darkness = 0.82 + 0.13 * tone;
        break;
    case PEN_pencil:
        pen.width_mm = 0.35 + 0.4 * width;
        pen.darkness = 0.42 + 0.36 * tone;
        pen.blue = false;
        break;
    case PEN_felt:
        pen.width_mm = 0.5 + 0.7 * width;
        pen.darkness = 0.84 + 0.12 * tone;
        break;
    default:
        pen.width_mm = 0.3 + 0.2 * width;
        pen.darkness = 0.72 + 0.18 * tone;
    }
    if (pen.blue) /* a grey scan sees blue ink lighter than black */
        pen.darkness *= 0.84;
    return pen;
}

void drawing_release(struct drawing *drawing)
{
    g_free(drawing->points);
    g_free(drawing->strokes);
    *drawing = (struct drawing){0};
}

void drawing_begin(struct drawing *drawing, size_t owner)
{
    if (drawing->stroke_count == drawing->stroke_capacity) {
        drawing->stroke_capacity = drawing->stroke_capacity * 2 + 64;
        drawing->strokes = g_renew(struct stroke, drawing->strokes, drawing->stroke_capacity);
    }
    drawing->strokes[drawing->stroke_count++] =
        (struct stroke){.first = drawing->point_count, .owner = owner, .fade = 1};
}

void drawing_point(struct drawing *drawing, struct point mm, double pressure)
{
    if (drawing->point_count == drawing->point_capacity) {
        drawing->point_capacity = drawing->point_capacity * 2 + 1024;
        drawing->points = g_renew(struct stroke_point, drawing->points, drawing->point_capacity);
    }
    drawing->points[drawing->point_count++] =
        (struct stroke_point){(float)mm.x, (float)mm.y, (float)pressure};
    drawing->strokes[drawing->stroke_count - 1].count++;
}

static struct point spline(const struct point *p, size_t count, size_t i, double t)
{
    struct point a = p[i == 0 ? 0 : i - 1], b = p[i], c = p[i + 1],
                 d = p[i + 2 < count ? i + 2 : count - 1];
    double t2 = t * t, t3 = t2 * t;
    double wa = -t3 + 2 * t2 - t, wb = 3 * t3 - 5 * t2 + 2, wc = -3 * t3 + 4 * t2 + t,
           wd = t3 - t2;
    return (struct point){(wa * a.x + wb * b.x + wc * c.x + wd * d.x) / 2,
                          (wa * a.y + wb * b.y + wc * c.y + wd * d.y) / 2};
}

void drawing_curve(struct drawing *drawing, size_t owner, const struct hand *hand,
                   struct random *r, const struct point *mm, size_t count, bool flick)
{
    double length = 0, walked = 0;
    for (size_t i = 1; i < count; i++)
        length += hypot(mm[i].x - mm[i - 1].x, mm[i].y - mm[i - 1].y);
    double phase = random_between(r, 0, 1000), press = random_between(r, 0.85, 1.15);
    double put_down = random_between(r, 0.55, 1.05), lifted = flick ? 0.25 : 0.7;
    drawing_begin(drawing, owner);
    for (size_t i = 0; i + 1 < count; i++) {
        double part = hypot(mm[i + 1].x - mm[i].x, mm[i + 1].y - mm[i].y);
        size_t steps = part < 1e-6 ? 0 : (size_t)(part / 0.15) + 2;
        for (size_t s = 0; s < steps; s++) {
            double t = (double)s / (double)steps, along = walked + t * part;
            struct point p = spline(mm, count, i, t);
            /* A shake of the hand (about one a mm and a half) on a slow drift. */
            p.x += hand->tremor_mm * (smooth_noise(along / 1.5, phase) +
                                      0.5 * smooth_noise(along / 0.5, phase + 7));
            p.y += hand->tremor_mm * (smooth_noise(along / 1.5, phase + 31) +
                                      0.5 * smooth_noise(along / 0.5, phase + 57));
            double start = fmin(1, along / 0.6), end = fmin(1, (length - along) / (flick ? 2.5 : 0.5));
            double pressure = press * (put_down + (1 - put_down) * start) *
                              (lifted + (1 - lifted) * fmax(end, 0));
            pressure *= 1 + 0.15 * smooth_noise(along / 2, phase + 91);
            if (part > 1e-6)
                pressure *= 1 + hand->contrast * (mm[i + 1].y - mm[i].y) / part;
            drawing_point(drawing, p, pressure * hand->heaviness);
        }
        walked += part;
    }
    drawing_point(drawing, mm[count - 1], press * lifted * hand->heaviness);
}

static double stroke_radius(const struct pen_tool *pen, double pressure)
{
    double soft = pen->kind == PEN_felt ? 0.35 : pen->kind == PEN_pencil ? 0.4 : 0.25;
    return pen->width_mm / 2 * (1 - soft + soft * fmin(fmax(pressure, 0), 1.4));
}

static struct rect stroke_bounds(const struct drawing *drawing, const struct stroke *stroke,
                                 const struct pen_tool *pen)
{
    double x0 = 1e9, y0 = 1e9, x1 = -1e9, y1 = -1e9;
    for (size_t i = 0; i < stroke->count; i++) {
        const struct stroke_point *p = &drawing->points[stroke->first + i];
        x0 = fmin(x0, p->x_mm);
        y0 = fmin(y0, p->y_mm);
        x1 = fmax(x1, p->x_mm);
        y1 = fmax(y1, p->y_mm);
    }
    double grow = pen->width_mm * 0.7 + 0.15;
    return (struct rect){x0 - grow, y0 - grow, x1 - x0 + 2 * grow, y1 - y0 + 2 * grow};
}

/* A small picture of ink, 0 to 1 a pixel, and the part of it that a rectangle covers. */
struct patch {
    float *ink;
    int x0, y0, width, height;
};

/* Ink of one straight piece: pieces of one stroke do not darken each other, so the most counts. */
static void ink_piece(struct patch *patch, struct point a, struct point b, double ra, double rb,
                      double ink_a, double ink_b)
{
    double rmax = fmax(ra, rb) + 1;
    int x0 = (int)fmax(floor(fmin(a.x, b.x) - rmax) - patch->x0, 0);
    int y0 = (int)fmax(floor(fmin(a.y, b.y) - rmax) - patch->y0, 0);
    int x1 = (int)fmin(ceil(fmax(a.x, b.x) + rmax) - patch->x0, patch->width - 1);
    int y1 = (int)fmin(ceil(fmax(a.y, b.y) + rmax) - patch->y0, patch->height - 1);
    double dx = b.x - a.x, dy = b.y - a.y, norm = dx * dx + dy * dy;
    for (int y = y0; y <= y1; y++)
        for (int x = x0; x <= x1; x++) {
            double px = x + patch->x0 + 0.5 - a.x, py = y + patch->y0 + 0.5 - a.y;
            double t = norm > 0 ? fmin(fmax((px * dx + py * dy) / norm, 0), 1) : 0;
            double ex = px - t * dx, ey = py - t * dy, r = ra + t * (rb - ra);
            double square = ex * ex + ey * ey;
            if (square >= (r + 0.5) * (r + 0.5))
                continue;
            double cover = fmin(r + 0.5 - sqrt(square), fmin(1, 2 * r));
            float ink = (float)(cover * (ink_a + t * (ink_b - ink_a)));
            float *here = &patch->ink[y * patch->width + x];
            if (ink > *here)
                *here = ink;
        }
}

/* How much ink the point of the pen gives here: a ball skips, and starts with a blob. */
static double flow(const struct pen_tool *pen, double pressure, double along_mm, double phase)
{
    double press = fmin(fmax(pressure, 0), 1.3);
    switch (pen->kind) {
    case PEN_ball: {
        double skip = smooth_noise(along_mm / 0.9, phase) + 0.5 * smooth_noise(along_mm / 0.25, phase + 3);
        double ink = 0.62 + 0.38 * press + 0.1 * smooth_noise(along_mm / 0.3, phase + 9);
        return skip < -0.85 ? ink * 0.45 : fmin(ink, 1.1);
    }
    case PEN_pencil:
        return 0.35 + 0.65 * press;
    case PEN_gel:
        return 0.9 + 0.1 * press;
    default:
        return 0.88 + 0.12 * fmin(press, 1);
    }
}

/* Pencil lies on the grain of the paper; ball point leaves its hollows white; ink sinks in. */
static double grain(const struct pen_tool *pen, double x_mm, double y_mm)
{
    double fine = smooth_noise(x_mm * 9, y_mm * 9);
    if (pen->kind == PEN_pencil)
        return fmin(fmax(0.82 + 0.5 * smooth_noise(x_mm * 15, y_mm * 15) + 0.22 * fine, 0.15), 1.15);
    if (pen->kind == PEN_ball)
        return fmin(0.96 + 0.3 * fine + 0.12 * smooth_noise(x_mm * 3, y_mm * 3), 1.07);
    return 1 + 0.05 * fine;
}

/* Pours the patch over the paper. */
static void soak(struct plane *plane, const struct patch *patch, const struct pen_tool *pen,
                 double fade)
{
    for (int y = 0; y < patch->height; y++) {
        int py = y + patch->y0;
        if (py < 0 || py >= plane->height_px)
            continue;
        for (int x = 0; x < patch->width; x++) {
            int px = x + patch->x0;
            double ink = (double)patch->ink[y * patch->width + x];
            if (ink <= 0.004 || px < 0 || px >= plane->width_px)
                continue;
            double mm_x = plane->origin_mm.x + px / plane->px_per_mm;
            double mm_y = plane->origin_mm.y + py / plane->px_per_mm;
            uint8_t *out = &plane->data[(size_t)py * (size_t)plane->width_px + (size_t)px];
            double left = 1 - fmin(ink * grain(pen, mm_x, mm_y) * pen->darkness * fade, 0.97);
            *out = (uint8_t)(*out * left + 0.5);
        }
    }
}

static void ink_stroke(struct patch *patch, const struct drawing *drawing,
                       const struct stroke *stroke, const struct pen_tool *pen,
                       struct point origin_mm, double px_per_mm, double phase)
{
    struct point last = {0, 0};
    double last_radius = 0, last_ink = 0, along = 0;
    for (size_t i = 0; i < stroke->count; i++) {
        const struct stroke_point *p = &drawing->points[stroke->first + i];
        struct point here = {((double)p->x_mm - origin_mm.x) * px_per_mm,
                             ((double)p->y_mm - origin_mm.y) * px_per_mm};
        double radius = stroke_radius(pen, (double)p->pressure) * px_per_mm;
        if (i > 0)
            along += hypot(here.x - last.x, here.y - last.y) / px_per_mm;
        radius *= 1 + 0.12 * smooth_noise(along / 0.22, phase + 21); /* the line is not ruled */
        double ink = flow(pen, (double)p->pressure, along, phase);
        if (i == 0 && pen->kind == PEN_ball)
            ink = fmin(ink * 1.15, 1.1);
        if (i > 0 || stroke->count == 1)
            ink_piece(patch, i > 0 ? last : here, here, i > 0 ? last_radius : radius, radius,
                      i > 0 ? last_ink : ink, ink);
        last = here;
        last_radius = radius;
        last_ink = ink;
    }
}

void drawing_ink(struct plane *plane, const struct drawing *drawing, const struct pen_tool *pen,
                 struct random *r)
{
    float *memory = NULL;
    size_t room = 0;
    for (size_t s = 0; s < drawing->stroke_count; s++) {
        const struct stroke *stroke = &drawing->strokes[s];
        struct rect b = stroke_bounds(drawing, stroke, pen);
        double k = plane->px_per_mm;
        struct patch patch = {.x0 = (int)floor((b.x - plane->origin_mm.x) * k),
                              .y0 = (int)floor((b.y - plane->origin_mm.y) * k),
                              .width = (int)ceil(b.w * k) + 1,
                              .height = (int)ceil(b.h * k) + 1};
        size_t need = (size_t)patch.width * (size_t)patch.height;
        if (need > room) {
            room = need;
            memory = g_renew(float, memory, room);
        }
        memset(memory, 0, need * sizeof *memory);
        patch.ink = memory;
        ink_stroke(&patch, drawing, stroke, pen, plane->origin_mm, k, random_between(r, 0, 900));
        soak(plane, &patch, pen, stroke->fade);
    }
    g_free(memory);
}

#define COVER_SIDE 64

double drawing_cover(const struct drawing *drawing, const struct pen_tool *pen, struct rect mm,
                     size_t owner, bool others)
{
    float ink[COVER_SIDE * COVER_SIDE] = {0};
    double k = COVER_SIDE / fmax(mm.w, mm.h);
    int width = (int)(mm.w * k + 0.5), height = (int)(mm.h * k + 0.5);
    struct patch patch = {.ink = ink, .width = width < 1 ? 1 : width, .height = height < 1 ? 1 : height};
    bool any = false;
    for (size_t s = 0; s < drawing->stroke_count; s++) {
        const struct stroke *stroke = &drawing->strokes[s];
        if ((stroke->owner == owner) == others || stroke->fade < RUBBED_OUT ||
            !rect_overlap(stroke_bounds(drawing, stroke, pen), mm))
            continue;
        any = true;
        ink_stroke(&patch, drawing, stroke, pen, (struct point){mm.x, mm.y}, k, 0);
    }
    double sum = 0;
    for (int i = 0; any && i < patch.width * patch.height; i++)
        sum += ink[i] > 0.3f ? 1 : 0;
    return sum / (patch.width * patch.height);
}
