/* How an image is pulled, as typed: credentials, certificates, platforms. */
#include "runtime/cli/pull_request.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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
	const struct pull_words words = { .tls_not_verified = true, .file = "/auth" }, none = {};
	struct image_pull pull;
	struct error err = {};

	(void)state;
	assert_int_equal(make(&pull, &arena, &words, &err), 0);
	assert_true(pull.access.insecure);
	assert_string_equal(pull.access.file, "/auth");
	assert_int_equal(make(&pull, &arena, &none, &err), 0);
	assert_false(pull.access.insecure);
	assert_null(pull.access.user);
	assert_null(pull.architecture);
}

static void test_platforms(void **state)
{
	static const struct {
		const char *words, *architecture, *error;
	} rows[] = {
		{ "linux/arm64", "arm64", NULL },
		{ "arm64", "arm64", NULL },
		{ "linux/arm/v7", "arm/v7", NULL },
		{ "linux/", NULL, "--platform linux/ names no architecture" },
		{ "", NULL, "--platform  names no architecture" },
		{ "windows/amd64", NULL, "--platform windows/amd64: cordon runs images for linux" },
		{ "/amd64", NULL, "--platform /amd64: cordon runs images for linux" },
		{ "Linux/amd64", NULL, "--platform Linux/amd64: cordon runs images for linux" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_arena struct arena arena = {};
		const struct pull_words words = { .platform = rows[i].words };
		struct image_pull pull;
		struct error err = {};
		int result = make(&pull, &arena, &words, &err);

		assert_int_equal(result, rows[i].error == NULL ? 0 : -1);
		if (result < 0)
			assert_string_equal(err.text, rows[i].error);
		else
			assert_string_equal(pull.architecture, rows[i].architecture);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_credentials),
		cmocka_unit_test(test_access),
		cmocka_unit_test(test_platforms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
