/* The print of boxes that the blank lacks: which crops show the same print, and what is done with what
 * they have in common. */
#include "record/learned_print.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "record/consensus.h"

/* One page of a form, as it is learned. */
struct learning {
    struct arena *arena;
    const struct form *form;
    const struct template_page *page;
    const struct calibration *calibration;
    struct page_result **images; /* of this page, ordered by what is in them */
    size_t image_count;
    const unsigned char *asked; /* a box of the page: 1 = it has crops */
    unsigned char *learned;     /* 1 = its print was proved */
    size_t *asked_of, *plain_of; /* an image: how many boxes the blank lacks; show print alone */
    size_t *filled_of, *drawn_of; /* how many boxes are filled; are marked in another way */
    unsigned char *solid;         /* a box of the page: 1 = filled on every image, perhaps in print */
};

static int by_content(const void *a, const void *b)
{
    const struct page_result *x = *(struct page_result *const *)a;
    const struct page_result *y = *(struct page_result *const *)b;
    int order = strcmp(x->hash, y->hash);
    return order != 0 ? order : (x->image > y->image) - (x->image < y->image);
}

static void begin_anew(struct page_result *result)
{
    if (result->reading.measured == NULL)
        return;
    result->reading.boxes = result->reading.measured;
    result->reading.measured = NULL;
}

/* ---- samples --------------------------------------------------------------------------------- */

static const struct option *option_of(const struct learning *l, size_t box)
{
    const struct template_box *b = &l->page->boxes[box];
    return &item_question(l->form, b->item)->options[b->option];
}

/* Boxes of one kind have the same outline. */
static bool same_kind(const struct template_box *a, const struct template_box *b)
{
    const double fine = 0.06; /* mm: half a cell */
    return a->shape == b->shape && fabs(a->rect_mm.w - b->rect_mm.w) < fine &&
           fabs(a->rect_mm.h - b->rect_mm.h) < fine;
}

/* Boxes of one value have the same print, as a rule. */
static bool same_value(const struct learning *l, size_t a, size_t b)
{
    const struct option *x = option_of(l, a), *y = option_of(l, b);
    return strcmp(x->code, y->code) == 0 &&
           strcmp(x->label == NULL ? "" : x->label, y->label == NULL ? "" : y->label) == 0;
}

static bool shows_outline(const struct box_crop *crop, const struct learned_calibration *c)
{
    return crop->found >= c->outline_min;
}

/* The crops of all boxes of the kind whose outline this scan shows; the count goes to *out_count. */
static struct crop_sample *take_samples(const struct learning *l, size_t *out_count,
                                        const struct crop_frame *frame, const size_t *boxes,
                                        size_t box_count)
{
    struct crop_sample *samples =
        ARENA_NEW(l->arena, struct crop_sample, box_count * l->image_count);
    *out_count = 0;
    for (size_t i = 0; i < l->image_count; i++)
        for (size_t b = 0; b < box_count; b++) {
            const struct box_crop *crop = l->images[i]->reading.boxes[boxes[b]].crop;
            if (crop != NULL && crop->width == frame->width && crop->height == frame->height &&
                shows_outline(crop, &l->calibration->learned))
                samples[(*out_count)++] =
                    (struct crop_sample){
                    .page = l->images[i], .image = i, .crop = crop, .box = boxes[b]};
        }
    return samples;
}

/* ---- use ------------------------------------------------------------------------------------- */

static struct box_reading *own_boxes(const struct learning *l, struct page_reading *reading)
{
    if (reading->measured == NULL) {
        struct box_reading *copy = ARENA_NEW(l->arena, struct box_reading, reading->box_count);
        memcpy(copy, reading->boxes, reading->box_count * sizeof *copy);
        reading->measured = reading->boxes;
        reading->boxes = copy;
    }
    return reading->boxes;
}

/* What is known of a box once its print is: what is printed beside it, and where its outline lies on most
 * scans, against where the form puts it, in cells. */
struct known_box {
    struct printed_beside beside;
    struct point place;
};

static bool is_filled(const struct learning *l, const struct box_reading *box)
{
    return box->evidence.ink_share >= l->calibration->learned.filled_share_min;
}

/* Measures the box of one sample against the print that was learned. */
static void use(const struct learning *l, const struct crop_frame *frame, const struct crop_sample *sample,
                const unsigned char *print, const struct known_box *known)
{
    unsigned char cells[CROP_CELLS_MAX];
    struct page_reading *reading = &((struct page_result *)sample->page)->reading;
    struct box_evidence *evidence = &own_boxes(l, reading)[sample->box].evidence;
    consensus_cells(cells, sample);
    crop_measure(evidence, frame, cells, print, &l->calibration->marks);
    evidence->print_found = sample->crop->found;
    evidence->outside_mm2 = (float)((double)evidence->outside_mm2 - known->beside.around_mm2);
    evidence->row_mm2 = (float)((double)evidence->row_mm2 - known->beside.row_mm2);
    evidence->offset_mm = (float)(hypot(sample->crop->dx + sample->sx - known->place.x,
                                        sample->crop->dy + sample->sy - known->place.y) *
                                  CROP_CELL_MM);
}

/* The samples of one box among those given; the count goes to *out_count. */
static struct crop_sample **of_box(const struct learning *l, size_t *out_count, size_t box,
                                   struct crop_sample *const *samples, size_t count)
{
    struct crop_sample **own = ARENA_NEW(l->arena, struct crop_sample *, l->image_count);
    *out_count = 0;
    for (size_t k = 0; k < count; k++)
        if (samples[k]->box == box)
            own[(*out_count)++] = samples[k];
    return own;
}

/* ---- doubts ---------------------------------------------------------------------------------- */

/* A sheet of which fewer than half of the boxes show the print and nothing else was printed otherwise:
 * what is no print of the others' may be print of this. All of it stays as it was measured. */
static void doubt_sheets(const struct learning *l)
{
    enum { ENOUGH = 4 };
    for (size_t i = 0; i < l->image_count; i++)
        if (l->asked_of[i] >= ENOUGH && l->plain_of[i] * 2 < l->asked_of[i])
            begin_anew(l->images[i]);
}

/* "Marks" that are alike in many boxes of one value are another print. Fills are all alike. */
static void doubt_alike(const struct learning *l, const struct crop_frame *frame,
                        struct crop_sample *const *samples, size_t count,
                        const unsigned char *print)
{
    enum { COMPARED_MAX = 32 }; /* each with so many; the order is as good as chance */
    struct crop_sample **marked = ARENA_NEW(l->arena, struct crop_sample *, count);
    bool *doubtful = ARENA_NEW(l->arena, bool, count);
    size_t marked_count = 0;
    for (size_t k = 0; k < count; k++)
        if (samples[k]->role == CROP_MARKED &&
            !consensus_filled(frame, samples[k], print, l->calibration))
            marked[marked_count++] = samples[k];
    for (size_t k = 0; k < marked_count; k++) {
        size_t compared = 0, alike = 0;
        for (size_t n = 1; n < marked_count && compared < COMPARED_MAX; n++) {
            const struct crop_sample *other = marked[(k + n) % marked_count];
            if (!same_value(l, marked[k]->box, other->box) ||
                !consensus_independent(marked[k], other, &l->calibration->learned))
                continue;
            compared++;
            alike += consensus_alike(frame, marked[k], other, print, l->calibration);
        }
        doubtful[k] = alike > 0 && (double)alike >= l->calibration->learned.alike_min *
                                                        (double)compared;
    }
    for (size_t k = 0; k < marked_count; k++)
        if (doubtful[k])
            marked[k]->role = CROP_DOUBTFUL;
}

/* A box that no scan shows without a mark may have print of its own: then its "marks" are alike. */
static bool is_doubtful(const struct learning *l, const struct crop_frame *frame,
                        const struct crop_sample *sample, struct crop_sample *const *own,
                        size_t count, const unsigned char *print)
{
    size_t others = 0;
    for (size_t k = 0; k < count; k++)
        if (own[k]->role == CROP_PLAIN)
            return false;
    for (size_t k = 0; k < count; k++) {
        if (!consensus_independent(sample, own[k], &l->calibration->learned))
            continue;
        others++;
        if (consensus_alike(frame, sample, own[k], print, l->calibration))
            return true;
    }
    if (others > 0)
        return false;
    /* one sheet alone: nobody prints a filled box, but strokes may be print */
    return !consensus_filled(frame, sample, print, l->calibration);
}

/* Marked, and not by filling. */
static bool is_drawn(const struct learning *l, const struct crop_frame *frame,
                     const struct crop_sample *sample, const struct consensus *common)
{
    unsigned char cells[CROP_CELLS_MAX];
    double ink, faint;
    if (common->proof != PROOF_PRINT || sample->role == CROP_PLAIN ||
        consensus_filled(frame, sample, common->print, l->calibration))
        return false;
    consensus_cells(cells, sample);
    crop_shares(&ink, &faint, frame, cells, common->print, &l->calibration->marks);
    return ink >= l->calibration->mark_model.marked_ink_min;
}

static void use_for_box(const struct learning *l, const struct crop_frame *frame,
                        struct crop_sample *const *own, size_t count,
                        const struct consensus *common)
{
    const unsigned char *print = common->print;
    double *x = ARENA_NEW(l->arena, double, count), *y = ARENA_NEW(l->arena, double, count);
    for (size_t k = 0; k < count; k++) {
        x[k] = own[k]->crop->dx + own[k]->sx;
        y[k] = own[k]->crop->dy + own[k]->sy;
    }
    struct known_box known = {consensus_beside(own, count, &l->calibration->learned),
                              {median_of(x, count), median_of(y, count)}};
    for (size_t k = 0; k < count; k++) {
        l->drawn_of[own[k]->image] += is_drawn(l, frame, own[k], common);
        if (own[k]->role == CROP_LACKING || own[k]->role == CROP_DOUBTFUL ||
            (common->proof != PROOF_PRINT &&
             !consensus_filled(frame, own[k], print, l->calibration)))
            continue;
        l->learned[own[k]->box] |= common->proof == PROOF_PRINT;
        l->plain_of[own[k]->image] += own[k]->role == CROP_PLAIN;
        if (own[k]->role == CROP_PLAIN || !is_doubtful(l, frame, own[k], own, count, print))
            use(l, frame, own[k], print, &known);
    }
}

/* ---- what to learn from ---------------------------------------------------------------------- */

/* Another box of its question, which asks for one answer, is filled on this sheet. */
static bool other_is_filled(const struct learning *l, const struct crop_sample *sample)
{
    const struct template_box *boxes = l->page->boxes;
    const struct box_reading *measured = consensus_measured(sample);
    size_t item = boxes[sample->box].item;
    for (size_t b = 0; b < l->page->box_count; b++)
        if (b != sample->box && boxes[b].item == item && !l->solid[b] && is_filled(l, &measured[b]))
            return item_question(l->form, item)->kind != QUESTION_SEVERAL;
    return false;
}

/* All that is marked on this sheet is filled: whoever does so leaves no dot or dash in another box. */
static bool fills_only(const struct learning *l, size_t image)
{
    return (double)l->filled_of[image] >= l->calibration->marks.fill_count_min &&
           l->drawn_of[image] == 0;
}

/* One box alone may be marked on every sheet, with marks so small that they are alike. It is print where
 * the box was surely left empty: once, if enough sheets show the same, and else on two sheets; or where
 * many sheets show it. */
static bool is_sure_alone(const struct learning *l, struct crop_sample *const *samples, size_t count,
                          enum proof proof)
{
    const struct learned_calibration *c = &l->calibration->learned;
    size_t plain = 0, sure = 0;
    for (size_t k = 0; k < count; k++) {
        if (samples[k]->role != CROP_PLAIN)
            continue;
        bool distinct = true; /* of those before it */
        for (size_t n = 0; n < k && distinct; n++)
            distinct =
                samples[n]->role != CROP_PLAIN || consensus_independent(samples[k], samples[n], c);
        bool left_empty = other_is_filled(l, samples[k]);
        plain += distinct;
        sure += distinct && (left_empty || fills_only(l, samples[k]->image));
        if ((proof == PROOF_PRINT && left_empty) || (double)sure >= c->sure_witnesses_min ||
            (proof == PROOF_PRINT && (double)plain >= c->alone_witnesses_min))
            return true;
    }
    return false;
}

/* From these samples of these boxes; false where nothing is proved. */
static bool learn_from(const struct learning *l, const struct crop_frame *frame,
                       const size_t *boxes, size_t box_count, struct crop_sample *const *samples,
                       size_t count, bool strict)
{
    if (!strict)
        consensus_align(frame, samples, count, true);
    struct consensus common =
        consensus_make(l->arena, frame, samples, count, strict, l->calibration);
    if (common.proof != PROOF_NONE && box_count == 1)
        common.proof = is_sure_alone(l, samples, count, common.proof) ? PROOF_PRINT : PROOF_NOT_FILLED;
    if (common.proof == PROOF_PRINT)
        doubt_alike(l, frame, samples, count, common.print);
    for (size_t b = 0; b < box_count && common.proof != PROOF_NONE; b++) {
        size_t own_count;
        struct crop_sample **own = of_box(l, &own_count, boxes[b], samples, count);
        use_for_box(l, frame, own, own_count, &common);
    }
    return common.proof == PROOF_PRINT;
}

/* Boxes of one value, and where those differ each box by itself. */
static void learn_value(const struct learning *l, const struct crop_frame *frame,
                        const size_t *boxes, size_t box_count, struct crop_sample *samples,
                        size_t count)
{
    struct crop_sample **some = ARENA_NEW(l->arena, struct crop_sample *, count);
    size_t some_count = 0;
    for (size_t k = 0; k < count; k++)
        for (size_t b = 0; b < box_count; b++)
            if (samples[k].box == boxes[b])
                some[some_count++] = &samples[k];
    if (some_count == 0 ||
        learn_from(l, frame, boxes, box_count, some, some_count, false) || box_count == 1)
        return;
    for (size_t b = 0; b < box_count; b++) {
        size_t own_count;
        struct crop_sample **own = of_box(l, &own_count, boxes[b], some, some_count);
        if (own_count > 0)
            learn_from(l, frame, &boxes[b], 1, own, own_count, false);
    }
}

/* Boxes of one kind: where most of them show nothing but the outline, that is the print of all; else
 * each value has its own. */
static void learn_kind(const struct learning *l, const size_t *boxes, size_t box_count)
{
    struct crop_frame frame = crop_frame_make(l->arena, &l->page->boxes[boxes[0]]);
    size_t count;
    struct crop_sample *samples = take_samples(l, &count, &frame, boxes, box_count);
    if (count == 0)
        return;
    struct crop_sample **all = ARENA_NEW(l->arena, struct crop_sample *, count);
    for (size_t k = 0; k < count; k++)
        all[k] = &samples[k];
    consensus_align(&frame, all, count, false);
    if (learn_from(l, &frame, boxes, box_count, all, count, true))
        return;
    unsigned char *done = ARENA_NEW(l->arena, unsigned char, box_count);
    size_t *group = ARENA_NEW(l->arena, size_t, box_count);
    /* boxes alone last: how their sheets' other boxes are marked tells about them */
    for (size_t at = 0; at < 2 * box_count; at++) {
        size_t b = at % box_count, group_count = 0;
        for (size_t k = b; k < box_count && !done[b]; k++)
            if (!done[k] && same_value(l, boxes[b], boxes[k]))
                group[group_count++] = boxes[k];
        if (done[b] || (group_count == 1 && at < box_count))
            continue;
        for (size_t k = b; k < box_count; k++)
            done[k] = done[k] || same_value(l, boxes[b], boxes[k]);
        learn_value(l, &frame, group, group_count, samples, count);
    }
}

/* How many boxes of each image are filled, and how many whose print is known are marked otherwise. */
static void count_marks(const struct learning *l)
{
    const struct mark_model *model = &l->calibration->mark_model;
    for (size_t b = 0; b < l->page->box_count; b++) {
        l->solid[b] = 1;
        for (size_t i = 0; i < l->image_count; i++)
            l->solid[b] &= is_filled(l, &l->images[i]->reading.boxes[b]);
    }
    for (size_t i = 0; i < l->image_count; i++) {
        const struct page_reading *reading = &l->images[i]->reading;
        for (size_t b = 0; b < reading->box_count; b++) {
            bool filled = is_filled(l, &reading->boxes[b]);
            l->filled_of[i] += filled && !l->solid[b];
            l->drawn_of[i] += !filled && reading->boxes[b].crop == NULL &&
                              reading->boxes[b].evidence.ink_share >= model->marked_ink_min;
        }
    }
}

/* Leaves out images that show too few of the boxes: another print, or not this page. */
static void keep_likely(struct learning *l)
{
    size_t kept = 0;
    for (size_t i = 0; i < l->image_count; i++) {
        const struct page_reading *reading = &l->images[i]->reading;
        size_t crops = 0, found = 0;
        for (size_t b = 0; b < reading->box_count; b++) {
            if (reading->boxes[b].crop == NULL)
                continue;
            crops++;
            found += shows_outline(reading->boxes[b].crop, &l->calibration->learned);
        }
        if (crops > 0 &&
            (double)found >= l->calibration->learned.page_outline_min * (double)crops) {
            l->images[kept] = l->images[i];
            l->asked_of[kept++] = crops;
        }
    }
    l->image_count = kept;
}

static void learn_page(struct learning *l)
{
    size_t box_count = l->page->box_count;
    unsigned char *done = ARENA_NEW(l->arena, unsigned char, box_count);
    size_t *kind = ARENA_NEW(l->arena, size_t, box_count);
    keep_likely(l);
    count_marks(l);
    for (size_t b = 0; b < box_count; b++) {
        size_t count = 0;
        for (size_t k = b; k < box_count; k++)
            if (l->asked[k] && !done[k] && !done[b] &&
                same_kind(&l->page->boxes[b], &l->page->boxes[k]))
                kind[count++] = k;
        for (size_t k = 0; k < count; k++)
            done[kind[k]] = 1;
        if (count > 0)
            learn_kind(l, kind, count);
    }
    doubt_sheets(l);
}

static bool is_of(const struct page_result *result, size_t form, size_t page)
{
    return result->reason == FLAG_NONE && result->identified &&
           result->placed.known.form == form && result->placed.known.page == page;
}

static bool has_crops(const struct page_reading *reading)
{
    for (size_t b = 0; b < reading->box_count; b++)
        if (reading->boxes[b].crop != NULL)
            return true;
    return false;
}

struct learned_page *learn_print(size_t *out_count, struct arena *arena,
                                 struct page_result *results, size_t result_count,
                                 const struct form *const *forms, size_t form_count,
                                 const struct calibration *calibration)
{
    size_t crops = 0, pages = 0;
    *out_count = 0;
    for (size_t r = 0; r < result_count; r++) {
        begin_anew(&results[r]);
        crops += results[r].reason == FLAG_NONE && has_crops(&results[r].reading);
    }
    if (crops == 0)
        return NULL;
    for (size_t f = 0; f < form_count; f++)
        pages += forms[f]->page_count;
    struct learned_page *out = ARENA_NEW(arena, struct learned_page, pages);
    for (size_t f = 0; f < form_count; f++)
        for (size_t p = 0; p < forms[f]->page_count; p++) {
            size_t box_count = forms[f]->pages[p].box_count;
            unsigned char *asked = ARENA_NEW(arena, unsigned char, box_count);
            struct learning l = {
                .arena = arena,
                .form = forms[f],
                .page = &forms[f]->pages[p],
                .calibration = calibration,
                .images = ARENA_NEW(arena, struct page_result *, result_count),
                .asked = asked,
                .learned = ARENA_NEW(arena, unsigned char, box_count),
                .asked_of = ARENA_NEW(arena, size_t, result_count),
                .plain_of = ARENA_NEW(arena, size_t, result_count),
                .filled_of = ARENA_NEW(arena, size_t, result_count),
                .solid = ARENA_NEW(arena, unsigned char, box_count),
                .drawn_of = ARENA_NEW(arena, size_t, result_count),
            };
            for (size_t r = 0; r < result_count; r++) {
                if (!is_of(&results[r], f, p) || results[r].reading.box_count != box_count ||
                    !has_crops(&results[r].reading))
                    continue;
                l.images[l.image_count++] = &results[r];
                for (size_t b = 0; b < box_count; b++)
                    asked[b] |= results[r].reading.boxes[b].crop != NULL;
            }
            if (l.image_count == 0)
                continue;
            qsort(l.images, l.image_count, sizeof(struct page_result *), by_content);
            struct learned_page *page = &out[(*out_count)++];
            *page = (struct learned_page){.form = f, .page = p, .scans = l.image_count};
            learn_page(&l);
            for (size_t b = 0; b < box_count; b++) {
                page->unprinted += asked[b];
                page->learned += l.learned[b];
            }
        }
    return out;
}
