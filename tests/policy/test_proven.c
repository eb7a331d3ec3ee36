/* A filter is given out only where it is proven to be its table: emit is made to lie here (the
 * linker sends proven.c's call to the function below). */
#include "policy/proven.h"

#include "policy/emit.h"
#include "policy/prove.h"
#include "sandbox/base/cleanup.h"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* What the filter answers for execve(2), where it lies. */
static uint32_t lie;

int __real_filter_emit_meaning(struct plan_filter *ret, struct arena *arena,
                               const struct table_meaning *meaning, struct error *err);
int __wrap_filter_emit_meaning(struct plan_filter *ret, struct arena *arena,
                               const struct table_meaning *meaning, struct error *err);

int __wrap_filter_emit_meaning(struct plan_filter *ret, struct arena *arena,
                               const struct table_meaning *meaning, struct error *err)
{
	int result = __real_filter_emit_meaning(ret, arena, meaning, err);
	struct sock_filter *instructions;

	if (result < 0 || lie == 0)
		return result;
	instructions = arena_copy(arena, ret->instructions, ret->count * sizeof *instructions);
	for (size_t i = 0; i < ret->count; i++)
		if (instructions[i].code == (BPF_RET | BPF_K) &&
		    instructions[i].k == (SECCOMP_RET_ERRNO | 1))
			instructions[i].k = lie;
	ret->instructions = instructions;
	return 0;
}

static struct filter_rule denied = { NULL, 0, { DECISION_ERRNO, 1 }, {} };
static struct filter_call calls[] = { { .number = 59, .rules = &denied, .rule_count = 1 } };
static struct filter_arch arch = { .audit = AUDIT_ARCH_X86_64,
	                           .calls = calls,
	                           .call_count = ARRAY_SIZE(calls),
	                           .listed = { DECISION_ALLOW, 0 },
	                           .last_known = 400,
	                           .unknown = { DECISION_ALLOW, 0 } };
static const struct filter_table table = { .archs = &arch,
	                                   .arch_count = 1,
	                                   .foreign = { DECISION_KILL_PROCESS, 0 } };

static void test_true(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct plan_filter filter;
	struct proof proof;
	struct error err;

	(void)state;
	lie = 0;
	assert_int_equal(filter_proven(&filter, &arena, &table, &err), 0);
	assert_int_equal(prove_equal(&proof, &table, &filter, &err), 0);
	assert_true(proof.equal);
}

/* More is allowed, less is, or something else is said: none of them is given out. */
static void test_lies(void **state)
{
	static const struct {
		uint32_t answer;
		const char *text;
	} lies[] = {
		{ SECCOMP_RET_ALLOW, "call 59 of architecture 0xc000003e is 'allow' instead of "
		                     "'errno EPERM'" },
		{ SECCOMP_RET_KILL_PROCESS, "instead of 'errno EPERM'" },
		{ SECCOMP_RET_ERRNO | 2, "is 'errno ENOENT' instead of 'errno EPERM'" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lies); i++) {
		_cleanup_arena struct arena arena = {};
		struct plan_filter filter = { .count = 77 };
		struct error err;

		lie = lies[i].answer;
		assert_int_equal(filter_proven(&filter, &arena, &table, &err), -1);
		if (strstr(err.text, lies[i].text) == NULL)
			fail_msg("'%s' is not in: %s", lies[i].text, err.text);
		assert_non_null(strstr(err.hint, "nothing was loaded"));
		assert_int_equal(filter.count, 77);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_true),
		                            cmocka_unit_test(test_lies) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
