/* What the end of a path is called, and whether it says that it is a folder: as docker cp reads it.
 */
#include "runtime/container/copy_parts.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_names(void **state)
{
	static const struct {
		const char *path, *name;
		bool folder;
	} rows[] = {
		{ "a", "a", false },
		{ "/a/b", "b", false },
		{ "a/", "a", true },
		{ "a///", "a", true },
		{ "a/b/", "b", true },
		{ "a/.", "", true },
		{ ".", "", true },
		{ "/", "", true },
		{ "", "", false },
		{ "/.", "", true },
		{ "./a", "a", false },
		{ "a/./", "a", true },
		{ "a/./.", "", true },
		{ "..", "", true },
		{ "a/..", "", true },
		{ "a/b/..", "a", true },
		{ "/a/b/../", "a", true },
		{ "a/b/../..", "", true },
		{ "a/b/c/../..", "a", true },
		{ "a/../b", "b", false },
		{ "a/b/../c/..", "a", true },
		{ "/..", "", true },
		{ "...", "...", false },
		{ "a/..b", "..b", false },
		{ ".a", ".a", false },
		{ "a.", "a.", false },
		{ "a/b..", "b..", false },
		{ "-", "-", false },
		{ "a b\n", "a b\n", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char name[256] = "untouched";
		struct error err = {};

		assert_int_equal(copy_base_name(name, rows[i].path, &err), 0);
		if (strcmp(name, rows[i].name) != 0)
			fail_msg("'%s' is called '%s'", rows[i].path, name);
		if (copy_says_folder(rows[i].path) != rows[i].folder)
			fail_msg("'%s' and folders", rows[i].path);
	}
}

static void test_long_names(void **state)
{
	char path[400], name[256];
	struct error err = {};

	(void)state;
	memset(path, 'x', sizeof path);
	path[255] = '\0';
	assert_int_equal(copy_base_name(name, path, &err), 0);
	assert_int_equal(strlen(name), 255);
	path[255] = 'x';
	path[256] = '\0';
	assert_int_equal(copy_base_name(name, path, &err), -1);
	assert_non_null(strstr(err.text, "File name too long"));
	/* only the name that is meant must fit */
	strcpy(path + 256, "/b");
	assert_int_equal(copy_base_name(name, path, &err), 0);
	assert_string_equal(name, "b");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_names),
		                            cmocka_unit_test(test_long_names) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
