/* Identification and registration of one image: by code where there is one, by content where there
 * is none or it is torn. */
#include "page/page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "page/fiducials.h"
#include "page/library.h"
#include "page/photo.h"
#include "page/recognise.h"
#include "page/register.h"

#define CONTENT_DPI 75.0     /* content is compared far below this */

/* Whether two pages have their fiducials (and code) in the same places. */
static bool same_layout(const struct template_page *a, const struct template_page *b)
{
    return a->has_code == b->has_code &&
           memcmp(a->fiducials_mm, b->fiducials_mm, sizeof a->fiducials_mm) == 0 &&
           memcmp(&a->code_mm, &b->code_mm, sizeof a->code_mm) == 0;
}

/* The layout of a page's fiducials: a known one, or one more. */
static size_t layout_of(struct page_library *library, const struct template_page *page)
{
    if (!page->has_fiducials)
        return SIZE_MAX;
    for (size_t l = 0; l < library->layout_count; l++)
        if (same_layout(library->layouts[l], page))
            return l;
    library->layouts[library->layout_count] = page;
    return library->layout_count++;
}

struct page_library *page_library_new(const struct form *const *forms, PIX *const *const *plates,
                                      size_t form_count,
                                      const struct calibration *calibration)
{
    struct page_library *library = calloc(1, sizeof *library);
    if (library == NULL)
        error_die("out of memory: page library");
    library->forms = forms;
    library->form_count = form_count;
    library->calibration = calibration->registration;
    library->health = calibration->health;
    library->content = content_index_new(&library->calibration);
    library->qr = qr_reader_new();
    size_t total = 0;
    for (size_t f = 0; f < form_count; f++)
        total += forms[f]->page_count;
    library->pages = calloc(total + 1, sizeof *library->pages);
    library->layouts = calloc(total + 1, sizeof *library->layouts);
    if (library->pages == NULL || library->layouts == NULL)
        error_die("out of memory: page library");
    for (size_t f = 0; f < form_count; f++)
        for (size_t p = 0; p < forms[f]->page_count; p++) {
            struct library_page *entry = &library->pages[library->page_count++];
            *entry = (struct library_page){
                .form = f, .page = p, .template = &forms[f]->pages[p], .plate = plates[f][p]};
            entry->layout = layout_of(library, entry->template);
            PIX *bits = working_plate(entry->plate, 2 * CONTENT_DPI);
            struct content_page content = {working_half(bits), CONTENT_DPI,
                                           entry->template->width_mm, entry->template->height_mm};
            content_index_add(library->content, &content);
            pixDestroy(&bits);
            pixDestroy(&content.half);
        }
    return library;
}

void page_library_free(struct page_library *library)
{
    if (library == NULL)
        return;
    for (size_t i = 0; i < library->page_count; i++)
        for (int k = 0; k < library->pages[i].set_count; k++)
            landmark_set_release(&library->pages[i].sets[k]);
    free(library->pages);
    free(library->layouts);
    content_index_free(library->content);
    qr_reader_free(library->qr);
    free(library);
}

/* The page's landmarks at this resolution, made when first asked for. */
const struct landmark_set *library_landmarks(struct library_page *page, double dpi)
{
    for (int k = 0; k < page->set_count; k++)
        if (fabs(page->sets[k].dpi / dpi - 1) < 1e-6)
            return &page->sets[k];
    int slot = page->set_count < DPI_SLOTS ? page->set_count++ : DPI_SLOTS - 1;
    if (page->sets[slot].landmarks != NULL)
        landmark_set_release(&page->sets[slot]);
    landmark_set_init(&page->sets[slot], page->template, page->plate, dpi);
    return &page->sets[slot];
}

/* ---- the scan's resolution ------------------------------------------------------------------- */

/* Whether an image of this many mm could show one of the pages, with a scanner's border. */
static bool size_fits(const struct page_library *library, double width_mm, double height_mm)
{
    double shorter = fmin(width_mm, height_mm), longer = fmax(width_mm, height_mm);
    for (size_t i = 0; i < library->page_count; i++) {
        const struct template_page *page = library->pages[i].template;
        double s = fmin(page->width_mm, page->height_mm);
        double l = fmax(page->width_mm, page->height_mm);
        if (shorter > 0.85 * s && shorter < 1.35 * s && longer > 0.8 * l && longer < 1.35 * l)
            return true;
    }
    return false;
}

/* The resolution tags where they make sense, else from the image's size and the pages'. */
static void believe_dpi(double *x_dpi, double *y_dpi, const struct page_library *library,
                        const struct raw_page *raw)
{
    if (raw->x_dpi > 0 && raw->y_dpi > 0 &&
        size_fits(library, raw->width_px / raw->x_dpi * MM_PER_INCH,
                  raw->height_px / raw->y_dpi * MM_PER_INCH)) {
        *x_dpi = usual_dpi(raw->x_dpi);
        *y_dpi = usual_dpi(raw->y_dpi);
        return;
    }
    double best = 0, best_misfit = INFINITY;
    double shorter = fmin(raw->width_px, raw->height_px);
    double longer = fmax(raw->width_px, raw->height_px);
    for (size_t i = 0; i < library->page_count; i++) {
        const struct template_page *page = library->pages[i].template;
        double s = shorter / fmin(page->width_mm, page->height_mm) * MM_PER_INCH;
        double l = longer / fmax(page->width_mm, page->height_mm) * MM_PER_INCH;
        if (fabs(log(s / l)) < best_misfit) {
            best_misfit = fabs(log(s / l));
            best = fmin(s, l); /* the tighter one: borders only add */
        }
    }
    *x_dpi = *y_dpi = usual_dpi(best);
}

/* ---- by code --------------------------------------------------------------------------------- */

/* Where the page's code lies on the image, some mm grown for what the transform may be off. */
static struct rect code_area(const struct transform *form_to_working,
                             const struct template_page *page, const struct working *working)
{
    struct transform form_to_image = transform_compose(&working->to_image, form_to_working);
    return transform_bounds(&form_to_image, rect_grow(page->code_mm, 4));
}

/* About how many pixels of the image a module takes: our codes have 25 to 33 modules and a quiet
 * zone of 4 each side within code_mm. */
static double module_px(const struct transform *form_to_working, const struct template_page *page,
                        const struct working *working)
{
    struct point p = transform_apply(form_to_working, rect_centre(page->code_mm));
    struct point o = transform_apply(&working->to_image, p);
    struct point e = transform_apply(&working->to_image, (struct point){p.x + 1, p.y});
    struct point s = transform_apply(&working->to_image, (struct point){p.x, p.y + 1});
    return page->code_mm.w / 35 * working->dpi / MM_PER_INCH *
           fmin(hypot(e.x - o.x, e.y - o.y), hypot(s.x - o.x, s.y - o.y));
}

enum code_meaning { CODE_KNOWN, CODE_OTHER_FORM, CODE_OTHER_VERSION };

/* Finds the code's page in the library. */
static enum code_meaning look_up(struct library_page **out, const struct page_library *library,
                                 const struct page_code *code)
{
    enum code_meaning meaning = CODE_OTHER_FORM;
    for (size_t i = 0; i < library->page_count; i++) {
        struct library_page *page = &library->pages[i];
        const struct form *form = library->forms[page->form];
        if (form->code == NULL || strcasecmp(form->code, code->form) != 0)
            continue;
        if (strcasecmp(form->version, code->version) != 0) {
            meaning = CODE_OTHER_VERSION;
            continue;
        }
        if (page->template->number == code->page) {
            *out = page;
            return CODE_KNOWN;
        }
    }
    return meaning;
}

static enum flag foreign(enum code_meaning meaning, const struct page_code *code,
                         struct error *detail)
{
    error_set(detail, "form %s, version %s, page %d", code->form, code->version, code->page);
    return meaning == CODE_OTHER_VERSION ? FLAG_OTHER_VERSION : FLAG_OTHER_FORM;
}

static void know(struct known_page *out, const struct library_page *page, enum identified_by by,
                 const struct page_code *code)
{
    out->form = page->form;
    out->page = page->page;
    out->by = by;
    out->has_reference = code != NULL;
    if (code != NULL)
        memcpy(out->reference, code->reference, sizeof out->reference);
}

/* A page with a reference is only as good as its reference. */
static enum flag check_reference(const struct known_page *known, const struct template_page *page,
                                 struct error *detail)
{
    if (!page->has_code)
        return FLAG_NONE;
    if (!known->has_reference)
        return FLAG_REFERENCE_UNREADABLE;
    if (!reference_is_valid(known->reference)) {
        error_set(detail, "%s", known->reference);
        return FLAG_REFERENCE_INVALID;
    }
    return FLAG_NONE;
}

struct attempt {
    bool decided;   /* flag says what becomes of the page */
    enum flag flag;
};

/* Fiducials, then the code where they say it should be. Undecided where there is nothing of the
 * kind. */
static struct attempt place_by_code(struct placed_page *out, const struct page_library *library,
                                    const struct working *working, const struct raw_page *raw,
                                    struct error *detail)
{
    for (size_t l = 0; l < library->layout_count; l++) {
        const struct template_page *layout = library->layouts[l];
        if (!layout->has_code)
            continue;
        struct fiducial_fit fits[FIDUCIAL_FITS_MAX];
        size_t count = fiducials_find(fits, layout, working, &library->calibration);
        for (size_t k = 0; k < count; k++) {
            struct page_code code;
            struct library_page *page = NULL;
            if (!qr_read_area(&code, library->qr, raw,
                              code_area(&fits[k].form_to_working, layout, working),
                              module_px(&fits[k].form_to_working, layout, working)))
                continue;
            enum code_meaning meaning = look_up(&page, library, &code);
            if (meaning != CODE_KNOWN)
                return (struct attempt){true, foreign(meaning, &code, detail)};
            know(&out->known, page, IDENTIFIED_BY_CODE, &code);
            out->known.form_to_image =
                transform_compose(&working->to_image, &fits[k].form_to_working);
            enum flag flag = register_page(out, &fits[k].form_to_working,
                                           library_landmarks(page, working->dpi), working,
                                           page->template, raw, &library->calibration, detail);
            if (flag == FLAG_NONE)
                return (struct attempt){true, check_reference(&out->known, page->template, detail)};
            /* a false square may have spoiled the start: let the content say where the page is */
            return (struct attempt){false, flag};
        }
    }
    return (struct attempt){false, FLAG_NO_FORM};
}

/* ---- by content ------------------------------------------------------------------------------ */

static enum flag place_by_content(struct placed_page *out, struct page_library *library,
                                  const struct working *working, const struct raw_page *raw,
                                  struct error *detail)
{
    struct hypothesis best;
    if (!recognise(&best, library, working, detail))
        return FLAG_NO_FORM;
    struct library_page *page = best.page;
    know(&out->known, page, IDENTIFIED_BY_CONTENT, NULL);
    enum flag flag =
        register_page(out, &best.form_to_working,
                      library_landmarks(page, working->dpi), working, page->template, raw,
                      &library->calibration, detail);
    if (flag != FLAG_NONE) {
        struct error why = *detail;
        error_set(detail, "most like page %d of %s: %s", page->template->number,
                  library->forms[page->form]->id, why.text);
        return flag != FLAG_OTHER_VERSION &&
                       out->residuals.found_share < library->calibration.found_share_min
                   ? FLAG_NO_FORM
                   : flag;
    }
    out->known.form_to_image = out->placement.form_to_image;
    if (!page->template->has_code)
        return FLAG_NONE;
    struct transform to_working, image_to_working;
    struct page_code code;
    if (!transform_invert(&image_to_working, &working->to_image))
        return FLAG_NOT_REGISTERED;
    to_working = transform_compose(&image_to_working, &out->placement.form_to_image);
    if (!qr_read_area(&code, library->qr, raw, code_area(&to_working, page->template, working),
                      module_px(&to_working, page->template, working)))
        return FLAG_REFERENCE_UNREADABLE;
    struct library_page *said = NULL;
    enum code_meaning meaning = look_up(&said, library, &code);
    if (meaning != CODE_KNOWN)
        return foreign(meaning, &code, detail);
    if (said != page) { /* the code knows better which of two look-alikes this is */
        enum flag again = register_page(out, &to_working,
                                        library_landmarks(said, working->dpi), working,
                                        said->template, raw, &library->calibration, detail);
        if (again != FLAG_NONE)
            return FLAG_NOT_REGISTERED;
        page = said;
    }
    know(&out->known, page, IDENTIFIED_BY_CODE, &code);
    return check_reference(&out->known, page->template, detail);
}

/* Which side of the page is cut off, and the first question that lies outside. */
static void explain_cut(const struct placed_page *placed, const struct form *form,
                        const struct raw_page *raw, struct error *detail)
{
    static const char *const sides[] = {"left", "right", "top", "bottom"};
    const struct template_page *page = &form->pages[placed->known.page];
    for (size_t i = 0; i < page->box_count + page->field_count; i++) {
        bool box = i < page->box_count;
        struct rect rect = box ? page->boxes[i].rect_mm
                               : page->fields[i - page->box_count].rect_mm;
        struct point middle = rect_centre(rect), p = placement_to_px(&placed->placement, middle);
        if (p.x >= 0 && p.y >= 0 && p.x < raw->width_px && p.y < raw->height_px)
            continue;
        size_t item = box ? page->boxes[i].item : page->fields[i - page->box_count].item;
        const struct question *question = item_question(form, item);
        /* the side that is outside while the opposite one, straight across, is not */
        struct point on[] = {{0, middle.y}, {page->width_mm, middle.y}, {middle.x, 0},
                             {middle.x, page->height_mm}};
        bool outside[4];
        int side = 3;
        for (int k = 0; k < 4; k++) {
            struct point edge = placement_to_px(&placed->placement, on[k]);
            outside[k] = edge.x < 0 || edge.y < 0 || edge.x >= raw->width_px ||
                         edge.y >= raw->height_px;
        }
        for (int k = 0; k < 4; k++)
            if (outside[k] && !outside[k ^ 1])
                side = k;
        error_set(detail, "cut off at the %s: question %s lies outside", sides[side],
                  question->number != NULL ? question->number : form->items[item].name);
        return;
    }
}

/* Nothing fits: a code anywhere on the page may at least say what it is. */
static enum flag explain(struct page_library *library, const struct working *working,
                         enum flag flag, struct error *detail)
{
    struct page_code code;
    struct library_page *page;
    bool ours = false;
    for (size_t i = 0; i < library->page_count; i++)
        ours |= library->pages[i].template->has_code;
    if (flag != FLAG_NO_FORM || !ours || !qr_read_page(&code, library->qr, working))
        return flag;
    enum code_meaning meaning = look_up(&page, library, &code);
    return meaning == CODE_KNOWN ? FLAG_NOT_REGISTERED : foreign(meaning, &code, detail);
}

/* ---- what the scan is like ------------------------------------------------------------------- */

/* Whether the form lies safely where `placed` says, though the page may not be read. */
static bool form_lies(enum flag flag)
{
    return flag == FLAG_NONE || flag == FLAG_PAGE_CUT_OFF || flag == FLAG_REFERENCE_UNREADABLE ||
           flag == FLAG_REFERENCE_INVALID;
}

static struct library_page *known_page_of(const struct page_library *library,
                                          const struct known_page *known)
{
    for (size_t i = 0; i < library->page_count; i++)
        if (library->pages[i].form == known->form && library->pages[i].page == known->page)
            return &library->pages[i];
    return NULL;
}

/* Measures the scan and, where no form fits, says what else it shows. `print_dpi`: the resolution that
 * the form was found at. */
static enum flag look_at_scan(struct placed_page *out, const struct page_library *library,
                              const struct health_scan *scan, const struct working *working,
                              double print_dpi, enum flag flag, struct error *detail)
{
    struct library_page *page = form_lies(flag) ? known_page_of(library, &out->known) : NULL;
    struct health_form form = {.placement = &out->placement};
    if (page != NULL) {
        form.plate = page->plate;
        form.boxes = page->template->boxes;
        form.box_count = page->template->box_count;
        form.print = &library_landmarks(page, print_dpi)->plate_spread;
        form.px_per_mm = print_dpi / 2 / MM_PER_INCH;
    }
    health_measure(&out->health, scan, page == NULL ? NULL : &form, &library->health);
    if (flag != FLAG_NO_FORM && flag != FLAG_BLANK_PAGE)
        return flag;
    switch (health_sheet(&out->health, working->bits, working->dpi, &library->health)) {
    case SHEET_BLANK: return FLAG_BLANK_PAGE;
    case SHEET_PATCH:
    case SHEET_ONE_TONE: return FLAG_SEPARATOR;
    default: break;
    }
    if (flag == FLAG_BLANK_PAGE) /* so little that no form was looked for */
        error_set(detail, "nearly blank, but something is on it");
    return FLAG_NO_FORM;
}

/* Whether the image shows a blank sheet, borders, streaks and dust apart: many backs are blank, and looking
 * for every form on each of them would cost more than reading a page. */
static bool is_blank_sheet(const struct page_library *library, const struct health_scan *scan,
                           const struct working *working)
{
    int w = pixGetWidth(working->half), h = pixGetHeight(working->half);
    BOX *middle = boxCreate(w / 6, h / 6, w * 2 / 3, h * 2 / 3);
    l_int32 ink = 0;
    pixCountPixelsInRect(working->half, middle, &ink, NULL);
    boxDestroy(&middle);
    /* at half the resolution a pixel of ink may stand for one in four; streaks are allowed for */
    if (ink > 8 * library->health.blank_share_max * (w * 2.0 / 3) * (h * 2.0 / 3))
        return false;
    struct scan_health health = {.ink_share = working->ink_share};
    health_measure(&health, scan, NULL, &library->health);
    return health_sheet(&health, working->bits, working->dpi, &library->health) == SHEET_BLANK;
}

/* By code, else by content. */
static enum flag place(struct placed_page *out, struct page_library *library,
                       const struct working *working, const struct raw_page *raw,
                       struct error *detail)
{
    struct attempt attempt = place_by_code(out, library, working, raw, detail);
    return attempt.decided ? attempt.flag : place_by_content(out, library, working, raw, detail);
}

/* A form that is not seen on the image as a scan may be there as a photo of a sheet. Where it is not,
 * what was said of the scan stands. `*dpi`: the resolution that the form was found at. */
static enum flag place_photo(struct placed_page *out, double *dpi, struct page_library *library,
                             const struct raw_page *raw, enum flag flag, struct error *detail)
{
    struct sheet sheet;
    struct photo_paper papers[PHOTO_PAPERS_MAX];
    struct placed_page before = *out;
    struct landmark_residual landmarks[LANDMARK_MAX];
    if (flag != FLAG_NO_FORM && flag != FLAG_NOT_REGISTERED && flag != FLAG_PAGE_STRETCHED)
        return flag;
    memcpy(landmarks, library->landmarks, sizeof landmarks);
    size_t count = photo_find(&sheet, papers, library, raw);
    for (size_t i = 0; i < count; i++) {
        struct working straight;
        struct error why = {""};
        if (!photo_working(&straight, library, raw, &sheet, &papers[i]))
            continue;
        *out = (struct placed_page){.landmarks = library->landmarks};
        out->health.ink_share = before.health.ink_share;
        enum flag now = place(out, library, &straight, raw, &why);
        double straight_dpi = straight.dpi;
        working_release(&straight);
        if (now != FLAG_NO_FORM && now != FLAG_NOT_REGISTERED) {
            *detail = why;
            *dpi = straight_dpi;
            return now;
        }
    }
    *out = before;
    memcpy(library->landmarks, landmarks, sizeof landmarks);
    return flag;
}

enum flag page_place(struct placed_page *out, struct page_library *library,
                     const struct raw_page *raw, struct error *detail)
{
    memset(out, 0, sizeof *out);
    out->landmarks = library->landmarks;
    detail->text[0] = '\0';
    double x_dpi, y_dpi;
    if (library->page_count == 0)
        return FLAG_NO_FORM;
    believe_dpi(&x_dpi, &y_dpi, library, raw);
    if (x_dpi < library->calibration.dpi_min || y_dpi < library->calibration.dpi_min) {
        error_set(detail, "about %.0f dpi", fmin(x_dpi, y_dpi));
        return FLAG_RESOLUTION_LOW;
    }
    struct working working;
    working_init(&working, raw, x_dpi, y_dpi, &library->calibration);
    out->health.ink_share = working.ink_share;
    enum flag flag;
    double print_dpi = working.dpi;
    struct health_scan scan = {raw, x_dpi, y_dpi, working.half};
    if (working.ink_share < library->calibration.blank_ink_share_max ||
        is_blank_sheet(library, &scan, &working)) {
        flag = FLAG_BLANK_PAGE;
    } else {
        flag = place(out, library, &working, raw, detail);
        flag = place_photo(out, &print_dpi, library, raw, flag, detail);
        flag = explain(library, &working, flag, detail);
        if (flag == FLAG_PAGE_CUT_OFF)
            explain_cut(out, library->forms[out->known.form], raw, detail);
    }
    flag = look_at_scan(out, library, &scan, &working, print_dpi, flag, detail);
    working_release(&working);
    return flag;
}
