/* Look-ups in the table of flags. */
#include "base/flag.h"

#include <string.h>

static const struct {
    const char *code;
    enum flag_level level;
    const char *sentence, *advice;
} table[FLAG_COUNT] = {
#define X(name, code, level, what, todo) {code, FLAG_LEVEL_##level, what, todo},
    FLAG_TABLE(X)
#undef X
};

const char *flag_code(enum flag flag)
{
    return table[flag].code;
}

const char *flag_sentence(enum flag flag)
{
    return table[flag].sentence;
}

const char *flag_advice(enum flag flag)
{
    return table[flag].advice;
}

enum flag_level flag_level(enum flag flag)
{
    return table[flag].level;
}

enum flag flag_from_code(const char *code)
{
    for (int i = 0; i < FLAG_COUNT; i++)
        if (strcmp(table[i].code, code) == 0)
            return (enum flag)i;
    return FLAG_COUNT;
}
