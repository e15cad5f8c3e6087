/* How much of a mark the scanner left for anybody to see. */
#include "proof/seen.h"

#include <math.h>

#include <glib.h>

static int level_at(PIX *scan, int x, int y)
{
    l_uint32 value = 0;
    if (pixGetPixel(scan, x, y, &value) != 0)
        return -1;
    return pixGetDepth(scan) == 1 ? (value ? 0 : 255) : (int)value;
}

/* The level of the paper around a box: nine tenths of the pixels are darker. */
static int paper_level(PIX *scan, struct point px, int reach)
{
    int counts[256] = {0}, total = 0, level = 255;
    for (int y = -reach; y <= reach; y += 2)
        for (int x = -reach; x <= reach; x += 2) {
            int here = level_at(scan, (int)px.x + x, (int)px.y + y);
            if (here >= 0) {
                counts[here]++;
                total++;
            }
        }
    for (int left = total / 10; level > 0 && (left -= counts[level]) > 0;)
        level--;
    return level;
}

/* Print under this level is dark on the scan by itself, whatever is written over it; over a tint a mark shows. */
#define DARK_PRINT 160
#define TINT 250

/* Whether nothing that is printed within `reach_mm` is darker than `level`: there, what is dark was written. */
static bool is_bare(const struct plane *print, struct point mm, double reach_mm, int level)
{
    for (int i = 0; i < 25; i++) {
        int x = (int)((mm.x + (i % 5 - 2) * reach_mm / 2 - print->origin_mm.x) * print->px_per_mm);
        int y = (int)((mm.y + (i / 5 - 2) * reach_mm / 2 - print->origin_mm.y) * print->px_per_mm);
        if (x >= 0 && y >= 0 && x < print->width_px && y < print->height_px &&
            print->data[(size_t)y * (size_t)print->width_px + (size_t)x] < level)
            return false;
    }
    return true;
}

/* Where other strokes than the owner's may make dark what this mark alone does not. */
struct others {
    struct point *mm;
    size_t count;
    double near_mm;
};

/* Of the strokes from `first` on. Freed by the caller. */
static struct others others_about(const struct drawing *drawing, size_t owner, size_t first, double near_mm)
{
    struct others others = {.mm = g_new(struct point, drawing->point_count + 1), .near_mm = near_mm};
    double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
    for (int own = 1; own >= 0; own--)
        for (size_t s = own ? first : 0; s < drawing->stroke_count; s++) {
            const struct stroke *stroke = &drawing->strokes[s];
            for (size_t i = 0; (stroke->owner == owner) == own && i < stroke->count; i++) {
                const struct stroke_point *p = &drawing->points[stroke->first + i];
                struct point mm = {(double)p->x_mm, (double)p->y_mm};
                if (own) {
                    x0 = fmin(x0, mm.x - near_mm);
                    y0 = fmin(y0, mm.y - near_mm);
                    x1 = fmax(x1, mm.x + near_mm);
                    y1 = fmax(y1, mm.y + near_mm);
                } else if (mm.x >= x0 && mm.y >= y0 && mm.x <= x1 && mm.y <= y1)
                    others.mm[others.count++] = mm;
            }
        }
    return others;
}

static bool is_crossed(const struct others *others, struct point mm)
{
    for (size_t i = 0; i < others->count; i++)
        if (hypot(others->mm[i].x - mm.x, others->mm[i].y - mm.y) <= others->near_mm)
            return true;
    return false;
}

/* Whether something under the pen is darker than paper: of a pale line a threshold leaves single
 * pixels, beside its middle too, and people see the line in them; one speck is no line. */
static bool is_seen(const struct image_truth *t, struct point mm, double reach_mm, int limit)
{
    struct point px = mapping_to_px(t->mapping, mm);
    double reach_x = reach_mm / MM_PER_INCH * t->mapping->x_dpi;
    double reach_y = reach_mm / MM_PER_INCH * t->mapping->y_dpi;
    int x0 = (int)floor(px.x - reach_x), x1 = (int)floor(px.x + reach_x);
    int y0 = (int)floor(px.y - reach_y), y1 = (int)floor(px.y + reach_y), dark = 0;
    for (int y = y0; y <= y1; y++)
        for (int x = x0; x <= x1; x++) {
            int level = level_at(t->scan, x, y);
            dark += level >= 0 && level < limit;
        }
    return dark > 0 && dark >= (x1 - x0 + 1) * (y1 - y0 + 1) * SEEN_DARK;
}

/* Whether a streak of dust darkens the scan there or within `reach_mm` to a side, whatever is written below it. */
static bool is_streaked(const struct image_truth *t, struct point mm, double reach_mm)
{
    const struct machine *m = t->machine;
    if (m == NULL || m->streak_count == 0)
        return false;
    struct point px = mapping_to_px(t->mapping, mm);
    double dots_mm = m->x_dpi / MM_PER_INCH;
    int height = t->mapping->height_px;
    for (int side = -1; side <= 1; side++)
        if (streaks_taken(px.x + side * reach_mm * dots_mm, dots_mm, m->streaks, m->streak_count, px.y / height,
                          height * MM_PER_INCH / m->y_dpi, m->streak_page) >= STREAK_TAKEN)
            return true;
    return false;
}

/* Whose strokes they are: a mark between two boxes was drawn once, for one of them. */
static size_t owner_of(const struct image_truth *t, size_t b)
{
    const struct filled_page *page = &t->filled->pages[t->page];
    const struct template_page *template = &t->form->pages[t->page];
    size_t other = b;
    for (size_t s = 0; s < page->drawing.stroke_count; s++) {
        size_t owner = page->drawing.strokes[s].owner;
        if (owner == b)
            return b;
        if (page->boxes[b].how == MARK_between && owner < template->box_count &&
            template->boxes[owner].item == template->boxes[b].item &&
            page->boxes[owner].how == MARK_between)
            other = owner;
    }
    return other;
}

/* What can be seen of a mark: of the places looked at, so many. */
struct sight {
    int seen, places;
};

/* Where along a stroke something can be seen. */
struct stretches {
    struct point last_mm;
    double long_mm, longest_mm;
    bool begun;
};

/* To the next place on bare paper. What lies between two such places is not known: it neither ends a stretch nor
 * makes it longer. */
static void stretch_to(struct stretches *stretches, struct point mm, bool seen)
{
    double far_mm = hypot(mm.x - stretches->last_mm.x, mm.y - stretches->last_mm.y);
    if (!seen) {
        stretches->begun &= far_mm <= SEEN_GAP_MM;
        return;
    }
    stretches->long_mm = !stretches->begun ? 0 : stretches->long_mm + (far_mm <= SEEN_GAP_MM ? far_mm : 0);
    stretches->longest_mm = fmax(stretches->longest_mm, stretches->long_mm);
    stretches->begun = true;
    stretches->last_mm = mm;
}

/* Beside the middle of the stroke: what shows of a mark that lies along a line of
 * print. */
static void look_beside(struct sight *sight, const struct image_truth *t, struct point mm, int limit,
                        const struct others *others)
{
    double wide = SEEN_BESIDE * t->filled->pen.width_mm;
    const struct point sides[] = {{-wide, 0}, {wide, 0}, {0, -wide}, {0, wide}};
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
        struct point at = {mm.x + sides[i].x, mm.y + sides[i].y};
        if (is_crossed(others, at) || is_streaked(t, at, 0) || !is_bare(t->print, at, PRINT_SPREAD_MM / 2, TINT))
            continue;
        sight->places++;
        sight->seen += is_seen(t, at, 0, limit);
    }
}

/* What is left of a mark, less than half of it, is told from dirt by where it is and how long: people look into every
 * box, and ask about a speck in it. Beside the boxes a speck is dirt to everybody. */
static bool is_dirt(double share, const struct sight *inside, bool enters, const struct stretches *stretches)
{
    bool known = inside->places >= PLACES_MIN || !enters;
    return known && share < MOSTLY_GONE && inside->seen == 0 && stretches->longest_mm < DIRT_MM;
}

double seen_share(const struct image_truth *t, size_t b, bool last_alone)
{
    const struct drawing *drawing = &t->filled->pages[t->page].drawing;
    struct rect box = t->form->pages[t->page].boxes[b].rect_mm;
    struct point centre = rect_centre(box);
    int limit = paper_level(t->scan, mapping_to_px(t->mapping, centre),
                            (int)(4 / MM_PER_INCH * t->mapping->x_dpi)) * 85 / 100;
    double reach = SEEN_REACH * t->filled->pen.width_mm;
    size_t owner = owner_of(t, b), first = 0;
    for (size_t s = 0; last_alone && s < drawing->stroke_count; s++)
        first = drawing->strokes[s].owner == owner ? s : first;
    struct others others = others_about(drawing, owner, first, reach + OTHERS_REACH * t->filled->pen.width_mm);
    /* where the least else is, first */
    enum { FAR, NEAR, BESIDE, ANY, WAYS };
    struct sight sights[WAYS] = {{0}}, inside = {0};
    struct stretches stretches = {.longest_mm = 0};
    bool enters = false;
    for (size_t s = first; s < drawing->stroke_count; s++) {
        const struct stroke *stroke = &drawing->strokes[s];
        stretches.begun = false;
        for (size_t i = 0; stroke->owner == owner && i < stroke->count; i += 2) {
            const struct stroke_point *p = &drawing->points[stroke->first + i];
            struct point mm = {(double)p->x_mm, (double)p->y_mm};
            bool here = is_seen(t, mm, reach, limit);
            bool alone = !is_crossed(&others, mm) && !is_streaked(t, mm, reach);
            bool near = alone && is_bare(t->print, mm, reach + PRINT_SPREAD_MM / 2, TINT);
            bool far = near && is_bare(t->print, mm, reach + PRINT_SPREAD_MM, TINT);
            sights[FAR].places += far;
            sights[FAR].seen += far && here;
            sights[NEAR].places += near;
            sights[NEAR].seen += near && here;
            sights[ANY].places++;
            sights[ANY].seen += here && is_bare(t->print, mm, reach + PRINT_SPREAD_MM / 2, DARK_PRINT);
            look_beside(&sights[BESIDE], t, mm, limit, &others);
            bool within = rect_holds(box, mm);
            enters |= within;
            inside.places += near && within;
            inside.seen += near && within && here;
            if (near)
                stretch_to(&stretches, mm, here);
        }
    }
    g_free(others.mm);
    for (int k = 0; k < WAYS; k++)
        if (sights[k].places >= (k == ANY ? 1 : PLACES_MIN)) {
            double share = (double)sights[k].seen / sights[k].places;
            bool on_paper = k == FAR || k == NEAR; /* where stretches are known */
            return on_paper && !last_alone && is_dirt(share, &inside, enters, &stretches) ? 0 : share;
        }
    return 0;
}
