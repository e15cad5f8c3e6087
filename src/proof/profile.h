/* A profile: which hands fill the forms in, and what paper, print run and scanner do to them.
 * calibration/scanners/NAME.yaml; each parameter is a chance and a range. */
#ifndef PROOF_PROFILE_H
#define PROOF_PROFILE_H

#include "base/error.h"
#include "proof/random.h"

/* With probability `chance` the thing happens, with a size between `from` and `to` (the middle more
 * often). A thing that the profile does not mention has chance 0 and its neutral size. */
struct draw {
    double chance, from, to, neutral;
};

/* X(section, name, neutral, "meaning, unit"): ranges and chances. */
#define PROFILE_DRAWS(X)                                                                           \
    X(people, neatness, 0.8, "1 = draws with a ruler, 0 = shakes and misses")                      \
    X(people, heaviness, 1, "how hard the pen is pressed; 1 = usual")                              \
    X(people, other_mark, 0, "one mark is made in another way than the person's habit")            \
    X(people, light_mark, 1, "a mark made much lighter than the person's others: share of the ink")    \
    X(people, skip_question, 0, "a question on the path is left out")                              \
    X(people, wrong_then_fill, 0, "wrong box: filled in, the right one marked")                    \
    X(people, wrong_then_scribble, 0, "wrong box: scribbled out, the right one marked")            \
    X(people, wrong_then_strike, 0, "wrong box: its label struck through, the right one marked")   \
    X(people, two_marks, 0, "two boxes marked where one is allowed")                               \
    X(people, between_boxes, 0, "a mark between two boxes")                                        \
    X(people, withdrawn_only, 0, "a box filled in and no other one marked")                        \
    X(people, exclusive_too, 0, "an exclusive option together with others")                        \
    X(people, margin_note, 0, "a note in the margin, per page")                                    \
    X(people, comment, 0, "a write-in area is written in")                                         \
    X(people, route_ignored, 0, "a person who answers what should be skipped")                     \
    X(people, route_missed, 0, "a person who skips what should be answered, per routing")          \
    X(people, sheet_left_out, 0, "a return comes back without one of its sheets")                  \
    X(people, pages_turned_together, 0, "two pages are overlooked and stay empty")                 \
    X(people, blank_return, 0, "nothing is filled in")                                             \
    X(print, scale, 1, "print scale")                                                              \
    X(print, shift_mm, 0, "how far the print lies off its place on the paper, mm")                 \
    X(print, gain, 0, "toner that spreads (bolder print) or thins (negative), per return")         \
    X(print, rough, 0, "raggedness of the toner's edges, 0 to 1, per return")                      \
    X(print, screen_lpi, 0, "dots of printed tints, lines an inch, per return; 0 = smooth")        \
    X(print, faded, 0, "toner faded by this share, per sheet")                                     \
    X(print, faded_band, 0, "a fading band along the page, mm wide, per return")                   \
    X(print, toner_specks, 0, "stray specks of toner, per page")                                   \
    X(paper, grey, 0.97, "reflectance of the paper; coloured stock is darker")                     \
    X(paper, texture, 0, "unevenness of the paper, grey levels of 255")                            \
    X(paper, show_through, 0, "how much of the other side shows, share")                           \
    X(paper, crease, 0, "letter folds across the sheet, depth as a share of grey")                 \
    X(paper, fold_bend_mm, 0, "shortening where a fold does not lie flat, mm")                     \
    X(paper, torn_corner_mm, 0, "a corner torn off, mm along the edge, per sheet")                 \
    X(paper, folded_corner_mm, 0, "a corner folded over, mm along the edge, per sheet")            \
    X(paper, staple, 0, "a staple left in or its holes, top left, per sheet")                      \
    X(paper, punch_holes, 0, "two filing holes punched at the left, per return")                   \
    X(paper, coffee_mm, 0, "a ring of coffee, diameter in mm, per sheet")                          \
    X(paper, smudge_mm, 0, "a dirty smudge, length in mm, per page")                               \
    X(paper, stamp, 0, "the mail room's date stamp, per return")                                   \
    X(scanner, skew_deg, 0, "rotation, degrees")                                                   \
    X(scanner, feed_stretch, 0, "stretch along the feed, share")                                   \
    X(scanner, width_stretch, 0, "stretch across the feed, share")                                 \
    X(scanner, shear, 0, "shear, share")                                                           \
    X(scanner, wobble_mm, 0, "uneven feed, mm")                                                    \
    X(scanner, offset_mm, 0, "the sheet's place on the image, mm")                                 \
    X(scanner, overscan_mm, 0, "how much is scanned around the sheet, mm")                         \
    X(scanner, lost_lines, 0, "scan lines lost in transmission, per page")                         \
    X(scanner, blur_px, 0.35, "blur of the optics, standard deviation in pixels")                  \
    X(scanner, sharpen, 0, "strength of the sharpening that the scanner does")                     \
    X(scanner, noise, 0, "noise, grey levels of 255")                                              \
    X(scanner, gamma, 1, "gamma of the grey levels")                                               \
    X(scanner, black, 0, "darkest level that the scanner gives, share of 255")                     \
    X(scanner, white, 1, "reflectance that becomes full white")                                    \
    X(scanner, shading, 0, "darker towards the page's edges, share")                               \
    X(scanner, threshold, 0.55, "bitonal: reflectance under which a pixel is black")               \
    X(scanner, streaks, 0, "dirt on the glass: streaks down the page, count, per stack")           \
    X(scanner, jpeg_quality, 90, "quality of JPEG files")                                          \
    X(stack, upside_down, 0, "a sheet lies upside down")                                           \
    X(stack, sideways, 0, "a sheet lies on its side")                                              \
    X(stack, shuffled, 0, "the sheets of a stack are out of order")                                \
    X(stack, double_feed, 0, "two sheets go through as one")                                       \
    X(stack, scanned_twice, 0, "a sheet is scanned twice")                                         \
    X(stack, foreign_page, 0, "a page of something else lies between")                             \
    X(stack, wrong_dpi_tag, 0, "the file's resolution tag is absent or wrong")                     \
    X(stack, returns, 5, "returns in a stack, which becomes one file")

/* X(section, name, "first", ...): one of several, by weight. */
#define PROFILE_PENS(X) X(ball) X(gel) X(pencil) X(felt)
#define PROFILE_HABITS(X) X(tick) X(cross) X(fill) X(dash) X(dot) X(ring_label) X(tick_beside)
#define PROFILE_MODES(X) X(grey) X(fixed) X(adaptive)
#define PROFILE_FILES(X) X(tiff) X(jpeg) X(pdf)
#define PROFILE_BORDERS(X) X(white) X(black) X(grey)
#define PROFILE_DPIS(X) X(150) X(200) X(204) X(240) X(300) X(400) X(600)

enum pen_kind {
#define X(name) PEN_##name,
    PROFILE_PENS(X)
#undef X
        PEN_COUNT
};
enum habit {
#define X(name) HABIT_##name,
    PROFILE_HABITS(X)
#undef X
        HABIT_COUNT
};
enum scan_mode {
#define X(name) MODE_##name,
    PROFILE_MODES(X)
#undef X
        MODE_COUNT
};
enum scan_output {
#define X(name) OUTPUT_##name,
    PROFILE_FILES(X)
#undef X
        OUTPUT_COUNT
};
enum border {
#define X(name) BORDER_##name,
    PROFILE_BORDERS(X)
#undef X
        BORDER_COUNT
};
enum dpi_choice {
#define X(name) DPI_##name,
    PROFILE_DPIS(X)
#undef X
        DPI_COUNT
};

extern const char *const pen_names[PEN_COUNT];
extern const char *const habit_names[HABIT_COUNT];
extern const double dpi_values[DPI_COUNT];

struct profile {
    char name[64];
    char means[2048]; /* plain words */
#define X(section, name, neutral, meaning) struct draw section##_##name;
    PROFILE_DRAWS(X)
#undef X
    double pens[PEN_COUNT], habits[HABIT_COUNT], modes[MODE_COUNT], files[OUTPUT_COUNT];
    double borders[BORDER_COUNT], dpis[DPI_COUNT];
};

/* `name` is one of the profiles built into the program (clean, office, fax, grey, awful), or the
 * path of a file (it then holds a '/' or ends in .yaml). Errors name file, line and column. */
bool profile_load(struct profile *out, const char *name, struct error *err);

/* The names of the built-in profiles, NULL at the end. */
extern const char *const profile_names[];

/* The size, or the neutral one where it does not happen. */
double profile_draw(const struct draw *draw, struct random *r);

/* Whether it happens; then *size is set. */
bool profile_happens(double *size, const struct draw *draw, struct random *r);

#endif
