/* Pages -> returns: puts each return together and has its boxes, answers and routing decided. */
#include "record/record.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "record/assembly.h"
#include "record/dust.h"
#include "record/learned_print.h"
#include "record/light_marks.h"
#include "record/respondent.h"
#include "record/tails.h"

const char *answer_status_name(enum answer_status status)
{
    static const char *const names[] = {"answered",   "blank",          "multiple",
                                        "corrected",  "withdrawn_only", "uncertain",
                                        "unreadable", "page_missing"};
    return names[status];
}

const char *routing_status_name(enum routing_status status)
{
    static const char *const names[] = {"expected", "skipped", "violated", "unknown"};
    return names[status];
}

const char *outcome_name(enum outcome outcome)
{
    static const char *const names[] = {"complete", "partial", "blank"};
    return names[outcome];
}

/* All that putting one return together takes. */
struct assembling {
    struct arena *arena;
    const struct form *const *forms;
    const struct form_places *places; /* one a form */
    struct page_result *results;
    const struct calibration *calibration;
    const bool *const *dust; /* one a result: record/dust.h */
};

/* Each box by itself, in the light of what the respondent's pen and the page's empty boxes look like. */
static void decide_boxes(const struct assembling *a, struct return_record *record,
                         const struct respondent *respondent)
{
    const struct form *form = a->forms[record->form];
    record->pen_faint = respondent->pen.faint;
    for (size_t p = 0; p < form->page_count; p++) {
        if (record->pages[p] == SIZE_MAX)
            continue;
        const struct page_reading *reading = &a->results[record->pages[p]].reading;
        record->boxes[p] = ARENA_NEW(a->arena, struct box_decision, form->pages[p].box_count);
        for (size_t b = 0; b < form->pages[p].box_count; b++) {
            const struct box_evidence *evidence = &reading->boxes[b].evidence;
            size_t item = form->pages[p].boxes[b].item;
            bool critical = form->items[item].critical || item_question(form, item)->critical;
            struct box_decision *box = &record->boxes[p][b];
            if (evidence->misfit_mm <= a->calibration->registration.field_residual_max_mm)
                *box = decide_box(evidence, &respondent->quiets[p], &respondent->pen, &form->policy,
                                  critical, a->calibration);
            else
                *box = decide_misplaced();
        }
    }
}

/* A box whose ink is part of a piece that lies off it is not marked by that: it may be meant for its
 * neighbour, or for none; or it is a fold's or a tear's that goes through the box. */
static void doubt_strays(struct box_decision *boxes, const struct page_ink *ink,
                         const struct page_reading *reading,
                         const struct outside_calibration *calibration)
{
    for (size_t k = 0; k < reading->piece_count; k++)
        for (size_t t = 0; (ink->classes[k] == INK_STRAY || ink->classes[k] == INK_DAMAGE) &&
                           t < reading->pieces[k].touch_count; t++) {
            const struct piece_touch *touch = &reading->pieces[k].touches[t];
            struct box_decision *box = &boxes[touch->box];
            if (touch->inside_mm2 < calibration->mark_inside_min_mm2 ||
                (box->state != BOX_MARKED && !box->among_specks))
                continue;
            bool own = false; /* has a mark of its own besides */
            for (size_t n = 0; n < reading->piece_count; n++)
                for (size_t m = 0; ink->classes[n] == INK_MARK && m < reading->pieces[n].touch_count; m++)
                    own |= reading->pieces[n].touches[m].box == touch->box &&
                           reading->pieces[n].touches[m].inside_mm2 >= calibration->mark_inside_min_mm2;
            if (!own) {
                box->state = BOX_UNCERTAIN;
                box->among_specks = false;
                box->confidence = 0.5;
                box->flag = ink->classes[k] == INK_STRAY ? FLAG_MARK_NEAR_BOX : FLAG_MARK_UNCERTAIN;
            }
        }
}

/* What is left of a streak says nothing. `dust`: NULL, or one a piece. */
static void drop_dust(enum ink_class *classes, const bool *dust, size_t count)
{
    for (size_t k = 0; dust != NULL && k < count; k++)
        if (dust[k] && (classes[k] == INK_STRAY || classes[k] == INK_NOTE))
            classes[k] = INK_DAMAGE;
}

static void judge_ink(const struct assembling *a, struct return_record *record, const struct pen *pen)
{
    const struct form *form = a->forms[record->form];
    const struct outside_calibration *calibration = &a->calibration->outside;
    size_t beside = 0;
    for (size_t p = 0; p < form->page_count; p++) {
        if (record->pages[p] == SIZE_MAX)
            continue;
        const struct page_reading *reading = &a->results[record->pages[p]].reading;
        struct page_ink *ink = &record->ink[p];
        ink->classes = ARENA_NEW(a->arena, enum ink_class, reading->piece_count);
        ink->stray_mm2 = ARENA_NEW(a->arena, double, form->pages[p].box_count);
        ink->trace_mm2 = ARENA_NEW(a->arena, double, form->pages[p].box_count);
        outside_classify(ink->classes, reading, &form->pages[p], calibration);
        tails_join(ink->classes, reading, &form->pages[p], calibration);
        drop_dust(ink->classes, a->dust[record->pages[p]], reading->piece_count);
        outside_strays(ink->stray_mm2, ink->classes, reading, &form->pages[p], calibration);
        outside_traces(ink->trace_mm2, ink->classes, reading, &form->pages[p], calibration);
        doubt_strays(record->boxes[p], ink, reading, calibration);
        light_marks_accept(record->boxes[p], ink->classes, reading, &form->pages[p], calibration);
        for (size_t b = 0; b < form->pages[p].box_count; b++)
            beside += !(ink->stray_mm2[b] <= calibration->stray_mm2);
    }
    record->beside = (double)beside >= a->calibration->marks.fill_beside_min &&
                     (double)beside >= a->calibration->marks.fill_beside_share * (double)pen->dark;
}

/* Whether something is written on the page where the form expects nothing, and where. */
static bool has_note(const struct assembling *a, const struct return_record *record, size_t page,
                     struct rect *where_mm)
{
    const struct page_reading *reading = &a->results[record->pages[page]].reading;
    double area = outside_notes(where_mm, record->ink[page].classes, reading,
                                &a->calibration->outside);
    return !(area < a->calibration->outside.note_mm2);
}

static void report_notes(const struct assembling *a, const struct return_record *record,
                         struct flag_list *flags)
{
    struct rect where;
    for (size_t p = 0; p < a->forms[record->form]->page_count; p++)
        if (record->pages[p] != SIZE_MAX && has_note(a, record, p, &where))
            flag_list_add(flags, FLAG_INK_OUTSIDE, record->pages[p], SIZE_MAX, SIZE_MAX,
                          arena_printf(a->arena, "%.0f x %.0f mm, %.0f mm from the left, %.0f mm from "
                                                 "the top", where.w, where.h, where.x, where.y));
}

/* Nothing marked, written, withdrawn or doubtful on the pages that are there. */
static bool is_untouched(const struct assembling *a, const struct return_record *record)
{
    const struct form *form = a->forms[record->form];
    for (size_t p = 0; p < form->page_count; p++) {
        if (record->pages[p] == SIZE_MAX)
            continue;
        const struct page_reading *reading = &a->results[record->pages[p]].reading;
        struct rect where;
        if (has_note(a, record, p, &where))
            return false;
        for (size_t b = 0; b < form->pages[p].box_count; b++)
            if (!(record->ink[p].stray_mm2[b] <= a->calibration->outside.stray_mm2) ||
                !(record->ink[p].trace_mm2[b] <= a->calibration->outside.stray_close_mm2) ||
                outside_is_struck(&reading->boxes[b].evidence, record->ink[p].stray_mm2[b],
                                  &a->calibration->outside))
                return false;
        for (size_t b = 0; b < form->pages[p].box_count; b++)
            if (record->boxes[p][b].state != BOX_EMPTY || record->boxes[p][b].flag != FLAG_NONE)
                return false;
        for (size_t f = 0; f < form->pages[p].field_count; f++)
            if (reading->fields[f].has_ink ||
                !(reading->fields[f].ink_mm2 < a->calibration->marks.field_ink_mm2))
                return false;
    }
    return true;
}

/* "1, 3 and 4": the printed numbers of the missing pages. */
static const char *missing_pages(const struct assembling *a, const struct return_record *record)
{
    const struct form *form = a->forms[record->form];
    size_t left = 0;
    const char *list = NULL;
    for (size_t p = 0; p < form->page_count; p++)
        left += record->pages[p] == SIZE_MAX;
    bool one = left == 1;
    for (size_t p = 0; p < form->page_count; p++) {
        if (record->pages[p] != SIZE_MAX)
            continue;
        int number = form->pages[p].number;
        if (list == NULL)
            list = arena_printf(a->arena, "%s %d", one ? "page" : "pages", number);
        else
            list = arena_printf(a->arena, "%s%s %d", list, left == 1 ? " and" : ",", number);
        left--;
    }
    return list;
}

static void settle_outcome(const struct assembling *a, struct return_record *record,
                           struct flag_list *flags)
{
    const char *missing = missing_pages(a, record);
    if (missing != NULL) {
        record->outcome = OUTCOME_PARTIAL;
        flag_list_add(flags, FLAG_RETURN_INCOMPLETE, SIZE_MAX, SIZE_MAX, SIZE_MAX, missing);
    } else if (is_untouched(a, record)) {
        record->outcome = OUTCOME_BLANK;
        flag_list_add(flags, FLAG_RETURN_BLANK, SIZE_MAX, SIZE_MAX, SIZE_MAX, NULL);
    } else {
        record->outcome = OUTCOME_COMPLETE;
    }
}

/* Lays the pages owned by one return into their places; of a page that is there twice the first
 * in input order stays. */
static void place_pages(const struct assembling *a, struct return_record *record,
                        const struct owned_page *owned, size_t count, struct flag_list *flags)
{
    const struct form *form = a->forms[record->form];
    for (size_t p = 0; p < form->page_count; p++)
        record->pages[p] = SIZE_MAX;
    for (size_t k = 0; k < count; k++) {
        size_t *kept = &record->pages[owned[k].page];
        if (*kept != SIZE_MAX) {
            const struct page_result *first = &a->results[*kept];
            struct page_result *twice = &a->results[owned[k].result];
            bool copied = twice->hash[0] != '\0' && strcmp(twice->hash, first->hash) == 0 &&
                          strcmp(twice->source, first->source) != 0;
            twice->reason = FLAG_PAGE_TWICE;
            twice->detail =
                copied ? arena_printf(a->arena, "this file is a copy, byte for byte, of %s", first->source)
                       : arena_printf(a->arena, "page %d of return %s; kept: %s, image %d",
                                      form->pages[owned[k].page].number, record->reference, first->source,
                                      first->image + 1);
            continue;
        }
        *kept = owned[k].result;
        if (owned[k].doubt != NULL)
            flag_list_add(flags, FLAG_RETURN_DOUBTFUL, owned[k].result, SIZE_MAX, SIZE_MAX,
                          owned[k].doubt);
        if (owned[k].inferred != NULL)
            flag_list_add(flags, FLAG_REFERENCE_INFERRED, owned[k].result, SIZE_MAX, SIZE_MAX,
                          owned[k].inferred);
    }
}

static void assemble_return(const struct assembling *a, struct return_record *record,
                            const struct respondent *respondent, const struct owned_page *owned,
                            size_t count)
{
    const struct form *form = a->forms[owned->form];
    struct flag_list flags = {.arena = a->arena}, of_answers = {.arena = a->arena};
    record->form = owned->form;
    record->reference = arena_strdup(a->arena, owned->reference);
    record->pages = ARENA_NEW(a->arena, size_t, form->page_count);
    record->answers = ARENA_NEW(a->arena, struct answer, form->item_count);
    record->boxes = ARENA_NEW(a->arena, struct box_decision *, form->page_count);
    record->ink = ARENA_NEW(a->arena, struct page_ink, form->page_count);
    place_pages(a, record, owned, count, &flags);
    decide_boxes(a, record, respondent);
    judge_ink(a, record, &respondent->pen);
    settle_outcome(a, record, &flags);
    if (record->pen_faint)
        flag_list_add(&flags, FLAG_PEN_FAINT, SIZE_MAX, SIZE_MAX, SIZE_MAX, NULL);
    report_notes(a, record, &flags);
    answers_decide(record, &a->places[record->form], a->results, a->calibration, &of_answers);
    routing_apply(record, form, a->arena);
    blanks_doubt(record, &a->places[record->form], &a->calibration->marks, &of_answers);
    for (size_t f = 0; f < of_answers.count; f++) {
        const struct flag_entry *e = &of_answers.entries[f];
        flag_list_add(&flags, e->flag, e->result, e->item, e->option, e->detail);
    }
    record->flags = flags.entries;
    record->flag_count = flags.count;
}

/* The last proof of registration: the boxes' own outlines. Where many of a page's boxes have none
 * where the form says, this is not the page or not this version of it, whatever the landmarks say. */
static void doubt_outlines(struct arena *arena, struct page_result *result,
                           const struct calibration *all)
{
    enum { ENOUGH = 8 }; /* of fewer, each is flagged by itself */
    const struct mark_calibration *calibration = &all->marks;
    const struct scan_health *health = &result->placed.health;
    size_t asked = 0, found = 0, elsewhere = 0;
    if (result->reason != FLAG_NONE && result->reason != FLAG_REFERENCE_UNREADABLE)
        return;
    for (size_t b = 0; b < result->reading.box_count; b++) {
        double share = result->reading.boxes[b].evidence.print_found;
        elsewhere += share == (double)PRINT_ELSEWHERE;
        asked += share >= 0 || share == (double)PRINT_ELSEWHERE; /* PRINT_NONE proves nothing */
        /* specks prove no page: they lie on its outlines where registration is off, too */
        found += share >= calibration->print_found_min;
    }
    bool all_elsewhere = elsewhere > 0 && elsewhere == asked;
    if (!all_elsewhere &&
        (asked < ENOUGH || (double)found >= calibration->page_print_found_min * (double)asked))
        return;
    result->reason = FLAG_NOT_REGISTERED;
    if ((double)elsewhere > (1 - calibration->page_print_found_min) * (double)asked) {
        result->detail = arena_printf(arena, "%zu of %zu boxes of the form lie beside those that its "
                                             "blank shows: is template.json of another blank?",
                                      elsewhere, asked);
        return;
    }
    result->detail = arena_printf(
        arena, "only %zu of %zu boxes are printed where the form says: %s", found, asked,
        health->width_mm > 0 && (double)health->print_found < all->health.faint_print_found
            ? "the print is too faint, or it is another version"
            : "is it another version?");
}

/* Of thick grain more is left in the boxes than can be taken off (read/grain.h): in most of those that are not
 * marked. */
static bool is_grain_left(const struct page_reading *reading, double specks_cm2, const struct mark_calibration *c)
{
    size_t unmarked = 0, inked = 0;
    for (size_t k = 0; k < reading->box_count; k++) {
        double ink = (double)reading->boxes[k].evidence.ink_share;
        unmarked += ink < c->noisy_ink_min;
        inked += ink > 0 && ink < c->noisy_ink_min;
    }
    return reading_is_bitonal(reading) && specks_cm2 >= c->thick_grain_cm2 && inked > 0 &&
           (double)inked >= c->thick_grain_share * (double)unmarked;
}

/* Where even the page's empty boxes are full of specks none of them can be told from a marked one. */
static void doubt_specks(struct arena *arena, struct page_result *result,
                         const struct calibration *calibration)
{
    const struct page_reading *reading = &result->reading;
    const struct mark_calibration *c = &calibration->marks;
    double specks = (double)result->placed.health.specks_cm2;
    if (result->reason != FLAG_NONE || specks < c->speckled_page_cm2 ||
        (quiet_estimate(reading->boxes, reading->box_count, c).specks <= 0 && !is_grain_left(reading, specks, c)))
        return;
    result->reason = FLAG_PAGE_SPECKLED;
    result->detail = arena_printf(arena, "%.0f specks a cm2", specks);
}

struct batch_record record_assemble(struct arena *arena, struct page_result *results,
                                    size_t result_count, const struct form *const *forms,
                                    size_t form_count, const struct calibration *calibration)
{
    struct form_places *places = ARENA_NEW(arena, struct form_places, form_count);
    for (size_t f = 0; f < form_count; f++)
        places[f] = form_places_make(arena, forms[f]);
    for (size_t r = 0; r < result_count; r++)
        doubt_outlines(arena, &results[r], calibration);
    size_t learned_count;
    struct learned_page *learned = learn_print(&learned_count, arena, results, result_count, forms,
                                               form_count, calibration);
    for (size_t r = 0; r < result_count; r++)
        doubt_specks(arena, &results[r], calibration);
    struct assembling a = {arena, forms, places, results, calibration,
                           dust_find(arena, results, result_count, &calibration->outside)};
    size_t owned_count;
    struct owned_page *owned =
        group_pages(arena, &owned_count, results, result_count, forms, form_count);
    struct batch_record batch = {.returns = ARENA_NEW(arena, struct return_record, owned_count),
                                 .learned = learned,
                                 .learned_count = learned_count};
    for (size_t k = 0, next; k < owned_count; k = next) {
        for (next = k + 1; next < owned_count && same_return(&owned[k], &owned[next]);)
            next++;
        struct respondent respondent;
        size_t left = respondent_know(&respondent, arena, &owned[k], next - k, results,
                                      forms[owned[k].form], calibration);
        if (left > 0)
            assemble_return(&a, &batch.returns[batch.return_count++], &respondent, &owned[k], left);
    }
    struct flag_list flags = {.arena = arena};
    /* blank backs and separators are recognised: nobody has to look at them */
    for (size_t r = 0; r < result_count; r++)
        if (results[r].reason != FLAG_NONE && results[r].reason != FLAG_BLANK_PAGE &&
            results[r].reason != FLAG_SEPARATOR)
            flag_list_add(&flags, results[r].reason, r, SIZE_MAX, SIZE_MAX, results[r].detail);
    batch.flags = flags.entries;
    batch.flag_count = flags.count;
    return batch;
}
