/* Rests of streaks: one of them may be any short stroke, but no hand draws in the same column of the
 * scanner on sheet after sheet, in margins and between print as well as beside boxes. */
#include "record/dust.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A hairline of one image that stands upright. */
struct hair {
    size_t result, piece;
    double at_px, px_per_mm;
    bool in_margin;
};

static bool is_hair(struct hair *out, const struct ink_piece *p, const struct outside_calibration *c)
{
    double px_per_mm = sqrt(p->rect_px.w * p->rect_px.h / (p->rect_mm.w * p->rect_mm.h));
    if (!(px_per_mm > 0) || !isfinite(px_per_mm) || p->rect_px.w > c->dust_wide_mm * px_per_mm ||
        p->rect_px.h < c->dust_slim_min * p->rect_px.w)
        return false;
    out->at_px = p->rect_px.x + p->rect_px.w / 2;
    out->px_per_mm = px_per_mm;
    out->in_margin = p->touch_count == 0;
    return true;
}

/* How long the part of a name is that stands for the batch's feeding: a folder. */
static size_t folder_length(const char *source)
{
    const char *slash = strrchr(source, '/');
    return slash == NULL ? 0 : (size_t)(slash - source);
}

static bool same_feed(const struct page_result *a, const struct page_result *b)
{
    size_t length = folder_length(a->source);
    return strcmp(a->source, b->source) == 0 ||
           (a->image == 0 && b->image == 0 && folder_length(b->source) == length &&
            strncmp(a->source, b->source, length) == 0);
}

/* How many other images show a line in the same column where nobody answers; to one side (`step` 1 or -1),
 * as far as dust may have lain there. Hairs are in order of their images. */
static size_t count_images(const struct hair *hairs, size_t count, size_t at, int step,
                           const struct page_result *results, const struct outside_calibration *c)
{
    const struct hair *own = &hairs[at];
    size_t images = 0, seen = SIZE_MAX;
    for (size_t k = at + (size_t)step; k < count; k += (size_t)step) {
        const struct hair *h = &hairs[k];
        double apart = step > 0 ? (double)(h->result - own->result) : (double)(own->result - h->result);
        if (apart > c->dust_images_apart_max)
            break;
        bool alike = fabs(h->px_per_mm - own->px_per_mm) <= c->dust_scale_off_max * own->px_per_mm &&
                     fabs(h->at_px - own->at_px) <= c->dust_off_max_mm * own->px_per_mm;
        if (h->result == own->result || h->result == seen || !h->in_margin || !alike ||
            !same_feed(&results[h->result], &results[own->result]))
            continue;
        seen = h->result;
        images++;
    }
    return images;
}

static struct hair *find_hairs(size_t *count, struct arena *arena, const struct page_result *results,
                               size_t result_count, const struct outside_calibration *c)
{
    size_t most = 0, n = 0;
    for (size_t r = 0; r < result_count; r++)
        most += results[r].reading.piece_count;
    struct hair *hairs = ARENA_NEW(arena, struct hair, most + 1);
    for (size_t r = 0; r < result_count; r++)
        for (size_t k = 0; k < results[r].reading.piece_count; k++) {
            struct hair hair = {.result = r, .piece = k};
            if (is_hair(&hair, &results[r].reading.pieces[k], c))
                hairs[n++] = hair;
        }
    *count = n;
    return hairs;
}

const bool *const *dust_find(struct arena *arena, const struct page_result *results, size_t count,
                             const struct outside_calibration *calibration)
{
    size_t hair_count;
    struct hair *hairs = find_hairs(&hair_count, arena, results, count, calibration);
    bool **dust = ARENA_NEW(arena, bool *, count + 1);
    for (size_t k = 0; k < hair_count; k++) {
        size_t r = hairs[k].result;
        size_t images = count_images(hairs, hair_count, k, 1, results, calibration) +
                        count_images(hairs, hair_count, k, -1, results, calibration);
        if ((double)images < calibration->dust_images_min)
            continue;
        if (dust[r] == NULL)
            dust[r] = ARENA_NEW(arena, bool, results[r].reading.piece_count);
        dust[r][hairs[k].piece] = true;
    }
    return (const bool *const *)dust;
}
