/* error: what is kept of a line that is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sandbox/base/error.h"

#include <string.h>

static struct error point(const char *line, unsigned column)
{
	struct error err = {};

	error_set(&err, 0, "x");
	assert_int_equal(error_point(&err, line, strlen(line), column), -1);
	return err;
}

static void test_short_line(void **state)
{
	struct error err = point("one two", 5);

	(void)state;
	assert_string_equal(err.source, "one two");
	assert_int_equal(err.column, 5);
	err = point("one", 4); /* behind its end: something is missing there */
	assert_string_equal(err.source, "one");
	assert_int_equal(err.column, 4);
	assert_string_equal(point("one", 5).source, "");
	assert_string_equal(point("one", 0).source, "");
}

/* Wherever the place is, the byte under the caret is the one that was meant. */
static void test_long_line(void **state)
{
	char line[1000];

	(void)state;
	for (size_t i = 0; i < sizeof line - 1; i++)
		line[i] = (char)('a' + i % 26);
	line[sizeof line - 1] = '\0';
	for (unsigned column = 1; column < sizeof line; column++) {
		struct error err = point(line, column);

		assert_true(strlen(err.source) < sizeof err.source);
		assert_int_equal(err.source[err.column - 1], line[column - 1]);
	}
	assert_memory_equal(point(line, 1).source, "abc", 3);
	assert_memory_equal(point(line, 900).source, "\xe2\x80\xa6", 3);
}

/* No character is cut in two. */
static void test_characters(void **state)
{
	char line[901];

	(void)state;
	for (size_t i = 0; i < 900; i += 3)
		memcpy(line + i, "\xe2\x82\xac", 3);
	line[900] = '\0';
	for (unsigned column = 1; column < 900; column += 3) {
		struct error err = point(line, column);

		for (size_t i = 0; err.source[i] != '\0'; i += 3)
			assert_true(memcmp(err.source + i, "\xe2\x82\xac", 3) == 0 ||
			            memcmp(err.source + i, "\xe2\x80\xa6", 3) == 0);
	}
}

static void test_set_forgets(void **state)
{
	struct error err = point("one", 1);

	(void)state;
	error_prefix(&err, "file");
	assert_string_equal(err.source, "one");
	error_set(&err, 0, "another");
	assert_string_equal(err.source, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short_line),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_characters),
		cmocka_unit_test(test_set_forgets),
	};

	return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
