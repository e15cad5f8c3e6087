/* One side of a sheet of paper: print, ink, and what happened to it on its way. */
#ifndef PROOF_PAPER_H
#define PROOF_PAPER_H

#include "proof/ink.h"
#include "proof/mapping.h"

/* X(name): everything that is named in the truth as damage. */
#define DAMAGE_KINDS(X)                                                                            \
    X(faded_print) X(faded_band) X(toner_specks) X(grey_paper) X(show_through) X(crease)           \
    X(fold_bend) X(torn_corner) X(folded_corner) X(staple) X(punch_holes) X(coffee) X(smudge)      \
    X(stamp) X(streak) X(lost_lines) X(upside_down) X(sideways) X(double_feed) X(scanned_twice)    \
    X(wrong_dpi_tag) X(cut_off)

enum damage_kind {
#define X(name) DAMAGE_##name,
    DAMAGE_KINDS(X)
#undef X
        DAMAGE_COUNT
};
extern const char *const damage_names[DAMAGE_COUNT];

/* A corner that is gone, in form mm: the triangle corner, corner + (along, 0), corner + (0, down). */
struct lost_corner {
    struct point corner_mm;
    double along_mm, down_mm; /* signed: into the page */
    bool flap_in_front;       /* folded over this side: hides as much again */
};

#define LOST_CORNERS_MAX 4

/* What befell one sheet, the same on both sides. */
struct sheet_fate {
    double grey, texture;
    double faded, gain, rough, screen_lpi;
    double phase;                      /* of the toner's raggedness */
    double band_x_mm, band_width_mm, band_depth; /* on the front; 0 wide = none */
    double show_through;
    double crease;                     /* 0 = none */
    bool bent;
    int corner[2];                     /* which corner is torn off, folded over; -1 = none */
    double corner_along_mm[2], corner_down_mm[2];
    bool folded_to_front;
    int staple;                        /* 0 none, 1 its holes, 2 the staple */
    struct point staple_mm;
    double staple_angle;
    bool punched;
    double punch_y_mm;
    double coffee_mm;                  /* diameter; 0 = none */
    struct point coffee_at_mm;
    bool stamped;
    struct point stamp_at_mm;
    double stamp_angle;
};

struct sheet_fate sheet_fate_draw(const struct profile *profile, double width_mm, double height_mm,
                                  bool first_sheet, bool returned_punched, bool returned_stamped,
                                  struct random *r);

/* One side, ready for the camera. */
struct paper_side {
    struct plane plane;
    double width_mm, height_mm;
    bool back;
    struct rect sheet_mm; /* the sheet in form mm (print scale and shift taken off) */
    uint8_t paper, background; /* levels */
    bool damaged[DAMAGE_COUNT];
    struct lost_corner lost[LOST_CORNERS_MAX];
    size_t lost_count;
};

/* The sheet with `print` (form mm from 0, 0) on it; the plane is the caller's (g_free). */
struct paper_side paper_print(const struct plane *print, const struct sheet_fate *fate,
                              const struct mapping *mapping, bool back, uint8_t background);

/* What the other side shows of itself here. */
void paper_show_through(struct paper_side *side, const struct paper_side *other, double strength);

/* Everything that comes after print and ink: folds, stains, holes, corners, edges. */
void paper_damage(struct paper_side *side, const struct sheet_fate *fate,
                  const struct mapping *mapping, const struct profile *profile, struct random *r);

/* Whether this spot of the form can no longer be seen. */
bool paper_is_lost(const struct paper_side *side, struct point form_mm);

#endif
