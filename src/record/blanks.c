/* Questions left blank by somebody whose marks are hard to see. */
#include "record/assembly.h"

#include <stdint.h>

void blanks_doubt(struct return_record *record, const struct form_places *places,
                  const struct mark_calibration *calibration, struct flag_list *flags)
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
    if ((double)hidden < calibration->hidden_min ||
        (double)hidden < calibration->hidden_share * (double)(hidden + plain))
        return;
    for (size_t i = 0; i < places->form->item_count; i++) {
        struct answer *answer = &record->answers[i];
        if (places->items[i].box_count == 0 || answer->status != ANSWER_BLANK || answer->flagged ||
            answer->routing != ROUTING_EXPECTED)
            continue;
        answer->flagged = true;
        answer->coded = "";
        flag_list_add(flags, FLAG_BLANK_DOUBTFUL, answer->result, i, SIZE_MAX, NULL);
    }
}
