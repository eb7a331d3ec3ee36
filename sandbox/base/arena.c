#include "sandbox/base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* So large that a freed block is whole pages, which malloc_trim(3) can give back. */
enum { ARENA_BLOCK = 16384 - 64 };

struct arena_block {
	struct arena_block *next;
	size_t used;
	size_t size;
	alignas(max_align_t) unsigned char bytes[];
};

void arena_done(struct arena *arena)
{
	while (arena->head != NULL) {
		struct arena_block *block = arena->head;

		arena->head = block->next;
		free(block);
	}
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

void *arena_alloc(struct arena *arena, size_t size)
{
	const size_t unit = alignof(max_align_t);
	struct arena_block *head = arena->head;
	void *memory;

	if (size > SIZE_MAX / 2)
		abort();
	size = size == 0 ? unit : (size + unit - 1) / unit * unit;
	if (head == NULL || head->size - head->used < size) {
		struct arena_block *block = block_new(size > ARENA_BLOCK ? size : ARENA_BLOCK);

		/* A big object gets a block of its own behind the head, whose room stays in use. */
		if (head != NULL && size > ARENA_BLOCK / 4 &&
		    head->size - head->used > ARENA_BLOCK / 4) {
			block->next = head->next;
			head->next = block;
		} else {
			block->next = head;
			arena->head = block;
		}
		head = block;
	}
	memory = head->bytes + head->used;
	head->used += size;
	/* here and not by calloc(3): what is never asked for is never touched */
	return memset(memory, 0, size);
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		abort();
	return arena_alloc(arena, total);
}

char *arena_text(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_alloc(arena, length + 1);

	memcpy(copy, text, length);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return text == NULL ? NULL : arena_text(arena, text, strlen(text));
}

void *arena_copy(struct arena *arena, const void *data, size_t size)
{
	void *copy = arena_alloc(arena, size);

	if (size > 0)
		memcpy(copy, data, size);
	return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list arguments;
	char *text;
	int length;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length < 0)
		abort();
	text = arena_alloc(arena, (size_t)length + 1);
	va_start(arguments, format);
	vsnprintf(text, (size_t)length + 1, format, arguments);
	va_end(arguments);
	return text;
}
