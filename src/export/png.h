/* Pictures from memory to PNG files, by libpng. */
#ifndef EXPORT_PNG_H
#define EXPORT_PNG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* `pixels`: 0x00RRGGBB each, `stride` pixels from row to row. The resolution goes into pHYs (0: is
 * left out). A file that could not be written whole is removed. */
bool png_write_rgb(const char *path, const uint32_t *pixels, int width_px, int height_px,
                   int stride, double x_dpi, double y_dpi, struct error *err);

#endif
