/* Scans lie askew by a degree or so; walls and lines of print are looked for on a level page. */
#include "form/find_internal.h"

#include <math.h>
#include <string.h>

/* Less is no harm: half a pixel over the width of a box of 10 mm. */
#define LEVEL_DEG_MIN 0.1
#define LEVEL_DEG_MAX 4.0
/* pixFindSkew()'s measure of a clear answer; its documentation takes 3 for a useful minimum. */
#define CONFIDENCE_MIN 3.0

/* The rectangle with its centre turned about the page's by `radian`, clockwise as seen. */
static struct rect turn(const struct level *level, struct rect px, double radian)
{
    struct point c = rect_centre(px);
    double x = c.x - level->centre.x, y = c.y - level->centre.y;
    px.x = level->centre.x + x * cos(radian) - y * sin(radian) - px.w / 2;
    px.y = level->centre.y + x * sin(radian) + y * cos(radian) - px.h / 2;
    return px;
}

struct rect level_turn(const struct level *level, struct rect px)
{
    return turn(level, px, level->radian);
}

struct rect level_turn_back(const struct level *level, struct rect px)
{
    return turn(level, px, -level->radian);
}

static PIX *turned(PIX *plate, double radian)
{
    PIX *out = plate == NULL ? NULL
                             : pixRotate(plate, (l_float32)radian, L_ROTATE_SHEAR,
                                         L_BRING_IN_WHITE, 0, 0);
    if (plate != NULL && out == NULL)
        error_die("out of memory while levelling a page");
    return out;
}

void level_init(struct level *level, struct arena *arena, const struct find_page *page)
{
    l_float32 angle = 0, confidence = 0;
    *level = (struct level){.page = *page};
    level->centre = (struct point){pixGetWidth(page->plate) / 2.0, pixGetHeight(page->plate) / 2.0};
    if (page->is_clean || page->widget_count > 0 ||
        pixFindSkew(page->plate, &angle, &confidence) != 0 || confidence < CONFIDENCE_MIN ||
        fabsf(angle) < LEVEL_DEG_MIN || fabsf(angle) > LEVEL_DEG_MAX)
        return;
    level->radian = angle * M_PI / 180;
    level->page.plate = turned(page->plate, level->radian);
    level->page.tint = turned(page->tint, level->radian);
    level->page.words = ARENA_NEW(arena, struct find_word, page->word_count);
    for (size_t i = 0; i < page->word_count; i++)
        level->page.words[i] = (struct find_word){
            page->words[i].text, level_turn(level, page->words[i].px)};
}

void level_give_back(const struct level *level, struct given_page *page)
{
    if (level->radian == 0)
        return;
    for (size_t i = 0; i < page->box_count; i++)
        page->boxes[i].rect = level_turn_back(level, page->boxes[i].rect);
    for (size_t i = 0; i < page->field_count; i++) {
        page->fields[i].rect = level_turn_back(level, page->fields[i].rect);
        for (size_t c = 0; c < page->fields[i].cell_count; c++)
            page->fields[i].cells[c] = level_turn_back(level, page->fields[i].cells[c]);
    }
}

void level_release(struct level *level)
{
    if (level->radian == 0)
        return;
    pixDestroy(&level->page.plate);
    pixDestroy(&level->page.tint);
}
