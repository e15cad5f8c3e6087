/* What befalls a sheet, and its print on the paper. */
#include "proof/paper_internal.h"
#include "proof/toner.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#define X(name) #name,
const char *const damage_names[DAMAGE_COUNT] = {DAMAGE_KINDS(X)};
#undef X

static void corner_fate(struct sheet_fate *fate, int which, const struct draw *draw,
                        struct random *r)
{
    double size;
    bool happens = profile_happens(&size, draw, r);
    double favourite = random_unit(r); /* top left most: that is where people unstaple */
    fate->corner[which] = !happens ? -1 : favourite < 0.55 ? 0 : (int)random_below(r, 4);
    fate->corner_along_mm[which] = size * random_between(r, 0.7, 1.2);
    fate->corner_down_mm[which] = size * random_between(r, 0.7, 1.2);
}

struct sheet_fate sheet_fate_draw(const struct profile *profile, double width_mm, double height_mm,
                                  bool first_sheet, bool returned_punched, bool returned_stamped,
                                  struct random *r)
{
    struct sheet_fate fate = {.punched = returned_punched};
    double size;
    fate.grey = profile_draw(&profile->paper_grey, r);
    fate.texture = profile_draw(&profile->paper_texture, r);
    fate.faded = profile_draw(&profile->print_faded, r);
    fate.show_through = profile_draw(&profile->paper_show_through, r);
    fate.crease = profile_draw(&profile->paper_crease, r);
    corner_fate(&fate, 0, &profile->paper_torn_corner_mm, r);
    corner_fate(&fate, 1, &profile->paper_folded_corner_mm, r);
    fate.folded_to_front = random_chance(r, 0.5);
    fate.staple = profile_happens(&size, &profile->paper_staple, r) ? (random_chance(r, 0.7) ? 1 : 2) : 0;
    fate.staple_mm = (struct point){random_between(r, 5, 12), random_between(r, 5, 12)};
    fate.staple_angle = random_between(r, -1.2, 0.2);
    fate.punch_y_mm = height_mm / 2 + random_between(r, -6, 6);
    if (profile_happens(&size, &profile->paper_coffee_mm, r))
        fate.coffee_mm = size;
    fate.coffee_at_mm = (struct point){random_between(r, 0, width_mm), random_between(r, 0, height_mm)};
    fate.stamped = returned_stamped && first_sheet;
    fate.stamp_at_mm = (struct point){random_between(r, width_mm * 0.55, width_mm * 0.8),
                                      random_between(r, 15, 40)};
    fate.stamp_angle = random_between(r, -0.2, 0.2);
    fate.phase = random_between(r, 0, 400);
    return fate;
}

/* ---- the print --------------------------------------------------------------------------- */

static void fade_band(struct paper_side *side, double x_mm, double width_mm, double depth)
{
    struct plane *plane = &side->plane;
    struct window w = window_of(plane, (struct rect){x_mm - width_mm, 0, 2 * width_mm, side->height_mm});
    for (int x = w.x0; x < w.x1; x++) {
        double far = (mm_of(plane, x, 0).x - x_mm) / width_mm * 2;
        int keep = (int)(256 * (1 - depth * exp(-far * far)));
        for (int y = w.y0; y < w.y1; y++) {
            uint8_t *p = row_of(plane, y) + x;
            *p = (uint8_t)(side->paper - ((side->paper - *p) * keep >> 8));
        }
    }
    side->damaged[DAMAGE_faded_band] = true;
}

struct paper_side paper_print(const struct plane *print, const struct sheet_fate *fate,
                              const struct mapping *m, bool back, uint8_t background)
{
    struct paper_side side = {.width_mm = m->width_mm, .height_mm = m->height_mm, .back = back,
                              .background = background};
    side.sheet_mm = (struct rect){
        (-m->print_shift_mm.x - m->width_mm / 2) / m->print_scale + m->width_mm / 2,
        (-m->print_shift_mm.y - m->height_mm / 2) / m->print_scale + m->height_mm / 2,
        m->width_mm / m->print_scale, m->height_mm / m->print_scale};
    struct rect all = rect_grow(side.sheet_mm, MARGIN_MM);
    double k = print->px_per_mm;
    int left = (int)ceil(-all.x * k), top = (int)ceil(-all.y * k);
    side.plane = (struct plane){.px_per_mm = k, .width_px = (int)ceil(all.w * k) + 2,
                                .height_px = (int)ceil(all.h * k) + 2,
                                .origin_mm = {-left / k, -top / k}};
    size_t size = (size_t)side.plane.width_px * (size_t)side.plane.height_px;
    side.plane.data = g_malloc(size + PLANE_SLACK);
    struct toner_look look = {.paper = fate->grey, .faded = fate->faded, .gain = fate->gain,
                              .rough = fate->rough, .screen_lpi = fate->screen_lpi,
                              .phase = fate->phase + (back ? 137 : 0)};
    struct toner *toner = toner_new(&look, k);
    side.paper = toner_paper(toner);
    memset(side.plane.data, side.paper, size);
    side.damaged[DAMAGE_faded_print] = fate->faded > 0.01;
    side.damaged[DAMAGE_grey_paper] = fate->grey < 0.9;
    for (int y = 0; y < print->height_px; y++) {
        int py = y + top, x0 = left < 0 ? -left : 0;
        int x1 = print->width_px < side.plane.width_px - left ? print->width_px
                                                              : side.plane.width_px - left;
        if (py < 0 || py >= side.plane.height_px)
            continue;
        uint8_t *to = side.plane.data + (size_t)py * (size_t)side.plane.width_px + left;
        toner_row(toner, to, print, y, x0, x1);
    }
    toner_free(toner);
    if (fate->band_width_mm > 0)
        fade_band(&side, side_x(&side, fate->band_x_mm), fate->band_width_mm, fate->band_depth);
    return side;
}
