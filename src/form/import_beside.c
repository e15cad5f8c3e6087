/* Lines to write on that belong to a box: what stands there is no stray ink, and says nothing against a
 * box that is marked. */
#include "form/import_internal.h"

#include <stdint.h>

#include "form/find_beside.h"
#include "form/plate.h"

static struct rect scaled(struct rect r, double by)
{
    return (struct rect){r.x * by, r.y * by, r.w * by, r.h * by};
}

static struct rect *boxes_px(const struct importer *im, const struct template_page *page)
{
    struct rect *px = ARENA_NEW(im->arena, struct rect, page->box_count);
    for (size_t i = 0; i < page->box_count; i++)
        px[i] = scaled(page->boxes[i].rect_mm, PLATE_DPI / MM_PER_INCH);
    return px;
}

/* Fields that were found, as written beside a box. Those that somebody gave are theirs to say. */
static void tie_found(const struct importer *im, struct template_page *page, PIX *plate)
{
    const struct rect *boxes = boxes_px(im, page);
    for (size_t i = 0; i < page->field_count; i++) {
        struct template_field *field = &page->fields[i];
        if (field->kind != FIELD_TEXT)
            continue;
        size_t box = find_box_before(plate, scaled(field->rect_mm, PLATE_DPI / MM_PER_INCH), boxes,
                                     page->box_count);
        field->has_box = box != SIZE_MAX;
        if (field->has_box) {
            field->box_item = page->boxes[box].item;
            field->box_option = page->boxes[box].option;
        }
    }
}

static void add_lines(struct importer *im, struct template_page *page, const struct find_page *find)
{
    struct find_beside *lines;
    size_t count;
    find_lines_beside(&lines, &count, im->arena, find, boxes_px(im, page), page->box_count);
    page->fields = ARENA_NEW(im->arena, struct template_field, count);
    page->field_count = count;
    for (size_t i = 0; i < count; i++) {
        import_take_line(im, &page->fields[i], (size_t)page->number - 1, &page->boxes[lines[i].box]);
        page->fields[i].rect_mm = scaled(lines[i].px, MM_PER_INCH / PLATE_DPI);
    }
    if (count > 0)
        text_addf(&im->report->notes, "page %d: %zu line%s to write on beside %s, taken as written "
                  "answer%s ('..._text'); \"fields\": [] in %s leaves them out\n", page->number,
                  count, count == 1 ? "" : "s", count == 1 ? "a box" : "boxes",
                  count == 1 ? "" : "s", im->options->boxes);
}

void import_lines_beside(struct importer *im, struct template_page *page,
                         const struct given_page *given)
{
    const struct blank_page *blank = &im->blank.pages[page->number - 1];
    struct find_page find = {.plate = blank->plate, .tint = blank->tint, .is_clean = im->blank.is_pdf};
    if (page->box_count == 0)
        return;
    if (im->is_found)
        tie_found(im, page, blank->plate);
    else if (!given->fields_said)
        add_lines(im, page, &find);
}
