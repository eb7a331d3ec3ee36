#include "sandbox/base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* So large that a freed block is whole pages, which malloc_trim(3) can give back. */
enum { ARENA_BLOCK = 16384 - 64 };

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t size;
	alignas(max_align_t) unsigned char bytes[];
};

struct arena_kept {
	struct arena_kept *next;
	void *memory;
};

static void free_blocks(struct arena_block *block)
{
	while (block != NULL) {
		struct arena_block *next = block->next;

		free(block);
		block = next;
	}
}

/* What is kept is listed in the blocks. */
static void free_kept(struct arena *arena)
{
	for (; arena->kept != NULL; arena->kept = arena->kept->next)
		free(arena->kept->memory);
}

void arena_done(struct arena *arena)
{
	free_kept(arena);
	free_blocks(arena->head);
	arena->head = NULL;
}

void arena_reset(struct arena *arena)
{
	free_kept(arena);
	if (arena->head == NULL)
		return;
	free_blocks(arena->head->next);
	arena->head->next = NULL;
	arena->head->used = 0;
}

static struct arena_block *block_new(size_t size)
{
	struct arena_block *block;

	if (size > SIZE_MAX - sizeof *block)
		abort();
	block = malloc(sizeof *block + size);
	if (block == NULL)
		abort();
	*block = (struct arena_block){ .size = size };
	return block;
}

/* A block with room for `size`, which is new. */
static struct arena_block *block_add(struct arena *arena, size_t size)
{
	struct arena_block *block = block_new(size > ARENA_BLOCK ? size : ARENA_BLOCK);
	struct arena_block *head = arena->head;

	/* A big object gets a block of its own behind the head, whose room stays in use. */
	if (head != NULL && size > ARENA_BLOCK / 4 && head->size - head->used > ARENA_BLOCK / 4) {
		block->next = head->next;
		head->next = block;
	} else {
		block->next = head;
		arena->head = block;
	}
	return block;
}

void pages_touch(void *memory, size_t size)
{
	const uintptr_t page = 4096; /* where they are larger the kernel may refuse: no harm */
	uintptr_t start = (uintptr_t)memory;
	uintptr_t first = (start + page - 1) & ~(page - 1), end = (start + size) & ~(page - 1);

	if (first < end)
		madvise((void *)first, end - first, MADV_POPULATE_WRITE);
}

void arena_reserve(struct arena *arena, size_t size)
{
	struct arena_block *block = block_new(size);

	block->next = arena->head;
	arena->head = block;
	pages_touch(block, size);
}

/* Not zeroed; from a multiple of `unit` on, a power of two. */
static void *take(struct arena *arena, size_t size, size_t unit)
{
	struct arena_block *block = arena->head;
	size_t start = block == NULL ? 0 : (block->used + unit - 1) & ~(unit - 1);

	if (size > SIZE_MAX / 2)
		abort();
	if (block == NULL || start > block->size || block->size - start < size) {
		block = block_add(arena, size);
		start = 0;
	}
	block->used = start + size;
	return block->bytes + start;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	size = size == 0 ? 1 : size;
	/* here and not by calloc(3): what is never asked for is never touched */
	return memset(take(arena, size, alignof(max_align_t)), 0, size);
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		abort();
	return arena_alloc(arena, total);
}

void *arena_more(struct arena *arena, void *items, size_t count, size_t *room, size_t size)
{
	void *more;

	if (count < *room)
		return items;
	*room = *room == 0 ? 8 : 2 * *room;
	more = arena_array(arena, *room, size);
	return count == 0 ? more : memcpy(more, items, count * size);
}

char *arena_text(struct arena *arena, const char *text, size_t length)
{
	char *copy;

	if (length == SIZE_MAX)
		abort();
	copy = take(arena, length + 1, 1);
	memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return text == NULL ? NULL : arena_text(arena, text, strlen(text));
}

void *arena_copy(struct arena *arena, const void *data, size_t size)
{
	void *copy = take(arena, size == 0 ? 1 : size, alignof(max_align_t));

	if (size > 0)
		memcpy(copy, data, size);
	return copy;
}

void arena_keep(struct arena *arena, void *memory)
{
	struct arena_kept *kept = arena_alloc(arena, sizeof *kept);

	*kept = (struct arena_kept){ arena->kept, memory };
	arena->kept = kept;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	char shortly[256], *text;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(shortly, sizeof shortly, format, arguments);
	va_end(arguments);
	if (length < 0)
		abort();
	if ((size_t)length < sizeof shortly)
		return arena_text(arena, shortly, (size_t)length);
	text = take(arena, (size_t)length + 1, 1);
	va_start(arguments, format);
	vsnprintf(text, (size_t)length + 1, format, arguments);
	va_end(arguments);
	return text;
}
