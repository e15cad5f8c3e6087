/* Is a box that is filled in an answer, or an answer withdrawn? What a blank says of it. */
#include <string.h>

#include "form/import_internal.h"

/* How many words may stand between "fill" and "circle". */
#define NEAR_WORDS 5
/* "If you make a mistake, fill in the circle": then it is how an answer is withdrawn. */
#define MISTAKE_WORDS 15

static bool begins_with_any(const char *word, const char *const *beginnings)
{
    char *lower = g_utf8_strdown(word, -1);
    const char *letters = lower;
    bool fine = false;
    while (*letters != '\0' && !g_unichar_isalpha(g_utf8_get_char(letters)))
        letters = g_utf8_next_char(letters);
    for (size_t i = 0; beginnings[i] != NULL && !fine; i++)
        fine = g_str_has_prefix(letters, beginnings[i]);
    g_free(lower);
    return fine;
}

/* Do the words ask to fill circles in? */
static bool asks_to_fill(const struct find_page *page)
{
    static const char *const fill[] = {"fill", "darken", "blacken", "shade", NULL};
    static const char *const round[] = {"circle", "oval", "bubble", NULL};
    static const char *const mistake[] = {"mistake", "wrong", "error", "change", NULL};
    for (size_t i = 0; i < page->word_count; i++) {
        if (!begins_with_any(page->words[i].text, fill))
            continue;
        bool near = false, withdraws = false;
        for (size_t j = i + 1; j < page->word_count && j <= i + NEAR_WORDS; j++)
            near = near || begins_with_any(page->words[j].text, round);
        for (size_t j = i; near && j > 0 && i - j < MISTAKE_WORDS; j--)
            withdraws = withdraws || begins_with_any(page->words[j - 1].text, mistake);
        if (near && !withdraws)
            return true;
    }
    return false;
}

void import_guess_correction(struct importer *im, const struct find_page *pages)
{
    size_t boxes = 0, round = 0;
    bool asks = false;
    for (size_t p = 0; p < im->given.page_count; p++)
        for (size_t b = 0; b < im->given.pages[p].box_count; b++, boxes++)
            round += im->given.pages[p].boxes[b].shape == BOX_SQUARE ? 0 : 1;
    if (2 * round <= boxes)
        return; /* a square box that is filled in is withdrawn, which is the default */
    for (size_t p = 0; p < im->blank.count; p++)
        asks = asks || asks_to_fill(&pages[p]);
    if (asks)
        im->form->policy.correction = CORRECTION_NONE;
    im->correction_doubt =
        asks ? "the form asks to fill circles in, so a filled one is an answer; 'correction: fill' "
               "where it is an answer withdrawn"
             : "the boxes are round, but nothing was found that asks to fill them in; 'correction: "
               "none' where a filled one is an answer";
    text_addf(&im->report->notes, "%s\n", im->correction_doubt);
}
