/* What a launch is expected to be, from its request alone, beside what its plan says. */
#include "runtime/container/early.h"
#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct host invented(void)
{
	return (struct host){
		.uid = 1000,
		.gid = 1000,
		.user = "me",
		.subuids = { { 100000, 65536 } },
		.subuid_count = 1,
		.subgids = { { 100000, 65536 } },
		.subgid_count = 1,
		.newuidmap = "/usr/bin/newuidmap",
		.newgidmap = "/usr/bin/newgidmap",
		.landlock_abi = 4,
	};
}

static void test_guess(void **state)
{
	static const struct {
		const char *network;
		bool given;
		enum idmap_mode mode;
		bool poor; /* without subordinate ids */
		int guesses;
		bool host_network;
		enum idmap_mode expected;
		size_t lines;
	} rows[] = {
		{ NULL, false, IDMAP_SINGLE, false, 1, false, IDMAP_RANGE, 2 },
		{ "none", false, IDMAP_SINGLE, false, 1, false, IDMAP_RANGE, 2 },
		{ "host", false, IDMAP_SINGLE, false, 1, true, IDMAP_RANGE, 2 },
		{ "none", true, IDMAP_SINGLE, false, 1, false, IDMAP_SINGLE, 1 },
		{ "none", true, IDMAP_KEEP_ID, false, 1, false, IDMAP_KEEP_ID, 3 },
		{ "none", true, IDMAP_NOMAP, false, 0, false, IDMAP_NOMAP, 0 },
		{ "none", false, IDMAP_SINGLE, true, 1, false, IDMAP_SINGLE, 1 },
		{ "none", true, IDMAP_RANGE, true, 0, false, IDMAP_RANGE, 0 },
		{ "nosuch", false, IDMAP_SINGLE, false, 0, false, IDMAP_SINGLE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_arena struct arena arena = {};
		const struct run_request request = {
			.network = rows[i].network,
			.flags = { .idmap_given = rows[i].given, .idmap = rows[i].mode },
		};
		struct host host = invented();
		struct namespaces guess;

		if (rows[i].poor)
			host.subuid_count = 0;
		if (launch_guess(&guess, &arena, &host, &request) != rows[i].guesses)
			fail_msg("row %zu", i);
		if (rows[i].guesses == 0)
			continue;
		assert_int_equal(guess.host_network, rows[i].host_network);
		assert_int_equal(guess.maps.mode, rows[i].expected);
		assert_int_equal(guess.maps.uid_count, rows[i].lines);
		assert_false(guess.host_pid || guess.host_ipc || guess.host_uts);
	}
}

/* Nothing is begun for who would not be its parent, could become another program, or may have to
 * wait for a network. */
static void test_not_worth_it(void **state)
{
	const struct run_request requests[] = {
		{ .detach = true },
		{ .terminal = true },
		{ .pull = PULL_ALWAYS },
		{ .pull = PULL_NEWER },
		{},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		_cleanup_arena struct arena arena = {};
		struct host host = invented();
		struct early early;

		if (i + 1 == ARRAY_SIZE(requests))
			host.landlock_abi = 0;
		early_begin(&early, &arena, &host, &requests[i], -1);
		assert_int_equal(early.sandbox.pidfd, -1);
		early_done(&early);
	}
}

static void test_take_only_what_fits(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct host host;
	const struct run_request request = {
		.network = "none", .flags = { .idmap_given = true, .idmap = IDMAP_SINGLE }
	};
	struct plan plan = { .network = PLAN_NETWORK_HOST };
	struct sandbox sandbox = SANDBOX_NONE;
	struct early early;
	struct error err;

	(void)state;
	assert_int_equal(host_probe(&host, NULL, &err), 0);
	early_begin(&early, &arena, &host, &request, -1);
	if (early.sandbox.pidfd < 0)
		skip(); /* no user namespaces, or no Landlock */
	plan.maps = early.namespaces.maps;
	assert_int_equal(early_take(&sandbox, &early, &plan), 0);
	assert_true(early.sandbox.pidfd >= 0);
	plan.network = PLAN_NETWORK_PRIVATE;
	assert_int_equal(early_take(&sandbox, &early, &plan), 1);
	assert_int_equal(early.sandbox.pidfd, -1);
	assert_int_equal(early_take(&sandbox, &early, &plan), 0); /* it is given once */
	sandbox_discard(&sandbox);
	early_done(&early);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_guess),
		cmocka_unit_test(test_not_worth_it),
		cmocka_unit_test(test_take_only_what_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
