/* How an image is pulled, as typed: credentials, certificates, platforms. */
#include "runtime/cli/pull_request.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *text_or(const char *text)
{
	return text == NULL ? "nothing" : text;
}

static int make(struct image_pull *ret, struct arena *arena, const struct pull_words *words,
                struct error *err)
{
	struct call call = { .arena = arena };
	struct pull_view view;

	*ret = (struct image_pull){};
	return pull_request_make(ret, &view, &call, words, err);
}

static void test_credentials(void **state)
{
	static const struct {
		const char *words, *user, *secret; /* user NULL: refused */
	} rows[] = {
		{ "me:secret", "me", "secret" },
		{ "me:a:b", "me", "a:b" }, /* a password may hold a colon, a name may not */
		{ "me:", "me", "" },
		{ "me", NULL, NULL },
		{ ":secret", NULL, NULL },
		{ "", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_arena struct arena arena = {};
		const struct pull_words words = { .credentials = rows[i].words };
		struct image_access access = {};
		struct error err = {};
		int result = access_make(&access, &arena, &words, &err);

		assert_int_equal(result, rows[i].user == NULL ? -1 : 0);
		if (result < 0) {
			/* what was typed may be a password: it is not said again */
			assert_string_equal(err.text, "--creds takes USER:PASSWORD");
			continue;
		}
		assert_string_equal(access.user, rows[i].user);
		assert_string_equal(access.secret, rows[i].secret);
	}
}

static void test_access(void **state)
{
	_cleanup_arena struct arena arena = {};
	const struct pull_words words = { .tls_verify = EITHER_NO, .file = "/auth" },
	                        verified = { .tls_verify = EITHER_YES }, none = {};
	struct image_pull pull;
	struct error err = {};

	(void)state;
	assert_int_equal(make(&pull, &arena, &words, &err), 0);
	assert_int_equal(pull.access.tls, IMAGE_TLS_ANY);
	assert_string_equal(pull.access.file, "/auth");
	assert_int_equal(make(&pull, &arena, &verified, &err), 0);
	assert_int_equal(pull.access.tls, IMAGE_TLS_VERIFIED);
	assert_int_equal(make(&pull, &arena, &none, &err), 0);
	assert_int_equal(pull.access.tls, IMAGE_TLS_AS_SET);
	assert_null(pull.access.user);
	assert_false(platform_is_said(&pull.platform));
}

static void test_platforms(void **state)
{
	static const struct {
		const char *words, *os, *architecture, *variant, *error;
	} rows[] = {
		{ "linux/arm64", "linux", "arm64", NULL, NULL },
		{ "arm64", NULL, "arm64", NULL, NULL },
		{ "linux/arm/v7", "linux", "arm", "v7", NULL },
		{ "linux", "linux", NULL, NULL, NULL },
		{ .words = "linux/", .error = "--platform: 'linux/' is no platform" },
		{ .words = "", .error = "--platform: '' is no platform" },
		{ .words = "windows/amd64",
		  .error = "windows/amd64: cordon runs images for linux" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_arena struct arena arena = {};
		const struct pull_words words = { .platform = rows[i].words };
		struct image_pull pull;
		struct error err = {};
		int result = make(&pull, &arena, &words, &err);

		assert_int_equal(result, rows[i].error == NULL ? 0 : -1);
		if (result < 0) {
			assert_string_equal(err.text, rows[i].error);
			continue;
		}
		assert_string_equal(text_or(pull.platform.os), text_or(rows[i].os));
		assert_string_equal(text_or(pull.platform.architecture),
		                    text_or(rows[i].architecture));
		assert_string_equal(text_or(pull.platform.variant), text_or(rows[i].variant));
	}
}

/* The parts by themselves, and Docker's variable, which both win over. */
static void test_platform_parts(void **state)
{
	_cleanup_arena struct arena arena = {};
	const struct pull_words parts = { .architecture = "arm", .variant = "v6" }, none = {},
	                        both = { .platform = "arm64", .os = "linux" };
	struct image_pull pull;
	struct error err = {};

	(void)state;
	setenv("DOCKER_DEFAULT_PLATFORM", "linux/riscv64", 1);
	assert_int_equal(make(&pull, &arena, &parts, &err), 0);
	assert_string_equal(pull.platform.architecture, "arm");
	assert_string_equal(pull.platform.variant, "v6");
	assert_int_equal(make(&pull, &arena, &none, &err), 0);
	assert_string_equal(pull.platform.architecture, "riscv64");
	setenv("DOCKER_DEFAULT_PLATFORM", "a/b/c/d", 1);
	assert_int_equal(make(&pull, &arena, &none, &err), -1);
	assert_non_null(strstr(err.text, "DOCKER_DEFAULT_PLATFORM"));
	unsetenv("DOCKER_DEFAULT_PLATFORM");
	assert_int_equal(make(&pull, &arena, &both, &err), -1);
	assert_non_null(strstr(err.text, "exclude one another"));
}

static void test_content_trust(void **state)
{
	_cleanup_arena struct arena arena = {};
	const struct pull_words none = {}, without = { .no_content_trust = EITHER_YES },
	                        with = { .no_content_trust = EITHER_NO };
	struct image_access access = {};
	struct error err = {};

	(void)state;
	assert_int_equal(access_make(&access, &arena, &with, &err), -1);
	setenv("DOCKER_CONTENT_TRUST", "1", 1);
	assert_int_equal(access_make(&access, &arena, &none, &err), -1);
	assert_non_null(strstr(err.text, "DOCKER_CONTENT_TRUST"));
	assert_int_equal(access_make(&access, &arena, &without, &err), 0);
	setenv("DOCKER_CONTENT_TRUST", "0", 1);
	assert_int_equal(access_make(&access, &arena, &none, &err), 0);
	unsetenv("DOCKER_CONTENT_TRUST");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_credentials),   cmocka_unit_test(test_access),
		cmocka_unit_test(test_platforms),     cmocka_unit_test(test_platform_parts),
		cmocka_unit_test(test_content_trust),
	};

	unsetenv("DOCKER_DEFAULT_PLATFORM");
	unsetenv("DOCKER_CONTENT_TRUST");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
