/* An arena as a chain of blocks, each at least twice the size of the last. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

#define FIRST_BLOCK_BYTES 4096
#define LARGEST_BLOCK_BYTES (1 << 20)

struct block {
    struct block *next;
    size_t used, size;
    alignas(max_align_t) unsigned char bytes[];
};

struct arena {
    struct block *newest;
};

struct arena *arena_new(void)
{
    struct arena *arena = calloc(1, sizeof *arena);
    if (arena == NULL)
        error_die("out of memory");
    return arena;
}

void arena_free(struct arena *arena)
{
    if (arena == NULL)
        return;
    for (struct block *block = arena->newest, *next; block != NULL; block = next) {
        next = block->next;
        free(block);
    }
    free(arena);
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > (SIZE_MAX / 4) / size)
        error_die("out of memory: %zu elements of %zu bytes asked for", count, size);
    size_t bytes = count * size;
    bytes = (bytes + alignof(max_align_t)) & ~(alignof(max_align_t) - 1);
    struct block *block = arena->newest;
    if (block == NULL || block->size - block->used < bytes) {
        size_t want = block == NULL ? FIRST_BLOCK_BYTES : block->size * 2;
        if (want > LARGEST_BLOCK_BYTES)
            want = LARGEST_BLOCK_BYTES;
        if (want < bytes)
            want = bytes;
        block = malloc(sizeof *block + want);
        if (block == NULL)
            error_die("out of memory: a block of %zu bytes asked for", want);
        block->next = arena->newest;
        block->used = 0;
        block->size = want;
        arena->newest = block;
    }
    void *result = block->bytes + block->used;
    block->used += bytes;
    memset(result, 0, bytes);
    return result;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return text == NULL ? NULL : arena_strndup(arena, text, strlen(text));
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
    char *copy = arena_alloc(arena, length + 1, 1);
    memcpy(copy, text, length);
    return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        error_die("arena_printf: bad format");
    char *copy = arena_alloc(arena, (size_t)length + 1, 1);
    va_start(arguments, format);
    vsnprintf(copy, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return copy;
}
