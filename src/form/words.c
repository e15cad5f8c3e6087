/* The words that form.yaml and template.json use for the model's enums. */
#include "form/words.h"

#include "form/model.h"

const char *const question_kind_words[QUESTION_KIND_COUNT] = {
    [QUESTION_SINGLE] = "single", [QUESTION_SEVERAL] = "several", [QUESTION_GRID] = "grid",
    [QUESTION_DIGITS] = "digits", [QUESTION_DATE] = "date",       [QUESTION_TEXT] = "text",
    [QUESTION_COMMENT] = "comment"};

const char *const correction_words[CORRECTION_COUNT] = {[CORRECTION_FILL] = "fill",
                                                        [CORRECTION_NONE] = "none"};

const char *const case_rule_words[CASE_RULE_COUNT] = {
    [RULE_REVIEW] = "review", [RULE_MISSING] = "missing", [RULE_DARKEST] = "darkest",
    [RULE_FIRST] = "first",   [RULE_NEAREST] = "nearest", [RULE_CODE] = "code"};

const char *const box_shape_words[BOX_SHAPE_COUNT] = {
    [BOX_SQUARE] = "square", [BOX_CIRCLE] = "circle", [BOX_OVAL] = "oval"};

const char *const field_kind_words[FIELD_KIND_COUNT] = {
    [FIELD_DIGITS] = "digits", [FIELD_DATE] = "date", [FIELD_LETTERS] = "letters",
    [FIELD_TEXT] = "text",     [FIELD_COMMENT] = "comment"};
