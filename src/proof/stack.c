/* A stack in the feeder: sheets in their order, the accidents of feeding, both sides scanned. */
#include "proof/stack.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#include "proof/foreign.h"
#include "proof/paper.h"
#include "proof/person.h"
#include "proof/scan_writer.h"
#include "proof/truth.h"

#define NO_RETURN SIZE_MAX

/* One sheet in the feeder. */
struct feed {
    size_t filled; /* index in the stack; NO_RETURN: a sheet of something else */
    size_t sheet;  /* of the return; of something else: its number */
    bool again;    /* scanned a second time */
    bool double_fed; /* front of this sheet, back of the one below */
    size_t below;
};

struct stack {
    const struct stack_order *order;
    const struct form *form;
    const struct profile *profile;
    uint64_t streams; /* wave_streams() */
    struct machine machine;
    int wrong_dpi; /* -1 = the tag is right; else what the tag says, 0 = none */
    struct filled_return **filled;
    struct feed *feeds;
    size_t feed_count;
    struct scan_writer *writer;
    struct text *truth;
    struct wave_report *report;
};

/* Both sides of one sheet, printed and written on. */
struct sheet {
    struct paper_side side[2];
    struct mapping mapping[2];
    struct sheet_fate fate;
    size_t page[2]; /* SIZE_MAX: no page */
    const char *what[2]; /* of sheets of something else */
    const struct filled_return *filled;
};

static size_t sheet_count(const struct form *form)
{
    return (form->page_count + 1) / 2;
}

static void add_feed(struct stack *s, struct feed feed)
{
    s->feeds = g_renew(struct feed, s->feeds, s->feed_count + 1);
    s->feeds[s->feed_count++] = feed;
}

static void shuffle(struct stack *s, struct random *r)
{
    for (size_t i = s->feed_count; i > 1; i--) {
        size_t j = random_below(r, i);
        struct feed swap = s->feeds[i - 1];
        s->feeds[i - 1] = s->feeds[j];
        s->feeds[j] = swap;
    }
}

static void load_feeder(struct stack *s, struct random *r)
{
    double size;
    for (size_t i = 0; i < s->order->count; i++)
        for (size_t sheet = 0; sheet < sheet_count(s->form); sheet++) {
            struct feed feed = {.filled = i, .sheet = sheet};
            if (s->filled[i]->sheet_left_out != (int)sheet)
                add_feed(s, feed);
            if (profile_happens(&size, &s->profile->stack_scanned_twice, r)) {
                feed.again = true;
                add_feed(s, feed);
            }
            if (profile_happens(&size, &s->profile->stack_foreign_page, r))
                add_feed(s, (struct feed){.filled = NO_RETURN, .sheet = s->feed_count});
        }
    if (profile_happens(&size, &s->profile->stack_shuffled, r))
        shuffle(s, r);
    for (size_t i = 0; i + 1 < s->feed_count; i++)
        if (profile_happens(&size, &s->profile->stack_double_feed, r)) {
            s->feeds[i].double_fed = true;
            s->feeds[i].below = i + 1;
        }
}

/* ---- one sheet --------------------------------------------------------------------------- */

static void draw_fate(struct sheet *sheet, struct stack *s, const struct feed *feed)
{
    bool ours = feed->filled != NO_RETURN;
    uint64_t who = ours ? sheet->filled->index : 1000000 + s->order->index;
    struct random r = random_stream(s->streams, RANDOM_SHEET, who, feed->sheet * 2 + feed->again);
    struct random whole = random_stream(s->streams, RANDOM_SHEET, who, 1000001);
    double size;
    bool punched = profile_happens(&size, &s->profile->paper_punch_holes, &whole);
    bool stamped = profile_happens(&size, &s->profile->paper_stamp, &whole);
    bool banded = profile_happens(&size, &s->profile->print_faded_band, &whole);
    const struct template_page *first = &s->form->pages[0];
    struct sheet_shape shape = sheet_shape_draw(s->profile, first->height_mm, &r);
    sheet->fate = sheet_fate_draw(s->profile, first->width_mm, first->height_mm, feed->sheet == 0,
                                  punched, stamped, &r);
    sheet->fate.band_width_mm = banded ? size : 0;
    sheet->fate.gain = profile_draw(&s->profile->print_gain, &whole);
    sheet->fate.rough = profile_draw(&s->profile->print_rough, &whole);
    sheet->fate.screen_lpi = profile_draw(&s->profile->print_screen_lpi, &whole);
    sheet->fate.band_x_mm = random_between(&whole, 0, first->width_mm);
    sheet->fate.band_depth = random_between(&whole, 0.2, 0.6);
    for (int back = 0; back < 2; back++)
        sheet->mapping[back] =
            mapping_draw(s->profile, &shape, back, first->width_mm, first->height_mm,
                         s->machine.x_dpi, s->machine.y_dpi, &r);
}

static void sheet_release(struct sheet *sheet)
{
    g_free(sheet->side[0].plane.data);
    g_free(sheet->side[1].plane.data);
}

/* A side of something else. */
static bool make_foreign_side(struct sheet *sheet, struct stack *s, const struct feed *feed, int back,
                              double dpi, struct error *err)
{
    struct foreign foreign;
    struct paper_side *side = &sheet->side[back];
    bool fine = foreign_make(&foreign, s->order->options, s->order->index * 1000 + feed->sheet,
                             back == 1, dpi, err);
    if (fine) {
        struct random r = random_stream(s->streams, RANDOM_HAND, 1000000 + s->order->index,
                                        feed->sheet * 2 + (size_t)back);
        foreign.print.px_per_mm = dpi / MM_PER_INCH; /* where nothing is printed, too */
        *side = paper_print(&foreign.print, &sheet->fate, &sheet->mapping[back], back == 1,
                            s->machine.background);
        drawing_ink(&side->plane, &foreign.drawing, &foreign.pen, &r);
        sheet->what[back] = foreign_names[foreign.kind];
    }
    foreign_release(&foreign);
    sheet->page[back] = SIZE_MAX;
    return fine;
}

static bool make_side(struct sheet *sheet, struct stack *s, const struct feed *feed, int back,
                      struct error *err)
{
    double dpi = fmax(s->machine.x_dpi, s->machine.y_dpi);
    size_t page = feed->sheet * 2 + (size_t)back;
    const struct plane nothing = {.px_per_mm = dpi / MM_PER_INCH}, *print = &nothing;
    if (feed->filled == NO_RETURN)
        return make_foreign_side(sheet, s, feed, back, dpi, err);
    bool printed = page < s->form->page_count;
    if (printed)
        print = picture_book_page(s->order->book, page, dpi, sheet->filled->reference, err);
    if (print == NULL)
        return false;
    sheet->page[back] = printed ? page : SIZE_MAX;
    sheet->side[back] = paper_print(print, &sheet->fate, &sheet->mapping[back], back == 1,
                                    s->machine.background);
    if (printed) {
        struct random r = random_stream(s->streams, RANDOM_HAND, sheet->filled->index, 100 + page);
        drawing_ink(&sheet->side[back].plane, &sheet->filled->pages[page].drawing,
                    &sheet->filled->pen, &r);
    }
    return true;
}

static bool make_sheet(struct sheet *sheet, struct stack *s, const struct feed *feed,
                       struct error *err)
{
    *sheet = (struct sheet){.filled = feed->filled == NO_RETURN ? NULL : s->filled[feed->filled]};
    draw_fate(sheet, s, feed);
    for (int back = 0; back < 2; back++)
        if (!make_side(sheet, s, feed, back, err)) {
            sheet_release(sheet);
            return false;
        }
    if (sheet->fate.show_through > 0) {
        paper_show_through(&sheet->side[0], &sheet->side[1], sheet->fate.show_through);
        paper_show_through(&sheet->side[1], &sheet->side[0], sheet->fate.show_through);
    }
    uint64_t who = sheet->filled == NULL ? 1000000 + s->order->index : sheet->filled->index;
    for (int back = 0; back < 2; back++) {
        struct random r = random_stream(s->streams, RANDOM_PAGE, who,
                                        feed->sheet * 4 + (size_t)back * 2 + feed->again);
        paper_damage(&sheet->side[back], &sheet->fate, &sheet->mapping[back], s->profile, &r);
    }
    return true;
}

/* ---- scanning ---------------------------------------------------------------------------- */

static void note_damage(struct paper_side *side, const struct stack *s, const struct feed *feed,
                        const struct mapping *m)
{
    side->damaged[DAMAGE_streak] = s->machine.streak_count > 0;
    side->damaged[DAMAGE_lost_lines] = m->lost_count > 0;
    side->damaged[DAMAGE_upside_down] = m->turn == 2;
    side->damaged[DAMAGE_sideways] = m->turn % 2 == 1;
    side->damaged[DAMAGE_double_feed] = feed->double_fed;
    side->damaged[DAMAGE_scanned_twice] = feed->again;
    side->damaged[DAMAGE_wrong_dpi_tag] = s->wrong_dpi >= 0;
    double out = 0; /* does a corner of the sheet's middle nine tenths lie outside? */
    for (int i = 0; i < 4; i++) {
        struct point px = mapping_to_px(m, (struct point){m->width_mm * (i & 1 ? 0.97 : 0.03),
                                                          m->height_mm * (i & 2 ? 0.97 : 0.03)});
        out = fmax(out, fmax(fmax(-px.x, -px.y), fmax(px.x - m->width_px, px.y - m->height_px)));
    }
    side->damaged[DAMAGE_cut_off] = out > 0;
}

static void count_boxes(struct wave_report *report, const struct image_truth *t)
{
    report->images++;
    if (t->kind != IMAGE_PAGE)
        return;
    size_t count = t->form->pages[t->page].box_count;
    report->boxes += count;
    for (size_t b = 0; b < count; b++)
        report->marks += t->filled->pages[t->page].boxes[b].how != MARK_none;
}

static bool scan_side(struct stack *s, const struct feed *feed, struct sheet *sheet, int back,
                      struct error *err)
{
    size_t number = feed->filled == NO_RETURN ? 900000 + s->order->index : sheet->filled->index;
    struct random r = random_stream(s->streams, RANDOM_NOISE, number,
                                    feed->sheet * 4 + (size_t)back * 2 + feed->again);
    struct machine machine = s->machine;
    machine.texture = sheet->fate.texture;
    note_damage(&sheet->side[back], s, feed, &sheet->mapping[back]);
    PIX *scan = machine_scan(&sheet->side[back].plane, s->machine.background, &sheet->mapping[back],
                             &machine, &r);
    if (s->wrong_dpi >= 0)
        pixSetResolution(scan, s->wrong_dpi, s->wrong_dpi);
    struct image_truth t = {.kind = sheet->page[back] != SIZE_MAX ? IMAGE_PAGE
                                    : sheet->filled != NULL           ? IMAGE_BLANK_BACK
                                                                      : IMAGE_FOREIGN,
                            .what = sheet->what[back], .seed = s->order->options->seed, .profile = s->profile->name, .stack = s->order->index,
                            .form = s->form, .filled = sheet->filled, .page = sheet->page[back],
                            .mapping = &sheet->mapping[back], .machine = &machine,
                            .side = &sheet->side[back], .scan = scan};
    bool fine = scan_writer_add(&t.source, &t.image, s->writer, scan, err);
    if (fine && t.kind == IMAGE_PAGE)
        fine = (t.print = picture_book_page(s->order->book, t.page, fmax(machine.x_dpi, machine.y_dpi),
                                            NULL, err)) != NULL;
    if (fine) {
        truth_write(s->truth, &t);
        count_boxes(s->report, &t);
    }
    pixDestroy(&scan);
    return fine;
}

/* Forms of one page are scanned on one side; all others on both. */
static bool wants_back(const struct stack *s)
{
    return s->form->page_count > 1;
}

static bool feed_sheet(struct stack *s, size_t i, struct error *err)
{
    struct feed *feed = &s->feeds[i];
    struct sheet sheet, below;
    if (!make_sheet(&sheet, s, feed, err))
        return false;
    bool fine = scan_side(s, feed, &sheet, 0, err);
    if (fine && !feed->double_fed && wants_back(s)) {
        fine = scan_side(s, feed, &sheet, 1, err);
    } else if (fine && feed->double_fed && wants_back(s)) {
        struct feed second = s->feeds[feed->below];
        second.double_fed = true;
        fine = make_sheet(&below, s, &second, err);
        if (fine) {
            fine = scan_side(s, &second, &below, 1, err);
            sheet_release(&below);
        }
    }
    sheet_release(&sheet);
    return fine;
}

static bool run(struct stack *s, struct error *err)
{
    for (size_t i = 0; i < s->feed_count; i++) {
        if (!feed_sheet(s, i, err))
            return false;
        if (s->feeds[i].double_fed)
            i++; /* the sheet below went through with it */
    }
    return scan_writer_finish(s->writer, err);
}

bool stack_scan(struct text *truth, struct wave_report *report, const struct stack_order *order,
                struct error *err)
{
    const struct wave_options *o = order->options;
    struct random r = random_stream(wave_streams(o), RANDOM_STACK, order->index, 0);
    struct stack s = {.order = order, .form = o->form, .profile = o->profile, .streams = wave_streams(o),
                      .wrong_dpi = -1, .truth = truth, .report = report};
    static const int tags[] = {0, 72, 96, 400};
    double size;
    s.machine = machine_draw(o->profile, o->form->pages[0].width_mm, &r);
    if (profile_happens(&size, &o->profile->stack_wrong_dpi_tag, &r))
        s.wrong_dpi = tags[random_below(&r, 4)];
    s.filled = g_new0(struct filled_return *, order->count);
    for (size_t i = 0; i < order->count; i++)
        s.filled[i] = filled_return_new(o->form, o->profile, order->labels, s.streams, order->first + i);
    load_feeder(&s, &r);
    char *stem = g_strdup_printf("%s/scans/stack-%05zu", o->folder, order->index + 1);
    s.writer = scan_writer_new(stem, &s.machine);
    bool fine = run(&s, err);
    scan_writer_free(s.writer);
    for (size_t i = 0; i < order->count; i++)
        filled_return_free(s.filled[i]);
    report->returns += order->count;
    report->stacks++;
    g_free(stem);
    g_free(s.filled);
    g_free(s.feeds);
    return fine;
}
