/* What respondents write, and where it lands on the page. */
#include "proof/person_write.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "proof/writing.h"

static const char *const words[] = {
    "the", "staff", "were", "very", "kind", "and", "helpful", "I", "had", "to", "wait", "for",
    "a", "long", "time", "nurse", "called", "me", "at", "home", "my", "doctor", "did", "not",
    "explain", "results", "clearly", "thank", "you", "all", "good", "care", "parking", "is",
    "poor", "more", "information", "about", "side", "effects", "would", "have", "helped", "ward",
    "clean", "quiet", "food", "cold", "letter", "came", "late", "husband", "daughter", "was",
    "with", "always", "felt", "safe", "listened", "treatment", "scan", "week", "two", "months",
};
#define WORD_COUNT (sizeof words / sizeof *words)

/* Made up. */
static const char *const sentences[] = {
    "the staff were very kind and helpful", "I had to wait a long time for my results",
    "my nurse always listened to me", "nobody told me about the side effects", "thank you all",
    "parking is very poor and costs too much", "the ward was clean but noisy at night",
    "the doctor did not explain things clearly", "my letter came two weeks late",
    "I felt safe with all of them", "the food was cold", "my daughter had to ring three times",
    "more information about the treatment would have helped", "excellent care from start to finish",
    "my husband was not allowed in with me", "could not fault them", "too many different doctors",
    "they rang me at home to see how I was", "waited four hours for my chemo",
    "everyone was lovely", "it would help to see the same person each time",
};

/* What fits on one line, whatever was asked. */
static const char *const answers[] = {
    "left side", "not sure", "see letter", "both", "Polish", "my sister", "lower back", "private clinic",
    "tongue", "started last May", "a friend", "neck", "Welsh", "day unit", "n/a", "eye",
};

#define SENTENCE_COUNT (sizeof sentences / sizeof *sentences)

/* What somebody has to say, word by word. */
struct speech {
    const char *rest;
    size_t sentence;
};

/* The next word: in capitals where the hand knows nothing else, with a full stop where people make
 * one. A hand says nothing twice before all is said. */
static void next_word(char word[24], struct speech *speech, const struct hand *hand)
{
    if (speech->rest == NULL || *speech->rest == '\0') {
        speech->sentence = (speech->sentence + 8) % SENTENCE_COUNT;
        speech->rest = sentences[speech->sentence];
    }
    size_t length = strcspn(speech->rest, " "), end = length < 22 ? length : 22;
    for (size_t i = 0; i < end; i++) {
        char c = speech->rest[i];
        word[i] = hand->capitals ? (char)toupper((unsigned char)c) : c;
    }
    speech->rest += length + (speech->rest[length] == ' ');
    if (*speech->rest == '\0' && hand->haste < 0.3)
        word[end++] = '.';
    word[end] = '\0';
}

static const char *const notes[] = {
    "see over", "n/a", "not sure", "see letter", "1 day only", "both!", "don't know", "in 2019",
    "my wife wrote this", "which?", "not me", "both", "sometimes", "after the op", "see back",
};

static void add_word(char *text, size_t size, const char *word)
{
    size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%s", used > 0 ? " " : "", word);
}

static void digits_text(char *out, size_t size, const struct question *question, size_t cells,
                        struct random *r)
{
    if (question->has_range && question->maximum >= question->minimum) {
        double span = (double)(question->maximum - question->minimum) + 1;
        long value = question->minimum + (long)(random_unit(r) * span);
        snprintf(out, size, "%ld", value);
        return;
    }
    for (size_t i = 0; i < cells && i + 1 < size; i++) {
        out[i] = (char)('0' + random_below(r, 10));
        out[i + 1] = '\0';
    }
}

static void date_text(char *out, size_t size, size_t cells, struct random *r)
{
    int day = 1 + (int)random_below(r, 28), month = 1 + (int)random_below(r, 12);
    int year = 1990 + (int)random_below(r, 37);
    if (cells >= 8)
        snprintf(out, size, "%02d%02d%04d", day, month, year);
    else
        snprintf(out, size, "%02d%04d", month, year);
}

static void letters_text(char *out, size_t size, size_t cells, struct random *r)
{
    const char *word = words[random_below(r, WORD_COUNT)];
    size_t i = 0;
    for (; i < cells && i + 1 < size && word[i] != '\0'; i++)
        out[i] = (char)(word[i] >= 'a' && word[i] <= 'z' ? word[i] - 32 : word[i]);
    out[i] = '\0';
}

/* Words from line to line until the field is full or nothing more is to be said. */
static void write_lines(struct filled_return *filled, struct filled_page *page,
                        struct truth_field *truth, struct rect area, size_t word_count,
                        struct random *r, struct random *hand)
{
    double height = fmin(filled->hand.size_mm, area.h * 0.75), pitch = height * 1.9;
    double base = area.y + fmin(height * 1.5, area.h * 0.85);
    double left = area.x + 2 + 2 * random_unit(hand), margin = random_between(hand, -0.4, 0.8);
    struct point at = {left, base};
    struct speech speech = {.sentence = random_below(r, SENTENCE_COUNT)};
    if (word_count == 1) /* one answer */
        speech.rest = answers[random_below(r, sizeof answers / sizeof *answers)];
    bool more = true; /* a sentence that is begun is ended, where there is room */
    for (size_t i = 0; more && strlen(truth->text) + 24 < sizeof truth->text; i++) {
        char word[24];
        next_word(word, &speech, &filled->hand);
        more = i + 1 < word_count || *speech.rest != '\0';
        double width = writing_width(&filled->hand, word, height);
        if (at.x + width > area.x + area.w - 1.5) {
            left += margin; /* lines begin farther in, or out, as the hand goes down */
            at.x = fmax(left, area.x + 1) + 1.5 * random_unit(hand);
            at.y += pitch;
        }
        if (at.y > area.y + area.h - 0.8 || at.x + width > area.x + area.w)
            return;
        double rise = (at.x - left) * filled->hand.rise;
        at.x = writing_line(&page->drawing, STROKE_OF_FIELD, &filled->hand, hand, word,
                            (struct point){at.x, at.y + rise}, height).x;
        at.x += height * random_between(hand, 0.35, 0.6) * fmax(filled->hand.spacing, 0.9);
        add_word(truth->text, sizeof truth->text, word);
    }
}

void person_write_field(const struct form *form, const struct profile *profile,
                        struct filled_return *filled, size_t p, size_t f, struct random *r,
                        struct random *hand)
{
    const struct template_field *field = &form->pages[p].fields[f];
    const struct question *question = item_question(form, field->item);
    struct filled_page *page = &filled->pages[p];
    struct truth_field *truth = &page->fields[f];
    bool comment = field->kind == FIELD_COMMENT || field->kind == FIELD_TEXT;
    bool wanted = random_chance(r, profile->people_comment.chance);
    if (comment && !wanted)
        return;
    if (field->kind == FIELD_DIGITS)
        digits_text(truth->text, sizeof truth->text, question,
                    field->cell_count > 0 ? field->cell_count : 4, r);
    else if (field->kind == FIELD_DATE)
        date_text(truth->text, sizeof truth->text, field->cell_count > 0 ? field->cell_count : 8, r);
    else if (field->kind == FIELD_LETTERS)
        letters_text(truth->text, sizeof truth->text,
                     field->cell_count > 0 ? field->cell_count : 12, r);
    if (field->cell_count > 0) {
        size_t length = strlen(truth->text), gap = 0;
        if (field->kind == FIELD_DIGITS && length < field->cell_count && random_chance(r, 0.7))
            gap = field->cell_count - length; /* to the right, as figures are written */
        for (size_t i = 0; i < length && i + gap < field->cell_count; i++)
            writing_cell(&page->drawing, STROKE_OF_FIELD, &filled->hand, hand, truth->text[i],
                         field->cells_mm[i + gap]);
    } else if (comment) {
        write_lines(filled, page, truth, field->rect_mm,
                    field->kind == FIELD_TEXT ? 1 : 2 + random_below(r, 40), r,
                    hand);
    } else {
        writing_line(&page->drawing, STROKE_OF_FIELD, &filled->hand, hand, truth->text,
                     (struct point){field->rect_mm.x + 2, field->rect_mm.y + field->rect_mm.h * 0.8},
                     fmin(filled->hand.size_mm, field->rect_mm.h * 0.7));
    }
    truth->written = truth->text[0] != '\0';
}

/* Not over a box, a field or what registration stands on. */
static bool is_free(const struct template_page *page, struct rect r)
{
    for (size_t b = 0; b < page->box_count; b++)
        if (rect_overlap(rect_grow(page->boxes[b].rect_mm, 1), r))
            return false;
    for (size_t f = 0; f < page->field_count; f++)
        if (rect_overlap(page->fields[f].rect_mm, r))
            return false;
    for (size_t i = 0; page->has_fiducials && i < FIDUCIAL_COUNT; i++)
        if (rect_overlap(rect_grow(page->fiducials_mm[i], 2), r))
            return false;
    return !(page->has_code && rect_overlap(rect_grow(page->code_mm, 2), r));
}

void person_write_notes(const struct form *form, const struct profile *profile,
                        struct filled_return *filled, size_t p, struct random *r,
                        struct random *hand)
{
    const struct template_page *template = &form->pages[p];
    struct filled_page *page = &filled->pages[p];
    bool happens = random_chance(r, profile->people_margin_note.chance);
    const char *text = notes[random_below(r, sizeof notes / sizeof *notes)];
    double height = filled->hand.size_mm * 0.9;
    double width = writing_width(&filled->hand, text, height);
    for (int attempt = 0; attempt < 30 && happens; attempt++) {
        double x = random_chance(hand, 0.5) ? random_between(hand, 3, 12)
                                            : random_between(hand, 20, fmax(template->width_mm - width - 6, 21));
        double y = random_between(hand, 15, template->height_mm - 15);
        struct rect there = {x, y - height * 1.2, width, height * 1.6};
        if (!is_free(template, there) || x + width > template->width_mm - 2)
            continue;
        writing_line(&page->drawing, STROKE_OF_NOTE, &filled->hand, hand, text,
                     (struct point){x, y}, height);
        struct truth_note *note = &page->notes[page->note_count++];
        snprintf(note->text, sizeof note->text, "%s", text);
        note->at_mm = (struct point){x + width / 2, y - height / 2};
        return;
    }
}
