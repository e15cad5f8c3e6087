/* A form of drawn pages, and its library, for tests of page_place(). */
#ifndef PROPERTY_DRAWN_PAGES_H
#define PROPERTY_DRAWN_PAGES_H

#include "base/calibration.h"
#include "form/landmarks.h"
#include "page/page.h"

#define PAGES 5
#define PX_PER_MM (300 / 25.4)

struct world {
    struct arena *arena;
    struct form form;
    const struct form *forms[1];
    PIX *plates[PAGES];
    PIX *const *all[1];
    struct page_library *library;
};

static uint32_t draw(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static double between(uint32_t *state, double low, double high)
{
    return low + (high - low) * (double)(draw(state) % 100000) / 100000;
}

/* Lines of letter-like marks, different on every page, and a column of boxes. */
static PIX *make_sized_plate(struct template_page *page, struct arena *arena, uint32_t seed,
                             double width_mm, double height_mm)
{
    PIX *pix = pixCreate((int)(width_mm * PX_PER_MM), (int)(height_mm * PX_PER_MM), 1);
    for (double y = 20; y < height_mm - 22; y += between(&seed, 5, 9)) {
        double end = between(&seed, width_mm * 3 / 7, width_mm - 25);
        for (double x = 40; x < end; x += between(&seed, 1.6, 3.4)) {
            int px = (int)(x * PX_PER_MM), py = (int)(y * PX_PER_MM);
            pixRasterop(pix, px, py + (int)(draw(&seed) % 10), 4, 20, PIX_SET, NULL, 0, 0);
            pixRasterop(pix, px, py + (int)(draw(&seed) % 26), 6 + (int)(draw(&seed) % 14), 4,
                        PIX_SET, NULL, 0, 0);
        }
    }
    page->width_mm = width_mm;
    page->height_mm = height_mm;
    page->box_count = (size_t)((height_mm - 57) / 12);
    page->boxes = ARENA_NEW(arena, struct template_box, page->box_count);
    for (size_t i = 0; i < page->box_count; i++) {
        struct rect r = {22, 22 + 12 * (double)i, 5, 5};
        page->boxes[i] = (struct template_box){0, i, BOX_SQUARE, r};
        BOX *box = boxCreate((int)(r.x * PX_PER_MM), (int)(r.y * PX_PER_MM), 59, 59);
        pixRenderBox(pix, box, 4, L_SET_PIXELS);
        boxDestroy(&box);
    }
    landmarks_choose(page, arena, pix);
    return pix;
}

static PIX *make_plate(struct template_page *page, struct arena *arena, uint32_t seed)
{
    return make_sized_plate(page, arena, seed, 210, 297);
}

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    struct calibration calibration;
    struct error err;
    if (world == NULL || !calibration_load(&calibration, &err))
        return -1;
    world->arena = arena_new();
    world->form = (struct form){.arena = world->arena, .id = "t", .code = "T", .version = "1",
                                .page_count = PAGES};
    world->form.items = ARENA_NEW(world->arena, struct item, 1);
    world->form.items[0].name = "q";
    world->form.item_count = 1;
    world->form.questions = ARENA_NEW(world->arena, struct question, 1);
    world->form.questions[0].number = "14";
    world->form.question_count = 1;
    world->form.pages = ARENA_NEW(world->arena, struct template_page, PAGES);
    for (size_t p = 0; p < PAGES; p++) {
        world->form.pages[p].number = (int)p + 1;
        world->plates[p] = make_plate(&world->form.pages[p], world->arena, 77 + (uint32_t)p);
    }
    world->forms[0] = &world->form;
    world->all[0] = world->plates;
    world->library = page_library_new(world->forms, world->all, 1, &calibration);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    page_library_free(world->library);
    for (size_t p = 0; p < PAGES; p++)
        pixDestroy(&world->plates[p]);
    arena_free(world->arena);
    free(world);
    return 0;
}

#endif
