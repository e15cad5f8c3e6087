/* Strokes of a pen as curves with pressure, and how they come to stand on paper. */
#ifndef PROOF_INK_H
#define PROOF_INK_H

#include <stdint.h>

#include "base/geometry.h"
#include "proof/profile.h"
#include "proof/random.h"

/* A grey picture of one side of a sheet in form mm: how much light the paper throws back. */
struct plane {
    uint8_t *data; /* 0 = black, 255 = white; rows of width_px bytes */
    int width_px, height_px;
    double px_per_mm;
    struct point origin_mm; /* the form's mm at the picture's top left corner */
};

/* Readers may look this many bytes past the last row (many pixels at a time). */
#define PLANE_SLACK 32

struct pen_tool {
    enum pen_kind kind;
    double width_mm;
    double darkness; /* share of light that a firm stroke takes away */
    bool blue;
};

struct pen_tool pen_choose(const struct profile *profile, struct random *r);

struct stroke_point {
    float x_mm, y_mm;
    float pressure; /* 0 = lifted, 1 = usual */
};

/* Whose stroke it is: a box (its index on the page), or one of these. */
#define STROKE_OF_FIELD ((size_t)-1)
#define STROKE_OF_NOTE ((size_t)-2)

struct stroke {
    size_t first, count; /* points */
    size_t owner;
    double fade; /* 1 = as written; less: written lightly; under RUBBED_OUT: a trace */
};
#define RUBBED_OUT 0.25

/* All strokes of one page, in the order in which they were drawn. */
struct drawing {
    struct stroke_point *points;
    struct stroke *strokes;
    size_t point_count, stroke_count, point_capacity, stroke_capacity;
};

void drawing_release(struct drawing *drawing);

/* How a hand moves: what tells one person's strokes from another's. */
struct hand {
    double neatness;   /* 0 to 1 */
    double tremor_mm;  /* size of the shake */
    double heaviness;  /* 1 = usual */
    double slant;      /* of writing: shift in x per upward mm */
    double size_mm;    /* height of a capital */
    double width;      /* of letters, 1 = usual */
    double joined;     /* chance that letters are joined */
    uint64_t glyphs;   /* seed of this writer's letter shapes */
    double haste;      /* 0 to 1: corners are cut, letters run on and flatten */
    double contrast;   /* strokes down are pressed more than strokes up, share */
    double small;      /* height of small letters, 1 = half a capital's */
    double spacing;    /* between letters and words, 1 = usual */
    double rise;       /* of lines, per mm */
    bool capitals;     /* writes nothing else */
};

/* Begins and ends a stroke; points in between are the caller's. */
void drawing_begin(struct drawing *drawing, size_t owner);
void drawing_point(struct drawing *drawing, struct point mm, double pressure);

/* A smooth curve (Catmull-Rom) through the points; a point given twice is a corner. The pen is
 * pressed less where it is put down and lifted (`flick`: it leaves the paper moving). */
void drawing_curve(struct drawing *drawing, size_t owner, const struct hand *hand,
                   struct random *r, const struct point *mm, size_t count, bool flick);

/* Lays the strokes on the paper. */
void drawing_ink(struct plane *plane, const struct drawing *drawing, const struct pen_tool *pen,
                 struct random *r);

/* Share of the rectangle that the strokes cover: of those that `owner` drew, or, with
 * others = true, of all the rest. */
double drawing_cover(const struct drawing *drawing, const struct pen_tool *pen, struct rect mm,
                     size_t owner, bool others);

/* Smooth noise, the same everywhere: about -1 to 1, one bump a unit. */
double smooth_noise(double x, double y);

#endif
