/* Which ids a mode maps: pure, on invented machines. */
#include "sandbox/host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct host machine(void)
{
	struct host host = { .uid = 1000,
		             .gid = 100,
		             .user = "someone",
		             .subuids = { { 100000, 65536 }, { 300000, 10 } },
		             .subuid_count = 2,
		             .subgids = { { 200000, 65536 } },
		             .subgid_count = 1,
		             .newuidmap = "/usr/bin/newuidmap",
		             .newgidmap = "/usr/bin/newgidmap" };

	return host;
}

static void check_line(const struct plan_id_map *line, uint32_t inside, uint32_t outside,
                       uint32_t length)
{
	assert_int_equal(line->inside, inside);
	assert_int_equal(line->outside, outside);
	assert_int_equal(line->length, length);
}

static void test_modes(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct host host = machine();
	struct plan_id_maps maps;
	struct error err;

	(void)state;
	assert_int_equal(host_id_maps(&maps, &arena, &host, IDMAP_SINGLE, 0, &err), 0);
	assert_false(maps.helpers);
	assert_int_equal(maps.uid_count, 1);
	check_line(&maps.uids[0], 0, 1000, 1);
	check_line(&maps.gids[0], 0, 100, 1);

	assert_int_equal(host_id_maps(&maps, &arena, &host, IDMAP_RANGE, 0, &err), 0);
	assert_true(maps.helpers);
	assert_int_equal(maps.uid_count, 3);
	check_line(&maps.uids[1], 1, 100000, 65536);
	check_line(&maps.uids[2], 65537, 300000, 10);

	assert_int_equal(host_id_maps(&maps, &arena, &host, IDMAP_RANGE, 65536, &err), 0);
	assert_int_equal(maps.uid_count, 2);
	check_line(&maps.uids[1], 1, 100000, 65535);

	assert_int_equal(host_id_maps(&maps, &arena, &host, IDMAP_KEEP_ID, 0, &err), 0);
	assert_int_equal(maps.uid_count, 4);
	check_line(&maps.uids[0], 0, 100000, 1000);
	check_line(&maps.uids[1], 1000, 1000, 1);
	check_line(&maps.uids[2], 1001, 101000, 64536);
	check_line(&maps.gids[1], 100, 100, 1);

	assert_int_equal(host_id_maps(&maps, &arena, &host, IDMAP_NOMAP, 0, &err), 0);
	check_line(&maps.uids[0], 0, 100000, 65536);
}

static void test_what_is_missing_is_named(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct host host = machine();
	struct plan_id_maps maps;
	struct error err;

	(void)state;
	host.subuid_count = 0;
	assert_int_equal(host_id_maps(&maps, &arena, &host, IDMAP_RANGE, 0, &err), -1);
	assert_non_null(strstr(err.text, "someone has no subordinate ids"));
	assert_non_null(strstr(err.hint, "usermod --add-subuids"));
	host = machine();
	host.newuidmap[0] = '\0';
	assert_int_equal(host_id_maps(&maps, &arena, &host, IDMAP_RANGE, 0, &err), -1);
	assert_non_null(strstr(err.hint, "uidmap"));
}

static void test_probe_and_simulation(void **state)
{
	struct host host;
	struct error err;

	(void)state;
	assert_int_equal(host_probe(&host, NULL, &err), 0);
	assert_true(host.kernel >= 5 << 16);
	assert_true(host.user[0] != '\0');
	assert_int_equal(host_probe(&host, "landlock,newuidmap,subuid", &err), 0);
	assert_int_equal(host.landlock_abi, 0);
	assert_int_equal(host.subuid_count, 0);
	assert_string_equal(host.newuidmap, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_what_is_missing_is_named),
		cmocka_unit_test(test_probe_and_simulation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
