/* What the batch and its workers say to each other. */
#include "run/message.h"

#include <string.h>

/* A frame is begun with a length of 0 and ended by filling it in. */
static size_t frame_begin(struct text *out)
{
    size_t start = out->length;
    put_u32(out, 0);
    return start;
}

static void frame_end(struct text *out, size_t start)
{
    size_t length = out->length - start - FRAME_HEAD_BYTES;
    if (length > FRAME_LARGEST_BYTES)
        error_die("a message of %zu bytes is too long for a frame", length);
    uint32_t body = (uint32_t)length;
    memcpy(out->data + start, &body, sizeof body);
}

static bool whole(const struct reader *in)
{
    return !in->bad && in->left == 0;
}

void setup_put(struct text *out, const struct setup *setup)
{
    size_t start = frame_begin(out);
    put_u64(out, setup->form_count);
    for (size_t i = 0; i < setup->form_count; i++)
        put_string(out, setup->forms[i]);
    put_u32(out, setup->check_ocr);
    put_u32(out, setup->may_write);
    put_u32(out, (uint32_t)setup->cpu_limit_s);
    put_u32(out, (uint32_t)setup->memory_limit_mb);
    frame_end(out, start);
}

bool setup_get(struct setup *out, struct arena *arena, const void *bytes, size_t length)
{
    struct reader in = {.at = bytes, .left = length};
    *out = (struct setup){0};
    out->form_count = get_count(&in, sizeof(uint32_t));
    const char **forms = ARENA_NEW(arena, const char *, out->form_count);
    for (size_t i = 0; i < out->form_count; i++) {
        forms[i] = get_string(&in, arena);
        if (forms[i] == NULL)
            return false;
    }
    out->forms = forms;
    out->check_ocr = get_bool(&in);
    out->may_write = get_bool(&in);
    out->cpu_limit_s = (int)(get_u32(&in) & INT32_MAX);
    out->memory_limit_mb = (int)(get_u32(&in) & INT32_MAX);
    return whole(&in);
}

void task_put(struct text *out, const struct task *task)
{
    size_t start = frame_begin(out);
    put_u32(out, task->kind);
    put_string(out, task->source);
    put_string(out, task->path);
    put_u32(out, (uint32_t)task->image);
    put_u32(out, task->ocr);
    put_u32(out, (uint32_t)task->attempt);
    if (task->kind == TASK_DRAW) {
        put_string(out, task->overlay);
        wire_put_result(out, &task->result);
        wire_put_decisions(out, task->boxes, task->box_count);
    }
    frame_end(out, start);
}

bool task_get(struct task *out, struct arena *arena, const void *bytes, size_t length)
{
    struct reader in = {.at = bytes, .left = length};
    *out = (struct task){0};
    uint32_t kind = get_u32(&in);
    if (kind > TASK_DRAW)
        return false;
    out->kind = (enum task_kind)kind;
    out->source = get_string(&in, arena);
    out->path = get_string(&in, arena);
    out->image = (int)(get_u32(&in) & INT32_MAX);
    out->ocr = get_bool(&in);
    out->attempt = (int)(get_u32(&in) & INT32_MAX);
    if (out->kind == TASK_DRAW) {
        out->overlay = get_string(&in, arena);
        wire_take_result(&out->result, arena, &in);
        out->boxes = wire_take_decisions(&out->box_count, arena, &in);
        if (out->overlay == NULL)
            return false;
    }
    return whole(&in) && out->source != NULL && out->path != NULL;
}

void reply_put(struct text *out, const struct reply *reply)
{
    size_t start = frame_begin(out);
    put_u32(out, reply->kind);
    put_string(out, reply->message == NULL ? "" : reply->message);
    if (reply->kind == REPLY_PROBED) {
        put_u32(out, reply->reason);
        put_u32(out, (uint32_t)reply->images);
        put_string(out, reply->hash == NULL ? "" : reply->hash);
    }
    if (reply->kind == REPLY_READ)
        wire_put_result(out, &reply->result);
    for (int i = 0; i < STAGE_COUNT; i++)
        put_double(out, reply->cpu_s[i]);
    frame_end(out, start);
}

bool reply_get(struct reply *out, struct arena *arena, const void *bytes, size_t length)
{
    struct reader in = {.at = bytes, .left = length};
    *out = (struct reply){0};
    uint32_t kind = get_u32(&in);
    if (kind > REPLY_DRAWN)
        return false;
    out->kind = (enum reply_kind)kind;
    out->message = get_string(&in, arena);
    if (out->kind == REPLY_PROBED) {
        uint32_t reason = get_u32(&in), images = get_u32(&in);
        out->hash = get_string(&in, arena);
        if (reason >= FLAG_COUNT || images > INT32_MAX || out->hash == NULL)
            return false;
        out->reason = (enum flag)reason;
        out->images = (int)images;
    }
    if (out->kind == REPLY_READ)
        wire_take_result(&out->result, arena, &in);
    for (int i = 0; i < STAGE_COUNT; i++)
        out->cpu_s[i] = get_double(&in);
    return whole(&in) && out->message != NULL;
}
