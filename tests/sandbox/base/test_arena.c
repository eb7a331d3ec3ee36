/* Memory of an arena: zeroed, aligned, apart from each other, freed at once; overflow aborts. */
#include "sandbox/base/arena.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <signal.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

static bool is_filled(const unsigned char *bytes, size_t size, unsigned char value)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i] != value)
			return false;
	return true;
}

/* Small, large, larger than a block, and nothing, in turn: none touches another. */
static void test_pieces(void **state)
{
	static const size_t sizes[] = { 1, 7, 16, 100, 5000, 0, 20000, 3, 100000, 64 };
	enum { PIECES = 400 };
	_cleanup_arena struct arena arena = {};
	unsigned char *pieces[PIECES];

	(void)state;
	for (size_t i = 0; i < PIECES; i++) {
		size_t size = sizes[i % ARRAY_SIZE(sizes)];

		pieces[i] = arena_alloc(&arena, size);
		assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
		assert_true(is_filled(pieces[i], size, 0));
		memset(pieces[i], (int)(i % 255 + 1), size);
	}
	for (size_t i = 0; i < PIECES; i++)
		assert_true(is_filled(pieces[i], sizes[i % ARRAY_SIZE(sizes)],
		                      (unsigned char)(i % 255 + 1)));
}

static void test_copies(void **state)
{
	_cleanup_arena struct arena arena = {};
	char word[] = "word";

	(void)state;
	assert_null(arena_strdup(&arena, NULL));
	assert_string_equal(arena_strdup(&arena, ""), "");
	assert_ptr_not_equal(arena_strdup(&arena, word), word);
	assert_string_equal(arena_text(&arena, word, 2), "wo");
	assert_string_equal(arena_printf(&arena, "%s-%d", word, 7), "word-7");
	assert_memory_equal(arena_copy(&arena, word, sizeof word), word, sizeof word);
	assert_non_null(arena_copy(&arena, NULL, 0));
}

/* Texts take their bytes and no more; what comes behind them is aligned all the same. */
static void test_texts_between(void **state)
{
	_cleanup_arena struct arena arena = {};
	char *before = arena_text(&arena, "a", 1), *behind = arena_text(&arena, "b", 1);
	unsigned char *object;

	(void)state;
	assert_ptr_equal(behind, before + 2);
	for (size_t length = 0; length < 40000; length += 997) {
		char *text = malloc(length + 1);

		assert_non_null(text);
		memset(text, 'x', length);
		behind = arena_text(&arena, text, length);
		object = arena_alloc(&arena, 24);
		assert_int_equal((uintptr_t)object % alignof(max_align_t), 0);
		assert_true(is_filled(object, 24, 0));
		memset(object, 0xff, 24);
		text[length] = '\0';
		assert_string_equal(behind, text);
		arena_keep(&arena, text);
	}
	assert_string_equal(before, "a");
	memset(arena_alloc(&arena, 300), 'y', 299);
	assert_int_equal(strlen(arena_printf(&arena, "%0300d", 1)), 300);
	assert_int_equal(strlen(arena_printf(&arena, "%0255d", 1)), 255);
}

static void test_done_twice(void **state)
{
	struct arena arena = {};

	(void)state;
	arena_done(&arena);
	assert_non_null(arena_alloc(&arena, 50000));
	arena_done(&arena);
	arena_done(&arena);
	assert_null(arena.head);
}

/* Emptied: zeroed again, what was kept is freed (a leak checker sees it), and a block is used
 * again. */
static void test_reset(void **state)
{
	_cleanup_arena struct arena arena = {};
	unsigned char *first;

	(void)state;
	arena_reset(&arena);
	first = arena_alloc(&arena, 100);
	for (size_t round = 0; round < 50; round++) {
		unsigned char *piece;

		arena_reset(&arena);
		piece = arena_alloc(&arena, 100);
		assert_ptr_equal(piece, first);
		assert_true(is_filled(piece, 100, 0));
		memset(piece, 0xff, 100);
		arena_keep(&arena, malloc(10));
		memset(arena_alloc(&arena, 5000), 0xff, 5000);
	}
	/* larger than a block, and many blocks: one stays */
	for (size_t i = 0; i < 10; i++)
		memset(arena_alloc(&arena, 15000 + i * 10000), 0xff, 15000 + i * 10000);
	arena_reset(&arena);
	assert_true(is_filled(arena_alloc(&arena, 15000), 15000, 0));
	assert_true(is_filled(arena_alloc(&arena, 200000), 200000, 0));
}

/* A count that a file may hold, times a size: no small piece for a large wish. */
static void test_overflow_aborts(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		struct arena arena = {};

		signal(SIGABRT, SIG_DFL);
		arena_array(&arena, SIZE_MAX / 4, 8);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pieces),        cmocka_unit_test(test_copies),
		cmocka_unit_test(test_texts_between), cmocka_unit_test(test_done_twice),
		cmocka_unit_test(test_reset),         cmocka_unit_test(test_overflow_aborts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
