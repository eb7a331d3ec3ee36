/*
 * The emitter against what a table means, on many small random sets of rules: each program is taken
 * by the checker, is proven equal, and answers as filter_decide does on calls near its boundaries.
 * CORDON_RULE_SETS is how many sets; docs/proof.md has what a long run found.
 */
#include "policy/emit.h"
#include "policy/program.h"
#include "policy/prove.h"
#include "sandbox/base/cleanup.h"
#include "tests/support/bpf.h"
#include "tests/support/rule_set.h"

#include <linux/audit.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { USUAL_SETS = 1500, SAMPLES = 100 };

static unsigned wanted_sets(void)
{
	const char *given = getenv("CORDON_RULE_SETS");

	return given == NULL ? USUAL_SETS : (unsigned)atoi(given);
}

/* What is wrong with the program of a table, or NULL. */
static const char *complaint(const struct filter_table *table, struct random *random)
{
	_cleanup_arena struct arena arena = {};
	struct plan_filter filter;
	struct proof proof;
	struct error err;
	bool is_big = table->archs[0].audit == AUDIT_ARCH_S390X;

	if (filter_emit(&filter, &arena, table, &err) < 0)
		return "not emitted";
	if (program_check(&filter, &err) < 0 || !bpf_is_valid(filter.instructions, filter.count))
		return "not a program that the kernel takes";
	if (prove_equal(&proof, table, &filter, &err) < 0)
		return "not decided by the prover";
	if (!proof.equal)
		return "proven to differ";
	for (unsigned i = 0; i < SAMPLES; i++) {
		struct call_sample sample;

		random_sample(&sample, random, table);
		if ((is_big ? bpf_run_big_endian(filter.instructions, &sample)
		            : bpf_run(filter.instructions, &sample, NULL)) !=
		    decision_to_seccomp(filter_decide(table, &sample)))
			return "proven equal, and differs";
	}
	return NULL;
}

struct trial {
	uint32_t audit;
	struct random random;
};

static bool is_bad(void *context, const struct rule_set *set)
{
	const struct trial *trial = context;
	_cleanup_arena struct arena arena = {};
	struct random random = trial->random;
	struct filter_table table;

	rule_set_table(&table, set, trial->audit, &arena);
	return complaint(&table, &random) != NULL;
}

static void test_sets(void **state)
{
	static const uint32_t audits[] = { AUDIT_ARCH_X86_64,  AUDIT_ARCH_I386,
		                           AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM,
		                           AUDIT_ARCH_RISCV64, AUDIT_ARCH_PPC64LE,
		                           AUDIT_ARCH_S390X };
	struct random random = { 0x5eed5e75 };
	unsigned count = wanted_sets();

	(void)state;
	for (unsigned round = 0; round < count; round++) {
		struct trial trial = { audits[round % ARRAY_SIZE(audits)], random };
		_cleanup_text struct text text = {};
		struct rule_set set;

		rule_set_random(&set, &random, (enum rule_set_kind)random_below(&random, 3));
		trial.random = random;
		random_number(&random);
		if (!is_bad(&trial, &set))
			continue;
		rule_set_shrink(&set, is_bad, &trial);
		rule_set_print(&text, &set);
		fail_msg("round %u, word %#x: %s", round, trial.audit, text_string(&text));
	}
	print_message("# %u sets of rules: every program proven equal, no difference in %u calls\n",
	              count, count * SAMPLES);
}

/* Whole tables: two architectures, up to 240 calls. */
static void test_tables(void **state)
{
	struct random random = { 0x7ab1e5 };
	unsigned count = wanted_sets() / 30;

	(void)state;
	for (unsigned round = 0; round < count; round++) {
		_cleanup_arena struct arena arena = {};
		struct filter_table table;
		const char *wrong;

		random_table(&table, &random, &arena);
		wrong = complaint(&table, &random);
		if (wrong != NULL)
			fail_msg("table %u: %s", round, wrong);
	}
	print_message("# %u tables of two architectures: the same\n", count);
}

/* ---- the generator's own ---- */

/* An invented generator that is wrong as soon as a call has a rule with `below`. */
static bool has_below(void *context, const struct rule_set *set)
{
	(void)context;
	for (size_t i = 0; i < set->count; i++)
		for (size_t j = 0; j < set->calls[i].count; j++)
			for (size_t k = 0; k < set->calls[i].rules[j].count; k++)
				if (set->calls[i].rules[j].conditions[k].operator== CONDITION_BELOW)
					return true;
	return false;
}

/* What is left of a bad set is the one condition that makes it bad. */
static void test_shrinking(void **state)
{
	struct random random = { 41 };
	unsigned shrunk = 0;

	(void)state;
	while (shrunk < 20) {
		_cleanup_text struct text text = {};
		struct rule_set set;

		rule_set_random(&set, &random, SET_MANY_ANSWERS);
		if (!has_below(NULL, &set))
			continue;
		shrunk++;
		rule_set_shrink(&set, has_below, NULL);
		assert_int_equal(set.count, 1);
		assert_int_equal(set.calls[0].count, 1);
		assert_int_equal(set.calls[0].rules[0].count, 1);
		rule_set_print(&text, &set);
		assert_non_null(strstr(text.data, " where arg0 < 0"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_tables),
		cmocka_unit_test(test_shrinking),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
