/* Writes pictures as a scanner's software does: a multi-page TIFF, a PDF, or a JPEG a page. */
#ifndef PROOF_SCAN_WRITER_H
#define PROOF_SCAN_WRITER_H

#include <allheaders.h>

#include "base/error.h"
#include "proof/scanner.h"

struct scan_writer;

/* `stem` is the path without its ending. Nothing stands under its final name before it is whole. */
struct scan_writer *scan_writer_new(const char *stem, const struct machine *machine);

/* *source becomes the name of the file in which the picture stands (borrowed until the writer is
 * freed), *image its number in it, from 1. */
bool scan_writer_add(const char **source, int *image, struct scan_writer *writer, PIX *pix,
                     struct error *err);
bool scan_writer_finish(struct scan_writer *writer, struct error *err);
void scan_writer_free(struct scan_writer *writer);

#endif
