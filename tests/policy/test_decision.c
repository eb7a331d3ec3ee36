/* What a table means, in plain lines, and decisions as numbers and words. */
#include "policy/decision.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/audit.h>

static const struct decision allow = { DECISION_ALLOW, 0 }, refuse = { DECISION_ERRNO, 1 },
                             unknown = { DECISION_ERRNO, 38 }, kill = { DECISION_KILL_PROCESS, 0 },
                             x32 = { DECISION_TRAP, 0 };

static uint32_t decide(const struct filter_table *table, uint32_t audit, uint32_t number,
                       uint64_t argument)
{
	const struct call_sample sample = { audit, number, 0, { 0, argument } };

	return decision_to_seccomp(filter_decide(table, &sample));
}

static void test_numbers(void **state)
{
	static struct filter_call calls[] = { { .number = 3, .otherwise = { DECISION_ALLOW, 0 } },
		                              { .number = 7, .otherwise = { DECISION_LOG, 0 } } };
	struct filter_arch arch = {
		AUDIT_ARCH_X86_64, calls, ARRAY_SIZE(calls), refuse, 10, unknown, x32, true
	};
	const struct filter_table table = { &arch, 1, kill };

	(void)state;
	assert_int_equal(decide(&table, AUDIT_ARCH_X86_64, 3, 0), decision_to_seccomp(allow));
	assert_int_equal(decide(&table, AUDIT_ARCH_X86_64, 4, 0), decision_to_seccomp(refuse));
	assert_int_equal(decide(&table, AUDIT_ARCH_X86_64, 10, 0), decision_to_seccomp(refuse));
	assert_int_equal(decide(&table, AUDIT_ARCH_X86_64, 11, 0), decision_to_seccomp(unknown));
	assert_int_equal(decide(&table, AUDIT_ARCH_X86_64, UINT32_MAX, 0),
	                 decision_to_seccomp(unknown));
	assert_int_equal(decide(&table, AUDIT_ARCH_X86_64, 0x40000003, 0),
	                 decision_to_seccomp(x32));
	assert_int_equal(decide(&table, AUDIT_ARCH_X86_64, 0x7fffffff, 0),
	                 decision_to_seccomp(x32));
	assert_int_equal(decide(&table, AUDIT_ARCH_X86_64, 0x80000000, 0),
	                 decision_to_seccomp(unknown));
	assert_int_equal(decide(&table, AUDIT_ARCH_I386, 3, 0), decision_to_seccomp(kill));
	arch.has_x32 = false;
	assert_int_equal(decide(&table, AUDIT_ARCH_X86_64, 0x40000003, 0),
	                 decision_to_seccomp(unknown));
}

/* One rule with one condition on the second argument: does it hold? */
static bool holds(struct condition condition, uint64_t argument)
{
	const struct filter_rule rule = { &condition, 1, allow, {} };
	struct filter_call call = { .rules = &rule, .rule_count = 1, .otherwise = refuse };
	struct filter_arch arch = { .audit = AUDIT_ARCH_X86_64, .calls = &call, .call_count = 1 };
	const struct filter_table table = { &arch, 1, kill };

	condition.argument = 1;
	return decide(&table, AUDIT_ARCH_X86_64, 0, argument) == decision_to_seccomp(allow);
}

static void test_conditions(void **state)
{
	static const uint64_t high = UINT64_C(1) << 32, top = UINT64_C(1) << 63;
	static const struct {
		enum condition_operator operator;
		bool narrow;
		uint64_t value, mask, yes, no;
	} rows[] = {
		{ CONDITION_IS, false, 5, 0, 5, 6 },
		{ CONDITION_IS, true, 5, 0, high | 5, high | 6 },
		{ CONDITION_IS, false, 5, 0, 5, high | 5 },
		{ CONDITION_NOT, false, 5, 0, high | 5, 5 },
		{ CONDITION_NOT, true, 5, 0, 6, high | 5 },
		/* without a sign */
		{ CONDITION_ABOVE, false, 5, 0, top, 5 },
		{ CONDITION_BELOW, false, 5, 0, 4, UINT64_MAX },
		{ CONDITION_BELOW, true, 5, 0, high | 4, 5 },
		{ CONDITION_AT_LEAST, false, 5, 0, 5, 4 },
		{ CONDITION_AT_MOST, false, 5, 0, 5, 6 },
		{ CONDITION_AT_MOST, true, 5, 0, high, 6 },
		{ CONDITION_MASKED, false, 4, 6, 0xfd, 0xff },
		{ CONDITION_MASKED, true, 4, 6, high | 4, high | 6 },
		{ CONDITION_MASKED, false, top, top, UINT64_MAX, 0 },
		{ CONDITION_MASKED_NOT, false, 4, 6, 2, 4 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct condition condition = { 1, rows[i].narrow, rows[i].operator,
			                             rows[i].value, rows[i].mask };

		if (!holds(condition, rows[i].yes) || holds(condition, rows[i].no))
			fail_msg("row %zu", i);
	}
}

/* The first rule all of whose conditions hold. */
static void test_order(void **state)
{
	static const struct condition both[] = { { 0, false, CONDITION_IS, 0, 0 },
		                                 { 1, false, CONDITION_ABOVE, 9, 0 } };
	const struct filter_rule rules[] = { { both, 2, kill, {} },
		                             { both + 1, 1, x32, {} },
		                             { both, 1, allow, {} } };
	struct filter_call call = { .rules = rules, .rule_count = 3, .otherwise = refuse };
	struct filter_arch arch = { .audit = AUDIT_ARCH_X86_64, .calls = &call, .call_count = 1 };
	const struct filter_table table = { &arch, 1, kill };
	const struct call_sample other = { AUDIT_ARCH_X86_64, 0, 0, { 1, 10 } },
	                         none = { AUDIT_ARCH_X86_64, 0, 0, { 1 } };

	(void)state;
	assert_int_equal(decide(&table, AUDIT_ARCH_X86_64, 0, 10), decision_to_seccomp(kill));
	assert_int_equal(decide(&table, AUDIT_ARCH_X86_64, 0, 9), decision_to_seccomp(allow));
	assert_int_equal(filter_decide(&table, &other).kind, DECISION_TRAP);
	assert_int_equal(filter_decide(&table, &none).kind, DECISION_ERRNO);
}

/* What no decision of ours is. */
static void test_other_actions(void **state)
{
	static const uint32_t others[] = { 0x7ff00000, 0x00060000, 0x12345678, 0x7ffe0000 };
	struct decision decision = { DECISION_TRAP, 77 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		assert_false(decision_from_seccomp(&decision, others[i]));
	assert_int_equal(decision.data, 77);
	assert_true(decision_from_seccomp(&decision, 0x7fff1234));
	assert_int_equal(decision.kind, DECISION_ALLOW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_other_actions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
