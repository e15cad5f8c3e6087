/* Finding new ink anywhere on a page: one pass over the scan at coarse cells of the form, the print
 * taken off, what is left put together to connected pieces. Private to read/. */
#ifndef READ_OUTSIDE_H
#define READ_OUTSIDE_H

#include <stdint.h>

#include "page/bitmap.h"
#include "read/reading.h"
#include "read/tone.h"

#define OUTSIDE_CELL_MM 0.25 /* half of an ordinary stroke, so that no stroke falls between two */

/* How far print may be off or fatter than on the plate: on a sharp scan, on a blurred one, and where
 * a piece is surely not made of it. */
enum print_reach { PRINT_NEAR, PRINT_BLURRED, PRINT_FAR, PRINT_REACHES };

/* Cells of one row of the page that belong together. */
struct zone_run {
    unsigned short from, to; /* columns, `to` not included */
    unsigned zone;           /* see zone_...() */
};

/* Where a label may stand beside a box, in cells of the page. */
struct struck_span {
    int x0, x1, y0, y1;
    size_t box;
};

/* A page's labels and the print they are made of (read/struck.h). */
struct struck_template {
    uint64_t *print, *tall; /* as on the plate; with what is just above and below it */
    struct struck_span *spans;
    size_t span_count;
};

/* What each cell of a page is; made once from its plate. */
struct outside_template {
    int width, height, words; /* cells; words of 64 cells a row */
    uint64_t *print[PRINT_REACHES]; /* [height * words]; cell x is bit x & 63 */
    struct zone_run *zones;   /* row after row, from left to right; cells in no run are margin */
    size_t *row_zones;        /* [height + 1]: where each row's runs begin */
    size_t box_count, field_count;
    struct struck_template struck;
    struct outside_calibration calibration;
};

/* Where the row of a box ends on its four sides, in mm of the form: what people write there (a tick beside
 * the box, a ring round its label) speaks of the box. */
struct outside_row {
    double left, right, top, bottom;
};

/* The rows of the page's boxes, [box_count], to be freed. Labels are what the plate prints beside a box, on
 * either side; nothing is known of what they say. */
struct outside_row *outside_rows(const struct template_page *page, const struct bitmap *plate,
                                 const struct outside_calibration *calibration);

/* As plate_ink() at each cell's middle: a bit a cell, [height * words], to be freed. */
uint64_t *outside_print_cells(const struct outside_template *t, const struct bitmap *plate);

/* `plates`: the plate with its print spread by each reach. */
void outside_template_init(struct outside_template *out, const struct template_page *page,
                           const struct bitmap *plate,
                           const struct bitmap *const plates[PRINT_REACHES],
                           const struct outside_calibration *calibration);
void outside_template_release(struct outside_template *template);

/* Zones: what the form itself varies or registration stands on, the inside of a box, a box's row, a
 * field with what is just around it. */
enum { ZONE_OWN = 1, ZONE_FIRST = 2 };
static inline unsigned zone_inside(size_t box)
{
    return ZONE_FIRST + 2 * (unsigned)box;
}
static inline unsigned zone_row(size_t box)
{
    return ZONE_FIRST + 2 * (unsigned)box + 1;
}
static inline unsigned zone_field(size_t box_count)
{
    return ZONE_FIRST + 2 * (unsigned)box_count;
}

/* Fills in pieces, ink_outside_mm2, and of the boxes row_mm2, light_mm2, light_row_mm2, dotted and
 * struck_dotted. `reach`: PRINT_NEAR or PRINT_BLURRED. */
void outside_read(struct page_reading *out, struct arena *arena,
                  const struct outside_template *template, enum print_reach reach,
                  const struct raw_page *raw, const struct placed_page *placed,
                  struct tone levels, double ink_level);

#endif
