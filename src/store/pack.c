/* Rows of numbers as zlib streams of little-endian bytes. */
#include <endian.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "store/database.h"

static void *must_have(size_t bytes)
{
    void *memory = malloc(bytes + 1);
    if (memory == NULL)
        error_die("out of memory: %zu bytes of evidence", bytes);
    return memory;
}

static struct pack deflated(void *raw, size_t length)
{
    uLongf packed = compressBound((uLong)length);
    struct pack pack = {.bytes = must_have(packed)};
    if (compress2(pack.bytes, &packed, raw, (uLong)length, 6) != Z_OK)
        error_die("out of memory: zlib, %zu bytes", length);
    pack.length = packed;
    free(raw);
    return pack;
}

struct pack pack_floats(const float *values, size_t count)
{
    uint32_t *raw = must_have(count * sizeof *raw);
    for (size_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        raw[i] = htole32(bits);
    }
    return deflated(raw, count * sizeof *raw);
}

struct pack pack_doubles(const double *values, size_t count)
{
    uint64_t *raw = must_have(count * sizeof *raw);
    for (size_t i = 0; i < count; i++) {
        uint64_t bits;
        memcpy(&bits, &values[i], sizeof bits);
        raw[i] = htole64(bits);
    }
    return deflated(raw, count * sizeof *raw);
}

struct pack pack_bytes(const unsigned char *values, size_t count)
{
    unsigned char *raw = must_have(count);
    memcpy(raw, values, count);
    return deflated(raw, count);
}

/* NULL where the stream does not hold exactly so many bytes. */
static void *inflated(size_t length, const void *bytes, size_t packed)
{
    void *raw = must_have(length);
    uLongf got = (uLongf)length;
    if (uncompress(raw, &got, bytes, (uLong)packed) == Z_OK && got == length)
        return raw;
    free(raw);
    return NULL;
}

bool unpack_floats(float *values, size_t count, const void *bytes, size_t length)
{
    uint32_t *raw = inflated(count * sizeof *raw, bytes, length);
    if (raw == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        uint32_t bits = le32toh(raw[i]);
        memcpy(&values[i], &bits, sizeof bits);
    }
    free(raw);
    return true;
}

bool unpack_doubles(double *values, size_t count, const void *bytes, size_t length)
{
    uint64_t *raw = inflated(count * sizeof *raw, bytes, length);
    if (raw == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        uint64_t bits = le64toh(raw[i]);
        memcpy(&values[i], &bits, sizeof bits);
    }
    free(raw);
    return true;
}

bool unpack_bytes(unsigned char *values, size_t count, const void *bytes, size_t length)
{
    unsigned char *raw = inflated(count, bytes, length);
    if (raw == NULL)
        return false;
    memcpy(values, raw, count);
    free(raw);
    return true;
}

void placement_to_numbers(double numbers[PLACEMENT_NUMBERS], const struct placed_page *placed)
{
    const struct placement *p = &placed->placement;
    memcpy(numbers, placed->known.form_to_image.m, 8 * sizeof *numbers);
    memcpy(numbers + 8, p->form_to_image.m, 8 * sizeof *numbers);
    numbers[16] = p->width_mm;
    numbers[17] = p->height_mm;
    double *grid = numbers + 18;
    for (size_t y = 0; y < PLACEMENT_GRID_Y; y++)
        for (size_t x = 0; x < PLACEMENT_GRID_X; x++, grid++) {
            grid[0] = p->dx_mm[y][x];
            grid[PLACEMENT_GRID_X * PLACEMENT_GRID_Y] = p->dy_mm[y][x];
        }
    double *feed = grid + PLACEMENT_GRID_X * PLACEMENT_GRID_Y;
    *feed++ = p->feed.x;
    *feed++ = p->feed.y;
    *feed++ = p->feed_start_mm;
    *feed++ = p->feed_step_mm;
    for (size_t k = 0; k < PLACEMENT_FEED; k++) {
        feed[k] = p->feed_dx_mm[k];
        feed[PLACEMENT_FEED + k] = p->feed_dy_mm[k];
    }
}

void placement_from_numbers(struct placed_page *placed, const double numbers[PLACEMENT_NUMBERS])
{
    struct placement *p = &placed->placement;
    memcpy(placed->known.form_to_image.m, numbers, 8 * sizeof *numbers);
    memcpy(p->form_to_image.m, numbers + 8, 8 * sizeof *numbers);
    p->width_mm = numbers[16];
    p->height_mm = numbers[17];
    const double *grid = numbers + 18;
    for (size_t y = 0; y < PLACEMENT_GRID_Y; y++)
        for (size_t x = 0; x < PLACEMENT_GRID_X; x++, grid++) {
            p->dx_mm[y][x] = (float)grid[0];
            p->dy_mm[y][x] = (float)grid[PLACEMENT_GRID_X * PLACEMENT_GRID_Y];
        }
    const double *feed = grid + PLACEMENT_GRID_X * PLACEMENT_GRID_Y;
    p->feed.x = *feed++;
    p->feed.y = *feed++;
    p->feed_start_mm = *feed++;
    p->feed_step_mm = *feed++;
    for (size_t k = 0; k < PLACEMENT_FEED; k++) {
        p->feed_dx_mm[k] = (float)feed[k];
        p->feed_dy_mm[k] = (float)feed[PLACEMENT_FEED + k];
    }
}

void piece_to_numbers(double numbers[PIECE_ROW], const struct ink_piece *piece)
{
    const struct rect rects[] = {piece->rect_mm, piece->rect_px};
    double *at = numbers;
    for (int k = 0; k < 2; k++, at += 4)
        memcpy(at, (double[]){rects[k].x, rects[k].y, rects[k].w, rects[k].h}, 4 * sizeof *at);
#define X(name, meaning) *at++ = (double)piece->name;
    PIECE_TABLE(X)
#undef X
    *at++ = (double)piece->touch_count;
    for (size_t k = 0; k < PIECE_TOUCHES; k++, at += 3) {
        const struct piece_touch *touch = &piece->touches[k];
        at[0] = (double)touch->box;
        at[1] = (double)touch->inside_mm2;
        at[2] = (double)touch->row_mm2;
    }
}

bool piece_from_numbers(struct ink_piece *piece, const double numbers[PIECE_ROW], size_t box_count)
{
    const double *at = numbers;
    piece->rect_mm = (struct rect){at[0], at[1], at[2], at[3]};
    piece->rect_px = (struct rect){at[4], at[5], at[6], at[7]};
    at += 8;
#define X(name, meaning) piece->name = (float)*at++;
    PIECE_TABLE(X)
#undef X
    double touches = *at++;
    if (!(touches >= 0 && touches <= PIECE_TOUCHES))
        return false;
    piece->touch_count = (size_t)touches;
    for (size_t k = 0; k < piece->touch_count; k++, at += 3) {
        if (!(at[0] >= 0 && at[0] < (double)box_count))
            return false;
        piece->touches[k] = (struct piece_touch){(size_t)at[0], (float)at[1], (float)at[2]};
    }
    return true;
}
