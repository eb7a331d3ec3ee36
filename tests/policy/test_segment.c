/* Numbers cut into runs: every number's run says what filter_decide says. */
#include "policy/segment.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/audit.h>
#include <stdlib.h>

static const struct decision answers[] = { { DECISION_ALLOW, 0 },
	                                   { DECISION_ERRNO, 1 },
	                                   { DECISION_ERRNO, 38 },
	                                   { DECISION_KILL_PROCESS, 0 } };

static const struct segment *segment_at(const struct segments *segments, uint32_t number)
{
	size_t i = segments->count;

	while (i > 0 && segments->rows[i - 1].first > number)
		i--;
	assert_true(i > 0);
	return &segments->rows[i - 1];
}

static void check(const struct filter_arch *arch, uint32_t number, const struct segments *segments)
{
	struct filter_table table = { (struct filter_arch *)arch, 1, { DECISION_KILL_PROCESS, 0 } };
	struct call_sample sample = { .audit = arch->audit, .number = number };
	const struct segment *segment = segment_at(segments, number);

	if (segment->call != NULL) {
		assert_int_equal(segment->call->number, number);
		assert_true(segment->call->rule_count > 0);
	} else if (!segment_same_decision(segment->decision, filter_decide(&table, &sample))) {
		fail_msg("number %#x", number);
	}
}

static struct decision random_answer(void)
{
	return answers[(size_t)random() % ARRAY_SIZE(answers)];
}

static void test_against_the_table(void **state)
{
	static const struct filter_rule rule = { .decision = { DECISION_TRAP, 0 } };

	(void)state;
	srandom(11);
	for (int round = 0; round < 3000; round++) {
		struct filter_call calls[12] = {};
		struct segment rows[2 * ARRAY_SIZE(calls) + 8];
		struct segments segments = { rows, 0 };
		struct filter_arch arch = { .audit = AUDIT_ARCH_X86_64,
			                    .calls = calls,
			                    .listed = random_answer(),
			                    .last_known = (uint32_t)random() % 60,
			                    .unknown = random_answer(),
			                    .x32 = random_answer(),
			                    .has_x32 = random() % 2 == 0 };
		uint32_t number = 0;

		for (size_t i = 0; i < (size_t)random() % (ARRAY_SIZE(calls) + 1); i++) {
			if (i == 8)
				number = round % 3 == 0 ? 0x40000000 : number;
			if (i == 11 && round % 5 == 0)
				number = UINT32_MAX;
			calls[i].number = number;
			calls[i].otherwise = random_answer();
			calls[i].rules = &rule;
			calls[i].rule_count = (size_t)random() % 2;
			arch.call_count = i + 1;
			number += 1 + (uint32_t)random() % 9;
		}
		segment_cut(&segments, &arch);
		assert_true(segments.count <= ARRAY_SIZE(rows));
		assert_int_equal(rows[0].first, 0);
		for (size_t i = 1; i < segments.count; i++) {
			assert_true(rows[i].first > rows[i - 1].first);
			/* two of one answer are one */
			assert_true(rows[i].call != NULL || rows[i - 1].call != NULL ||
			            !segment_same_decision(rows[i].decision, rows[i - 1].decision));
			check(&arch, rows[i].first, &segments);
			check(&arch, rows[i].first - 1, &segments);
		}
		for (uint32_t i = 0; i < 130; i++)
			check(&arch, i, &segments);
		check(&arch, UINT32_MAX, &segments);
	}
}

static void test_same_decision(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++)
		for (size_t j = 0; j < ARRAY_SIZE(answers); j++)
			assert_int_equal(segment_same_decision(answers[i], answers[j]), i == j);
	/* what an allowance carries along means nothing */
	assert_true(segment_same_decision((struct decision){ DECISION_ALLOW, 0 },
	                                  (struct decision){ DECISION_ALLOW, 7 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_against_the_table),
		                            cmocka_unit_test(test_same_decision) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
