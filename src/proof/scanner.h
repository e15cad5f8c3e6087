/* The scanner's eye: samples the sheet along the mapping, once, and gives the picture its blur,
 * sharpening, noise, tone and threshold. */
#ifndef PROOF_SCANNER_H
#define PROOF_SCANNER_H

#include <allheaders.h>

#include "proof/ink.h"
#include "proof/mapping.h"
#include "proof/streak.h"

/* One machine with its settings: the same for a stack. */
struct machine {
    double x_dpi, y_dpi;
    enum scan_mode mode;
    enum scan_output output;
    uint8_t background;
    double blur_px, sharpen, noise, gamma, black, white, shading, threshold;
    int jpeg_quality;
    struct streak streaks[STREAKS_MAX];
    size_t streak_count;
    double streak_page; /* tells the streaks of the page that went through last from another's */
    double texture; /* of the sheet that goes through now */
};

struct machine machine_draw(const struct profile *profile, double width_mm, struct random *r);

/* The picture, 1 bpp or 8 bpp, with its resolution set. `outside` is what the scanner sees beyond
 * the plane. Sets the machine's streak_page. The caller's: pixDestroy(). */
PIX *machine_scan(const struct plane *plane, uint8_t outside, const struct mapping *mapping,
                  struct machine *machine, struct random *r);

#endif
