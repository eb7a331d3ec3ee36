/*
 * What the shipped profiles' filters cost: instructions, steps for a call, and which calls the
 * kernel does not ask them about. And moby's default (tests/policy/moby) and podman's own profile,
 * where its package is installed, through the dialect.
 */
#include "policy/emit.h"
#include "policy/prove.h"
#include "tests/policy/shipped.h"
#include "tests/support/random_table.h"

#include "sandbox/base/cleanup.h"

#include <stdio.h>

enum {
	LIBPOD_CAPABILITIES = 0x800405fb, /* what podman's containers have */
	MOST_STEPS = 20,
	PLAIN_CALLS = 200, /* at least */
	SAMPLES = 400,
};

static const struct {
	const char *path;
	bool only_native;                      /* without the i386 and x32 that its archMap opens */
	unsigned instructions, average_tenths; /* at most */
} rows[] = {
	{ CORDON_PROFILES "/default.json", false, 160, 110 },
	{ CORDON_PROFILES "/strict.json", false, 160, 110 },
	{ CORDON_MOBY, true, 160, 110 },
	{ CORDON_MOBY, false, 300, 125 },
	{ "/usr/share/containers/seccomp.json", true, 160, 110 },
};

static void measure(const struct plan_filter *filter, const struct filter_table *table,
                    unsigned *most, unsigned *average_tenths)
{
	const struct filter_arch *arch = &table->archs[0];
	struct random random = { 41 };
	unsigned long sum = 0, calls = 0;
	unsigned steps;

	*most = 0;
	for (uint32_t number = 0; number <= arch->last_known; number++) {
		struct call_sample sample = { .audit = arch->audit, .number = number };

		if (syscall_from_number(ARCH_X86_64, number) == SYSCALL_UNKNOWN)
			continue;
		bpf_run(filter->instructions, &sample, &steps);
		sum += steps;
		calls++;
		for (unsigned i = 0; i < SAMPLES; i++) {
			bpf_run(filter->instructions, &sample, &steps);
			if (steps > *most)
				*most = steps;
			for (unsigned j = 0; j < 6; j++)
				sample.arguments[j] = random_below(&random, 2)
				                              ? random_below(&random, 64)
				                              : random_value(&random);
		}
	}
	*average_tenths = (unsigned)(sum * 10 / calls);
}

/* What is allowed whatever its arguments is answered from the kernel's bitmap. Returns how many
 * calls of the table's first architecture that are. */
static unsigned check_bitmap(const struct filter_table *table, const struct plan_filter *filter)
{
	const struct filter_arch *arch = &table->archs[0];
	unsigned found = 0;
	size_t next = 0;

	for (uint32_t number = 0; number <= arch->last_known; number++) {
		bool named = next < arch->call_count && arch->calls[next].number == number;
		const struct filter_call *call = named ? &arch->calls[next++] : NULL;
		struct decision decision = named ? call->otherwise : arch->listed;
		bool plain = (!named || call->rule_count == 0) && decision.kind == DECISION_ALLOW;

		if (bpf_is_constant_allow(filter->instructions, arch->audit, number) != plain)
			fail_msg("number %u: not found to be always allowed, or found wrongly",
			         number);
		found += plain;
	}
	return found;
}

static void test_shipped(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_arena struct arena arena = {};
		const struct policy *policy =
		        shipped_parse(&arena, rows[i].path, rows[i].only_native);
		struct filter_table table;
		struct plan_filter filter;
		struct proof proof;
		struct error err;
		unsigned most, average, constant;

		if (policy == NULL && strcmp(rows[i].path, CORDON_MOBY) == 0)
			fail_msg("%s was not made", rows[i].path);
		if (policy == NULL) {
			print_message("%s is not installed\n", rows[i].path);
			continue;
		}
		table = compiled_table(&arena, policy, LIBPOD_CAPABILITIES);
		assert_int_equal(filter_emit(&filter, &arena, &table, &err), 0);
		assert_int_equal(prove_equal(&proof, &table, &filter, &err), 0);
		assert_true(proof.equal);
		measure(&filter, &table, &most, &average);
		constant = check_bitmap(&table, &filter);
		print_message("%s: %zu instructions, at most %u steps, %u.%u on average; %u calls "
		              "from the kernel's bitmap\n",
		              rows[i].path, filter.count, most, average / 10, average % 10,
		              constant);
		assert_true(constant >= PLAIN_CALLS);
		assert_true(filter.count <= rows[i].instructions);
		assert_true(most <= MOST_STEPS);
		assert_true(average <= rows[i].average_tenths);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_shipped) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
