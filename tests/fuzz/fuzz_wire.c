/* Bytes from a worker: the parent must take anything. The first byte says which message it is. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "run/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was understood must be written again as the same bytes. */
static void again(const struct page_result *result, const uint8_t *data, size_t size)
{
    struct text bytes;
    text_init(&bytes);
    wire_put_result(&bytes, result);
    if (bytes.length != size || memcmp(bytes.data, data, size) != 0)
        abort();
    text_release(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct arena *arena = arena_new();
    struct page_result result;
    struct reply reply;
    struct task task;
    struct setup setup;
    struct error err = {""};
    uint8_t *bytes = malloc(size); /* exactly as long as it is */
    if (bytes == NULL)
        abort();
    memcpy(bytes, data + 1, size - 1);
    switch (data[0] % 4) {
    case 0:
        if (wire_get_result(&result, arena, bytes, size - 1, &err))
            again(&result, bytes, size - 1);
        break;
    case 1:
        reply_get(&reply, arena, bytes, size - 1);
        break;
    case 2:
        task_get(&task, arena, bytes, size - 1);
        break;
    default:
        setup_get(&setup, arena, bytes, size - 1);
        break;
    }
    free(bytes);
    arena_free(arena);
    return 0;
}
