/* The page code as black squares, the reference as outlines. */
#include "form/draw_code.h"

#include <glib.h>
#include <math.h>
#include <qrencode.h>
#include <string.h>

#include "form/code.h"

#define QUIET_MODULES 4
#define MODULE_MIN_MM 0.5 /* 4 pixels at 200 dpi */

/* The strongest error correction whose modules stay large enough: Q (25 %), M (15 %). */
static QRcode *encode(const char *text, double side_mm)
{
    static const QRecLevel levels[] = {QR_ECLEVEL_Q, QR_ECLEVEL_M};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) {
        QRcode *code = QRcode_encodeString(text, 0, levels[i], QR_MODE_8, 1);
        if (code != NULL && side_mm / (code->width + 2 * QUIET_MODULES) >= MODULE_MIN_MM)
            return code;
        QRcode_free(code);
    }
    return NULL;
}

/* Neighbours in a row become one run: no seams between modules. */
static void make_runs(struct page_symbol *out, const QRcode *code, struct rect place_mm)
{
    double module = fmin(place_mm.w, place_mm.h) / (code->width + 2 * QUIET_MODULES);
    out->module_mm = module;
    out->place_mm = (struct rect){place_mm.x + QUIET_MODULES * module,
                                  place_mm.y + QUIET_MODULES * module, code->width * module,
                                  code->width * module};
    out->runs = g_new(struct code_run, (size_t)code->width * (size_t)code->width);
    for (int y = 0; y < code->width; y++) {
        const unsigned char *row = code->data + (size_t)y * (size_t)code->width;
        for (int x = 0, end; x < code->width; x = end + 1) {
            for (end = x; end < code->width && (row[end] & 1); end++)
                ;
            if (end > x)
                out->runs[out->run_count++] = (struct code_run){x, y, end - x};
        }
    }
}

static bool code_text(char *out, size_t size, const struct form *form, int page,
                      const char *reference, struct error *err)
{
    struct page_code parts = {.page = page};
    bool fits = form->code != NULL && form->version != NULL &&
                strlen(form->code) < sizeof parts.form &&
                strlen(form->version) < sizeof parts.version &&
                strlen(reference) < sizeof parts.reference;
    if (fits) {
        strcpy(parts.form, form->code);
        strcpy(parts.version, form->version);
        strcpy(parts.reference, reference);
    }
    return fits && page_code_format(out, size, &parts)
               ? true
               : error_set(err,
                           "%s: code '%s', version '%s' and reference '%s' cannot stand in a page "
                           "code: use digits and capital letters, fewer of them",
                           form->folder, form->code == NULL ? "" : form->code,
                           form->version == NULL ? "" : form->version, reference);
}

bool page_symbol_make(struct page_symbol *out, const struct form *form, size_t index,
                      const char *reference, struct error *err)
{
    const struct template_page *page = &form->pages[index];
    *out = (struct page_symbol){0};
    if (!page->has_code)
        return true;
    char text[160];
    if (!code_text(text, sizeof text, form, page->number, reference, err))
        return false;
    QRcode *code = encode(text, fmin(page->code_mm.w, page->code_mm.h));
    if (code == NULL)
        return error_set(err, "%s: the code '%s' is too long for its place of %.1f mm on page %d: "
                              "use a shorter reference",
                         form->folder, text, page->code_mm.w, page->number);
    make_runs(out, code, page->code_mm);
    QRcode_free(code);
    return true;
}

void page_symbol_release(struct page_symbol *symbol)
{
    g_free(symbol->runs);
    *symbol = (struct page_symbol){0};
}

void page_reference_outline(cairo_t *cr, const struct typesetter *typesetter,
                            const struct template_page *page, const char *reference)
{
    struct rect place = page->reference_mm;
    if (!(place.w > 0))
        return;
    double width = type_measure(typesetter, TYPE_REFERENCE, reference, 1000).width_mm + 1;
    double scale = width > place.w ? place.w / width : 1; /* a long one is set smaller */
    struct layout_element element = {
        .kind = ELEMENT_TEXT,
        .rect_mm = {-place.w / scale, -type_pitch_mm(TYPE_REFERENCE) / 2, place.w / scale,
                    type_pitch_mm(TYPE_REFERENCE)},
        .style = TYPE_REFERENCE,
        .align = ALIGN_RIGHT,
        .text = reference,
    };
    cairo_save(cr);
    cairo_translate(cr, (place.x + place.w) * POINTS_PER_MM,
                    (place.y + place.h / 2) * POINTS_PER_MM);
    cairo_scale(cr, scale, scale);
    type_outline(typesetter, cr, &element);
    cairo_restore(cr);
}

bool draw_page_code(cairo_t *cr, const struct typesetter *typesetter, const struct form *form,
                    size_t index, const char *reference, struct error *err)
{
    struct page_symbol symbol;
    if (!page_symbol_make(&symbol, form, index, reference, err))
        return false;
    double left = symbol.place_mm.x * POINTS_PER_MM, top = symbol.place_mm.y * POINTS_PER_MM;
    double module = symbol.module_mm * POINTS_PER_MM;
    cairo_new_path(cr);
    for (size_t i = 0; i < symbol.run_count; i++)
        cairo_rectangle(cr, left + symbol.runs[i].x * module, top + symbol.runs[i].y * module,
                        symbol.runs[i].length * module, module);
    page_reference_outline(cr, typesetter, &form->pages[index], reference);
    cairo_set_source_rgb(cr, 0, 0, 0);
    cairo_fill(cr);
    page_symbol_release(&symbol);
    return true;
}
