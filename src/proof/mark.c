/* The marks that people make: each is a few curves whose size and place follow the hand. */
#include "proof/mark.h"

#include <math.h>

#define X(name) #name,
const char *const mark_kind_names[MARK_KIND_COUNT] = {MARK_KINDS(X)};
#undef X

struct maker {
    struct drawing *drawing;
    size_t owner;
    const struct hand *hand;
    const struct pen_tool *pen;
    struct random *r;
    double sloppy; /* 0 to 1 */
};

static double side_of(struct rect box)
{
    return fmin(box.w, box.h);
}

/* Where the mark comes to lie: near the middle, farther off in a sloppy hand. */
static struct point aim(const struct maker *m, struct rect box)
{
    struct point c = rect_centre(box);
    double miss = side_of(box) * (0.05 + 0.16 * m->sloppy);
    return (struct point){c.x + miss * random_normal(m->r), c.y + miss * random_normal(m->r)};
}

static void curve(const struct maker *m, const struct point *p, size_t count, bool flick)
{
    drawing_curve(m->drawing, m->owner, m->hand, m->r, p, count, flick);
}

static void draw_tick(const struct maker *m, struct rect box, double room)
{
    struct point c = aim(m, box);
    double s = fmin(side_of(box), 5) * random_between(m->r, 0.75, 1.15 + 0.35 * m->sloppy);
    double reach = fmin(random_between(m->r, 0.55, 1.0 + 0.9 * m->sloppy) * s, fmax(room, s * 0.6));
    double lean = random_between(m->r, 0.6, 1.1);
    struct point p[] = {
        {c.x - 0.42 * s, c.y + random_between(m->r, -0.12, 0.1) * s},
        {c.x - 0.24 * s, c.y + 0.14 * s},
        {c.x - 0.1 * s, c.y + 0.36 * s},
        {c.x - 0.1 * s, c.y + 0.36 * s},
        {c.x + 0.2 * s * lean, c.y - 0.1 * s},
        {c.x + reach * lean, c.y - reach},
    };
    curve(m, p, sizeof p / sizeof *p, true);
}

static void draw_cross(const struct maker *m, struct rect box)
{
    struct point c = aim(m, box);
    double half = side_of(box) / 2 * random_between(m->r, 0.68, 1.0 + 0.5 * m->sloppy);
    for (int arm = 0; arm < 2; arm++) {
        double way = arm == 0 ? 1 : -1;
        double stray = side_of(box) * (0.04 + 0.1 * m->sloppy);
        double bow = half * 0.12 * random_normal(m->r);
        struct point p[3];
        for (int i = 0; i < 3; i++) {
            double along = (i - 1) * half;
            p[i].x = c.x + way * along + stray * 0.6 * random_normal(m->r) + (i == 1 ? bow : 0);
            p[i].y = c.y + along + stray * 0.6 * random_normal(m->r) + (i == 1 ? bow * way : 0);
        }
        curve(m, p, 3, random_chance(m->r, 0.5));
    }
}

/* Zigzag lines until the box is covered, mostly. `extent` 1 = to the outline. */
static void draw_fill(const struct maker *m, const struct mark_place *place, double extent)
{
    struct rect box = place->box_mm;
    struct point c = rect_centre(box);
    if (place->round)
        extent *= 0.82;
    double half_x = box.w / 2 * extent, half_y = box.h / 2 * extent;
    double pitch = fmax(m->pen->width_mm * random_between(m->r, 0.6, 0.95 + 0.35 * m->sloppy), 0.2);
    double angle = random_between(m->r, -0.9, 0.9), cosine = cos(angle), sine = sin(angle);
    int lines = (int)(2 * (half_y * fabs(cosine) + half_x * fabs(sine)) / pitch) + 1;
    drawing_begin(m->drawing, m->owner);
    struct point last = {0, 0};
    for (int i = 0; i <= lines; i++) {
        double across = -(half_y * fabs(cosine) + half_x * fabs(sine)) + i * pitch;
        /* The ends of the hatch line: where it leaves the box (clipped on both axes). */
        for (int end = 0; end < 2; end++) {
            double way = (i + end) % 2 == 0 ? 1 : -1, reach = 0;
            for (double t = 0; t < half_x + half_y; t += 0.1) {
                double x = way * t * cosine - across * sine, y = way * t * sine + across * cosine;
                if (fabs(x) <= half_x && fabs(y) <= half_y)
                    reach = t;
            }
            reach += (0.06 + 0.16 * m->sloppy) * side_of(box) * random_normal(m->r);
            struct point p = {c.x + way * reach * cosine - across * sine,
                              c.y + way * reach * sine + across * cosine};
            double length = i + end > 0 ? hypot(p.x - last.x, p.y - last.y) : 0;
            for (double t = 0.3; t < length; t += 0.3)
                drawing_point(m->drawing,
                              (struct point){last.x + (p.x - last.x) * t / length,
                                             last.y + (p.y - last.y) * t / length},
                              random_between(m->r, 0.85, 1.15) * m->hand->heaviness);
            drawing_point(m->drawing, p, random_between(m->r, 0.8, 1.1) * m->hand->heaviness);
            last = p;
        }
    }
}

static void draw_ring(const struct maker *m, struct rect around)
{
    struct point p[16], c = rect_centre(around);
    double start = random_between(m->r, -2.6, -0.8), stray = 0.04 + 0.06 * m->sloppy;
    for (int i = 0; i < 16; i++) {
        double a = start - i * (6.9 / 15), far = 1 + stray * random_normal(m->r);
        p[i] = (struct point){c.x + around.w / 2 * far * cos(a), c.y + around.h / 2 * far * sin(a)};
    }
    curve(m, p, 16, true);
}

static void draw_scribble(const struct maker *m, struct rect box)
{
    struct point p[22], c = rect_centre(box);
    double wide = box.w * random_between(m->r, 0.55, 0.85), high = box.h * 0.6;
    for (int i = 0; i < 22; i++) {
        p[i].x = c.x + (i % 2 == 0 ? -1 : 1) * wide * random_between(m->r, 0.75, 1.15);
        p[i].y = c.y + high * (2 * random_unit(m->r) - 1);
    }
    curve(m, p, 22, false);
}

static void draw_dash(const struct maker *m, struct rect box)
{
    struct point c = aim(m, box);
    double half = side_of(box) * random_between(m->r, 0.3, 0.5 + 0.2 * m->sloppy);
    double tilt = random_between(m->r, -0.7, 0.25);
    struct point p[3] = {{c.x - half, c.y - half * tilt},
                         {c.x, c.y + 0.05 * half * random_normal(m->r)},
                         {c.x + half, c.y + half * tilt}};
    curve(m, p, 3, true);
}

static void draw_dot(const struct maker *m, struct rect box)
{
    struct point c = aim(m, box), p[6];
    double size = side_of(box) * random_between(m->r, 0.04, 0.14);
    for (int i = 0; i < 6; i++)
        p[i] = (struct point){c.x + size * random_normal(m->r), c.y + size * random_normal(m->r)};
    curve(m, p, 6, false);
}

static void draw_strike(const struct maker *m, struct rect label)
{
    double y = label.y + label.h * random_between(m->r, 0.4, 0.65);
    struct point p[4];
    for (int i = 0; i < 4; i++)
        p[i] = (struct point){label.x - 1 + (label.w + 2) * i / 3.0, y + 0.3 * random_normal(m->r)};
    curve(m, p, 4, true);
}

void mark_draw(struct drawing *drawing, size_t owner, enum mark_kind kind, const struct hand *hand,
               const struct pen_tool *pen, struct random *r, const struct mark_place *place)
{
    struct maker m = {drawing, owner, hand, pen, r, 1 - hand->neatness};
    struct rect box = place->box_mm, label = place->label_mm, beside = box;
    switch (kind) {
    case MARK_tick:
        draw_tick(&m, box, place->room_mm.y);
        break;
    case MARK_cross:
        draw_cross(&m, box);
        break;
    case MARK_fill:
        draw_fill(&m, place, random_between(r, 0.78, 0.95));
        break;
    case MARK_fill_to_withdraw:
        draw_fill(&m, place, random_between(r, 0.88, 1.05));
        if (random_chance(r, 0.6))
            draw_fill(&m, place, random_between(r, 0.85, 1.0));
        break;
    case MARK_scribble_out:
        draw_scribble(&m, box);
        draw_scribble(&m, box);
        break;
    case MARK_dash:
        draw_dash(&m, box);
        break;
    case MARK_dot:
        draw_dot(&m, box);
        break;
    case MARK_ring_label:
        if (label.w > 0) {
            draw_ring(&m, rect_grow(label, random_between(r, 0.8, 2.0)));
            break;
        }
        __attribute__((fallthrough)); /* nothing but the box to put a ring round */
    case MARK_ring_box:
        draw_ring(&m, rect_grow(box, random_between(r, 0.8, 1.8)));
        break;
    case MARK_tick_beside:
        beside.x += (random_chance(r, 0.6) ? 1 : -1) * (box.w + random_between(r, 0.8, 2.2));
        draw_tick(&m, beside, place->room_mm.y);
        break;
    case MARK_strike_label:
        draw_strike(&m, label.w > 0 ? label : rect_grow(box, 1));
        break;
    default:
        break;
    }
}

void mark_draw_between(struct drawing *drawing, size_t owner, enum mark_kind kind,
                       const struct hand *hand, const struct pen_tool *pen, struct random *r,
                       struct rect one_mm, struct rect other_mm)
{
    struct maker m = {drawing, owner, hand, pen, r, 1 - hand->neatness};
    struct point a = rect_centre(one_mm), b = rect_centre(other_mm);
    double t = random_between(r, 0.42, 0.58);
    struct rect there = one_mm;
    there.x += (b.x - a.x) * t;
    there.y += (b.y - a.y) * t;
    if (kind == MARK_tick)
        draw_tick(&m, there, one_mm.h);
    else
        draw_cross(&m, there);
}
