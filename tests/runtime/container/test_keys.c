/* Detach keys: notation, and what is typed around them. */
#include "runtime/container/keys.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_notation(void **state)
{
	static const struct {
		const char *text, *codes; /* codes NULL: an error */
	} rows[] = {
		{ NULL, "\x10\x11" },
		{ "", "" },
		{ "ctrl-a", "\x01" },
		{ "ctrl-a,d", "\x01"
		              "d" },
		{ "a,b,c", "abc" },
		{ "ctrl-[", "\x1b" },
		{ "ctrl-_", "\x1f" },
		{ "ctrl-A", NULL },
		{ "ctrl-", NULL },
		{ "ab", NULL },
		{ ",a", NULL },
		{ "a,,b", NULL },
	};
	struct error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct keys keys = {};
		int result = keys_parse(&keys, rows[i].text, &err);

		if (result != (rows[i].codes == NULL ? -1 : 0))
			fail_msg("'%s': %d", rows[i].text, result);
		if (result < 0)
			continue;
		assert_int_equal(keys.count, strlen(rows[i].codes));
		assert_memory_equal(keys.codes, rows[i].codes, keys.count);
	}
}

/* The keys and what is typed in words; what goes on must be the same however it is cut up. */
static void check(const char *notation, const char *typed, const char *expected, bool detached)
{
	for (size_t step = 1; step <= strlen(typed); step++) {
		char passed[128] = "";
		size_t total = 0;
		struct keys keys;
		struct error err;
		bool done = false;

		assert_int_equal(keys_parse(&keys, notation, &err), 0);
		for (size_t i = 0; i < strlen(typed) && !done; i += step) {
			size_t left = strlen(typed) - i, length;

			done = keys_match(&keys, typed + i, left < step ? left : step,
			                  passed + total, &length);
			total += length;
		}
		passed[total] = '\0';
		assert_string_equal(passed, expected);
		assert_int_equal(done, detached);
	}
}

static void test_match(void **state)
{
	(void)state;
	check("ctrl-p,ctrl-q", "ls\n", "ls\n", false);
	check("ctrl-p,ctrl-q", "\x10\x11", "", true);
	check("ctrl-p,ctrl-q", "a\x10\x11", "a", true);
	check("ctrl-p,ctrl-q", "\x10x", "\x10x", false);
	check("ctrl-p,ctrl-q", "\x10\x10\x11", "\x10", true);
	check("ctrl-p,ctrl-q", "\x11\x10", "\x11", false); /* held back */
	check("a,a,b", "aaab", "a", true);
	check("a,b,a,c", "ababac", "ab", true);
	check("a,b", "aab", "a", true);
	check("q", "xq", "x", true);
	check("", "anything", "anything", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_notation),
		cmocka_unit_test(test_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
