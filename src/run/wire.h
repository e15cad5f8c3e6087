/* A page result as bytes and back. The bytes come from a worker that may be dying, or taken over by
 * a hostile image: they are checked like any foreign input. */
#ifndef RUN_WIRE_H
#define RUN_WIRE_H

#include "base/error.h"
#include "record/record.h"
#include "run/bytes.h"

#define WIRE_VERSION 3

void wire_put_result(struct text *out, const struct page_result *result);

/* Everything pointed to belongs to the arena. False: the bytes are not a whole page result. */
bool wire_get_result(struct page_result *out, struct arena *arena, const void *bytes, size_t length,
                     struct error *err);

/* The same within a longer message: takes its bytes off `in`, sets in->bad on trouble. */
void wire_take_result(struct page_result *out, struct arena *arena, struct reader *in);

/* Whether the result can belong to these forms: page and form exist, and there are as many boxes and
 * fields as the template has. */
bool wire_result_fits(const struct page_result *result, const struct form *const *forms,
                      size_t form_count, struct error *err);

void wire_put_decisions(struct text *out, const struct box_decision *boxes, size_t count);
struct box_decision *wire_take_decisions(size_t *count, struct arena *arena, struct reader *in);

#endif
