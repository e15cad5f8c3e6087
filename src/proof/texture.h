/* The unevenness of paper in light: clouds that do not repeat, row by row. */
#ifndef PROOF_TEXTURE_H
#define PROOF_TEXTURE_H

#include <stdint.h>

#include "proof/random.h"

struct texture;

/* Of a picture `width` pixels wide at `dpi`; `strength` in levels of 255. */
struct texture *texture_new(int width, double dpi, double strength, const struct random *r);
void texture_free(struct texture *texture);

/* The next row, levels times 16 (-127 to 127); the texture's, until the next call. */
const int16_t *texture_row(struct texture *texture);

#endif
