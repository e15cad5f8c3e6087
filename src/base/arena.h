/* An arena: memory that belongs to one thing (a form, a page) and is freed whole with it. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *arena); /* NULL is allowed */

/* `count` elements of `size` bytes, zeroed, aligned for any type. Never NULL: no memory means
 * error_die(). A count of 0 gives a valid pointer that must not be read. */
void *arena_alloc(struct arena *arena, size_t count, size_t size);

/* Copies into the arena; NULL gives NULL. */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ARENA_NEW(arena, struct thing, n): n zeroed things. */
#define ARENA_NEW(arena, type, count) ((type *)arena_alloc((arena), (count), sizeof(type)))

#endif
