/* Profiles to confinements: decisions, conditions, joins, ceilings, flags, and what a host lacks.
 */
#include "tests/policy/compiled.h"

#include "policy/emit.h"
#include "sandbox/base/cleanup.h"

#include <errno.h>
#include <stdio.h>

#define BASIC         "\"execve\", \"execveat\", \"write\", \"exit\", \"exit_group\", \"rt_sigreturn\""
#define PROFILE(rest) "{\"schema\": 1, \"name\": \"test\"" rest "}"
#define ALLOW(rest)   PROFILE(", \"syscalls\": {\"allow\": [" BASIC rest "]}")

static const char *answer(const char *text, uint64_t capabilities, const char *call,
                          const uint64_t arguments[6])
{
	static _Thread_local char kept[64];
	_cleanup_arena struct arena arena = {};
	struct filter_table table =
	        compiled_table(&arena, compiled_parse(&arena, text), capabilities);

	snprintf(kept, sizeof kept, "%s", compiled_answer(&arena, &table, call, arguments));
	return kept;
}

static void test_default_and_unknown(void **state)
{
	struct call_sample sample = { .audit = 0xc000003e, .number = 100000 };
	_cleanup_arena struct arena arena = {};
	struct filter_table table = compiled_table(&arena, compiled_parse(&arena, ALLOW("")), 0);
	struct decision decision;

	(void)state;
	assert_string_equal(answer(ALLOW(""), 0, "write", NULL), "allow");
	assert_string_equal(answer(ALLOW(""), 0, "mount", NULL), "errno EPERM");
	decision = filter_decide(&table, &sample);
	assert_int_equal(decision.data, ENOSYS);
	sample.number = 0x40000001; /* x32 is closed */
	assert_int_equal(filter_decide(&table, &sample).data, ENOSYS);
	sample.audit = 0x40000003; /* i386 is closed */
	assert_int_equal(filter_decide(&table, &sample).kind, DECISION_KILL_PROCESS);
}

static void test_int_arguments_are_compared_on_their_low_half(void **state)
{
	static const char text[] = ALLOW(", {\"call\": \"socket\", \"when\": {\"domain\": "
	                                 "{\"in\": [\"AF_UNIX\", \"AF_INET\"]}}}");

	(void)state;
	assert_string_equal(answer(text, 0, "socket", (uint64_t[6]){ 1 }), "allow");
	assert_string_equal(answer(text, 0, "socket", (uint64_t[6]){ 2 }), "allow");
	assert_string_equal(answer(text, 0, "socket", (uint64_t[6]){ 0x100000002 }), "allow");
	assert_string_equal(answer(text, 0, "socket", (uint64_t[6]){ 16 }), "errno EPERM");
	assert_string_equal(answer(text, 0, "socket", (uint64_t[6]){ 0x100000010 }), "errno EPERM");
}

static void test_user_namespaces_are_closed(void **state)
{
	static const char text[] = ALLOW(", \"clone\", \"clone3\", \"unshare\"");

	(void)state;
	assert_string_equal(answer(text, 0, "clone", (uint64_t[6]){ 17 }), "allow");
	assert_string_equal(answer(text, 0, "clone", (uint64_t[6]){ 0x10000011 }), "errno EPERM");
	assert_string_equal(answer(text, 0, "unshare", (uint64_t[6]){ 0x10000000 }), "errno EPERM");
	assert_string_equal(answer(text, 0, "unshare", (uint64_t[6]){ 0x20000 }), "allow");
	assert_string_equal(answer(text, 0, "clone3", NULL), "errno ENOSYS");
}

static void test_capabilities_open_parts(void **state)
{
	static const char text[] =
	        ALLOW(", {\"capability\": \"SYS_ADMIN\", \"allow\": [\"mount\"]}");

	(void)state;
	assert_string_equal(answer(text, 0, "mount", NULL), "errno EPERM");
	assert_string_equal(answer(text, 1 << 21, "mount", NULL), "allow");
}

static void test_child_decides_before_parents(void **state)
{
	_cleanup_arena struct arena arena = {};
	const struct policy *parents[] = {
		compiled_parse(&arena, PROFILE(", \"capabilities\": [\"CHOWN\", \"KILL\"], "
		                               "\"syscalls\": {\"allow\": [\"read\", \"write\"], "
		                               "\"deny\": [\"mount\"]}")),
	};
	struct policy *child =
	        compiled_parse(&arena,
	                       PROFILE(", \"capabilities\": {\"drop\": [\"KILL\"]}, \"syscalls\": "
	                               "{\"allow\": [\"mount\"], \"deny\": [\"read\"]}"));
	struct confinement confinement;
	struct filter_table table;
	struct policy *merged;
	struct error err = {};
	struct host host = compiled_host();
	struct policy_flags flags = { .seccomp_unconfined = true };

	(void)state;
	assert_int_equal(policy_merge(&merged, &arena, child, parents, 1, &err), 0);
	table = compiled_table(&arena, merged, 0);
	assert_string_equal(compiled_answer(&arena, &table, "read", NULL), "errno EPERM");
	assert_string_equal(compiled_answer(&arena, &table, "mount", NULL), "allow");
	assert_string_equal(compiled_answer(&arena, &table, "write", NULL), "allow");
	assert_int_equal(policy_compile(&confinement, &arena, merged, &flags, &host, &err), 0);
	assert_int_equal(confinement.capabilities.bounding, 1);
	assert_int_equal(confinement.filter.count, 0);
}

/* A ceiling holds against flags, --security-opt seccomp=unconfined among them. */
static void test_ceiling(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct policy *policy =
	        compiled_parse(&arena, PROFILE(", \"capabilities\": [\"CHOWN\"], \"syscalls\": "
	                                       "{\"default\": \"allow\"}"));
	struct policy *ceiling = compiled_parse(
	        &arena, PROFILE(", \"capabilities\": [\"KILL\"], \"limits\": {\"nofile\": 64}, "
	                        "\"syscalls\": {\"default\": \"allow\", \"deny\": [\"ptrace\", "
	                        "{\"call\": \"personality\", \"when\": {\"persona\": "
	                        "{\"not\": [0, 8]}}, \"decision\": {\"errno\": \"EACCES\"}}]}"));
	const char *kill[] = { "KILL", "SYS_ADMIN" };
	struct policy_flags flags = { .cap_add = { kill, 2 }, .seccomp_unconfined = true };
	struct host host = compiled_host();
	struct confinement confinement;
	struct filter_table table;
	struct policy *met;
	struct error err = {};

	(void)state;
	assert_int_equal(policy_meet(&met, &arena, policy, ceiling, &err), 0);
	if (policy_compile(&confinement, &arena, met, &flags, &host, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(confinement.capabilities.bounding, 1 << 5);
	assert_int_equal(confinement.capabilities.inheritable, 0);
	assert_true(confinement.filter.count > 0);
	assert_true(bpf_is_valid(confinement.filter.instructions, confinement.filter.count));
	assert_int_equal(confinement.limits[0].hard, 64);
	assert_true(confinement.left_out.count >= 2);
	table = compiled_table(&arena, met, 0);
	assert_string_equal(compiled_answer(&arena, &table, "ptrace", NULL), "errno EPERM");
	assert_string_equal(compiled_answer(&arena, &table, "personality",
	                                    (uint64_t[6]){ 0x40000 }),
	                    "errno EACCES");
	assert_string_equal(compiled_answer(&arena, &table, "personality", (uint64_t[6]){ 8 }),
	                    "allow");
}

/* --cap-add and --cap-drop over what the profile keeps, as Docker counts them. */
static void test_capability_flags(void **state)
{
	enum { CHOWN = 1, KILL = 1 << 5 };
	static const struct {
		const char *add[3], *drop[3];
		uint64_t kept;
	} rows[] = {
		{ { NULL }, { NULL }, CHOWN },
		{ { "KILL" }, { NULL }, CHOWN | KILL },
		{ { "cap_kill" }, { "Chown" }, KILL },
		{ { NULL }, { "ALL" }, 0 },
		{ { "KILL" }, { "all" }, KILL },
		{ { "ALL" }, { NULL }, UINT64_C(0x1ffffffffff) },
		{ { "ALL" }, { "KILL" }, UINT64_C(0x1ffffffffff) & ~(uint64_t)KILL },
		{ { "ALL" }, { "ALL" }, UINT64_C(0x1ffffffffff) },
		/* a name that is dropped stays dropped beside an ALL */
		{ { "ALL" }, { "ALL", "KILL" }, UINT64_C(0x1ffffffffff) & ~(uint64_t)KILL },
		/* what is named in both is added last */
		{ { "KILL" }, { "KILL" }, CHOWN | KILL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_arena struct arena arena = {};
		struct policy *policy =
		        compiled_parse(&arena,
		                       PROFILE(", \"capabilities\": [\"CHOWN\"], \"syscalls\": "
		                               "{\"default\": \"allow\"}"));
		struct policy_flags flags = { .cap_add = { (const char **)rows[i].add, 0 },
			                      .cap_drop = { (const char **)rows[i].drop, 0 } };
		struct host host = compiled_host();
		struct confinement confinement;
		struct error err = {};

		while (rows[i].add[flags.cap_add.count] != NULL)
			flags.cap_add.count++;
		while (rows[i].drop[flags.cap_drop.count] != NULL)
			flags.cap_drop.count++;
		assert_int_equal(policy_compile(&confinement, &arena, policy, &flags, &host, &err),
		                 0);
		if (confinement.capabilities.bounding != rows[i].kept)
			fail_msg("row %zu: %#llx", i,
			         (unsigned long long)confinement.capabilities.bounding);
	}
}

static void test_essential_calls(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct policy *policy = compiled_parse(&arena, PROFILE(", \"syscalls\": {\"allow\": "
	                                                       "[\"read\"]}"));
	struct policy_flags flags = {};
	struct host host = compiled_host();
	struct confinement confinement;
	struct error err = {};

	(void)state;
	assert_int_equal(policy_compile(&confinement, &arena, policy, &flags, &host, &err), -1);
	assert_string_equal(err.text, "test: the system call execve is never allowed: no command "
	                              "could be started");
}

static void test_missing_landlock(void **state)
{
	static const char strict[] = ALLOW("");
	static const char lenient[] = PROFILE(", \"if_available\": [\"landlock\"], "
	                                      "\"syscalls\": {\"default\": \"allow\"}");
	_cleanup_arena struct arena arena = {};
	struct policy_flags flags = {};
	struct host host = compiled_host();
	struct confinement confinement;
	struct error err = {};

	(void)state;
	host.landlock_abi = 0;
	assert_int_equal(policy_compile(&confinement, &arena, compiled_parse(&arena, strict),
	                                &flags, &host, &err),
	                 -1);
	assert_int_equal(policy_compile(&confinement, &arena, compiled_parse(&arena, lenient),
	                                &flags, &host, &err),
	                 0);
	assert_false(confinement.landlock.enabled);
	assert_int_equal(confinement.left_out.count, 1);
}

static void test_docker_dialect(void **state)
{
	static const char text[] =
	        "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrnoRet\": 1, \"syscalls\": ["
	        "{\"names\": [\"read\", \"no_such_call\", \"openat2\"], \"action\": "
	        "\"SCMP_ACT_ALLOW\"},"
	        "{\"name\": \"personality\", \"action\": \"SCMP_ACT_ALLOW\", \"args\": ["
	        "{\"index\": 0, \"value\": 0, \"op\": \"SCMP_CMP_EQ\"},"
	        "{\"index\": 0, \"value\": 8, \"op\": \"SCMP_CMP_EQ\"}]},"
	        "{\"names\": [\"mount\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": {\"caps\": "
	        "[\"CAP_SYS_ADMIN\"]}},"
	        "{\"names\": [\"clone3\"], \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 38},"
	        "{\"names\": [\"ptrace\"], \"action\": \"SCMP_ACT_ALLOW\", \"includes\": "
	        "{\"minKernel\": \"4.8\"}}]}";

	(void)state;
	assert_string_equal(answer(text, 0, "read", NULL), "allow");
	assert_string_equal(answer(text, 0, "personality", (uint64_t[6]){ 8 }), "allow");
	assert_string_equal(answer(text, 0, "personality", (uint64_t[6]){ 9 }), "errno EPERM");
	assert_string_equal(answer(text, 0, "personality", (uint64_t[6]){ 0x100000008 }),
	                    "errno EPERM");
	assert_string_equal(answer(text, 0, "mount", NULL), "errno EPERM");
	assert_string_equal(answer(text, 1 << 21, "mount", NULL), "allow");
	assert_string_equal(answer(text, 0, "ptrace", NULL), "allow");
	assert_string_equal(answer(text, 0, "clone3", NULL), "errno ENOSYS");
	assert_string_equal(answer(text, 0, "futex_waitv", NULL), "errno ENOSYS");
}

/* The program says what the table says, for all calls and some arguments. */
static void test_program_agrees_with_table(void **state)
{
	static const char text[] = ALLOW(
	        ", \"clone\", \"unshare\", {\"call\": \"socket\", \"when\": {\"domain\": "
	        "{\"not\": [\"AF_NETLINK\", \"AF_VSOCK\"]}, \"type\": {\"mask\": 15, "
	        "\"in\": [1, 2]}}}, {\"call\": \"ioctl\", \"when\": {\"request\": {\"at_least\": "
	        "100, \"at_most\": 200}}}");
	static const uint64_t values[] = { 0,           1,           2,          3,
		                           16,          40,          100,        150,
		                           200,         201,         0x10000000, 0x100000000,
		                           0x100000001, 0x100000096, UINT64_MAX };
	_cleanup_arena struct arena arena = {};
	struct filter_table table = compiled_table(&arena, compiled_parse(&arena, text), 0);
	struct plan_filter filter;
	struct error err = {};

	(void)state;
	assert_int_equal(filter_emit(&filter, &arena, &table, &err), 0);
	for (uint32_t number = 0; number < 600; number++) {
		for (size_t i = 0; i < 15 * 15; i++) {
			struct call_sample sample = { .audit = 0xc000003e, .number = number };

			sample.arguments[0] = values[i % 15];
			sample.arguments[1] = values[i / 15];
			assert_int_equal(bpf_run(filter.instructions, &sample, NULL),
			                 decision_to_seccomp(filter_decide(&table, &sample)));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default_and_unknown),
		cmocka_unit_test(test_int_arguments_are_compared_on_their_low_half),
		cmocka_unit_test(test_user_namespaces_are_closed),
		cmocka_unit_test(test_capabilities_open_parts),
		cmocka_unit_test(test_child_decides_before_parents),
		cmocka_unit_test(test_ceiling),
		cmocka_unit_test(test_capability_flags),
		cmocka_unit_test(test_essential_calls),
		cmocka_unit_test(test_missing_landlock),
		cmocka_unit_test(test_docker_dialect),
		cmocka_unit_test(test_program_agrees_with_table),
	};

	return cmocka_run_group_tests_name("compile", tests, NULL, NULL);
}
