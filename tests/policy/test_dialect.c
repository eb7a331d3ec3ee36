/*
 * Docker's seccomp JSON beside what the public sources of moby (profiles/seccomp),
 * containers/common (pkg/seccomp) and Go's encoding/json do with the same words; what runc and crun
 * make of whole files is for tests/integration/dialect.bats.
 */
#include "tests/policy/compiled.h"

#include "policy/emit.h"
#include "policy/prove.h"
#include "sandbox/base/cleanup.h"

/* The last entry keeps the others below the highest number that is named. */
#define FILE_WITH(entries)                                                                         \
	"{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [" entries                          \
	", {\"names\": [\"openat2\"], \"action\": \"SCMP_ACT_ALLOW\"}]}"
#define WITH_VALUE(op, value)                                                                      \
	FILE_WITH("{\"names\": [\"lseek\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": "            \
	          "[{\"index\": 1, \"op\": \"SCMP_CMP_" op "\", " value "}]}")
#define GATED(gate) FILE_WITH("{\"names\": [\"mount\"], \"action\": \"SCMP_ACT_ALLOW\", " gate "}")

enum { SYS_ADMIN = 1 << 21 };

/* ---- numbers of 64 bits without a sign ---- */

static const struct number {
	const char *text;
	uint64_t argument;
	bool allowed;
} numbers[] = {
	{ WITH_VALUE("EQ", "\"value\": 9223372036854775807"), INT64_MAX, true },
	{ WITH_VALUE("EQ", "\"value\": 9223372036854775808"), INT64_MAX + UINT64_C(1), true },
	{ WITH_VALUE("EQ", "\"value\": 9223372036854775808"), INT64_MAX, false },
	{ WITH_VALUE("EQ", "\"value\": 9223372036854775809"), INT64_MAX + UINT64_C(1), false },
	{ WITH_VALUE("EQ", "\"value\":18446744073709551615"), UINT64_MAX, true },
	{ WITH_VALUE("EQ", "\"value\":18446744073709551614"), UINT64_MAX, false },
	{ WITH_VALUE("GT", "\"value\": 18446744073709551613"), UINT64_MAX - 1, true },
	{ WITH_VALUE("GT", "\"value\": 18446744073709551613"), UINT64_MAX - 2, false },
	{ WITH_VALUE("MASKED_EQ", "\"value\": 18446744069414584320,"
	                          "\"valueTwo\": 18446744069414584320"),
	  0xffffffff00000001, true },
	{ WITH_VALUE("MASKED_EQ", "\"value\": 18446744069414584320,"
	                          "\"valueTwo\": 18446744069414584320"),
	  0xfffffffe00000001, false },
};

static void test_large_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		_cleanup_arena struct arena arena = {};
		struct filter_table table =
		        compiled_table(&arena, compiled_parse(&arena, numbers[i].text), 0);
		const uint64_t arguments[6] = { 0, numbers[i].argument };
		struct plan_filter filter;
		struct proof proof;
		struct error err;

		if (strcmp(compiled_answer(&arena, &table, "lseek", arguments),
		           numbers[i].allowed ? "allow" : "errno EPERM") != 0)
			fail_msg("%s: not so for %#llx", numbers[i].text,
			         (unsigned long long)numbers[i].argument);
		assert_int_equal(filter_emit(&filter, &arena, &table, &err), 0);
		assert_int_equal(prove_equal(&proof, &table, &filter, &err), 0);
		assert_true(proof.equal);
	}
}

/* ---- what is refused ---- */

static const struct refusal {
	const char *text, *words;
} refusals[] = {
	/* Go: "cannot unmarshal number ... into Go struct field ... of type uint64" */
	{ WITH_VALUE("EQ", "\"value\": -1"), "a number of 0 to 18446744073709551615" },
	{ WITH_VALUE("EQ", "\"value\": 18446744073709551616"), "too big" },
	{ WITH_VALUE("EQ", "\"value\": -9223372036854775809"), "too big" },
	{ WITH_VALUE("EQ", "\"value\": 1.0"), "a number" },
	{ WITH_VALUE("EQ", "\"value\": 1e3"), "a number" },
	{ WITH_VALUE("EQ", "\"value\": \"1\""), "a number" },
	{ FILE_WITH("{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\", \"args\": "
	            "[{\"index\": 18446744073709551615, \"op\": \"SCMP_CMP_EQ\"}]}"),
	  "a number of 0 to 5" },
	/* moby: both 'name' and 'names' are specified */
	{ FILE_WITH("{\"name\": \"read\", \"names\": [\"write\"], \"action\": \"SCMP_ACT_ALLOW\"}"),
	  "may not both be given" },
	{ FILE_WITH("{\"NAME\": \"read\", \"names\": [\"write\"], \"action\": \"SCMP_ACT_ALLOW\"}"),
	  "may not both be given" },
	{ "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"architectures\": [\"SCMP_ARCH_X86_64\"],"
	  "\"archMap\": [{\"architecture\": \"SCMP_ARCH_X86_64\"}]}",
	  "may not both be given" },
	{ FILE_WITH("{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ALLOW\", \"Action\": "
	            "\"SCMP_ACT_ERRNO\"}"),
	  "given twice" },
	{ FILE_WITH(
	          "{\"names\": [\"read\"], \"action\": \"SCMP_ACT_ERRNO\", \"errno\": \"EWHAT\"}"),
	  "no errno 'EWHAT'" },
	{ FILE_WITH("{\"names\": [\"read\"]}"), "\"action\" is missing" },
	{ FILE_WITH("{\"names\": \"read\", \"action\": \"SCMP_ACT_ALLOW\"}"), "a list" },
	{ FILE_WITH("{\"names\": 7, \"action\": \"SCMP_ACT_ALLOW\", \"args\": 8}"), "a list" },
	{ FILE_WITH("null"), "an object with names and action" },
	{ "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": \"all\"}", "a list" },
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		const struct policy_source source = { "d.json", refusals[i].text,
			                              strlen(refusals[i].text) };
		_cleanup_arena struct arena arena = {};
		struct policy *policy;
		struct error err = {};

		if (policy_parse(&policy, &arena, &source, &err) == 0)
			fail_msg("taken: %s", refusals[i].text);
		if (strstr(err.text, refusals[i].words) == NULL ||
		    strncmp(err.text, "d.json:1:", 9) != 0)
			fail_msg("%s: %s", refusals[i].text, err.text);
	}
}

/* ---- what is taken, and means ---- */

static const struct meaning {
	const char *text, *call, *plain, *as_admin; /* answers */
} meanings[] = {
	/* an empty list or name beside the other is none */
	{ FILE_WITH("{\"name\": \"\", \"names\": [\"mount\"], \"action\": \"SCMP_ACT_ALLOW\"}"),
	  "mount", "allow", "allow" },
	{ FILE_WITH("{\"name\": \"mount\", \"names\": null, \"action\": \"SCMP_ACT_ALLOW\"}"),
	  "mount", "allow", "allow" },
	{ GATED("\"includes\": {\"caps\": [\"CAP_SYS_ADMIN\"]}"), "mount", "errno EPERM", "allow" },
	{ GATED("\"excludes\": {\"caps\": [\"CAP_SYS_ADMIN\"]}"), "mount", "allow", "errno EPERM" },
	/* keys in any case: a gate that is not seen would be no gate */
	{ GATED("\"Includes\": {\"CAPS\": [\"CAP_SYS_ADMIN\"]}"), "mount", "errno EPERM", "allow" },
	{ "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"SYSCALLS\": [{\"Names\": [\"mount\"], "
	  "\"ACTION\": \"SCMP_ACT_ALLOW\"}]}",
	  "mount", "allow", "allow" },
	/* names of capabilities letter by letter: these are never held */
	{ GATED("\"includes\": {\"caps\": [\"SYS_ADMIN\"]}"), "mount", "errno EPERM",
	  "errno EPERM" },
	{ GATED("\"includes\": {\"caps\": [\"CAP_sys_admin\"]}"), "mount", "errno EPERM",
	  "errno EPERM" },
	{ GATED("\"includes\": {\"caps\": [\"CAP_OF_TOMORROW\"]}"), "mount", "errno EPERM",
	  "errno EPERM" },
	{ GATED("\"excludes\": {\"caps\": [\"SYS_ADMIN\"]}"), "mount", "allow", "allow" },
	/* Go's name of x86_64 is amd64, of i386 it is x86 */
	{ GATED("\"includes\": {\"arches\": [\"x86_64\"]}"), "mount", "errno EPERM",
	  "errno EPERM" },
	{ GATED("\"includes\": {\"arches\": [\"386\", \"amd64\"]}"), "mount", "allow", "allow" },
	/* Podman's: the name counts, not the number */
	{ FILE_WITH(
	          "{\"names\": [\"mount\"], \"action\": \"SCMP_ACT_ERRNO\", \"errno\": \"ENOSYS\", "
	          "\"errnoRet\": 13}"),
	  "mount", "errno ENOSYS", "errno ENOSYS" },
	{ FILE_WITH("{\"names\": [\"mount\"], \"action\": \"SCMP_ACT_ERRNO\", \"errno\": \"13\"}"),
	  "mount", "errno EACCES", "errno EACCES" },
	{ FILE_WITH("{\"names\": [\"mount\"], \"action\": \"SCMP_ACT_ERRNO\", \"errno\": \"\", "
	            "\"errnoRet\": 13}"),
	  "mount", "errno EACCES", "errno EACCES" },
	{ "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"defaultErrno\": \"EACCES\", \"syscalls\": "
	  "[{\"names\": [\"mount\"], \"action\": \"SCMP_ACT_ALLOW\"}]}",
	  "access", "errno EACCES", "errno EACCES" },
};

static void test_meanings(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++) {
		_cleanup_arena struct arena arena = {};
		struct policy *policy = compiled_parse(&arena, meanings[i].text);
		struct filter_table plain = compiled_table(&arena, policy, 0);
		struct filter_table admin = compiled_table(&arena, policy, SYS_ADMIN);
		const char *call = meanings[i].call;

		if (strcmp(compiled_answer(&arena, &plain, call, NULL), meanings[i].plain) != 0 ||
		    strcmp(compiled_answer(&arena, &admin, call, NULL), meanings[i].as_admin) != 0)
			fail_msg("%s: %s, %s", meanings[i].text,
			         compiled_answer(&arena, &plain, call, NULL),
			         compiled_answer(&arena, &admin, call, NULL));
	}
}

/* moby looks for the first line of archMap that is the native architecture's, and no further. */
static void test_first_line_of_the_map(void **state)
{
	static const char once[] = "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"archMap\": ["
	                           "{\"architecture\": \"SCMP_ARCH_X86_64\"}, "
	                           "{\"architecture\": \"SCMP_ARCH_X86_64\", \"subArchitectures\": "
	                           "[\"SCMP_ARCH_X86\"]}], \"syscalls\": [{\"names\": [\"read\"], "
	                           "\"action\": \"SCMP_ACT_ALLOW\"}]}";
	_cleanup_arena struct arena arena = {};
	struct filter_table table = compiled_table(&arena, compiled_parse(&arena, once), 0);
	const struct call_sample sample = { .audit = 0x40000003 /* i386 */, .number = 3 };

	(void)state;
	assert_string_equal(compiled_answer(&arena, &table, "read", NULL), "allow");
	assert_int_equal(filter_decide(&table, &sample).kind, DECISION_KILL_PROCESS);
}

/* A rule on a call is one on the other door, too, where there is one: the argument is an int there,
 * whatever its high half holds (libseccomp compares it, and can be stepped around). */
static void test_doors(void **state)
{
	static const char text[] =
	        "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": "
	        "[\"socket\", \"shmget\"], \"action\": \"SCMP_ACT_ERRNO\"}]}";
	static const struct {
		enum arch arch;
		const char *call;
		uint64_t argument;
		enum decision_kind answer;
	} rows[] = {
		{ ARCH_S390X, "socketcall", 1, DECISION_ERRNO },
		{ ARCH_S390X, "socketcall", 0x500000001, DECISION_ERRNO },
		{ ARCH_S390X, "socketcall", 2, DECISION_ALLOW },
		{ ARCH_S390X, "ipc", 23, DECISION_ERRNO },
		{ ARCH_PPC64LE, "socketcall", 1, DECISION_ERRNO },
		{ ARCH_PPC64LE, "ipc", 23, DECISION_ERRNO },
		{ ARCH_PPC64LE, "ipc", 22, DECISION_ALLOW },
		{ ARCH_I386, "socketcall", 1, DECISION_ERRNO },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_arena struct arena arena = {};
		struct filter_table table;
		struct error err = {};
		const struct call_sample sample = {
			.audit = arch_audit(rows[i].arch),
			.number =
			        (uint32_t)syscall_number(rows[i].arch, syscall_find(rows[i].call)),
			.arguments = { rows[i].argument },
		};

		assert_int_equal(policy_filter_table(&table, &arena, compiled_parse(&arena, text),
		                                     rows[i].arch, 6 << 16, 0, &err),
		                 0);
		assert_int_equal(filter_decide(&table, &sample).kind, rows[i].answer);
	}
}

/* What the author knows ends with the highest name, also of an entry that is left out because it
 * says what the default does; not of one that takes no part. */
static void test_highest_name(void **state)
{
#define TO(entry)                                                                                     \
	"{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": [{\"names\": [\"read\"], \"action\": " \
	"\"SCMP_ACT_ALLOW\"}, {\"names\": [\"openat2\"], " entry "}]}"
	static const struct {
		const char *text, *close_range, *faccessat2; /* 436 and 439; openat2 is 437 */
	} rows[] = {
		{ TO("\"action\": \"SCMP_ACT_ALLOW\""), "errno EPERM", "errno ENOSYS" },
		{ TO("\"action\": \"SCMP_ACT_ERRNO\""), "errno EPERM", "errno ENOSYS" },
		{ TO("\"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 2"), "errno EPERM",
		  "errno ENOSYS" },
		{ TO("\"action\": \"SCMP_ACT_ERRNO\", \"includes\": {\"caps\": [\"CAP_BPF\"]}"),
		  "errno ENOSYS", "errno ENOSYS" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_arena struct arena arena = {};
		struct filter_table table =
		        compiled_table(&arena, compiled_parse(&arena, rows[i].text), 0);

		assert_string_equal(compiled_answer(&arena, &table, "close_range", NULL),
		                    rows[i].close_range);
		assert_string_equal(compiled_answer(&arena, &table, "faccessat2", NULL),
		                    rows[i].faccessat2);
	}
}

/* What is written for runc is numbers without a sign, and is taken here again. */
static void test_written_for_runc(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		_cleanup_arena struct arena arena = {};
		_cleanup_text struct text text = {};
		struct filter_table table =
		        compiled_table(&arena, compiled_parse(&arena, numbers[i].text), 0);
		const uint64_t arguments[6] = { 0, numbers[i].argument };
		struct filter_table again;
		struct value *written;
		struct error err = {};

		assert_int_equal(policy_to_oci(&written, &arena, &table, &err), 0);
		value_encode(&text, written, VALUE_COMPACT);
		assert_null(strstr(text.data, ":-"));
		again = compiled_table(&arena, compiled_parse(&arena, text.data), 0);
		assert_string_equal(compiled_answer(&arena, &again, "lseek", arguments),
		                    numbers[i].allowed ? "allow" : "errno EPERM");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_large_numbers),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_meanings),
		cmocka_unit_test(test_first_line_of_the_map),
		cmocka_unit_test(test_doors),
		cmocka_unit_test(test_highest_name),
		cmocka_unit_test(test_written_for_runc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
