/* What the scans of a batch have in common that somebody should know. */
#include "run/findings.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

#define ENOUGH 5 /* pages, before something is called steady */

struct finding_search {
    struct arena *arena;
    const struct page_result *results;
    size_t count;
    const struct batch_record *record;
    const struct form *const *forms;
    size_t form_count;
    const struct health_calibration *calibration;
    struct findings found;
    size_t capacity;
    double *values; /* room for one number a result */
};

static void add(struct finding_search *s, const char *line)
{
    if (s->found.count == s->capacity) {
        s->capacity = s->capacity == 0 ? 16 : 2 * s->capacity;
        const char **more = ARENA_NEW(s->arena, const char *, s->capacity);
        if (s->found.count > 0)
            memcpy(more, s->found.lines, s->found.count * sizeof *more);
        s->found.lines = more;
    }
    s->found.lines[s->found.count++] = line;
}

static const struct scan_health *health_of(const struct finding_search *s, size_t r)
{
    return &s->results[r].placed.health;
}

static bool is_measured(const struct finding_search *s, size_t r)
{
    return health_of(s, r)->width_mm > 0;
}

/* The form lies on it. */
static bool is_placed(const struct finding_search *s, size_t r)
{
    return health_of(s, r)->x_dpi > 0 && s->results[r].identified;
}

/* The file, and the image in it where it holds several. */
static const char *place_of(const struct finding_search *s, size_t r)
{
    const char *source = s->results[r].source;
    if (s->results[r].image == 0 && (r == 0 || strcmp(s->results[r - 1].source, source) != 0) &&
        (r + 1 == s->count || strcmp(s->results[r + 1].source, source) != 0))
        return source;
    return arena_printf(s->arena, "%s, image %d", s->results[r].source, s->results[r].image + 1);
}

static const char *pages(const struct finding_search *s, size_t count)
{
    return arena_printf(s->arena, "%zu page%s", count, count == 1 ? "" : "s");
}

/* ---- streaks ------------------------------------------------------------------------------------ */

struct streak_place {
    size_t result;
    bool lying;
    double at_mm, size_mm; /* of the image, across the streak */
};

static int by_place(const void *left, const void *right)
{
    const struct streak_place *a = left, *b = right;
    if (a->lying != b->lying)
        return a->lying - b->lying;
    if (a->at_mm < b->at_mm || a->at_mm > b->at_mm)
        return a->at_mm < b->at_mm ? -1 : 1;
    return (a->result > b->result) - (a->result < b->result);
}

struct streak_group {
    const struct streak_place *places;
    size_t count;
};

static int largest_first(const void *left, const void *right)
{
    const struct streak_group *a = left, *b = right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return (a->places > b->places) - (a->places < b->places);
}

/* " (backs alone)" where all of them are: a duplex scanner has two glasses. */
static const char *which_side(const struct finding_search *s, const struct streak_group *group)
{
    size_t odd = 0;
    for (size_t k = 0; k < group->count; k++) {
        const struct page_result *result = &s->results[group->places[k].result];
        if (!result->identified)
            return "";
        odd += result->placed.known.page & 1;
    }
    if (group->count < ENOUGH || (odd > 0 && odd < group->count))
        return "";
    return odd == 0 ? " (fronts alone)" : " (backs alone)";
}

static void say_streak(struct finding_search *s, const struct streak_group *group, size_t measured)
{
    static const char *const thirds[] = {"left third", "middle third", "right third"};
    size_t first = SIZE_MAX;
    double sum = 0, third = 0;
    for (size_t k = 0; k < group->count; k++) {
        const struct streak_place *place = &group->places[k];
        first = place->result < first ? place->result : first;
        sum += place->at_mm;
        third += place->at_mm / place->size_mm;
    }
    double at_mm = sum / (double)group->count;
    int which = (int)fmin(2, fmax(0, 3 * third / (double)group->count));
    if (group->places->lying)
        add(s, arena_printf(s->arena,
                            "streak %.0f mm from the top edge, across the image, on %zu of %zu pages%s, "
                            "first on %s: clean the glass (the images were turned after scanning)",
                            at_mm, group->count, measured, which_side(s, group),
                            place_of(s, first)));
    else
        add(s, arena_printf(s->arena,
                            "streak %.0f mm from the left edge on %zu of %zu pages%s, first on %s: "
                            "clean the glass, %s",
                            at_mm, group->count, measured, which_side(s, group),
                            place_of(s, first), thirds[which]));
}

/* Streaks at one place are one grain of dust, however many pages it is on. */
static void find_streaks(struct finding_search *s, size_t measured)
{
    enum { LINES = 5 };
    size_t total = 0, n = 0, groups = 0, alone = 0;
    for (size_t r = 0; r < s->count; r++)
        total += (size_t)health_of(s, r)->streak_count;
    struct streak_place *places = ARENA_NEW(s->arena, struct streak_place, total);
    struct streak_group *all = ARENA_NEW(s->arena, struct streak_group, total);
    for (size_t r = 0; r < s->count; r++)
        for (int k = 0; k < health_of(s, r)->streak_count; k++) {
            const struct streak *streak = &health_of(s, r)->streaks[k];
            places[n++] = (struct streak_place){
                r, streak->lying, (double)streak->at_mm,
                (double)(streak->lying ? health_of(s, r)->height_mm : health_of(s, r)->width_mm)};
        }
    qsort(places, n, sizeof *places, by_place);
    for (size_t k = 0, end; k < n; k = end) {
        for (end = k + 1; end < n && places[end].lying == places[k].lying &&
                          places[end].at_mm - places[end - 1].at_mm <=
                              s->calibration->streak_together_mm;)
            end++;
        if (end - k > 1)
            all[groups++] = (struct streak_group){&places[k], end - k};
        else
            alone++;
    }
    qsort(all, groups, sizeof *all, largest_first);
    for (size_t g = 0; g < groups && g < LINES; g++)
        say_streak(s, &all[g], measured);
    if (groups > LINES)
        add(s, arena_printf(s->arena, "streaks at %zu more places: clean the glass", groups - LINES));
    if (alone > 0)
        add(s, arena_printf(s->arena, "%s with a streak of %s own: look at the paper, or clean the glass",
                            pages(s, alone), alone == 1 ? "its" : "their"));
}

/* ---- numbers of many pages ---------------------------------------------------------------------- */

struct steady {
    size_t count;
    double median, spread; /* spread: between the quarters */
};

static int by_value(const void *left, const void *right)
{
    const double *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

static struct steady steady_of(double *values, size_t count)
{
    struct steady out = {.count = count};
    qsort(values, count, sizeof *values, by_value);
    if (count > 0) {
        out.median = values[count / 2];
        out.spread = values[count * 3 / 4] - values[count / 4];
    }
    return out;
}

/* One of the numbers of scan health over the pages of a form that lie safely; 0: not known there,
 * where `zero_is_unknown`. */
static struct steady steady_number(struct finding_search *s, size_t form, size_t offset,
                                   bool zero_is_unknown)
{
    size_t n = 0;
    for (size_t r = 0; r < s->count; r++) {
        float value;
        if (!is_placed(s, r) || s->results[r].placed.known.form != form)
            continue;
        memcpy(&value, (const char *)health_of(s, r) + offset, sizeof value);
        if (!zero_is_unknown || value > 0)
            s->values[n++] = (double)value;
    }
    return steady_of(s->values, n);
}

#define NUMBER(s, form, name, zero)                                                                \
    steady_number(s, form, offsetof(struct scan_health, name), zero)

static bool is_off(const struct finding_search *s, const struct steady *scale)
{
    return scale->count >= ENOUGH && fabs(scale->median - 1) > s->calibration->scale_note &&
           scale->spread < s->calibration->scale_spread_max;
}

/* A print run of another size, or a feeder that stretches; and where the print lies on the image. */
static void find_print_run(struct finding_search *s, size_t form)
{
    struct steady x = NUMBER(s, form, scale_x, true), y = NUMBER(s, form, scale_y, true);
    struct steady right = NUMBER(s, form, shift_x_mm, false);
    struct steady low = NUMBER(s, form, shift_y_mm, false);
    const char *name = s->forms[form]->id;
    bool alike = fabs(x.median - y.median) < s->calibration->scale_note;
    if (is_off(s, &x) && is_off(s, &y) && alike)
        add(s, arena_printf(s->arena,
                            "%s: this print run is %.1f %% of the form's size (%zu pages): printed "
                            "with 'fit to page'? It is read all the same",
                            name, 50 * (x.median + y.median), x.count));
    else if (is_off(s, &x) || is_off(s, &y))
        add(s, arena_printf(s->arena,
                            "%s: all pages come out %.1f %% wide and %.1f %% long (%zu pages): the "
                            "scanner's feed, or its resolution tag. They are read all the same",
                            name, 100 * x.median, 100 * y.median, x.count));
    bool aside = right.count >= ENOUGH && fabs(right.median) > s->calibration->shift_note_mm &&
                 right.spread < s->calibration->shift_spread_max_mm;
    bool lower = low.count >= ENOUGH && fabs(low.median) > s->calibration->shift_note_mm &&
                 low.spread < s->calibration->shift_spread_max_mm;
    if (aside || lower)
        add(s, arena_printf(s->arena,
                            "%s: the print lies %.1f mm %s and %.1f mm %s on all images (%zu pages): "
                            "printed or fed so. They are read all the same",
                            name, fabs(low.median), low.median > 0 ? "low" : "high",
                            fabs(right.median), right.median > 0 ? "right" : "left", right.count));
}

struct fed_page {
    size_t result;
    double length; /* along the feed, in lengths of the form */
};

/* The pages that lie safely, in order of scanning, with their lengths. The number of them. */
static size_t fed_pages(struct fed_page *out, const struct finding_search *s)
{
    size_t count = 0;
    for (size_t r = 0; r < s->count; r++) {
        const struct scan_health *health = health_of(s, r);
        bool sideways = fabs(fabs(health->skew_deg) - 90) < 45;
        if (is_placed(s, r) && health->scale_y > 0)
            out[count++] = (struct fed_page){r, (double)(sideways ? health->scale_x : health->scale_y)};
    }
    return count;
}

static double median_length(struct finding_search *s, const struct fed_page *pages, size_t count)
{
    for (size_t k = 0; k < count; k++)
        s->values[k] = pages[k].length;
    return steady_of(s->values, count).median;
}

/* Where the lengths jump from one level to another, if that says more about them than a steady growth
 * does (less is left of their squares); 0: they do not. */
static size_t jump_of(const struct fed_page *pages, size_t count)
{
    double n = (double)count, sum = 0, squares = 0, by_rank = 0, before = 0, least = INFINITY;
    size_t jump = 0;
    for (size_t k = 0; k < count; k++) {
        double length = pages[k].length - pages[0].length;
        sum += length;
        squares += length * length;
        by_rank += length * ((double)k - (n - 1) / 2);
    }
    for (size_t k = 1; k < count; k++) {
        before += pages[k - 1].length - pages[0].length;
        double after = sum - before, m = (double)k;
        double left = squares - before * before / m - after * after / (n - m);
        if (k >= ENOUGH && count - k >= ENOUGH && left < least) {
            least = left;
            jump = k;
        }
    }
    double steady = squares - sum * sum / n - by_rank * by_rank * 12 / (n * (n * n - 1));
    return least < steady ? jump : 0;
}

/* Length of pages along the feed at the beginning and at the end of the batch: worn rollers change it
 * little by little, another print run or scanner at once. */
static void find_drift(struct finding_search *s)
{
    struct fed_page *fed = ARENA_NEW(s->arena, struct fed_page, s->count + 1);
    size_t total = fed_pages(fed, s), third = total / 3;
    if (total < 3 * 2 * ENOUGH)
        return;
    double first = median_length(s, fed, third), middle = median_length(s, fed + third, third);
    double drift = median_length(s, fed + total - third, third) - first;
    size_t jump = jump_of(fed, total);
    if (jump > 0) {
        double step = median_length(s, fed + jump, total - jump) - median_length(s, fed, jump);
        if (fabs(step) > s->calibration->scale_note)
            add(s, arena_printf(s->arena,
                                "from %s on pages come out %.1f %% %s: printed or scanned otherwise than "
                                "those before? They are read all the same",
                                place_of(s, fed[jump].result), 100 * fabs(step),
                                step > 0 ? "longer" : "shorter"));
    } else if (fabs(drift) > s->calibration->drift_note && (middle - first) * drift > 0) {
        add(s, arena_printf(s->arena,
                            "pages come out %.1f %% %s at the end of the batch than at its beginning: "
                            "clean the rollers of the feeder",
                            100 * fabs(drift), drift > 0 ? "longer" : "shorter"));
    }
}

/* ---- pages that are out of line ----------------------------------------------------------------- */

enum kind { KIND_FAINT, KIND_DARK, KIND_SKEW, KIND_SPECKS, KIND_CUT, KIND_COARSE, KIND_COUNT };

static double largest_cut(const struct scan_health *h)
{
    return fmax(fmax((double)h->cut_left_mm, (double)h->cut_right_mm),
                fmax((double)h->cut_top_mm, (double)h->cut_bottom_mm));
}

static double skew_of(const struct scan_health *h)
{
    return fabs(h->skew_deg - 90 * round(h->skew_deg / 90));
}

static bool is_kind(const struct finding_search *s, size_t r, enum kind kind)
{
    const struct scan_health *h = health_of(s, r);
    const struct health_calibration *c = s->calibration;
    bool placed = is_placed(s, r);
    switch (kind) {
    case KIND_FAINT:
        return placed && ((double)h->print_found < c->faint_print_found ||
                          (double)(h->paper - h->print) < c->faint_contrast);
    case KIND_DARK:
        return placed &&
               ((double)h->stray_share > c->dark_stray_share || (double)h->paper < c->dark_paper);
    case KIND_SKEW: return placed && skew_of(h) > c->skew_note_deg;
    case KIND_SPECKS: return (double)h->specks_cm2 > c->specks_note_cm2;
    case KIND_CUT: return placed && largest_cut(h) > c->cut_note_mm;
    case KIND_COARSE: return placed && fmin(h->x_dpi, h->y_dpi) < c->dpi_note;
    default: return false;
    }
}

static void find_kind(struct finding_search *s, enum kind kind)
{
    static const char *const sentences[KIND_COUNT] = {
        [KIND_FAINT] = "%s with faint print, first on %s: scan darker, or see whether the printer's "
                       "toner was low",
        [KIND_DARK] = "%s dark all over, first on %s: scan lighter",
        [KIND_SKEW] = "%s fed askew, first on %s: set the guides of the feeder closer",
        [KIND_SPECKS] = "%s full of specks, first on %s: clean the scanner, or scan lighter",
        [KIND_CUT] = "%s with an edge cut off, though all that is asked was read, first on %s: scan "
                     "the whole sheet",
        [KIND_COARSE] = "%s scanned below 200 dpi, first on %s: 300 dpi reads best",
    };
    size_t count = 0, first = 0;
    for (size_t r = 0; r < s->count; r++) {
        if (!is_kind(s, r, kind))
            continue;
        if (count++ == 0)
            first = r;
    }
    if (count == 0)
        return;
    struct text line;
    text_init(&line);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    text_addf(&line, sentences[kind], pages(s, count), place_of(s, first));
#pragma GCC diagnostic pop
    add(s, arena_strdup(s->arena, line.data));
    text_release(&line);
}

/* ---- sheets fed together ------------------------------------------------------------------------ */

/* Images much longer than the others of their form. */
static void find_long(struct finding_search *s)
{
    size_t n = 0, count = 0, first = 0;
    for (size_t r = 0; r < s->count; r++)
        if (is_measured(s, r))
            s->values[n++] = fmax((double)health_of(s, r)->height_mm, (double)health_of(s, r)->width_mm);
    struct steady usual = steady_of(s->values, n);
    for (size_t r = 0; r < s->count && n >= ENOUGH; r++) {
        const struct scan_health *h = health_of(s, r);
        if (!is_measured(s, r) || fmax((double)h->height_mm, (double)h->width_mm) <
                                      usual.median * (1 + s->calibration->long_note))
            continue;
        if (count++ == 0)
            first = r;
    }
    if (count > 0)
        add(s, arena_printf(s->arena,
                            "%zu image%s much longer than the others, first %s: two sheets may have "
                            "gone through together",
                            count, count == 1 ? "" : "s", place_of(s, first)));
}

/* Returns that lack both sides of a sheet and have others. */
static void find_lost_sheets(struct finding_search *s)
{
    size_t count = 0, sheet = 0;
    const struct return_record *first = NULL;
    for (size_t k = 0; k < s->record->return_count; k++) {
        const struct return_record *record = &s->record->returns[k];
        size_t lost = SIZE_MAX, page_count = s->forms[record->form]->page_count;
        for (size_t p = 0; p + 1 < page_count && lost == SIZE_MAX; p += 2)
            if (record->pages[p] == SIZE_MAX && record->pages[p + 1] == SIZE_MAX)
                lost = p;
        if (lost == SIZE_MAX || page_count <= 2)
            continue;
        if (count++ == 0) {
            first = record;
            sheet = lost;
        }
    }
    if (count == 0)
        return;
    const struct template_page *page = &s->forms[first->form]->pages[sheet];
    add(s, arena_printf(s->arena,
                        "%zu return%s both sides of a sheet, first %s, pages %d and %d: two sheets may "
                        "have gone through together, or it was not sent back",
                        count, count == 1 ? " lacks" : "s lack", first->reference, page->number,
                        page[1].number));
}

struct findings findings_make(struct arena *arena, const struct page_result *results, size_t count,
                              const struct batch_record *record, const struct form *const *forms,
                              size_t form_count, const struct health_calibration *calibration)
{
    struct finding_search s = {.arena = arena, .results = results, .count = count,
                               .record = record, .forms = forms, .form_count = form_count,
                               .calibration = calibration};
    size_t measured = 0;
    for (size_t r = 0; r < count; r++)
        measured += is_measured(&s, r);
    s.values = malloc((count + 1) * sizeof *s.values);
    if (s.values == NULL)
        error_die("out of memory: findings");
    find_streaks(&s, measured);
    find_long(&s);
    find_lost_sheets(&s);
    for (enum kind kind = 0; kind < KIND_COUNT; kind++)
        find_kind(&s, kind);
    for (size_t f = 0; f < form_count; f++)
        find_print_run(&s, f);
    find_drift(&s);
    free(s.values);
    return s.found;
}
