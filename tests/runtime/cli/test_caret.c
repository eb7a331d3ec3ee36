/* A line and the caret below it: in one column, whatever the line is made of, and never long. */
#include "runtime/cli/caret.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_lines(void **state)
{
	static const struct {
		const char *line;
		unsigned column;
		const char *shown;
	} rows[] = {
		{ "abc", 1, "  abc\n  ^\n" },
		{ "abc", 3, "  abc\n    ^\n" },
		{ "abc", 4, "  abc\n     ^\n" }, /* behind the end: what is missing there */
		{ "abc", 5, "" },
		{ "abc", 0, "" },
		{ "", 1, "  \n  ^\n" },
		{ "\t\tx", 3, "  \t\tx\n  \t\t^\n" },
		/* a letter of several bytes is one column */
		{ "\xc3\xa4\xe2\x82\xacx", 6, "  \xc3\xa4\xe2\x82\xacx\n    ^\n" },
		{ "a\x1b[2Jb", 1, "  a\\x1b[2Jb\n  ^\n" },
		{ "a\x1b[2Jb", 6, "  a\\x1b[2Jb\n          ^\n" },
		/* a letter of East Asia is two, and so is a picture */
		{ "\xe6\xbc\xa2x", 4, "  \xe6\xbc\xa2x\n    ^\n" },
		{ "\xf0\x9f\x98\x80x", 5, "  \xf0\x9f\x98\x80x\n    ^\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_text struct text text = {};

		caret_append(&text, rows[i].line, rows[i].column);
		assert_string_equal(text_string(&text), rows[i].shown);
	}
}

/* The columns of the caret and of the letter it is below, without what stands before both. */
static void check(const char *line, unsigned column)
{
	_cleanup_text struct text text = {};
	const char *second, *caret;
	size_t wide = 0, place = 0;

	caret_append(&text, line, column);
	second = strchr(text_string(&text), '\n');
	assert_non_null(second);
	caret = strchr(second, '^');
	assert_non_null(caret);
	place = (size_t)(caret - second - 1);
	for (const char *byte = text_string(&text); byte < second; byte++) {
		wide += ((unsigned char)*byte & 0xc0) != 0x80;
		if (wide == place + 1 && ((unsigned char)*byte & 0xc0) != 0x80 &&
		    *byte != line[column - 1] && line[column - 1] != '\0')
			fail_msg("column %u: below %s", column, byte);
	}
	assert_in_range(wide, 1, 110);
}

static void test_long_lines(void **state)
{
	char line[3001];

	(void)state;
	for (size_t i = 0; i < 3000; i++)
		line[i] = (char)('a' + i % 26);
	line[3000] = '\0';
	for (unsigned column = 1; column <= 3001; column++)
		check(line, column);
	line[101] = '\0';
	for (unsigned column = 1; column <= 102; column++)
		check(line, column);
}

/* Letters of three bytes are not cut. */
static void test_long_lines_of_wide_letters(void **state)
{
	_cleanup_text struct text line = {};

	(void)state;
	for (int i = 0; i < 200; i++)
		text_append(&line, "\xe2\x82\xac");
	for (unsigned column = 1; column <= line.length; column++) {
		_cleanup_text struct text text = {};

		caret_append(&text, text_string(&line), column);
		assert_null(strstr(text_string(&text), "\\x"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_long_lines_of_wide_letters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
