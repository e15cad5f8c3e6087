/* Pages of one form or of several that look alike, and what tells them apart. */
#ifndef FORM_FIND_ALIKE_H
#define FORM_FIND_ALIKE_H

#include <allheaders.h>

#include "base/geometry.h"
#include "base/text.h"

/* Two pages are told apart by so little that a person should know. */
#define ALIKE_MIN 0.8

/* A plate made small, for comparing. NULL = no memory. pixDestroy() it. */
PIX *alike_reduce(PIX *plate);

/* How alike two reduced pages are: the correlation of their ink, -1 to 1; 0 where one is empty or
 * their sizes differ. */
double alike_score(PIX *a, PIX *b);

/* The place, in mm, where they differ most, of about a line of print; w = 0: nowhere. */
struct rect alike_difference(PIX *a, PIX *b);

/* Adds a line that says so where two reduced pages look so much alike that a person should know, with
 * where they differ most; false, and nothing added, where they do not. `names` is their subject:
 * "pages 2 and 3". */
bool alike_tell(struct text *out, PIX *a, PIX *b, const char *names);

#endif
