/* A frame: the working image turned upright, so that patches of the plate can be laid over it. */
#ifndef PAGE_FRAME_H
#define PAGE_FRAME_H

#include "page/working.h"

struct frame {
    struct bitmap full, half;    /* only the one that was asked for */
    struct transform to_working; /* frame pixels -> pixels of working->bits */
    double px_per_mm;            /* of `full`, of the form */
};

enum frame_use {
    FRAME_COARSE, /* only `half` is made */
    FRAME_FINE,   /* only `full` is made */
};

/* `form_to_working`: coarse. Quarter turns cost a turned copy; a skew over about half a degree, a
 * scale off by more than 1.5 % or perspective cost a resampling into the form's own frame. */
void frame_init(struct frame *out, const struct working *working,
                const struct transform *form_to_working, double width_mm, double height_mm,
                enum frame_use use);
void frame_release(struct frame *frame);

#endif
