/* --mount: its words, what they may not be together, and quotes as in a line of CSV. */
#include "runtime/cli/run_request.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const kinds[] = { "bind", "volume", "tmpfs" };

static void test_taken(void **state)
{
	/* "KIND SOURCE TARGET OPTIONS" */
	static const struct {
		const char *spec, *expected;
	} rows[] = {
		{ "type=bind,source=/a,target=/b", "bind /a /b ''" },
		{ "type=bind,src=/a,dst=/b,ro", "bind /a /b 'ro'" },
		{ "type=bind,src=/a,destination=/b,readonly=true", "bind /a /b 'ro'" },
		{ "type=bind,src=/a,dst=/b,readonly=1", "bind /a /b 'ro'" },
		{ "type=bind,src=/a,dst=/b,ro,readonly=false", "bind /a /b ''" },
		{ "type=bind,src=/a,dst=/b,ro=0", "bind /a /b ''" },
		/* a volume by itself; one without a name is anonymous */
		{ "target=/b", "volume - /b ''" },
		{ "type=volume,src=data,dst=/b,volume-nocopy", "volume data /b 'nocopy'" },
		{ "src=data,dst=/b,ro,volume-nocopy=true", "volume data /b 'ro,nocopy'" },
		{ "type=tmpfs,dst=/t", "tmpfs - /t ''" },
		{ "type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=1777,ro",
		  "tmpfs - /t 'size=1m,mode=1777,ro'" },
		/* the last one counts */
		{ "type=tmpfs,dst=/a,dst=/b", "tmpfs - /b ''" },
		/* any letter in a path */
		{ "type=bind,src=/a:b,dst=/c:d", "bind /a:b /c:d ''" },
		{ "type=bind,src=/a=b,dst=/c", "bind /a=b /c ''" },
		{ "type=bind,\"src=/a,b\",dst=/c", "bind /a,b /c ''" },
		{ "\"type=bind\",\"src=/a\"\"b\",dst=/c", "bind /a\"b /c ''" },
		{ "type=bind,src=\"/a,b\",dst=/c", "bind /a,b /c ''" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_arena struct arena arena = {};
		struct run_request request = {};
		const struct mount_request *mount;
		struct error err = {};

		if (mount_option(&request, &arena, rows[i].spec, &err) < 0)
			fail_msg("%s", err.text);
		assert_int_equal(request.mount_count, 1);
		mount = &request.mounts[0];
		assert_string_equal(arena_printf(&arena, "%s %s %s '%s'", kinds[mount->kind],
		                                 mount->source == NULL ? "-" : mount->source,
		                                 mount->target, mount->options),
		                    rows[i].expected);
	}
}

static void test_refused(void **state)
{
	static const struct {
		const char *spec, *why, *hint;
	} rows[] = {
		{ "", "unknown key ''", "" },
		{ ",", "unknown key ''", "" },
		{ "type=bind", "no target", "" },
		{ "type=bind,dst=/b", "a bind has a source", "" },
		{ "type=bind,src=a,dst=/b", "'a' is not an absolute path",
		  "use \"$PWD/a\", or -v, which takes ./a" },
		{ "src=/a,dst=/b", "'/a' is not the name of a volume",
		  "a folder of the host is mounted with type=bind" },
		{ "type=tmpfs,src=x,dst=/b", "a tmpfs has no source", "" },
		{ "type=bind,src=/a,dst=/b,tmpfs-size=1m",
		  "tmpfs-size and tmpfs-mode are for type=tmpfs", "" },
		{ "dst=/b,tmpfs-mode=1", "tmpfs-size and tmpfs-mode are for type=tmpfs", "" },
		{ "type=bind,src=/a,dst=/b,volume-nocopy", "volume-nocopy is for type=volume", "" },
		{ "type=npipe,dst=/b", "type is bind, volume or tmpfs", "" },
		{ "type=Bind,src=/a,dst=/b", "type is bind, volume or tmpfs", "" },
		{ "type=bind,src=/a,dst=/b,readonly=yes", "readonly is true or false", "" },
		{ "type=bind,src=/a,dst=/b,ro=", "ro is true or false", "" },
		{ "type=bind,src=,dst=/b", "src has no value", "" },
		{ "type=bind,src,dst=/b", "src has no value", "" },
		{ "type=bind,src=/a,dst=/b,bind-propagation=shared",
		  "unknown key 'bind-propagation'", "" },
		{ "type=bind,src=/a,dst=/b,", "unknown key ''", "" },
		{ "type=bind, src=/a,dst=/b", "unknown key ' src'", "" },
		{ "type=bind,\"src=/a,dst=/b", "a quote is not closed", "" },
		{ "type=bind,src=/a,dst=/b\"", "a quote is not closed", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_arena struct arena arena = {};
		struct run_request request = {};
		struct error err = {};

		if (mount_option(&request, &arena, rows[i].spec, &err) != -1)
			fail_msg("taken: %s", rows[i].spec);
		assert_string_equal(err.text, arena_printf(&arena, "invalid --mount '%s': %s",
		                                           rows[i].spec, rows[i].why));
		assert_string_equal(err.hint, rows[i].hint);
		assert_int_equal(request.mount_count, 0);
	}
}

static void test_several_and_long(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct run_request request = {};
	struct error err = {};
	char *spec = test_malloc(200100);

	(void)state;
	for (int i = 0; i < 200; i++)
		assert_int_equal(mount_option(&request, &arena,
		                              arena_printf(&arena, "type=tmpfs,dst=/%d", i), &err),
		                 0);
	assert_int_equal(request.mount_count, 200);
	assert_string_equal(request.mounts[0].target, "/0");
	assert_string_equal(request.mounts[199].target, "/199");
	strcpy(spec, "type=tmpfs,dst=/");
	memset(spec + 16, 'x', 200000);
	spec[200016] = '\0';
	assert_int_equal(mount_option(&request, &arena, spec, &err), 0);
	assert_int_equal(strlen(request.mounts[200].target), 200001);
	memset(spec, '"', 200001);
	spec[200001] = '\0';
	assert_int_equal(mount_option(&request, &arena, spec, &err), -1);
	test_free(spec);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_several_and_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
