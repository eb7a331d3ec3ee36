/* Growing strings, strict numbers, and what a terminal may see of a stranger's name. */
#include "sandbox/base/text.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_grows(void **state)
{
	_cleanup_text struct text text = {};

	(void)state;
	assert_string_equal(text_string(&text), "");
	for (int i = 0; i < 10000; i++)
		text_printf(&text, "%d,", i % 10);
	assert_int_equal(text.length, 20000);
	assert_int_equal(strlen(text.data), 20000);
	text_clear(&text);
	assert_string_equal(text_string(&text), "");
	text_append(&text, "a");
	text_append_bytes(&text, "\0b", 2);
	text_append_char(&text, 'c');
	assert_int_equal(text.length, 4);
	assert_memory_equal(text.data, "a\0bc", 5);
}

/* Room alone is an empty text, whatever was in that memory before. */
static void test_room(void **state)
{
	(void)state;
	for (size_t room = 0; room < 3000; room += 97) {
		_cleanup_text struct text text = {};
		char *dirt = malloc(room + 64);

		assert_non_null(dirt);
		memset(dirt, 'x', room + 64);
		/* or the compiler would leave it out */
		__asm__ volatile("" : : "r"(dirt) : "memory");
		free(dirt);
		text_reserve(&text, room);
		assert_string_equal(text.data, "");
		assert_int_equal(text.length, 0);
		text_append(&text, "kept");
		text_reserve(&text, 2 * room + 100);
		assert_string_equal(text.data, "kept");
	}
}

static void test_numbers(void **state)
{
	static const struct {
		const char *text;
		uint64_t max;
		bool valid;
		uint64_t number;
	} rows[] = {
		{ "0", 10, true, 0 },
		{ "10", 10, true, 10 },
		{ "11", 10, false, 0 },
		{ "007", 10, true, 7 },
		{ "18446744073709551615", UINT64_MAX, true, UINT64_MAX },
		{ "18446744073709551616", UINT64_MAX, false, 0 },
		{ "99999999999999999999999", UINT64_MAX, false, 0 },
		{ "", 10, false, 0 },
		{ " 1", 10, false, 0 },
		{ "1 ", 10, false, 0 },
		{ "+1", 10, false, 0 },
		{ "-1", 10, false, 0 },
		{ "0x1", 10, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t number = 77;

		if (text_to_number(&number, rows[i].text, rows[i].max) != rows[i].valid)
			fail_msg("%s", rows[i].text);
		assert_true(number == (rows[i].valid ? rows[i].number : 77));
	}
}

static void test_sizes(void **state)
{
	static const struct {
		const char *text;
		bool valid;
		uint64_t bytes;
	} rows[] = {
		{ "100", true, 100 },
		{ "100b", true, 100 },
		{ "512k", true, 512 << 10 },
		{ "64m", true, 64 << 20 },
		{ "64M", true, 64 << 20 },
		{ "1.5g", true, UINT64_C(3) << 29 },
		{ "", false, 0 },
		{ "m", false, 0 },
		{ "-1m", false, 0 },
		{ "1x", false, 0 },
		{ "1mm", false, 0 },
		{ "99999999999999999999g", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t bytes = 77;

		if (text_to_bytes(&bytes, rows[i].text) != rows[i].valid)
			fail_msg("%s", rows[i].text);
		assert_true(bytes == (rows[i].valid ? rows[i].bytes : 77));
	}
}

static void test_compared(void **state)
{
	(void)state;
	assert_true(text_equal(NULL, NULL) && text_equal("a", "a"));
	assert_false(text_equal(NULL, "") || text_equal("", NULL) || text_equal("a", "b"));
	assert_true(text_starts("abc", "ab") && text_starts("abc", ""));
	assert_false(text_starts("ab", "abc"));
	assert_true(text_ends("abc", "bc") && text_ends("abc", "abc"));
	assert_false(text_ends("bc", "abc"));
}

static void test_distance(void **state)
{
	(void)state;
	assert_int_equal(text_distance("socket", "socket"), 0);
	assert_int_equal(text_distance("socket", "scoket"), 1); /* two letters swapped */
	assert_int_equal(text_distance("socket", "sockt"), 1);
	assert_int_equal(text_distance("socket", "sockets"), 1);
	assert_int_equal(text_distance("socket", "rocket"), 1);
	assert_int_equal(text_distance("", "abc"), 3);
	assert_true(text_distance("open", "ptrace") > 3);
}

/* Escape sequences, line ends, C1 controls as bytes and as UTF-8 are shown, not sent. */
static void test_visible(void **state)
{
	static const struct {
		const char *given, *shown;
	} rows[] = {
		{ "plain text", "plain text" },
		{ "a\nb\tc", "a\\x0ab\\x09c" },
		{ "\x1b[2J", "\\x1b[2J" },
		{ "caf\xc3\xa9", "caf\xc3\xa9" },
		{ "\x9b"
		  "2J",
		  "\\x9b2J" },
		{ "\xc2\x9b"
		  "2J",
		  "\\xc2\\x9b2J" },
		{ "\x7f", "\\x7f" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_text struct text text = {};

		text_append_visible(&text, rows[i].given, strlen(rows[i].given));
		assert_string_equal(text_string(&text), rows[i].shown);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grows),    cmocka_unit_test(test_room),
		cmocka_unit_test(test_numbers),  cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_compared), cmocka_unit_test(test_distance),
		cmocka_unit_test(test_visible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
