/* Words and AcroForm fields of a PDF, for the field finder. (By Poppler.) */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>
#include <poppler.h>

#include "form/find_internal.h"

#define PX_PER_POINT (PLATE_DPI / 72.0)
/* A gap of this share of the height parts words even where the file has no blank. */
#define GAP_SHARE 0.6

/* ---- words ---------------------------------------------------------------------------------- */

struct word_maker {
    struct arena *arena;
    GArray *words; /* struct find_word */
    GString *text;
    struct rect px;
};

static void end_word(struct word_maker *m)
{
    if (m->text->len == 0)
        return;
    struct find_word word = {arena_strdup(m->arena, m->text->str), m->px};
    g_array_append_val(m->words, word);
    g_string_truncate(m->text, 0);
}

static void add_character(struct word_maker *m, gunichar character, struct rect px)
{
    bool ends = m->text->len > 0 &&
                (px.x > m->px.x + m->px.w + GAP_SHARE * px.h || px.x < m->px.x - 0.5 * px.h ||
                 fabs(px.y + px.h - m->px.y - m->px.h) > 0.6 * px.h);
    if (ends)
        end_word(m);
    if (m->text->len == 0) {
        m->px = px;
    } else {
        double x1 = fmax(m->px.x + m->px.w, px.x + px.w);
        double y1 = fmax(m->px.y + m->px.h, px.y + px.h);
        m->px.y = fmin(m->px.y, px.y);
        m->px.w = x1 - m->px.x;
        m->px.h = y1 - m->px.y;
    }
    g_string_append_unichar(m->text, character);
}

/* Boxes and arrows set as characters are drawings, not words: U+2190 to U+27BF and the private use
 * area, where symbol fonts live. */
static bool is_symbol(gunichar character)
{
    return (character >= 0x2190 && character <= 0x27bf) ||
           (character >= 0xe000 && character <= 0xf8ff);
}

static void read_words(struct find_page *out, struct arena *arena, PopplerPage *page)
{
    PopplerRectangle *at = NULL;
    guint count = 0;
    char *text = poppler_page_get_text(page);
    struct word_maker m = {.arena = arena};
    m.words = g_array_new(FALSE, FALSE, sizeof(struct find_word));
    m.text = g_string_new(NULL);
    if (text != NULL && poppler_page_get_text_layout(page, &at, &count)) {
        const char *c = text;
        for (guint i = 0; i < count && *c != '\0'; i++, c = g_utf8_next_char(c)) {
            gunichar character = g_utf8_get_char(c);
            struct rect px = {at[i].x1 * PX_PER_POINT, at[i].y1 * PX_PER_POINT,
                              (at[i].x2 - at[i].x1) * PX_PER_POINT,
                              (at[i].y2 - at[i].y1) * PX_PER_POINT};
            if (is_symbol(character) || g_unichar_isspace(character) || !g_unichar_isprint(character) ||
                !(px.w >= 0 && px.h > 0))
                end_word(&m);
            else
                add_character(&m, character, px);
        }
        end_word(&m);
    }
    out->word_count = m.words->len;
    out->words = ARENA_NEW(arena, struct find_word, m.words->len);
    if (m.words->len > 0)
        memcpy(out->words, m.words->data, m.words->len * sizeof *out->words);
    g_array_free(m.words, TRUE);
    g_string_free(m.text, TRUE);
    g_free(at);
    g_free(text);
}

/* ---- AcroForm ------------------------------------------------------------------------------- */

static bool take_field(struct find_widget *out, struct arena *arena, PopplerFormFieldMapping *map,
                       double page_height_pt)
{
    PopplerFormField *field = map->field;
    PopplerRectangle r = map->area; /* from the lower left corner */
    PopplerFormFieldType type = poppler_form_field_get_field_type(field);
    *out = (struct find_widget){.px = {r.x1 * PX_PER_POINT, (page_height_pt - r.y2) * PX_PER_POINT,
                                       (r.x2 - r.x1) * PX_PER_POINT,
                                       (r.y2 - r.y1) * PX_PER_POINT}};
    if (type == POPPLER_FORM_FIELD_BUTTON) {
        PopplerFormButtonType button = poppler_form_field_button_get_button_type(field);
        out->is_box = true;
        out->is_radio = button == POPPLER_FORM_BUTTON_RADIO;
        if (button == POPPLER_FORM_BUTTON_PUSH)
            return false;
    } else if (type == POPPLER_FORM_FIELD_TEXT) {
        out->several_lines =
            poppler_form_field_text_get_text_type(field) == POPPLER_FORM_TEXT_MULTILINE;
    } else if (type != POPPLER_FORM_FIELD_CHOICE) {
        return false;
    }
    char *name = poppler_form_field_get_partial_name(field);
    if (name != NULL && *name != '\0' && strlen(name) < 60)
        out->name = arena_strdup(arena, name);
    g_free(name);
    return out->px.w > 4 && out->px.h > 4;
}

static void read_widgets(struct find_page *out, struct arena *arena, PopplerPage *page)
{
    double w, h;
    poppler_page_get_size(page, &w, &h);
    GList *mappings = poppler_page_get_form_field_mapping(page);
    out->widgets = ARENA_NEW(arena, struct find_widget, g_list_length(mappings));
    for (GList *i = mappings; i != NULL; i = i->next)
        if (take_field(&out->widgets[out->widget_count], arena, i->data, h))
            out->widget_count++;
    poppler_page_free_form_field_mapping(mappings);
}

bool find_pdf_words(struct find_page *pages, size_t page_count, struct arena *arena,
                    const char *path, struct error *err)
{
    GError *trouble = NULL;
    char *whole = realpath(path, NULL);
    char *uri = whole == NULL ? NULL : g_filename_to_uri(whole, NULL, &trouble);
    PopplerDocument *document =
        uri == NULL ? NULL : poppler_document_new_from_file(uri, NULL, &trouble);
    if (document == NULL)
        error_set(err, "%s: cannot read the PDF's text: %s", path,
                  trouble == NULL ? "it cannot be opened" : trouble->message);
    for (size_t p = 0; document != NULL && p < page_count; p++) {
        PopplerPage *page = poppler_document_get_page(document, (int)p);
        if (page == NULL)
            continue;
        read_words(&pages[p], arena, page);
        read_widgets(&pages[p], arena, page);
        g_object_unref(page);
    }
    bool fine = document != NULL;
    if (document != NULL)
        g_object_unref(document);
    g_clear_error(&trouble);
    g_free(uri);
    free(whole);
    return fine;
}
