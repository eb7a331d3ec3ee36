/* name: what an entry may be called (C1), and whiteouts (C3). */
#include "runtime/image/layer/name.h"
#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct row {
	const char *given, *path; /* NULL: refused */
	const char *parent, *base;
	enum name_kind kind;
} rows[] = {
	{ "a", "a", "", "a", NAME_ENTRY },
	{ "a/b/c", "a/b/c", "a/b", "c", NAME_ENTRY },
	{ "./a", "a", "", "a", NAME_ENTRY },
	{ "././a//b/./", "a/b", "a", "b", NAME_ENTRY },
	{ "a/", "a", "", "a", NAME_ENTRY },
	{ ".", "", "", "", NAME_ENTRY },
	{ "./", "", "", "", NAME_ENTRY },
	{ "...", "...", "", "...", NAME_ENTRY },
	{ "..a", "..a", "", "..a", NAME_ENTRY },
	{ ".wha", ".wha", "", ".wha", NAME_ENTRY },
	{ "a.wh.b", "a.wh.b", "", "a.wh.b", NAME_ENTRY },
	{ "\xff\xfe", "\xff\xfe", "", "\xff\xfe", NAME_ENTRY },
	{ ".wh.a", ".wh.a", "", "a", NAME_WHITEOUT },
	{ "x/.wh.a", "x/.wh.a", "x", "a", NAME_WHITEOUT },
	{ "x/.wh....", "x/.wh....", "x", "...", NAME_WHITEOUT },
	{ ".wh..a", ".wh..a", "", ".a", NAME_WHITEOUT },
	{ ".wh..wh..opq", ".wh..wh..opq", "", ".wh..wh..opq", NAME_OPAQUE },
	{ "x/y/.wh..wh..opq", "x/y/.wh..wh..opq", "x/y", ".wh..wh..opq", NAME_OPAQUE },
	{ ".wh..wh.plnk", ".wh..wh.plnk", "", ".wh..wh.plnk", NAME_IGNORED },
	{ ".wh..wh.plnk/1.2", ".wh..wh.plnk/1.2", ".wh..wh.plnk", "1.2", NAME_IGNORED },
	{ ".wh..wh.aufs", ".wh..wh.aufs", "", ".wh..wh.aufs", NAME_IGNORED },
	{ "", NULL },
	{ "/", NULL },
	{ "/a", NULL },
	{ "//a", NULL },
	{ "..", NULL },
	{ "../a", NULL },
	{ "a/..", NULL },
	{ "a/../b", NULL },
	{ "./..", NULL },
	{ "a\nb", NULL },
	{ "a\tb", NULL },
	{ "\x1b[2J", NULL },
	{ "a\x7f", NULL },
	{ ".wh.", NULL },
	{ ".wh..", NULL },
	{ ".wh...", NULL },
	{ "x/.wh.", NULL },
	{ "x/.wh../", NULL },
	{ ".wh.a/b", NULL },
	{ "a/.wh.b/c", NULL },
	{ ".wh..wh.a", NULL },
	{ ".wh..wh..opq/x", NULL },
	{ ".wh..wh.plnkx", NULL },
	{ "x/.wh..wh.plnk", NULL },
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct name name;
		struct error err = {};
		int result = name_parse(&name, rows[i].given, &err);

		if (rows[i].path == NULL) {
			if (result == 0)
				fail_msg("'%s' is taken as '%s'", rows[i].given, name.path);
			continue;
		}
		if (result < 0)
			fail_msg("'%s': %s", rows[i].given, err.text);
		assert_string_equal(name.path, rows[i].path);
		assert_string_equal(name.parent, rows[i].parent);
		assert_string_equal(name.base, rows[i].base);
		assert_int_equal(name.kind, rows[i].kind);
	}
}

static void test_limits(void **state)
{
	char path[2 * LIMIT_PATH];
	struct name name;
	struct error err;

	(void)state;
	memset(path, 'a', sizeof path);
	path[LIMIT_COMPONENT] = '\0';
	assert_int_equal(name_parse(&name, path, &err), 0);
	path[LIMIT_COMPONENT] = 'a';
	path[LIMIT_COMPONENT + 1] = '\0';
	assert_int_equal(name_parse(&name, path, &err), -1);
	for (size_t i = 0; i < sizeof path; i++)
		path[i] = i % 200 == 199 ? '/' : 'a';
	path[LIMIT_PATH] = '\0';
	assert_int_equal(name_parse(&name, path, &err), 0);
	path[LIMIT_PATH] = 'a';
	path[LIMIT_PATH + 1] = '\0';
	assert_int_equal(name_parse(&name, path, &err), -1);
	for (size_t i = 0; i < sizeof path; i++)
		path[i] = i % 2 == 1 ? '/' : 'd';
	path[2 * LIMIT_DEPTH] = '\0';
	assert_int_equal(name_parse(&name, path, &err), 0);
	path[2 * LIMIT_DEPTH + 2] = '\0';
	path[2 * LIMIT_DEPTH] = 'd';
	assert_int_equal(name_parse(&name, path, &err), -1);
}

static void check_target(const char *at, const char *target, const char *resolved, bool taken)
{
	char path[LIMIT_PATH + 1];
	struct name name;
	struct error err = {};

	assert_int_equal(name_parse(&name, at, &err), 0);
	assert_int_equal(name_check_target(&name, target, &err), taken ? 0 : -1);
	assert_int_equal(name_resolve(path, &name, target, &err), resolved != NULL ? 0 : -1);
	if (resolved != NULL)
		assert_string_equal(path, resolved);
}

static void test_targets(void **state)
{
	(void)state;
	check_target("a", "b", "b", true);
	check_target("a/b", "c", "a/c", true);
	check_target("a/b", "../c", "c", true);
	check_target("a/b/c", "../../d/./e", "d/e", true);
	check_target("a/b", "..", "", true);
	check_target("a/b", "x/../y", "a/y", true);
	check_target("a/b", "/etc/passwd", NULL, true);
	check_target("a", "..", NULL, false);
	check_target("a/b", "../..", NULL, false);
	check_target("a/b", "../../x", NULL, false);
	check_target("a/b", "../../a/x", NULL, false);
	check_target("a", "", NULL, false);
	check_target("a", "x\ny", NULL, false);
}

static void test_show(void **state)
{
	char shown[160], path[300] = "a\x1b[2J\nb";

	(void)state;
	name_show(shown, sizeof shown, path);
	assert_string_equal(shown, "a\\x1b[2J\\x0ab");
	memset(path, 'x', sizeof path - 1);
	name_show(shown, sizeof shown, path);
	assert_int_equal(strlen(shown), 123);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_show),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
