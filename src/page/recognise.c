/* Recognition by content: candidates by the distribution of ink, weighed by coarse registration, and
 * look-alikes told apart where they differ. */
#include "page/recognise.h"

#include <math.h>
#include <string.h>

#include "base/error.h"
#include "page/fiducials.h"
#include "page/register.h"

#define CANDIDATES 48 /* by content */
#define AT_LEAST 6    /* of them are looked at more closely, and all that look alike */
#define A_GUESS 2     /* of each further guess of scale and skew */

/* Two pages fit the image: which does it show? Looks only where the one has print and the other has
 * none (by more than a pixel), answer areas left out, and counts on which side the image is. Gives the
 * share that speaks for `a`; 0.5 where they hardly differ. All at half the working resolution. */
static double speaks_for(const struct landmark_set *a, const struct transform *a_to_working,
                         const struct landmark_set *b, const struct transform *b_to_working,
                         const struct working *working, const struct template_page *page)
{
    enum { ENOUGH_PX = 30 };
    struct transform b_from_working, frame_from_working;
    struct frame frame;
    frame_init(&frame, working, a_to_working, page->width_mm, page->height_mm, FRAME_COARSE);
    if (!transform_invert(&b_from_working, b_to_working) ||
        !transform_invert(&frame_from_working, &frame.to_working)) {
        frame_release(&frame);
        return 0.5;
    }
    double mm = 2 * MM_PER_INCH / a->dpi;
    struct transform a_mm = {{mm, 0, 0, 0, mm, 0, 0, 0}}, half = {{0.5, 0, 0, 0, 0.5, 0, 0, 0}};
    struct transform mm_to_half = {{1 / mm, 0, 0, 0, 1 / mm, 0, 0, 0}};
    struct transform a_to_image = transform_compose(a_to_working, &a_mm);
    struct transform to_frame = transform_compose(&frame_from_working, &a_to_image);
    struct transform to_b = transform_compose(&b_from_working, &a_to_image);
    to_frame = transform_compose(&half, &to_frame);
    to_b = transform_compose(&mm_to_half, &to_b);
    struct bitmap image, image_spread, other, other_spread;
    int width = a->plate_half.width_px, height = a->plate_half.height_px;
    bitmap_warp(&image, &frame.half, &to_frame, width, height);
    bitmap_spread(&image_spread, &image);
    bitmap_warp(&other, &b->plate_half, &to_b, width, height);
    bitmap_spread(&other_spread, &other);
    long for_a = 0, for_b = 0;
    for (size_t k = 0; k < (size_t)image.stride * (size_t)height; k++) {
        uint64_t only_a = a->plate_half.rows[k] & ~other_spread.rows[k] & a->no_answer.rows[k];
        uint64_t only_b = other.rows[k] & ~a->plate_spread.rows[k] & a->no_answer.rows[k];
        for_a += __builtin_popcountll(only_a & image_spread.rows[k]) +
                 __builtin_popcountll(only_b & ~image_spread.rows[k]);
        for_b += __builtin_popcountll(only_a & ~image_spread.rows[k]) +
                 __builtin_popcountll(only_b & image_spread.rows[k]);
    }
    bitmap_release(&image);
    bitmap_release(&image_spread);
    bitmap_release(&other);
    bitmap_release(&other_spread);
    frame_release(&frame);
    return for_a + for_b < ENOUGH_PX ? 0.5 : (double)for_a / (double)(for_a + for_b);
}

/* Keeps the CANDIDATES best, best first. Returns how many there are now. */
static size_t insert_hypothesis(struct hypothesis *out, size_t count,
                                const struct hypothesis *hypothesis)
{
    size_t place = count;
    while (place > 0 && out[place - 1].share < hypothesis->share)
        place--;
    if (hypothesis->share <= 0 || place >= CANDIDATES)
        return count;
    if (count < CANDIDATES)
        count++;
    memmove(out + place + 1, out + place, (count - 1 - place) * sizeof *out);
    out[place] = *hypothesis;
    return count;
}

/* Registers a page coarsely from a first guess and keeps it if it is among the best. */
static size_t weigh(struct hypothesis *out, size_t count, const struct page_library *library,
                    struct library_page *page, const struct transform *guess,
                    enum coarseness coarseness, const struct frame *frame,
                    const struct working *working)
{
    struct hypothesis hypothesis = {page, *guess, 0};
    hypothesis.share =
        register_coarsely(&hypothesis.form_to_working, coarseness,
                          library_landmarks(page, working->dpi), frame, &library->calibration);
    return insert_hypothesis(out, count, &hypothesis);
}

static bool is_likely(const struct hypothesis *all, size_t count, const struct page_library *library)
{
    return count > 0 && all[0].share >= library->calibration.found_share_min;
}

/* Whether one page stands out, though not by much: coarse faxes show a third of the landmarks at this
 * resolution, another page hardly any. The proof comes later, whatever is said here. */
static bool stands_out(const struct hypothesis *all, size_t count,
                       const struct page_library *library)
{
    if (count == 0 || all[0].share < library->calibration.found_share_coded_min)
        return false;
    for (size_t i = 1; i < count; i++)
        if (all[i].page != all[0].page && all[i].share > 0.5 * all[0].share)
            return false;
    return true;
}

/* The best hypothesis, compared with every other page that fits nearly as well. NULL: two pages
 * look alike here and nothing tells them apart safely. */
static const struct hypothesis *choose(const struct hypothesis *all, size_t count,
                                       const struct page_library *library,
                                       const struct working *working, struct error *detail)
{
    const struct hypothesis *best = &all[0];
    const double plain = 0.5 + library->calibration.rival_margin_min;
    for (size_t i = 1; i < count; i++) {
        const struct hypothesis *other = &all[i];
        if (other->page == best->page || other->share < 0.5 * best->share)
            continue;
        double share = speaks_for(library_landmarks(best->page, working->dpi), &best->form_to_working,
                                  library_landmarks(other->page, working->dpi),
                                  &other->form_to_working, working, best->page->template);
        if (share < 1 - plain)
            best = other;
        else if (share < plain) {
            error_set(detail, "it looks like page %d of %s and like page %d of %s",
                      best->page->template->number, library->forms[best->page->form]->id,
                      other->page->template->number, library->forms[other->page->form]->id);
            return NULL;
        }
    }
    return best;
}

/* Fiducials were seen but no code: any page with that layout, either way up. */
static size_t weigh_fiducials(struct hypothesis *out, struct page_library *library,
                              const struct working *working)
{
    size_t kept = 0;
    for (size_t l = 0; l < library->layout_count; l++) {
        const struct template_page *layout = library->layouts[l];
        struct fiducial_fit fits[FIDUCIAL_FITS_MAX];
        size_t count = fiducials_find(fits, layout, working, &library->calibration);
        for (size_t k = 0; k < count; k++) {
            struct frame frame;
            frame_init(&frame, working, &fits[k].form_to_working, layout->width_mm,
                       layout->height_mm, FRAME_COARSE);
            for (size_t i = 0; i < library->page_count; i++)
                if (library->pages[i].layout == l)
                    kept = weigh(out, kept, library, &library->pages[i], &fits[k].form_to_working,
                                 COARSE_FIDUCIALS, &frame, working);
            frame_release(&frame);
        }
    }
    return kept;
}

/* `least`: so many are looked at, as long as they are not hopeless; all that are nearly as good as the
 * best one too, so that no look-alike goes unseen. */
static size_t weigh_candidates(struct hypothesis *out, size_t kept, struct page_library *library,
                               const struct working *working,
                               const struct content_candidate *candidates, size_t count, size_t least)
{
    for (size_t i = 0; i < count; i++) {
        double share = candidates[i].score / candidates[0].score;
        if (share < library->calibration.hopeless_share ||
            (i >= least && share < library->calibration.alike_share))
            break;
        struct library_page *page = &library->pages[candidates[i].page];
        struct frame frame;
        frame_init(&frame, working, &candidates[i].form_to_working, page->template->width_mm,
                   page->template->height_mm, FRAME_COARSE);
        kept = weigh(out, kept, library, page, &candidates[i].form_to_working, COARSE_CONTENT, &frame,
                     working);
        frame_release(&frame);
    }
    return kept;
}

/* The scan as it says it is first; then what correlation does not bear: it bears about 2 % of scale error
 * and 1.5 degrees of skew, printing "to fit" and wrong resolution tags make more, and pages with few
 * lines of text hide their skew. */
static size_t weigh_content(struct hypothesis *out, struct page_library *library,
                            const struct working *working)
{
    static const struct content_guess guesses[] = {
        {0.96, 0}, {1.04, 0},    {0.92, 0},   {1.08, 0},  {1, -2.5},  {1, 2.5},    {1, -5},
        {1, 5},    {0.96, -2.5}, {0.96, 2.5}, {0.96, -5}, {0.96, 5}, {1.04, 2.5}, {1.04, -2.5},
    };
    enum { GUESSES = sizeof guesses / sizeof *guesses };
    struct content_candidate candidates[CANDIDATES], likely[GUESSES * A_GUESS];
    struct content_scan *scan = content_scan_new(library->content, working);
    size_t count = content_candidates(candidates, 0, CANDIDATES, scan, &(struct content_guess){1, 0});
    size_t kept = weigh_candidates(out, 0, library, working, candidates, count, AT_LEAST);
    if (!is_likely(out, kept, library) && !stands_out(out, kept, library)) {
        size_t listed = 0;
        for (size_t k = 0; k < GUESSES; k++) {
            struct content_candidate few[A_GUESS];
            size_t some = content_candidates(few, 0, A_GUESS, scan, &guesses[k]);
            for (size_t i = 0; i < some; i++)
                content_insert(likely, &listed, GUESSES * A_GUESS, &few[i]);
        }
        kept = weigh_candidates(out, kept, library, working, likely, listed, AT_LEAST);
    }
    content_scan_free(scan);
    return kept;
}

bool recognise(struct hypothesis *out, struct page_library *library, const struct working *working,
               struct error *detail)
{
    struct hypothesis all[CANDIDATES];
    size_t count = weigh_fiducials(all, library, working);
    if (!is_likely(all, count, library))
        count = weigh_content(all, library, working);
    if (count == 0)
        return false;
    const struct hypothesis *best = choose(all, count, library, working, detail);
    if (best != NULL)
        *out = *best;
    return best != NULL;
}
