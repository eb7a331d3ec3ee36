/* What the command line and the machine make of a policy: flags over it, and what a host has not.
 */
#include "tests/policy/compiled.h"

#include "sandbox/base/cleanup.h"

#include <sys/resource.h>

static const char own[] =
        "{\"schema\": 1, \"name\": \"own\", \"syscalls\": {\"default\": \"allow\", \"deny\": [\"ptrace\"]}, "
        "\"limits\": {\"nofile\": 64, \"core\": 0, \"pids\": 9, \"memory\": \"64m\"}, \"apparmor\": \"mine\", "
        "\"idmap\": {\"mode\": \"range\", \"size\": 1000}, \"if_available\": [\"apparmor\", \"cgroup\"]}";

static int compile(struct confinement *ret, struct arena *arena, const char *text,
                   const struct policy_flags *flags, const struct host *host, struct error *err)
{
	*ret = (struct confinement){};
	return policy_compile(ret, arena, compiled_parse(arena, text), flags, host, err);
}

static struct confinement compiled(struct arena *arena, const struct policy_flags *flags)
{
	struct host host = compiled_host();
	struct confinement ret;
	struct error err = {};

	host.apparmor = true;
	if (compile(&ret, arena, own, flags, &host, &err) < 0)
		fail_msg("%s", err.text);
	return ret;
}

static void test_limits(void **state)
{
	static const struct plan_limit given[] = {
		{ .resource = RLIMIT_NOFILE, .soft = 5, .hard = 6 },
		{ .resource = RLIMIT_NPROC, .soft = 7, .hard = 7 },
		{ .resource = RLIMIT_NPROC, .soft = 8, .hard = 8 }
	};
	_cleanup_arena struct arena arena = {};
	const struct policy_flags flags = { .limits = given, .limit_count = ARRAY_SIZE(given) };
	struct confinement confinement = compiled(&arena, &flags);

	(void)state;
	/* one a resource; the last word counts */
	assert_int_equal(confinement.limit_count, 3);
	assert_int_equal(confinement.limits[0].resource, RLIMIT_NOFILE);
	assert_int_equal(confinement.limits[0].soft, 5);
	assert_int_equal(confinement.limits[1].resource, RLIMIT_CORE);
	assert_int_equal(confinement.limits[2].hard, 8);
}

static void test_resources(void **state)
{
	_cleanup_arena struct arena arena = {};
	const struct policy_flags none = {},
	                          some = { .resources = { .pids = 3, .cpu_quota = 50000 } };
	struct confinement confinement = compiled(&arena, &none);

	(void)state;
	assert_int_equal(confinement.resources.pids, 9);
	assert_int_equal(confinement.resources.memory, 64 << 20);
	assert_true(confinement.resources.if_available);
	confinement = compiled(&arena, &some);
	assert_int_equal(confinement.resources.pids, 3);
	assert_int_equal(confinement.resources.memory, 64 << 20);
	assert_int_equal(confinement.resources.cpu_quota, 50000);
	/* what a person asks for is not optional */
	assert_false(confinement.resources.if_available);
}

static void test_switches(void **state)
{
	_cleanup_arena struct arena arena = {};
	const struct policy_flags none = {},
	                          all = { .read_only = true,
		                          .allow_new_privileges = true,
		                          .apparmor = "other",
		                          .idmap_given = true,
		                          .idmap = IDMAP_SINGLE },
	                          unconfined = { .apparmor = "unconfined",
		                                 .seccomp_unconfined = true };
	struct confinement confinement = compiled(&arena, &none);

	(void)state;
	assert_false(confinement.root_read_only);
	assert_true(confinement.no_new_privileges);
	assert_string_equal(confinement.apparmor, "mine");
	assert_true(confinement.apparmor_if_available);
	assert_int_equal(confinement.idmap, IDMAP_RANGE);
	assert_int_equal(confinement.idmap_size, 1000);
	confinement = compiled(&arena, &all);
	assert_true(confinement.root_read_only);
	assert_false(confinement.no_new_privileges);
	assert_string_equal(confinement.apparmor, "other");
	assert_false(confinement.apparmor_if_available);
	assert_int_equal(confinement.idmap, IDMAP_SINGLE);
	assert_int_equal(confinement.idmap_size, 0);
	confinement = compiled(&arena, &unconfined);
	assert_null(confinement.apparmor);
	assert_int_equal(confinement.filter.count, 0);
	assert_true(confinement.new_user_namespaces);
}

static void test_unknown_capabilities(void **state)
{
	const char *names[] = { "KILL", "SYS_ADMN" };
	const struct host host = compiled_host();
	const struct policy_flags add = { .cap_add = { names, 2 } },
	                          drop = { .cap_drop = { names, 2 } };
	_cleanup_arena struct arena arena = {};
	struct confinement confinement;
	struct error err = {};

	(void)state;
	assert_int_equal(compile(&confinement, &arena, "{\"schema\": 1}", &add, &host, &err), -1);
	assert_string_equal(err.text, "there is no capability 'SYS_ADMN'");
	assert_int_equal(compile(&confinement, &arena, "{\"schema\": 1}", &drop, &host, &err), -1);
	assert_string_equal(err.text, "there is no capability 'SYS_ADMN'");
}

#define WALLS(rest)                                                                                \
	"{\"schema\": 1, \"name\": \"own\", \"syscalls\": {\"default\": \"allow\"}, " rest "}"

/* A wall that this machine has not is an error, unless the profile says that it may be missing. */
static const struct {
	const char *text;
	int landlock;
	const char *facility, *why;
} missing[] = {
	{ WALLS("\"filesystem\": {\"landlock\": true}"), 0, "landlock",
	  "this kernel has no Landlock" },
	{ WALLS("\"filesystem\": {\"landlock\": {\"write\": []}}"), 2, "landlock",
	  "this kernel's Landlock does not control truncate (ABI 3, Linux 6.2)" },
	{ WALLS("\"network\": {\"bind\": [80]}"), 3, "landlock",
	  "this kernel's Landlock does not control ports (ABI 4, Linux 6.7)" },
	{ WALLS("\"network\": {\"connect\": []}"), 3, "landlock",
	  "this kernel's Landlock does not control ports (ABI 4, Linux 6.7)" },
	{ WALLS("\"filesystem\": {\"landlock\": false}, \"apparmor\": \"mine\""), 7, "apparmor",
	  "this kernel has no AppArmor" },
};

static void test_missing_walls(void **state)
{
	const struct policy_flags flags = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(missing); i++) {
		_cleanup_arena struct arena arena = {};
		struct host host = compiled_host();
		struct confinement confinement;
		struct error err = {};

		host.landlock_abi = missing[i].landlock;
		assert_int_equal(compile(&confinement, &arena, missing[i].text, &flags, &host,
		                         &err),
		                 -1);
		assert_string_equal(err.text, arena_printf(&arena, "own: %s", missing[i].why));
		assert_string_equal(
		        err.hint,
		        arena_printf(&arena,
		                     "put \"%s\" into \"if_available\" of the profile to go "
		                     "without it here",
		                     missing[i].facility));
		assert_int_equal(compile(&confinement, &arena,
		                         arena_printf(&arena, "%.*s, \"if_available\": [\"%s\"]}",
		                                      (int)strlen(missing[i].text) - 1,
		                                      missing[i].text, missing[i].facility),
		                         &flags, &host, &err),
		                 0);
		assert_int_equal(confinement.left_out.count, 1);
		assert_string_equal(confinement.left_out.items[0], missing[i].why);
		/* and nothing is in the plan that the kernel would refuse */
		assert_null(confinement.apparmor);
		assert_false(confinement.landlock.restrict_bind ||
		             confinement.landlock.restrict_connect);
		assert_int_equal(confinement.landlock.enabled,
		                 missing[i].landlock > 0 && missing[i].landlock < 7);
	}
}

static void test_no_filter_at_all(void **state)
{
	const struct policy_flags flags = {};
	_cleanup_arena struct arena arena = {};
	struct host host = compiled_host();
	struct confinement confinement;
	struct error err = {};

	(void)state;
	host.seccomp_filter = false;
	host.apparmor = true;
	assert_int_equal(compile(&confinement, &arena, own, &flags, &host, &err), -1);
	assert_string_equal(err.text, "this kernel has no seccomp filters");
	host.seccomp_filter = true;
	host.audit_arch = 0x1234;
	assert_int_equal(compile(&confinement, &arena, own, &flags, &host, &err), -1);
	assert_string_equal(err.text,
	                    "there are no tables for this machine's architecture (0x1234)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits),        cmocka_unit_test(test_resources),
		cmocka_unit_test(test_switches),      cmocka_unit_test(test_unknown_capabilities),
		cmocka_unit_test(test_missing_walls), cmocka_unit_test(test_no_filter_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
