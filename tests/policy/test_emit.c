/*
 * The emitted program against the table's own answer: random tables whose values straddle 2^31 and
 * 2^32, looked at around every boundary.
 */
#include "policy/emit.h"

#include "policy/meaning.h"
#include "sandbox/base/cleanup.h"
#include "tests/support/bpf.h"
#include "tests/support/random_table.h"

#include <linux/audit.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

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

static void test_random_tables(void **state)
{
	const char *rounds = getenv("CORDON_ROUNDS");
	unsigned count = rounds == NULL ? 200 : (unsigned)atoi(rounds) * 10;
	struct random random = { 88172645463325252u };

	(void)state;
	for (unsigned round = 0; round < count; round++) {
		_cleanup_arena struct arena arena = {};
		struct filter_table table;
		struct call_sample sample;
		struct plan_filter filter, again;
		struct error err;

		random_table(&table, &random, &arena);
		assert_int_equal(filter_emit(&filter, &arena, &table, &err), 0);
		assert_true(bpf_is_valid(filter.instructions, filter.count));
		for (unsigned i = 0; i < 800; i++) {
			random_sample(&sample, &random, &table);
			check_sample(&table, &filter, &sample);
		}
		assert_int_equal(filter_emit(&again, &arena, &table, &err), 0);
		assert_int_equal(filter.count, again.count);
		assert_memory_equal(filter.instructions, again.instructions,
		                    filter.count * sizeof *filter.instructions);
	}
}

/* Nodes get their numbers in the order in which they are made, and what is written may not hang on
 * them: neither on what was made before, nor on what was made since. */
static void test_order_of_nodes(void **state)
{
	struct random random = { 88172645463325252u };

	(void)state;
	for (unsigned round = 0; round < 60; round++) {
		_cleanup_arena struct arena arena = {};
		_cleanup_meaning struct table_meaning meaning = { diagrams_new(DIAGRAM_NODES_MAX) };
		struct plan_filter filter, again;
		struct filter_table table;
		struct error err;

		random_table(&table, &random, &arena);
		assert_int_equal(filter_emit(&filter, &arena, &table, &err), 0);
		for (uint32_t i = 0; i < 100 + round * 7; i++)
			diagram_at_least(meaning.store, WORD_ARGUMENT_LOW_0, i * 2654435761u);
		meaning.node = meaning_of_table(meaning.store, &table);
		meaning_of_table(meaning.store, &(struct filter_table){});
		assert_int_equal(filter_emit_meaning(&again, &arena, &meaning, &err), 0);
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
		rules[i] = (struct filter_rule){ &conditions[i], 1, { DECISION_ERRNO, 1 }, {} };
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
	struct filter_rule rule = { &condition, 1, { DECISION_ERRNO, 1 }, {} };
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
		cmocka_unit_test(test_order_of_nodes),
		cmocka_unit_test(test_too_many_instructions),
		cmocka_unit_test(test_plain_allow_reads_no_argument),
		cmocka_unit_test(test_disassembly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
