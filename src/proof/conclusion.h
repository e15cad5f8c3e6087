/* What a careful person makes of a simulated return, box by box: the truth that readings are judged by. */
#ifndef PROOF_CONCLUSION_H
#define PROOF_CONCLUSION_H

#include "proof/person.h"

/* Sets every box's cover, stray and conclusion from what is drawn on the paper. */
void conclude_all(struct filled_return *filled, const struct form *form);

#endif
