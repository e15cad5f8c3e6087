/* The words that form.yaml and template.json use for the model's enums. */
#ifndef FORM_WORDS_H
#define FORM_WORDS_H

#define QUESTION_KIND_COUNT 7
#define CORRECTION_COUNT 2
#define CASE_RULE_COUNT 6
#define BOX_SHAPE_COUNT 3
#define FIELD_KIND_COUNT 5

extern const char *const question_kind_words[QUESTION_KIND_COUNT]; /* by enum question_kind */
extern const char *const correction_words[CORRECTION_COUNT];       /* by enum correction */
extern const char *const case_rule_words[CASE_RULE_COUNT];         /* by enum case_rule */
extern const char *const box_shape_words[BOX_SHAPE_COUNT];         /* by enum box_shape */
extern const char *const field_kind_words[FIELD_KIND_COUNT];       /* by enum field_kind */

#endif
