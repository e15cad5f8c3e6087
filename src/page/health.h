/* What the scan itself is like, measured on every image whatever its fate: levels, specks, borders,
 * streaks, and, where the form lies safely on it, size, place and what is cut off. Evidence only;
 * limits are in calibration/health.json and what is said about a batch in run/findings.c. */
#ifndef PAGE_HEALTH_H
#define PAGE_HEALTH_H

#include <stdbool.h>

#include "base/calibration.h"
#include "form/model.h"
#include "page/bitmap.h"
#include "page/placement.h"
#include "scan/raw_page.h"

/* Plain numbers, named as in the store and in readings.jsonl. X(name, "meaning, unit")
 * Of the image: measured on every image that was decoded (width_mm > 0), 0 elsewhere. */
#define SCAN_HEALTH_OF_IMAGE(X)                                                                    \
    X(width_mm, "of the image, by the resolution believed, mm")                                    \
    X(height_mm, "the same")                                                                       \
    X(paper, "grey level of paper, 0-255; of a bitonal scan 255")                                  \
    X(print, "grey level of the darkest 1 % in the middle of the image; of a bitonal scan 0")      \
    X(specks_cm2, "lone dark pixels, per cm2")                                                     \
    X(border_left_mm, "dark border of the image, mm")                                              \
    X(border_top_mm, "the same")                                                                   \
    X(border_right_mm, "the same")                                                                 \
    X(border_bottom_mm, "the same")

/* Of the form on it: measured where a form lies safely on the image (x_dpi > 0), 0 elsewhere. */
#define SCAN_HEALTH_OF_FORM(X)                                                                     \
    X(print_found, "share of the form's print that is dark on the scan, 0-1")                      \
    X(stray_share, "share of the paper that the form leaves white and that is dark, 0-1")          \
    X(scale_x, "size of the print along the form's lines, scan / form, by the file's dpi; 0: no dpi") \
    X(scale_y, "the same down the form's page")                                                    \
    X(shift_x_mm, "how far right on the image's middle the form's middle lies, form upright, mm")  \
    X(shift_y_mm, "how far below, mm")                                                             \
    X(cut_left_mm, "of the form's page outside the image, form upright, mm")                       \
    X(cut_top_mm, "the same")                                                                      \
    X(cut_right_mm, "the same")                                                                    \
    X(cut_bottom_mm, "the same")

#define SCAN_HEALTH_TABLE(X) SCAN_HEALTH_OF_IMAGE(X) SCAN_HEALTH_OF_FORM(X)

/* A thin dark line along the image that the form does not print: dust on a scanner's glass. */
struct streak {
    float at_px;    /* its middle: a column of the image as scanned; a row where `lying` */
    float at_mm;    /* the same from the left (top) edge, by the resolution believed */
    float width_px;
    float share;    /* of the image's length that it darkens, where the form prints nothing; 0-1 */
    bool lying;     /* along a row: the image was turned after scanning */
};

#define STREAK_MAX 6
#define STREAK_BROKEN_MAX 16

struct scan_health {
    double x_dpi, y_dpi; /* as measured by the form itself; 0 while unknown */
    double skew_deg;     /* clockwise on the image, -180 to 180: 180 = upside down */
    double ink_share;    /* of the image */
#define X(name, meaning) float name;
    SCAN_HEALTH_TABLE(X)
#undef X
    int streak_count;
    struct streak streaks[STREAK_MAX]; /* most lasting first */
    /* columns that are dark too seldom to tell anybody of, but more often than a hand draws: for whoever
     * looks for marks on the image at hand; neither stored nor sent */
    int broken_count;
    struct streak broken[STREAK_BROKEN_MAX];
};

/* The image and what was made of it. */
struct health_scan {
    const struct raw_page *raw;
    double x_dpi, y_dpi; /* the resolution believed */
    const PIX *half;     /* 1 bpp, at about 75 dpi: where streaks along rows are looked for */
};

/* The form as it lies on the image. */
struct health_form {
    const PIX *plate;           /* 300 dpi, 1 bpp */
    const struct bitmap *print; /* the plate again, coarser, and fatter by a pixel */
    double px_per_mm;           /* of `print` */
    const struct placement *placement;
    const struct template_box *boxes; /* where people mark */
    size_t box_count;
};

/* Fills in everything but x_dpi, y_dpi, skew_deg and ink_share, which registration measures and
 * which are read here. `form`: NULL where no form was placed safely; the resolution and skew that
 * registration tried are then taken back. */
void health_measure(struct scan_health *health, const struct health_scan *scan,
                    const struct health_form *form, const struct health_calibration *calibration);

/* What an image that fits no form shows. Dust and dark borders do not count as ink. */
enum sheet_kind {
    SHEET_UNKNOWN,
    SHEET_BLANK,     /* paper with nothing on it */
    SHEET_PATCH,     /* a patch code: four bars, two of them wide (Kodak's patch codes 1 to 4, 6 and T),
                        which capture software prints on separator sheets */
    SHEET_ONE_TONE,  /* dark all over: a coloured or black separator, or nothing under the lamp */
};

/* `bits` is the working image at `dpi`; health_measure() was done. */
enum sheet_kind health_sheet(const struct scan_health *health, const PIX *bits, double dpi,
                             const struct health_calibration *calibration);

#endif
