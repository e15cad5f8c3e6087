/* The truth about one simulated image, as one line of truth.jsonl (marksense-form(1) says what each
 * member means). */
#ifndef PROOF_TRUTH_H
#define PROOF_TRUTH_H

#include <allheaders.h>

#include "base/text.h"
#include "proof/mapping.h"
#include "proof/paper.h"
#include "proof/person.h"
#include "proof/scanner.h"

enum image_kind { IMAGE_PAGE, IMAGE_FOREIGN, IMAGE_BLANK_BACK };

/* One image with everything that is known about it; all borrowed. */
struct image_truth {
    enum image_kind kind;
    const char *what; /* IMAGE_FOREIGN: a name of foreign.h */
    const char *source; /* file name */
    int image;          /* number in the file, from 1 */
    uint64_t seed;
    const char *profile;
    size_t stack;
    const struct form *form;
    const struct filled_return *filled; /* NULL unless IMAGE_PAGE */
    size_t page;                        /* index from 0 */
    const struct mapping *mapping;
    const struct machine *machine;
    const struct paper_side *side;
    PIX *scan; /* to see what the scanner left of the marks */
    const struct plane *print; /* IMAGE_PAGE: what is printed on the page, in form mm */
};

/* Appends the line, with its line feed. */
void truth_write(struct text *out, const struct image_truth *truth);

#endif
