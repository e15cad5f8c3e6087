/* Plain values as bytes and back: what crosses the pipe between the batch and its workers. Both ends
 * are one program on one machine, so numbers go in the machine's own order. The reading side trusts
 * nothing: after the first thing that does not fit, `bad` stays set and everything read is 0. */
#ifndef RUN_BYTES_H
#define RUN_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

void put_u32(struct text *out, uint32_t value);
void put_u64(struct text *out, uint64_t value);
void put_float(struct text *out, float value);
void put_double(struct text *out, double value);
void put_string(struct text *out, const char *value); /* NULL is kept as NULL */

struct reader {
    const unsigned char *at;
    size_t left;
    bool bad;
};

uint32_t get_u32(struct reader *in);
uint64_t get_u64(struct reader *in);
bool get_bool(struct reader *in);
float get_float(struct reader *in);   /* a number that is not finite is bad */
double get_double(struct reader *in); /* likewise */

/* In the arena; NULL where NULL was put, and where the bytes are bad. */
const char *get_string(struct reader *in, struct arena *arena);

/* So many bytes to `out`; zeros where there are not so many. */
void get_bytes(struct reader *in, void *out, size_t size);

/* A count of things of at least `size` bytes each; bad where they cannot fit in what is left. */
size_t get_count(struct reader *in, size_t size);

#endif
