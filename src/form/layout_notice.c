/* What asks nothing: the title, notices on the cover and at the end, heads of sections. */
#include "form/layout_block.h"

#include <string.h>

#define PANEL_MM 6.0      /* space inside a panel */
#define PARAGRAPH_MM 2.4  /* between paragraphs */
#define INTRO_MEASURE_MM 165.0

struct block *block_section(const struct block_maker *maker, const struct section *section)
{
    struct block *block = block_new(maker, true);
    double height = 8.8;
    block_fill(maker, block, COLOUR_TINT, (struct rect){0, 0, block->width_mm, height});
    block_fill(maker, block, COLOUR_ACCENT, (struct rect){0, 0, 2, height});
    block_text(maker, block, TYPE_SECTION, ALIGN_LEFT, 6,
               (height - type_pitch_mm(TYPE_SECTION)) / 2, block->width_mm - 12, section->title);
    if (section->intro != NULL)
        height += 2.6 + block_text(maker, block, TYPE_INTRO, ALIGN_LEFT, 0, height + 2.6,
                                   INTRO_MEASURE_MM, section->intro);
    block->height_mm = height;
    return block;
}

struct block *block_title(const struct block_maker *maker)
{
    struct block *block = block_new(maker, true);
    double y = 0;
    block_fill(maker, block, COLOUR_ACCENT, (struct rect){0, y, block->width_mm, 2.4});
    y += 2.4 + 9;
    y += block_text(maker, block, TYPE_TITLE, ALIGN_LEFT, 0, y, block->width_mm,
                    maker->form->title);
    block->height_mm = y;
    return block;
}

static bool is_example(const char *line)
{
    return line[0] == '[' && line[1] != '\0' && line[2] == ']' && line[3] == ' ';
}

bool notice_has_example(const struct notice *notice)
{
    return strstr(notice->text, "[x] ") != NULL || strstr(notice->text, "[#] ") != NULL;
}

/* A drawn box before an instruction: crossed, filled in, empty, or a cell with a figure. */
static void example_at(const struct block_maker *maker, struct block *block, char what, double x,
                       double y)
{
    struct rect rect = {x, y, BOX_MM, BOX_MM};
    if (what == '#') {
        block_fill(maker, block, COLOUR_INK, rect);
        return;
    }
    block_frame(maker, block, COLOUR_INK, BOX_LINE_MM, rect);
    if (what == 'x')
        block_cross(maker, block, rect);
    else if (what != ' ')
        block_text(maker, block, TYPE_EXAMPLE, ALIGN_CENTRE, x, y, BOX_MM,
                   arena_printf(maker->form->arena, "%c", what));
}

/* One paragraph: plain, a bullet, or an instruction with a drawn box. Returns its height. */
static double paragraph_at(const struct block_maker *maker, struct block *block,
                           enum type_style style, const char *text, double x, double y,
                           double width)
{
    if (is_example(text)) {
        double indent = BOX_MM + 3, top = (BOX_MM - type_pitch_mm(style)) / 2;
        example_at(maker, block, text[1], x, y);
        double used = block_text(maker, block, style, ALIGN_LEFT, x + indent, y + top,
                                 width - indent, text + 4);
        return used + top < BOX_MM ? BOX_MM : used + top;
    }
    if (strncmp(text, "- ", 2) == 0) {
        block_text(maker, block, style, ALIGN_LEFT, x, y, 4, "•");
        return block_text(maker, block, style, ALIGN_LEFT, x + 4, y, width - 4, text + 2);
    }
    return block_text(maker, block, style, ALIGN_LEFT, x, y, width, text);
}

/* The next paragraph of *text with its line ends as spaces, or NULL. A line that begins with a
 * bullet or an example is a paragraph of its own. */
static const char *next_paragraph(struct arena *arena, const char **text)
{
    const char *start = *text + strspn(*text, "\n ");
    if (*start == '\0')
        return NULL;
    const char *end = start;
    while (*end != '\0' && !(end[0] == '\n' && (end[1] == '\n' || end[1] == '\0' ||
                                                is_example(end + 1) ||
                                                strncmp(end + 1, "- ", 2) == 0)))
        end++;
    char *paragraph = arena_strndup(arena, start, (size_t)(end - start));
    for (char *c = paragraph; *c != '\0'; c++)
        if (*c == '\n')
            *c = ' ';
    *text = end;
    return paragraph;
}

struct block *block_notice(const struct block_maker *maker, const struct notice *notice,
                           bool wide)
{
    struct block *block = block_new(maker, wide);
    bool panel = wide && notice->heading != NULL;
    enum type_style style = notice->heading == NULL ? TYPE_LEAD : TYPE_NOTICE;
    double inset = panel ? PANEL_MM : 0, x = inset, y = inset;
    double width = block->width_mm - 2 * inset;
    if (panel) /* under everything; its height is known at the end */
        block_frame(maker, block, COLOUR_ACCENT, 0.4, (struct rect){0});
    if (notice->heading != NULL)
        y += block_text(maker, block, TYPE_NOTICE_HEAD, ALIGN_LEFT, x, y, width,
                        notice->heading) + 1.2;
    const char *text = notice->text, *paragraph;
    for (bool first = true; (paragraph = next_paragraph(maker->form->arena, &text)) != NULL;
         first = false)
        y += (first ? 0 : PARAGRAPH_MM) +
             paragraph_at(maker, block, style, paragraph, x, y + (first ? 0 : PARAGRAPH_MM),
                          width > 150 && !panel ? 150 : width);
    block->height_mm = y + inset;
    if (panel)
        block->elements.at[0].rect_mm =
            (struct rect){0, 0, block->width_mm, block->height_mm};
    return block;
}
