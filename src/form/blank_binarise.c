/* A grey page of a blank to its plate. The grey closing is written out here, 16 pixels at a time:
 * Leptonica's took two fifths of the time of an import. */
#include <stdint.h>
#include <string.h>

#include <glib.h>

#include "base/error.h"
#include "form/blank_internal.h"

/* Darker than this is print whatever lies around it. */
#define DARK 150
/* Thin print (up to THIN_PX across) counts from this much darker than its surroundings. */
#define THIN_CONTRAST 50
#define THIN_PX 9
#define REACH (THIN_PX / 2)

#define LANES 16

/* Vectors that every 64-bit machine has. */
typedef unsigned char lanes __attribute__((vector_size(LANES)));

/* Bytes with a rim: the page's pixel (x, y) lies at byte[(y + 2 * REACH) * stride + x + 2 * REACH].
 */
struct field {
    size_t w, h, stride;
    unsigned char *bytes;
};

/* The rim is 0, which no maximum sees. Rows have room for a vector that begins in their last byte. */
static struct field field_of(PIX *grey)
{
    struct field f = {(size_t)pixGetWidth(grey), (size_t)pixGetHeight(grey), 0, NULL};
    f.stride = f.w + 4 * REACH + 2 * LANES;
    f.bytes = g_malloc0(f.stride * (f.h + 4 * REACH + 1));
    for (size_t y = 0; y < f.h; y++) {
        const l_uint32 *from = pixGetData(grey) + y * (size_t)pixGetWpl(grey);
        unsigned char *to = f.bytes + (y + 2 * REACH) * f.stride + 2 * REACH;
        for (size_t x = 0; x < f.w; x++)
            to[x] = (unsigned char)GET_DATA_BYTE(from, x);
    }
    return f;
}

/* out[x] = the largest of the THIN_PX bytes in[x], in[x + step], ...; may be in place. */
static void largest(unsigned char *out, const unsigned char *in, size_t step, size_t count)
{
    for (size_t x = 0; x < count; x += LANES) {
        lanes most, other;
        memcpy(&most, in + x, LANES);
        for (size_t i = 1; i < THIN_PX; i++) {
            memcpy(&other, in + x + i * step, LANES);
            lanes greater = (lanes)(other > most);
            most = (other & greater) | (most & ~greater);
        }
        memcpy(out + x, &most, LANES);
    }
}

/* The largest of THIN_PX x THIN_PX bytes, written to where the square begins: the result is w x h
 * and lies REACH further up and left. */
static void dilate(struct field *f, size_t w, size_t h)
{
    for (size_t y = 0; y < h + 2 * REACH; y++)
        largest(f->bytes + y * f->stride, f->bytes + y * f->stride, 1, w);
    for (size_t y = 0; y < h; y++)
        largest(f->bytes + y * f->stride, f->bytes + y * f->stride, f->stride, w);
}

static void invert(struct field *f)
{
    size_t count = f->stride * (f->h + 4 * REACH);
    for (size_t i = 0; i < count; i++)
        f->bytes[i] = (unsigned char)~f->bytes[i];
}

/* The closing fills what is thin and dark; what it changed is thin print. Leaves the inverse of the
 * closed page at the field's very beginning. */
static struct field closed_inverse(PIX *grey)
{
    struct field f = field_of(grey);
    dilate(&f, f.w + 2 * REACH, f.h + 2 * REACH);
    invert(&f); /* the smallest is the largest of the inverse */
    dilate(&f, f.w, f.h);
    return f;
}

static bool is_white(const l_uint32 *grey)
{
    return (grey[0] & grey[1] & grey[2] & grey[3] & grey[4] & grey[5] & grey[6] & grey[7]) ==
           UINT32_MAX;
}

/* One row of the plate, which is 0 before. Most of a page is white, which is quick to see. */
static void set_row(l_uint32 *plate, const l_uint32 *grey, const unsigned char *inverse, size_t w)
{
    for (size_t x0 = 0; x0 < w; x0 += 32) {
        size_t x1 = x0 + 32 < w ? x0 + 32 : w;
        l_uint32 bits = 0;
        if (x1 - x0 == 32 && is_white(grey + x0 / 4))
            continue;
        for (size_t x = x0; x < x1; x++) {
            int level = (int)GET_DATA_BYTE(grey, x);
            l_uint32 ink = level < DARK || 255 - inverse[x] - level >= THIN_CONTRAST;
            bits |= ink << (31 - (x - x0));
        }
        plate[x0 / 32] = bits;
    }
}

PIX *blank_binarise(PIX *grey)
{
    struct field closed = closed_inverse(grey);
    PIX *plate = pixCreate((l_int32)closed.w, (l_int32)closed.h, 1);
    if (plate == NULL)
        error_die("out of memory while making a plate");
    for (size_t y = 0; y < closed.h; y++)
        set_row(pixGetData(plate) + y * (size_t)pixGetWpl(plate),
                pixGetData(grey) + y * (size_t)pixGetWpl(grey), closed.bytes + y * closed.stride,
                closed.w);
    g_free(closed.bytes);
    return plate;
}
