/* Where the words beside each box are printed, found on the page's own picture: what a person rings or
 * strikes through. It holds for any form, laid out here or imported. */
#ifndef PROOF_LABELS_H
#define PROOF_LABELS_H

#include "proof/picture.h"

struct label_map;

/* NULL: err. The form must outlive the map. */
struct label_map *labels_find(const struct form *form, struct picture_book *book,
                              struct error *err);
void labels_free(struct label_map *labels); /* NULL is allowed */

/* The label of a box, form mm; w = 0 where none is printed beside it (or labels is NULL). */
struct rect labels_at(const struct label_map *labels, size_t page, size_t box);

#endif
