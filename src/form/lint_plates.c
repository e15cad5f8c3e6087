/* Look-alike pages, print inside of boxes, and boxes beside their print. */
#include "form/lint_plates.h"

#include <math.h>
#include <stdio.h>

#include <glib.h>

#include "base/error.h"
#include "form/find_alike.h"
#include "form/outline.h"
#include "form/plate.h"

/* The middle of a box, clear of its outline however thick, and how much of it is ink where something
 * is printed there: a letter has more, dust has less. */
#define MIDDLE_SHARE 0.4
#define INK_MIN 0.06

/* A box this far from its outline is not read, as offset_max_mm of calibration/marks.json has it. */
#define BESIDE_MM 0.6

struct seen {
    const struct form *form;
    size_t page;
    PIX *small;
    size_t unprinted; /* boxes that stand on no printed outline nor close to one */
};

struct lint_plates {
    GArray *seen;
};

struct lint_plates *lint_plates_new(void)
{
    struct lint_plates *plates = g_new0(struct lint_plates, 1);
    plates->seen = g_array_new(FALSE, FALSE, sizeof(struct seen));
    return plates;
}

static double ink_share(PIX *plate, struct rect mm)
{
    const double k = PLATE_DPI / MM_PER_INCH;
    l_float32 share = 0;
    struct rect r = rect_grow(mm, -(1 - MIDDLE_SHARE) / 2 * fmin(mm.w, mm.h));
    BOX *box = boxCreate((int)lround(r.x * k), (int)lround(r.y * k), (int)lround(r.w * k),
                         (int)lround(r.h * k));
    PIX *cut = pixClipRectangle(plate, box, NULL);
    if (cut != NULL)
        pixForegroundFraction(cut, &share);
    pixDestroy(&cut);
    boxDestroy(&box);
    return share;
}

static void lint_inside(struct lint_report *report, const struct form *form, size_t page,
                        PIX *plate)
{
    const struct template_page *p = &form->pages[page];
    const struct template_box *first = NULL;
    size_t count = 0;
    for (size_t i = 0; i < p->box_count; i++)
        if (ink_share(plate, p->boxes[i].rect_mm) > INK_MIN) {
            first = first == NULL ? &p->boxes[i] : first;
            count++;
        }
    if (count == 0)
        return;
    text_addf(&report->findings, "warning: page %d: box %s=%s", p->number,
              form->items[first->item].name, item_question(form, first->item)->options[first->option].code);
    if (count > 1)
        text_addf(&report->findings, " (and %zu more)", count - 1);
    text_add(&report->findings, ": something is printed inside; faint marks are lost in it\n");
    report->warnings++;
}

size_t lint_outlines(struct lint_report *report, const struct form *form, size_t page, PIX *plate)
{
    const struct template_page *p = &form->pages[page];
    size_t unprinted = 0, beside = 0;
    struct point away, first = {0, 0};
    for (size_t i = 0; i < p->box_count; i++) {
        if (outline_shown(plate, p->boxes[i].rect_mm, p->boxes[i].shape))
            continue;
        if (!outline_elsewhere(&away, plate, p, i, BESIDE_MM)) {
            unprinted++;
            continue;
        }
        first = beside == 0 ? away : first;
        beside++;
    }
    if (beside == 0)
        return unprinted;
    text_addf(&report->findings, "error: page %d: %zu box%s printed beside where template.json says "
              "(the first %.1f mm %s and %.1f mm %s of it): is template.json of another blank?\n",
              p->number, beside, beside == 1 ? " is" : "es are", fabs(first.x),
              first.x < 0 ? "left" : "right", fabs(first.y), first.y < 0 ? "above" : "below");
    report->errors++;
    return unprinted;
}

/* Told once all pages of the form are seen: a form that prints no outlines at all is meant so. */
static void lint_unprinted(const struct lint_plates *plates, struct lint_report *report,
                           const struct form *form)
{
    size_t unprinted = 0, boxes = 0;
    for (guint i = 0; i < plates->seen->len; i++) {
        const struct seen *seen = &g_array_index(plates->seen, struct seen, i);
        unprinted += seen->form == form ? seen->unprinted : 0;
        boxes += seen->form == form ? form->pages[seen->page].box_count : 0;
    }
    for (guint i = 0; i < plates->seen->len && unprinted < boxes; i++) {
        const struct seen *seen = &g_array_index(plates->seen, struct seen, i);
        if (seen->form != form || seen->unprinted == 0)
            continue;
        text_addf(&report->findings, "warning: page %d: %zu box%s on no printed outline, while others "
                  "of the form do: is template.json of another blank?\n",
                  form->pages[seen->page].number, seen->unprinted,
                  seen->unprinted == 1 ? " stands" : "es stand");
        report->warnings++;
    }
}

void lint_plates_add(struct lint_plates *plates, struct lint_report *report,
                     const struct form *form, size_t page, PIX *plate)
{
    struct seen seen = {form, page, alike_reduce(plate), lint_outlines(report, form, page, plate)};
    if (seen.small == NULL)
        error_die("out of memory while comparing pages");
    g_array_append_val(plates->seen, seen);
    lint_inside(report, form, page, plate);
    if (page + 1 == form->page_count)
        lint_unprinted(plates, report, form);
}

static void tell_pair(struct lint_report *report, const struct seen *a, const struct seen *b)
{
    char names[500];
    struct text line;
    const struct form *f = a->form, *g = b->form;
    text_init(&line);
    if (f == g)
        snprintf(names, sizeof names, "pages %d and %d", f->pages[a->page].number,
                 g->pages[b->page].number);
    else
        snprintf(names, sizeof names, "%s %s, page %d, and %s %s, page %d,", f->id, f->version,
                 f->pages[a->page].number, g->id, g->version, g->pages[b->page].number);
    if (alike_tell(&line, a->small, b->small, names)) {
        text_addf(&report->findings, "warning: %s", line.data);
        report->warnings++;
    }
    text_release(&line);
}

void lint_plates_compare(const struct lint_plates *plates, struct lint_report *report)
{
    const struct seen *seen = (const void *)plates->seen->data;
    for (guint a = 0; a < plates->seen->len; a++)
        for (guint b = a + 1; b < plates->seen->len; b++)
            tell_pair(report, &seen[a], &seen[b]);
}

void lint_plates_free(struct lint_plates *plates)
{
    if (plates == NULL)
        return;
    for (guint i = 0; i < plates->seen->len; i++)
        pixDestroy(&g_array_index(plates->seen, struct seen, i).small);
    g_array_free(plates->seen, TRUE);
    g_free(plates);
}
