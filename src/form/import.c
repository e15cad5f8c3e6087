/* Adopting a form that already exists, from its blank and the boxes given for it. */
#include "form/import.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include "form/import_folder.h"
#include "form/import_internal.h"
#include "form/landmarks.h"
#include "form/load.h"
#include "form/plate.h"
#include "form/questionnaire.h"
#include "form/snap.h"
#include "form/template.h"

/* Fewer landmarks than this hardly hold a page. */
#define LANDMARKS_FEW 12
/* Beside the codes of policy_default(). */
#define MULTIPLE_CODE "-96"
/* A rectangle may stick out of the page by so much; it is then cut. */
#define OUTSIDE_MM 1.5

static void note(struct importer *im, const char *text)
{
    text_addf(&im->report->notes, "%s\n", text);
}

/* ---- the scale of the rectangles ------------------------------------------------------------ */

static struct rect scaled(struct rect r, double by)
{
    return (struct rect){r.x * by, r.y * by, r.w * by, r.h * by};
}

/* How many boxes have a printed outline at this scale; -1 where one lies outside its page. */
static double outlines_at(const struct importer *im, double mm_per_px)
{
    double sum = 0;
    for (size_t p = 0; p < im->given.page_count; p++) {
        const struct given_page *given = &im->given.pages[p];
        const struct blank_page *page = &im->blank.pages[given->page];
        if (page->is_photo)
            continue;
        struct snap *snap = snap_new(page->plate);
        for (size_t b = 0; b < given->box_count; b++) {
            struct rect r = scaled(given->boxes[b].rect, mm_per_px);
            enum box_shape shape = given->boxes[b].shape;
            if (r.x + r.w > page->width_mm + OUTSIDE_MM || r.y + r.h > page->height_mm + OUTSIDE_MM)
                sum = -INFINITY;
            else if (snap_box(&r, &shape, snap))
                sum++;
        }
        snap_free(snap);
    }
    return sum;
}

/* Rectangles of a PDF are at the dpi that BOXES.json says. Those of a picture are in its own pixels,
 * unless another dpi is said and clearly fits the print better. */
static bool decide_scale(struct importer *im)
{
    double said = im->given.dpi;
    if (im->blank.is_pdf) {
        if (said <= 0)
            return error_set(im->err, "%s: expected \"dpi\": a PDF has no pixels of its own",
                             im->options->boxes);
        im->mm_per_px = MM_PER_INCH / said;
        return true;
    }
    if (im->blank.dpi <= 0) /* photos all: place_rect() goes by their perspective */
        return true;
    im->mm_per_px = MM_PER_INCH / im->blank.dpi;
    if (said <= 0 || fabs(said / im->blank.dpi - 1) < 0.005)
        return true;
    double own = outlines_at(im, im->mm_per_px), other = outlines_at(im, MM_PER_INCH / said);
    if (other > own + 1 && other > 1.5 * own) {
        im->mm_per_px = MM_PER_INCH / said;
        text_addf(&im->report->notes, "the rectangles are taken as pixels at %.0f dpi, where they "
                  "lie on the print, not as pixels of the picture (%.0f dpi)\n", said,
                  im->blank.dpi);
    }
    return true;
}

/* ---- pages ---------------------------------------------------------------------------------- */

/* A rectangle measured on a photo, on the straightened page: its middle goes where it belongs, its sides
 * are as long as they are there. */
static struct rect straightened(struct rect px, const struct transform *px_to_mm)
{
    struct point c = rect_centre(px), middle = transform_apply(px_to_mm, c);
    struct point e = transform_apply(px_to_mm, (struct point){c.x + px.w / 2, c.y});
    struct point s = transform_apply(px_to_mm, (struct point){c.x, c.y + px.h / 2});
    double w = 2 * hypot(e.x - middle.x, e.y - middle.y);
    double h = 2 * hypot(s.x - middle.x, s.y - middle.y);
    return (struct rect){middle.x - w / 2, middle.y - h / 2, w, h};
}

static bool place_rect(struct importer *im, struct rect *out, struct rect px,
                       const struct template_page *page, const char *what, size_t index)
{
    const struct blank_page *blank = &im->blank.pages[page->number - 1];
    bool on_photo = blank->is_photo && !im->is_found;
    struct rect r = on_photo ? straightened(px, &blank->px_to_mm) : scaled(px, im->mm_per_px);
    double x1 = r.x + r.w, y1 = r.y + r.h;
    if (on_photo && (r.x < -OUTSIDE_MM || r.y < -OUTSIDE_MM || x1 > page->width_mm + OUTSIDE_MM ||
                     y1 > page->height_mm + OUTSIDE_MM))
        return error_set(im->err, "%s: page %d, %s %zu: lies outside the sheet in the photo",
                         im->options->boxes, page->number, what, index + 1);
    if (r.x < -OUTSIDE_MM || r.y < -OUTSIDE_MM || x1 > page->width_mm + OUTSIDE_MM ||
        y1 > page->height_mm + OUTSIDE_MM)
        return error_set(im->err, "%s: page %d, %s %zu: lies outside the page, which is %.0f x %.0f "
                         "pixels", im->options->boxes, page->number, what, index + 1,
                         page->width_mm / im->mm_per_px, page->height_mm / im->mm_per_px);
    x1 = fmin(x1, page->width_mm);
    y1 = fmin(y1, page->height_mm);
    *out = (struct rect){fmax(r.x, 0), fmax(r.y, 0), x1 - fmax(r.x, 0), y1 - fmax(r.y, 0)};
    return (out->w > 0 && out->h > 0) ||
           error_set(im->err, "%s: page %d, %s %zu: lies outside the page", im->options->boxes,
                     page->number, what, index + 1);
}

/* Two boxes that snapped into each other are both unsure. */
static void undo_collisions(struct template_page *page, const struct rect *given, bool *snapped)
{
    for (size_t a = 0; a < page->box_count; a++)
        for (size_t b = a + 1; b < page->box_count; b++)
            if (rect_overlap(rect_grow(page->boxes[a].rect_mm, -0.2), page->boxes[b].rect_mm) &&
                !rect_overlap(rect_grow(given[a], -0.2), given[b])) {
                page->boxes[a].rect_mm = given[a];
                page->boxes[b].rect_mm = given[b];
                snapped[a] = snapped[b] = false;
            }
}

static bool boxes_can_be_read(const struct importer *im, const struct template_page *page)
{
    for (size_t i = 0; i < page->box_count; i++)
        if (!box_can_be_read(page->boxes[i].rect_mm))
            return error_set(im->err, "%s: page %d, box %zu: is too large to be read as a box (17 x 17 "
                             "mm or 30 x 9 mm at most): make it a field", im->options->boxes,
                             page->number, i + 1);
    return true;
}

static void snap_boxes(struct importer *im, struct template_page *page, PIX *plate)
{
    if (im->is_found) { /* on their printed outline */
        im->report->snapped_count += page->box_count;
        return;
    }
    struct snap *snap = snap_new(plate);
    struct rect *given = g_new0(struct rect, page->box_count + 1);
    bool *snapped = g_new0(bool, page->box_count + 1);
    size_t missed = 0, reshaped = 0;
    for (size_t i = 0; i < page->box_count; i++) {
        enum box_shape said = page->boxes[i].shape;
        given[i] = page->boxes[i].rect_mm;
        snapped[i] = snap_box(&page->boxes[i].rect_mm, &page->boxes[i].shape, snap);
        reshaped += page->boxes[i].shape != said ? 1 : 0;
    }
    undo_collisions(page, given, snapped);
    for (size_t i = 0; i < page->box_count; i++)
        missed += snapped[i] ? 0 : 1;
    im->report->snapped_count += page->box_count - missed;
    if (missed > 0)
        text_addf(&im->report->notes, "page %d: %zu of %zu boxes have no clear printed outline "
                  "within a millimetre; they stay where they were given\n", page->number, missed,
                  page->box_count);
    if (reshaped > 0)
        text_addf(&im->report->notes, "page %d: %zu of %zu boxes are printed in another shape than "
                  "given, and were taken as printed\n", page->number, reshaped, page->box_count);
    g_free(given);
    g_free(snapped);
    snap_free(snap);
}

static bool take_page(struct importer *im, struct template_page *page,
                      const struct given_page *given)
{
    page->box_count = given->box_count;
    page->field_count = given->field_count;
    page->boxes = ARENA_NEW(im->arena, struct template_box, given->box_count);
    page->fields = ARENA_NEW(im->arena, struct template_field, given->field_count);
    for (size_t i = 0; i < given->box_count; i++)
        if (!import_take_box(im, &page->boxes[i], given, i) ||
            !place_rect(im, &page->boxes[i].rect_mm, given->boxes[i].rect, page, "box", i))
            return false;
    for (size_t i = 0; i < given->field_count; i++) {
        const struct given_field *field = &given->fields[i];
        struct template_field *out = &page->fields[i];
        import_take_field(im, out, given, i);
        if (!place_rect(im, &out->rect_mm, field->rect, page, "field", i))
            return false;
        out->cell_count = field->cell_count;
        if (field->cell_count > 0)
            out->cells_mm = ARENA_NEW(im->arena, struct rect, field->cell_count);
        for (size_t c = 0; c < field->cell_count; c++)
            if (!place_rect(im, &out->cells_mm[c], field->cells[c], page, "field", i))
                return false;
    }
    im->report->box_count += page->box_count;
    return true;
}

/* Codes differ from copy to copy: known, they hold no landmark. */
static void read_codes(struct importer *im, struct template_page *page, PIX *plate)
{
    if (im->options->read_codes == NULL)
        return;
    im->options->read_codes(&page->printed_codes, &page->printed_code_count, im->arena, plate);
    for (size_t i = 0; i < page->printed_code_count; i++) {
        const struct printed_code *code = &page->printed_codes[i];
        char *line = g_strdelimit(g_strndup(code->text, 60), "\n\r\t", ' ');
        text_addf(&im->report->notes, "page %d bears a code already (%s, '%s'), %.0f mm from the "
                  "left and %.0f mm from the top\n", page->number, code->type, line,
                  code->rect_mm.x, code->rect_mm.y);
        g_free(line);
    }
}

/* What a person should know of a page before it is printed or read. */
static void note_page(struct importer *im, const struct template_page *page)
{
    size_t counts[LANDMARK_REGIONS_X * LANDMARK_REGIONS_Y], served = 0;
    landmarks_count(counts, page);
    for (size_t i = 0; i < LANDMARK_REGIONS_X * LANDMARK_REGIONS_Y; i++)
        served += counts[i] > 0 ? 1 : 0;
    if (page->landmark_count == 0)
        text_addf(&im->report->notes, "page %d has no print to hold on to: no scan of it can be "
                  "recognised\n", page->number);
    else if (page->landmark_count < LANDMARKS_FEW || served < 7)
        text_addf(&im->report->notes, "page %d has only %zu landmarks in %zu of 12 regions: scans "
                  "of it may be rejected\n", page->number, page->landmark_count, served);
}

static bool build_pages(struct importer *im)
{
    struct form *form = im->form;
    form->page_count = im->report->page_count = im->blank.count;
    form->pages = ARENA_NEW(im->arena, struct template_page, form->page_count);
    for (size_t p = 0; p < form->page_count; p++) {
        form->pages[p].number = (int)p + 1;
        form->pages[p].width_mm = im->blank.pages[p].width_mm;
        form->pages[p].height_mm = im->blank.pages[p].height_mm;
    }
    for (size_t i = 0; i < im->given.page_count; i++) {
        const struct given_page *given = &im->given.pages[i];
        struct template_page *page = &form->pages[given->page];
        if (!take_page(im, page, given))
            return false;
        import_lines_beside(im, page, given);
        im->report->field_count += page->field_count;
    }
    if (!import_build_questionnaire(im))
        return false;
    for (size_t p = 0; p < form->page_count; p++) {
        struct template_page *page = &form->pages[p];
        snap_boxes(im, page, im->blank.pages[p].plate);
        if (!boxes_can_be_read(im, page))
            return false;
        read_codes(im, page, im->blank.pages[p].plate);
        landmarks_choose(page, im->arena, im->blank.pages[p].plate);
        note_page(im, page);
    }
    if (2 * im->report->snapped_count < im->report->box_count)
        text_addf(&im->report->notes, "most boxes lie where no box is printed: are these the pixels of "
                  "this blank, and is \"dpi\" right? look at marksense form show\n");
    im->report->question_count = form->question_count;
    template_sort(form);
    return true;
}

/* ---- the whole ------------------------------------------------------------------------------ */

static const char *id_from_folder(struct arena *arena, const char *folder)
{
    char *base = g_path_get_basename(folder);
    char *id = arena_strndup(arena, base, strlen(base) > 64 ? 64 : strlen(base));
    g_free(base);
    for (char *c = id; *c != '\0'; c++)
        if (!isascii(*c) || (!isalnum((unsigned char)*c) && strchr("-_.", *c) == NULL))
            *c = '-';
    return questionnaire_id_fits(id) && strspn(id, "-_.") < strlen(id) ? id : "form";
}

/* The id's letters and digits as capitals, at most eight. */
static const char *code_from_id(struct arena *arena, const char *id)
{
    char *code = arena_alloc(arena, 9, 1);
    size_t length = 0;
    for (; *id != '\0' && length < 8; id++)
        if (isalnum((unsigned char)*id))
            code[length++] = (char)toupper((unsigned char)*id);
    return length == 0 ? "FORM" : code;
}

static bool describe(struct importer *im)
{
    const struct import_options *o = im->options;
    struct form *form = im->form;
    form->arena = im->arena;
    form->id = o->id == NULL ? id_from_folder(im->arena, o->folder) : o->id;
    form->version = o->version == NULL ? "1" : o->version;
    if (!questionnaire_id_fits(form->id))
        return error_set(im->err, "--id: expected at most 64 letters, digits, '-', '_' or '.' but "
                         "found '%.100s'", form->id);
    if (!questionnaire_version_fits(form->version))
        return error_set(im->err, "--version: expected at most 32 letters, digits, '-', '_', '.' or "
                         "'+' but found '%.100s'", form->version);
    form->code = code_from_id(im->arena, form->id);
    form->title = o->title == NULL ? form->id : o->title;
    form->language = "en";
    form->policy = policy_default();
    form->policy.correction = im->given.correction;
    form->policy.multiple = im->given.multiple;
    if (im->given.multiple == RULE_CODE) {
        form->policy.multiple_code = MULTIPLE_CODE;
        note(im, "two marks where one is allowed are coded '" MULTIPLE_CODE "' and counted, not looked at "
             "('multiple: code' in form.yaml): any deliberate mark is an answer here");
    }
    return true;
}

static bool check_given_pages(struct importer *im)
{
    const struct given_page *last = &im->given.pages[im->given.page_count - 1];
    if (last->page < im->blank.count)
        return true;
    return error_set(im->err, "%s: names page %zu but the blank has %zu", im->options->boxes,
                     last->page + 1, im->blank.count);
}

static bool write_form(struct importer *im, const char *part)
{
    char *template_path = g_build_filename(part, TEMPLATE_FILE, NULL);
    PIX **plates = g_new0(PIX *, im->blank.count);
    for (size_t p = 0; p < im->blank.count; p++)
        plates[p] = im->blank.pages[p].plate;
    bool fine = form_save_questionnaire(im->form, part, im->err) &&
                (!im->is_found || import_mark_doubts(im, part)) &&
                template_save(im->form, template_path, im->err) &&
                plate_save(part, plates, im->blank.count, im->err) &&
                (!im->blank.is_pdf ||
                 folder_copy_file(im->options->blank, part, "blank.pdf", im->err));
    g_free(plates);
    g_free(template_path);
    /* What was written must load: better to fail here than on the day of the scans. */
    struct form *again = NULL;
    if (fine && !form_load(&again, part, im->err))
        fine = error_prefix(im->err, "the imported form cannot be loaded");
    form_free(again);
    return fine;
}

static bool import_into(struct importer *im, const char *part)
{
    return write_form(im, part) && folder_finish(part, im->options->folder, im->err);
}

/* Round boxes are as a rule filled in to answer, and the default would take all of that back. */
static void note_correction(struct importer *im)
{
    size_t round = 0, all = 0;
    for (size_t p = 0; p < im->form->page_count; p++)
        for (size_t i = 0; i < im->form->pages[p].box_count; i++) {
            all++;
            round += im->form->pages[p].boxes[i].shape != BOX_SQUARE;
        }
    if (!im->is_found && !im->given.correction_said && 2 * round > all)
        text_addf(&im->report->notes, "boxes that are filled in count as withdrawn ('correction: "
                  "fill'), since %s does not say \"correction\"; most boxes are circles or ovals: "
                  "where people fill them in to answer, set \"correction\": \"none\" there, or "
                  "'correction: none' in form.yaml\n", im->options->boxes);
}

/* The fields as given, or as found. */
static bool load_fields(struct importer *im)
{
    const struct import_options *o = im->options;
    struct blank_options picture = {.dpi = o->dpi, .paper = o->paper};
    if (!im->is_found && !import_boxes_load(&im->given, im->arena, o->boxes, im->err))
        return false;
    picture.fallback_dpi = im->given.dpi;
    if (!im->is_found)
        return describe(im) &&
               blank_load(&im->blank, o->blank, &picture, &im->report->notes, im->err) &&
               check_given_pages(im) && decide_scale(im) && import_note_turned(im);
    return describe(im) &&
           blank_load(&im->blank, o->blank, &picture, &im->report->notes, im->err) &&
           import_find(im);
}

static bool run_import(struct importer *im)
{
    const struct import_options *o = im->options;
    char *part;
    if (!load_fields(im) || !build_pages(im) || !folder_begin(&part, o->folder, o->force, im->err))
        return false;
    bool fine = import_into(im, part);
    if (fine)
        import_note_alike(im);
    else
        folder_abandon(part);
    free(part);
    note_correction(im);
    if (fine && im->blank.count > 1 && im->given.page_count < im->blank.count)
        note(im, "some pages have no box and no field");
    return fine;
}

bool form_import(struct import_report *report, const struct import_options *options,
                 struct error *err)
{
    *report = (struct import_report){0};
    text_init(&report->notes);
    struct arena *arena = arena_new();
    struct import_options said = *options;
    if (options->boxes == NULL)
        said.boxes = options->blank; /* what errors about rectangles name */
    struct importer im = {.options = &said,
                          .is_found = options->boxes == NULL,
                          .report = report,
                          .err = err,
                          .arena = arena,
                          .form = ARENA_NEW(arena, struct form, 1)};
    import_questions_init(&im);
    bool fine = run_import(&im);
    import_questions_release(&im);
    blank_release(&im.blank);
    arena_free(arena);
    return fine;
}

void import_report_release(struct import_report *report)
{
    text_release(&report->notes);
}
