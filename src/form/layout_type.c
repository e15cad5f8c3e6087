/* Styles, wrapping and showing of text. */
#include "form/layout_type.h"

#include <pango/pangocairo.h>

/* Inter is Debian's fonts-inter; DejaVu Sans is on nearly every machine. */
#define FAMILY "Inter,DejaVu Sans"
#define FAMILY_LARGE "Inter Display,Inter,DejaVu Sans"

/* Half the height of a capital, of the em: Inter's capitals are 0.727 em high. A line's middle is
 * the middle of its capitals, so that labels stand level with their boxes. */
#define HALF_CAPITAL 0.3636

struct style {
    const char *family;
    PangoWeight weight;
    double size_pt, pitch_mm, spacing_pt; /* spacing: added between letters */
    enum colour colour;
};

static const struct style styles[TYPE_STYLE_COUNT] = {
    [TYPE_TITLE] = {FAMILY_LARGE, PANGO_WEIGHT_BOLD, 30, 12.5, -0.3, COLOUR_ACCENT},
    [TYPE_LEAD] = {FAMILY, PANGO_WEIGHT_NORMAL, 13, 6.4, 0, COLOUR_INK},
    [TYPE_SECTION] = {FAMILY, PANGO_WEIGHT_BOLD, 13, 6.0, 0, COLOUR_ACCENT},
    [TYPE_INTRO] = {FAMILY, PANGO_WEIGHT_NORMAL, 10, 4.8, 0, COLOUR_INK},
    [TYPE_NUMBER] = {FAMILY, PANGO_WEIGHT_BOLD, 10.5, 4.75, 0, COLOUR_ACCENT},
    [TYPE_QUESTION] = {FAMILY, PANGO_WEIGHT_SEMIBOLD, 10.25, 4.75, 0, COLOUR_INK},
    [TYPE_HINT] = {FAMILY, PANGO_WEIGHT_NORMAL, 9, 4.3, 0, COLOUR_INK},
    [TYPE_LABEL] = {FAMILY, PANGO_WEIGHT_NORMAL, 10, 4.6, 0, COLOUR_INK},
    [TYPE_GOTO] = {FAMILY, PANGO_WEIGHT_BOLD, 9, 4.6, 0, COLOUR_ACCENT},
    [TYPE_GRID_HEAD] = {FAMILY, PANGO_WEIGHT_MEDIUM, 9, 4.1, 0, COLOUR_INK},
    [TYPE_CAPTION] = {FAMILY, PANGO_WEIGHT_NORMAL, 8.5, 4.0, 0, COLOUR_INK},
    [TYPE_NOTICE_HEAD] = {FAMILY, PANGO_WEIGHT_BOLD, 11.5, 5.8, 0, COLOUR_ACCENT},
    [TYPE_NOTICE] = {FAMILY, PANGO_WEIGHT_NORMAL, 10, 4.85, 0, COLOUR_INK},
    [TYPE_EXAMPLE] = {FAMILY, PANGO_WEIGHT_MEDIUM, 11, 5.2, 0, COLOUR_INK},
    [TYPE_FURNITURE] = {FAMILY, PANGO_WEIGHT_NORMAL, 8, 3.8, 0, COLOUR_INK},
    [TYPE_PAGE_NUMBER] = {FAMILY, PANGO_WEIGHT_BOLD, 11, 5.0, 0, COLOUR_ACCENT},
    [TYPE_REFERENCE] = {FAMILY, PANGO_WEIGHT_SEMIBOLD, 12, 5.4, 0.8, COLOUR_INK},
};

struct typesetter {
    PangoFontMap *map;
    PangoContext *context;
};

struct typesetter *typesetter_new(void)
{
    struct typesetter *typesetter = g_new0(struct typesetter, 1);
    typesetter->map = pango_cairo_font_map_new();
    pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(typesetter->map), 72);
    typesetter->context = pango_font_map_create_context(typesetter->map);
    /* Paper has no pixels: no hinting and no rounding, or widths would depend on the screen. */
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    pango_cairo_context_set_font_options(typesetter->context, options);
    cairo_font_options_destroy(options);
    pango_context_set_round_glyph_positions(typesetter->context, FALSE);
    pango_context_set_language(typesetter->context, pango_language_from_string("en-gb"));
    return typesetter;
}

void typesetter_free(struct typesetter *typesetter)
{
    if (typesetter == NULL)
        return;
    g_object_unref(typesetter->context);
    g_object_unref(typesetter->map);
    g_free(typesetter);
}

static PangoFontDescription *describe(enum type_style style)
{
    PangoFontDescription *font = pango_font_description_new();
    pango_font_description_set_family_static(font, styles[style].family);
    pango_font_description_set_weight(font, styles[style].weight);
    pango_font_description_set_absolute_size(font, styles[style].size_pt * PANGO_SCALE);
    return font;
}

const char *typesetter_font(const struct typesetter *typesetter, struct arena *arena)
{
    PangoFontDescription *wanted = describe(TYPE_LABEL);
    PangoFont *font = pango_font_map_load_font(typesetter->map, typesetter->context, wanted);
    PangoFontDescription *got = font == NULL ? NULL : pango_font_describe(font);
    const char *name = arena_strdup(arena, got == NULL ? "none"
                                                       : pango_font_description_get_family(got));
    if (got != NULL)
        pango_font_description_free(got);
    if (font != NULL)
        g_object_unref(font);
    pango_font_description_free(wanted);
    return name;
}

double type_pitch_mm(enum type_style style)
{
    return styles[style].pitch_mm;
}

static PangoLayout *typeset(const struct typesetter *typesetter, enum type_style style,
                            const char *text, double width_mm)
{
    PangoLayout *layout = pango_layout_new(typesetter->context);
    PangoFontDescription *font = describe(style);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_width(layout, (int)(width_mm * POINTS_PER_MM * PANGO_SCALE + 0.5));
    PangoAttrList *attributes = pango_attr_list_new();
    pango_attr_list_insert(attributes, pango_attr_insert_hyphens_new(FALSE));
    if (styles[style].spacing_pt != 0)
        pango_attr_list_insert(attributes, pango_attr_letter_spacing_new((int)(
                                               styles[style].spacing_pt * PANGO_SCALE)));
    pango_layout_set_attributes(layout, attributes);
    pango_attr_list_unref(attributes);
    pango_layout_set_text(layout, text, -1);
    return layout;
}

static double line_width_mm(PangoLayoutLine *line)
{
    PangoRectangle logical;
    pango_layout_line_get_extents(line, NULL, &logical);
    return (double)logical.width / PANGO_SCALE / POINTS_PER_MM;
}

struct type_extent type_measure(const struct typesetter *typesetter, enum type_style style,
                                const char *text, double width_mm)
{
    struct type_extent extent = {0};
    PangoLayout *layout = typeset(typesetter, style, text, width_mm);
    extent.lines = pango_layout_get_line_count(layout);
    for (int i = 0; i < extent.lines; i++) {
        extent.last_mm = line_width_mm(pango_layout_get_line_readonly(layout, i));
        if (extent.last_mm > extent.width_mm)
            extent.width_mm = extent.last_mm;
    }
    g_object_unref(layout);
    return extent;
}

double type_comfortable_width(const struct typesetter *typesetter, enum type_style style,
                              const char *text, double width_mm)
{
    int lines = type_measure(typesetter, style, text, width_mm).lines;
    for (double share = 1; lines > 1 && share > 0.74; share -= 0.02) {
        struct type_extent extent = type_measure(typesetter, style, text, width_mm * share);
        if (extent.lines != lines)
            break;
        if (extent.last_mm >= width_mm * 0.3)
            return width_mm * share;
    }
    return width_mm;
}

void type_set_colour(cairo_t *cr, enum colour colour)
{
    /* The tint and the hairs are light enough to vanish in a black-and-white scan, everything else is
     * dark enough to stay: nothing lies near the middle. */
    static const double rgb[COLOUR_COUNT][3] = {
        [COLOUR_INK] = {0, 0, 0},
        [COLOUR_ACCENT] = {0.055, 0.215, 0.365},
        [COLOUR_TINT] = {0.918, 0.945, 0.965},
        [COLOUR_RULE] = {0.20, 0.32, 0.43},
        [COLOUR_HAIR] = {0.80, 0.83, 0.86},
    };
    cairo_set_source_rgb(cr, rgb[colour][0], rgb[colour][1], rgb[colour][2]);
}

static void put_lines(const struct typesetter *typesetter, cairo_t *cr,
                      const struct layout_element *element,
                      void (*put)(cairo_t *cr, PangoLayoutLine *line))
{
    const struct style *style = &styles[element->style];
    struct rect rect = element->rect_mm;
    PangoLayout *layout = typeset(typesetter, element->style, element->text, rect.w);
    double baseline_pt = (rect.y + style->pitch_mm / 2) * POINTS_PER_MM +
                         HALF_CAPITAL * style->size_pt;
    for (int i = 0; i < pango_layout_get_line_count(layout); i++) {
        PangoLayoutLine *line = pango_layout_get_line_readonly(layout, i);
        double slack = rect.w - line_width_mm(line);
        double x = rect.x + (element->align == ALIGN_RIGHT    ? slack
                             : element->align == ALIGN_CENTRE ? slack / 2
                                                              : 0);
        cairo_move_to(cr, x * POINTS_PER_MM, baseline_pt + i * style->pitch_mm * POINTS_PER_MM);
        put(cr, line);
    }
    g_object_unref(layout);
}

void type_show(const struct typesetter *typesetter, cairo_t *cr,
               const struct layout_element *element)
{
    type_set_colour(cr, styles[element->style].colour);
    put_lines(typesetter, cr, element, pango_cairo_show_layout_line);
}

void type_outline(const struct typesetter *typesetter, cairo_t *cr,
                  const struct layout_element *element)
{
    put_lines(typesetter, cr, element, pango_cairo_layout_line_path);
}
