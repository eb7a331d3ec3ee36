/* Names of other transports are no names of images, and each is told what to do instead. */
#include "runtime/image/transport.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_transports(void **state)
{
	static const struct {
		const char *name, *pull, *push; /* in the hints */
	} rows[] = {
		{ "dir:/srv/x", "skopeo copy NAME oci:FOLDER", "--format docker-dir" },
		{ "oci:layout:1", "cordon pull oci:FOLDER", "--format oci-dir" },
		{ "oci-archive:x.tar", "cordon pull oci-archive:FILE", "--format oci-archive" },
		{ "docker-archive:x.tar", "cordon pull docker-archive:FILE", "cordon save -o" },
		{ "docker-daemon:x:1", "docker save NAME | cordon load", "| docker load" },
		{ "containers-storage:x", "podman save NAME | cordon load", "| podman load" },
		{ "tarball:x.tar", "cordon import", "cordon export" },
		{ "ostree:x", "skopeo copy", "skopeo copy" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error err;

		assert_int_equal(transport_check(rows[i].name, false, &err), -1);
		assert_non_null(strstr(err.text, rows[i].name));
		assert_non_null(strstr(err.hint, rows[i].pull));
		assert_non_null(strstr(err.hint, "docker.io/library/"));
		assert_int_equal(transport_check(rows[i].name, true, &err), -1);
		assert_non_null(strstr(err.hint, rows[i].push));
	}
}

/* What only looks like one. */
static void test_names(void **state)
{
	static const char *const names[] = { "nginx:1",          "directory:1",   "dir",
		                             "docker.io/dir:1",  "me/oci:1",      "oci",
		                             "127.0.0.1:5000/x", "localhost:1/x", "" };
	struct error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_equal(transport_check(names[i], false, &err), 0);
		assert_int_equal(transport_check(names[i], true, &err), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_transports),
		                            cmocka_unit_test(test_names) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
