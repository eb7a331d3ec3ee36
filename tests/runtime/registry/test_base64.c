/* base64: the vectors of RFC 4648, both ways, and what is none. */
#include "runtime/registry/base64.h"
#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct pair {
	const char *plain, *coded;
} pairs[] = {
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
	{ "\xff\xef\xbe", "/+++" },
	{ "user:p\xc3\xa4ss", "dXNlcjpww6Rzcw==" },
};

static const char *const wrong[] = {
	"Z",    "Zg",         "Zg=",    "Zg===", "=",    "====",     "Z===", "Zh==", /* bits behind
	                                                                              */
	"Zm9=", "Zm 9v",      "Zm9v\t", "Zm9-",  "Zm9_", "Zg==Zg==", "Zg=v", "Zm9\x80", "Zm9vZg=A",
	"Zg\n", "Zg==\nZg==", "Zg=\n",
};

static void test_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		_cleanup_text struct text coded = {}, plain = {};

		base64_encode(&coded, pairs[i].plain, strlen(pairs[i].plain));
		assert_string_equal(text_string(&coded), pairs[i].coded);
		text_append(&plain, ">");
		assert_true(base64_decode(&plain, pairs[i].coded));
		assert_string_equal(text_string(&plain) + 1, pairs[i].plain);
	}
}

static void test_lines(void **state)
{
	static const char *const broken[] = { "Zm9v\nYmFy", "Zm\r\n9vYm\nFy\n", "\n\nZm9vYmFy\r" };
	_cleanup_text struct text plain = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		plain.length = 0;
		assert_true(base64_decode(&plain, broken[i]));
		assert_string_equal(text_string(&plain), "foobar");
	}
	plain.length = 0;
	assert_true(base64_decode(&plain, "Zg=\n="));
	assert_string_equal(text_string(&plain), "f");
}

static void test_every_byte(void **state)
{
	_cleanup_text struct text coded = {}, plain = {};
	unsigned char bytes[256];

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)i;
	base64_encode(&coded, bytes, sizeof bytes);
	assert_true(base64_decode(&plain, text_string(&coded)));
	assert_int_equal(plain.length, sizeof bytes);
	assert_memory_equal(plain.data, bytes, sizeof bytes);
}

static void test_wrong(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		_cleanup_text struct text plain = {};

		text_append(&plain, "kept");
		if (base64_decode(&plain, wrong[i]))
			fail_msg("'%s' was taken", wrong[i]);
		assert_int_equal(plain.length, 4);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
