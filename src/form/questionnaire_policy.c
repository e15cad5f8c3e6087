/* The study's policy in form.yaml: what is done in doubtful cases. */
#include "form/questionnaire_internal.h"

#include "form/words.h"

struct policy policy_default(void)
{
    return (struct policy){.correction = CORRECTION_FILL,
                           .missing_code = "-99",
                           .routed_past_code = "-98",
                           .implausible_code = "-97",
                           .box_error = DEFAULT_BOX_ERROR,
                           .critical_error = DEFAULT_CRITICAL_ERROR};
}

#define R(rule) (1 << RULE_##rule)

/* One doubtful case and the rules that make sense for it. */
static bool read_rule(struct loader *l, enum case_rule *out, const yaml_node_t *node,
                      const char *what, int allowed)
{
    const char *words[CASE_RULE_COUNT];
    int choice = (int)*out;
    for (int i = 0; i < CASE_RULE_COUNT; i++)
        words[i] = allowed & (1 << i) ? case_rule_words[i] : NULL;
    if (!yaml_input_choice(&choice, l->in, node, what, words, CASE_RULE_COUNT, l->err))
        return false;
    *out = (enum case_rule)choice;
    return true;
}

static bool read_accept(struct loader *l, struct policy *policy, const yaml_node_t *node)
{
    static const struct yaml_key keys[] = {{"box_error", false}, {"critical", false}};
    const yaml_node_t *v[2];
    return node == NULL ||
           (yaml_input_map(v, l->in, node, "accept", KEYS(keys), l->err) &&
            yaml_input_double(&policy->box_error, l->in, v[0], "box_error", 1e-12, 0.5, l->err) &&
            yaml_input_double(&policy->critical_error, l->in, v[1], "critical", 1e-12, 0.5,
                              l->err));
}

static bool read_missing_code(struct loader *l, const char **out, const yaml_node_t *node,
                              const char *what)
{
    return node == NULL || questionnaire_read_name(l, out, node, what);
}

bool questionnaire_read_policy(struct loader *l, const yaml_node_t *node)
{
    static const struct yaml_key keys[] = {
        {"correction", false},      {"multiple", false},         {"multiple_code", false},
        {"between", false},         {"exclusive", false},        {"withdrawn_only", false},
        {"missing_code", false},    {"routed_past_code", false}, {"implausible_code", false},
        {"accept", false},
    };
    const yaml_node_t *v[10];
    struct policy *p = &l->form->policy;
    *p = policy_default();
    if (node == NULL)
        return true;
    int correction = (int)p->correction;
    if (!yaml_input_map(v, l->in, node, "policy", KEYS(keys), l->err) ||
        !yaml_input_choice(&correction, l->in, v[0], "correction", correction_words,
                           CORRECTION_COUNT, l->err) ||
        !read_rule(l, &p->multiple, v[1], "multiple",
                   R(REVIEW) | R(MISSING) | R(DARKEST) | R(FIRST) | R(NEAREST) | R(CODE)) ||
        !read_missing_code(l, &p->multiple_code, v[2], "multiple_code") ||
        !read_rule(l, &p->between, v[3], "between", R(REVIEW) | R(MISSING) | R(NEAREST)) ||
        !read_rule(l, &p->exclusive, v[4], "exclusive", R(REVIEW) | R(MISSING) | R(FIRST)) ||
        !read_rule(l, &p->withdrawn_only, v[5], "withdrawn_only",
                   R(REVIEW) | R(MISSING) | R(DARKEST)) ||
        !read_missing_code(l, &p->missing_code, v[6], "missing_code") ||
        !read_missing_code(l, &p->routed_past_code, v[7], "routed_past_code") ||
        !read_missing_code(l, &p->implausible_code, v[8], "implausible_code") ||
        !read_accept(l, p, v[9]))
        return false;
    p->correction = (enum correction)correction;
    if (p->multiple == RULE_CODE && p->multiple_code == NULL)
        return yaml_input_fail(l->in, node, l->err,
                               "policy: expected the key 'multiple_code', because multiple is "
                               "'code', but it is missing");
    if (p->multiple != RULE_CODE && p->multiple_code != NULL)
        return yaml_input_fail(l->in, v[2], l->err,
                               "multiple_code: expected 'multiple: code' beside it");
    return true;
}
