/* JSON in and out, and where a value stood. */
#include "policy/plain.h"
#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct value *decode(struct arena *arena, const char *text)
{
	struct value *value = NULL;
	struct error err = {};

	if (value_decode(&value, arena, "t", text, strlen(text), &err) < 0)
		fail_msg("%s", err.text);
	return value;
}

static void test_round_trip(void **state)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text text = {};
	const char *json = "{\"a\":[1,-2,true,null,\"x\\\"\\n\\u0001\"],\"b\":{},\"c\":[]}";

	(void)state;
	value_encode(&text, decode(&arena, json), VALUE_COMPACT);
	assert_string_equal(text.data, json);
	text_clear(&text);
	value_encode(&text, value_copy(&arena, decode(&arena, json)), VALUE_COMPACT);
	assert_string_equal(text.data, json);
	text_clear(&text);
	value_encode(&text, decode(&arena, "{\"a\":[1]}"), VALUE_INDENTED);
	assert_string_equal(text.data, "{\n    \"a\": [\n        1\n    ]\n}");
}

static void check_position(const char *text, const char *path, size_t index, unsigned line,
                           unsigned column)
{
	_cleanup_arena struct arena arena = {};
	const struct value *value = value_path(decode(&arena, text), path);
	struct position position;

	assert_non_null(value);
	if (index != SIZE_MAX)
		value = value->items[index];
	position = value_position(value, text, strlen(text), false);
	assert_int_equal(position.line, line);
	assert_int_equal(position.column, column);
}

static void test_positions(void **state)
{
	const char *text =
	        "{\n  \"a\": { \"}\\\"\": [1, \"x\"], \"c\" : 2 },\n\"b\": [ {\"d\":[]},\n 7 ]\n}";

	(void)state;
	check_position(text, "a", SIZE_MAX, 2, 8);
	check_position(text, "a.c", SIZE_MAX, 2, 33);
	check_position(text, "b", 1, 4, 2);
	check_position(text, "b", 0, 3, 8);
}

static void test_pointer(void **state)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text text = {};
	const struct value *value = decode(&arena, "{\"a/b\":[0,{\"~\":1}]}");

	(void)state;
	value_pointer(&text, value->items[0]->items[1]->items[0]);
	assert_string_equal(text.data, "/a~1b/1/~0");
}

/* Integers above 2^63-1, where they are asked for: between reals, in strings, at their bounds. */
static void test_large(void **state)
{
	static const char text[] =
	        "{\"a\":[1.5,9223372036854775807,9223372036854775808,"
	        "\"18446744073709551615\",0.25,18446744073709551615,-9223372036854775808,"
	        "\"\\\"9223372036854775808\"],\"b\":10000000000000000000,\"c\":[2.5]}";
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text again = {};
	struct value *value = NULL;
	struct error err = {};
	const struct value *list;

	(void)state;
	assert_int_equal(value_decode(&value, &arena, "t", text, strlen(text), &err), -1);
	assert_non_null(strstr(err.text, "t:1:"));
	assert_int_equal(value_decode_large(&value, &arena, "t", text, strlen(text), &err), 0);
	list = value_get(value, "a");
	assert_int_equal(list->items[1]->kind, VALUE_INTEGER);
	assert_int_equal(list->items[2]->kind, VALUE_LARGE);
	assert_true(list->items[2]->large == UINT64_C(1) << 63);
	assert_true(list->items[5]->large == UINT64_MAX);
	assert_int_equal(value_integer(list->items[5], 7), 7);
	assert_int_equal(value_get(value, "b")->kind, VALUE_LARGE);
	value_encode(&again, value, VALUE_COMPACT);
	assert_string_equal(again.data, text);
}

static void test_too_large(void **state)
{
	static const char *const texts[] = {
		"[18446744073709551616]", "[99999999999999999999]",
		"[-9223372036854775809]", "[09223372036854775808]",
		"[+9223372036854775808]", "[9223372036854775808x]",
		"[9223372036854775808",   "[9223372036854775808 9223372036854775808]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		_cleanup_arena struct arena arena = {};
		struct value *value;
		struct error err = {};

		if (value_decode_large(&value, &arena, "t", texts[i], strlen(texts[i]), &err) == 0)
			fail_msg("taken: %s", texts[i]);
		assert_non_null(strstr(err.text, "t:1:"));
	}
}

static void test_refusals(void **state)
{
	static const struct {
		const char *text, *said;
	} rows[] = {
		{ "", "t:1:1" },
		{ "{\"a\":1,\"a\":2}", "duplicate" },
		{ "{} x", "t:1:" },
		{ "\xef\xbb\xbf{}", "byte order mark" },
		{ "{\"a\":\"\xff\"}", "decode byte" },
		{ "{\n\"a\":}", "t:2:" },
		{ "[1e400]", "t:1:" },
		{ "\"\\u0000\"", "t:1:" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		_cleanup_arena struct arena arena = {};
		struct value *value;
		struct error err = {};

		assert_int_equal(value_decode(&value, &arena, "t", rows[i].text,
		                              strlen(rows[i].text), &err),
		                 -1);
		if (strstr(err.text, rows[i].said) == NULL)
			fail_msg("%s: said %s", rows[i].text, err.text);
	}
}

static void test_depth(void **state)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text text = {};
	struct value *value;
	struct error err;

	(void)state;
	for (int i = 0; i < 1000000; i++)
		text_append_char(&text, '[');
	assert_int_equal(value_decode(&value, &arena, "t", text.data, text.length, &err), -1);
	assert_non_null(strstr(err.text, "nested"));
}

/* What jansson makes of a text that stands beside one that is not plain. */
static bool is_as_jansson(const char *inner, const struct value *plain)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text both = {}, ours = {}, theirs = {};
	struct value *list;
	struct error err;

	text_printf(&both, "[\"\\u0041\",%s]", inner);
	assert_false(plain_decode(&list, &arena, both.data, both.length, 64));
	if (value_decode(&list, &arena, "t", both.data, both.length, &err) < 0 || list->count != 2)
		return false;
	value_encode(&ours, plain, VALUE_COMPACT);
	value_encode(&theirs, list->items[1], VALUE_COMPACT);
	return strcmp(ours.data, theirs.data) == 0;
}

static const char *const pieces[] = {
	"{",
	"}",
	"[",
	"]",
	",",
	":",
	" ",
	"\n",
	"\"a\"",
	"\"b\"",
	"\"\"",
	"\"a\\n\\\"\\/\\\\\"",
	"\"a\\x\"",
	"\"\\",
	"\"",
	"0",
	"-0",
	"-1",
	"007",
	"1.5",
	"1e3",
	"12",
	"true",
	"false",
	"null",
	"nul",
	"999999999999999999",
	"9223372036854775807",
	"-9223372036854775807",
	"9223372036854775808",
	"\"\x7f\"",
	"\"\xc3\xa4\"",
	"\t",
	"\"a\":1",
	"\"b\":[",
	"\"c\":{",
	"},",
	"],",
	"{\"a\":",
	"[1,",
	"\v",
};

/* Random texts of pieces of JSON: what plain_decode takes, jansson takes, too, and means the same.
 */
static void test_plain(void **state)
{
	uint32_t seed = 1, taken = 0;

	(void)state;
	for (int round = 0; round < 400000; round++) {
		_cleanup_arena struct arena arena = {};
		_cleanup_text struct text text = {}, own = {};
		struct value *value;

		text_append(&text, round % 2 == 0 ? "[" : "{");
		for (int left = 1 + round % 9; left > 0; left--) {
			seed = seed * 1103515245 + 12345;
			text_append(&text, pieces[(seed >> 16) % ARRAY_SIZE(pieces)]);
		}
		text_append(&text, round % 2 == 0 ? "]" : "}");
		text_append(&own, text.data);
		if (!plain_decode(&value, &arena, own.data, own.length, 64)) {
			if (memcmp(own.data, text.data, text.length + 1) != 0)
				fail_msg("was changed, and not taken: %s", text.data);
			continue;
		}
		taken++;
		if (!is_as_jansson(text.data, value))
			fail_msg("jansson does not read it so: %s", text.data);
	}
	assert_in_range(taken, 1000, 400000);
}

static bool takes(const char *text, size_t length, unsigned depth)
{
	_cleanup_arena struct arena arena = {};
	/* of exactly this size, so that a sanitizer sees a byte too many */
	_cleanup_free char *own = malloc(length == 0 ? 1 : length);
	struct value *value;

	assert_non_null(own);
	memcpy(own, text, length);
	if (plain_decode(&value, &arena, own, length, depth))
		return true;
	assert_memory_equal(own, text, length);
	return false;
}

/* What is left to jansson, right or wrong; and that nothing behind the end is read. */
static void test_not_plain(void **state)
{
	static const char *const texts[] = {
		"",
		" ",
		"1",
		"\"a\"",
		"null",
		"[",
		"[1",
		"[1,",
		"[1,]",
		"[,1]",
		"[1 2]",
		"{\"a\"}",
		"{\"a\":}",
		"{\"a\":1,}",
		"{1:2}",
		"{\"a\":1,\"a\":2}",
		"{\"\":1,\"\":2}",
		"[]x",
		"[] []",
		"[\"\\u0041\"]",
		"[\"\t\"]",
		"[\"\x7f\"]",
		"[\"\xc3\xa4\"]",
		"[-]",
		"[-0]",
		"[01]",
		"[1.0]",
		"[1e1]",
		"[+1]",
		"[9223372036854775808]",
		"[-9223372036854775808]",
		"[1795958780495140500123]",
		"[\"\\\"]",
		"[\"\\",
		"\xef\xbb\xbf[]",
		"[tru]",
		"[truee]",
		"[nullnull]",
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (takes(texts[i], strlen(texts[i]), 64))
			fail_msg("taken: %s", texts[i]);
	assert_false(takes("[]\0", 3, 64));
	assert_false(takes("[\"a\",\"b\\n\",\"\\\0\"]", 15, 64));
	assert_false(takes("[\"a\",\"b\0\"]", 10, 64));
	assert_false(takes("[[[]]]", 6, 2));
	assert_true(takes("[[[]]]", 6, 3));
}

/* Eight bytes are looked at together: what is special is found wherever it stands among them. */
static void test_every_place(void **state)
{
	enum { LONGEST = 28 };

	(void)state;
	for (int byte = 0; byte < 256; byte++)
		for (size_t length = 1; length < LONGEST; length++)
			for (size_t place = 0; place < length; place++) {
				bool ordinary =
				        byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
				char text[LONGEST + 8] = "[\"";

				memset(text + 2, "\x21~["[length % 3], length);
				text[2 + place] = (char)byte;
				memcpy(text + 2 + length, "\"]", 3);
				if (takes(text, length + 4, 64) != ordinary)
					fail_msg("byte %#x at %zu of %zu", byte, place, length);
			}
}

/* The arena's own text is read where it stands, and read in another way as if nobody had. */
static void test_kept(void **state)
{
	static const char *const texts[] = {
		"{\"a\":[\"b\",\"c\\n\"],\"time\":1795958780495140500}",
		"{\"a\":[\"b\",\"c\\n\",\"\\u00e4\"],\"time\":1795958780495140500}",
		"{\"a\":[\"b\",\"c\\n\"],\"time\":17959587804951405.5}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_arena struct arena arena = {};
		_cleanup_text struct text own = {}, kept = {}, copied = {};
		struct value *value;
		struct error err;

		assert_int_equal(value_decode(&value, &arena, "t", texts[i], strlen(texts[i]),
		                              &err),
		                 0);
		value_encode(&copied, value, VALUE_COMPACT);
		text_append(&own, texts[i]);
		assert_int_equal(value_decode_kept(&value, &arena, "t", &own, &err), 0);
		assert_null(own.data);
		value_encode(&kept, value, VALUE_COMPACT);
		assert_string_equal(kept.data, copied.data);
		assert_int_equal(value_decode_kept(&value, &arena, "t", &own, &err), -1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),  cmocka_unit_test(test_positions),
		cmocka_unit_test(test_pointer),     cmocka_unit_test(test_large),
		cmocka_unit_test(test_too_large),   cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_depth),       cmocka_unit_test(test_plain),
		cmocka_unit_test(test_not_plain),   cmocka_unit_test(test_kept),
		cmocka_unit_test(test_every_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
