/* The second layer: which questions were on this respondent's path, and the study's missing codes.
 * The raw answer is never changed. */
#include "record/assembly.h"

#include <stdint.h>
#include <string.h>

/* The questions where the path may stand, walking forward in order of print. */
struct walk {
    const struct form *form;
    bool *possible;  /* per question, and one more for the end */
    size_t heads;    /* how many of the possible ones lie at or after the question looked at */
    size_t question; /* the question looked at */
};

/* A go_to leads forward; one that leads back or nowhere (form check reports it) is passed over. */
static void go_on(struct walk *walk, const char *name)
{
    const struct form *form = walk->form;
    size_t target = walk->question + 1;
    if (name != NULL && strcmp(name, "end") == 0) {
        target = form->question_count;
    } else if (name != NULL) {
        for (size_t q = target; q < form->question_count; q++)
            if (strcmp(form->questions[q].name, name) == 0)
                target = q;
    }
    if (!walk->possible[target]) {
        walk->possible[target] = true;
        walk->heads++;
    }
}

static const char *where_to(const struct question *question, const struct option *option)
{
    return option != NULL && option->go_to != NULL ? option->go_to : question->go_to;
}

/* Whether the space-separated list holds the word. */
static bool list_holds(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = strstr(list, word); at != NULL && length > 0; at = strstr(at + 1, word))
        if ((at == list || at[-1] == ' ') && (at[length] == '\0' || at[length] == ' '))
            return true;
    return false;
}

static bool option_leads(const struct question *question)
{
    for (size_t o = 0; o < question->option_count; o++)
        if (question->options[o].go_to != NULL)
            return true;
    return false;
}

/* Continues the path after the question looked at: where its plain answer leads, or everywhere it
 * could lead. */
static void follow(struct walk *walk, const struct answer *answer)
{
    const struct question *question = &walk->form->questions[walk->question];
    bool chooses = question->kind == QUESTION_SINGLE || question->kind == QUESTION_SEVERAL;
    if (!chooses || !option_leads(question)) {
        go_on(walk, question->go_to);
        return;
    }
    bool plain = !answer->flagged && answer->coded[0] != '\0';
    bool found = false;
    if (plain && question->kind == QUESTION_SINGLE) {
        for (size_t o = 0; o < question->option_count && !found; o++)
            if (strcmp(question->options[o].code, answer->coded) == 0) {
                go_on(walk, where_to(question, &question->options[o]));
                found = true;
            }
    } else if (plain) {
        /* Several boxes: each that leads somewhere of its own is followed; where they disagree,
         * the path is not known from here on. */
        bool marked = false;
        for (size_t o = 0; o < question->option_count; o++) {
            const struct option *option = &question->options[o];
            if (!list_holds(answer->coded, option->code))
                continue;
            marked = true;
            if (option->go_to != NULL) {
                go_on(walk, option->go_to);
                found = true;
            }
        }
        if (marked && !found) {
            go_on(walk, question->go_to);
            found = true;
        }
    }
    if (found)
        return;
    for (size_t o = 0; o < question->option_count; o++)
        go_on(walk, where_to(question, &question->options[o]));
    go_on(walk, question->go_to);
}

static bool has_answer(const struct answer *answer)
{
    return answer->raw[0] != '\0' || answer->status == ANSWER_ANSWERED ||
           answer->status == ANSWER_MULTIPLE || answer->status == ANSWER_CORRECTED;
}

static void code_answer(struct answer *answer, const struct form *form,
                        const struct question *question, bool expected, bool possible)
{
    const struct policy *policy = &form->policy;
    if (!possible) {
        answer->routing = has_answer(answer) ? ROUTING_VIOLATED : ROUTING_SKIPPED;
        answer->coded = policy->routed_past_code;
    } else {
        answer->routing = expected ? ROUTING_EXPECTED : ROUTING_UNKNOWN;
        /* Nobody owes a comment; and whether someone owed an answer is not known on an unknown
         * path. */
        if (expected && answer->status == ANSWER_BLANK && !answer->flagged &&
            question->kind != QUESTION_COMMENT)
            answer->coded = policy->missing_code;
    }
}

void routing_apply(struct return_record *record, const struct form *form, struct arena *arena)
{
    struct walk walk = {.form = form, .possible = ARENA_NEW(arena, bool, form->question_count + 1)};
    size_t *first_item = ARENA_NEW(arena, size_t, form->question_count + 1);
    size_t *item_count = ARENA_NEW(arena, size_t, form->question_count + 1);
    /* Items in any order: count, then chain by first item is not enough; list them per question. */
    size_t *items = ARENA_NEW(arena, size_t, form->item_count);
    for (size_t i = 0; i < form->item_count; i++)
        item_count[form->items[i].question]++;
    for (size_t q = 0, sum = 0; q < form->question_count; sum += item_count[q], q++)
        first_item[q] = sum;
    memset(item_count, 0, form->question_count * sizeof *item_count);
    for (size_t i = 0; i < form->item_count; i++) {
        size_t q = form->items[i].question;
        items[first_item[q] + item_count[q]++] = i;
    }
    walk.possible[0] = true;
    walk.heads = 1;
    for (walk.question = 0; walk.question < form->question_count; walk.question++) {
        size_t q = walk.question;
        bool possible = walk.possible[q], expected = possible && walk.heads == 1;
        if (possible) {
            walk.heads--;
            static const struct answer none = {.raw = "", .coded = "", .flagged = true};
            follow(&walk, item_count[q] > 0 ? &record->answers[items[first_item[q]]] : &none);
        }
        for (size_t k = 0; k < item_count[q]; k++)
            code_answer(&record->answers[items[first_item[q] + k]], form, &form->questions[q],
                        expected, possible);
    }
}
