/* Blanks that were scanned upside down or on their side: seen by their text, and turned. */
#include <math.h>
#include <string.h>

#include "form/import_internal.h"
#include "form/plate.h"

/* Words of so many letters are hardly ever seen in text that stands on its head. */
#define WORD_LETTERS_MIN 4
/* So many letters in such words, and the page surely stands upright. */
#define LETTERS_SURE 60
/* Another way up must give so many times as many letters, and so many more. */
#define LETTERS_RATIO 2
#define LETTERS_MORE 30

/* So many pairs of words must follow one another, and so large a share of them one way. */
#define WORD_PAIRS_MIN 10
#define WORD_PAIRS_SHARE 0.7

/* How many quarter turns clockwise the ascenders and descenders of the text ask for: 0 = none; -1 =
 * they do not say. (By Leptonica, which wants 150 dpi.) */
static int turns_asked(PIX *plate)
{
    static const int turns[] = {[L_TEXT_ORIENT_UNKNOWN] = -1, [L_TEXT_ORIENT_UP] = 0,
                                [L_TEXT_ORIENT_LEFT] = 1, [L_TEXT_ORIENT_DOWN] = 2,
                                [L_TEXT_ORIENT_RIGHT] = 3};
    l_float32 up, left;
    l_int32 orientation = L_TEXT_ORIENT_UNKNOWN;
    PIX *half = pixReduceRankBinary2(plate, 2, NULL);
    if (half == NULL)
        error_die("out of memory while looking which way up a page is");
    if (pixOrientDetect(half, &up, &left, 0, 0) == 0)
        makeOrientDecision(up, left, 0, 0, &orientation, 0);
    pixDestroy(&half);
    return turns[orientation];
}

/* Which way the words of a PDF's text follow one another, likewise. They need no second look: nobody
 * guessed them. */
static int turns_of_words(const struct find_word *words, size_t count)
{
    size_t votes[4] = {0}, most = 0, sum = 0; /* to the right, up, to the left, down */
    for (size_t i = 0; i + 1 < count; i++) {
        struct rect a = words[i].px, b = words[i + 1].px;
        struct point p = rect_centre(a), q = rect_centre(b);
        bool in_row = fabs(p.y - q.y) < 0.3 * fmin(a.h, b.h) &&
                      fabs(p.x - q.x) < (a.w + b.w) / 2 + a.h;
        bool in_column = fabs(p.x - q.x) < 0.3 * fmin(a.w, b.w) &&
                         fabs(p.y - q.y) < (a.h + b.h) / 2 + a.w;
        if (in_row != in_column) {
            votes[in_row ? (q.x > p.x ? 0 : 2) : (q.y < p.y ? 1 : 3)]++;
            sum++;
        }
    }
    for (size_t t = 1; t < 4; t++)
        most = votes[t] > votes[most] ? t : most;
    return sum >= WORD_PAIRS_MIN && (double)votes[most] >= WORD_PAIRS_SHARE * (double)sum ? (int)most : 0;
}

/* "ORORORO" is what recognition makes of a row of bubbles: words have more letters of their own. */
static bool is_varied(const char *text, size_t letters)
{
    size_t distinct = 0;
    for (const char *c = text; *c != '\0'; c = g_utf8_next_char(c))
        distinct += g_utf8_strchr(text, c - text, g_utf8_get_char(c)) == NULL;
    return 2 * distinct >= letters;
}

static size_t letters_in(const struct find_word *words, size_t count)
{
    size_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        size_t letters = 0;
        const char *c = words[i].text;
        for (; *c != '\0' && g_unichar_isalpha(g_utf8_get_char(c)); c = g_utf8_next_char(c))
            letters++;
        sum += *c == '\0' && letters >= WORD_LETTERS_MIN && is_varied(words[i].text, letters)
                   ? letters
                   : 0;
    }
    return sum;
}

struct reading_way {
    PIX *plate;
    struct find_word *words;
    size_t count, letters;
};

/* The plate turned, and what can be read on it; false where nothing can be read at all. */
static bool read_turned(struct reading_way *out, struct importer *im, PIX *plate, int turns,
                        struct error *trouble)
{
    const struct import_options *o = im->options;
    *out = (struct reading_way){.plate = pixRotateOrth(plate, turns)};
    if (out->plate == NULL)
        error_die("out of memory while turning a page");
    if (!o->read_words(o->words_context, &out->words, &out->count, im->arena, out->plate, trouble))
        return false;
    out->letters = letters_in(out->words, out->count);
    return true;
}

/* The best of the other ways up, where it is clearly better than `upright` letters; 0 = stay. */
static int better_way(struct reading_way *best, struct importer *im, PIX *plate, int asked,
                      size_t upright, struct error *trouble)
{
    int turns = 0;
    size_t letters = upright * LETTERS_RATIO + LETTERS_MORE;
    *best = (struct reading_way){0};
    for (int t = asked > 0 ? asked : 1; t <= (asked > 0 ? asked : 3); t++) {
        struct reading_way way;
        if (read_turned(&way, im, plate, t, trouble) && way.letters >= letters) {
            pixDestroy(&best->plate);
            *best = way;
            letters = way.letters;
            turns = t;
        } else {
            pixDestroy(&way.plate);
        }
    }
    return turns;
}

static struct rect turned_rect(struct rect r, int turns, double w, double h)
{
    for (; turns > 0; turns--) {
        r = (struct rect){h - r.y - r.h, r.x, r.h, r.w};
        double other = w;
        w = h;
        h = other;
    }
    return r;
}

static const char *way_words(int turns)
{
    return turns == 2 ? "upside down" : "on its side";
}

/* Whether the page is read clearly better another way up: the quarter turns that it needs, the plate
 * turned so (the caller's) and its words; 0 = none. */
static int turn_needed(PIX **turned, struct find_page *words, struct importer *im, size_t page,
                       struct error *trouble)
{
    PIX *plate = im->blank.pages[page].plate;
    int asked = im->options->read_words == NULL ? 0 : turns_asked(plate);
    struct reading_way upright = {0}, best;
    if (asked == 0 || (asked < 0 && letters_in(words->words, words->word_count) >= LETTERS_SURE))
        return 0;
    if (!read_turned(&upright, im, plate, 0, trouble)) {
        pixDestroy(&upright.plate);
        return 0;
    }
    pixDestroy(&upright.plate);
    int turns = better_way(&best, im, plate, asked, upright.letters, trouble);
    if (turns == 0)
        return 0;
    words->words = best.words;
    words->word_count = best.count;
    *turned = best.plate;
    return turns;
}

void import_turn_page(struct importer *im, struct find_page *page, size_t index, bool has_text,
                      struct error *trouble)
{
    struct blank_page *blank = &im->blank.pages[index];
    PIX *turned = NULL;
    int turns = has_text ? turns_of_words(page->words, page->word_count)
                         : turn_needed(&turned, page, im, index, trouble);
    double w = pixGetWidth(blank->plate), h = pixGetHeight(blank->plate);
    if (turns == 0)
        return;
    if (turned == NULL && (turned = pixRotateOrth(blank->plate, turns)) == NULL)
        error_die("out of memory while turning a page");
    /* Letters that run to the left were put together to no words: they are read anew. */
    const struct import_options *o = im->options;
    if (has_text && (o->read_words == NULL ||
                     !o->read_words(o->words_context, &page->words, &page->word_count, im->arena,
                                    turned, trouble)))
        for (size_t i = 0; i < page->word_count; i++)
            page->words[i].px = turned_rect(page->words[i].px, turns, w, h);
    for (size_t i = 0; i < page->widget_count; i++)
        page->widgets[i].px = turned_rect(page->widgets[i].px, turns, w, h);
    pixDestroy(&blank->plate);
    blank->plate = page->plate = turned;
    if (blank->tint != NULL) {
        PIX *tint = pixRotateOrth(blank->tint, turns);
        if (tint == NULL)
            error_die("out of memory while turning a page");
        pixDestroy(&blank->tint);
        blank->tint = page->tint = tint;
    }
    if (turns != 2) {
        double width = blank->width_mm;
        blank->width_mm = blank->height_mm;
        blank->height_mm = width;
    }
    text_addf(&im->report->notes, "page %zu lies %s in the blank; it was turned\n", index + 1,
              way_words(turns));
}

bool import_note_turned(struct importer *im)
{
    struct error trouble;
    struct find_page *pages = ARENA_NEW(im->arena, struct find_page, im->blank.count);
    for (size_t p = 0; p < im->blank.count; p++)
        pages[p].plate = im->blank.pages[p].plate;
    if (im->blank.is_pdf &&
        !find_pdf_words(pages, im->blank.count, im->arena, im->options->blank, im->err))
        return false;
    for (size_t p = 0; p < im->blank.count; p++) {
        PIX *turned = NULL;
        int turns = 0;
        if (pages[p].word_count > 0)
            turns = turns_of_words(pages[p].words, pages[p].word_count);
        else if (turns_asked(pages[p].plate) > 0) /* where it does not say, reading is too dear */
            turns = turn_needed(&turned, &pages[p], im, p, &trouble);
        pixDestroy(&turned);
        if (turns > 0)
            text_addf(&im->report->notes, "page %zu lies %s in the blank, and stays so because the "
                      "boxes were measured there; written answers on it cannot be read well%s\n",
                      p + 1, way_words(turns),
                      turns == 2 ? "" : ", nor scans that lie otherwise");
    }
    return true;
}
