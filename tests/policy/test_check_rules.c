/*
 * check_rules against brute force: random rules on two arguments, with small constants.
 *
 * Each rule answers with an errno of its own, so a rule decides if and only if its errno is given
 * for some arguments. With masks and values below 16, what an argument does depends on its low four
 * bits, on where it stands among 0 to 16, and on whether it is wider: so the values below are all
 * there are to try.
 */
#include "tests/policy/compiled.h"

#include <stdio.h>

enum { SETS = 400, RULES_MAX = 7, FIRST_ERRNO = 500, FIRST_LINE = 3, VALUES = 48 };

static uint32_t seed = 1;

static unsigned pick(unsigned below)
{
	seed = seed * 1664525u + 1013904223u; /* Numerical Recipes */
	return (seed >> 16) % below;
}

static void add_condition(struct text *text, const char *argument)
{
	static const char *const orders[] = { "below", "above", "at_least", "at_most" };
	unsigned form = pick(6);

	text_printf(text, "\"%s\": {", argument);
	if (form == 0)
		text_printf(text, "\"is\": %u", pick(16));
	else if (form == 1)
		text_printf(text, "\"in\": [%u, %u, %u]", pick(16), pick(16), pick(16));
	else if (form == 2)
		text_printf(text, "\"not\": [%u, %u]", pick(16), pick(16));
	else if (form == 3)
		text_printf(text, "\"mask\": %u, \"in\": [%u, %u]", pick(16), pick(8), pick(8));
	else if (form == 4)
		text_printf(text, "\"mask\": %u, \"not\": [%u]", pick(16), pick(8));
	else
		text_printf(text, "\"%s\": %u", orders[pick(4)], pick(16));
	text_append(text, "}");
}

/* One rule a line, so that a warning's line is its rule. */
static unsigned make_rules(struct text *text)
{
	unsigned count = 2 + pick(RULES_MAX - 1);

	text_append(text, "{\"schema\": 1, \"syscalls\": {\n \"rules\": [\n");
	for (unsigned i = 0; i < count; i++) {
		unsigned which = pick(8);

		text_append(text, "  {\"call\": \"prctl\", \"when\": {");
		if (which != 0)
			add_condition(text, "option");
		if (which < 4) {
			text_append(text, which == 0 ? "" : ", ");
			add_condition(text, "arg2");
		}
		text_printf(text, "}, \"decision\": {\"errno\": %u}}%s\n", FIRST_ERRNO + i,
		            i + 1 < count ? "," : "");
	}
	text_append(text, "]}}");
	return count;
}

static uint64_t value(unsigned index)
{
	return index < 32 ? index : (UINT64_C(1) << 32) + (index - 32);
}

static void try_all(bool decides[RULES_MAX + 1], const struct filter_table *table)
{
	struct call_sample sample = { .audit = 0xc000003e };

	sample.number = (uint32_t)syscall_number(ARCH_X86_64, syscall_find("prctl"));
	for (unsigned i = 0; i < VALUES * VALUES; i++) {
		struct decision decision;

		sample.arguments[0] = value(i / VALUES);
		sample.arguments[1] = value(i % VALUES);
		decision = filter_decide(table, &sample);
		if (decision.data >= FIRST_ERRNO)
			decides[decision.data - FIRST_ERRNO] = true;
	}
}

static bool is_warned_of(const struct plan_strings *warnings, unsigned rule)
{
	char start[32];

	snprintf(start, sizeof start, "test.json:%u:", FIRST_LINE + rule);
	for (size_t i = 0; i < warnings->count; i++)
		if (text_starts(warnings->items[i], start) &&
		    (strstr(warnings->items[i], "never decides") != NULL ||
		     strstr(warnings->items[i], "never match") != NULL))
			return true;
	return false;
}

static void test_random_rules(void **state)
{
	unsigned idle = 0, busy = 0;

	(void)state;
	for (unsigned set = 0; set < SETS; set++) {
		_cleanup_arena struct arena arena = {};
		_cleanup_text struct text text = {};
		bool decides[RULES_MAX + 1] = {};
		unsigned count = make_rules(&text);
		struct policy_source source = { "test.json", text_string(&text), text.length };
		struct policy *policy = compiled_parse(&arena, text_string(&text));
		struct filter_table table = compiled_table(&arena, policy, 0);
		struct plan_strings warnings = {};
		struct error err = {};

		try_all(decides, &table);
		assert_int_equal(policy_check(&warnings, &arena, policy, &source, &err), 0);
		for (unsigned i = 0; i < count; i++) {
			if (decides[i] == is_warned_of(&warnings, i))
				fail_msg("rule %u of:\n%s", i, text_string(&text));
			decides[i] ? busy++ : idle++;
		}
	}
	assert_true(idle > 100 && busy > 100); /* both were tried */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_rules),
	};

	return cmocka_run_group_tests_name("check rules", tests, NULL, NULL);
}
