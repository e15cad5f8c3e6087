/* Codes by zbar. */
#include "page/qr.h"

#include <math.h>
#include <stdlib.h>
#include <zbar.h>

#include "base/error.h"

#define MODULE_WANTED_PX 4.0 /* zbar reads best at 3 to 5 pixels a module */
#define PAGE_LINE_STEP 2

struct qr_reader {
    zbar_image_scanner_t *scanner;
};

struct qr_reader *qr_reader_new(void)
{
    struct qr_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL || (reader->scanner = zbar_image_scanner_create()) == NULL)
        error_die("out of memory: code reader");
    zbar_image_scanner_set_config(reader->scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
    zbar_image_scanner_set_config(reader->scanner, ZBAR_QRCODE, ZBAR_CFG_ENABLE, 1);
    return reader;
}

void qr_reader_free(struct qr_reader *reader)
{
    if (reader == NULL)
        return;
    zbar_image_scanner_destroy(reader->scanner);
    free(reader);
}

/* Decodes one 8 bpp picture; the first of our codes in it. */
static bool decode(struct page_code *out, struct qr_reader *reader, PIX *grey)
{
    unsigned width = (unsigned)pixGetWidth(grey), height = (unsigned)pixGetHeight(grey);
    unsigned char *bytes = malloc((size_t)width * height);
    if (bytes == NULL)
        error_die("out of memory: code area");
    for (unsigned y = 0; y < height; y++) {
        const l_uint32 *line = pixGetData(grey) + (size_t)y * (size_t)pixGetWpl(grey);
        for (unsigned x = 0; x < width; x++)
            bytes[(size_t)y * width + x] = (unsigned char)GET_DATA_BYTE(line, x);
    }
    zbar_image_t *image = zbar_image_create();
    zbar_image_set_format(image, zbar_fourcc('Y', '8', '0', '0'));
    zbar_image_set_size(image, width, height);
    zbar_image_set_data(image, bytes, (unsigned long)width * height, NULL);
    bool found = false;
    if (zbar_scan_image(reader->scanner, image) > 0)
        for (const zbar_symbol_t *symbol = zbar_image_first_symbol(image);
             symbol != NULL && !found; symbol = zbar_symbol_next(symbol))
            found = page_code_parse(out, zbar_symbol_get_data(symbol));
    zbar_image_destroy(image);
    free(bytes);
    return found;
}

/* Faded print: modules are riddled with white; their ink grows together again. */
static bool decode_faded(struct page_code *out, struct qr_reader *reader, PIX *scaled)
{
    PIX *grown = pixErodeGray(scaled, 3, 3); /* the darkest of nine */
    PIX *smooth = grown == NULL ? NULL : pixBlockconv(grown, 1, 1);
    bool found = (grown != NULL && decode(out, reader, grown)) ||
                 (smooth != NULL && decode(out, reader, smooth));
    pixDestroy(&grown);
    pixDestroy(&smooth);
    return found;
}

static PIX *cut_grey(const struct raw_page *raw, struct rect area)
{
    int x0 = (int)fmax(0, floor(area.x)), y0 = (int)fmax(0, floor(area.y));
    int x1 = (int)fmin(raw->width_px, ceil(area.x + area.w));
    int y1 = (int)fmin(raw->height_px, ceil(area.y + area.h));
    if (x1 - x0 < 20 || y1 - y0 < 20)
        return NULL;
    BOX *box = boxCreate(x0, y0, x1 - x0, y1 - y0);
    PIX *cut = pixClipRectangle(raw->bits != NULL ? raw->bits : raw->grey, box, NULL);
    boxDestroy(&box);
    if (cut != NULL && raw->bits != NULL) {
        PIX *grey = pixConvert1To8(NULL, cut, 255, 0);
        pixDestroy(&cut);
        cut = grey;
    }
    return cut;
}

bool qr_read_area(struct page_code *out, struct qr_reader *reader, const struct raw_page *raw,
                  struct rect area_px, double module_px)
{
    PIX *grey = cut_grey(raw, area_px);
    if (grey == NULL)
        return false;
    if (module_px > 0 && raw->x_dpi > 0 && raw->y_dpi > 0 &&
        fabs(raw->x_dpi / raw->y_dpi - 1) > 0.1) { /* fax pixels are not square */
        double x = raw->x_dpi < raw->y_dpi ? raw->y_dpi / raw->x_dpi : 1;
        double y = raw->y_dpi < raw->x_dpi ? raw->x_dpi / raw->y_dpi : 1;
        PIX *square = pixScale(grey, (l_float32)x, (l_float32)y);
        pixDestroy(&grey);
        grey = square;
    }
    bool found = false;
    /* At its best size first, then smoother, then with more ink, then as it is: dust, dropouts, faded
     * print and coarse scans each yield to another of them. */
    if (module_px > 0) {
        double scale = MODULE_WANTED_PX / module_px;
        PIX *scaled = fabs(scale - 1) < 0.2 ? pixClone(grey)
                                            : pixScale(grey, (l_float32)scale, (l_float32)scale);
        if (scaled != NULL) {
            found = decode(out, reader, scaled);
            if (!found) {
                PIX *smooth = pixBlockconv(scaled, 1, 1);
                if (smooth != NULL)
                    found = decode(out, reader, smooth);
                pixDestroy(&smooth);
            }
            if (!found)
                found = decode_faded(out, reader, scaled);
        }
        pixDestroy(&scaled);
    }
    if (!found)
        found = decode(out, reader, grey);
    if (!found && module_px > 0) {
        double scale = 2 * MODULE_WANTED_PX / module_px;
        PIX *scaled = pixScale(grey, (l_float32)scale, (l_float32)scale);
        PIX *smooth = scaled == NULL ? NULL : pixBlockconv(scaled, 2, 2);
        if (smooth != NULL)
            found = decode(out, reader, smooth);
        pixDestroy(&scaled);
        pixDestroy(&smooth);
    }
    pixDestroy(&grey);
    return found;
}

bool qr_read_page(struct page_code *out, struct qr_reader *reader, const struct working *working)
{
    PIX *grey = pixConvert1To8(NULL, working->bits, 255, 0);
    if (grey == NULL)
        error_die("out of memory: a grey page");
    /* every second line of so much: a code's corners are ten lines high at any resolution worked at */
    zbar_image_scanner_set_config(reader->scanner, ZBAR_NONE, ZBAR_CFG_X_DENSITY, PAGE_LINE_STEP);
    zbar_image_scanner_set_config(reader->scanner, ZBAR_NONE, ZBAR_CFG_Y_DENSITY, PAGE_LINE_STEP);
    bool found = decode(out, reader, grey);
    zbar_image_scanner_set_config(reader->scanner, ZBAR_NONE, ZBAR_CFG_X_DENSITY, 1);
    zbar_image_scanner_set_config(reader->scanner, ZBAR_NONE, ZBAR_CFG_Y_DENSITY, 1);
    pixDestroy(&grey);
    return found;
}
