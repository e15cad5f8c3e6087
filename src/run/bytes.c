/* Plain values as bytes and back. */
#include "run/bytes.h"

#include <math.h>
#include <string.h>

#define NO_STRING UINT32_MAX

static void put(struct text *out, const void *value, size_t size)
{
    text_add_bytes(out, value, size);
}

void put_u32(struct text *out, uint32_t value)
{
    put(out, &value, sizeof value);
}

void put_u64(struct text *out, uint64_t value)
{
    put(out, &value, sizeof value);
}

void put_float(struct text *out, float value)
{
    put(out, &value, sizeof value);
}

void put_double(struct text *out, double value)
{
    put(out, &value, sizeof value);
}

void put_string(struct text *out, const char *value)
{
    if (value == NULL) {
        put_u32(out, NO_STRING);
        return;
    }
    size_t length = strlen(value);
    put_u32(out, (uint32_t)length);
    put(out, value, length);
}

void get_bytes(struct reader *in, void *value, size_t size)
{
    if (in->bad || in->left < size) {
        in->bad = true;
        memset(value, 0, size);
        return;
    }
    memcpy(value, in->at, size);
    in->at += size;
    in->left -= size;
}

uint32_t get_u32(struct reader *in)
{
    uint32_t value;
    get_bytes(in, &value, sizeof value);
    return value;
}

uint64_t get_u64(struct reader *in)
{
    uint64_t value;
    get_bytes(in, &value, sizeof value);
    return value;
}

bool get_bool(struct reader *in)
{
    uint32_t value = get_u32(in);
    if (value > 1)
        in->bad = true;
    return value == 1;
}

float get_float(struct reader *in)
{
    float value;
    get_bytes(in, &value, sizeof value);
    if (!isfinite(value)) {
        in->bad = true;
        return 0;
    }
    return value;
}

double get_double(struct reader *in)
{
    double value;
    get_bytes(in, &value, sizeof value);
    if (!isfinite(value)) {
        in->bad = true;
        return 0;
    }
    return value;
}

const char *get_string(struct reader *in, struct arena *arena)
{
    uint32_t length = get_u32(in);
    if (in->bad || length == NO_STRING)
        return NULL;
    if (length > in->left || memchr(in->at, '\0', length) != NULL) {
        in->bad = true;
        return NULL;
    }
    const char *value = arena_strndup(arena, (const char *)in->at, length);
    in->at += length;
    in->left -= length;
    return value;
}

size_t get_count(struct reader *in, size_t size)
{
    uint64_t count = get_u64(in);
    if (!in->bad && count <= in->left / size)
        return (size_t)count;
    in->bad = true;
    return 0;
}
