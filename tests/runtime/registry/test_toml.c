/* toml: what the text means, as JSON; what is refused, and where; where values stand. */
#include "runtime/registry/toml.h"
#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int decode(struct value **ret, struct arena *arena, const char *string, struct error *err)
{
	_cleanup_text struct text text = {};

	text_append(&text, string);
	return toml_decode(ret, arena, "x.conf", &text, err);
}

static const struct meaning {
	const char *toml, *json;
} meanings[] = {
	{ "", "{}" },
	{ "# a comment\r\n\n", "{}" },
	{ "a = 1", "{\"a\":1}" },
	{ "a=1#b\nb\t=\ttrue", "{\"a\":1,\"b\":true}" },
	{ "a = false", "{\"a\":false}" },
	/* keys */
	{ "a-b_1 = 1\n1234 = 2\n", "{\"a-b_1\":1,\"1234\":2}" },
	{ "\"a b\" = 1\n'c\"d' = 2\n\"\" = 3", "{\"a b\":1,\"c\\\"d\":2,\"\":3}" },
	{ "a.b . \"c.d\" = 1\na.e = 2", "{\"a\":{\"b\":{\"c.d\":1},\"e\":2}}" },
	{ "3.14 = 1", "{\"3\":{\"14\":1}}" },
	{ "true = 1", "{\"true\":1}" },
	/* strings */
	{ "a = \"\"", "{\"a\":\"\"}" },
	{ "a = \"\\b\\t\\n\\f\\r\\\"\\\\\"", "{\"a\":\"\\b\\t\\n\\f\\r\\\"\\\\\"}" },
	{ "a = \"\\u00e4\\u20AC\\U0001F600\\u007f\"",
	  "{\"a\":\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\\u007f\"}" },
	{ "a = \"\xc3\xa4 # no comment\"", "{\"a\":\"\xc3\xa4 # no comment\"}" },
	{ "a = 'C:\\n\\'", "{\"a\":\"C:\\\\n\\\\\"}" },
	{ "a = \"\"\"\nb\n  c\"\"\"", "{\"a\":\"b\\n  c\"}" },
	{ "a = \"\"\"\r\nb\r\nc\"\"\"", "{\"a\":\"b\\nc\"}" },
	{ "a = \"\"\"b \\\n\n   c\\  \r\n d\"\"\"", "{\"a\":\"b cd\"}" },
	{ "a = \"\"\"b\"\"c\"\"\"", "{\"a\":\"b\\\"\\\"c\"}" },
	{ "a = \"\"\"b\"\"\"\"\"", "{\"a\":\"b\\\"\\\"\"}" },
	{ "a = \"\"\"\"b\"\"\"\"", "{\"a\":\"\\\"b\\\"\"}" },
	{ "a = \"\"\"\\\"\"\"\"", "{\"a\":\"\\\"\"}" },
	{ "a = \"\"\"\"\"\"", "{\"a\":\"\"}" },
	{ "a = '''\nb\\\n'c' '''", "{\"a\":\"b\\\\\\n'c' \"}" },
	{ "a = '''b'''''", "{\"a\":\"b''\"}" },
	/* integers */
	{ "a = 0\nb = +0\nc = -0", "{\"a\":0,\"b\":0,\"c\":0}" },
	{ "a = 1_000\nb = -17\nc = +99", "{\"a\":1000,\"b\":-17,\"c\":99}" },
	{ "a = 0xDEAD_beef\nb = 0o755\nc = 0b1101\nd = 0x00",
	  "{\"a\":3735928559,\"b\":493,\"c\":13,\"d\":0}" },
	{ "a = 9223372036854775807\nb = -9223372036854775808",
	  "{\"a\":9223372036854775807,\"b\":-9223372036854775808}" },
	/* arrays */
	{ "a = []", "{\"a\":[]}" },
	{ "a = [ 1, 'b', [true], {c = 1} ]", "{\"a\":[1,\"b\",[true],{\"c\":1}]}" },
	{ "a = [ # first\n 1\n , # second\n 2,\n ]\n", "{\"a\":[1,2]}" },
	{ "a = [[[]], [1,],]", "{\"a\":[[[]],[1]]}" },
	/* inline tables */
	{ "a = {}", "{\"a\":{}}" },
	{ "a = { b = 1, c.d = 2, c.e = [\n3,\n] }", "{\"a\":{\"b\":1,\"c\":{\"d\":2,\"e\":[3]}}}" },
	/* tables */
	{ "[a]\nb=1\n[c.d]\n[ e . 'f' ] # x\ng=1",
	  "{\"a\":{\"b\":1},\"c\":{\"d\":{}},\"e\":{\"f\":{\"g\":1}}}" },
	{ "[a.b]\nc=1\n[a]\nd=2", "{\"a\":{\"b\":{\"c\":1},\"d\":2}}" },
	{ "[a]\nb.c=1\n[a.b.d]\ne=1", "{\"a\":{\"b\":{\"c\":1,\"d\":{\"e\":1}}}}" },
	{ "[[a]]\nb=1\n[[a]]\n[[a]]\nb=2", "{\"a\":[{\"b\":1},{},{\"b\":2}]}" },
	{ "[[a]]\n[[a.b]]\nc=1\n[[a.b]]\nc=2\n[a.d]\ne=1\n[[a]]\n[[a.b]]\nc=3",
	  "{\"a\":[{\"b\":[{\"c\":1},{\"c\":2}],\"d\":{\"e\":1}},{\"b\":[{\"c\":3}]}]}" },
	{ "[a.b]\n[[a.c]]", "{\"a\":{\"b\":{},\"c\":[{}]}}" },
};

static void test_meanings(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++) {
		_cleanup_arena struct arena arena = {};
		_cleanup_text struct text json = {};
		struct value *value;
		struct error err = {};

		if (decode(&value, &arena, meanings[i].toml, &err) < 0)
			fail_msg("%s: %s", meanings[i].toml, err.text);
		value_encode(&json, value, VALUE_COMPACT);
		assert_string_equal(text_string(&json), meanings[i].json);
	}
}

static const struct refusal {
	const char *toml, *place, *why;
} refusals[] = {
	{ "\xef\xbb\xbf", "1:1", "byte order mark" },
	{ "a = '\xff'", "1:6", "UTF-8" },
	{ "# \xc0\x80", "1:3", "UTF-8" },
	{ "a = '\xed\xa0\x80'", "1:6", "UTF-8" },
	{ "# \x01", "1:3", "control" },
	{ "a = '\x7f'", "1:6", "control" },
	{ "a = 1\rb = 2", "1:6", "control" },
	{ "a", "1:2", "'='" },
	{ "a =", "1:4", "a value is expected" },
	{ "= 1", "1:1", "a key" },
	{ "a b = 1", "1:3", "'='" },
	{ "a. = 1", "1:4", "a key" },
	{ ".a = 1", "1:1", "a key" },
	{ "a\xc3\xa4 = 1", "1:2", "'='" },
	{ "'''a''' = 1", "1:1", "three quotes" },
	{ "a = 1 b = 2", "1:7", "line should end" },
	{ "a = 1\na = 2", "2:1", "a second time (first in line 1)" },
	{ "a = 1\n\"a\" = 2", "2:1", "second time" },
	{ "a = 1\na.b = 2", "2:1", "dotted" },
	{ "a.b = 1\na.b.c = 2", "2:3", "dotted" },
	{ "a = 'x", "1:5", "not close" },
	{ "a = \"x\n\"", "1:5", "not close" },
	{ "a = \"x\r\n\"", "1:5", "not close" },
	{ "a = \"\"\"x\"\"", "1:5", "nothing closes" },
	{ "a = '''x''", "1:5", "nothing closes" },
	{ "a = \"\"\"x\"\"\"\"\"\"", "1:14", "line should end" },
	{ "a = \"\\x41\"", "1:6", "escape" },
	{ "a = \"\\\n\"", "1:6", "escape" },
	{ "a = \"\\u12\"", "1:6", "4 hex digits" },
	{ "a = \"\\u0000\"", "1:6", "NUL" },
	{ "a = \"\\ud800\"", "1:6", "U+D800" },
	{ "a = \"\\U00110000\"", "1:6", "U+110000" },
	{ "a = \"\"\"\\q\"\"\"", "1:8", "escape" },
	{ "a = 1.5", "1:5", "not whole" },
	{ "a = 1e5", "1:5", "not whole" },
	{ "a = +inf", "1:5", "not whole" },
	{ "a = nan", "1:5", "not whole" },
	{ "a = 1979-05-27", "1:5", "date" },
	{ "a = 1979-05-27T07:32:00Z", "1:5", "date" },
	{ "a = 07:32:00", "1:5", "date" },
	{ "a = 01", "1:5", "no value" },
	{ "a = 1__0", "1:5", "no value" },
	{ "a = 0_1", "1:5", "no value" },
	{ "a = _1", "1:5", "no value" },
	{ "a = 0x", "1:5", "no value" },
	{ "a = -0x1", "1:5", "no value" },
	{ "a = 0o8", "1:5", "no value" },
	{ "a = 0X1", "1:5", "no value" },
	{ "a = +", "1:5", "no value" },
	{ "a = 9223372036854775808", "1:5", "no value" },
	{ "a = trueish", "1:5", "no value" },
	{ "a = True", "1:5", "no value" },
	{ "a = yes", "1:5", "no value" },
	{ "a = docker.io", "1:5", "strings have quotes" },
	{ "a = [1", "1:7", "',' or ']'" },
	{ "a = [1 2]", "1:8", "',' or ']'" },
	{ "a = [,1]", "1:6", "a value" },
	{ "a = [1,,2]", "1:8", "a value" },
	{ "a = {b = 1,}", "1:12", "a key" },
	{ "a = {b = 1\n}", "1:11", "',' or '}'" },
	{ "a = {b = 1, b = 2}", "1:13", "second time" },
	{ "a = {b.c = 1, b = 2}", "1:15", "second time" },
	{ "a = {}\na.b = 1", "2:1", "dotted" },
	{ "a = {}\n[a]", "2:2", "second time" },
	{ "a = {}\n[a.b]", "2:2", "added to" },
	{ "a = [{}]\n[[a]]", "2:3", "second time" },
	{ "a = []\n[a.b]", "2:2", "added to" },
	{ "a = 1\n[a.b]", "2:2", "added to" },
	{ "[a]\n[a]", "2:2", "second time (first in line 1)" },
	{ "[a.b]\n[a]\n[a.b]", "3:4", "second time" },
	{ "[a]\nb=1\n[a.b]", "3:4", "second time" },
	{ "[a]\nb.c=1\n[a.b]", "3:4", "second time" },
	{ "[a.b.c]\n[a]\nb.d=1", "3:1", "dotted" },
	{ "[a.b]\n[a]\nb.d=1", "3:1", "dotted" },
	{ "[[a]]\n[a]", "2:2", "second time" },
	{ "[a]\n[[a]]", "2:3", "second time" },
	{ "[[a.b]]\n[[a]]", "2:3", "second time" },
	{ "[a", "1:3", "']'" },
	{ "[]", "1:2", "a key" },
	{ "[a]]", "1:4", "line should end" },
	{ "[[a]", "1:4", "']]'" },
	{ "[[a] ]", "1:4", "']]'" },
	{ "[a] b = 1", "1:5", "line should end" },
};

static void test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		_cleanup_arena struct arena arena = {};
		struct value *value;
		struct error err = {};
		char start[64];

		if (decode(&value, &arena, refusals[i].toml, &err) == 0)
			fail_msg("%s: was taken", refusals[i].toml);
		snprintf(start, sizeof start, "x.conf:%s: ", refusals[i].place);
		if (!text_starts(err.text, start) || strstr(err.text, refusals[i].why) == NULL)
			fail_msg("%s: '%s', not '%s...%s'", refusals[i].toml, err.text, start,
			         refusals[i].why);
	}
}

static void test_nul(void **state)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text text = {};
	struct value *value;
	struct error err = {};

	(void)state;
	text_append_bytes(&text, "a = 1\n\0b = 2", 12);
	assert_int_equal(toml_decode(&value, &arena, "x.conf", &text, &err), -1);
	assert_string_equal(err.text, "x.conf:2:1: holds the control byte 0x00");
}

static void nest(struct text *ret, const char *word, size_t count)
{
	while (count-- > 0)
		text_append(ret, word);
}

/* However deep the text goes, the reader does not. */
static void test_depth(void **state)
{
	static const char *const words[] = { "[", "{a=", "a." };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		_cleanup_arena struct arena arena = {};
		_cleanup_text struct text text = {};
		struct value *value;
		struct error err = {};

		text_append(&text, i < 2 ? "x = " : "");
		nest(&text, words[i], 200000);
		assert_int_equal(toml_decode(&value, &arena, "x.conf", &text, &err), -1);
		assert_non_null(strstr(err.text, "more than 64"));
	}
}

static void test_positions(void **state)
{
	_cleanup_arena struct arena arena = {};
	const struct value *list;
	struct value *value;
	struct error err = {};

	(void)state;
	assert_int_equal(decode(&value, &arena, "a = [1,\n  2]\n[[r]]\nb = 1\n  [[r]]\n c=2\n",
	                        &err),
	                 0);
	assert_int_equal(toml_position(value_get(value, "a")).line, 1);
	assert_int_equal(toml_position(value_get(value, "a")->items[1]).line, 2);
	assert_int_equal(toml_position(value_get(value, "a")->items[1]).column, 3);
	list = value_get(value, "r");
	assert_int_equal(toml_position(list->items[0]).line, 3);
	assert_int_equal(toml_position(list->items[1]).line, 5);
	assert_int_equal(toml_position(list->items[1]).column, 5);
	assert_int_equal(toml_position(value_get(list->items[1], "c")).line, 6);
	assert_int_equal(toml_position(value_get(list->items[1], "c")).column, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_meanings),  cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_nul),       cmocka_unit_test(test_depth),
		cmocka_unit_test(test_positions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
