/* What respondents write: figures in cells, words on lines, notes in the margin. */
#ifndef PROOF_PERSON_WRITE_H
#define PROOF_PERSON_WRITE_H

#include "proof/person.h"

/* Writes into field `f` of page `p` (comments only as often as the profile says). */
void person_write_field(const struct form *form, const struct profile *profile,
                        struct filled_return *filled, size_t p, size_t f, struct random *r,
                        struct random *hand);

/* Notes where nothing was asked. */
void person_write_notes(const struct form *form, const struct profile *profile,
                        struct filled_return *filled, size_t p, struct random *r,
                        struct random *hand);

#endif
