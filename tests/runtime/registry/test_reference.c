/* reference: the grammar of distribution/reference, and digests (C8). */
#include "runtime/registry/reference.h"
#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct row {
	const char *name, *full; /* NULL: refused */
} rows[] = {
	{ "nginx", "docker.io/library/nginx:latest" },
	{ "nginx:1.25", "docker.io/library/nginx:1.25" },
	{ "library/nginx", "docker.io/library/nginx:latest" },
	{ "team/app", "docker.io/team/app:latest" },
	{ "docker.io/nginx", "docker.io/library/nginx:latest" },
	{ "index.docker.io/nginx", "docker.io/library/nginx:latest" },
	{ "docker.io/team/app:x", "docker.io/team/app:x" },
	{ "localhost/app", "localhost/app:latest" },
	{ "localhost:5000/app", "localhost:5000/app:latest" },
	{ "localhost", "docker.io/library/localhost:latest" },
	{ "example.org/a/b/c:v1", "example.org/a/b/c:v1" },
	{ "example.org:443/a", "example.org:443/a:latest" },
	{ "EXAMPLE/app", "EXAMPLE/app:latest" }, /* an upper-case first part is a host */
	{ "[::1]:5000/app", "[::1]:5000/app:latest" },
	{ "[2001:db8::1]/app", "[2001:db8::1]/app:latest" },
	{ "a--b", "docker.io/library/a--b:latest" },
	{ "a__b", "docker.io/library/a__b:latest" },
	{ "a.b_c-d", "docker.io/library/a.b_c-d:latest" },
	{ "app:Tag_1.2-x", "docker.io/library/app:Tag_1.2-x" },
	{ "app:_x", "docker.io/library/app:_x" },
	{ "app@sha256:" HEX, "docker.io/library/app@sha256:" HEX },
	{ "app:1@sha256:" HEX, "docker.io/library/app:1@sha256:" HEX },
	{ "0", "docker.io/library/0:latest" },
	{ "", NULL },
	{ " ", NULL },
	{ ":", NULL },
	{ ":tag", NULL },
	{ "@sha256:" HEX, NULL },
	{ "/", NULL },
	{ "/app", NULL },
	{ "app/", NULL },
	{ "a//b", NULL },
	{ "../x", NULL },
	{ "a/../b", NULL },
	{ "./a", NULL },
	{ ".a", NULL },
	{ "a.", NULL },
	{ "-a", NULL },
	{ "a-", NULL },
	{ "_a", NULL },
	{ "a..b", NULL },
	{ "a___b", NULL },
	{ "a._b", NULL },
	{ "App", NULL },
	{ "team/App", NULL },
	{ "app:", NULL },
	{ "app:.x", NULL },
	{ "app:-x", NULL },
	{ "app:a/b", NULL },
	{ "app:a:b", NULL },
	{ "app:a b", NULL },
	{ "app tag", NULL },
	{ "app\n", NULL },
	{ "app\x1b[0m", NULL },
	{ "\xc3\xa4pp", NULL },
	{ "app@", NULL },
	{ "app@sha256:", NULL },
	{ "app@sha256:123", NULL },
	{ "app@sha512:" HEX HEX, NULL },
	{ "app@md5:" HEX, NULL },
	{ "app@sha256:" HEX "0", NULL },
	{ "app@@sha256:" HEX, NULL },
	{ HEX, NULL }, /* an id */
	{ "exa_mple.org/app", NULL },
	{ "-example.org/app", NULL },
	{ "example.org-/app", NULL },
	{ "example..org/app", NULL },
	{ "example.org:/app", NULL },
	{ "example.org:x/app", NULL },
	{ "[::1/app", NULL },
	{ "[]/app", NULL },
	{ "[::1]x/app", NULL },
};

static int normalize(const char **ret, struct arena *arena, const char *name, struct error *err)
{
	struct reference reference;

	if (reference_parse(&reference, arena, name, err) < 0)
		return -1;
	*ret = reference_string(arena, &reference);
	return 0;
}

static void test_normalize(void **state)
{
	_cleanup_arena struct arena arena = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *full = NULL;
		struct error err = {};
		int result = normalize(&full, &arena, rows[i].name, &err);

		if (rows[i].full == NULL) {
			if (result == 0)
				fail_msg("'%s' is taken as %s", rows[i].name, full);
			assert_null(full);
			assert_null(strpbrk(err.text, "\n\x1b"));
		} else {
			if (result < 0)
				fail_msg("%s", err.text);
			assert_string_equal(full, rows[i].full);
		}
	}
}

static void test_normal_form_is_stable(void **state)
{
	_cleanup_arena struct arena arena = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *again;
		struct error err;

		if (rows[i].full == NULL)
			continue;
		assert_int_equal(normalize(&again, &arena, rows[i].full, &err), 0);
		assert_string_equal(again, rows[i].full);
	}
}

static void test_length(void **state)
{
	_cleanup_arena struct arena arena = {};
	char name[400], tag[200] = "a:";
	const char *full;
	struct error err;

	(void)state;
	memset(name, 'a', sizeof name);
	name[255 - strlen("docker.io/library/")] = '\0';
	assert_int_equal(normalize(&full, &arena, name, &err), 0);
	name[strlen(name)] = 'a';
	name[256 - strlen("docker.io/library/")] = '\0';
	assert_int_equal(normalize(&full, &arena, name, &err), -1);
	memset(tag + 2, 't', 128);
	assert_int_equal(normalize(&full, &arena, tag, &err), 0);
	tag[130] = 't';
	assert_int_equal(normalize(&full, &arena, tag, &err), -1);
}

static void test_local(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct reference reference;
	struct error err;

	(void)state;
	assert_int_equal(reference_parse(&reference, &arena, "team/app:1", &err), 0);
	assert_false(reference.domain_given);
	assert_string_equal(reference_local_string(&arena, &reference), "localhost/team/app:1");
	assert_int_equal(reference_parse(&reference, &arena, "app", &err), 0);
	assert_string_equal(reference_local_string(&arena, &reference), "localhost/app:latest");
	assert_int_equal(reference_parse(&reference, &arena, "docker.io/app", &err), 0);
	assert_true(reference.domain_given);
}

static void test_digest(void **state)
{
	static const char *const wrong[] = {
		NULL,
		"",
		"sha256:",
		"sha256",
		HEX,
		"SHA256:" HEX,
		"sha256:" HEX "0",
		"sha256:" HEX "\n",
		" sha256:" HEX,
		"sha512:" HEX HEX,
		"md5:" HEX,
		"sha256:../../../../../../../../../../../../../../../../../../etc/passwd",
		"sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
		"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde/",
	};

	(void)state;
	assert_string_equal(reference_digest_hex("sha256:" HEX), HEX);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_null(reference_digest_hex(wrong[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_normalize), cmocka_unit_test(test_normal_form_is_stable),
		cmocka_unit_test(test_length),    cmocka_unit_test(test_local),
		cmocka_unit_test(test_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
