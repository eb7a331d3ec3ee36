/* attachments: registries.d, and the YAML that it is written in. */
#include "runtime/registry/attachments.h"
#include "runtime/registry/yaml_decode.h"
#include "sandbox/base/cleanup.h"
#include "tests/runtime/registry/ground.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* ---- YAML ---- */

static int decode(struct value **ret, struct arena *arena, const char *string, struct error *err)
{
	_cleanup_text struct text text = {};

	text_append(&text, string);
	return yaml_decode(ret, arena, "x.yaml", &text, err);
}

static const struct meaning {
	const char *yaml, *json;
} meanings[] = {
	{ "", "{}" },
	{ "# nothing\n", "{}" },
	{ "---\n...\n", "null" },
	{ "a: 1\nb: true\nc: ~\nd:\n", "{\"a\":\"1\",\"b\":true,\"c\":null,\"d\":null}" },
	{ "a: \"true\"\nb: 'x: y'\n", "{\"a\":\"true\",\"b\":\"x: y\"}" },
	{ "a:\n  b.c/d:\n    e: https://x/y\n", "{\"a\":{\"b.c/d\":{\"e\":\"https://x/y\"}}}" },
	{ "[1, {a: b}]", "[\"1\",{\"a\":\"b\"}]" },
	{ "a: &x {b: c}\nd: *x\n", "{\"a\":{\"b\":\"c\"},\"d\":{\"b\":\"c\"}}" },
	{ "a: |\n  x\n  y\n", "{\"a\":\"x\\ny\\n\"}" },
};

static const struct refusal {
	const char *yaml, *why;
} refusals[] = {
	{ "a: b: c", "x.yaml:1:5: " },
	{ "a: 1\na: 2\n", "x.yaml:2:1: a key that is there already" },
	{ "[a]: 1", "x.yaml:1:1: a key that is no scalar" },
	{ "a: !!python/object x", "x.yaml:1:4: a tag that is not known" },
	{ "a: \"x\\0y\"", "x.yaml:1:4: a string with a NUL in it" },
	{ "a: 1\n---\nb: 2\n", "a second document" },
	{ "a: \xff", "x.yaml: byte 3: " },
	{ "a: *x", "undefined alias" },
	{ "a: &x [*x]", "x.yaml:1:4: nested too deep" },
};

static void test_yaml(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++) {
		_cleanup_arena struct arena arena = {};
		_cleanup_text struct text json = {};
		struct value *value;
		struct error err = {};

		if (decode(&value, &arena, meanings[i].yaml, &err) < 0)
			fail_msg("%s: %s", meanings[i].yaml, err.text);
		value_encode(&json, value, VALUE_COMPACT);
		assert_string_equal(text_string(&json), meanings[i].json);
	}
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		_cleanup_arena struct arena arena = {};
		struct value *value;
		struct error err = {};

		if (decode(&value, &arena, refusals[i].yaml, &err) == 0)
			fail_msg("%s: was taken", refusals[i].yaml);
		if (!text_starts(err.text, "x.yaml:") || strstr(err.text, refusals[i].why) == NULL)
			fail_msg("%s: '%s', not '%s'", refusals[i].yaml, err.text, refusals[i].why);
	}
}

/* Nine lines that would be a thousand million values. */
static void test_laughs(void **state)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text text = {};
	struct value *value;
	struct error err = {};

	(void)state;
	text_append(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
	for (int i = 1; i < 9; i++)
		text_printf(&text,
		            "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d, "
		            "*a%d]\n",
		            i, i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1,
		            i - 1);
	assert_int_equal(yaml_decode(&value, &arena, "x.yaml", &text, &err), -1);
	assert_true(text_ends(err.text, "too many values"));
}

/* ---- registries.d ---- */

static bool wanted(struct ground *ground, const char *name)
{
	struct attachments attachments;
	struct reference reference;
	struct error err = {};

	if (attachments_read_in(&attachments, &ground->arena, &ground->folders, &err) < 0 ||
	    reference_parse(&reference, &ground->arena, name, &err) < 0)
		fail_msg("%s", err.text);
	return attachments_wanted(&attachments, &ground->arena, &reference);
}

static void test_scopes(void **state)
{
	struct ground ground;

	(void)state;
	ground_open(&ground);
	assert_false(wanted(&ground, "busybox"));
	/* Debian's own file */
	ground_write(&ground, "etc/registries.d/default.yaml",
	             "# comments\ndefault-docker:\n#  lookaside: file:///x\n"
	             "  lookaside-staging: file:///var/lib/containers/sigstore\n");
	assert_false(wanted(&ground, "busybox"));
	ground_write(&ground, "etc/registries.d/b.yaml",
	             "docker:\n  docker.io/library:\n    use-sigstore-attachments: true\n"
	             "  docker.io/library/busybox:\n    lookaside: https://x.example\n"
	             "  docker.io/library/busybox:1:\n    use-sigstore-attachments: off\n"
	             "  '*.a.example':\n    use-sigstore-attachments: yes\n"
	             "  localhost:5000:\n    use-sigstore-attachments: True\n");
	assert_true(wanted(&ground, "alpine"));
	assert_true(wanted(&ground, "busybox")); /* it says nothing, what is above does */
	assert_false(wanted(&ground, "busybox:1"));
	assert_false(wanted(&ground, "docker.io/team/app"));
	assert_true(wanted(&ground, "b.a.example:80/x"));
	assert_false(wanted(&ground, "a.example/x"));
	assert_true(wanted(&ground, "localhost:5000/x"));
	assert_false(wanted(&ground, "localhost/x"));
	/* the user's folder is in place of the system's */
	ground_write(&ground, "home/.config/containers/registries.d/a.yaml",
	             "default-docker:\n  use-sigstore-attachments: true\n");
	assert_true(wanted(&ground, "quay.io/x"));
	assert_true(wanted(&ground, "busybox:1"));
	ground_write(&ground, "xdg/containers/registries.d/a.yml", "default-docker: [\n");
	assert_false(wanted(&ground, "quay.io/x"));
	ground_close(&ground);
}

static const struct wrong {
	const char *yaml, *why;
} wrongs[] = {
	{ "[]", "b.yaml: is an array, must be a mapping" },
	{ "docker: []", "b.yaml: docker is an array, must be a mapping" },
	{ "docker: {x.example: 1}", "b.yaml: x.example is a string, must be a mapping" },
	{ "docker: {b.example: {use-sigstore-attachments: maybe}}",
	  "b.yaml: use-sigstore-attachments of b.example must be true or false" },
	{ "docker: {a.example: {}}", "b.yaml: a.example is spoken of in " },
	{ "default-docker: {}", "b.yaml: default-docker is spoken of in " },
	{ "docker: {", "b.yaml:" },
};

static void test_wrongs(void **state)
{
	struct ground ground;

	(void)state;
	ground_open(&ground);
	ground_write(&ground, "etc/registries.d/a.yaml",
	             "default-docker:\ndocker: {a.example: {lookaside: x}}\n");
	for (size_t i = 0; i < ARRAY_SIZE(wrongs); i++) {
		struct attachments attachments;
		struct error err = {};

		ground_write(&ground, "etc/registries.d/b.yaml", wrongs[i].yaml);
		if (attachments_read_in(&attachments, &ground.arena, &ground.folders, &err) == 0)
			fail_msg("%s: was taken", wrongs[i].yaml);
		if (strstr(err.text, wrongs[i].why) == NULL)
			fail_msg("'%s', not '%s'", err.text, wrongs[i].why);
	}
	ground_close(&ground);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_yaml),
		cmocka_unit_test(test_laughs),
		cmocka_unit_test(test_scopes),
		cmocka_unit_test(test_wrongs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
