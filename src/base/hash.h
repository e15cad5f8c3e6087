/* Content hashes: SHA-256, by GLib. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define HASH_TEXT_BYTES 65 /* 64 lower-case hexadecimal digits and the NUL */

void hash_bytes(char out[HASH_TEXT_BYTES], const void *bytes, size_t length);

/* Hash of a file's whole content. */
bool hash_file(char out[HASH_TEXT_BYTES], const char *path, struct error *err);

#endif
