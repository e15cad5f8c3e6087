/* Reads the calibration files that are built into the program. */
#include "base/calibration.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

extern const char calibration_registration_json[], calibration_registration_json_end[];
extern const char calibration_marks_json[], calibration_marks_json_end[];
extern const char calibration_learned_json[], calibration_learned_json_end[];
extern const char calibration_mark_model_json[], calibration_mark_model_json_end[];
extern const char calibration_outside_json[], calibration_outside_json_end[];
extern const char calibration_health_json[], calibration_health_json_end[];

/* The two are labels of one embedded file, which the compiler takes for two objects. */
static size_t bytes_between(const char *begin, const char *end)
{
    return (size_t)((uintptr_t)end - (uintptr_t)begin);
}

struct named_number {
    const char *name;
    double *number;
};

/* Every name must stand under "values" as {"value": number, ...}. */
static bool load_numbers(const char *file, const char *text, size_t length,
                         const struct named_number *numbers, size_t count, struct error *err)
{
    json_error_t trouble;
    json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &trouble);
    if (root == NULL)
        return error_set(err, "%s:%d:%d: %s", file, trouble.line, trouble.column, trouble.text);
    bool fine = true;
    const json_t *values = json_object_get(root, "values");
    for (size_t i = 0; i < count && fine; i++) {
        const json_t *value = json_object_get(json_object_get(values, numbers[i].name), "value");
        if (json_is_number(value))
            *numbers[i].number = json_number_value(value);
        else
            fine = error_set(err, "%s: values.%s.value: a number was expected", file,
                             numbers[i].name);
    }
    json_decref(root);
    return fine;
}

bool mark_model_parse(struct mark_model *out, const char *file, const char *text, size_t length,
                      struct error *err)
{
    const struct named_number numbers[] = {
#define X(name) {#name, &out->name},
        MARK_MODEL_NUMBERS(X)
#undef X
    };
    return load_numbers(file, text, length, numbers, sizeof numbers / sizeof *numbers, err);
}

const char *mark_model_text(size_t *length)
{
    *length = bytes_between(calibration_mark_model_json, calibration_mark_model_json_end);
    return calibration_mark_model_json;
}

bool calibration_load(struct calibration *out, struct error *err)
{
    const struct named_number registration[] = {
#define X(name) {#name, &out->registration.name},
        REGISTRATION_NUMBERS(X)
#undef X
    };
    const struct named_number marks[] = {
#define X(name) {#name, &out->marks.name},
        MARK_NUMBERS(X)
#undef X
    };
    const struct named_number learned[] = {
#define X(name) {#name, &out->learned.name},
        LEARNED_NUMBERS(X)
#undef X
    };
    const struct named_number outside[] = {
#define X(name) {#name, &out->outside.name},
        OUTSIDE_NUMBERS(X)
#undef X
    };
    const struct named_number health[] = {
#define X(name) {#name, &out->health.name},
        HEALTH_NUMBERS(X)
#undef X
    };
    size_t length;
    const char *model = mark_model_text(&length);
    return load_numbers("calibration/registration.json", calibration_registration_json,
                        bytes_between(calibration_registration_json, calibration_registration_json_end),
                        registration, sizeof registration / sizeof *registration, err) &&
           load_numbers("calibration/marks.json", calibration_marks_json,
                        bytes_between(calibration_marks_json, calibration_marks_json_end), marks,
                        sizeof marks / sizeof *marks, err) &&
           load_numbers("calibration/learned.json", calibration_learned_json,
                        bytes_between(calibration_learned_json, calibration_learned_json_end), learned,
                        sizeof learned / sizeof *learned, err) &&
           load_numbers("calibration/outside.json", calibration_outside_json,
                        bytes_between(calibration_outside_json, calibration_outside_json_end), outside,
                        sizeof outside / sizeof *outside, err) &&
           load_numbers("calibration/health.json", calibration_health_json,
                        bytes_between(calibration_health_json, calibration_health_json_end), health,
                        sizeof health / sizeof *health, err) &&
           mark_model_parse(&out->mark_model, "calibration/mark_model.json", model, length, err);
}
