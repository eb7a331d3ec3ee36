/* Names and patterns of images: what is implied may be left out, and * does not pass a slash. */
#include "runtime/cli/image_filter.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *pattern, *name;
	bool matches;
} rows[] = {
	{ "nginx", "docker.io/library/nginx:latest", true },
	{ "nginx:latest", "docker.io/library/nginx:latest", true },
	{ "nginx:1.25", "docker.io/library/nginx:latest", false },
	{ "nginx:l*", "docker.io/library/nginx:latest", true },
	{ "ngin", "docker.io/library/nginx:latest", false },
	{ "ngin*", "docker.io/library/nginx:latest", true },
	{ "*", "docker.io/library/nginx:latest", true },
	{ "*", "quay.io/a/b:1", false },
	{ "*/*/b", "quay.io/a/b:1", true },
	{ "quay.io/a/b", "quay.io/a/b:1", true },
	{ "a/b", "quay.io/a/b:1", false },
	{ "a/b", "docker.io/a/b:1", true },
	{ "library/nginx", "docker.io/library/nginx:latest", true },
	{ "base", "localhost/base:latest", true },
	{ "localhost/base:*", "localhost/base:latest", true },
	{ "host:5000/x", "host:5000/x", true },
	{ "host:5000/x:[12]", "host:5000/x:2", true },
	{ "host", "host:5000/x", false },
};

static void test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (image_name_matches(rows[i].pattern, rows[i].name) != rows[i].matches)
			fail_msg("%s, %s", rows[i].pattern, rows[i].name);
	assert_int_equal(image_name_repository("host:5000/x"), strlen("host:5000/x"));
	assert_int_equal(image_name_repository("a/b:1"), 3);
}

static void test_keys(void **state)
{
	static const struct {
		const char *filter;
		int result;
	} filters[] = {
		{ "reference=x", 0 },    { "label=a", 0 },         { "dangling=true", 0 },
		{ "dangling=false", 0 }, { "dangling=maybe", -1 }, { "dangling", -1 },
		{ "until=1h", 0 },       { "Label=a", -1 },        { "", -1 },
		{ "until=soon", -1 },    { "id=sha256:0ab", 0 },   { "id=0ab", 0 },
		{ "id=", -1 },           { "id=xyz", -1 },         { "Id=0ab", -1 },
	};
	_cleanup_arena struct arena arena = {};
	const struct paths paths = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(filters); i++) {
		const char *items[] = { filters[i].filter, NULL };
		const struct plan_strings list = { items, 1 };
		struct image_filter filter;
		struct error err = {};

		if (image_filter_read(&filter, &arena, &paths, &list, &err) != filters[i].result)
			fail_msg("%s: %s", filters[i].filter, err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_names),
		                            cmocka_unit_test(test_keys) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
