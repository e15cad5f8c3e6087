/* The marks that people make in, on and beside boxes. */
#ifndef PROOF_MARK_H
#define PROOF_MARK_H

#include "proof/ink.h"

#define MARK_KINDS(X)                                                                              \
    X(none) X(tick) X(cross) X(fill) X(dash) X(dot) X(ring_label) X(ring_box) X(tick_beside)       \
    X(between) X(fill_to_withdraw) X(scribble_out) X(strike_label) X(rubbed_out)

enum mark_kind {
#define X(name) MARK_##name,
    MARK_KINDS(X)
#undef X
        MARK_KIND_COUNT
};
extern const char *const mark_kind_names[MARK_KIND_COUNT];

/* A box as the person sees it. */
struct mark_place {
    struct rect box_mm;
    bool round;
    struct rect label_mm; /* about where its label is printed; w = 0: not known */
    struct point room_mm; /* how far the next box lies to the side and up or down */
};

/* Draws the mark; its strokes belong to `owner`. Of MARK_fill_to_withdraw and the others that come
 * after it only the second act is drawn (the filling in), not the mark below it. */
void mark_draw(struct drawing *drawing, size_t owner, enum mark_kind kind, const struct hand *hand,
               const struct pen_tool *pen, struct random *r, const struct mark_place *place);

/* One mark that lies between two boxes. */
void mark_draw_between(struct drawing *drawing, size_t owner, enum mark_kind kind,
                       const struct hand *hand, const struct pen_tool *pen, struct random *r,
                       struct rect one_mm, struct rect other_mm);

#endif
