/* header: the first reading of what a stranger says. */
#include "runtime/registry/client/header.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static bool parse(struct header *ret, const char *line)
{
	return header_parse(ret, line, strlen(line));
}

static void test_lines(void **state)
{
	struct header header;

	(void)state;
	assert_true(parse(&header, "Content-Type:  text/html ; charset=x \r\n"));
	assert_string_equal(header.name, "Content-Type");
	assert_string_equal(header.value, "text/html ; charset=x");
	assert_true(parse(&header, "X:\r\n"));
	assert_string_equal(header.value, "");
	assert_true(parse(&header, "X:a:b"));
	assert_string_equal(header.value, "a:b");
	assert_false(parse(&header, "no colon\r\n"));
	assert_false(parse(&header, ": no name"));
	assert_false(parse(&header, "two words: x"));
	assert_false(parse(&header, "X: \033[31m"));
	assert_false(parse(&header, ""));
}

static void test_long_lines(void **state)
{
	_cleanup_text struct text line = {};
	struct header header;

	(void)state;
	text_append(&line, "X: ");
	for (size_t i = 0; i < sizeof header.value - 1; i++)
		text_append_char(&line, 'v');
	assert_true(parse(&header, text_string(&line)));
	text_append_char(&line, 'v');
	assert_false(parse(&header, text_string(&line)));
	text_clear(&line);
	for (size_t i = 0; i < sizeof header.name; i++)
		text_append_char(&line, 'n');
	text_append(&line, ": v");
	assert_false(parse(&header, text_string(&line)));
}

static void test_numbers(void **state)
{
	(void)state;
	assert_int_equal(header_seconds("120"), 120);
	assert_int_equal(header_seconds("3600"), 3600);
	assert_int_equal(header_seconds("3601"), 3600);
	assert_int_equal(header_seconds("18446744073709551615"), 3600);
	assert_int_equal(header_seconds("18446744073709551616"), 0);
	assert_int_equal(header_seconds("1.5"), 0);
	assert_int_equal(header_seconds("-1"), 0);
	assert_int_equal(header_seconds("Wed, 21 Oct 2015 07:28:00 GMT"), 0);
	assert_true(header_range_starts("bytes 100-199/200", 100));
	assert_true(header_range_starts("Bytes 0-1/*", 0));
	assert_false(header_range_starts("bytes 101-199/200", 100));
	assert_false(header_range_starts("bytes 100", 100));
	assert_false(header_range_starts("bytes */200", 0));
	assert_false(header_range_starts("bytes 99999999999999999999999-1/2", 1));
	assert_false(header_range_starts("lines 1-2/3", 1));
}

static void test_dates(void **state)
{
	(void)state;
	assert_int_equal(header_date("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
	assert_int_equal(header_date("Sunday, 06-Nov-94 08:49:37 GMT"), 784111777);
	assert_int_equal(header_date("Sun Nov  6 08:49:37 1994"), 784111777);
	assert_int_equal(header_date("Sun, 06 Nov 1994 08:49:37 +0100"), 0);
	assert_int_equal(header_date("Sun, 06 Nov 1994 08:49:37 GMT and more"), 0);
	assert_int_equal(header_date("Sun, 06 Nov 1894 08:49:37 GMT"), 0);
	assert_int_equal(header_date("Sun, 32 Nov 1994 08:49:37 GMT"), 0);
	assert_int_equal(header_date("120"), 0);
	assert_int_equal(header_date(""), 0);
	assert_int_equal(header_until(1000, 990), 10);
	assert_int_equal(header_until(1000, 1000), 0);
	assert_int_equal(header_until(990, 1000), 0);
	assert_int_equal(header_until(0, 990), 0);
	assert_int_equal(header_until(1000, 0), 0);
	assert_int_equal(header_until(INT64_MAX, 1), 3600);
}

static void test_media_types(void **state)
{
	char type[16];

	(void)state;
	header_media_type(type, sizeof type, "text/html; charset=utf-8");
	assert_string_equal(type, "text/html");
	header_media_type(type, sizeof type, "application/vnd.oci.image");
	assert_string_equal(type, "");
	header_media_type(type, sizeof type, "");
	assert_string_equal(type, "");
}

static void test_challenges(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct challenge challenge = {};

	(void)state;
	assert_true(challenge_parse(
	        &challenge, &arena,
	        "Bearer realm=\"https://auth.example/token\",service=\"s\\\"x\" , scope = \"repository:a/b:pull\""));
	assert_true(challenge.bearer && !challenge.basic);
	assert_string_equal(challenge.realm, "https://auth.example/token");
	assert_string_equal(challenge.service, "s\"x");
	assert_string_equal(challenge.scope, "repository:a/b:pull");

	challenge = (struct challenge){};
	assert_true(
	        challenge_parse(&challenge, &arena, "basic realm=\"here\", bearer realm=there"));
	assert_true(challenge.bearer && challenge.basic);
	assert_string_equal(challenge.realm, "there");

	challenge = (struct challenge){};
	assert_true(challenge_parse(&challenge, &arena, "Negotiate"));
	assert_false(challenge.bearer || challenge.basic);
	assert_true(challenge_parse(&challenge, &arena, ""));

	/* what other schemes have in the place of parameters; empty places of a list; the first of
	 * two */
	assert_true(challenge_parse(&challenge, &arena,
	                            "Negotiate YIIab+/==, NTLM, ,Basic realm=\"here\", Bearer "
	                            "realm=first,scope=a, Bearer realm=second,service=b"));
	assert_true(challenge.bearer && challenge.basic);
	assert_string_equal(challenge.realm, "first");
	assert_string_equal(challenge.scope, "a");
	assert_null(challenge.service);
	/* of a malformed line nothing is taken */
	challenge = (struct challenge){};
	assert_false(challenge_parse(&challenge, &arena, "Basic, Bearer realm=\"open"));
	assert_false(challenge.bearer || challenge.basic);
}

static void test_next(void **state)
{
	static const struct {
		const char *value, *next;
	} rows[] = {
		{ "</v2/x?last=1>; rel=\"next\"", "/v2/x?last=1" },
		{ "<a>;rel=next", "a" },
		{ "<a> ; title=\"x;y,\\\">\" ; REL = next",
		  NULL }, /* no blanks around = (RFC 8288) */
		{ "<a>; title=\"x;y,\\\">\" ; REL=NEXT", "a" },
		{ "<a>; rel=\"last\", <b>; x; rel=\"prev next\", <c>; rel=next", "b" },
		{ "<>; rel=next", "" },
		{ "<a>; rel=nexte", NULL },
		{ "<a>; rel", NULL },
		{ "<a>", NULL },
		{ "<a; rel=next", NULL },
		{ "a; rel=next", NULL },
		{ "<a>; rel=\"next", NULL },
		{ "<a>; =next", NULL },
		{ "<a>; rel=", NULL },
		{ "", NULL },
	};
	_cleanup_arena struct arena arena = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *next = header_next(&arena, rows[i].value);

		if ((next == NULL) != (rows[i].next == NULL) ||
		    (next != NULL && strcmp(next, rows[i].next) != 0))
			fail_msg("%s: %s", rows[i].value, next == NULL ? "none" : next);
	}
}

static void test_bad_challenges(void **state)
{
	static const char *const bad[] = {
		"Bearer realm=\"open", "Bearer realm=\"a\"service=b", "\"", "Bearer realm=\"a\\",
		"Bearer =x",
	};
	_cleanup_arena struct arena arena = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct challenge challenge = {};

		assert_false(challenge_parse(&challenge, &arena, bad[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),          cmocka_unit_test(test_long_lines),
		cmocka_unit_test(test_numbers),        cmocka_unit_test(test_dates),
		cmocka_unit_test(test_media_types),    cmocka_unit_test(test_challenges),
		cmocka_unit_test(test_bad_challenges), cmocka_unit_test(test_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
