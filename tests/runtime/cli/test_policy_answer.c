/* What the answers of the policy commands share: architectures, and a call as JSON. */
#include "runtime/cli/policy_answer.h"

#include "policy/value.h"
#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { AUDIT_X86_64 = 0xc000003e };

static void test_arch(void **state)
{
	struct call call = { .host.audit_arch = AUDIT_X86_64 };
	struct error err = {};
	enum arch arch = ARCH_ARM;

	(void)state;
	assert_int_equal(policy_answer_arch(&arch, &call, NULL, &err), 0);
	assert_int_equal(arch, ARCH_X86_64);
	assert_int_equal(policy_answer_arch(&arch, &call, "aarch64", &err), 0);
	assert_int_equal(arch, ARCH_AARCH64);
	assert_int_equal(policy_answer_arch(&arch, &call, "vax", &err), -1);
	assert_string_equal(err.text, "unknown --arch 'vax'");
	assert_string_equal(err.hint,
	                    "known are x86_64, i386, aarch64, arm, riscv64, ppc64le and s390x");
	call.host.audit_arch = 1;
	assert_int_equal(policy_answer_arch(&arch, &call, NULL, &err), -1);
	assert_string_equal(err.text, "this machine's architecture is not in the tables");
}

/* Registers have no sign: a program that reads the answer must get what the call would have. */
static void test_sample(void **state)
{
	static const struct call_sample sample = {
		AUDIT_X86_64, 41, 0, { 2, UINT64_MAX, UINT64_C(1) << 63, INT64_MAX }
	};
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text text = {};

	(void)state;
	value_encode(&text, policy_answer_sample(&arena, &sample, AUDIT_X86_64), VALUE_COMPACT);
	assert_string_equal(
	        text_string(&text),
	        "{\"call\":\"socket(domain=2 AF_INET, type=0xffffffffffffffff SOCK_CLOEXEC|SOCK_NONBLOCK, "
	        "protocol=0x8000000000000000, arg3=0x7fffffffffffffff)\",\"audit_arch\":3221225534,"
	        "\"number\":41,\"arguments\":[2,18446744073709551615,9223372036854775808,"
	        "9223372036854775807,0,0]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_arch),
		                            cmocka_unit_test(test_sample) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
