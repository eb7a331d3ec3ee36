/* Addresses: what is the same origin, where a link leads, and what is none. */
#include "runtime/registry/client/url.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_origins(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
		{ "https://r.io/a", "https://r.io/b?c#d", true },
		{ "https://r.io", "https://r.io:443/", true },
		{ "http://r.io:80", "http://r.io", true },
		{ "https://R.io/", "HTTPS://r.IO/", true },
		{ "https://r.io", "http://r.io", false },
		{ "https://r.io", "https://r.io:444", false },
		{ "https://r.io", "https://s.io", false },
		{ "https://r.io", "https://r.io.evil.io", false },
		/* what is before an @ is no host */
		{ "https://r.io", "https://r.io@evil.io/", false },
		{ "https://r.io", "https://evil.io/@r.io", false },
		{ "https://r.io", "https://evil.io#@r.io", false },
		{ "https://[::1]:5000/", "https://[::1]:5000/x", true },
		{ "https://[::1]:5000/", "https://[::2]:5000/", false },
		{ "https://r.io", "", false },
		{ "", "", false },
		{ "/a", "/a", false },
		{ "https://r.io", "https://r.io:port/", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (url_same_origin(rows[i].a, rows[i].b) != rows[i].same ||
		    url_same_origin(rows[i].b, rows[i].a) != rows[i].same)
			fail_msg("%s and %s", rows[i].a, rows[i].b);
}

static void test_escape(void **state)
{
	_cleanup_arena struct arena arena = {};

	(void)state;
	assert_string_equal(url_escape(&arena, "repository:a/b:pull,push"),
	                    "repository%3Aa%2Fb%3Apull%2Cpush");
	assert_string_equal(url_escape(&arena, "a b&c=d\xc3\xa4%"), "a%20b%26c%3Dd%C3%A4%25");
	assert_string_equal(url_escape(&arena, "aZ09-._~"), "aZ09-._~");
	assert_string_equal(url_escape(&arena, ""), "");
}

static void test_resolve(void **state)
{
	static const struct {
		const char *location, *expected;
	} rows[] = {
		{ "/v2/x?y=1", "https://r.io:5000/v2/x?y=1" },
		{ "x", "https://r.io:5000/v2/a/x" },
		{ "../x", "https://r.io:5000/v2/x" },
		{ "https://s.io/y", "https://s.io/y" },
		{ "//s.io/y", "https://s.io/y" },
		{ "file:///etc/passwd",
		  "file:///etc/passwd" }, /* who may be asked is for others to say */
		{ "https://s.io:port/", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_text struct text location = {};

		text_append(&location, rows[i].location);
		url_resolve(&location, "https://r.io:5000/v2/a/b");
		assert_string_equal(text_string(&location), rows[i].expected);
	}
}

static void test_next(void **state)
{
	static const struct {
		const char *link, *expected;
	} rows[] = {
		{ "", "" },
		{ "/v2/x?last=1", "/v2/x?last=1" },
		{ "?last=1", "/v2/a/b?last=1" },
		{ "https://r.io/v2/x", "/v2/x" },
		{ "https://r.io:443/v2/x", "/v2/x" },
		/* to nobody else */
		{ "https://s.io/v2/x", "" },
		{ "http://r.io/v2/x", "" },
		{ "//s.io/x", "" },
		{ "https://r.io@s.io/v2/x", "" },
		{ "file:///etc/passwd", "" },
	};
	char ret[32], small[6];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		strcpy(ret, "untouched");
		url_next(ret, sizeof ret, rows[i].link, "https://r.io/v2/a/b");
		assert_string_equal(ret, rows[i].expected);
	}
	url_next(ret, sizeof ret, "/v2/a/very/long/way/to/the/next/page", "https://r.io/v2/a/b");
	assert_string_equal(ret, "");
	url_next(small, sizeof small, "/v2/x", "https://r.io/v2/a/b");
	assert_string_equal(small, "/v2/x");
	url_next(small, sizeof small, "/v2/xy", "https://r.io/v2/a/b");
	assert_string_equal(small, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_origins),
		cmocka_unit_test(test_escape),
		cmocka_unit_test(test_resolve),
		cmocka_unit_test(test_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
