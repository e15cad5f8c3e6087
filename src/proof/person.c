/* A respondent walks through the form: answers, slips, corrections and routing. */
#include "proof/person.h"

#include <glib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "proof/conclusion.h"
#include "proof/person_write.h"
#include "proof/writing.h"

const char *const truth_state_names[4] = {"empty", "marked", "withdrawn", "person_must_decide"};

#define SPOTS_MAX 64

/* The boxes of one item. */
struct spots {
    size_t page[SPOTS_MAX], box[SPOTS_MAX], count;
};

struct walk {
    const struct form *form;
    const struct profile *profile;
    const struct label_map *labels;
    struct filled_return *filled;
    struct random r;    /* decisions */
    struct random hand; /* movements */
    struct random press; /* which marks are made lightly */
    bool ignores_routing;
};

void person_reference(char out[REFERENCE_BYTES], uint64_t seed, size_t index)
{
    static const char digits[] = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    struct random r = random_stream(seed, RANDOM_PERSON, index, 99);
    char body[REFERENCE_BYTES];
    snprintf(body, sizeof body, "%c%c%06zu", digits[10 + random_below(&r, 24)],
             digits[10 + random_below(&r, 24)], index + 1);
    snprintf(out, REFERENCE_BYTES, "%.30s%c", body, reference_check_character(body));
}

static struct spots find_spots(const struct form *form, size_t item)
{
    struct spots spots = {.count = 0};
    for (size_t p = 0; p < form->page_count; p++)
        for (size_t b = 0; b < form->pages[p].box_count; b++)
            if (form->pages[p].boxes[b].item == item && spots.count < SPOTS_MAX) {
                spots.page[spots.count] = p;
                spots.box[spots.count++] = b;
            }
    return spots;
}

static struct mark_place place_of(const struct walk *w, size_t p, size_t b)
{
    const struct form *form = w->form;
    const struct template_page *page = &form->pages[p];
    struct rect r = page->boxes[b].rect_mm;
    struct mark_place place = {.box_mm = r,
                               .round = page->boxes[b].shape != BOX_SQUARE,
                               .label_mm = labels_at(w->labels, p, b),
                               .room_mm = {12, 12}};
    for (size_t i = 0; i < page->box_count; i++) {
        struct rect o = page->boxes[i].rect_mm;
        if (i == b)
            continue;
        if (fabs(o.x - r.x) < r.w && o.y < r.y)
            place.room_mm.y = fmin(place.room_mm.y, r.y - o.y - o.h / 2);
        if (fabs(o.y - r.y) < r.h && o.x > r.x)
            place.room_mm.x = fmin(place.room_mm.x, o.x - r.x - o.w / 2);
    }
    return place;
}

static enum mark_kind habit_mark(enum habit habit)
{
    static const enum mark_kind kinds[HABIT_COUNT] = {
        MARK_tick, MARK_cross, MARK_fill, MARK_dash, MARK_dot, MARK_ring_label, MARK_tick_beside};
    return kinds[habit];
}

static enum mark_kind next_mark(struct walk *w)
{
    enum habit habit = w->filled->habit;
    if (random_chance(&w->r, w->profile->people_other_mark.chance))
        habit = (enum habit)random_weighted(&w->r, w->profile->habits, HABIT_COUNT);
    return habit_mark(habit);
}

/* Draws a mark and writes down what it means. */
static void put_mark(struct walk *w, const struct spots *spots, size_t i, enum mark_kind kind,
                     enum truth_state meant)
{
    struct filled_page *page = &w->filled->pages[spots->page[i]];
    struct mark_place place = place_of(w, spots->page[i], spots->box[i]);
    size_t before = page->drawing.stroke_count;
    mark_draw(&page->drawing, spots->box[i], kind, &w->filled->hand, &w->filled->pen, &w->hand,
              &place);
    page->boxes[spots->box[i]].intended = meant;
    page->boxes[spots->box[i]].how = kind;
    page->boxes[spots->box[i]].light = 0;
    double light;
    if (meant != TRUTH_MARKED || !profile_happens(&light, &w->profile->people_light_mark, &w->press))
        return;
    page->boxes[spots->box[i]].light = light;
    for (size_t s = before; s < page->drawing.stroke_count; s++)
        page->drawing.strokes[s].fade = light;
}

/* Rubs out what was drawn for the box: a faint trace stays. */
static void rub_out(struct walk *w, const struct spots *spots, size_t i)
{
    struct filled_page *page = &w->filled->pages[spots->page[i]];
    double trace = random_between(&w->hand, 0.04, 0.2);
    for (size_t s = 0; s < page->drawing.stroke_count; s++)
        if (page->drawing.strokes[s].owner == spots->box[i])
            page->drawing.strokes[s].fade = trace;
    page->boxes[spots->box[i]].intended = TRUTH_EMPTY;
    page->boxes[spots->box[i]].how = MARK_rubbed_out;
    page->boxes[spots->box[i]].light = 0;
}

static void withdraw(struct walk *w, const struct spots *spots, size_t i, enum mark_kind kind)
{
    if (w->form->policy.correction == CORRECTION_NONE) {
        if (w->filled->pen.kind == PEN_pencil) {
            rub_out(w, spots, i);
            return;
        }
        kind = kind == MARK_fill_to_withdraw ? MARK_scribble_out : kind;
    }
    put_mark(w, spots, i, kind, TRUTH_WITHDRAWN);
}

/* MARK_none where this answer goes right at once. */
static enum mark_kind slip(struct walk *w)
{
    const struct profile *p = w->profile;
    const double chances[] = {p->people_wrong_then_fill.chance, p->people_wrong_then_scribble.chance,
                              p->people_wrong_then_strike.chance};
    static const enum mark_kind kinds[] = {MARK_fill_to_withdraw, MARK_scribble_out,
                                           MARK_strike_label};
    for (size_t i = 0; i < 3; i++)
        if (random_chance(&w->r, chances[i]))
            return kinds[i];
    return MARK_none;
}

static void mark_between(struct walk *w, const struct spots *spots, size_t i, size_t j)
{
    struct filled_page *page = &w->filled->pages[spots->page[i]];
    const struct template_page *template = &w->form->pages[spots->page[i]];
    mark_draw_between(&page->drawing, spots->box[i], habit_mark(w->filled->habit),
                      &w->filled->hand, &w->filled->pen, &w->hand,
                      template->boxes[spots->box[i]].rect_mm,
                      template->boxes[spots->box[j]].rect_mm);
    page->boxes[spots->box[i]].intended = TRUTH_MARKED;
    page->boxes[spots->box[i]].how = page->boxes[spots->box[j]].how = MARK_between;
}

/* One box of several. Gives the index of the answer, SIZE_MAX where there is none. */
static size_t answer_single(struct walk *w, const struct spots *spots, size_t chosen)
{
    const struct profile *p = w->profile;
    size_t other = spots->count > 1
                       ? (chosen + 1 + random_below(&w->r, spots->count - 1)) % spots->count
                       : chosen;
    size_t beside = chosen + 1 < spots->count ? chosen + 1 : chosen - 1;
    enum mark_kind wrong = slip(w);
    if (spots->count > 1 && spots->page[chosen] == spots->page[beside] &&
        random_chance(&w->r, p->people_between_boxes.chance)) {
        mark_between(w, spots, chosen, beside);
        return chosen;
    }
    if (random_chance(&w->r, p->people_withdrawn_only.chance)) {
        put_mark(w, spots, chosen, next_mark(w), TRUTH_MARKED);
        withdraw(w, spots, chosen, MARK_fill_to_withdraw);
        return SIZE_MAX;
    }
    if (wrong != MARK_none && other != chosen) {
        put_mark(w, spots, other, next_mark(w), TRUTH_MARKED);
        withdraw(w, spots, other, wrong);
    }
    put_mark(w, spots, chosen, next_mark(w), TRUTH_MARKED);
    if (other != chosen && wrong == MARK_none && random_chance(&w->r, p->people_two_marks.chance))
        put_mark(w, spots, other, next_mark(w), TRUTH_MARKED);
    return chosen;
}

static bool is_exclusive(const struct walk *w, const struct spots *spots, size_t i)
{
    const struct template_box *box = &w->form->pages[spots->page[i]].boxes[spots->box[i]];
    const struct question *question = item_question(w->form, box->item);
    return box->option < question->option_count && question->options[box->option].exclusive;
}

static size_t answer_several(struct walk *w, const struct spots *spots, size_t chosen)
{
    bool alone = is_exclusive(w, spots, chosen);
    enum mark_kind wrong = slip(w);
    if (alone && !random_chance(&w->r, w->profile->people_exclusive_too.chance)) {
        put_mark(w, spots, chosen, next_mark(w), TRUTH_MARKED);
        return chosen;
    }
    double also = random_between(&w->r, 0.05, 0.45);
    size_t first_other = SIZE_MAX;
    for (size_t i = 0; i < spots->count; i++) {
        bool marked = i == chosen || (!is_exclusive(w, spots, i) && random_chance(&w->r, also));
        if (marked)
            put_mark(w, spots, i, next_mark(w), TRUTH_MARKED);
        else if (first_other == SIZE_MAX && !is_exclusive(w, spots, i))
            first_other = i;
    }
    if (wrong != MARK_none && first_other != SIZE_MAX) {
        put_mark(w, spots, first_other, next_mark(w), TRUTH_MARKED);
        withdraw(w, spots, first_other, wrong);
    }
    return chosen;
}

/* Options are liked unequally, the same way by everyone: as in any survey. */
static size_t choose(struct walk *w, size_t item, size_t count)
{
    double weights[SPOTS_MAX];
    for (size_t i = 0; i < count; i++) {
        struct random taste = random_stream(item + 17, RANDOM_PERSON, i, 5);
        weights[i] = 0.25 + random_unit(&taste) * random_unit(&taste) * 3;
    }
    return random_weighted(&w->r, weights, count);
}

/* Answers the item's boxes; *option becomes the option answered with, or SIZE_MAX. */
static void answer_boxes(struct walk *w, size_t item, const struct spots *spots, size_t *option)
{
    const struct question *question = item_question(w->form, item);
    size_t chosen = choose(w, item, spots->count);
    size_t answered = question->kind == QUESTION_SEVERAL ? answer_several(w, spots, chosen)
                                                         : answer_single(w, spots, chosen);
    if (answered != SIZE_MAX)
        *option = w->form->pages[spots->page[answered]].boxes[spots->box[answered]].option;
}

static void answer_fields(struct walk *w, size_t item)
{
    for (size_t p = 0; p < w->form->page_count; p++)
        for (size_t f = 0; f < w->form->pages[p].field_count; f++)
            if (w->form->pages[p].fields[f].item == item)
                person_write_field(w->form, w->profile, w->filled, p, f, &w->r, &w->hand);
}

static size_t find_question(const struct form *form, const char *name)
{
    for (size_t i = 0; i < form->question_count; i++)
        if (strcmp(form->questions[i].name, name) == 0)
            return i;
    return form->question_count; /* "end" */
}

/* Where the respondent goes on after question q, answered with `option` (SIZE_MAX: not). */
static size_t next_question(struct walk *w, size_t q, size_t option)
{
    const struct question *question = &w->form->questions[q];
    const char *go_to = question->go_to, *any = question->go_to;
    if (option < question->option_count && question->options[option].go_to != NULL)
        go_to = question->options[option].go_to;
    for (size_t i = 0; i < question->option_count; i++)
        any = any != NULL ? any : question->options[i].go_to;
    bool missed = any != NULL && random_chance(&w->r, w->profile->people_route_missed.chance);
    if (w->ignores_routing && go_to != NULL && random_chance(&w->r, 0.7))
        return q + 1;
    if (missed)
        go_to = any;
    size_t next = go_to == NULL ? q + 1 : find_question(w->form, go_to);
    return next > q ? next : q + 1;
}

static void answer_form(struct walk *w)
{
    for (size_t q = 0; q < w->form->question_count;) {
        size_t option = SIZE_MAX;
        for (size_t item = 0; item < w->form->item_count; item++) {
            if (w->form->items[item].question != q)
                continue;
            bool skipped = random_chance(&w->r, w->profile->people_skip_question.chance);
            struct spots spots = find_spots(w->form, item);
            if (skipped)
                continue;
            if (spots.count > 0)
                answer_boxes(w, item, &spots, &option);
            answer_fields(w, item);
        }
        q = next_question(w, q, option);
    }
}

/* Two pages that lie open side by side when the sheets are bound, or stick together. */
static void overlook_pages(struct walk *w)
{
    size_t count = w->filled->page_count;
    bool happens = random_chance(&w->r, w->profile->people_pages_turned_together.chance);
    size_t first = 1 + 2 * random_below(&w->r, count / 2);
    if (!happens || count < 4)
        return;
    for (size_t p = first; p < first + 2 && p < count; p++)
        w->filled->pages[p].overlooked = true;
}

static void wipe_overlooked(const struct form *form, struct filled_return *filled)
{
    for (size_t p = 0; p < filled->page_count; p++) {
        struct filled_page *page = &filled->pages[p];
        if (!page->overlooked)
            continue;
        drawing_release(&page->drawing);
        page->note_count = 0;
        memset(page->boxes, 0, form->pages[p].box_count * sizeof *page->boxes);
        memset(page->fields, 0, form->pages[p].field_count * sizeof *page->fields);
    }
}

static void choose_hand(struct walk *w)
{
    struct hand *hand = &w->filled->hand;
    hand->neatness = profile_draw(&w->profile->people_neatness, &w->r);
    double sloppy = 1 - hand->neatness;
    hand->heaviness = profile_draw(&w->profile->people_heaviness, &w->r);
    hand->tremor_mm = 0.02 + 0.06 * sloppy * random_unit(&w->r) +
                      (random_chance(&w->r, 0.12 * sloppy) ? 0.25 : 0);
    hand->slant = random_between(&w->r, -0.15, 0.45);
    hand->size_mm = random_between(&w->r, 3.0, 5.0);
    hand->width = random_between(&w->r, 0.75, 1.2);
    hand->joined = random_chance(&w->r, 0.5) ? random_between(&w->r, 0.4, 0.95) : 0.05;
    hand->glyphs = random_bits(&w->r);
    writing_style(hand);
    w->filled->pen = pen_choose(w->profile, &w->r);
    w->filled->habit = (enum habit)random_weighted(&w->r, w->profile->habits, HABIT_COUNT);
    if (w->form->policy.correction == CORRECTION_NONE && random_chance(&w->r, 0.8))
        w->filled->habit = HABIT_fill; /* as such forms ask */
}

struct filled_return *filled_return_new(const struct form *form, const struct profile *profile,
                                        const struct label_map *labels, uint64_t seed, size_t index)
{
    struct filled_return *filled = g_new0(struct filled_return, 1);
    struct walk w = {.form = form, .profile = profile, .labels = labels,
                     .filled = filled,
                     .r = random_stream(seed, RANDOM_PERSON, index, 0),
                     .hand = random_stream(seed, RANDOM_HAND, index, 0),
                     .press = random_stream(seed, RANDOM_HAND, index, 1)};
    person_reference(filled->reference, seed, index);
    filled->index = index;
    filled->page_count = form->page_count;
    filled->pages = g_new0(struct filled_page, form->page_count);
    for (size_t p = 0; p < form->page_count; p++) {
        filled->pages[p].boxes = g_new0(struct truth_box, form->pages[p].box_count);
        filled->pages[p].fields = g_new0(struct truth_field, form->pages[p].field_count);
    }
    choose_hand(&w);
    w.ignores_routing = random_chance(&w.r, profile->people_route_ignored.chance);
    filled->blank = random_chance(&w.r, profile->people_blank_return.chance);
    bool left_out = random_chance(&w.r, profile->people_sheet_left_out.chance);
    size_t which = random_below(&w.r, (form->page_count + 1) / 2);
    filled->sheet_left_out = left_out && form->page_count > 2 ? (int)which : -1;
    overlook_pages(&w);
    if (!filled->blank) {
        answer_form(&w);
        for (size_t p = 0; p < form->page_count; p++)
            person_write_notes(form, profile, filled, p, &w.r, &w.hand);
    }
    wipe_overlooked(form, filled);
    conclude_all(filled, form);
    return filled;
}

void filled_return_free(struct filled_return *filled)
{
    if (filled == NULL)
        return;
    for (size_t p = 0; p < filled->page_count; p++) {
        drawing_release(&filled->pages[p].drawing);
        g_free(filled->pages[p].boxes);
        g_free(filled->pages[p].fields);
    }
    g_free(filled->pages);
    g_free(filled);
}
