/*
 * arena: memory that lives and dies together.
 *
 * One arena per policy, per plan, per decoded document. Nothing in it is freed alone; arena_done
 * frees all. Memory is zeroed. Out of memory aborts: a process of this size has no better answer.
 */
#ifndef CORDON_BASE_ARENA_H
#define CORDON_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena_block;
struct arena_kept;

/* Zero-initialised is ready for use: `struct arena arena = {};`, or `_cleanup_arena struct arena a
 * = {}`. */
struct arena {
	struct arena_block *head;
	struct arena_kept *kept;
};

void arena_done(struct arena *arena);
/* Empties it for what comes next, which finds the memory of one block touched already. */
void arena_reset(struct arena *arena);

/* Room for `size` bytes, whose pages are there at once: for what is sure to be written soon, a
 * fault a page is most of the time. */
void arena_reserve(struct arena *arena, size_t size);
/* The same of other memory, where the kernel can (MADV_POPULATE_WRITE, Linux 5.14). */
void pages_touch(void *memory, size_t size);

/* Zeroed memory, aligned for any type. size 0 gives a valid, unusable pointer. */
void *arena_alloc(struct arena *arena, size_t size)
        __attribute__((malloc, returns_nonnull, alloc_size(2)));

/* Zeroed array; aborts when count * size overflows. */
void *arena_array(struct arena *arena, size_t count, size_t size) __attribute__((returns_nonnull));
/* An array that grows by one, of which *room is the number of items there is room for: itself, or
 * twice as many (at first eight), with `count` items copied. */
void *arena_more(struct arena *arena, void *items, size_t count, size_t *room, size_t size)
        __attribute__((returns_nonnull));

/* Copies. arena_text copies `length` bytes and adds a NUL. A NULL text gives NULL. */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_text(struct arena *arena, const char *text, size_t length)
        __attribute__((returns_nonnull));
void *arena_copy(struct arena *arena, const void *data, size_t size)
        __attribute__((returns_nonnull));
char *arena_printf(struct arena *arena, const char *format, ...)
        __attribute__((format(printf, 2, 3), returns_nonnull));

/* Takes over what malloc(3) gave: arena_done frees it. */
void arena_keep(struct arena *arena, void *memory);

#define _cleanup_arena __attribute__((cleanup(arena_done)))

#endif
