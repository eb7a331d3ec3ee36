/* The config of an image, a stranger's document: what is taken, what is refused in which words,
 * times. */
#include "runtime/image/config.h"

#include "runtime/image/layer/limits.h"
#include "sandbox/base/cleanup.h"
#include "sandbox/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define HEX    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ROOTFS "\"rootfs\": {\"diff_ids\": [\"sha256:" HEX "\"]}"

static int parse(struct config *ret, struct arena *arena, const char *words, struct error *err)
{
	_cleanup_text struct text text = {};

	text_append(&text, words);
	return config_parse(ret, arena, &text, err);
}

static void test_taken(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct config config;
	struct error err = {};

	(void)state;
	assert_int_equal(
	        parse(&config, &arena,
	              "{\"created\": \"2026-01-02T03:04:05Z\", \"config\": {\"Entrypoint\": [\"e\"], \"Cmd\": null, "
	              "\"Env\": [\"A=B\"], \"WorkingDir\": \"/w\", \"User\": \"u\", \"StopSignal\": null, \"Labels\": "
	              "{\"a\": \"b\", \"c=d\": \"e\", \"n\": null}, \"Volumes\": {\"/v\": {}}, \"ExposedPorts\": "
	              "{\"80/tcp\": {}}, \"Unknown\": 7}, " ROOTFS "}",
	              &err),
	        0);
	assert_int_equal(config.created, 1767323045);
	assert_string_equal(config.launch.entrypoint.items[0], "e");
	assert_int_equal(config.launch.command.count, 0);
	assert_string_equal(config.launch.stop_signal, "");
	/* a name with a '=' could not be told from its value */
	assert_int_equal(config.launch.labels.count, 2);
	assert_string_equal(config.launch.labels.items[0], "a=b");
	assert_string_equal(config.launch.labels.items[1], "n=");
	assert_string_equal(config.launch.volumes.items[0], "/v");
	assert_string_equal(config.launch.exposed.items[0], "80/tcp");
	assert_string_equal(config.layers.items[0], HEX);
	/* nothing but layers is enough */
	assert_int_equal(parse(&config, &arena, "{" ROOTFS "}", &err), 0);
	assert_string_equal(config.launch.user, "");
	assert_int_equal(config.created, 0);
	assert_int_equal(parse(&config, &arena, "{\"config\": null, " ROOTFS "}", &err), 0);
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{ "[]", "must be an object" },
		{ "{}", "rootfs names no layers" },
		{ "{\"rootfs\": 7}", "rootfs names no layers" },
		{ "{\"rootfs\": {\"diff_ids\": []}}", "rootfs names no layers" },
		{ "{\"rootfs\": {\"diff_ids\": {}}}", "diff_ids must be an array" },
		{ "{\"rootfs\": {\"diff_ids\": [7]}}", "diff_ids must hold texts" },
		{ "{\"rootfs\": {\"diff_ids\": [\"" HEX "\"]}}",
		  "diff_ids must hold sha256: and 64 lower-case hex digits" },
		{ "{\"rootfs\": {\"diff_ids\": [\"sha256:" HEX "0\"]}}",
		  "diff_ids must hold sha256: and 64 lower-case hex digits" },
		{ "{\"rootfs\": {\"diff_ids\": [\"sha256:../../../x\"]}}",
		  "diff_ids must hold sha256: and 64 lower-case hex digits" },
		{ "{\"config\": [], " ROOTFS "}", "config must be an object" },
		{ "{\"config\": {\"Cmd\": \"sh\"}, " ROOTFS "}", "Cmd must be an array" },
		{ "{\"config\": {\"Env\": [null]}, " ROOTFS "}", "Env must hold texts" },
		{ "{\"config\": {\"User\": 0}, " ROOTFS "}", "User must be a text" },
		{ "{\"config\": {\"Labels\": []}, " ROOTFS "}", "Labels must be an object" },
		{ "{\"config\": {\"Volumes\": [\"/v\"]}, " ROOTFS "}",
		  "Volumes must be an object" },
		{ "{\"config\": {\"ExposedPorts\": \"80\"}, " ROOTFS "}",
		  "ExposedPorts must be an object" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_arena struct arena arena = {};
		struct config config = { .created = 77 };
		struct error err = {};

		if (parse(&config, &arena, rows[i].text, &err) != -1)
			fail_msg("taken: %s", rows[i].text);
		assert_string_equal(err.text,
		                    arena_printf(&arena, "the image's config: %s", rows[i].why));
		assert_int_equal(config.created, 77);
	}
}

/* `count` members or items, as they come from `format` with their number. */
static void many(struct text *ret, const char *begin, const char *format, size_t count,
                 const char *end)
{
	text_append(ret, begin);
	for (size_t i = 0; i < count; i++) {
		text_append(ret, i > 0 ? "," : "");
		text_printf(ret, format, i);
	}
	text_append(ret, end);
}

static void test_limits(void **state)
{
	static const struct {
		const char *begin, *format;
		size_t most;
		const char *end, *why;
	} rows[] = {
		{ "{\"config\": {\"Env\": [", "\"%zu\"", LIMIT_ITEMS, "]}, " ROOTFS "}",
		  "Env has %zu items; cordon takes %zu" },
		{ "{\"config\": {\"Labels\": {", "\"%zu\":\"\"", LIMIT_ITEMS, "}}, " ROOTFS "}",
		  "Labels has %zu items; cordon takes %zu" },
		{ "{\"config\": {\"Volumes\": {", "\"%zu\":{}", LIMIT_ITEMS, "}}, " ROOTFS "}",
		  "Volumes has %zu items; cordon takes %zu" },
		{ "{\"config\": {\"ExposedPorts\": {", "\"%zu\":{}", LIMIT_PORTS, "}}, " ROOTFS "}",
		  "ExposedPorts has %zu items; cordon takes %zu" },
		{ "{\"rootfs\": {\"diff_ids\": [", "\"sha256:%064zx\"", LIMIT_LAYERS, "]}}",
		  "%zu layers; an image may have %zu" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_arena struct arena arena = {};
		_cleanup_text struct text fits = {}, more = {};
		struct config config;
		struct error err = {};

		many(&fits, rows[i].begin, rows[i].format, rows[i].most, rows[i].end);
		if (config_parse(&config, &arena, &fits, &err) < 0)
			fail_msg("row %zu: %s", i, err.text);
		many(&more, rows[i].begin, rows[i].format, rows[i].most + 1, rows[i].end);
		assert_int_equal(config_parse(&config, &arena, &more, &err), -1);
		text_clear(&fits);
		text_append(&fits, "the image's config: ");
		text_printf(&fits, rows[i].why, rows[i].most + 1, rows[i].most);
		assert_string_equal(err.text, text_string(&fits));
	}
}

static void test_long_texts(void **state)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text text = {};
	struct config config;
	struct error err = {};

	(void)state;
	many(&text, "{\"config\": {\"User\": \"", "%.0zux", LIMIT_PATH + 1, "\"}, " ROOTFS "}");
	assert_int_equal(config_parse(&config, &arena, &text, &err), -1);
	assert_non_null(strstr(err.text, "the image's config: User has a text of "));
	text_clear(&text);
	while (text.length <= LIMIT_MANIFEST)
		text_append(&text,
		            "                                                                ");
	assert_int_equal(config_parse(&config, &arena, &text, &err), -1);
	assert_non_null(strstr(err.text, " bytes; cordon takes 4194304"));
}

static void test_times(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} rows[] = {
		{ "2026-01-02T03:04:05Z", 1767323045 },
		{ "2026-01-02T03:04:05.123456789Z", 1767323045 },
		{ "2026-01-02T03:04:05+02:00", 1767323045 - 7200 },
		{ "2026-01-02T03:04:05.5-01:30", 1767323045 + 5400 },
		{ "1970-01-01T00:00:00Z", 0 },
		{ "0001-01-01T00:00:00Z", INT64_C(-62135596800) }, /* Go's zero */
		{ NULL, 0 },
		{ "", 0 },
		{ "yesterday", 0 },
		{ "2026-01-02", 0 },
		{ "2026-01-02T03:04:05", 0 },
		{ "2026-01-02T03:04:05z", 0 },
		{ "2026-01-02T03:04:05Zx", 0 },
		{ "2026-01-02T03:04:05+02", 0 },
		{ "2026-01-02T03:04:05+02:00x", 0 },
		{ "2026-01-02T03:04:05+-2:00", 0 },
		{ "2026-01-02T03:04:05+2:0", 0 },
		{ "2026-01-02T03:04:05+02:0x", 0 },
		{ "2026-13-02T03:04:05Z", 0 },
		{ "2026-01-02T03:04:05.0000000000000000000000000000000000000000000000Z", 0 },
	};
	_cleanup_arena struct arena arena = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (config_parse_time(rows[i].text) != rows[i].seconds)
			fail_msg("%s: %lld", rows[i].text,
			         (long long)config_parse_time(rows[i].text));
	assert_string_equal(config_print_time(&arena, 1767323045), "2026-01-02T03:04:05Z");
	assert_string_equal(config_print_time(&arena, 0), "1970-01-01T00:00:00Z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),  cmocka_unit_test(test_refused),
		cmocka_unit_test(test_limits), cmocka_unit_test(test_long_texts),
		cmocka_unit_test(test_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
