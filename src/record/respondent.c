/* The pen of one return, and whether the scans show it at all. */
#include "record/respondent.h"

#include <stdint.h>

static void check_reading(const struct page_result *result, const struct template_page *page)
{
    if (result->reading.box_count != page->box_count ||
        result->reading.field_count != page->field_count)
        error_die("%s, image %d: %zu boxes and %zu fields were measured where the form has %zu "
                  "and %zu",
                  result->source, result->image + 1, result->reading.box_count,
                  result->reading.field_count, page->box_count, page->field_count);
}

/* The page's first image; SIZE_MAX where there is none. */
static size_t first_of_page(const struct owned_page *owned, size_t count, size_t page)
{
    for (size_t k = 0; k < count; k++)
        if (owned[k].page == page)
            return owned[k].result;
    return SIZE_MAX;
}

/* Of so many boxes one or two are plainly marked, or a few hold a trace: a return that seems blank in black
 * and white, or of whose marks a threshold left next to nothing. What lies beside boxes would show; where
 * many hold something a person sees it, and keys it. */
static bool hardly_shows(const struct pen *pen, const struct box_reading *const *boxes, size_t count,
                         const struct calibration *calibration)
{
    const struct mark_calibration *c = &calibration->marks;
    double shown = (double)(pen->doubtful + pen->traced), beside = 0;
    for (size_t k = 0; k < count; k++)
        beside += !((double)boxes[k]->evidence.row_mm2 <= calibration->outside.stray_mm2);
    bool shows = shown >= c->lost_few_min || pen->plain > 0;
    return !pen->known && (double)count >= c->faint_boxes_min && shows && shown <= c->lost_few_max &&
           beside <= c->lost_beside_max;
}

static void look(struct respondent *out, struct arena *arena, const struct owned_page *owned,
                 size_t count, const struct page_result *results, const struct form *form,
                 const struct calibration *calibration)
{
    size_t most = 0, n = 0;
    for (size_t p = 0; p < form->page_count; p++)
        most += form->pages[p].box_count;
    const struct box_reading **boxes = ARENA_NEW(arena, const struct box_reading *, most);
    const struct quiet **quiets = ARENA_NEW(arena, const struct quiet *, most);
    out->quiets = ARENA_NEW(arena, struct quiet, form->page_count);
    bool bitonal = true;
    for (size_t p = 0; p < form->page_count; p++) {
        size_t r = first_of_page(owned, count, p);
        if (r == SIZE_MAX)
            continue;
        const struct page_reading *reading = &results[r].reading;
        check_reading(&results[r], &form->pages[p]);
        bitonal &= reading_is_bitonal(reading);
        out->quiets[p] = quiet_estimate(reading->boxes, reading->box_count, &calibration->marks);
        out->quiets[p].bitonal = reading_is_bitonal(reading);
        for (size_t b = 0; b < reading->box_count; b++, n++) {
            boxes[n] = &reading->boxes[b];
            quiets[n] = &out->quiets[p];
        }
    }
    out->pen = pen_estimate(boxes, quiets, n, calibration);
    out->pen.lost |= bitonal && hardly_shows(&out->pen, boxes, n, calibration);
}

/* Takes away the first image of every page. Gives the number that is left. */
static size_t set_aside(struct owned_page *owned, size_t count, struct page_result *results,
                        const char *detail)
{
    size_t left = 0, taken = SIZE_MAX;
    for (size_t k = 0; k < count; k++) {
        if (owned[k].page != taken) {
            taken = owned[k].page;
            results[owned[k].result].reason = FLAG_PEN_LOST;
            results[owned[k].result].detail = detail;
        } else {
            owned[left++] = owned[k];
        }
    }
    return left;
}

size_t respondent_know(struct respondent *out, struct arena *arena, struct owned_page *owned,
                       size_t count, struct page_result *results, const struct form *form,
                       const struct calibration *calibration)
{
    while (count > 0) {
        look(out, arena, owned, count, results, form, calibration);
        const struct pen *pen = &out->pen;
        if (!pen->lost)
            break;
        const char *detail = arena_printf(arena, "return %s: of %zu boxes with ink in them %zu are plainly marked",
                                          owned->reference, pen->plain + pen->hinted, pen->plain);
        count = set_aside(owned, count, results, detail);
    }
    return count;
}
