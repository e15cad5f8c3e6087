/* Questions that are blank where an answer is due. */
#include "record/assembly.h"

#include <stdint.h>

/* Whether many of this person's questions are doubtful: their marks are hard to see. */
static bool are_marks_hidden(const struct return_record *record, const struct form_places *places,
                             const struct mark_calibration *calibration)
{
    size_t hidden = 0, plain = 0;
    for (size_t i = 0; i < places->form->item_count; i++) {
        enum answer_status status = record->answers[i].status;
        if (places->items[i].box_count == 0)
            continue;
        hidden += status == ANSWER_UNCERTAIN;
        plain += status == ANSWER_ANSWERED || status == ANSWER_CORRECTED || status == ANSWER_MULTIPLE ||
                 status == ANSWER_WITHDRAWN_ONLY;
    }
    return (double)hidden >= calibration->hidden_min &&
           (double)hidden >= calibration->hidden_share * (double)(hidden + plain);
}

/* Whether anything at one of the item's boxes may be left of a mark. */
static bool is_hinted(const struct return_record *record, const struct item_places *item)
{
    for (size_t k = 0; k < item->box_count; k++)
        if (record->boxes[item->boxes[k].page][item->boxes[k].index].trace >= TRACE_HINT)
            return true;
    return false;
}

/* Whether the item is on the respondent's path: where a doubtful answer hides the path, if those before and after
 * it in print are answered. */
static bool is_due(const struct return_record *record, size_t i, size_t item_count)
{
    const struct answer *answer = &record->answers[i];
    if (answer->routing != ROUTING_UNKNOWN || i == 0 || i + 1 == item_count)
        return answer->routing == ROUTING_EXPECTED;
    return answer[-1].raw[0] != '\0' && answer[1].raw[0] != '\0';
}

void blanks_doubt(struct return_record *record, const struct form_places *places,
                  const struct mark_calibration *calibration, struct flag_list *flags)
{
    bool hidden = are_marks_hidden(record, places, calibration);
    for (size_t i = 0; i < places->form->item_count; i++) {
        struct answer *answer = &record->answers[i];
        if (places->items[i].box_count == 0 || answer->status != ANSWER_BLANK || answer->flagged ||
            !is_due(record, i, places->form->item_count) || !(hidden || is_hinted(record, &places->items[i])))
            continue;
        answer->flagged = true;
        answer->coded = "";
        flag_list_add(flags, FLAG_BLANK_DOUBTFUL, answer->result, i, SIZE_MAX, NULL);
    }
}
