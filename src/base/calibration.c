/* Reads the calibration files that are built into the program. */
#include "base/calibration.h"

#include <jansson.h>
#include <stddef.h>

extern const char calibration_registration_json[], calibration_registration_json_end[];
extern const char calibration_marks_json[], calibration_marks_json_end[];
extern const char calibration_outside_json[], calibration_outside_json_end[];
extern const char calibration_health_json[], calibration_health_json_end[];

struct named_number {
    const char *name;
    double *number;
};

/* Every name must stand under "values" as {"value": number, ...}. */
static bool load_numbers(const char *file, const char *text, const char *end,
                         const struct named_number *numbers, size_t count, struct error *err)
{
    json_error_t trouble;
    json_t *root = json_loadb(text, (size_t)(end - text), JSON_REJECT_DUPLICATES, &trouble);
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
    return load_numbers("calibration/registration.json", calibration_registration_json,
                        calibration_registration_json_end, registration,
                        sizeof registration / sizeof *registration, err) &&
           load_numbers("calibration/marks.json", calibration_marks_json,
                        calibration_marks_json_end, marks, sizeof marks / sizeof *marks, err) &&
           load_numbers("calibration/outside.json", calibration_outside_json,
                        calibration_outside_json_end, outside, sizeof outside / sizeof *outside, err) &&
           load_numbers("calibration/health.json", calibration_health_json,
                        calibration_health_json_end, health, sizeof health / sizeof *health, err);
}
