/* JSON in and out, and where a value stood. */
#include "policy/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip), cmocka_unit_test(test_positions),
		cmocka_unit_test(test_pointer),    cmocka_unit_test(test_large),
		cmocka_unit_test(test_too_large),  cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_depth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
