/* Page results and messages as bytes: they come back as they went, and broken bytes are refused. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "read/unprinted.h"
#include "unit/run_results.h"

static void assert_same_result(const struct page_result *a, const struct page_result *b)
{
    assert_string_equal(a->source, b->source);
    assert_string_equal(a->hash, b->hash);
    assert_string_equal(a->detail, b->detail);
    assert_int_equal(a->image, b->image);
    assert_int_equal(a->reason, b->reason);
    assert_int_equal(a->identified, b->identified);
    /* the bytes of both say all the rest */
    struct text x, y;
    text_init(&x);
    text_init(&y);
    wire_put_result(&x, a);
    wire_put_result(&y, b);
    assert_int_equal(x.length, y.length);
    assert_memory_equal(x.data, y.data, x.length);
    text_release(&x);
    text_release(&y);
}

static void results_come_back(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct text bytes;
    text_init(&bytes);
    struct page_result there = sample_result(arena, 7, 3), back;
    struct error err = {""};
    /* of a wide cell of a table, 30 x 9 mm */
    struct box_crop wide = {.width = 255, .height = 87, .found = 0.5f};
    wide.packed = ARENA_NEW(arena, unsigned char, crop_bytes(wide.width, wide.height));
    there.reading.boxes[2].crop = &wide;
    wire_put_result(&bytes, &there);
    assert_true(wire_get_result(&back, arena, bytes.data, bytes.length, &err));
    assert_same_result(&there, &back);
    assert_int_equal(back.reading.box_count, 7);
    assert_true(back.reading.boxes[6].evidence.misfit_mm ==
                there.reading.boxes[6].evidence.misfit_mm);
    assert_true(back.reading.boxes[6].rect_px.w == 3);
    assert_string_equal(back.reading.fields[2].text, "draft");
    assert_null(back.reading.fields[1].text);
    assert_string_equal(back.placed.known.reference, "00000001W");
    assert_int_equal(back.placed.known.by, IDENTIFIED_BY_CONTENT);
    assert_true(back.placed.placement.dy_mm[7][5] == 1.5f);
    assert_true(back.placed.landmarks[1].found && !back.placed.landmarks[2].found);
    assert_true(back.placed.health.skew_deg == -179.5);
    assert_true(back.placed.health.cut_bottom_mm == 3);
    assert_int_equal(back.placed.health.streak_count, 2);
    assert_true(back.placed.health.streaks[0].at_mm == 62.5f);
    assert_true(back.placed.health.streaks[1].lying);

    text_clear(&bytes);
    there.reason = FLAG_FILE_EMPTY;
    there.image = -1;
    there.reading = (struct page_reading){0};
    wire_put_result(&bytes, &there);
    assert_true(wire_get_result(&back, arena, bytes.data, bytes.length, &err));
    assert_same_result(&there, &back);
    text_release(&bytes);
    arena_free(arena);
}

static void every_cut_is_refused(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct text bytes;
    text_init(&bytes);
    struct page_result there = sample_result(arena, 2, 2), back;
    struct error err = {""};
    wire_put_result(&bytes, &there);
    for (size_t length = 0; length < bytes.length; length++) {
        char *exact = malloc(length + 1); /* so that a sanitizer sees a byte too far */
        memcpy(exact, bytes.data, length);
        assert_false(wire_get_result(&back, arena, exact, length, &err));
        free(exact);
    }
    text_add_bytes(&bytes, "", 1);
    assert_false(wire_get_result(&back, arena, bytes.data, bytes.length, &err));
    text_release(&bytes);
    arena_free(arena);
}

static bool refused(const struct page_result *result)
{
    struct arena *arena = arena_new();
    struct text bytes;
    text_init(&bytes);
    wire_put_result(&bytes, result);
    struct page_result back;
    struct error err = {""};
    bool ok = wire_get_result(&back, arena, bytes.data, bytes.length, &err);
    text_release(&bytes);
    arena_free(arena);
    return !ok;
}

static void senseless_values_are_refused(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct page_result r = sample_result(arena, 1, 1);
    assert_false(refused(&r));
    r.reading.boxes[0].evidence.ink_share = (float)NAN;
    assert_true(refused(&r));
    r = sample_result(arena, 1, 1);
    r.placed.residuals.median_mm = INFINITY;
    assert_true(refused(&r));
    r = sample_result(arena, 1, 1);
    r.reason = FLAG_COUNT;
    assert_true(refused(&r));
    r = sample_result(arena, 1, 1);
    r.source = NULL;
    assert_true(refused(&r));
    r = sample_result(arena, 1, 1);
    r.image = -3;
    assert_true(refused(&r));
    arena_free(arena);
}

static void results_must_fit_the_forms(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct template_page pages[3] = {{.number = 1}, {.number = 2}, {.number = 3}};
    pages[2].box_count = 4;
    pages[2].field_count = 1;
    struct form form = {.pages = pages, .page_count = 3};
    const struct form *forms[] = {&form, &form};
    struct error err = {""};
    struct page_result r = sample_result(arena, 4, 1);
    assert_true(wire_result_fits(&r, forms, 2, &err));
    assert_false(wire_result_fits(&r, forms, 1, &err));
    r.placed.known.page = 1;
    assert_false(wire_result_fits(&r, forms, 2, &err));
    r.placed.known.page = 3;
    assert_false(wire_result_fits(&r, forms, 2, &err));
    r = sample_result(arena, 3, 1);
    assert_false(wire_result_fits(&r, forms, 2, &err));
    r = sample_result(arena, 4, 1);
    r.identified = false;
    assert_false(wire_result_fits(&r, forms, 2, &err));
    r.reason = FLAG_NO_FORM;
    assert_true(wire_result_fits(&r, forms, 2, &err));
    arena_free(arena);
}

/* The body of the one frame in `frame`. */
static const char *body(const struct text *frame, size_t *length)
{
    uint32_t size;
    memcpy(&size, frame->data, sizeof size);
    assert_int_equal(frame->length, size + FRAME_HEAD_BYTES);
    *length = size;
    return frame->data + FRAME_HEAD_BYTES;
}

static void messages_come_back(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct text frame;
    size_t length;
    text_init(&frame);
    const char *folders[] = {"forms/a", "forms/b"};
    struct setup setup = {.forms = folders, .form_count = 2, .check_ocr = true, .cpu_limit_s = 60,
                          .memory_limit_mb = 2048}, setup_back;
    setup_put(&frame, &setup);
    const char *bytes = body(&frame, &length);
    assert_true(setup_get(&setup_back, arena, bytes, length));
    assert_string_equal(setup_back.forms[1], "forms/b");
    assert_true(setup_back.check_ocr && !setup_back.may_write);
    assert_int_equal(setup_back.memory_limit_mb, 2048);
    assert_false(setup_get(&setup_back, arena, bytes, length - 1));

    text_clear(&frame);
    struct box_decision boxes[] = {
        {.state = BOX_MARKED, .confidence = 0.75},
        {.state = BOX_UNCERTAIN, .confidence = 0.5, .flag = FLAG_MARK_UNCERTAIN}};
    struct task task = {.kind = TASK_DRAW, .source = "a", .path = "b", .image = 3, .attempt = 1,
                        .overlay = "c.png", .result = sample_result(arena, 2, 0), .boxes = boxes,
                        .box_count = 2}, task_back;
    task_put(&frame, &task);
    bytes = body(&frame, &length);
    assert_true(task_get(&task_back, arena, bytes, length));
    assert_int_equal(task_back.boxes[1].flag, FLAG_MARK_UNCERTAIN);
    assert_string_equal(task_back.overlay, "c.png");
    assert_same_result(&task.result, &task_back.result);
    for (size_t cut = 0; cut < length; cut++)
        assert_false(task_get(&task_back, arena, bytes, cut));

    text_clear(&frame);
    struct reply reply = {.kind = REPLY_READ, .result = sample_result(arena, 2, 2)}, reply_back;
    reply.cpu_s[STAGE_TEXT] = 1.5;
    reply_put(&frame, &reply);
    bytes = body(&frame, &length);
    assert_true(reply_get(&reply_back, arena, bytes, length));
    assert_true(reply_back.cpu_s[STAGE_TEXT] == 1.5);
    for (size_t cut = 0; cut < length; cut++)
        assert_false(reply_get(&reply_back, arena, bytes, cut));
    text_release(&frame);
    arena_free(arena);
}

static void write_seed(const char *folder, const char *name, char kind, const struct text *bytes,
                       size_t head)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputc(kind, file);
    fwrite(bytes->data + head, 1, bytes->length - head, file);
    assert_int_equal(fclose(file), 0);
}

/* Writes the fuzzer's seeds where MARKSENSE_WIRE_CORPUS names a folder. */
static void seeds(void **state)
{
    (void)state;
    const char *folder = getenv("MARKSENSE_WIRE_CORPUS");
    if (folder == NULL)
        return;
    struct arena *arena = arena_new();
    struct text bytes;
    text_init(&bytes);
    struct page_result read = sample_result(arena, 2, 2), rejected = sample_result(arena, 0, 0);
    rejected.reason = FLAG_NO_FORM;
    wire_put_result(&bytes, &read);
    write_seed(folder, "result-read", 0, &bytes, 0);
    text_clear(&bytes);
    wire_put_result(&bytes, &rejected);
    write_seed(folder, "result-rejected", 0, &bytes, 0);
    for (int kind = REPLY_READY; kind <= REPLY_DRAWN; kind++) {
        char name[32];
        snprintf(name, sizeof name, "reply-%d", kind);
        text_clear(&bytes);
        reply_put(&bytes, &(struct reply){.kind = (enum reply_kind)kind, .message = "m",
                                          .hash = "00ff", .images = 3, .result = rejected});
        write_seed(folder, name, 1, &bytes, FRAME_HEAD_BYTES);
    }
    struct box_decision boxes[] = {{.state = BOX_MARKED, .confidence = 1},
                                   {.state = BOX_EMPTY, .confidence = 1}};
    text_clear(&bytes);
    task_put(&bytes, &(struct task){.kind = TASK_DRAW, .source = "a", .path = "b", .overlay = "c",
                                    .result = read, .boxes = boxes, .box_count = 2});
    write_seed(folder, "task-draw", 2, &bytes, FRAME_HEAD_BYTES);
    text_clear(&bytes);
    const char *form = "form";
    setup_put(&bytes, &(struct setup){.forms = &form, .form_count = 1});
    write_seed(folder, "setup", 3, &bytes, FRAME_HEAD_BYTES);
    text_release(&bytes);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_come_back),
        cmocka_unit_test(every_cut_is_refused),
        cmocka_unit_test(senseless_values_are_refused),
        cmocka_unit_test(results_must_fit_the_forms),
        cmocka_unit_test(messages_come_back),
        cmocka_unit_test(seeds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
