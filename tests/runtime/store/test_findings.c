/* What a check has found: kept whole, in order, and marked once it is repaired. */
#include "runtime/store/findings.h"

#include "sandbox/base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_many(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct findings findings = { .arena = &arena };
	char name[16];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof name, "%d", i); /* copied: it changes */
		findings_add(&findings, (enum finding_kind)(i % FINDING_KINDS), name,
		             "problem %d%%: %s", i, name);
	}
	assert_int_equal(findings.count, 1000);
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof name, "%d", i);
		assert_int_equal(findings.items[i].kind, i % FINDING_KINDS);
		assert_string_equal(findings.items[i].name, name);
		assert_string_equal(findings.items[i].problem,
		                    arena_printf(&arena, "problem %d%%: %d", i, i));
		assert_false(findings.items[i].repaired);
	}
}

static void test_repaired(void **state)
{
	_cleanup_arena struct arena arena = {};
	struct findings findings = { .arena = &arena };

	(void)state;
	findings_repaired(&findings, FINDING_BLOB, "a"); /* of nothing */
	findings_add(&findings, FINDING_BLOB, "a", "cut");
	findings_add(&findings, FINDING_LAYER, "a", "gone");
	findings_add(&findings, FINDING_BLOB, "b", "cut");
	findings_add(&findings, FINDING_BLOB, "a", "open to others");
	findings_repaired(&findings, FINDING_BLOB, "a");
	assert_true(findings.items[0].repaired);
	assert_false(findings.items[1].repaired);
	assert_false(findings.items[2].repaired);
	assert_true(findings.items[3].repaired);
}

static void test_kinds(void **state)
{
	(void)state;
	for (unsigned i = 0; i < FINDING_KINDS; i++) {
		assert_non_null(finding_kind_name((enum finding_kind)i));
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(finding_kind_name((enum finding_kind)i),
			                        finding_kind_name((enum finding_kind)j));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_repaired),
		cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
