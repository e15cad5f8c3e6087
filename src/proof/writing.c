/* A hand's letters: each glyph is a few strokes through points on a grid, bent by the writer. */
#include "proof/writing.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* Points are two characters: x (0-9), y (0-9, a, b): 0 = top of capitals, 4 = top of small letters,
 * 8 = base line, b = foot of g and y. A point twice is a corner; '|' lifts the pen. Drawn for this
 * project, after the way people write in forms. */
struct glyph {
    char character;
    const char *shapes[3]; /* ways to write it; a writer keeps to one */
};

static const struct glyph glyphs[] = {
    {'0', {"30 11 03 06 28 47 54 42 31 20", "30 12 05 18 38 56 53 41 20", "20 02 05 18 38 55 53 41 20 11"}},
    {'1', {"30 38", "12 30 30 38", "11 30 30 38|18 58"}},
    {'2', {"12 21 40 52 43 25 08 08 58", "11 30 51 43 17 08 27 37 58", NULL}},
    {'3', {"11 30 51 43 24 24 44 56 48 28 07", "00 50 50 23 23 44 56 48 18", NULL}},
    {'4', {"30 05 05 65|43 49", "40 38|10 04 04 54", "10 04 04 54 54 50 50 58"}},
    {'5', {"10 13 13 33 55 57 38 07|10 50", "50 10 10 03 33 55 46 38 07", NULL}},
    {'6', {"50 21 05 18 38 56 44 24 06", "40 13 06 28 47 45 24 06", "30 03 06 18 37 36 25 16"}},
    {'7', {"00 50 50 28", "00 50 50 28|14 54", "01 00 00 50 50 34 28"}},
    {'8', {"52 30 11 13 44 56 38 08 06 34 52", "30 12 34 56 38 16 34 52 30", NULL}},
    {'9', {"52 30 12 24 44 52 52 48", "51 20 03 24 52 51 46 28", "42 20 02 14 42 41 41 38"}},
    {'a', {"45 24 06 18 38 46 44 44 47 58", "15 34 44 48|46 25 07 28 47", NULL}},
    {'b', {"00 08|06 25 45 47 28 07", "10 08 28 47 45 25 06", "06 30 11 07 18 37 35 45"}},
    {'c', {"45 24 06 18 38 47", "35 24 15 17 28 48", NULL}},
    {'d', {"45 24 06 18 38 46|50 47 58", "46 25 06 18 38 50 48", "45 24 06 18 37 40 40 47 58"}},
    {'e', {"06 46 35 14 06 18 38 47", "16 45 34 05 07 28 47", "07 35 34 15 17 28 48"}},
    {'f', {"50 31 24 28|04 44", "51 30 23 29 1b|04 44", NULL}},
    {'g', {"45 24 06 17 37 45 44 4a 2b 0a", "44 24 06 18 37 44 49 2b 1a 48", "45 24 05 17 37 45|44 3a 1b"}},
    {'h', {"00 08|06 24 45 48", "00 08 08 06 24 35 38 48", "06 30 11 08 08 25 35 38 48"}},
    {'i', {"14 18|12 12", "14 17 28|12 22", NULL}},
    {'j', {"34 3a 1b|32 32", NULL, NULL}},
    {'k', {"00 08|44 06 06 48", "00 08 08 06 34 16 48", NULL}},
    {'l', {"10 18", "10 17 28", "06 31 20 17 28"}},
    {'m', {"04 08 08 05 24 28 28 35 54 58", "04 08|05 24 28|25 44 48", NULL}},
    {'n', {"04 08 08 05 34 45 48", "04 08|06 24 45 48", NULL}},
    {'o', {"24 05 07 28 47 45 24", "34 06 18 47 45 24", NULL}},
    {'p', {"04 0b|05 24 45 47 28 07", "04 0b 0b 05 24 45 37 18", NULL}},
    {'q', {"45 24 06 18 38 46|44 4b", NULL, NULL}},
    {'r', {"04 08|06 24 44", "04 08 08 05 24 34", "06 14 25 35 38 48"}},
    {'s', {"45 24 05 26 47 28 07", "44 24 15 26 37 28 08", NULL}},
    {'t', {"20 27 48|04 44", "20 28|04 44", NULL}},
    {'u', {"04 07 18 38 44|44 48", "04 08 38 44 44 47 58", NULL}},
    {'v', {"04 28 28 44", NULL, NULL}},
    {'w', {"04 18 18 35 35 48 48 64", "04 17 28 36 35 37 48 57 64", NULL}},
    {'x', {"04 48|44 08", NULL, NULL}},
    {'y', {"04 27|44 0b", "04 07 28 44 44 3a 1b 0a", NULL}},
    {'z', {"04 44 44 08 08 48", NULL, NULL}},
    {'A', {"08 30 30 58|15 45", "08 02 20 42 48|05 45", NULL}},
    {'B', {"00 08|00 30 42 24 04|24 46 38 08", NULL, NULL}},
    {'C', {"51 30 02 06 28 57", NULL, NULL}},
    {'D', {"00 08|00 30 53 56 28 08", NULL, NULL}},
    {'E', {"50 00 00 08 08 58|04 44", "51 20 12 34 06 18 47", NULL}},
    {'F', {"50 00 00 08|04 44", NULL, NULL}},
    {'G', {"51 30 02 06 28 57 54 54 34", "50 21 04 18 47 45 35", NULL}},
    {'H', {"00 08|50 58|04 54", NULL, NULL}},
    {'I', {"20 28", "00 40|20 28|08 48", NULL}},
    {'J', {"40 46 28 06", NULL, NULL}},
    {'K', {"00 08|50 04 04 58", NULL, NULL}},
    {'L', {"00 08 08 58", NULL, NULL}},
    {'M', {"08 00 00 34 34 60 60 68", NULL, NULL}},
    {'N', {"08 00 00 58 58 50", "00 08|00 58|58 50", NULL}},
    {'O', {"30 02 06 38 66 62 30", NULL, NULL}},
    {'P', {"08 00|00 40 52 34 04", NULL, NULL}},
    {'Q', {"30 02 06 38 66 62 30|46 69", NULL, NULL}},
    {'R', {"08 00|00 40 52 34 04|24 58", "08 00 30 42 34 04 58", NULL}},
    {'S', {"51 30 11 23 45 57 28 07", NULL, NULL}},
    {'T', {"00 60|30 38", NULL, NULL}},
    {'U', {"00 06 28 46 50", NULL, NULL}},
    {'V', {"00 38 38 60", NULL, NULL}},
    {'W', {"00 18 18 33 33 58 58 70", NULL, NULL}},
    {'X', {"00 58|50 08", NULL, NULL}},
    {'Y', {"00 34|60 34 38", NULL, NULL}},
    {'Z', {"00 50 50 08 08 58", NULL, NULL}},
    {'.', {"08 08", NULL, NULL}},
    {',', {"17 0a", NULL, NULL}},
    {'/', {"50 08", NULL, NULL}},
    {'-', {"05 35", NULL, NULL}},
    {'\'', {"10 12", NULL, NULL}},
    {'?', {"11 30 51 34 35|38 38", NULL, NULL}},
    {'!', {"10 16|18 18", NULL, NULL}},
};

static const struct glyph *find_glyph(char character)
{
    for (size_t i = 0; i < sizeof glyphs / sizeof *glyphs; i++)
        if (glyphs[i].character == character)
            return &glyphs[i];
    return NULL;
}

/* The way in which this writer always writes it. */
static const char *shape_of(const struct glyph *glyph, const struct hand *hand)
{
    size_t ways = 0;
    while (ways < 3 && glyph->shapes[ways] != NULL)
        ways++;
    struct random own = random_stream(hand->glyphs, RANDOM_HAND, (uint64_t)glyph->character, 0);
    return glyph->shapes[random_below(&own, ways)];
}

static double extent(const char *shape)
{
    double widest = 0;
    for (const char *p = shape; *p != '\0'; p += p[2] == '\0' ? 2 : 3)
        widest = fmax(widest, p[0] - '0');
    return widest;
}

static double grid_y(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : c - 'a' + 10;
}

struct placing {
    struct point base_mm; /* left end of the base line */
    double x_mm, y_mm;    /* one step of the grid */
    double slant;
    double wobble;        /* how far points stray, in grid steps */
    double small;         /* height of what capitals have more of: 1 = as the grid says */
};

static struct point place(const struct placing *placing, double x, double y)
{
    double steps = 8 - y; /* small letters reach 4 */
    if (steps > 0 && placing->small > 0)
        steps = steps < 4 ? steps * placing->small
                          : 4 * placing->small + (steps - 4) * (2 - placing->small);
    double up = steps * placing->y_mm;
    return (struct point){placing->base_mm.x + x * placing->x_mm + placing->slant * up,
                          placing->base_mm.y - up};
}

#define GLYPH_POINTS 24

/* Draws the glyph; the last point is given back for joining. */
static struct point draw_glyph(struct drawing *drawing, size_t owner, const struct hand *hand,
                               struct random *r, const struct glyph *glyph,
                               const struct placing *placing, const struct point *joined_from)
{
    struct random own = random_stream(hand->glyphs, RANDOM_HAND, (uint64_t)glyph->character, 1);
    struct point points[GLYPH_POINTS], last = placing->base_mm;
    size_t count = 0;
    char before[2] = {0, 0};
    if (joined_from != NULL)
        points[count++] = *joined_from;
    for (const char *p = shape_of(glyph, hand);; p += 3) {
        /* The writer's own shape, and what differs from time to time; corners stay corners. */
        double x = p[0] - '0' + placing->wobble * (0.8 * random_normal(&own) + 0.5 * random_normal(r));
        double y = grid_y(p[1]) +
                   placing->wobble * (0.8 * random_normal(&own) + 0.5 * random_normal(r));
        bool corner = p[0] == before[0] && p[1] == before[1] && count > 0;
        bool cut = corner && count > 1 && random_chance(r, hand->haste); /* rounded off */
        if (count < GLYPH_POINTS && !cut) {
            points[count] = corner ? points[count - 1] : place(placing, x, y);
            count++;
        }
        before[0] = p[0];
        before[1] = p[1];
        if (p[2] != ' ') {
            if (count == 1)
                points[count++] = (struct point){points[0].x + 0.1, points[0].y + 0.1};
            drawing_curve(drawing, owner, hand, r, points, count, random_chance(r, 0.7 * hand->haste));
            last = points[count - 1];
            count = 0;
            before[0] = 0;
        }
        if (p[2] == '\0')
            return last;
    }
}

void writing_cell(struct drawing *drawing, size_t owner, const struct hand *hand, struct random *r,
                  char character, struct rect cell_mm)
{
    const struct glyph *glyph = find_glyph(character);
    if (glyph == NULL)
        glyph = find_glyph((char)toupper((unsigned char)character));
    if (glyph == NULL)
        return;
    double sloppy = 1 - hand->neatness;
    double height = cell_mm.h * random_between(r, 0.58, 0.78 + 0.25 * sloppy);
    double step = fmin(height / 8, cell_mm.w * (0.75 + 0.3 * sloppy) / 6);
    struct placing placing = {.x_mm = step * fmin(hand->width, 1.15),
                              .y_mm = height / 8,
                              .slant = hand->slant,
                              .wobble = 0.15 + 0.4 * sloppy};
    double width = extent(shape_of(glyph, hand)) * placing.x_mm;
    placing.base_mm.x = cell_mm.x + (cell_mm.w - width) / 2 - hand->slant * height / 2 +
                        cell_mm.w * (0.03 + 0.1 * sloppy) * random_normal(r);
    placing.base_mm.y = cell_mm.y + (cell_mm.h + height) / 2 +
                        cell_mm.h * (0.03 + 0.06 * sloppy) * random_normal(r);
    draw_glyph(drawing, owner, hand, r, glyph, &placing, NULL);
}

#define GAP 1.6 /* between two letters, in grid steps */

double writing_width(const struct hand *hand, const char *text, double height_mm)
{
    double width = 0, step = height_mm / 8 * hand->width;
    for (const char *p = text; *p != '\0'; p++) {
        const struct glyph *glyph = *p == ' ' ? NULL : find_glyph(*p);
        width += (glyph == NULL ? 3 : extent(shape_of(glyph, hand)) + GAP * hand->spacing) * step;
    }
    return width;
}

struct point writing_line(struct drawing *drawing, size_t owner, const struct hand *hand,
                          struct random *r, const char *text, struct point from_mm,
                          double height_mm)
{
    double sloppy = 1 - hand->neatness;
    double step = height_mm / 8, drift = hand->rise + 0.012 * sloppy * random_normal(r);
    double phase = random_between(r, 0, 999);
    struct placing placing = {.base_mm = from_mm, .wobble = 0.22 + 0.3 * sloppy,
                              .small = hand->small};
    struct point last = from_mm;
    bool can_join = false;
    int into = 0; /* letters since the last gap */
    for (const char *p = text; *p != '\0'; p++) {
        const struct glyph *glyph = *p == ' ' ? NULL : find_glyph(*p);
        /* Size, slant and base line swing along the line; a hasty word runs out. */
        double x = placing.base_mm.x, tired = 1 - 0.05 * hand->haste * (into > 6 ? 6 : into);
        double size = 1 + (0.06 + 0.1 * sloppy) * smooth_noise(x / 9, phase);
        placing.x_mm = step * hand->width * size * (1 + 0.12 * smooth_noise(x / 5, phase + 5));
        placing.y_mm = step * size * tired;
        placing.slant = hand->slant + (0.05 + 0.12 * sloppy) * smooth_noise(x / 12, phase + 9);
        if (glyph == NULL) {
            placing.base_mm.x += 3 * placing.x_mm * hand->spacing * random_between(r, 0.8, 1.4);
            can_join = false;
            into = 0;
            continue;
        }
        bool join = can_join && islower((unsigned char)*p) && random_chance(r, hand->joined);
        placing.base_mm.y = from_mm.y + (x - from_mm.x) * drift +
                            height_mm * ((0.05 + 0.08 * sloppy) * smooth_noise(x / 14, phase + 13) +
                                         0.025 * random_normal(r));
        last = draw_glyph(drawing, owner, hand, r, glyph, &placing, join ? &last : NULL);
        placing.base_mm.x += (extent(shape_of(glyph, hand)) +
                              GAP * hand->spacing * random_between(r, 0.7, 1.3)) * placing.x_mm;
        can_join = islower((unsigned char)*p) && *p != 'g' && *p != 'j' && *p != 'y' && *p != 'p';
        into++;
    }
    return (struct point){placing.base_mm.x, from_mm.y};
}

void writing_style(struct hand *hand)
{
    struct random own = random_stream(hand->glyphs, RANDOM_HAND, 0, 2);
    double haste = random_unit(&own);
    hand->haste = haste * (1 - 0.6 * hand->neatness);
    hand->tremor_mm *= 1 - 0.5 * haste; /* a slow hand shakes more */
    hand->contrast = random_between(&own, 0.03, 0.3);
    hand->small = random_between(&own, 0.8, 1.3);
    hand->spacing = random_between(&own, 0.6, 1.5);
    hand->rise = -0.012 + 0.02 * (random_unit(&own) + random_unit(&own) - 1);
    hand->capitals = random_chance(&own, 0.15);
}
