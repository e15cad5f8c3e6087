/* All print of a placed page, tile by tile. */
#include "page/verify.h"

#include <math.h>
#include <stdlib.h>

#include "base/error.h"

enum tile { TILE_UNASKED, TILE_SAME, TILE_OTHER, TILE_COUNTED };

/* Whether nobody is expected to write in the tile. */
static bool is_print_only(const struct landmark_set *set, int x, int y, int side)
{
    struct patch free_of_answers;
    patch_cut(&free_of_answers, &set->no_answer, x / 2, y / 2, side / 2);
    return free_of_answers.ink == (side / 2) * (side / 2);
}

/* Whether all of a tile lies on the image: what was cut off looks like other print. */
static bool is_on_image(const struct placement *placement, const struct raw_page *raw,
                        struct point middle_mm, double half_mm)
{
    for (int k = 0; k < 4; k++) {
        struct point p = placement_to_px(
            placement, (struct point){middle_mm.x + (k & 1 ? half_mm : -half_mm),
                                      middle_mm.y + (k & 2 ? half_mm : -half_mm)});
        if (!(p.x >= 0 && p.y >= 0 && p.x < raw->width_px && p.y < raw->height_px))
            return false;
    }
    return true;
}

static enum tile look(const struct landmark_set *set, int x, int y, int side,
                      const struct frame *frame, struct point expected_px,
                      const struct registration_calibration *calibration)
{
    struct patch patch;
    patch_cut(&patch, &set->plate, x, y, side);
    if (patch.ink < calibration->tile_ink_min * side * side || !is_print_only(set, x, y, side) ||
        !(fabs(expected_px.x) < 1e5 && fabs(expected_px.y) < 1e5))
        return TILE_UNASKED;
    struct match match = patch_search(&frame->full, &patch, (int)lround(expected_px.x - side / 2.0),
                                      (int)lround(expected_px.y - side / 2.0),
                                      (int)ceil(calibration->tile_reach_mm * frame->px_per_mm), 0);
    return match.score < calibration->other_print_score_max &&
                   match.within < calibration->contradicted_share_max &&
                   match.shown < calibration->contradicted_share_max && match.within > 0
               ? TILE_OTHER
               : TILE_SAME;
}

/* Counts the tiles of other print that hang together with this one, and adds up where they are. */
static int count_together(enum tile *tiles, int columns, int rows, int x, int y, double sum[2])
{
    if (x < 0 || y < 0 || x >= columns || y >= rows || tiles[y * columns + x] != TILE_OTHER)
        return 0;
    tiles[y * columns + x] = TILE_COUNTED;
    sum[0] += x + 0.5;
    sum[1] += y + 0.5;
    int count = 1;
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++)
            count += count_together(tiles, columns, rows, x + dx, y + dy, sum);
    return count;
}

void verify_print(struct verdict_of_print *out, const struct landmark_set *set,
                  const struct frame *frame, const struct placement *placement,
                  const struct transform *image_to_frame, const struct raw_page *raw,
                  const struct registration_calibration *calibration)
{
    *out = (struct verdict_of_print){0};
    if (set->count == 0)
        return;
    double px_per_mm = set->dpi / MM_PER_INCH;
    int side = set->landmarks[0].full.side_px;
    int columns = set->plate.width_px / side, rows = set->plate.height_px / side;
    enum tile *tiles = calloc((size_t)columns * (size_t)rows + 1, sizeof *tiles);
    if (tiles == NULL)
        error_die("out of memory: tiles");
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < columns; x++) {
            struct point middle = {(x + 0.5) * side / px_per_mm, (y + 0.5) * side / px_per_mm};
            if (!is_on_image(placement, raw, middle, side / 2.0 / px_per_mm + calibration->tile_reach_mm))
                continue;
            struct point expected =
                transform_apply(image_to_frame, placement_to_px(placement, middle));
            enum tile tile =
                look(set, x * side, y * side, side, frame, expected, calibration);
            tiles[y * columns + x] = tile;
            out->asked += tile != TILE_UNASKED;
            out->other += tile == TILE_OTHER;
        }
    for (int y = 0; y < rows; y++)
        for (int x = 0; x < columns; x++) {
            double sum[2] = {0, 0};
            int together = count_together(tiles, columns, rows, x, y, sum);
            if (together <= out->together)
                continue;
            out->together = together;
            out->where_mm = (struct point){sum[0] / together * side / px_per_mm,
                                           sum[1] / together * side / px_per_mm};
        }
    free(tiles);
}
