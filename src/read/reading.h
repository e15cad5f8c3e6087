/* Readings: what was measured on one page. Evidence only; record/ decides. */
#ifndef READ_READING_H
#define READ_READING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/calibration.h"
#include "base/geometry.h"
#include "form/model.h"
#include "page/page.h"
#include "read/piece.h"
#include "scan/raw_page.h"

/* Evidence of one box: plain numbers, measured once and stored, so that thresholds can change
 * without rescanning. All are floats so that they can be stored as one packed row. The names below
 * are the column names in the store and the feature names in calibration/marks.json.
 * X(name, "meaning, unit") */
#define BOX_EVIDENCE_TABLE(X)                                                                      \
    X(ink_share, "share of the inside of the box covered by ink that the form does not print, 0-1") \
    X(faint_share, "ink_share and, a little deeper inside, the share that is only a little darker than paper") \
    X(core_share, "ink_share of the middle half of the box")                                       \
    X(faint_core_share, "share of that middle that is at least a little darker than paper")        \
    X(outside_mm2, "new ink in a 2 mm ring around the box, mm2")                                   \
    X(shade_mm2, "the same that is only a little darker than paper: a light line close round the box; of boxes the blank shows") \
    X(row_mm2, "new ink in the box's row, where a label or a tick beside may be, mm2") \
    X(light_mm2, "light lines inside the box, too pale to be ink; of a bitonal scan, specks, mm2")   \
    X(light_row_mm2, "parts of light lines, too short to be told of, in the box's row; of a bitonal scan, specks, mm2") \
    X(dotted, "how surely specks lie in a row like a light stroke of this box: -log10 of chance's count; of bitonal scans only") \
    X(struck_mm, "what one level line bridges of the white in the box's label, and beyond it, mm") \
    X(struck_dotted, "as dotted, of specks in a level row along the box's label") \
    X(darkness, "mean darkness of the new ink inside, paper = 0, print's black = 1")               \
    X(stroke_mm, "typical stroke width of the new ink (twice its mean distance to white), mm")     \
    X(length_mm, "length of the new ink's skeleton, about area / width, mm")                       \
    X(largest_white_share, "largest connected white area inside the box, share of the inside")     \
    X(runs, "how often a line across the inked part of the box meets ink: 1 dash, 2 cross, 3+ scribble") \
    X(quadrants, "how many of the box's four quadrants hold new ink, 0-4")                         \
    X(span, "extent of the new ink inside, larger side, share of the box's side")                  \
    X(diagonal_share, "share of the new ink near one of the two diagonals")                        \
    X(through_mm, "how far a level line through the box goes on beyond its sides, the shorter way, mm") \
    X(streak_share, "how much of the height, box and surroundings, one upright strip of ink fills") \
    X(pixels_mm2, "dark pixels deep inside the box, each for itself; of bitonal scans only, mm2")   \
    X(specks, "bits of ink deep inside the box that lie apart from all else; of bitonal scans only")   \
    X(grain, "the same that were taken off as grain, of boxes with ink; of bitonal scans full of it only") \
    X(bulge_mm2, "how much thicker than usual the box's outline is at one place, mm2; of boxes with a little ink, in or around them")     \
    X(print_found, "share of the box's printed outline found on the scan; -1: none is printed; -2: elsewhere") \
    X(specks_found, "share of a faded outline found, specks in a row taken for a line; 0 where print_found is enough") \
    X(offset_mm, "how far the box's own outline lay from where registration put it, mm")           \
    X(misfit_mm, "residual of the nearest landmarks, mm")

/* Where `print_found` is no share: the blank shows no outline for the box; or it shows one of its shape
 * and size a few mm beside it that belongs to no other box (form/outline.h). */
#define PRINT_NONE (-1.0f)
#define PRINT_ELSEWHERE (-2.0f)

struct box_evidence {
#define X(name, meaning) float name;
    BOX_EVIDENCE_TABLE(X)
#undef X
};

#define BOX_EVIDENCE_COUNT (sizeof(struct box_evidence) / sizeof(float))
extern const char *const box_evidence_names[BOX_EVIDENCE_COUNT];

struct box_crop; /* read/unprinted.h */

struct box_reading {
    struct box_evidence evidence;
    struct rect rect_px; /* bounds on the image as scanned */
    const struct box_crop *crop; /* how the box looks, where the form prints no outline; else NULL */
};

struct field_reading {
    bool has_ink;
    float ink_mm2;      /* new ink inside */
    float misfit_mm;    /* as of a box */
    const char *text;   /* draft by OCR, UTF-8; NULL where there is no ink or no OCR was asked for */
    float confidence;   /* of the draft, 0-1 */
    struct rect rect_px;
};

/* boxes[i] belongs to template box i, fields[i] to template field i. */
struct page_reading {
    struct box_reading *boxes;
    /* NULL, or the boxes as they were measured, where `boxes` knows more of the print than the plate
     * does (record/learned_print.h) */
    struct box_reading *measured;
    size_t box_count;
    struct field_reading *fields;
    size_t field_count;
    float paper, print; /* grey level of paper and of print on this page, 0-255 */
    struct ink_piece *pieces; /* new ink that is not all in fields, the largest first */
    size_t piece_count;
    float ink_outside_mm2; /* new ink in no answer area */
};

/* What reading marks needs to know of one template page; made once per worker. */
struct mark_template;
struct mark_template *mark_template_new(const struct template_page *page, const PIX *plate,
                                        const struct calibration *calibration);
void mark_template_free(struct mark_template *template);

/* Black and white: what was too light is white. */
static inline bool reading_is_bitonal(const struct page_reading *reading)
{
    return reading->paper >= 255 && reading->print <= 0;
}

/* Measures all boxes and the ink of all fields. The reading's arrays belong to the arena. */
void read_marks(struct page_reading *out, struct arena *arena,
                const struct mark_template *template, const struct raw_page *raw,
                const struct placed_page *placed);

/* Drafts the text of the fields with ink, by Tesseract: the only function that may abort, exit or
 * take seconds. (read/ocr.c) */
struct ocr;
struct ocr *ocr_new(const char *language, struct error *err); /* NULL: err says what to install */
void ocr_free(struct ocr *ocr);
void ocr_draft(struct page_reading *reading, struct arena *arena, struct ocr *ocr,
               const struct template_page *page, const struct raw_page *raw,
               const struct placed_page *placed);

/* The printed words of a page of 1 bpp at 300 dpi, in its pixels; they belong to the arena. */
struct find_word;
bool ocr_words(struct find_word **out, size_t *count, struct arena *arena, struct ocr *ocr,
               PIX *page);

#endif
