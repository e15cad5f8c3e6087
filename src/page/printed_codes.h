/* The codes that a blank bears already: bar codes and 2-D codes, by zbar. */
#ifndef PAGE_PRINTED_CODES_H
#define PAGE_PRINTED_CODES_H

#include <allheaders.h>

#include "base/arena.h"
#include "form/model.h"

/* Looks for codes of all kinds that zbar reads surely (QR, Code 128 and 39, EAN and UPC, 2 of 5,
 * PDF417; it knows no DataMatrix) on a plate of 1 bpp at 300 dpi. What is found, in mm, belongs to
 * the arena. */
void printed_codes_find(struct printed_code **out, size_t *count, struct arena *arena, PIX *plate);

#endif
