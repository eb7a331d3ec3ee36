/* policy fmt: the order of members, what stands on one line, and that nothing of the meaning goes.
 */
#include "tests/policy/shipped.h"

#include "policy/value.h"

static const char *layout(struct arena *arena, const char *text)
{
	_cleanup_text struct text out = {};
	struct value *value;
	struct error err = {};

	if (value_decode_large(&value, arena, "x.json", text, strlen(text), &err) < 0)
		fail_msg("%s", err.text);
	policy_layout(&out, value);
	return arena_text(arena, text_string(&out), out.length);
}

static void test_forms(void **state)
{
	static const struct {
		const char *text, *expected;
	} rows[] = {
		{ "{}", "{}\n" },
		{ "{\"schema\":1}", "{\n  \"schema\": 1\n}\n" },
		/* the schema's order, and what it does not know at the end, as it stood */
		{ "{\"zeta\":1,\"apparmor\":\"x\",\"alpha\":2,\"name\":\"n\",\"schema\":1}",
		  "{\n  \"schema\": 1,\n  \"name\": \"n\",\n  \"apparmor\": \"x\",\n  \"zeta\": 1,\n"
		  "  \"alpha\": 2\n}\n" },
		/* lists keep theirs: it is meaning */
		{ "{\"schema\":1,\"capabilities\":[\"SETUID\",\"CHOWN\"]}",
		  "{\n  \"schema\": 1,\n  \"capabilities\": [\"SETUID\", \"CHOWN\"]\n}\n" },
		/* and so do names of the author's own */
		{ "{\"schema\":1,\"limits\":{\"nofile\":{\"soft\":1,\"hard\":2},\"as\":3}}",
		  "{\n  \"schema\": 1,\n  \"limits\": {\"nofile\": {\"soft\": 1, \"hard\": 2}, "
		  "\"as\": 3}\n}\n" },
		/* Docker's file has no "schema": nothing in it is moved */
		{ "{\"syscalls\":[],\"defaultAction\":\"x\"}",
		  "{\n  \"syscalls\": [],\n  \"defaultAction\": \"x\"\n}\n" },
		{ "{\"schema\":1,\"syscalls\":{\"allow\":[\"read\"],\"default\":\"kill\"}}",
		  "{\n  \"schema\": 1,\n  \"syscalls\": {\n    \"default\": \"kill\",\n"
		  "    \"allow\": [\"read\"]\n  }\n}\n" },
		{ "{\"schema\":1,\"syscalls\":{}}",
		  "{\n  \"schema\": 1,\n  \"syscalls\": {}\n}\n" },
		/* what no profile may say stays what it is: check says so, not fmt */
		{ "{\"a\\\"\\u0001b\":[null,true,-1.5,18446744073709551615]}",
		  "{\n  \"a\\\"\\u0001b\": [null, true, -1.5, 18446744073709551615]\n}\n" },
		{ "[]", "[]\n" },
	};
	_cleanup_arena struct arena arena = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_string_equal(layout(&arena, rows[i].text), rows[i].expected);
}

/* Names are filled like text up to the last column, rules stand alone. */
static void test_long_lists(void **state)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text text = {};
	const char *out, *line;
	unsigned alone = 0;

	(void)state;
	text_append(&text, "{\"schema\": 1, \"syscalls\": {\"allow\": [");
	for (int i = 0; i < 60; i++)
		text_printf(&text, "\"call_%d\", ", i);
	text_append(&text, "{\"call\": \"ioctl\", \"when\": {\"request\": {\"is\": 1}}}, "
	                   "{\"call\": \"clone\"}, \"last\", \"two\"]}}");
	out = layout(&arena, text_string(&text));
	for (line = out; *line != '\0'; line += strcspn(line, "\n") + 1) {
		if (strcspn(line, "\n") > 110)
			fail_msg("longer than 110: %s", line);
		alone += strncmp(line, "      {", 7) == 0;
	}
	assert_int_equal(alone, 2);
	assert_non_null(strstr(out, "\n      \"last\", \"two\"\n    ]\n"));
	assert_string_equal(layout(&arena, out), out);
	/* one word that no line has room for is not cut */
	text_clear(&text);
	text_append(&text, "{\"schema\": 1, \"images\": [\"");
	for (int i = 0; i < 300; i++)
		text_append_char(&text, 'x');
	text_append(&text, "\", \"y\"]}");
	out = layout(&arena, text_string(&text));
	assert_string_equal(layout(&arena, out), out);
}

/* 64 levels, the most that are read. */
static void test_depth(void **state)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text text = {};
	const char *out;

	(void)state;
	for (int i = 0; i < 63; i++)
		text_append(&text, "[");
	text_append(&text, "1");
	for (int i = 0; i < 63; i++)
		text_append(&text, "]");
	out = layout(&arena, text_string(&text));
	assert_string_equal(layout(&arena, out), out);
}

static const char *meaning(struct arena *arena, const char *path, const char *text)
{
	struct policy_source source = { path, text, strlen(text) };
	_cleanup_text struct text out = {};
	struct policy *policy;
	struct error err = {};

	if (policy_parse(&policy, arena, &source, &err) < 0)
		fail_msg("%s", err.text);
	value_encode(&out, policy_to_value(arena, policy), VALUE_INDENTED);
	return arena_strdup(arena, text_string(&out));
}

static void test_shipped_profiles_are_laid_out(void **state)
{
	static const char *const names[] = {
		"default", "strict", "nginx",        "postgres",
		"python",  "redis",  "cordon-layer", "cordon-registry"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_arena struct arena arena = {};
		const char *path = arena_printf(&arena, CORDON_PROFILES "/%s.json", names[i]);
		const char *text = shipped_text(&arena, path, false), *out;

		assert_non_null(text);
		out = layout(&arena, text);
		assert_string_equal(out, text);
		assert_string_equal(meaning(&arena, path, out), meaning(&arena, path, text));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_long_lists),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_shipped_profiles_are_laid_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
