/* What is UTF-8 and what is bytes: RFC 3629, beside a decoder of plain arithmetic. */
#include "sandbox/base/utf8.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static size_t encode(unsigned char ret[4], uint32_t letter)
{
	static const unsigned char leads[] = { 0, 0x00, 0xc0, 0xe0, 0xf0 };
	size_t length = letter < 0x80 ? 1 : letter < 0x800 ? 2 : letter < 0x10000 ? 3 : 4;

	for (size_t i = length; i-- > 1; letter >>= 6)
		ret[i] = (unsigned char)(0x80 | (letter & 0x3f));
	ret[0] = (unsigned char)(leads[length] | letter);
	return length;
}

/* Every letter there is, whole and cut off. */
static void test_every_letter(void **state)
{
	(void)state;
	for (uint32_t letter = 0; letter < 0x110000; letter++) {
		unsigned char bytes[4];
		size_t length = encode(bytes, letter);
		bool surrogate = letter >= 0xd800 && letter < 0xe000;

		if (utf8_sequence((const char *)bytes, length) != (surrogate ? 0 : length))
			fail_msg("U+%04X", letter);
		if (length > 1 && utf8_sequence((const char *)bytes, length - 1) != 0)
			fail_msg("U+%04X cut off", letter);
		if (!surrogate && length > 1 &&
		    utf8_unfinished((const char *)bytes, length - 1) != length - 1)
			fail_msg("U+%04X unfinished", letter);
	}
}

static void test_invalid(void **state)
{
	static const char *const rows[] = {
		"\x80",             /* a continuation alone */
		"\xc0\x80",         /* NUL in two bytes */
		"\xc1\xbf",         /* DEL in two */
		"\xe0\x9f\xbf",     /* not the shortest */
		"\xf0\x8f\xbf\xbf", /* nor this */
		"\xf4\x90\x80\x80", /* above U+10FFFF */
		"\xf5\x80\x80\x80",
		"\xff",
		"\xed\xa0\x80",
		"\xc3(",
		"\xe2\x82(",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (utf8_sequence(rows[i], strlen(rows[i])) != 0)
			fail_msg("row %zu", i);
}

static void test_append(void **state)
{
	_cleanup_text struct text text = {};

	(void)state;
	utf8_append(&text, "a\xffz", 3);
	utf8_append(&text, "caf\xc3\xa9", 5);
	assert_string_equal(text_string(&text), "a\xef\xbf\xbdzcaf\xc3\xa9");
	assert_int_equal(utf8_unfinished("abc", 3), 0);
	assert_int_equal(utf8_unfinished("ab\xe2\x82", 4), 2);
	assert_int_equal(utf8_unfinished("", 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_letter),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_append),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
