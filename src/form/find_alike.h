/* Pages of one form that look alike, and what tells them apart. */
#ifndef FORM_FIND_ALIKE_H
#define FORM_FIND_ALIKE_H

#include <allheaders.h>

#include "base/geometry.h"

/* Two pages are told apart by so little that a person should know. */
#define ALIKE_MIN 0.8

/* A plate made small, for comparing. NULL = no memory. pixDestroy() it. */
PIX *alike_reduce(PIX *plate);

/* How alike two reduced pages are: the correlation of their ink, -1 to 1; 0 where one is empty or
 * their sizes differ. */
double alike_score(PIX *a, PIX *b);

/* The place, in mm, where they differ most, of about a line of print; w = 0: nowhere. */
struct rect alike_difference(PIX *a, PIX *b);

#endif
