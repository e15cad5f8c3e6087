/* Page breaks, columns and the room between blocks. */
#include "form/layout_page.h"

#include <math.h>

#define GAP_MM 5.2         /* between questions */
#define HEAD_ABOVE_MM 6.2  /* above a section's head */
#define HEAD_BELOW_MM 3.8
#define LOOSEST 2.2        /* gaps grow at most by this factor to fill a page */
#define ROOM_MM (CONTENT_BOTTOM_MM - CONTENT_TOP_MM)

/* What a break costs: a page more is dear; so is white left at a page's foot or under one of two
 * columns (by the square of its centimetres); a section split over pages costs a little. */
#define COST_PAGE 100.0
#define COST_SPLIT 3.0
#define COST_COLUMN 1.5
#define COST_LAST 0.2

static double column_height(const struct entry *entries, size_t first, size_t end, double gap)
{
    double height = 0;
    for (size_t i = first; i < end; i++)
        height += entries[i].block->height_mm + (i > first ? gap : 0);
    return height;
}

/* Where to split [first, end) so that the taller column is as short as can be; of two equal ways
 * the one with the fuller left column. */
static size_t best_split(const struct entry *entries, size_t first, size_t end)
{
    size_t best = end;
    double least = column_height(entries, first, end, GAP_MM);
    for (size_t split = end; split-- > first + 1;) {
        double taller = fmax(column_height(entries, first, split, GAP_MM),
                             column_height(entries, split, end, GAP_MM));
        if (taller < least - 1e-9) {
            least = taller;
            best = split;
        }
    }
    return best;
}

static size_t stretches_make(struct stretch *out, const struct entry *entries, size_t first,
                             size_t end)
{
    size_t count = 0;
    for (size_t i = first; i < end;) {
        struct stretch *s = &out[count++];
        s->first = i;
        s->gap_mm = i == first                                     ? 0
                    : entries[i].head                              ? HEAD_ABOVE_MM
                    : entries[i - 1].head                          ? HEAD_BELOW_MM
                                                                   : GAP_MM;
        s->end = i + 1;
        s->split = s->end;
        if (!entries[i].block->wide) {
            while (s->end < end && !entries[s->end].block->wide)
                s->end++;
            s->split = best_split(entries, i, s->end);
        }
        i = s->end;
    }
    return count;
}

static double stretch_height(const struct entry *entries, const struct stretch *s, double loose)
{
    return fmax(column_height(entries, s->first, s->split, GAP_MM * loose),
                column_height(entries, s->split, s->end, GAP_MM * loose));
}

static double page_height(const struct entry *entries, const struct stretch *stretches,
                          size_t count, double loose)
{
    double height = 0;
    for (size_t i = 0; i < count; i++)
        height += stretches[i].gap_mm * loose + stretch_height(entries, &stretches[i], loose);
    return height;
}

static double page_cost(struct stretch *scratch, const struct entry *entries, size_t first,
                        size_t end, size_t count)
{
    for (size_t i = first + 1; i < end; i++)
        if (entries[i].new_page)
            return INFINITY;
    if (entries[end - 1].head)
        return INFINITY;
    size_t stretches = stretches_make(scratch, entries, first, end);
    double slack = ROOM_MM - page_height(entries, scratch, stretches, 1);
    if (slack < 0)
        return INFINITY;
    bool last = end == count || entries[end].new_page;
    double cost = COST_PAGE + pow(slack / 10, 2) * (last ? COST_LAST : 1) +
                  (last || entries[end].head ? 0 : COST_SPLIT);
    for (size_t i = 0; i < stretches; i++) {
        const struct stretch *s = &scratch[i];
        if (entries[s->first].block->wide)
            continue;
        double difference = column_height(entries, s->first, s->split, GAP_MM) -
                            column_height(entries, s->split, s->end, GAP_MM);
        cost += COST_COLUMN * pow(difference / 10, 2);
    }
    return cost;
}

/* The cheapest way to the end from every entry, last first. */
size_t pages_break(size_t *ends, struct arena *arena, const struct entry *entries, size_t count,
                   struct error *err)
{
    double *cost = ARENA_NEW(arena, double, count + 1);
    size_t *next = ARENA_NEW(arena, size_t, count + 1);
    struct stretch *scratch = ARENA_NEW(arena, struct stretch, count);
    for (size_t first = count; first-- > 0;) {
        cost[first] = INFINITY;
        double height = 0; /* of one column: two columns cannot hold more than twice the room */
        for (size_t end = first + 1; end <= count; end++) {
            height += entries[end - 1].block->height_mm;
            if (height > 2 * ROOM_MM)
                break;
            double all = page_cost(scratch, entries, first, end, count) + cost[end];
            if (all < cost[first]) {
                cost[first] = all;
                next[first] = end;
            }
        }
    }
    if (isinf(cost[0])) {
        for (size_t i = 0; i < count; i++)
            if (entries[i].block->height_mm > ROOM_MM) {
                error_set(err, "%s is %.0f mm high and does not fit on a page (%.0f mm): split it",
                          entries[i].name, entries[i].block->height_mm, ROOM_MM);
                return 0;
            }
        error_set(err, "there is no way to lay the questions out on pages: the last section has no "
                       "question, or a section's introduction leaves no room for its first one");
        return 0;
    }
    size_t pages = 0;
    for (size_t i = 0; i < count; i = next[i])
        ends[pages++] = next[i];
    return pages;
}

static void arrange_column(const struct page_sink *sink, const struct entry *entries,
                           size_t first, size_t end, double x, double y, double gap)
{
    for (size_t i = first; i < end; i++) {
        sink->put(sink->data, &entries[i], x, y);
        y += entries[i].block->height_mm + gap;
    }
}

/* The gap that brings a column to this height, within limits. */
static double column_gap(const struct entry *entries, size_t first, size_t end, double height,
                         double gap)
{
    size_t gaps = end - first - (end > first);
    if (gaps == 0)
        return gap;
    double wanted =
        gap + (height - column_height(entries, first, end, gap)) / (double)gaps;
    return fmin(wanted, GAP_MM * LOOSEST);
}

void page_arrange(const struct page_sink *sink, struct arena *arena, const struct entry *entries,
                  size_t first, size_t end)
{
    struct stretch *stretches = ARENA_NEW(arena, struct stretch, end - first);
    size_t count = stretches_make(stretches, entries, first, end);
    double loose = 1, above = LOOSEST;
    for (int step = 0; step < 40; step++) { /* the loosest gaps that still fit */
        double middle = (loose + above) / 2;
        if (page_height(entries, stretches, count, middle) <= ROOM_MM)
            loose = middle;
        else
            above = middle;
    }
    double y = CONTENT_TOP_MM, right = CONTENT_LEFT_MM + (CONTENT_WIDTH_MM + GUTTER_MM) / 2;
    for (size_t i = 0; i < count; i++) {
        const struct stretch *s = &stretches[i];
        y += s->gap_mm * loose;
        double height = stretch_height(entries, s, loose), gap = GAP_MM * loose;
        arrange_column(sink, entries, s->first, s->split, CONTENT_LEFT_MM, y,
                       column_gap(entries, s->first, s->split, height, gap));
        arrange_column(sink, entries, s->split, s->end, right, y,
                       column_gap(entries, s->split, s->end, height, gap));
        if (s->split < s->end)
            sink->rule(sink->data, (struct rect){right - GUTTER_MM / 2, y, 0.2, height});
        y += height;
    }
}
