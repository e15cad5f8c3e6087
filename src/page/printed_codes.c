/* Codes on a blank. */
#include "page/printed_codes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>
#include <zbar.h>

#include "base/error.h"

#define PLATE_DPI 300.0
/* Every so many lines are looked at: bars are higher and modules larger. */
#define LINE_STEP 4
/* Text and hatchings look like a bar code on a line or two, never on so many. */
#define BAR_LINES_MIN 8
#define BAR_TEXT_MIN 4

static zbar_image_scanner_t *scanner_new(void)
{
    static const zbar_symbol_type_t types[] = {ZBAR_QRCODE, ZBAR_CODE128, ZBAR_CODE39, ZBAR_EAN13,
                                               ZBAR_EAN8, ZBAR_UPCA, ZBAR_UPCE, ZBAR_I25,
                                               ZBAR_PDF417};
    zbar_image_scanner_t *scanner = zbar_image_scanner_create();
    if (scanner == NULL)
        error_die("out of memory: code reader");
    zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        zbar_image_scanner_set_config(scanner, types[i], ZBAR_CFG_ENABLE, 1);
    zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_X_DENSITY, LINE_STEP);
    zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_Y_DENSITY, LINE_STEP);
    return scanner;
}

static unsigned char *grey_bytes(PIX *plate)
{
    size_t w = (size_t)pixGetWidth(plate), h = (size_t)pixGetHeight(plate);
    unsigned char *bytes = g_malloc(w * h);
    for (size_t y = 0; y < h; y++) {
        const l_uint32 *line = pixGetData(plate) + y * (size_t)pixGetWpl(plate);
        for (size_t x = 0; x < w; x++)
            bytes[y * w + x] = GET_DATA_BIT(line, x) ? 0 : 255;
    }
    return bytes;
}

static bool is_sure(const zbar_symbol_t *symbol)
{
    zbar_symbol_type_t type = zbar_symbol_get_type(symbol);
    return type == ZBAR_QRCODE || type == ZBAR_PDF417 ||
           (zbar_symbol_get_quality(symbol) >= BAR_LINES_MIN &&
            strlen(zbar_symbol_get_data(symbol)) >= BAR_TEXT_MIN);
}

static void take_symbol(struct printed_code *out, struct arena *arena, const zbar_symbol_t *symbol)
{
    double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
    for (unsigned i = 0; i < zbar_symbol_get_loc_size(symbol); i++) {
        int x = zbar_symbol_get_loc_x(symbol, i), y = zbar_symbol_get_loc_y(symbol, i);
        x0 = fmin(x0, x);
        x1 = fmax(x1, x + 1);
        y0 = fmin(y0, y);
        y1 = fmax(y1, y + 1);
    }
    char *text = g_utf8_make_valid(zbar_symbol_get_data(symbol), -1);
    double mm = MM_PER_INCH / PLATE_DPI;
    *out = (struct printed_code){
        arena_strdup(arena, zbar_get_symbol_name(zbar_symbol_get_type(symbol))),
        arena_strdup(arena, text), {x0 * mm, y0 * mm, (x1 - x0) * mm, (y1 - y0) * mm}};
    g_free(text);
}

void printed_codes_find(struct printed_code **out, size_t *count, struct arena *arena, PIX *plate)
{
    unsigned char *bytes = grey_bytes(plate);
    unsigned w = (unsigned)pixGetWidth(plate), h = (unsigned)pixGetHeight(plate);
    zbar_image_scanner_t *scanner = scanner_new();
    zbar_image_t *image = zbar_image_create();
    zbar_image_set_format(image, zbar_fourcc('Y', '8', '0', '0'));
    zbar_image_set_size(image, w, h);
    zbar_image_set_data(image, bytes, (unsigned long)w * h, NULL);
    int found = zbar_scan_image(scanner, image);
    *count = 0;
    *out = ARENA_NEW(arena, struct printed_code, found > 0 ? (size_t)found : 0);
    const zbar_symbol_t *symbol = found > 0 ? zbar_image_first_symbol(image) : NULL;
    for (; symbol != NULL && *count < (size_t)found; symbol = zbar_symbol_next(symbol))
        if (is_sure(symbol) && zbar_symbol_get_loc_size(symbol) > 0)
            take_symbol(&(*out)[(*count)++], arena, symbol);
    zbar_image_destroy(image);
    zbar_image_scanner_destroy(scanner);
    g_free(bytes);
}
