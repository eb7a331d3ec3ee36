/*
 * The emitted program against the table's own answer: random tables whose values straddle 2^31 and
 * 2^32, looked at around every boundary.
 */
#include "policy/emit.h"

#include "sandbox/base/cleanup.h"
#include "tests/support/bpf.h"

#include <linux/audit.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static uint64_t seed = 88172645463325252u;

static uint64_t random_number(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	return seed ^= seed << 17;
}

static unsigned below(unsigned limit)
{
	return (unsigned)(random_number() % limit);
}

/* Values near the places where 32- and 64-bit readings part. */
static uint64_t random_value(void)
{
	static const uint64_t anchors[] = { 0,
		                            1,
		                            8,
		                            0x7fffffff,
		                            0x80000000,
		                            0xffffffff,
		                            0x100000000,
		                            0x17fffffff,
		                            0x180000000,
		                            0x7fffffffffffffff,
		                            0x8000000000000000,
		                            0xffffffff80000000,
		                            UINT64_MAX };

	if (below(4) == 0)
		return random_number() >> below(64);
	return anchors[below(ARRAY_SIZE(anchors))] + below(5) - 2;
}

static struct decision random_decision(void)
{
	static const struct decision decisions[] = {
		{ DECISION_ALLOW, 0 },  { DECISION_ALLOW, 0 }, { DECISION_ERRNO, 1 },
		{ DECISION_ERRNO, 38 }, { DECISION_LOG, 0 },   { DECISION_KILL_PROCESS, 0 },
		{ DECISION_TRAP, 0 },
	};

	return decisions[below(ARRAY_SIZE(decisions))];
}

static struct filter_call random_call(struct arena *arena, uint32_t number)
{
	struct filter_call call = { .number = number, .otherwise = random_decision() };
	struct filter_rule *rules;

	if (below(3) > 0)
		return call;
	call.rule_count = below(5);
	rules = arena_array(arena, call.rule_count, sizeof *rules);
	call.rules = rules;
	for (size_t i = 0; i < call.rule_count; i++) {
		size_t count = below(4);
		struct condition *conditions = arena_array(arena, count, sizeof *conditions);

		for (size_t j = 0; j < count; j++)
			conditions[j] =
			        (struct condition){ .argument = (uint8_t)below(below(2) ? 6 : 2),
				                    .is_32bit = below(2) == 0,
				                    .operator=(enum condition_operator)
				                            below(CONDITION_OPERATORS),
				                    .value = random_value(),
				                    .mask = random_value() };
		rules[i] = (struct filter_rule){ conditions, count, random_decision(), -1 };
	}
	return call;
}

static void random_arch(struct filter_arch *arch, struct arena *arena, uint32_t audit)
{
	struct filter_call *calls = arena_array(arena, 400, sizeof *calls);
	uint32_t number = below(4);

	*arch = (struct filter_arch){ .audit = audit,
		                      .calls = calls,
		                      .listed = random_decision(),
		                      .unknown = random_decision(),
		                      .x32 = random_decision(),
		                      .has_x32 = audit == AUDIT_ARCH_X86_64 && below(2) };
	for (size_t count = below(120); arch->call_count < count; number += 1 + below(3) / 2)
		calls[arch->call_count++] = random_call(arena, number);
	arch->last_known = number + below(20);
	for (number = 0x40000000 + below(4); arch->has_x32 && below(8) > 0; number += 1 + below(3))
		calls[arch->call_count++] = random_call(arena, number);
}

static void check_sample(const struct filter_table *table, const struct plan_filter *filter,
                         const struct call_sample *sample)
{
	uint32_t wanted = decision_to_seccomp(filter_decide(table, sample));
	uint32_t got = bpf_run(filter->instructions, sample, NULL);

	if (wanted != got)
		fail_msg("number %#x, args %#llx %#llx: wanted %#x, got %#x", sample->number,
		         (unsigned long long)sample->arguments[0],
		         (unsigned long long)sample->arguments[1], wanted, got);
}

static void check_arch(const struct filter_table *table, const struct plan_filter *filter,
                       const struct filter_arch *arch)
{
	struct call_sample sample = { .audit = arch->audit };

	for (unsigned i = 0; i < 400; i++) {
		const struct filter_call *call =
		        arch->call_count > 0 ? &arch->calls[below((unsigned)arch->call_count)]
		                             : NULL;

		sample.number =
		        call == NULL || below(4) == 0 ? (uint32_t)random_value() : call->number;
		for (size_t j = 0; j < 6; j++)
			sample.arguments[j] = random_value();
		for (size_t j = 0; call != NULL && j < call->rule_count; j++)
			for (size_t k = 0; k < call->rules[j].count && below(2); k++) {
				const struct condition *condition = &call->rules[j].conditions[k];

				sample.arguments[condition->argument] =
				        condition->value + below(3) - 1 +
				        (below(4) == 0 ? UINT64_C(1) << 32 : 0);
			}
		check_sample(table, filter, &sample);
	}
}

static void test_random_tables(void **state)
{
	const char *rounds = getenv("CORDON_ROUNDS");
	unsigned count = rounds == NULL ? 200 : (unsigned)atoi(rounds) * 10;

	(void)state;
	for (unsigned round = 0; round < count; round++) {
		_cleanup_arena struct arena arena = {};
		struct filter_arch archs[2];
		struct filter_table table = { .archs = archs,
			                      .arch_count = 2,
			                      .foreign = { DECISION_KILL_PROCESS, 0 } };
		struct call_sample foreign = { .audit = 0x1234 };
		struct plan_filter filter, again;
		struct error err;

		random_arch(&archs[0], &arena, AUDIT_ARCH_X86_64);
		random_arch(&archs[1], &arena, AUDIT_ARCH_I386);
		assert_int_equal(filter_emit(&filter, &arena, &table, &err), 0);
		assert_true(bpf_is_valid(filter.instructions, filter.count));
		check_arch(&table, &filter, &archs[0]);
		check_arch(&table, &filter, &archs[1]);
		check_sample(&table, &filter, &foreign);
		assert_int_equal(filter_emit(&again, &arena, &table, &err), 0);
		assert_int_equal(filter.count, again.count);
		assert_memory_equal(filter.instructions, again.instructions,
		                    filter.count * sizeof *filter.instructions);
	}
}

static void test_too_many_instructions(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct filter_call *calls = arena_array(&arena, 5000, sizeof *calls);
	struct condition *conditions = arena_array(&arena, 5000, sizeof *conditions);
	struct filter_rule *rules = arena_array(&arena, 5000, sizeof *rules);
	struct filter_arch arch = { .audit = AUDIT_ARCH_X86_64,
		                    .calls = calls,
		                    .call_count = 5000 };
	struct filter_table table = { .archs = &arch, .arch_count = 1 };
	struct plan_filter filter;
	struct error err;

	(void)state;
	for (uint32_t i = 0; i < 5000; i++) {
		conditions[i] =
		        (struct condition){ .is_32bit = true, .operator= CONDITION_IS, .value = i };
		rules[i] = (struct filter_rule){ &conditions[i], 1, { DECISION_ERRNO, 1 }, -1 };
		calls[i] = (struct filter_call){ .number = i, .rules = &rules[i], .rule_count = 1 };
	}
	assert_int_equal(filter_emit(&filter, &arena, &table, &err), -1);
	assert_non_null(strstr(err.text, "4096"));
}

/* The kernel's bitmap takes a call whose path reads nr and arch alone. */
static void test_plain_allow_reads_no_argument(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct condition condition = {
		.argument = 0, .is_32bit = true, .operator= CONDITION_IS, .value = 7
	};
	struct filter_rule rule = { &condition, 1, { DECISION_ERRNO, 1 }, -1 };
	struct filter_call calls[] = { { .number = 1 },
		                       { .number = 2, .rules = &rule, .rule_count = 1 },
		                       { .number = 3 } };
	struct filter_arch arch = { .audit = AUDIT_ARCH_X86_64,
		                    .calls = calls,
		                    .call_count = 3,
		                    .listed = { DECISION_ERRNO, 1 },
		                    .last_known = 400,
		                    .unknown = { DECISION_ERRNO, 38 } };
	struct filter_table table = { .archs = &arch,
		                      .arch_count = 1,
		                      .foreign = { DECISION_KILL_PROCESS, 0 } };
	struct plan_filter filter;
	struct error err;
	size_t loads = 0;

	(void)state;
	assert_int_equal(filter_emit(&filter, &arena, &table, &err), 0);
	for (size_t i = 0; i < filter.count; i++)
		loads += filter.instructions[i].code == (BPF_LD | BPF_W | BPF_ABS) &&
		         filter.instructions[i].k >= 16;
	assert_int_equal(loads, 1);
	assert_true(filter.count < 20);
}

static void test_disassembly(void **state)
{
	_cleanup_arena struct arena arena = {};
	_cleanup_text struct text text = {};
	struct filter_call calls[] = { { .number = 0 } };
	struct filter_arch arch = { .audit = AUDIT_ARCH_X86_64,
		                    .calls = calls,
		                    .call_count = 1,
		                    .listed = { DECISION_ERRNO, 1 },
		                    .last_known = 10,
		                    .unknown = { DECISION_ERRNO, 38 } };
	struct filter_table table = { .archs = &arch,
		                      .arch_count = 1,
		                      .foreign = { DECISION_KILL_PROCESS, 0 } };
	struct plan_filter filter;
	struct error err;

	(void)state;
	assert_int_equal(filter_emit(&filter, &arena, &table, &err), 0);
	filter_disassemble(&text, &filter, ARCH_X86_64);
	assert_non_null(strstr(text.data, "(x86_64)"));
	assert_non_null(strstr(text.data, "ret  errno ENOSYS"));
	assert_non_null(strstr(text.data, "ret  kill process"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_tables),
		cmocka_unit_test(test_too_many_instructions),
		cmocka_unit_test(test_plain_allow_reads_no_argument),
		cmocka_unit_test(test_disassembly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
