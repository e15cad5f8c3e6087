/* Errors as values: the library never prints, never exits and keeps no global error state. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>
#include <stddef.h>

/* One clear sentence for the person at the keyboard: what, where, and the way out.
 * Only meaningful after a function that takes it returned false (or NULL). */
struct error {
    char text[1024];
};

/* Writes the message (printf format) and returns false, so that a caller can write
 * `return error_set(err, ...)`. `err` may be NULL: the message is then dropped. */
bool error_set(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Puts "prefix: " before the message that is there already. Returns false. */
bool error_prefix(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* For kind-three trouble only (a bug, no memory): writes to stderr and aborts. The worker that
 * calls it dies and the batch survives. */
_Noreturn void error_die(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
