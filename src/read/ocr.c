/* Drafts of written answers by Tesseract: the one file that knows it. Tesseract may call abort or
 * exit and takes seconds on noise, so this runs in worker processes and only where there is ink. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <tesseract/capi.h>

#include "base/error.h"
#include "base/text.h"
#include "form/find.h"
#include "read/reading.h"
#include "read/tone.h"

#define OCR_DPI 300
#define OCR_PX_PER_MM (OCR_DPI / MM_PER_INCH)
#define LARGEST_SIDE_PX 6000

struct ocr {
    TessBaseAPI *api;
};

struct ocr *ocr_new(const char *language, struct error *err)
{
    struct ocr *ocr = calloc(1, sizeof *ocr);
    if (ocr == NULL || (ocr->api = TessBaseAPICreate()) == NULL)
        error_die("out of memory: Tesseract");
    /* our languages are two-letter codes, Tesseract's three-letter ones */
    const char *name = language == NULL || strncmp(language, "en", 2) == 0 ? "eng" : language;
    if (TessBaseAPIInit3(ocr->api, NULL, name) != 0) {
        error_set(err, "Tesseract has no data for language '%s': install tesseract-ocr-%s", name,
                  name);
        ocr_free(ocr);
        return NULL;
    }
    TessBaseAPISetVariable(ocr->api, "debug_file", "/dev/null");
    return ocr;
}

void ocr_free(struct ocr *ocr)
{
    if (ocr == NULL)
        return;
    TessBaseAPIEnd(ocr->api);
    TessBaseAPIDelete(ocr->api);
    free(ocr);
}

/* The area of the form as an upright grey picture at OCR_DPI. NULL where it is senselessly large. */
static PIX *cut_upright(const struct raw_page *raw, const unsigned char table[256],
                        const struct placement *placement, struct rect area_mm)
{
    int width = (int)(area_mm.w * OCR_PX_PER_MM), height = (int)(area_mm.h * OCR_PX_PER_MM);
    if (width < 8 || height < 8 || width > LARGEST_SIDE_PX || height > LARGEST_SIDE_PX)
        return NULL;
    PIX *out = pixCreate(width, height, 8);
    if (out == NULL)
        error_die("out of memory: a field's picture");
    struct transform local = placement_local(placement, rect_centre(area_mm));
    for (int y = 0; y < height; y++) {
        l_uint32 *line = pixGetData(out) + (size_t)y * (size_t)pixGetWpl(out);
        for (int x = 0; x < width; x++) {
            struct point p = transform_apply(
                &local, (struct point){area_mm.x + (x + 0.5) / OCR_PX_PER_MM,
                                       area_mm.y + (y + 0.5) / OCR_PX_PER_MM});
            int dark = tone_darkness(raw, table, (int)floor(p.x), (int)floor(p.y));
            SET_DATA_BYTE(line, x, (unsigned char)(255 - dark));
        }
    }
    return out;
}

/* Whites the frame of a cell out: its printed lines read as 1 and l. */
static void clear_edges(PIX *pix, double edge_mm)
{
    int edge = (int)(edge_mm * OCR_PX_PER_MM);
    pixSetOrClearBorder(pix, edge, edge, edge, edge, PIX_SET);
}

/* Appends Tesseract's reading of one picture; gives its confidence, 0 to 1. */
static double recognise(struct text *out, struct ocr *ocr, PIX *pix, TessPageSegMode mode)
{
    TessBaseAPISetPageSegMode(ocr->api, mode);
    TessBaseAPISetImage2(ocr->api, pix);
    TessBaseAPISetSourceResolution(ocr->api, OCR_DPI);
    char *text = TessBaseAPIGetUTF8Text(ocr->api);
    double confidence = TessBaseAPIMeanTextConf(ocr->api) / 100.0;
    if (text != NULL) {
        size_t length = strlen(text);
        while (length > 0 && strchr(" \n\r\t\f", text[length - 1]) != NULL)
            length--;
        text_add_bytes(out, text, length);
        TessDeleteText(text);
    }
    TessBaseAPIClear(ocr->api);
    return confidence < 0 ? 0 : confidence;
}

static void draft_field(struct field_reading *reading, struct arena *arena, struct ocr *ocr,
                        const struct template_field *field, const struct raw_page *raw,
                        const unsigned char table[256], const struct placed_page *placed)
{
    struct text text;
    double confidence = 1;
    text_init(&text);
    bool figures = field->kind == FIELD_DIGITS || field->kind == FIELD_DATE;
    TessBaseAPISetVariable(ocr->api, "tessedit_char_whitelist", figures ? "0123456789" : "");
    if (field->cell_count > 0) {
        for (size_t i = 0; i < field->cell_count; i++) {
            PIX *pix = cut_upright(raw, table, &placed->placement, field->cells_mm[i]);
            size_t before = text.length;
            if (pix == NULL)
                continue;
            clear_edges(pix, 0.6);
            confidence = fmin(confidence, recognise(&text, ocr, pix, PSM_SINGLE_CHAR));
            if (text.length == before)
                text_add(&text, " "); /* an empty cell keeps its place */
            pixDestroy(&pix);
        }
        while (text.length > 0 && text.data[text.length - 1] == ' ')
            text.data[--text.length] = '\0';
    } else {
        PIX *pix = cut_upright(raw, table, &placed->placement, field->rect_mm);
        if (pix != NULL) {
            clear_edges(pix, 0.8);
            confidence = recognise(&text, ocr, pix,
                                   field->kind == FIELD_COMMENT ? PSM_SINGLE_BLOCK
                                                                : PSM_SINGLE_LINE);
            pixDestroy(&pix);
        }
    }
    reading->text = arena_strdup(arena, text.data);
    reading->confidence = (float)(text.length > 0 ? confidence : 0);
    text_release(&text);
}

void ocr_draft(struct page_reading *reading, struct arena *arena, struct ocr *ocr,
               const struct template_page *page, const struct raw_page *raw,
               const struct placed_page *placed)
{
    unsigned char table[256];
    tone_table(table, reading->paper, reading->print);
    for (size_t i = 0; i < reading->field_count; i++)
        if (reading->fields[i].has_ink)
            draft_field(&reading->fields[i], arena, ocr, &page->fields[i], raw, table, placed);
}

/* ---- printed words -------------------------------------------------------------------------- */

#define WORDS_MAX 20000
#define WORDS_DEADLINE_MS 60000 /* for a page: of specks Tesseract makes words for hours; print takes seconds */
/* Less sure than this is mostly no text: rules, boxes, pictures. Per cent, as Tesseract counts. */
#define WORD_CONFIDENCE_MIN 35.0f

static void take_word(struct find_word *out, size_t *count, struct arena *arena,
                      TessResultIterator *at)
{
    int x0, y0, x1, y1;
    char *text = TessResultIteratorGetUTF8Text(at, RIL_WORD);
    if (text != NULL && TessResultIteratorConfidence(at, RIL_WORD) >= WORD_CONFIDENCE_MIN &&
        TessPageIteratorBoundingBox(TessResultIteratorGetPageIterator(at), RIL_WORD, &x0, &y0, &x1,
                                    &y1))
        out[(*count)++] =
            (struct find_word){arena_strdup(arena, text), {x0, y0, x1 - x0, y1 - y0}};
    TessDeleteText(text);
}

/* Question numbers of one figure stand alone, a few mm before their text: Tesseract drops them as noise
 * when it looks for text anywhere. So what stands before a line of words and is as tall as a figure is
 * read by itself. */
#define NUMBER_REACH_MM 18.0 /* before the first word of its line */
#define NUMBER_GAP_MM 1.2    /* between the figures of one number */
#define NUMBER_TALL_MIN_MM 1.3
#define NUMBER_TALL_MAX_MM 5.0
#define NUMBER_WIDE_MAX 0.85 /* of its height; boxes and circles are wider */
#define NUMBER_CONFIDENCE_MIN 0.6

static bool same_line(struct rect a, struct rect b)
{
    return fmin(a.y + a.h, b.y + b.h) - fmax(a.y, b.y) > 0.4 * fmin(a.h, b.h);
}

/* The strip before a word in which a number may stand; false: other words do. */
static bool strip_before(struct rect *out, const struct find_word *words, size_t count, size_t first)
{
    struct rect r = words[first].px;
    double half = fmax(0.75 * r.h, 1.8 * OCR_PX_PER_MM), reach = NUMBER_REACH_MM * OCR_PX_PER_MM;
    double left = fmax(0, r.x - reach), top = fmax(0, r.y + r.h / 2 - half);
    *out = (struct rect){left, top, r.x - 2 - left, 2 * half};
    for (size_t i = 0; i < count; i++) {
        struct rect other = words[i].px;
        if (i != first && other.x < r.x && other.x + other.w > left && same_line(other, r))
            return false;
    }
    return out->w > OCR_PX_PER_MM;
}

/* The parts of a strip that may be one number: the figures farthest to the right and a stop after them.
 * False where none is there, or something that is no figure. */
static bool number_in(BOX **out, PIX *strip)
{
    BOXA *parts = pixConnCompBB(strip, 8);
    if (parts == NULL)
        error_die("out of memory: parts of a line");
    BOXA *sorted = boxaSort(parts, L_SORT_BY_X, L_SORT_DECREASING, NULL);
    int figures = 0, left = 0, right = 0, top = (int)strip->h, bottom = 0;
    bool other = false;
    for (int i = 0; i < boxaGetCount(sorted); i++) {
        l_int32 x, y, w, h;
        boxaGetBoxGeometry(sorted, i, &x, &y, &w, &h);
        if (y == 0 || y + h == (int)strip->h || x == 0)
            continue; /* of another line, or a rule */
        bool small = w < OCR_PX_PER_MM && h < OCR_PX_PER_MM;
        bool figure = h >= NUMBER_TALL_MIN_MM * OCR_PX_PER_MM &&
                      h <= NUMBER_TALL_MAX_MM * OCR_PX_PER_MM && w <= NUMBER_WIDE_MAX * h;
        if (figures > 0 && left - (x + w) > NUMBER_GAP_MM * OCR_PX_PER_MM)
            break;
        other = other || (!small && !figure);
        if (!figure && (figures > 0 || !small))
            continue;
        right = right == 0 || x + w > right ? x + w : right;
        if (figure) {
            figures++;
            left = x;
            top = y < top ? y : top;
            bottom = y + h > bottom ? y + h : bottom;
        }
    }
    boxaDestroy(&sorted);
    boxaDestroy(&parts);
    *out = figures > 0 && figures <= 3 && !other ? boxCreate(left, top, right - left, bottom - top) : NULL;
    return *out != NULL;
}

static bool is_number(const char *text)
{
    size_t figures = strspn(text, "0123456789");
    return figures > 0 && figures <= 3 && (text[figures] == '\0' || strcmp(text + figures, ".") == 0 ||
                                           strcmp(text + figures, ")") == 0);
}

/* Adds the number before the first word of a line, if one is there. */
static void take_number(struct find_word *out, size_t *count, struct arena *arena, struct ocr *ocr,
                        PIX *page, struct rect strip)
{
    BOX *place = boxCreate((int)strip.x, (int)strip.y, (int)strip.w, (int)strip.h), *number = NULL;
    PIX *line = pixClipRectangle(page, place, NULL);
    if (line != NULL && number_in(&number, line)) {
        PIX *cut = pixClipRectangle(line, number, NULL), *framed = pixAddBorder(cut, 24, 0);
        struct text text;
        if (framed == NULL)
            error_die("out of memory: a number's picture");
        text_init(&text);
        double sure = recognise(&text, ocr, framed, PSM_SINGLE_LINE); /* a word or a figure alone
                                                                         is mostly not read */
        if (sure >= NUMBER_CONFIDENCE_MIN && is_number(text.data))
            out[(*count)++] = (struct find_word){
                arena_strdup(arena, text.data),
                {strip.x + number->x, strip.y + number->y, number->w, number->h}};
        text_release(&text);
        pixDestroy(&framed);
        pixDestroy(&cut);
    }
    boxDestroy(&number);
    boxDestroy(&place);
    pixDestroy(&line);
}

static void take_numbers(struct find_word *out, size_t *count, struct arena *arena, struct ocr *ocr,
                         PIX *page)
{
    size_t words = *count;
    TessBaseAPISetVariable(ocr->api, "tessedit_char_whitelist", "0123456789.)");
    for (size_t i = 0; i < words && *count < WORDS_MAX; i++) {
        struct rect strip;
        if (strip_before(&strip, out, words, i))
            take_number(out, count, arena, ocr, page, strip);
    }
    TessBaseAPISetVariable(ocr->api, "tessedit_char_whitelist", "");
}

bool ocr_words(struct find_word **out, size_t *count, struct arena *arena, struct ocr *ocr,
               PIX *page)
{
    *count = 0;
    TessBaseAPISetVariable(ocr->api, "tessedit_char_whitelist", "");
    TessBaseAPISetPageSegMode(ocr->api, PSM_SPARSE_TEXT);
    TessBaseAPISetImage2(ocr->api, page);
    TessBaseAPISetSourceResolution(ocr->api, OCR_DPI);
    ETEXT_DESC *monitor = TessMonitorCreate();
    TessMonitorSetDeadlineMSecs(monitor, WORDS_DEADLINE_MS);
    bool fine = TessBaseAPIRecognize(ocr->api, monitor) == 0;
    TessMonitorDelete(monitor);
    TessResultIterator *at = fine ? TessBaseAPIGetIterator(ocr->api) : NULL;
    if (at != NULL) {
        *out = ARENA_NEW(arena, struct find_word, WORDS_MAX);
        do
            take_word(*out, count, arena, at);
        while (*count < WORDS_MAX && TessResultIteratorNext(at, RIL_WORD));
        TessResultIteratorDelete(at);
    }
    TessBaseAPIClear(ocr->api);
    if (at != NULL)
        take_numbers(*out, count, arena, ocr, page);
    return fine;
}
