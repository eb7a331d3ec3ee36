/* What policy_check warns of, and that a policy printed and read again is the same policy. */
#include "tests/policy/compiled.h"

#define PROFILE(rest) "{\"schema\": 1, \"name\": \"test\"" rest "}"
#define CALLS(rest)   PROFILE(", \"syscalls\": {" rest "}")

static void expect(const char *text, const char *warning)
{
	struct policy_source source = { "test.json", text, strlen(text) };
	_cleanup_arena struct arena arena = {};
	struct plan_strings warnings = {};
	struct error err = {};

	assert_int_equal(policy_check(&warnings, &arena, compiled_parse(&arena, text), &source,
	                              &err),
	                 0);
	for (size_t i = 0; i < warnings.count; i++)
		if (warning != NULL && strstr(warnings.items[i], warning) != NULL)
			return;
	if (warning != NULL)
		fail_msg("no warning \"%s\" for %s; the first of %zu: %s", warning, text,
		         warnings.count, warnings.count > 0 ? warnings.items[0] : "");
	if (warnings.count > 0)
		fail_msg("%s", warnings.items[0]);
}

static void test_warnings(void **state)
{
	(void)state;
	expect(CALLS("\"allow\": [\"read\", \"write\"]"), NULL);
	expect(CALLS("\"allow\": [\"read\", \"read\"]"), "already allows read");
	expect(CALLS("\"allow\": [\"read\"], \"deny\": [\"read\"]"), "already denies read");
	expect(CALLS("\"allow\": [\"openat\"], \"deny\": [\"open\"]"),
	       "open is denied, but openat does the same");
	expect(CALLS("\"allow\": [{\"call\": \"socket\", \"when\": {\"domain\": {\"below\": 0}}}]"),
	       "nothing is below 0");
	expect(CALLS("\"allow\": [{\"call\": \"socket\", \"when\": {\"type\": {\"mask\": 15, "
	             "\"is\": 16}}}]"),
	       "bits outside of the mask");
	expect(CALLS("\"allow\": [{\"call\": \"socket\", \"when\": {\"type\": {\"at_least\": 9, "
	             "\"at_most\": 3}}}]"),
	       "no value of 'type' satisfies all");
	expect(CALLS("\"allow\": [{\"call\": \"read\", \"when\": {\"kernel\": {\"at_least\": "
	             "\"6.0\", \"below\": \"5.0\"}}}]"),
	       "no kernel is in this range");
	expect(CALLS("\"allow\": [{\"call\": \"arch_prctl\", \"when\": {\"arch\": \"aarch64\"}}]"),
	       "none of the named architectures");
	expect(CALLS("\"allow\": [\"init_module\"]"), "without the capability SYS_MODULE");
	expect(PROFILE(", \"capabilities\": [\"SYS_BOOT\"], \"syscalls\": {\"allow\": [\"read\"]}"),
	       "the capability SYS_BOOT is kept");
}

static void test_warnings_for_dockers_form(void **state)
{
	(void)state;
	expect("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscals\": []}", "the key \"syscals\"");
	expect("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": [\"raed\"], "
	       "\"action\": \"SCMP_ACT_ALLOW\"}]}",
	       "test.json:1:61: warning: there is no system call 'raed'");
	expect("{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"socket\"], "
	       "\"action\": \"SCMP_ACT_ERRNO\", \"args\": [{\"index\": 0, \"value\": 16, \"op\": "
	       "\"SCMP_CMP_EQ\"}]}]}",
	       "setting a high bit steps around this denial");
	expect("{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": [\"socket\"], "
	       "\"action\": \"SCMP_ACT_ALLOW\", \"args\": [{\"index\": 0, \"value\": 1, \"op\": "
	       "\"SCMP_CMP_GE\"}, {\"index\": 0, \"value\": 2, \"op\": \"SCMP_CMP_LE\"}]}]}",
	       "are alternatives");
}

static void test_printed_policy_is_the_same(void **state)
{
	static const char text[] = PROFILE(
	        ", \"capabilities\": [\"CHOWN\", \"SYS_ADMIN\"], \"limits\": {\"nofile\": 64, "
	        "\"cpus\": 1.5}, \"filesystem\": {\"root\": \"read-only\", \"tmpfs\": [{\"path\": "
	        "\"/run\", \"size\": \"1m\"}]}, \"network\": {\"bind\": [80]}, \"syscalls\": "
	        "{\"rules\": [{\"call\": \"mount\", \"decision\": \"kill\"}], \"deny\": "
	        "[\"ptrace\", {\"call\": \"kill\", \"decision\": {\"errno\": \"EACCES\"}}], "
	        "\"allow\": [\"@base\", \"mount\", {\"capability\": \"SYS_ADMIN\", \"allow\": "
	        "[\"umount2\"]}, {\"call\": [\"socket\", \"socketpair\"], \"when\": {\"domain\": "
	        "{\"in\": [\"AF_UNIX\", 2]}, \"type\": {\"mask\": 15, \"not\": [1, 5]}}}]}");
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text first = {}, second = {};
	struct policy *policy = compiled_parse(&arena, text), *again;
	struct filter_table before, after;

	(void)state;
	value_encode(&first, policy_to_value(&arena, policy), VALUE_INDENTED);
	again = compiled_parse(&arena, text_string(&first));
	value_encode(&second, policy_to_value(&arena, again), VALUE_INDENTED);
	assert_string_equal(text_string(&first), text_string(&second));
	before = compiled_table(&arena, policy, 1 << 21);
	after = compiled_table(&arena, again, 1 << 21);
	for (uint32_t call = 0; call < 500; call++) {
		for (uint64_t i = 0; i < 64; i++) {
			struct call_sample sample = { 0xc000003e, call, 0, { i / 8, i % 8 } };

			assert_int_equal(decision_to_seccomp(filter_decide(&before, &sample)),
			                 decision_to_seccomp(filter_decide(&after, &sample)));
		}
	}
}

/* A denial answers EPERM where the default permits, and is shown as one. */
static void test_printed_denial_denies(void **state)
{
	static const char text[] =
	        CALLS("\"default\": \"allow\", \"deny\": [{\"call\": \"socket\", \"when\": "
	              "{\"domain\": {\"is\": 1}}}]");
	const uint64_t local[6] = { 1 };
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text shown = {};
	struct filter_table table;

	(void)state;
	value_encode(&shown, policy_to_value(&arena, compiled_parse(&arena, text)), VALUE_COMPACT);
	table = compiled_table(&arena, compiled_parse(&arena, text_string(&shown)), 0);
	assert_string_equal(compiled_answer(&arena, &table, "socket", local), "errno EPERM");
	assert_string_equal(compiled_answer(&arena, &table, "socket", NULL), "allow");
}

/* What is exported for other runtimes decides the same when it is read as they read it. */
static void test_oci_form_decides_the_same(void **state)
{
	static const char text[] = CALLS(
	        "\"deny\": [{\"call\": \"ioctl\", \"when\": {\"request\": {\"in\": [\"TIOCSTI\", "
	        "3]}}}], \"allow\": [\"@base\", \"ioctl\", \"clone\", \"unshare\", {\"call\": "
	        "\"socket\", \"when\": {\"domain\": {\"not\": [1, 3]}, \"type\": {\"at_least\": 2, "
	        "\"below\": 5}}}, {\"call\": \"prctl\", \"when\": {\"option\": {\"mask\": 6, "
	        "\"not\": [2, 4]}}}]");
	static const uint64_t values[] = { 0,           1,           2,         3,      4,
		                           5,           6,           7,         0x5412, 0x10000000,
		                           0x100000001, 0x100000003, UINT64_MAX };
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text json = {};
	struct filter_table before, after;
	struct error err = {};
	struct value *oci;

	(void)state;
	before = compiled_table(&arena, compiled_parse(&arena, text), 0);
	assert_int_equal(policy_to_oci(&oci, &arena, &before, &err), 0);
	value_encode(&json, oci, VALUE_INDENTED);
	after = compiled_table(&arena, compiled_parse(&arena, text_string(&json)), 0);
	for (uint32_t call = 0; call < 300; call++) {
		for (size_t i = 0; i < 13 * 13; i++) {
			struct call_sample sample = {
				0xc000003e, call, 0, { values[i / 13], values[i % 13] }
			};

			assert_int_equal(filter_decide(&before, &sample).kind,
			                 filter_decide(&after, &sample).kind);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_warnings_for_dockers_form),
		cmocka_unit_test(test_printed_policy_is_the_same),
		cmocka_unit_test(test_printed_denial_denies),
		cmocka_unit_test(test_oci_form_decides_the_same),
	};

	return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
