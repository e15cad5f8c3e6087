/* Written answers of one item: whether something is written, and the draft for the person who reads it. */
#include "record/deciding.h"

#include <math.h>

#include "base/text.h"

static const struct field_reading *field_at(const struct deciding *d, size_t k)
{
    struct place place = d->places->fields[k];
    return &d->results[d->record->pages[place.page]].reading.fields[place.index];
}

/* The drafts of the item's fields, joined by spaces; "" where there is none. */
static const char *drafts(const struct deciding *d)
{
    struct text text;
    text_init(&text);
    for (size_t k = 0; k < d->places->field_count; k++) {
        const char *draft = field_at(d, k)->text;
        if (draft == NULL || draft[0] == '\0')
            continue;
        if (text.length > 0)
            text_add(&text, " ");
        text_add(&text, draft);
    }
    const char *copy = arena_strdup(d->flags->arena, text.data);
    text_release(&text);
    return copy;
}

/* A draft of digits outside the question's range is worth saying, although nobody believes the
 * draft yet; not where a cell was left out, as what is left is another number. */
static void check_range(struct deciding *d)
{
    const struct question *question = item_question(d->form, d->item);
    if (question->kind != QUESTION_DIGITS || !question->has_range || d->answer->raw[0] == '\0')
        return;
    long number = 0;
    int digits = 0;
    for (const char *c = d->answer->raw; *c != '\0'; c++) {
        if (*c == ' ')
            continue;
        if (*c < '0' || *c > '9' || ++digits > 17)
            return; /* not a number: the flag for handwriting is all that can be said */
        number = number * 10 + (*c - '0');
    }
    if (digits == 0 || digits < question->cells || (number >= question->minimum && number <= question->maximum))
        return;
    flag_item(d, FLAG_OUT_OF_RANGE,
              arena_printf(d->flags->arena, "draft %ld; allowed %ld to %ld", number,
                           question->minimum, question->maximum));
}

bool has_written(const struct deciding *d)
{
    for (size_t k = 0; k < d->places->field_count; k++)
        if (field_at(d, k)->has_ink ||
            field_at(d, k)->ink_mm2 >= d->calibration->marks.field_ink_mm2)
            return true;
    return false;
}

static bool fields_fit(const struct deciding *d)
{
    double limit = d->calibration->registration.field_residual_max_mm;
    for (size_t k = 0; k < d->places->field_count; k++)
        if (!(field_at(d, k)->misfit_mm <= limit) || !isfinite(field_at(d, k)->ink_mm2))
            return false;
    return true;
}

void settle_written(struct deciding *d)
{
    struct answer *answer = d->answer;
    if (!fields_fit(d)) {
        answer->status = ANSWER_UNREADABLE;
        answer->raw = drafts(d);
        answer->confidence = 0;
        flag_item(d, FLAG_FIELD_MISPLACED, NULL);
    } else if (has_written(d)) {
        answer->status = ANSWER_UNREADABLE;
        answer->raw = drafts(d);
        double least = 1;
        for (size_t k = 0; k < d->places->field_count; k++)
            if (field_at(d, k)->text != NULL)
                least = fmin(least, field_at(d, k)->confidence);
        answer->confidence = answer->raw[0] == '\0' ? 0 : least;
        flag_item(d, FLAG_WRITTEN_ANSWER, NULL);
        check_range(d);
    } else {
        answer->status = ANSWER_BLANK;
        double most = 0;
        for (size_t k = 0; k < d->places->field_count; k++)
            most = fmax(most, field_at(d, k)->ink_mm2);
        answer->confidence = 1 - 0.5 * most / d->calibration->marks.field_ink_mm2;
    }
}
