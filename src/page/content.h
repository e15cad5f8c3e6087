/* Which page might this be? By content alone: the whole page's distribution of ink, at 4 mm. */
#ifndef PAGE_CONTENT_H
#define PAGE_CONTENT_H

#include <stddef.h>

#include "page/working.h"

/* Cross-correlation of band-passed ink densities through the Fourier transform (see Kuglin and
 * Hines 1975 for the idea; plain normalised correlation is used, as it bears scale errors of a few
 * per cent, which phase correlation does not). */
struct content_index;

struct content_page {
    PIX *half;                  /* plate at half working resolution, 1 bpp */
    double half_dpi;
    double width_mm, height_mm;
};

/* `calibration` stays borrowed. */
struct content_index *content_index_new(const struct registration_calibration *calibration);
void content_index_free(struct content_index *index);

/* Adds a page; pages are numbered 0, 1, ... in this order. */
void content_index_add(struct content_index *index, const struct content_page *page);

struct content_candidate {
    size_t page;                       /* number in the index */
    struct transform form_to_working;  /* mm -> pixels of working->bits, good to about 3 mm */
    double score;                      /* correlation, 0 to 1 */
};

/* Puts a candidate among the *count in `out`, best first; at most `wanted` are kept. */
void content_insert(struct content_candidate *out, size_t *count, size_t wanted,
                    const struct content_candidate *candidate);

/* What is believed beyond what the scan itself says. */
struct content_guess {
    double scale;    /* how large the form is on the image, against its resolution; 1 = right */
    double skew_deg; /* clockwise, on top of the skew that the lines of text show */
};

/* One scan, prepared for being compared. `index` and `working` stay borrowed until it is freed. */
struct content_scan;
struct content_scan *content_scan_new(const struct content_index *index,
                                      const struct working *working);
void content_scan_free(struct content_scan *scan);

/* Adds what fits by this guess to the `count` candidates in `out`, best first, and keeps at most
 * `wanted`. Returns how many there are now. Pages are first told apart by their signatures (sizes of the
 * spectrum, 630 numbers), and only the likest ones compared in full, either way up. */
size_t content_candidates(struct content_candidate *out, size_t count, size_t wanted,
                          struct content_scan *scan, const struct content_guess *guess);

#endif
