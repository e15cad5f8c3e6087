/* Writes what is true about one image. */
#include "proof/truth.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "proof/seen.h"

static const char *const kind_names[] = {"page", "foreign", "blank_back"};

static json_t *real(double value, double step)
{
    return json_real(round(value / step) * step);
}

static json_t *pair(struct point p)
{
    return json_pack("[o, o]", real(p.x, 0.01), real(p.y, 0.01));
}

/* ---- parts of the line ------------------------------------------------------------------- */

static const char *lost_reason(const struct image_truth *t, struct point form_mm, struct point px)
{
    double edge = 1.5 / MM_PER_INCH * t->mapping->x_dpi;
    if (px.x < edge || px.y < edge || px.x > t->mapping->width_px - edge ||
        px.y > t->mapping->height_px - edge)
        return "cut_off";
    return paper_is_lost(t->side, form_mm) ? "corner" : NULL;
}

static bool under_streak(const struct image_truth *t, struct rect box)
{
    struct point a = mapping_to_px(t->mapping, (struct point){box.x, box.y + box.h / 2});
    struct point b = mapping_to_px(t->mapping, (struct point){box.x + box.w, box.y + box.h / 2});
    for (size_t i = 0; i < t->machine->streak_count; i++) {
        const struct streak *s = &t->machine->streaks[i];
        double x = s->x_mm / MM_PER_INCH * t->mapping->x_dpi, y = a.y / t->mapping->height_px;
        if (x > fmin(a.x, b.x) - 2 && x < fmax(a.x, b.x) + 2 && y > s->from && y < s->to)
            return true;
    }
    return false;
}

static json_t *box_json(const struct image_truth *t, size_t b)
{
    const struct template_box *box = &t->form->pages[t->page].boxes[b];
    const struct truth_box *truth = &t->filled->pages[t->page].boxes[b];
    struct point centre = rect_centre(box->rect_mm), px = mapping_to_px(t->mapping, centre);
    const struct question *question = item_question(t->form, box->item);
    const char *lost = lost_reason(t, centre, px);
    json_t *out = json_pack(
        "{s:s, s:s, s:o, s:s, s:s}", "question", t->form->items[box->item].name, "value",
        question->options[box->option].code, "centre_px", pair(px), "intended",
        truth_state_names[truth->intended], "conclusion",
        truth_state_names[lost != NULL ? TRUTH_PERSON : truth->conclusion]);
    if (truth->how != MARK_none) {
        json_object_set_new(out, "how", json_string(mark_kind_names[truth->how]));
        json_object_set_new(out, "cover", real(truth->cover, 0.001));
        json_object_set_new(out, "visible", real(seen_share(t, b, false), 0.01));
    }
    if (truth->how == MARK_strike_label)
        json_object_set_new(out, "strike_visible", real(seen_share(t, b, true), 0.01));
    if (truth->light > 0)
        json_object_set_new(out, "light", real(truth->light, 0.01));
    if (truth->stray > 0)
        json_object_set_new(out, "stray", real(truth->stray, 0.001));
    if (lost != NULL)
        json_object_set_new(out, "lost", json_string(lost));
    if (under_streak(t, box->rect_mm))
        json_object_set_new(out, "streak", json_true());
    return out;
}

static json_t *field_json(const struct image_truth *t, size_t f)
{
    const struct template_field *field = &t->form->pages[t->page].fields[f];
    const struct truth_field *truth = &t->filled->pages[t->page].fields[f];
    return json_pack("{s:s, s:b, s:s, s:o}", "question", t->form->items[field->item].name, "written",
                     (int)truth->written, "text", truth->text, "centre_px",
                     pair(mapping_to_px(t->mapping, rect_centre(field->rect_mm))));
}

static json_t *person_json(const struct filled_return *filled)
{
    return json_pack("{s:s, s:o, s:o, s:b, s:s, s:o, s:o, s:b}", "pen", pen_names[filled->pen.kind],
                     "width_mm", real(filled->pen.width_mm, 0.01), "darkness",
                     real(filled->pen.darkness, 0.01), "blue", (int)filled->pen.blue, "habit",
                     habit_names[filled->habit], "neatness", real(filled->hand.neatness, 0.01),
                     "heaviness", real(filled->hand.heaviness, 0.01), "blank", (int)filled->blank);
}

static json_t *damage_json(const struct image_truth *t)
{
    json_t *out = json_array();
    for (int i = 0; i < DAMAGE_COUNT; i++)
        if (t->side->damaged[i])
            json_array_append_new(out, json_string(damage_names[i]));
    return out;
}

static void add_page(json_t *line, const struct image_truth *t)
{
    const struct filled_page *page = &t->filled->pages[t->page];
    json_t *boxes = json_array(), *fields = json_array(), *notes = json_array();
    for (size_t b = 0; b < t->form->pages[t->page].box_count; b++)
        json_array_append_new(boxes, box_json(t, b));
    for (size_t f = 0; f < t->form->pages[t->page].field_count; f++)
        json_array_append_new(fields, field_json(t, f));
    for (size_t n = 0; n < page->note_count; n++)
        json_array_append_new(
            notes, json_pack("{s:s, s:o}", "text", page->notes[n].text, "centre_px",
                             pair(mapping_to_px(t->mapping, page->notes[n].at_mm))));
    json_object_set_new(line, "person", person_json(t->filled));
    json_object_set_new(line, "overlooked", json_boolean(page->overlooked));
    json_object_set_new(line, "boxes", boxes);
    json_object_set_new(line, "fields", fields);
    json_object_set_new(line, "notes", notes);
}

static json_t *transform_json(const struct mapping *m, double *worst_mm)
{
    struct transform affine = mapping_affine(m, worst_mm);
    json_t *out = json_array();
    for (int i = 0; i < 6; i++)
        json_array_append_new(out, json_real(affine.m[i]));
    return out;
}

void truth_write(struct text *out, const struct image_truth *t)
{
    static const char *const modes[MODE_COUNT] = {"grey", "fixed", "adaptive"};
    bool page = t->kind == IMAGE_PAGE;
    double worst_mm;
    json_t *transform = transform_json(t->mapping, &worst_mm);
    json_t *line = json_pack(
        "{s:s, s:i, s:s, s:s, s:s, s:i, s:s, s:I, s:s, s:I}", "source", t->source, "image", t->image,
        "kind", kind_names[t->kind], "form", page ? t->form->id : "", "version",
        page ? t->form->version : "", "page", page ? t->form->pages[t->page].number : 0, "return",
        page ? t->filled->reference : "", "seed", (json_int_t)t->seed, "profile", t->profile,
        "stack", (json_int_t)t->stack);
    json_object_set_new(line, "mode", json_string(modes[t->machine->mode]));
    json_object_set_new(line, "dpi", json_pack("[f, f]", t->mapping->x_dpi, t->mapping->y_dpi));
    json_object_set_new(line, "size_px",
                        json_pack("[i, i]", t->mapping->width_px, t->mapping->height_px));
    json_object_set_new(line, "turn", json_integer(90 * t->mapping->turn));
    json_object_set_new(line, "form_to_px", transform);
    json_object_set_new(line, "bent_mm", real(worst_mm, 0.001));
    json_object_set_new(line, "damage", damage_json(t));
    if (t->kind == IMAGE_FOREIGN)
        json_object_set_new(line, "what", json_string(t->what));
    if (page)
        add_page(line, t);
    char *text = json_dumps(line, JSON_COMPACT | JSON_REAL_PRECISION(8));
    text_add(out, text);
    text_add(out, "\n");
    free(text);
    json_decref(line);
}
